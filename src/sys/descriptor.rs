//! Descriptors: what stands on one, sealed memory, putting one in the place of standard input.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::{FileStat, SFlag, fstat};

/// What kind of thing stands on a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: it is closed.
    Closed,
    /// A regular file.
    File,
    /// A pipe or fifo.
    Pipe,
    /// A socket.
    Socket,
    /// A terminal.
    Terminal,
    /// `/dev/null` and other character devices; a directory.
    Other,
}

fn standard_input() -> BorrowedFd<'static> {
    // SAFETY: descriptor 0 is open for the whole of this process: /dev/null was opened where it was closed.
    unsafe { BorrowedFd::borrow_raw(0) }
}

/// What stands on standard input, as the client gave it.
#[must_use]
pub fn on_standard_input() -> Standing {
    if super::start::was_closed(0) {
        return Standing::Closed;
    }
    let Ok(stat) = fstat(standard_input()) else { return Standing::Closed };
    match kind(&stat) {
        SFlag::S_IFREG => Standing::File,
        SFlag::S_IFIFO => Standing::Pipe,
        SFlag::S_IFSOCK => Standing::Socket,
        SFlag::S_IFCHR if nix::unistd::isatty(standard_input()).unwrap_or(false) => Standing::Terminal,
        _ => Standing::Other,
    }
}

/// Whether a regular file stands on standard descriptor `descriptor`, as the client gave it, and if so whether it is open for
/// writing.
#[must_use]
pub fn regular(descriptor: u8) -> Option<bool> {
    if descriptor > 2 || super::start::was_closed(descriptor) {
        return None;
    }
    // SAFETY: the standard descriptors are open for the whole of this process: /dev/null was opened where one was closed.
    let standing = unsafe { BorrowedFd::borrow_raw(RawFd::from(descriptor)) };
    if kind(&fstat(standing).ok()?) != SFlag::S_IFREG {
        return None;
    }
    let flags = fcntl(standing, FcntlArg::F_GETFL).ok()?;
    Some(flags & libc::O_ACCMODE != libc::O_RDONLY)
}

fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT
}

/// Reads standard input to its end, as long as it ends: a silence longer than `patience` before the end is `TimedOut`. Once
/// there are more than `limit` bytes it reads no further: that many are not all.
pub fn drain_standard_input(limit: usize, patience: Duration) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut part = [0_u8; 16 * 1024];
    let mut silent_since = Instant::now();
    loop {
        if text.len() > limit {
            return Ok(text);
        }
        let left = patience.saturating_sub(silent_since.elapsed());
        let wait = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut asked = [PollFd::new(standard_input(), PollFlags::POLLIN)];
        match poll(&mut asked, wait) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => {}
            Err(nix::Error::EINTR) => continue,
            Err(error) => return Err(error.into()),
        }
        match nix::unistd::read(standard_input(), &mut part) {
            Ok(0) => return Ok(text),
            Ok(count) => {
                text.extend_from_slice(part.get(..count).unwrap_or_default());
                silent_since = Instant::now();
            }
            Err(nix::Error::EINTR | nix::Error::EAGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A file that exists in memory only.
pub fn memory() -> io::Result<File> {
    Ok(File::from(memfd_create(c"script", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?))
}

/// A file in memory that holds exactly `text`, at offset 0, and can never change again.
pub fn sealed(text: &[u8]) -> io::Result<File> {
    let mut file = memory()?;
    file.write_all(text)?;
    let seals = SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_SEAL;
    fcntl(file.as_fd(), FcntlArg::F_ADD_SEALS(seals))?;
    nix::unistd::lseek(file.as_fd(), 0, nix::unistd::Whence::SeekSet)?;
    Ok(file)
}

/// Puts `file` in the place of standard input; the copy stays open over an exec.
pub fn become_standard_input(file: &File) -> io::Result<()> {
    let from: RawFd = file.as_raw_fd();
    // SAFETY: both are descriptor numbers; dup2 closes what stood on 0, which nothing of ours owns.
    if unsafe { libc::dup2(from, 0) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
