//! Takes a line's bytes and a dialect; gives a [`Script`] with absolute spans on every node.
//! Guarantees: total (never an error, never a panic), linear, bounded; what is outside the grammar is an
//! [`Opaque`] node, never a guess. Every string bash may expand later is parsed for commands.
//! Does not: read files, expand anything, know programs.

mod arith;
pub mod arrival;
mod assign;
pub mod ast;
mod brace;
mod command;
mod compound;
mod cond;
mod cursor;
mod heredoc;
pub mod limits;
mod list;
mod modes;
mod param;
mod pieces;
mod quote;
mod redirect;
mod reserved;
mod shapes;
mod state;
mod substitution;
pub mod visit;
mod word;

pub use arrival::{Arrival, Arrived, End, arrival};
pub use ast::*;
pub use modes::Modes;

use crate::text::Arrange;
use cursor::Parser;
use heredoc::Fill;
use state::{State, Stop};

/// Parses `source` as `dialect` would.
#[must_use]
pub fn parse(source: &[u8], dialect: Dialect) -> Script {
    parse_counted(source, dialect).0
}

/// The same, with the number of steps it took: what shows that parsing is linear.
#[must_use]
pub fn parse_counted(source: &[u8], dialect: Dialect) -> (Script, u64) {
    let mut state = State::new(dialect, source.len());
    let refused = if source.len() > limits::MAX_BYTES {
        Some(Stop::cap("longer than 1 MiB"))
    } else if source.contains(&0) {
        Some(Stop::new("a NUL byte"))
    } else {
        None
    };
    let mut parser = Parser::new(source, None, &mut state);
    let body = match refused {
        Some(stop) => parser.refuse(&stop),
        None => parser.all_lines(),
    };
    let steps = state.steps;
    (script(body, state), steps)
}

/// The whole: heredoc bodies in their places, opaque places in order.
fn script(mut body: List, mut state: State) -> Script {
    if !state.bodies.is_empty() {
        visit::list_mut(&mut body, &mut Fill { bodies: &mut state.bodies });
    }
    state.opaque.arrange_by_key(|opaque| opaque.span);
    state.opaque.dedup();
    Script { body, opaque: state.opaque }
}
