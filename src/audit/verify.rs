//! Reads the whole log and says whether the chain holds.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::line::{self, FIRST, Fault, LONGEST};
use super::log::days;
use super::signature::SignedAnswer;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The day's file.
    pub file: String,
    /// The line, from 1; 0 stands for the file.
    pub line: usize,
    /// What.
    pub what: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Days read.
    pub files: usize,
    /// Records read.
    pub records: u64,
    /// The number of the first and of the last record.
    pub first: Option<u64>,
    /// See `first`.
    pub last: Option<u64>,
    /// The last record's hash: note it elsewhere, and a log cut off behind it is found out.
    pub hash: Option<String>,
    /// Incidents that the log itself tells.
    pub incidents: u64,
    /// What approvers signed.
    pub signed: Vec<SignedAnswer>,
    /// What does not hold, in order.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether the chain holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Verifies every day below `audit`.
pub fn verify(audit: &Path) -> io::Result<Report> {
    let mut report = Report::default();
    let mut prev: Option<(u64, String)> = None;
    let mut ids = HashSet::new();
    for day in days(audit)? {
        let name = format!("{day}.jsonl");
        report.files += 1;
        let mut number = 0;
        each(&audit.join(&name), |bytes, whole| {
            number += 1;
            let mut problem = |what: String| report.problems.push(Problem { file: name.clone(), line: number, what });
            if !whole {
                problem(format!("{} bytes without a line feed: a record was cut short", bytes.len()));
                return;
            }
            let link = match line::read(bytes) {
                Ok(link) => link,
                // What it said of its place is not to be believed; the chain is taken up again at the next.
                Err(fault) => {
                    prev = None;
                    return problem(match fault {
                        Fault::Hash => "the hash is not that of the line".into(),
                        Fault::Shape => "this is no record".into(),
                    });
                }
            };
            if let Some(signed) = SignedAnswer::of(bytes) {
                if signed.holds == Some(false) {
                    problem(format!("the signature of {} does not hold", signed.by));
                }
                report.signed.push(signed);
            }
            if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_err() {
                problem("this is not JSON".into());
            }
            let (seq, hash) = prev.take().unwrap_or((link.seq.saturating_sub(1), link.prev.clone()));
            if link.seq != seq + 1 {
                problem(format!("number {} follows number {seq}", link.seq));
            }
            if link.prev != hash {
                problem("the previous hash is not that of the record before".into());
            }
            if link.seq == 1 && link.prev != FIRST {
                problem("the first record names one before it".into());
            }
            if !ids.insert(link.id.clone()) {
                problem(format!("the id {} stands there twice", link.id));
            }
            if !link.ts.starts_with(&day) && link.ts.get(..10).is_some_and(|date| date > day.as_str()) {
                problem("the record is of a later day than its file".into());
            }
            let head = bytes.get(..bytes.len().min(400)).unwrap_or_default();
            if head.windows(18).any(|window| window == br#""kind":"incident","#.as_slice()) {
                report.incidents += 1;
            }
            report.records += 1;
            report.first.get_or_insert(link.seq);
            report.last = Some(link.seq);
            prev = Some((link.seq, link.hash));
        })?;
    }
    if let Some(first) = report.first.filter(|first| *first > 1) {
        let what = format!("the log begins with number {first}: earlier days are missing");
        report.problems.push(Problem { file: String::new(), line: 0, what });
    }
    report.hash = prev.map(|(_, hash)| hash);
    ahead(audit, &mut report);
    Ok(report)
}

/// The head is written after the record; where it is ahead, records were taken away from the end.
fn ahead(audit: &Path, report: &mut Report) {
    let Ok(text) = std::fs::read_to_string(audit.join("head")) else { return };
    let seq = text.split(' ').nth(1).and_then(|seq| seq.parse::<u64>().ok());
    if let Some(seq) = seq.filter(|seq| *seq > report.last.unwrap_or(0)) {
        let what = format!("number {seq} was written, the log ends with {}", report.last.unwrap_or(0));
        report.problems.push(Problem { file: "head".into(), line: 0, what });
    }
}

/// Hands over every line of a file, and whether it ended with a line feed. Memory is bounded by the longest record.
fn each(path: &Path, mut line: impl FnMut(&[u8], bool)) -> io::Result<()> {
    use std::io::Read;
    let mut reader = BufReader::with_capacity(128 * 1024, File::open(path)?);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if (&mut reader).take(4 * LONGEST as u64).read_until(b'\n', &mut buffer)? == 0 {
            return Ok(());
        }
        match buffer.strip_suffix(b"\n") {
            Some(bytes) => line(bytes, true),
            None => line(&buffer, false),
        }
    }
}

/// The last `count` records, oldest first, as their lines.
pub fn tail(audit: &Path, count: usize) -> io::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for day in days(audit)?.into_iter().rev() {
        let mut of_day = Vec::new();
        each(&audit.join(format!("{day}.jsonl")), |bytes, _| of_day.push(bytes.to_vec()))?;
        of_day.append(&mut found);
        found = of_day;
        if found.len() >= count {
            break;
        }
    }
    Ok(found.split_off(found.len().saturating_sub(count)))
}

/// The whole lines in the last `bytes` of the newest day's file, oldest first.
pub fn recent(audit: &Path, bytes: u64) -> io::Result<Vec<Vec<u8>>> {
    use std::os::unix::fs::FileExt;
    let Some(day) = days(audit)?.pop() else { return Ok(Vec::new()) };
    let file = std::fs::File::open(audit.join(format!("{day}.jsonl")))?;
    let length = file.metadata()?.len();
    let from = length.saturating_sub(bytes);
    let mut text = vec![0; usize::try_from(length - from).unwrap_or_default()];
    file.read_exact_at(&mut text, from)?;
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    // What stands behind the last line feed is none yet, and the first may have lost its head.
    lines.pop();
    if from > 0 && !lines.is_empty() {
        lines.remove(0);
    }
    Ok(lines)
}

/// The record of that id, or the only one whose id begins or ends so.
pub fn show(audit: &Path, id: &str) -> io::Result<Option<Vec<u8>>> {
    let mut found = Vec::new();
    query(audit, |link, bytes| {
        if link.id.starts_with(id) || link.id.ends_with(id) {
            found.push(bytes.to_vec());
        }
    })?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Hands every whole record of the newest `count` days to `see`, oldest first.
pub fn days_back(audit: &Path, count: usize, mut see: impl FnMut(&[u8])) -> io::Result<()> {
    let days = days(audit)?;
    for day in days.iter().skip(days.len().saturating_sub(count)) {
        each(&audit.join(format!("{day}.jsonl")), |bytes, _| see(bytes))?;
    }
    Ok(())
}

/// Hands every whole record to `see`, oldest first.
pub fn query(audit: &Path, mut see: impl FnMut(&line::Link, &[u8])) -> io::Result<()> {
    for day in days(audit)? {
        each(&audit.join(format!("{day}.jsonl")), |bytes, _| {
            if let Ok(link) = line::read(bytes) {
                see(&link, bytes);
            }
        })?;
    }
    Ok(())
}
