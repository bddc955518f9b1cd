//! What `echo` and `printf` print, where their arguments are known.

use crate::action::{Bound, Part, Value};

/// Longer output is not kept.
const LONGEST: usize = 1 << 16;

/// Backslash escapes of `echo -e`, `%b` and formats; `true`: `\c` ended all output.
pub(super) fn escapes(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'\\' {
            out.push(*first);
            rest = tail;
            continue;
        }
        let Some((letter, after)) = tail.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = after;
        match letter {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'e' | b'E' => out.push(27),
            b'\\' => out.push(b'\\'),
            b'"' => out.push(b'"'),
            b'\'' => out.push(b'\''),
            b'c' => return (out, true),
            b'x' => rest = digits(after, 16, 2, &mut out),
            b'u' => rest = unicode(after, 4, &mut out),
            b'U' => rest = unicode(after, 8, &mut out),
            b'0'..=b'7' => {
                let from = if *letter == b'0' { after } else { tail };
                rest = digits(from, 8, 3, &mut out);
            }
            other => out.extend([b'\\', *other]),
        }
    }
    (out, false)
}

fn read_digits(text: &[u8], base: u32, most: usize) -> (u32, usize) {
    let mut value = 0u32;
    let mut length = 0;
    for byte in text.iter().take(most) {
        let Some(digit) = char::from(*byte).to_digit(base) else { break };
        value = value.wrapping_mul(base).wrapping_add(digit);
        length += 1;
    }
    (value, length)
}

fn digits<'a>(text: &'a [u8], base: u32, most: usize, out: &mut Vec<u8>) -> &'a [u8] {
    let (value, length) = read_digits(text, base, most);
    if length == 0 {
        if base == 8 {
            out.push(0);
        } else {
            out.extend(b"\\x");
        }
        return text;
    }
    out.push((value & 0xff) as u8);
    text.get(length..).unwrap_or_default()
}

fn unicode<'a>(text: &'a [u8], most: usize, out: &mut Vec<u8>) -> &'a [u8] {
    let (value, length) = read_digits(text, 16, most);
    if let Some(character) = char::from_u32(value) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    text.get(length..).unwrap_or_default()
}

/// Output of `echo arguments`.
pub(super) fn echo(arguments: &[Value], escaped: bool) -> Option<Value> {
    let (mut newline, mut escaped) = (true, escaped);
    let mut rest = arguments;
    while let Some((first, tail)) = rest.split_first() {
        let Some([b'-', letters @ ..]) = first.text() else { break };
        if letters.is_empty() || !letters.iter().all(|letter| b"neE".contains(letter)) {
            break;
        }
        for letter in letters {
            match letter {
                b'n' => newline = false,
                letter => escaped = *letter == b'e',
            }
        }
        rest = tail;
    }
    let mut out = Value::default();
    for (index, value) in rest.iter().enumerate() {
        if index > 0 {
            out.push_known(b" ");
        }
        if !escaped {
            out.push(value);
            continue;
        }
        for part in &value.parts {
            match part {
                Part::Known(text) => {
                    let (text, ended) = escapes(text);
                    out.push_known(&text);
                    if ended {
                        return Some(single(out));
                    }
                }
                part => out.parts.push(part.clone()),
            }
        }
        out.add_taint(&value.taint);
    }
    if newline {
        out.push_known(b"\n");
    }
    small(single(out))
}

