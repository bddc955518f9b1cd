//! The parsed line. Names follow the bash manual's grammar section; spans are absolute byte offsets into the source.
//!
//! A node that the parser does not understand is [`Opaque`]; its presence anywhere makes the line's coverage
//! opaque. [`Script::opaque`] lists them all, nested ones too, so that nobody has to walk to find one.

use crate::text::Span;

/// Whose grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// GNU bash 5.x as `bash -c` runs it (extglob off, aliases off until the line turns them on).
    Bash,
    /// POSIX sh (dash, ash, bash as sh): the stricter reading of the two.
    Sh,
    /// zsh: what differs from bash is opaque.
    Zsh,
}

/// A whole line or script.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// What runs, in order.
    pub body: List,
    /// Every opaque place, nested ones included, in source order.
    pub opaque: Vec<Opaque>,
}

/// A place the parser does not understand: never a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// Where.
    pub span: Span,
    /// Why, for a human: "unterminated quote", "zsh glob qualifier", "nested deeper than 64".
    pub why: &'static str,
    /// A structural bound was hit (depth, nodes, steps, size): rule `core.cap` instead of `core.opaque`.
    pub cap: bool,
}

/// and-or lists separated by `;`, `&` or newline.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// In order.
    pub items: Vec<Item>,
    /// From the first to the last item.
    pub span: Span,
}

