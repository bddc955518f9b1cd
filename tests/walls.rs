//! The walls, end to end: everyday tools do behind them what they do without, and each wall holds.
//!
//! The cases run on a machine of their own (tests/scene) whose home lies outside of /tmp, as homes do.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs and asks for their places")]

#[path = "walls/attack.rs"]
mod attack;
mod scene;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use scene::agent::Agent;
use scene::{Case, Ended, Scene, quote};
use vetsh::sandbox::canary;
use vetsh::sys::landlock::{Governed, Rules, right};

const CASES: &[Case] = &[
    ("tools_work_behind_walls", tools_work_behind_walls),
    ("each_wall_holds", each_wall_holds),
    ("an_offline_profile_has_no_network", an_offline_profile_has_no_network),
    ("a_review_writes_nothing", a_review_writes_nothing),
    ("an_open_profile_closes_guard_and_credentials", an_open_profile_closes_guard_and_credentials),
    ("nested_shells_are_vetted_behind_walls", nested_shells_are_vetted_behind_walls),
    ("what_is_new_is_not_hidden_from_behind_walls", what_is_new_is_not_hidden_from_behind_walls),
    ("a_profile_of_ones_own", a_profile_of_ones_own),
    ("what_tightens_adds_and_nothing_opens", what_tightens_adds_and_nothing_opens),
    ("what_cannot_be_raised_is_said_or_refused", what_cannot_be_raised_is_said_or_refused),
    ("an_approved_escalation_runs_without_where_policy_says_so", an_approved_escalation_runs_without),
    ("a_rule_adds_a_profile", a_rule_adds_a_profile),
    ("the_judge_counts_on_what_is_required", the_judge_counts_on_what_is_required),
    ("no_way_round", no_way_round),
    ("sockets_are_closed_by_their_path", sockets_are_closed_by_their_path),
    ("sockets_are_closed_to_a_plain_user", sockets_are_closed_to_a_plain_user),
    ("temporary_files_of_its_own", temporary_files_of_its_own),
    ("tools_get_what_is_theirs", tools_get_what_is_theirs),
    ("without_namespaces_or_landlock_it_is_said", without_namespaces_or_landlock_it_is_said),
    ("what_was_allowed_is_let_through", what_was_allowed_is_let_through),
    ("an_attacker_gets_nowhere", an_attacker_gets_nowhere),
    ("an_attacker_who_is_root_gets_nowhere", an_attacker_who_is_root_gets_nowhere),
    ("the_doctor_tries_each_wall", the_doctor_tries_each_wall),
    ("tools_work_for_a_plain_user", tools_work_for_a_plain_user),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "--canary", file] => return probe(file),
        [_, "--run", file] => return unseen(file),
        [_, "--listen", path] => return listen(path),
        [_, "--abstract", name] => {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name).expect("an address");
            let socket = std::os::unix::net::UnixListener::bind_addr(&address).expect("a socket");
            return socket.incoming().for_each(drop);
        }
        [_, "--attack", file] => {
            let target = attack::Target::read(&std::fs::read_to_string(file).expect("text"));
            return attack::all(&target).iter().for_each(|through| println!("{through}"));
        }
        [_, "--without", what, program, rest @ ..] => return without(what, program, rest),
        [_, "--layers", count, program, rest @ ..] => return layers(count, program, rest),
        [_, "--inside", ..] => {
            // Homes do not lie in /tmp, which every profile may write.
            let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "mode=755", "none", "/srv"]).status();
            assert!(mounted.is_ok_and(|status| status.success()), "no place for a home");
            let own = std::env::current_exe().expect("our own path");
            if std::env::var_os("TMPDIR").is_none_or(|place| place != *"/srv") {
                let status = Command::new(own).args(words.iter().skip(1)).env("TMPDIR", "/srv").status();
                std::process::exit(status.ok().and_then(|status| status.code()).unwrap_or(1));
            }
        }
        _ => {}
    }
    if vetsh::sys::landlock::version().is_err() && !words.iter().any(|word| word == "--list") {
        eprintln!("SKIPPED: this kernel has no Landlock; where .ci/run runs, this must not be skipped");
        return;
    }
    scene::main(CASES);
}

/// Tries each wall from inside and says what held.
fn probe(file: &str) {
    let asked = std::fs::read_to_string(file).expect("text");
    let [credential, guard, outside] = asked.lines().collect::<Vec<_>>()[..] else { panic!("three lines") };
    let listed = [
        ("credential", canary::unreadable(Path::new(credential))),
        ("guard", canary::unwritable(Path::new(guard))),
        ("signal", canary::unreachable(outside.parse().expect("a process id"))),
        ("typing", canary::untypable()),
        ("socket", canary::no_socket()),
        ("connection", canary::no_connection()),
        ("tracing", canary::untraceable()),
    ];
    for (name, held) in listed {
        println!("{name} {held:?}");
    }
}

/// Becomes a shell that nobody vets, for a line that the judge does not see: code may do what its line does not say.
fn unseen(file: &str) {
    use std::os::unix::process::CommandExt;
    let line = std::fs::read_to_string(file).expect("text");
    panic!("{}", Command::new("/bin/bash").args(["-c", &line]).exec());
}

/// Answers at a socket: whoever opens it is told so.
fn listen(path: &str) {
    use std::io::Write;
    let socket = std::os::unix::net::UnixListener::bind(path).expect("a socket");
    for client in socket.incoming() {
        let _ = client.and_then(|mut client| client.write_all(b"reached\n"));
    }
}

/// Runs a program on a kernel that has no such thing.
fn without(what: &str, program: &str, words: &[&str]) {
    use nix::libc;
    use std::os::unix::process::CommandExt;
    use vetsh::sys::filter::{Instruction, enforce};
    let (number, error) = match what {
        "landlock" => (444, libc::ENOSYS),
        "namespaces" => (libc::SYS_unshare, libc::EPERM),
        "mounts" => (libc::SYS_mount, libc::EPERM),
        other => panic!("{other}"),
    };
    let operand = |number: i64| u32::try_from(number).expect("a number");
    vetsh::sys::privilege::no_new().expect("no new privileges");
    enforce(&[
        Instruction { code: 0x20, yes: 0, no: 0, operand: 0 },
        Instruction { code: 0x15, yes: 0, no: 1, operand: operand(number) },
        Instruction { code: 0x06, yes: 0, no: 0, operand: 0x0005_0000 | operand(error.into()) },
        Instruction { code: 0x06, yes: 0, no: 0, operand: 0x7fff_0000 },
    ])
    .expect("a filter");
    panic!("{}", Command::new(program).args(words).exec());
}

/// Runs a line behind walls that the judge does not see.
fn behind(scene: &Scene, line: &str) -> Ended {
    let file = scene.at("work.line");
    std::fs::write(&file, line).expect("a file");
    scene.run(&format!("{} --run {}", quote(&own()), file.display()))
}

/// Runs a program behind so many walls of another kind.
fn layers(count: &str, program: &str, words: &[&str]) {
    use std::os::unix::process::CommandExt;
    vetsh::sys::privilege::no_new().expect("no new privileges");
    for _ in 0..count.parse::<u32>().expect("a number") {
        let governed = Governed { files: right::MAKE_DEVICE, ports: 0, scopes: 0 };
        Rules::new(governed).and_then(Rules::enforce).expect("a wall");
    }
    panic!("{}", Command::new(program).args(words).exec());
}

fn own() -> String {
    std::env::current_exe().expect("our own path").display().to_string()
}

/// A policy under which nobody is asked, with `[walls]` as given. Prohibited lines are refused all the same.
fn observing(scene: &Scene, walls: &str) {
    scene.trust(&format!(
        "format = 1\nenforce = \"observe\"\nobserve_until = 2999-12-31\n[approval]\nwait = \"0s\"\n[walls]\n{walls}\n"
    ));
}

const WORKSPACE: &str = "mode = \"prefer\"\nprofile = \"workspace\"";

