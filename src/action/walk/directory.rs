//! `cd`, `pushd`, `popd`: where the shell stands afterwards.

use std::rc::Rc;

use super::compound::names_effect;
use super::simple::unknown;
use super::state::State;
use super::walker::{Status, Walker};
use crate::action::{Action, Bound, FileKind, Part, Value, path};
use crate::parse::Dialect;

impl Walker<'_> {
    #[inline(never)]
    pub(super) fn change_directory(
        &mut self,
        name: &[u8],
        arguments: &[Value],
        action: &mut Action,
        state: &mut State,
    ) {
        let moves = !arguments.iter().any(|value| value.text() == Some(b"-n")) || name == b"cd";
        let target = arguments
            .iter()
            .find(|value| !matches!(value.text(), Some(b"-P" | b"-L" | b"-e" | b"-@" | b"--" | b"-n")))
            .cloned();
        let words = arguments.iter().filter(|value| !value.prefix().starts_with(b"-") || value.text() == Some(b"-"));
        let target = match target {
            // zsh replaces one text by the other in the working directory.
            Some(_) if state.dialect == Dialect::Zsh && words.clone().count() > 1 => {
                Some(unknown("a directory zsh makes", &[]))
            }
            target => target,
        };
        let before = state.cwd.clone();
        // What the stack keeps of a place that is not sure is one of several.
        let kept = state.stands();
        let given = words.filter(|value| value.text().is_some()).count();
        // Too many words: since version 4.4 bash stays where it is.
        let doubt = name == b"cd" && state.dialect == Dialect::Bash && given > 1;
        let turned = match &target {
            Some(target) if name != b"cd" => target.text().and_then(|text| nth(text, state.directories.len())),
            _ => None,
        };
        let mut also: Vec<Value> = Vec::new();
        // Where an earlier one has failed, this one starts from there.
        let mut behind = None;
        let next = match (name, target) {
            (b"popd", _) if turned.is_some_and(|at| at > 0) || !moves => {
                // An entry further down goes; the shell stays.
                let at = turned.unwrap_or(1);
                if let Some(at) = state.directories.len().checked_sub(at) {
                    state.directories.remove(at);
                }
                return;
            }
            (b"popd", None) => state.directories.pop(),
            (b"popd", Some(_)) => turned.and_then(|_| state.directories.pop()),
            (b"pushd", None) => {
                let next = state.directories.pop();
                state.directories.push(kept);
                next
            }
            (b"pushd", Some(_)) if turned.is_some() => {
                let mut all = state.directories.clone();
                all.push(kept);
                all.rotate_right(turned.unwrap_or_default());
                let next = all.pop();
                state.directories = all;
                next
            }
            (b"pushd", Some(target)) if !moves => {
                let there = path::absolute(&before, &Value { many: false, ..target });
                action.effects.push(names_effect(&before, &there));
                state.directories.push(there);
                return;
            }
            (_, None) => Some(path::absolute(&before, &self.read_variable(b"HOME", state))),
            (_, Some(target)) if target.text() == Some(b"-") => {
                Some(path::absolute(&before, &self.read_variable(b"OLDPWD", state)))
            }
            (_, Some(target)) => {
                if name == b"pushd" {
                    state.directories.push(kept);
                }
                if let Some(found) = self.searched(&target, action, state) {
                    found
                } else {
                    let target = Value { many: false, ..target };
                    if !target.prefix().starts_with(b"/") {
                        also = state.cwd_also.iter().map(|other| path::absolute(other, &target)).collect();
                        behind = state.cwd_else.as_ref().map(|other| path::absolute(other, &target));
                    }
                    Some(path::absolute(&before, &target))
                }
            }
        };
        let mut next = next.unwrap_or_else(|| unknown("a directory not known", &[]));
        next.many = false;
        action.effects.push(names_effect(&before, &next));
        also.retain(|other| *other != next);
        if !also.is_empty() || !state.cwd_also.is_empty() {
            state.cwd_also = Rc::new(also);
        }
        // What was set by hand holds until the shell moves, and is where it says that it was.
        let said = state.variable(b"PWD").map(|_| self.read_variable(b"PWD", state));
        state.variables.remove(b"PWD");
        state.variables.remove(b"OLDPWD");
        let exists = next.text().map(|path| match self.world.kind(path) {
            FileKind::Missing => state.made(path).is_some(),
            FileKind::File | FileKind::Device | FileKind::Other => false,
            FileKind::Directory | FileKind::Link | FileKind::Unknown => true,
        });
        // A directory that was found is there.
        let found = next.parts.iter().all(|part| match part {
            Part::Known(_) | Part::Glob(_) => true,
            Part::Hole(hole) => hole.bound != Bound::Anything,
        });
        match exists {
            None if found && !doubt => {
                self.status = Status::Yes;
                state.cwd_else = Some(before.clone()).filter(|_| !state.options.errexit);
            }
            // What the line has taken away or locked is not there for it.
            Some(true) if !self.removed && !doubt => {
                self.status = Status::Yes;
                state.cwd_else = behind.filter(|other| *other != next);
            }
            _ => {
                self.status = Status::Maybe;
                if !state.options.errexit {
                    state.cwd_else = Some(before.clone());
                }
            }
        }
        state.old_cwd = Some(said.unwrap_or(before));
        state.cwd = next;
        if state.cwd_else.is_some() || !state.cwd_also.is_empty() {
            state.tells_where();
        }
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

/// The entry that `+N` or `-N` names, counted from the top of the stack (the working directory) above `below` entries.
pub(super) fn nth(text: &[u8], below: usize) -> Option<usize> {
    let (sign, digits) = text.split_first()?;
    let number: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    match sign {
        b'+' => Some(number).filter(|number| *number <= below),
        b'-' => below.checked_sub(number),
        _ => None,
    }
}
