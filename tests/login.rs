//! The login shell, as real programs use it: OpenSSH's server on a loopback port lets in a user whose shell we are and whose records
//! the machine's writer keeps. What is allowed works byte for byte; what is forbidden is judged by what it would do.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use scene::desk::Desk;
use scene::users::{AGENT, OTHER, Users, home};
use scene::{Case, Ended, Scene};

const CASES: &[Case] = &[
    ("a_command_and_a_script_over_ssh", a_command_and_a_script_over_ssh),
    ("files_go_both_ways_by_scp_and_rsync", files_go_both_ways_by_scp_and_rsync),
    ("what_may_not_be_copied_is_not", what_may_not_be_copied_is_not),
    ("sftp_is_asked_about_and_held_by_walls", sftp_is_asked_about_and_held_by_walls),
    ("git_fetches_and_pushes", git_fetches_and_pushes),
    ("a_terminal_over_ssh", a_terminal_over_ssh),
    ("cron_and_at_start_it_their_way", cron_and_at_start_it_their_way),
    ("a_policy_that_does_not_load_locks_nobody_out", a_policy_that_does_not_load_locks_nobody_out),
];

fn main() {
    scene::main(CASES);
}

const SSHD: &str = "/usr/sbin/sshd";

/// What root's policy says besides what is built in.
const POLICY: &str = "format = 1\n[approval]\nwait = \"0s\"\n[workspace]\nroots = [\"~/work\"]\n";

/// A machine one can log into.
struct Host<'a> {
    users: Users<'a>,
    children: Vec<Child>,
    port: u16,
    keys: PathBuf,
}

impl Drop for Host<'_> {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl<'a> Host<'a> {
    fn start(scene: &'a Scene) -> Option<Host<'a>> {
        for program in [SSHD, "/usr/bin/ssh", "/usr/bin/rsync"] {
            if !Path::new(program).exists() {
                eprintln!("SKIPPED: there is no {program}; where .ci/run runs as root this must not be skipped");
                return None;
            }
        }
        let users = Users::make(scene)?.with_writer();
        std::fs::write(scene.system().join("policy.toml"), POLICY).expect("a policy");
        let writer = users.writer();
        let keys = Path::new("/run/keys");
        for folder in ["/run/sshd", "/run/keys"] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        for name in ["host", "user"] {
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(keys.join(name)).status();
            assert!(made.expect("ssh-keygen").success());
        }
        for name in ["agent", "other"] {
            std::fs::copy(keys.join("user.pub"), keys.join(name)).expect("a key");
            std::fs::set_permissions(keys.join(name), std::fs::Permissions::from_mode(0o644)).expect("a mode");
        }
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let server = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"];
        let server = server.iter().find(|path| Path::new(path).exists()).expect("OpenSSH's sftp-server");
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey /run/keys/host\nAuthorizedKeysFile /run/keys/%u\nUsePAM no\nPasswordAuthentication no\nPidFile none\nStrictModes no\nPrintMotd no\nUseDNS no\nAcceptEnv *\nSubsystem sftp {server}\n"
        );
        std::fs::write(keys.join("config"), config).expect("a configuration");
        let log = std::fs::File::create(keys.join("log")).expect("a log");
        let sshd =
            Command::new(SSHD).args(["-D", "-e", "-f", "/run/keys/config"]).stdin(Stdio::null()).stderr(log).spawn();
        let host = Host { users, children: vec![writer, sshd.expect("sshd")], port, keys: keys.to_owned() };
        let end = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let told = std::fs::read_to_string(host.keys.join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "sshd does not listen: {told}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(host)
    }

    fn options(&self) -> Vec<String> {
        let with = |option: &str| ["-o".to_owned(), option.to_owned()];
        let mut words = vec![
            "-F".to_owned(),
            "/dev/null".to_owned(),
            "-i".to_owned(),
            self.keys.join("user").display().to_string(),
        ];
        for option in [
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "BatchMode=yes",
            &format!("Port={}", self.port),
        ] {
            words.extend(with(option));
        }
        words
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.users.scene.plain(program);
        command.env("PATH", "/usr/bin:/bin").env("GIT_SSH_COMMAND", format!("ssh {}", self.options().join(" ")));
        command
    }

    fn ssh(&self, words: &[&str]) -> Ended {
        self.users.scene.end(self.command("ssh").args(self.options()).arg("agent@127.0.0.1").args(words))
    }

    /// `ssh host` with something on its standard input.
    fn ssh_with(&self, words: &[&str], input: &[u8]) -> Ended {
        let mut child = self
            .command("ssh")
            .args(self.options())
            .arg("agent@127.0.0.1")
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ssh");
        child.stdin.take().expect("its input").write_all(input).expect("its input");
        let ended = child.wait_with_output().expect("its end");
        Ended {
            code: ended.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
        }
    }

    fn copy(&self, program: &str, words: &[&str]) -> Ended {
        self.users.scene.end(self.command(program).args(self.options()).args(words))
    }

    fn rsync(&self, words: &[&str]) -> Ended {
        let shell = format!("ssh {}", self.options().join(" "));
        self.users.scene.end(self.command("rsync").args(["-e", &shell]).args(words))
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.keys.join("log")).unwrap_or_default();
        format!("{log}\n{:?}", self.users.records().last())
    }

    fn last(&self, kind: &str) -> serde_json::Value {
        let of_kind = self.users.records().into_iter().rfind(|one| one["kind"] == kind);
        let record = of_kind.unwrap_or_else(|| panic!("no {kind} in {:?}", self.users.records()));
        assert_eq!(record["by"]["uid"], AGENT);
        record
    }
}

