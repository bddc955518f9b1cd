//! Finds secrets in bytes by hand-written scanning (no regex: this runs on the way of every command) and puts typed
//! placeholders in their place. Linear: every place is looked at once, and what is found is skipped.

use std::ops::Range;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::names::{HEADERS, NAMES};
use super::text::{Redacted, Unredacted};
use crate::text::hexadecimal;
use crate::text::secret::{self, run};

/// Where a secret stands, and its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its bytes.
    pub range: Range<usize>,
    /// `github-token`, `password` …
    pub kind: &'static str,
}

/// Redacts with one key; the key is fetched only when there is something to redact.
pub struct Redactor<'key> {
    key: &'key dyn Fn() -> std::io::Result<[u8; 32]>,
}

impl<'key> Redactor<'key> {
    /// A redactor that gets its key from `key`.
    #[must_use]
    pub fn new(key: &'key dyn Fn() -> std::io::Result<[u8; 32]>) -> Self {
        Redactor { key }
    }

    /// `text` with its secrets replaced.
    pub fn text(&self, text: &Unredacted) -> std::io::Result<Redacted> {
        self.replace(text.bytes(), &secrets(text.bytes()))
    }

    /// `text`, and the digest of what it was: plain where nothing was hidden, else keyed, so that a short password cannot be
    /// found by trying.
    pub fn with_digest(&self, text: &Unredacted) -> std::io::Result<(Redacted, String)> {
        let found = secrets(text.bytes());
        let digest = if found.is_empty() {
            format!("sha256:{}", hexadecimal(&Sha256::digest(text.bytes())))
        } else {
            format!("hmac-sha256:{}", hexadecimal(&self.keyed(text.bytes())?))
        };
        Ok((self.replace(text.bytes(), &found)?, digest))
    }

    /// The words of an argv. A secret may be a word of its own after the option that announces it.
    pub fn words(&self, words: &[Option<Unredacted>]) -> std::io::Result<Vec<Option<Redacted>>> {
        let program = words.first().and_then(Option::as_ref).map_or(&b""[..], |word| basename(word.bytes()));
        let mut announced = None;
        let mut out = Vec::with_capacity(words.len());
        for word in words {
            let Some(word) = word else {
                out.push(None);
                announced = None;
                continue;
            };
            let bytes = word.bytes();
            let whole = announced.take().filter(|_| is_value(bytes));
            let found = match whole {
                Some("user-password") => colon(bytes, 0..bytes.len()).into_iter().collect(),
                Some(kind) => vec![Secret { range: 0..bytes.len(), kind }],
                None => match attached(program, bytes) {
                    Some(secret) => vec![secret],
                    None => secrets(bytes),
                },
            };
            announced = announces(program, bytes);
            out.push(Some(self.replace(bytes, &found)?));
        }
        Ok(out)
    }

    /// The value of the variable `name`: the name alone may say that it is a secret.
    pub fn value_of(&self, name: &[u8], value: &Unredacted) -> std::io::Result<Redacted> {
        let bytes = value.bytes();
        match secret_name(name) {
            Some(kind) if plausible(kind, bytes) => self.replace(bytes, &[Secret { range: 0..bytes.len(), kind }]),
            _ => self.text(value),
        }
    }

