//! Turns split words into effects: options, operands by the form in force, and the effects declared for the whole.

use super::fill;
use super::option;
use super::reader::Reader;
use super::role::native;
use super::special;
use super::split::{Words, may_be_option};
use crate::action::tool::{Count, DeclaredEffect, Form, Operand, Role};
use crate::action::{Bound, CodeOrigin, EffectKind, Feed, Flag, Flags, GapKind, Object, ToolCommand, Value, path};

/// The operands that have one of the roles which take their effects from the tool.
#[derive(Default)]
struct Objects {
    paths: Vec<Value>,
    processes: Vec<Value>,
    packages: Vec<Value>,
    refs: Vec<Value>,
    hosts: bool,
}

impl Objects {
    fn note(&mut self, role: &Role, value: &Value) {
        match role {
            Role::Path => self.paths.push(value.clone()),
            Role::Process => self.processes.push(value.clone()),
            Role::Package => self.packages.push(value.clone()),
            Role::Ref | Role::Refspec => self.refs.push(value.clone()),
            Role::Host | Role::Url | Role::Remote => self.hosts = true,
            _ => {}
        }
    }
}

/// Applies everything that was given.
pub(super) fn apply(reader: &mut Reader<'_>, words: Words) {
    reader.reading.operands = words.operands.clone();
    reader.reading.operands.extend(words.carried.iter().flat_map(|(_, argv)| argv).cloned());
    let Some(tool) = words.command().cloned() else { return };
    reader.reading.runner = tool.runner;
    // `podman unshare` stays on this machine.
    let here = reader.reading.sub.first().is_some_and(|sub| sub == "unshare");
    reader.elsewhere |= !here && special::elsewhere(reader.reading.program.as_deref().unwrap_or_default());
    // tar's archive is named from where it was started; everyone else's words are relative to where they are sent.
    let late = reader.reading.program.as_deref() == Some(b"tar");
    if !late {
        directories(reader, &words);
    }
    super::environment::check(reader, &words.levels);
    let mut objects = Objects::default();
    let mut added: Vec<(EffectKind, Flags)> = Vec::new();
    options(reader, &words, &mut objects, &mut added);
    if late {
        directories(reader, &words);
    }
    if !words.lost {
        operands(reader, &words, &tool, &mut objects);
    } else {
        for operand in &words.operands {
            reader.unexplained(operand);
        }
    }
    if let Some((entry, argv)) = &words.carried {
        carried(reader, &tool, *entry, argv);
    }
    // A tool's own effects are those it has without a declared subcommand; a subcommand says its own.
    for declared in effects(&words, &tool) {
        declare(reader, declared, &objects, Flags::default());
    }
    for (kind, flags) in added {
        // What an option makes a runner execute is not the building and testing that it is declared to do.
        if tool.runner && kind == EffectKind::Executes {
            reader.own(kind, native(CodeOrigin::Inline));
            continue;
        }
        declare(reader, &DeclaredEffect { kind, object: None }, &objects, flags);
    }
    packages(reader, &objects);
    if reader.reading.flags.has(Flag::WritesCwd) {
        let cwd = reader.cwd.clone();
        let object = Object::Path { path: cwd, as_written: b".".to_vec() };
        reader.own(EffectKind::Writes, object);
    }
    if tool.runner && !reader.has(EffectKind::Executes) {
        reader.own(EffectKind::Executes, native(CodeOrigin::Workspace));
    }
    special::after(reader, &words);
    // A runner builds what lies where it is started: another directory's code is not the workspace's.
    let inside = |at: &[u8]| reader.around.world.roots().iter().any(|root| path::within(at, root));
    if reader.reading.runner && reader.cwd.text().is_some_and(|at| !inside(at)) {
        let object = Object::Path { path: reader.cwd.clone(), as_written: b".".to_vec() };
        reader.own(EffectKind::Executes, object);
    }
}

/// Directory options first: the other words are relative to them.
fn directories(reader: &mut Reader<'_>, words: &Words) {
    for given in &words.given {
        let Some(spec) = option::at(&words.levels, given.place) else { continue };
        if let (Some(Role::Chdir), Some(value)) = (&spec.role, &given.value) {
            reader.moves(value);
        }
    }
}

