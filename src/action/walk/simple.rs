//! A simple command: its words expanded, then function, builtin or program.

use std::rc::Rc;

use super::brace;
use super::compound::plain_text;
use super::held::Held;
use super::redirect::{Ends, OWN_INPUT};
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Status, Walker};
use super::{blank, gap};
use crate::action::{ActionKind, Bound, CodeOrigin, Effect, EffectKind, Feed, GapKind, Object, Value};
use crate::parse::{
    Assign, AssignValue, Command, CommandKind, Param, ParamOp, Piece, PieceKind, Redirect, RedirectFd, RedirectOp,
    RedirectTarget, Simple, Word,
};
use crate::text::Span;

/// A simple command ready to run.
pub(super) struct Ready<'a> {
    pub argv: Vec<Value>,
    /// The words it came from, for declaration builtins; empty when it came from a payload.
    pub words: &'a [Word],
    /// Leading assignments.
    pub leading: Vec<(Vec<u8>, Value)>,
    pub span: Span,
    /// Shell functions are not looked up (`command`, `builtin`, programs started by others).
    pub no_functions: bool,
    /// Neither are builtins.
    pub no_builtins: bool,
}

/// Whether `exec` has given the shell another input since this one was opened.
fn given_under(state: &State, frame: &Frame) -> bool {
    state.input.as_ref().is_some_and(|under| Rc::ptr_eq(under, &frame.stdin))
}

/// Whether a redirection gives a command another standard input.
fn takes_input(redirect: &Redirect) -> bool {
    match redirect.fd {
        RedirectFd::Number(number) => number == 0,
        RedirectFd::Variable(_) => false,
        RedirectFd::Default => {
            matches!(
                redirect.op,
                RedirectOp::Read | RedirectOp::ReadWrite | RedirectOp::DupRead | RedirectOp::HereString
            ) || matches!(redirect.target, RedirectTarget::Heredoc(_))
        }
    }
}

