//! The human's two channels, end to end, with a real pseudo-terminal and a clean ancestry: a pid namespace in which nothing but
//! the case stands above the client.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::time::Duration;

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene, id, quote};

/// Asked about, harmless, and it leaves one letter behind for each time it ran.
const LINE: &str = "no-such-program-here 2>/dev/null; printf x >> ran";

fn main() {
    scene::main(CASES);
}

/// Requests wait as long as this unless a case says otherwise.
fn waits(scene: &Scene, time: &str) {
    scene.trust(&format!("format = 1\n\n[approval]\nwait = \"{time}\"\n"));
}

const CASES: &[Case] = &[
    ("yes_runs_it", yes_runs_it),
    ("everything_else_is_no", everything_else_is_no),
    ("type_ahead_is_no_answer", type_ahead_is_no_answer),
    ("silence_is_no", silence_is_no),
    ("two_questions_at_one_terminal_come_one_after_the_other", two_questions_at_one_terminal_come_one_after_the_other),
    ("another_size_is_no_answer", another_size_is_no_answer),
    ("what_is_pasted_or_no_text_is_no_yes", what_is_pasted_or_no_text_is_no_yes),
    ("a_terminal_that_hangs_up_is_no", a_terminal_that_hangs_up_is_no),
    ("interrupted_is_no_and_the_terminal_is_as_it_was", interrupted_is_no_and_the_terminal_is_as_it_was),
    ("what_is_shown_is_escaped_and_complete", what_is_shown_is_escaped_and_complete),
    ("the_commands_standard_input_stays_its_own", the_commands_standard_input_stays_its_own),
    ("the_queue_waits_and_a_yes_runs_it", the_queue_waits_and_a_yes_runs_it),
    ("a_denial_gives_the_reason", a_denial_gives_the_reason),
    ("a_ticket_is_good_for_one_run", a_ticket_is_good_for_one_run),
    ("only_a_human_answers", only_a_human_answers),
    ("another_directory_policy_or_script_asks_again", another_directory_policy_or_script_asks_again),
    ("what_moved_or_takes_more_by_now_asks_again", what_moved_or_takes_more_by_now_asks_again),
    ("another_sessions_ticket_is_useless", another_sessions_ticket_is_useless),
    ("a_change_while_the_human_thinks_refuses", a_change_while_the_human_thinks_refuses),
    ("a_rule_may_want_its_yes_typed", a_rule_may_want_its_yes_typed),
    (
        "only_the_code_that_stands_there_typed_key_by_key_is_yes",
        only_the_code_that_stands_there_typed_key_by_key_is_yes,
    ),
    ("every_question_and_answer_is_recorded", every_question_and_answer_is_recorded),
];

fn yes_runs_it(scene: &Scene) {
    waits(scene, "90s");
    let mut desk = Desk::ask(scene, LINE);
    let before = desk.settings();
    desk.yes();
    let shown = desk.until("code=");
    assert!(shown.contains("code=0"), "{shown}");
    assert_eq!(scene.ran(), 1);
    assert_eq!(desk.settings(), before);
    // Here we are root, who may type for others whatever the kernel is told: a yes is a code.
    assert!(shown.contains("Type "), "{shown}");
    let mut desk = Desk::ask(scene, LINE);
    desk.code();
    desk.press("y\n");
    assert!(desk.until("code=").contains("code=126"));
    assert_eq!(scene.ran(), 1);
}

fn everything_else_is_no(scene: &Scene) {
    waits(scene, "90s");
    for keys in ["\n", "n\n", "\u{4}", "\u{1b}", "q\n", "yess\n", "\u{1a}", "\u{3}"] {
        let mut desk = Desk::ask(scene, LINE);
        let before = desk.settings();
        desk.until("[y/N]");
        desk.press(keys);
        let shown = desk.until("code=");
        assert!(shown.contains("code=126") && shown.contains("vetsh: refused"), "{keys:?}: {shown}");
        assert_eq!(desk.settings(), before, "{keys:?}");
    }
    assert_eq!(scene.ran(), 0);
}

