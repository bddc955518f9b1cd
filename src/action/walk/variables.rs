//! Reading and assigning variables, the line's and the environment's.

use super::held::{Held, any_element};
use super::joined::merged;
use super::letters::subscripted;
use super::state::State;
use super::walker::{Frame, Walker};
use crate::action::{Bound, Effect, EffectKind, GapKind, Object, Seen, Value, Variable as Inherited};
use crate::parse::Dialect;
use crate::text::Span;

/// How names of bash's own variables begin.
const OWN: &[&[u8]] = &[b"BASH", b"COMP_", b"READLINE_"];

impl Walker<'_> {
    /// Whether a word is the name of no file in the directory in force.
    pub(super) fn is_no_file(&self, word: &[u8], state: &State) -> bool {
        let plain = word.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let file = crate::action::path::absolute(&state.cwd, &Value::known(word));
        plain
            && file.text().is_some_and(|file| {
                let kind = self.world.kind(file);
                state.made(file).is_none()
                    && matches!(kind, crate::action::FileKind::Missing | crate::action::FileKind::Directory)
            })
    }

    /// What `$name` is.
    pub(super) fn read_variable(&self, name: &[u8], state: &State) -> Value {
        let Some(name) = state.target(name) else {
            return Value::hole("a reference to a variable that is not known", Bound::Anything);
        };
        if let Some((base, key)) = subscripted(&name) {
            return self.element(base, &Value::known(key), state);
        }
        let name = name.as_slice();
        if let Some(variable) = state.variable(name) {
            return match &variable.held {
                Held::Unset => Value::default(),
                Held::One(value) => value.clone(),
                Held::Either(values) => merged(values),
                Held::Arrays(arrays) => any_element(arrays),
                Held::Array(_) => self.element(name, &Value::known("0"), state),
            };
        }
        let why = || format!("variable {} of the environment", String::from_utf8_lossy(name));
        match name {
            b"PWD" | b"DIRSTACK" => state.stands(),
            b"OLDPWD" => state.old_cwd.clone().unwrap_or_else(|| Value::hole(why(), Bound::Anything)),
            b"RANDOM" | b"SRANDOM" | b"SECONDS" | b"LINENO" | b"PPID" | b"BASHPID" | b"EPOCHSECONDS" | b"UID"
            | b"EUID" | b"SHLVL" | b"COLUMNS" | b"LINES" | b"BASH_SUBSHELL" | b"OPTIND" => {
                Value::hole(why(), Bound::Number)
            }
            b"HOSTNAME" | b"OSTYPE" | b"HOSTTYPE" | b"MACHTYPE" | b"BASH_VERSION" | b"EPOCHREALTIME" => {
                Value::hole(why(), Bound::Name)
            }
            // The text of `-c` comes from no file.
            b"BASH_SOURCE" if state.positional.first().and_then(Value::text) == Some(b"bash") => Value::default(),
            b"IFS" => Value::known(" \t\n"),
            b"_" => state.last.clone().unwrap_or_else(|| Value::hole("the last word of a command", Bound::Anything)),
            b"FUNCNAME" | b"REPLY" | b"OPTARG" | b"SHELLOPTS" | b"PS4" => Value::hole(why(), Bound::Anything),
            b"PIPESTATUS" | b"GROUPS" => Value::hole(why(), Bound::Number),
            // What bash itself keeps is in no environment.
            name if OWN.iter().any(|own| name.starts_with(own)) => match self.world.variable(name) {
                Inherited::Set(text) if name == b"BASH_ENV" => Value::known(text),
                Inherited::Unset if name == b"BASH_ENV" => Value::default(),
                _ => Value::hole(why(), Bound::Anything),
            },
            // The value would not tell what the name does.
            name if crate::action::world::claims_production(name) => Value::hole(why(), Bound::Anything),
            _ => match self.world.variable(name) {
                Inherited::Set(text) => Value::known(text),
                Inherited::Unset => Value::default(),
                Inherited::Unknown => match (name, self.world.home()) {
                    (b"HOME", Some(home)) => Value::known(home),
                    (b"USER" | b"LOGNAME", _) => Value::hole(why(), Bound::Name),
                    _ => Value::hole(why(), Bound::Anything),
                },
            },
        }
    }

    /// One element of an array.
    pub(super) fn element(&self, name: &[u8], key: &Value, state: &State) -> Value {
        let Some(name) = state.target(name) else { return Value::hole("an unknown reference", Bound::Anything) };
        match (state.variable(&name).map(|variable| &variable.held), key.text()) {
            (Some(Held::Array(elements)), Some(key)) => {
                let key =
                    match key.strip_prefix(b"-").and_then(|back| std::str::from_utf8(back).ok()?.parse::<usize>().ok())
                    {
                        Some(back) => next_index(elements).checked_sub(back).map(|at| at.to_string().into_bytes()),
                        None => Some(key.to_vec()),
                    };
                // Behind one that stands for any number of them, no key is sure.
                if elements.iter().any(|(_, value)| value.many) {
                    return Value { many: false, ..any_element(std::slice::from_ref(elements)) };
                }
                elements
                    .iter()
                    .find(|(own, _)| Some(own) == key.as_ref())
                    .map(|(_, value)| value.clone())
                    .unwrap_or_default()
            }
            (Some(Held::Array(elements)), None) => {
                let mut values: Vec<Value> = elements.iter().map(|(_, value)| value.clone()).collect();
                if values.len() > 1 {
                    // There may be none under that key.
                    values.push(Value::default());
                }
                super::joined::merged(&values)
            }
            (None, Some(key)) if name == b"BASH_ALIASES" => match state.aliases.get(key) {
                Some(text) => Value::known(text.as_slice()),
                None => Value::hole("what an alias stands for", Bound::Anything),
            },
            (None, Some(key)) if name == b"DIRSTACK" => self.stacked(&[b"+", key].concat(), state),
            (_, Some(b"0")) => self.read_variable(&name, state),
            // A scalar has one element.
            (Some(Held::One(value)), Some(key))
                if !value.many
                    && !value.has_hole()
                    && number_of(key).is_some()
                    && state.variable(&name).is_some_and(|own| !own.assoc) =>
            {
                Value::default()
            }
            (None, _) => Value::hole("an array of the environment", Bound::Anything),
            // Of a text that is not known yet there may be no such element.
            _ => Value { many: true, ..self.read_variable(&name, state) },
        }
    }

    /// A variable as a program started here sees it.
    pub(super) fn seen(&self, name: &[u8], leading: &[(Vec<u8>, Value)], state: &State) -> Seen {
        if let Some((_, value)) = leading.iter().rev().find(|(own, _)| own == name) {
            return Seen::Line(value.clone());
        }
        if let Some(variable) = state.variable(name) {
            if variable.exported || matches!(self.world.variable(name), Inherited::Set(_)) {
                return match &variable.held {
                    Held::Unset => Seen::Unset,
                    Held::One(value) => Seen::Line(value.clone()),
                    Held::Either(values) => Seen::Line(merged(values)),
                    Held::Array(_) | Held::Arrays(_) => Seen::Unset,
                };
            }
        }
        Seen::Untouched
    }

    /// The environment the line sets for a program: exports in force, then leading assignments.
    pub(super) fn assigns(&self, leading: &[(Vec<u8>, Value)], state: &State) -> Vec<(Vec<u8>, Value)> {
        let mut out: Vec<(Vec<u8>, Value)> = Vec::new();
        for (name, variable) in state.variables.iter().filter(|(_, variable)| variable.exported) {
            match &variable.held {
                Held::One(value) => out.push((name.to_vec(), value.clone())),
                Held::Either(values) => out.push((name.to_vec(), merged(values))),
                Held::Unset | Held::Array(_) | Held::Arrays(_) => {}
            }
        }
        out.extend(leading.iter().cloned());
        out
    }

    /// Text that bash expands as a prompt (`${x@P}`, PS4): what its escapes stand for is expanded as well.
    pub(super) fn prompt(&mut self, text: &[u8], state: &mut State, frame: &Frame) -> Option<Value> {
        let (decoded, known) = prompt_escapes(text);
        let value = self.prompt_text(&decoded, state, frame).filter(|_| known);
        if state.dialect == Dialect::Bash || decoded == text {
            return value;
        }
        // Behind sh may stand bash, or a shell that leaves escapes as they are.
        self.prompt_text(text, state, frame).filter(|plain| value.as_ref() == Some(plain))
    }

    /// Text that bash expands as inside double quotes: its substitutions run.
    pub(super) fn prompt_text(&mut self, text: &[u8], state: &mut State, frame: &Frame) -> Option<Value> {
        if !text.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\')) {
            return Some(Value::known(text));
        }
        let delimiter: &[u8] = b"__END_OF_TEXT__";
        if text.windows(delimiter.len()).any(|window| window == delimiter) {
            self.opaque(GapKind::Opaque, "text expanded at run time", Span::default(), state, frame);
            return None;
        }
        let source = [b": <<", delimiter, b"\n", text, b"\n", delimiter, b"\n"].concat();
        let script = self.parse(&source, state, frame)?;
        self.opaque_places(&script, b"", frame);
        let command = script.body.items.first()?.first.commands.first()?;
        let redirect = command.redirects.first()?;
        if let crate::parse::RedirectTarget::Heredoc(heredoc) = &redirect.target {
            let value = self.scalar(&heredoc.body, state, frame);
            return Some(without_newlines(value));
        }
        None
    }
}

