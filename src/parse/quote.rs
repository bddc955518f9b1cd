//! Quotes: `'…'`, `$'…'`, `"…"`, `$"…"` and the text inside them.

use super::ast::{Dialect, Piece, PieceKind};
use super::cursor::Parser;
use super::pieces::Pieces;
use super::state::Parsed;

impl Parser<'_, '_> {
    /// `'…'` at its quote.
    pub(super) fn single(&mut self) -> Parsed<Piece> {
        let start = self.pos;
        let inside = start + 1;
        let mut at = inside;
        while self.raw(at).is_some_and(|byte| byte != b'\'') {
            at += 1;
        }
        if self.raw(at).is_none() {
            return self.stop_at_end("unterminated single quote");
        }
        self.state.step(at - start)?;
        let text = self.text.get(inside..at).unwrap_or_default().to_vec();
        self.pos = at + 1;
        self.piece(PieceKind::Single(text), start)
    }

    /// `$'…'` at its dollar; the position stands at the quote.
    pub(super) fn ansi_c(&mut self, start: usize) -> Parsed<Piece> {
        self.peek();
        let inside = self.pos + 1;
        let mut at = inside;
        loop {
            match self.raw(at) {
                None => return self.stop_at_end("unterminated single quote"),
                Some(b'\'') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
            }
        }
        self.state.step(at - start)?;
        let raw = self.text.get(inside..at).unwrap_or_default();
        let text = decode_ansi_c(raw);
        let control = raw.windows(2).any(|pair| matches!(pair, b"\\c" | b"\\C" | b"\\M"));
        self.pos = at + 1;
        let span = self.since(start);
        match self.dialect() {
            Dialect::Bash => {}
            Dialect::Sh => {
                self.differs(span, "$'…' is a dollar and a quote to dash");
            }
            Dialect::Zsh if control => {
                self.differs(span, "zsh reads \\C- and \\M- otherwise");
            }
            Dialect::Zsh => {}
        }
        self.piece(PieceKind::AnsiC(text), start)
    }

    /// `"…"` at its quote.
    pub(super) fn double(&mut self) -> Parsed<Piece> {
        let start = self.pos;
        let list = self.double_inside()?;
        self.piece(PieceKind::Double(list), start)
    }

    /// `$"…"` at its dollar; the position stands at the quote.
    pub(super) fn locale(&mut self, start: usize) -> Parsed<Piece> {
        self.peek();
        let list = self.double_inside()?;
        if self.dialect() != Dialect::Bash {
            let span = self.since(start);
            self.differs(span, "$\"…\" is a dollar and a quote to other shells");
        }
        self.piece(PieceKind::Locale(list), start)
    }

    fn double_inside(&mut self) -> Parsed<Vec<Piece>> {
        self.bump();
        let list = self.nested(|parser| parser.quoted_text(Some(b'"')))?;
        if !self.eat(b'"') {
            return self.stop("unterminated double quote");
        }
        Ok(list)
    }

    /// Text as inside double quotes up to, not past, `close`; without one (heredoc bodies) to the end, `"` ordinary.
    pub(super) fn quoted_text(&mut self, close: Option<u8>) -> Parsed<Vec<Piece>> {
        let mut pieces = Pieces::default();
        let from = self.pos;
        while let Some(byte) = self.peek() {
            if Some(byte) == close {
                break;
            }
            let start = self.pos;
            match byte {
                b'\\' => {
                    self.bump();
                    match self.raw(self.pos) {
                        Some(next) if matches!(next, b'$' | b'`' | b'\\') || Some(next) == close => {
                            self.bump();
                            pieces.text(&[next], self.since(start));
                        }
                        Some(next) => {
                            self.bump();
                            pieces.text(&[b'\\', next], self.since(start));
                        }
                        None => pieces.text(b"\\", self.since(start)),
                    }
                }
                b'$' => {
                    let piece = self.dollar(true)?;
                    pieces.push(piece);
                }
                b'`' => {
                    let piece = if close.is_some() { self.backquote(true)? } else { self.backquote(false)? };
                    pieces.push(piece);
                }
                _ => {
                    let mut at = start + 1;
                    while self.raw(at).is_some_and(|next| !matches!(next, b'\\' | b'$' | b'`') && Some(next) != close) {
                        at += 1;
                    }
                    self.pos = at;
                    let run = self.text.get(start..at).unwrap_or_default();
                    pieces.text(run, self.span(start, at));
                }
            }
        }
        self.state.step(self.pos - from)?;
        Ok(pieces.list)
    }
}

