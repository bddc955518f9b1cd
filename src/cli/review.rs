//! `vetsh review`: what clients did unasked for the first time, for a look afterwards.

use std::path::Path;

use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{for_a_human, meant};
use super::arguments::{Arguments, Review};
use super::bench::Bench;
use crate::approval::novelty::{self, New};
use crate::audit;
use crate::sys::private::{self, Unfit};
use crate::sys::{clock, file};
use crate::text::escape;

/// One action that was new, and how often it was told of.
#[derive(Serialize)]
struct Row {
    client: String,
    /// The program and subcommand, then the options and effects that are new; alone, it is new itself.
    action: New,
    first: String,
    cwd: String,
    session: String,
    record: String,
    line: String,
    /// So many records tell of it: more than one where it could not be remembered.
    records: usize,
    #[serde(skip)]
    kind: String,
}

/// Up to where a human has looked: a record's number and time, and the record of the review. Kept with what loosens, since
/// what stands here is shown no more.
struct Mark {
    seq: u64,
    ts: String,
}

const NAME: &str = "reviewed";
/// Days that are looked at where nobody has looked yet.
const DAYS: u64 = 30;
const DAY: u64 = 24 * 60 * 60;

impl Mark {
    fn read(guard: &Path) -> Option<Mark> {
        let (text, _) = file::read_regular(guard.join(NAME).as_os_str().as_encoded_bytes(), 4096).ok()?;
        let text = String::from_utf8(text).ok()?;
        let mut words = text.split_ascii_whitespace();
        Some(Mark { seq: words.next()?.parse().ok()?, ts: words.next()?.to_owned() })
    }

    fn write(&self, guard: &Path, record: &str) -> Result<(), Unfit> {
        let guard = private::directory(guard)?;
        let _ = unlinkat(&guard, NAME, UnlinkatFlags::NoRemoveDir);
        private::keep(&guard, NAME, format!("{} {} {record}\n", self.seq, self.ts).as_bytes(), true)
    }
}

pub fn run(arguments: &Arguments, asked: &Review) -> Outcome {
    let house = if asked.done {
        match for_a_human(arguments)? {
            Ok(house) => house,
            Err(why) => {
                eprintln!("vetsh: refused: to have looked needs a human at a terminal of their own: {why}");
                return Ok(Answer::No);
            }
        }
    } else {
        Bench::open(arguments)?.house
    };
    let guard = house.guard();
    let mark = Mark::read(&guard).filter(|_| asked.since.is_none());
    let now = clock::now().as_secs();
    let since = match (&asked.since, &mark) {
        (Some(text), _) => since(text, now)?,
        (None, Some(mark)) => mark.ts.clone(),
        (None, None) => utc(now.saturating_sub(DAYS * DAY)),
    };
    let folder = house.state.join("audit");
    let mut rows: Vec<Row> = Vec::new();
    let mut last = None;
    let days = now.saturating_sub(seconds(&since)).div_ceil(DAY) + 1;
    let read = audit::days_back(&folder, usize::try_from(days).unwrap_or(usize::MAX), |record| {
        let Ok(record) = serde_json::from_slice::<Value>(record) else { return };
        let (seq, ts) = (record["seq"].as_u64().unwrap_or_default(), text(&record["ts"]));
        // A log that was begun anew has smaller numbers than what was looked at: their times tell.
        if mark.as_ref().map_or(ts < since, |mark| seq <= mark.seq && ts <= mark.ts) {
            return;
        }
        last = Some(Mark { seq, ts });
        add(&mut rows, &record);
    });
    read.map_err(|error| Problem(format!("{}: {error}", folder.display())))?;

    let mut done = None;
    if asked.done
        && let Some(last) = last
    {
        if !asked.json {
            rows.iter().for_each(show);
        }
        if !meant()? {
            eprintln!("vetsh: not confirmed; nothing was looked at");
            return Ok(Answer::No);
        }
        let record = audit::record_review(&house, last.seq, rows.len())?;
        let unfit = |why: Unfit| Problem(format!("the guard directory {why}"));
        last.write(&guard, &record).map_err(unfit)?;
        let looked_at: Vec<(String, New)> = rows.iter().map(|row| (row.kind.clone(), row.action.clone())).collect();
        novelty::learn(&guard, &looked_at).map_err(unfit)?;
        done = Some(record);
    }
    if asked.json {
        print(&serde_json::json!({ "schema": 1, "since": since, "actions": rows, "done": done }).to_string());
        return Ok(Answer::Yes);
    }
    if !asked.done {
        rows.iter().for_each(show);
    }
    match done {
        Some(record) => print(&format!("{} looked at, recorded as {record}", rows.len())),
        None if rows.is_empty() => eprintln!("vetsh: nothing new since {since}"),
        None => eprintln!("vetsh: {} are new; vetsh review --done, once you have looked", rows.len()),
    }
    Ok(Answer::Yes)
}

