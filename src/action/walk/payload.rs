//! Commands carried by other commands: `env`, `sudo`, `find -exec`, `sh -c`, a script file, a shell that reads its input.

use std::rc::Rc;

use super::held::Made;
use super::program::{self, dialect_of, shebang};
use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Walker};
use crate::action::{
    ActionId, Bound, Carried, CodeOrigin, Effect, EffectKind, Feed, GapKind, Hole, Object, Part, Parts, Payload, Value,
    argv, path,
};
use crate::parse::Dialect;
use crate::text::Arrange;
use crate::text::Span;

impl Walker<'_> {
    /// Follows one payload of the action `carrier`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn payload(
        &mut self,
        payload: Payload,
        name: &[u8],
        carrier: ActionId,
        leading: &[(Vec<u8>, Value)],
        state: &mut State,
        frame: &Frame,
        span: Span,
    ) -> Stream {
        let Some(mut inner) = frame.behind(name, span) else {
            self.cap("commands carried too deep", frame.at(span));
            return Stream::outside();
        };
        inner.elsewhere |= payload.elsewhere;
        if payload.elsewhere {
            inner.stdin = Rc::clone(&frame.stdin);
        } else if !payload.stdin {
            inner.stdin = Rc::new(Stream::empty());
        }
        let mut assigns = leading.to_vec();
        assigns.extend(payload.assigns.iter().cloned());
        let dialect = match &payload.what {
            Carried::Argv(_) => state.dialect,
            Carried::Shell { dialect, .. } | Carried::Script { dialect, .. } | Carried::ShellStdin { dialect, .. } => {
                *dialect
            }
        };
        let mut own = self.child(state, &assigns, dialect);
        for (name, value) in &payload.assigns {
            let mut action = super::blank(crate::action::ActionKind::Assign, None, &state.cwd, span);
            let mut shown = Value::known([name.as_slice(), b"="].concat());
            shown.push(value);
            action.argv = vec![shown];
            action.operands = vec![Value::known(name.clone()), value.clone()];
            self.emit_assign(action, name, value, true, &mut own, &inner);
        }
        if let Some(cwd) = payload.cwd {
            own.cwd = cwd;
            own.cwd_else = None;
            own.cwd_also = Rc::default();
        }
        // `xargs -a file`: the words are the file's.
        let elsewhere = |(name, _): &(String, Option<Value>)| name == "--arg-file";
        let from_file = self.listed(carrier).is_some_and(|action| action.options.iter().any(elsewhere));
        let words_from = if from_file { Rc::new(Stream::of(carrier)) } else { Rc::clone(&frame.stdin) };
        let out = match payload.what {
            Carried::Argv(argv) => {
                if let Some(rounds) = rounds(&argv, &words_from) {
                    let mut out = Stream::empty();
                    for words in rounds {
                        let ready = Ready {
                            argv: words,
                            words: &[],
                            leading: assigns.clone(),
                            span: inner.at(span),
                            no_functions: true,
                            no_builtins: true,
                        };
                        out = out.then(self.run(ready, &mut own, &inner));
                    }
                    state.keep_files(own);
                    return out;
                }
                let mut words = from_stdin(argv, &words_from);
                if from_file {
                    // What reads on from standard input has nothing to say of them.
                    for part in words.iter_mut().flat_map(|word| &mut word.parts) {
                        if let Part::Hole(hole) = part
                            && (hole.why == argv::FED || hole.why == argv::FED_WHOLE)
                        {
                            "words from a file".clone_into(&mut hole.why);
                        }
                    }
                }
                for word in words.iter_mut().filter(|word| word.has_hole()) {
                    let found = |part: &Part| matches!(part, Part::Hole(hole) if hole.why == argv::FOUND);
                    if word.parts.iter().any(found) {
                        word.add_taint(&[carrier]);
                    }
                }
                let ready = Ready {
                    argv: words,
                    words: &[],
                    leading: assigns,
                    span: inner.at(span),
                    no_functions: true,
                    no_builtins: true,
                };
                self.run(ready, &mut own, &inner)
            }
            Carried::Shell { text, positional, dialect: _ } => {
                let expands = |action: &crate::action::Action| interactive(&action.argv);
                own.options.aliases = dialect == Dialect::Zsh || self.listed(carrier).is_some_and(expands);
                own.set(b"BASH_SOURCE", Value::default());
                let positional: Vec<Value> = from_stdin(positional, &words_from);
                let text = from_stdin(vec![text], &words_from).into_iter().next().unwrap_or_default();
                own.positional = Rc::new(if positional.is_empty() { vec![Value::known(name)] } else { positional });
                self.runs_text(&text, &mut own, &inner, span)
            }
            Carried::Script { path, arguments, dialect } => {
                let readable = path.text().is_some_and(|path| match own.made(path) {
                    Some(made) => made.text.is_some() || made.twin.is_some() || !made.ways.is_empty(),
                    None => self.world.contents(path, program::SCRIPT).is_some(),
                });
                self.executes(carrier, CodeOrigin::File(path.clone()), readable);
                self.file_flows(carrier, state);
                let arguments = from_stdin(arguments, &words_from);
                own.positional = Rc::new(vec![path.clone()]);
                own.set(b"BASH_SOURCE", path.clone());
                self.script_file(&path, &arguments, dialect, &mut own, &inner, span)
            }
            Carried::ShellStdin { positional, dialect: _ } => {
                let known = frame.stdin.text.clone();
                // What code of another language prints is read, but the code says what it likes.
                let told = frame.stdin.from.iter().any(|id| self.listed(*id).is_some_and(runs_inline));
                let proven = !told && known.as_ref().is_some_and(|text| !text.has_hole());
                self.executes(carrier, CodeOrigin::Stdin, proven);
                own.positional = Rc::new(std::iter::once(Value::known(name)).chain(positional).collect());
                match known {
                    Some(text) => {
                        inner.stdin = Rc::new(Stream::empty());
                        self.runs_text(&text, &mut own, &inner, span)
                    }
                    None => {
                        if !inner.elsewhere || frame.stdin.fed {
                            self.opaque(GapKind::Opaque, "shell text from standard input", span, &own, &inner);
                        }
                        Stream::of(carrier)
                    }
                }
            }
        };
        state.keep_files(own);
        if out.text.is_some() && !out.from.is_empty() { out } else { Stream { text: None, ..out } }
    }

    /// Shell text in a shell of its own.
    fn runs_text(&mut self, text: &Value, state: &mut State, frame: &Frame, span: Span) -> Stream {
        let handlers = std::mem::take(&mut self.handlers);
        // The wrapper is in `frame` already: the text stands right behind it.
        let mut frame = frame.clone();
        let wrapper = Rc::make_mut(&mut frame.via).pop().unwrap_or_default();
        let out = self.shell_text(text, &wrapper, state, &frame, span);
        self.leave(state, &frame);
        self.handlers = handlers;
        out
    }

    /// The carrier executes shell code: for rules about where code comes from. `proven`: the code itself is judged here.
    fn executes(&mut self, carrier: ActionId, origin: CodeOrigin, proven: bool) {
        let Some(action) = self.action(carrier) else { return };
        let already = action
            .effects
            .iter_mut()
            .find(|effect| effect.kind == EffectKind::Executes && matches!(effect.object, Object::Code { .. }));
        if let Some(effect) = already {
            effect.feed.stdin |= origin == CodeOrigin::Stdin;
            return;
        }
        let mut feed = Feed::default();
        match &origin {
            CodeOrigin::Stdin => feed.stdin = true,
            CodeOrigin::File(path) => {
                feed.files.extend(path.text().map(<[u8]>::to_vec));
                feed.taint = path.taint.clone();
            }
            CodeOrigin::Inline | CodeOrigin::Workspace | CodeOrigin::Network => {}
        }
        let span = action.span;
        let object = Object::Code { language: "sh".to_owned(), origin, proven };
        action.effects.push(Effect::certain(EffectKind::Executes, object, span).fed(feed));
    }

    /// Walks a script file in `state` (a fresh shell's, or this one's for `source`). What cannot be read is opaque.
    pub(super) fn script_file(
        &mut self,
        file: &Value,
        arguments: &[Value],
        dialect: Dialect,
        state: &mut State,
        frame: &Frame,
        span: Span,
    ) -> Stream {
        let absolute = path::absolute(&state.cwd, file);
        let known = absolute.text().map(<[u8]>::to_vec);
        let made = known.as_ref().and_then(|path| state.made(path)).cloned();
        if let (Some(path), Some(made)) = (&known, made.as_ref().filter(|made| made.text.is_none())) {
            // Each of the texts that it may have.
            let mut joined: Option<(State, Stream)> = None;
            for way in &made.ways {
                let mut own = state.clone();
                own.make(path, Made { text: Some(way.clone()), ways: Vec::new(), ..made.clone() });
                let out = self.script_file(file, arguments, dialect, &mut own, frame, span);
                own.make(path, made.clone());
                joined = Some(match joined {
                    None => (own, out),
                    Some((mut before, stream)) => {
                        before.join(own);
                        (before, stream.or(out))
                    }
                });
            }
            if let Some((own, out)) = joined {
                *state = own;
                return out;
            }
        }
        let source = known.as_ref().and_then(|path| path.strip_prefix(b"/dev/fd/0")).is_some()
            || matches!(known.as_deref(), Some(b"/dev/stdin" | b"/proc/self/fd/0" | b"/proc/thread-self/fd/0"));
        let text = match (&made, &known) {
            _ if source => frame.stdin.text.clone(),
            // Clients source it where they have no snapshot of the user's shell.
            (None, Some(path)) if path == b"/dev/null" => Some(Value::default()),
            (Some(made), _) => match (&made.text, &made.twin) {
                (Some(text), _) => Some(text.clone()),
                (None, Some(twin)) => self.world.contents(twin, program::SCRIPT).map(Value::known),
                (None, None) => None,
            },
            (None, Some(path)) => {
                self.world.contents(path, program::SCRIPT).map(Value::known).or_else(|| self.activation(path, state))
            }
            (None, None) => None,
        };
        let mut state_dialect = dialect;
        if let Some(text) = text.as_ref().and_then(Value::text) {
            let language = shebang(text);
            if let Some(own) = language.as_deref().and_then(dialect_of) {
                // `bash x.sh` reads it as bash whatever its first line says; the stricter of both is the caller's dialect.
                state_dialect = if dialect == Dialect::Sh { dialect } else { own };
            }
        }
        if !arguments.is_empty() || state.positional.is_empty() {
            let sourced = frame.via.last().is_some_and(|name| matches!(name.as_slice(), b"." | b"source"));
            let zero = state.positional.first().filter(|_| sourced).unwrap_or(file).clone();
            let mut positional = vec![zero];
            positional.extend(arguments.iter().cloned());
            state.positional = Rc::new(positional);
        }
        match text {
            Some(text) => {
                let before = std::mem::replace(&mut state.dialect, state_dialect);
                let out = self.runs_text(&text, state, frame, span);
                state.dialect = before;
                out
            }
            None => {
                let id =
                    self.opaque(GapKind::Opaque, "a script that cannot be read before it runs", span, state, frame);
                if let Some(action) = self.action(id) {
                    action.argv = vec![file.clone()];
                    let mut feed = Feed { taint: file.taint.clone(), stdin: source, ..Feed::default() };
                    feed.files.extend(known);
                    let object =
                        Object::Code { language: "sh".to_owned(), origin: CodeOrigin::File(absolute), proven: false };
                    action.effects.push(Effect::certain(EffectKind::Executes, object, span).fed(feed));
                }
                if source {
                    self.feed(id, frame);
                }
                self.file_flows(id, state);
                Stream::of(id)
            }
        }
    }
}

