//! `install.sh --system`, end to end on a machine of its own: what it shows and changes, whom it refuses, that it changes nothing the
//! second time, and how it is undone. The build is another test's.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use scene::desk::Desk;
use scene::{Case, Ended, OWN, Scene};

const CASES: &[Case] = &[
    ("it_shows_changes_and_proves", it_shows_changes_and_proves),
    ("again_it_changes_nothing_and_undone_all_is_as_it_was", again_it_changes_nothing_and_undone_all_is_as_it_was),
    ("without_a_yes_nothing_is_changed", without_a_yes_nothing_is_changed),
    ("whose_login_shell_it_never_becomes", whose_login_shell_it_never_becomes),
    ("after_it_a_login_is_vetted_and_forwards_nothing", after_it_a_login_is_vetted_and_forwards_nothing),
    ("sshd_is_left_as_it_was_where_it_does_not_take_it", sshd_is_left_as_it_was_where_it_does_not_take_it),
    ("under_systemd_the_writer_is_a_service", under_systemd_the_writer_is_a_service),
];

fn main() {
    scene::main(CASES);
}

const SHELL: &str = "/usr/local/lib/vetsh/shims/bash";
const DROPIN: &str = "/etc/ssh/sshd_config.d/60-vetsh.conf";

/// A machine that can be changed, and forgets it.
fn before(scene: &Scene) -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").expect("a map");
    if map.split_whitespace().nth(2).and_then(|count| count.parse::<u64>().ok()).is_none_or(|count| count < 65536) {
        eprintln!("SKIPPED: no other users can be made here; run as root this must not be skipped");
        return false;
    }
    if !Path::new("/usr/sbin/useradd").exists() {
        eprintln!("SKIPPED: there is no useradd; where .ci/run runs as root this must not be skipped");
        return false;
    }
    let layers = scene.at("layers");
    std::fs::create_dir(&layers).expect("a folder");
    scene.mount(&["-t", "tmpfs", "none", &layers.display().to_string()]);
    for place in ["/etc", "/usr/local", "/var/lib"] {
        let at = layers.join(place.trim_start_matches('/').replace('/', "-"));
        for folder in ["up", "work"] {
            std::fs::create_dir_all(at.join(folder)).expect("a folder");
        }
        let at = at.display();
        let options = format!("lowerdir={place},upperdir={at}/up,workdir={at}/work");
        scene.mount(&["-t", "overlay", "-o", &options, "none", place]);
    }
    for place in ["/home", "/run", "/var/spool"] {
        scene.mount(&["-t", "tmpfs", "-o", "mode=755", "none", place]);
    }
    std::fs::create_dir("/run/sshd").expect("a folder");
    let passwd = std::fs::read_to_string("/etc/passwd").expect("users");
    std::fs::write("/etc/passwd", passwd + "sshd:x:64009:65534::/run/sshd:/usr/sbin/nologin\n").expect("users");
    let sysroot = scene.at("sysroot");
    for arch in ["x86_64", "aarch64"] {
        std::fs::create_dir_all(sysroot.join(format!("lib/rustlib/{arch}-unknown-linux-musl/lib"))).expect("a folder");
    }
    scene.script(&scene.bin().join("rustc"), &format!("#!/bin/sh\necho {}\n", sysroot.display()));
    let cargo = format!(
        "#!/bin/sh\nwhile [ \"$1\" != --target ]; do shift; done\nto=$CARGO_TARGET_DIR/$2/release\nmkdir -p \"$to\" && cp {OWN} \"$to/vetsh\"\n"
    );
    scene.script(&scene.bin().join("cargo"), &cargo);
    true
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh")
}

fn command(scene: &Scene, words: &[&str]) -> Command {
    let mut command = scene.plain(script());
    command.arg("--system").args(words).env("CARGO_TARGET_DIR", scene.at("built"));
    command.env("PATH", format!("{}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", scene.bin().display()));
    command
}

