//! Redirections: each to or from a file is an action of its own, and data flows through it.

use super::held::{Held, Made};
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Walker};
use super::{Commands, blank, compound};
use crate::action::{
    Action, ActionId, ActionKind, Bound, Channel, Effect, EffectKind, Feed, FileKind, Object, Part, Value, path,
};
use crate::parse::{PieceKind, Redirect, RedirectFd, RedirectOp, RedirectTarget};
use crate::text::{Span, secret};

/// The path that the shell's own standard input is known by, once `exec < file` has changed it.
pub(super) const OWN_INPUT: &[u8] = b"/dev/fd/0";

/// Why it is not known what a variable holds into which the shell put a descriptor's number.
const NUMBERED: &str = "a descriptor's number";

/// Where a command's descriptors lead.
#[derive(Default)]
pub(super) struct Ends {
    /// Standard input, where a redirection feeds it.
    pub stdin: Option<Stream>,
    /// It is a copy of a descriptor that earlier commands may have read from.
    pub copied: bool,
    /// Redirections that write, to be listed behind the command.
    pub writes: Vec<Action>,
    /// Opening one of them may fail.
    pub doubt: bool,
    /// Standard output goes to one of them, not on.
    pub captured: bool,
    /// Its output may go elsewhere: to a descriptor that may lead back.
    pub aside: bool,
    /// A connection one of the redirections opened: descriptors copied from it lead there.
    network: Option<ActionId>,
    /// Constant paths written, truncated first or not.
    pub files: Vec<(Vec<u8>, bool)>,
}

/// Redirections of one command: each of its files is remembered as made by all of them.
const REDIRECTS: usize = 256;

