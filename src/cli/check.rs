//! `vetsh check`: the verdict on one line.

use super::answer::{Answer, Outcome, print};
use super::arguments::{Arguments, Check};
use super::batch;
use super::bench::{Bench, dialect, line};
use crate::judge::Weighed;
use crate::judge::batch::output;
use crate::text::escape;

pub fn run(arguments: &Arguments, asked: &Check) -> Outcome {
    if let Some(file) = &asked.batch {
        return batch::run(arguments, file);
    }
    let line = line(&asked.line, dialect(&asked.dialect)?)?;
    let weighed = Bench::open(arguments)?.judge(&line, None)?;
    if asked.json {
        print(&serde_json::to_string(&output(&line.received, &weighed))?);
    } else {
        print(&sentence(&weighed));
    }
    Ok(if asked.exit_code { Answer::Code(weighed.verdict.tier.exit_code()) } else { Answer::Yes })
}

/// The verdict as one line for a human.
pub fn sentence(weighed: &Weighed) -> String {
    let verdict = &weighed.verdict;
    let mut text = verdict.tier.name().to_owned();
    if let Some(finding) = verdict.deciding.and_then(|at| verdict.findings.get(at)) {
        text.push_str(&format!(" [{}] {}; {}", finding.rule, finding.what, finding.why));
        if let Some(instead) = &finding.instead {
            text.push_str(&format!("; instead: {instead}"));
        }
    }
    escape::escape(text.as_bytes())
}
