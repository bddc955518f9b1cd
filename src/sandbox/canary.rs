//! Harmless probes, each of which shows whether one wall stands around this process: what is tried must fail.

use std::fs::OpenOptions;
use std::path::Path;

use nix::libc;

use crate::sys::canary;

/// Whether a wall held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// What was tried was refused.
    Yes,
    /// It was let through.
    No,
    /// It could not be tried here.
    Untried,
}

impl Held {
    fn of(tried: std::io::Result<()>) -> Held {
        match tried {
            Ok(()) => Held::No,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Held::Yes,
            // Nobody listens, there is no such process, no such descriptor: it got as far as that.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ECONNREFUSED | libc::ESRCH | libc::EBADF)) => {
                Held::No
            }
            Err(_) => Held::Untried,
        }
    }
}

/// A file in a closed place cannot be read.
#[must_use]
pub fn unreadable(path: &Path) -> Held {
    Held::of(OpenOptions::new().read(true).open(path).map(drop))
}

/// A file in a closed place cannot be opened for writing. Nothing is written, nothing is made.
#[must_use]
pub fn unwritable(path: &Path) -> Held {
    Held::of(OpenOptions::new().write(true).open(path).map(drop))
}

/// A socket somebody else answers at cannot be opened.
#[must_use]
pub fn unanswered(path: &Path) -> Held {
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Held::No,
        // What is hidden refuses as what nobody answers at does.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ECONNREFUSED | libc::EACCES | libc::ENOENT)) => {
            Held::Yes
        }
        Err(_) => Held::Untried,
    }
}

/// A process outside cannot be signalled: signal 0, which does nothing.
#[must_use]
pub fn unreachable(pid: u32) -> Held {
    Held::of(canary::signal_nothing(pid))
}

/// Nothing can be typed into a terminal. Tried on what is no terminal: refused before the kernel looks.
#[must_use]
pub fn untypable() -> Held {
    Held::of(canary::type_nowhere())
}

/// No socket of the internet can be made.
#[must_use]
pub fn no_socket() -> Held {
    Held::of(canary::socket())
}

/// No connection can be made to a port of this machine on which nobody listens.
#[must_use]
pub fn no_connection() -> Held {
    Held::of(std::net::TcpStream::connect(("127.0.0.1", 9)).map(drop))
}

/// Other processes cannot be looked into.
#[must_use]
pub fn untraceable() -> Held {
    Held::of(canary::trace_nobody())
}
