//! Live orders: what a running process was launched to do, so that what it calls in turn is not asked for twice. Matched by
//! ancestry and digest, once per occurrence. A process of the same user can forge one where no walls stand.

use std::cell::OnceCell;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use sha2::{Digest, Sha256};

use crate::action::{ActionKind, Actions};
use crate::exit::Failure;
use crate::session::table::{Born, Top};
use crate::session::{Process, Table};
use crate::sys::file;
use crate::sys::process::{self, Birth, FirstEnvironment};
use crate::text::hexadecimal;

/// The live orders of a state directory. They stand in `orders`, a sparse file with a slot for each process id: making a file
/// for each launch cost more than everything else a launch does. An order that is too long for its slot, or whose slot belongs
/// to a process that is still there (ids beyond the number of slots share them), has a file of its own.
#[derive(Debug)]
pub struct Live {
    folder: PathBuf,
    boot: Vec<u8>,
    slots: OnceCell<Option<File>>,
}

/// What one process was launched for: one order for each time it became a program through us, newest first. What an
/// earlier program of it left running still works under the earlier order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveProcess {
    /// Newest first.
    pub orders: Vec<LiveOrder>,
    /// The programs that stood behind a tool's name, in this process so far.
    pub tried: Vec<Tried>,
}

/// One live order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveOrder {
    /// The record it was launched by.
    pub record: String,
    /// Digests of its approved actions; one that occurs twice stands twice.
    pub digests: Vec<String>,
    /// A tool's own call: a wrapper that looks for the next program of its name makes it once more.
    pub again: Option<String>,
    /// The files that were read to judge it: digests of path and contents.
    pub read: Vec<(String, String)>,
    /// The walls it runs behind, and what cannot be seen through them.
    pub walled: Option<Walled>,
}

/// What a run behind walls hands to those below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walled {
    /// The profiles of its walls.
    pub profiles: Vec<String>,
    /// The client's executable.
    pub executable: Vec<u8>,
    /// The client's directory.
    pub directory: Vec<u8>,
}

/// The live order above a call that covers it, one occurrence of which is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Above {
    pid: u32,
    birth: Birth,
    /// The order.
    pub order: LiveOrder,
}

impl LiveOrder {
    /// The order of a launch that is not recorded yet: `own` is the digest of the call where that is an action itself (a
    /// tool's), `read` what was read to judge it.
    #[must_use]
    pub fn new(actions: &Actions, own: Option<String>, read: Vec<(String, String)>) -> LiveOrder {
        let mut digests = digests(actions);
        let at = digests.iter().position(|known| Some(known) == own.as_ref());
        let again = at.map(|at| digests.remove(at));
        LiveOrder { record: String::new(), digests, again, read, walled: None }
    }

    /// The same under its record.
    #[must_use]
    pub fn of(self, record: &str) -> LiveOrder {
        LiveOrder { record: record.to_owned(), ..self }
    }

    /// The same behind walls.
    #[must_use]
    pub fn walled(self, walled: Option<Walled>) -> LiveOrder {
        LiveOrder { walled, ..self }
    }

    /// Whether anything could still be had of it.
    fn hands_down(&self) -> bool {
        !self.digests.is_empty() || self.again.is_some()
    }

    /// Whether each of `files` that was read to judge this order still has the contents it had then.
    fn knows(&self, files: &[(String, String)]) -> bool {
        let changed =
            |(path, text): &(String, String)| self.read.iter().any(|(known, was)| known == path && was != text);
        !files.iter().any(changed)
    }

    fn write(&self, text: &mut String) {
        let mut line = |words: &[&str]| {
            text.push_str(&words.join(" "));
            text.push('\n');
        };
        line(&["order", &self.record]);
        self.digests.iter().take(MOST).for_each(|digest| line(&[digest]));
        self.again.iter().for_each(|digest| line(&["again", digest]));
        self.read.iter().take(MOST).for_each(|(path, was)| line(&["read", path, was]));
        if let Some(walled) = &self.walled {
            line(&["client", &hexadecimal(&walled.executable), &hexadecimal(&walled.directory)]);
            walled.profiles.iter().for_each(|profile| line(&["walls", profile]));
        }
    }
}

