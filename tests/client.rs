//! `vetsh setup` and `vetsh run`, end to end in a home of their own: a client's configuration is changed on consent and put back
//! by a human alone, and a client that is started takes our shell for that run.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use scene::{Case, Scene};

const CASES: &[Case] = &[
    ("claude_code_takes_us_after_setup", claude_code_takes_us_after_setup),
    ("an_agent_cannot_undo_it", an_agent_cannot_undo_it),
    ("a_configuration_that_is_not_understood_stays", a_configuration_that_is_not_understood_stays),
    ("clients_without_a_setting_are_told_what_to_do", clients_without_a_setting_are_told_what_to_do),
    ("a_started_client_takes_our_shell_and_is_on_record", a_started_client_takes_our_shell_and_is_on_record),
    ("a_client_that_would_pass_us_by_is_not_started", a_client_that_would_pass_us_by_is_not_started),
    ("links_to_tools_are_made_and_their_words_judged", links_to_tools_are_made_and_their_words_judged),
];

fn main() {
    scene::main(CASES);
}

const SETTINGS: &str = ".claude/settings.json";

fn settings(scene: &Scene) -> Option<serde_json::Value> {
    std::fs::read_to_string(scene.at(SETTINGS)).ok().map(|text| serde_json::from_str(&text).expect("JSON"))
}

/// What doctor says of the client.
fn said(scene: &Scene, client: &str) -> String {
    let answer = scene.verb(&["doctor", "--json"]).stdout;
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("one object");
    let findings = answer["findings"].as_array().expect("findings").iter();
    let mut of_client =
        findings.filter(|finding| finding["what"].as_str().is_some_and(|what| what.starts_with(client)));
    let found = of_client.next().expect("the client is found");
    found["state"].as_str().expect("a state").to_owned()
}

fn claude_code_takes_us_after_setup(scene: &Scene) {
    scene.script(&scene.bin().join("claude"), "#!/bin/sh\n");
    std::fs::create_dir_all(scene.at(".claude")).expect("a folder");
    std::fs::write(scene.at(SETTINGS), "{\"model\": \"x\"}\n").expect("settings");
    assert_eq!(said(scene, "claude-code"), "broken");
    let shown = scene.verb(&["setup", "claude-code"]);
    assert_ne!(shown.code, 0, "without a terminal nobody has agreed");
    assert!(settings(scene).is_some_and(|now| now.get("env").is_none()));
    let done = scene.verb(&["setup", "claude", "--yes"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("CLAUDE_CODE_SHELL"), "the exact change is shown: {}", done.stdout);
    let now = settings(scene).expect("settings");
    assert_eq!(now["env"]["CLAUDE_CODE_SHELL"], scene.shim("bash").display().to_string());
    assert_eq!(now["model"], "x");
    assert_eq!(said(scene, "claude-code"), "good");
    let again = scene.verb(&["setup", "claude", "--yes"]);
    assert!(again.code == 0 && again.stdout.contains("already"), "{}", again.stdout);
    let undone = scene.human(&["setup", "claude-code", "--undo"]);
    assert!(undone.contains("is as it was"), "{undone}");
    assert_eq!(settings(scene), Some(serde_json::json!({ "model": "x" })));
}

fn an_agent_cannot_undo_it(scene: &Scene) {
    assert_eq!(scene.verb(&["setup", "claude-code", "--yes"]).code, 0);
    let refused = scene.run("vetsh setup claude-code --undo");
    assert_eq!(refused.code, 126, "{}", refused.stderr);
    let without = scene.verb(&["setup", "claude-code", "--undo"]);
    assert!(without.code == 2 && without.stderr.contains("human"), "{}", without.stderr);
    assert!(settings(scene).is_some_and(|now| now["env"]["CLAUDE_CODE_SHELL"].is_string()));
}

fn a_configuration_that_is_not_understood_stays(scene: &Scene) {
    let text = "{\n  // my model\n  \"model\": \"x\",\n}\n";
    std::fs::create_dir_all(scene.at(".claude")).expect("a folder");
    std::fs::write(scene.at(SETTINGS), text).expect("settings");
    let refused = scene.verb(&["setup", "claude-code", "--yes"]);
    assert!(refused.code == 2 && refused.stderr.contains("nothing was changed"), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(scene.at(SETTINGS)).expect("text"), text);
}

fn clients_without_a_setting_are_told_what_to_do(scene: &Scene) {
    for (client, words) in [
        ("codex", "chsh -s"),
        ("gemini-cli", "vetsh run -- gemini"),
        ("copilot", "/bin/bash"),
        ("crush", "setup shims"),
    ] {
        let told = scene.verb(&["setup", client]);
        assert!(told.code == 1 && told.stdout.contains(words), "{client}: {}", told.stdout);
    }
    let unknown = scene.verb(&["setup", "nobody"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("claude-code"), "{}", unknown.stderr);
}

/// A client that does what real ones do: its shell from the environment, one command, the output shown.
const CLIENT: &str = "#!/bin/sh\necho \"shell $SHELL\"\necho \"first ${PATH%%:*}\"\n\"$SHELL\" -c 'echo vetted'\n";

fn a_started_client_takes_our_shell_and_is_on_record(scene: &Scene) {
    scene.script(&scene.bin().join("cn"), CLIENT);
    let ended = scene.end(scene.plain(scene.vetsh()).args(["run", "--", "cn", "--flag"]).env("PATH", scene.path()));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let due = format!("shell {}\nfirst {}\nvetted\n", scene.shim("bash").display(), scene.shims().display());
    assert_eq!(ended.stdout, due);
    let sessions = scene.of_kind("session");
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["detail"]["starts"], "cn --flag");
    assert_eq!(scene.of_kind("launch").len(), 1, "its command is vetted");
    scene.chain_holds();
}

fn a_client_that_would_pass_us_by_is_not_started(scene: &Scene) {
    scene.script(&scene.bin().join("copilot"), "#!/bin/sh\necho started\n");
    let ended = scene.end(scene.plain(scene.vetsh()).args(["run", "--", "copilot"]).env("PATH", scene.path()));
    assert!(ended.code == 2 && ended.stderr.contains("/bin/bash"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

fn links_to_tools_are_made_and_their_words_judged(scene: &Scene) {
    let made = scene.verb(&["setup", "shims", "git", "curl"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut push = scene.plain(scene.shim("git"));
    let ended = scene.end(push.args(["push", "-f", "origin", "main"]));
    assert_eq!(ended.code, 126, "{}", ended.stderr);
    let odd = scene.verb(&["setup", "shims", "../x"]);
    assert_eq!(odd.code, 2, "{}", odd.stderr);
}
