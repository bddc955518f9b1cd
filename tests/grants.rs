//! A yes for more than once, and the watched queue, end to end: what a human grants covers its like in this session and nothing
//! else, each use is on record, and it can be taken back.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene, id};

const CASES: &[Case] = &[
    ("a_grant_covers_its_like_and_is_counted", a_grant_covers_its_like_and_is_counted),
    ("a_grant_is_for_one_session", a_grant_is_for_one_session),
    ("a_grant_is_taken_back", a_grant_is_taken_back),
    ("what_may_be_said_only_once_is_not_granted", what_may_be_said_only_once_is_not_granted),
    ("an_agent_cannot_grant", an_agent_cannot_grant),
    ("a_key_answers_on_the_watched_queue", a_key_answers_on_the_watched_queue),
    ("a_key_denies_with_a_reason", a_key_denies_with_a_reason),
    ("a_key_is_for_what_stood_there", a_key_is_for_what_stood_there),
    ("a_yes_comes_after_the_end_of_what_is_asked", a_yes_comes_after_the_end_of_what_is_asked),
    ("a_grant_follows_no_link", a_grant_follows_no_link),
    ("a_grant_knows_the_hooks", a_grant_knows_the_hooks),
    ("a_grant_knows_what_steers", a_grant_knows_what_steers),
    ("a_grant_knows_what_is_put_there", a_grant_knows_what_is_put_there),
    ("nobody_watches_without_a_terminal", nobody_watches_without_a_terminal),
];

fn main() {
    scene::main(CASES);
}

fn waits(scene: &Scene, wait: &str) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    scene.trust(&format!("format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"{wait}\"\n"));
}

fn touch(scene: &Scene, name: &str) -> String {
    format!("touch {}", file(scene, name).display())
}

fn has(scene: &Scene, name: &str) -> bool {
    file(scene, name).exists()
}

fn file(scene: &Scene, name: &str) -> std::path::PathBuf {
    scene.at("notes").join(format!("{name}.md"))
}

fn a_grant_covers_its_like_and_is_counted(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &touch(scene, "a")).0, 75);
    let waiting = scene.waiting();
    let like = waiting["like"][0].as_str().expect("what a longer yes would cover").to_owned();
    assert!(like.contains("touch") && like.contains("notes/"), "{like}");
    let said = scene.human(&["approve", &id(&waiting), "--for", "10m"]);
    assert!(said.contains("code=0") && said.contains("its like"), "{said}");
    for name in ["a", "b", "c"] {
        assert_eq!(agent.run(scene, &touch(scene, name)).0, 0, "{name}");
        assert!(has(scene, name));
    }
    assert_eq!(agent.run(scene, &format!("rm {}", file(scene, "a").display())).0, 75, "another deed");
    assert_eq!(agent.run(scene, &format!("touch {}", scene.at("elsewhere").display())).0, 75, "another place");
    assert!(has(scene, "a") && !scene.at("elsewhere").exists());
    let list: serde_json::Value = serde_json::from_str(&scene.verb(&["grants", "--json"]).stdout).expect("JSON");
    let grant = &list["grants"][0];
    assert_eq!(grant["id"], waiting["id"]);
    // The first ran by the ticket of the request itself.
    assert!(grant["uses"].as_u64().is_some_and(|uses| (2..=3).contains(&uses)), "{grant}");
    assert!(grant["ends_in_s"].as_u64().is_some_and(|left| (500..=600).contains(&left)), "{grant}");
    let launches = scene.of_kind("launch");
    let by_grant = launches.iter().filter(|launch| launch["decision"]["basis"] == "grant").count();
    assert!((2..=3).contains(&by_grant));
    assert_eq!(scene.of_kind("grant").len(), 1);
    scene.chain_holds();
}

fn a_grant_is_for_one_session(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &touch(scene, "a")).0, 75);
    assert!(scene.human(&["approve", &id(&scene.waiting()), "--for", "session"]).contains("code=0"));
    assert_eq!(agent.run(scene, &touch(scene, "b")).0, 0);
    let mut other = Agent::start(scene);
    assert_eq!(other.run(scene, &touch(scene, "c")).0, 75, "another client's session");
    assert!(!has(scene, "c"));
}

