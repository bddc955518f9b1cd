//! Reserved words, which are such only unquoted and where a command may start.

use super::cursor::{Parser, is_meta};

/// A reserved word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    If,
    Then,
    Elif,
    Else,
    Fi,
    While,
    Until,
    For,
    Select,
    Do,
    Done,
    Case,
    Esac,
    Function,
    Coproc,
    Time,
    Bang,
    Open,
    Close,
    Cond,
}

const LONGEST: usize = 8;

impl Reserved {
    fn from_bytes(bytes: &[u8]) -> Option<Reserved> {
        Some(match bytes {
            b"if" => Reserved::If,
            b"then" => Reserved::Then,
            b"elif" => Reserved::Elif,
            b"else" => Reserved::Else,
            b"fi" => Reserved::Fi,
            b"while" => Reserved::While,
            b"until" => Reserved::Until,
            b"for" => Reserved::For,
            b"select" => Reserved::Select,
            b"do" => Reserved::Do,
            b"done" => Reserved::Done,
            b"case" => Reserved::Case,
            b"esac" => Reserved::Esac,
            b"function" => Reserved::Function,
            b"coproc" => Reserved::Coproc,
            b"time" => Reserved::Time,
            b"!" => Reserved::Bang,
            b"{" => Reserved::Open,
            b"}" => Reserved::Close,
            b"[[" => Reserved::Cond,
            _ => return None,
        })
    }

    fn length(self) -> usize {
        match self {
            Reserved::Bang | Reserved::Open | Reserved::Close => 1,
            Reserved::If | Reserved::Fi | Reserved::Do | Reserved::Cond => 2,
            Reserved::For => 3,
            Reserved::Then | Reserved::Elif | Reserved::Else => 4,
            Reserved::Done | Reserved::Case | Reserved::Esac | Reserved::Time => 4,
            Reserved::While | Reserved::Until => 5,
            Reserved::Select | Reserved::Coproc => 6,
            Reserved::Function => 8,
        }
    }

    /// Ends the list it is met in.
    pub(super) fn ends_list(self) -> bool {
        match self {
            Reserved::Then
            | Reserved::Elif
            | Reserved::Else
            | Reserved::Fi
            | Reserved::Do
            | Reserved::Done
            | Reserved::Esac
            | Reserved::Close => true,
            Reserved::If
            | Reserved::While
            | Reserved::Until
            | Reserved::For
            | Reserved::Select
            | Reserved::Case
            | Reserved::Function
            | Reserved::Coproc
            | Reserved::Time
            | Reserved::Bang
            | Reserved::Open
            | Reserved::Cond => false,
        }
    }

    /// Starts a compound command (what may follow `coproc NAME`).
    pub(super) fn starts_compound(self) -> bool {
        match self {
            Reserved::If
            | Reserved::While
            | Reserved::Until
            | Reserved::For
            | Reserved::Select
            | Reserved::Case
            | Reserved::Open
            | Reserved::Cond => true,
            Reserved::Then
            | Reserved::Elif
            | Reserved::Else
            | Reserved::Fi
            | Reserved::Do
            | Reserved::Done
            | Reserved::Esac
            | Reserved::Close
            | Reserved::Function
            | Reserved::Coproc
            | Reserved::Time
            | Reserved::Bang => false,
        }
    }
}

impl Parser<'_, '_> {
    /// The reserved word that stands here.
    pub(super) fn reserved(&mut self) -> Option<Reserved> {
        if !matches!(self.peek(), Some(b'a'..=b'z' | b'!' | b'{' | b'}' | b'[')) {
            return None;
        }
        if self.closer == Some(b'}') && self.peek() == Some(b'}') {
            // The end of `${ list; }`, whatever stands behind it: `"${ list; }"`.
            return Some(Reserved::Close);
        }
        let mut buffer = [0u8; LONGEST];
        let length = self.plain_word(&mut buffer)?;
        Reserved::from_bytes(buffer.get(..length)?)
    }

    /// Copies the unquoted word that stands here, if it fits and is plain letters or `!{}[-`.
    fn plain_word(&self, buffer: &mut [u8]) -> Option<usize> {
        let mut at = self.skip(self.pos);
        let mut length = 0;
        loop {
            match self.raw(at) {
                Some(byte @ (b'a'..=b'z' | b'!' | b'{' | b'}' | b'[' | b'-')) => {
                    *buffer.get_mut(length)? = byte;
                    length += 1;
                }
                None => return Some(length),
                Some(b'<' | b'>') if self.raw(self.skip(at + 1)) == Some(b'(') => return None,
                Some(byte) if is_meta(byte) => return Some(length),
                Some(_) => return None,
            }
            at = self.skip(at + 1);
        }
    }

    /// Whether the word that stands here is exactly `expected`, unquoted.
    pub(super) fn plain_word_is(&self, expected: &[u8]) -> bool {
        let mut buffer = [0u8; LONGEST];
        self.plain_word(&mut buffer).and_then(|length| buffer.get(..length)) == Some(expected)
    }

    /// Past `length` bytes of a plain word.
    pub(super) fn plain_word_past(&mut self, length: usize) {
        for _ in 0..length {
            self.peek();
            self.bump();
        }
    }

    /// Past the reserved word that stands here.
    pub(super) fn reserved_past(&mut self, word: Reserved) {
        self.plain_word_past(word.length());
    }

    /// Past `word` if it stands here.
    pub(super) fn reserved_eat(&mut self, word: Reserved) -> bool {
        let found = self.reserved() == Some(word);
        if found {
            self.reserved_past(word);
        }
        found
    }
}
