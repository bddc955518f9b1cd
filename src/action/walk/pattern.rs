//! Shell patterns against known text: for `${x%p}`, `${x/p/r}` and their like. A pattern with a hole in it is no pattern.

use crate::action::{Part, Value, World, path};

/// One unit of a pattern.
enum Atom {
    /// This byte.
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Any,
    /// `[…]`: negated, and its ranges.
    Class(bool, Vec<(u8, u8)>),
}

/// More files than this are not named one by one.
const FILES: usize = 64;

/// The files that a word with a glob in its last part names, as far as the world knows. `None`: none is known.
pub(in crate::action) fn matching(world: &dyn World, cwd: &Value, word: &Value) -> Option<Vec<Vec<u8>>> {
    let mut rest = path::absolute(cwd, word);
    let Some(Part::Known(head)) = rest.parts.first_mut() else { return None };
    let slash = head.iter().rposition(|byte| *byte == b'/')?;
    let directory = head.get(..slash.max(1)).unwrap_or(b"/").to_vec();
    head.drain(..=slash);
    if rest.parts.iter().any(|part| matches!(part, Part::Known(text) if text.contains(&b'/'))) {
        return None;
    }
    let pattern = Pattern::of(&rest)?;
    let names = world.entries(&directory, 4096)?;
    let base: &[u8] = if directory == b"/" { b"" } else { &directory };
    let seen = names.iter().filter(|name| !name.starts_with(b".") && pattern.matches(name)).take(FILES);
    let paths: Vec<Vec<u8>> = seen.map(|name| [base, b"/", name].concat()).collect();
    (!paths.is_empty()).then_some(paths)
}

/// As [`matching`], with globs in any part.
pub(super) fn matching_anywhere(world: &dyn World, cwd: &Value, word: &Value) -> Option<Vec<Vec<u8>>> {
    let whole = path::absolute(cwd, word);
    let mut steps: Vec<Value> = vec![Value::default()];
    for part in whole.parts {
        let Part::Known(text) = &part else {
            steps.last_mut()?.parts.push(part);
            continue;
        };
        for (number, step) in text.split(|byte| *byte == b'/').enumerate() {
            if number > 0 {
                steps.push(Value::default());
            }
            if !step.is_empty() {
                steps.last_mut()?.parts.push(Part::Known(step.into()));
            }
        }
    }
    steps.retain(|step| !step.parts.is_empty());
    let mut paths: Vec<Vec<u8>> = vec![Vec::new()];
    let mut globbed = false;
    for step in &steps {
        globbed |= step.parts.iter().any(|part| matches!(part, Part::Glob(_)));
        let pattern = Pattern::of(step)?;
        let mut next = Vec::new();
        for base in &paths {
            if let (false, Some(name)) = (globbed, step.text()) {
                next.push([base, b"/".as_slice(), name].concat());
                continue;
            }
            let directory = if base.is_empty() { b"/".as_slice() } else { base };
            // What is behind a glob is there, or the shell does not name it.
            for name in world.entries(directory, 4096).unwrap_or_default() {
                if !name.starts_with(b".") && pattern.matches(&name) && next.len() < FILES {
                    next.push([base, b"/".as_slice(), &name].concat());
                }
            }
        }
        paths = next;
    }
    if !globbed {
        return None;
    }
    if paths.is_empty() {
        paths = of_programs(&steps).into_iter().collect();
    }
    (!paths.is_empty()).then_some(paths)
}

/// Where programs stand on every system, for a world that does not tell.
fn of_programs(steps: &[Value]) -> Option<Vec<u8>> {
    const PLACES: [&str; 5] = ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin"];
    let (name, above) = steps.split_last()?;
    let name = name.text()?;
    let fits = |place: &&&str| {
        let parts: Vec<&[u8]> = place.as_bytes().split(|byte| *byte == b'/').skip(1).collect();
        parts.len() == above.len()
            && above
                .iter()
                .zip(parts)
                .all(|(step, part)| Pattern::of(step).is_some_and(|pattern| pattern.matches(part)))
    };
    PLACES.iter().find(fits).map(|place| [place.as_bytes(), b"/", name].concat())
}

/// A compiled shell pattern.
pub(super) struct Pattern(Vec<Atom>);

/// Texts longer than this are not matched: removal tries every length.
const LONGEST: usize = 4096;

