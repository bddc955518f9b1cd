//! The requests that wait for a human: one private file each, made by the run that asks, taken away by the one answer it gets.

use std::fs::File;
use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::Serialize;
use serde_json::Value;

use super::request::{Request, is_id};
use crate::sys::lock::Lock;
use crate::sys::private::{self, Unfit};
use crate::sys::{file, process};
use crate::text::Arrange;

/// The spool of a state directory.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    directory: File,
}

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What is asked.
    pub request: Request,
    /// Seconds since 1970 when it was asked.
    pub made: u64,
    /// The run that asks.
    pub waiter: Waiter,
}

/// A run, by its process id and start time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiter {
    /// Process id.
    pub pid: u32,
    /// Start time in ticks since boot.
    pub started: u64,
}

impl Waiter {
    /// This process.
    #[must_use]
    pub fn own() -> Option<Waiter> {
        let pid = process::own();
        process::stat(pid).map(|stat| Waiter { pid, started: stat.started })
    }

    /// As it was kept.
    pub(super) fn kept(kept: &Value) -> Option<Waiter> {
        let pid = u32::try_from(kept.get("pid")?.as_u64()?).ok()?;
        Some(Waiter { pid, started: kept.get("started")?.as_u64()? })
    }

    /// Whether it still waits, where this process asks: it waits for one answer after the other.
    #[must_use]
    pub fn waits_elsewhere(self) -> bool {
        self.is_there() && self.pid != process::own()
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_there(self) -> bool {
        process::stat(self.pid).is_some_and(|stat| stat.started == self.started)
    }
}

#[derive(Serialize)]
struct Kept {
    schema: u32,
    id: String,
    digest: String,
    made: u64,
    nonce: String,
    expires: u64,
    boot: String,
    waiter: Waiter,
    parts: Vec<(String, String)>,
}

const LARGEST: usize = 8 << 20;
/// Older requests are nobody's any more.
const OLDEST: u64 = super::request::LIFE;
/// More than this wait for nobody: an agent that floods the spool cannot fill the disk; nor can one session keep the others out.
const MOST: usize = 200;
const MOST_OF_ONE: usize = 60;
/// How long an answer waits for another one to the same request.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands in the spool, by the files it was read from.
pub type Read = Vec<(u64, Rc<Waiting>)>;

impl Spool {
    /// Opens the spool below `state`.
    pub fn open(state: &Path) -> Result<Spool, Unfit> {
        let path = state.join("spool");
        Ok(Spool { directory: private::directory(&path)?, path })
    }

    /// Puts a request into the spool, in this process's name.
    pub fn put(&self, request: &Request) -> Result<(), Unfit> {
        let waiter = Waiter::own().ok_or(std::io::Error::from(std::io::ErrorKind::NotFound))?;
        self.put_for(request, waiter)
    }

    /// Nobody waits any more for the answer to a request of ours; a later one holds for whoever asks the same.
    pub fn give_up(&self, request: &Request) {
        if self.remove(&request.id) {
            let _ = self.put_for(request, Waiter::default());
        }
    }

    fn put_for(&self, request: &Request, waiter: Waiter) -> Result<(), Unfit> {
        private::sweep(&self.directory, &self.path);
        let mut all = self.all();
        all.retain(|old| {
            let is_over = old.made + OLDEST < now() && !old.waiter.is_there();
            !(is_over && self.remove(&old.request.id))
        });
        let own = all.iter().filter(|old| old.request.part("session") == request.part("session")).count();
        for (count, most, whose) in [(all.len(), MOST, "requests"), (own, MOST_OF_ONE, "requests of this session")] {
            if count >= most {
                return Err(std::io::Error::other(format!("{most} {whose} wait already")).into());
            }
        }
        let kept = Kept {
            schema: 2,
            id: request.id.clone(),
            digest: request.digest.clone(),
            made: now(),
            nonce: request.nonce.clone(),
            expires: request.expires,
            boot: boot(),
            waiter,
            parts: request.parts().iter().map(|(name, value)| (name.clone(), STANDARD.encode(value))).collect(),
        };
        let text = serde_json::to_vec(&kept).map_err(std::io::Error::other)?;
        private::keep(&self.directory, &name(&request.id), &text, false)
    }

    /// Takes a request out. `true`: it was there, and nobody else took it.
    pub fn remove(&self, id: &str) -> bool {
        is_id(id) && unlinkat(&self.directory, name(id).as_str(), UnlinkatFlags::NoRemoveDir).is_ok()
    }

    /// The request of that id. `None`: there is none, or it is not what its digest says.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Waiting> {
        if !is_id(id) {
            return None;
        }
        let (mut opened, _) = private::file_at(&self.directory, &name(id), OFlag::O_RDONLY).ok()?;
        let text = file::read_bounded(&mut opened, LARGEST).ok()?;
        let kept: Value = serde_json::from_slice(&text).ok()?;
        let text = |name: &str| kept.get(name)?.as_str();
        let number = |name: &str| kept.get(name)?.as_u64();
        if number("schema")? != 2 || text("id")? != id || text("boot")? != boot() {
            return None;
        }
        let part = |part: &Value| {
            let (name, value) = (part.get(0)?.as_str()?, part.get(1)?.as_str()?);
            Some((name.to_owned(), STANDARD.decode(value).ok()?))
        };
        let parts = kept.get("parts")?.as_array()?.iter().map(part).collect::<Option<Vec<_>>>()?;
        let once = (text("nonce")?.to_owned(), number("expires")?);
        let request = Request::kept(id.to_owned(), text("digest")?, once, parts)?;
        Some(Waiting { request, made: number("made")?, waiter: Waiter::kept(kept.get("waiter")?)? })
    }

    /// Does something to a request that waits, alone: whoever else answers it comes before or finds it gone. `None`: it waits no more.
    pub fn alone<T>(&self, id: &str, answer: impl FnOnce() -> T) -> std::io::Result<Option<T>> {
        let Ok((file, _)) = private::file_at(&self.directory, &name(id), OFlag::O_RDWR) else { return Ok(None) };
        let lock = Lock::take(&file, PATIENCE)?;
        let answered = (file.metadata()?.nlink() > 0).then(answer);
        drop(lock);
        Ok(answered)
    }

    /// All that wait, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Rc<Waiting>> {
        let mut read = Read::new();
        self.look(&mut read);
        read.into_iter().map(|(_, waiting)| waiting).collect()
    }

    /// As [`Spool::all`], where some were read before: what is written once is read once.
    pub fn look(&self, read: &mut Read) {
        let mut found = Read::new();
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".json")) else { continue };
            let known = read.iter().find(|(file, old)| *file == entry.ino() && old.request.id == id);
            found.extend(known.cloned().or_else(|| Some((entry.ino(), Rc::new(self.get(id)?)))));
        }
        found.arrange_by(|(_, one), (_, other)| (one.made, &one.request.id).cmp(&(other.made, &other.request.id)));
        *read = found;
    }
}

fn name(id: &str) -> String {
    format!("{id}.json")
}

/// The id of this boot.
pub(super) fn boot() -> String {
    process::boot().map(|boot| String::from_utf8_lossy(&boot).into_owned()).unwrap_or_default()
}

/// Seconds since 1970, by the wall clock.
#[must_use]
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