fn options(reader: &mut Reader<'_>, words: &Words, objects: &mut Objects, added: &mut Vec<(EffectKind, Flags)>) {
    for given in &words.given {
        let Some(spec) = option::at(&words.levels, given.place) else { continue };
        added.extend(spec.effects.iter().map(|kind| (*kind, spec.flags)));
        if let Some(Role::Words) = spec.role {
            let rest: Vec<Value> =
                words.operands.iter().chain(words.carried.iter().flat_map(|(_, argv)| argv)).cloned().collect();
            if let Some(value) = &given.value {
                reader.words(value, &rest);
            }
            continue;
        }
        if !given.carried.is_empty() {
            reader.payload(given.carried.clone());
        }
        for (role, value) in spec.more.iter().zip(&given.more) {
            objects.note(role, value);
            reader.role(role, None, value, spec.flags);
        }
        let (Some(role), Some(value)) = (&spec.role, &given.value) else { continue };
        if *role == Role::Chdir {
            continue;
        }
        objects.note(role, value);
        reader.role(role, spec.at_role.as_ref(), value, spec.flags);
        if spec.effects.contains(&EffectKind::Sends) && value.text() == Some(b"@-") {
            reader.stdin = true;
        }
    }
}

/// Whether the words have a special form.
fn has(words: &Words, form: &Form) -> bool {
    let given = |condition: &String| match (words.option(condition), condition.split_once('=')) {
        (Some(_), _) => true,
        (None, Some((name, wanted))) => {
            let value = words.option(name).and_then(|given| given.value.as_ref());
            value.and_then(Value::text) == Some(wanted.as_bytes())
        }
        (None, None) => false,
    };
    let bare = form.bare && words.operands.is_empty() && words.carried.is_none();
    (bare || form.options.iter().any(given)) && !form.unless.iter().any(given)
}

/// The operand entries in force: those of the first form that is met, else the command's own.
fn entries<'t>(words: &Words, tool: &'t ToolCommand) -> &'t [Operand] {
    let special = |form: &'t Form| form.operands.as_ref().filter(|_| has(words, form));
    tool.forms.iter().find_map(special).unwrap_or(&tool.operands)
}

/// The effects in force: those of the first form that is met, else the command's own.
fn effects<'t>(words: &Words, tool: &'t ToolCommand) -> &'t [DeclaredEffect] {
    let special = |form: &'t Form| form.effects.as_ref().filter(|_| has(words, form));
    tool.forms.iter().find_map(special).unwrap_or(&tool.effects)
}

fn operands(reader: &mut Reader<'_>, words: &Words, tool: &ToolCommand, objects: &mut Objects) {
    let entries = entries(words, tool);
    let filled = fill::fill(entries, &words.operands);
    let targets = into_directory(reader, entries, &filled.entries, &words.operands);
    for (index, (value, entry)) in words.operands.iter().zip(&filled.entries).enumerate() {
        let Some(entry) = entry.and_then(|index| entries.get(index)) else {
            reader.gap(GapKind::Partial, format!("`{}` is one operand too many", shown(value)), value.span);
            reader.unexplained(value);
            continue;
        };
        objects.note(&entry.role, value);
        match &targets {
            Some(targets) if entry.role == Role::Write && entry.count == Count::One => {
                for target in targets {
                    reader.writes(target, Flags::default());
                }
            }
            _ => reader.role(&entry.role, entry.at_role.as_ref(), value, Flags::default()),
        }
        if tool.runner && entry.role == Role::Text {
            let before = index.checked_sub(1).and_then(|index| words.operands.get(index));
            passed_on(reader, value, before);
        }
        let last = matches!(entry.count, Count::Any | Count::Many) && entries.last() == Some(entry);
        if value.many && may_be_option(value) && !last {
            // It may be any number of words: the rest of the entries may be filled from it too.
            for other in entries.iter().filter(|other| *other != entry && !option::prose(&other.role)) {
                objects.note(&other.role, value);
                reader.role(&other.role, other.at_role.as_ref(), value, Flags::default());
            }
        }
    }
    let many = words.operands.iter().any(|operand| operand.many);
    if let Some(missing) = filled.missing.and_then(|index| entries.get(index)) {
        if !many && words.carried.is_none() && reader.reading.payloads.is_empty() && !reader.harmless {
            let at = reader.at;
            reader.gap(GapKind::Partial, format!("an operand is missing ({:?})", missing.role).to_lowercase(), at);
        }
    }
    if reader.harmless {
        return;
    }
    // An interpreter without a script and without code reads its code from standard input.
    let coded = reader.reading.effects.iter().any(|effect| effect.kind == EffectKind::Executes)
        || !reader.reading.payloads.is_empty();
    for (index, entry) in entries.iter().enumerate() {
        if let (Role::Script(language), Count::Optional, false) = (&entry.role, entry.count, coded)
            && !filled.entries.contains(&Some(index))
            && entries.len() <= 2
        {
            reader.code_stdin(language);
        }
        if let (Role::Code(language), Count::Any, false) = (&entry.role, entry.count, coded)
            && language == "sql"
            && !filled.entries.contains(&Some(index))
        {
            reader.code_stdin(language);
        }
        let Some(default) = &entry.default else { continue };
        if filled.entries.contains(&Some(index)) || default.starts_with('@') {
            continue;
        }
        let value = Value::known(default.as_bytes()).at(reader.at);
        objects.note(&entry.role, &value);
        reader.role(&entry.role, None, &value, Flags::default());
    }
}

