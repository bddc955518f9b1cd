//! What is wrong with a policy file: file:line:col, the line, a caret and what to do about it.

use std::fmt::{self, Display, Write as _};
use std::ops::Range;

/// One thing wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub width: usize,
    /// The line's text.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// A problem with the bytes `span` of `text`.
    #[must_use]
    pub fn at(
        file: &str,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let start = floor(text, span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_text = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        let meant = text.get(start..floor(text, span.end.max(start))).unwrap_or_default();
        let width = meant.lines().next().unwrap_or_default().chars().count().max(1);
        Problem {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            width: width.min(line_text.chars().count().saturating_sub(column - 1).max(1)),
            text: line_text.to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// A problem with a file as a whole.
    #[must_use]
    pub fn whole(file: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Problem::at(file, "", 0..0, message, remedy)
    }

    /// As text for a human, coloured where the caller says that it goes to a terminal.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let (red, bold, green, reset) =
            if colour { ("\x1b[31m", "\x1b[1m", "\x1b[32m", "\x1b[0m") } else { ("", "", "", "") };
        let Problem { file, line, column, width, message, remedy, .. } = self;
        let mut out = format!("{bold}{file}:{line}:{column}: {red}error{reset}{bold}: {message}{reset}\n");
        if !self.text.is_empty() {
            let gutter = line.to_string().len();
            // Tabs keep their width under the line above; other control bytes must not reach a terminal.
            let shown: String =
                self.text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
            // Of a long line, the part around the place.
            let skip = if shown.chars().count() > 160 { column.saturating_sub(60) } else { 0 };
            let shown: String = shown.chars().skip(skip).take(160).collect();
            let indent = self.text.chars().skip(skip).take((column - 1).saturating_sub(skip));
            let indent: String = indent.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let carets = "^".repeat(*width);
            let _ = writeln!(out, "{line} | {shown}");
            let _ = writeln!(out, "{:gutter$} | {indent}{red}{carets}{reset}", "");
        }
        if !remedy.is_empty() {
            let _ = writeln!(out, "  {green}help{reset}: {remedy}");
        }
        out
    }
}

impl Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

/// Everything wrong with a set of policy files: at least one problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// As text for a human.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.0.iter().map(|problem| problem.render(colour)).collect::<Vec<_>>().join("\n")
    }
}

impl Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// The character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
