//! Heredoc bodies: read when the line that names them ends, put in their place when all is read.

use super::ast::{Heredoc, Piece, PieceKind, Redirect, RedirectTarget, Word};
use super::cursor::Parser;
use super::state::Parsed;
use super::substitution::offset;
use super::visit::VisitorMut;
use crate::text::Span;

/// A heredoc that waits for its body.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) id: usize,
    pub(super) delimiter: Vec<u8>,
    pub(super) quoted: bool,
    pub(super) strip: bool,
}

impl Heredoc {
    /// The body until it is read: its number, marked as no real span.
    pub(super) fn placeholder(id: usize) -> Word {
        Word { pieces: Vec::new(), span: Span { start: offset(id), end: u32::MAX } }
    }
}

/// Puts the bodies that were read into the tree.
pub(super) struct Fill<'a> {
    pub(super) bodies: &'a mut [Option<Word>],
}

impl VisitorMut for Fill<'_> {
    fn redirect(&mut self, redirect: &mut Redirect) {
        let RedirectTarget::Heredoc(heredoc) = &mut redirect.target else { return };
        if heredoc.body.span.end == u32::MAX && heredoc.body.pieces.is_empty() {
            let id = heredoc.body.span.start as usize;
            let end = redirect.span.end as usize;
            let body = self.bodies.get_mut(id).and_then(Option::take);
            heredoc.body = body.unwrap_or_else(|| Word::empty(Span::new(end, end)));
        }
    }
}

impl Parser<'_, '_> {
    /// The delimiter after quote removal, and whether any of it was quoted. Nothing in it is expanded.
    pub(super) fn delimiter(&self, word: &Word) -> (Vec<u8>, bool) {
        let mut text = Vec::new();
        let mut quoted = false;
        for piece in &word.pieces {
            match &piece.kind {
                PieceKind::Literal(part) | PieceKind::Glob(part) => text.extend_from_slice(part),
                PieceKind::Escaped(part) | PieceKind::Single(part) | PieceKind::AnsiC(part) => {
                    quoted = true;
                    text.extend_from_slice(part);
                }
                PieceKind::Double(inner) | PieceKind::Locale(inner) => {
                    quoted = true;
                    for piece in inner {
                        match &piece.kind {
                            PieceKind::Literal(part) => text.extend_from_slice(part),
                            _ => text.extend_from_slice(&self.source(piece.span)),
                        }
                    }
                }
                PieceKind::Tilde(part) => {
                    text.push(b'~');
                    text.extend_from_slice(part);
                }
                PieceKind::Param(_)
                | PieceKind::Command(_)
                | PieceKind::Arith(_)
                | PieceKind::Process { .. }
                | PieceKind::ExtGlob { .. }
                | PieceKind::BraceList(_)
                | PieceKind::BraceRange { .. }
                | PieceKind::Array(_)
                | PieceKind::Opaque(_) => {
                    let raw = self.source(piece.span);
                    quoted |= raw.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
                    text.extend_from_slice(&raw);
                }
            }
        }
        (text, quoted)
    }

    /// The text of a span of this parser's own text.
    fn source(&self, span: Span) -> Vec<u8> {
        match self.map {
            None => span.of(self.text).to_vec(),
            Some(map) => map
                .iter()
                .zip(self.text)
                .filter(|(at, _)| (span.start..span.end).contains(at))
                .map(|(_, byte)| *byte)
                .collect(),
        }
    }

    /// Reads the bodies that wait, right behind a newline or at the end of the text.
    pub(super) fn heredocs(&mut self) -> Parsed<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.after_heredoc = self.closer.is_some();
        for pending in std::mem::take(&mut self.pending) {
            let body = self.heredoc_body(&pending)?;
            if let Some(slot) = self.state.bodies.get_mut(pending.id) {
                *slot = Some(body);
            }
        }
        Ok(())
    }

    fn heredoc_body(&mut self, pending: &Pending) -> Parsed<Word> {
        let start = self.pos;
        let mut text = Vec::new();
        let mut map = Vec::new();
        let mut stop = self.end;
        let mut found = false;
        while self.pos < self.end {
            let line_start = self.pos;
            let kept = text.len();
            self.logical_line(pending, &mut text, &mut map);
            let line = text.get(kept..).unwrap_or_default();
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            if bare == pending.delimiter {
                text.truncate(kept);
                map.truncate(kept);
                stop = line_start;
                found = true;
                break;
            }
            if let Some(closer) = self.closer {
                let tail = bare.strip_prefix(pending.delimiter.as_slice());
                if tail.is_some_and(|tail| tail.contains(&closer)) {
                    let behind = map.get(kept + pending.delimiter.len()).copied().unwrap_or_default();
                    text.truncate(kept);
                    map.truncate(kept);
                    stop = line_start;
                    self.pos = behind as usize;
                    found = true;
                    break;
                }
            }
        }
        if !found && self.is_whole() && self.state.open_heredoc.is_none() {
            self.state.open_heredoc = Some(pending.delimiter.clone());
        }
        self.state.step(2 * (self.pos - start))?;
        let span = self.span(start, stop);
        if pending.quoted {
            return Ok(Word { pieces: vec![Piece { kind: PieceKind::Single(text), span }], span });
        }
        let mut absolute: Vec<u32> = map.iter().map(|at| offset(self.absolute(*at as usize))).collect();
        absolute.push(offset(self.absolute(stop)));
        self.state.enter()?;
        let mut inner = Parser::new(&text, Some(&absolute), &mut *self.state);
        let pieces = inner.quoted_text(None);
        let left = !inner.pending.is_empty();
        self.state.leave();
        let pieces = match pieces {
            Ok(pieces) => pieces,
            // The body is expanded when it runs: what is wrong in it harms nothing around it.
            Err(stop) => vec![Piece { kind: PieceKind::Opaque(self.state.give_up(span, &stop)), span }],
        };
        if left {
            self.differs(span, "a heredoc without a body inside a heredoc");
        }
        Ok(Word { pieces, span })
    }

    /// Appends the next line with its newline: tabs stripped, and continuations joined where bash joins them. `map`
    /// gets the position of every byte in this parser's text.
    fn logical_line(&mut self, pending: &Pending, text: &mut Vec<u8>, map: &mut Vec<u32>) {
        if pending.strip {
            while self.raw(self.pos) == Some(b'\t') {
                self.pos += 1;
            }
        }
        while let Some(byte) = self.raw(self.pos) {
            let next = self.raw(self.pos + 1);
            if byte == b'\\' && !pending.quoted {
                if next == Some(b'\n') {
                    self.pos += 2;
                    continue;
                }
                if let Some(next) = next {
                    text.extend([byte, next]);
                    map.extend([offset(self.pos), offset(self.pos + 1)]);
                    self.pos += 2;
                    continue;
                }
            }
            text.push(byte);
            map.push(offset(self.pos));
            self.pos += 1;
            if byte == b'\n' {
                return;
            }
        }
    }
}
