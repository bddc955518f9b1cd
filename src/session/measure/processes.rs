//! Processes of our user that a signal reaches, by name and number.

use std::os::unix::fs::MetadataExt;
use std::time::Instant;

use crate::action::{Amount, Count, Measured, Reached, Sure};
use crate::sys::process::{self, Stat};
use crate::sys::user;

/// Whether a process is meant.
type Fits = Box<dyn Fn(&Stat) -> bool>;

/// So many are named.
const MOST_NAMED: usize = 8;
/// The kernel keeps so much of a name.
const NAME: usize = 15;

pub(super) fn measure(reached: &Reached, end: Instant) -> Measured {
    let fits: Fits = match reached {
        Reached::Number(number) => {
            let number = *number;
            Box::new(move |stat| stat.pid == number)
        }
        Reached::Group(group) => {
            let group = *group;
            Box::new(move |stat| stat.group == group)
        }
        Reached::All => Box::new(|stat| stat.pid > 1),
        Reached::Named { name, pattern, exact, full, .. } => match named(name, *pattern, *exact, *full) {
            Some(fits) => fits,
            None => return Measured::unknown("a pattern that is not read"),
        },
    };
    let numbers = match reached {
        Reached::Number(number) => vec![*number],
        _ => process::numbers(),
    };
    let narrowed = matches!(reached, Reached::Named { narrowed: true, .. });
    let mut sure = if narrowed { Sure::AtMost } else { Sure::Exactly };
    let mut found = Vec::new();
    for number in numbers {
        if Instant::now() >= end {
            if narrowed {
                return Measured::unknown("there are more processes than could be looked at");
            }
            sure = Sure::AtLeast;
            break;
        }
        if number != process::own() && is_ours(number) {
            found.extend(process::stat(number).filter(|stat| fits(stat)));
        }
    }
    let mut told: Vec<Vec<u8>> =
        found.iter().take(MOST_NAMED).map(|stat| [&stat.name, format!(" {}", stat.pid).as_bytes()].concat()).collect();
    if found.len() > MOST_NAMED {
        told.push(b"and more".to_vec());
    }
    Measured {
        amounts: vec![Amount { count: Count::Processes, number: found.len() as u64, sure }],
        told,
        unknown: None,
    }
}

/// Whom a signal of ours reaches.
fn is_ours(number: u32) -> bool {
    user::own() == 0 || std::fs::metadata(format!("/proc/{number}")).is_ok_and(|meta| meta.uid() == user::own())
}

fn named(name: &[u8], pattern: bool, exact: bool, full: bool) -> Option<Fits> {
    let short = |name: &[u8]| name.get(..NAME).unwrap_or(name).to_vec();
    if !pattern {
        let name = short(name);
        return Some(Box::new(move |stat| short(&stat.name) == name));
    }
    let pattern = Plain::read(name, exact)?;
    Some(Box::new(move |stat| {
        if full {
            process::arguments(stat.pid).is_some_and(|words| pattern.fits(&words.join(&b' ')))
        } else {
            pattern.fits(&stat.name)
        }
    }))
}

/// A pattern as most are: letters, where `.` is any, that may begin or end the text. Whole regular expressions would be a
/// tenth of the binary for a number that is only shown.
struct Plain {
    letters: Vec<u8>,
    begins: bool,
    ends: bool,
}

impl Plain {
    fn read(pattern: &[u8], exact: bool) -> Option<Plain> {
        let (begins, rest) = pattern.strip_prefix(b"^").map_or((exact, pattern), |rest| (true, rest));
        let (ends, rest) = rest.strip_suffix(b"$").map_or((exact, rest), |rest| (true, rest));
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/ :=@,%".contains(byte);
        rest.iter().all(plain).then(|| Plain { letters: rest.to_vec(), begins, ends })
    }

    fn fits(&self, text: &[u8]) -> bool {
        let length = self.letters.len();
        let Some(last) = text.len().checked_sub(length) else { return false };
        let here = |at: usize| {
            let part = text.get(at..at + length).unwrap_or_default();
            self.letters.iter().zip(part).all(|(letter, byte)| letter == byte || *letter == b'.')
        };
        (0..=last).any(|at| (!self.begins || at == 0) && (!self.ends || at == last) && here(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_fit_as_pgrep_has_it() {
        let cases: &[(&str, bool, &str, Option<bool>)] = &[
            ("node", false, "my-node-x", Some(true)),
            ("node", true, "my-node", Some(false)),
            ("^my", false, "my-node", Some(true)),
            ("^no", false, "my-node", Some(false)),
            ("de$", false, "my-node", Some(true)),
            ("n.de", false, "node", Some(true)),
            ("longer", false, "node", Some(false)),
            ("a|b", false, "a", None),
            ("x*", false, "x", None),
        ];
        for (pattern, exact, text, fits) in cases {
            let read = Plain::read(pattern.as_bytes(), *exact).map(|pattern| pattern.fits(text.as_bytes()));
            assert_eq!(read, *fits, "{pattern} {text}");
        }
    }
}