/// What bash makes of the text between `$'` and `'`; a NUL ends it.
fn decode_ansi_c(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&escape) = raw.get(at) else {
            out.push(b'\\');
            break;
        };
        at += 1;
        let value = match escape {
            b'a' => 7,
            b'b' => 8,
            b'e' | b'E' => 27,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'\'' | b'"' | b'?' => escape,
            b'0'..=b'7' => {
                let (value, length) = number(raw, at - 1, 3, 8);
                at += length - 1;
                (value & 0xff) as u8
            }
            b'x' => {
                let braced = raw.get(at) == Some(&b'{');
                let (value, length) = number(raw, at + usize::from(braced), if braced { usize::MAX } else { 2 }, 16);
                if length == 0 && !braced {
                    out.extend_from_slice(b"\\x");
                    continue;
                }
                at += length + usize::from(braced);
                if braced && raw.get(at) == Some(&b'}') {
                    at += 1;
                }
                (value & 0xff) as u8
            }
            b'u' | b'U' => {
                let (value, length) = number(raw, at, if escape == b'u' { 4 } else { 8 }, 16);
                if length == 0 {
                    out.extend_from_slice(&[b'\\', escape]);
                    continue;
                }
                at += length;
                if value == 0 {
                    return out;
                }
                push_code_point(&mut out, value);
                continue;
            }
            b'c' => {
                let Some(&control) = raw.get(at) else {
                    out.extend_from_slice(b"\\c");
                    continue;
                };
                at += 1;
                // Bash takes `\c\\` as one escape for control-backslash.
                if control == b'\\' && raw.get(at) == Some(&b'\\') {
                    at += 1;
                }
                if control == b'?' { 0x7f } else { control.to_ascii_uppercase() & 0x1f }
            }
            other => {
                out.extend_from_slice(&[b'\\', other]);
                continue;
            }
        };
        if value == 0 {
            return out;
        }
        out.push(value);
    }
    out
}

/// Up to `most` digits of `base` at `at`: the value (wrapping, as bash does) and how many there were.
fn number(raw: &[u8], at: usize, most: usize, base: u32) -> (u32, usize) {
    let mut value = 0u32;
    let mut length = 0;
    while length < most {
        let Some(digit) = raw.get(at + length).and_then(|byte| (*byte as char).to_digit(base)) else { break };
        value = value.wrapping_mul(base).wrapping_add(digit);
        length += 1;
    }
    (value, length)
}

/// UTF-8 of a code point; of any 31-bit number, as bash writes them.
fn push_code_point(out: &mut Vec<u8>, value: u32) {
    let tail = |shift: u32| 0x80 | ((value >> shift) & 0x3f) as u8;
    match value {
        0..=0x7f => out.push(value as u8),
        0x80..=0x7ff => out.extend([0xc0 | (value >> 6) as u8, tail(0)]),
        0x800..=0xffff => out.extend([0xe0 | (value >> 12) as u8, tail(6), tail(0)]),
        0x1_0000..=0x1f_ffff => out.extend([0xf0 | (value >> 18) as u8, tail(12), tail(6), tail(0)]),
        0x20_0000..=0x3ff_ffff => out.extend([0xf8 | (value >> 24) as u8, tail(18), tail(12), tail(6), tail(0)]),
        _ => out.extend([0xfc | ((value >> 30) & 1) as u8, tail(24), tail(18), tail(12), tail(6), tail(0)]),
    }
}
