//! The compiled form of the built-in packs: one run of bytes with offsets instead of pointers, so that starting costs
//! nothing. Words are little-endian u32; a section is a table of fixed rows; names and encoded values lie in the heap.
//!
//! ```text
//! magic, version, then per section: offset, rows
//! COMMANDS  (offset, options offset, lengths)          one row per command; both lengths in a word
//! RULES     (rule offset, length)                       one row per rule
//! IDS       (id offset, length, rule)                   sorted
//! NAMES     (parent command, name offset, length and command)   sorted by parent, then name; programs last
//! VERSIONED (prefix offset, length, command)            `also = ["python3.*"]`: the star stands for a version
//! PROGRAMS  (name offset, length, first, count)         sorted; a run of POOL
//! KINDS     (first, count)                              one row per effect kind, then Other, then Flow
//! POOL      (rule)
//! EXTRAS    (offset, length)                            lists; cases, deflated; digest; options; (0, programs)
//! ```
//!
//! What every command asks (is there such a program, which rules name it) lies together: the last tables and the beginning of the
//! heap, where the digest and the programs' names stand. Each other place in it costs a start a page fault.
//!
//! Tools share most of their options (`-h`, `--version`, those of one family), so each different option stands there once, and a
//! command has only the places of its own.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::example::Case;
use super::rule::Rule;
use crate::action::tool::{Command, OptionSpec, Role, Takes};
use crate::action::{EffectKind, Flags};

/// The parent of a program.
pub const ROOT: u32 = u32::MAX;
/// The first word.
pub const MAGIC: u32 = u32::from_le_bytes(*b"vtsb");
/// In a word with a name's length, the bits of its command; those above are the length's.
pub const COMMAND_BITS: u32 = 24;
/// The second word.
pub const VERSION: u32 = 6;
/// How many sections.
pub const SECTIONS: usize = 9;

/// The sections, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Encoded commands.
    Commands,
    /// Encoded rules.
    Rules,
    /// Rule ids.
    Ids,
    /// Command names.
    Names,
    /// Names that end in a version.
    Versioned,
    /// Rules by program.
    Programs,
    /// Rules by effect kind.
    Kinds,
    /// Rule numbers.
    Pool,
    /// Lists, cases, digest, options.
    Extras,
}

impl Section {
    /// All, in order.
    pub const ALL: [Section; SECTIONS] = [
        Section::Commands,
        Section::Rules,
        Section::Ids,
        Section::Names,
        Section::Versioned,
        Section::Programs,
        Section::Kinds,
        Section::Pool,
        Section::Extras,
    ];

    /// Words in a row.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Section::Rules | Section::Kinds | Section::Extras => 2,
            Section::Programs => 4,
            Section::Commands | Section::Names | Section::Versioned | Section::Ids => 3,
            Section::Pool => 1,
        }
    }
}

/// Which run of KINDS: effect kinds in declaration order, then these.
pub const KIND_OTHER: u32 = EffectKind::ALL.len() as u32;
/// Flow rules.
pub const KIND_FLOW: u32 = KIND_OTHER + 1;
/// Row of EXTRAS: the lists.
pub const EXTRA_LISTS: u32 = 0;
/// Row of EXTRAS: the cases of tools, then those of rules, deflated (RFC 1951): they are read by those who test a policy alone.
pub const EXTRA_CASES: u32 = 1;
/// What they may take unpacked, in bytes.
const CASES_AT_MOST: usize = 16 << 20;
/// Row of EXTRAS: SHA-256 over the packs as written.
pub const EXTRA_DIGEST: u32 = 2;
/// Row of EXTRAS: the encoded options, one after the other.
pub const EXTRA_OPTIONS: u32 = 3;
/// Row of EXTRAS: its second word says how many programs there are, the last rows of NAMES.
pub const EXTRA_ROOTS: u32 = 4;

/// An option as it stands in the blob: of thousands most have no value and nothing that qualifies them, which is a byte for each.
#[derive(Serialize, Deserialize)]
pub struct StoredOption {
    names: Vec<String>,
    /// A value has a role, always.
    value: Option<(Takes, Role)>,
    rest: Option<Qualifiers>,
}

/// `|@role`, further roles, `!flag`s, `!effect`s.
type Qualifiers = (Option<Role>, Vec<Role>, Flags, Vec<EffectKind>);

impl From<OptionSpec> for StoredOption {
    fn from(option: OptionSpec) -> Self {
        let OptionSpec { names, value, role, at_role, more, flags, effects } = option;
        let plain = at_role.is_none() && more.is_empty() && flags == Flags::default() && effects.is_empty();
        StoredOption {
            names,
            value: role.map(|role| (value, role)),
            rest: (!plain).then_some((at_role, more, flags, effects)),
        }
    }
}

impl From<StoredOption> for OptionSpec {
    fn from(stored: StoredOption) -> Self {
        let (value, role) = stored.value.map_or((Takes::Nothing, None), |(value, role)| (value, Some(role)));
        let (at_role, more, flags, effects) = stored.rest.unwrap_or_default();
        OptionSpec { names: stored.names, value, role, at_role, more, flags, effects }
    }
}

/// The compiled packs. A malformed blob answers nothing: every program is unknown then, and so supervised.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'b> {
    bytes: &'b [u8],
}