    fn keyed(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let key = (self.key)()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(std::io::Error::other)?;
        mac.update(bytes);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn replace(&self, bytes: &[u8], found: &[Secret]) -> std::io::Result<Redacted> {
        if found.is_empty() {
            return Ok(Redacted { bytes: bytes.to_vec(), whole: None });
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for secret in found {
            out.extend_from_slice(bytes.get(at..secret.range.start).unwrap_or_default());
            let mac = hexadecimal(&self.keyed(bytes.get(secret.range.clone()).unwrap_or_default())?);
            let short = mac.get(..8).unwrap_or(&mac);
            out.extend_from_slice(format!("[redacted:{}:{short}]", secret.kind).as_bytes());
            at = secret.range.end;
        }
        out.extend_from_slice(bytes.get(at..).unwrap_or_default());
        Ok(Redacted { bytes: out, whole: None })
    }
}

/// Every secret of `text`, in order, not overlapping.
#[must_use]
pub fn secrets(text: &[u8]) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut program: &[u8] = b"";
    let mut command = true;
    while let Some(byte) = text.get(at).copied() {
        let boundary =
            at == 0 || text.get(at - 1).is_some_and(|before| !before.is_ascii_alphanumeric() && *before != b'_');
        let rest = text.get(at..).unwrap_or_default();
        if matches!(byte, b';' | b'|' | b'&' | b'\n' | b'(' | b'`') {
            command = true;
        } else if word_starts(text, at) {
            let word = word(text, at);
            let bytes = text.get(word.clone()).unwrap_or_default();
            if command
                && !bytes.contains(&b'=')
                && !matches!(basename(bytes), b"sudo" | b"env" | b"exec" | b"time" | b"nohup")
            {
                program = basename(bytes);
                command = false;
            }
            if let Some(secret) = option(text, program, word) {
                at = secret.range.end.max(at + 1);
                found.push(secret);
                continue;
            }
        }
        let secret = match byte {
            b'-' if rest.starts_with(b"-----BEGIN ") => shaped(text, at),
            b':' if rest.starts_with(b"://") => url(text, at + 3),
            b'=' | b':' => assignment(text, at),
            b'A'..=b'Z' | b'a'..=b'z' if boundary => shaped(text, at).or_else(|| header(text, at)),
            b'0'..=b'9' if boundary => shaped(text, at),
            _ => None,
        };
        match secret {
            Some(secret) if secret.range.end > at && !secret.range.is_empty() => {
                at = secret.range.end;
                found.push(secret);
            }
            _ => at += 1,
        }
    }
    found
}

fn basename(word: &[u8]) -> &[u8] {
    word.rsplit(|byte| *byte == b'/').next().unwrap_or(word)
}

fn shaped(text: &[u8], at: usize) -> Option<Secret> {
    secret::begins(text, at).map(|(range, kind)| Secret { range, kind })
}

/// `scheme://user:SECRET@host`, `https://LONGTOKEN@host`, and hooks whose path is the secret.
fn url(text: &[u8], from: usize) -> Option<Secret> {
    let rest = text.get(from..)?;
    for hook in [&b"hooks.slack.com/services/"[..], b"discord.com/api/webhooks/", b"discordapp.com/api/webhooks/"] {
        if rest.starts_with(hook) {
            let start = from + hook.len();
            let end = run(text, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-'));
            return (end - start >= 20).then_some(Secret { range: start..end, kind: "webhook" });
        }
    }
    let end = run(text, from, |byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>')
    });
    let at = from + text.get(from..end)?.iter().rposition(|byte| *byte == b'@')?;
    let user = text.get(from..at)?;
    match user.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let start = from + colon + 1;
            is_value(text.get(start..at)?).then_some(Secret { range: start..at, kind: "url-password" })
        }
        None => (user.len() >= 20 && user.iter().any(u8::is_ascii_digit) && !user.contains(&b'.') && is_value(user))
            .then_some(Secret { range: from..at, kind: "url-token" }),
    }
}

