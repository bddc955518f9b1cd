//! Which declared option a word names: exact names, unambiguous prefixes, `--no-x`, attached values, clusters.

use super::reader::Levels;
use crate::action::EffectKind;
use crate::action::tool::{OptionSpec, Role, Syntax, Takes};

/// A declared option, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which command of the path declares it.
    pub level: usize,
    /// Which of its options.
    pub index: usize,
}

/// What a name was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This option.
    Option(Place),
    /// `--no-x` of this option.
    Negated(Place),
    /// Several begin like it.
    Ambiguous,
    /// None.
    No,
}

/// The option at a place.
pub(super) fn at(levels: &Levels, place: Place) -> Option<&OptionSpec> {
    levels.get(place.level)?.options.get(place.index)
}

/// The levels whose options are accepted now: the deepest, and those above that are declared persistent.
fn open(levels: &Levels) -> impl Iterator<Item = usize> + '_ {
    let deepest = levels.len().saturating_sub(1);
    (0..levels.len()).rev().filter(move |level| {
        *level == deepest || levels.get(*level).is_some_and(|tool| tool.syntax.has(Syntax::PERSISTENT))
    })
}

/// The option of exactly this name.
pub(super) fn exact(levels: &Levels, name: &[u8]) -> Option<Place> {
    for level in open(levels) {
        let options = levels.get(level).map(|tool| tool.options.as_slice()).unwrap_or_default();
        let index = options.iter().position(|option| option.names.iter().any(|known| known.as_bytes() == name));
        if let Some(index) = index {
            return Some(Place { level, index });
        }
    }
    None
}

/// The `key=` option a word names.
pub(super) fn key(levels: &Levels, word: &[u8]) -> Option<(Place, usize)> {
    let equals = word.iter().position(|byte| *byte == b'=')?;
    if word.starts_with(b"-") {
        return None;
    }
    exact(levels, word.get(..=equals)?).map(|place| (place, equals + 1))
}

/// The option a long name (with its dashes, without `=value`) means under `syntax`.
pub(super) fn long(levels: &Levels, name: &[u8], syntax: Syntax) -> Found {
    if let Some(place) = exact(levels, name) {
        return Found::Option(place);
    }
    if syntax.has(Syntax::SINGLE_DASH_LONG) {
        if let Some(place) = name.strip_prefix(b"-").and_then(|single| exact(levels, single)) {
            return Found::Option(place);
        }
    }
    let bare = name.strip_prefix(b"--").unwrap_or_default();
    if syntax.has(Syntax::NO_PREFIX) {
        let positive = bare.strip_prefix(b"no-").and_then(|rest| exact(levels, &[b"--", rest].concat()));
        let other = exact(levels, &[b"--no-", bare].concat());
        if let Some(place) = positive.or(other) {
            return Found::Negated(place);
        }
    }
    if !syntax.has(Syntax::ABBREV) || bare.is_empty() {
        return Found::No;
    }
    let mut found = Found::No;
    for level in open(levels) {
        let options = levels.get(level).map(|tool| tool.options.as_slice()).unwrap_or_default();
        for (index, option) in options.iter().enumerate() {
            for known in option.names.iter().filter_map(|known| known.strip_prefix("--")) {
                let place = Place { level, index };
                let next = if known.as_bytes().starts_with(bare) {
                    Found::Option(place)
                } else if syntax.has(Syntax::NO_PREFIX)
                    && bare.strip_prefix(b"no-").is_some_and(|rest| known.as_bytes().starts_with(rest))
                {
                    Found::Negated(place)
                } else {
                    continue;
                };
                match found {
                    Found::No => found = next,
                    same if same == next => {}
                    _ => return Found::Ambiguous,
                }
            }
        }
    }
    found
}

/// For tools with one-dash long options: the longest declared value-taking name that the word begins with (`-Dfoo=bar`,
/// `-Xmx2g`), and where its value starts.
pub(super) fn attached(levels: &Levels, word: &[u8], syntax: Syntax) -> Option<(Place, usize)> {
    let mut best: Option<(Place, usize)> = None;
    for level in open(levels) {
        let options = levels.get(level).map(|tool| tool.options.as_slice()).unwrap_or_default();
        for (index, option) in options.iter().enumerate().filter(|(_, option)| option.value != Takes::Nothing) {
            for known in &option.names {
                // A name takes its value attached only where it is declared so, or is a letter of a tool that bundles:
                // `-vettool` is no `-vet` of go, `-report` no `-r` of ffmpeg, `-Idir` is one of gcc.
                let letter = known.len() == 2 && (syntax.has(Syntax::CLUSTER) || known.starts_with('+'));
                if option.value != Takes::Attached && !letter {
                    continue;
                }
                if word.starts_with(known.as_bytes()) && best.is_none_or(|(_, length)| known.len() > length) {
                    best = Some((Place { level, index }, known.len()));
                }
            }
        }
    }
    best
}

/// Whether giving this option changes nothing that matters.
pub(super) fn harmless(option: &OptionSpec) -> bool {
    option.flags.0 == 0
        && option.effects.is_empty()
        && option.role.as_ref().is_none_or(prose)
        && option.at_role.as_ref().is_none_or(prose)
}

/// Whether giving this option makes the program execute something, even where it then only shows its help. A script
/// named by an option is given the `--help` itself.
pub(super) fn runs(option: &OptionSpec) -> bool {
    use Role::{Code, CodeDir, Command, Module, OptionsFile, Payload, PayloadStdin, PayloadUntil, Settings, Words};
    let role = option.role.as_ref().is_some_and(|role| {
        matches!(
            role,
            Code(_)
                | CodeDir
                | Command
                | Module(_)
                | OptionsFile
                | Payload
                | PayloadStdin
                | PayloadUntil(_)
                | Settings(_)
                | Words
        )
    });
    role || option.effects.contains(&EffectKind::Executes)
}

/// Whether no option that is accepted now matters.
pub(super) fn all_harmless(levels: &Levels) -> bool {
    open(levels).all(|level| levels.get(level).is_some_and(|tool| tool.options.iter().all(harmless)))
}

/// A role that never has an effect.
pub(super) fn prose(role: &Role) -> bool {
    matches!(role, Role::Text | Role::Word | Role::Name | Role::Number | Role::Choice)
}
