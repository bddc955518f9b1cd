//! make's and cmake's variables: those that choose the shell or a tool name a command, and make expands what is in them.

use super::super::reader::{Reader, tail};
use super::super::split::Words;
use crate::action::tool::Role;
use crate::action::{Bound, Flags, GapKind, Part, Seen, Value};

/// Variables whose value make always runs.
const SHELLS: &[&[u8]] = &[b"SHELL", b".SHELLFLAGS", b"MAKEFLAGS", b"MAKEFILES", b"MAKE", b"GNUMAKEFLAGS"];
/// Variables whose value the usual rules run.
const TOOLS: &[&[u8]] = &[
    b"CC",
    b"CXX",
    b"CPP",
    b"LD",
    b"AR",
    b"AS",
    b"FC",
    b"RM",
    b"INSTALL",
    b"LEX",
    b"YACC",
    b"GO",
    b"CARGO",
    b"PYTHON",
    b"HOSTCC",
    b"HOSTCXX",
    b"HOSTLD",
    b"CROSS_COMPILE",
    b"RANLIB",
    b"STRIP",
    b"NM",
    b"OBJCOPY",
    b"OBJDUMP",
    b"PKG_CONFIG",
    b"PROTOC",
    b"CMAKE",
    b"CTEST",
    b"NINJA",
    b"NODE",
    b"NPM",
    b"NPX",
    b"YARN",
    b"PNPM",
    b"BUN",
    b"DENO",
    b"PIP",
    b"PYTEST",
    b"POETRY",
    b"UV",
    b"RUSTC",
    b"RUSTUP",
    b"GOFMT",
    b"GOTEST",
    b"JAVA",
    b"JAVAC",
    b"MVN",
    b"GRADLE",
    b"RUBY",
    b"BUNDLE",
    b"RAKE",
    b"PERL",
    b"PHP",
    b"COMPOSER",
    b"DOCKER",
    b"PODMAN",
    b"COMPOSE",
    b"DOCKER_COMPOSE",
    b"KUBECTL",
    b"HELM",
    b"TERRAFORM",
    b"ANSIBLE",
    b"AWS",
    b"GCLOUD",
    b"GIT",
    b"SSH",
    b"SCP",
    b"RSYNC",
    b"CURL",
    b"WGET",
    b"TAR",
    b"SED",
    b"AWK",
    b"GREP",
    b"FIND",
    b"XARGS",
    b"CP",
    b"MV",
    b"LN",
    b"MKDIR",
    b"CAT",
    b"ECHO",
    b"BASH",
    b"SH",
    b"SUDO",
    b"EDITOR",
    b"VISUAL",
    b"PAGER",
    b"BROWSER",
    b"SHELLCHECK",
    b"CLANG_FORMAT",
    b"LAUNCHER",
    b"WRAPPER",
    b"RUNNER",
    b"EXEC",
    b"CMD",
    b"COMMAND",
];

/// Reads what an assignment makes it run. A bare name of a tool (`CC=clang`) is an everyday choice.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    for operand in &words.operands {
        let prefix = operand.prefix();
        let Some(equals) = prefix.iter().position(|byte| *byte == b'=') else { continue };
        let name = prefix.get(..equals).unwrap_or_default();
        let name = name.strip_suffix(b":").unwrap_or(name);
        // `NAME!=COMMAND` is run at once.
        if name.ends_with(b"!") {
            super::config_command(reader, &tail(operand, equals + 1));
            continue;
        }
        let name = name.strip_suffix(b"+").or_else(|| name.strip_suffix(b"?")).unwrap_or(name);
        variable(reader, name, &tail(operand, equals + 1));
    }
    for name in TOOLS {
        if let Seen::Line(value) = (reader.around.variables)(name) {
            variable(reader, name, &value);
        }
    }
}

