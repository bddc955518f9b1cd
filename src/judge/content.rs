//! Classes of content in what an action says: characters that look like others, text that hides, prose that instructs, secrets.

use unicode_security::GeneralSecurityProfile;

use crate::action::{Action, ActionKind, Object, Part};
use crate::text::look_alike::read_as;
use crate::text::personal::is_personal;
use crate::text::secret::within;

const BIDI: &[char] = &[
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    '\u{200e}', '\u{200f}',
];

const PHRASES: &[&str] = &[
    "ignore previous instructions",
    "ignore all previous",
    "ignore the above",
    "ignore your instructions",
    "disregard previous",
    "disregard all previous",
    "forget your instructions",
    "you are now",
    "reveal your system prompt",
    "do not tell the user",
    "without asking the user",
    "without telling the user",
    "new instructions:",
    "important instructions for the assistant",
];

/// Classes that a rule's `content` may name, and a warning is given for.
const WARNED: &[(&str, &str)] = &[
    ("injection", "words that read like orders to an agent"),
    ("secret", "a key or a token, written out"),
    ("personal", "a number of a person or an account"),
];

/// Whether the action's words have the class (`look-alike`, `bidi`, `zero-width`, `control`, `injection`, `secret`, `personal`).
#[must_use]
pub fn has(class: &str, action: &Action) -> bool {
    words(action).any(|text| {
        let Ok(text) = std::str::from_utf8(text) else { return class == "look-alike" };
        match class {
            "look-alike" => look_alike(text),
            "bidi" => text.contains(BIDI),
            "zero-width" => text.contains(is_zero_width),
            // What moves a terminal's cursor or colours its text; tabs and line ends do not deceive.
            "control" => text.bytes().any(|byte| matches!(byte, 0x1b | b'\r' | 8 | 0x7f)),
            "injection" => instructs(text),
            "secret" => secret(text).is_some(),
            "personal" => within(text.as_bytes()).is_some_and(is_personal),
            _ => false,
        }
    })
}

/// The texts of an action that are known, word by word: what it is called with, and what it is given to read.
fn words(action: &Action) -> impl Iterator<Item = &[u8]> {
    action.argv.iter().flat_map(|value| &value.parts).filter_map(|part| match part {
        Part::Known(text) => Some(text.as_slice()),
        Part::Glob(_) | Part::Hole(_) => None,
    })
}

/// What a human should know of the action's words before anything else: the rule that says it, and what it says. They never
/// change the tier, since prose is data.
pub fn warnings(action: &Action) -> impl Iterator<Item = (&'static str, &'static str)> {
    let long = words(action).any(|text| text.len() >= 9);
    let classes = if long { WARNED } else { &[] };
    classes.iter().filter(|(class, _)| has(class, action)).map(|(class, what)| {
        let rule = match *class {
            "injection" => "core.content-injection",
            "personal" => "core.content-personal",
            _ => "core.content-secret",
        };
        (rule, *what)
    })
}

/// The kind of the key or token that is written out in a word of the action.
#[must_use]
pub fn written_out(action: &Action) -> Option<&'static str> {
    words(action)
        .find_map(|text| std::str::from_utf8(text).ok().and_then(|text| secret(text).or_else(|| encoded(text))))
}

/// The kind of the key that stands in `text` in base64. What is shorter than the shortest key is not looked at.
fn encoded(text: &str) -> Option<&'static str> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let other = |byte: char| !byte.is_ascii_alphanumeric() && byte != '+' && byte != '/';
    text.split(other).filter(|run| run.len() >= 24).find_map(|run| {
        // A last group that is not whole says nothing where it is no end of its own.
        let whole = run.get(..run.len() / 4 * 4)?;
        let plain = STANDARD_NO_PAD.decode(run).or_else(|_| STANDARD_NO_PAD.decode(whole)).ok()?;
        within(&plain).filter(|kind| !is_personal(kind))
    })
}

fn secret(text: &str) -> Option<&'static str> {
    within(text.as_bytes()).filter(|kind| !is_personal(kind))
}

fn instructs(text: &str) -> bool {
    let phrase = |start: usize| {
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        PHRASES
            .iter()
            .any(|phrase| rest.get(..phrase.len()).is_some_and(|head| head.eq_ignore_ascii_case(phrase.as_bytes())))
    };
    text.contains(' ') && (0..text.len()).any(phrase)
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{e0000}'..='\u{e007f}')
}

fn look_alike(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|c| !c.is_ascii() && (c.is_alphabetic() || !c.identifier_allowed()))
        && read_as(text).is_ascii()
}

