//! What prints the environment: all of it, a variable that holds a secret, or names that lead to one.

use std::collections::BTreeSet;

use super::effect::is_secret_variable;
use crate::action::{Action, ActionKind, Actions, Channel, Flow, Value};
use crate::text::Span;

/// What of the environment an action prints by its words.
#[derive(Debug, PartialEq, Eq)]
pub enum Printed {
    /// All of it.
    All,
    /// A variable that holds a secret, or one that is not known; where its name stands.
    Secret(Span),
}

/// Names of variables that often hold secrets: whoever lists names that begin as these do goes through them.
const USUAL: &[&str] = &[
    "API_KEY",
    "ANTHROPIC_API_KEY",
    "AUTH_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_CLIENT_SECRET",
    "CARGO_REGISTRY_TOKEN",
    "CLOUDFLARE_API_TOKEN",
    "DATABASE_URL",
    "DB_PASSWORD",
    "DOCKER_PASSWORD",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "GOOGLE_API_KEY",
    "HF_TOKEN",
    "JWT_SECRET",
    "NPM_TOKEN",
    "OPENAI_API_KEY",
    "PASSWORD",
    "PGPASSWORD",
    "SECRET_KEY",
    "SENTRY_AUTH_TOKEN",
    "SLACK_TOKEN",
    "STRIPE_SECRET_KEY",
    "TOKEN",
    "TWINE_PASSWORD",
    "VAULT_TOKEN",
];

/// Every way an action's words make it print of the environment.
#[must_use]
pub fn printed(action: &Action) -> Vec<Printed> {
    let Some(program) = action.program.as_deref() else { return Vec::new() };
    let words = action.argv.get(1..).unwrap_or_default();
    let helps = words.iter().any(|word| matches!(word.text(), Some(b"--help" | b"--version")));
    let bare = action.operands.is_empty() && !helps;
    let all = |yes: bool| if yes { vec![Printed::All] } else { Vec::new() };
    match program {
        // With nothing to run it prints what it would run it with.
        b"env" => {
            let split = action.options.iter().any(|(name, _)| name == "-S");
            all(!helps && !split && action.operands.iter().all(|word| word.prefix().contains(&b'=')))
        }
        b"printenv" if bare => vec![Printed::All],
        b"printenv" => {
            action.operands.iter().filter(|word| word.text().is_none_or(is_secret_variable)).map(secret).collect()
        }
        b"set" => all(words.is_empty()),
        b"export" | b"declare" | b"typeset" | b"readonly" if action.kind == ActionKind::Builtin => declared(words),
        b"compgen" => all(words.iter().any(lists_variables)
            || words.windows(2).any(|pair| {
                matches!(pair, [option, kind] if option.prefix().ends_with(b"A")
                && kind.text().is_none_or(|kind| matches!(kind, b"variable" | b"export")))
            })),
        b"kubectl" | b"oc" if matches!(action.sub.first().map(String::as_str), Some("get" | "describe")) => {
            let kind = action.operands.first().map(Value::prefix).unwrap_or_default();
            let secrets =
                kind.split(|byte| matches!(byte, b'/' | b',')).any(|kind| matches!(kind, b"secret" | b"secrets"));
            if secrets { action.operands.first().into_iter().map(secret).collect() } else { Vec::new() }
        }
        b"ps" => all(shows_environment(words)),
        // Its data base holds every variable it was started with.
        b"make" => all(action.options.iter().any(|(name, _)| name == "--print-data-base")),
        b"envsubst" => words.iter().filter(|word| names_secret(&word.display())).map(secret).collect(),
        _ => Vec::new(),
    }
}

fn secret(word: &Value) -> Printed {
    Printed::Secret(word.span)
}

/// `declare -p`, `export`: everything, or the variables named.
fn declared(words: &[Value]) -> Vec<Printed> {
    let is_option = |word: &Value| word.prefix().starts_with(b"-") || word.prefix().starts_with(b"+");
    let options = || words.iter().filter(|word| is_option(word));
    let has = |letters: &[u8]| options().any(|word| word.prefix().iter().any(|letter| letters.contains(letter)));
    let names: Vec<&Value> = words.iter().filter(|word| !is_option(word)).collect();
    if names.is_empty() {
        // Functions, arrays, numbers and references are lists of their own.
        return if has(b"fFaAin") { Vec::new() } else { vec![Printed::All] };
    }
    if !has(b"p") {
        return Vec::new();
    }
    names.into_iter().filter(|word| word.text().is_some_and(is_secret_variable)).map(secret).collect()
}

