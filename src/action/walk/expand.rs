//! From words to values: every expansion bash makes, in its order, constant where that is provable.

use super::held::Held;
use super::state::State;
use super::walker::{Frame, Walker};
use super::{brace, pattern};
use crate::action::{Bound, Part, Value, Variable as Inherited};
use crate::parse::{Arith, Dialect, Piece, PieceKind, Word};

/// What becomes of unquoted text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Command words: split into fields, globs take effect.
    Fields,
    /// Assignments, here-strings, `case` words: one value, no globs.
    Scalar,
    /// Patterns: one value, globs kept.
    Pattern,
}

/// Fields being built.
pub(super) struct Fields {
    mode: Mode,
    done: Vec<Value>,
    current: Value,
    /// The current field exists even when empty (something quoted stands in it).
    started: bool,
    /// `None`: IFS is not known.
    separators: Option<Vec<u8>>,
    /// A blank of IFS has just ended a field: another separator behind it is the same one.
    ended: bool,
    noglob: bool,
}

impl Fields {
    fn known(&mut self, text: &[u8], quoted: bool) {
        self.started |= quoted || !text.is_empty();
        self.ended = false;
        self.current.push_known(text);
    }

    fn end(&mut self) {
        if self.started {
            close_brackets(&mut self.current, self.mode);
            self.done.push(std::mem::take(&mut self.current));
        }
        self.current = Value::default();
        self.started = false;
    }

    /// A value inside double quotes or where nothing is split.
    fn quoted(&mut self, value: &Value) {
        self.started = true;
        self.ended = false;
        let many = self.current.many;
        self.current.push(value);
        self.current.many = many || (value.many && self.mode == Mode::Fields && value.has_hole() && is_list(value));
    }

    /// The result of an unquoted expansion: split, globs take effect.
    fn unquoted(&mut self, value: &Value) {
        if self.mode != Mode::Fields {
            for part in &value.parts {
                match part {
                    Part::Known(text) if self.mode == Mode::Pattern => {
                        for part in pattern::globbed(text) {
                            match part {
                                Part::Known(text) => self.current.push_known(&text),
                                part => self.current.parts.push(part),
                            }
                        }
                    }
                    Part::Known(text) => self.current.push_known(text),
                    part => self.current.parts.push(part.clone()),
                }
            }
            self.started = true;
            self.current.add_taint(&value.taint);
            return self.current.limit();
        }
        for part in &value.parts {
            match part {
                Part::Known(text) => self.split(text, &value.taint),
                Part::Glob(text) => {
                    self.started = true;
                    self.current.many = true;
                    self.current.parts.push(Part::glob(text));
                }
                Part::Hole(hole) => {
                    self.started = true;
                    self.current.many |= value.many || !matches!(hole.bound, Bound::Number | Bound::Name | Bound::Ref);
                    self.current.parts.push(Part::Hole(hole.clone()));
                }
            }
        }
        if self.started {
            self.current.add_taint(&value.taint);
        }
        self.current.limit();
    }

    fn split(&mut self, text: &[u8], taint: &[u32]) {
        let Some(separators) = self.separators.clone() else {
            self.started = true;
            self.current.many = true;
            self.current.parts.push(Part::hole("split by an unknown IFS", Bound::Anything));
            return;
        };
        let mut word = Vec::new();
        for byte in text {
            if !separators.contains(byte) {
                word.push(*byte);
                continue;
            }
            self.globbed(&std::mem::take(&mut word), taint);
            let started = self.started;
            if byte.is_ascii_whitespace() {
                self.ended |= started;
            } else {
                self.started |= !std::mem::take(&mut self.ended);
            }
            self.end();
        }
        self.globbed(&word, taint);
    }

    fn globbed(&mut self, text: &[u8], taint: &[u32]) {
        if text.is_empty() {
            return;
        }
        self.ended = false;
        self.started = true;
        self.current.add_taint(taint);
        if self.noglob {
            return self.current.push_known(text);
        }
        for part in pattern::globbed(text) {
            match part {
                Part::Known(text) => self.current.push_known(&text),
                part => {
                    self.current.many = true;
                    self.current.parts.push(part);
                }
            }
        }
    }

    /// Several values (`$@`, `${a[@]}`): the first joins what stands before, the last what comes after.
    fn list(&mut self, values: &[Value], quoted: bool) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                if self.mode == Mode::Fields {
                    self.end();
                } else {
                    // `$*` is joined by the first of IFS, `$@` by a blank.
                    match self.separators.as_ref().and_then(|all| all.first()) {
                        Some(b' ') => self.known(b" ", quoted),
                        _ => self.quoted(&Value::hole("joined by IFS", Bound::Anything)),
                    }
                }
            }
            if quoted { self.list_quoted(value) } else { self.unquoted(value) }
        }
    }

    fn list_quoted(&mut self, value: &Value) {
        self.started = true;
        self.current.push(value);
    }
}

