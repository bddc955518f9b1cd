//! Becoming another program.

use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::io;

use super::start::Entry;

/// `execve`: returns only if it failed. Words with a NUL cannot be handed on and are an error.
pub fn become_program(path: &[u8], words: &[Vec<u8>], environment: &[Entry]) -> io::Result<Infallible> {
    let path = CString::new(path)?;
    let words = Terminated::of(words);
    let environment = Terminated::of(environment);
    Ok(nix::unistd::execve(&path, &words.strings()?, &environment.strings()?)?)
}

/// Strings one after the other in one piece of memory, each with the NUL that ends it.
struct Terminated {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Terminated {
    fn of(words: &[impl AsRef<[u8]>]) -> Terminated {
        let mut text = Vec::with_capacity(words.iter().map(|word| word.as_ref().len() + 1).sum());
        let mut ends = Vec::with_capacity(words.len());
        for word in words {
            text.extend_from_slice(word.as_ref());
            text.push(0);
            ends.push(text.len());
        }
        Terminated { text, ends }
    }

    fn strings(&self) -> io::Result<Vec<&CStr>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let bytes = starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default());
        bytes.map(|bytes| CStr::from_bytes_with_nul(bytes).map_err(|_| io::ErrorKind::InvalidInput.into())).collect()
    }
}
