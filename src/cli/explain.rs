//! `vetsh explain`: everything there is to say about one line.

use super::answer::{Answer, Outcome, print};
use super::arguments::{Arguments, Explain};
use super::bench::{Bench, dialect, line};
use super::check::sentence;
use super::{recorded, walls};
use crate::invocation::Line;
use crate::judge::Weighed;
use crate::judge::explain::{Explanation, explain};
use crate::text::escape::escape;

pub fn run(arguments: &Arguments, asked: &Explain) -> Outcome {
    let dialect = dialect(&asked.dialect)?;
    if let [word, paths @ ..] = asked.line.as_slice()
        && let Some(record) = recorded::named(arguments, &word.to_string_lossy())?
    {
        return match paths {
            [] => recorded::run(arguments, &record, asked.json, dialect),
            paths => walls::explain(arguments, &record, paths),
        };
    }
    let line = line(&asked.line, dialect)?;
    let mut bench = Bench::open(arguments)?;
    let weighed = bench.judge(&line, None)?;
    let impact = bench.impact(&weighed, None);
    show(&line, &weighed, &impact, asked.json, None)
}

/// Everything there is to say, and where the line is a record's, how it compares with that.
pub fn show(line: &Line, weighed: &Weighed, impact: &[String], json: bool, record: Option<(&str, bool)>) -> Outcome {
    let explanation = explain(&line.judged, weighed);
    let answer = if record.is_none_or(|(_, same)| same) { Answer::Yes } else { Answer::No };
    if json {
        let mut value = serde_json::to_value(&explanation)?;
        if let Some(table) = value.as_object_mut() {
            table.insert("impact".to_owned(), impact.into());
        }
        if let (Some((told, same)), Some(table)) = (record, value.as_object_mut()) {
            table.insert("as_recorded".to_owned(), same.into());
            table.insert("record".to_owned(), told.into());
        }
        print(&serde_json::to_string(&value)?);
        return Ok(answer);
    }
    print(&format!("line      {}", escape(&line.received)));
    print(&format!("verdict   {}", sentence(weighed)));
    if let Some((told, _)) = record {
        print(&format!("record    {}", escape(told.as_bytes())));
    }
    print(&format!("coverage  {}   risk {}", explanation.output.coverage, explanation.output.risk));
    actions(&explanation);
    findings(&explanation, &line.judged);
    if !impact.is_empty() {
        print("takes");
        impact.iter().for_each(|row| print(&format!("  {row}")));
    }
    if let Some(change) = &explanation.change {
        print("to change it (the least change of policy):");
        for text in change.lines() {
            print(&format!("  {text}"));
        }
    }
    Ok(answer)
}

fn actions(explanation: &Explanation<'_>) {
    print("actions");
    for action in &explanation.output.actions {
        let words: Vec<String> = action
            .argv
            .iter()
            .map(|word| word.as_deref().map_or("…".to_owned(), |word| shell_words::quote(word).into_owned()))
            .collect();
        let via = if action.via.is_empty() { String::new() } else { format!("{} > ", action.via.join(" > ")) };
        let shown =
            if words.is_empty() { action.program.as_deref().unwrap_or("?").to_owned() } else { words.join(" ") };
        print(&format!("  {via}{}", escape(shown.as_bytes())));
        for effect in &action.effects {
            let object = effect.object.as_deref().unwrap_or("");
            let scope = effect.scope.map(|scope| format!(" ({scope})")).unwrap_or_default();
            print(&format!("      {} {}{scope}", effect.kind, escape(object.as_bytes())));
        }
    }
}

fn findings(explanation: &Explanation<'_>, line: &[u8]) {
    if explanation.findings.is_empty() {
        return;
    }
    print("findings");
    for finding in &explanation.findings {
        let certain = if finding.certain { "" } else { " (possible)" };
        print(&format!("  {} [{}]{certain} {}", finding.tier, finding.rule, escape(finding.what.as_bytes())));
        underline(line, finding.span.start as usize, finding.span.end as usize);
        print(&format!("      why: {}", escape(finding.why.as_bytes())));
        if let Some(needs) = &finding.needs {
            print(&format!("      yes: {needs}"));
        }
        if let Some(instead) = &finding.instead {
            print(&format!("      instead: {}", escape(instead.as_bytes())));
        }
        if let Some(undo) = &finding.undo {
            print(&format!("      undo: {}", escape(undo.as_bytes())));
        }
        if let Some(relaxed) = &finding.relaxed {
            print(&format!("      relaxed: {}", escape(relaxed.as_bytes())));
        }
    }
}

/// The row of the line where the span starts, with carets below it.
fn underline(line: &[u8], start: usize, end: usize) {
    if end <= start || start >= line.len() {
        return;
    }
    let before = line.get(..start).unwrap_or_default();
    let row_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let row_end = line
        .get(start..)
        .unwrap_or_default()
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(line.len(), |at| at + start);
    let end = end.min(row_end).max(start + 1).min(line.len());
    let lead = escape(line.get(row_start..start).unwrap_or_default());
    let marked = escape(line.get(start..end).unwrap_or_default());
    let rest = escape(line.get(end..row_end).unwrap_or_default());
    print(&format!("      {lead}{marked}{rest}"));
    print(&format!("      {}{}", " ".repeat(lead.chars().count()), "^".repeat(marked.chars().count().max(1))));
}
