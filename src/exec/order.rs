//! All one launch needs, prepared from an approval.

use std::fs::File;

use sha2::{Digest, Sha256};

use super::live::Tried;
use super::{Environment, real};
use crate::approval::Approved;
use crate::exit::Failure;
use crate::invocation::{Face, Form, LONGEST, Shell};
use crate::sandbox::Wanted;
use crate::session::Machine;
use crate::session::machine::join;
use crate::sys::descriptor::{self, Standing};
use crate::sys::feed::Mouth;
use crate::sys::file;
use crate::sys::start::Entry;

/// All one launch needs. Made from an approval; raising the walls spends it.
#[derive(Debug)]
#[must_use = "an order must be raised and recorded"]
pub struct Order {
    approved: Approved,
    pub(super) program: Vec<u8>,
    pub(super) words: Vec<Vec<u8>>,
    pub(super) environment: Vec<Entry>,
    dropped: Vec<String>,
    assigned: Vec<(String, Vec<u8>)>,
    pub(super) script: Option<Script>,
    pub(super) stdin: Option<File>,
    pub(super) mouth: Option<Mouth>,
    behind: Option<Tried>,
    walls: Wanted,
}

/// A script file as it was read: checked again right before exec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its path, absolute.
    pub path: Vec<u8>,
    /// Device and inode.
    pub identity: (u64, u64),
    /// SHA-256 of its contents.
    pub digest: [u8; 32],
}

/// Prepares the order of an approved invocation. `stdin` is the script that was read from standard input; `shells` are the real
/// shells that the system's policy adds; `tried` says what was already taken for the program behind a tool's name.
#[inline(never)]
pub fn prepare(
    approved: Approved,
    environment: Environment,
    machine: &Machine,
    stdin: Option<File>,
    shells: &[(String, String)],
    tried: impl Fn(&[u8]) -> Vec<(u64, u64)>,
) -> Result<Order, Failure> {
    crate::fault::at(crate::fault::Stage::Prepare)?;
    let invocation = approved.judged().invocation();
    let mut words = invocation.argv.clone();
    let (program, behind) = match &invocation.face {
        Face::Shell(shell) => {
            let added = shells.iter().filter(|(name, _)| name.as_bytes() == shell.name());
            (real::shell(*shell, added.map(|(_, path)| path.as_bytes()))?, None)
        }
        Face::Tool(name) => {
            let path = environment.value(b"PATH").unwrap_or(real::USUAL_PATH);
            let (program, identity) = real::tool(name, path, &tried(name))?;
            (program, Some(Tried { name: name.clone(), identity }))
        }
        Face::Command => {
            return Err(Failure::closed("exec.no-program", "a verb of vetsh", "it runs nothing", "call a shell"));
        }
    };
    if reads_bashrc_for_remote_commands(invocation.shell(), &invocation.form, &environment) {
        words.insert(1, b"--norc".to_vec());
    }
    if let Form::File { arguments, .. } = &invocation.form
        && (invocation.options.interactive || !invocation.options.settings.is_empty())
        && std::fs::canonicalize(file::path(&program)).is_ok_and(|real| real.ends_with("bash"))
    {
        // Earlier lines would stand in the place of `!` in what was judged. Behind its other options, before its operands.
        let file = words.len().saturating_sub(arguments.len() + 1);
        let before = words.get(file.saturating_sub(1)).is_some_and(|word| word == b"--");
        words.insert(file - usize::from(before && file > 1), b"+H".to_vec());
    }
    let script = match &invocation.form {
        Form::File { path, .. } => script(machine, path),
        Form::Command { .. } | Form::Stdin { .. } | Form::Tool | Form::Report => None,
    };
    let Environment { entries, dropped, recorded, functions: _ } = environment;
    Ok(Order {
        approved,
        program,
        words,
        environment: entries,
        dropped,
        assigned: recorded,
        script,
        stdin,
        mouth: None,
        behind,
        walls: Wanted::default(),
    })
}

/// bash reads `~/.bashrc` for `bash -c` too when it believes that a remote shell daemon started it: standard input is a
/// socket, or `SSH_CLIENT` is set. `--norc` closes that and changes nothing else for a shell that is not interactive.
fn reads_bashrc_for_remote_commands(shell: Option<Shell>, form: &Form, environment: &Environment) -> bool {
    shell == Some(Shell::Bash)
        && matches!(form, Form::Command { .. })
        && (environment.value(b"SSH_CLIENT").is_some()
            || environment.value(b"SSH2_CLIENT").is_some()
            || descriptor::on_standard_input() == Standing::Socket)
}

/// The script file of an invocation as it was judged. `None` where it cannot be read: then nothing of it was known, and a
/// human said yes to that.
#[must_use]
pub fn script(machine: &Machine, path: &[u8]) -> Option<Script> {
    let path = absolute(&machine.cwd, path);
    let read = machine.read(&path, LONGEST)?;
    Some(Script { path, identity: read.identity, digest: Sha256::digest(&read.text).into() })
}

/// A path made absolute, `.` components taken out.
fn absolute(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    let mut whole = if path.starts_with(b"/") { b"/".to_vec() } else { cwd.to_vec() };
    for component in path.split(|byte| *byte == b'/') {
        if !component.is_empty() && component != b"." {
            whole = join(&whole, component);
        }
    }
    whole
}

impl Order {
    /// The same behind these walls.
    pub fn behind_walls(self, walls: Wanted) -> Order {
        Order { walls, ..self }
    }

    /// The same for a shell whose commands are fed to it.
    pub fn fed(self, mouth: Mouth) -> Order {
        Order { mouth: Some(mouth), stdin: None, ..self }
    }

    /// The same for a shell that asks for its commands: it takes no terminal for its input now, so it is told. Lines are read and
    /// edited outside of it, and must mean to it what they say; what asks for the rest of a line is not its to print.
    pub fn interactive(mut self, bash: bool) -> Order {
        let more: &[&[u8]] = if bash { &[b"-i", b"+H", b"+o", b"history"] } else { &[b"-i"] };
        self.words.extend(more.iter().map(|word| word.to_vec()));
        if bash {
            self.words.insert(1, b"--noediting".to_vec());
        }
        self.environment.push(Entry::Borrowed(b"PS2="));
        self
    }

    /// Whether its commands arrive one by one, each with a record of its own.
    #[must_use]
    pub fn is_fed(&self) -> bool {
        self.mouth.is_some()
    }

    /// The walls it is to have.
    #[must_use]
    pub fn walls(&self) -> &Wanted {
        &self.walls
    }

    /// What was approved.
    #[must_use]
    pub fn approved(&self) -> &Approved {
        &self.approved
    }

    /// The real program's path.
    #[must_use]
    pub fn program(&self) -> &[u8] {
        &self.program
    }

    /// What it takes for the program behind a tool's name.
    #[must_use]
    pub fn behind(&self) -> Option<&Tried> {
        self.behind.as_ref()
    }

    /// The words it gets, `argv[0]` first.
    #[must_use]
    pub fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// The environment it gets.
    #[must_use]
    pub fn environment(&self) -> &[Entry] {
        &self.environment
    }

    /// Names taken out of the environment.
    #[must_use]
    pub fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// Variables that differ from the session's baseline and steer programs.
    #[must_use]
    pub fn assigned(&self) -> &[(String, Vec<u8>)] {
        &self.assigned
    }

    /// The script file it runs, where it is one.
    #[must_use]
    pub fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }
}
