//! How much is there where a line would delete, replace or change something: counted, up to a bound.

use std::path::Path;

use super::request::object;
use crate::action::{EffectKind, Object};
use crate::judge::Weighed;
use crate::policy::Tier;
use crate::sys::file;
use crate::text::escape;

/// More entries than this are "more than".
const MOST_ENTRIES: usize = 5_000;
/// More objects than this are not looked at.
const MOST_OBJECTS: usize = 32;

/// One row for every object of the actions that are asked about: what stands there and how many entries below it.
#[must_use]
pub fn measured(weighed: &Weighed) -> String {
    let mut rows: Vec<String> = Vec::new();
    for (at, action) in weighed.actions.list.iter().enumerate() {
        let asked = |number: u32| usize::try_from(number).is_ok_and(|number| number == at);
        if !weighed.verdict.findings.iter().any(|f| f.tier >= Tier::Supervised && asked(f.action)) {
            continue;
        }
        for effect in action.effects.iter().filter(|effect| destroys(effect.kind)) {
            let Object::Path { path, .. } = &effect.object else { continue };
            let Some(known) = path.text() else { continue };
            let row = format!("{}: {}\n", escape(&object(&effect.object)), stands(file::path(known)));
            if rows.len() < MOST_OBJECTS && !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows.concat()
}

fn destroys(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Deletes | EffectKind::Overwrites | EffectKind::Permits)
}

fn stands(path: &Path) -> String {
    let Ok(meta) = path.symlink_metadata() else { return "nothing is there".to_owned() };
    if meta.is_symlink() {
        return "a link".to_owned();
    }
    if !meta.is_dir() {
        return "a file".to_owned();
    }
    match entries(path) {
        Some(count) => format!("a directory, {count} entries below it"),
        None => format!("a directory, more than {MOST_ENTRIES} entries below it"),
    }
}

/// How many entries stand below a directory, links not followed. `None`: more than we count.
fn entries(top: &Path) -> Option<usize> {
    let mut count = 0;
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(list) = std::fs::read_dir(&folder) else { continue };
        for entry in list.flatten() {
            count += 1;
            if count > MOST_ENTRIES {
                return None;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_is_counted_and_links_are_not_followed() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let top = scratch.path().join("top");
        std::fs::create_dir_all(top.join("a/b")).expect("folders");
        std::fs::write(top.join("a/f"), "x").expect("a file");
        std::os::unix::fs::symlink("/usr", top.join("l")).expect("a link");
        assert_eq!(stands(&top), "a directory, 4 entries below it");
        assert_eq!(stands(&top.join("a/f")), "a file");
        assert_eq!(stands(&top.join("l")), "a link");
        assert_eq!(stands(&top.join("none")), "nothing is there");
    }
}