/// `compgen -v`, `-e`.
fn lists_variables(word: &Value) -> bool {
    match word.text() {
        Some([b'-', letters @ ..]) => {
            letters.iter().any(|letter| matches!(letter, b'v' | b'e')) && !letters.starts_with(b"-")
        }
        Some(b"variable" | b"export") => false,
        _ => false,
    }
}

/// `ps eww`, `ps auxe`: the letter `e` among BSD's, which have no dash; `-E` of other systems; the column `environ`.
fn shows_environment(words: &[Value]) -> bool {
    let mut value = false;
    for word in words {
        let text = word.prefix();
        if std::mem::take(&mut value) {
            if text.windows(7).any(|window| window == b"environ") {
                return true;
            }
            continue;
        }
        let (dashed, letters) = match text {
            [b'-', b'-', ..] => continue,
            [b'-', letters @ ..] => (true, letters),
            letters => (false, letters),
        };
        if letters.is_empty() || !letters.iter().all(u8::is_ascii_alphabetic) {
            continue;
        }
        if letters.contains(&if dashed { b'E' } else { b'e' }) {
            return true;
        }
        let taking: &[u8] = if dashed { b"oOCGgpqstuU" } else { b"oOkpqtU" };
        value = letters.last().is_some_and(|last| taking.contains(last));
    }
    false
}

/// Whether of what the action prints only names, a count, or the lines of harmless variables come through the pipe.
#[must_use]
pub fn narrowed(actions: &Actions, at: usize) -> bool {
    let rules = actions.list.get(at).is_some_and(|action| action.program.as_deref() == Some(b"make"));
    let mut at = at;
    for _ in 0..FILTERS {
        // What is written to a file is not filtered.
        let elsewhere = actions.list.get(at + 1).is_some_and(|next| {
            next.kind == ActionKind::Redirect && next.argv.first().is_none_or(|file| file.text() != Some(b"/dev/null"))
        });
        let from = |at: usize| actions.flows.iter().filter(move |flow| flow.from as usize == at);
        let Some(next) = from(at).map(|flow| flow.to as usize).min().filter(|next| *next > at && !elsewhere) else {
            return false;
        };
        // Whoever else reads it reads what the first one lets through.
        let onward: BTreeSet<u32> = from(next).map(|flow| flow.to).collect();
        let through = |flow: &Flow| flow.to as usize == next || onward.contains(&flow.to);
        if !from(at).all(|flow| flow.channel == Channel::Stdin && through(flow)) {
            return false;
        }
        let Some(reader) = actions.list.get(next) else { return false };
        let words = reader.argv.get(1..).unwrap_or_default();
        match reader.program.as_deref() {
            Some(b"grep" | b"rg" | b"awk" | b"sed") if rules => return words.iter().all(picks_rules),
            Some(b"grep" | b"rg") => return picks(words),
            Some(b"wc") => return true,
            Some(b"cut") => return names_only(words),
            Some(b"sort" | b"uniq" | b"head" | b"tail")
                if words.iter().all(|word| word.prefix().starts_with(b"-") && !word.prefix().contains(&b'o')) =>
            {
                at = next;
            }
            _ => return false,
        }
    }
    false
}

/// More filters one behind the other are not looked through: each look is linear in what flows.
const FILTERS: usize = 8;

/// `cut -d= -f1`: what stands before the first `=`.
fn names_only(words: &[Value]) -> bool {
    let text: Vec<u8> = words.iter().flat_map(Value::display).collect();
    matches!(text.as_slice(), b"-d=-f1" | b"-f1-d=")
}

/// Whether a search prints nothing but a count, or the lines of variables whose names say that they hold no secret.
fn picks(words: &[Value]) -> bool {
    let mut patterns = Vec::new();
    let mut counts = false;
    let mut value = false;
    for word in words {
        let Some(text) = word.text() else { return false };
        match text {
            _ if std::mem::take(&mut value) => patterns.push(text),
            [b'-', letters @ ..]
                if !letters.is_empty() && letters.iter().all(|letter| b"iEFGwxocqeSNIhns".contains(letter)) =>
            {
                counts |= letters.iter().any(|letter| matches!(letter, b'c' | b'q'));
                value = letters.ends_with(b"e");
                if !value && letters.contains(&b'e') {
                    return false;
                }
            }
            [b'-', ..] => return false,
            _ => patterns.push(text),
        }
    }
    let alternatives = |pattern: &[u8]| -> bool {
        let plain: Vec<u8> = pattern.iter().copied().filter(|byte| !b"()\\".contains(byte)).collect();
        plain.split(|byte| *byte == b'|').all(|one| is_harmless(one, pattern.starts_with(b"^")))
    };
    // Without `-e` a second word is a file.
    let named = |word: &Value| word.prefix().starts_with(b"-") && word.prefix().ends_with(b"e");
    let files = patterns.len() > 1 && !words.iter().any(named);
    !files && !patterns.is_empty() && (counts || patterns.iter().all(|pattern| alternatives(pattern)))
}

