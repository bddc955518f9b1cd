//! Takes a decision and its order; gives a chained record on disk, and with it the proof that launching demands.

pub mod recorded;

pub use recorded::{Recorded, record_failure, record_launch, record_refusal};