/// Non-ASCII where a name decides (command word, host): what it says and what it looks like.
#[must_use]
pub fn disguised(action: &Action) -> Option<String> {
    let word = action.argv.first().map(crate::action::Value::display).filter(|text| !text.is_ascii());
    let word =
        if action.kind == ActionKind::Run { word.filter(|text| text.as_slice() != "…".as_bytes()) } else { None };
    let host = action.effects.iter().find_map(|effect| match &effect.object {
        Object::Host(host) => host
            .text()
            .filter(|text| !text.is_ascii() || text.windows(4).any(|window| window == b"xn--"))
            .map(<[u8]>::to_vec),
        _ => None,
    });
    let found = word.or(host).or_else(|| hidden(action))?;
    let text = String::from_utf8_lossy(&found);
    if text.replace('…', "").is_ascii() && !text.contains("xn--") {
        return None;
    }
    let points: Vec<String> = text.chars().filter(|c| !c.is_ascii()).map(|c| format!("U+{:04X}", c as u32)).collect();
    let like = read_as(&text);
    Some(format!("`{}` ({}) looks like `{}`", text.escape_debug(), points.join(" "), like.escape_debug()))
}

/// Programs whose operands are text or code: what they print, look for or run is read elsewhere, if at all.
const PROSE: &[&str] = &[
    "[", "[[", "ack", "ag", "awk", "bash", "bun", "dash", "deno", "echo", "eval", "fish", "gawk", "grep", "jq",
    "logger", "mawk", "node", "perl", "php", "printf", "python", "python3", "rg", "ruby", "sed", "sh", "test", "tr",
    "trap", "yq", "zsh",
];

/// A name that is not what it looks like: letters of another script in it, or characters that hide or turn text.
fn hidden(action: &Action) -> Option<Vec<u8>> {
    if matches!(action.kind, ActionKind::Assign | ActionKind::Define) {
        return None;
    }
    let objects = action.effects.iter().filter_map(|effect| match &effect.object {
        Object::Path { path: value, .. }
        | Object::Ref(value)
        | Object::Process(value)
        | Object::Named(value)
        | Object::Remote { name: value, .. }
        | Object::Package { name: value, .. } => Some(value),
        Object::None | Object::Host(_) | Object::Variable(_) | Object::Code { .. } => None,
    });
    let prose = action.program.as_deref().is_none_or(|name| PROSE.iter().any(|own| own.as_bytes() == name));
    let operands = if prose { &[] } else { action.operands.as_slice() };
    let deceives = |text: &&[u8]| {
        !text.is_ascii() && std::str::from_utf8(text).is_ok_and(|text| text.split(['/', ' ', '\n']).any(deceives))
    };
    objects
        .chain(operands)
        .flat_map(|value| &value.parts)
        .filter_map(|part| match part {
            Part::Known(text) => Some(text.as_slice()),
            Part::Glob(_) | Part::Hole(_) => None,
        })
        .find(deceives)
        .map(<[u8]>::to_vec)
}

/// Whether one name deceives.
fn deceives(name: &str) -> bool {
    if name.is_ascii() {
        return false;
    }
    let foreign = name.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
    if foreign && read_as(name).is_ascii() {
        return true;
    }
    let mut before = None;
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let beside_ascii = [before, rest.peek().copied()].into_iter().flatten().any(|c: char| c.is_ascii());
        let hides = match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            // Flags of regions are spelled with them behind a black flag.
            '\u{e0000}'..='\u{e007f}' => !name.contains('\u{1f3f4}'),
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{115f}' | '\u{3164}' => true,
            // They join letters of some scripts and emoji; beside ASCII they only hide.
            '\u{200c}'..='\u{200f}' => beside_ascii,
            _ => false,
        };
        if hides {
            return true;
        }
        before = Some(c);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_deceive_are_told_from_names_of_other_languages() {
        for name in ["\u{430}bc.txt", "a\u{200b}b", "a\u{202e}txt.exe", "x\u{e0041}", "\u{ff52}\u{ff4d}", "a\u{200d}b"]
        {
            assert!(deceives(name), "{}", name.escape_debug());
        }
        for name in [
            "R\u{e9}sum\u{e9}.md",
            "\u{65e5}\u{672c}.md",
            "\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442}.txt",
            "README\u{306e}.md",
            "\u{1f468}\u{200d}\u{1f469}.png",
            "\u{2192}",
            "don\u{2019}t",
        ] {
            assert!(!deceives(name), "{}", name.escape_debug());
        }
    }
}
