//! Commits that lose their name: counted by root's own git, with plumbing that reads refs and commits and runs nothing of the
//! repository's configuration.

use std::time::Instant;

use crate::action::{Amount, Count, Lost, Measured};
use crate::session::machine::{Machine, join};
use crate::sys::{file, tool};

/// What keeps git to reading: no hook, no monitor, no pager, no lock, no network.
const PLAIN: [&[u8]; 8] = [
    b"--no-optional-locks",
    b"--no-pager",
    b"--no-replace-objects",
    b"--literal-pathspecs",
    b"-c",
    b"core.fsmonitor=false",
    b"-c",
    b"core.hooksPath=/dev/null",
];

/// A reflog that is larger is not read.
const LARGEST: usize = 1 << 20;

pub(super) fn measure(directory: &[u8], lost: &Lost, end: Instant) -> Measured {
    let Some((_, git)) = Machine::repository(&join(directory, b".")) else {
        return Measured::unknown("no repository is there");
    };
    let words: Vec<Vec<u8>> = match lost {
        Lost::Stash => {
            let log = file::read_small(&join(&common(&git), b"logs/refs/stash"), LARGEST);
            let number = log.map_or(0, |log| log.iter().filter(|byte| **byte == b'\n').count() as u64);
            return Measured::of(vec![Amount::exactly(Count::Commits, number)]);
        }
        Lost::Between { from, to } if is_revision(from) && is_revision(to) => {
            vec![from.clone(), [b"^", to.as_slice()].concat()]
        }
        Lost::Only(name) if is_revision(name) => {
            vec![name.clone(), b"--not".to_vec(), [b"--exclude=", name.as_slice()].concat(), b"--all".to_vec()]
        }
        Lost::Between { .. } | Lost::Only(_) => return Measured::unknown("which commits is known only when it runs"),
    };
    let mut all: Vec<&[u8]> = vec![b"-C", directory];
    all.extend(PLAIN);
    all.extend([b"rev-list".as_slice(), b"--count"]);
    all.extend(words.iter().map(Vec::as_slice));
    all.push(b"--");
    match tool::ask(tool::Asked::Git, &all, end) {
        Err(_) => Measured::unknown("there is no git to ask"),
        Ok(None) => Measured::unknown("git does not know one of them, or took too long"),
        Ok(Some(text)) => {
            let number = std::str::from_utf8(text.trim_ascii()).ok().and_then(|text| text.parse().ok());
            number.map_or_else(
                || Measured::unknown("git gave no number"),
                |number| Measured::of(vec![Amount::exactly(Count::Commits, number)]),
            )
        }
    }
}

/// One revision, which is no option, no range and no search.
fn is_revision(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/_.-~^@{}#+=,%".contains(byte);
    !text.is_empty()
        && !text.starts_with(b"-")
        && !text.starts_with(b"^")
        && text.iter().all(plain)
        && !text.windows(2).any(|two| two == b"..")
}

/// The git directory that a worktree shares with others.
fn common(git: &[u8]) -> Vec<u8> {
    let Ok(text) = file::read_small(&join(git, b"commondir"), 4096) else { return git.to_vec() };
    let text = text.trim_ascii();
    if text.starts_with(b"/") { text.to_vec() } else { join(git, text) }
}
