//! Parting from a shell whose commands are fed to it: a process of its own that keeps the standard input, a socket on which the
//! shell reads, and the kernel's word on whether it has read.
//!
//! A socket, since unlike a pipe it cannot be opened again through `/proc`; and of its two ends only ours can be written to.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, MsgFlags, Shutdown, SockFlag, SockType, send, shutdown, socketpair};

/// Which of the two this process is now.
#[derive(Debug)]
pub enum Side {
    /// The one that is to become the shell.
    Shell(Mouth),
    /// The one that feeds it.
    Feeder(Spoon),
}

/// What a fed shell holds.
#[derive(Debug)]
pub struct Mouth {
    commands: OwnedFd,
    /// The descriptor on which it finds the standard input that its commands are to have.
    pub input: RawFd,
}

/// What its feeder holds.
#[derive(Debug)]
pub struct Spoon {
    commands: OwnedFd,
    shell: OwnedFd,
    /// The descriptor on which the shell finds the standard input that its commands are to have.
    pub input: RawFd,
    /// Tells of the key that interrupts.
    interrupts: Option<SignalFd>,
}

/// What comes next on standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A byte.
    Byte(u8),
    /// Nothing any more.
    End,
    /// Nobody wants it: the shell is gone.
    Gone,
    /// The key that interrupts: what was typed so far is void.
    Interrupted,
}

/// Parts. Without `many`, the shell can only name descriptors of one digit.
///
/// The feeder is nobody's child, stays in the group and session it was in, and cannot be looked into or killed by the keys that
/// interrupt what runs. It holds none of the descriptors that were handed to us but 0 and 2.
pub fn part(many: bool) -> io::Result<Side> {
    let (ours, shells) = socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)?;
    let input = free_descriptor(many)?;
    let own = nix::unistd::getpid();
    // SAFETY: pidfd_open takes two numbers and gives a descriptor or -1.
    let shell = unsafe { libc::syscall(libc::SYS_pidfd_open, own.as_raw(), 0) };
    let shell = RawFd::try_from(shell).ok().filter(|shell| *shell >= 0).ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the kernel gave this descriptor to us alone just now.
    let shell = unsafe { OwnedFd::from_raw_fd(shell) };
    // SAFETY: there is one thread, so that the child is a whole copy of us.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: as above. The middle one ends at once, so that the feeder is no child of the shell.
            match unsafe { libc::fork() } {
                // SAFETY: ends this process; what it holds is the shell's.
                -1 => unsafe { libc::_exit(1) },
                0 => {
                    drop(shells);
                    withdraw(&[ours.as_raw_fd(), shell.as_raw_fd()])?;
                    shutdown(ours.as_raw_fd(), Shutdown::Read)?;
                    least_buffer(&ours)?;
                    Ok(Side::Feeder(Spoon { commands: ours, shell, input, interrupts: None }))
                }
                // SAFETY: as above.
                _ => unsafe { libc::_exit(0) },
            }
        }
        child => {
            match nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(child), None) {
                // A client that ignores the end of its children hands that on: nobody is told how ours ended.
                Ok(nix::sys::wait::WaitStatus::Exited(_, 0)) | Err(nix::Error::ECHILD) => {
                    Ok(Side::Shell(Mouth { commands: shells, input }))
                }
                Ok(_) => Err(io::Error::other("no process can be made")),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// A copy of standard input on a descriptor that nobody uses.
fn free_descriptor(many: bool) -> io::Result<RawFd> {
    const SELDOM: [RawFd; 7] = [7, 8, 6, 9, 5, 4, 3];
    // Shells make the input they read wait for more; so must this be found by their commands.
    // SAFETY: asks for and sets flags by number; what has none says so, and nothing changes.
    unsafe {
        let flags = libc::fcntl(0, libc::F_GETFL);
        if flags >= 0 && flags & libc::O_NONBLOCK != 0 {
            libc::fcntl(0, libc::F_SETFL, flags & !libc::O_NONBLOCK);
        }
    }
    if many {
        // SAFETY: gives the lowest free descriptor from that number on, or -1.
        let copy = unsafe { libc::fcntl(0, libc::F_DUPFD, 201) };
        if copy >= 0 {
            return Ok(copy);
        }
    }
    for number in SELDOM {
        // SAFETY: asks about a number.
        if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
            // SAFETY: nothing stands on that number, so nothing is closed.
            if unsafe { libc::dup2(0, number) } == number {
                return Ok(number);
            }
        }
    }
    Err(io::Error::other("every descriptor is in use"))
}

