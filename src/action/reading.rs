//! What an argv means by its declaration: the seam between reading words (`action::argv`) and walking the shell
//! (`action::walk`), which turns readings into actions and follows their payloads.

use super::{Coverage, Effect, Flags, Gap, Tools, Value, World};

/// What reading an argv may ask.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Tool knowledge.
    pub tools: &'a dyn Tools,
    /// The machine.
    pub world: &'a dyn World,
    /// The directory the program would run in: absolute, holes where not known.
    pub cwd: &'a Value,
    /// The variables the program would see, as the line leaves them: exports and leading assignments over the world's.
    pub variables: &'a dyn Fn(&[u8]) -> Seen,
    /// Whether the line set any.
    pub sets: bool,
    /// What the program would read from standard input, where that is known (a heredoc).
    pub stdin: Option<&'a [u8]>,
    /// The file of the machine that standard input is, as it stands (`< FILE`, `cat FILE |`).
    pub stdin_file: Option<&'a [u8]>,
    /// The contents of a file at an absolute path, as the line leaves it; `None`: they are not known.
    pub contents: &'a dyn Fn(&[u8]) -> Option<Vec<u8>>,
    /// What earlier programs of the line did to the repository.
    pub repository: &'a [Moved],
    /// Whether the line has made a path a link.
    pub linked: &'a dyn Fn(&[u8]) -> bool,
    /// Whether a file, or standard input where none is named, holds what `git diff` has just said of the working tree.
    pub tree_diff: &'a dyn Fn(Option<&[u8]>) -> bool,
}

/// A change to a repository that the programs after it find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Another branch is checked out.
    Branch(Value),
    /// A configuration key was set.
    Config { key: Vec<u8>, value: Value },
}

/// A variable as a program of the line would see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The line set it.
    Line(Value),
    /// The line took it away.
    Unset,
    /// The line left it as the world has it.
    Untouched,
}

/// What an argv means.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The declared program name (`also` names resolved); the basename as given where it is not declared.
    pub program: Option<Vec<u8>>,
    /// Subcommand path as declared.
    pub sub: Vec<String>,
    /// Options by first declared name, in order, with their value.
    pub options: Vec<(String, Option<Value>)>,
    /// Operands after options and subcommand.
    pub operands: Vec<Value>,
    /// Flags set.
    pub flags: Flags,
    /// Effects, `dry` already applied.
    pub effects: Vec<Effect>,
    /// Commands carried in it: the walker makes actions of them, behind this program in `via`.
    pub payloads: Vec<Payload>,
    /// What was not understood.
    pub gaps: Vec<Gap>,
    /// How much was.
    pub coverage: Coverage,
    /// Declared runner of workspace code.
    pub runner: bool,
    /// Each line it prints is one it read, or words of it (`sort`, `head`, `cut -d' ' -f2`): what bounds its input bounds them.
    pub keeps_lines: bool,
    /// All that it prints, where that is known.
    pub answer: Option<Value>,
    /// What standard output can be, where that is provable (`find src -name` prints paths below src; `wc -l` numbers).
    pub output: Option<super::Bound>,
    /// What it changes of the repository for the programs after it.
    pub moved: Vec<Moved>,
}

/// A command carried in an argv.
#[derive(Clone, Debug)]
pub struct Payload {
    /// What runs.
    pub what: Carried,
    /// The directory it runs in, absolute, where the carrier changes it.
    pub cwd: Option<Value>,
    /// Variables the carrier sets for it (`env A=b`), in order.
    pub assigns: Vec<(Vec<u8>, Value)>,
    /// Runs on another machine or in a container (`ssh host cmd`, `docker exec`): paths are not this machine's.
    pub elsewhere: bool,
    /// Its standard input is the carrier's.
    pub stdin: bool,
}

/// The forms in which a command is carried.
#[derive(Clone, Debug)]
pub enum Carried {
    /// argv of a program (`env`, `sudo`, `find -exec`). Unknown tails are [`Value::many`] holes.
    Argv(Vec<Value>),
    /// Shell text and its positional parameters, `$0` first (`sh -c TEXT zero one`).
    Shell { text: Value, positional: Vec<Value>, dialect: crate::parse::Dialect },
    /// A shell script file with its arguments.
    Script { path: Value, arguments: Vec<Value>, dialect: crate::parse::Dialect },
    /// Shell text from standard input.
    ShellStdin { positional: Vec<Value>, dialect: crate::parse::Dialect },
}
