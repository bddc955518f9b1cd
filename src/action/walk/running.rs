//! A shell whose commands are judged one by one, as they arrive: what it knows goes from each to the next.
//!
//! Only what the shell itself keeps is carried on (variables, functions, aliases, options, traps, the directory). Files are
//! looked at anew for each command: by then the ones before have run, and somebody else may have written.

use std::rc::Rc;

use super::Start;
use super::held::Held;
use super::start::Commands;
use super::state::State;
use super::walker::{Frame, Stops, Walker};
use crate::action::{Action, Actions, Bound, Tools, Value, World};
use crate::parse::Script;
use crate::text::Span;

/// What a running shell knows.
#[derive(Clone)]
pub struct Running {
    state: State,
    /// Handlers that run when it ends.
    handlers: Vec<(Value, Span)>,
    /// Commands that go on reading what is written to a descriptor.
    readers: Vec<super::substitution::Reader>,
    /// Some builtin may have been switched off.
    switched: bool,
    /// The last command may switch on the editing of lines.
    edits: bool,
    /// The last command may touch what the shell reads its commands from.
    touches: bool,
    /// Or how it reads them.
    reads_otherwise: bool,
    /// The key that interrupts has reached the shell while the next command ran.
    interrupted: bool,
}

impl Running {
    /// A shell before its first command.
    #[must_use]
    pub fn new(start: &Start, tools: &dyn Tools, world: &dyn World) -> Running {
        let mut walker = Walker::new(tools, world, start.max_actions);
        let mut state = start.state(world);
        walker.preamble(start, &mut state, &Frame::top(start.max_depth));
        let (handlers, readers, reads_otherwise) = (Vec::new(), Vec::new(), walker.reads_otherwise);
        let (switched, edits, touches, interrupted) = (false, false, false, false);
        Running { state, handlers, readers, switched, edits, touches, reads_otherwise, interrupted }.kept()
    }

    /// It stands in `directory`, as the kernel tells. `leads` gives the directory that a path leads to: a shell may know the
    /// same one by another name.
    pub fn stands(&mut self, directory: &[u8], leads: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        let state = &mut self.state;
        let known = {
            let mut ways = [&state.cwd].into_iter().chain(&state.cwd_else).chain(state.cwd_also.iter());
            ways.find(|way| way.text().is_some_and(|way| leads(way).as_deref() == Some(directory))).cloned()
        };
        state.cwd = known.unwrap_or_else(|| Value::known(directory));
        let moved = state.cwd_else.take().is_some() | !std::mem::take(&mut state.cwd_also).is_empty();
        if moved && state.variable(b"PWD").is_some() {
            state.tells_where();
        }
    }

    /// Where it stands cannot be told.
    pub fn is_lost(&mut self) {
        self.state.cwd = Value::hole("a directory that is gone or hidden", Bound::Anything);
    }

    /// Whether a word in command position may be an alias.
    #[must_use]
    pub fn has_aliases(&self) -> bool {
        !self.state.aliases.is_empty()
    }

    /// Whether the words that close and open a group mean that.
    #[must_use]
    pub fn groups(&self) -> bool {
        let named = |name: &[u8]| self.state.aliases.get(name).is_some();
        !named(b"{") && !named(b"}")
    }

    /// Whether the last command may touch what the shell reads its commands from: its descriptors from ten on, or all of its standard
    /// input, for good or in a handler that runs when it likes.
    #[must_use]
    pub fn touches_input(&self) -> bool {
        self.touches
    }

    /// Whether the shell may read its commands in another way after the last one: with comments that are none, edited, expanded
    /// from its history, in POSIX mode.
    #[must_use]
    pub fn reads_otherwise(&self) -> bool {
        self.reads_otherwise
    }

    /// The same for a command in which the key that interrupts has reached the shell: what holds afterwards is what held at any
    /// point of it.
    #[must_use]
    pub fn interrupted(&self) -> Running {
        Running { interrupted: true, ..self.clone() }
    }

    /// Whether the shell, which asks for its commands, would run something when it does that it would not have run before (what it
    /// prints then is expanded, unless it is `settled`), or read them otherwise than they stand there.
    #[must_use]
    pub fn asks_otherwise(&self, before: &Running, settled: bool) -> bool {
        let changed = |name: &&[u8]| self.state.variable(name) != before.state.variable(name);
        let harmless = |name: &[u8]| {
            let plain = |value: &Value| match (name, value.text()) {
                (b"PROMPT_COMMAND", text) => text == Some(b""),
                (_, text) => text.is_some_and(is_plain),
            };
            match self.state.variable(name).map(|variable| &variable.held) {
                None | Some(Held::Unset) => true,
                Some(Held::One(value)) => plain(value),
                Some(Held::Either(values)) => values.iter().all(plain),
                Some(Held::Array(_) | Held::Arrays(_)) => false,
            }
        };
        if self.edits {
            return true;
        }
        // What it prints is expanded where that was not switched off; word of mail always is.
        const ALWAYS: &[&[u8]] = &[b"PROMPT_COMMAND", b"PROMPT_DIRTRIM", b"MAILPATH"];
        const PRINTED: &[&[u8]] = &[b"PS0", b"PS1", b"PS2", b"PS4"];
        let names = ALWAYS.iter().chain(if settled { &[] } else { PRINTED });
        names.filter(|name| changed(name)).any(|name| !harmless(name))
    }

