//! Programs that are no command of anybody's: a human's editor; and ssh-keygen, git and sqlite3, root's own, from places that are
//! compiled in, in an environment that is made for them.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, killpg, sigaction};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, setsid};

use super::image::become_program;
use super::start::{self, Entry};
use super::{descriptor, file, owner, process};

/// Where ssh-keygen may be.
const KEYGEN: [&[u8]; 4] = [
    b"/usr/bin/ssh-keygen",
    b"/bin/ssh-keygen",
    b"/usr/local/bin/ssh-keygen",
    b"/run/current-system/sw/bin/ssh-keygen",
];

/// A program that is asked for numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// git, with nothing of the user's or the system's configuration, no network and no helper.
    Git,
    /// sqlite3.
    Sqlite,
}

impl Asked {
    fn places(self) -> [&'static [u8]; 4] {
        match self {
            Asked::Git => [b"/usr/bin/git", b"/bin/git", b"/usr/local/bin/git", b"/run/current-system/sw/bin/git"],
            Asked::Sqlite => {
                [b"/usr/bin/sqlite3", b"/bin/sqlite3", b"/usr/local/bin/sqlite3", b"/run/current-system/sw/bin/sqlite3"]
            }
        }
    }

    fn environment(self) -> &'static [&'static str] {
        match self {
            // What is not there is not fetched, whatever the repository says of where it is.
            Asked::Git => &[
                "GIT_CONFIG_NOSYSTEM=1",
                "GIT_CONFIG_SYSTEM=/dev/null",
                "GIT_CONFIG_GLOBAL=/dev/null",
                "GIT_ATTR_NOSYSTEM=1",
                "GIT_NO_LAZY_FETCH=1",
                "GIT_ALLOW_PROTOCOL=none",
                "GIT_TERMINAL_PROMPT=0",
                "GIT_OPTIONAL_LOCKS=0",
                "GIT_ASKPASS=/bin/false",
                "GIT_SSH_COMMAND=/bin/false",
                "GIT_PAGER=cat",
                "HOME=/nonexistent",
                "XDG_CONFIG_HOME=/nonexistent",
                "PATH=/nonexistent",
                "LC_ALL=C",
            ],
            Asked::Sqlite => &["HOME=/nonexistent", "PATH=/nonexistent", "LC_ALL=C"],
        }
    }
}

/// Asks root's own program, from a place that is compiled in, with nothing to read and until `end`. `Ok(None)`: it ended badly or was
/// ended. `Err`: it is not there.
pub fn ask(asked: Asked, words: &[&[u8]], end: Instant) -> io::Result<Option<Vec<u8>>> {
    let program = asked.places().into_iter().find(|path| is_roots(path));
    let program = program.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not installed"))?;
    let words: Vec<Vec<u8>> = std::iter::once(program).chain(words.iter().copied()).map(<[u8]>::to_vec).collect();
    let environment: Vec<Entry> = asked.environment().iter().map(|entry| entry.as_bytes().to_vec().into()).collect();
    let mut written = descriptor::memory()?;
    let nothing = File::open("/dev/null")?;
    let silent = File::options().write(true).open("/dev/null")?;
    let _awaited = Awaited::from_now();
    let child = begin(program, &words, &environment, [Some(&nothing), Some(&written), Some(&silent)], true)?;
    loop {
        match waitpid(child, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, 0)) => break,
            Ok(WaitStatus::StillAlive) if Instant::now() < end => std::thread::sleep(PAUSE),
            Ok(WaitStatus::StillAlive) => {
                let _ = killpg(child, Signal::SIGKILL);
                let _ = kill(child, Signal::SIGKILL);
                while waitpid(child, None) == Err(Errno::EINTR) {}
                return Ok(None);
            }
            Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => return Ok(None),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    written.seek(SeekFrom::Start(0))?;
    file::read_bounded(&mut written, LARGEST).map(Some)
}

/// How often an asked program is looked at.
const PAUSE: Duration = Duration::from_micros(500);

/// Bytes that a program can read by a name and nobody can change.
#[derive(Debug)]
pub struct Handed(File);

