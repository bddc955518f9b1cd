//! The log: one file a day, one chain through all of them.
//!
//! `audit/head` is locked while a record is added and says where the chain stood, and how the day's file looked then: while it
//! looks the same nobody has changed it since, else the head is believed only as far as the last line agrees. The lock spans
//! that and one write; syncing comes after.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use super::head::{HEAD, Head, Looks, is_day};
use super::line::{self, FIRST, Fault, LONGEST, Link};
use super::record::{Body, Draft, Kind};
use super::redact::Redactor;
use crate::sys::lock::Lock;
use crate::sys::private::{self, Unfit};
use crate::sys::{clock, random, rename};
use crate::text::Arrange;
use crate::text::hexadecimal;

/// How long a writer waits for the others.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// What is kept aside so that a full disk still records refusals.
const RESERVE: u64 = 256 * 1024;
/// What all days together may take, unless policy says otherwise.
const CAP: u64 = 4 << 30;
const RESERVED: &str = "reserve";
const KEY: &str = "redaction.key";

/// Why nothing could be recorded. All of them end the run: what is not recorded does not happen.
#[derive(Debug)]
pub enum Error {
    /// A directory or file that cannot be relied on.
    Unfit {
        /// Which.
        what: String,
        /// Why.
        why: Unfit,
    },
    /// Another writer held the lock for two seconds.
    Locked,
    /// The last record is not as it was written.
    Broken {
        /// Which file.
        file: String,
        /// What is wrong.
        fault: Fault,
    },
    /// The disk is full. Refusals can still be recorded, launches cannot.
    Full,
    /// The log has reached its size cap.
    Capped(u64),
    /// The system said no.
    System(io::Error),
    /// The writer of the machine's log has not recorded it.
    Writer(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Unfit { what, why } => write!(out, "{what} {why}"),
            Error::Locked => out.write_str("another writer has held the audit log for two seconds"),
            Error::Broken { file, fault: Fault::Hash } => {
                write!(out, "the last record of {file} was changed after it was written")
            }
            Error::Broken { file, fault: Fault::Shape } => write!(out, "the last line of {file} is no record"),
            Error::Full => out.write_str("the disk is full, or a limit for files is reached (quota, ulimit -f)"),
            Error::Capped(cap) => write!(out, "the audit log has reached its cap of {cap} bytes"),
            Error::System(error) => write!(out, "{error}"),
            Error::Writer(why) => write!(out, "the writer of this machine's log: {why}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut { Error::Locked } else { Error::System(error) }
    }
}

impl Error {
    /// What a human can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Error::Unfit { .. } => "make it yours alone: chown and chmod go-w, or move it away",
            Error::Locked => "look for a stopped vetsh process and end it",
            Error::Broken { .. } => "run `vetsh audit verify`, keep a copy of the log, and move the file away",
            Error::Full => "free some space, or raise the limit",
            Error::Capped(_) => "move old days of the log to another place",
            Error::System(_) => "see `vetsh doctor`",
            Error::Writer(_) => "see the service vetsh-writer",
        }
    }
}

/// What a record got: its name, number and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: String,
    /// Its number in the chain.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// The log has taken at least 80 % of its cap: how many bytes, of how many.
    pub nearly_full: Option<(u64, u64)>,
}

/// The open log.
#[derive(Debug)]
pub struct Log {
    state: PathBuf,
    audit: File,
    head: File,
    cap: u64,
    sync_all: bool,
}

/// The days that have a file below `audit`, oldest first.
pub(super) fn days(audit: &Path) -> io::Result<Vec<String>> {
    let mut days: Vec<String> = std::fs::read_dir(audit)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".jsonl").filter(|day| is_day(day)).map(str::to_owned))
        .collect();
    days.arrange();
    Ok(days)
}