impl LiveProcess {
    /// What stands after the header.
    fn read(text: &[u8]) -> Option<LiveProcess> {
        let mut read = LiveProcess::default();
        for line in std::str::from_utf8(text).ok()?.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match (words.as_slice(), read.orders.last_mut()) {
                (["order", record], _) => read.orders.push(LiveOrder::default().of(record)),
                (["tried", ..], _) => read.tried.extend(Tried::read(line)),
                ([digest], Some(order)) => order.digests.push((*digest).to_owned()),
                (["client", executable, directory], Some(order)) => {
                    let (executable, directory) = (bytes(executable)?, bytes(directory)?);
                    order.walled = Some(Walled { profiles: Vec::new(), executable, directory });
                }
                (["walls", profile], Some(order)) => order.walled.as_mut()?.profiles.push((*profile).to_owned()),
                (["again", digest], Some(order)) => order.again = Some((*digest).to_owned()),
                (["read", path, was], Some(order)) => order.read.push(((*path).to_owned(), (*was).to_owned())),
                _ => return None,
            }
        }
        (!read.orders.is_empty()).then_some(read)
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
        Some(Tried { name: bytes(words.next()?)?, identity })
    }
}

/// Hexadecimal digits as bytes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

const LARGEST: usize = 4 << 20;
/// No order lists more actions or files than this, and no process more orders than that: what is beyond is asked about.
const MOST: usize = 4096;
const MOST_ORDERS: usize = 4;
/// Eight share a page: the first order in a page costs as much as a page does.
const SLOT: usize = 512;
/// Few, so that each page has soon been written once; more of our runs than that are hardly ever there at the same time.
const SLOTS: u64 = 1 << 10;
/// Stands in a slot for an order that has a file of its own.
const ELSEWHERE: &str = "elsewhere";

impl Live {
    /// The live orders of a state directory.
    #[must_use]
    pub fn in_folder(folder: PathBuf, boot: Vec<u8>) -> Live {
        Live { folder, boot, slots: OnceCell::new() }
    }

    /// The live orders of one of our runs, where it has any: a process of that id, birth and boot.
    #[must_use]
    pub fn of(&self, process: &Process) -> Option<LiveProcess> {
        self.born(process.pid, &|| process.birth)
    }

    /// As [`Live::of`], for a process whose birth is looked up where something hangs on it.
    #[must_use]
    pub fn born(&self, pid: u32, birth: Born<'_>) -> Option<LiveProcess> {
        let mut buffer = [0; SLOT];
        let held = self.slot(pid, &mut buffer)?;
        // Never taken, so that nothing had to give way to a holder.
        if held.is_empty() {
            return None;
        }
        let apart;
        let text = match held.strip_prefix(self.holder(pid).as_bytes()) {
            Some(rest) if !rest.ends_with(ELSEWHERE.as_bytes()) => held,
            Some(_) | None => {
                apart = file::read_small(self.file(pid).as_os_str().as_encoded_bytes(), LARGEST).ok()?;
                &apart
            }
        };
        LiveProcess::read(text.strip_prefix(self.header(pid, birth()?).as_bytes())?)
    }

    /// What is remembered of a client of this id and birth: see [`Top`].
    #[must_use]
    pub fn top(&self, pid: u32, birth: Born<'_>) -> Option<Top> {
        let mut buffer = [0; SLOT];
        let rest = self.held(client_place(pid), &mut buffer)?.strip_prefix(self.holder(pid).as_bytes())?;
        let rest = rest.strip_prefix(format!("{} ", birth()?).as_bytes())?;
        let mut words = rest.splitn(3, |byte| *byte == b' ');
        let (parent, started) = (process::number(words.next()?)?, process::number(words.next()?)?);
        Some(Top { parent, started, path: words.next()?.to_vec() })
    }

