//! A repository as its `.git` directory describes it: the branch, the remotes, the configuration.

use super::super::super::host::{self, Place};
use super::super::super::reader::Reader;
use crate::action::world::FileKind;
use crate::action::{Bound, Value, path};

/// Configuration longer than this is not read.
const LIMIT: usize = 256 * 1024;

/// One line of configuration.
struct Entry {
    section: String,
    subsection: Option<Vec<u8>>,
    key: String,
    value: Vec<u8>,
}

/// What is known of a repository.
pub(super) struct Repository {
    head: Option<Vec<u8>>,
    entries: Vec<Entry>,
}

impl Repository {
    /// The repository that the directory in force lies in.
    pub fn of(reader: &Reader<'_>) -> Option<Self> {
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
                return Some(Self::read(reader, &directory));
            }
            if at == b"/" || at.is_empty() {
                return None;
            }
            at = path::parent(at);
        }
    }

    fn read(reader: &Reader<'_>, directory: &[u8]) -> Self {
        let world = reader.around.world;
        let head = world.contents(&[directory, b"/HEAD"].concat(), 4096);
        let common = world
            .contents(&[directory, b"/commondir"].concat(), 4096)
            .map_or_else(|| directory.to_vec(), |text| path::absolute_bytes(directory, text.trim_ascii()));
        let config = world.contents(&[common.as_slice(), b"/config"].concat(), LIMIT).unwrap_or_default();
        Repository { head, entries: parse(&config) }
    }

    /// The short name of the branch that is checked out; a hole where that is not known.
    pub fn branch(&self) -> Value {
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

    /// Everything, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Option<&[u8]>, &str, &[u8])> {
        self.entries.iter().map(|entry| {
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
        entries.push(Entry { section: section.clone(), subsection: subsection.clone(), key, value: value.to_vec() });
    }
    entries
}
