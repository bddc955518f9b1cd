//! Takes what is judged; gives Approved or Refused, by policy, human, ticket or a covering parent order.
//! Guarantees: prohibited is never approved; supervised is approved only by someone or something named in the basis; no
//! answer is no; an answer holds for one request in every part, once; where approvers must sign, only verified
//! signatures are a yes. Does not: judge, record, launch.

pub mod decision;
pub mod grant;
pub mod impact;
pub mod needs;
pub mod novelty;
pub mod question;
pub mod reach;
pub mod rendering;
pub mod request;
pub mod signed;
pub mod signers;
pub mod spool;
pub mod sshsig;
pub mod standing;
pub mod statement;
pub mod terminal;
pub mod ticket;

pub use decision::{Answer, Approved, Basis, Decision, Refused, decide};
pub use grant::{Grant, Grants, Pattern};
pub use novelty::Novelty;
pub use question::Scene;
pub use request::Request;
pub use spool::Spool;
pub use ticket::{Ticket, Tickets};