    /// Remembers a client, whose ancestry was read to the top. Where that fails the next command reads it again.
    pub fn remember(&self, client: &Process) {
        // Start times are no names where ids come round quickly, and looking one up costs what is to be saved.
        let Some(birth @ Birth::Inode(_)) = Birth::of(client.pid) else { return };
        let mut text = format!("{}{birth} {} {} ", self.holder(client.pid), client.parent, client.started).into_bytes();
        let path =
            FirstEnvironment::read(client.pid).and_then(|first| Some([b"PATH=", first.value(b"PATH")?].concat()));
        // Cut short it would be another one.
        let left = SLOT - text.len();
        text.extend(path.into_iter().filter(|path| path.len() < left).flatten());
        text.push(0);
        let _ = self.slots().map(|slots| slots.write_all_at(&text, client_place(client.pid)));
    }

    /// What an order of a process of this id, in this boot, begins with.
    fn holder(&self, pid: u32) -> String {
        format!("{} {pid} ", String::from_utf8_lossy(&self.boot))
    }

    /// What an order of this process begins with.
    fn header(&self, pid: u32, birth: Birth) -> String {
        format!("{}{birth}\n", self.holder(pid))
    }

    /// What the slot of a process id holds; `None` where there are no slots.
    fn slot<'buffer>(&self, pid: u32, buffer: &'buffer mut [u8; SLOT]) -> Option<&'buffer [u8]> {
        self.held(place(pid), buffer)
    }

    fn held<'buffer>(&self, place: u64, buffer: &'buffer mut [u8; SLOT]) -> Option<&'buffer [u8]> {
        let length = self.slots()?.read_at(buffer, place).ok()?;
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
        let (boot, holder, birth) = (words.next(), words.next(), words.next());
        let Some(holder) = holder.and_then(|holder| holder.parse::<u32>().ok()) else { return true };
        holder == pid
            || boot.map(str::as_bytes) != Some(&self.boot)
            || Birth::of(holder).map(|own| own.to_string()).as_deref() != birth
    }

    /// What the nearest run above us handed down, where it runs behind walls.
    #[must_use]
    pub fn walled(&self, table: &Table) -> Option<Walled> {
        // Ourselves too: a shell becomes its last command without a process of its own.
        let mut runs = table.chain.iter().filter(|process| process.vetted);
        runs.find_map(|run| self.of(run)?.orders.into_iter().find_map(|order| order.walled))
    }

    /// What this process and those above it took for the program behind `name`, as often as they did.
    #[must_use]
    pub fn tried(&self, table: &Table, name: &[u8]) -> Vec<(u64, u64)> {
        let orders = table.chain.iter().filter(|process| process.vetted);
        let tried = orders.filter_map(|process| self.of(process)).flat_map(|order| order.tried);
        tried.filter(|tried| tried.name == name).map(|tried| tried.identity).collect()
    }

    /// The order that has the call `digest` among its approved actions: of a run above us, or of this very process, which a
    /// shell may become without a fork. `read` are the files that were read to judge the call: an order that knew one of them
    /// with other contents does not cover it. `onward` says whether a wrapper that calls its own name gets to a program that
    /// was not tried. One occurrence is used up.
    #[must_use]
    pub fn cover(
        &self,
        table: &Table,
        digest: &str,
        read: &[(String, String)],
        onward: impl FnOnce() -> bool,
    ) -> Option<Above> {
        let mut onward = Some(onward);
        for process in table.chain.iter().filter(|process| process.vetted) {
            let (Some(live), Some(birth)) = (self.of(process), process.birth) else { continue };
            for order in live.orders.into_iter().filter(|order| order.knows(read)) {
                let above = Above { pid: process.pid, birth, order };
                let again = above.order.again.as_deref() == Some(digest);
                if self.take(&above, digest)
                    || again && onward.take().is_some_and(|onward| onward()) && self.mark(&above, "again", 0)
                {
                    return Some(above);
                }
            }
        }
        None
    }

    /// Writes the order of `own`, this process, which stays what it is over the exec. What it takes over from the
    /// order that covers it can no longer be had there.
    pub fn write(
        &self,
        own: Option<&Process>,
        order: &LiveOrder,
        tried: Option<Tried>,
        above: Option<&Above>,
    ) -> Result<(), Failure> {
        for digest in above.iter().flat_map(|_| &order.digests) {
            let _ = above.is_some_and(|above| self.take(above, digest));
        }
        let write = || -> io::Result<()> {
            let own = own.ok_or(io::ErrorKind::NotFound)?;
            if own.pid.is_multiple_of(256) {
                self.sweep();
            }
            let birth = own.birth.ok_or(io::ErrorKind::NotFound)?;
            let before = self.of(own).unwrap_or_default();
            let header = self.header(own.pid, birth);
            let mut text = header.clone();
            order.write(&mut text);
            let earlier = before.orders.iter().filter(|order| order.hands_down());
            earlier.take(MOST_ORDERS - 1).for_each(|order| order.write(&mut text));
            for tried in before.tried.into_iter().chain(tried) {
                text.push_str(&tried.line());
                text.push('\n');
            }
            let free = self.is_free(own.pid);
            let in_slot = if text.len() < SLOT { text.clone() } else { header + ELSEWHERE };
            if !free || in_slot.len() < text.len() {
                // What an earlier program of this process left running may read while this is written.
                let beside = self.folder.join(format!("{}-next", own.pid));
                let mut options = OpenOptions::new();
                options.write(true).create(true).truncate(true).mode(0o600);
                options.open(&beside)?.write_all(text.as_bytes())?;
                std::fs::rename(&beside, self.file(own.pid))?;
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

    /// Takes one occurrence of `digest` out of an order. `false`: it was not in it, or all were taken.
    fn take(&self, above: &Above, digest: &str) -> bool {
        let occurrences = above.order.digests.iter().filter(|known| *known == digest).count();
        (0..occurrences).any(|number| self.mark(above, digest, number))
    }

    /// Leaves the sign that this occurrence is taken. `false`: it was there.
    fn mark(&self, above: &Above, what: &str, number: usize) -> bool {
        let name = format!("{}-{}-{}-{what}-{number}", above.pid, above.birth, above.order.record);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.folder.join(name)).is_ok()
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

/// Where that of a client stands: behind all orders.
fn client_place(pid: u32) -> u64 {
    SLOTS * SLOT as u64 + place(pid)
}

/// The digest of a call: where it runs and its words, byte for byte. `./git push` is not `git push`.
#[must_use]
pub fn digest(cwd: &[u8], words: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    hash.update((cwd.len() as u64).to_le_bytes());
    hash.update(cwd);
    for word in words {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word);
    }
    // Shorter than digits, so that most orders fit their slot.
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The digests of files by path and contents.
#[must_use]
pub fn files<'a>(read: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Vec<(String, String)> {
    // Half of each, so that most orders fit their slot.
    let hash = |bytes: &[u8]| hexadecimal(Sha256::digest(bytes).get(..16).unwrap_or_default());
    read.into_iter().map(|(path, text)| (hash(path), hash(text))).collect()
}

/// The digests of the programs an approved line runs, where all of the words are known.
fn digests(actions: &Actions) -> Vec<String> {
    let runs = actions.list.iter().filter(|action| action.kind == ActionKind::Run);
    let known = runs.filter_map(|action| {
        let words: Option<Vec<Vec<u8>>> = action.argv.iter().map(|word| word.text().map(<[u8]>::to_vec)).collect();
        Some(digest(action.cwd.text()?, &words?))
    });
    known.collect()
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
