//! `key=value` options of a program's own configuration: which are harmless and which execute.

use super::super::reader::{Reader, tail};
use crate::action::{GapKind, Value};

/// Judges one `key=value`.
pub(in super::super) fn config(reader: &mut Reader<'_>, value: &Value) {
    let prefix = value.prefix();
    let end = prefix.iter().position(|byte| matches!(*byte, b'=' | b' ' | b'\t')).unwrap_or(prefix.len());
    let key = prefix.get(..end).unwrap_or_default().to_ascii_lowercase();
    let rest = tail(value, end + 1);
    if end == prefix.len() && value.text().is_none() {
        reader.gap(GapKind::DynamicWord, "a configuration key is known only when it runs", value.span);
        return;
    }
    let meaning = match reader.reading.program.as_deref() {
        Some(b"git") => super::git::key(&key),
        Some(b"ssh" | b"scp" | b"sftp") => ssh(&key),
        Some(b"tar") => checkpoint(&key),
        _ => Meaning::Unknown,
    };
    match meaning {
        Meaning::Harmless => {}
        Meaning::Command => {
            command(reader, &rest);
            if reader.reading.program.as_deref() == Some(b"tar") {
                reader.gap(GapKind::ExecutionKey, "it runs a command between records", value.span);
            }
        }
        Meaning::Unknown => {
            let shown = String::from_utf8_lossy(&key).into_owned();
            reader.gap(GapKind::ExecutionKey, format!("`{shown}` may make it execute something"), value.span);
            supposed(reader, &rest);
        }
    }
}

/// What a configuration key means.
pub(in super::super) enum Meaning {
    /// It executes nothing.
    Harmless,
    /// Its value is a command.
    Command,
    /// It may execute something.
    Unknown,
}

/// A value that is a command: pagers that only print are nothing, the rest are read as shell text.
pub(in super::super) fn command(reader: &mut Reader<'_>, value: &Value) {
    let quiet = matches!(value.text(), Some(b"" | b"cat" | b"true" | b"false" | b":" | b"less" | b"more"));
    if !quiet {
        // It runs here, wherever the program's own payload runs.
        let elsewhere = std::mem::replace(&mut reader.elsewhere, false);
        reader.command(value);
        reader.elsewhere = elsewhere;
    }
}

/// A value that may be a command and has several words, or says that it is one: judged as if it were.
pub(in super::super) fn supposed(reader: &mut Reader<'_>, value: &Value) {
    let Some(text) = value.text() else { return };
    let marks = text.iter().take_while(|byte| b"!|-".contains(byte)).count();
    let inner = text.get(marks..).unwrap_or_default();
    if inner.iter().any(u8::is_ascii_whitespace) {
        command(reader, &Value::known(inner).at(value.span));
    }
}

/// `--checkpoint-action` of tar.
fn checkpoint(key: &[u8]) -> Meaning {
    match key {
        b"exec" => Meaning::Command,
        b"dot" | b"." | b"echo" | b"bell" | b"sleep" | b"ttyout" | b"totals" | b"wait" => Meaning::Harmless,
        _ => Meaning::Unknown,
    }
}

fn ssh(key: &[u8]) -> Meaning {
    match key {
        b"batchmode"
        | b"connecttimeout"
        | b"connectionattempts"
        | b"serveraliveinterval"
        | b"serveralivecountmax"
        | b"port"
        | b"user"
        | b"loglevel"
        | b"compression"
        | b"requesttty"
        | b"tcpkeepalive"
        | b"addressfamily"
        | b"identitiesonly"
        | b"passwordauthentication"
        | b"numberofpasswordprompts"
        | b"preferredauthentications" => Meaning::Harmless,
        b"proxycommand" | b"localcommand" | b"knownhostscommand" => Meaning::Command,
        _ => Meaning::Unknown,
    }
}
