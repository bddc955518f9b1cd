//! Directories and files that only their owner may change: made so, and refused where they are not.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, FallocateFlags, OFlag, fallocate, open, openat};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

/// Why a directory or file cannot be relied on.
#[derive(Debug)]
pub enum Unfit {
    /// Not a directory or file of the kind wanted.
    Kind,
    /// Owned by somebody else.
    Foreign(u32),
    /// The group or others may write it.
    Writable(u32),
    /// It has other names: somebody may hold it elsewhere.
    Linked(u64),
    /// The system said no.
    System(io::Error),
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfit::Kind => out.write_str("is not what it should be (a link, a device, or a file for a directory)"),
            Unfit::Foreign(owner) => write!(out, "belongs to user {owner}"),
            Unfit::Writable(mode) => write!(out, "may be written by others (mode {:o})", mode & 0o7777),
            Unfit::Linked(count) => write!(out, "has {count} names"),
            Unfit::System(error) => write!(out, "{error}"),
        }
    }
}

impl From<Errno> for Unfit {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ELOOP | Errno::ENOTDIR => Unfit::Kind,
            other => Unfit::System(other.into()),
        }
    }
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Unfit::System(error)
    }
}

fn check(meta: &Metadata) -> Result<(), Unfit> {
    if meta.uid() != super::user::own() {
        return Err(Unfit::Foreign(meta.uid()));
    }
    if meta.mode() & 0o022 != 0 {
        return Err(Unfit::Writable(meta.mode()));
    }
    Ok(())
}

/// Whether `path` is such a directory, and no link to one.
pub fn is_directory(path: &Path) -> Result<(), Unfit> {
    let meta = path.symlink_metadata()?;
    if meta.is_dir() { check(&meta) } else { Err(Unfit::Kind) }
}

/// Opens the directory `path`, made with mode 0700 where it is missing (its parent must exist).
pub fn directory(path: &Path) -> Result<File, Unfit> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let fd = match openat(AT_FDCWD, path, flags, Mode::empty()) {
        Err(Errno::ENOENT) => {
            match mkdirat(AT_FDCWD, path, Mode::S_IRWXU) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            openat(AT_FDCWD, path, flags, Mode::empty())?
        }
        other => other?,
    };
    let directory = File::from(fd);
    check(&directory.metadata()?)?;
    Ok(directory)
}

/// Opens a regular file below `parent` with `flags` (close-on-exec and no link following are added; a file that is
/// created gets mode 0600), and says what it is.
pub fn file_at(parent: &File, name: &str, flags: OFlag) -> Result<(File, Metadata), Unfit> {
    opened(parent.as_fd(), Path::new(name), flags)
}

/// As [`file_at`], by a path whose directories are known to be fit.
pub fn file(path: &Path, flags: OFlag) -> Result<(File, Metadata), Unfit> {
    opened(AT_FDCWD, path, flags)
}

fn opened(parent: BorrowedFd<'_>, name: &Path, flags: OFlag) -> Result<(File, Metadata), Unfit> {
    let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let file = File::from(openat(parent, name, flags, Mode::S_IRUSR | Mode::S_IWUSR)?);
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Unfit::Kind);
    }
    check(&meta)?;
    if meta.nlink() > 1 {
        return Err(Unfit::Linked(meta.nlink()));
    }
    Ok((file, meta))
}

/// Puts a whole file into `directory`: written beside, synced where it must outlast a crash, and moved to its name. What has that
/// name already stays, and is an error.
pub fn keep(directory: &File, name: &str, text: &[u8], sync: bool) -> Result<(), Unfit> {
    let beside = format!(".{name}.{}", super::process::own());
    let (mut file, _) = file_at(directory, &beside, OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL)?;
    let written = file.write_all(text).and_then(|()| if sync { file.sync_all() } else { Ok(()) });
    let kept = written.and_then(|()| super::rename::without_replacing(directory, &beside, name));
    if kept.is_err() {
        let _ = unlinkat(directory, beside.as_str(), UnlinkatFlags::NoRemoveDir);
    }
    Ok(kept?)
}

/// Takes away what processes that are gone have left half made in a directory: names that begin with a point and end with their id.
pub fn sweep(directory: &File, path: &Path) {
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let half = name.to_str().filter(|name| name.starts_with('.')).and_then(|name| name.rsplit('.').next());
        if half.and_then(|pid| pid.parse().ok()).is_some_and(|pid| super::process::stat(pid).is_none()) {
            let _ = unlinkat(directory, name.as_os_str(), UnlinkatFlags::NoRemoveDir);
        }
    }
}

/// Opens a directory for reading its names; used by readers, who need no ownership.
pub fn readable(path: &Path) -> Result<File, Unfit> {
    Ok(File::from(open(path, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?))
}

/// Gives the file real blocks for `length` bytes, so that they are there when the disk is full. Where the file system
/// cannot reserve, zeros are written.
pub fn reserve(file: &File, length: u64) -> io::Result<()> {
    let wanted = i64::try_from(length).unwrap_or(i64::MAX);
    match fallocate(file.as_fd(), FallocateFlags::empty(), 0, wanted) {
        Ok(()) => Ok(()),
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS) => {
            use std::os::unix::fs::FileExt;
            let zeros = [0_u8; 4096];
            let mut at = 0;
            while at < length {
                file.write_all_at(&zeros, at)?;
                at += zeros.len() as u64;
            }
            Ok(())
        }
        Err(errno) => Err(errno.into()),
    }
}
