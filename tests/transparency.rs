//! A drop-in: an allowed case gives the same standard output, standard error, exit code, files, death by signal, parent and
//! process group through us as through the real shell. Each kind is a file of `cases/transparency`: how the shell is called
//! (`form`, with LINE, FILE and ENDS in it), what the client did before (`setup`), what is in the environment, where the line
//! comes from. What differs on purpose is listed in `docs/shell-contract.md`.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use scene::desk::Desk;
use scene::{Case, Scene, quote};
use serde::Deserialize;

/// No kind has fewer cases than this.
const LEAST: usize = 25;

const CASES: [Case; 13] = [
    ("plain", |scene| all_alike(scene, "plain")),
    ("login", |scene| all_alike(scene, "login")),
    ("dash-s", |scene| all_alike(scene, "dash-s")),
    ("script-file", |scene| all_alike(scene, "script-file")),
    ("stdin-script", |scene| all_alike(scene, "stdin-script")),
    ("jobs", |scene| all_alike(scene, "jobs")),
    ("traps", |scene| all_alike(scene, "traps")),
    ("descriptors", |scene| all_alike(scene, "descriptors")),
    ("signals", |scene| all_alike(scene, "signals")),
    ("environment", |scene| all_alike(scene, "environment")),
    ("nested", |scene| all_alike(scene, "nested")),
    ("pty", |scene| all_alike(scene, "pty")),
    ("client-envelopes", |scene| all_alike(scene, "client-envelopes")),
];

fn main() {
    scene::main(&CASES);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    group: Vec<Group>,
}

/// Lines that are run the same way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// The shell's words. `LINE` is the line, `FILE` a script with it, `ENDS` a file outside the workspace that clients name.
    form: Vec<String>,
    /// The name the shell is called by.
    #[serde(default = "bash")]
    argv0: String,
    /// What the client's child does before it becomes the shell.
    #[serde(default)]
    setup: String,
    /// The line comes as standard input: `file` or `pipe`.
    stdin: Option<Source>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// All of it at a terminal.
    #[serde(default)]
    terminal: bool,
    lines: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    File,
    Pipe,
}

fn bash() -> String {
    "bash".into()
}

/// What a run leaves.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    stdout: String,
    stderr: String,
    code: i32,
    files: BTreeMap<String, String>,
}

fn all_alike(scene: &Scene, kind: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/transparency").join(kind).with_extension("toml");
    let cases: Cases = toml::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("cases");
    for (name, text) in
        [(".bash_profile", "from_profile=yes\nexport FROM_PROFILE=1\n"), (".bashrc", "PS1='$ '\nalias here=pwd\n")]
    {
        std::fs::write(scene.at(name), text).expect("a file");
    }
    let (mut same, mut wrong) = (BTreeSet::new(), Vec::new());
    for group in &cases.group {
        for line in &group.lines {
            let (real, ours) = alike(|| run(scene, group, line, true), || run(scene, group, line, false));
            if real == ours {
                assert!(same.insert((&group.form, &group.setup, &group.argv0, line)), "{line} stands there twice");
            } else {
                wrong.push(format!("{:?} {line}\n  real {real:?}\n  ours {ours:?}", group.form));
            }
        }
    }
    println!("{} the same", same.len());
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    assert!(same.len() >= LEAST, "only {} cases", same.len());
}

/// Both ways of a line. Where the machine decides what comes first (it is busy, work runs side by side), bash itself does not do
/// the same each time: what it did once counts.
fn alike(real: impl Fn() -> Trace, ours: impl Fn() -> Trace) -> (Trace, Trace) {
    let mut seen = vec![real()];
    loop {
        let ours = ours();
        if let Some(at) = seen.iter().position(|seen| *seen == ours) {
            return (seen.swap_remove(at), ours);
        }
        if ours.stderr.contains("vetsh: refused") || seen.len() == 5 {
            return (seen.swap_remove(0), ours);
        }
        seen.push(real());
    }
}

