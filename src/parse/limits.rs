//! The structural bounds of parsing. Never a clock: the same line always parses the same way.

/// Longest source that is parsed at all; longer ones are one capped opaque node.
pub const MAX_BYTES: usize = 1 << 20;

/// Deepest nesting of any constructs in each other.
pub const MAX_DEPTH: u32 = 64;

/// Most nodes (commands, words, pieces) of one script.
pub const MAX_NODES: u32 = 1 << 19;

/// Steps granted to every source, however short.
pub const BASE_STEPS: u64 = 4096;

/// Further steps for each byte of the source. One pass needs below five; trying `((` as arithmetic first and reading
/// it again as a subshell is what the rest is for.
pub const STEPS_PER_BYTE: u64 = 24;
