//! The real shells behind our names: root's own, of the compiled places or of those the system's policy names, in a user
//! namespace too; where there is none nothing else is taken for one.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use scene::{Case, Ended, Scene};

const CASES: &[Case] = &[
    ("a_shell_that_is_missing_is_not_replaced", a_shell_that_is_missing_is_not_replaced),
    ("the_systems_policy_adds_shells", the_systems_policy_adds_shells),
    ("a_shell_that_others_may_change_is_none", a_shell_that_others_may_change_is_none),
    ("only_the_systems_policy_adds_shells", only_the_systems_policy_adds_shells),
    ("in_a_namespace_of_its_maker_alone", in_a_namespace_of_its_maker_alone),
];

fn main() {
    scene::main(CASES);
}

/// The compiled places of zsh, which nothing else here needs.
const ZSH: [&str; 4] = ["/bin/zsh", "/usr/bin/zsh", "/usr/local/bin/zsh", "/usr/libexec/vetsh/zsh"];

/// Takes zsh away.
fn without_zsh(scene: &Scene) {
    let nothing = scene.at("nothing");
    std::fs::write(&nothing, "").expect("a file");
    for path in ZSH.iter().filter(|path| Path::new(path).exists()) {
        scene.mount(&["--bind", &nothing.display().to_string(), path]);
    }
}

/// A shell of this machine's own at `opt/bin/zsh`.
fn own_zsh(scene: &Scene) -> String {
    let path = scene.at("opt/bin/zsh");
    scene.script(&path, "#!/bin/sh\necho own \"$@\"\n");
    path.display().to_string()
}

fn names(scene: &Scene, path: &str) {
    std::fs::write(scene.system().join("policy.toml"), format!("format = 1\n[shell]\nzsh = [\"{path}\"]\n"))
        .expect("a policy");
}

fn zsh(scene: &Scene) -> Ended {
    scene.end(&mut scene.client(&["zsh", "-c", "echo hi"]))
}

fn missing(ended: &Ended) {
    assert_eq!(ended.code, 127, "{ended:?}");
    assert!(
        ended.stdout.is_empty() && ended.stderr.contains("refused [exec.not-found] zsh is not installed"),
        "{ended:?}"
    );
}

fn a_shell_that_is_missing_is_not_replaced(scene: &Scene) {
    without_zsh(scene);
    // Not even by one on PATH, or in the environment.
    scene.script(&scene.bin().join("zsh"), "#!/bin/sh\necho evil\n");
    missing(&scene.end(scene.client(&["zsh", "-c", "echo hi"]).env("SHELL", scene.bin().join("zsh"))));
    assert_eq!(scene.of_kind("error").len(), 1);
    assert_eq!(scene.of_kind("launch").len(), 0);
    assert_eq!(scene.run("echo bash is there").code, 0);
    scene.chain_holds();
}

fn the_systems_policy_adds_shells(scene: &Scene) {
    without_zsh(scene);
    names(scene, "/no/such/zsh");
    missing(&zsh(scene));
    names(scene, &own_zsh(scene));
    let ended = zsh(scene);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "own -c echo hi\n", ""));
    // Never before those that are compiled in.
    std::fs::write(
        scene.system().join("policy.toml"),
        format!("format = 1\n[shell]\nbash = [\"{}\"]\n", scene.at("opt/bin/zsh").display()),
    )
    .expect("a policy");
    assert_eq!(scene.run("echo hi").stdout, "hi\n");
}

fn a_shell_that_others_may_change_is_none(scene: &Scene) {
    without_zsh(scene);
    let path = own_zsh(scene);
    names(scene, &path);
    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    let (file, folder) = (scene.at("opt/bin/zsh"), scene.at("opt/bin"));
    for (what, open, shut) in
        [(&file, 0o775, 0o755), (&file, 0o757, 0o755), (&file, 0o644, 0o755), (&folder, 0o777, 0o755)]
    {
        mode(what, open);
        missing(&zsh(scene));
        mode(what, shut);
        assert_eq!(zsh(scene).code, 0, "{}", what.display());
    }
    let aside = scene.at("opt/aside");
    std::fs::rename(&file, &aside).expect("moved");
    std::fs::create_dir(&file).expect("a folder");
    missing(&zsh(scene));
    std::fs::remove_dir(&file).expect("a folder");
    // Ourselves are no real shell, by whatever link.
    std::os::unix::fs::symlink(scene.vetsh(), &file).expect("a link");
    missing(&zsh(scene));
    std::fs::remove_file(&file).expect("a link");
    std::fs::rename(&aside, &file).expect("moved");
    if chown(&file, Some(4711), None).is_err() {
        return eprintln!("SKIPPED: no second user here to own a shell; run as root this must not be skipped");
    }
    missing(&zsh(scene));
}

