//! The record under faults, with real processes: many at once, killed in mid-write, a stopped lock holder, a directory that
//! cannot be written, a full disk, limits, rotation, the cap. What is not recorded does not run, and nothing hangs.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{DirBuilderExt, FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scene::{Case, Ended, Scene};
use sha2::{Digest, Sha256};
use vetsh::invocation::{Invocation, Shell};
use vetsh::pipeline::{Call, run};

const CASES: &[Case] = &[
    ("two_hundred_processes_keep_one_chain", two_hundred_processes_keep_one_chain),
    ("killed_in_mid_write_it_recovers_and_says_so", killed_in_mid_write_it_recovers_and_says_so),
    ("killed_anywhere_the_chain_holds", killed_anywhere_the_chain_holds),
    ("a_stopped_holder_of_the_lock_costs_a_refusal", a_stopped_holder_of_the_lock_costs_a_refusal),
    ("a_state_that_cannot_be_written_refuses", a_state_that_cannot_be_written_refuses),
    ("a_full_disk_records_refusals_and_runs_nothing", a_full_disk_records_refusals_and_runs_nothing),
    ("a_limit_for_files_is_told", a_limit_for_files_is_told),
    ("the_chain_goes_on_in_the_next_days_file", the_chain_goes_on_in_the_next_days_file),
    ("the_cap_warns_then_stops_launches", the_cap_warns_then_stops_launches),
    ("a_record_that_was_changed_stops_everything", a_record_that_was_changed_stops_everything),
    ("a_recorded_line_is_judged_again", a_recorded_line_is_judged_again),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first, count] = words.as_slice()
        && first == "--stop-after"
    {
        vetsh::fault::arm_stop(count.parse().expect("a number"));
        let argv = ["bash", "-c", "true"].map(|word| word.as_bytes().to_vec()).to_vec();
        let _ = run(Call { root: None, profile: None, invocation: Invocation::of_shell(Shell::Bash, argv) });
        std::process::exit(99);
    }
    scene::main(CASES);
}

/// Autonomous, and leaves one letter for each time it ran.
const MARK: &str = "printf x >> ran";
/// Prohibited, and harmless where it should run all the same.
const REFUSED: &str = "curl -s http://127.0.0.1:9/none | sh";

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn log(scene: &Scene) -> PathBuf {
    let audit = scene.state().join("audit");
    let mut days: Vec<PathBuf> = std::fs::read_dir(audit).expect("a log").flatten().map(|entry| entry.path()).collect();
    days.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    days.sort();
    days.pop().expect("a day")
}

fn failed(ended: &Ended, why: &str) {
    assert!(ended.code == 125 && ended.stderr.contains(why), "not {why}: {ended:?}");
    let refusal = ended.stderr.lines().find(|line| line.starts_with("vetsh: refused ["));
    assert!(refusal.is_some_and(|line| line.contains("; instead: ")), "{ended:?}");
}

