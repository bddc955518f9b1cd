//! Arithmetic: its text with every expansion in it. What the expression computes is none of our business, what runs
//! while it is expanded is.

use super::ast::{Arith, Dialect, Piece, PieceKind};
use super::cursor::Parser;
use super::pieces::Pieces;
use super::state::Parsed;

/// Where an expression ends, seen outside its own brackets and quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Before this byte: `)`, `]` or `;`.
    Byte(u8),
    /// Before the `]` of `${name[subscript]}`.
    Subscript,
    /// Before the `:` or `}` of `${x:offset:length}`.
    Substring,
}

impl Parser<'_, '_> {
    /// `(( expression ))` at `((`, or nothing where it is two subshells: then the position is unchanged.
    pub(super) fn double_parenthesis(&mut self) -> Parsed<Option<Arith>> {
        let mark = self.mark();
        let at = u32::try_from(self.absolute(self.pos)).unwrap_or(u32::MAX);
        if self.state.not_arithmetic.contains(&at) {
            return Ok(None);
        }
        self.peek();
        self.bump();
        self.peek();
        self.bump();
        let start = self.pos;
        let pieces = self.expression(End::Byte(b')'))?;
        let span = self.since(start);
        if self.peek().is_none() {
            return self.stop("unterminated ((");
        }
        if self.second() == Some(b')') {
            self.bump();
            self.peek();
            self.bump();
            return Ok(Some(Arith { pieces, span }));
        }
        self.state.not_arithmetic.insert(at);
        self.rewind(&mark);
        Ok(None)
    }

    /// Pieces up to, not past, `end`, or to the end of the text.
    pub(super) fn expression(&mut self, end: End) -> Parsed<Vec<Piece>> {
        self.nested(|parser| parser.expression_inner(end))
    }

    fn expression_inner(&mut self, end: End) -> Parsed<Vec<Piece>> {
        let mut pieces = Pieces::default();
        let mut round = 0usize;
        let mut square = 0usize;
        let mut questions = 0usize;
        let from = self.pos;
        while let Some(byte) = self.peek() {
            let start = self.pos;
            match end {
                End::Byte(b']') | End::Subscript if square == 0 && byte == b']' => break,
                End::Subscript if byte == b'}' => return self.stop("} in a subscript"),
                End::Byte(b')') if round == 0 && byte == b')' => break,
                End::Byte(stop) if round == 0 && matches!(byte, b';' | b')') && stop == b';' => break,
                End::Substring if byte == b'}' => break,
                End::Substring if round == 0 && byte == b':' && questions == 0 => break,
                End::Byte(_) | End::Subscript | End::Substring => {}
            }
            match byte {
                b'$' if self.second() == Some(b'\'') => {
                    self.bump();
                    pieces.text(b"$", self.since(start));
                    self.peek();
                    self.bracketing_single(&mut pieces, true)?;
                    continue;
                }
                b'$' => {
                    let piece = self.dollar(true)?;
                    pieces.push(piece);
                    continue;
                }
                b'`' => {
                    let piece = self.backquote(true)?;
                    pieces.push(piece);
                    continue;
                }
                b'"' => {
                    let piece = self.double()?;
                    pieces.push(piece);
                    continue;
                }
                b'\'' => {
                    self.bracketing_single(&mut pieces, false)?;
                    continue;
                }
                b'\\' => {
                    self.bump();
                    pieces.text(b"\\", self.since(start));
                    if let Some(next) = self.raw(self.pos) {
                        self.bump();
                        pieces.text(&[next], self.span(self.pos - 1, self.pos));
                    }
                    continue;
                }
                b'(' => round += 1,
                b')' => round = round.saturating_sub(1),
                b'[' => square += 1,
                b']' => square = square.saturating_sub(1),
                b'?' => questions += 1,
                b':' => questions = questions.saturating_sub(1),
                _ => {}
            }
            self.bump();
            pieces.text(&[byte], self.since(start));
        }
        self.state.step(self.pos - from)?;
        Ok(pieces.list)
    }

    /// `'…'` where bash counts it as a quote while it looks for the end, and yet expands what is inside as if it were
    /// in double quotes: both are kept. `escapes`: a backslash keeps the quote open (`$'…'`).
    pub(super) fn bracketing_single(&mut self, pieces: &mut Pieces, escapes: bool) -> Parsed<()> {
        let start = self.pos;
        self.bump();
        let inside = self.pos;
        let mut at = inside;
        while let Some(byte) = self.raw(at).filter(|byte| *byte != b'\'') {
            at += if escapes && byte == b'\\' { 2 } else { 1 };
        }
        if self.raw(at).is_none() {
            return self.stop_at_end("unterminated single quote");
        }
        self.state.step(at - inside)?;
        if self.dialect() != Dialect::Bash {
            let span = self.span(start, at + 1);
            self.differs(span, "shells disagree about single quotes here");
        }
        pieces.text(b"'", self.span(start, inside));
        let mut inner = self.within(inside, at);
        let found = inner.nested(|parser| parser.quoted_text(None))?;
        if !inner.pending.is_empty() {
            return self.stop("a heredoc in a quote");
        }
        for piece in found {
            pieces.push(piece);
        }
        pieces.text(b"'", self.span(at, at + 1));
        self.pos = at + 1;
        Ok(())
    }

    /// `$[ expression ]` at its `$`.
    pub(super) fn bracket_arithmetic(&mut self, start: usize) -> Parsed<Piece> {
        self.bump();
        self.peek();
        self.bump();
        let from = self.pos;
        let pieces = self.expression(End::Byte(b']'))?;
        let span = self.since(from);
        if !self.eat(b']') {
            return self.stop("unterminated $[");
        }
        if self.dialect() == Dialect::Sh {
            let span = self.since(start);
            self.differs(span, "$[ is text to dash");
        }
        self.piece(PieceKind::Arith(Box::new(Arith { pieces, span })), start)
    }
}
