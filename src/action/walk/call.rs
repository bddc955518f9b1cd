//! Calls of the line's own functions.

use std::rc::Rc;

use super::held::{Function, Held, Variable};
use super::joined::either;
use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::trap::Event;
use super::walker::{Frame, Leave, Walker};
use super::{FORK_BOMB, blank, gap};
use crate::action::{ActionKind, CodeOrigin, Effect, EffectKind, Feed, GapKind, Object, Value};
use crate::parse::Dialect;

/// A function that calls itself is followed this often.
const RECURSION: usize = 3;

/// Ways a function may have been defined that are followed.
const WAYS: usize = 8;

impl Walker<'_> {
    /// Walks a function's body with its arguments.
    pub(super) fn call(
        &mut self,
        name: &[u8],
        function: &Rc<Function>,
        ready: Ready<'_>,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let span = ready.span;
        let mut action = blank(ActionKind::Call, Some(name), &state.cwd, span);
        action.argv = ready.argv.clone();
        action.operands = ready.argv.get(1..).unwrap_or_default().to_vec();
        let before = frame.calls.iter().filter(|(own, _)| own == name).count();
        let multiplies = frame.calls.iter().any(|(own, forked)| own == name && *forked);
        if multiplies {
            let object = Object::Code { language: FORK_BOMB.to_owned(), origin: CodeOrigin::Inline, proven: false };
            action.effects.push(Effect::certain(EffectKind::Executes, object, span));
        } else if before >= RECURSION {
            gap(&mut action, GapKind::DynamicWord, "a function that calls itself", span);
        }
        let id = self.emit(action, frame);
        self.feed(id, frame);
        self.join_descriptors(id);
        if multiplies || before >= RECURSION {
            return Stream::of(id);
        }
        let Some(mut inner) = frame.deeper() else {
            self.cap("calls nested too deep", frame.at(span));
            return Stream::outside();
        };
        Rc::make_mut(&mut inner.calls).push((name.to_vec(), false));
        let zero = state.positional.first().cloned().unwrap_or_default();
        let mut positional = vec![zero];
        positional.extend(ready.argv.iter().skip(1).cloned());
        let before = state.clone();
        state.positional = Rc::new(positional);
        state.locals = Rc::default();
        state.hidden = Rc::default();
        // What stands before a call is its own, as what it declares is.
        let mut leading: Vec<(Vec<u8>, bool)> = Vec::new();
        for (name, value) in ready.leading {
            state.change(&name, |variable| {
                *variable = Variable { exported: true, ..Variable::plain(Held::One(value)) };
            });
            leading.push((name, state.dialect == Dialect::Bash));
        }
        let start = state.clone();
        let first = self.left.len();
        let mut out: Option<Stream> = None;
        for (at, way) in function.ways().enumerate() {
            if at == WAYS {
                self.opaque(GapKind::DynamicWord, "a function defined in many ways", span, state, &inner);
                break;
            }
            inner.span = frame.span.or(way.span);
            let mut own = start.clone();
            let loops = std::mem::take(&mut self.loops);
            let text = self.command(&way.body, &mut own, &inner);
            self.loops = loops;
            self.come_back(first, Leave::Call, &mut own);
            own.ended = false;
            self.watched(Event::Return, &mut own, &inner);
            out = Some(match out {
                None => {
                    *state = own;
                    text
                }
                Some(out) => {
                    state.join(own);
                    out.or(text)
                }
            });
        }
        leading.extend(state.locals.iter().cloned());
        if state.locals.iter().any(|(name, _)| name == b"-") {
            state.options = before.options;
        }
        let returned = leading.clone();
        for (name, sure) in leading {
            match before.variables.hold(&name) {
                Some(outer) if sure => state.variables.insert(&name, outer),
                None if sure => state.variables.remove(&name),
                outer => {
                    let outer = outer.map_or(Held::Unset, |outer| outer.held.clone());
                    state.change(&name, |variable| variable.held = either(&variable.held, &outer));
                }
            }
        }
        // What has come back may have been given something before it was hidden, or while it was.
        let hidden = std::mem::replace(&mut state.hidden, before.hidden);
        for (name, held, global) in hidden.iter() {
            if returned.iter().any(|(own, _)| own == name) {
                state.change(name, |variable| variable.held = either(&variable.held, held));
            }
            if *global && !frame.calls.is_empty() {
                Rc::make_mut(&mut state.hidden).push((name.clone(), held.clone(), true));
            }
        }
        state.locals = before.locals;
        state.positional = before.positional;
        state.ended = false;
        out.unwrap_or_else(Stream::empty)
    }

    /// Text that the shell runs in place (`eval`, a trap's handler, a sourced file).
    pub(super) fn shell_text(
        &mut self,
        text: &Value,
        wrapper: &[u8],
        state: &mut State,
        frame: &Frame,
        span: crate::text::Span,
    ) -> Stream {
        let Some(inner) = frame.behind(wrapper, span) else {
            self.cap("shell text nested too deep", frame.at(span));
            return Stream::outside();
        };
        let (source, whole) = visible(text);
        let out = self.text(&source, state, &inner);
        if !whole {
            let what = "shell text that is not all known before it runs";
            let id = self.opaque(GapKind::Opaque, what, span, state, &inner);
            if let Some(action) = self.action(id) {
                action.argv = vec![text.clone()];
                action.effects.push(
                    Effect::certain(
                        EffectKind::Executes,
                        Object::Code { language: "sh".to_owned(), origin: CodeOrigin::Inline, proven: false },
                        span,
                    )
                    .fed(Feed { taint: text.taint.clone(), ..Feed::default() }),
                );
            }
            return out.then(Stream::of(id));
        }
        out
    }
}

/// The text with a harmless name for each hole, and whether nothing that matters to its reading was left out.
fn visible(text: &Value) -> (Vec<u8>, bool) {
    let mut source = Vec::new();
    let mut whole = true;
    for part in &text.parts {
        match part {
            crate::action::Part::Known(text) | crate::action::Part::Glob(text) => source.extend_from_slice(text),
            // Letters and digits mean themselves, wherever they stand.
            crate::action::Part::Hole(hole) if hole.why == super::program::FRESH => {
                source.extend_from_slice(b"${EPOCHREALTIME}");
            }
            // The last background job: it may be stopped where others may not.
            crate::action::Part::Hole(hole) if hole.why == "$!" => source.extend_from_slice(b"$!"),
            crate::action::Part::Hole(hole) => {
                // In single quotes, behind a backslash and in a here-document no name is replaced.
                let kept = source.iter().any(|byte| matches!(byte, b'\'' | b'<')) || source.ends_with(b"\\");
                whole &= hole.bound == crate::action::Bound::Number && !kept;
                source.extend_from_slice(if hole.bound == crate::action::Bound::Number {
                    b"$$".as_slice()
                } else {
                    b"${BASH_COMMAND}"
                });
            }
        }
    }
    (source, whole && !text.many)
}
