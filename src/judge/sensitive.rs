//! Which files of a workspace are configuration that runs by itself, decides what runs, or holds secrets.
//!
//! Judged by the path below the workspace root, so a file counts before it exists.

use super::names::{Names, fits};
use super::pattern::{Atom, entry_meets};

/// Directory names: everything below is sensitive.
const DIRECTORIES: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".github",
    ".gitlab",
    ".gitea",
    ".forgejo",
    ".circleci",
    ".buildkite",
    ".woodpecker",
    ".teamcity",
    ".azure-pipelines",
    ".tekton",
    ".argo",
    ".vscode",
    ".idea",
    ".vs",
    ".zed",
    ".fleet",
    ".claude",
    ".codex",
    ".cursor",
    ".gemini",
    ".windsurf",
    ".continue",
    ".kiro",
    ".qwen",
    ".roo",
    ".clinerules",
    ".junie",
    ".opencode",
    ".copilot",
    ".amp",
    ".devcontainer",
    ".husky",
    ".githooks",
    ".git-hooks",
    ".lefthook",
    ".cargo",
    ".mvn",
    ".yarn",
    ".ssh",
    ".aws",
    ".kube",
    ".docker",
    ".terraform",
    ".pulumi",
    ".serverless",
    ".ebextensions",
    ".platform",
    ".openshift",
    ".direnv",
    ".mise",
    ".nix",
    "terraform",
    "ansible",
    "k8s",
    "kubernetes",
    "helm",
    "charts",
    "kustomize",
    "manifests",
    "cloudformation",
    "pulumi",
    "infra",
    "infrastructure",
    "deploy",
    "deployment",
    "deployments",
    "secrets",
    ".secrets",
    ".semaphore",
    ".amazonq",
    ".trae",
    ".augment",
    ".factory",
    ".warp",
    ".openhands",
];

/// Two components side by side, anywhere.
const PAIRS: &[(&str, &str)] = &[
    ("requirements", "*.txt"),
    ("project", "build.properties"),
    ("node_modules", ".bin"),
    ("vendor", "bin"),
    ("venv", "bin"),
    (".venv", "bin"),
    ("env", "bin"),
    ("venv", "Scripts"),
    (".venv", "Scripts"),
    ("gradle", "wrapper"),
    ("config", "prod*"),
    ("config", "credentials*"),
    ("config", "secrets*"),
    ("config", "master.key"),
    ("environments", "prod*"),
    ("settings", "prod*"),
    ("env", "prod*"),
    ("overlays", "prod*"),
    ("group_vars", "*"),
    ("host_vars", "*"),
    ("nginx", "*.conf"),
    ("systemd", "*"),
    ("_config", "prod*"),
];

