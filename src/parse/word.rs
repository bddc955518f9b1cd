//! Words: the pieces between two metacharacters.

use super::ast::{Dialect, Piece, PieceKind, Word};
use super::cursor::{Parser, is_meta};
use super::modes::Extglob;
use super::pieces::Pieces;
use super::state::Parsed;
use crate::text::Span;

/// What a word is for: decides which expansions bash gives it and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordKind {
    /// The command word.
    Command,
    /// An argument, or a word of `for … in`.
    Argument,
    /// An argument of a declaration builtin.
    Declared,
    /// The value of an assignment.
    Value,
    /// An element of an array.
    Element,
    /// A redirection's target.
    Target,
    /// A `case` pattern.
    Pattern,
    /// An operand of `[[`.
    Operand,
    /// The right side of `==` in `[[`: extglob is always on there.
    Match,
    /// The right side of `=~`: parentheses and `|` belong to it.
    Regex,
    /// No braces (a function's name, a loop's variable, the word of `case`).
    Plain,
}

impl WordKind {
    fn braces(self) -> bool {
        match self {
            WordKind::Command | WordKind::Argument | WordKind::Declared | WordKind::Element | WordKind::Target => true,
            WordKind::Value
            | WordKind::Pattern
            | WordKind::Operand
            | WordKind::Match
            | WordKind::Regex
            | WordKind::Plain => false,
        }
    }
}

/// Bytes that mean nothing special in an unquoted word.
const PLAIN: [bool; 256] = plain_table();

const fn plain_table() -> [bool; 256] {
    let mut table = [true; 256];
    let special = b" \t\n;&|()<>\\'\"`$*?[]{},~+@!=";
    let mut at = 0;
    while at < special.len() {
        table[special[at] as usize] = false;
        at += 1;
    }
    table
}

impl Parser<'_, '_> {
    /// The word that starts here. The caller has seen that one does.
    pub(super) fn word(&mut self, kind: WordKind) -> Parsed<Word> {
        self.peek();
        let start = self.pos;
        let mut pieces = Pieces::default();
        if kind == WordKind::Declared {
            if let Some(word) = self.declared(start, &mut pieces)? {
                return Ok(word);
            }
        }
        self.word_pieces(kind, start, &mut pieces)?;
        self.finish_word(kind, start, pieces)
    }

    /// Braces, tildes and brackets, then the word.
    pub(super) fn finish_word(&mut self, kind: WordKind, start: usize, pieces: Pieces) -> Parsed<Word> {
        let span = self.since(start);
        self.state.node()?;
        let mut list = pieces.list;
        if list.len() == 1
            && matches!(list.first(), Some(Piece { kind: PieceKind::Literal(text), .. }) if !shaped(text))
        {
            return Ok(Word { pieces: list, span });
        }
        if kind.braces() {
            list = self.braces(list)?;
        }
        self.shapes(&mut list, matches!(kind, WordKind::Value), kind != WordKind::Regex);
        Ok(Word { pieces: list, span })
    }

    /// Pieces up to what ends a word of this kind.
    pub(super) fn word_pieces(&mut self, kind: WordKind, word_start: usize, pieces: &mut Pieces) -> Parsed<()> {
        let mut round = 0usize;
        let from = self.pos;
        while let Some(byte) = self.peek() {
            let start = self.pos;
            if PLAIN[byte as usize] {
                let mut at = start;
                while self.raw(at).is_some_and(|byte| PLAIN[byte as usize]) {
                    at += 1;
                }
                self.pos = at;
                let run = self.text.get(start..at).unwrap_or_default();
                pieces.text(run, self.span(start, at));
                continue;
            }
            match byte {
                b'\\' => {
                    self.bump();
                    match self.raw(self.pos) {
                        None => pieces.text(b"\\", self.since(start)),
                        Some(next) => {
                            self.bump();
                            let piece = self.piece(PieceKind::Escaped(vec![next]), start)?;
                            pieces.push(piece);
                        }
                    }
                    continue;
                }
                b'\'' => {
                    let piece = self.single()?;
                    pieces.push(piece);
                    continue;
                }
                b'"' => {
                    let piece = self.double()?;
                    pieces.push(piece);
                    continue;
                }
                b'`' => {
                    let piece = self.backquote(false)?;
                    pieces.push(piece);
                    continue;
                }
                b'$' => {
                    let piece = self.dollar(false)?;
                    pieces.push(piece);
                    continue;
                }
                b'<' | b'>' if self.second() == Some(b'(') && round == 0 => {
                    let piece = self.process_substitution()?;
                    pieces.push(piece);
                    continue;
                }
                b'?' | b'*' | b'+' | b'@' | b'!' if self.second() == Some(b'(') => {
                    if let Some(piece) = self.extglob(kind)? {
                        pieces.push(piece);
                        continue;
                    }
                }
                b'(' if kind == WordKind::Regex => round += 1,
                b')' if kind == WordKind::Regex && round > 0 => round -= 1,
                b'|' if kind == WordKind::Regex && (round > 0 || self.second() != Some(b'|')) => {}
                b' ' | b'\t' | b'\n' | b'<' | b'>' | b'&' | b';' | b'|' if round > 0 => {}
                b'(' if self.dialect() == Dialect::Zsh && start > word_start && kind != WordKind::Command => {
                    return self.stop("zsh glob qualifier or group");
                }
                byte if is_meta(byte) => break,
                b'=' if self.dialect() == Dialect::Zsh && start == word_start && kind.braces() => {
                    if self.second().is_some_and(|next| !is_meta(next) && next != b'=') {
                        let here = self.here();
                        self.differs(here, "zsh expands =name to a path");
                    }
                }
                _ => {}
            }
            self.bump();
            if matches!(byte, b'*' | b'?') {
                let piece = self.piece(PieceKind::Glob(vec![byte]), start)?;
                match pieces.list.last_mut() {
                    Some(Piece { kind: PieceKind::Glob(text), span }) if text.ends_with(&[byte]) => {
                        text.push(byte);
                        *span = span.to(piece.span);
                    }
                    _ => pieces.push(piece),
                }
            } else {
                pieces.text(&[byte], self.since(start));
            }
        }
        if round > 0 {
            return self.stop("unterminated parenthesis in a regular expression");
        }
        self.state.step(self.pos - from)
    }

