//! Programs that the project's own build has made: starting one runs what its runner (`cargo run`, `go run`) would run.
//!
//! What anything but a build puts there in the line is none, nor is a file that git would keep, nor one that is named for what
//! leaves the class of building and testing.

use std::collections::BTreeSet;

use super::law::Law;
use super::pattern;
use super::scope::Atlas;
use super::when::path_of;
use crate::action::{
    Action, ActionKind, Actions, CodeOrigin, EffectKind, GapKind, Object, Scope, Value, path, world::FileKind,
};

/// What makes a program of the sources that are named to it.
const COMPILERS: &[&[u8]] = &[b"gcc", b"rustc", b"ghc", b"swiftc", b"ocamlopt", b"gfortran"];

/// Directories that builds put their programs in.
const PLACES: &[&[u8]] = &[
    b"target",
    b"build",
    b"builddir",
    b"out",
    b"dist",
    b"bin",
    b"obj",
    b".build",
    b"zig-out",
    b"_build",
    b"dist-newstyle",
    b".stack-work",
];

/// Directories of what others made.
const FOREIGN: &[&[u8]] = &[b"node_modules", b"vendor", b"venv", b".venv", b"env", b".tox", b".nox", b"site-packages"];

/// What the whole line makes, and what it touches otherwise.
#[derive(Default)]
pub struct Built<'a> {
    made: BTreeSet<Vec<u8>>,
    /// What others write: paths, whole or as far as they are known.
    touched: Vec<(&'a [u8], bool)>,
    /// Files that are made executable, in the same way.
    permitted: Vec<(&'a [u8], bool)>,
    /// The project's own code runs, or git brings the working tree to another state.
    stirred: bool,
}

impl<'a> Built<'a> {
    /// Looks at all actions: what a loop writes at its end runs at its next beginning.
    #[must_use]
    #[inline(never)]
    pub fn of(actions: &'a Actions, atlas: &Atlas<'_>) -> Self {
        let mut built = Built::default();
        for action in &actions.list {
            built.see(action, atlas);
        }
        built
    }

    fn see(&mut self, action: &'a Action, atlas: &Atlas<'_>) {
        let makes = makes(action, atlas);
        let moves = is_of_tree(action);
        self.stirred |= action.runner || moves;
        if makes && let Some(program) = unnamed(action) {
            self.made.insert(program);
        }
        // A directory that is made holds nothing; what git changes in the working tree is what it keeps, which is no product.
        if action.program.as_deref() == Some(b"mkdir") || moves {
            return;
        }
        for effect in &action.effects {
            if !matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites | EffectKind::Permits) {
                continue;
            }
            let list = if effect.kind == EffectKind::Permits { &mut self.permitted } else { &mut self.touched };
            match path_of(&effect.object) {
                Some(path) if makes => self.made.extend(path.text().map(<[u8]>::to_vec)),
                Some(path) => list.push((path.text().unwrap_or(path.prefix()), path.text().is_some())),
                None if makes => {}
                None if matches!(effect.object, Object::None) => list.push((b"", false)),
                None => {}
            }
        }
    }

    /// Whether the file at `path` is such a program.
    #[must_use]
    pub fn has(&self, path: &[u8], law: &dyn Law, atlas: &Atlas<'_>) -> bool {
        let Some(own) = atlas.relative(path) else { return false };
        let touched = meets(&self.touched, path) || meets(&self.permitted, path);
        let mut above: Vec<&[u8]> = pattern::components(own).collect();
        let Some(name) = above.pop() else { return false };
        let placed = || {
            above.iter().any(|part| PLACES.contains(part) || part.starts_with(b"cmake-build-"))
                && !above.iter().any(|part| FOREIGN.contains(part))
                && atlas.world().ignored(path)
                && matches!(atlas.world().kind(path), FileKind::File | FileKind::Missing)
        };
        !touched && !named(law, "deploys", name) && (self.made.contains(path) || placed())
    }

    /// Whether what was read of the script at `path` is what runs: nothing of the line may have changed it. What git and the
    /// project's own code leave is the workspace's own for a shell's script; other code is proven as it was read, or not at all.
    #[must_use]
    pub fn spares(&self, path: &[u8], language: &str) -> bool {
        !meets(&self.touched, path) && (is_shell(language) || !self.stirred)
    }

    /// Whether `action` starts such a program, and nothing else is not understood of it.
    #[must_use]
    pub fn is_started_by(&self, action: &Action, law: &dyn Law, atlas: &Atlas<'_>) -> bool {
        let mut files = action.effects.iter().filter(|effect| effect.kind == EffectKind::Executes).map(native);
        let (Some(Some(file)), None) = (files.next(), files.next()) else { return false };
        action.kind == ActionKind::Run
            && action.path.as_deref() == Some(file)
            && action.argv.first().and_then(Value::text).is_some_and(|word| word.contains(&b'/'))
            && action.gaps.len() < 2
            && action.gaps.iter().all(|gap| gap.kind == GapKind::UnknownProgram)
            && !action.argv.iter().skip(1).filter_map(Value::text).any(|word| named(law, "leaves-build", word))
            && !action.argv.iter().skip(1).any(|word| leads_out(word, action, atlas))
            && self.has(file, law, atlas)
    }
}

