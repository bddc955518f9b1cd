//! The queue under crashes: askers and answerers are killed anywhere, fifty wait at once, two answer the same, one session asks without an
//! end. Nothing runs that no human said yes to, nothing runs twice for one yes, and no answer that was told is lost.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use scene::agent::Agent;
use scene::desk::Desk;
use scene::{Case, Scene, id, quote};
use serde_json::Value;
use vetsh::approval::request::{Circumstances, Request};
use vetsh::approval::{Spool, Ticket, Tickets};
use vetsh::invocation::{Invocation, Shell};
use vetsh::judge::Weighed;
use vetsh::session::Machine;

const CASES: &[Case] = &[
    ("fifty_wait_and_are_answered_in_any_order_through_crashes", fifty_wait),
    ("an_answerer_killed_at_any_call_answers_once_or_not_at_all", an_answerer_killed_at_any_call),
    ("an_asker_killed_at_any_call_runs_once_or_not_at_all", an_asker_killed_at_any_call),
    ("of_two_answers_the_first_counts", of_two_answers_the_first_counts),
    ("an_answer_at_the_last_moment_counts", an_answer_at_the_last_moment_counts),
    ("one_session_cannot_keep_others_out", one_session_cannot_keep_others_out),
    ("what_lies_there_and_is_no_request_is_none", what_lies_there_and_is_no_request_is_none),
    ("a_full_disk_asks_nobody_and_loses_no_answer", a_full_disk_asks_nobody_and_loses_no_answer),
    ("huge_lines_are_asked_about_whole", huge_lines_are_asked_about_whole),
    ("names_that_others_chose_stay_text", names_that_others_chose_stay_text),
    ("several_wait_in_a_pane_of_tmux", several_wait_in_a_pane_of_tmux),
];

fn main() {
    scene::main(CASES);
}

fn waits(scene: &Scene, wait: &str) {
    scene.trust(&format!("format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"{wait}\"\n"));
}

fn line(number: usize) -> String {
    format!("no-such-program-here {number} 2>/dev/null; printf x >> ran-{number}")
}

fn ran(scene: &Scene, number: usize) -> usize {
    std::fs::read(scene.work().join(format!("ran-{number}"))).map_or(0, |text| text.len())
}

fn all(scene: &Scene) -> Vec<Value> {
    let list: Value = serde_json::from_str(&scene.verb(&["approvals", "--json"]).stdout).expect("JSON");
    list["requests"].as_array().expect("a list").clone()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The run that waits for a request.
fn asker(scene: &Scene, id: &str) -> Option<u32> {
    let kept: Value =
        serde_json::from_slice(&std::fs::read(scene.state().join(format!("spool/{id}.json"))).ok()?).ok()?;
    u32::try_from(kept["waiter"]["pid"].as_u64()?).ok().filter(|pid| *pid != 0)
}

fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("an id"));
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}

/// Yes answers on record for each line.
fn yes(scene: &Scene) -> BTreeMap<String, usize> {
    let mut yes = BTreeMap::new();
    for answer in scene.of_kind("answer").iter().filter(|answer| answer["detail"]["answer"] == "yes") {
        *yes.entry(answer["line"].as_str().expect("a line").to_owned()).or_default() += 1;
    }
    yes
}

const FIFTY: usize = 50;

