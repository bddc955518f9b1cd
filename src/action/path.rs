//! Lexical work on paths that may have globs and holes in them. Nothing here asks the machine: links are followed by
//! whoever has a [`World`](super::World).

use smallvec::smallvec;

use super::{Bound, Part, Value};

/// One path component: the parts between two slashes.
type Component = Vec<Part>;

/// `path` as a program running in `cwd` sees it: absolute and normalised (no `.`, `..`, `//`, no slash at the end) as far as
/// its text is known. A path that begins with an unbounded hole stays as it is: it may be absolute already. Taint, span
/// and `many` are those of `path`.
#[must_use]
pub fn absolute(cwd: &Value, path: &Value) -> Value {
    let mut joined = Value { taint: path.taint.clone(), span: path.span, many: path.many, ..Value::default() };
    // Most are known.
    if let ([Part::Known(text)], [Part::Known(at)]) = (path.parts.as_slice(), cwd.parts.as_slice())
        && at.starts_with(b"/")
        && !text.windows(3).any(|three| three == b"cwd")
    {
        if !text.starts_with(b"/") {
            joined.add_taint(&cwd.taint);
        }
        joined.parts = smallvec![Part::known(&absolute_bytes(at, text))];
        return joined;
    }
    match path.parts.first() {
        Some(Part::Known(text)) if text.starts_with(b"/") => joined.push(path),
        Some(Part::Hole(hole)) => match &hole.bound {
            Bound::Anything => return path.clone(),
            Bound::Below { from, .. } => {
                let mut out = path.clone();
                // Seen from another directory its relative paths lead elsewhere.
                if from.is_some() && from.as_deref() != cwd.text() {
                    out.bind(None);
                }
                return out;
            }
            Bound::Ref => {
                let mut out = path.clone();
                out.bind(cwd.text().map(|cwd| Bound::Below { directory: cwd.to_vec(), from: None, names: Vec::new() }));
                return out;
            }
            Bound::Number | Bound::Name => {
                joined.parts = cwd.parts.clone();
                joined.add_taint(&cwd.taint);
                joined.push_known(b"/");
                joined.push(path);
            }
        },
        _ => {
            joined.parts = cwd.parts.clone();
            joined.add_taint(&cwd.taint);
            joined.push_known(b"/");
            joined.push(path);
        }
    }
    normal_in(Some(cwd), &joined)
}

/// `path` without `.`, `..`, `//` and a slash at the end, where that can be said without knowing its holes.
#[must_use]
pub fn normal(path: &Value) -> Value {
    normal_in(None, path)
}

/// The same for a process that runs in `cwd`: `/proc/self/cwd` and its like are what they lead to.
fn normal_in(cwd: Option<&Value>, path: &Value) -> Value {
    let rooted = path.prefix().starts_with(b"/");
    let own = rooted && path.prefix().windows(4).any(|four| four == b"proc" || four == b"/dev");
    let mut kept: Vec<Component> = Vec::new();
    for component in components(path) {
        match component.as_slice() {
            [] => {}
            [Part::Known(text)] if text.as_slice() == b"." => {}
            [Part::Known(text)] if text.as_slice() == b".." => match kept.last() {
                Some(_) if own && is_own_descriptors(&kept) => {
                    kept = vec![vec![Part::known(b"proc")], vec![Part::known(b"self")]]
                }
                Some(last) if may_climb_from(last) => {
                    kept.pop();
                }
                None if rooted => {}
                _ => kept.push(component),
            },
            _ => {
                kept.push(component);
                match own.then(|| leads(&kept)).flatten() {
                    Some(Leads::Root) => kept.clear(),
                    Some(Leads::Cwd) => {
                        if let Some(cwd) = cwd {
                            kept = components(cwd);
                            kept.retain(|component| !component.is_empty());
                        }
                    }
                    Some(Leads::Away) => {
                        kept = vec![vec![Part::hole("the directory of another process", Bound::Anything)]];
                    }
                    None => {}
                }
            }
        }
    }
    let mut out = Value { taint: path.taint.clone(), span: path.span, many: path.many, ..Value::default() };
    for (index, component) in kept.iter().enumerate() {
        if rooted || index > 0 {
            out.push_known(b"/");
        }
        for part in component {
            match part {
                Part::Known(text) => out.push_known(text),
                part => out.parts.push(part.clone()),
            }
        }
    }
    if rooted && kept.is_empty() {
        out.push_known(b"/");
    }
    out
}

