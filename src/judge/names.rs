//! Tables of names: whole ones, and globs whose only special byte is `*`. They are in the binary in the order of the byte that
//! a name must have, so that it is compared with the few it could be.

/// A table, put in order when it is compiled.
pub struct Names<const COUNT: usize> {
    entries: [&'static str; COUNT],
    /// Where the entries of each group start; those of the group before end there.
    starts: [u16; GROUPS + 1],
}

/// By first byte; then, for what begins with a star, by last byte.
const GROUPS: usize = 512;

const fn group(entry: &str) -> usize {
    let bytes = entry.as_bytes();
    match bytes[0] {
        b'*' => 256 + bytes[bytes.len() - 1] as usize,
        first => first as usize,
    }
}

impl<const COUNT: usize> Names<COUNT> {
    /// The table with these entries, none of them empty.
    #[must_use]
    pub const fn of(table: &[&'static str]) -> Self {
        assert!(table.len() == COUNT && COUNT < u16::MAX as usize);
        let mut starts = [0; GROUPS + 1];
        let mut at = 0;
        while at < COUNT {
            starts[group(table[at]) + 1] += 1;
            at += 1;
        }
        at = 1;
        while at < starts.len() {
            starts[at] += starts[at - 1];
            at += 1;
        }
        let mut next = starts;
        let mut entries = [""; COUNT];
        at = 0;
        while at < COUNT {
            let group = group(table[at]);
            entries[next[group] as usize] = table[at];
            next[group] += 1;
            at += 1;
        }
        Names { entries, starts }
    }

    /// Whether an entry matches the whole name.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        let by = |group: usize| self.group(group).iter().any(|entry| fits(entry.as_bytes(), name));
        let ends = |with: Option<&u8>, from: usize| with.is_some_and(|byte| by(from + usize::from(*byte)));
        ends(name.first(), 0) || ends(name.last(), 256) || by(256 + usize::from(b'*'))
    }

    fn group(&self, at: usize) -> &[&'static str] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |at| usize::from(*at));
        self.entries.get(bound(at)..bound(at + 1)).unwrap_or_default()
    }
}

/// Whether the entry of a table matches the whole name.
#[must_use]
pub fn fits(entry: &[u8], name: &[u8]) -> bool {
    // What stands behind the last star stands at the end: most are told apart by a byte or two of it.
    let (mut entry, mut name) = (entry, name);
    while let Some((last, before)) = entry.split_last() {
        if *last == b'*' {
            return before.is_empty() || begins(entry, name);
        }
        match name.split_last() {
            Some((byte, rest)) if byte == last => (entry, name) = (before, rest),
            _ => return false,
        }
    }
    name.is_empty()
}

/// The same of an entry that ends with a star.
fn begins(entry: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        match (entry.get(at), name.get(from)) {
            (Some(b'*'), _) => {
                at += 1;
                back = Some((at, from));
            }
            (Some(own), Some(byte)) if own == byte => {
                at += 1;
                from += 1;
            }
            (None, _) => return true,
            _ => match back {
                Some((star, start)) if start < name.len() => {
                    back = Some((star, start + 1));
                    at = star;
                    from = start + 1;
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pattern::{atoms, matches};
    use super::*;

    const TABLE: &[&str] = &["b*", "*.key", "a", "a*c*e", "ab", "*x*"];
    static NAMES: Names<{ TABLE.len() }> = Names::of(TABLE);

    #[test]
    fn entries_fit_as_globs_do() {
        for entry in TABLE {
            for name in ["", "a", "ab", "b", "bx", "x.key", ".key", "ace", "abcde", "abcdef", "axe", "keyx", "*"] {
                let as_glob = matches(&atoms(entry.as_bytes()), name.as_bytes());
                assert_eq!(fits(entry.as_bytes(), name.as_bytes()), as_glob, "{entry} {name}");
            }
        }
    }

    #[test]
    fn a_table_is_searched_by_first_byte_or_last() {
        assert_eq!(NAMES.group(usize::from(b'a')), ["a", "a*c*e", "ab"]);
        assert_eq!(NAMES.group(256 + usize::from(b'y')), ["*.key"]);
        assert_eq!(NAMES.group(256 + usize::from(b'*')), ["*x*"]);
        assert!(NAMES.group(0xff).is_empty() && NAMES.group(511).is_empty());
        for name in ["a.key", "ab", "abce", "bcd", "oxo", "x", "y"] {
            let one_by_one = TABLE.iter().any(|entry| fits(entry.as_bytes(), name.as_bytes()));
            assert_eq!(NAMES.has(name.as_bytes()), one_by_one, "{name}");
        }
    }
}
