//! Recognising what real clients wrap around a command, in its exact shape only. What stands before the judged text is then
//! known in every byte; the rest of the line, with the command in it, is judged as shell text like any other.

use crate::config::agents::{AGENTS, Part, Template};

/// A recognised wrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Which client's.
    pub client: &'static str,
    /// Which of its shapes.
    pub kind: &'static str,
    /// Where the judged text begins.
    pub start: usize,
    /// The file it sources first.
    pub snapshot: Option<Vec<u8>>,
}

/// Recognises the wrapping of `text`.
#[must_use]
pub fn recognise(text: &[u8]) -> Option<Envelope> {
    for agent in AGENTS {
        for template in agent.envelopes {
            if let Some(mut envelope) = fits(template, text) {
                envelope.client = agent.name;
                return Some(envelope);
            }
        }
    }
    None
}

fn fits(template: &Template, text: &[u8]) -> Option<Envelope> {
    let mut matching = Matching { text, at: 0, slots: Vec::new(), groups: Vec::new() };
    for part in template.parts {
        matching.part(part)?;
    }
    if !text.get(matching.at..)?.starts_with(template.then.as_bytes()) {
        return None;
    }
    let snapshot = matching.slot("snapshot").map(<[u8]>::to_vec);
    if template.snapshot != snapshot.is_some() {
        return None;
    }
    Some(Envelope { client: "", kind: template.kind, start: matching.at, snapshot })
}

struct Matching<'a> {
    text: &'a [u8],
    at: usize,
    slots: Vec<(&'static str, &'a [u8])>,
    groups: Vec<(&'static str, Vec<&'a [u8]>)>,
}

impl<'a> Matching<'a> {
    fn slot(&self, name: &str) -> Option<&'a [u8]> {
        self.slots.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn part(&mut self, part: &'static Part) -> Option<()> {
        let Some(group) = part.each else { return self.piece(part.text, None, None).map(|_| ()) };
        if let Some(index) = self.groups.iter().position(|(name, _)| *name == group) {
            let names = self.groups.get(index)?.1.clone();
            for (number, name) in names.into_iter().enumerate() {
                self.piece(part.text, Some(number), Some(name))?;
            }
            return Some(());
        }
        let mut names = Vec::new();
        loop {
            let before = self.at;
            match self.piece(part.text, Some(names.len()), None) {
                Some(Some(name)) => names.push(name),
                Some(None) | None => {
                    self.at = before;
                    break;
                }
            }
        }
        self.groups.push((group, names));
        Some(())
    }

    /// Matches one text with slots; gives the `name` it used, where it has one.
    fn piece(
        &mut self,
        template: &'static str,
        number: Option<usize>,
        name: Option<&'a [u8]>,
    ) -> Option<Option<&'a [u8]>> {
        let mut name = name;
        let mut rest = template;
        loop {
            let Some((literal, after)) = rest.split_once("<<") else {
                self.literal(rest.as_bytes())?;
                return Some(name);
            };
            let (slot, next) = after.split_once(">>")?;
            self.literal(literal.as_bytes())?;
            rest = next;
            match slot {
                "n" => self.literal(number?.to_string().as_bytes())?,
                "name" => match name {
                    Some(known) => self.literal(known)?,
                    None => name = Some(self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_')?),
                },
                slot => match self.slot(slot) {
                    Some(known) => self.literal(known)?,
                    None => {
                        let path = self.run(|byte| byte.is_ascii_alphanumeric() || b"._/@+-".contains(&byte))?;
                        if !path.starts_with(b"/") {
                            return None;
                        }
                        self.slots.push((slot, path));
                    }
                },
            }
        }
    }

    fn literal(&mut self, expected: &[u8]) -> Option<()> {
        self.text.get(self.at..)?.starts_with(expected).then(|| self.at += expected.len())
    }

    fn run(&mut self, fits: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let rest = self.text.get(self.at..)?;
        let length = rest.iter().position(|byte| !fits(*byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).filter(|found| !found.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAUDE: &str = "source /home/u/.claude/s-1.sh 2>/dev/null || true && shopt -u extglob 2>/dev/null || true && \
                          eval 'git status' < /dev/null && pwd -P >| /tmp/claude-1-cwd";

    #[test]
    fn the_exact_shape_is_recognised() {
        let envelope = recognise(CLAUDE.as_bytes()).expect("an envelope");
        assert_eq!((envelope.client, envelope.kind), ("claude-code", "snapshot-eval"));
        assert_eq!(envelope.snapshot.as_deref(), Some(&b"/home/u/.claude/s-1.sh"[..]));
        assert_eq!(CLAUDE.get(envelope.start..), Some("eval 'git status' < /dev/null && pwd -P >| /tmp/claude-1-cwd"));
    }

    #[test]
    fn anything_else_is_not() {
        for changed in [
            CLAUDE.replace("2>/dev/null || true && shopt", "2>/dev/null || evil && shopt"),
            CLAUDE.replace("source /home/u/.claude/s-1.sh", "source /home/u/$(evil).sh"),
            CLAUDE.replace("source /home", "source home"),
            CLAUDE.replace("source", " source"),
            CLAUDE.replace("eval '", "evil; eval '"),
        ] {
            assert_eq!(recognise(changed.as_bytes()), None, "{changed}");
        }
    }
}
