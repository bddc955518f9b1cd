//! Sockets between processes of this machine, by a path: who stands at the other end is the kernel's word.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, Shutdown, SockFlag, SockType, UnixAddr, accept4, bind, connect, getsockopt, send,
    setsockopt, shutdown, socket, sockopt,
};
use nix::sys::time::TimeVal;

/// Who called, when it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its user.
    pub uid: u32,
    /// Its process, as this process sees it.
    pub pid: i32,
}

/// A connection, or a place to be called at.
#[derive(Debug)]
pub struct Socket(OwnedFd);

impl Socket {
    fn make() -> io::Result<Socket> {
        Ok(Socket(socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?))
    }

    /// Calls whoever listens at `path`. Neither that nor saying something waits longer than `patience`.
    pub fn call(path: &Path, patience: Duration) -> io::Result<Socket> {
        let made = Socket::make()?;
        setsockopt(&made.0, sockopt::SendTimeout, &time(patience))?;
        connect(made.0.as_raw_fd(), &UnixAddr::new(path)?)?;
        Ok(made)
    }

    /// Listens at `path`, which everybody may call. What stood there is gone.
    pub fn listen(path: &Path) -> io::Result<Socket> {
        use std::os::unix::fs::PermissionsExt;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let made = Socket::make()?;
        bind(made.0.as_raw_fd(), &UnixAddr::new(path)?)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        nix::sys::socket::listen(&made.0, Backlog::MAXCONN)?;
        Ok(made)
    }

    /// The next who calls, and who that is.
    pub fn accept(&self) -> io::Result<(Socket, Peer)> {
        let accepted = accept4(self.0.as_raw_fd(), SockFlag::SOCK_CLOEXEC)?;
        // SAFETY: the descriptor has just been made for us and nothing else owns it.
        let made = Socket(unsafe { OwnedFd::from_raw_fd(accepted) });
        let told = getsockopt(&made.0.as_fd(), sockopt::PeerCredentials)?;
        Ok((made, Peer { uid: told.uid(), pid: told.pid() }))
    }

    /// Says all of `text`, and that this was all. A reader who is gone is an error, not a signal.
    pub fn say(&self, text: &[u8]) -> io::Result<()> {
        let mut left = text;
        while !left.is_empty() {
            match send(self.0.as_raw_fd(), left, MsgFlags::MSG_NOSIGNAL) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(shutdown(self.0.as_raw_fd(), Shutdown::Write)?)
    }

    /// Adds to `text` all that the other end says; more than `limit` bytes in all is an error. What takes longer than about
    /// `patience` is `WouldBlock`, however it is said: what came by then is there, and it can be listened to further.
    pub fn hear(&self, text: &mut Vec<u8>, limit: usize, patience: Duration) -> io::Result<()> {
        let mut part = [0; 4096];
        let end = Instant::now() + patience;
        setsockopt(&self.0, sockopt::ReceiveTimeout, &time(patience))?;
        loop {
            match nix::unistd::read(&self.0, &mut part) {
                Ok(0) => return Ok(()),
                Ok(count) => text.extend_from_slice(part.get(..count).unwrap_or_default()),
                Err(nix::Error::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            if text.len() > limit {
                return Err(ErrorKind::FileTooLarge.into());
            }
            if Instant::now() > end {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
    }
}

/// Never nothing: that would be for ever.
fn time(patience: Duration) -> TimeVal {
    TimeVal::new(i64::try_from(patience.as_secs()).unwrap_or(i64::MAX), i64::from(patience.subsec_micros()).max(1))
}
