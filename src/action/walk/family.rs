//! Families of programs and the beginnings of the names they obey: what such a name does is told by where its value leads, unless it
//! is known to hold data. A name of no family is a project's own, and means nothing here.

/// A family's beginnings, and the names among them (or their beginnings, with `*`) that hold data whatever their value.
const FAMILIES: &[(&[&str], &[&str])] = &[
    (&["GIT_"], &["GIT_AUTHOR_*", "GIT_COMMITTER_*", "GIT_CEILING_DIRECTORIES", "GIT_PREFIX", "GIT_REFLOG_ACTION"]),
    (&["NPM_CONFIG_", "YARN_", "PNPM_", "COREPACK_"], &["NPM_CONFIG_USER_AGENT", "NPM_CONFIG_TMP"]),
    (&["NODE_"], &["NODE_ENV", "NODE_DEBUG*", "NODE_TEST_CONTEXT"]),
    (&["BUN_", "DENO_"], &["DENO_AUTH_TOKENS"]),
    (&["CARGO_", "RUSTUP_"], &["CARGO_PKG_*", "CARGO_PROFILE_*", "CARGO_TERM_*", "CARGO_MANIFEST_DIR"]),
    (&["PYTHON", "PIP_", "UV_", "PDM_", "HATCH_", "POETRY_", "PIPX_", "PIPENV_"], &["PYTHONWARNINGS"]),
    (&["TOX_", "NOX_", "MYPY_", "RUFF_", "PYLINT_", "SPHINX_"], &[]),
    (&["DOTNET_", "NUGET_", "MSBUILD", "CORECLR_", "COMPLUS_", "COREHOST_"], &[]),
    (&["RUBY", "BUNDLE_", "BUNDLER_", "GEM_", "GEMRC", "RAKE"], &[]),
    (&["MAVEN_", "MVN_", "GRADLE_", "JAVA_", "JDK_", "SBT_"], &["GRADLE_RO_DEP_CACHE"]),
    (&["DOCKER_", "BUILDX_", "BUILDKIT_", "CONTAINERS_", "PODMAN_"], &[]),
    (&["KUBE", "HELM_"], &[]),
    (&["AWS_"], &["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"]),
    (&["TF_"], &["TF_VAR_*"]),
    (&["SSL_", "CURL_", "WGET", "RSYNC_", "OPENSSL_"], &[]),
    (&["LESS", "MANROFF", "MANOPT", "MANPAGER", "GREP_", "VIM", "NVIM_"], &["GREP_COLOR*", "LESS_TERMCAP_*"]),
    (
        &["CMAKE_", "NINJA_", "MESON_", "CCACHE_", "SCCACHE_", "BAZEL", "JUST_", "PKG_CONFIG"],
        &["CMAKE_INSTALL_PREFIX", "NINJA_STATUS"],
    ),
    (&["LUA_", "LUAROCKS_", "JULIA_", "ERL_", "ELIXIR_", "MIX_", "HEX_", "R_", "PERL", "PHP_", "COMPOSER_"], &[]),
    (&["GCOV_", "ASAN_OPT", "LSAN_OPT", "MSAN_OPT", "TSAN_OPT", "UBSAN_OPT", "SSLKEYLOGFILE"], &[]),
    (
        &[
            "LIBRARY_PATH",
            "CPATH",
            "C_INCLUDE_PATH",
            "CPLUS_INCLUDE_PATH",
            "CLASSPATH",
            "NOXFILE",
            "FLASK_APP",
            "GNUPGHOME",
            "MYSQL_HOME",
        ],
        &[],
    ),
];

/// Variables of options that known programs read as if they stood in the line.
const OPTIONS: &[&str] = &[
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "FFLAGS",
    "ASFLAGS",
    "OBJCFLAGS",
    "MFLAGS",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_LDFLAGS",
    "GOFLAGS",
    "SPEC_OPTS",
    "TAR_OPTIONS",
    "PYTEST_ADDOPTS",
];

/// Options among them that name what is written or how a path is shown.
const SHOWN: &[&str] = &[
    "--basetemp=",
    "--junitxml=",
    "--junit-xml=",
    "--log-file=",
    "--cov-report=",
    "-Djava.io.tmpdir=",
    "--remap-path-prefix=",
    "-ffile-prefix-map=",
    "-fdebug-prefix-map=",
    "-fmacro-prefix-map=",
    "-Wl,-rpath,",
];

/// Hosts that the ecosystems' own registries stand at.
const REGISTRIES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "[::1]",
    "0.0.0.0",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "pypi.org",
    "proxy.golang.org",
    "sum.golang.org",
    "index.crates.io",
    "static.crates.io",
    "rubygems.org",
    "repo.maven.apache.org",
    "api.nuget.org",
    "hex.pm",
];

/// Proxies: where everything that is fetched passes.
const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY"];

/// Whether a program of the name's family would take code, configuration or trust from where the value leads.
///
/// `name` is in capitals; `outside` says whether a path leads out of where the line works and of what only a system's owner or a
/// tool's own installation fills.
pub(super) fn leads_away(name: &[u8], value: &[u8], outside: &dyn Fn(&[u8]) -> bool) -> bool {
    if PROXIES.iter().any(|known| known.as_bytes() == name) {
        return !value.is_empty() && !near(value);
    }
    let options = OPTIONS.iter().any(|known| known.as_bytes() == name);
    // Go's own names are one word: GOPATH, GOFLAGS, but GOOGLE_APPLICATION_CREDENTIALS.
    let go = name.starts_with(b"GO") && !name.contains(&b'_');
    let family = FAMILIES.iter().find(|(begins, _)| begins.iter().any(|begin| name.starts_with(begin.as_bytes())));
    if !options && !go {
        let Some((_, data)) = family else { return false };
        let holds_data = |known: &&str| match known.strip_suffix('*') {
            Some(begin) => name.starts_with(begin.as_bytes()),
            None => known.as_bytes() == name,
        };
        if data.iter().any(holds_data) {
            return false;
        }
    }
    value.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|word| !word.is_empty()).any(|word| {
        if SHOWN.iter().any(|shown| word.starts_with(shown.as_bytes())) {
            return false;
        }
        if word.windows(3).any(|part| part == b"://") {
            return !near(word);
        }
        let list = word.split(|byte| b":;".contains(byte)).any(outside);
        let attached = word.iter().position(|byte| b"/.~".contains(byte)).is_some_and(|at| {
            // `-f/tmp/x`, `-Dname=/tmp/x`, `--file=../x`.
            word.starts_with(b"-") && (outside(&word[at..]) || word[..].split(|byte| *byte == b'=').any(outside))
        });
        list || attached
    })
}

/// Whether every address in the text is one of loopback or of an ecosystem's own registry.
fn near(value: &[u8]) -> bool {
    value.split(|byte| b",| ".contains(byte)).filter(|part| !part.is_empty()).all(|address| {
        let rest = address.windows(3).position(|part| part == b"://").map_or(address, |at| &address[at + 3..]);
        if rest.len() == address.len() && !rest.contains(&b'.') && !rest.contains(&b':') {
            return true;
        }
        let authority = rest.split(|byte| b"/?#\\".contains(byte)).next().unwrap_or_default();
        let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
        REGISTRIES.iter().any(|known| {
            host.strip_prefix(known.as_bytes()).is_some_and(|port| {
                port.is_empty() || port.strip_prefix(b":").is_some_and(|port| port.iter().all(u8::is_ascii_digit))
            })
        })
    })
}
