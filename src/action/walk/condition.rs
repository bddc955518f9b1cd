//! `test` and `[`: what they look at, and whether they hold.

use super::compound::{names_effect, tests_file};
use super::state::State;
use super::walker::{Frame, Status, Walker};
use crate::action::{Action, Value};

impl Walker<'_> {
    #[inline(never)]
    pub(super) fn test(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        self.status = match arguments.split_last() {
            Some((last, words)) if last.text() == Some(b"]") => holds(words),
            _ => holds(arguments),
        };
        for (at, value) in arguments.iter().enumerate() {
            let Some(operand) = arguments.get(at + 1) else { break };
            match value.text() {
                Some(operator) if tests_file(operator) && operator != b"-a" && operator != b"-o" => {
                    action.effects.push(names_effect(&state.cwd, operand));
                }
                Some(b"-v" | b"-R") => self.subscript_runs(operand, action, state, frame),
                Some(b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge") => {
                    // Older shells evaluate their operands as `[[ ]]` does.
                    for value in [at.checked_sub(1).and_then(|left| arguments.get(left)), Some(operand)] {
                        let runs = value.filter(|value| value.prefix().contains(&b'['));
                        if let Some(value) = runs {
                            self.number_runs(value, action, state, frame);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a test of strings that are all known holds.
fn holds(words: &[Value]) -> Status {
    let known = |value: &Value| value.text().map(<[u8]>::to_vec);
    let when = |holds: Option<bool>| match holds {
        Some(true) => Status::Yes,
        Some(false) => Status::No,
        None => Status::Maybe,
    };
    match words {
        [] => Status::No,
        [not, rest @ ..] if not.text() == Some(b"!") && !rest.is_empty() => match holds(rest) {
            Status::Yes => Status::No,
            Status::No => Status::Yes,
            Status::Maybe => Status::Maybe,
        },
        [word] => when(known(word).map(|text| !text.is_empty())),
        [operator, word] => match operator.text() {
            Some(b"-n") => when(known(word).map(|text| !text.is_empty())),
            Some(b"-z") => when(known(word).map(|text| text.is_empty())),
            _ => Status::Maybe,
        },
        [left, operator, right] => {
            let equal = known(left).zip(known(right)).map(|(left, right)| left == right);
            match operator.text() {
                Some(b"=" | b"==") => when(equal),
                Some(b"!=") => when(equal.map(|equal| !equal)),
                _ => Status::Maybe,
            }
        }
        _ => Status::Maybe,
    }
}
