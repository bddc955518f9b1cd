//! Sockets between processes of this machine, by a path: who stands at the other end is the kernel's word.

use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, getsockopt, send, setsockopt, socket, sockopt,
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

/// Calls whoever listens at `path`. No step of it, nor of what is then sent and read, waits longer than `patience`.
pub fn call(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let made: OwnedFd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let time =
        TimeVal::new(i64::try_from(patience.as_secs()).unwrap_or(i64::MAX), i64::from(patience.subsec_micros()).max(1));
    setsockopt(&made, sockopt::SendTimeout, &time)?;
    setsockopt(&made, sockopt::ReceiveTimeout, &time)?;
    connect(made.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(UnixStream::from(made))
}

/// Listens at `path`, which everybody may call. What stood there is gone.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
    Ok(listener)
}

/// Who stands at the other end.
pub fn peer(stream: &UnixStream) -> io::Result<Peer> {
    let told = getsockopt(&stream.as_fd(), sockopt::PeerCredentials)?;
    Ok(Peer { uid: told.uid(), pid: told.pid() })
}

/// Sends all of `text`, and that this was all. A reader who is gone is an error, not a signal.
pub fn say(stream: &UnixStream, text: &[u8]) -> io::Result<()> {
    let mut left = text;
    while !left.is_empty() {
        match send(stream.as_raw_fd(), left, MsgFlags::MSG_NOSIGNAL) {
            Ok(count) => left = left.get(count..).unwrap_or_default(),
            Err(nix::Error::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    stream.shutdown(std::net::Shutdown::Write)
}

/// Adds to `text` all that the other end says; more than `limit` bytes in all is an error. A silence that is too long is
/// `WouldBlock`: what was said by then is there, and it can be listened to further.
pub fn hear(stream: &UnixStream, text: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    stream.take((limit as u64 + 1).saturating_sub(text.len() as u64)).read_to_end(text)?;
    if text.len() > limit { Err(ErrorKind::FileTooLarge.into()) } else { Ok(()) }
}
