//! Programs that only change the bytes that go through them, on known text: so that what an encoded text says is read.

use super::pattern;
use crate::action::code::decoded::{base32, base64, hex};

/// What `argv` prints when it reads `input`; `None`: not known.
pub(super) fn filtered(argv: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    let (program, arguments) = argv.split_first()?;
    match (*program, arguments) {
        (b"cat" | b"tee", []) => Some(input.to_vec()),
        (b"cat", [dash]) if *dash == b"-" => Some(input.to_vec()),
        (b"tac", []) => {
            let mut lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
            lines.reverse();
            Some(lines.concat())
        }
        (b"rev", []) => Some(
            input
                .split_inclusive(|byte| *byte == b'\n')
                .flat_map(|line| {
                    let (text, end) = match line.split_last() {
                        Some((b'\n', text)) => (text, &b"\n"[..]),
                        _ => (line, &b""[..]),
                    };
                    text.iter().rev().chain(end).copied().collect::<Vec<u8>>()
                })
                .collect(),
        ),
        (b"base64", [flag]) if matches!(*flag, b"-d" | b"-D" | b"--decode" | b"-di") => base64(input),
        (b"base32", [flag]) if matches!(*flag, b"-d" | b"-D" | b"--decode" | b"-di") => base32(input),
        (b"basenc", [b"--base64", b"-d" | b"--decode"] | [b"-d" | b"--decode", b"--base64"])
        | (
            b"openssl",
            [b"base64", b"-d"] | [b"base64", b"-d", b"-A"] | [b"enc", b"-base64", b"-d"] | [b"enc", b"-d", b"-base64"],
        ) => base64(input),
        (b"xxd", flags)
            if !flags.is_empty()
                && flags.iter().all(|flag| matches!(*flag, b"-r" | b"-p" | b"-rp" | b"-pr" | b"-ps"))
                && flags.iter().any(|flag| flag.contains(&b'r')) =>
        {
            hex(input)
        }
        (b"tr", _) => translated(arguments, input),
        // Several lines have an order that depends on the locale.
        (b"sort" | b"uniq", []) if input.iter().filter(|byte| **byte == b'\n').count() <= 1 => {
            Some(by_lines(input, |_| ()))
        }
        (b"head", _) => count(arguments, 10).map(|count| by_lines(input, |lines| lines.truncate(count))),
        (b"tail", _) => {
            let count = count(arguments, 10)?;
            Some(by_lines(input, |lines| drop(lines.drain(..lines.len().saturating_sub(count)))))
        }
        (b"cut", _) => cut(arguments, input),
        (b"sed", [code]) => substituted(code, input),
        (b"awk" | b"gawk" | b"mawk", [code]) => field(code, input),
        _ => None,
    }
}

/// The lines of the input after `change`, each with its end.
fn by_lines(input: &[u8], change: impl FnOnce(&mut Vec<&[u8]>)) -> Vec<u8> {
    let text = input.strip_suffix(b"\n").unwrap_or(input);
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    change(&mut lines);
    lines.into_iter().flat_map(|line| line.iter().chain(b"\n").copied()).collect()
}

/// `-3`, `-n 3`, `-n3`: how many lines.
fn count(arguments: &[&[u8]], default: usize) -> Option<usize> {
    let digits = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
    match arguments {
        [] => Some(default),
        [b"-n", count] => digits(count),
        [one] => digits(one.strip_prefix(b"-n").or_else(|| one.strip_prefix(b"-"))?),
        _ => None,
    }
}

/// `cut -d: -f2`, `cut -c3-`, of one field or one range.
fn cut(arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    let mut delimiter = b'\t';
    let (mut fields, mut letters) = (None, None);
    let mut rest = arguments;
    while let Some((option, tail)) = rest.split_first() {
        let (letter, attached) = option.strip_prefix(b"-")?.split_first()?;
        let (value, tail) = if attached.is_empty() {
            let (next, tail) = tail.split_first()?;
            (*next, tail)
        } else {
            (attached, tail)
        };
        match letter {
            b'd' => delimiter = *value.first().filter(|_| value.len() == 1)?,
            b'f' => fields = Some(range(value)?),
            b'c' | b'b' => letters = Some(range(value)?),
            _ => return None,
        }
        rest = tail;
    }
    let each = |line: &[u8]| -> Vec<u8> {
        match (fields, letters) {
            (Some((from, to)), None) if line.contains(&delimiter) => {
                let all: Vec<&[u8]> = line.split(|byte| *byte == delimiter).collect();
                all.get(from..to.min(all.len())).unwrap_or_default().join(&delimiter)
            }
            (None, Some((from, to))) => line.get(from..to.min(line.len())).unwrap_or_default().to_vec(),
            _ => line.to_vec(),
        }
    };
    if fields.is_some() == letters.is_some() {
        return None;
    }
    let text = input.strip_suffix(b"\n").unwrap_or(input);
    Some(text.split(|byte| *byte == b'\n').flat_map(|line| [each(line), b"\n".to_vec()].concat()).collect())
}

