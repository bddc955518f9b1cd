//! The text that is judged, and the text that was received. They differ only where a client's own wrapping is left out, settings
//! given as options stand before it, or the words of the call are the command (a script file, a tool's argv): then what is
//! judged is shell text that says the same, with every word quoted.

use std::rc::Rc;

use crate::action::walk::{Commands, Start};
use crate::parse::Dialect;

/// What is judged.
#[derive(Clone, Debug)]
pub struct Line {
    /// As received: the command text, or the words of the call.
    pub received: Rc<[u8]>,
    /// As judged; spans count in this.
    pub judged: Rc<[u8]>,
    /// How many bytes of `judged` stand before the received text (definitions and settings that apply to it).
    pub offset: usize,
    /// Whose grammar.
    pub dialect: Dialect,
    /// `$0` and the positional parameters; empty where the call gives none.
    pub positional: Vec<Vec<u8>>,
    /// Scripts that only define: functions and aliases the line will find.
    pub preamble: Vec<Vec<u8>>,
    /// Aliases are expanded: the shell is interactive.
    pub aliases: bool,
    /// Where the shell reads its commands from.
    pub commands: Commands,
}

impl Default for Line {
    fn default() -> Self {
        Line::of_text(Vec::new(), Dialect::Bash)
    }
}

impl Line {
    /// Text that stands for itself.
    #[must_use]
    pub fn of_text(text: Vec<u8>, dialect: Dialect) -> Line {
        let text: Rc<[u8]> = text.into();
        Line {
            received: Rc::clone(&text),
            judged: text,
            offset: 0,
            dialect,
            positional: Vec::new(),
            preamble: Vec::new(),
            aliases: false,
            commands: Commands::Given,
        }
    }

    /// Words that are a command.
    #[must_use]
    pub fn of_words(words: &[Vec<u8>], dialect: Dialect) -> Line {
        Line::of_text(quoted(words), dialect)
    }

    /// The same line, with `$0` and the positional parameters it sees.
    #[must_use]
    pub fn with_parameters(mut self, positional: Vec<Vec<u8>>) -> Line {
        self.positional = positional;
        self
    }

    /// The same line, under functions and aliases that are defined before it.
    #[must_use]
    pub fn under(mut self, definitions: Vec<u8>) -> Line {
        if !definitions.is_empty() {
            self.preamble.push(definitions);
        }
        self
    }

    /// The same line, judged behind `before`.
    #[must_use]
    pub fn behind(mut self, before: &[u8]) -> Line {
        if !before.is_empty() {
            self.judged = [before, &self.judged].concat().into();
            self.offset += before.len();
        }
        self
    }

    /// What holds before it.
    #[must_use]
    pub fn start(&self) -> Start {
        let mut start = Start::line(self.dialect);
        if !self.positional.is_empty() {
            start.positional.clone_from(&self.positional);
        }
        start.preamble.clone_from(&self.preamble);
        start.aliases = self.aliases;
        start.commands = self.commands;
        start
    }

    /// The same line, judged from byte `start` on: what stands before is a client's own text, known in every byte.
    #[must_use]
    pub fn from(mut self, start: usize) -> Line {
        self.judged = self.judged.get(start..).unwrap_or_default().into();
        self.offset = 0;
        self
    }
}

/// Words as shell text that gives back exactly these words.
#[must_use]
pub fn quoted(words: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for word in words {
        if !text.is_empty() {
            text.push(b' ');
        }
        quote(word, &mut text);
    }
    text
}

fn quote(word: &[u8], text: &mut Vec<u8>) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(byte);
    if !word.is_empty() && word.iter().all(plain) {
        text.extend_from_slice(word);
        return;
    }
    text.push(b'\'');
    for byte in word {
        if *byte == b'\'' {
            text.extend_from_slice(b"'\\''");
        } else {
            text.push(*byte);
        }
    }
    text.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_are_the_words() {
        let words: Vec<Vec<u8>> = [&b"git"[..], b"", b"it's", b"$(x)", b"a b", b"\xff\n", b"~/x", b"x=y"]
            .iter()
            .map(|word| word.to_vec())
            .collect();
        assert_eq!(quoted(&words), b"git '' 'it'\\''s' '$(x)' 'a b' '\xff\n' '~/x' 'x=y'");
    }
}
