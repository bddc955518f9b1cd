//! Children that are no programs of their own: of a process that serves, each answers one caller and ends; one that tries what has no
//! way back tells what came of it.

use std::io::{self, Read, Write};
use std::time::Duration;

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork};

extern "C" fn nothing(_signal: libc::c_int) {}

/// From now on the end of a child interrupts what this process waits for.
pub fn wake_at_end() -> io::Result<()> {
    let wake = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing, which is safe whatever it interrupts.
    unsafe { sigaction(Signal::SIGCHLD, &wake) }?;
    Ok(())
}

/// Makes a child. `None` in the child itself, which leaves by [`leave`] alone.
pub fn branch() -> io::Result<Option<i32>> {
    // SAFETY: this process has one thread, so that the child may do whatever we may.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(None),
        ForkResult::Parent { child } => Ok(Some(child.as_raw())),
    }
}

/// What `work` says in a child that ends with it. Needs that this process has one thread.
pub fn telling(work: impl FnOnce() -> String) -> io::Result<String> {
    let (mut ours, mut theirs) = std::io::pipe()?;
    let Some(child) = branch()? else {
        let _ = theirs.write_all(work().as_bytes());
        leave(0)
    };
    drop(theirs);
    let mut text = String::new();
    let read = ours.read_to_string(&mut text);
    let _ = waitpid(Pid::from_raw(child), None);
    read.map(|_| text)
}

/// Ends this child.
pub fn leave(code: u8) -> ! {
    // SAFETY: ends this process at once, without what the parent has yet to do at its end.
    unsafe { libc::_exit(libc::c_int::from(code)) }
}

/// Ends this process by a signal when that long has passed.
pub fn end_after(time: Duration) {
    let _ = alarm::set(u32::try_from(time.as_secs()).unwrap_or(1).max(1));
}

/// A child that has ended, and its exit code; 0 where a signal ended it.
#[must_use]
pub fn ended() -> Option<(i32, u8)> {
    match waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)).ok()? {
        WaitStatus::Exited(child, code) => Some((child.as_raw(), u8::try_from(code).unwrap_or(0))),
        WaitStatus::Signaled(child, ..) => Some((child.as_raw(), 0)),
        _ => None,
    }
}
