//! Programs: which one a name means, what its argv does, and what it carries.

use super::shared::Shared;
use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::walker::{Frame, Walker};
use super::{blank, gap};
use crate::action::{
    ActionKind, Bound, CodeOrigin, Effect, EffectKind, Feed, GapKind, Object, Surroundings, Value, Variable, argv,
    path, reading::Seen,
};
use crate::parse::Dialect;

/// Script files larger than this are not read.
pub(super) const SCRIPT: usize = 256 * 1024;

/// Which program a name means.
pub(super) struct Identity {
    /// The name knowledge may have.
    pub name: Vec<u8>,
    /// Where it is.
    pub path: Option<Vec<u8>>,
    /// A file that someone other than root may change: running it runs what is in it.
    pub file: Option<Vec<u8>>,
    /// Why it is not sure.
    pub doubt: Option<String>,
    /// Words of argv that are not the program's (the loader of `ld.so program`).
    pub skip: usize,
}

/// Commands that one program runs: what each is chosen by is looked for in all the program's words.
const PAYLOADS: usize = 64;

impl Walker<'_> {
    /// Runs a program.
    pub(super) fn program(&mut self, ready: Ready<'_>, state: &mut State, frame: &Frame) -> Stream {
        let Some(word) = ready.argv.first().and_then(Value::text).map(<[u8]>::to_vec) else { return Stream::outside() };
        let span = ready.span;
        let mut identity = self.identify(&word, &ready.leading, state);
        if let Some(at) = carried_by_loader(&identity, &ready.argv) {
            let loaded = ready.argv.get(at).and_then(Value::text).map(<[u8]>::to_vec);
            match loaded {
                Some(word) => {
                    identity = self.identify(
                        &path::absolute_bytes(state.cwd.text().unwrap_or(b"/"), &word),
                        &ready.leading,
                        state,
                    );
                    identity.skip = at;
                    let loads =
                        |word: &Value| matches!(word.text(), Some(b"--preload" | b"--audit" | b"--library-path"));
                    if ready.argv.iter().take(at).any(loads) {
                        identity.doubt = Some("a library that is loaded into the program".to_owned());
                    }
                }
                None => identity.doubt = Some("a program loaded by the dynamic loader".to_owned()),
            }
        }
        let mut words: Vec<Value> = ready.argv.get(identity.skip..).unwrap_or_default().to_vec();
        if let Some(first) = words.first_mut() {
            *first = Value::known(identity.name.clone()).at(first.span);
        }
        if matches!(identity.name.as_slice(), b"busybox" | b"toybox")
            && words.get(1).is_some_and(|word| word.text().is_some_and(|word| !word.starts_with(b"-")))
        {
            words.remove(0);
        }
        let seen = |name: &[u8]| self.seen(name, &ready.leading, state);
        let given = frame.stdin.text.as_ref().and_then(Value::text);
        let contents = |path: &[u8]| self.contents(path, state);
        let around = Surroundings {
            tools: self.tools,
            world: self.world,
            cwd: &state.cwd,
            variables: &seen,
            sets: !ready.leading.is_empty() || !state.variables.is_empty(),
            stdin: given,
            stdin_file: frame.stdin.file.as_deref(),
            contents: &contents,
            repository: &self.repository,
            linked: &|path| state.made(path).is_some_and(|made| made.link),
            tree_diff: &|file| match file {
                Some(file) => state.made(file).is_some_and(|made| self.is_tree_diff(&made.by)),
                None => self.is_tree_diff(&frame.stdin.from),
            },
        };
        let reading = argv::read(&around, &words);
        let mut extra: Vec<Effect> = Vec::new();
        // Where `cd` has failed, only what is changed there counts.
        let ways = state.cwd_else.iter().map(|directory| (directory, false));
        for (cwd, another) in ways.chain(state.cwd_also.iter().map(|directory| (directory, true))) {
            let other = argv::read(&Surroundings { cwd, ..around }, &words);
            let counts = |effect: &Effect| match effect.object {
                Object::Path { .. } => another || changes(effect.kind),
                _ => changes(effect.kind),
            };
            let mut other = other.effects;
            other.retain(|effect| counts(effect) && !reading.effects.contains(effect) && !extra.contains(effect));
            extra.extend(other);
        }
        let mut action = blank(ActionKind::Run, None, &state.cwd, span);
        action.program = reading.program.clone().or(Some(identity.name.clone()));
        action.called = words.first().and_then(Value::text).map(|name| crate::action::path::base(name).to_vec());
        action.path = identity.path.take();
        action.argv = ready.argv;
        action.sub = reading.sub;
        action.options = reading.options;
        action.operands = reading.operands;
        action.flags = reading.flags;
        action.effects = super::payload::named_by_stdin(reading.effects, &state.cwd, &frame.stdin);
        for mut effect in extra {
            effect.certain = false;
            action.effects.push(effect);
        }
        // These name a link itself.
        let itself = matches!(action.program.as_deref(), Some(b"ln" | b"mv" | b"link" | b"unlink"));
        self.follow_links(&mut action.effects, itself, state);
        action.coverage = reading.coverage;
        action.gaps = reading.gaps;
        action.runner = reading.runner;
        action.assigns = self.assigns(&ready.leading, state);
        if let Some(doubt) = &identity.doubt {
            gap(&mut action, GapKind::UnknownProgram, doubt.clone(), span);
        }
        let script = self.own_file(&identity, &mut action, state, span);
        let writes: Vec<(Vec<u8>, EffectKind)> = action
            .effects
            .iter()
            .filter(|effect| matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites))
            .filter_map(|effect| match &effect.object {
                Object::Path { path, .. } => path.text().map(|path| (path.to_vec(), effect.kind)),
                _ => None,
            })
            .collect();
        let name = action.program.clone().unwrap_or_default();
        let keeps = reading.keeps_lines;
        // What the network, a file or unread code prints is bounded by nothing that went in.
        let makes = action.effects.iter().any(|effect| match (&effect.kind, &effect.object) {
            (EffectKind::Connects | EffectKind::Decodes | EffectKind::Reads, _) => true,
            (EffectKind::Executes, Object::Code { proven, .. }) => !proven,
            (EffectKind::Executes, _) => true,
            _ => false,
        });
        let number = reading.output == Some(Bound::Number);
        if !frame.elsewhere {
            self.has_moved(reading.moved, frame.at(action.span));
        }
        let id = self.emit(action, frame);
        self.feed(id, frame);
        self.join_descriptors(id);
        self.file_flows(id, state);
        let known: Option<Vec<&[u8]>> = words.iter().map(Value::text).collect();
        let text = match (known, frame.stdin.text.as_ref().and_then(Value::text)) {
            _ if name == b"tee" => frame.stdin.text.clone(),
            (Some(words), Some(input)) => super::filter::filtered(&words, input).map(Value::known),
            _ if keeps && name == b"cat" => frame.stdin.text.clone(),
            _ => None,
        };
        let bound = match reading.output {
            None if name == b"cut" && self.numbers(&words, frame) => Bound::Number,
            Some(bound) => bound,
            None if keeps && !makes => frame.stdin.bound.clone(),
            None => Bound::Anything,
        };
        let file = match words.as_slice() {
            [_, file] if name == b"cat" && !frame.elsewhere => {
                path::absolute(&state.cwd, file).text().map(<[u8]>::to_vec)
            }
            _ => None,
        };
        let mut out = Stream { text, bound, file, ..Stream::of(id) };
        if !number {
            out = out.and_from(&frame.stdin.from);
        }
        let moved = name == b"mktemp" && matches!(self.seen(b"TMPDIR", &ready.leading, state), Seen::Line(_));
        if let Some(answer) = reading.answer.or_else(|| self.answer(&name, &words, state)).filter(|_| !moved) {
            out.text = Some(answer);
        }
        let before = state.made.clone();
        self.remember_written(&name, &writes, id, &out, state);
        self.remember_names(&name, id, &before, state);
        if let Some((dialect, path)) = script {
            if let Some(inner) = frame.behind(path::base(&path), span) {
                let mut own = self.child(state, &ready.leading, dialect);
                // `$0` is the word that named it, or where it was found on PATH.
                let zero = if word.contains(&b'/') { Value::known(word) } else { Value::known(path.clone()) };
                let arguments = words.get(1..).unwrap_or_default().iter().cloned();
                own.set(b"BASH_SOURCE", zero.clone());
                own.positional = std::rc::Rc::new(std::iter::once(zero).chain(arguments).collect());
                out = out.then(self.script_file(&Value::known(path), &[], dialect, &mut own, &inner, span));
            }
        }
        for (number, payload) in reading.payloads.into_iter().enumerate() {
            if number >= PAYLOADS {
                self.cap("more commands of one program than are followed", span);
                break;
            }
            let more = self.payload(payload, &name, id, &ready.leading, state, frame, span);
            // These print nothing themselves.
            let silent = HANDS_ON.iter().any(|own| own.as_bytes() == name);
            out = if silent { more.and_from(&out.from) } else { out.then(more) };
        }
        out
    }

    /// A program file that is the workspace's or another's own: what it runs, if that can be read.
    fn own_file(
        &mut self,
        identity: &Identity,
        action: &mut crate::action::Action,
        state: &State,
        span: crate::text::Span,
    ) -> Option<(Dialect, Vec<u8>)> {
        let file = identity.file.clone()?;
        let text = match state.made(&file) {
            Some(made) => made.text.as_ref().and_then(Value::text).map(<[u8]>::to_vec),
            None => self.world.contents(&file, SCRIPT),
        };
        let language = text.as_deref().and_then(shebang);
        let dialect = language.as_deref().and_then(dialect_of);
        let language = match (&language, &text) {
            (Some(language), _) => language.clone(),
            // No `#!`: the shell runs it itself.
            (None, Some(text)) if !text.starts_with(b"\x7fELF") && std::str::from_utf8(text).is_ok() => "sh".to_owned(),
            _ => "native".to_owned(),
        };
        let dialect = dialect.or((language == "sh").then_some(Dialect::Bash));
        // A tool that is installed in the workspace is the link by which it is called, not the package's file behind that.
        let link = action.path.clone().filter(|link| *link != file && self.is_installed(link, &file, state));
        let shown = link.clone().unwrap_or_else(|| file.clone());
        let object =
            Object::Code { language, origin: CodeOrigin::File(Value::known(shown)), proven: dialect.is_some() };
        let feed = Feed { files: std::iter::once(file.clone()).chain(link).collect(), ..Feed::default() };
        action.effects.push(Effect::certain(EffectKind::Executes, object, span).fed(feed));
        if dialect.is_some() {
            // The script is read and judged by itself, whatever a program of its name would do.
            action.gaps.retain(|gap| gap.kind != GapKind::UnknownProgram);
            if action.gaps.is_empty() {
                action.coverage = crate::action::Coverage::Full;
            }
        }
        // The wrapper that a build tool puts into the project is that tool: what is in it is asked about when it is written,
        // it is in git as it was, and it runs the project's own build.
        let wrapper = matches!(path::base(&file), b"gradlew" | b"mvnw");
        if wrapper && action.runner && state.made(&file).is_none() && self.world.restorable(&file) {
            return None;
        }
        Some((dialect?, file))
    }

    /// Whether `cut` prints the numbers of lines that `grep -n` found in one file.
    fn numbers(&self, words: &[Value], frame: &Frame) -> bool {
        let Some(words) = words.iter().skip(1).map(Value::text).collect::<Option<Vec<_>>>() else { return false };
        let first = matches!(
            words.as_slice(),
            [b"-d:", b"-f1"]
                | [b"-f1", b"-d:"]
                | [b"-d", b":", b"-f", b"1"]
                | [b"-d", b":", b"-f1"]
                | [b"-d:", b"-f", b"1"]
        );
        let mut found = false;
        first
            && frame.stdin.from.iter().all(|id| {
                let Some(action) = self.listed(*id) else { return false };
                let given = |name: &str| action.options.iter().any(|(own, _)| own == name);
                match action.program.as_deref() {
                    Some(b"head" | b"tail") => action.operands.is_empty(),
                    Some(b"grep") => {
                        found = true;
                        let plain = action.options.iter().all(|(name, _)| NUMBERED.contains(&name.as_str()));
                        given("--line-number")
                            && plain
                            && action.operands.iter().all(|word| !word.many)
                            && action.operands.len() <= 2
                    }
                    None => action.kind == ActionKind::Redirect,
                    Some(_) => false,
                }
            })
            && found
    }

    /// Whether what these actions made is what `git diff` says of the working tree or the index, and of no other revision.
    fn is_tree_diff(&self, by: &[crate::action::ActionId]) -> bool {
        const PLAIN: &[&str] = &["--cached", "--staged", "--binary", "--full-index", "--no-color", "-p", "--patch"];
        let mut found = false;
        by.iter().all(|id| {
            let Some(action) = self.listed(*id) else { return false };
            let tree = |word: &Value| {
                let place = path::absolute(&action.cwd, word);
                word.text() == Some(b"HEAD")
                    || place.text().is_some_and(|at| self.world.kind(at) != crate::action::FileKind::Missing)
            };
            let diff = action.program.as_deref() == Some(b"git")
                && action.sub == ["diff"]
                && action.options.iter().all(|(name, _)| PLAIN.contains(&name.as_str()))
                && action.operands.iter().all(tree);
            found |= diff;
            diff || action.kind == ActionKind::Redirect
        }) && found
    }

    /// The contents of a file as the line leaves it, where they are known.
    fn contents(&self, path: &[u8], state: &State) -> Option<Vec<u8>> {
        match state.made(path) {
            Some(made) => made.text.as_ref().and_then(Value::text).map(<[u8]>::to_vec),
            None if state.unpacked.iter().any(|(directory, _)| path::within(path, directory)) => None,
            None => self.world.contents(path, SCRIPT),
        }
    }

    /// Output of programs that answer a question about names.
    fn answer(&self, name: &[u8], words: &[Value], state: &State) -> Option<Value> {
        // `dirname -- "$0"`: the end of options is none of the names.
        let names = matches!(name, b"basename" | b"dirname" | b"realpath" | b"readlink");
        let at = words.iter().position(|word| word.text() == Some(b"--")).filter(|_| names);
        if let Some((head, rest)) = at.and_then(|at| words.split_at_checked(at)) {
            let words: Vec<Value> = head.iter().chain(rest.get(1..).unwrap_or_default()).cloned().collect();
            let dashed = |word: &Value| word.prefix().starts_with(b"-");
            return if rest.iter().skip(1).any(dashed) { None } else { self.answer(name, &words, state) };
        }
        match (name, words) {
            (b"basename", [_, path]) => Some(super::operator::last_component(path)),
            (b"basename", [_, path, tail]) => {
                let base = path::base(path.text()?).to_vec();
                let tail = tail.text()?;
                Some(Value::known(base.strip_suffix(tail).filter(|rest| !rest.is_empty()).unwrap_or(&base)))
            }
            (b"dirname", [_, path]) => match path.text() {
                Some(path) => Some(Value::known(path::parent(path))),
                None => super::operator::directory_of(path),
            },
            (b"pwd", _) => Some(state.stands()),
            (b"ls", [_, flag, paths @ ..]) if flag.text() == Some(b"-d") && !paths.is_empty() => {
                let mut text = Value::default();
                for path in paths {
                    text.push_known(path.text().filter(|path| !path.starts_with(b"-"))?);
                    text.push_known(b"\n");
                }
                Some(text)
            }
            (b"echo", [_, rest @ ..]) => super::printf::echo(rest, false),
            (b"printf", [_, format, rest @ ..]) => super::printf::printf(format, rest),
            (b"realpath", [_, path]) => Some(self.real(path, state)?),
            (b"readlink", [_, flag, path]) if matches!(flag.text(), Some(b"-f" | b"-e" | b"-m")) => {
                self.real(path, state)
            }
            (b"cat", [_, files @ ..]) if !files.is_empty() => {
                let mut text = Value::default();
                for file in files {
                    let file = path::absolute(&state.cwd, file);
                    text.push(state.made(file.text()?)?.text.as_ref()?);
                }
                Some(text)
            }
            (b"which", [_, name]) => self.identify(name.text()?, &[], state).path.map(Value::known),
            (b"true" | b"false", _) => Some(Value::default()),
            (b"mktemp", [_, rest @ ..]) => temporary(rest),
            _ => super::printed::printed(words),
        }
    }

    /// The state of a shell started from this one.
    pub(super) fn child(&self, state: &State, leading: &[(Vec<u8>, Value)], dialect: Dialect) -> State {
        let mut own = state.clone();
        own.dialect = dialect;
        own.options = super::held::Options::default();
        own.ended = false;
        let world = self.world;
        own.variables.retain(|name, variable| variable.exported || !matches!(world.variable(name), Variable::Unset));
        for (name, value) in leading {
            let value = value.clone();
            own.change(name, |variable| {
                variable.exported = true;
                variable.held = super::held::Held::One(value);
            });
        }
        own.functions.retain(|_, function| function.exported);
        own.aliases = Shared::default();
        own.watches = std::rc::Rc::default();
        own
    }
}

