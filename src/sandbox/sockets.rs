//! Which unix sockets a profile closes: those that stand somewhere now and that no list of it leaves open.
//!
//! Whoever may open a socket may ask its owner for anything: the Docker socket for root's rights, the session bus for a process
//! outside of the walls, an ssh-agent for signatures. Where the kernel cannot tell them apart by path (Landlock before version 9)
//! each has to be found, to be hidden.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::plan::Ground;
use crate::audit::writer;
use crate::policy::Profile;
use crate::session::machine::join;
use crate::session::workspace::below;
use crate::sys::{clock, file, process, user};
use crate::text::Arrange;

/// What is to be hidden, and what may be reached.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Sockets, and directories of nothing else.
    pub closed: Vec<Vec<u8>>,
    /// Sockets and directories.
    pub open: Vec<Vec<u8>>,
}

/// In places for temporary files, and never made by what is walled.
const OF_OTHERS: &[&[u8]] = &[b"ssh-", b"tmux-", b"dbus-", b"vscode-"];

/// More is no list of sockets.
const LONGEST: usize = 8 << 20;

impl Sockets {
    /// The sockets of this ground under `profile`. `None`: it closes none.
    #[must_use]
    pub fn of(profile: &Profile, ground: Ground<'_>, temps: &[Vec<u8>]) -> Option<Sockets> {
        if profile.sockets.iter().any(|entry| entry == "@all") {
            return None;
        }
        let mut sockets = Sockets::default();
        sockets.open.extend(ground.roots.iter().cloned());
        // Nothing is launched that is not on record, from inside neither.
        if ground.house.writer {
            sockets.open.push(writer::SOCKET.as_bytes().to_vec());
        }
        for entry in &profile.sockets {
            let whole = match (entry.strip_prefix("~/"), &ground.house.home) {
                (Some(rest), Some(home)) => join(home, rest.as_bytes()),
                (Some(_), None) => continue,
                (None, _) => entry.as_bytes().to_vec(),
            };
            sockets.open.push(whole);
        }
        let began = ground.house.session.client.as_ref().map(|client| {
            let age = clock::since_boot().saturating_sub(process::since_boot(client.started));
            clock::now().saturating_sub(age).as_secs()
        });
        // What a login session has for its services holds sockets and nothing that a tool needs.
        let own = format!("/run/user/{}", user::own()).into_bytes();
        let whole = !sockets.open.iter().any(|open| below(open, &own)) && file::path(&own).is_dir();
        if whole {
            sockets.closed.push(own.clone());
        }
        let listed = sockets.open.len();
        let mut led_to = None;
        let mut found = found(ground.agent);
        found.arrange();
        found.dedup();
        for path in &found {
            let text = path.as_os_str().as_bytes();
            let is_open =
                |path: &[u8], open: &[Vec<u8>]| whole && below(path, &own) || open.iter().any(|open| below(path, open));
            // Before anything is asked of the kernel: a desktop has hundreds.
            if is_open(text, &sockets.open) && !text.windows(4).any(|part| part == b"/../") {
                continue;
            }
            let Ok(meta) = path.metadata() else { continue };
            // What the file system closes anyway needs no wall.
            if !meta.file_type().is_socket() || user::own() != 0 && access(path, AccessFlags::W_OK).is_err() {
                continue;
            }
            let Some(path) = physical(path).filter(|path| !is_open(path, &sockets.open)) else { continue };
            // What a listed path leads to: `/var/run` is a link to `/run`. Asked where something stands at all.
            let led_to = led_to.get_or_insert_with(|| {
                let listed = sockets.open.iter().take(listed);
                listed.filter_map(|open| physical(file::path(open))).collect::<Vec<_>>()
            });
            if led_to.iter().any(|open| below(&path, open)) {
                continue;
            }
            let name = temps.iter().find_map(|temp| path.strip_prefix(temp.as_slice())?.strip_prefix(b"/"));
            let others = |name: &[u8]| OF_OTHERS.iter().any(|prefix| name.starts_with(prefix));
            let later = began.is_some_and(|began| u64::try_from(meta.ctime()).is_ok_and(|made| made > began));
            match name {
                Some(name) if later && !others(name) => sockets.open.push(path),
                _ => sockets.closed.push(path),
            }
        }
        sockets.closed.arrange();
        sockets.closed.dedup();
        Some(sockets)
    }
}

fn physical(path: &Path) -> Option<Vec<u8>> {
    std::fs::canonicalize(path).ok().map(|path| path.into_os_string().into_encoded_bytes())
}

/// Paths where sockets may stand: those this network namespace knows; of others, what is mounted here by itself or stands where
/// such things are put; what the environment names.
fn found(agent: Option<&[u8]>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = agent.map(|path| file::path(path).to_owned()).into_iter().collect();
    let known = file::read_small(b"/proc/net/unix", LONGEST).unwrap_or_default();
    // The path stands last; nothing before it has a slash.
    let path =
        |line: &[u8]| line.windows(2).position(|two| two == b" /").and_then(|at| line.get(at + 1..).map(to_path));
    found.extend(known.split(|byte| *byte == b'\n').filter_map(path));
    // A container's sockets of others are mounted into it; its root stands on no disk of its own.
    let contained = file::path(b"/").metadata().is_ok_and(|root| nix::sys::stat::major(root.dev()) == 0);
    let mounts = contained.then(|| file::read_small(b"/proc/self/mountinfo", LONGEST).unwrap_or_default());
    for line in mounts.unwrap_or_default().split(|byte| *byte == b'\n') {
        let mut words = line.split(|byte| *byte == b' ').skip(3);
        if let (Some(root), Some(at)) = (words.next(), words.next())
            && root != b"/"
        {
            found.push(to_path(at));
        }
    }
    for place in ["/run", "/run/podman", "/run/containerd", "/run/dbus", "/run/host-services", "/tmp/.X11-unix"] {
        let sockets = std::fs::read_dir(place).into_iter().flatten().flatten();
        let sockets = sockets.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
        found.extend(sockets.map(|entry| entry.path()));
    }
    found
}

fn to_path(bytes: &[u8]) -> PathBuf {
    Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned()
}
