//! `declare` and its like: variables with attributes.

use std::rc::Rc;

use super::held::Held;
use super::joined::either;
use super::letters::subscripted;
use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Status, Walker};
use super::{blank, gap};
use crate::action::{Action, ActionKind, Bound, GapKind, Value};
use crate::parse::{Dialect, PieceKind, Word};
use crate::text::Span;

impl Walker<'_> {
    /// `export`, `declare`, `local`, `readonly`, `typeset`.
    #[inline(never)]
    pub(super) fn declare(
        &mut self,
        name: &[u8],
        ready: &Ready<'_>,
        mut action: Action,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let mut letters: Vec<u8> = Vec::new();
        // Attributes that it takes away.
        let mut taken: Vec<u8> = Vec::new();
        let mut names: Vec<(Vec<u8>, Option<Value>, bool)> = Vec::new();
        for value in ready.argv.iter().skip(1) {
            let prefix = value.prefix();
            match prefix {
                [b'-', flags @ ..] if value.text().is_some() && !flags.is_empty() => letters.extend_from_slice(flags),
                [b'+', flags @ ..] => taken.extend_from_slice(flags),
                _ => match prefix.iter().position(|byte| *byte == b'=') {
                    Some(at) => {
                        let append = prefix.get(..at).is_some_and(|head| head.ends_with(b"+"));
                        let own = prefix.get(..at - usize::from(append)).unwrap_or_default().to_vec();
                        let mut rest = value.clone();
                        if let Some(crate::action::Part::Known(text)) = rest.parts.first_mut() {
                            text.drain(..=at);
                            if text.is_empty() {
                                rest.parts.remove(0);
                            }
                        }
                        rest.many = false;
                        names.push((own, Some(rest), append));
                    }
                    None => match value.text() {
                        Some(own) => names.push((own.to_vec(), None, false)),
                        None => gap(&mut action, GapKind::Partial, "a variable not known is declared", ready.span),
                    },
                },
            }
        }
        if letters.iter().any(|letter| matches!(letter, b'c' | b'I')) {
            gap(&mut action, GapKind::Partial, "an attribute that is not read", ready.span);
        }
        let exported = name == b"export" && !letters.contains(&b'n') || letters.contains(&b'x');
        let functions = letters.contains(&b'f');
        let fixes = letters.contains(&b'r') || name == b"readonly";
        for (own, _, _) in &names {
            self.subscript_runs(&Value::known(own.clone()), &mut action, state, frame);
        }
        // A global one that a local may hide, and a local one that no function is there for: either may be what is read.
        let global = letters.contains(&b'g') && !frame.calls.is_empty();
        let stray = name == b"local" && frame.calls.is_empty() && state.dialect == Dialect::Bash;
        let mut before: Vec<(Vec<u8>, Held)> = Vec::new();
        for (own, _, _) in names.iter().filter(|_| (global || stray) && !functions) {
            let own = subscripted(own).map_or(own.as_slice(), |(base, _)| base);
            let held = match state.variable(own) {
                Some(variable) => variable.held.clone(),
                None if self.world.variable(own) == crate::action::Variable::Unset => Held::Unset,
                None => Held::One(self.read_variable(own, state)),
            };
            before.push((own.to_vec(), held));
        }
        let own = name == b"local" || matches!(name, b"declare" | b"typeset") && !letters.contains(&b'g');
        if own && !frame.calls.is_empty() && !functions {
            for (own, value, append) in &names {
                let bare = value.is_none() && array_word(ready.words, own).is_none() && !letters.contains(&b'p');
                let own = subscripted(own).map_or(own.as_slice(), |(base, _)| base);
                match state.locals.iter().position(|(name, _)| name == own) {
                    Some(at) => {
                        if let Some((_, sure)) = Rc::make_mut(&mut state.locals).get_mut(at) {
                            *sure = true;
                        }
                    }
                    None => {
                        Rc::make_mut(&mut state.locals).push((own.to_vec(), true));
                        if let Some(held) = state.variable(own).map(|variable| variable.held.clone()) {
                            Rc::make_mut(&mut state.hidden).push((own.to_vec(), held, false));
                        }
                        if state.dialect == Dialect::Bash && !state.fixed(own) {
                            // It is a new one: neither attributes nor elements of the outer one are its own.
                            let whole = value.is_some() && !append && array_word(ready.words, own).is_none();
                            state.change(own, |variable| {
                                (variable.case, variable.integer) = (None, false);
                                if whole && matches!(variable.held, Held::Array(_) | Held::Arrays(_)) {
                                    variable.held = Held::Unset;
                                }
                            });
                        }
                        if bare && state.dialect == Dialect::Bash {
                            // One of its own that holds nothing yet; what stands before the call it keeps.
                            state.change(own, |variable| {
                                variable.held = match variable.exported {
                                    true => either(&variable.held, &Held::Unset),
                                    false => Held::Unset,
                                };
                            });
                        }
                    }
                }
            }
        }
        // What is no name makes it fail.
        let odd = names.iter().any(|(name, _, _)| {
            !name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') || state.fixed(name)
        });
        let span = action.span;
        let id = self.emit_and_feed(&mut action, frame);
        let lists = names.is_empty() || letters.contains(&b'p');
        for (own, value, append) in names {
            if functions {
                if let (Some(function), true) = (state.functions.hold(&own), name == b"export" || exported) {
                    let copy = super::held::Function { exported: true, ..super::held::Function::clone(&function) };
                    state.functions.insert(&own, copy);
                }
                continue;
            }
            let array = array_word(ready.words, &own);
            if let Some(elements) = array {
                state.change(&own, |variable| {
                    variable.assoc |= letters.contains(&b'A');
                    variable.integer |= letters.contains(&b'i');
                });
                let held = self.array(elements, &own, append, state, frame);
                state.hold(&own, held);
                self.fix(fixes, &own, state);
                continue;
            }
            let own = match subscripted(&own) {
                Some((base, key)) => {
                    self.declare_element(base, Value::known(key), value, append, letters.contains(&b'A'), state, frame);
                    continue;
                }
                None => own,
            };
            state.change(&own, |variable| {
                variable.exported = exported || variable.exported && !(name == b"export" && letters.contains(&b'n'));
                variable.integer |= letters.contains(&b'i');
                variable.assoc |= letters.contains(&b'A');
                if taken.iter().any(|letter| b"ulc".contains(letter)) {
                    variable.case = None;
                }
                variable.integer &= !taken.contains(&b'i');
                variable.nameref &= !taken.contains(&b'n');
                variable.exported &= !taken.contains(&b'x');
                if letters.contains(&b'u') || letters.contains(&b'l') {
                    variable.case = Some(if letters.contains(&b'u') { b'u' } else { b'l' });
                }
            });
            let nameref = letters.contains(&b'n') && name != b"export";
            // A variable of the line that only now reaches programs.
            let held = state.variable(&own).and_then(|variable| match &variable.held {
                Held::One(value) if exported && value.text().is_some() => Some(value.clone()),
                _ => None,
            });
            if let (None, Some(held), false) = (&value, held, nameref) {
                let mut inner = blank(ActionKind::Assign, None, &state.cwd, span);
                inner.operands = vec![Value::known(own.clone()), held.clone()];
                self.emit_assign(inner, &own, &held, true, state, frame);
                continue;
            }
            if value.is_none() && !nameref && state.variable(&own).is_some_and(|variable| variable.held == Held::Unset)
            {
                // `export NAME` of a variable of the environment keeps its value.
                if name != b"local" && !letters.contains(&b'A') {
                    if let crate::action::Variable::Set(text) = self.world.variable(&own) {
                        state.change(&own, |variable| variable.held = Held::One(Value::known(text)));
                    } else if self.world.variable(&own) == crate::action::Variable::Unknown {
                        let why = format!("variable {} of the environment", String::from_utf8_lossy(&own));
                        state.change(&own, |variable| variable.held = Held::One(Value::hole(why, Bound::Anything)));
                    }
                }
            }
            if let (Some(list), true) = (&value, !letters.is_empty()) {
                let arrays = letters.iter().any(|letter| b"aA".contains(letter))
                    || matches!(state.variable(&own), Some(known) if matches!(known.held, Held::Array(_) | Held::Arrays(_)));
                if arrays && list.prefix().starts_with(b"(") {
                    // Text that bash reads as the array's words.
                    let sign: &[u8] = if append { b"+=" } else { b"=" };
                    let text = Value { taint: list.taint.clone(), ..Value::known([own.as_slice(), sign].concat()) };
                    let mut text = text;
                    text.push(list);
                    self.shell_text(&text, name, state, frame, span);
                    self.fix(fixes, &own, state);
                    continue;
                }
            }
            let Some(mut value) = value else {
                if nameref {
                    state.change(&own, |variable| variable.nameref = true);
                }
                self.fix(fixes, &own, state);
                continue;
            };
            if append {
                let mut longer = self.read_variable(&own, state);
                if state.variable(&own).is_some_and(|variable| variable.integer) {
                    longer.push_known(b"+");
                }
                longer.push(&value);
                value = longer;
            }
            if nameref {
                let mut inner = blank(ActionKind::Assign, None, &state.cwd, span);
                self.subscript_runs(&value, &mut inner, state, frame);
                if !inner.gaps.is_empty() {
                    self.emit(inner, frame);
                }
                state.change(&own, |variable| {
                    variable.nameref = true;
                    variable.held = Held::One(value.clone());
                });
                continue;
            }
            let mut inner = blank(ActionKind::Assign, None, &state.cwd, span);
            if state.variable(&own).is_some_and(|variable| variable.integer) {
                value = self.arithmetic_text(&value, span, state, frame);
            }
            state.set(&own, value.clone());
            self.fix(fixes, &own, state);
            let mut shown = Value::known([own.as_slice(), b"="].concat());
            shown.push(&value);
            inner.argv = vec![shown];
            inner.operands = vec![Value::known(own.clone()), value.clone()];
            let exported = exported || state.variable(&own).is_some_and(|variable| variable.exported);
            self.emit_assign(inner, &own, &value, exported, state, frame);
        }
        for (own, held) in before {
            let given = state.variable(&own).map_or(Held::Unset, |variable| variable.held.clone());
            state.change(&own, |variable| variable.held = either(&held, &given));
            if global {
                Rc::make_mut(&mut state.hidden).push((own, given, true));
            }
        }
        if letters.iter().any(|letter| b"pfF".contains(letter)) || name == b"local" && frame.calls.is_empty() || odd {
            self.status = Status::Maybe;
        } else {
            self.status = Status::Yes;
        }
        if lists { Stream::of(id) } else { Stream::empty() }
    }

    /// From here on the variable keeps its value, if that was asked for.
    fn fix(&self, fixes: bool, name: &[u8], state: &mut State) {
        if fixes {
            state.change(name, |variable| variable.readonly = true);
        }
    }

    /// `declare 'name[key]=value'`.
    #[allow(clippy::too_many_arguments)]
    fn declare_element(
        &mut self,
        name: &[u8],
        key: Value,
        value: Option<Value>,
        append: bool,
        assoc: bool,
        state: &mut State,
        frame: &Frame,
    ) {
        state.change(name, |variable| variable.assoc |= assoc);
        let key = self.index(name, key, Span::default(), state, frame);
        let Some(mut value) = value else { return };
        if append {
            let mut longer = self.element(name, &key, state);
            longer.push(&value);
            value = longer;
        }
        let mut action = blank(ActionKind::Assign, None, &state.cwd, value.span);
        action.operands = vec![Value::known(name), value.clone()];
        self.emit_assign(action, name, &value, false, state, frame);
        self.put(name, &key, value, state);
    }
}

/// The array value of `declare name=(…)`.
fn array_word<'a>(words: &'a [Word], name: &[u8]) -> Option<&'a [(Option<Word>, Word)]> {
    words.iter().find_map(|word| match word.pieces.as_slice() {
        [head, tail] => match (&head.kind, &tail.kind) {
            (PieceKind::Literal(text), PieceKind::Array(elements)) => {
                let own = text.strip_suffix(b"=")?;
                (own.strip_suffix(b"+").unwrap_or(own) == name).then_some(elements.as_slice())
            }
            _ => None,
        },
        _ => None,
    })
}
