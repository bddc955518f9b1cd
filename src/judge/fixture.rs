//! The one fixed world of the policy format's examples, overridable in parts: home `/home/u`, cwd `/home/u/w`, a git
//! repository on `feature/x` whose origin is a public forge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scope::{below, join};
use super::sensitive;
use crate::action::world::{FileKind, Variable};
use crate::action::{Amount, Count, Measured, Question, World};
use crate::text::Arrange;

/// What differs from the fixed world. Paths are absolute, `~/…`, or relative to the cwd.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// The home.
    pub home: Option<String>,
    /// The working directory.
    pub cwd: Option<String>,
    /// The current branch.
    pub branch: Option<String>,
    /// The workspace roots.
    pub roots: Option<Vec<String>>,
    /// Contents of files. `link:TARGET`, `dir:`, `device:` and `missing:` say other kinds.
    pub files: BTreeMap<String, String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Files git tracks unmodified.
    pub tracked: Vec<String>,
    /// Files git ignores.
    pub ignored: Vec<String>,
    /// What is measured of anything that is asked: `files`, `bytes`, `commits`, `rows`, `processes`, `modes`. Where nothing is said, files
    /// are those of this world, and the rest cannot be measured.
    pub impact: BTreeMap<String, u64>,
}

/// A world without a machine.
#[derive(Clone, Debug)]
pub struct Fixture {
    home: Vec<u8>,
    cwd: Vec<u8>,
    roots: Vec<Vec<u8>>,
    files: BTreeMap<Vec<u8>, Entry>,
    variables: BTreeMap<Vec<u8>, Vec<u8>>,
    tracked: Vec<Vec<u8>>,
    ignored: Vec<Vec<u8>>,
    impact: BTreeMap<String, u64>,
}

#[derive(Clone, Debug)]
enum Entry {
    File(Vec<u8>),
    Link(Vec<u8>),
    Directory,
    Device,
    Missing,
}

const SYSTEM_DIRECTORIES: &[&str] = &[
    "/",
    "/bin",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/local/bin",
    "/etc",
    "/tmp",
    "/var",
    "/var/tmp",
    "/home",
    "/dev",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/opt",
    "/lib",
];

/// Directories in which every plain name is taken for a program that is there.
const PROGRAM_DIRECTORIES: &[&str] = &["/usr/bin"];

impl Default for Fixture {
    fn default() -> Self {
        Fixture::new(&Changes::default())
    }
}

impl Fixture {
    /// The fixed world with `changes`.
    #[must_use]
    pub fn new(changes: &Changes) -> Self {
        let home = changes.home.clone().unwrap_or_else(|| "/home/u".to_owned()).into_bytes();
        let standard = join(&home, b"w");
        let roots: Vec<Vec<u8>> = match &changes.roots {
            Some(roots) => roots.iter().map(|root| root.clone().into_bytes()).collect(),
            None => vec![standard.clone()],
        };
        let cwd = match &changes.cwd {
            Some(cwd) => absolute(cwd, &home, &standard),
            None => standard,
        };
        let branch = changes.branch.as_deref().unwrap_or("feature/x");
        let mut files = BTreeMap::new();
        for root in &roots {
            files.insert(join(root, b".git"), Entry::Directory);
            files.insert(join(root, b".git/HEAD"), Entry::File(format!("ref: refs/heads/{branch}\n").into_bytes()));
            files.insert(join(root, b".git/config"), Entry::File(config(branch)));
            files.insert(
                join(root, b".git/refs/remotes/origin/HEAD"),
                Entry::File(b"ref: refs/remotes/origin/main\n".to_vec()),
            );
        }
        for (path, text) in &changes.files {
            let entry = match text.split_once(':') {
                Some(("link", target)) => Entry::Link(target.as_bytes().to_vec()),
                Some(("dir", "")) => Entry::Directory,
                Some(("device", "")) => Entry::Device,
                Some(("missing", "")) => Entry::Missing,
                _ => Entry::File(text.clone().into_bytes()),
            };
            files.insert(absolute(path, &home, &cwd), entry);
        }
        let mut variables: BTreeMap<Vec<u8>, Vec<u8>> = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("USER", "u"),
            ("LOGNAME", "u"),
            ("SHELL", "/bin/bash"),
            ("LANG", "C.UTF-8"),
            ("TERM", "xterm-256color"),
        ]
        .into_iter()
        .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect();
        variables.insert(b"HOME".to_vec(), home.clone());
        variables.insert(b"PWD".to_vec(), cwd.clone());
        for (name, value) in &changes.env {
            variables.insert(name.clone().into_bytes(), value.clone().into_bytes());
        }
        let tracked = changes.tracked.iter().map(|path| absolute(path, &home, &cwd)).collect();
        let ignored = changes.ignored.iter().map(|path| absolute(path, &home, &cwd)).collect();
        Fixture { home, cwd, roots, files, variables, tracked, ignored, impact: changes.impact.clone() }
    }

    fn root_of(&self, path: &[u8]) -> Option<&Vec<u8>> {
        self.roots.iter().find(|root| below(path, root).is_some())
    }
}

