//! `install.sh`, end to end in a home of its own: what it makes, that it changes nothing the second time and no start-up file ever,
//! its proof, and how it is undone. The build is another test's: a `cargo` that hands out the binary under test stands in for it.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use scene::desk::Desk;
use scene::{Case, Ended, OWN, Scene, quote};

const CASES: &[Case] = &[
    ("it_installs_proves_and_edits_no_start_up_file", it_installs_proves_and_edits_no_start_up_file),
    ("again_it_changes_nothing", again_it_changes_nothing),
    ("it_is_undone_and_undone_again", it_is_undone_and_undone_again),
    ("another_prefix_with_a_blank", another_prefix_with_a_blank),
    ("at_a_terminal_the_human_answers_the_proof", at_a_terminal_the_human_answers_the_proof),
    ("what_is_wrong_is_said_and_nothing_is_left", what_is_wrong_is_said_and_nothing_is_left),
];

fn main() {
    scene::main(CASES);
}

const STARTUP: [&str; 8] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".config/fish/config.fish",
];

/// A home as it is before: no vetsh, start-up files of the user's own, and a compiler that has compiled already.
fn before(scene: &Scene) {
    for folder in [".config", ".local"] {
        std::fs::remove_dir_all(scene.at(folder)).expect("a folder");
    }
    for name in STARTUP {
        std::fs::create_dir_all(scene.at(name).parent().expect("a folder")).expect("a folder");
        std::fs::write(scene.at(name), format!("# {name} of the user's\n")).expect("a file");
    }
    std::fs::create_dir(scene.at("tmp")).expect("a folder");
    let sysroot = scene.at("sysroot");
    for arch in ["x86_64", "aarch64"] {
        std::fs::create_dir_all(sysroot.join(format!("lib/rustlib/{arch}-unknown-linux-musl/lib"))).expect("a folder");
    }
    scene.script(&scene.bin().join("rustc"), &format!("#!/bin/sh\necho {}\n", sysroot.display()));
    let cargo = format!(
        "#!/bin/sh\nwhile [ \"$1\" != --target ]; do shift; done\nto=$CARGO_TARGET_DIR/$2/release\nmkdir -p \"$to\" && cp {OWN} \"$to/vetsh\"\n"
    );
    scene.script(&scene.bin().join("cargo"), &cargo);
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh")
}

fn install(scene: &Scene, words: &[&str]) -> Ended {
    scene.end(
        scene.plain(script()).args(words).env("CARGO_TARGET_DIR", scene.at("built")).env("TMPDIR", scene.at("tmp")),
    )
}

fn installed(scene: &Scene, words: &[&str]) -> Ended {
    let ended = install(scene, words);
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    ended
}

/// Everything below home but what records grow in: kind, mode, inode, time of change, text.
fn picture(scene: &Scene) -> BTreeMap<PathBuf, (u32, u64, i64, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![scene.home()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let (path, meta) = (entry.path(), entry.metadata().expect("a file"));
            if path == scene.state() || path == scene.at("built") {
                continue;
            }
            if meta.is_dir() {
                folders.push(path.clone());
            }
            let text = match std::fs::read_link(&path) {
                Ok(target) => target.into_os_string().into_encoded_bytes(),
                Err(_) if meta.len() < 1 << 20 => std::fs::read(&path).unwrap_or_default(),
                Err(_) => Vec::new(),
            };
            let changed = if meta.is_dir() { 0 } else { meta.mtime_nsec() };
            found.insert(path, (meta.mode(), meta.ino(), changed, text));
        }
    }
    found
}

fn start_up_files_are_as_they_were(scene: &Scene) {
    for name in STARTUP {
        assert_eq!(std::fs::read_to_string(scene.at(name)).expect("a file"), format!("# {name} of the user's\n"));
    }
    for name in [".bash_logout", ".zlogin", ".claude", ".codex", ".gemini", ".vetsh-proof"] {
        assert!(!scene.at(name).exists(), "{name}");
    }
}

fn it_installs_proves_and_edits_no_start_up_file(scene: &Scene) {
    before(scene);
    let ended = installed(scene, &["--yes"]);
    for sign in [
        "autonomous   echo vetted                          ran",
        "refused (126)",
        "so it did not run",
        "the chain holds",
        "Point your agent at it (nothing was changed for you)",
    ] {
        assert!(ended.stdout.contains(sign), "{sign}:\n{}{}", ended.stdout, ended.stderr);
    }
    start_up_files_are_as_they_were(scene);
    let mode = |path: PathBuf| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(scene.vetsh()), mode(scene.state()), mode(scene.config())), (0o755, 0o700, 0o700));
    assert_eq!(mode(scene.config().join("policy.toml")), 0o600);
    for name in ["bash", "sh", "zsh"] {
        assert_eq!(std::fs::read_link(scene.shim(name)).expect("a link"), scene.vetsh());
    }
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/policy.toml");
    assert_eq!(
        std::fs::read(scene.config().join("policy.toml")).expect("a policy"),
        std::fs::read(policy).expect("a policy")
    );
    let kinds: Vec<String> = scene.records().iter().map(|record| record["kind"].to_string()).collect();
    assert_eq!(kinds, ["\"launch\"", "\"refusal\"", "\"request\""]);
    scene.chain_holds();
    assert_eq!(scene.run("echo it works").stdout, "it works\n");
    // Nothing of the proof is left behind.
    assert_eq!(std::fs::read_dir(scene.at("tmp")).expect("a folder").count(), 0);
}

