//! Programs that take commands from standard input although no word of theirs says so.

use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::{Bound, Carried, EffectKind, Flags, Object, Value};
use crate::parse::Dialect;

/// Why a file that standard input names is not known.
pub(in crate::action) const LISTED: &str = "a file that standard input names";

/// Programs that start a shell where no command is named to them: it takes its commands from standard input.
fn starts_shell(program: &[u8], bare: bool, words: &Words) -> bool {
    match program {
        b"sudo" | b"doas" => bare && words.any(&["-i", "-s"]),
        b"su" => !words.any(&["-c", "--help", "--version"]),
        b"newgrp" | b"script" => words.carried.is_none() && !words.any(&["-c", "-I"]),
        b"chroot" => words.carried.is_none() && !words.operands.is_empty(),
        b"unshare" | b"nsenter" | b"setarch" | b"linux32" | b"fakeroot" => bare && !words.given.is_empty(),
        b"ssh" => words.carried.is_none() && !words.any(&["-N", "-G", "-Q", "-O", "-V", "-W", "-s"]),
        _ => false,
    }
}

/// Marks what they execute as fed by standard input.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    let names = match reader.reading.program.as_deref() {
        Some(b"cpio") => words.any(&["-o", "-p"]),
        Some(b"zip") => words.any(&["-@"]),
        Some(b"pax") => words.operands.is_empty() && words.any(&["-w"]),
        _ => false,
    };
    if names {
        let file = Value { many: true, ..Value::hole(LISTED, Bound::Anything) }.at(reader.at);
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Reads || effect.object != Object::None);
        reader.reads(&file, Flags::default());
        return;
    }
    let bare = words.operands.is_empty() && words.carried.is_none();
    let program = reader.reading.program.clone().unwrap_or_default();
    if starts_shell(&program, bare, words) {
        return reader.carry(Carried::ShellStdin { positional: Vec::new(), dialect: Dialect::Sh }, true);
    }
    let dash = || words.operands.iter().any(|word| matches!(word.text(), Some(b"-" | b"/dev/stdin" | b"/dev/fd/0")));
    let commands = match reader.reading.program.as_deref() {
        Some(b"at") => !words.any(&["-f", "-l", "-d", "-c", "-r"]),
        Some(b"ed") => true,
        Some(b"m4" | b"dc" | b"expect" | b"tclsh") => bare || dash(),
        Some(b"crontab") => dash() || bare && words.given.is_empty(),
        Some(b"vim") => words.any(&["-e", "-E", "-es", "-s"]),
        Some(b"gdb") => words.any(&["-x"]),
        Some(b"duckdb" | b"mongosh" | b"redis-cli") => !words.any(&["-c", "-f", "-e", "-l"]),
        _ => false,
    };
    // Their statements come from there where no option holds them.
    let statements = match program.as_slice() {
        b"psql" | b"mysql" | b"usql" => !words.any(&["-c", "-f", "-e", "-l"]),
        b"clickhouse-client" => !words.any(&["-q", "--queries-file"]),
        _ => false,
    };
    if statements {
        return reader.code_stdin("sql");
    }
    if !commands {
        return;
    }
    if reader.reading.program.as_deref() == Some(b"crontab") && reader.around.stdin.is_none() {
        return reader.code_stdin("crontab");
    }
    if reader.reading.program.as_deref() == Some(b"at") && reader.around.stdin.is_some() {
        reader.carry(Carried::ShellStdin { positional: Vec::new(), dialect: Dialect::Sh }, true);
    }
    if !reader.has(EffectKind::Executes) {
        return;
    }
    for effect in reader.reading.effects.iter_mut().filter(|effect| effect.kind == EffectKind::Executes) {
        effect.feed.stdin = true;
    }
}
