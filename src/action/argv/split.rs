//! Splits an argv into subcommands, options with their values, operands and a carried command, by the declared syntax.

use std::rc::Rc;

use super::option::{self, Found, Place};
use super::reader::{Levels, Reader, tail};
use crate::action::tool::{Count, Role, Syntax, Takes};
use crate::action::{Bound, Flag, Flags, GapKind, Part, ToolCommand, Value};

/// An option that was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Which.
    pub place: Place,
    /// Its value.
    pub value: Option<Value>,
    /// A command it carries (`find -exec … ;`).
    pub carried: Vec<Value>,
    /// Its further values.
    pub more: Vec<Value>,
}

/// An argv split by its syntax.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The program's command and those of its subcommands.
    pub levels: Levels,
    /// Options, in order.
    pub given: Vec<Given>,
    /// Operands, in order.
    pub operands: Vec<Value>,
    /// The words of the carried command, and which operand entry carries it.
    pub carried: Option<(usize, Vec<Value>)>,
    /// `--no-dry-run` came last.
    pub not_dry: bool,
    /// A subcommand was not found: the operands are those of something unknown.
    pub lost: bool,
    /// Whether a `--` was seen.
    pub dashes: bool,
}

impl Words {
    /// The deepest command.
    pub fn command(&self) -> Option<&Rc<ToolCommand>> {
        self.levels.last()
    }

    /// The first given option with this name, with its value.
    pub fn option(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| self.is(given, name))
    }

    /// Whether it is the option of this name.
    pub fn is(&self, given: &Given, name: &str) -> bool {
        option::at(&self.levels, given.place).is_some_and(|spec| spec.names.iter().any(|known| known == name))
    }

    /// Whether any of these options was given.
    pub fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.option(name).is_some())
    }
}

/// Splits `argv` by the syntax of `tool`.
pub(super) fn split(reader: &mut Reader<'_>, tool: Rc<ToolCommand>, argv: &[Value]) -> Words {
    if let Some(name) = tool.path.first() {
        reader.reading.program = Some(name.clone().into_bytes());
    }
    let mut splitter = Splitter {
        syntax: tool.syntax,
        slot: carrier(&tool).map(|_| 0),
        words: Words { levels: vec![tool], ..Words::default() },
        ended: false,
        lost: false,
        argc: argv.len(),
        help: None,
        letters: false,
    };
    let mut rest = argv.get(1..).unwrap_or_default();
    while let Some((word, after)) = rest.split_first() {
        rest = splitter.word(reader, word, after);
    }
    splitter.close(reader);
    splitter.words.lost = splitter.lost;
    splitter.words
}

/// Which operand entry carries a command, if one does.
fn carrier(tool: &ToolCommand) -> Option<usize> {
    tool.operands.iter().position(|operand| carries(&operand.role))
}

/// Whether the rest of argv belongs to this role.
fn carries(role: &Role) -> bool {
    matches!(role, Role::Payload | Role::PayloadStdin | Role::PayloadUntil(_))
}

struct Splitter {
    words: Words,
    syntax: Syntax,
    /// The operand entry the next operand falls on, for commands that carry one.
    slot: Option<usize>,
    /// Options have ended.
    ended: bool,
    /// A subcommand was not found: the rest are operands of something unknown.
    lost: bool,
    argc: usize,
    /// Help or a version was asked for, and by what.
    help: Option<Help>,
    /// The option being read is written in letters: `-h`, `-vV`.
    letters: bool,
}

/// How help or a version was asked for. Long names end a program wherever they are known; a letter means many things, as
/// `sudo -h HOST` does, and is believed only where nothing else is said.
#[derive(Clone, Copy)]
struct Help {
    /// How many levels of subcommands stood before it: a root's own `--version` does not hold back what follows it.
    level: usize,
    letter: bool,
}