/// A prompt with its numbered characters in place, and whether nothing else in it stands for what only the shell knows.
fn prompt_escapes(text: &[u8]) -> (Vec<u8>, bool) {
    let (mut out, mut known) = (Vec::with_capacity(text.len()), true);
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let digits = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        match rest.first() {
            Some(next) if *byte == b'\\' && digits == 0 => {
                known &= matches!(next, b'\\' | b'$');
                out.extend([*byte, *next]);
                rest = rest.get(1..).unwrap_or_default();
            }
            Some(_) if *byte == b'\\' => {
                let number = rest.iter().take(digits).fold(0_u32, |number, digit| number * 8 + u32::from(digit - b'0'));
                out.extend(u8::try_from(number & 0xff));
                rest = rest.get(digits..).unwrap_or_default();
            }
            Some(_) | None => out.push(*byte),
        }
    }
    (out, known)
}

/// The index that a key is.
pub(super) fn number_of(key: &[u8]) -> Option<usize> {
    std::str::from_utf8(key).ok()?.parse().ok()
}

/// The index behind the last of an array.
pub(super) fn next_index(elements: &[(Vec<u8>, Value)]) -> usize {
    elements.iter().rev().find_map(|(key, _)| number_of(key)).map_or(0, |last| last.saturating_add(1))
}

/// A subscript counted from the end as the one it stands for; `None`: it lies before the first.
pub(super) fn counted_back(elements: &[(Vec<u8>, Value)], key: Vec<u8>, assoc: bool) -> Option<Vec<u8>> {
    match key.strip_prefix(b"-").and_then(number_of) {
        Some(back) if !assoc => next_index(elements).checked_sub(back).map(|at| at.to_string().into_bytes()),
        _ => Some(key),
    }
}

/// What command substitution leaves: no newlines at the end.
pub(super) fn without_newlines(mut value: Value) -> Value {
    while let Some(crate::action::Part::Known(text)) = value.parts.last_mut() {
        while text.last() == Some(&b'\n') {
            text.pop();
        }
        if !text.is_empty() {
            break;
        }
        value.parts.pop();
    }
    value
}

/// What changes or ends the shell's record of its commands.
pub(super) fn hides_history(span: Span) -> Effect {
    let (kind, object) = (EffectKind::Configures, Object::None);
    Effect::certain(kind, object, span)
}