fn install(scene: &Scene, words: &[&str]) -> Ended {
    let told = scene.at("told");
    // The writer goes on, and would hold a pipe open.
    let out = std::fs::File::create(&told).expect("a file");
    let status = command(scene, words).stdout(out.try_clone().expect("a file")).stderr(out).status().expect("a shell");
    let stdout = std::fs::read_to_string(told).expect("text");
    Ended { code: status.code().unwrap_or(-1), stdout, stderr: String::new() }
}

fn installed(scene: &Scene, words: &[&str]) -> String {
    let ended = install(scene, words);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    ended.stdout
}

fn root(scene: &Scene, line: &str) -> Ended {
    scene.end(scene.plain("/bin/sh").args(["-c", line]).env("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"))
}

/// What of the machine it may change: kind, mode, owner and text of each file.
fn picture() -> BTreeMap<PathBuf, (u32, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut left: Vec<PathBuf> = ["/etc", "/usr/local/bin", "/usr/local/lib"].map(PathBuf::from).into();
    while let Some(path) = left.pop() {
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.is_dir() {
            left.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        let text = match meta.is_file() && meta.len() < 1 << 20 {
            true => std::fs::read(&path).unwrap_or_default(),
            false => std::fs::read_link(&path).map_or(Vec::new(), |to| to.into_os_string().into_encoded_bytes()),
        };
        found.insert(path, (meta.mode(), meta.uid(), text));
    }
    found
}

fn it_shows_changes_and_proves(scene: &Scene) {
    if !before(scene) {
        return;
    }
    let said = installed(scene, &["--agent", "robot", "--yes"]);
    for sign in [
        "/usr/local/bin/vetsh: the binary",
        "user vetsh",
        "/etc/shells",
        "user robot",
        "/etc/vetsh/agents: robot",
        "| Match User robot",
        "|     DisableForwarding yes",
        "/etc/cron.deny: robot",
        "robot        one line ran, one was refused (126)",
        "the chain holds",
    ] {
        assert!(said.contains(sign), "{sign}:\n{said}");
    }
    let passwd = std::fs::read_to_string("/etc/passwd").expect("users");
    let robot = passwd.lines().find(|line| line.starts_with("robot:")).expect("a user");
    assert!(robot.ends_with(SHELL), "{robot}");
    let owners = root(
        scene,
        "stat -c '%U:%G %a' /usr/local/bin/vetsh /usr/local/lib/vetsh/shims /var/lib/vetsh /run/vetsh /etc/vetsh /etc/vetsh/agents",
    );
    assert_eq!(
        owners.stdout,
        "root:root 755\nroot:root 755\nvetsh:vetsh 700\nvetsh:vetsh 755\nroot:root 755\nroot:root 644\n"
    );
    let sshd = root(
        scene,
        "sshd -t && sshd -T -C user=robot,host=h,addr=127.0.0.1 | grep -E 'disableforwarding|permituserrc' | sort; sshd -T -C user=root,host=h,addr=127.0.0.1 | grep disableforwarding",
    );
    assert_eq!(sshd.stdout, "disableforwarding yes\npermituserrc no\ndisableforwarding no\n", "{sshd:?}");
    // What the agent cannot: read or change the log, become a cron user, have a yes of its own make.
    let agent = |line: &str| {
        root(
            scene,
            &format!(
                "cd / && setpriv --reuid robot --regid robot --init-groups env HOME=/home/robot PATH=/usr/bin:/bin /bin/sh -c '{line}'"
            ),
        )
    };
    for line in [
        "cat /var/lib/vetsh/audit/head",
        "rm /run/vetsh/writer",
        "echo x >> /etc/vetsh/agents",
        "echo \"* * * * * id\" | crontab -",
    ] {
        assert_ne!(agent(line).code, 0, "{line}");
    }
    let asked = root(scene, "cd / && su robot -c 'cat /home/robot/x'");
    assert!(asked.code == 126 && asked.stderr.contains("nobody is listed"), "{asked:?}");
    let tail = root(scene, "vetsh audit tail; vetsh doctor");
    assert!(tail.stdout.contains("echo vetted"), "{tail:?}");
}

fn again_it_changes_nothing_and_undone_all_is_as_it_was(scene: &Scene) {
    if !before(scene) {
        return;
    }
    let made = root(
        scene,
        "useradd -m -s /bin/dash worker && mkdir -p /usr/local/lib && touch /etc/cron.deny && printf 'other' > /etc/at.deny",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let first = picture();
    installed(scene, &["--agent=robot", "--agent=worker", "--yes"]);
    let second = picture();
    let said = installed(scene, &["--agent=robot", "--agent", "worker", "--yes"]);
    assert!(said.contains("nothing to change"), "{said}");
    assert_eq!(picture(), second);
    // Another binary: the writer that runs becomes it too.
    let cargo = std::fs::read_to_string(scene.bin().join("cargo")).expect("a script");
    scene.script(&scene.bin().join("cargo"), &format!("{cargo}echo >> \"$to/vetsh\"\n"));
    let before = root(scene, "pgrep -fx '/usr/local/bin/vetsh writer'").stdout;
    let said = installed(scene, &["--yes"]);
    assert!(said.contains("started anew") && said.contains("the chain holds"), "{said}");
    assert_ne!(root(scene, "pgrep -fx '/usr/local/bin/vetsh writer'").stdout, before);
    // One more agent is one more, in what is there.
    let said = installed(scene, &["--agent", "third", "--yes"]);
    assert!(said.contains("Match User robot,third,worker") && !said.contains("the binary, root's"), "{said}");

    let said = installed(scene, &["--uninstall", "--yes"]);
    assert!(said.contains("worker /bin/dash") && said.contains("stay (--purge"), "{said}");
    let third = picture();
    let ours = |path: &&PathBuf| {
        !["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"]
            .iter()
            .any(|name| path.to_string_lossy().starts_with(name))
            && !path.starts_with("/etc/vetsh")
    };
    let differing: Vec<_> =
        third.keys().chain(first.keys()).filter(ours).filter(|path| first.get(*path) != third.get(*path)).collect();
    // Nothing but the line feed that `other` lacked.
    assert!(differing.iter().all(|path| path.ends_with("at.deny")), "{differing:?}");
    assert_eq!(std::fs::read_to_string("/etc/at.deny").ok().as_deref(), Some("other\n"));
    let shells = root(
        scene,
        "grep -E '^(worker|robot|vetsh):' /etc/passwd | cut -d: -f7; ls /etc/vetsh /var/lib/vetsh/audit | grep -c .",
    );
    assert!(
        shells.stdout.starts_with("/usr/sbin/nologin\n/bin/dash\n") || shells.stdout.starts_with("/bin/dash\n"),
        "{shells:?}"
    );
    assert!(!Path::new("/run/vetsh").exists() && Path::new("/var/lib/vetsh/audit").exists());
    let said = installed(scene, &["--uninstall", "--yes"]);
    assert!(said.contains("nothing to change"), "{said}");
    installed(scene, &["--uninstall", "--purge", "--yes"]);
    assert!(!Path::new("/etc/vetsh").exists() && !Path::new("/var/lib/vetsh").exists());
}

fn without_a_yes_nothing_is_changed(scene: &Scene) {
    if !before(scene) {
        return;
    }
    let first = picture();
    let ended = install(scene, &["--agent", "robot"]);
    assert!(ended.code == 1 && ended.stdout.contains("need a yes") && ended.stdout.contains("user robot"), "{ended:?}");
    assert_eq!(picture(), first);
    let words =
        format!("CARGO_TARGET_DIR={} {} --system --agent robot", scene.at("built").display(), script().display());
    let mut desk = Desk::start(scene, &format!("PATH={}:/usr/sbin:/usr/bin:/bin {words}", scene.bin().display()));
    desk.until("[y/N]");
    desk.type_slowly("n");
    desk.until("code=1");
    assert_eq!(picture(), first);
    let other = scene.end(command(scene, &["--yes"]).env("x", "y").arg("--agent"));
    assert!(other.code == 1 && other.stderr.contains("--agent needs a name"), "{other:?}");
    let plain = scene.end(
        scene
            .plain("setpriv")
            .args(["--reuid", "65534", "--clear-groups", "sh"])
            .arg(script())
            .args(["--system", "--yes"])
            .current_dir("/"),
    );
    assert!(plain.code != 0, "{plain:?}");
}

fn whose_login_shell_it_never_becomes(scene: &Scene) {
    if !before(scene) {
        return;
    }
    let made = root(
        scene,
        "groupadd -f sudo; groupadd -f docker; useradd -m -G sudo boss; useradd -m -G docker whale; useradd -m ruled; useradd -o -u 0 -g 0 -M toor; mkdir -p /etc/sudoers.d; echo 'ruled ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/x",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let first = picture();
    for (name, why) in [
        ("root", "is root"),
        ("toor", "is root"),
        ("boss", "in the group sudo"),
        ("whale", "in the group docker"),
        ("ruled", "/etc/sudoers.d/x"),
        ("vetsh", "keeps the log"),
        ("a b", "no user's name"),
        ("../x", "no user's name"),
        ("-x", "no user's name"),
    ] {
        let ended = install(scene, &["--yes", &format!("--agent={name}")]);
        assert!(ended.code == 1 && ended.stdout.contains(why), "{name}: {ended:?}");
    }
    assert_eq!(picture(), first);
    let ended = install(scene, &["--yes", "--agent", "robot", "--prefix", "/tmp/here"]);
    assert!(ended.code == 1 && ended.stdout.contains("/tmp can be changed by others"), "{ended:?}");
}

fn after_it_a_login_is_vetted_and_forwards_nothing(scene: &Scene) {
    if !before(scene) {
        return;
    }
    if !Path::new("/usr/sbin/sshd").exists() {
        return eprintln!("SKIPPED: there is no sshd; where .ci/run runs as root this must not be skipped");
    }
    installed(scene, &["--agent", "robot", "--yes"]);
    let made = root(
        scene,
        "useradd -m -s /bin/bash person; for name in host user; do ssh-keygen -q -t ed25519 -N '' -f /run/$name; done; for name in robot person; do mkdir -m 700 /home/$name/.ssh && cp /run/user.pub /home/$name/.ssh/authorized_keys && chown -R $name: /home/$name/.ssh; done",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    // The machine's own configuration.
    let mut sshd = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-p", &port.to_string(), "-o", "HostKey=/run/host", "-o", "ListenAddress=127.0.0.1"])
        .stderr(std::fs::File::create("/run/log").expect("a log"))
        .spawn()
        .expect("sshd");
    let ssh = |words: &str| {
        root(
            scene,
            &format!(
                "ssh -F /dev/null -i /run/user -p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes {words} </dev/null"
            ),
        )
    };
    let mut ended = ssh("robot@127.0.0.1 'echo vetted; echo $0'");
    for _ in 0..100 {
        if ended.code != 255 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        ended = ssh("robot@127.0.0.1 'echo vetted; echo $0'");
    }
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "vetted\nbash\n"),
        "{ended:?} {}",
        std::fs::read_to_string("/run/log").expect("a log")
    );
    assert_eq!(ssh("robot@127.0.0.1 'cat /etc/shadow'").code, 126);
    for (way, who, works) in [("-W 127.0.0.1:PORT", "robot", false), ("-W 127.0.0.1:PORT", "person", true)] {
        let ended = ssh(&format!("{} {who}@127.0.0.1", way.replace("PORT", &port.to_string())));
        assert_eq!(ended.stdout.starts_with("SSH-2.0"), works, "{who} {way}: {ended:?}");
    }
    let ended = ssh("person@127.0.0.1 'echo unvetted $0'");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "unvetted bash\n"), "{ended:?}");
    let told = root(scene, "vetsh audit tail");
    assert!(told.stdout.contains("echo vetted; echo $0") && !told.stdout.contains("unvetted"), "{told:?}");
    let _ = sshd.kill();
    let _ = sshd.wait();
}