fn only_the_systems_policy_adds_shells(scene: &Scene) {
    without_zsh(scene);
    let text = format!("format = 1\n[shell]\nzsh = [\"{}\"]\n", own_zsh(scene));
    scene.policy(&text);
    let ended = zsh(scene);
    assert_eq!(ended.code, 125, "{ended:?}");
    assert!(ended.stderr.contains("policy.toml:2:2") && ended.stderr.contains("only the system's file"), "{ended:?}");
    // Nor a system's file that somebody else may write.
    scene.policy("format = 1\n");
    names(scene, &scene.at("opt/bin/zsh").display().to_string());
    let file = scene.system().join("policy.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    let ended = zsh(scene);
    assert!(ended.code == 125 && ended.stderr.contains("others may write it"), "{ended:?}");
}

/// As in the sandbox of a client (bwrap) and in rootless containers: the user is the only one who is mapped.
fn in_a_namespace_of_its_maker_alone(scene: &Scene) {
    let map = std::fs::read_to_string("/proc/self/uid_map").expect("a map");
    if map.split_ascii_whitespace().nth(2) == Some("1") {
        // All of this test runs in one.
        let root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/usr/bin/env").expect("a file"));
        assert_ne!(root, 0);
        assert_eq!(scene.run("echo vetted").stdout, "vetted\n");
        return;
    }
    let user = "4711";
    let home = scene.at("../other");
    std::fs::create_dir(&home).expect("a home");
    std::fs::write("/etc/passwd", "").expect_err("the user database is not ours to write");
    let passwd = std::fs::read_to_string("/etc/passwd").expect("text");
    let with = scene.at("passwd");
    let line = format!("u:x:{user}:{user}::{}:/bin/bash\n", home.display());
    std::fs::write(&with, format!("{passwd}{line}")).expect("a file");
    scene.mount(&["--bind", &with.display().to_string(), "/etc/passwd"]);
    chown(&home, Some(4711), Some(4711)).expect("a home of its own");
    for folder in [scene.home().parent().expect("a folder"), &scene.home()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    // The user's own id, and root's where it means the user.
    for map in ["--map-current-user", "--map-root-user"] {
        let script =
            "printf '%s ' \"$(stat -L -c %u /bin/bash)\"; \"$0\" --root \"$1\" --as bash -c 'echo vetted'; echo $?";
        let root = home.join(map);
        std::fs::create_dir(&root).expect("a folder");
        chown(&root, Some(4711), Some(4711)).expect("a root of its own");
        let inside = |more: &[&str], script: &str| {
            let mut command = scene.plain("setpriv");
            command.args(["--reuid", user, "--regid", user, "--clear-groups", "unshare", "--user", map]).args(more);
            command.args(["/bin/bash", "-c", script]).arg(scene.vetsh()).arg(&root).current_dir(&home);
            scene.end(&mut command)
        };
        let ended = inside(&[], "true");
        if ended.code != 0 {
            return eprintln!("SKIPPED: a user can make no user namespace here: {}", ended.stderr.trim());
        }
        let ended = inside(&[], script);
        assert_eq!(ended.stdout, "65534 vetted\n0\n", "{map} {ended:?}");
        // What another may change counts no more than anywhere else; who maps itself as root can mount that.
        let open = home.join("open");
        std::fs::copy("/bin/bash", &open).expect("a copy");
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).expect("a mode");
        let masked = format!(
            "cp /bin/sh keep; for at in /bin/bash /usr/bin/bash /usr/local/bin/bash; do [ ! -e $at ] || mount --bind {} $at; done; {script}",
            open.display()
        );
        if map == "--map-root-user" {
            let ended = inside(&["--mount"], &masked);
            assert!(ended.stdout.ends_with(" 127\n") && !ended.stdout.contains("vetted"), "{ended:?}");
        }
        std::fs::remove_file(&open).expect("a file");
    }
}
