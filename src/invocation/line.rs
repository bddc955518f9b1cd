//! The text that is judged, and the text that was received. They differ only where words around the text matter
//! (positional parameters, a script file, settings given as options, a tool's argv): then what is judged is shell text
//! that says the same, with every word quoted.

use std::rc::Rc;

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
        Line { received: Rc::clone(&text), judged: text, offset: 0, dialect }
    }

    /// Words that are a command.
    #[must_use]
    pub fn of_words(words: &[Vec<u8>], dialect: Dialect) -> Line {
        Line::of_text(quoted(words), dialect)
    }

    /// Text that sees positional parameters, `$0` first.
    #[must_use]
    pub fn of_text_with_arguments(text: Vec<u8>, words: &[Vec<u8>], dialect: Dialect, settings: &[u8]) -> Line {
        let shell: &[u8] = match dialect {
            Dialect::Bash => b"bash",
            Dialect::Sh => b"sh",
            Dialect::Zsh => b"zsh",
        };
        let received: Rc<[u8]> = text.clone().into();
        let mut inner = settings.to_vec();
        inner.extend_from_slice(&text);
        let mut all = vec![shell.to_vec(), b"-c".to_vec(), inner];
        all.extend_from_slice(words);
        Line { received, judged: quoted(&all).into(), offset: 0, dialect }
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
