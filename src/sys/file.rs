//! Files: reading with a bound, opening what must be ours, identity of what is open.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::Mode;

/// Bytes as a path.
#[must_use]
pub fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Reads a file of at most `limit` bytes; longer is an error of kind `FileTooLarge`.
pub fn read_small(name: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    read_bounded(&mut open(name)?, limit)
}

/// Reads a regular file, or one of `/proc` that the kernel writes whole into one read, if `buffer` takes it.
pub fn read_at_once<'buffer>(name: &[u8], buffer: &'buffer mut [u8]) -> io::Result<&'buffer [u8]> {
    let mut file = open(name)?;
    let count = loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if count == buffer.len() {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than allowed"));
    }
    Ok(buffer.get(..count).unwrap_or_default())
}

/// The physical path of a directory, in one question where no link is on the way, else in three. `None` where it is none.
#[must_use]
pub fn physical_directory(name: &[u8]) -> Option<Vec<u8>> {
    if is_physical(name) {
        return Some(name.to_vec());
    }
    let directory = openat(AT_FDCWD, path(name), OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty());
    let link = format!("/proc/self/fd/{}", directory.as_ref().ok()?.as_raw_fd());
    let found = std::fs::read_link(link).ok()?.into_os_string().into_vec();
    if found.ends_with(b" (deleted)") {
        // Its name, or what the kernel says of a directory that is gone.
        return std::fs::canonicalize(path(name)).ok().map(|found| found.into_os_string().into_vec());
    }
    found.starts_with(b"/").then_some(found)
}

/// Whether `name`, an absolute path, is that of a directory as it stands: the kernel resolves it without a link (Linux 5.6).
fn is_physical(name: &[u8]) -> bool {
    let plain = |part: &[u8]| !part.is_empty() && part != b"." && part != b"..";
    let Some(below) = name.strip_prefix(b"/") else { return false };
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    below.split(|byte| *byte == b'/').all(plain) && openat2(AT_FDCWD, path(name), how).is_ok()
}

fn open(name: &[u8]) -> io::Result<File> {
    opened(name, OFlag::empty())
}

/// By `openat`: musl's `open` sets close-on-exec a second time, with a system call of its own.
fn opened(name: &[u8], flags: OFlag) -> io::Result<File> {
    Ok(File::from(openat(AT_FDCWD, path(name), OFlag::O_RDONLY | OFlag::O_CLOEXEC | flags, Mode::empty())?))
}

/// Reads a regular file of at most `limit` bytes and says what it was. A fifo or device is not waited for.
pub fn read_regular(name: &[u8], limit: usize) -> io::Result<(Vec<u8>, Metadata)> {
    let (mut file, meta) = regular(name)?;
    Ok((read_bounded(&mut file, limit)?, meta))
}

/// Opens a regular file for reading, never blocking on a fifo.
pub fn open_regular(name: &[u8]) -> io::Result<File> {
    regular(name).map(|(file, _)| file)
}

fn regular(name: &[u8]) -> io::Result<(File, Metadata)> {
    let file = opened(name, OFlag::O_NONBLOCK | OFlag::O_NOCTTY)?;
    let meta = file.metadata()?;
    if meta.is_file() {
        Ok((file, meta))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}

/// Reads to the end, but no more than `limit` bytes. Files of `/proc` say they are empty, so sizes are only a hint.
pub fn read_bounded(file: &mut File, limit: usize) -> io::Result<Vec<u8>> {
    let mut text = vec![0; limit.saturating_add(1).min(4096)];
    let mut filled = 0;
    loop {
        if filled > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than allowed"));
        }
        if filled == text.len() {
            text.resize((text.len() * 4).min(limit.saturating_add(1)), 0);
        }
        match file.read(text.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    text.truncate(filled);
    Ok(text)
}