impl Walker<'_> {
    /// Walks a simple command, once for each way its variables may have been set.
    pub(super) fn simple(&mut self, simple: &Simple, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        if let Some((name, values)) = self.choice(simple, command, state) {
            let mut joined: Option<(State, Stream)> = None;
            for value in values {
                let mut own = state.clone();
                own.change(&name, |variable| variable.held = value);
                let out = self.simple(simple, command, &mut own, frame);
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
        let alias = if state.options.aliases { self.alias(simple, command, state, frame) } else { None };
        let first = self.here();
        let out = self.by_name(simple, command, state, frame);
        let Some((own, text)) = alias else { return out };
        // Where there is nothing of that name, it is the alias or a mistake.
        let mistake = simple.assigns.is_empty() && state.variable(b"PATH").is_none() && self.take_back_unknown(first);
        state.join(own);
        self.status = Status::Maybe;
        if mistake { text } else { out.or(text) }
    }

    /// Walks a simple command whose first word is no alias, or may be none.
    fn by_name(&mut self, simple: &Simple, command: &Command, state: &mut State, frame: &Frame) -> Stream {
        let before = self.here();
        let argv = self.command_fields(&simple.words, state, frame);
        let substituted = self.here() > before;
        let keep = argv.is_empty();
        let mut leading = Vec::new();
        for assign in &simple.assigns {
            leading.push(self.assign(assign, keep, state, frame));
        }
        let mut argv = argv;
        if state.options.keyword {
            self.take_keywords(&mut argv, &mut leading, state, frame);
        }
        let ends = self.redirects(&command.redirects, state, frame);
        if keep {
            state.last = Some(Value::default());
            self.status = if substituted || ends.doubt || simple.assigns.iter().any(runs_commands) {
                Status::Maybe
            } else {
                Status::Yes
            };
            // `$(< file)`: what is read is the output.
            let out = match &ends.stdin {
                Some(stdin) if simple.assigns.is_empty() => stdin.clone(),
                _ => Stream::empty(),
            };
            let files = ends.files.clone();
            let first = self.here();
            let out = self.finish_redirects(ends, out, frame);
            let by: Vec<u32> = (first..self.here()).collect();
            self.remember_files(&files, &by, &Stream::empty(), state);
            return out;
        }
        let inner = match &ends.stdin {
            Some(stdin) => Frame { own: !ends.copied, ..frame.fed(stdin.clone()) },
            None => match state.made(OWN_INPUT).filter(|_| !frame.stdin.fed || given_under(state, frame)) {
                Some(made) => Frame { own: false, ..frame.fed(made.stream()) },
                None => frame.clone(),
            },
        };
        let last = argv.last().cloned();
        let ready =
            Ready { argv, words: &simple.words, leading, span: command.span, no_functions: false, no_builtins: false };
        let given = state.made.hold(OWN_INPUT);
        self.moves_input = command.redirects.iter().any(takes_input);
        let out = self.run(ready, state, &inner);
        if let Some(own) = state.made.hold(OWN_INPUT).filter(|_| inner.own)
            && !given.is_some_and(|given| Rc::ptr_eq(&given, &own))
        {
            state.input = Some(Rc::clone(&frame.stdin));
        }
        state.last = last.filter(|last| !last.many);
        if ends.doubt && self.status == Status::Yes {
            self.status = Status::Maybe;
        }
        self.settle(ends, out, state, frame)
    }

    /// Under `set -k` every word that looks like an assignment is one, for the command.
    #[inline(never)]
    fn take_keywords(
        &mut self,
        argv: &mut Vec<Value>,
        leading: &mut Vec<(Vec<u8>, Value)>,
        state: &mut State,
        frame: &Frame,
    ) {
        let mut kept = Vec::with_capacity(argv.len());
        for word in argv.drain(..) {
            let prefix = word.prefix();
            let name = prefix.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            if name == 0 || prefix.get(name) != Some(&b'=') {
                kept.push(word);
                continue;
            }
            let name = prefix.get(..name).unwrap_or_default().to_vec();
            let value = super::letters::after(&word, name.len() + 1);
            let mut action = blank(ActionKind::Assign, None, &state.cwd, word.span);
            action.operands = vec![Value::known(name.clone()), value.clone()];
            action.argv = vec![word];
            self.emit_assign(action, &name, &value, true, state, frame);
            leading.push((name, value));
        }
        *argv = kept;
    }

    /// The fields of a command's words. What `export x=…` and its like assign is not split.
    fn command_fields(&mut self, words: &[Word], state: &mut State, frame: &Frame) -> Vec<Value> {
        let first = words.first().and_then(plain_text);
        let declares = matches!(first.as_deref(), Some(b"export" | b"declare" | b"typeset" | b"local" | b"readonly"));
        if !declares {
            return self.fields(words, state, frame);
        }
        let mut argv = Vec::with_capacity(words.len());
        for word in words {
            // What braces make of it is a word like any other, and so split.
            if assigns(word) && !brace::has_braces(word) {
                argv.push(self.scalar(word, state, frame));
            } else {
                argv.extend(self.fields(std::slice::from_ref(word), state, frame));
            }
        }
        argv
    }

    /// Lists the writing redirections and remembers the files they make.
    pub(super) fn settle(&mut self, ends: Ends, out: Stream, state: &mut State, frame: &Frame) -> Stream {
        let files = ends.files.clone();
        let first = self.here();
        let kept = if files.is_empty() { Stream::empty() } else { out.clone() };
        let rest = self.finish_redirects(ends, out, frame);
        if !files.is_empty() {
            let by: Vec<u32> = (first..self.here()).collect();
            self.remember_files(&files, &by, &kept, state);
        }
        self.opens = false;
        rest
    }

    /// Runs what is ready: dynamic name, function, builtin or program.
    pub(super) fn run(&mut self, ready: Ready<'_>, state: &mut State, frame: &Frame) -> Stream {
        self.status = Status::Maybe;
        let mut ready = ready;
        self.command_word(&mut ready, state);
        let Some(name) = ready.argv.first().and_then(Value::text).map(<[u8]>::to_vec) else {
            let mut action = blank(ActionKind::Run, None, &state.cwd, ready.span);
            gap(&mut action, GapKind::DynamicWord, "the command's name is known only when it runs", ready.span);
            action.operands = ready.argv.get(1..).unwrap_or_default().to_vec();
            if let Some(word) = ready.argv.first().filter(|word| !word.taint.is_empty()) {
                // What a command of the line printed is run.
                action.effects.push(
                    Effect::certain(
                        EffectKind::Executes,
                        Object::Code { language: "sh".to_owned(), origin: CodeOrigin::Inline, proven: false },
                        ready.span,
                    )
                    .fed(Feed { taint: word.taint.clone(), ..Feed::default() }),
                );
            }
            action.argv = ready.argv;
            action.assigns = self.assigns(&ready.leading, state);
            let id = self.emit(action, frame);
            self.feed(id, frame);
            self.join_descriptors(id);
            return Stream::of(id).and_from(&frame.stdin.from);
        };
        if !ready.no_functions {
            if let Some(function) = state.functions.hold(&name) {
                if !function.unsure {
                    return self.call(&name, &function, ready, state, frame);
                }
                let without =
                    Ready { argv: ready.argv.clone(), leading: ready.leading.clone(), no_functions: true, ..ready };
                let mut own = state.clone();
                let out = self.call(&name, &function, ready, &mut own, frame);
                let other = self.run(without, state, frame);
                state.join(own);
                self.status = Status::Maybe;
                return out.or(other);
            }
        }
        if !ready.no_builtins && !name.contains(&b'/') {
            if let Some(out) = self.builtin(&name, &ready, state, frame) {
                return out;
            }
        }
        self.program(ready, state, frame)
    }

    /// A glob as the command's name is what it matches, where exactly one file does.
    fn command_word(&mut self, ready: &mut Ready<'_>, state: &State) {
        let Some(word) = ready.argv.first() else { return };
        if word.text().is_some() || word.has_hole() {
            return;
        }
        let Some(paths) = super::pattern::matching_anywhere(self.world, &state.cwd, word) else { return };
        let fields: Vec<Value> = paths.into_iter().map(|path| Value::known(path).at(word.span)).collect();
        ready.argv.splice(0..1, fields);
    }

    /// A variable of the command that was set differently on two ways here.
    #[inline(never)]
    fn choice(&self, simple: &Simple, command: &Command, state: &State) -> Option<(Vec<u8>, Vec<Held>)> {
        if state.variables.is_empty() {
            return None;
        }
        let first = simple.words.first().and_then(plain_text);
        let assigns = |piece: &Piece| tests(piece, &|_, op| matches!(op, ParamOp::Assign { .. }));
        let assigns = simple.words.iter().flat_map(|word| &word.pieces).any(assigns);
        if !assigns
            && first.is_some_and(|name| {
                matches!(
                    name.as_slice(),
                    b"echo" | b"printf" | b"test" | b"[" | b"read" | b"export" | b":" | b"true" | b"let"
                )
            })
            && command.redirects.is_empty()
        {
            return None;
        }
        let mut names: Vec<&[u8]> = Vec::new();
        for word in &simple.words {
            word_names(word, &mut names);
        }
        for redirect in &command.redirects {
            if let crate::parse::RedirectTarget::Word(word) = &redirect.target {
                word_names(word, &mut names);
            }
        }
        if simple.words.is_empty() {
            for assign in &simple.assigns {
                if let AssignValue::Scalar(word) = &assign.value {
                    word_names(word, &mut names);
                }
            }
        }
        names.into_iter().find_map(|own| {
            let name = state.target(own)?;
            let mut ways = state.variable(&name)?.held.ways()?;
            // Empty on one way may be not set on it, where a word tells these apart.
            let apart = |piece: &Piece| {
                tests(piece, &|name, op| {
                    let colon = match op {
                        ParamOp::Default { colon, .. } | ParamOp::Assign { colon, .. } => *colon,
                        ParamOp::Error { colon, .. } | ParamOp::Alternate { colon, .. } => *colon,
                        _ => true,
                    };
                    name == own && !colon
                })
            };
            let empty = |way: &Held| matches!(way, Held::One(value) if value.text() == Some(b""));
            if ways.iter().any(empty) && pieces(simple, command).any(apart) {
                ways.push(Held::Unset);
            }
            Some((name, ways))
        })
    }

    /// An alias of the line: what it stands for is walked as well as the word itself, since whether it is expanded depends
    /// on where the lines end.
    #[inline(never)]
    fn alias(&mut self, simple: &Simple, command: &Command, state: &State, frame: &Frame) -> Option<(State, Stream)> {
        let Word { pieces, .. } = simple.words.first()?;
        let [Piece { kind: PieceKind::Literal(name), .. }] = pieces.as_slice() else { return None };
        let text = state.aliases.get(name).cloned()?;
        if frame.aliases.contains(name) {
            return None;
        }
        let mut inner = frame.deeper()?;
        inner.span = Some(frame.at(command.span));
        std::rc::Rc::make_mut(&mut inner.aliases).push(name.clone());
        let mut script = self.parse(&text, state, &inner)?;
        self.opaque_places(&script, &text, &inner);
        let last = script.body.items.last_mut().and_then(|item| match item.rest.last_mut() {
            Some((_, pipeline)) => pipeline.commands.last_mut(),
            None => item.first.commands.last_mut(),
        });
        if let Some(Command { kind: CommandKind::Simple(own), redirects, .. }) = last {
            own.words.extend(simple.words.iter().skip(1).cloned());
            redirects.extend(command.redirects.iter().cloned());
        }
        let mut own = state.clone();
        let out = self.list(&script.body, &mut own, &inner);
        Some((own, out))
    }
}

pub(super) fn runs_commands(assign: &Assign) -> bool {
    let word_runs = |word: &Word| word.pieces.iter().any(piece_runs);
    match &assign.value {
        AssignValue::Scalar(word) => word_runs(word),
        AssignValue::Array(elements) => elements.iter().any(|(_, word)| word_runs(word)),
    }
}

fn piece_runs(piece: &Piece) -> bool {
    match &piece.kind {
        PieceKind::Command(_) | PieceKind::Process { .. } => true,
        PieceKind::Double(inner) | PieceKind::Locale(inner) => inner.iter().any(piece_runs),
        _ => false,
    }
}

/// Whether a word looks like an assignment before anything in it is expanded.
fn assigns(word: &Word) -> bool {
    let Some(Piece { kind: PieceKind::Literal(text), .. }) = word.pieces.first() else { return false };
    let name = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let rest = match (text.get(name..).unwrap_or_default(), word.pieces.get(1)) {
        (b"", Some(Piece { kind: PieceKind::Glob(text), .. })) => text,
        (rest, _) => rest,
    };
    name > 0 && (rest.starts_with(b"=") || rest.starts_with(b"+=") || rest.starts_with(b"["))
}

/// Names of the parameters a word expands itself (not inside its substitutions).
fn word_names<'a>(word: &'a Word, names: &mut Vec<&'a [u8]>) {
    for piece in &word.pieces {
        piece_names(piece, names);
    }
}