/// Bytes of every kind, more than one packet of them.
fn bytes() -> Vec<u8> {
    (0..300_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn own(path: &Path, text: &[u8]) {
    std::fs::write(path, text).expect("a file");
    chown(path, Some(AGENT), Some(AGENT)).expect("an owner");
}

fn a_command_and_a_script_over_ssh(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let ended = host.ssh(&["echo $((6 * 7)); exit 9"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (9, "42\n", ""));
    assert_eq!(host.last("launch")["line"], "echo $((6 * 7)); exit 9");
    let ended = host.ssh(&["cat /etc/shadow"]);
    assert!(ended.code == 126 && ended.stderr.contains("[core.reads-credential]"), "{ended:?}");
    let ended = host.ssh(&["touch ~/.ssh/authorized_keys; echo on"]);
    assert!(ended.code == 126 && ended.stdout.is_empty(), "{ended:?}");
    // A command's own input is not ours to read.
    let ended = host.ssh_with(&["wc -c; cat"], &bytes());
    assert_eq!((ended.code, ended.stdout.trim()), (0, "300000"), "{ended:?}");
    let ended = host.ssh_with(&["bash"], b"echo one\ncat /etc/shadow\necho three\n");
    assert!(ended.code == 126 && !ended.stdout.contains("three"), "{ended:?}");
    let ended = host.ssh_with(&["bash", "-s", "a", "b"], b"echo \"$1$2\"\nexit 3\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (3, "ab\n"), "{ended:?}");
    let ended = host.ssh_with(&[], b"cd work\npwd\nexit 4\n");
    assert_eq!((ended.code, ended.stdout.as_str()), (4, "/home/agent/work\n"), "{ended:?}");
    // Neither the start-up file that bash reads below sshd nor a variable that the other side sends runs anything.
    own(&home(AGENT).join(".bashrc"), b"echo from-bashrc\n");
    own(&home(AGENT).join("evil"), b"echo from-evil\n");
    let sent = "SetEnv=BASH_ENV=/home/agent/evil ENV=/home/agent/evil PROMPT_COMMAND=id BASH_FUNC_echo%%='() { id; }' PATH=/home/agent:/usr/bin:/bin";
    let ended =
        scene.end(host.command("ssh").args(host.options()).args(["-o", sent, "agent@127.0.0.1", "/bin/echo hi"]));
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "hi\n", ""));
    // (What the loader obeys, LD_PRELOAD, reaches a dynamic binary under test before us; the one that is installed has no loader.)
    assert!(host.last("launch")["env"]["dropped"].to_string().contains("BASH_ENV"));
    // One connection is one session, and no command in it makes itself a workspace.
    let session = |record: &serde_json::Value| record["session"].as_str().expect("a session").to_owned();
    let before = session(&host.last("launch"));
    for folder in ["outer", "outer/.git", "outer/src"] {
        scene::users::folder_of(AGENT, &home(AGENT).join(folder), 0o755);
    }
    let ended = host.ssh_with(&["bash"], b"echo one\ncd ~/outer\n/usr/local/sbin/bash -c 'rm -rf src'\n");
    assert!(ended.stderr.contains("core.deletes-home"), "{ended:?}");
    let now: Vec<String> = host.users.records().iter().rev().take(2).map(session).collect();
    assert!(now.iter().all(|one| *one == now[0] && *one != before && one != "orphan"), "{now:?} {before}");
    assert_eq!(host.last("launch")["agent"]["executable"], "sshd");
    host.users.chain_holds();
}

fn files_go_both_ways_by_scp_and_rsync(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let (there, here) = (home(AGENT).join("work"), scene.work());
    own(&there.join("data"), &bytes());
    let fetched = here.join("fetched");
    let fetched_name = fetched.display().to_string();
    let ended = host.copy("scp", &["-O", "-q", "agent@127.0.0.1:work/data", &fetched_name]);
    assert_eq!((ended.code, std::fs::read(&fetched).ok()), (0, Some(bytes())), "{ended:?}");
    assert_eq!(host.last("launch")["line"], "scp -f work/data");
    std::fs::create_dir(there.join("build")).expect("a folder");
    chown(there.join("build"), Some(AGENT), Some(AGENT)).expect("an owner");
    let ended = host.copy("scp", &["-O", "-q", &fetched_name, "agent@127.0.0.1:work/build/sent"]);
    assert_eq!((ended.code, std::fs::read(there.join("build/sent")).ok()), (0, Some(bytes())), "{ended:?}");
    let ended = host.rsync(&["-a", "agent@127.0.0.1:work/build/", &here.join("copy").display().to_string()]);
    assert_eq!((ended.code, std::fs::read(here.join("copy/sent")).ok()), (0, Some(bytes())), "{ended:?}");
    std::fs::write(here.join("copy/more"), "more").expect("a file");
    let ended = host.rsync(&[
        "-a",
        "--no-o",
        "--no-g",
        &format!("{}/", here.join("copy").display()),
        "agent@127.0.0.1:work/build/out/",
    ]);
    assert_eq!(
        (ended.code, std::fs::read(there.join("build/out/more")).ok()),
        (0, Some(b"more".to_vec())),
        "{ended:?}"
    );
    host.users.chain_holds();
}

fn what_may_not_be_copied_is_not(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let here = scene.work().join("evil");
    std::fs::write(&here, "ssh-ed25519 AAAA\n").expect("a file");
    let name = here.display().to_string();
    scene::users::folder_of(AGENT, &home(AGENT).join(".ssh"), 0o700);
    own(&home(AGENT).join(".ssh/id_ed25519"), b"secret");
    for to in [
        ".ssh/",
        ".ssh/authorized_keys",
        ".bashrc",
        "/etc/cron.d/x",
        "../../etc/x",
        ".config/vetsh/policy.toml",
        "work/../.ssh/x",
    ] {
        let to = format!("agent@127.0.0.1:{to}");
        for ended in [host.copy("scp", &["-O", "-q", &name, &to]), host.rsync(&["-a", &name, &to])] {
            assert!(ended.code != 0 && ended.stderr.contains("vetsh: refused ["), "{to}: {ended:?}");
        }
    }
    let got = scene.work().join("got").display().to_string();
    for from in [".ssh/id_ed25519", "/etc/shadow", "work/../.ssh/id_ed25519", ".ssh/*"] {
        let from = format!("agent@127.0.0.1:{from}");
        for ended in [host.copy("scp", &["-O", "-q", &from, &got]), host.rsync(&["-a", &from, &got])] {
            assert!(ended.code != 0 && ended.stderr.contains("vetsh: refused ["), "{from}: {ended:?}");
        }
    }
    assert!(!Path::new(&got).exists() && std::fs::read_dir(home(AGENT).join(".ssh")).expect("a folder").count() == 1);
    for path in ["cat /etc/shadow; rsync", "rsync --rsh='cat /etc/shadow'", "bash -c 'cat .ssh/id_ed25519' # rsync"] {
        let ended = host.rsync(&["-a", "--rsync-path", path, "agent@127.0.0.1:work/", &got]);
        assert!(ended.code != 0 && ended.stderr.contains("vetsh: refused ["), "{path}: {ended:?}");
    }
    let push = scene.end(host.command("git").args(["ls-remote", "agent@127.0.0.1:/nowhere/x.git"]));
    assert_ne!(push.code, 0);
}

fn sftp_is_asked_about_and_held_by_walls(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let there = home(AGENT).join("work/data");
    own(&there, &bytes());
    scene::users::folder_of(AGENT, &home(AGENT).join(".ssh"), 0o700);
    own(&home(AGENT).join(".ssh/id_ed25519"), b"secret");
    let got = scene.work().join("got");
    let name = got.display().to_string();
    let fetch = |what: &str| host.copy("scp", &["-s", "-q", &format!("agent@127.0.0.1:{what}"), &name]);
    let ended = fetch("work/data");
    // sshd hands on no words of a subsystem: they stand in the record alone.
    assert!(ended.code != 0 && !got.exists(), "{ended:?}");
    assert!(host.last("refusal").to_string().contains("net.sftp-server"), "{}", host.log());
    // Root lets it run where walls stand: they hold what nobody sees.
    let walled = format!(
        "{POLICY}[walls]\nmode = \"require\"\nprofile = \"workspace\"\n[[relax]]\nrule = \"net.sftp-server\"\nto = \"autonomous\"\nreason = \"walls hold it\"\nwhen = {{ context = {{ walls = \"files\" }} }}\n"
    );
    std::fs::write(scene.system().join("policy.toml"), walled).expect("a policy");
    let ended = fetch("work/data");
    assert_eq!((ended.code, std::fs::read(&got).ok()), (0, Some(bytes())), "{ended:?} {}", host.log());
    let ended = fetch(".ssh/id_ed25519");
    assert!(ended.code != 0 && std::fs::read(&got).ok() == Some(bytes()), "{ended:?}");
    let batch = scene.work().join("batch");
    std::fs::write(&batch, format!("put {name} work/back\nput {name} .ssh/authorized_keys\n")).expect("a batch");
    let ended = host.copy("sftp", &["-q", "-b", &batch.display().to_string(), "agent@127.0.0.1"]);
    assert!(ended.code != 0, "{ended:?}");
    assert_eq!(std::fs::read(home(AGENT).join("work/back")).ok(), Some(bytes()));
    assert!(!home(AGENT).join(".ssh/authorized_keys").exists());
    host.users.chain_holds();
}

fn git_fetches_and_pushes(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let git = |words: &[&str]| {
        let mut command = host.command("git");
        command.args(["-c", "user.name=u", "-c", "user.email=u@h", "-c", "init.defaultBranch=main"]);
        scene.end(command.args(words))
    };
    let bare = "/home/agent/work/repo.git";
    let made = host.users.real(AGENT, &format!("git init -q --bare -b main {bare}"));
    assert_eq!(made.code, 0, "{made:?}");
    let far = format!("agent@127.0.0.1:{bare}");
    let clone = scene.work().join("clone").display().to_string();
    let ended = git(&["clone", "-q", &far, &clone]);
    assert_eq!(ended.code, 0, "{ended:?}");
    std::fs::write(format!("{clone}/data"), bytes()).expect("a file");
    for words in [&["-C", &clone, "add", "."][..], &["-C", &clone, "commit", "-q", "-m", "one"]] {
        assert_eq!(git(words).code, 0);
    }
    // To take commits is to rewrite what others see: asked about, wherever it is.
    let ended = git(&["-C", &clone, "push", "-q", "origin", "HEAD:main"]);
    assert!(ended.code != 0 && ended.stderr.contains("git-receive-pack"), "{ended:?}");
    let relax = |rule: &str| {
        format!(
            "[[relax]]\nrule = \"{rule}\"\nto = \"autonomous\"\nreason = \"pushes are taken\"\nwhen = {{ program = \"git-receive-pack\" }}\n"
        )
    };
    // Its hooks are code of the workspace.
    let allowed = [POLICY, &relax("core.rewrites"), &relax("core.executes-workspace")].concat();
    std::fs::write(scene.system().join("policy.toml"), allowed).expect("a policy");
    let ended = git(&["-C", &clone, "push", "-q", "origin", "HEAD:main"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let again = scene.work().join("again").display().to_string();
    let ended = git(&["clone", "-q", &far, &again]);
    assert_eq!((ended.code, std::fs::read(format!("{again}/data")).ok()), (0, Some(bytes())), "{ended:?}");
    let out = host.users.real(AGENT, "git init -q --bare /home/agent/other.git");
    assert_eq!(out.code, 0, "{out:?}");
    for place in ["/home/agent/other.git", "/etc/x.git"] {
        let ended = git(&["-C", &clone, "push", "-q", &format!("agent@127.0.0.1:{place}"), "HEAD:main"]);
        assert!(ended.code != 0 && ended.stderr.contains("vetsh: refused ["), "{place}: {ended:?}");
    }
    host.users.chain_holds();
}

/// At a terminal, `ssh -t agent@host`.
fn at_terminal(host: &Host<'_>, words: &str) -> Desk {
    Desk::start(host.users.scene, &format!("ssh -t {} agent@127.0.0.1 {words}", host.options().join(" ")))
}

fn a_terminal_over_ssh(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let mut desk = at_terminal(&host, "");
    desk.until("$ ");
    desk.type_slowly("cd work; echo \"at $PWD $-\"");
    desk.until("at /home/agent/work ");
    desk.type_slowly("cat /etc/shadow");
    desk.until("[core.reads-credential]");
    desk.type_slowly("exit 7");
    desk.until("code=7");
    host.users.chain_holds();
}

/// What crond and atd do, word for word: cron runs `SHELL -c LINE` in a bare environment from home; atd gives a shell the script
/// that `at` has made, on its standard input.
fn cron_and_at_start_it_their_way(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    let shell = "/usr/local/sbin/bash";
    let cron = |line: &str| {
        let mut command = host.users.command(AGENT, shell);
        command.args(["-c", line]).env_clear().current_dir(home(AGENT));
        command.envs([("HOME", "/home/agent"), ("LOGNAME", "agent"), ("SHELL", shell), ("PATH", "/usr/bin:/bin")]);
        scene.end(&mut command)
    };
    let ended = cron("cd work && echo \"$LOGNAME $SHELL\"");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "agent /usr/local/sbin/bash\n"), "{ended:?}");
    assert_eq!(cron("cat /etc/shadow").code, 126);
    let at = |line: &str| {
        let script = format!(
            "#!/bin/sh\n# atrun uid={AGENT} gid={AGENT}\n# mail agent 0\numask 22\nLANG=C.UTF-8; export LANG\nLOGNAME=agent; export LOGNAME\ncd /home/agent/work || {{\n\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}}\n{line}\n"
        );
        let job = Path::new("/run/job");
        std::fs::write(job, script).expect("a job");
        let mut command = host.users.command(AGENT, "/usr/local/sbin/sh");
        command.env_clear().current_dir("/").stdin(std::fs::File::open(job).expect("a job"));
        command.envs([("HOME", "/home/agent"), ("LOGNAME", "agent"), ("SHELL", "/bin/sh"), ("PATH", "/usr/bin:/bin")]);
        scene.end(&mut command)
    };
    let ended = at("echo \"in $PWD\"");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "in /home/agent/work\n"), "{ended:?}");
    assert_eq!(at("cat /etc/shadow").code, 126);
    host.users.chain_holds();
}

