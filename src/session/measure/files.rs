//! Files and bytes of a tree, and which of them git could bring back: by our own reader of its index, so that nothing of the
//! repository's configuration runs.

use std::fs::Metadata;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use super::mode::Mode;
use crate::action::{Amount, Count, Measured, Sure, Which};
use crate::session::git_ignore::{Patterns, ignored};
use crate::session::machine::{Index, Machine, join};
use crate::sys::file;

/// A directory to look into.
struct Folder {
    path: Vec<u8>,
    repository: Option<Rc<Repository>>,
    patterns: Rc<Vec<Patterns>>,
    /// git ignores it, and so everything below it.
    ignored: bool,
    /// Nothing below it is tracked.
    untracked: bool,
}

/// A repository that stays when the tree goes.
struct Repository {
    top: Vec<u8>,
    index: Option<Index>,
}

#[derive(Default)]
struct Tally {
    files: u64,
    bytes: u64,
    untracked: u64,
    changed: u64,
    ignored: u64,
    unkept: u64,
    modes: u64,
    /// Not everything was looked at.
    more: bool,
}

/// How git holds a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Kept,
    Changed,
    Untracked,
    Ignored,
    /// No repository, or its own data.
    Unkept,
}

/// Counts what stands at a path; with the first of `how` below it too, with the second behind a link there.
pub(super) fn measure(path: &[u8], how: (bool, bool), which: &Which, end: Instant) -> Measured {
    let (whole, follow) = how;
    let physical = |path: &[u8]| std::fs::canonicalize(file::path(path)).ok().map(bytes_of);
    let path = if follow { physical(path).unwrap_or_else(|| path.to_vec()) } else { path.to_vec() };
    let Ok(meta) = std::fs::symlink_metadata(file::path(&path)) else { return told("nothing is there") };
    let mode = match which {
        Which::Mode(text) => match Mode::read(text) {
            Some(mode) => Some(mode),
            None => return Measured::unknown("a mode that is not read"),
        },
        Which::All | Which::Changed | Which::Untracked { .. } => None,
    };
    let mut walk = Walk { which, mode, end, tally: Tally::default() };
    let mut folders = Vec::new();
    // What git itself does to its working tree leaves the repository standing.
    let stays = matches!(which, Which::Changed | Which::Untracked { .. });
    let start = Folder::above(&path, stays);
    walk.see(&path, &meta, &start, &mut folders);
    if whole {
        while let Some(folder) = folders.pop() {
            walk.enter(folder, &mut folders);
        }
    } else if meta.is_dir() && matches!(which, Which::All) {
        return told("a directory, not what is in it");
    }
    walk.measured(&meta)
}

fn bytes_of(path: PathBuf) -> Vec<u8> {
    path.into_os_string().into_encoded_bytes()
}

fn told(what: &str) -> Measured {
    let amounts = [Count::Files, Count::Bytes, Count::Modes].map(|count| Amount::exactly(count, 0));
    Measured { amounts: amounts.to_vec(), told: vec![what.as_bytes().to_vec()], unknown: None }
}

struct Walk<'a> {
    which: &'a Which,
    mode: Option<Mode>,
    end: Instant,
    tally: Tally,
}

impl Walk<'_> {
    fn enter(&mut self, folder: Folder, folders: &mut Vec<Folder>) {
        if self.tally.more && Instant::now() >= self.end {
            return;
        }
        let Ok(list) = std::fs::read_dir(file::path(&folder.path)) else {
            self.tally.more = true;
            return;
        };
        let folder = folder.entered();
        for entry in list {
            if Instant::now() >= self.end {
                self.tally.more = true;
                return;
            }
            let Ok(entry) = entry else {
                self.tally.more = true;
                return;
            };
            // Of the entry itself: no link is followed.
            let Ok(meta) = entry.metadata() else { continue };
            let path = join(&folder.path, entry.file_name().as_encoded_bytes());
            self.see(&path, &meta, &folder, folders);
        }
    }

    /// One entry of a directory.
    fn see(&mut self, path: &[u8], meta: &Metadata, within: &Folder, folders: &mut Vec<Folder>) {
        if self.mode.as_ref().is_some_and(|mode| !meta.is_symlink() && mode.changes(meta)) {
            self.tally.modes += 1;
        }
        let git_data = path.ends_with(b"/.git");
        if meta.is_dir() {
            match self.which {
                // git leaves its own data, and other repositories.
                Which::Changed if git_data => return,
                Which::Untracked { .. } if git_data => return,
                _ => {}
            }
            let untracked = within.untracked || within.holds_nothing(path);
            let is_ignored = within.ignored || within.ignores(path, true);
            if let Which::Untracked { directories, ignored, .. } = self.which
                && (untracked && !directories || is_ignored && !ignored)
            {
                return;
            }
            folders.push(Folder {
                path: path.to_vec(),
                repository: within.repository.clone().filter(|_| !git_data),
                patterns: Rc::clone(&within.patterns),
                ignored: is_ignored,
                untracked,
            });
            return;
        }
        let held = within.held(path, meta);
        let meant = match self.which {
            Which::All => true,
            Which::Mode(_) => false,
            Which::Changed => held == Held::Changed,
            Which::Untracked { ignored, others, .. } => {
                held == Held::Untracked && *others || held == Held::Ignored && *ignored
            }
        };
        if !meant {
            return;
        }
        let tally = &mut self.tally;
        tally.files += 1;
        tally.bytes = tally.bytes.saturating_add(if meta.is_file() { meta.len() } else { 0 });
        match held {
            Held::Kept => {}
            Held::Changed => tally.changed += 1,
            Held::Untracked => tally.untracked += 1,
            Held::Ignored => tally.ignored += 1,
            Held::Unkept => tally.unkept += 1,
        }
    }

    fn measured(self, meta: &Metadata) -> Measured {
        let tally = self.tally;
        let sure = if tally.more { Sure::AtLeast } else { Sure::Exactly };
        let counted = if self.mode.is_some() {
            vec![(Count::Modes, tally.modes)]
        } else {
            vec![
                (Count::Files, tally.files),
                (Count::Bytes, tally.bytes),
                (Count::Untracked, tally.untracked),
                (Count::Changed, tally.changed),
                (Count::Ignored, tally.ignored),
                (Count::Unkept, tally.unkept),
            ]
        };
        let amounts = counted.into_iter().map(|(count, number)| Amount { count, number, sure }).collect();
        let what = match meta.file_type() {
            kind if kind.is_dir() => "a directory",
            kind if kind.is_symlink() => "a link",
            kind if kind.is_file() => "a file",
            _ => "a device, pipe or socket",
        };
        Measured { amounts, told: vec![what.as_bytes().to_vec()], unknown: None }
    }
}

