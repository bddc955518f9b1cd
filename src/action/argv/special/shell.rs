//! bash, sh, dash, zsh: `-c` in clusters, `-o` names, long options, script files, standard input.

use super::super::reader::Reader;
use super::super::split::may_be_option;
use crate::action::{Carried, GapKind, Value, path};
use crate::parse::Dialect;

/// Options of `-O` that change how names are matched only, as this reading does anyhow.
const GLOBBING: &[&[u8]] = &[
    b"nullglob",
    b"failglob",
    b"globstar",
    b"dotglob",
    b"extglob",
    b"globasciiranges",
    b"histappend",
    b"checkwinsize",
];

/// Reads a shell's argv.
pub(super) fn read(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) {
    let dialect = match name {
        b"bash" | b"-bash" => Dialect::Bash,
        b"zsh" => Dialect::Zsh,
        _ => Dialect::Sh,
    };
    let mut command = false;
    let mut stdin = false;
    let mut checks = false;
    let mut rest = argv.get(1..).unwrap_or_default();
    while let Some((word, after)) = rest.split_first() {
        let Some(text) = word.text() else {
            if may_be_option(word) || word.prefix().starts_with(b"-") {
                reader.gap(GapKind::DynamicWord, "a shell's option is known only when it runs", word.span);
            }
            break;
        };
        match text {
            b"--" | b"-" => {
                rest = after;
                break;
            }
            b"--norc" | b"--noprofile" | b"--login" | b"--posix" | b"--verbose" | b"--restricted" | b"--noediting"
            | b"--no-rcs" => rest = after,
            b"--version" | b"--help" => {
                reader.harmless = true;
                return;
            }
            b"--rcfile" | b"--init-file" => {
                if let Some(file) = after.first() {
                    let path = path::absolute(&reader.cwd, file);
                    reader.carry(Carried::Script { path, arguments: Vec::new(), dialect }, false);
                }
                rest = after.get(1..).unwrap_or_default();
            }
            _ if text.starts_with(b"--") => {
                reader.gap(GapKind::UnknownOption, String::from_utf8_lossy(text), word.span);
                rest = after;
            }
            _ if text.starts_with(b"-") || text.starts_with(b"+") => {
                rest = after;
                let on = text.starts_with(b"-");
                for letter in text.iter().skip(1) {
                    match letter {
                        b'c' => command = true,
                        b's' => stdin = true,
                        b'n' => checks = on,
                        b'o' => rest = rest.get(1..).unwrap_or_default(),
                        b'O' => {
                            let option = rest.first();
                            rest = rest.get(1..).unwrap_or_default();
                            let plain =
                                option.is_some_and(|option| option.text().is_some_and(|name| GLOBBING.contains(&name)));
                            if !plain && on {
                                reader.gap(
                                    GapKind::UnknownOption,
                                    "an option that changes how the shell reads",
                                    word.span,
                                );
                            }
                        }
                        b'a' | b'b' | b'e' | b'f' | b'h' | b'i' | b'l' | b'm' | b'p' | b'r' | b't' | b'u' | b'v'
                        | b'x' | b'B' | b'C' | b'D' | b'E' | b'H' | b'P' | b'T' => {}
                        _ => reader.gap(GapKind::UnknownOption, String::from_utf8_lossy(text), word.span),
                    }
                }
            }
            _ => break,
        }
    }
    reader.reading.operands = rest.to_vec();
    if checks {
        if !command && let Some(file) = rest.first() {
            reader.reads(file, crate::action::Flags::default());
        }
        return;
    }
    match rest.split_first() {
        Some((text, positional)) if command => {
            if may_be_option(text) && text.many {
                reader.gap(GapKind::DynamicWord, "a shell's command is known only when it runs", text.span);
            }
            reader.shell(text.clone(), positional.to_vec(), dialect);
        }
        None if command => reader.gap(GapKind::Partial, "-c lacks its command", reader.at),
        Some((file, arguments)) if !stdin => {
            let path = path::absolute(&reader.cwd, file);
            reader.carry(Carried::Script { path, arguments: arguments.to_vec(), dialect }, true);
        }
        _ => reader.carry(Carried::ShellStdin { positional: rest.to_vec(), dialect }, true),
    }
}
