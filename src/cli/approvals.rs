//! `vetsh approvals`, `approve`, `deny`: the human's end of the queue.

use std::path::Path;

use serde::Serialize;

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::{Approvals, Approve, Arguments, Deny};
use super::bench::Bench;
use super::sign;
use crate::approval::rendering::folded;
use crate::approval::signed::{self, Claims, Signed, Standing, Verified};
use crate::approval::signers::Signers;
use crate::approval::spool::{Waiting, now};
use crate::approval::{Grant, Grants, Pattern, Request, Spool, Ticket, Tickets};
use crate::approval::{grant, terminal};
use crate::audit;
use crate::house::House;
use crate::session::{ORPHAN, human};
use crate::sys::private::Unfit;
use crate::sys::process;
use crate::sys::terminal::can_be_typed_into;
use crate::text::{escape, look_alikes};

/// How long a confirmation may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

#[derive(Serialize)]
struct List {
    schema: u32,
    requests: Vec<Row>,
}

/// One request. The id stands first, so that plain text tools find it.
#[derive(Serialize)]
struct Row {
    id: String,
    age_s: u64,
    session: String,
    tier: String,
    rule: String,
    line: String,
    cwd: String,
    what: String,
    why: String,
    /// What it would take, measured.
    impact: Vec<String>,
    undo: String,
    sure: String,
    coverage: String,
    waiting: bool,
    /// What a yes for longer would cover; empty where only this once can be said.
    like: Vec<String>,
    /// How it stands with the approvals that must be signed; absent where one plain yes is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    signatures: Option<serde_json::Value>,
    sha256: String,
}

impl Row {
    fn of(house: &House, waiting: &Waiting) -> Row {
        let request = &waiting.request;
        let signatures = Standing::of(house, request).map(|standing| {
            let Standing { needs, signed, may, problems } = standing;
            let among = needs.among;
            serde_json::json!({ "needed": needs.signatures, "among": among, "signed": signed, "may": may, "problems": problems })
        });
        let raw = |name: &str| String::from_utf8_lossy(request.part(name)).into_owned();
        Row {
            id: request.id.clone(),
            age_s: now().saturating_sub(waiting.made),
            session: raw("session"),
            tier: raw("tier"),
            rule: raw("rule"),
            line: raw("text"),
            cwd: raw("cwd"),
            what: raw("what"),
            why: raw("why"),
            impact: request.measured(),
            undo: raw("undo"),
            sure: raw("sure"),
            coverage: raw("coverage"),
            waiting: waiting.waiter.is_there(),
            like: Pattern::offered(request).map(|pattern| pattern.rows()).unwrap_or_default(),
            signatures,
            sha256: request.digest.clone(),
        }
    }
}

pub fn list(arguments: &Arguments, asked: &Approvals) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let waiting = spool(&house)?.all();
    if asked.json {
        let list = List { schema: 1, requests: waiting.iter().map(|waiting| Row::of(&house, waiting)).collect() };
        print(&serde_json::to_string(&list)?);
    } else {
        waiting.iter().for_each(|waiting| show(&house, waiting));
        if waiting.is_empty() {
            eprintln!("vetsh: nobody waits");
        }
    }
    Ok(Answer::Yes)
}

/// A request for a human: the decisive part first, then the line, whole.
fn show(house: &House, waiting: &Waiting) {
    rows(waiting, &signatures(house, &waiting.request), COLUMNS).iter().for_each(|row| print(row));
}

/// The rows that say how it stands with the approvals that must be signed.
pub fn signatures(house: &House, request: &Request) -> Vec<String> {
    let Some(standing) = Standing::of(house, request) else { return Vec::new() };
    let problems = standing.problems.iter().map(|why| format!("  beware: {}", escape::escape(why.as_bytes())));
    let signing = format!("  sign: vetsh approve {} --key FILE", request.id);
    std::iter::once(format!("  {}", standing.words())).chain(problems).chain([signing]).collect()
}

/// How wide a request is shown where nobody says how wide it can be.
const COLUMNS: usize = 80;