fn type_ahead_is_no_answer(scene: &Scene) {
    waits(scene, "90s");
    let command = format!("sleep 0.5; bash -c {}", quote(LINE));
    let mut desk = Desk::start(scene, &command);
    for _ in 0..3 {
        desk.press("y\nyes\n");
    }
    desk.until("[y/N]");
    desk.look(Duration::from_millis(300));
    assert!(!desk.seen.contains("code="), "{}", desk.seen);
    desk.press("n\n");
    assert!(desk.until("code=").contains("code=126"));
    assert_eq!(scene.ran(), 0);
}

fn silence_is_no(scene: &Scene) {
    waits(scene, "1s");
    let mut desk = Desk::ask(scene, LINE);
    let before = desk.settings();
    desk.until("[y/N]");
    let shown = desk.until("code=");
    assert!(shown.contains("nobody answered in time") && shown.contains("code=126"), "{shown}");
    assert_eq!((scene.ran(), desk.settings()), (0, before));
}

fn interrupted_is_no_and_the_terminal_is_as_it_was(scene: &Scene) {
    waits(scene, "90s");
    for signal in ["INT", "TERM", "HUP"] {
        let mut desk = Desk::ask(scene, LINE);
        let before = desk.settings();
        desk.until("[y/N]");
        let shell = desk.child.id();
        let sent =
            scene.plain("pkill").args(["-P", &shell.to_string(), &format!("-{signal}")]).status().expect("pkill runs");
        assert!(sent.success());
        let shown = desk.until("code=");
        assert!(shown.contains("code=126"), "{signal}: {shown}");
        assert_eq!(desk.settings(), before, "{signal}");
    }
    let mut desk = Desk::ask(scene, LINE);
    desk.until("[y/N]");
    // The terminal goes away: the run ends by itself, and nothing has run.
    drop(desk);
    assert_eq!(scene.ran(), 0);
}

fn what_is_shown_is_escaped_and_complete(scene: &Scene) {
    waits(scene, "90s");
    let long = "abcdefghij".repeat(60);
    let line =
        format!("no-such-program-here '\u{1b}[2J\u{1b}[31m\u{202e}x' $'\\e[0m' \u{441}url {long}END; printf x >> ran");
    let mut desk = Desk::ask(scene, &line);
    let shown = desk.until("[y/N]");
    desk.press("n\n");
    // What was written before must not hide it: that is undone first, and then there is nothing but text.
    let (_, shown) = shown.split_once("\u{1b}[?25h").expect("a plain terminal");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    assert!(shown.contains("⟨ESC⟩[2J") && shown.contains("⟨U+202E bidi override⟩"), "{shown}");
    assert!(shown.contains("Cyrillic"), "{shown}");
    let rows = shown.lines().map(|row| row.trim_end_matches('\r'));
    let joined: String = rows.filter_map(|row| row.strip_prefix(" | ").or(row.strip_prefix(" : "))).collect();
    assert!(joined.contains(&format!("{long}END; printf x >> ran")), "{joined}");
    let (what, whole) = (shown.find("what:"), shown.find("the whole line"));
    assert!(what.is_some() && what < whole, "{shown}");
}

fn the_commands_standard_input_stays_its_own(scene: &Scene) {
    waits(scene, "90s");
    let command = format!("printf 'one\\ntwo\\n' | bash -c {}", quote(&format!("{LINE}; cat > read")));
    let mut desk = Desk::start(scene, &command);
    desk.yes();
    desk.until("code=");
    assert_eq!(std::fs::read_to_string(scene.work().join("read")).expect("a file"), "one\ntwo\n");
}

fn the_queue_waits_and_a_yes_runs_it(scene: &Scene) {
    waits(scene, "90s");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    let waiting = scene.waiting();
    assert_eq!(waiting["line"], LINE);
    assert_eq!(waiting["tier"], "supervised");
    assert_eq!(waiting["cwd"].as_str(), scene.work().canonicalize().expect("a place").to_str());
    assert_eq!(scene.ran(), 0);
    let said = scene.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!((code, text.as_str(), scene.ran()), (0, "", 1));
}

