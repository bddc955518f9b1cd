//! What patch, `git apply` and `git am` do: the files that a diff names are written, and removed where it says so.
//!
//! Every line of the text that either program could take for a header counts as one, wherever it stands: a line of a hunk
//! that looks like a header adds a file, and no count of lines can hide one.

use std::collections::BTreeSet;

use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::{EffectKind, Feed, Flag, Flags, GapKind, Object, Value, path};

/// What a diff does to one of the names in it, as they are written there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Writes(Vec<u8>),
    Deletes(Vec<u8>),
}

/// What the text of a diff says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Diff {
    changes: BTreeSet<Change>,
    /// Something in it that names alone do not tell: a script for an editor, a link, a name that cannot be read.
    odd: Option<&'static str>,
}

/// How many leading components of a name are cut off.
#[derive(Clone, Copy)]
enum Strip {
    /// So many.
    Exactly(usize),
    /// It is guessed: git takes all of the name or cuts one off.
    Guessed,
    /// patch takes the last component, or a longer part that is there.
    Any,
}

/// `patch [FILE [DIFF]]`: without FILE the diff says which.
pub(super) fn patch(reader: &mut Reader<'_>, words: &Words) {
    if !words.operands.is_empty() || reader.harmless {
        return;
    }
    let text = match words.option("-i").and_then(|given| given.value.clone()).filter(|file| file.text() != Some(b"-")) {
        Some(file) => file_text(reader, &file),
        None => stdin_text(reader),
    };
    let strip = strip(words, Strip::Any);
    let base = reader.cwd.clone();
    apply(reader, text, words.any(&["-R"]), true, strip, &[base]);
}

/// `apply_patch [TEXT]`: an agent's own format, whose headers name the files below the directory in force.
pub(super) fn agent(reader: &mut Reader<'_>, words: &Words) {
    let text = match words.operands.first() {
        Some(text) => text.text().map(<[u8]>::to_vec),
        None => stdin_text(reader),
    };
    let at = Value::default().at(reader.at);
    let base = reader.cwd.clone();
    let mut odd = match &text {
        None => Some("which files the patch changes is known only when it is read"),
        Some(text) if text.trim_ascii_start().starts_with(b"*** Begin Patch") => None,
        Some(_) => Some("the patch names no file"),
    };
    for line in text.as_deref().unwrap_or_default().split(|byte| *byte == b'\n') {
        let Some(header) = line.trim_ascii().strip_prefix(b"***") else { continue };
        let header = header.trim_ascii_start();
        let named = |start: &[u8]| header.strip_prefix(start).map(<[u8]>::trim_ascii);
        let (kind, name) = if let Some(name) = named(b"Add File:").or_else(|| named(b"Move to:")) {
            (EffectKind::Overwrites, name)
        } else if let Some(name) = named(b"Update File:") {
            (EffectKind::Writes, name)
        } else if let Some(name) = named(b"Delete File:") {
            (EffectKind::Deletes, name)
        } else {
            if !matches!(header, b"Begin Patch" | b"End Patch" | b"End of File") {
                odd = Some("a header of the patch that is not known");
            }
            continue;
        };
        let name = Value::known(name);
        let object = Object::Path { path: path::absolute(&base, &name), as_written: name.display() };
        reader.effect_with(kind, object, &at, Flags::default(), Feed::default());
    }
    if let Some(odd) = odd {
        reader.gap(GapKind::DynamicWord, odd, at.span);
    }
}