/// Whether a program runs code of its words that is no shell's.
fn runs_inline(action: &crate::action::Action) -> bool {
    let languages = ["python", "node", "perl", "ruby", "php", "lua"];
    let name = action.program.as_deref().unwrap_or_default();
    languages.iter().any(|language| name.starts_with(language.as_bytes()))
}

/// Whether a shell's options make it interactive, or turn its aliases on.
fn interactive(argv: &[Value]) -> bool {
    let words = argv.iter().skip(1).map(|word| word.text().unwrap_or_default());
    let options = words.take_while(|word| word.starts_with(b"-") || *word == b"expand_aliases");
    options.into_iter().any(|word| word == b"expand_aliases" || !word.starts_with(b"--") && word.contains(&b'i'))
}

/// Lines of known input that a command is run for at most; more are walked once.
const ROUNDS: usize = 16;

/// `xargs -I{}` over known lines: the command's words for each of them.
fn rounds(argv: &[Value], stdin: &Stream) -> Option<Vec<Vec<Value>>> {
    let fed = |part: &Part| matches!(part, Part::Hole(hole) if hole.why == argv::FED || hole.why == argv::FED_WHOLE);
    let replaced = |value: &Value| !value.many && value.parts.iter().any(fed);
    if !argv.iter().any(replaced) || argv.iter().any(|value| value.many && value.parts.iter().any(fed)) {
        return None;
    }
    let text = stdin.text.as_ref()?.text()?;
    if text.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\')) {
        return None;
    }
    let lines: Vec<&[u8]> = text
        .split(|byte| matches!(byte, b'\n' | 0))
        .map(<[u8]>::trim_ascii_start)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() || lines.len() > ROUNDS {
        return None;
    }
    let with = |value: &Value, line: &[u8]| {
        let mut out = Value { parts: Parts::new(), ..value.clone() };
        for part in &value.parts {
            match part {
                Part::Known(text) => out.push_known(text),
                part if fed(part) => out.push_known(line),
                part => out.parts.push(part.clone()),
            }
        }
        if replaced(value) {
            out.add_taint(&stdin.from);
        }
        out
    };
    Some(lines.into_iter().map(|line| argv.iter().map(|value| with(value, line)).collect()).collect())
}

