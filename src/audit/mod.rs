//! Takes a decision and its order; gives a chained record on disk, and with it the proof that launching demands.
//! Guarantees: one unbroken chain over all writers; what is not recorded is an error, never a shrug; nothing that looks
//! like a secret reaches the disk (what may hold one cannot be serialised). Does not: decide, launch.

mod head;
mod keeper;
pub mod line;
pub mod log;
mod names;
pub mod record;
pub mod recorded;
pub mod redact;
mod seen;
pub mod signature;

pub mod text;
pub mod verify;
pub mod writer;

pub use log::{Error, Log, Receipt};
pub use record::{Draft, Kind};
pub use recorded::{
    Recorded, newest, questions, ready, record_allowed, record_answer, record_attempt, record_degraded, record_failure,
    record_grant, record_launch, record_refusal, record_request, record_restored, record_review, record_session,
    record_stop, record_trust, was_used, were_refused,
};
pub use redact::Redactor;
pub use text::{Redacted, Unredacted};
pub use verify::{Problem, Report, days_back, query, show, tail, verify};
