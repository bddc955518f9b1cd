//! The oracle of the abstract run. Lines that keep state (variables, arrays, parameters, functions, directories, `eval`,
//! `read`, files of the line) are judged, then run by the real bash in a scratch directory whose PATH holds only logging
//! stubs. Every argv that ran must be that of an action: known words equal, holes within their bounds, its directory and its environment
//! too; and of the stubs that stand where nothing decides whether they run, no action may claim an argv that did not.
//!
//! `VETSH_STUB_LINES` raises the number of lines, `VETSH_STUB_SEED` changes them. Needs bash; without one it says so.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use vetsh::action::walk::{Start, actions};
use vetsh::action::{Action, ActionKind, Bound, GapKind, Hole, Part, Value};
use vetsh::parse::{Dialect, parse};
use vetsh::policy::Policy;
use vetsh::session::Machine;

#[path = "action/generator.rs"]
mod generator;
use generator::{FILES, Generator, STUBS};

const LINES: usize = 1_500;
const SHELLS: [&str; 2] = ["/bin/bash", "/usr/bin/bash"];

fn main() {
    if stub() {
        return;
    }
    let arguments = Arguments::from_args();
    let trials = vec![Trial::test("what_ran_is_an_action", compare)];
    libtest_mimic::run(&arguments, trials).exit();
}

/// Called as a stub: appends its directory, `E` of its environment and its argv to the log, as one write. Its name decides
/// its status, so that `&&` and `||` both happen.
fn stub() -> bool {
    let mut arguments = std::env::args_os();
    let Some(name) = arguments.next() else { return false };
    let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = name.strip_prefix(['c', 'm']).and_then(|digits| digits.parse::<usize>().ok());
    let Some(log) = std::env::var_os("STUB_LOG") else { return false };
    if number.is_none() && name != "cat" {
        return false;
    }
    let mut line = std::env::current_dir().unwrap_or_default().into_os_string().as_bytes().to_vec();
    line.push(0);
    match std::env::var_os("E") {
        Some(value) => line.extend([b"=", value.as_bytes()].concat()),
        None => line.push(b'-'),
    }
    line.push(0);
    line.extend(name.into_bytes());
    let mut files = Vec::new();
    for argument in arguments {
        line.push(0);
        line.extend(argument.as_bytes());
        files.push(argument);
    }
    line.push(1);
    if let Ok(mut file) = fs::OpenOptions::new().append(true).create(true).open(log) {
        let _ = file.write_all(&line);
    }
    if number.is_none() {
        let mut out = std::io::stdout();
        for file in &files {
            let _ = out.write_all(&fs::read(file).unwrap_or_default());
        }
        if files.is_empty() {
            let _ = std::io::copy(&mut std::io::stdin(), &mut out);
        }
    }
    std::process::exit(i32::from(number.is_some_and(|number| number % 3 == 0)));
}

/// Lines that are written out: each of the ways the shell has of keeping state.
fn written() -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Written {
        lines: Vec<String>,
    }
    let text = include_str!("cases/stub/ways.toml");
    toml::from_str::<Written>(text).expect("lines").lines
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn compare() -> Result<(), Failed> {
    let Some(shell) = SHELLS.iter().find(|path| Path::new(path).exists()) else {
        eprintln!("SKIPPED: no bash on this machine; where .ci/run runs, this must not be skipped");
        return Ok(());
    };
    let mut generator = Generator::new(setting("VETSH_STUB_SEED", 1) as u64);
    let mut lines: Vec<String> = match std::env::var("VETSH_STUB_LINE") {
        Ok(line) => vec![line],
        Err(_) => written(),
    };
    let count = if lines.len() == 1 { 1 } else { lines.len() + setting("VETSH_STUB_LINES", LINES) };
    while lines.len() < count {
        let line = generator.line();
        if line.len() < 900 {
            lines.push(line);
        }
    }
    let scratch = tempfile::tempdir()?;
    let root = scratch.path().canonicalize()?;
    let programs = root.join("programs");
    fs::create_dir(&programs)?;
    let me = std::env::current_exe()?;
    for stub in 0..STUBS {
        symlink(&me, programs.join(format!("c{stub}")))?;
        symlink(&me, programs.join(format!("m{stub}")))?;
    }
    symlink(&me, programs.join("cat"))?;

    let next = AtomicUsize::new(0);
    let results: Vec<Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let policy = Policy::builtin();
                    let mut outcomes = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(line) = lines.get(at) else { return outcomes };
                        outcomes.push(judge(shell, &policy, line, &root.join(at.to_string()), &programs));
                    }
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });

    let ran: usize = results.iter().map(|outcome| outcome.ran).sum();
    let exact: usize = results.iter().map(|outcome| outcome.exact).sum();
    let claimed: usize = results.iter().map(|outcome| outcome.claimed).sum();
    let compared = results.iter().filter(|outcome| outcome.compared).count();
    println!(
        "{} lines, {compared} without a gap, {ran} executions ({exact} known to the byte), {claimed} claims held",
        results.len()
    );
    let missed: Vec<&String> = results.iter().flat_map(|outcome| &outcome.missed).collect();
    if missed.is_empty() && count > 1 && (ran < count || exact * 2 < ran || claimed < count / 2) {
        return Err("the oracle saw too little".into());
    }
    if missed.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = missed.iter().take(setting("VETSH_STUB_SHOW", 20)).map(|line| (*line).clone()).collect();
    Err(format!("{} differences:\n{}", missed.len(), shown.join("\n")).into())
}

