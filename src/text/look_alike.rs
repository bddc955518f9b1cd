//! What is not ASCII but can be taken for it (Unicode's UTS 39, "confusables"), by the skeletons of the crate
//! `unicode-security`: `build/look_alikes.rs` keeps of its table what this file asks.

use super::escape;

type Table = (&'static [u32], &'static [(u32, &'static str)]);

/// Characters like one ASCII character (`code << 8 | ascii`), and those like several or like nothing; both sorted.
static TABLE: Table = include!(concat!(env!("OUT_DIR"), "/look_alikes.rs"));

/// The ASCII that a character is, or can be taken for; "" for one that is not drawn. `None`: it looks like itself.
fn like(character: char) -> Option<&'static str> {
    let code = character as u32;
    if let Ok(at) = TABLE.1.binary_search_by_key(&code, |(code, _)| *code) {
        return TABLE.1.get(at).map(|(_, like)| *like);
    }
    let at = TABLE.0.binary_search_by_key(&code, |entry| entry >> 8).ok()?;
    let ascii = (TABLE.0.get(at)? & 0x7f) as usize;
    std::str::from_utf8(ASCII.get(ascii..=ascii)?).ok()
}

/// Every ASCII character at its place.
static ASCII: [u8; 128] = {
    let mut all = [0; 128];
    let mut at = 0;
    while at < all.len() {
        all[at] = at as u8;
        at += 1;
    }
    all
};

/// `text` as it can be read: what can be taken for ASCII is written so.
#[must_use]
pub fn read_as(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match if character.is_ascii() { None } else { like(character) } {
            Some(like) => out.push_str(like),
            None => out.push(character),
        }
    }
    out
}

/// A character that is not ASCII but can be taken for ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// Where in the bytes.
    pub at: usize,
    /// What stands there.
    pub character: char,
    /// What it can be taken for.
    pub like: String,
}

impl std::fmt::Display for LookAlike {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = escape(self.character.to_string().as_bytes());
        write!(out, "{shown} is U+{:04X} ({}), not '{}'", self.character as u32, script(self.character), self.like)
    }
}

/// Every character of `bytes` that UTS 39 calls confusable with ASCII.
#[must_use]
pub fn look_alikes(bytes: &[u8]) -> Vec<LookAlike> {
    if bytes.is_ascii() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for (offset, character) in chunk.valid().char_indices() {
            if character.is_ascii() {
                continue;
            }
            if let Some(like) = like(character).filter(|like| !like.is_empty()) {
                found.push(LookAlike { at: at + offset, character, like: like.to_owned() });
            }
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    found
}

fn script(character: char) -> &'static str {
    match character as u32 {
        0x00a0..=0x024f => "Latin",
        0x0250..=0x02af => "phonetic",
        0x0370..=0x03ff | 0x1f00..=0x1fff => "Greek",
        0x0400..=0x052f | 0x1c80..=0x1c8f => "Cyrillic",
        0x0530..=0x058f => "Armenian",
        0x13a0..=0x13ff => "Cherokee",
        0x2000..=0x206f => "punctuation",
        0x2200..=0x22ff => "mathematical sign",
        0xff00..=0xffef => "full width",
        0x0001_d400..=0x0001_d7ff => "mathematical letter",
        _ => "another script",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hides;

    #[test]
    fn the_table_says_what_the_standard_says() {
        for character in ('\u{80}'..=char::MAX).filter(|character| !character.is_ascii()) {
            let said: String = unicode_security::skeleton(character.encode_utf8(&mut [0; 4])).collect();
            assert_eq!(like(character), Some(said.as_str()).filter(|said| said.is_ascii()), "{character:?}");
        }
    }

    #[test]
    fn text_is_read_as_it_looks() {
        for (text, read) in
            [("git", "git"), ("gіt", "git"), ("ｒｍ", "rrn"), ("a\u{200b}b", "ab"), ("café", "café"), ("", "")]
        {
            assert_eq!(read_as(text), read, "{text:?}");
        }
    }

    #[test]
    fn look_alikes_are_named_and_honest_letters_are_not() {
        let found = look_alikes("сurl http://ex\u{0430}mple.test".as_bytes());
        assert_eq!(found.iter().map(|l| (l.at, l.like.as_str())).collect::<Vec<_>>(), [(0, "c"), (15, "a")]);
        assert_eq!(found[0].to_string(), "с is U+0441 (Cyrillic), not 'c'");
        assert!(look_alikes("grüße 中".as_bytes()).is_empty());
        assert!(hides("a\u{202e}".as_bytes()) && !hides("grüße\n".as_bytes()));
    }
}
