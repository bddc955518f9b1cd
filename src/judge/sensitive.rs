//! Which files of a workspace are configuration that runs by itself, decides what runs, or holds secrets.
//!
//! Judged by the path below the workspace root, so a file counts before it exists.

use super::configuration::{
    DIRECTORIES, FILES, NAMED, PAIRS, REGENERABLE, SECRET_DIRECTORIES, SECRETS, SHARED, TOOLS_OWN,
};
use super::names::{Names, fits};
use super::pattern::{Atom, entry_meets};

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

/// Whether the path below the root, or a directory above it, has a well-known name of build output, or is a tool's cache inside
/// `node_modules`.
#[must_use]
pub fn is_regenerable_name(relative: &[u8]) -> bool {
    // A home that nobody expanded (`rm -rf '~'`) is no copy that an editor left.
    super::pattern::components(relative).any(|part| part != b"~" && REGENERABLE_NAMES.has(part))
}

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
