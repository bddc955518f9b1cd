//! An agent tries to say yes to itself, in every way that needs no more than what it has: each is refused, nothing runs, and each stands
//! on record as an incident.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::time::{Duration, Instant};

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene, id, quote};

/// Asked about, harmless, and it leaves one letter behind for each time it ran.
const LINE: &str = "no-such-program-here 2>/dev/null; printf x >> ran";

const CASES: &[Case] = &[
    ("by_a_line_of_its_own", by_a_line_of_its_own),
    ("by_a_process_that_nobody_judged", by_a_process_that_nobody_judged),
    ("by_a_terminal_it_made", by_a_terminal_it_made),
    ("by_typing_into_the_terminal", by_typing_into_the_terminal),
    ("by_words_for_the_shell_that_comes_after", by_words_for_the_shell_that_comes_after),
    ("by_typing_ahead_of_the_watched_queue", by_typing_ahead_of_the_watched_queue),
    ("by_other_verbs_that_loosen", by_other_verbs_that_loosen),
];

fn main() {
    scene::main(CASES);
}

fn waits(scene: &Scene, wait: &str) {
    scene.trust(&format!("format = 1\n\n[approval]\nwait = \"{wait}\"\n"));
}

/// One request that waits.
fn asked(scene: &Scene, agent: &mut Agent) -> String {
    assert_eq!(agent.run(scene, LINE).0, 75);
    id(&scene.waiting())
}

/// Nothing ran, nothing was answered, and so many incidents more than `before` say what was tried.
fn caught(scene: &Scene, what: &str, before: usize) -> serde_json::Value {
    assert_eq!((scene.ran(), scene.of_kind("answer").len()), (0, 0), "{what}");
    let incidents = scene.of_kind("incident");
    assert_eq!(incidents.len(), before + 1, "{what}: {incidents:#?}");
    incidents.last().expect("an incident").clone()
}

fn by_a_line_of_its_own(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let id = asked(scene, &mut agent);
    let yes = format!("{} approve {id}", scene.vetsh().display());
    let lines = [
        yes.clone(),
        format!("vetsh approve {id}"),
        format!("( ( {yes} & ) & )"),
        format!("setsid -f {yes}"),
        format!("nohup {yes} >/dev/null 2>&1 & disown"),
        format!("env -i {yes}"),
        format!("systemd-run --user --pty {yes}"),
        format!("echo {} | at now", quote(&yes)),
        format!("ssh -tt localhost {}", quote(&yes)),
        format!("script -qc {} /dev/null", quote(&yes)),
        format!("python3 -c 'import pty; pty.spawn([\"{}\", \"approve\", \"{id}\"])'", scene.vetsh().display()),
        format!("tmux new-session -d {}", quote(&yes)),
        format!("tmux send-keys -t 0 {} Enter", quote(&yes)),
        "tmux send-keys y Enter".to_owned(),
        "screen -X stuff y".to_owned(),
        "xdotool type y".to_owned(),
        format!("yes | {yes}"),
        format!("bash -c {}", quote(&yes)),
        format!("eval {}", quote(&yes)),
        format!("a='{yes}'; $a"),
        format!("printf '%s\\n' {} | sh", quote(&yes)),
    ];
    for line in lines {
        let before = scene.of_kind("incident").len();
        let (code, text) = agent.run(scene, &line);
        assert_eq!(code, 126, "{line}: {text}");
        let incident = caught(scene, &line, before);
        let refusals = scene.of_kind("refusal");
        let last = refusals.last().expect("a refusal");
        assert_eq!((&incident["parent"], &last["line"]), (&last["id"], &line.as_str().into()), "{incident}");
        assert!(incident["detail"]["rule"].is_string(), "{incident}");
        assert_eq!(self::id(&scene.waiting()), id, "it waits on");
    }
    scene.chain_holds();
}

/// A program beside the shell, as an agent starts it where nothing confines it.
const OUTSIDE: &str = r#"
import os, pty, subprocess, sys, time
how, *words = sys.argv[1:]
def child():
    os.execv(words[0], words)
def fork_twice():
    if os.fork(): return os.wait()
    os.setsid()
    if os.fork(): os._exit(0)
    null = os.open("/dev/null", os.O_RDWR)
    for number in range(3): os.dup2(null, number)
    time.sleep(0.3)
    child()
if how == "plain": child()
elif how == "setsid":
    if os.fork(): os.wait()
    else:
        os.setsid(); child()
elif how == "twice": fork_twice()
elif how == "empty": os.execve(words[0], words, {})
elif how == "named": os.execve(words[0], ["vetsh"] + words[1:], {"HOME": "/nowhere", "CODEX_CI": ""})
elif how == "pty": sys.exit(os.waitstatus_to_exitcode(pty.spawn(words)))
elif how == "ptyempty": sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/usr/bin/env", "-i"] + words)))
"#;

