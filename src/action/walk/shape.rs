//! What a variable of the line does by the shape of its name and value, where no table knows the name: families of tools name
//! their programs, options, directories and files alike (`X_COMMAND`, `X_OPTS`, `X_HOME`, `X_LOG_FILE`).

use super::family;

/// What setting it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Data, as far as its shape goes.
    Plain,
    /// Its value is a command that some program will run.
    Command,
    /// Its value makes some program load code, or fetch it from elsewhere.
    Loads,
    /// Its value is a file or directory that is written.
    Writes,
    /// Its value is a path that leaves where the line works.
    Leaves,
}

/// Endings of names whose value is a program or a command.
const PROGRAMS: &[&str] = &[
    "_COMMAND",
    "_CMD",
    "_PROG",
    "_BIN",
    "_BINARY",
    "_BINARY_PATH",
    "_EXECUTABLE",
    "_EXECUTABLE_PATH",
    "_EXE",
    "_EXE_PATH",
    "_EXEC",
    "_WRAPPER",
    "_LAUNCHER",
    "_COMPILER",
    "_LINKER",
    "_RUNNER",
    "_SHELL",
    "_PYTHON",
    "_PAGER",
    "_EDITOR",
    "_BROWSER",
    "_EXTERNAL_DIFF",
    "_ASKPASS",
    "_RUSTC",
    "_PREFIX_COMMAND",
];

/// Names whose value is a program or a command.
const PROGRAM_NAMES: &[&str] = &[
    "AR",
    "LD",
    "NM",
    "STRIP",
    "RANLIB",
    "CMAKE",
    "PKG_CONFIG",
    "PROTOC",
    "RUSTFMT",
    "RUSTDOC",
    "GCCGO",
    "HOSTCC",
    "HOSTCXX",
    "NODE",
    "PYTHON",
    "JAVACMD",
    "CHROME_PATH",
    "PUPPETEER_EXECUTABLE_PATH",
    "BAZEL_REAL",
    "BAZEL_SH",
    "GOCACHEPROG",
    "GOAUTH",
    "GOTOOLCHAIN",
    "RUSTUP_TOOLCHAIN",
    "CCACHE_PREFIX",
    "TS_NODE_COMPILER",
    "PYTHONEXECUTABLE",
    "NPM_CONFIG_SCRIPT_SHELL",
    "NPM_CONFIG_SHELL",
    "NPM_CONFIG_GIT",
    "NPM_CONFIG_EDITOR",
    "NPM_CONFIG_VIEWER",
    "SHELL",
];

/// Names of directories that programs and their plug-ins are taken from.
const HOMES: &[&str] = &[
    "HOME",
    "JAVA_HOME",
    "JDK_HOME",
    "GOROOT",
    "GOTOOLDIR",
    "DOTNET_ROOT",
    "DOTNET_CLI_HOME",
    "RUSTUP_HOME",
    "CARGO_HOME",
    "GRADLE_USER_HOME",
    "GRADLE_HOME",
    "MAVEN_HOME",
    "M2_HOME",
    "GEM_HOME",
    "GEM_PATH",
    "COMPOSER_HOME",
    "MIX_HOME",
    "STACK_ROOT",
    "CABAL_DIR",
    "R_HOME",
    "KOTLIN_HOME",
    "SCALA_HOME",
    "POETRY_HOME",
    "DEVELOPER_DIR",
    "ZIG_LIB_DIR",
    "LIBCLANG_PATH",
    "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
    "GIO_EXTRA_MODULES",
    "GTK_PATH",
    "QT_PLUGIN_PATH",
    "GST_PLUGIN_PATH",
    "LADSPA_PATH",
    "MAGICK_CODER_MODULE_PATH",
    "MAGICK_CONFIGURE_PATH",
    "OPENSSL_MODULES",
    "HELM_PLUGINS",
    "DOCKER_CONFIG",
    "GH_CONFIG_DIR",
    "GROFF_BIN_PATH",
    "GROFF_COMMAND_PREFIX",
    "PYTHONUSERBASE",
    "TEXMFCNF",
    "CURL_HOME",
    "LOCPATH",
    "GETCONF_DIR",
    "NIS_PATH",
    "TERMINFO",
    "PHP_INI_SCAN_DIR",
    "VIRTUAL_ENV",
    "ANSIBLE_LIBRARY",
    "ANSIBLE_CALLBACK_PLUGINS",
    "ANSIBLE_FILTER_PLUGINS",
    "ANSIBLE_MODULE_UTILS",
    "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
    "ZDOTDIR",
];

