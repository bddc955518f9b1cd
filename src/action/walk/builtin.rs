//! Builtins: what they change in the shell, what they print, and which of their words run.

mod option;

use std::rc::Rc;

use super::held::{Held, Made};
use super::letters::letters;
use super::redirect::OWN_INPUT;
use super::shared::Shared;
use super::simple::{Ready, unknown};
use super::state::State;
use super::stream::Stream;
use super::variables::hides_history;
use super::walker::{Frame, Leave, Status, Walker};
use super::{Commands, alias, blank, gap, history, lookup, printf, signal};
use crate::action::{Action, ActionKind, Bound, GapKind, Value};
use crate::parse::Dialect;

/// Builtins that change nothing, read nothing but their words, and print at most what these say. In order.
const PLAIN: &[&[u8]] = &[
    b".",
    b":",
    b"[",
    b"alias",
    b"bg",
    b"bind",
    b"break",
    b"builtin",
    b"caller",
    b"cd",
    b"command",
    b"compgen",
    b"complete",
    b"compopt",
    b"continue",
    b"declare",
    b"dirs",
    b"disown",
    b"echo",
    b"enable",
    b"eval",
    b"exec",
    b"exit",
    b"export",
    b"false",
    b"fc",
    b"fg",
    b"getopts",
    b"hash",
    b"help",
    b"history",
    b"jobs",
    b"kill",
    b"let",
    b"local",
    b"logout",
    b"mapfile",
    b"popd",
    b"printf",
    b"pushd",
    b"pwd",
    b"read",
    b"readarray",
    b"readonly",
    b"return",
    b"set",
    b"shift",
    b"shopt",
    b"source",
    b"suspend",
    b"test",
    b"times",
    b"trap",
    b"true",
    b"type",
    b"typeset",
    b"ulimit",
    b"umask",
    b"unalias",
    b"unset",
    b"wait",
];

/// Builtins before which assignments are the shell's own for as long as they run, and in a POSIX shell from then on.
const SPECIAL: &[&[u8]] = &[
    b":",
    b".",
    b"source",
    b"eval",
    b"export",
    b"readonly",
    b"set",
    b"shift",
    b"trap",
    b"unset",
    b"return",
    b"exit",
    b"break",
    b"continue",
    b"times",
];

/// Builtins that set the variable of an assignment before them, and not the shell's.
const SETS_ITS_OWN: &[&[u8]] = &[b"read", b"mapfile", b"readarray", b"declare", b"typeset", b"unset"];

