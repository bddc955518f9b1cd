//! Handing the kernel a filter for system calls (seccomp), and what kind of machine its numbers are for.

use std::io;

use nix::libc;

/// One instruction of a classic BPF program.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What is done.
    pub code: u16,
    /// How many to skip where the condition holds.
    pub yes: u8,
    /// How many where it does not.
    pub no: u8,
    /// Its operand.
    pub operand: u32,
}

#[repr(C)]
struct Program {
    length: u16,
    instructions: *const Instruction,
}

/// Puts a filter in force for this thread and all that comes of it, for ever. Needs that no program can give new privileges.
pub fn enforce(instructions: &[Instruction]) -> io::Result<()> {
    let length = u16::try_from(instructions.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = Program { length, instructions: instructions.as_ptr() };
    // SAFETY: the structure and the instructions it points at are laid out as the kernel's and live through the call, which
    // copies them.
    let set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