/// One and-or list and whether it runs in the background.
#[derive(Clone, Debug)]
pub struct Item {
    /// The pipeline and what follows with `&&` / `||`.
    pub first: Pipeline,
    /// The rest.
    pub rest: Vec<(AndOr, Pipeline)>,
    /// Ends in `&`.
    pub background: bool,
    /// The whole list.
    pub span: Span,
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AndOr {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|` or `|&`, with `!` and `time` before them.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// An odd number of `!`.
    pub negated: bool,
    /// Stands behind `time`.
    pub timed: bool,
    /// At least one, but for a bare `!` or `time`.
    pub commands: Vec<Command>,
    /// `pipe_stderr[i]`: the pipe after command `i` is `|&`.
    pub pipe_stderr: Vec<bool>,
    /// The whole pipeline.
    pub span: Span,
}

/// One command with its redirections.
#[derive(Clone, Debug)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// In source order, wherever they stood.
    pub redirects: Vec<Redirect>,
    /// With its redirections.
    pub span: Span,
}

/// The grammar's commands.
#[derive(Clone, Debug)]
pub enum CommandKind {
    /// Assignments and words.
    Simple(Simple),
    /// `( list )`
    Subshell(List),
    /// `{ list; }`
    Group(List),
    /// `if`: pairs of condition and body, `elif` flattened, then `else`.
    If { arms: Vec<(List, List)>, otherwise: Option<List> },
    /// `while` and `until`.
    Loop { until: bool, condition: List, body: List },
    /// `for name [in words]`; `None` is `"$@"`. `select` likewise.
    For { name: Vec<u8>, words: Option<Vec<Word>>, body: List, select: bool },
    /// `for ((init; condition; step))`.
    ForArith { init: Arith, condition: Arith, step: Arith, body: List },
    /// `case word in … esac`.
    Case { word: Word, arms: Vec<CaseArm> },
    /// `name() body` and `function name body`. Redirections stand on the body's own command.
    Function { name: Vec<u8>, body: Box<Command> },
    /// `[[ … ]]`
    Cond(Cond),
    /// `(( … ))`
    Arith(Arith),
    /// `coproc [name] command`.
    Coproc { name: Option<Vec<u8>>, body: Box<Command> },
    /// Not understood.
    Opaque(Opaque),
}

/// Leading assignments and words; either may be empty.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    /// Before the command word.
    pub assigns: Vec<Assign>,
    /// The command word and its arguments. For the declaration builtins (`declare export local readonly typeset`) an
    /// argument of the form of an assignment is still a word here, with array values as [`PieceKind::Array`].
    pub words: Vec<Word>,
}

/// `name=value`, `name+=value`, `name[subscript]=value`, `name=(…)`.
#[derive(Clone, Debug)]
pub struct Assign {
    /// The variable.
    pub name: Vec<u8>,
    /// `[subscript]`: expanded as arithmetic for indexed arrays, which runs substitutions.
    pub subscript: Option<Word>,
    /// `+=`
    pub append: bool,
    /// What it gets.
    pub value: AssignValue,
    /// The whole assignment.
    pub span: Span,
}

/// A scalar or an array.
#[derive(Clone, Debug)]
pub enum AssignValue {
    /// `name=word` (possibly empty).
    Scalar(Word),
    /// `name=(…)`: subscript and value of each element.
    Array(Vec<(Option<Word>, Word)>),
}

/// One redirection.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// The descriptor written before the operator.
    pub fd: RedirectFd,
    /// The operator.
    pub op: RedirectOp,
    /// The file, descriptor or text.
    pub target: RedirectTarget,
    /// The whole redirection (for a heredoc: operator and delimiter, not the body).
    pub span: Span,
}

/// The descriptor a redirection names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectFd {
    /// None written: 0 or 1 by the operator.
    Default,
    /// `2>`
    Number(u32),
    /// `{name}>`
    Variable(Vec<u8>),
}

/// Redirection operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectOp {
    /// `<`
    Read,
    /// `>`
    Write,
    /// `>>`
    Append,
    /// `>|`
    Clobber,
    /// `<>`
    ReadWrite,
    /// `<&` (descriptor, `-`, or a word)
    DupRead,
    /// `>&` (descriptor, `-`, or a file: then like `&>`)
    DupWrite,
    /// `&>`
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<` and `<<-`
    Heredoc,
    /// `<<<`
    HereString,
}

/// What a redirection points at.
#[derive(Clone, Debug)]
pub enum RedirectTarget {
    /// A word (file, descriptor, here-string text).
    Word(Word),
    /// A heredoc's body.
    Heredoc(Heredoc),
}

/// A heredoc.
#[derive(Clone, Debug)]
pub struct Heredoc {
    /// The delimiter after quote removal.
    pub delimiter: Vec<u8>,
    /// Any part of the delimiter was quoted: the body is literal.
    pub quoted: bool,
    /// The body: one [`PieceKind::Single`] when quoted, else pieces as inside double quotes (`"` is ordinary).
    pub body: Word,
}

/// One arm of a `case`.
#[derive(Clone, Debug)]
pub struct CaseArm {
    /// The alternatives.
    pub patterns: Vec<Word>,
    /// May be empty.
    pub body: List,
    /// It ends in `;&` or `;;&`: what stands in the arms behind it may run after it.
    pub falls: bool,
}

/// `[[ … ]]`: the operators as written and the operand words; precedence does not matter to a judge.
#[derive(Clone, Debug, Default)]
pub struct Cond {
    /// Unary tests `-f word`, `-v name` …
    pub unary: Vec<(Vec<u8>, Word)>,
    /// Binary tests `a == b`, `a -lt b`, `a =~ b`: operator, left, right.
    pub binary: Vec<(Vec<u8>, Word, Word)>,
    /// Bare words.
    pub words: Vec<Word>,
}

/// An arithmetic expression: its text, and every expansion found in it.
#[derive(Clone, Debug, Default)]
pub struct Arith {
    /// The pieces in order: literals are expression text; parameters and substitutions are parsed.
    pub pieces: Vec<Piece>,
    /// The expression without its brackets.
    pub span: Span,
}

/// A shell word: pieces side by side.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// In order; an empty word (`''`) has one empty quoted piece.
    pub pieces: Vec<Piece>,
    /// The whole word.
    pub span: Span,
}

/// One piece and where it stands.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// With its quotes.
    pub span: Span,
}

