//! Whether an example of a policy holds of what was judged.

use super::{Changes, Weighed};
use crate::policy::{Example, Expectation};

impl From<&Example> for Changes {
    /// What an example changes in the fixed world.
    fn from(example: &Example) -> Changes {
        let links = example.links.iter().map(|(path, target)| (path.clone(), format!("link:{target}")));
        Changes {
            cwd: example.cwd.clone(),
            branch: example.branch.clone(),
            env: example.env.iter().cloned().collect(),
            impact: example.impact.iter().cloned().collect(),
            files: example.files.iter().cloned().chain(links).collect(),
            ..Changes::default()
        }
    }
}

/// What is wrong with `weighed` by what was expected; `None`: it holds.
#[must_use]
pub fn unmet(expected: &Expectation, weighed: &Weighed) -> Option<String> {
    let verdict = &weighed.verdict;
    let fired = |id: &str| verdict.findings.iter().any(|finding| finding.rule == id);
    match expected {
        Expectation::Fires(id) => (!fired(id)).then(|| format!("{id} does not fire")),
        Expectation::Passes(id) => fired(id).then(|| format!("{id} fires")),
        Expectation::Tier(tier) => {
            (verdict.tier != *tier).then(|| format!("is {}, not {}", verdict.tier.name(), tier.name()))
        }
    }
}