fn walls(record: &serde_json::Value) -> Vec<String> {
    let walls = record["walls"].as_array().expect("walls");
    walls.iter().map(|wall| wall.as_str().expect("text").to_owned()).collect()
}

fn last_walls(scene: &Scene) -> Vec<String> {
    walls(scene.of_kind("launch").last().expect("a launch"))
}

/// Where the tools of this machine are: those of the test's own environment, shims of version managers resolved.
fn tools() -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    if let Some(cargo) = std::env::var_os("CARGO") {
        found.push(("cargo", PathBuf::from(cargo)));
    }
    let real = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).env("HOME", "/root").output().ok()?;
        let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        path.is_file().then_some(path)
    };
    found.extend(real("python3", &["-c", "import sys; print(sys.executable)"]).map(|path| ("python3", path)));
    for name in [
        "node",
        "npm",
        "go",
        "git",
        "sqlite3",
        "make",
        "gcc",
        "less",
        "mktemp",
        "flock",
        "jq",
        "perl",
        "mvn",
        "tmux",
        "gpg",
        "ssh-keygen",
        "strace",
        "unshare",
        "chromium",
        "xvfb-run",
        "javac",
        "rsync",
        "curl",
    ] {
        let place = real("/bin/sh", &["-c", &format!("command -v {name}")]);
        found.extend(place.map(|path| (name, path)));
    }
    found
}

/// What each tool does: its name, what must be there before, the line.
const WORK: &[(&str, &str, &str)] = &[
    ("sh", "", "echo a > b.txt && cat b.txt && mv b.txt c.txt && ln c.txt d.txt && ln -s c.txt e && rm c.txt; ls -A"),
    ("sh", "", "ls -d ~ && ls -A ~ | sort"),
    (
        "sh",
        "",
        "cat <<E\n$((1+1))\nE\ncat <<< here; cat <(echo one) <(echo two); echo t | tee >(cat > tee.txt); sleep 0.2; cat tee.txt",
    ),
    ("sh", "", "sleep 30 & kill $!; wait $! ; echo $?"),
    ("sh", "", "(sleep 0.1; echo later > later.txt) & wait; cat later.txt"),
    (
        "sh",
        "",
        "mkfifo f && (echo through > f &) && cat f; echo out > /dev/stdout; echo err > /dev/stderr; : > /dev/null",
    ),
    (
        "sh",
        "",
        "exec 2>/dev/null; trap 'echo trapped' USR1; kill -USR1 $$; (exit 3); echo $?; sh -c 'kill -9 $$; true'; echo $?",
    ),
    (
        "sh",
        "",
        "ulimit -n >/dev/null; umask; id -u; uname -s; date +%Y >/dev/null; df . >/dev/null; ps -o comm= -p $$ ; cat /proc/self/comm",
    ),
    (
        "sh",
        "mkdir -p a/b; touch a/x a/b/y",
        "find . -type f | sort; cp -r a c; tar cf t.tar a; tar tf t.tar; rm -r a; mkdir -p q/r; rmdir q/r q; chmod 600 t.tar; touch -d 2001-01-01 t.tar; stat -c %a t.tar",
    ),
    (
        "sh",
        "",
        "bash -s <<< 'cat /dev/stdin; echo from stdin' | head -3; echo 'echo $0 $#' > s.sh; sh s.sh 1 2; echo 'read x; echo $x' | sh -s 2>&1 | head -2",
    ),
    (
        "mktemp",
        "",
        "f=$(mktemp) && echo x > $f && cat $f && rm $f; d=$(mktemp -d) && touch $d/a && rm -r $d; echo done",
    ),
    ("flock", "", "flock lock -c 'echo locked'; flock -n /tmp/walls-lock echo ok; rm -f /tmp/walls-lock"),
    ("less", "printf 'a\\nb\\n' > t", "less t | cat; PAGER=cat git --version >/dev/null 2>&1; echo $?"),
    ("make", "printf 'all: a b\\n\\t@cat a b\\na b:\\n\\t@sleep 0.05; echo $@ > $@\\n' > Makefile", "make -j4 && make"),
    (
        "gcc",
        "printf '#include <stdio.h>\\nint main(void){puts(\"c\");return 4;}\\n' > m.c",
        "gcc -o m m.c && ./m; echo $?",
    ),
    (
        "git",
        "",
        "git init -q -b f . && git config user.name t && git config user.email t@example.test && echo a > a && git add a && git commit -qm one && git branch g && git worktree add -q w g && git -C w log --format=%s && git worktree remove w && git gc -q && git stash list; echo b >> a; git stash -q && git stash pop -q && git diff --stat; git status --short; git clean -qfd; git fsck 2>&1 | head -1 | cut -d' ' -f1,2",
    ),
    (
        "git",
        "git init -q -b f . && git config user.name t && git config user.email t@example.test && printf '#!/bin/sh\\necho hook; touch hooked\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit && echo a > a && git add a",
        "git commit -qm two; ls -A | sort",
    ),
    (
        "git",
        "git init -q -b f r && git -C r -c user.name=t -c user.email=t@e.test commit -q --allow-empty -m x",
        "git clone -q r c && git -C c log --format=%s && git -C c fetch -q",
    ),
    (
        "sqlite3",
        "",
        "sqlite3 d.db 'create table t(a); insert into t values(1),(2); select sum(a) from t; pragma journal_mode=wal; vacuum;'; ls d.db",
    ),
    ("jq", "echo '{\"a\":[1,2]}' > j", "jq -c .a j; jq .a[0] j > k; cat k"),
    ("perl", "echo one > p", "perl -pi -e 's/one/two/' p; cat p"),
    (
        "python3",
        "printf 'import unittest\\nclass T(unittest.TestCase):\\n def test(self):\\n  import tempfile,subprocess,sqlite3,ssl,multiprocessing,threading,socket\\n  with tempfile.NamedTemporaryFile() as f: f.write(b\"x\")\\n  self.assertEqual(subprocess.check_output([\"echo\",\"a\"]),b\"a\\\\n\")\\n  s=socket.socket(); s.bind((\"127.0.0.1\",0)); s.listen(); c=socket.create_connection(s.getsockname()); c.close(); s.close()\\n  with multiprocessing.Pool(2) as p: self.assertEqual(p.map(abs,[-1,2]),[1,2])\\n' > test_a.py",
        "python3 -m unittest -q test_a 2>&1 | tail -1; ls",
    ),
    (
        "python3",
        "",
        "python3 -m venv v && v/bin/pip --version | cut -d' ' -f1 && v/bin/python -c 'print(1)' && rm -r v",
    ),
    (
        "python3",
        "printf 'def test_a(tmp_path):\\n (tmp_path/\"a\").write_text(\"x\")\\n' > test_p.py",
        "python3 -m pytest -q test_p.py 2>&1 | head -1; echo",
    ),
    (
        "node",
        "printf 'const t=require(\"node:test\"),fs=require(\"fs\"),cp=require(\"child_process\");t(\"a\",()=>{fs.writeFileSync(\"o\",\"x\");cp.execSync(\"cat o\")})\\n' > a.test.js",
        "node --test --test-reporter=tap a.test.js | grep -c '^ok'; ls; node -e 'new (require(\"worker_threads\").Worker)(\"console.log(7)\",{eval:true})'",
    ),
    (
        "npm",
        "printf '{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"test\":\"echo tested\",\"build\":\"node -e 1 && echo built > out\"}}' > package.json",
        "npm --version && npm test --silent && npm run build --silent && cat out && npm pack --silent --offline",
    ),
    (
        "cargo",
        "mkdir src && printf '[package]\\nname=\"x\"\\nversion=\"0.1.0\"\\nedition=\"2021\"\\n' > Cargo.toml && printf 'pub fn a()->i32{1}\\n#[test] fn t(){std::fs::write(\"o\",\"x\").unwrap();assert_eq!(a(),1)}\\n' > src/lib.rs && printf 'fn main(){println!(\"{}\",x::a())}' > src/main.rs && printf 'fn main(){std::process::Command::new(\"true\").status().unwrap();}' > build.rs",
        "cargo build -q --offline && cargo test -q --offline 2>&1 | grep -c 'test result: ok' && cargo run -q --offline; ls",
    ),
    (
        "go",
        "printf 'module x\\ngo 1.20\\n' > go.mod && printf 'package main\\nfunc main(){println(1)}\\n' > m.go",
        "go build -o m . && ./m",
    ),
    (
        "go",
        "printf 'module x\\ngo 1.19\\n' > go.mod && printf 'package x\\nfunc A() int { return 1 }\\n' > a.go && printf 'package x\\nimport (\"os\";\"testing\")\\nfunc TestA(t *testing.T) { if A() != 1 { t.Fatal() }; os.WriteFile(t.TempDir()+\"/f\", nil, 0600) }\\n' > a_test.go",
        "go vet ./... && go test ./... | cut -f1,2",
    ),
    (
        "mvn",
        "printf '<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><packaging>pom</packaging></project>' > pom.xml; mkdir -p ~/.m2 && printf '<settings/>' > ~/.m2/settings.xml",
        "mvn -o -q validate; echo $?",
    ),
    (
        "javac",
        "printf 'public class A { public static void main(String[] a) throws Exception { java.io.File f = java.io.File.createTempFile(\"a\", \"b\"); f.delete(); System.out.println(1); } }' > A.java",
        "javac A.java && java A",
    ),
    (
        "tmux",
        "",
        "tmux -L walls$$ -f /dev/null new -d 'sleep 5' && tmux -L walls$$ ls -F '#{window_name}' | wc -l; tmux -L walls$$ kill-server; echo $?",
    ),
    (
        "gpg",
        "mkdir -m 700 g",
        "gpg -q --homedir g --batch --passphrase '' --quick-gen-key t@e.test default default never 2>/dev/null; echo a | gpg -q --homedir g --clearsign 2>/dev/null | head -1; gpgconf --homedir g --kill all; rm -r g",
    ),
    ("ssh-keygen", "", "ssh-keygen -q -t ed25519 -N '' -f k && ls && ssh -G x | grep -c '^port 22$'; rm k k.pub"),
    ("strace", "", "strace -o s true; tail -1 s"),
    // Root has no use for it, and its `/proc` is not to be written.
    ("unshare", "", "[ $(id -u) = 0 ] || { unshare -Ur id -u; unshare -Urn true; echo $?; }"),
    (
        "python3",
        "printf 'import os,socket,threading\\nfor at in \"in.sock\", \"/tmp/walls-%%d.sock\" %% os.getpid():\\n s=socket.socket(socket.AF_UNIX); s.bind(at); s.listen()\\n threading.Thread(target=lambda: s.accept()[0].send(b\"x\")).start()\\n c=socket.socket(socket.AF_UNIX); c.connect(at); print(c.recv(1)); os.unlink(at)\\n' > s.py",
        "python3 s.py",
    ),
    (
        "curl",
        "echo text > f",
        "port=$((20000 + $$ % 9000)); curl -s file://$PWD/f; python3 -m http.server -b 127.0.0.1 $port >/dev/null 2>&1 & curl -s --retry 20 --retry-delay 1 --retry-connrefused http://127.0.0.1:$port/f; kill $!; wait",
    ),
    ("rsync", "mkdir a; echo 1 > a/b", "rsync -a a/ c/ && cat c/b"),
    (
        "chromium",
        "printf '<title>t</title><p>hello' > p.html",
        "chromium --headless --disable-gpu --no-first-run --user-data-dir=$PWD/u $([ $(id -u) = 0 ] && echo --no-sandbox) --dump-dom file://$PWD/p.html 2>/dev/null; rm -rf u",
    ),
    ("xvfb-run", "", "xvfb-run -a sh -c 'echo $DISPLAY | cut -c1'; echo $?"),
];

