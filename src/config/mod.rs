//! Compiled-in data: default policy, packs, agents, the environment lists.