/// Runs a line by the real shell or through us, in a workspace made anew.
fn run(scene: &Scene, group: &Group, line: &str, real: bool) -> Trace {
    furnish(&scene.work(), line);
    std::fs::write(scene.at("stdin"), line).expect("a file");
    let program = if real { Path::new("/bin/bash").to_owned() } else { scene.shim("bash") };
    // Where a client keeps it: among temporary files.
    let ends = std::env::temp_dir().join(format!("ends{}", scene.home().display().to_string().replace('/', "-")));
    let inner: Vec<String> = group
        .form
        .iter()
        .map(|word| {
            word.replace("FILE", "./script.sh").replace("ENDS", &ends.display().to_string()).replace("LINE", line)
        })
        .map(|word| quote(&word))
        .collect();
    let setup = if group.setup.is_empty() { String::new() } else { format!("{}; ", group.setup) };
    let child = format!(
        "({setup}exec -a {} {} {})",
        quote(&group.argv0),
        quote(&program.display().to_string()),
        inner.join(" ")
    );
    let source = quote(&scene.at("stdin").display().to_string());
    let child = match group.stdin {
        None => child,
        Some(Source::File) => format!("{child} < {source}"),
        Some(Source::Pipe) => format!("cat {source} | {child}"),
    };
    // The client stands in the workspace, and stays.
    let script = format!("{child}; code=$?; echo \"client $$ $(ps -o pgid= -p $$ | tr -d ' ') code=$code\"");
    let path = if real { format!("{}:/usr/bin:/bin", scene.bin().display()) } else { scene.path() };
    let (stdout, stderr) = if group.terminal {
        let path = quote(&path);
        let mut desk = Desk::start(scene, &format!("PATH={path}; export PATH; {script}; (exit 0)"));
        let mut shown = desk.until("client ");
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while !shown.contains(" code=") && std::time::Instant::now() < end {
            desk.look(Duration::from_millis(50));
            shown.clone_from(&desk.seen);
        }
        let _ = desk.until("code=0");
        (desk.seen.clone(), String::new())
    } else {
        let mut client = scene.plain("/bin/bash");
        client.args(["-c", &script]).env("PATH", path).envs(&group.env);
        let ended = scene.end(&mut client);
        (ended.stdout, ended.stderr)
    };
    let _ = std::fs::remove_file(&ends);
    let (shown, told) = stdout.rsplit_once("client ").unwrap_or((&stdout, ""));
    let words: Vec<&str> = told.split_whitespace().collect();
    let [pid, group, code, ..] = words.as_slice() else { panic!("{line}: nothing was told: {stdout}{stderr}") };
    let code = code.strip_prefix("code=").and_then(|code| code.parse().ok()).expect("a code");
    // The shell that stands for the client tells of a death by signal with a line of its own, which names our path and pid.
    let hide = |text: &str| {
        let text = text.replace(&scene.shims().display().to_string(), "/bin").replace("/usr/bin/bash", "/bin/bash");
        let text =
            text.replace(&format!("ppid={pid} "), "ppid=CLIENT ").replace(&format!("ppid={pid}\n"), "ppid=CLIENT\n");
        let text = text.replace(&format!("pgid={group}\n"), "pgid=GROUP\n");
        let lines = text.lines().filter(|line| !line.contains(": line 1: ") || line.contains("script.sh"));
        let numbered =
            |line: &str| line.strip_prefix("[1] ").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        lines
            .map(|line| if numbered(line.trim_end()) { "[1] JOB\n".into() } else { format!("{line}\n") })
            .collect::<String>()
    };
    Trace { stdout: hide(shown), stderr: hide(&stderr), code, files: files(&scene.work()) }
}

/// A workspace as it is before each case.
fn furnish(work: &Path, line: &str) {
    for entry in std::fs::read_dir(work).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.expect("a free place");
    }
    std::fs::create_dir(work.join("sub")).expect("a folder");
    for (name, text) in [
        ("a.txt", "one\ntwo\nthree\n"),
        ("sub/b.txt", "four\n"),
        ("lib.sh", "library=read\nhello() { echo \"hello $1\"; }\n"),
        ("script.sh", &format!("{line}\n")),
    ] {
        std::fs::write(work.join(name), text).expect("a file");
    }
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).expect("a readable folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).expect("below").display().to_string();
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
