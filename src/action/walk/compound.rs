//! Lists, pipelines and the compound commands: which state each part runs in and what comes out.

use std::rc::Rc;

use super::assigned::Assigned;
use super::blank;
use super::held::{Function, Held};
use super::rounds::{many_lines, settle_grown};
use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::trap::Event;
use super::walker::{Frame, Status, Stops, Walker};
use crate::action::{
    ActionKind, Bound, Channel, Effect, EffectKind, Feed, FileKind, Flags, GapKind, Object, Part, Value, path,
};
use crate::parse::{AndOr, CaseArm, Command, CommandKind, Cond, Dialect, Item, List, PieceKind, Pipeline, Word};
use crate::text::Arrange;
use crate::text::Span;

/// After a chain of `&&`: it stopped on its way, or all of it ran.
fn rejoin(state: &mut State, stopped: Option<State>) {
    if let Some(stopped) = stopped {
        let all = std::mem::replace(state, stopped);
        state.join(all);
    }
}

impl Walker<'_> {
    /// One and-or list.
    pub(super) fn item(&mut self, item: &Item, state: &mut State, frame: &Frame) -> Stream {
        if item.background {
            let mut own = state.clone();
            let inner = frame.forked();
            let out = self.apart(&mut own, &inner, |walker, own| walker.and_or(item, own, &inner));
            state.keep_files(own);
            self.status = Status::Yes;
            return out;
        }
        self.and_or(item, state, frame)
    }

    fn and_or(&mut self, item: &Item, state: &mut State, frame: &Frame) -> Stream {
        let mut out = self.pipeline(&item.first, state, frame);
        let mut moves = is_move(&item.first);
        // Where a chain of `&&` has stopped; what stands further on in it runs where all before it has succeeded.
        let mut stopped: Option<State> = None;
        for (operator, pipeline) in &item.rest {
            if *operator == AndOr::Or {
                rejoin(state, stopped.take());
            }
            let reached = match (operator, self.status) {
                (AndOr::And, Status::Yes) | (AndOr::Or, Status::No) => Status::Yes,
                (AndOr::And, Status::No) | (AndOr::Or, Status::Yes) => Status::No,
                (_, Status::Maybe) => Status::Maybe,
            };
            let mut other = state.clone();
            other.ended = false;
            match operator {
                // What stands behind `&&` runs where `cd` has succeeded, what stands behind `||` where it has not.
                AndOr::And => other.cwd_else = None,
                AndOr::Or => {
                    if let Some(elsewhere) = other.cwd_else.take() {
                        other.cwd = elsewhere;
                    }
                }
            }
            let before = self.status;
            let more = self.pipeline(pipeline, &mut other, frame);
            // Whoever stands in a directory goes on there: `cd x && pwd`.
            let follows = std::mem::replace(&mut moves, is_move(pipeline)) && *operator == AndOr::And && out.is_empty();
            match reached {
                Status::Yes => {
                    *state = other;
                    out = out.then(more);
                }
                Status::No => self.status = before,
                Status::Maybe if *operator == AndOr::And => {
                    let here = std::mem::replace(state, other);
                    match &mut stopped {
                        Some(stopped) => stopped.join(here),
                        None => stopped = Some(here),
                    }
                    self.status = Status::Maybe;
                    out = if follows { out.then(more) } else { out.perhaps(more) };
                }
                Status::Maybe => {
                    if other.ended {
                        state.cwd_else = None;
                    }
                    let both = self.status;
                    state.join(other);
                    self.status = if both == Status::Yes { Status::Yes } else { Status::Maybe };
                    out = out.or(more);
                }
            }
        }
        rejoin(state, stopped);
        out
    }

    fn pipeline(&mut self, pipeline: &Pipeline, state: &mut State, frame: &Frame) -> Stream {
        let out = match pipeline.commands.as_slice() {
            [] => {
                self.status = Status::Maybe;
                Stream::empty()
            }
            [only] => self.command(only, state, frame),
            commands => {
                let mut stdin = Rc::clone(&frame.stdin);
                let mut out = Stream::empty();
                let forked = frame.forked();
                let here = state.options.lastpipe || state.dialect == Dialect::Zsh;
                let first = self.here();
                let before = (self.stops != Stops::Nowhere).then(|| state.clone());
                for (at, command) in commands.iter().enumerate() {
                    let inner = Frame { stdin: Rc::clone(&stdin), ..forked.clone() };
                    if here && at + 1 == commands.len() {
                        out = self.command(command, state, &inner);
                        break;
                    }
                    let mut own = state.clone();
                    out = self.apart(&mut own, &inner, |walker, own| walker.command(command, own, &inner));
                    state.keep_files(own);
                    stdin = Rc::new(out.clone());
                }
                // Its commands were processes of their own: what comes to the shell itself comes here.
                self.watched(Event::Other, state, frame);
                if let Some(before) = before {
                    self.interrupted(first, &before, state);
                }
                if self.status != Status::Yes || state.options.pipefail {
                    self.status = Status::Maybe;
                }
                out
            }
        };
        if pipeline.negated {
            self.status = match self.status {
                Status::Yes => Status::No,
                Status::No => Status::Yes,
                Status::Maybe => Status::Maybe,
            };
        }
        out
    }

    /// One command with its redirections.
    pub(super) fn command(&mut self, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        if !self.step() {
            return Stream::outside();
        }
        let Some(frame) = frame.deeper() else {
            self.cap("commands nested too deep", frame.at(command.span));
            return Stream::outside();
        };
        let frame = &frame;
        if self.stops == Stops::Nowhere && state.watches.is_empty() {
            return self.untrapped(command, state, frame);
        }
        self.watched(Event::Debug, state, frame);
        let first = self.here();
        let before = (self.stops != Stops::Nowhere).then(|| state.clone());
        let out = self.untrapped(command, state, frame);
        self.trapped_after(first, state, frame);
        if let Some(before) = before {
            self.interrupted(first, &before, state);
        }
        out
    }

    fn untrapped(&mut self, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        match &command.kind {
            CommandKind::Simple(simple) => return self.simple(simple, command, state, frame),
            CommandKind::Function { name, body } => {
                self.define(name, body, state, frame, command.span);
                return Stream::empty();
            }
            _ => {}
        }
        let ends = self.redirects(&command.redirects, state, frame);
        let inner = match &ends.stdin {
            Some(stdin) => frame.fed(stdin.clone()),
            None => frame.clone(),
        };
        let out = self.compound(command, state, &inner);
        if matches!(command.kind, CommandKind::Loop { .. } | CommandKind::ForArith { .. } | CommandKind::For { .. }) {
            // A condition or an empty round may have come last.
            state.last = None;
        }
        if ends.doubt && self.status == Status::Yes {
            self.status = Status::Maybe;
        }
        self.settle(ends, out, state, frame)
    }

    #[inline(never)]
    fn compound(&mut self, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        match &command.kind {
            CommandKind::Simple(_) | CommandKind::Function { .. } => Stream::empty(),
            CommandKind::Subshell(list) => self.subshell(list, state, frame),
            CommandKind::Group(list) => self.list(list, state, frame),
            CommandKind::If { arms, otherwise } => self.conditional(arms, otherwise.as_ref(), state, frame),
            CommandKind::Loop { until, condition, body } => {
                let mut set = self.havoc(&[condition, body], state, frame);
                let mut read = std::collections::BTreeSet::new();
                Assigned::read(condition, &mut read);
                set.extend(read.iter().cloned());
                let mut before = state.clone();
                let inner = Frame { repeated: true, ..frame.clone() };
                let mut endless = false;
                let out = self.rounds(&set, state, |walker, state| {
                    let first = walker.list(condition, state, &inner);
                    endless = walker.status == (if *until { Status::No } else { Status::Yes });
                    if !*until && walker.status == Status::Yes || *until {
                        // The body runs where the condition held: a `cd` in it has succeeded.
                        state.cwd_else = None;
                    }
                    first.then(walker.list(body, state, &inner))
                });
                settle_grown(&set, &mut before, state);
                if !endless {
                    state.join(before);
                } else if spins(body) {
                    self.opaque(GapKind::Partial, "a loop that never ends", command.span, state, frame);
                }
                if !read.is_empty() {
                    // The `read` that found no line more has left them empty.
                    let mut ended = state.clone();
                    for name in &read {
                        ended.set(name, Value::default());
                    }
                    state.join(ended);
                }
                self.status = Status::Maybe;
                many_lines(out)
            }
            CommandKind::For { name, words, body, select } => {
                let values = match words {
                    Some(words) => self.fields(words, state, frame),
                    None => state.positional.iter().skip(1).cloned().collect(),
                };
                self.for_each(name, &values, body, *select, state, frame)
            }
            CommandKind::ForArith { init, condition, step, body } => {
                self.arithmetic(init, state, frame);
                let set = self.havoc(&[body], state, frame);
                for part in [condition, step] {
                    self.arithmetic_havoc(part, state);
                    self.arithmetic(part, state, frame);
                }
                let mut before = state.clone();
                let inner = Frame { repeated: true, ..frame.clone() };
                let out = self.rounds(&set, state, |walker, state| walker.list(body, state, &inner));
                settle_grown(&set, &mut before, state);
                state.join(before);
                self.status = Status::Maybe;
                many_lines(out)
            }
            CommandKind::Case { word, arms } => self.case(word, arms, state, frame),
            CommandKind::Cond(cond) => {
                self.condition(cond, command.span, state, frame);
                self.status = Status::Maybe;
                Stream::empty()
            }
            CommandKind::Arith(arith) => {
                let mut action = blank(ActionKind::Builtin, Some(b"(("), &state.cwd, command.span);
                let value = self.arithmetic(arith, state, frame);
                action.argv = vec![Value::known("(("), value];
                self.emit(action, frame);
                self.status = Status::Maybe;
                Stream::empty()
            }
            CommandKind::Coproc { name, body } => {
                let mut own = state.clone();
                // Its standard input is a pipe of its own, whatever feeds the line.
                let inner = frame.forked().fed(Stream { fed: true, ..Stream::outside() });
                let out = self.apart(&mut own, &inner, |walker, own| walker.command(body, own, &inner));
                let name = name.as_deref().unwrap_or(b"COPROC");
                let mut reads = Value::hole("output of the coprocess", Bound::Number);
                reads.add_taint(&out.from);
                // It is written to under a number of its own.
                let number = self.next_descriptor.to_string().into_bytes();
                self.next_descriptor = self.next_descriptor.checked_sub(1).unwrap_or(63);
                let path = [b"/dev/fd/".as_slice(), &number].concat();
                let mut writes = Value::known(number);
                writes.add_taint(&out.from);
                self.read_by(path, super::substitution::alone(body), state, &inner);
                state.change(name, |variable| {
                    variable.held = Held::Array(vec![(b"0".to_vec(), reads), (b"1".to_vec(), writes)]);
                });
                self.status = Status::Yes;
                Stream::empty()
            }
            CommandKind::Opaque(_) => {
                // The script's list of opaque places has it already.
                self.status = Status::Maybe;
                Stream::outside()
            }
        }
    }

    /// A list in a process of its own: nothing it changes stays, but its files do.
    #[inline(never)]
    pub(super) fn subshell(&mut self, list: &List, state: &mut State, frame: &Frame) -> Stream {
        let mut own = state.clone();
        own.leave_traps();
        let out = self.apart(&mut own, frame, |walker, own| walker.list(list, own, frame));
        state.keep_files(own);
        // What its handlers print stands behind it.
        if self.spoke {
            Stream { text: None, ways: Vec::new(), bound: crate::action::Bound::Anything, ..out }
        } else {
            out
        }
    }

    #[inline(never)]
    fn conditional(
        &mut self,
        arms: &[(List, List)],
        otherwise: Option<&List>,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let mut out: Option<Stream> = None;
        let mut ways: Vec<State> = Vec::new();
        let mut taken: Option<State> = None;
        let mut first = Stream::empty();
        for (condition, body) in arms {
            first = first.then(self.list(condition, state, frame));
            let holds = self.status;
            let mut way = state.clone();
            way.cwd_else = None;
            // Every branch is walked; what a branch that is certainly not taken would set is set nowhere.
            let text = self.list(body, &mut way, frame);
            match holds {
                _ if taken.is_some() => {}
                Status::No => {}
                Status::Yes => taken = Some(way),
                Status::Maybe => ways.push(way),
            }
            out = Some(match out {
                None => text,
                Some(out) => out.or(text),
            });
        }
        let last = match otherwise {
            Some(list) => self.list(list, state, frame),
            None => Stream::empty(),
        };
        if let Some(taken) = taken {
            *state = taken;
        }
        for way in ways {
            state.join(way);
        }
        self.status = Status::Maybe;
        first.then(match out {
            None => last,
            Some(out) => out.or(last),
        })
    }

    #[inline(never)]
    fn case(&mut self, word: &Word, arms: &[CaseArm], state: &mut State, frame: &Frame) -> Stream {
        self.scalar(word, state, frame);
        let before = state.clone();
        let mut out: Option<Stream> = None;
        let mut everything = false;
        let mut ways: Vec<State> = Vec::new();
        let mut fallen: Option<State> = None;
        for arm in arms {
            let mut way = before.clone();
            // What falls may run any of the arms behind it.
            if let Some(fallen) = &fallen {
                way.join(fallen.clone());
            }
            for pattern in &arm.patterns {
                let value = self.pattern(pattern, &mut way, frame);
                everything |=
                    matches!(value.parts.as_slice(), [crate::action::Part::Glob(star)] if star.as_slice() == b"*");
            }
            let text = self.list(&arm.body, &mut way, frame);
            if arm.falls {
                fallen = Some(way.clone());
            }
            ways.push(way);
            out = Some(match out {
                None => text,
                Some(out) => out.or(text),
            });
        }
        let mut joined = if everything { None } else { Some(before) };
        for way in ways {
            match &mut joined {
                None => joined = Some(way),
                Some(joined) => joined.join(way),
            }
        }
        if let Some(joined) = joined {
            *state = joined;
        }
        self.status = Status::Maybe;
        match out {
            Some(out) if everything => out,
            Some(out) => out.or(Stream::empty()),
            None => Stream::empty(),
        }
    }

    /// `name() body`.
    #[inline(never)]
    fn define(&mut self, name: &[u8], body: &Command, state: &mut State, frame: &Frame, span: Span) {
        let mut action = blank(ActionKind::Define, None, &state.cwd, span);
        action.argv = vec![Value::known(name)];
        self.emit(action, frame);
        let function = Rc::new(Function::new(body.clone(), frame.span));
        state.functions.insert(name, Rc::clone(&function));
        if name == b"command_not_found_handle" {
            // Any name may turn out to be one that is not found.
            let words = Value { many: true, ..Value::hole("positional parameters", Bound::Anything) };
            let ready = Ready {
                argv: vec![Value::known(name), words],
                words: &[],
                leading: Vec::new(),
                span,
                no_functions: false,
                no_builtins: false,
            };
            self.call(name, &function, ready, &mut state.clone(), frame);
        }
        self.status = Status::Yes;
    }

    /// `[[ … ]]`
    #[inline(never)]
    fn condition(&mut self, cond: &Cond, span: Span, state: &mut State, frame: &Frame) {
        let mut action = blank(ActionKind::Builtin, Some(b"[["), &state.cwd, span);
        action.argv.push(Value::known("[["));
        for (operator, word) in &cond.unary {
            let value = self.scalar(word, state, frame);
            if tests_file(operator) {
                action.effects.push(names_effect(&state.cwd, &value));
            }
            if matches!(operator.as_slice(), b"-v" | b"-R") {
                self.subscript_runs(&value, &mut action, state, frame);
            }
            action.argv.push(Value::known(operator.clone()));
            action.argv.push(value);
        }
        for (operator, left, right) in &cond.binary {
            let left = self.scalar(left, state, frame);
            let right = self.pattern(right, state, frame);
            if matches!(operator.as_slice(), b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge") {
                self.number_runs(&left, &mut action, state, frame);
                self.number_runs(&right, &mut action, state, frame);
            }
            if operator.as_slice() == b"=~" {
                let matched = super::matched::matched(&left, &right);
                state.change(b"BASH_REMATCH", |variable| variable.held = matched);
            }
            if matches!(operator.as_slice(), b"-nt" | b"-ot" | b"-ef") {
                action.effects.push(names_effect(&state.cwd, &left));
                action.effects.push(names_effect(&state.cwd, &right));
            }
            action.argv.extend([left, Value::known(operator.clone()), right]);
        }
        for word in &cond.words {
            let value = self.scalar(word, state, frame);
            action.argv.push(value);
        }
        self.emit(action, frame);
    }

    /// Files written by the line that this action's effects consume.
    pub(super) fn file_flows(&mut self, id: u32, state: &State) {
        let Some(action) = self.action(id) else { return };
        let mut paths: Vec<Vec<u8>> = Vec::new();
        for effect in &action.effects {
            paths.extend(effect.feed.files.iter().cloned());
            if matches!(effect.kind, EffectKind::Reads | EffectKind::Executes | EffectKind::Sends) {
                if let Object::Path { path, .. } | Object::Code { origin: crate::action::CodeOrigin::File(path), .. } =
                    &effect.object
                {
                    paths.extend(path.text().map(<[u8]>::to_vec));
                }
            }
        }
        if paths.is_empty() || state.made.is_empty() && state.unpacked.is_empty() {
            return;
        }
        paths.arrange();
        paths.dedup();
        for path in paths {
            let by = match state.made(&path) {
                Some(made) => made.by.clone(),
                None if !state.unpacked.is_empty() && self.world.kind(&path) == FileKind::Missing => {
                    let from = state.unpacked.iter().filter(|(directory, _)| path::within(&path, directory));
                    from.map(|(_, by)| *by).collect()
                }
                None => Vec::new(),
            };
            for from in by {
                self.flow(from, id, Channel::File(path.clone()));
            }
        }
    }
}

