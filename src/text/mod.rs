//! Bytes and places in bytes. Takes nothing of ours; gives spans, escaping for display, digits, what looks like ASCII, secrets by
//! their shape, lists in order, and lines that are edited on a screen.
//! Guarantees: no I/O, no panics on any input. Does not know what a shell is.

pub mod arrange;
pub mod drawing;
pub mod editing;
pub mod escape;
pub mod hexadecimal;
pub mod keys;
pub mod look_alike;
pub mod personal;
pub mod secret;
pub mod span;

pub use arrange::Arrange;
pub use escape::{escape, escape_lines, hides};
pub use hexadecimal::hexadecimal;
pub use look_alike::{LookAlike, look_alikes};
pub use span::Span;
