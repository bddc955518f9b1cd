//! How much of an action was understood.

/// How much was understood. Combined by `max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Coverage {
    /// Everything.
    #[default]
    Full,
    /// The action is known, a part of it is not.
    Partial,
    /// Nothing can be said.
    Opaque,
}

impl Coverage {
    /// The word of the batch contract and the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Coverage::Full => "full",
            Coverage::Partial => "partial",
            Coverage::Opaque => "opaque",
        }
    }
}
