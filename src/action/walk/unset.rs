//! `unset`: variables, elements and functions that are no more.

use std::rc::Rc;

use super::environment::{Meaning, meaning};
use super::gap;
use super::held::{Held, Variable};
use super::state::State;
use super::variables::hides_history;
use super::walker::{Frame, Status, Walker};
use crate::action::{Action, Bound, GapKind, Value};
use crate::text::Span;

impl Walker<'_> {
    #[inline(never)]
    pub(super) fn unset(
        &mut self,
        arguments: &[Value],
        action: &mut Action,
        span: Span,
        state: &mut State,
        frame: &Frame,
    ) {
        if arguments.iter().filter_map(Value::text).any(|name| meaning(name) == Meaning::History) {
            action.effects.push(hides_history(span));
        }
        for value in arguments.iter().filter(|value| !value.prefix().starts_with(b"-")) {
            self.subscript_runs(value, action, state, frame);
            // `name[1]` unquoted is itself where no file `name1` is.
            let flat = (!value.has_hole()).then(|| super::evaluate::flat(value));
            match flat.as_deref() {
                Some(name) => {
                    let functions = arguments.first().and_then(Value::text) == Some(b"-f");
                    if functions {
                        state.functions.remove(name);
                    } else if let Some((base, key)) = super::letters::subscripted(name) {
                        let (base, key) = (base.to_vec(), Value::known(key));
                        let key = self.index(&base, key, span, state, frame);
                        state.remove_element(&base, &key);
                    } else {
                        // What a reference names goes; the reference itself by `-n` alone.
                        let itself = arguments.first().and_then(Value::text) == Some(b"-n");
                        let target = if itself { Some(name.to_vec()) } else { state.target(name) };
                        if let Some(target) = target.filter(|name| !state.fixed(name)) {
                            state.change(&target, |variable| {
                                let nameref = variable.nameref && !itself;
                                *variable = Variable { nameref, ..Variable::plain(Held::Unset) };
                            });
                            let own = state.locals.iter().any(|(name, _)| *name == target);
                            if frame.calls.len() > 1 && !own {
                                // A caller's own variable uncovers the one that it hid.
                                let why = "what a variable held before a function hid it";
                                let held = Held::One(Value::hole(why, Bound::Anything));
                                state.hold(&target, held.clone());
                                Rc::make_mut(&mut state.hidden).push((target, held, true));
                            }
                        }
                    }
                }
                None => gap(action, GapKind::Partial, "a variable not known is unset", span),
            }
        }
        let fixed = |value: &Value| value.text().is_none_or(|name| state.fixed(name));
        self.status = if arguments.iter().any(fixed) { Status::Maybe } else { Status::Yes };
    }
}
