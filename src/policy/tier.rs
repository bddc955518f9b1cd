//! The three tiers. Combining verdicts is `max`.

use serde::{Deserialize, Serialize};

/// autonomous < supervised < prohibited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Runs without a question; recorded.
    #[default]
    Autonomous,
    /// A human is asked.
    Supervised,
    /// Refused.
    Prohibited,
}

impl Tier {
    /// The word of the policy format, the record and the batch contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tier::Autonomous => "autonomous",
            Tier::Supervised => "supervised",
            Tier::Prohibited => "prohibited",
        }
    }

    /// The status of `vetsh check --exit-code`.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Tier::Autonomous => 0,
            Tier::Supervised => 10,
            Tier::Prohibited => 20,
        }
    }
}
