//! The environment a real shell gets: what the client handed us, without what changes a shell's work unseen.

use std::cell::LazyCell;

use crate::config::environment::{is_dropped, is_recorded};
use crate::sys::process::FirstEnvironment;
use crate::sys::start::Entry;
use crate::text::Arrange;

/// The environment of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// What the shell gets, in the client's order.
    pub entries: Vec<Entry>,
    /// Names taken out.
    pub dropped: Vec<String>,
    /// `name=value` of what belongs into the record because it differs from the baseline.
    pub recorded: Vec<(String, Vec<u8>)>,
    /// Exported functions: name and definition, as shell text.
    pub functions: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Environment {
    /// Sorts out `given`. The baseline, asked for only where something hangs on it, is the environment the session's client
    /// was started with; one entry of it may be known without asking.
    #[must_use]
    #[inline(never)]
    pub fn of(given: Vec<Entry>, known: &[u8], baseline: impl FnOnce() -> Option<FirstEnvironment>) -> Environment {
        let baseline = LazyCell::new(|| baseline().unwrap_or_default());
        let in_baseline = |entry: &[u8]| entry == known || baseline.holds(entry);
        let mut environment = Environment::default();
        for entry in given {
            let Some(at) = entry.iter().position(|byte| *byte == b'=') else {
                // No shell makes a variable of it.
                environment.entries.push(entry);
                continue;
            };
            let name = entry.get(..at).unwrap_or_default();
            if let Some(function) = name.strip_prefix(b"BASH_FUNC_").and_then(|name| name.strip_suffix(b"%%")) {
                match definition(function, entry.get(at + 1..).unwrap_or_default()) {
                    Some(text) => {
                        environment.functions.push((function.to_vec(), text));
                        environment.entries.push(entry);
                    }
                    None => environment.dropped.push(String::from_utf8_lossy(name).into_owned()),
                }
            } else if is_dropped(name) && !in_baseline(&entry) {
                environment.dropped.push(String::from_utf8_lossy(name).into_owned());
            } else {
                if is_recorded(name) && !in_baseline(&entry) {
                    let value = entry.get(at + 1..).unwrap_or_default().to_vec();
                    environment.recorded.push((String::from_utf8_lossy(name).into_owned(), value));
                }
                environment.entries.push(entry);
            }
        }
        environment.dropped.arrange();
        environment.dropped.dedup();
        environment
    }

    /// The definitions of those exported functions whose names occur in `line`, as text to stand before it.
    #[must_use]
    pub fn definitions_for(&self, line: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, definition) in &self.functions {
            if occurs(name, line) {
                text.extend_from_slice(definition);
                text.push(b'\n');
            }
        }
        text
    }

    /// The value of a variable.
    #[must_use]
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.entries.iter().rev().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))
    }
}

/// The definition bash would make of an exported function; `None` for what bash would not take as one.
fn definition(name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:+@".contains(byte);
    if name.is_empty() || !name.iter().all(plain) || !value.starts_with(b"() {") {
        return None;
    }
    Some([name, b" ", value].concat())
}

/// Whether a name occurs in shell text, quoted or split as it may be: the text without quotes and backslashes holds it.
#[must_use]
pub fn occurs(name: &[u8], text: &[u8]) -> bool {
    let bare: Vec<u8> = text.iter().copied().filter(|byte| !b"'\"\\\n".contains(byte)).collect();
    let dynamic = text.iter().any(|byte| b"$`".contains(byte));
    dynamic || bare.windows(name.len().max(1)).any(|window| window == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(texts: &[&'static str]) -> Vec<Entry> {
        texts.iter().map(|text| Entry::Borrowed(text.as_bytes())).collect()
    }

    #[test]
    fn what_steers_a_shell_unseen_is_taken_out_unless_the_client_had_it() {
        let given = entries(&["PATH=/bin", "BASH_ENV=/x", "LD_PRELOAD=/y", "TERM=dumb", "odd", "IFS=,"]);
        let environment = Environment::of(given, b"", || {
            Some(FirstEnvironment::of(b"LD_PRELOAD=/y\0PATH=/bin\0BASH_ENV=/other\0".to_vec()))
        });
        assert_eq!(environment.entries, entries(&["PATH=/bin", "LD_PRELOAD=/y", "TERM=dumb", "odd"]));
        assert_eq!(environment.dropped, ["BASH_ENV", "IFS"]);
        assert!(environment.recorded.is_empty());
    }

    #[test]
    fn the_baseline_is_not_read_without_need() {
        let environment = Environment::of(entries(&["TERM=dumb", "PATH=/bin"]), b"PATH=/bin", || panic!("asked"));
        assert_eq!(environment.entries.len(), 2);
    }

    #[test]
    fn exported_functions_are_definitions_where_their_name_occurs() {
        let given = entries(&["BASH_FUNC_ls%%=() {  rm -rf x\n}", "BASH_FUNC_a b%%=() { x; }", "BASH_FUNC_y%%=evil"]);
        let environment = Environment::of(given, b"", || None);
        assert_eq!(environment.dropped, ["BASH_FUNC_a b%%", "BASH_FUNC_y%%"]);
        assert_eq!(environment.definitions_for(b"l's' -a"), b"ls () {  rm -rf x\n}\n");
        assert_eq!(environment.definitions_for(b"echo hi"), b"");
        assert_ne!(environment.definitions_for(b"$x"), b"");
    }
}
