//! The default table, effect × scope → tier, and the words of its cells. Each cell is the rule `core.<effect>-<scope>`.

use crate::action::{EffectKind, GapKind, Scope};
use crate::policy::Tier;

use Tier::{Autonomous as A, Prohibited as P, Supervised as S};

/// The effects that the table has a row for.
pub const PATH_EFFECTS: &[EffectKind] = &[
    EffectKind::Reads,
    EffectKind::Names,
    EffectKind::Writes,
    EffectKind::Overwrites,
    EffectKind::Deletes,
    EffectKind::Permits,
    EffectKind::Executes,
];

/// A row, by scope in declaration order: workspace, sensitive, temp, cache, home, system, credential, restricted, guard, device.
fn row(kind: EffectKind) -> Option<[Tier; 10]> {
    Some(match kind {
        EffectKind::Reads => [A, A, A, A, S, A, P, S, S, S],
        EffectKind::Names => [A, A, A, A, A, A, S, S, S, A],
        EffectKind::Writes => [A, S, A, A, S, P, P, S, P, P],
        EffectKind::Overwrites | EffectKind::Deletes => [S, S, A, S, S, P, P, S, P, P],
        EffectKind::Permits => [S, S, A, S, S, P, P, S, P, P],
        EffectKind::Executes => [S, S, S, S, S, S, P, S, P, P],
        _ => return None,
    })
}

/// The cell without its conditions (which only the judge of an action knows).
#[must_use]
pub fn cell(kind: EffectKind, scope: Scope) -> Tier {
    row(kind).and_then(|row| row.get(scope as usize).copied()).unwrap_or(S)
}

/// The tier of an effect that has no path.
#[must_use]
pub fn plain(kind: EffectKind) -> Tier {
    match kind {
        EffectKind::Decodes | EffectKind::Names => A,
        _ => S,
    }
}

/// The rule's id of a cell.
#[must_use]
pub fn cell_id(kind: EffectKind, scope: Scope) -> String {
    format!("core.{}-{}", kind.name(), scope.name())
}

/// Variants of plain effects that are rules of their own.
const VARIANTS: &[&str] = &[
    "core.reads-secret",
    "core.reads-key",
    "core.reads-secret-variable",
    "core.reads-environment",
    "core.deletes-temp-root",
    "core.executes-inline",
    "core.executes-downloaded",
    "core.executes-stdin",
    "core.executes-network",
    "core.executes-unknown",
    "core.connects-metadata",
    "core.connects-production",
    "core.sends-secret",
    "core.sends-production",
    "core.publishes-protected",
    "core.rewrites-protected",
    "core.modifies-drops",
    "core.modifies-production",
    "core.deploys-production",
    "core.fork-bomb",
    "core.signals-guard",
    "core.flow-remote-shell",
    "core.flow-secret-out",
    "core.flow-write-then-run",
    "core.reads-unknown",
    "core.names-unknown",
    "core.writes-unknown",
    "core.overwrites-unknown",
    "core.deletes-unknown",
    "core.permits-unknown",
    "core.content-injection",
    "core.content-personal",
    "core.content-secret",
];

const GAPS: &[GapKind] = &[
    GapKind::UnknownProgram,
    GapKind::UnknownOption,
    GapKind::UnknownSubcommand,
    GapKind::DynamicWord,
    GapKind::Opaque,
    GapKind::Partial,
    GapKind::Cap,
    GapKind::ControlBytes,
    GapKind::ExecutionKey,
    GapKind::LookAlike,
];

/// Every rule of the judge's own: id and default tier.
#[must_use]
pub fn core_rules() -> Vec<(String, Tier)> {
    let cells = PATH_EFFECTS
        .iter()
        .flat_map(|kind| Scope::ALL.iter().map(|scope| (cell_id(*kind, *scope), cell(*kind, *scope))));
    let plains = EffectKind::ALL.iter().map(|kind| (format!("core.{}", kind.name()), plain(*kind)));
    let variants = VARIANTS.iter().map(|id| ((*id).to_owned(), variant_tier(id)));
    let gaps = GAPS.iter().map(|gap| (gap.rule().to_owned(), S));
    cells.chain(plains).chain(variants).chain(gaps).collect()
}

fn variant_tier(id: &str) -> Tier {
    match id {
        "core.content-injection" | "core.content-personal" | "core.content-secret" => A,
        "core.connects-metadata"
        | "core.connects-production"
        | "core.sends-secret"
        | "core.sends-production"
        | "core.publishes-protected"
        | "core.rewrites-protected"
        | "core.modifies-production"
        | "core.deploys-production"
        | "core.flow-secret-out"
        | "core.flow-remote-shell"
        | "core.signals-guard"
        | "core.executes-downloaded"
        | "core.reads-key"
        | "core.fork-bomb" => P,
        _ => S,
    }
}

/// Whether the judge has a rule of that id, and whether it is locked: what guards vetsh itself cannot be relaxed.
#[must_use]
pub fn core_rule(id: &str) -> Option<bool> {
    core_rules().iter().any(|(own, _)| own == id).then(|| id.ends_with("-guard") || id == "core.control-bytes")
}