/// `git apply [FILE…]`, `git am [FILE…]`. `root`: the top of the repository, from which names count.
pub(super) fn git(reader: &mut Reader<'_>, words: &Words, root: Option<&[u8]>) {
    let goes_on = ["--abort", "--continue", "--skip", "--quit", "--show-current-patch"];
    if words.any(&goes_on) || reader.harmless {
        return;
    }
    let mut texts = Some(Vec::new());
    // What the repository itself has said of its files, put back into them.
    let own = |file: &Value| {
        let place = path::absolute(&reader.cwd, file);
        let stdin = file.text() == Some(b"-");
        (reader.around.tree_diff)(if stdin { None } else { Some(place.text().unwrap_or_default()) })
    };
    let all = words.operands.iter().all(own);
    let own = all && (!words.operands.is_empty() || (reader.around.tree_diff)(None));
    let named = words.operands.iter().filter(|file| file.text() != Some(b"-"));
    for file in named {
        let text = file_text(reader, file);
        texts = texts.zip(text).map(|(all, text)| [all.as_slice(), b"\n", text.as_slice()].concat());
    }
    if words.operands.is_empty() || words.operands.iter().any(|file| file.text() == Some(b"-")) {
        texts = texts.zip(stdin_text(reader)).map(|(all, text)| [all, text].concat());
    }
    if texts.is_none() && own && !words.any(&["--directory", "--unsafe-paths"]) {
        return;
    }
    let below = words.option("--directory").and_then(|given| given.value.clone());
    let here = Some(reader.cwd.clone());
    let top = root.filter(|root| reader.cwd.text() != Some(root)).map(Value::known);
    let bases: Vec<Value> = here
        .into_iter()
        .chain(top)
        .map(|base| below.as_ref().map_or_else(|| base.clone(), |below| path::absolute(&base, below)))
        .collect();
    apply(reader, texts, words.any(&["-R"]), false, strip(words, Strip::Guessed), &bases);
}

fn strip(words: &Words, without: Strip) -> Strip {
    match words.option("-p").map(|given| given.value.as_ref().and_then(Value::text)) {
        None => without,
        Some(number) => {
            number.and_then(|number| std::str::from_utf8(number).ok()?.parse().ok()).map_or(Strip::Any, Strip::Exactly)
        }
    }
}

fn file_text(reader: &Reader<'_>, file: &Value) -> Option<Vec<u8>> {
    let file = path::absolute(&reader.cwd, file);
    (reader.around.contents)(file.text()?)
}

fn stdin_text(reader: &Reader<'_>) -> Option<Vec<u8>> {
    match reader.around.stdin {
        Some(text) => Some(text.to_vec()),
        None => (reader.around.contents)(reader.around.stdin_file?),
    }
}

/// Adds what the text says; a text that is not known writes what nobody has read.
fn apply(reader: &mut Reader<'_>, text: Option<Vec<u8>>, reverse: bool, indented: bool, strip: Strip, bases: &[Value]) {
    let at = Value::default().at(reader.at);
    let odd = match text.as_deref().map(|text| read(text, reverse, indented)) {
        None => Some("which files the diff changes is known only when it is read"),
        Some(diff) => {
            for base in bases {
                for (kind, name) in targets(&diff.changes, strip) {
                    let name = Value::known(name);
                    let object = Object::Path { path: path::absolute(base, &name), as_written: name.display() };
                    reader.effect_with(kind, object, &at, Flags::default(), Feed::default());
                }
            }
            diff.odd.or(diff.changes.is_empty().then_some("the diff names no file"))
        }
    };
    if let (Some(odd), false) = (odd, reader.reading.flags.has(Flag::Dry)) {
        let span = at.span;
        reader.gap(GapKind::DynamicWord, odd, span);
    }
}

/// The paths that the names stand for. What is removed is looked for where it certainly lies, what is written wherever it may.
fn targets(changes: &BTreeSet<Change>, strip: Strip) -> BTreeSet<(EffectKind, Vec<u8>)> {
    let mut out = BTreeSet::new();
    for change in changes {
        let (kind, name) = match change {
            Change::Writes(name) => (EffectKind::Writes, name),
            Change::Deletes(name) => (EffectKind::Deletes, name),
        };
        let cut =
            |count: usize| name.splitn(count + 1, |byte| *byte == b'/').nth(count).filter(|rest| !rest.is_empty());
        match (strip, kind) {
            (Strip::Exactly(count), _) => out.extend(cut(count).map(|rest| (kind, rest.to_vec()))),
            (Strip::Guessed, EffectKind::Deletes) => out.extend(cut(1).map(|rest| (kind, rest.to_vec()))),
            (Strip::Guessed, _) => out.extend([0, 1].into_iter().filter_map(cut).map(|rest| (kind, rest.to_vec()))),
            (Strip::Any, _) => {
                let parts = name.iter().filter(|byte| **byte == b'/').count();
                out.extend((0..=parts.min(COMPONENTS)).filter_map(cut).map(|rest| (EffectKind::Writes, rest.to_vec())));
                if kind == EffectKind::Deletes {
                    out.insert((kind, path::base(name).to_vec()));
                }
            }
        }
    }
    out
}