impl Log {
    /// Opens the log below `state`, making `state/audit` where it is missing. A directory or file of somebody else, or
    /// that others may write, is refused.
    pub fn open(state: &Path) -> Result<Log, Error> {
        let unfit = |what: &str| {
            let what = format!("{}/{what}", state.display());
            move |why| Error::Unfit { what, why }
        };
        private::is_directory(state).map_err(unfit(""))?;
        let audit = private::directory(&state.join("audit")).map_err(unfit("audit"))?;
        let (head, _) = private::file_at(&audit, HEAD, OFlag::O_RDWR | OFlag::O_CREAT).map_err(unfit("audit/head"))?;
        Ok(Log { state: state.to_owned(), audit, head, cap: CAP, sync_all: false })
    }

    /// With another size cap, and with autonomous records synced too.
    #[must_use]
    pub fn with(mut self, cap: Option<u64>, sync_all: bool) -> Log {
        self.cap = cap.unwrap_or(CAP);
        self.sync_all = sync_all;
        self
    }

    /// Adds a record.
    pub fn append(&mut self, draft: &Draft) -> Result<Receipt, Error> {
        let key = || key(&self.state);
        let body = body(draft, &Redactor::new(&key))?;
        self.append_text(&body, draft.kind != Some(Kind::Launch), draft.must_sync())
    }

    /// Adds a record that is text already, a JSON object on one line: what is more than a launch may use the reserve.
    pub(super) fn append_text(&mut self, body: &str, important: bool, sync: bool) -> Result<Receipt, Error> {
        let lock = Lock::take(&self.head, PATIENCE)?;
        let mut written = Vec::new();
        let outcome = self.append_locked(body, important, &mut written);
        drop(lock);
        let receipt = outcome?;
        if sync || self.sync_all {
            for file in &written {
                nix::unistd::fdatasync(file.as_fd()).map_err(io::Error::from)?;
            }
        }
        Ok(receipt)
    }

    fn append_locked(&self, body: &str, important: bool, written: &mut Vec<File>) -> Result<Receipt, Error> {
        let ts = utc(clock::now()).to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
        let today = ts.get(..10).unwrap_or_default();
        let known = Head::read(&self.head)?;
        let mut head = match known {
            Some(head) => head,
            None => self.rebuild()?,
        };
        let mut incidents = Vec::new();
        let (last, file) = self.catch_up(&mut head, &mut incidents)?;
        if !head.reserve {
            match self.make_reserve() {
                Ok(()) => head.reserve = true,
                // What refusals need stays theirs: launches wait until all of it can be put aside again.
                Err(error) if is_full(&error) && !important => return Err(Error::Full),
                Err(_) => {}
            }
        }
        // The clock may go back; the file may not: the chain's order is the files' order.
        let mut file = file;
        if today > head.day.as_str() {
            today.clone_into(&mut head.day);
            file = None;
        }
        let clock = last.filter(|last| *last > ts).map(|_| "behind");
        let file = match file {
            Some(file) => file,
            None => self.day(&head.day)?,
        };
        for (name, value) in incidents {
            let draft =
                Draft { detail: vec![("what", name.into()), ("found", value.into())], ..Draft::new(Kind::Incident) };
            let incident = self::body(&draft, &Redactor::new(&|| key(&self.state)))?;
            self.add(&file, &mut head, &ts, clock, &incident, true)?;
        }
        let link = self.add(&file, &mut head, &ts, clock, body, important)?;
        written.push(file);
        let nearly_full = (head.total >= self.cap / 5 * 4).then_some((head.total, self.cap));
        Ok(Receipt { id: link.id, seq: link.seq, hash: link.hash, nearly_full })
    }

