//! A human's desk: a shell on a pseudo-terminal of its own that runs one command line and tells its code.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, poll};

use super::{Scene, quote};

pub struct Desk {
    pub child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    pub seen: String,
    /// The same, byte for byte.
    pub raw: Vec<u8>,
    slave: OwnedFd,
    closed: Arc<AtomicBool>,
    mute: Arc<AtomicBool>,
}

/// Where the cursor stands, as a terminal answers whoever asks. No sequence that asks is cut in two by those that are tested.
fn answer(shown: &mut vt100::Parser, part: &[u8], answers: &mut File) -> bool {
    const WHERE: &[u8] = b"\x1b[6n";
    let mut rest = part;
    while let Some(at) = rest.windows(WHERE.len()).position(|four| four == WHERE) {
        shown.process(&rest[..at]);
        rest = &rest[at + WHERE.len()..];
        let (row, column) = shown.screen().cursor_position();
        // In one piece: others type there as well.
        if answers.write_all(format!("\x1b[{};{}R", row + 1, column + 1).as_bytes()).is_err() {
            return false;
        }
    }
    shown.process(rest);
    true
}

impl Desk {
    pub fn start(scene: &Scene, command: &str) -> Desk {
        Desk::start_at(scene, command, &scene.work())
    }

    pub fn start_at(scene: &Scene, command: &str, at: &Path) -> Desk {
        Desk::made(scene, command, at, (40, 80))
    }

    /// On a terminal that says it has so many rows and columns.
    pub fn sized(scene: &Scene, command: &str, rows: u16, columns: u16) -> Desk {
        Desk::made(scene, command, &scene.work(), (rows, columns))
    }

    fn made(scene: &Scene, command: &str, at: &Path, (rows, columns): (u16, u16)) -> Desk {
        let size = nix::pty::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(Some(&size), None).expect("a pseudo-terminal");
        // What other desks of the case are for is not handed on.
        for end in [&pair.master, &pair.slave] {
            let kept = nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC);
            nix::fcntl::fcntl(end, kept).expect("a descriptor");
        }
        let slave = || Stdio::from(pair.slave.try_clone().expect("a descriptor"));
        // Whoever runs the tests in the background has these ignored, and what is ignored stays so.
        let child = scene
            .plain("env")
            .args(["--default-signal=INT", "--default-signal=QUIT", "--default-signal=HUP", "setsid"])
            .args(["--ctty", "/bin/bash", "-c", &format!("{command}; echo \"code=$?\"")])
            .current_dir(at)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("a shell");
        let keys = File::from(pair.master);
        let mut reader = keys.try_clone().expect("a descriptor");
        let mut answers = keys.try_clone().expect("a descriptor");
        let mut shown = vt100::Parser::new(rows, columns, 0);
        let (sender, screen) = channel();
        let closed = Arc::new(AtomicBool::new(false));
        let seen_closed = Arc::clone(&closed);
        let mute = Arc::new(AtomicBool::new(false));
        let seen_mute = Arc::clone(&mute);
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while !seen_closed.load(Ordering::SeqCst) {
                let mut asked = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
                if poll(&mut asked, 50_u8).is_ok_and(|ready| ready == 0) {
                    continue;
                }
                match reader.read(&mut part) {
                    Ok(count) if count > 0 && sender.send(part[..count].to_vec()).is_ok() => {
                        if !seen_mute.load(Ordering::SeqCst) && !answer(&mut shown, &part[..count], &mut answers) {
                            break;
                        }
                    }
                    _ => break,
                }
            }
        });
        Desk { child, keys, screen, seen: String::new(), raw: Vec::new(), slave: pair.slave, closed, mute }
    }

    /// The agent's shell runs `line` through us, on this terminal.
    pub fn ask(scene: &Scene, line: &str) -> Desk {
        Desk::start(scene, &format!("{} -c {}", scene.shim("bash").display(), quote(line)))
    }

    pub fn look(&mut self, patience: Duration) {
        if let Ok(part) = self.screen.recv_timeout(patience) {
            self.seen.push_str(&String::from_utf8_lossy(&part));
            self.raw.extend_from_slice(&part);
        }
    }

    /// Everything shown until `sign` is.
    pub fn until(&mut self, sign: &str) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.seen.contains(sign)
            || (sign == "code=" && !self.seen.trim_end().ends_with(|c: char| c.is_ascii_digit()))
        {
            assert!(Instant::now() < end, "{sign} was not shown, but:\n{}", self.seen);
            self.look(Duration::from_millis(50));
        }
        self.seen.clone()
    }

    /// Everything shown to the end; where a code is asked for meanwhile (as root we are always asked), it is typed.
    pub fn answered(&mut self) -> String {
        let end = Instant::now() + Duration::from_secs(60);
        let mut typed = 0;
        while !self.seen.contains("code=") {
            assert!(Instant::now() < end, "it does not end, but:\n{}", self.seen);
            self.look(Duration::from_millis(20));
            let asked = self.seen.matches("for yes;").count();
            if asked > typed {
                typed = asked;
                let code = self.seen.rsplit("Type ").next().and_then(|rest| rest.get(..4)).expect("a code").to_owned();
                self.type_slowly(&code);
            }
        }
        self.until("code=")
    }

    /// The code that the question wants typed, where it wants one.
    pub fn code(&mut self) -> Option<String> {
        let shown = self.until("[y/N]");
        let after = shown.split("Type ").nth(1)?;
        Some(after.chars().take(4).collect())
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Key by key, as hands do, and Enter.
    pub fn type_slowly(&mut self, word: &str) {
        self.type_keys(word);
        self.press("\n");
    }

    /// The same without Enter.
    pub fn type_keys(&mut self, word: &str) {
        for key in word.chars() {
            self.press(&key.to_string());
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    pub fn yes(&mut self) {
        let answer = self.code().unwrap_or_else(|| "y".to_owned());
        self.type_slowly(&answer);
    }

    /// From here on the terminal answers no question.
    pub fn mute(&self) {
        self.mute.store(true, Ordering::SeqCst);
    }

    /// Another size, as a window that is drawn larger or smaller.
    pub fn resize(&self, rows: u16, columns: u16) {
        let slave = Stdio::from(self.slave.try_clone().expect("a descriptor"));
        let words = ["rows", &rows.to_string(), "cols", &columns.to_string()].map(str::to_owned);
        let set = std::process::Command::new("stty").args(words).stdin(slave).status().expect("stty runs");
        assert!(set.success(), "a size");
    }

    /// The terminal goes away, as when its window is closed: every process of its session is told, and nothing can be read or written.
    pub fn hang_up(&mut self) {
        let null = || File::options().read(true).write(true).open("/dev/null").expect("a device");
        self.slave = null().into();
        self.keys = null();
        // The thread that reads holds the last end of ours.
        self.closed.store(true, Ordering::SeqCst);
    }

    pub fn settings(&self) -> nix::sys::termios::Termios {
        nix::sys::termios::tcgetattr(&self.slave).expect("a terminal")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