impl Splitter {
    /// Takes one word and what belongs to it; gives the rest.
    fn word<'w>(&mut self, reader: &mut Reader<'_>, word: &Value, after: &'w [Value]) -> &'w [Value] {
        if !self.ended {
            let prefix = word.prefix();
            if prefix == b"--" && word.text().is_some() && !self.syntax.has(Syntax::NO_DOUBLE_DASH) {
                self.ended = true;
                self.words.dashes = true;
                return after;
            }
            if prefix == b"-" && word.text().is_some() {
                if let Some(place) = option::exact(&self.words.levels, prefix) {
                    self.give(reader, place, None);
                    return after;
                }
            }
            let plus = self.syntax.has(Syntax::PLUS_OPTIONS) && prefix.len() > 1 && prefix.starts_with(b"+");
            if prefix.starts_with(b"-") && (prefix.len() > 1 || word.text().is_none()) || plus {
                return self.option(reader, word, after);
            }
            if may_be_option(word) && !option::all_harmless(&self.words.levels) {
                reader.gap(GapKind::DynamicWord, why(word, "may be an option"), word.span);
            }
            if let Some((place, from)) = option::key(&self.words.levels, prefix) {
                self.give(reader, place, Some(tail(word, from)));
                return after;
            }
        }
        self.operand(reader, word, after)
    }

    fn operand<'w>(&mut self, reader: &mut Reader<'_>, word: &Value, after: &'w [Value]) -> &'w [Value] {
        if self.words.operands.is_empty() && !self.lost {
            match self.subcommand(reader, word) {
                Sub::Found => return after,
                Sub::Lost => {
                    // Whose options these are is not known: an alias gets them as they stand.
                    self.lost = true;
                    self.ended = true;
                }
                Sub::None => {}
            }
        }
        if let Some(entry) = self.carrying(word) {
            let mut all = Vec::with_capacity(after.len() + 1);
            all.push(word.clone());
            all.extend_from_slice(after);
            self.words.carried = Some((entry, all));
            return &[];
        }
        self.words.operands.push(word.clone());
        if self.syntax.has(Syntax::STOP_AT_OPERAND) {
            self.ended = true;
        }
        after
    }

    /// Moves the slot past what `word` fills; gives the entry if it is where a carried command begins.
    fn carrying(&mut self, word: &Value) -> Option<usize> {
        let tool = self.words.levels.last()?.clone();
        let slot = self.slot.as_mut()?;
        loop {
            let entry = tool.operands.get(*slot)?;
            if carries(&entry.role) {
                return Some(*slot);
            }
            if entry.role == Role::Assign && !assignment(word) {
                *slot += 1;
                continue;
            }
            if matches!(entry.count, Count::One | Count::Optional) {
                *slot += 1;
            }
            return None;
        }
    }

    fn subcommand(&mut self, reader: &mut Reader<'_>, word: &Value) -> Sub {
        let Some(tool) = self.words.levels.last() else { return Sub::None };
        if !tool.has_subs {
            return Sub::None;
        }
        let own = !tool.operands.is_empty();
        let Some(name) = word.text() else {
            if !own || may_be_option(word) {
                reader.gap(GapKind::DynamicWord, why(word, "stands where a subcommand does"), word.span);
            }
            return if own { Sub::None } else { Sub::Lost };
        };
        let mut path: Vec<&[u8]> = tool.path.iter().map(String::as_bytes).collect();
        path.push(name);
        match reader.around.tools.command(&path) {
            Some(found) => {
                self.enter(reader, found);
                Sub::Found
            }
            None if own => Sub::None,
            None => {
                let what = format!("{} {}", tool.path.join(" "), String::from_utf8_lossy(name));
                reader.gap(GapKind::UnknownSubcommand, what, word.span);
                Sub::Lost
            }
        }
    }

    fn enter(&mut self, reader: &mut Reader<'_>, found: Rc<ToolCommand>) {
        if found.syntax != Syntax::default() {
            self.syntax = Syntax(found.syntax.0 | self.syntax.0 & Syntax::PERSISTENT.0);
        } else {
            // The program's own options may have to stand before the subcommand; the subcommand's need not.
            self.syntax = Syntax(self.syntax.0 & !Syntax::STOP_AT_OPERAND.0);
        }
        self.slot = carrier(&found).map(|_| 0);
        self.ended = false;
        reader.reading.sub = found.path.iter().skip(1).cloned().collect();
        self.words.levels.push(found);
    }

