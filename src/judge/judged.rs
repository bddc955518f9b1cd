//! The first token of the way: an invocation and what was found about it, kept together from here on.

use super::{Finding, Weighed};
use crate::invocation::Invocation;

/// An invocation that has been judged. Only judging makes one; deciding spends it.
#[derive(Debug)]
#[must_use = "what is judged must be decided"]
pub struct Judged {
    invocation: Invocation,
    weighed: Weighed,
}

impl Judged {
    pub(crate) fn of(invocation: Invocation, weighed: Weighed) -> Judged {
        Judged { invocation, weighed }
    }

    /// How we were called.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// What was found.
    #[must_use]
    pub fn weighed(&self) -> &Weighed {
        &self.weighed
    }

    /// The same with one more finding, which can only make the verdict stricter.
    pub fn with(mut self, finding: Finding) -> Judged {
        let verdict = &mut self.weighed.verdict;
        if finding.tier > verdict.tier || verdict.deciding.is_none() {
            verdict.deciding = Some(verdict.findings.len());
        }
        verdict.tier = verdict.tier.max(finding.tier);
        verdict.findings.push(finding);
        self
    }
}
