//! What the shell knows at one point of the line: variables, functions, aliases, the working directory, options, and the
//! files the line has made so far. Cheap to copy (subshells copy it), joined where branches meet.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::held::{Function, Held, Made, Options, Variable};
use super::joined::{ALTERNATIVES, PLACES, cased, either, merged};
use super::shared::Shared;
use super::trap::Watch;
use crate::action::{ActionId, Bound, Value, path};
use crate::parse;

/// Everything known at one point.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub dialect: parse::Dialect,
    pub variables: Shared<Variable>,
    pub functions: Shared<Function>,
    pub aliases: Shared<Vec<u8>>,
    /// `$0` first.
    pub positional: Rc<Vec<Value>>,
    pub cwd: Value,
    /// Where the shell still is if the last `cd` fails: a directory that does not exist yet.
    pub cwd_else: Option<Value>,
    /// Where else it may stand: another way led there.
    pub cwd_also: Rc<Vec<Value>>,
    pub old_cwd: Option<Value>,
    /// What `pushd` left, the nearest last.
    pub directories: Vec<Value>,
    pub options: Options,
    pub made: Shared<Made>,
    /// The input under which `exec` gave the shell another: below it, that one counts.
    pub input: Option<Rc<super::stream::Stream>>,
    /// Some file the line has made is a link.
    pub linked: bool,
    /// Links whose own name is not all known, or that are there on one of two ways, and where they lead.
    pub links: Rc<Vec<(Value, Vec<u8>)>>,
    /// Handlers of `trap` that may run between any two commands from here on.
    pub watches: Rc<Vec<Watch>>,
    /// Directories that archives were unpacked to, and by whom.
    pub unpacked: Rc<Vec<(Vec<u8>, ActionId)>>,
    /// `$_`: the last word of the command before. `None`: not known.
    pub last: Option<Value>,
    /// Variables that the function being called has made its own; `false`: on one of two ways.
    pub locals: Rc<Vec<(Vec<u8>, bool)>>,
    /// What the variables held that the function being called has hidden since then behind its own; `true`: what it has given
    /// to global ones, which those of its callers may hide too.
    pub hidden: Rc<Vec<(Vec<u8>, Held, bool)>>,
    /// `exit`, `return`, `break`: nothing after this point is reached this way.
    pub ended: bool,
}

/// Variables that bash gives values of its own, whatever they are set to.
const COUNTED: &[&[u8]] = &[
    b"RANDOM",
    b"SRANDOM",
    b"SECONDS",
    b"LINENO",
    b"BASHPID",
    b"EPOCHSECONDS",
    b"EPOCHREALTIME",
    b"HISTCMD",
    b"BASH_SUBSHELL",
];

impl State {
    /// The variable of that name, if the line set or unset it; namerefs are not followed.
    pub(super) fn variable(&self, name: &[u8]) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// The name a nameref stands for; the name itself otherwise. `None`: a nameref to what is not known.
    pub(super) fn target(&self, name: &[u8]) -> Option<Vec<u8>> {
        let mut name = name.to_vec();
        for _ in 0..8 {
            match self.variables.get(&name) {
                Some(Variable { nameref: true, held: Held::One(value), .. }) => name = value.text()?.to_vec(),
                Some(Variable { nameref: true, .. }) => return None,
                _ => return Some(name),
            }
        }
        None
    }

    /// Changes a variable in place, making it if need be.
    pub(super) fn change(&mut self, name: &[u8], change: impl FnOnce(&mut Variable)) {
        self.variables.change(name, || Variable::plain(Held::Unset), change);
    }