/// So many rows are looked through for the same: what is told of again stands near.
const NEAR: usize = 500;

fn add(rows: &mut Vec<Row>, record: &Value) {
    let agent = &record["agent"];
    let (name, program) = (agent["name"].as_str(), agent["executable"].as_str());
    let kind = novelty::kind_of(name, program.map(str::as_bytes));
    for new in record["decision"]["novel"].as_array().into_iter().flatten() {
        let action: New = new.as_array().into_iter().flatten().map(text).collect();
        let mut near = rows.iter_mut().rev().take(NEAR);
        if let Some(row) = near.find(|row| row.kind == kind && row.action == action) {
            row.records += 1;
            continue;
        }
        rows.push(Row {
            client: name.or(program).unwrap_or("?").to_owned(),
            action,
            first: text(&record["ts"]),
            cwd: text(&record["proc"]["cwd"]),
            session: text(&record["session"]),
            record: text(&record["id"]),
            line: text(&record["line"]),
            records: 1,
            kind: kind.clone(),
        });
    }
}

/// A text of a record; of one that was cut or is no text, what there is.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other["head"].as_str().unwrap_or("…").to_owned(),
    }
}

/// What a row shows of a line.
const MOST: usize = 160;

fn show(row: &Row) {
    let mut action = row.action.iter();
    let name = action.next().map_or("?", String::as_str);
    let parts: Vec<&str> = action.map(String::as_str).collect();
    let parts = if parts.is_empty() { "itself".to_owned() } else { parts.join(", ") };
    let times = if row.records > 1 { format!(" ({} records)", row.records) } else { String::new() };
    let client = row.client.rsplit('/').next().unwrap_or_default();
    let first = row.first.get(..16).unwrap_or_default().replace('T', " ");
    let head: String = row.line.chars().take(MOST).collect();
    let cut = if head.len() < row.line.len() { " …" } else { "" };
    print(&escape(format!("{first}  {client}  {name}: {parts}{times}").as_bytes()));
    print(&escape(format!("    in {}, record {}", row.cwd, row.record).as_bytes()));
    print(&format!("    | {}{cut}", escape(head.as_bytes())));
}

/// The time of `7d`, `12h`, `30m` ago, or of a date that is written out.
fn since(text: &str, now: u64) -> Result<String, Problem> {
    let unit = match text.bytes().last() {
        Some(b'd') => DAY,
        Some(b'h') => 60 * 60,
        Some(b'm') => 60,
        _ => {
            let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
            let wrong = |_| Problem(format!("{text} is no time: 7d, 12h, 30m, 2026-11-30 or 2026-11-30T08:00:00Z"));
            let time = chrono::DateTime::parse_from_rfc3339(&whole).map_err(wrong)?;
            return Ok(utc(u64::try_from(time.timestamp()).unwrap_or_default()));
        }
    };
    let count = text.get(..text.len() - 1).and_then(|count| count.parse::<u64>().ok());
    let count = count.ok_or_else(|| Problem(format!("{text} is no time: 7d, 12h, 30m or 2026-11-30")))?;
    Ok(utc(now.saturating_sub(count.saturating_mul(unit))))
}

/// As records write it, without parts of a second.
fn utc(seconds: u64) -> String {
    let time = chrono::DateTime::from_timestamp(i64::try_from(seconds).unwrap_or_default(), 0).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn seconds(ts: &str) -> u64 {
    let time = chrono::DateTime::parse_from_rfc3339(&format!("{}Z", ts.get(..19).unwrap_or_default()));
    time.ok().and_then(|time| u64::try_from(time.timestamp()).ok()).unwrap_or_default()
}
