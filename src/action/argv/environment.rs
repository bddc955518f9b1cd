//! Variables of the line that make a program execute something.

use super::plain_options::loads_nothing;
use super::reader::{Levels, Reader};
use super::special;
use crate::action::tool::Role;
use crate::action::{GapKind, Seen, Value};

/// Names that make any program load or run something.
const LOADERS: &[&str] = &["LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH"];

/// Names that some programs obey: the variable, the programs, whether its value is a command.
const OBEYED: &[(&str, &[&str], bool)] = &[
    ("BASH_ENV", &["bash", "sh"], false),
    ("ENV", &["sh", "dash", "ash", "ksh"], false),
    ("PYTHONSTARTUP", &["python", "python3"], false),
    ("PYTHONHOME", &["python", "python3", "pytest", "pip"], false),
    ("NODE_OPTIONS", &["node", "npm", "npx", "yarn", "pnpm", "jest", "tsc", "vite", "next"], false),
    ("PERL5OPT", &["perl", "prove"], false),
    ("PERL5LIB", &["perl", "prove"], false),
    ("RUBYOPT", &["ruby", "rake", "bundle", "rspec", "gem"], false),
    ("JAVA_TOOL_OPTIONS", &["java", "javac", "mvn", "gradle"], false),
    ("MAVEN_OPTS", &["mvn", "mvnw"], false),
    ("GRADLE_OPTS", &["gradle", "gradlew"], false),
    ("JAVA_OPTS", &["gradle", "gradlew", "sbt", "scala"], false),
    ("SBT_OPTS", &["sbt"], false),
    ("GIT_SSH_COMMAND", &["git"], true),
    ("GIT_SSH", &["git"], true),
    ("GIT_EXTERNAL_DIFF", &["git"], true),
    ("GIT_PAGER", &["git"], true),
    ("GIT_EDITOR", &["git"], true),
    ("GIT_SEQUENCE_EDITOR", &["git"], true),
    ("GIT_ASKPASS", &["git"], true),
    ("GIT_PROXY_COMMAND", &["git"], true),
    ("GIT_EXEC_PATH", &["git"], false),
    ("GIT_DIR", &["git"], false),
    ("GIT_CONFIG_COUNT", &["git"], false),
    ("GIT_CONFIG_GLOBAL", &["git"], false),
    ("GIT_CONFIG_SYSTEM", &["git"], false),
    ("GIT_CONFIG_PARAMETERS", &["git"], false),
    ("GIT_TEMPLATE_DIR", &["git"], false),
    ("SSH_ASKPASS", &["git", "ssh", "scp", "sftp"], true),
    ("PAGER", &["git", "man", "gh", "psql", "systemctl", "journalctl", "bat", "aws"], true),
    ("MANPAGER", &["man"], true),
    ("EDITOR", &["git", "crontab", "visudo", "kubectl", "gh", "sudoedit"], true),
    ("VISUAL", &["git", "crontab", "visudo", "kubectl", "gh", "sudoedit"], true),
    ("BROWSER", &["gh", "git", "npm", "man", "python3", "python", "cargo", "go", "rustup", "xdg-open"], true),
    ("LESSOPEN", &["less", "git", "man"], false),
    ("RUSTC_WRAPPER", &["cargo"], true),
    ("RUSTC_WORKSPACE_WRAPPER", &["cargo"], true),
    ("RUSTC", &["cargo"], true),
    ("npm_config_script_shell", &["npm", "npx", "yarn", "pnpm"], true),
    ("TAR_OPTIONS", &["tar"], false),
    ("RSYNC_RSH", &["rsync"], true),
    ("RIPGREP_CONFIG_PATH", &["rg"], false),
    ("GIT_COMMON_DIR", &["git"], false),
    ("MAKE", &["make"], true),
    ("GRAPHVIZ_DOT", &["plantuml"], true),
    ("CARGO_BUILD_RUSTDOC", &["cargo"], true),
    ("GOINSECURE", &["go"], false),
    ("GONOSUMDB", &["go"], false),
    ("GONOSUMCHECK", &["go"], false),
    ("ACKRC", &["ag"], false),
];

/// Programs that build by the compiler a variable names.
const BUILDERS: &[&str] =
    &["cargo", "go", "cmake", "meson", "ninja", "npm", "node-gyp", "pip", "uv", "gem", "bundle", "gradle"];

