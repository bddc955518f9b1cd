//! Users of their own on the case's machine: an agent, another one, and the user whose the log is. Only with root's rights.

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Ended, OWN, Scene};

pub const WRITER: u32 = 64001;
pub const AGENT: u32 = 64002;
pub const OTHER: u32 = 64003;

/// The machine with its users.
pub struct Users<'a> {
    pub scene: &'a Scene,
}

impl<'a> Users<'a> {
    /// `None`, said aloud, where other users cannot be become.
    pub fn make(scene: &'a Scene) -> Option<Users<'a>> {
        let map = std::fs::read_to_string("/proc/self/uid_map").expect("a map");
        if map.split_whitespace().nth(2).and_then(|count| count.parse::<u64>().ok()).is_none_or(|count| count < 65536) {
            eprintln!("SKIPPED: no other users can be had here; run as root this must not be skipped");
            return None;
        }
        for place in ["/var/lib", "/run", "/home", "/usr/local/sbin"] {
            scene.mount(&["-t", "tmpfs", "-o", "mode=755", "none", place]);
        }
        for folder in ["/var/lib/vetsh", "/run/vetsh"] {
            folder_of(WRITER, Path::new(folder), 0o755);
        }
        std::fs::set_permissions("/var/lib/vetsh", std::fs::Permissions::from_mode(0o700)).expect("a mode");
        let vetsh = Path::new("/usr/local/sbin/vetsh");
        std::fs::copy(OWN, vetsh).expect("our own binary");
        for name in ["bash", "sh", "zsh", "dash"] {
            symlink(vetsh, Path::new("/usr/local/sbin").join(name)).expect("a link");
        }
        let mut passwd = std::fs::read_to_string("/etc/passwd").expect("users");
        let mut group = "root:x:0:\nnogroup:x:65534:\nmail:x:8:\n".to_owned();
        passwd.push_str(
            "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\nsshd:x:64009:65534::/run/sshd:/usr/sbin/nologin\n",
        );
        for (name, uid) in [("vetsh", WRITER), ("agent", AGENT), ("other", OTHER)] {
            passwd.push_str(&format!("{name}:x:{uid}:{uid}::/home/{name}:/usr/local/sbin/bash\n"));
            group.push_str(&format!("{name}:x:{uid}:\n"));
        }
        for uid in [AGENT, OTHER] {
            folder_of(uid, &home(uid), 0o755);
            folder_of(uid, &home(uid).join("work"), 0o755);
        }
        scene.replace("/etc/passwd", &passwd);
        scene.replace("/etc/group", &group);
        Some(Users { scene })
    }

    /// From here on the machine's writer keeps the records.
    pub fn with_writer(self) -> Users<'a> {
        let agents = format!("{AGENT} agent\n{OTHER} other\n");
        std::fs::write(self.scene.system().join("agents"), agents).expect("a list");
        self
    }

    pub fn command(&self, uid: u32, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        let id = uid.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups", program]).env_clear();
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        if uid == WRITER {
            command.current_dir("/");
        } else {
            command.env("HOME", home(uid)).current_dir(home(uid).join("work"));
        }
        command.stdin(Stdio::null());
        command
    }

    /// Starts the writer, and waits until it listens.
    pub fn writer(&self) -> Child {
        let _ = std::fs::remove_file("/run/vetsh/writer");
        let child = self.command(WRITER, "/usr/local/sbin/vetsh").arg("writer").spawn().expect("the writer");
        let end = Instant::now() + Duration::from_secs(20);
        while std::os::unix::net::UnixStream::connect("/run/vetsh/writer").is_err() {
            assert!(Instant::now() < end, "the writer never listened");
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    }

    /// A user's client, which runs `words`.
    pub fn client(&self, uid: u32, words: &[&str]) -> Command {
        let mut command = self.command(uid, "/bin/bash");
        command.args(["-c", "\"$@\"; exit $?", "client"]).args(words);
        command
    }

    /// A user's client runs `line` through the shim.
    pub fn run(&self, uid: u32, line: &str) -> Ended {
        self.scene.end(&mut self.client(uid, &["/usr/local/sbin/bash", "-c", line]))
    }

    /// Something of the machine's own, unvetted, as a user.
    pub fn real(&self, uid: u32, line: &str) -> Ended {
        let mut command = self.command(uid, "/bin/bash");
        self.scene.end(command.args(["-c", line]))
    }

    /// Every record of the machine, oldest first.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let Ok(entries) = std::fs::read_dir("/var/lib/vetsh/audit") else { return Vec::new() };
        let mut days: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        days.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
        days.sort();
        let text: String = days.iter().map(|day| std::fs::read_to_string(day).expect("text")).collect();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Root verifies the machine's log.
    pub fn verify(&self) -> Ended {
        self.scene.end(self.scene.plain("/usr/local/sbin/vetsh").args(["audit", "verify"]).current_dir("/"))
    }

    pub fn chain_holds(&self) {
        let ended = self.verify();
        assert!(ended.code == 0 && ended.stdout.contains("the chain holds"), "{ended:?}");
        assert!(ended.stdout.contains(&format!(" {} records", self.records().len())), "{ended:?}");
    }
}

pub fn home(uid: u32) -> PathBuf {
    Path::new("/home").join(if uid == AGENT { "agent" } else { "other" })
}

pub fn folder_of(uid: u32, path: &Path, mode: u32) {
    std::fs::create_dir_all(path).expect("a folder");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    chown(path, Some(uid), Some(uid)).expect("an owner");
}
