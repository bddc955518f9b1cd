//! Programs that only change the bytes that go through them, on known text: so that what an encoded text says is read.

use super::pattern;

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
        (b"xxd", flags)
            if !flags.is_empty()
                && flags.iter().all(|flag| matches!(*flag, b"-r" | b"-p" | b"-rp" | b"-pr" | b"-ps"))
                && flags.iter().any(|flag| flag.contains(&b'r')) =>
        {
            hex(input)
        }
        (b"tr", [flag, set]) if *flag == b"-d" => {
            let set = expand_set(set);
            Some(input.iter().copied().filter(|byte| !set.contains(byte)).collect())
        }
        (b"tr", [from, to]) => Some(translate(input, from, to)),
        _ => None,
    }
}

fn base64(input: &[u8]) -> Option<Vec<u8>> {
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

fn hex(input: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> =
        input.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| char::from(*byte).to_digit(16)).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair.iter().fold(0u32, |value, digit| value << 4 | digit) as u8).collect())
}

/// The bytes of a `tr` set.
fn expand_set(set: &[u8]) -> Vec<u8> {
    let (set, _) = super::printf::escapes(set);
    let ranges = match set.as_slice() {
        b"[:upper:]" => vec![(b'A', b'Z')],
        b"[:lower:]" => vec![(b'a', b'z')],
        b"[:space:]" => vec![(b' ', b' '), (9, 13)],
        set => pattern::ranges(set),
    };
    ranges.into_iter().flat_map(|(low, high)| low..=high).collect()
}

fn translate(input: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let (from, to) = (expand_set(from), expand_set(to));
    input
        .iter()
        .map(|byte| match from.iter().rposition(|own| own == byte) {
            Some(at) => to.get(at).or(to.last()).copied().unwrap_or(*byte),
            None => *byte,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_text_is_read() {
        for (argv, input, want) in [
            (&[&b"base64"[..], b"-d"][..], &b"cm0gLXJmIC8K"[..], &b"rm -rf /\n"[..]),
            (&[b"rev"], b"/ fr- mr\n", b"rm -rf /\n"),
            (&[b"tr", b"a-z", b"n-za-m"], b"ez", b"rm"),
            (&[b"xxd", b"-r", b"-p"], b"726d", b"rm"),
        ] {
            assert_eq!(filtered(argv, input).as_deref(), Some(want));
        }
        assert_eq!(filtered(&[b"sed", b"s/a/b/"], b"a"), None);
    }
}