/// Options of test runners and builders that choose code, as a package's script hands them on.
const CODE: &[&str] = &[
    "config",
    "config-file",
    "configFile",
    "globalSetup",
    "globalTeardown",
    "import",
    "loader",
    "plugin",
    "plugins",
    "preload",
    "preset",
    "reporter",
    "reporters",
    "require",
    "resolver",
    "rootDir",
    "runner",
    "setupFiles",
    "setupFilesAfterEnv",
    "testEnvironment",
    "transform",
];

/// What a runner hands to the project's code: a path that leaves the workspace does not go unseen. `before`: the word in front.
pub(super) fn passed_on(reader: &mut Reader<'_>, value: &Value, before: Option<&Value>) {
    let text = value.prefix();
    let sign = text.iter().position(|byte| *byte == b'=').filter(|_| text.starts_with(b"-"));
    let path = super::reader::tail(value, sign.map_or(0, |at| at + 1));
    let option = match sign {
        Some(at) => text.get(..at).unwrap_or_default(),
        None => before.map_or(&b""[..], |word| word.prefix()),
    };
    let option = option.strip_prefix(b"--").unwrap_or_default();
    // Its server is told to serve every network.
    let host = path.display();
    let everywhere = [&b"0.0.0.0"[..], b"[::]", b"tcp://0.0.0.0", b"http://0.0.0.0"];
    let port = |rest: &[u8]| rest.is_empty() || rest.starts_with(b":") || rest.starts_with(b"/");
    if everywhere.iter().any(|all| host.strip_prefix(*all).is_some_and(port)) {
        let host = Value::known("0.0.0.0");
        reader.effect(EffectKind::Listens, Object::Host(host), value);
    }
    let home = reader.around.world.home();
    let climbs = path.prefix().starts_with(b"../");
    if (climbs || path.prefix().starts_with(b"/")) && CODE.iter().any(|known| known.as_bytes() == option) {
        let object = native(CodeOrigin::File(path::absolute(&reader.cwd, &path)));
        reader.effect(EffectKind::Executes, object, value);
    }
    if climbs || home.is_some_and(|home| path::within(path.prefix(), &home)) {
        reader.reads(&path, Flags::default());
    }
}

/// `cp a b dir`: what is written is `dir/a` and `dir/b`, where dir is a directory.
fn into_directory(
    reader: &Reader<'_>,
    entries: &[Operand],
    filled: &[Option<usize>],
    operands: &[Value],
) -> Option<Vec<Value>> {
    let at = entries.iter().position(|entry| entry.role == Role::Write && entry.count == Count::One)?;
    let target = operands.iter().zip(filled).find(|(_, entry)| **entry == Some(at)).map(|(value, _)| value)?;
    let absolute = path::absolute(&reader.cwd, target);
    if reader.around.world.kind(absolute.text()?) != crate::action::world::FileKind::Directory {
        return None;
    }
    let sources: Vec<&Value> = operands
        .iter()
        .zip(filled)
        .filter(|(_, entry)| entry.is_some_and(|entry| entry < at))
        .map(|(value, _)| value)
        .collect();
    // rsync puts what is in `dir/` itself there.
    let spills = reader.reading.program.as_deref() == Some(b"rsync");
    let mut targets = Vec::with_capacity(sources.len());
    for source in sources {
        let inside = absolute.clone().at(target.span);
        let named = |path: &[u8]| {
            let mut file = inside.clone();
            file.push_known(b"/");
            file.push_known(path::base(path));
            file
        };
        match source.text() {
            Some(text) if spills && text.ends_with(b"/") => targets.push(inside),
            Some(text) => targets.push(named(text)),
            // Where a glob's names are not known the directory itself is what is written to.
            None => match crate::action::walk::pattern::matching(reader.around.world, &reader.cwd, source) {
                Some(paths) => targets.extend(paths.iter().map(|path| named(path))),
                None => {
                    let mut inside = inside;
                    inside.add_taint(&source.taint);
                    targets.push(inside);
                }
            },
        }
    }
    (!targets.is_empty()).then_some(targets)
}

