//! The one door through which another program is run.

use std::convert::Infallible;

use sha2::{Digest, Sha256};

use super::order::{Order, Script};
use super::real;
use crate::audit::Recorded;
use crate::exit::Failure;
use crate::sandbox::Raised;
use crate::sys::{descriptor, file, image, start, tool};

/// Becomes the program of a recorded order. Returns only if that failed.
#[inline(never)]
pub fn launch(recorded: Recorded<Raised>) -> Result<Infallible, Failure> {
    let order: Order = recorded.into_inner().into_order();
    crate::fault::at(crate::fault::Stage::Launch)?;
    if let Some(script) = &order.script {
        unchanged(script)?;
    }
    if let Some(text) = &order.stdin {
        descriptor::become_standard_input(text).map_err(|error| failed(&order, &error))?;
    }
    if let Some(mouth) = &order.mouth {
        mouth.open().map_err(|error| failed(&order, &error))?;
    }
    start::restore();
    image::become_program(&order.program, &order.words, &order.environment).map_err(|error| failed(&order, &error))
}

/// Becomes a client that a human starts. Its session is on record already; returns only if that failed.
pub fn start_client(
    session: Recorded<()>,
    program: &[u8],
    words: &[Vec<u8>],
    environment: &[Vec<u8>],
) -> Result<Infallible, Failure> {
    let () = session.into_inner();
    let entries: Vec<start::Entry> = environment.iter().map(|entry| entry.clone().into()).collect();
    start::restore();
    image::become_program(program, words, &entries).map_err(|error| {
        Failure::closed(
            "exec.failed",
            String::from_utf8_lossy(program).into_owned(),
            error.to_string(),
            "mend the program",
        )
    })
}

/// Runs a human's editor on a file of ours, and waits for it.
pub fn edit(editor: &[String], file: &std::path::Path) -> Result<(), Failure> {
    let program = editor.first().map_or("vi", String::as_str);
    let environment = start::environment();
    let path = environment.iter().find_map(|entry| entry.as_ref().strip_prefix(b"PATH=")).unwrap_or(real::USUAL_PATH);
    let found = match program.contains('/') {
        true => program.as_bytes().to_vec(),
        false => real::tool(program.as_bytes(), path, &[])?.0,
    };
    let mut words: Vec<Vec<u8>> = editor.iter().map(|word| word.as_bytes().to_vec()).collect();
    words.push(file.as_os_str().as_encoded_bytes().to_vec());
    let why = match tool::run(&found, &words, &environment, [None; 3]) {
        Ok(true) => return Ok(()),
        Ok(false) => "it did not end well".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Failure::closed("exec.editor", program.to_owned(), why, "set EDITOR to an editor that is installed"))
}

fn failed(order: &Order, error: &std::io::Error) -> Failure {
    let program = String::from_utf8_lossy(&order.program).into_owned();
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::missing(program, "install it"),
        _ => Failure::closed("exec.failed", program, error.to_string(), "shorten the line or mend the program"),
    }
}

/// Whether a script is still the file that was read: the same inode with the same bytes.
fn unchanged(script: &Script) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let now = file::read_regular(&script.path, crate::invocation::LONGEST);
    let same = now.is_ok_and(|(text, meta)| {
        (meta.dev(), meta.ino()) == script.identity && <[u8; 32]>::from(Sha256::digest(&text)) == script.digest
    });
    if same {
        return Ok(());
    }
    Err(Failure::closed(
        "exec.script-changed",
        String::from_utf8_lossy(&script.path).into_owned(),
        "the file is no longer the one that was judged",
        "run it again",
    ))
}
