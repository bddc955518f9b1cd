//! A script that arrives on standard input: read whole where it ends at once, and handed on so that nothing else can run.

use std::fs::File;
use std::io;
use std::time::Duration;

use crate::exit::Failure;
use crate::invocation::LONGEST;
use crate::sys::descriptor::{self, Standing};

/// How long the writer may be silent before the end.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the script on standard input.
pub fn read() -> Result<Vec<u8>, Failure> {
    match descriptor::on_standard_input() {
        Standing::Closed => Ok(Vec::new()),
        Standing::Terminal => Err(Failure::closed(
            "shell.interactive",
            "an interactive shell",
            "commands typed one by one cannot be vetted yet",
            "give the command with -c, or a script file",
        )),
        Standing::File | Standing::Pipe | Standing::Socket | Standing::Other => {
            let text = descriptor::drain_standard_input(LONGEST, PATIENCE).map_err(|error| match error.kind() {
                io::ErrorKind::TimedOut => Failure::closed(
                    "shell.endless-input",
                    "a script on a standard input that does not end",
                    "commands that arrive one by one cannot be vetted yet",
                    "give the command with -c, or close the script's end",
                ),
                _ => Failure::closed(
                    "shell.unreadable-input",
                    "standard input",
                    error.to_string(),
                    "give the command with -c",
                ),
            })?;
            if text.len() > LONGEST {
                let failure = Failure::closed(
                    "core.cap",
                    "a script on standard input",
                    format!("more than {LONGEST} bytes cannot be judged"),
                    "split it, or put it into a file in the workspace",
                );
                return Err(failure.about(&text));
            }
            Ok(text)
        }
    }
}

/// The script as a file that can never change again.
pub fn seal(text: &[u8]) -> Result<File, Failure> {
    descriptor::sealed(text).map_err(|error| {
        Failure::closed(
            "shell.unsealed-input",
            "a script on standard input",
            error.to_string(),
            "give the command with -c",
        )
    })
}