/// Options in a variable, and the words in them that name something to execute.
const OPTIONS: &[(&str, &[&str], &[&str])] = &[
    ("GOFLAGS", &["go"], &["exec", "tool=", "overlay"]),
    ("RUSTFLAGS", &["cargo", "rustc"], &["link", "codegen-backend", "@"]),
    ("CARGO_ENCODED_RUSTFLAGS", &["cargo"], &["link", "codegen-backend", "@"]),
    ("RUSTDOCFLAGS", &["cargo", "rustdoc"], &["test-builder", "runtool", "link"]),
    ("MAKEFLAGS", &["make", "gmake"], &["eval", "file", "SHELL", "-f", "-C", "E "]),
    ("GNUMAKEFLAGS", &["make", "gmake"], &["eval", "file", "SHELL", "-f", "-C", "E "]),
    ("CC", BUILDERS, &["/", " ", "$", "`", ";"]),
    ("CXX", BUILDERS, &["/", " ", "$", "`", ";"]),
    ("LD", BUILDERS, &["/", " ", "$", "`", ";"]),
    ("CARGO_HOME", &["cargo", "rustup"], &[""]),
    (
        "PYTEST_ADDOPTS",
        &["pytest", "py.test", "python", "python3"],
        &["-p", "-c", "--rootdir", "--confcutdir", "pythonpath"],
    ),
    ("GOSUMDB", &["go"], &["off"]),
    ("CGO_LDFLAGS", &["go"], &["-B", "fuse-ld"]),
    ("LDFLAGS", &["make", "go", "cmake", "meson", "cargo"], &["-B", "-fuse-ld=.", "-fuse-ld=/"]),
    ("UV_PROJECT_ENVIRONMENT", &["uv"], &["/tmp/", "../"]),
    ("DOCKER_HOST", &["docker", "docker-compose"], &[""]),
    ("DOCKER_CONTEXT", &["docker", "docker-compose"], &[""]),
    ("CONTAINER_HOST", &["podman"], &[""]),
];

/// Looks at the variables the program obeys: those that the line sets.
pub(super) fn check(reader: &mut Reader<'_>, levels: &Levels) {
    if !reader.around.sets {
        return;
    }
    for name in LOADERS {
        if let Seen::Line(_) = (reader.around.variables)(name.as_bytes()) {
            reader.gap(GapKind::ExecutionKey, format!("{name} is loaded into the program"), reader.at);
        }
    }
    let program = reader.reading.program.clone().unwrap_or_default();
    for (name, programs, command) in OBEYED {
        let Seen::Line(value) = (reader.around.variables)(name.as_bytes()) else { continue };
        if !programs.iter().any(|known| known.as_bytes() == program.as_slice()) {
            continue;
        }
        if loads_nothing(name.as_bytes(), &value) {
            continue;
        }
        if *command {
            special::config_command(reader, &value);
        } else if value.text() != Some(b"") {
            reader.gap(GapKind::ExecutionKey, format!("{name} may make it execute something"), reader.at);
            special::config_supposed(reader, &value);
        }
    }
    for (name, programs, telling) in OPTIONS {
        let Seen::Line(value) = (reader.around.variables)(name.as_bytes()) else { continue };
        if !programs.iter().any(|known| known.as_bytes() == program.as_slice()) {
            continue;
        }
        let harmless = value.text().is_some_and(|text| {
            let text = String::from_utf8_lossy(text);
            text.is_empty() || !telling.iter().any(|word| text.contains(word))
        });
        if !harmless {
            reader.gap(GapKind::ExecutionKey, format!("{name} may make it execute something"), reader.at);
        }
    }
    for (name, role) in levels.iter().flat_map(|level| &level.environment) {
        let listed = OBEYED.iter().any(|(known, ..)| known == name);
        let Seen::Line(value) = (reader.around.variables)(name.as_bytes()) else { continue };
        match role {
            _ if listed => {}
            Role::Command => special::config_command(reader, &value),
            // A list of directories to load code from.
            Role::CodeDir => {
                for directory in value.prefix().split(|byte| *byte == b':').filter(|part| !part.is_empty()) {
                    let directory = Value::known(directory).at(value.span);
                    reader.role(role, None, &directory, crate::action::Flags::default());
                }
            }
            role => reader.role(role, None, &value, crate::action::Flags::default()),
        }
    }
}
