//! What the line has written up to one of its actions, for those that run or load it.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::Atlas;
use super::shadow;
use super::when::path_of;
use crate::action::{Action, EffectKind, Scope};

/// Grows action by action, so that each is looked at once.
#[derive(Default)]
pub struct Written<'a> {
    /// Known paths, and whether something else than a runner wrote them.
    paths: BTreeMap<&'a [u8], bool>,
    /// Modules an interpreter would find there.
    modules: BTreeSet<&'a [u8]>,
    /// One of them has the name of a module of the library.
    library: bool,
    /// Code of the project or what configures its build, by something else than a runner: what that wrote is the project's own.
    code: bool,
}

impl<'a> Written<'a> {
    /// Adds what `action` writes. `runners`: the line has some, so that it matters what is code.
    pub fn add(&mut self, action: &'a Action, runners: bool, atlas: &Atlas<'_>) {
        for effect in &action.effects {
            if !matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites) {
                continue;
            }
            let Some(path) = path_of(&effect.object) else { continue };
            if let Some(text) = path.text() {
                *self.paths.entry(text).or_default() |= !action.runner;
                if let Some(module) = shadow::module(text) {
                    self.library |= shadow::is_library(module);
                    self.modules.insert(module);
                }
            }
            if runners && !action.runner && !self.code {
                self.code = path.text().is_some_and(is_code) || atlas.place(path, false).certain.has(Scope::Sensitive);
            }
        }
    }

    /// Whether the file was written, so that running it runs what nobody has read. One runner may run what another made.
    #[must_use]
    pub fn has(&self, path: &[u8], runner: bool) -> bool {
        self.paths.get(path).is_some_and(|other| *other || !runner)
    }

    /// Whether code of the project was written.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.code
    }

    /// Whether `action` is an interpreter that would load what was written instead of its library's or a named module.
    #[must_use]
    pub fn is_loaded_by(&self, action: &Action) -> bool {
        !self.modules.is_empty()
            && shadow::is_python(action)
            && (self.library || shadow::names_any(action, |module| self.modules.contains(module)))
    }
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