/// The same of what comes from registries.
const FETCHED: &[(&str, &str, &str)] = &[
    (
        "cargo",
        "mkdir src && printf '[package]\\nname=\"x\"\\nversion=\"0.1.0\"\\nedition=\"2021\"\\n[dependencies]\\nitoa=\"1\"\\n' > Cargo.toml && printf 'fn main(){println!(\"{}\",itoa::Buffer::new().format(7))}' > src/main.rs; rm -rf ~/.cargo",
        "cargo run -q; cargo test -q 2>&1 | grep -c ok; ls",
    ),
    (
        "npm",
        "rm -rf ~/.npm; printf '{\"name\":\"x\",\"version\":\"1.0.0\",\"scripts\":{\"test\":\"node -e \\\"console.log(require(\\\\\\\"is-odd\\\\\\\")(3))\\\"\"}}' > package.json",
        "npm install --silent --no-audit --no-fund is-odd && npm test --silent; ls node_modules | sort; npm ci --silent --no-audit --no-fund; echo $?",
    ),
    (
        "python3",
        "",
        "python3 -m venv v && v/bin/pip -q install iniconfig && v/bin/python -c 'import iniconfig; print(iniconfig.__name__)'; v/bin/pip -q install pytest && printf 'def test_a(tmp_path):\\n (tmp_path/\"a\").write_text(\"x\")\\n' > test_a.py && v/bin/pytest -q test_a.py 2>&1 | head -1; rm -r v",
    ),
];

/// What a run leaves that must be the same.
fn trace(scene: &Scene, ended: &Ended) -> (i32, String, String, BTreeSet<String>) {
    let times = regex::Regex::new(r"[0-9]+\.[0-9]+ ?m?s|[0-9]{4,}").expect("a pattern");
    let same = |text: &str| times.replace_all(text, "N").replace("/bin/bash: ", "bash: ");
    let list = scene.end(scene.plain("/bin/sh").args([
        "-c",
        "find . -path ./.git -prune -o -path ./target -prune -o -path '*/__pycache__' -prune -o -print | sort",
    ]));
    (ended.code, same(&ended.stdout), same(&ended.stderr), list.stdout.lines().map(str::to_owned).collect())
}

fn tools_work_behind_walls(scene: &Scene) {
    observing(scene, WORKSPACE);
    compare(scene, &tools(), &|words| scene.client(words));
}

/// As somebody who is not root, with sockets around that are to be closed: so in a user namespace.
fn tools_work_for_a_plain_user(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    let mut tools = tools();
    for (index, (_, path)) in tools.iter_mut().enumerate() {
        // What lies in root's home is not to be seen by others.
        let Some(place) = path.ancestors().nth(2).filter(|_| path.starts_with("/root")) else { continue };
        let at = Path::new("/srv").join(format!("tool{index}"));
        std::fs::create_dir(&at).expect("a folder");
        scene.mount(&["--bind", &place.display().to_string(), &at.display().to_string()]);
        *path = at.join("bin").join(path.file_name().expect("a name"));
    }
    let service = Service::at(scene, Path::new("/run/docker.sock"));
    if !plain_user(scene) {
        return;
    }
    compare(scene, &tools, &|words| as_plain(scene, words));
    assert!(last_walls(scene).contains(&"mounts".to_owned()), "{:?}", last_walls(scene));
    drop(service);
}

const PLAIN: &str = "4711";

/// Home's owner is somebody who is not root. `false`: who runs this cannot make anybody else.
fn plain_user(scene: &Scene) -> bool {
    let passwd = scene.system().join("passwd");
    let home = scene.home().display().to_string();
    let users = format!("root:x:0:0:root:{home}:/bin/bash\nplain:x:{PLAIN}:{PLAIN}:plain:{home}:/bin/bash\n");
    std::fs::write(&passwd, users).expect("a user database");
    scene.mount(&["--bind", &passwd.display().to_string(), "/etc/passwd"]);
    std::fs::copy(own(), scene.bin().join("probe")).expect("our own binary");
    let place = scene.home().parent().expect("a folder").display().to_string();
    // A namespace of one user has no other.
    let users = std::fs::read_to_string("/proc/self/uid_map").expect("who is who");
    if users.split_whitespace().nth(2) == Some("1") {
        eprintln!("SKIPPED: another user is made by root alone; where .ci/run runs, this must not be skipped");
        return false;
    }
    let owned = Command::new("chown").args(["-R", PLAIN, &scene.home().display().to_string()]).status();
    let open = Command::new("chmod").args(["755", &place]).status();
    assert!(owned.is_ok_and(|status| status.success()) && open.is_ok_and(|status| status.success()));
    true
}

