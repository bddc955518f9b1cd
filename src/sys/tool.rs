//! Programs that are no command of anybody's: a human's editor, and ssh-keygen (root's own, from places that are compiled in, in an
//! empty environment).

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};

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
    // SAFETY: this process has one thread, so that the child may do whatever we may; it leaves by `execve` or `_exit` alone.
    match unsafe { fork() }? {
        ForkResult::Child => {
            start::restore();
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
        ForkResult::Parent { child } => loop {
            match waitpid(child, None) {
                Ok(WaitStatus::Exited(_, code)) => return Ok(code == 0),
                Ok(WaitStatus::Signaled(..)) => return Ok(false),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        },
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
