//! Reading `/proc`: one process, its executable, its directory, the environment it was started with.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;

use nix::errno::Errno;
use nix::libc;

use super::file;

/// What `/proc/PID/stat` says of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Its id.
    pub pid: u32,
    /// Its name, at most 15 bytes; anybody may choose it.
    pub name: Vec<u8>,
    /// Its parent; 0 where that lies outside the pid namespace.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session.
    pub session: u32,
    /// The device number of its controlling terminal; 0 is none.
    pub terminal: u64,
    /// The foreground process group of that terminal; -1 is none.
    pub foreground: i64,
    /// Start time in clock ticks since boot.
    pub started: u64,
}

/// This process's id.
#[must_use]
pub fn own() -> u32 {
    std::process::id()
}

/// Reads `/proc/PID/stat`. `None` where the process is gone or hidden.
#[must_use]
pub fn stat(pid: u32) -> Option<Stat> {
    let mut buffer = [0; 2048];
    parse_stat(file::read_at_once(format!("/proc/{pid}/stat").as_bytes(), &mut buffer).ok()?)
}

/// The number of every process that we may see.
#[must_use]
pub fn numbers() -> Vec<u32> {
    let names = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    names.filter_map(|entry| number(entry.file_name().as_encoded_bytes())).collect()
}

/// Every process that we may see.
#[must_use]
pub fn all() -> Vec<Stat> {
    numbers().into_iter().filter_map(stat).collect()
}

/// What the kernel tells of a process by a descriptor of it (`struct pidfd_info` of linux/pidfd.h, its first version).
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup: u64,
    pid: u32,
    thread_group: u32,
    parent: u32,
    users_and_groups: [u32; 8],
    exit_code: i32,
}

/// `PIDFD_INFO_PID`: the ids are wanted.
const INFO_PID: u64 = 1;

/// The parent of a process, 0 where that lies outside the pid namespace. `None` where the process is gone or hidden.
///
/// Asked by descriptor (Linux 6.13), which costs a fifth of what writing and reading a line of `/proc` does; where that is not
/// to be had, there.
#[must_use]
pub fn parent(pid: u32) -> Option<u32> {
    match descriptor(pid) {
        Err(Errno::ESRCH) => None,
        opened => opened
            .ok()
            .and_then(|opened| told(&opened, pid))
            .map(|info| info.parent)
            .or_else(|| stat(pid).map(|stat| stat.parent)),
    }
}

/// Which process this is, and its parent, by one descriptor. `None` where the kernel cannot say so (before Linux 6.13), or the
/// process is gone or hidden.
#[must_use]
pub fn seen(pid: u32) -> Option<(Birth, u32)> {
    seen_by(&descriptor(pid).ok()?, pid)
}

fn seen_by(opened: &OwnedFd, pid: u32) -> Option<(Birth, u32)> {
    let parent = told(opened, pid)?.parent;
    Some((Birth::Inode(nix::sys::stat::fstat(opened).ok()?.st_ino), parent))
}

/// What tells a process from all others of this boot, also from one that gets its id when it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Birth {
    /// The number of its inode among the kernel's processes, which is not given twice (pidfs, Linux 6.9).
    Inode(u64),
    /// Where the kernel has none: its start time in ticks since boot.
    Ticks(u64),
}

impl Birth {
    /// That of a process. `None` where it is gone or hidden.
    #[must_use]
    pub fn of(pid: u32) -> Option<Birth> {
        let seen = match descriptor(pid) {
            Err(Errno::ESRCH) => return None,
            opened => opened.ok().and_then(|opened| seen_by(&opened, pid)),
        };
        seen.map(|(birth, _)| birth).or_else(|| stat(pid).map(|stat| Birth::Ticks(stat.started)))
    }
}

impl std::fmt::Display for Birth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Birth::Inode(number) => write!(out, "i{number}"),
            Birth::Ticks(ticks) => write!(out, "{ticks}"),
        }
    }
}

/// A descriptor of a process. `ESRCH`: there is none of that id.
fn descriptor(pid: u32) -> Result<OwnedFd, Errno> {
    let pid = libc::pid_t::try_from(pid).map_err(|_| Errno::ESRCH)?;
    // SAFETY: pidfd_open takes two numbers and gives a descriptor or -1.
    let opened = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    let opened = libc::c_int::try_from(opened).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel gave this descriptor to us alone just now.
    Ok(unsafe { OwnedFd::from_raw_fd(opened) })
}

