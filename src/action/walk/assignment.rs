//! Assignments: what they put into variables, elements and arrays, and what that runs.

use super::environment;
use super::held::Held;
use super::joined::{either, merged};
use super::letters::subscripted;
use super::shape::{Shape, shape};
use super::state::State;
use super::variables::{counted_back, hides_history, next_index, number_of, without_newlines};
use super::walker::{Frame, Walker};
use super::{blank, gap};
use crate::action::{Action, ActionKind, Bound, Effect, EffectKind, GapKind, Object, Value, argv, path};
use crate::parse::{Assign, AssignValue, Piece, PieceKind, Word};

impl Walker<'_> {
    /// Expands one assignment and applies it (`keep`), or only says what it would set (a leading assignment).
    pub(super) fn assign(&mut self, assign: &Assign, keep: bool, state: &mut State, frame: &Frame) -> (Vec<u8>, Value) {
        let mut action = blank(ActionKind::Assign, None, &state.cwd, assign.span);
        if keep && state.fixed(&assign.name) {
            self.may_stop(state);
        }
        let key = assign.subscript.as_ref().map(|word| {
            let key = self.scalar(word, state, frame);
            self.index(&assign.name, key, assign.span, state, frame)
        });
        let value = match &assign.value {
            AssignValue::Scalar(word) => {
                self.ways.clear();
                let value = self.scalar(word, state, frame);
                let ways = std::mem::take(&mut self.ways);
                let plain = key.is_none() && keep && !assign.append && is_substitution(word) && !ways.is_empty();
                let value =
                    self.assign_scalar(&assign.name, key, value, assign.append, keep, &mut action, state, frame);
                if plain {
                    self.one_of(&assign.name, ways, &value, state);
                }
                value
            }
            AssignValue::Array(elements) if keep && assign.append && extends(elements, &assign.name, state) => {
                let words: Vec<Word> = elements.iter().map(|(_, word)| word.clone()).collect();
                let more = self.fields(&words, state, frame);
                state.change(&assign.name, |variable| {
                    if let Held::Array(known) = &mut variable.held {
                        for value in more {
                            set_element(known, next_index(known).to_string().as_bytes(), &value);
                        }
                    }
                });
                Value::default()
            }
            AssignValue::Array(elements) => {
                let target = state.target(&assign.name).unwrap_or_else(|| assign.name.clone());
                let held = self.array(elements, &target, assign.append, state, frame);
                if keep {
                    if let Some(name) = state.target(&assign.name).filter(|name| !state.fixed(name)) {
                        state.change(&name, |variable| variable.held = held);
                    }
                }
                Value::default()
            }
        };
        action.operands = vec![Value::known(assign.name.clone()), value.clone()];
        let mut shown = Value::known([assign.name.as_slice(), b"="].concat());
        shown.push(&value);
        action.argv = vec![shown.at(frame.at(assign.span))];
        let exported = !keep || state.variable(&assign.name).is_some_and(|variable| variable.exported);
        self.emit_assign(action, &assign.name, &value, exported, state, frame);
        (assign.name.clone(), value)
    }

    /// A variable that was given the output of a command holds one of the texts that it may be. That it may be none at all stays
    /// unknown text.
    pub(super) fn one_of(&self, name: &[u8], ways: Vec<Value>, value: &Value, state: &mut State) {
        let Some(name) = state.target(name).filter(|name| !state.fixed(name)) else { return };
        let told = |way: Value| Value { taint: value.taint.clone(), ..without_newlines(way) };
        let texts = ways.into_iter().map(|way| if way.parts.is_empty() { value.clone() } else { told(way) });
        let texts: Vec<Value> = texts.collect();
        state.change(&name, |variable| {
            if !variable.integer && variable.case.is_none() && variable.held == Held::One(value.clone()) {
                variable.held = Held::Either(texts);
            }
        });
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn assign_scalar(
        &mut self,
        name: &[u8],
        key: Option<Value>,
        value: Value,
        append: bool,
        keep: bool,
        action: &mut Action,
        state: &mut State,
        frame: &Frame,
    ) -> Value {
        if state.unbound(name) {
            self.subscript_runs(&value, action, state, frame);
            if keep {
                state.set(name, value.clone());
            }
            return value;
        }
        let Some(name) = state.target(name) else {
            // It may be a reference that stands for no name yet.
            self.subscript_runs(&value, action, state, frame);
            return value;
        };
        let mut value = value;
        let own = key.as_ref().map(|_| name.clone()).or_else(|| subscripted(&name).map(|(base, _)| base.to_vec()));
        let key = key.or_else(|| subscripted(&name).map(|(_, key)| Value::known(key)));
        let integer = state.variable(own.as_ref().unwrap_or(&name)).is_some_and(|variable| variable.integer);
        if integer {
            value = self.arithmetic_text(&value, action.span, state, frame);
        }
        if append && integer {
            let before = match (&own, &key) {
                (Some(own), Some(key)) => self.element(own, key, state),
                _ => self.read_variable(&name, state),
            };
            let number = |value: &Value| std::str::from_utf8(value.text()?).ok()?.parse::<i64>().ok();
            let sum = number(&before).zip(number(&value)).and_then(|(before, more)| before.checked_add(more));
            value = match sum {
                Some(sum) => Value::known(sum.to_string()),
                None => Value::hole("a sum", Bound::Number),
            };
        }
        if append && !integer {
            let mut longer = match (&own, &key) {
                (Some(own), Some(key)) => self.element(own, key, state),
                _ => self.read_variable(&name, state),
            };
            longer.push(&value);
            value = longer;
        }
        match (own, key) {
            _ if !keep => {}
            (Some(own), Some(key)) => self.put(&own, &key, value.clone(), state),
            _ => state.set(&name, value.clone()),
        }
        value
    }

    /// Sets one element of an array.
    pub(super) fn put(&mut self, name: &[u8], key: &Value, value: Value, state: &mut State) {
        let Some(name) = state.target(name).filter(|name| !state.fixed(name)) else { return };
        let key = key.text().map(<[u8]>::to_vec);
        state.change(&name, |variable| {
            let value = super::joined::cased(variable.case, value);
            let unsure =
                Held::One(Value { many: true, ..Value::hole("an array with an unknown subscript", Bound::Anything) });
            let mut elements = match std::mem::replace(&mut variable.held, Held::Unset) {
                Held::Array(elements) => elements,
                Held::One(value) => vec![(b"0".to_vec(), value)],
                Held::Either(values) => vec![(b"0".to_vec(), merged(&values))],
                Held::Arrays(mut arrays) => {
                    let Some(key) = &key else { return variable.held = unsure };
                    for elements in &mut arrays {
                        if let Some(key) = counted_back(elements, key.clone(), variable.assoc) {
                            set_element(elements, &key, &value);
                        }
                    }
                    return variable.held = Held::Arrays(arrays);
                }
                Held::Unset => Vec::new(),
            };
            let back = key.as_ref().is_some_and(|key| key.starts_with(b"-")) && !variable.assoc;
            if back && elements.iter().any(|(_, value)| value.many) {
                return variable.held = unsure;
            }
            variable.held = match key.map(|key| counted_back(&elements, key, variable.assoc)) {
                None => unsure,
                // What lies before the first one is no element: bash refuses.
                Some(None) => Held::Array(elements),
                Some(Some(key)) => {
                    set_element(&mut elements, &key, &value);
                    Held::Array(elements)
                }
            };
        });
    }

    /// `(a b [3]=c)`
    pub(super) fn array(
        &mut self,
        elements: &[(Option<Word>, Word)],
        name: &[u8],
        append: bool,
        state: &mut State,
        frame: &Frame,
    ) -> Held {
        let ways = state.variable(name).filter(|_| append).and_then(|variable| variable.held.ways());
        if let Some(ways) = ways {
            // Each of the arrays grows.
            let before = state.variables.hold(name);
            let mut all: Option<Held> = None;
            for way in ways {
                state.change(name, |variable| variable.held = way);
                let grown = self.array(elements, name, append, state, frame);
                all = Some(all.map_or_else(|| grown.clone(), |all| either(&all, &grown)));
            }
            if let Some(before) = before {
                state.variables.insert(name, before);
            }
            return all.unwrap_or(Held::Unset);
        }
        let mut out: Vec<(Vec<u8>, Value)> = match state.variable(name).map(|variable| &variable.held) {
            Some(Held::Array(known)) if append => known.clone(),
            Some(Held::One(value)) if append => vec![(b"0".to_vec(), value.clone())],
            _ => Vec::new(),
        };
        let mut next = next_index(&out);
        let assoc = state.variable(name).is_some_and(|variable| variable.assoc);
        let integer = state.variable(name).is_some_and(|variable| variable.integer);
        for (key, word) in elements {
            match key {
                Some(key) => {
                    let key = self.scalar(key, state, frame);
                    let key = self.index(name, key, word.span, state, frame);
                    let value = self.scalar(word, state, frame);
                    let braces = value.text().is_some_and(|text| text.contains(&b'{') && text.contains(&b'}'));
                    if braces && word.pieces.iter().any(|piece| matches!(piece.kind, PieceKind::Literal(_))) {
                        // Braces make several elements of it, each with a subscript of its own.
                        let hole = Value::hole("braces behind a subscript", Bound::Anything);
                        return Held::One(Value { many: true, ..hole });
                    }
                    match key.text() {
                        Some(key) => {
                            next = std::str::from_utf8(key)
                                .ok()
                                .and_then(|key| key.parse().ok())
                                .map_or(next, |at: usize| at.saturating_add(1));
                            set_element(&mut out, key, &value);
                        }
                        None => {
                            return Held::One(Value {
                                many: true,
                                ..Value::hole("an array with an unknown subscript", Bound::Anything)
                            });
                        }
                    }
                }
                None => {
                    for value in self.fields(std::slice::from_ref(word), state, frame) {
                        set_element(&mut out, next.to_string().as_bytes(), &value);
                        next = next.saturating_add(1);
                    }
                }
            }
        }
        if assoc && elements.iter().all(|(key, _)| key.is_none()) {
            // `(key value key value)`
            let words: Vec<Value> = out.into_iter().map(|(_, value)| value).collect();
            let pairs: Option<Vec<(Vec<u8>, Value)>> = words
                .chunks(2)
                .map(|pair| Some((pair.first()?.text()?.to_vec(), pair.get(1).cloned().unwrap_or_default())))
                .collect();
            return pairs.map_or_else(
                || {
                    let value = Value::hole("an array with an unknown subscript", Bound::Anything);
                    Held::One(Value { many: true, ..value })
                },
                Held::Array,
            );
        }
        if integer {
            for (_, value) in &mut out {
                *value = self.arithmetic_text(value, value.span, state, frame);
            }
        }
        Held::Array(out)
    }

    /// Emits an assignment, with what setting that name makes run.
    pub(super) fn emit_assign(
        &mut self,
        mut action: Action,
        name: &[u8],
        value: &Value,
        exported: bool,
        state: &mut State,
        frame: &Frame,
    ) {
        let mut meaning = environment::meaning(name);
        let span = action.span;
        let empty = value.text() == Some(b"") || value.text() == Some(b"/dev/null") || argv::loads_nothing(name, value);
        if let (environment::Meaning::Plain, true, Some(text)) = (meaning, exported, value.text()) {
            // Old shells take it for a function, and run what stands behind it.
            meaning = if text.starts_with(b"() {") {
                environment::Meaning::Loads
            } else {
                self.by_shape(&mut action, name, text, value, state)
            };
        }
        match meaning {
            environment::Meaning::History => action.effects.push(hides_history(span)),
            _ if empty => {}
            environment::Meaning::Plain => {}
            environment::Meaning::Loads if exported => {
                gap(&mut action, GapKind::ExecutionKey, format!("{} loads code", String::from_utf8_lossy(name)), span);
            }
            environment::Meaning::Table => {
                gap(&mut action, GapKind::ExecutionKey, "another program or text behind a command's name", span);
            }
            environment::Meaning::Loads => {}
            environment::Meaning::Command | environment::Meaning::Prompt | environment::Meaning::Script => {}
        }
        let shell_own = matches!(meaning, environment::Meaning::Prompt);
        self.emit(action, frame);
        if empty || !(exported || shell_own) {
            return;
        }
        let Some(inner) = frame.behind(name, span) else { return };
        match (meaning, value.text()) {
            (
                environment::Meaning::Plain
                | environment::Meaning::Loads
                | environment::Meaning::Table
                | environment::Meaning::History,
                _,
            ) => {}
            (environment::Meaning::Command, Some(text)) => {
                let text = text.to_vec();
                let mut own = state.clone();
                self.text(&text, &mut own, &inner);
            }
            (environment::Meaning::Prompt, Some(text)) => {
                let text = text.to_vec();
                if name == b"PROMPT_COMMAND" {
                    let mut own = state.clone();
                    self.text(&text, &mut own, &inner);
                } else {
                    self.prompt(&text, state, &inner);
                }
            }
            // `ENV=test`: of a stage that has its name; no file is there that a shell could read.
            (environment::Meaning::Script, Some(text)) if name == b"ENV" && self.is_no_file(text, state) => {}
            (environment::Meaning::Script, Some(text)) => {
                let path = Value::known(text);
                let mut own = state.clone();
                self.script_file(&path, &[], state.dialect, &mut own, &inner, span);
            }
            (_, None) => {
                self.opaque(
                    GapKind::ExecutionKey,
                    format!("{} runs what is not known yet", String::from_utf8_lossy(name)),
                    span,
                    state,
                    &inner,
                );
            }
        }
    }

    /// What the name and value say by their shape where no table knows the name; a path that is written or left to is an effect.
    pub(super) fn by_shape(
        &self,
        action: &mut Action,
        name: &[u8],
        text: &[u8],
        value: &Value,
        state: &State,
    ) -> environment::Meaning {
        let home = self.world.home();
        let inside = |path: &[u8]| {
            state.cwd.text().is_some_and(|cwd| {
                cwd.len() > 1
                    && path.strip_prefix(cwd).is_some_and(|rest| rest.is_empty() || b"/=".contains(&rest[0]))
                    && !path.windows(3).any(|part| part == b"/..")
            })
        };
        let kind = match shape(name, text, home.as_deref(), &inside) {
            Shape::Plain => return environment::Meaning::Plain,
            Shape::Command => return environment::Meaning::Command,
            Shape::Loads => return environment::Meaning::Loads,
            Shape::Writes => EffectKind::Writes,
            Shape::Leaves => EffectKind::Reads,
        };
        // ffmpeg's report and git's trace to a socket name their file behind a word.
        let file = text.strip_prefix(b"file=").or(text.strip_prefix(b"af_unix:")).unwrap_or(text);
        let file = file.strip_prefix(b"stream:").or(file.strip_prefix(b"dgram:")).unwrap_or(file);
        let path = path::absolute(&state.cwd, &Value::known(file).at(value.span));
        action.effects.push(Effect::certain(kind, Object::Path { path, as_written: file.to_vec() }, action.span));
        environment::Meaning::Plain
    }
}

