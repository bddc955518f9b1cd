//! rsync and scp: operands of the form `host:path` are on another machine.

use super::super::host::{self, Place};
use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::{EffectKind, Feed, Flag, Flags, Object, Value};

/// Replaces what was read of remote operands as if they were paths.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    mirrored(reader, words);
    let last = words.operands.len().saturating_sub(1);
    for (index, operand) in words.operands.iter().enumerate() {
        let Some(place) = remote(operand) else { continue };
        let written = operand.display();
        reader
            .reading
            .effects
            .retain(|effect| !matches!(&effect.object, Object::Path { as_written, .. } if *as_written == written));
        reader.effect(EffectKind::Connects, Object::Host(place.clone()), operand);
        if index == last && index > 0 {
            let mut feed = Feed::default();
            for effect in &reader.reading.effects {
                if let (EffectKind::Reads, Object::Path { path, .. }) = (effect.kind, &effect.object) {
                    feed.files.extend(path.text().map(<[u8]>::to_vec));
                }
            }
            reader.effect_with(EffectKind::Sends, Object::Host(place), operand, Flags::default(), feed);
        }
    }
}

/// Files that are named after the last part of their URL in the directory in force.
pub(super) fn fetched(reader: &mut Reader<'_>, words: &Words) {
    for operand in &words.operands {
        let Some(text) = operand.text() else { continue };
        let text = text.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
        let rest =
            text.windows(3).position(|three| three == b"://").map_or(text, |at| text.get(at + 3..).unwrap_or_default());
        let Some(slash) = rest.iter().rposition(|byte| *byte == b'/') else { continue };
        let name = rest.get(slash + 1..).unwrap_or_default();
        if !name.is_empty() {
            let name = Value::known(name.to_vec()).at(operand.span);
            reader.writes(&name, Flags::default());
        }
    }
}

/// What `--delete` removes below the last operand.
fn mirrored(reader: &mut Reader<'_>, words: &Words) {
    let given = reader.reading.options.iter().any(|(name, _)| name == "--delete" || name == "--del");
    let Some(last) = words.operands.last() else { return };
    if !given || words.any(&["-n"]) || remote(last).is_some() {
        return;
    }
    let object = reader.path(last);
    reader.effect_with(EffectKind::Deletes, object, last, Flags::default().with(Flag::Recursive), Feed::default());
}

/// tar's archive is written when it creates or changes one, else read; `host:file` is on another machine.
pub(super) fn archive(reader: &mut Reader<'_>, words: &Words) {
    let Some(archive) = words.option("-f").and_then(|given| given.value.clone()) else { return };
    let prefix = archive.prefix();
    let colon = prefix.iter().position(|byte| *byte == b':');
    let slash = prefix.iter().position(|byte| *byte == b'/');
    if colon.is_some_and(|colon| slash.is_none_or(|slash| colon < slash)) && !words.any(&["--force-local"]) {
        return reader.effect(EffectKind::Connects, Object::Host(host::authority(&archive)), &archive);
    }
    // Named from where tar was started, whatever -C says.
    let moved = std::mem::replace(&mut reader.cwd, reader.around.cwd.clone());
    let known = reader.reading.effects.iter().any(|effect| {
        let written = archive.display();
        matches!(&effect.object, Object::Path { as_written, .. } if *as_written == written)
            && matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites)
    });
    if !words.any(&["-c", "-r", "-u", "-A", "--delete"]) {
        reader.reads(&archive, Flags::default());
    } else if !known {
        reader.writes(&archive, Flags::default());
    }
    reader.cwd = moved;
}

fn remote(operand: &Value) -> Option<Value> {
    match host::remote(operand) {
        Place::Host(host) => Some(host),
        // `host::module` is rsync's own protocol.
        Place::Command(value) => Some(host::authority(&value)),
        Place::Local(_) | Place::Name(_) => None,
    }
}
