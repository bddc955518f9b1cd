//! What is said on a system that is not Linux: nothing runs there, and why.

use std::io::Write;
use std::process::ExitCode;

use crate::exit::Failure;

/// What the way of a command stands on and this system does not have, in the way's order.
pub const MISSING: &[&str] = &[
    "the ancestry of a process and what tells it from all others (/proc, pidfd)",
    "scripts that nobody can change once they were judged (memfd seals)",
    "locks that end with the file they are on (open file description locks)",
    "walls (Landlock, seccomp, namespaces)",
    "commands that are fed to a running shell one by one (the socket's count of what was read)",
];

/// Runs nothing, says why, and refuses.
#[must_use]
pub fn main() -> ExitCode {
    let failure = failure(std::env::consts::OS);
    let _ = writeln!(std::io::stderr(), "{}", failure.line());
    ExitCode::from(failure.code.number())
}

fn failure(system: &str) -> Failure {
    Failure::closed(
        "system.not-linux",
        system,
        format!("vetsh runs commands on Linux alone; missing here: {}", MISSING.join("; ")),
        "run the agent on Linux: a container or a virtual machine is one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_nothing_runs() {
        let failure = failure("macos");
        let line = failure.line();
        assert_eq!(failure.code.number(), 125);
        assert!(line.contains("macos") && MISSING.iter().all(|what| line.contains(what)), "{line}");
    }
}
