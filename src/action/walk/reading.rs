//! `read`: what the names hold afterwards.

use super::letters::letters;
use super::state::{Held, State};
use super::walker::{Frame, Walker};
use crate::action::{Action, Bound, Value, path};

impl Walker<'_> {
    /// `read names`: from known text its words, else what is known of the stream's lines.
    pub(super) fn read(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let (given, names) = letters(arguments, b"adinNptu");
        let array = given.iter().rev().find(|(letter, _)| *letter == b'a').map(|(_, name)| name.clone());
        let taint = frame.stdin.from.clone();
        let known = frame.stdin.text.as_ref().and_then(Value::text).map(lines);
        let several = known.as_ref().is_some_and(|lines: &Vec<Vec<u8>>| lines.len() > 1);
        // Of several lines a loop, and whoever reads what others read from too, gets any.
        let first = !frame.repeated && (frame.own || !several);
        let separators = match state.variable(b"IFS") {
            None => b" \t".to_vec(),
            Some(_) => self.read_variable(b"IFS", state).text().unwrap_or_default().to_vec(),
        };
        let separators = match action.assigns.iter().find(|(name, _)| name == b"IFS") {
            Some((_, value)) => value.text().unwrap_or_default().to_vec(),
            None => separators,
        };
        if let Some(array) = array {
            let held = match known.as_ref().and_then(|lines| lines.first()) {
                Some(line) if first => Held::Array(
                    split(line, &separators, usize::MAX)
                        .into_iter()
                        .enumerate()
                        .map(|(at, word)| (at.to_string().into_bytes(), Value::known(word)))
                        .collect(),
                ),
                _ => Held::One(Value {
                    many: true,
                    taint,
                    ..Value::hole("words of standard input", path::cut(&frame.stdin.bound))
                }),
            };
            self.store(&array, held, action, state, frame);
            return;
        }
        let reply = [Value::known("REPLY")];
        let names = if names.is_empty() { &reply } else { names };
        let count = names.len();
        for (index, name) in names.iter().enumerate() {
            let each = |line: &Vec<u8>| {
                let word = split(line, &separators, count).into_iter().nth(index).unwrap_or_default();
                Value { taint: taint.clone(), ..Value::known(word) }
            };
            let held = match &known {
                Some(lines) if !first && (1..=8).contains(&lines.len()) => {
                    let mut values: Vec<Value> = lines.iter().map(each).collect();
                    values.dedup();
                    if values.len() == 1 { Held::One(values.remove(0)) } else { Held::Either(values) }
                }
                Some(lines) if first => Held::One(lines.first().map(each).unwrap_or_default()),
                _ => {
                    let bound = if count == 1 { path::cut(&frame.stdin.bound) } else { Bound::Anything };
                    Held::One(Value { taint: taint.clone(), ..Value::hole("a line of standard input", bound) })
                }
            };
            self.store(name, held, action, state, frame);
        }
    }

    /// `mapfile array`: its lines; `-C` runs a command for them.
    pub(super) fn map_file(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let (given, names) = letters(arguments, b"cCdnOsu");
        let default = Value::known("MAPFILE");
        let target = names.first().unwrap_or(&default);
        let held = match frame.stdin.text.as_ref().and_then(Value::text) {
            Some(text) if text.len() < 4096 && (frame.own || !text.trim_ascii_end().contains(&b'\n')) => Held::Array(
                lines(text)
                    .into_iter()
                    .enumerate()
                    .map(|(at, line)| {
                        (at.to_string().into_bytes(), Value { taint: frame.stdin.from.clone(), ..Value::known(line) })
                    })
                    .collect(),
            ),
            _ => Held::One(Value {
                many: true,
                taint: frame.stdin.from.clone(),
                ..Value::hole("lines of standard input", path::cut(&frame.stdin.bound))
            }),
        };
        self.store(target, held, action, state, frame);
        for (_, code) in given.iter().filter(|(letter, _)| *letter == b'C') {
            // It gets the index and the line as further words.
            let mut code = code.clone();
            code.push_known(b" 0 ");
            code.push(&Value { taint: frame.stdin.from.clone(), ..Value::hole("a line", Bound::Name) });
            self.shell_text(&code, b"mapfile", state, frame, action.span);
        }
    }
}

pub(super) fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Words of a line as `read` splits it: the last name takes the rest.
fn split(line: &[u8], separators: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        while rest.first().is_some_and(|byte| separators.contains(byte)) {
            rest = rest.get(1..).unwrap_or_default();
        }
        if rest.is_empty() {
            return out;
        }
        if out.len() + 1 >= count {
            let end = rest.iter().rposition(|byte| !separators.contains(byte)).map_or(0, |at| at + 1);
            out.push(rest.get(..end).unwrap_or_default().to_vec());
            return out;
        }
        let end = rest.iter().position(|byte| separators.contains(byte)).unwrap_or(rest.len());
        out.push(rest.get(..end).unwrap_or_default().to_vec());
        rest = rest.get(end..).unwrap_or_default();
    }
}
