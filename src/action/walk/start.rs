//! Where a walk starts: the shell, its parameters, and what is defined before the line.

use std::rc::Rc;

use super::held::Options;
use super::shared::Shared;
use super::state::State;
use crate::action::{Value, World};
use crate::parse::Dialect;

/// Where a shell reads its commands from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commands {
    /// A word of the call, or a file.
    #[default]
    Given,
    /// Its standard input: what gives it another one gives it other commands.
    Stdin,
    /// Descriptors of its own, which no command may name: they arrive one by one.
    Own,
}

/// What holds before the first command of a line.
#[derive(Clone, Debug)]
pub struct Start {
    /// Whose grammar.
    pub dialect: Dialect,
    /// `$0` first.
    pub positional: Vec<Vec<u8>>,
    /// Scripts run before the line in the same shell and judged by themselves (the snapshot of an envelope): only what
    /// they define is taken from them.
    pub preamble: Vec<Vec<u8>>,
    /// Aliases are expanded (interactive shells; `shopt -s expand_aliases` in a preamble turns it on too).
    pub aliases: bool,
    /// Where the shell reads its commands from.
    pub commands: Commands,
    /// Nesting of payloads, substitutions and calls.
    pub max_depth: u16,
    /// More actions than this are a gap.
    pub max_actions: usize,
}

impl Start {
    /// `dialect -c LINE` with no parameters.
    #[must_use]
    pub fn line(dialect: Dialect) -> Self {
        let zero: &[u8] = match dialect {
            Dialect::Bash => b"bash",
            Dialect::Sh => b"sh",
            Dialect::Zsh => b"zsh",
        };
        Start {
            dialect,
            positional: vec![zero.to_vec()],
            preamble: Vec::new(),
            aliases: false,
            commands: Commands::Given,
            max_depth: 64,
            max_actions: 10_000,
        }
    }

    /// The state before the first command.
    pub(super) fn state(&self, world: &dyn World) -> State {
        let cwd = Value::known(world.cwd());
        State {
            dialect: self.dialect,
            variables: Shared::default(),
            functions: Shared::default(),
            aliases: Shared::default(),
            positional: Rc::new(self.positional.iter().cloned().map(Value::known).collect()),
            cwd,
            cwd_else: None,
            cwd_also: Rc::default(),
            old_cwd: None,
            directories: Vec::new(),
            options: Options { aliases: self.aliases, ..Options::default() },
            watches: std::rc::Rc::default(),
            made: Shared::default(),
            linked: false,
            input: None,
            links: Rc::default(),
            unpacked: Rc::default(),
            last: None,
            locals: Rc::default(),
            hidden: Rc::default(),
            ended: false,
        }
    }
}
