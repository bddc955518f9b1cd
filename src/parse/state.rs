//! What one parse shares between the parser of the line and those of its heredoc bodies and backquotes.

use std::collections::BTreeSet;

use super::ast::{Dialect, Opaque, Word};
use super::limits::{BASE_STEPS, MAX_DEPTH, MAX_NODES, STEPS_PER_BYTE};
use super::modes::Modes;
use crate::text::Span;

/// Why the parser gave up: carried up to the nearest place that can hold an opaque node.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Why.
    pub why: &'static str,
    /// A bound was hit.
    pub cap: bool,
    /// The text ended where more of it was wanted.
    pub ended: bool,
}

/// The result of every step that can give up.
pub type Parsed<T> = Result<T, Stop>;

/// Shared by all parsers of one source.
#[derive(Debug)]
pub struct State {
    /// Whose grammar.
    pub dialect: Dialect,
    /// What earlier lines changed in the grammar.
    pub modes: Modes,
    /// Every opaque place found so far.
    pub opaque: Vec<Opaque>,
    /// Heredoc bodies, taken into the tree when the whole source is read.
    pub bodies: Vec<Option<Word>>,
    /// Places of `((` known not to be arithmetic, so that none is tried twice.
    pub not_arithmetic: BTreeSet<u32>,
    /// The text ended inside the heredoc that this word ends.
    pub open_heredoc: Option<Vec<u8>>,
    /// Work done: what the linearity test counts.
    pub steps: u64,
    budget: u64,
    nodes: u32,
    depth: u32,
}

impl State {
    /// For a source of `length` bytes.
    #[must_use]
    pub fn new(dialect: Dialect, length: usize) -> Self {
        State {
            dialect,
            modes: Modes::new(dialect),
            opaque: Vec::new(),
            bodies: Vec::new(),
            not_arithmetic: BTreeSet::new(),
            open_heredoc: None,
            steps: 0,
            budget: BASE_STEPS + STEPS_PER_BYTE * length as u64,
            nodes: 0,
            depth: 0,
        }
    }

    /// Counts `amount` of work.
    pub fn step(&mut self, amount: usize) -> Parsed<()> {
        self.steps += amount as u64;
        if self.steps > self.budget { Err(Stop::cap("too much work for its length")) } else { Ok(()) }
    }

    /// Counts a node.
    pub fn node(&mut self) -> Parsed<()> {
        self.nodes += 1;
        self.steps += 1;
        if self.nodes > MAX_NODES {
            Err(Stop::cap("too many nodes"))
        } else if self.steps > self.budget {
            Err(Stop::cap("too much work for its length"))
        } else {
            Ok(())
        }
    }

    /// One level deeper; every `enter` has its `leave`, also on the way out of an error.
    pub fn enter(&mut self) -> Parsed<()> {
        if self.depth >= MAX_DEPTH {
            return Err(Stop::cap("nested deeper than 64"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Back up one level.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Notes an opaque place whose bash reading is kept in the tree beside it.
    pub fn mark(&mut self, span: Span, why: &'static str) -> Opaque {
        let opaque = Opaque { span, why, cap: false };
        self.opaque.push(opaque.clone());
        opaque
    }

    /// Turns a stop into the opaque node that covers `span`.
    pub fn give_up(&mut self, span: Span, stop: &Stop) -> Opaque {
        let opaque = Opaque { span, why: stop.why, cap: stop.cap };
        self.opaque.push(opaque.clone());
        opaque
    }
}

impl Stop {
    /// Outside the grammar.
    #[must_use]
    pub fn new(why: &'static str) -> Self {
        Stop { why, cap: false, ended: false }
    }

    /// A bound was hit.
    #[must_use]
    pub fn cap(why: &'static str) -> Self {
        Stop { why, cap: true, ended: false }
    }
}
