//! A human's answer to one request, good for one use: by the run that waits for it, or by the next that asks for the very same.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::Serialize;
use serde_json::Value;

use super::signed::Claim;
use super::spool::{Waiter, Waiting, boot, now};
use crate::sys::private::{self, Unfit};
use crate::sys::{file, process, rename};

/// How long an answer holds, in seconds.
pub const LIFE: u64 = 15 * 60;

/// The answers of a guard directory.
#[derive(Debug)]
pub struct Tickets {
    path: PathBuf,
    directory: File,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ticket {
    /// The request's id.
    pub id: String,
    /// The request's digest.
    pub digest: String,
    /// The session that asked.
    pub session: String,
    /// Yes.
    pub yes: bool,
    /// The human's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// When it was given, in seconds since 1970.
    pub given: u64,
    /// When it ends.
    pub expires: u64,
    /// In which boot.
    pub boot: String,
    /// The record of the answer.
    pub record: String,
    /// The run that asked first.
    pub waiter: Waiter,
    /// The request's number.
    pub nonce: String,
    /// Until when the request can be answered by signing.
    pub until: u64,
    /// What was measured when it was asked: the answer holds for no more.
    pub impact: String,
    /// Signatures of approvers, where the request wants them: verified again by whoever takes the ticket.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Claim>,
}

impl Ticket {
    /// The answer to a request that waits.
    #[must_use]
    pub fn answering(waiting: &Waiting, yes: bool, words: Option<String>, record: String) -> Ticket {
        let given = now();
        Ticket {
            id: waiting.request.id.clone(),
            digest: waiting.request.digest.clone(),
            session: String::from_utf8_lossy(waiting.request.part("session")).into_owned(),
            yes,
            words,
            given,
            expires: given + LIFE,
            boot: boot(),
            record,
            waiter: waiting.waiter,
            nonce: waiting.request.nonce.clone(),
            until: waiting.request.expires,
            impact: String::from_utf8_lossy(waiting.request.part("impact")).into_owned(),
            signatures: Vec::new(),
        }
    }

    /// As it was kept: one that lacks anything is none. By hand, since what is derived for this is ten times as long.
    fn kept(kept: &Value) -> Option<Ticket> {
        let text = |name: &str| kept.get(name)?.as_str().map(str::to_owned);
        let number = |name: &str| kept.get(name)?.as_u64();
        let signatures = match kept.get("signatures") {
            Some(list) => list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Ticket {
            id: text("id")?,
            digest: text("digest")?,
            session: text("session")?,
            yes: kept.get("yes")?.as_bool()?,
            words: text("words"),
            given: number("given")?,
            expires: number("expires")?,
            boot: text("boot")?,
            record: text("record")?,
            waiter: Waiter::kept(kept.get("waiter")?)?,
            nonce: text("nonce")?,
            until: number("until")?,
            impact: text("impact").unwrap_or_default(),
            signatures,
        })
    }

    /// With the signatures that make it a yes.
    #[must_use]
    pub fn signed(self, signatures: Vec<Claim>) -> Ticket {
        Ticket { signatures, ..self }
    }

    /// Whether it answers this request, now: same digest, session and boot, and the clock between giving and end, not behind
    /// the newest record (`newest`, seconds since 1970).
    #[must_use]
    pub fn holds(&self, digest: &str, session: &str, boot: &str, now: u64, newest: u64) -> bool {
        self.digest == digest
            && self.session == session
            && self.boot == boot
            && self.given <= now
            && now < self.expires
            && self.expires <= self.given + LIFE
            && newest <= now
    }
}

const LARGEST: usize = 64 * 1024;

impl Tickets {
    /// Opens the tickets below `guard`.
    pub fn open(guard: &Path) -> Result<Tickets, Unfit> {
        private::directory(guard)?;
        let path = guard.join("tickets");
        Ok(Tickets { directory: private::directory(&path)?, path })
    }

    /// Leaves an answer. An answer that is there already stays: the first counts.
    pub fn leave(&self, ticket: &Ticket) -> Result<(), Unfit> {
        let text = serde_json::to_vec(ticket).map_err(std::io::Error::other)?;
        private::keep(&self.directory, &name(&ticket.digest, &ticket.id), &text, true)
    }

    /// Whether an answer to the request lies there.
    #[must_use]
    pub fn is_left(&self, digest: &str, id: &str) -> bool {
        self.path.join(name(digest, id)).symlink_metadata().is_ok()
    }

    /// Takes the answer to the request `digest` that was asked as `id`. Whoever takes it is the only one.
    #[must_use]
    pub fn take(&self, digest: &str, id: &str) -> Option<Ticket> {
        let name = name(digest, id);
        let taken = format!(".taken.{id}.{}", process::own());
        rename::without_replacing(&self.directory, &name, &taken).ok()?;
        let ticket = self.read(&taken);
        // Used up, whatever it says.
        let _ = unlinkat(&self.directory, taken.as_str(), UnlinkatFlags::NoRemoveDir);
        ticket.filter(|ticket| ticket.id == id && ticket.digest == digest)
    }

