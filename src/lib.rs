//! vetsh: a shell that vets. The chain of a command, drawn once:
//!
//! ```text
//! Invocation ─parse→ Script ─actions→ Actions ─weigh→ Judged ─decide→ Approved | Refused
//! Approved ─prepare→ Order ─raise walls→ Raised ─record→ Recorded<Raised> ─launch→ (never returns)
//! Refused                                      ─record→ Recorded<Refused>  ─refuse→ exit code
//! ```
//!
//! Read [`pipeline`] first: the whole way is one function.
//!
//! Only Linux has what a command's way stands on. Elsewhere the library judges what it is told of a world, and the binary says what is
//! missing (`elsewhere`).

#![deny(unsafe_code)]

pub mod action;
#[cfg(target_os = "linux")]
pub mod approval;
#[cfg(target_os = "linux")]
pub mod audit;
#[cfg(target_os = "linux")]
pub mod cli;
#[cfg(target_os = "linux")]
pub mod client;
pub mod config;
#[cfg(target_os = "linux")]
pub mod doctor;
#[cfg(any(test, not(target_os = "linux")))]
pub mod elsewhere;
#[cfg(target_os = "linux")]
pub mod exec;
pub mod exit;
#[cfg(target_os = "linux")]
pub mod fault;
#[cfg(target_os = "linux")]
pub mod house;
pub mod invocation;
pub mod judge;
pub mod parse;
#[cfg(target_os = "linux")]
pub mod pipeline;
pub mod policy;
#[cfg(target_os = "linux")]
pub mod run;
#[cfg(target_os = "linux")]
pub mod sandbox;
#[cfg(target_os = "linux")]
pub mod session;
#[cfg(target_os = "linux")]
pub mod sys;
pub mod text;
