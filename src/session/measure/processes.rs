//! Processes of our user that a signal reaches, by name and number.

use std::os::unix::fs::MetadataExt;
use std::time::Instant;

use regex::bytes::RegexBuilder;

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
    let text = std::str::from_utf8(name).ok()?;
    let text = if exact { format!("^(?:{text})$") } else { text.to_owned() };
    let pattern = RegexBuilder::new(&text).unicode(false).size_limit(1 << 18).build().ok()?;
    Some(Box::new(move |stat| {
        if full {
            process::arguments(stat.pid).is_some_and(|words| pattern.is_match(&words.join(&b' ')))
        } else {
            pattern.is_match(&stat.name)
        }
    }))
}