fn variable(reader: &mut Reader<'_>, name: &[u8], value: &Value) {
    let holds = |bytes: &[u8]| value.text().is_none_or(|text| text.iter().any(|byte| bytes.contains(byte)));
    if SHELLS.contains(&name) || TOOLS.contains(&name) && holds(b"/ $`;|&\n") {
        return super::config_command(reader, value);
    }
    let Some(text) = value.text() else { return };
    let has = |part: &&str| text.windows(part.len()).any(|window| window == part.as_bytes());
    let loads = [
        "plugin",
        "dynamic-linker",
        "-Wl,-I",
        "-wrapper",
        "-specs",
        "-fuse-ld=.",
        "-fuse-ld=/",
        "--ld-path",
        "-Xclang",
        "linker=",
        "-toolexec",
        "-exec",
        " @",
    ];
    if name.ends_with(b"FLAGS") && loads.iter().any(has) {
        reader.gap(GapKind::ExecutionKey, "flags that make a compiler load something", value.span);
    }
    // make expands a value where it is used: `$(shell …)` runs then, and so does what a recipe's shell finds in it.
    let calls =
        [&b"$(shell"[..], b"${shell", b"$(eval", b"${eval", b"$(file", b"${file", b"$(call", b"$(guile", b"$(load"];
    if calls.iter().any(|call| text.windows(call.len()).any(|window| window == *call)) {
        let at = text.iter().position(|byte| *byte == b' ').unwrap_or(0);
        let inner = text.get(at..).unwrap_or_default();
        let inner = inner.strip_suffix(b")").or_else(|| inner.strip_suffix(b"}")).unwrap_or(inner);
        reader.command(&Value::known(inner).at(value.span));
        reader.gap(GapKind::ExecutionKey, "make expands this into a command", value.span);
    } else if text.iter().any(|byte| matches!(byte, b'`' | b';' | b'|' | b'\n')) {
        // It stands behind the words of a recipe.
        reader.command(&Value::known([b": ", text].concat()).at(value.span));
        reader.gap(GapKind::ExecutionKey, "a recipe's shell would run what is in this value", value.span);
    } else if let Some(first) = text.split(u8::is_ascii_whitespace).next().filter(|first| first.len() < text.len()) {
        // A value of several words that begins with a program is a command.
        let program = matches!(first, b"sh" | b"bash" | b"zsh" | b"dash" | b"python3" | b"node" | b"perl")
            || reader.around.tools.command(&[first]).is_some();
        if program {
            reader.command(value);
        }
    }
}

/// cmake's `-D NAME[:TYPE]=VALUE`: programs and files of code by their usual names.
pub(super) fn cmake(reader: &mut Reader<'_>, words: &Words) {
    let given: Vec<Value> =
        reader.reading.options.iter().filter(|(name, _)| name == "-D").filter_map(|(_, value)| value.clone()).collect();
    for definition in given {
        let prefix = definition.prefix();
        let Some(equals) = prefix.iter().position(|byte| *byte == b'=') else { continue };
        let name = prefix.get(..equals).unwrap_or_default();
        let name = name.split(|byte| *byte == b':').next().unwrap_or_default();
        let value = tail(&definition, equals + 1);
        let program = [&b"_COMPILER"[..], b"_LINKER", b"MAKE_PROGRAM", b"_EXECUTABLE", b"_AR", b"_RANLIB"];
        if name.ends_with(b"_LAUNCHER") || name.ends_with(b"_EMULATOR") {
            // A list: the program and its first words.
            let words = value.display();
            reader.payload(words.split(|byte| *byte == b';').map(|word| Value::known(word).at(value.span)).collect());
        } else if program.iter().any(|end| name.ends_with(end)) {
            reader.role(&Role::Module("program".to_owned()), None, &value, Flags::default());
        } else if name == b"CMAKE_TOOLCHAIN_FILE"
            || name.starts_with(b"CMAKE_PROJECT_") && name.windows(7).any(|window| window == b"INCLUDE")
            || name.starts_with(b"CMAKE_USER_MAKE_RULES")
        {
            reader.role(&Role::Script("cmake".to_owned()), None, &value, Flags::default());
        }
    }
    if words
        .option("--target")
        .and_then(|given| given.value.as_ref())
        .is_some_and(|target| matches!(target.text(), Some(b"install" | b"install/strip" | b"uninstall" | b"package")))
    {
        reader.own(crate::action::EffectKind::Installs, crate::action::Object::None);
    }
}

