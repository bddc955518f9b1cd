//! What may be one thing or another: values, bounds and what variables hold, of two ways that come together.

use super::held::Held;
use crate::action::{Bound, Part, Value, made_of};

/// One of two.
pub(super) fn either(left: &Held, right: &Held) -> Held {
    if left == right {
        return left.clone();
    }
    if [left, right].iter().any(|held| matches!(held, Held::Array(_) | Held::Arrays(_))) {
        let (Some(mut all), Some(more)) = (left.arrays(), right.arrays()) else {
            let value = Value::hole("an array set on one of two ways", Bound::Anything);
            return Held::One(Value { many: true, ..value });
        };
        for array in more {
            if !all.contains(&array) {
                all.push(array);
            }
        }
        if all.len() > ALTERNATIVES {
            let value = Value::hole("an array set in many ways", Bound::Anything);
            return Held::One(Value { many: true, ..value });
        }
        return Held::Arrays(all);
    }
    let mut all: Vec<Value> = Vec::new();
    for held in [left, right] {
        let values: Vec<Value> = match held {
            Held::Unset => vec![Value::default()],
            Held::One(value) => vec![value.clone()],
            Held::Either(values) => values.clone(),
            Held::Array(_) | Held::Arrays(_) => Vec::new(),
        };
        for value in values {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    if all.len() > ALTERNATIVES { Held::One(merged(&all)) } else { Held::Either(all) }
}

/// Why it is not known where the shell stands.
pub(super) const PLACES: &str = "one of several directories";

/// One value that stands for any of several: a hole with the bound they share.
pub(super) fn merged(values: &[Value]) -> Value {
    if let [one] = values {
        return one.clone();
    }
    let mut bound: Option<Bound> = None;
    for value in values {
        let own = bound_of(value);
        bound = Some(match bound {
            None => own,
            Some(bound) => weaker(bound, own),
        });
    }
    let why = made_of("one of several values", values);
    let mut out = Value::hole(why, bound.unwrap_or(Bound::Anything));
    for value in values {
        out.add_taint(&value.taint);
        out.many |= value.many;
    }
    out
}

/// What can be said of a whole value.
pub(super) fn bound_of(value: &Value) -> Bound {
    match value.parts.as_slice() {
        [Part::Hole(hole)] => hole.bound.clone(),
        [Part::Known(text)] if text.iter().all(u8::is_ascii_digit) => Bound::Number,
        [Part::Known(text)] if is_name(text) => Bound::Name,
        [Part::Known(text), ..]
            if text.starts_with(b"/") && !value.has_hole() && !text.windows(2).any(|two| two == b"..") =>
        {
            let end = text.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            match text.get(..end) {
                Some(head) if !head.is_empty() => {
                    Bound::Below { directory: head.to_vec(), from: None, names: Vec::new() }
                }
                _ => Bound::Anything,
            }
        }
        _ => Bound::Anything,
    }
}

pub(super) fn is_name(text: &[u8]) -> bool {
    !text.starts_with(b"-")
        && !text.is_empty()
        && text != b"."
        && text != b".."
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-+@:,%".contains(byte))
}

/// The stronger of what holds for both.
pub(super) fn weaker(left: Bound, right: Bound) -> Bound {
    match (left, right) {
        (left, right) if left == right => left,
        (Bound::Number, Bound::Name) | (Bound::Name, Bound::Number) => Bound::Name,
        (Bound::Ref, Bound::Name | Bound::Number) | (Bound::Name | Bound::Number, Bound::Ref) => Bound::Ref,
        (
            Bound::Below { directory: left, from: here, names: mut mine },
            Bound::Below { directory: right, from: there, names: mut yours },
        ) => {
            let from = match (here, there) {
                (Some(here), Some(there)) if here != there => return Bound::Anything,
                (here, there) => here.or(there),
            };
            let names = if mine.is_empty() || yours.is_empty() {
                Vec::new()
            } else {
                yours.retain(|name| !mine.contains(name));
                mine.extend(yours);
                mine
            };
            let mut shared: Vec<u8> = Vec::new();
            for (mine, yours) in left.split(|byte| *byte == b'/').zip(right.split(|byte| *byte == b'/')).skip(1) {
                if mine != yours {
                    break;
                }
                shared.push(b'/');
                shared.extend_from_slice(mine);
            }
            if shared.is_empty() { Bound::Anything } else { Bound::Below { directory: shared, from, names } }
        }
        _ => Bound::Anything,
    }
}

pub(super) fn cased(case: Option<u8>, value: Value) -> Value {
    let Some(case) = case else { return value };
    let mut value = value;
    for part in &mut value.parts {
        if let Part::Known(text) = part {
            if case == b'u' { text.make_ascii_uppercase() } else { text.make_ascii_lowercase() }
        }
    }
    value
}

/// More alternatives than this become a hole.
pub(super) const ALTERNATIVES: usize = 8;
