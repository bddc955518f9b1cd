//! Role to effect: the one table of what a word does by the role it is declared to have.

use super::host::{self, Place};
use super::reader::{Reader, tail};
use super::special;
use crate::action::code::{self, CodeObject};
use crate::action::tool::Role;
use crate::action::world::FileKind;
use crate::action::{
    Bound, Carried, CodeOrigin, EffectKind, Feed, Flag, Flags, GapKind, Object, Part, Payload, Value, path,
};
use crate::parse::Dialect;

impl Reader<'_> {
    /// What `value` does in this role. A leading `@` selects `at_role` where there is one.
    pub fn role(&mut self, role: &Role, at_role: Option<&Role>, value: &Value, flags: Flags) {
        if let (Some(at_role), true) = (at_role, value.prefix().starts_with(b"@")) {
            return self.role(at_role, None, &tail(value, 1), flags);
        }
        // `name=@file`, as forms are sent.
        if let Some(at_role) = at_role
            && let Some(at) = value.prefix().windows(2).position(|two| two == b"=@")
        {
            self.role(at_role, None, &tail(value, at + 2), flags);
        }
        match role {
            Role::Text | Role::Word | Role::Name | Role::Number | Role::Choice | Role::Ref | Role::Refspec => {}
            // These are given their effects by those of the tool: see `form`.
            Role::Path | Role::Process | Role::Package => {}
            Role::Assign => self.assign(value),
            Role::Read => self.reads(value, flags),
            Role::Write => self.writes(value, flags),
            Role::Delete => {
                let object = self.path(value);
                self.effect_with(EffectKind::Deletes, object, value, flags, Feed::default());
            }
            Role::Chdir => self.moves(value),
            Role::Rewrite => {
                let file = path::absolute(&self.cwd, value);
                let roots = self.around.world.roots();
                if roots.iter().any(|root| path::within(file.prefix(), root)) {
                    self.reads(value, flags);
                } else {
                    self.writes(value, flags);
                }
            }
            Role::Report => {
                let mark = value.prefix().iter().position(|byte| matches!(byte, b':' | b'='));
                if let Some(at) = mark {
                    self.writes(&tail(value, at + 1), flags);
                }
            }
            Role::Keyed => {
                let equals = value.prefix().iter().position(|byte| *byte == b'=');
                self.reads(&equals.map_or_else(|| value.clone(), |at| tail(value, at + 1)), flags);
            }
            Role::Mount => {
                if let Some(host) = mounted(value) {
                    self.reads(&host, flags.with(Flag::Recursive));
                }
            }
            Role::CodeDir if is_stdin(value) => self.code_stdin("native"),
            Role::CodeDir => {
                let origin = CodeOrigin::File(path::absolute(&self.cwd, value));
                self.effect(EffectKind::Executes, native(origin), value);
            }
            Role::Host => {
                let host = match host::url(value) {
                    Place::Host(host) => host,
                    _ => value.clone(),
                };
                self.effect(EffectKind::Connects, Object::Host(host), value);
            }
            Role::Url => match host::url(value) {
                Place::Host(host) => self.effect(EffectKind::Connects, Object::Host(host), value),
                Place::Local(file) => self.reads(&file, flags),
                Place::Command(_) | Place::Name(_) => {}
            },
            Role::Remote => self.remote(value, flags),
            Role::Config => special::config(self, value),
            Role::OptionsFile => {
                self.reads(value, flags);
                self.gap(GapKind::Partial, "options come from a file", value.span);
            }
            Role::Script(language) => self.script(language, value, Vec::new()),
            Role::Module(language) => self.module(language, value),
            Role::Settings(language) => self.settings(language, value),
            Role::Code(language) => self.code(language, value),
            Role::Command => self.command(value),
            Role::Words => self.words(value, &[]),
            Role::Payload | Role::PayloadStdin | Role::PayloadUntil(_) => self.payload(vec![value.clone()]),
        }
    }

    /// Reads a file; `-` is standard input.
    pub fn reads(&mut self, value: &Value, flags: Flags) {
        if value.text() == Some(b"-") {
            self.stdin = true;
            return;
        }
        if host::is_url(value) {
            return self.role(&Role::Url, None, value, flags);
        }
        let object = self.path(value);
        self.effect_with(EffectKind::Reads, object, value, flags, Feed::default());
    }

    /// Writes a file; `-` is standard output.
    pub fn writes(&mut self, value: &Value, flags: Flags) {
        if value.text() == Some(b"-") {
            return;
        }
        if host::is_url(value)
            && let Place::Host(host) = host::url(value)
        {
            self.effect(EffectKind::Connects, Object::Host(host.clone()), value);
            return self.effect(EffectKind::Sends, Object::Host(host), value);
        }
        let kind = self.writing(value);
        let object = self.path(value);
        self.effect_with(kind, object, value, flags, Feed::default());
    }

    /// Whether writing there replaces something.
    pub fn writing(&self, value: &Value) -> EffectKind {
        let absolute = path::absolute(&self.cwd, value);
        match absolute.text().map(|path| self.around.world.kind(path)) {
            Some(FileKind::Missing | FileKind::Directory) => EffectKind::Writes,
            Some(FileKind::File | FileKind::Link | FileKind::Device | FileKind::Other | FileKind::Unknown) | None => {
                EffectKind::Overwrites
            }
        }
    }

    /// Moves the working directory for what follows.
    pub fn moves(&mut self, value: &Value) {
        self.cwd = path::absolute(&self.cwd, value);
        self.cwd.many = false;
        self.moved = true;
    }

    /// `NAME=value` for the payload.
    pub fn assign(&mut self, value: &Value) {
        let prefix = value.prefix();
        match prefix.iter().position(|byte| *byte == b'=') {
            Some(equals) => {
                let name = prefix.get(..equals).unwrap_or_default().to_vec();
                self.assigns.push((name, tail(value, equals + 1)));
            }
            None if value.text().is_none() => {
                self.gap(GapKind::DynamicWord, "a variable's name is known only when it runs", value.span);
            }
            None => {}
        }
    }

    /// A named remote, a URL or a path.
    pub fn remote(&mut self, value: &Value, flags: Flags) {
        match host::remote(value) {
            Place::Host(host) => self.effect(EffectKind::Connects, Object::Host(host), value),
            Place::Local(path) => self.reads(&path, flags),
            Place::Command(command) => {
                self.gap(GapKind::ExecutionKey, "a remote that is a command", command.span);
                // `ext::` runs its words; `% ` is a blank within one.
                if let Some(text) = command.text().and_then(|text| text.strip_prefix(b"ext::")) {
                    let words: Vec<&[u8]> = text.split(|byte| *byte == b'%').collect();
                    self.command(&Value::known(words.join(b"\\".as_slice())).at(command.span));
                }
            }
            Place::Name(name) => {
                let host = special::git::remote_host(self, &name);
                let object = Object::Remote { name: name.clone(), host };
                self.effect(EffectKind::Connects, object, value);
            }
        }
    }

    /// Shell text: the walker reads it.
    pub fn command(&mut self, text: &Value) {
        self.shell(text.clone(), Vec::new(), Dialect::Sh);
    }

    /// Shell text with positional parameters.
    pub fn shell(&mut self, text: Value, positional: Vec<Value>, dialect: Dialect) {
        self.carry(Carried::Shell { text, positional, dialect }, true);
    }

    /// A command's argv.
    pub fn payload(&mut self, argv: Vec<Value>) {
        self.carry(Carried::Argv(argv), true);
    }

    /// Adds a payload in the directory and under the assignments in force.
    pub fn carry(&mut self, what: Carried, stdin: bool) {
        let cwd = self.moved.then(|| self.cwd.clone());
        let assigns = self.assigns.clone();
        self.reading.payloads.push(Payload { what, cwd, assigns, elsewhere: self.elsewhere, stdin });
    }

    /// `env -S 'words'`: split as env does it, then the rest of argv.
    pub fn words(&mut self, value: &Value, rest: &[Value]) {
        let Some(text) = value.text() else {
            self.gap(GapKind::DynamicWord, "the words of a command are known only when it runs", value.span);
            return;
        };
        if text.iter().any(|byte| matches!(*byte, b'\\' | b'$' | b'#')) {
            self.gap(GapKind::Partial, "escapes in words to be split", value.span);
            return;
        }
        let mut words = split_quoted(text);
        let mut first = 0;
        while let Some(word) = words.get(first).filter(|word| word.starts_with(b"-") || word.contains(&b'=')) {
            if word.starts_with(b"-") {
                self.gap(GapKind::Partial, "options inside words to be split", value.span);
            } else {
                let word = Value::known(word.clone()).at(value.span);
                self.assign(&word);
            }
            first += 1;
        }
        let mut argv: Vec<Value> = words.drain(first..).map(|word| Value::known(word).at(value.span)).collect();
        argv.extend_from_slice(rest);
        if !argv.is_empty() {
            self.payload(argv);
        }
    }

    /// A script file in a language.
    pub fn script(&mut self, language: &str, value: &Value, arguments: Vec<Value>) {
        if let Some(dialect) = dialect(language) {
            let path = path::absolute(&self.cwd, value);
            self.carry(Carried::Script { path, arguments, dialect }, true);
            return;
        }
        if is_stdin(value) {
            return self.code_stdin(language);
        }
        let file = path::absolute(&self.cwd, value);
        let mut feed = Feed::default();
        feed.files.extend(file.text().map(<[u8]>::to_vec));
        let text = file.text().and_then(|file| self.around.world.contents(file, 64 * 1024));
        let proven = match (language, text) {
            ("sed" | "awk" | "jq", Some(text)) => self.calls(language, &text, value),
            ("python" | "node", _) => self.is_proven_script(language, &file, value),
            _ => false,
        };
        let object = Object::Code { language: language.to_owned(), origin: CodeOrigin::File(file), proven };
        self.effect_with(EffectKind::Executes, object, value, Flags::default(), feed);
    }

    /// Whether an interpreter is given a file of code that is proven as code in an argument is; then its effects are added.
    fn is_proven_script(&mut self, language: &str, file: &Value, value: &Value) -> bool {
        let program = self.argv.first().and_then(Value::text).map(path::base).unwrap_or_default();
        let interprets = |name: &[u8]| {
            program
                .strip_prefix(name)
                .is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
        };
        let mut between = self.argv.iter().skip(1).take_while(|word| word.text() != value.text());
        let plain = |word: &Value| word.text().is_some_and(|word| PLAIN.iter().any(|known| known.as_bytes() == word));
        if !(interprets(b"python") || interprets(b"node")) || !between.all(plain) {
            return false;
        }
        let Some(at) = file.text() else { return false };
        let Some(text) = (self.around.contents)(at) else { return false };
        let found = code::read(language, &text);
        let directory = Value::known(path::parent(at)).at(value.span);
        // Python looks for modules beside the script, node for what is named by a dot.
        let beside = directory.text() == self.cwd.text() || !text.windows(2).any(|two| two == b"./");
        found.proven
            && (language == "python" || beside)
            && !self.is_shadowed(&found.modules, &directory)
            && self.calls(language, &text, value)
    }

    /// A module: an installed one by its name, else a file.
    fn module(&mut self, language: &str, value: &Value) {
        let installed = |text: &[u8]| {
            if language == "python" {
                return PLUGINS.iter().any(|known| text.starts_with(known)) && !self.local(text);
            }
            if language == "awk" {
                return matches!(text, b"inplace" | b"ord" | b"join" | b"getopt" | b"assert") && !self.local(text);
            }
            let plain = !text.starts_with(b".") && !text.starts_with(b"/") && !text.starts_with(b"{");
            plain && !extension(text).is_some_and(|own| CODE.contains(&own)) && !self.local(text)
        };
        let named = value.text().is_some_and(|text| text.split(|byte| *byte == b',').all(installed));
        if !named {
            self.script(language, value, Vec::new());
        }
    }

    /// Whether a module's name is that of a file in the directory in force.
    fn local(&self, name: &[u8]) -> bool {
        let dotted: Vec<u8> = name.iter().map(|byte| if *byte == b'.' { b'/' } else { *byte }).collect();
        ["", ".js", ".cjs", ".mjs", ".ts", ".py", ".rb", ".awk"].iter().any(|end| {
            let stem = if *end == ".py" { dotted.as_slice() } else { name };
            let file = path::absolute(&self.cwd, &Value::known([stem, end.as_bytes()].concat()));
            file.text().is_some_and(|file| matches!(self.around.world.kind(file), FileKind::File | FileKind::Link))
        })
    }

    /// A file of configuration.
    fn settings(&mut self, language: &str, value: &Value) {
        let Some(text) = value.text() else { return self.script(language, value, Vec::new()) };
        if text == b"/dev/null" {
            return;
        }
        if text.starts_with(b"{") {
            return self.gap(GapKind::ExecutionKey, "configuration that may name code", value.span);
        }
        let name = path::base(text);
        let data = match extension(name) {
            Some(own) => DATA.contains(&own),
            None => false,
        };
        // `.eslintrc` and its like are data; `.eslintrc.js` is code.
        let hidden = name.starts_with(b".") && name.ends_with(b"rc");
        // What pytest and tox are told by data names plug-ins and commands: the workspace's own are its runner's.
        let file = path::absolute(&self.cwd, value);
        let own =
            language != "python" || self.around.world.roots().iter().any(|root| path::within(file.prefix(), root));
        if (data || hidden) && own {
            self.reads(value, Flags::default());
        } else {
            self.script(language, value, Vec::new());
        }
    }

    /// Code from standard input.
    pub fn code_stdin(&mut self, language: &str) {
        if let Some(dialect) = dialect(language) {
            return self.carry(Carried::ShellStdin { positional: Vec::new(), dialect }, true);
        }
        let origin = Value::default().at(self.at);
        // A heredoc's text is known: it is read as code in an argument is.
        let proven = match self.around.stdin {
            Some(text) => self.calls(language, text, &origin),
            None => false,
        };
        let language = self.around.stdin.and_then(|text| told(text, proven)).unwrap_or(language);
        let object = Object::Code { language: language.to_owned(), origin: CodeOrigin::Stdin, proven };
        let feed = Feed { stdin: true, ..Feed::default() };
        self.effect_with(EffectKind::Executes, object, &origin, Flags::default(), feed);
    }

    /// Code in an argument.
    pub fn code(&mut self, language: &str, value: &Value) {
        if let Some(dialect) = dialect(language) {
            return self.shell(value.clone(), Vec::new(), dialect);
        }
        // Where a number is part of what code names, another number names another thing.
        let filled =
            with_digits(value).filter(|text| language == "sed" || code::read(language, text).effects.is_empty());
        let proven = match value.text().or(filled.as_deref()) {
            Some(text) => {
                let text = text.to_vec();
                self.calls(language, &text, value)
            }
            None => false,
        };
        let language = value.text().and_then(|text| told(text, proven)).unwrap_or(language);
        let object = Object::Code { language: language.to_owned(), origin: CodeOrigin::Inline, proven };
        self.effect(EffectKind::Executes, object, value);
        // Code is run whatever it says.
        if let Some(effect) = self.reading.effects.last_mut() {
            effect.certain = true;
        }
    }

    /// Adds the effects of what code calls; gives whether it was proven to call nothing else.
    fn calls(&mut self, language: &str, text: &[u8], origin: &Value) -> bool {
        if matches!(language, "make" | "just") {
            self.recipes(text, origin);
            return false;
        }
        let found = code::read(language, text);
        let vague = found.effects.iter().any(|call| call.object == CodeObject::Unknown);
        for call in found.effects {
            let unknown = call.object == CodeObject::Unknown;
            let at = |text: Vec<u8>| Value::known(text).at(origin.span);
            let object = match call.object {
                CodeObject::None => Object::None,
                CodeObject::Path(file) => {
                    let file = at(file);
                    let kind = if call.kind == EffectKind::Overwrites { self.writing(&file) } else { call.kind };
                    let object = self.path(&file);
                    self.effect_with(kind, object, origin, call.flags, Feed::default());
                    continue;
                }
                CodeObject::Below { directory, name } => {
                    let directory = path::absolute(&self.cwd, &at(directory));
                    let bound = match directory.text() {
                        Some(directory) => {
                            Bound::Below { directory: directory.to_vec(), from: None, names: vec![name] }
                        }
                        None => Bound::Anything,
                    };
                    let file = Value::hole("a path of a directory's listing", bound).at(origin.span);
                    let object = Object::Path { path: file, as_written: directory.display() };
                    self.effect_with(call.kind, object, origin, call.flags, Feed::default());
                    continue;
                }
                CodeObject::Shell(line) => {
                    self.shell(at(line), Vec::new(), Dialect::Sh);
                    continue;
                }
                CodeObject::Argv(argv) => {
                    self.payload(argv.into_iter().map(at).collect());
                    continue;
                }
                CodeObject::Code(language) => Object::Code { language, origin: CodeOrigin::Inline, proven: false },
                CodeObject::Host(host) => Object::Host(host::authority(&at(host))),
                CodeObject::Variable(name) => Object::Variable(name),
                CodeObject::Process(process) => Object::Process(at(process)),
                CodeObject::Named(name) => Object::Named(at(name)),
                CodeObject::Unknown => {
                    self.gap(GapKind::DynamicWord, format!("{} something not constant", call.kind.name()), origin.span);
                    Object::None
                }
            };
            // What it runs or connects to without saying may be what it reads.
            let feed = Feed { stdin: unknown && (language != "awk" || runs_input(text)), ..Feed::default() };
            self.effect_with(call.kind, object, origin, call.flags, feed);
        }
        let proven = found.proven && !(language == "python" && self.shadowed(&found.modules));
        let read = matches!(language, "sed" | "awk" | "jq" | "redis" | "mongo");
        if !found.proven && !read || vague && !matches!(language, "sed" | "jq") {
            self.constants(text, origin);
        }
        proven
    }

    /// The recipes of a makefile or justfile, and what it asks the shell for.
    fn recipes(&mut self, text: &[u8], origin: &Value) {
        for line in text.split(|byte| *byte == b'\n') {
            let command = match line.first() {
                Some(b'\t' | b' ') => {
                    let marks = line.iter().take_while(|byte| b"\t @-+".contains(byte)).count();
                    line.get(marks..).unwrap_or_default()
                }
                _ => match line.windows(8).position(|window| window == b"$(shell ") {
                    Some(at) => line.get(at + 8..).and_then(|rest| rest.strip_suffix(b")")).unwrap_or_default(),
                    None => continue,
                },
            };
            self.shell(Value::known(command).at(origin.span), Vec::new(), Dialect::Sh);
        }
    }

    /// What stands as a constant in code that was not understood.
    pub fn constants(&mut self, text: &[u8], origin: &Value) {
        let home = self.around.world.home();
        for found in code::constants(text) {
            match found.object {
                CodeObject::Shell(line) => self.shell(Value::known(line).at(origin.span), Vec::new(), Dialect::Sh),
                CodeObject::Argv(argv) => {
                    self.payload(argv.into_iter().map(|word| Value::known(word).at(origin.span)).collect());
                }
                CodeObject::Process(_) => {
                    let parent = Value::hole("variable PPID of the environment", crate::action::Bound::Number);
                    self.effect(found.kind, Object::Process(parent), origin);
                }
                CodeObject::Path(path) => {
                    let path = match (path.strip_prefix(b"~/"), &home) {
                        (Some(rest), Some(home)) => [home.as_slice(), b"/", rest].concat(),
                        (None, Some(home)) if path == b"~" => home.clone(),
                        _ => path,
                    };
                    let object = self.path(&Value::known(path));
                    let known = self.reading.effects.iter().any(|own| own.kind == found.kind && own.object == object);
                    if !known {
                        self.effect_with(found.kind, object, origin, found.flags, Feed::default());
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a file of the working directory stands where one of these modules is looked for first.
    fn shadowed(&mut self, modules: &[String]) -> bool {
        let cwd = self.cwd.clone();
        self.is_shadowed(modules, &cwd)
    }

    /// The same of those that a script in `directory` loads.
    fn is_shadowed(&mut self, modules: &[String], directory: &Value) -> bool {
        for module in modules {
            for name in [format!("{module}.py"), module.clone(), format!("{module}.so"), format!("{module}.pyc")] {
                let file = path::absolute(directory, &Value::known(name.into_bytes()));
                let kind = file.text().map(|file| self.around.world.kind(file));
                if matches!(kind, Some(FileKind::File | FileKind::Link | FileKind::Directory)) {
                    let shown = file.text().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
                    self.gap(GapKind::Partial, format!("`{shown}` would be loaded as a module"), self.at);
                    return true;
                }
            }
        }
        false
    }

    /// A value nobody explained: where it is a path outside, it must not go unseen.
    pub fn unexplained(&mut self, value: &Value) {
        let prefix = value.prefix();
        if prefix.contains(&b'/') || prefix.starts_with(b".") {
            let object = self.path(value);
            self.effect_with(EffectKind::Reads, object, value, Flags::default(), Feed::default());
        }
    }
}

/// Options of Python and node that load nothing and change only what is printed or kept.
const PLAIN: &[&str] = &["-u", "-B", "-E", "-s", "-I", "-O", "-OO", "-q", "--no-warnings", "--trace-warnings", "--"];

/// What unread code does with another machine, as a language of its own.
fn told(text: &[u8], proven: bool) -> Option<&'static str> {
    if proven { None } else { code::remote(text).map(code::Remote::language) }
}

/// Whether an awk program runs fields of its input: `system($0)`, `$1 | getline`, `print $2 | "sh"`.
fn runs_input(text: &[u8]) -> bool {
    // `c = $0; system(c)`
    let kept = text.windows(2).any(|two| two == b"=$") || text.windows(3).any(|three| three == b"= $");
    if kept && text.windows(7).any(|window| window == b"system(" || window == b"getline") {
        return true;
    }
    text.split(|byte| matches!(byte, b';' | b'{' | b'}' | b'\n')).any(|statement| {
        let piped = statement.iter().position(|byte| *byte == b'|');
        let system = statement.windows(7).position(|window| window == b"system(");
        let field = |part: &[u8]| part.contains(&b'$');
        piped.is_some_and(|at| field(statement.get(..at).unwrap_or_default()))
            || system.is_some_and(|at| field(statement.get(at..).unwrap_or_default()))
            || (piped.is_some() && statement.windows(5).any(|window| window == b"print"))
    })
}

/// Endings of files that hold code.
const CODE: &[&[u8]] = &[
    b"js", b"cjs", b"mjs", b"jsx", b"ts", b"cts", b"mts", b"tsx", b"py", b"rb", b"php", b"so", b"dll", b"dylib",
    b"node", b"jar",
];

/// How the names of Python plugins begin that are installed: any other module may lie in the directory it is started in.
const PLUGINS: &[&[u8]] = &[b"no:", b"pytest", b"_pytest", b"xdist", b"cacheprovider", b"pylint", b"flake8"];

/// Endings of files that hold data.
const DATA: &[&[u8]] =
    &[b"json", b"jsonc", b"json5", b"yaml", b"yml", b"toml", b"ini", b"cfg", b"conf", b"xml", b"dist", b"properties"];

fn extension(name: &[u8]) -> Option<&[u8]> {
    let dot = path::base(name).iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0)?;
    path::base(name).get(dot + 1..)
}

/// The place on the host that a mount gives to a container; a volume by its name is none.
fn mounted(value: &Value) -> Option<Value> {
    let known = value.prefix();
    let source = |pair: &&[u8]| pair.starts_with(b"source=") || pair.starts_with(b"src=");
    let host = match known.split(|byte| *byte == b',').find(source) {
        Some(pair) => pair.splitn(2, |byte| *byte == b'=').nth(1)?,
        None if value.text().is_none() && !known.contains(&b':') => return None,
        None => {
            let head = known.split(|byte| *byte == b':').next()?;
            // `NAME=SOURCE`, a build context.
            let named = head.iter().position(|byte| *byte == b'=').filter(|_| head.first() != Some(&b'/'));
            named.map_or(head, |at| head.get(at + 1..).unwrap_or_default())
        }
    };
    matches!(host.first(), Some(b'/' | b'.' | b'~')).then(|| Value::known(host).at(value.span))
}

/// Whether a file's name is standard input.
fn is_stdin(value: &Value) -> bool {
    matches!(value.text(), Some(b"-" | b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0"))
}

/// The shell dialect a language names.
fn dialect(language: &str) -> Option<Dialect> {
    match language {
        "bash" => Some(Dialect::Bash),
        "sh" => Some(Dialect::Sh),
        "zsh" => Some(Dialect::Zsh),
        _ => None,
    }
}

/// Code whose unknown parts are numbers, with a digit in their place: no number is or hides a command.
fn with_digits(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for part in &value.parts {
        match part {
            Part::Known(text) => out.extend_from_slice(text),
            Part::Hole(hole) if hole.bound == Bound::Number => out.push(b'1'),
            Part::Glob(_) | Part::Hole(_) => return None,
        }
    }
    (!value.many).then_some(out)
}

/// Code that is not in a language we read.
pub(super) fn native(origin: CodeOrigin) -> Object {
    Object::Code { language: "native".to_owned(), origin, proven: false }
}

/// Splits on blanks, honouring single and double quotes.
pub(super) fn split_quoted(text: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    for byte in text {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'\'' | b'"') => {
                quote = Some(*byte);
                word.get_or_insert_default();
            }
            (None, b' ' | b'\t' | b'\n') => words.extend(word.take()),
            (_, byte) => word.get_or_insert_default().push(*byte),
        }
    }
    words.extend(word);
    words
}