fn a_denial_gives_the_reason(scene: &Scene) {
    waits(scene, "90s");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    let waiting = scene.waiting();
    let said = scene.human(&["deny", &id(&waiting), "--reason", "use the staging one"]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!(code, 126);
    assert!(text.contains("use the staging one"), "{text}");
    assert_eq!(scene.ran(), 0);
}

fn a_ticket_is_good_for_one_run(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, LINE);
    assert_eq!(code, 75);
    let waiting = scene.waiting();
    assert!(text.contains(&format!("vetsh approve {}", id(&waiting))), "{text}");
    // The second try of the same waits under the same name.
    assert_eq!(agent.run(scene, LINE).0, 75);
    assert_eq!(id(&scene.waiting()), id(&waiting));
    let said = scene.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!(scene.ran(), 0);
    assert_eq!(agent.run(scene, LINE).0, 0);
    assert_eq!(scene.ran(), 1);
    assert_eq!(agent.run(scene, LINE).0, 75);
    assert_eq!(scene.ran(), 1);
}

fn only_a_human_answers(scene: &Scene) {
    waits(scene, "3s");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    let id = id(&scene.waiting());
    for verb in ["approve", "deny"] {
        let output = scene.plain("setsid").arg(scene.vetsh()).args([verb, &id]).output().expect("vetsh runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{verb}: {told}");
        assert!(told.contains("needs a human"), "{verb}: {told}");
    }
    assert_eq!(agent.end().0, 75);
    assert!(scene.human(&["approve", "no-such"]).contains("code=1"));
    assert!(scene.human(&["approve", "../../x"]).contains("code=1"));
    assert_eq!(scene.ran(), 0);
}

fn another_directory_policy_or_script_asks_again(scene: &Scene) {
    waits(scene, "0s");
    std::fs::create_dir(scene.work().join("sub")).expect("a folder");
    let script = scene.work().join("s.sh");
    std::fs::write(&script, "echo one\n").expect("a script");
    let line = format!("sh ./s.sh; {LINE}");
    let mut agent = Agent::start(scene);
    let approved = |agent: &mut Agent| {
        let (code, text) = agent.run(scene, &line);
        assert_eq!(code, 75, "{text}");
        let said = scene.human(&["approve", &id(&scene.waiting())]);
        assert!(said.contains("code=0"), "{said}");
    };
    approved(&mut agent);
    agent.begin_at(&scene.work().join("sub"), &line);
    assert_eq!(agent.end().0, 75);
    scene.human(&["deny", &id(&scene.waiting())]);
    std::fs::write(&script, "echo two\n").expect("a script");
    assert_eq!(agent.run(scene, &line).0, 75, "a changed script");
    scene.human(&["deny", &id(&scene.waiting())]);
    // As it was when it was approved, the ticket holds.
    std::fs::write(&script, "echo one\n").expect("a script");
    let (code, text) = agent.run(scene, &line);
    assert_eq!((code, scene.ran()), (0, 1), "{text}");
    approved(&mut agent);
    waits(scene, "1s");
    assert_eq!(agent.run(scene, &line).0, 75, "a changed policy");
    scene.human(&["deny", &id(&scene.waiting())]);
    waits(scene, "0s");
    let work = scene.work();
    let aside = scene.at("aside");
    std::fs::rename(&work, &aside).expect("moved");
    std::fs::create_dir(&work).expect("a folder");
    std::fs::copy(aside.join("s.sh"), work.join("s.sh")).expect("a copy");
    assert_eq!(agent.run(scene, &line).0, 75, "another directory of the same name");
    assert_eq!(scene.ran(), 0);
}

fn another_sessions_ticket_is_useless(scene: &Scene) {
    waits(scene, "0s");
    let mut one = Agent::start(scene);
    assert_eq!(one.run(scene, LINE).0, 75);
    let said = scene.human(&["approve", &id(&scene.waiting())]);
    assert!(said.contains("code=0"), "{said}");
    let mut other = Agent::start(scene);
    assert_eq!(other.run(scene, LINE).0, 75);
    assert_eq!(scene.ran(), 0);
    assert_eq!(one.run(scene, LINE).0, 0);
    assert_eq!(scene.ran(), 1);
}

