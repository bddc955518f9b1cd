//! How the process was started, seen before the language runtime changes it: the disposition of SIGPIPE and which of
//! the standard descriptors were closed. A client that ignores SIGPIPE or closes stdin must find that in its shell again.
//! SIGXFSZ is ignored until then, so that a file size limit is an error that can be told and not our end.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

use nix::libc;

const SIGPIPE_IGNORED: u8 = 1 << 3;
const SIGXFSZ_TAKEN: u8 = 1 << 4;

/// Bits 0-2: the descriptor was closed. Bit 3: SIGPIPE was ignored. Bit 4: SIGXFSZ was not, and is now.
static AT_START: AtomicU8 = AtomicU8::new(0);

// SAFETY: the loader calls each entry of `.init_array` once, before `main`, on the only thread. The function makes three
// kinds of system calls and stores into an atomic; it allocates nothing and cannot unwind.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    let mut seen = 0;
    for descriptor in 0..3 {
        // SAFETY: F_GETFD takes no pointer; a bad descriptor is an error return.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } < 0 {
            seen |= 1 << descriptor;
        }
    }
    // SAFETY: an all-zero sigaction is a valid value to be overwritten.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null new action only reads; `action` outlives the call.
    if unsafe { libc::sigaction(libc::SIGPIPE, std::ptr::null(), &raw mut action) } == 0
        && action.sa_sigaction == libc::SIG_IGN
    {
        seen |= SIGPIPE_IGNORED;
    }
    // SAFETY: SIG_IGN is a valid disposition; nothing of ours handles this signal.
    if unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) } == libc::SIG_DFL {
        seen |= SIGXFSZ_TAKEN;
    }
    AT_START.store(seen, Ordering::Relaxed);
}

/// Whether standard descriptor `descriptor` was closed when we were started.
#[must_use]
pub fn was_closed(descriptor: u8) -> bool {
    descriptor < 3 && AT_START.load(Ordering::Relaxed) & (1 << descriptor) != 0
}

/// Gives back what the runtime and we changed: SIGPIPE and SIGXFSZ as the client set them, and descriptors that were closed.
pub fn restore() {
    let seen = AT_START.load(Ordering::Relaxed);
    for (signal, ours) in [(libc::SIGPIPE, seen & SIGPIPE_IGNORED == 0), (libc::SIGXFSZ, seen & SIGXFSZ_TAKEN != 0)] {
        if ours {
            // SAFETY: SIG_DFL is a valid disposition; no handler of ours is replaced.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
    for descriptor in 0..3_u8 {
        if was_closed(descriptor) {
            // SAFETY: the runtime opened /dev/null there in place of nothing; nothing of ours owns it.
            unsafe { libc::close(libc::c_int::from(descriptor)) };
        }
    }
}

/// Makes SIGPIPE end this process, as every command-line program that writes to a pipe expects.
pub fn default_sigpipe() {
    // SAFETY: SIG_DFL is a valid disposition; no handler of ours is replaced.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// The name this process image was executed by (AT_EXECFN), as the kernel keeps it.
#[must_use]
pub fn executed_name() -> Option<Vec<u8>> {
    // SAFETY: getauxval takes a number and returns a word.
    let address = unsafe { libc::getauxval(libc::AT_EXECFN) };
    if address == 0 {
        return None;
    }
    // SAFETY: AT_EXECFN points at a NUL-terminated string at the top of the stack that stays for the process's life.
    let name = unsafe { std::ffi::CStr::from_ptr(address as *const libc::c_char) };
    Some(name.to_bytes().to_vec())
}

unsafe extern "C" {
    static environ: *const *const libc::c_char;
}

/// An entry of an environment: the kernel's own bytes, which stay where they are, or one that was made.
pub type Entry = Cow<'static, [u8]>;

/// The environment as it was handed to us: every entry, duplicates and entries without `=` too.
#[must_use]
pub fn environment() -> Vec<Entry> {
    let mut entries = Vec::new();
    // SAFETY: nothing in this program changes the environment, so the C library's vector is the kernel's: a
    // null-terminated vector of NUL-terminated strings, at the top of the stack for the process's life.
    unsafe {
        let mut at = environ;
        while !at.is_null() && !(*at).is_null() {
            entries.push(Cow::Borrowed(std::ffi::CStr::from_ptr(*at).to_bytes()));
            at = at.add(1);
        }
    }
    entries
}
