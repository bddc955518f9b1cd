//! Renaming that never replaces: whoever renames first is the only one.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use nix::libc;

/// Renames `from` to `to` within `directory`; an error where `to` is there already (`renameat2`, Linux 3.15). Called by its number,
/// since not every C library has a function for it.
pub fn without_replacing(directory: &File, from: &str, to: &str) -> io::Result<()> {
    let (from, to) = (CString::new(from)?, CString::new(to)?);
    let descriptor = directory.as_raw_fd();
    // SAFETY: both names are NUL-terminated and outlive the call; the descriptor is open as long as `directory` is borrowed; the
    // kernel reads the names and writes no memory of ours.
    let answer = unsafe {
        libc::syscall(libc::SYS_renameat2, descriptor, from.as_ptr(), descriptor, to.as_ptr(), libc::RENAME_NOREPLACE)
    };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