fn sshd_is_left_as_it_was_where_it_does_not_take_it(scene: &Scene) {
    if !before(scene) {
        return;
    }
    if !Path::new("/usr/sbin/sshd").exists() {
        return eprintln!("SKIPPED: there is no sshd; where .ci/run runs as root this must not be skipped");
    }
    // One that passes until our file is there.
    scene.script(
        &scene.bin().join("sshd"),
        &format!("#!/bin/sh\nif [ \"$1\" = -t ] && [ -e {DROPIN} ]; then echo 'line 3: Bad configuration option' >&2; exit 255; fi\nexec /usr/sbin/sshd \"$@\"\n"),
    );
    let ended = install(scene, &["--agent", "robot", "--yes"]);
    assert!(
        ended.code == 1 && ended.stdout.contains("does not take") && ended.stdout.contains("Bad configuration option"),
        "{ended:?}"
    );
    assert!(!Path::new(DROPIN).exists());
    std::fs::remove_file(scene.bin().join("sshd")).expect("a file");
    // Its own configuration is broken: it is told, and left.
    std::fs::write("/etc/ssh/sshd_config.d/00-x.conf", "NoSuchOption yes\n").expect("a file");
    let said = installed(scene, &["--agent", "robot", "--yes"]);
    assert!(said.contains("to do by hand") && said.contains("NoSuchOption") && !Path::new(DROPIN).exists(), "{said}");
    std::fs::write("/etc/ssh/sshd_config", "Subsystem sftp internal-sftp\n").expect("a file");
    let said = installed(scene, &["--agent", "robot", "--yes"]);
    assert!(said.contains("includes no sshd_config.d") && said.contains("internal-sftp"), "{said}");
    let ended = root(scene, "cat /etc/ssh/sshd_config; ls /etc/ssh/sshd_config.d");
    assert_eq!(ended.stdout, "Subsystem sftp internal-sftp\n00-x.conf\n", "{ended:?}");
}

