//! What an earlier line changes in the grammar of later ones: `shopt`, `alias`, `set`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::ast::{CommandKind, Dialect, Item, Script, Simple};
use super::cursor::{Parser, is_meta};
use super::state::Parsed;
use super::visit::{self, Visitor};

/// Whether `@(…)` and its like are patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extglob {
    /// As `bash -c` starts.
    Off,
    /// An earlier line turned it on for certain.
    On,
    /// An earlier line may have.
    Unknown,
}

/// The commands that can change the grammar, and those that can stand before one.
const WORDS: [&[u8]; 8] = [b"builtin", b"command", b"shopt", b"alias", b"set", b"setopt", b"unsetopt", b"emulate"];

/// The grammar in force.
#[derive(Clone, Debug)]
pub struct Modes {
    /// See `Extglob`.
    pub extglob: Extglob,
    aliases_expand: bool,
    aliases: Rc<BTreeSet<Vec<u8>>>,
    any_word_may_be_alias: bool,
    /// `shopt -s expand_aliases` stands in the text as it is, so that whoever walks it knows as well.
    expands_plainly: bool,
    dialect: Dialect,
    /// Why nobody can say how the next line reads.
    lost: Option<&'static str>,
}

/// Why nobody can say how a line reads, where `set` is the reason.
const BY_SET: &str = "an earlier line changed the grammar with set";

impl Modes {
    /// As a fresh non-interactive shell starts. Sh and zsh expand aliases from the start.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Modes {
            extglob: Extglob::Off,
            aliases_expand: dialect != Dialect::Bash,
            aliases: Rc::default(),
            any_word_may_be_alias: false,
            expands_plainly: false,
            dialect,
            lost: None,
        }
    }

    /// The same in a shell that asks for its commands: aliases expand from the start.
    #[must_use]
    pub fn interactive(mut self) -> Self {
        self.aliases_expand = true;
        self.expands_plainly = true;
        self
    }

    /// The same behind a script that the shell has read.
    #[must_use]
    pub fn behind(mut self, script: &Script) -> Self {
        self.observe(&script.body.items);
        self
    }

    /// The same in a shell whose options were set back to how it starts: what `set` had changed counts no more.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.lost = self.lost.filter(|why| *why != BY_SET);
        self
    }

    /// Why nobody can say how the next line reads, where that is so.
    #[must_use]
    pub fn lost(&self) -> Option<&'static str> {
        self.lost
    }

    /// The same where nobody can say how the next line reads, or what is in force by then.
    #[must_use]
    pub fn without(mut self, why: &'static str) -> Self {
        self.lose(why);
        self
    }

    /// Nobody can say how the next line reads.
    pub(super) fn lose(&mut self, why: &'static str) {
        self.lost = self.lost.or(Some(why));
    }

    /// Whether a word in command position may be replaced before it is read.
    #[must_use]
    pub fn aliases_expand(&self) -> bool {
        self.aliases_expand
    }

    /// Takes note of what a complete line does to the grammar. A reason means: nobody can say how the next line reads.
    pub(super) fn observe(&mut self, line: &[Item]) -> Option<&'static str> {
        let plain = match line {
            [item] if item.rest.is_empty() && !item.background => match item.first.commands.as_slice() {
                [command] => matches!(command.kind, CommandKind::Simple(_)),
                _ => false,
            },
            _ => false,
        };
        let certain = plain || line.iter().all(is_simple_item);
        let mut found = Found { modes: self, certain, why: None };
        for item in line {
            visit::item(item, &mut found);
        }
        self.lost = found.why;
        self.lost
    }

    fn simple(&mut self, simple: &Simple, certain: bool) -> Option<&'static str> {
        let mut words = simple.words.iter();
        let first = words.next()?;
        // Nearly every command ends here, without a copy of its name.
        if first.plain().is_some_and(|name| !WORDS.contains(&name)) {
            return None;
        }
        let mut name = first.text()?;
        while matches!(name.as_slice(), b"builtin" | b"command") {
            name = words.next()?.text()?;
        }
        let values: Vec<Option<Vec<u8>>> = words.map(super::ast::Word::text).collect();
        let has = |wanted: &[u8]| values.iter().any(|value| value.as_deref() == Some(wanted));
        let dynamic = values.iter().any(Option::is_none);
        match name.as_slice() {
            b"shopt" => {
                let option = |letter: u8| {
                    let mut texts = values.iter().flatten();
                    texts.any(|text| text.strip_prefix(b"-").is_some_and(|letters| letters.contains(&letter)))
                };
                if has(b"extglob") || dynamic {
                    self.extglob = match (certain && !dynamic, option(b's'), option(b'u')) {
                        (true, true, false) => Extglob::On,
                        (true, false, true) => Extglob::Off,
                        (true, false, false) => self.extglob,
                        _ => Extglob::Unknown,
                    };
                }
                if has(b"expand_aliases") || dynamic {
                    self.aliases_expand = true;
                    self.expands_plainly |= !dynamic && option(b's') && self.dialect == Dialect::Bash;
                }
                if has(b"posix") {
                    return Some("posix mode was switched by an earlier line");
                }
                // `shopt -o` knows the names of `set -o`.
                let grammar = [&b"keyword"[..], b"histexpand", b"braceexpand"].into_iter().any(has);
                grammar.then_some("an earlier line changed the grammar with shopt")
            }
            b"alias" => {
                for word in simple.words.iter().skip(1) {
                    let start = word.pieces.first().map(|piece| &piece.kind);
                    match word.text() {
                        Some(text) if text.starts_with(b"-") && self.dialect == Dialect::Zsh => {
                            self.any_word_may_be_alias = true;
                        }
                        Some(text) => {
                            let name = text.split(|byte| *byte == b'=').next().unwrap_or_default();
                            let value = text.get(name.len() + 1..).unwrap_or_default();
                            let plain = self.expands_plainly && is_plain(value) && !self.aliases.contains(name);
                            if name.len() < text.len() && !plain {
                                Rc::make_mut(&mut self.aliases).insert(name.to_vec());
                            }
                        }
                        None => match start {
                            Some(super::ast::PieceKind::Literal(text)) if text.contains(&b'=') => {
                                let name = text.split(|byte| *byte == b'=').next().unwrap_or_default();
                                Rc::make_mut(&mut self.aliases).insert(name.to_vec());
                            }
                            _ => self.any_word_may_be_alias = true,
                        },
                    }
                }
                None
            }
            b"set" => {
                let changes = set_changes_grammar(&values);
                let zsh = self.dialect == Dialect::Zsh && (has(b"-o") || has(b"+o"));
                (changes || zsh).then_some(BY_SET)
            }
            b"setopt" | b"unsetopt" | b"emulate" if self.dialect == Dialect::Zsh => {
                Some("an earlier line changed the grammar of zsh")
            }
            _ => None,
        }
    }
}