fn again_it_changes_nothing(scene: &Scene) {
    before(scene);
    installed(scene, &["--yes", "--no-proof"]);
    let own = "format = 1\n[approval]\nwait = \"0s\"\n";
    scene.policy(own);
    // What is let run is given a place for caches.
    std::fs::create_dir_all(scene.at(".cache")).expect("a folder");
    let first = picture(scene);
    for words in [&["--yes", "--no-proof"][..], &["--no-proof"], &["--yes"]] {
        installed(scene, words);
        let now = picture(scene);
        let changed: Vec<&PathBuf> =
            first.keys().chain(now.keys()).filter(|path| first.get(*path) != now.get(*path)).collect();
        assert!(changed.is_empty(), "{words:?} changed {changed:?}");
    }
    // What went missing or wrong is put right, and the user's policy stays the user's.
    std::fs::remove_file(scene.shim("sh")).expect("a link");
    std::fs::remove_file(scene.shim("bash")).expect("a link");
    std::os::unix::fs::symlink("/bin/true", scene.shim("bash")).expect("a link");
    installed(scene, &["--yes"]);
    assert_eq!(std::fs::read_link(scene.shim("bash")).expect("a link"), scene.vetsh());
    assert!(scene.shim("sh").exists());
    assert_eq!(std::fs::read_to_string(scene.config().join("policy.toml")).expect("a policy"), own);
    start_up_files_are_as_they_were(scene);
}

fn it_is_undone_and_undone_again(scene: &Scene) {
    before(scene);
    installed(scene, &["--yes"]);
    let records = scene.records().len();
    // What others put beside the shims is theirs.
    scene.script(&scene.shim("mine"), "#!/bin/sh\n");
    for _ in 0..2 {
        installed(scene, &["--uninstall"]);
        assert!(!scene.vetsh().exists() && !scene.shim("bash").exists() && !scene.shim("sh").exists());
        assert!(scene.shim("mine").exists());
        assert!(scene.config().join("policy.toml").exists());
        assert_eq!(scene.records().len(), records, "records stay");
    }
    start_up_files_are_as_they_were(scene);
    installed(scene, &["--yes", "--no-proof"]);
    assert_eq!(scene.run("true").code, 0);
    scene.chain_holds();
    installed(scene, &["--uninstall", "--purge", "--yes"]);
    assert!(!scene.config().exists() && !scene.state().exists());
    start_up_files_are_as_they_were(scene);
}

fn another_prefix_with_a_blank(scene: &Scene) {
    before(scene);
    let prefix = scene.at("my programs");
    let word = format!("--prefix={}", prefix.display());
    let ended = installed(scene, &[&word, "--yes"]);
    assert!(ended.stdout.contains("the chain holds"), "{ended:?}");
    assert_eq!(std::fs::read_link(scene.shim("bash")).expect("a link"), prefix.join("bin/vetsh"));
    assert!(!scene.at(".local/bin/vetsh").exists());
    installed(scene, &["--uninstall", "--prefix", &prefix.display().to_string()]);
    assert!(!prefix.join("bin/vetsh").exists() && !scene.shim("bash").exists());
}

fn at_a_terminal_the_human_answers_the_proof(scene: &Scene) {
    before(scene);
    let command = format!(
        "CARGO_TARGET_DIR={} {}",
        quote(&scene.at("built").display().to_string()),
        quote(&script().display().to_string())
    );
    for (answer, sign, kind) in
        [("n", "asked, not approved, did not run (126)", "refusal"), ("y", "asked, approved, ran", "launch")]
    {
        let mut desk = Desk::start(scene, &command);
        match answer {
            "y" => desk.yes(),
            _ => {
                desk.code();
                desk.press("n\n");
            }
        }
        let shown = desk.until("code=");
        assert!(shown.contains("code=0") && shown.contains(sign), "{shown}");
        assert!(!scene.at(".vetsh-proof").exists());
        let line = format!("touch {}", scene.at(".vetsh-proof").display());
        let mut of_line = scene.records().into_iter().filter(|record| record["line"] == line);
        assert_eq!(of_line.next_back().expect("a record")["kind"], kind);
    }
    assert_eq!(scene.of_kind("answer").len(), 2);
    scene.chain_holds();
    start_up_files_are_as_they_were(scene);
}

fn what_is_wrong_is_said_and_nothing_is_left(scene: &Scene) {
    before(scene);
    let first = picture(scene);
    for (words, sign) in
        [(&["--nonsense"][..], "unknown option: --nonsense"), (&["--prefix"], "--prefix needs a directory")]
    {
        let ended = install(scene, words);
        assert!(ended.code == 1 && ended.stderr.contains(sign), "{ended:?}");
    }
    let ended = install(scene, &["--help"]);
    assert!(ended.code == 0 && ended.stdout.starts_with("usage: ./install.sh"), "{ended:?}");
    let cargo = scene.bin().join("cargo");
    let works = std::fs::read_to_string(&cargo).expect("a script");
    scene.script(&cargo, "#!/bin/sh\necho 'error: no such thing' >&2\nexit 101\n");
    let broken = picture(scene);
    let ended = install(scene, &["--yes"]);
    assert!(ended.code == 1 && ended.stderr.contains("the build failed"), "{ended:?}");
    assert_eq!(picture(scene), broken);
    scene.script(&cargo, &works);
    // A policy that is there already and does not load stops it before the proof.
    std::fs::create_dir_all(scene.config()).expect("a folder");
    scene.policy("format = 7\n");
    let ended = install(scene, &["--yes"]);
    assert!(ended.code == 1 && ended.stderr.contains("the policy does not load"), "{ended:?}");
    assert!(!ended.stdout.contains("proving it"));
    assert!(first.len() > 8);
    start_up_files_are_as_they_were(scene);
}
