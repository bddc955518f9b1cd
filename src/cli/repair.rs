//! What a login shell still serves while the policy does not load and every line is refused, so that nobody is locked out: the
//! verbs that look, and the one that mends. They run in this process; no other program is started for them but a human's editor.

use std::io::{BufRead, Write};
use std::os::unix::fs::PermissionsExt;

use crate::house::House;
use crate::invocation::{Form, Invocation};
use crate::sys::descriptor::{Standing, on_standard_input};

/// The words of each.
const VERBS: [&str; 4] = ["doctor", "policy check", "policy edit", "audit verify"];

/// What of a call can be served.
pub enum Asked {
    /// One verb: `ssh host vetsh policy check`.
    Verb(&'static str),
    /// Whatever is typed at the terminal, until the shell that was asked for can begin.
    Typed(Box<Invocation>),
}

/// What of a call could be served if the policy did not load.
#[must_use]
pub fn asked(invocation: &Invocation) -> Option<Asked> {
    match invocation.form {
        Form::Command { .. } => verb(&invocation.line.received).map(Asked::Verb),
        Form::Stdin { .. } if on_standard_input() == Standing::Terminal => {
            Some(Asked::Typed(Box::new(invocation.clone())))
        }
        Form::Stdin { .. } | Form::File { .. } | Form::Tool | Form::Report => None,
    }
}

fn verb(text: &[u8]) -> Option<&'static str> {
    // Asked of every line: most are longer than any of them.
    let text = Some(text).filter(|text| text.len() < 64)?;
    let words: Vec<&str> = std::str::from_utf8(text).ok()?.split_ascii_whitespace().collect();
    let line = words.join(" ");
    let line = line.strip_prefix("vetsh ").unwrap_or(&line);
    VERBS.into_iter().find(|verb| *verb == line)
}

/// Whether it is the policy that refuses.
#[must_use]
pub fn is_needed() -> bool {
    match House::enter(None) {
        Ok((house, None)) => house.policies().is_err_and(|failure| failure.rule.starts_with("policy.")),
        Ok((_, Some(failure))) => failure.rule == OPEN,
        Err(_) => false,
    }
}

/// The policy's directory may be written by others.
const OPEN: &str = "house.mode";

/// Takes from others the right to write the policy's directory, if whoever sits there wants that. It only tightens: what they wrote
/// loosens nothing unless it was trusted.
fn close() {
    let Ok((house, Some(failure))) = House::enter(None) else { return };
    if failure.rule != OPEN {
        return;
    }
    eprint!("vetsh: take that right from others ({})? [y/N] ", failure.instead);
    let mut answer = String::new();
    if std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "y" {
        let closed = std::fs::metadata(&house.config).and_then(|meta| {
            let mode = meta.permissions().mode() & !0o022;
            std::fs::set_permissions(&house.config, std::fs::Permissions::from_mode(mode))
        });
        if let Err(error) = closed {
            eprintln!("vetsh: {error}");
        }
    }
}

/// Serves it.
///
/// # Errors
/// The policy loads again, and this is the shell that was asked for.
pub fn serve(asked: Asked) -> Result<u8, Box<Invocation>> {
    match asked {
        Asked::Verb(verb) => Ok(run(verb)),
        Asked::Typed(invocation) => typed().ok_or(invocation),
    }
}

fn run(verb: &str) -> u8 {
    let words = std::iter::once("vetsh").chain(verb.split(' '));
    super::main(words.map(|word| word.as_bytes().to_vec()).collect())
}

/// `None`: the policy loads again.
fn typed() -> Option<u8> {
    let verbs = VERBS.join(", ");
    close();
    if !is_needed() {
        return None;
    }
    eprintln!("vetsh: until it loads there is no shell, but: {verbs}, exit");
    loop {
        eprint!("vetsh> ");
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => return Some(125),
            Ok(_) if ["exit", "logout"].contains(&line.trim()) => return Some(125),
            Ok(_) if line.trim().is_empty() => {}
            Ok(_) => match verb(line.as_bytes()) {
                Some(verb) => {
                    run(verb);
                    if !is_needed() {
                        return None;
                    }
                }
                None => eprintln!("vetsh: only {verbs} and exit can be served"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::verb;

    #[test]
    fn only_the_verbs_themselves() {
        for line in ["doctor", "vetsh doctor", " vetsh  policy\tedit\n", "audit verify"] {
            assert!(verb(line.as_bytes()).is_some(), "{line}");
        }
        for line in ["", "vetsh", "policy", "doctor; id", "doctor&", "vetsh vetsh doctor", "policy edit x", "$(doctor)"]
        {
            assert!(verb(line.as_bytes()).is_none(), "{line}");
        }
    }
}
