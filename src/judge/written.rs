//! What the line has written up to one of its actions, for those that run or load it.

use std::collections::{BTreeMap, BTreeSet};

use super::law::Law;
use super::scope::Atlas;
use super::when::path_of;
use super::{built, pattern, shadow, started};
use crate::action::{Action, EffectKind, Flag, Scope, Value, path};

/// Grows action by action, so that each is looked at once.
#[derive(Default)]
pub struct Written<'a> {
    /// Known paths, and whether something else than a runner wrote them.
    paths: BTreeMap<&'a [u8], bool>,
    /// Modules an interpreter would find there.
    modules: BTreeSet<&'a [u8]>,
    /// One of them has the name of a module of the library.
    library: bool,
    /// Code that runners start by themselves or what configures them, by something else than a runner: what that wrote is the
    /// project's own.
    code: bool,
    /// Other code of the project, called by what was there before.
    source: bool,
    /// Directories that a whole tree from elsewhere was put into.
    trees: Vec<Vec<u8>>,
}

impl<'a> Written<'a> {
    /// Adds what `action` writes. `runners`: the line has some, so that it matters what is code.
    pub fn add(&mut self, action: &'a Action, runners: bool, atlas: &Atlas<'_>) {
        let old = self.is_old_code(action, atlas);
        if runners && brings_tree(action, atlas) {
            self.trees.push(put_into(action));
        }
        for effect in &action.effects {
            if !matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites) {
                continue;
            }
            // A directory that is made holds nothing yet.
            let Some(path) = path_of(&effect.object).filter(|_| action.program.as_deref() != Some(b"mkdir")) else {
                continue;
            };
            if let Some(text) = path.text() {
                *self.paths.entry(text).or_default() |= !built::makes(action, atlas) && !old;
                if let Some(module) = shadow::module(text) {
                    self.library |= shadow::is_library(module);
                    self.modules.insert(module);
                }
            }
            if runners && !action.runner && !self.code && !old {
                let shown = path.display();
                let code = is_code(&shown) && (path.text().is_some() || !path.has_hole());
                let own = atlas.relative(&shown);
                self.code = code && own.is_none_or(started::by_itself)
                    || atlas.place(path, false).certain.has(Scope::Sensitive);
                self.source |= code;
            }
        }
    }

    /// Whether it only puts code of the project in another place of it: what was started, or called, before the line is no news.
    fn is_old_code(&self, action: &Action, atlas: &Atlas<'_>) -> bool {
        let sub = action.sub.first().map(String::as_str);
        let moves = match action.program.as_deref() {
            Some(b"mv" | b"cp") => true,
            Some(b"git") => sub == Some("mv"),
            _ => false,
        };
        let Some((to, from)) = action.operands.split_last().filter(|_| moves) else { return false };
        let place = |value: &Value| path::absolute(&action.cwd, value);
        let ending = |path: &[u8]| path.rsplit(|byte| *byte == b'.').next().map(<[u8]>::to_vec);
        let to = place(to);
        let starts = |path: &[u8]| atlas.relative(path).is_some_and(started::by_itself);
        let started = to.text().is_some_and(starts);
        let own = |path: &Value| {
            let Some(text) = path.text() else { return false };
            is_code(text)
                && atlas.relative(text).is_some()
                && !self.paths.contains_key(text)
                && (starts(text) || !started)
                && to.text().is_some_and(|to| !is_code(to) || ending(to) == ending(text))
        };
        !from.is_empty()
            && from.iter().all(|value| own(&place(value)))
            && !atlas.place(&to, false).certain.has(Scope::Sensitive)
    }

    /// Whether the file was written, so that running it runs what nobody has read. One runner may run what another made.
    #[must_use]
    pub fn has(&self, path: &[u8], runner: bool) -> bool {
        self.paths.get(path).is_some_and(|other| *other || !runner)
    }

    /// Whether code of the project was written, which a program that is built of it holds.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.code || self.source || !self.trees.is_empty()
    }

    /// Whether the runner starts what was written: code that runs by itself, a file that is named to it, or the program
    /// that all of the source makes. Source that its tests call and its checkers read is what a runner is for.
    #[must_use]
    pub fn is_started_by(&self, runner: &Action, law: &dyn Law) -> bool {
        let moved = option(runner, &["-C", "--directory"]).map(|at| path::absolute(&runner.cwd, at));
        let cwd = moved.as_ref().unwrap_or(&runner.cwd);
        let below = |tree: &Vec<u8>| cwd.text().is_some_and(|cwd| path::within(cwd, tree));
        self.code
            || self.trees.iter().any(below)
            || self.source && (starts_program(runner) || !reads_code(runner, law) && self.is_named_to(runner))
    }

    fn is_named_to(&self, runner: &Action) -> bool {
        runner.operands.iter().any(|operand| {
            let path = path::absolute(&runner.cwd, operand);
            path.text().is_some_and(|path| is_code(path) && self.has(path, true))
        })
    }

    /// Whether `action` is an interpreter that would load what was written instead of its library's or a named module.
    #[must_use]
    pub fn is_loaded_by(&self, action: &Action) -> bool {
        !self.modules.is_empty()
            && shadow::is_python(action)
            && (self.library || shadow::names_any(action, |module| self.modules.contains(module)))
    }
}

