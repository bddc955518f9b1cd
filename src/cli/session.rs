//! `vetsh session list|show|revoke|allow`: the runs of clients, by who they are in the record.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{confirmed, for_a_human, meant, span};
use super::arguments::{Arguments, Session};
use super::bench::Bench;
use crate::approval::standing::{ALL, Allowed, LONGEST, Sessions, is_session};
use crate::audit;
use crate::house::House;
use crate::session::ORPHAN;
use crate::sys::clock;
use crate::sys::process::{self, Birth, Stat};
use crate::text::Arrange;
use crate::text::escape;

pub fn run(arguments: &Arguments, verb: &Session) -> Outcome {
    match verb {
        Session::List { json } => list(arguments, *json),
        Session::Show { id, lines } => show(arguments, id, *lines),
        Session::Revoke { id, all, undo, reason } => {
            let named = if *all { ALL } else { id.as_deref().unwrap_or(ALL) };
            if *undo { restore(arguments, named) } else { revoke(arguments, named, reason.as_deref()) }
        }
        Session::Allow { id, span: text } => allow(arguments, id, span(text)?),
    }
}

/// What the record says of a session.
#[derive(Default, Serialize)]
struct Row {
    id: String,
    client: String,
    first: String,
    last: String,
    launches: usize,
    refusals: usize,
    requests: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_s: Option<u64>,
    #[serde(skip)]
    records: HashSet<String>,
}

#[derive(Deserialize)]
struct Seen {
    id: String,
    ts: String,
    kind: String,
    session: Option<String>,
    #[serde(default)]
    agent: BTreeMap<String, serde_json::Value>,
}

/// Days of the log that are looked at: whoever runs longer is listed from then on.
const DAYS: usize = 2;

fn rows(house: &House) -> Result<Vec<Row>, Problem> {
    let folder = house.audit();
    let mut rows: Vec<Row> = Vec::new();
    let read = audit::days_back(&folder, DAYS, |record| {
        let Ok(seen) = serde_json::from_slice::<Seen>(record) else { return };
        let Some(id) = seen.session else { return };
        let at = rows.iter().position(|row| row.id == id).unwrap_or_else(|| {
            rows.push(Row { id, first: seen.ts.clone(), ..Row::default() });
            rows.len() - 1
        });
        let Some(row) = rows.get_mut(at) else { return };
        row.last = seen.ts;
        let label = |name: &str| seen.agent.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        if let Some(client) = label("name").or_else(|| label("executable")) {
            row.client = client;
        }
        match seen.kind.as_str() {
            "launch" => {
                row.launches += 1;
                row.records.insert(seen.id);
            }
            "refusal" => row.refusals += 1,
            "request" => row.requests += 1,
            _ => {}
        }
    });
    read.map_err(|error| Problem(format!("{}: {error}", folder.display())))?;
    let policy = house.policies().ok().map(|policy| policy.in_force().sha256).unwrap_or_default();
    if house.is_roots() || house.guard().join("sessions").is_dir() {
        let sessions = sessions(house)?;
        let now = crate::approval::spool::now();
        for row in &mut rows {
            let revoked = sessions.revoked(&row.id).or_else(|| sessions.revoked(ALL));
            row.stopped = revoked.map(|revoked| revoked.why);
            row.allowed_s = sessions.allowed_until(&row.id, &policy).map(|until| until.saturating_sub(now));
        }
    }
    rows.arrange_by(|a, b| a.last.cmp(&b.last));
    Ok(rows)
}

fn sessions(house: &House) -> Result<Sessions, Problem> {
    Sessions::of(house).map_err(|why| Problem(format!("guard/sessions {why}")))
}

fn list(arguments: &Arguments, json: bool) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let rows = rows(&house)?;
    if json {
        print(&serde_json::json!({ "schema": 1, "sessions": rows }).to_string());
        return Ok(Answer::Yes);
    }
    for row in &rows {
        let time = |ts: &str| ts.get(..16).unwrap_or_default().replace('T', " ");
        let holds = match (&row.stopped, row.allowed_s) {
            (Some(why), _) => format!("  stopped: {why}"),
            (None, Some(left)) => format!("  unasked for {} min", left.div_ceil(60)),
            (None, None) => String::new(),
        };
        let client = if row.client.is_empty() { "?" } else { row.client.as_str() };
        let counts = format!("{} ran, {} refused, {} asked", row.launches, row.refusals, row.requests);
        let text = format!("{}  {client}  {} to {}  {counts}{holds}", row.id, time(&row.first), time(&row.last));
        print(&escape(text.as_bytes()));
    }
    if rows.is_empty() {
        eprintln!("vetsh: nothing ran today or yesterday");
    }
    Ok(Answer::Yes)
}

