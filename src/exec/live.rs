//! Live orders: what a running process was launched to do, so that what it calls in turn is not asked for twice. Matched by
//! ancestry and digest, once per occurrence. A process of the same user can forge one where no walls stand.

use std::cell::OnceCell;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use sha2::{Digest, Sha256};

use crate::action::{ActionKind, Actions};
use crate::exit::Failure;
use crate::session::{Process, Table, hexadecimal};
use crate::sys::{file, process};

/// The live orders of a state directory. They stand in `orders`, a sparse file with a slot for each process id: making a file
/// for each launch cost more than everything else a launch does. An order that is too long for its slot, or whose slot belongs
/// to a process that is still there (ids beyond the number of slots share them), has a file of its own.
#[derive(Debug)]
pub struct Live {
    folder: PathBuf,
    boot: Vec<u8>,
    slots: OnceCell<Option<File>>,
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

impl LiveOrder {
    /// What stands after the header.
    fn read(text: &[u8]) -> Option<LiveOrder> {
        let mut lines = std::str::from_utf8(text).ok()?.lines();
        let record = lines.next()?.to_owned();
        let (tried, digests): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("tried "));
        let tried = tried.into_iter().filter_map(Tried::read).collect();
        Some(LiveOrder { record, digests: digests.into_iter().map(str::to_owned).collect(), tried })
    }
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
const SLOT: usize = 1024;
const SLOTS: u64 = 1 << 15;
/// Stands in a slot for an order that has a file of its own.
const ELSEWHERE: &str = "elsewhere";

impl Live {
    /// The live orders of a state directory.
    #[must_use]
    pub fn in_folder(folder: PathBuf, boot: Vec<u8>) -> Live {
        Live { folder, boot, slots: OnceCell::new() }
    }

    /// The live order of a process, where it has one: a process of that id, start time and boot.
    #[must_use]
    pub fn of(&self, pid: u32, started: u64) -> Option<LiveOrder> {
        let mut buffer = [0; SLOT];
        let header = self.header(pid, started);
        match self.slot(pid, &mut buffer)? {
            // Never taken, so that nothing had to give way to a holder.
            b"" => None,
            held => match held.strip_prefix(header.as_bytes()) {
                Some(order) if order != ELSEWHERE.as_bytes() => LiveOrder::read(order),
                Some(_) | None => {
                    let text = file::read_small(self.file(pid).as_os_str().as_encoded_bytes(), LARGEST).ok()?;
                    LiveOrder::read(text.strip_prefix(header.as_bytes())?)
                }
            },
        }
    }

    /// What an order of this process begins with.
    fn header(&self, pid: u32, started: u64) -> String {
        format!("{} {pid} {started}\n", String::from_utf8_lossy(&self.boot))
    }

    /// What the slot of a process id holds; `None` where there are no slots.
    fn slot<'buffer>(&self, pid: u32, buffer: &'buffer mut [u8; SLOT]) -> Option<&'buffer [u8]> {
        let length = self.slots()?.read_at(buffer, place(pid)).ok()?;
        let held = buffer.get(..length)?;
        held.get(..held.iter().position(|byte| *byte == 0).unwrap_or(length))
    }

    fn slots(&self) -> Option<&File> {
        let open = || {
            let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
            openat(AT_FDCWD, &self.folder.join("orders"), flags, Mode::S_IRUSR | Mode::S_IWUSR).ok().map(File::from)
        };
        self.slots.get_or_init(open).as_ref()
    }

    /// Whether the slot of `pid` may be written: it is empty, was the same id's, or its holder is gone.
    fn is_free(&self, pid: u32) -> bool {
        let mut buffer = [0; SLOT];
        let Some(held) = self.slot(pid, &mut buffer) else { return false };
        let line = held.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mut words = std::str::from_utf8(line).unwrap_or_default().split(' ');
        let (boot, holder, started) = (words.next(), words.next(), words.next());
        let Some(holder) = holder.and_then(|holder| holder.parse::<u32>().ok()) else { return true };
        holder == pid
            || boot.map(str::as_bytes) != Some(&self.boot)
            || process::stat(holder).map(|stat| stat.started.to_string()).as_deref() != started
    }

    /// What this process and those above it took for the program behind `name`, as often as they did.
    #[must_use]
    pub fn tried(&self, table: &Table, name: &[u8]) -> Vec<(u64, u64)> {
        let orders = table.chain.iter().filter(|process| process.vetted);
        let tried = orders.filter_map(|process| self.of(process.pid, process.started)).flat_map(|order| order.tried);
        tried.filter(|tried| tried.name == name).map(|tried| tried.identity).collect()
    }

    /// Writes the order of `own`, this process, which keeps its id and start time over the exec.
    pub fn write(
        &self,
        own: Option<&Process>,
        record: &str,
        digests: &[String],
        tried: Option<Tried>,
    ) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let own = own.ok_or(io::ErrorKind::NotFound)?;
            if own.pid.is_multiple_of(256) {
                self.sweep();
            }
            let before = self.of(own.pid, own.started).map(|order| order.tried).unwrap_or_default();
            let header = self.header(own.pid, own.started);
            let mut text = format!("{header}{record}\n");
            for tried in before.into_iter().chain(tried) {
                text.push_str(&tried.line());
                text.push('\n');
            }
            for digest in digests {
                text.push_str(digest);
                text.push('\n');
            }
            let free = self.is_free(own.pid);
            let in_slot = if text.len() < SLOT { text.clone() } else { header + ELSEWHERE };
            if !free || in_slot.len() < text.len() {
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(0o600);
                options.open(self.file(own.pid))?.write_all(text.as_bytes())?;
            }
            if free {
                let slots = self.slots().ok_or(io::ErrorKind::PermissionDenied)?;
                slots.write_all_at(&[in_slot.as_bytes(), b"\0"].concat(), place(own.pid))?;
            }
            Ok(())
        };
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

