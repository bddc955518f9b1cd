//! Takes policy files as bytes (raw TOML) and the built-in blob; gives a checked [`Policy`].
//! Guarantees: raw and checked are two types; a problem names file, line, column and remedy; what loosens counts only as
//! trusted; no I/O. Does not: judge.

pub mod rule;
pub mod tier;

pub use rule::*;
pub use tier::Tier;