    /// Whether `exit` ends a shell, and is no function or program.
    #[must_use]
    pub fn exits(&self) -> bool {
        let name = b"exit";
        !self.switched && self.state.functions.get(name).is_none() && self.state.aliases.get(name).is_none()
    }

    /// Whether the shell may read its text by other rules from here on.
    #[must_use]
    pub fn is_posix(&self) -> bool {
        self.state.variable(b"POSIXLY_CORRECT").is_some_and(|variable| variable.held != Held::Unset)
    }

    /// Whether `eval`, quoted, evaluates.
    #[must_use]
    pub fn evaluates(&self) -> bool {
        !self.switched && self.state.functions.get(b"eval").is_none()
    }

    /// What outlasts a command: nothing of it speaks of the actions or the text of that any more.
    fn kept(mut self) -> Running {
        outlast(&mut self.state);
        for (handler, span) in &mut self.handlers {
            forget(handler);
            *span = Span::default();
        }
        self.readers = self.readers.into_iter().map(super::substitution::Reader::outlasting).collect();
        self
    }
}

/// The command is over: nothing speaks of its actions or its text any more, and of files the world knows better.
pub(super) fn outlast(state: &mut State) {
    state.ended = false;
    state.made = super::shared::Shared::default();
    state.linked = false;
    state.links = Rc::default();
    state.unpacked = Rc::default();
    state.input = None;
    state.last = None;
    let names: Vec<Vec<u8>> = state.variables.iter().map(|(name, _)| name.to_vec()).collect();
    for name in names {
        state.change(&name, |variable| match &mut variable.held {
            Held::Unset => {}
            Held::One(value) => forget(value),
            Held::Either(values) => values.iter_mut().for_each(forget),
            Held::Array(elements) => elements.iter_mut().for_each(|(_, value)| forget(value)),
            Held::Arrays(arrays) => arrays.iter_mut().flatten().for_each(|(_, value)| forget(value)),
        });
    }
    let names: Vec<Vec<u8>> = state.functions.iter().map(|(name, _)| name.to_vec()).collect();
    for name in names {
        let Some(function) = state.functions.hold(&name).filter(|function| function.span.is_none()) else { continue };
        state.functions.insert(&name, super::held::Function::elsewhere(&function));
    }
    Rc::make_mut(&mut state.positional).iter_mut().for_each(forget);
    let others = state.directories.iter_mut().chain(&mut state.old_cwd).chain([&mut state.cwd]);
    others.chain(&mut state.cwd_else).chain(Rc::make_mut(&mut state.cwd_also)).for_each(forget);
    Rc::make_mut(&mut state.watches).iter_mut().for_each(super::trap::Watch::forget);
}

/// Whether a prompt runs nothing: no `$` but the one behind a backslash, which prints itself, and no character by its number.
fn is_plain(prompt: &[u8]) -> bool {
    let mut bytes = prompt.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'$' | b'`' => return false,
            b'\\' if bytes.next().is_some_and(|next| matches!(next, b'0'..=b'7' | b'`')) => return false,
            _ => {}
        }
    }
    true
}

/// A value of an earlier command.
pub(super) fn forget(value: &mut Value) {
    value.taint.clear();
    value.span = Span::default();
}

/// What the next command of a running shell would do, and what the shell would know then. The handlers of its end are walked with
/// each command, as any may be the last.
#[must_use]
pub fn next_actions(
    script: &Script,
    source: &[u8],
    start: &Start,
    running: &Running,
    tools: &dyn Tools,
    world: &dyn World,
) -> (Actions, Running) {
    let mut walker = Walker::new(tools, world, start.max_actions);
    walker.commands = start.commands;
    walker.handlers.clone_from(&running.handlers);
    walker.readers.clone_from(&running.readers);
    let mut state = running.state.clone();
    let frame = Frame::top(start.max_depth);
    walker.stops = match (walker.commands == Commands::Own && start.aliases, running.interrupted) {
        (_, true) => Stops::Anywhere,
        // It asks for its commands at a terminal.
        (true, false) => Stops::AtPrograms,
        (false, false) => Stops::Nowhere,
    };
    let read_before = walker.reads_in_handlers(&state, &frame);
    if !state.watches.is_empty() {
        walker.quietly(|walker| walker.trapped_between(&mut state, &frame));
    }
    walker.opaque_places(script, source, &frame);
    walker.lines(&script.body, source, &mut state, &frame);
    let touches = walker.touched || !read_before && walker.reads_in_handlers(&state, &frame);
    let switches = |action: &Action| action.program.as_deref() == Some(b"enable");
    let switched = running.switched || walker.earlier().iter().any(switches);
    let edits = walker.earlier().iter().any(|action| {
        let mode = |value: &Value| {
            value.text().is_none_or(|text| matches!(text, b"emacs" | b"vi" | b"promptvars" | b"history"))
        };
        matches!(action.program.as_deref(), Some(b"set" | b"shopt" | b"bind")) && action.argv.iter().any(mode)
    });
    let (handlers, readers, reads_otherwise) =
        (walker.handlers.clone(), walker.readers.clone(), walker.reads_otherwise);
    let state_after = state.clone();
    let interrupted = false;
    let next =
        Running { state: state_after, handlers, readers, switched, edits, touches, reads_otherwise, interrupted }
            .kept();
    if !state.watches.is_empty() {
        walker.trapped_between(&mut state.clone(), &frame);
    }
    walker.leave(&mut state, &frame);
    (walker.finish(), next)
}