/// Components of a name that are tried at most where it is not known how many are cut off.
const COMPONENTS: usize = 16;

/// Reads the headers of a diff. `indented`: patch takes a diff that is indented as a whole, or quoted in a mail.
fn read(text: &[u8], reverse: bool, indented: bool) -> Diff {
    let mut diff = Diff::default();
    // The names of the file at hand: before and after.
    let mut old: Option<Vec<u8>> = None;
    let mut both: Vec<Vec<u8>> = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if indented { unquoted(line) } else { line };
        if let Some(rest) = line.strip_prefix(b"diff --git ") {
            both = pair(rest);
            old = None;
            both.iter().for_each(|name| diff.write(Some(name.clone())));
        } else if let Some(rest) = [&b"--- "[..], b"*** "].iter().find_map(|mark| line.strip_prefix(*mark)) {
            let names = names(rest);
            let none = names.iter().any(|name| name == b"/dev/null");
            if let (true, Some(before)) = (none && line.starts_with(b"--- "), old.take()) {
                // A context diff that removes: `*** name`, then `--- /dev/null`.
                diff.remove(before, !reverse);
            }
            old = names.first().cloned();
            names.into_iter().for_each(|name| diff.write(Some(name)));
        } else if let Some(rest) = line.strip_prefix(b"+++ ") {
            let names = names(rest);
            let new = names.first().cloned();
            match (old.take(), new) {
                (Some(old), Some(new)) if new == b"/dev/null" => diff.remove(old, !reverse),
                (Some(old), Some(new)) if old == b"/dev/null" => diff.remove(new, reverse),
                _ => {}
            }
            names.into_iter().for_each(|name| diff.write(Some(name)));
        } else if line.starts_with(b"deleted file mode ") || line.starts_with(b"new file mode ") {
            let removes = line.starts_with(b"deleted") != reverse;
            if let Some(name) = both.first().filter(|_| removes) {
                diff.remove(name.clone(), true);
            }
            diff.mode(line);
        } else if line.starts_with(b"new mode ") || line.starts_with(b"old mode ") {
            diff.mode(line);
        } else if let Some(rest) = MOVES.iter().find_map(|mark| line.strip_prefix(*mark)) {
            // These stand without the `a/` that is cut off, unless nothing is.
            for name in names(rest) {
                diff.write(Some([b"a/", name.as_slice()].concat()));
                diff.write(Some(name));
            }
        } else if let Some(rest) = [&b"Index: "[..], b"Index:"].iter().find_map(|mark| line.strip_prefix(*mark)) {
            names(rest).into_iter().for_each(|name| diff.write(Some(name)));
        } else if indented && is_editing(line) {
            diff.odd = Some("a diff that is a script for an editor");
        }
    }
    diff
}

const MOVES: &[&[u8]] = &[b"rename from ", b"rename to ", b"rename old ", b"rename new ", b"copy from ", b"copy to "];

impl Diff {
    fn write(&mut self, name: Option<Vec<u8>>) {
        match name {
            Some(name) if name == b"/dev/null" => {}
            Some(name) if name.first() == Some(&b'"') => self.odd = Some("a name in the diff that cannot be read"),
            Some(name) => drop(self.changes.insert(Change::Writes(name))),
            None => {}
        }
    }

    fn remove(&mut self, name: Vec<u8>, really: bool) {
        if really && name != b"/dev/null" {
            self.changes.insert(Change::Deletes(name));
        }
    }

    fn mode(&mut self, line: &[u8]) {
        if line.ends_with(b" 120000") {
            self.odd = Some("a symbolic link that the diff makes");
        }
    }
}

/// A line as patch reads it: without indentation and without the dashes that quote it in a mail.
fn unquoted(mut line: &[u8]) -> &[u8] {
    loop {
        line = match line {
            [b' ' | b'\t' | b'X', rest @ ..] => rest,
            [b'-', b' ', rest @ ..] => rest,
            _ => return line,
        };
    }
}

/// A name as it may be meant: up to a tab, and up to the first blank before a date; quoted as git does.
fn names(rest: &[u8]) -> Vec<Vec<u8>> {
    let rest = rest.trim_ascii_start();
    if rest.first() == Some(&b'"') {
        return vec![quoted(rest).map_or_else(|| b"\"".to_vec(), |(name, _)| name)];
    }
    let whole = rest.split(|byte| *byte == b'\t').next().unwrap_or_default().trim_ascii_end();
    let first = whole.split(|byte| *byte == b' ').next().unwrap_or_default();
    let mut out = vec![first.to_vec()];
    if first != whole {
        out.push(whole.to_vec());
    }
    out.retain(|name| !name.is_empty());
    out
}