/// `-ldflags "-X main.version=$(git describe)"`: a word of the repository's or a number is no option of the linker.
pub(super) fn stamped(reader: &mut Reader<'_>) {
    let flags = reader.reading.options.iter_mut().filter(|(name, _)| name == "-ldflags");
    for value in flags.filter_map(|(_, value)| value.as_mut()) {
        for part in &mut value.parts {
            if matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Number | Bound::Name | Bound::Ref)) {
                *part = Part::known(b"x");
            }
        }
        let settled = value.parts.iter().all(|part| matches!(part, Part::Known(_)));
        if settled {
            *value = Value { taint: value.taint.clone(), ..Value::known(value.display()).at(value.span) };
        }
    }
}

/// What a compiler hands on to its linker (`-Wl,-Map=FILE`, `-Xlinker`): files it writes, code it loads.
pub(super) fn linked(reader: &mut Reader<'_>) {
    let mut handed: Vec<Value> = Vec::new();
    for (name, value) in &reader.reading.options {
        let Some(value) = value else { continue };
        match name.as_str() {
            "-Wl" => {
                let words = value.display();
                let words = words.split(|byte| *byte == b',').filter(|word| !word.is_empty());
                handed.extend(words.map(|word| Value::known(word).at(value.span)));
            }
            "-Xlinker" => handed.push(value.clone()),
            _ => {}
        }
    }
    let mut rest = handed.as_slice();
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        let text = word.prefix();
        let bare = text.strip_prefix(b"--").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
        let end = bare.iter().position(|byte| *byte == b'=');
        let option = bare.get(..end.unwrap_or(bare.len())).unwrap_or_default();
        let writes =
            matches!(option, b"Map" | b"map" | b"o" | b"output" | b"dependency-file" | b"out-implib" | b"output-def");
        // The dynamic linker is run in the program's place.
        let loads =
            matches!(option, b"plugin" | b"load_plugin" | b"load" | b"load-pass-plugin" | b"dynamic-linker" | b"I");
        let reads = matches!(option, b"T" | b"script" | b"version-script" | b"dynamic-list");
        // Where a library is looked for when the program runs.
        let anchors = [&b"@rpath"[..], b"@loader_path", b"@executable_path"];
        if text.starts_with(b"@") && !anchors.iter().any(|anchor| text.starts_with(anchor)) {
            reader.role(&Role::OptionsFile, None, &tail(word, 1), Flags::default());
        }
        // A letter takes its value attached as well: `-I/x/loader`.
        let attached = match text {
            [b'-', letter @ (b'I' | b'o'), _, ..] if !text.starts_with(b"-oformat") => Some(*letter),
            _ => None,
        };
        let (writes, loads) = (writes || attached == Some(b'o'), loads || attached == Some(b'I'));
        if !text.starts_with(b"-") || !writes && !loads && !reads {
            continue;
        }
        let value = match end {
            _ if attached.is_some() => tail(word, 2),
            Some(end) => tail(word, text.len() - bare.len() + end + 1),
            None => {
                let Some((value, after)) = rest.split_first() else { continue };
                rest = after;
                value.clone()
            }
        };
        if writes {
            reader.writes(&value, Flags::default());
        } else if reads {
            reader.reads(&value, Flags::default());
        } else {
            reader.role(&Role::Script("plugin".to_owned()), None, &value, Flags::default());
        }
    }
}
