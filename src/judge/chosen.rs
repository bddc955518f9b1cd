//! Paths that a producer of the line chose: where it was asked for a secret file by name, a secret file is what is read.

use super::pattern::atoms;
use super::sensitive;
use super::when::path_of;
use crate::action::{Action, Actions, Bound, Effect, EffectKind, Part, Value};

/// Whether the effect reads what an earlier action of the line chose, and that was asked for a secret's name.
pub(super) fn reads_secret(actions: &Actions, effect: &Effect) -> bool {
    effect.kind == EffectKind::Reads
        && path_of(&effect.object).is_some_and(|path| {
            let chosen = |part: &Part| matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Below { .. }));
            path.parts.iter().any(chosen)
                && path.taint.iter().any(|id| actions.list.get(*id as usize).is_some_and(asks_for_secret))
        })
}

/// Whether a program that lists or filters names was given one of a secret file.
fn asks_for_secret(action: &Action) -> bool {
    let given = |name: &str| action.options.iter().any(|(option, _)| option == name);
    match action.program.as_deref() {
        // What they look for in files is no name; what they look in may be.
        Some(b"rg" | b"grep" | b"git") if given("--files-with-matches") => action
            .options
            .iter()
            .filter(|(option, _)| matches!(option.as_str(), "--glob" | "--iglob" | "--include"))
            .filter_map(|(_, value)| value.as_ref()?.text())
            .any(is_secret),
        Some(b"rg" | b"grep") if given("--invert-match") => false,
        // The names of refs are no files' names.
        Some(b"git") if action.sub.first().is_some_and(|sub| REFS.contains(&sub.as_str())) => false,
        Some(b"find" | b"fd" | b"fdfind" | b"ls" | b"git" | b"rg" | b"grep") => words(action).any(is_secret),
        Some(b"sed" | b"awk") => words(action).any(|code| code.split(|byte| *byte == b'/').any(is_secret)),
        _ => false,
    }
}

/// Subcommands of git that list refs.
const REFS: &[&str] = &["tag", "branch", "for-each-ref", "remote", "show-ref", "ls-remote"];

/// The words that say what is wanted, not what is left out.
fn words(action: &Action) -> impl Iterator<Item = &[u8]> {
    let negation = |word: Option<&Value>| matches!(word.and_then(Value::text), Some(b"!" | b"-not"));
    let before = move |at: usize, back: usize| at.checked_sub(back).and_then(|at| action.argv.get(at));
    action.argv.iter().enumerate().skip(1).filter_map(move |(at, word)| {
        let left_out = negation(before(at, 1)) || negation(before(at, 2));
        word.text().filter(|text| !left_out && !text.starts_with(b"-") && !text.starts_with(b"!"))
    })
}

/// Whether the last component of a path, glob or regular expression singles out secret files.
fn is_secret(text: &[u8]) -> bool {
    let name = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = name.strip_prefix(b"^").unwrap_or(name);
    let name = name.strip_suffix(b"$").unwrap_or(name);
    let plain: Vec<u8> = name.iter().copied().filter(|byte| *byte != b'\\').collect();
    !plain.is_empty() && sensitive::can_be(&[atoms(&plain)]).secret
}
