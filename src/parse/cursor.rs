//! The cursor every part of the grammar reads through: bytes with `\newline` already gone, and where each one stands
//! in the source as received.

use super::ast::{Dialect, Opaque, Piece, PieceKind};
use super::heredoc::Pending;
use super::state::{Parsed, State, Stop};
use crate::text::Span;

/// A parser over one text: the source itself, a heredoc body, or what backquotes hold.
pub struct Parser<'text, 'state> {
    /// The bytes.
    pub(super) text: &'text [u8],
    /// For text that was rewritten (backquotes, tabs stripped): the source offset of every byte, and one past.
    pub(super) map: Option<&'text [u32]>,
    /// Where it stands.
    pub(super) pos: usize,
    /// Where it must end.
    pub(super) end: usize,
    /// Heredocs whose bodies start after the next newline.
    pub(super) pending: Vec<Pending>,
    /// The byte that closes the substitution being read, for heredocs that end with it.
    pub(super) closer: Option<u8>,
    /// A heredoc's body was read inside the substitution being read.
    pub(super) after_heredoc: bool,
    /// Shared with the other parsers of this source.
    pub(super) state: &'state mut State,
}

/// A place to come back to.
pub(super) struct Mark {
    pos: usize,
    opaque: usize,
    pending: usize,
}

impl<'text, 'state> Parser<'text, 'state> {
    /// Over the whole of `text`.
    pub(super) fn new(text: &'text [u8], map: Option<&'text [u32]>, state: &'state mut State) -> Self {
        Parser { text, map, pos: 0, end: text.len(), pending: Vec::new(), closer: None, after_heredoc: false, state }
    }

    /// Over `start..end` of the same text, sharing the state.
    pub(super) fn within(&mut self, start: usize, end: usize) -> Parser<'text, '_> {
        Parser {
            text: self.text,
            map: self.map,
            pos: start.min(end),
            end: end.min(self.end),
            pending: Vec::new(),
            closer: None,
            after_heredoc: false,
            state: &mut *self.state,
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.state.dialect
    }

    /// The byte at `at`, continuations not considered.
    #[inline]
    pub(super) fn raw(&self, at: usize) -> Option<u8> {
        if at < self.end { self.text.get(at).copied() } else { None }
    }

    /// `at`, moved behind any `\newline` that stands there.
    #[inline(always)]
    pub(super) fn skip(&self, at: usize) -> usize {
        // Hardly ever stands one there.
        if self.raw(at) == Some(b'\\') { self.behind_continuations(at) } else { at }
    }

    fn behind_continuations(&self, mut at: usize) -> usize {
        while self.raw(at) == Some(b'\\') && self.raw(at + 1) == Some(b'\n') {
            at += 2;
        }
        at
    }

    /// The next byte; moves behind continuations first, so that `pos` is where it stands.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        let byte = self.raw(self.pos);
        if byte != Some(b'\\') {
            return byte;
        }
        self.pos = self.behind_continuations(self.pos);
        self.raw(self.pos)
    }

    /// The byte after the next one. Call after [`Parser::peek`].
    #[inline]
    pub(super) fn second(&self) -> Option<u8> {
        self.raw(self.skip(self.pos + 1))
    }

    /// The byte after that.
    pub(super) fn third(&self) -> Option<u8> {
        let second = self.skip(self.pos + 1);
        self.raw(self.skip(second + 1))
    }

    /// Past the next byte. Call after [`Parser::peek`].
    #[inline]
    pub(super) fn bump(&mut self) {
        self.pos += 1;
    }

    /// Past the next byte if it is `byte`.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.bump();
        }
        found
    }

    /// The offset in the source as received.
    #[inline]
    pub(super) fn absolute(&self, at: usize) -> usize {
        match self.map {
            None => at,
            Some(map) => map.get(at).or(map.last()).map_or(0, |offset| *offset as usize),
        }
    }

    /// `start..end` of this text as a span of the source.
    #[inline]
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        if self.map.is_none() {
            return Span::new(start, end);
        }
        let last = if end > start { self.absolute(end - 1) + 1 } else { self.absolute(start) };
        Span::new(self.absolute(start), last)
    }

    /// From `start` to where it stands.
    #[inline]
    pub(super) fn since(&self, start: usize) -> Span {
        self.span(start, self.pos)
    }

    /// The byte it stands at.
    pub(super) fn here(&self) -> Span {
        self.span(self.pos, (self.pos + 1).min(self.end))
    }

    /// Gives up here.
    pub(super) fn stop<T>(&self, why: &'static str) -> Parsed<T> {
        Err(Stop { ended: self.is_whole() && self.raw(self.pos).is_none(), ..Stop::new(why) })
    }

    /// Gives up: the text ends before what began here does.
    pub(super) fn stop_at_end<T>(&self, why: &'static str) -> Parsed<T> {
        Err(Stop { ended: self.is_whole(), ..Stop::new(why) })
    }

    /// Whether this reads the source itself and to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.map.is_none() && self.end == self.text.len()
    }

    /// A place to come back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { pos: self.pos, opaque: self.state.opaque.len(), pending: self.pending.len() }
    }

    /// Back to `mark`, forgetting what was found since.
    pub(super) fn rewind(&mut self, mark: &Mark) {
        self.pos = mark.pos;
        self.state.opaque.truncate(mark.opaque);
        self.pending.truncate(mark.pending);
    }

    /// One level deeper while `inner` reads.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.state.enter()?;
        let result = inner(self);
        self.state.leave();
        result
    }

    /// Notes that another shell of this dialect's family may read `span` otherwise.
    pub(super) fn differs(&mut self, span: Span, why: &'static str) -> Opaque {
        self.state.mark(span, why)
    }

    /// A counted piece from `start` to here.
    pub(super) fn piece(&mut self, kind: PieceKind, start: usize) -> Parsed<Piece> {
        let span = self.since(start);
        self.state.node()?;
        Ok(Piece { kind, span })
    }

    /// Past blanks and a comment. Only called between tokens, where any `#` starts one.
    pub(super) fn blanks(&mut self) -> Parsed<()> {
        let start = self.pos;
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.bump(),
                Some(b'#') => {
                    while let Some(byte) = self.raw(self.pos) {
                        if byte == b'\n' {
                            break;
                        }
                        self.pos += 1;
                    }
                }
                _ => break,
            }
        }
        self.state.step(self.pos - start)
    }
}

/// Ends a word wherever it stands unquoted.
#[inline]
pub(super) fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// Starts a name.
#[inline]
pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Goes on in a name.
#[inline]
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
