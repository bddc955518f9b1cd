//! Where to look for the rules that can fire on an action: by program, by effect kind, by flow, or always.

use super::rule::{Rule, When};
use crate::action::EffectKind;
use crate::text::Arrange;

/// A place in the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Rules that name this program.
    Program(String),
    /// Rules that ask for this kind of effect.
    Kind(EffectKind),
    /// Rules that neither narrows.
    Other,
    /// Rules on the flow of data.
    Flow,
}

/// The buckets a rule belongs in: an action that meets it is found through at least one of them.
#[must_use]
pub fn buckets(rule: &Rule) -> Vec<Bucket> {
    let mut found: Vec<Bucket> = rule.when.iter().flat_map(of_condition).collect();
    if rule.flow.is_some() {
        found.push(Bucket::Flow);
    }
    found.arrange();
    found.dedup();
    found
}

fn of_condition(when: &When) -> Vec<Bucket> {
    let exact = |name: &String| !name.starts_with('@') && !name.contains(['*', '?', '[']);
    if !when.program.is_empty() && when.program.iter().all(exact) {
        return when.program.iter().cloned().map(Bucket::Program).collect();
    }
    match &when.effect {
        Some(effect) if !effect.kind.is_empty() => effect.kind.iter().copied().map(Bucket::Kind).collect(),
        _ => vec![Bucket::Other],
    }
}
