//! One policy file as a TOML tree with a place for every key and value, and the problems found while reading it.
//! Reading goes on after a problem, so that all of them are told at once.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use crate::text::Arrange;

/// A value of the tree with its place.
pub type Item<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// A string of the file with its place.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its value.
    pub value: String,
    /// Where it stands, quotes included.
    pub span: Range<usize>,
}

/// The file being read.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What was wrong so far.
    pub problems: Vec<Problem>,
}

impl<'a> Document<'a> {
    /// Nothing read yet.
    #[must_use]
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Document { name, text, problems: Vec::new() }
    }

    /// The tree, as far as it is TOML; what is not is a problem.
    #[must_use]
    pub fn parse(&mut self) -> Spanned<DeTable<'a>> {
        let (tree, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            self.problem(span, error.message(), "correct the TOML here; strings stand in double quotes, lists in [ ]");
        }
        tree
    }

    /// Notes a problem.
    pub fn problem(&mut self, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::at(self.name, self.text, span, message, remedy));
    }

    /// Notes a problem with the bytes `part` of a string: exact where the string is written without escapes.
    pub fn problem_in(
        &mut self,
        text: &Text,
        part: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let body = text.span.start + 1;
        let plain = self.text.get(body..body + text.value.len()) == Some(text.value.as_str());
        let span = if plain { body + part.start..body + part.end } else { text.span.clone() };
        self.problem(span, message, remedy);
    }

    /// A table's entries.
    pub fn table<'t, 'i>(&mut self, item: Item<'t, 'i>) -> Option<Table<'t, 'i>> {
        match item.get_ref() {
            DeValue::Table(table) => Some(Table::new(table, item.span())),
            other => {
                self.wrong_kind(item, other, "a table");
                None
            }
        }
    }

    /// A table, or an array of tables.
    pub fn tables<'t, 'i>(&mut self, item: Item<'t, 'i>) -> Vec<Table<'t, 'i>> {
        match item.get_ref() {
            DeValue::Array(array) => array.iter().filter_map(|entry| self.table(entry)).collect(),
            _ => self.table(item).into_iter().collect(),
        }
    }

    /// A string.
    pub fn string(&mut self, item: Item<'_, '_>) -> Option<Text> {
        match item.get_ref() {
            DeValue::String(value) => Some(Text { value: value.to_string(), span: item.span() }),
            other => {
                self.wrong_kind(item, other, "a string");
                None
            }
        }
    }

    /// A string, or an array of strings.
    pub fn strings(&mut self, item: Item<'_, '_>) -> Vec<Text> {
        match item.get_ref() {
            DeValue::Array(array) => array.iter().filter_map(|entry| self.string(entry)).collect(),
            _ => self.string(item).into_iter().collect(),
        }
    }

    /// true or false.
    pub fn boolean(&mut self, item: Item<'_, '_>) -> Option<bool> {
        match item.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            other => {
                self.wrong_kind(item, other, "true or false");
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub fn number(&mut self, item: Item<'_, '_>) -> Option<u64> {
        if let DeValue::Integer(value) = item.get_ref()
            && let Ok(number) = u64::from_str_radix(&value.as_str().replace('_', ""), value.radix())
        {
            return Some(number);
        }
        self.wrong_kind(item, item.get_ref(), "a whole number, not negative");
        None
    }

    /// A date, `YYYY-MM-DD` (quoted or not).
    pub fn date(&mut self, item: Item<'_, '_>) -> Option<String> {
        let text = match item.get_ref() {
            DeValue::Datetime(value) => value.date.map(|date| date.to_string()),
            DeValue::String(value) => is_date(value).then(|| value.to_string()),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => {
                None
            }
        };
        if text.is_none() {
            self.problem(item.span(), "this is no date", "write it as YYYY-MM-DD, for example 2027-03-31");
        }
        text
    }

    fn wrong_kind(&mut self, item: Item<'_, '_>, found: &DeValue<'_>, wanted: &str) {
        self.problem(
            item.span(),
            format!("{wanted} was expected here, this is of kind {}", found.type_str()),
            format!("write {wanted}"),
        );
    }
}

/// The entries of one table; what nobody takes is unknown.
#[derive(Debug)]
pub struct Table<'t, 'i> {
    entries: Vec<(&'t str, Range<usize>, Item<'t, 'i>)>,
    /// Where the table stands (its header).
    pub span: Range<usize>,
}

impl<'t, 'i> Table<'t, 'i> {
    /// The entries of `table`.
    #[must_use]
    pub fn new(table: &'t DeTable<'i>, span: Range<usize>) -> Self {
        let entries = table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        Table { entries, span }
    }

    /// Takes an entry out.
    pub fn take(&mut self, name: &str) -> Option<Item<'t, 'i>> {
        self.take_with_key(name).map(|(_, item)| item)
    }

    /// Takes an entry out, with the place of its key.
    pub fn take_with_key(&mut self, name: &str) -> Option<(Range<usize>, Item<'t, 'i>)> {
        let at = self.entries.iter().position(|(key, ..)| *key == name)?;
        let (_, span, item) = self.entries.swap_remove(at);
        Some((span, item))
    }

    /// Takes an entry that must be there.
    pub fn require(
        &mut self,
        document: &mut Document<'_>,
        name: &str,
        what: &str,
        remedy: &str,
    ) -> Option<Item<'t, 'i>> {
        let found = self.take(name);
        if found.is_none() {
            document.problem(self.span.clone(), format!("{what} needs `{name}`"), remedy);
        }
        found
    }

    /// All entries that are left, in the order of the file.
    pub fn rest(&mut self) -> Vec<(&'t str, Range<usize>, Item<'t, 'i>)> {
        let mut rest = std::mem::take(&mut self.entries);
        rest.arrange_by_key(|(_, span, _)| span.start);
        rest
    }

    /// What is left is unknown: a problem each.
    pub fn finish(mut self, document: &mut Document<'_>, what: &str, known: &[&str]) {
        for (name, span, _) in self.rest() {
            let remedy = match nearest(name, known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("{what} knows: {}", known.join(", ")),
            };
            document.problem(span, format!("{what} has no key `{name}`"), remedy);
        }
    }
}

/// The known word that was probably meant.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|candidate| (distance(word.as_bytes(), candidate.as_bytes()), *candidate))
        .filter(|(away, candidate)| *away <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, byte) in left.iter().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(right) {
            let best = (diagonal + usize::from(byte != other)).min(before + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            before = best;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Whether the text is `YYYY-MM-DD`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}
