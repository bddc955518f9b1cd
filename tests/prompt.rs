//! The human's two channels, end to end, with a real pseudo-terminal and a clean ancestry: a pid namespace in which nothing but
//! this test stands above the client. The test runs itself again as the first process of that namespace.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const OWN: &str = env!("CARGO_BIN_EXE_vetsh");
/// Asked about, harmless, and it leaves one letter behind for each time it ran.
const LINE: &str = "no-such-program-here 2>/dev/null; printf x >> ran";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_some_and(|first| first == "--inside") {
        return inside();
    }
    if arguments.iter().any(|word| word == "--list") {
        println!("prompt: test");
        return ExitCode::SUCCESS;
    }
    let own = std::env::current_exe().expect("our own path");
    for namespace in
        [&["--pid", "--fork", "--mount-proc"][..], &["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]]
    {
        // Where root's own files belong to nobody, as in a namespace that maps its maker alone, no shell counts as root's.
        let probe = Command::new("unshare").args(namespace).args(["find", "-L", "/bin/bash", "-user", "0"]).output();
        if probe.is_ok_and(|probe| probe.status.success() && !probe.stdout.is_empty()) {
            let status = Command::new("unshare").args(namespace).arg(&own).arg("--inside").status();
            return if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    }
    eprintln!(
        "SKIPPED: no pid namespace in which root's files are root's can be made here; run as root this must not be skipped"
    );
    ExitCode::SUCCESS
}

/// The cases, each by its name.
type Case = (&'static str, fn(&House));

const CASES: &[Case] = &[
    ("yes_runs_it", yes_runs_it),
    ("everything_else_is_no", everything_else_is_no),
    ("type_ahead_is_no_answer", type_ahead_is_no_answer),
    ("silence_is_no", silence_is_no),
    ("interrupted_is_no_and_the_terminal_is_as_it_was", interrupted_is_no_and_the_terminal_is_as_it_was),
    ("what_is_shown_is_escaped_and_complete", what_is_shown_is_escaped_and_complete),
    ("the_commands_standard_input_stays_its_own", the_commands_standard_input_stays_its_own),
    ("the_queue_waits_and_a_yes_runs_it", the_queue_waits_and_a_yes_runs_it),
    ("a_denial_gives_the_reason", a_denial_gives_the_reason),
    ("a_ticket_is_good_for_one_run", a_ticket_is_good_for_one_run),
    ("only_a_human_answers", only_a_human_answers),
    ("another_directory_policy_or_script_asks_again", another_directory_policy_or_script_asks_again),
    ("another_sessions_ticket_is_useless", another_sessions_ticket_is_useless),
    ("a_change_while_the_human_thinks_refuses", a_change_while_the_human_thinks_refuses),
    ("a_rule_may_want_its_yes_typed", a_rule_may_want_its_yes_typed),
    ("every_question_and_answer_is_recorded", every_question_and_answer_is_recorded),
];

fn inside() -> ExitCode {
    let mut failed = 0;
    for (name, case) in CASES {
        let house = House::new();
        let ended = std::panic::catch_unwind(|| case(&house));
        println!("test {name} ... {}", if ended.is_ok() { "ok" } else { "FAILED" });
        failed += i32::from(ended.is_err());
    }
    println!("{} cases, {failed} failed", CASES.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A house of its own, with a workspace, and a policy that a human trusted: requests wait two seconds.
struct House {
    scratch: tempfile::TempDir,
}

impl House {
    fn new() -> House {
        let house = House { scratch: tempfile::tempdir().expect("a scratch directory") };
        std::fs::create_dir_all(house.work()).expect("a workspace");
        std::fs::create_dir_all(house.root().join("config")).expect("a house");
        house.trust_policy("2s");
        house
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("house")
    }

    fn work(&self) -> PathBuf {
        self.scratch.path().join("work")
    }

    fn ran(&self) -> usize {
        std::fs::read(self.work().join("ran")).map_or(0, |text| text.len())
    }

    fn trust_policy(&self, wait: &str) {
        self.trust(&format!("format = 1\n\n[approval]\nwait = \"{wait}\"\n"));
    }

    fn trust(&self, policy: &str) {
        let file = self.root().join("config/policy.toml");
        std::fs::write(&file, policy).expect("a policy");
        let said = self.human(&["trust", &file.display().to_string()]);
        assert!(said.contains("trusted") && said.contains("code=0"), "{said}");
    }

    /// A verb, called by a human at a terminal of their own.
    fn human(&self, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
        let mut desk = Desk::start(self, &format!("{} {}", self.vetsh(), words.join(" ")), &self.work());
        desk.until("code=")
    }

    fn vetsh(&self) -> String {
        format!("{OWN} --root {}", quote(&self.root().display().to_string()))
    }

    /// What waits, by `vetsh approvals --json`, as soon as something does.
    fn waiting(&self) -> serde_json::Value {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let output = plain(OWN)
                .args(["--root", &self.root().display().to_string(), "approvals", "--json"])
                .current_dir(self.work())
                .output()
                .expect("vetsh runs");
            let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(list["schema"], 1);
            if let Some(first) = list["requests"].get(0) {
                let id = first["id"].as_str().expect("an id").to_owned();
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(text.contains(&format!("\"requests\":[{{\"id\":\"{id}\"")), "{text}");
                return first.clone();
            }
            assert!(Instant::now() < end, "nothing waits");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn records(&self) -> Vec<serde_json::Value> {
        let mut records = Vec::new();
        for entry in std::fs::read_dir(self.root().join("state/audit")).expect("a log").flatten() {
            if entry.path().extension().is_some_and(|end| end == "jsonl") {
                let text = std::fs::read_to_string(entry.path()).expect("text");
                records.extend(text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")));
            }
        }
        records
    }
}

fn plain(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A shell on a pseudo-terminal of its own that runs one command line and tells its code.
struct Desk {
    child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    slave: OwnedFd,
}

impl Desk {
    fn start(house: &House, command: &str, at: &Path) -> Desk {
        let _ = house;
        let size = nix::pty::Winsize { ws_row: 40, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(Some(&size), None).expect("a pseudo-terminal");
        let slave = || Stdio::from(pair.slave.try_clone().expect("a descriptor"));
        let child = plain("setsid")
            .args(["--ctty", "bash", "-c", &format!("{command}; echo \"code=$?\"")])
            .current_dir(at)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("a shell");
        let keys = File::from(pair.master);
        let mut reader = keys.try_clone().expect("a descriptor");
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(count) = reader.read(&mut part) {
                if count == 0 || sender.send(part[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Desk { child, keys, screen, seen: String::new(), slave: pair.slave }
    }

    /// The agent's shell runs `line` through us.
    fn ask(house: &House, line: &str) -> Desk {
        Desk::start(house, &format!("{} --as bash -c {}", house.vetsh(), quote(line)), &house.work())
    }

    fn look(&mut self, patience: Duration) {
        if let Ok(part) = self.screen.recv_timeout(patience) {
            self.seen.push_str(&String::from_utf8_lossy(&part));
        }
    }

    /// Everything shown until `sign` is.
    fn until(&mut self, sign: &str) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.seen.contains(sign)
            || (sign == "code=" && !self.seen.trim_end().ends_with(|c: char| c.is_ascii_digit()))
        {
            assert!(Instant::now() < end, "{sign} was not shown, but:\n{}", self.seen);
            self.look(Duration::from_millis(50));
        }
        self.seen.clone()
    }

    /// The code that the question wants typed, where it wants one.
    fn code(&mut self) -> Option<String> {
        let shown = self.until("[y/N]");
        let after = shown.split("Type ").nth(1)?;
        Some(after.chars().take(4).collect())
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    fn yes(&mut self) {
        let answer = self.code().unwrap_or_else(|| "y".to_owned());
        self.press(&format!("{answer}\n"));
    }

    fn settings(&self) -> nix::sys::termios::Termios {
        nix::sys::termios::tcgetattr(&self.slave).expect("a terminal")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An agent without a terminal: one process that calls us again and again, so that all of it is one session.
struct Agent {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
}

impl Agent {
    fn start(house: &House) -> Agent {
        let script = format!(
            "while IFS=$'\\t' read -r place line; do cd \"$place\"; {} --as bash -c \"$line\" </dev/null 2>&1; echo \"code=$?\"; done",
            house.vetsh()
        );
        let mut child = plain("setsid")
            .args(["bash", "-c", &script])
            .current_dir(house.work())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let orders = child.stdin.take().expect("a pipe");
        let output = child.stdout.take().expect("a pipe");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Agent { child, orders, answers }
    }

    fn begin_at(&mut self, place: &Path, line: &str) {
        writeln!(self.orders, "{}\t{line}", place.display()).expect("a pipe");
    }

    fn begin(&mut self, house: &House, line: &str) {
        self.begin_at(&house.work(), line);
    }

    fn end(&mut self) -> (i32, String) {
        let mut text = String::new();
        loop {
            let line = self.answers.recv_timeout(Duration::from_secs(15)).expect("an end");
            match line.strip_prefix("code=") {
                Some(code) => return (code.parse().expect("a number"), text),
                None => text.push_str(&format!("{line}\n")),
            }
        }
    }

    fn run(&mut self, house: &House, line: &str) -> (i32, String) {
        self.begin(house, line);
        self.end()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn id(waiting: &serde_json::Value) -> String {
    waiting["id"].as_str().expect("an id").to_owned()
}

fn yes_runs_it(house: &House) {
    let mut desk = Desk::ask(house, LINE);
    let before = desk.settings();
    desk.yes();
    let shown = desk.until("code=");
    assert!(shown.contains("code=0"), "{shown}");
    assert_eq!(house.ran(), 1);
    assert_eq!(desk.settings(), before);
    let wants_code =
        std::fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti").map_or(true, |text| text.trim() != "0");
    assert_eq!(shown.contains("Type "), wants_code, "{shown}");
    if wants_code {
        let mut desk = Desk::ask(house, LINE);
        desk.code();
        desk.press("y\n");
        assert!(desk.until("code=").contains("code=126"));
        assert_eq!(house.ran(), 1);
    }
}

fn everything_else_is_no(house: &House) {
    for keys in ["\n", "n\n", "\u{4}", "\u{1b}", "q\n", "yess\n", "\u{1a}", "\u{3}"] {
        let mut desk = Desk::ask(house, LINE);
        let before = desk.settings();
        desk.until("[y/N]");
        desk.press(keys);
        let shown = desk.until("code=");
        assert!(shown.contains("code=126") && shown.contains("vetsh: refused"), "{keys:?}: {shown}");
        assert_eq!(desk.settings(), before, "{keys:?}");
    }
    assert_eq!(house.ran(), 0);
}

fn type_ahead_is_no_answer(house: &House) {
    let command = format!("sleep 0.5; {} --as bash -c {}", house.vetsh(), quote(LINE));
    let mut desk = Desk::start(house, &command, &house.work());
    for _ in 0..3 {
        desk.press("y\nyes\n");
    }
    desk.until("[y/N]");
    desk.look(Duration::from_millis(300));
    assert!(!desk.seen.contains("code="), "{}", desk.seen);
    desk.press("n\n");
    assert!(desk.until("code=").contains("code=126"));
    assert_eq!(house.ran(), 0);
}

fn silence_is_no(house: &House) {
    let mut desk = Desk::ask(house, LINE);
    let before = desk.settings();
    desk.until("[y/N]");
    let shown = desk.until("code=");
    assert!(shown.contains("nobody answered in time") && shown.contains("code=126"), "{shown}");
    assert_eq!((house.ran(), desk.settings()), (0, before));
}

fn interrupted_is_no_and_the_terminal_is_as_it_was(house: &House) {
    for signal in ["INT", "TERM", "HUP"] {
        let mut desk = Desk::ask(house, LINE);
        let before = desk.settings();
        desk.until("[y/N]");
        let shell = desk.child.id();
        let sent = plain("pkill").args(["-P", &shell.to_string(), &format!("-{signal}")]).status().expect("pkill runs");
        assert!(sent.success());
        let shown = desk.until("code=");
        assert!(shown.contains("code=126"), "{signal}: {shown}");
        assert_eq!(desk.settings(), before, "{signal}");
    }
    let mut desk = Desk::ask(house, LINE);
    desk.until("[y/N]");
    // The terminal goes away: the run ends by itself, and nothing has run.
    drop(desk);
    assert_eq!(house.ran(), 0);
}

fn what_is_shown_is_escaped_and_complete(house: &House) {
    let long = "abcdefghij".repeat(60);
    let line =
        format!("no-such-program-here '\u{1b}[2J\u{1b}[31m\u{202e}x' $'\\e[0m' \u{441}url {long}END; printf x >> ran");
    let mut desk = Desk::ask(house, &line);
    let shown = desk.until("[y/N]");
    desk.press("n\n");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
    assert!(shown.contains("⟨ESC⟩[2J") && shown.contains("⟨bidi override⟩"), "{shown}");
    assert!(shown.contains("Cyrillic"), "{shown}");
    let rows = shown.lines().map(|row| row.trim_end_matches('\r'));
    let joined: String = rows.filter_map(|row| row.strip_prefix(" | ").or(row.strip_prefix(" : "))).collect();
    assert!(joined.contains(&format!("{long}END; printf x >> ran")), "{joined}");
    let (what, whole) = (shown.find("what:"), shown.find("the whole line"));
    assert!(what.is_some() && what < whole, "{shown}");
}

fn the_commands_standard_input_stays_its_own(house: &House) {
    let command =
        format!("printf 'one\\ntwo\\n' | {} --as bash -c {}", house.vetsh(), quote(&format!("{LINE}; cat > read")));
    let mut desk = Desk::start(house, &command, &house.work());
    desk.yes();
    desk.until("code=");
    assert_eq!(std::fs::read_to_string(house.work().join("read")).expect("a file"), "one\ntwo\n");
}

fn the_queue_waits_and_a_yes_runs_it(house: &House) {
    let mut agent = Agent::start(house);
    agent.begin(house, LINE);
    let waiting = house.waiting();
    assert_eq!(waiting["line"], LINE);
    assert_eq!(waiting["tier"], "supervised");
    assert_eq!(waiting["cwd"].as_str(), house.work().canonicalize().expect("a place").to_str());
    assert_eq!(house.ran(), 0);
    let said = house.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!((code, text.as_str(), house.ran()), (0, "", 1));
}

fn a_denial_gives_the_reason(house: &House) {
    let mut agent = Agent::start(house);
    agent.begin(house, LINE);
    let waiting = house.waiting();
    let said = house.human(&["deny", &id(&waiting), "--reason", "use the staging one"]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!(code, 126);
    assert!(text.contains("use the staging one"), "{text}");
    assert_eq!(house.ran(), 0);
}

fn a_ticket_is_good_for_one_run(house: &House) {
    let mut agent = Agent::start(house);
    let (code, text) = agent.run(house, LINE);
    assert_eq!(code, 75);
    let waiting = house.waiting();
    assert!(text.contains(&format!("vetsh approve {}", id(&waiting))), "{text}");
    // The second try of the same waits under the same name.
    assert_eq!(agent.run(house, LINE).0, 75);
    assert_eq!(id(&house.waiting()), id(&waiting));
    let said = house.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!(house.ran(), 0);
    assert_eq!(agent.run(house, LINE).0, 0);
    assert_eq!(house.ran(), 1);
    assert_eq!(agent.run(house, LINE).0, 75);
    assert_eq!(house.ran(), 1);
}

fn only_a_human_answers(house: &House) {
    let mut agent = Agent::start(house);
    agent.begin(house, LINE);
    let id = id(&house.waiting());
    for verb in ["approve", "deny"] {
        let output = plain("setsid")
            .args([OWN, "--root", &house.root().display().to_string(), verb, &id])
            .current_dir(house.work())
            .output()
            .expect("vetsh runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{verb}: {told}");
        assert!(told.contains("needs a human"), "{verb}: {told}");
    }
    assert_eq!(agent.end().0, 75);
    assert!(house.human(&["approve", "no-such"]).contains("code=1"));
    assert!(house.human(&["approve", "../../x"]).contains("code=1"));
    assert_eq!(house.ran(), 0);
}

fn another_directory_policy_or_script_asks_again(house: &House) {
    std::fs::create_dir(house.work().join("sub")).expect("a folder");
    let script = house.work().join("s.sh");
    std::fs::write(&script, "echo one\n").expect("a script");
    let line = format!("sh ./s.sh; {LINE}");
    let mut agent = Agent::start(house);
    let approved = |agent: &mut Agent| {
        let (code, text) = agent.run(house, &line);
        assert_eq!(code, 75, "{text}");
        let said = house.human(&["approve", &id(&house.waiting())]);
        assert!(said.contains("code=0"), "{said}");
    };
    approved(&mut agent);
    agent.begin_at(&house.work().join("sub"), &line);
    assert_eq!(agent.end().0, 75);
    house.human(&["deny", &id(&house.waiting())]);
    std::fs::write(&script, "echo two\n").expect("a script");
    assert_eq!(agent.run(house, &line).0, 75, "a changed script");
    house.human(&["deny", &id(&house.waiting())]);
    // As it was when it was approved, the ticket holds.
    std::fs::write(&script, "echo one\n").expect("a script");
    let (code, text) = agent.run(house, &line);
    assert_eq!((code, house.ran()), (0, 1), "{text}");
    approved(&mut agent);
    house.trust_policy("1s");
    assert_eq!(agent.run(house, &line).0, 75, "a changed policy");
    house.human(&["deny", &id(&house.waiting())]);
    house.trust_policy("2s");
    let work = house.work();
    let aside = house.scratch.path().join("aside");
    std::fs::rename(&work, &aside).expect("moved");
    std::fs::create_dir(&work).expect("a folder");
    std::fs::copy(aside.join("s.sh"), work.join("s.sh")).expect("a copy");
    assert_eq!(agent.run(house, &line).0, 75, "another directory of the same name");
    assert_eq!(house.ran(), 0);
}

fn another_sessions_ticket_is_useless(house: &House) {
    let mut one = Agent::start(house);
    assert_eq!(one.run(house, LINE).0, 75);
    let said = house.human(&["approve", &id(&house.waiting())]);
    assert!(said.contains("code=0"), "{said}");
    let mut other = Agent::start(house);
    assert_eq!(other.run(house, LINE).0, 75);
    assert_eq!(house.ran(), 0);
    assert_eq!(one.run(house, LINE).0, 0);
    assert_eq!(house.ran(), 1);
}

fn a_change_while_the_human_thinks_refuses(house: &House) {
    let script = house.work().join("s.sh");
    std::fs::write(&script, "echo one\n").expect("a script");
    let mut agent = Agent::start(house);
    agent.begin(house, &format!("sh ./s.sh; {LINE}"));
    let waiting = house.waiting();
    std::fs::write(&script, "echo two\n").expect("a script");
    let said = house.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    let (code, text) = agent.end();
    assert_eq!((code, house.ran()), (126, 0), "{text}");
    assert!(text.contains("changed between the question and the answer"), "{text}");
}

fn a_rule_may_want_its_yes_typed(house: &House) {
    house.trust(
        "format = 1\n\n[approval]\nwait = \"2s\"\n\n[[rule]]\nid = \"mine.copied\"\ntier = \"supervised\"\nconfirm = \"typed\"\n\
         what = \"copy\"\nwhy = \"a test\"\ninstead = \"nothing\"\nwhen = { program = \"cp\" }\n\
         match = [\"cp a b\", \"cp c d\"]\npass = [\"mv a b\", \"ls\"]\n",
    );
    let line = "printf x > one; cp one ran";
    let mut agent = Agent::start(house);
    assert_eq!(agent.run(house, line).0, 75);
    let approve = format!("{} approve {}", house.vetsh(), id(&house.waiting()));
    let mut desk = Desk::start(house, &approve, &house.work());
    desk.until("[y/N]");
    desk.press("y\n");
    assert!(desk.until("code=").contains("code=1"));
    assert_eq!(agent.run(house, line).0, 75);
    let mut desk = Desk::start(house, &approve, &house.work());
    let code = desk.code().expect("a code");
    desk.press(&format!("{code}\n"));
    assert!(desk.until("code=").contains("code=0"), "{}", desk.seen);
    let (code, text) = agent.run(house, line);
    assert_eq!((code, house.ran()), (0, 1), "{text}");
}

fn every_question_and_answer_is_recorded(house: &House) {
    let mut desk = Desk::ask(house, LINE);
    desk.yes();
    desk.until("code=0");
    let mut agent = Agent::start(house);
    agent.begin(house, LINE);
    house.human(&["deny", &id(&house.waiting()), "--reason", "not today"]);
    agent.end();
    let records = house.records();
    let kinds: Vec<&str> = records.iter().filter_map(|record| record["kind"].as_str()).collect();
    let expected = ["request", "answer", "launch", "request", "answer", "refusal"];
    let asked: Vec<&str> = kinds.into_iter().filter(|kind| expected.contains(kind)).collect();
    assert_eq!(asked, expected);
    for record in records.iter().filter(|record| expected.contains(&record["kind"].as_str().unwrap_or_default())) {
        assert_eq!(record["policy"]["sha256"].as_str().map(str::len), Some(64), "{record}");
    }
    let verified = house.human(&["audit", "verify"]);
    assert!(verified.contains("the chain holds") && verified.contains("code=0"), "{verified}");
    let tail = house.human(&["audit", "tail", "-n", "1", "--json"]);
    assert!(tail.contains("not today"), "{tail}");
}
