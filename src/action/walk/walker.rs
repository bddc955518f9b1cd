//! The walker itself: what it collects, the frame a command runs in, and the ways in for text.

use std::rc::Rc;

use super::Commands;
use super::search::Search;
use super::state::State;
use super::stream::Stream;
use super::trap::Event;
use super::{blank, gap};
use crate::action::{
    Action, ActionId, ActionKind, Actions, Channel, Effect, EffectKind, FileKind, Flow, GapKind, Moved, Object, Tools,
    Value, World,
};
use crate::parse::{self, Item, List, Script};
use crate::text::Span;

/// Flows beyond this many are a gap.
const FLOWS: usize = 40_000;

/// Texts of the line that are parsed again (payloads, `eval`) together hold at most this many bytes.
const PARSED: usize = 1 << 20;

/// What the values of all actions listed together weigh at most, in bytes: words of words grow with the square of the line.
const LISTED: usize = 8 << 20;

/// Changes of its repository that are followed: each command on it looks at them all.
const MOVED: usize = 1_000;

/// Mistakes that are followed each on its own.
const DROPPED: usize = 16;

/// Ways out of loops, functions and shells that are followed.
const LEFT: usize = 256;

/// What a command of the walk stands in.
#[derive(Clone)]
pub(super) struct Frame {
    /// The wrappers around it, outermost first.
    pub via: Rc<Vec<Vec<u8>>>,
    /// Where everything stands, for text that is not the line itself.
    pub span: Option<Span>,
    /// Levels left.
    pub depth: u16,
    /// Runs on another machine or in a container.
    pub elsewhere: bool,
    /// Its standard input.
    pub stdin: Rc<Stream>,
    /// It was opened for this one command: nobody has read from it before.
    pub own: bool,
    /// Functions being called, innermost last; `true`: since then a pipe or the background was entered.
    pub calls: Rc<Vec<(Vec<u8>, bool)>>,
    /// Aliases being expanded.
    pub aliases: Rc<Vec<Vec<u8>>>,
    /// Inside a loop that is walked once for many rounds.
    pub repeated: bool,
}

impl Frame {
    /// The line itself.
    pub(super) fn top(depth: u16) -> Self {
        Frame {
            via: Rc::new(Vec::new()),
            span: None,
            depth,
            elsewhere: false,
            stdin: Rc::new(Stream::outside()),
            own: false,
            calls: Rc::new(Vec::new()),
            aliases: Rc::new(Vec::new()),
            repeated: false,
        }
    }

    /// One level deeper; `None` at the bound.
    pub(super) fn deeper(&self) -> Option<Frame> {
        Some(Frame { depth: self.depth.checked_sub(1)?, own: false, ..self.clone() })
    }

    /// With another standard input.
    pub(super) fn fed(&self, stdin: Stream) -> Frame {
        Frame { stdin: Rc::new(stdin), own: false, ..self.clone() }
    }

    /// Behind one more wrapper, its text standing at `span`.
    pub(super) fn behind(&self, wrapper: &[u8], span: Span) -> Option<Frame> {
        let mut frame = self.deeper()?;
        Rc::make_mut(&mut frame.via).push(wrapper.to_vec());
        frame.span = Some(self.span.unwrap_or(span));
        Some(frame)
    }

    /// In a process of its own beside others.
    pub(super) fn forked(&self) -> Frame {
        let mut frame = self.clone();
        if !frame.calls.is_empty() {
            for call in Rc::make_mut(&mut frame.calls) {
                call.1 = true;
            }
        }
        frame
    }

    /// Where `span` is shown.
    pub(super) fn at(&self, span: Span) -> Span {
        self.span.unwrap_or(span)
    }
}

/// Where the shell goes on after a command that leaves what it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// `continue`: with the next round of the loop, counted from the innermost (1).
    Next(u8),
    /// `break`: behind the loop, counted from the innermost (1).
    Out(u8),
    /// `return`: behind the call.
    Call,
    /// `exit`: where the shell ends.
    Shell,
}

/// Where the key that interrupts may end a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stops {
    /// It ends the shell, or there is no such key.
    #[default]
    Nowhere,
    /// Where a program runs, which is all that the key reaches then.
    AtPrograms,
    /// The shell itself was reached.
    Anywhere,
}

/// Whether the last command succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Yes,
    No,
    Maybe,
}

