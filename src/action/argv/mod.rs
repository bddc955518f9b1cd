//! Takes one program's argv and its [`Surroundings`]; gives a [`Reading`]: its options, operands, effects, and the commands
//! it carries, by the tool's declaration (POLICY section 1) and, where a declaration cannot say it, a special reader.
//! Guarantees: total, linear; a word that was not understood is a gap, and its visible operands still have their effects;
//! nothing is implied harmless.
//! Does not: follow payloads (the walker does), know tiers or scopes, follow links, do I/O.

mod environment;
mod fill;
mod form;
mod host;
mod lines;
mod option;
mod output;
mod plain_options;
mod reader;
mod role;
mod special;
mod split;

use super::{Coverage, GapKind, Reading, Surroundings, Value, path};
pub(super) use plain_options::loads_nothing;
use reader::Reader;
pub(super) use special::{FED, FED_WHOLE, FOUND, LISTED};

/// Reads one argv by its declaration.
#[must_use]
pub fn read(around: &Surroundings<'_>, argv: &[Value]) -> Reading {
    let Some(first) = argv.first() else {
        return Reading::default();
    };
    let mut reader = Reader::new(around, argv);
    let Some(text) = first.text() else {
        reader.gap(GapKind::DynamicWord, "the program's name is known only when it runs", first.span);
        reader.reading.operands = argv.get(1..).unwrap_or_default().to_vec();
        reader.reading.coverage = Coverage::Opaque;
        return reader.reading;
    };
    let name = path::base(text);
    reader.reading.program = Some(name.to_vec());
    reader.at = first.span;
    if !text.is_ascii() {
        reader.gap(GapKind::LookAlike, format!("`{}` is not plain ASCII", String::from_utf8_lossy(text)), first.span);
    }
    if !special::read(&mut reader, name, argv) {
        declared(&mut reader, name, argv);
    }
    reader.finish()
}

/// Reads an argv by the tool's declaration alone. Gives whether there is one.
fn declared(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) -> bool {
    let Some(tool) = reader.around.tools.command(&[name]) else {
        if let Some(argv) = special::dashed(reader, name, argv) {
            return declared(reader, b"git", &argv);
        }
        unknown(reader, name, argv);
        return false;
    };
    let rewritten = special::before(reader, name, argv);
    let words = split::split(reader, tool, rewritten.as_deref().unwrap_or(argv));
    form::apply(reader, words);
    true
}

/// A program nobody declared: its words are kept as operands.
fn unknown(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) {
    let at = reader.at;
    reader.gap(GapKind::UnknownProgram, format!("nothing is known of `{}`", String::from_utf8_lossy(name)), at);
    for word in argv.iter().skip(1).filter(|word| !word.prefix().starts_with(b"-")) {
        // Whatever it is, a file named to it is not hidden from the judge.
        reader.unexplained(word);
        reader.reading.operands.push(word.clone());
    }
}

#[cfg(test)]
mod tests;
