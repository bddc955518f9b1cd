//! Risk from 0 to 100: one additive table over effects, findings and coverage. Shown and recorded; it can only tighten.

use super::Weighed;
use crate::action::{Action, Coverage, EffectKind, Flag, Scope};
use crate::policy::Tier;

fn effect_points(kind: EffectKind) -> u32 {
    match kind {
        EffectKind::Names | EffectKind::Decodes => 0,
        EffectKind::Reads | EffectKind::Queries => 1,
        EffectKind::Writes | EffectKind::Executes => 4,
        EffectKind::Overwrites | EffectKind::Permits | EffectKind::Signals | EffectKind::Commits => 6,
        EffectKind::Listens | EffectKind::Connects => 8,
        EffectKind::Deletes | EffectKind::Installs | EffectKind::Configures | EffectKind::Rewrites => 12,
        EffectKind::Sends | EffectKind::Modifies | EffectKind::Publishes => 16,
        EffectKind::Escalates | EffectKind::Deploys | EffectKind::Spends => 22,
    }
}

fn scope_points(scope: Scope) -> u32 {
    match scope {
        Scope::Workspace | Scope::Temp | Scope::Cache => 0,
        Scope::Sensitive | Scope::Home => 8,
        Scope::System | Scope::Restricted => 14,
        Scope::Device | Scope::Credential | Scope::Guard => 25,
    }
}

fn coverage_points(coverage: Coverage) -> u32 {
    match coverage {
        Coverage::Full => 0,
        Coverage::Partial => 8,
        Coverage::Opaque => 16,
    }
}

/// Risk of one action by itself.
#[must_use]
pub fn of_action(action: &Action) -> u8 {
    clamp(points(action))
}

fn points(action: &Action) -> u32 {
    let effects: u32 = action
        .effects
        .iter()
        .map(|effect| {
            effect_points(effect.kind)
                + if effect.flags.has(Flag::Recursive) && effect.kind != EffectKind::Reads { 6 } else { 0 }
                + if effect.flags.has(Flag::Force) { 6 } else { 0 }
        })
        .fold(0, u32::saturating_add);
    effects.saturating_add(coverage_points(action.coverage))
}

/// Risk of a whole line.
#[must_use]
pub fn of(weighed: &Weighed) -> u8 {
    let actions = weighed.actions.list.iter().map(points).fold(0u32, u32::saturating_add);
    let scopes = weighed.verdict.scopes.iter().flatten().flatten().map(|scope| scope_points(*scope)).max().unwrap_or(0);
    let findings: u32 = weighed
        .verdict
        .findings
        .iter()
        .map(|finding| match (finding.tier, finding.certain) {
            (Tier::Autonomous, _) if finding.rule.starts_with("core.content-") => 8,
            (Tier::Prohibited, _) => 40,
            (Tier::Supervised, true) => 10,
            (Tier::Supervised, false) => 6,
            (Tier::Autonomous, _) => 0,
        })
        .fold(0, u32::saturating_add);
    clamp(actions.saturating_add(scopes).saturating_add(findings))
}

fn clamp(points: u32) -> u8 {
    u8::try_from(points.min(100)).unwrap_or(100)
}
