//! Which files a wall leaves open: a directory is left open whole unless something closed lies in it; then its other entries are,
//! one by one, for the kernel's rules only add.
//!
//! What is made later right in a directory that could not be left open whole is closed until the next command looks again.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::judge::names::fits;
use crate::session::machine::join;
use crate::sys::landlock::right;
use crate::sys::{file, user};

/// Opening for reading, and listing.
pub const READ: u64 = right::READ_FILE | right::READ_DIR;
/// All that changes something.
pub const WRITE: u64 =
    right::WRITE_FILE | right::TRUNCATE | right::MAKE | right::REMOVE_FILE | right::REMOVE_DIR | right::REFER;

/// Names that are looked for one by one.
const FEW: usize = 6;

/// What a pattern says of what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Closed.
    Closed,
    /// It has walks of its own.
    Apart,
    /// Readable although it lies in a closed place.
    Readable,
    /// Writable where caches are.
    Cache,
    /// Readable alone, although it lies in a writable place.
    Kept,
}

impl Mark {
    /// The rights of what lies in something with `rights`.
    pub(super) fn on(self, rights: u64, all: u64) -> u64 {
        match self {
            Mark::Closed | Mark::Apart => 0,
            Mark::Readable => all & !WRITE,
            Mark::Cache if rights == 0 => 0,
            Mark::Cache => all,
            Mark::Kept => rights & !WRITE,
        }
    }
}

/// A path below the directory looked at, `*` as in names, and what it says.
pub type Pattern<'a> = (&'a [u8], Mark);

/// Rules to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Paths and rights.
    pub rules: Vec<(Vec<u8>, u64)>,
    /// Directories that could not be left open whole.
    pub split: Vec<Vec<u8>>,
}

impl Places {
    /// Leaves open what is in `directory` with `rights`, but for what `patterns` say. `all` are the rights of what is open for
    /// everything.
    ///
    /// Says whether anything in it has other rights.
    pub fn walk(&mut self, directory: &[u8], patterns: &[Pattern<'_>], rights: u64, all: u64) -> bool {
        // What cannot be listed stays closed.
        let Ok(entries) = std::fs::read_dir(file::path(directory)) else { return true };
        let mut deeper: Vec<Pattern<'_>> = Vec::new();
        let mut differs = false;
        // Hundreds of patterns, hundreds of entries: an entry is held against those alone whose beginning is like its own.
        let mut alike: [Vec<&Pattern<'_>>; KINDS] = [const { Vec::new() }; KINDS];
        for pattern in patterns {
            // A `*` there begins like anything.
            let any = pattern.0.iter().take(3).take_while(|byte| **byte != b'/').any(|byte| *byte == b'*');
            let (skip, take) = if any { (0, KINDS) } else { (beginning(pattern.0), 1) };
            alike.iter_mut().skip(skip).take(take).for_each(|list| list.push(pattern));
        }
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            // What a link leads to has a place of its own.
            if kind.is_symlink() {
                continue;
            }
            let name = entry.file_name();
            let name = name.as_bytes();
            let path = join(directory, name);
            let mut own = rights;
            deeper.clear();
            for (pattern, mark) in alike.get(beginning(name)).into_iter().flatten() {
                let Some(rest) = after(pattern, name) else { continue };
                if rest.is_empty() {
                    own = mark.on(own, all);
                } else {
                    deeper.push((rest, *mark));
                }
            }
            if kind.is_dir() {
                deeper.retain(|(_, mark)| mark.on(own, all) != own);
                // Few are looked for by their names; where there are more, listing the directory costs less.
                let may_differ = deeper.len() > FEW || deeper.iter().any(|(rest, _)| is_there(&path, rest));
                let before = self.rules.len();
                if may_differ && !deeper.is_empty() && self.walk(&path, &deeper.clone(), own, all) {
                    differs = true;
                    continue;
                }
                self.rules.truncate(before);
            }
            differs |= own != rights;
            if own != 0 {
                self.rules.push((path, own));
            }
        }
        if differs && rights & WRITE != 0 {
            self.split.push(directory.to_vec());
        }
        differs
    }
}

const KINDS: usize = 32;

/// A number that names which begin alike share.
fn beginning(name: &[u8]) -> usize {
    let first = name.iter().take(3).take_while(|byte| **byte != b'/');
    first.fold(0, |sum, byte| sum * 5 + usize::from(*byte)) % KINDS
}

/// The rest of a pattern behind the entry `name`; `None` where it does not name it.
fn after<'a>(pattern: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let first = pattern.first()?;
    if *first != b'*' && name.first() != Some(first) {
        return None;
    }
    if let Some(rest) = pattern.strip_prefix(name)
        && (rest.is_empty() || rest.starts_with(b"/"))
    {
        return Some(rest.strip_prefix(b"/").unwrap_or(rest));
    }
    let end = pattern.iter().position(|byte| *byte == b'/').unwrap_or(pattern.len());
    let step = pattern.get(..end)?;
    (step.contains(&b'*') && fits(step, name)).then(|| pattern.get(end + 1..).unwrap_or_default())
}

