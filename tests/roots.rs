//! Systems that are laid out otherwise: each is a root of its own with the shells and links that such a system has, and a user of its
//! own in it. What a line gives there through us is what the root's own shell gives.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const USER: u32 = 4711;

/// A root below which a system stands.
struct Root {
    scratch: tempfile::TempDir,
}

impl Root {
    /// `None`, and says so: only root may become another user in another root.
    fn new() -> Option<Root> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("SKIPPED: only root may enter another root; run as root this must not be skipped");
            return None;
        }
        let scratch = tempfile::tempdir().expect("a scratch directory");
        open(scratch.path());
        let root = Root { scratch };
        for folder in ["dev", "etc", "home/u/w/.git", "proc", "root", "tmp", "usr/bin", "usr/lib", "var/tmp"] {
            std::fs::create_dir_all(root.at(folder)).expect("a folder");
        }
        for folder in ["tmp", "var/tmp"] {
            std::fs::set_permissions(root.at(folder), std::fs::Permissions::from_mode(0o1777)).expect("a mode");
        }
        root.write("etc/passwd", &format!("root:x:0:0::/root:/bin/sh\nu:x:{USER}:{USER}::/home/u:/bin/sh\n"));
        root.write("home/u/w/.git/HEAD", "ref: refs/heads/main\n");
        Some(root)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.at(path), text).expect("a file");
    }

    fn link(&self, to: &str, at: &str) {
        symlink(to, self.at(at)).expect("a link");
    }

    /// `/bin`, `/sbin`, `/lib` and `/lib64` lead into `/usr`.
    fn merged(&self) {
        for name in ["bin", "lib"] {
            self.link(&format!("usr/{name}"), name);
        }
        self.link("usr/lib", "lib64");
        self.link("usr/lib", "usr/lib64");
    }

    /// A program of this machine, with the libraries it is loaded with, at the paths where it looks for them.
    fn install(&self, program: &Path, at: &str) {
        let copy = |from: &Path, to: &Path| {
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            std::fs::copy(from, to).map(drop).unwrap_or_else(|why| panic!("{}: {why}", from.display()));
        };
        copy(program, &self.at(at));
        let needed = Command::new("ldd").arg(program).output().expect("ldd runs");
        for word in
            String::from_utf8_lossy(&needed.stdout).split_ascii_whitespace().filter(|word| word.starts_with('/'))
        {
            let to = self.at(word.trim_start_matches('/'));
            if !to.exists() {
                copy(Path::new(word), &to);
            }
        }
    }

    /// Ours, as its user installs it, called by those names.
    fn vetted(&self, names: &[&str]) {
        self.install(Path::new(env!("CARGO_BIN_EXE_vetsh")), "home/u/bin/vetsh");
        for name in names {
            self.link("vetsh", &format!("home/u/bin/{name}"));
        }
        let owned = Command::new("chown").args(["-R", &format!("{USER}:{USER}")]).arg(self.at("home/u")).status();
        assert!(owned.expect("chown runs").success());
    }

    /// What `words` give in this root, for a user of that number.
    fn run_as(&self, user: u32, words: &[&str]) -> Output {
        self.run_with("true", user, words)
    }

    /// The same once `mounts`, in a shell, has been done in this root.
    fn run_with(&self, mounts: &str, user: u32, words: &[&str]) -> Output {
        let root = self.scratch.path().display();
        let enter = format!(
            "mount -t proc none '{root}/proc' && touch '{root}/dev/null' && mount --bind /dev/null '{root}/dev/null' && \
             cd '{root}' && {mounts} && exec chroot --userspec={user}:{user} --groups= '{root}' \"$@\""
        );
        Command::new("unshare")
            .args(["-m", "--propagation", "private", "sh", "-c", &enter, "enter"])
            .args(words)
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), ("HOME", "/home/u"), ("LC_ALL", "C")])
            .stdin(Stdio::null())
            .output()
            .expect("a root is entered")
    }

    fn run(&self, words: &[&str]) -> Output {
        self.run_as(USER, words)
    }

    /// Harmless lines, through the real shell and through ours.
    fn is_transparent(&self, name: &str, real: &str) {
        for line in [
            "echo \"$0: $((6 * 7))\"; exit 3",
            "cd /home/u/w && pwd && ls -a",
            "for i in 1 2; do echo $i; done | while read x; do echo \"<$x>\"; done",
            "echo a > /tmp/a.txt; cat /tmp/a.txt; rm /tmp/a.txt",
            "kill -TERM $$",
        ] {
            let told = |output: &Output| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(&output.stdout), text(&output.stderr), output.status)
            };
            let due = told(&self.run(&[real, "-c", line, name]));
            let got = told(&self.run(&[&format!("/home/u/bin/{name}"), "-c", line, name]));
            assert_eq!(got, due, "{name}: {line}");
        }
        let refused = self.run(&[&format!("/home/u/bin/{name}"), "-c", "rm -rf ~"]);
        assert_eq!(refused.status.code(), Some(126), "{refused:?}");
        let verified = self.run(&["/home/u/bin/vetsh", "audit", "verify"]);
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert!(verified.status.success() && said.contains("the chain holds"), "{verified:?}");
    }
}

