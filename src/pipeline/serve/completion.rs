//! How a word may go on: programs where a command begins, else files. A directory is looked into only where a line that lists it runs
//! without a question.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use crate::session::machine::join;
use crate::sys::file;
use crate::text::Arrange;
use crate::text::editing::letters;

/// How a word goes on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Completion {
    /// So many letters before the cursor give way.
    pub(super) taken: usize,
    /// To this.
    pub(super) text: Vec<u8>,
    /// What it may become, where it may become several things.
    pub(super) choices: Vec<Vec<u8>>,
}

/// Tells how what stands before the cursor may go on.
pub(super) type Completes<'a> = &'a dyn Fn(&[u8]) -> Option<Completion>;

/// Where a word is completed.
pub(super) struct Place<'a> {
    /// The shell's directory.
    pub(super) directory: &'a [u8],
    /// Where programs are looked for.
    pub(super) path: &'a [u8],
    /// Home.
    pub(super) home: Option<&'a [u8]>,
    /// Whether a directory may be listed.
    pub(super) may_list: &'a dyn Fn(&[u8]) -> bool,
}

/// The last word of what stands before the cursor.
#[derive(Debug, PartialEq, Eq)]
struct Word<'a> {
    /// As it is written.
    raw: &'a [u8],
    /// Without quotes and backslashes.
    text: Vec<u8>,
    /// The quote it stands in.
    quote: Option<u8>,
    /// A command begins with it.
    is_command: bool,
}

/// What ends a word.
const BREAKS: &[u8] = b" \t\n;|&()<>";
/// What stands for more than itself outside of quotes.
const SPECIAL: &[u8] = b" \t\n;|&()<>'\"\\$`!*?[]{}#~=%^";
/// More are no choices.
const MOST: usize = 2000;

/// How `before` may go on; `None` where nothing is known.
pub(super) fn complete(before: &[u8], place: &Place<'_>) -> Option<Completion> {
    let word = last_word(before);
    let slash = word.text.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let (folder, begun) = word.text.split_at(slash);
    let mut found = match word.is_command && folder.is_empty() {
        true => programs(begun, place),
        false => files(folder, begun, &word, place)?,
    };
    found.arrange();
    found.dedup();
    let first = found.first()?;
    let same = |known: usize, other: &Vec<u8>| known.min(first.iter().zip(other).take_while(|(a, b)| a == b).count());
    let common = found.iter().fold(first.len(), same);
    let mut name = first.get(..common).unwrap_or_default().to_vec();
    while std::str::from_utf8(&name).is_err_and(|error| error.error_len().is_none()) {
        name.pop();
    }
    let mut text = Vec::new();
    // A home that was written as `~` stays so.
    let (tilde, rest) = match word.quote {
        None if word.text.starts_with(b"~/") && word.raw.starts_with(b"~/") => folder.split_at(2),
        _ => folder.split_at(0),
    };
    text.extend(tilde);
    text.extend(written(rest, word.quote));
    text.extend(written(&name, word.quote));
    let (one, is_folder) = (found.len() == 1, name.ends_with(b"/"));
    if one && !is_folder {
        text.extend(word.quote);
        text.push(b' ');
    }
    let raw = match word.quote {
        Some(_) => word.raw.get(1..).unwrap_or_default(),
        None => word.raw,
    };
    let choices = if one { Vec::new() } else { found };
    Some(Completion { taken: letters(raw).len(), text, choices })
}

fn last_word(before: &[u8]) -> Word<'_> {
    let (mut start, mut quote, mut opened) = (0, None, 0);
    let mut text = Vec::new();
    let mut bytes = before.iter().copied().enumerate();
    // What stands before a word: nothing or a sign behind which a command begins.
    let mut behind_sign = true;
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (None, b'\\') | (Some(b'"'), b'\\') => text.extend(bytes.next().map(|(_, byte)| byte)),
            (None, b'\'' | b'"') => (quote, opened) = (Some(byte), at),
            (Some(open), byte) if open == byte => quote = None,
            (None, byte) if BREAKS.contains(&byte) => {
                if b";|&(\n".contains(&byte) {
                    behind_sign = true;
                } else if at > start || b"<>".contains(&byte) {
                    behind_sign = false;
                }
                start = at + 1;
                text.clear();
            }
            (_, byte) => text.push(byte),
        }
    }
    // Of a word that is quoted only from its middle on the quote cannot be put back.
    let quote = quote.filter(|_| opened == start);
    Word { raw: before.get(start..).unwrap_or_default(), text, quote, is_command: behind_sign }
}