/// The session of that id, or the only one that begins so.
fn found(house: &House, id: &str) -> Result<Result<Row, String>, Problem> {
    let mut rows: Vec<Row> = rows(house)?.into_iter().filter(|row| row.id.starts_with(id)).collect();
    Ok(match (rows.pop(), rows.is_empty()) {
        (Some(row), true) => Ok(row),
        // Nothing of it need have run here: what is to come can be stopped.
        _ if is_session(id) => Ok(Row { id: id.to_owned(), ..Row::default() }),
        (Some(_), false) => Err(format!("more than one session begins with {id}")),
        (None, _) => Err(format!("no session begins with {}; vetsh session list shows them", escape(id.as_bytes()))),
    })
}

fn show(arguments: &Arguments, id: &str, lines: usize) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let row = match found(&house, id)? {
        Ok(row) => row,
        Err(why) => return no(&why),
    };
    let mut records: Vec<Vec<u8>> = Vec::new();
    let folder = house.audit();
    audit::days_back(&folder, DAYS, |record| {
        if serde_json::from_slice::<Seen>(record).is_ok_and(|seen| seen.session.as_deref() == Some(&row.id)) {
            records.push(record.to_vec());
        }
    })
    .map_err(|error| Problem(format!("{}: {error}", folder.display())))?;
    print(&format!("{}  {} ran, {} refused, {} asked", row.id, row.launches, row.refusals, row.requests));
    for record in records.iter().skip(records.len().saturating_sub(lines)) {
        print(&super::audit::row(record));
    }
    Ok(Answer::Yes)
}

fn no(why: &str) -> Outcome {
    eprintln!("vetsh: {why}");
    Ok(Answer::No)
}

fn revoke(arguments: &Arguments, id: &str, reason: Option<&str>) -> Outcome {
    let mut house = Bench::open(arguments)?.house;
    house.in_force = house.policies().ok().map(|policy| policy.in_force());
    let row = if id == ALL { Ok(Row { id: ALL.to_owned(), ..Row::default() }) } else { found(&house, id)? };
    let row = match row {
        Ok(row) => row,
        Err(why) => return no(&why),
    };
    // The mark first: nothing new begins while what runs is ended. What began before it is on record by now.
    let mark = audit::record_stop(&house, &row.id, reason.unwrap_or("by a human"))?;
    sessions(&house)?.revoke(&mark).map_err(|why| Problem(format!("guard/sessions {why}")))?;
    let row = rows(&house)?.into_iter().find(|known| known.id == row.id).unwrap_or(row);
    let ended = end(&house, &|records| id == ALL || records.iter().any(|record| row.records.contains(record)));
    let what = if id == ALL { "every session" } else { row.id.as_str() };
    print(&format!("{what} is stopped, recorded as {}; {ended} running processes were ended", mark.record));
    if house.is_roots() {
        print("what an agent's user left running goes on: pkill -u USER");
    }
    Ok(Answer::Yes)
}

fn restore(arguments: &Arguments, id: &str) -> Outcome {
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        Err(why) => {
            return no(&format!("refused: letting a session go on needs a human at a terminal of their own: {why}"));
        }
    };
    let row = if id == ALL { Ok(Row { id: ALL.to_owned(), ..Row::default() }) } else { found(&house, id)? };
    let Row { id, requests, .. } = match row {
        Ok(row) => row,
        Err(why) => return no(&why),
    };
    // One that has asked may have asked too often: it may ask anew.
    if requests == 0 && !sessions(&house)?.is_stopped(&id) {
        return no(&format!("{id} is not stopped"));
    }
    if !meant()? {
        return no("not confirmed; it stays as it is");
    }
    let record = audit::record_restored(&house, &id)?;
    let _ = sessions(&house)?.restore(&id);
    print(&format!("{id} may go on, recorded as {record}"));
    Ok(Answer::Yes)
}

