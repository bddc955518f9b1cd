//! Assignments: before the command word, and in the arguments of declaration builtins.

use super::arith::End;
use super::ast::{Assign, AssignValue, Dialect, Piece, PieceKind, Word};
use super::cursor::{Parser, is_meta};
use super::pieces::Pieces;
use super::state::Parsed;
use super::word::WordKind;

/// What stands where an assignment could.
pub(super) enum Head {
    /// An assignment.
    Assign(Assign),
    /// A command word of the form `name[…`, read with its subscript as bash does.
    Word(Word),
    /// Neither.
    Nothing,
}

impl Parser<'_, '_> {
    /// Behind the `name` of `name=`, `name+=` or `name[` that stands here.
    pub(super) fn assignment_ahead(&self) -> Option<usize> {
        let end = self.name_end()?;
        match self.raw(end) {
            Some(b'=' | b'[') => Some(end),
            Some(b'+') if self.raw(self.skip(end + 1)) == Some(b'=') => Some(end),
            _ => None,
        }
    }

    /// The assignment that stands here.
    pub(super) fn assignment(&mut self) -> Parsed<Head> {
        let Some(end) = self.assignment_ahead() else { return Ok(Head::Nothing) };
        let start = self.pos;
        let name = self.name_bytes(start, end);
        self.pos = end;
        let mut subscript = None;
        if self.peek() == Some(b'[') {
            let word = self.assigned_subscript()?;
            let assigns = self.peek() == Some(b'=') || (self.peek() == Some(b'+') && self.second() == Some(b'='));
            if !assigns {
                return self.subscripted_word(start, end, name, word).map(Head::Word);
            }
            subscript = Some(word);
        }
        let append = self.eat(b'+');
        self.peek();
        self.bump();
        if self.dialect() == Dialect::Sh && (append || subscript.is_some()) {
            let span = self.since(start);
            self.differs(span, "dash takes this for a command");
        }
        let value = if self.peek() == Some(b'(') {
            AssignValue::Array(self.nested(Self::array)?)
        } else {
            AssignValue::Scalar(self.word_or_nothing(WordKind::Value)?)
        };
        let span = self.since(start);
        self.state.node()?;
        Ok(Head::Assign(Assign { name, subscript, append, value, span }))
    }

    /// `[subscript]` of an assignment, whatever stands in it.
    fn assigned_subscript(&mut self) -> Parsed<Word> {
        self.peek();
        self.bump();
        let start = self.pos;
        let pieces = self.expression(End::Byte(b']'))?;
        let span = self.since(start);
        if !self.eat(b']') {
            return self.stop("unterminated subscript");
        }
        Ok(Word { pieces, span })
    }

    /// `name[…]rest` that turned out to be no assignment.
    fn subscripted_word(&mut self, start: usize, end: usize, name: Vec<u8>, subscript: Word) -> Parsed<Word> {
        let mut pieces = Pieces::default();
        pieces.text(&name, self.span(start, end));
        self.glob_around(&mut pieces, end, subscript);
        self.word_pieces(WordKind::Command, start, &mut pieces)?;
        self.finish_word(WordKind::Command, start, pieces)
    }

    fn glob_around(&self, pieces: &mut Pieces, open: usize, subscript: Word) {
        pieces.push(Piece { kind: PieceKind::Glob(b"[".to_vec()), span: self.span(open, open + 1) });
        for piece in subscript.pieces {
            pieces.push(piece);
        }
        let close = self.pos.saturating_sub(1);
        pieces.push(Piece { kind: PieceKind::Glob(b"]".to_vec()), span: self.span(close, close + 1) });
    }

    fn word_or_nothing(&mut self, kind: WordKind) -> Parsed<Word> {
        match self.peek() {
            None => Ok(self.empty_word(self.pos)),
            Some(byte) if is_meta(byte) && !(matches!(byte, b'<' | b'>') && self.second() == Some(b'(')) => {
                Ok(self.empty_word(self.pos))
            }
            Some(_) => self.word(kind),
        }
    }

    /// An argument of a declaration builtin of the form of an assignment.
    pub(super) fn declared(&mut self, start: usize, pieces: &mut Pieces) -> Parsed<Option<Word>> {
        let Some(end) = self.assignment_ahead() else { return Ok(None) };
        let name = self.name_bytes(start, end);
        self.pos = end;
        pieces.text(&name, self.span(start, end));
        if self.peek() == Some(b'[') {
            let subscript = self.assigned_subscript()?;
            self.glob_around(pieces, end, subscript);
        }
        for byte in [b'+', b'='] {
            let at = self.pos;
            if self.eat(byte) {
                pieces.text(&[byte], self.since(at));
                if byte == b'=' && self.peek() == Some(b'(') {
                    let from = self.pos;
                    let elements = self.nested(Self::array)?;
                    let piece = self.piece(PieceKind::Array(elements), from)?;
                    pieces.push(piece);
                }
            }
        }
        self.word_pieces(WordKind::Declared, start, pieces)?;
        let pieces = std::mem::take(pieces);
        self.finish_word(WordKind::Declared, start, pieces).map(Some)
    }

    /// `( … )` of an array value at its parenthesis.
    fn array(&mut self) -> Parsed<Vec<(Option<Word>, Word)>> {
        self.bump();
        let mut elements = Vec::new();
        loop {
            self.newlines()?;
            match self.peek() {
                None => return self.stop("unterminated array"),
                Some(b')') => {
                    self.bump();
                    return Ok(elements);
                }
                Some(b'[') => elements.push(self.array_element()?),
                Some(b';' | b'&' | b'|' | b'(') => return self.stop("syntax error in an array"),
                Some(b'<' | b'>') if self.second() != Some(b'(') => return self.stop("syntax error in an array"),
                Some(_) => elements.push((None, self.word(WordKind::Element)?)),
            }
        }
    }

    /// `[subscript]=value`, or a word that starts with a bracket.
    fn array_element(&mut self) -> Parsed<(Option<Word>, Word)> {
        let start = self.pos;
        let subscript = self.assigned_subscript()?;
        match (self.peek(), self.second()) {
            (Some(b'='), _) | (Some(b'+'), Some(b'=')) => {
                self.eat(b'+');
                self.eat(b'=');
                let value = self.word_or_nothing(WordKind::Value)?;
                Ok((Some(subscript), value))
            }
            _ => {
                let mut pieces = Pieces::default();
                self.glob_around(&mut pieces, start, subscript);
                self.word_pieces(WordKind::Element, start, &mut pieces)?;
                Ok((None, self.finish_word(WordKind::Element, start, pieces)?))
            }
        }
    }
}
