//! Reading and assigning variables, the line's and the environment's.

use super::environment;
use super::state::{Held, State, merged};
use super::walker::{Frame, Walker};
use super::{blank, gap};
use crate::action::{Action, ActionKind, Bound, GapKind, Seen, Value, Variable as Inherited};
use crate::parse::{Assign, AssignValue, Word};
use crate::text::Span;

impl Walker<'_> {
    /// What `$name` is.
    pub(super) fn read_variable(&self, name: &[u8], state: &State) -> Value {
        let Some(name) = state.target(name) else {
            return Value::hole("a reference to a variable that is not known", Bound::Anything);
        };
        let name = name.as_slice();
        if let Some(variable) = state.variable(name) {
            return match &variable.held {
                Held::Unset => Value::default(),
                Held::One(value) => value.clone(),
                Held::Either(values) => merged(values),
                Held::Array(elements) => {
                    elements.iter().find(|(key, _)| key == b"0").map(|(_, value)| value.clone()).unwrap_or_default()
                }
            };
        }
        let why = || format!("variable {} of the environment", String::from_utf8_lossy(name));
        match name {
            b"PWD" => state.cwd.clone(),
            b"OLDPWD" => state.old_cwd.clone().unwrap_or_else(|| Value::hole(why(), Bound::Anything)),
            b"RANDOM" | b"SRANDOM" | b"SECONDS" | b"LINENO" | b"PPID" | b"BASHPID" | b"EPOCHSECONDS" | b"UID"
            | b"EUID" | b"SHLVL" | b"COLUMNS" | b"LINES" | b"BASH_SUBSHELL" | b"OPTIND" => {
                Value::hole(why(), Bound::Number)
            }
            b"HOSTNAME" | b"OSTYPE" | b"HOSTTYPE" | b"MACHTYPE" | b"BASH_VERSION" | b"EPOCHREALTIME" => {
                Value::hole(why(), Bound::Name)
            }
            b"IFS" => Value::known(" \t\n"),
            b"_" | b"BASH_SOURCE" | b"FUNCNAME" | b"BASH_COMMAND" | b"REPLY" | b"OPTARG" => {
                Value::hole(why(), Bound::Anything)
            }
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

    /// A variable as a program started here sees it.
    pub(super) fn seen(&self, name: &[u8], leading: &[(Vec<u8>, Value)], state: &State) -> Seen {
        if let Some((_, value)) = leading.iter().rev().find(|(own, _)| own == name) {
            return Seen::Line(value.clone());
        }
        if let Some(variable) = state.variable(name) {
            let inherited = matches!(self.world.variable(name), Inherited::Set(_));
            if variable.exported || inherited {
                return match &variable.held {
                    Held::Unset => Seen::Unset,
                    Held::One(value) => Seen::Line(value.clone()),
                    Held::Either(values) => Seen::Line(merged(values)),
                    Held::Array(_) => Seen::Unset,
                };
            }
        }
        match self.world.variable(name) {
            Inherited::Set(text) => Seen::Inherited(text),
            Inherited::Unset | Inherited::Unknown => Seen::Unset,
        }
    }

    /// The environment the line sets for a program: exports in force, then leading assignments.
    pub(super) fn assigns(&self, leading: &[(Vec<u8>, Value)], state: &State) -> Vec<(Vec<u8>, Value)> {
        let mut out: Vec<(Vec<u8>, Value)> = Vec::new();
        for (name, variable) in state.variables.iter().filter(|(_, variable)| variable.exported) {
            match &variable.held {
                Held::One(value) => out.push((name.clone(), value.clone())),
                Held::Either(values) => out.push((name.clone(), merged(values))),
                Held::Unset | Held::Array(_) => {}
            }
        }
        out.extend(leading.iter().cloned());
        out
    }

    /// Expands one assignment and applies it (`keep`), or only says what it would set (a leading assignment).
    pub(super) fn assign(&mut self, assign: &Assign, keep: bool, state: &mut State, frame: &Frame) -> (Vec<u8>, Value) {
        let mut action = blank(ActionKind::Assign, None, &state.cwd, assign.span);
        let key = assign.subscript.as_ref().map(|word| {
            let key = self.scalar(word, state, frame);
            let assoc = state.variable(&assign.name).is_some_and(|variable| variable.assoc);
            if !assoc {
                self.number_runs(&key, &mut action, state, frame);
            }
            key
        });
        let value = match &assign.value {
            AssignValue::Scalar(word) => {
                let value = self.scalar(word, state, frame);
                self.assign_scalar(&assign.name, key, value, assign.append, keep, &mut action, state, frame)
            }
            AssignValue::Array(elements) => {
                let held = self.array(elements, &assign.name, assign.append, state, frame);
                if keep {
                    if let Some(name) = state.target(&assign.name) {
                        state.change(&name, |variable| variable.held = held);
                    }
                }
                Value::default()
            }
        };
        action.operands = vec![Value::known(assign.name.clone()), value.clone()];
        let mut shown = Value::known([assign.name.as_slice(), b"="].concat());
        shown.push(&value);
        action.argv = vec![shown.at(frame.at(assign.span))];
        let exported = !keep || state.variable(&assign.name).is_some_and(|variable| variable.exported);
        self.emit_assign(action, &assign.name, &value, exported, state, frame);
        (assign.name.clone(), value)
    }

    #[allow(clippy::too_many_arguments)]
    fn assign_scalar(
        &mut self,
        name: &[u8],
        key: Option<Value>,
        value: Value,
        append: bool,
        keep: bool,
        action: &mut Action,
        state: &mut State,
        frame: &Frame,
    ) -> Value {
        let Some(name) = state.target(name) else { return value };
        let mut value = value;
        if state.variable(&name).is_some_and(|variable| variable.integer) {
            self.number_runs(&value, action, state, frame);
            value = self.arithmetic_text(&value, action.span, state, frame);
        }
        if let Some(key) = key {
            if keep {
                let key = key.text().map(<[u8]>::to_vec);
                state.change(&name, |variable| {
                    let mut elements = match std::mem::replace(&mut variable.held, Held::Unset) {
                        Held::Array(elements) => elements,
                        Held::One(value) => vec![(b"0".to_vec(), value)],
                        Held::Either(values) => vec![(b"0".to_vec(), merged(&values))],
                        Held::Unset => Vec::new(),
                    };
                    variable.held = match key {
                        None => Held::One(Value {
                            many: true,
                            ..Value::hole("an array with an unknown subscript", Bound::Anything)
                        }),
                        Some(key) => {
                            match elements.iter_mut().find(|(own, _)| *own == key) {
                                Some((_, element)) => *element = value.clone(),
                                None => elements.push((key, value.clone())),
                            }
                            Held::Array(elements)
                        }
                    };
                });
            }
            return value;
        }
        if append {
            let mut longer = self.read_variable(&name, state);
            longer.push(&value);
            value = longer;
        }
        if keep {
            state.set(&name, value.clone());
        }
        value
    }

    /// `(a b [3]=c)`
    pub(super) fn array(
        &mut self,
        elements: &[(Option<Word>, Word)],
        name: &[u8],
        append: bool,
        state: &mut State,
        frame: &Frame,
    ) -> Held {
        let mut out: Vec<(Vec<u8>, Value)> = match state.variable(name).map(|variable| &variable.held) {
            Some(Held::Array(known)) if append => known.clone(),
            Some(Held::One(value)) if append => vec![(b"0".to_vec(), value.clone())],
            _ => Vec::new(),
        };
        let mut next = out.len();
        for (key, word) in elements {
            match key {
                Some(key) => {
                    let key = self.scalar(key, state, frame);
                    let value = self.scalar(word, state, frame);
                    match key.text() {
                        Some(key) => {
                            next = std::str::from_utf8(key)
                                .ok()
                                .and_then(|key| key.parse().ok())
                                .map_or(next, |at: usize| at.saturating_add(1));
                            out.push((key.to_vec(), value));
                        }
                        None => {
                            return Held::One(Value {
                                many: true,
                                ..Value::hole("an array with an unknown subscript", Bound::Anything)
                            });
                        }
                    }
                }
                None => {
                    for value in self.fields(std::slice::from_ref(word), state, frame) {
                        out.push((next.to_string().into_bytes(), value));
                        next = next.saturating_add(1);
                    }
                }
            }
        }
        Held::Array(out)
    }

    /// Emits an assignment, with what setting that name makes run.
    pub(super) fn emit_assign(
        &mut self,
        mut action: Action,
        name: &[u8],
        value: &Value,
        exported: bool,
        state: &mut State,
        frame: &Frame,
    ) {
        let meaning = environment::meaning(name);
        let span = action.span;
        let empty = value.text() == Some(b"") || value.text() == Some(b"/dev/null");
        match meaning {
            _ if empty => {}
            environment::Meaning::Plain => {}
            environment::Meaning::Loads if exported => {
                gap(&mut action, GapKind::ExecutionKey, format!("{} loads code", String::from_utf8_lossy(name)), span);
            }
            environment::Meaning::Loads => {}
            environment::Meaning::Command | environment::Meaning::Prompt | environment::Meaning::Script => {}
        }
        let shell_own = matches!(meaning, environment::Meaning::Prompt);
        self.emit(action, frame);
        if empty || !(exported || shell_own) {
            return;
        }
        let Some(inner) = frame.behind(name, span) else { return };
        match (meaning, value.text()) {
            (environment::Meaning::Plain | environment::Meaning::Loads, _) => {}
            (environment::Meaning::Command, Some(text)) => {
                let text = text.to_vec();
                let mut own = state.clone();
                self.text(&text, &mut own, &inner);
            }
            (environment::Meaning::Prompt, Some(text)) => {
                let text = text.to_vec();
                if name == b"PROMPT_COMMAND" {
                    let mut own = state.clone();
                    self.text(&text, &mut own, &inner);
                } else {
                    self.prompt_text(&text, state, &inner);
                }
            }
            (environment::Meaning::Script, Some(text)) => {
                let path = Value::known(text);
                let mut own = state.clone();
                self.script_file(&path, &[], state.dialect, &mut own, &inner, span);
            }
            (_, None) => {
                self.opaque(
                    GapKind::ExecutionKey,
                    format!("{} runs what is not known yet", String::from_utf8_lossy(name)),
                    span,
                    state,
                    &inner,
                );
            }
        }
    }

    /// Text that bash expands as inside double quotes (`${x@P}`, PS4): its substitutions run.
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

    /// Text that bash evaluates as arithmetic: `a[$(cmd)]` in it runs.
    pub(super) fn number_runs(&mut self, text: &Value, action: &mut Action, state: &mut State, frame: &Frame) {
        match text.text() {
            Some(known) if known.iter().any(|byte| matches!(byte, b'$' | b'`')) => {
                let known = known.to_vec();
                let span = action.span;
                if let Some(inner) = frame.behind(b"((", span) {
                    self.prompt_text(&known, state, &inner);
                }
                super::compound::runs_unknown(action, "arithmetic on text that runs a command");
            }
            // Output of a command compared as a number is everyday work: it counts as data.
            Some(_) | None => {}
        }
    }

    /// A name with a subscript given as a word (`test -v 'a[$(x)]'`, `unset`, `read`, `printf -v`).
    pub(super) fn subscript_runs(&mut self, name: &Value, action: &mut Action, state: &mut State, frame: &Frame) {
        if name.text().is_some_and(|text| text.contains(&b'[')) {
            self.number_runs(name, action, state, frame);
        }
    }

    /// A variable's value met in arithmetic.
    pub(super) fn number_in_variable(&mut self, value: &Value, state: &mut State, frame: &Frame) {
        let mut action = blank(ActionKind::Builtin, Some(b"(("), &state.cwd, value.span);
        self.number_runs(value, &mut action, state, frame);
        if !action.gaps.is_empty() {
            self.emit(action, frame);
        }
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
