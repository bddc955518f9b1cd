//! Bytes and places in bytes. Takes nothing of ours; gives spans, escaping for display, digits, secrets by their shape.
//! Guarantees: no I/O, no panics on any input. Does not know what a shell is.

pub mod escape;
pub mod hexadecimal;
pub mod personal;
pub mod secret;
pub mod span;

pub use escape::{LookAlike, escape, escape_lines, hides, look_alikes};
pub use hexadecimal::hexadecimal;
pub use span::Span;
