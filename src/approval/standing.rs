//! How a session stands: stopped, or allowed for a while what is otherwise asked about. Both are marks in `guard/sessions`, made
//! by a human's verb or by a limit of the policy, each naming its record.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::{Deserialize, Serialize};

use super::spool::{boot, now};
use crate::exit::Failure;
use crate::house::House;
use crate::judge::Weighed;
use crate::policy::{SessionLimits, Tier};
use crate::session::{ORPHAN, Session};
use crate::sys::private::{self, Unfit};
use crate::sys::{clock, file, process};

/// The longest that a session may be allowed what is asked about, in seconds.
pub const LONGEST: u64 = 60 * 60;

/// Where root's marks are, for users that could remove their own.
const MACHINE: &str = "/etc/vetsh";

/// Stops every session, those that come later too.
pub const ALL: &str = "all";

/// Why nothing of a session runs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was stopped: by a human, or when too many of its lines were refused.
    Revoked(Revoked),
    /// It has lasted as long as the policy lets one.
    Over(Duration),
    /// Whether it was stopped cannot be told.
    Unknown(String),
}

impl Stop {
    /// Which check.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Stop::Revoked(_) => "session.revoked",
            Stop::Over(_) => "session.time",
            Stop::Unknown(_) => "session.unknown",
        }
    }

    /// Why nothing runs.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Stop::Revoked(revoked) => format!("it was stopped: {} (record {})", revoked.why, revoked.record),
            Stop::Over(longest) => format!("it has lasted longer than {} minutes", longest.as_secs().div_ceil(60)),
            Stop::Unknown(why) => format!("whether it was stopped cannot be told: {why}"),
        }
    }

    /// As a run that cannot go on.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let instead = match self {
            Stop::Revoked(_) | Stop::Over(_) => "end your work here and tell the user",
            Stop::Unknown(_) => "look at guard/sessions in the state directory",
        };
        Failure::closed(self.rule(), "anything of this session", self.why(), instead)
    }
}

/// A session that was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Which, or [`ALL`].
    pub session: String,
    /// In a human's words, or which limit.
    pub why: String,
    /// When, in seconds since 1970.
    pub since: u64,
    /// The record of it.
    pub record: String,
}

/// A session that may do unasked what one plain yes would let it do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Which.
    pub session: String,
    /// SHA-256 of the policy it was given under: under another it does not hold.
    pub policy: String,
    /// When it was given, in seconds since 1970.
    pub given: u64,
    /// When it ends.
    pub expires: u64,
    /// In which boot.
    pub boot: String,
    /// The record of it.
    pub record: String,
}

impl Allowed {
    /// For `session`, from now on for `seconds`.
    #[must_use]
    pub fn from_now(session: &str, policy: &str, seconds: u64, record: String) -> Allowed {
        let given = now();
        Allowed {
            session: session.to_owned(),
            policy: policy.to_owned(),
            given,
            expires: given + seconds.min(LONGEST),
            boot: boot(),
            record,
        }
    }

    /// Whether it holds now. `newest` is the time of the newest record: with a clock behind it nothing holds.
    fn holds(&self, session: &str, policy: &str, newest: u64) -> bool {
        let now = now();
        self.session == session
            && self.policy == policy
            && self.boot == boot()
            && self.given <= now
            && now < self.expires
            && self.expires <= self.given + LONGEST
            && newest <= now
    }
}

/// Whether one plain yes would be enough for everything that asks: what wants to be typed, signed or said by several, or may only be
/// what it is asked about for, and so may be worse, is asked about each time.
#[must_use]
pub fn is_plain(weighed: &Weighed) -> bool {
    let asking = |finding: &&crate::judge::Finding| finding.tier > Tier::Autonomous;
    weighed.verdict.tier == Tier::Supervised
        && weighed
            .verdict
            .findings
            .iter()
            .filter(asking)
            .all(|finding| finding.certain && !finding.typed && !finding.needs_more())
}

/// Whether nothing of a house's session runs any more. Where no session was ever stopped this is one question to the kernel.
#[must_use]
pub fn stopped(house: &House, limits: SessionLimits) -> Option<Stop> {
    let guards = [
        Some(house.guard()),
        house.real_state.as_ref().map(|state| state.join("guard")),
        house.writer.then(|| Path::new(MACHINE).to_owned()),
    ];
    let marked = guards.iter().flatten().find_map(|guard| marked(guard, &house.session));
    marked.or_else(|| {
        let longest = Duration::from_secs(u64::from(limits.max_time?));
        let started = process::since_boot(house.session.client.as_ref()?.started);
        (clock::since_boot().saturating_sub(started) >= longest).then_some(Stop::Over(longest))
    })
}

