//! A repository as its `.git` directory describes it: the branch, the remotes, the configuration.

use super::super::super::host::{self, Place};
use super::super::super::reader::Reader;
use crate::action::world::FileKind;
use crate::action::{Bound, Moved, Value, path};

/// Configuration longer than this is not read.
const LIMIT: usize = 256 * 1024;

/// One line of configuration.
struct Entry {
    section: String,
    subsection: Option<Vec<u8>>,
    key: String,
    value: Vec<u8>,
    /// Set by the line: `-c key=value`, or an earlier `git config`.
    own: bool,
}

/// What is known of a repository: its files, with what the line changed of it so far.
pub(super) struct Repository {
    head: Option<Vec<u8>>,
    entries: Vec<Entry>,
    /// The branch that the line checked out.
    branch: Option<Value>,
    /// The directory that holds `.git`.
    pub root: Option<Vec<u8>>,
}

impl Repository {
    /// The repository that the directory in force lies in, as the line left it. `None`: there is none, and the line says
    /// nothing of one.
    pub fn of(reader: &Reader<'_>) -> Option<Self> {
        let mut found = Self::on_disk(reader);
        let given = reader.reading.options.iter().filter(|(name, _)| name == "-c");
        let given = given.filter_map(|(_, value)| {
            let text = value.as_ref()?.display();
            let equals = text.iter().position(|byte| *byte == b'=');
            let (key, value) = text.split_at_checked(equals.unwrap_or(text.len()))?;
            Some(entry(key, value.get(1..).unwrap_or(b"true")))
        });
        for moved in reader.around.repository {
            let repository = found.get_or_insert_with(Repository::unknown);
            match moved {
                Moved::Branch(name) => repository.branch = Some(name.clone()),
                Moved::Config { key, value } => repository.entries.push(entry(key, &value.display())),
            }
        }
        for entry in given {
            found.get_or_insert_with(Repository::unknown).entries.push(entry);
        }
        found
    }

    fn unknown() -> Self {
        Repository { head: None, entries: Vec::new(), branch: None, root: None }
    }

    fn on_disk(reader: &Reader<'_>) -> Option<Self> {
        let world = reader.around.world;
        let mut at = reader.cwd.text()?;
        loop {
            let git = if at == b"/" { b"/.git".to_vec() } else { [at, b"/.git"].concat() };
            let directory = match world.kind(&git) {
                FileKind::Directory => Some(git),
                FileKind::File => world.contents(&git, 4096).and_then(|text| {
                    let named = text.strip_prefix(b"gitdir:")?.trim_ascii();
                    Some(path::absolute_bytes(at, named))
                }),
                _ => None,
            };
            if let Some(directory) = directory {
                return Some(Self::read(reader, at, &directory));
            }
            if at == b"/" || at.is_empty() {
                return None;
            }
            at = path::parent(at);
        }
    }

    fn read(reader: &Reader<'_>, root: &[u8], directory: &[u8]) -> Self {
        let world = reader.around.world;
        let head = world.contents(&[directory, b"/HEAD"].concat(), 4096);
        let common = world
            .contents(&[directory, b"/commondir"].concat(), 4096)
            .map_or_else(|| directory.to_vec(), |text| path::absolute_bytes(directory, text.trim_ascii()));
        let config = world.contents(&[common.as_slice(), b"/config"].concat(), LIMIT).unwrap_or_default();
        Repository { head, entries: parse(&config), branch: None, root: Some(root.to_vec()) }
    }

    /// The top of its working tree; `None` where the configuration may say another.
    pub fn top(&self) -> Option<&[u8]> {
        let moves = |entry: &Entry| match entry.section.as_str() {
            "core" => entry.key == "worktree",
            "extensions" => entry.key == "worktreeconfig",
            section => section.starts_with("include"),
        };
        self.root.as_deref().filter(|_| !self.entries.iter().any(moves))
    }

    /// The short name of the branch that is checked out; a hole where that is not known.
    pub fn branch(&self) -> Value {
        if let Some(branch) = &self.branch {
            return branch.clone();
        }
        let named = self.head.as_deref().and_then(|head| head.trim_ascii().strip_prefix(b"ref:"));
        match named.map(<[u8]>::trim_ascii) {
            Some(name) => Value::known(name.strip_prefix(b"refs/heads/").unwrap_or(name)),
            None if self.head.is_some() => Value::known("HEAD"),
            None => Value::hole("the branch that is checked out", Bound::Anything),
        }
    }