fn a_grant_is_taken_back(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &touch(scene, "a")).0, 75);
    let id = id(&scene.waiting());
    assert!(scene.human(&["approve", &id, "--for", "2h"]).contains("code=0"));
    assert_eq!(agent.run(scene, &touch(scene, "b")).0, 0);
    let refused = scene.run(&format!("vetsh grants --revoke {id}"));
    assert_ne!(refused.code, 0, "an agent takes nothing back: {}", refused.stdout);
    let said = scene.human(&["grants", "--revoke", &id]);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!(agent.run(scene, &touch(scene, "c")).0, 75);
    assert!(scene.human(&["grants", "--revoke", &id]).contains("code=1"));
}

fn what_may_be_said_only_once_is_not_granted(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let line = format!("python3 -c 'open(\"{}\", \"w\")'", scene.at("notes/x").display());
    assert_eq!(agent.run(scene, &line).0, 75);
    let waiting = scene.waiting();
    assert_eq!(waiting["like"], serde_json::json!([]));
    let said = scene.human(&["approve", &id(&waiting), "--for", "10m"]);
    assert!(said.contains("code=1") && said.contains("only once"), "{said}");
    let wrong = scene.human(&["approve", &id(&waiting), "--for", "99h"]);
    assert!(wrong.contains("code=2"), "{wrong}");
    assert_eq!(agent.run(scene, &line).0, 75, "nothing was approved");
}

fn an_agent_cannot_grant(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &touch(scene, "a")).0, 75);
    let id = id(&scene.waiting());
    assert_eq!(agent.run(scene, &format!("vetsh approve {id} --for session")).0, 126);
    assert_eq!(agent.run(scene, &touch(scene, "a")).0, 75);
}

/// Presses a key that says yes, and types the code where one is asked for.
fn press_yes(desk: &mut Desk, key: &str) {
    look(desk);
    desk.press(key);
    // Here we are root, who may type for others whatever the kernel is told.
    let shown = desk.until("for yes;");
    let code = shown.rsplit("Type ").next().expect("a code").get(..4).expect("four digits").to_owned();
    desk.type_slowly(&code);
}

/// Looks at what stands there as long as a human does before a key counts.
fn look(desk: &mut Desk) {
    desk.look(std::time::Duration::from_millis(700));
    std::thread::sleep(std::time::Duration::from_millis(700));
}

fn watch(scene: &Scene) -> Desk {
    let mut desk = Desk::start(scene, &format!("{} approvals --watch", scene.vetsh().display()));
    desk.until("nobody waits");
    desk
}

fn a_key_answers_on_the_watched_queue(scene: &Scene) {
    waits(scene, "60s");
    let mut desk = watch(scene);
    let mut agent = Agent::start(scene);
    agent.begin(scene, &touch(scene, "a"));
    let shown = desk.until("notes/a");
    assert!(shown.contains('\x07'), "a bell");
    press_yes(&mut desk, "s");
    assert_eq!(agent.end().0, 0);
    assert!(has(scene, "a"));
    desk.until("approved, and its like");
    assert_eq!(agent.run(scene, &touch(scene, "b")).0, 0, "granted for the session");
    desk.press("q");
    desk.until("code=0");
}

fn a_key_denies_with_a_reason(scene: &Scene) {
    waits(scene, "60s");
    let mut desk = watch(scene);
    let mut agent = Agent::start(scene);
    agent.begin(scene, &touch(scene, "a"));
    desk.until("notes/a");
    desk.press("e");
    desk.until("risk ");
    look(&mut desk);
    desk.press("d");
    desk.until("why not");
    desk.press("use the staging one\n");
    let (code, text) = agent.end();
    assert_eq!(code, 126);
    assert!(text.contains("use the staging one"), "{text}");
    assert!(!has(scene, "a"));
    desk.press("q");
    desk.until("code=0");
}

fn a_key_is_for_what_stood_there(scene: &Scene) {
    waits(scene, "60s");
    let mut desk = watch(scene);
    let (mut one, mut other) = (Agent::start(scene), Agent::start(scene));
    one.begin(scene, &touch(scene, "a"));
    desk.until("notes/a");
    desk.press("y");
    desk.until("just changed");
    assert!(!has(scene, "a"), "a key pressed before it could be read");
    look(&mut desk);
    desk.press("yyy");
    desk.until("several keys");
    other.begin(scene, &format!("rm -r {}", scene.at("notes").display()));
    desk.until("2 requests");
    press_yes(&mut desk, "y");
    assert_eq!(one.end().0, 0, "the one that was chosen, whatever came");
    assert!(has(scene, "a"));
    desk.press("n");
    assert!(scene.at("notes").exists());
    look(&mut desk);
    desk.press("n");
    assert_eq!(other.end().0, 126);
    desk.press("q");
    desk.until("code=0");
}

