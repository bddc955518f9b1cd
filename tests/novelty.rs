//! What a kind of client does for the first time, end to end: told of once, whatever the words around it; what runs never hangs on it,
//! and nothing is remembered that is not on record.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Stdio;

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene};
use serde_json::Value;
use vetsh::fault::{self, Stage};
use vetsh::invocation::{Invocation, Shell};
use vetsh::pipeline::{Call, run};

const CASES: &[Case] = &[
    ("the_first_time_is_told_of_and_words_make_nothing_new", the_first_time_is_told_of),
    ("an_option_an_effect_or_another_client_is_new", an_option_an_effect_or_another_client_is_new),
    ("what_a_human_answered_is_not_new", what_a_human_answered_is_not_new),
    ("commands_of_a_kept_shell_are_told_of", commands_of_a_kept_shell_are_told_of),
    ("what_is_not_on_record_is_not_remembered", what_is_not_on_record_is_not_remembered),
    ("whatever_lies_in_its_place_everything_runs", whatever_lies_in_its_place_everything_runs),
    ("a_full_disk_forgets_and_says_so", a_full_disk_forgets_and_says_so),
    ("many_at_once_lose_nothing", many_at_once_lose_nothing),
    ("a_long_line_is_told_of_in_parts", a_long_line_is_told_of_in_parts),
    ("a_human_looks_and_has_looked", a_human_looks_and_has_looked),
    ("an_agent_has_not_looked", an_agent_has_not_looked),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first] = words.as_slice()
        && first == "--unrecorded"
    {
        fault::arm(Stage::Record);
        let argv = ["bash", "-c", "uname -s"].map(|word| word.as_bytes().to_vec()).to_vec();
        let _ = run(Call { root: None, profile: None, invocation: Invocation::of_shell(Shell::Bash, argv) });
        std::process::exit(99);
    }
    scene::main(CASES);
}

/// What is new in a record: `git log: --oneline, reads workspace`.
fn told(record: &Value) -> Vec<String> {
    let words = |new: &Value| {
        let words: Vec<&str> =
            new.as_array().expect("a list").iter().map(|word| word.as_str().expect("text")).collect();
        let (name, parts) = words.split_first().expect("a name");
        if parts.is_empty() { (*name).to_owned() } else { format!("{name}: {}", parts.join(", ")) }
    };
    record["decision"]["novel"].as_array().into_iter().flatten().map(words).collect()
}

/// What is new of a line that runs.
fn new(scene: &Scene, line: &str) -> Vec<String> {
    let ended = scene.run(line);
    assert_eq!(ended.code, 0, "{line}: {ended:?}");
    let launches = scene.of_kind("launch");
    let last = launches.last().expect("a record");
    assert_eq!(last["line"], line);
    told(last)
}

fn table(scene: &Scene) -> PathBuf {
    scene.state().join("guard/seen")
}

fn the_first_time_is_told_of(scene: &Scene) {
    std::fs::write(scene.work().join("b"), "").expect("a file");
    assert_eq!(new(scene, "ls -l"), ["ls: -l, names workspace"]);
    assert_eq!(new(scene, "ls -l"), [""; 0]);
    assert_eq!(new(scene, "ls -l b"), [""; 0]);
    assert_eq!(new(scene, "cd . && ls b -l"), ["cd: names workspace"]);
    assert_eq!(new(scene, "head -n 5 b"), ["head: --lines, reads workspace"]);
    assert_eq!(new(scene, "head -n 7 ./b"), [""; 0]);
    assert_eq!(new(scene, "echo one > a"), ["echo", ">: writes workspace"]);
    assert_eq!(new(scene, "echo two words > another"), [""; 0]);
    let record = scene.of_kind("launch").pop().expect("a record");
    assert!(record["decision"].get("novel").is_none(), "{record}");
    scene.chain_holds();
}

