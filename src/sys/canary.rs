//! Single harmless operations of which a wall refuses each.

use std::io;

use nix::libc;

fn told(answer: libc::c_long) -> io::Result<()> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Signal 0 to a process: only whether it might be signalled is looked at.
pub fn signal_nothing(pid: u32) -> io::Result<()> {
    let pid = libc::pid_t::try_from(pid).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: two numbers; signal 0 is none.
    told(libc::c_long::from(unsafe { libc::kill(pid, 0) }))
}

/// TIOCSTI with a byte, on no descriptor at all: without a wall the kernel says that there is none.
pub fn type_nowhere() -> io::Result<()> {
    let byte = 0_u8;
    // SAFETY: the kernel would read one byte, which lives; there is no such descriptor.
    told(libc::c_long::from(unsafe { libc::ioctl(-1, libc::TIOCSTI, &raw const byte) }))
}

/// A socket of the internet, closed at once.
pub fn socket() -> io::Result<()> {
    nix::sys::socket::socket(
        nix::sys::socket::AddressFamily::Inet,
        nix::sys::socket::SockType::Datagram,
        nix::sys::socket::SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    Ok(())
}

/// Asks to trace a process that cannot be: without a wall the kernel says that there is none.
pub fn trace_nobody() -> io::Result<()> {
    // SAFETY: four numbers; no process has this id, so nothing is traced.
    told(unsafe { libc::syscall(libc::SYS_ptrace, libc::PTRACE_SEIZE, i32::MAX, 0, 0) })
}
