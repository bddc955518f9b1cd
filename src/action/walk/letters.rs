//! Options of builtins as bash's own reader takes them: letters in clusters, a value attached or in the next word.

use crate::action::{Part, Value};

/// The letters given, each with its value, and the operands behind them. `taking`: the letters that take a value.
/// Stops at the first word that is no option, at `--`, and at a word whose beginning is not known.
pub(super) fn letters<'a>(arguments: &'a [Value], taking: &[u8]) -> (Vec<(u8, Value)>, &'a [Value]) {
    let mut given = Vec::new();
    let mut rest = arguments;
    while let Some((word, tail)) = rest.split_first() {
        let [b'-', cluster @ ..] = word.prefix() else { break };
        if cluster.is_empty() {
            break;
        }
        rest = tail;
        if cluster == b"-" && word.text().is_some() {
            break;
        }
        for (at, letter) in cluster.iter().enumerate() {
            if !taking.contains(letter) {
                given.push((*letter, Value::default()));
                continue;
            }
            let attached = after(word, at + 2);
            if attached.parts.is_empty() {
                let (next, tail) = rest.split_first().map_or((None, rest), |(next, tail)| (Some(next), tail));
                given.push((*letter, next.cloned().unwrap_or_default()));
                rest = tail;
            } else {
                given.push((*letter, attached));
            }
            break;
        }
    }
    (given, rest)
}

/// The value without its first `count` known bytes.
pub(super) fn after(word: &Value, count: usize) -> Value {
    let mut out = word.clone();
    if let Some(Part::Known(text)) = out.parts.first_mut() {
        text.drain(..count.min(text.len()));
        if text.is_empty() {
            out.parts.remove(0);
        }
    }
    out
}

/// `name[key]` in its two parts.
pub(super) fn subscripted(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = name.iter().position(|byte| *byte == b'[')?;
    let key = name.get(at + 1..)?.strip_suffix(b"]")?;
    Some((name.get(..at)?, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_and_attached_values_are_read_as_bash_reads_them() {
        let words = |line: &str| line.split(' ').map(Value::known).collect::<Vec<_>>();
        for (line, taking, want, rest) in [
            ("-tC cmd x", &b"Cc"[..], &[(b't', ""), (b'C', "cmd")][..], 1),
            ("-c1 -Cls x", b"Cc", &[(b'c', "1"), (b'C', "ls")], 1),
            ("-v name %s", b"v", &[(b'v', "name")], 1),
            ("-- -v", b"v", &[], 1),
            ("- x", b"v", &[], 2),
            ("x -v y", b"v", &[], 3),
        ] {
            let words = words(line);
            let (given, operands) = letters(&words, taking);
            let given: Vec<(u8, String)> = given
                .into_iter()
                .map(|(letter, value)| (letter, String::from_utf8_lossy(&value.display()).into()))
                .collect();
            let want: Vec<(u8, String)> = want.iter().map(|(letter, text)| (*letter, (*text).to_owned())).collect();
            assert_eq!((given, operands.len()), (want, rest), "{line}");
        }
        assert_eq!(subscripted(b"a[b[1]]"), Some((&b"a"[..], &b"b[1]"[..])));
        assert_eq!(subscripted(b"a"), None);
    }
}
