//! Bytes and places in bytes. Takes nothing of ours; gives spans, escaping for display, glob matching.
//! Guarantees: no I/O, no panics on any input. Does not know what a shell is.

pub mod span;

pub use span::Span;
