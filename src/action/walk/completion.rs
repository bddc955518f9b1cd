//! `compgen` and `complete`: their words name commands, functions and lists that bash expands.

use super::gap;
use super::letters::letters;
use super::state::State;
use super::walker::{Frame, Walker};
use crate::action::{Action, GapKind, Value};

impl Walker<'_> {
    /// What `compgen` runs to find its answers. `complete` keeps it for a terminal that nobody here has.
    #[inline(never)]
    pub(super) fn completion(
        &mut self,
        name: &[u8],
        arguments: &[Value],
        action: &mut Action,
        state: &mut State,
        frame: &Frame,
    ) {
        let span = action.span;
        let (given, _) = letters(arguments, b"oAGWFCXPS");
        for (letter, value) in &given {
            match (letter, value.text()) {
                (b'C' | b'F', _) => {
                    let mut own = state.clone();
                    self.shell_text(value, name, &mut own, frame, span);
                }
                (b'W', Some(text)) => {
                    let text = text.to_vec();
                    let mut own = state.clone();
                    if let Some(inner) = frame.behind(name, span) {
                        self.prompt_text(&text, &mut own, &inner);
                    }
                }
                (b'W', None) => gap(action, GapKind::Opaque, "words that are expanded once more", span),
                _ => {}
            }
        }
        if name == b"complete" && !arguments.is_empty() {
            gap(action, GapKind::Opaque, "it runs commands by itself", span);
        }
    }
}
