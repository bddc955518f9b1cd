//! How each finding is made: of the default table, of rules, of what was not understood.

use super::Finding;
use super::dump::{self, Printed};
use super::effect::Ruling;
use super::when::host_of;
use super::words;
use crate::action::{Action, ActionId, ActionKind, Actions, Coverage, Effect, EffectKind, Object};
use crate::policy::{Layer, Rule, Tier};
use crate::text::Span;

pub(super) fn id(at: usize) -> ActionId {
    ActionId::try_from(at).unwrap_or(ActionId::MAX)
}

#[inline(never)]
pub(super) fn gaps(at: usize, action: &Action, findings: &mut Vec<Finding>) {
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
pub(super) fn environment(at: usize, action: &Action, actions: &Actions, findings: &mut Vec<Finding>) {
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
pub(super) fn variables(at: usize, action: &Action, findings: &mut Vec<Finding>) {
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
pub(super) fn contents(at: usize, action: &Action, findings: &mut Vec<Finding>) {
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
pub(super) fn leaves(action: &Action) -> bool {
    let stays = |effect: &Effect| {
        host_of(&effect.object).is_some_and(|host| host.text().is_some_and(super::effect::is_loopback))
    };
    action.effects.iter().any(|effect| takes_out(effect.kind) && !stays(effect))
}

pub(super) fn secret_out(at: usize, action: &Action, what: String) -> Finding {
    let why = "a secret that left cannot be called back";
    core("core.flow-secret-out", Tier::Prohibited, at, None, action.span, what, why)
}

pub(super) fn core(
    rule: &str,
    tier: Tier,
    at: usize,
    effect: Option<usize>,
    span: Span,
    what: String,
    why: &str,
) -> Finding {
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
pub(super) fn of_table(at: usize, action: &Action, number: usize, effect: &Effect, ruling: &Ruling) -> Finding {
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
pub(super) fn of_rule(rule: &Rule, at: usize, action: &Action, effect: Option<usize>, certain: bool) -> Finding {
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

pub(super) fn capped(tier: Tier, certain: bool) -> Tier {
    if certain { tier } else { tier.min(Tier::Supervised) }
}

/// The host an effect reaches, for callers that show it.
#[must_use]
pub fn host_text(effect: &Effect) -> Option<String> {
    host_of(&effect.object).map(|host| String::from_utf8_lossy(&host.display()).into_owned())
}

pub(super) fn takes_out(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Sends | EffectKind::Connects | EffectKind::Publishes)
}
