//! Sessions stopped and let go on, end to end: what is stopped runs nothing more and what it left running ends, a limit stops it by
//! itself, and only a human lets it go on or do for a while what is asked about.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::time::{Duration, Instant};

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene};

const CASES: &[Case] = &[
    ("of_a_stopped_session_nothing_runs", of_a_stopped_session_nothing_runs),
    ("all_are_stopped_and_go_on", all_are_stopped_and_go_on),
    ("what_runs_is_ended", what_runs_is_ended),
    ("what_begins_while_it_is_ended_is_ended_too", what_begins_while_it_is_ended_is_ended_too),
    ("a_yes_after_the_stop_comes_too_late", a_yes_after_the_stop_comes_too_late),
    ("an_agent_stops_no_session_and_restores_none", an_agent_stops_no_session_and_restores_none),
    ("a_mark_that_cannot_be_read_stops", a_mark_that_cannot_be_read_stops),
    ("refusals_in_a_row_stop_it", refusals_in_a_row_stop_it),
    ("what_waits_is_no_refusal", what_waits_is_no_refusal),
    ("who_asks_too_often_is_told_so", who_asks_too_often_is_told_so),
    ("its_time_ends", its_time_ends),
    ("an_allowed_session_is_not_asked", an_allowed_session_is_not_asked),
];

fn main() {
    scene::main(CASES);
}

const QUEUE: &str = "format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"0s\"\n";

fn session(scene: &Scene, launches: u64) -> String {
    let list: serde_json::Value =
        serde_json::from_str(&scene.verb(&["session", "list", "--json"]).stdout).expect("JSON");
    let rows = list["sessions"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["launches"] == launches).unwrap_or_else(|| panic!("{rows:?}"));
    row["id"].as_str().expect("an id").to_owned()
}

fn of_a_stopped_session_nothing_runs(scene: &Scene) {
    let (mut one, mut other) = (Agent::start(scene), Agent::start(scene));
    assert_eq!(one.run(scene, "echo one").0, 0);
    assert_eq!(other.run(scene, "true; true").0, 0);
    assert_eq!(other.run(scene, "true").0, 0);
    let id = session(scene, 1);
    let said = scene.verb(&["session", "revoke", &id[..12], "--reason", "it went astray"]);
    assert!(said.code == 0 && said.stdout.contains("is stopped"), "{}", said.stderr);
    let (code, text) = one.run(scene, "echo two");
    assert_eq!(code, 126);
    assert!(text.contains("[session.revoked]") && text.contains("it went astray") && !text.contains("two\n"), "{text}");
    assert_eq!(other.run(scene, "echo three").0, 0, "another session");
    let shown = scene.verb(&["session", "show", &id]).stdout;
    assert!(shown.contains("echo two") && shown.contains("1 refused"), "{shown}");
    let said = scene.human(&["session", "revoke", &id, "--undo"]);
    assert!(said.contains("code=0") && said.contains("may go on"), "{said}");
    assert_eq!(one.run(scene, "echo four").0, 0);
    assert!(scene.human(&["session", "revoke", &id, "--undo"]).contains("code=1"));
    let kinds = scene.of_kind("session");
    assert!(kinds.iter().any(|record| record["detail"]["stops"] == id.as_str()), "{kinds:?}");
    assert!(kinds.iter().any(|record| record["detail"]["restores"] == id.as_str()), "{kinds:?}");
    scene.chain_holds();
}

fn all_are_stopped_and_go_on(scene: &Scene) {
    let mut agent = Agent::start(scene);
    assert_eq!(scene.verb(&["session", "revoke", "--all"]).code, 0);
    assert_eq!(agent.run(scene, "true").0, 126);
    assert_eq!(Agent::start(scene).run(scene, "true").0, 126, "those that come later too");
    assert!(scene.human(&["session", "revoke", "--all", "--undo"]).contains("code=0"));
    assert_eq!(agent.run(scene, "true").0, 0);
}

fn what_runs_is_ended(scene: &Scene) {
    let mut agent = Agent::start(scene);
    let mark = scene.work().join("ended");
    agent.run_beside(scene, "trap 'echo ended > ended; exit' TERM; sleep 50 & wait");
    let deadline = Instant::now() + Duration::from_secs(20);
    while scene.of_kind("launch").is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let id = session(scene, 1);
    let said = scene.verb(&["session", "revoke", &id]);
    assert!(said.code == 0 && said.stdout.contains("; 2 running"), "{}{}", said.stdout, said.stderr);
    assert!(mark.exists(), "it was asked to end");
    assert_eq!(agent.run(scene, "true").0, 126, "the client itself was not ended");
}

