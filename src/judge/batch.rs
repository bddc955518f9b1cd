//! The batch contract: one output line for each judged line. Other tools depend on the names.

use serde::Serialize;

use super::Weighed;
use super::weigh::object_text;
use crate::action::{Object, Value};
use crate::policy::Tier;

/// One output line. `null` stands for what is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The line as given.
    pub cmd: String,
    /// `autonomous`, `supervised`, `prohibited`.
    pub tier: &'static str,
    /// The rule that decides.
    pub rule: Option<String>,
    /// Every rule that fired with effect on the tier, in source order, none twice.
    pub rules: Vec<String>,
    /// `full`, `partial`, `opaque`.
    pub coverage: &'static str,
    /// 0 to 100 ([`super::risk`]).
    pub risk: u8,
    /// In source order, a wrapper before its payload.
    pub actions: Vec<OutputAction>,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputAction {
    /// Its name.
    pub program: Option<String>,
    /// Its words.
    pub argv: Vec<Option<String>>,
    /// The wrappers it sits behind.
    pub via: Vec<String>,
    /// What it does.
    pub effects: Vec<OutputEffect>,
}

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputEffect {
    /// Which.
    pub kind: &'static str,
    /// On what.
    pub object: Option<String>,
    /// The scope of its path.
    pub scope: Option<&'static str>,
}

/// The output line of a judged line.
#[must_use]
pub fn output(line: &[u8], weighed: &Weighed) -> Output {
    let verdict = &weighed.verdict;
    let mut rules: Vec<String> = Vec::new();
    for finding in verdict.findings.iter().filter(|finding| finding.tier > Tier::Autonomous) {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule.clone());
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
        rule: verdict.deciding.and_then(|at| verdict.findings.get(at)).map(|finding| finding.rule.clone()),
        rules,
        coverage: verdict.coverage.name(),
        risk: super::risk::of(weighed),
        actions: actions.collect(),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn text(value: &Value) -> Option<String> {
    // A glob's own text is what bash was given; what it becomes is not known.
    value.text().map(lossy)
}

fn object(object: &Object) -> Option<String> {
    match object {
        Object::None => None,
        Object::Path { path, .. } => (!path.has_hole()).then(|| lossy(&path.display())),
        Object::Host(value) | Object::Ref(value) | Object::Process(value) | Object::Named(value) => text(value),
        Object::Remote { name, .. } | Object::Package { name, .. } => text(name),
        Object::Variable(_) | Object::Code { .. } => Some(object_text(object)),
    }
}