/// File names.
const FILES: &[&str] = &[
    // manifests and lock files
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "bun.lock",
    "bun.lockb",
    "bunfig.toml",
    "deno.json",
    "deno.jsonc",
    "deno.lock",
    "jsr.json",
    "lerna.json",
    "nx.json",
    "turbo.json",
    "rush.json",
    "Cargo.toml",
    "Cargo.lock",
    "go.mod",
    "go.sum",
    "go.work",
    "go.work.sum",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "uv.toml",
    "Pipfile",
    "Pipfile.lock",
    "pdm.lock",
    "setup.py",
    "setup.cfg",
    "requirements*.txt",
    "requirements*.in",
    "constraints*.txt",
    "environment.yml",
    "environment.yaml",
    "conda-lock.yml",
    "pixi.toml",
    "pixi.lock",
    "Gemfile",
    "Gemfile.lock",
    "*.gemspec",
    "composer.json",
    "composer.lock",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "gradle.properties",
    "libs.versions.toml",
    "gradlew",
    "gradlew.bat",
    "mvnw",
    "mvnw.cmd",
    "build.sbt",
    "mix.exs",
    "mix.lock",
    "rebar.config",
    "*.csproj",
    "*.fsproj",
    "*.vbproj",
    "*.vcxproj",
    "Directory.Build.props",
    "Directory.Build.targets",
    "Directory.Packages.props",
    "nuget.config",
    "NuGet.Config",
    "packages.lock.json",
    "packages.config",
    "global.json",
    "Package.swift",
    "Package.resolved",
    "Podfile",
    "Podfile.lock",
    "Cartfile",
    "pubspec.yaml",
    "pubspec.lock",
    "flake.nix",
    "flake.lock",
    "shell.nix",
    "default.nix",
    "*.cabal",
    "stack.yaml",
    "dune-project",
    "*.opam",
    "Project.toml",
    "Manifest.toml",
    "cpanfile",
    "Makefile.PL",
    "Build.PL",
    "DESCRIPTION",
    "renv.lock",
    "conanfile.txt",
    "conanfile.py",
    "vcpkg.json",
    "rockspec",
    "*.rockspec",
    "elm.json",
    "shard.yml",
    // build and task files
    "Makefile",
    "makefile",
    "GNUmakefile",
    "Makefile.*",
    "*.mk",
    "*.mak",
    "justfile",
    "Justfile",
    ".justfile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yml",
    "Rakefile",
    "rakefile",
    "*.rake",
    "Tiltfile",
    "Procfile",
    "Procfile.*",
    "Brewfile",
    "BUILD",
    "BUILD.bazel",
    "WORKSPACE",
    "WORKSPACE.bazel",
    "MODULE.bazel",
    "*.bzl",
    ".bazelrc",
    ".buckconfig",
    "BUCK",
    "CMakeLists.txt",
    "*.cmake",
    "CMakePresets.json",
    "meson.build",
    "meson_options.txt",
    "configure",
    "configure.ac",
    "configure.in",
    "*.m4",
    "SConstruct",
    "SConscript",
    "wscript",
    "build.ninja",
    "build.zig",
    "build.zig.zon",
    "build.xml",
    "build.rs",
    "build.sh",
    "Earthfile",
    "magefile.go",
    "noxfile.py",
    "tox.ini",
    "fabfile.py",
    "tasks.py",
    "dodo.py",
    "xmake.lua",
    // run by themselves
    "conftest.py",
    "pytest.ini",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    "*.config.js",
    "*.config.ts",
    "*.config.mjs",
    "*.config.cjs",
    "*.config.mts",
    "*.config.cts",
    ".eslintrc.js",
    ".eslintrc.cjs",
    ".prettierrc.js",
    ".prettierrc.cjs",
    ".babelrc",
    ".babelrc.js",
    ".mocharc.*",
    ".lintstagedrc*",
    ".huskyrc*",
    "gulpfile.*",
    "Gruntfile.*",
    ".pnp.cjs",
    ".pnp.loader.mjs",
    ".pnpmfile.cjs",
    ".pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
    "lefthook.yml",
    "lefthook.yaml",
    ".overcommit.yml",
    ".gitattributes",
    ".gitmodules",
    ".gitconfig",
    ".git",
    "activate",
    "activate.*",
    ".envrc",
    ".autoenv",
    ".Rprofile",
    ".irbrc",
    ".pryrc",
    ".pythonrc*",
    ".gdbinit",
    ".tmux.conf",
    ".screenrc",
    ".ripgreprc",
    ".psqlrc",
    ".sqliterc",
    ".duckdbrc",
    ".mailrc",
    ".muttrc",
    ".Renviron",
    ".octaverc",
    ".ghci",
    ".pdbrc",
    ".terraformrc",
    "terraform.rc",
    ".emacs",
    ".emacs.d",
    ".gvimrc",
    ".lesskey",
    ".hgrc",
    ".ctags",
    ".stylelintrc.js",
    ".stylelintrc.cjs",
    ".eslintrc.mjs",
    ".prettierrc.mjs",
    ".prettierrc.ts",
    ".commitlintrc.js",
    ".rspec",
    ".simplecov",
    ".gitpod.yml",
    ".gitpod.Dockerfile",
    ".air.toml",
    ".mypy.ini",
    "mypy.ini",
    ".pylintrc",
    "pylintrc",
    "phpunit.xml",
    "phpunit.xml.dist",
    ".lldbinit",
    ".vimrc",
    ".exrc",
    ".nvimrc",
    ".nvim.lua",
    ".dir-locals.el",
    ".tool-versions",
    ".mise.toml",
    "mise.toml",
    "mise.*.toml",
    ".mise.*.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".kshrc",
    ".cshrc",
    ".tcshrc",
    ".inputrc",
    ".xprofile",
    ".xinitrc",
    // registries
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    "pip.conf",
    ".condarc",
    ".bowerrc",
    ".netrc",
    ".curlrc",
    ".wgetrc",
    // containers
    "Dockerfile",
    "Dockerfile.*",
    "*.dockerfile",
    "*.Dockerfile",
    "Containerfile",
    "Containerfile.*",
    "docker-compose*.yml",
    "docker-compose*.yaml",
    "compose*.yml",
    "compose*.yaml",
    ".dockerignore",
    "Vagrantfile",
    "docker-bake.hcl",
    "docker-entrypoint.sh",
    "devcontainer.json",
    ".devcontainer.json",
    // continuous integration and deployment
    "Jenkinsfile",
    "Jenkinsfile.*",
    ".gitlab-ci.yml",
    ".gitlab-ci.*.yml",
    ".travis.yml",
    "azure-pipelines*.yml",
    "bitbucket-pipelines.yml",
    "appveyor.yml",
    ".appveyor.yml",
    ".drone.yml",
    ".woodpecker.yml",
    ".cirrus.yml",
    "cloudbuild.yaml",
    "cloudbuild.yml",
    "buildspec*.yml",
    "codemagic.yaml",
    "wercker.yml",
    "vercel.json",
    "netlify.toml",
    "fly.toml",
    "render.yaml",
    "railway.json",
    "railway.toml",
    "app.yaml",
    "app.json",
    "now.json",
    "firebase.json",
    ".firebaserc",
    "serverless.yml",
    "serverless.yaml",
    "serverless.ts",
    "wrangler.toml",
    "wrangler.jsonc",
    "wrangler.json",
    "skaffold.yaml",
    "amplify.yml",
    "samconfig.toml",
    "template.yaml",
    "cdk.json",
    "Pulumi.yaml",
    "Pulumi.*.yaml",
    "copilot.yml",
    "dagger.json",
    "garden.yml",
    "Chart.yaml",
    "Chart.lock",
    "values.yaml",
    "values-*.yaml",
    "values.*.yaml",
    "kustomization.yaml",
    "kustomization.yml",
    "helmfile.yaml",
    "CODEOWNERS",
    "renovate.json",
    ".renovaterc*",
    "dependabot.yml",
    ".goreleaser.yml",
    ".goreleaser.yaml",
    ".releaserc*",
    "release-please-config.json",
    "sonar-project.properties",
    "codecov.yml",
    ".codecov.yml",
    // infrastructure and production
    "*.tf",
    "*.tf.json",
    "*.tfvars",
    "*.tfvars.json",
    "*.tfstate",
    "*.tfstate.*",
    "*.hcl",
    "*.nomad",
    "*.bicep",
    "ansible.cfg",
    "playbook*.yml",
    "playbook*.yaml",
    "site.yml",
    "inventory",
    "inventory.*",
    "*.service",
    "*.timer",
    "crontab",
    "*.cron",
    "nginx.conf",
    "httpd.conf",
    ".htaccess",
    "haproxy.cfg",
    "prometheus.yml",
    "application-prod*",
    "appsettings.Production.json",
    "prod.*",
    "production.*",
    "*.prod.*",
    "*.production.*",
    "*-prod.*",
    "*-production.*",
    "*_prod.*",
    "*_production.*",
    // agents and editors
    "AGENTS.md",
    "AGENTS.override.md",
    "CLAUDE.md",
    "CLAUDE.local.md",
    "GEMINI.md",
    "QWEN.md",
    "CONVENTIONS.md",
    ".cursorrules",
    ".cursorignore",
    ".windsurfrules",
    ".clinerules",
    ".roorules",
    ".goosehints",
    ".mcp.json",
    "mcp.json",
    ".aider*",
    ".aiderignore",
    ".codexignore",
    ".geminiignore",
    "opencode.json",
    "opencode.jsonc",
    "*.code-workspace",
    "*.sublime-project",
    ".vetsh.toml",
    ".lefthook.yml",
    "lefthook-local.yml",
    ".roomodes",
    ".crush.json",
    "crush.json",
    "Fastfile",
    "Appfile",
    "Matchfile",
    "Capfile",
    "Guardfile",
    "Dangerfile",
    "*.conf.js",
    "wallaby.js",
    ".direnvrc",
    "import_map.json",
    "firestore.rules",
    "storage.rules",
    "database.rules.json",
    "cron.yaml",
    "dispatch.yaml",
    ".platform.app.yaml",
    "captain-definition",
    "nixpacks.toml",
    "Caddyfile",
    "traefik.y*ml",
    "supervisord.conf",
    "poetry.toml",
    "plugins.sbt",
    "*.pbxproj",
    "dune",
];

