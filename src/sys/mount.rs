//! Mounts of one's own: a namespace in which this process and all it starts find other things at some paths. Nothing of it is
//! seen outside.

use std::io::{self, Write};
use std::path::Path;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use super::user;

/// Why there is no such namespace.
#[derive(Debug)]
pub enum Refused {
    /// The kernel makes none for us; all is as it was.
    Before(io::Error),
    /// It made one in which we are nobody.
    Halfway(io::Error),
}

/// Takes this process into a mount namespace of its own; where it has no right to, into a user namespace first that maps its
/// user and group alone. What others mount later is seen there too, what is mounted there is not seen by others. Needs that this
/// process has one thread.
pub fn separate() -> Result<(), Refused> {
    let (uid, gid) = (user::own(), nix::unistd::getegid());
    match unshare(CloneFlags::CLONE_NEWNS) {
        Ok(()) => {}
        Err(Errno::EPERM) => {
            unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
                .map_err(|error| Refused::Before(error.into()))?;
            for (file, text) in [
                ("/proc/self/setgroups", "deny".to_owned()),
                ("/proc/self/uid_map", format!("{uid} {uid} 1")),
                ("/proc/self/gid_map", format!("{gid} {gid} 1")),
            ] {
                let mut file = std::fs::OpenOptions::new().write(true).open(file).map_err(Refused::Halfway)?;
                file.write_all(text.as_bytes()).map_err(Refused::Halfway)?;
            }
        }
        Err(error) => return Err(Refused::Before(error.into())),
    }
    const NOTHING: Option<&str> = None;
    mount(NOTHING, "/", NOTHING, MsFlags::MS_REC | MsFlags::MS_SLAVE, NOTHING)
        .map_err(|error| Refused::Before(error.into()))
}

/// Puts nothing in the place of what is at `path`: an empty directory that nobody may open, an empty file that takes everything,
/// nobody who listens.
pub fn hide(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() {
        return fresh(path, MsFlags::MS_RDONLY, "mode=0,nr_inodes=1");
    }
    Ok(mount(Some("/dev/null"), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)?)
}

/// Puts an empty directory for temporary files at `path`, of at most so many megabytes. Nothing in it can be run.
pub fn temporary(path: &Path, megabytes: u64) -> io::Result<()> {
    fresh(path, MsFlags::empty(), &format!("mode=1777,size={megabytes}m"))
}

fn fresh(path: &Path, more: MsFlags, options: &str) -> io::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | more;
    Ok(mount(Some("none"), path, Some("tmpfs"), flags, Some(options))?)
}