fn carried(reader: &mut Reader<'_>, tool: &ToolCommand, entry: usize, argv: &[Value]) {
    if !reader.reading.payloads.is_empty() && reader.reading.options.iter().any(|(name, _)| name == "--split-string") {
        return;
    }
    // `exec NAME -- COMMAND`: no program has the name `--`.
    let ended = argv.first().is_some_and(|word| word.text() == Some(b"--"));
    let mut argv = argv.get(usize::from(ended)..).unwrap_or_default().to_vec();
    if tool.operands.get(entry).is_some_and(|operand| operand.role == Role::PayloadStdin) {
        let mut rest = Value::hole(special::fed(reader), Bound::Anything).at(reader.at);
        rest.many = true;
        argv.push(rest);
    }
    if special::joins(reader, argv.len()) {
        let mut text = Value::default().at(reader.at);
        for (index, word) in argv.iter().enumerate() {
            if index > 0 {
                text.push_known(b" ");
            }
            text.push(word);
        }
        text.many = false;
        return reader.shell(text, Vec::new(), crate::parse::Dialect::Sh);
    }
    // `flock FILE -c 'text'`
    if let [dash, text] = argv.as_slice()
        && dash.text() == Some(b"-c")
    {
        return reader.command(&text.clone());
    }
    reader.payload(argv);
}

/// One declared effect with its objects.
fn declare(reader: &mut Reader<'_>, declared: &DeclaredEffect, objects: &Objects, flags: Flags) {
    let kind = declared.kind;
    if let Some(object) = &declared.object {
        let object = named(reader, kind, object);
        let origin = match &object {
            Object::Ref(value) => value.clone().at(reader.at),
            _ => Value::default().at(reader.at),
        };
        reader.effect_with(kind, object, &origin, flags, Feed::default());
        return;
    }
    let targets: &[Value] = match kind {
        EffectKind::Reads
        | EffectKind::Names
        | EffectKind::Writes
        | EffectKind::Overwrites
        | EffectKind::Deletes
        | EffectKind::Permits
        | EffectKind::Executes => &objects.paths,
        EffectKind::Signals => &objects.processes,
        EffectKind::Installs => &objects.packages,
        EffectKind::Commits | EffectKind::Publishes | EffectKind::Rewrites => &objects.refs,
        EffectKind::Connects if objects.hosts => return,
        _ => &[],
    };
    for value in targets {
        let (kind, object) = match kind {
            EffectKind::Signals => (kind, Object::Process(value.clone())),
            EffectKind::Installs => (kind, package(reader, value)),
            EffectKind::Commits | EffectKind::Publishes | EffectKind::Rewrites => (kind, Object::Ref(value.clone())),
            EffectKind::Executes => (kind, native(CodeOrigin::File(path::absolute(&reader.cwd, value)))),
            _ => (kind, reader.path(value)),
        };
        reader.effect_with(kind, object, value, flags, Feed::default());
    }
    if targets.is_empty() {
        // Files were named by other roles, or it is standard input that is read.
        let named = match kind {
            EffectKind::Reads | EffectKind::Names => true,
            EffectKind::Writes | EffectKind::Overwrites => {
                reader.has(EffectKind::Writes) || reader.has(EffectKind::Overwrites)
            }
            EffectKind::Deletes | EffectKind::Permits => reader.has(kind),
            _ => false,
        };
        if named {
            return;
        }
        let feed = Feed { stdin: kind == EffectKind::Sends && reader.stdin, ..Feed::default() };
        let object = if kind == EffectKind::Executes { native(CodeOrigin::Workspace) } else { Object::None };
        let origin = Value::default().at(reader.at);
        if kind == EffectKind::Sends {
            return sends(reader, flags);
        }
        reader.effect_with(kind, object, &origin, flags, feed);
    }
}