fn allow(arguments: &Arguments, id: &str, seconds: u64) -> Outcome {
    if seconds > LONGEST {
        return Err(Problem(format!("a session is allowed an hour at most; {} minutes are too long", seconds / 60)));
    }
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        Err(why) => return no(&format!("refused: this needs a human at a terminal of their own: {why}")),
    };
    let row = match found(&house, id)? {
        Ok(row) if row.id == ORPHAN => return no("nothing is allowed to what no client can be named for"),
        Ok(row) if sessions(&house)?.is_stopped(&row.id) => {
            return no("it is stopped; vetsh session revoke --undo");
        }
        Ok(row) => row,
        Err(why) => return no(&why),
    };
    let Some(policy) = house.in_force.as_ref().map(|policy| policy.sha256.clone()) else {
        return no("the policy does not load");
    };
    print(&format!(
        "{} ({}) may do unasked for {} minutes whatever asks for one plain yes. What is prohibited stays so.",
        row.id,
        if row.client.is_empty() { "?" } else { row.client.as_str() },
        seconds.div_ceil(60)
    ));
    if !confirmed()? {
        return no("not confirmed; nothing is allowed");
    }
    let record = audit::record_allowed(&house, &row.id, seconds)?;
    let mark = Allowed::from_now(&row.id, &policy, seconds, record.clone());
    sessions(&house)?.allow(&mark).map_err(|why| Problem(format!("guard/sessions {why}")))?;
    print(&format!("allowed, recorded as {record}"));
    Ok(Answer::Yes)
}

/// How long what is ended may take to end itself.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);
/// How often it is looked for what began in the meantime.
const MOST_ROUNDS: usize = 50;

/// Ends what runs under an order of ours whose records are `meant`, and what descends from it; not ourselves, nor what we
/// descend from. What has left its tree, its group and its session is not found. Gives how many there were.
fn end(house: &House, meant: &dyn Fn(&[String]) -> bool) -> usize {
    let mut ended: Vec<Stat> = Vec::new();
    let begun = clock::since_boot();
    let mut send = |wanted: Signal| {
        let known = ended.len();
        find(house, meant, begun, &mut ended);
        // What handles its end may have begun something else.
        let fresh = if wanted == Signal::SIGKILL { 0 } else { known };
        ended.iter().skip(fresh).for_each(|process| signal(process, wanted));
        (ended.iter().any(is_there), ended.len())
    };
    let deadline = Instant::now() + PATIENCE;
    while send(Signal::SIGTERM).0 && Instant::now() < deadline {
        std::thread::sleep(PAUSE);
    }
    let (mut left, mut count) = send(Signal::SIGKILL);
    for _ in 0..MOST_ROUNDS {
        if !left {
            break;
        }
        std::thread::sleep(PAUSE);
        (left, count) = send(Signal::SIGKILL);
    }
    count
}

fn is_there(process: &Stat) -> bool {
    process::stat(process.pid).is_some_and(|now| now.started == process.started)
}

fn signal(process: &Stat, signal: Signal) {
    if let Ok(pid) = i32::try_from(process.pid)
        && is_there(process)
    {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// Adds what is to be ended and is not known yet.
fn find(house: &House, meant: &dyn Fn(&[String]) -> bool, begun: Duration, ended: &mut Vec<Stat>) {
    let all = process::all();
    let groups: Vec<u32> = ended.iter().map(|process| process.group).collect();
    // Its parent made it when it was told to end, and is gone: whoever has it now is of another group.
    let left = |process: &Stat| {
        groups.contains(&process.group)
            && process::since_boot(process.started) + PAUSE >= begun
            && !all.iter().any(|parent| parent.pid == process.parent && parent.group == process.group)
    };
    let above = house.ancestry();
    let spared = |process: &Stat| above.chain.iter().any(|own| own.pid == process.pid);
    let ordered = |process: &Stat| {
        let live = house.live.born(process.pid, &|| Birth::of(process.pid));
        live.is_some_and(|live| meant(&live.orders.into_iter().map(|order| order.record).collect::<Vec<_>>()))
    };
    let mut wanted: Vec<u32> = all.iter().filter(|it| ordered(it) || left(it)).map(|process| process.pid).collect();
    // The id of one that is gone is nobody else's while its group or its session lasts.
    wanted.extend(ended.iter().map(|process| process.pid));
    loop {
        let below = |process: &Stat| {
            let near = [process.pid, process.parent, process.group, process.session];
            near.iter().any(|pid| wanted.contains(pid)) && !wanted.contains(&process.pid)
        };
        let more: Vec<u32> = all.iter().filter(|process| below(process) && !spared(process)).map(|it| it.pid).collect();
        if more.is_empty() {
            break;
        }
        wanted.extend(more);
    }
    let known = |process: &Stat, ended: &[Stat]| ended.iter().any(|one| one.pid == process.pid);
    for process in all {
        if wanted.contains(&process.pid) && !spared(&process) && !known(&process, ended) {
            ended.push(process);
        }
    }
}