/// As [`Scene::client`], for that user.
fn as_plain(scene: &Scene, words: &[&str]) -> Command {
    let mut command = scene.plain("setpriv");
    command.args([
        "--reuid",
        PLAIN,
        "--regid",
        PLAIN,
        "--clear-groups",
        "/bin/bash",
        "-c",
        "\"$@\"; exit $?",
        "client",
    ]);
    command.args(words);
    command
}

fn registries_answer() -> bool {
    let place = tempfile::tempdir().expect("a scratch directory");
    let asked = Command::new("npm").args(["view", "is-odd", "version"]).env("HOME", place.path()).output();
    let answer = asked.is_ok_and(|asked| asked.status.success());
    if !answer {
        eprintln!("SKIPPED: no registry answers; where .ci/run runs, this must not be skipped");
    }
    answer
}

/// Does the work bare and behind walls, and compares.
fn compare(scene: &Scene, tools: &[(&'static str, PathBuf)], client: &dyn Fn(&[&str]) -> Command) {
    std::fs::create_dir_all(scene.at(".ssh")).expect("a folder");
    std::fs::write(scene.at(".ssh/id_ed25519"), "a secret").expect("a file");
    std::fs::write(scene.at(".npmrc"), "//registry.example.test/:_authToken=x\n").expect("a file");
    let mut path: Vec<String> = tools.iter().filter_map(|(_, at)| Some(at.parent()?.display().to_string())).collect();
    path.dedup();
    let path = format!("{}:{}", scene.path(), path.join(":"));
    let (mut wrong, mut same) = (Vec::new(), 0);
    let fetched = if registries_answer() { FETCHED } else { &[] };
    for (tool, before, line) in WORK.iter().chain(fetched) {
        if *tool != "sh" && !tools.iter().any(|(known, _)| known == tool) {
            eprintln!("SKIPPED: {tool} is not on this machine");
            continue;
        }
        let run = |shell: &str| {
            let fresh = "rm -rf -- \"$HOME/work\" && mkdir \"$HOME/work\"";
            let made = scene.end(client(&["/bin/bash", "-c", fresh]).current_dir(scene.home()));
            assert_eq!(made.code, 0, "{made:?}");
            // A commit's name is made of its time too.
            let when = [("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"), ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")];
            let ready = scene.end(client(&["/bin/bash", "-c", before]).env("PATH", &path).envs(when));
            assert_eq!(ready.code, 0, "{before}: {ready:?}");
            let ended = scene.end(client(&[shell, "-c", line]).env("PATH", &path).envs(when));
            trace(scene, &ended)
        };
        let (bare, walled) = (run("/bin/bash"), run("bash"));
        let raised = last_walls(scene);
        if raised.first().map(String::as_str) != Some("partly") {
            wrong.push(format!("{tool}: not walled: {raised:?}"));
        } else if bare == walled {
            same += 1;
        } else {
            wrong.push(format!("{tool}: {line}\n  bare   {bare:?}\n  walled {walled:?}"));
        }
    }
    println!("{same} the same");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 12, "only {same} could be compared");
}

/// The canaries as a line behind walls: what each says.
fn canaries(scene: &Scene) -> String {
    std::fs::create_dir_all(scene.at(".ssh")).expect("a folder");
    std::fs::write(scene.at(".ssh/id_canary"), "a fake key").expect("a file");
    let guard = scene.config().join("policy.toml");
    let asked = format!("{}\n{}\n{}\n", scene.at(".ssh/id_canary").display(), guard.display(), std::process::id());
    std::fs::write(scene.work().join("asked"), asked).expect("a file");
    let ended = scene.run(&format!("{} --canary asked", quote(&own())));
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.stdout.lines().map(|line| format!("{line};")).collect()
}

fn each_wall_holds(scene: &Scene) {
    observing(scene, WORKSPACE);
    // Without walls each probe gets through: it can fail.
    observing(scene, "mode = \"off\"");
    let bare = canaries(scene);
    assert!(bare.matches(" No;").count() == 7, "{bare}");
    assert_eq!(last_walls(scene), ["unconfined"]);
    observing(scene, WORKSPACE);
    assert_eq!(canaries(scene), "credential Yes;guard Yes;signal Yes;typing Yes;socket No;connection No;tracing No;");
    let walls = last_walls(scene);
    assert_eq!(walls[..2], ["partly", "profile workspace"], "{walls:?}");
    for by in ["landlock", "calls", "limits", "open: guard"] {
        assert!(walls.iter().any(|wall| wall.starts_with(by)), "{by}: {walls:?}");
    }
    // What a line is let write opens no devices beside it.
    let kernel = scene.work().join("kernel.sh");
    std::fs::write(&kernel, "head -c1 /dev/kmsg; echo $?\n").expect("a file");
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[tool.walls-probe]\noperands = [\"text*\"]\noptions = [\"--run =text\"]\n");
    std::fs::copy(own(), scene.bin().join("walls-probe")).expect("our own binary");
    let ended = scene.run("echo x > /dev/null; walls-probe --run kernel.sh");
    assert_eq!(ended.stdout, "1\n", "{ended:?}");
    observing(scene, WORKSPACE);
    // What was denied is explained.
    let id = scene.of_kind("launch").last().expect("a launch")["id"].as_str().expect("an id").to_owned();
    let secret = scene.at(".ssh/id_canary").display().to_string();
    let ended = scene.verb(&["explain", &id, "asked", "/etc/hostname", &secret]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for said in [
        format!("rwx {}: open\n", scene.work().join("asked").display()),
        "r-x /etc/hostname: no line of `writable` in profile workspace opens it".to_owned(),
        format!("{secret}: no line of `readable` in profile workspace opens it"),
        format!("readable = [\"@all\", \"{secret}\"]"),
    ] {
        assert!(ended.stdout.contains(&said), "{said}: {}", ended.stdout);
    }
    assert!(scene.verb(&["explain", &id]).stdout.contains("walls: partly, profile workspace, landlock"));
    let ended = behind(
        scene,
        "echo x > ~/outside; echo x > ~/.local/share/vetsh/shims/git; cat ~/.local/state/vetsh/audit/head | wc -l; ulimit -c; cat ~/.ssh/id_canary; echo $?",
    );
    assert_eq!(ended.stdout, "1\n0\n1\n", "{ended:?}");
    assert!(!scene.at("outside").exists() && !scene.shims().join("git").exists());
}

fn an_offline_profile_has_no_network(scene: &Scene) {
    observing(scene, "mode = \"prefer\"\nprofile = \"offline\"");
    assert_eq!(
        canaries(scene),
        "credential Yes;guard Yes;signal Yes;typing Yes;socket Yes;connection Yes;tracing Yes;"
    );
    let ended = scene.run("echo still > works; cat works; unshare -U true 2>/dev/null; echo $?");
    assert_eq!(ended.stdout, "still\n1\n", "{ended:?}");
}

fn a_review_writes_nothing(scene: &Scene) {
    observing(scene, "mode = \"prefer\"\nprofile = \"review\"");
    std::fs::write(scene.work().join("a"), "text\n").expect("a file");
    let ended = scene.run("cat a; echo x > b; echo x >> a; rm a; mkdir c; echo x > /tmp/walls-review; touch -d 2001-01-01 a; ls; echo fine > /dev/null; git --version > /dev/null");
    assert_eq!(ended.stdout, "text\na\n", "{ended:?}");
    assert!(!Path::new("/tmp/walls-review").exists());
    assert_eq!(std::fs::read_to_string(scene.work().join("a")).expect("a file"), "text\n");
}

fn an_open_profile_closes_guard_and_credentials(scene: &Scene) {
    observing(scene, "mode = \"prefer\"\nprofile = \"open\"");
    std::fs::create_dir_all(scene.at("elsewhere")).expect("a folder");
    assert_eq!(canaries(scene), "credential Yes;guard Yes;signal No;typing Yes;socket No;connection No;tracing No;");
    let ended = behind(
        scene,
        "echo x > ~/elsewhere/a && cat ~/elsewhere/a; mv ~/elsewhere/a ~/.ssh/authorized_keys; ls -A ~/.ssh; ls -A ~ | head -1",
    );
    assert_eq!(ended.stdout, "x\nid_canary\n.config\n", "{ended:?}");
}

fn nested_shells_are_vetted_behind_walls(scene: &Scene) {
    observing(scene, WORKSPACE);
    // Like npm: a program that has the shell found on PATH run something of its own, elsewhere.
    scene.script(&scene.bin().join("deploy"), "#!/bin/bash\ncd /\nbash -c 'echo nested; sh -c \"echo deeper\"'\n");
    std::fs::create_dir_all(scene.at("other/.git")).expect("a folder");
    std::fs::write(scene.at("other/x"), "").expect("a file");
    let mut agent = Agent::start(scene);
    let (code, text) = agent.run(scene, "deploy");
    assert_eq!((code, text.as_str()), (0, "nested\ndeeper\n"), "{:#?}", scene.records());
    let launches = scene.of_kind("launch");
    assert_eq!(launches.len(), 3, "{launches:#?}");
    for launch in &launches {
        assert_eq!(launch["session"], launches[0]["session"], "the client is known although it cannot be seen");
        let walls = walls(launch);
        assert_eq!(walls[..2], ["partly", "profile workspace"], "{walls:?}");
    }
    assert!(walls(&launches[1]).contains(&"around us already".to_owned()), "{launches:#?}");
    assert!(!walls(&launches[0]).contains(&"around us already".to_owned()));
    // The workspace is the client's still: where the nested call stands makes none.
    let (_, text) = agent.run(scene, "cd ../other && bash -c 'rm x'; ls");
    assert!(text.contains("Permission denied") && text.contains("\nx\n"), "{text}");
    let nested = scene.of_kind("launch").pop().expect("a launch");
    assert!(nested["line"] == "rm x" && nested["actions"].to_string().contains("home"), "{nested:#}");
    // What is asked about from inside waits, is answered, and runs at the next try.
    scene.trust(
        "format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"prefer\"\n[tool.deploy]\neffects = [\"reads workspace\"]\n",
    );
    scene.script(&scene.bin().join("publish"), "#!/bin/bash\nprintf x >> ran\n");
    scene.script(&scene.bin().join("deploy"), "#!/bin/bash\nbash -c publish\n");
    let (code, text) = agent.run_approved(scene, "deploy");
    assert_eq!((code, scene.ran()), (0, 1), "{text} {:#?}", scene.of_kind("launch"));
    let (code, _) = agent.run(scene, "deploy");
    assert_eq!((code, scene.ran()), (75, 1), "once");
    scene.chain_holds();
}

fn what_is_new_is_not_hidden_from_behind_walls(scene: &Scene) {
    observing(scene, WORKSPACE);
    let novel = |line: &str| {
        let all = scene.of_kind("launch");
        let last = all.iter().rev().find(|launch| launch["line"] == line).unwrap_or_else(|| panic!("{line}: {all:#?}"));
        (last["decision"].get("novel").is_some(), last["detail"].get("not_remembered").is_some())
    };
    let mut agent = Agent::start(scene);
    for first in [true, false] {
        assert_eq!(agent.run(scene, "uname -s").0, 0);
        assert_eq!(novel("uname -s"), (first, false), "what walls are raised for is remembered all the same");
    }
    // Confined code can neither mark something as seen nor as looked at.
    let guard = scene.state().join("guard");
    let table = std::fs::read(guard.join("seen")).expect("a table");
    std::fs::write(guard.join("reviewed"), "0 1970-01-01T00:00:00Z x\n").expect("a mark");
    for name in ["seen", "reviewed"] {
        let path = guard.join(name).display().to_string();
        let line = format!(
            "(printf forged >> {path}) 2>&1; (printf forged > {path}) 2>&1; rm -f {path} 2>&1; mv {path} {path}.old 2>&1; \
             cp /bin/true {path} 2>&1; ln -sf /dev/null {path} 2>&1; true"
        );
        let ended = behind(scene, &line);
        assert!(ended.stdout.matches("ermission denied").count() >= 6, "{ended:?}");
    }
    assert_eq!(std::fs::read(guard.join("seen")).expect("a table"), table);
    assert!(std::fs::read_to_string(guard.join("reviewed")).expect("a mark").starts_with("0 1970"));
    // A nested shell of ours cannot write there either: it tells of it each time, until a human has looked.
    scene.script(&scene.bin().join("deploy"), "#!/bin/bash\nbash -c 'uname -r'\n");
    for _ in 0..2 {
        assert_eq!(agent.run(scene, "deploy").0, 0);
        assert_eq!(novel("uname -r"), (true, true));
    }
    assert_eq!(agent.run(scene, "uname -s; deploy").0, 0);
    let said = scene.human(&["review", "--done"]);
    assert!(said.contains("(3 records)") && said.contains("code=0"), "{said}");
    assert_eq!(agent.run(scene, "deploy").0, 0);
    assert_eq!(novel("uname -r"), (false, false));
    scene.chain_holds();
}

fn a_profile_of_ones_own(scene: &Scene) {
    for folder in ["data", "vault", "home2", "both/keys", "both/sub"] {
        std::fs::create_dir_all(scene.at(folder)).expect("a folder");
        std::fs::write(scene.at(folder).join("f"), format!("{folder}\n")).expect("a file");
    }
    scene.trust(
        "format = 1\nenforce = \"observe\"\nobserve_until = 2999-12-31\n[approval]\nwait = \"0s\"\n\
         [walls]\nmode = \"require\"\nprofile = \"shop\"\n[scope]\ncredential = { add = [\"~/vault/**\", \"~/both/keys/**\"] }\n\
         [profile.shop]\nwritable = [\"@workspace\", \"@temp\", \"@devices\", \"~/data\", \"~/both\", \"~/made/\"]\nopen_files = 100\nfile_mb = 64\n",
    );
    let ended = behind(
        scene,
        "echo x > ~/data/g; cat ~/data/* ~/vault/f; echo x > ~/home2/f; cat ~/home2/f; echo y > ~/made/y; cat ~/made/y; ulimit -n; ulimit -f; cat ~/both/keys/f; echo z > ~/both/sub/f; cat ~/both/sub/f",
    );
    assert_eq!(ended.stdout, "data\nx\nhome2\ny\n100\n65536\nz\n", "{ended:?}");
    let shown = scene.verb(&["policy", "show", "--profile", "shop"]);
    assert!(shown.stdout.contains(&format!("rwx {}\n", scene.at("data").display())), "{shown:?}");
    assert!(!shown.stdout.contains("vault"), "{shown:?}");
    // Reading narrowly.
    scene.trust(
        "format = 1\nenforce = \"observe\"\nobserve_until = 2999-12-31\n[approval]\nwait = \"0s\"\n\
         [walls]\nmode = \"prefer\"\nprofile = \"narrow\"\n\
         [profile.narrow]\nreadable = [\"@workspace\", \"/usr\", \"/lib\", \"/bin\", \"/etc\", \"/dev\"]\nwritable = [\"@devices\"]\nexecutable = [\"/usr\", \"/bin\", \"/lib\"]\n",
    );
    scene.script(&scene.work().join("x.sh"), "#!/bin/sh\necho ran\n");
    std::fs::write(scene.work().join("a"), "text\n").expect("a file");
    let ended = scene.run("cat a; ls ~/data; cat ~/data/f; ./x.sh; echo $?");
    assert_eq!(ended.stdout, "text\n126\n", "{ended:?}");
    for (text, why) in [
        ("[profile.open]\n", "exists already"),
        ("[profile.x]\nbase = \"nothing\"\n", "no profile `nothing`"),
        ("[profile.x]\nreadable = [\"@everything\"]\n", "no set of paths"),
        ("[profile.x]\nreadable = [\"data\"]\n", "absolute"),
        ("[walls]\nprofile = \"nothing\"\n", "no profile `nothing`"),
        ("[walls]\nmode = \"maybe\"\n", "no way to raise walls"),
    ] {
        scene.policy(&format!("format = 1\n{text}"));
        let checked = scene.verb(&["policy", "check"]);
        assert!(checked.code == 1 && checked.stdout.contains(why), "{text}: {checked:?}");
    }
}

fn what_tightens_adds_and_nothing_opens(scene: &Scene) {
    observing(scene, WORKSPACE);
    let vetsh = scene.vetsh().display().to_string();
    let under = |profile: &str, line: &str| {
        scene.end(&mut scene.client(&[&vetsh, "--profile", profile, "--as", "bash", "-c", line]))
    };
    let ended = under("review", "echo x > inside");
    assert!(ended.code == 1 && !scene.work().join("inside").exists(), "{ended:?}");
    let ended = under("open", "echo x > ~/outside; echo x > inside; cat inside");
    assert!(ended.stdout == "x\n" && !scene.at("outside").exists(), "{ended:?}");
    assert_eq!(last_walls(scene)[1..3], ["profile workspace", "profile open"]);
    let ended = under("nothing", "true");
    assert!(ended.code == 125 && ended.stderr.contains("walls.no-profile"), "{ended:?}");
    // A nested call cannot get out by asking for more.
    let line = format!("{} --profile open --as bash -c 'echo x > ~/outside; echo $?'", quote(&vetsh));
    let ended = scene.run(&line);
    assert!(!scene.at("outside").exists(), "{ended:?}");
    // The project's file only adds.
    std::fs::write(scene.work().join(".vetsh.toml"), "format = 1\n[walls]\nmode = \"off\"\nprofile = \"review\"\n")
        .expect("a file");
    let ended = scene.run("echo x > second; ls second");
    assert!(!scene.work().join("second").exists(), "{ended:?}");
    std::fs::write(
        scene.work().join(".vetsh.toml"),
        "format = 1\n[walls]\nmode = \"off\"\nescalation = \"without-walls\"\n",
    )
    .expect("a file");
    scene.run("true");
    assert_eq!(last_walls(scene)[..2], ["partly", "profile workspace"]);
    // What nobody trusts cannot take walls away, but may ask for them.
    std::fs::remove_file(scene.work().join(".vetsh.toml")).expect("a file");
    scene.policy("format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"off\"\n");
    scene.run("true");
    assert_eq!(last_walls(scene)[..2], ["partly", "profile workspace"]);
}

fn what_cannot_be_raised_is_said_or_refused(scene: &Scene) {
    observing(scene, WORKSPACE);
    let behind = |count: &str| {
        scene.end(&mut scene.client(&[
            &own(),
            "--layers",
            count,
            &scene.shim("bash").display().to_string(),
            "-c",
            "echo ran",
        ]))
    };
    let ended = behind("15");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "ran\n"), "{ended:?}");
    assert!(last_walls(scene).iter().any(|wall| wall.starts_with("landlock")));
    let ended = behind("16");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "ran\n"), "{ended:?}");
    let walls = last_walls(scene);
    assert!(walls.contains(&"open: landlock: 16 walls stand around us already".to_owned()), "{walls:?}");
    observing(scene, "mode = \"require\"");
    let ended = behind("16");
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""), "{ended:?}");
    assert!(ended.stderr.contains("walls.not-raised") && ended.stderr.contains("16 walls"), "{ended:?}");
    assert_eq!(scene.of_kind("error").len(), 1);
}

