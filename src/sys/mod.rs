//! The only place with unsafe code: one system operation a function, each with its SAFETY reason. Imports nothing of ours.
