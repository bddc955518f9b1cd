//! An agent without a terminal: one process that calls us again and again, so that all of it is one session.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::Scene;

pub struct Agent {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
}

impl Agent {
    pub fn start(scene: &Scene) -> Agent {
        let script = "while IFS= read -r -d '' place && IFS= read -r -d '' line; do case $place in \
                      '='*) export \"${place#=}=$line\"; echo code=0;; \
                      '&'*) cd \"${place#&}\"; bash -c \"$line\" </dev/null >/dev/null 2>&1 & echo code=0;; \
                      *) cd \"$place\"; bash -c \"$line\" </dev/null 2>&1; echo \"code=$?\";; esac; done";
        let mut child = scene
            .plain("setsid")
            .args(["/bin/bash", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let orders = child.stdin.take().expect("a pipe");
        let output = child.stdout.take().expect("a pipe");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Agent { child, orders, answers }
    }

    pub fn begin_at(&mut self, place: &Path, line: &str) {
        write!(self.orders, "{}\0{line}\0", place.display()).expect("a pipe");
    }

    pub fn begin(&mut self, scene: &Scene, line: &str) {
        self.begin_at(&scene.work(), line);
    }

    /// Runs `line` beside what comes next.
    pub fn run_beside(&mut self, scene: &Scene, line: &str) {
        write!(self.orders, "&{}\0{line}\0", scene.work().display()).expect("a pipe");
        self.end();
    }

    /// Puts a variable into the environment of what it runs from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        write!(self.orders, "={name}\0{value}\0").expect("a pipe");
        self.end();
    }

    pub fn end(&mut self) -> (i32, String) {
        let mut text = String::new();
        loop {
            let line = self.answers.recv_timeout(Duration::from_secs(60)).expect("an end");
            match line.strip_prefix("code=") {
                Some(code) => return (code.parse().expect("a number"), text),
                None => text.push_str(&format!("{line}\n")),
            }
        }
    }

    pub fn run(&mut self, scene: &Scene, line: &str) -> (i32, String) {
        self.begin(scene, line);
        self.end()
    }

    /// Runs `line`, which is asked about, and once a human has said yes runs it again.
    pub fn run_approved(&mut self, scene: &Scene, line: &str) -> (i32, String) {
        let (code, text) = self.run(scene, line);
        assert_eq!(code, 75, "{line} was not asked about: {text}");
        let id: String = text.split("vetsh approve ").nth(1).expect("an id").chars().take(8).collect();
        let said = scene.human(&["approve", &id]);
        assert!(said.contains("code=0"), "{said}");
        self.run(scene, line)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