    /// Sets a scalar (element 0 of an array), keeping attributes.
    pub(super) fn set(&mut self, name: &[u8], value: Value) {
        if self.unbound(name) {
            return self.change(name, |variable| variable.held = Held::One(value));
        }
        let unsure = self.variables.get(name).is_some_and(|variable| variable.unsure);
        let value =
            if unsure { Value::hole("a variable whose attributes are not known", Bound::Anything) } else { value };
        let Some(name) = self.target(name) else { return };
        if self.fixed(&name) {
            return;
        }
        if name == b"BASH_ARGV0"
            && let Some(zero) = Rc::make_mut(&mut self.positional).first_mut()
        {
            *zero = value.clone();
        }
        let value =
            if COUNTED.contains(&name.as_slice()) { Value::hole("what bash counts", Bound::Number) } else { value };
        let export = self.options.allexport;
        self.change(&name, |variable| {
            variable.exported |= export;
            let value = cased(variable.case, value);
            let number = |text: &[u8]| text.iter().all(u8::is_ascii_digit) || text.starts_with(b"-");
            let value = match value.text() {
                // What is no number yet is evaluated.
                Some(text) if variable.integer && !number(text) => Value::hole("a sum", Bound::Number),
                _ => value,
            };
            match &mut variable.held {
                Held::Array(elements) if elements.iter().any(|(_, value)| value.many) => {
                    let value = Value::hole("an array of an unknown length", Bound::Anything);
                    variable.held = Held::One(Value { many: true, ..value });
                }
                Held::Array(elements) => match elements.iter_mut().find(|(key, _)| key == b"0") {
                    Some((_, element)) => *element = value,
                    None => elements.insert(0, (b"0".to_vec(), value)),
                },
                held => *held = Held::One(value),
            }
        });
    }

    /// `PWD` is each of the directories the shell may stand in.
    pub(super) fn tells_where(&mut self) {
        let mut all = vec![self.cwd.clone()];
        all.extend(self.cwd_else.iter().chain(self.cwd_also.iter()).cloned());
        all.dedup();
        let held = if all.len() > 1 { Held::Either(all) } else { Held::One(all.remove(0)) };
        self.change(b"PWD", |variable| variable.held = held);
    }

    /// The working directory as its own name tells it: where it is one of several, somewhere below what they share.
    pub(super) fn stands(&self) -> Value {
        let mut shared: Option<&[u8]> = None;
        for place in [&self.cwd].into_iter().chain(&self.cwd_else).chain(self.cwd_also.iter()) {
            let Some(mut place) = place.text().filter(|place| place.starts_with(b"/")) else {
                let alone = self.cwd_else.is_none() && self.cwd_also.is_empty();
                return if alone { place.clone() } else { Value::hole(PLACES, Bound::Anything) };
            };
            while shared.is_some_and(|shared| !path::within(shared, place)) {
                place = path::parent(place);
            }
            shared = Some(place);
        }
        if shared == self.cwd.text() && self.cwd_else.is_none() && self.cwd_also.is_empty() {
            return self.cwd.clone();
        }
        let directory = shared.unwrap_or(b"/").to_vec();
        Value::hole(PLACES, Bound::Below { directory, from: None, names: Vec::new() })
    }

    /// `unset 'name[key]'`
    pub(super) fn remove_element(&mut self, name: &[u8], key: &Value) {
        let Some(name) = self.target(name).filter(|name| !self.fixed(name)) else { return };
        self.change(&name, |variable| match (&mut variable.held, key.text()) {
            // Of any number of them it is one less, if it was there.
            (Held::Array(elements), _) if elements.iter().any(|(_, value)| value.many) => {}
            (Held::Array(elements), Some(key)) => {
                let back = key.strip_prefix(b"-").and_then(super::variables::number_of);
                let at = back.and_then(|back| super::variables::next_index(elements).checked_sub(back));
                let key = at.map_or_else(|| key.to_vec(), |at| at.to_string().into_bytes());
                elements.retain(|(own, _)| *own != key);
            }
            (Held::One(_) | Held::Unset, Some(b"0")) => variable.held = Held::Unset,
            // What is no array keeps what it is.
            (Held::One(value), Some([b'1'..=b'9', ..])) if !value.many => {}
            (held, _) => {
                let value = Value::hole("an array from which something was taken", Bound::Anything);
                *held = Held::One(Value { many: true, ..value });
            }
        });
    }

    /// Sets a variable to whatever it is to hold; a scalar as [`State::set`] does.
    pub(super) fn hold(&mut self, name: &[u8], held: Held) {
        match held {
            Held::One(value) if !value.many => self.set(name, value),
            held => {
                let Some(name) = self.target(name).filter(|name| !self.fixed(name)) else { return };
                self.change(&name, |variable| {
                    variable.held = match held {
                        Held::Either(values) if variable.integer => {
                            Held::One(Value { taint: merged(&values).taint, ..Value::hole("a sum", Bound::Number) })
                        }
                        Held::Either(values) => {
                            Held::Either(values.into_iter().map(|value| cased(variable.case, value)).collect())
                        }
                        held => held,
                    };
                });
            }
        }
    }