fn marked(guard: &Path, session: &Session) -> Option<Stop> {
    let folder = guard.join("sessions");
    match folder.symlink_metadata() {
        Ok(_) => [session.id.as_str(), ALL].into_iter().find_map(|name| {
            match read::<Revoked>(&folder, &format!("{name}.revoked")) {
                Ok(revoked) => revoked.map(Stop::Revoked),
                Err(why) => Some(Stop::Unknown(why)),
            }
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(Stop::Unknown(error.to_string())),
    }
}

/// Every mark of a stopped session in a guard directory.
pub fn all_stopped(guard: &Path) -> Result<Vec<Revoked>, String> {
    let folder = guard.join("sessions");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let mut stopped = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| error.to_string())?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".revoked") && !name.starts_with('.') {
            stopped.extend(read::<Revoked>(&folder, &name)?);
        }
    }
    Ok(stopped)
}

/// The record by which `session` may do unasked what one plain yes would let it do.
#[must_use]
pub fn allowed(guard: &Path, session: &str, policy: &str, newest: impl FnOnce() -> u64) -> Option<String> {
    let folder = guard.join("sessions");
    let allowed: Allowed = read(&folder, &format!("{session}.allowed")).ok()??;
    allowed.holds(session, policy, newest()).then_some(allowed.record)
}

const LARGEST: usize = 16 * 1024;

fn read<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, String> {
    match file::read_regular(folder.join(name).as_os_str().as_encoded_bytes(), LARGEST) {
        Ok((text, _)) => serde_json::from_slice(&text).map(Some).map_err(|_| format!("{name} is none of ours")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// Whether a word can be a session's name.
#[must_use]
pub fn is_session(name: &str) -> bool {
    name == ORPHAN
        || name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The marks of a guard directory.
#[derive(Debug)]
pub struct Sessions {
    directory: File,
    path: std::path::PathBuf,
    /// Others read them.
    shared: bool,
}

impl Sessions {
    /// Opens `guard/sessions`, made where it is missing.
    pub fn open(guard: &Path) -> Result<Sessions, Unfit> {
        private::directory(guard)?;
        let path = guard.join("sessions");
        Ok(Sessions { directory: private::directory(&path)?, path, shared: false })
    }

    /// The marks that a human's verbs in a house are about: its own, and for root those of the machine.
    pub fn of(house: &House) -> Result<Sessions, Unfit> {
        if !house.is_roots() {
            return Sessions::open(&house.guard());
        }
        let sessions = Sessions::open(Path::new(MACHINE))?;
        std::fs::set_permissions(&sessions.path, Permissions::from_mode(0o755))?;
        Ok(Sessions { shared: true, ..sessions })
    }

    /// Stops a session. One that is stopped stays so, by the first mark.
    pub fn revoke(&self, mark: &Revoked) -> Result<(), Unfit> {
        self.forget(&mark.session, "allowed");
        match self.put(&format!("{}.revoked", mark.session), mark, false) {
            Err(Unfit::System(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            put => put,
        }
    }

    /// Lets a stopped session go on. `false`: it was not stopped.
    #[must_use]
    pub fn restore(&self, session: &str) -> bool {
        self.forget(session, "revoked")
    }

    /// Allows a session for a while what is asked about.
    pub fn allow(&self, mark: &Allowed) -> Result<(), Unfit> {
        self.put(&format!("{}.allowed", mark.session), mark, true)
    }

    /// Whether a session is stopped, and why.
    #[must_use]
    pub fn revoked(&self, session: &str) -> Option<Revoked> {
        read(&self.path, &format!("{session}.revoked")).ok().flatten()
    }

    /// Whether there is a mark that stops a session, readable or not.
    #[must_use]
    pub fn is_stopped(&self, session: &str) -> bool {
        self.path.join(format!("{session}.revoked")).symlink_metadata().is_ok()
    }

    /// Until when a session is allowed what is asked about, in seconds since 1970.
    #[must_use]
    pub fn allowed_until(&self, session: &str, policy: &str) -> Option<u64> {
        let allowed: Allowed = read(&self.path, &format!("{session}.allowed")).ok()??;
        allowed.holds(session, policy, 0).then_some(allowed.expires)
    }

    fn forget(&self, session: &str, what: &str) -> bool {
        unlinkat(&self.directory, format!("{session}.{what}").as_str(), UnlinkatFlags::NoRemoveDir).is_ok()
    }

    fn put(&self, name: &str, mark: &impl Serialize, again: bool) -> Result<(), Unfit> {
        let text = serde_json::to_vec(mark).map_err(std::io::Error::other)?;
        if again {
            let _ = unlinkat(&self.directory, name, UnlinkatFlags::NoRemoveDir);
        }
        private::keep(&self.directory, name, &text, true)?;
        if self.shared {
            // Until then they cannot be told, and nothing runs.
            std::fs::set_permissions(self.path.join(name), Permissions::from_mode(0o644))?;
        }
        Ok(())
    }
}
