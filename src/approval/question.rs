//! Asking: an answer that was left, else the terminal where a human was proven to sit, else the queue.

use std::time::{Duration, Instant};

use super::decision::{Answer, Basis};
use super::grant::{Circumstance, Grants};
use super::impact::Impact;
use super::needs::Needs;
use super::request::{Circumstances, Request};
use super::signed::{self, Claims, Signed, Standing};
use super::signers::Signers;
use super::spool::{Spool, now};
use super::standing;
use super::terminal::{self, Said};
use super::ticket::{Ticket, Tickets};
use nix::fcntl::OFlag;

use crate::action::walk::Running;
use crate::config::agents::{AGENTS, Agent};
use crate::house::{House, Policies};
use crate::invocation::LONGEST;
use crate::invocation::face::base;
use crate::judge::{Judged, Weighed};
use crate::parse::Script;
use crate::policy::{ChannelKind, USUAL_WAIT};
use crate::session::{Machine, human};
use crate::sys::lock::Lock;
use crate::sys::private::{self, Unfit};
use crate::sys::process;

/// What an answer hangs on besides the line.
pub struct Scene<'a> {
    /// The policy it was judged by.
    pub policy: &'a Policies,
    /// The machine as it was asked while judging.
    pub machine: &'a Machine,
    /// Start-up files that will run first and that nobody has seen.
    pub startup: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Variables that steer programs and are not the session's own.
    pub steering: Vec<(String, Vec<u8>)>,
    /// For a line of a running shell: how it was read, and what the shell knew before it.
    pub running: Option<(&'a Script, &'a Running)>,
    /// The line was typed at our terminal.
    pub typed: bool,
}

/// Whether the record tells of a run under a request's number.
pub type Used<'a> = &'a dyn Fn(&str) -> bool;

/// What is shown of a program's name.
const LONGEST_NAME: usize = 32;

/// How often the queue is looked at.
const PAUSE: Duration = Duration::from_millis(25);

impl Scene<'_> {
    /// The request for what was judged in this scene.
    pub fn request(&self, house: &House, judged: &Judged) -> std::io::Result<Request> {
        let policy = self.policy.in_force().sha256;
        let reach = reach(house, judged.weighed());
        let circumstances = Circumstances {
            session: &house.session.id,
            policy: &policy,
            machine: self.machine,
            startup: &self.startup,
            steering: &self.steering,
            reach: &reach,
        };
        Request::new(judged.invocation(), judged.weighed(), &circumstances)
    }

    /// What is no longer as it was when the question was put: everything is read and judged again.
    #[must_use]
    pub fn moved(&self, house: &House, judged: &Judged, request: &Request) -> Option<String> {
        let old = self.machine;
        let fresh = Machine::new(old.home.clone(), old.cwd.clone(), old.roots.clone(), old.environment.clone());
        for (path, _) in old.files_read() {
            let _ = fresh.read(&path, LONGEST);
        }
        let Ok(mut policy) = house.policies() else { return Some("the policy no longer loads".into()) };
        if policy.add_projects(&fresh.roots).is_err() {
            return Some("the project's policy no longer loads".into());
        }
        let line = &judged.invocation().line;
        let weighed = match self.running {
            Some((script, running)) => policy.weigh_next(line, script, running, &fresh).0,
            None => policy.weigh(line, &fresh),
        };
        let startup = self
            .startup
            .iter()
            .map(|(path, _)| (path.clone(), crate::sys::file::read_regular(path, LONGEST).ok().map(|(text, _)| text)));
        let circumstances = Circumstances {
            session: &house.session.id,
            policy: &policy.in_force().sha256,
            machine: &fresh,
            startup: &startup.collect::<Vec<_>>(),
            steering: &self.steering,
            reach: &reach(house, &weighed),
        };
        let Ok(now) = Request::new(judged.invocation(), &weighed, &circumstances) else {
            return Some("it could not be measured again".into());
        };
        if weighed.verdict.tier > judged.weighed().verdict.tier {
            return Some("it is judged more strictly now".into());
        }
        if !now.is_within(request.impact().as_ref()) {
            return Some("it would take more now than was shown".into());
        }
        let parts = [
            ("place", "the directory"),
            ("policy", "the policy"),
            ("files", "a file that the line reads or runs"),
            ("startup", "a start-up file"),
            ("actions", "what the line would touch"),
        ];
        let changed = parts.iter().find(|(name, _)| now.part(name) != request.part(name));
        changed.map(|(_, what)| format!("{what} changed between the question and the answer"))
    }
}

/// Keys of approvers that the session reaches itself; asked only where approvers are.
fn reach(house: &House, weighed: &Weighed) -> String {
    let signers = || Signers::load(house).unwrap_or_default();
    if Needs::of(weighed).is_plain() { String::new() } else { super::reach::listed(house, &signers()) }
}