/// File names that hold secrets: reading one by name asks, sending one is prohibited.
const SECRETS: &[&str] = &[
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.keytab",
    "*.ovpn",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_ecdsa_sk",
    "id_ed25519_sk",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfvars",
    "*.tfvars.json",
    "secrets.*",
    "secret.*",
    "secrets",
    "*-secrets.*",
    "*_secrets.*",
    "*.secret",
    "*.secrets",
    "*-secret.y*ml",
    "*.secret.y*ml",
    "*.secrets.y*ml",
    "credentials",
    "credentials.*",
    ".credentials*",
    "*credentials*.json",
    "*credentials*.y*ml",
    "service-account*.json",
    "*service-account*.json",
    "serviceaccount*.json",
    "client_secret*.json",
    "gcp-key*.json",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".vault-token",
    ".vault_pass*",
    "vault_pass*",
    ".dockercfg",
    ".dockerconfigjson",
    "kubeconfig",
    "kubeconfig.*",
    "*.kubeconfig",
    "master.key",
    "wallet.dat",
    "*.mobileprovision",
    "google-services.json",
    "GoogleService-Info.plist",
    "firebase-adminsdk*.json",
    "token.json",
    ".secrets",
    ".secrets.*",
    "auth.json",
    "passwords.*",
    "passwd.*",
    "*.gpg",
    "*.age",
    "htpasswd",
    "*.p8",
    "*.keychain",
    "*.keychain-db",
    ".dev.vars",
    ".dev.vars.*",
    ".env_*",
];