fn an_option_an_effect_or_another_client_is_new(scene: &Scene) {
    new(scene, "sort -n /dev/null");
    new(scene, "sort -r /dev/null");
    assert_eq!(new(scene, "sort -rn /dev/null"), [""; 0], "another mix of what was there");
    assert_eq!(new(scene, "sort -o out /dev/null"), ["sort: --output, writes workspace"]);
    let folder = tempfile::tempdir_in("/tmp").expect("a scratch directory");
    let out = folder.path().join("out");
    let line = format!("sort -o {} /dev/null", out.display());
    assert_eq!(new(scene, &line), ["sort: writes temp"], "another place");
    // Another program in the place of the client's.
    std::fs::copy("/bin/bash", scene.bin().join("other-client")).expect("a copy");
    let mut other = scene.plain(scene.bin().join("other-client"));
    let ended = scene.end(other.args(["-c", "bash -c 'sort -n /dev/null'; exit $?"]));
    assert_eq!(ended.code, 0, "{ended:?}");
    let last = scene.of_kind("launch").pop().expect("a record");
    assert_eq!(told(&last), ["sort: --numeric-sort, reads system"]);
    // Another of the project's own commands; another test of the same is none.
    std::fs::write(scene.work().join("Makefile"), "one:\n\t@true\ntwo:\n\t@true\n").expect("a file");
    for (target, expected) in [("one", 1), ("one", 0), ("two", 1), ("two", 0)] {
        let new = new(scene, &format!("make {target}"));
        assert_eq!(new.len(), expected, "{new:?}");
        assert!(new.iter().all(|new| new.contains(target)), "{new:?}");
    }
    // A program of the workspace's own is known by its path there, not by a name that others have.
    assert!(new(scene, "true").iter().all(|new| new == "true"));
    scene.script(&scene.work().join("true"), "#!/bin/sh\nls\n");
    let new = new(scene, "./true");
    assert!(new.iter().any(|new| new.starts_with("./true")), "{new:?}");
}

fn what_a_human_answered_is_not_new(scene: &Scene) {
    scene.trust("format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"0s\"\n");
    let mut agent = Agent::start(scene);
    let line = format!("touch {}", scene.at("note").display());
    assert_eq!(agent.run_approved(scene, &line).0, 0);
    let last = scene.of_kind("launch").pop().expect("a record");
    assert!(last["line"] == line.as_str() && told(&last).is_empty(), "{last}");
    assert_eq!(agent.run(scene, "touch here").0, 0);
    let last = scene.of_kind("launch").pop().expect("a record");
    assert_eq!(told(&last), ["touch: writes workspace"]);
}