/// A human lets the whole session go on unasked for a while. `newest` as in [`left`].
#[must_use]
pub fn allowed(house: &House, scene: &Scene<'_>, judged: &Judged, newest: impl FnOnce() -> u64) -> Option<Answer> {
    if house.session.is_orphan() || !scene.startup.is_empty() || !standing::is_plain(judged.weighed()) {
        return None;
    }
    // As the verb saw it, which knows of no project.
    let policy = house.policies().ok()?.in_force().sha256;
    standing::allowed(&house.guard(), &house.session.id, &policy, newest)
        .map(|record| Answer::Yes(Basis::Session(record)))
}

/// A grant of a human that covers the line. `newest` as in [`left`].
#[must_use]
pub fn granted(house: &House, scene: &Scene<'_>, judged: &Judged, newest: impl FnOnce() -> u64) -> Option<Answer> {
    if house.session.is_orphan() || !scene.startup.is_empty() || !house.guard().join("grants").is_dir() {
        return None;
    }
    let grants = Grants::open(&house.guard()).ok()?;
    let place = String::from_utf8(super::request::place(&scene.machine.cwd)).ok()?;
    let steering = String::from_utf8(super::request::steering(&scene.steering)).ok()?;
    let here = Circumstance {
        steering: &steering,
        session: &house.session.id,
        policy: &scene.policy.in_force().sha256,
        place: &place,
        newest: newest(),
    };
    let grant = grants.covering(judged.weighed(), &here)?;
    Some(Answer::Yes(Basis::Grant(grant.id)))
}

/// The answer that a human left for this very request, used up by this. `newest` is the time of the newest record, in seconds
/// since 1970: with a clock behind it no answer holds.
#[must_use]
pub fn left(house: &House, request: &Request, newest: impl FnOnce() -> u64, used: Used<'_>) -> Option<Answer> {
    if house.session.is_orphan() {
        return None;
    }
    let ticket = Tickets::open(&house.guard()).ok()?.take_left(&request.digest)?;
    if let Ok(spool) = Spool::open(&house.state) {
        spool.remove(&ticket.id);
    }
    if !holds(house, request, &ticket, newest()) || !covers(&ticket, request) {
        return None;
    }
    Some(match ticket.yes {
        true if !request.needs().is_plain() => by_signatures(house, request, &ticket, used),
        true => Answer::Yes(Basis::Ticket(ticket.id)),
        false => Answer::No(Basis::Human { channel: "queue", request: ticket.id }, ticket.words),
    })
}

/// What the signatures of a ticket are worth, verified over what this run asks, as it was asked first. They count once.
fn by_signatures(house: &House, request: &Request, ticket: &Ticket, used: Used<'_>) -> Answer {
    let no = |why: String| Answer::No(Basis::Policy, Some(format!("the signatures are no yes: {why}")));
    let Some(request) =
        request.clone().known_as(ticket.id.clone(), (ticket.nonce.clone(), ticket.until), &ticket.impact)
    else {
        return no("they are for another request".into());
    };
    let signers = match Signers::load(house) {
        Ok(signers) => signers,
        Err(why) => return no(why),
    };
    let (held, why_not) = signed::holding(house, &signers, &request, &ticket.signatures);
    let signed = match Signed::of(&request, &request.needs(), held) {
        Ok(signed) => signed,
        Err(missing) => return no([vec![missing], why_not].concat().join("; ")),
    };
    match Claims::open(&house.guard()).and_then(|claims| claims.spend(&request)) {
        Ok(()) if !used(&request.nonce) => Answer::Yes(Basis::Signed(signed)),
        Ok(()) => no("they were used before, or denied, as the record tells".into()),
        Err(why) => no(format!("they were used before, or denied, or that cannot be told ({why})")),
    }
}

/// Whether a yes holds for as much as is asked for now; a no holds for more too.
fn covers(ticket: &Ticket, request: &Request) -> bool {
    !ticket.yes || request.is_within(Impact::read(&ticket.impact).as_ref())
}

fn holds(house: &House, request: &Request, ticket: &Ticket, newest: u64) -> bool {
    ticket.holds(&request.digest, &house.session.id, &super::spool::boot(), now(), newest)
}

/// The request under the id of one that waits already for the very same, where whoever asked has gone.
#[must_use]
pub fn renewed(house: &House, request: Request) -> Request {
    let Ok(spool) = Spool::open(&house.state) else { return request };
    let same = spool.all().into_iter().find(|old| {
        old.request.digest == request.digest
            && old.request.is_in_time(now())
            && !old.waiter.waits_elsewhere()
            && spool.remove(&old.request.id)
    });
    // Where it takes more by now it is another question.
    same.filter(|old| request.is_within(old.request.impact().as_ref())).map_or(request, |old| old.request.clone())
}

