//! Tables of names: whole ones, and globs whose only special byte is `*`. They are in the binary in the order of their first
//! bytes, so that a name is compared with the few it could be.

/// A table, put in order when it is compiled.
pub struct Names<const COUNT: usize> {
    entries: [&'static str; COUNT],
    /// Where the entries of each first byte start; those of the byte before end there.
    starts: [u16; 257],
}

impl<const COUNT: usize> Names<COUNT> {
    /// The table with these entries, none of them empty.
    #[must_use]
    pub const fn of(table: &[&'static str]) -> Self {
        assert!(table.len() == COUNT && COUNT < u16::MAX as usize);
        let mut starts = [0; 257];
        let mut at = 0;
        while at < COUNT {
            starts[table[at].as_bytes()[0] as usize + 1] += 1;
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
            let first = table[at].as_bytes()[0] as usize;
            entries[next[first] as usize] = table[at];
            next[first] += 1;
            at += 1;
        }
        Names { entries, starts }
    }

    /// Whether an entry matches the whole name.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        let by = |first: u8| self.starting_with(first).iter().any(|entry| fits(entry.as_bytes(), name));
        name.first().is_some_and(|first| by(*first)) || by(b'*')
    }

    /// The entries with this first byte.
    pub fn starting_with(&self, first: u8) -> &[&'static str] {
        let bound = |at: usize| self.starts.get(at).map_or(0, |at| usize::from(*at));
        self.entries.get(bound(first.into())..bound(usize::from(first) + 1)).unwrap_or_default()
    }
}

/// Whether the entry of a table matches the whole name.
#[must_use]
pub fn fits(entry: &[u8], name: &[u8]) -> bool {
    // Most globs fall at their last byte.
    if entry.last() != Some(&b'*') && entry.last() != name.last() {
        return false;
    }
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
            (None, None) => return true,
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

    const TABLE: &[&str] = &["b*", "*.key", "a", "a*c*e", "*", "ab", "*x*"];
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
    fn a_table_is_searched_by_first_byte_and_star() {
        assert_eq!(NAMES.starting_with(b'a'), ["a", "a*c*e", "ab"]);
        assert_eq!(NAMES.starting_with(b'*'), ["*.key", "*", "*x*"]);
        assert!(NAMES.starting_with(b'z').is_empty() && NAMES.starting_with(0xff).is_empty());
        assert!(NAMES.has(b"zzz") && NAMES.has(b""));
    }
}
