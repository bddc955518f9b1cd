//! rsync and scp: operands of the form `host:path` are on another machine.

use super::super::host::{self, Place};
use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::{EffectKind, Feed, FileKind, Flag, Flags, Object, Part, Value, path};

/// Replaces what was read of remote operands as if they were paths.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    mirrored(reader, words);
    only_fetches(reader, words);
    let last = words.operands.len().saturating_sub(1);
    if let Some((target, sources)) = words.operands.split_last().filter(|(target, _)| remote(target).is_none()) {
        let text = target.text().unwrap_or_default();
        let absolute = path::absolute(&reader.cwd, target);
        let directory = absolute.text().is_some_and(|at| reader.around.world.kind(at) == FileKind::Directory);
        if directory || text.ends_with(b"/") || sources.len() > 1 {
            for source in sources.iter().filter(|source| remote(source).is_some()) {
                received(reader, source, target);
            }
        }
    }
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
            let directory = ["-P", "--output-dir"].iter().find_map(|name| words.option(name)?.value.clone());
            let mut file = directory.map_or_else(Value::default, |directory| directory.with(b"/")).at(operand.span);
            file.push_known(name);
            reader.writes(&file, Flags::default());
        }
    }
}

/// What a program declares to send falls away where it only fetches.
fn only_fetches(reader: &mut Reader<'_>, words: &Words) {
    let Some((target, sources)) = words.operands.split_last() else { return };
    if remote(target).is_none() && sources.iter().all(|source| remote(source).is_some()) {
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Sends);
    }
}

/// `sftp host:file`: the file is written under its name.
pub(super) fn fetched_from_host(reader: &mut Reader<'_>, words: &Words) {
    let [source, rest @ ..] = words.operands.as_slice() else { return };
    if rest.is_empty() {
        let here = Value::known(".").at(source.span);
        received(reader, source, &here);
    }
}

/// A file of another machine under its own name in a directory of this one.
fn received(reader: &mut Reader<'_>, source: &Value, directory: &Value) {
    let Some(text) = source.text() else { return };
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return };
    let name = path::base(text.get(colon + 1..).unwrap_or_default());
    if !name.is_empty() {
        let mut file = directory.clone().with(b"/");
        file.push_known(name);
        reader.writes(&file, Flags::default());
    }
}

/// What is moved goes with all that is in it.
pub(super) fn moved(reader: &mut Reader<'_>, words: &Words) {
    if words.any(&["-n", "--no-clobber"]) && !words.any(&["-f", "-i"]) {
        spares(reader);
    }
    let sources = words.operands.len().saturating_sub(usize::from(!words.any(&["-t"])));
    // What has no name here arrives with all that is in it, as copied trees do.
    let nameless = words.operands.iter().take(sources).any(is_nameless);
    for effect in reader.reading.effects.iter_mut().filter(|_| nameless) {
        effect.flags = effect.flags.with(Flag::Recursive);
    }
    for source in words.operands.iter().take(sources) {
        let written = source.display();
        for effect in &mut reader.reading.effects {
            if matches!(&effect.object, Object::Path { as_written, .. } if *as_written == written) {
                effect.flags = effect.flags.with(Flag::Recursive);
            }
        }
    }
}

/// Whether the last component of a path is whatever there is: `x/*`.
fn is_nameless(source: &Value) -> bool {
    let star = |text: &[u8]| text.iter().all(|byte| *byte == b'*');
    match source.parts.as_slice() {
        [Part::Glob(text)] => star(text),
        [.., Part::Known(before), Part::Glob(text)] => before.ends_with(b"/") && star(text),
        _ => false,
    }
}

/// What is there already stays as it is.
pub(super) fn spares(reader: &mut Reader<'_>) {
    for effect in &mut reader.reading.effects {
        if effect.kind == EffectKind::Overwrites {
            effect.kind = EffectKind::Writes;
        }
    }
}

