//! Takes the house, or why it cannot be opened; gives what was found, probe by probe: good, degraded, broken, and what to do.
//! Guarantees: each probe looks at the thing itself and can fail; nothing is changed. Does not: mend.

mod clients;
mod house;
mod machine;
mod walls;

use serde::Serialize;

use crate::exit::Failure;
use crate::house::House;

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// It works, and promises less.
    Degraded,
    /// Lines are refused, or pass without us.
    Broken,
}

impl State {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Good => "good",
            State::Degraded => "degraded",
            State::Broken => "broken",
        }
    }
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which probe.
    pub probe: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub what: String,
    /// What to do; absent where nothing need be done.
    pub instead: Option<String>,
}

/// What a probe says, before its name is put to it.
pub(crate) struct Found(State, String, Option<String>);

fn good(what: impl Into<String>) -> Found {
    Found(State::Good, what.into(), None)
}

fn degraded(what: impl Into<String>, instead: impl Into<String>) -> Found {
    Found(State::Degraded, what.into(), Some(instead.into()))
}

fn broken(what: impl Into<String>, instead: impl Into<String>) -> Found {
    Found(State::Broken, what.into(), Some(instead.into()))
}

/// What a probe of the machine is.
type OfMachine = fn() -> Vec<Found>;
/// What a probe of the house is.
type OfHouse = fn(&House) -> Vec<Found>;

/// Probes of the machine, which need no house.
const OF_THE_MACHINE: &[(&str, OfMachine)] =
    &[("shells", machine::shells), ("terminal", machine::terminal), ("kernel", machine::kernel)];

/// Probes of the house.
const OF_THE_HOUSE: &[(&str, OfHouse)] = &[
    ("house", house::place),
    ("modes", house::modes),
    ("policy", house::policy),
    ("walls", walls::stand),
    ("record", house::record),
    ("sessions", house::sessions),
    ("approvers", house::approvers),
    ("novelty", house::novelty),
    ("start-up files", house::startup),
    ("shims", house::shims),
    ("clients", clients::selection),
];

/// Looks at everything.
#[must_use]
pub fn examine(house: &Result<House, Failure>) -> Vec<Finding> {
    let named = |probe: &'static str, found: Vec<Found>| {
        found.into_iter().map(move |Found(state, what, instead)| Finding { probe, state, what, instead })
    };
    let mut findings = Vec::new();
    match house {
        Ok(house) => {
            for (name, probe) in OF_THE_HOUSE {
                findings.extend(named(name, probe(house)));
            }
        }
        Err(failure) => {
            let what = format!("{}: {}", failure.what, failure.why);
            findings.extend(named("house", vec![broken(what, failure.instead.clone())]));
        }
    }
    for (name, probe) in OF_THE_MACHINE {
        findings.extend(named(name, probe()));
    }
    findings
}
