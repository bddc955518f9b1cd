//! What a real shell takes at `-n`, without running it.

use std::io::Write;
use std::process::{Command, Stdio};

/// For each line, behind a blank so that none is an option, in one bash that forks. `shell` is a command that gets `-n -c LINE`
/// after it. Only what it complains about is not taken: zsh turns its own status for `! a`. `None`: it is not here.
pub fn accepted(shell: &str, lines: &[String]) -> Option<Vec<bool>> {
    let there = Command::new("bash").args(["-c", &format!("command -v {}", shell.split(' ').next()?)]).output();
    if !there.is_ok_and(|there| there.status.success()) {
        return None;
    }
    let each = format!(
        r#"while IFS= read -r -d "" line; do if told=$({shell} -n -c " $line" </dev/null 2>&1) || [ -z "$told" ]; then echo 1; else echo 0; fi; done"#
    );
    let shares = lines.len().div_ceil(4).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = lines
            .chunks(shares)
            .map(|share| {
                let each = &each;
                scope.spawn(move || {
                    let mut child = Command::new("bash")
                        .args(["--norc", "-c", each])
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .ok()?;
                    let mut input = child.stdin.take()?;
                    let bytes: Vec<u8> = share.iter().flat_map(|line| [line.as_bytes(), b"\0"].concat()).collect();
                    let writer = std::thread::spawn(move || input.write_all(&bytes));
                    let output = child.wait_with_output().ok()?;
                    writer.join().ok()?.ok()?;
                    let answers = String::from_utf8_lossy(&output.stdout);
                    Some(answers.lines().map(|answer| answer == "1").collect::<Vec<bool>>())
                })
            })
            .collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().ok()??);
        }
        Some(all)
    })
}