fn open(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("a mode");
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").expect("a PATH");
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {name} is not installed");
    }
    found
}

/// One program under all names, linked by its full path; no bash; nothing merged.
#[test]
fn busybox_is_every_program_and_the_shell() {
    let (Some(root), Some(busybox)) = (Root::new(), found("busybox")) else { return };
    root.install(&busybox, "bin/busybox");
    for applet in ["sh", "ls", "cat", "rm", "pwd", "kill"] {
        root.link("/bin/busybox", &format!("bin/{applet}"));
    }
    root.vetted(&["sh", "bash"]);
    root.is_transparent("sh", "/bin/sh");
    let absent = root.run(&["/home/u/bin/bash", "-c", "echo hi"]);
    assert_eq!(absent.status.code(), Some(127), "{absent:?}");
    assert!(String::from_utf8_lossy(&absent.stderr).contains("bash is not installed"), "{absent:?}");
}

/// Everything below `/usr`, `sh` is dash.
#[test]
fn merged_with_dash_for_sh() {
    let (Some(root), Some(bash), Some(dash)) = (Root::new(), found("bash"), found("dash")) else { return };
    root.merged();
    root.install(&bash, "usr/bin/bash");
    root.install(&dash, "usr/bin/dash");
    root.link("dash", "usr/bin/sh");
    for program in ["ls", "cat", "rm"] {
        root.install(&found(program).expect("coreutils"), &format!("usr/bin/{program}"));
    }
    root.vetted(&["sh", "bash"]);
    root.is_transparent("sh", "/bin/sh");
    root.is_transparent("bash", "/bin/bash");
}

/// Everything below `/usr`, `/usr/sbin` is `/usr/bin`, `sh` is bash, and there is no dash.
#[test]
fn merged_with_bash_for_sh() {
    let (Some(root), Some(bash)) = (Root::new(), found("bash")) else { return };
    root.merged();
    root.link("bin", "usr/sbin");
    root.link("usr/bin", "sbin");
    root.install(&bash, "usr/bin/bash");
    root.link("bash", "usr/bin/sh");
    for program in ["ls", "cat", "rm"] {
        root.install(&found(program).expect("coreutils"), &format!("usr/bin/{program}"));
    }
    root.vetted(&["sh", "bash", "dash"]);
    root.is_transparent("sh", "/usr/bin/sh");
    root.is_transparent("bash", "/usr/bin/bash");
    let absent = root.run(&["/home/u/bin/dash", "-c", "echo hi"]);
    assert_eq!(absent.status.code(), Some(127), "{absent:?}");
}

