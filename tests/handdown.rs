//! Hand-down, end to end: what a human approved once runs with everything it calls in turn, and nothing else does.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::time::{Duration, Instant};

use scene::agent::Agent;
use scene::{Case, Scene, id, quote};

const CASES: &[Case] = &[
    ("nobody_is_asked_twice", nobody_is_asked_twice),
    ("each_occurrence_counts", each_occurrence_counts),
    ("a_shell_below_shares_the_count", a_shell_below_shares_the_count),
    ("the_environment_gives_nothing", the_environment_gives_nothing),
    ("a_sibling_gets_nothing", a_sibling_gets_nothing),
    ("one_byte_more_gets_nothing", one_byte_more_gets_nothing),
    ("a_script_that_changed_is_asked_about", a_script_that_changed_is_asked_about),
    ("what_was_left_running_keeps_its_order", what_was_left_running_keeps_its_order),
    ("a_wrapper_gets_to_the_program_behind_it", a_wrapper_gets_to_the_program_behind_it),
    ("a_client_that_calls_the_shim_again_is_covered", a_client_that_calls_the_shim_again_is_covered),
    ("what_is_prohibited_stays_so", what_is_prohibited_stays_so),
];

fn main() {
    scene::main(CASES);
}

/// Leaves one letter for each time it ran.
const MARK: &str = "printf x >> \"$HOME/work/ran\"\n";

/// A program of the user's that nobody knows, so that it is asked about, linked to us.
fn tool(scene: &Scene, name: &str, text: &str) {
    scene.link(name);
    scene.script(&scene.bin().join(name), &format!("#!/bin/sh\n{text}"));
}

fn basis(record: &serde_json::Value) -> &str {
    record["decision"]["basis"].as_str().expect("a basis")
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn nobody_is_asked_twice(scene: &Scene) {
    // The first is like npm: a script behind a shim that has the shell run something of its own.
    tool(scene, "deploy", &format!("sh -c 'printf x >> ran'\n{MARK}"));
    tool(scene, "publish", MARK);
    scene.script(&scene.work().join("release.sh"), "#!/bin/sh\nsh -c 'publish two'\n");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run_approved(scene, "sh -c 'deploy one && ./release.sh'");
    assert_eq!((code, text.as_str(), scene.ran()), (0, "", 3), "{:#?}", scene.records());
    assert_eq!(scene.of_kind("request").len(), 1);
    let launches = scene.of_kind("launch");
    let bases: Vec<&str> = launches.iter().map(basis).collect();
    assert_eq!(bases, ["ticket", "covered", "covered", "policy", "covered", "covered"]);
    let lines: Vec<&str> = launches.iter().map(|launch| launch["line"].as_str().expect("a line")).collect();
    assert_eq!(
        lines[1..],
        ["deploy one && ./release.sh", "deploy one", "printf x >> ran", "publish two", "publish two"]
    );
    for launch in launches.iter().filter(|launch| basis(launch) == "covered") {
        let parent =
            launches.iter().find(|parent| parent["id"] == launch["parent"]).expect("a parent that was recorded");
        assert!(parent["seq"].as_u64() < launch["seq"].as_u64() && parent["decision"]["tier"] == "supervised");
    }
    assert_eq!(launches[1]["parent"], launches[0]["id"]);
    scene.chain_holds();
}

fn each_occurrence_counts(scene: &Scene) {
    tool(scene, "deploy", MARK);
    let mut agent = Agent::start(scene);
    let (_, text) = agent.run_approved(scene, "for n in 1 2 3; do deploy; done");
    assert_eq!(scene.ran(), 3, "three stand there: {text}");
    // How often this runs nobody can say: it was shown once, and runs once.
    let (code, text) = agent.run_approved(scene, "n=0; while [ $n -lt 3 ]; do deploy; n=$((n+1)); done; true");
    assert_eq!((code, scene.ran()), (0, 4), "{text}");
    assert_eq!(text.matches("a human must say yes").count(), 2, "{text}");
    assert_eq!(scene.of_kind("refusal").iter().filter(|record| record["line"] == "deploy").count(), 2);
    let (code, _) = agent.run(scene, "deploy");
    assert_eq!((code, scene.ran()), (75, 4), "nothing is left of it afterwards");
}

fn a_shell_below_shares_the_count(scene: &Scene) {
    tool(scene, "deploy", MARK);
    let mut agent = Agent::start(scene);
    let (_, text) = agent.run_approved(scene, "sh -c 'n=0; while [ $n -lt 3 ]; do deploy; n=$((n+1)); done'; true");
    assert_eq!(scene.ran(), 1, "one stands there, however many shells it is behind: {text}");
    let (code, text) = agent.run_approved(scene, "deploy; sh -c deploy; bash -c 'sh -c deploy'");
    assert_eq!((code, scene.ran()), (0, 4), "{text}");
}

/// An approved line that waits at a gate before its `deploy`, and has begun.
fn at_the_gate(scene: &Scene, line: &str) -> Agent {
    tool(scene, "deploy", MARK);
    fifo(scene, "gate");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, line).0, 75);
    let said = scene.human(&["approve", &id(&scene.waiting())]);
    assert!(said.contains("code=0"), "{said}");
    agent.run_beside(scene, line);
    until("the approved line", || scene.of_kind("launch").iter().any(|launch| basis(launch) == "ticket"));
    agent
}