/// A name as it is written in that quote, or in none.
fn written(name: &[u8], quote: Option<u8>) -> Vec<u8> {
    let mut written = Vec::with_capacity(name.len());
    for byte in name {
        match quote {
            Some(b'\'') if *byte == b'\'' => written.extend(b"'\\'"),
            Some(b'"') if b"\"\\$`!".contains(byte) => written.push(b'\\'),
            None if SPECIAL.contains(byte) => written.push(b'\\'),
            Some(_) | None => {}
        }
        written.push(*byte);
    }
    written
}

fn programs(begun: &[u8], place: &Place<'_>) -> Vec<Vec<u8>> {
    if begun.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for folder in place.path.split(|byte| *byte == b':').filter(|folder| folder.starts_with(b"/")) {
        if !(place.may_list)(folder) {
            continue;
        }
        for entry in std::fs::read_dir(file::path(folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_program = || {
                std::fs::metadata(entry.path())
                    .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
            };
            if name.as_bytes().starts_with(begun) && found.len() < MOST && is_program() {
                found.push(name.as_bytes().to_vec());
            }
        }
    }
    found
}

fn files(folder: &[u8], begun: &[u8], word: &Word<'_>, place: &Place<'_>) -> Option<Vec<Vec<u8>>> {
    let whole = match folder.strip_prefix(b"~/") {
        Some(rest) if word.quote.is_none() && word.raw.starts_with(b"~/") => join(place.home?, rest),
        _ => join(place.directory, folder),
    };
    if !(place.may_list)(&whole) {
        return None;
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(file::path(&whole)).ok()?.flatten() {
        let name = entry.file_name();
        let name = name.as_bytes();
        let hidden = name.starts_with(b".") && !begun.starts_with(b".");
        if !name.starts_with(begun) || hidden || found.len() == MOST {
            continue;
        }
        let mut name = name.to_vec();
        if std::fs::metadata(entry.path()).is_ok_and(|meta| meta.is_dir()) {
            name.push(b'/');
        }
        found.push(name);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_what_the_shell_would_read() {
        for (before, text, quote, is_command) in [
            ("", "", None, true),
            ("ca", "ca", None, true),
            ("cat RE", "RE", None, false),
            ("cat a\\ b", "a b", None, false),
            ("cat 'a b", "a b", Some(b'\''), false),
            ("cat \"a b", "a b", Some(b'"'), false),
            ("cat 'a b' c", "c", None, false),
            ("make && ca", "ca", None, true),
            ("x=$(gi", "gi", None, true),
            ("cat <in", "in", None, false),
            ("  l", "l", None, true),
            ("ls  a", "a", None, false),
        ] {
            let word = last_word(before.as_bytes());
            let got = (word.text.as_slice(), word.quote, word.is_command);
            assert_eq!(got, (text.as_bytes(), quote, is_command), "{before:?}");
        }
    }

    #[test]
    fn names_go_on_as_the_shell_reads_them() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let at = scratch.path();
        std::fs::create_dir_all(at.join("sub dir")).expect("a directory");
        std::fs::create_dir_all(at.join("closed")).expect("a directory");
        for name in ["README.md", "sub dir/it's", "sub dir/own", "Makefile", "Main.java", ".hidden", "a$b"] {
            std::fs::write(at.join(name), "").expect("a file");
        }
        std::fs::write(at.join("closed/key"), "").expect("a file");
        let here = at.as_os_str().as_bytes();
        let may_list = |folder: &[u8]| !folder.windows(6).any(|part| part == b"closed");
        let place = Place { directory: here, path: b"/nowhere", home: Some(here), may_list: &may_list };
        let goes_on = |before: &str| {
            let Completion { taken, text, choices } = complete(before.as_bytes(), &place)?;
            let kept: String = before.chars().take(before.chars().count() - taken).collect();
            Some((kept + std::str::from_utf8(&text).expect("text"), choices.len()))
        };
        for (before, after, choices) in [
            ("cat R", "cat README.md ", 0),
            ("cat s", "cat sub\\ dir/", 0),
            ("cat sub\\ dir/i", "cat sub\\ dir/it\\'s ", 0),
            ("cat 'sub dir/i", "cat 'sub dir/it'\\''s' ", 0),
            ("cat \"sub dir/o", "cat \"sub dir/own\" ", 0),
            ("cat ~/sub", "cat ~/sub\\ dir/", 0),
            ("cat M", "cat Ma", 2),
            ("cat .h", "cat .hidden ", 0),
            ("cat a", "cat a\\$b ", 0),
            ("cat cl", "cat closed/", 0),
        ] {
            assert_eq!(goes_on(before), Some((after.to_owned(), choices)), "{before:?}");
        }
        assert_eq!((goes_on("cat closed/k"), goes_on("cat none"), goes_on("no-such-progr")), (None, None, None));
    }
}
