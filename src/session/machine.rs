//! The machine as the judge may ask it: files, links, the environment the shell will get, what git keeps.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::git_ignore::{Patterns, ignored};
use super::git_index::{self, Entry};
use super::measure;
use super::workspace::{Places, below};
use crate::action::world::{FileKind, Variable, World};
use crate::action::{Measured, Question};
use crate::sys::{file, owner, process, start, user};
use crate::text::Arrange;

/// The real machine, for one judgement.
#[derive(Debug)]
pub struct Machine {
    /// Home of our user.
    pub home: Option<Vec<u8>>,
    /// The call's directory, physical.
    pub cwd: Vec<u8>,
    /// The workspace's roots.
    pub roots: Vec<Vec<u8>>,
    /// The environment the shell will get.
    pub environment: Vec<start::Entry>,
    contents: RefCell<BTreeMap<Vec<u8>, Option<Read>>>,
    indexes: RefCell<BTreeMap<Vec<u8>, Option<Rc<Index>>>>,
    own: OnceCell<Option<(u64, u64)>>,
    measured: RefCell<BTreeMap<Question, Measured>>,
    /// The time that measuring has taken.
    spent: Cell<Duration>,
}

/// A file as it was read for a judgement.
#[derive(Clone, Debug)]
pub struct Read {
    /// Its contents.
    pub text: Rc<[u8]>,
    /// Device and inode.
    pub identity: (u64, u64),
}

/// What git tracks, sorted by name, and when that was written.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    written: (i64, i64),
}

impl Index {
    /// The index of a git directory. `None`: there is none that can be read.
    #[must_use]
    pub fn read(git: &[u8]) -> Option<Index> {
        let (bytes, meta) = file::read_regular(&join(git, b"index"), LARGEST_INDEX).ok()?;
        let mut entries = git_index::read(&bytes)?;
        entries.arrange_by(|one, other| one.name.cmp(&other.name));
        Some(Index { entries, written: (meta.mtime(), meta.mtime_nsec()) })
    }

    /// What is tracked under a name, relative to the top level.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.name.as_slice().cmp(name)).ok()?;
        self.entries.get(at)
    }

    /// Whether anything is tracked below a directory.
    #[must_use]
    pub fn holds_below(&self, directory: &[u8]) -> bool {
        let start = [directory, b"/"].concat();
        let at = self.entries.partition_point(|entry| entry.name < start);
        self.entries.get(at).is_some_and(|entry| entry.name.starts_with(&start))
    }

    /// Whether a file is as it was when it was added, by its size and times.
    #[must_use]
    pub fn is_as_added(&self, entry: &Entry, meta: &Metadata) -> bool {
        let modified = (meta.mtime(), meta.mtime_nsec());
        // A file changed in the same instant the index was written may have changed after git looked.
        let racy = modified >= self.written;
        let tracked = (i64::from(entry.modified.0), i64::from(entry.modified.1));
        let same_time = tracked == modified || (tracked.1 == 0 && tracked.0 == modified.0);
        let plain = entry.mode & 0o170_000 == 0o100_000 && meta.is_file()
            || entry.mode & 0o170_000 == 0o120_000 && meta.is_symlink();
        entry.settled && plain && same_time && !racy && u64::from(entry.size) == meta.len() & 0xffff_ffff
    }
}

/// A directory with more than this below it is not looked through for what git could restore.
const MOST_FILES: usize = 2_000;
const LARGEST_INDEX: usize = 64 << 20;

impl Machine {
    /// The machine as one call sees it.
    #[must_use]
    pub fn new(home: Option<Vec<u8>>, cwd: Vec<u8>, roots: Vec<Vec<u8>>, environment: Vec<start::Entry>) -> Machine {
        Machine {
            home,
            cwd,
            roots,
            environment,
            contents: RefCell::default(),
            indexes: RefCell::default(),
            own: OnceCell::new(),
            measured: RefCell::default(),
            spent: Cell::default(),
        }
    }