fn absolute(path: &str, home: &[u8], cwd: &[u8]) -> Vec<u8> {
    match path.strip_prefix("~/") {
        Some(rest) => join(home, rest.as_bytes()),
        None if path == "~" => home.to_vec(),
        None if path.starts_with('/') => path.as_bytes().to_vec(),
        None => join(cwd, path.as_bytes()),
    }
}

fn config(branch: &str) -> Vec<u8> {
    format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = git@github.com:u/w.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch \"{branch}\"]\n\tremote = origin\n\tmerge = refs/heads/{branch}\n"
    )
    .into_bytes()
}

impl World for Fixture {
    fn home(&self) -> Option<Vec<u8>> {
        Some(self.home.clone())
    }
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>> {
        match user {
            b"root" => Some(b"/root".to_vec()),
            b"u" => Some(self.home.clone()),
            other => Some(join(b"/home", other)),
        }
    }
    fn cwd(&self) -> Vec<u8> {
        self.cwd.clone()
    }
    fn roots(&self) -> Vec<Vec<u8>> {
        self.roots.clone()
    }
    fn variable(&self, name: &[u8]) -> Variable {
        self.variables.get(name).map_or(Variable::Unknown, |value| Variable::Set(value.clone()))
    }
    fn kind(&self, path: &[u8]) -> FileKind {
        match self.files.get(path) {
            Some(Entry::File(_)) => return FileKind::File,
            Some(Entry::Link(_)) => return FileKind::Link,
            Some(Entry::Directory) => return FileKind::Directory,
            Some(Entry::Device) => return FileKind::Device,
            Some(Entry::Missing) => return FileKind::Missing,
            None => {}
        }
        let ancestor = |known: &[u8]| below(known, path).is_some();
        if SYSTEM_DIRECTORIES.iter().any(|dir| dir.as_bytes() == path)
            || ancestor(&self.home)
            || ancestor(&self.cwd)
            || self.roots.iter().any(|root| ancestor(root))
            || self.files.iter().any(|(known, entry)| !matches!(entry, Entry::Missing) && ancestor(known))
        {
            return FileKind::Directory;
        }
        let is_program =
            PROGRAM_DIRECTORIES.iter().any(|dir| below(path, dir.as_bytes()).is_some_and(|rest| !rest.contains(&b'/')));
        if is_program { FileKind::File } else { FileKind::Missing }
    }
    fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        if let Some(Entry::Link(target)) = self.files.get(path) { Some(target.clone()) } else { None }
    }
    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self.files.get(path) {
            Some(Entry::File(text)) if text.len() <= limit => Some(text.clone()),
            _ => None,
        }
    }
    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
        let mut names: Vec<Vec<u8>> = self
            .files
            .iter()
            .filter(|(_, entry)| !matches!(entry, Entry::Missing))
            .filter_map(|(known, _)| below(known, path))
            .filter_map(|rest| rest.split(|byte| *byte == b'/').next().filter(|name| !name.is_empty()))
            .map(<[u8]>::to_vec)
            .collect();
        names.arrange();
        names.dedup();
        (!names.is_empty() && names.len() <= limit).then_some(names)
    }
    fn user_writable(&self, path: &[u8]) -> bool {
        below(path, &self.home).is_some()
            || self.root_of(path).is_some()
            || path.starts_with(b"/tmp/")
            || path.starts_with(b"/var/tmp/")
    }
    fn restorable(&self, path: &[u8]) -> bool {
        self.tracked.iter().any(|tracked| tracked == path)
            || (self.tracked.iter().any(|tracked| below(tracked, path).is_some())
                && self
                    .files
                    .keys()
                    .filter(|known| below(known, path).is_some())
                    .all(|known| self.tracked.contains(known)))
    }
    fn ignored(&self, path: &[u8]) -> bool {
        self.ignored.iter().any(|ignored| below(path, ignored).is_some())
            || self.root_of(path).and_then(|root| below(path, root)).is_some_and(|rest| {
                sensitive::is_regenerable_name(rest)
                    || rest.split(|byte| *byte == b'/').any(|part| matches!(part, b"node_modules" | b".venv" | b"venv"))
            })
    }
    fn measured(&self, question: &Question) -> Measured {
        let amount = |(count, name): (Count, &str)| Some(Amount::exactly(count, *self.impact.get(name)?));
        match Count::ALL.into_iter().filter_map(amount).collect::<Vec<_>>() {
            none if none.is_empty() => match question {
                Question::Tree { path, .. } => {
                    let files = self.files.iter().filter_map(|(known, entry)| match entry {
                        Entry::File(text) if below(known, path).is_some() => Some(text.len() as u64),
                        _ => None,
                    });
                    let (number, bytes) = files.fold((0, 0), |(number, all), bytes| (number + 1, all + bytes));
                    Measured::of(vec![
                        Amount::exactly(Count::Files, number),
                        Amount::exactly(Count::Modes, number),
                        Amount::exactly(Count::Bytes, bytes),
                    ])
                }
                Question::Commits { .. } | Question::Processes(_) | Question::Rows { .. } => {
                    Measured::unknown("the example does not say")
                }
            },
            amounts => Measured::of(amounts),
        }
    }
}