/// Unary tests that look at a file.
pub(super) fn tests_file(operator: &[u8]) -> bool {
    matches!(operator, [b'-', letter] if b"abcdefghkprstuwxGLNOS".contains(letter) && *letter != b't')
}

/// *names* on a path operand.
pub(super) fn names_effect(cwd: &Value, value: &Value) -> Effect {
    path_effect(EffectKind::Names, cwd, value)
}

/// An effect on a path operand.
pub(super) fn path_effect(kind: EffectKind, cwd: &Value, value: &Value) -> Effect {
    let object = Object::Path { path: path::absolute(cwd, value), as_written: value.display() };
    let feed = Feed { taint: value.taint.clone(), ..Feed::default() };
    let known = |part: &Part| !matches!(part, Part::Hole(hole) if hole.bound == Bound::Anything);
    Effect { kind, object, flags: Flags::default(), certain: value.parts.iter().all(known), span: value.span, feed }
}

/// Whether a list does nothing, however often.
fn spins(list: &List) -> bool {
    let idle = |command: &Command| match &command.kind {
        CommandKind::Simple(simple) => simple
            .words
            .first()
            .and_then(plain_text)
            .is_some_and(|word| matches!(word.as_slice(), b":" | b"true" | b"false")),
        _ => false,
    };
    list.items.iter().all(|item| {
        std::iter::once(&item.first)
            .chain(item.rest.iter().map(|(_, next)| next))
            .all(|line| line.commands.iter().all(idle))
    })
}

/// The text of a word that is literal.
pub(super) fn plain_text(word: &Word) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for piece in &word.pieces {
        match &piece.kind {
            PieceKind::Literal(text) | PieceKind::Escaped(text) | PieceKind::Single(text) | PieceKind::AnsiC(text) => {
                out.extend_from_slice(text);
            }
            PieceKind::Double(inner) => {
                for piece in inner {
                    match &piece.kind {
                        PieceKind::Literal(text) | PieceKind::Escaped(text) => out.extend_from_slice(text),
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Whether all that a pipeline does is to move to a directory.
fn is_move(pipeline: &Pipeline) -> bool {
    let [Command { kind: CommandKind::Simple(simple), .. }] = pipeline.commands.as_slice() else { return false };
    simple
        .words
        .first()
        .and_then(crate::parse::Word::text)
        .is_some_and(|name| matches!(name.as_slice(), b"cd" | b"pushd"))
}