/// A container's user whom nobody has listed has no home; who made the image may say where records go.
#[test]
fn a_user_without_an_entry_has_the_home_that_root_wrote_down() {
    const NOBODY: u32 = 4712;
    let (Some(root), Some(busybox)) = (Root::new(), found("busybox")) else { return };
    root.install(&busybox, "bin/busybox");
    for applet in ["sh", "ls"] {
        root.link("/bin/busybox", &format!("bin/{applet}"));
    }
    root.vetted(&["sh"]);
    let sh = ["/home/u/bin/sh", "-c", "echo ran"];
    let refused = root.run_as(NOBODY, &sh);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(125) && refused.stdout.is_empty(), "{refused:?}");
    assert!(said.contains("has no home") && said.contains("/etc/vetsh/home"), "{said}");

    std::fs::create_dir_all(root.at("etc/vetsh")).expect("a folder");
    std::fs::create_dir_all(root.at("srv/agent")).expect("a folder");
    root.write("etc/vetsh/home", "/srv/agent\n");
    std::os::unix::fs::chown(root.at("srv/agent"), Some(NOBODY), Some(NOBODY)).expect("an owner");
    let ran = root.run_as(NOBODY, &sh);
    assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(0), b"ran\n".as_slice()), "{ran:?}");
    let verified = root.run_as(NOBODY, &["/home/u/bin/vetsh", "audit", "verify"]);
    assert!(String::from_utf8_lossy(&verified.stdout).contains("the chain holds: 1 records"), "{verified:?}");
}

/// What the doctor says of a machine that lacks what it looks at, beside what it says where it is there.
#[test]
fn the_doctor_sees_what_a_machine_lacks() {
    let (Some(root), Some(busybox)) = (Root::new(), found("busybox")) else { return };
    root.install(&busybox, "bin/busybox");
    root.link("/bin/busybox", "bin/sh");
    root.vetted(&["sh"]);
    root.run(&["/home/u/bin/sh", "-c", ":"]);
    let states = |mounts: &str, probe: &str| -> Vec<String> {
        let out = root.run_with(mounts, USER, &["/home/u/bin/vetsh", "doctor", "--json"]);
        let answer: serde_json::Value =
            serde_json::from_slice(&out.stdout).unwrap_or_else(|why| panic!("{why}: {out:?}"));
        let findings = answer["findings"].as_array().expect("findings");
        let own = findings.iter().filter(|finding| finding["probe"] == probe);
        own.map(|finding| finding["state"].as_str().expect("a state").to_owned()).collect()
    };
    // Neither bash nor zsh nor dash, and only the first is missed.
    assert_eq!(states("true", "shells"), ["broken", "good", "good", "good"]);
    assert_eq!(states("rm bin/sh", "shells"), ["broken", "broken", "good", "good"]);
    root.link("/bin/busybox", "bin/sh");
    let says = |what: &str, text: &str| format!("echo {text} > said && mount --bind said proc/sys/{what}");
    assert_eq!(states(&says("kernel/osrelease", "5.9.1"), "kernel")[0], "degraded");
    assert_eq!(states(&says("kernel/osrelease", "6.1.0"), "kernel")[0], "good");
    assert_eq!(states(&says("dev/tty/legacy_tiocsti", "0"), "terminal"), ["good"]);
    assert_eq!(states(&says("dev/tty/legacy_tiocsti", "1"), "terminal"), ["degraded"]);
    let traced = |mount: &str| states(mount, "kernel")[1].clone();
    if Path::new("/proc/sys/kernel/yama/ptrace_scope").exists() {
        assert_eq!(traced(&says("kernel/yama/ptrace_scope", "0")), "degraded");
        assert_eq!(traced(&says("kernel/yama/ptrace_scope", "1")), "good");
    } else {
        assert_eq!(traced("true"), "degraded");
    }
    assert_eq!(states("true", "record"), ["good"]);
    let state = "home/u/.local/state/vetsh/audit";
    let little = format!(
        "cp -a {state} kept && mount -t tmpfs -o size=1m none {state} && cp -a kept/. {state}/ && chown {USER}:{USER} {state} && chmod 700 {state}"
    );
    assert_eq!(states(&little, "record"), ["good", "degraded"]);
}