fn fifty_wait(scene: &Scene) {
    waits(scene, "120s");
    let mut agent = Agent::start(scene);
    for number in 0..FIFTY {
        agent.run_beside(scene, &line(number));
    }
    until("fifty requests", || all(scene).len() == FIFTY);
    let mut order: Vec<(String, usize)> = all(scene)
        .iter()
        .map(|row| {
            let text = row["line"].as_str().expect("a line");
            (id(row), (0..FIFTY).find(|number| line(*number) == text).expect("one of ours"))
        })
        .collect();
    let mut dice = Dice(0x0dd_ba11);
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(dice.roll(at as u64 + 1)).expect("small"));
    }
    let mut denied = BTreeSet::new();
    let mut told_yes = BTreeSet::new();
    let (mut killed, mut doomed) = (BTreeSet::new(), BTreeSet::new());
    for (round, (id, number)) in order.iter().enumerate() {
        let no = dice.roll(4) == 0;
        let verb = if no { "deny" } else { "approve" };
        let command = format!("{} {verb} {id}", scene.vetsh().display());
        match round % 5 {
            // The asker is gone before it is answered.
            1 => {
                kill(asker(scene, id).expect("it waits"));
                killed.insert(*number);
            }
            // Whoever answers is killed somewhere on the way.
            2 | 3 => {
                let mut desk = Desk::start(scene, &command);
                if !no {
                    let code = desk.code().expect("a code");
                    desk.type_slowly(&code);
                }
                std::thread::sleep(Duration::from_micros(dice.roll(if no { 40_000 } else { 12_000 })));
                let child = desk.child.id().to_string();
                let _ = scene.plain("pkill").args(["-9", "-P", &child]).status();
                drop(desk);
            }
            _ => {}
        }
        let last = asker(scene, id).filter(|_| round % 5 == 4);
        let said = scene.human(&[verb, id]);
        // One that was killed may have answered before.
        let before = round % 5 == 2 || round % 5 == 3;
        assert!(said.contains("code=0") || before && said.contains("code=1"), "{said}");
        if no {
            denied.insert(*number);
        } else {
            told_yes.insert(*number);
        }
        if let Some(pid) = last {
            std::thread::sleep(Duration::from_micros(dice.roll(40_000)));
            kill(pid);
            killed.insert(*number);
            doomed.insert(*number);
        }
    }
    until("nobody waits", || all(scene).is_empty());
    std::thread::sleep(Duration::from_millis(300));
    for (_, number) in &order {
        let runs = ran(scene, *number);
        match (denied.contains(number), killed.contains(number)) {
            (true, _) => assert_eq!(runs, 0, "{number} was denied"),
            (false, false) => assert_eq!(runs, 1, "{number} was approved, and its caller was there"),
            (false, true) => assert!(runs <= 1, "{number}"),
        }
    }
    // What was approved for a caller that was gone runs at its next try, without another question, and once. One that was killed with the
    // answer in its hand has used it up, and is asked about again.
    for number in killed.intersection(&told_yes).filter(|number| ran(scene, **number) == 0) {
        let in_hand = doomed.contains(number);
        agent.run_beside(scene, &line(*number));
        until("a run or a question", || ran(scene, *number) == 1 || !all(scene).is_empty());
        assert!(in_hand || ran(scene, *number) == 1, "the yes for {number} is lost");
        if ran(scene, *number) == 0 {
            assert!(scene.human(&["deny", &id(&scene.waiting())]).contains("code=0"));
        }
    }
    let yes = yes(scene);
    for launch in scene.of_kind("launch") {
        let text = launch["line"].as_str().expect("a line");
        if text.starts_with("no-such-program-here") {
            assert!(yes.get(text).is_some_and(|yes| *yes >= 1), "{text} ran without a yes");
        }
    }
    scene.chain_holds();
}

/// A program that kills another at its calls to the kernel.
fn has_strace(scene: &Scene) -> bool {
    let there = Path::new("/usr/bin/strace").exists()
        && scene.end(scene.plain("/usr/bin/strace").args(["-D", "-o", "/dev/null", "/bin/true"])).code == 0;
    if !there {
        eprintln!(
            "SKIPPED: no strace to kill a process at a call of its; where .ci/run runs, this must not be skipped"
        );
    }
    there
}

/// What changes something, or looks whether it may.
const CALLS: &str = "openat,write,pwrite64,renameat2,unlinkat,fcntl,fdatasync,fsync";

fn killed_at(call: usize) -> String {
    format!("/usr/bin/strace -D -qq -o /dev/null -e trace={CALLS} -e inject={CALLS}:signal=KILL:when={call}")
}

