//! The environment lists, from `config/environment.toml`.

struct Names {
    /// In order.
    whole: &'static [&'static str],
    starts: &'static [&'static str],
    ends: &'static [&'static str],
}

static LISTS: (Names, Names) = include!(concat!(env!("OUT_DIR"), "/environment.rs"));

/// Whether a variable is taken out unless the session's client was started with the same value.
#[must_use]
pub fn is_dropped(name: &[u8]) -> bool {
    LISTS.0.holds(name)
}

/// Whether a variable is written into the record.
#[must_use]
pub fn is_recorded(name: &[u8]) -> bool {
    LISTS.1.holds(name)
}

impl Names {
    fn holds(&self, name: &[u8]) -> bool {
        self.whole.binary_search_by(|known| known.as_bytes().cmp(name)).is_ok()
            || self.starts.iter().any(|start| name.starts_with(start.as_bytes()))
            || self.ends.iter().any(|end| name.ends_with(end.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_endings() {
        assert!(is_dropped(b"BASH_ENV") && is_dropped(b"LD_PRELOAD") && is_dropped(b"LD_AUDIT"));
        assert!(!is_dropped(b"PATH") && !is_dropped(b"BASH_ENVIRONMENT") && !is_dropped(b"OLD_X"));
        assert!(is_recorded(b"GIT_DIR") && is_recorded(b"SYSTEMD_PAGER") && !is_recorded(b"TERM"));
    }
}
