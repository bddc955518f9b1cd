//! A line while it is written, and the lines before it: what keys make of them. What it looks like on a screen is another's.

use super::keys::{Key, Letter};

/// A line while it is written.
#[derive(Debug, Default)]
pub struct Editing {
    letters: Vec<Letter>,
    /// Where the cursor stands: before that letter.
    at: usize,
    /// What was taken away last.
    killed: Vec<Letter>,
    /// The earlier lines, oldest first.
    history: Vec<Vec<u8>>,
    /// Which of them is shown, and what was written before it was.
    shown: Option<(usize, Vec<Letter>)>,
    search: Option<Search>,
}

/// A search through the earlier lines.
#[derive(Debug, Default)]
struct Search {
    pattern: Vec<u8>,
    /// What was written before it began.
    before: Vec<Letter>,
    /// The line that has it.
    found: Option<usize>,
}

/// What is to be done once a key was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The line is to be shown as it is now.
    Show,
    /// Nothing.
    Nothing,
    /// It is done.
    Done,
    /// There are no more lines.
    End,
}

/// More earlier lines are not kept.
const MOST: usize = 1000;

impl Editing {
    /// The line.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        self.letters.concat()
    }

    /// How many letters it has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.letters.len()
    }

    /// What stands before the cursor.
    #[must_use]
    pub fn before(&self) -> Vec<u8> {
        self.letters.get(..self.at).unwrap_or_default().concat()
    }

    /// What stands behind it.
    #[must_use]
    pub fn behind(&self) -> Vec<u8> {
        self.letters.get(self.at..).unwrap_or_default().concat()
    }

    /// What is looked for among the earlier lines.
    #[must_use]
    pub fn looks_for(&self) -> Option<&[u8]> {
        self.search.as_ref().map(|search| search.pattern.as_slice())
    }

    /// A new line.
    pub fn begin(&mut self) {
        self.letters.clear();
        (self.at, self.shown, self.search) = (0, None, None);
    }

    /// Keeps a line that was written.
    pub fn keep(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() || self.history.last().is_some_and(|last| last == line) {
            return;
        }
        if self.history.len() == MOST {
            self.history.remove(0);
        }
        self.history.push(line.to_vec());
    }

    /// Writes `text` in the place of `taken` letters before the cursor.
    pub fn replace(&mut self, taken: usize, text: &[u8]) {
        let letters = letters(text);
        let (start, end) = (self.at.saturating_sub(taken), self.at);
        self.at = start + letters.len();
        self.letters.splice(start..end, letters);
    }

    /// Takes a key.
    pub fn take(&mut self, key: Key) -> Step {
        if self.search.is_some() {
            if let Some(step) = self.seek(&key) {
                return step;
            }
        }
        let before = (self.at, self.letters.len());
        match key {
            Key::Enter => return Step::Done,
            Key::EndOfInput if self.letters.is_empty() => return Step::End,
            Key::Letter(letter) => {
                self.letters.insert(self.at, letter);
                self.at += 1;
            }
            Key::Left => self.at = self.at.saturating_sub(1),
            Key::Right => self.at = (self.at + 1).min(self.letters.len()),
            Key::WordLeft => self.at = self.word_before(is_letter),
            Key::WordRight => self.at = self.word_behind(),
            Key::Start => self.at = 0,
            Key::End => self.at = self.letters.len(),
            Key::Back if self.at > 0 => {
                self.at -= 1;
                self.letters.remove(self.at);
            }
            Key::Delete | Key::EndOfInput if self.at < self.letters.len() => {
                self.letters.remove(self.at);
            }
            Key::KillWord => self.kill(self.word_before(is_no_blank), self.at),
            Key::KillWordBehind => self.kill(self.at, self.word_behind()),
            Key::KillBefore => self.kill(0, self.at),
            Key::KillBehind => self.kill(self.at, self.letters.len()),
            Key::Yank => {
                let killed = self.killed.clone();
                self.at += killed.len();
                let at = self.at - killed.len();
                self.letters.splice(at..at, killed);
            }
            Key::Swap if self.at > 0 && self.letters.len() > 1 => {
                let at = self.at.min(self.letters.len() - 1);
                self.letters.swap(at - 1, at);
                self.at = at + 1;
                return Step::Show;
            }
            Key::Earlier => {
                return self.go(self.shown.as_ref().map_or(self.history.len(), |(at, _)| *at).checked_sub(1));
            }
            Key::Later => return self.go(self.shown.as_ref().map(|(at, _)| at + 1)),
            Key::Search => {
                self.search = Some(Search { before: self.letters.clone(), ..Search::default() });
                return Step::Show;
            }
            Key::Back
            | Key::Delete
            | Key::EndOfInput
            | Key::Swap
            | Key::Cancel
            | Key::Complete
            | Key::Clear
            | Key::Cursor(..)
            | Key::Other => {}
        }
        if before == (self.at, self.letters.len()) { Step::Nothing } else { Step::Show }
    }

    /// A key while something is looked for. `None`: it ends the search and means what it means.
    fn seek(&mut self, key: &Key) -> Option<Step> {
        let search = self.search.as_mut()?;
        let from = match key {
            Key::Letter(letter) => {
                search.pattern.extend(letter);
                search.found.map_or(self.history.len(), |found| found + 1)
            }
            Key::Search => search.found.unwrap_or(self.history.len()),
            Key::Back => {
                // A letter of the pattern, not a byte.
                let mut letters = letters(&search.pattern);
                letters.pop();
                search.pattern = letters.concat();
                self.history.len()
            }
            Key::Cancel => {
                self.letters = std::mem::take(&mut search.before);
                self.at = self.letters.len();
                self.search = None;
                return Some(Step::Show);
            }
            Key::Cursor(..) | Key::Other => return Some(Step::Nothing),
            _ => {
                self.search = None;
                return None;
            }
        };
        let has = |line: &Vec<u8>| line.windows(search.pattern.len().max(1)).any(|part| part == search.pattern);
        let found = self.history.get(..from).unwrap_or_default().iter().rposition(has);
        if let Some(found) = found {
            search.found = Some(found);
            self.letters = letters(self.history.get(found).map(Vec::as_slice).unwrap_or_default());
            self.at = self.letters.len();
        }
        Some(Step::Show)
    }

    /// Shows another line of the earlier ones, or the one that was written.
    fn go(&mut self, to: Option<usize>) -> Step {
        let Some(to) = to else { return Step::Nothing };
        let draft = match self.shown.take() {
            Some((_, draft)) => draft,
            None => std::mem::take(&mut self.letters),
        };
        match self.history.get(to) {
            Some(line) => {
                self.letters = letters(line);
                self.shown = Some((to, draft));
            }
            None => self.letters = draft,
        }
        self.at = self.letters.len();
        Step::Show
    }

    fn kill(&mut self, start: usize, end: usize) {
        if start < end {
            self.killed = self.letters.drain(start..end).collect();
            self.at = start;
        }
    }

    fn word_before(&self, counts: fn(&Letter) -> bool) -> usize {
        let before = self.letters.get(..self.at).unwrap_or_default();
        let end = before.iter().rposition(counts).map_or(0, |at| at + 1);
        before.get(..end).unwrap_or_default().iter().rposition(|letter| !counts(letter)).map_or(0, |at| at + 1)
    }

    fn word_behind(&self) -> usize {
        let behind = self.letters.get(self.at..).unwrap_or_default();
        let start = behind.iter().position(is_letter).unwrap_or(behind.len());
        let word = behind.get(start..).unwrap_or_default();
        self.at + start + word.iter().position(|letter| !is_letter(letter)).unwrap_or(word.len())
    }
}