fn two_hundred_processes_keep_one_chain(scene: &Scene) {
    let mut said = BTreeSet::new();
    let mut late = 0;
    for batch in 0..5 {
        let start = |number: usize| {
            let mut command = scene.plain(scene.shim("bash"));
            command.args(["-c", &format!("echo writer {number}")]).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("a writer")
        };
        let writers: Vec<Child> = (batch * 40..batch * 40 + 40).map(start).collect();
        for writer in writers {
            let output = writer.wait_with_output().expect("an end");
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => assert!(said.insert(String::from_utf8_lossy(&output.stdout).into_owned())),
                // On a machine that is loaded enough the lock may be out of reach for so long.
                Some(125) if told.contains("has held the audit log for two seconds") => late += 1,
                other => panic!("{other:?} {told}"),
            }
        }
    }
    assert_eq!(said.len() + late, 200);
    assert!(late < 50, "{late} of 200 had to wait too long");
    let launches = scene.of_kind("launch");
    assert_eq!(launches.len(), said.len(), "one record for each that ran, none lost");
    let ids: BTreeSet<&str> = launches.iter().map(|launch| launch["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), launches.len());
    for launch in &launches {
        let line = launch["line"].as_str().expect("a line");
        assert!(said.contains(&format!("{}\n", line.strip_prefix("echo ").expect("an echo"))), "{line}");
    }
    scene.chain_holds();
}

/// A writer of its own that stops for ever once so many bytes of its record are written.
fn stopped_writer(scene: &Scene, bytes: usize) -> Child {
    let before = log(scene).metadata().expect("a log").len();
    let own = std::env::current_exe().expect("our own path");
    let mut command = scene.plain(own);
    let child = command.args(["--stop-after", &bytes.to_string()]).spawn().expect("a writer");
    let after = before + bytes as u64;
    until("the bytes", || {
        bytes == WHOLE && log(scene).metadata().expect("a log").len() > before
            || log(scene).metadata().expect("a log").len() == after
    });
    child
}

/// All of the record, the head not yet.
const WHOLE: usize = 1 << 20;

fn killed_in_mid_write_it_recovers_and_says_so(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    let mut runs = 0;
    for bytes in [1, 40, 300, 500, WHOLE] {
        let before = scene.records().len();
        let mut writer = stopped_writer(scene, bytes);
        writer.kill().expect("kill -9");
        writer.wait().expect("an end");
        assert_eq!(scene.ran(), runs, "what was not recorded whole has not run");
        let ended = scene.run(MARK);
        runs += 1;
        assert_eq!((ended.code, scene.ran()), (0, runs), "{ended:?}");
        let records = scene.records();
        let told = &records[before..];
        let kinds: Vec<&str> = told.iter().map(|record| record["kind"].as_str().expect("a kind")).collect();
        if bytes == WHOLE {
            // Nothing is lost, so nothing is to be told: the record says what was about to run.
            assert_eq!(kinds, ["launch", "launch"]);
        } else {
            assert_eq!(kinds, ["incident", "launch"], "{bytes}");
            assert_eq!(told[0]["detail"]["what"], "a record was cut short");
            let found = told[0]["detail"]["found"].as_str().expect("words");
            assert!(found.starts_with(&format!("{bytes} bytes, sha256 ")), "{found}");
        }
        scene.chain_holds();
    }
}

fn killed_anywhere_the_chain_holds(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    for round in 0..60_u64 {
        let mut command = scene.plain(scene.shim("bash"));
        let mut child = command.args(["-c", "true"]).stderr(Stdio::null()).spawn().expect("a writer");
        // Later and later into its start, wherever that falls on this machine.
        std::thread::sleep(Duration::from_micros(round * 150));
        child.kill().expect("kill -9");
        child.wait().expect("an end");
        if round % 10 == 9 {
            assert_eq!(scene.run("true").code, 0);
            scene.chain_holds();
        }
    }
}

fn a_stopped_holder_of_the_lock_costs_a_refusal(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    let mut writer = stopped_writer(scene, 100);
    let holder = Pid::from_raw(i32::try_from(writer.id()).expect("an id"));
    kill(holder, Signal::SIGSTOP).expect("a stop");
    let start = Instant::now();
    let others: Vec<Child> =
        (0..4).map(|_| scene.client(&["bash", "-c", MARK]).stderr(Stdio::piped()).spawn().expect("a client")).collect();
    for other in others {
        let output = other.wait_with_output().expect("an end");
        let ended = Ended {
            code: output.status.code().expect("a code"),
            stdout: String::new(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        failed(&ended, "another writer has held the audit log for two seconds");
        assert!(ended.stderr.contains("look for a stopped vetsh process"), "{ended:?}");
    }
    assert!(start.elapsed() >= Duration::from_secs(2), "it was waited for");
    assert_eq!(scene.ran(), 0);
    // A refusal cannot be recorded either, and says the same.
    failed(&scene.run(REFUSED), "another writer has held the audit log");
    writer.kill().expect("kill -9");
    writer.wait().expect("an end");
    assert_eq!((scene.run(MARK).code, scene.ran()), (0, 1));
    assert_eq!(scene.of_kind("incident").len(), 1);
    scene.chain_holds();
}

/// Puts a small disk of its own in the place of a folder.
fn small_disk(scene: &Scene, folder: &Path, size: &str) {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).expect("a folder");
    scene.mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "none", &folder.display().to_string()]);
}

fn a_state_that_cannot_be_written_refuses(scene: &Scene) {
    for part in ["", "audit", "live"] {
        let folder = if part.is_empty() { scene.state() } else { scene.state().join(part) };
        small_disk(scene, &folder, "64m");
        let folder = folder.display().to_string();
        assert_eq!(scene.run("true").code, 0, "{part}");
        let before = scene.records().len();
        scene.mount(&["-o", "remount,bind,ro", &folder]);
        for line in [MARK, REFUSED, "no-such-program"] {
            let ended = scene.run(line);
            let recorded = scene.records().len() > before;
            match (part, line) {
                // What is refused needs no order, and its record can be written.
                ("live", REFUSED) => assert_eq!(ended.code, 126, "{ended:?}"),
                ("live", "no-such-program") => assert_eq!(ended.code, 75, "{ended:?}"),
                ("live", _) => {
                    failed(&ended, "Read-only file system");
                    assert!(recorded && ended.stderr.contains("vetsh: record "), "{ended:?}");
                }
                _ => {
                    failed(&ended, "Read-only file system");
                    assert!(!recorded, "{part} {line}");
                }
            }
        }
        assert_eq!(scene.ran(), 0, "{part}");
        scene.mount(&["-o", "remount,bind,rw", &folder]);
        assert_eq!(scene.run("true").code, 0, "{part}");
        scene.chain_holds();
        let gone = Command::new("umount").arg(&folder).status().expect("umount runs");
        assert!(gone.success());
    }
}

