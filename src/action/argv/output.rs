//! What a program's standard output can be, and whether its standard input flows into it.

use super::reader::Reader;
use crate::action::{Bound, EffectKind, Object};

/// Sets `passes_stdin` and `output`.
pub(super) fn describe(reader: &mut Reader<'_>) {
    let name = reader.reading.program.clone().unwrap_or_default();
    if reader.reading.output.is_none() {
        reader.reading.output = output(reader, &name);
    }
    let bounded = matches!(reader.reading.output, Some(Bound::Number | Bound::Name));
    reader.reading.passes_stdin = !bounded && !silent(&name);
}

/// Programs that never read standard input.
fn silent(name: &[u8]) -> bool {
    matches!(
        name,
        b"echo"
            | b"printf"
            | b"ls"
            | b"mkdir"
            | b"rm"
            | b"rmdir"
            | b"cp"
            | b"mv"
            | b"ln"
            | b"touch"
            | b"chmod"
            | b"chown"
            | b"find"
            | b"pwd"
            | b"date"
            | b"true"
            | b"false"
            | b"test"
            | b"["
            | b"sleep"
            | b"seq"
            | b"basename"
            | b"dirname"
            | b"realpath"
            | b"readlink"
            | b"stat"
            | b"which"
            | b"whoami"
            | b"id"
            | b"uname"
            | b"hostname"
            | b"kill"
            | b"ps"
            | b"df"
            | b"du"
            | b"mktemp"
            | b"yes"
            | b"nproc"
            | b"type"
            | b"cd"
            | b"export"
    )
}

fn output(reader: &Reader<'_>, name: &[u8]) -> Option<Bound> {
    let reading = &reader.reading;
    let given = |names: &[&str]| reading.options.iter().any(|(option, _)| names.contains(&option.as_str()));
    let sub = reading.sub.first().map(String::as_str).unwrap_or_default();
    let below = || below(reader);
    match name {
        b"wc" if reading.operands.is_empty() => Some(Bound::Number),
        b"nproc" | b"seq" => Some(Bound::Number),
        b"grep" | b"rg" if given(&["--count"]) && reading.operands.len() <= 2 && !given(&["--recursive"]) => {
            Some(Bound::Number)
        }
        b"rg" | b"grep" if given(&["--files-with-matches", "--files-without-match", "--files"]) => below(),
        b"date" => match reading.operands.first().and_then(|format| format.text()) {
            Some(b"+%s" | b"+%Y" | b"+%m" | b"+%d" | b"+%Y%m%d" | b"+%H%M%S" | b"+%Y%m%d%H%M%S" | b"+%s%N") => {
                Some(Bound::Number)
            }
            Some(format) => {
                let plain =
                    format.iter().skip(1).all(|byte| !matches!(byte, b'/' | b' ') && !byte.is_ascii_whitespace());
                let slashed =
                    format.windows(2).any(|pair| matches!(pair, b"%D" | b"%x" | b"%c" | b"%n" | b"%t" | b"%+"));
                (plain && !slashed && format.get(1) != Some(&b'-')).then_some(Bound::Name)
            }
            None => None,
        },
        b"basename" if reading.operands.len() == 1 => Some(Bound::Name),
        b"uname" | b"whoami" | b"arch" | b"hostname" => Some(Bound::Name),
        b"id" if given(&["--user", "--group"]) => Some(if given(&["--name"]) { Bound::Name } else { Bound::Number }),
        b"pwd" => reader.cwd.text().map(|cwd| Bound::Below(cwd.to_vec())),
        b"mktemp" if reading.operands.is_empty() && !given(&["--tmpdir"]) => Some(Bound::Below(b"/tmp".to_vec())),
        b"fd" | b"fdfind" => below(),
        b"ls" if reading.operands.is_empty() && !given(&["-l"]) => below(),
        b"git" => match sub {
            "ls-files" => below(),
            "rev-parse" if given(&["--short", "--verify"]) => Some(Bound::Name),
            "branch" if given(&["--show-current"]) => Some(Bound::Anything),
            "rev-list" if given(&["--count"]) => Some(Bound::Number),
            "diff" if given(&["--name-only"]) => below(),
            _ => None,
        },
        _ => None,
    }
}

/// Below the one directory that is read, else the directory in force.
fn below(reader: &Reader<'_>) -> Option<Bound> {
    let mut directory: Option<&[u8]> = None;
    for effect in &reader.reading.effects {
        if !matches!(effect.kind, EffectKind::Reads | EffectKind::Names) {
            continue;
        }
        let Object::Path { path, .. } = &effect.object else { continue };
        let text = path.text()?;
        match directory {
            Some(have) if crate::action::path::within(text, have) => {}
            Some(have) if crate::action::path::within(have, text) => directory = Some(text),
            Some(_) => return reader.cwd.text().map(|cwd| Bound::Below(cwd.to_vec())),
            None => directory = Some(text),
        }
    }
    directory.or(reader.cwd.text()).map(|directory| Bound::Below(directory.to_vec()))
}
