//! What programs print that are only told what to print: `date +text`, `git log --format=text`, `python -c 'print("text")'`.

use super::printf;
use crate::action::{Value, code};

/// What `words` print whatever they read; `None`: not known.
pub(super) fn printed(words: &[Value]) -> Option<Value> {
    let argv: Vec<&[u8]> = words.iter().map(Value::text).collect::<Option<_>>()?;
    let (program, arguments) = argv.split_first()?;
    let plain = |text: &[u8]| !text.is_empty() && !text.iter().any(|byte| b"%{\\\n".contains(byte));
    let text = match (*program, arguments) {
        (b"date", _) => arguments.iter().find_map(|word| word.strip_prefix(b"+"))?,
        (b"git", _) => {
            let formats: &[&[u8]] =
                &[b"--format=", b"--pretty=", b"--default=", b"--pretty=tformat:", b"--pretty=format:"];
            let told =
                |word: &&[u8]| formats.iter().rev().find_map(|name| word.strip_prefix(*name).map(<[u8]>::to_vec));
            let format = arguments.iter().find_map(told).filter(|format| plain(format))?;
            // A name of a format (`oneline`, `raw`) is not text.
            return format.contains(&b'/').then(|| Value::known(format));
        }
        (b"stat", _) => after(arguments, &[b"-c", b"--format", b"--printf"])?,
        (b"find", _) => after(arguments, &[b"-printf"])?,
        (b"docker" | b"podman" | b"kubectl", _) => after(arguments, &[b"--format", b"-f"])?,
        (b"yes", [text]) => text,
        (b"jq" | b"gojq" | b"jaq", _) => {
            let flags = arguments.iter().filter(|word| word.starts_with(b"-") && !word.starts_with(b"--"));
            let given = |letter: u8| flags.clone().any(|word| word.contains(&letter));
            let filter = arguments.iter().find(|word| !word.starts_with(b"-"))?;
            let text = quoted(filter.trim_ascii()).filter(|_| given(b'n') && (given(b'r') || given(b'j')))?;
            return plain(text).then(|| Value::known(text));
        }
        (b"awk" | b"gawk" | b"mawk", [program]) => {
            let inner = program.trim_ascii().strip_prefix(b"BEGIN")?.trim_ascii();
            return told(inner.strip_prefix(b"{")?.strip_suffix(b"}")?);
        }
        (b"node", [b"-p" | b"-pe" | b"--print", code]) => return told(code),
        (name, [.., b"-c" | b"-e" | b"-r" | b"-E", code]) if is_interpreter(name) => return told(code),
        _ => return None,
    };
    plain(text).then(|| Value::known(text))
}

/// The word behind an option, or attached to it.
fn after<'a>(arguments: &[&'a [u8]], names: &[&[u8]]) -> Option<&'a [u8]> {
    let at = arguments.iter().position(|word| names.contains(word));
    let attached = || {
        let tail = |word: &&'a [u8], name: &&[u8]| word.strip_prefix(*name)?.strip_prefix(b"=");
        arguments.iter().find_map(|word| names.iter().find_map(|name| tail(word, name)))
    };
    at.and_then(|at| arguments.get(at + 1).copied()).or_else(attached)
}

fn is_interpreter(name: &[u8]) -> bool {
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    matches!(name.get(..letters), Some(b"python" | b"perl" | b"ruby" | b"php" | b"node" | b"bun" | b"lua" | b"pypy"))
}

/// Words that print what stands behind them.
const VERBS: &[&str] =
    &["print", "puts", "echo", "say", "console.log", "process.stdout.write", "sys.stdout.write", "io.write", "printf"];

/// What code prints that prints one constant and does nothing else.
fn told(code: &[u8]) -> Option<Value> {
    let folded = code::folded(code);
    let mut rest = folded.trim_ascii();
    rest = rest.strip_suffix(b";").unwrap_or(rest).trim_ascii();
    let verb = VERBS.iter().filter(|verb| rest.starts_with(verb.as_bytes())).map(|verb| verb.len()).max();
    rest = rest.get(verb.unwrap_or(0)..)?.trim_ascii();
    if let Some(inner) = rest.strip_prefix(b"(") {
        rest = inner.strip_suffix(b")")?.trim_ascii();
    }
    let text = quoted(rest)?;
    if text.iter().any(|byte| b"$#%{`".contains(byte)) {
        return None;
    }
    Some(Value::known(printf::escapes(text).0))
}

/// The text of one quoted string.
fn quoted(text: &[u8]) -> Option<&[u8]> {
    let (mark, rest) = text.split_first().filter(|(mark, _)| matches!(mark, b'"' | b'\''))?;
    let (end, inner) = rest.split_last()?;
    (end == mark && !inner.contains(mark)).then_some(inner)
}
