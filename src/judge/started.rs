//! Which code of the project a runner starts by itself, without the rest of the project calling it: tests, scripts, what
//! configures or extends the build, and code that was put where an interpreter looks first.

use super::shadow;

/// Words in the name of a file or a directory that say so.
const WORDS: &[&[u8]] = &[
    b"test",
    b"tests",
    b"spec",
    b"specs",
    b"e2e",
    b"it",
    b"cypress",
    b"playwright",
    b"bench",
    b"benches",
    b"benchmark",
    b"benchmarks",
    b"fuzz",
    b"conftest",
    b"script",
    b"scripts",
    b"bin",
    b"hack",
    b"ci",
    b"tool",
    b"tools",
    b"task",
    b"tasks",
    b"build",
    b"setup",
    b"plugin",
    b"plugins",
    b"macro",
    b"macros",
    b"derive",
    b"migrate",
    b"migration",
    b"migrations",
    b"xtask",
    b"examples",
    b"rc",
];

/// Words in the name of the file alone: a directory of that name holds code as any other.
const STEMS: &[&[u8]] = &[
    b"deploy",
    b"release",
    b"install",
    b"configure",
    b"bootstrap",
    b"make",
    b"run",
    b"runner",
    b"preload",
    b"register",
    b"loader",
    b"gulpfile",
    b"gruntfile",
    b"webpack",
    b"rollup",
    b"vite",
    b"jest",
    b"vitest",
    b"karma",
    b"babel",
    b"eslint",
    b"fabfile",
    b"dodo",
    b"wscript",
    b"sitecustomize",
    b"usercustomize",
];

/// Directories of code that others wrote or a build made.
const FOREIGN: &[&[u8]] = &[
    b"node_modules",
    b"site-packages",
    b"vendor",
    b"third_party",
    b"venv",
    b".venv",
    b"target",
    b"dist",
    b"out",
    b"buildSrc",
    b"build-logic",
];

/// Endings of scripts: nothing calls them but those who start them.
const SCRIPTS: &[&[u8]] = &[b"sh", b"bash", b"zsh", b"fish", b"mk", b"pl", b"bat", b"ps1", b"lua"];

/// Whether the code at `path`, below the top of a workspace, is such code. The rest is called by what was there before.
pub(super) fn by_itself(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|byte| *byte == b'/');
    let Some(name) = parts.next() else { return false };
    let (stem, ending) = match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => (name.get(..dot).unwrap_or_default(), name.get(dot + 1..).unwrap_or_default()),
        None => (name, &b""[..]),
    };
    // A module of the library's name stands in front of it where the search begins.
    let first = path.iter().filter(|byte| **byte == b'/').count() < 2;
    SCRIPTS.contains(&ending)
        || name.starts_with(b".")
        || stem.ends_with(b".config")
        || stem.ends_with(b".d")
        || words(stem, &|word| WORDS.contains(&word) || STEMS.contains(&word) || word.starts_with(b"test"))
        || first && shadow::module(path).is_some_and(shadow::is_library)
        || parts.any(|part| FOREIGN.contains(&part) || words(part, &|word| WORDS.contains(&word)))
}

/// Whether one of the words that a name is made of, in small letters, meets `wanted`: `FooTest`, `foo_test`, `foo.test`.
fn words(name: &[u8], wanted: &dyn Fn(&[u8]) -> bool) -> bool {
    let mut word: Vec<u8> = Vec::new();
    let mut before = b'A';
    for byte in name {
        let new = byte.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if (new || !byte.is_ascii_alphanumeric()) && !word.is_empty() {
            if wanted(&word) {
                return true;
            }
            word.clear();
        }
        if byte.is_ascii_alphanumeric() {
            word.push(byte.to_ascii_lowercase());
        }
        before = *byte;
    }
    wanted(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_started_and_what_is_called() {
        for path in [
            "src/lib.rs",
            "main.go",
            "src/a.ts",
            "app/models/user.rb",
            "internal/cache/lru.go",
            "src/latest.py",
            "src/contest.py",
            "src/main/java/com/acme/Strings.java",
            "lib/my_app/slug.ex",
            "src/hooks/useUser.ts",
            "src/runtime.py",
            "app/logging/handlers.py",
            "src/testimony/a.ts",
        ] {
            assert!(!by_itself(path.as_bytes()), "{path}");
        }
        for path in [
            "tests/test_a.py",
            "test_a.py",
            "src/a.test.ts",
            "src/a_test.go",
            "src/FooTest.java",
            "src/TestFoo.cs",
            "spec/a_spec.rb",
            "src/__tests__/a.ts",
            "src/FooSpec.scala",
            "benches/a.rs",
            "build.rs",
            "setup.py",
            "scripts/a.py",
            "x.sh",
            "a/x.mk",
            "conftest.py",
            "jest.setup.ts",
            "setupTests.ts",
            "a.config.js",
            ".eslintrc.js",
            "node_modules/x/index.js",
            ".venv/lib/x.py",
            "json.py",
            "src/types.py",
            "testfoo.py",
            "tools/gen.py",
            "crates/my-macros/src/lib.rs",
            "eslint-plugin-x/index.js",
            "xtask/src/main.rs",
            "db/migrate/1.rb",
            "src/vite-plugin.ts",
            "sitecustomize.py",
            "src/test/java/A.java",
            "webpack.prod.js",
            "build.ts",
        ] {
            assert!(by_itself(path.as_bytes()), "{path}");
        }
    }
}