/// Whether `sleep` runs for that long.
fn sleeps(time: &str) -> bool {
    let all = std::fs::read_dir("/proc").expect("processes").flatten();
    let words = all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    words.into_iter().any(|words| words == [b"sleep\0", time.as_bytes(), b"\0"].concat())
}

fn what_begins_while_it_is_ended_is_ended_too(scene: &Scene) {
    let mut agent = Agent::start(scene);
    agent.run_beside(scene, "trap 'sleep 4711 & exit' TERM; (sleep 4712 &); sleep 4713 & wait");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !(sleeps("4712") && sleeps("4713")) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = session(scene, 1);
    assert_eq!(scene.verb(&["session", "revoke", &id]).code, 0);
    std::thread::sleep(Duration::from_millis(200));
    for time in ["4711", "4713"] {
        assert!(!sleeps(time), "sleep {time} goes on");
    }
    assert_eq!(agent.run(scene, "true").0, 126);
}

fn a_yes_after_the_stop_comes_too_late(scene: &Scene) {
    scene.trust("format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"60s\"\n");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, "true").0, 0);
    let id = session(scene, 1);
    agent.run_beside(scene, &format!("touch {}", scene.at("outside").display()));
    let waiting = scene.waiting();
    assert_eq!(scene.verb(&["session", "revoke", &id]).code, 0);
    scene.human(&["approve", &scene::id(&waiting)]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while scene.of_kind("refusal").is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    let refusals = scene.of_kind("refusal");
    assert!(refusals.iter().any(|refusal| refusal["line"].as_str().is_some_and(|line| line.starts_with("touch"))));
    assert!(!scene.at("outside").exists());
    scene.chain_holds();
}

fn an_agent_stops_no_session_and_restores_none(scene: &Scene) {
    let mut agent = Agent::start(scene);
    for line in
        ["vetsh session revoke --all", "vetsh session revoke --all --undo", "vetsh session allow orphan --for 10m"]
    {
        assert_eq!(agent.run(scene, line).0, 126, "{line}");
    }
    assert_eq!(agent.run(scene, "true").0, 0);
    assert_eq!(scene.verb(&["session", "revoke", "--all"]).code, 0);
    let said = scene.verb(&["session", "revoke", "--all", "--undo"]);
    assert!(said.code == 1 && said.stderr.contains("needs a human"), "{}", said.stderr);
    assert_eq!(agent.run(scene, "true").0, 126);
}

fn a_mark_that_cannot_be_read_stops(scene: &Scene) {
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, "true").0, 0);
    let id = session(scene, 1);
    assert_eq!(scene.verb(&["session", "revoke", &id]).code, 0);
    let mark = scene.state().join(format!("guard/sessions/{id}.revoked"));
    std::fs::write(&mark, "").expect("the mark");
    let (code, text) = agent.run(scene, "true");
    assert!(code == 126 && text.contains("[session.unknown]"), "{text}");
    assert!(scene.human(&["session", "revoke", &id, "--undo"]).contains("code=0"));
    assert_eq!(agent.run(scene, "true").0, 0);
}

fn refusals_in_a_row_stop_it(scene: &Scene) {
    scene.trust(&format!("{QUEUE}[session]\nmax_refusals = 3\n"));
    let mut agent = Agent::start(scene);
    let refused = "rm -rf ~/";
    for line in [refused, refused, "true", refused, refused] {
        let (code, text) = agent.run(scene, line);
        assert_eq!(code, if line == "true" { 0 } else { 126 }, "{text}");
        assert!(!text.contains("session.revoked"), "{text}");
    }
    assert_eq!(agent.run(scene, refused).0, 126);
    let (code, text) = agent.run(scene, "true");
    assert!(code == 126 && text.contains("[session.revoked]") && text.contains("3 of its lines"), "{text}");
    assert_eq!(Agent::start(scene).run(scene, "true").0, 0, "another session");
}

