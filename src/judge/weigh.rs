//! Weighs actions by the table and the rules: one finding for every rule that fires, then the strictest.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::built::Built;
use super::chosen::Chosen;
use super::effect::Clerk;
use super::flows::flows;
use super::found::{contents, core, environment, gaps, object_text, of_rule, of_table, variables};
use super::law::{Context, Law};
use super::scope::{Atlas, Placed};
use super::table;
use super::when::{Bench, Met, path_of};
use super::words;
use super::{Finding, Verdict};
use crate::action::{Actions, Coverage, Effect, EffectKind, Scope, World};
use crate::policy::{Layer, Rule, Tier};
use crate::text::Arrange;

/// What the rules of an action depend on: its program and the kinds of its effects.
type Kind<'a> = (Option<&'a [u8]>, Vec<EffectKind>);

/// Weighs `actions` under `law`. The result keeps them.
#[must_use]
pub fn weigh(actions: &Actions, law: &dyn Law, world: &dyn World, context: &Context) -> Verdict {
    let additions =
        Scope::ALL.iter().flat_map(|scope| law.scope_additions(*scope).iter().map(|glob| (*scope, glob.as_str())));
    let atlas = Atlas::new(world, additions, context.guards.clone());
    let placed: Vec<Vec<Option<Rc<Placed>>>> =
        actions.list.iter().map(|action| action.effects.iter().map(|effect| place(&atlas, effect)).collect()).collect();
    let mut chosen = super::production::Choices::default();
    let moved = actions.list.iter().position(super::surroundings::moves);
    let bench = Bench { law, context, atlas: &atlas, placed: &placed, moved, globs: RefCell::default() };
    let mut findings = Vec::new();
    let mut rules: BTreeMap<Kind<'_>, Vec<Rc<Rule>>> = BTreeMap::new();
    let mut own = super::own::Own::default();
    let built = Built::of(actions, &atlas);
    let endless = actions.list.iter().any(super::endless::is_endless);
    for (at, action) in actions.list.iter().enumerate() {
        let row = placed.get(at).map(Vec::as_slice).unwrap_or_default();
        if !built.is_started_by(action, law, &atlas) {
            gaps(at, action, &mut findings);
        }
        let clerk = Clerk { law, context, atlas: &atlas, production: chosen.is_production(), own: &own, built: &built };
        chosen.see(action);
        for (number, effect) in action.effects.iter().enumerate() {
            for ruling in clerk.rulings(action, effect, row.get(number).and_then(Option::as_deref)) {
                findings.push(of_table(at, action, number, effect, &ruling));
            }
            let (rule, tier, what) = match super::chosen::chosen(actions, at, effect, &atlas) {
                None => continue,
                Some(Chosen::Secret) if action.effects.iter().any(|other| other.kind == EffectKind::Sends) => (
                    "core.sends-secret".to_owned(),
                    Tier::Prohibited,
                    "and send what was chosen by a secret file's name",
                ),
                Some(Chosen::Secret) => {
                    ("core.reads-secret".to_owned(), Tier::Supervised, "what was chosen by a secret file's name")
                }
                Some(Chosen::Credential) => (
                    table::cell_id(effect.kind, Scope::Credential),
                    Tier::Prohibited,
                    "what was chosen by a credential's name",
                ),
                Some(Chosen::Sensitive) => (
                    table::cell_id(effect.kind, Scope::Sensitive),
                    Tier::Supervised,
                    "what was chosen by the name of configuration or code that runs by itself",
                ),
                Some(Chosen::Sweep(scope)) => {
                    (table::cell_id(effect.kind, scope), Tier::Prohibited, "everything that was found")
                }
            };
            let what = format!("{} {what}: {}", words::verb(effect.kind), object_text(&effect.object));
            let why = match (tier, effect.kind) {
                (Tier::Prohibited, _) => "it holds keys, tokens or passwords, or it decides what is vetted",
                (_, EffectKind::Reads) => "it holds secrets",
                _ => "it is configuration or code that runs by itself",
            };
            findings.push(core(&rule, tier, at, Some(number), action.span, what, why));
        }
        own.see(action, world);
        if let Some(span) = super::chosen::hands_over(action, &atlas) {
            let what = "hand a secret file to a program that sends it".to_owned();
            let why = "a secret that left cannot be called back";
            findings.push(core("core.sends-secret", Tier::Prohibited, at, None, span, what, why));
        }
        if super::chosen::hunts(action, &atlas) {
            let what = "look for keys by their names".to_owned();
            let why = "who knows where keys lie is a step from reading them";
            findings.push(core("core.names-credential", Tier::Supervised, at, None, action.span, what, why));
        }
        if super::endless::fills(actions, at, endless) {
            let what = "write without an end".to_owned();
            findings.push(core(
                "coreutils.fills-disk",
                Tier::Supervised,
                at,
                None,
                action.span,
                what,
                "a full disk stops whatever else runs there",
            ));
        }
        environment(at, action, actions, &mut findings);
        variables(at, action, &mut findings);
        contents(at, action, &mut findings);
        let kinds: Vec<EffectKind> = action.effects.iter().map(|effect| effect.kind).collect();
        let program = action.program.as_deref();
        // The same for every action of the kind: a script has many.
        let rules = rules.entry((program, kinds)).or_insert_with_key(|(program, kinds)| law.rules_for(*program, kinds));
        for rule in rules.iter() {
            let (met, effect) = bench.any(&rule.when, at, action);
            if met > Met::No {
                findings.push(of_rule(rule, at, action, effect, met == Met::Certainly));
            }
        }
    }
    flows(actions, &bench, law, &built, &mut findings);
    for finding in &mut findings {
        relax(finding, actions, &bench, law);
    }
    findings.arrange_by_key(|finding| finding.span.start);
    findings.dedup_by(|later, earlier| {
        later.rule == earlier.rule
            && later.span == earlier.span
            && later.certain == earlier.certain
            && later.action == earlier.action
    });
    let scopes = placed
        .iter()
        .zip(&actions.list)
        .map(|(row, action)| {
            row.iter().zip(&action.effects).map(|(placed, effect)| shown(placed.as_deref(), effect)).collect()
        })
        .collect();
    let coverage = actions
        .list
        .iter()
        .filter(|action| !built.is_started_by(action, law, &atlas))
        .map(|action| action.coverage)
        .max()
        .unwrap_or(Coverage::Full);
    let mut verdict = Verdict { findings, coverage, scopes, ..Verdict::default() };
    settle(&mut verdict);
    verdict
}

