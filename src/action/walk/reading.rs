//! `read`: what the names hold afterwards.

use std::rc::Rc;

use super::held::Held;
use super::letters::letters;
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Walker};
use crate::action::{Action, Bound, Value, path};

impl Walker<'_> {
    /// `read names`: from known text its words, else what is known of the stream's lines.
    #[inline(never)]
    pub(super) fn read(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let (given, names) = letters(arguments, b"adinNptu");
        let option = |letter: u8| given.iter().rev().find(|(own, _)| *own == letter).map(|(_, value)| value);
        let array = option(b'a').cloned();
        if let Some(number) = option(b'u') {
            self.own_descriptor(number);
        }
        // `-u 3`: from that descriptor.
        let stream = match option(b'u').map(Value::text) {
            None | Some(Some(b"0")) => Rc::clone(&frame.stdin),
            Some(Some(number)) => {
                let made = state.made(&[b"/dev/fd/", number].concat());
                Rc::new(made.map_or_else(Stream::outside, super::held::Made::stream))
            }
            Some(None) => Rc::new(Stream::outside()),
        };
        let taint = stream.from.clone();
        let limits: Vec<Option<usize>> = [b'n', b'N']
            .into_iter()
            .filter_map(option)
            .map(|count| std::str::from_utf8(count.text()?).ok()?.parse().ok())
            .collect();
        let end = option(b'd').map_or(Some(b'\n'), |end| end.text().map(|end| end.first().copied().unwrap_or(0)));
        let raw = given.iter().any(|(letter, _)| *letter == b'r');
        let known = match (stream.text.as_ref().and_then(Value::text), end, limits.as_slice()) {
            (Some(text), Some(end), []) => Some(records(text, end, raw)),
            (Some(text), Some(end), [Some(most)]) if option(b'N').is_none() => {
                let mut all = records(text, end, raw);
                all.iter_mut().for_each(|record| record.truncate(*most));
                Some(all)
            }
            _ => None,
        };
        let several = known.as_ref().is_some_and(|lines: &Vec<Record>| lines.len() > 1);
        // Of several lines a loop, and whoever reads what others read from too, gets any.
        let first = !frame.repeated && (frame.own || !several);
        let separators = match state.variable(b"IFS") {
            None => b" \t\n".to_vec(),
            Some(variable) if variable.held == Held::Unset => b" \t\n".to_vec(),
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
                _ => unknown_elements(Value {
                    many: true,
                    taint,
                    ..Value::hole("words of standard input", path::cut(&stream.bound))
                }),
            };
            self.store(&array, held, action, state, frame);
            return;
        }
        let reply = [Value::known("REPLY")];
        // Without names nothing is cut off the line.
        let separators = if names.is_empty() { Vec::new() } else { separators };
        let names = if names.is_empty() { &reply } else { names };
        let count = names.len();
        for (index, name) in names.iter().enumerate() {
            let each = |line: &Record| {
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
                    let bound = if count == 1 { path::cut(&stream.bound) } else { Bound::Anything };
                    Held::One(Value { taint: taint.clone(), ..Value::hole("a line of standard input", bound) })
                }
            };
            self.store(name, held, action, state, frame);
        }
    }

    /// `mapfile array`: its lines; `-C` runs a command for them.
    #[inline(never)]
    pub(super) fn map_file(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let (given, names) = letters(arguments, b"cCdnOsu");
        if let Some((_, number)) = given.iter().rev().find(|(letter, _)| *letter == b'u') {
            self.own_descriptor(number);
        }
        let default = Value::known("MAPFILE");
        let target = names.first().unwrap_or(&default);
        let plain = given.iter().all(|(letter, _)| matches!(letter, b't' | b'C' | b'c'));
        let ending: &[u8] = if given.iter().any(|(letter, _)| *letter == b't') { b"" } else { b"\n" };
        let held = match frame.stdin.text.as_ref().and_then(Value::text) {
            Some(text) if plain && text.len() < 4096 && (frame.own || !text.trim_ascii_end().contains(&b'\n')) => {
                Held::Array(
                    lines(text)
                        .into_iter()
                        .enumerate()
                        .map(|(at, line)| {
                            let line = Value::known(line).with(ending);
                            (at.to_string().into_bytes(), Value { taint: frame.stdin.from.clone(), ..line })
                        })
                        .collect(),
                )
            }
            _ => unknown_elements(Value {
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

/// An array of any number of elements: one that is set to a text later keeps those behind its first.
fn unknown_elements(each: Value) -> Held {
    Held::Array(vec![(b"1".to_vec(), each)])
}

pub(super) fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// A line that `read` takes: its bytes, and whether a backslash stood before them.
type Record = Vec<(u8, bool)>;

/// The lines of a text, up to `end` each.
fn records(text: &[u8], end: u8, raw: bool) -> Vec<Record> {
    let mut all = Vec::new();
    let mut record = Record::new();
    let mut bytes = text.iter().copied();
    let mut open = false;
    while let Some(byte) = bytes.next() {
        open = true;
        match byte {
            b'\\' if !raw => match bytes.next() {
                // A line that goes on.
                Some(b'\n') => {}
                Some(next) => record.push((next, true)),
                None => {}
            },
            byte if byte == end => {
                all.push(std::mem::take(&mut record));
                open = false;
            }
            byte => record.push((byte, false)),
        }
    }
    if open || all.is_empty() {
        // What ends without its mark is read too.
        if record.last() == Some(&(b'\n', false)) && end != b'\n' {
            record.pop();
        }
        all.push(record);
    }
    all
}

/// Words of a line as `read` splits it: the last name takes the rest.
fn split(line: &Record, separators: &[u8], count: usize) -> Vec<Vec<u8>> {
    let separates = |(byte, quoted): &(u8, bool)| !quoted && separators.contains(byte);
    let blank = |pair: &(u8, bool)| separates(pair) && pair.0.is_ascii_whitespace();
    let bytes = |pairs: &[(u8, bool)]| pairs.iter().map(|(byte, _)| *byte).collect::<Vec<u8>>();
    let skip = |rest: &mut &[(u8, bool)]| {
        let length = rest.iter().take_while(|pair| blank(pair)).count();
        *rest = rest.get(length..).unwrap_or_default();
    };
    let mut out = Vec::new();
    let mut rest = line.as_slice();
    skip(&mut rest);
    while !rest.is_empty() {
        let from = rest;
        let length = rest.iter().position(separates).unwrap_or(rest.len());
        let word = bytes(rest.get(..length).unwrap_or_default());
        rest = rest.get(length..).unwrap_or_default();
        skip(&mut rest);
        if rest.first().is_some_and(separates) {
            rest = rest.get(1..).unwrap_or_default();
            skip(&mut rest);
        }
        if out.len() + 1 >= count && !rest.is_empty() {
            let end = from.iter().rposition(|pair| !blank(pair)).map_or(0, |at| at + 1);
            out.push(bytes(from.get(..end).unwrap_or_default()));
            return out;
        }
        out.push(word);
    }
    out
}
