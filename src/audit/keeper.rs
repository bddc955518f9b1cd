//! Who keeps the records of a run: its user, or the machine's writer, which is called here.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::log::{self, Error, PATIENCE};
use super::record::Draft;
use super::redact::Redactor;
use super::writer::{ADD, ADD_SYNCED, DONE, SOCKET};
use crate::sys::clock;
use crate::sys::socket::Socket;

/// How long whoever is hung up on waits before it calls again.
const PAUSE: Duration = Duration::from_millis(10);
/// No answer is longer.
const LONGEST_ANSWER: usize = 4096;

/// Has the writer add a record, redacted under the key of `state`; gives its id.
pub(super) fn add(state: &Path, draft: &Draft, sync: bool) -> Result<String, Error> {
    let key = || log::key(state);
    let body = log::body(draft, &Redactor::new(&key))?;
    ask(if sync { ADD_SYNCED } else { ADD }, body.as_bytes())
}

/// When the writer did not answer last, in milliseconds since the machine was started; 0: it has.
static SILENT: AtomicU64 = AtomicU64::new(0);

/// Asks the writer, for two seconds in all: one that is just started anew, or has many to serve, is waited for. A run that has
/// waited in vain does not wait once more to record just that.
pub(super) fn ask(what: u8, said: &[u8]) -> Result<String, Error> {
    let now = || u64::try_from(clock::since_boot().as_millis()).unwrap_or(u64::MAX);
    if now().saturating_sub(SILENT.load(Ordering::Relaxed)) < 1000 {
        return Err(silence());
    }
    let told = ask_for(what, said);
    SILENT.store(if matches!(told, Ok(None)) { now() } else { 0 }, Ordering::Relaxed);
    told?.ok_or_else(silence)
}

fn silence() -> Error {
    Error::Writer("it has not answered within two seconds".to_owned())
}

/// `None`: it was silent.
fn ask_for(what: u8, said: &[u8]) -> Result<Option<String>, Error> {
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match call(what, said, left) {
            Ok(told) => {
                return match told.split_first() {
                    Some((&DONE, text)) => Ok(Some(String::from_utf8_lossy(text).into_owned())),
                    Some(_) => Err(Error::Writer(String::from_utf8_lossy(&told).into_owned())),
                    None => Err(Error::Writer("it hung up without an answer".to_owned())),
                };
            }
            // Nothing of what was said has been read then.
            Err(error) if is_unheard(&error) && left > PAUSE => std::thread::sleep(PAUSE),
            Err(error) if is_unheard(&error) => return Ok(None),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
            Err(error) => return Err(Error::Writer(error.to_string())),
        }
    }
}

fn is_unheard(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound};
    matches!(error.kind(), BrokenPipe | ConnectionRefused | ConnectionReset | NotFound)
}

fn call(what: u8, said: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let writer = Socket::call(Path::new(SOCKET), patience)?;
    writer.say(&[&[what], said].concat())?;
    let mut told = Vec::new();
    writer.hear(&mut told, LONGEST_ANSWER, patience)?;
    Ok(told)
}
