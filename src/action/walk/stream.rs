//! What goes through a descriptor: whose output it is, its text where known, what is provable of each line otherwise.

use crate::action::{ActionId, Bound, Value};

/// Standard input or output of a command.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    /// Actions whose output it carries, nearest first.
    pub from: Vec<ActionId>,
    /// All of it, where known.
    pub text: Option<Value>,
    /// What each line of it is.
    pub bound: Bound,
    /// The line feeds it (a pipe, a file, a heredoc); otherwise it is what the shell was started with.
    pub fed: bool,
    /// The file of the machine that it is, whole and as it stands.
    pub file: Option<Vec<u8>>,
}

/// Longer lists of producers are cut: the nearest are what rules ask for.
const PRODUCERS: usize = 32;

impl Stream {
    /// Nothing: `text` empty.
    pub(super) fn empty() -> Self {
        Stream { from: Vec::new(), text: Some(Value::default()), bound: Bound::Number, fed: true, file: None }
    }

    /// The standard input the shell was started with.
    pub(super) fn outside() -> Self {
        Stream { from: Vec::new(), text: None, bound: Bound::Anything, fed: false, file: None }
    }

    /// Known text.
    pub(super) fn text(text: Value) -> Self {
        Stream { from: Vec::new(), text: Some(text), bound: Bound::Anything, fed: true, file: None }
    }

    /// Output of an action about which nothing else is known.
    pub(super) fn of(id: ActionId) -> Self {
        Stream { from: vec![id], text: None, bound: Bound::Anything, fed: true, file: None }
    }

    /// With these producers too.
    pub(super) fn and_from(mut self, more: &[ActionId]) -> Self {
        for id in more {
            if self.from.len() < PRODUCERS && !self.from.contains(id) {
                self.from.push(*id);
            }
        }
        self
    }

    /// This output, then that.
    pub(super) fn then(self, next: Stream) -> Stream {
        if next.is_empty() {
            return self.and_from(&next.from);
        }
        if self.is_empty() {
            let from = self.from;
            return next.and_from(&from);
        }
        let text = match (self.text, next.text) {
            (Some(mut text), Some(more)) => {
                text.push(&more);
                Some(text)
            }
            _ => None,
        };
        let bound = super::state::weaker(self.bound, next.bound);
        Stream { from: self.from, text, bound, fed: true, file: None }.and_from(&next.from)
    }

    /// Either this output or that.
    pub(super) fn or(self, other: Stream) -> Stream {
        let text = if self.text == other.text { self.text } else { None };
        let bound = super::state::weaker(self.bound, other.bound);
        Stream { from: self.from, text, bound, fed: self.fed || other.fed, file: None }.and_from(&other.from)
    }

    /// Known to be nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.parts.is_empty())
    }
}
