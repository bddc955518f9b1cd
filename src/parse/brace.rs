//! Brace expansion, recognised on the finished pieces of a word exactly where bash would expand it.

use super::ast::{Piece, PieceKind, Word};
use super::cursor::Parser;
use super::pieces::Pieces;
use super::state::Parsed;
use crate::text::Span;

/// A piece, or one byte of an unquoted literal.
#[derive(Clone, Debug)]
enum Token {
    Byte(u8, Span),
    Whole(Piece),
}

impl Token {
    fn span(&self) -> Span {
        match self {
            Token::Byte(_, span) => *span,
            Token::Whole(piece) => piece.span,
        }
    }

    fn is(&self, byte: u8) -> bool {
        matches!(self, Token::Byte(found, _) if *found == byte)
    }
}

impl Parser<'_, '_> {
    /// The pieces with every brace expansion made a piece of its own.
    pub(super) fn braces(&mut self, list: Vec<Piece>) -> Parsed<Vec<Piece>> {
        let has = |wanted: u8| {
            list.iter().any(|piece| matches!(&piece.kind, PieceKind::Literal(text) if text.contains(&wanted)))
        };
        if !has(b'{') || !has(b'}') {
            return Ok(list);
        }
        let mut tokens = Vec::new();
        for piece in list {
            match piece.kind {
                PieceKind::Literal(text) => {
                    // A continuation inside makes the text shorter than its span: then every byte gets the whole.
                    let exact = text.len() == (piece.span.end - piece.span.start) as usize;
                    for (at, byte) in text.iter().enumerate() {
                        let start = piece.span.start as usize + at;
                        let span = if exact { Span::new(start, start + 1) } else { piece.span };
                        tokens.push(Token::Byte(*byte, span));
                    }
                }
                kind => tokens.push(Token::Whole(Piece { kind, span: piece.span })),
            }
        }
        if tokens.iter().any(|token| matches!(token, Token::Whole(piece) if holds_brace(&piece.kind))) {
            let span = tokens.first().map(Token::span).unwrap_or_default();
            let whole = tokens.last().map_or(span, |last| span.to(last.span()));
            self.differs(whole, "braces around an expansion that holds braces");
        }
        self.expand(&tokens)
    }

    fn expand(&mut self, tokens: &[Token]) -> Parsed<Vec<Piece>> {
        self.state.enter()?;
        let result = self.expand_inner(tokens);
        self.state.leave();
        result
    }

    fn expand_inner(&mut self, tokens: &[Token]) -> Parsed<Vec<Piece>> {
        let mut out = Pieces::default();
        let partners = partners(tokens);
        self.state.step(2 * tokens.len())?;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let close = partners.get(at).copied().flatten();
            let Some(close) = close else {
                keep(&mut out, token);
                at += 1;
                continue;
            };
            let amble = tokens.get(at + 1..close).unwrap_or_default();
            let span = token.span().to(tokens.get(close).map_or(token.span(), Token::span));
            if amble.iter().any(|token| token.is(b',')) {
                let mut words = Vec::new();
                for part in split(amble) {
                    let span = part.first().map_or(Span::new(span.start as usize + 1, span.start as usize + 1), |f| {
                        part.last().map_or(f.span(), |last| f.span().to(last.span()))
                    });
                    let pieces = self.expand(part)?;
                    words.push(Word { pieces, span });
                }
                self.state.node()?;
                out.list.push(Piece { kind: PieceKind::BraceList(words), span });
            } else if let Some(kind) = range(amble) {
                self.state.node()?;
                out.list.push(Piece { kind, span });
            } else {
                for token in tokens.get(at..=close).unwrap_or_default() {
                    keep(&mut out, token);
                }
            }
            at = close + 1;
        }
        Ok(out.list)
    }
}

fn keep(out: &mut Pieces, token: &Token) {
    match token {
        Token::Byte(byte, span) => out.text(&[*byte], *span),
        Token::Whole(piece) => out.push(piece.clone()),
    }
}

