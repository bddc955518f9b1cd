//! What judging needs to know of the machine: asked through one trait, so that a decision can be replayed from its
//! remembered answers and tests run on a fixture world.

use super::measure::{Measured, Question};

/// Answers about the machine. Implementations remember every answer (`judge::memory`): the same question gets the same
/// answer for the whole of one judgement. All paths are absolute bytes.
pub trait World {
    /// Home of the user we run for, from the user database; `None` where there is none.
    fn home(&self) -> Option<Vec<u8>>;
    /// Home of `user`, from the user database.
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>>;
    /// The invocation's working directory, physical.
    fn cwd(&self) -> Vec<u8>;
    /// The workspace roots in force (DESIGN section 2): absolute, physical. Empty: there is no workspace.
    fn roots(&self) -> Vec<Vec<u8>>;
    /// A variable of the environment the shell will get.
    fn variable(&self, name: &[u8]) -> Variable;
    /// What is at `path` (links not followed).
    fn kind(&self, path: &[u8]) -> FileKind;
    /// Where the symbolic link at `path` points, as written.
    fn link(&self, path: &[u8]) -> Option<Vec<u8>>;
    /// The file's contents, `None` where it cannot be read or is larger than `limit` bytes.
    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>>;
    /// Names in a directory, sorted, without `.` and `..`; `None` where it cannot be read or has more than `limit`.
    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>>;
    /// Whether someone other than root may write what `path` leads to, or change anything on the way there: a link of the
    /// user's is theirs wherever it leads.
    fn user_writable(&self, path: &[u8]) -> bool;
    /// Whether the program at `path` is the system's own: nobody but root may write it or put another in its place, and where
    /// that says nothing, because we are root ourselves, it stands where programs are installed.
    fn is_system_program(&self, path: &[u8]) -> bool {
        !self.user_writable(path)
    }
    /// Whether `path` leads to our own executable: a shim, behind which the real program stands, or vetsh itself.
    fn is_vetsh(&self, path: &[u8]) -> bool {
        let _ = path;
        false
    }
    /// Whether git tracks `path` and could restore its present contents (tracked in the index, unmodified by size and time).
    fn restorable(&self, path: &[u8]) -> bool;
    /// Whether git ignores `path` (`.gitignore` of its repository).
    fn ignored(&self, path: &[u8]) -> bool;
    /// Counts what an action would take. Only asked where a rule or a human wants to know.
    fn measured(&self, question: &Question) -> Measured {
        let _ = question;
        Measured::unknown("it cannot be measured here")
    }
}

/// A variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Set to this.
    Set(Vec<u8>),
    /// Not set.
    Unset,
    /// Not known (a fixture that does not say).
    Unknown,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Nothing.
    Missing,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A character or block device.
    Device,
    /// A fifo or socket.
    Other,
    /// Cannot be told.
    Unknown,
}

/// Whether one of the words that a text is made of names production: `eu-prod-1`, `api_production`.
#[must_use]
pub fn claims_production(text: &[u8]) -> bool {
    let names: [&[u8]; 3] = [b"prod", b"production", b"prd"];
    let mut tokens = text.split(|byte| !byte.is_ascii_alphanumeric());
    tokens.any(|token| names.iter().any(|name| token.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word_of_its_own() {
        for text in ["prod", "eu-prod-1", "api_production", "ENV=PROD", "deploy:prod", "envs/prd/main.tf"] {
            assert!(claims_production(text.as_bytes()), "{text}");
        }
        for text in ["product", "reproduce", "prods", "productions", "producer-1", "nonprod", "preprod"] {
            assert!(!claims_production(text.as_bytes()), "{text}");
        }
    }
}
