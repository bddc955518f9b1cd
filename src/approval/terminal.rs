//! Asking on the terminal. Only where a human was proven to sit there; no answer, and any other answer than yes, is no.

use std::time::{Duration, Instant};

use super::rendering;
use super::request::{self, Request};
use crate::judge::Judged;
use crate::sys::random;
use crate::sys::terminal::{self, Key, Terminal};

/// What the human said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Yes.
    Yes,
    /// No, and how.
    No(&'static str),
}

/// A terminal that says less shows no question, and none is shown wider: what says how wide it is can have been told wrong (`stty cols`),
/// and a row that the terminal itself breaks goes on where rows of ours begin.
const NARROWEST: usize = 32;
const WIDEST: usize = 80;

/// More is no answer to a question of one word.
const LONGEST_ANSWER: usize = 32;

/// Asks whether what was judged may run. An error is no: then nobody was reached.
pub fn ask(judged: &Judged, request: &Request, agent: &str, wait: Duration) -> std::io::Result<Said> {
    let rows = |columns| rendering::rows(request, judged.invocation(), judged.weighed(), agent, columns);
    let typed = request::typed(judged.weighed()) || terminal::can_be_typed_into();
    put(&rows, "Run it, this once?", typed, wait)
}

/// Shows rows, made for the terminal's width, and puts a question under them. `typed`: yes is a fresh code that stands there.
pub fn put(rows: &dyn Fn(usize) -> Vec<String>, question: &str, typed: bool, wait: Duration) -> std::io::Result<Said> {
    let terminal = Terminal::hold()?;
    let columns = terminal.columns();
    if columns < NARROWEST {
        return Err(std::io::Error::other(format!("it is {columns} columns wide, and could not be read")));
    }
    let mut text = String::from("\r\n");
    for row in rows(columns.min(WIDEST)) {
        text.push_str(&row);
        text.push_str("\r\n");
    }
    terminal.write(&text)?;
    let deadline = Instant::now() + wait;
    let said = if typed { typed_code(&terminal, question, deadline)? } else { plainly(&terminal, question, deadline)? };
    let told = match said {
        Said::Yes => "yes",
        Said::No(how) => how,
    };
    // The answer counts even if the terminal went away right after it.
    let _ = terminal.write(&format!("\r\n  vetsh: {told}\r\n"));
    Ok(said)
}

fn plainly(terminal: &Terminal, question: &str, deadline: Instant) -> std::io::Result<Said> {
    // Keys from before the question was there to be read are no answer to it.
    terminal.forget_typed()?;
    terminal.write(&format!("{question} [y/N] "))?;
    Ok(match listen(terminal, deadline, None)? {
        Heard::Said(said) => said,
        Heard::Pasted => Said::No(PASTED),
    })
}

/// Asks for a fresh code, key by key. One that came all at once was perhaps read by no human: another is asked for.
pub fn typed_code(terminal: &Terminal, question: &str, deadline: Instant) -> std::io::Result<Said> {
    let mut hint = "";
    for _ in 0..TRIES {
        let code = fresh_code()?;
        terminal.forget_typed()?;
        terminal.write(&format!("{hint}{question} Type {code} for yes; anything else is no [y/N] "))?;
        match listen(terminal, deadline, Some(&code))? {
            Heard::Said(said) => return Ok(said),
            Heard::Pasted => hint = "\r\n  key by key, please; the code is another one now\r\n",
        }
    }
    Ok(Said::No(PASTED))
}

/// How often a code is asked for anew.
const TRIES: usize = 3;
/// How it is no where keys came faster than a hand types them.
pub const PASTED: &str = "no: it was pasted, not typed";
/// Keys of a hand come one by one; what comes closer together was pasted, or pushed by a program.
const APART: Duration = Duration::from_millis(10);

enum Heard {
    Said(Said),
    Pasted,
}

fn listen(terminal: &Terminal, deadline: Instant, code: Option<&str>) -> std::io::Result<Heard> {
    let mut typed = String::new();
    let mut last: Option<Instant> = None;
    let mut crowded = false;
    loop {
        let key = terminal.key(deadline)?;
        let now = Instant::now();
        crowded |= last.replace(now).is_some_and(|last| now.duration_since(last) < APART);
        let said = match key {
            Key::Byte(b'\n' | b'\r') => match understood(&typed, code) {
                Said::Yes if crowded && code.is_some() => return Ok(Heard::Pasted),
                Said::No(_) if crowded && code.is_some() => Said::No(PASTED),
                said => said,
            },
            Key::Byte(8 | 0x7f) => {
                if typed.pop().is_some() {
                    terminal.write("\u{8} \u{8}")?;
                }
                continue;
            }
            Key::Byte(3) | Key::Signal => Said::No("no: interrupted"),
            Key::Byte(byte @ 0x20..=0x7e) if typed.len() < LONGEST_ANSWER => {
                typed.push(char::from(byte));
                terminal.write(char::from(byte).encode_utf8(&mut [0; 4]))?;
                continue;
            }
            Key::Byte(_) => Said::No("a human said no"),
            Key::Silence => Said::No("no: nobody answered in time"),
            Key::Gone => Said::No("no: the terminal went away"),
        };
        return Ok(Heard::Said(said));
    }
}

/// Yes is `y` or `yes`, or the code where one is asked for.
fn understood(typed: &str, code: Option<&str>) -> Said {
    let typed = typed.trim();
    match code {
        Some(code) if typed == code => Said::Yes,
        Some(_) if typed.eq_ignore_ascii_case("y") || typed.eq_ignore_ascii_case("yes") => {
            Said::No("no: the code was not typed")
        }
        None if typed.eq_ignore_ascii_case("y") || typed.eq_ignore_ascii_case("yes") => Said::Yes,
        Some(_) | None => Said::No("a human said no"),
    }
}

/// Four digits, each as likely as any other.
fn fresh_code() -> std::io::Result<String> {
    let mut bytes = [0_u8; 8];
    random::fill(&mut bytes)?;
    Ok(format!("{:04}", u64::from_le_bytes(bytes) % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y", "Y", "yes", " YES "] {
            assert_eq!(understood(yes, None), Said::Yes);
            assert_ne!(understood(yes, Some("0417")), Said::Yes);
        }
        for no in ["", "n", "no", "yy", "yes please", "ja", "0417", "у"] {
            assert_ne!(understood(no, None), Said::Yes, "{no}");
        }
        assert_eq!(understood("0417", Some("0417")), Said::Yes);
        assert_ne!(understood("417", Some("0417")), Said::Yes);
    }

    #[test]
    fn codes_are_four_digits_and_differ() {
        let codes: std::collections::HashSet<String> = (0..50).filter_map(|_| fresh_code().ok()).collect();
        assert!(codes.len() > 30);
        assert!(codes.iter().all(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())));
    }
}
