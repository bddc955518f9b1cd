//! Words that bash evaluates once more when it uses them: arithmetic, subscripts, and the names that builtins set.

use super::environment::{Meaning, meaning};
use super::held::Held;
use super::letters::subscripted;
use super::state::State;
use super::walker::{Frame, Walker};
use super::{arith, blank, gap};
use crate::action::{Action, ActionKind, Bound, GapKind, Part, Value};
use crate::text::Span;

/// More names than this are not followed from one expression to the next.
const NAMES: usize = 32;

impl Walker<'_> {
    /// The number of text that bash evaluates (`$(( ))`, `let`, subscripts, integer variables); what it assigns becomes
    /// known or a number.
    pub(super) fn arithmetic_text(&mut self, text: &Value, span: Span, state: &mut State, frame: &Frame) -> Value {
        self.number_in_variable(text, state, frame);
        let mut number = Value::hole("arithmetic", Bound::Number);
        number.taint = text.taint.clone();
        let Some(known) = text.text() else {
            for name in arith::assigned(&flat(text)) {
                state.forget(&name, "set by arithmetic", Bound::Number);
            }
            return number.at(frame.at(span));
        };
        let assigned = arith::assigned(known);
        if assigned.is_empty() {
            let value = arith::evaluate(known, &mut |name| self.number_of(name, state));
            if value.is_none() && self.mistaken(known, state) {
                self.may_stop(state);
            }
            return match value {
                Some(value) => Value::known(value.to_string()).at(frame.at(span)),
                None => number.at(frame.at(span)),
            };
        }
        if known.iter().any(|byte| matches!(byte, b'/' | b'%')) {
            self.may_stop(state);
        }
        for name in assigned {
            let simple = known
                .strip_prefix(name.as_slice())
                .map(<[u8]>::trim_ascii_start)
                .and_then(|rest| rest.strip_prefix(b"="));
            let value = simple
                .filter(|rest| !rest.starts_with(b"="))
                .and_then(|rest| arith::evaluate(rest, &mut |other| self.number_of(other, state)));
            match value {
                Some(value) => state.set(&name, Value::known(value.to_string())),
                None => state.forget(&name, "set by arithmetic", Bound::Number),
            }
        }
        number.at(frame.at(span))
    }

    /// Whether an expression without a known number may be a mistake: a division, no names in it, or one that is no number.
    fn mistaken(&self, text: &[u8], state: &State) -> bool {
        let wrong = |name: &[u8]| {
            let value = self.read_variable(name, state);
            value.text().is_some() && self.number_of(name, state).is_none()
        };
        text.iter().any(|byte| matches!(byte, b'/' | b'%'))
            || arith::names(text).next().is_none()
            || arith::names(text).any(wrong)
    }

    /// The number a name stands for in arithmetic: nothing is zero.
    fn number_of(&self, name: &[u8], state: &State) -> Option<i64> {
        match self.read_variable(name, state).text()? {
            b"" => Some(0),
            // Octal, or an error.
            [b'0', _, ..] => None,
            text => std::str::from_utf8(text).ok()?.parse().ok(),
        }
    }

    /// Text that bash evaluates as arithmetic: `a[$(cmd)]` in it runs, and so it does in the value of a name in it.
    pub(super) fn number_runs(&mut self, text: &Value, action: &mut Action, state: &mut State, frame: &Frame) {
        if !text.parts.iter().any(|part| matches!(part, Part::Known(text) if evaluates(text))) {
            // Output of a command compared as a number is everyday work: it counts as data.
            return;
        }
        let mut todo = vec![flat(text)];
        let mut followed: Vec<Vec<u8>> = Vec::new();
        while let Some(known) = todo.pop() {
            if known.iter().any(|byte| matches!(byte, b'$' | b'`')) {
                let span = action.span;
                if let Some(inner) = frame.behind(b"((", span) {
                    self.prompt_text(&known, state, &inner);
                }
                gap(action, GapKind::Opaque, "arithmetic on text that runs a command", span);
            }
            for name in arith::names(&known) {
                if followed.len() >= NAMES || followed.iter().any(|own| own == name) {
                    continue;
                }
                followed.push(name.to_vec());
                let mut add = |value: &Value| {
                    let text = flat(value);
                    if evaluates(&text) {
                        todo.push(text);
                    }
                };
                match state.target(name).and_then(|name| state.variable(&name)).map(|known| &known.held) {
                    Some(Held::Unset) => {}
                    Some(Held::One(value)) => add(value),
                    Some(Held::Either(values)) => values.iter().for_each(&mut add),
                    Some(Held::Array(elements)) => elements.iter().for_each(|(_, value)| add(value)),
                    Some(Held::Arrays(arrays)) => arrays.iter().flatten().for_each(|(_, value)| add(value)),
                    None => add(&self.read_variable(name, state)),
                }
            }
        }
    }

    /// A name with a subscript given as a word (`test -v 'a[$(x)]'`, `unset`, `read`, `printf -v`).
    pub(super) fn subscript_runs(&mut self, name: &Value, action: &mut Action, state: &mut State, frame: &Frame) {
        if name.parts.iter().any(|part| matches!(part, Part::Known(text) if text.contains(&b'['))) {
            let assoc = name
                .text()
                .and_then(subscripted)
                .is_some_and(|(base, _)| state.variable(base).is_some_and(|variable| variable.assoc));
            let runs = flat(name).iter().any(|byte| matches!(byte, b'$' | b'`'));
            if !assoc || runs {
                self.number_runs(name, action, state, frame);
            }
        }
    }

    /// Arithmetic outside an action of its own.
    fn number_in_variable(&mut self, value: &Value, state: &mut State, frame: &Frame) {
        let mut action = blank(ActionKind::Builtin, Some(b"(("), &state.cwd, value.span);
        self.number_runs(value, &mut action, state, frame);
        if !action.gaps.is_empty() {
            self.emit(action, frame);
        }
    }

    /// The key an indexed array's subscript means; an associative one's is its text.
    pub(super) fn index(&mut self, name: &[u8], key: Value, span: Span, state: &mut State, frame: &Frame) -> Value {
        let assoc = state.target(name).is_some_and(|name| state.variable(&name).is_some_and(|variable| variable.assoc));
        if assoc { key } else { self.arithmetic_text(&key, span, state, frame) }
    }

    /// Sets the variable that a word names (`printf -v`, `read`, `wait -p`), with what setting it makes run.
    pub(super) fn store(&mut self, word: &Value, held: Held, action: &mut Action, state: &mut State, frame: &Frame) {
        self.subscript_runs(word, action, state, frame);
        let span = action.span;
        // `name[1]` unquoted is itself where no file `name1` is.
        let literal = (!word.has_hole()
            && word.prefix().first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_'))
        .then(|| flat(word));
        let Some(text) = literal else {
            match word.prefix().iter().position(|byte| *byte == b'[') {
                // An element that only the run knows.
                Some(at) => {
                    let name = word.prefix().get(..at).unwrap_or_default().to_vec();
                    let value =
                        Value { many: true, ..Value::hole("an array with an unknown subscript", Bound::Anything) };
                    state.change(&name, |variable| variable.held = Held::One(value));
                }
                None => gap(action, GapKind::Partial, "a variable not known is set", span),
            }
            return;
        };
        self.attributes(&text, &held, action, state, frame);
        let base = subscripted(&text).map_or(text.as_slice(), |(base, _)| base);
        if meaning(base) != Meaning::Plain {
            let value = match &held {
                Held::One(value) => value.clone(),
                _ => Value::hole("several values", Bound::Anything),
            };
            let exported = state.variable(base).is_some_and(|variable| variable.exported);
            let inner = blank(ActionKind::Assign, None, &state.cwd, span);
            self.emit_assign(inner, base, &value, exported, state, frame);
        }
        if let Some((name, key)) = subscripted(&text) {
            let key = self.index(name, Value::known(key), span, state, frame);
            let value = match held {
                Held::One(value) => value,
                Held::Unset | Held::Array(_) | Held::Arrays(_) => Value::default(),
                Held::Either(values) => super::joined::merged(&values),
            };
            self.put(name, &key, value, state);
            return;
        }
        state.hold(&text, held);
    }

    /// What the attributes of a variable make of the values it is given: an integer's is evaluated, a reference's is a name.
    pub(super) fn attributes(
        &mut self,
        name: &[u8],
        held: &Held,
        action: &mut Action,
        state: &mut State,
        frame: &Frame,
    ) {
        let base = subscripted(name).map_or(name, |(base, _)| base);
        let unbound = state.unbound(base);
        let integer =
            state.target(base).is_some_and(|name| state.variable(&name).is_some_and(|variable| variable.integer));
        if !(integer || unbound) {
            return;
        }
        let values: Vec<Value> = match held {
            Held::Unset => Vec::new(),
            Held::One(value) => vec![value.clone()],
            Held::Either(values) => values.clone(),
            Held::Array(elements) => elements.iter().map(|(_, value)| value.clone()).collect(),
            Held::Arrays(arrays) => arrays.iter().flatten().map(|(_, value)| value.clone()).collect(),
        };
        for value in values {
            if integer {
                self.number_runs(&value, action, state, frame);
            } else {
                self.subscript_runs(&value, action, state, frame);
            }
        }
    }
}

/// Whether arithmetic on this text does more than count: it has names in it or what runs.
fn evaluates(text: &[u8]) -> bool {
    text.iter().any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'`'))
}

/// The known text with a number for each hole.
pub(super) fn flat(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for part in &value.parts {
        match part {
            Part::Known(text) | Part::Glob(text) => out.extend_from_slice(text),
            Part::Hole(_) => out.push(b'0'),
        }
    }
    out
}