fn a_policy_that_does_not_load_locks_nobody_out(scene: &Scene) {
    let Some(host) = Host::start(scene) else { return };
    assert_eq!(host.ssh(&["echo before"]).stdout, "before\n");
    let config = home(AGENT).join(".config/vetsh");
    scene::users::folder_of(AGENT, &config, 0o700);
    let file = config.join("policy.toml");
    own(&file, b"format = 1\n[[rule]]\nid = broken\n");
    let ended = host.ssh(&["echo x"]);
    assert!(ended.code == 125 && ended.stderr.contains("[policy.invalid]") && ended.stdout.is_empty(), "{ended:?}");
    for (words, sign) in [
        ("vetsh policy check", "policy.toml:3"),
        ("doctor", "does not load"),
        ("vetsh audit verify", "Permission denied"),
    ] {
        let ended = host.ssh(&[words]);
        assert!(format!("{}{}", ended.stdout, ended.stderr).contains(sign), "{words}: {ended:?}");
    }
    for line in ["vetsh policy check; echo on", "policy edit x", "vetsh trust x", "EDITOR=/bin/sh vetsh policy edit"] {
        let ended = host.ssh(&[line]);
        assert!(ended.code == 125 && ended.stdout.is_empty(), "{line}: {ended:?}");
    }
    // Without a terminal nobody edits.
    let ended = host.ssh(&["vetsh policy edit"]);
    assert!(ended.code == 1 && ended.stderr.contains("needs a human"), "{ended:?}");
    // An agent of that user does not either, whatever terminal it makes.
    let inside = "python3 -c 'import pty; pty.spawn([\"/usr/local/sbin/bash\", \"-c\", \"vetsh policy edit\"])'";
    let ended = host.users.real(AGENT, inside);
    assert!(ended.stdout.contains("needs a human"), "{ended:?}");

    let mut desk = at_terminal(&host, "");
    desk.until("vetsh> ");
    desk.type_slowly("echo x > ~/ran");
    desk.until("only doctor");
    desk.type_slowly("policy check");
    desk.until("policy.toml:3");
    scene.replace("/usr/bin/editor", "#!/bin/sh\nprintf 'format = 1\\n' > \"$1\"\n");
    Command::new("chmod").args(["755", "/usr/bin/editor"]).status().expect("chmod");
    desk.type_slowly("policy edit");
    desk.until("nothing to compare with");
    desk.yes();
    desk.until("$ ");
    desk.type_slowly("echo \"mended $((40 + 2))\"");
    desk.until("mended 42");
    desk.type_slowly("exit");
    desk.until("code=0");
    assert!(!home(AGENT).join("ran").exists());
    assert_eq!(host.ssh(&["echo after"]).stdout, "after\n");
    host.users.chain_holds();

    // A person with a log of their own, whose policy others may write.
    std::fs::write(scene.system().join("agents"), format!("{AGENT} agent\n")).expect("a list");
    let config = home(OTHER).join(".config/vetsh");
    scene::users::folder_of(OTHER, &config, 0o700);
    let file = config.join("policy.toml");
    std::fs::write(&file, "format = 1\n").expect("a policy");
    chown(&file, Some(OTHER), Some(OTHER)).expect("an owner");
    let ssh = |line: &str| scene.end(host.command("ssh").args(host.options()).args(["other@127.0.0.1", line]));
    assert_eq!(ssh("echo before").stdout, "before\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    assert_eq!(ssh("echo x").code, 125);
    assert!(ssh("audit verify").stdout.contains("the chain holds"));
    assert!(ssh("vetsh policy check").stdout.contains("others may write it"));
    let mut desk = Desk::start(scene, &format!("ssh -t {} other@127.0.0.1 policy edit", host.options().join(" ")));
    desk.until("nothing to compare with");
    desk.yes();
    desk.until("code=0");
    assert_eq!(ssh("echo after").stdout, "after\n");

    // Its directory, as a careless umask makes it.
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o775)).expect("a mode");
    assert_eq!(ssh("echo x").code, 125);
    let mut desk = Desk::start(scene, &format!("ssh -t {} other@127.0.0.1", host.options().join(" ")));
    desk.until("[y/N]");
    desk.type_slowly("y");
    desk.until("$ ");
    desk.type_slowly("exit");
    desk.until("code=0");
    assert_eq!(ssh("echo closed").stdout, "closed\n");
}
