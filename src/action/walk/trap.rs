//! `trap`: handlers that run where the shell ends, and those that run between the commands that follow.

use std::rc::Rc;

use super::simple::Ready;
use super::state::State;
use super::walker::{Frame, Walker};
use crate::action::{Action, ActionId, ActionKind, EffectKind, Value};
use crate::text::Span;

/// What makes a handler run before the shell ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Before each command.
    Debug,
    /// After a command that failed.
    Err,
    /// After a function or a sourced file.
    Return,
    /// After a signal that ends what does not handle it: the line may send it itself.
    Signal,
    /// After any other: some come by themselves, as when a child ends.
    Other,
}

/// A handler in force.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watch {
    event: Event,
    /// As it was written: a signal by its name and by its number are two.
    name: Rc<[u8]>,
    handler: Value,
    span: Span,
}

impl Watch {
    /// It was set by a command that has ended.
    pub(super) fn forget(&mut self) {
        super::running::forget(&mut self.handler);
        self.span = Span::default();
    }
}

/// When a trap's handler runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct When {
    /// Where the shell ends, with the variables of then.
    end: bool,
    /// At any time.
    now: bool,
    event: Option<Event>,
}

fn when(signal: &Value) -> When {
    let Some(name) = signal.text().map(<[u8]>::to_ascii_uppercase) else {
        return When { end: true, now: true, event: Some(Event::Debug) };
    };
    let (end, now, event) = match name.strip_prefix(b"SIG").unwrap_or(&name) {
        b"EXIT" | b"0" => (true, false, None),
        b"INT" | b"TERM" | b"HUP" | b"QUIT" | b"2" | b"15" | b"1" | b"3" => (true, false, Some(Event::Signal)),
        b"ERR" => (true, false, Some(Event::Err)),
        b"DEBUG" => (false, true, Some(Event::Debug)),
        b"RETURN" => (false, true, Some(Event::Return)),
        _ => (false, true, Some(Event::Other)),
    };
    When { end, now, event }
}

/// Whether an action may read its standard input, as far as is known of it.
fn may_read(action: &Action) -> bool {
    const DEAF: &[&[u8]] = &[
        b"rm", b"rmdir", b"kill", b"pkill", b"mkdir", b"touch", b"mv", b"cp", b"ln", b"date", b"sleep", b"true",
        b"false",
    ];
    let program = action.program.as_deref().unwrap_or_default();
    match action.kind {
        ActionKind::Run => !DEAF.contains(&program),
        ActionKind::Builtin => matches!(program, b"read" | b"mapfile" | b"readarray" | b"exec" | b"coproc"),
        ActionKind::Opaque => true,
        ActionKind::Call | ActionKind::Redirect | ActionKind::Assign | ActionKind::Define => false,
    }
}

impl State {
    /// In a subshell the trap for errors is not in force unless that was asked for.
    pub(super) fn leave_traps(&mut self) {
        if !self.options.errtrace && self.watches.iter().any(|watch| watch.event == Event::Err) {
            Rc::make_mut(&mut self.watches).retain(|watch| watch.event != Event::Err);
        }
    }
}

impl Walker<'_> {
    /// A handler: walked where it is set (`EXIT` and its like: where the shell ends), and by [`Walker::watched`] later.
    #[inline(never)]
    pub(super) fn trap(&mut self, arguments: &[Value], ready: &Ready<'_>, state: &mut State, frame: &Frame) {
        let mut rest = arguments;
        while rest.first().is_some_and(|value| matches!(value.text(), Some(b"--" | b"-l" | b"-p" | b"-P"))) {
            rest = rest.get(1..).unwrap_or_default();
        }
        let Some((handler, signals)) = rest.split_first() else { return };
        let clears = matches!(handler.text(), Some(b"-" | b""));
        let (mut end, mut now) = (false, false);
        for signal in signals {
            let when = when(signal);
            end |= when.end;
            now |= when.now;
            let Some(event) = when.event else { continue };
            // One handler for each event; signals share theirs, so that only the very same takes another's place.
            let name: Rc<[u8]> = signal.text().map_or_else(Rc::default, |name| name.to_ascii_uppercase().into());
            let shared = matches!(event, Event::Signal | Event::Other);
            let same = |watch: &Watch| watch.event == event && (!shared || watch.name == name && !name.is_empty());
            if state.watches.iter().any(same) {
                Rc::make_mut(&mut state.watches).retain(|watch| !same(watch));
            }
            if !clears {
                let watch = Watch { event, name, handler: handler.clone(), span: ready.span };
                Rc::make_mut(&mut state.watches).push(watch);
            }
        }
        if clears || signals.is_empty() {
            return;
        }
        let known = handler.text().is_some();
        if end && known {
            self.handlers.push((handler.clone(), frame.at(ready.span)));
        }
        if now || !known {
            let mut own = State { watches: Rc::default(), ..state.clone() };
            self.shell_text(handler, b"trap", &mut own, frame, ready.span);
        }
    }

    /// Whether a handler that a signal brings may read what the shell reads its commands from: it runs before the command it comes
    /// with has its own input. Cleaning up does not read.
    pub(super) fn reads_in_handlers(&mut self, state: &State, frame: &Frame) -> bool {
        let watches = Rc::clone(&state.watches);
        watches.iter().filter(|watch| matches!(watch.event, Event::Signal | Event::Other)).any(|watch| {
            let mut reads = false;
            self.quietly(|walker| {
                let mut own = State { watches: Rc::default(), ..state.clone() };
                walker.shell_text(&watch.handler, b"trap", &mut own, frame, watch.span);
                reads = walker.earlier().iter().any(may_read);
            });
            reads
        })
    }

    /// Afterwards the handlers of `event` may have run: everything is what it was or what they make it.
    pub(super) fn watched(&mut self, event: Event, state: &mut State, frame: &Frame) {
        if self.trapped.contains(&event) || !state.watches.iter().any(|watch| watch.event == event) {
            return;
        }
        let status = self.status;
        self.trapped.push(event);
        // A handler of a shell that leaves here runs none the less, and brings nothing back.
        let ended = std::mem::take(&mut state.ended);
        let watches = Rc::clone(&state.watches);
        for watch in watches.iter().filter(|watch| watch.event == event) {
            let mut own = state.clone();
            self.shell_text(&watch.handler, b"trap", &mut own, frame, watch.span);
            state.join(own);
        }
        state.ended = ended;
        self.trapped.pop();
        self.status = status;
    }

    /// A command has run, its actions listed from `first` on: it may have failed, and it may have sent a signal.
    pub(super) fn trapped_after(&mut self, first: ActionId, state: &mut State, frame: &Frame) {
        if self.status != super::walker::Status::Yes {
            self.watched(Event::Err, state, frame);
        }
        let actions = self.earlier().get(first as usize..).unwrap_or_default();
        let signals = |kind: EffectKind| kind == EffectKind::Signals;
        if actions.iter().any(|action| action.effects.iter().any(|effect| signals(effect.kind))) {
            self.watched(Event::Signal, state, frame);
        }
        self.watched(Event::Other, state, frame);
    }

    /// Between the lines of a shell that stays open any handler may run: a signal comes when it likes, and what stands in the place
    /// of a line that is refused is a command that fails.
    pub(super) fn trapped_between(&mut self, state: &mut State, frame: &Frame) {
        for event in [Event::Debug, Event::Err, Event::Signal, Event::Other] {
            self.watched(event, state, frame);
        }
    }
}