/// Where the slot of a process id stands in the file.
fn place(pid: u32) -> u64 {
    u64::from(pid) % SLOTS * SLOT as u64
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

    fn scratch() -> (tempfile::TempDir, Live) {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let live = Live::in_folder(folder.path().to_owned(), b"boot".to_vec());
        (folder, live)
    }

    fn ourselves() -> Process {
        let stat = process::stat(process::own()).expect("our line");
        Process { pid: stat.pid, started: stat.started, ..Process::default() }
    }

    #[test]
    fn an_occurrence_is_taken_once() {
        let (_folder, live) = scratch();
        let rm = digest(b"/w", &[b"/usr/bin/rm".to_vec(), b"x".to_vec()]);
        let own = ourselves();
        live.write(Some(&own), "id-1", &[rm.clone(), rm.clone()], None).expect("a writable folder");
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
        let (_folder, live) = scratch();
        let git = |inode| Tried { name: b"git x".to_vec(), identity: (1, inode) };
        let own = ourselves();
        live.write(Some(&own), "id-1", &[], Some(git(7))).expect("a writable folder");
        live.write(Some(&own), "id-2", &["00".into()], Some(git(8))).expect("a writable folder");
        let order = live.of(own.pid, own.started).expect("our order");
        assert_eq!((order.tried, order.digests), (vec![git(7), git(8)], vec!["00".to_owned()]));
    }

    #[test]
    fn another_process_with_the_same_id_has_no_order() {
        let (folder, live) = scratch();
        let own = ourselves();
        live.write(Some(&own), "id-1", &[], None).expect("a writable folder");
        assert_eq!(live.of(own.pid, own.started + 1), None);
        assert_eq!(Live::in_folder(folder.path().to_owned(), b"later".to_vec()).of(own.pid, own.started), None);
        assert!(live.of(own.pid, own.started).is_some());
    }

    #[test]
    fn an_order_too_long_for_its_slot_is_whole_and_so_is_the_short_one_after_it() {
        let (_folder, live) = scratch();
        let own = ourselves();
        let many: Vec<String> = (0..400).map(|number| format!("{number:064}")).collect();
        for digests in [many.get(..1), many.get(..400), many.get(..2)] {
            let digests = digests.expect("so many");
            live.write(Some(&own), "id-1", digests, None).expect("a writable folder");
            assert_eq!(live.of(own.pid, own.started).expect("our order").digests, digests);
        }
    }

    /// Else whoever goes through process ids until one shares a slot could wipe out the order of a run above him.
    #[test]
    fn a_slot_is_not_taken_from_a_living_process_but_from_a_dead_one() {
        let (_folder, live) = scratch();
        let own = ourselves();
        let slots = u32::try_from(SLOTS).expect("few");
        let sharing = Process { pid: own.pid + slots, started: 7, ..Process::default() };
        let next = Process { pid: own.pid + 2 * slots, started: 9, ..Process::default() };
        live.write(Some(&own), "id-1", &[], None).expect("a writable folder");
        live.write(Some(&sharing), "id-2", &[], None).expect("a writable folder");
        let record = |process: &Process| live.of(process.pid, process.started).map(|order| order.record);
        assert_eq!((record(&own).as_deref(), record(&sharing).as_deref()), (Some("id-1"), Some("id-2")));
        let gone = Process { started: own.started + 1, ..own };
        live.write(Some(&gone), "id-3", &[], None).expect("a writable folder");
        live.write(Some(&next), "id-4", &[], None).expect("a writable folder");
        assert_eq!((record(&gone), record(&next).as_deref()), (None, Some("id-4")));
    }

    #[test]
    fn words_do_not_run_together() {
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_ne!(digest(b"/w", &words(&["rm", "a", "b"])), digest(b"/w", &words(&["rm", "ab"])));
        assert_ne!(digest(b"/w", &words(&["rm", "", "b"])), digest(b"/w", &words(&["rm", "b", ""])));
    }
}