fn an_approved_escalation_runs_without(scene: &Scene) {
    scene.script(&scene.bin().join("sudo"), "#!/bin/bash\ngrep NoNewPrivs /proc/self/status\n");
    let rest = "format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"prefer\"\n";
    scene.trust(&format!("{rest}escalation = \"within-walls\"\n"));
    let mut agent = Agent::start(scene);
    let (_, text) = agent.run_approved(scene, "sudo true");
    assert_eq!(text, "NoNewPrivs:\t1\n", "{:#?}", scene.records());
    scene.trust(rest);
    let (_, text) = agent.run_approved(scene, "sudo true");
    assert_eq!(text, "NoNewPrivs:\t0\n");
    assert_eq!(last_walls(scene), ["none: it goes beyond its walls, and a human said yes"]);
    agent.run(scene, "true");
    assert_eq!(last_walls(scene)[0], "partly", "only what was approved");
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"require\"\n");
    let (_, text) = agent.run_approved(scene, "sudo true");
    assert_eq!(text, "NoNewPrivs:\t1\n", "who requires walls has to say so");
}

fn a_rule_adds_a_profile(scene: &Scene) {
    let rule = |profile: &str| {
        format!(
            "[[rule]]\nid = \"own.touch\"\ntier = \"supervised\"\nwhat = \"touch\"\nwhy = \"a test\"\ninstead = \"nothing\"\n\
             profile = \"{profile}\"\nwhen = {{ program = \"touch\" }}\nmatch = [\"touch a\", \"touch b\"]\npass = [\"ls\", \"cat touch\"]\n"
        )
    };
    observing(scene, &format!("mode = \"off\"\n{}", rule("review")));
    let ended = scene.run("touch made");
    assert!(ended.code == 1 && !scene.work().join("made").exists(), "{ended:?}");
    assert_eq!(last_walls(scene)[..2], ["partly", "profile review"]);
    scene.run("echo x > made");
    assert_eq!(last_walls(scene), ["unconfined"]);
    assert!(scene.work().join("made").exists());
    scene.policy(&format!("format = 1\n{}", rule("nothing")));
    let checked = scene.verb(&["policy", "check"]);
    assert!(checked.code == 1 && checked.stdout.contains("no profile `nothing`"), "{checked:?}");
}