/// The abstract run.
pub(super) struct Walker<'a> {
    pub tools: &'a dyn Tools,
    pub world: &'a dyn World,
    /// Where the shell reads its commands from.
    pub commands: Commands,
    /// Some command may touch what the shell reads its commands from.
    pub touched: bool,
    /// The command being walked redirects its standard input.
    pub moves_input: bool,
    /// `exec` without a command: what its redirections open stays open.
    pub opens: bool,
    /// So many files are being sourced.
    pub sourced: usize,
    /// So many loops are being walked, one in the other.
    pub loops: usize,
    /// The process that was walked last ran handlers where it ended.
    pub spoke: bool,
    /// Something has led the errors of commands to their output.
    pub merges: bool,
    /// The texts of which the substitution that was walked last is one.
    pub ways: Vec<Value>,
    out: Actions,
    max_actions: usize,
    capped: bool,
    parsed: usize,
    /// What the actions listed weigh.
    listed: usize,
    /// Steps left: words expanded and commands walked.
    steps: u32,
    /// `<( )` and `>( )` of the command being expanded: path, producers; consumers of its output.
    pub descriptors: Vec<(Vec<u8>, Vec<ActionId>)>,
    pub consumers: Vec<ActionId>,
    /// Commands that read what the line writes to a descriptor: `>( )`, coprocesses.
    pub readers: Vec<super::substitution::Reader>,
    /// Last `/dev/fd` number given out.
    pub next_descriptor: u32,
    /// Handlers of `trap … EXIT` run when the shell ends.
    pub handlers: Vec<(Value, Span)>,
    /// The trap whose handler is being walked: none runs inside itself.
    pub trapped: Vec<Event>,
    /// Named pipes the line makes.
    pub fifos: Vec<Vec<u8>>,
    /// How the last command ended.
    pub status: Status,
    /// What is known where a command left a loop, a function or the shell: it holds where the shell goes on.
    pub left: Vec<(Leave, State)>,
    /// What is known where a mistake may have made bash leave the rest of a line out: the next line begins with it.
    pub dropped: Vec<State>,
    /// How many there were.
    mistakes: usize,
    /// Where else a line may end.
    pub stops: Stops,
    /// The shell may read its next lines in another way than it did.
    pub reads_otherwise: bool,
    /// An action has deleted or moved something, or changed who may enter it.
    pub removed: bool,
    /// What the line did to its repository so far: it outlasts the subshell that did it.
    pub repository: Vec<Moved>,
    /// What is known of PATH.
    pub search: Search,
}

impl<'a> Walker<'a> {
    pub(super) fn new(tools: &'a dyn Tools, world: &'a dyn World, max_actions: usize) -> Self {
        Walker {
            tools,
            world,
            commands: Commands::Given,
            touched: false,
            moves_input: false,
            opens: false,
            sourced: 0,
            loops: 0,
            spoke: false,
            merges: false,
            ways: Vec::new(),
            out: Actions::default(),
            max_actions,
            capped: false,
            parsed: 0,
            listed: 0,
            steps: 400_000,
            descriptors: Vec::new(),
            consumers: Vec::new(),
            readers: Vec::new(),
            next_descriptor: 63,
            handlers: Vec::new(),
            trapped: Vec::new(),
            fifos: Vec::new(),
            status: Status::Maybe,
            left: Vec::new(),
            dropped: Vec::new(),
            mistakes: 0,
            stops: Stops::Nowhere,
            reads_otherwise: false,
            removed: false,
            repository: Vec::new(),
            search: Search::default(),
        }
    }

    pub(super) fn finish(mut self) -> Actions {
        self.join_fifos();
        self.out
    }

    /// Runs `walk` for what it defines: its actions are judged elsewhere.
    pub(super) fn quietly(&mut self, walk: impl FnOnce(&mut Self)) {
        let kept = std::mem::take(&mut self.out);
        let handlers = self.handlers.len();
        walk(self);
        self.out = kept;
        self.handlers.truncate(handlers);
    }

    /// Takes what the scripts before the line define.
    pub(super) fn preamble(&mut self, start: &super::Start, state: &mut State, frame: &Frame) {
        for preamble in &start.preamble {
            self.quietly(|walker| {
                walker.text(preamble, state, frame);
            });
            state.ended = false;
        }
    }

    /// Takes one step of the budget.
    pub(super) fn step(&mut self) -> bool {
        match self.steps.checked_sub(1) {
            Some(left) => {
                self.steps = left;
                !self.capped
            }
            None => {
                self.cap("more steps than are walked", Span::default());
                false
            }
        }
    }