fn piece_names<'a>(piece: &'a Piece, names: &mut Vec<&'a [u8]>) {
    match &piece.kind {
        PieceKind::Param(param) => {
            let Param { name, op, .. } = param.as_ref();
            names.push(name);
            if let Some(
                ParamOp::Default { word, .. } | ParamOp::Alternate { word, .. } | ParamOp::Assign { word, .. },
            ) = op
            {
                word_names(word, names);
            }
        }
        PieceKind::Double(inner) | PieceKind::Locale(inner) => inner.iter().for_each(|piece| piece_names(piece, names)),
        PieceKind::BraceList(words) => words.iter().for_each(|word| word_names(word, names)),
        _ => {}
    }
}

/// The pieces of a command's words: its own, those of its redirections, and what it assigns.
fn pieces<'a>(simple: &'a Simple, command: &'a Command) -> impl Iterator<Item = &'a Piece> {
    let redirected = command.redirects.iter().filter_map(|redirect| match &redirect.target {
        crate::parse::RedirectTarget::Word(word) => Some(word),
        _ => None,
    });
    let assigned = simple.assigns.iter().filter_map(|assign| match &assign.value {
        AssignValue::Scalar(word) => Some(word),
        AssignValue::Array(_) => None,
    });
    simple.words.iter().chain(redirected).chain(assigned).flat_map(|word| &word.pieces)
}

/// Whether an expansion in a piece is such a one.
fn tests(piece: &Piece, wanted: &dyn Fn(&[u8], &ParamOp) -> bool) -> bool {
    match &piece.kind {
        PieceKind::Param(param) => {
            let Param { name, op, .. } = param.as_ref();
            let Some(op) = op else { return false };
            let inner = match op {
                ParamOp::Default { word, .. } | ParamOp::Alternate { word, .. } | ParamOp::Assign { word, .. } => {
                    word.pieces.iter().any(|piece| tests(piece, wanted))
                }
                _ => false,
            };
            inner || wanted(name, op)
        }
        PieceKind::Double(inner) | PieceKind::Locale(inner) => inner.iter().any(|piece| tests(piece, wanted)),
        PieceKind::BraceList(words) => words.iter().flat_map(|word| &word.pieces).any(|piece| tests(piece, wanted)),
        _ => false,
    }
}

/// A hole for a word that only the run knows.
pub(super) fn unknown(why: &str, taint: &[u32]) -> Value {
    Value { taint: taint.to_vec(), ..Value::hole(why, Bound::Anything) }
}
