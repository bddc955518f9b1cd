//! The writer of a machine's log: where an agent has a user of its own, the log belongs to another, and this process alone adds to
//! it. A caller hands over what happened; number, time, link, hash and who called are put there here. It names no file, and
//! gets back no more than the record's id and what is asked of its own records.
//!
//! It listens on a socket and is no program that takes another user's rights when it is started: behind walls, and wherever
//! `no_new_privs` holds, there are no such rights to take, and vetted commands start vetted commands there. Nothing of the
//! caller's surroundings (environment, limits, descriptors, umask, signals) reaches it that way either.

use std::convert::Infallible;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::line::LONGEST;
use super::log::{Error, Log, PATIENCE};
use super::seen;
use crate::house;
use crate::sys::socket::{Peer, Socket};
use crate::sys::{child, private, user};

/// Where the log is.
pub const STATE: &str = "/var/lib/vetsh";
/// Where it is called.
pub const SOCKET: &str = "/run/vetsh/writer";

/// Adds a record. In capitals: and syncs it.
pub(super) const ADD: u8 = b'a';
pub(super) const ADD_SYNCED: u8 = b'A';
/// When the newest record was written.
pub(super) const NEWEST: u8 = b'n';
/// How often a session has asked.
pub(super) const QUESTIONS: u8 = b'q';
/// Whether a session's last lines were refused: `MOST SESSION`.
pub(super) const REFUSED: u8 = b'r';
/// Whether a number is used up.
pub(super) const USED: u8 = b'u';
/// Begins an answer; anything else begins why there is none.
pub(super) const DONE: u8 = b'=';

/// What a record needs besides what the caller says of it.
const FRAME: usize = 300;
/// What the writer alone says.
const OURS: [&str; 8] = ["v", "id", "seq", "prev", "ts", "by", "clock", "hash"];
/// Kinds a caller may record: that the log is not as it was left, the writer says itself.
const KINDS: [&str; 11] =
    ["launch", "refusal", "outcome", "request", "answer", "grant", "trust", "policy", "session", "degraded", "error"];

/// How long everybody waits for one caller's words.
const AT_ONCE: Duration = Duration::from_millis(2);
/// Callers that are served at once: of one user, and in all.
const OF_ONE: usize = 64;
const IN_ALL: usize = 256;
/// Bytes one user may have recorded at once, and in each second from then on: hours pass before a user has filled the log.
const BURST: u64 = 256 << 20;
const EACH_SECOND: u64 = 256 << 10;
/// A question reads as much of the log as this many KiB of records cost.
const QUESTION: u8 = 64;

/// Whose the log is.
const USER: &str = "vetsh";

