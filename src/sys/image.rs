//! Becoming another program.

use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::io;

use nix::libc;

use super::start::Entry;

/// `execve`: returns only if it failed. Words with a NUL cannot be handed on and are an error.
pub fn become_program(path: &[u8], words: &[Vec<u8>], environment: &[Entry]) -> io::Result<Infallible> {
    let path = CString::new(path)?;
    let words = Terminated::of(words);
    let environment = Terminated::of(environment);
    Ok(nix::unistd::execve(&path, &words.strings()?, &environment.strings()?)?)
}

/// How large our own file is at least: as far as the kernel has loaded it. 0 where that cannot be told.
#[must_use]
pub fn least_size() -> u64 {
    // SAFETY: getauxval takes a number and returns a word.
    let [at, size, count] =
        [libc::AT_PHDR, libc::AT_PHENT, libc::AT_PHNUM].map(|what| unsafe { libc::getauxval(what) });
    if at == 0 || usize::try_from(size) != Ok(size_of::<libc::Elf64_Phdr>()) {
        return 0;
    }
    let Ok(count) = usize::try_from(count) else { return 0 };
    // SAFETY: AT_PHDR is where the kernel loaded AT_PHNUM program headers of AT_PHENT bytes each, which is the size of this structure
    // (elf(5)); nothing changes them.
    let headers = unsafe { std::slice::from_raw_parts(at as *const libc::Elf64_Phdr, count) };
    let loaded = headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
    loaded.map(|header| header.p_offset.saturating_add(header.p_filesz)).max().unwrap_or(0)
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

#[cfg(test)]
mod tests {
    use super::least_size;

    #[test]
    fn our_own_file_is_as_large_as_what_is_loaded_of_it() {
        // By its name: behind an emulator the kernel's own word is the emulator.
        let own = std::env::current_exe().expect("our own path");
        let size = std::fs::metadata(own).expect("our own file").len();
        assert!((size / 4..=size).contains(&least_size()), "{} of {size}", least_size());
    }
}
