//! python, node, perl and their like where no declaration says it: `-c`/`-e` code, `-m` modules, scripts, standard input.

use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::tool::Role;
use crate::action::{CodeOrigin, EffectKind, GapKind, Object, Value};

/// Letters that are harmless alone, letters that take a value, letters whose value is code.
struct Shape {
    language: &'static str,
    alone: &'static [u8],
    valued: &'static [u8],
    code: &'static [u8],
    long: &'static [&'static str],
}

fn shape(name: &[u8]) -> Option<Shape> {
    let versioned = |stem: &[u8]| {
        name.strip_prefix(stem).is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
    };
    if versioned(b"python") || versioned(b"pypy") {
        return Some(Shape { language: "python", alone: b"bBdEhiIOPqsSuvVxR", valued: b"WX", code: b"c", long: &[] });
    }
    if versioned(b"node") || name == b"nodejs" {
        let long = &[
            "--eval",
            "--print",
            "--check",
            "--test",
            "--watch",
            "--version",
            "--help",
            "--no-warnings",
            "--trace-warnings",
            "--expose-gc",
            "--enable-source-maps",
            "--experimental-strip-types",
            "--input-type=module",
            "--input-type=commonjs",
            "--experimental-vm-modules",
        ];
        return Some(Shape { language: "node", alone: b"vhic", valued: b"", code: b"ep", long });
    }
    if versioned(b"perl") {
        return Some(Shape { language: "perl", alone: b"wWnpaltTUvcs0", valued: b"", code: b"eE", long: &[] });
    }
    if versioned(b"ruby") {
        let long = &["--disable-gems", "--yjit", "--jit", "--verbose", "--copyright"];
        return Some(Shape { language: "ruby", alone: b"wvcnpalUh0", valued: b"EK", code: b"e", long });
    }
    None
}

