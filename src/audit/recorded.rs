//! The proof that a record is on disk. Only recording makes one; launching and refusing spend it.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::log::{Error, Log, Receipt};
use super::record::{Approval, Draft, Kind, PolicyMark, ProcessDraft};
use super::seen::{self, NONCE, PENDING};
use super::{keeper, writer};
use crate::approval::novelty::{New, Novelty};
use crate::approval::signed::Verified;
use crate::approval::standing::Revoked;
use crate::approval::statement::statement;
use crate::approval::{Basis, Refused, Request};
use crate::exit::{Code, Failure};
use crate::house::House;
use crate::judge::Judged;
use crate::sandbox::Raised;
use crate::sys::process;
use crate::text::hexadecimal;

/// Something that is recorded, and the record's id.
#[derive(Debug)]
#[must_use = "what is recorded must be launched or refused"]
pub struct Recorded<T> {
    value: T,
    id: String,
}

impl<T> Recorded<T> {
    pub(super) fn new(value: T, id: String) -> Recorded<T> {
        Recorded { value, id }
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What was recorded.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// What was recorded; the proof is spent.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// Records what is about to run, and what is new about it.
pub fn record_launch(house: &House, raised: Raised, novelty: &Novelty) -> Result<Recorded<Raised>, Failure> {
    crate::fault::at(crate::fault::Stage::Record)?;
    let order = raised.order();
    let approved = order.approved();
    let mut draft = decided(Kind::Launch, house, approved.judged(), approved.basis(), None);
    draft.dropped = order.dropped().to_vec();
    draft.walls = raised.walls().words();
    if let Some(decision) = &mut draft.decision {
        let texts = |new: &New| new.iter().map(|part| part.as_str().into()).collect();
        decision.novel = novelty.new.iter().map(texts).collect();
    }
    if let Some(why) = &novelty.trouble {
        draft.detail.push(("not_remembered", why.as_str().into()));
    }
    if order.is_fed() {
        draft.detail.push(("commands", "one by one".into()));
    }
    if let Some(script) = order.script() {
        draft.detail.push(("script", script.path.as_slice().into()));
        draft.detail.push(("script_sha256", hexadecimal(&script.digest).into()));
    }
    let id = write(house, &draft)?;
    Ok(Recorded::new(raised, id))
}

/// Records that a human starts a client whose shell we are.
pub fn record_session(house: &House, words: &[Vec<u8>]) -> Result<Recorded<()>, Failure> {
    let mut draft = surroundings(Kind::Session, house);
    let command: Vec<u8> = words.join(&b' ');
    draft.detail.push(("starts", command.into()));
    let id = write(house, &draft)?;
    Ok(Recorded::new((), id))
}

/// Records what was refused.
pub fn record_refusal(house: &House, refused: Refused) -> Result<Recorded<Refused>, Failure> {
    crate::fault::at(crate::fault::Stage::Record)?;
    let mut draft = decided(Kind::Refusal, house, refused.judged(), refused.basis(), refused.reason());
    if refused.code() == Code::Pending {
        draft.detail.push((PENDING, "yes".into()));
    }
    let id = write(house, &draft)?;
    if let Some(rule) =
        refused.judged().weighed().verdict.findings.iter().map(|finding| &finding.rule).find(|rule| is_against_us(rule))
    {
        let mut draft = surroundings(Kind::Incident, house);
        draft.parent = Some(id.clone());
        draft.detail.push(("what", "a line would have answered for a human, loosened the guard or stopped it".into()));
        draft.detail.push(("rule", rule.as_str().into()));
        write(house, &draft)?;
    }
    Ok(Recorded::new(refused, id))
}

/// Whether a rule keeps sessions from answering for the human, and from the guard itself.
fn is_against_us(rule: &str) -> bool {
    rule.starts_with("vetsh.") || rule == "process.type-into-terminal"
}

/// Records that somebody tried to loosen or to answer who is not proven to be a human: how, and from where.
pub fn record_attempt(house: &House, why: &str) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Incident, house);
    let words = crate::sys::file::read_small(b"/proc/self/cmdline", LONGEST_CALL).unwrap_or_default();
    let words = words.strip_suffix(b"\0").unwrap_or(&words);
    let ancestry = house.ancestry();
    let above = ancestry.chain.iter().skip(1).filter_map(|above| process::executable(above.pid));
    draft.detail.push(("what", "an attempt to loosen or to answer, and no human is proven".into()));
    draft.detail.push(("why", why.into()));
    draft.detail.push(("called", words.split(|byte| *byte == 0).collect::<Vec<_>>().join(&b' ').into()));
    draft.detail.push(("above", above.collect::<Vec<_>>().join(&b' ').into()));
    write(house, &draft)
}

