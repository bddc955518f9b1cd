//! Whose a file is: root's, or one that somebody else may write or replace.
//!
//! **User namespaces.** In a namespace that maps only its maker (a sandbox such as bwrap's, a rootless container) root is none of
//! the mapped users, and the kernel shows what is root's, and what is any other unmapped user's, under the overflow id. Such an
//! owner counts as root where `/proc/self/uid_map` maps neither the parent's 0 nor the overflow id itself. That is safe
//! against what runs in here: a process gives files only to ids that are mapped, so it has made none of these; write
//! permission is asked of each as of root's own; and `CAP_DAC_OVERRIDE`, `CAP_FOWNER` and `CAP_CHOWN` of the namespace do not
//! reach an inode whose owner is unmapped. It is weaker than root's own in two ways. Another unmapped user may be the owner:
//! therefore every directory on the way must be such as well, which outside the namespace only root could have arranged.
//! And who made the namespace may have mounted what they like there, as root may elsewhere: they have run commands unvetted
//! already.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;

use super::file;

/// Whether `uid`, as the kernel tells it to us, stands for root.
#[must_use]
pub fn is_root(uid: u32) -> bool {
    static UNMAPPED: OnceLock<Option<u32>> = OnceLock::new();
    uid == 0 || Some(uid) == *UNMAPPED.get_or_init(unmapped_root)
}

/// Whether we are root itself, and not that of a user namespace.
#[must_use]
pub fn is_the_root() -> bool {
    let map = || file::read_small(b"/proc/self/uid_map", 64 * 1024).unwrap_or_default();
    super::user::own() == 0
        && map().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).eq([&b"0"[..], b"0", b"4294967295"])
}

/// The id under which root's files appear in a user namespace that does not map root.
fn unmapped_root() -> Option<u32> {
    let map = file::read_small(b"/proc/self/uid_map", 64 * 1024).ok()?;
    let overflow = file::read_small(b"/proc/sys/kernel/overflowuid", 16).ok()?;
    root_behind(std::str::from_utf8(&map).ok()?, std::str::from_utf8(&overflow).ok()?.trim().parse().ok()?)
}

/// `overflow`, where the map (lines of first id inside, first id outside, count) has neither root outside nor `overflow` inside.
fn root_behind(map: &str, overflow: u32) -> Option<u32> {
    let mut ranges = 0;
    for line in map.lines() {
        let numbers: Vec<u64> = line.split_ascii_whitespace().map_while(|word| word.parse().ok()).collect();
        let [inside, outside, count] = *numbers.as_slice() else { return None };
        let mapped = (inside..inside.checked_add(count)?).contains(&u64::from(overflow));
        if outside == 0 || mapped {
            return None;
        }
        ranges += 1;
    }
    (ranges > 0).then_some(overflow)
}

/// Whether the file `meta` at `path` is root's and nobody else may write it. Where root is not mapped, nothing on the way may be
/// anybody else's either.
#[must_use]
pub fn is_roots(path: &[u8], meta: &Metadata) -> bool {
    let hidden = || is_root(meta.uid()) && !others_may_write(way(path).as_deref());
    meta.mode() & 0o022 == 0 && (meta.uid() == 0 || hidden())
}

/// What stands on the way to a path.
#[derive(Debug)]
pub struct Step {
    /// Its physical path.
    pub path: Vec<u8>,
    /// What it is; links are not followed.
    pub meta: Metadata,
}

/// As the kernel counts them.
const MOST_LINKS: usize = 40;

/// Every directory and link on the way to an absolute path, and what stands at its end. `None` where that is nothing, or cannot
/// be told.
#[must_use]
pub fn way(path: &[u8]) -> Option<Vec<Step>> {
    let parts = |path: &[u8]| -> Vec<Vec<u8>> {
        path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).rev().map(<[u8]>::to_vec).collect()
    };
    let mut steps = vec![step(b"/".to_vec())?];
    let (mut at, mut left, mut links) = (b"/".to_vec(), parts(path), 0);
    while let Some(part) = left.pop() {
        match part.as_slice() {
            b"." => continue,
            b".." => {
                at.truncate(at.iter().rposition(|byte| *byte == b'/').unwrap_or(0).max(1));
                continue;
            }
            _ => {}
        }
        let next = if at == b"/" { [b"/".as_slice(), &part].concat() } else { [&at, b"/".as_slice(), &part].concat() };
        let step = step(next)?;
        if step.meta.is_symlink() {
            links += 1;
            let target = OsString::from(std::fs::read_link(file::path(&step.path)).ok()?).into_vec();
            if target.starts_with(b"/") {
                at = b"/".to_vec();
            }
            left.extend(parts(&target));
        } else {
            at.clone_from(&step.path);
        }
        steps.push(step);
        if links > MOST_LINKS {
            return None;
        }
    }
    Some(steps)
}

fn step(path: Vec<u8>) -> Option<Step> {
    let meta = std::fs::symlink_metadata(file::path(&path)).ok()?;
    Some(Step { path, meta })
}

/// Whether somebody other than root may write what stands at the end of a way, or put another thing there.
#[must_use]
pub fn others_may_write(way: Option<&[Step]>) -> bool {
    way.is_none_or(|steps| {
        steps.iter().any(|step| {
            let meta = &step.meta;
            // In a sticky directory others cannot replace what is root's. A link has no permissions of its own.
            let shared =
                meta.mode() & 0o022 != 0 && !meta.is_symlink() && !(meta.is_dir() && meta.mode() & 0o1000 != 0);
            !is_root(meta.uid()) || shared
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_hides_behind_the_overflow_id_only_where_it_is_unmapped() {
        let of = |map: &str| root_behind(map, 65534);
        assert_eq!(of("         0          0 4294967295\n"), None, "no namespace");
        assert_eq!(of("0 1000 1\n"), Some(65534), "unshare -r");
        assert_eq!(of("1000 1000 1\n"), Some(65534), "bwrap");
        assert_eq!(of("0 1000 1\n1 100000 65536\n"), None, "a rootless container maps its own nobody");
        assert_eq!(of("0 1000 1\n1 100000 1000\n"), Some(65534));
        assert_eq!(of("0 1000 1\n1000 0 1\n"), None, "root is there under another name");
        for odd in ["", "0 1000\n", "x\n", "0 1000 1\nx", "18446744073709551615 5 5"] {
            assert_eq!(of(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_link_of_ours_on_the_way_is_ours_wherever_it_leads() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let at = |name: &str| scratch.path().join(name).into_os_string().into_vec();
        std::os::unix::fs::symlink("/bin/sh", scratch.path().join("ls")).expect("a link");
        std::os::unix::fs::symlink("/bin", scratch.path().join("bin")).expect("a link");
        std::os::unix::fs::symlink("loop", scratch.path().join("loop")).expect("a link");
        let ends = |name: &str| way(&at(name)).and_then(|steps| Some(steps.last()?.path.clone()));
        assert_eq!(ends("ls"), std::fs::canonicalize("/bin/sh").ok().map(|path| path.into_os_string().into_vec()));
        assert_eq!(ends("bin/sh"), ends("ls"));
        assert!(way(&at("ls")).expect("a way").iter().any(|step| step.path.ends_with(b"/ls")));
        assert!(way(&at("loop")).is_none() && way(&at("no/such")).is_none());
        let open = |path: &[u8]| others_may_write(way(path).as_deref());
        assert!(!open(b"/bin/sh") && !open(b"/../bin/./sh"));
        if !nix::unistd::geteuid().is_root() {
            assert!(open(&at("ls")) && open(&at("bin/sh")));
        }
        assert!(open(&at("no")));
    }
}