fn the_judge_counts_on_what_is_required(scene: &Scene) {
    std::fs::write(scene.work().join("x.py"), "import mine\nmine.run()\n").expect("a file");
    let tier = |walls: &str| {
        scene.trust(&format!("format = 1\n[approval]\nwait = \"0s\"\n[walls]\n{walls}\n"));
        let ended = scene.verb(&["check", "--json", "--", "python3 x.py"]);
        let said: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        said["tier"].as_str().expect("a tier").to_owned()
    };
    assert_eq!(tier(WORKSPACE), "supervised", "they may be missing");
    scene.policy("format = 1\n[walls]\nmode = \"require\"\n");
    let ended = scene.verb(&["check", "--json", "--", "python3 x.py"]);
    assert!(ended.stdout.contains("supervised"), "nobody trusts this file: {ended:?}");
    assert_eq!(tier("mode = \"require\"\nprofile = \"open\""), "supervised", "they close no file of the workspace's");
    assert_eq!(tier("mode = \"require\"\nprofile = \"workspace\""), "autonomous");
}

fn no_way_round(scene: &Scene) {
    observing(scene, WORKSPACE);
    std::fs::create_dir_all(scene.at(".ssh")).expect("a folder");
    std::fs::write(scene.at(".ssh/id_canary"), "a fake key\n").expect("a file");
    let outside = std::process::id();
    let secret = scene.at(".ssh/id_canary").display().to_string();
    for line in [
        format!("cat /proc/{outside}/root{secret}"),
        "cat /proc/$PPID/cwd/../.ssh/id_canary".to_owned(),
        format!("cat /proc/self/root{secret}"),
        format!("ln {secret} here; cat here"),
        format!("ln -s {secret} there; cat there"),
        format!("mv {} moved; cat moved/id_canary", scene.at(".ssh").display()),
        "cd ~/.ssh; cat id_canary".to_owned(),
        "unshare -Urm sh -c 'mount --bind ~/.ssh /mnt; cat /mnt/id_canary'".to_owned(),
        format!("unshare -Ur cat {secret}"),
        format!("setsid cat {secret}"),
        format!("head -c 99 {secret} > copy; cp {secret} copy; cat copy"),
        format!("tr '\\0' '\\n' < /proc/{outside}/environ | grep -c TMPDIR | sed s/1/a/"),
        format!("cat < /proc/{outside}/fd/0 | head -c1; ls -l /proc/{outside}/exe | grep -o a/walls"),
    ] {
        let ended = behind(scene, &line);
        assert!(!ended.stderr.contains("vetsh: refused"), "{line}: the judge was to see nothing of it: {ended:?}");
        assert!(!ended.stdout.contains('a'), "{line}: {ended:?}");
    }
    // What is handed over open stays open: the client gave it. Only our own are closed.
    let given = format!("exec 7<{secret}; bash -c 'cat <&7; exec 8</proc/self/fd/7; cat <&8'");
    let ended = scene.end(&mut scene.client(&["/bin/bash", "-c", &given]));
    assert_eq!(ended.stdout, "a fake key\n", "{ended:?}");
    let listed = scene.run("ls /proc/self/fd | wc -l");
    let bare = scene.end(&mut scene.client(&["/bin/bash", "-c", "ls /proc/self/fd | wc -l"]));
    assert_eq!(listed.stdout, bare.stdout, "nothing of ours is left open");
}