fn what_waits_is_no_refusal(scene: &Scene) {
    scene.trust(&format!("{QUEUE}[session]\nmax_refusals = 2\n"));
    let mut agent = Agent::start(scene);
    for _ in 0..3 {
        assert_eq!(agent.run(scene, &format!("touch {}", scene.at("outside").display())).0, 75);
    }
    assert_eq!(agent.run(scene, "true").0, 0);
}

fn who_asks_too_often_is_told_so(scene: &Scene) {
    scene.trust(&format!("{QUEUE}[session]\nmax_questions = 2\n"));
    let mut agent = Agent::start(scene);
    let touch = |name: &str| format!("touch {}", scene.at(name).display());
    for name in ["a", "b"] {
        assert_eq!(agent.run(scene, &touch(name)).0, 75);
    }
    let (code, text) = agent.run(scene, &touch("c"));
    assert!(code == 126 && text.contains("asked 2 times within an hour"), "{text}");
    assert_eq!(scene.of_kind("request").len(), 2, "no human is asked");
    assert_eq!(agent.run(scene, "true").0, 0);
    assert_eq!(Agent::start(scene).run(scene, &touch("d")).0, 75, "another session");
    // Whatever it does in between, however much, it has asked.
    for _ in 0..24 {
        assert_eq!(agent.run(scene, &format!(": {}", "x".repeat(60_000))).0, 0);
    }
    assert_eq!(agent.run(scene, &touch("c")).0, 126);
    // Only a human lets it ask again, as often as at first.
    let id = scene.of_kind("request")[0]["session"].as_str().expect("a session").to_owned();
    assert_eq!(agent.run(scene, &format!("vetsh session revoke {id} --undo")).0, 126);
    assert_eq!(scene.verb(&["session", "revoke", &id, "--undo"]).code, 1);
    assert_eq!(agent.run(scene, &touch("c")).0, 126);
    let said = scene.human(&["session", "revoke", &id, "--undo"]);
    assert!(said.contains("may go on"), "{said}");
    for name in ["c", "e"] {
        assert_eq!(agent.run(scene, &touch(name)).0, 75);
    }
    assert_eq!(agent.run(scene, &touch("f")).0, 126);
}

fn its_time_ends(scene: &Scene) {
    scene.trust(&format!("{QUEUE}[session]\nmax_time = \"3s\"\n"));
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, "true");
    if code == 0 {
        std::thread::sleep(Duration::from_secs(3));
        let (code, text) = agent.run(scene, "true");
        assert!(code == 126 && text.contains("[session.time]"), "{text}");
    } else {
        assert!(text.contains("[session.time]"), "{text}");
    }
    assert_eq!(Agent::start(scene).run(scene, "true").0, 0, "another session has its own time");
}

fn an_allowed_session_is_not_asked(scene: &Scene) {
    scene.trust(QUEUE);
    let mut agent = Agent::start(scene);
    let line = format!("touch {}", scene.at("outside").display());
    assert_eq!(agent.run(scene, "true").0, 0);
    assert_eq!(agent.run(scene, &line).0, 75);
    let id = session(scene, 1);
    let said = scene.human(&["session", "allow", &id, "--for", "2h"]);
    assert!(said.contains("code=2") && said.contains("an hour at most"), "{said}");
    let mut desk = Desk::start(scene, &format!("{} session allow {id} --for 10m", scene.vetsh().display()));
    let shown = desk.until("for yes;");
    let code = shown.rsplit("Type ").next().and_then(|rest| rest.get(..4)).expect("a code").to_owned();
    desk.type_slowly(&code);
    desk.until("code=0");
    assert_eq!(agent.run(scene, &line).0, 0);
    assert!(scene.at("outside").exists());
    assert_eq!(agent.run(scene, "rm -rf ~/").0, 126, "what is prohibited stays so");
    let launches = scene.of_kind("launch");
    let by = launches.iter().find(|launch| launch["decision"]["basis"] == "session").expect("by the session");
    assert_eq!(by["approvals"][0]["channel"], "session");
    let mut other = Agent::start(scene);
    assert_eq!(other.run(scene, &line).0, 75, "another client's session");
    assert_eq!(scene.verb(&["session", "revoke", &id]).code, 0);
    assert_eq!(agent.run(scene, &line).0, 126);
    assert!(scene.human(&["session", "revoke", &id, "--undo"]).contains("code=0"));
    assert_eq!(agent.run(scene, &line).0, 75, "what was allowed ended with it");
    scene.chain_holds();
}
