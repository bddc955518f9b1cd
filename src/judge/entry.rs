//! The one code path of judging: bytes, parsed, walked, weighed under every policy in force, the stricter answer kept.

use super::law::{Context, Law};
use super::veil::Veiled;
use super::weigh::{settle, weigh};
use super::{Finding, Verdict, Weighed};
use crate::action::{Actions, Coverage, World};
use crate::parse::{Dialect, Script, parse};
use crate::policy::{Layer, Tier};
use crate::text::Span;

/// Judges `line`. `walk` turns the parsed script into actions, asking the world it is given (which leaves out the values of
/// secret variables). `laws` are the policies in force: the current one, and the last trusted where it was edited since.
#[must_use]
pub fn judge(
    line: &[u8],
    dialect: Dialect,
    walk: impl Fn(&Script, &dyn World) -> Actions,
    laws: &[&dyn Law],
    world: &dyn World,
    context: &Context,
) -> Weighed {
    judge_parsed(line, &parse(line, dialect), walk, laws, world, context)
}

/// The same for a line that was parsed already.
#[must_use]
pub fn judge_parsed(
    line: &[u8],
    script: &Script,
    walk: impl FnOnce(&Script, &dyn World) -> Actions,
    laws: &[&dyn Law],
    world: &dyn World,
    context: &Context,
) -> Weighed {
    let veiled = Veiled(world);
    let actions = walk(script, &veiled);
    let mut strictest: Option<Verdict> = None;
    for law in laws {
        let next = weigh(&actions, *law, &veiled, context);
        strictest = Some(match strictest {
            Some(before) if next.tier <= before.tier => before,
            _ => next,
        });
    }
    let verdict = strictest.unwrap_or_else(|| {
        let what = "there is no policy to judge by".to_owned();
        let none = finding("core.opaque", Span::new(0, line.len()), what, Tier::Prohibited);
        Verdict { findings: vec![none], ..Verdict::default() }
    });
    let mut weighed = Weighed { actions, verdict };
    if !script.opaque.is_empty() {
        weighed.verdict.coverage = Coverage::Opaque;
        for place in &script.opaque {
            let rule = if place.cap { "core.cap" } else { "core.opaque" };
            if !weighed.verdict.findings.iter().any(|finding| finding.span == place.span && finding.rule == rule) {
                weighed.verdict.findings.push(finding(
                    rule,
                    place.span,
                    format!("not understood: {}", place.why),
                    Tier::Supervised,
                ));
            }
        }
    }
    if let Some(at) = line.iter().position(|byte| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n')) || *byte == 0x7f) {
        let tier = if line.contains(&0) { Tier::Prohibited } else { Tier::Supervised };
        let what = "a control byte, which a terminal obeys and a reader does not see".to_owned();
        weighed.verdict.findings.push(finding("core.control-bytes", Span::new(at, at + 1), what, tier));
    }
    settle(&mut weighed.verdict);
    weighed
}

fn finding(rule: &str, span: Span, what: String, tier: Tier) -> Finding {
    Finding {
        rule: rule.to_owned(),
        tier,
        declared: tier,
        certain: true,
        action: 0,
        effect: None,
        span,
        what,
        why: "what is not known may do anything".to_owned(),
        instead: Some("write it plainly, so that it can be read before it runs".to_owned()),
        undo: None,
        approvals: 1,
        require: Vec::new(),
        typed: false,
        layer: Layer::Builtin,
        relaxed: None,
    }
}