/// `Bearer …`, `Basic …`, and headers whose value is secret.
fn header(text: &[u8], at: usize) -> Option<Secret> {
    let rest = text.get(at..)?;
    let starts = |word: &[u8]| rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let token = |byte: u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\');
    let value = |from: usize, least: usize, kind| {
        let start = run(text, from, |byte| byte == b' ');
        let end = run(text, start, token);
        let body = text.get(start..end)?;
        (body.len() >= least && is_value(body)).then_some(Secret { range: start..end, kind })
    };
    if starts(b"bearer ") {
        let secret = value(at + 7, 16, "bearer-token")?;
        return text.get(secret.range.clone())?.iter().any(u8::is_ascii_digit).then_some(secret);
    }
    if starts(b"basic ") {
        use base64::Engine;
        let secret = value(at + 6, 4, "basic-auth")?;
        let plain = base64::engine::general_purpose::STANDARD.decode(text.get(secret.range.clone())?).ok()?;
        return plain.contains(&b':').then_some(secret);
    }
    let name = HEADERS.iter().find(|name| starts(name))?;
    let mut from = at + name.len();
    if name.ends_with(b"authorization:") {
        let scheme = run(text, from, |byte| byte == b' ');
        let after = run(text, scheme, |byte| byte.is_ascii_alphabetic());
        if text.get(after) == Some(&b' ') && after > scheme {
            from = after;
        }
    }
    if name.ends_with(b"cookie:") {
        let start = run(text, from, |byte| byte == b' ');
        let end = run(text, start, |byte| !matches!(byte, b'"' | b'\'' | b'\n' | b'\r'));
        let body = text.get(start..end)?;
        return (body.contains(&b'=') && is_value(body)).then_some(Secret { range: start..end, kind: "cookie" });
    }
    value(from, 6, "header-secret")
}

/// `NAME=value`, `"name": "value"`, `name = "value"`: secret where the name's last word says so.
fn assignment(text: &[u8], sign: usize) -> Option<Secret> {
    let mut end = sign;
    while end > 0 && text.get(end - 1) == Some(&b' ') {
        end -= 1;
    }
    let spaced = end < sign;
    if end > 0 && matches!(text.get(end - 1), Some(b'"' | b'\'')) {
        end -= 1;
    }
    let head = text.get(..end)?;
    let start = head
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.'))
        .map_or(0, |p| p + 1);
    let kind = secret_name(text.get(start..end)?)?;
    let mut from = sign + 1;
    if text.get(from) == Some(&b'=') || (text.get(sign) == Some(&b':') && text.get(from) == Some(&b':')) {
        return None;
    }
    let blank = run(text, from, |byte| byte == b' ');
    // `a = b` and `a: b` are prose unless the value is quoted.
    let quoted = matches!(text.get(blank), Some(b'"' | b'\''));
    if (blank > from || spaced || text.get(sign) == Some(&b':')) && !quoted {
        return None;
    }
    if let Some(quote) = text.get(blank).filter(|_| quoted) {
        // After an odd number of them this one closes: `grep 'password=' src`.
        let before = text.get(sign.saturating_sub(4096)..sign)?;
        if before.iter().filter(|byte| *byte == quote).count() % 2 == 1 {
            return None;
        }
    }
    from = blank;
    let value = if quoted {
        let quote = text.get(from).copied()?;
        from += 1;
        from..run(text, from, |byte| byte != quote && byte != b'\n')
    } else {
        from..run(text, from, |byte| {
            !byte.is_ascii_whitespace()
                && !matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')' | b',')
        })
    };
    plausible(kind, text.get(value.clone())?).then_some(Secret { range: value, kind })
}

/// The kind of a name that holds a secret: `password` for words people choose, `secret` for keys and tokens.
fn secret_name(name: &[u8]) -> Option<&'static str> {
    let mut plain = Vec::with_capacity(name.len() + 4);
    let mut small = false;
    for byte in name {
        if byte.is_ascii_uppercase() && small {
            plain.push(b'_');
        }
        small = byte.is_ascii_lowercase();
        plain.push(if matches!(byte, b'-' | b'.') { b'_' } else { byte.to_ascii_lowercase() });
    }
    while plain.last().is_some_and(u8::is_ascii_digit) {
        plain.pop();
    }
    let word = NAMES.iter().find(|word| plain.ends_with(word))?;
    let before = plain.len().checked_sub(word.len() + 1).and_then(|at| plain.get(at));
    let joined = matches!(*word, b"password" | b"passwd" | b"passphrase");
    // `PWD` alone is a directory, `OLDPWD` too; `DB_PWD` is a password. `bypass` is a word.
    let alone = before.is_none() && !matches!(*word, b"pwd" | b"pass");
    (alone || before == Some(&b'_') || (joined && before.is_some()))
        .then_some(if joined || matches!(*word, b"pwd" | b"pass") { "password" } else { "secret" })
}