/// What the kernel tells by it. `None`: it has no such call (before Linux 6.13), or the process is gone.
fn told(opened: &OwnedFd, pid: u32) -> Option<PidfdInfo> {
    let mut info = PidfdInfo { mask: INFO_PID, ..PidfdInfo::default() };
    let request = nix::request_code_readwrite!(0xff, 11, size_of::<PidfdInfo>());
    // SAFETY: PIDFD_GET_INFO writes at most as many bytes as its number says, which is the size of this structure.
    let told = unsafe { libc::ioctl(opened.as_raw_fd(), request as _, &raw mut info) };
    (told == 0 && info.mask & INFO_PID != 0 && info.pid == pid).then_some(info)
}

/// Our own parent, process group and session; a parent of 0 lies outside the pid namespace.
#[must_use]
pub fn own_relations() -> (u32, u32, u32) {
    let number = |pid: nix::unistd::Pid| u32::try_from(pid.as_raw()).unwrap_or(0);
    let session = nix::unistd::getsid(None).map_or(0, number);
    (number(nix::unistd::getppid()), number(nix::unistd::getpgrp()), session)
}

/// Our controlling terminal's device number, 0 where there is none, and its foreground group, -1 where it has none: what the
/// kernel's line on us says, for a fifth of its price. `None` where it cannot be asked (no `/dev/tty`, Linux before 2.6.39).
#[must_use]
pub fn own_terminal() -> Option<(u64, i64)> {
    use nix::fcntl::{OFlag, open};
    let flags = OFlag::O_RDONLY | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let opened = match open("/dev/tty", flags, nix::sys::stat::Mode::empty()) {
        // tty(4): there is none.
        Err(Errno::ENXIO) => return Some((0, -1)),
        other => other.ok()?,
    };
    let mut device: libc::c_uint = 0;
    // SAFETY: TIOCGDEV writes one unsigned number.
    let told = unsafe {
        libc::ioctl(
            opened.as_raw_fd(),
            nix::request_code_read!(b'T', 0x32, size_of::<libc::c_uint>()) as _,
            &raw mut device,
        )
    };
    let foreground = nix::unistd::tcgetpgrp(&opened).ok()?;
    (told == 0 && device != 0).then(|| (u64::from(device), i64::from(foreground.as_raw())))
}

/// The name stands in parentheses and may hold any byte, so the fields count from the last `)`.
fn parse_stat(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let pid = number(text.get(..open)?.trim_ascii())?;
    let mut fields = text.get(close + 1..)?.split(|byte| *byte == b' ').skip(2);
    let mut next = || fields.next();
    let parent = number(next()?)?;
    let group = number(next()?)?;
    let session = number(next()?)?;
    let terminal = signed(next()?)?.unsigned_abs();
    let foreground = signed(next()?)?;
    let started = number(fields.nth(13)?)?;
    Some(Stat { pid, name: text.get(open + 1..close)?.to_vec(), parent, group, session, terminal, foreground, started })
}

/// A decimal number as the kernel writes one.
#[must_use]
pub fn number<N: TryFrom<u64>>(digits: &[u8]) -> Option<N> {
    let add = |sum: u64, digit: &u8| {
        let digit = digit.wrapping_sub(b'0');
        if digit < 10 { sum.checked_mul(10)?.checked_add(u64::from(digit)) } else { None }
    };
    digits.first()?;
    N::try_from(digits.iter().try_fold(0, add)?).ok()
}

fn signed(digits: &[u8]) -> Option<i64> {
    match digits.strip_prefix(b"-") {
        Some(digits) => number::<i64>(digits).map(|number| -number),
        None => number(digits),
    }
}

/// A process's start time, in ticks since boot, as time: a tick is a hundredth of a second to user space on every machine we build
/// for (`USER_HZ`).
#[must_use]
pub fn since_boot(ticks: u64) -> std::time::Duration {
    std::time::Duration::from_millis(ticks.saturating_mul(10))
}

/// The file a process runs: its path as the kernel tells it.
#[must_use]
pub fn executable(pid: u32) -> Option<Vec<u8>> {
    link(&format!("/proc/{pid}/exe"))
}

