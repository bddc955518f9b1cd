//! Acceptance against `bash -n`, on collections of lines nobody here wrote and on the scripts of this machine.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vetsh::parse::{Dialect, parse};

#[path = "parse/generator.rs"]
mod generator;
use generator::{Generator, mutate};

/// What bash takes at `-n`, for each line, in one bash that forks.
fn taken(lines: &[String]) -> Option<Vec<bool>> {
    let loop_ = r#"while IFS= read -r -d "" line; do if bash --norc -n -c "$line" </dev/null >/dev/null 2>&1; then echo 1; else echo 0; fi; done"#;
    let shares = lines.len().div_ceil(4).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = lines
            .chunks(shares)
            .map(|share| {
                scope.spawn(move || {
                    let mut child = Command::new("bash")
                        .args(["--norc", "-c", loop_])
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .ok()?;
                    let mut input = child.stdin.take()?;
                    let bytes: Vec<u8> = share.iter().flat_map(|line| [line.as_bytes(), b"\0"].concat()).collect();
                    let writer = std::thread::spawn(move || input.write_all(&bytes));
                    let output = child.wait_with_output().ok()?;
                    writer.join().ok()?.ok()?;
                    let answers = String::from_utf8_lossy(&output.stdout);
                    Some(answers.lines().map(|answer| answer == "1").collect::<Vec<bool>>())
                })
            })
            .collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().ok()??);
        }
        Some(all)
    })
}

fn collection(name: &str) -> Option<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/collections").join(name);
    let text = fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("SKIPPED: {} is absent; where the collections are, this test must not skip", path.display());
    }
    let lines = text?;
    Some(
        lines
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|value| value.get("cmd")?.as_str().map(str::to_owned))
            .filter(|line| !line.contains('\0'))
            .collect(),
    )
}

/// Share of the lines bash takes that are fully understood, and the lines bash refuses that we call understood.
fn measure(name: &str, lines: &[String], least: f64, foreign: usize) {
    let Some(taken) = taken(lines) else {
        eprintln!("SKIPPED: no bash on this machine; where bash is, this test must not skip");
        return;
    };
    assert_eq!(taken.len(), lines.len());
    let (mut accepted, mut understood) = (0usize, 0usize);
    let mut opaque = Vec::new();
    let mut extra = Vec::new();
    for (line, taken) in lines.iter().zip(taken) {
        let script = parse(line.as_bytes(), Dialect::Bash);
        match (taken, script.opaque.first()) {
            (true, None) => {
                accepted += 1;
                understood += 1;
            }
            (true, Some(why)) => {
                accepted += 1;
                opaque.push(format!("{line:?}: {}", why.why));
            }
            (false, None) => extra.push(line),
            (false, Some(_)) => {}
        }
    }
    let share = 100.0 * understood as f64 / accepted.max(1) as f64;
    println!("{name}: {} lines, bash takes {accepted}, fully understood {understood} ({share:.2} %)", lines.len());
    assert!(share >= least, "{name}: only {share:.2} %, e.g. {:#?}", opaque.iter().take(20).collect::<Vec<_>>());
    assert!(extra.len() <= foreign, "{name}: bash refuses these: {:#?}", extra.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn one_liners_of_nl2bash() {
    if let Some(lines) = collection("nl2bash.jsonl") {
        measure("nl2bash", &lines, 99.9, 0);
    }
}

#[test]
fn examples_of_tldr() {
    if let Some(lines) = collection("tldr.jsonl") {
        let every_seventh: Vec<String> = lines.into_iter().step_by(7).collect();
        measure("tldr", &every_seventh, 99.9, 0);
    }
}

#[test]
fn generated_and_damaged_lines() {
    let mut generator =
        Generator::new(std::env::var("VETSH_ORACLE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(3));
    // At `-n` no `shopt` takes effect, and bash forgets in `$(time …)` whether a pipe came before.
    let lines: Vec<String> =
        (0..1500).map(|_| generator.line()).filter(|line| !line.contains("shopt") && !line.contains("time")).collect();
    measure("generated", &lines, 85.0, lines.len() / 100);
    let damaged: Vec<String> = lines.iter().map(|line| mutate(&mut generator, line, &lines)).collect();
    // Bash finds what is wrong in `[[ ]]` and in arithmetic at different times than we do; the argv oracle decides.
    measure("damaged", &damaged, 70.0, damaged.len() / 20);
}

#[test]
fn scripts_of_this_machine() {
    let mut files = Vec::new();
    for root in ["/usr/bin", "/usr/sbin", "/etc", "/usr/share", "/usr/lib"] {
        gather(Path::new(root), 0, &mut files);
    }
    let (mut accepted, mut understood) = (0usize, 0usize);
    let mut opaque = Vec::new();
    for path in files {
        let Ok(text) = fs::read(&path) else { continue };
        let Ok(status) = Command::new("bash").arg("-n").arg(&path).stderr(Stdio::null()).status() else {
            eprintln!("SKIPPED: no bash on this machine; where bash is, this test must not skip");
            return;
        };
        if !status.success() {
            continue;
        }
        accepted += 1;
        match parse(&text, Dialect::Bash).opaque.first() {
            None => understood += 1,
            Some(why) => opaque.push(format!("{}: {}", path.display(), why.why)),
        }
    }
    println!("scripts: bash takes {accepted}, fully understood {understood}");
    assert!(understood * 100 >= accepted * 98, "{opaque:#?}");
}

/// Shell scripts below `folder`, by their first line.
fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && depth < 4 {
            gather(&path, depth + 1, files);
        } else if kind.is_file() && entry.metadata().is_ok_and(|data| data.len() < 1 << 20) {
            let mut head = [0u8; 32];
            let read = fs::File::open(&path).and_then(|mut file| std::io::Read::read(&mut file, &mut head));
            let first: Vec<u8> =
                head.iter().take(read.unwrap_or(0)).copied().take_while(|byte| *byte != b'\n').collect();
            if first.starts_with(b"#!") && (first.ends_with(b"/sh") || first.windows(4).any(|part| part == b"bash")) {
                files.push(path);
            }
        }
    }
}