#[derive(Default)]
struct Outcome {
    ran: usize,
    /// Executions whose argv was known to the last byte.
    exact: usize,
    /// Actions that had to have run as they say, and did.
    claimed: usize,
    compared: bool,
    missed: Vec<String>,
}

struct Execution {
    cwd: Vec<u8>,
    /// `=VALUE`, or `-` where it is not set.
    environment: Vec<u8>,
    argv: Vec<Vec<u8>>,
}

/// Runs the line; gives what ran, and whether the shell complained of anything.
fn run(shell: &str, line: &str, home: &Path, log: &Path, programs: &Path) -> Option<(Vec<Execution>, bool)> {
    let complaints = home.with_extension("err");
    let mut child = Command::new("/usr/bin/timeout")
        .args(["-k", "1", "5", shell, "--norc", "--noprofile", "-c", line])
        .env_clear()
        .envs(environment(home, log, programs))
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&complaints).ok()?)
        .spawn()
        .ok()?;
    let group = nix::unistd::Pid::from_raw(i32::try_from(child.id()).ok()?);
    let _ = child.wait();
    // What the line left running beside it (`>(m1)`) belongs to the same group, and is begun in its own time.
    for _ in 0..20 {
        if nix::sys::signal::killpg(group, None).is_err() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
    // In a function of a line it names the line "environment".
    let names = |text: &[u8]| ["bash:", "environment: line"].iter().any(|name| says(text, name.as_bytes()));
    let complained = fs::read(&complaints).is_ok_and(|text| names(&text));
    let text = fs::read(log).unwrap_or_default();
    let executions = text.split(|byte| *byte == 1).filter(|record| !record.is_empty()).filter_map(|record| {
        let mut fields = record.split(|byte| *byte == 0).map(<[u8]>::to_vec);
        Some(Execution { cwd: fields.next()?, environment: fields.next()?, argv: fields.collect() })
    });
    Some((executions.collect(), complained))
}

fn says(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|part| part == what)
}

fn environment(home: &Path, log: &Path, programs: &Path) -> Vec<(String, String)> {
    [("PATH", programs), ("STUB_LOG", log), ("HOME", home), ("FUNCNEST", Path::new("6"))]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.display().to_string()))
        .collect()
}

