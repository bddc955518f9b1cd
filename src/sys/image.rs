//! Becoming another program.

use std::convert::Infallible;
use std::ffi::CString;
use std::io;

use super::start::Entry;

/// `execve`: returns only if it failed. Words with a NUL cannot be handed on and are an error.
pub fn become_program(path: &[u8], words: &[Vec<u8>], environment: &[Entry]) -> io::Result<Infallible> {
    let path = CString::new(path)?;
    let words = terminated(words)?;
    let environment = terminated(environment)?;
    Ok(nix::unistd::execve(&path, &words, &environment)?)
}

fn terminated(words: &[impl AsRef<[u8]>]) -> io::Result<Vec<CString>> {
    words.iter().map(|word| CString::new(word.as_ref()).map_err(io::Error::from)).collect()
}