/// The rows that show a request, with those about its signatures. What others wrote begins no row.
pub fn rows(waiting: &Waiting, signatures: &[String], columns: usize) -> Vec<String> {
    let request = &waiting.request;
    let age = now().saturating_sub(waiting.made);
    let state = if waiting.waiter.is_there() { "waits" } else { "its caller gave up; a yes holds for the retry" };
    let mut rows = vec![format!("{}  {age} s, {state}", request.id)];
    let mut say = |lead: &str, text: &str| rows.extend(folded(&format!("  {lead}"), "      ", text, columns));
    say("", &format!("{} [{}] {}", request.shown("tier"), request.shown("rule"), request.shown("what")));
    let sure = (request.shown("why"), request.shown("sure"), request.shown("coverage"));
    say("why: ", &format!("{}; {}, understood: {}", sure.0, sure.1, sure.2));
    signatures.iter().for_each(|row| say("", row.trim_start()));
    if !request.part("undo").is_empty() {
        say("undo: ", &request.shown("undo"));
    }
    for found in request.measured() {
        say("takes: ", &escape::escape(found.as_bytes()));
    }
    say("in ", &request.shown("cwd"));
    let line = escape::escape_lines(request.part("text"));
    rows.extend(line.iter().flat_map(|row| folded("  | ", "  : ", row, columns)));
    let mut say = |lead: &str, text: &str| rows.extend(folded(&format!("  {lead}"), "      ", text, columns));
    for alike in look_alikes(request.part("text")) {
        say("beware: ", &format!("{alike}, byte {}", alike.at));
    }
    for row in Pattern::offered(request).iter().flat_map(Pattern::rows) {
        say("for longer: ", &row);
    }
    rows
}

pub fn approve(arguments: &Arguments, asked: &Approve) -> Outcome {
    let seconds = asked.span.as_deref().map(span).transpose()?;
    answer(arguments, &asked.id, Said::yes(seconds), asked.key.as_deref(), asked.json)
}

pub fn deny(arguments: &Arguments, asked: &Deny) -> Outcome {
    answer(arguments, &asked.id, Said::no(asked.reason.clone()), asked.key.as_deref(), asked.json)
}

/// Seconds of `session`, `10m`, `2h`.
pub fn span(text: &str) -> Result<u64, Problem> {
    let wrong = || Problem(format!("{text} is no time for a grant: session, or as in 10m, 2h (12h at most)"));
    if text == "session" {
        return Ok(grant::LONGEST);
    }
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit = match unit {
        "m" => 60,
        "h" => 60 * 60,
        _ => return Err(wrong()),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
    if (1..=grant::LONGEST).contains(&seconds) { Ok(seconds) } else { Err(wrong()) }
}

/// What a human says to a request.
pub struct Said {
    yes: bool,
    words: Option<String>,
    /// For its like too, so long.
    seconds: Option<u64>,
    /// By an approver's signature.
    signed: Option<Verified>,
}

impl Said {
    /// Yes; for its like too, where `seconds` are given.
    pub fn yes(seconds: Option<u64>) -> Said {
        Said { yes: true, words: None, seconds, signed: None }
    }

    /// For how long, where it is for its like too.
    pub fn seconds(&self) -> Option<u64> {
        self.seconds
    }

    /// In a word or two.
    pub fn name(&self) -> &'static str {
        match (self.yes, self.seconds) {
            (true, None) => "approved, once",
            (true, Some(_)) => "approved, and its like",
            (false, _) => "denied",
        }
    }

    /// No, with the words that the agent reads.
    pub fn no(words: Option<String>) -> Said {
        Said { yes: false, words, seconds: None, signed: None }
    }

    /// As an approver signed it. A no names who said it.
    pub fn signed(yes: bool, words: Option<String>, by: Verified) -> Said {
        let no =
            || [Some(format!("{} said no", by.name())), words].into_iter().flatten().collect::<Vec<_>>().join(": ");
        Said { yes, words: (!yes).then(no), seconds: None, signed: Some(by) }
    }
}

/// Whether a human is proven to sit here. Whoever tries to loosen and is not stands on record.
pub fn proven(house: &House) -> Result<(), &'static str> {
    seated(house).inspect_err(|why| {
        let _ = audit::record_attempt(house, why);
    })
}

fn seated(house: &House) -> Result<(), &'static str> {
    human::may_loosen(&house.ancestry(), &house.session, &process::executable).map_err(human::Doubt::reason)
}

