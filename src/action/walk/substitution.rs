//! `$( )`, `<( )`: what runs inside comes first; what it prints becomes a value.

use super::state::State;
use super::stream::Stream;
use super::variables::without_newlines;
use super::walker::{Frame, Walker};
use crate::action::{Bound, Channel, Part, Value};
use crate::parse::{CommandSub, List, SubForm};

impl Walker<'_> {
    /// A command substitution's value.
    pub(super) fn substitution(&mut self, substitution: &CommandSub, state: &mut State, frame: &Frame) -> Value {
        let Some(inner) = frame.deeper() else {
            self.cap("substitutions nested too deep", frame.span.unwrap_or_default());
            return Value::hole("nested too deep", Bound::Anything);
        };
        let descriptors = std::mem::take(&mut self.descriptors);
        let consumers = std::mem::take(&mut self.consumers);
        let out = match substitution.form {
            SubForm::Fun => self.list(&substitution.body, state, &inner),
            SubForm::Dollar | SubForm::Backtick => self.subshell(&substitution.body, state, &inner),
        };
        self.descriptors = descriptors;
        self.consumers = consumers;
        value_of(out)
    }

    /// `<(…)` and `>(…)`: a path to the other end.
    pub(super) fn process(&mut self, output: bool, body: &List, state: &mut State, frame: &Frame) -> Value {
        let Some(inner) = frame.deeper() else {
            self.cap("substitutions nested too deep", frame.span.unwrap_or_default());
            return Value::hole("nested too deep", Bound::Anything);
        };
        let path = format!("/dev/fd/{}", self.next_descriptor).into_bytes();
        self.next_descriptor = self.next_descriptor.checked_sub(1).unwrap_or(63);
        let descriptors = std::mem::take(&mut self.descriptors);
        let consumers = std::mem::take(&mut self.consumers);
        let first = self.here();
        let inner = inner.forked();
        let inner = if output { inner.fed(Stream { fed: true, ..Stream::outside() }) } else { inner };
        let out = self.subshell(body, state, &inner);
        let last = self.here();
        self.descriptors = descriptors;
        self.consumers = consumers;
        let mut value = Value::known(path.clone());
        if output {
            self.consumers.extend(first..last);
        } else {
            value.add_taint(&out.from);
            self.descriptors.push((path.clone(), out.from.clone()));
            state.make(
                &path,
                super::state::Made { by: out.from, text: out.text, bound: Some(out.bound), ..Default::default() },
            );
        }
        value
    }

    /// The action of the command whose words held `<( )` or `>( )`: data moves through them.
    pub(super) fn join_descriptors(&mut self, id: u32) {
        for (path, from) in std::mem::take(&mut self.descriptors) {
            for producer in from {
                self.flow(producer, id, Channel::File(path.clone()));
            }
        }
        for consumer in std::mem::take(&mut self.consumers) {
            self.flow(id, consumer, Channel::Stdin);
        }
    }
}

/// What a stream becomes as a word.
pub(super) fn value_of(out: Stream) -> Value {
    let mut value = match out.text {
        Some(text) => without_newlines(text),
        None => Value::hole("output of a command", crate::action::path::cut(&out.bound)),
    };
    // A list of paths is many words where it is not quoted; in quotes the caller has one.
    value.many = value
        .parts
        .iter()
        .any(|part| matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Below { .. } | Bound::Anything)));
    value.add_taint(&out.from);
    value
}
