//! What the operators of parameter expansion leave of a value (bash manual, Shell Parameter Expansion).

use smallvec::smallvec;

use super::joined::bound_of;
use super::pattern::Pattern;
use super::state::State;
use crate::action::{Bound, Part, Parts, Text, Value, made_of, path};

/// `*/` as a pattern: the usual way to take a path apart.
pub(super) fn is_directory_pattern(pattern: &Value) -> bool {
    matches!(pattern.parts.as_slice(), [Part::Glob(star), Part::Known(slash)] if star.as_slice() == b"*" && slash.as_slice() == b"/")
}

pub(super) fn removed_prefix(value: &Value, pattern: &Value, longest: bool) -> Value {
    if let (Some(text), Some(pattern)) = (value.text(), Pattern::of(pattern)) {
        let cut = pattern.prefix(text, longest).unwrap_or(0);
        return Value { taint: value.taint.clone(), ..Value::known(text.get(cut..).unwrap_or_default()) };
    }
    if longest && is_directory_pattern(pattern) {
        // The last component: globs never hold a slash; a bounded name neither.
        let mut kept = Parts::new();
        for part in value.parts.iter().rev() {
            match part {
                Part::Known(text) => match text.iter().rposition(|byte| *byte == b'/') {
                    Some(at) => {
                        let tail = text.get(at + 1..).unwrap_or_default();
                        if !tail.is_empty() {
                            kept.push(Part::known(tail));
                        }
                        kept.reverse();
                        return Value { parts: kept, taint: value.taint.clone(), ..Value::default() };
                    }
                    None => kept.push(part.clone()),
                },
                Part::Glob(_) => kept.push(part.clone()),
                Part::Hole(hole) if matches!(hole.bound, Bound::Name | Bound::Number) => kept.push(part.clone()),
                Part::Hole(hole) if matches!(hole.bound, Bound::Below { .. } | Bound::Ref) => {
                    return Value {
                        taint: value.taint.clone(),
                        ..Value::hole("the last component of a path", Bound::Name)
                    };
                }
                Part::Hole(_) => return changed(value, "the last component of unknown text"),
            }
        }
    }
    if let (Some(head), Some(Part::Known(first))) = (pattern.text(), value.parts.first()) {
        if let Some(rest) = first.strip_prefix(head) {
            let mut out = value.clone();
            out.parts.remove(0);
            if !rest.is_empty() {
                out.parts.insert(0, Part::known(rest));
            }
            return out;
        }
    }
    changed(value, "a part of a variable")
}

pub(super) fn removed_suffix(value: &Value, pattern: &Value, longest: bool) -> Value {
    if let (Some(text), Some(pattern)) = (value.text(), Pattern::of(pattern)) {
        let cut = pattern.suffix(text, longest).unwrap_or(text.len());
        return Value { taint: value.taint.clone(), ..Value::known(text.get(..cut).unwrap_or_default()) };
    }
    if let Some(Part::Known(last)) = value.parts.last() {
        let cut = match (pattern.text(), pattern.parts.as_slice()) {
            (Some(tail), _) => last.strip_suffix(tail).map(<[u8]>::len),
            (None, [Part::Known(mark), Part::Glob(star)]) if !longest && star.as_slice() == b"*" => {
                last.windows(mark.len().max(1)).rposition(|window| window == mark.as_slice())
            }
            _ => None,
        };
        if let Some(cut) = cut {
            let mut out = value.clone();
            let head = Text::from_slice(last.get(..cut).unwrap_or_default());
            out.parts.pop();
            if !head.is_empty() {
                out.parts.push(Part::Known(head));
            }
            return out;
        }
    }
    if let [Part::Hole(hole)] = value.parts.as_slice() {
        if let Bound::Below { .. } = hole.bound {
            return Value { taint: value.taint.clone(), ..Value::hole("a part of a path", Bound::Anything) };
        }
    }
    changed(value, "a part of a variable")
}

pub(super) fn replaced(value: &Value, pattern: &Value, with: &Value, all: bool, anchor: Option<u8>) -> Value {
    let (Some(text), Some(pattern), Some(with)) = (value.text(), Pattern::of(pattern), with.text()) else {
        return changed(value, "a variable with text replaced");
    };
    if text.len() > 1024 {
        return changed(value, "a long variable with text replaced");
    }
    let mut out = Vec::new();
    match anchor {
        Some(b'#') => match pattern.prefix(text, true) {
            Some(cut) => {
                out.extend_from_slice(with);
                out.extend_from_slice(text.get(cut..).unwrap_or_default());
            }
            None => out.extend_from_slice(text),
        },
        Some(_) => match pattern.suffix(text, true) {
            Some(cut) => {
                out.extend_from_slice(text.get(..cut).unwrap_or_default());
                out.extend_from_slice(with);
            }
            None => out.extend_from_slice(text),
        },
        None => {
            let mut at = 0;
            let mut done = false;
            while at < text.len() {
                let rest = text.get(at..).unwrap_or_default();
                match pattern.prefix(rest, true) {
                    Some(length) if length > 0 && !done => {
                        out.extend_from_slice(with);
                        at += length;
                        done = !all;
                    }
                    _ => {
                        out.extend(rest.first());
                        at += 1;
                    }
                }
            }
        }
    }
    Value { taint: value.taint.clone(), ..Value::known(out) }
}