/// Whether a whole tree comes from an archive, another repository or another place: with what starts by itself among it.
fn brings_tree(action: &Action, atlas: &Atlas<'_>) -> bool {
    let given = |name: &str| action.options.iter().any(|(option, _)| option == name);
    let outside = |value: &Value| {
        let place = path::absolute(&action.cwd, value);
        place.text().is_some_and(|text| atlas.relative(text).is_none())
    };
    match action.program.as_deref() {
        Some(b"tar") => given("--extract"),
        Some(b"unzip") => !["-l", "-v", "-t", "-p", "-c", "-Z"].iter().any(|name| given(name)),
        Some(b"7z" | b"unrar") => action.sub.first().is_some_and(|sub| matches!(sub.as_str(), "x" | "e")),
        Some(b"git") => action.sub.first().is_some_and(|sub| sub == "clone"),
        Some(b"ln") => action.operands.first().is_some_and(|code| is_code(code.prefix()) && outside(code)),
        Some(b"cp" | b"rsync") => {
            action.flags.has(Flag::Recursive)
                && action.operands.split_last().is_some_and(|(_, from)| from.iter().any(outside))
        }
        _ => false,
    }
}

/// The directory that an archive is told to be unpacked to, else the one in force: what lies below it is new.
fn put_into(action: &Action) -> Vec<u8> {
    let into = match action.program.as_deref() {
        Some(b"cp" | b"rsync" | b"git") => None,
        _ => option(action, &["-d", "-C", "--directory", "-o"]),
    };
    let place = into.map_or_else(|| action.cwd.clone(), |into| path::absolute(&action.cwd, into));
    place.text().map(<[u8]>::to_vec).unwrap_or_default()
}

/// The value given to an option, by any of its names.
fn option<'v>(action: &'v Action, names: &[&str]) -> Option<&'v Value> {
    action.options.iter().find(|(name, _)| names.contains(&name.as_str()))?.1.as_ref()
}

/// Whether it starts the project's program, not its tests.
fn starts_program(runner: &Action) -> bool {
    // These start a script by its name, or a tool of the environment.
    let by_name = [
        &b"npm"[..],
        b"pnpm",
        b"yarn",
        b"bun",
        b"deno",
        b"uv",
        b"poetry",
        b"pipenv",
        b"pdm",
        b"hatch",
        b"rye",
        b"tox",
        b"vitest",
        b"turbo",
        b"nx",
        b"lerna",
        b"pre-commit",
    ];
    let program = runner.program.as_deref().unwrap_or_default();
    !by_name.contains(&program)
        && runner.sub.first().is_some_and(|sub| matches!(sub.as_str(), "run" | "exec" | "start" | "repl" | "watch"))
        && program != b"bundle"
}

/// Whether it is a checker, a compiler or a wrapper: a file that is named to it is read, and what it hands on is judged by itself.
fn reads_code(runner: &Action, law: &dyn Law) -> bool {
    let listed =
        |word: &[u8]| law.list("checkers").iter().any(|name| pattern::matches(&pattern::atoms(name.as_bytes()), word));
    runner.program.as_deref().is_some_and(|program| {
        let script = matches!(program, b"npm" | b"pnpm" | b"yarn" | b"bun");
        listed(program) || script && runner.operands.first().and_then(Value::text).is_some_and(listed)
    }) || runner.sub.first().is_some_and(|sub| listed(sub.as_bytes()))
}

fn is_code(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let extension = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    [
        "py", "js", "ts", "mjs", "cjs", "jsx", "tsx", "sh", "bash", "rb", "pl", "php", "rs", "go", "java", "kt", "c",
        "cc", "cpp", "h", "cs", "swift", "scala", "ex", "exs", "lua", "mk", "zig", "hs",
    ]
    .iter()
    .any(|known| known.as_bytes() == extension)
        && name.len() > extension.len()
}