/// Reads an interpreter's argv. Gives whether it was one that has no declaration.
pub(super) fn read(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) -> bool {
    let Some(shape) = shape(name) else { return false };
    // python's `-m` ends its options and perl wraps code in loops: no declaration can say that. The others can.
    if shape.language == "node" && reader.around.tools.command(&[name]).is_some() {
        return false;
    }
    reader.reading.program = Some(declared_name(reader, name, shape.language));
    let mut rest = argv.get(1..).unwrap_or_default();
    let mut ran = false;
    let mut edits: Option<&[u8]> = None;
    let mut checks = false;
    let mut asks = false;
    while let Some((word, after)) = rest.split_first() {
        let text = word.prefix();
        if !text.starts_with(b"-") || word.text() == Some(b"-") {
            break;
        }
        rest = after;
        if text.starts_with(b"--") {
            let Some(text) = word.text() else {
                reader.gap(GapKind::DynamicWord, "an interpreter's option is known only when it runs", word.span);
                continue;
            };
            match text {
                b"--" => break,
                b"--version" | b"--help" => {
                    reader.harmless = true;
                    return true;
                }
                b"--eval" | b"--print" if shape.language == "node" => {
                    if let Some((code, after)) = rest.split_first() {
                        reader.code(shape.language, code);
                        rest = after;
                        ran = true;
                    }
                }
                b"--check" => checks = true,
                b"--test" if shape.language == "node" => {
                    reader.reading.runner = true;
                    ran = true;
                    reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
                }
                _ if shape.long.iter().any(|known| known.as_bytes() == text) => {}
                _ => reader.gap(GapKind::UnknownOption, String::from_utf8_lossy(text), word.span),
            }
            continue;
        }
        let mut at = 1;
        while let Some(letter) = text.get(at) {
            at += 1;
            let attached = text.len() > at || word.text().is_none();
            let mut value = || {
                if attached {
                    return Some(super::super::reader::tail(word, at));
                }
                let (first, after) = rest.split_first()?;
                rest = after;
                Some(first.clone())
            };
            if shape.language == "python" && *letter == b'm' {
                if let Some(module) = value() {
                    let arguments = rest.to_vec();
                    self::module(reader, &module, &arguments);
                }
                return true;
            }
            if shape.language == "node" && text == b"-pe" {
                continue_node_print(reader, &mut rest, &mut ran);
                break;
            }
            if shape.code.contains(letter) {
                if let Some(code) = value() {
                    reader.code(shape.language, &code);
                    ran = true;
                }
                break;
            }
            if shape.valued.contains(letter) {
                let given = value();
                // `-W action::module.Class`: the class of a warning is loaded from its module.
                let loads = *letter == b'W'
                    && given.as_ref().is_some_and(|filter| {
                        filter.text().is_none_or(|text| {
                            text.split(|byte| *byte == b':').nth(2).is_some_and(|class| class.contains(&b'.'))
                        })
                    });
                if loads {
                    reader.gap(GapKind::Partial, "the module of a warning is loaded", word.span);
                }
                break;
            }
            if matches!(shape.language, "perl" | "ruby") {
                match letter {
                    b'i' => {
                        edits = text.get(at..);
                        // `-i.bak` keeps a copy beside the file; a directory or a star puts it elsewhere.
                        if text.get(at..).is_some_and(|tail| tail.contains(&b'/') || tail.contains(&b'*')) {
                            reader.gap(GapKind::Partial, "copies go elsewhere", word.span);
                        }
                        break;
                    }
                    b'M' | b'm' if shape.language == "perl" => {
                        library(reader, shape.language, value());
                        break;
                    }
                    b'r' if shape.language == "ruby" => {
                        library(reader, shape.language, value());
                        break;
                    }
                    b'I' if shape.language == "ruby" => {
                        if let Some(directory) = value() {
                            reader.role(&Role::CodeDir, None, &directory, crate::action::Flags::default());
                        }
                        break;
                    }
                    b'C' if shape.language == "ruby" => {
                        if let Some(directory) = value() {
                            reader.moves(&directory);
                        }
                        break;
                    }
                    // `-W0`, `-W:no-deprecated`
                    b'W' if shape.language == "ruby" => break,
                    b'F' => {
                        let split = value();
                        let plain = split.as_ref().and_then(Value::text).is_some_and(|text| !text.contains(&b'{'));
                        if !plain {
                            reader.gap(GapKind::Partial, "a pattern that may hold code", word.span);
                        }
                        break;
                    }
                    // A record separator or line ending in digits may be followed by more letters.
                    b'l' | b'0' => {
                        while text.get(at).is_some_and(|byte| byte.is_ascii_hexdigit() && byte.is_ascii_digit()) {
                            at += 1;
                        }
                        continue;
                    }
                    b'C' if shape.language == "perl" => break,
                    _ => {}
                }
            }
            if matches!(letter, b'V' | b'h') && shape.language == "python" && text.len() == 2 {
                reader.harmless = true;
                return true;
            }
            // `-i`: whatever else ran, standard input is read for more.
            asks |= *letter == b'i' && shape.language == "python";
            if *letter == b'v' && argv.len() == 2 {
                reader.harmless = true;
                return true;
            }
            // Perl runs BEGIN blocks and `use` before it says that the rest is well-formed.
            if *letter == b'c' && matches!(shape.language, "node" | "ruby") {
                checks = true;
            }
            if !shape.alone.contains(letter) {
                reader.gap(GapKind::UnknownOption, String::from_utf8_lossy(text), word.span);
                break;
            }
        }
        if ran && shape.language == "python" {
            break;
        }
    }
    reader.reading.operands = rest.to_vec();
    if asks && (ran || !rest.is_empty()) {
        reader.code_stdin(shape.language);
    }
    match rest.split_first() {
        Some((script, arguments)) if !ran => {
            let base = crate::action::path::base(script.prefix()).to_vec();
            let declared = base == b"manage.py" && script.text().is_some();
            if checks {
                reader.reads(script, crate::action::Flags::default());
            } else if declared && asks_help(arguments) {
                // It loads the project's settings to say what it can do.
                reader.reading.runner = true;
                reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
            } else if let (true, Some((first, _))) = (declared, arguments.split_first())
                && let Some(sub) = first.text()
                && reader.around.tools.command(&[base.as_slice(), sub]).is_some()
            {
                // A project's own command line, of which the harmless verbs are known.
                let mut argv = vec![Value::known(base).at(script.span)];
                argv.extend_from_slice(arguments);
                reader.payload(argv);
            } else {
                reader.script(shape.language, script, arguments.to_vec());
            }
        }
        None if !ran => reader.code_stdin(shape.language),
        // `perl -pe code FILES`: the rest are files; elsewhere they are arguments, which may be files too.
        _ if matches!(shape.language, "perl" | "ruby") => {
            for file in rest {
                // The loop opens names the old way: `id|` runs, `>x` writes.
                let name = file.text().unwrap_or_default().trim_ascii();
                if name.ends_with(b"|") || name.starts_with(b"|") || name.starts_with(b">") {
                    reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Inline));
                    reader.gap(GapKind::Partial, "a file name that Perl takes for a command", file.span);
                }
                if let Some(suffix) = edits {
                    // As sed does it: what is there is changed, not replaced.
                    let object = reader.path(file);
                    reader.effect(EffectKind::Writes, object, file);
                    if let Some(file) = file.text().filter(|_| !suffix.is_empty()) {
                        let copy = super::copy::copy_beside(file, suffix);
                        reader.writes(&Value::known(copy).at(reader.at), crate::action::Flags::default());
                    }
                } else {
                    reader.reads(file, crate::action::Flags::default());
                }
            }
        }
        _ => {
            for argument in rest {
                reader.unexplained(argument);
            }
        }
    }
    true
}

