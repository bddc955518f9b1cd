//! Landlock, by its own system calls: what a process and all it starts may still do with files, ports, signals and sockets.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::libc;
use nix::sys::stat::Mode;

use super::file;

/// A right to a file or to what lies below a directory (linux/landlock.h).
pub mod right {
    /// Run it.
    pub const EXECUTE: u64 = 1;
    /// Open it for writing.
    pub const WRITE_FILE: u64 = 1 << 1;
    /// Open it for reading.
    pub const READ_FILE: u64 = 1 << 2;
    /// List a directory.
    pub const READ_DIR: u64 = 1 << 3;
    /// Remove a directory.
    pub const REMOVE_DIR: u64 = 1 << 4;
    /// Remove a file.
    pub const REMOVE_FILE: u64 = 1 << 5;
    /// Make a regular file, directory, socket, fifo or link.
    pub const MAKE: u64 = 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12;
    /// Make a device.
    pub const MAKE_DEVICE: u64 = 1 << 6 | 1 << 11;
    /// Move or link to another directory (ABI 2).
    pub const REFER: u64 = 1 << 13;
    /// Cut a file short (ABI 3).
    pub const TRUNCATE: u64 = 1 << 14;
    /// Find a socket by its path, but for those made behind the same walls (ABI 9).
    pub const RESOLVE_SOCKET: u64 = 1 << 16;
    /// Those that a file by itself can have.
    pub const OF_FILES: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | RESOLVE_SOCKET;
}

/// Bind and connect of TCP (ABI 4).
pub const TCP: u64 = 3;
/// Signals and abstract sockets reach the own domain alone (ABI 6).
pub const SCOPE_SOCKETS: u64 = 1;
/// As above, for signals.
pub const SCOPE_SIGNALS: u64 = 2;

/// What a rule set governs: what it governs and no rule allows is denied.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Governed {
    /// Rights to files.
    pub files: u64,
    /// Rights to ports.
    pub ports: u64,
    /// What reaches the own domain alone.
    pub scopes: u64,
}

impl Governed {
    /// As much of it as an interface of version `abi` knows.
    #[must_use]
    pub fn within(self, abi: u32) -> Governed {
        let later = |right, since| if abi < since { right } else { 0 };
        Governed {
            files: self.files & !(later(right::REFER, 2) | later(right::TRUNCATE, 3) | later(right::RESOLVE_SOCKET, 9)),
            ports: self.ports & !later(TCP, 4),
            scopes: self.scopes & !later(SCOPE_SIGNALS | SCOPE_SOCKETS, 6),
        }
    }
}

#[repr(C, packed)]
struct Beneath {
    allowed: u64,
    parent: i32,
}

const CREATE: libc::c_long = 444;
const ADD: libc::c_long = 445;
const RESTRICT: libc::c_long = 446;
const ASK_VERSION: u32 = 1;
const PATH_BENEATH: u32 = 1;

/// The version of the kernel's interface.
pub fn version() -> io::Result<u32> {
    // SAFETY: with this flag the kernel takes no structure and gives a number.
    let version = unsafe { libc::syscall(CREATE, std::ptr::null::<Governed>(), 0_usize, ASK_VERSION) };
    u32::try_from(version).map_err(|_| io::Error::last_os_error())
}

/// Rules that are not in force yet.
#[derive(Debug)]
pub struct Rules {
    set: OwnedFd,
    governed: Governed,
}

impl Rules {
    /// No rule: all that is governed is denied.
    pub fn new(governed: Governed) -> io::Result<Rules> {
        // SAFETY: the pointer and the size are those of one live structure laid out as the kernel's.
        let set = unsafe { libc::syscall(CREATE, &raw const governed, size_of::<Governed>(), 0_u32) };
        let set = i32::try_from(set).ok().filter(|set| *set >= 0).ok_or_else(io::Error::last_os_error)?;
        // SAFETY: the kernel gave this descriptor to us alone just now; it is close-on-exec.
        Ok(Rules { set: unsafe { OwnedFd::from_raw_fd(set) }, governed })
    }

    /// Allows `rights` to the file or below the directory at `path`. What is no directory gets those that files have.
    pub fn allow(&self, path: &[u8], rights: u64) -> io::Result<()> {
        if rights & self.governed.files == 0 {
            return Ok(());
        }
        let flags = OFlag::O_PATH | OFlag::O_CLOEXEC;
        let at = openat(AT_FDCWD, file::path(path), flags, Mode::empty())?;
        self.allow_at(&at, rights)
    }

    /// As [`Rules::allow`], of something that is open.
    pub fn allow_at(&self, at: &impl AsRawFd, rights: u64) -> io::Result<()> {
        let rights = rights & self.governed.files;
        match self.add(at, rights) {
            // It was no directory.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => self.add(at, rights & right::OF_FILES),
            other => other,
        }
    }

    fn add(&self, at: &impl AsRawFd, allowed: u64) -> io::Result<()> {
        if allowed == 0 {
            return Ok(());
        }
        let rule = Beneath { allowed, parent: at.as_raw_fd() };
        // SAFETY: the pointer is to one live structure laid out as the kernel's, packed; it is read alone.
        let added = unsafe { libc::syscall(ADD, self.set.as_raw_fd(), PATH_BENEATH, &raw const rule, 0_u32) };
        if added == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Puts them in force for this thread and all that comes of it, for ever. Needs that no program can give new privileges.
    /// The kernel stacks at most 16 (`E2BIG`).
    pub fn enforce(self) -> io::Result<()> {
        // SAFETY: two numbers; nothing of this process's memory is touched.
        let enforced = unsafe { libc::syscall(RESTRICT, self.set.as_raw_fd(), 0_u32) };
        if enforced == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}
