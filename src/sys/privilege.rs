//! Giving up privileges, for ever: new ones by programs, capabilities, what limits allow.

use std::io;

use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// From now on no program gives more than we have (set-user-id, file capabilities).
pub fn no_new() -> io::Result<()> {
    Ok(nix::sys::prctl::set_no_new_privs()?)
}

/// Whether that holds already.
#[must_use]
pub fn has_no_new() -> bool {
    nix::sys::prctl::get_no_new_privs().unwrap_or(false)
}

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Half {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// `_LINUX_CAPABILITY_VERSION_3`: two halves of 32.
const VERSION: u32 = 0x2008_0522;
/// No kernel knows more.
const MOST: u32 = 63;

/// Keeps those capabilities of this process that are in `kept`, a bit for each, also for what it starts. Gives how many it gave up.
pub fn keep_capabilities(kept: u64) -> io::Result<u32> {
    let mut header = Header { version: VERSION, pid: 0 };
    let mut halves = [Half::default(); 2];
    // SAFETY: the header and the two halves are laid out as the kernel's; it writes no more than these two.
    let told = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, halves.as_mut_ptr()) };
    if told != 0 {
        return Err(io::Error::last_os_error());
    }
    let has = halves.iter().rev().fold(0_u64, |all, half| all << 32 | u64::from(half.permitted));
    let surplus = has & !kept;
    if surplus == 0 {
        return Ok(0);
    }
    for capability in (0..=MOST).filter(|capability| surplus & (1 << capability) != 0) {
        // Without the right to (CAP_SETPCAP) what is given up below stays given up all the same: no program gives new ones.
        // SAFETY: a number; nothing of this process's memory is touched.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
    }
    // SAFETY: numbers; an old kernel that does not know the request has no such set.
    unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) };
    for (half, kept) in halves.iter_mut().zip([kept & 0xffff_ffff, kept >> 32]) {
        let kept = u32::try_from(kept).unwrap_or(0);
        half.permitted &= kept;
        half.effective &= kept;
        half.inheritable &= kept;
    }
    // SAFETY: the header and the two halves are laid out as the kernel's, which reads them.
    let set = unsafe { libc::syscall(libc::SYS_capset, &raw mut header, halves.as_ptr()) };
    if set == 0 { Ok(surplus.count_ones()) } else { Err(io::Error::last_os_error()) }
}

/// What a limit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a core dump.
    Core,
    /// Seconds of processor time.
    Time,
    /// Bytes of address space.
    Memory,
    /// Processes of this user.
    Processes,
    /// Bytes of a file.
    File,
    /// Open files.
    Open,
}

/// Allows at most `most` of it. What was allowed less stays so.
pub fn limit(limit: Limit, most: u64) -> io::Result<()> {
    let resource = match limit {
        Limit::Core => Resource::RLIMIT_CORE,
        Limit::Time => Resource::RLIMIT_CPU,
        Limit::Memory => Resource::RLIMIT_AS,
        Limit::Processes => Resource::RLIMIT_NPROC,
        Limit::File => Resource::RLIMIT_FSIZE,
        Limit::Open => Resource::RLIMIT_NOFILE,
    };
    let (soft, hard) = getrlimit(resource)?;
    if hard > most || soft > most {
        setrlimit(resource, soft.min(most), hard.min(most))?;
    }
    Ok(())
}
