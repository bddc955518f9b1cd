//! The way in, and how the process was started: the disposition of SIGPIPE and which of the standard descriptors were closed.
//! A client that ignores SIGPIPE or closes stdin must find that in its shell again. Until then both signals that a write may
//! bring are ignored, so that a closed pipe and a file size limit are errors that can be told and not our end.
//!
//! The language's own runtime is not started: it would take a dozen system calls at each command for a handler that names
//! stack overflows and for what is done here anyway.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

use nix::libc;

const SIGPIPE_IGNORED: u8 = 1 << 3;
const SIGXFSZ_TAKEN: u8 = 1 << 4;

/// Bits 0-2: the descriptor was closed. Bit 3: SIGPIPE was ignored. Bit 4: SIGXFSZ was not, and is now.
static AT_START: AtomicU8 = AtomicU8::new(0);

/// Defines the C library's `main`, which calls a function from the words to the exit code.
#[macro_export]
macro_rules! way_in {
    ($main:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn main(_count: std::ffi::c_int, words: *const *const std::ffi::c_char) -> std::ffi::c_int {
            // SAFETY: the C library hands on the kernel's vector.
            let words = unsafe { $crate::sys::start::terminated(words) };
            std::ffi::c_int::from($main(words.map(<[u8]>::to_vec).collect()))
        }
    };
}

// SAFETY: the loader calls each entry of `.init_array` once, before `main`, on the only thread. The function makes three
// kinds of system calls and stores into an atomic; it allocates nothing and cannot unwind.
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    let mut seen = 0;
    super::heap::fetch((&raw const seen).cast());
    let mut standard = [0, 1, 2].map(|fd| libc::pollfd { fd, events: 0, revents: 0 });
    // SAFETY: the pointer and the length are those of one live array.
    unsafe { libc::poll(standard.as_mut_ptr(), 3, 0) };
    for (number, descriptor) in standard.iter().enumerate() {
        if descriptor.revents & libc::POLLNVAL != 0 {
            seen |= 1 << number;
            // Else the next file that is opened would be taken for it. The lowest free number is this one.
            // SAFETY: the path ends with a NUL.
            if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } < 0 {
                // SAFETY: ends the process; nothing was begun.
                unsafe { libc::_exit(125) };
            }
        }
    }
    // SAFETY: SIG_IGN is a valid disposition; nothing of ours handles this signal.
    if unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) } == libc::SIG_IGN {
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

/// Gives back what was changed: SIGPIPE and SIGXFSZ as the client set them, and descriptors that were closed.
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
            // SAFETY: /dev/null was opened there in place of nothing; nothing of ours owns it.
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
    // SAFETY: nothing in this program changes the environment, so the C library's vector is the kernel's.
    unsafe { terminated(environ) }.map(Cow::Borrowed).collect()
}

/// The strings of a null-terminated vector; none where it is null itself.
///
/// # Safety
/// `vector` is null or a null-terminated vector of NUL-terminated strings that stay for the process's life, as the kernel
/// puts them at the top of the stack.
pub unsafe fn terminated(vector: *const *const libc::c_char) -> impl Iterator<Item = &'static [u8]> {
    let mut at = vector;
    std::iter::from_fn(move || {
        // SAFETY: by the contract `at` has not passed the null that ends the vector, and points at a string or that null.
        unsafe {
            if at.is_null() || (*at).is_null() {
                return None;
            }
            let text = std::ffi::CStr::from_ptr(*at).to_bytes();
            at = at.add(1);
            Some(text)
        }
    })
}
