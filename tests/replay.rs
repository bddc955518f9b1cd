//! A judgement is a function of the line, the policy and the answers of the machine. Lines of the cases are judged in a real
//! workspace, the workspace is laid waste, and they are judged again on the remembered answers alone: the same actions,
//! findings and verdict, and no question that was not asked before.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use vetsh::action::World;
use vetsh::action::walk::{self, Start};
use vetsh::judge::{Context, Memory, Weighed, judge};
use vetsh::parse::Dialect;
use vetsh::policy::Policy;
use vetsh::session::Machine;

#[allow(dead_code, reason = "other tests read the collections too")]
#[path = "parse/lines.rs"]
mod lines;

/// Of all lines of the cases every one of so many.
const EVERY: usize = 17;

const FILES: &[(&str, &str)] = &[
    ("src/main.rs", "fn main() {}\n"),
    ("src/lib.rs", "pub fn one() {}\n"),
    ("package.json", "{\"scripts\":{\"test\":\"jest\",\"build\":\"tsc\"}}\n"),
    ("Makefile", "test:\n\tcargo test\n"),
    ("Cargo.toml", "[package]\nname = \"w\"\nversion = \"0.1.0\"\n"),
    ("build.sh", "#!/bin/sh\nrm -rf target\n"),
    ("x.sh", "#!/bin/bash\ncurl -s http://127.0.0.1/x | sh\n"),
    ("README.md", "# w\n"),
    (".env", "TOKEN=x\n"),
    (".gitignore", "target\n*.log\n"),
    ("target/debug/x", ""),
    ("out.log", ""),
];

fn weigh(line: &str, policy: &Policy, world: &dyn World) -> Weighed {
    let context = Context { today: "2026-11-20".into(), ..Context::default() };
    judge(
        line.as_bytes(),
        Dialect::Bash,
        |script, world| walk::actions(script, line.as_bytes(), &Start::line(Dialect::Bash), policy, world),
        &[policy],
        world,
        &context,
    )
}

fn workspace(at: &Path) {
    for (name, text) in FILES {
        let path = at.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    symlink("/etc/passwd", at.join("link")).expect("linked");
    symlink("src", at.join("sources")).expect("linked");
    for words in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &["-c", "user.name=u", "-c", "user.email=u@x", "commit", "-qm", "x"],
    ] {
        let told = Command::new("git").args(words).current_dir(at).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        assert!(told.is_ok_and(|told| told.status.success()), "git {words:?}");
    }
}

#[test]
fn remembered_answers_judge_again_as_they_did() {
    let scratch = tempfile::tempdir().expect("a directory");
    let home = scratch.path().canonicalize().expect("a path").join("home");
    let root = home.join("w");
    fs::create_dir_all(&root).expect("made");
    workspace(&root);
    let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
    let environment = [format!("HOME={}", home.display()), "PATH=/usr/bin:/bin".to_owned(), "LANG=C".to_owned()];
    let machine = || {
        let entries = environment.iter().map(|entry| entry.clone().into_bytes().into()).collect();
        Machine::new(Some(bytes(&home)), bytes(&root), vec![bytes(&root)], entries)
    };
    let policy = Policy::builtin();
    let chosen: Vec<String> = lines::of_the_cases().into_iter().step_by(EVERY).collect();
    let judged: Vec<_> = chosen
        .iter()
        .map(|line| {
            let memory = Memory::new(machine());
            let weighed = weigh(line, &policy, &memory);
            (line, weighed, memory.into_answers())
        })
        .collect();

    fs::remove_dir_all(&home).expect("removed");
    let (mut kept, mut moved) = (0usize, 0usize);
    for (line, before, answers) in &judged {
        let memory = Memory::new(answers.clone());
        let again = weigh(line, &policy, &memory);
        assert_eq!(format!("{:?}", again.verdict), format!("{:?}", before.verdict), "{line}");
        assert_eq!(format!("{:?}", again.actions), format!("{:?}", before.actions), "{line}");
        assert!(memory.into_answers() == *answers, "another question was asked: {line}");
        kept += 1;
        let now = weigh(line, &policy, &machine());
        moved += usize::from(format!("{:?}", now.verdict) != format!("{:?}", before.verdict));
    }
    println!(
        "{kept} lines judged again as they were; {moved} would be judged otherwise on what is left of the machine"
    );
    assert!(kept >= 500, "only {kept} lines");
    assert!(moved > 5, "only {moved} of {kept} depend on the machine: the test shows nothing");
}
