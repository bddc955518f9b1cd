//! What a word may become when bash expands it: known bytes, or a pattern with holes that says why and from where.

use smallvec::{SmallVec, smallvec};

use super::ActionId;
use crate::text::Span;

/// Text of one value beyond this, and parts of one beyond [`PARTS`], are not followed: values made of themselves double.
const LONGEST: usize = 1 << 20;
/// Parts of one value.
const PARTS: usize = 1 << 12;

/// One field (argv element) after expansion. All known: a constant. Otherwise a pattern: known text around holes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// In order. Adjacent known parts are merged.
    pub parts: Parts,
    /// Actions of this line whose output is in it (sorted, no duplicates).
    pub taint: Vec<ActionId>,
    /// Where the word stands in the source.
    pub span: Span,
    /// One word that may become any number of fields (`$x` unquoted, `$@`, a glob, a dynamic xargs tail).
    pub many: bool,
}

/// The parts of a value: most have one, which needs no memory of its own.
pub type Parts = SmallVec<[Part; 1]>;

/// The text of a part: most is short, and needs no memory of its own either.
pub type Text = SmallVec<[u8; 16]>;

/// A part of a value.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// Text known now. Quoted characters that would otherwise be glob characters are known text.
    Known(Text),
    /// An unquoted `*`, `?` or `[…]`: matches inside one path component, never `/`, never a leading dot.
    Glob(Text),
    /// Text not known before it runs.
    Hole(Box<Hole>),
}

/// Text not known before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Why it is not known, for a human: "output of `date`", "variable FOO of the environment".
    pub why: String,
    /// What is provable about it all the same.
    pub bound: Bound,
}

/// What can be proven about unknown text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Nothing: any bytes at all, options and paths too.
    Anything,
    /// A number (`$?`, `$#`, `$$`, `wc -l`, arithmetic): no path, no option but a negative number.
    Number,
    /// One word without `/`, whitespace or leading `-` (`basename`-like, a date format, a hash).
    Name,
    /// A git ref or revision: one word without `..` or leading `-` or `/`; it may hold `/`.
    Ref,
    /// A path that lies below an absolute directory (the producer is bounded: `find src -name`, `git ls-files`). There is a
    /// `..` in it only where the directory is not below `from`.
    Below {
        /// The directory.
        directory: Vec<u8>,
        /// Where its producer stood: the text is absolute, or leads there from here only. `None`: it is absolute.
        from: Option<Vec<u8>>,
        /// Globs one of which its last component matches; none: any name.
        names: Vec<Vec<u8>>,
    },
}

impl Hole {
    /// Whether it is the number of the shell itself (`$$`) or of a job of its own (`$!`): neither 1 nor a group.
    #[must_use]
    pub fn is_own_process(&self) -> bool {
        self.bound == Bound::Number && (self.why.contains("$!") || self.why == "$$")
    }

    /// The variables of the environment that are in it, by the words that say why it is not known.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.why
            .split("variable ")
            .skip(1)
            .filter_map(|rest| rest.split_once(" of the environment").map(|(name, _)| name))
    }
}

/// Why a value made of these is not known: the variables in them stay named.
#[must_use]
pub fn made_of<'a>(why: &str, values: impl IntoIterator<Item = &'a Value>) -> String {
    let mut out = why.to_owned();
    // Each once: what is made of itself names them again and again.
    let names: std::collections::BTreeSet<&str> = values.into_iter().flat_map(Value::variables).collect();
    for (at, name) in names.into_iter().enumerate() {
        out.push_str(if at == 0 { ": " } else { ", " });
        out.push_str("variable ");
        out.push_str(name);
        out.push_str(" of the environment");
    }
    out
}

impl Clone for Part {
    // What is derived goes byte by byte.
    fn clone(&self) -> Self {
        match self {
            Part::Known(text) => Part::known(text),
            Part::Glob(mark) => Part::glob(mark),
            Part::Hole(hole) => Part::Hole(hole.clone()),
        }
    }
}

impl Clone for Value {
    // The same: most have one part.
    fn clone(&self) -> Self {
        let parts = match self.parts.as_slice() {
            [] => Parts::new(),
            [part] => Parts::from_buf([part.clone()]),
            parts => parts.iter().cloned().collect(),
        };
        Value { parts, taint: self.taint.clone(), span: self.span, many: self.many }
    }
}

