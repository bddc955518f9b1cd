//! The controlling terminal as a channel of its own: opened by its device, quiet and key by key while it is held, given back as it
//! was when dropped, whatever happens in between.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Instant;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{
    FlushArg, InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcdrain, tcflush, tcgetattr, tcsetattr,
};

/// The controlling terminal, held.
#[derive(Debug)]
pub struct Terminal {
    device: File,
    saved: Termios,
    signals: SignalFd,
    mask: SigSet,
    gone: Cell<bool>,
}

/// What came from the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A byte.
    Byte(u8),
    /// The time is over.
    Silence,
    /// A signal that asks us to stop.
    Signal,
    /// Nobody is there any more.
    Gone,
}

/// Undoes what was written there before and would hide or change what we write: a control string that was left open, margins, colours
/// and concealment, other alphabets, insertion, no wrapping, a hidden cursor. The cursor stays where it is.
const PLAIN: &str = "\x1b\\\x1b7\x1b[?69l\x1b[r\x1b8\x1b[0m\x1b(B\x0f\x1b[4l\x1b[?7h\x1b[?25h";

/// While the terminal is held these wait for us in a descriptor instead of ending us.
const STOPPING: [Signal; 5] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGTSTP];

impl Terminal {
    /// Opens our controlling terminal and makes it quiet: no echo, no line editing, no signals from keys. What was typed before
    /// is thrown away.
    pub fn hold() -> io::Result<Terminal> {
        let device = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY | libc::O_CLOEXEC)
            .open("/dev/tty")?;
        let saved = tcgetattr(&device)?;
        let mut waiting = SigSet::empty();
        for signal in STOPPING {
            waiting.add(signal);
        }
        let signals = SignalFd::with_flags(&waiting, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let mut blocked = waiting;
        // Blocked, these are an error instead of a stop when the terminal's foreground is taken from us.
        blocked.add(Signal::SIGTTOU);
        blocked.add(Signal::SIGTTIN);
        let mut mask = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut mask))?;
        let terminal = Terminal { device, saved, signals, mask, gone: Cell::new(false) };
        let mut quiet = terminal.saved.clone();
        quiet.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN);
        quiet.input_flags.remove(InputFlags::IXON);
        quiet.input_flags.insert(InputFlags::ICRNL);
        for (index, value) in [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)] {
            if let Some(character) = quiet.control_chars.get_mut(index as usize) {
                *character = value;
            }
        }
        tcsetattr(&terminal.device, SetArg::TCSAFLUSH, &quiet)?;
        terminal.write(PLAIN)?;
        Ok(terminal)
    }

    /// Its width; 80 where it does not say.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.size().0
    }

    /// Its width and height; 80 and 24 where it does not say.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        size(&self.device)
    }

    /// Writes all of `text`.
    pub fn write(&self, text: &str) -> io::Result<()> {
        (&self.device).write_all(text.as_bytes())
    }

    /// Throws away what was typed until now, once all that was written has been shown.
    pub fn forget_typed(&self) -> io::Result<()> {
        tcdrain(&self.device)?;
        tcflush(&self.device, FlushArg::TCIFLUSH)?;
        Ok(())
    }

    /// The next key, until `deadline`.
    pub fn key(&self, deadline: Instant) -> io::Result<Key> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut asked = [
                PollFd::new(self.device.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut asked, wait) {
                Ok(0) if left.is_zero() => return Ok(Key::Silence),
                Ok(0) | Err(nix::Error::EINTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            if let Some(signal) = self.signals.read_signal()? {
                self.gone.set(self.gone.get() || signal.ssi_signo == Signal::SIGHUP as u32);
                return Ok(Key::Signal);
            }
            let mut byte = [0_u8; 1];
            match nix::unistd::read(&self.device, &mut byte) {
                Ok(0) | Err(nix::Error::EIO) => {
                    self.gone.set(true);
                    return Ok(Key::Gone);
                }
                Ok(_) => return Ok(Key::Byte(byte[0])),
                Err(nix::Error::EINTR | nix::Error::EAGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone cannot be given back; there is nobody left to see it.
        let _ = tcsetattr(&self.device, SetArg::TCSADRAIN, &self.saved);
        // What came in meanwhile was the answer no; it must not end us before that is recorded.
        while let Ok(Some(_)) = self.signals.read_signal() {}
        let mut mask = self.mask;
        if self.gone.get() {
            // Of a terminal that hung up we are told again when its session's leader ends: the no is recorded all the same.
            mask.add(Signal::SIGHUP);
        }
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);
    }
}

/// The terminal on standard input, key by key and without echo, with the keys that interrupt as they were; given back when dropped.
#[derive(Debug)]
pub struct KeyByKey {
    device: OwnedFd,
    saved: Termios,
}

impl KeyByKey {
    /// Takes it. What was typed already stays. An error where it is none that can be written to.
    pub fn begin() -> io::Result<KeyByKey> {
        // SAFETY: descriptor 0 is open for the whole of this process.
        let device = unsafe { BorrowedFd::borrow_raw(0) }.try_clone_to_owned()?;
        let flags = OFlag::from_bits_retain(fcntl(&device, FcntlArg::F_GETFL)?);
        if flags & OFlag::O_ACCMODE != OFlag::O_RDWR {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let saved = tcgetattr(&device)?;
        let mut keys = saved.clone();
        keys.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::IEXTEN);
        for (index, value) in [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 0)] {
            if let Some(character) = keys.control_chars.get_mut(index as usize) {
                *character = value;
            }
        }
        tcsetattr(&device, SetArg::TCSADRAIN, &keys)?;
        Ok(KeyByKey { device, saved })
    }

    /// Writes all of `text`.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let mut left = text.as_bytes();
        while !left.is_empty() {
            match nix::unistd::write(&self.device, left) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Its width and height; 80 and 24 where it does not say.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        size(&self.device)
    }
}

impl Drop for KeyByKey {
    fn drop(&mut self) {
        // Of a terminal that is gone nobody is left to see it.
        let _ = tcsetattr(&self.device, SetArg::TCSADRAIN, &self.saved);
    }
}

fn size(device: &impl AsRawFd) -> (usize, usize) {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize, and `size` is one that outlives the call.
    let asked = unsafe { libc::ioctl(device.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    let or = |said: u16, usual: usize| if asked == 0 && said > 0 { usize::from(said) } else { usual };
    (or(size.ws_col, 80), or(size.ws_row, 24))
}

/// Whether a process of ours may push bytes into a terminal's input as if they were typed. Where the kernel has no switch for it, it may, and
/// one of root's may in spite of the switch.
#[must_use]
pub fn can_be_typed_into() -> bool {
    super::user::own() == 0
        || super::file::read_small(b"/proc/sys/dev/tty/legacy_tiocsti", 16)
            .map_or(true, |text| text.trim_ascii() != b"0")
}
