//! The batch contract: one output line for each judged line. Other tools depend on the names.

use std::borrow::Cow;

use serde::Serialize;

use super::Weighed;
use super::found::object_text;
use crate::action::{Object, Value};
use crate::policy::Tier;

/// One output line. `null` stands for what is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output<'a> {
    /// The line as given.
    pub cmd: Cow<'a, str>,
    /// `autonomous`, `supervised`, `prohibited`.
    pub tier: &'static str,
    /// The rule that decides.
    pub rule: Option<&'a str>,
    /// Every rule that fired with effect on the tier, in source order, none twice.
    pub rules: Vec<&'a str>,
    /// `full`, `partial`, `opaque`.
    pub coverage: &'static str,
    /// 0 to 100 ([`super::risk`]).
    pub risk: u8,
    /// In source order, a wrapper before its payload.
    pub actions: Vec<OutputAction<'a>>,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputAction<'a> {
    /// Its name.
    pub program: Option<Cow<'a, str>>,
    /// Its words.
    pub argv: Vec<Option<Cow<'a, str>>>,
    /// The wrappers it sits behind.
    pub via: Vec<Cow<'a, str>>,
    /// What it does.
    pub effects: Vec<OutputEffect<'a>>,
}

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputEffect<'a> {
    /// Which.
    pub kind: &'static str,
    /// On what.
    pub object: Option<Cow<'a, str>>,
    /// The scope of its path.
    pub scope: Option<&'static str>,
}

/// The output line of a judged line.
#[must_use]
pub fn output<'a>(line: &'a [u8], weighed: &'a Weighed) -> Output<'a> {
    let verdict = &weighed.verdict;
    let mut rules: Vec<&str> = Vec::new();
    for finding in verdict.findings.iter().filter(|finding| finding.tier > Tier::Autonomous) {
        if !rules.contains(&finding.rule.as_str()) {
            rules.push(&finding.rule);
        }
    }
    let actions = weighed.actions.list.iter().enumerate().map(|(at, action)| OutputAction {
        program: action.name().map(lossy),
        argv: action.argv.iter().map(text).collect(),
        via: action.via.iter().map(|name| lossy(name)).collect(),
        effects: action
            .effects
            .iter()
            .enumerate()
            .map(|(number, effect)| OutputEffect {
                kind: effect.kind.name(),
                object: object(&effect.object),
                scope: verdict
                    .scopes
                    .get(at)
                    .and_then(|row| row.get(number))
                    .copied()
                    .flatten()
                    .map(|scope| scope.name()),
            })
            .collect(),
    });
    Output {
        cmd: lossy(line),
        tier: verdict.tier.name(),
        rule: verdict.deciding.and_then(|at| verdict.findings.get(at)).map(|finding| finding.rule.as_str()),
        rules,
        coverage: verdict.coverage.name(),
        risk: super::risk::of(weighed),
        actions: actions.collect(),
    }
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly all is valid, and for that the check alone is faster than going through it piece by piece.
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    // A glob's own text is what bash was given; what it becomes is not known.
    value.text().map(lossy)
}

fn object(object: &Object) -> Option<Cow<'_, str>> {
    match object {
        Object::None => None,
        Object::Path { path, .. } if path.has_hole() => None,
        Object::Path { path, .. } => text(path).or_else(|| Some(lossy(&path.display()).into_owned().into())),
        Object::Host(value) | Object::Ref(value) | Object::Process(value) | Object::Named(value) => text(value),
        Object::Remote { name, .. } | Object::Package { name, .. } => text(name),
        Object::Variable(_) | Object::Code { .. } => Some(object_text(object).into()),
    }
}
