//! `vetsh policy try|diff|edit`, end to end: what a change would do to recorded lines, and that only a human puts it in force.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use scene::desk::Desk;
use scene::{Case, Scene};

const CASES: &[Case] = &[
    ("a_file_is_tried_on_recorded_lines", a_file_is_tried_on_recorded_lines),
    ("what_was_edited_is_shown_beside_what_was_trusted", what_was_edited_is_shown_beside_what_was_trusted),
    ("an_edit_takes_its_place_once_a_human_trusts_it", an_edit_takes_its_place_once_a_human_trusts_it),
    ("an_edit_that_does_not_load_changes_nothing", an_edit_that_does_not_load_changes_nothing),
    ("an_agent_edits_no_policy", an_agent_edits_no_policy),
];

fn main() {
    scene::main(CASES);
}

const BEFORE: &str = "format = 1\n[approval]\nwait = \"0s\"\n";
const NO_LS: &str = "\n[[rule]]\nid = \"own.ls\"\ntier = \"supervised\"\nwhat = \"list\"\nwhy = \"no lists today\"\ninstead = \"ask\"\n\
                     when = { program = \"ls\" }\nmatch = [\"ls\", \"ls -la\"]\npass = [\"cat a\", \"wc a\"]\n";
const COMMITS: &str = "\n[[relax]]\nrule = \"core.writes-home\"\nto = \"autonomous\"\nreason = \"notes\"\n";

fn run_some(scene: &Scene) {
    scene.trust(BEFORE);
    for _ in 0..3 {
        assert_eq!(scene.run("ls >/dev/null").code, 0);
    }
    assert_eq!(scene.run(&format!("touch {}", scene.at("note").display())).code, 75);
}

fn a_file_is_tried_on_recorded_lines(scene: &Scene) {
    run_some(scene);
    let file = scene.at("new.toml");
    std::fs::write(&file, format!("{BEFORE}{NO_LS}{COMMITS}")).expect("a policy");
    let tried = scene.verb(&["policy", "try", &file.display().to_string(), "--json"]);
    assert_eq!(tried.code, 0, "{}", tried.stderr);
    let found: serde_json::Value = serde_json::from_str(&tried.stdout).expect("JSON");
    let stricter = &found["stricter"][0];
    assert_eq!(stricter["line"], "ls >/dev/null");
    assert_eq!(stricter["times"], 3);
    assert_eq!(stricter["after"]["rule"], "own.ls");
    let looser = &found["looser"][0];
    assert_eq!(looser["before"]["rule"], "core.writes-home", "{found}");
    assert_eq!(looser["after"]["tier"], "autonomous");
    std::fs::write(&file, "format = 1\n[[rule]]\nid = 3\n").expect("a policy");
    let broken = scene.verb(&["policy", "try", &file.display().to_string()]);
    assert!(broken.code == 2 && broken.stderr.contains(":3:"), "{}", broken.stderr);
    assert_eq!(scene.run("ls >/dev/null").code, 0, "nothing is in force but what was");
}

fn what_was_edited_is_shown_beside_what_was_trusted(scene: &Scene) {
    run_some(scene);
    assert!(scene.verb(&["policy", "diff"]).stdout.contains("as it was trusted"));
    scene.policy(&format!("{BEFORE}{NO_LS}{COMMITS}"));
    let shown = scene.verb(&["policy", "diff"]).stdout;
    assert!(shown.contains("+ id = \"own.ls\"") && shown.contains("stricter"), "{shown}");
    assert!(shown.contains("waits for vetsh trust"), "{shown}");
}

fn edit(scene: &Scene, text: &str) -> Desk {
    let editor = scene.bin().join("editor");
    let draft = scene.at("draft");
    std::fs::write(&draft, text).expect("a text");
    scene.script(&editor, &format!("#!/bin/sh\ncat {} > \"$1\"\n", draft.display()));
    Desk::start(scene, &format!("EDITOR={} {} policy edit", editor.display(), scene.vetsh().display()))
}

fn an_edit_takes_its_place_once_a_human_trusts_it(scene: &Scene) {
    run_some(scene);
    let mut desk = edit(scene, &format!("{BEFORE}{NO_LS}"));
    desk.yes();
    let shown = desk.until("code=");
    assert!(shown.contains("stricter") && shown.contains("in force") && shown.contains("code=0"), "{shown}");
    assert_eq!(scene.run("ls >/dev/null").code, 75);
    assert!(scene.of_kind("trust").len() >= 2, "the first trust and this one are on record");
    let mut desk = edit(scene, BEFORE);
    desk.code();
    desk.press("n\n");
    assert!(desk.until("code=").contains("code=1"));
    assert_eq!(scene.run("ls >/dev/null").code, 75, "it was not trusted");
    let leftover = std::fs::read_dir(scene.config()).expect("a folder").flatten();
    assert!(!leftover.into_iter().any(|entry| entry.file_name().to_string_lossy().contains("draft")));
}

fn an_edit_that_does_not_load_changes_nothing(scene: &Scene) {
    run_some(scene);
    let mut desk = edit(scene, "format = 1\n[[rule]]\nid = 3\n");
    desk.until("edit it again?");
    desk.press("n\n");
    let shown = desk.until("code=");
    assert!(shown.contains("code=1") && shown.contains("nothing was changed"), "{shown}");
    assert_eq!(scene.run("ls >/dev/null").code, 0);
}

fn an_agent_edits_no_policy(scene: &Scene) {
    run_some(scene);
    let refused = scene.run("vetsh policy edit");
    assert_eq!(refused.code, 126, "{}", refused.stderr);
    let alone = scene.verb(&["policy", "edit"]);
    assert!(alone.code == 1 && alone.stderr.contains("needs a human"), "{}", alone.stderr);
}
