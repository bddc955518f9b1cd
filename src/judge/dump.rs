//! What prints the environment: all of it, a variable that holds a secret, or names that lead to one.

use super::effect::is_secret_variable;
use crate::action::{Action, ActionKind, Value};
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
    let bare = action.operands.is_empty() && words.len() <= 1;
    let all = |yes: bool| if yes { vec![Printed::All] } else { Vec::new() };
    match program {
        b"env" => all(bare && words.iter().all(|word| word.prefix().starts_with(b"-")) && action.assigns.is_empty()),
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
