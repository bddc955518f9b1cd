//! Acceptance against `bash -n`, on collections of lines nobody here wrote and on the scripts of this machine.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vetsh::parse::{Dialect, parse};

#[path = "parse/accepted.rs"]
mod accepted;
#[path = "parse/generator.rs"]
mod generator;
#[path = "parse/lines.rs"]
mod lines;
use accepted::accepted;
use generator::{Generator, mutate};
use lines::{collection, of_the_cases};

/// Share of the lines bash takes that are fully understood, and the lines bash refuses that we call understood.
fn measure(name: &str, lines: &[String], least: f64, foreign: usize) {
    let Some(taken) = accepted("bash --norc", lines) else {
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
fn lines_of_the_cases() {
    // At `-n` no `shopt` takes effect.
    let lines: Vec<String> = of_the_cases().into_iter().filter(|line| !line.contains("shopt")).collect();
    measure("cases", &lines, 99.5, 0);
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
