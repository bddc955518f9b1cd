//! `vetsh grants`: what was approved for more than once.

use std::collections::HashMap;

use serde::Serialize;

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::for_a_human;
use super::arguments::{Arguments, Grants as Asked};
use super::bench::Bench;
use crate::approval::spool::now;
use crate::approval::{Grant, Grants};
use crate::audit;
use crate::house::House;

#[derive(Serialize)]
struct Row {
    id: String,
    session: String,
    covers: Vec<String>,
    given_s_ago: u64,
    ends_in_s: u64,
    uses: usize,
    record: String,
}

pub fn run(arguments: &Arguments, asked: &Asked) -> Outcome {
    if let Some(id) = &asked.revoke {
        return revoke(arguments, id, asked.json);
    }
    let house = Bench::open(arguments)?.house;
    let uses = uses(&house);
    let rows: Vec<Row> = grants(&house)?.all().into_iter().map(|grant| row(grant, &uses)).collect();
    if asked.json {
        print(&serde_json::json!({ "schema": 1, "grants": rows }).to_string());
        return Ok(Answer::Yes);
    }
    for row in &rows {
        print(&format!(
            "{}  used {} times, ends in {} min, given {} min ago",
            row.id,
            row.uses,
            row.ends_in_s.div_ceil(60),
            row.given_s_ago / 60
        ));
        row.covers.iter().for_each(|covers| print(&format!("  {covers}")));
    }
    if rows.is_empty() {
        eprintln!("vetsh: nothing is granted");
    }
    Ok(Answer::Yes)
}

fn grants(house: &House) -> Result<Grants, Problem> {
    Grants::open(&house.guard()).map_err(|why| Problem(format!("guard/grants {why}")))
}

fn row(grant: Grant, uses: &HashMap<String, usize>) -> Row {
    Row {
        covers: grant.pattern.rows(),
        given_s_ago: now().saturating_sub(grant.given),
        ends_in_s: grant.expires.saturating_sub(now()),
        uses: uses.get(&grant.id).copied().unwrap_or_default(),
        id: grant.id,
        session: grant.session,
        record: grant.record,
    }
}

/// How often each was used, as the record tells.
fn uses(house: &House) -> HashMap<String, usize> {
    let mut uses = HashMap::new();
    let _ = audit::query(&house.audit(), |_, record| {
        if !record.windows(7).any(|window| window == b"\"grant\"") {
            return;
        }
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(record) else { return };
        if record["kind"] == "launch" {
            let given = record["approvals"].as_array().into_iter().flatten().filter(|one| one["channel"] == "grant");
            for id in given.filter_map(|one| one["id"].as_str()) {
                *uses.entry(id.to_owned()).or_default() += 1;
            }
        }
    });
    uses
}

fn revoke(arguments: &Arguments, id: &str, json: bool) -> Outcome {
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        Err(why) => {
            eprintln!("vetsh: refused: taking a grant back needs a human at a terminal of their own: {why}");
            return Ok(Answer::No);
        }
    };
    let revoked = grants(&house)?.revoke(id);
    if revoked {
        let record = audit::record_grant(&house, id, &[], 0)?;
        if json {
            print(&serde_json::json!({ "schema": 1, "id": id, "record": record }).to_string());
        } else {
            print(&format!("{id} no longer holds, recorded as {record}"));
        }
        return Ok(Answer::Yes);
    }
    eprintln!("vetsh: nothing is granted as {}; vetsh grants shows what is", crate::text::escape(id.as_bytes()));
    Ok(Answer::No)
}
