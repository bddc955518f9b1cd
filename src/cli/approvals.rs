//! `vetsh approvals`, `approve`, `deny`: the human's end of the queue.

use serde::Serialize;

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::{Approvals, Approve, Arguments, Deny};
use super::bench::Bench;
use crate::approval::spool::{Waiting, now};
use crate::approval::terminal::{self, Said};
use crate::approval::{Spool, Ticket, Tickets};
use crate::audit;
use crate::house::House;
use crate::session::{ORPHAN, human};
use crate::sys::process;
use crate::text::escape;

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
    undo: String,
    sure: String,
    coverage: String,
    waiting: bool,
    sha256: String,
}

impl Row {
    fn of(waiting: &Waiting) -> Row {
        let request = &waiting.request;
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
            undo: raw("undo"),
            sure: raw("sure"),
            coverage: raw("coverage"),
            waiting: waiting.waiter.is_there(),
            sha256: request.digest.clone(),
        }
    }
}

pub fn list(arguments: &Arguments, asked: &Approvals) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let waiting = spool(&house)?.all();
    if asked.json {
        let list = List { schema: 1, requests: waiting.iter().map(Row::of).collect() };
        print(&serde_json::to_string(&list)?);
    } else {
        waiting.iter().for_each(show);
        if waiting.is_empty() {
            eprintln!("vetsh: nobody waits");
        }
    }
    Ok(Answer::Yes)
}

/// A request for a human: the decisive part first, then the line, whole.
fn show(waiting: &Waiting) {
    let request = &waiting.request;
    let age = now().saturating_sub(waiting.made);
    let state = if waiting.waiter.is_there() { "waits" } else { "its caller gave up; a yes holds for the retry" };
    print(&format!("{}  {age} s, {state}", request.id));
    print(&format!("  {} [{}] {}", request.shown("tier"), request.shown("rule"), request.shown("what")));
    print(&format!(
        "  why: {}; {}, understood: {}",
        request.shown("why"),
        request.shown("sure"),
        request.shown("coverage")
    ));
    if !request.part("undo").is_empty() {
        print(&format!("  undo: {}", request.shown("undo")));
    }
    for found in String::from_utf8_lossy(request.part("impact")).lines() {
        print(&format!("  there: {}", escape::escape(found.as_bytes())));
    }
    print(&format!("  in {}", request.shown("cwd")));
    for row in escape::escape_lines(request.part("text")) {
        print(&format!("  | {row}"));
    }
    for alike in escape::look_alikes(request.part("text")) {
        print(&format!("  beware: {alike}, byte {}", alike.at));
    }
}

pub fn approve(arguments: &Arguments, asked: &Approve) -> Outcome {
    answer(arguments, &asked.id, true, None, asked.json)
}

pub fn deny(arguments: &Arguments, asked: &Deny) -> Outcome {
    answer(arguments, &asked.id, false, asked.reason.clone(), asked.json)
}

fn answer(arguments: &Arguments, id: &str, yes: bool, words: Option<String>, json: bool) -> Outcome {
    let mut house = Bench::open(arguments)?.house;
    if let Err(doubt) = human::may_loosen(&house.table, &house.session, &process::executable) {
        eprintln!("vetsh: refused: answering needs a human at a terminal of their own: {}", doubt.reason());
        return Ok(Answer::No);
    }
    // Whatever the policy says now, it was this one that the human answered under.
    house.in_force = house.policies().ok().map(|policy| policy.in_force());
    let spool = spool(&house)?;
    let Some(waiting) = spool.get(id) else {
        eprintln!(
            "vetsh: no request {} waits here; vetsh approvals shows those that do",
            escape::escape(id.as_bytes())
        );
        return Ok(Answer::No);
    };
    let request = &waiting.request;
    if request.part("session") == ORPHAN.as_bytes() && !waiting.waiter.is_there() {
        eprintln!("vetsh: its caller is gone, and nothing proves that a retry would be the same one's");
        spool.remove(id);
        return Ok(Answer::No);
    }
    if yes && request.part("confirm") == b"typed" {
        show(&waiting);
        let said = terminal::put(&|_| Vec::new(), "This one wants to be confirmed.", true, PATIENCE);
        match said.map_err(|error| Problem(format!("the terminal cannot be used: {error}")))? {
            Said::Yes => {}
            Said::No(_) => {
                eprintln!("vetsh: not confirmed; it still waits");
                return Ok(Answer::No);
            }
        }
    }
    let record = audit::record_answer(&house, request, "queue", yes, words.as_deref())?;
    let ticket = Ticket::answering(&waiting, yes, words, record.clone());
    let tickets = Tickets::open(&house.guard()).map_err(|why| Problem(format!("guard/tickets {why}")))?;
    tickets.leave(&ticket).map_err(|why| Problem(format!("guard/tickets {why}")))?;
    spool.remove(id);
    if json {
        print(&serde_json::json!({ "schema": 1, "id": id, "answer": ticket.yes, "record": record }).to_string());
    } else {
        show(&waiting);
        print(&format!("{}, recorded as {record}", if yes { "approved, once" } else { "denied" }));
    }
    Ok(Answer::Yes)
}

fn spool(house: &House) -> Result<Spool, Problem> {
    Spool::open(&house.state).map_err(|why| Problem(format!("the spool {why}")))
}
