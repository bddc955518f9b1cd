//! `vetsh check --batch`: one JSON object in, one out, in order. A malformed one gives `{"error": …}` in its place and final status 2.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::answer::{Answer, Outcome, Problem};
use super::arguments::Arguments;
use super::bench::{Bench, dialect};
use crate::invocation::{LONGEST, Line};
use crate::judge::batch::output;
use crate::judge::{Changes, Fixture};

/// One question.
#[derive(Debug, Deserialize)]
struct Question {
    cmd: Option<String>,
    cmd_b64: Option<String>,
    cwd: Option<String>,
    dialect: Option<String>,
    world: Option<serde_json::Value>,
}

/// Answers not yet written. JSON is written by quotes and commas: each is put down here, not sent through a call for many bytes.
struct Rows(Vec<u8>);

impl Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match bytes {
            [byte] => self.0.push(*byte),
            bytes => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Bytes of answers that are kept before they are written.
const FULL: usize = 64 << 10;

pub fn run(arguments: &Arguments, file: &Path) -> Outcome {
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(file).map_err(|error| Problem(format!("{}: {error}", file.display())))?)
    };
    let mut bench = Bench::open(arguments)?;
    let mut out = std::io::stdout().lock();
    let mut rows = Rows(Vec::new());
    let mut bad = false;
    let mut input = BufReader::new(input);
    let mut text = Vec::new();
    loop {
        // Whoever asks line by line gets each answer before the next question is waited for.
        if rows.0.len() > FULL || !input.buffer().contains(&b'\n') {
            match out.write_all(&rows.0).and_then(|()| out.flush()) {
                Ok(()) => rows.0.clear(),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Answer::Yes),
                Err(error) => return Err(Problem(format!("the answers could not be written: {error}"))),
            }
        }
        text.clear();
        if input.read_until(b'\n', &mut text).map_err(|error| Problem(format!("{}: {error}", file.display())))? == 0 {
            break;
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        if let Err(Problem(problem)) = answer(&mut bench, text.strip_suffix(b"\n").unwrap_or(&text), &mut rows) {
            bad = true;
            serde_json::to_writer(&mut rows, &serde_json::json!({ "error": problem }))?;
        }
        rows.0.push(b'\n');
    }
    Ok(if bad { Answer::Code(2) } else { Answer::Yes })
}

/// Writes the answer behind `rows`; where there is none, nothing.
fn answer(bench: &mut Bench, text: &[u8], rows: &mut Rows) -> Result<(), Problem> {
    let question: Question =
        serde_json::from_slice(text).map_err(|error| Problem(format!("not a question: {error}")))?;
    let command = match (question.cmd, question.cmd_b64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(text)) => STANDARD.decode(text).map_err(|error| Problem(format!("cmd_b64: {error}")))?,
        _ => return Err(Problem("one of cmd and cmd_b64 is needed".to_owned())),
    };
    if command.len() > LONGEST {
        return Err(Problem(format!("a line of {} bytes; at most {LONGEST} are judged", command.len())));
    }
    let line = Line::of_text(command, dialect(question.dialect.as_deref().unwrap_or("bash"))?);
    let weighed = match question.world {
        None | Some(serde_json::Value::Null) => bench.judge(&line, question.cwd.as_deref().map(str::as_bytes))?,
        Some(serde_json::Value::String(name)) if name == "fixture" => {
            bench.judge_in(&line, &Fixture::new(&Changes { cwd: question.cwd, ..Changes::default() }))?
        }
        Some(world) => {
            let mut changes: Changes =
                serde_json::from_value(world).map_err(|error| Problem(format!("world: {error}")))?;
            changes.cwd = question.cwd.or(changes.cwd);
            bench.judge_in(&line, &Fixture::new(&changes))?
        }
    };
    Ok(serde_json::to_writer(rows, &output(&line.received, &weighed))?)
}
