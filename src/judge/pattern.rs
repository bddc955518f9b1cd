//! Patterns over paths and names, and whether two of them can meet.
//!
//! A policy glob and a shell word with unknown parts are the same thing here: components made of atoms. Two components
//! can meet when some string is matched by both; that is decided exactly, so neither a clever glob nor a broad hole can
//! slip between two spellings.

use super::names::fits;
use crate::action::{Bound, Part, Value};

/// One element of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// This byte.
    Byte(u8),
    /// Any one byte but `/` (`?`, and `[…]`, read as broadly as it could be).
    One,
    /// One byte of a set, or outside it.
    Set { ranges: Vec<(u8, u8)>, negated: bool },
    /// Any run of bytes but `/` (`*`, a bounded hole).
    Run,
    /// One or more digits.
    Digits,
}

/// The atoms of a glob as written. `[` without `]` is itself; a backslash makes the next byte itself.
#[must_use]
pub fn atoms(glob: &[u8]) -> Vec<Atom> {
    let mut out = Vec::with_capacity(glob.len());
    let mut rest = glob;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'*' => {
                if out.last() != Some(&Atom::Run) {
                    out.push(Atom::Run);
                }
            }
            b'?' => out.push(Atom::One),
            b'\\' => match tail.split_first() {
                Some((&next, after)) => {
                    out.push(Atom::Byte(next));
                    rest = after;
                }
                None => out.push(Atom::Byte(b'\\')),
            },
            b'[' => match set(tail) {
                Some((atom, used)) => {
                    out.push(atom);
                    rest = tail.get(used..).unwrap_or_default();
                }
                None => out.push(Atom::Byte(b'[')),
            },
            other => out.push(Atom::Byte(other)),
        }
    }
    out
}

/// A bracket expression after its `[`: the atom and how many bytes it took. Classes (`[:alpha:]`) are read as any byte.
fn set(text: &[u8]) -> Option<(Atom, usize)> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let first = at;
    let mut ranges = Vec::new();
    loop {
        let byte = *text.get(at)?;
        if byte == b']' && at > first {
            return Some((Atom::Set { ranges, negated }, at + 1));
        }
        if byte == b'[' && matches!(text.get(at + 1), Some(b':' | b'.' | b'=')) {
            let closer = *text.get(at + 1)?;
            let tail = text.get(at + 2..)?;
            let end = tail.windows(2).position(|pair| pair == [closer, b']'])?;
            let close = at + 2 + end + 2;
            let rest = text.get(close..)?.iter().position(|&b| b == b']')?;
            return Some((Atom::One, close + rest + 1));
        }
        match (text.get(at + 1), text.get(at + 2)) {
            (Some(b'-'), Some(&high)) if high != b']' => {
                ranges.push((byte, high));
                at += 3;
            }
            _ => {
                ranges.push((byte, byte));
                at += 1;
            }
        }
    }
}

impl Atom {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Atom::Byte(own) => *own == byte,
            Atom::One | Atom::Run => byte != b'/',
            Atom::Digits => byte.is_ascii_digit(),
            Atom::Set { ranges, negated } => {
                byte != b'/' && ranges.iter().any(|(low, high)| (*low..=*high).contains(&byte)) != *negated
            }
        }
    }

    fn meets(&self, other: &Atom) -> bool {
        match (self, other) {
            (Atom::Byte(byte), atom) | (atom, Atom::Byte(byte)) => atom.takes(*byte),
            (Atom::Set { ranges, negated: false }, atom) | (atom, Atom::Set { ranges, negated: false }) => {
                ranges.iter().any(|(low, high)| (*low..=*high).any(|byte| atom.takes(byte)))
            }
            _ => true,
        }
    }

    /// May take more than one byte.
    fn repeats(&self) -> bool {
        matches!(self, Atom::Run | Atom::Digits)
    }
}

/// Whether `glob` matches the whole of `text` (no component rules: `*` crosses everything but `/`).
#[must_use]
pub fn matches(glob: &[Atom], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        match (glob.get(at), text.get(from)) {
            (Some(Atom::Run), _) => {
                back = Some((at + 1, from));
                at += 1;
            }
            (Some(atom), Some(&byte)) if atom.takes(byte) => {
                at += 1;
                from += 1;
            }
            (None, None) => return true,
            _ => match back {
                Some((star, start)) if text.get(start).is_some_and(|&byte| byte != b'/') => {
                    back = Some((star, start + 1));
                    at = star;
                    from = start + 1;
                }
                _ => return false,
            },
        }
    }
}

