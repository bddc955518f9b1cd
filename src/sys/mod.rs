//! The only place with unsafe code: one system operation a function, each with its SAFETY reason. Imports nothing of ours.
//! Takes numbers, paths and bytes; gives plain values. Guarantees: every descriptor it opens is close-on-exec; nothing it
//! reads is believed to be text. Does not: decide anything.

#![allow(unsafe_code)]

mod memory;

pub mod canary;
pub mod child;
pub mod clock;
pub mod descriptor;
pub mod feed;
pub mod file;
pub mod filter;
pub mod heap;
pub mod image;
pub mod landlock;
pub mod lock;
pub mod mount;
pub mod owner;
pub mod private;
pub mod privilege;
pub mod process;
pub mod random;
pub mod rename;
pub mod socket;
pub mod start;
pub mod terminal;
pub mod tool;
#[cfg(all(target_env = "musl", panic = "abort"))]
mod unwind;
pub mod user;
