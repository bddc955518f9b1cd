//! The two outcomes of deciding, as tokens: private fields, made here alone, spent by value.

use super::needs::Needs;
use super::signed::Signed;
use super::standing::Stop;
use crate::exit::Code;
use crate::judge::{Finding, Judged};
use crate::policy::Tier;

/// By what an action was approved or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// By the policy alone.
    Policy,
    /// A human said so, by this channel and as this request.
    Human {
        /// `terminal` or `queue`.
        channel: &'static str,
        /// The request's id.
        request: String,
    },
    /// A grant, by its id.
    Grant(String),
    /// A ticket, by its id.
    Ticket(String),
    /// The session may do for a while what is asked about, by the record's id.
    Session(String),
    /// As many approvers as it needs have signed the request.
    Signed(Signed),
    /// The client's own question was answered with yes.
    Client(String),
    /// A recorded parent order covers it, by the record's id.
    Covered(String),
    /// The policy observes only.
    Observe,
}

impl Basis {
    /// The word of the record.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Basis::Policy => "policy",
            Basis::Human { .. } => "human",
            Basis::Grant(_) => "grant",
            Basis::Ticket(_) => "ticket",
            Basis::Session(_) => "session",
            Basis::Signed(_) => "signed",
            Basis::Client(_) => "client",
            Basis::Covered(_) => "covered",
            Basis::Observe => "observe",
        }
    }
}

/// May run. Only deciding makes one; preparing an order spends it.
#[derive(Debug)]
#[must_use = "what is approved must become an order"]
pub struct Approved {
    judged: Judged,
    basis: Basis,
}

/// May not run. Only deciding makes one; recording spends it.
#[derive(Debug)]
#[must_use = "what is refused must be recorded"]
pub struct Refused {
    judged: Judged,
    basis: Basis,
    code: Code,
    reason: Option<String>,
    stop: Option<Stop>,
}

/// Approved or refused.
#[derive(Debug)]
#[must_use]
pub enum Decision {
    /// May run.
    Approved(Approved),
    /// May not.
    Refused(Refused),
}

/// What a supervised line found on its way to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes(Basis),
    /// No, with the human's words.
    No(Basis, Option<String>),
    /// Nobody answered in time: the request waits under this id; how it stands with its signatures, where it wants some.
    Waiting(String, Option<String>),
}

/// Decides. Of a session that is stopped nothing runs, though a human says yes after it was stopped. Whether a recorded order
/// covers it is looked for only where it is supervised; `answer` is asked only where none
/// does and nothing is needed that we cannot give.
pub fn decide(
    judged: Judged,
    stopped: &dyn Fn() -> Option<Stop>,
    cover: impl FnOnce(&Judged) -> Option<String>,
    answer: impl FnOnce(&Judged) -> Answer,
) -> Decision {
    let none_of_it = |judged, stop: Stop| {
        let reason = Some(stop.why());
        Decision::Refused(Refused { judged, basis: Basis::Policy, code: Code::Refused, reason, stop: Some(stop) })
    };
    if let Some(stop) = stopped() {
        return none_of_it(judged, stop);
    }
    let tier = judged.weighed().verdict.tier;
    let cover = if tier == Tier::Supervised { cover(&judged) } else { None };
    let refuse = |judged, basis, code, reason| Decision::Refused(Refused { judged, basis, code, reason, stop: None });
    match (tier, cover) {
        (Tier::Autonomous, _) => Decision::Approved(Approved { judged, basis: Basis::Policy }),
        (Tier::Prohibited, _) => refuse(judged, Basis::Policy, Code::Refused, None),
        (Tier::Supervised, Some(parent)) => Decision::Approved(Approved { judged, basis: Basis::Covered(parent) }),
        (Tier::Supervised, None) => match answer(&judged) {
            // Whatever the way it came: a lesser yes than is needed is none.
            Answer::Yes(basis) if !is_enough(&basis, &judged) => {
                let reason = "this needs approvals that are signed, and was answered without".into();
                refuse(judged, basis, Code::Refused, Some(reason))
            }
            Answer::Yes(basis) => match stopped() {
                Some(stop) => none_of_it(judged, stop),
                None => Decision::Approved(Approved { judged, basis }),
            },
            Answer::No(basis, words) => refuse(judged, basis, Code::Refused, words),
            Answer::Waiting(request, standing) => {
                let words = match standing {
                    None => format!("a human must say yes: vetsh approve {request}, then run it again"),
                    Some(how) => {
                        format!("it waits for approvers: {how}; vetsh approve {request} --key FILE, then run it again")
                    }
                };
                refuse(judged, Basis::Policy, Code::Pending, Some(words))
            }
        },
    }
}

/// Whether a yes is one that all which asks takes.
fn is_enough(basis: &Basis, judged: &Judged) -> bool {
    let needs = Needs::of(judged.weighed());
    match basis {
        Basis::Signed(signed) => signed.meets(&needs),
        Basis::Policy
        | Basis::Human { .. }
        | Basis::Grant(_)
        | Basis::Ticket(_)
        | Basis::Session(_)
        | Basis::Client(_)
        | Basis::Covered(_)
        | Basis::Observe => needs.is_plain(),
    }
}

fn deciding(judged: &Judged) -> Option<&Finding> {
    let verdict = &judged.weighed().verdict;
    verdict.deciding.and_then(|index| verdict.findings.get(index))
}

impl Approved {
    /// What was judged.
    #[must_use]
    pub fn judged(&self) -> &Judged {
        &self.judged
    }

    /// By what.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    /// Whether a human said yes to it: now, before, or to what it is a part of.
    #[must_use]
    pub fn by_human(&self) -> bool {
        match self.basis {
            Basis::Human { .. }
            | Basis::Grant(_)
            | Basis::Ticket(_)
            | Basis::Session(_)
            | Basis::Signed(_)
            | Basis::Client(_)
            | Basis::Covered(_) => true,
            Basis::Policy | Basis::Observe => false,
        }
    }
}

impl Refused {
    /// What was judged.
    #[must_use]
    pub fn judged(&self) -> &Judged {
        &self.judged
    }

    /// By what.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.basis
    }

    /// How the run ends.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Whether it was refused because its session is stopped, whatever the line.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// The human's words, or what is missing.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The line for the agent: rule, what, why, instead.
    #[must_use]
    pub fn line(&self) -> String {
        if let Some(stop) = &self.stop {
            return stop.failure().line();
        }
        let Some(finding) = deciding(&self.judged) else {
            return crate::exit::refusal("core.opaque", "this line", self.reason.as_deref().unwrap_or(""), None);
        };
        let why = match &self.reason {
            Some(reason) => format!("{}; {reason}", finding.why),
            None => finding.why.clone(),
        };
        crate::exit::refusal(&finding.rule, &finding.what, &why, finding.instead.as_deref())
    }
}
