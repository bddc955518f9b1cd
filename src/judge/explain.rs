//! What `explain` shows: the line in parts, what fired where, what decided, and the one change of policy that would alter it.

use serde::Serialize;

use super::batch::{Output, output};
use super::{Finding, Weighed};
use crate::policy::{Tier, asking};
use crate::text::Arrange;
use crate::text::Span;

/// Everything there is to say about one judged line.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation<'a> {
    /// The batch contract's view.
    #[serde(flatten)]
    pub output: Output<'a>,
    /// What fired, in source order.
    pub findings: Vec<Fired>,
    /// The decisive one, in one line.
    pub because: Option<String>,
    /// The least change of policy that would alter the outcome.
    pub change: Option<String>,
}

/// One finding for display.
#[derive(Clone, Debug, Serialize)]
pub struct Fired {
    /// The rule.
    pub rule: String,
    /// The tier it counts with.
    pub tier: &'static str,
    /// `false`: it may happen.
    pub certain: bool,
    /// Where in the line.
    pub span: Span,
    /// The text there.
    pub text: String,
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// How to undo.
    pub undo: Option<String>,
    /// What a yes must be, where a plain one is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// The relaxation that lowered it.
    pub relaxed: Option<String>,
}

/// Explains a judged line.
#[must_use]
pub fn explain<'a>(line: &'a [u8], weighed: &'a Weighed) -> Explanation<'a> {
    let verdict = &weighed.verdict;
    let findings = verdict.findings.iter().map(|finding| fired(line, finding)).collect();
    let deciding = verdict.deciding.and_then(|at| verdict.findings.get(at));
    Explanation {
        output: output(line, weighed),
        findings,
        because: deciding.map(|finding| format!("{} [{}]: {}", finding.tier.name(), finding.rule, finding.what)),
        change: deciding.map(|finding| change(finding, weighed)),
    }
}

fn fired(line: &[u8], finding: &Finding) -> Fired {
    Fired {
        rule: finding.rule.clone(),
        tier: finding.tier.name(),
        certain: finding.certain,
        span: finding.span,
        text: String::from_utf8_lossy(finding.span.of(line)).into_owned(),
        what: finding.what.clone(),
        why: finding.why.clone(),
        instead: finding.instead.clone(),
        undo: finding.undo.clone(),
        needs: asking::words(finding.approvals, &finding.require, finding.typed),
        relaxed: finding.relaxed.clone(),
    }
}

fn change(finding: &Finding, weighed: &Weighed) -> String {
    let mut others: Vec<&str> = weighed
        .verdict
        .findings
        .iter()
        .filter(|other| other.tier == finding.tier && other.rule != finding.rule)
        .map(|other| other.rule.as_str())
        .collect();
    others.arrange();
    others.dedup();
    if !finding.certain {
        return "none: what is not known before it runs cannot be relaxed; write the word out".to_owned();
    }
    if finding.layer == crate::policy::Layer::System || super::core_rule(&finding.rule) == Some(true) {
        return format!("none: `{}` is locked", finding.rule);
    }
    let to = if finding.tier == Tier::Prohibited { Tier::Supervised } else { Tier::Autonomous };
    let also = if others.is_empty() { String::new() } else { format!("\n# and the same for: {}", others.join(", ")) };
    format!("[[relax]]\nrule = \"{}\"\nto = \"{}\"\nreason = \"…\"{also}", finding.rule, to.name())
}
