//! Files that the line itself has made: removing them loses nothing that was there before.

use std::collections::BTreeSet;

use super::when::path_of;
use crate::action::{Action, ActionKind, EffectKind, Value, World, world::FileKind};

/// What of a line makes new files out of nothing, or copies: what it leaves holds nothing that is not elsewhere.
const MAKERS: &[&[u8]] = &[b"touch", b"mkdir", b"cp", b"sed", b"perl", b"ruby", b"tee", b"sort"];

/// Grows action by action.
#[derive(Default)]
pub struct Own<'a> {
    made: BTreeSet<&'a [u8]>,
    /// What others have put something at or below.
    taken: BTreeSet<&'a [u8]>,
    /// Something else was put where nobody knows.
    unsure: bool,
}

impl<'a> Own<'a> {
    /// Whether the line made all that is there.
    #[must_use]
    pub fn has(&self, path: &[u8]) -> bool {
        !self.unsure && self.made.contains(path) && !self.taken.contains(path)
    }

    /// Adds what `action` makes; what others put there (`mv`, code) may be all that is left of something.
    #[inline(never)]
    pub fn see(&mut self, action: &'a Action, world: &dyn World) {
        let makes = action.kind == ActionKind::Redirect
            || action.program.as_deref().is_some_and(|program| MAKERS.contains(&program));
        for effect in &action.effects {
            if !matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites) {
                continue;
            }
            let Some(object) = path_of(&effect.object) else { continue };
            match object.text() {
                Some(text) if makes => {
                    if effect.certain && world.kind(text) == FileKind::Missing {
                        self.made.insert(text);
                    }
                }
                Some(text) => self.take(text),
                None => self.unsure |= !makes && !is_apart(object),
            }
        }
    }

    fn take(&mut self, path: &'a [u8]) {
        let mut path = path;
        while !path.is_empty() && self.taken.insert(path) {
            let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            path = path.get(..end).unwrap_or_default();
        }
    }
}

/// Whether an unknown path is certainly none of the workspace's.
fn is_apart(object: &Value) -> bool {
    [&b"/tmp/"[..], b"/dev/"].iter().any(|place| object.prefix().starts_with(place))
}