/// Whether an alias stands for words of a simple command and nothing else: what comes behind it reads as it would without.
fn is_plain(value: &[u8]) -> bool {
    const RESERVED: &[&[u8]] = &[
        b"if",
        b"then",
        b"elif",
        b"else",
        b"fi",
        b"for",
        b"while",
        b"until",
        b"do",
        b"done",
        b"case",
        b"esac",
        b"in",
        b"select",
        b"function",
        b"time",
        b"coproc",
    ];
    let first = value.split(|byte| *byte == b' ').next().unwrap_or_default();
    !first.is_empty()
        && !value.ends_with(b" ")
        && !RESERVED.contains(&first)
        && !first.contains(&b'=')
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _./~+,:@%-=".contains(byte))
}

/// Whether the words of `set` move an option that the grammar hangs on away from how a non-interactive shell starts:
/// `set -o braceexpand` and `set +o posix` say what holds anyway, as every saved state of a shell does.
fn set_changes_grammar(values: &[Option<Vec<u8>>]) -> bool {
    let mut rest = values.iter();
    while let Some(value) = rest.next() {
        // A word that is not known may be an option, and any of them.
        let Some(value) = value else { return true };
        let (on, letters) = match value.split_first() {
            Some((b'-', letters)) if !letters.is_empty() && letters != b"-" => (true, letters),
            Some((b'+', letters)) => (false, letters),
            // Everything from here on is a positional parameter.
            Some(_) | None => return false,
        };
        for letter in letters {
            let changes = match letter {
                b'k' | b'H' => on,
                b'B' => !on,
                b'o' => match rest.next() {
                    Some(Some(name)) => match name.as_slice() {
                        b"posix" | b"keyword" | b"histexpand" => on,
                        b"braceexpand" => !on,
                        _ => false,
                    },
                    // A name that is not known may be any of them.
                    Some(None) => true,
                    None => false,
                },
                _ => false,
            };
            if changes {
                return true;
            }
        }
    }
    false
}

/// Runs for certain when its line runs: no condition, no subshell, no background.
fn is_simple_item(item: &Item) -> bool {
    item.rest.is_empty()
        && !item.background
        && matches!(item.first.commands.as_slice(), [command] if matches!(command.kind, CommandKind::Simple(_)))
}

struct Found<'a> {
    modes: &'a mut Modes,
    certain: bool,
    why: Option<&'static str>,
}

impl Visitor for Found<'_> {
    fn simple(&mut self, simple: &Simple) {
        self.why = self.why.or(self.modes.simple(simple, self.certain));
    }
}

impl Parser<'_, '_> {
    /// Gives up where a word in command position may be an alias: its text could be any grammar at all.
    pub(super) fn alias_check(&mut self) -> Parsed<()> {
        let modes = &self.state.modes;
        if !modes.aliases_expand || (modes.aliases.is_empty() && !modes.any_word_may_be_alias) {
            return Ok(());
        }
        if modes.any_word_may_be_alias {
            return self.stop("an earlier line may have made this an alias");
        }
        let mut at = self.skip(self.pos);
        let mut word = Vec::new();
        while let Some(byte) = self.raw(at).filter(|byte| !is_meta(*byte)) {
            if matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`') || word.len() > 256 {
                return Ok(());
            }
            word.push(byte);
            at = self.skip(at + 1);
        }
        if modes.aliases.contains(&word) { self.stop("an alias of an earlier line") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn reads_on(before: &str) -> bool {
        parse(format!("{before}\necho a\n").as_bytes(), Dialect::Bash).opaque.is_empty()
    }

    #[test]
    fn a_saved_state_of_a_shell_changes_nothing() {
        for line in [
            "set -o braceexpand",
            "set +o posix",
            "set +o keyword +o histexpand -o errexit",
            "set -euo pipefail",
            "set +H",
            "set -B",
            "set -- -k posix",
            "set -e -- $words",
            "shopt -s checkwinsize",
        ] {
            assert!(reads_on(line), "{line}");
        }
    }

    #[test]
    fn what_moves_the_grammar_ends_the_reading() {
        for line in [
            "set -o posix",
            "set +B",
            "set +o braceexpand",
            "set -ek",
            "set -eo keyword",
            "set -H",
            "set $words",
            "set -o $name",
        ] {
            assert!(!reads_on(line), "{line}");
        }
    }

    #[test]
    fn options_of_shopt_cluster() {
        let script = parse(b"shopt -sq extglob\necho @(a|b)\n", Dialect::Bash);
        assert!(script.opaque.is_empty(), "{:?}", script.opaque);
    }
}
