//! What a shell holds: variables, functions, files of its own, options.

use std::rc::Rc;

use super::joined::{ALTERNATIVES, merged, weaker};
use crate::action::{ActionId, Bound, Value};
use crate::parse;
use crate::text::Span;

/// The elements of an array: keys (decimal for indexed ones) and values, in order.
pub(super) type Elements = Vec<(Vec<u8>, Value)>;

/// What a variable holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {
    /// Not set.
    Unset,
    /// One value.
    One(Value),
    /// An array.
    Array(Elements),
    /// One of these: set differently on two ways here.
    Either(Vec<Value>),
    /// One of these arrays.
    Arrays(Vec<Elements>),
}

impl Held {
    /// The arrays it may be: a scalar is one of its first element. `None`: not known as such.
    pub(super) fn arrays(&self) -> Option<Vec<Elements>> {
        let scalar = |value: &Value| vec![(b"0".to_vec(), value.clone())];
        match self {
            Held::Unset => Some(vec![Vec::new()]),
            Held::One(value) if value.many => None,
            Held::One(value) => Some(vec![scalar(value)]),
            Held::Either(values) => Some(values.iter().map(scalar).collect()),
            Held::Array(elements) => Some(vec![elements.clone()]),
            Held::Arrays(arrays) => Some(arrays.clone()),
        }
    }

    /// Each of the ways it was set, where there are several.
    pub(super) fn ways(&self) -> Option<Vec<Held>> {
        match self {
            Held::Either(values) => Some(values.iter().cloned().map(Held::One).collect()),
            Held::Arrays(arrays) => Some(arrays.iter().cloned().map(Held::Array).collect()),
            Held::Unset | Held::One(_) | Held::Array(_) => None,
        }
    }
}

/// One value for any element of any of these arrays.
pub(super) fn any_element(arrays: &[Elements]) -> Value {
    let values: Vec<Value> = arrays.iter().flatten().map(|(_, value)| value.clone()).collect();
    merged(&values)
}

/// A variable of the line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub held: Held,
    pub exported: bool,
    pub integer: bool,
    pub nameref: bool,
    pub assoc: bool,
    pub readonly: bool,
    /// `u` or `l`: values change case.
    pub case: Option<u8>,
    /// On one of two ways here it had other attributes: what it is set to is not what it holds.
    pub unsure: bool,
}

impl Variable {
    /// A plain variable.
    pub(super) fn plain(held: Held) -> Self {
        Variable {
            held,
            exported: false,
            integer: false,
            nameref: false,
            assoc: false,
            readonly: false,
            case: None,
            unsure: false,
        }
    }
}

/// A function of the line.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub body: parse::Command,
    /// Spans of text that is not the line itself stand for this place.
    pub span: Option<Span>,
    pub exported: bool,
    /// On another way here it was defined so.
    pub or: Option<Rc<Function>>,
    /// On another way here it was not defined: the name may mean a program.
    pub unsure: bool,
}

impl Function {
    /// A function defined here and now.
    pub(super) fn new(body: parse::Command, span: Option<Span>) -> Self {
        Function { body, span, exported: false, or: None, unsure: false }
    }

    /// The same for text that it does not stand in.
    pub(super) fn elsewhere(function: &Rc<Function>) -> Rc<Function> {
        let or = function.or.as_ref().map(Function::elsewhere);
        Rc::new(Function { span: Some(function.span.unwrap_or_default()), or, ..Function::clone(function) })
    }

    /// It, and what else the name may stand for.
    pub(super) fn ways(&self) -> impl Iterator<Item = &Function> {
        std::iter::successors(Some(self), |function| function.or.as_deref())
    }

    /// Whether both are one place of the line.
    pub(super) fn same(&self, other: &Function) -> bool {
        self.span.is_none() && other.span.is_none() && self.body.span == other.body.span
    }

    /// Either of two; `None`: not defined on that way.
    pub(super) fn either(one: Option<Rc<Function>>, other: Option<Rc<Function>>) -> Option<Rc<Function>> {
        let (Some(mut both), other) = (match one {
            Some(one) => (Some(one), other),
            None => (other, None),
        }) else {
            return None;
        };
        let Some(other) = other else {
            if !both.unsure {
                both = Rc::new(Function { unsure: true, ..Function::clone(&both) });
            }
            return Some(both);
        };
        for way in other.ways() {
            if !both.ways().any(|own| own.same(way)) {
                both = Rc::new(Function { or: Some(both), ..Function::clone(way) });
            }
        }
        let unsure = both.ways().chain(other.ways()).any(|way| way.unsure);
        Some(Rc::new(Function { unsure, ..Function::clone(&both) }))
    }
}

/// A file (or descriptor path) the line has made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Made {
    /// Who wrote it.
    pub by: Vec<ActionId>,
    /// Its contents, where known.
    pub text: Option<Value>,
    /// What each line of it is, where that is provable.
    pub bound: Option<Bound>,
    /// It is a copy of, a link to or a new name for this path.
    pub twin: Option<Vec<u8>>,
    /// It leads there: what is done to it is done to that.
    pub link: bool,
    /// A descriptor of the shell's own is open on it: what is in it changes with whatever is written there.
    pub open: bool,
    /// The texts of which it has one, where `text` is not known for that: written on one way only.
    pub ways: Vec<Value>,
}

impl Made {
    /// What is known of a file that was made on two ways, or on one of two. What it leads to is that of the second.
    pub(super) fn mixed(one: Option<&Made>, other: Option<&Made>) -> Option<Made> {
        let mut made = other.or(one)?.clone();
        let (Some(one), Some(_)) = (one, other) else {
            made.ways.extend(made.text.take());
            return Some(made);
        };
        if one.text != made.text {
            for way in one.text.iter().chain(&one.ways) {
                made.ways.push(way.clone());
            }
            // Where one of them is not known, none is.
            let known = (one.text.is_some() || !one.ways.is_empty()) && (made.text.is_some() || !made.ways.is_empty());
            made.ways.extend(made.text.take());
            made.ways.dedup();
            if !known || made.ways.len() > ALTERNATIVES {
                made.ways.clear();
            }
        }
        made.bound = match (&one.bound, made.bound.take()) {
            (Some(one), Some(other)) => Some(weaker(one.clone(), other)),
            _ => None,
        };
        made.open |= one.open;
        for id in &one.by {
            if let Err(at) = made.by.binary_search(id) {
                made.by.insert(at, *id);
            }
        }
        Some(made)
    }

    /// What reading it gives.
    pub(super) fn stream(&self) -> super::stream::Stream {
        super::stream::Stream {
            from: self.by.clone(),
            text: self.text.clone(),
            bound: self.bound.clone().unwrap_or(Bound::Anything),
            fed: true,
            file: None,
            ways: self.ways.clone(),
        }
    }
}

/// Shell options that change what a line does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Options {
    pub noglob: bool,
    pub aliases: bool,
    pub errexit: bool,
    /// Subshells and functions inherit the trap for errors.
    pub errtrace: bool,
    pub xtrace: bool,
    pub allexport: bool,
    /// `set -k`: words that look like assignments are the command's environment wherever they stand.
    pub keyword: bool,
    /// POSIX mode: what is assigned before a special builtin stays assigned, and aliases expand (bash manual, 6.11).
    pub posix: bool,
    /// A pipeline fails where any of its commands does.
    pub pipefail: bool,
    /// The last command of a pipeline runs in the shell itself.
    pub lastpipe: bool,
    /// A glob that matches nothing ends the line.
    pub failglob: bool,
    /// `echo` reads escapes.
    pub xpg_echo: bool,
}
