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
        "core.connects-metadata"
        | "core.connects-production"
        | "core.sends-secret"
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

/// What an effect does, as a verb for messages.
#[must_use]
pub fn verb(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Reads => "read",
        EffectKind::Names => "look at names in",
        EffectKind::Writes => "write",
        EffectKind::Overwrites => "overwrite",
        EffectKind::Deletes => "delete",
        EffectKind::Permits => "change permissions of",
        EffectKind::Executes => "execute",
        EffectKind::Connects => "connect to",
        EffectKind::Sends => "send data to",
        EffectKind::Listens => "listen on",
        EffectKind::Queries => "query",
        EffectKind::Modifies => "change data in",
        EffectKind::Installs => "install",
        EffectKind::Commits => "commit to",
        EffectKind::Publishes => "publish",
        EffectKind::Rewrites => "rewrite the history of",
        EffectKind::Signals => "signal",
        EffectKind::Escalates => "gain rights",
        EffectKind::Configures => "change configuration of",
        EffectKind::Deploys => "deploy",
        EffectKind::Spends => "spend money on",
        EffectKind::Decodes => "decode",
    }
}

/// Why a cell is not autonomous.
#[must_use]
pub fn why(kind: EffectKind, scope: Option<Scope>) -> &'static str {
    match (kind, scope) {
        (EffectKind::Executes, Some(Scope::Guard)) | (_, Some(Scope::Guard)) => "it decides what is vetted",
        (_, Some(Scope::Credential)) => "it holds keys, tokens or passwords",
        (_, Some(Scope::Restricted)) => "policy declares it restricted",
        (_, Some(Scope::Device)) => "a device reaches below the file system",
        (EffectKind::Reads | EffectKind::Names, Some(Scope::Home)) => "it lies outside the workspace",
        (_, Some(Scope::System)) => "it belongs to the operating system",
        (_, Some(Scope::Sensitive)) => "it is configuration or code that runs by itself, or it holds secrets",
        (EffectKind::Deletes | EffectKind::Overwrites, Some(Scope::Workspace)) => "git could not bring it back",
        (EffectKind::Deletes | EffectKind::Overwrites, _) => "it cannot be brought back",
        (EffectKind::Permits, _) => "permissions decide who may read and run it",
        (EffectKind::Executes, _) => "what it would do is not known before it runs",
        (_, Some(Scope::Home)) => "it lies outside the workspace",
        (EffectKind::Connects | EffectKind::Sends, _) => "it reaches another machine",
        (EffectKind::Listens, _) => "others could connect",
        (EffectKind::Installs, _) => "packages bring code that nobody here has read",
        (EffectKind::Commits, _) => "a commit speaks for its author",
        (EffectKind::Publishes, _) => "others see it at once",
        (EffectKind::Rewrites, _) => "commits may be lost",
        (EffectKind::Signals, _) => "the process may be another's",
        (EffectKind::Escalates, _) => "more rights than the task was given",
        (EffectKind::Configures, _) => "it outlives the task",
        (EffectKind::Deploys, _) => "it changes what others use",
        (EffectKind::Spends, _) => "it costs money",
        (EffectKind::Queries | EffectKind::Modifies, _) => "the data may be others'",
        _ => "its reach is not known",
    }
}

/// What to do instead.
#[must_use]
pub fn instead(kind: EffectKind, scope: Option<Scope>) -> &'static str {
    match (kind, scope) {
        (_, Some(Scope::Guard)) => "ask the human to change vetsh's settings",
        (_, Some(Scope::Credential)) => "ask the human for what the task needs of it, without the secret itself",
        (EffectKind::Reads | EffectKind::Names, _) => "copy what is needed into the workspace, or ask for it",
        (EffectKind::Writes | EffectKind::Overwrites, Some(Scope::System | Scope::Home | Scope::Cache)) => {
            "write below the workspace or the temporary directory"
        }
        (EffectKind::Writes | EffectKind::Overwrites, _) => "propose the change and let a human approve it",
        (EffectKind::Deletes, _) => "name exact files that git tracks, or move them aside",
        (EffectKind::Permits, _) => "use chmod +x on the one file that needs it",
        (EffectKind::Executes, _) => "put the code in a file of the workspace and run it by the project's own runner",
        (EffectKind::Connects | EffectKind::Sends, _) => "work with what is in the workspace, or ask for this one host",
        (EffectKind::Installs, _) => "use what the lock file already brings, or ask for this one package",
        (EffectKind::Commits, _) => "leave the change in the working tree for review",
        (EffectKind::Publishes, _) => "push a feature branch and open a draft pull request",
        _ => "ask, saying what it is for",
    }
}
