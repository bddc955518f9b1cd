//! How a verb ends.

use std::fmt;

use crate::exit::Failure;

/// What a verb answered.
pub enum Answer {
    /// Yes; done.
    Yes,
    /// The answer is no.
    No,
    /// A verb's own code (`check --exit-code`).
    Code(u8),
}

/// Usage, or a bad file: what, why, and what to do.
pub struct Problem(pub String);

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        Problem(format!("{}: {}; instead: {}", failure.what, failure.why, failure.instead))
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Problem {
        Problem(format!("cannot write JSON: {error}"))
    }
}

/// What a verb gives.
pub type Outcome = Result<Answer, Problem>;

/// Prints a line of data. A reader that went away ends us quietly, as SIGPIPE does.
pub fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