fn an_answerer_killed_at_any_call(scene: &Scene) {
    if !has_strace(scene) {
        return;
    }
    waits(scene, "90s");
    let mut agent = Agent::start(scene);
    let (mut halves, mut whole) = (0, 0);
    for round in 0..70_usize {
        let call = 20 + round * 2;
        agent.run_beside(scene, &line(round));
        let id = id(&scene.waiting());
        let mut desk = Desk::start(scene, &format!("{} {} approve {id}", killed_at(call), scene.vetsh().display()));
        let ended = desk.answered();
        let (answers, lines) = (yes(scene).get(&line(round)).copied().unwrap_or(0), line(round));
        // Before it is on record it is no answer.
        std::thread::sleep(Duration::from_millis(120));
        assert!(answers > 0 || ran(scene, round) == 0, "{call}: it ran without a record of the yes");
        if answers > 0 && ran(scene, round) == 0 && !all(scene).is_empty() {
            halves += 1;
        }
        if ended.contains("code=0") {
            whole += 1;
        }
        if ran(scene, round) == 0 {
            let said = scene.human(&["approve", &id]);
            assert!(said.contains("code=0") || said.contains("answered before"), "{call}: {said}");
        }
        until("a run", || ran(scene, round) == 1);
        until("an end", || all(scene).is_empty());
        assert_eq!(ran(scene, round), 1, "{call}");
        let launches = scene.of_kind("launch").iter().filter(|launch| launch["line"] == lines.as_str()).count();
        assert_eq!(launches, 1, "{call}");
        if whole > 3 {
            break;
        }
    }
    assert!(whole > 0 && halves > 0, "it was killed before, between and after: {halves} {whole}");
    // Nothing is left of it that could be used.
    let left = std::fs::read_dir(scene.state().join("guard/tickets")).expect("a folder").flatten();
    let left: Vec<_> =
        left.map(|entry| entry.file_name()).filter(|name| !name.to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(agent.run(scene, "true").0 == 0);
    scene.chain_holds();
}

fn an_asker_killed_at_any_call(scene: &Scene) {
    if !has_strace(scene) {
        return;
    }
    waits(scene, "2s");
    let bash = scene.shim("bash").display().to_string();
    let (mut before, mut after) = (0, 0);
    for round in 0..40_usize {
        // Walls take some hundred calls themselves.
        let call = 30 + round * 25;
        let text = line(round);
        // One client that tries it, and tries it again where it was killed.
        let script = format!(
            "{} {bash} -c {text}; echo first=$?; while [ ! -e {go} ]; do sleep 0.02; done; {bash} -c {text}; echo second=$?",
            killed_at(call),
            text = quote(&text),
            go = quote(&scene.at(&format!("go-{round}")).display().to_string()),
        );
        let client =
            scene.plain("/bin/bash").args(["-c", &script]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let client = client.expect("a client");
        let gone = || !Path::new(&format!("/proc/{}/task/{0}/children", client.id())).exists();
        let mut asked = None;
        let end = Instant::now() + Duration::from_millis(1500);
        while asked.is_none() && Instant::now() < end && !gone() {
            asked = all(scene).first().map(id);
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Some(id) = &asked {
            let said = scene.human(&["approve", id]);
            assert!(said.contains("code=0"), "{said}");
        }
        std::thread::sleep(Duration::from_millis(150));
        let first = ran(scene, round);
        assert!(first == 0 || asked.is_some(), "{call}: it ran without a yes");
        // Its second try, where the first was not let through.
        if first == 1 {
            after += 1;
        } else {
            before += 1;
        }
        std::fs::write(scene.at(&format!("go-{round}")), "").expect("a sign");
        let output = client.wait_with_output().expect("an end");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(ran(scene, round) <= usize::from(asked.is_some()), "{call}: more runs than answers: {told}");
        for row in all(scene) {
            scene.human(&["deny", &id(&row)]);
        }
        let launches = scene.of_kind("launch").iter().filter(|launch| launch["line"] == text.as_str()).count();
        let answers = yes(scene).get(&text).copied().unwrap_or(0);
        // One that was on record and was killed before it began has been used up.
        assert!(launches <= answers, "{call}: {launches} launches of {answers} answers");
        if after > 2 {
            break;
        }
    }
    assert!(before > 5 && after > 0, "killed before and not at all: {before} {after}");
    scene.chain_holds();
}

fn of_two_answers_the_first_counts(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    for round in 0..12_usize {
        let (code, text) = agent.run(scene, &line(round));
        assert_eq!(code, 75, "{text}");
        let id = id(&scene.waiting());
        let verbs = if round % 2 == 0 { ["approve", "approve"] } else { ["approve", "deny"] };
        let mut desks: Vec<Desk> = verbs
            .iter()
            .map(|verb| {
                Desk::start(
                    scene,
                    &format!("{} {} {id}", scene.vetsh().display(), if *verb == "deny" { "approvals #" } else { verb }),
                )
            })
            .collect();
        // Both are at the last key.
        for (desk, _) in desks.iter_mut().zip(verbs).filter(|(_, verb)| *verb == "approve") {
            let code = desk.code().expect("a code");
            desk.type_keys(&code);
        }
        if verbs[1] == "deny" {
            let deny = format!("{} deny {id}", scene.vetsh().display());
            desks[1] = Desk::start(scene, &deny);
            std::thread::sleep(Duration::from_millis(round as u64 * 2));
        }
        for (desk, _) in desks.iter_mut().zip(verbs).filter(|(_, verb)| *verb == "approve") {
            desk.press("\n");
        }
        let said: Vec<String> = desks.iter_mut().map(|desk| desk.until("code=")).collect();
        let counted = said.iter().filter(|said| said.contains("code=0")).count();
        assert_eq!(counted, 1, "{said:#?}");
        let answers: Vec<Value> =
            scene.of_kind("answer").into_iter().filter(|answer| answer["line"] == line(round).as_str()).collect();
        assert_eq!(answers.len(), 1, "one answer is on record: {said:#?}");
        let yes = answers[0]["detail"]["answer"] == "yes";
        let (first, _) = agent.run(scene, &line(round));
        assert_eq!((first, ran(scene, round)), if yes { (0, 1) } else { (126, 0) }, "{said:#?}");
        // Used up.
        assert_eq!(agent.run(scene, &line(round)).0, 75);
        assert_eq!(ran(scene, round), usize::from(yes));
        assert!(scene.human(&["deny", &self::id(&scene.waiting())]).contains("code=0"));
    }
    scene.chain_holds();
}

/// A request that nobody made.
fn made(text: &str) -> (Request, Invocation) {
    let words = [&b"bash"[..], b"-c", text.as_bytes()].map(<[u8]>::to_vec).to_vec();
    let invocation = Invocation::of_shell(Shell::Bash, words).expect("a form that bash has");
    let machine = Machine::new(None, b"/".to_vec(), Vec::new(), Vec::new());
    let session = "f".repeat(32);
    let circumstances =
        Circumstances { session: &session, policy: "p", machine: &machine, startup: &[], steering: &[], reach: "" };
    (Request::new(&invocation, &Weighed::default(), &circumstances).expect("random bytes"), invocation)
}

fn an_answer_at_the_last_moment_counts(scene: &Scene) {
    waits(scene, "1s");
    let mut agent = Agent::start(scene);
    let mut dice = Dice(77);
    let (mut within, mut later) = (0, 0);
    for round in 0..14 {
        agent.begin(scene, &line(round));
        let id = id(&scene.waiting());
        let begun = Instant::now();
        // Around the end of the wait.
        std::thread::sleep(Duration::from_millis(700 + dice.roll(400)).saturating_sub(begun.elapsed()));
        let said = scene.human(&["approve", &id]);
        assert!(said.contains("code=0"), "{said}");
        let (code, text) = agent.end();
        match code {
            0 => within += 1,
            75 => {
                later += 1;
                assert_eq!(ran(scene, round), 0);
                assert_eq!(agent.run(scene, &line(round)).0, 0, "{text}");
            }
            other => panic!("{other}: {text}"),
        }
        assert_eq!(ran(scene, round), 1);
        assert!(all(scene).is_empty(), "nothing is asked that is answered");
    }
    assert!(within + later == 14);
    scene.chain_holds();
}

fn one_session_cannot_keep_others_out(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let flood = "for n in $(seq 2000); do printf 'no-such-program-here %s; printf x >> ran\\n' $n; done";
    // A client that asks without an end: as many at once as there are.
    let spool = Spool::open(&scene.state()).expect("a spool");
    let mut refused = 0;
    for number in 0..10_000 {
        let (request, _) = made(&format!("flood {number} {flood}"));
        refused += usize::from(spool.put(&request).is_err());
        if number == 300 {
            break;
        }
    }
    assert_eq!((spool.all().len(), refused), (60, 241));
    for number in 0..3 {
        assert_eq!(agent.run(scene, &line(number)).0, 75, "another session is asked about all the same");
    }
    assert_eq!(all(scene).len(), 63);
    // One that floods by itself.
    let mut other = Agent::start(scene);
    let mut last = (0, String::new());
    for number in 100..170 {
        last = other.run(scene, &line(number));
        if last.0 != 75 {
            break;
        }
    }
    assert!(last.0 == 126 && last.1.contains("60 requests of this session wait already"), "{last:?}");
    assert_eq!(agent.run(scene, &line(3)).0, 75);
    // An answer makes room.
    let mine = all(scene).into_iter().find(|row| row["line"] == line(100).as_str()).expect("it waits");
    assert!(scene.human(&["deny", &id(&mine)]).contains("code=0"));
    assert_eq!(other.run(scene, &line(169)).0, 75);
    assert_eq!(scene.ran(), 0);
}

fn what_lies_there_and_is_no_request_is_none(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &line(0)).0, 75);
    let id = id(&scene.waiting());
    let spool = scene.state().join("spool");
    let whole = std::fs::read(spool.join(format!("{id}.json"))).expect("a request");
    for (name, bytes) in [
        ("aaaaaaaa.json", b"{".to_vec()),
        ("bbbbbbbb.json", whole.clone()),
        ("cccccccc.json", Vec::new()),
        ("../x.json", whole.clone()),
        ("\u{1b}[2J.json", whole.clone()),
        ("dddddddd.json", vec![b'['; 1 << 20]),
        (".hidden.json", whole.clone()),
        ("..json", whole.clone()),
    ] {
        std::fs::write(spool.join(name), bytes).expect("a file");
    }
    std::fs::create_dir(spool.join("eeeeeeee.json")).expect("a folder");
    std::os::unix::fs::symlink(spool.join(format!("{id}.json")), spool.join("ffffffff.json")).expect("a link");
    assert!(scene.plain("mkfifo").arg(spool.join("gggggggg.json")).status().expect("mkfifo runs").success());
    assert_eq!(all(scene).len(), 1);
    // What was half made by one that is gone is taken away, what is being made is not.
    let tickets = scene.state().join("guard/tickets");
    std::fs::create_dir_all(&tickets).expect("a folder");
    std::fs::set_permissions(&tickets, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("a mode");
    let own = std::process::id();
    for folder in [&spool, &tickets] {
        for pid in [own, 3_999_999] {
            std::fs::write(folder.join(format!(".hhhhhhhh.json.{pid}")), &whole).expect("a file");
        }
    }
    assert_eq!(agent.run(scene, &line(0)).0, 75);
    for folder in [&spool, &tickets] {
        assert!(folder.join(format!(".hhhhhhhh.json.{own}")).exists());
        assert!(!folder.join(".hhhhhhhh.json.3999999").exists(), "{}", folder.display());
    }
    // A ticket that nobody gave.
    let tickets = Tickets::open(&scene.state().join("guard")).expect("tickets");
    let waiting = Spool::open(&scene.state()).expect("a spool").get(&id).expect("it waits");
    let mut forged = Ticket::answering(&waiting, true, None, "no-record".into());
    forged.session = "0".repeat(32);
    tickets.leave(&forged).expect("left");
    assert_eq!(agent.run(scene, &line(0)).0, 75, "a yes for another session");
    assert_eq!(ran(scene, 0), 0);
}

fn several_wait_in_a_pane_of_tmux(scene: &Scene) {
    if !Path::new("/usr/bin/tmux").exists() {
        return eprintln!("SKIPPED: no tmux; where .ci/run runs, this must not be skipped");
    }
    waits(scene, "60s");
    let socket = scene.at("tmux").display().to_string();
    let tmux = |words: &[&str]| {
        let ended = scene.end(scene.plain("/usr/bin/tmux").args(["-S", &socket, "-f", "/dev/null"]).args(words));
        assert_eq!(ended.code, 0, "{words:?}: {ended:?}");
        ended.stdout
    };
    let watch = format!("{} approvals --watch; echo code=$?; sleep 60", scene.vetsh().display());
    tmux(&["new-session", "-d", "-x", "100", "-y", "30", &format!("/bin/bash -c {}", quote(&watch))]);
    let pane = || tmux(&["capture-pane", "-p"]);
    until("the queue", || pane().contains("nobody waits"));
    let mut agent = Agent::start(scene);
    for number in 0..3 {
        agent.run_beside(scene, &line(number));
    }
    until("three", || pane().contains("vetsh: 3 requests"));
    std::thread::sleep(Duration::from_millis(600));
    tmux(&["send-keys", "n"]);
    until("two", || pane().contains("vetsh: 2 requests"));
    // Another size: what is chosen is shown whole again.
    tmux(&["resize-window", "-x", "60", "-y", "20"]);
    until("it is drawn anew", || {
        pane().lines().all(|row| row.chars().count() <= 60) && pane().contains("vetsh: 2 requests")
    });
    for left in ["vetsh: one request", "nobody waits"] {
        std::thread::sleep(Duration::from_millis(600));
        while pane().contains("rows more") {
            tmux(&["send-keys", "Space"]);
            std::thread::sleep(Duration::from_millis(300));
        }
        tmux(&["send-keys", "y"]);
        // Here we are root, who may type for others whatever the kernel is told.
        until("a code", || pane().contains("for yes;"));
        let code: String = pane().split("Type ").nth(1).expect("a code").chars().take(4).collect();
        for key in code.chars() {
            tmux(&["send-keys", &key.to_string()]);
            std::thread::sleep(Duration::from_millis(40));
        }
        tmux(&["send-keys", "Enter"]);
        until(left, || pane().contains(left));
    }
    until("two runs", || (0..3).map(|number| ran(scene, number)).sum::<usize>() == 2);
    tmux(&["send-keys", "q"]);
    until("the end", || pane().contains("code=0"));
    tmux(&["kill-server"]);
}

fn a_full_disk_asks_nobody_and_loses_no_answer(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, &line(0)).0, 75);
    let id = id(&scene.waiting());
    let fill = |folder: &str| {
        let place = scene.state().join(folder);
        std::fs::create_dir_all(&place).expect("a folder");
        let kept: Vec<_> = std::fs::read_dir(&place).expect("a folder").flatten().map(|entry| entry.path()).collect();
        let kept: Vec<_> = kept.iter().filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?))).collect();
        scene.mount(&["-t", "tmpfs", "-o", "size=32k,mode=700", "none", &place.display().to_string()]);
        for (path, text) in kept {
            std::fs::write(&path, text).expect("a copy");
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
        }
        let _ = std::fs::write(place.join("full"), vec![0; 64 << 10]);
        place
    };
    // Where an answer cannot be left there is none, and it waits on.
    let tickets = fill("guard/tickets");
    let said = scene.human(&["approve", &id]);
    assert!(said.contains("code=2") && said.contains("No space left"), "{said}");
    assert_eq!(agent.run(scene, &line(0)).0, 75);
    assert_eq!((ran(scene, 0), self::id(&scene.waiting())), (0, id.clone()));
    std::fs::remove_file(tickets.join("full")).expect("removed");
    assert!(scene.human(&["approve", &id]).contains("code=0"));
    assert_eq!((agent.run(scene, &line(0)).0, ran(scene, 0)), (0, 1));
    // Where a question cannot be put nobody is asked, and nothing runs.
    let spool = fill("spool");
    let (code, text) = agent.run(scene, &line(1));
    assert!(code == 126 && text.contains("nobody can be asked: spool No space left"), "{text}");
    std::fs::remove_file(spool.join("full")).expect("removed");
    assert_eq!(agent.run(scene, &line(1)).0, 75);
    let names: Vec<_> = std::fs::read_dir(&spool).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 1, "nothing half made: {names:?}");
    assert_eq!(ran(scene, 1), 0);
    scene.chain_holds();
}