/// `2`, `2-`, `-3`, `2-4`, counted from zero, the end left out.
fn range(text: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(text).ok()?;
    let number = |text: &str, otherwise: usize| if text.is_empty() { Some(otherwise) } else { text.parse().ok() };
    let (from, to) = match text.split_once('-') {
        Some((from, to)) => (number(from, 1)?, number(to, usize::MAX)?),
        None => (number(text, 1)?, number(text, 1)?),
    };
    Some((from.checked_sub(1)?, to))
}

/// `s/text/text/`, with `g` or without, where nothing in it is more than letters.
fn substituted(code: &[u8], input: &[u8]) -> Option<Vec<u8>> {
    let (mark, rest) = code.strip_prefix(b"s")?.split_first()?;
    let parts: Vec<&[u8]> = rest.split(|byte| byte == mark).collect();
    let [from, to, flags] = parts.as_slice() else { return None };
    let plain = |text: &[u8]| !text.iter().any(|byte| b"\\.*[]^$&\n".contains(byte));
    if matches!(*from, b"^" | b"$") && plain(to) && matches!(*flags, b"" | b"g") {
        let each = |line: &[u8]| if *from == b"^" { [to, line, b"\n"].concat() } else { [line, *to, b"\n"].concat() };
        let text = input.strip_suffix(b"\n").unwrap_or(input);
        return Some(text.split(|byte| *byte == b'\n').flat_map(each).collect());
    }
    if from.is_empty() || !plain(from) || !plain(to) || !matches!(*flags, b"" | b"g") {
        return None;
    }
    let mut out = Vec::new();
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        let mut rest = line;
        while let Some(at) = rest.windows(from.len()).position(|window| window == *from) {
            out.extend_from_slice(rest.get(..at)?);
            out.extend_from_slice(to);
            rest = rest.get(at + from.len()..)?;
            if flags.is_empty() {
                break;
            }
        }
        out.extend_from_slice(rest);
    }
    Some(out)
}

/// `{print "/etc/" $2}`: constants and fields between blanks, one after the other.
fn field(code: &[u8], input: &[u8]) -> Option<Vec<u8>> {
    let inner = code.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?.trim_ascii();
    let mut rest = inner.strip_prefix(b"print")?.trim_ascii();
    let mut parts: Vec<Result<usize, &[u8]>> = Vec::new();
    while let Some((first, tail)) = rest.split_first() {
        rest = match first {
            b'$' => {
                let length = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let (digits, tail) = tail.split_at_checked(length)?;
                parts.push(Ok(std::str::from_utf8(digits).ok()?.parse().ok()?));
                tail
            }
            b'"' => {
                let end = tail.iter().position(|byte| *byte == b'"')?;
                let text = tail.get(..end).filter(|text| !text.contains(&b'\\'))?;
                parts.push(Err(text));
                tail.get(end + 1..)?
            }
            b' ' => tail,
            _ => return None,
        };
    }
    if parts.is_empty() {
        return None;
    }
    let each = |line: &[u8]| -> Vec<u8> {
        let mut out = Vec::new();
        for part in &parts {
            match part {
                Err(text) => out.extend_from_slice(text),
                Ok(0) => out.extend_from_slice(line),
                Ok(at) => out.extend_from_slice(
                    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).nth(at - 1).unwrap_or_default(),
                ),
            }
        }
        out.push(b'\n');
        out
    };
    let text = input.strip_suffix(b"\n").unwrap_or(input);
    Some(text.split(|byte| *byte == b'\n').flat_map(each).collect())
}

/// The bytes of a `tr` set; `None`: one that repeats or compares.
fn expand_set(set: &[u8]) -> Option<Vec<u8>> {
    let (set, _) = super::printf::escapes(set);
    let mut out = Vec::new();
    let mut rest = set.as_slice();
    while !rest.is_empty() {
        let class = CLASSES.iter().find(|(name, _)| rest.starts_with(name.as_bytes()));
        if let Some((name, ranges)) = class {
            out.extend(ranges.iter().flat_map(|(low, high)| *low..=*high));
            rest = rest.get(name.len()..)?;
            continue;
        }
        let length = rest.windows(2).position(|two| two == b"[:").unwrap_or(rest.len());
        let (plain, after) = rest.split_at_checked(length)?;
        if plain.is_empty() || plain.contains(&b'[') && plain.iter().any(|byte| b"*=".contains(byte)) {
            return None;
        }
        out.extend(pattern::ranges(plain).into_iter().flat_map(|(low, high)| low..=high));
        rest = after;
    }
    Some(out)
}

