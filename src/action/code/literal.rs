//! Constants of code in a language that is not read, or not understood: the paths that stand in it as they are, and the
//! commands, deletions and writes that are called with a constant. What is found is done, as far as anyone can tell; what is
//! not found says nothing.

use super::{CodeEffect, CodeObject};
use crate::action::{EffectKind, Flag, Flags};

/// Code in constants of code is looked at so deep.
const DEPTH: usize = 3;

/// More constants than this are not looked at.
const MOST: usize = 64;

/// Calls whose first constant is a command, a file removed with all in it, a file removed, a file written.
const CALLS: &[(&str, Call)] = &[
    ("system", Call::Shell),
    ("exec", Call::Shell),
    ("popen", Call::Shell),
    ("spawn", Call::Shell),
    ("execSync", Call::Shell),
    ("shell_exec", Call::Shell),
    ("passthru", Call::Shell),
    ("proc_open", Call::Shell),
    ("execute", Call::Shell),
    ("command", Call::Shell),
    ("shell", Call::Shell),
    ("capture2", Call::Shell),
    ("capture3", Call::Shell),
    ("run", Call::Shell),
    ("call", Call::Shell),
    ("check_call", Call::Shell),
    ("check_output", Call::Shell),
    ("Popen", Call::Shell),
    ("getoutput", Call::Shell),
    ("getstatusoutput", Call::Shell),
    ("create_subprocess_shell", Call::Shell),
    ("create_subprocess_exec", Call::Shell),
    ("spawnSync", Call::Shell),
    ("execFile", Call::Shell),
    ("execFileSync", Call::Shell),
    ("execvp", Call::Shell),
    ("execv", Call::Shell),
    ("execlp", Call::Shell),
    ("execl", Call::Shell),
    ("spawnlp", Call::Shell),
    ("spawnvp", Call::Shell),
    ("Command", Call::Shell),
    ("Process", Call::Shell),
    ("cmd", Call::Shell),
    ("syscmd", Call::Shell),
    ("esyscmd", Call::Shell),
    ("shell-command", Call::Shell),
    ("call-process", Call::Shell),
    ("start-process", Call::Shell),
    ("run-program", Call::Shell),
    ("systemlist", Call::Shell),
    ("qx", Call::Shell),
    ("delete-directory", Call::Tree),
    ("removeSync", Call::Tree),
    ("rm_rf", Call::Tree),
    ("rm_r", Call::Tree),
    ("remove_dir", Call::Tree),
    ("remove_entry_secure", Call::Tree),
    ("rmtree", Call::Tree),
    ("remove_tree", Call::Tree),
    ("rmSync", Call::Tree),
    ("rmdirSync", Call::Tree),
    ("unlinkSync", Call::File),
    ("unlink", Call::File),
    ("rm", Call::File),
    ("file_put_contents", Call::Write),
];

#[derive(Clone, Copy)]
enum Call {
    Shell,
    Tree,
    File,
    Write,
}

/// What the constants of unread code say. Paths below a home stand with `~/` before them.
#[must_use]
pub fn constants(text: &[u8]) -> Vec<CodeEffect> {
    constants_at(text, 0)
}