fn huge_lines_are_asked_about_whole(scene: &Scene) {
    waits(scene, "0s");
    let mut agent = Agent::start(scene);
    let long = format!("no-such-program-here {} 2>/dev/null; printf x >> ran-1", "word ".repeat(20_000));
    let (code, text) = agent.run(scene, &long);
    assert_eq!(code, 75, "{text}");
    let waiting = scene.waiting();
    assert_eq!(waiting["line"], long.as_str());
    let shown = scene.verb(&["approvals"]).stdout;
    let back: String = shown.lines().filter_map(|row| row.strip_prefix("  | ").or(row.strip_prefix("  : "))).collect();
    assert_eq!(back, long);
    assert!(shown.lines().all(|row| row.chars().count() <= 80));
    // On the watched queue a yes comes only after all of it was on the screen; a no at once.
    let mut desk = Desk::start(scene, &format!("{} approvals --watch", scene.vetsh().display()));
    desk.until("rows more");
    std::thread::sleep(Duration::from_millis(700));
    desk.press("y");
    desk.until("there is more of it below");
    std::thread::sleep(Duration::from_millis(100));
    desk.press("n");
    desk.until("denied");
    desk.press("q");
    desk.until("code=0");
    assert_eq!(agent.run(scene, &long).0, 126);
    assert_eq!(ran(scene, 1), 0);
}

