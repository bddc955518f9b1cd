//! What a yes must be: by how many humans, signed, and by whom among them. Written at a rule, or for everything that is asked about.

use super::document::{Document, Item};

/// The word that wants signatures of no one in particular.
pub const SIGNED: &str = "signed";

/// What a yes must be. Only adds up: the stricter of all that is written holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// How many humans must agree.
    pub approvals: u8,
    /// [`SIGNED`], and names of approvers who must be among them.
    pub require: Vec<String>,
}

impl Default for Asking {
    fn default() -> Asking {
        Asking { approvals: 1, require: Vec::new() }
    }
}

impl Asking {
    /// Adds what else is wanted.
    pub fn add(&mut self, approvals: u8, require: &[String]) {
        self.approvals = self.approvals.max(approvals);
        for word in require {
            if !self.require.contains(word) {
                self.require.push(word.clone());
            }
        }
    }
}

/// What a yes to a rule must be, for a human. `None`: plain.
#[must_use]
pub fn words(approvals: u8, require: &[String], typed: bool) -> Option<String> {
    let count = (approvals > 1).then(|| format!("{approvals} approvers sign it"));
    let named =
        require.iter().map(|word| if word == SIGNED { "signed".to_owned() } else { format!("{word} among them") });
    let typed = typed.then(|| "a code is typed".to_owned());
    let all: Vec<String> = count.into_iter().chain(named).chain(typed).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// `approvals = N`.
pub fn approvals(document: &mut Document<'_>, item: Item<'_, '_>) -> Option<u8> {
    let number = document.number(item)?;
    match u8::try_from(number) {
        Ok(count @ 1..=9) => Some(count),
        _ => {
            document.problem(item.span(), "approvals is a number from 1 to 9", "write how many humans must agree");
            None
        }
    }
}

/// `require = "signed"`, or names of approvers.
pub fn require(document: &mut Document<'_>, item: Item<'_, '_>) -> Vec<String> {
    let texts = document.strings(item);
    for text in texts.iter().filter(|text| !is_name(&text.value)) {
        document.problem(
            text.span.clone(),
            format!("`{}` names no approver", text.value),
            "write \"signed\", or an approver as allowed_signers names them: letters, digits and @ . _ + -",
        );
    }
    texts.into_iter().map(|text| text.value).collect()
}

/// Whether a word can name an approver.
#[must_use]
pub fn is_name(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._+-".contains(&byte);
    (1..=100).contains(&word.len()) && word.bytes().all(plain) && !word.starts_with(['-', '.'])
}
