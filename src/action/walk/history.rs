//! `history`: the files it reads and writes.

use super::compound::path_effect;
use super::gap;
use super::state::State;
use crate::action::{Action, EffectKind, GapKind, Value};
use crate::text::Span;

#[inline(never)]
pub(super) fn history(arguments: &[Value], action: &mut Action, span: Span, state: &State) {
    for (at, value) in arguments.iter().enumerate() {
        let (Some([b'-', letters @ ..]), file) = (value.text(), arguments.get(at + 1)) else { continue };
        if letters.iter().any(|letter| b"pscd".contains(letter)) {
            gap(action, GapKind::Partial, "history is changed or expanded", span);
        }
        let kind = match letters.iter().find(|letter| b"awrn".contains(letter)) {
            Some(b'a' | b'w') => EffectKind::Writes,
            Some(_) => EffectKind::Reads,
            None => continue,
        };
        if let Some(file) = file {
            action.effects.push(path_effect(kind, &state.cwd, file));
        } else {
            gap(action, GapKind::Partial, "the history file", span);
        }
    }
}
