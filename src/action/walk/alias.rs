//! `alias`: what a word stands for in later lines.

use super::gap;
use super::state::State;
use crate::action::{Action, ActionKind, CodeOrigin, Effect, EffectKind, Feed, GapKind, Object, Value};
use crate::parse::Dialect;

#[inline(never)]
pub(super) fn define(arguments: &[Value], action: &mut Action, state: &mut State) {
    action.kind = ActionKind::Define;
    // An interactive shell expands them, another only where it is told to: what they stand for is looked at in any case.
    state.options.aliases = true;
    if state.dialect == Dialect::Zsh && arguments.first().is_some_and(|word| word.prefix().starts_with(b"-")) {
        let span = action.span;
        gap(action, GapKind::Opaque, "an alias that zsh expands anywhere", span);
    }
    for value in arguments {
        let prefix = value.prefix();
        let Some(at) = prefix.iter().position(|byte| *byte == b'=') else { continue };
        let name = prefix.get(..at).unwrap_or_default().to_vec();
        match value.text() {
            Some(text) => {
                let text = text.get(at + 1..).unwrap_or_default().to_vec();
                state.aliases.insert(&name, text);
            }
            None => {
                let span = action.span;
                gap(action, GapKind::DynamicWord, "an alias for what is not known", span);
                action.effects.push(
                    Effect::certain(
                        EffectKind::Executes,
                        Object::Code { language: "sh".to_owned(), origin: CodeOrigin::Inline, proven: false },
                        span,
                    )
                    .fed(Feed { taint: value.taint.clone(), ..Feed::default() }),
                );
            }
        }
    }
}