/// Whether the entry of a table (`names`) and a pattern can mean the same name.
#[must_use]
pub fn entry_meets(entry: &[u8], pattern: &[Atom]) -> bool {
    // Most fall at their first byte, and need no atoms.
    let apart = |own: Option<&u8>, atom: Option<&Atom>| match (own, atom) {
        (Some(own), Some(Atom::Byte(byte))) => *own != b'*' && own != byte,
        _ => false,
    };
    !apart(entry.first(), pattern.first()) && !apart(entry.last(), pattern.last()) && meet(&atoms(entry), pattern)
}

/// Whether some string is matched by both.
#[must_use]
pub fn meet(left: &[Atom], right: &[Atom]) -> bool {
    // What both have to take literally at their ends needs no search.
    let (mut left, mut right) = (left, right);
    while let ([Atom::Byte(own), after @ ..], [Atom::Byte(other), rest @ ..]) = (left, right) {
        if own != other {
            return false;
        }
        (left, right) = (after, rest);
    }
    while let ([before @ .., Atom::Byte(own)], [rest @ .., Atom::Byte(other)]) = (left, right) {
        if own != other {
            return false;
        }
        (left, right) = (before, rest);
    }
    if left.is_empty() && right.is_empty() {
        return true;
    }
    // reachable[j]: the first i atoms of left and the first j of right can have consumed the same text.
    let width = right.len() + 1;
    let mut reachable = vec![false; width];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    close(&mut reachable, right);
    for atom in left {
        let mut next = vec![false; width];
        let run = *atom == Atom::Run;
        for at in 0..width {
            if !reachable.get(at).copied().unwrap_or(false) {
                continue;
            }
            if run && let Some(slot) = next.get_mut(at) {
                *slot = true;
            }
            if let Some(other) = right.get(at)
                && atom.meets(other)
            {
                // What repeats on the right may stay; anything else is used up.
                let to = if *other == Atom::Run { at } else { at + 1 };
                if let Some(slot) = next.get_mut(to) {
                    *slot = true;
                }
                if other.repeats()
                    && let Some(slot) = next.get_mut(at)
                {
                    *slot = true;
                }
            }
        }
        if atom.repeats() {
            for at in 0..right.len() {
                if next.get(at).copied().unwrap_or(false)
                    && right.get(at).is_some_and(|other| other.meets(atom))
                    && let Some(slot) = next.get_mut(at + 1)
                {
                    *slot = true;
                }
            }
        }
        close(&mut next, right);
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

/// Skips runs of the right side, which may be empty.
fn close(reachable: &mut [bool], right: &[Atom]) {
    for (at, atom) in right.iter().enumerate() {
        if *atom == Atom::Run
            && reachable.get(at).copied().unwrap_or(false)
            && let Some(slot) = reachable.get_mut(at + 1)
        {
            *slot = true;
        }
    }
}

/// A glob over whole paths or names: components, `**` for any number of them. Compiled from policy text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathGlob {
    components: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// Exactly one component.
    One(Vec<Atom>),
    /// Any number of components, none too.
    Deep,
}

impl PathGlob {
    /// Compiles an absolute or relative path glob.
    #[must_use]
    pub fn new(glob: &[u8]) -> Self {
        let components = components(glob)
            .map(|component| if component == b"**" { Step::Deep } else { Step::One(atoms(component)) })
            .collect();
        PathGlob { components }
    }

    /// Whether it matches the path, component by component.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        let parts: Vec<&[u8]> = components(path).collect();
        walk(&self.components, &parts, false, &|step, part| matches(step, part))
    }

    /// Whether it can match the pattern `parts`; with `above` also when the pattern can be a directory over such a path.
    #[must_use]
    pub fn meets(&self, parts: &[Vec<Atom>], above: bool) -> bool {
        walk(&self.components, parts, above, &|step, part| meet(step, part))
    }
}

fn walk<Part>(steps: &[Step], parts: &[Part], above: bool, fits: &impl Fn(&[Atom], &Part) -> bool) -> bool {
    match (steps.split_first(), parts.split_first()) {
        (None, None) => true,
        (Some((Step::Deep, rest)), None) => above || walk(rest, parts, above, fits),
        (Some(_), None) => above,
        (None, Some(_)) => false,
        (Some((Step::Deep, rest)), Some((_, tail))) => walk(rest, parts, above, fits) || walk(steps, tail, above, fits),
        (Some((Step::One(step), rest)), Some((part, tail))) => fits(step, part) && walk(rest, tail, above, fits),
    }
}

/// The components of a path, empty ones left out.
pub fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').filter(|part| !part.is_empty())
}

