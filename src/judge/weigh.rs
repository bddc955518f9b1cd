//! Weighs actions by the table and the rules: one finding for every rule that fires, then the strictest.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::built::Built;
use super::chosen::Chosen;
use super::dump::{self, Printed};
use super::effect::{Clerk, Ruling};
use super::flow::Graph;
use super::law::{Context, Law};
use super::scope::{Atlas, Placed};
use super::table;
use super::when::{Bench, Met, host_of, path_of};
use super::words;
use super::written::Written;
use super::{Finding, Verdict};
use crate::action::{Action, ActionId, ActionKind, Actions, Coverage, Effect, EffectKind, Object, Scope, Value, World};
use crate::policy::{Layer, Rule, Tier};
use crate::text::Arrange;
use crate::text::Span;

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

fn id(at: usize) -> ActionId {
    ActionId::try_from(at).unwrap_or(ActionId::MAX)
}

#[inline(never)]
fn gaps(at: usize, action: &Action, findings: &mut Vec<Finding>) {
    for gap in &action.gaps {
        findings.push(core(
            gap.kind.rule(),
            Tier::Supervised,
            at,
            None,
            gap.span,
            format!("not understood: {}", gap.what),
            "what is not known may do anything",
        ));
    }
    if action.kind == ActionKind::Opaque && action.gaps.is_empty() {
        findings.push(core(
            "core.opaque",
            Tier::Supervised,
            at,
            None,
            action.span,
            "a place that is not understood".to_owned(),
            "what is not known may do anything",
        ));
    }
    if action.coverage > Coverage::Full && action.gaps.is_empty() && action.kind != ActionKind::Opaque {
        findings.push(core(
            "core.partial",
            Tier::Supervised,
            at,
            None,
            action.span,
            "a part that is not understood".to_owned(),
            "what is not known may do anything",
        ));
    }
    if let Some(what) = super::content::disguised(action) {
        findings.push(core(
            "core.look-alike",
            Tier::Supervised,
            at,
            None,
            action.span,
            what,
            "it may not be what it looks like",
        ));
    }
}

/// What the action prints of the environment by its words.
#[inline(never)]
fn environment(at: usize, action: &Action, actions: &Actions, findings: &mut Vec<Finding>) {
    for printed in dump::printed(action) {
        let (rule, span, what) = match printed {
            Printed::All if dump::narrowed(actions, at) => continue,
            Printed::All => ("core.reads-environment", action.span, "print the whole environment"),
            Printed::Secret(span) => ("core.reads-secret-variable", span, "print a variable that holds a secret"),
        };
        let why = "it may hold keys and tokens";
        findings.push(core(rule, Tier::Supervised, at, None, span, what.to_owned(), why));
    }
}

/// A secret variable in a word: printing it asks, sending it is prohibited. Testing whether it is set does neither.
#[inline(never)]
fn variables(at: usize, action: &Action, findings: &mut Vec<Finding>) {
    let sets = matches!(action.program.as_deref(), Some(b"export" | b"declare" | b"typeset" | b"local" | b"readonly"));
    let tests = matches!(action.program.as_deref(), Some(b"test" | b"[" | b"[["));
    if tests || sets || action.kind == ActionKind::Assign {
        return;
    }
    let Some(name) = super::veil::used(action) else { return };
    if leaves(action) {
        findings.push(secret_out(at, action, format!("send the value of {name}")));
    } else {
        let what = format!("use the value of {name}");
        findings.push(core(
            "core.reads-secret-variable",
            Tier::Supervised,
            at,
            None,
            action.span,
            what,
            "it holds a key or a token",
        ));
    }
}

/// What stands in the words themselves. A key that goes out is prohibited; all else is only told.
#[inline(never)]
fn contents(at: usize, action: &Action, findings: &mut Vec<Finding>) {
    for (rule, what) in super::content::warnings(action) {
        let why = "text can deceive whoever reads it, and it stays where it is written";
        findings.push(core(rule, Tier::Autonomous, at, None, action.span, what.to_owned(), why));
    }
    if leaves(action)
        && let Some(kind) = super::content::written_out(action)
    {
        findings.push(secret_out(at, action, format!("send a key or a token ({kind})")));
    }
}

/// Whether the action's words reach another machine. What is asked of this machine's own services does not leave it.
fn leaves(action: &Action) -> bool {
    let stays = |effect: &Effect| {
        host_of(&effect.object).is_some_and(|host| host.text().is_some_and(super::effect::is_loopback))
    };
    action.effects.iter().any(|effect| takes_out(effect.kind) && !stays(effect))
}