impl Walker<'_> {
    /// Reads a command's redirections. Actions for what is read are listed now, those for what is written by
    /// [`Walker::finish_redirects`].
    pub(super) fn redirects(&mut self, redirects: &[Redirect], state: &mut State, frame: &Frame) -> Ends {
        let mut ends = Ends::default();
        for (number, redirect) in redirects.iter().enumerate() {
            if number >= REDIRECTS {
                self.cap("more redirections of one command than are followed", frame.at(redirect.span));
                break;
            }
            let kept = ends.stdin.clone();
            if self.commands == Commands::Own {
                self.named_descriptor(redirect, state);
            }
            self.redirect(redirect, &mut ends, state, frame);
            match &redirect.fd {
                RedirectFd::Variable(name) => {
                    // A descriptor that the shell numbers itself: what is read through it comes from there.
                    let from = ends.stdin.as_ref().map(|stream| stream.from.clone()).unwrap_or_default();
                    state.forget(name, NUMBERED, Bound::Number);
                    state.change(name, |variable| {
                        if let super::held::Held::One(value) = &mut variable.held {
                            value.add_taint(&from);
                        }
                    });
                    ends.stdin = kept;
                }
                RedirectFd::Number(number @ 3..) => {
                    // Opened under a number of its own: later commands read it by that.
                    if let Some(stream) = std::mem::replace(&mut ends.stdin, kept) {
                        let path = descriptor_path(number.to_string().as_bytes());
                        let made =
                            Made { by: stream.from, text: stream.text, bound: Some(stream.bound), ..Made::default() };
                        state.make(&path, made);
                    }
                }
                RedirectFd::Number(_) | RedirectFd::Default => {}
            }
        }
        ends
    }

    #[inline(never)]
    fn redirect(&mut self, redirect: &Redirect, ends: &mut Ends, state: &mut State, frame: &Frame) {
        let word = match &redirect.target {
            RedirectTarget::Heredoc(heredoc) => {
                let text = self.scalar(&heredoc.body, state, frame);
                ends.stdin = Some(self.text_stream(text, redirect.span, state, frame));
                return;
            }
            RedirectTarget::Word(word) => word,
        };
        if redirect.op == RedirectOp::HereString {
            // No assignment: the tilde behind `=` is one.
            let mut plain = word.clone();
            for piece in plain.pieces.iter_mut().skip(1) {
                if let PieceKind::Tilde(user) = &piece.kind {
                    piece.kind = PieceKind::Literal([b"~", user.as_slice()].concat());
                }
            }
            let mut text = self.scalar(&plain, state, frame);
            text.push_known(b"\n");
            ends.stdin = Some(self.text_stream(text, redirect.span, state, frame));
            return;
        }
        let target = self.pattern(word, state, frame);
        let number = match redirect.fd {
            RedirectFd::Number(number) => Some(number),
            RedirectFd::Default | RedirectFd::Variable(_) => None,
        };
        if matches!(redirect.op, RedirectOp::DupRead | RedirectOp::DupWrite) {
            self.own_descriptor(&target);
            let text = target.text().unwrap_or_default();
            let descriptor =
                text == b"-" || (!text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-'));
            let bounded = super::joined::bound_of(&target) == Bound::Number;
            if descriptor || bounded {
                ends.doubt |= !matches!(text, b"0" | b"1" | b"2");
                if redirect.op == RedirectOp::DupWrite {
                    // Where nothing leads errors back, what goes to them is not printed.
                    self.merges |= number == Some(2) && text == b"1";
                    let printed = matches!(number, None | Some(1));
                    ends.captured |= printed && (text == b"2" && !self.merges || text == b"-");
                    ends.aside |= printed && text != b"1";
                }
                if let (Some(id), Some(0)) =
                    (ends.network, number.or((redirect.op == RedirectOp::DupRead).then_some(0)))
                {
                    ends.stdin = Some(Stream::of(id));
                }
                if let (RedirectOp::DupRead, Some(made)) = (redirect.op, state.made(&descriptor_path(text))) {
                    ends.stdin = Some(made.stream());
                    ends.copied = true;
                }
                if redirect.op == RedirectOp::DupWrite
                    && (text.len() == 1 && text > b"2".as_slice()
                        || self.readers.iter().any(|reader| reader.path == descriptor_path(text)))
                    && number.is_none_or(|number| number == 1)
                {
                    ends.files.push((descriptor_path(text), true));
                }
                if redirect.op == RedirectOp::DupRead && bounded && !target.taint.is_empty() {
                    ends.stdin =
                        Some(Stream { from: target.taint.clone(), ..Stream { fed: true, ..Stream::outside() } });
                }
                return;
            }
        }
        let reads = matches!(redirect.op, RedirectOp::Read | RedirectOp::ReadWrite | RedirectOp::DupRead);
        let writes = !matches!(redirect.op, RedirectOp::Read | RedirectOp::DupRead);
        let append = matches!(redirect.op, RedirectOp::Append | RedirectOp::AppendBoth);
        let takes_output = writes
            && matches!(redirect.op, RedirectOp::WriteBoth | RedirectOp::AppendBoth | RedirectOp::DupWrite)
            || (writes && redirect.op != RedirectOp::ReadWrite && matches!(number, None | Some(1)));
        let span = redirect.span;
        if let Some(host) = network_host(&target) {
            let mut action = blank(ActionKind::Redirect, None, &state.cwd, span);
            action.operands = vec![target.clone()];
            action.argv = vec![target.clone()];
            let way = if writes { EffectKind::Writes } else { EffectKind::Reads };
            action.effects.push(compound::path_effect(way, &state.cwd, &target));
            for kind in [EffectKind::Connects, EffectKind::Sends] {
                if kind == EffectKind::Sends && !writes {
                    continue;
                }
                let feed = Feed { stdin: kind == EffectKind::Sends, taint: target.taint.clone(), files: Vec::new() };
                action.effects.push(Effect::certain(kind, Object::Host(host.clone()), span).fed(feed));
            }
            let id = self.emit(action, frame);
            ends.network = Some(id);
            match number {
                // `exec 3<>/dev/tcp/…`: the descriptor keeps its name for later commands.
                Some(number @ 3..) => {
                    let path = descriptor_path(number.to_string().as_bytes());
                    state.make(&path, Made { by: vec![id], ..Made::default() });
                }
                _ if reads => ends.stdin = Some(Stream::of(id)),
                _ => {}
            }
            return;
        }
        let absolute = path::absolute(&state.cwd, &target);
        let harmless = absolute.text().is_some_and(is_harmless);
        if harmless {
            let known = absolute.text().unwrap_or_default();
            if writes && self.readers.iter().any(|reader| reader.path == known) {
                match number {
                    Some(number @ 3..) => self.also_read_by(known, descriptor_path(number.to_string().as_bytes())),
                    _ => ends.files.push((known.to_vec(), true)),
                }
            }
            ends.doubt |= known != b"/dev/null";
            if takes_output
                && matches!(known, b"/dev/null" | b"/dev/stderr" | b"/dev/tty" | b"/dev/full" | b"/dev/fd/2")
            {
                let errors = matches!(known, b"/dev/stderr" | b"/dev/fd/2");
                ends.captured |= !errors || !self.merges;
                ends.aside = true;
            }
            if reads && matches!(known, b"/dev/null") {
                ends.stdin = Some(Stream::empty());
            }
            if let (true, Some(made)) = (reads, state.made(known)) {
                ends.stdin = Some(made.stream());
            }
            return;
        }
        let opens = |path: &[u8]| match self.world.kind(path) {
            _ if state.made(path).is_some() => true,
            FileKind::File => true,
            FileKind::Missing if writes => {
                let parent = path::parent(path);
                self.world.kind(parent) == FileKind::Directory || state.made(parent).is_some()
            }
            _ => false,
        };
        ends.doubt |= !absolute.text().is_some_and(opens);
        let mut action = blank(ActionKind::Redirect, None, &state.cwd, span);
        action.operands = vec![target.clone()];
        action.argv = vec![target.clone()];
        if reads {
            action.effects.push(compound::path_effect(EffectKind::Reads, &state.cwd, &target));
            if !target.prefix().starts_with(b"/") {
                for directory in state.cwd_also.iter() {
                    let other = compound::path_effect(EffectKind::Reads, directory, &target);
                    action.effects.push(Effect { certain: false, ..other });
                }
            }
        }
        if writes {
            let exists = absolute.text().is_some_and(|known| {
                state.made(known).is_none() && !matches!(self.world.kind(known), FileKind::Missing)
            });
            let kind = if append
                || !exists && absolute.text().is_some()
                || redirect.op == RedirectOp::ReadWrite && !matches!(number, Some(1 | 2))
            {
                EffectKind::Writes
            } else {
                EffectKind::Overwrites
            };
            let mut effect = compound::path_effect(kind, &state.cwd, &target);
            effect.feed.stdin = true;
            action.effects.push(effect);
            for directory in state.cwd_else.iter().chain(state.cwd_also.iter()) {
                let other = compound::path_effect(kind, directory, &target);
                action.effects.push(Effect { certain: false, ..other });
            }
            if takes_output {
                ends.captured = true;
            }
            if let Some(known) = absolute.text() {
                ends.files.push((known.to_vec(), append));
            }
            self.follow_links(&mut action.effects, false, state);
            if !reads {
                ends.writes.push(action);
                return;
            }
        }
        if !writes {
            self.follow_links(&mut action.effects, false, state);
        }
        let made = absolute.text().and_then(|known| state.made(known)).cloned();
        let id = self.emit(action, frame);
        self.file_flows(id, state);
        let file = absolute.text().filter(|_| made.is_none()).map(<[u8]>::to_vec);
        let made = made.as_ref().map_or_else(Stream::outside, Made::stream);
        ends.stdin = Some(Stream { text: made.text, bound: made.bound, file, ..Stream::of(id) }.and_from(&made.from));
    }

    /// The descriptor that a redirection changes: one that the shell numbers itself is free, unless it is closed under a name that
    /// somebody else has set.
    #[inline(never)]
    fn named_descriptor(&mut self, redirect: &Redirect, state: &State) {
        let number = match &redirect.fd {
            RedirectFd::Default => return,
            RedirectFd::Number(number) => Value::known(number.to_string()),
            RedirectFd::Variable(name) => {
                let closes = matches!(&redirect.target, RedirectTarget::Word(word) if word.plain() == Some(b"-"));
                let shells = |part: &Part| matches!(part, Part::Hole(hole) if hole.why == NUMBERED);
                match state.variable(name).map(|variable| &variable.held) {
                    _ if !closes => return,
                    Some(Held::One(value)) if value.parts.iter().all(shells) => return,
                    _ => Value::hole("a descriptor", Bound::Number),
                }
            }
        };
        self.own_descriptor(&number);
    }

    /// A descriptor that the shell itself may read its commands from is named: from ten on it keeps its own.
    pub(super) fn own_descriptor(&mut self, number: &Value) {
        let others = |text: &[u8]| matches!(text.strip_suffix(b"-").unwrap_or(text), [] | [b'0'..=b'9']);
        self.touched |= self.commands == Commands::Own && !number.text().is_some_and(others);
    }

    /// A heredoc or here-string as standard input. Variables of the environment in it are read by it.
    fn text_stream(&mut self, text: Value, span: Span, state: &State, frame: &Frame) -> Stream {
        let mut from = text.taint.clone();
        let mut action = blank(ActionKind::Redirect, None, &state.cwd, span);
        for name in text.variables() {
            action.effects.push(Effect::certain(EffectKind::Reads, Object::Variable(name.as_bytes().to_vec()), span));
        }
        // A key that is written out has an origin of its own, so that it can be followed.
        let secret = |part: &Part| matches!(part, Part::Known(known) if secret::within(known).is_some());
        if !action.effects.is_empty() || text.parts.iter().any(secret) {
            action.argv = vec![text.clone()];
            from.push(self.emit(action, frame));
        }
        Stream { from, ..Stream::text(text) }
    }

    /// Lists the redirections that write, feeds them with `out`, and gives what is left to go on.
    pub(super) fn finish_redirects(&mut self, ends: Ends, out: Stream, frame: &Frame) -> Stream {
        for action in ends.writes {
            let id = self.emit(action, frame);
            for from in &out.from {
                self.flow(*from, id, Channel::Stdin);
            }
        }
        match (ends.captured, ends.aside) {
            (true, _) => Stream::empty(),
            (false, true) => Stream::empty().perhaps(out),
            (false, false) => out,
        }
    }

    /// The line's own files: who wrote them and what is in them.
    #[inline(never)]
    pub(super) fn remember_files(
        &mut self,
        files: &[(Vec<u8>, bool)],
        by: &[ActionId],
        out: &Stream,
        state: &mut State,
    ) {
        for (path, append) in files {
            // In place: what is appended to grows with every command.
            state.made.change(path, Made::default, |made| {
                if !*append {
                    *made = Made { open: made.open, ..Made::default() };
                }
                made.open |= self.opens;
                let fresh =
                    !made.open && (!*append || !made.by.is_empty() || self.world.kind(path) == FileKind::Missing);
                made.text = match (made.text.take(), &out.text) {
                    _ if !fresh => None,
                    (None, Some(text)) if made.by.is_empty() => Some(text.clone()),
                    (Some(mut before), Some(text)) => {
                        before.push(text);
                        Some(before)
                    }
                    _ => None,
                };
                made.bound = match (made.bound.take(), made.by.is_empty()) {
                    _ if !fresh => None,
                    (None, true) => Some(out.bound.clone()),
                    (Some(before), _) => Some(super::joined::weaker(before, out.bound.clone())),
                    (None, false) => None,
                };
                for id in by.iter().chain(&out.from) {
                    if let Err(at) = made.by.binary_search(id) {
                        made.by.insert(at, *id);
                    }
                }
                made.twin = None;
            });
            if !self.readers.is_empty() {
                let known = state.made(path).and_then(|made| made.text.clone());
                self.hand_over(path, &Stream { text: known.or_else(|| out.text.clone()), ..out.clone() });
            }
        }
    }
}

/// The path a descriptor of the line is known by.
fn descriptor_path(number: &[u8]) -> Vec<u8> {
    [b"/dev/fd/", number].concat()
}

/// `/dev/tcp/host/port`: the host.
fn network_host(target: &Value) -> Option<Value> {
    let prefix = target.prefix();
    let rest = prefix.strip_prefix(b"/dev/tcp/").or_else(|| prefix.strip_prefix(b"/dev/udp/"))?;
    match rest.iter().position(|byte| *byte == b'/') {
        Some(at) => Some(Value::known(rest.get(..at).unwrap_or_default().to_ascii_lowercase())),
        None => {
            let mut host = Value { taint: target.taint.clone(), ..Value::hole("a host", Bound::Anything) };
            host.span = target.span;
            Some(host)
        }
    }
}

/// Devices and descriptors whose use is no effect.
fn is_harmless(path: &[u8]) -> bool {
    matches!(
        path,
        b"/dev/null"
            | b"/dev/zero"
            | b"/dev/full"
            | b"/dev/random"
            | b"/dev/urandom"
            | b"/dev/stdin"
            | b"/dev/stdout"
            | b"/dev/stderr"
            | b"/dev/tty"
    ) || path.starts_with(b"/dev/fd/")
}