    /// Writes one line and moves the head on.
    fn add(
        &self,
        file: &File,
        head: &mut Head,
        ts: &str,
        clock: Option<&str>,
        body: &str,
        important: bool,
    ) -> Result<Link, Error> {
        let id = name()?.hyphenated().to_string();
        let mut link = Link { seq: head.seq + 1, id, prev: head.hash.clone(), ts: ts.to_owned(), hash: String::new() };
        let mut line = line::write(&mut link, clock, body);
        line.push('\n');
        let length = line.len() as u64;
        // Refusals get a little room above the cap, so that the reason for refusing can be told.
        if head.total + length > self.cap + if important { 1 << 20 } else { 0 } {
            return Err(Error::Capped(self.cap));
        }
        let before = file.metadata()?.len();
        if let Err(error) = write_whole(file, line.as_bytes(), before) {
            if !is_full(&error) {
                return Err(error.into());
            }
            if !(important && self.spend_reserve(head)?) {
                return Err(Error::Full);
            }
            write_whole(file, line.as_bytes(), before)
                .map_err(|error| if is_full(&error) { Error::Full } else { error.into() })?;
        }
        head.seq = link.seq;
        head.hash.clone_from(&link.hash);
        head.total += length;
        head.seen = Some(Looks::of(&file.metadata()?, ts));
        head.write(&self.head)?;
        Ok(link)
    }