pub(super) fn changed_case(text: &[u8], op: &[u8]) -> Vec<u8> {
    let one = op.len() == 1;
    let mut out = text.to_vec();
    let end = if one { 1.min(out.len()) } else { out.len() };
    for byte in out.iter_mut().take(end) {
        match op.first() {
            Some(b'^') => byte.make_ascii_uppercase(),
            Some(b',') => byte.make_ascii_lowercase(),
            _ if byte.is_ascii_lowercase() => byte.make_ascii_uppercase(),
            _ => byte.make_ascii_lowercase(),
        }
    }
    out
}

/// The directory of a path that may have holes, for `dirname`: what stands before the last slash that is known, or where what
/// was found lies, if it is certainly below the directory that was searched and not that itself.
pub(super) fn directory_of(value: &Value) -> Option<Value> {
    if let [Part::Hole(hole)] = value.parts.as_slice() {
        let Bound::Below { directory, from, names } = &hole.bound else { return None };
        let base = path::base(directory);
        let other = |name: &Vec<u8>| {
            let plain = |text: &[u8]| !text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
            match name.strip_prefix(b"*") {
                Some(tail) => !tail.is_empty() && plain(tail) && !base.ends_with(tail),
                None => plain(name) && base != name.as_slice(),
            }
        };
        let bound = Bound::Below { directory: directory.clone(), from: from.clone(), names: Vec::new() };
        return (!names.is_empty() && names.iter().all(other))
            .then(|| Value { taint: value.taint.clone(), ..Value::hole("the directory of a path", bound) });
    }
    let Some((Part::Known(last), head)) = value.parts.split_last() else { return None };
    let at = last.iter().rposition(|byte| *byte == b'/').filter(|at| at + 1 < last.len())?;
    let mut parts: Parts = head.iter().cloned().collect();
    let kept = last.get(..at).unwrap_or_default();
    if !kept.is_empty() {
        parts.push(Part::known(kept));
    }
    (!parts.is_empty()).then(|| Value { parts, taint: value.taint.clone(), ..Value::default() })
}

/// The last component of a path that may have holes, for `basename`.
pub(super) fn last_component(value: &Value) -> Value {
    match value.text() {
        Some(text) => Value { taint: value.taint.clone(), ..Value::known(path::base(text)) },
        None => {
            let mut pattern = Value { parts: smallvec![Part::glob(b"*")], ..Value::default() };
            pattern.push_known(b"/");
            removed_prefix(value, &pattern, true)
        }
    }
}

pub(super) fn number(value: &Value) -> Option<i64> {
    std::str::from_utf8(value.text()?).ok()?.trim().parse().ok()
}

/// `${x:offset:length}` of bytes `0..length`.
pub(super) fn bounds(total: usize, from: &Value, count: Option<&Value>) -> Option<(usize, usize)> {
    let total = i64::try_from(total).ok()?;
    let from = number(from)?;
    let start = if from < 0 { total + from } else { from };
    if start < 0 || start > total {
        return Some((0, 0));
    }
    let end = match count {
        None => total,
        Some(count) => match number(count)? {
            count if count < 0 => total + count,
            count => start.saturating_add(count).min(total),
        },
    };
    Some((usize::try_from(start).ok()?, usize::try_from(end.max(start)).ok()?))
}

pub(super) fn substring(value: &Value, from: &Value, count: Option<&Value>) -> Value {
    match value.text() {
        Some(text) => match bounds(text.len(), from, count) {
            Some((start, end)) => {
                Value { taint: value.taint.clone(), ..Value::known(text.get(start..end).unwrap_or_default()) }
            }
            None => changed(value, "a part of a variable"),
        },
        None => changed(value, "a part of a variable"),
    }
}

pub(super) fn slice_list(
    name: &[u8],
    values: Vec<Value>,
    from: &Value,
    count: Option<&Value>,
    state: &State,
) -> Vec<Value> {
    if values.iter().any(|value| value.many) {
        // How many there are before it is not known.
        let taint: Vec<u32> = values.iter().flat_map(|value| value.taint.iter().copied()).collect();
        let mut hole = Value { many: true, ..Value::hole("positional parameters or elements", Bound::Anything) };
        hole.add_taint(&taint);
        return vec![hole];
    }
    let mut values = values;
    // `${@:0}` begins with `$0`.
    if matches!(name, b"@" | b"*") {
        values.insert(0, state.positional.first().cloned().unwrap_or_default());
    }
    if values.iter().any(|value| value.many) {
        return values;
    }
    match bounds(values.len(), from, count) {
        Some((start, end)) => values.get(start..end).unwrap_or_default().to_vec(),
        None => vec![Value { many: true, ..Value::hole("positional parameters", Bound::Anything) }],
    }
}

/// Whether a length counts from the end: more than there is cannot be left out.
pub(super) fn negative(count: &Value) -> bool {
    number(count).is_none_or(|count| count < 0)
}

/// A hole that keeps who produced the value, and that it is a number.
pub(super) fn changed(value: &Value, why: &str) -> Value {
    let bound = if bound_of(value) == Bound::Number { Bound::Number } else { Bound::Anything };
    Value { taint: value.taint.clone(), span: value.span, ..Value::hole(made_of(why, [value]), bound) }
}
