//! A place where tests make a stage fail. Nothing outside this process can arm it: there is no variable, flag or file.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use crate::exit::Failure;

/// The stages that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Opening the house.
    House = 1,
    /// Reading the invocation.
    Invocation,
    /// Judging.
    Judge,
    /// Preparing the order.
    Prepare,
    /// Raising the walls.
    Raise,
    /// Recording.
    Record,
    /// Launching.
    Launch,
}

impl Stage {
    /// In order.
    pub const ALL: [Stage; 7] =
        [Stage::House, Stage::Invocation, Stage::Judge, Stage::Prepare, Stage::Raise, Stage::Record, Stage::Launch];
}

static ARMED: AtomicU8 = AtomicU8::new(0);

/// Makes `stage` fail from now on, in this process.
pub fn arm(stage: Stage) {
    ARMED.store(stage as u8, Ordering::SeqCst);
}

static STOP_AFTER: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Makes the next record stop after its first `bytes` are written, for ever, so that this process can be killed there.
pub fn arm_stop(bytes: usize) {
    STOP_AFTER.store(bytes, Ordering::SeqCst);
}

/// How many bytes of the next record a test lets through.
pub(crate) fn stop_after() -> Option<usize> {
    Some(STOP_AFTER.load(Ordering::Relaxed)).filter(|bytes| *bytes != usize::MAX)
}

/// Fails where a test armed this stage.
pub(crate) fn at(stage: Stage) -> Result<(), Failure> {
    if ARMED.load(Ordering::Relaxed) == stage as u8 {
        return Err(Failure::closed("fault.injected", format!("{stage:?}"), "a test made this stage fail", "nothing"));
    }
    Ok(())
}