/// Effects on files whose names a program reads from standard input: on each of them where they are known.
pub(super) fn named_by_stdin(effects: Vec<Effect>, cwd: &Value, stdin: &Stream) -> Vec<Effect> {
    let fed = |part: &Part| matches!(part, Part::Hole(hole) if hole.why == argv::LISTED);
    let is_fed = |effect: &Effect| matches!(&effect.object, Object::Path { path, .. } if path.parts.iter().any(fed));
    if !effects.iter().any(is_fed) {
        return effects;
    }
    let mut out = Vec::with_capacity(effects.len());
    for mut effect in effects {
        let Object::Path { path, as_written } = &mut effect.object else {
            out.push(effect);
            continue;
        };
        if !path.parts.iter().any(fed) {
            out.push(effect);
            continue;
        }
        path.add_taint(&stdin.from);
        for id in &stdin.from {
            if !effect.feed.taint.contains(id) {
                effect.feed.taint.push(*id);
            }
        }
        effect.feed.taint.arrange();
        match stdin.text.as_ref().and_then(Value::text) {
            Some(text) => {
                for line in text.split(|byte| matches!(byte, b'\n' | 0)).filter(|line| !line.is_empty()).take(ROUNDS) {
                    let mut one = effect.clone();
                    one.object =
                        Object::Path { path: path::absolute(cwd, &Value::known(line)), as_written: line.to_vec() };
                    one.certain = true;
                    out.push(one);
                }
            }
            None => {
                let found = Value::hole("a name from standard input", stdin.bound.clone());
                let found = path::absolute(cwd, &Value { taint: path.taint.clone(), ..found });
                *as_written = found.display();
                *path = found;
                effect.certain = !matches!(stdin.bound, Bound::Anything);
                out.push(effect);
            }
        }
    }
    out
}