/// For every `{` the `}` that bash pairs it with, where a top-level `,` or `..` stands between them: only such a brace
/// closes. One pass from the right would be shorter and wrong: an unclosed `{` inside keeps the outer one open.
fn partners(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut result = vec![None; tokens.len()];
    // Open braces: position, and whether a separator was seen directly inside.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Byte(b'{', _) => open.push((at, false)),
            Token::Byte(b',', _) => {
                if let Some(top) = open.last_mut() {
                    top.1 = true;
                }
            }
            Token::Byte(b'.', _)
                if tokens.get(at + 1).is_some_and(|next| next.is(b'.'))
                    && tokens.get(at + 2).is_some_and(|next| !next.is(b'}')) =>
            {
                if let Some(top) = open.last_mut() {
                    top.1 = true;
                }
            }
            Token::Byte(b'}', _) => {
                if let Some((start, separated)) = open.last().copied() {
                    if separated || open.len() > 1 {
                        open.pop();
                        if separated {
                            if let Some(slot) = result.get_mut(start) {
                                *slot = Some(at);
                            }
                        }
                    }
                }
            }
            Token::Byte(..) | Token::Whole(_) => {}
        }
    }
    result
}

/// The parts between top-level commas.
fn split(amble: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let mut level = 0usize;
    let mut start = 0;
    for (at, token) in amble.iter().enumerate() {
        if token.is(b'{') {
            level += 1;
        } else if token.is(b'}') {
            level = level.saturating_sub(1);
        } else if token.is(b',') && level == 0 {
            parts.push(amble.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(amble.get(start..).unwrap_or_default());
    parts
}

/// `x..y` and `x..y..step`: both integers, or both single letters.
fn range(amble: &[Token]) -> Option<PieceKind> {
    let mut text = Vec::with_capacity(amble.len());
    for token in amble {
        match token {
            Token::Byte(byte, _) => text.push(*byte),
            Token::Whole(_) => return None,
        }
    }
    let mut parts = Vec::new();
    let mut rest = text.as_slice();
    while let Some(at) = rest.windows(2).position(|pair| pair == b"..") {
        parts.push(rest.get(..at)?.to_vec());
        rest = rest.get(at + 2..)?;
    }
    parts.push(rest.to_vec());
    let mut parts = parts.into_iter();
    let (from, to, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let letter = |text: &[u8]| matches!(text, [byte] if byte.is_ascii_alphabetic());
    let kinds = (integer(&from) && integer(&to)) || (letter(&from) && letter(&to));
    let stepped = step.as_deref().is_none_or(integer);
    (kinds && stepped).then_some(PieceKind::BraceRange { from, to, step })
}

fn integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    !digits.is_empty() && digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit)
}

/// An expansion whose text holds a brace of its own: bash counts that one too.
fn holds_brace(kind: &PieceKind) -> bool {
    use super::ast::ParamOp;
    let word = |word: &Word| {
        word.pieces.iter().any(|piece| match &piece.kind {
            PieceKind::Literal(text) | PieceKind::Escaped(text) => text.iter().any(|b| matches!(b, b'{' | b'}')),
            _ => false,
        })
    };
    let PieceKind::Param(param) = kind else { return false };
    match &param.op {
        Some(
            ParamOp::Default { word: operand, .. }
            | ParamOp::Assign { word: operand, .. }
            | ParamOp::Error { word: operand, .. }
            | ParamOp::Alternate { word: operand, .. }
            | ParamOp::RemovePrefix { pattern: operand, .. }
            | ParamOp::RemoveSuffix { pattern: operand, .. },
        ) => word(operand),
        Some(ParamOp::Replace { pattern, with, .. }) => word(pattern) || with.as_ref().is_some_and(word),
        Some(
            ParamOp::Case { .. }
            | ParamOp::Substring { .. }
            | ParamOp::Transform(_)
            | ParamOp::NamesWithPrefix
            | ParamOp::Keys,
        )
        | None => false,
    }
}
