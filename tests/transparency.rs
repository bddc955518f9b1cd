//! A drop-in: an allowed line gives the same standard output, standard error, exit code, signal and files through us as
//! through the real shell.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    line: Vec<String>,
}

/// What a run leaves.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    stdout: String,
    stderr: String,
    code: Option<i32>,
    signal: Option<i32>,
    files: BTreeMap<String, String>,
}

fn scratch() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let work = scratch.path().join("work");
    std::fs::create_dir_all(work.join("sub")).expect("a folder");
    std::fs::write(work.join("a.txt"), "one\ntwo\nthree\n").expect("a file");
    std::fs::write(work.join("sub/b.txt"), "four\n").expect("a file");
    let git = |words: &[&str]| Command::new("git").args(words).current_dir(&work).output().expect("git runs");
    git(&["init", "-q", "-b", "feature"]);
    git(&["config", "user.email", "t@example.test"]);
    git(&["config", "user.name", "t"]);
    git(&["add", "-A"]);
    scratch
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).expect("a readable folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).expect("below").display().to_string();
            if name.starts_with(".git") {
                continue;
            }
            if path.is_dir() {
                found.insert(name, "(folder)".into());
                folders.push(path);
            } else {
                found.insert(name, String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned());
            }
        }
    }
    found
}

fn run(program: &str, before: &[&str], line: &str, house: &Path) -> Trace {
    let scratch = scratch();
    let work = scratch.path().join("work");
    // The shell that starts us stands in the workspace, as a client does; it must stay for us to have a client.
    let inner: Vec<String> =
        std::iter::once(program).chain(before.iter().copied()).chain(["-c", line]).map(quote).collect();
    let script = format!("{}; exit $?", inner.join(" "));
    let direct = before.is_empty();
    let mut command = Command::new("/bin/bash");
    command.args(["-c", &script]).current_dir(&work).stdin(Stdio::null()).env("LC_ALL", "C").env_remove("CDPATH");
    let output = command.output().expect("bash runs");
    let hide = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&work.display().to_string(), "WORK");
        let text = text.replace(&house.display().to_string(), "HOUSE");
        // The shell that stands for the client tells of a death by signal with its own line and pid.
        text.lines()
            .filter(|line| !line.starts_with("/bin/bash: line 1: "))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let _ = direct;
    Trace {
        stdout: hide(&output.stdout),
        stderr: hide(&output.stderr),
        code: output.status.code(),
        signal: output.status.signal(),
        files: files(&work),
    }
}

/// Both ways of a line. One that does not even do the same twice through bash (a busy machine orders what runs side by side) is
/// run again.
fn alike(real: impl Fn() -> Trace, ours: impl Fn() -> Trace) -> (Trace, Trace) {
    let mut pair = (real(), ours());
    for _ in 0..4 {
        if pair.0 == pair.1 || pair.1.stderr.contains("vetsh: refused") {
            break;
        }
        let again = real();
        if again == pair.0 {
            break;
        }
        println!("not the same twice through bash: {:?} {again:?}", pair.0);
        pair = (again, ours());
    }
    pair
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[test]
fn allowed_lines_look_the_same() {
    let text = include_str!("cases/transparency/lines.toml");
    let cases: Cases = toml::from_str(text).expect("the cases");
    let house = tempfile::tempdir().expect("a scratch directory");
    // What is asked about is not waited for: nobody is there to answer.
    std::fs::create_dir(house.path().join("config")).expect("a folder");
    std::fs::write(house.path().join("config/policy.toml"), "format = 1\n[approval]\nwait = \"0s\"\n")
        .expect("a policy");
    let own = env!("CARGO_BIN_EXE_vetsh");
    let root = house.path().display().to_string();
    let through = ["--root", &root, "--as", "bash"];
    let probe = run(own, &through, "true", house.path());
    if probe.code != Some(0) {
        eprintln!("SKIPPED: `true` is not autonomous here, nothing can be compared: {probe:?}");
        return;
    }
    let (mut same, mut asked, mut wrong) = (0, Vec::new(), Vec::new());
    for line in &cases.line {
        let real = || run("bash", &[], line, house.path());
        let (real, ours) = alike(real, || run(own, &through, line, house.path()));
        if ours.stderr.contains("vetsh: refused") {
            asked.push(line);
        } else if real == ours {
            same += 1;
        } else {
            wrong.push(format!("{line}\n  real {real:?}\n  ours {ours:?}"));
        }
    }
    println!("{same} the same, {} asked about: {asked:#?}", asked.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 120, "only {same} lines ran; asked about {asked:#?}");
}
