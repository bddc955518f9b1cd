//! `${…}`: constant where its variable is, and as much as can be said where it is not.

use super::expand::Expanded;
use super::held::Held;
use super::operator::{
    bounds, changed, changed_case, negative, number, removed_prefix, removed_suffix, replaced, slice_list, substring,
};
use super::state::State;
use super::variables::{next_index, number_of};
use super::walker::{Frame, Walker};
use crate::action::{Bound, Part, Value, path};
use crate::parse::{Dialect, Param, ParamOp, Piece, PieceKind, Word};
use crate::text::Span;

impl Walker<'_> {
    /// Expands one parameter.
    pub(super) fn parameter(
        &mut self,
        param: &Param,
        quoted: bool,
        span: Span,
        state: &mut State,
        frame: &Frame,
    ) -> Expanded {
        let mut name = param.name.clone();
        let mut subscript = param.subscript.as_ref().map(|word| self.scalar(word, state, frame));
        if let (Some(key), false) = (&subscript, is_all(subscript.as_ref())) {
            let assoc = state.variable(&name).is_some_and(|variable| variable.assoc)
                || matches!(name.as_slice(), b"BASH_ALIASES" | b"BASH_CMDS");
            if !assoc {
                let number = self.arithmetic_text(&key.clone(), span, state, frame);
                subscript = Some(number);
            }
        }
        if state.dialect == Dialect::Zsh && subscript.is_some() && !is_all(subscript.as_ref()) {
            // zsh counts from one, and takes parts of text this way.
            let keyed = state.variable(&name).is_some_and(|variable| variable.assoc);
            if !keyed {
                return Expanded::One(Value::hole("an element that zsh counts", Bound::Anything));
            }
        }
        if param.indirect {
            match &param.op {
                Some(ParamOp::NamesWithPrefix) => {
                    let why = format!("names of variables that begin with {}", String::from_utf8_lossy(&name));
                    return Expanded::List(vec![Value { many: true, ..Value::hole(why, Bound::Anything) }]);
                }
                Some(ParamOp::Keys) => return self.keys(&name, state),
                _ => {}
            }
            if is_all(subscript.as_ref()) {
                return self.keys(&name, state);
            }
            let nameref = state.variable(&name).is_some_and(|variable| variable.nameref);
            let target = if nameref {
                return Expanded::One(
                    state.target(&name).map_or_else(|| Value::hole("a name", Bound::Name), Value::known),
                );
            } else {
                self.read_one(&name, subscript.as_ref(), state)
            };
            if target.text().is_none_or(<[u8]>::is_empty) {
                self.may_stop(state);
            }
            match target.text() {
                Some(text) => {
                    let text = text.to_vec();
                    match text.iter().position(|byte| *byte == b'[') {
                        Some(at) => {
                            name = text.get(..at).unwrap_or_default().to_vec();
                            let key = text.get(at + 1..text.len().saturating_sub(1)).unwrap_or_default();
                            if key.iter().any(|byte| matches!(byte, b'$' | b'`')) {
                                self.prompt_text(key, state, frame);
                            }
                            subscript = Some(Value::known(key));
                        }
                        None => {
                            name = text;
                            subscript = None;
                        }
                    }
                }
                None => return Expanded::One(Value::hole("the variable another one names", Bound::Anything)),
            }
        }
        let values = self.read_list(&name, subscript.as_ref(), state);
        if param.length {
            return Expanded::One(match &values {
                Some(values) if values.iter().all(|value| !value.many) => Value::known(values.len().to_string()),
                Some(_) => Value::hole("a count", Bound::Number),
                None => match self.read_one(&name, subscript.as_ref(), state).text() {
                    Some(text) => Value::known(String::from_utf8_lossy(text).chars().count().to_string()),
                    None => Value::hole("a length", Bound::Number),
                },
            });
        }
        if let Some(values) = values {
            let values = match &param.op {
                Some(ParamOp::Default { word, .. }) if values.is_empty() => {
                    return Expanded::One(self.operand(word, quoted, state, frame));
                }
                Some(ParamOp::Alternate { word, .. }) => {
                    let value = self.operand(word, quoted, state, frame);
                    return if values.is_empty() { Expanded::List(Vec::new()) } else { Expanded::One(value) };
                }
                Some(ParamOp::Substring { offset, length }) => {
                    let from = self.arithmetic(offset, state, frame);
                    let count = length.as_ref().map(|length| self.arithmetic(length, state, frame));
                    // Of an array with holes the offset is an index.
                    let held = state.target(&name).and_then(|name| state.variable(&name).map(|own| own.held.clone()));
                    let from = match (held, number(&from)) {
                        (Some(Held::Array(elements)), Some(at)) if !matches!(name.as_slice(), b"@" | b"*") => {
                            let behind = i64::try_from(next_index(&elements)).unwrap_or(i64::MAX);
                            let least = if at < 0 { behind + at } else { at };
                            let before = elements
                                .iter()
                                .filter(|(key, _)| number_of(key).and_then(|key| i64::try_from(key).ok()) < Some(least))
                                .count();
                            Value::known(if least < 0 { elements.len() } else { before }.to_string())
                        }
                        _ => from,
                    };
                    if count.as_ref().is_some_and(negative) {
                        self.may_stop(state);
                    }
                    slice_list(&name, values, &from, count.as_ref(), state)
                }
                Some(op) => {
                    let mut all = Vec::with_capacity(values.len());
                    for value in values {
                        let many = value.many;
                        let mut value = self.apply(op, &name, value, true, quoted, state, frame);
                        value.many |= many;
                        all.push(value);
                    }
                    all
                }
                None => values,
            };
            // "$*" is one field; "$@" is a field each.
            let star = name == b"*" || subscript.as_ref().and_then(Value::text) == Some(b"*");
            if star && quoted {
                let between = match state.variable(b"IFS") {
                    None => Some(b" ".to_vec()),
                    Some(variable) if variable.held == Held::Unset => Some(b" ".to_vec()),
                    Some(_) => {
                        self.read_variable(b"IFS", state).text().map(|text| text.get(..1).unwrap_or_default().to_vec())
                    }
                };
                let Some(between) = between else {
                    return Expanded::One(Value::hole("joined by an unknown IFS", Bound::Anything));
                };
                let mut joined = Value::default();
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        joined.push_known(&between);
                    }
                    joined.push(&Value { many: false, ..value.clone() });
                    if value.many {
                        // It may be none, or several with what joins them.
                        joined.parts.truncate(joined.parts.len().saturating_sub(value.parts.len() + 1));
                        joined.push(&Value::hole("a list joined", Bound::Anything));
                        break;
                    }
                }
                joined.add_taint(&values.iter().flat_map(|value| value.taint.iter().copied()).collect::<Vec<_>>());
                return Expanded::One(joined);
            }
            return Expanded::List(values);
        }
        let set = self.is_set(&name, state) && has_element(&name, subscript.as_ref(), state);
        let value = self.read_one(&name, subscript.as_ref(), state);
        if let Some(ParamOp::Default { colon, word } | ParamOp::Alternate { colon, word }) = &param.op {
            let given = set && !(*colon && value.text() == Some(b""));
            let known = value.text().is_some() || !set;
            let operand = given == matches!(param.op, Some(ParamOp::Alternate { .. }));
            if known && operand {
                return Expanded::Word(word.pieces.clone());
            }
            let blanks = |part: &Part| matches!(part, Part::Known(text) if text.iter().any(u8::is_ascii_whitespace));
            if !known && !quoted && word.pieces.iter().any(is_quoted) {
                let operand = self.scalar(word, state, frame);
                if operand.parts.iter().any(blanks) {
                    // Whether it is one word or several, only the run knows.
                    let hole = Value::hole("one of two values", Bound::Anything);
                    return Expanded::One(Value { many: true, taint: operand.taint, ..hole });
                }
            }
        }
        let decides =
            matches!(&param.op, Some(ParamOp::Default { .. } | ParamOp::Assign { .. } | ParamOp::Alternate { .. }));
        if let (Some(op), true) = (&param.op, decides && set && subscript.is_some_and(|key| key.text().is_none())) {
            // There may be no such element.
            let there = self.apply(op, &name, value, true, quoted, state, frame);
            let missing = self.apply(op, &name, Value::default(), false, quoted, state, frame);
            return Expanded::One(super::joined::merged(&[there, missing]));
        }
        Expanded::One(match &param.op {
            Some(op) => self.apply(op, &name, value, set, quoted, state, frame),
            None => value,
        })
    }

    /// `${f%.js}` before another ending: a file that was found or globbed, by another name beside it.
    pub(super) fn beside(&mut self, param: &Param, value: Value, state: &mut State) -> Value {
        let Some(ParamOp::RemoveSuffix { longest: false, pattern }) = &param.op else { return value };
        if param.subscript.is_some() || param.indirect || param.length || value.text().is_some() {
            return value;
        }
        let own = self.read_one(&param.name, None, state);
        // What is taken away: an ending that is written out, or by `.*` whichever the last component certainly has.
        let taken = match pattern.pieces.as_slice() {
            [Piece { kind: PieceKind::Literal(text), .. }] if text.starts_with(b".") && !text.contains(&b'/') => {
                Some(text)
            }
            [Piece { kind: PieceKind::Literal(dot), .. }, Piece { kind: PieceKind::Glob(star), .. }]
                if dot.as_slice() == b"." && star.as_slice() == b"*" =>
            {
                None
            }
            _ => return value,
        };
        // Of a name that is known but for its ending another ending may make configuration.
        let any = |name: &Vec<u8>| match (name.strip_prefix(b"*"), taken) {
            (Some(rest), Some(taken)) => rest == taken.as_slice(),
            (Some(rest), None) => rest
                .strip_prefix(b".")
                .is_some_and(|rest| !rest.is_empty() && !rest.iter().any(|byte| b"*.?[".contains(byte))),
            (None, _) => false,
        };
        let bound = match own.parts.as_slice() {
            [Part::Hole(hole)] => match &hole.bound {
                Bound::Below { directory, from, names }
                    if names.iter().all(any) && (taken.is_some() || !names.is_empty()) =>
                {
                    Bound::Below { directory: directory.clone(), from: from.clone(), names: Vec::new() }
                }
                _ => return value,
            },
            _ => {
                let (star, known) = match value.parts.as_slice() {
                    [Part::Glob(star)] => (star, &b""[..]),
                    [Part::Known(known), Part::Glob(star)] => (star, known.as_slice()),
                    _ => return value,
                };
                let directory = match known.strip_suffix(b"/") {
                    Some(b"") => return value,
                    Some(directory) => directory,
                    None if known.is_empty() => b".",
                    None => return value,
                };
                let directory = path::absolute(&state.cwd, &Value::known(directory));
                let (Some(directory), Some(cwd)) = (directory.text(), state.cwd.text()) else { return value };
                if star.as_slice() != b"*" || taken.is_none() {
                    return value;
                }
                Bound::Below { directory: directory.to_vec(), from: Some(cwd.to_vec()), names: Vec::new() }
            }
        };
        Value {
            taint: value.taint.clone(),
            span: value.span,
            ..Value::hole("a name beside a file that was found", bound)
        }
    }

    fn keys(&mut self, name: &[u8], state: &State) -> Expanded {
        match state.variable(name).map(|variable| &variable.held) {
            Some(Held::Array(elements))
                if elements.iter().all(|(_, value)| !value.many)
                    && (elements.len() < 2 || !state.variable(name).is_some_and(|own| own.assoc)) =>
            {
                Expanded::List(elements.iter().map(|(key, _)| Value::known(key.clone())).collect())
            }
            Some(Held::Unset) => Expanded::List(Vec::new()),
            Some(Held::One(value)) if !value.many => Expanded::List(vec![Value::known("0")]),
            Some(Held::Either(_)) => Expanded::List(vec![Value::known("0")]),
            None if matches!(self.world.variable(name), crate::action::Variable::Unset) => Expanded::List(Vec::new()),
            _ => Expanded::List(vec![Value { many: true, ..Value::hole("keys of an array", Bound::Anything) }]),
        }
    }

    /// Whether a name is known to be set (`None`: not known).
    fn is_set(&self, name: &[u8], state: &State) -> bool {
        match name {
            [byte, ..] if byte.is_ascii_digit() => {
                let index: usize =
                    std::str::from_utf8(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
                index < state.positional.len() || state.positional.iter().any(|value| value.many)
            }
            b"?" | b"$" | b"#" | b"-" | b"_" | b"PWD" | b"IFS" | b"RANDOM" | b"SECONDS" | b"LINENO" | b"PPID"
            | b"UID" | b"EUID" | b"FUNCNAME" | b"BASH_SOURCE" | b"BASH_COMMAND" | b"BASH" | b"BASHPID"
            | b"BASH_VERSION" | b"OPTIND" | b"HOSTNAME" | b"SHLVL"
                if state.variable(name).is_none() =>
            {
                true
            }
            _ => match state.variable(name) {
                Some(variable) => variable.held != Held::Unset,
                None => !matches!(self.world.variable(name), crate::action::Variable::Unset),
            },
        }
    }

    /// `$@`, `${a[@]}` as a list; `None`: a scalar.
    fn read_list(&mut self, name: &[u8], subscript: Option<&Value>, state: &State) -> Option<Vec<Value>> {
        if matches!(name, b"@" | b"*") {
            return Some(state.positional.iter().skip(1).cloned().collect());
        }
        if !is_all(subscript) {
            return None;
        }
        let name = state.target(name)?;
        Some(match state.variable(&name).map(|variable| &variable.held) {
            // In which order those of an associative array come, only bash knows.
            Some(Held::Array(elements)) if elements.len() > 1 && state.variable(&name).is_some_and(|own| own.assoc) => {
                vec![Value { many: true, ..super::held::any_element(std::slice::from_ref(elements)) }]
            }
            Some(Held::Array(elements)) => elements.iter().map(|(_, value)| value.clone()).collect(),
            Some(Held::Arrays(arrays)) => {
                let value = super::held::any_element(arrays);
                vec![Value { many: true, ..value }]
            }
            Some(Held::Unset) => Vec::new(),
            None if matches!(self.world.variable(&name), crate::action::Variable::Unset) => Vec::new(),
            // Not set on one way: then there is none.
            Some(Held::Either(values)) if values.iter().any(|value| value.text() == Some(b"")) => {
                vec![Value { many: true, ..self.read_variable(&name, state) }]
            }
            _ => vec![self.read_variable(&name, state)],
        })
    }

    fn read_one(&mut self, name: &[u8], subscript: Option<&Value>, state: &State) -> Value {
        if let Some(key) = subscript {
            return self.element(name, key, state);
        }
        match name {
            // Nothing may have run beside the shell yet.
            b"!" => Value { many: true, ..Value::hole("$!", Bound::Number) },
            b"?" | b"$" => Value::hole(format!("${}", String::from_utf8_lossy(name)), Bound::Number),
            b"#" => {
                let rest = state.positional.get(1..).unwrap_or_default();
                if rest.iter().any(|value| value.many) {
                    Value::hole("$#", Bound::Number)
                } else {
                    Value::known(rest.len().to_string())
                }
            }
            b"-" => Value::hole("$-", Bound::Name),
            [byte, ..] if byte.is_ascii_digit() => {
                let index: usize =
                    std::str::from_utf8(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
                match state.positional.iter().take(index.saturating_add(1)).find(|value| value.many) {
                    Some(value) => Value { many: false, ..value.clone() },
                    None => state.positional.get(index).cloned().unwrap_or_default(),
                }
            }
            _ => self.read_variable(name, state),
        }
    }

    /// The operand of `${x:-word}`: quoted as its surroundings are.
    fn operand(&mut self, word: &Word, quoted: bool, state: &mut State, frame: &Frame) -> Value {
        if quoted { self.scalar(word, state, frame) } else { self.pattern(word, state, frame) }
    }

    #[allow(clippy::too_many_arguments)]
    fn apply(
        &mut self,
        op: &ParamOp,
        name: &[u8],
        value: Value,
        set: bool,
        quoted: bool,
        state: &mut State,
        frame: &Frame,
    ) -> Value {
        let empty = value.parts.is_empty();
        // Empty on one way may be not set on it.
        let doubt = matches!(state.variable(name).map(|variable| &variable.held),
            Some(Held::Either(values)) if values.iter().any(|value| value.text() == Some(b"")));
        if is_extended(op) {
            return changed(&value, "a variable cut by an extended pattern");
        }
        match op {
            ParamOp::Default { colon, word } | ParamOp::Error { colon, word } | ParamOp::Assign { colon, word } => {
                let other = self.operand(word, quoted, state, frame);
                let missing = !set || (*colon && empty);
                if matches!(op, ParamOp::Error { .. }) {
                    if missing || value.has_hole() {
                        self.left.push((super::walker::Leave::Shell, state.clone()));
                    }
                    return if missing { Value::hole("a variable that must be set", Bound::Anything) } else { value };
                }
                let result = if missing {
                    other
                } else if doubt && !*colon
                    || value.has_hole() && *colon && !value.parts.iter().any(|part| matches!(part, Part::Known(_)))
                {
                    super::joined::merged(&[value, other])
                } else {
                    value
                };
                if matches!(op, ParamOp::Assign { .. }) {
                    state.set(name, result.clone());
                }
                result
            }
            ParamOp::Alternate { colon, word } => {
                let other = self.operand(word, quoted, state, frame);
                let present = set && !(*colon && empty);
                if !present {
                    return Value::default();
                }
                if doubt {
                    return super::joined::merged(&[other, Value::default()]);
                }
                if value.has_hole() && state.variable(name).is_none() && other.has_hole() {
                    return super::joined::merged(&[other]);
                }
                other
            }
            ParamOp::RemovePrefix { longest, pattern } => {
                let pattern = self.pattern(pattern, state, frame);
                removed_prefix(&value, &pattern, *longest)
            }
            ParamOp::RemoveSuffix { longest, pattern } => {
                let pattern = self.pattern(pattern, state, frame);
                removed_suffix(&value, &pattern, *longest)
            }
            ParamOp::Replace { .. } if !set && value.text().is_some() => value,
            ParamOp::Replace { all, anchor, pattern, with } => {
                let pattern = self.pattern(pattern, state, frame);
                let unquoted = with.as_ref().is_some_and(|word| !word.pieces.iter().all(is_quoted));
                let with = with.as_ref().map(|word| self.scalar(word, state, frame)).unwrap_or_default();
                let marks = |part: &Part| matches!(part, Part::Known(text) if text.contains(&b'&'));
                if unquoted && with.parts.iter().any(marks) {
                    // From bash 5.2 on, `&` is the text that matched.
                    return changed(&value, "a variable with text replaced by what it matched");
                }
                replaced(&value, &pattern, &with, *all, *anchor)
            }
            ParamOp::Case { op, pattern } => {
                let pattern = pattern.as_ref().map(|word| self.pattern(word, state, frame));
                let all = pattern.as_ref().is_none_or(
                    |pattern| matches!(pattern.parts.as_slice(), [Part::Glob(one)] if one.as_slice() == b"?"),
                );
                match (value.text(), all) {
                    (Some(text), true) => Value { taint: value.taint.clone(), ..Value::known(changed_case(text, op)) },
                    _ => changed(&value, "text in another case"),
                }
            }
            ParamOp::Substring { offset, length } => {
                let from = self.arithmetic(offset, state, frame);
                let count = length.as_ref().map(|length| self.arithmetic(length, state, frame));
                let short =
                    |text: &[u8]| bounds(text.len(), &from, count.as_ref()).is_some_and(|(start, end)| start < end);
                if count.as_ref().is_some_and(negative) && !value.text().is_some_and(short) {
                    self.may_stop(state);
                }
                substring(&value, &from, count.as_ref())
            }
            ParamOp::Transform(letter) => match (letter, value.text()) {
                (b'P', Some(text)) => {
                    let text = text.to_vec();
                    self.prompt(&text, state, frame).unwrap_or_else(|| changed(&value, "text expanded as a prompt"))
                }
                (b'P', None) => {
                    self.opaque(
                        crate::action::GapKind::Opaque,
                        "a prompt expansion of text not known yet",
                        frame.span.unwrap_or_default(),
                        state,
                        frame,
                    );
                    changed(&value, "text expanded as a prompt")
                }
                (b'U', Some(text)) => Value::known(text.to_ascii_uppercase()),
                (b'L', Some(text)) => Value::known(text.to_ascii_lowercase()),
                (b'u', Some(text)) => Value::known(changed_case(text, b"^")),
                (b'E', Some(text)) => Value::known(super::printf::escapes(text).0),
                (b'Q', Some(text))
                    if text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(byte))
                        && !text.is_empty() =>
                {
                    Value::known([b"'", text, b"'"].concat())
                }
                _ => changed(&value, "a transformed variable"),
            },
            ParamOp::NamesWithPrefix | ParamOp::Keys => {
                Value { many: true, ..Value::hole("names of variables", Bound::Name) }
            }
        }
    }
}