fn commands_of_a_kept_shell_are_told_of(scene: &Scene) {
    let mut shell = scene.client(&["bash"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a shell");
    let mut input = shell.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, b"uname -s\nuname -r\nuname -s\n").expect("a pipe");
    drop(input);
    assert!(shell.wait().expect("an end").success());
    let all: Vec<String> = scene.of_kind("launch").iter().flat_map(told).collect();
    let named: Vec<&String> = all.iter().filter(|new| new.starts_with("uname")).collect();
    assert_eq!(named.len(), 2, "{all:?}");
}

fn what_is_not_on_record_is_not_remembered(scene: &Scene) {
    let own = std::env::current_exe().expect("our own path");
    let ended = scene.end(scene.plain(own).arg("--unrecorded"));
    assert_eq!(ended.code, 99, "{ended:?}");
    assert!(scene.of_kind("launch").is_empty());
    assert_eq!(new(scene, "uname -s").len(), 1);
    assert_eq!(new(scene, "uname -s").len(), 0);
    // Killed anywhere on its way: what was not told of is told of later.
    for round in 0..60_u64 {
        let line = format!("uname -{}", ["a", "m", "n", "o", "p", "r"][usize::try_from(round / 10).expect("small")]);
        let mut child = scene.client(&["bash", "-c", &line]).stdout(Stdio::null()).spawn().expect("a client");
        std::thread::sleep(std::time::Duration::from_micros(round % 10 * 900));
        let shell = scene.plain("pkill").args(["-9", "-P", &child.id().to_string()]).status();
        assert!(shell.is_ok());
        child.wait().expect("an end");
    }
    for name in ["a", "m", "n", "o", "p", "r"] {
        let line = format!("uname -{name}");
        new(scene, &line);
        let all = scene.of_kind("launch");
        assert!(all.iter().any(|record| record["line"] == line.as_str() && !told(record).is_empty()), "{line}");
    }
    scene.chain_holds();
}

fn whatever_lies_in_its_place_everything_runs(scene: &Scene) {
    let known = "date -u";
    new(scene, known);
    let table = table(scene);
    let again = |what: &str, remembered: bool| {
        assert_eq!(new(scene, known).len(), 1, "{what}: told of again");
        let last = scene.of_kind("launch").pop().expect("a record");
        assert_eq!(last["detail"].get("not_remembered").is_none(), remembered, "{what}: {last}");
        assert_eq!(new(scene, known).is_empty(), remembered, "{what}");
    };
    std::fs::write(&table, b"").expect("a file");
    again("nothing", true);
    std::fs::write(&table, vec![0xa5; 131_072]).expect("a file");
    again("garbage, full", true);
    std::fs::write(&table, vec![7; 100]).expect("a file");
    again("garbage, short", true);
    std::fs::write(&table, vec![0; 10 << 20]).expect("a file");
    again("far too long", true);
    std::fs::set_permissions(&table, PermissionsExt::from_mode(0o666)).expect("a mode");
    again("others may write it", false);
    std::fs::remove_file(&table).expect("removed");
    symlink(scene.at("elsewhere"), &table).expect("a link");
    again("a link", false);
    assert!(!scene.at("elsewhere").exists());
    std::fs::remove_file(&table).expect("removed");
    std::fs::create_dir(&table).expect("a folder");
    again("a folder", false);
    std::fs::remove_dir(&table).expect("removed");
    let fifo = scene.plain("mkfifo").arg(&table).status().expect("mkfifo runs");
    assert!(fifo.success());
    again("a pipe", false);
    std::fs::remove_file(&table).expect("removed");
    again("gone", true);
    let found = scene.verb(&["doctor"]);
    assert!(!found.stdout.contains("what is new"), "{found:?}");
    std::fs::set_permissions(&table, PermissionsExt::from_mode(0o666)).expect("a mode");
    let found = scene.verb(&["doctor"]);
    assert!(found.stdout.contains("what is new cannot be remembered"), "{found:?}");
    scene.chain_holds();
}

fn a_full_disk_forgets_and_says_so(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    let guard = scene.state().join("guard");
    scene.mount(&["-t", "tmpfs", "-o", "size=64k,mode=700", "none", &guard.display().to_string()]);
    for _ in 0..2 {
        assert_eq!(new(scene, "date -u"), ["date: --utc"]);
        let records = scene.records();
        let last = records.last().expect("a record");
        assert_eq!(
            (&last["kind"], &last["detail"]["what"]),
            (&"degraded".into(), &"what is new is not remembered".into())
        );
    }
    scene.chain_holds();
}

fn many_at_once_lose_nothing(scene: &Scene) {
    let options = ["-s", "-n", "-r", "-v", "-m", "-p", "-i", "-o"];
    for _ in 0..3 {
        let start = |option: &&str| {
            let line = format!("uname {option}");
            scene.client(&["bash", "-c", &line]).stdout(Stdio::null()).spawn().expect("a client")
        };
        let clients: Vec<_> = options.iter().map(start).collect();
        clients.into_iter().for_each(|mut client| assert!(client.wait().expect("an end").success()));
    }
    let launches = scene.of_kind("launch");
    for option in options {
        let line = format!("uname {option}");
        let new = launches.iter().filter(|record| record["line"] == line.as_str() && !told(record).is_empty()).count();
        assert!(new >= 1, "{line} was never told of");
        assert_eq!(self::new(scene, &line).len(), 0, "{line}");
    }
    scene.chain_holds();
}

fn a_long_line_is_told_of_in_parts(scene: &Scene) {
    let programs = [
        "ls",
        "cat",
        "head",
        "tail",
        "sort",
        "uniq",
        "wc",
        "cut",
        "tr",
        "nl",
        "tac",
        "rev",
        "fold",
        "fmt",
        "paste",
        "join",
        "comm",
        "expand",
        "unexpand",
        "stat",
        "basename",
        "dirname",
        "realpath",
        "readlink",
        "seq",
        "date",
        "uname",
        "id",
        "whoami",
        "pwd",
        "printf",
        "test",
        "expr",
        "od",
        "cmp",
        "diff",
        "grep",
        "find",
        "du",
        "md5sum",
        "sha1sum",
        "sha256sum",
        "cksum",
        "sum",
        "b2sum",
        "base64",
        "echo",
        "true",
        "false",
        "env",
        "printenv",
        "nproc",
        "arch",
        "hostname",
        "sleep",
        "which",
        "type",
        "column",
        "xxd",
        "file",
        "strings",
        "sed",
        "awk",
        "jq",
        "git",
        "tsort",
        "numfmt",
        "factor",
        "groups",
        "logname",
        "tty",
        "df",
        "free",
        "ps",
    ];
    let line = programs.map(|name| format!("{name} --help >/dev/null 2>&1")).join("; ") + "; true";
    let mut total = 0;
    for _ in 0..6 {
        let parts: usize = new(scene, &line).iter().map(|new| new.matches(", ").count() + 1).sum();
        assert!(parts <= 64, "{parts}");
        total += parts;
        if parts == 0 {
            break;
        }
    }
    assert!(total > 64, "{total}");
    assert_eq!(new(scene, &line), [""; 0], "all of it in the end");
}

fn review(scene: &Scene, words: &[&str]) -> Vec<String> {
    let ended = scene.verb(&[&["review", "--json"], words].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    let shown: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(shown["schema"], 1);
    let rows = shown["actions"].as_array().expect("a list");
    for row in rows {
        assert!(
            ["client", "first", "cwd", "session", "record", "line"].iter().all(|key| row[key].is_string()),
            "{row}"
        );
    }
    rows.iter().map(|row| row["action"][0].as_str().expect("a name").to_owned()).collect()
}

fn a_human_looks_and_has_looked(scene: &Scene) {
    assert!(review(scene, &[]).is_empty());
    new(scene, "uname -s");
    new(scene, "printf '\\e[31m%s' 'x'");
    assert_eq!(review(scene, &[]), ["uname", "printf"]);
    let shown = scene.verb(&["review"]);
    assert!(shown.stdout.contains("uname: --kernel-name") && !shown.stdout.contains('\u{1b}'), "{shown:?}");
    let record = scene.of_kind("launch").pop().expect("a record");
    assert!(shown.stdout.contains(record["id"].as_str().expect("an id")), "{shown:?}");
    assert!(scene.verb(&["review", "--done"]).code == 1, "nobody sits there");
    assert_eq!(review(scene, &[]).len(), 2);
    let said = scene.human(&["review", "--done"]);
    assert!(said.contains("uname: --kernel-name") && said.contains("2 looked at") && said.contains("code=0"), "{said}");
    assert_eq!(scene.of_kind("trust").last().expect("a record")["detail"]["reviewed"], "2");
    assert!(review(scene, &[]).is_empty());
    assert_eq!(review(scene, &["--since", "1h"]).len(), 2);
    assert_eq!(review(scene, &["--since", "2999-01-01"]).len(), 0);
    assert_eq!(scene.verb(&["review", "--since", "soon"]).code, 2);
    new(scene, "uname -r");
    assert_eq!(review(scene, &[]), ["uname"]);
    // What could not be remembered when it ran is known once a human has looked at it.
    let table = table(scene);
    std::fs::set_permissions(&table, PermissionsExt::from_mode(0o666)).expect("a mode");
    new(scene, "date -u");
    new(scene, "date -u");
    let two = scene.verb(&["review"]);
    assert!(two.stdout.contains("date: --utc (2 records)"), "{two:?}");
    std::fs::set_permissions(&table, PermissionsExt::from_mode(0o600)).expect("a mode");
    assert!(scene.human(&["review", "--done"]).contains("code=0"));
    assert_eq!(new(scene, "date -u"), [""; 0]);
    // A log that is begun anew is looked at from its beginning.
    std::fs::rename(scene.state().join("audit"), scene.at("old")).expect("moved");
    new(scene, "uname -v");
    assert_eq!(review(scene, &[]), ["uname"]);
    scene.chain_holds();
}

fn an_agent_has_not_looked(scene: &Scene) {
    new(scene, "uname -s");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, "vetsh review --done");
    assert!(code == 126 && text.contains("vetsh.loosen"), "{text}");
    // A line of its own that is no shell's: in a session of its own, at a terminal that it made.
    let own = format!("{} review --done", scene.vetsh().display());
    let agent = scene.bin().join("claude");
    std::fs::copy("/bin/bash", &agent).expect("a copy");
    let mut desk = Desk::start(scene, &format!("{} -c '{own}; exit $?'", agent.display()));
    let shown = desk.until("code=");
    assert!(shown.contains("code=1") && shown.contains("needs a human"), "{shown}");
    assert_eq!(review(scene, &[])[0], "uname");
}