fn constants_at(text: &[u8], depth: usize) -> Vec<CodeEffect> {
    let text = &*super::fold::folded(text);
    let mut found = Vec::new();
    let holds = |word: &str| text.windows(word.len()).any(|window| window == word.as_bytes());
    if holds("kill") && (holds("getppid") || holds("process.ppid") || holds("Process.ppid")) {
        let object = CodeObject::Process(b"$PPID".to_vec());
        found.push(CodeEffect { kind: EffectKind::Signals, object, flags: Flags::default() });
    }
    // `.read file`, `\\i file`: what a database's client is told stands without quotes.
    for line in text.split(|byte| *byte == b'\n').filter(|line| matches!(line.first(), Some(b'.' | b'\\'))) {
        for word in line.split(u8::is_ascii_whitespace).skip(1).filter(|word| is_path(word)) {
            let object = CodeObject::Path(word.to_vec());
            found.push(CodeEffect { kind: EffectKind::Reads, object, flags: Flags::default() });
        }
    }
    let strings = strings(text);
    let mut handed = 0;
    for (at, (before, constant)) in strings.iter().enumerate().take(MOST) {
        if at < handed {
            continue;
        }
        let (before, constant) = (*before, *constant);
        let previous = at.checked_sub(1).and_then(|at| strings.get(at));
        let call = called(before).or_else(|| previous.and_then(|(head, name)| named(head, name, before)));
        if depth < DEPTH && runs_code(before) {
            found.extend(constants_at(&unescaped(constant), depth + 1));
        }
        let homed = super::fold::homed(constant);
        let constant = homed.as_deref().unwrap_or(constant);
        let mut add = |kind, object, flags| found.push(CodeEffect { kind, object, flags });
        match call {
            Some(Call::Shell) => {
                let own = unescaped(constant);
                let words = arguments(&strings, at);
                if words.len() > 1 && !own.trim_ascii().iter().any(u8::is_ascii_whitespace) {
                    handed = at + words.len();
                    // A program's name is given twice where it can be given another.
                    let again = usize::from(words.get(1) == Some(&own));
                    let argv = words.get(again..).unwrap_or_default().to_vec();
                    add(EffectKind::Executes, CodeObject::Argv(argv), Flags::default());
                    continue;
                }
                add(EffectKind::Executes, CodeObject::Shell(own), Flags::default());
                continue;
            }
            Some(Call::Tree) => {
                let flags = Flags::default().with(Flag::Recursive);
                add(EffectKind::Deletes, CodeObject::Path(constant.to_vec()), flags);
            }
            Some(Call::File) => add(EffectKind::Deletes, CodeObject::Path(constant.to_vec()), Flags::default()),
            Some(Call::Write) => add(EffectKind::Overwrites, CodeObject::Path(constant.to_vec()), Flags::default()),
            None => {}
        }
        for word in
            constant.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"' | b'=' | b',' | b';'))
        {
            if !is_path(word) {
                continue;
            }
            add(EffectKind::Reads, CodeObject::Path(word.to_vec()), Flags::default());
            // A path that is joined to a home elsewhere in the code.
            if let Some(rest) = word.strip_prefix(b"/.").or_else(|| word.strip_prefix(b".")) {
                let hidden = rest.first().is_some_and(u8::is_ascii_alphanumeric) && rest.contains(&b'/');
                if hidden {
                    add(EffectKind::Reads, CodeObject::Path([b"~/.", rest].concat()), Flags::default());
                }
            }
        }
    }
    found
}

/// Whether a word of a constant is a path that says where it is.
fn is_path(word: &[u8]) -> bool {
    let plain = word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-~+@*".contains(byte));
    let rooted = word.starts_with(b"/") && !word.starts_with(b"//") && word.len() > 1;
    let hidden =
        word.first() == Some(&b'.') && word.get(1).is_some_and(u8::is_ascii_alphabetic) && word.contains(&b'/');
    plain && (rooted || word.starts_with(b"~/") || hidden)
}

/// The call that a constant is the first word of.
fn called(before: &[u8]) -> Option<Call> {
    if [&b"`"[..], b"%x", b"qx"].iter().any(|mark| before.ends_with(mark)) {
        return Some(Call::Shell);
    }
    let text = before.trim_ascii_end();
    // The first of a list, and bytes, are the first word too: `["rm", …`, `b"rm"`, `:system, "rm"`.
    let text = text.strip_suffix(b"b").filter(|rest| rest.ends_with(b"(")).unwrap_or(text);
    let text = match text.strip_suffix(b",").map(<[u8]>::trim_ascii_end) {
        Some(rest) if is_symbol(rest) => rest,
        _ => text,
    };
    let text = text.strip_suffix(b"[").map_or(text, <[u8]>::trim_ascii_end);
    let mut text = text.strip_suffix(b"(").unwrap_or(text).trim_ascii_end();
    // What only makes words of it, or one word of them.
    for through in [&b"join"[..], b"shlex.split", b"Shellwords.split"] {
        if let Some(outer) = text.strip_suffix(through) {
            let outer = outer.trim_ascii_end();
            text = outer.strip_suffix(b"(").unwrap_or(outer).trim_ascii_end();
        }
    }
    known(word(text))
}

/// The name that text ends with, as Lisp writes them too.
fn word(text: &[u8]) -> &[u8] {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = text.iter().rev().take_while(|byte| letter(byte)).count();
    text.get(text.len() - length..).unwrap_or_default()
}

fn known(name: &[u8]) -> Option<Call> {
    let plain = name.rsplit(|byte| *byte == b'-').next().unwrap_or_default();
    CALLS.iter().find(|(known, _)| known.as_bytes() == name || known.as_bytes() == plain).map(|(_, call)| *call)
}

/// Whether text ends with a symbol: `:system`.
fn is_symbol(text: &[u8]) -> bool {
    let name = word(text);
    !name.is_empty() && text.get(..text.len() - name.len()).is_some_and(|head| head.ends_with(b":"))
}

