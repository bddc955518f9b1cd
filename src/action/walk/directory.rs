//! `cd`, `pushd`, `popd`: where the shell stands afterwards.

use super::compound::names_effect;
use super::simple::unknown;
use super::state::State;
use super::walker::{Status, Walker};
use crate::action::{Action, FileKind, Value, path};

impl Walker<'_> {
    pub(super) fn change_directory(
        &mut self,
        name: &[u8],
        arguments: &[Value],
        action: &mut Action,
        state: &mut State,
    ) {
        let target = arguments
            .iter()
            .find(|value| !matches!(value.text(), Some(b"-P" | b"-L" | b"-e" | b"-@" | b"--" | b"-n")))
            .cloned();
        let before = state.cwd.clone();
        let next = match (name, target) {
            (b"popd", None) => state.directories.pop(),
            (b"pushd", None) => state.directories.pop(),
            (b"popd", Some(_)) => None,
            (_, None) => Some(self.read_variable(b"HOME", state)),
            (_, Some(target)) if target.text() == Some(b"-") => state.old_cwd.clone(),
            (b"pushd", Some(target)) if target.prefix().starts_with(b"+") || target.prefix().starts_with(b"-") => None,
            (_, Some(target)) => {
                if let Some(found) = self.searched(&target, action, state) {
                    found
                } else if target.has_hole()
                    || target.many
                    || matches!(target.parts.first(), Some(crate::action::Part::Hole(_)))
                {
                    Some(path::absolute(&before, &Value { many: false, ..target }))
                } else {
                    Some(path::absolute(&before, &target))
                }
            }
        };
        let mut next = next.unwrap_or_else(|| unknown("a directory not known", &[]));
        next.many = false;
        action.effects.push(names_effect(&before, &next));
        if name == b"pushd" {
            state.directories.push(before.clone());
        }
        let exists = next.text().map(|path| match self.world.kind(path) {
            FileKind::Missing => state.made(path).is_some(),
            FileKind::File | FileKind::Device | FileKind::Other => false,
            FileKind::Directory | FileKind::Link | FileKind::Unknown => true,
        });
        match exists {
            Some(true) => {
                self.status = Status::Yes;
                state.cwd_else = None;
            }
            _ => {
                self.status = Status::Maybe;
                if !state.options.errexit {
                    state.cwd_else = Some(before.clone());
                }
            }
        }
        state.old_cwd = Some(before);
        state.cwd = next;
    }

    /// Where a relative directory is found by `CDPATH`, set in the line; the inner `None`: that is not known. `None`: it is
    /// not searched for.
    fn searched(&self, target: &Value, action: &Action, state: &State) -> Option<Option<Value>> {
        let text = target.prefix();
        let first = text.split(|byte| *byte == b'/').next().unwrap_or_default();
        if text.starts_with(b"/") || matches!(first, b"." | b"..") {
            return None;
        }
        let leading = action.assigns.iter().rev().find(|(name, _)| name == b"CDPATH").map(|(_, value)| value.clone());
        let path = match leading {
            Some(path) => path,
            None if state.variable(b"CDPATH").is_some() => self.read_variable(b"CDPATH", state),
            None => return None,
        };
        if path.parts.is_empty() {
            return None;
        }
        let (Some(path), Some(_)) = (path.text(), target.text()) else { return Some(None) };
        let mut first = None;
        for entry in path.split(|byte| *byte == b':') {
            let base = path::absolute(&state.cwd, &Value::known(entry));
            let there = path::absolute(&base, target);
            let Some(kind) = there.text().map(|there| self.world.kind(there)) else { return Some(None) };
            match kind {
                FileKind::Directory | FileKind::Link => return Some(Some(there)),
                // It may be there, or be made: what leads out of the line's directory is what counts.
                FileKind::Unknown if base != state.cwd => return Some(Some(there)),
                FileKind::Missing if base != state.cwd => first = first.or(Some(there)),
                FileKind::Unknown | FileKind::Missing | FileKind::File | FileKind::Device | FileKind::Other => {}
            }
        }
        let plain = path::absolute(&state.cwd, target);
        let here = plain.text().is_some_and(|plain| self.world.kind(plain) != FileKind::Missing);
        first.filter(|_| !here).map(Some)
    }
}