/// The house, for a human that may loosen. `Err`: why nobody is proven to sit here.
pub fn for_a_human(arguments: &Arguments) -> Result<Result<House, &'static str>, Problem> {
    let house = Bench::open(arguments)?.house;
    Ok(proven(&house).map(|()| under_policy(house)))
}

/// Whatever the policy says later, it was this one that the human answered under.
fn under_policy(mut house: House) -> House {
    house.in_force = house.policies().ok().map(|policy| policy.in_force());
    house
}

/// Nobody is proven to sit here.
pub fn nobody_here(why: &str) -> Answer {
    eprintln!("vetsh: refused: answering needs a human at a terminal of their own: {why}");
    Answer::No
}

/// No request of that id waits.
pub fn waits_not(id: &str) -> Answer {
    eprintln!("vetsh: no request {} waits here; vetsh approvals shows those that do", escape::escape(id.as_bytes()));
    Answer::No
}

fn answer(arguments: &Arguments, id: &str, said: Said, key: Option<&Path>, json: bool) -> Outcome {
    let house = Bench::open(arguments)?.house;
    // A no loosens nothing: that it was tried needs no record.
    if let Err(why) = if said.yes { proven(&house) } else { seated(&house) } {
        return Ok(nobody_here(why));
    }
    let house = under_policy(house);
    let Some(waiting) = spool(&house)?.get(id) else { return Ok(waits_not(id)) };
    let said = match key {
        None => said,
        Some(key) => {
            if !json {
                show(&house, &waiting);
            }
            match sign::by_key(&house, &waiting, said.yes, key) {
                Ok(by) => Said::signed(said.yes, said.words, by),
                Err(why) => {
                    eprintln!("vetsh: not signed: {}", escape::escape(why.as_bytes()));
                    return Ok(Answer::No);
                }
            }
        }
    };
    answer_to(&house, &waiting, &said, json)
}

/// Answers a request that waits, and tells what came of it.
pub fn answer_to(house: &House, waiting: &Waiting, said: &Said, json: bool) -> Outcome {
    let confirm = |request: &Request| -> Result<bool, Problem> {
        if request.part("confirm") == b"typed" {
            show(house, waiting);
            return confirmed();
        }
        // What is signed was touched, or opened by a passphrase.
        if said.signed.is_some() {
            return Ok(true);
        }
        if can_be_typed_into() {
            show(house, waiting);
        }
        meant()
    };
    let settled = match settle(house, &spool(house)?, waiting, said, confirm)? {
        Ok(settled) => settled,
        Err(why) => {
            eprintln!("vetsh: {}", escape::escape(why.as_bytes()));
            return Ok(Answer::No);
        }
    };
    let Settled { record, missing } = settled;
    if json {
        let id = &waiting.request.id;
        let said =
            serde_json::json!({ "schema": 1, "id": id, "answer": said.yes, "record": record, "missing": missing });
        print(&said.to_string());
    } else {
        if said.signed.is_none() && (!said.yes || !can_be_typed_into()) {
            show(house, waiting);
        }
        let done = match (said.yes, said.seconds, missing) {
            (true, _, Some(missing)) => format!("signed; it still waits: {missing}"),
            (true, None, None) => "approved, once".to_owned(),
            (true, Some(seconds), None) => format!("approved, and its like for {} minutes", seconds / 60),
            (false, _, _) => "denied".to_owned(),
        };
        print(&format!("{done}, recorded as {record}"));
    }
    Ok(Answer::Yes)
}

/// Whether the human meant the verb: where others may push words into this terminal's input, a verb alone is nobody's word.
pub fn meant() -> Result<bool, Problem> {
    Ok(!can_be_typed_into() || confirmed()?)
}

/// Asks for the code that stands on the human's own screen.
pub fn confirmed() -> Result<bool, Problem> {
    let said = terminal::put(&|_| Vec::new(), "This one wants to be confirmed.", true, PATIENCE);
    Ok(said.map_err(|error| Problem(format!("the terminal cannot be used: {error}")))? == terminal::Said::Yes)
}

fn unfit(what: &'static str) -> impl Fn(Unfit) -> Problem {
    move |why| Problem(format!("guard/{what} {why}"))
}

fn claims(house: &House) -> Result<Claims, Problem> {
    Claims::open(&house.guard()).map_err(unfit("signatures"))
}

/// What came of an answer.
pub struct Settled {
    /// The record's id.
    pub record: String,
    /// What is missing before it is a yes.
    pub missing: Option<String>,
}

