//! What `vetsh generate` writes: the reference of rules in `docs/` is what the binary says now, the manual page tells of every
//! verb, and each shell takes its completions.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::Path;
use std::process::{Command, Stdio};

fn vetsh(words: &[&str]) -> String {
    let out =
        Command::new(env!("CARGO_BIN_EXE_vetsh")).args(words).stderr(Stdio::inherit()).output().expect("vetsh runs");
    assert!(out.status.success(), "{words:?}: {}", out.status);
    String::from_utf8(out.stdout).expect("text")
}

#[test]
fn the_reference_of_rules_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let kept = std::fs::read_to_string(&path).expect("docs/rules.md");
    let now = vetsh(&["generate", "rules"]);
    let differs = kept.lines().zip(now.lines()).position(|(kept, now)| kept != now);
    assert!(kept == now, "line {differs:?} differs: vetsh generate rules > docs/rules.md");
}

#[test]
fn every_rule_and_every_tool_shows_examples() {
    let page = vetsh(&["generate", "rules"]);
    let mut sections: Vec<&str> = page.split("\n### ").skip(1).collect();
    sections.retain(|section| !section.contains("\n- "));
    let bare: Vec<&str> = sections.iter().filter_map(|section| section.lines().next()).collect();
    assert!(bare.is_empty(), "no example: {bare:?}");
}

#[test]
fn the_manual_page_tells_of_every_verb() {
    let help = vetsh(&["--help"]);
    let page = vetsh(&["generate", "man"]);
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| line.starts_with("  "));
    let mut count = 0;
    for verb in verbs.filter_map(|line| line.split_whitespace().next()) {
        assert!(page.contains(&format!("vetsh\\-{verb}")), "the page does not tell of {verb}");
        count += 1;
    }
    assert!(count >= 8, "only {count} verbs were found");
}

#[test]
fn each_shell_takes_its_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let Ok(mut child) = Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn() else {
            eprintln!("SKIPPED: no {shell} here; where it is installed this must not skip");
            continue;
        };
        let script = vetsh(&["generate", "completions", shell]);
        assert!(script.contains("approvals"), "{shell}: the verbs are missing");
        std::io::Write::write_all(&mut child.stdin.take().expect("its input"), script.as_bytes()).expect("it reads");
        assert!(child.wait().expect("it ends").success(), "{shell} refuses its completions");
    }
}
