//! What the environment says of the agent. Recorded; never a key for anything.

use crate::config::agents::{AGENTS, Agent};
use crate::sys::start::Entry;

/// Labels of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Which agent, by its markers.
    pub agent: Option<&'static str>,
    /// Its conversation.
    pub conversation: Option<String>,
    /// Its call.
    pub call: Option<String>,
}

impl Label {
    /// Reads the labels of an environment.
    #[must_use]
    pub fn of(environment: &[Entry]) -> Label {
        let Some(agent) = AGENTS.iter().find(|agent| marked(agent, environment)) else { return Label::default() };
        let value = |name: Option<&'static str>| {
            let found = environment.iter().find_map(|entry| value_of(entry, name?.as_bytes()))?;
            Some(String::from_utf8_lossy(found.get(..found.len().min(128)).unwrap_or_default()).into_owned())
        };
        Label { agent: Some(agent.name), conversation: value(agent.conversation), call: value(agent.call) }
    }

    /// What we know of that agent.
    #[must_use]
    pub fn known(&self) -> Option<&'static Agent> {
        AGENTS.iter().find(|agent| Some(agent.name) == self.agent)
    }
}

fn marked(agent: &Agent, environment: &[Entry]) -> bool {
    agent.markers.iter().any(|marker| {
        let marker = marker.as_bytes();
        if marker.contains(&b'=') {
            environment.iter().any(|entry| **entry == *marker)
        } else {
            environment.iter().any(|entry| value_of(entry, marker).is_some())
        }
    })
}

/// The value of `name` in an entry `name=value`.
fn value_of<'a>(entry: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    entry.strip_prefix(name)?.strip_prefix(b"=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_label() {
        let environment = ["PATH=/bin", "CODEX_CI=1", "CODEX_THREAD_ID=t-1", "CODEX_TOOL_CALL_ID=c"]
            .map(|text| Entry::Borrowed(text.as_bytes()));
        let label = Label::of(&environment);
        assert_eq!(
            (label.agent, label.conversation.as_deref(), label.call.as_deref()),
            (Some("codex"), Some("t-1"), Some("c"))
        );
        assert_eq!(Label::of(&[Entry::Borrowed(b"CLAUDECODE=0")]), Label::default());
    }
}