/// Where a link of `/proc` leads.
enum Leads {
    Root,
    Cwd,
    /// To the directory of a process that may not be the one that asks.
    Away,
}

/// Whether these components are `/proc/PID/root`, `/proc/PID/cwd` or the same below a task: what a process sees there.
fn leads(kept: &[Component]) -> Option<Leads> {
    let (link, name) = match kept {
        [first, pid, link] if is(first, b"proc") => (link, pid),
        [first, pid, task, _, link] if is(first, b"proc") && is(task, b"task") => (link, pid),
        _ => return None,
    };
    let process = match name.as_slice() {
        [Part::Known(text)] => is_process(text),
        parts => parts.iter().all(|part| match part {
            Part::Known(text) => text.iter().all(u8::is_ascii_digit),
            Part::Glob(_) => true,
            Part::Hole(hole) => hole.bound == Bound::Number,
        }),
    };
    match process {
        true if is(link, b"root") => Some(Leads::Root),
        true if is(link, b"cwd") => Some(match name.as_slice() {
            [Part::Known(text)] if text.as_slice() == b"1" => Leads::Root,
            [Part::Known(_)] => Leads::Cwd,
            [Part::Hole(hole)] if hole.why == "$$" => Leads::Cwd,
            _ => Leads::Away,
        }),
        _ => None,
    }
}

fn is_process(name: &[u8]) -> bool {
    matches!(name, b"self" | b"thread-self") || !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

/// `/dev/fd`, which is `/proc/self/fd`.
fn is_own_descriptors(kept: &[Component]) -> bool {
    matches!(kept, [dev, fd] if is(dev, b"dev") && is(fd, b"fd"))
}

fn is(component: &Component, name: &[u8]) -> bool {
    matches!(component.as_slice(), [Part::Known(text)] if text.as_slice() == name)
}

/// Whether `..` after this component leads back to what stood before it: not where the component is `..` itself, or text
/// that may hold slashes.
fn may_climb_from(component: &Component) -> bool {
    let dots = matches!(component.as_slice(), [Part::Known(text)] if text.as_slice() == b"..");
    !dots
        && !component
            .iter()
            .any(|part| matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Anything | Bound::Ref | Bound::Below { .. })))
}

/// The components of a path, slashes removed; empty ones stay.
fn components(path: &Value) -> Vec<Component> {
    let mut all: Vec<Component> = vec![Vec::new()];
    for part in &path.parts {
        match part {
            Part::Known(text) => {
                for (index, piece) in text.split(|byte| *byte == b'/').enumerate() {
                    if index > 0 {
                        all.push(Vec::new());
                    }
                    if let (false, Some(last)) = (piece.is_empty(), all.last_mut()) {
                        last.push(Part::known(piece));
                    }
                }
            }
            part => {
                if let Some(last) = all.last_mut() {
                    last.push(part.clone());
                }
            }
        }
    }
    all
}