    /// Says once that a bound was hit; everything after it is unknown.
    pub(super) fn cap(&mut self, what: &str, span: Span) {
        if self.capped {
            return;
        }
        self.capped = true;
        let mut action = blank(ActionKind::Opaque, None, &Value::hole(what, crate::action::Bound::Anything), span);
        gap(&mut action, GapKind::Cap, what, span);
        self.out.list.push(action);
    }

    /// How many actions there are: the id of the next one.
    pub(super) fn here(&self) -> ActionId {
        ActionId::try_from(self.out.list.len()).unwrap_or(ActionId::MAX)
    }

    /// Adds an action behind the wrappers of `frame`. What runs elsewhere keeps no paths of this machine.
    pub(super) fn emit(&mut self, mut action: Action, frame: &Frame) -> ActionId {
        let id = self.here();
        if self.out.list.len() >= self.max_actions {
            self.cap("more actions than are listed", frame.at(action.span));
            return id.saturating_sub(1);
        }
        self.listed = self.listed.saturating_add(weight(&action));
        if self.listed > LISTED {
            self.cap("more text in the words of actions than is listed", frame.at(action.span));
            return id.saturating_sub(1);
        }
        action.via = frame.via.as_ref().clone();
        let takes = |effect: &Effect| match &effect.object {
            Object::Path { path, .. } if effect.kind == EffectKind::Deletes => {
                path.text().is_none_or(|path| self.world.kind(path) == FileKind::Directory)
            }
            _ => effect.kind == EffectKind::Permits,
        };
        self.removed |= action.effects.iter().any(takes) || moves(&action);
        if let Some(span) = frame.span {
            action.span = span;
            for effect in &mut action.effects {
                effect.span = span;
            }
            for gap in &mut action.gaps {
                gap.span = span;
            }
        }
        if frame.elsewhere {
            for effect in &mut action.effects {
                if let Object::Path { path, .. } = &effect.object {
                    effect.object = Object::Named(path.clone());
                }
            }
            let span = action.span;
            let said = action.gaps.iter().any(|gap| gap.kind == GapKind::Partial);
            if !said {
                gap(&mut action, GapKind::Partial, crate::action::ELSEWHERE, span);
            }
        }
        self.out.list.push(action);
        id
    }

    /// The action of that id.
    pub(super) fn action(&mut self, id: ActionId) -> Option<&mut Action> {
        self.out.list.get_mut(id as usize)
    }

    /// The action of that id, to look at.
    pub(super) fn listed(&self, id: ActionId) -> Option<&Action> {
        self.out.list.get(id as usize)
    }

    /// Everything listed so far.
    pub(super) fn earlier(&self) -> &[Action] {
        &self.out.list
    }

    /// Takes back the one action listed since there were `first`, where all that is known of it is that there is no such program.
    pub(super) fn take_back_unknown(&mut self, first: ActionId) -> bool {
        let known_path = matches!(self.world.variable(b"PATH"), crate::action::Variable::Set(_));
        let nothing = |action: &Action| {
            action.kind == ActionKind::Run
                && action.path.is_none()
                && action.argv.first().is_some_and(|name| name.text().is_some_and(|name| !name.contains(&b'/')))
                && !action.gaps.is_empty()
                && action.gaps.iter().all(|gap| gap.kind == GapKind::UnknownProgram)
        };
        let alone = matches!(self.out.list.get(first as usize..), Some([one]) if nothing(one));
        if known_path && alone {
            self.out.list.truncate(first as usize);
            self.out.flows.retain(|flow| flow.from < first && flow.to < first);
        }
        known_path && alone
    }

    /// Adds an opaque place.
    pub(super) fn opaque(
        &mut self,
        kind: GapKind,
        what: impl Into<String>,
        span: Span,
        state: &State,
        frame: &Frame,
    ) -> ActionId {
        let mut action = blank(ActionKind::Opaque, None, &state.cwd, span);
        gap(&mut action, kind, what, span);
        self.emit(action, frame)
    }

    /// Data moves from one action to another.
    pub(super) fn flow(&mut self, from: ActionId, to: ActionId, channel: Channel) {
        if from == to || self.out.flows.len() >= FLOWS {
            if self.out.flows.len() >= FLOWS {
                self.cap("more data flows than are listed", Span::default());
            }
            return;
        }
        let flow = Flow { from, to, channel };
        // The same edge is added by neighbouring code only, so a short look back is enough.
        if !self.out.flows.iter().rev().take(8).any(|known| *known == flow) {
            self.out.flows.push(flow);
        }
    }