/// Whether a word of a search through make's data base is an option, or a pattern of the rules in it: a name up to a colon at the
/// beginning of a line. Variables stand there as `NAME = value`.
fn picks_rules(word: &Value) -> bool {
    let Some(text) = word.text() else { return false };
    let upper = text.to_ascii_uppercase();
    let reveals = |part: &&str| upper.windows(part.len()).any(|window| window == part.as_bytes());
    if text.starts_with(b"-") || text.len() < 2 {
        return true;
    }
    let start = [&b"s/^"[..], b"/^", b"^"].iter().find_map(|mark| text.strip_prefix(*mark));
    let Some(rest) = start.filter(|_| !REVEALING.iter().any(reveals)) else { return false };
    let mut set: Option<usize> = None;
    for (at, byte) in rest.iter().enumerate() {
        match (set, byte) {
            (None, b'[') => set = Some(at),
            (Some(from), b']') if at > from + 1 => {
                let inside = rest.get(from + 1..at).unwrap_or_default();
                if inside.starts_with(b"^") && !inside.contains(&b'=') {
                    return false;
                }
                set = None;
            }
            (Some(_), _) => {}
            (None, b':') => return true,
            (None, b'.' | b'=' | b'|') => return false,
            (None, _) => {}
        }
    }
    false
}

/// Whether a pattern finds no variable that usually holds a secret, nor how secrets begin or stand in addresses.
fn is_harmless(pattern: &[u8], anchored: bool) -> bool {
    let name = pattern.strip_prefix(b"^").unwrap_or(pattern);
    let whole = (anchored || name.len() < pattern.len()) && name.ends_with(b"=");
    let name = [&b"=.*"[..], b"=", b".*", b"*"].iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name);
    let family = anchored && name.len() == 3 && name.ends_with(b"_");
    let name = name.strip_suffix(b"_").unwrap_or(name).to_ascii_uppercase();
    let within = |whole: &str| whole.as_bytes().windows(name.len().max(1)).any(|window| window == name);
    let tells = |part: &str| name.windows(part.len()).any(|window| window == part.as_bytes());
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && (name.len() > 2 || family || whole && !name.is_empty())
        && !is_secret_variable(&name)
        && !USUAL.iter().any(|usual| within(usual))
        && !REVEALING.iter().any(|part| tells(part) || within(part))
}

/// Parts of names of secrets, beginnings of secrets, and schemes of addresses that hold one.
const REVEALING: &[&str] = &[
    "KEY", "TOKEN", "SECRET", "PASS", "CRED", "AUTH", "PRIV", "GHP", "GHO", "GHS", "SK_", "XOX", "AKIA", "ASIA",
    "GLPAT", "EYJ", "HTTP", "POSTGRES", "MYSQL", "REDIS", "MONGO", "AMQP", "DSN", "DATABASE", "CONN",
];

/// `$NAME`, `${NAME}` of a secret in text that a program expands.
fn names_secret(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'$').skip(1).any(|rest| {
        let rest = rest.strip_prefix(b"{").unwrap_or(rest);
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        is_secret_variable(rest.get(..length).unwrap_or_default())
    })
}

/// Whether names that begin so are the names of secrets.
#[must_use]
pub fn begins_secret(prefix: &str) -> bool {
    USUAL.iter().any(|name| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_e_of_bsd_shows_the_environment() {
        for (line, want) in [
            ("eww", true),
            ("auxe", true),
            ("axe", true),
            ("-o pid,cmd e", true),
            ("-p 1 -o environ", true),
            ("-E", true),
            ("aux", false),
            ("-ef", false),
            ("-e", false),
            ("-eo pid,cmd", false),
            ("-efww", false),
            ("axo pid,etime", false),
            ("-o etime", false),
            ("aux --sort=-rss", false),
        ] {
            let words: Vec<Value> = line.split(' ').map(Value::known).collect();
            assert_eq!(shows_environment(&words), want, "ps {line}");
        }
    }
}