/// `php artisan VERB`, `php bin/console VERB`: a project's own command line, of which the harmless verbs are known.
pub(super) fn verbs(reader: &mut Reader<'_>, words: &Words) {
    let Some((script, arguments)) = words.operands.split_first() else { return };
    let base = crate::action::path::base(script.prefix()).to_vec();
    let own = script.text().is_some() && matches!(base.as_slice(), b"artisan" | b"console");
    // What Composer installed is what it is when it is started by its own name.
    let installed = script.text().is_some_and(|path| {
        let directory = crate::action::path::parent(path);
        directory == b"vendor/bin" || directory.ends_with(b"/vendor/bin")
    });
    // Settings that bound or show, and load nothing.
    let bounds = |(name, value): &(String, Option<Value>)| {
        let named =
            |own: &&str| value.as_ref().and_then(Value::text).is_some_and(|text| text.starts_with(own.as_bytes()));
        name == "-d"
            && [
                "memory_limit=",
                "max_execution_time=",
                "display_errors=",
                "error_reporting=",
                "xdebug.mode=",
                "date.timezone=",
            ]
            .iter()
            .any(named)
    };
    let plain = reader.reading.options.iter().all(bounds);
    if installed && plain && reader.around.tools.command(&[base.as_slice()]).is_some() {
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Executes);
        return reader.payload(words.operands.clone());
    }
    let verb = arguments.first().and_then(Value::text).unwrap_or_default();
    let asks = matches!(verb, b"--version" | b"-V" | b"list") && arguments.len() == 1 || asks_help(arguments);
    if !own || !plain || !(asks || reader.around.tools.command(&[base.as_slice(), verb]).is_some()) {
        return;
    }
    reader.reading.effects.retain(|effect| effect.kind != EffectKind::Executes);
    let mut argv = vec![Value::known(base).at(script.span)];
    argv.extend_from_slice(arguments);
    reader.payload(argv);
}

/// Whether `--help` stands among the options.
fn asks_help(arguments: &[Value]) -> bool {
    arguments.iter().map(Value::text).take_while(|word| *word != Some(b"--")).any(|word| word == Some(b"--help"))
}