/// Serves until it is ended; started by root, as the user `vetsh`. Returns only where it cannot begin.
pub fn serve() -> Result<Infallible, Error> {
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    let folder = Path::new(SOCKET).parent().unwrap_or(Path::new("/"));
    // Asked anew: who we are is about to change.
    if nix::unistd::geteuid().is_root() {
        for (folder, mode) in [(Path::new(STATE), 0o700), (folder, 0o755)] {
            user::give(folder, mode, USER).map_err(|error| Error::Writer(format!("{}: {error}", folder.display())))?;
        }
        user::become_user(USER).map_err(|error| Error::Writer(format!("it cannot become user {USER}: {error}")))?;
    }
    Log::open(Path::new(STATE))?;
    private::is_directory(folder).map_err(|why| Error::Unfit { what: folder.display().to_string(), why })?;
    let listener = Socket::listen(Path::new(SOCKET))?;
    child::wake_at_end()?;
    let mut accounts: Vec<Account> = Vec::new();
    loop {
        while let Some((child, code)) = child::ended() {
            accounts.iter_mut().for_each(|account| account.settle(child, code));
        }
        let (caller, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            // No descriptor or no memory is left for now.
            Err(_) => {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            }
        };
        let all: usize = accounts.iter().map(|account| account.children.len()).sum();
        let Some(account) = Account::of(peer.uid, &mut accounts) else { continue };
        // Whom we hang up on tries again for as long as it has patience.
        if all >= IN_ALL || !account.admits() {
            continue;
        }
        // What is said at once and takes no time is answered here, without the price of a process.
        let mut asked = Vec::new();
        let heard = caller.hear(&mut asked, LONGEST, AT_ONCE);
        match &heard {
            Ok(()) if asked.first() == Some(&ADD) => {
                account.spent += u64::from(answer(&caller, &asked, peer)) << 10;
                continue;
            }
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => continue,
            Ok(()) | Err(_) => {}
        }
        match child::branch() {
            Ok(None) => child::leave(wait(&caller, asked, heard.is_ok(), peer)),
            Ok(Some(child)) => account.children.push(child),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// What a user takes of us.
struct Account {
    uid: u32,
    children: Vec<i32>,
    spent: u64,
    since: Instant,
}

impl Account {
    /// `None` for users that are no agents: whoever has many numbers (subordinate ones) has them for nothing.
    fn of(uid: u32, all: &mut Vec<Account>) -> Option<&mut Account> {
        let known = all.iter().position(|account| account.uid == uid);
        if known.is_none() && !house::is_agent(uid) {
            return None;
        }
        let at = known.unwrap_or_else(|| {
            all.push(Account { uid, children: Vec::new(), spent: 0, since: Instant::now() });
            all.len() - 1
        });
        all.get_mut(at)
    }

    fn admits(&mut self) -> bool {
        let passed = self.since.elapsed().as_secs();
        if passed > 0 {
            self.spent = self.spent.saturating_sub(passed.saturating_mul(EACH_SECOND));
            self.since = Instant::now();
        }
        self.children.len() < OF_ONE && self.spent < BURST
    }

    /// A child's exit code says how many KiB it took.
    fn settle(&mut self, child: i32, code: u8) {
        if let Some(at) = self.children.iter().position(|known| *known == child) {
            self.children.swap_remove(at);
            self.spent += u64::from(code) << 10;
        }
    }
}

/// Answers one caller in a process of its own, which ends with it.
fn wait(caller: &Socket, mut asked: Vec<u8>, whole: bool, peer: Peer) -> u8 {
    // Whoever says its words one by one does not keep us; a lock that is held so long is refused before.
    child::end_after(PATIENCE * 2);
    if whole || caller.hear(&mut asked, LONGEST, PATIENCE).is_ok() { answer(caller, &asked, peer) } else { QUESTION }
}

/// Answers one caller, and says what that is taken for, in KiB of records.
fn answer(caller: &Socket, asked: &[u8], peer: Peer) -> u8 {
    let Some((what, said)) = asked.split_first() else { return 1 };
    let told = match *what {
        ADD | ADD_SYNCED => add(said, *what == ADD_SYNCED, peer),
        _ => question(*what, said, peer).ok_or_else(|| "this is no question".to_owned()),
    };
    let text = match told {
        Ok(text) => [&[DONE], text.as_bytes()].concat(),
        Err(why) => why.into_bytes(),
    };
    let _ = caller.say(&text);
    match *what {
        ADD | ADD_SYNCED => u8::try_from(asked.len() >> 10).unwrap_or(QUESTION).saturating_add(1),
        _ => QUESTION,
    }
}

fn add(said: &[u8], sync: bool, peer: Peer) -> Result<String, String> {
    let (text, important) = body(said, peer)?;
    let receipt = Log::open(Path::new(STATE))
        .and_then(|mut log| log.append_text(&text, important, sync))
        .map_err(|error| format!("{error}; as root, {}", error.remedy()))?;
    if let Some((used, cap)) = receipt.nearly_full {
        eprintln!("vetsh: the audit log holds {used} of {cap} bytes; move old days away");
    }
    Ok(receipt.id)
}

/// What a caller says, read and written anew: one object, once each key, none of ours. And whether it is more than a launch.
fn body(said: &[u8], peer: Peer) -> Result<(String, bool), String> {
    let fields = match serde_json::from_slice(said) {
        Ok(Value::Object(fields)) => fields,
        _ => return Err("this is no record".to_owned()),
    };
    if let Some(name) = OURS.iter().find(|name| fields.contains_key(**name)) {
        return Err(format!("`{name}` is not the caller's to say"));
    }
    let kind = fields.get("kind").and_then(Value::as_str).filter(|kind| KINDS.contains(kind));
    let Some(important) = kind.map(|kind| kind != "launch") else {
        return Err("no record of this kind is taken".to_owned());
    };
    let text = serde_json::to_string(&fields).map_err(|error| error.to_string())?;
    let rest = text.strip_prefix('{').unwrap_or_default();
    let text = format!(r#"{{"by":{{"uid":{},"pid":{}}},{rest}"#, peer.uid, peer.pid);
    if text.len() + FRAME > LONGEST { Err("it is too long".to_owned()) } else { Ok((text, important)) }
}

/// What a caller asks of its own records.
fn question(what: u8, said: &[u8], peer: Peer) -> Option<String> {
    let folder = Path::new(STATE).join("audit");
    let said = std::str::from_utf8(said).ok()?;
    let by = Some(peer.uid);
    Some(match what {
        NEWEST => seen::newest(&folder).to_string(),
        QUESTIONS => seen::questions(&folder, said, by).to_string(),
        REFUSED => {
            let (most, session) = said.split_once(' ')?;
            u8::from(seen::were_refused(&folder, session, by, most.parse().ok()?)).to_string()
        }
        USED => u8::from(seen::was_used(&folder, said)).to_string(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Peer = Peer { uid: 1001, pid: 7 };

    #[test]
    fn who_called_and_the_chain_are_not_the_callers_to_say() {
        let (text, important) = body(br#"{"kind":"launch","line":"a\nb"}"#, PEER).expect("a record");
        assert_eq!(text, r#"{"by":{"uid":1001,"pid":7},"kind":"launch","line":"a\nb"}"#);
        assert!(!important);
        for name in OURS {
            assert!(body(format!(r#"{{"kind":"error","{name}":1}}"#).as_bytes(), PEER).is_err(), "{name}");
        }
        // Spelled otherwise it is the same key.
        assert!(body(br#"{"kind":"error","\u0068ash":"0"}"#, PEER).is_err());
    }

    #[test]
    fn what_is_no_record_is_not_taken() {
        let long = format!(r#"{{"kind":"error","line":"{}"}}"#, "x".repeat(LONGEST));
        let deep = format!(r#"{{"kind":"error","line":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
        for said in ["", "{", "[]", "{}", r#"{"kind":"incident"}"#, r#"{"kind":"error"}{"kind":"error"}"#, &long, &deep]
        {
            assert!(body(said.as_bytes(), PEER).is_err(), "{}", said.get(..40.min(said.len())).unwrap_or_default());
        }
        let twice = body("{\"kind\":\"launch\",\n\"kind\":\"error\"}".as_bytes(), PEER).expect("the last counts");
        assert_eq!(twice, (r#"{"by":{"uid":1001,"pid":7},"kind":"error"}"#.to_owned(), true));
    }

    #[test]
    fn a_user_is_served_so_much_at_once() {
        let mut account = Account { uid: 5, children: Vec::new(), spent: 0, since: Instant::now() };
        account.children.extend(0..i32::try_from(OF_ONE).expect("a number"));
        assert!(!account.admits());
        account.settle(0, QUESTION);
        assert!(account.admits());
        account.spent = BURST;
        assert!(!account.admits());
        let mut all = vec![account];
        assert!(Account::of(5, &mut all).is_some() && Account::of(u32::MAX, &mut all).is_none());
    }
}
