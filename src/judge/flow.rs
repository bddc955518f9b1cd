//! Where data of the line goes: pipes, files of the line, and words made of another action's output.

use std::cell::{Cell, RefCell};

use crate::action::{Action, ActionId, Actions, Channel, CodeOrigin, ELSEWHERE, Effect, Flow, Object};
use crate::text::Arrange;

/// Steps that all searches of one line together take: each is linear in the graph, and a line may ask for as many as it has
/// actions.
const STEPS: usize = 1 << 21;

/// The graph of what reaches what.
pub struct Graph<'a> {
    actions: &'a Actions,
    /// Flows in the order of where they end.
    flows: Vec<&'a Flow>,
    /// Which actions one search has come by; all unset between searches.
    seen: RefCell<Vec<bool>>,
    /// Steps left.
    left: Cell<usize>,
}

impl<'a> Graph<'a> {
    /// Over the actions of one line.
    #[must_use]
    pub fn new(actions: &'a Actions) -> Self {
        let mut flows: Vec<&Flow> = actions.flows.iter().collect();
        flows.arrange_by_key(|flow| flow.to);
        Graph { actions, flows, seen: RefCell::new(vec![false; actions.list.len()]), left: Cell::new(STEPS) }
    }

    /// Whether all was searched for: otherwise more may reach an action than was found.
    #[must_use]
    pub fn is_searched(&self) -> bool {
        self.left.get() > 0
    }

    fn spend(&self, steps: usize) -> bool {
        self.left.set(self.left.get().saturating_sub(steps));
        self.is_searched()
    }

    /// The flows that end in an action.
    fn into(&self, id: ActionId) -> &[&'a Flow] {
        let from = self.flows.partition_point(|flow| flow.to < id);
        let rest = self.flows.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|flow| flow.to == id)).unwrap_or_default()
    }

    /// Every action whose output can be in what `effect` of action `to` consumes, in order.
    #[must_use]
    pub fn sources(&self, to: usize, effect: &Effect) -> Vec<usize> {
        let mut seen = self.seen.borrow_mut();
        let mut found: Vec<usize> = Vec::new();
        let mut todo: Vec<usize> = Vec::new();
        let Some(action) = self.actions.list.get(to) else { return todo };
        let id = ActionId::try_from(to).unwrap_or(ActionId::MAX);
        todo.extend(effect.feed.taint.iter().map(|id| *id as usize));
        if matches!(
            effect.kind,
            crate::action::EffectKind::Connects
                | crate::action::EffectKind::Sends
                | crate::action::EffectKind::Publishes
        ) {
            // A name that is looked up, a query, a header: every word of the action goes out.
            for value in &action.argv {
                todo.extend(value.taint.iter().map(|id| *id as usize));
            }
        }
        todo.extend(object_taint(&effect.object).iter().map(|id| *id as usize));
        for flow in self.into(id) {
            let taken = match &flow.channel {
                Channel::Stdin => effect.feed.stdin,
                Channel::File(path) => {
                    effect.feed.files.contains(path) || effect.feed.files.is_empty() && !own_code(&effect.object)
                }
            };
            if taken {
                todo.push(flow.from as usize);
            }
        }
        if effect.feed.stdin {
            // What connects to another machine only hands its input on to what runs there.
            let there = action.gaps.iter().any(|gap| gap.what == ELSEWHERE);
            for carrier in self.carriers(to, action) {
                match ActionId::try_from(carrier) {
                    Ok(own) if there => todo.extend(self.fed_to(own)),
                    _ => todo.push(carrier),
                }
            }
        }
        while let Some(next) = todo.pop() {
            if !self.spend(1) {
                break;
            }
            let Some(slot) = seen.get_mut(next) else { continue };
            if std::mem::replace(slot, true) {
                continue;
            }
            found.push(next);
            let Some(producer) = self.actions.list.get(next) else { continue };
            // Whatever goes into an action may come out of it again.
            let own = ActionId::try_from(next).unwrap_or(ActionId::MAX);
            todo.extend(self.into(own).iter().map(|flow| flow.from as usize));
            for value in &producer.argv {
                todo.extend(value.taint.iter().map(|id| *id as usize));
            }
            for effect in &producer.effects {
                todo.extend(effect.feed.taint.iter().map(|id| *id as usize));
            }
            todo.extend(self.carriers(next, producer));
            todo.extend(self.payloads(next, producer));
        }
        for at in &found {
            if let Some(slot) = seen.get_mut(*at) {
                *slot = false;
            }
        }
        found.retain(|at| *at != to);
        found.arrange();
        found
    }

    /// Who writes to an action's standard input.
    fn fed_to(&self, id: ActionId) -> impl Iterator<Item = usize> {
        let into = self.into(id).iter().filter(|flow| flow.channel == Channel::Stdin);
        into.map(|flow| flow.from as usize)
    }

    /// The wrappers right before an action: what is piped into `sudo sh` reaches `sh`.
    fn carriers(&self, at: usize, action: &Action) -> impl Iterator<Item = usize> {
        let before = if action.via.is_empty() { &[] } else { self.actions.list.get(..at).unwrap_or_default() };
        let near = before.iter().enumerate().rev().take_while(|(_, other)| other.span.start <= action.span.start);
        let around = near.filter(|(_, other)| {
            other.span.end >= action.span.end
                && other.via.len() < action.via.len()
                && action.via.starts_with(&other.via)
                && other.program.as_ref() == action.via.get(other.via.len())
        });
        around.map(|(before, _)| before)
    }

    /// The payloads of a wrapper: what `sudo cat f` prints is what `cat f` prints.
    fn payloads(&self, at: usize, action: &Action) -> Vec<usize> {
        let Some(name) = &action.program else { return Vec::new() };
        // A finder's own words are names; what its commands print is listed beside it.
        if matches!(name.as_slice(), b"find" | b"fd") {
            return Vec::new();
        }
        (at + 1..self.actions.list.len())
            .take_while(|after| {
                self.actions
                    .list
                    .get(*after)
                    .is_some_and(|other| other.via.len() > action.via.len() && other.via.starts_with(&action.via))
            })
            .filter(|after| {
                self.actions.list.get(*after).is_some_and(|other| other.via.get(action.via.len()) == Some(name))
            })
            .collect()
    }
}

/// Code that stands in the words or comes from standard input: the files beside it are its data.
fn own_code(object: &Object) -> bool {
    matches!(object, Object::Code { origin: CodeOrigin::Inline | CodeOrigin::Stdin, .. })
}

/// Producers of an object's words.
fn object_taint(object: &Object) -> &[ActionId] {
    match object {
        Object::Path { path: value, .. }
        | Object::Host(value)
        | Object::Ref(value)
        | Object::Process(value)
        | Object::Named(value)
        | Object::Remote { name: value, .. }
        | Object::Package { name: value, .. } => &value.taint,
        Object::Code { origin: CodeOrigin::File(value), .. } => &value.taint,
        Object::None | Object::Variable(_) | Object::Code { .. } => &[],
    }
}