/// Names of files of configuration that may name code, and switches that load some.
const FILES: &[&str] = &[
    "PIP_CONFIG_FILE",
    "UV_CONFIG_FILE",
    "TOX_CONFIG_FILE",
    "TF_CLI_CONFIG_FILE",
    "ANSIBLE_CONFIG",
    "AWS_CONFIG_FILE",
    "GIT_CONFIG",
    "NPM_CONFIG_USERCONFIG",
    "NPM_CONFIG_GLOBALCONFIG",
    "YARN_RC_FILENAME",
    "YARN_YARN_PATH",
    "COVERAGE_PROCESS_START",
    "COVERAGE_RCFILE",
    "PYLINTRC",
    "PHPRC",
    "WGETRC",
    "SCREENRC",
    "NANORC",
    "GOENV",
    "LUA_INIT",
    "R_PROFILE",
    "R_PROFILE_USER",
    "VIMINIT",
    "EXINIT",
    "DOTNET_STARTUP_HOOKS",
    "CORECLR_PROFILER_PATH",
    "CORECLR_ENABLE_PROFILING",
    "COR_ENABLE_PROFILING",
    "MSBUILDUSERCONFIG",
    "BUN_CONFIG_PRELOAD",
    "PYTHONBREAKPOINT",
    "TOX_OVERRIDE",
    "TF_REATTACH_PROVIDERS",
    "OPENOUT_ANY",
    "HOSTALIASES",
    "RESOLV_HOST_CONF",
    "GLIBC_TUNABLES",
    "MAGICK_CONFIG",
    "BASH_LOADABLES_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
];

/// Files of a project: another one than the workspace's is another project's.
const PROJECTS: &[&str] = &[
    "BUNDLE_GEMFILE",
    "GOWORK",
    "COMPOSER",
    "MIX_EXS",
    "PIPENV_PIPFILE",
    "TS_NODE_PROJECT",
    "CMAKE_TOOLCHAIN_FILE",
    "MYPY_CONFIG_FILE",
    "RUFF_CONFIG",
    "COMPOSE_FILE",
    "CARGO_MANIFEST_PATH",
    "UV_PROJECT",
    "NODE_PATH",
    "RUBYLIB",
    "PERL5LIB",
    "MYPYPATH",
];

/// Endings and beginnings of names whose value is written.
const WRITTEN: &[&str] = &[
    "_LOG",
    "_LOG_FILE",
    "_LOGFILE",
    "_LOG_PATH",
    "_OUTPUT",
    "_OUTPUT_DIR",
    "_OUTPUT_FILE",
    "_CACHE_DIR",
    "_CACHE_FOLDER",
    "_CACHE",
    "_TARGET_DIR",
    "_TMPDIR",
    "_DATA_DIR",
    "_TRACE",
    "_HISTFILE",
    "_HISTORY",
    "KEYLOGFILE",
    "_PLUGIN_CACHE_DIR",
    "_INSTALL_ROOT",
    "_VENDOR_DIR",
    "_PROJECT_ENVIRONMENT",
];

/// Names whose value is written.
const WRITTEN_NAMES: &[&str] = &[
    "TMPDIR",
    "TMP",
    "TEMP",
    "HISTFILE",
    "LLVM_PROFILE_FILE",
    "GOPATH",
    "DENO_DIR",
    "XDG_DATA_HOME",
    "LESSHISTFILE",
    "MALLOC_TRACE",
    "PYTHONPYCACHEPREFIX",
    "NODE_V8_COVERAGE",
    "NODE_REDIRECT_WARNINGS",
    "COVERAGE_FILE",
    "GOBIN",
    "GOCACHE",
    "GOTMPDIR",
    "GOMODCACHE",
    "DEPENDENCIES_OUTPUT",
    "SUNPRO_DEPENDENCIES",
    "NUGET_PACKAGES",
    "PYLINTHOME",
    "PIP_LOG",
    "CCACHE_DIR",
    "SCCACHE_DIR",
    "NPM_CONFIG_PREFIX",
    "NPM_CONFIG_CACHE",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_REDIRECT_STDOUT",
    "GIT_REDIRECT_STDERR",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
];

/// Parts of options that load or run something.
const TELLING: &[&str] = &[
    "javaagent",
    "agentlib",
    "agentpath",
    "--require",
    "--import",
    "--loader",
    "--preload",
    "--eval",
    "-eval",
    "plugin",
    "toolexec",
    "-exec",
    "init-script",
    "-wrapper",
    "-specs",
    "link-arg",
    "linker",
    "fuse-ld",
    "--to-command",
    "--pager",
    "--pre=",
    "codegen-backend",
    "--rsh",
    "--files=",
    "--file",
    "--settings",
];

