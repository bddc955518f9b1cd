//! Rows of a table in a SQLite file: counted by root's own sqlite3 on the file as it lies there, which it neither writes nor locks.

use std::time::Instant;

use crate::action::{Amount, Count, Measured, Sure};
use crate::sys::{file, tool};

pub(super) fn measure(path: &[u8], table: &str, all: bool, end: Instant) -> Measured {
    let plain = !table.is_empty() && table.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain {
        return Measured::unknown("a table's name that is not plain");
    }
    if file::open_regular(path).is_err() {
        return Measured::unknown("no file is there");
    }
    // What stands beside the file belongs to it, and only SQLite's own locks say how.
    for end in [b"-wal".as_slice(), b"-journal"] {
        if std::fs::metadata(file::path(&[path, end].concat())).is_ok_and(|meta| meta.len() > 0) {
            return Measured::unknown("the file is being written");
        }
    }
    // A view or a virtual table would run what the file says.
    let text = format!(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{table}' COLLATE NOCASE \
         AND sql LIKE 'CREATE TABLE%') THEN (SELECT count(*) FROM \"{table}\") ELSE -1 END;"
    );
    let name = [b"file:".as_slice(), &escaped(path), b"?immutable=1&mode=ro"].concat();
    let words: [&[u8]; 7] = [b"-readonly", b"-safe", b"-batch", b"-init", b"/dev/null", &name, text.as_bytes()];
    match tool::ask(tool::Asked::Sqlite, &words, end) {
        Err(_) => Measured::unknown("there is no sqlite3 to ask"),
        Ok(None) => Measured::unknown("it could not be counted in time, or there is no such table"),
        Ok(Some(text)) => {
            let number = std::str::from_utf8(text.trim_ascii()).ok().and_then(|text| text.parse::<u64>().ok());
            match number {
                Some(number) => {
                    let sure = if all { Sure::Exactly } else { Sure::AtMost };
                    Measured::of(vec![Amount { count: Count::Rows, number, sure }])
                }
                None => Measured::unknown("it is no plain table"),
            }
        }
    }
}

/// A path in a name of SQLite's own.
fn escaped(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in path {
        match byte {
            b'/' | b'.' | b'-' | b'_' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => out.extend_from_slice(format!("%{byte:02x}").as_bytes()),
        }
    }
    out
}