/// The two names behind `diff --git`: where they hold blanks, every way to part them.
fn pair(rest: &[u8]) -> Vec<Vec<u8>> {
    if rest.contains(&b'"') {
        let (first, after) = match quoted(rest) {
            Some(found) => found,
            None => match rest.iter().position(|byte| *byte == b' ') {
                Some(at) => (rest.get(..at).unwrap_or_default().to_vec(), rest.get(at..).unwrap_or_default()),
                None => return vec![b"\"".to_vec()],
            },
        };
        let after = after.trim_ascii();
        let second =
            if after.first() == Some(&b'"') { quoted(after).map(|(name, _)| name) } else { Some(after.to_vec()) };
        return vec![first, second.unwrap_or_else(|| b"\"".to_vec())];
    }
    let blanks = rest.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
    let parted = |at: usize| Some([rest.get(..at)?.to_vec(), rest.get(at + 1..)?.to_vec()]);
    blanks.take(COMPONENTS).filter_map(parted).flatten().collect()
}

/// `"a/\303\244.c" rest`: the name without its quotes, and what is behind them.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut out = Vec::new();
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Some((out, after)),
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                out.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
                after
            }
            [b'\\', letter, after @ ..] => {
                out.push(match letter {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'"' | b'\\' => *letter,
                    _ => return None,
                });
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
            [] => return None,
        };
    }
}

/// `3,5d`, `12a`, `$s`: a line of ed, which patch would hand to it.
fn is_editing(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b',').count();
    digits > 0 && matches!(line.get(digits..), Some([b'a' | b'c' | b'd' | b'i' | b's', rest @ ..]) if rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, reverse: bool, strip: Strip) -> String {
        let diff = read(text.as_bytes(), reverse, true);
        let targets = targets(&diff.changes, strip);
        let mut out: Vec<String> =
            targets.iter().map(|(kind, name)| format!("{} {}", kind.name(), String::from_utf8_lossy(name))).collect();
        out.extend(diff.odd.map(|odd| format!("odd: {odd}")));
        out.join("; ")
    }

    #[test]
    fn names_of_a_diff() {
        let one = Strip::Exactly(1);
        for (text, reverse, strip, want) in [
            ("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b", false, one, "writes x.c"),
            (
                "--- a/d/x.c\t2024-01-01\n+++ b/d/x.c\t2024-01-02",
                false,
                Strip::Exactly(0),
                "writes a/d/x.c; writes b/d/x.c",
            ),
            ("--- /dev/null\n+++ b/n", false, one, "writes n"),
            ("--- /dev/null\n+++ b/n", true, one, "writes n; deletes n"),
            ("--- a/o\n+++ /dev/null", false, one, "writes o; deletes o"),
            ("diff --git a/x b/x\ndeleted file mode 100644", false, one, "writes x; deletes x"),
            (
                "diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to d/y",
                false,
                one,
                "writes d/y; writes x; writes y",
            ),
            ("diff --git \"a/\\141\" b/q", false, one, "writes a; writes q"),
            ("  --- a/x\n  +++ b/x", false, one, "writes x"),
            ("*** a/x\n--- b/x", false, one, "writes x"),
            ("Index: src/x.c", false, Strip::Exactly(0), "writes src/x.c"),
            ("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n--- a/y\n+++ b/y", false, one, "writes x; writes y"),
            ("--- /etc/passwd\n+++ /etc/passwd", false, Strip::Exactly(0), "writes /etc/passwd"),
            (
                "new file mode 120000\n--- a/l\n+++ b/l",
                false,
                one,
                "writes l; odd: a symbolic link that the diff makes",
            ),
            ("--- a/x\n+++ b/x\n1,2d", false, one, "writes x; odd: a diff that is a script for an editor"),
            ("--- a/x\n+++ b/x", false, Strip::Any, "writes a/x; writes b/x; writes x"),
        ] {
            assert_eq!(shown(text, reverse, strip), want, "{text}");
        }
    }
}