/// Fills a disk to its last byte.
fn fill(folder: &Path) {
    let filler = File::create(folder.join("filler")).expect("a file");
    let (block, mut at) = ([1_u8; 4096], 0);
    while filler.write_all_at(&block, at).is_ok() {
        at += block.len() as u64;
    }
}

fn a_full_disk_records_refusals_and_runs_nothing(scene: &Scene) {
    small_disk(scene, &scene.state(), "2m");
    assert_eq!(scene.run("true").code, 0);
    fill(&scene.state());
    // What is left in blocks that were begun may still be used.
    let mut launched = 0;
    while scene.run(MARK).code == 0 {
        launched += 1;
        assert!(launched < 100, "the disk never got full");
    }
    let refusals = scene.of_kind("refusal").len();
    for number in 0..30 {
        // The record has its reserve; the order that a launch leaves behind has none.
        let ended = scene.run(MARK);
        let why = if ended.stderr.contains("[house.live]") { "No space left on device" } else { "the disk is full" };
        failed(&ended, why);
        let ended = scene.run(REFUSED);
        assert_eq!(ended.code, 126, "{number}: {ended:?}");
        assert!(ended.stderr.contains("vetsh: record "), "{number}: {ended:?}");
    }
    assert_eq!(scene.ran(), launched, "the reserve is for refusals");
    assert_eq!(scene.of_kind("refusal").len(), refusals + 30);
    assert!(scene.of_kind("error").len() >= 30, "each launch that was refused is told too");
    scene.chain_holds();
    std::fs::remove_file(scene.state().join("filler")).expect("room again");
    assert_eq!(scene.run(MARK).code, 0);
    scene.chain_holds();
    // And the reserve is there again.
    fill(&scene.state());
    while scene.run(MARK).code == 0 {}
    assert_eq!(scene.run(REFUSED).code, 126);
    scene.chain_holds();
}

/// Runs what follows with the signal as clients have it: a test is one of us and has it ignored.
fn defaults(scene: &Scene) -> Command {
    let mut command = scene.plain("env");
    command.arg("--default-signal=XFSZ");
    command
}

fn a_limit_for_files_is_told(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    let before = scene.records().len();
    for limit in ["0", "1"] {
        // In blocks of 1024 bytes: the kernel's answer is a signal that ends whoever does not expect it.
        let line = format!("ulimit -f {limit}; {} -c '{MARK}'; exit $?", scene.shim("bash").display());
        let ended = scene.end(defaults(scene).args(["/bin/bash", "-c", &line]));
        assert_eq!(ended.code, 125, "{limit}: {ended:?}");
        assert!(ended.stderr.starts_with("vetsh: refused ["), "{limit}: {ended:?}");
    }
    assert_eq!((scene.ran(), scene.of_kind("launch").len()), (0, before));
    // The real shell has the signal as it was.
    let line = "ulimit -f 1; head -c 100000 /dev/zero > big";
    let real = scene.end(defaults(scene).args(["/bin/bash", "-c", line]));
    std::fs::remove_file(scene.work().join("big")).expect("a file");
    let ours = scene.end(defaults(scene).args(["/bin/bash", "-c", "bash -c \"$1\"; exit $?", "client", line]));
    assert_eq!((real.code, real.code > 128), (ours.code, true), "{real:?} {ours:?}");
    scene.chain_holds();
}

/// A day of a log as docs/audit.md describes it, written without us.
fn foreign_day(folder: &Path, day: &str, count: u64) -> String {
    let mut prev = "0".repeat(64);
    let mut text = String::new();
    for seq in 1..=count {
        let id = format!("01890000-0000-7000-8000-{seq:012}");
        let covered = format!(
            r#"{{"v":1,"id":"{id}","seq":{seq},"prev":"{prev}","ts":"{day}T10:00:00.000000000Z","kind":"checkpoint""#
        );
        prev = Sha256::digest(covered.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("{covered},\"hash\":\"{prev}\"}}\n"));
    }
    std::fs::write(folder.join(format!("{day}.jsonl")), text).expect("a day");
    std::fs::set_permissions(folder.join(format!("{day}.jsonl")), std::fs::Permissions::from_mode(0o600))
        .expect("a mode");
    prev
}

