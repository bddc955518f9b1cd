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
    /// The texts of which it is one, where that is known and `text` is not.
    pub ways: Vec<Value>,
}

/// More texts than these are one that is not known.
const WAYS: usize = 4;

/// Longer lists of producers are cut: the nearest are what rules ask for.
const PRODUCERS: usize = 32;

impl Stream {
    /// Nothing: `text` empty.
    pub(super) fn empty() -> Self {
        Stream {
            from: Vec::new(),
            text: Some(Value::default()),
            bound: Bound::Number,
            fed: true,
            file: None,
            ways: Vec::new(),
        }
    }

    /// The standard input the shell was started with.
    pub(super) fn outside() -> Self {
        Stream { from: Vec::new(), text: None, bound: Bound::Anything, fed: false, file: None, ways: Vec::new() }
    }

    /// Known text.
    pub(super) fn text(text: Value) -> Self {
        Stream { from: Vec::new(), text: Some(text), bound: Bound::Anything, fed: true, file: None, ways: Vec::new() }
    }

    /// Output of an action about which nothing else is known.
    pub(super) fn of(id: ActionId) -> Self {
        Stream { from: vec![id], text: None, bound: Bound::Anything, fed: true, file: None, ways: Vec::new() }
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
        let bound = super::joined::weaker(self.bound, next.bound);
        Stream { from: self.from, text, bound, fed: true, file: None, ways: Vec::new() }.and_from(&next.from)
    }

    /// This output, and where more was reached that too.
    pub(super) fn perhaps(self, more: Stream) -> Stream {
        if more.is_empty() {
            return self.and_from(&more.from);
        }
        let both = self.clone().then(more);
        self.or(both)
    }

    /// The texts that it may be; `None`: not known as such.
    fn texts(&self) -> Option<Vec<Value>> {
        match &self.text {
            Some(text) => Some(vec![text.clone()]),
            None => Some(self.ways.clone()).filter(|ways| !ways.is_empty()),
        }
    }

    /// What is provable of each line; `None`: there is none.
    fn told(&self) -> Option<Bound> {
        let Some(text) = &self.text else { return Some(self.bound.clone()) };
        if text.parts.is_empty() {
            return None;
        }
        let Some(known) = text.text() else { return Some(super::joined::bound_of(text)) };
        known
            .strip_suffix(b"\n")
            .unwrap_or(known)
            .split(|byte| *byte == b'\n')
            .map(bound_of_line)
            .reduce(super::joined::weaker)
    }

    /// Either this output or that.
    pub(super) fn or(self, other: Stream) -> Stream {
        let bound = match (self.told(), other.told()) {
            (Some(one), Some(other)) => super::joined::weaker(one, other),
            (one, other) => one.or(other).unwrap_or(Bound::Number),
        };
        let ways = match (self.texts(), other.texts()) {
            (Some(mut ways), Some(more)) if self.text != other.text => {
                ways.extend(more);
                ways.dedup();
                if ways.len() > WAYS { Vec::new() } else { ways }
            }
            _ => Vec::new(),
        };
        let text = if self.text == other.text { self.text } else { None };
        Stream { from: self.from, text, bound, fed: self.fed || other.fed, file: None, ways }.and_from(&other.from)
    }

    /// Known to be nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.parts.is_empty())
    }
}

/// What is provable of a line: a path that does not climb is as good as a ref.
fn bound_of_line(line: &[u8]) -> Bound {
    match super::joined::bound_of(&Value::known(line)) {
        Bound::Anything
            if line.first().is_some_and(|first| first.is_ascii_alphanumeric() || *first == b'_')
                && !line.iter().any(u8::is_ascii_whitespace)
                && !line.windows(2).any(|two| two == b"..") =>
        {
            Bound::Ref
        }
        bound => bound,
    }
}
