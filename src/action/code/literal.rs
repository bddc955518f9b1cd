//! Constants of code in a language that is not read, or not understood: the paths that stand in it as they are, and the
//! commands, deletions and writes that are called with a constant. What is found is done, as far as anyone can tell; what is
//! not found says nothing.

use super::{CodeEffect, CodeObject};
use crate::action::{EffectKind, Flag, Flags};

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
    for (before, constant) in strings(text).into_iter().take(MOST) {
        let call = called(before);
        let homed = super::fold::homed(constant);
        let constant = homed.as_deref().unwrap_or(constant);
        let mut add = |kind, object, flags| found.push(CodeEffect { kind, object, flags });
        match call {
            Some(Call::Shell) => {
                add(EffectKind::Executes, CodeObject::Shell(constant.to_vec()), Flags::default());
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
    if before.ends_with(b"`") || before.ends_with(b"%x") {
        return Some(Call::Shell);
    }
    let text = before.trim_ascii_end();
    let text = text.strip_suffix(b"(").unwrap_or(text).trim_ascii_end();
    let name = text.rsplit(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).next().unwrap_or_default();
    CALLS.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, call)| *call)
}

/// The quoted strings of code, each with what stands before it. A backtick stands before its own text.
fn strings(text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if !matches!(byte, b'\'' | b'"' | b'`') {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut end = start;
        while let Some(inner) = text.get(end).filter(|inner| *inner != byte) {
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
