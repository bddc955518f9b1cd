//! Takes policy files as bytes (raw TOML) and the built-in blob; gives a checked [`Policy`].
//! Guarantees: raw and checked are two types; a problem names file, line, column and remedy; what loosens counts only as
//! trusted; no I/O. Does not: judge.

pub mod asking;
pub mod blob;
pub mod bucket;
pub mod checked;
pub mod compile;
pub mod document;
pub mod example;
pub mod file;
pub mod layers;
pub mod notation;
pub mod problem;
pub mod profile;
pub mod rule;
pub mod rule_table;
#[cfg(test)]
pub mod schema;
pub mod settings;
pub mod tier;
pub mod tool_table;
pub mod when_table;

pub use asking::Asking;
pub use checked::Policy;
pub use example::{Case, Example, Expectation, disguises};
pub use layers::{Loaded, Source, Trust, load};
pub use problem::{Problem, Problems};
pub use profile::{Limits, Profile, Walls, WallsMode};
pub use rule::*;
pub use settings::{ChannelKind, Enforce, EnvironmentKind, SessionLimits, Settings, USUAL_WAIT};
pub use tier::Tier;
