//! Signals that reach vetsh itself: by name, by the parent's number, or by what another program of the line found.

use crate::action::{Action, Effect, Object, Value};

/// Our own name among the processes.
const OWN: &[u8] = b"vetsh";

/// Whether a signal certainly goes to vetsh or to whoever started it. `sources`: the actions whose output is in its words.
pub(super) fn reaches_guard<'a>(action: &Action, effect: &Effect, sources: impl Fn() -> Vec<&'a Action>) -> bool {
    if let Object::Process(process) = &effect.object
        && process.variables().any(|name| name == "PPID")
    {
        // Behind a finder it is the finder's own.
        return !action.via.iter().any(|name| matches!(name.as_slice(), b"find" | b"fd" | b"xargs"));
    }
    by_name(action) || sources().into_iter().any(finds)
}

/// `pkill`, `killall` and their like: by a pattern that our name fits.
fn by_name(action: &Action) -> bool {
    let given = |names: &[&str]| action.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    match action.called.as_deref().or(action.program.as_deref()) {
        Some(b"killall5") => true,
        Some(b"killall") => action
            .operands
            .iter()
            .filter_map(Value::text)
            .any(|name| if given(&["--regexp", "-r"]) { fits(name, false) } else { name == OWN }),
        Some(b"pkill" | b"skill" | b"fkill") => {
            let everyone = action.operands.is_empty() && given(&["--euid", "--uid", "-u", "-U"]);
            everyone || action.operands.iter().filter_map(Value::text).any(|name| fits(name, given(&["--exact", "-x"])))
        }
        _ => false,
    }
}

/// Whether what the action prints can be our number, or our parent's.
fn finds(action: &Action) -> bool {
    let program = action.program.as_deref().unwrap_or_default();
    let words = || action.argv.iter().skip(1);
    match program {
        b"pgrep" | b"pidof" => {
            words().filter_map(Value::text).any(|word| !word.starts_with(b"-") && fits(word, program == b"pidof"))
        }
        _ => words().any(|word| {
            // `ps -o ppid= -p $$`: of one process, not of whichever.
            let own_parent = words().any(|word| matches!(word.text(), Some(b"-p" | b"--pid" | b"-q")))
                || words().any(Value::has_hole)
                || program != b"ps";
            let text: Vec<u8> =
                word.display().into_iter().filter(|byte| !matches!(byte, b'[' | b']' | b'\\')).collect();
            let holds = |name: &[u8]| text.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name));
            holds(OWN)
                || holds(b"ppid") && own_parent
                || text.starts_with(b"/proc/") && (text.ends_with(b"/stat") || text.ends_with(b"/status"))
        }),
    }
}

/// Whether an extended regular expression fits our name: anywhere in it, or (`whole`) all of it.
fn fits(pattern: &[u8], whole: bool) -> bool {
    let pattern: Vec<u8> = pattern.iter().copied().filter(|byte| !matches!(byte, b'(' | b')' | b'\\')).collect();
    pattern.split(|byte| *byte == b'|').any(|pattern| {
        let (begins, pattern) = pattern.strip_prefix(b"^").map_or((whole, pattern), |rest| (true, rest));
        let (ends, pattern) = pattern.strip_suffix(b"$").map_or((whole, pattern), |rest| (true, rest));
        let starts = if begins { 0..=0 } else { 0..=OWN.len() };
        !pattern.is_empty() && starts.into_iter().any(|at| here(pattern, OWN.get(at..).unwrap_or_default(), ends))
    })
}

/// Whether the pattern fits at the start of the text.
fn here(pattern: &[u8], text: &[u8], ends: bool) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return !ends || text.is_empty() };
    // One unit: a letter, any letter, or a set of them.
    let (unit, rest): (&[u8], &[u8]) = match first {
        b'[' => match rest.iter().skip(1).position(|byte| *byte == b']') {
            Some(end) => (rest.get(..=end).unwrap_or_default(), rest.get(end + 2..).unwrap_or_default()),
            None => return false,
        },
        _ => (pattern.get(..1).unwrap_or_default(), rest),
    };
    let set = *first == b'[';
    let one = |byte: &u8| match unit {
        [b'.'] if !set => true,
        [b'^', others @ ..] if set => !in_set(others, *byte),
        unit if set => in_set(unit, *byte),
        unit => unit == [*byte],
    };
    let (least, most, rest) = match rest.split_first() {
        Some((b'*', rest)) => (0, OWN.len(), rest),
        Some((b'+', rest)) => (1, OWN.len(), rest),
        Some((b'?', rest)) => (0, 1, rest),
        _ => (1, 1, rest),
    };
    let fitting = text.iter().take(most).take_while(|byte| one(byte)).count();
    (least..=fitting).any(|taken| here(rest, text.get(taken..).unwrap_or_default(), ends))
}

/// Whether a byte is in a set of letters and ranges.
fn in_set(set: &[u8], byte: u8) -> bool {
    let mut rest = set;
    loop {
        rest = match rest {
            [] => return false,
            [low, b'-', high, ..] if (*low..=*high).contains(&byte) => return true,
            [_, b'-', _, tail @ ..] => tail,
            [one, ..] if *one == byte => return true,
            [_, tail @ ..] => tail,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_fit_our_name_are_found() {
        for (pattern, whole, want) in [
            ("vetsh", false, true),
            ("vets", false, true),
            ("v.tsh", false, true),
            ("vet.*", false, true),
            ("^vetsh$", false, true),
            ("[v]etsh", false, true),
            ("[a-z]*sh", false, true),
            ("node|vetsh", false, true),
            ("(vetsh)", false, true),
            ("vets", true, false),
            ("node", false, false),
            ("npm run dev", false, false),
            ("^etsh", false, false),
            ("ssh", false, false),
            ("vite", false, false),
            ("[^v]etsh", false, false),
            ("vetshx?", true, true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), whole), want, "{pattern}");
        }
    }
}
