//! Keys as a terminal sends them: bytes, sequences that begin with an escape (ECMA-48, xterm's control sequences), and the letters of
//! UTF-8. A byte that is no letter of it stands for itself.

/// One letter as it was typed: the bytes of a character, or a byte that is none.
pub type Letter = Vec<u8>;

/// What a key asks for, by the names that readline(3) has for it in its emacs mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter.
    Letter(Letter),
    /// One letter, one word, all the way.
    Left,
    Right,
    WordLeft,
    WordRight,
    Start,
    End,
    /// The line before, the one after.
    Earlier,
    Later,
    /// Takes away the letter before, the one at the cursor.
    Back,
    Delete,
    /// Takes away a word or all, before or behind the cursor, to be put elsewhere.
    KillWord,
    KillWordBehind,
    KillBefore,
    KillBehind,
    /// Puts there what was taken away last.
    Yank,
    /// Exchanges two letters.
    Swap,
    /// Looks for an earlier line.
    Search,
    /// Leaves a search.
    Cancel,
    /// Completes the word.
    Complete,
    /// Brings the line to the top of the screen.
    Clear,
    /// The line is done.
    Enter,
    /// Takes away the letter at the cursor; in an empty line, the end of all lines.
    EndOfInput,
    /// The terminal's answer to where its cursor stands: row and column, from 1.
    Cursor(usize, usize),
    /// Nothing we know.
    Other,
}

/// Bytes that may become a key.
#[derive(Debug, Default)]
pub struct Keys {
    begun: Vec<u8>,
}

/// No sequence that we know is longer.
const LONGEST: usize = 32;

impl Keys {
    /// Whether more bytes belong to what has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        !self.begun.is_empty()
    }

    /// What began came to nothing: no more of it follows.
    pub fn give_up(&mut self) {
        self.begun.clear();
    }

    /// The next byte. `None`: more is needed to tell.
    pub fn take(&mut self, byte: u8) -> Option<Key> {
        self.begun.push(byte);
        let key = match self.begun.as_slice() {
            [0x1b, ..] => escaped(&self.begun)?,
            [first, ..] if *first >= 0x80 => {
                match std::str::from_utf8(&self.begun) {
                    Err(error) if error.error_len().is_none() => return None,
                    Ok(_) | Err(_) => {}
                }
                Key::Letter(self.begun.clone())
            }
            _ => plain(byte),
        };
        self.begun.clear();
        Some(key)
    }
}

fn plain(byte: u8) -> Key {
    match byte {
        0x01 => Key::Start,
        0x02 => Key::Left,
        0x04 => Key::EndOfInput,
        0x05 => Key::End,
        0x06 => Key::Right,
        0x07 => Key::Cancel,
        0x08 | 0x7f => Key::Back,
        b'\t' => Key::Complete,
        b'\n' | b'\r' => Key::Enter,
        0x0b => Key::KillBehind,
        0x0c => Key::Clear,
        0x0e => Key::Later,
        0x10 => Key::Earlier,
        0x12 => Key::Search,
        0x14 => Key::Swap,
        0x15 => Key::KillBefore,
        0x17 => Key::KillWord,
        0x19 => Key::Yank,
        0x00..0x20 => Key::Other,
        byte => Key::Letter(vec![byte]),
    }
}

/// A sequence behind an escape; `None` where it is not at its end.
fn escaped(begun: &[u8]) -> Option<Key> {
    if begun.len() > LONGEST {
        return Some(Key::Other);
    }
    match begun.get(1)? {
        b'[' => {
            let last = *begun.get(2..)?.last()?;
            (0x40..0x7f).contains(&last).then(|| control(begun.get(2..begun.len() - 1).unwrap_or_default(), last))
        }
        b'O' => Some(control(b"", *begun.get(2)?)),
        b'b' => Some(Key::WordLeft),
        b'f' => Some(Key::WordRight),
        b'd' => Some(Key::KillWordBehind),
        0x08 | 0x7f => Some(Key::KillWord),
        _ => Some(Key::Other),
    }
}

/// A control sequence: its numbers, and the byte it ends with.
fn control(numbers: &[u8], last: u8) -> Key {
    let text = std::str::from_utf8(numbers).unwrap_or_default();
    let mut numbers = text.split(';').map(|number| number.parse::<usize>().ok());
    let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
    // With Alt or Control: a word.
    let modifier = if last == b'~' { second } else { second.or(first) };
    let word = modifier.is_some_and(|modifier| (3..=8).contains(&modifier));
    match (last, first) {
        (b'A', _) => Key::Earlier,
        (b'B', _) => Key::Later,
        (b'C', _) if word => Key::WordRight,
        (b'C', _) => Key::Right,
        (b'D', _) if word => Key::WordLeft,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', Some(1 | 7)) => Key::Start,
        (b'F', _) | (b'~', Some(4 | 8)) => Key::End,
        (b'~', Some(3)) if word => Key::KillWordBehind,
        (b'~', Some(3)) => Key::Delete,
        (b'R', Some(row)) => second.map_or(Key::Other, |column| Key::Cursor(row, column)),
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        bytes.iter().filter_map(|byte| keys.take(*byte)).collect()
    }

    #[test]
    fn sequences_of_common_terminals_are_keys() {
        for (bytes, key) in [
            (&b"\x1b[A"[..], Key::Earlier),
            (b"\x1bOA", Key::Earlier),
            (b"\x1b[1;5C", Key::WordRight),
            (b"\x1b[D", Key::Left),
            (b"\x1b[H", Key::Start),
            (b"\x1bOF", Key::End),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b[3;5~", Key::KillWordBehind),
            (b"\x1b[24;7R", Key::Cursor(24, 7)),
            (b"\x1b\x7f", Key::KillWord),
            (b"\x1b[200~", Key::Other),
            (b"\r", Key::Enter),
            (b"\x00", Key::Other),
        ] {
            assert_eq!(keys(bytes), [key], "{bytes:?}");
        }
    }

    #[test]
    fn letters_are_whole_and_what_is_none_stands_for_itself() {
        let letters = |bytes: &[u8]| -> Vec<Letter> {
            let letter = |key| if let Key::Letter(letter) = key { letter } else { panic!("{key:?}") };
            keys(bytes).into_iter().map(letter).collect()
        };
        assert_eq!(letters("aß€😀".as_bytes()), ["a", "ß", "€", "😀"].map(|letter| letter.as_bytes().to_vec()));
        assert_eq!(letters(b"\xffa\xe2\x28"), [b"\xff".to_vec(), b"a".to_vec(), b"\xe2\x28".to_vec()]);
        assert_eq!(keys(b"\xe2\x82"), []);
    }

    #[test]
    fn a_sequence_without_an_end_has_one() {
        let bytes: Vec<u8> = [b"\x1b[".to_vec(), vec![b'1'; 40], b"a".to_vec()].concat();
        let keys = keys(&bytes);
        assert_eq!(keys.first(), Some(&Key::Other));
        assert_eq!(keys.last(), Some(&Key::Letter(b"a".to_vec())));
    }
}