/// Whether what the rest of a pattern names is there; with a `*`, whether the directory before it is.
pub(super) fn is_there(directory: &[u8], rest: &[u8]) -> bool {
    let known = match rest.iter().position(|byte| *byte == b'*') {
        Some(star) => rest.get(..star).and_then(|head| head.rsplitn(2, |byte| *byte == b'/').nth(1)),
        None => Some(rest),
    };
    known.is_none_or(|known| std::fs::symlink_metadata(file::path(&join(directory, known))).is_ok())
}

/// Whether this user may read something: what the file system closes anyway needs no wall.
#[must_use]
pub fn is_readable(path: &Path) -> bool {
    user::own() == 0 || nix::unistd::access(path, nix::unistd::AccessFlags::R_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(patterns: &[(&str, Mark)], rights: u64) -> Vec<(String, u64)> {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        for folder in ["a", "b/c/d", "b/e", ".ssh", "cache/x"] {
            std::fs::create_dir_all(scratch.path().join(folder)).expect("a folder");
        }
        for name in ["f", "b/c/key", "b/c/pub", ".ssh/id", ".ssh/id.pub", "cache/token"] {
            std::fs::write(scratch.path().join(name), "").expect("a file");
        }
        std::os::unix::fs::symlink("/", scratch.path().join("link")).expect("a link");
        let root = scratch.path().as_os_str().as_bytes();
        let patterns: Vec<Pattern<'_>> = patterns.iter().map(|(path, mark)| (path.as_bytes(), *mark)).collect();
        let mut places = Places::default();
        places.walk(root, &patterns, rights, READ | WRITE);
        let name = |path: &[u8]| String::from_utf8_lossy(path.get(root.len() + 1..).unwrap_or_default()).into_owned();
        let mut rules: Vec<_> = places.rules.iter().map(|(path, rights)| (name(path), *rights)).collect();
        rules.sort();
        rules
    }

    fn open(names: &[&str], rights: u64) -> Vec<(String, u64)> {
        names.iter().map(|name| ((*name).to_owned(), rights)).collect()
    }

    #[test]
    fn a_directory_is_open_whole_unless_something_closed_is_in_it() {
        assert_eq!(walked(&[("no/such", Mark::Closed)], READ), open(&[".ssh", "a", "b", "cache", "f"], READ));
        let closed = [("b/c/key", Mark::Closed), (".ssh", Mark::Closed), (".ssh/*.pub", Mark::Readable)];
        let left = open(&[".ssh/id.pub", "a", "b/c/d", "b/c/pub", "b/e", "cache", "f"], READ);
        assert_eq!(walked(&closed, READ), left);
    }

    #[test]
    fn caches_are_writable_but_for_what_is_kept_or_closed_in_them() {
        let marks = [("cache", Mark::Cache), ("cache/token", Mark::Closed), ("b/*/key", Mark::Kept)];
        let mut left = open(&[".ssh", "a", "b", "f"], READ);
        left.push(("cache/x".to_owned(), READ | WRITE));
        left.sort();
        assert_eq!(walked(&marks, READ), left);
    }
}
