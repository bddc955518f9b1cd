//! Lines that are typed at a terminal: edited key by key, completed, looked up among the earlier ones, before anybody else sees them.
//!
//! The prompt is the shell's. Where it ends the terminal is asked; one that does not answer edits its lines itself.

use std::collections::VecDeque;
use std::io;

use nix::poll::PollTimeout;

use super::completion::{Completes, Completion};
use crate::invocation::LONGEST;
use crate::sys::feed::{Next, Spoon};
use crate::sys::terminal::KeyByKey;
use crate::text::drawing::{Drawing, width};
use crate::text::editing::{Editing, Step};
use crate::text::keys::{Key, Keys};
use crate::text::{escape, escape_lines};

/// Lines that are typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    editing: Editing,
    /// What was written and is not taken yet.
    ready: VecDeque<u8>,
    /// Keys that came while the terminal was to answer.
    waiting: VecDeque<Key>,
    /// The terminal edits its lines itself.
    plain: bool,
}

/// Asks a terminal where its cursor stands (ECMA-48, DSR).
const WHERE: &str = "\x1b[6n";
/// What a terminal takes at most to answer, in milliseconds.
const ANSWER: u16 = 500;
/// What the rest of a sequence takes at most.
const SEQUENCE: u16 = 50;

/// Longer lines are not looked up again, nor shown as a whole.
const KEPT: usize = 16 << 10;
/// What is shown of them, before the cursor and behind it.
const AROUND: usize = 500;

/// How a line ended.
enum Ended {
    Line,
    Next(Next),
    /// The terminal said nothing: what was typed meanwhile.
    Silent(Vec<u8>),
}

impl Typed {
    /// For a terminal of that name (`TERM`).
    pub(super) fn on(terminal: Option<&[u8]>) -> Typed {
        let plain = matches!(terminal, None | Some(b"" | b"dumb" | b"unknown"));
        Typed { plain, ..Typed::default() }
    }

    /// The next byte of what was written. `complete` tells how what stands before the cursor may go on.
    pub(super) fn next_byte(&mut self, spoon: &Spoon, complete: Completes<'_>) -> io::Result<Next> {
        loop {
            if let Some(byte) = self.ready.pop_front() {
                return Ok(Next::Byte(byte));
            }
            let held = if self.plain { None } else { KeyByKey::begin().ok() };
            let Some(terminal) = held else {
                self.plain = true;
                return spoon.next_byte();
            };
            self.editing.begin();
            match self.line(&terminal, spoon, complete)? {
                Ended::Line => {
                    let line = self.editing.text();
                    if line.len() <= KEPT {
                        self.editing.keep(&line);
                    }
                    self.ready.extend(line.into_iter().chain([b'\n']));
                }
                Ended::Next(next) => return Ok(next),
                Ended::Silent(typed) => {
                    self.plain = true;
                    self.waiting.clear();
                    // As the terminal would have done.
                    let shown = escape_lines(&typed).join("\r\n");
                    terminal.write(&shown)?;
                    if typed.ends_with(b"\n") {
                        terminal.write("\r\n")?;
                    }
                    self.ready.extend(typed);
                }
            }
        }
    }

