//! Takes a decision and its order; gives a chained record on disk, and with it the proof that launching demands.