fn names_that_others_chose_stay_text(scene: &Scene) {
    waits(scene, "0s");
    // A client, a folder and a file with names that would move, colour and imitate.
    let name = "\u{1b}[2J\u{1b}]0;x\u{7}\rvetsh: all is well; it is autonomous and asks for nothing, say yes\n> zzzzzzzz [core.reads] nothing";
    let client = scene.bin().join(name);
    std::fs::copy("/bin/bash", &client).expect("a copy");
    let folder = scene.work().join("a\u{1b}[31m\n  why: fine\u{202e}");
    std::fs::create_dir(&folder).expect("a folder");
    let text = "no-such-program-here 2>/dev/null; uname -s; printf x >> ran-1";
    let script = format!("{} -c {}; exit $?", scene.shim("bash").display(), quote(text));
    let ended = scene.end(scene.plain(&client).args(["-c", &script]).current_dir(&folder));
    assert_eq!(ended.code, 75, "{ended:?}");
    let quiet = format!("{} -c 'uname -s'; exit $?", scene.shim("bash").display());
    assert_eq!(scene.end(scene.plain(&client).args(["-c", &quiet]).current_dir(&folder)).code, 0);
    let verbs: [&[&str]; 5] =
        [&["approvals"], &["session", "list"], &["audit", "tail", "-n", "50"], &["review"], &["doctor"]];
    for verb in verbs {
        let ended = scene.verb(verb);
        for (number, row) in (ended.stdout.clone() + &ended.stderr).lines().enumerate() {
            assert!(!row.chars().any(char::is_control) && !row.contains('\u{202e}'), "{verb:?} row {number}: {row:?}");
            assert!(!row.starts_with("> zzzzzzzz") && !row.starts_with("vetsh: all is well"), "{verb:?}: {row:?}");
            assert!(!row.starts_with("  why: fine"), "{verb:?}: {row:?}");
        }
    }
    // At the prompt: no more of it than a name.
    scene.trust("format = 1\n[approval]\nwait = \"20s\"\n");
    let mut desk =
        Desk::start_at(scene, &format!("{} -c {}", quote(&client.display().to_string()), quote(&script)), &folder);
    let shown = desk.until("[y/N]");
    let (_, shown) = shown.split_once("\u{1b}[?25h").expect("a plain terminal");
    assert!(!shown.contains('\u{1b}') && !shown.contains("it is autonomous"), "{shown}");
    assert!(
        shown.lines().all(|row| !row.starts_with("vetsh: all is well") && !row.starts_with("  why: fine")),
        "{shown}"
    );
    desk.press("n\n");
    desk.until("code=");
    assert_eq!(ran(scene, 1), 0);
    assert!(!folder.join("ran-1").exists());
}