    fn option<'w>(&mut self, reader: &mut Reader<'_>, word: &Value, after: &'w [Value]) -> &'w [Value] {
        let prefix = word.prefix();
        let whole = word.text().is_some();
        self.letters = !prefix.starts_with(b"--")
            && (prefix.len() == 2
                || option::exact(&self.words.levels, prefix).is_none() && !self.syntax.has(Syntax::SINGLE_DASH_LONG));
        if prefix.starts_with(b"--") {
            return self.long(reader, word, prefix, whole, after);
        }
        let levels = &self.words.levels;
        if let Some(place) = option::exact(levels, prefix).filter(|_| whole) {
            return self.take(reader, place, None, word, after);
        }
        if let Some(digits) = prefix.get(1..).filter(|rest| whole && rest.iter().all(u8::is_ascii_digit)) {
            let name: &[u8] = if prefix.starts_with(b"+") { b"+NUM" } else { b"-NUM" };
            if let Some(place) = option::exact(levels, name) {
                self.give(reader, place, Some(Value::known(digits).at(word.span)));
                return after;
            }
        }
        let equals = prefix.iter().position(|byte| *byte == b'=');
        let named =
            equals.filter(|at| *at > 2).and_then(|at| Some((option::exact(levels, prefix.get(..at)?)?, at + 1)));
        if let (Some((place, from)), false) = (named, self.syntax.has(Syntax::SINGLE_DASH_LONG)) {
            // A long name with one dash stands whole before its `=`, whatever letters it begins with.
            self.give(reader, place, Some(tail(word, from)));
            return after;
        }
        // Apple's and Microsoft's builders part a name from its value by a colon: `-only-testing:App/Foo`.
        let colon = prefix.iter().position(|byte| *byte == b':').filter(|at| *at > 2);
        let colon = colon.and_then(|at| Some((option::exact(levels, prefix.get(..at)?)?, at + 1)));
        if let Some((place, from)) =
            colon.filter(|(place, _)| option::at(levels, *place).is_some_and(|spec| spec.value != Takes::Nothing))
        {
            self.give(reader, place, Some(tail(word, from)));
            return after;
        }
        if self.syntax.has(Syntax::SINGLE_DASH_LONG) || prefix.starts_with(b"+") {
            let named = equals.and_then(|at| Some((option::exact(levels, prefix.get(..at)?)?, at + 1)));
            if let Some((place, from)) = named.or_else(|| option::attached(levels, prefix, self.syntax)) {
                self.give(reader, place, Some(tail(word, from)));
                return after;
            }
            return self.not_known(reader, word, after);
        }
        self.cluster(reader, word, prefix, whole, after)
    }