/// Options of grep under which every line that it prints of one file starts with a number and a colon.
const NUMBERED: &[&str] = &[
    "--line-number",
    "--max-count",
    "--ignore-case",
    "--fixed-strings",
    "--extended-regexp",
    "--basic-regexp",
    "--perl-regexp",
    "--word-regexp",
    "--line-regexp",
    "--invert-match",
    "--no-messages",
    "--only-matching",
    "--text",
    "--no-filename",
];

/// `ld-linux-x86-64.so.2 [options] program`: where the program stands.
fn carried_by_loader(identity: &Identity, argv: &[Value]) -> Option<usize> {
    let name = identity.name.as_slice();
    if !(name.starts_with(b"ld-linux") || name.starts_with(b"ld-musl") || name == b"ld.so") {
        return None;
    }
    let mut at = 1;
    loop {
        let word = argv.get(at)?;
        match word.text() {
            Some(b"--library-path" | b"--preload" | b"--audit" | b"--argv0" | b"--inhibit-rpath") => at += 2,
            Some(text) if text.starts_with(b"--") => at += 1,
            _ => return Some(at),
        }
    }
}

fn changes(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Writes | EffectKind::Overwrites | EffectKind::Deletes | EffectKind::Permits)
}

/// The language a `#!` line names.
pub(super) fn shebang(text: &[u8]) -> Option<String> {
    let line = text.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let mut name = path::base(words.next()?);
    if name == b"env" {
        name = path::base(words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?);
    }
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    Some(String::from_utf8_lossy(name.get(..letters.max(1).min(name.len()))?).into_owned())
}