/// Names of secret files that count where they are written out; as what a glob could match they would say too much.
const NAMED: &[&str] = &[
    "serviceAccount*.json",
    "key.properties",
    "keystore.properties",
    "signing.properties",
    "ssh_host_*_key",
    "deploy_key",
    "deploy_rsa",
    "private_key",
    "private_key.*",
    "private-key.*",
    "privatekey",
    "privatekey.*",
    "mnemonic.txt",
    "UTC--*",
    ".boto",
    ".s3cfg",
    "rclone.conf",
    "sftp-config.json",
    ".ftpconfig",
    ".*sh_history",
    ".python_history",
    ".mysql_history",
    ".psql_history",
    ".sqlite_history",
    "token.txt",
    ".token",
    ".*_token",
    ".*-token",
    ".password*",
    ".passwd",
    ".pass",
    ".api_key",
    ".api-key",
    ".apikey",
    "api_key.txt",
    "api-key.txt",
    "apikey.txt",
    "password.txt",
    "local.settings.json",
    "env.production",
    "env.prod",
    "env.local",
    "*private*.asc",
    "Secrets.xcconfig",
    "Secrets.plist",
    "wp-config.php",
    "vault.y*ml",
];

/// Names that look like secrets and are meant to be shared.
const SHARED: &[&str] = &[
    "*.example",
    "*.sample",
    "*.template",
    "*.tmpl",
    "*.dist",
    "*.defaults",
    ".env.*example*",
    ".env.*sample*",
    ".env.*template*",
    "example.env",
    "sample.env",
    "*.example.*",
    "*.sample.*",
    "*.template.*",
    "*.pub",
    "public.*",
    "*.md",
    "*.rst",
    // what a compiler reads holds the code that handles secrets
    "*.rs",
    "*.go",
    "*.ts",
    "*.tsx",
    "*.java",
    "*.kt",
    "*.swift",
    "*.c",
    "*.h",
    "*.cc",
    "*.cpp",
    "*.hpp",
    "*.cs",
    "*.scala",
    "*.ex",
    "*.hs",
];

/// Directories whose files are secrets.
const SECRET_DIRECTORIES: &[&str] = &["secrets", ".secrets", ".ssh", ".aws", ".kube", ".gnupg"];

/// What a file of the workspace is, by its path below the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Configuration, code that runs by itself, or a secret.
    pub sensitive: bool,
    /// Holds secrets.
    pub secret: bool,
}

static DIRECTORY_NAMES: Names<{ DIRECTORIES.len() }> = Names::of(DIRECTORIES);
static FILE_NAMES: Names<{ FILES.len() }> = Names::of(FILES);
static SECRET_NAMES: Names<{ SECRETS.len() }> = Names::of(SECRETS);
static SHARED_NAMES: Names<{ SHARED.len() }> = Names::of(SHARED);
static REGENERABLE_NAMES: Names<{ REGENERABLE.len() }> = Names::of(REGENERABLE);

