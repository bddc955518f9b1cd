//! Takes [`Actions`], a [`Policy`](crate::policy) and the [`World`](crate::action::World); gives a [`Verdict`].
//! Guarantees: verdict = max over all findings of all layers after valid relaxations; every cell of the default table is a
//! rule of its own; a possible finding counts as supervised at most; what is not understood is supervised. Pure.
//! Does not: decide (that is the approval's), run or record.

pub mod batch;
pub mod built;
mod chosen;
mod configuration;
pub mod content;
pub mod dump;
pub mod effect;
mod endless;
pub mod entry;
pub mod explain;
pub mod fixture;
pub mod flow;
mod flows;
pub mod found;
pub mod impact;
#[cfg(target_os = "linux")]
pub mod judged;
pub mod law;
pub mod memory;
mod metadata;
pub mod names;
mod own;
pub mod pattern;
pub mod places;
pub mod production;
pub mod risk;
pub mod scope;
pub mod sensitive;
mod shadow;
mod signals;
mod started;
pub mod surroundings;
pub mod table;
#[cfg(test)]
mod tests;
mod tree;
pub mod unmet;
pub mod veil;
pub mod weigh;
pub mod when;
pub mod words;
pub mod written;

pub use entry::{judge, judge_parsed};
pub use fixture::{Changes, Fixture};
#[cfg(target_os = "linux")]
pub use judged::Judged;
pub use law::{Context, Law};
pub use memory::{Answers, Memory};
pub use table::{core_rule, core_rules};
pub use unmet::unmet;
pub use weigh::weigh;

use crate::action::{ActionId, Actions, Coverage, Scope};
use crate::policy::{Layer, Tier};
use crate::text::Span;

/// A rule that fired on an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The tier it counts with (after relaxation; a possible finding is capped at supervised).
    pub tier: Tier,
    /// The tier its rule declares.
    pub declared: Tier,
    /// `false`: possible only.
    pub certain: bool,
    /// The action.
    pub action: ActionId,
    /// The effect of that action, where it was one.
    pub effect: Option<usize>,
    /// Where in the line.
    pub span: Span,
    /// What, concretely ("recursive delete of /home/u/old").
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// How to undo.
    pub undo: Option<String>,
    /// Humans needed.
    pub approvals: u8,
    /// `signed`, and who must be among those who say yes.
    pub require: Vec<String>,
    /// A yes must be typed as a code that only the human's own screen shows.
    pub typed: bool,
    /// Which layer the rule came from.
    pub layer: Layer,
    /// The relaxation that lowered it, by its reason.
    pub relaxed: Option<String>,
}

impl Finding {
    /// Whether one plain yes is not enough.
    #[must_use]
    pub fn needs_more(&self) -> bool {
        self.approvals > 1 || !self.require.is_empty()
    }
}

/// All findings and the strictest tier.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The strictest.
    pub tier: Tier,
    /// All findings, in source order; relaxed ones too.
    pub findings: Vec<Finding>,
    /// Index of the finding that decides: highest tier, then certain before possible, then first. `None` when autonomous.
    pub deciding: Option<usize>,
    /// The strictest coverage of script and actions.
    pub coverage: Coverage,
    /// `scopes[action][effect]`: the scope each path object was given.
    pub scopes: Vec<Vec<Option<Scope>>>,
}

/// A line with everything it would do and what policy says of it. Keeps what was judged together.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    /// What it would do.
    pub actions: Actions,
    /// What policy says.
    pub verdict: Verdict,
}
