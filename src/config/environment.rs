//! The environment lists, from `config/environment.toml`.

type IsListed = fn(&[u8]) -> bool;

const LISTS: (IsListed, IsListed) = include!(concat!(env!("OUT_DIR"), "/environment.rs"));

/// Whether a variable is taken out unless the session's client was started with the same value.
#[must_use]
pub fn is_dropped(name: &[u8]) -> bool {
    LISTS.0(name)
}

/// Whether a variable is written into the record.
#[must_use]
pub fn is_recorded(name: &[u8]) -> bool {
    LISTS.1(name)
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