/// The call that the constant before this one names: `getattr(os, "system")("rm")`, `call_user_func("system", "rm")`.
fn named(head: &[u8], name: &[u8], before: &[u8]) -> Option<Call> {
    let between = before.get(head.len() + name.len() + 2..)?.trim_ascii();
    let calls = [&b"]("[..], b")(", b"(", b"]?.("].contains(&between)
        || between == b","
            && matches!(
                word(head.trim_ascii_end().strip_suffix(b"(")?),
                b"call_user_func" | b"send" | b"public_send" | b"apply"
            );
    if calls { known(name) } else { None }
}

/// Whether what a constant is handed to reads it as code.
fn runs_code(before: &[u8]) -> bool {
    let text = before.trim_ascii_end();
    let name = word(text.strip_suffix(b"(").unwrap_or(text).trim_ascii_end());
    matches!(
        name,
        b"exec" | b"eval" | b"compile" | b"Function" | b"load" | b"loadstring" | b"instance_eval" | b"class_eval"
    )
}

/// The constants from one on that stand in one list of arguments.
fn arguments(strings: &[(&[u8], &[u8])], at: usize) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    for two in strings.get(at..).unwrap_or_default().windows(2) {
        let [(head, text), (before, _)] = two else { break };
        words.push(unescaped(text));
        let between = before.get(head.len() + text.len() + 2..).unwrap_or_default().trim_ascii();
        let joins =
            matches!(between, b"" | b"," | b",[" | b", [" | b"(list" | b",{args:[" | b", {args: [" | b",{args: [");
        if !joins {
            return words;
        }
    }
    if let Some((_, text)) = strings.last() {
        words.push(unescaped(text));
    }
    words
}

/// The text of a constant, what is escaped in it read.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let next = text.get(at + 1).filter(|_| *byte == b'\\');
        at += if next.is_some() { 2 } else { 1 };
        let digits = |from: usize, most: usize| {
            let digits = text.get(from..)?.iter().take(most).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let number = std::str::from_utf8(text.get(from..from + digits)?).ok()?;
            Some((u8::from_str_radix(number, 16).ok()?, digits))
        };
        match next {
            None => out.push(*byte),
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(mark @ (b'x' | b'u')) => match digits(at, if *mark == b'x' { 2 } else { 4 }) {
                Some((letter, length)) => {
                    out.push(letter);
                    at += length;
                }
                None => out.push(*mark),
            },
            Some(other) => out.push(*other),
        }
    }
    out
}

/// The quoted strings of code, each with what stands before it. A backtick stands before its own text.
fn strings(text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let start = at + 1;
        let command =
            *byte == b'`' || text.get(..at).is_some_and(|head| head.ends_with(b"%x") || head.ends_with(b"qx"));
        let mark = match byte {
            b'\'' | b'"' | b'`' => *byte,
            b'(' if command => b')',
            b'{' if command => b'}',
            b'[' if command => b']',
            _ => {
                at += 1;
                continue;
            }
        };
        let mut end = start;
        while let Some(inner) = text.get(end).filter(|inner| **inner != mark) {
            end += if *inner == b'\\' { 2 } else { 1 };
        }
        let before = text.get(..if *byte == b'`' { start } else { at }).unwrap_or_default();
        found.push((before, text.get(start..end).unwrap_or_default()));
        at = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str) -> Vec<String> {
        let one = |effect: CodeEffect| match effect.object {
            CodeObject::Path(path) => format!("{} {}", effect.kind.name(), String::from_utf8_lossy(&path)),
            CodeObject::Shell(line) => format!("sh {}", String::from_utf8_lossy(&line)),
            other => format!("{other:?}"),
        };
        constants(code.as_bytes()).into_iter().map(one).collect()
    }

    #[test]
    fn constants_of_unread_code_are_found() {
        for (code, want) in [
            (r#"puts File.read("/home/u/.ssh/id_rsa")"#, &["reads /home/u/.ssh/id_rsa"][..]),
            (r#"system("rm -rf /")"#, &["sh rm -rf /"]),
            ("puts `cat /etc/shadow`", &["sh cat /etc/shadow"]),
            (r#"os.execute 'ls'"#, &["sh ls"]),
            (r#"FileUtils.rm_rf("/home/u")"#, &["deletes /home/u", "reads /home/u"]),
            (r#"read(HOME + "/.ssh/id_rsa")"#, &["reads /.ssh/id_rsa", "reads ~/.ssh/id_rsa"]),
            (r#"Path.home().joinpath(".ssh/id_rsa")"#, &["reads ~/.ssh/id_rsa"]),
            (r#"print("hello, world. / 2")"#, &[]),
            (r#"fetch("https://x.test/a/b")"#, &[]),
            (r#"x = "a\"b/c""#, &[]),
            (r#"re.exec(t)"#, &[]),
        ] {
            assert_eq!(shown(code), want, "{code}");
        }
    }
}
