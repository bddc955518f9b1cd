//! Handing commands to a shell that runs, one after the other, each after its record.
//!
//! The shell reads from a socket where its standard input was. Each line stands in a group that has the real standard input, as it
//! would have had; what follows it there is for the commands that read it, and for us again once the shell wants more.

use crate::audit::Recorded;
use crate::exit::Failure;
use crate::parse::End;
use crate::sandbox::Raised;
use crate::sys::feed::{Side, Spoon, part};

use super::order::Order;
use crate::invocation::Shell;

/// Who goes on after parting.
#[derive(Debug)]
pub enum Parted {
    /// The process that becomes the shell.
    Shell(Order),
    /// The one that feeds it.
    Feeder(Spoon),
}

/// Parts from the shell that `order` starts. `typed`: its commands come from a terminal.
#[inline(never)]
pub fn parted(order: Order, typed: bool) -> Result<Parted, Failure> {
    if let Some(script) = &order.stdin {
        crate::sys::descriptor::become_standard_input(script).map_err(|error| broken(&error))?;
    }
    let bash = order.approved().judged().invocation().shell() == Some(Shell::Bash);
    match part(bash).map_err(|error| broken(&error))? {
        Side::Shell(mouth) if typed => Ok(Parted::Shell(order.fed(mouth).interactive(bash))),
        Side::Shell(mouth) => Ok(Parted::Shell(order.fed(mouth))),
        Side::Feeder(spoon) => Ok(Parted::Feeder(spoon)),
    }
}

/// Hands the line of a recorded order to the shell, behind `lines` newlines of blanks and comments that were left out. `end` is
/// where its last command ends. A line that was not `read` is quoted, so that it ends where it ends, whatever it is. `false`: the
/// shell is gone.
pub fn hand(
    recorded: Recorded<Raised>,
    end: Option<End>,
    read: bool,
    lines: usize,
    spoon: &Spoon,
) -> Result<bool, Failure> {
    let order = recorded.into_inner().into_order();
    crate::fault::at(crate::fault::Stage::Launch)?;
    let line = &order.approved().judged().invocation().line.received;
    let mut text = vec![b'\n'; lines];
    let quoted;
    let line = if read {
        line
    } else {
        quoted = evaluated(line);
        quoted.as_slice()
    };
    text.extend(grouped(line, end.filter(|_| read), spoon.input));
    spoon.give_to_shell(&text).map_err(|error| broken(&error))
}

/// What start-up files may have switched on would change lines after they were judged, or run something whenever the shell asks for
/// one: history, the editing of lines, POSIX mode, comments that are none, prompts that expand. A prompt that must becomes a plain one.
const BASH_SETTLED: &[u8] = br#"set +H +k -B +o history +o emacs +o vi +o posix; shopt -u promptvars; shopt -s interactive_comments; unset PROMPT_COMMAND PS0; PS1=${PS1//'${debian_chroot:+($debian_chroot)}'}; case $PS1 in *'$'[a-zA-Z_{\(]*|*'`'*) PS1='\u@\h:\w\$ ';; esac
"#;
const SH_SETTLED: &[u8] =
    b"case ${BASH_VERSION-} in ?*) set +H +o history +o emacs +o vi; unset PROMPT_COMMAND PS0;; esac; PS1='$ '\n";

/// Settles a shell that asks for its commands, before the first.
pub fn settle(shell: Option<Shell>, spoon: &Spoon) -> Result<bool, Failure> {
    let text = if shell == Some(Shell::Bash) { BASH_SETTLED } else { SH_SETTLED };
    spoon.give_to_shell(text).map_err(|error| broken(&error))
}

/// In the place of a line that does not run stands a command that fails with `code`, and as many newlines as there were. Where the
/// shell has another `exit` than its own, that is a program nobody can have: no function has a blank in its name.
pub fn fail(code: u8, exits: bool, lines: usize, spoon: &Spoon) -> Result<bool, Failure> {
    let line = if exits { format!("(exit {code})") } else { "'/ ' 2>/dev/null".to_owned() };
    let end = End { at: line.len(), background: false };
    let mut text = grouped(line.as_bytes(), Some(end), spoon.input);
    text.resize(text.len() + lines.max(1), b'\n');
    spoon.give_to_shell(&text).map_err(|error| broken(&error))
}

/// A line that the shell reads apart from what comes behind it. No alias has a backslash in its name.
fn evaluated(line: &[u8]) -> Vec<u8> {
    let mut text = b"\\eval '".to_vec();
    for byte in line {
        match byte {
            b'\'' => text.extend(b"'\\''"),
            byte => text.push(*byte),
        }
    }
    text.extend(b"'\n");
    text
}

/// A line as a group whose standard input is what stands on `input`. Where its last command ends is known, the group ends there, so
/// that the lines count as they would without it.
///
/// Two groups, so that the shell gets back what it reads its commands from even where the limit of descriptors was lowered and
/// `input` cannot be had again: bash stops giving back at the first that fails. Told as an output, so that bash does not take it for
/// an input that the line chose: what is sent to the background reads nothing.
#[must_use]
pub fn grouped(line: &[u8], end: Option<End>, input: i32) -> Vec<u8> {
    let close = format!("}} {input}>&-; }} 0>&{input}");
    let (before, middle, after) = match end {
        Some(end) => {
            let (before, after) = line.split_at(end.at.min(line.len()));
            (before, if end.background { " " } else { "; " }, after)
        }
        None => (line.strip_suffix(b"\n").unwrap_or(line), "\n", b"\n".as_slice()),
    };
    [b"{ { ", before, middle.as_bytes(), close.as_bytes(), after].concat()
}

fn broken(error: &std::io::Error) -> Failure {
    Failure::closed(
        "shell.feed",
        "commands that arrive one by one",
        error.to_string(),
        "give the command with -c, or close the script's end",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_bytes_and_its_newlines() {
        let told = |line: &str, end| String::from_utf8(grouped(line.as_bytes(), end, 7)).expect("text");
        let end = |at, background| Some(End { at, background });
        assert_eq!(told("a # x\n", end(1, false)), "{ { a; } 7>&-; } 0>&7 # x\n");
        assert_eq!(told("a &\n", end(3, true)), "{ { a & } 7>&-; } 0>&7\n");
        assert_eq!(told("cat <<E\nb\nE\n", end(7, false)), "{ { cat <<E; } 7>&-; } 0>&7\nb\nE\n");
        assert_eq!(told("! # x\n", None), "{ { ! # x\n} 7>&-; } 0>&7\n");
    }
}