fn is_letter(letter: &Letter) -> bool {
    letter.len() > 1 || letter.first().is_some_and(u8::is_ascii_alphanumeric)
}

fn is_no_blank(letter: &Letter) -> bool {
    letter.first() != Some(&b' ')
}

/// Text as letters.
#[must_use]
pub fn letters(text: &[u8]) -> Vec<Letter> {
    let mut letters = Vec::new();
    for chunk in text.utf8_chunks() {
        letters.extend(chunk.valid().chars().map(|letter| letter.to_string().into_bytes()));
        letters.extend(chunk.invalid().iter().map(|byte| vec![*byte]));
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::keys::Keys;

    /// Before the cursor, behind it.
    fn written(editing: &mut Editing, keys: &str) -> (String, String) {
        let mut decoder = Keys::default();
        for byte in keys.bytes() {
            if let Some(key) = decoder.take(byte) {
                editing.take(key);
            }
        }
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(editing.before()), text(editing.behind()))
    }

    #[test]
    fn keys_do_what_readlines_do() {
        for (keys, before, behind) in [
            ("echo hi", "echo hi", ""),
            ("ecno\u{2}\u{2}\u{4}h", "ech", "o"),
            ("abc\u{1}x", "x", "abc"),
            ("one two\u{17}", "one ", ""),
            ("rm a/b c\u{1b}b\u{1b}b", "rm a/", "b c"),
            ("one two three\u{1}\u{1b}f\u{1b}d", "one", " three"),
            ("one two\u{15}x\u{19}", "xone two", ""),
            ("one two\u{1}\u{b}\u{19}\u{19}", "one twoone two", ""),
            ("ab\u{14}", "ba", ""),
            ("äö\u{7f}ü", "äü", ""),
            ("x\u{1b}[D\u{1b}[D\u{1b}[3~y", "y", ""),
            ("\u{7f}\u{17}\u{b}\u{14}", "", ""),
        ] {
            let got = written(&mut Editing::default(), keys);
            assert_eq!((got.0.as_str(), got.1.as_str()), (before, behind), "{keys:?}");
        }
        let mut empty = Editing::default();
        assert_eq!(empty.take(Key::EndOfInput), Step::End);
        written(&mut empty, "x\u{1}");
        assert_eq!((empty.take(Key::EndOfInput), empty.text()), (Step::Show, Vec::new()));
    }

    #[test]
    fn earlier_lines_come_back_and_the_one_begun_is_not_lost() {
        let mut editing = Editing::default();
        for line in ["make", "git status", "git status", " "] {
            editing.keep(line.as_bytes());
        }
        let up = "\u{1b}[A";
        assert_eq!(written(&mut editing, &format!("dra{up}")).0, "git status");
        assert_eq!(written(&mut editing, up).0, "make");
        assert_eq!(written(&mut editing, up).0, "make");
        assert_eq!(written(&mut editing, "\u{e}\u{e}").0, "dra");
        assert_eq!(written(&mut editing, "\u{e}ft").0, "draft");
        editing.begin();
        assert_eq!(written(&mut editing, "x\u{12}ma").0, "make");
        assert_eq!(editing.looks_for(), Some(&b"ma"[..]));
        assert_eq!(written(&mut editing, "\u{7}").0, "x");
        assert_eq!(written(&mut editing, "\u{12}t\u{12}").0, "git status");
        assert_eq!(written(&mut editing, "\u{1}y"), ("y".to_owned(), "git status".to_owned()));
    }

    #[test]
    fn letters_before_the_cursor_give_way() {
        let mut editing = Editing::default();
        written(&mut editing, "cat RE x\u{2}\u{2}");
        editing.replace(2, "README.md ".as_bytes());
        assert_eq!((editing.before(), editing.behind()), (b"cat README.md ".to_vec(), b" x".to_vec()));
        assert_eq!(letters(b"a\xff\xc3\xa4"), [b"a".to_vec(), b"\xff".to_vec(), b"\xc3\xa4".to_vec()]);
    }
}
