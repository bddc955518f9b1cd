//! Builtins: what they change in the shell, what they print, and which of their words run.

use std::rc::Rc;

use super::compound::{names_effect, path_effect, tests_file};
use super::simple::{Ready, unknown};
use super::state::{Held, State};
use super::stream::Stream;
use super::walker::{Frame, Status, Walker};
use super::{blank, gap, printf};
use crate::action::{
    Action, ActionKind, Bound, CodeOrigin, Effect, EffectKind, Feed, FileKind, Flags, GapKind, Object, Value, path,
};
use crate::parse::{PieceKind, Word};

/// Builtins that change nothing, read nothing but their words, and print at most what these say.
const PLAIN: &[&[u8]] = &[
    b":",
    b"true",
    b"false",
    b"echo",
    b"printf",
    b"pwd",
    b"type",
    b"hash",
    b"wait",
    b"jobs",
    b"times",
    b"dirs",
    b"umask",
    b"ulimit",
    b"shift",
    b"return",
    b"exit",
    b"break",
    b"continue",
    b"logout",
    b"bg",
    b"fg",
    b"disown",
    b"suspend",
    b"caller",
    b"help",
    b"compopt",
    b"compgen",
    b"shopt",
    b"set",
    b"unset",
    b"unalias",
    b"getopts",
    b"readonly",
    b"export",
    b"declare",
    b"typeset",
    b"local",
    b"let",
    b"read",
    b"mapfile",
    b"readarray",
    b"cd",
    b"pushd",
    b"popd",
    b"alias",
    b"test",
    b"[",
    b"kill",
    b"trap",
    b"enable",
    b"complete",
    b"bind",
    b"history",
    b"fc",
    b"eval",
    b".",
    b"source",
    b"exec",
    b"command",
    b"builtin",
];