/// What is recorded of a verb's words.
const LONGEST_CALL: usize = 2 << 20;

/// Records a run that could not go on, where that can still be written.
#[must_use]
pub fn record_failure(house: &House, failure: &Failure) -> Option<String> {
    let mut draft = surroundings(Kind::Error, house);
    draft.detail.push(("what", failure.line().into()));
    draft.line = failure.text.as_deref().map(Into::into);
    write(house, &draft).ok()
}

/// What is known of every run: who, where.
fn surroundings(kind: Kind, house: &House) -> Draft {
    let mut draft = Draft::new(kind);
    let label = &house.session.label;
    draft.session = Some(house.session.id.clone());
    draft.policy = house
        .in_force
        .as_ref()
        .map(|policy| PolicyMark { version: policy.version.clone(), sha256: policy.sha256.clone() });
    let labels = [
        ("name", label.agent.map(str::to_owned)),
        ("conversation", label.conversation.clone()),
        ("call", label.call.clone()),
        ("executable", house.session.executable.as_ref().map(|path| String::from_utf8_lossy(path).into_owned())),
    ];
    draft.agent = labels.into_iter().filter_map(|(name, value)| Some((name, value?.into()))).collect();
    draft.process = Some(ProcessDraft {
        pid: house.table.own().map_or_else(crate::sys::process::own, |own| own.pid),
        ppid: house.table.own().map_or(0, |own| own.parent),
        cwd: house.cwd.as_slice().into(),
        tty: house.table.own().filter(|own| own.terminal != 0).map(|own| terminal(own.terminal)),
    });
    draft
}

/// A terminal's device number as `major:minor`.
fn terminal(device: u64) -> String {
    format!("{}:{}", nix::sys::stat::major(device), nix::sys::stat::minor(device))
}

fn decided(kind: Kind, house: &House, judged: &Judged, basis: &Basis, reason: Option<&str>) -> Draft {
    let line = &judged.invocation().line.received;
    let mut draft = surroundings(kind, house).judged(line, judged.weighed(), Some(basis.name()), reason);
    let approval = Approval::by_channel;
    draft.parent.clone_from(&judged.invocation().within);
    match basis {
        Basis::Human { channel, request } => draft.approvals.push(approval(channel, request)),
        Basis::Grant(id) => draft.approvals.push(approval("grant", id)),
        Basis::Ticket(id) => draft.approvals.push(approval("ticket", id)),
        Basis::Session(id) => draft.approvals.push(approval("session", id)),
        Basis::Signed(signed) => {
            draft.approvals = signed.by().iter().map(|by| Approval::signed(signed.request(), by)).collect();
            draft.detail.push((NONCE, signed.nonce().into()));
        }
        Basis::Client(id) => draft.approvals.push(approval("client", id)),
        Basis::Covered(record) => draft.parent = Some(record.clone()),
        Basis::Observe => draft.enforce = Some("observe"),
        Basis::Policy => {}
    }
    draft
}

