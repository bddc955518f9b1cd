//! The agents we know, from `config/agents/*.toml`.

/// An agent.
#[derive(Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its label.
    pub name: &'static str,
    /// Base names of its executables.
    pub programs: &'static [&'static str],
    /// `NAME` or `NAME=value` in the environment of its commands.
    pub markers: &'static [&'static str],
    /// The variable that names the conversation.
    pub conversation: Option<&'static str>,
    /// The variable that names the call.
    pub call: Option<&'static str>,
    /// Seconds a command may wait for an answer before the client gives up.
    pub wait: u64,
    /// Whose a terminal is that a command finds.
    pub terminal: Terminal,
    /// Where it looks for a shell, in order ([`mod@crate::client::pick`] reads the steps); empty where that is not known.
    pub picks: &'static [&'static str],
    /// Its own setting that names the shell: a JSON file below home, and the key in it, parts joined by dots.
    pub setting: Option<(&'static str, &'static str)>,
    /// What it wraps around a command.
    pub envelopes: &'static [Template],
}

/// Whose a terminal is that a command of an agent finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// The agent's own interface fills it.
    OwnScreen,
    /// The model can type into it.
    Model,
    /// A human's, relayed.
    Relayed,
    /// There is none.
    Absent,
}

/// The exact shape of a wrapping: parts in order, then the text that is judged, which begins with `then`.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub kind: &'static str,
    /// In order.
    pub parts: &'static [Part],
    /// The first bytes of what is judged.
    pub then: &'static str,
    /// It sources a snapshot file.
    pub snapshot: bool,
}

/// A part of a template: text with slots `<<name>>`.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The group it repeats: captured where it stands first, the same again where it stands later.
    pub each: Option<&'static str>,
    /// The text.
    pub text: &'static str,
}

/// All of them.
pub const AGENTS: &[Agent] = include!(concat!(env!("OUT_DIR"), "/agents.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agent_has_a_name_of_its_own() {
        let mut names: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), AGENTS.len());
        assert!(names.len() >= 10);
    }
}
