//! Rules, relaxations and lists as checked (POLICY sections 2 and 3).

use serde::{Deserialize, Serialize};

use super::Tier;
use crate::action::{Coverage, EffectKind, Flag, Scope};

/// Which file a thing came from. Later layers can only add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Layer {
    /// Compiled in.
    Builtin,
    /// `/etc/vetsh/policy.toml`.
    System,
    /// `~/.config/vetsh/policy.toml` and its packs.
    User,
    /// `.vetsh.toml` at the workspace root.
    Project,
}

/// One line of policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `pack.pattern`, never reused.
    pub id: String,
    /// supervised or prohibited; never autonomous.
    pub tier: Tier,
    /// What it guards against, as a noun phrase.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// How to undo it.
    pub undo: Option<String>,
    /// How many humans must agree (1 unless written).
    pub approvals: u8,
    /// Who must be among them.
    pub require: Vec<String>,
    /// The answer is a code to be typed.
    pub typed: bool,
    /// ASI, ATT&CK, ATLAS ids.
    pub maps: Vec<String>,
    /// Cannot be relaxed.
    pub locked: bool,
    /// A line on which it fires runs, where it may, behind the walls of this profile as well.
    pub profile: Option<String>,
    /// When it fires: any of these (OR); each is an AND over its keys, met by *one* action.
    pub when: Vec<When>,
    /// Or: data flows from an action that meets the first to one that meets the second.
    pub flow: Option<FlowWhen>,
    /// Where it came from.
    pub layer: Layer,
}

/// An AND over the keys given; a list inside a key is an OR; an empty list is "not asked".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// Program names; a glob is allowed (`mkfs*`). `@list` names a list.
    pub program: Vec<String>,
    /// Subcommand paths, joined by a space (`remote add`); matches as a prefix on whole words.
    pub sub: Vec<String>,
    /// Options by any declared name, `--name=glob` to match the value.
    pub option: Vec<String>,
    /// Flags.
    pub flag: Vec<Flag>,
    /// Operand globs.
    pub operand: Vec<String>,
    /// Host globs.
    pub host: Vec<String>,
    /// Package globs.
    pub package: Vec<String>,
    /// Ref globs.
    pub refs: Vec<String>,
    /// Remote names.
    pub remote: Vec<String>,
    /// Wrappers it sits behind.
    pub via: Vec<String>,
    /// Coverage of the action.
    pub coverage: Vec<Coverage>,
    /// Content classes (`look-alike`, `bidi`, `zero-width`, `control`, `injection`, `secret`, `personal`).
    pub content: Vec<String>,
    /// An effect that meets this.
    pub effect: Option<EffectWhen>,
    /// The surroundings.
    pub context: Option<ContextWhen>,
    /// Measured impact.
    pub impact: Option<ImpactWhen>,
    /// The verdict's risk is at least this.
    pub risk_at_least: Option<u8>,
    /// None of this.
    pub not: Option<Box<When>>,
}

/// Conditions on one effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectWhen {
    /// Kinds.
    pub kind: Vec<EffectKind>,
    /// Scopes of its path.
    pub scope: Vec<Scope>,
    /// Path globs: relative to the workspace root, `~/…`, or absolute.
    pub path: Vec<String>,
    /// Host globs.
    pub host: Vec<String>,
    /// Flags of the effect.
    pub flag: Vec<Flag>,
}

/// Conditions on the surroundings; measured (branch, walls, time, session, host) or claimed (the rest).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextWhen {
    /// Branch globs or `@protected`: measured.
    pub branch: Vec<String>,
    /// `HH:MM-HH:MM` or weekday names: measured, UTC offset of the host.
    pub time: Vec<String>,
    /// Agent labels: claimed.
    pub agent: Vec<String>,
    /// Profile names: measured.
    pub profile: Vec<String>,
    /// Environment kinds (`production`): the policy's own `environment.kind` is measured, a variable is claimed.
    pub env: Vec<String>,
    /// Kubernetes contexts: claimed.
    pub kube: Vec<String>,
    /// Cloud accounts or projects: claimed.
    pub cloud: Vec<String>,
    /// Walls in force: measured.
    pub walls: Vec<String>,
    /// Host names: measured.
    pub host: Vec<String>,
}

/// Conditions on measured impact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactWhen {
    /// More database rows than this.
    pub rows_over: Option<u64>,
    /// More files than this.
    pub files_over: Option<u64>,
    /// More bytes than this.
    pub bytes_over: Option<u64>,
    /// More commits than this.
    pub commits_over: Option<u64>,
}

/// `flow = { from = …, to = … }`: both ends are conditions on an effect (and optionally its action).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowWhen {
    /// The source. `effect = "connects"` is short for an effect kind.
    pub from: When,
    /// The sink.
    pub to: When,
}

/// A relaxation: lowers one named rule's findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relax {
    /// The rule, exactly.
    pub rule: String,
    /// To this tier.
    pub to: Tier,
    /// Why a human thinks it is right.
    pub reason: String,
    /// Only then.
    pub when: Vec<When>,
    /// Not after this UTC day, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Which file.
    pub layer: Layer,
}