/// A value as one glob, for names, hosts, refs (a hole is a run).
#[must_use]
pub fn value_atoms(value: &Value) -> Vec<Atom> {
    let mut out = Vec::new();
    for part in &value.parts {
        match part {
            Part::Known(text) => out.extend(text.iter().copied().map(Atom::Byte)),
            Part::Glob(glob) => out.extend(atoms(glob)),
            // A number that no pattern can name.
            Part::Hole(hole) if hole.is_own_process() => out.extend([Atom::Byte(b'#'), Atom::Digits]),
            Part::Hole(hole) => match &hole.bound {
                Bound::Below { directory: dir, .. } => {
                    out.extend(dir.iter().copied().map(Atom::Byte));
                    out.push(Atom::Run);
                }
                Bound::Number => out.push(Atom::Digits),
                Bound::Anything | Bound::Name | Bound::Ref => out.push(Atom::Run),
            },
        }
    }
    out
}

/// Whether a policy glob matches a name-like value: `Some(true)` for certain, `Some(false)` where it only can.
/// Here `*` crosses `/` as well (refs, hosts, packages and operands are not paths).
#[must_use]
pub fn name_matches(glob: &str, value: &Value) -> Option<bool> {
    if let (Some(text), Some(first)) = (value.text(), glob.as_bytes().first())
        && !matches!(first, b'*' | b'?' | b'[' | b'\\')
        && text.first() != Some(first)
    {
        // Most of a list differ in their first byte.
        return None;
    }
    if let Some(text) = value.text()
        && !glob.bytes().any(|byte| matches!(byte, b'?' | b'[' | b'\\'))
    {
        return fits(glob.as_bytes(), text).then_some(true);
    }
    let flat = |atoms: Vec<Atom>| -> Vec<Atom> {
        atoms.into_iter().map(|atom| if atom == Atom::Byte(b'/') { Atom::Byte(0) } else { atom }).collect()
    };
    let glob = flat(atoms(glob.as_bytes()));
    let rooted = glob.first() == Some(&Atom::Byte(0));
    if rooted && matches!(value.parts.first(), Some(Part::Glob(_))) {
        // What a glob finds begins with a name.
        return None;
    }
    if value.parts.iter().any(|part| matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Below { .. }))) {
        // A path that begins where it lies, or with a name, is none of another directory.
        let first = matches!(value.parts.first(), Some(Part::Hole(hole)) if matches!(hole.bound, Bound::Below { .. }));
        if rooted && first && !meet(&glob, &flat(value_atoms(value))) {
            return None;
        }
        // Where its paths lie says nothing about a name.
        return Some(false);
    }
    if let Some(text) = value.text() {
        let text: Vec<u8> = text.iter().map(|&byte| if byte == b'/' { 0 } else { byte }).collect();
        return matches(&glob, &text).then_some(true);
    }
    meet(&glob, &flat(value_atoms(value))).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(left: &str, right: &str) -> bool {
        meet(&atoms(left.as_bytes()), &atoms(right.as_bytes()))
    }

    #[test]
    fn globs_match_like_the_shell() {
        for (glob, text, expected) in [
            ("*.key", "a.key", true),
            ("*.key", "a.keys", false),
            ("a*b*c", "aXbXbc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[[:alpha:]]x", "bx", true),
            ("?", "", false),
            ("**", "", true),
            ("a[", "a[", true),
        ] {
            assert_eq!(matches(&atoms(glob.as_bytes()), text.as_bytes()), expected, "{glob} {text}");
        }
    }

    #[test]
    fn intersections_are_found_and_their_absence_too() {
        for (left, right, expected) in [
            (".ss?", ".ssh", true),
            (".s*h", ".ssh", true),
            ("id_*", "*_rsa", true),
            ("[.]ssh", ".ssh", true),
            ("[a-c]*", "[d-f]*", false),
            ("*.toml", "Cargo.*", true),
            ("*.rs", "*.toml", false),
            ("", "*", true),
            ("a", "", false),
            ("*a", "a*b", false),
            ("*a*", "b*", true),
            ("12", "1?", true),
        ] {
            assert_eq!(met(left, right), expected, "{left} {right}");
            assert_eq!(met(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn a_number_is_only_digits() {
        let number = Value::hole("a number", Bound::Number);
        assert_eq!(name_matches("*", &number), Some(false));
        assert_eq!(name_matches("42", &number), Some(false));
        assert_eq!(name_matches("-1", &number), None);
        assert_eq!(name_matches("*vetsh*", &number), None);
    }

    #[test]
    fn path_globs_reach_down_and_up() {
        let glob = PathGlob::new(b"/home/u/vault/**");
        assert!(glob.matches(b"/home/u/vault/a/b"));
        assert!(glob.matches(b"/home/u/vault"));
        assert!(!glob.matches(b"/home/u/vaults"));
        let parts: Vec<Vec<Atom>> = vec![atoms(b"home"), atoms(b"u")];
        assert!(glob.meets(&parts, true));
        assert!(!glob.meets(&parts, false));
    }
}
