//! Takes a [`Script`](crate::parse::Script), a [`World`] and the [`Tools`]; gives [`Actions`]: everything the line would do.
//! Guarantees: every command, redirection, assignment and substitution that bash may run is an action or a gap;
//! a wrapper stands before its payload; what is not known is said ([`Coverage`], [`Gap`]), never guessed harmless.
//! Does not: know tiers, read policy, do I/O (it asks the [`World`]).

pub mod argv;
pub mod code;
pub mod coverage;
pub mod effect;
pub mod measure;
pub mod path;
pub mod reading;
pub mod tool;
pub mod value;
pub mod walk;
pub mod world;

pub use coverage::Coverage;
pub use effect::*;
pub use measure::{Amount, Count, Lost, Measured, Question, Reached, Sure, Which};
pub use reading::*;
pub use tool::{Command as ToolCommand, Tools};
pub use value::*;
pub use world::{FileKind, Variable, World};

use crate::text::Span;

/// Everything a line would do, in source order; a wrapper before its payload.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    /// In source order. [`ActionId`] indexes it.
    pub list: Vec<Action>,
    /// Data that one action hands to another: pipes, files of the line, descriptors. What reaches an action
    /// through a *word* stands in the word's own [`Value::taint`] instead.
    pub flows: Vec<Flow>,
}

/// Index into [`Actions::list`].
pub type ActionId = u32;

/// One thing the line would do.
#[derive(Clone, Debug)]
pub struct Action {
    /// What kind of thing.
    pub kind: ActionKind,
    /// The program's name as knowledge knows it (`rm`, `git`): path and wrappers stripped, identity resolved.
    /// `None`: not known before it runs.
    pub program: Option<Vec<u8>>,
    /// The name by which it was called (`egrep` where knowledge says `grep`), path and wrappers stripped.
    pub called: Option<Vec<u8>>,
    /// The path the program resolves to under the PATH in force, where that is known.
    pub path: Option<Vec<u8>>,
    /// argv, `argv[0]` as written. For a redirection or assignment: its operands.
    pub argv: Vec<Value>,
    /// The wrappers it sits behind, outermost first (`sudo`, `xargs`, `sh`).
    pub via: Vec<Vec<u8>>,
    /// The subcommand path as declared (`["remote", "add"]`), aliases resolved.
    pub sub: Vec<String>,
    /// Options given, by their first declared name (`--force` for `-f`), in order, with their value.
    pub options: Vec<(String, Option<Value>)>,
    /// Operands (after options and subcommand), in order.
    pub operands: Vec<Value>,
    /// Flags of its options and operands (`force`, `recursive`, …).
    pub flags: Flags,
    /// What it does.
    pub effects: Vec<Effect>,
    /// How much of it was understood.
    pub coverage: Coverage,
    /// What was not understood, and where.
    pub gaps: Vec<Gap>,
    /// Environment set for it: leading assignments, and exports of the line in force.
    pub assigns: Vec<(Vec<u8>, Value)>,
    /// The directory it runs in.
    pub cwd: Value,
    /// Where it stands in the line.
    pub span: Span,
    /// The tool is declared a runner of workspace code for this form (`cargo test`).
    pub runner: bool,
}

impl Action {
    /// The program's name for those who read it: as it was called, else as knowledge knows it.
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.called.as_deref().or(self.program.as_deref())
    }
}

/// What kind of thing an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// A program from disk.
    Run,
    /// A shell builtin with effect or argument words (`cd`, `export`, `eval`, `kill`, `echo`).
    Builtin,
    /// A call of a function of the line (its body's actions follow).
    Call,
    /// A redirection to or from a file.
    Redirect,
    /// An assignment, alone or leading, or `export`.
    Assign,
    /// A definition of a function, alias or trap.
    Define,
    /// A place not understood.
    Opaque,
}

/// Something not understood about an action. Each kind is a reserved rule `core.<name>`, supervised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which.
    pub kind: GapKind,
    /// What exactly, for a human: the option's text, the word's reason.
    pub what: String,
    /// Where.
    pub span: Span,
}

/// What the gap of an action says that runs on another machine or in a container.
pub const ELSEWHERE: &str = "runs on another machine or in a container";

/// The reserved rules `core.*` that stand for what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GapKind {
    /// `core.unknown-program`
    UnknownProgram,
    /// `core.unknown-option`
    UnknownOption,
    /// `core.unknown-subcommand`
    UnknownSubcommand,
    /// `core.dynamic-word`: a word that decides is known only when it runs.
    DynamicWord,
    /// `core.opaque`: outside the grammar, or code in another language that was not proven harmless.
    Opaque,
    /// `core.partial`: an operand too many, a role not satisfied.
    Partial,
    /// `core.cap`: a structural bound was hit.
    Cap,
    /// `core.control-bytes`
    ControlBytes,
    /// `core.execution-key`: an environment name or configuration key that makes a program execute something.
    ExecutionKey,
    /// `core.look-alike`: non-ASCII in a command word or host.
    LookAlike,
}

impl GapKind {
    /// The rule's id.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            GapKind::UnknownProgram => "core.unknown-program",
            GapKind::UnknownOption => "core.unknown-option",
            GapKind::UnknownSubcommand => "core.unknown-subcommand",
            GapKind::DynamicWord => "core.dynamic-word",
            GapKind::Opaque => "core.opaque",
            GapKind::Partial => "core.partial",
            GapKind::Cap => "core.cap",
            GapKind::ControlBytes => "core.control-bytes",
            GapKind::ExecutionKey => "core.execution-key",
            GapKind::LookAlike => "core.look-alike",
        }
    }
}

/// Data moves from one action to another within the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who produces.
    pub from: ActionId,
    /// Who consumes.
    pub to: ActionId,
    /// By what way.
    pub channel: Channel,
}

/// The ways data moves between actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output into standard input (pipe, here-string, process substitution as stdin, coproc).
    Stdin,
    /// A file both name (written by one, read or executed by the other), or a `<( )` operand.
    File(Vec<u8>),
}