    /// The value of a variable the shell will get.
    #[must_use]
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.environment.iter().rev().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))
    }

    /// The line will see `name` with this value: a client's snapshot exports it.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        self.environment.push([name, b"=", value].concat().into());
    }

    /// Every file that was read while judging, as it was.
    #[must_use]
    pub fn files_read(&self) -> Vec<(Vec<u8>, Read)> {
        let contents = self.contents.borrow();
        contents.iter().filter_map(|(path, read)| Some((path.clone(), read.clone()?))).collect()
    }

    /// Reads a file once for this judgement.
    #[must_use]
    pub fn read(&self, path: &[u8], limit: usize) -> Option<Read> {
        if let Some(known) = self.contents.borrow().get(path) {
            return known.clone().filter(|read| read.text.len() <= limit);
        }
        let read = file::read_regular(path, limit)
            .ok()
            .map(|(text, meta)| Read { text: text.into(), identity: (meta.dev(), meta.ino()) });
        self.contents.borrow_mut().insert(path.to_vec(), read.clone());
        read
    }

    fn meta(path: &[u8]) -> Option<Metadata> {
        std::fs::symlink_metadata(file::path(path)).ok()
    }

    /// The top level of the repository that holds `path`, and its git directory.
    #[must_use]
    pub fn repository(path: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut at = parent(path);
        loop {
            let git = join(&at, b".git");
            if let Some(meta) = Machine::meta(&git) {
                if meta.is_dir() {
                    return Some((at, git));
                }
                if meta.is_file() {
                    let text = file::read_small(&git, 4096).ok()?;
                    let target = text.strip_prefix(b"gitdir:")?.trim_ascii();
                    let target = if target.starts_with(b"/") { target.to_vec() } else { join(&at, target) };
                    return Some((at, target));
                }
            }
            if at == b"/" {
                return None;
            }
            at = parent(&at);
        }
    }

    fn index(&self, git: &[u8]) -> Option<Rc<Index>> {
        if let Some(known) = self.indexes.borrow().get(git) {
            return known.clone();
        }
        let read = Index::read(git).map(Rc::new);
        self.indexes.borrow_mut().insert(git.to_vec(), read.clone());
        read
    }

    fn tree_restorable(&self, index: &Index, top: &[u8], path: &[u8], meta: &Metadata, left: &mut usize) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        if !meta.is_dir() {
            let name = path.strip_prefix(top).and_then(|rest| rest.strip_prefix(b"/")).unwrap_or(path);
            return index.find(name).is_some_and(|entry| index.is_as_added(entry, meta));
        }
        if path.ends_with(b"/.git") {
            return false;
        }
        let Some(names) = self.entries(path, *left) else { return false };
        names.iter().all(|name| {
            let below = join(path, name);
            Machine::meta(&below).is_some_and(|meta| self.tree_restorable(index, top, &below, &meta, left))
        })
    }
}

/// Where systems install programs, and the links by which they name them.
fn is_program_place(path: &[u8]) -> bool {
    const PLACES: [&[u8]; 11] = [
        b"/usr/",
        b"/bin",
        b"/sbin",
        b"/lib",
        b"/lib32",
        b"/lib64",
        b"/opt/",
        b"/nix/",
        b"/snap/",
        b"/gnu/",
        b"/etc/alternatives/",
    ];
    let below = |place: &[u8]| {
        path.strip_prefix(place)
            .is_some_and(|rest| place.ends_with(b"/") || rest.first().is_none_or(|next| *next == b'/'))
    };
    PLACES.iter().any(|place| below(place))
}

impl World for Machine {
    fn home(&self) -> Option<Vec<u8>> {
        self.home.clone()
    }

    fn home_of(&self, name: &[u8]) -> Option<Vec<u8>> {
        user::home_of(name)
    }

    fn cwd(&self) -> Vec<u8> {
        self.cwd.clone()
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        self.roots.clone()
    }

    fn variable(&self, name: &[u8]) -> Variable {
        let value = self.environment.iter().rev().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="));
        value.map_or(Variable::Unset, |value| Variable::Set(value.to_vec()))
    }

