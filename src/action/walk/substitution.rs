//! `$( )`, `<( )`: what runs inside comes first; what it prints becomes a value.

use std::rc::Rc;

use super::state::State;
use super::stream::Stream;
use super::variables::without_newlines;
use super::walker::{Frame, Walker};
use crate::action::{Bound, Channel, Part, Value};
use crate::parse::{Command, CommandSub, Item, List, Pipeline, SubForm};

/// A command at the other end of a descriptor, and where it stands.
#[derive(Clone)]
pub(super) struct Reader {
    /// What the descriptor is known by.
    pub path: Vec<u8>,
    body: Rc<List>,
    state: State,
    frame: Frame,
}

/// More readers than this are not given what is written to them; the earliest say most.
const READERS: usize = 16;

impl Reader {
    /// The same once the command that started it is over.
    pub(super) fn outlasting(mut self) -> Reader {
        super::running::outlast(&mut self.state);
        let span = Some(crate::text::Span::default());
        self.frame = Frame { span, stdin: Rc::new(Stream::outside()), ..self.frame };
        self
    }
}

impl Walker<'_> {
    /// `body` will read what is written to `path`.
    pub(super) fn read_by(&mut self, path: Vec<u8>, body: List, state: &State, frame: &Frame) {
        if self.readers.len() < READERS {
            self.readers.push(Reader { path, body: Rc::new(body), state: state.clone(), frame: frame.clone() });
        }
    }

    /// Another descriptor for what is written to `path`.
    pub(super) fn also_read_by(&mut self, path: &[u8], other: Vec<u8>) {
        if let Some(reader) = self.readers.iter().rev().find(|reader| reader.path == path).cloned()
            && self.readers.len() < READERS
        {
            self.readers.push(Reader { path: other, ..reader });
        }
    }

    /// Text that was written to a descriptor is what its reader finds.
    pub(super) fn hand_over(&mut self, path: &[u8], out: &Stream) {
        let Some(text) = out.text.as_ref().filter(|text| !text.parts.is_empty()) else { return };
        let Some(reader) = self.readers.iter().rev().find(|reader| reader.path == path).cloned() else { return };
        let Some(inner) = reader.frame.deeper() else { return };
        let inner = inner.fed(Stream { from: out.from.clone(), ..Stream::text(text.clone()) });
        let status = self.status;
        let readers = std::mem::take(&mut self.readers);
        self.subshell(&reader.body, &mut reader.state.clone(), &inner);
        self.readers = readers;
        self.status = status;
    }

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
        self.ways.clone_from(&out.ways);
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
            self.read_by(path, body.clone(), state, &inner);
            self.consumers.extend(first..last);
        } else {
            value.add_taint(&out.from);
            self.descriptors.push((path.clone(), out.from.clone()));
            state.make(
                &path,
                super::held::Made { by: out.from, text: out.text, bound: Some(out.bound), ..Default::default() },
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

/// A command as a list of its own.
pub(super) fn alone(command: &Command) -> List {
    let span = command.span;
    let first =
        Pipeline { negated: false, timed: false, commands: vec![command.clone()], pipe_stderr: Vec::new(), span };
    List { items: vec![Item { first, rest: Vec::new(), background: false, span }], span }
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
