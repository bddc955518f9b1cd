//! Commands inside words that are no shell text themselves: editors, debuggers, schedules, archives.

use super::super::reader::Reader;
use crate::action::tool::Role;
use crate::action::{Carried, EffectKind, Flags, GapKind, Value, path};
use crate::parse::Dialect;

/// The values given to options of these names.
fn values(reader: &Reader<'_>, names: &[&str]) -> Vec<Value> {
    let given = reader.reading.options.iter().filter(|(name, _)| names.contains(&name.as_str()));
    given.filter_map(|(_, value)| value.clone()).collect()
}

/// What stands behind the first `!` of an editor's command (`:!x`, `r !x`, `silent !x`).
fn bang(reader: &mut Reader<'_>, text: &[u8], origin: &Value) {
    if let Some(at) = text.iter().position(|byte| *byte == b'!') {
        let command = text.get(at + 1..).unwrap_or_default();
        reader.command(&Value::known(command).at(origin.span));
    }
}

/// vim, less: `-c CMD`, `--cmd CMD`, `+CMD`.
pub(super) fn editor(reader: &mut Reader<'_>) {
    for value in values(reader, &["-c", "--cmd", "-S"]) {
        bang(reader, &value.display(), &value);
        // `call system("…")`, `lua os.execute("…")`
        reader.constants(&value.display(), &value);
    }
    let plus: Vec<Value> = reader.argv.iter().skip(1).filter(|word| word.prefix().starts_with(b"+")).cloned().collect();
    for word in plus {
        bang(reader, &word.display(), &word);
    }
}

/// ed, ex on standard input: lines that begin a command with `!`.
pub(super) fn line_editor(reader: &mut Reader<'_>) {
    let Some(text) = reader.around.stdin.map(<[u8]>::to_vec) else { return };
    for line in text.split(|byte| *byte == b'\n') {
        let own = Value::default().at(reader.at);
        let head = line.iter().take_while(|byte| b" \t0123456789,$.%rwe:".contains(byte)).count();
        if line.get(head) == Some(&b'!') {
            bang(reader, line, &own);
        }
    }
}

/// gdb, lldb: `shell CMD`, `!CMD`, `platform shell CMD`. What only looks executes nothing; a program that is started is judged
/// as one that is started by itself.
pub(super) fn debugger(reader: &mut Reader<'_>) {
    let given = |wanted: &[&str]| reader.reading.options.iter().any(|(name, _)| wanted.contains(&name.as_str()));
    let commands = values(reader, &["--eval-command", "--one-line", "-ex"]);
    let mut known = given(&["--batch"]) && !given(&["-p", "-x"]) && !commands.is_empty();
    let mut started = false;
    for value in commands {
        let text = value.display();
        let text = text.trim_ascii_start();
        let is = |verbs: &[&str]| {
            verbs.iter().any(|verb| {
                text.strip_prefix(verb.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b' ' | b'/', ..]))
            })
        };
        // A call, a convenience function or a pipe in an expression may run something; a shell starts the program.
        let starts = is(STARTS);
        let opens = |byte: &u8| b"$(|!".contains(byte) || starts && b";&<>`\n".contains(byte);
        known &= value.text().is_some() && (starts || is(LOOKS)) && !text.iter().any(opens);
        started |= starts;
        let command =
            [&b"platform shell "[..], b"shell ", b"!", b"pipe "].iter().find_map(|verb| text.strip_prefix(*verb));
        match command {
            Some(command) => reader.command(&Value::known(command).at(value.span)),
            None if [&b"python"[..], b"script", b"call", b"print"].iter().any(|verb| text.starts_with(verb)) => {
                reader.constants(text, &value);
            }
            None => {}
        }
    }
    if !known {
        return;
    }
    match reader.reading.operands.first() {
        Some(program) if started => {
            let program = path::absolute(&reader.cwd, program);
            reader.payload(vec![program]);
        }
        // What stands behind `--args` is a command already.
        None if reader.reading.payloads.is_empty() => return,
        _ => {}
    }
    reader.reading.effects.retain(|effect| effect.kind != EffectKind::Executes);
}

/// Commands of a debugger that start the program.
const STARTS: &[&str] = &["run", "r", "start", "process launch", "continue", "c"];

