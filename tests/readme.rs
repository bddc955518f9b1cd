//! The README's commands do what it says: the tour is run line by line and its output compared; the two commands exist.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::Path;
use std::process::{Command, Stdio};

const README: &str = include_str!("../README.md");

/// A house and a repository on `main` of their own.
struct Scene {
    scratch: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        for name in ["root", "work"] {
            std::fs::create_dir(scratch.path().join(name)).expect(name);
        }
        let git = ["-c", "init.defaultBranch=main", "init", "-q"];
        assert!(
            Command::new("git").args(git).current_dir(scratch.path().join("work")).status().expect("git").success()
        );
        Scene { scratch }
    }

    /// Runs one line of the tour: `vetsh …` and `bash …` become calls of the binary under test with a root of its own.
    fn run(&self, line: &str) -> String {
        let words = shell_words::split(line).expect("words");
        let (program, rest) = words.split_first().expect("a program");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vetsh"));
        command.arg("--root").arg(self.scratch.path().join("root"));
        match program.as_str() {
            "vetsh" => {}
            "bash" => {
                command.args(["--as", "bash"]);
            }
            other => panic!("the tour runs {other}"),
        }
        let out = command
            .args(rest)
            .current_dir(self.scratch.path().join("work"))
            .stdin(Stdio::null())
            .output()
            .expect("vetsh runs");
        let mut text = String::from_utf8(out.stdout).expect("UTF-8");
        // The record's id is new every time.
        let told = String::from_utf8(out.stderr).expect("UTF-8");
        text.extend(told.lines().filter(|line| !line.starts_with("vetsh: record ")).map(|line| format!("{line}\n")));
        text
    }
}

/// The `console` blocks as pairs of command and output.
fn tour() -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            line if inside => match (line.strip_prefix("$ "), out.last_mut()) {
                (Some(command), _) => out.push((command.to_owned(), String::new())),
                (None, Some(last)) => last.1.push_str(&format!("{line}\n")),
                (None, None) => panic!("output before any command: {line}"),
            },
            _ => {}
        }
    }
    out
}

#[test]
fn the_tour_shows_what_really_comes() {
    let scene = Scene::new();
    let tour = tour();
    assert!(tour.len() >= 7, "the tour is gone");
    for (command, expected) in tour {
        let said = scene.run(&command);
        if expected.is_empty() {
            assert!(!said.is_empty() && !said.contains("refused"), "{command} said {said:?}");
        } else {
            assert_eq!(said, expected, "{command}");
        }
    }
}

#[test]
fn the_two_commands_are_there() {
    assert!(README.contains("```sh\n./install.sh\n```") && README.contains("```sh\ncargo test\n```"));
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(top.join("install.sh")).expect("install.sh").permissions().mode();
    assert_eq!(mode & 0o111, 0o111, "install.sh is not executable");
    for page in ["policy", "threats", "audit", "shell-contract", "performance", "agents"] {
        assert!(top.join(format!("docs/{page}.md")).is_file(), "docs/{page}.md is missing");
    }
}

#[test]
fn each_claim_of_the_threats_page_names_its_test() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(top.join("docs/threats.md")).expect("a page");
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| threat |")).collect();
    assert!(rows.len() > 30, "{} claims", rows.len());
    for row in rows {
        let held = row.trim_end_matches('|').rsplit('|').next().expect("a column");
        let named: Vec<&str> = held.split('`').skip(1).step_by(2).filter(|name| name.contains('/')).collect();
        assert!(
            named.iter().any(|name| name.starts_with("tests/") || name.ends_with("_tests.rs")),
            "no test is named: {row}"
        );
        for name in named {
            assert!(top.join(name).exists(), "{name} is not there: {row}");
        }
    }
}