/// Whether a word is one command substitution and nothing else.
pub(super) fn is_substitution(word: &Word) -> bool {
    match word.pieces.as_slice() {
        [Piece { kind: PieceKind::Command(_), .. }] => true,
        [Piece { kind: PieceKind::Double(inner), .. }] => {
            matches!(inner.as_slice(), [Piece { kind: PieceKind::Command(_), .. }])
        }
        _ => false,
    }
}

/// Whether elements only come behind those of a plain array: it grows in place.
pub(super) fn extends(elements: &[(Option<Word>, Word)], name: &[u8], state: &State) -> bool {
    let plain = state.variable(name).is_some_and(|variable| {
        matches!(variable.held, Held::Array(_))
            && !(variable.nameref || variable.readonly || variable.integer || variable.assoc)
            && variable.case.is_none()
    });
    plain && elements.iter().all(|(key, _)| key.is_none())
}

pub(super) fn set_element(elements: &mut Vec<(Vec<u8>, Value)>, key: &[u8], value: &Value) {
    // Most grow at their end.
    let behind = |last: usize| number_of(key).is_some_and(|key| key > last);
    if elements.last().is_none_or(|(last, _)| number_of(last).is_some_and(behind)) {
        return elements.push((key.to_vec(), value.clone()));
    }
    if let Some((_, element)) = elements.iter_mut().find(|(own, _)| own == key) {
        *element = value.clone();
        return;
    }
    let at = number_of(key).and_then(|key| elements.iter().position(|(own, _)| number_of(own) > Some(key)));
    elements.insert(at.unwrap_or(elements.len()), (key.to_vec(), value.clone()));
}
