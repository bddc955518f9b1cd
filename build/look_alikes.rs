//! Turns UTS 39's confusables (crate `unicode-security`) into the little that is asked of them: which characters can be taken
//! for ASCII, and for what. The whole table, and the decompositions it needs, would be 0.3 MB of the binary.

use std::fmt::Write as _;
use std::path::Path;

/// Writes `look_alikes.rs` into `out`: characters like one ASCII character as `code << 8 | ascii`; those like several, or
/// like nothing at all, with their text; both sorted.
pub fn generate(out: &Path) {
    let (mut one, mut other) = (String::from("(&["), String::from("], &["));
    for character in ('\u{80}'..=char::MAX).filter(|character| !character.is_ascii()) {
        let mut buffer = [0; 4];
        let like: String = unicode_security::skeleton(character.encode_utf8(&mut buffer)).collect();
        match like.as_bytes() {
            _ if !like.is_ascii() => {}
            [ascii] => write!(one, "{},", (character as u32) << 8 | u32::from(*ascii)).expect("text"),
            _ => write!(other, "({}, {like:?}),", character as u32).expect("text"),
        }
    }
    std::fs::write(out.join("look_alikes.rs"), format!("{one}{other}])")).expect("the table is written");
}