/// Whether the last component names a secret file.
#[must_use]
pub fn is_secret_name(name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && name.iter().any(u8::is_ascii_uppercase) {
        // Some file systems do not tell letters of either case apart.
        return is_secret_name(&name.to_ascii_lowercase());
    }
    let named = || NAMED.iter().any(|entry| fits(entry.as_bytes(), name));
    (SECRET_NAMES.has(name) || named()) && !SHARED_NAMES.has(name)
}

/// What the file with this path below a workspace root is.
#[must_use]
pub fn kind(relative: &[u8]) -> Kind {
    let mut parts = super::pattern::components(relative).rev();
    let Some(name) = parts.next() else { return Kind::default() };
    let shared = SHARED_NAMES.has(name);
    let mut secret = !shared && is_secret_name(name);
    let mut sensitive = FILE_NAMES.has(name) || is_directory(name);
    let mut below = name;
    for part in parts {
        secret |= !shared && SECRET_DIRECTORIES.iter().any(|dir| dir.as_bytes() == part);
        sensitive |= is_directory(part) || is_pair(part, below);
        below = part;
    }
    Kind { sensitive: sensitive || secret || is_foreign_code(relative, name), secret }
}

/// Code that a package manager put there: nobody edits it by hand, and whatever calls it runs it.
fn is_foreign_code(relative: &[u8], name: &[u8]) -> bool {
    const CODE: &[&[u8]] = &[b".js", b".cjs", b".mjs", b".py", b".pth", b".so", b".node"];
    CODE.iter().any(|ending| name.ends_with(ending)) && {
        let mut parts = super::pattern::components(relative)
            .skip_while(|part| !matches!(*part, b"node_modules" | b"site-packages"));
        parts.next().is_some() && parts.next().is_some_and(|part| !part.starts_with(b"."))
    }
}

/// Whether a pattern of components below the root can name such a file. A lone `*` names nothing in particular.
#[must_use]
pub fn can_be(parts: &[Vec<Atom>]) -> Kind {
    let Some((name, above)) = parts.split_last() else { return Kind::default() };
    let known: Vec<Option<Vec<u8>>> = above.iter().map(|part| text_of(part)).collect();
    let inside =
        |table: &[&str]| known.iter().flatten().any(|part| table.iter().any(|dir| dir.as_bytes() == part.as_slice()));
    let targeted = !matches!(name.as_slice(), [Atom::Run]) && !name.is_empty();
    let dotted = matches!(name.first(), Some(Atom::Byte(b'.')));
    let hits = |table: &[&str]| {
        targeted && table.iter().any(|entry| (dotted || !entry.starts_with('.')) && entry_meets(entry.as_bytes(), name))
    };
    // `*.tf` means every file of that ending, not `*.tfstate.*` because a name could be both.
    let ending = match name.split_first() {
        Some((Atom::Run, rest)) if matches!(rest.first(), Some(Atom::Byte(b'.'))) => text_of(rest),
        _ => None,
    };
    let hits = |table: &[&str]| match &ending {
        Some(ending) => table.iter().any(|entry| entry.strip_prefix('*').unwrap_or(entry).as_bytes() == ending),
        None => hits(table),
    };
    let names_secret =
        inside(SECRET_DIRECTORIES) || (specific(name, SECRETS) && hits(SECRETS) && !text_tail_shared(name));
    Kind {
        sensitive: names_secret
            || inside(DIRECTORIES)
            || (targeted
                && DIRECTORIES
                    .iter()
                    .any(|dir| (dotted || !dir.starts_with('.')) && entry_meets(dir.as_bytes(), name)))
            || ((specific(name, FILES) || specific(name, SECRETS)) && hits(FILES)),
        secret: names_secret,
    }
}

/// Words of secrets' names that source code bears more often (`*token*` finds tokenizers).
const BROAD: &[&[u8]] = &[b"token", b"auth", b"key"];

