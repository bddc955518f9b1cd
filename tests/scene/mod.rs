//! A machine of one's own for each case: a pid and mount namespace in which the user database names a scratch home, so that
//! vetsh runs there as it does when installed (shims by their names, home's own policy, state and log) and touches nothing
//! else. Nothing but the case stands above the clients it starts. Made with root's rights, or in a user namespace.

#![allow(dead_code, reason = "not every test needs all of it")]

pub mod agent;
pub mod desk;
pub mod users;

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};

pub const OWN: &str = env!("CARGO_BIN_EXE_vetsh");

/// A case: its name, and what it does on a machine of its own.
pub type Case = (&'static str, fn(&Scene));

/// What `unshare` is told, with root's rights and without.
const NAMESPACES: [&[&str]; 2] = [
    &["--pid", "--fork", "--kill-child", "--mount", "--mount-proc"],
    &["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"],
];

/// Nothing here takes longer; a case that does hangs.
const LONGEST: Duration = Duration::from_secs(240);

/// Runs all cases, each on a machine of its own, side by side.
pub fn main(cases: &'static [Case]) {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first, name] = words.as_slice()
        && first == "--inside"
    {
        let (_, case) = cases.iter().find(|(known, _)| known == name).expect("a case");
        let scene = Scene::make();
        let ended = std::panic::catch_unwind(|| case(&scene));
        drop(scene);
        std::process::exit(i32::from(ended.is_err()));
    }
    let arguments = Arguments::from_args();
    let trials = cases.iter().map(|(name, _)| Trial::test(*name, || outside(name))).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// The namespace that can be had here.
fn namespace() -> Option<&'static [&'static str]> {
    static FOUND: OnceLock<Option<&'static [&'static str]>> = OnceLock::new();
    let probe = "exec 2>/dev/null; mount -t tmpfs none /tmp && mkdir /tmp/e && mount -t overlay -o lowerdir=/tmp/e:/etc none /etc";
    *FOUND.get_or_init(|| {
        NAMESPACES.into_iter().find(|namespace| {
            let probe = Command::new("unshare").args(*namespace).args(["sh", "-c", probe]).output();
            probe.is_ok_and(|probe| probe.status.success())
        })
    })
}

fn outside(name: &str) -> Result<(), Failed> {
    let Some(namespace) = namespace() else {
        eprintln!("SKIPPED {name}: no pid and mount namespace can be made here; run as root this must not be skipped");
        return Ok(());
    };
    let told = tempfile::tempfile()?;
    let mut child = Command::new("unshare")
        .args(namespace)
        .arg(std::env::current_exe()?)
        .args(["--inside", name])
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(told.try_clone()?)
        .stderr(told.try_clone()?)
        .spawn()?;
    let end = Instant::now() + LONGEST;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if Instant::now() > end => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let text = text_of(&told);
    for line in text.lines().filter(|line| line.starts_with("SKIPPED")) {
        eprintln!("{line}");
    }
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("{status}\n{text}").into()),
        None => Err(format!("it hung\n{text}").into()),
    }
}

