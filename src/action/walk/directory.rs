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
                let plain = !target.prefix().starts_with(b"/") && !target.prefix().starts_with(b".");
                let searched = plain
                    && self.read_variable(b"CDPATH", state).text() != Some(b"")
                    && state.variable(b"CDPATH").is_some();
                if searched {
                    None
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
}