/// Output of `printf format arguments`; `None`: not known.
pub(super) fn printf(format: &Value, arguments: &[Value]) -> Option<Value> {
    let format = format.text()?;
    let places = format.windows(2).filter(|pair| pair[0] == b'%' && pair[1] != b'%').count();
    if places > 1
        && arguments.iter().any(|value| value.many || value.parts.iter().any(|part| matches!(part, Part::Glob(_))))
    {
        // How many words these are, and so which goes where, only the run knows.
        return None;
    }
    let mut out = Value::default();
    let mut next = arguments.iter();
    let mut rounds = 0;
    loop {
        let before = next.len();
        if let (1, Some(list)) = (places, next.as_slice().first())
            && list.many
            && arguments.len() > 1
            && matches!(list.parts.as_slice(), [Part::Hole(hole)] if hole.bound == Bound::Anything)
        {
            // As many rounds as there are words, and that may be none.
            next.next();
            out.push(&Value { many: false, ..list.clone() });
            if next.len() == 0 {
                break;
            }
            continue;
        }
        let mut rest = format;
        while let Some((first, tail)) = rest.split_first() {
            match first {
                b'\\' if tail.starts_with(b"c") => {
                    out.push_known(b"\\c");
                    rest = tail.get(1..)?;
                }
                b'\\' => {
                    let length = escape_length(tail);
                    let (text, ended) = escapes(rest.get(..=length)?);
                    out.push_known(&text);
                    if ended {
                        return small(single(out));
                    }
                    rest = tail.get(length..)?;
                }
                b'%' => {
                    let plain = tail.iter().take_while(|byte| b"-+ #0123456789.".contains(byte)).count();
                    let (flags, after) = tail.split_at_checked(plain)?;
                    let (letter, after) = after.split_first()?;
                    rest = after;
                    if *letter == b'%' {
                        out.push_known(b"%");
                        continue;
                    }
                    let value = next.next().cloned().unwrap_or_default();
                    directive(*letter, flags, &value, &mut out)?;
                }
                byte => {
                    out.push_known(&[*byte]);
                    rest = tail;
                }
            }
        }
        rounds += 1;
        if next.len() == 0 || next.len() == before || rounds > 1000 {
            break;
        }
    }
    small(single(out))
}

/// How many bytes after the backslash belong to the escape.
fn escape_length(after: &[u8]) -> usize {
    match after.first() {
        None => 0,
        Some(b'x') => 1 + read_digits(after.get(1..).unwrap_or_default(), 16, 2).1,
        Some(b'u') => 1 + read_digits(after.get(1..).unwrap_or_default(), 16, 4).1,
        Some(b'U') => 1 + read_digits(after.get(1..).unwrap_or_default(), 16, 8).1,
        Some(b'0'..=b'7') => read_digits(after, 8, 3).1.max(1),
        Some(_) => 1,
    }
}

fn directive(letter: u8, flags: &[u8], value: &Value, out: &mut Value) -> Option<()> {
    match letter {
        b's' if flags.is_empty() => out.push(value),
        b'q' if flags.is_empty() => {
            let text = value.text()?;
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+:@%".contains(byte);
            if text.is_empty() || !text.iter().all(plain) {
                return None;
            }
            out.push(value);
        }
        b'b' if flags.is_empty() => match escapes(value.text()?) {
            (text, false) => out.push_known(&text),
            (_, true) => return None,
        },
        b'c' if flags.is_empty() => out.push_known(value.text()?.get(..1).unwrap_or_default()),
        b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => match (value.text(), flags) {
            (Some(text), b"") if text.len() < 2 || !text.starts_with(b"0") => {
                let text = std::str::from_utf8(text).ok()?;
                let number: i64 = if text.is_empty() { 0 } else { text.parse().ok()? };
                let text = match letter {
                    b'x' => format!("{number:x}"),
                    b'X' => format!("{number:X}"),
                    b'o' => format!("{number:o}"),
                    _ => number.to_string(),
                };
                out.push_known(text.as_bytes());
            }
            _ => out.push(&Value { taint: value.taint.clone(), ..Value::hole("a formatted number", Bound::Number) }),
        },
        _ => return None,
    }
    Some(())
}

fn single(mut value: Value) -> Value {
    value.many = false;
    value
}

fn small(value: Value) -> Option<Value> {
    let length: usize = value.parts.iter().map(|part| if let Part::Known(text) = part { text.len() } else { 0 }).sum();
    (length <= LONGEST).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printf_and_echo_print_what_bash_prints() {
        let known = |texts: &[&str]| texts.iter().map(|text| Value::known(*text)).collect::<Vec<_>>();
        for (format, arguments, want) in [
            ("\\x72\\x6d", &[][..], "rm"),
            ("%s\\n", &["a", "b"], "a\nb\n"),
            ("%d-%s", &["7", "x"], "7-x"),
            ("\\162\\155 %%", &[], "rm %"),
            ("%b", &["a\\tb"], "a\tb"),
        ] {
            let out = printf(&Value::known(format), &known(arguments));
            assert_eq!(out.as_ref().and_then(Value::text), Some(want.as_bytes()), "{format}");
        }
        assert_eq!(echo(&known(&["-ne", "\\x41", "b"]), false).as_ref().and_then(Value::text), Some(&b"A b"[..]));
    }
}