/// What the variable does by its shape. `home`: the user's; `inside`: whether a path is one of where the line works.
pub(super) fn shape(name: &[u8], value: &[u8], home: Option<&[u8]>, inside: &dyn Fn(&[u8]) -> bool) -> Shape {
    // npm reads its own in either case.
    let upper = name.to_ascii_uppercase();
    let name = upper.as_slice();
    let any = |table: &[&str]| table.iter().any(|known| known.as_bytes() == name);
    let ends = |table: &[&str]| table.iter().any(|known| name.len() > known.len() && name.ends_with(known.as_bytes()));
    let has = |part: &str| value.windows(part.len()).any(|window| window == part.as_bytes());
    let path = value.contains(&b'/') || matches!(value, b"." | b"..");
    let settled = is_system(value) || home.is_some_and(|home| is_own(value, home));
    let outside =
        |path: &[u8]| leaves(path) && !is_system(path) && !home.is_some_and(|home| is_own(path, home)) && !inside(path);
    let plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-+:@,".contains(byte));
    if any(PROGRAM_NAMES) || ends(PROGRAMS) {
        return if plain || path && settled && !value.contains(&b' ') { Shape::Plain } else { Shape::Command };
    }
    if any(FILES) {
        return if matches!(value, b"0" | b"false" | b"off") { Shape::Plain } else { Shape::Loads };
    }
    // An environment of Python by its usual name is the workspace's own.
    let own = name == b"VIRTUAL_ENV" && (value.ends_with(b"venv") || value.ends_with(b"env"));
    if any(HOMES) && !own {
        // A directory of the line's own making, or one anybody could fill.
        return if path && !settled && !home.is_some_and(|home| value == home) { Shape::Loads } else { Shape::Plain };
    }
    let options =
        [&b"_OPTS"[..], b"_OPTIONS", b"_ARGS", b"FLAGS", b"_OPT", b"_PARAMS"].iter().any(|end| name.ends_with(end));
    if options
        || name.starts_with(b"TF_CLI_ARGS")
        || matches!(name, b"LESS" | b"SYSTEMD_LESS" | b"BAT_OPTS" | b"ZIPOPT" | b"UNZIP" | b"SPEC_OPTS")
    {
        let loads = TELLING.iter().any(|part| has(part))
            || has("-r .")
            || has("-r/")
            || has("-r ./")
            || has("-r../")
            || value.starts_with(b"-r") && path
            || value.starts_with(b"@")
            || has(" @")
            || name.ends_with(b"LESS") && (has("+") || has("-o") || has("-O") || has("-k"))
            || matches!(name, b"UNZIP" | b"ZIPOPT") && (has("-d") || has("-T"))
            || has("-s ") && name == b"MAVEN_ARGS"
            || family::leads_away(name, value, &outside);
        return if loads { Shape::Loads } else { Shape::Plain };
    }
    let trace = name.starts_with(b"GIT_TRACE") || name == b"FFREPORT" || name.starts_with(b"GIT_REDIRECT");
    if path && (trace || any(WRITTEN_NAMES) || ends(WRITTEN)) {
        // The usual directory of Go is a tool's own.
        return if settled && name == b"GOPATH" { Shape::Plain } else { Shape::Writes };
    }
    if path && any(PROJECTS) && leaves(value) && !settled || family::leads_away(name, value, &outside) {
        return Shape::Loads;
    }
    if value.starts_with(b"../") || value == b".." { Shape::Leaves } else { Shape::Plain }
}

fn leaves(value: &[u8]) -> bool {
    value.starts_with(b"/") || value.starts_with(b"~/") || value.starts_with(b"../") || value == b".."
}

/// Directories that only the system's owner fills.
fn is_system(value: &[u8]) -> bool {
    [
        "/usr/",
        "/bin/",
        "/sbin/",
        "/lib/",
        "/lib64/",
        "/opt/",
        "/nix/",
        "/snap/",
        "/etc/",
        "/Library/",
        "/System/",
        "/Applications/",
        "/run/current-system/",
    ]
    .iter()
    .any(|prefix| value.starts_with(prefix.as_bytes()))
}

/// Directories of a home that tools keep their own installations in.
fn is_own(value: &[u8], home: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(home).and_then(|rest| rest.strip_prefix(b"/")) else { return false };
    let first = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
    first.starts_with(b".") && first != b".."
        || matches!(first, b"go" | b"Android" | b"flutter" | b"Library" | b"miniconda3" | b"anaconda3" | b"mambaforge")
}
