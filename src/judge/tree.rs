//! Trees that are copied or packed whole: a secret file in one of them goes along, though nobody named it.

use super::pattern::name_matches;
use super::scope::{Atlas, join};
use super::sensitive;
use super::when::path_of;
use crate::action::world::FileKind;
use crate::action::{Action, Effect, Flag, Value, path};

/// Directories that are looked into at most, and names in each.
const DIRECTORIES: usize = 64;
const NAMES: usize = 512;

/// Directories of what others wrote or a build made.
const SKIPPED: &[&[u8]] = &[b".git", b"node_modules", b"target", b"venv", b".venv", b"dist", b"__pycache__"];

/// Whether the action takes along all that is in the directories it reads.
pub(super) fn is_copied_by(action: &Action) -> bool {
    matches!(action.program.as_deref(), Some(b"cp" | b"tar" | b"zip" | b"rsync" | b"7z" | b"ditto" | b"pax"))
}

/// Whether a secret file of the tree that the effect reads goes into what the action makes of it.
pub(super) fn packs_secret(action: &Action, effect: &Effect, atlas: &Atlas<'_>) -> bool {
    effect.flags.has(Flag::Recursive)
        && is_copied_by(action)
        && !is_narrowed(action)
        && path_of(&effect.object).is_some_and(|path| holds_secret(path, action, atlas))
}

/// Whether lists nobody reads here may leave secret files out.
pub(super) fn is_narrowed(action: &Action) -> bool {
    const LISTS: &[&str] =
        &["--exclude-from", "--filter", "--files-from", "--include-from", "--exclude-vcs-ignores", "-F"];
    action.options.iter().any(|(name, _)| LISTS.contains(&name.as_str()))
}

/// Whether a secret file stands in the tree at `top` that no `--exclude` of the action leaves out.
pub(super) fn holds_secret(top: &Value, action: &Action, atlas: &Atlas<'_>) -> bool {
    let shown = top.display();
    let top = match top.text() {
        Some(text) => text.to_vec(),
        // `dir/*`
        None if !top.has_hole() => path::parent(&shown).to_vec(),
        None => return false,
    };
    let excluded: Vec<&str> = action
        .options
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "--exclude" | "-x"))
        .filter_map(|(_, value)| std::str::from_utf8(value.as_ref()?.text()?).ok())
        .map(|glob| glob.trim_start_matches("./").trim_end_matches('/'))
        .collect();
    let left_out = |name: &[u8]| {
        let name = Value::known(name);
        excluded.iter().any(|glob| name_matches(glob, &name) == Some(true))
    };
    let world = atlas.world();
    let mut todo = vec![top];
    let mut seen = 0;
    while let Some(directory) = todo.pop() {
        seen += 1;
        if seen > DIRECTORIES {
            return false;
        }
        for name in world.entries(&directory, NAMES).unwrap_or_default() {
            if left_out(&name) || SKIPPED.contains(&name.as_slice()) {
                continue;
            }
            let file = join(&directory, &name);
            match world.kind(&file) {
                FileKind::Directory => todo.push(file),
                _ if sensitive::is_secret_name(&name) => return true,
                _ => {}
            }
        }
    }
    false
}
