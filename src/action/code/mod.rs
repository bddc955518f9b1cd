//! Takes code in another language (sed, awk, jq, sql, python, node, perl, ruby, php, r, julia, octave, lua); gives a [`CodeReading`]: proven to
//! only print, parse and compute, but for the effects it names with their constant objects, or the reason why not.
//! Guarantees: fails closed; whatever is not understood is not proven. Strings and comments are never taken for code, nor
//! code for strings. Pure, total, linear.
//! Does not: know the file operands beside the code (`sed -i`, `awk FILE`), resolve paths or know tiers.

mod awk;
mod cursor;
pub(in crate::action) mod decoded;
mod fold;
mod jq;
mod literal;
mod node;
mod perl;
mod python;
mod remote;
mod script;
mod sed;
mod sql;
mod terms;

pub use fold::folded;
pub use literal::constants;
pub use remote::{Remote, remote};

use super::{EffectKind, Flag, Flags};

/// What reading code in another language found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeReading {
    /// It prints, parses and computes only, but for `effects`, which are then complete.
    pub proven: bool,
    /// What it calls. Where it is not proven these are the calls that were recognised; there may be others.
    pub effects: Vec<CodeEffect>,
    /// Why it is not proven.
    pub why: Option<String>,
    /// Modules of the language's own library that it loads by name. Python looks for them in its working directory first
    /// (`-c`, standard input) or beside the script: a file of that name there would run instead.
    pub modules: Vec<String>,
}

/// One thing that code calls, with its constant object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeEffect {
    /// Which.
    pub kind: EffectKind,
    /// On what.
    pub object: CodeObject,
    /// Qualified by.
    pub flags: Flags,
}

/// The object of a [`CodeEffect`], as it stands in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeObject {
    /// None, or it goes without saying.
    None,
    /// A path, relative to the program's working directory unless absolute. No tilde or variable is expanded in it.
    Path(Vec<u8>),
    /// A path below a directory, whose last component matches a glob: what a listing of the directory gave.
    Below {
        /// The directory, as in [`CodeObject::Path`].
        directory: Vec<u8>,
        /// The glob.
        name: Vec<u8>,
    },
    /// Shell text handed to `sh -c`: to be judged as a line of its own.
    Shell(Vec<u8>),
    /// An argv handed to exec without a shell.
    Argv(Vec<Vec<u8>>),
    /// Code that the program runs and that is not shown (`library`, `dump`).
    Code(String),
    /// A host name or address; no scheme, port or user.
    Host(Vec<u8>),
    /// An environment variable.
    Variable(Vec<u8>),
    /// A process.
    Process(Vec<u8>),
    /// A database or table.
    Named(Vec<u8>),
    /// Not a constant.
    Unknown,
}

/// Code longer than this is not read.
const LIMIT: usize = 64 * 1024;

/// Reads `text` as code in `language` (`sed awk jq sql python node perl ruby php r julia octave lua`). Several `-e` pieces are joined by a newline.
/// Perl's and Ruby's `-n`, `-p`, `-i` and `-a` wrap the code in a loop and change nothing here.
#[must_use]
pub fn read(language: &str, text: &[u8]) -> CodeReading {
    if text.len() > LIMIT {
        return CodeReading::opaque("it is longer than what is read");
    }
    if text.contains(&0) {
        return CodeReading::opaque("it holds a NUL byte");
    }
    let mut found = match language {
        "sed" => sed::read(text),
        "awk" => awk::read(text),
        "jq" => jq::read(text),
        "python" => python::read(text),
        "node" => node::read(text),
        "perl" => perl::read(text),
        "ruby" => script::ruby(text),
        "php" => script::php(text),
        "sql" => sql::read(text),
        // `!` starts a command, and `?` reads one.
        "dc" if !text.iter().any(|byte| matches!(byte, b'!' | b'?')) => CodeReading::harmless(),
        "r" | "julia" | "octave" | "lua" => terms::read(language, text),
        _ => CodeReading::opaque(format!("no reader for {language}")),
    };
    if found.proven && links(text) {
        // The rest of the line would be read as if the link were not there.
        found.doubt("a link that code makes");
    }
    found
}

/// Whether code makes a link: `symlink`, but not `is_symlink`, `symlink?` or `follow_symlinks`.
fn links(text: &[u8]) -> bool {
    let word = b"symlink";
    text.windows(word.len()).enumerate().filter(|(_, window)| window == word).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        before != Some(&b'_') && !matches!(text.get(at + word.len()), Some(b'?' | b's'))
    })
}

/// Whether loading a module of this name from the language's own library runs nothing of note.
#[must_use]
pub fn module_is_known(language: &str, name: &[u8]) -> bool {
    match language {
        "perl" => perl::module_is_known(name),
        "ruby" => script::library_is_known(name),
        _ => false,
    }
}

impl CodeReading {
    /// Nothing can be said, because `why`.
    #[must_use]
    pub fn opaque(why: impl Into<String>) -> Self {
        CodeReading { proven: false, effects: Vec::new(), why: Some(why.into()), modules: Vec::new() }
    }

    /// Harmless so far.
    fn harmless() -> Self {
        CodeReading { proven: true, ..CodeReading::default() }
    }

    /// Marks it not proven; the first reason stays.
    fn doubt(&mut self, why: impl Into<String>) {
        self.proven = false;
        self.why.get_or_insert_with(|| why.into());
    }

    /// Adds an effect, once.
    fn add(&mut self, kind: EffectKind, object: CodeObject) {
        self.add_flagged(kind, object, Flags::default());
    }

    /// Adds an effect with flags, once.
    fn add_flagged(&mut self, kind: EffectKind, object: CodeObject, flags: Flags) {
        let effect = CodeEffect { kind, object, flags };
        if !self.effects.contains(&effect) {
            self.effects.push(effect);
        }
    }

    /// Adds an effect with one flag.
    fn add_with(&mut self, kind: EffectKind, object: CodeObject, flag: Flag) {
        self.add_flagged(kind, object, Flags::default().with(flag));
    }
}