/// Commands of a debugger that read the program's own file, or what became of it.
const LOOKS: &[&str] = &[
    "bt",
    "backtrace",
    "where",
    "thread backtrace",
    "thread apply all bt",
    "thread list",
    "frame",
    "frame variable",
    "up",
    "down",
    "break",
    "b",
    "breakpoint set",
    "next",
    "step",
    "finish",
    "register read",
    "info",
    "disassemble",
    "disas",
    "ptype",
    "whatis",
    "list",
    "x",
    "set pagination off",
    "set confirm off",
    "set print",
    "set disassembly-flavor",
    "image list",
    "image lookup",
    "image dump",
    "quit",
];

/// at, batch: standard input is a script of the shell.
pub(super) fn later(reader: &mut Reader<'_>) {
    reader.carry(Carried::ShellStdin { positional: Vec::new(), dialect: Dialect::Sh }, true);
}

/// crontab from standard input: a command behind five fields or a nickname.
pub(super) fn schedule(reader: &mut Reader<'_>) {
    let Some(text) = reader.around.stdin.map(<[u8]>::to_vec) else { return };
    let at = reader.at;
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let fields = if line.starts_with(b"@") { 1 } else { 5 };
        let mut rest = line;
        for _ in 0..fields {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default().trim_ascii_start();
        }
        if !rest.is_empty() {
            reader.command(&Value::known(rest).at(at));
        }
    }
}

/// hatch, pdm: `run NAME` is a script of the project by its name, else a program.
pub(super) fn project_run(reader: &mut Reader<'_>) {
    let operands = reader.reading.operands.as_slice();
    // `hatch env run` is the same by its long name.
    let env = operands.first().is_some_and(|first| first.text() == Some(b"env"));
    let Some((verb, rest)) = operands.get(usize::from(env)..).unwrap_or_default().split_first() else { return };
    let mut rest = rest;
    while let [option, tail @ ..] = rest {
        rest = match option.text() {
            Some(b"-e" | b"--env" | b"-p" | b"--project") => tail.get(1..).unwrap_or_default(),
            _ if option.prefix().starts_with(b"-") => tail,
            _ => break,
        };
    }
    let Some(name) = rest.first().and_then(Value::text).filter(|_| verb.text() == Some(b"run")) else { return };
    let shell = matches!(name, b"sh" | b"bash" | b"zsh" | b"dash" | b"python" | b"python3");
    if shell || reader.around.tools.command(&[name]).is_some() {
        // As it was given: its options are its own.
        let from = reader.argv.iter().position(|word| word.text() == Some(name));
        let argv = from.and_then(|from| reader.argv.get(from..)).unwrap_or(rest).to_vec();
        reader.payload(argv);
    } else if !name.contains(&b':') && is_no_script(reader, name) {
        // What no file of the project names is a program of that name.
        let (shown, at) = (String::from_utf8_lossy(name).into_owned(), reader.at);
        reader.gap(GapKind::UnknownProgram, shown, at);
    }
}

/// Whether the project's files are there and none of them speaks of a script of that name.
fn is_no_script(reader: &Reader<'_>, name: &[u8]) -> bool {
    let files = [&b"pyproject.toml"[..], b"hatch.toml"].map(|file| {
        let file = path::absolute(&reader.cwd, &Value::known(file));
        file.text().and_then(|file| reader.around.world.contents(file, 256 * 1024))
    });
    let named = |text: &Vec<u8>| text.windows(name.len().max(1)).any(|part| part == name);
    files.iter().any(Option::is_some) && !files.iter().flatten().any(named)
}

/// `do shell script "…"` of AppleScript.
pub(super) fn apple(reader: &mut Reader<'_>) {
    for value in values(reader, &["-e"]) {
        let text = value.display();
        let mark = b"do shell script \"";
        let Some(at) = text.windows(mark.len()).position(|window| window == mark) else { continue };
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        let end = rest.iter().rposition(|byte| *byte == b'"').unwrap_or(rest.len());
        let command = rest.get(..end).unwrap_or_default().to_vec();
        reader.command(&Value::known(command).at(value.span));
    }
}

/// `cargo watch -x 'test --lib'`: words of cargo.
pub(super) fn watched(reader: &mut Reader<'_>) {
    for value in values(reader, &["--exec"]) {
        let mut line = Value::known("cargo ").at(value.span);
        line.push(&value);
        line.many = false;
        reader.command(&line);
    }
}

/// protoc: `--plugin=NAME=PROGRAM`, or a program alone.
pub(super) fn plugins(reader: &mut Reader<'_>) {
    for value in values(reader, &["--plugin"]) {
        let from = value.prefix().iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1);
        let program = super::super::reader::tail(&value, from);
        reader.role(&Role::Module("program".to_owned()), None, &program, Flags::default());
    }
}
