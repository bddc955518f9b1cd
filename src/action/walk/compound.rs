//! Lists, pipelines and the compound commands: which state each part runs in and what comes out.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::letters::letters;
use super::simple::{Ready, runs_commands};
use super::state::{Elements, Function, Held, State, Variable, any_element, either, merged};
use super::stream::Stream;
use super::trap::Event;
use super::variables::next_index;
use super::walker::{Frame, Leave, Status, Walker};
use super::{arith, blank};
use crate::action::{ActionKind, Bound, Channel, Effect, EffectKind, Feed, FileKind, Flags, Object, Part, Value, path};
use crate::parse::{
    AndOr, Arith, Assign, CaseArm, Command, CommandKind, Cond, Dialect, Item, List, Piece, PieceKind, Pipeline, Word,
};
use crate::text::Span;

/// Loops over more constant words than this are walked once with what the words share.
const UNROLL: usize = 24;

/// Rounds of a loop that are walked, where each of them changes what the next one meets.
const PASSES: usize = 5;

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
            let left = self.left.len();
            let out = self.and_or(item, &mut own, &inner);
            self.left.truncate(left);
            state.keep_files(own);
            self.status = Status::Yes;
            return out;
        }
        self.and_or(item, state, frame)
    }

    fn and_or(&mut self, item: &Item, state: &mut State, frame: &Frame) -> Stream {
        let mut out = self.pipeline(&item.first, state, frame);
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
                    out = out.then(more);
                }
                Status::Maybe => {
                    if other.ended {
                        state.cwd_else = None;
                    }
                    let both = self.status;
                    state.join(other);
                    self.status = if both == Status::Yes { Status::Yes } else { Status::Maybe };
                    out = out.then(more);
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
                for (at, command) in commands.iter().enumerate() {
                    let inner = Frame { stdin: Rc::clone(&stdin), ..forked.clone() };
                    if here && at + 1 == commands.len() {
                        out = self.command(command, state, &inner);
                        break;
                    }
                    let mut own = state.clone();
                    let left = self.left.len();
                    out = self.command(command, &mut own, &inner);
                    self.left.truncate(left);
                    state.keep_files(own);
                    stdin = Rc::new(out.clone());
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
        if state.watches.is_empty() {
            return self.untrapped(command, state, frame);
        }
        self.watched(Event::Debug, state, frame);
        let first = self.here();
        let out = self.untrapped(command, state, frame);
        self.trapped_after(first, state, frame);
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
        if ends.doubt && self.status == Status::Yes {
            self.status = Status::Maybe;
        }
        self.settle(ends, out, state, frame)
    }

    fn compound(&mut self, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        match &command.kind {
            CommandKind::Simple(_) | CommandKind::Function { .. } => Stream::empty(),
            CommandKind::Subshell(list) => self.subshell(list, state, frame),
            CommandKind::Group(list) => self.list(list, state, frame),
            CommandKind::If { arms, otherwise } => self.conditional(arms, otherwise.as_ref(), state, frame),
            CommandKind::Loop { until, condition, body } => {
                let mut set = self.havoc(&[condition, body], state, frame);
                Assigned::read(condition, &mut set);
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
                let out = self.command(body, &mut own, &frame.forked());
                let name = name.as_deref().unwrap_or(b"COPROC");
                let mut reads = Value::hole("output of the coprocess", Bound::Number);
                reads.add_taint(&out.from);
                state.change(name, |variable| {
                    variable.held = Held::Array(vec![(b"0".to_vec(), reads.clone()), (b"1".to_vec(), reads)]);
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
    pub(super) fn subshell(&mut self, list: &List, state: &mut State, frame: &Frame) -> Stream {
        let mut own = state.clone();
        own.leave_traps();
        let handlers = std::mem::take(&mut self.handlers);
        let left = std::mem::take(&mut self.left);
        let out = self.list(list, &mut own, frame);
        self.leave(&mut own, frame);
        self.handlers = handlers;
        self.left = left;
        state.keep_files(own);
        out
    }

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

    fn case(&mut self, word: &Word, arms: &[CaseArm], state: &mut State, frame: &Frame) -> Stream {
        self.scalar(word, state, frame);
        let before = state.clone();
        let mut out: Option<Stream> = None;
        let mut everything = false;
        let mut ways: Vec<State> = Vec::new();
        let mut fallen: Option<State> = None;
        for arm in arms {
            let mut way = before.clone();
            if let Some(fallen) = fallen.take() {
                way.join(fallen);
            }
            for pattern in &arm.patterns {
                let value = self.pattern(pattern, &mut way, frame);
                everything |=
                    matches!(value.parts.as_slice(), [crate::action::Part::Glob(star)] if star.as_slice() == b"*");
            }
            let text = self.list(&arm.body, &mut way, frame);
            fallen = arm.falls.then(|| way.clone());
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
        out.unwrap_or_else(Stream::empty)
    }

    /// `for name in values`.
    fn for_each(
        &mut self,
        name: &[u8],
        values: &[Value],
        body: &List,
        select: bool,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        if values.is_empty() {
            // No rounds, as far as is known; the body is walked all the same, with the variable empty.
            let mut own = state.clone();
            own.set(name, Value::default());
            self.list(body, &mut own, frame);
            self.status = Status::Yes;
            return Stream::empty();
        }
        // Text that is not known yet may be split to any number of rounds.
        let single = values.iter().all(|value| value.text().is_some()) && values.len() <= UNROLL && !select;
        self.status = Status::Maybe;
        if single {
            let mut out = Stream::empty();
            let first = self.left.len();
            for value in values {
                self.round(name, value.clone(), state, frame);
                out = out.then(self.list(body, state, frame));
                self.come_back(first, Leave::Next(1), state);
                // Nothing goes on to the next round.
                if std::mem::take(&mut state.ended) && self.left.len() > first {
                    state.ended = true;
                    break;
                }
            }
            self.come_back(first, Leave::Out(1), state);
            state.ended = false;
            return out;
        }
        let mut set = self.havoc(&[body], state, frame);
        set.insert(name.to_vec());
        let mut before = state.clone();
        let mut rounds: Vec<Value> = values.to_vec();
        if rounds.len() > UNROLL || select {
            rounds = vec![merged(values)];
        }
        let inner = Frame { repeated: true, ..frame.clone() };
        let mut out = Stream::empty();
        for mut value in rounds {
            value.many = false;
            out = out.then(self.rounds(&set, state, |walker, state| {
                walker.round(name, value.clone(), state, frame);
                walker.list(body, state, &inner)
            }));
        }
        settle_grown(&set, &mut before, state);
        state.join(before);
        many_lines(out)
    }

    /// The rounds of a loop: `walk` is one, walked again while it leaves more behind than values for the names it sets.
    fn rounds(
        &mut self,
        set: &BTreeSet<Vec<u8>>,
        state: &mut State,
        mut walk: impl FnMut(&mut Self, &mut State) -> Stream,
    ) -> Stream {
        let first = self.left.len();
        let mut out = Stream::empty();
        let mut ends: Option<State> = None;
        for pass in 1..=PASSES {
            let before = state.clone();
            out = out.then(walk(self, state));
            self.come_back(first, Leave::Next(1), state);
            if state.ended || !state.moved(&before, set) {
                break;
            }
            match &mut ends {
                Some(ends) => ends.join(state.clone()),
                None => ends = Some(state.clone()),
            }
            if pass + 1 == PASSES {
                state.widen();
            }
        }
        if let Some(ends) = ends {
            state.join(ends);
        }
        self.come_back(first, Leave::Out(1), state);
        state.ended = false;
        out
    }

    /// The loop's variable takes its next value.
    fn round(&mut self, name: &[u8], value: Value, state: &mut State, frame: &Frame) {
        let mut action = blank(ActionKind::Assign, None, &state.cwd, value.span);
        let held = Held::One(value);
        self.attributes(name, &held, &mut action, state, frame);
        if !action.gaps.is_empty() {
            self.emit(action, frame);
        }
        state.hold(name, held);
    }

    /// `name() body`.
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
                let mut matched = Value::hole("what a pattern matched", Bound::Anything);
                matched.add_taint(&left.taint);
                state.change(b"BASH_REMATCH", |variable| variable.held = Held::One(matched));
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

    /// Everything assigned in these lists becomes: what it was, or a hole. For loops, which are walked once for all rounds.
    /// Gives their names.
    fn havoc(&mut self, lists: &[&List], state: &mut State, frame: &Frame) -> BTreeSet<Vec<u8>> {
        let mut names = Assigned::default();
        for list in lists {
            names.list(list, 0);
        }
        // What an earlier round has certainly set it to, beside what it was.
        let mut later: Vec<(Vec<u8>, Value)> = Vec::new();
        for (name, word) in std::mem::take(&mut names.words) {
            let mut value = Value::default();
            self.quietly(|walker| value = walker.scalar(word, &mut state.clone(), frame));
            if value.text().is_some() && value.taint.is_empty() {
                later.push((name.to_vec(), value));
            }
        }
        for name in &names.plain {
            self.havoc_one(name, Bound::Anything, state);
        }
        for name in &names.numbers {
            self.havoc_one(name, Bound::Number, state);
        }
        for name in std::mem::take(&mut names.grown) {
            if !names.plain.contains(&name) && !names.numbers.contains(&name) && !grows(&name, state) {
                self.havoc_one(&name, Bound::Anything, state);
            }
            names.plain.insert(name);
        }
        for (name, value) in later {
            let Some(name) = state.target(&name) else { continue };
            state.change(&name, |variable| variable.held = either(&variable.held, &Held::One(value)));
        }
        if names.moves {
            state.cwd_else = None;
        }
        names.plain.append(&mut names.numbers);
        names.plain
    }

    fn havoc_one(&mut self, name: &[u8], bound: Bound, state: &mut State) {
        let Some(name) = state.target(name) else { return };
        let hole = Held::One(Value::hole("set in a loop", bound));
        let known = state.variable(&name).map(|variable| variable.held.clone());
        state.change(&name, |variable| {
            variable.held = match known {
                Some(Held::Unset) | None => hole,
                Some(Held::Array(_) | Held::Arrays(_)) => {
                    Held::One(Value { many: true, ..Value::hole("an array set in a loop", Bound::Anything) })
                }
                // A number that only counts is a number.
                Some(known) if hole_is_number(&hole) && held_is_number(&known) => hole,
                Some(known) => either(&known, &hole),
            };
        });
    }

    fn arithmetic_havoc(&mut self, arith: &Arith, state: &mut State) {
        for name in arith_assigns(arith) {
            self.havoc_one(&name, Bound::Number, state);
        }
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
        paths.sort();
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

/// What earlier rounds have added to an array that a loop only adds to.
const GROWN: &str = "what a loop adds to an array";

/// A list that the loop only adds to holds what it held, then what earlier rounds have added. Gives whether it is such a list.
fn grows(name: &[u8], state: &mut State) -> bool {
    let plain = |variable: &Variable| {
        !(variable.assoc || variable.integer || variable.nameref || variable.readonly)
            && matches!(variable.held, Held::Unset | Held::Array(_))
    };
    // The environment holds no arrays, but a first element may come from there.
    if !state.variable(name).is_some_and(plain) {
        return false;
    }
    state.change(name, |variable| {
        let mut elements = match std::mem::replace(&mut variable.held, Held::Unset) {
            Held::Array(elements) => elements,
            _ => Vec::new(),
        };
        let key = next_index(&elements).to_string().into_bytes();
        elements.push((key, Value { many: true, ..Value::hole(GROWN, Bound::Anything) }));
        variable.held = Held::Array(elements);
    });
    true
}

/// After the loop: each such list holds what it held before, then any number of what any round has added.
fn settle_grown(set: &BTreeSet<Vec<u8>>, before: &mut State, state: &mut State) {
    let grown = |value: &Value| matches!(value.parts.as_slice(), [Part::Hole(hole)] if hole.why == GROWN);
    for name in set {
        let Some(Held::Array(held)) = before.variable(name).map(|variable| &variable.held) else { continue };
        let Some(((_, marker), own)) = held.split_last().filter(|((_, last), _)| last.many && grown(last)) else {
            continue;
        };
        let (own, marker, head) = (own.to_vec(), marker.clone(), held.clone());
        let ways = match state.variable(name).map(|variable| &variable.held) {
            Some(Held::Array(elements)) => vec![elements.clone()],
            Some(Held::Arrays(arrays)) => arrays.clone(),
            _ => Vec::new(),
        };
        let added: Option<Vec<Elements>> =
            ways.iter().map(|way| way.strip_prefix(head.as_slice()).map(<[_]>::to_vec)).collect();
        let after = match added.filter(|ways| !ways.is_empty()) {
            Some(ways) if ways.iter().all(Vec::is_empty) => Held::Array(own.clone()),
            Some(ways) => {
                let mut all = own.clone();
                let value = any_element(&ways);
                all.push((next_index(&own).to_string().into_bytes(), Value { many: true, ..value }));
                Held::Array(all)
            }
            None => Held::One(marker),
        };
        before.change(name, |variable| variable.held = Held::Array(own));
        state.change(name, |variable| variable.held = after);
    }
}

/// Output of many rounds: no longer one known text.
fn many_lines(mut out: Stream) -> Stream {
    if !out.is_empty() {
        out.text = None;
    }
    out
}

fn hole_is_number(held: &Held) -> bool {
    matches!(held, Held::One(value) if super::state::bound_of(value) == Bound::Number)
}

fn held_is_number(held: &Held) -> bool {
    match held {
        Held::One(value) => super::state::bound_of(value) == Bound::Number,
        Held::Either(values) => values.iter().all(|value| super::state::bound_of(value) == Bound::Number),
        Held::Unset | Held::Array(_) | Held::Arrays(_) => false,
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

/// Names an arithmetic node may assign.
fn arith_assigns(arith: &Arith) -> Vec<Vec<u8>> {
    let mut text = Vec::new();
    for piece in &arith.pieces {
        match &piece.kind {
            PieceKind::Literal(literal) | PieceKind::Escaped(literal) | PieceKind::Single(literal) => {
                text.extend_from_slice(literal);
            }
            PieceKind::Param(param) => text.extend_from_slice(&param.name),
            _ => text.push(b' '),
        }
    }
    arith::assigned(&text)
}

/// Variables that a list assigns, by its text alone.
#[derive(Default)]
struct Assigned<'a> {
    plain: BTreeSet<Vec<u8>>,
    /// Plain assignments of words that run nothing.
    words: Vec<(&'a [u8], &'a Word)>,
    numbers: BTreeSet<Vec<u8>>,
    /// Arrays that words are added to: `name+=(…)`.
    grown: BTreeSet<Vec<u8>>,
    moves: bool,
}

impl<'a> Assigned<'a> {
    fn list(&mut self, list: &'a List, depth: u16) {
        if depth > 64 {
            return;
        }
        for item in &list.items {
            for pipeline in std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline)) {
                if pipeline.commands.len() > 1 {
                    continue;
                }
                for command in &pipeline.commands {
                    self.command(command, depth + 1);
                }
            }
        }
    }

    fn command(&mut self, command: &'a Command, depth: u16) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                if simple.words.is_empty() {
                    for assign in &simple.assigns {
                        self.assign(assign);
                    }
                }
                self.builtin(&simple.words);
            }
            CommandKind::Group(list) => self.list(list, depth),
            CommandKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.list(condition, depth);
                    self.list(body, depth);
                }
                if let Some(list) = otherwise {
                    self.list(list, depth);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, depth);
                self.list(body, depth);
            }
            CommandKind::For { name, body, .. } => {
                self.plain.insert(name.clone());
                self.list(body, depth);
            }
            CommandKind::ForArith { init, condition, step, body } => {
                for part in [init, condition, step] {
                    self.numbers.extend(arith_assigns(part));
                }
                self.list(body, depth);
            }
            CommandKind::Case { arms, .. } => {
                for arm in arms {
                    self.list(&arm.body, depth);
                }
            }
            CommandKind::Arith(arith) => self.numbers.extend(arith_assigns(arith)),
            CommandKind::Subshell(_)
            | CommandKind::Function { .. }
            | CommandKind::Cond(_)
            | CommandKind::Coproc { .. }
            | CommandKind::Opaque(_) => {}
        }
    }

    /// The names that `read` sets in a loop's condition: before each round.
    fn read(condition: &List, names: &mut BTreeSet<Vec<u8>>) {
        let commands = condition.items.iter().flat_map(|item| &item.first.commands);
        for command in commands {
            let CommandKind::Simple(simple) = &command.kind else { continue };
            let words: Vec<Value> = simple.words.iter().map_while(plain_text).map(Value::known).collect();
            if words.first().and_then(Value::text) == Some(b"read") {
                let (given, rest) = letters(words.get(1..).unwrap_or_default(), b"adinNptu");
                let array = given.iter().filter(|(letter, _)| *letter == b'a').map(|(_, name)| name);
                names.extend(rest.iter().chain(array).filter_map(|name| name.text().map(<[u8]>::to_vec)));
                names.insert(b"REPLY".to_vec());
            }
        }
    }

    fn assign(&mut self, assign: &'a Assign) {
        let counts = matches!(&assign.value, crate::parse::AssignValue::Scalar(word)
            if matches!(word.pieces.as_slice(), [Piece { kind: PieceKind::Arith(_), .. }]));
        if let crate::parse::AssignValue::Scalar(word) = &assign.value {
            if assign.subscript.is_none() && !assign.append && !runs_commands(assign) {
                self.words.push((&assign.name, word));
            }
        }
        if counts && assign.subscript.is_none() && !assign.append {
            self.numbers.insert(assign.name.clone());
        } else if assign.append
            && assign.subscript.is_none()
            && matches!(&assign.value, crate::parse::AssignValue::Array(words) if words.iter().all(|(key, _)| key.is_none()))
        {
            self.grown.insert(assign.name.clone());
        } else {
            self.plain.insert(assign.name.clone());
        }
    }

    /// `export x=…`, `local x`, `let i++`, `printf -v x`: by the look of their words. (`read` sets its names itself each round.)
    fn builtin(&mut self, words: &[Word]) {
        let Some(name) = words.first().and_then(plain_text) else { return };
        match name.as_slice() {
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" => {
                for word in words.iter().skip(1) {
                    if let Some(Piece { kind: PieceKind::Literal(text), .. }) = word.pieces.first() {
                        if let Some(at) = text.iter().position(|byte| *byte == b'=' || *byte == b'+') {
                            self.plain.insert(text.get(..at).unwrap_or_default().to_vec());
                        }
                    }
                }
            }
            b"let" => {
                for word in words.iter().skip(1).filter_map(plain_text) {
                    self.numbers.extend(arith::assigned(&word));
                }
            }
            b"printf" => {
                if let [_, flag, name, ..] = words {
                    if let (Some(flag), Some(name)) = (plain_text(flag), plain_text(name)) {
                        if flag.as_slice() == b"-v" {
                            self.plain.insert(name);
                        }
                    }
                }
            }
            b"cd" | b"pushd" | b"popd" => self.moves = true,
            _ => {}
        }
    }
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
