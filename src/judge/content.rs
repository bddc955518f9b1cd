//! Classes of content in what an action says: characters that look like others, text that hides, prose that instructs, secrets.

use unicode_security::{GeneralSecurityProfile, confusable_detection::skeleton};

use crate::action::{Action, Object};

const BIDI: &[char] = &[
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    '\u{200e}', '\u{200f}',
];

const PHRASES: &[&str] = &[
    "ignore previous instructions",
    "ignore all previous",
    "disregard previous",
    "you are now",
    "system prompt",
    "do not tell the user",
    "without asking the user",
    "new instructions:",
];

const SECRET_STARTS: &[&str] = &[
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk-ant-",
    "sk_live_",
    "rk_live_",
    "npm_",
    "pypi-",
    "-----BEGIN",
    "AIza",
    "hf_",
    "dop_v1_",
    "shpat_",
    "eyJhbGciOi",
];

/// Whether the action's words have the class (`look-alike`, `bidi`, `injection`, `secret`).
#[must_use]
pub fn has(class: &str, action: &Action) -> bool {
    action.argv.iter().any(|value| {
        let shown = value.display();
        let Ok(text) = std::str::from_utf8(&shown) else { return class == "look-alike" };
        match class {
            "look-alike" => look_alike(text),
            "bidi" => text.contains(BIDI),
            "injection" => {
                let lower = text.to_lowercase();
                PHRASES.iter().any(|phrase| lower.contains(phrase))
            }
            "secret" => text
                .split(|c: char| c.is_whitespace() || "'\"=:,".contains(c))
                .any(|word| word.len() >= 16 && SECRET_STARTS.iter().any(|start| word.starts_with(start))),
            _ => false,
        }
    })
}

fn look_alike(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|c| !c.is_ascii() && (c.is_alphabetic() || !c.identifier_allowed()))
        && skeleton(text).collect::<String>().is_ascii()
}

/// Non-ASCII where a name decides (command word, host): what it says and what it looks like.
#[must_use]
pub fn disguised(action: &Action) -> Option<String> {
    let word = action.argv.first().map(crate::action::Value::display).filter(|text| !text.is_ascii());
    let word = if action.kind == crate::action::ActionKind::Run {
        word.filter(|text| text.as_slice() != "…".as_bytes())
    } else {
        None
    };
    let host = action.effects.iter().find_map(|effect| match &effect.object {
        Object::Host(host) => host
            .text()
            .filter(|text| !text.is_ascii() || text.windows(4).any(|window| window == b"xn--"))
            .map(<[u8]>::to_vec),
        _ => None,
    });
    let found = word.or(host)?;
    let text = String::from_utf8_lossy(&found);
    if text.replace('…', "").is_ascii() && !text.contains("xn--") {
        return None;
    }
    let points: Vec<String> = text.chars().filter(|c| !c.is_ascii()).map(|c| format!("U+{:04X}", c as u32)).collect();
    let like: String = skeleton(&text).collect();
    Some(format!("`{}` ({}) looks like `{}`", text.escape_debug(), points.join(" "), like.escape_debug()))
}