/// `-MName=imports`, `-rname`: loads a module of the language's library.
fn library(reader: &mut Reader<'_>, language: &str, name: Option<Value>) {
    let Some(name) = name else { return };
    let text = name.text().unwrap_or_default();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let module = text.split(|byte| *byte == b'=').next().unwrap_or_default();
    let imports = text.get(module.len()..).unwrap_or_default();
    let plain = imports.iter().all(|byte| byte.is_ascii_alphanumeric() || b"=,:_".contains(byte));
    if !plain || !crate::action::code::module_is_known(language, module) {
        reader.gap(GapKind::Partial, "nothing is known of the module it loads", name.span);
        reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Inline));
    }
}

fn continue_node_print(reader: &mut Reader<'_>, rest: &mut &[Value], ran: &mut bool) {
    if let Some((code, after)) = rest.split_first() {
        reader.code("node", code);
        *rest = after;
        *ran = true;
    }
}

/// `python -m NAME`: a declared tool of that name is what runs; a few of the library's are harmless; the rest execute.
fn module(reader: &mut Reader<'_>, module: &Value, arguments: &[Value]) {
    let Some(name) = module.text() else {
        reader.gap(GapKind::DynamicWord, "a module's name is known only when it runs", module.span);
        return;
    };
    match name {
        b"json.tool" => {
            for (index, file) in arguments.iter().filter(|word| !word.prefix().starts_with(b"-")).enumerate() {
                if index == 0 {
                    reader.reads(file, crate::action::Flags::default());
                } else {
                    reader.writes(file, crate::action::Flags::default());
                }
            }
        }
        b"py_compile" | b"compileall" | b"tokenize" | b"ast" | b"dis" | b"tabnanny" | b"this" | b"site"
        | b"sysconfig" | b"platform" | b"symtable" | b"pyclbr" | b"calendar" => {
            for file in arguments.iter().filter(|word| !word.prefix().starts_with(b"-")) {
                reader.reads(file, crate::action::Flags::default());
            }
        }
        b"cProfile" | b"profile" if profiled(reader, module, arguments) => {}
        b"unittest" | b"doctest" | b"cProfile" | b"trace" => {
            reader.reading.runner = name == b"unittest" || name == b"doctest";
            reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
            elsewhere(reader, arguments);
        }
        // It builds the project as its own backend does.
        b"build" => {
            let plain = |word: &Value| {
                let text = word.text().unwrap_or(b"-?");
                matches!(
                    text,
                    b"." | b"-w"
                        | b"-s"
                        | b"-n"
                        | b"-v"
                        | b"-x"
                        | b"--wheel"
                        | b"--sdist"
                        | b"--no-isolation"
                        | b"--skip-dependency-check"
                        | b"--version"
                        | b"--help"
                )
            };
            reader.reading.runner = arguments.iter().all(plain);
            reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
        }
        b"timeit" => timed(reader, module, arguments),
        b"zipfile" | b"tarfile" if matches!(arguments, [flag, _] if matches!(flag.text(), Some(b"-l" | b"--list" | b"-t" | b"--test"))) => {
            if let Some(archive) = arguments.get(1) {
                reader.reads(archive, crate::action::Flags::default());
            }
        }
        b"zipfile" | b"tarfile" if matches!(arguments, [flag, _, _, ..] if matches!(flag.text(), Some(b"-c" | b"--create"))) => {
            for (index, file) in arguments.iter().skip(1).enumerate() {
                if index == 0 {
                    reader.writes(file, crate::action::Flags::default());
                } else {
                    reader.reads(file, crate::action::Flags::default().with(crate::action::Flag::Recursive));
                }
            }
        }
        b"http.server" => {
            let host = Value::known("0.0.0.0");
            let bind =
                arguments.windows(2).find(|pair| matches!(pair.first().and_then(Value::text), Some(b"--bind" | b"-b")));
            let host = bind.and_then(|pair| pair.get(1)).cloned().unwrap_or(host);
            reader.own(EffectKind::Listens, Object::Host(host));
        }
        b"venv" | b"virtualenv" => {
            for directory in arguments.iter().filter(|word| !word.prefix().starts_with(b"-")) {
                reader.writes(directory, crate::action::Flags::default());
            }
        }
        _ => {
            let first = name.split(|byte| *byte == b'.').next().unwrap_or(name);
            if reader.around.tools.command(&[first]).is_some() {
                let mut argv = vec![Value::known(first).at(module.span)];
                argv.extend_from_slice(arguments);
                reader.payload(argv);
                return;
            }
            let shown = String::from_utf8_lossy(name).into_owned();
            reader.gap(GapKind::UnknownProgram, format!("nothing is known of the module `{shown}`"), module.span);
            reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
        }
    }
}

