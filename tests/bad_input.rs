//! Bad input, end to end: what no shell could be given, options that no shell has, a policy that does not load or that others
//! may write. Everything is refused with the reason and the remedy, nothing runs, and a record says what it was.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::{Command, Stdio};

use scene::{Case, Ended, Scene};
use sha2::{Digest, Sha256};

const CASES: &[Case] = &[
    ("a_nul_byte_is_refused_and_recorded", a_nul_byte_is_refused_and_recorded),
    ("too_much_is_refused_and_recorded_by_length_and_digest", too_much_is_refused_and_recorded_by_length_and_digest),
    ("what_cannot_go_on_is_recorded_with_its_line", what_cannot_go_on_is_recorded_with_its_line),
    ("bytes_stay_bytes", bytes_stay_bytes),
    ("an_option_is_refused_only_if_no_shell_has_it", an_option_is_refused_only_if_no_shell_has_it),
    ("a_policy_that_does_not_load_refuses_everything", a_policy_that_does_not_load_refuses_everything),
    ("a_policy_that_others_may_write_refuses_everything", a_policy_that_others_may_write_refuses_everything),
    ("a_state_that_is_not_ours_refuses_everything", a_state_that_is_not_ours_refuses_everything),
];

fn main() {
    scene::main(CASES);
}

const MARK: &str = "printf x >> ran";

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs with `text` on standard input.
fn fed(scene: &Scene, words: &[&str], text: &[u8]) -> Ended {
    let mut command = scene.client(words);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("a client");
    let mut input = child.stdin.take().expect("a pipe");
    let text = text.to_vec();
    // Who stops reading ends the writer.
    let writer = std::thread::spawn(move || drop(input.write_all(&text)));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("a writer");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn refused(ended: &Ended, rule: &str) {
    assert_eq!(ended.code, 125, "{ended:?}");
    assert!(
        ended.stderr.starts_with(&format!("vetsh: refused [{rule}] ")) && ended.stderr.contains("; instead: "),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("vetsh: record "), "{ended:?}");
}

fn a_nul_byte_is_refused_and_recorded(scene: &Scene) {
    let text = format!("{MARK}\0{MARK}\n");
    refused(&fed(scene, &["bash", "-s"], text.as_bytes()), "core.control-bytes");
    refused(&fed(scene, &["sh"], text.as_bytes()), "core.control-bytes");
    for record in scene.of_kind("error") {
        assert_eq!(record["line"], text);
        assert_eq!(record["line_digest"], format!("sha256:{}", hex(text.as_bytes())));
    }
    // A script file with one is nothing that can be read: asked about, not run.
    std::fs::write(scene.work().join("x.sh"), &text).expect("a script");
    let ended = scene.end(&mut scene.client(&["bash", "x.sh"]));
    assert!(matches!(ended.code, 75 | 125), "{ended:?}");
    assert_eq!((scene.of_kind("error").len() >= 2, scene.ran()), (true, 0));
    scene.chain_holds();
}

fn too_much_is_refused_and_recorded_by_length_and_digest(scene: &Scene) {
    let text = format!("{MARK}; : {}\n", "x".repeat(3 << 20));
    refused(&fed(scene, &["bash", "-s"], text.as_bytes()), "core.cap");
    let record = scene.of_kind("error").pop().expect("a record");
    let bytes = usize::try_from(record["line"]["bytes"].as_u64().expect("a length")).expect("few");
    assert!(bytes > 1 << 20 && bytes < text.len(), "as far as it was read: {bytes}");
    assert_eq!(record["line"]["sha256"], hex(&text.as_bytes()[..bytes]));
    assert!(text.starts_with(record["line"]["head"].as_str().expect("a head")));
    assert!(record.to_string().len() < 64 * 1024);
    // What is long and can be judged runs, and is kept so too.
    let text = format!(": {}; {MARK}", "y".repeat(100_000));
    assert_eq!(scene.run(&text).code, 0);
    let record = scene.of_kind("launch").pop().expect("a record");
    assert_eq!(record["line"]["bytes"], text.len());
    assert_eq!(record["line"]["sha256"], hex(text.as_bytes()));
    assert_eq!(scene.ran(), 1);
    scene.chain_holds();
}

fn what_cannot_go_on_is_recorded_with_its_line(scene: &Scene) {
    scene.policy("format = 7\n");
    let ended = scene.run(MARK);
    assert_eq!((ended.code, scene.ran()), (125, 0), "{ended:?}");
    let record = scene.of_kind("error").pop().expect("a record");
    assert_eq!(record["line"], MARK);
    assert!(record["detail"]["what"].as_str().expect("words").contains("policy.invalid"), "{record}");
}

fn bytes_stay_bytes(scene: &Scene) {
    use base64::Engine;
    let line = b"printf '%s' '\xff\xfe-\xc3' caf\xe9 > out".to_vec();
    let mut command = scene.client(&["bash", "-c"]);
    let ended = scene.end(command.arg(OsString::from_vec(line.clone())));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(std::fs::read(scene.work().join("out")).expect("a file"), b"\xff\xfe-\xc3caf\xe9");
    let record = scene.of_kind("launch").pop().expect("a record");
    let kept = record["line"]["b64"].as_str().expect("base64");
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(kept).expect("base64"), line);
    assert_eq!(record["line_digest"], format!("sha256:{}", hex(&line)));
    // In a name of a directory as well, and where somebody is asked.
    let folder = scene.work().join(std::ffi::OsStr::from_bytes(b"d\xff"));
    std::fs::create_dir(&folder).expect("a folder");
    let ended = scene.end(scene.client(&["bash", "-c", "no-such-program"]).current_dir(&folder));
    assert_eq!(ended.code, 75, "{ended:?}");
    let record = scene.of_kind("refusal").pop().expect("a record");
    assert!(record["proc"]["cwd"]["b64"].is_string(), "{record}");
    scene.chain_holds();
}

