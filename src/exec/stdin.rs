//! A script on standard input: read whole where it ends soon, and handed on so that nothing else can run.

use std::fs::File;
use std::io;
use std::time::Duration;

use crate::exit::Failure;
use crate::invocation::LONGEST;
use crate::sys::descriptor::{self, Standing};
use crate::sys::feed;

/// How long the writer of what is no pipe may be silent before the end.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long standard input may be silent before commands that are there are served, whatever comes behind them.
const SOON: Duration = Duration::from_millis(100);

/// What stands on standard input.
#[derive(Debug)]
pub enum Script {
    /// A script that ended.
    Whole(Vec<u8>),
    /// Commands that arrive one by one.
    Arriving,
    /// Commands that are typed at a terminal.
    Typed,
}

/// Reads the script on standard input, if it ends soon. An `interactive` shell is told each line by itself, wherever they come
/// from: left to read them, it would put earlier ones into the place of `!`.
#[inline(never)]
pub fn read(interactive: bool) -> Result<Script, Failure> {
    let standing = descriptor::on_standard_input();
    match standing {
        Standing::Closed => return Ok(Script::Whole(Vec::new())),
        Standing::Terminal => return Ok(Script::Typed),
        _ if interactive => return Ok(Script::Typed),
        Standing::Pipe | Standing::Socket => {
            if !feed::input_ends(SOON).map_err(|error| unreadable(&error))? {
                return Ok(Script::Arriving);
            }
        }
        Standing::File | Standing::Other => {}
    }
    let text = descriptor::drain_standard_input(LONGEST, PATIENCE).map_err(|error| unreadable(&error))?;
    if text.len() > LONGEST {
        let failure = Failure::closed(
            "core.cap",
            "a script on standard input",
            format!("more than {LONGEST} bytes cannot be judged"),
            "split it, or put it into a file in the workspace",
        );
        return Err(failure.about(&text));
    }
    Ok(Script::Whole(text))
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::closed("shell.unreadable-input", "standard input", error.to_string(), "give the command with -c")
}

/// The script as a file that can never change again.
#[inline(never)]
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