/// Records that a human is asked.
pub fn record_request(house: &House, judged: &Judged, request: &Request) -> Result<String, Failure> {
    let line = &judged.invocation().line.received;
    let mut draft = surroundings(Kind::Request, house).judged(line, judged.weighed(), None, None);
    draft.detail.push(("request", request.id.as_str().into()));
    draft.detail.push(("request_sha256", request.digest.as_str().into()));
    let impact = request.measured();
    if !impact.is_empty() {
        draft.detail.push(("impact", impact.join("\n").as_str().into()));
    }
    write(house, &draft)
}

/// Records what a human said to a request, over which channel; and what they signed.
pub fn record_answer(
    house: &House,
    request: &Request,
    channel: &str,
    yes: bool,
    words: Option<&str>,
    signed: Option<&Verified>,
) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Answer, house);
    draft.approvals.push(match signed {
        Some(by) => Approval::signed(&request.id, by),
        None => Approval::by_user(channel, &request.id),
    });
    draft.line = Some(request.part("text").into());
    draft.detail.push(("answer", if yes { "yes" } else { "no" }.into()));
    draft.detail.push(("request", request.id.as_str().into()));
    draft.detail.push(("request_sha256", request.digest.as_str().into()));
    if let Some(words) = words {
        draft.detail.push(("words", words.into()));
    }
    if !yes {
        draft.detail.push((NONCE, request.nonce.as_str().into()));
    }
    if signed.is_some() {
        let statement = statement(request, yes);
        draft.detail.push(("statement_sha256", hexadecimal(&Sha256::digest(&statement)).into()));
        draft.detail.push(("statement", statement.into()));
    }
    write(house, &draft)
}

/// Records that something could not be done that no run hangs on.
pub fn record_degraded(house: &House, what: &str, why: &str) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Degraded, house);
    draft.detail.push(("what", what.into()));
    draft.detail.push(("why", why.into()));
    write(house, &draft)
}

/// Records that a human has looked at `count` actions that were new, up to the record of number `seq`.
pub fn record_review(house: &House, seq: u64, count: usize) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Trust, house);
    draft.detail.push(("reviewed", count.to_string().as_str().into()));
    draft.detail.push(("up_to", seq.to_string().as_str().into()));
    write(house, &draft)
}

/// Records that a human trusted a policy file as it is.
pub fn record_trust(house: &House, path: &Path, bytes: &[u8]) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Trust, house);
    draft.detail.push(("file", path.as_os_str().as_encoded_bytes().into()));
    draft.detail.push(("sha256", hexadecimal(&Sha256::digest(bytes)).into()));
    write(house, &draft)
}

/// Records that a grant was given for what a request asked, or taken back (`seconds` is 0 then).
pub fn record_grant(house: &House, id: &str, rows: &[String], seconds: u64) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Grant, house);
    draft.approvals.push(Approval::by_user("queue", id));
    draft.detail.push(("grant", id.into()));
    match seconds {
        0 => draft.detail.push(("revoked", "yes".into())),
        seconds => {
            draft.detail.push(("seconds", seconds.to_string().as_str().into()));
            draft.detail.push(("covers", rows.join("; ").as_str().into()));
        }
    }
    write(house, &draft)
}

/// Records that a session is stopped, and gives the mark for the guard directory.
pub fn record_stop(house: &House, session: &str, why: &str) -> Result<Revoked, Failure> {
    let mut draft = surroundings(Kind::Session, house);
    draft.detail.push(("stops", session.into()));
    draft.detail.push(("why", why.into()));
    let record = write(house, &draft)?;
    let since = crate::sys::clock::now().as_secs();
    Ok(Revoked { session: session.to_owned(), why: why.to_owned(), since, record })
}

/// Records that a stopped session may go on.
pub fn record_restored(house: &House, session: &str) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Session, house);
    draft.detail.push(("restores", session.into()));
    write(house, &draft)
}

/// Records that a session may do unasked, for `seconds`, what is asked about.
pub fn record_allowed(house: &House, session: &str, seconds: u64) -> Result<String, Failure> {
    let mut draft = surroundings(Kind::Grant, house);
    draft.approvals.push(Approval::by_user("session", session));
    draft.detail.push(("seconds", seconds.to_string().as_str().into()));
    draft.detail.push(("covers", "whatever asks for one plain yes".into()));
    write(house, &draft)
}