/// Finds the strictest tier and the finding that decides.
pub fn settle(verdict: &mut Verdict) {
    let mut deciding: Option<usize> = None;
    for (at, finding) in verdict.findings.iter().enumerate() {
        if finding.tier == Tier::Autonomous {
            continue;
        }
        let better = match deciding.and_then(|best| verdict.findings.get(best)) {
            None => true,
            Some(best) => weight(finding) > weight(best),
        };
        if better {
            deciding = Some(at);
        }
    }
    verdict.deciding = deciding;
    verdict.tier = deciding.and_then(|at| verdict.findings.get(at)).map_or(Tier::Autonomous, |finding| finding.tier);
}

/// What makes a finding decide before others. That an action connects or runs the project's code says the least of it: what it
/// does there says more.
fn weight(finding: &Finding) -> (Tier, bool, bool, u8) {
    let own = finding.rule.starts_with("core.");
    let says = match finding.rule.as_str() {
        "core.connects" => 0,
        "core.executes-workspace" => 1,
        _ => 2,
    };
    (finding.tier, finding.certain, !own, says)
}

fn place(atlas: &Atlas<'_>, effect: &Effect) -> Option<Rc<Placed>> {
    let recursive = effect.flags.has(crate::action::Flag::Recursive);
    path_of(&effect.object).map(|path| atlas.place(path, recursive))
}

/// The scope to show for an effect: the one the table is strictest about.
fn shown(placed: Option<&Placed>, effect: &Effect) -> Option<Scope> {
    let placed = placed?;
    let set = if placed.certain.is_empty() { return None } else { placed.certain };
    set.iter().max_by_key(|scope| (table::cell(effect.kind, *scope), *scope as u8))
}

/// Lowers a finding where policy says so: the exact rule, certain, its condition met, not locked.
#[inline(never)]
fn relax(finding: &mut Finding, actions: &Actions, bench: &Bench<'_>, law: &dyn Law) {
    if !finding.certain || finding.layer == Layer::System {
        return;
    }
    let relaxes = law.relaxes(&finding.rule);
    if relaxes.is_empty() {
        return;
    }
    let locked = if finding.rule.starts_with("core.") {
        finding.rule.ends_with("-guard") || finding.rule == "core.control-bytes"
    } else {
        law.rules_for(
            actions.list.get(finding.action as usize).and_then(|action| action.program.as_deref()),
            EffectKind::ALL,
        )
        .iter()
        .chain(&law.flow_rules())
        .any(|rule| rule.id == finding.rule && rule.locked)
    };
    if locked {
        return;
    }
    let Some(action) = actions.list.get(finding.action as usize) else { return };
    for relax in relaxes {
        let expired = relax
            .expires
            .as_ref()
            .is_some_and(|day| bench.context.today.is_empty() || bench.context.today.as_str() > day.as_str());
        let met = relax.when.is_empty() || bench.any(&relax.when, finding.action as usize, action).0 == Met::Certainly;
        if !expired && met && relax.to < finding.tier {
            finding.tier = relax.to;
            finding.relaxed = Some(relax.reason.clone());
            if relax.to == Tier::Autonomous {
                finding.approvals = 1;
                finding.require.clear();
                finding.typed = false;
            }
        }
    }
}