/// The same for constant bytes: `path` absolute against `cwd` and normalised.
#[must_use]
pub fn absolute_bytes(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    let before: &[u8] = if path.starts_with(b"/") { b"" } else { cwd };
    let mut out = Vec::with_capacity(before.len() + path.len() + 2);
    for component in before.split(|byte| *byte == b'/').chain(path.split(|byte| *byte == b'/')) {
        match component {
            b"" | b"." => {}
            b".." if out == b"/dev/fd" => out = b"/proc/self".to_vec(),
            b".." => out.truncate(out.iter().rposition(|byte| *byte == b'/').unwrap_or(0)),
            b"root" if is_process_directory(&out) => out.clear(),
            b"cwd" if is_process_directory(&out) => {
                out.clear();
                cwd.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).for_each(|name| enter(&mut out, name));
            }
            name => enter(&mut out, name),
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

fn enter(path: &mut Vec<u8>, name: &[u8]) {
    path.push(b'/');
    path.extend_from_slice(name);
}

/// `/proc/PID`, or a task below it.
fn is_process_directory(path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(b"/proc/") else { return false };
    let mut names = rest.split(|byte| *byte == b'/');
    let process = names.next().is_some_and(is_process);
    process
        && match (names.next(), names.next(), names.next()) {
            (None, ..) => true,
            (Some(task), Some(_), None) => task == b"task",
            _ => false,
        }
}

/// The last component (`b""` for `/`).
#[must_use]
pub fn base(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let path = path.get(..end).unwrap_or_default();
    let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    path.get(start..).unwrap_or_default()
}

/// Everything before the last component; `/` where that is all, `.` where there is no slash.
#[must_use]
pub fn parent(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let trimmed = path.get(..end).unwrap_or_default();
    match trimmed.iter().rposition(|byte| *byte == b'/') {
        None if trimmed.is_empty() && !path.is_empty() => b"/",
        None => b".",
        Some(at) => {
            let end =
                trimmed.get(..at).and_then(|head| head.iter().rposition(|byte| *byte != b'/')).map_or(0, |at| at + 1);
            if end == 0 { b"/" } else { trimmed.get(..end).unwrap_or(b"/") }
        }
    }
}

/// Whether `path` is `directory` or below it; both absolute and normalised.
#[must_use]
pub fn within(path: &[u8], directory: &[u8]) -> bool {
    if directory == b"/" {
        return path.starts_with(b"/");
    }
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// What is left of a bound where words or lines are cut out of text: a part of a path need not have its last component.
#[must_use]
pub fn cut(bound: &Bound) -> Bound {
    match bound {
        Bound::Below { directory, from, .. } => {
            Bound::Below { directory: directory.clone(), from: from.clone(), names: Vec::new() }
        }
        bound => bound.clone(),
    }
}

/// Whether a path made of a directory, `/` and text so bounded lies below the directory.
#[must_use]
pub fn descends(bound: &Bound) -> bool {
    match bound {
        Bound::Below { directory, from, .. } => from.as_ref().is_none_or(|from| within(directory, from)),
        Bound::Ref => true,
        Bound::Anything | Bound::Number | Bound::Name => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value) -> String {
        String::from_utf8_lossy(&value.display()).into_owned()
    }

    #[test]
    fn known_paths_are_made_absolute_and_normal() {
        let cwd = Value::known("/home/u/w");
        for (path, want) in [
            ("a", "/home/u/w/a"),
            ("./a//b/", "/home/u/w/a/b"),
            ("../../..", "/"),
            ("../../../../etc", "/etc"),
            ("/a/../b", "/b"),
            ("//etc/./passwd", "/etc/passwd"),
            (".", "/home/u/w"),
            ("/proc/self/root/../etc", "/etc"),
            ("/proc/12/task/3/root/etc", "/etc"),
            ("/proc/12/task/3/4/root/etc", "/proc/12/task/3/4/root/etc"),
            ("/proc/thread-self/cwd/../a", "/home/u/a"),
            ("/proc/sys/root", "/proc/sys/root"),
            ("/dev/fd/../root/etc", "/etc"),
        ] {
            assert_eq!(shown(&absolute(&cwd, &Value::known(path))), want, "{path}");
            assert_eq!(String::from_utf8_lossy(&absolute_bytes(b"/home/u/w", path.as_bytes())), want, "{path}");
        }
    }

    #[test]
    fn holes_and_globs_stay_where_they_are() {
        let cwd = Value::known("/w");
        let mut value = Value::known("src/");
        value.parts.push(Part::glob(b"*"));
        value.push_known(b".rs");
        assert_eq!(shown(&absolute(&cwd, &value)), "/w/src/*.rs");
        let mut climbing = Value::known("/w/");
        climbing.push(&Value::hole("x", Bound::Anything));
        climbing.push_known(b"/../b");
        assert_eq!(shown(&absolute(&cwd, &climbing)), "/w/…/../b");
        let below = Value::hole("find", Bound::Below { directory: b"/w/src".to_vec(), from: None, names: Vec::new() });
        assert_eq!(absolute(&cwd, &below).parts, below.parts);
        let name = Value::hole("x", Bound::Name);
        assert_eq!(shown(&absolute(&cwd, &name)), "/w/…");
    }

    #[test]
    fn base_and_parent_are_those_of_the_tools() {
        for (path, base_want, parent_want) in [
            ("/a/b", "b", "/a"),
            ("a", "a", "."),
            ("/a", "a", "/"),
            ("a/b/", "b", "a"),
            ("/", "", "/"),
            ("a//b", "b", "a"),
        ] {
            assert_eq!(String::from_utf8_lossy(base(path.as_bytes())), base_want, "{path}");
            assert_eq!(String::from_utf8_lossy(parent(path.as_bytes())), parent_want, "{path}");
        }
        assert!(within(b"/a/b", b"/a") && within(b"/a", b"/a") && !within(b"/ab", b"/a") && within(b"/x", b"/"));
    }
}