impl Walker<'_> {
    /// Runs a builtin; `None`: no builtin of that name.
    pub(super) fn builtin(
        &mut self,
        name: &[u8],
        ready: &Ready<'_>,
        state: &mut State,
        frame: &Frame,
    ) -> Option<Stream> {
        if !PLAIN.contains(&name) {
            return None;
        }
        let arguments = ready.argv.get(1..).unwrap_or_default();
        match name {
            b"command" | b"builtin" | b"exec" => return self.prefix(name, ready, state, frame),
            _ => {}
        }
        let mut action = blank(ActionKind::Builtin, Some(name), &state.cwd, ready.span);
        action.argv = ready.argv.clone();
        action.operands = arguments.to_vec();
        action.assigns = ready.leading.clone();
        self.status = Status::Maybe;
        let mut text = Some(Value::default());
        match name {
            b":" | b"true" => self.status = Status::Yes,
            b"false" => self.status = Status::No,
            b"echo" => {
                self.status = Status::Yes;
                text = printf::echo(arguments, state.dialect != crate::parse::Dialect::Bash);
            }
            b"printf" => text = self.printf(arguments, &mut action, state, frame),
            b"pwd" => {
                let mut here = state.cwd.clone();
                here.push_known(b"\n");
                text = Some(here);
            }
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" => {
                return Some(self.declare(name, ready, action, state, frame));
            }
            b"cd" | b"pushd" | b"popd" => self.change_directory(name, arguments, &mut action, state),
            b"unset" => {
                for value in arguments.iter().filter(|value| !value.prefix().starts_with(b"-")) {
                    self.subscript_runs(value, &mut action, state, frame);
                    match value.text() {
                        Some(name) => {
                            let functions = arguments.first().and_then(Value::text) == Some(b"-f");
                            if functions {
                                Rc::make_mut(&mut state.functions).remove(name);
                            } else {
                                state.change(name, |variable| variable.held = Held::Unset);
                            }
                        }
                        None => gap(&mut action, GapKind::Partial, "a variable not known is unset", ready.span),
                    }
                }
                self.status = Status::Yes;
            }
            b"shopt" => {
                let on = arguments.first().and_then(Value::text) == Some(b"-s");
                if arguments.iter().any(|value| value.text() == Some(b"expand_aliases")) {
                    state.options.aliases |= on;
                }
                self.status = Status::Yes;
            }
            b"set" => self.set_options(arguments, state),
            b"shift" => {
                let count =
                    arguments.first().map_or(Some(1), |value| std::str::from_utf8(value.text()?).ok()?.parse().ok());
                let positional = Rc::make_mut(&mut state.positional);
                match count {
                    Some(count) if !positional.iter().any(|value| value.many) => {
                        let end = (1 + count).min(positional.len());
                        if end > 1 {
                            positional.drain(1..end);
                        }
                    }
                    _ => {
                        positional.truncate(1);
                        positional.push(Value { many: true, ..Value::hole("positional parameters", Bound::Anything) });
                    }
                }
            }
            b"return" | b"exit" | b"logout" | b"break" | b"continue" => state.ended = true,
            b"alias" => self.define_aliases(arguments, &mut action, state),
            b"unalias" => {
                for value in arguments {
                    match value.text() {
                        Some(b"-a") => state.aliases = Rc::default(),
                        Some(name) => {
                            Rc::make_mut(&mut state.aliases).remove(name);
                        }
                        None => {}
                    }
                }
            }
            b"read" => self.read(arguments, &mut action, state, frame),
            b"mapfile" | b"readarray" => {
                let callback = arguments.iter().position(|value| value.prefix().starts_with(b"-C"));
                if let Some(at) = callback {
                    let code = arguments.get(at + 1).cloned().unwrap_or_default();
                    self.emit_and_feed(&mut action, frame);
                    self.shell_text(&code, name, state, frame, ready.span);
                    return Some(Stream::empty());
                }
                let target = arguments
                    .last()
                    .and_then(Value::text)
                    .filter(|text| !text.starts_with(b"-"))
                    .unwrap_or(b"MAPFILE")
                    .to_vec();
                self.subscript_runs(&Value::known(target.clone()), &mut action, state, frame);
                let held = match frame.stdin.text.as_ref().and_then(Value::text) {
                    Some(text) if text.len() < 4096 => Held::Array(
                        lines(text)
                            .into_iter()
                            .enumerate()
                            .map(|(at, line)| {
                                (
                                    at.to_string().into_bytes(),
                                    Value { taint: frame.stdin.from.clone(), ..Value::known(line) },
                                )
                            })
                            .collect(),
                    ),
                    _ => Held::One(Value {
                        many: true,
                        taint: frame.stdin.from.clone(),
                        ..Value::hole("lines of standard input", frame.stdin.bound.clone())
                    }),
                };
                state.change(&target, |variable| variable.held = held);
            }
            b"getopts" => {
                if let Some(name) = arguments.get(1).and_then(Value::text) {
                    state.forget(name, "an option letter", Bound::Name);
                    state.forget(b"OPTARG", "an option's value", Bound::Anything);
                }
            }
            b"let" => {
                for value in arguments {
                    self.number_runs(value, &mut action, state, frame);
                    self.arithmetic_text(value, ready.span, state, frame);
                }
            }
            b"test" | b"[" => self.test(arguments, &mut action, state, frame),
            b"kill" => {
                for value in kill_targets(arguments) {
                    let feed = Feed { taint: value.taint.clone(), ..Feed::default() };
                    let object = Object::Process(value.clone());
                    action.effects.push(Effect {
                        kind: EffectKind::Signals,
                        object,
                        flags: Flags::default(),
                        certain: true,
                        span: ready.span,
                        feed,
                    });
                }
            }
            b"trap" => {
                action.kind = ActionKind::Define;
                self.emit_and_feed(&mut action, frame);
                self.trap(arguments, ready, state, frame);
                self.status = Status::Yes;
                return Some(Stream::empty());
            }
            b"eval" => {
                let mut text = Value::default();
                for (index, value) in arguments.iter().enumerate() {
                    if index > 0 {
                        text.push_known(b" ");
                    }
                    text.push(value);
                }
                self.emit_and_feed(&mut action, frame);
                return Some(self.shell_text(&text, b"eval", state, frame, ready.span));
            }
            b"." | b"source" => return Some(self.source(name, arguments, action, ready, state, frame)),
            b"enable" => {
                if arguments.iter().any(|value| value.prefix().starts_with(b"-") && value.prefix().contains(&b'f')) {
                    let file = arguments.get(1).cloned().unwrap_or_default();
                    let file = path::absolute(&state.cwd, &file);
                    let object =
                        Object::Code { language: "native".to_owned(), origin: CodeOrigin::File(file), proven: false };
                    action.effects.push(Effect {
                        kind: EffectKind::Executes,
                        object,
                        flags: Flags::default(),
                        certain: true,
                        span: ready.span,
                        feed: Feed::default(),
                    });
                } else {
                    gap(&mut action, GapKind::Partial, "builtins are switched", ready.span);
                }
            }
            b"hash" => {
                if let [flag, file, names @ ..] = arguments {
                    if flag.text() == Some(b"-p") {
                        for name in names.iter().filter_map(Value::text) {
                            let twin = path::absolute(&state.cwd, file);
                            let twin = twin.text().map(<[u8]>::to_vec);
                            Rc::make_mut(&mut state.aliases).remove(name);
                            let text = twin.unwrap_or_default();
                            self.shadow(name, &text, state);
                        }
                    }
                }
            }
            b"complete" | b"bind" | b"fc" => {
                if !arguments.is_empty()
                    && !(name == b"bind"
                        && arguments.iter().all(|value| matches!(value.text(), Some(b"-p" | b"-l" | b"-P" | b"-s"))))
                {
                    gap(&mut action, GapKind::Opaque, "it runs commands by itself", ready.span);
                }
                text = None;
            }
            b"history" => {
                for (at, value) in arguments.iter().enumerate() {
                    let (flag, file) = (value.text(), arguments.get(at + 1));
                    let kind = match flag {
                        Some(b"-a" | b"-w") => EffectKind::Writes,
                        Some(b"-r" | b"-n") => EffectKind::Reads,
                        Some(b"-p" | b"-s" | b"-c" | b"-d") => {
                            gap(&mut action, GapKind::Partial, "history is changed or expanded", ready.span);
                            continue;
                        }
                        _ => continue,
                    };
                    if let Some(file) = file {
                        action.effects.push(path_effect(kind, &state.cwd, file));
                    } else {
                        gap(&mut action, GapKind::Partial, "the history file", ready.span);
                    }
                }
                text = None;
            }
            b"wait" | b"umask" | b"ulimit" => {
                self.status = Status::Yes;
                text = None;
            }
            _ => text = None,
        }
        let taint: Vec<u32> = arguments.iter().flat_map(|value| value.taint.iter().copied()).collect();
        let id = self.emit(action, frame);
        self.feed(id, frame);
        self.join_descriptors(id);
        let prints = match &text {
            Some(text) => !text.parts.is_empty(),
            None => true,
        };
        if !prints {
            return Some(Stream::empty());
        }
        let bound = match (&text, name) {
            (Some(text), _) => super::state::bound_of(&super::variables::without_newlines(text.clone())),
            (None, _) => Bound::Anything,
        };
        let out = Stream { text, bound, ..Stream::of(id) };
        Some(out.and_from(&taint))
    }

    fn emit_and_feed(&mut self, action: &mut Action, frame: &Frame) -> u32 {
        let id = self.emit(action.clone(), frame);
        self.feed(id, frame);
        self.join_descriptors(id);
        id
    }

    /// `command`, `builtin`, `exec`: the rest is the command.
    fn prefix(&mut self, name: &[u8], ready: &Ready<'_>, state: &mut State, frame: &Frame) -> Option<Stream> {
        let mut rest = ready.argv.get(1..).unwrap_or_default();
        let mut asks = false;
        while let Some(option) =
            rest.first().and_then(Value::text).filter(|text| text.starts_with(b"-") && text.len() > 1)
        {
            asks |= name == b"command" && option.iter().any(|letter| matches!(letter, b'v' | b'V'));
            let takes = name == b"exec" && option == b"-a";
            rest = rest.get(if takes { 2 } else { 1 }..).unwrap_or_default();
            if option == b"--" {
                break;
            }
        }
        let mut action = blank(ActionKind::Builtin, Some(name), &state.cwd, ready.span);
        action.argv = ready.argv.clone();
        action.operands = rest.to_vec();
        let id = self.emit_and_feed(&mut action, frame);
        if asks {
            let found = match rest {
                [one] => {
                    one.text().map(|word| self.identify(word, &ready.leading, state)).and_then(|identity| identity.path)
                }
                _ => None,
            };
            self.status = Status::Maybe;
            let taint: Vec<u32> = vec![id];
            return Some(match found {
                Some(path) => Stream { from: taint, ..Stream::text(Value::known(path)) },
                None => Stream { bound: Bound::Anything, ..Stream::of(id) },
            });
        }
        if rest.is_empty() {
            self.status = Status::Yes;
            return Some(Stream::empty());
        }
        let mut inner = frame.clone();
        Rc::make_mut(&mut inner.via).push(name.to_vec());
        let inner_ready = Ready {
            argv: rest.to_vec(),
            words: ready.words.get(ready.words.len().saturating_sub(rest.len())..).unwrap_or_default(),
            leading: ready.leading.clone(),
            span: ready.span,
            no_functions: true,
            no_builtins: name == b"exec",
        };
        let out = self.run(inner_ready, state, &inner);
        if name == b"exec" {
            state.ended = true;
        }
        Some(out)
    }

    /// `export`, `declare`, `local`, `readonly`, `typeset`.
    fn declare(
        &mut self,
        name: &[u8],
        ready: &Ready<'_>,
        mut action: Action,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let mut letters: Vec<u8> = Vec::new();
        let mut names: Vec<(Vec<u8>, Option<Value>, bool)> = Vec::new();
        for value in ready.argv.iter().skip(1) {
            let prefix = value.prefix();
            match prefix {
                [b'-', flags @ ..] if value.text().is_some() && !flags.is_empty() => letters.extend_from_slice(flags),
                [b'+', ..] => {}
                _ => match prefix.iter().position(|byte| *byte == b'=') {
                    Some(at) => {
                        let append = prefix.get(..at).is_some_and(|head| head.ends_with(b"+"));
                        let own = prefix.get(..at - usize::from(append)).unwrap_or_default().to_vec();
                        let mut rest = value.clone();
                        if let Some(crate::action::Part::Known(text)) = rest.parts.first_mut() {
                            text.drain(..=at);
                            if text.is_empty() {
                                rest.parts.remove(0);
                            }
                        }
                        rest.many = false;
                        names.push((own, Some(rest), append));
                    }
                    None => match value.text() {
                        Some(own) => names.push((own.to_vec(), None, false)),
                        None => gap(&mut action, GapKind::Partial, "a variable not known is declared", ready.span),
                    },
                },
            }
        }
        let exported = name == b"export" && !letters.contains(&b'n') || letters.contains(&b'x');
        let functions = letters.contains(&b'f');
        for (own, _, _) in &names {
            self.subscript_runs(&Value::known(own.clone()), &mut action, state, frame);
        }
        let span = action.span;
        self.emit_and_feed(&mut action, frame);
        for (own, value, append) in names {
            if functions {
                if let (Some(function), true) = (state.functions.get(&own).cloned(), name == b"export" || exported) {
                    let copy =
                        super::state::Function { body: function.body.clone(), span: function.span, exported: true };
                    Rc::make_mut(&mut state.functions).insert(own, Rc::new(copy));
                }
                continue;
            }
            let array = array_word(ready.words, &own);
            if let Some(elements) = array {
                let held = self.array(elements, &own, append, state, frame);
                state.change(&own, |variable| {
                    variable.held = held;
                    variable.assoc |= letters.contains(&b'A');
                });
                continue;
            }
            state.change(&own, |variable| {
                variable.exported |= exported;
                variable.integer |= letters.contains(&b'i');
                variable.assoc |= letters.contains(&b'A');
                variable.readonly |= letters.contains(&b'r') || name == b"readonly";
                if letters.contains(&b'u') || letters.contains(&b'l') {
                    variable.case = Some(if letters.contains(&b'u') { b'u' } else { b'l' });
                }
            });
            if value.is_none() && state.variable(&own).is_some_and(|variable| variable.held == Held::Unset) {
                // `export NAME` of a variable of the environment keeps its value.
                if name != b"local" {
                    if let crate::action::Variable::Set(text) = self.world.variable(&own) {
                        state.change(&own, |variable| variable.held = Held::One(Value::known(text)));
                    } else if self.world.variable(&own) == crate::action::Variable::Unknown {
                        let why = format!("variable {} of the environment", String::from_utf8_lossy(&own));
                        state.change(&own, |variable| variable.held = Held::One(Value::hole(why, Bound::Anything)));
                    }
                }
            }
            let Some(mut value) = value else {
                if letters.contains(&b'n') && name != b"export" {
                    state.change(&own, |variable| variable.nameref = true);
                }
                continue;
            };
            if append {
                let mut longer = self.read_variable(&own, state);
                longer.push(&value);
                value = longer;
            }
            let nameref = letters.contains(&b'n') && name != b"export";
            if nameref {
                state.change(&own, |variable| {
                    variable.nameref = true;
                    variable.held = Held::One(value.clone());
                });
                continue;
            }
            let mut inner = blank(ActionKind::Assign, None, &state.cwd, span);
            if state.variable(&own).is_some_and(|variable| variable.integer) {
                self.number_runs(&value, &mut inner, state, frame);
                value = self.arithmetic_text(&value, span, state, frame);
            }
            state.set(&own, value.clone());
            let mut shown = Value::known([own.as_slice(), b"="].concat());
            shown.push(&value);
            inner.argv = vec![shown];
            inner.operands = vec![Value::known(own.clone()), value.clone()];
            let exported = exported || state.variable(&own).is_some_and(|variable| variable.exported);
            self.emit_assign(inner, &own, &value, exported, state, frame);
        }
        self.status = Status::Yes;
        Stream::empty()
    }

    fn change_directory(&mut self, name: &[u8], arguments: &[Value], action: &mut Action, state: &mut State) {
        let target = arguments
            .iter()
            .find(|value| !matches!(value.text(), Some(b"-P" | b"-L" | b"-e" | b"-@" | b"--" | b"-n")))
            .cloned();
        let before = state.cwd.clone();
        let next = match (name, target) {
            (b"popd", None) => state.directories.pop(),
            (b"pushd", None) => state.directories.pop(),
            (b"popd", Some(_)) => None,
            (_, None) => Some(self.read_variable(b"HOME", state)),
            (_, Some(target)) if target.text() == Some(b"-") => state.old_cwd.clone(),
            (b"pushd", Some(target)) if target.prefix().starts_with(b"+") || target.prefix().starts_with(b"-") => None,
            (_, Some(target)) => {
                let plain = !target.prefix().starts_with(b"/") && !target.prefix().starts_with(b".");
                let searched = plain
                    && self.read_variable(b"CDPATH", state).text() != Some(b"")
                    && state.variable(b"CDPATH").is_some();
                if searched {
                    None
                } else if target.has_hole()
                    || target.many
                    || matches!(target.parts.first(), Some(crate::action::Part::Hole(_)))
                {
                    Some(path::absolute(&before, &Value { many: false, ..target }))
                } else {
                    Some(path::absolute(&before, &target))
                }
            }
        };
        let mut next = next.unwrap_or_else(|| unknown("a directory not known", &[]));
        next.many = false;
        action.effects.push(names_effect(&before, &next));
        if name == b"pushd" {
            state.directories.push(before.clone());
        }
        let exists = next.text().map(|path| match self.world.kind(path) {
            FileKind::Missing => state.made(path).is_some(),
            FileKind::File | FileKind::Device | FileKind::Other => false,
            FileKind::Directory | FileKind::Link | FileKind::Unknown => true,
        });
        match exists {
            Some(true) => {
                self.status = Status::Yes;
                state.cwd_else = None;
            }
            _ => {
                self.status = Status::Maybe;
                if !state.options.errexit {
                    state.cwd_else = Some(before.clone());
                }
            }
        }
        state.old_cwd = Some(before);
        state.cwd = next;
    }

    fn set_options(&mut self, arguments: &[Value], state: &mut State) {
        self.status = Status::Yes;
        let mut rest = arguments;
        while let Some((first, tail)) = rest.split_first() {
            let Some(text) = first.text() else { break };
            let (on, letters) = match text.split_first() {
                Some((b'-', letters)) => (true, letters),
                Some((b'+', letters)) => (false, letters),
                _ => break,
            };
            rest = tail;
            if letters == b"-" {
                let zero = state.positional.first().cloned().unwrap_or_default();
                state.positional = Rc::new(std::iter::once(zero).chain(rest.iter().cloned()).collect());
                return;
            }
            for letter in letters {
                match letter {
                    b'e' => state.options.errexit = on,
                    b'f' => state.options.noglob = on,
                    b'x' => state.options.xtrace = on,
                    b'a' => state.options.allexport = on,
                    b'o' => {
                        if let Some((option, tail)) = rest.split_first() {
                            match option.text() {
                                Some(b"errexit") => state.options.errexit = on,
                                Some(b"noglob") => state.options.noglob = on,
                                Some(b"allexport") => state.options.allexport = on,
                                _ => {}
                            }
                            rest = tail;
                        }
                    }
                    _ => {}
                }
            }
        }
        if !rest.is_empty() {
            let zero = state.positional.first().cloned().unwrap_or_default();
            state.positional = Rc::new(std::iter::once(zero).chain(rest.iter().cloned()).collect());
        }
    }

    fn define_aliases(&mut self, arguments: &[Value], action: &mut Action, state: &mut State) {
        action.kind = ActionKind::Define;
        for value in arguments {
            let prefix = value.prefix();
            let Some(at) = prefix.iter().position(|byte| *byte == b'=') else { continue };
            let name = prefix.get(..at).unwrap_or_default().to_vec();
            match value.text() {
                Some(text) => {
                    let text = text.get(at + 1..).unwrap_or_default().to_vec();
                    Rc::make_mut(&mut state.aliases).insert(name, text);
                }
                None => {
                    let span = action.span;
                    gap(action, GapKind::DynamicWord, "an alias for what is not known", span);
                }
            }
        }
    }

    /// `hash -p file name`: the name runs that file.
    fn shadow(&mut self, name: &[u8], file: &[u8], state: &mut State) {
        let mut text = file.to_vec();
        text.extend_from_slice(b" \"$@\"");
        let script = crate::parse::parse(&text, state.dialect);
        if let Some(command) =
            script.body.items.into_iter().next().and_then(|item| item.first.commands.into_iter().next())
        {
            let function =
                super::state::Function { body: command, span: Some(crate::text::Span::default()), exported: false };
            Rc::make_mut(&mut state.functions).insert(name.to_vec(), Rc::new(function));
        }
    }

    fn printf(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) -> Option<Value> {
        self.status = Status::Yes;
        let mut arguments = arguments;
        let mut target = None;
        if let [flag, name, rest @ ..] = arguments {
            if flag.text() == Some(b"-v") {
                self.subscript_runs(name, action, state, frame);
                target = Some(name.clone());
                arguments = rest;
            }
        }
        if let [flag, rest @ ..] = arguments {
            if flag.text() == Some(b"--") {
                arguments = rest;
            }
        }
        let (format, rest) = arguments.split_first()?;
        let text = printf::printf(format, rest);
        let Some(target) = target else { return text };
        let value = text.unwrap_or_else(|| {
            let taint: Vec<u32> = arguments.iter().flat_map(|value| value.taint.iter().copied()).collect();
            unknown("formatted text", &taint)
        });
        match target.text() {
            Some(name) => state.set(name, value),
            None => gap(action, GapKind::Partial, "a variable not known is set", action.span),
        }
        Some(Value::default())
    }

    /// `read names`: from known text its words, else what is known of the stream's lines.
    fn read(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut rest = arguments;
        let mut array = None;
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            match first.text() {
                Some([b'-', letters @ ..]) if !letters.is_empty() => {
                    if let Some(last) = letters.last() {
                        if b"adinNptu".contains(last) {
                            if *last == b'a' {
                                array = rest.first().and_then(Value::text).map(<[u8]>::to_vec);
                            }
                            rest = rest.get(1..).unwrap_or_default();
                        }
                    }
                }
                Some(name) => {
                    self.subscript_runs(&Value::known(name), action, state, frame);
                    names.push(name.to_vec());
                }
                None => gap(action, GapKind::Partial, "a variable not known is set", action.span),
            }
        }
        let taint = frame.stdin.from.clone();
        let known = frame.stdin.text.as_ref().and_then(Value::text).map(lines);
        let separators = match state.variable(b"IFS") {
            None => b" \t".to_vec(),
            Some(_) => self.read_variable(b"IFS", state).text().unwrap_or_default().to_vec(),
        };
        let separators = match action.assigns.iter().find(|(name, _)| name == b"IFS") {
            Some((_, value)) => value.text().unwrap_or_default().to_vec(),
            None => separators,
        };
        if let Some(array) = array {
            let held = match known.as_ref().and_then(|lines| lines.first()) {
                Some(line) if !frame.repeated => Held::Array(
                    split(line, &separators, usize::MAX)
                        .into_iter()
                        .enumerate()
                        .map(|(at, word)| (at.to_string().into_bytes(), Value::known(word)))
                        .collect(),
                ),
                _ => Held::One(Value {
                    many: true,
                    taint,
                    ..Value::hole("words of standard input", frame.stdin.bound.clone())
                }),
            };
            state.change(&array, |variable| variable.held = held);
            return;
        }
        if names.is_empty() {
            names.push(b"REPLY".to_vec());
        }
        let count = names.len();
        for (index, name) in names.into_iter().enumerate() {
            let each = |line: &Vec<u8>| {
                let word = split(line, &separators, count).into_iter().nth(index).unwrap_or_default();
                Value { taint: taint.clone(), ..Value::known(word) }
            };
            let held = match &known {
                Some(lines) if frame.repeated && (1..=8).contains(&lines.len()) => {
                    let mut values: Vec<Value> = lines.iter().map(each).collect();
                    values.dedup();
                    if values.len() == 1 { Held::One(values.remove(0)) } else { Held::Either(values) }
                }
                Some(lines) if !frame.repeated => Held::One(lines.first().map(each).unwrap_or_default()),
                _ => {
                    let bound = if count == 1 { frame.stdin.bound.clone() } else { Bound::Anything };
                    Held::One(Value { taint: taint.clone(), ..Value::hole("a line of standard input", bound) })
                }
            };
            let Some(name) = state.target(&name) else { continue };
            state.change(&name, |variable| variable.held = held);
        }
    }

    fn test(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        for (at, value) in arguments.iter().enumerate() {
            let Some(operand) = arguments.get(at + 1) else { break };
            match value.text() {
                Some(operator) if tests_file(operator) && operator != b"-a" && operator != b"-o" => {
                    action.effects.push(names_effect(&state.cwd, operand));
                }
                Some(b"-v" | b"-R") => self.subscript_runs(operand, action, state, frame),
                _ => {}
            }
        }
    }

    /// A handler: walked where it is set (`EXIT`: where the shell ends, with the variables of then).
    fn trap(&mut self, arguments: &[Value], ready: &Ready<'_>, state: &mut State, frame: &Frame) {
        let mut rest = arguments;
        while rest.first().is_some_and(|value| matches!(value.text(), Some(b"--" | b"-l" | b"-p" | b"-P"))) {
            rest = rest.get(1..).unwrap_or_default();
        }
        let Some((handler, signals)) = rest.split_first() else { return };
        if signals.is_empty() || matches!(handler.text(), Some(b"-" | b"")) {
            return;
        }
        let at_end = signals.iter().all(|value| {
            value.text().is_some_and(|name| {
                matches!(
                    name.to_ascii_uppercase().as_slice(),
                    b"EXIT"
                        | b"0"
                        | b"INT"
                        | b"TERM"
                        | b"HUP"
                        | b"QUIT"
                        | b"SIGINT"
                        | b"SIGTERM"
                        | b"SIGHUP"
                        | b"2"
                        | b"15"
                        | b"1"
                        | b"3"
                        | b"ERR"
                )
            })
        });
        if at_end && handler.text().is_some() {
            self.handlers.push((handler.clone(), frame.at(ready.span)));
            return;
        }
        let mut own = state.clone();
        self.shell_text(handler, b"trap", &mut own, frame, ready.span);
    }

    fn source(
        &mut self,
        name: &[u8],
        arguments: &[Value],
        mut action: Action,
        ready: &Ready<'_>,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let arguments = match arguments.first().and_then(Value::text) {
            Some(b"--") => arguments.get(1..).unwrap_or_default(),
            _ => arguments,
        };
        let Some((file, rest)) = arguments.split_first() else {
            self.emit(action, frame);
            return Stream::empty();
        };
        let absolute = path::absolute(&state.cwd, file);
        let feed = Feed {
            files: absolute.text().map(<[u8]>::to_vec).into_iter().collect(),
            taint: file.taint.clone(),
            stdin: false,
        };
        let readable = absolute.text().is_some_and(|path| {
            state.made(path).is_some_and(|made| made.text.is_some())
                || self.world.contents(path, super::program::SCRIPT).is_some()
        });
        let object = Object::Code { language: "sh".to_owned(), origin: CodeOrigin::File(absolute), proven: readable };
        action.effects.push(Effect {
            kind: EffectKind::Executes,
            object,
            flags: Flags::default(),
            certain: true,
            span: ready.span,
            feed,
        });
        let id = self.emit_and_feed(&mut action, frame);
        self.file_flows(id, state);
        let Some(inner) = frame.behind(name, ready.span) else {
            self.cap("files sourced too deep", frame.at(ready.span));
            return Stream::outside();
        };
        let outer = Rc::clone(&state.positional);
        let dialect = state.dialect;
        let out = self.script_file(file, rest, dialect, state, &inner, ready.span);
        state.positional = outer;
        state.ended = false;
        out
    }
}