fn under_systemd_the_writer_is_a_service(scene: &Scene) {
    if !before(scene) {
        return;
    }
    std::fs::create_dir_all("/run/systemd/system").expect("a folder");
    let calls = scene.at("calls");
    // It does what systemd would: makes the directories, and starts the service as the unit says.
    scene.script(
        &scene.bin().join("systemctl"),
        &format!("#!/bin/sh\necho \"$*\" >> {0}\ncase $* in 'restart vetsh-writer') mkdir -p /run/vetsh && chown vetsh /run/vetsh && setsid setpriv --reuid vetsh --regid vetsh --clear-groups /usr/local/bin/vetsh writer </dev/null >/dev/null 2>&1 & sleep 1;; 'is-active'*) exit 3;; esac\n", calls.display()),
    );
    let said = installed(scene, &["--agent", "robot", "--yes"]);
    assert!(said.contains("| ExecStart=/usr/local/bin/vetsh writer") && said.contains("the chain holds"), "{said}");
    let told = std::fs::read_to_string(&calls).expect("calls");
    assert!(told.starts_with("daemon-reload\nenable vetsh-writer\nrestart vetsh-writer\n"), "{told}");
    let unit = "/etc/systemd/system/vetsh-writer.service";
    if Path::new("/usr/bin/systemd-analyze").exists() {
        let ended = root(scene, &format!("systemd-analyze verify {unit}"));
        assert!(!ended.stderr.contains("vetsh-writer.service:"), "{ended:?}");
    } else {
        eprintln!("SKIPPED: no systemd-analyze to look at the unit with");
    }
    let said = installed(scene, &["--uninstall", "--yes"]);
    assert!(said.contains("the writer stops") && !Path::new(unit).exists(), "{said}");
    assert!(std::fs::read_to_string(&calls).expect("calls").contains("disable --now vetsh-writer"));
}
