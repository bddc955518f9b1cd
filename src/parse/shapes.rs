//! Tildes and bracket globs, found in the unquoted literals of a finished word.

use super::ast::{Dialect, Piece, PieceKind, Word};
use super::cursor::{Parser, is_name, is_name_start};
use super::pieces::Pieces;
use crate::text::Span;

impl Parser<'_, '_> {
    /// Splits tildes and brackets off the literals of `list`. `value`: the word is the value of an assignment.
    pub(super) fn shapes(&mut self, list: &mut Vec<Piece>, value: bool, brackets: bool) {
        let interesting = list.iter().any(|piece| {
            matches!(&piece.kind, PieceKind::Literal(text) if text.iter().any(|byte| matches!(byte, b'~' | b'[')))
        });
        if !interesting {
            return;
        }
        let mut out = Pieces::default();
        let mut assigns = value;
        let mut tilde_may_start = true;
        let count = list.len();
        let closes: Vec<bool> = {
            let mut closing = false;
            let mut flags: Vec<bool> = list
                .iter()
                .rev()
                .map(|piece| {
                    let before = closing;
                    closing |= matches!(&piece.kind, PieceKind::Literal(text) if text.contains(&b']'));
                    before
                })
                .collect();
            flags.reverse();
            flags
        };
        for (index, piece) in std::mem::take(list).into_iter().enumerate() {
            let PieceKind::Literal(text) = &piece.kind else {
                tilde_may_start = false;
                out.push(piece);
                continue;
            };
            let last = index + 1 == count;
            let closes_later = closes.get(index).copied().unwrap_or_default();
            let mut at = 0;
            while let Some(&byte) = text.get(at) {
                let rest = text.get(at..).unwrap_or_default();
                if byte == b'~' && tilde_may_start {
                    let colon = assigns;
                    let length = rest.iter().skip(1).take_while(|b| **b != b'/' && !(colon && **b == b':')).count();
                    let ends_inside = 1 + length < rest.len();
                    if ends_inside || last {
                        let user = rest.get(1..=length).unwrap_or_default().to_vec();
                        if self.dialect() == Dialect::Zsh && user.first() == Some(&b'[') {
                            self.differs(piece.span, "zsh dynamic directory name");
                        }
                        out.list.push(Piece { kind: PieceKind::Tilde(user), span: part(&piece, at, at + 1 + length) });
                        at += 1 + length;
                        tilde_may_start = false;
                        continue;
                    }
                }
                if byte == b'[' && brackets {
                    if let Some(length) = bracket(rest) {
                        let glob = rest.get(..length).unwrap_or_default().to_vec();
                        out.list.push(Piece { kind: PieceKind::Glob(glob), span: part(&piece, at, at + length) });
                        at += length;
                        tilde_may_start = false;
                        continue;
                    }
                    if closes_later {
                        out.list.push(Piece { kind: PieceKind::Glob(b"[".to_vec()), span: part(&piece, at, at + 1) });
                        at += 1;
                        tilde_may_start = false;
                        continue;
                    }
                }
                let first_equals = byte == b'='
                    && !assigns
                    && index == 0
                    && text.first().is_some_and(|b| is_name_start(*b))
                    && text.get(..at).is_some_and(|name| name.iter().all(|b| is_name(*b)));
                assigns |= first_equals;
                tilde_may_start = first_equals || (byte == b':' && assigns);
                out.text(&[byte], part(&piece, at, at + 1));
                at += 1;
            }
        }
        *list = out.list;
    }
}

/// The span of `start..end` of a literal; all of it where a continuation made the text shorter.
fn part(piece: &Piece, start: usize, end: usize) -> Span {
    match &piece.kind {
        PieceKind::Literal(text) if text.len() == (piece.span.end - piece.span.start) as usize => {
            let from = piece.span.start as usize;
            Span::new(from + start, from + end)
        }
        _ => piece.span,
    }
}

/// The length of the bracket expression that `text` starts with.
fn bracket(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    if matches!(text.get(at), Some(b'!' | b'^')) {
        at += 1;
    }
    if text.get(at) == Some(&b']') {
        at += 1;
    }
    loop {
        match text.get(at)? {
            b']' => return Some(at + 1),
            b'[' if matches!(text.get(at + 1), Some(b':' | b'.' | b'=')) => {
                let kind = *text.get(at + 1)?;
                let inside = text.get(at + 2..)?;
                match inside.windows(2).position(|pair| pair == [kind, b']']) {
                    Some(length) => at += 2 + length + 2,
                    None => at += 1,
                }
            }
            _ => at += 1,
        }
    }
}

impl Word {
    /// The text after quote removal, where nothing in the word is expanded in any way.
    #[must_use]
    pub fn text(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        literal_text(&self.pieces, &mut out).then_some(out)
    }
}

fn literal_text(pieces: &[Piece], out: &mut Vec<u8>) -> bool {
    pieces.iter().all(|piece| match &piece.kind {
        PieceKind::Literal(text) | PieceKind::Escaped(text) | PieceKind::Single(text) | PieceKind::AnsiC(text) => {
            out.extend_from_slice(text);
            true
        }
        PieceKind::Double(inner) => literal_text(inner, out),
        PieceKind::Locale(_)
        | PieceKind::Param(_)
        | PieceKind::Command(_)
        | PieceKind::Arith(_)
        | PieceKind::Process { .. }
        | PieceKind::Glob(_)
        | PieceKind::ExtGlob { .. }
        | PieceKind::BraceList(_)
        | PieceKind::BraceRange { .. }
        | PieceKind::Tilde(_)
        | PieceKind::Array(_)
        | PieceKind::Opaque(_) => false,
    })
}