/// Whether a glob says something about the names it means: `*.py` and `test_*` do not single out one of the tables'
/// names merely because a file could be called so; `.e*`, `*.pem`, `Make*` do.
fn specific(name: &[Atom], table: &[&str]) -> bool {
    // What begins open (`[a-z]*.json`) says what it says later.
    let opens = matches!(name.first(), Some(Atom::One | Atom::Set { .. })) && name.contains(&Atom::Run);
    let rest = name.iter().skip_while(|atom| !matches!(atom, Atom::Byte(_)));
    let widened: Vec<Atom> =
        if opens { std::iter::once(&Atom::Run).chain(rest).cloned().collect() } else { Vec::new() };
    let name = if opens { widened.as_slice() } else { name };
    // A glob meets the wide entries of the tables (`*-prod.*`) with ease; what counts is a literal stem or a literal
    // extension that the tables know.
    let literal: Vec<u8> =
        name.iter().filter_map(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None }).collect();
    let extension_only = matches!(name.first(), Some(Atom::Run)) && matches!(name.get(1), Some(Atom::Byte(b'.')));
    if extension_only && name.iter().skip(1).all(|atom| matches!(atom, Atom::Byte(_))) {
        let suffix = literal.as_slice();
        return table.iter().any(|entry| entry.strip_prefix('*').is_some_and(|own| own.as_bytes() == suffix));
    }
    if matches!(name.first(), Some(Atom::Run)) && matches!(name.last(), Some(Atom::Run)) {
        // `*secret*`, `*env*`: meant by its middle.
        // One whole name that is said of much else (`auth.json`, `token.json`) is not meant so.
        let own = |entry: &&&str| entry.contains('*') || !entry.ends_with(".json");
        return literal.len() >= 3
            && !BROAD.contains(&literal.as_slice())
            && SECRETS.iter().filter(own).any(|entry| contains(entry.as_bytes(), &literal));
    }
    match name.first() {
        Some(Atom::Byte(_)) => {
            let stem: Vec<u8> =
                name.iter().map_while(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None }).collect();
            table.iter().any(|entry| {
                let entry = entry.as_bytes();
                let fixed = entry.iter().position(|&byte| byte == b'*').unwrap_or(entry.len());
                fixed > 0 && entry.starts_with(&stem)
                    || (fixed > 2 && stem.starts_with(entry.get(..fixed).unwrap_or_default()))
            })
        }
        // Of a fixed length: whatever it leaves open, it means one name.
        Some(Atom::One | Atom::Set { .. }) => true,
        _ => literal.len() >= 3 && SECRETS.iter().any(|entry| entry.as_bytes().ends_with(&literal)),
    }
}

fn text_tail_shared(name: &[Atom]) -> bool {
    let tail: Vec<u8> = name.iter().rev().map_while(|a| if let Atom::Byte(b) = a { Some(*b) } else { None }).collect();
    let tail: Vec<u8> = tail.into_iter().rev().collect();
    SHARED
        .iter()
        .any(|entry| entry.strip_prefix('*').is_some_and(|own| !own.contains('*') && tail.ends_with(own.as_bytes())))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

fn text_of(part: &[Atom]) -> Option<Vec<u8>> {
    part.iter().map(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None }).collect()
}

fn is_directory(part: &[u8]) -> bool {
    DIRECTORY_NAMES.has(part) || part.eq_ignore_ascii_case(b".git")
}

fn is_pair(first: &[u8], second: &[u8]) -> bool {
    PAIRS.iter().any(|(a, b)| a.as_bytes() == first && fits(b.as_bytes(), second))
}

/// Names of build output and caches inside a workspace: what a build makes again.
pub const REGENERABLE: &[&str] = &[
    "target",
    "dist",
    "build",
    "out",
    "coverage",
    "htmlcov",
    ".coverage",
    ".coverage.*",
    "lcov.info",
    "coverage.out",
    "cover.out",
    "*.coverprofile",
    "*.profdata",
    "a.out",
    "__pycache__",
    "*.pyc",
    "*.pyo",
    "*.py[co]",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".tox",
    ".nox",
    ".ipynb_checkpoints",
    "*.egg-info",
    ".eggs",
    ".cache",
    ".parcel-cache",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".turbo",
    ".vite",
    ".astro",
    ".angular",
    ".docusaurus",
    ".vercel_build",
    ".nyc_output",
    "*.tsbuildinfo",
    ".eslintcache",
    ".stylelintcache",
    "storybook-static",
    "test-results",
    "playwright-report",
    ".gradle",
    "bin",
    "obj",
    "*.class",
    "*.o",
    "*.obj",
    "*.a",
    "*.so",
    "*.dylib",
    "*.d",
    "*.gcda",
    "*.gcno",
    "*.profraw",
    "cmake-build-*",
    "CMakeFiles",
    "CMakeCache.txt",
    ".dart_tool",
    ".build",
    "DerivedData",
    "_build",
    "deps_build",
    ".elixir_ls",
    ".stack-work",
    "dist-newstyle",
    "elm-stuff",
    ".bundle",
    "tmp",
    "temp",
    "log",
    "logs",
    "*.log",
    ".sass-cache",
    "site",
    "_site",
    "public_build",
    ".serverless_build",
    "*.tmp",
    "*.swp",
    "*~",
    "*.bak",
    ".DS_Store",
    "Thumbs.db",
    "npm-debug.log*",
    "yarn-error.log",
    "*.test",
    "*.prof",
    "wheels",
    ".cargo-target",
];

