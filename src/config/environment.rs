//! The environment lists, from `config/environment.toml`.

type Names = &'static [&'static str];

const LISTS: (Names, Names) = include!(concat!(env!("OUT_DIR"), "/environment.rs"));

/// Whether a variable is taken out unless the session's client was started with the same value.
#[must_use]
pub fn is_dropped(name: &[u8]) -> bool {
    LISTS.0.iter().any(|pattern| matches(pattern.as_bytes(), name))
}

/// Whether a variable is written into the record.
#[must_use]
pub fn is_recorded(name: &[u8]) -> bool {
    LISTS.1.iter().any(|pattern| matches(pattern.as_bytes(), name))
}

fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.strip_suffix(b"*"), pattern.strip_prefix(b"*")) {
        (Some(start), _) => name.starts_with(start),
        (None, Some(end)) => name.ends_with(end),
        (None, None) => name == pattern,
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
