//! Takes a [`Script`], where it starts ([`Start`]), the [`Tools`] and a [`World`]; gives [`Actions`]: an abstract run of the
//! line. Guarantees: every command, redirection and assignment that bash may run is an action or a gap, in source order,
//! a wrapper before its payload, a substitution before the command it stands in; both branches are walked; a value is
//! constant only where it is provable; work is bounded, and a bound that was hit is a [`GapKind::Cap`].
//! Does not: know tiers, read policy, do I/O.
//!
//! A fork bomb (a function that calls itself through a pipe or the background) is an *executes* effect on
//! [`Object::Code`](crate::action::Object::Code) of language [`FORK_BOMB`].

mod alias;
mod arith;
mod assigned;
mod assignment;
mod brace;
mod builtin;
mod call;
mod completion;
mod compound;
mod condition;
mod declare;
mod directory;
mod environment;
mod evaluate;
mod expand;
mod family;
mod filter;
mod getopts;
mod held;
mod history;
mod joined;
mod letters;
mod links;
mod lookup;
mod matched;
mod operator;
mod parameter;
pub(super) mod pattern;
mod payload;
mod printed;
mod printf;
mod program;
mod reading;
mod redirect;
mod rounds;
mod running;
mod search;
mod shape;
mod shared;
mod signal;
mod simple;
mod sourcing;
mod start;
mod state;
mod stream;
mod substitution;
mod trap;
mod unset;
mod variables;
mod walker;

pub use running::{Running, next_actions};
pub use start::{Commands, Start};

use super::{Action, ActionKind, Actions, Coverage, Flags, Gap, GapKind, Tools, Value, World};
use crate::parse::Script;
use crate::text::Span;

/// The language of [`Object::Code`](crate::action::Object::Code) that stands for a fork bomb.
pub const FORK_BOMB: &str = "fork-bomb";

/// Everything `script` would do. `source` is the text it was parsed from.
#[must_use]
pub fn actions(script: &Script, source: &[u8], start: &Start, tools: &dyn Tools, world: &dyn World) -> Actions {
    let mut walker = walker::Walker::new(tools, world, start.max_actions);
    walker.commands = start.commands;
    let mut state = start.state(world);
    let frame = walker::Frame::top(start.max_depth);
    walker.preamble(start, &mut state, &frame);
    walker.opaque_places(script, source, &frame);
    walker.lines(&script.body, source, &mut state, &frame);
    walker.leave(&mut state, &frame);
    walker.finish()
}

/// An action that does nothing yet.
fn blank(kind: ActionKind, program: Option<&[u8]>, cwd: &Value, span: Span) -> Action {
    Action {
        kind,
        program: program.map(<[u8]>::to_vec),
        called: None,
        path: None,
        argv: Vec::new(),
        via: Vec::new(),
        sub: Vec::new(),
        options: Vec::new(),
        operands: Vec::new(),
        flags: Flags::default(),
        effects: Vec::new(),
        coverage: Coverage::Full,
        gaps: Vec::new(),
        assigns: Vec::new(),
        cwd: cwd.clone(),
        span,
        runner: false,
    }
}

/// Adds a gap and the coverage it means.
fn gap(action: &mut Action, kind: GapKind, what: impl Into<String>, span: Span) {
    let coverage = match kind {
        GapKind::Opaque | GapKind::Cap | GapKind::ControlBytes | GapKind::DynamicWord => Coverage::Opaque,
        GapKind::UnknownProgram
        | GapKind::UnknownOption
        | GapKind::UnknownSubcommand
        | GapKind::Partial
        | GapKind::ExecutionKey
        | GapKind::LookAlike => Coverage::Partial,
    };
    action.coverage = action.coverage.max(coverage);
    action.gaps.push(Gap { kind, what: what.into(), span });
}
