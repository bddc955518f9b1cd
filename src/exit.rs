//! The exit codes of the shell and tool face, and the words that go with them. The child's own code is never touched.

use std::fmt;

/// Why a run ends without the real program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The answer was no.
    Refused,
    /// We failed, closed: a bad policy, an unwritable log, a form no shell has.
    Failed,
    /// The real program is missing.
    NotFound,
    /// Approval did not come in time; a later yes leaves a ticket.
    Pending,
}

impl Code {
    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Code::Refused => 126,
            Code::Failed => 125,
            Code::NotFound => 127,
            Code::Pending => 75,
        }
    }
}

/// A run that cannot go on. It is recorded where the log can still be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How it ends.
    pub code: Code,
    /// Which check, by name: `shell.unknown-option`.
    pub rule: &'static str,
    /// What, concretely.
    pub what: String,
    /// Why that ends the run.
    pub why: String,
    /// What to do instead.
    pub instead: String,
    /// The text it is about, as far as it was read: for the record, which keeps head, length and digest of what is long.
    pub text: Option<Vec<u8>>,
}

impl Failure {
    /// A failure that ends with 125.
    #[must_use]
    pub fn closed(
        rule: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        let (what, why, instead) = (what.into(), why.into(), instead.into());
        Failure { code: Code::Failed, rule, what, why, instead, text: None }
    }

    /// The real program is not there.
    #[must_use]
    pub fn missing(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Failure {
            code: Code::NotFound,
            rule: "exec.not-found",
            what: what.into(),
            why: "no real program stands behind this name".into(),
            instead: instead.into(),
            text: None,
        }
    }

    /// The same about a text, unless it is about another already.
    #[must_use]
    pub fn about(mut self, text: &[u8]) -> Self {
        self.text.get_or_insert_with(|| text.to_vec());
        self
    }

    /// The line for the agent.
    #[must_use]
    pub fn line(&self) -> String {
        refusal(self.rule, &self.what, &self.why, Some(&self.instead))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.what, self.why)
    }
}

/// The one line an agent can act on: `vetsh: refused [rule] what; why; instead: …`.
#[must_use]
pub fn refusal(rule: &str, what: &str, why: &str, instead: Option<&str>) -> String {
    let mut line = format!("vetsh: refused [{rule}] {what}");
    if !why.is_empty() {
        line.push_str("; ");
        line.push_str(why);
    }
    if let Some(instead) = instead.filter(|text| !text.is_empty()) {
        line.push_str("; instead: ");
        line.push_str(instead);
    }
    printable(&line)
}

/// Text that cannot move a terminal's cursor, change its colour or turn its reading direction.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                out.extend(character.escape_unicode());
            }
            character if character.is_control() => out.extend(character.escape_default()),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_whatever_its_parts_hold() {
        let line = refusal("a.b", "delete \x1b[2Jx\ny", "why\r", Some("ls \u{202e}"));
        assert_eq!(line, "vetsh: refused [a.b] delete \\u{1b}[2Jx\\ny; why\\r; instead: ls \\u{202e}");
    }

    #[test]
    fn the_table() {
        let numbers = [Code::Refused, Code::Failed, Code::NotFound, Code::Pending].map(Code::number);
        assert_eq!(numbers, [126, 125, 127, 75]);
    }
}