    /// Whether it is read-only: whoever sets it fails, and it keeps what it holds.
    pub(super) fn fixed(&self, name: &[u8]) -> bool {
        self.variables.get(name).is_some_and(|variable| variable.readonly)
    }

    /// Whether it is a reference that stands for no name yet: setting it says which.
    pub(super) fn unbound(&self, name: &[u8]) -> bool {
        matches!(self.variables.get(name), Some(Variable { nameref: true, held: Held::Unset, .. }))
    }

    /// What was set becomes unknown.
    pub(super) fn forget(&mut self, name: &[u8], why: &str, bound: Bound) {
        if self.fixed(name) {
            return;
        }
        let mut value = Value::hole(why, bound);
        self.change(name, |variable| {
            value.many = matches!(variable.held, Held::Array(_) | Held::Arrays(_));
            variable.held = Held::One(value);
        });
    }

    /// The file the line made at `path`.
    pub(super) fn made(&self, path: &[u8]) -> Option<&Made> {
        self.made.get(path)
    }

    /// Remembers a file of the line.
    pub(super) fn make(&mut self, path: &[u8], made: Made) {
        self.linked |= made.link;
        self.made.insert(path, made);
    }

    /// A process of its own ended: its files stay.
    pub(super) fn keep_files(&mut self, own: State) {
        self.made = own.made;
        self.linked = own.linked;
        self.links = own.links;
        self.unpacked = own.unpacked;
    }

    /// Remembers a directory that holds an archive's files.
    pub(super) fn unpack(&mut self, directory: Vec<u8>, by: ActionId) {
        Rc::make_mut(&mut self.unpacked).push((directory, by));
    }

    /// After this point either way was taken.
    pub(super) fn join(&mut self, other: State) {
        let mut other = other;
        match (self.variable(b"PWD").is_some(), other.variable(b"PWD").is_some()) {
            (true, false) => other.tells_where(),
            (false, true) => self.tells_where(),
            _ => {}
        }
        if other.ended {
            return;
        }
        if self.ended {
            *self = other;
            return;
        }
        for name in self.variables.apart(&other.variables) {
            self.join_variable(&name, other.variables.get(&name));
        }
        // A definition of either branch may be in force.
        for name in self.functions.apart(&other.functions) {
            if let Some(both) = Function::either(self.functions.hold(&name), other.functions.hold(&name)) {
                self.functions.insert(&name, both);
            }
        }
        self.aliases.take(&other.aliases);
        for path in self.made.apart(&other.made) {
            let lost = match (self.made.get(&path), other.made.get(&path)) {
                (Some(Made { link: true, twin: Some(twin), .. }), Some(theirs))
                    if theirs.twin.as_ref() != Some(twin) =>
                {
                    Some(twin.clone())
                }
                _ => None,
            };
            if let Some(twin) = lost {
                Rc::make_mut(&mut self.links).push((Value::known(path.as_ref()), twin));
            }
        }
        let mixed: Vec<(Rc<[u8]>, Made)> = self
            .made
            .apart(&other.made)
            .into_iter()
            .filter_map(|path| {
                let made = Made::mixed(self.made.get(&path), other.made.get(&path))?;
                Some((path, made))
            })
            .collect();
        self.made.take(&other.made);
        for (path, made) in mixed {
            self.made.insert(&path, made);
        }
        self.linked |= other.linked;
        if !Rc::ptr_eq(&self.links, &other.links) {
            let more: Vec<(Value, Vec<u8>)> =
                other.links.iter().filter(|link| !self.links.contains(link)).cloned().collect();
            Rc::make_mut(&mut self.links).extend(more);
        }
        if !Rc::ptr_eq(&self.watches, &other.watches) {
            let more: Vec<Watch> =
                other.watches.iter().filter(|watch| !self.watches.contains(watch)).cloned().collect();
            if !more.is_empty() {
                Rc::make_mut(&mut self.watches).extend(more);
            }
        }
        if self.unpacked.len() < other.unpacked.len() {
            self.unpacked = Rc::clone(&other.unpacked);
        }
        if self.positional != other.positional {
            let zero = self.positional.first().cloned().unwrap_or_default();
            let mut rest = Value::hole("positional parameters set on one of two ways", Bound::Anything);
            rest.many = true;
            self.positional = Rc::new(vec![zero, rest]);
        }
        for directory in other.cwd_also.iter().chain(&other.cwd_else).chain([&self.cwd]) {
            if *directory != other.cwd
                && Some(directory) != self.cwd_else.as_ref()
                && !self.cwd_also.contains(directory)
            {
                let also = Rc::make_mut(&mut self.cwd_also);
                if also.len() < ALTERNATIVES {
                    also.push(directory.clone());
                } else {
                    *also = vec![Value::hole("one of many directories", Bound::Anything)];
                }
            }
        }
        self.cwd = other.cwd;
        if self.old_cwd != other.old_cwd {
            let ways: Option<Vec<Value>> = [self.old_cwd.take(), other.old_cwd].into_iter().collect();
            self.old_cwd = ways.map(|ways| merged(&ways));
        }
        if self.directories != other.directories {
            self.directories = vec![Value::hole("a directory of one of two ways", Bound::Anything)];
        }
        if self.last != other.last {
            self.last = None;
        }
        if self.hidden != other.hidden {
            let more: Vec<(Vec<u8>, Held, bool)> =
                other.hidden.iter().filter(|given| !self.hidden.contains(given)).cloned().collect();
            Rc::make_mut(&mut self.hidden).extend(more);
        }
        if self.locals != other.locals {
            let mut both = Rc::unwrap_or_clone(other.locals);
            let mine = Rc::make_mut(&mut self.locals);
            for (name, sure) in mine.iter_mut() {
                *sure &= both.iter().any(|(own, other)| own == name && *other);
            }
            both.retain(|(name, _)| !mine.iter().any(|(own, _)| own == name));
            mine.extend(both.into_iter().map(|(name, _)| (name, false)));
        }
        self.options.aliases |= other.options.aliases;
        self.options.errexit &= other.options.errexit;
        self.options.errtrace |= other.options.errtrace;
        self.options.noglob &= other.options.noglob;
        self.options.allexport |= other.options.allexport;
        self.options.keyword |= other.options.keyword;
        self.options.posix |= other.options.posix;
        self.options.pipefail |= other.options.pipefail;
        self.options.lastpipe |= other.options.lastpipe;
        self.options.failglob |= other.options.failglob;
        self.options.xpg_echo |= other.options.xpg_echo;
    }

