//! The small notations of tool declarations: option, operand, effect and environment strings (POLICY section 1).

use std::ops::Range;

use super::document::{Document, Text, nearest};
use crate::action::tool::{Count, DeclaredEffect, Operand, OptionSpec, Role, Syntax, Takes};
use crate::action::{EffectKind, Flag, Flags};

/// Roles without a parameter, by name.
const ROLES: &[(&str, Role)] = &[
    ("text", Role::Text),
    ("word", Role::Word),
    ("name", Role::Name),
    ("number", Role::Number),
    ("choice", Role::Choice),
    ("path", Role::Path),
    ("read", Role::Read),
    ("keyed", Role::Keyed),
    ("mount", Role::Mount),
    ("write", Role::Write),
    ("rewrite", Role::Rewrite),
    ("report", Role::Report),
    ("delete", Role::Delete),
    ("chdir", Role::Chdir),
    ("code-dir", Role::CodeDir),
    ("host", Role::Host),
    ("url", Role::Url),
    ("remote", Role::Remote),
    ("ref", Role::Ref),
    ("refspec", Role::Refspec),
    ("package", Role::Package),
    ("process", Role::Process),
    ("assign", Role::Assign),
    ("config", Role::Config),
    ("options-file", Role::OptionsFile),
    ("command", Role::Command),
    ("words", Role::Words),
    ("payload", Role::Payload),
    ("payload-stdin", Role::PayloadStdin),
];

/// Roles with a parameter, as a message names them.
const LANGUAGE_ROLES: &[&str] = &["script:LANG", "module:LANG", "settings:LANG", "code:LANG", "payload-until"];

const OPTION_HELP: &str = "an option is `names [=role | ?=role] [!flag…]`, for example \"-o --output =write\"";
const OPERAND_HELP: &str = "an operand is `role[?*+] [default]`, for example \"read*\" or \"remote? @upstream\"";

/// `-o --output =write !flag`
pub fn option(document: &mut Document<'_>, text: &Text) -> Option<OptionSpec> {
    let mut spec = OptionSpec {
        names: Vec::new(),
        value: Takes::Nothing,
        role: None,
        at_role: None,
        more: Vec::new(),
        flags: Flags::default(),
        effects: Vec::new(),
    };
    let mut tokens = tokens(&text.value).peekable();
    while let Some((place, token)) = tokens.next() {
        if let Some((takes, written)) = value_role(token) {
            let end = if written == "payload-until" { tokens.next() } else { None };
            let (role, at_role) = roles(document, text, place, written, end)?;
            if spec.value != Takes::Nothing {
                // A second value is the word after the first.
                spec.more.push(role);
                continue;
            }
            spec.value = takes;
            spec.role = Some(role);
            spec.at_role = at_role;
        } else if token.len() > 1 && token.starts_with('!') {
            let name = token.trim_start_matches('!');
            if let Some(flag) = Flag::from_name(name) {
                spec.flags = spec.flags.with(flag);
            } else if let Some(kind) = EffectKind::from_name(name) {
                spec.effects.push(kind);
            } else {
                let known: Vec<&str> = Flag::ALL
                    .iter()
                    .map(|flag| flag.name())
                    .chain(EffectKind::ALL.iter().map(|kind| kind.name()))
                    .collect();
                unknown(document, text, place, "flag or effect", name, &known);
                return None;
            }
        } else if token.starts_with(['-', '+']) || token.ends_with('=') || matches!(token, "!" | "(" | ")" | ",") {
            spec.names.push(token.to_owned());
        } else {
            document.problem_in(text, place, format!("`{token}` is no option name, =role or !flag"), OPTION_HELP);
            return None;
        }
    }
    if spec.names.is_empty() {
        document.problem(text.span.clone(), "an option without a name", OPTION_HELP);
        return None;
    }
    Some(spec)
}

/// `read* .`
pub fn operand(document: &mut Document<'_>, text: &Text) -> Option<Operand> {
    let mut tokens = tokens(&text.value);
    let Some((place, token)) = tokens.next() else {
        document.problem(text.span.clone(), "an empty operand", OPERAND_HELP);
        return None;
    };
    let (written, count) = match token.strip_suffix(['?', '*', '+']) {
        Some(role) if token.ends_with('?') => (role, Count::Optional),
        Some(role) if token.ends_with('*') => (role, Count::Any),
        Some(role) => (role, Count::Many),
        None => (token, Count::One),
    };
    let end = if written == "payload-until" { tokens.next() } else { None };
    let (role, at_role) = roles(document, text, place, written, end)?;
    let default = tokens.next().map(|(_, default)| default.to_owned());
    if let Some((place, more)) = tokens.next() {
        document.problem_in(text, place, format!("`{more}` is one word too many"), OPERAND_HELP);
        return None;
    }
    Some(Operand { role, at_role, count, default })
}