fn a_change_while_the_human_thinks_refuses(scene: &Scene) {
    waits(scene, "90s");
    let script = scene.work().join("s.sh");
    std::fs::write(&script, "echo one\n").expect("a script");
    let mut agent = Agent::start(scene);
    agent.begin(scene, &format!("sh ./s.sh; {LINE}"));
    let waiting = scene.waiting();
    std::fs::write(&script, "echo two\n").expect("a script");
    let said = scene.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!((code, scene.ran()), (126, 0), "{text}");
    assert!(text.contains("changed between the question and the answer"), "{text}");
}

/// A rule whose yes must be typed.
fn typed(scene: &Scene, wait: &str) {
    scene.trust(&format!(
        "format = 1\n\n[approval]\nwait = \"{wait}\"\n\n[[rule]]\nid = \"mine.copied\"\ntier = \"supervised\"\nconfirm = \"typed\"\n\
         what = \"copy\"\nwhy = \"a test\"\ninstead = \"nothing\"\nwhen = {{ program = \"cp\" }}\n\
         match = [\"cp a b\", \"cp c d\"]\npass = [\"mv a b\", \"ls\"]\n"
    ));
}

fn only_the_code_that_stands_there_typed_key_by_key_is_yes(scene: &Scene) {
    typed(scene, "90s");
    let line = "printf x > one; cp one two; cat one >> ran";
    // A yes, another code, a part of it, and it with more.
    for wrong in ["y", "yes", "other", "part", "more"] {
        let mut desk = Desk::ask(scene, line);
        let code = desk.code().expect("a code");
        let other = format!("{:04}", (code.parse::<u32>().expect("a number") + 1) % 10_000);
        let answer = match wrong {
            "other" => other,
            "part" => code[..3].to_owned(),
            "more" => format!("{code}0"),
            word => word.to_owned(),
        };
        desk.type_slowly(&answer);
        let shown = desk.until("code=");
        assert!(shown.contains("code=126"), "{wrong}: {shown}");
    }
    // All at once: another code is asked for, the first is none any more, and the third time it is no.
    let mut desk = Desk::ask(scene, line);
    let mut codes = Vec::new();
    for time in 1..=3 {
        while desk.seen.matches("[y/N]").count() < time {
            desk.look(Duration::from_millis(50));
        }
        let code = desk.seen.rsplit("Type ").next().and_then(|rest| rest.get(..4)).expect("a code").to_owned();
        desk.press(&format!("{code}\n"));
        codes.push(code);
    }
    let shown = desk.until("code=");
    assert!(
        shown.contains("pasted, not typed") && scene.of_kind("incident").len() == 1 && shown.contains("code=126"),
        "{shown}"
    );
    codes.dedup();
    assert!(codes.len() > 1, "{codes:?}");
    let mut desk = Desk::ask(scene, line);
    let stale = desk.code().expect("a code");
    desk.press(&format!("{stale}\n"));
    desk.until("key by key");
    desk.type_slowly(&stale);
    let shown = desk.until("code=");
    assert!(shown.contains("code=126"), "{shown}");
    // Typed before it stood there: whatever it was.
    let command = format!("sleep 0.5; bash -c {}", quote(line));
    let mut desk = Desk::start(scene, &command);
    desk.press(&(0..1000).map(|number| format!("{number:04}\n")).collect::<String>()[..3000]);
    desk.until("[y/N]");
    desk.look(Duration::from_millis(300));
    assert!(!desk.seen.contains("code="), "{}", desk.seen);
    assert_eq!(scene.ran(), 0);
    let code = desk.code().expect("a code");
    desk.type_slowly(&code);
    assert!(desk.until("code=").contains("code=0"));
    assert_eq!(scene.ran(), 1);
}

fn a_rule_may_want_its_yes_typed(scene: &Scene) {
    typed(scene, "0s");
    let line = "printf x > one; cp one ran";
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, line).0, 75);
    let approve = format!("{} approve {}", scene.vetsh().display(), id(&scene.waiting()));
    let mut desk = Desk::start(scene, &approve);
    desk.until("[y/N]");
    desk.press("y\n");
    assert!(desk.until("code=").contains("code=1"));
    assert_eq!(agent.run(scene, line).0, 75);
    let mut desk = Desk::start(scene, &approve);
    let code = desk.code().expect("a code");
    desk.type_slowly(&code);
    assert!(desk.until("code=").contains("code=0"), "{}", desk.seen);
    let (code, text) = agent.run(scene, line);
    assert_eq!((code, scene.ran()), (0, 1), "{text}");
}

