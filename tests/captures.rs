//! What real clients executed: every call is read as a shell reads it, and their wrappings are recognised, in no other shape.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// What a run leaves that a client sees.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    stdout: String,
    stderr: String,
    code: Option<i32>,
    signal: Option<i32>,
}

/// Runs `argv` below a shell that stands in the workspace, as a client does.
fn seen(argv: &[String], work: &Path, home: &Path) -> Seen {
    let words: Vec<String> = argv.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
    let output = Command::new("/bin/bash")
        .args(["-c", &format!("{}; exit $?", words.join(" "))])
        .current_dir(work)
        .env("HOME", home)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    // The shell that stands for the client tells of a death by signal with a pid of its own.
    let told = String::from_utf8_lossy(&output.stderr);
    let stderr = told.lines().filter(|line| !line.contains("Killed")).map(|line| format!("{line}\n")).collect();
    Seen {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr,
        code: output.status.code(),
        signal: output.status.signal(),
    }
}

/// The wrapped commands that clients sent, really run: through us and through bash, in a scratch home and workspace.
#[test]
fn wrapped_commands_run_as_in_bash() {
    let Some(captures) = captures() else { return };
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let [house, home, work] = ["house", "home", "home/work"].map(|name| scratch.path().join(name));
    std::fs::create_dir_all(&work).expect("a folder");
    std::fs::create_dir_all(house.join("config")).expect("a folder");
    std::fs::write(house.join("config/policy.toml"), "format = 1\n[approval]\nwait = \"0s\"\n").expect("a policy");
    let git = |words: &[&str]| Command::new("git").args(words).current_dir(&work).output().expect("git runs");
    git(&["init", "-q", "-b", "feature"]);
    std::fs::write(work.join("a.txt"), "one\n").expect("a file");
    let own = env!("CARGO_BIN_EXE_vetsh");
    let house = house.display().to_string();
    let (mut same, mut clients, mut asked) = (0, std::collections::BTreeSet::new(), Vec::new());
    for capture in captures {
        let Some(read) = invocation(&capture.argv) else { continue };
        let Some(text) = capture.argv.last() else { continue };
        let gemini = text.starts_with("shopt -u promptvars");
        // Harmless commands that end at once, under bash.
        if !(read.envelope.is_some() || gemini) || text.contains("sleep ") || capture.argv[0].contains("zsh") {
            continue;
        }
        let mut text = text.replace("/home/u", &home.display().to_string());
        if let Some(from) = text.find("/tmp/gemini-shell-") {
            let folder: String = text[from..].chars().take("/tmp/gemini-shell-PVmgcI".len()).collect();
            text = text.replace(&folder, &scratch.path().join("gemini").display().to_string());
            std::fs::create_dir_all(scratch.path().join("gemini")).expect("a folder");
        }
        if let Some(path) = invocation(&["bash".into(), "-c".into(), text.clone()])
            .and_then(|read| read.envelope)
            .and_then(|envelope| envelope.snapshot)
        {
            let path = PathBuf::from(String::from_utf8(path).expect("text"));
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let snapshot = "# Snapshot file\n# Unset all aliases to avoid conflicts with functions\nunalias -a 2>/dev/null || true\nset -o braceexpand\nset -o hashall\nset -o interactive-comments\nshopt -s checkwinsize\n";
            std::fs::write(path, snapshot).expect("a snapshot");
        }
        let options = capture.argv[1..capture.argv.len() - 1].iter().cloned();
        let options: Vec<String> = if capture.argv.len() > 2 { options.collect() } else { vec!["-c".into()] };
        let argv = |before: &[&str]| -> Vec<String> {
            let before = before.iter().map(|word| (*word).to_owned());
            before.chain(options.iter().cloned()).chain([text.clone()]).collect()
        };
        let real = seen(&argv(&["/bin/bash"]), &work, &home);
        let ours = seen(&argv(&[own, "--root", &house, "--as", "bash"]), &work, &home);
        // What the client's own text leaves behind.
        if let Some(from) = text.find("/tmp/claude-") {
            let file: String = text[from..].chars().take("/tmp/claude-40dd-cwd".len()).collect();
            let _ = std::fs::remove_file(file);
        }
        if ours.stderr.contains("vetsh: ") && !real.stderr.contains("vetsh: ") {
            asked.push(format!(
                "{} {:.60}\n{}",
                capture.client,
                text.get(text.len() - 60..).unwrap_or(&text),
                ours.stderr
            ));
            continue;
        }
        assert_eq!(ours, real, "{text:.400}");
        same += 1;
        clients.insert(capture.client);
    }
    // A shell that kills itself may be asked about; all else runs.
    let unexpected: Vec<&String> = asked.iter().filter(|line| !line.contains("kill -9")).collect();
    assert!(unexpected.is_empty(), "{}", asked.join("\n"));
    assert!(same >= 8 && clients.len() == 3, "{same} of {clients:?}; asked {asked:#?}");
}
