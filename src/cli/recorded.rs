//! A record judged again: its line, in its directory, by the policy of today and on the machine of today.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::{Outcome, Problem};
use super::arguments::Arguments;
use super::bench::Bench;
use super::explain::show;
use crate::audit;
use crate::invocation::{LONGEST, Line};
use crate::judge::Weighed;
use crate::parse::Dialect;
use crate::text::Arrange;

/// The record that a lone word names, if it has the form of an id and there is one.
pub fn named(arguments: &Arguments, word: &str) -> Result<Option<Value>, Problem> {
    let formed = word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !formed || !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let folder = Bench::open(arguments)?.house.audit();
    match audit::show(&folder, word) {
        Ok(Some(record)) => Ok(Some(serde_json::from_slice(&record)?)),
        _ => Ok(None),
    }
}

/// Judges the line of a record again, and says whether the verdict is as recorded and what differs where it is not.
pub fn run(arguments: &Arguments, record: &Value, json: bool, dialect: Dialect) -> Outcome {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let line = whole(record).map_err(Problem)?;
    let cwd = text("/proc/cwd").map(str::as_bytes);
    let mut bench = Bench::open(arguments)?;
    let line = Line::of_text(line, dialect);
    let weighed = bench.judge(&line, cwd)?;
    let before = (text("/decision/tier").unwrap_or_default(), fired(record));
    let now = (weighed.verdict.tier.name(), rules(&weighed));
    let policy = bench.policy_in(cwd)?;
    let told = match (before == now, text("/policy/sha256") == Some(policy.as_str())) {
        (true, true) => "as recorded: the same policy gives the same verdict".to_owned(),
        (true, false) => "as recorded, though the policy has changed since".to_owned(),
        (false, same) => {
            let why = if same {
                "the policy is the same: files, environment or directory are not, or the line came behind a client's wrapping"
            } else {
                "the policy has changed since, and the machine may have"
            };
            format!("not as recorded: it was {} [{}]; {why}", before.0, before.1.join(", "))
        }
    };
    let impact = bench.impact(&weighed, cwd);
    let walls = super::walls::of_record(record);
    let told = if walls.is_empty() { told } else { format!("{told}; walls: {}", walls.join(", ")) };
    show(&line, &weighed, &impact, json, Some((&told, before == now)))
}

/// The line as it was; else why that is not known any more.
fn whole(record: &Value) -> Result<Vec<u8>, String> {
    let again = |why: &str| format!("the record cannot be judged again: {why}");
    let line = match record.get("line") {
        Some(Value::String(line)) => line.as_bytes(),
        Some(_) => return Err(again("its line was cut, or is no text")),
        None => return Err(again("it has no line")),
    };
    if record.pointer("/decision/tier").is_none() {
        return Err(again("nothing was decided about it"));
    }
    let digest: String = Sha256::digest(line).iter().map(|byte| format!("{byte:02x}")).collect();
    if record.get("line_digest").and_then(Value::as_str).and_then(|own| own.strip_prefix("sha256:")) != Some(&digest) {
        return Err(again("a secret in its line was redacted"));
    }
    if line.len() > LONGEST {
        return Err(again("its line is longer than lines are judged"));
    }
    Ok(line.to_vec())
}

fn fired(record: &Value) -> Vec<String> {
    let findings = record.pointer("/decision/findings").and_then(Value::as_array);
    let rule = |finding: &Value| finding.get("rule")?.as_str().map(str::to_owned);
    sorted(findings.into_iter().flatten().filter_map(rule).collect())
}

fn rules(weighed: &Weighed) -> Vec<String> {
    sorted(weighed.verdict.findings.iter().map(|finding| finding.rule.clone()).collect())
}

fn sorted(mut rules: Vec<String>) -> Vec<String> {
    rules.arrange();
    rules.dedup();
    rules
}