/// Classes of `tr`.
const CLASSES: &[(&str, &[(u8, u8)])] = &[
    ("[:upper:]", &[(b'A', b'Z')]),
    ("[:lower:]", &[(b'a', b'z')]),
    ("[:digit:]", &[(b'0', b'9')]),
    ("[:alpha:]", &[(b'A', b'Z'), (b'a', b'z')]),
    ("[:alnum:]", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("[:blank:]", &[(b'\t', b'\t'), (b' ', b' ')]),
    ("[:space:]", &[(9, 13), (b' ', b' ')]),
];

/// What `tr` makes of its input.
fn translated(arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    let count = arguments.iter().take_while(|word| word.len() > 1 && word.starts_with(b"-")).count();
    let (flags, sets) = arguments.split_at_checked(count)?;
    let flags: Vec<u8> = flags.iter().flat_map(|word| word.iter().skip(1).copied()).collect();
    if !flags.iter().all(|flag| b"cCds".contains(flag)) {
        return None;
    }
    let [has_complement, deletes, squeezes] =
        [&b"cC"[..], b"d", b"s"].map(|letters| flags.iter().any(|flag| letters.contains(flag)));
    let sets: Vec<Vec<u8>> = sets.iter().map(|set| expand_set(set)).collect::<Option<_>>()?;
    let (first, second) = match sets.as_slice() {
        [first] if deletes != squeezes => (first, None),
        [first, second] if !deletes || squeezes => (first, Some(second)),
        _ => return None,
    };
    let chosen = |byte: u8| first.contains(&byte) != has_complement;
    let mut out: Vec<u8> = Vec::with_capacity(input.len());
    for byte in input.iter().copied() {
        let new = match second {
            _ if deletes && chosen(byte) => continue,
            Some(to) if !deletes && chosen(byte) => {
                let at = if has_complement { to.len() } else { first.iter().rposition(|own| *own == byte)? };
                *to.get(at).or(to.last())?
            }
            _ => byte,
        };
        let squeezed = squeezes && second.map_or_else(|| chosen(new), |second| second.contains(&new));
        if !(squeezed && out.last() == Some(&new)) {
            out.push(new);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_text_is_read() {
        for (argv, input, want) in [
            (&[&b"base64"[..], b"-d"][..], &b"cm0gLXJmIC8K"[..], &b"rm -rf /\n"[..]),
            (&[b"base32", b"-d"], b"OJWSALLSMYQC6===\n", b"rm -rf /"),
            (&[b"rev"], b"/ fr- mr\n", b"rm -rf /\n"),
            (&[b"tr", b"a-z", b"n-za-m"], b"ez", b"rm"),
            (&[b"xxd", b"-r", b"-p"], b"726d", b"rm"),
            (&[b"cut", b"-d:", b"-f2"], b"a:b:c\n", b"b\n"),
            (&[b"cut", b"-c", b"2-"], b"xrm\n", b"rm\n"),
            (&[b"cut", b"-d", b":", b"-f", b"1-2"], b"a:b:c", b"a:b\n"),
            (&[b"head", b"-1"], b"a\nb\n", b"a\n"),
            (&[b"tail", b"-n", b"1"], b"a\nb\n", b"b\n"),
            (&[b"sort"], b"a", b"a\n"),
            (&[b"sed", b"s/x/y/g"], b"axbx\n", b"ayby\n"),
            (&[b"sed", b"s,a,,"], b"aab\n", b"ab\n"),
            (&[b"awk", b"{print $2}"], b"a  b c\n", b"b\n"),
            (&[b"awk", b"{print \"/etc/\" $1}"], b"x y\n", b"/etc/x\n"),
            (&[b"sed", b"s|^|/etc/|"], b"a\nb", b"/etc/a\n/etc/b\n"),
        ] {
            assert_eq!(filtered(argv, input).as_deref(), Some(want));
        }
        for argv in
            [&[&b"sed"[..], b"s/a*/b/"][..], &[b"sed", b"s/a/b/e"], &[b"cut", b"-f1,3"], &[b"head", b"-c", b"3"]]
        {
            assert_eq!(filtered(argv, b"a"), None, "{argv:?}");
        }
    }
}
