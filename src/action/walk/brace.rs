//! Brace expansion: one word becomes several, before anything else happens to it.

use crate::parse::{Param, Piece, PieceKind, Word};

/// More words than this are a bound that was hit.
pub(super) const WORDS: usize = 1000;

/// The words `word` stands for, with the tildes that then stand first in one; `None` at the cap.
pub(super) fn words(word: &Word) -> Option<Vec<Vec<Piece>>> {
    alternatives(word)?.into_iter().map(|pieces| Some(led_by_tilde(rejoined(pieces)?))).collect()
}

/// Braces are text: a name that an alternative ends with goes on with what stands behind it. `None`: so may a `$` alone.
fn rejoined(pieces: Vec<Piece>) -> Option<Vec<Piece>> {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let PieceKind::Literal(text) = &piece.kind else {
            if matches!(out.last().map(|last| &last.kind), Some(PieceKind::Literal(text)) if text.ends_with(b"$")) {
                return None;
            }
            out.push(piece);
            continue;
        };
        let more = text.iter().take_while(|byte| letter(byte)).count();
        match out.last_mut() {
            Some(Piece { kind: PieceKind::Literal(before), .. }) if before.ends_with(b"$") && !text.is_empty() => {
                return None;
            }
            Some(Piece { kind: PieceKind::Param(param), span }) if more > 0 && is_bare(param, *span) => {
                let (name, rest) = text.split_at(more);
                let mut longer = Param::clone(param);
                longer.name.extend_from_slice(name);
                **param = longer;
                if !rest.is_empty() {
                    out.push(Piece { kind: PieceKind::Literal(rest.to_vec()), span: piece.span });
                }
                continue;
            }
            _ => {}
        }
        out.push(piece);
    }
    Some(out)
}

/// Whether a parameter stands without braces, by a name that can go on.
fn is_bare(param: &Param, span: crate::text::Span) -> bool {
    let named = param.name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    named
        && param.op.is_none()
        && !param.indirect
        && !param.length
        && param.subscript.is_none()
        && span.end.saturating_sub(span.start) as usize == param.name.len() + 1
}

/// bash expands tildes after braces: `{~,x}` and `~{/a,/b}` begin with a home.
fn led_by_tilde(pieces: Vec<Piece>) -> Vec<Piece> {
    let literal = |piece: &Piece| match &piece.kind {
        PieceKind::Literal(text) => Some(text.clone()),
        _ => None,
    };
    let (lead, rest) = pieces.split_at(pieces.iter().take_while(|piece| literal(piece).is_some()).count());
    let text: Vec<u8> = lead.iter().filter_map(literal).flatten().collect();
    let (Some(after), Some(first)) = (text.strip_prefix(b"~"), lead.first()) else { return pieces };
    let slash = after.iter().position(|byte| *byte == b'/');
    if slash.is_none() && !rest.is_empty() {
        return pieces;
    }
    let (user, tail) = after.split_at(slash.unwrap_or(after.len()));
    let mut out = vec![Piece { kind: PieceKind::Tilde(user.to_vec()), span: first.span }];
    if !tail.is_empty() {
        out.push(Piece { kind: PieceKind::Literal(tail.to_vec()), span: first.span });
    }
    out.extend_from_slice(rest);
    out
}

fn alternatives(word: &Word) -> Option<Vec<Vec<Piece>>> {
    let mut all: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in &word.pieces {
        let choices: Vec<Vec<Piece>> = match &piece.kind {
            PieceKind::BraceList(words_of) => {
                let mut inner = Vec::new();
                for alternative in words_of {
                    inner.extend(alternatives(alternative)?);
                }
                inner
            }
            PieceKind::BraceRange { from, to, step } => range(from, to, step.as_deref())?
                .into_iter()
                .map(|text| vec![Piece { kind: PieceKind::Literal(text), span: piece.span }])
                .collect(),
            _ => {
                for word in &mut all {
                    word.push(piece.clone());
                }
                continue;
            }
        };
        if all.len().saturating_mul(choices.len()) > WORDS {
            return None;
        }
        all = all
            .iter()
            .flat_map(|head| choices.iter().map(move |tail| head.iter().chain(tail).cloned().collect()))
            .collect();
    }
    Some(all)
}

/// Whether a word has braces to expand.
pub(super) fn has_braces(word: &Word) -> bool {
    word.pieces.iter().any(|piece| matches!(piece.kind, PieceKind::BraceList(_) | PieceKind::BraceRange { .. }))
}

/// `{from..to..step}`; `None` at the cap.
fn range(from: &[u8], to: &[u8], step: Option<&[u8]>) -> Option<Vec<Vec<u8>>> {
    let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
    let step = step.and_then(number).map_or(1, |step| step.unsigned_abs().max(1));
    let (low, high, letters) = match (number(from), number(to), from, to) {
        (Some(low), Some(high), ..) => (low, high, false),
        (_, _, [low], [high]) => (i64::from(*low), i64::from(*high), true),
        _ => return Some(vec![[b"{", from, b"..", to, b"}"].concat()]),
    };
    if high.abs_diff(low) / step >= WORDS as u64 {
        return None;
    }
    let padded = |text: &[u8]| {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        digits.len() > 1 && digits.starts_with(b"0")
    };
    let width = if !letters && (padded(from) || padded(to)) { from.len().max(to.len()) } else { 0 };
    let step = i64::try_from(step).ok()?;
    let mut out = Vec::new();
    let mut at = low;
    while if low <= high { at <= high } else { at >= high } {
        out.push(match (letters, u8::try_from(at)) {
            (true, Ok(byte)) => vec![byte],
            _ => format!("{at:0width$}").into_bytes(),
        });
        at = if low <= high { at.checked_add(step)? } else { at.checked_sub(step)? };
    }
    Some(out)
}
