//! The completeness oracle. Harmless lines are generated from a grammar and run by the real bash in a scratch
//! directory whose PATH holds only logging stubs; whatever really ran must be among the commands the parser found.
//!
//! `VETSH_STUB_LINES` raises the number of lines, `VETSH_STUB_SEED` changes them. Needs bash; without one it says so.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use vetsh::parse::{Dialect, PieceKind, Script, Simple, parse, visit};

#[path = "parse/generator.rs"]
mod generator;
use generator::{Generator, STUBS, mutate};

const LINES: usize = 800;

/// A shell that runs the lines, and whose grammar we read them by.
struct Oracle {
    programs: &'static [&'static str],
    options: &'static [&'static str],
    dialect: Dialect,
    /// Of the lines it takes, so many in a hundred are fully understood.
    understood: usize,
}

const BASH: Oracle = Oracle {
    programs: &["/bin/bash", "/usr/bin/bash"],
    options: &["--norc", "--noprofile"],
    dialect: Dialect::Bash,
    understood: 98,
};
const DASH: Oracle =
    Oracle { programs: &["/bin/dash", "/usr/bin/dash"], options: &[], dialect: Dialect::Sh, understood: 0 };
const ZSH: Oracle =
    Oracle { programs: &["/bin/zsh", "/usr/bin/zsh"], options: &["-f"], dialect: Dialect::Zsh, understood: 0 };

fn main() {
    if stub() {
        return;
    }
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("what_ran_was_found", || compare(&BASH, false)),
        Trial::test("what_ran_of_mutated_lines_was_found", || compare(&BASH, true)),
        Trial::test("what_dash_ran_was_found", || compare(&DASH, false)),
        Trial::test("what_dash_ran_of_mutated_lines_was_found", || compare(&DASH, true)),
        Trial::test("what_zsh_ran_was_found", || compare(&ZSH, false)),
        Trial::test("what_zsh_ran_of_mutated_lines_was_found", || compare(&ZSH, true)),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// Called as a stub: appends its argv to the log, as one write. Its name decides its status, so that `&&` and `||` both
/// happen.
fn stub() -> bool {
    let mut arguments = std::env::args_os();
    let Some(name) = arguments.next() else { return false };
    let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = name.strip_prefix('c').and_then(|digits| digits.parse::<usize>().ok());
    let Some(log) = std::env::var_os("STUB_LOG") else { return false };
    if number.is_none() && name != "cat" {
        return false;
    }
    let mut line = name.into_bytes();
    for argument in arguments {
        line.push(0);
        line.extend(std::os::unix::ffi::OsStrExt::as_bytes(argument.as_os_str()));
    }
    line.push(1);
    if let Ok(mut file) = fs::OpenOptions::new().append(true).create(true).open(log) {
        let _ = file.write_all(&line);
    }
    std::process::exit(i32::from(number.is_some_and(|number| number % 3 == 0)));
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn compare(oracle: &Oracle, mutated: bool) -> Result<(), Failed> {
    let Some(shell) = oracle.programs.iter().find(|path| Path::new(path).exists()) else {
        eprintln!("SKIPPED: no {} on this machine; where .ci/run runs, this must not be skipped", oracle.programs[0]);
        return Ok(());
    };
    let count = setting("VETSH_STUB_LINES", LINES);
    let mut generator = Generator::new(setting("VETSH_STUB_SEED", 1) as u64 + if mutated { 1 << 32 } else { 0 });
    let mut lines: Vec<String> = Vec::new();
    while lines.len() < count {
        let line = generator.line();
        if line.len() < 500 {
            lines.push(line);
        }
    }
    if mutated {
        let pool = lines.clone();
        lines = lines.iter().map(|line| mutate(&mut generator, line, &pool)).filter(|line| harmless(line)).collect();
    }
    let scratch = tempfile::tempdir()?;
    let programs = scratch.path().join("programs");
    fs::create_dir(&programs)?;
    let me = std::env::current_exe()?;
    for stub in 0..STUBS {
        symlink(&me, programs.join(format!("c{stub}")))?;
    }
    symlink(&me, programs.join("cat"))?;

    let next = AtomicUsize::new(0);
    let results: Vec<Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut outcomes = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(line) = lines.get(at) else { return outcomes };
                        outcomes.push(judge(shell, oracle, line, &scratch.path().join(at.to_string()), &programs));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });

    let ran: usize = results.iter().map(|outcome| outcome.ran).sum();
    let understood = results.iter().filter(|outcome| outcome.understood).count();
    let accepted = results.iter().filter(|outcome| outcome.accepted && !outcome.quirk).count();
    let both = results.iter().filter(|outcome| outcome.accepted && outcome.understood).count();
    println!(
        "{} lines, {shell} took {accepted}, fully understood {understood} ({both} of those it took), {ran} executions",
        results.len()
    );
    let missed: Vec<&String> = results.iter().flat_map(|outcome| &outcome.missed).collect();
    for line in results
        .iter()
        .filter(|outcome| outcome.accepted && !outcome.understood && !outcome.quirk)
        .take(setting("VETSH_STUB_SHOW", 0))
    {
        println!("opaque though bash took it: {}", line.note);
    }
    if ran < count / 4 {
        return Err(format!("only {ran} executions: the oracle saw too little").into());
    }
    if !mutated && both * 100 < accepted * oracle.understood {
        return Err(format!("only {both} of {accepted} lines that {shell} took were fully understood").into());
    }
    if missed.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = missed.iter().take(20).map(|line| (*line).clone()).collect();
    Err(format!("{} executions were not found:\n{}", missed.len(), shown.join("\n")).into())
}