/// What a symbolic link says is read from where the link lies.
pub(super) fn linked(reader: &mut Reader<'_>, words: &Words) {
    if !words.any(&["-s"]) || words.any(&["-r", "-t"]) {
        return;
    }
    let Some((target, sources)) = words.operands.split_last().filter(|(_, sources)| !sources.is_empty()) else {
        return;
    };
    let place = path::absolute(&reader.cwd, target);
    let Some(place) = place.text() else { return };
    // Whether a directory is there when it runs is not known: of both places the upper one leads further out. A link is followed.
    if !matches!(reader.around.world.kind(place), FileKind::Missing | FileKind::File | FileKind::Directory) {
        return;
    }
    let directory = target.prefix().ends_with(b"/") || sources.len() > 1;
    let from = Value::known(if directory { place } else { path::parent(place) });
    for source in sources.iter().filter(|source| !source.prefix().starts_with(b"/") && source.text().is_some()) {
        let said = path::absolute(&from, source);
        for effect in reader.reading.effects.iter_mut().filter(|effect| effect.kind == EffectKind::Reads) {
            if let Object::Path { path, as_written } = &mut effect.object
                && *as_written == source.display()
            {
                *path = said.clone();
            }
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
    renamed(reader, words);
    listed(reader, words);
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

/// `-T FILE`: names of members, a line each; one that begins with a dash is an option.
fn listed(reader: &mut Reader<'_>, words: &Words) {
    let Some(list) = words.option("-T").and_then(|given| given.value.clone()) else { return };
    let creates = words.any(&["-c", "-r", "-u"]);
    let stdin = matches!(list.text(), Some(b"-" | b"/dev/stdin" | b"/dev/fd/0"));
    let place = path::absolute(&reader.cwd, &list);
    let text = match place.text() {
        _ if stdin => reader.around.stdin.map(<[u8]>::to_vec),
        Some(place) => (reader.around.contents)(place),
        None => None,
    };
    let plain = words.any(&["--null", "--verbatim-files-from"]);
    let lines = || text.iter().flat_map(|text| text.split(|byte| matches!(byte, b'\n' | 0)));
    if lines().any(|line| line.starts_with(b"-")) && !plain || text.is_none() && !(stdin && creates) {
        return reader.role(&crate::action::tool::Role::OptionsFile, None, &list, Flags::default());
    }
    if stdin {
        reader.stdin = true;
        let member = Value { many: true, ..Value::hole(super::LISTED, crate::action::Bound::Anything) }.at(reader.at);
        if creates {
            reader.reads(&member, Flags::default().with(Flag::Recursive));
        }
        return;
    }
    reader.reads(&list, Flags::default());
    let members: Vec<Value> = lines().filter(|line| !line.is_empty()).map(Value::known).collect();
    for member in members.iter().filter(|_| creates) {
        reader.reads(&member.clone().at(list.span), Flags::default().with(Flag::Recursive));
    }
}

/// `yq -s` names its output files by an expression: strings in it that lead out of the directory are written to.
pub(super) fn split(reader: &mut Reader<'_>, words: &Words) {
    let Some(expression) = words.option("-s").and_then(|given| given.value.clone()) else { return };
    for string in expression.prefix().split(|byte| *byte == b'"').skip(1).step_by(2) {
        if string.starts_with(b"/") || string.windows(2).any(|two| two == b"..") {
            reader.writes(&Value::known(string).at(expression.span), Flags::default());
        }
    }
}

/// What a compressor leaves under the name it takes from the packed file's: `zstd -d a.zst` writes `a`.
pub(super) fn unpacked(reader: &mut Reader<'_>, words: &Words) {
    const ENDINGS: &[&[u8]] =
        &[b".gz", b".bz2", b".xz", b".lzma", b".zst", b".lz4", b".lz", b".lzo", b".br", b".Z", b".z"];
    let called = reader.argv.first().and_then(Value::text).map(path::base).unwrap_or_default();
    let unpacks = words.any(&["-d"]) || called.starts_with(b"un") || called.windows(2).any(|two| two == b"un");
    if !unpacks || words.any(&["-c", "-t", "-l", "-o"]) {
        return;
    }
    for packed in &words.operands {
        let Some(text) = packed.text() else { continue };
        if let Some(name) = ENDINGS.iter().find_map(|ending| text.strip_suffix(*ending)) {
            reader.writes(&Value::known(name).at(packed.span), Flags::default());
        }
    }
}

/// `ar x ARCHIVE MEMBER…` writes files of the members' names.
pub(super) fn members(reader: &mut Reader<'_>, words: &Words) {
    let [does, _, members @ ..] = words.operands.as_slice() else { return };
    if does.prefix().contains(&b'x') {
        for member in members {
            reader.writes(member, Flags::default());
        }
    }
}

/// What `--transform s,^,/etc/,` renames what is unpacked to, or bsdtar's `-s ,^,/etc/,`.
fn renamed(reader: &mut Reader<'_>, words: &Words) {
    if !words.any(&["-x"]) {
        return;
    }
    let bsd = reader.argv.first().and_then(Value::text).map(path::base) == Some(b"bsdtar");
    let expression = match words.option("--transform").and_then(|given| given.value.clone()) {
        None if bsd && words.any(&["-s"]) => words.operands.first().cloned(),
        given => given,
    };
    let Some(expression) = expression else { return };
    for part in expression.prefix().split(|byte| *byte == b';') {
        let part = part.strip_prefix(b"s").unwrap_or(part);
        let Some((mark, rest)) = part.split_first() else { continue };
        let name = rest.split(|byte| byte == mark).nth(1).unwrap_or_default();
        // A whole name, or a part of names that only the archive knows.
        if !name.is_empty() {
            reader.writes(&Value::known(name).at(expression.span), Flags::default());
        }
    }
}

/// sed keeps a copy of what it edits: a suffix with a directory puts it there, `*` standing for the file's name.
pub(super) fn kept(reader: &mut Reader<'_>) {
    let given =
        reader.reading.options.iter().find(|(name, _)| name == "--in-place").and_then(|(_, value)| value.clone());
    let Some(suffix) = given else { return };
    let text = suffix.display();
    let Some(slash) = text.iter().rposition(|byte| *byte == b'/') else {
        // Beside the file, under its name and what the suffix adds to it.
        let copies = reader.reading.effects.iter().filter_map(|effect| match (&effect.object, effect.kind) {
            (Object::Path { path, .. }, EffectKind::Writes | EffectKind::Overwrites) => path.text(),
            _ => None,
        });
        let copies: Vec<Vec<u8>> = copies.map(|file| copy_beside(file, &text)).collect();
        for copy in copies {
            reader.writes(&Value::known(copy).at(suffix.span), Flags::default());
        }
        return;
    };
    let directory = Value::known(text.get(..slash.max(1)).unwrap_or(b"/")).at(suffix.span);
    reader.writes(&directory, Flags::default());
}

/// `a/x.c` with `.bak` is `a/x.c.bak`, with `old_*` it is `a/old_x.c`.
pub(super) fn copy_beside(file: &[u8], suffix: &[u8]) -> Vec<u8> {
    if !suffix.contains(&b'*') {
        return [file, suffix].concat();
    }
    let at = file.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (directory, name) = file.split_at_checked(at).unwrap_or((b"", file));
    let parts: Vec<&[u8]> = suffix.split(|byte| *byte == b'*').collect();
    [directory, parts.join(name).as_slice()].concat()
}

fn remote(operand: &Value) -> Option<Value> {
    match host::remote(operand) {
        Place::Host(host) => Some(host),
        // `host::module` is rsync's own protocol.
        Place::Command(value) => Some(host::authority(&value)),
        Place::Local(_) | Place::Name(_) => None,
    }
}