/// What `kill` signals: pids, jobs.
fn kill_targets(arguments: &[Value]) -> Vec<Value> {
    let mut out = Vec::new();
    let mut rest = arguments;
    let mut options = true;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first.text() {
            Some(b"-l" | b"-L") => return Vec::new(),
            Some(b"-s" | b"-n") if options => rest = rest.get(1..).unwrap_or_default(),
            Some(b"--") => options = false,
            Some(text) if options && text.starts_with(b"-") => options = false,
            _ => {
                options = false;
                out.push(first.clone());
            }
        }
    }
    out
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Words of a line as `read` splits it: the last name takes the rest.
fn split(line: &[u8], separators: &[u8], count: usize) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        while rest.first().is_some_and(|byte| separators.contains(byte)) {
            rest = rest.get(1..).unwrap_or_default();
        }
        if rest.is_empty() {
            return out;
        }
        if out.len() + 1 >= count {
            let end = rest.iter().rposition(|byte| !separators.contains(byte)).map_or(0, |at| at + 1);
            out.push(rest.get(..end).unwrap_or_default().to_vec());
            return out;
        }
        let end = rest.iter().position(|byte| separators.contains(byte)).unwrap_or(rest.len());
        out.push(rest.get(..end).unwrap_or_default().to_vec());
        rest = rest.get(end..).unwrap_or_default();
    }
}

/// The array value of `declare name=(…)`.
fn array_word<'a>(words: &'a [Word], name: &[u8]) -> Option<&'a [(Option<Word>, Word)]> {
    words.iter().find_map(|word| match word.pieces.as_slice() {
        [head, tail] => match (&head.kind, &tail.kind) {
            (PieceKind::Literal(text), PieceKind::Array(elements)) => {
                let own = text.strip_suffix(b"=")?;
                (own.strip_suffix(b"+").unwrap_or(own) == name).then_some(elements.as_slice())
            }
            _ => None,
        },
        _ => None,
    })
}
