//! Loops: their rounds, as far as they are walked, and what rounds that are not walked may have left.

use std::collections::BTreeSet;

use super::assigned::{Assigned, arith_assigns};
use super::blank;
use super::held::{Elements, Held, Variable, any_element};
use super::joined::{either, merged};
use super::state::State;
use super::stream::Stream;
use super::variables::next_index;
use super::walker::{Frame, Leave, Status, Walker};
use crate::action::{ActionKind, Bound, Part, Value};
use crate::parse::{Arith, List};

/// Loops over more constant words than this are walked once with what the words share.
const UNROLL: usize = 24;

/// Rounds of a loop that are walked, where each of them changes what the next one meets.
const PASSES: usize = 5;

impl Walker<'_> {
    /// `for name in values`.
    pub(super) fn for_each(
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
            let mut torn = false;
            self.loops += 1;
            for value in values {
                self.round(name, value.clone(), state, frame);
                let mark = self.left.len();
                let more = self.list(body, state, frame);
                out = if torn { out.perhaps(more) } else { out.then(more) };
                torn |= self.left.len() > mark;
                self.come_back(first, Leave::Next(1), state);
                // Nothing goes on to the next round.
                if std::mem::take(&mut state.ended) && self.left.len() > first {
                    state.ended = true;
                    break;
                }
            }
            self.loops -= 1;
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
    pub(super) fn rounds(
        &mut self,
        set: &BTreeSet<Vec<u8>>,
        state: &mut State,
        mut walk: impl FnMut(&mut Self, &mut State) -> Stream,
    ) -> Stream {
        let first = self.left.len();
        let mut out = Stream::empty();
        let mut ends: Option<State> = None;
        self.loops += 1;
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
        self.loops -= 1;
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
        if state.variable(name).is_some_and(|variable| variable.nameref) {
            // It is the reference itself that takes it.
            return state.change(name, |variable| variable.held = held);
        }
        state.hold(name, held);
    }

    /// Everything assigned in these lists becomes: what it was, or a hole. For loops, which are walked once for all rounds.
    /// Gives their names.
    pub(super) fn havoc(&mut self, lists: &[&List], state: &mut State, frame: &Frame) -> BTreeSet<Vec<u8>> {
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

    pub(super) fn arithmetic_havoc(&mut self, arith: &Arith, state: &mut State) {
        for name in arith_assigns(arith) {
            self.havoc_one(&name, Bound::Number, state);
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
pub(super) fn settle_grown(set: &BTreeSet<Vec<u8>>, before: &mut State, state: &mut State) {
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
pub(super) fn many_lines(mut out: Stream) -> Stream {
    if !out.is_empty() {
        out.text = None;
    }
    out
}

fn hole_is_number(held: &Held) -> bool {
    matches!(held, Held::One(value) if super::joined::bound_of(value) == Bound::Number)
}

fn held_is_number(held: &Held) -> bool {
    match held {
        Held::One(value) => super::joined::bound_of(value) == Bound::Number,
        Held::Either(values) => values.iter().all(|value| super::joined::bound_of(value) == Bound::Number),
        Held::Unset | Held::Array(_) | Held::Arrays(_) => false,
    }
}