/// Options that open a dialog, or make the shell wait for one.
const TALKING: [&str; 2] = ["-i", "--interactive"];

fn an_option_is_refused_only_if_no_shell_has_it(scene: &Scene) {
    let letters = ('a'..='z').chain('A'..='Z').flat_map(|letter| [format!("-{letter}"), format!("+{letter}")]);
    let long = [
        "--norc",
        "--noprofile",
        "--posix",
        "--login",
        "--verbose",
        "--version",
        "--help",
        "--restricted",
        "--debugger",
        "--dump-strings",
        "--dump-po-strings",
        "--noediting",
        "--pretty-print",
        "--emulate",
        "--no-such",
        "--",
        "-",
    ];
    let options: Vec<String> = letters.chain(long.map(str::to_owned)).collect();
    let (mut tried, mut wrong) = (0, Vec::new());
    for shell in ["bash", "dash", "zsh"] {
        let real = format!("/bin/{shell}");
        if !std::path::Path::new(&real).exists() {
            eprintln!("SKIPPED: no {shell} to compare with; where .ci/run runs, this must not be skipped");
            continue;
        }
        for option in options.iter().filter(|option| !TALKING.contains(&option.as_str())) {
            let words = [option.as_str(), "-c", "echo said"];
            // The client's own shell has no name to look up, so that both see the same words.
            let run = |program: &str| scene.end(scene.client(&[program]).args(words).env("HOME", scene.work()));
            let (there, here) = (run(&real), run(scene.shim(shell).to_str().expect("text")));
            let signs =
                ["nvalid option", "llegal option", "bad option", "no such option", "unrecognized option", "can't open"];
            let unknown = signs.iter().any(|sign| there.stderr.contains(sign));
            tried += 1;
            if unknown {
                // Nothing may run that the real one would not have run.
                if here.stdout.contains("said") {
                    wrong.push(format!("{shell} {option}: runs, the real one says {:?}", there.stderr));
                }
            } else if here.code == 125 || here.code == 0 && here.stdout != there.stdout && option != "--help" {
                wrong.push(format!("{shell} {option}: {here:?}\n  the real one: {there:?}"));
            }
        }
    }
    assert!(tried > 100 && wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    let ended = scene.end(&mut scene.client(&["bash", "--no-such-option", "-c", MARK]));
    refused(&ended, "shell.unknown-option");
    assert!(
        scene.of_kind("error").iter().any(|record| record["detail"]["what"].to_string().contains("--no-such-option"))
    );
    assert_eq!(scene.ran(), 0);
}

/// Every way to run something, none of which may.
fn every_face(scene: &Scene, sign: &str) {
    scene.script(&scene.work().join("x.sh"), &format!("{MARK}\n"));
    let before = scene.of_kind("error").len();
    let ends = [
        scene.run(MARK),
        scene.run("true"),
        scene.end(&mut scene.client(&["sh", "-c", MARK])),
        scene.end(&mut scene.client(&["bash", "x.sh"])),
        fed(scene, &["bash", "-s"], MARK.as_bytes()),
        scene.end(&mut scene.client(&["ls"])),
    ];
    for (number, ended) in ends.iter().enumerate() {
        assert!(ended.code == 125 && ended.stdout.is_empty(), "{number}: {ended:?}");
        assert!(ended.stderr.contains(sign) && ended.stderr.contains("; instead: "), "{number} {sign}: {ended:?}");
    }
    assert_eq!(scene.ran(), 0);
    assert_eq!(scene.of_kind("error").len(), before + ends.len());
}

fn a_policy_that_does_not_load_refuses_everything(scene: &Scene) {
    scene.link("ls");
    let policies: &[(&[u8], &str)] = &[
        (b"format = 1\n[approval\n", "policy.toml:2:"),
        (b"format = 1\n\n[approvals]\nwait = \"5s\"\n", "policy.toml:3:2: error: a policy file has no key `approvals`"),
        (b"", "policy.toml:1:1: error: a policy file needs `format`"),
        (b"format = 1\n# \xff\n", "the file is not UTF-8"),
        (b"format = 1\n[approval]\nwait = \"soon\"\n", "policy.toml:3:8: error: `soon` is no time"),
    ];
    for (text, sign) in policies {
        std::fs::write(scene.config().join("policy.toml"), text).expect("a policy");
        every_face(scene, sign);
        let ended = scene.verb(&["policy", "check"]);
        assert!(ended.code == 1 && format!("{}{}", ended.stdout, ended.stderr).contains(sign), "{ended:?}");
    }
    scene.policy("format = 1\n");
    // A pack of the user's counts as well, and a project's file.
    let pack = scene.config().join("packs/mine.toml");
    scene.script(&pack, "format = 1\n[nonsense]\n");
    every_face(scene, "mine.toml:2:2");
    std::fs::remove_file(&pack).expect("a file");
    let project = scene.work().join(".vetsh.toml");
    std::fs::write(&project, "format = 1\nenforce = \"observe\"\nobserve_until = 2999-01-01\n").expect("a file");
    every_face(scene, ".vetsh.toml:2:1: error: enforce loosens, and this project file is not trusted");
    std::fs::remove_file(&project).expect("a file");
    assert_eq!((scene.run(MARK).code, scene.ran()), (0, 1));
    scene.chain_holds();
}

fn a_policy_that_others_may_write_refuses_everything(scene: &Scene) {
    scene.link("ls");
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    let policy = scene.config().join("policy.toml");
    for open in [0o666, 0o622, 0o664] {
        mode(&policy, open);
        every_face(scene, "policy.toml; others may write it; instead: chown it to you and chmod go-w");
    }
    mode(&policy, 0o644);
    mode(&scene.config(), 0o777);
    every_face(scene, "[house.mode]");
    mode(&scene.config(), 0o755);
    let aside = scene.at("aside.toml");
    std::fs::rename(&policy, &aside).expect("moved");
    std::fs::create_dir(&policy).expect("a folder");
    every_face(scene, "[policy.unreadable]");
    std::fs::remove_dir(&policy).expect("a folder");
    std::fs::rename(&aside, &policy).expect("moved");
    if chown(&policy, Some(4711), None).is_ok() {
        every_face(scene, "others may write it");
        chown(&policy, Some(0), None).expect("an owner");
    } else {
        eprintln!("SKIPPED: no second user here to own a policy; run as root this must not be skipped");
    }
    assert_eq!((scene.run(MARK).code, scene.ran()), (0, 1));
}

fn a_state_that_is_not_ours_refuses_everything(scene: &Scene) {
    assert_eq!(scene.run("true").code, 0);
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    for folder in ["", "audit", "live", "spool", "guard"] {
        let path = scene.state().join(folder);
        mode(&path, 0o770);
        let ended = scene.run(MARK);
        assert!(ended.code == 125 && ended.stderr.contains("chmod go-w"), "{folder}: {ended:?}");
        mode(&path, 0o700);
    }
    // A link in the place of a folder.
    let (guard, aside) = (scene.state().join("guard"), scene.state().join("aside"));
    std::fs::rename(&guard, &aside).expect("moved");
    std::os::unix::fs::symlink(&aside, &guard).expect("a link");
    let ended = scene.run(MARK);
    assert!(ended.code == 125 && ended.stderr.contains("this is no directory"), "{ended:?}");
    std::fs::remove_file(&guard).expect("a link");
    std::fs::rename(&aside, &guard).expect("moved");
    // A directory of work that is gone.
    let gone = scene.work().join("gone");
    std::fs::create_dir(&gone).expect("a folder");
    let line = format!("cd gone && rmdir ../gone && {} -c true; exit $?", scene.shim("bash").display());
    let ended = scene.end(Command::new("/bin/bash").args(["-c", &line]).current_dir(scene.work()));
    assert!(ended.code == 125 && ended.stderr.contains("[house.cwd]"), "{ended:?}");
    assert_eq!(scene.of_kind("error").pop().expect("a record")["line"], "true");
    assert_eq!(scene.ran(), 0);
}
