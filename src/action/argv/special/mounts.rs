//! Containers that are given a part of this machine: what is mounted can be read inside.

use super::super::reader::{Reader, tail};
use crate::action::{Flags, Value};

/// `-v SOURCE:TARGET`, `--mount type=bind,src=SOURCE,…`, `--secret id=x,src=SOURCE`, `--build-context NAME=SOURCE`.
pub(super) fn read(reader: &mut Reader<'_>) {
    let mut sources: Vec<Value> = Vec::new();
    for (name, value) in &reader.reading.options {
        let Some(value) = value else { continue };
        match name.as_str() {
            "--volume" => sources.extend(before(value, b':')),
            "--mount" | "--secret" => sources.extend(named(value)),
            "--build-context" => {
                let end = value.prefix().iter().position(|byte| *byte == b'=');
                sources.extend(end.map(|end| tail(value, end + 1)));
            }
            _ => {}
        }
    }
    for source in sources {
        // A bare name is a volume of the engine.
        if matches!(source.prefix().first(), Some(b'/' | b'.' | b'~')) {
            reader.reads(&source, Flags::default());
        }
    }
}

/// The value up to a mark in its known beginning.
fn before(value: &Value, mark: u8) -> Option<Value> {
    let prefix = value.prefix();
    let end = prefix.iter().position(|byte| *byte == mark)?;
    Some(Value::known(prefix.get(..end)?).at(value.span))
}

/// What stands behind `src=` or `source=` among `key=value` pairs.
fn named(value: &Value) -> Option<Value> {
    let text = value.prefix();
    let mut from = 0;
    for pair in text.split(|byte| *byte == b',') {
        let key = [&b"src="[..], b"source="].into_iter().find(|key| pair.starts_with(key));
        if let Some(key) = key {
            let rest = tail(value, from + key.len());
            return Some(before(&rest, b',').unwrap_or(rest));
        }
        from += pair.len() + 1;
    }
    None
}
