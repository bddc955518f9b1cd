//! The requests that wait for a human: one private file each, made by the run that asks, taken away by the one answer it gets.

use std::fs::File;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::{Deserialize, Serialize};

use super::request::{Request, is_id};
use crate::sys::private::{self, Unfit};
use crate::sys::{file, process};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Serialize, Deserialize)]
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
/// More than this wait for nobody: an agent that floods the spool cannot fill the disk.
const MOST: usize = 200;

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
        let all = self.all();
        for old in all.iter().filter(|old| old.made + OLDEST < now() && !old.waiter.is_there()) {
            self.remove(&old.request.id);
        }
        if all.len() >= MOST {
            return Err(std::io::Error::other(format!("{MOST} requests wait already")).into());
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
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        if kept.schema != 2 || kept.id != id || kept.boot != boot() {
            return None;
        }
        let decode = |(name, value): (String, String)| Some((name, STANDARD.decode(value).ok()?));
        let parts: Option<Vec<_>> = kept.parts.into_iter().map(decode).collect();
        let request = Request::kept(kept.id, &kept.digest, (kept.nonce, kept.expires), parts?)?;
        Some(Waiting { request, made: kept.made, waiter: kept.waiter })
    }

    /// All that wait, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Waiting> {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return Vec::new() };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let ids = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned));
        let mut found: Vec<Waiting> = ids.filter_map(|id| self.get(&id)).collect();
        found.sort_by(|one, other| (one.made, &one.request.id).cmp(&(other.made, &other.request.id)));
        found
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