    /// `@(a|b)` and its like at the operator, where extglob is or may be in force.
    fn extglob(&mut self, kind: WordKind) -> Parsed<Option<Piece>> {
        let on = match self.state.modes.extglob {
            _ if kind == WordKind::Match => true,
            Extglob::On => true,
            Extglob::Off => false,
            Extglob::Unknown => return self.stop("extglob may or may not be on"),
        };
        if !on {
            return Ok(None);
        }
        let start = self.pos;
        let Some(op) = self.peek() else { return Ok(None) };
        self.bump();
        self.peek();
        self.bump();
        let alternatives = self.nested(Self::alternatives)?;
        let piece = self.piece(PieceKind::ExtGlob { op, alternatives }, start)?;
        Ok(Some(piece))
    }

    /// The alternatives up to and with the `)`.
    fn alternatives(&mut self) -> Parsed<Vec<Word>> {
        let mut all = Vec::new();
        let mut pieces = Pieces::default();
        let mut start = self.pos;
        let mut round = 0usize;
        loop {
            let Some(byte) = self.peek() else { return self.stop("unterminated extended glob") };
            let at = self.pos;
            match byte {
                b')' | b'|' if round == 0 => {
                    let word = Word { pieces: std::mem::take(&mut pieces).list, span: self.since(start) };
                    self.state.node()?;
                    all.push(word);
                    self.bump();
                    start = self.pos;
                    if byte == b')' {
                        return Ok(all);
                    }
                    continue;
                }
                b'\\' => {
                    self.bump();
                    if let Some(next) = self.raw(self.pos) {
                        self.bump();
                        let piece = self.piece(PieceKind::Escaped(vec![next]), at)?;
                        pieces.push(piece);
                    }
                    continue;
                }
                b'\'' | b'"' | b'`' | b'$' => {
                    let piece = match byte {
                        b'\'' => self.single()?,
                        b'"' => self.double()?,
                        b'`' => self.backquote(false)?,
                        _ => self.dollar(false)?,
                    };
                    pieces.push(piece);
                    continue;
                }
                b'<' | b'>' if self.second() == Some(b'(') => {
                    let piece = self.process_substitution()?;
                    pieces.push(piece);
                    continue;
                }
                b'?' | b'*' | b'+' | b'@' | b'!' if self.second() == Some(b'(') => {
                    if let Some(piece) = self.extglob(WordKind::Match)? {
                        pieces.push(piece);
                        continue;
                    }
                }
                b'(' => round += 1,
                b')' => round -= 1,
                _ => {}
            }
            self.bump();
            if matches!(byte, b'*' | b'?') {
                let piece = self.piece(PieceKind::Glob(vec![byte]), at)?;
                pieces.push(piece);
            } else {
                pieces.text(&[byte], self.since(at));
            }
            self.state.step(1)?;
        }
    }

    /// Behind the name that stands here.
    pub(super) fn name_end(&self) -> Option<usize> {
        let mut at = self.skip(self.pos);
        if !self.raw(at).is_some_and(super::cursor::is_name_start) {
            return None;
        }
        while self.raw(at).is_some_and(super::cursor::is_name) {
            at = self.skip(at + 1);
        }
        Some(at)
    }

    /// The bytes of `start..end` without continuations.
    pub(super) fn name_bytes(&self, start: usize, end: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(end.saturating_sub(start));
        let mut at = self.skip(start);
        while at < end {
            bytes.extend(self.raw(at));
            at = self.skip(at + 1);
        }
        bytes
    }

    /// A word with nothing in it, at `at`.
    pub(super) fn empty_word(&self, at: usize) -> Word {
        Word { pieces: Vec::new(), span: self.span(at, at) }
    }
}

/// Holds something that braces, tildes or brackets could be made of.
fn shaped(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'{' | b'[' | b'~'))
}

impl Word {
    /// Where it stands and nothing in it.
    #[must_use]
    pub fn empty(span: Span) -> Self {
        Word { pieces: Vec::new(), span }
    }
}