    /// Compares the head with the last line there is. A torn line is cut off and told as an incident; a record that was
    /// written but not yet in the head is taken over; one that is gone is told. Gives the last record's time and the day's file,
    /// as far as they are there.
    fn catch_up(
        &self,
        head: &mut Head,
        incidents: &mut Vec<(&'static str, Vec<u8>)>,
    ) -> Result<(Option<String>, Option<File>), Error> {
        if head.day.is_empty() {
            return Ok((None, None));
        }
        let name = format!("{}.jsonl", head.day);
        let (file, meta) = match private::file_at(&self.audit, &name, OFlag::O_RDWR | OFlag::O_APPEND) {
            Ok(opened) => opened,
            Err(Unfit::System(error)) if error.kind() == io::ErrorKind::NotFound => {
                if head.seq > 0 {
                    incidents.push((
                        "records are missing",
                        format!("{name}, up to number {}, hash {}", head.seq, head.hash).into(),
                    ));
                }
                return Ok((None, None));
            }
            Err(why) => return Err(Error::Unfit { what: format!("audit/{name}"), why }),
        };
        if let Some(seen) = head.seen.take().filter(|seen| seen.is(&meta)) {
            return Ok((Some(seen.ts), Some(file)));
        }
        let mut size = meta.len();
        let mut tail = tail(&file, size)?;
        if tail.last().is_some_and(|byte| *byte != b'\n') {
            let start = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let torn = tail.split_off(start);
            if line::read(&torn).is_ok() {
                // Only the line feed is missing: nothing is lost.
                let told = format!(
                    "{} bytes, sha256 {}, complete but for the line feed",
                    torn.len(),
                    hexadecimal(&Sha256::digest(&torn))
                );
                write_whole(&file, b"\n", size)?;
                incidents.push(("a record was cut short", told.into()));
                tail.extend_from_slice(&torn);
                tail.push(b'\n');
            } else {
                let shown = torn.get(..torn.len().min(2048)).unwrap_or_default();
                let mut told =
                    format!("{} bytes, sha256 {}: ", torn.len(), hexadecimal(&Sha256::digest(&torn))).into_bytes();
                told.extend_from_slice(shown);
                size = size.saturating_sub(torn.len() as u64);
                file.set_len(size)?;
                incidents.push(("a record was cut short", told));
                if start == 0 && size > 0 {
                    tail = self::tail(&file, size)?;
                }
            }
        }
        let Some(last) = tail.strip_suffix(b"\n") else {
            if head.seq > 0 && !self.continues_elsewhere(head)? {
                incidents
                    .push(("records are missing", format!("{name} is empty, number {} stood in it", head.seq).into()));
            }
            return Ok((None, Some(file)));
        };
        let start = last.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let link =
            line::read(last.get(start..).unwrap_or_default()).map_err(|fault| Error::Broken { file: name, fault })?;
        if link.hash != head.hash {
            if link.seq == head.seq + 1 && link.prev == head.hash {
                head.total += (last.len() - start + 1) as u64;
            } else {
                let told = format!(
                    "the head says number {} hash {}, the file number {} hash {}",
                    head.seq, head.hash, link.seq, link.hash
                );
                incidents.push(("the head and the log differ", told.into()));
            }
            head.seq = link.seq;
            head.hash.clone_from(&link.hash);
        }
        Ok((Some(link.ts), Some(file)))
    }

    /// An empty file of the head's day is as it should be when a writer died between making it and writing the first line:
    /// then the head still names the record before.
    fn continues_elsewhere(&self, head: &Head) -> Result<bool, Error> {
        Ok(self.newest(Some(&head.day))?.is_some_and(|(_, link)| link.hash == head.hash))
    }

    /// The head from the files alone: where it is missing, at the very first record or after somebody removed it.
    fn rebuild(&self) -> Result<Head, Error> {
        let total = days(&self.path())?
            .iter()
            .filter_map(|day| self.path().join(format!("{day}.jsonl")).metadata().ok())
            .map(|m| m.len())
            .sum();
        let reserve =
            private::file_at(&self.audit, RESERVED, OFlag::O_RDONLY).is_ok_and(|(_, meta)| meta.len() >= RESERVE);
        Ok(match self.newest(None)? {
            Some((day, link)) => Head { day, seq: link.seq, hash: link.hash, total, reserve, seen: None },
            None => Head {
                day: days(&self.path())?.pop().unwrap_or_default(),
                seq: 0,
                hash: FIRST.to_owned(),
                total,
                reserve,
                seen: None,
            },
        })
    }

    /// The newest whole record, in days before `before`.
    fn newest(&self, before: Option<&str>) -> Result<Option<(String, Link)>, Error> {
        for day in days(&self.path())?.into_iter().rev().filter(|day| before.is_none_or(|before| day.as_str() < before))
        {
            let name = format!("{day}.jsonl");
            let (file, meta) = private::file_at(&self.audit, &name, OFlag::O_RDONLY)
                .map_err(|why| Error::Unfit { what: format!("audit/{name}"), why })?;
            let tail = tail(&file, meta.len())?;
            let Some(end) = tail.iter().rposition(|byte| *byte == b'\n') else { continue };
            let last = tail.get(..end).unwrap_or_default();
            let start = last.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let link = line::read(last.get(start..).unwrap_or_default())
                .map_err(|fault| Error::Broken { file: name, fault })?;
            return Ok(Some((day, link)));
        }
        Ok(None)
    }

    /// The audit directory by its descriptor, whatever has become of its name.
    fn path(&self) -> PathBuf {
        use std::os::fd::AsRawFd;
        PathBuf::from(format!("/proc/self/fd/{}", self.audit.as_raw_fd()))
    }

    fn day(&self, day: &str) -> Result<File, Error> {
        let name = format!("{day}.jsonl");
        private::file_at(&self.audit, &name, OFlag::O_RDWR | OFlag::O_APPEND | OFlag::O_CREAT)
            .map(|(file, _)| file)
            .map_err(|why| match why {
                Unfit::System(error) if is_full(&error) => Error::Full,
                why => Error::Unfit { what: format!("audit/{name}"), why },
            })
    }

    /// Puts the reserve aside. Where there is no room for all of it, what there was stays.
    fn make_reserve(&self) -> io::Result<()> {
        let (file, meta) = match private::file_at(&self.audit, RESERVED, OFlag::O_RDWR | OFlag::O_CREAT) {
            Ok(made) => made,
            Err(Unfit::System(error)) => return Err(error),
            Err(why) => return Err(io::Error::other(why.to_string())),
        };
        private::reserve(&file, RESERVE).inspect_err(|_| {
            let _ = file.set_len(meta.len());
        })
    }

    /// Gives the reserved blocks back to the disk. `false` where there were none.
    fn spend_reserve(&self, head: &mut Head) -> Result<bool, Error> {
        let Ok((file, meta)) = private::file_at(&self.audit, RESERVED, OFlag::O_RDWR) else { return Ok(false) };
        if meta.len() == 0 {
            return Ok(false);
        }
        // A part at a time: every refusal while the disk stays full finds something left.
        file.set_len(meta.len().saturating_sub(LONGEST as u64 + 4096))?;
        head.reserve = false;
        Ok(true)
    }
}

/// The key for redaction in a state directory, made at its first use.
pub(super) fn key(state: &Path) -> io::Result<[u8; 32]> {
    let told = |why: Unfit| io::Error::other(format!("{KEY} {why}"));
    let state = private::directory(state).map_err(told)?;
    let read = || -> Result<Option<[u8; 32]>, Unfit> {
        match private::file_at(&state, KEY, OFlag::O_RDONLY) {
            Ok((file, _)) => {
                let mut key = [0; 32];
                file.read_exact_at(&mut key, 0)?;
                Ok(Some(key))
            }
            Err(Unfit::System(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(why),
        }
    };
    if let Some(key) = read().map_err(told)? {
        return Ok(key);
    }
    let mut key = [0; 32];
    random::fill(&mut key)?;
    // Written beside and linked into place: nobody ever reads half a key, and the first to link wins.
    let beside = format!("{KEY}.{}", name()?.simple());
    let (file, _) =
        private::file_at(&state, &beside, OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL).map_err(told)?;
    file.write_all_at(&key, 0)?;
    file.sync_all()?;
    let moved = rename::without_replacing(&state, &beside, KEY);
    if moved.is_err() {
        let _ = nix::unistd::unlinkat(&state, beside.as_str(), nix::unistd::UnlinkatFlags::NoRemoveDir);
    }
    read().map_err(told)?.ok_or_else(|| io::Error::other(format!("{KEY} cannot be made")))
}

/// A time as the calendar says it.
fn utc(since_epoch: Duration) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::UNIX_EPOCH + since_epoch
}

/// A name that no other record has (RFC 9562, version 7), from one question to the kernel.
fn name() -> io::Result<uuid::Uuid> {
    let mut random = [0; 10];
    random::fill(&mut random)?;
    let milliseconds = u64::try_from(clock::now().as_millis()).unwrap_or_default();
    Ok(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
}

/// Redacts and serialises a draft, and cuts it until its line fits.
pub(super) fn body(draft: &Draft, redactor: &Redactor<'_>) -> Result<String, Error> {
    let mut body = Body::of(draft, redactor)?;
    let (mut limit, mut count) = (32 * 1024, 512);
    loop {
        let text = serde_json::to_string(&body).map_err(io::Error::other)?;
        if text.len() + 400 <= LONGEST || count == 0 {
            return Ok(text);
        }
        body.cut(limit, count);
        limit /= 2;
        count /= 2;
    }
}

/// The end of a file: its last line whole, whatever its length, and what stands before it in the same read.
fn tail(file: &File, size: u64) -> io::Result<Vec<u8>> {
    let mut want = 2048_u64;
    loop {
        let start = size.saturating_sub(want);
        let mut buffer = vec![0; usize::try_from(size - start).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut buffer, start)?;
        // A torn end needs the line before it as well.
        let wanted = if buffer.last() == Some(&b'\n') { 1 } else { 2 };
        let inner = buffer.get(..buffer.len().saturating_sub(1)).unwrap_or_default();
        let whole = inner.iter().rev().filter(|byte| **byte == b'\n').take(wanted).count() == wanted;
        if start == 0 || whole || want > 4 * LONGEST as u64 {
            return Ok(buffer);
        }
        want *= 8;
    }
}

/// Writes all of it or leaves the file as it was.
fn write_whole(file: &File, bytes: &[u8], before: u64) -> io::Result<()> {
    use std::io::Write;
    let mut file = file;
    if let Some(count) = crate::fault::stop_after() {
        file.write_all(bytes.get(..count).unwrap_or(bytes))?;
        loop {
            std::thread::park();
        }
    }
    let result = file.write_all(bytes);
    if result.is_err() {
        // We hold the lock, so what was added is ours.
        let _ = file.set_len(before);
    }
    result
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