impl Pattern {
    /// The pattern a word became: known text is literal, globs are patterns. `None` where a hole is in it.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let mut atoms = Vec::new();
        for part in &value.parts {
            match part {
                Part::Known(text) => atoms.extend(text.iter().map(|byte| Atom::Byte(*byte))),
                Part::Glob(text) => compile(text, &mut atoms)?,
                Part::Hole(_) => return None,
            }
        }
        Some(Pattern(atoms))
    }

    /// Whether all of `text` matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let (mut at, mut atom) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let step = match (self.0.get(atom), text.get(at)) {
                (None, None) => return true,
                (Some(Atom::Any), _) => {
                    retry = Some((atom, at));
                    atom += 1;
                    continue;
                }
                (Some(Atom::Byte(want)), Some(byte)) => want == byte,
                (Some(Atom::One), Some(_)) => true,
                (Some(Atom::Class(negated, ranges)), Some(byte)) => {
                    ranges.iter().any(|(low, high)| low <= byte && byte <= high) != *negated
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if step {
                at += 1;
                atom += 1;
                continue;
            }
            match retry {
                Some((star, from)) if from < text.len() => {
                    retry = Some((star, from + 1));
                    atom = star + 1;
                    at = from + 1;
                }
                _ => return false,
            }
        }
    }

    /// How many bytes at the start match: the shortest or longest way. `None`: no match.
    pub(super) fn prefix(&self, text: &[u8], longest: bool) -> Option<usize> {
        if text.len() > LONGEST {
            return None;
        }
        let fits = |length: &usize| text.get(..*length).is_some_and(|head| self.matches(head));
        if longest { (0..=text.len()).rev().find(fits) } else { (0..=text.len()).find(fits) }
    }

    /// Where a match at the end begins.
    pub(super) fn suffix(&self, text: &[u8], longest: bool) -> Option<usize> {
        if text.len() > LONGEST {
            return None;
        }
        let fits = |start: &usize| text.get(*start..).is_some_and(|tail| self.matches(tail));
        if longest { (0..=text.len()).find(fits) } else { (0..=text.len()).rev().find(fits) }
    }
}

/// Compiles `*`, `?` and `[…]` text.
fn compile(text: &[u8], atoms: &mut Vec<Atom>) -> Option<()> {
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = match first {
            b'*' => {
                atoms.push(Atom::Any);
                tail
            }
            b'?' => {
                atoms.push(Atom::One);
                tail
            }
            b'[' => {
                let (negated, body) = match tail.split_first() {
                    Some((b'!' | b'^', body)) => (true, body),
                    _ => (false, tail),
                };
                let end = body.iter().enumerate().skip(1).find(|(_, byte)| **byte == b']').map(|(at, _)| at)?;
                let set = body.get(..end)?;
                if set.windows(2).any(|pair| matches!(pair, b"[:" | b"[." | b"[=")) {
                    return None;
                }
                atoms.push(Atom::Class(negated, ranges(set)));
                body.get(end + 1..).unwrap_or_default()
            }
            byte => {
                atoms.push(Atom::Byte(*byte));
                tail
            }
        };
    }
    Some(())
}

/// `a-z0` as ranges.
pub(super) fn ranges(set: &[u8]) -> Vec<(u8, u8)> {
    let mut out = Vec::new();
    let mut rest = set;
    loop {
        rest = match rest {
            [] => return out,
            [low, b'-', high, tail @ ..] => {
                out.push((*low, *high));
                tail
            }
            [byte, tail @ ..] => {
                out.push((*byte, *byte));
                tail
            }
        };
    }
}

/// Text in which unquoted glob characters take effect (the value of an unquoted variable) as parts.
pub(super) fn globbed(text: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut known = Vec::new();
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let length = match first {
            b'*' | b'?' => 1,
            b'[' => match tail.iter().skip(1).position(|byte| *byte == b']') {
                Some(at) if !tail.get(..at + 1).unwrap_or_default().contains(&b'/') => at + 3,
                _ => 0,
            },
            _ => 0,
        };
        if length == 0 {
            known.push(*first);
            rest = tail;
            continue;
        }
        if !known.is_empty() {
            parts.push(Part::known(&std::mem::take(&mut known)));
        }
        parts.push(Part::glob(rest.get(..length).unwrap_or_default()));
        rest = rest.get(length..).unwrap_or_default();
    }
    if !known.is_empty() {
        parts.push(Part::known(&known));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Option<Pattern> {
        Pattern::of(&Value { parts: globbed(text.as_bytes()).into(), ..Value::default() })
    }

    #[test]
    fn patterns_match_as_the_shell_does() {
        for (text, subject, want) in [
            ("*.rs", "a.rs", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a]x", "ax", false),
            ("*a*b", "xaxxb", true),
            ("", "a", false),
        ] {
            assert_eq!(
                pattern(text).is_some_and(|pattern| pattern.matches(subject.as_bytes())),
                want,
                "{text} {subject}"
            );
        }
        assert_eq!(pattern("*/").and_then(|found| found.prefix(b"a/b/c", true)), Some(4));
        assert_eq!(pattern("*/").and_then(|found| found.prefix(b"a/b/c", false)), Some(2));
        assert_eq!(pattern(".*").and_then(|found| found.suffix(b"a.tar.gz", false)), Some(5));
    }
}
