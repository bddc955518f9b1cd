//! What is measured of a line: exact numbers on trees that are made here.

#![allow(clippy::disallowed_methods, reason = "a test runs git")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use vetsh::action::{Count, Lost, Measured, Question, Reached, Sure, Which};
use vetsh::session::measure::measure;

fn git(at: &Path, words: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "init.defaultBranch=main"])
        .args(words)
        .current_dir(at)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository: three tracked files of which one is changed, one untracked, one ignored, and a link out of it.
fn repository() -> tempfile::TempDir {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let top = scratch.path();
    git(top, &["init", "-q", "."]);
    std::fs::create_dir_all(top.join("d/sub")).expect("folders");
    for name in ["d/1", "d/2", "d/3"] {
        std::fs::write(top.join(name), "12\n").expect("a file");
        // An index that is written in the same instant proves nothing.
        let past = std::time::SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options()
            .write(true)
            .open(top.join(name))
            .and_then(|file| file.set_modified(past))
            .expect("a time");
    }
    std::fs::write(top.join(".gitignore"), "*.log\n").expect("a file");
    git(top, &["add", "-A"]);
    for message in ["1", "2", "3"] {
        git(top, &["commit", "-q", "--allow-empty", "-m", message]);
    }
    git(top, &["branch", "topic", "HEAD~1"]);
    git(top, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    git(top, &["update-ref", "refs/heads/only", "HEAD"]);
    std::fs::write(top.join("d/1"), "12345\n").expect("a file");
    std::fs::write(top.join("d/sub/u"), "1").expect("a file");
    std::fs::write(top.join("d/x.log"), "1").expect("a file");
    std::os::unix::fs::symlink("/usr", top.join("d/l")).expect("a link");
    scratch
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

fn ask(question: &Question) -> Measured {
    measure(question, Instant::now() + Duration::from_secs(20))
}

fn tree(path: &Path, which: Which) -> Measured {
    ask(&Question::Tree { path: bytes(path), whole: true, follow: false, which })
}

fn number(measured: &Measured, count: Count) -> u64 {
    let amount = measured.amount(count).unwrap_or_else(|| panic!("{count:?} in {measured:?}"));
    assert_eq!(amount.sure, Sure::Exactly, "{measured:?}");
    amount.number
}

#[test]
fn files_are_counted_and_told_apart_by_what_git_keeps() {
    let scratch = repository();
    let found = tree(&scratch.path().join("d"), Which::All);
    let numbers = [Count::Files, Count::Bytes, Count::Untracked, Count::Changed, Count::Ignored, Count::Unkept];
    assert_eq!(numbers.map(|count| number(&found, count)), [6, 14, 2, 1, 1, 0]);
    // With the repository goes what it keeps.
    let all = tree(scratch.path(), Which::All);
    assert_eq!(number(&all, Count::Files), number(&all, Count::Unkept));
    let none = tree(&scratch.path().join("none"), Which::All);
    assert_eq!((number(&none, Count::Files), none.told), (0, vec![b"nothing is there".to_vec()]));
}

#[test]
fn what_git_takes_from_its_working_tree_is_counted() {
    let scratch = repository();
    let clean = |directories, ignored, others| {
        number(&tree(scratch.path(), Which::Untracked { directories, ignored, others }), Count::Files)
    };
    assert_eq!(number(&tree(scratch.path(), Which::Changed), Count::Files), 1);
    assert_eq!(
        [clean(true, true, true), clean(true, false, true), clean(false, false, true), clean(true, true, false)],
        [3, 2, 1, 1]
    );
}

#[test]
fn permissions_that_change_are_counted() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let top = scratch.path().join("top");
    std::fs::create_dir(&top).expect("a folder");
    for (name, mode) in [("a", 0o644), ("b", 0o600), ("c", 0o755)] {
        std::fs::write(top.join(name), "").expect("a file");
        std::fs::set_permissions(top.join(name), std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
    std::fs::set_permissions(&top, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    for (mode, expected) in [("644", 3), ("755", 2), ("a+x", 2), ("+x", 2), ("go-rwx", 3), ("u+w", 0), ("a+X", 0)] {
        let found = tree(&top, Which::Mode(mode.as_bytes().to_vec()));
        assert_eq!(number(&found, Count::Modes), expected, "{mode}");
    }
    assert!(tree(&top, Which::Mode(b"g=u".to_vec())).unknown.is_some());
}

#[test]
fn commits_that_lose_their_name_are_counted() {
    let scratch = repository();
    let directory = bytes(&scratch.path().join("d"));
    let lost = |lost| ask(&Question::Commits { directory: directory.clone(), lost });
    let between = |from: &str, to: &str| lost(Lost::Between { from: from.into(), to: to.into() });
    assert_eq!(number(&between("HEAD", "HEAD~2"), Count::Commits), 2);
    assert_eq!(number(&between("refs/remotes/origin/main", "topic"), Count::Commits), 1);
    assert_eq!(number(&lost(Lost::Only(b"refs/heads/only".to_vec())), Count::Commits), 0);
    git(scratch.path(), &["checkout", "-q", "only"]);
    git(scratch.path(), &["commit", "-q", "--allow-empty", "-m", "4"]);
    git(scratch.path(), &["checkout", "-q", "main"]);
    assert_eq!(number(&lost(Lost::Only(b"refs/heads/only".to_vec())), Count::Commits), 1);
    git(scratch.path(), &["stash", "-q"]);
    assert_eq!(number(&lost(Lost::Stash), Count::Commits), 1);
    for wrong in ["none", "--output=/tmp/x", "HEAD..main", ":/x y"] {
        assert!(between(wrong, "HEAD").unknown.is_some(), "{wrong}");
    }
}

/// Whoever owns a repository's configuration may name programs in it; none of them runs.
#[test]
fn nothing_that_a_repository_names_is_run() {
    let scratch = repository();
    let top = scratch.path();
    let mark = top.join("ran");
    let run = format!("touch '{}'", mark.display());
    let script = top.join("d/run");
    std::fs::write(&script, format!("#!/bin/sh\n{run}\n")).expect("a script");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    for name in ["post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        std::fs::copy(&script, top.join(".git/hooks").join(name)).expect("a hook");
    }
    let path = script.display().to_string();
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "diff.external",
        "gpg.program",
        "pager.rev-list",
        "credential.helper",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "diff.x.textconv",
        "diff.x.command",
        "merge.x.driver",
        "uploadpack.packObjectsHook",
        "trace2.eventTarget",
        "sequence.editor",
    ] {
        git(top, &["config", key, &path]);
    }
    for (key, value) in [
        ("alias.rev-list", format!("!{run}")),
        ("core.hooksPath", ".git/hooks".to_owned()),
        ("log.showSignature", "true".to_owned()),
        ("remote.origin.url", format!("ext::{path}")),
        ("remote.origin.uploadpack", path.clone()),
        ("remote.origin.promisor", "true".to_owned()),
        ("extensions.partialClone", "origin".to_owned()),
    ] {
        git(top, &["config", key, &value]);
    }
    std::fs::write(top.join(".gitattributes"), "* filter=x diff=x\n").expect("attributes");
    // What is missing would be fetched by whatever the configuration names.
    git(top, &["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "update-ref", "refs/heads/x", "HEAD~1"]);
    std::fs::write(top.join(".git/refs/heads/gone"), format!("{}\n", "1".repeat(40))).expect("a ref");
    let _ = std::fs::remove_file(&mark);
    let ask_commits = |from: &str| {
        let lost = Lost::Between { from: from.into(), to: b"HEAD~2".to_vec() };
        ask(&Question::Commits { directory: bytes(top), lost })
    };
    assert_eq!(number(&ask_commits("HEAD"), Count::Commits), 2);
    assert!(ask_commits("gone").unknown.is_some());
    let _ = ask(&Question::Commits { directory: bytes(top), lost: Lost::Only(b"refs/heads/x".to_vec()) });
    let _ = tree(top, Which::All);
    let _ = tree(top, Which::Changed);
    assert!(!mark.exists(), "something of the configuration ran");
}

#[test]
fn what_takes_too_long_is_at_least_so_much() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    for name in 0..200 {
        std::fs::write(scratch.path().join(name.to_string()), "").expect("a file");
    }
    let question = Question::Tree { path: bytes(scratch.path()), whole: true, follow: false, which: Which::All };
    let found = measure(&question, Instant::now());
    assert_eq!(found.amount(Count::Files).map(|amount| amount.sure), Some(Sure::AtLeast));
}

#[test]
fn processes_are_found_by_number_and_name() {
    let mut child = Command::new("sleep").arg("30").spawn().expect("a process");
    let by_number = ask(&Question::Processes(Reached::Number(child.id())));
    let named = Reached::Named { name: b"^sl.ep$".to_vec(), pattern: true, exact: false, full: false, narrowed: false };
    let by_name = ask(&Question::Processes(named));
    child.kill().and_then(|()| child.wait()).expect("it ends");
    assert_eq!(number(&by_number, Count::Processes), 1);
    assert!(number(&by_name, Count::Processes) >= 1);
}

#[test]
fn rows_of_a_plain_table_are_counted() {
    if !Path::new("/usr/bin/sqlite3").exists() {
        eprintln!("SKIPPED: there is no sqlite3; it must not be missing on the machine that builds");
        return;
    }
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let file = scratch.path().join("a b?#.db");
    let made = "CREATE TABLE t(x); INSERT INTO t VALUES (1),(2),(3); CREATE VIEW v AS SELECT 1;";
    let done = Command::new("/usr/bin/sqlite3").arg(&file).arg(made).status().expect("sqlite3 runs");
    assert!(done.success());
    let rows = |table: &str| ask(&Question::Rows { file: bytes(&file), table: table.into(), all: true });
    assert_eq!(number(&rows("t"), Count::Rows), 3);
    for wrong in ["v", "none", "t\"; --", ""] {
        assert!(rows(wrong).unknown.is_some(), "{wrong}");
    }
}

/// Rules with bounds, judged in the fixed world by its numbers: the binary's own examples say what fires and what does not.
#[test]
fn a_rule_counts_what_is_measured() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let config = scratch.path().join("config");
    std::fs::create_dir(&config).expect("a folder");
    let rules = r#"
format = 1
[[rule]]
id = "own.many-rows"
tier = "prohibited"
what = "change more than 10 rows"
why = "they are others'"
instead = "change fewer"
when = { program = "sqlite3", effect = "modifies", impact = { rows_over = 10 } }
match = [
  { line = "sqlite3 a.db 'DELETE FROM t'", impact = { rows = 11 } },
  "sqlite3 a.db 'DELETE FROM t'",
  { line = "sqlite3 a.db 'WITH x AS (SELECT 1) DELETE FROM t'", impact = { rows = 1 } },
]
pass = [{ line = "sqlite3 a.db 'DELETE FROM t'", impact = { rows = 10 } }, "sqlite3 a.db 'SELECT 1'"]

[[rule]]
id = "own.many-files"
tier = "supervised"
what = "delete more than 50 files"
why = "many"
instead = "fewer"
when = { effect = "deletes", impact = { files_over = 50 } }
match = [{ line = "rm -r build", impact = { files = 51 } }, { line = "rm -r a b", impact = { files = 26 } }, "rm -r $D"]
pass = [{ line = "rm -r build", impact = { files = 50 } }, { line = "rm -r a; rm -r b", impact = { files = 26 } }, "rm -r build"]

[[rule]]
id = "own.many-commits"
tier = "supervised"
what = "drop more than 3 commits"
why = "many"
instead = "fewer"
when = { program = "git", impact = { commits_over = 3 } }
match = [{ line = "git reset --hard HEAD~4", impact = { commits = 4 } }, "git push -f origin feature/x"]
pass = [{ line = "git reset --hard HEAD~3", impact = { commits = 3 } }, "git commit --amend", "git push origin feature/x", "git status"]
"#;
    std::fs::write(config.join("policy.toml"), rules).expect("a policy");
    let told = Command::new(env!("CARGO_BIN_EXE_vetsh"))
        .arg("--root")
        .arg(scratch.path())
        .args(["policy", "test"])
        .output()
        .expect("vetsh runs");
    let text = format!("{}{}", String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "{text}");
}