    /// Takes an answer that was left for `digest` when nobody waited for it any more.
    #[must_use]
    pub fn take_left(&self, digest: &str) -> Option<Ticket> {
        private::sweep(&self.directory, &self.path);
        let entries = std::fs::read_dir(&self.path).ok()?;
        let mut found = None;
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let Some((of, id)) = name.split_once('-') else { continue };
            if of == digest && found.is_none() {
                let waited_for = self.read(&name).is_some_and(|ticket| ticket.waiter.waits_elsewhere());
                if !waited_for {
                    found = self.take(digest, id);
                }
            } else if self.read(&name).is_none_or(|ticket| ticket.expires < now() || ticket.boot != boot()) {
                let _ = unlinkat(&self.directory, name.as_str(), UnlinkatFlags::NoRemoveDir);
            }
        }
        found
    }

    fn read(&self, name: &str) -> Option<Ticket> {
        let (mut opened, _) = private::file_at(&self.directory, name, OFlag::O_RDONLY).ok()?;
        Ticket::kept(&serde_json::from_slice(&file::read_bounded(&mut opened, LARGEST).ok()?).ok()?)
    }
}

fn name(digest: &str, id: &str) -> String {
    format!("{digest}-{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(id: &str, waiter: Waiter) -> Ticket {
        Ticket {
            id: id.into(),
            digest: "d".repeat(64),
            session: "s".into(),
            yes: true,
            words: None,
            given: now(),
            expires: now() + LIFE,
            boot: boot(),
            record: "r".into(),
            waiter,
            nonce: "0".repeat(32),
            until: 0,
            impact: String::new(),
            signatures: Vec::new(),
        }
    }

    #[test]
    fn it_holds_for_one_request_session_boot_and_time() {
        let ticket =
            Ticket { given: 1000, expires: 1000 + LIFE, boot: "b".into(), ..ticket("abcdefgh", Waiter::default()) };
        let digest = ticket.digest.clone();
        assert!(ticket.holds(&digest, "s", "b", 1000, 990));
        assert!(ticket.holds(&digest, "s", "b", 1000 + LIFE - 1, 1000));
        for (what, holds) in [
            ("digest", ticket.holds("e", "s", "b", 1000, 990)),
            ("session", ticket.holds(&digest, "t", "b", 1000, 990)),
            ("boot", ticket.holds(&digest, "s", "c", 1000, 990)),
            ("expired", ticket.holds(&digest, "s", "b", 1000 + LIFE, 990)),
            ("from the future", ticket.holds(&digest, "s", "b", 999, 990)),
            ("a clock behind the records", ticket.holds(&digest, "s", "b", 1000, 1001)),
        ] {
            assert!(!holds, "{what}");
        }
        let long = Ticket { expires: u64::MAX, ..ticket };
        assert!(!long.holds(&digest, "s", "b", 1000, 990));
    }

    #[test]
    fn it_is_taken_once_and_not_from_one_who_waits() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let guard = scratch.path().join("guard");
        let tickets = Tickets::open(&guard).expect("a place for tickets");
        let digest = "d".repeat(64);
        let other = crate::sys::process::stat(std::os::unix::process::parent_id()).expect("who started us");
        let here = Waiter { pid: other.pid, started: other.started };
        tickets.leave(&ticket("abcdefgh", here)).expect("left");
        assert!(tickets.leave(&Ticket { yes: false, ..ticket("abcdefgh", here) }).is_err(), "the first answer counts");
        assert_eq!(tickets.take_left(&digest), None);
        assert_eq!(tickets.take(&digest, "hgfedcba"), None);
        assert!(tickets.take(&digest, "abcdefgh").is_some_and(|ticket| ticket.yes));
        assert_eq!(tickets.take(&digest, "abcdefgh"), None);
        let gone = Waiter { pid: here.pid, started: here.started + 1 };
        tickets.leave(&ticket("abcdefgh", gone)).expect("left");
        assert_eq!(tickets.take_left(&"e".repeat(64)), None);
        assert!(tickets.take_left(&digest).is_some());
        assert_eq!(tickets.take_left(&digest), None);
        // This process has one question after the other: it does not wait for an earlier one any more.
        tickets.leave(&ticket("abcdefgh", Waiter::own().expect("our own line"))).expect("left");
        assert!(tickets.take_left(&digest).is_some());
    }

    #[test]
    fn one_that_others_may_write_is_none() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let guard = scratch.path().join("guard");
        let tickets = Tickets::open(&guard).expect("a place for tickets");
        let digest = "d".repeat(64);
        tickets.leave(&ticket("abcdefgh", Waiter::default())).expect("left");
        let path = guard.join("tickets").join(name(&digest, "abcdefgh"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).expect("changed");
        assert_eq!(tickets.take(&digest, "abcdefgh"), None);
    }
}