/// Asks a human.
#[must_use]
pub fn ask(house: &House, scene: &Scene<'_>, judged: &Judged, request: &Request, used: Used<'_>) -> Answer {
    let settings = scene.policy.loaded().settings();
    let own = known(house).map_or(u64::from(USUAL_WAIT), |agent| agent.wait);
    let wait = Duration::from_secs(settings.wait.map_or(own, u64::from));
    // Nobody looks at a terminal that says nothing: who types tries again.
    let wait = if scene.typed { Duration::ZERO } else { wait };
    let signed = Standing::of(house, request);
    if let Some(why) = signed.as_ref().and_then(Standing::hopeless) {
        return Answer::No(Basis::Policy, Some(why));
    }
    let mut nobody = "no channel to a human is allowed by the policy".to_owned();
    for channel in &settings.channels {
        match channel {
            ChannelKind::Terminal if signed.is_some() => {
                "what approvers sign is answered through the queue".clone_into(&mut nobody);
            }
            // Whoever types the lines there would answer for them.
            ChannelKind::Terminal if scene.typed => "it was typed at this terminal".clone_into(&mut nobody),
            ChannelKind::Terminal => {
                match human::at_terminal(&house.ancestry(), &house.session, &process::executable) {
                    Ok(()) => match at_terminal(house, wait, |left| {
                        terminal::ask(judged, request, &caller(house), left)
                    }) {
                        Ok(Said::Yes) => return Answer::Yes(human_at("terminal", request)),
                        Ok(Said::No(how)) => return Answer::No(human_at("terminal", request), Some(how.to_owned())),
                        Err(error) => nobody = format!("the terminal cannot be used: {error}"),
                    },
                    Err(doubt) => nobody = format!("no human can be asked at the terminal: {}", doubt.reason()),
                }
            }
            ChannelKind::Queue => return queue(house, request, wait, used),
            // The agent's own dialog is asked by its hook, before a shell is called.
            ChannelKind::Client => {}
        }
    }
    Answer::No(Basis::Policy, Some(nobody))
}

/// Asks at our terminal while nobody else of ours does: a key is for the question that stands there, and there is one.
fn at_terminal<T>(
    house: &House,
    wait: Duration,
    ask: impl FnOnce(Duration) -> std::io::Result<T>,
) -> std::io::Result<T> {
    let begun = Instant::now();
    let terminal = house.table.own().map_or(0, |own| own.terminal);
    let unfit = |why: Unfit| std::io::Error::other(why.to_string());
    let live = private::directory(&house.state.join("live")).map_err(unfit)?;
    let name = format!("terminal-{terminal}");
    let (file, _) = private::file_at(&live, &name, OFlag::O_RDWR | OFlag::O_CREAT).map_err(unfit)?;
    let lock = Lock::take(&file, wait).map_err(|_| std::io::Error::other("another question stands there"))?;
    let asked = ask(wait.saturating_sub(begun.elapsed()));
    drop(lock);
    asked
}

fn human_at(channel: &'static str, request: &Request) -> Basis {
    Basis::Human { channel, request: request.id.clone() }
}

/// The agent that asks, as far as it is one we know: by what the environment says, or by its program.
fn known(house: &House) -> Option<&'static Agent> {
    let program = house.session.executable.as_deref().map(base);
    let by_program = || AGENTS.iter().find(|agent| agent.programs.iter().any(|name| Some(name.as_bytes()) == program));
    house.session.label.known().or_else(by_program)
}

/// Who asks, for the human.
fn caller(house: &House) -> String {
    let program = house.session.executable.as_deref().map_or(&b"somebody"[..], base);
    // A name of the caller's own choice, and so no longer than a name.
    let name = || crate::text::escape(program).chars().take(LONGEST_NAME).collect();
    known(house).map_or_else(name, |agent| agent.name.to_owned())
}

fn queue(house: &House, request: &Request, wait: Duration, used: Used<'_>) -> Answer {
    let closed = |why: String| Answer::No(Basis::Policy, Some(format!("nobody can be asked: {why}")));
    let (spool, tickets) = match (Spool::open(&house.state), Tickets::open(&house.guard())) {
        (Ok(spool), Ok(tickets)) => (spool, tickets),
        (Err(why), _) => return closed(format!("spool {why}")),
        (_, Err(why)) => return closed(format!("guard {why}")),
    };
    if let Err(why) = spool.put(request) {
        return closed(format!("spool {why}"));
    }
    let end = Instant::now() + wait;
    let mut given_up = false;
    loop {
        if let Some(ticket) = tickets.take(&request.digest, &request.id) {
            spool.remove(&request.id);
            let basis = human_at("queue", request);
            return match (ticket.yes, holds(house, request, &ticket, 0) && covers(&ticket, request)) {
                (true, true) if !request.needs().is_plain() => by_signatures(house, request, &ticket, used),
                (true, true) => Answer::Yes(basis),
                (true, false) => Answer::No(basis, Some("the answer had expired".into())),
                (false, _) => Answer::No(basis, ticket.words.or(Some("a human said no".into()))),
            };
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() && !given_up {
            // Once more: an answer that came at the last moment is not left lying.
            spool.give_up(request);
            given_up = true;
            continue;
        }
        if left.is_zero() {
            let standing = Standing::of(house, request).map(|standing| standing.words());
            return Answer::Waiting(request.id.clone(), standing);
        }
        std::thread::sleep(left.min(PAUSE));
    }
}
