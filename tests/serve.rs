//! A standard input that stays open: commands that arrive one by one run as they do in the real shell, and none that was not
//! judged and recorded.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Deserialize;

#[derive(Deserialize)]
struct Scripts {
    script: Vec<Script>,
}

#[derive(Deserialize)]
struct Script {
    text: String,
    shells: Option<Vec<String>>,
    /// Some command reads what follows. dash takes as much of its script as is there, and leaves such a command without.
    reads: Option<bool>,
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

/// How a script is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// All of it at once; the end comes later.
    AtOnce,
    /// Line by line.
    ByLine,
}

/// Longer than it is waited for the end of a script.
const PAUSE: Duration = Duration::from_millis(400);

fn house() -> tempfile::TempDir {
    let house = tempfile::tempdir().expect("a scratch directory");
    std::fs::create_dir(house.path().join("config")).expect("a folder");
    std::fs::write(house.path().join("config/policy.toml"), "format = 1\n[approval]\nwait = \"0s\"\n")
        .expect("a policy");
    house
}

fn workspace() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let work = scratch.path().join("work");
    std::fs::create_dir_all(work.join("sub")).expect("a folder");
    std::fs::write(work.join("a.txt"), "one\ntwo\nthree\n").expect("a file");
    std::fs::write(work.join("sub/b.txt"), "four\n").expect("a file");
    let made = Command::new("git").args(["init", "-q", "-b", "feature"]).current_dir(&work).status().expect("git runs");
    assert!(made.success());
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
                folders.push(path);
            } else {
                found.insert(name, String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned());
            }
        }
    }
    found
}

/// Starts a shell as a client does, in `work`, its standard streams ours.
fn start(words: &[&str], work: &Path) -> Child {
    Command::new("/bin/bash")
        .args(["-c", "\"$@\"; exit $?", "client"])
        .args(words)
        .current_dir(work)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("CDPATH")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash runs")
}

/// Ours as `shell`.
fn ours<'a>(shell: &'a str, house: &'a str) -> Vec<&'a str> {
    vec![env!("CARGO_BIN_EXE_vetsh"), "--root", house, "--as", shell]
}

fn run(words: &[&str], text: &str, pace: Pace) -> Trace {
    let scratch = workspace();
    let work = scratch.path().join("work");
    let mut child = start(words, &work);
    let mut input = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        match pace {
            Pace::AtOnce => {
                let _ = input.write_all(text.as_bytes());
            }
            Pace::ByLine => {
                std::thread::sleep(PAUSE);
                for line in text.split_inclusive('\n') {
                    if input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_err() {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(30));
                }
            }
        }
        std::thread::sleep(PAUSE);
    });
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("written");
    let hide = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&work.display().to_string(), "WORK");
        text.lines()
            .filter(|line| !line.starts_with("/bin/bash: line 1: "))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    Trace {
        stdout: hide(&output.stdout),
        stderr: hide(&output.stderr),
        code: output.status.code(),
        signal: output.status.signal(),
        files: files(&work),
    }
}

#[test]
fn scripts_that_arrive_run_as_in_the_real_shell() {
    let text = include_str!("cases/serve/scripts.toml");
    let scripts: Scripts = toml::from_str(text).expect("the cases");
    let house = house();
    let root = house.path().display().to_string();
    let mut work = Vec::new();
    for script in &scripts.script {
        for shell in ["bash", "sh"] {
            if script.shells.as_ref().is_none_or(|shells| shells.iter().any(|known| known == shell)) {
                let paces = [Pace::AtOnce, Pace::ByLine].into_iter();
                let paces = paces.filter(|pace| *pace == Pace::ByLine || shell == "bash" || script.reads != Some(true));
                work.extend(paces.map(|pace| (script.text.as_str(), shell, pace)));
            }
        }
    }
    let next = AtomicUsize::new(0);
    let (wrong, asked) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let compare = |(text, shell, pace): (&str, &str, Pace)| {
        // A busy machine orders what runs side by side: what differs is run again.
        for tries in (0..3).rev() {
            let real = run(&[shell], text, pace);
            let ours = run(&ours(shell, &root), text, pace);
            if ours.stderr.contains("vetsh: ") {
                return asked.lock().expect("a list").push(format!("{shell} {pace:?}\n{text}{}", ours.stderr));
            }
            if real == ours {
                return;
            }
            if tries == 0 {
                let told = format!("{shell} {pace:?}\n{text}  real {real:?}\n  ours {ours:?}");
                wrong.lock().expect("a list").push(told);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(case) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    compare(*case);
                }
            });
        }
    });
    let (wrong, asked) = (wrong.into_inner().expect("a list"), asked.into_inner().expect("a list"));
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), work.len(), wrong.join("\n"));
    assert!(asked.is_empty(), "{}", asked.join("\n"));
    assert!(work.len() >= 250, "only {} runs", work.len());
}
