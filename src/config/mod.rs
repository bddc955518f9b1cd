//! Compiled-in data: default policy, packs, agents, the environment lists, pages for people.

pub mod agents;
pub mod environment;
pub mod profiles;

pub use profiles::PROFILES;

/// The built-in packs as compiled by the build (`policy::blob`).
pub static PACKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs.blob"));

/// The user policy as installed. A file that equals it is not parsed: it says what is built in.
pub static DEFAULT_POLICY: &str = include_str!("../../config/policy.toml");

/// The pages that `vetsh generate` prints, by the names of their files, deflated (RFC 1951).
pub static PAGES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));