fn plausible(kind: &str, value: &[u8]) -> bool {
    if !is_value(value) || matches!(value, b"true" | b"false" | b"none" | b"None" | b"null" | b"yes" | b"no") {
        return false;
    }
    if kind == "password" {
        return true;
    }
    let path = value.starts_with(b"./")
        || value.starts_with(b"~/")
        || value.starts_with(b"../")
        || (value.starts_with(b"/") && value.len() < 40);
    value.len() >= 8 && !path
}

/// Text that can itself be the secret: not empty, not a variable or substitution, not a placeholder.
fn is_value(value: &[u8]) -> bool {
    !value.is_empty()
        && !matches!(value.first(), Some(b'$' | b'`' | b'<' | b'{' | b'%' | b'-'))
        && !value.starts_with(b"[redacted:")
        && !value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'\\'))
}

fn word_starts(text: &[u8], at: usize) -> bool {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b';' | b'|' | b'&' | b'(' | b'`');
    text.get(at).is_some_and(|byte| !blank(byte)) && (at == 0 || text.get(at - 1).is_some_and(blank))
}

fn word(text: &[u8], at: usize) -> Range<usize> {
    at..run(text, at, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b';' | b'|' | b'&' | b')'))
}

/// `--password X`, `-p X` of programs known to take a password there.
fn option(text: &[u8], program: &[u8], word: Range<usize>) -> Option<Secret> {
    let bytes = text.get(word.clone())?;
    if let Some(secret) = attached(program, bytes) {
        return Some(Secret {
            range: word.start + secret.range.start..word.start + secret.range.end,
            kind: secret.kind,
        });
    }
    let kind = announces(program, bytes)?;
    let mut start = run(text, word.end, |byte| byte == b' ');
    let quote = text.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let end = match quote {
        Some(quote) => {
            start += 1;
            run(text, start, |byte| byte != quote)
        }
        None => run(text, start, |byte| {
            !byte.is_ascii_whitespace() && !matches!(byte, b';' | b'|' | b'&' | b')' | b'"' | b'\'' | b'`')
        }),
    };
    if start == word.end || !is_value(text.get(start..end)?) {
        return None;
    }
    if kind == "user-password" { colon(text, start..end) } else { Some(Secret { range: start..end, kind }) }
}

fn colon(text: &[u8], range: Range<usize>) -> Option<Secret> {
    let at = text.get(range.clone())?.iter().position(|byte| *byte == b':')?;
    let range = range.start + at + 1..range.end;
    is_value(text.get(range.clone())?).then_some(Secret { range, kind: "password" })
}

/// An option whose next word is a secret.
fn announces(program: &[u8], word: &[u8]) -> Option<&'static str> {
    if let Some(name) = word.strip_prefix(b"--") {
        if program == b"curl" && matches!(name, b"user" | b"proxy-user") {
            return Some("user-password");
        }
        return (!name.contains(&b'=')).then(|| secret_name(name)).flatten();
    }
    match (program, word) {
        (b"curl", b"-u" | b"-U") => Some("user-password"),
        (b"sshpass" | b"docker" | b"podman" | b"helm" | b"sqlcmd", b"-p" | b"-P") => {
            (program == b"sshpass").then_some("password")
        }
        (b"redis-cli", b"-a") | (b"ldapsearch" | b"ldapmodify", b"-w") => Some("password"),
        _ => None,
    }
}

/// An option with the secret in the same word: `mysql -pX`, `curl -uname:X`.
fn attached(program: &[u8], word: &[u8]) -> Option<Secret> {
    let from = match program {
        b"mysql" | b"mysqldump" | b"mysqladmin" | b"mariadb" | b"mariadb-dump" | b"sshpass"
            if word.starts_with(b"-p") =>
        {
            2
        }
        b"curl" if word.starts_with(b"-u") => return colon(word, 2..word.len()),
        _ => return None,
    };
    is_value(word.get(from..)?).then_some(Secret { range: from..word.len(), kind: "password" })
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
