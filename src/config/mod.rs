//! Compiled-in data: default policy, packs, agents, the environment lists.

pub mod agents;
pub mod environment;
