//! Bytes and places in bytes. Takes nothing of ours; gives spans, escaping for display, digits, what looks like ASCII, secrets by
//! their shape, and lists in order.
//! Guarantees: no I/O, no panics on any input. Does not know what a shell is.

pub mod arrange;
pub mod escape;
pub mod hexadecimal;
pub mod look_alike;
pub mod personal;
pub mod secret;
pub mod span;

pub use arrange::Arrange;
pub use escape::{escape, escape_lines, hides};
pub use hexadecimal::hexadecimal;
pub use look_alike::{LookAlike, look_alikes};
pub use span::Span;