/// A program of the machine that answers at a socket, until it is dropped.
struct Service(std::process::Child);

impl Service {
    fn at(scene: &Scene, path: &Path) -> Service {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let place = path.display().to_string();
        let child = scene.plain(own()).args(["--listen", &place]).spawn().expect("a program");
        while !path.exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("a mode");
        Service(child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A line that opens a socket and says what comes of it.
fn opens(path: &Path) -> String {
    format!(
        "python3 -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect(\"{}\"); print(s.recv(9).decode(), end=\"\")' 2>&1 | tail -1",
        path.display()
    )
}

/// Sockets where others answer, and whether a walled line reaches them.
fn reached(scene: &Scene, through: &dyn Fn(&str) -> Ended) {
    let run = Path::new("/run");
    let docker = run.join("docker.sock");
    let theirs = scene.at(".docker/run/docker.sock");
    let own = scene.home().parent().and_then(Path::file_name).expect("a name").display().to_string();
    let agent = Path::new("/tmp").join(format!("ssh-{own}/agent.1"));
    let database = run.join("postgresql/.s.PGSQL.5432");
    let inside = scene.work().join("app.sock");
    let agent = &agent;
    let places = [&docker, &theirs, agent, &database, &inside];
    let services: Vec<Service> = places.iter().map(|path| Service::at(scene, path)).collect();
    for (path, open) in [(&docker, false), (&theirs, false), (agent, false), (&database, true), (&inside, true)] {
        let ended = through(&opens(path));
        let said = if open { "reached" } else { "refused" };
        assert!(ended.stdout.contains(said), "{}: {ended:?} {:?}", path.display(), last_walls(scene));
    }
    let walls = last_walls(scene);
    assert!(walls.contains(&"mounts".to_owned()), "{walls:?}");
    // By other ways to the same one.
    for line in [
        opens(Path::new("/proc/self/root/run/docker.sock")),
        opens(Path::new("/var/run/docker.sock")),
        format!("ln -s /run/docker.sock here; {}", opens(&scene.work().join("here"))),
        format!("cd /run; {}", opens(Path::new("docker.sock"))),
        format!("mv /run/docker.sock /run/moved; {}", opens(Path::new("/run/moved"))),
    ] {
        let ended = through(&line);
        assert!(!ended.stdout.contains("reached"), "{line}: {ended:?}");
    }
    drop(services);
    for path in places {
        std::fs::remove_file(path).expect("a socket");
    }
    std::fs::remove_dir(agent.parent().expect("a folder")).expect("a folder");
}

fn sockets_are_closed_by_their_path(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    reached(scene, &|line| behind(scene, line));
    // One that is named is open; an agent's too, to a line that needs it.
    let profile = "mode = \"prefer\"\nprofile = \"mine\"\n[profile.mine]\nbase = \"workspace\"\nsockets = [\"/var/run/docker.sock\"]";
    observing(scene, profile);
    let docker = Service::at(scene, Path::new("/run/docker.sock"));
    let other = Service::at(scene, Path::new("/run/other.sock"));
    let ended = behind(scene, &opens(Path::new("/run/docker.sock")));
    assert_eq!(ended.stdout, "reached\n", "{ended:?}");
    let ended = behind(scene, &opens(Path::new("/run/other.sock")));
    assert!(ended.stdout.contains("refused"), "{ended:?}");
    drop((docker, other));
}

fn sockets_are_closed_to_a_plain_user(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    if !plain_user(scene) {
        return;
    }
    let file = scene.at("work.line");
    reached(scene, &|line| {
        std::fs::write(&file, line).expect("a file");
        let line = format!("{} --run {}", scene.bin().join("probe").display(), file.display());
        scene.end(&mut as_plain(scene, &["bash", "-c", &line]))
    });
    // In there root's files are nobody's; what runs is vetted all the same.
    let ended = scene.end(&mut as_plain(scene, &["bash", "-c", "bash -c 'id -u; echo nested'"]));
    assert_eq!(ended.stdout, format!("{PLAIN}\nnested\n"), "{ended:?}");
}

fn temporary_files_of_its_own(scene: &Scene) {
    observing(scene, "mode = \"require\"\nprofile = \"own\"\n[profile.own]\nbase = \"workspace\"\ntemp_mb = 4");
    std::fs::write("/tmp/walls-outside", "outside\n").expect("a file");
    let line = "cat /tmp/walls-outside; echo in > /tmp/walls-in; cat /tmp/walls-in; cp /bin/true /tmp/run; /tmp/run; echo $?; \
                head -c 8000000 /dev/zero > /tmp/large; wc -c < /tmp/large; mktemp -d > /dev/null && echo made; echo x > /dev/shm/walls-in; ls /var/tmp";
    let ended = scene.end(scene.client(&["bash", "-c", line]).env("TMPDIR", "/tmp/walls-dir"));
    std::fs::remove_file("/tmp/walls-outside").expect("a file");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(
        matches!(lines[..], ["in", "126", size, "made"] if size.parse::<u64>().is_ok_and(|size| size <= 4 << 20)),
        "{ended:?}"
    );
    assert!(!Path::new("/tmp/walls-in").exists() && !Path::new("/dev/shm/walls-in").exists());
    let walls = last_walls(scene);
    assert!(walls.contains(&"mounts".to_owned()), "{walls:?}");
}

/// What is closed to everything is open to the tool whose it is, and to nothing beside it.
fn tools_get_what_is_theirs(scene: &Scene) {
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"prefer\"\n");
    for (place, text) in [(".ssh/id_own", "key\n"), (".m2/settings.xml", "settings\n"), (".kube/config", "cluster\n")] {
        std::fs::create_dir_all(scene.at(place).parent().expect("a folder")).expect("a folder");
        std::fs::write(scene.at(place), text).expect("a file");
    }
    let reads = "#!/bin/bash\ncat ~/.ssh/id_own ~/.m2/settings.xml ~/.kube/config 2>/dev/null\n";
    for name in ["ssh", "mvn", "kubectl", "make"] {
        scene.script(&scene.bin().join(name), reads);
    }
    let mut agent = Agent::start(scene);
    agent.set("PATH", &format!("{}:{}:/usr/bin:/bin", scene.shims().display(), scene.bin().display()));
    std::fs::write(scene.work().join("Makefile"), "all:\n\t@true\n").expect("a file");
    for (line, asked, reads) in [
        ("make", false, ""),
        ("mvn test", false, "settings\n"),
        ("ssh build true", true, "key\n"),
        ("ssh build true; make", true, "key\nkey\n"),
        ("kubectl get pods; make", true, "cluster\ncluster\n"),
    ] {
        let (code, text) = if asked { agent.run_approved(scene, line) } else { agent.run(scene, line) };
        assert_eq!((code, text.as_str()), (1, reads), "{line}: {:?}", last_walls(scene));
    }
}

fn without_namespaces_or_landlock_it_is_said(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    let docker = Service::at(scene, Path::new("/run/docker.sock"));
    let shim = scene.shim("bash").display().to_string();
    let under = |what: &str| scene.end(&mut scene.client(&[&own(), "--without", what, &shim, "-c", "echo ran"]));
    for (what, said) in [
        ("namespaces", "open: unix sockets by path (no mount namespace: "),
        ("mounts", "open: unix sockets by path (no mount namespace: "),
        ("landlock", "open: landlock: the kernel has none, or it is switched off"),
    ] {
        let ended = under(what);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, "ran\n"), "{what}: {ended:?}");
        let walls = last_walls(scene);
        assert!(walls.iter().any(|wall| wall.starts_with(said)), "{what}: {walls:?}");
    }
    observing(scene, "mode = \"require\"");
    for what in ["namespaces", "mounts", "landlock"] {
        let ended = under(what);
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""), "{what}: {ended:?}");
        assert!(ended.stderr.contains("walls.not-raised"), "{what}: {ended:?}");
    }
    drop(docker);
}

