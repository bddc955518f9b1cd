//! Live orders: what a running process was launched to do, so that what it calls in turn is not asked for twice. Matched by
//! ancestry and digest, once per occurrence. A process of the same user can forge one where no walls stand.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::action::{ActionKind, Actions};
use crate::exit::Failure;
use crate::session::{Table, hexadecimal};
use crate::sys::{file, process};

/// The folder of live orders.
#[derive(Debug)]
pub struct Live {
    folder: PathBuf,
    boot: Vec<u8>,
}

/// The live order of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOrder {
    /// The record it was launched by.
    pub record: String,
    /// Digests of its approved actions; one that occurs twice stands twice.
    pub digests: Vec<String>,
    /// The programs that stood behind a tool's name, in this process so far.
    pub tried: Vec<Tried>,
}

/// A program that was taken for the real one behind a tool's name. A wrapper (ccache, pyenv, mise) looks for the next one
/// itself, finds us, and must not get itself again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The tool's name.
    pub name: Vec<u8>,
    /// Device and inode.
    pub identity: (u64, u64),
}

impl Tried {
    fn line(&self) -> String {
        let name: String = self.name.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("tried {} {} {name}", self.identity.0, self.identity.1)
    }

    fn read(line: &str) -> Option<Tried> {
        let mut words = line.strip_prefix("tried ")?.split(' ');
        let identity = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let name = words.next()?.as_bytes().chunks(2);
        let name: Option<Vec<u8>> =
            name.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        Some(Tried { name: name?, identity })
    }
}

const LARGEST: usize = 1 << 20;

impl Live {
    /// The live orders of a state directory.
    #[must_use]
    pub fn in_folder(folder: PathBuf, boot: Vec<u8>) -> Live {
        Live { folder, boot }
    }

    /// The live order of a process, where it has one: a process of that id, start time and boot.
    #[must_use]
    pub fn of(&self, pid: u32, started: u64) -> Option<LiveOrder> {
        let text = file::read_small(self.file(pid).as_os_str().as_encoded_bytes(), LARGEST).ok()?;
        let text = String::from_utf8(text).ok()?;
        let mut lines = text.lines();
        if lines.next()?.as_bytes() != self.boot || lines.next()?.parse() != Ok(started) {
            return None;
        }
        let record = lines.next()?.to_owned();
        let (tried, digests): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("tried "));
        let tried = tried.into_iter().filter_map(Tried::read).collect();
        Some(LiveOrder { record, digests: digests.into_iter().map(str::to_owned).collect(), tried })
    }

    /// What this process and those above it took for the program behind `name`, as often as they did.
    #[must_use]
    pub fn tried(&self, table: &Table, name: &[u8]) -> Vec<(u64, u64)> {
        let orders = table.chain.iter().filter(|process| process.vetted);
        let tried = orders.filter_map(|process| self.of(process.pid, process.started)).flat_map(|order| order.tried);
        tried.filter(|tried| tried.name == name).map(|tried| tried.identity).collect()
    }

    /// Writes the order of this process, which keeps its id and start time over the exec.
    pub fn write(&self, record: &str, digests: &[String], tried: Option<Tried>) -> Result<(), Failure> {
        let own = process::own();
        let write = || -> std::io::Result<()> {
            let started = process::stat(own).map(|stat| stat.started).ok_or(std::io::ErrorKind::NotFound)?;
            let mut text = String::from_utf8_lossy(&self.boot).into_owned();
            text.push_str(&format!("\n{started}\n{record}\n"));
            let before = self.of(own, started).map(|order| order.tried).unwrap_or_default();
            for tried in before.into_iter().chain(tried) {
                text.push_str(&tried.line());
                text.push('\n');
            }
            for digest in digests {
                text.push_str(digest);
                text.push('\n');
            }
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(self.file(own))?;
            file.write_all(text.as_bytes())
        };
        if own.is_multiple_of(256) {
            self.sweep();
        }
        write().map_err(|error| {
            Failure::closed(
                "house.live",
                self.folder.display().to_string(),
                error.to_string(),
                "make the state directory writable",
            )
        })
    }

    /// Takes one occurrence of `digest` out of the order of a process. `false`: it was not in it, or all were taken.
    #[must_use]
    pub fn take(&self, pid: u32, started: u64, order: &LiveOrder, digest: &str) -> bool {
        let occurrences = order.digests.iter().filter(|known| *known == digest).count();
        (0..occurrences).any(|number| {
            let name = format!("{pid}-{started}-{}-{digest}-{number}", order.record);
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.folder.join(name)).is_ok()
        })
    }

    /// Removes what belongs to processes that are gone.
    fn sweep(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let pid = name.split('-').next().unwrap_or_default();
            if pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists() {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn file(&self, pid: u32) -> PathBuf {
        self.folder.join(pid.to_string())
    }
}

/// The digest of a call: where it runs and its words; the program by its base name, so that a shim matches.
#[must_use]
pub fn digest(cwd: &[u8], words: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    hash.update(cwd);
    for (index, word) in words.iter().enumerate() {
        let word = if index == 0 { word.rsplit(|byte| *byte == b'/').next().unwrap_or_default() } else { word };
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word);
    }
    hexadecimal(&hash.finalize())
}

