//! What ssh-keygen asks its human while it signs for us: its words on the terminal, the answer back to it. It calls us with its words
//! alone (`SSH_ASKPASS`), because its standard input is what it signs.

use std::time::{Duration, Instant};

use super::answer::{Answer, Outcome, Problem, print};
use crate::sys::process;
use crate::sys::terminal::{Key, Terminal};
use crate::text::escape;

/// Longer is no passphrase.
const LONGEST: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether this is all that we were called with, and it is a question of ssh-keygen's.
pub fn is_asked(words: &[Vec<u8>]) -> bool {
    let [_, question] = words else { return false };
    // The words first: they cost nothing, and whoever asks is looked up in /proc.
    [&b"Enter passphrase"[..], b"Bad passphrase", b"Enter PIN", b"Confirm user presence"]
        .iter()
        .any(|start| question.starts_with(start))
        && process::executable(std::os::unix::process::parent_id())
            .is_some_and(|program| program.ends_with(b"/ssh-keygen"))
}

/// Puts the question, and prints what is typed, which is not shown.
pub fn ask(question: &[u8]) -> Outcome {
    let gone = |error: std::io::Error| Problem(format!("the terminal cannot be used: {error}"));
    let terminal = Terminal::hold().map_err(gone)?;
    terminal.write(&escape(question)).map_err(gone)?;
    if question.starts_with(b"Confirm") {
        terminal.write("\r\n").map_err(gone)?;
        return Ok(Answer::No);
    }
    let mut typed = Vec::new();
    let answer = loop {
        match terminal.key(Instant::now() + PATIENCE).map_err(gone)? {
            Key::Byte(b'\n' | b'\r') => break Answer::Yes,
            Key::Byte(8 | 0x7f) => drop(typed.pop()),
            Key::Byte(byte) if byte >= 0x20 && typed.len() < LONGEST => typed.push(byte),
            Key::Byte(_) | Key::Silence | Key::Signal | Key::Gone => break Answer::No,
        }
    };
    terminal.write("\r\n").map_err(gone)?;
    drop(terminal);
    if matches!(answer, Answer::Yes) {
        print(&String::from_utf8_lossy(&typed));
    }
    Ok(answer)
}
