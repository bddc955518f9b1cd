//! `vetsh audit tail|show|verify`: reading the record.

use serde_json::Value;

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::{Arguments, Audit};
use super::bench::Bench;
use crate::audit::{self, Report};
use crate::text::escape::escape;

pub fn run(arguments: &Arguments, verb: &Audit) -> Outcome {
    let folder = Bench::open(arguments)?.house.audit();
    let broken = |error: std::io::Error| Problem(format!("{}: {error}", folder.display()));
    match verb {
        Audit::Tail { count, json } => {
            for record in audit::tail(&folder, *count).map_err(broken)? {
                print(&if *json { String::from_utf8_lossy(&record).into_owned() } else { row(&record) });
            }
            Ok(Answer::Yes)
        }
        Audit::Show { id, json } => match audit::show(&folder, id).map_err(broken)? {
            Some(record) if *json => {
                print(&String::from_utf8_lossy(&record));
                Ok(Answer::Yes)
            }
            Some(record) => {
                print(&whole(&record)?);
                Ok(Answer::Yes)
            }
            None => {
                eprintln!("vetsh: no record, or more than one, has the id {}", escape(id.as_bytes()));
                Ok(Answer::No)
            }
        },
        Audit::Verify { json } => {
            let report = audit::verify(&folder).map_err(broken)?;
            if *json {
                print(&serde_json::to_string(
                    &serde_json::json!({ "schema": 1, "holds": report.holds(), "report": report }),
                )?);
            } else {
                tell(&report);
            }
            Ok(if report.holds() { Answer::Yes } else { Answer::No })
        }
    }
}

/// One record on one row: when, what kind, the tier and by what, the line.
pub fn row(record: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(record) else { return escape(record) };
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    let line = match value.get("line") {
        Some(Value::String(line)) => line.clone(),
        Some(Value::Object(cut)) => cut.get("head").and_then(Value::as_str).unwrap_or("…").to_owned(),
        _ => text("/detail/what"),
    };
    // The first finding of the verdict's own tier: near enough to the deciding one for a row.
    let strictest = value
        .pointer("/decision/findings")
        .and_then(Value::as_array)
        .and_then(|findings| findings.iter().find(|finding| finding.get("tier") == value.pointer("/decision/tier")));
    let rule = strictest.and_then(|finding| finding.get("rule")?.as_str()).map(|rule| format!(" [{rule}]"));
    let parts = [
        text("/ts").get(..19).unwrap_or_default().to_owned(),
        text("/id"),
        text("/kind"),
        text("/decision/tier"),
        text("/decision/basis") + &rule.unwrap_or_default(),
        line,
    ];
    let parts: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| escape(part.as_bytes())).collect();
    parts.join("  ")
}

fn whole(record: &[u8]) -> Result<String, Problem> {
    let value: Value = serde_json::from_slice(record)?;
    let text = serde_json::to_string_pretty(&value)?;
    Ok(text.lines().map(|line| escape(line.as_bytes())).collect::<Vec<_>>().join("\n"))
}

fn tell(report: &Report) {
    let end = report.hash.as_deref().map(|hash| format!("; the last hash is {hash}")).unwrap_or_default();
    let state = if report.holds() { "the chain holds" } else { "the chain is BROKEN" };
    print(&format!(
        "{state}: {} records in {} files, {} incidents{end}",
        report.records, report.files, report.incidents
    ));
    if !report.signed.is_empty() {
        print(&format!("{} signed answers:", report.signed.len()));
    }
    for signed in &report.signed {
        let state = match signed.holds {
            Some(true) => "the signature holds",
            Some(false) => "the signature does NOT hold",
            None => "cannot be checked: its words are not kept whole, or ssh-keygen is absent",
        };
        let row = format!(
            "  {} said {} to {}, {}, record {}: {state}",
            signed.by, signed.answer, signed.request, signed.key, signed.id
        );
        print(&escape(row.as_bytes()));
    }
    for problem in &report.problems {
        print(&format!("  {}:{}: {}", escape(problem.file.as_bytes()), problem.line, escape(problem.what.as_bytes())));
    }
}
