//! Takes a question of what an action would take; gives numbers, or why there are none. Guarantees: it reads only, asks nobody
//! else, follows no link below what it counts, and ends in time: what it did not come to makes a number "at least". Does not: judge.

mod commits;
mod files;
mod mode;
mod processes;
mod rows;

use std::time::{Duration, Instant};

use crate::action::{Measured, Question};

/// All measuring for one line ends after this.
pub const LONGEST: Duration = Duration::from_millis(300);

/// Answers a question until `end`.
#[must_use]
pub fn measure(question: &Question, end: Instant) -> Measured {
    match question {
        Question::Tree { path, whole, follow, which } => files::measure(path, (*whole, *follow), which, end),
        Question::Commits { directory, lost } => commits::measure(directory, lost, end),
        Question::Processes(reached) => processes::measure(reached, end),
        Question::Rows { file, table, all } => rows::measure(file, table, *all, end),
    }
}