/// Leaves a human's answer to a request: recorded first, then the ticket, then the grant. Gives what came of it, or why nothing was
/// answered.
pub fn settle(
    house: &House,
    spool: &Spool,
    waiting: &Waiting,
    said: &Said,
    confirm: impl FnOnce(&Request) -> Result<bool, Problem>,
) -> Result<Result<Settled, String>, Problem> {
    let request = &waiting.request;
    if request.part("session") == ORPHAN.as_bytes() && !waiting.waiter.is_there() {
        spool.remove(&request.id);
        return Ok(Err("its caller is gone, and nothing proves that a retry would be the same one's".into()));
    }
    let pattern = match (said.seconds, Pattern::offered(request)) {
        (Some(_), None) => return Ok(Err("this one can be approved only once: what is like it cannot be told".into())),
        (Some(seconds), Some(pattern)) => Some((seconds, pattern)),
        (None, _) => None,
    };
    match (&said.signed, Standing::of(house, request)) {
        (None, Some(standing)) if said.yes => {
            return Ok(Err(format!("sign it: vetsh approve {} --key FILE; {}", request.id, standing.words())));
        }
        (Some(by), Some(standing))
            if said.yes
                && standing.signed.iter().any(|name| name == by.name())
                && standing
                    .needs
                    .missing(&standing.signed.iter().map(String::as_str).collect::<Vec<_>>())
                    .is_some() =>
        {
            return Ok(Err(format!("{} has signed already; {}", by.name(), standing.words())));
        }
        _ => {}
    }
    if said.yes && !confirm(request)? {
        return Ok(Err("not confirmed; it still waits".into()));
    }
    match spool.alone(&request.id, || put(house, spool, waiting, said, pattern)) {
        Ok(Some(put)) => put,
        Ok(None) => Ok(Err("it waits no more: it was answered, or its caller took it back".into())),
        Err(error) => Err(Problem(format!("the spool: {error}"))),
    }
}

/// Puts an answer where whoever asked finds it.
fn put(
    house: &House,
    spool: &Spool,
    waiting: &Waiting,
    said: &Said,
    pattern: Option<(u64, Pattern)>,
) -> Result<Result<Settled, String>, Problem> {
    let request = &waiting.request;
    let tickets = Tickets::open(&house.guard()).map_err(unfit("tickets"))?;
    if tickets.is_left(&request.digest, &request.id) {
        // Whoever answered first was stopped right before the end.
        spool.remove(&request.id);
        return Ok(Err("it was answered before; that answer waits for the run".into()));
    }
    let record = audit::record_answer(house, request, "queue", said.yes, said.words.as_deref(), said.signed.as_ref())?;
    let mut signatures = Vec::new();
    if let (true, Some(by)) = (said.yes, &said.signed) {
        claims(house)?.keep(request, by, &record).map_err(unfit("signatures"))?;
        signatures = claims(house)?.of(request);
        let signers = Signers::load(house).map_err(Problem)?;
        let (held, _) = signed::holding(house, &signers, request, &signatures);
        if let Err(missing) = Signed::of(request, &request.needs(), held) {
            return Ok(Ok(Settled { record, missing: Some(missing) }));
        }
    }
    if let Some((seconds, pattern)) = pattern {
        let of_grant = audit::record_grant(house, &request.id, &pattern.rows(), seconds)?;
        if let Some(grant) = Grant::answering(request, seconds, of_grant) {
            Grants::open(&house.guard()).and_then(|grants| grants.keep(&grant)).map_err(unfit("grants"))?;
        }
    }
    let ticket = Ticket::answering(waiting, said.yes, said.words.clone(), record.clone()).signed(signatures);
    tickets.leave(&ticket).map_err(unfit("tickets"))?;
    spool.remove(&request.id);
    if !request.needs().is_plain() {
        let claims = claims(house)?;
        claims.forget(request);
        if !said.yes {
            // What was signed before a no is worth nothing after it, wherever it was kept.
            let _ = claims.spend(request);
        }
    }
    Ok(Ok(Settled { record, missing: None }))
}

/// The spool of a house.
pub fn spool(house: &House) -> Result<Spool, Problem> {
    Spool::open(&house.state).map_err(|why| Problem(format!("the spool {why}")))
}