impl Handed {
    /// Of `bytes`.
    pub fn of(bytes: &[u8]) -> io::Result<Handed> {
        descriptor::sealed(bytes).map(Handed)
    }

    /// The name by which a program that we start reads them.
    #[must_use]
    pub fn name(&self) -> String {
        format!("/proc/{}/fd/{}", process::own(), self.0.as_raw_fd())
    }
}

/// How a program is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It says nothing to anybody but us.
    Silent,
    /// It may talk to the human at our terminal, and to the ssh-agent that is named in these entries of the environment.
    WithHuman,
}

/// Whether there is an ssh-keygen.
#[must_use]
pub fn has_keygen() -> bool {
    found().is_some()
}

fn found() -> Option<&'static [u8]> {
    KEYGEN.into_iter().find(|path| is_roots(path))
}

/// Runs ssh-keygen with `input` on its standard input. Gives what it wrote, where it ended well.
pub fn keygen(words: &[&str], input: Handed, manner: Manner, given: &[(&str, String)]) -> io::Result<Option<Vec<u8>>> {
    let program = found().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "ssh-keygen is not installed"))?;
    let words: Vec<Vec<u8>> = std::iter::once("ssh-keygen").chain(words.iter().copied()).map(Into::into).collect();
    let given: Vec<Entry> = given.iter().map(|(name, value)| format!("{name}={value}").into_bytes().into()).collect();
    let mut written = descriptor::memory()?;
    let silent = match manner {
        Manner::Silent => Some(File::options().write(true).open("/dev/null")?),
        Manner::WithHuman => None,
    };
    if !run(program, &words, &given, [Some(&input.0), Some(&written), silent.as_ref()])? {
        return Ok(None);
    }
    written.seek(SeekFrom::Start(0))?;
    file::read_bounded(&mut written, LARGEST).map(Some)
}

/// Runs a program that is no command of anybody's, and waits: whether it ended well. What stands for its standard input, output and
/// error is ours where nothing is given.
pub fn run(program: &[u8], words: &[Vec<u8>], environment: &[Entry], streams: [Option<&File>; 3]) -> io::Result<bool> {
    let _awaited = Awaited::from_now();
    let child = begin(program, words, environment, streams, false)?;
    loop {
        match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, code)) => return Ok(code == 0),
            Ok(WaitStatus::Signaled(..)) => return Ok(false),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Starts a program, away from our terminal where it is `apart`.
fn begin(
    program: &[u8],
    words: &[Vec<u8>],
    environment: &[Entry],
    streams: [Option<&File>; 3],
    apart: bool,
) -> io::Result<Pid> {
    // SAFETY: this process has one thread, so that the child may do whatever we may; it leaves by `execve` or `_exit` alone.
    match unsafe { fork() }? {
        ForkResult::Child => {
            start::restore();
            if apart {
                let _ = setsid();
            }
            for (stream, at) in streams.into_iter().zip(0..) {
                if let Some(stream) = stream {
                    // SAFETY: both are descriptor numbers; what stood on `at` is this child's own and used by nothing here.
                    unsafe { libc::dup2(stream.as_raw_fd(), at) };
                }
            }
            let _ = become_program(program, words, environment);
            // SAFETY: ends this process at once, without what the parent has yet to do at its end.
            unsafe { libc::_exit(127) }
        }
        ForkResult::Parent { child } => Ok(child),
    }
}

/// While it lives the end of a child can be waited for, though our caller ignores SIGCHLD; what runs after us finds that as it was.
struct Awaited(Option<SigAction>);

impl Awaited {
    fn from_now() -> Awaited {
        let usual = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: no handler is put in place: the default disposition runs no code of ours.
        Awaited(unsafe { sigaction(Signal::SIGCHLD, &usual) }.ok())
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: it is the disposition that stood there before, whose handler, if any, is still there.
            let _ = unsafe { sigaction(Signal::SIGCHLD, before) };
        }
    }
}

/// It never writes more.
const LARGEST: usize = 64 * 1024;

fn is_roots(path: &[u8]) -> bool {
    std::fs::metadata(file::path(path))
        .is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0 && owner::is_roots(path, &meta))
        && !owner::others_may_write(owner::way(path).as_deref())
}