    /// The standard input of `frame` reaches `to`.
    pub(super) fn feed(&mut self, to: ActionId, frame: &Frame) {
        for from in &frame.stdin.from {
            self.flow(*from, to, Channel::Stdin);
        }
    }

    /// The opaque places of a script and the control bytes of its text.
    pub(super) fn opaque_places(&mut self, script: &Script, source: &[u8], frame: &Frame) {
        let nowhere = Value::known(self.world.cwd());
        for place in &script.opaque {
            let mut action = blank(ActionKind::Opaque, None, &nowhere, place.span);
            gap(&mut action, if place.cap { GapKind::Cap } else { GapKind::Opaque }, place.why, place.span);
            self.emit(action, frame);
        }
        let control = |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n')) || *byte == 0x7f;
        if let Some(at) = source.iter().position(control) {
            let span = Span::new(at, at + 1);
            let mut action = blank(ActionKind::Opaque, None, &nowhere, span);
            gap(&mut action, GapKind::ControlBytes, "control bytes in the line", span);
            self.emit(action, frame);
        }
    }

    /// Parses and walks shell text of the line (a payload, an `eval`, a script file) in `state`.
    pub(super) fn text(&mut self, text: &[u8], state: &mut State, frame: &Frame) -> Stream {
        let Some(script) = self.parse(text, state, frame) else { return Stream::outside() };
        self.opaque_places(&script, text, frame);
        self.lines(&script.body, text, state, frame)
    }

    /// The line has changed its repository.
    pub(super) fn has_moved(&mut self, moved: Vec<Moved>, span: Span) {
        self.repository.extend(moved);
        if self.repository.len() > MOVED {
            self.cap("more changes of a repository than are followed", span);
        }
    }

    /// Parses text under the budget for such texts.
    pub(super) fn parse(&mut self, text: &[u8], state: &State, frame: &Frame) -> Option<Script> {
        self.parsed = self.parsed.saturating_add(text.len()).saturating_add(16);
        if self.parsed > PARSED || frame.depth == 0 {
            self.cap("shell text nested too deep or too long", frame.span.unwrap_or_default());
            return None;
        }
        Some(parse::parse(text, state.dialect))
    }

    /// Leaves a loop, a function or the shell here.
    pub(super) fn leaves(&mut self, leave: Leave, state: &mut State) {
        // More than these are as many as a generated script has; the earliest say most.
        if self.left.len() < LEFT {
            self.left.push((leave, state.clone()));
        }
        state.ended = true;
    }

    /// A mistake may end the line here; functions and loops it stands in end with it.
    pub(super) fn may_stop(&mut self, state: &State) {
        match self.dropped.last_mut() {
            // Each of many is one of several all the same.
            Some(last) if DROPPED <= self.mistakes => last.join(State { ended: false, ..state.clone() }),
            _ => self.dropped.push(State { ended: false, ..state.clone() }),
        }
        self.mistakes += 1;
    }

    /// A command has run, its actions listed from `first` on. The key that interrupts may have ended the line in it, and the key
    /// that stops what runs the loops that it stands in.
    pub(super) fn interrupted(&mut self, first: ActionId, before: &State, state: &State) {
        let listed = self.out.list.get(first as usize..).unwrap_or_default();
        let runs = |action: &Action| matches!(action.kind, ActionKind::Run | ActionKind::Opaque);
        if self.stops == Stops::AtPrograms && !listed.iter().any(runs) {
            return;
        }
        for state in [before, state] {
            self.may_stop(state);
            for loops in 1..=2 {
                if self.left.len() < LEFT {
                    self.left.push((Leave::Out(loops), State { ended: false, ..state.clone() }));
                }
            }
        }
    }

    /// A new line begins: the one before may have been left where a mistake was made in it.
    fn next_line(&mut self, first: usize, state: &mut State) {
        for mut own in self.dropped.split_off(first.min(self.dropped.len())) {
            own.positional = Rc::clone(&state.positional);
            own.locals = Rc::clone(&state.locals);
            state.join(own);
            self.status = Status::Maybe;
        }
    }

