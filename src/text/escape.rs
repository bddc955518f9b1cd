//! Bytes as a human may see them: nothing invisible, nothing that moves the cursor or reorders what stands beside it.
//!
//! Printable ASCII and ordinary left-to-right letters stand for themselves. Everything else becomes a token between
//! `⟨` and `⟩`, which are never shown for themselves, so a token cannot be imitated by the text.

use std::fmt::Write;

use unicode_security::GeneralSecurityProfile;

/// `bytes` on one line; a line feed is a token too.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut out, character);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "⟨0x{byte:02X}⟩");
        }
    }
    out
}

/// `bytes` as the lines they consist of, each escaped. A last line feed ends the last line.
#[must_use]
pub fn escape_lines(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = bytes.split(|byte| *byte == b'\n').map(escape).collect();
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Whether showing `bytes` as they are would show something else than what they are.
#[must_use]
pub fn hides(bytes: &[u8]) -> bool {
    if bytes.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == b'\n') {
        return false;
    }
    bytes
        .utf8_chunks()
        .any(|chunk| !chunk.invalid().is_empty() || chunk.valid().chars().any(|c| c != '\n' && token(c).is_some()))
}

fn push(out: &mut String, character: char) {
    match token(character) {
        None => out.push(character),
        Some("") => {
            let _ = write!(out, "⟨U+{:04X}⟩", character as u32);
        }
        Some(name) => {
            let _ = write!(out, "⟨{name}⟩");
        }
    }
}

/// The names of C0, as every terminal manual has them.
const CONTROLS: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
    "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
];

/// `None`: shown for itself. An empty name: shown by its number.
fn token(character: char) -> Option<&'static str> {
    let code = character as u32;
    match code {
        0x20..=0x7e => None,
        0..=0x1f => Some(CONTROLS.get(code as usize).copied().unwrap_or("")),
        0x7f => Some("DEL"),
        0x9b => Some("CSI"),
        0xa0 => Some("U+00A0 no-break space"),
        0xad => Some("U+00AD soft hyphen"),
        0x200b => Some("U+200B zero width space"),
        0x200c => Some("U+200C zero width non-joiner"),
        0x200d => Some("U+200D zero width joiner"),
        0x200e => Some("U+200E left-to-right mark"),
        0x200f => Some("U+200F right-to-left mark"),
        0x202a => Some("U+202A bidi embedding"),
        0x202b => Some("U+202B bidi embedding"),
        0x202c => Some("U+202C bidi pop"),
        0x202d => Some("U+202D bidi override"),
        0x202e => Some("U+202E bidi override"),
        0x2066 => Some("U+2066 bidi isolate"),
        0x2067 => Some("U+2067 bidi isolate"),
        0x2068 => Some("U+2068 bidi isolate"),
        0x2069 => Some("U+2069 bidi pop isolate"),
        0x2028 => Some("U+2028 line separator"),
        0x2029 => Some("U+2029 paragraph separator"),
        0xfeff => Some("U+FEFF byte order mark"),
        _ if invisible(code) || reorders(code) || stacks(code) => Some(""),
        _ if ordinary(character) => None,
        _ => Some(""),
    }
}

/// Controls, blanks, format characters, variation selectors, tags, private use, and our own brackets.
fn invisible(code: u32) -> bool {
    matches!(code,
        0x80..=0x9f | 0x034f | 0x061c | 0x115f..=0x1160 | 0x1680 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x27e8..=0x27e9 | 0x2800 | 0x3000 | 0x3164
        | 0xe000..=0xf8ff | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xffff
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0x0010_ffff)
}

/// Scripts written from right to left: a terminal that knows bidi would show the words around them in another order.
fn reorders(code: u32) -> bool {
    matches!(code, 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

/// Marks that are drawn over the character before them.
fn stacks(code: u32) -> bool {
    matches!(code, 0x0300..=0x036f | 0x0483..=0x0489 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

/// Assigned characters that draw something: identifiers of UTS 39, letters and digits, and the usual signs and pictures.
fn ordinary(character: char) -> bool {
    character.identifier_allowed()
        || character.is_alphanumeric()
        || matches!(character as u32,
            0xa1..=0xff | 0x2010..=0x2027 | 0x2030..=0x205e | 0x20a0..=0x20c0 | 0x2100..=0x27e7 | 0x27ea..=0x27ff
            | 0x2900..=0x2bff | 0x3001..=0x303f | 0xff01..=0xff60 | 0x1f300..=0x1faff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_is_not_plain_is_a_token() {
        let cases: &[(&[u8], &str)] = &[
            (b"git status", "git status"),
            (b"a\tb\rc\x1b[31m\x07", "a⟨TAB⟩b⟨CR⟩c⟨ESC⟩[31m⟨BEL⟩"),
            (b"x\n", "x⟨LF⟩"),
            (b"\xff\xfe", "⟨0xFF⟩⟨0xFE⟩"),
            ("café 中文 ü".as_bytes(), "café 中文 ü"),
            (
                "a\u{202e}b\u{200b}c\u{2066}".as_bytes(),
                "a⟨U+202E bidi override⟩b⟨U+200B zero width space⟩c⟨U+2066 bidi isolate⟩",
            ),
            ("\u{e0041}\u{9b}\u{a0}".as_bytes(), "⟨U+E0041⟩⟨CSI⟩⟨U+00A0 no-break space⟩"),
            ("⟨ESC⟩".as_bytes(), "⟨U+27E8⟩ESC⟨U+27E9⟩"),
            ("e\u{301}".as_bytes(), "e⟨U+0301⟩"),
            ("אב".as_bytes(), "⟨U+05D0⟩⟨U+05D1⟩"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(&escape(bytes), shown);
        }
    }

    #[test]
    fn no_two_byte_strings_look_the_same() {
        let mut seen = std::collections::HashMap::new();
        for first in 0..=255_u8 {
            for second in 0..=255_u8 {
                let bytes = vec![first, second];
                assert_eq!(seen.insert(escape(&bytes), bytes.clone()), None, "{bytes:?}");
            }
        }
    }

    #[test]
    fn no_two_characters_look_the_same() {
        let mut seen = std::collections::HashMap::new();
        for character in (0..=0x0010_ffff_u32).filter_map(char::from_u32) {
            let other = seen.insert(escape(character.to_string().as_bytes()), character);
            assert_eq!(other, None, "U+{:04X}", character as u32);
        }
    }

    #[test]
    fn what_is_shown_holds_no_control_and_nothing_invisible() {
        for code in 0..=0x0010_ffff_u32 {
            let Some(character) = char::from_u32(code) else { continue };
            let shown = escape(character.to_string().as_bytes());
            assert!(!shown.is_empty());
            for seen in shown.chars().filter(|c| *c != '⟨' && *c != '⟩') {
                assert!(!seen.is_control() && token(seen).is_none(), "U+{code:04X} is shown as {shown:?}");
            }
        }
    }
}
