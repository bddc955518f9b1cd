//! Takes what is judged; gives Approved or Refused, by policy, human, ticket or a covering parent order.
//! Guarantees: prohibited is never approved; supervised is approved only by someone or something named in the basis; no
//! answer is no. Does not: judge, record, launch.

pub mod decision;

pub use decision::{Answer, Approved, Basis, Decision, Refused, decide};