    /// The last value of a key.
    pub fn value(&self, section: &str, subsection: Option<&[u8]>, key: &[u8]) -> Option<&[u8]> {
        let found = |entry: &&Entry| {
            entry.section == section
                && entry.subsection.as_deref() == subsection
                && entry.key.as_bytes().eq_ignore_ascii_case(key)
        };
        self.entries.iter().rfind(found).map(|entry| entry.value.as_slice())
    }

    /// All values of a key.
    pub fn values<'r>(
        &'r self,
        section: &'r str,
        subsection: &'r [u8],
        key: &'r str,
    ) -> impl Iterator<Item = &'r [u8]> {
        self.entries
            .iter()
            .filter(move |entry| {
                entry.section == section && entry.subsection.as_deref() == Some(subsection) && entry.key == key
            })
            .map(|entry| entry.value.as_slice())
    }

    /// What its files say, in order.
    pub fn written(&self) -> impl Iterator<Item = (&str, Option<&[u8]>, &str, &[u8])> {
        self.entries.iter().filter(|entry| !entry.own).map(|entry| {
            (entry.section.as_str(), entry.subsection.as_deref(), entry.key.as_str(), entry.value.as_slice())
        })
    }

    /// The host a remote is on.
    pub fn remote_host(&self, name: &[u8]) -> Option<Vec<u8>> {
        let push = self.value("remote", Some(name), b"pushurl");
        let url = push.or_else(|| self.value("remote", Some(name), b"url"))?;
        let rewritten = self.rewritten(url);
        match host::remote(&Value::known(rewritten)) {
            Place::Host(host) => host.text().map(<[u8]>::to_vec),
            _ => None,
        }
    }

    /// A URL after `insteadOf`: the longest prefix wins.
    fn rewritten(&self, url: &[u8]) -> Vec<u8> {
        let best = self
            .entries
            .iter()
            .filter(|entry| entry.section == "url" && matches!(entry.key.as_str(), "insteadof" | "pushinsteadof"))
            .filter(|entry| url.starts_with(&entry.value))
            .max_by_key(|entry| entry.value.len());
        match best.and_then(|entry| Some((entry.subsection.as_deref()?, url.get(entry.value.len()..)?))) {
            Some((base, rest)) => [base, rest].concat(),
            None => url.to_vec(),
        }
    }
}

/// Reads git's configuration format; names lower case.
fn parse(text: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut section = String::new();
    let mut subsection = None;
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if let Some(header) = line.strip_prefix(b"[") {
            let header = header.split(|byte| *byte == b']').next().unwrap_or_default();
            let mut halves = header.splitn(2, |byte| *byte == b'"');
            let name = halves.next().unwrap_or_default().trim_ascii();
            section = String::from_utf8_lossy(name).to_ascii_lowercase();
            subsection = halves.next().map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest).to_vec());
            continue;
        }
        if line.is_empty() || matches!(line.first(), Some(b'#' | b';')) {
            continue;
        }
        let mut halves = line.splitn(2, |byte| *byte == b'=');
        let key = String::from_utf8_lossy(halves.next().unwrap_or_default().trim_ascii()).to_ascii_lowercase();
        let value = halves.next().unwrap_or(b"true").trim_ascii();
        let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
        let (section, subsection) = (section.clone(), subsection.clone());
        entries.push(Entry { section, subsection, key, value: value.to_vec(), own: false });
    }
    entries
}

/// `section.subsection.key` as the line gives it.
fn entry(key: &[u8], value: &[u8]) -> Entry {
    let lower = |text: &[u8]| String::from_utf8_lossy(text).to_ascii_lowercase();
    let first = key.iter().position(|byte| *byte == b'.').unwrap_or(key.len());
    let last = key.iter().rposition(|byte| *byte == b'.').unwrap_or(key.len());
    Entry {
        section: lower(key.get(..first).unwrap_or_default()),
        subsection: key.get(first + 1..last).map(<[u8]>::to_vec),
        key: lower(key.get(last + 1..).unwrap_or_default()),
        value: value.to_vec(),
        own: true,
    }
}
