//! Takes a recorded, raised order; becomes the real shell.
//! Guarantees: what runs is what was judged: the real program comes from a compiled list of root-owned paths, the words
//! are the client's, a script is still the file that was read; the environment holds nothing that changes what a shell
//! does unless the client itself was started with it. Does not: decide, record.

pub mod environment;
pub mod feed;
pub mod launch;
pub mod live;
pub mod order;
pub mod real;
pub mod startup;
pub mod stdin;

pub use environment::Environment;
pub use launch::{edit, launch, start_client};
pub use order::{Order, Script, prepare};
