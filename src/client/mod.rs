//! Takes the agents we know and the surroundings of a user; gives which shell a client would take, and the one setting of its own
//! that names another. Guarantees: a setting that is not understood is not touched; what was there before is kept to be put back.
//! Does not: judge, run.

pub mod pick;
pub mod setting;

pub use pick::{Picked, Surroundings, pick};
pub use setting::{Change, Setting};