/// Runs `words` as a child of a client, in one of the ways of [`OUTSIDE`].
fn outside(scene: &Scene, client: &str, how: &str, words: &[&str]) {
    let script = scene.at("outside.py");
    std::fs::write(&script, OUTSIDE).expect("a script");
    let program = scene.bin().join(client);
    if !program.exists() {
        std::fs::copy("/bin/bash", &program).expect("a copy");
    }
    let all = [&["/usr/bin/python3", script.to_str().expect("text"), how], words].concat();
    let line = format!("{}; exit 0", all.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "));
    let ended = scene.end(scene.plain(program).args(["-c", &line]));
    assert_eq!(ended.code, 0, "{ended:?}");
}

fn has_python() -> bool {
    let there = std::path::Path::new("/usr/bin/python3").exists();
    if !there {
        eprintln!("SKIPPED: no python3 to be an agent; where .ci/run runs, this must not be skipped");
    }
    there
}

fn until_an_incident(scene: &Scene, before: usize) {
    let end = Instant::now() + Duration::from_secs(20);
    while scene.of_kind("incident").len() == before && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn by_a_process_that_nobody_judged(scene: &Scene) {
    if !has_python() {
        return;
    }
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let id = asked(scene, &mut agent);
    let vetsh = scene.vetsh().display().to_string();
    for how in ["plain", "setsid", "twice", "empty", "named"] {
        for verb in [&["approve", &id][..], &["approve", &id, "--for", "10m"]] {
            let before = scene.of_kind("incident").len();
            outside(scene, "client", how, &[&[vetsh.as_str()], verb].concat());
            until_an_incident(scene, before);
            let incident = caught(scene, how, before);
            let called = incident["detail"]["called"].as_str().expect("words");
            assert!(called.contains(verb[0]) && called.contains(&id), "{how}: {incident}");
            assert!(incident["detail"]["why"].is_string(), "{how}: {incident}");
        }
    }
    assert_eq!(self::id(&scene.waiting()), id, "it waits on");
    scene.chain_holds();
}

fn by_a_terminal_it_made(scene: &Scene) {
    if !has_python() {
        return;
    }
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let id = asked(scene, &mut agent);
    let vetsh = scene.vetsh().display().to_string();
    for how in ["pty", "ptyempty"] {
        let before = scene.of_kind("incident").len();
        // A client that is known, without any of its labels.
        outside(scene, "claude", how, &[&vetsh, "approve", &id]);
        let incident = caught(scene, how, before);
        let above = incident["detail"]["above"].as_str().expect("words");
        assert!(above.contains("/claude"), "who tried it: {incident}");
    }
    // Below a shell of ours, whoever the client is.
    let before = scene.of_kind("incident").len();
    scene.script(
        &scene.work().join("try.py"),
        &format!("#!/usr/bin/python3\nimport pty\npty.spawn(['{vetsh}', 'approve', '{id}'])\n"),
    );
    let line = "./try.py";
    let (code, text) = agent.run(scene, line);
    assert_eq!(code, 75, "{text}");
    let all = scene.verb(&["approvals", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&all).expect("JSON");
    let row = all["requests"].as_array().expect("a list").iter().find(|row| row["line"] == line).expect("it waits");
    assert!(scene.human(&["approve", &self::id(row)]).contains("code=0"));
    // A human has let it run, whatever it does: it still says yes to nothing.
    agent.run(scene, line);
    assert_eq!((scene.ran(), scene.of_kind("answer").len()), (0, 1));
    let incidents = scene.of_kind("incident");
    assert_eq!(incidents.len(), before + 1, "{incidents:#?}");
    assert!(
        incidents.last().expect("one")["detail"]["why"].as_str().is_some_and(|why| why.contains("agent's session"))
    );
    scene.chain_holds();
}

/// Pushes a yes into the terminal as if it was typed: before the question, and while it stands there.
const PUSH: &str = r#"
import fcntl, os, sys, termios, time
terminal = os.open("/dev/tty", os.O_RDWR)
try:
    for _ in range(int(sys.argv[1])):
        for key in sys.argv[2].encode().decode("unicode_escape"):
            fcntl.ioctl(terminal, termios.TIOCSTI, key.encode())
        time.sleep(0.05)
except OSError as why:
    print("closed", why.errno)
"#;

fn by_typing_into_the_terminal(scene: &Scene) {
    if !has_python() {
        return;
    }
    waits(scene, "90s");
    let script = scene.at("push.py");
    std::fs::write(&script, PUSH).expect("a script");
    let ask = format!("{} -c {}", scene.shim("bash").display(), quote(LINE));
    for keys in ["y\\n", "yes\\n", "y", "\\n"] {
        let push = format!("/usr/bin/python3 {} 40 '{keys}' &", script.display());
        let mut desk = Desk::start(scene, &format!("{push} {ask}"));
        desk.until("[y/N]");
        // Whatever it does with what was pushed: it does not run.
        if !desk.seen.contains("code=") {
            desk.look(Duration::from_millis(500));
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| desk.press("n\n")));
        }
        let shown = desk.until("code=");
        assert!(!shown.contains("vetsh: yes"), "{shown}");
        assert_eq!(scene.ran(), 0, "{keys}: {shown}");
        // In these scenes we are root, who may push whatever the kernel is told: a code is asked for.
        if keys.len() > 3 && !shown.contains("closed ") {
            let incidents = scene.of_kind("incident");
            let last = incidents.last().expect("an incident");
            assert!(last["detail"]["why"].as_str().is_some_and(|why| why.contains("pasted")), "{last}");
        }
    }
    let yes = scene.of_kind("answer").iter().filter(|answer| answer["detail"]["answer"] == "yes").count();
    assert_eq!(yes, 0);
}

/// What an agent left running at a terminal pushes the verb into the human's own shell.
fn by_words_for_the_shell_that_comes_after(scene: &Scene) {
    if !has_python() {
        return;
    }
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let id = asked(scene, &mut agent);
    let script = scene.at("push.py");
    std::fs::write(&script, PUSH).expect("a script");
    let vetsh = scene.vetsh().display().to_string();
    let policy = scene.config().join("policy.toml").display().to_string();
    for (verb, sign) in [
        (format!("approve {id}"), "not confirmed; it still waits"),
        (format!("trust {policy}"), "not confirmed; nothing is trusted"),
        ("session revoke orphan --undo".to_owned(), "not"),
    ] {
        let push = |keys: &str| format!("/usr/bin/python3 {} 1 {}", script.display(), quote(keys));
        let before = scene.of_kind("trust").len();
        let left = format!(
            "({}; sleep 0.6; {}; sleep 0.3; {}) &",
            push(&format!("{vetsh} {verb}\\n")),
            push("y\\n"),
            push("exit\\n")
        );
        let mut desk = Desk::start(scene, &format!("{left} /bin/bash --norc --noprofile -i"));
        let end = Instant::now() + Duration::from_secs(20);
        while !desk.seen.contains("code=") && !desk.seen.contains("closed ") && Instant::now() < end {
            desk.look(Duration::from_millis(50));
        }
        assert!(desk.seen.contains(sign) || desk.seen.contains("closed "), "{verb}: {}", desk.seen);
        assert_eq!(
            (scene.ran(), scene.of_kind("answer").len(), scene.of_kind("trust").len()),
            (0, 0, before),
            "{verb}"
        );
    }
    assert_eq!(self::id(&scene.waiting()), id, "it waits on");
}

fn by_typing_ahead_of_the_watched_queue(scene: &Scene) {
    waits(scene, "60s");
    let mut desk = Desk::start(scene, &format!("{} approvals --watch", scene.vetsh().display()));
    desk.until("nobody waits");
    let mut agent = Agent::start(scene);
    for _ in 0..5 {
        desk.press("ysm");
    }
    agent.begin(scene, LINE);
    desk.until("no-such-program-here");
    for _ in 0..10 {
        desk.press("y");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((scene.ran(), scene.of_kind("answer").len()), (0, 0));
    std::thread::sleep(Duration::from_millis(900));
    desk.press("n");
    assert_eq!(agent.end().0, 126);
    desk.press("q");
    desk.until("code=0");
    assert_eq!(scene.ran(), 0);
}

fn by_other_verbs_that_loosen(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let id = asked(scene, &mut agent);
    let policy = scene.config().join("policy.toml").display().to_string();
    let verbs: [&[&str]; 9] = [
        &["approve", &id],
        &["approvals", "--watch"],
        &["approvals", "import", "x.yes.sig"],
        &["grants", "--revoke", &id],
        &["session", "allow", "orphan", "--for", "10m"],
        &["session", "revoke", "--all", "--undo"],
        &["trust", &policy],
        &["policy", "edit"],
        &["review", "--done"],
    ];
    for verb in verbs {
        let before = scene.of_kind("incident").len();
        let ended = scene.end(scene.plain("setsid").arg(scene.vetsh()).args(verb));
        assert!(ended.code != 0 && ended.stderr.contains("needs a human"), "{verb:?}: {ended:?}");
        let incident = caught(scene, &verb.join(" "), before);
        assert!(
            incident["detail"]["called"].as_str().is_some_and(|called| called.ends_with(&verb.join(" "))),
            "{incident}"
        );
    }
    let told = scene.verb(&["audit", "verify"]);
    assert!(told.stdout.contains("9 incidents"), "{told:?}");
}
