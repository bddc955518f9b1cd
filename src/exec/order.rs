//! All one launch needs.

use std::fs::File;

use crate::approval::Approved;

/// All one launch needs. Made from an approval; raising the walls spends it.
#[derive(Debug)]
#[must_use = "an order must be raised and recorded"]
pub struct Order {
    approved: Approved,
    pub(super) program: Vec<u8>,
    pub(super) words: Vec<Vec<u8>>,
    pub(super) environment: Vec<Vec<u8>>,
    pub(super) dropped: Vec<String>,
    pub(super) script: Option<Script>,
    pub(super) stdin: Option<File>,
}

/// A script file as it was read: checked again right before exec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Its path, absolute.
    pub path: Vec<u8>,
    /// Device and inode.
    pub identity: (u64, u64),
    /// SHA-256 of its contents.
    pub digest: [u8; 32],
}

impl Order {
    /// What was approved.
    #[must_use]
    pub fn approved(&self) -> &Approved {
        &self.approved
    }

    /// The real program's path.
    #[must_use]
    pub fn program(&self) -> &[u8] {
        &self.program
    }

    /// The words it gets, `argv[0]` first.
    #[must_use]
    pub fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// The environment it gets.
    #[must_use]
    pub fn environment(&self) -> &[Vec<u8>] {
        &self.environment
    }

    /// Names taken out of the environment.
    #[must_use]
    pub fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// The script file it runs, where it is one.
    #[must_use]
    pub fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }
}