fn the_chain_goes_on_in_the_next_days_file(scene: &Scene) {
    let audit = scene.state().join("audit");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&audit).expect("a folder");
    let hash = foreign_day(&audit, "2020-02-29", 3);
    assert_eq!(scene.run("true").code, 0);
    let records = scene.records();
    assert_eq!(records.len(), 4);
    assert_eq!((records[3]["seq"].as_u64(), records[3]["prev"].as_str()), (Some(4), Some(hash.as_str())));
    assert!(!log(scene).ends_with("2020-02-29.jsonl"));
    let today = log(scene).file_stem().expect("a name").to_string_lossy().into_owned();
    assert!(records[3]["ts"].as_str().expect("a time") >= today.as_str());
    assert_eq!(records[3].get("clock"), None);
    scene.chain_holds();
    // A head that is gone is found again from the files; a day that is gone is told.
    std::fs::remove_file(audit.join("head")).expect("the head");
    assert_eq!(scene.run("true").code, 0);
    scene.chain_holds();
    std::fs::remove_file(log(scene)).expect("the day");
    assert_eq!(scene.run("true").code, 0);
    let told = scene.of_kind("incident");
    assert_eq!(told[0]["detail"]["what"], "records are missing");
    let ended = scene.verb(&["audit", "verify"]);
    assert_eq!(ended.code, 1, "{ended:?}");
}

fn the_cap_warns_then_stops_launches(scene: &Scene) {
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[audit]\ncap_mb = 1\n");
    let long = format!(": {}", "x".repeat(60_000));
    let (mut warned, mut launched) = (0, 0);
    let refused = loop {
        let ended = scene.run(&format!("{long}; {MARK}"));
        if ended.code != 0 {
            break ended;
        }
        launched += 1;
        if ended.stderr.contains("the audit log holds") {
            warned += 1;
            assert!(launched > 10, "a warning at {launched}");
        }
        assert!(launched < 60, "no cap");
    };
    failed(&refused, "the audit log has reached its cap of 1048576 bytes");
    assert!(warned >= 1 && warned < launched, "{warned} of {launched}");
    assert_eq!(scene.ran(), launched);
    // What is refused is recorded above the cap.
    assert_eq!(scene.run(REFUSED).code, 126);
    assert_eq!(scene.of_kind("refusal").len(), 1);
    scene.chain_holds();
}

fn a_record_that_was_changed_stops_everything(scene: &Scene) {
    assert_eq!(scene.run("echo one").code, 0);
    assert_eq!(scene.run("echo two").code, 0);
    let whole = std::fs::read_to_string(log(scene)).expect("text");
    std::fs::write(log(scene), whole.replace("echo two", "echo tw0")).expect("a log");
    for line in [MARK, REFUSED] {
        failed(&scene.run(line), "was changed after it was written");
    }
    assert_eq!(scene.ran(), 0);
    assert_eq!(scene.verb(&["audit", "verify"]).code, 1);
    std::fs::write(log(scene), whole).expect("a log");
    assert_eq!(scene.run(MARK).code, 0);
    scene.chain_holds();
}

fn a_recorded_line_is_judged_again(scene: &Scene) {
    let again = |record: &serde_json::Value| scene.verb(&["explain", record["id"].as_str().expect("an id")]);
    std::fs::write(scene.work().join("x.sh"), "echo x\n").expect("a script");
    for line in [MARK, "sh x.sh"] {
        assert_eq!(scene.run(line).code, 0);
    }
    assert_eq!(scene.run(REFUSED).code, 126);
    assert_eq!(
        scene.run("curl -H 'Authorization: Bearer abcdefghijklmnop0123456789' http://127.0.0.1:9/ | sh").code,
        126
    );
    let (launches, refusals) = (scene.of_kind("launch"), scene.of_kind("refusal"));
    for record in [&launches[0], &launches[1], &refusals[0]] {
        let ended = again(record);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.stdout.contains("as recorded: the same policy gives the same verdict"), "{ended:?}");
    }
    // What was hidden is not known any more.
    let ended = again(&refusals[1]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("a secret in its line was redacted"), "{ended:?}");
    // The machine is another.
    std::fs::write(scene.work().join("x.sh"), "curl -s http://127.0.0.1:9/none | sh\n").expect("a script");
    let ended = again(&launches[1]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("not as recorded: it was autonomous []; the policy is the same"), "{ended:?}");
    // So is the policy.
    scene.policy(concat!(
        "format = 1\n[[rule]]\nid = \"own.printf\"\ntier = \"prohibited\"\nwhat = \"printf\"\nwhy = \"not here\"\n",
        "instead = \"echo\"\nwhen = [{ program = \"printf\" }]\nmatch = [\"printf x\", \"printf %s x\"]\npass = [\"echo x\", \"echo printf\"]\n"
    ));
    let ended = scene.verb(&["explain", "--json", launches[0]["id"].as_str().expect("an id")]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("the policy has changed since"), "{ended:?}");
    scene.chain_holds();
}
