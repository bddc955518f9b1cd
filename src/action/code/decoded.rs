//! Text that is written in another form: base64, base32, hexadecimal, turned letters, and the calls by which code reads it.

/// How a call writes the text it reads.
#[derive(Clone, Copy)]
enum Form {
    Base64,
    Hex,
    Turned,
    Backwards,
    /// The encoding stands behind the text.
    Named,
}

/// Calls whose constant is text in another form.
const CALLS: &[(&str, Form)] = &[
    ("b64decode", Form::Base64),
    ("urlsafe_b64decode", Form::Base64),
    ("base64_decode", Form::Base64),
    ("decode_base64", Form::Base64),
    ("decode64", Form::Base64),
    ("strict_decode64", Form::Base64),
    ("decode64!", Form::Base64),
    ("base64decode", Form::Base64),
    ("atob", Form::Base64),
    ("fromhex", Form::Hex),
    ("unhexlify", Form::Hex),
    ("hex2bin", Form::Hex),
    ("str_rot13", Form::Turned),
    ("strrev", Form::Backwards),
    ("Buffer.from", Form::Named),
    ("codecs.decode", Form::Named),
];

/// How Perl begins to make text of hexadecimal digits.
const PACKS: &[&str] = &["pack(\"H*\",", "pack('H*',", "pack \"H*\",", "pack 'H*',", "pack(\"H*\", ", "pack('H*', "];

/// What ends a call that was read away: calls that only make text of bytes.
const ENDINGS: &[&str] = &[".decode()", ".decode(\"utf-8\")", ".decode('utf-8')", ".toString()", ".toString(\"utf8\")"];

/// A constant's text where the call that it stands in reads it from another form: where the call begins in what stands
/// before, the text, and how much of what follows belongs to the call.
pub(super) fn called(before: &[u8], text: &[u8], after: &[u8]) -> Option<(usize, Vec<u8>, usize)> {
    if let Some(head) = PACKS.iter().find_map(|pack| before.strip_suffix(pack.as_bytes())) {
        let close = usize::from(after.first() == Some(&b')'));
        return hex(text).filter(|read| is_plain(read)).map(|read| (head.len(), read, close));
    }
    let bytes = before.strip_suffix(b"b").filter(|rest| rest.ends_with(b"("));
    let head = bytes.unwrap_or(before).trim_ascii_end();
    let opened = head.strip_suffix(b"(");
    let head = opened.unwrap_or(head).trim_ascii_end();
    let (name, form) = CALLS.iter().find(|(name, _)| head.ends_with(name.as_bytes()))?;
    let mut start = head.len() - name.len();
    // The module that it belongs to goes with it: `base64.`, `__import__("base64").`.
    while start.checked_sub(1).and_then(|last| head.get(last)) == Some(&b'.') {
        let module = head.get(..start - 1).unwrap_or_default();
        // `__import__("base64")`: a call with its constant.
        let open = module.strip_suffix(b")").and_then(|inner| inner.iter().rposition(|byte| *byte == b'('));
        let named = module.get(..open.unwrap_or(module.len())).unwrap_or_default();
        let own = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        start = named.len() - named.iter().rev().take_while(|byte| own(byte)).count();
    }
    if start > 0 && head.get(start - 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return None;
    }
    let close = if opened.is_some() { after.iter().position(|byte| *byte == b')')? + 1 } else { 0 };
    let arguments = after.get(..close).unwrap_or_default();
    let says = |word: &str| arguments.windows(word.len()).any(|window| window == word.as_bytes());
    let form = match form {
        Form::Named if says("base64") => Form::Base64,
        Form::Named if says("hex") => Form::Hex,
        Form::Named if says("rot") => Form::Turned,
        Form::Named => return None,
        form => *form,
    };
    let read = match form {
        Form::Base64 => base64(text)?,
        Form::Hex => hex(text)?,
        Form::Turned => turned(text),
        Form::Backwards | Form::Named => text.iter().rev().copied().collect(),
    };
    let rest = after.get(close..).unwrap_or_default();
    let ending = ENDINGS.iter().find(|ending| rest.starts_with(ending.as_bytes())).map_or(0, |ending| ending.len());
    is_plain(&read).then(|| (start, read, close + ending))
}

fn is_plain(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The text of numbers that stand for letters: `114, 109` up to what closes them, and how long they are.
pub(super) fn letters(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let inside = after.iter().take_while(|byte| b"([".contains(byte)).count();
    let body = after.get(inside..)?;
    let length = body.iter().position(|byte| b")]".contains(byte))?;
    let numbers = std::str::from_utf8(body.get(..length)?).ok()?;
    let text: Option<Vec<u8>> = numbers.split(',').map(|number| number.trim().parse::<u8>().ok()).collect();
    let text = text.filter(|text| inside > 0 && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' '))?;
    let end = inside + length + inside;
    let rest = after.get(end..).unwrap_or_default();
    let ending = ENDINGS.iter().find(|ending| rest.starts_with(ending.as_bytes())).map_or(0, |ending| ending.len());
    Some((text, end + ending))
}

/// ROT13.
fn turned(text: &[u8]) -> Vec<u8> {
    let turn = |byte: &u8| match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        other => *other,
    };
    text.iter().map(turn).collect()
}

/// What `base64 -d` prints.
pub(in crate::action) fn base64(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in input.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

/// What `base32 -d` prints.
pub(in crate::action) fn base32(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in input.iter().filter(|byte| !byte.is_ascii_whitespace()).take_while(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

/// What `xxd -r -p` prints.
pub(in crate::action) fn hex(input: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> =
        input.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| char::from(*byte).to_digit(16)).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair.iter().fold(0u32, |value, digit| value << 4 | digit) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_read_another_form_are_read() {
        for (before, text, after, want) in [
            ("exec(base64.b64decode(", "bHM=", "))", Some((5, "ls", 1))),
            ("exec(__import__(\"base64\").b64decode(b", "bHM=", ").decode())", Some((5, "ls", 10))),
            ("eval(Buffer.from(", "6c73", ",'hex').toString())", Some((5, "ls", 18))),
            ("system decode_base64 ", "bHM=", "", Some((7, "ls", 0))),
            ("system(str_rot13(", "yf", "))", Some((7, "ls", 1))),
            ("exec(", "bHM=", ")", None),
            ("x = b64decode(", "AAA=", ")", None),
        ] {
            let found = called(before.as_bytes(), text.as_bytes(), after.as_bytes());
            let want = want.map(|(start, text, length)| (start, text.as_bytes().to_vec(), length));
            assert_eq!(found, want, "{before}");
        }
        assert_eq!(letters(b"([108, 115]).decode()"), Some((b"ls".to_vec(), 21)));
        assert_eq!(letters(b"(114)"), Some((b"r".to_vec(), 5)));
        assert_eq!(letters(b"(x)"), None);
    }
}