impl Walker<'_> {
    /// Runs a special builtin behind assignments.
    #[inline(never)]
    fn special(&mut self, builtin: &[u8], ready: &Ready<'_>, state: &mut State, frame: &Frame) -> Stream {
        let before = state.variables.clone();
        for (name, value) in &ready.leading {
            state.set(name, value.clone());
        }
        let given = state.variables.clone();
        let plain = Ready { argv: ready.argv.clone(), leading: Vec::new(), ..*ready };
        let out = self.builtin(builtin, &plain, state, frame).unwrap_or_else(Stream::empty);
        if state.dialect == Dialect::Bash {
            let stays = state.options.posix || state.variable(b"POSIXLY_CORRECT").is_some();
            let kept = stays.then(|| state.clone());
            for (name, _) in &ready.leading {
                // What `export` and `readonly` are told they set for good.
                if matches!(builtin, b"export" | b"readonly")
                    && state.variable(name).map(|own| &own.held) != given.get(name).map(|own| &own.held)
                {
                    continue;
                }
                match before.hold(name) {
                    Some(outer) => state.variables.insert(name, outer),
                    None => state.variables.remove(name),
                }
            }
            if let Some(kept) = kept {
                state.join(kept);
            }
        }
        out
    }

    /// Runs a builtin; `None`: no builtin of that name.
    pub(super) fn builtin(
        &mut self,
        name: &[u8],
        ready: &Ready<'_>,
        state: &mut State,
        frame: &Frame,
    ) -> Option<Stream> {
        if PLAIN.binary_search(&name).is_err() {
            return None;
        }
        if !ready.leading.is_empty() && SPECIAL.contains(&name) {
            return Some(self.special(name, ready, state, frame));
        }
        if !ready.leading.is_empty() && SETS_ITS_OWN.contains(&name) && state.dialect == crate::parse::Dialect::Bash {
            let before = state.variables.clone();
            let out = self.plain(name, ready, state, frame);
            for (name, _) in &ready.leading {
                match before.hold(name) {
                    Some(outer) => state.variables.insert(name, outer),
                    None => state.variables.remove(name),
                }
            }
            return out;
        }
        self.plain(name, ready, state, frame)
    }

    /// Runs a builtin of the table.
    fn plain(&mut self, name: &[u8], ready: &Ready<'_>, state: &mut State, frame: &Frame) -> Option<Stream> {
        let arguments = ready.argv.get(1..).unwrap_or_default();
        match name {
            b"command" | b"builtin" | b"exec" => return self.prefix(name, ready, state, frame),
            b"jobs" if letters(arguments, b"").0.iter().any(|(letter, _)| *letter == b'x') => {
                return self.prefix(name, ready, state, frame);
            }
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
                let escaped = state.options.xpg_echo || state.dialect != crate::parse::Dialect::Bash;
                text = printf::echo(arguments, escaped);
            }
            b"printf" => text = self.printf(arguments, &mut action, state, frame),
            b"pwd" => {
                let mut here = state.stands();
                here.push_known(b"\n");
                text = Some(here);
            }
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" => {
                return Some(self.declare(name, ready, action, state, frame));
            }
            b"dirs" if arguments.iter().any(|word| word.prefix().contains(&b'c')) => state.directories.clear(),
            b"cd" | b"pushd" | b"popd" => self.change_directory(name, arguments, &mut action, state),
            b"unset" => self.unset(arguments, &mut action, ready.span, state, frame),
            b"shopt" => {
                self.shopt(arguments, state);
                if option::is_strange(arguments) {
                    gap(&mut action, GapKind::Opaque, "words mean something else under this option", ready.span);
                }
                text = None;
            }
            b"set" => {
                self.set_options(arguments, state);
                if option::is_strange(arguments) {
                    gap(&mut action, GapKind::Opaque, "words mean something else under this option", ready.span);
                }
                if arguments.windows(2).any(|two| two[0].text() == Some(b"+o") && two[1].text() == Some(b"history")) {
                    action.effects.push(hides_history(ready.span));
                }
                // Alone, and with a lone `-o`, it lists what there is.
                let lists =
                    matches!(arguments, [] | [_]) && arguments.first().is_none_or(|word| word.prefix().ends_with(b"o"));
                if lists {
                    text = None;
                }
            }
            b"shift" => self.shift(arguments, state),
            // Where there is nothing to return from it is a mistake, and the shell goes on.
            b"return" if frame.calls.is_empty() && self.sourced == 0 => self.status = Status::Maybe,
            b"return" => self.leaves(Leave::Call, state),
            b"exit" | b"logout" => self.leaves(Leave::Shell, state),
            b"break" | b"continue" => {
                let count = arguments.first().and_then(Value::text).and_then(|text| std::str::from_utf8(text).ok());
                let count: u8 = count.and_then(|text| text.parse().ok()).unwrap_or(1).max(1);
                // No more loops are left than there are.
                let count = count.min(u8::try_from(self.loops.max(1)).unwrap_or(u8::MAX));
                self.leaves(if name == b"break" { Leave::Out(count) } else { Leave::Next(count) }, state);
            }
            b"alias" => {
                alias::define(arguments, &mut action, state);
                text = None;
            }
            b"unalias" => {
                for value in arguments {
                    match value.text() {
                        Some(b"-a") => state.aliases = Shared::default(),
                        Some(name) => state.aliases.remove(name),
                        None => {}
                    }
                }
            }
            b"read" => self.read(arguments, &mut action, state, frame),
            b"mapfile" | b"readarray" => self.map_file(arguments, &mut action, state, frame),
            b"getopts" => self.getopts(arguments, &mut action, state, frame),
            b"let" => {
                for value in arguments {
                    // `a=2*3` unquoted is itself where no file is named so.
                    let flat = (!value.has_hole())
                        .then(|| Value { taint: value.taint.clone(), ..Value::known(super::evaluate::flat(value)) });
                    self.arithmetic_text(flat.as_ref().unwrap_or(value), ready.span, state, frame);
                }
            }
            b"test" | b"[" => self.test(arguments, &mut action, state, frame),
            b"kill" => signal::kill(arguments, &mut action, ready.span),
            b"trap" => {
                action.kind = ActionKind::Define;
                let id = self.emit_and_feed(&mut action, frame);
                self.trap(arguments, ready, state, frame);
                self.status = Status::Yes;
                let lists = arguments.len() < 2 || arguments.first().and_then(Value::text) == Some(b"-p");
                return Some(if lists { Stream::of(id) } else { Stream::empty() });
            }
            b"eval" => {
                let mut text = Value::default();
                let ended = usize::from(arguments.first().and_then(Value::text) == Some(b"--"));
                for (index, value) in arguments.iter().skip(ended).enumerate() {
                    if index > 0 {
                        text.push_known(b" ");
                    }
                    text.push(value);
                }
                // Where the words give nothing now, they were to give something.
                if arguments.len() > ended && text.text().is_some_and(|text| text.trim_ascii().is_empty()) {
                    gap(
                        &mut action,
                        GapKind::DynamicWord,
                        "what is evaluated is in a variable that nothing sets",
                        ready.span,
                    );
                }
                self.emit_and_feed(&mut action, frame);
                return Some(self.shell_text(&text, b"eval", state, frame, ready.span));
            }
            b"." | b"source" => return Some(self.source(name, arguments, action, ready, state, frame)),
            b"enable" => lookup::enable(arguments, &mut action, ready.span, state),
            b"hash" if state.dialect == Dialect::Zsh && !arguments.is_empty() => {
                gap(&mut action, GapKind::Opaque, "zsh names directories and programs this way", ready.span);
            }
            b"hash" => lookup::hash(arguments, state),
            b"bind" | b"fc" => {
                if !arguments.is_empty()
                    && !(name == b"bind"
                        && arguments.iter().all(|value| matches!(value.text(), Some(b"-p" | b"-l" | b"-P" | b"-s"))))
                {
                    gap(&mut action, GapKind::Opaque, "it runs commands by itself", ready.span);
                }
                text = None;
            }
            b"history" => {
                history::history(arguments, &mut action, ready.span, state);
                text = None;
            }
            b"umask" => {
                let everybody =
                    |mask: &[u8]| mask.iter().all(u8::is_ascii_digit) && mask.last().is_some_and(|all| all & 2 == 0);
                if arguments.last().and_then(Value::text).is_some_and(everybody) {
                    gap(
                        &mut action,
                        GapKind::Partial,
                        "what is made from now on may be written by everybody",
                        ready.span,
                    );
                }
            }
            b"jobs" => {
                // `-p`: the numbers of its own children.
                if arguments.iter().any(|word| word.text().is_none()) {
                    gap(&mut action, GapKind::DynamicWord, "`-x` runs the words behind it", ready.span);
                }
                let numbers = arguments.first().and_then(Value::text) == Some(b"-p");
                text = numbers.then(|| Value { many: true, ..Value::hole("$! of its jobs", Bound::Number) });
            }
            b"wait" => {
                let (given, _) = letters(arguments, b"p");
                for (_, name) in given.iter().filter(|(letter, _)| *letter == b'p') {
                    let process = Held::One(Value::hole("a process id", Bound::Number));
                    self.store(name, process, &mut action, state, frame);
                }
                text = None;
            }
            b"compgen" | b"complete" => {
                self.completion(name, arguments, &mut action, state, frame);
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
            (Some(text), _) => super::joined::bound_of(&super::variables::without_newlines(text.clone())),
            (None, _) => Bound::Anything,
        };
        let out = Stream { text, bound, ..Stream::of(id) };
        Some(out.and_from(&taint))
    }

    pub(super) fn emit_and_feed(&mut self, action: &mut Action, frame: &Frame) -> u32 {
        let id = self.emit(action.clone(), frame);
        self.feed(id, frame);
        self.join_descriptors(id);
        id
    }

    /// `command`, `builtin`, `exec`, `jobs -x`: the rest is the command.
    #[inline(never)]
    fn prefix(&mut self, name: &[u8], ready: &Ready<'_>, state: &mut State, frame: &Frame) -> Option<Stream> {
        let (given, rest) = letters(ready.argv.get(1..).unwrap_or_default(), if name == b"exec" { b"a" } else { b"" });
        let asks = name == b"command" && given.iter().any(|(letter, _)| matches!(letter, b'v' | b'V'));
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
            self.opens = name == b"exec";
            match self.commands {
                Commands::Stdin if name == b"exec" && self.moves_input => {
                    let what = "a shell that reads its commands from somewhere else from here on";
                    self.opaque(GapKind::Opaque, what, ready.span, state, frame);
                }
                Commands::Own => self.touched |= name == b"exec" && self.moves_input,
                Commands::Stdin | Commands::Given => {}
            }
            if name == b"exec" && frame.own {
                let stdin = (*frame.stdin).clone();
                let made = Made { by: stdin.from, text: stdin.text, bound: Some(stdin.bound), ..Made::default() };
                state.make(OWN_INPUT, made);
            }
            return Some(Stream::empty());
        }
        let Some(mut inner) = frame.deeper() else {
            self.cap("commands behind too many words", frame.at(ready.span));
            return Some(Stream::outside());
        };
        // It reads what this reads.
        inner.own = frame.own;
        Rc::make_mut(&mut inner.via).push(name.to_vec());
        let inner_ready = Ready {
            argv: rest.to_vec(),
            words: ready.words.get(ready.words.len().saturating_sub(rest.len())..).unwrap_or_default(),
            leading: ready.leading.clone(),
            span: ready.span,
            no_functions: name != b"jobs",
            no_builtins: name == b"exec",
        };
        let out = self.run(inner_ready, state, &inner);
        if name == b"exec" {
            state.ended = true;
        }
        Some(out)
    }

    #[inline(never)]
    fn shift(&mut self, arguments: &[Value], state: &mut State) {
        let count = arguments.first().map_or(Some(1), |value| std::str::from_utf8(value.text()?).ok()?.parse().ok());
        let positional = Rc::make_mut(&mut state.positional);
        match count {
            Some(count) if !positional.iter().any(|value| value.many) => {
                // More than there are: none goes.
                let count: usize = count;
                let all = positional.len().saturating_sub(1);
                if count <= all {
                    positional.drain(1..=count);
                }
                self.status = if count <= all { Status::Yes } else { Status::No };
            }
            // However many: there are none.
            None if positional.len() <= 1 => {}
            _ => {
                positional.truncate(1);
                positional.push(Value { many: true, ..Value::hole("positional parameters", Bound::Anything) });
            }
        }
    }

    #[inline(never)]
    fn printf(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) -> Option<Value> {
        self.status = Status::Yes;
        let (given, arguments) = letters(arguments, b"v");
        let target = given.into_iter().find(|(letter, _)| *letter == b'v').map(|(_, name)| name);
        let (format, rest) = arguments.split_first()?;
        // A number that is none makes it fail.
        let format_text = format.text().unwrap_or(b"%d");
        if format_text.windows(2).any(|two| two[0] == b'%' && !b"sqbc%".contains(&two[1])) {
            self.status = Status::Maybe;
        }
        let text = printf::printf(format, rest);
        let Some(target) = target else { return text };
        let value = text.unwrap_or_else(|| {
            let taint: Vec<u32> = arguments.iter().flat_map(|value| value.taint.iter().copied()).collect();
            unknown("formatted text", &taint)
        });
        self.store(&target, Held::One(value), action, state, frame);
        Some(Value::default())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_builtins_stand_in_order() {
        assert!(super::PLAIN.is_sorted());
    }
}
