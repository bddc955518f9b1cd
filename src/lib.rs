//! vetsh: a shell that vets. The chain of a command, drawn once:
//!
//! ```text
//! Invocation ─parse→ Script ─actions→ Actions ─weigh→ Judged ─decide→ Approved | Refused
//! Approved ─prepare→ Order ─raise walls→ Raised ─record→ Recorded<Raised> ─launch→ (never returns)
//! Refused                                      ─record→ Recorded<Refused>  ─refuse→ exit code
//! ```
//!
//! Read [`pipeline`] first: the whole way is one function.

#![deny(unsafe_code)]

pub mod action;
pub mod approval;
pub mod audit;
pub mod cli;
pub mod client;
pub mod config;
pub mod doctor;
pub mod exec;
pub mod exit;
pub mod fault;
pub mod house;
pub mod invocation;
pub mod judge;
pub mod parse;
pub mod pipeline;
pub mod policy;
pub mod run;
pub mod sandbox;
pub mod session;
pub mod sys;
pub mod text;
