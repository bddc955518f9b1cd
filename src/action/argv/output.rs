//! What a program's standard output can be, and whether its standard input flows into it.

use super::lines;
use super::reader::Reader;
use crate::action::{Bound, EffectKind, Object, Part, Value};

/// Sets `keeps_lines` and `output`.
pub(super) fn describe(reader: &mut Reader<'_>) {
    let name = reader.reading.program.clone().unwrap_or_default();
    if reader.reading.output.is_none() {
        reader.reading.output = output(reader, &name);
    }
    reader.reading.keeps_lines = reader.reading.output.is_none() && lines::keeps(reader, &name);
}

fn output(reader: &Reader<'_>, name: &[u8]) -> Option<Bound> {
    let reading = &reader.reading;
    let given = |names: &[&str]| reading.options.iter().any(|(option, _)| names.contains(&option.as_str()));
    let below = || below(reader);
    match name {
        b"wc" if reading.operands.is_empty() => Some(Bound::Number),
        b"nproc" => Some(Bound::Number),
        b"pgrep" | b"pidof" if !given(&["--list-name", "--list-full", "--delimiter"]) => Some(Bound::Number),
        b"seq" if !given(&["--format", "--separator", "-f", "-s"]) => Some(Bound::Number),
        b"grep" | b"rg"
            if given(&["--count"]) && reading.operands.len() <= 2 && !given(&["--recursive", "--with-filename"]) =>
        {
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
        b"basename" if reading.operands.len() <= 2 && !given(&["--multiple", "-a"]) => Some(Bound::Name),
        b"uname" | b"whoami" | b"arch" | b"hostname" => Some(Bound::Name),
        b"id" if given(&["--user", "--group"]) => Some(if given(&["--name"]) { Bound::Name } else { Bound::Number }),
        b"gofmt" | b"goimports" | b"gofumpt" if given(&["-l"]) && !given(&["-d"]) => listed(reader),
        // Import paths of the module's own packages.
        b"go"
            if reading.sub == ["list"]
                && !given(&["-f", "-m", "-deps", "-json", "-e", "-test", "-find"])
                && reading.operands.iter().all(|word| word.text().is_some_and(|text| text.starts_with(b"./"))) =>
        {
            Some(Bound::Ref)
        }
        b"go" if reading.sub == ["env"] && reading.options.is_empty() => asked(reader),
        b"pwd" => reader.cwd.text().map(|cwd| Bound::Below { directory: cwd.to_vec(), from: None, names: Vec::new() }),
        b"mktemp" if reading.operands.is_empty() && !given(&["--tmpdir"]) => {
            Some(Bound::Below { directory: b"/tmp".to_vec(), from: None, names: Vec::new() })
        }
        b"fd" | b"fdfind" if !given(&["--list-details", "--exec", "--exec-batch", "--format"]) => below(),
        b"ls"
            if !given(&[
                "-l",
                "-g",
                "-o",
                "--numeric-uid-gid",
                "-p",
                "-F",
                "--classify",
                "--full-time",
                "--format",
                "--hyperlink",
                "--quote-name",
            ]) =>
        {
            listed(reader)
        }
        _ => None,
    }
}

/// `go env NAME`: the usual place of what the name stands for, where the line has not set another.
fn asked(reader: &Reader<'_>) -> Option<Bound> {
    let [name] = reader.reading.operands.as_slice() else { return None };
    let name = name.text()?;
    let home = reader.around.world.home()?;
    let below = |directory: &str| [home.as_slice(), directory.as_bytes()].concat();
    let directory = match name {
        b"GOPATH" | b"GOBIN" => below("/go"),
        b"GOMODCACHE" => below("/go/pkg/mod"),
        b"GOCACHE" => below("/.cache/go-build"),
        b"GOROOT" | b"GOTOOLDIR" => b"/usr/local/go".to_vec(),
        b"GOMOD" | b"GOWORK" => reader.cwd.text()?.to_vec(),
        b"GOOS" | b"GOARCH" | b"GOVERSION" | b"CGO_ENABLED" => return Some(Bound::Name),
        _ => return None,
    };
    let set = |name: &[u8]| !matches!((reader.around.variables)(name), crate::action::reading::Seen::Untouched);
    let untouched = !set(name) && !set(b"GOPATH") && !set(b"GOENV") && !set(b"HOME");
    untouched.then_some(Bound::Below { directory, from: None, names: Vec::new() })
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
            Some(_) => {
                return reader.cwd.text().map(|cwd| Bound::Below {
                    directory: cwd.to_vec(),
                    from: None,
                    names: Vec::new(),
                });
            }
            None => directory = Some(text),
        }
    }
    let from = reader.cwd.text().map(<[u8]>::to_vec);
    directory.or(reader.cwd.text()).map(|directory| Bound::Below {
        directory: directory.to_vec(),
        from,
        names: Vec::new(),
    })
}

/// What `ls` prints: names in its directories, or its operands as they stand.
fn listed(reader: &Reader<'_>) -> Option<Bound> {
    let below = |word: &Value| {
        let relative = !matches!(word.parts.first(), Some(Part::Known(text)) if text.starts_with(b"/"));
        relative
            && word.parts.iter().all(|part| match part {
                Part::Known(text) => !text.windows(2).any(|two| two == b".."),
                Part::Glob(_) => true,
                Part::Hole(_) => false,
            })
    };
    let cwd = reader.cwd.text().filter(|_| reader.reading.operands.iter().all(below))?;
    Some(Bound::Below { directory: cwd.to_vec(), from: Some(cwd.to_vec()), names: Vec::new() })
}