    /// Whether more has changed since `before` than what the variables in `set` hold.
    pub(super) fn moved(&self, before: &State, set: &BTreeSet<Vec<u8>>) -> bool {
        let variable = |name: &[u8]| !set.contains(name) && self.variables.get(name) != before.variables.get(name);
        let function = |name: &[u8]| match (self.functions.get(name), before.functions.get(name)) {
            (Some(mine), Some(theirs)) => !mine.same(theirs),
            (mine, theirs) => mine.is_some() || theirs.is_some(),
        };
        self.cwd != before.cwd
            || self.cwd_also != before.cwd_also
            || self.positional != before.positional
            || self.directories != before.directories
            || self.variables.apart(&before.variables).iter().any(|name| variable(name))
            || self.functions.apart(&before.functions).iter().any(|name| function(name))
            || self.aliases.apart(&before.aliases).iter().any(|name| self.aliases.get(name) != before.aliases.get(name))
            || self.made.apart(&before.made).iter().any(|path| before.made.get(path).is_none())
    }

    /// After more rounds than are walked: where it stands and what its parameters are is not known.
    pub(super) fn widen(&mut self) {
        self.cwd = Value::hole("a directory that a loop moves on from", Bound::Anything);
        let zero = self.positional.first().cloned().unwrap_or_default();
        let rest = Value { many: true, ..Value::hole("positional parameters moved in a loop", Bound::Anything) };
        self.positional = Rc::new(vec![zero, rest]);
    }

    fn join_variable(&mut self, name: &[u8], other: Option<&Variable>) {
        let mine = self.variables.get(name);
        if mine == other {
            return;
        }
        let unset = Variable::plain(Held::Unset);
        let (left, right) = (mine.unwrap_or(&unset), other.unwrap_or(&unset));
        let mut joined = if mine.is_some() { left.clone() } else { right.clone() };
        joined.exported = left.exported || right.exported;
        let ways = |variable: &Variable| (variable.integer, variable.nameref, variable.readonly, variable.case);
        joined.unsure |= right.unsure || ways(left) != ways(right);
        joined.nameref |= right.nameref;
        joined.readonly &= right.readonly;
        joined.held = either(&left.held, &right.held);
        self.variables.insert(name, joined);
    }
}