/// The words of text that globs have filled in (`printf '%s\n' src/*.rs`), as if each stood where it is used.
fn globbed(text: &Value) -> Option<Vec<Value>> {
    let mut words = vec![Value::default()];
    for part in &text.parts {
        match part {
            Part::Known(known) if known.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\' | 0)) => return None,
            Part::Known(known) => {
                for (at, piece) in known.split(u8::is_ascii_whitespace).enumerate() {
                    if at > 0 {
                        words.push(Value::default());
                    }
                    words.last_mut()?.push_known(piece);
                }
            }
            Part::Glob(_) => {
                let word = words.last_mut()?;
                word.parts.push(part.clone());
                word.many = true;
            }
            Part::Hole(_) => return None,
        }
    }
    words.retain(|word| !word.parts.is_empty());
    Some(words)
}

/// Words that come from standard input become what is known of it.
fn from_stdin(words: Vec<Value>, stdin: &Stream) -> Vec<Value> {
    let fed = |hole: &Hole| hole.why == argv::FED || hole.why == argv::FED_WHOLE;
    let mut out = Vec::with_capacity(words.len());
    for value in words {
        let whole = matches!(value.parts.as_slice(), [Part::Hole(hole)] if fed(hole));
        if whole {
            if let Some(text) = stdin.text.as_ref().and_then(Value::text) {
                let entries = matches!(value.parts.as_slice(), [Part::Hole(hole)] if hole.why == argv::FED_WHOLE);
                let ends = |byte: &u8| if entries { *byte == 0 } else { byte.is_ascii_whitespace() };
                let words = text.split(ends).filter(|word| !word.is_empty());
                let quoted = text.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
                if !quoted && value.many {
                    let found: Vec<Value> = words.take(1000).map(|word| Value::known(word).at(value.span)).collect();
                    out.extend(found.into_iter().map(|mut word| {
                        word.add_taint(&stdin.from);
                        word
                    }));
                    continue;
                }
            } else if let Some(found) = stdin.text.as_ref().filter(|_| value.many).and_then(globbed) {
                out.extend(found.into_iter().map(|mut word| {
                    word.add_taint(&stdin.from);
                    word.at(value.span)
                }));
                continue;
            }
        }
        let mut value = value;
        let mut touched = false;
        for part in &mut value.parts {
            if let Part::Hole(hole) = part {
                if fed(hole) {
                    touched = true;
                    if stdin.text.as_ref().and_then(Value::text).is_none() && stdin.bound != Bound::Anything {
                        // A name with a blank in it is cut in two; what finds by name is believed all the same, since the
                        // directory still bounds both.
                        hole.bound = stdin.bound.clone();
                    }
                }
            }
        }
        if touched {
            value.add_taint(&stdin.from);
        }
        out.push(value);
    }
    out
}