/// Whether the last `most` lines of our session were refused, one after the other, as far as the day's newest records tell. One
/// that waits for a human counts as neither.
#[must_use]
pub fn were_refused(house: &House, most: u32) -> bool {
    let session = &house.session.id;
    match house.writer {
        false => seen::were_refused(&house.audit(), session, None, most),
        true => told(writer::REFUSED, &format!("{most} {session}")) != 0,
    }
}

/// How often our session has asked within the last hour, since a human last let it go on. Whatever else it did in between hides none of it.
#[must_use]
pub fn questions(house: &House) -> u64 {
    match house.writer {
        false => seen::questions(&house.audit(), &house.session.id, None),
        true => told(writer::QUESTIONS, &house.session.id),
    }
}

/// Whether what approvers signed under this number ran already or was denied, as far as the record of two days tells: as long as it can be signed.
#[must_use]
pub fn was_used(house: &House, nonce: &str) -> bool {
    match house.writer {
        false => seen::was_used(&house.audit(), nonce),
        true => told(writer::USED, nonce) != 0,
    }
}

/// When the newest record was written, in seconds since 1970; 0 where there is none.
#[must_use]
pub fn newest(house: &House) -> u64 {
    match house.writer {
        false => seen::newest(&house.audit()),
        true => told(writer::NEWEST, ""),
    }
}

/// A number that the writer tells, which has every record of ours, under another root too. Where it tells none, one that lets nothing pass.
fn told(what: u8, said: &str) -> u64 {
    keeper::ask(what, said.as_bytes()).ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX)
}

/// Makes what records need and could not be made behind walls.
pub fn ready(house: &House) -> Result<(), Failure> {
    for state in [Some(&house.state), house.real_state.as_ref()].into_iter().flatten() {
        if house.keeps() {
            Log::open(state).map_err(|error| failed(state, &error))?;
        }
        super::log::key(state).map_err(|error| failed(state, &error.into()))?;
        // Opening them makes the directory.
        let _ = crate::approval::ticket::Tickets::open(&state.join("guard"));
    }
    Ok(())
}

fn failed(state: &Path, error: &Error) -> Failure {
    Failure::closed("audit.unwritable", state.join("audit").display().to_string(), error.to_string(), error.remedy())
}

/// Adds the record. Under another root it stands in home's own log as well, or in the machine's.
fn write(house: &House, draft: &Draft) -> Result<String, Failure> {
    let own = if house.keeps() { Some(add(house, &house.state, draft)?.id) } else { None };
    if house.writer {
        let sync = draft.must_sync() || house.in_force.as_ref().is_some_and(|policy| policy.sync_all);
        let id = keeper::add(&house.state, draft, sync).map_err(|error| failed(Path::new(writer::STATE), &error))?;
        return Ok(own.unwrap_or(id));
    }
    if let Some(real) = &house.real_state {
        add(house, real, draft)?;
    }
    Ok(own.unwrap_or_default())
}

fn add(house: &House, state: &Path, draft: &Draft) -> Result<Receipt, Failure> {
    let open = |log: Log| match &house.in_force {
        // No cap is one that no disk reaches.
        Some(policy) => {
            let cap = if policy.audit_cap == 0 { u64::MAX / 4 } else { policy.audit_cap.saturating_mul(1 << 20) };
            log.with(Some(cap.min(u64::MAX / 4)), policy.sync_all)
        }
        None => log,
    };
    let receipt =
        Log::open(state).map(open).and_then(|mut log| log.append(draft)).map_err(|error| failed(state, &error))?;
    if let Some((used, cap)) = receipt.nearly_full {
        eprintln!("vetsh: the audit log holds {used} of {cap} bytes; move old days away");
    }
    Ok(receipt)
}
