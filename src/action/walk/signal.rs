//! `kill`: whom it signals.

use crate::action::{Action, Effect, EffectKind, Feed, Object, Value};
use crate::text::Span;

#[inline(never)]
pub(super) fn kill(arguments: &[Value], action: &mut Action, span: Span) {
    let targets = targets(arguments);
    // The signal is none of the processes.
    action.operands.clone_from(&targets);
    for value in targets {
        let feed = Feed { taint: value.taint.clone(), ..Feed::default() };
        let object = Object::Process(value.clone());
        action.effects.push(Effect::certain(EffectKind::Signals, object, span).fed(feed));
    }
}

/// What `kill` signals: pids, jobs.
fn targets(arguments: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    let mut rest = arguments;
    let mut options = true;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first.text() {
            Some(b"-l" | b"-L") if options => return Vec::new(),
            // Signal 0 only asks whether the process is there.
            Some(b"-0") if options => return Vec::new(),
            Some(b"-s" | b"-n") if options => rest = rest.get(1..).unwrap_or_default(),
            Some(b"--") => options = false,
            Some(text) if options && text.starts_with(b"-") => options = false,
            _ => {
                options = false;
                out.push(first.clone());
            }
        }
    }
    out
}
