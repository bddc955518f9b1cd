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

/// Where scripts lie on a machine: programs, boot and session files, maintainer scripts, the sources of packages.
const PLACES: &[&str] =
    &["/usr/bin", "/usr/sbin", "/etc", "/usr/share", "/usr/lib", "/var/lib/dpkg/info", "/usr/libexec", "/opt"];

#[test]
fn scripts_of_this_machine() {
    let mut files = Vec::new();
    for root in PLACES {
        gather(Path::new(root), 0, &mut files);
    }
    for home in [std::env::var_os("CARGO_HOME").map(PathBuf::from), Some("/root/.cargo".into())].into_iter().flatten() {
        gather(&home.join("registry/src"), 0, &mut files);
    }
    files.sort();
    files.dedup();
    for (shell, dialect, least) in [("bash", Dialect::Bash, 98.0), ("dash", Dialect::Sh, 0.0)] {
        let (mut taken, mut understood) = (0usize, 0usize);
        let mut opaque = Vec::new();
        for path in &files {
            let Ok(text) = fs::read(path) else { continue };
            let for_bash = text
                .split(|byte| *byte == b'\n')
                .next()
                .is_some_and(|first| first.windows(4).any(|part| part == b"bash"));
            if shell == "dash" && for_bash {
                continue;
            }
            let Ok(status) = Command::new(shell).arg("-n").arg(path).stderr(Stdio::null()).status() else {
                eprintln!("SKIPPED: no {shell} on this machine; where it is, this test must not skip");
                return;
            };
            if !status.success() {
                continue;
            }
            taken += 1;
            match parse(&text, dialect).opaque.first() {
                None => understood += 1,
                Some(why) => opaque.push(format!("{}: {}", path.display(), why.why)),
            }
        }
        let share = 100.0 * understood as f64 / taken.max(1) as f64;
        println!("scripts: {shell} takes {taken}, fully understood {understood} ({share:.2} %)\n{}", opaque.join("\n"));
        assert!(share >= least, "{opaque:#?}");
    }
}

/// The `run:` blocks of workflows, as the runner writes them to a file for bash.
#[test]
fn steps_of_workflows() {
    let mut files = Vec::new();
    for home in [std::env::var_os("CARGO_HOME").map(PathBuf::from), Some("/root/.cargo".into())].into_iter().flatten() {
        workflows(&home.join("registry/src"), 0, &mut files);
    }
    files.sort();
    files.dedup();
    let mut steps: Vec<String> =
        files.iter().filter_map(|path| fs::read_to_string(path).ok()).flat_map(|text| runs(&text)).collect();
    steps.sort();
    steps.dedup();
    if steps.is_empty() {
        eprintln!("SKIPPED: no workflows on this machine");
        return;
    }
    measure("workflows", &steps, 98.0, 0);
}

fn workflows(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && depth < 5 {
            workflows(&path, depth + 1, files);
        } else if path.extension().is_some_and(|end| end == "yml" || end == "yaml") {
            files.push(path);
        }
    }
}

/// The texts behind `run:`; an expression of the workflow is a word.
fn runs(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start().trim_start_matches("- ");
        let Some(value) = trimmed.strip_prefix("run:") else { continue };
        let indent = line.len() - line.trim_start().len();
        let value = value.trim();
        let mut step = String::new();
        if value.is_empty() || value.starts_with(['|', '>']) {
            while let Some(next) = lines.peek() {
                if !next.trim().is_empty() && next.len() - next.trim_start().len() <= indent {
                    break;
                }
                step.push_str(next.trim_start());
                step.push(if value.starts_with('>') { ' ' } else { '\n' });
                lines.next();
            }
        } else if !value.starts_with(['\'', '"']) {
            step.push_str(value);
        }
        while let Some((before, rest)) = step.split_once("${{") {
            let after = rest.split_once("}}").map_or("", |(_, after)| after);
            step = format!("{before}x{after}");
        }
        if !step.trim().is_empty() {
            found.push(step.trim_end().to_owned());
        }
    }
    found
}

/// Shell scripts below `folder`, by their first line.
fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && depth < 5 {
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
