//! `[[ … ]]`.

use super::ast::{Cond, Word};
use super::cursor::{Parser, is_meta};
use super::reserved::Reserved;
use super::state::Parsed;
use super::word::WordKind;

const UNARY: &[u8] = b"abcdefghknoprstuvwxzGLNORS";
const BINARY: [&[u8]; 15] =
    [b"==", b"=", b"!=", b"=~", b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge", b"-nt", b"-ot", b"-ef", b"<", b">"];

impl Parser<'_, '_> {
    /// The condition at its `[[`.
    pub(super) fn condition(&mut self) -> Parsed<Cond> {
        self.reserved_past(Reserved::Cond);
        let mut condition = Cond::default();
        self.any_of(&mut condition)?;
        self.newlines()?;
        if !self.condition_ends() {
            return self.stop("syntax error in [[");
        }
        self.bump();
        self.peek();
        self.bump();
        Ok(condition)
    }

    /// `]]` stands here.
    fn condition_ends(&mut self) -> bool {
        self.peek() == Some(b']') && self.second() == Some(b']') && self.third().is_none_or(is_meta)
    }

    fn any_of(&mut self, condition: &mut Cond) -> Parsed<()> {
        self.nested(|parser| {
            loop {
                parser.term(condition)?;
                parser.newlines()?;
                match (parser.peek(), parser.second()) {
                    (Some(b'&'), Some(b'&')) | (Some(b'|'), Some(b'|')) => parser.plain_word_past(2),
                    _ => return Ok(()),
                }
            }
        })
    }

    fn term(&mut self, condition: &mut Cond) -> Parsed<()> {
        loop {
            self.newlines()?;
            if !self.plain_word_is(b"!") {
                break;
            }
            self.plain_word_past(1);
        }
        if self.eat(b'(') {
            self.any_of(condition)?;
            return self.expect_close();
        }
        let first = self.condition_word(WordKind::Operand)?;
        if let Some([b'-', letter]) = first.plain() {
            if UNARY.contains(letter) {
                let op = vec![b'-', *letter];
                let operand = self.condition_word(WordKind::Operand)?;
                condition.unary.push((op, operand));
                return Ok(());
            }
        }
        self.blanks()?;
        let op = match (self.peek(), self.second()) {
            (Some(byte @ (b'<' | b'>')), second) if second != Some(b'(') => {
                self.bump();
                vec![byte]
            }
            (None | Some(b'\n' | b')' | b'&' | b'|'), _) => {
                condition.words.push(first);
                return Ok(());
            }
            _ if self.condition_ends() => {
                condition.words.push(first);
                return Ok(());
            }
            _ => {
                let word = self.condition_word(WordKind::Operand)?;
                match word.plain() {
                    Some(op) if BINARY.contains(&op) => op.to_vec(),
                    _ => return self.stop("an unknown operator in [["),
                }
            }
        };
        let kind = match op.as_slice() {
            b"=~" => WordKind::Regex,
            b"==" | b"=" | b"!=" => WordKind::Match,
            _ => WordKind::Operand,
        };
        let right = self.condition_word(kind)?;
        condition.binary.push((op, first, right));
        Ok(())
    }

    fn condition_word(&mut self, kind: WordKind) -> Parsed<Word> {
        self.blanks()?;
        let Some(byte) = self.peek() else { return self.stop("unterminated [[") };
        let regex = kind == WordKind::Regex && matches!(byte, b'(' | b'|');
        let process = matches!(byte, b'<' | b'>') && self.second() == Some(b'(');
        if (is_meta(byte) && !regex && !process) || self.condition_ends() {
            return self.stop("an operand is missing in [[");
        }
        self.word(kind)
    }
}