fn the_doctor_tries_each_wall(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    std::fs::create_dir_all(scene.at(".ssh")).expect("a folder");
    std::fs::write(scene.at(".netrc"), "machine x login y").expect("a file");
    let vetsh = scene.vetsh().display().to_string();
    let found = |without: Option<&str>| -> Vec<(String, String)> {
        let words: Vec<String> = match without {
            Some(what) => vec![own(), "--without".to_owned(), what.to_owned(), vetsh.clone()],
            None => vec![vetsh.clone()],
        };
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["doctor", "--json"]).collect();
        let ended = scene.end(&mut scene.client(&words));
        let said: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
        let walls = said["findings"].as_array().expect("findings").iter().filter(|finding| finding["probe"] == "walls");
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        walls.map(|finding| (text(&finding["state"]), text(&finding["what"]))).collect()
    };
    let told = |found: &[(String, String)], state: &str, what: &str| {
        assert!(found.iter().any(|(is, said)| is == state && said.contains(what)), "{state} {what}: {found:#?}");
    };
    let all = found(None);
    assert!(all.iter().all(|(state, _)| state == "good"), "{all:#?}");
    for what in ["credentials", "what decides", "sockets", "processes outside", "typed", "they stand: "] {
        told(&all, "good", what);
    }
    let open = found(Some("mounts"));
    told(&open, "degraded", "does not hold: sockets of others");
    told(&open, "degraded", "they stand in part; open: unix sockets by path");
    let open = found(Some("landlock"));
    for what in ["credentials", "what decides", "processes outside"] {
        told(&open, "degraded", &format!("does not hold: {what}"));
    }
    scene.trust("format = 1\n[walls]\nmode = \"off\"\n");
    told(&found(None), "degraded", "no walls are raised");
    assert_eq!(std::fs::read_dir(scene.state().join("spool")).expect("a folder").count(), 0, "nothing is left");
}

fn an_attacker_gets_nowhere(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    if !plain_user(scene) {
        return;
    }
    let probe = scene.bin().join("probe").display().to_string();
    attacked(scene, &probe, &|words| as_plain(scene, words));
}

fn an_attacker_who_is_root_gets_nowhere(scene: &Scene) {
    scene.mount(&["-t", "tmpfs", "none", "/run"]);
    observing(scene, WORKSPACE);
    attacked(scene, &own(), &|words| scene.client(words));
}

fn attacked(scene: &Scene, probe: &str, client: &dyn Fn(&[&str]) -> Command) {
    std::fs::create_dir_all(scene.at(".ssh")).expect("a folder");
    std::fs::write(scene.at(".ssh/id_canary"), "a fake key\n").expect("a file");
    let give = "chown -R --reference=\"$HOME/bin\" \"$HOME\"";
    assert_eq!(scene.end(scene.plain("/bin/bash").args(["-c", give])).code, 0);
    let hidden = format!("walls-{}", scene.home().display());
    let own = scene.home().parent().and_then(Path::file_name).expect("a name").display().to_string();
    let agent = Path::new("/tmp").join(format!("ssh-{own}"));
    let mut outside =
        client(&["/bin/bash", "-c", &format!("exec {probe} --abstract {hidden}")]).spawn().expect("a program");
    let services = [
        Service::at(scene, Path::new("/run/docker.sock")),
        Service::at(scene, &scene.at(".docker/run/docker.sock")),
        Service::at(scene, &agent.join("agent.1")),
    ];
    assert_eq!(
        scene
            .end(
                scene
                    .plain("/bin/bash")
                    .args(["-c", &format!("{give}; chown -R --reference=\"$HOME/bin\" {}", agent.display())])
            )
            .code,
        0
    );
    let by_name = <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(&hidden);
    let by_name = by_name.expect("an address");
    while std::os::unix::net::UnixStream::connect_addr(&by_name).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for socket in [
        "/run/docker.sock".to_owned(),
        scene.at(".docker/run/docker.sock").display().to_string(),
        agent.join("agent.1").display().to_string(),
    ] {
        let target = attack::Target {
            secret: scene.at(".ssh/id_canary").display().to_string(),
            socket,
            guard: scene.config().join("policy.toml").display().to_string(),
            pid: i32::try_from(outside.id()).expect("a number"),
            hidden: hidden.clone(),
            work: scene.work().display().to_string(),
        };
        let ask = scene.at("attack.txt");
        std::fs::write(&ask, target.text()).expect("a file");
        let line = format!("{probe} --attack {}", ask.display());
        let clean = "rm -rf -- \"$HOME/work\" && mkdir \"$HOME/work\"";
        assert_eq!(scene.end(client(&["/bin/bash", "-c", clean]).current_dir(scene.home())).code, 0);
        let ended = scene.end(&mut client(&["bash", "-c", &line]));
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (0, ""),
            "{}: {ended:?}\n{:?}",
            target.socket,
            last_walls(scene)
        );
    }
    // Bare, the same attacker gets what it is after, and says so.
    let bare =
        scene.end(&mut client(&["/bin/bash", "-c", &format!("{probe} --attack {}", scene.at("attack.txt").display())]));
    for through in ["a socket", "a secret", "a signal", "an abstract socket", "what decides, written", "rings"] {
        assert!(bare.stdout.lines().any(|line| line == through), "{through}: {bare:?}");
    }
    let _ = outside.kill();
    let _ = outside.wait();
    drop(services);
    let _ = std::fs::remove_dir_all(&agent);
}

/// By the policy that is built in.
fn what_was_allowed_is_let_through(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    scene.policy("format = 1\n[approval]\nwait = \"0s\"\n");
    let mut agent = Agent::start(scene);
    assert_eq!(agent.run(scene, "echo x > here; cat here"), (0, "x\n".to_owned()));
    assert_eq!(last_walls(scene)[..2], ["partly", "profile workspace"]);
    // A directory of its own is opened; right in home there is no opening one thing alone.
    let at = |name: &str| scene.at(name).display().to_string();
    assert_eq!(agent.run_approved(scene, &format!("touch {}", at("notes/a"))), (0, String::new()));
    assert_eq!(last_walls(scene)[..2], ["partly", "profile workspace"]);
    assert_eq!(agent.run_approved(scene, &format!("touch {}", at("b"))), (0, String::new()));
    assert_eq!(last_walls(scene), ["none: it goes beyond its walls, and a human said yes"]);
    assert!(scene.at("notes/a").exists() && scene.at("b").exists());
    // What a human did not see is held all the same.
    std::fs::write(scene.work().join("Makefile"), format!("all:\n\t@touch {} {}\n", at("notes/c"), at("d")))
        .expect("a file");
    let (code, _) = agent.run(scene, "make");
    assert!(code == 2 && !scene.at("notes/c").exists() && !scene.at("d").exists());
}