fn a_yes_comes_after_the_end_of_what_is_asked(scene: &Scene) {
    waits(scene, "60s");
    let mut desk = watch(scene);
    let mut agent = Agent::start(scene);
    agent.begin(scene, &format!("{}\n{}", "true\n".repeat(60), touch(scene, "a")));
    desk.until("rows more");
    look(&mut desk);
    desk.press("y");
    desk.until("there is more of it");
    for _ in 0..3 {
        desk.press(" ");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    press_yes(&mut desk, "y");
    assert_eq!(agent.end().0, 0);
    desk.press("q");
    desk.until("code=0");
}

/// Has `line` asked about, and granted.
fn granted(scene: &Scene, agent: &mut Agent, line: &str) {
    assert_eq!(agent.run(scene, line).0, 75, "{line}");
    let said = scene.human(&["approve", &id(&scene.waiting()), "--for", "10m"]);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!(agent.run(scene, line).0, 0, "{line}");
}

fn a_grant_follows_no_link(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    granted(scene, &mut agent, &touch(scene, "a"));
    std::fs::create_dir_all(scene.at("thesis")).expect("a folder");
    std::fs::write(scene.at("thesis/main.md"), "x").expect("a file");
    std::os::unix::fs::symlink(scene.at("thesis/main.md"), file(scene, "b")).expect("a link");
    std::os::unix::fs::symlink(scene.at("thesis/new.md"), file(scene, "c")).expect("a link");
    for name in ["b", "c"] {
        assert_eq!(agent.run(scene, &touch(scene, name)).0, 75, "{name}");
    }
    assert!(!scene.at("thesis/new.md").exists());
    assert_eq!(agent.run(scene, &touch(scene, "d")).0, 0);
}

fn a_grant_knows_the_hooks(scene: &Scene) {
    waits(scene, "0s");
    let git = |words: &[&str]| assert!(scene.plain("git").args(words).current_dir(scene.work()).status().is_ok());
    git(&["init", "-q", "-b", "feature/x"]);
    git(&["config", "user.name", "u"]);
    git(&["config", "user.email", "u@x.test"]);
    let mut agent = Agent::start(scene);
    granted(scene, &mut agent, "git commit --allow-empty -q -m one");
    assert_eq!(agent.run(scene, "git commit --allow-empty -q -m two").0, 0);
    let hook = scene.work().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    std::fs::write(&hook, "#!/bin/sh\ntouch hooked\n").expect("a hook");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its mode");
    assert_eq!(agent.run(scene, "git commit --allow-empty -q -m three").0, 75);
    assert!(!scene.work().join("hooked").exists());
}

fn a_grant_knows_what_steers(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    granted(scene, &mut agent, &touch(scene, "a"));
    agent.set("HTTPS_PROXY", "http://proxy.test:1");
    assert_eq!(agent.run(scene, &touch(scene, "b")).0, 75);
}

fn a_grant_knows_what_is_put_there(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let source = scene.work().join("tool");
    std::fs::write(&source, "one").expect("a file");
    let copy = format!("cp tool {}", scene.at("notes/tool").display());
    granted(scene, &mut agent, &copy);
    // To replace a file is another deed than to make one.
    let fresh = || std::fs::remove_file(scene.at("notes/tool")).expect("it was made");
    fresh();
    assert_eq!(agent.run(scene, &copy).0, 0, "the very same");
    fresh();
    std::fs::write(&source, "other").expect("a file");
    assert_eq!(agent.run(scene, &copy).0, 75, "another program under the same name");
    let tee = format!("echo one | tee {}", scene.at("notes/other").display());
    assert_eq!(agent.run(scene, &tee).0, 75);
    let all = scene.verb(&["approvals", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    let last = all["requests"].as_array().expect("a list").iter().find(|row| row["line"] == tee.as_str());
    assert_eq!(
        last.expect("it waits")["like"],
        serde_json::json!([]),
        "what comes from a pipe is another thing each time"
    );
}

fn nobody_watches_without_a_terminal(scene: &Scene) {
    waits(scene, "0s");
    let ended = scene.verb(&["approvals", "--watch"]);
    assert!(ended.code == 1 && ended.stderr.contains("needs a human"), "{}", ended.stderr);
}