/// Mutation can write anything: what could leave the scratch directory or flood the machine is not run.
fn harmless(line: &str) -> bool {
    let loops = line.contains("do") || line.contains("for") || line.contains("fn");
    let background = line.replace("&&", "").contains('&');
    !line.contains('/') && !line.contains('~') && !(loops && background)
}

#[derive(Default)]
struct Outcome {
    ran: usize,
    understood: bool,
    accepted: bool,
    /// Opaque on purpose: bash itself reads the place in two ways.
    quirk: bool,
    missed: Vec<String>,
    note: String,
}

fn judge(shell: &str, oracle: &Oracle, line: &str, home: &PathBuf, programs: &Path) -> Outcome {
    let script = parse(line.as_bytes(), oracle.dialect);
    let log = home.with_extension("log");
    if fs::create_dir(home).is_err() {
        return Outcome::default();
    }
    let complaints = home.with_extension("err");
    let Ok(errors) = fs::File::create(&complaints) else { return Outcome::default() };
    let child = Command::new("/usr/bin/timeout")
        .args(["-k", "1", "3", shell])
        .args(oracle.options)
        .args(["-c", line])
        .env_clear()
        .env("PATH", programs)
        .env("STUB_LOG", &log)
        .env("HOME", home)
        .env("FUNCNEST", "5")
        .env("v", "abc")
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn();
    if let Ok(mut child) = child {
        let group = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
        let _ = child.wait();
        // What the line left running in the background belongs to the same group.
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    }
    let complaint = String::from_utf8_lossy(&fs::read(&complaints).unwrap_or_default()).into_owned();
    let _ = fs::remove_file(&complaints);
    let text = fs::read(&log).unwrap_or_default();
    let _ = fs::remove_dir_all(home);
    let _ = fs::remove_file(&log);
    let executions: Vec<Vec<&[u8]>> = text
        .split(|byte| *byte == 1)
        .filter(|record| !record.is_empty())
        .map(|record| record.split(|byte| *byte == 0).collect())
        .collect();
    let syntax = [
        "syntax error",
        "unexpected EOF",
        "bad substitution",
        "unexpected argument",
        "conditional",
        "Syntax error",
        "Bad substitution",
        "parse error",
        "unmatched",
        "bad pattern",
        "bad math",
    ];
    let accepted = !syntax.iter().any(|sign| complaint.contains(sign));
    let understood = script.opaque.is_empty();
    let mut missed = Vec::new();
    if understood {
        let commands = visit::simple_commands(&script);
        for argv in &executions {
            if !commands.iter().any(|command| covers(command, argv, &script)) {
                let argv: Vec<_> = argv.iter().map(|word| String::from_utf8_lossy(word)).collect();
                missed.push(format!("{line:?} ran {argv:?}"));
            }
        }
    }
    let why = script.opaque.first().map_or("", |opaque| opaque.why);
    let quirk = script.opaque.iter().all(|opaque| opaque.why.contains("heredoc")) && !understood;
    Outcome { ran: executions.len(), understood, accepted, quirk, missed, note: format!("{line:?}: {why}") }
}

/// Whether `command` could have become `argv`: constant words in order, the others any number of words. The command
/// word itself must be constant, or its braces must be.
fn covers(command: &Simple, argv: &[&[u8]], _script: &Script) -> bool {
    let words: Vec<Option<Vec<u8>>> = command.words.iter().map(vetsh::parse::Word::text).collect();
    let dynamic_head = match command.words.first() {
        None => return false,
        Some(head) => head.text().is_none(),
    };
    if dynamic_head {
        // A substitution as the command word may become anything, also one of the stubs' names.
        return command.words.first().is_some_and(|head| {
            head.pieces.iter().any(|piece| !matches!(piece.kind, PieceKind::Glob(_) | PieceKind::Tilde(_)))
        });
    }
    if words.first() == Some(&Some(b"eval".to_vec())) {
        return words.iter().flatten().any(|word| word.as_slice() == argv.first().copied().unwrap_or_default());
    }
    matches(&words, argv)
}

fn matches(words: &[Option<Vec<u8>>], argv: &[&[u8]]) -> bool {
    match words.split_first() {
        None => argv.is_empty(),
        Some((Some(word), rest)) => {
            argv.split_first().is_some_and(|(first, left)| word == first && matches(rest, left))
        }
        Some((None, rest)) => (0..=argv.len()).any(|skip| matches(rest, argv.get(skip..).unwrap_or_default())),
    }
}