/// What a word is made of.
#[derive(Clone, Debug)]
pub enum PieceKind {
    /// Unquoted text with no meaning to expansion.
    Literal(Vec<u8>),
    /// `\c`: quoted. (`\newline` is no piece at all.)
    Escaped(Vec<u8>),
    /// `'…'`
    Single(Vec<u8>),
    /// `$'…'`, decoded as bash does (a NUL ends it).
    AnsiC(Vec<u8>),
    /// `"…"`; inner literals are quoted text.
    Double(Vec<Piece>),
    /// `$"…"`
    Locale(Vec<Piece>),
    /// `$x`, `${x…}`
    Param(Box<Param>),
    /// `$(…)`, `` `…` ``, `${ …; }`, `${| …; }`
    Command(Box<CommandSub>),
    /// `$((…))`, `$[…]`
    Arith(Box<Arith>),
    /// `<(…)`, `>(…)`
    Process { output: bool, body: Box<List> },
    /// Unquoted `*`, `?` or `[…]`, as written.
    Glob(Vec<u8>),
    /// `@(a|b)` and its like, where extglob is in force.
    ExtGlob { op: u8, alternatives: Vec<Word> },
    /// `{a,b}`: the alternatives, each a word.
    BraceList(Vec<Word>),
    /// `{x..y[..step]}`: the three texts as written; expansion is capped by the reader.
    BraceRange { from: Vec<u8>, to: Vec<u8>, step: Option<Vec<u8>> },
    /// `~`, `~user`, `~+`, `~-` where bash would expand it: the text after `~`.
    Tilde(Vec<u8>),
    /// `(…)` of an array value in an argument of a declaration builtin.
    Array(Vec<(Option<Word>, Word)>),
    /// Not understood.
    Opaque(Opaque),
}

/// A command substitution.
#[derive(Clone, Debug)]
pub struct CommandSub {
    /// Which spelling.
    pub form: SubForm,
    /// What runs. `$(< file)` is a list of one command with no words and one redirection.
    pub body: List,
}

/// The spellings of a command substitution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubForm {
    /// `$(…)`
    Dollar,
    /// `` `…` ``
    Backtick,
    /// `${ …; }` and `${| …; }` (bash 5.3): runs in the current shell.
    Fun,
}

/// A parameter expansion.
#[derive(Clone, Debug)]
pub struct Param {
    /// `x`, `1`, `@`, `?` …
    pub name: Vec<u8>,
    /// `[subscript]`; `@` and `*` too.
    pub subscript: Option<Word>,
    /// `${!x}`
    pub indirect: bool,
    /// `${#x}`
    pub length: bool,
    /// The operator and its operands.
    pub op: Option<ParamOp>,
}

/// The operator of a parameter expansion with its operand words.
#[derive(Clone, Debug)]
pub enum ParamOp {
    /// `${x-w}` `${x:-w}`
    Default { colon: bool, word: Word },
    /// `${x=w}`: assigns.
    Assign { colon: bool, word: Word },
    /// `${x?w}`
    Error { colon: bool, word: Word },
    /// `${x+w}`
    Alternate { colon: bool, word: Word },
    /// `${x#p}` `${x##p}`
    RemovePrefix { longest: bool, pattern: Word },
    /// `${x%p}` `${x%%p}`
    RemoveSuffix { longest: bool, pattern: Word },
    /// `${x/p/r}`, `//`, `/#`, `/%`
    Replace { all: bool, anchor: Option<u8>, pattern: Word, with: Option<Word> },
    /// `${x^p}` `^^` `,` `,,` `~` `~~`: the operator as written.
    Case { op: Vec<u8>, pattern: Option<Word> },
    /// `${x:offset:length}`: arithmetic.
    Substring { offset: Arith, length: Option<Arith> },
    /// `${x@P}` and its like: the letter.
    Transform(u8),
    /// `${!prefix*}` `${!prefix@}`
    NamesWithPrefix,
    /// `${!a[@]}`
    Keys,
}