/// A bracket expression with quoted or expanded text in it (`["a"]`, `[$x]`) is put together from its parts.
fn close_brackets(value: &mut Value, mode: Mode) {
    while let Some(at) = value.parts.iter().position(|part| matches!(part, Part::Glob(text) if is_open(text))) {
        let mut inside: Vec<u8> = Vec::new();
        let mut end = None;
        for (index, part) in value.parts.iter().enumerate().skip(at + 1) {
            let text = match part {
                Part::Known(text) | Part::Glob(text) => text,
                Part::Hole(_) => break,
            };
            let from = usize::from(inside.is_empty() && text.len() > 1);
            match text.iter().skip(from).position(|byte| *byte == b']') {
                Some(found) => {
                    inside.extend_from_slice(text.get(..found + from).unwrap_or_default());
                    end = Some((index, text.get(found + from + 1..).unwrap_or_default().to_vec()));
                    break;
                }
                None => inside.extend_from_slice(text),
            }
        }
        let tail: Vec<Part> = value.parts.drain(at..).collect();
        match end {
            Some((index, rest)) if !inside.is_empty() && !inside.contains(&b'/') | (mode == Mode::Pattern) => {
                // Which of these stand in quotes, and so mean themselves, is not known any more.
                let means = inside.starts_with(b"!") || inside.iter().any(|byte| b"^-\\[".contains(byte));
                value.parts.push(match mode {
                    _ if !means => Part::glob(&[b"[", inside.as_slice(), b"]"].concat()),
                    Mode::Pattern => Part::hole("a bracket expression", Bound::Anything),
                    _ => Part::glob(b"?"),
                });
                value.push_known(&rest);
                value.parts.extend(tail.into_iter().skip(index + 1 - at));
            }
            _ => {
                value.push_known(b"[");
                for part in tail.into_iter().skip(1) {
                    match part {
                        Part::Known(text) => value.push_known(&text),
                        part => value.parts.push(part),
                    }
                }
            }
        }
    }
}

fn is_open(text: &[u8]) -> bool {
    text == b"["
}

/// A hole that stands for a list (`$@` of unknown length) stays many even in quotes.
fn is_list(value: &Value) -> bool {
    value.parts.iter().any(|part| matches!(part, Part::Hole(hole) if hole.why.starts_with("positional")))
}

/// What a parameter expansion gave.
pub(super) enum Expanded {
    One(Value),
    /// `$@`, `${a[@]}`.
    List(Vec<Value>),
    /// An operand without quotes around it: what is quoted in it stays together.
    Word(Vec<Piece>),
}