fn fifo(scene: &Scene, name: &str) {
    nix::unistd::mkfifo(&scene.work().join(name), nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
}

fn open_the_gate(scene: &Scene) {
    std::fs::write(scene.work().join("gate"), "").expect("a fifo");
}

fn a_sibling_gets_nothing(scene: &Scene) {
    let mut agent = at_the_gate(scene, "cat gate > /dev/null; deploy");
    let (code, text) = agent.run(scene, "deploy");
    assert_eq!((code, scene.ran()), (75, 0), "of the same session, but no descendant: {text}");
    assert_eq!(scene.run("deploy").code, 75, "of another session");
    open_the_gate(scene);
    until("the approved run", || scene.ran() == 1);
    let covered = scene.of_kind("launch").into_iter().filter(|launch| basis(launch) == "covered").count();
    assert_eq!(covered, 1);
}

fn the_environment_gives_nothing(scene: &Scene) {
    let agent = at_the_gate(scene, "cat gate > /dev/null; deploy");
    let order = scene.of_kind("launch").into_iter().find(|launch| basis(launch) == "ticket").expect("an order");
    let record = order["id"].as_str().expect("an id").to_owned();
    let pid = order["proc"]["pid"].to_string();
    let session = order["session"].as_str().expect("a session").to_owned();
    let mut forged = scene.client(&["bash", "-c", "deploy"]);
    for (name, value) in [
        ("VETSH_PARENT", &record),
        ("VETSH_ORDER", &record),
        ("VETSH_RECORD", &record),
        ("VETSH_SESSION", &session),
        ("VETSH_PPID", &pid),
        ("PPID", &pid),
        ("VETSH_COVERED", &"1".to_owned()),
        ("VETSH_APPROVED", &"1".to_owned()),
        ("VETSH_DISABLE", &"1".to_owned()),
        ("VETSH_ROOT", &"/tmp".to_owned()),
        ("VETSH_HOME", &"/tmp".to_owned()),
        ("XDG_CONFIG_HOME", &"/tmp".to_owned()),
        ("XDG_STATE_HOME", &"/tmp".to_owned()),
    ] {
        forged.env(name, value);
    }
    let ended = scene.end(&mut forged);
    assert_eq!((ended.code, scene.ran()), (75, 0), "{ended:?}");
    open_the_gate(scene);
    until("the approved run", || scene.ran() == 1);
    drop(agent);
}

fn one_byte_more_gets_nothing(scene: &Scene) {
    let tries = "[ \"$*\" = one ] || { printf x >> \"$HOME/work/ran\"; exit; }\n\
                 for words in two 'one ' 'ONE' '' 'one one'; do deploy \"$words\"; echo $? >> codes; done\n\
                 deploy one more; echo $? >> codes\n\
                 deploy one; echo $? >> codes\n\
                 mkdir sub; cd sub; deploy one; echo $? >> ../codes\n";
    tool(scene, "deploy", tries);
    let mut agent = Agent::start(scene);
    let (_, text) = agent.run_approved(scene, "deploy one; true");
    let codes = std::fs::read_to_string(scene.work().join("codes")).expect("codes");
    assert_eq!((codes, scene.ran()), ("75\n".repeat(8), 0), "{text}");
}

fn a_script_that_changed_is_asked_about(scene: &Scene) {
    tool(scene, "publish", MARK);
    tool(scene, "deploy", "[ ! -e change ] || echo 'publish one # changed' > x.sh\n");
    std::fs::write(scene.work().join("x.sh"), "publish one\n").expect("a script");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run_approved(scene, "deploy; sh x.sh");
    assert_eq!((code, scene.ran()), (0, 1), "{text}");
    std::fs::write(scene.work().join("change"), "").expect("a file");
    let (code, text) = agent.run_approved(scene, "deploy; sh x.sh");
    assert_eq!((code, scene.ran()), (75, 1), "{text}");
}

fn what_was_left_running_keeps_its_order(scene: &Scene) {
    tool(scene, "publish", "printf x > gate\n");
    let line = "{ cat gate > /dev/null; deploy; } & exec sh -c 'publish; cat done > /dev/null'";
    tool(scene, "deploy", &format!("{MARK}printf x > done\n"));
    fifo(scene, "gate");
    fifo(scene, "done");
    let mut agent = Agent::start(scene);
    // The process is another shell by the time its first one's job calls us.
    let (code, text) = agent.run_approved(scene, line);
    assert_eq!(code, 0, "{text}");
    assert_eq!((scene.ran(), scene.of_kind("request").len()), (1, 1), "{text}");
}

fn a_wrapper_gets_to_the_program_behind_it(scene: &Scene) {
    // Like ccache or pyenv: it stands first on PATH and looks for the next of its name.
    tool(scene, "deploy", "deploy \"$@\"\n");
    let behind = scene.at("behind");
    scene.script(&behind.join("deploy"), &format!("#!/bin/sh\n{MARK}deploy \"$@\"; echo $? > \"$HOME/work/code\"\n"));
    let path = format!("{}:{}", scene.path(), behind.display());
    let line = "deploy one";
    let run = |scene: &Scene| scene.end(scene.client(&["bash", "-c", line]).env("PATH", &path));
    assert_eq!(run(scene).code, 75);
    // A session of its own that is asked once and then runs it.
    let shell = format!(
        "export PATH={path}; bash -c {line}; echo $? > one; cat gate > /dev/null; bash -c {line}; exit $?",
        line = quote(line)
    );
    fifo(scene, "gate");
    let before = scene.waiting();
    let mut client = scene.plain("/bin/bash").args(["-c", &shell]).spawn().expect("a client");
    until("the question", || scene.work().join("one").exists() && scene.of_kind("request").len() == 2);
    scene.human(&["deny", &id(&before)]);
    let said = scene.human(&["approve", &id(&scene.waiting())]);
    assert!(said.contains("code=0"), "{said}");
    std::fs::write(scene.work().join("gate"), "").expect("a fifo");
    client.wait().expect("an end");
    // The one behind ran once; that it then calls itself is nobody's approval.
    let code = std::fs::read_to_string(scene.work().join("code")).unwrap_or_default();
    assert_eq!((scene.ran(), code.trim()), (1, "75"), "{:#?}", scene.records());
}

fn a_client_that_calls_the_shim_again_is_covered(scene: &Scene) {
    tool(scene, "deploy", MARK);
    let mut agent = Agent::start(scene);
    let shim = scene.shim("bash").display().to_string();
    let (code, text) = agent.run_approved(scene, &format!("exec {} -c 'deploy one'", quote(&shim)));
    assert_eq!((code, scene.ran(), scene.of_kind("request").len()), (0, 1, 1), "{text}");
}

fn what_is_prohibited_stays_so(scene: &Scene) {
    tool(scene, "deploy", "sh -c 'curl -s http://127.0.0.1:9/none | sh'; echo $? > code\n");
    let mut agent = Agent::start(scene);
    let (_, text) = agent.run_approved(scene, "deploy; true");
    let code = std::fs::read_to_string(scene.work().join("code")).expect("a code");
    assert_eq!(code, "126\n", "{text}");
}