impl Part {
    /// Text known now.
    #[must_use]
    pub fn known(text: &[u8]) -> Self {
        Part::Known(Text::from_slice(text))
    }

    /// An unquoted `*`, `?` or `[…]`.
    #[must_use]
    pub fn glob(mark: &[u8]) -> Self {
        Part::Glob(Text::from_slice(mark))
    }

    /// Text not known before it runs.
    #[must_use]
    pub fn hole(why: impl Into<String>, bound: Bound) -> Self {
        Part::Hole(Box::new(Hole { why: why.into(), bound }))
    }
}

impl Value {
    /// The variables of the environment that are in it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        let holes = self.parts.iter().filter_map(|part| if let Part::Hole(hole) = part { Some(&**hole) } else { None });
        holes.flat_map(Hole::variables)
    }

    /// A constant.
    #[must_use]
    pub fn known(text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        let parts = if text.is_empty() { Parts::new() } else { smallvec![Part::known(text)] };
        Value { parts, ..Value::default() }
    }

    /// A value about which nothing is known but why.
    #[must_use]
    pub fn hole(why: impl Into<String>, bound: Bound) -> Self {
        Value { parts: smallvec![Part::hole(why, bound)], ..Value::default() }
    }

    /// The same value, at `span`.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// The bytes, where all of it is known and it is exactly one field.
    #[must_use]
    pub fn text(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] if !self.many => Some(b""),
            [Part::Known(text)] if !self.many => Some(text),
            _ => None,
        }
    }

    /// The known text it starts with (all of it for a constant).
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Known(text)) => text,
            _ => b"",
        }
    }

    /// The same value with known text at its end.
    #[must_use]
    pub fn with(mut self, text: &[u8]) -> Self {
        self.push_known(text);
        self
    }

    /// Appends known text.
    pub fn push_known(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Known(last)) = self.parts.last_mut() {
            last.extend_from_slice(text);
        } else {
            self.parts.push(Part::known(text));
        }
    }

    /// Appends the parts and the taint of another value.
    pub fn push(&mut self, other: &Value) {
        for part in &other.parts {
            match part {
                Part::Known(text) => self.push_known(text),
                part => self.parts.push(part.clone()),
            }
        }
        self.add_taint(&other.taint);
        self.many |= other.many;
        self.limit();
    }

    /// What is too long to be followed is not known any more.
    pub fn limit(&mut self) {
        if self.parts.len() > PARTS || self.length() > LONGEST {
            self.parts = Value::hole("a text longer than is followed", Bound::Anything).parts;
        }
    }

    /// The bytes of its known text.
    fn length(&self) -> usize {
        let known = self.parts.iter().map(|part| match part {
            Part::Known(text) | Part::Glob(text) => text.len(),
            Part::Hole(_) => 0,
        });
        known.sum()
    }

    /// What it costs to carry: its bytes, its parts and its producers.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.length() + 16 + 16 * self.parts.len() + 4 * self.taint.len()
    }

    /// Adds producers, keeping them sorted and unique.
    pub fn add_taint(&mut self, taint: &[ActionId]) {
        // Producers mostly come in order.
        if self.taint.last().is_none_or(|last| taint.first().is_some_and(|first| first > last)) {
            return self.taint.extend_from_slice(taint);
        }
        for id in taint {
            if let Err(at) = self.taint.binary_search(id) {
                self.taint.insert(at, *id);
            }
        }
    }

    /// What is provable of its first part changes; `None`: nothing is.
    pub fn bind(&mut self, bound: Option<Bound>) {
        if let Some(Part::Hole(hole)) = self.parts.first_mut() {
            hole.bound = bound.unwrap_or(Bound::Anything);
        }
    }

    /// Whether any part is unknown (a glob counts as known shape, not as a hole).
    #[must_use]
    pub fn has_hole(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Hole(_)))
    }

    /// For display and the batch contract: known text with `*` globs as written and `…` for holes.
    #[must_use]
    pub fn display(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.parts {
            match part {
                Part::Known(text) | Part::Glob(text) => out.extend_from_slice(text),
                Part::Hole(_) => out.extend_from_slice("…".as_bytes()),
            }
        }
        out
    }
}