/// What is sent goes to the hosts that are named, and consists of the files that are read.
fn sends(reader: &mut Reader<'_>, flags: Flags) {
    let mut feed = Feed { stdin: reader.stdin, ..Feed::default() };
    let mut host = Object::None;
    let mut certain = Value::default().at(reader.at);
    // Programs that only carry what they are given (`nc`) send their standard input.
    let reads = reader.has(EffectKind::Reads);
    let valued = reader.reading.options.iter().any(|(_, value)| value.is_some());
    feed.stdin |= !reads && !valued || special::carries_stdin(reader.reading.program.as_deref().unwrap_or_default());
    for effect in &reader.reading.effects {
        match (&effect.kind, &effect.object) {
            (EffectKind::Reads, Object::Path { path, .. }) => feed.files.extend(path.text().map(<[u8]>::to_vec)),
            (EffectKind::Connects, object) if host == Object::None => host = object.clone(),
            _ => {}
        }
    }
    for (_, value) in &reader.reading.options {
        if let Some(value) = value {
            certain.add_taint(&value.taint);
        }
    }
    reader.effect_with(EffectKind::Sends, host, &certain, flags, feed);
}

/// Operands of role `package` are installed, unless the tool does something else with them.
fn packages(reader: &mut Reader<'_>, objects: &Objects) {
    let other = |reader: &Reader<'_>| {
        [EffectKind::Configures, EffectKind::Modifies, EffectKind::Deletes, EffectKind::Publishes, EffectKind::Writes]
            .into_iter()
            .any(|kind| reader.has(kind))
    };
    if objects.packages.is_empty() || reader.has(EffectKind::Installs) || other(reader) {
        return;
    }
    for value in &objects.packages {
        let object = package(reader, value);
        reader.effect(EffectKind::Installs, object, value);
    }
}

/// A package with its source.
fn package(reader: &Reader<'_>, value: &Value) -> Object {
    let text = value.prefix();
    let contains = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
    let source =
        if text.starts_with(b"git+") || contains(b"git@") || text.ends_with(b".git") || text.starts_with(b"github:") {
            "git"
        } else if contains(b"://") {
            "url"
        } else if text.starts_with(b".") || text.starts_with(b"/") || text.starts_with(b"file:") {
            "path"
        } else {
            "registry"
        };
    let name = if source == "path" { path::absolute(&reader.cwd, value) } else { value.clone() };
    Object::Package { name, source }
}

/// The object a declared effect names.
fn named(reader: &Reader<'_>, kind: EffectKind, text: &str) -> Object {
    match text {
        "@branch" => return Object::Ref(special::git::branch(reader)),
        "@upstream" | "@origin" => {
            let name = Value::known("origin");
            let host = special::git::remote_host(reader, &name);
            return Object::Remote { name, host };
        }
        _ => {}
    }
    match kind {
        EffectKind::Executes if text == "workspace" => native(CodeOrigin::Workspace),
        EffectKind::Reads
        | EffectKind::Names
        | EffectKind::Writes
        | EffectKind::Overwrites
        | EffectKind::Deletes
        | EffectKind::Permits
        | EffectKind::Executes => declared_path(reader, text),
        EffectKind::Connects | EffectKind::Sends | EffectKind::Listens => Object::Host(Value::known(text.as_bytes())),
        _ => Object::Named(Value::known(text.as_bytes())),
    }
}

/// A scope's name or a path pattern as a path.
fn declared_path(reader: &Reader<'_>, text: &str) -> Object {
    let home = reader.around.world.home().unwrap_or_else(|| b"/root".to_vec());
    let below = |suffix: &[u8]| Value::known([home.as_slice(), suffix].concat());
    let path = match text {
        "workspace" => reader.cwd.clone(),
        "sensitive" => path::absolute(&reader.cwd, &Value::known("Makefile")),
        "temp" => Value::known("/tmp/declared"),
        "cache" => below(b"/.cache/declared"),
        "home" => below(b"/declared"),
        "system" => Value::known("/etc/declared"),
        "credential" => below(b"/.ssh/id_rsa"),
        "device" => Value::known("/dev/declared"),
        _ => match text.strip_prefix("~/") {
            Some(rest) => below(&[b"/", rest.as_bytes()].concat()),
            None => path::absolute(&reader.cwd, &Value::known(text.as_bytes())),
        },
    };
    Object::Path { path, as_written: text.as_bytes().to_vec() }
}

fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&value.display()).into_owned()
}