impl Folder {
    /// What stands above a path, or with `stays` at it.
    fn above(path: &[u8], stays: bool) -> Folder {
        let mut folder =
            Folder { path: path.to_vec(), repository: None, patterns: Rc::default(), ignored: false, untracked: false };
        let Some((top, git)) = Machine::repository(&if stays { join(path, b".") } else { path.to_vec() }) else {
            return folder;
        };
        let read = |name: &[u8]| file::read_regular(name, LARGEST).ok().map(|(text, _)| text);
        let mut patterns = Vec::new();
        patterns.extend(read(&join(&git, b"info/exclude")).map(|text| Patterns::read(b"", &text)));
        let inside = path.strip_prefix(top.as_slice()).map(|rest| rest.strip_prefix(b"/").unwrap_or(rest));
        let inside = inside.unwrap_or_default().to_vec();
        if inside == b".git" || inside.starts_with(b".git/") {
            return folder;
        }
        let repository = Rc::new(Repository { index: Index::read(&git), top: top.clone() });
        folder.repository = Some(repository);
        folder.patterns = Rc::new(patterns);
        folder.path = top.clone();
        // Each directory on the way has its patterns.
        let mut at = folder.entered();
        for step in inside.split(|byte| *byte == b'/').rev().skip(1).collect::<Vec<_>>().into_iter().rev() {
            let next = join(&at.path, step);
            let ignored = at.ignored || at.ignores(&next, true);
            at = Folder { path: next, ignored, ..at }.entered();
        }
        at
    }

    /// With what it says itself: its patterns, and whether it is the top of another repository.
    fn entered(mut self) -> Folder {
        let own = join(&self.path, b".git");
        let is_top = self.repository.as_ref().is_some_and(|repository| repository.top == self.path);
        if !is_top && std::fs::symlink_metadata(file::path(&own)).is_ok() {
            // What this one keeps goes with it.
            self.repository = None;
            self.patterns = Rc::default();
        }
        if let Some(repository) = &self.repository
            && let Ok((text, _)) = file::read_regular(&join(&self.path, b".gitignore"), LARGEST)
        {
            let inside = repository.inside(&self.path).to_vec();
            let mut patterns = self.patterns.to_vec();
            patterns.push(Patterns::read(&inside, &text));
            self.patterns = Rc::new(patterns);
        }
        self
    }

    fn ignores(&self, path: &[u8], is_directory: bool) -> bool {
        self.repository.as_ref().is_some_and(|repository| {
            let inside = repository.inside(path);
            !inside.is_empty() && ignored(&self.patterns, inside, is_directory)
        })
    }

    /// Whether the repository tracks nothing below a directory.
    fn holds_nothing(&self, path: &[u8]) -> bool {
        let Some(repository) = &self.repository else { return true };
        let Some(index) = &repository.index else { return true };
        let inside = repository.inside(path);
        !inside.is_empty() && !index.holds_below(inside)
    }

    fn held(&self, path: &[u8], meta: &Metadata) -> Held {
        let Some(repository) = &self.repository else { return Held::Unkept };
        let inside = repository.inside(path);
        match repository.index.as_ref().and_then(|index| Some((index, index.find(inside)?))) {
            Some((index, entry)) if index.is_as_added(entry, meta) => Held::Kept,
            Some(_) => Held::Changed,
            None if self.ignored || self.ignores(path, false) => Held::Ignored,
            None => Held::Untracked,
        }
    }
}

impl Repository {
    fn inside<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let rest = path.strip_prefix(self.top.as_slice()).unwrap_or_default();
        rest.strip_prefix(b"/").unwrap_or(rest)
    }
}

/// A file of patterns that is larger says nothing.
const LARGEST: usize = 1 << 20;
