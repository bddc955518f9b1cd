//! Rules on the flow of data, the policy's and our own.

use super::Finding;
use super::built::Built;
use super::dump;
use super::flow::Graph;
use super::found::{core, object_text, of_rule, takes_out};
use super::law::Law;
use super::when::{Bench, Met, path_of};
use super::written::Written;
use crate::action::{Action, ActionKind, Actions, Effect, EffectKind, Object, Scope, Value};
use crate::policy::Tier;
use crate::text::Span;

/// Rules on the flow of data, the policy's and our own.
#[inline(never)]
pub(super) fn flows(
    actions: &Actions,
    bench: &Bench<'_>,
    law: &dyn Law,
    built: &Built<'_>,
    findings: &mut Vec<Finding>,
) {
    let graph = Graph::new(actions);
    for (at, action) in actions.list.iter().enumerate() {
        let reaches = |effect: &Effect| {
            effect.kind == EffectKind::Signals
                && super::signals::reaches_guard(action, effect, || {
                    graph.sources(at, effect).into_iter().filter_map(|from| actions.list.get(from)).collect()
                })
        };
        if let Some(number) = action.effects.iter().position(reaches) {
            let what = "signal the guard or who started it".to_owned();
            let why = "nothing would be vetted or recorded any more";
            findings.push(core("core.signals-guard", Tier::Prohibited, at, Some(number), action.span, what, why));
        }
    }
    if actions.list.len() < 2 {
        return;
    }
    remote_shell(actions, findings);
    let rules = law.flow_rules();
    let product = |action: &Action| built.is_started_by(action, law, bench.atlas);
    let runners = actions.list.iter().any(|action| action.runner || product(action));
    let mut written = Written::default();
    for (to, sink) in actions.list.iter().enumerate() {
        for (number, effect) in sink.effects.iter().enumerate() {
            let hungry = effect.feed.stdin
                || !effect.feed.files.is_empty()
                || !effect.feed.taint.is_empty()
                || takes_out(effect.kind)
                || effect.kind == EffectKind::Executes;
            if !hungry {
                continue;
            }
            let sources = graph.sources(to, effect);
            if takes_out(effect.kind) && sources.iter().any(|from| gives_secret(actions, bench, *from)) {
                let what = format!("secrets of the line go to {}", object_text(&effect.object));
                findings.push(core(
                    "core.flow-secret-out",
                    Tier::Prohibited,
                    to,
                    Some(number),
                    sink.span,
                    what,
                    "a secret that left cannot be called back",
                ));
            }
            if takes_out(effect.kind) {
                let shell = sources.iter().filter(|from| **from != to).find_map(|from| {
                    let action = actions.list.get(*from)?;
                    Some((*from, action, action.effects.iter().position(reads_commands)?))
                });
                if let Some((from, action, number)) = shell {
                    findings.push(given_away(from, number, action));
                }
            }
            // A link is one of its file's names.
            let named = path_of(&effect.object).and_then(Value::text);
            let mut files = named.into_iter().chain(effect.feed.files.iter().map(Vec::as_slice));
            if effect.kind == EffectKind::Executes && files.any(|file| written.has(file, sink.runner || product(sink)))
            {
                let what = format!("write {} and run it in one line", object_text(&effect.object));
                findings.push(core(
                    "core.flow-write-then-run",
                    Tier::Supervised,
                    to,
                    Some(number),
                    sink.span,
                    what,
                    "nobody has read what would run",
                ));
            }
            if sources.is_empty() {
                continue;
            }
            for rule in &rules {
                let Some(flow) = &rule.flow else { continue };
                let (sunk, at) = bench.meets(&flow.to, to, sink);
                // The first effect of a fitting kind was found; another one of the sink may be the one that is fed.
                let kinds = flow.to.effect.as_ref().map(|wanted| wanted.kind.as_slice()).unwrap_or_default();
                let fits = at.is_none_or(|at| at == number) || kinds.len() > 1 && kinds.contains(&effect.kind);
                if sunk == Met::No || !fits {
                    continue;
                }
                let origin = sources
                    .iter()
                    .filter_map(|from| actions.list.get(*from).map(|action| bench.meets(&flow.from, *from, action).0))
                    .max()
                    .unwrap_or(Met::No);
                if origin > Met::No {
                    findings.push(of_rule(rule, to, sink, Some(number), sunk.min(origin) == Met::Certainly));
                }
            }
        }
        if written.is_loaded_by(sink) {
            let what = "write a module and start an interpreter that loads it instead of its own".to_owned();
            let why = "nobody has read what would run";
            findings.push(core("core.flow-write-then-run", Tier::Supervised, to, None, sink.span, what, why));
        }
        if sink.runner && written.is_started_by(sink, law) || written.has_code() && product(sink) {
            let what = "write code of the project and start its runner in one line".to_owned();
            findings.push(core(
                "core.flow-write-then-run",
                Tier::Supervised,
                to,
                None,
                sink.span,
                what,
                "nobody has read what would run",
            ));
        }
        written.add(sink, runners, bench.atlas);
    }
    if !graph.is_searched() {
        let what = "not understood: more ways of data than are followed".to_owned();
        let last = actions.list.len() - 1;
        findings.push(core(
            "core.cap",
            Tier::Supervised,
            last,
            None,
            Span::default(),
            what,
            "what is not known may do anything",
        ));
    }
}

/// A shell that reads its commands from a connection: a redirection connects, and a shell of the line reads its input.
pub(super) fn remote_shell(actions: &Actions, findings: &mut Vec<Finding>) {
    let connects = actions.list.iter().any(|action| {
        action.kind == ActionKind::Redirect && action.effects.iter().any(|effect| effect.kind == EffectKind::Connects)
    });
    if !connects {
        return;
    }
    for (at, action) in actions.list.iter().enumerate() {
        if let Some(number) = action.effects.iter().position(reads_commands) {
            findings.push(given_away(at, number, action));
        }
    }
}

/// A shell that reads commands which nobody here knows.
pub(super) fn reads_commands(effect: &Effect) -> bool {
    matches!(&effect.object, Object::Code { origin: crate::action::CodeOrigin::Stdin, proven: false, language }
        if matches!(language.as_str(), "sh" | "bash" | "zsh"))
}

pub(super) fn given_away(at: usize, number: usize, action: &Action) -> Finding {
    let what = "give a shell to another machine".to_owned();
    let why = "whoever is there would run commands here";
    core("core.flow-remote-shell", Tier::Prohibited, at, Some(number), action.span, what, why)
}

/// Whether the action prints a secret: reads a credential or a secret file, or dumps the environment.
pub(super) fn gives_secret(actions: &Actions, bench: &Bench<'_>, from: usize) -> bool {
    let Some(action) = actions.list.get(from) else { return false };
    !dump::printed(action).is_empty()
        || super::veil::used(action).is_some()
        || super::content::written_out(action).is_some()
        || action.effects.iter().enumerate().any(|(number, effect)| {
            effect.kind == EffectKind::Reads
                && (super::chosen::chosen(actions, from, effect, bench.atlas).is_some()
                    || super::tree::packs_secret(action, effect, bench.atlas)
                    || match &effect.object {
                        Object::Variable(name) => name == b"*" || super::effect::is_secret_variable(name),
                        _ => bench
                            .placed
                            .get(from)
                            .and_then(|row| row.get(number))
                            .and_then(Option::as_ref)
                            .is_some_and(|placed| placed.secret || placed.certain.has(Scope::Credential)),
                    })
        })
}
