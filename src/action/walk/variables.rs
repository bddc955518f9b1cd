//! Reading and assigning variables, the line's and the environment's.

use super::environment;
use super::letters::subscripted;
use super::shape::{Shape, shape};
use super::state::{Held, State, any_element, either, merged};
use super::walker::{Frame, Walker};
use super::{blank, gap};
use crate::action::{
    Action, ActionKind, Bound, Effect, EffectKind, GapKind, Object, Seen, Value, Variable as Inherited, argv, path,
};
use crate::parse::{Assign, AssignValue, Dialect, Piece, PieceKind, Word};
use crate::text::Span;

/// How names of bash's own variables begin.
const OWN: &[&[u8]] = &[b"BASH", b"COMP_", b"READLINE_"];

impl Walker<'_> {
    /// Whether a word is the name of no file in the directory in force.
    fn is_no_file(&self, word: &[u8], state: &State) -> bool {
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
                super::state::merged(&values)
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

    /// Expands one assignment and applies it (`keep`), or only says what it would set (a leading assignment).
    pub(super) fn assign(&mut self, assign: &Assign, keep: bool, state: &mut State, frame: &Frame) -> (Vec<u8>, Value) {
        let mut action = blank(ActionKind::Assign, None, &state.cwd, assign.span);
        if keep && state.fixed(&assign.name) {
            self.may_stop(state);
        }
        let key = assign.subscript.as_ref().map(|word| {
            let key = self.scalar(word, state, frame);
            self.index(&assign.name, key, assign.span, state, frame)
        });
        let value = match &assign.value {
            AssignValue::Scalar(word) => {
                self.ways.clear();
                let value = self.scalar(word, state, frame);
                let ways = std::mem::take(&mut self.ways);
                let plain = key.is_none() && keep && !assign.append && is_substitution(word) && !ways.is_empty();
                let value =
                    self.assign_scalar(&assign.name, key, value, assign.append, keep, &mut action, state, frame);
                if plain {
                    self.one_of(&assign.name, ways, &value, state);
                }
                value
            }
            AssignValue::Array(elements) if keep && assign.append && extends(elements, &assign.name, state) => {
                let words: Vec<Word> = elements.iter().map(|(_, word)| word.clone()).collect();
                let more = self.fields(&words, state, frame);
                state.change(&assign.name, |variable| {
                    if let Held::Array(known) = &mut variable.held {
                        for value in more {
                            set_element(known, next_index(known).to_string().as_bytes(), &value);
                        }
                    }
                });
                Value::default()
            }
            AssignValue::Array(elements) => {
                let target = state.target(&assign.name).unwrap_or_else(|| assign.name.clone());
                let held = self.array(elements, &target, assign.append, state, frame);
                if keep {
                    if let Some(name) = state.target(&assign.name).filter(|name| !state.fixed(name)) {
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

    /// A variable that was given the output of a command holds one of the texts that it may be. That it may be none at all stays
    /// unknown text.
    fn one_of(&self, name: &[u8], ways: Vec<Value>, value: &Value, state: &mut State) {
        let Some(name) = state.target(name).filter(|name| !state.fixed(name)) else { return };
        let told = |way: Value| Value { taint: value.taint.clone(), ..without_newlines(way) };
        let texts = ways.into_iter().map(|way| if way.parts.is_empty() { value.clone() } else { told(way) });
        let texts: Vec<Value> = texts.collect();
        state.change(&name, |variable| {
            if !variable.integer && variable.case.is_none() && variable.held == Held::One(value.clone()) {
                variable.held = Held::Either(texts);
            }
        });
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
        if state.unbound(name) {
            self.subscript_runs(&value, action, state, frame);
            if keep {
                state.set(name, value.clone());
            }
            return value;
        }
        let Some(name) = state.target(name) else {
            // It may be a reference that stands for no name yet.
            self.subscript_runs(&value, action, state, frame);
            return value;
        };
        let mut value = value;
        let own = key.as_ref().map(|_| name.clone()).or_else(|| subscripted(&name).map(|(base, _)| base.to_vec()));
        let key = key.or_else(|| subscripted(&name).map(|(_, key)| Value::known(key)));
        let integer = state.variable(own.as_ref().unwrap_or(&name)).is_some_and(|variable| variable.integer);
        if integer {
            value = self.arithmetic_text(&value, action.span, state, frame);
        }
        if append && integer {
            let before = match (&own, &key) {
                (Some(own), Some(key)) => self.element(own, key, state),
                _ => self.read_variable(&name, state),
            };
            let number = |value: &Value| std::str::from_utf8(value.text()?).ok()?.parse::<i64>().ok();
            let sum = number(&before).zip(number(&value)).and_then(|(before, more)| before.checked_add(more));
            value = match sum {
                Some(sum) => Value::known(sum.to_string()),
                None => Value::hole("a sum", Bound::Number),
            };
        }
        if append && !integer {
            let mut longer = match (&own, &key) {
                (Some(own), Some(key)) => self.element(own, key, state),
                _ => self.read_variable(&name, state),
            };
            longer.push(&value);
            value = longer;
        }
        match (own, key) {
            _ if !keep => {}
            (Some(own), Some(key)) => self.put(&own, &key, value.clone(), state),
            _ => state.set(&name, value.clone()),
        }
        value
    }

    /// Sets one element of an array.
    pub(super) fn put(&mut self, name: &[u8], key: &Value, value: Value, state: &mut State) {
        let Some(name) = state.target(name).filter(|name| !state.fixed(name)) else { return };
        let key = key.text().map(<[u8]>::to_vec);
        state.change(&name, |variable| {
            let value = super::state::cased(variable.case, value);
            let unsure =
                Held::One(Value { many: true, ..Value::hole("an array with an unknown subscript", Bound::Anything) });
            let mut elements = match std::mem::replace(&mut variable.held, Held::Unset) {
                Held::Array(elements) => elements,
                Held::One(value) => vec![(b"0".to_vec(), value)],
                Held::Either(values) => vec![(b"0".to_vec(), merged(&values))],
                Held::Arrays(mut arrays) => {
                    let Some(key) = &key else { return variable.held = unsure };
                    for elements in &mut arrays {
                        if let Some(key) = counted_back(elements, key.clone(), variable.assoc) {
                            set_element(elements, &key, &value);
                        }
                    }
                    return variable.held = Held::Arrays(arrays);
                }
                Held::Unset => Vec::new(),
            };
            let back = key.as_ref().is_some_and(|key| key.starts_with(b"-")) && !variable.assoc;
            if back && elements.iter().any(|(_, value)| value.many) {
                return variable.held = unsure;
            }
            variable.held = match key.map(|key| counted_back(&elements, key, variable.assoc)) {
                None => unsure,
                // What lies before the first one is no element: bash refuses.
                Some(None) => Held::Array(elements),
                Some(Some(key)) => {
                    set_element(&mut elements, &key, &value);
                    Held::Array(elements)
                }
            };
        });
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
        let ways = state.variable(name).filter(|_| append).and_then(|variable| variable.held.ways());
        if let Some(ways) = ways {
            // Each of the arrays grows.
            let before = state.variables.hold(name);
            let mut all: Option<Held> = None;
            for way in ways {
                state.change(name, |variable| variable.held = way);
                let grown = self.array(elements, name, append, state, frame);
                all = Some(all.map_or_else(|| grown.clone(), |all| either(&all, &grown)));
            }
            if let Some(before) = before {
                state.variables.insert(name, before);
            }
            return all.unwrap_or(Held::Unset);
        }
        let mut out: Vec<(Vec<u8>, Value)> = match state.variable(name).map(|variable| &variable.held) {
            Some(Held::Array(known)) if append => known.clone(),
            Some(Held::One(value)) if append => vec![(b"0".to_vec(), value.clone())],
            _ => Vec::new(),
        };
        let mut next = next_index(&out);
        let assoc = state.variable(name).is_some_and(|variable| variable.assoc);
        let integer = state.variable(name).is_some_and(|variable| variable.integer);
        for (key, word) in elements {
            match key {
                Some(key) => {
                    let key = self.scalar(key, state, frame);
                    let key = self.index(name, key, word.span, state, frame);
                    let value = self.scalar(word, state, frame);
                    let braces = value.text().is_some_and(|text| text.contains(&b'{') && text.contains(&b'}'));
                    if braces && word.pieces.iter().any(|piece| matches!(piece.kind, PieceKind::Literal(_))) {
                        // Braces make several elements of it, each with a subscript of its own.
                        let hole = Value::hole("braces behind a subscript", Bound::Anything);
                        return Held::One(Value { many: true, ..hole });
                    }
                    match key.text() {
                        Some(key) => {
                            next = std::str::from_utf8(key)
                                .ok()
                                .and_then(|key| key.parse().ok())
                                .map_or(next, |at: usize| at.saturating_add(1));
                            set_element(&mut out, key, &value);
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
                        set_element(&mut out, next.to_string().as_bytes(), &value);
                        next = next.saturating_add(1);
                    }
                }
            }
        }
        if assoc && elements.iter().all(|(key, _)| key.is_none()) {
            // `(key value key value)`
            let words: Vec<Value> = out.into_iter().map(|(_, value)| value).collect();
            let pairs: Option<Vec<(Vec<u8>, Value)>> = words
                .chunks(2)
                .map(|pair| Some((pair.first()?.text()?.to_vec(), pair.get(1).cloned().unwrap_or_default())))
                .collect();
            return pairs.map_or_else(
                || {
                    let value = Value::hole("an array with an unknown subscript", Bound::Anything);
                    Held::One(Value { many: true, ..value })
                },
                Held::Array,
            );
        }
        if integer {
            for (_, value) in &mut out {
                *value = self.arithmetic_text(value, value.span, state, frame);
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
        let mut meaning = environment::meaning(name);
        let span = action.span;
        let empty = value.text() == Some(b"") || value.text() == Some(b"/dev/null") || argv::loads_nothing(name, value);
        if let (environment::Meaning::Plain, true, Some(text)) = (meaning, exported, value.text()) {
            // Old shells take it for a function, and run what stands behind it.
            meaning = if text.starts_with(b"() {") {
                environment::Meaning::Loads
            } else {
                self.by_shape(&mut action, name, text, value, state)
            };
        }
        match meaning {
            environment::Meaning::History => action.effects.push(hides_history(span)),
            _ if empty => {}
            environment::Meaning::Plain => {}
            environment::Meaning::Loads if exported => {
                gap(&mut action, GapKind::ExecutionKey, format!("{} loads code", String::from_utf8_lossy(name)), span);
            }
            environment::Meaning::Table => {
                gap(&mut action, GapKind::ExecutionKey, "another program or text behind a command's name", span);
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
            (
                environment::Meaning::Plain
                | environment::Meaning::Loads
                | environment::Meaning::Table
                | environment::Meaning::History,
                _,
            ) => {}
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
                    self.prompt(&text, state, &inner);
                }
            }
            // `ENV=test`: of a stage that has its name; no file is there that a shell could read.
            (environment::Meaning::Script, Some(text)) if name == b"ENV" && self.is_no_file(text, state) => {}
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

    /// What the name and value say by their shape where no table knows the name; a path that is written or left to is an effect.
    fn by_shape(
        &self,
        action: &mut Action,
        name: &[u8],
        text: &[u8],
        value: &Value,
        state: &State,
    ) -> environment::Meaning {
        let home = self.world.home();
        let inside = |path: &[u8]| {
            state.cwd.text().is_some_and(|cwd| {
                cwd.len() > 1
                    && path.strip_prefix(cwd).is_some_and(|rest| rest.is_empty() || b"/=".contains(&rest[0]))
                    && !path.windows(3).any(|part| part == b"/..")
            })
        };
        let kind = match shape(name, text, home.as_deref(), &inside) {
            Shape::Plain => return environment::Meaning::Plain,
            Shape::Command => return environment::Meaning::Command,
            Shape::Loads => return environment::Meaning::Loads,
            Shape::Writes => EffectKind::Writes,
            Shape::Leaves => EffectKind::Reads,
        };
        // ffmpeg's report and git's trace to a socket name their file behind a word.
        let file = text.strip_prefix(b"file=").or(text.strip_prefix(b"af_unix:")).unwrap_or(text);
        let file = file.strip_prefix(b"stream:").or(file.strip_prefix(b"dgram:")).unwrap_or(file);
        let path = path::absolute(&state.cwd, &Value::known(file).at(value.span));
        action.effects.push(Effect::certain(kind, Object::Path { path, as_written: file.to_vec() }, action.span));
        environment::Meaning::Plain
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

/// Whether elements only come behind those of a plain array: it grows in place.
fn extends(elements: &[(Option<Word>, Word)], name: &[u8], state: &State) -> bool {
    let plain = state.variable(name).is_some_and(|variable| {
        matches!(variable.held, Held::Array(_))
            && !(variable.nameref || variable.readonly || variable.integer || variable.assoc)
            && variable.case.is_none()
    });
    plain && elements.iter().all(|(key, _)| key.is_none())
}

/// A subscript counted from the end as the one it stands for; `None`: it lies before the first.
pub(super) fn counted_back(elements: &[(Vec<u8>, Value)], key: Vec<u8>, assoc: bool) -> Option<Vec<u8>> {
    match key.strip_prefix(b"-").and_then(number_of) {
        Some(back) if !assoc => next_index(elements).checked_sub(back).map(|at| at.to_string().into_bytes()),
        _ => Some(key),
    }
}

fn set_element(elements: &mut Vec<(Vec<u8>, Value)>, key: &[u8], value: &Value) {
    // Most grow at their end.
    let behind = |last: usize| number_of(key).is_some_and(|key| key > last);
    if elements.last().is_none_or(|(last, _)| number_of(last).is_some_and(behind)) {
        return elements.push((key.to_vec(), value.clone()));
    }
    if let Some((_, element)) = elements.iter_mut().find(|(own, _)| own == key) {
        *element = value.clone();
        return;
    }
    let at = number_of(key).and_then(|key| elements.iter().position(|(own, _)| number_of(own) > Some(key)));
    elements.insert(at.unwrap_or(elements.len()), (key.to_vec(), value.clone()));
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

/// Whether a word is one command substitution and nothing else.
fn is_substitution(word: &Word) -> bool {
    match word.pieces.as_slice() {
        [Piece { kind: PieceKind::Command(_), .. }] => true,
        [Piece { kind: PieceKind::Double(inner), .. }] => {
            matches!(inner.as_slice(), [Piece { kind: PieceKind::Command(_), .. }])
        }
        _ => false,
    }
}