/// The shell dialect of a language.
pub(super) fn dialect_of(language: &str) -> Option<Dialect> {
    match language {
        "bash" => Some(Dialect::Bash),
        "sh" | "dash" | "ash" => Some(Dialect::Sh),
        "zsh" => Some(Dialect::Zsh),
        _ => None,
    }
}

/// Wrappers whose output is that of the command they carry.
const HANDS_ON: &[&str] = &[
    "env", "nice", "nohup", "timeout", "stdbuf", "setsid", "ionice", "taskset", "chrt", "sudo", "doas", "xargs",
    "bash", "sh", "dash", "zsh", "busybox",
];

/// Letters and digits that `mktemp` chooses.
pub(super) const FRESH: &str = "a fresh name of mktemp";

/// The fresh path that `mktemp` prints: it is there, it is empty, and it is the line's own.
fn temporary(words: &[Value]) -> Option<Value> {
    let mut template: Option<&[u8]> = None;
    let mut named = false;
    for word in words {
        match word.text()? {
            b"-d" | b"--directory" | b"-q" | b"--quiet" | b"-dq" | b"-qd" => {}
            b"-t" | b"-dt" | b"-td" => named = true,
            text if text.starts_with(b"-") || template.is_some() => return None,
            text => template = Some(text),
        }
    }
    // Without a template, and with `-t`, it lies in the directory for temporary files.
    let (directory, name) = match template {
        None => (b"/tmp/".as_slice(), b"tmp.".as_slice()),
        Some(template) if named && !template.contains(&b'/') => (b"/tmp/".as_slice(), template),
        Some(_) if named => return None,
        Some(template) => template.split_at_checked(template.len().saturating_sub(path::base(template).len()))?,
    };
    if directory.split(|byte| *byte == b'/').any(|part| part == b"..") {
        return None;
    }
    let fixed = name.windows(3).position(|three| three == b"XXX").unwrap_or(name.len());
    let mut out = Value::known([directory, name.get(..fixed)?].concat());
    out.parts.extend(Value::hole(FRESH, Bound::Name).parts);
    Some(out)
}