impl<'b> Blob<'b> {
    /// The blob in `bytes`; `None` where it is not one of this version.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Option<Self> {
        let blob = Blob { bytes };
        (blob.word(0)? == MAGIC && blob.word(4)? == VERSION).then_some(blob)
    }

    /// The command a name stands for below `parent` ([`ROOT`] for a program).
    #[must_use]
    pub fn find(&self, parent: u32, name: &[u8]) -> Option<u32> {
        let order = |row: u32| {
            let above = self.cell(Section::Names, row, 0)?;
            let own = || self.cut(Section::Names, row, 1, self.cell(Section::Names, row, 2)? >> COMMAND_BITS);
            Some(above.cmp(&parent).then_with(|| own().unwrap_or_default().cmp(name)))
        };
        let all = self.rows(Section::Names);
        let rows =
            if parent == ROOT { all.checked_sub(self.cell(Section::Extras, EXTRA_ROOTS, 1)?)?..all } else { 0..all };
        let row = search(rows, order)?;
        self.cell(Section::Names, row, 2).map(|word| word & ((1 << COMMAND_BITS) - 1))
    }

    /// The program whose name with a version this is (`python3.11`, `gcc-12`).
    #[must_use]
    pub fn find_versioned(&self, name: &[u8]) -> Option<u32> {
        (0..self.rows(Section::Versioned)).find_map(|row| {
            let prefix = self.slice(Section::Versioned, row, 0)?;
            let version = name.strip_prefix(prefix)?;
            let is_version = version.first().is_some_and(u8::is_ascii_digit)
                && version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
            if is_version { self.cell(Section::Versioned, row, 2) } else { None }
        })
    }

    /// Decodes a command.
    #[must_use]
    pub fn command(&self, number: u32) -> Option<Command> {
        let lengths = self.cell(Section::Commands, number, 2)?;
        let own = self.cut(Section::Commands, number, 0, lengths >> 16)?;
        let mut command: Command = postcard::from_bytes(own).ok()?;
        let places = self.cut(Section::Commands, number, 1, lengths & 0xffff)?;
        let places: Vec<u32> = postcard::from_bytes(places).ok()?;
        let options = self.slice(Section::Extras, EXTRA_OPTIONS, 0)?;
        let at = |place: u32| {
            Some(OptionSpec::from(postcard::take_from_bytes::<StoredOption>(options.get(place as usize..)?).ok()?.0))
        };
        command.options = places.into_iter().map(at).collect::<Option<_>>()?;
        Some(command)
    }

    /// How many rules.
    #[must_use]
    pub fn rules(&self) -> u32 {
        self.rows(Section::Rules)
    }

    /// Decodes a rule.
    #[must_use]
    pub fn rule(&self, number: u32) -> Option<Rule> {
        self.decode(Section::Rules, number, 0)
    }

    /// The rule of that id.
    #[must_use]
    pub fn find_rule(&self, id: &[u8]) -> Option<u32> {
        let row = search(0..self.rows(Section::Ids), |row| Some(self.slice(Section::Ids, row, 0)?.cmp(id)))?;
        self.cell(Section::Ids, row, 2)
    }

    /// Rules that name this program.
    pub fn program_rules(&self, program: &[u8]) -> impl Iterator<Item = u32> {
        let row =
            search(0..self.rows(Section::Programs), |row| Some(self.slice(Section::Programs, row, 0)?.cmp(program)));
        self.pool(
            row.and_then(|row| self.cell(Section::Programs, row, 2)),
            row.and_then(|row| self.cell(Section::Programs, row, 3)),
        )
    }

    /// Rules of a kind: an effect kind's place in the closed list, [`KIND_OTHER`] or [`KIND_FLOW`].
    pub fn kind_rules(&self, kind: u32) -> impl Iterator<Item = u32> {
        self.pool(self.cell(Section::Kinds, kind, 0), self.cell(Section::Kinds, kind, 1))
    }

    /// The built-in lists.
    #[must_use]
    pub fn lists(&self) -> BTreeMap<String, Vec<String>> {
        self.decode(Section::Extras, EXTRA_LISTS, 0).unwrap_or_default()
    }

    /// The cases of all tools and rules.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        let packed = self.slice(Section::Extras, EXTRA_CASES, 0).unwrap_or_default();
        let cases = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, CASES_AT_MOST).ok();
        cases.and_then(|cases| postcard::from_bytes(&cases).ok()).unwrap_or_default()
    }

    /// SHA-256 over the packs as written.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.slice(Section::Extras, EXTRA_DIGEST, 0).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default()
    }

    fn pool(&self, first: Option<u32>, count: Option<u32>) -> impl Iterator<Item = u32> {
        let first = first.unwrap_or(0);
        (first..first.saturating_add(count.unwrap_or(0))).filter_map(|row| self.cell(Section::Pool, row, 0))
    }

    fn decode<T: DeserializeOwned>(&self, section: Section, row: u32, column: usize) -> Option<T> {
        postcard::from_bytes(self.slice(section, row, column)?).ok()
    }

    fn slice(&self, section: Section, row: u32, column: usize) -> Option<&'b [u8]> {
        self.cut(section, row, column, self.cell(section, row, column + 1)?)
    }

    /// So many bytes of the heap, from the place in a column.
    fn cut(&self, section: Section, row: u32, column: usize, length: u32) -> Option<&'b [u8]> {
        let start = self.cell(section, row, column)? as usize;
        self.bytes.get(start..start.checked_add(length as usize)?)
    }

    fn rows(&self, section: Section) -> u32 {
        self.word(8 + section as usize * 8 + 4).unwrap_or(0)
    }

    fn cell(&self, section: Section, row: u32, column: usize) -> Option<u32> {
        if row >= self.rows(section) {
            return None;
        }
        let start = self.word(8 + section as usize * 8)? as usize;
        self.word(start + (row as usize * section.width() + column) * 4)
    }

    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// Binary search over `rows`; a row that cannot be read ends it.
fn search(rows: Range<u32>, order: impl Fn(u32) -> Option<Ordering>) -> Option<u32> {
    let Range { start: mut low, end: mut high } = rows;
    while low < high {
        let middle = low + (high - low) / 2;
        match order(middle)? {
            Ordering::Equal => return Some(middle),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    None
}
