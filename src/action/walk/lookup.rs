//! `enable` and `hash`: what a name runs from now on.

use super::gap;
use super::held::Function;
use super::letters::letters;
use super::state::State;
use crate::action::{Action, CodeOrigin, Effect, EffectKind, GapKind, Object, Value, path};
use crate::text::Span;

#[inline(never)]
pub(super) fn enable(arguments: &[Value], action: &mut Action, span: Span, state: &State) {
    let (given, _) = letters(arguments, b"f");
    if let Some((_, file)) = given.iter().find(|(letter, _)| *letter == b'f') {
        let file = path::absolute(&state.cwd, file);
        let object = Object::Code { language: "native".to_owned(), origin: CodeOrigin::File(file), proven: false };
        action.effects.push(Effect::certain(EffectKind::Executes, object, span));
    } else {
        gap(action, GapKind::Partial, "builtins are switched", span);
    }
}

#[inline(never)]
pub(super) fn hash(arguments: &[Value], state: &mut State) {
    let (given, names) = letters(arguments, b"p");
    if let Some((_, file)) = given.iter().find(|(letter, _)| *letter == b'p') {
        let file = path::absolute(&state.cwd, file);
        for name in names.iter().filter_map(Value::text) {
            state.aliases.remove(name);
            shadow(name, file.text().unwrap_or(b"\"$BASH_COMMAND\""), state);
        }
    }
}

/// `hash -p file name`: the name runs that file.
fn shadow(name: &[u8], file: &[u8], state: &mut State) {
    let mut text = file.to_vec();
    text.extend_from_slice(b" \"$@\"");
    let script = crate::parse::parse(&text, state.dialect);
    if let Some(command) = script.body.items.into_iter().next().and_then(|item| item.first.commands.into_iter().next())
    {
        let function = Function::new(command, Some(crate::text::Span::default()));
        state.functions.insert(name, function);
    }
}