/// What a runner of the library is pointed at: a directory or file that is named as a path is code that runs.
fn elsewhere(reader: &mut Reader<'_>, arguments: &[Value]) {
    let inside = |at: &[u8]| reader.around.world.roots().iter().any(|root| crate::action::path::within(at, root));
    if reader.cwd.text().is_some_and(|at| !inside(at)) {
        let here = Value::known(".").at(reader.at);
        reader.role(&Role::CodeDir, None, &here, crate::action::Flags::default());
    }
    for word in arguments {
        let text = word.prefix();
        let from = match text {
            [b'-', b'-', ..] => text.iter().position(|byte| *byte == b'=').map_or(text.len(), |at| at + 1),
            [b'-', _, ..] => 2,
            _ => 0,
        };
        let value = super::super::reader::tail(word, from);
        let text = value.prefix();
        if value.text().is_none() || text.starts_with(b".") || text.contains(&b'/') {
            reader.role(&Role::CodeDir, None, &value, crate::action::Flags::default());
        }
    }
}

/// `-m cProfile [-o FILE] [-s ORDER] SCRIPT|-m MODULE WORDS`: Python again, and nothing else. Whether it was understood.
fn profiled(reader: &mut Reader<'_>, module: &Value, arguments: &[Value]) -> bool {
    let mut rest = arguments;
    let mut files = Vec::new();
    while let Some((word, after)) = rest.split_first() {
        match word.text() {
            Some(b"-s" | b"--sort") => {}
            Some(b"-o" | b"--outfile") => files.extend(after.first().cloned()),
            Some(b"-m") => break,
            Some([b'-', ..]) | None => return false,
            Some(_) => break,
        }
        rest = after.get(1..).unwrap_or_default();
    }
    if rest.is_empty() {
        return false;
    }
    for file in files {
        reader.writes(&file, crate::action::Flags::default());
    }
    let mut argv = vec![Value::known("python").at(module.span)];
    argv.extend_from_slice(rest);
    reader.payload(argv);
    true
}

/// `-m timeit [options] [-s SETUP] STATEMENTS`: all of it is one code.
fn timed(reader: &mut Reader<'_>, module: &Value, arguments: &[Value]) {
    let mut code = Value::default().at(module.span);
    let mut rest = arguments;
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        let line = match word.prefix() {
            b"-n" | b"-r" | b"-u" | b"--number" | b"--repeat" | b"--unit" => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            b"-s" | b"--setup" => {
                let Some((code, after)) = rest.split_first() else { break };
                rest = after;
                code
            }
            b"-p" | b"-v" | b"--process" | b"--verbose" | b"--" => continue,
            text if text.starts_with(b"-") => {
                reader.gap(GapKind::UnknownOption, String::from_utf8_lossy(text), word.span);
                continue;
            }
            _ => word,
        };
        code.push(line);
        code.push_known(b"\n");
    }
    let computes = code.text().map(|text| crate::action::code::read("python", text));
    if computes.is_some_and(|read| read.proven && read.effects.is_empty()) {
        return reader.code("python", &code);
    }
    reader.own(EffectKind::Executes, super::super::role::native(CodeOrigin::Workspace));
}

/// The name a declaration gives it, else the language's.
fn declared_name(reader: &Reader<'_>, name: &[u8], language: &str) -> Vec<u8> {
    let declared = reader.around.tools.command(&[name]);
    let first = declared.and_then(|tool| tool.path.first().cloned());
    first.unwrap_or_else(|| language.to_owned()).into_bytes()
}