fn judge(shell: &str, policy: &Policy, line: &str, place: &Path, programs: &Path) -> Outcome {
    // Deep enough that no `cd ..` leaves it.
    let home = place.join("u/v/w/x/home");
    if fs::create_dir_all(&home).is_err() {
        return Outcome::default();
    }
    for (name, text) in FILES {
        let path = home.join(name);
        let _ = if name.ends_with('/') { fs::create_dir(path) } else { fs::write(path, text) };
    }
    let log = place.join("log");
    let bytes = home.as_os_str().as_bytes().to_vec();
    let entries = environment(&home, &log, programs)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}").into_bytes().into())
        .collect();
    let machine = Machine::new(Some(bytes.clone()), bytes.clone(), vec![bytes], entries);
    let script = parse(line.as_bytes(), Dialect::Bash);
    let mut start = Start::line(Dialect::Bash);
    start.positional = vec![shell.as_bytes().to_vec()];
    let found = actions(&script, line.as_bytes(), &start, policy, &machine);
    let Some((executions, complained)) = run(shell, line, &home, &log, programs) else { return Outcome::default() };
    let _ = fs::remove_dir_all(place);

    let mut outcome = Outcome { ran: executions.len(), ..Outcome::default() };
    let unsaid = found
        .list
        .iter()
        .flat_map(|action| &action.gaps)
        .any(|gap| matches!(gap.kind, GapKind::Opaque | GapKind::Cap | GapKind::ControlBytes));
    // After a mistake bash leaves the rest of that line out, which is no value gone wrong.
    outcome.compared = !unsaid && script.opaque.is_empty() && !complained;
    let commands: Vec<&Action> = found
        .list
        .iter()
        .filter(|action| matches!(action.kind, ActionKind::Run | ActionKind::Opaque) && !action.argv.is_empty())
        .collect();
    // Where the shell may have stayed is kept beside the action's directory, which is that of a `cd` that succeeded.
    let doubt = ["&&", "||", "if ", "for ", "while ", "until ", "case ", "() ", "pushd"];
    let moves_surely = !doubt.iter().any(|sign| line.contains(sign));
    for execution in &executions {
        let what = |kind: &str| {
            let argv: Vec<_> = execution.argv.iter().map(|word| String::from_utf8_lossy(word)).collect();
            let named: Vec<String> = commands
                .iter()
                .filter(|action| {
                    action.argv.first().is_some_and(|head| head.text() == execution.argv.first().map(Vec::as_slice))
                })
                .map(|action| {
                    format!("{:?} in {}", action.argv.iter().map(text).collect::<Vec<_>>(), text(&action.cwd))
                })
                .collect();
            format!(
                "{kind} {line:?}\n    ran {argv:?} in {} E{}\n    actions {named:?}",
                String::from_utf8_lossy(&execution.cwd),
                String::from_utf8_lossy(&execution.environment)
            )
        };
        let same: Vec<&&Action> = commands.iter().filter(|action| covers(&action.argv, &execution.argv)).collect();
        if same.is_empty() {
            if outcome.compared {
                outcome.missed.push(what("ARGV"));
            }
            continue;
        }
        if same.iter().any(|action| known(action).is_some()) {
            outcome.exact += 1;
        }
        let here: Vec<&&&Action> = same
            .iter()
            .filter(|action| covers(std::slice::from_ref(&action.cwd), std::slice::from_ref(&execution.cwd)))
            .collect();
        if here.is_empty() {
            if outcome.compared && moves_surely {
                outcome.missed.push(what("CWD"));
            }
            continue;
        }
        let set = |action: &Action| {
            action.assigns.iter().rev().find(|(name, _)| name == b"E").is_none_or(|(_, value)| {
                execution
                    .environment
                    .strip_prefix(b"=")
                    .is_some_and(|given| covers(std::slice::from_ref(value), &[given.to_vec()]))
            })
        };
        if !here.iter().any(|action| set(action)) && outcome.compared && moves_surely {
            outcome.missed.push(what("ENV"));
        }
    }
    // What must run does so but after a mistake of the line, or where a failure ends the shell. Where several values are
    // possible each is an action; a lone one is a claim.
    if outcome.compared && !line.contains("set -e") {
        for action in &commands {
            let Some(argv) = known(action) else { continue };
            let same = commands.iter().filter(|other| other.argv.first() == action.argv.first()).count();
            if same > 1 || !argv.first().is_some_and(|head| head.starts_with(b"m")) {
                continue;
            }
            if executions.iter().any(|execution| execution.argv == argv) {
                outcome.claimed += 1;
            } else {
                let argv: Vec<_> = argv.iter().map(|word| String::from_utf8_lossy(word)).collect();
                outcome.missed.push(format!("CLAIM {line:?}\n    did not run {argv:?}"));
            }
        }
    }
    outcome
}

fn known(action: &Action) -> Option<Vec<Vec<u8>>> {
    action.argv.iter().map(|word| word.text().map(<[u8]>::to_vec)).collect()
}

fn text(value: &Value) -> String {
    let star = if value.many { "+" } else { "" };
    format!("{}{star}", String::from_utf8_lossy(&value.display()))
}

/// Whether the words could have become `argv`.
fn covers(words: &[Value], argv: &[Vec<u8>]) -> bool {
    match words.split_first() {
        None => argv.is_empty(),
        // A number that stands alone may be none: `$!` before anything ran beside.
        Some((word, rest))
            if word.many || matches!(word.parts.as_slice(), [Part::Hole(hole)] if hole.bound == Bound::Number) =>
        {
            (0..=argv.len()).any(|fields| covers(rest, argv.get(fields..).unwrap_or_default()))
        }
        Some((word, rest)) if word.parts.iter().any(|part| matches!(part, Part::Glob(_))) => {
            // As many names as there are; itself where there is none; none under nullglob.
            (0..=argv.len()).any(|fields| covers(rest, argv.get(fields..).unwrap_or_default()))
        }
        Some((word, rest)) => {
            argv.split_first().is_some_and(|(field, left)| becomes(&word.parts, field) && covers(rest, left))
        }
    }
}

fn becomes(parts: &[Part], field: &[u8]) -> bool {
    match parts.split_first() {
        None => field.is_empty(),
        Some((Part::Known(text), rest)) => field.strip_prefix(text.as_slice()).is_some_and(|left| becomes(rest, left)),
        Some((part, rest)) => (0..=field.len()).any(|end| {
            field.split_at_checked(end).is_some_and(|(text, left)| {
                let fits = match part {
                    Part::Hole(hole) => within(hole, text),
                    _ => true,
                };
                fits && becomes(rest, left)
            })
        }),
    }
}

/// Whether the text keeps what was said to be provable of it. What came from nothing is empty.
fn within(hole: &Hole, text: &[u8]) -> bool {
    match hole.bound {
        // `$!` may be nothing.
        Bound::Number => text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-' || *byte == b' '),
        Bound::Name | Bound::Ref => !text.starts_with(b"-") && !text.iter().any(u8::is_ascii_whitespace),
        Bound::Anything | Bound::Below { .. } => true,
    }
}