/// The digests of the programs an approved line runs, where all of the words are known.
#[must_use]
pub fn digests(actions: &Actions) -> Vec<String> {
    let runs = actions.list.iter().filter(|action| action.kind == ActionKind::Run);
    let known = runs.filter_map(|action| {
        let words: Option<Vec<Vec<u8>>> = action.argv.iter().map(|word| word.text().map(<[u8]>::to_vec)).collect();
        Some(digest(action.cwd.text()?, &words?))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_is_taken_once() {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let live = Live::in_folder(folder.path().to_owned(), b"boot".to_vec());
        let rm = digest(b"/w", &[b"/usr/bin/rm".to_vec(), b"x".to_vec()]);
        live.write("id-1", &[rm.clone(), rm.clone()], None).expect("a writable folder");
        let own = process::stat(process::own()).expect("our line");
        let order = live.of(own.pid, own.started).expect("our order");
        assert_eq!(order.record, "id-1");
        assert_eq!(rm, digest(b"/w", &[b"rm".to_vec(), b"x".to_vec()]));
        assert!(live.take(own.pid, own.started, &order, &rm));
        assert!(live.take(own.pid, own.started, &order, &rm));
        assert!(!live.take(own.pid, own.started, &order, &rm));
        assert!(!live.take(own.pid, own.started, &order, &digest(b"/", &[b"rm".to_vec(), b"x".to_vec()])));
    }

    #[test]
    fn what_was_tried_stays_over_the_next_exec() {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let live = Live::in_folder(folder.path().to_owned(), b"boot".to_vec());
        let git = |inode| Tried { name: b"git x".to_vec(), identity: (1, inode) };
        live.write("id-1", &[], Some(git(7))).expect("a writable folder");
        live.write("id-2", &["00".into()], Some(git(8))).expect("a writable folder");
        let own = process::stat(process::own()).expect("our line");
        let order = live.of(own.pid, own.started).expect("our order");
        assert_eq!((order.tried, order.digests), (vec![git(7), git(8)], vec!["00".to_owned()]));
    }

    #[test]
    fn another_process_with_the_same_id_has_no_order() {
        let folder = tempfile::tempdir().expect("a scratch directory");
        Live::in_folder(folder.path().to_owned(), b"boot".to_vec())
            .write("id-1", &[], None)
            .expect("a writable folder");
        let own = process::stat(process::own()).expect("our line");
        let live = |boot: &[u8]| Live::in_folder(folder.path().to_owned(), boot.to_vec());
        assert_eq!(live(b"boot").of(own.pid, own.started + 1), None);
        assert_eq!(live(b"later").of(own.pid, own.started), None);
        assert!(live(b"boot").of(own.pid, own.started).is_some());
    }

    #[test]
    fn words_do_not_run_together() {
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_ne!(digest(b"/w", &words(&["rm", "a", "b"])), digest(b"/w", &words(&["rm", "ab"])));
        assert_ne!(digest(b"/w", &words(&["rm", "", "b"])), digest(b"/w", &words(&["rm", "b", ""])));
    }
}
