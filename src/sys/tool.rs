//! A program of the system that is asked something: root's own, from places that are compiled in, with an empty environment.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

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
#[allow(clippy::disallowed_methods, reason = "no command of anybody's: a verifier, whose words are ours")]
pub fn keygen(words: &[&str], input: Handed, manner: Manner, given: &[(&str, String)]) -> io::Result<Option<Vec<u8>>> {
    let program = found().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "ssh-keygen is not installed"))?;
    let mut written = descriptor::memory()?;
    let (told, answer) = match manner {
        Manner::Silent => (Stdio::null(), Stdio::null()),
        Manner::WithHuman => (Stdio::inherit(), Stdio::from(written.try_clone()?)),
    };
    let _awaited = Awaited::from_now();
    let ended = Command::new(file::path(program))
        .args(words)
        .env_clear()
        .envs(given.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .stdin(Stdio::from(input.0))
        .stdout(answer)
        .stderr(told)
        .status()?;
    written.seek(SeekFrom::Start(0))?;
    let text = file::read_bounded(&mut written, LARGEST)?;
    Ok(ended.success().then_some(text))
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