fn text_of(mut file: &File) -> String {
    use std::io::{Read, Seek};
    let mut text = Vec::new();
    let _ = file.rewind().and_then(|()| file.read_to_end(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The machine, seen from inside.
pub struct Scene {
    scratch: tempfile::TempDir,
}

impl Scene {
    fn make() -> Scene {
        // Not hidden: what lies below a hidden directory is never taken for its like.
        let scene = Scene { scratch: tempfile::Builder::new().prefix("scene").tempdir().expect("a scratch directory") };
        for folder in [scene.work(), scene.shims(), scene.bin(), scene.config(), scene.system(), scene.at(".local/bin")]
        {
            std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder).expect("a folder");
        }
        std::fs::copy(OWN, scene.vetsh()).expect("our own binary");
        for name in ["bash", "sh", "zsh", "dash"] {
            scene.link(name);
        }
        let passwd = format!("root:x:0:0:root:{}:/bin/bash\n", scene.home().display());
        std::fs::write(scene.etc().join("passwd"), passwd).expect("a user database");
        let below = format!("lowerdir={}:/etc", scene.etc().display());
        scene.mount(&["-t", "overlay", "-o", &below, "none", "/etc"]);
        // A folder that stays ours to change while /etc is not.
        scene.mount(&["--bind", &scene.system().display().to_string(), "/etc/vetsh"]);
        scene.policy("format = 1\n[approval]\nwait = \"0s\"\n");
        scene
    }

    pub fn mount(&self, words: &[&str]) {
        let mounted = Command::new("mount").args(words).output().expect("mount runs");
        assert!(mounted.status.success(), "mount {words:?}: {}", String::from_utf8_lossy(&mounted.stderr));
    }

    /// Another text in the place of a file of the system's.
    pub fn replace(&self, path: &str, text: &str) {
        let beside = self.scratch.path().join(path.replace('/', "_"));
        std::fs::write(&beside, text).expect("a file");
        self.mount(&["--bind", &beside.display().to_string(), path]);
    }

    fn etc(&self) -> PathBuf {
        self.scratch.path().join("etc")
    }
    /// What stands as /etc/vetsh.
    pub fn system(&self) -> PathBuf {
        self.etc().join("vetsh")
    }
    pub fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }
    pub fn at(&self, below_home: &str) -> PathBuf {
        self.home().join(below_home)
    }
    pub fn work(&self) -> PathBuf {
        self.at("work")
    }
    pub fn config(&self) -> PathBuf {
        self.at(".config/vetsh")
    }
    pub fn state(&self) -> PathBuf {
        self.at(".local/state/vetsh")
    }
    pub fn shims(&self) -> PathBuf {
        self.at(".local/share/vetsh/shims")
    }
    pub fn vetsh(&self) -> PathBuf {
        self.at(".local/bin/vetsh")
    }
    /// Programs of the case's own, on PATH behind the shims.
    pub fn bin(&self) -> PathBuf {
        self.at("bin")
    }

    /// A shim.
    pub fn shim(&self, name: &str) -> PathBuf {
        self.shims().join(name)
    }

    /// Links a program to us.
    pub fn link(&self, name: &str) {
        symlink(self.vetsh(), self.shim(name)).expect("a link");
    }

    /// Shims first, then the case's own programs, then the system's.
    pub fn path(&self) -> String {
        format!("{}:{}:/usr/bin:/bin", self.shims().display(), self.bin().display())
    }

    /// An executable script.
    pub fn script(&self, path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a script");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    pub fn policy(&self, text: &str) {
        std::fs::write(self.config().join("policy.toml"), text).expect("a policy");
    }

    /// A program of the machine, in a clean environment.
    pub fn plain(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.path())
            .env("HOME", self.home())
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8");
        command.current_dir(self.work()).stdin(Stdio::null());
        command
    }

    /// What a client does: a shell of its own runs `words`, and waits.
    pub fn client(&self, words: &[&str]) -> Command {
        let mut command = self.plain("/bin/bash");
        command.args(["-c", "\"$@\"; exit $?", "client"]).args(words);
        command
    }

    /// A client runs `line` through the shim.
    pub fn run(&self, line: &str) -> Ended {
        self.end(&mut self.client(&["bash", "-c", line]))
    }

    pub fn end(&self, command: &mut Command) -> Ended {
        let output = command.output().expect("a program");
        let code = std::os::unix::process::ExitStatusExt::signal(&output.status).map_or(-1, |signal| 128 + signal);
        Ended {
            code: output.status.code().unwrap_or(code),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// A verb of vetsh.
    pub fn verb(&self, words: &[&str]) -> Ended {
        self.end(self.plain(self.vetsh()).args(words))
    }

    /// A verb, called by a human at a terminal of their own.
    pub fn human(&self, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
        let mut desk = desk::Desk::start(self, &format!("{} {}", self.vetsh().display(), words.join(" ")));
        desk.answered()
    }

    /// Writes a policy, and a human trusts it.
    pub fn trust(&self, policy: &str) {
        self.policy(policy);
        let said = self.human(&["trust", &self.config().join("policy.toml").display().to_string()]);
        assert!(said.contains("trusted") && said.contains("code=0"), "{said}");
    }

    /// What waits, by `vetsh approvals --json`, as soon as something does.
    pub fn waiting(&self) -> serde_json::Value {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let ended = self.verb(&["approvals", "--json"]);
            let list: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
            assert_eq!(list["schema"], 1);
            if let Some(first) = list["requests"].get(0) {
                let id = first["id"].as_str().expect("an id");
                assert!(ended.stdout.contains(&format!("\"requests\":[{{\"id\":\"{id}\"")), "{}", ended.stdout);
                return first.clone();
            }
            assert!(Instant::now() < end, "nothing waits");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Every record there is, oldest first.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let Ok(entries) = std::fs::read_dir(self.state().join("audit")) else { return Vec::new() };
        let mut days: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        days.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
        days.sort();
        let text: String = days.iter().map(|day| std::fs::read_to_string(day).expect("text")).collect();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The records of one kind.
    pub fn of_kind(&self, kind: &str) -> Vec<serde_json::Value> {
        self.records().into_iter().filter(|record| record["kind"] == kind).collect()
    }

    /// How often the work left its letter in `work/ran`.
    pub fn ran(&self) -> usize {
        std::fs::read(self.work().join("ran")).map_or(0, |text| text.len())
    }

    /// The chain holds, as we say and as others do.
    pub fn chain_holds(&self) {
        let ended = self.verb(&["audit", "verify"]);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.stdout.contains("the chain holds"), "{ended:?}");
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scene/verify.py");
        let python =
            ["/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"].iter().find(|path| Path::new(path).exists());
        let Some(python) = python else {
            return eprintln!(
                "SKIPPED: no python3 to check the chain with; where .ci/run runs, this must not be skipped"
            );
        };
        let told = self.end(self.plain(python).arg(verifier).arg(self.state().join("audit")));
        assert_eq!((told.code, told.stdout.trim()), (0, self.records().len().to_string().as_str()), "{told:?}");
    }
}

pub fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

pub fn id(waiting: &serde_json::Value) -> String {
    waiting["id"].as_str().expect("an id").to_owned()
}