/// The name of a process that is root's in every respect.
#[must_use]
pub fn name_of_roots(pid: u32) -> Option<Vec<u8>> {
    let mut buffer = [0; 8192];
    let text = file::read_at_once(format!("/proc/{pid}/status").as_bytes(), &mut buffer).ok()?;
    let mut lines = text.split(|byte| *byte == b'\n');
    let name = lines.next()?.strip_prefix(b"Name:\t")?.to_vec();
    lines.find_map(|line| line.strip_prefix(b"Uid:\t")).filter(|users| *users == b"0\t0\t0\t0").map(|_| name)
}

/// Our own executable: device and inode.
#[must_use]
pub fn own_identity() -> Option<(u64, u64)> {
    let meta = std::fs::metadata("/proc/self/exe").ok()?;
    Some((meta.dev(), meta.ino()))
}

/// Whether a file is the one we run: its device and inode. Our own entry in `/proc` is dear, and is asked of files alone that are as
/// large as what the kernel has loaded of ours.
#[must_use]
pub fn is_own(meta: &Metadata) -> bool {
    meta.len() >= super::image::least_size() && own_identity() == Some((meta.dev(), meta.ino()))
}

/// The directory a process stands in, physical. `None` where we may not know or it was removed.
#[must_use]
pub fn directory(pid: u32) -> Option<Vec<u8>> {
    link(&format!("/proc/{pid}/cwd")).filter(|path| path.starts_with(b"/") && !path.ends_with(b" (deleted)"))
}

/// The environment a process was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstEnvironment {
    text: Vec<u8>,
    /// Where each entry ends: at its NUL.
    ends: Vec<usize>,
}

impl FirstEnvironment {
    /// That of a running process. `None` where it is gone or hidden.
    #[must_use]
    pub fn read(pid: u32) -> Option<FirstEnvironment> {
        let name = format!("/proc/{pid}/environ");
        let mut buffer = [0; 4096];
        let text = match file::read_at_once(name.as_bytes(), &mut buffer) {
            Ok(text) => text.to_vec(),
            Err(_) => file::read_small(name.as_bytes(), 4 << 20).ok()?,
        };
        Some(FirstEnvironment::of(text))
    }

    /// From entries that end with a NUL each.
    #[must_use]
    pub fn of(text: Vec<u8>) -> FirstEnvironment {
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == 0).map(|(at, _)| at).collect();
        FirstEnvironment { text, ends }
    }

    /// Whether this entry was in it.
    #[must_use]
    pub fn holds(&self, entry: &[u8]) -> bool {
        self.entries().any(|held| held == entry)
    }

    /// The value of a variable.
    #[must_use]
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.entries().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"="))
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start..*end))
    }
}

/// The words a process was started with, as it shows them now.
#[must_use]
pub fn arguments(pid: u32) -> Option<Vec<Vec<u8>>> {
    let text = file::read_small(format!("/proc/{pid}/cmdline").as_bytes(), 1 << 20).ok()?;
    let text = text.strip_suffix(b"\0").unwrap_or(&text);
    Some(text.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

/// The id of this boot, 36 characters.
#[must_use]
pub fn boot() -> Option<Vec<u8>> {
    let mut buffer = [0; 64];
    let text = file::read_at_once(b"/proc/sys/kernel/random/boot_id", &mut buffer).ok()?;
    Some(text.trim_ascii().to_vec())
}

fn link(path: &str) -> Option<Vec<u8>> {
    std::fs::read_link(path).ok().map(|path| OsString::from(path).into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_blanks_does_not_shift_the_fields() {
        let line = b"42 (a) S 1 (b) S 7 42 41 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3";
        let read = parse_stat(line).expect("a stat line");
        assert_eq!((read.pid, read.parent, read.group, read.session), (42, 7, 42, 41));
        assert_eq!((read.terminal, read.foreground, read.started), (34816, 42, 987_654));
        assert_eq!(read.name, b"a) S 1 (b");
    }

    #[test]
    fn we_see_ourselves() {
        let own = stat(own()).expect("our own line");
        assert_eq!(own.pid, std::process::id());
        assert_eq!(own.parent, std::os::unix::process::parent_id());
        assert_eq!(super::parent(own.pid), Some(own.parent));
        assert!(seen(own.pid).is_none_or(|(_, parent)| parent == own.parent));
        assert_eq!((super::parent(0), super::parent(u32::MAX)), (None, None));
        assert!(own_identity().is_some());
        assert!(boot().is_some_and(|boot| boot.len() == 36));
    }
}