fn every_question_and_answer_is_recorded(scene: &Scene) {
    waits(scene, "90s");
    let mut desk = Desk::ask(scene, LINE);
    desk.yes();
    desk.until("code=0");
    let mut agent = Agent::start(scene);
    agent.begin(scene, LINE);
    scene.human(&["deny", &id(&scene.waiting()), "--reason", "not today"]);
    agent.end();
    let records = scene.records();
    let kinds: Vec<&str> = records.iter().filter_map(|record| record["kind"].as_str()).collect();
    let expected = ["request", "answer", "launch", "request", "answer", "refusal"];
    let asked: Vec<&str> = kinds.into_iter().filter(|kind| expected.contains(kind)).collect();
    assert_eq!(asked, expected);
    for record in records.iter().filter(|record| expected.contains(&record["kind"].as_str().unwrap_or_default())) {
        assert_eq!(record["policy"]["sha256"].as_str().map(str::len), Some(64), "{record}");
    }
    let verified = scene.human(&["audit", "verify"]);
    assert!(verified.contains("the chain holds") && verified.contains("code=0"), "{verified}");
    let tail = scene.human(&["audit", "tail", "-n", "1", "--json"]);
    assert!(tail.contains("not today"), "{tail}");
}

fn what_moved_or_takes_more_by_now_asks_again(scene: &Scene) {
    waits(scene, "0s");
    let git = |words: &[&str]| {
        let ended =
            scene.end(scene.plain("/usr/bin/git").args(["-c", "user.name=u", "-c", "user.email=u@x.test"]).args(words));
        assert_eq!(ended.code, 0, "{words:?}: {ended:?}");
    };
    git(&["init", "-q", "-b", "feature/x"]);
    std::fs::write(scene.work().join("a"), "one\n").expect("a file");
    git(&["add", "a"]);
    git(&["commit", "-q", "-m", "one"]);
    git(&["config", "user.name", "u"]);
    git(&["config", "user.email", "u@x.test"]);
    let mut agent = Agent::start(scene);
    let approved = |agent: &mut Agent, line: &str| {
        let (code, text) = agent.run(scene, line);
        assert_eq!(code, 75, "{line}: {text}");
        let said = scene.human(&["approve", &id(&scene.waiting())]);
        assert!(said.contains("code=0"), "{said}");
    };
    let asked_again = |agent: &mut Agent, line: &str, what: &str| {
        let (code, text) = agent.run(scene, line);
        assert_eq!(code, 75, "{what}: {text}");
        scene.human(&["deny", &id(&scene.waiting())]);
        assert_eq!(agent.run(scene, line).0, 126, "{what}");
    };
    // Another branch.
    let commit = "git commit -q --allow-empty -m two";
    approved(&mut agent, commit);
    git(&["switch", "-q", "-c", "feature/y"]);
    asked_again(&mut agent, commit, "another branch");
    git(&["switch", "-q", "feature/x"]);
    let (code, text) = agent.run(scene, commit);
    assert_eq!(code, 0, "as it was: {text}");
    // More commits than were shown.
    let reset = "git reset -q --hard HEAD~1";
    git(&["commit", "-q", "--allow-empty", "-m", "three"]);
    approved(&mut agent, reset);
    std::fs::write(scene.work().join("a"), "changed, and kept nowhere\n").expect("a file");
    asked_again(&mut agent, reset, "a change that would be lost");
    // More files than were shown; fewer are within the yes.
    let notes = scene.at("notes");
    std::fs::create_dir_all(&notes).expect("a folder");
    for name in ["a", "b"] {
        std::fs::write(notes.join(name), "x").expect("a file");
    }
    let remove = format!("rm -r {}", notes.display());
    approved(&mut agent, &remove);
    std::fs::write(notes.join("c"), "x").expect("a file");
    asked_again(&mut agent, &remove, "one file more");
    assert!(notes.join("a").exists());
    std::fs::remove_file(notes.join("c")).expect("removed");
    approved(&mut agent, &remove);
    std::fs::remove_file(notes.join("b")).expect("removed");
    let (code, text) = agent.run(scene, &remove);
    assert_eq!((code, notes.exists()), (0, false), "fewer: {text}");
    // What a link leads to.
    let (one, other) = (scene.at("one"), scene.at("other"));
    for folder in [&one, &other] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let link = scene.at("link");
    std::os::unix::fs::symlink(&one, &link).expect("a link");
    let touch = format!("touch {}/x", link.display());
    approved(&mut agent, &touch);
    std::fs::remove_file(&link).expect("removed");
    std::os::unix::fs::symlink(&other, &link).expect("a link");
    asked_again(&mut agent, &touch, "a link that leads elsewhere");
    // A program of the same name.
    scene.script(&scene.bin().join("deploy-it"), "#!/bin/sh\nprintf x >> ran\n");
    approved(&mut agent, "deploy-it");
    scene.script(&scene.work().join("bin/deploy-it"), "#!/bin/sh\nprintf xx >> ran\n");
    agent.set("PATH", &format!("{}:{}", scene.work().join("bin").display(), scene.path()));
    asked_again(&mut agent, "deploy-it", "another program");
    agent.set("PATH", &scene.path());
    scene.script(&scene.bin().join("deploy-it"), "#!/bin/sh\nprintf xxx >> ran\n");
    asked_again(&mut agent, "deploy-it", "the program's text");
    assert_eq!(scene.ran(), 0);
    // A request that was changed where it waits is none, and a yes for it is for nothing else.
    let (code, _) = agent.run(scene, LINE);
    assert_eq!(code, 75);
    let id = id(&scene.waiting());
    let path = scene.state().join(format!("spool/{id}.json"));
    let text = std::fs::read_to_string(&path).expect("a request");
    for (from, to) in [
        ("\"parts\":[[\"tier\"", "\"parts\":[[\"tire\""),
        ("\"nonce\":\"", "\"nonce\":\"0"),
        ("\"digest\":\"", "\"digest\":\"0"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        std::fs::write(&path, changed).expect("a request");
        assert!(scene.human(&["approve", &id]).contains("code=1"), "{from}");
    }
    std::fs::write(&path, &text).expect("a request");
    assert!(scene.human(&["approve", &id]).contains("code=0"));
    let ticket = std::fs::read_dir(scene.state().join("guard/tickets")).expect("a folder").flatten();
    let ticket =
        ticket.map(|entry| entry.path()).find(|path| path.display().to_string().ends_with(&id)).expect("a ticket");
    let text = std::fs::read_to_string(&ticket).expect("a ticket");
    for (from, to) in [
        ("\"session\":\"", "\"session\":\"0"),
        ("\"boot\":\"", "\"boot\":\"0"),
        ("\"given\":1", "\"given\":9"),
        ("\"id\":\"", "\"id\":\"0"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        std::fs::write(&ticket, changed).expect("a ticket");
        std::fs::set_permissions(&ticket, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
        assert_eq!(agent.run(scene, LINE).0, 75, "{from}");
    }
    assert_eq!(scene.ran(), 0);
}

fn two_questions_at_one_terminal_come_one_after_the_other(scene: &Scene) {
    waits(scene, "90s");
    let shim = scene.shim("bash").display().to_string();
    let one = quote("no-such-one 2>/dev/null; printf x >> one");
    let other = quote("no-such-other 2>/dev/null; printf x >> other");
    // Both in the terminal's foreground, as two calls of one client are.
    let mut desk = Desk::start(scene, &format!("{shim} -c {one} & {shim} -c {other} & wait"));
    let shown = desk.until("[y/N]");
    desk.look(Duration::from_millis(500));
    assert_eq!(desk.seen.matches("[y/N]").count(), 1, "{}", desk.seen);
    let (first, second) = if shown.contains("no-such-one") { ("one", "other") } else { ("other", "one") };
    assert!(!desk.seen.contains(&format!("no-such-{second}")), "{}", desk.seen);
    // What is typed for the first, and more than that, is none for the second.
    let code = desk.code();
    desk.type_slowly(code.as_deref().unwrap_or("y"));
    desk.press("y\ny\n");
    while desk.seen.matches("[y/N]").count() < 2 {
        desk.look(Duration::from_millis(50));
    }
    desk.look(Duration::from_millis(300));
    assert!(!desk.seen.contains("code="), "{}", desk.seen);
    desk.press("n\n");
    desk.until("code=");
    let ran = |name: &str| std::fs::read(scene.work().join(name)).is_ok_and(|text| text == b"x");
    assert!(ran(first) && !ran(second), "{}", desk.seen);
}

fn another_size_is_no_answer(scene: &Scene) {
    waits(scene, "90s");
    let mut desk = Desk::ask(scene, LINE);
    desk.until("[y/N]");
    for (rows, columns) in [(10, 40), (3, 5), (1, 1), (0, 0), (60, 200)] {
        desk.resize(rows, columns);
        desk.look(Duration::from_millis(100));
    }
    assert!(!desk.seen.contains("code="), "{}", desk.seen);
    assert_eq!(scene.ran(), 0);
    desk.yes();
    assert!(desk.until("code=").contains("code=0"));
    assert_eq!(scene.ran(), 1);
}

fn what_is_pasted_or_no_text_is_no_yes(scene: &Scene) {
    waits(scene, "90s");
    let pasted = [
        "\u{1b}[200~y\n\u{1b}[201~",
        "\u{1b}[200~yes\r\u{1b}[201~",
        "\u{1b}y\n",
        "\u{1b}[Ay\n",
        "\u{1b}OMy\n",
        "y\u{1b}\n",
        "\u{1b}[6n",
        "\u{1b}[24;80Ry\n",
        "\u{9b}y\n",
        "\0y\n",
        "\u{202e}y\n",
        "ｙ\n",
        "у\n",
        "y\u{301}\n",
        "\u{7f}\u{7f}\u{7f}\n",
        "\ty\n",
        "y y\n",
        "\u{12}y\n",
        "\u{16}y\n",
        "\u{17}\n",
        "\u{15}\n",
        "y\u{4}",
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n",
    ];
    for keys in pasted {
        let mut desk = Desk::ask(scene, LINE);
        let before = desk.settings();
        desk.until("[y/N]");
        desk.press(keys);
        desk.look(Duration::from_millis(100));
        if !desk.seen.contains("code=") {
            desk.press("\n");
        }
        let shown = desk.until("code=");
        assert!(shown.contains("code=126"), "{keys:?}: {shown}");
        assert_eq!(desk.settings(), before, "{keys:?}");
        // Nothing of it is typed into what comes next: the answer is all that is echoed, and that in plain letters.
        let (_, after) = shown.split_once("[y/N] ").expect("a question");
        assert!(
            after.chars().all(|c| c == '\r' || c == '\n' || c == '\u{8}' || !c.is_control()),
            "{keys:?}: {after:?}"
        );
    }
    assert_eq!(scene.ran(), 0);
}

fn a_terminal_that_hangs_up_is_no(scene: &Scene) {
    waits(scene, "90s");
    for what in ["hangs up", "is killed"] {
        let mut desk = Desk::ask(scene, LINE);
        desk.until("[y/N]");
        let before = scene.of_kind("answer").len();
        if what == "hangs up" {
            desk.hang_up();
        } else {
            let shell = desk.child.id().to_string();
            let sent = scene.plain("pkill").args(["-9", "-P", &shell]).status().expect("pkill runs");
            assert!(sent.success());
            desk.until("code=");
        }
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while what == "hangs up" && scene.of_kind("answer").len() == before && std::time::Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(scene.ran(), 0, "{what}");
        let answers = scene.of_kind("answer");
        assert!(answers.iter().all(|answer| answer["detail"]["answer"] == "no"), "{what}: {answers:#?}");
        if what == "hangs up" {
            assert_eq!(answers.len(), before + 1, "{:#?}", scene.records());
            let end = std::time::Instant::now() + Duration::from_secs(20);
            while scene.of_kind("refusal").is_empty() && std::time::Instant::now() < end {
                std::thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(scene.of_kind("refusal").len(), 1, "{:#?}", scene.records());
        }
    }
    // Whoever asks next at another terminal is asked: nothing is held by what was killed.
    let mut desk = Desk::ask(scene, LINE);
    desk.yes();
    assert!(desk.until("code=").contains("code=0"));
    scene.chain_holds();
}
