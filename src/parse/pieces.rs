//! A word's pieces while it is read: literals that stand side by side become one.

use super::ast::{Piece, PieceKind};
use crate::text::Span;

/// The pieces so far.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
}

impl Pieces {
    /// Appends literal text.
    pub(super) fn text(&mut self, bytes: &[u8], span: Span) {
        if let Some(Piece { kind: PieceKind::Literal(text), span: whole }) = self.list.last_mut() {
            text.extend_from_slice(bytes);
            *whole = whole.to(span);
        } else {
            self.room();
            self.list.push(Piece { kind: PieceKind::Literal(bytes.to_vec()), span });
        }
    }

    /// Appends a piece.
    pub(super) fn push(&mut self, piece: Piece) {
        if let PieceKind::Literal(text) = &piece.kind {
            self.text(text, piece.span);
        } else {
            self.room();
            self.list.push(piece);
        }
    }

    /// Most words have one piece, and a vector that grows by itself starts with room for four.
    fn room(&mut self) {
        if self.list.capacity() == 0 {
            self.list.reserve_exact(1);
        }
    }
}