    fn kind(&self, path: &[u8]) -> FileKind {
        match std::fs::symlink_metadata(file::path(path)) {
            Ok(meta) => {
                let kind = meta.file_type();
                if kind.is_file() {
                    FileKind::File
                } else if kind.is_dir() {
                    FileKind::Directory
                } else if kind.is_symlink() {
                    FileKind::Link
                } else if kind.is_char_device() || kind.is_block_device() {
                    FileKind::Device
                } else {
                    FileKind::Other
                }
            }
            Err(error) => match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FileKind::Missing,
                _ => FileKind::Unknown,
            },
        }
    }

    fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        std::fs::read_link(file::path(path)).ok().map(|target| OsString::from(target).into_vec())
    }

    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.read(path, limit).map(|read| read.text.to_vec())
    }

    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(file::path(path)).ok()? {
            if names.len() >= limit {
                return None;
            }
            names.push(entry.ok()?.file_name().into_vec());
        }
        names.arrange();
        Some(names)
    }

    fn user_writable(&self, path: &[u8]) -> bool {
        owner::others_may_write(owner::way(path).as_deref())
    }

    fn is_system_program(&self, path: &[u8]) -> bool {
        let Some(way) = owner::way(path) else { return false };
        // Where root's files are ours, or an owner may be somebody who is not mapped, only the place can tell.
        let plain = user::own() != 0 && way.iter().all(|step| step.meta.uid() == 0);
        let mut ends = way.iter().filter(|step| !step.meta.is_dir());
        !owner::others_may_write(Some(&way)) && (plain || ends.all(|step| is_program_place(&step.path)))
    }

    fn is_vetsh(&self, path: &[u8]) -> bool {
        let found = std::fs::metadata(file::path(path)).ok().map(|meta| (meta.dev(), meta.ino()));
        found.is_some() && found == *self.own.get_or_init(process::own_identity)
    }

    fn restorable(&self, path: &[u8]) -> bool {
        let Some(meta) = Machine::meta(path) else { return false };
        let Some((top, git)) = Machine::repository(path) else { return false };
        let Some(index) = self.index(&git) else { return false };
        self.tree_restorable(&index, &top, path, &meta, &mut MOST_FILES.clone())
    }

    fn ignored(&self, path: &[u8]) -> bool {
        let Some((top, git)) = Machine::repository(path) else { return false };
        let Some(inside) = path.strip_prefix(top.as_slice()).and_then(|rest| rest.strip_prefix(b"/")) else {
            return false;
        };
        let read = |directory: &[u8], file: &[u8]| Some(Patterns::read(directory, &self.read(file, 1 << 20)?.text));
        let mut files = Vec::new();
        files.extend(read(b"", &join(&git, b"info/exclude")));
        files.extend(read(b"", &join(&top, b".gitignore")));
        for (at, _) in inside.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let directory = inside.get(..at).unwrap_or_default();
            files.extend(read(directory, &join(&join(&top, directory), b".gitignore")));
        }
        // What is not there yet may become a directory.
        ignored(&files, inside, matches!(self.kind(path), FileKind::Directory | FileKind::Missing))
    }

    fn measured(&self, question: &Question) -> Measured {
        if let Some(known) = self.measured.borrow().get(question) {
            return known.clone();
        }
        let start = Instant::now();
        let found = measure::measure(question, start + measure::LONGEST.saturating_sub(self.spent.get()));
        self.spent.set(self.spent.get() + start.elapsed());
        self.measured.borrow_mut().insert(question.clone(), found.clone());
        found
    }
}

impl Places for Machine {
    fn physical(&self, path: &[u8]) -> Option<Vec<u8>> {
        physical(path)
    }

    fn has_git(&self, directory: &[u8]) -> bool {
        Machine::meta(&join(directory, b".git")).is_some_and(|meta| meta.is_dir() || meta.is_file())
    }
}

/// The physical path of a directory; `None` where it is none.
#[must_use]
pub fn physical(path: &[u8]) -> Option<Vec<u8>> {
    file::physical_directory(path)
}

fn parent(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    path.get(..end.max(1)).unwrap_or(b"/").to_vec()
}

/// `directory/name`.
#[must_use]
pub fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    debug_assert!(below(&path, directory) || name.starts_with(b".."));
    path
}
