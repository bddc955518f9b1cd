//! Secrets that carry their own sign, found by scanning: no regex, since every recorded and judged line comes this way. Each
//! finder looks at one place and takes time linear in what it finds there.

use std::ops::Range;

/// Which bytes may follow a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    /// Letters and digits.
    Alnum,
    /// Letters, digits, `_`, `-`.
    Word,
    /// Letters, digits, `_`, `-`, `.`, `=`, `/`, `+`, `~`.
    Token,
    /// Letters, digits, `.`.
    Dots,
    /// Capital letters and digits.
    Upper,
    /// Small letters and digits.
    Lower,
    /// Hexadecimal, lower case.
    Hex,
    /// Hexadecimal, lower case, and `-`.
    Uuid,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Alphabet::Alnum => byte.is_ascii_alphanumeric(),
            Alphabet::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Alphabet::Token => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'/' | b'+' | b'~')
            }
            Alphabet::Dots => byte.is_ascii_alphanumeric() || byte == b'.',
            Alphabet::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Alphabet::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Alphabet::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Alphabet::Uuid => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-',
        }
    }
}

/// A start, the kind it betrays, what follows it and how much of it at least.
type Shape = (&'static [u8], &'static str, Alphabet, usize);

/// `config/secrets.toml`, by first byte, longer starts before the shorter ones they begin with.
static SHAPES: &[Shape] = include!(concat!(env!("OUT_DIR"), "/secrets.rs"));

/// The secret that begins at `at`, which begins a word, and its kind.
#[must_use]
pub fn begins(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    match text.get(at)? {
        b'-' => pem(text, at),
        b'e' => jwt(text, at).or_else(|| shaped(text, at)),
        b'0'..=b'9' => shaped(text, at).or_else(|| telegram(text, at)).or_else(|| super::personal::number(text, at)),
        b'A'..=b'Z' => shaped(text, at).or_else(|| super::personal::iban(text, at)),
        b'a'..=b'z' => shaped(text, at),
        _ => None,
    }
}

/// The kind of the first secret anywhere in `text`.
#[must_use]
pub fn within(text: &[u8]) -> Option<&'static str> {
    let mut inside = false;
    for (at, byte) in text.iter().enumerate() {
        if !inside && let Some((_, kind)) = begins(text, at) {
            return Some(kind);
        }
        inside = byte.is_ascii_alphanumeric() || *byte == b'_';
    }
    None
}

/// Where a run of bytes that `keep` holds of ends.
#[must_use]
pub fn run(text: &[u8], from: usize, keep: impl Fn(u8) -> bool) -> usize {
    text.get(from..).unwrap_or_default().iter().position(|byte| !keep(*byte)).map_or(text.len(), |length| from + length)
}

fn shaped(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text.get(at..)?;
    let first = rest.first().copied()?;
    let begins = |shape: &Shape| shape.0.first().copied().unwrap_or_default();
    let from = SHAPES.partition_point(|shape| begins(shape) < first);
    let near = SHAPES.get(from..)?.iter().take_while(|shape| begins(shape) == first);
    for (start, kind, alphabet, least) in near.filter(|shape| rest.starts_with(shape.0)) {
        let body = at + start.len();
        let end = run(text, body, |byte| alphabet.has(byte));
        // A name such as `sk-some-long-words-with-dashes` has no digit; a key of that length has.
        let varied = text.get(body..end)?.iter().any(u8::is_ascii_digit) || *kind == "slack-token";
        if end - body >= *least && varied {
            return Some((at..end, kind));
        }
    }
    None
}

/// A JSON web token (RFC 7519): three base64url parts, the first two of objects.
fn jwt(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    if !text.get(at..)?.starts_with(b"eyJ") {
        return None;
    }
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let first = run(text, at, part);
    let second = run(text, first + 1, part);
    let dots =
        text.get(first) == Some(&b'.') && text.get(first + 1..)?.starts_with(b"eyJ") && text.get(second) == Some(&b'.');
    let third = run(text, second + 1, part);
    (dots && first - at >= 10).then_some((at..third.min(text.len()), "jwt"))
}

/// A private key in PEM (RFC 7468) or OpenPGP's armour, to its end or the text's.
fn pem(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text.get(at..)?;
    if !rest.starts_with(b"-----BEGIN ") {
        return None;
    }
    let line = rest.get(11..rest.len().min(64))?;
    let head = find(line, b"PRIVATE KEY")?;
    if line.get(..head)?.contains(&b'\n') {
        return None;
    }
    let end = find(rest, b"-----END ")
        .and_then(|end| find(rest.get(end + 9..)?, b"-----").map(|tail| end + 9 + tail + 5))
        .map_or(text.len(), |length| at + length);
    Some((at..end, "private-key"))
}

fn telegram(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let number = run(text, at, |byte| byte.is_ascii_digit());
    let end = run(text, number + 1, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    (text.get(number) == Some(&b':') && (8..=10).contains(&(number - at)) && end.saturating_sub(number + 1) == 35)
        .then_some((at..end, "telegram-token"))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Secrets {
        shape: Vec<Shape>,
    }

    #[derive(Deserialize)]
    struct Shape {
        kind: String,
        #[serde(rename = "match")]
        matches: Vec<String>,
        pass: Vec<String>,
    }

    #[test]
    fn every_shape_means_what_it_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/secrets.toml");
        let secrets: Secrets = toml::from_str(&std::fs::read_to_string(path).expect("the shapes")).expect("they hold");
        assert!(secrets.shape.len() >= 60);
        for shape in &secrets.shape {
            for example in &shape.matches {
                let whole = example.replace("~|", "");
                let found = super::begins(whole.as_bytes(), 0);
                assert_eq!(found, Some((0..whole.len(), leaked(&shape.kind))), "{whole}");
                assert_eq!(
                    super::within(format!("--data=\"{whole}\"").as_bytes()),
                    Some(leaked(&shape.kind)),
                    "{whole}"
                );
            }
            for example in &shape.pass {
                let kind = super::within(example.replace("~|", "").as_bytes());
                assert_ne!(kind, Some(leaked(&shape.kind)), "{example}");
            }
        }
    }

    fn leaked(kind: &str) -> &'static str {
        Box::leak(kind.to_owned().into_boxed_str())
    }
}