    fn long<'w>(
        &mut self,
        reader: &mut Reader<'_>,
        word: &Value,
        prefix: &[u8],
        whole: bool,
        after: &'w [Value],
    ) -> &'w [Value] {
        let equals = prefix.iter().position(|byte| *byte == b'=');
        if equals.is_none() && !whole {
            reader.gap(GapKind::DynamicWord, why(word, "is an option"), word.span);
            return after;
        }
        let name = prefix.get(..equals.unwrap_or(prefix.len())).unwrap_or_default();
        let value = equals.map(|at| tail(word, at + 1));
        match option::long(&self.words.levels, name, self.syntax) {
            Found::Option(place) => {
                let spec = option::at(&self.words.levels, place);
                if spec.is_some_and(|spec| spec.value == Takes::Nothing) && value.is_some() {
                    reader.gap(GapKind::UnknownOption, format!("{} takes no value", shown(name)), word.span);
                }
                self.take(reader, place, value, word, after)
            }
            Found::Negated(place) => {
                let dry = option::at(&self.words.levels, place).is_some_and(|spec| spec.flags.has(Flag::Dry));
                self.words.not_dry |= dry;
                reader.reading.options.push((shown(name), value));
                after
            }
            Found::Ambiguous => {
                reader.gap(GapKind::UnknownOption, format!("{} is ambiguous", shown(name)), word.span);
                after
            }
            Found::No => self.not_known(reader, word, after),
        }
    }

    fn cluster<'w>(
        &mut self,
        reader: &mut Reader<'_>,
        word: &Value,
        prefix: &[u8],
        whole: bool,
        after: &'w [Value],
    ) -> &'w [Value] {
        if prefix.len() <= 1 {
            reader.gap(GapKind::DynamicWord, why(word, "is an option"), word.span);
            return after;
        }
        let mut at = 1;
        while let Some(letter) = prefix.get(at) {
            at += 1;
            let place = option::exact(&self.words.levels, &[b'-', *letter]);
            let Some((place, takes)) =
                place.and_then(|place| Some((place, option::at(&self.words.levels, place)?.value)))
            else {
                if letter.is_ascii_digit() && at > 2 {
                    // The number of an option like `-n5` was taken with it; a lone digit may be declared as `-NUM`.
                    if option::exact(&self.words.levels, b"-NUM").is_some() {
                        continue;
                    }
                }
                return self.not_known(reader, word, after);
            };
            let rest = prefix.len() > at || !whole;
            match takes {
                Takes::Nothing => {
                    self.give(reader, place, None);
                    if prefix.len() == at && !whole {
                        reader.gap(GapKind::DynamicWord, why(word, "is an option"), word.span);
                        return after;
                    }
                    if rest && !self.syntax.has(Syntax::CLUSTER) {
                        return self.not_known(reader, word, after);
                    }
                }
                Takes::Value | Takes::Attached if rest => {
                    let from = if prefix.get(at) == Some(&b'=') { at + 1 } else { at };
                    return self.take(reader, place, Some(tail(word, from)), word, after);
                }
                Takes::Value | Takes::Attached => return self.take(reader, place, None, word, after),
            }
        }
        after
    }

    /// Gives an option its value, from the next word where it needs one.
    fn take<'w>(
        &mut self,
        reader: &mut Reader<'_>,
        place: Place,
        value: Option<Value>,
        word: &Value,
        after: &'w [Value],
    ) -> &'w [Value] {
        let Some(spec) = option::at(&self.words.levels, place) else { return after };
        let needs = spec.value == Takes::Value && value.is_none();
        if let (Some(role), true) = (&spec.role, needs) {
            if carries(role) || *role == Role::Words {
                return self.take_command(reader, place, role.clone(), after);
            }
        }
        if !needs {
            self.give(reader, place, value);
            return self.further(reader, place, word, after);
        }
        match after.split_first() {
            Some((value, rest)) => {
                if value.many && may_be_option(value) && !option::all_harmless(&self.words.levels) {
                    reader.gap(GapKind::DynamicWord, why(value, "may be several words"), value.span);
                }
                self.give(reader, place, Some(value.clone()));
                self.further(reader, place, word, rest)
            }
            None => {
                if self.help.is_none() {
                    reader.gap(GapKind::Partial, format!("{} lacks its value", shown(&word.display())), word.span);
                }
                self.give(reader, place, None);
                after
            }
        }
    }

    /// The further values of the option just given: each the next word.
    fn further<'w>(&mut self, reader: &mut Reader<'_>, place: Place, word: &Value, after: &'w [Value]) -> &'w [Value] {
        let count = option::at(&self.words.levels, place).map_or(0, |spec| spec.more.len());
        let Some((more, rest)) = after.split_at_checked(count) else {
            reader.gap(GapKind::Partial, format!("{} lacks a value", shown(&word.display())), word.span);
            return &[];
        };
        if let Some(given) = self.words.given.last_mut() {
            given.more = more.to_vec();
        }
        rest
    }

    /// An option that carries a command: up to its end word, or all that follows.
    fn take_command<'w>(
        &mut self,
        reader: &mut Reader<'_>,
        place: Place,
        role: Role,
        after: &'w [Value],
    ) -> &'w [Value] {
        let length = match &role {
            Role::PayloadUntil(end) => {
                let plus = end == ";";
                let ends = |value: &Value| match value.text() {
                    Some(text) => text == end.as_bytes() || plus && text == b"+",
                    None => false,
                };
                after.iter().position(ends).unwrap_or(after.len())
            }
            Role::Words => after.len().min(1),
            _ => after.len(),
        };
        let (command, rest) = after.split_at_checked(length).unwrap_or((after, &[]));
        let skip = usize::from(matches!(role, Role::PayloadUntil(_)) && !rest.is_empty());
        if role == Role::Words {
            // `env -S 'words' more`: the string's words stand before the rest of argv.
            self.give(reader, place, command.first().cloned());
            return rest;
        }
        self.note(reader, place, None);
        self.words.given.push(Given { place, value: None, carried: command.to_vec(), more: Vec::new() });
        rest.get(skip..).unwrap_or_default()
    }

    fn give(&mut self, reader: &mut Reader<'_>, place: Place, value: Option<Value>) {
        self.note(reader, place, value.as_ref());
        self.words.given.push(Given { place, value, carried: Vec::new(), more: Vec::new() });
    }

    /// Puts an option on the reading by its first declared name.
    fn note(&mut self, reader: &mut Reader<'_>, place: Place, value: Option<&Value>) {
        let Some(spec) = option::at(&self.words.levels, place) else { return };
        if spec.flags.has(Flag::Dry) {
            self.words.not_dry = false;
        }
        reader.reading.flags = reader.reading.flags.union(spec.flags);
        let name = spec.names.iter().find(|name| name.starts_with("--")).or(spec.names.first());
        let shown = name.cloned().unwrap_or_default();
        if option::harmless(spec) && value.is_none() && (shown == "--help" || shown == "--version") {
            let level = self.words.levels.len();
            if place.level + 1 == level || shown == "--help" {
                self.ask(level);
            }
        }
        reader.reading.options.push((shown, value.cloned()));
    }

    /// Help was asked for; a long name counts more than a letter.
    fn ask(&mut self, level: usize) {
        if self.help.is_none_or(|help| help.letter) {
            self.help = Some(Help { level, letter: self.letters });
        }
    }

    fn not_known<'w>(&mut self, reader: &mut Reader<'_>, word: &Value, after: &'w [Value]) -> &'w [Value] {
        let text = word.text().unwrap_or_default();
        let levels = self.words.levels.len();
        // Alone behind a subcommand the letter asks for its usage; a task of mix may take no notice of it.
        let notices = reader.reading.program.as_deref() != Some(b"mix");
        let usage = text == b"-h" && levels > 1 && self.argc == levels + 1 && notices;
        let help = text == b"--help" && !self.lost || text == b"--version" && self.argc == 2 || usage;
        if help || text == b"-help" && self.syntax.has(Syntax::SINGLE_DASH_LONG) {
            self.ask(self.words.levels.len());
            reader.reading.options.push((shown(text), None));
            return after;
        }
        let shown = shown(&word.display());
        reader.gap(GapKind::UnknownOption, shown.clone(), word.span);
        // What follows an `=` may be a path the option works on.
        let equals = word.prefix().iter().position(|byte| *byte == b'=');
        let value = equals.map(|at| tail(word, at + 1));
        if let Some(value) = &value {
            reader.unexplained(value);
        }
        reader.reading.options.push((shown, value));
        after
    }

    fn close(&mut self, reader: &mut Reader<'_>) {
        let levels = &self.words.levels;
        let runs = |given: &Given| option::at(levels, given.place).is_some_and(option::runs);
        let alone = || {
            let harmless = |given: &Given| option::at(levels, given.place).is_some_and(option::harmless);
            self.words.operands.is_empty() && self.words.carried.is_none() && self.words.given.iter().all(harmless)
        };
        let shows = self.help.is_some_and(|help| help.level == levels.len() && !self.lost && (!help.letter || alone()));
        if shows && !self.words.given.iter().any(runs) {
            reader.harmless = true;
        }
        if self.words.not_dry {
            reader.reading.flags = Flags(reader.reading.flags.0 & !(Flags::default().with(Flag::Dry).0));
        }
        let Some(tool) = self.words.levels.last() else { return };
        if tool.sub_required && tool.has_subs && !self.lost && self.words.operands.is_empty() {
            let shows = self
                .words
                .given
                .iter()
                .all(|given| option::at(&self.words.levels, given.place).is_some_and(option::harmless));
            if !shows {
                reader.gap(
                    GapKind::UnknownSubcommand,
                    format!("{} without a subcommand", tool.path.join(" ")),
                    reader.at,
                );
            }
        }
    }
}

enum Sub {
    Found,
    Lost,
    None,
}

/// Whether a word that is not known may turn out to be an option.
pub(super) fn may_be_option(word: &Value) -> bool {
    matches!(word.parts.first(), Some(Part::Hole(hole)) if matches!(hole.bound, Bound::Anything))
}

/// Whether a word has the shape `NAME=value`.
pub(super) fn assignment(word: &Value) -> bool {
    let prefix = word.prefix();
    let Some(equals) = prefix.iter().position(|byte| *byte == b'=') else { return false };
    equals > 0
        && !prefix.first().is_some_and(u8::is_ascii_digit)
        && prefix.iter().take(equals).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn why(word: &Value, role: &str) -> String {
    let hole = word.parts.iter().find_map(|part| match part {
        Part::Hole(hole) => Some(hole.why.as_str()),
        _ => None,
    });
    format!("{} {role}", hole.unwrap_or("a word"))
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