/// Whether the path below the root, or a directory above it, has a well-known name of build output, or is a tool's cache inside
/// `node_modules`.
#[must_use]
pub fn is_regenerable_name(relative: &[u8]) -> bool {
    // A home that nobody expanded (`rm -rf '~'`) is no copy that an editor left.
    super::pattern::components(relative).any(|part| part != b"~" && REGENERABLE_NAMES.has(part))
}

/// Names that nothing but a tool gives to what it keeps for itself: they are made again wherever they lie, whether git was
/// told to ignore them or not.
const TOOLS_OWN: &[&str] = &[
    "__pycache__",
    "*.pyc",
    "*.py[co]",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".parcel-cache",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".angular",
    ".nyc_output",
    ".eslintcache",
    ".stylelintcache",
    "*.tsbuildinfo",
    ".sass-cache",
];

static TOOLS_OWN_NAMES: Names<{ TOOLS_OWN.len() }> = Names::of(TOOLS_OWN);

/// Whether the path is, or lies in, what a tool keeps for itself under a name of its own.
#[must_use]
pub fn is_tools_own(relative: &[u8]) -> bool {
    super::pattern::components(relative).any(|part| TOOLS_OWN_NAMES.has(part))
}

#[cfg(test)]
mod tests {
    use super::super::pattern::atoms;
    use super::*;

    #[test]
    fn what_is_sensitive_and_what_is_not() {
        for path in [
            ".github/workflows/ci.yml",
            "Makefile",
            "web/vite.config.ts",
            "config/prod.yml",
            "infra/main.tf",
            "a/b/package.json",
            ".GIT/hooks/pre-commit",
            "node_modules/.bin/eslint",
            "CLAUDE.md",
            "crates/x/build.rs",
            ".env",
            "tests/conftest.py",
        ] {
            assert!(kind(path.as_bytes()).sensitive, "{path}");
        }
        for path in [
            "src/main.rs",
            "README.md",
            "docs/deploy.md",
            "tests/test_a.py",
            "tsconfig.json",
            "config/dev.yml",
            "package.json.md",
        ] {
            assert!(!kind(path.as_bytes()).sensitive, "{path}");
        }
        for path in [".env", ".env.local", "certs/server.pem", "secrets.yaml", "terraform.tfstate", "secrets/a.txt"] {
            assert!(kind(path.as_bytes()).secret, "{path}");
        }
        for path in [".env.example", "src/env.rs", "id_rsa.pub", "Makefile", "keys.md"] {
            assert!(!kind(path.as_bytes()).secret, "{path}");
        }
    }

    #[test]
    fn globs_are_judged_by_what_they_mean() {
        let seen = |glob: &str| can_be(&[atoms(glob.as_bytes())]);
        for glob in [".env*", "*.pem", "*.key", ".e*", "secrets.*", "*.tfstate", "*secret*", "id_*"] {
            assert!(seen(glob).secret, "{glob}");
        }
        for glob in [
            "*",
            "*.py",
            "test_*",
            "*.rs",
            "src*",
            "*.md",
            "*test*",
            "README*",
            "requirements*.txt",
            "lib*.so",
            ".eslintrc*",
            "Docker*",
        ] {
            assert!(!seen(glob).secret, "{glob}");
        }
        for glob in ["Make*", "*.tf", "package*.json", ".git*"] {
            assert!(seen(glob).sensitive, "{glob}");
        }
    }
}