/// `commits @branch`
pub fn effect(document: &mut Document<'_>, text: &Text) -> Option<DeclaredEffect> {
    let mut tokens = tokens(&text.value);
    let (place, name) = tokens.next()?;
    let Some(kind) = EffectKind::from_name(name) else {
        let known: Vec<&str> = EffectKind::ALL.iter().map(|kind| kind.name()).collect();
        unknown(document, text, place, "effect", name, &known);
        return None;
    };
    let object = tokens.next().map(|(_, object)| object.to_owned());
    if let Some((place, more)) = tokens.next() {
        document.problem_in(text, place, format!("`{more}` is one word too many"), "an effect is `kind [object]`");
        return None;
    }
    Some(DeclaredEffect { kind, object })
}

/// `RIPGREP_CONFIG_PATH =options-file`: several names may share a role.
pub fn environment(document: &mut Document<'_>, text: &Text) -> Vec<(String, Role)> {
    let mut names = Vec::new();
    for (place, token) in tokens(&text.value) {
        if let Some(written) = token.strip_prefix('=') {
            let Some((role, _)) = roles(document, text, place, written, None) else { return Vec::new() };
            return names.into_iter().map(|name: &str| (name.to_owned(), role.clone())).collect();
        }
        names.push(token);
    }
    document.problem(
        text.span.clone(),
        "a variable without a role",
        "write `NAME =role`, for example \"PAGER =command\"",
    );
    Vec::new()
}

/// `["cluster", "abbrev"]`
pub fn syntax(document: &mut Document<'_>, words: &[Text]) -> Syntax {
    let mut syntax = Syntax::default();
    for word in words {
        match Syntax::NAMES.iter().position(|name| *name == word.value) {
            Some(bit) => syntax.0 |= 1 << bit,
            None => unknown(document, word, 0..word.value.len(), "syntax word", &word.value, Syntax::NAMES),
        }
    }
    syntax
}

/// `read`, `text|@read`, `script:python`, `payload-until ;`
fn roles(
    document: &mut Document<'_>,
    text: &Text,
    place: Range<usize>,
    written: &str,
    end: Option<(Range<usize>, &str)>,
) -> Option<(Role, Option<Role>)> {
    let (plain, at) = match written.split_once("|@") {
        Some((plain, at)) => (plain, Some(at)),
        None => (written, None),
    };
    let mut one = |name: &str| {
        let role = match (name, name.split_once(':')) {
            ("payload-until", _) => Some(Role::PayloadUntil(end.as_ref().map_or(";", |(_, word)| word).to_owned())),
            (_, Some(("script", language))) if !language.is_empty() => Some(Role::Script(language.to_owned())),
            (_, Some(("module", language))) if !language.is_empty() => Some(Role::Module(language.to_owned())),
            (_, Some(("settings", language))) if !language.is_empty() => Some(Role::Settings(language.to_owned())),
            (_, Some(("code", language))) if !language.is_empty() => Some(Role::Code(language.to_owned())),
            _ => ROLES.iter().find(|(known, _)| *known == name).map(|(_, role)| role.clone()),
        };
        if role.is_none() {
            let known: Vec<&str> = ROLES.iter().map(|(name, _)| *name).chain(LANGUAGE_ROLES.iter().copied()).collect();
            unknown(document, text, place.clone(), "role", name, &known);
        }
        role
    };
    let plain = one(plain)?;
    match at {
        Some(at) => Some((plain, Some(one(at)?))),
        None => Some((plain, None)),
    }
}

fn value_role(token: &str) -> Option<(Takes, &str)> {
    if let Some(role) = token.strip_prefix("?=") {
        Some((Takes::Attached, role))
    } else {
        token.strip_prefix('=').map(|role| (Takes::Value, role))
    }
}

fn unknown(document: &mut Document<'_>, text: &Text, place: Range<usize>, what: &str, word: &str, known: &[&str]) {
    let remedy = match nearest(word, known) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("one of: {}", known.join(" ")),
    };
    document.problem_in(text, place, format!("`{word}` is no {what}"), remedy);
}

/// The words of a notation with their places in it.
fn tokens(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.split_ascii_whitespace().map(move |token| {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        (start..start + token.len(), token)
    })
}
