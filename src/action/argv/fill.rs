//! Lays operands on the declared entries: left to right, the last required one binding from the end.

use super::split::assignment;
use crate::action::Value;
use crate::action::tool::{Count, Operand, Role};

/// Which entry each operand falls on; `None`: one too many.
pub(super) struct Filled {
    /// One for each operand.
    pub entries: Vec<Option<usize>>,
    /// Entries that needed an operand and got none.
    pub missing: Option<usize>,
}

/// Fills `entries` with `words`.
pub(super) fn fill(entries: &[Operand], words: &[Value]) -> Filled {
    let mut filled = Filled { entries: Vec::with_capacity(words.len()), missing: None };
    let mut needed: usize = entries.iter().map(least).sum();
    let mut rest = words;
    for (index, entry) in entries.iter().enumerate() {
        needed -= least(entry);
        let spare = rest.len().saturating_sub(needed);
        let take = match entry.count {
            Count::One | Count::Optional => spare.min(1),
            Count::Any | Count::Many if entry.role == Role::Assign => {
                rest.iter().take(spare).take_while(|word| assignment(word)).count()
            }
            Count::Any | Count::Many => spare,
        };
        if take < least(entry) {
            filled.missing.get_or_insert(index);
        }
        filled.entries.extend(std::iter::repeat_n(Some(index), take));
        rest = rest.get(take..).unwrap_or_default();
    }
    filled.entries.extend(std::iter::repeat_n(None, rest.len()));
    filled
}

/// How many operands an entry must have. Carried commands are not operands.
fn least(entry: &Operand) -> usize {
    let carried = matches!(entry.role, Role::Payload | Role::PayloadStdin | Role::PayloadUntil(_));
    usize::from(matches!(entry.count, Count::One | Count::Many) && !carried && entry.default.is_none())
}