/// The feeder keeps to itself.
fn withdraw(kept: &[RawFd]) -> io::Result<()> {
    // SAFETY: prctl with numbers. Nobody of the same user may look into this process any more.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
    for signal in
        [libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGHUP, libc::SIGTERM]
    {
        // SAFETY: SIG_IGN is a valid disposition; no handler of ours is replaced.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let open: Vec<RawFd> = std::fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|number| *number > 2 && !kept.contains(number))
        .collect();
    for number in open {
        // SAFETY: asks about a number. What is ours is closed at an exec; the rest was handed to us and belongs to the shell.
        let flags = unsafe { libc::fcntl(number, libc::F_GETFD) };
        if flags >= 0 && flags & libc::FD_CLOEXEC == 0 {
            // SAFETY: nothing of ours owns it.
            unsafe { libc::close(number) };
        }
    }
    let nothing = std::fs::File::options().write(true).open("/dev/null")?;
    // SAFETY: both are descriptor numbers; what stood on 1 is the shell's.
    if unsafe { libc::dup2(nothing.as_raw_fd(), 1) } < 0 {
        return Err(io::Error::last_os_error());
    }
    nix::unistd::chdir("/")?;
    Ok(())
}

/// What is written and not read yet is to be noticed: the smallest buffer is full with very little.
fn least_buffer(socket: &OwnedFd) -> io::Result<()> {
    let size: libc::c_int = 1;
    let length = libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap_or_default();
    // SAFETY: the pointer and the length are those of one number.
    let done = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, (&raw const size).cast(), length)
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

impl Mouth {
    /// The shell reads its commands where standard input was. Nothing must come between this and the exec.
    pub fn open(&self) -> io::Result<()> {
        // SAFETY: both are descriptor numbers; dup2 closes what stood on 0, which is kept on `input`.
        if unsafe { libc::dup2(self.commands.as_raw_fd(), 0) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// No more is written to the socket at once than its least buffer holds.
const PART: usize = 1024;

/// A blank before a command means nothing to any shell.
const BLANK: &[u8] = b" ";

/// More blanks than fill the least buffer of any kernel.
const MOST_BLANKS: usize = 64;

impl Spoon {
    /// The key that interrupts is heard from here on.
    pub fn hear_interrupts(&mut self) -> io::Result<()> {
        let mut heard = SigSet::empty();
        heard.add(Signal::SIGINT);
        // Blocked, a signal waits for its descriptor even where it is ignored.
        heard.thread_block()?;
        self.interrupts = Some(SignalFd::with_flags(&heard, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?);
        Ok(())
    }

    /// Whether the key that interrupts was heard since it was last asked for.
    pub fn was_interrupted(&self) -> io::Result<bool> {
        let mut heard = false;
        if let Some(interrupts) = &self.interrupts {
            while interrupts.read_signal()?.is_some() {
                heard = true;
            }
        }
        Ok(heard)
    }

    /// Joins the group of the shell, which is the terminal's while it asks for a command: nobody else may read there.
    pub fn join(&self, shell: u32) -> io::Result<()> {
        let shell = nix::unistd::Pid::from_raw(libc::pid_t::try_from(shell).map_err(io::Error::other)?);
        let group = nix::unistd::getpgid(Some(shell))?;
        if nix::unistd::getpgrp() != group {
            nix::unistd::setpgid(nix::unistd::Pid::from_raw(0), group)?;
        }
        Ok(())
    }

    /// Waits until the shell has done what it was given and wants more. `false`: it is gone.
    ///
    /// A shell reads no further than the line it runs. Blanks are put behind the line until the buffer is full: there is room again
    /// as soon as the shell takes the first of them.
    pub fn wants_more(&self) -> io::Result<bool> {
        for _ in 0..MOST_BLANKS {
            if !self.put(BLANK)? {
                return Ok(false);
            }
            let (room, there) = self.look(PollFlags::POLLOUT, PollTimeout::ZERO)?;
            if !there {
                return Ok(false);
            }
            if self.unread()? == 0 {
                return Ok(true);
            }
            if !room {
                break;
            }
        }
        let (_, there) = self.look(PollFlags::POLLOUT, PollTimeout::NONE)?;
        Ok(there)
    }

    /// Gives the shell a line, and waits until it has read it. `false`: it is gone.
    pub fn give_to_shell(&self, line: &[u8]) -> io::Result<bool> {
        for part in line.chunks(PART) {
            let (_, there) = self.look(PollFlags::POLLOUT, PollTimeout::NONE)?;
            if !there || !self.put(part)? {
                return Ok(false);
            }
        }
        // Blanks before it has read all would be read with the line by a shell that reads what is there.
        let mut pause = Duration::from_micros(20);
        while self.unread()? > 0 {
            let (_, there) = self.look(PollFlags::empty(), PollTimeout::ZERO)?;
            if !there {
                return Ok(false);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        Ok(true)
    }

    /// The next byte of standard input.
    pub fn next_byte(&self) -> io::Result<Next> {
        loop {
            if let Some(next) = self.byte_within(PollTimeout::NONE)? {
                return Ok(next);
            }
        }
    }

    /// The next byte that comes in time. `None`: none did.
    pub fn byte_within(&self, patience: PollTimeout) -> io::Result<Option<Next>> {
        let mut byte = [0];
        loop {
            // SAFETY: descriptor 0 is open for the whole of this process.
            let input = unsafe { BorrowedFd::borrow_raw(0) };
            let interrupts = self.interrupts.as_ref().map_or(self.shell.as_fd(), AsFd::as_fd);
            let mut asked = [
                PollFd::new(input, PollFlags::POLLIN),
                PollFd::new(self.commands.as_fd(), PollFlags::empty()),
                PollFd::new(self.shell.as_fd(), PollFlags::POLLIN),
                PollFd::new(interrupts, PollFlags::POLLIN),
            ];
            match poll(&mut asked, patience) {
                Err(nix::Error::EINTR) => continue,
                Ok(0) => return Ok(None),
                other => other?,
            };
            let [_, commands, shell, interrupted] = &asked;
            if is_set(commands) || is_set(shell) {
                return Ok(Some(Next::Gone));
            }
            if self.interrupts.is_some() && is_set(interrupted) && self.was_interrupted()? {
                return Ok(Some(Next::Interrupted));
            }
            match nix::unistd::read(input, &mut byte) {
                Ok(0) => return Ok(Some(Next::End)),
                Ok(_) => return Ok(Some(Next::Byte(byte[0]))),
                Err(nix::Error::EINTR | nix::Error::EAGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn put(&self, text: &[u8]) -> io::Result<bool> {
        let mut left = text;
        while !left.is_empty() {
            match send(self.commands.as_raw_fd(), left, MsgFlags::MSG_NOSIGNAL) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(nix::Error::EPIPE | nix::Error::ECONNRESET) => return Ok(false),
                Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// How much of what was written was not read yet, as the kernel counts it.
    fn unread(&self) -> io::Result<libc::c_int> {
        let mut count: libc::c_int = 0;
        // SAFETY: SIOCOUTQ (which is TIOCOUTQ) writes one number to where the pointer leads.
        let asked = unsafe { libc::ioctl(self.commands.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
        if asked < 0 { Err(io::Error::last_os_error()) } else { Ok(count) }
    }

    /// Whether there is room, and whether the shell is there.
    fn look(&self, wanted: PollFlags, wait: PollTimeout) -> io::Result<(bool, bool)> {
        loop {
            let mut asked =
                [PollFd::new(self.commands.as_fd(), wanted), PollFd::new(self.shell.as_fd(), PollFlags::POLLIN)];
            match poll(&mut asked, wait) {
                Err(nix::Error::EINTR) => continue,
                other => other?,
            };
            let [commands, shell] = &asked;
            let told = commands.revents().unwrap_or(PollFlags::empty());
            return Ok((told.contains(PollFlags::POLLOUT), !told.contains(PollFlags::POLLHUP) && !is_set(shell)));
        }
    }
}

fn is_set(asked: &PollFd<'_>) -> bool {
    asked.revents().is_some_and(|told| !told.is_empty())
}

/// Whether standard input comes to its end before it has been silent for `patience`, with nothing taken from it. A pipe that is
/// full is widened, so that its writer goes on. What is more than a pipe holds at most does not end here.
pub fn input_ends(patience: Duration) -> io::Result<bool> {
    const STEP: Duration = Duration::from_millis(10);
    const FULL: libc::c_int = 48 << 10;
    const WIDEST: libc::c_int = 1 << 20;
    const LONGEST: Duration = Duration::from_secs(2);
    let begun = Instant::now();
    let (mut silent_since, mut before) = (begun, 0);
    loop {
        // SAFETY: descriptor 0 is open for the whole of this process.
        let input = unsafe { BorrowedFd::borrow_raw(0) };
        let mut asked = [PollFd::new(input, PollFlags::from_bits_retain(libc::POLLRDHUP))];
        match poll(&mut asked, PollTimeout::try_from(STEP).unwrap_or(PollTimeout::ZERO)) {
            Err(nix::Error::EINTR) => continue,
            other => other?,
        };
        if is_set(&asked[0]) {
            return Ok(true);
        }
        let mut there: libc::c_int = 0;
        // SAFETY: FIONREAD writes one number to where the pointer leads.
        if unsafe { libc::ioctl(0, libc::FIONREAD, &raw mut there) } < 0 {
            return Err(io::Error::last_os_error());
        }
        if there >= FULL {
            // SAFETY: fcntl with numbers; what is no pipe says so, and nothing changes.
            unsafe { libc::fcntl(0, libc::F_SETPIPE_SZ, WIDEST) };
        }
        if there != before {
            (silent_since, before) = (Instant::now(), there);
        }
        if silent_since.elapsed() >= patience || begun.elapsed() >= LONGEST {
            return Ok(false);
        }
    }
}

/// Where the next byte of standard input stands. `None`: it is no file.
#[must_use]
pub fn position() -> Option<u64> {
    // SAFETY: asks about a descriptor that is open for the whole of this process.
    u64::try_from(unsafe { libc::lseek(0, 0, libc::SEEK_CUR) }).ok()
}

/// Ends this process, which is nobody's child.
pub fn end() -> ! {
    // SAFETY: ends the process; nothing of ours is left to be written.
    unsafe { libc::_exit(0) }
}