/// Whether an array has the element that is asked for, as far as that is known.
fn has_element(name: &[u8], subscript: Option<&Value>, state: &State) -> bool {
    let Some(key) = subscript.and_then(Value::text) else { return true };
    let Some(name) = state.target(name) else { return true };
    match state.variable(&name).map(|variable| &variable.held) {
        Some(Held::Array(elements)) if elements.iter().all(|(_, value)| !value.many) => {
            let back = key.strip_prefix(b"-").and_then(number_of);
            let at = back.map(|back| next_index(elements).checked_sub(back).map(|at| at.to_string().into_bytes()));
            let key = at.unwrap_or_else(|| Some(key.to_vec()));
            elements.iter().any(|(own, _)| Some(own) == key.as_ref())
        }
        _ => true,
    }
}

/// Whether the operator's pattern may be an extended one: `+(a)`, where `extglob` is on when it is expanded.
fn is_extended(op: &ParamOp) -> bool {
    let pattern = match op {
        ParamOp::RemovePrefix { pattern, .. } | ParamOp::RemoveSuffix { pattern, .. } => pattern,
        ParamOp::Replace { pattern, .. } | ParamOp::Case { pattern: Some(pattern), .. } => pattern,
        _ => return false,
    };
    let mut text: Vec<u8> = Vec::new();
    for piece in &pattern.pieces {
        match &piece.kind {
            PieceKind::Literal(own) | PieceKind::Glob(own) => text.extend_from_slice(own),
            PieceKind::Param(_) | PieceKind::Command(_) => text.push(b'*'),
            _ => text.push(b'x'),
        }
    }
    let open = text.windows(2).position(|two| b"?*+@!".contains(&two[0]) && two[1] == b'(');
    open.is_some_and(|open| text.get(open..).is_some_and(|rest| rest.contains(&b')')))
}

/// Whether a piece of a word stands in quotes.
fn is_quoted(piece: &Piece) -> bool {
    matches!(
        piece.kind,
        PieceKind::Double(_)
            | PieceKind::Single(_)
            | PieceKind::AnsiC(_)
            | PieceKind::Escaped(_)
            | PieceKind::Locale(_)
    )
}

fn is_all(subscript: Option<&Value>) -> bool {
    subscript.and_then(Value::text).is_some_and(|text| matches!(text, b"@" | b"*"))
}