    fn line(&mut self, terminal: &KeyByKey, spoon: &Spoon, complete: Completes<'_>) -> io::Result<Ended> {
        let mut keys = Keys::default();
        // What is longer than a line may be is given on as it is, and refused.
        let is_full = |editing: &Editing| editing.length() > LONGEST;
        // What was typed before it was asked for is a line already, perhaps, and behind that the input of its command.
        let typed_ahead = loop {
            let key = match self.waiting.pop_front() {
                Some(key) => key,
                None => match spoon.byte_within(PollTimeout::ZERO)? {
                    None => break !self.editing.text().is_empty(),
                    // The end that was typed while the terminal still read lines (n_tty keeps it as this).
                    Some(Next::Byte(0)) => Key::EndOfInput,
                    Some(Next::Byte(byte)) => match keys.take(byte) {
                        Some(key) => key,
                        None => continue,
                    },
                    Some(next) => return Ok(ended(terminal, next)),
                },
            };
            let key = if key == Key::Complete { Key::Letter(b"\t".to_vec()) } else { key };
            match self.editing.take(key) {
                _ if is_full(&self.editing) => return Ok(Ended::Line),
                Step::Done => {
                    terminal.write(&format!("{}\r\n", escape(&self.editing.text())))?;
                    return Ok(Ended::Line);
                }
                Step::End => return Ok(Ended::Next(Next::End)),
                Step::Show | Step::Nothing => {}
            }
        };
        terminal.write(WHERE)?;
        let mut typed = self.editing.text();
        let begins = loop {
            let byte = match spoon.byte_within(PollTimeout::from(ANSWER))? {
                None => return Ok(Ended::Silent(typed)),
                // One that sends without an end and answers nothing.
                Some(Next::Byte(_)) if typed.len() > LONGEST || self.waiting.len() > LONGEST => {
                    return Ok(Ended::Silent(typed));
                }
                Some(Next::Byte(byte)) => byte,
                Some(next) => return Ok(ended(terminal, next)),
            };
            let key = keys.take(byte);
            match &key {
                Some(Key::Cursor(_, column)) => break column.saturating_sub(1),
                Some(Key::Letter(letter)) => typed.extend(letter),
                Some(Key::Enter) => typed.push(b'\n'),
                Some(_) | None => {}
            }
            self.waiting.extend(key);
        };
        let mut drawing = Drawing::at(begins, terminal.size().0);
        let (mut shown, mut clears, mut below) = (!typed_ahead, false, Vec::new());
        loop {
            let key = match self.waiting.pop_front() {
                Some(key) => key,
                None => {
                    // What is pasted is shown once all of it is there.
                    let mut next = spoon.byte_within(PollTimeout::ZERO)?;
                    if next.is_none() && !shown {
                        self.show(terminal, &mut drawing, &below)?;
                        shown = true;
                    }
                    if next.is_none() {
                        let patience = if keys.has_begun() { PollTimeout::from(SEQUENCE) } else { PollTimeout::NONE };
                        next = spoon.byte_within(patience)?;
                    }
                    match next {
                        None => {
                            keys.give_up();
                            continue;
                        }
                        Some(Next::Byte(byte)) => match keys.take(byte) {
                            Some(key) => key,
                            None => continue,
                        },
                        Some(next) => return Ok(ended(terminal, next)),
                    }
                }
            };
            if !below.is_empty() && !matches!(key, Key::Cursor(..) | Key::Other) {
                below.clear();
                shown = false;
            }
            match key {
                Key::Clear => {
                    clears = true;
                    terminal.write(WHERE)?;
                    continue;
                }
                Key::Cursor(row, _) => {
                    let above = row.saturating_sub(1 + drawing.row());
                    if std::mem::take(&mut clears) && above > 0 {
                        terminal.write(&format!("\x1b[{above}S\x1b[{above}A"))?;
                    }
                    continue;
                }
                Key::Complete if self.editing.looks_for().is_none() => {
                    // In what is pasted it is what it is: hands are slower.
                    match spoon.byte_within(PollTimeout::ZERO)? {
                        None => {}
                        Some(Next::Byte(byte)) => self.waiting.extend(keys.take(byte)),
                        Some(next) => return Ok(ended(terminal, next)),
                    }
                    shown = false;
                    if keys.has_begun() || !self.waiting.is_empty() {
                        self.editing.take(Key::Letter(b"\t".to_vec()));
                        continue;
                    }
                    match complete(&self.editing.before()) {
                        Some(Completion { taken, text, choices }) => {
                            self.editing.replace(taken, &text);
                            below = rows(&choices, terminal.size());
                        }
                        None => terminal.write("\x07")?,
                    }
                    continue;
                }
                key => match self.editing.take(key) {
                    _ if is_full(&self.editing) => return Ok(Ended::Line),
                    Step::Show => shown = false,
                    Step::Nothing => {}
                    Step::Done => {
                        self.show(terminal, &mut drawing, &[])?;
                        terminal.write(&drawing.leave())?;
                        return Ok(Ended::Line);
                    }
                    Step::End => return Ok(Ended::Next(Next::End)),
                },
            }
        }
    }

    fn show(&self, terminal: &KeyByKey, drawing: &mut Drawing, below: &[String]) -> io::Result<()> {
        let (before, behind) = (self.editing.before(), self.editing.behind());
        let length = before.len() + behind.len();
        // Of what no screen holds the part around the cursor is shown: all of it anew for each part of a long paste has no end.
        let (mut before, behind) = if length > KEPT {
            let start = before.len().saturating_sub(AROUND);
            let near = behind.get(..AROUND).unwrap_or(&behind);
            (format!("({length} bytes) {}", escape(before.get(start..).unwrap_or_default())), escape(near))
        } else {
            (escape(&before), escape(&behind))
        };
        if let Some(pattern) = self.editing.looks_for() {
            before = format!("(search '{}') {before}", escape(pattern));
        }
        drawing.columns = terminal.size().0.max(2);
        terminal.write(&drawing.show(&before, &behind, below))
    }
}

fn ended(terminal: &KeyByKey, next: Next) -> Ended {
    if next == Next::Interrupted {
        // As the terminal shows that key.
        let _ = terminal.write("^C");
    }
    Ended::Next(next)
}

/// Choices in columns, as many as half of the screen has room for.
fn rows(choices: &[Vec<u8>], (columns, height): (usize, usize)) -> Vec<String> {
    let names: Vec<String> = choices.iter().map(|choice| escape(choice)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0) + 2;
    let abreast = (columns / widest).max(1);
    let most = (height / 2).max(2) - 1;
    let mut rows: Vec<String> = names
        .chunks(abreast)
        .take(most)
        .map(|names| {
            let padded = names.iter().map(|name| format!("{name}{}", " ".repeat(widest - width(name))));
            padded.collect::<String>().trim_end().to_owned()
        })
        // A row that the terminal breaks would be two.
        .filter(|row| width(row) < columns)
        .collect();
    if names.len() > abreast * most {
        rows.push(format!("... {} in all", names.len()));
    }
    rows
}