fn secret_out(at: usize, action: &Action, what: String) -> Finding {
    let why = "a secret that left cannot be called back";
    core("core.flow-secret-out", Tier::Prohibited, at, None, action.span, what, why)
}

fn core(rule: &str, tier: Tier, at: usize, effect: Option<usize>, span: Span, what: String, why: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        tier,
        declared: tier,
        certain: true,
        action: id(at),
        effect,
        span,
        what,
        why: why.to_owned(),
        instead: Some(words::instead_of(rule).to_owned()),
        undo: None,
        approvals: 1,
        require: Vec::new(),
        typed: false,
        layer: Layer::Builtin,
        relaxed: None,
    }
}

#[inline(never)]
fn of_table(at: usize, action: &Action, number: usize, effect: &Effect, ruling: &Ruling) -> Finding {
    let mut finding = core(
        &ruling.id,
        capped(ruling.tier, ruling.certain),
        at,
        Some(number),
        if effect.span == Span::default() { action.span } else { effect.span },
        words::what(action, effect, ruling),
        words::why(effect.kind, ruling),
    );
    finding.declared = ruling.tier;
    finding.certain = ruling.certain;
    finding.approvals = ruling.approvals;
    finding.instead = Some(words::instead(effect.kind, ruling).to_owned());
    finding
}

/// An object's text for a message.
#[must_use]
pub fn object_text(object: &Object) -> String {
    let bytes = match object {
        Object::None => Vec::new(),
        Object::Path { path, as_written } => {
            if as_written.is_empty() {
                path.display()
            } else {
                as_written.clone()
            }
        }
        Object::Host(value) | Object::Ref(value) | Object::Process(value) | Object::Named(value) => value.display(),
        Object::Remote { name, .. } | Object::Package { name, .. } => name.display(),
        Object::Variable(name) => name.clone(),
        Object::Code { language, origin, .. } => match origin {
            crate::action::CodeOrigin::File(path) => path.display(),
            crate::action::CodeOrigin::Inline => format!("{language} code of the line").into_bytes(),
            crate::action::CodeOrigin::Stdin => format!("{language} code from standard input").into_bytes(),
            crate::action::CodeOrigin::Workspace => b"the project's code".to_vec(),
            crate::action::CodeOrigin::Network => format!("{language} code from the network").into_bytes(),
        },
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

#[inline(never)]
fn of_rule(rule: &Rule, at: usize, action: &Action, effect: Option<usize>, certain: bool) -> Finding {
    let span = effect
        .and_then(|number| action.effects.get(number))
        .map(|effect| effect.span)
        .filter(|span| *span != Span::default())
        .unwrap_or(action.span);
    Finding {
        rule: rule.id.clone(),
        tier: capped(rule.tier, certain),
        declared: rule.tier,
        certain,
        action: id(at),
        effect,
        span,
        what: rule.what.clone(),
        why: rule.why.clone(),
        instead: rule.instead.clone(),
        undo: rule.undo.clone(),
        approvals: rule.approvals.max(1),
        require: rule.require.clone(),
        typed: rule.typed,
        layer: rule.layer,
        relaxed: None,
    }
}

fn capped(tier: Tier, certain: bool) -> Tier {
    if certain { tier } else { tier.min(Tier::Supervised) }
}

/// Rules on the flow of data, the policy's and our own.
#[inline(never)]
fn flows(actions: &Actions, bench: &Bench<'_>, law: &dyn Law, built: &Built<'_>, findings: &mut Vec<Finding>) {
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
fn remote_shell(actions: &Actions, findings: &mut Vec<Finding>) {
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
fn reads_commands(effect: &Effect) -> bool {
    matches!(&effect.object, Object::Code { origin: crate::action::CodeOrigin::Stdin, proven: false, language }
        if matches!(language.as_str(), "sh" | "bash" | "zsh"))
}

fn given_away(at: usize, number: usize, action: &Action) -> Finding {
    let what = "give a shell to another machine".to_owned();
    let why = "whoever is there would run commands here";
    core("core.flow-remote-shell", Tier::Prohibited, at, Some(number), action.span, what, why)
}

fn takes_out(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Sends | EffectKind::Connects | EffectKind::Publishes)
}

/// Whether the action prints a secret: reads a credential or a secret file, or dumps the environment.
fn gives_secret(actions: &Actions, bench: &Bench<'_>, from: usize) -> bool {
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

/// The host an effect reaches, for callers that show it.
#[must_use]
pub fn host_text(effect: &Effect) -> Option<String> {
    host_of(&effect.object).map(|host| String::from_utf8_lossy(&host.display()).into_owned())
}
