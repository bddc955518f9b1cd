//! What can be counted of what an action takes, before it runs: the questions, and the numbers that answer them. Plain values.

use serde::{Deserialize, Serialize};

/// One thing to count. Paths are absolute bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Question {
    /// What stands at a path; with `whole` everything below it too. No link below is followed, and that at the path itself only
    /// with `follow`.
    Tree {
        /// The path.
        path: Vec<u8>,
        /// Everything below it.
        whole: bool,
        /// Where a link stands there, what it leads to is meant.
        follow: bool,
        /// Which of it.
        which: Which,
    },
    /// Commits of the repository that holds a directory.
    Commits {
        /// The directory.
        directory: Vec<u8>,
        /// Which.
        lost: Lost,
    },
    /// Processes of our user.
    Processes(Reached),
    /// Rows of a table in a SQLite file.
    Rows {
        /// The file.
        file: Vec<u8>,
        /// The table's plain name.
        table: String,
        /// All of them; else at most these.
        all: bool,
    },
}

/// Which files of a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Which {
    /// All.
    All,
    /// Those whose permissions are others than this mode of `chmod` makes them.
    Mode(Vec<u8>),
    /// Those that git tracks and that are not as they were added.
    Changed,
    /// Those that git does not track: `git clean`.
    Untracked {
        /// In directories too that hold nothing else.
        directories: bool,
        /// Ignored ones too.
        ignored: bool,
        /// Those that are not ignored too.
        others: bool,
    },
}

/// Commits that something leaves without a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lost {
    /// Those of one revision that another has not.
    Between {
        /// What keeps them now.
        from: Vec<u8>,
        /// What will.
        to: Vec<u8>,
    },
    /// Those that only this ref reaches.
    Only(Vec<u8>),
    /// The entries of the stash.
    Stash,
}

/// Processes that a signal reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reached {
    /// One, by its number.
    Number(u32),
    /// A group of them.
    Group(u32),
    /// All.
    All,
    /// By name.
    Named {
        /// The name, or a pattern.
        name: Vec<u8>,
        /// It is a pattern.
        pattern: bool,
        /// It is the whole name.
        exact: bool,
        /// It is looked for in the whole command line.
        full: bool,
        /// Something else narrows it further.
        narrowed: bool,
    },
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Count {
    /// Files and links.
    Files,
    /// Bytes in files.
    Bytes,
    /// Files that git does not track.
    Untracked,
    /// Files that git tracks and that are not as they were added.
    Changed,
    /// Files that git ignores.
    Ignored,
    /// Files that no repository holds.
    Unkept,
    /// Files and directories whose permissions change.
    Modes,
    /// Commits.
    Commits,
    /// Rows.
    Rows,
    /// Processes.
    Processes,
    /// Packages.
    Packages,
}

impl Count {
    /// All, with the word of the request.
    pub const ALL: [(Count, &'static str); 11] = [
        (Count::Files, "files"),
        (Count::Bytes, "bytes"),
        (Count::Untracked, "untracked"),
        (Count::Changed, "changed"),
        (Count::Ignored, "ignored"),
        (Count::Unkept, "unkept"),
        (Count::Modes, "modes"),
        (Count::Commits, "commits"),
        (Count::Rows, "rows"),
        (Count::Processes, "processes"),
        (Count::Packages, "packages"),
    ];

    /// The word of the request.
    #[must_use]
    pub fn name(self) -> &'static str {
        Count::ALL.iter().find(|(count, _)| *count == self).map_or("", |(_, name)| name)
    }
}

/// How sure a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sure {
    /// It is that.
    Exactly,
    /// Not all was counted.
    AtLeast,
    /// Not all that was counted is meant.
    AtMost,
}

/// A number of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Of what.
    pub count: Count,
    /// How many.
    pub number: u64,
    /// How sure.
    pub sure: Sure,
}

impl Amount {
    /// So many, exactly.
    #[must_use]
    pub fn exactly(count: Count, number: u64) -> Amount {
        Amount { count, number, sure: Sure::Exactly }
    }
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The numbers.
    pub amounts: Vec<Amount>,
    /// What helps to read them: what stands there, names of processes.
    pub told: Vec<Vec<u8>>,
    /// Why there are none.
    pub unknown: Option<String>,
}

impl Measured {
    /// Nothing is known, for this reason.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Measured {
        Measured { unknown: Some(why.into()), ..Measured::default() }
    }

    /// These numbers.
    #[must_use]
    pub fn of(amounts: Vec<Amount>) -> Measured {
        Measured { amounts, ..Measured::default() }
    }

    /// The number of something, where it was measured.
    #[must_use]
    pub fn amount(&self, count: Count) -> Option<Amount> {
        self.amounts.iter().find(|amount| amount.count == count).copied()
    }
}