impl Walker<'_> {
    /// Command words to fields.
    pub(super) fn fields(&mut self, words: &[Word], state: &mut State, frame: &Frame) -> Vec<Value> {
        let mut out = Vec::new();
        for word in words {
            if !self.step() {
                break;
            }
            self.word_fields(word, state, frame, &mut out);
        }
        out
    }

    fn word_fields(&mut self, word: &Word, state: &mut State, frame: &Frame, out: &mut Vec<Value>) {
        let first = out.len();
        if brace::has_braces(word) {
            match brace::words(word) {
                Some(words) => {
                    for pieces in words {
                        if !self.step() {
                            break;
                        }
                        out.extend(self.build(&pieces, Mode::Fields, state, frame));
                    }
                }
                None => {
                    self.cap("braces that stand for too many words", frame.at(word.span));
                    out.push(Value { many: true, ..Value::hole("braces", Bound::Anything) });
                }
            }
        } else {
            out.extend(self.build(&word.pieces, Mode::Fields, state, frame));
        }
        for value in out.iter_mut().skip(first) {
            value.span = frame.at(word.span);
        }
    }

    /// One value, not split, without globs.
    pub(super) fn scalar(&mut self, word: &Word, state: &mut State, frame: &Frame) -> Value {
        self.one(word, Mode::Scalar, state, frame)
    }

    /// One value, not split, globs kept: a pattern or a redirection's file.
    pub(super) fn pattern(&mut self, word: &Word, state: &mut State, frame: &Frame) -> Value {
        self.one(word, Mode::Pattern, state, frame)
    }

    fn one(&mut self, word: &Word, mode: Mode, state: &mut State, frame: &Frame) -> Value {
        let mut value = self.build(&word.pieces, mode, state, frame).into_iter().next().unwrap_or_default();
        value.many = false;
        value.at(frame.at(word.span))
    }

    /// Expands pieces that have no braces left.
    pub(super) fn build(&mut self, pieces: &[Piece], mode: Mode, state: &mut State, frame: &Frame) -> Vec<Value> {
        let separators = match state.variable(b"IFS") {
            None => Some(b" \t\n".to_vec()),
            Some(variable) if variable.held == Held::Unset => Some(b" \t\n".to_vec()),
            Some(_) => self.read_variable(b"IFS", state).text().map(<[u8]>::to_vec),
        };
        let mut fields = Fields {
            mode,
            done: Vec::new(),
            current: Value::default(),
            started: false,
            ended: false,
            separators,
            noglob: state.options.noglob,
        };
        self.pieces(pieces, false, &mut fields, state, frame);
        fields.end();
        let globs = |value: &Value| value.parts.iter().any(|part| matches!(part, Part::Glob(_)));
        if state.options.failglob && mode == Mode::Fields && fields.done.iter().any(globs) {
            self.may_stop(state);
        }
        fields.done
    }

    fn pieces(&mut self, pieces: &[Piece], quoted: bool, fields: &mut Fields, state: &mut State, frame: &Frame) {
        let mut rest = pieces;
        while let Some((piece, tail)) = rest.split_first() {
            rest = tail;
            let subscript = state.dialect == Dialect::Zsh
                && matches!(&piece.kind, PieceKind::Param(_))
                && matches!(tail.first().map(|piece| &piece.kind),
                    Some(PieceKind::Literal(text) | PieceKind::Glob(text)) if text.starts_with(b"["));
            if subscript {
                // An element, or a part of the text, counted from one.
                fields.quoted(&Value::hole("an element that zsh counts", Bound::Anything));
            } else if let PieceKind::Param(param) = &piece.kind
                && tail.first().is_some_and(begins_ending)
            {
                let expanded = match self.parameter(param, quoted, piece.span, state, frame) {
                    Expanded::One(value) => Expanded::One(self.beside(param, value, state)),
                    other => other,
                };
                self.expanded(expanded, quoted, fields, state, frame);
            } else {
                self.piece(piece, quoted, fields, state, frame);
            }
        }
    }

    fn piece(&mut self, piece: &Piece, quoted: bool, fields: &mut Fields, state: &mut State, frame: &Frame) {
        match &piece.kind {
            PieceKind::Literal(text) => fields.known(text, quoted),
            PieceKind::Escaped(text) | PieceKind::Single(text) | PieceKind::AnsiC(text) => fields.known(text, true),
            PieceKind::Double(inner) | PieceKind::Locale(inner) => {
                // "$@" alone may be no field at all: only other contents make an empty field exist.
                let only_list = matches!(inner.as_slice(), [Piece { kind: PieceKind::Param(param), .. }]
                    if param.name.as_slice() == b"@" || param.subscript.is_some());
                if !only_list {
                    fields.known(b"", true);
                }
                self.pieces(inner, true, fields, state, frame);
            }
            PieceKind::Param(param) => {
                let expanded = self.parameter(param, quoted, piece.span, state, frame);
                self.expanded(expanded, quoted, fields, state, frame);
            }
            PieceKind::Command(substitution) => {
                let value = self.substitution(substitution, state, frame);
                if quoted { fields.quoted(&value) } else { fields.unquoted(&value) }
            }
            PieceKind::Arith(arith) => {
                let value = self.arithmetic(arith, state, frame);
                if quoted { fields.quoted(&value) } else { fields.unquoted(&value) }
            }
            PieceKind::Process { output, body } => {
                let value = self.process(*output, body, state, frame);
                fields.quoted(&value);
            }
            PieceKind::Glob(text) => {
                if quoted || fields.mode == Mode::Scalar || fields.noglob && fields.mode == Mode::Fields {
                    fields.known(text, true);
                } else {
                    fields.started = true;
                    fields.current.many |= fields.mode == Mode::Fields;
                    fields.current.parts.push(Part::glob(text));
                }
            }
            PieceKind::ExtGlob { alternatives, .. } => {
                for alternative in alternatives {
                    self.pattern(alternative, state, frame);
                }
                fields.started = true;
                fields.current.many = true;
                // It may match nothing or anything in one component: as a star.
                fields.current.parts.push(Part::glob(b"*"));
            }
            PieceKind::BraceList(words) => {
                // Braces inside an operand: no expansion there, the text stands.
                fields.known(b"{", quoted);
                for (index, word) in words.iter().enumerate() {
                    if index > 0 {
                        fields.known(b",", quoted);
                    }
                    for piece in &word.pieces {
                        self.piece(piece, quoted, fields, state, frame);
                    }
                }
                fields.known(b"}", quoted);
            }
            PieceKind::BraceRange { from, to, .. } => {
                fields.known(&[b"{", &from[..], b"..", to, b"}"].concat(), quoted)
            }
            PieceKind::Tilde(user) => {
                let value = self.tilde(user, state);
                fields.quoted(&value);
            }
            PieceKind::Array(elements) => {
                fields.known(b"(", true);
                for (at, (key, value)) in elements.iter().enumerate() {
                    if at > 0 {
                        fields.known(b" ", true);
                    }
                    if let Some(key) = key {
                        let key = self.scalar(key, state, frame);
                        fields.known(b"[", true);
                        fields.quoted(&key);
                        fields.known(b"]=", true);
                    }
                    let value = self.scalar(value, state, frame);
                    fields.quoted(&value);
                }
                fields.known(b")", true);
            }
            PieceKind::Opaque(place) => {
                fields.quoted(&Value::hole(place.why, Bound::Anything));
                fields.current.many = true;
            }
        }
    }

    fn expanded(&mut self, expanded: Expanded, quoted: bool, fields: &mut Fields, state: &mut State, frame: &Frame) {
        match expanded {
            Expanded::One(value) if quoted => fields.quoted(&value),
            Expanded::One(value) => fields.unquoted(&value),
            Expanded::List(values) => fields.list(&values, quoted),
            Expanded::Word(pieces) => {
                for piece in &pieces {
                    match &piece.kind {
                        PieceKind::Literal(text) if !quoted => fields.unquoted(&Value::known(text.clone())),
                        _ => self.piece(piece, quoted, fields, state, frame),
                    }
                }
            }
        }
    }

    fn tilde(&mut self, user: &[u8], state: &mut State) -> Value {
        match user {
            b"" => {
                if state.variable(b"HOME").is_some() {
                    return self.read_variable(b"HOME", state);
                }
                match (self.world.variable(b"HOME"), self.world.home()) {
                    (Inherited::Set(home), _) | (_, Some(home)) => Value::known(home),
                    _ => Value::hole("home is not known", Bound::Anything),
                }
            }
            b"+" => self.read_variable(b"PWD", state),
            b"-" => self.read_variable(b"OLDPWD", state),
            [b'0'..=b'9', ..] => match self.stacked(&[b"+", user].concat(), state) {
                value if value.prefix().starts_with(b"~") => Value::known([b"~", user].concat()),
                value => value,
            },
            [b'+' | b'-', ..] => self.stacked(user, state),
            user => match self.world.home_of(user) {
                Some(home) => Value::known(home),
                None => Value::known([b"~", user].concat()),
            },
        }
    }

    /// `~2`, `~-1`: an entry of the directory stack, else the text itself.
    pub(super) fn stacked(&self, entry: &[u8], state: &State) -> Value {
        if let (Some(_), Some(at)) = (state.variable(b"DIRSTACK"), entry.strip_prefix(b"+")) {
            return self.element(b"DIRSTACK", &Value::known(at), state);
        }
        let text = || Value::known([b"~", entry].concat());
        let below = state.directories.len();
        match super::directory::nth(entry, below) {
            Some(0) => state.cwd.clone(),
            Some(at) => below.checked_sub(at).and_then(|at| state.directories.get(at)).cloned().unwrap_or_else(text),
            // Of a stack that may be another one nothing is known.
            None if state.directories.iter().any(Value::has_hole) => {
                Value::hole("a directory of the stack", Bound::Anything)
            }
            None => text(),
        }
    }

    /// An arithmetic expression: its number where known, a number otherwise; what it assigns becomes unknown or known.
    pub(super) fn arithmetic(&mut self, arith: &Arith, state: &mut State, frame: &Frame) -> Value {
        let pieces: Vec<Piece> = arith.pieces.clone();
        let text = self.build(&pieces, Mode::Scalar, state, frame).into_iter().next().unwrap_or_default();
        self.arithmetic_text(&text, arith.span, state, frame)
    }
}

/// Whether a piece goes on a name with an ending of its own: no directory, no step up.
fn begins_ending(piece: &Piece) -> bool {
    matches!(&piece.kind, PieceKind::Literal(text) if matches!(text.as_slice(), [b'.' | b'-' | b'_', next, ..] if next.is_ascii_alphanumeric()))
}