    /// `walk` runs in a process of its own: mistakes in it end that, and its handlers run where it ends.
    pub(super) fn apart<T>(
        &mut self,
        own: &mut State,
        frame: &Frame,
        walk: impl FnOnce(&mut Self, &mut State) -> T,
    ) -> T {
        let handlers = std::mem::take(&mut self.handlers);
        let left = std::mem::take(&mut self.left);
        let dropped = std::mem::take(&mut self.dropped);
        let loops = std::mem::take(&mut self.loops);
        let out = walk(self, own);
        self.loops = loops;
        let spoke = !self.handlers.is_empty();
        if spoke || !self.left.is_empty() {
            self.next_line(0, own);
            self.leave(own, frame);
        }
        self.handlers = handlers;
        self.left = left;
        self.dropped = dropped;
        self.spoke = spoke;
        out
    }

    /// What left for `here` since there were `first`, comes back; what left for a loop further out is one nearer to it.
    pub(super) fn come_back(&mut self, first: usize, here: Leave, state: &mut State) {
        for (leave, own) in self.left.split_off(first.min(self.left.len())) {
            match leave {
                _ if leave == here => {
                    // It may have left with a failure, wherever it did.
                    self.status = Status::Maybe;
                    state.join(own);
                }
                Leave::Next(count) if here == Leave::Out(1) => self.left.push((Leave::Next(count.max(2) - 1), own)),
                Leave::Out(count) if here == Leave::Out(1) => self.left.push((Leave::Out(count.max(2) - 1), own)),
                _ => self.left.push((leave, own)),
            }
        }
    }

    /// The shell ends: what `trap … EXIT` left behind runs.
    pub(super) fn leave(&mut self, state: &mut State, frame: &Frame) {
        self.come_back(0, Leave::Shell, state);
        for (text, span) in std::mem::take(&mut self.handlers) {
            if let (Some(known), Some(inner)) = (text.text(), frame.behind(b"trap", span)) {
                let known = known.to_vec();
                state.ended = false;
                self.text(&known, state, &inner);
            }
        }
    }

    /// Every item in order.
    pub(super) fn list(&mut self, list: &List, state: &mut State, frame: &Frame) -> Stream {
        self.lines(list, b"", state, frame)
    }

    /// The items of `source`, line after line; without it, those of a part of a line.
    pub(super) fn lines(&mut self, list: &List, source: &[u8], state: &mut State, frame: &Frame) -> Stream {
        let mut out = Stream::empty();
        let first = self.dropped.len();
        let mut end = 0;
        let mut beside: Vec<(&Item, State)> = Vec::new();
        // What is left here for good prints no more; what may be left may print no more.
        let (mut gone, mut torn) = (false, false);
        let ends_here = state.options.errexit;
        for item in &list.items {
            let before = (item.background && list.items.len() > 1).then(|| state.clone());
            if state.ended {
                // Code behind an `exit` is judged all the same: the exit may not be reached.
                state.ended = false;
            }
            let between = source.get(end..item.span.start as usize).unwrap_or_default();
            if self.dropped.len() > first && between.contains(&b'\n') {
                self.next_line(first, state);
            }
            end = item.span.end as usize;
            let mark = self.left.len();
            let more = self.item(item, state, frame);
            out = match (gone, torn) {
                (true, _) => out.and_from(&more.from),
                (false, true) => out.perhaps(more),
                (false, false) => out.then(more),
            };
            gone |= state.ended && !item.background;
            // Under `set -e` of its own a failure ends it.
            torn |= self.left.len() > mark || state.options.errexit && !ends_here && self.status != Status::Yes;
            beside.extend(
                before.map(|before| (item, State { made: state.made.clone(), linked: state.linked, ..before })),
            );
        }
        if !source.is_empty() {
            self.next_line(first, state);
        }
        // What runs beside the rest may get to its files after the rest has changed them.
        for (item, before) in beside {
            if !before.made.apart(&state.made).is_empty() {
                let mut own =
                    State { made: state.made.clone(), linked: state.linked, links: Rc::clone(&state.links), ..before };
                self.item(item, &mut own, frame);
            }
        }
        out
    }
}

/// The bytes that the values of an action stand for.
fn weight(action: &Action) -> usize {
    let assigned = action.assigns.iter().map(|(_, value)| value);
    action.argv.iter().chain(assigned).chain([&action.cwd]).map(Value::weight).sum()
}

/// Whether a program may take a directory away that stood there.
fn moves(action: &Action) -> bool {
    let program = action.program.as_deref();
    matches!(program, Some(b"mv" | b"rmdir"))
        || program == Some(b"git")
            && action.sub.iter().any(|sub| {
                matches!(sub.as_str(), "mv" | "rm" | "clean" | "checkout" | "switch" | "stash" | "reset" | "worktree")
            })
}
