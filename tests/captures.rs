//! What real clients executed: every call is read as a shell reads it, and their wrappings are recognised, in no other shape.

use std::path::{Path, PathBuf};

use vetsh::invocation::{Form, Invocation, Shell, face};

struct Capture {
    client: String,
    argv: Vec<String>,
}

fn captures() -> Option<Vec<Capture>> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let folder =
        if folder.is_dir() { folder } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures") };
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no captures of real clients at {}", folder.display());
        return None;
    };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|end| end != "jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(&path).expect("text").lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("a capture");
            let argv = value["argv"]
                .as_array()
                .expect("words")
                .iter()
                .map(|word| word.as_str().expect("text").to_owned())
                .collect();
            found.push(Capture { client: value["client"].as_str().expect("a name").to_owned(), argv });
        }
    }
    assert!(found.len() > 50, "only {} captures", found.len());
    Some(found)
}

fn invocation(argv: &[String]) -> Option<Invocation> {
    let words: Vec<Vec<u8>> = argv.iter().map(|word| word.as_bytes().to_vec()).collect();
    let shell = Shell::of_name(face::base(words.first()?)).unwrap_or(Shell::Bash);
    Invocation::of_shell(shell, words).ok()
}

#[test]
fn every_call_is_read() {
    let Some(captures) = captures() else { return };
    for capture in captures {
        let read = invocation(&capture.argv).unwrap_or_else(|| panic!("{:?}", capture.argv));
        let text = capture.argv.last().expect("a word").as_bytes();
        if let Form::Command { positional } = &read.form {
            assert!(positional.is_empty());
            assert_eq!(&*read.line.received, text, "the command is the text");
        }
    }
}

#[test]
fn wrappings_are_recognised_and_leave_the_command() {
    let Some(captures) = captures() else { return };
    let (mut claude, mut codex) = (0, 0);
    for capture in captures {
        let Some(text) = capture.argv.last() else { continue };
        let Some(read) = invocation(&capture.argv) else { continue };
        let wrapped = match capture.client.as_str() {
            "claude" => text.starts_with("source ") && capture.argv.len() > 2,
            "codex" => text.starts_with("__CODEX_SNAPSHOT_OVERRIDE_SET_0="),
            _ => false,
        };
        assert_eq!(read.envelope.is_some(), wrapped, "{:.200}", text);
        let Some(envelope) = read.envelope else { continue };
        let left = text.get(envelope.start..).expect("a boundary");
        match capture.client.as_str() {
            "claude" => {
                claude += 1;
                assert!(left.starts_with("eval '") && left.contains("< /dev/null && pwd -P >| /tmp/claude-"), "{left}");
            }
            _ => {
                codex += 1;
                assert!(left.starts_with("exec '/") && left.contains("' -c '"), "{left}");
            }
        }
        assert!(envelope.snapshot.is_some_and(|path| path.ends_with(b".sh")));
    }
    assert!(claude >= 8 && codex >= 2, "claude {claude}, codex {codex}");
}

#[test]
fn a_wrapping_with_one_byte_changed_is_none() {
    let Some(captures) = captures() else { return };
    let mut tried = 0;
    for capture in captures {
        let Some(read) = invocation(&capture.argv) else { continue };
        let Some(envelope) = read.envelope else { continue };
        let text = capture.argv.last().expect("a word");
        // A command slipped in at any line of the client's own text.
        let frame = text.get(..envelope.start).expect("a boundary");
        for at in frame.match_indices(['\n', '&', '|', ';']).map(|(at, _)| at).step_by(7) {
            let mut argv = capture.argv.clone();
            let (before, after) = text.split_at(at);
            *argv.last_mut().expect("a word") = format!("{before};touch x{after}");
            let changed = invocation(&argv).expect("a form bash has");
            assert!(changed.envelope.is_none(), "{before:.300}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}