/// Whether a word names a place that is neither the workspace's nor everybody's.
fn leads_out(word: &Value, action: &Action, atlas: &Atlas<'_>) -> bool {
    let Some(text) = word.text() else { return false };
    let text = match text.iter().position(|byte| *byte == b'=') {
        Some(at) if text.starts_with(b"-") => text.get(at + 1..).unwrap_or_default(),
        _ => text,
    };
    let path = text.starts_with(b"/")
        || text.starts_with(b"~")
        || text.starts_with(b"..")
        || text.windows(3).any(|three| three == b"/..");
    let scopes = || {
        let placed = atlas.place(&path::absolute(&action.cwd, &Value::known(text)), true);
        placed.certain.iter().chain(placed.possible.iter()).collect::<Vec<_>>()
    };
    path && scopes().iter().any(|scope| {
        matches!(scope, Scope::Home | Scope::Credential | Scope::Restricted | Scope::Guard | Scope::Device)
    })
}

/// Whether a script or one of its words is named for what leaves the class of building and testing, whatever it says today.
#[must_use]
pub fn leaves(action: &Action, law: &dyn Law) -> bool {
    action
        .argv
        .iter()
        .skip(1)
        .filter_map(Value::text)
        .any(|word| named(law, "leaves-build", path::base(word)) || named(law, "deploys", path::base(word)))
}

/// Whether code in the language is a shell's, each command of which is judged by itself.
#[must_use]
pub fn is_shell(language: &str) -> bool {
    matches!(language, "sh" | "bash" | "dash" | "zsh")
}

/// Whether one of the paths is `path`, or holds it.
fn meets(paths: &[(&[u8], bool)], path: &[u8]) -> bool {
    paths.iter().any(|(at, whole)| if *whole { path::within(path, at) } else { path.starts_with(at) })
}

/// The file of machine code that an effect runs.
fn native(effect: &crate::action::Effect) -> Option<&[u8]> {
    match &effect.object {
        Object::Code { language, origin: CodeOrigin::File(file), .. } if language == "native" => file.text(),
        _ => None,
    }
}

/// Whether a word is on a list of names under which scripts and targets leave the class of building and testing.
fn named(law: &dyn Law, list: &str, word: &[u8]) -> bool {
    law.list(list).iter().any(|glob| pattern::matches(&pattern::atoms(glob.as_bytes()), word))
}

/// Whether the action builds: what it writes is what the project's code makes.
#[must_use]
pub fn makes(action: &Action, atlas: &Atlas<'_>) -> bool {
    action.runner || compiles(action, atlas)
}

/// A compiler over sources of the workspace, all of them named.
fn compiles(action: &Action, atlas: &Atlas<'_>) -> bool {
    let mut sources = action.effects.iter().filter(|effect| effect.kind == EffectKind::Reads).peekable();
    action.program.as_deref().is_some_and(|program| COMPILERS.contains(&program))
        && action.gaps.is_empty()
        && sources.peek().is_some()
        && sources.all(|effect| {
            path_of(&effect.object).and_then(Value::text).is_some_and(|file| {
                atlas.relative(file).is_some() || file.starts_with(b"/usr/") || file.starts_with(b"/opt/")
            })
        })
        && !action.operands.iter().any(|word| word.text() == Some(b"-"))
}

/// The program of a C compiler that is not told its name.
fn unnamed(action: &Action) -> Option<Vec<u8>> {
    let told = |name: &str| matches!(name, "-o" | "-c" | "-S" | "-E" | "-fsyntax-only");
    let named = action.options.iter().any(|(name, _)| told(name));
    let out = path::absolute(&action.cwd, &Value::known(b"a.out"));
    (action.program.as_deref() == Some(b"gcc") && !named).then(|| out.text().map(<[u8]>::to_vec))?
}

/// Whether git only brings its own files from one state to another.
fn is_of_tree(action: &Action) -> bool {
    const MOVES: &[&str] = &["checkout", "switch", "stash", "restore", "reset", "merge", "rebase", "bisect"];
    action.program.as_deref() == Some(b"git")
        && action.sub.first().is_some_and(|sub| MOVES.contains(&sub.as_str()))
        && action.operands.len() < 2
}
