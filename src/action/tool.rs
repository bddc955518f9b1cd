//! Tool knowledge as data: what the words of a program mean (POLICY section 1). Raw TOML becomes this in `policy`;
//! built-in packs are compiled into a blob at build time and decoded one command at a time, on demand.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::{EffectKind, Flags};

/// Answers what a program's or subcommand's words mean.
pub trait Tools {
    /// The declaration of a program (`["git"]`) or subcommand (`["git", "remote", "add"]`), by its declared name or one of
    /// its `also` names at every level. `None`: not declared.
    fn command(&self, path: &[&[u8]]) -> Option<Rc<Command>>;
}

/// One tool or one of its subcommands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The declared names from the program down: `["git", "remote", "add"]`.
    pub path: Vec<String>,
    /// How its words are split into options and operands.
    pub syntax: Syntax,
    /// Options.
    pub options: Vec<OptionSpec>,
    /// Operands, filled left to right; the last required one binds from the end.
    pub operands: Vec<Operand>,
    /// Replacements of the operands or effects in special forms.
    pub forms: Vec<Form>,
    /// Effects it has whatever its words.
    pub effects: Vec<DeclaredEffect>,
    /// Environment names it obeys: name and the role of the value.
    pub environment: Vec<(String, Role)>,
    /// Builds or tests workspace code: its *executes workspace code* is autonomous by the model.
    pub runner: bool,
    /// It has subcommands: the first operand names one.
    pub has_subs: bool,
    /// A subcommand is required; without one (and without a harmless option like `--version`) it is a gap.
    /// False where the bare program is declared harmless or complete by itself (`operands` or `effects` given).
    pub sub_required: bool,
}

/// Bit set of the closed list of syntax words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Syntax(pub u16);

impl Syntax {
    /// Short options may be bundled: `-rf`.
    pub const CLUSTER: Syntax = Syntax(1);
    /// Unambiguous prefixes of long options are accepted: `--recurs`.
    pub const ABBREV: Syntax = Syntax(2);
    /// `--no-x` negates a declared `--x`.
    pub const NO_PREFIX: Syntax = Syntax(4);
    /// Options end at the first operand.
    pub const STOP_AT_OPERAND: Syntax = Syntax(8);
    /// Long options have one dash: `-name` (find, java).
    pub const SINGLE_DASH_LONG: Syntax = Syntax(16);
    /// `+x` is an option too.
    pub const PLUS_OPTIONS: Syntax = Syntax(32);
    /// `--` is no end of options.
    pub const NO_DOUBLE_DASH: Syntax = Syntax(64);
    /// Its own options are accepted after a subcommand as well (kubectl, gh, terraform, aws).
    pub const PERSISTENT: Syntax = Syntax(128);

    /// Names of the policy format, in bit order.
    pub const NAMES: &'static [&'static str] = &[
        "cluster",
        "abbrev",
        "no-prefix",
        "stop-at-operand",
        "single-dash-long",
        "plus-options",
        "no-double-dash",
        "persistent",
    ];

    /// Whether all of `other` is in it.
    #[must_use]
    pub fn has(self, other: Syntax) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One option: its names, whether it takes a value, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionSpec {
    /// With their dashes. A name ending in `=` is a `key=value` word without dashes (`of=` of dd).
    pub names: Vec<String>,
    /// Takes a value.
    pub value: Takes,
    /// What the value is.
    pub role: Option<Role>,
    /// The role when the value starts with `@` (`|@read`): the rest of the value has it.
    pub at_role: Option<Role>,
    /// Further values, each the next word: `--arg =name =text` of jq takes two.
    pub more: Vec<Role>,
    /// Qualifiers it sets.
    pub flags: Flags,
    /// Effects it adds (`!executes`, `!sends`).
    pub effects: Vec<EffectKind>,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Takes {
    /// None.
    Nothing,
    /// `=`: attached or the next word.
    Value,
    /// `?=`: attached only.
    Attached,
}

/// One operand of the declared list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operand {
    /// What it is.
    pub role: Role,
    /// The role when the value starts with `@`.
    pub at_role: Option<Role>,
    /// How many.
    pub count: Count,
    /// What it is when absent: `.` or `@upstream`.
    pub default: Option<String>,
}

/// How many operands an entry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    /// Exactly one.
    One,
    /// `?`
    Optional,
    /// `*`
    Any,
    /// `+`
    Many,
}

/// `forms = [{ if = ["-e"], operands = [...] }]`, `[{ if = ["--dry-run=client"], effects = [] }]`, `[{ bare = true, … }]`:
/// what replaces the command's own words in a special form of it. The first form that is met counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Any of these options present, by any of its names; with `=value`, given that value.
    pub options: Vec<String>,
    /// Or no operand at all.
    pub bare: bool,
    /// But none of these options.
    pub unless: Vec<String>,
    /// Then these operands.
    pub operands: Option<Vec<Operand>>,
    /// Then these effects; those of its options and operands stay.
    pub effects: Option<Vec<DeclaredEffect>>,
}

/// `effects = ["reads workspace", "commits @branch", "connects"]`. A path effect (`reads names writes overwrites deletes permits
/// executes`) without an object applies to every operand of role `path`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredEffect {
    /// Which.
    pub kind: EffectKind,
    /// A scope name (`workspace`), an `@name` the reader resolves (`@branch`, `@upstream`), or a path pattern.
    pub object: Option<String>,
}

/// The closed list of roles (POLICY section 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Prose or a pattern: never an effect.
    Text,
    /// A word of a small language: never an effect.
    Word,
    /// A name.
    Name,
    /// A number.
    Number,
    /// One of a few words.
    Choice,
    /// The object of the tool's own path effects.
    Path,
    /// Read.
    Read,
    /// `NAME=FILE`, or a file alone: read.
    Keyed,
    /// `HOST:CONTAINER`, or `type=bind,source=HOST`: what lies on the host is given to a container, and so read as a whole.
    Mount,
    /// Written (an existing file is overwritten).
    Write,
    /// Rewritten in place by a formatter: in the workspace its meaning stays, so that it is read; elsewhere it is written.
    Rewrite,
    /// `KIND:FILE`, `KIND=FILE`, or a kind alone: the file is written.
    Report,
    /// Deleted.
    Delete,
    /// Becomes the working directory for the rest of the action and its payload.
    Chdir,
    /// Becomes the working directory, and its configuration executes.
    CodeDir,
    /// A host, `host:port` or `user@host`.
    Host,
    /// A URL: its host is connected to; `file:` is a read.
    Url,
    /// A named remote, or a URL.
    Remote,
    /// A ref.
    Ref,
    /// A refspec: `+` is force, an empty source deletes.
    Refspec,
    /// A package.
    Package,
    /// A process.
    Process,
    /// `NAME=value`: set for the payload.
    Assign,
    /// `key=value` of the tool's own configuration.
    Config,
    /// A file of further options or configuration: reads it, and what it says is not known.
    OptionsFile,
    /// A script file in a language.
    Script(String),
    /// A module by its installed name; a path is a script file in the language.
    Module(String),
    /// A file of configuration: one in a format that holds data is read, any other is a script file in the language.
    Settings(String),
    /// Code in a language.
    Code(String),
    /// Shell text: recursed.
    Command,
    /// `env -S`: words, then a payload.
    Words,
    /// The rest of argv is a command.
    Payload,
    /// argv up to this word is a command (`find -exec … ;`). `+` ends it too where the word is `;`.
    PayloadUntil(String),
    /// The rest of argv is a command with a dynamic tail from standard input (xargs).
    PayloadStdin,
}
