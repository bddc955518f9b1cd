//! Locks that belong to an open file description: they end when it is closed, whoever else has the file open.

use std::cell::LazyCell;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;

/// A whole-file write lock, held until dropped.
#[derive(Debug)]
#[must_use]
pub struct Lock<'file> {
    file: &'file File,
}

impl<'file> Lock<'file> {
    /// Takes the lock, trying for at most `patience`. An elapsed time is an error of kind `TimedOut`, never a hang.
    pub fn take(file: &'file File, patience: Duration) -> io::Result<Self> {
        // Asked only by those who wait.
        let start = LazyCell::new(Instant::now);
        // Short at first, since a holder needs some tens of microseconds; then longer, so that many waiters do not burn the machine.
        let mut pause = Duration::from_micros(40);
        loop {
            match set(file, libc::F_WRLCK) {
                Ok(()) => return Ok(Lock { file }),
                Err(Errno::EAGAIN | Errno::EACCES | Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            if start.elapsed() >= patience {
                return Err(io::Error::from(io::ErrorKind::TimedOut));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(4));
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // Cannot fail on a descriptor that holds the lock; were it to, closing the file ends the lock all the same.
        let _ = set(self.file, libc::F_UNLCK);
    }
}

fn set(file: &File, kind: libc::c_int) -> Result<(), Errno> {
    #[allow(clippy::cast_possible_truncation, reason = "F_WRLCK, F_UNLCK and SEEK_SET are below 3")]
    let wish = libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 };
    fcntl(file.as_fd(), FcntlArg::F_OFD_SETLK(&wish)).map(drop)
}
