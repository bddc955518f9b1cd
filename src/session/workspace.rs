//! The workspace's roots (DESIGN section 2): what a trusted policy says, else the git top level of the client's own
//! directory, else that directory. Everything hangs on this: nothing a call chooses may create or widen it.

use super::Session;
use super::table::Table;

/// What the machine must answer.
pub trait Places {
    /// The physical path of a directory; `None` where it is none.
    fn physical(&self, path: &[u8]) -> Option<Vec<u8>>;
    /// Whether something named `.git` stands in a directory.
    fn has_git(&self, directory: &[u8]) -> bool;
}

/// Directories that never are a workspace, nor any ancestor of them.
#[derive(Clone, Debug, Default)]
pub struct Excluded {
    /// Home, physical.
    pub home: Option<Vec<u8>>,
    /// Our own directories, physical.
    pub guard: Vec<Vec<u8>>,
}

/// The operating system's top directories: neither they nor what lies in them is a workspace.
const SYSTEM: &[&[u8]] = &[
    b"/bin",
    b"/boot",
    b"/dev",
    b"/etc",
    b"/lib",
    b"/lib32",
    b"/lib64",
    b"/proc",
    b"/run",
    b"/sbin",
    b"/sys",
    b"/usr",
    b"/var/lib",
    b"/var/log",
    b"/var/cache",
    b"/var/spool",
    b"/var/run",
];

/// Directories that hold workspaces but are none.
const SHARED: &[&[u8]] = &[
    b"/",
    b"/home",
    b"/root",
    b"/opt",
    b"/srv",
    b"/var",
    b"/tmp",
    b"/var/tmp",
    b"/dev/shm",
    b"/mnt",
    b"/media",
    b"/usr",
    b"/usr/src",
];

/// Where the client stands and where the call was made.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The client's own directory; `None` where it cannot be known.
    pub client: Option<&'a [u8]>,
    /// The call's.
    pub invocation: &'a [u8],
    /// The client is outside our pid namespace or hidden: only then the call's directory counts.
    pub hidden: bool,
}

/// Whether the call's directory may stand for the client's: the client exists but its directory is closed to us, or it
/// lies outside our pid namespace. A login has none of its own: each command would choose it. An abandoned process has no workspace: any command can abandon one where it likes.
#[must_use]
pub fn is_hidden(table: &Table, session: &Session, client_directory: Option<&[u8]>) -> bool {
    match &session.client {
        Some(_) => !session.is_orphan() && !session.is_login() && client_directory.is_none(),
        None => table.comes_from_outside(),
    }
}

/// The roots.
#[must_use]
pub fn roots(policy: &[Vec<u8>], standing: Standing<'_>, excluded: &Excluded, places: &dyn Places) -> Vec<Vec<u8>> {
    if !policy.is_empty() {
        let mut roots: Vec<Vec<u8>> = policy.iter().filter_map(|root| places.physical(root)).collect();
        roots.retain(|root| qualifies(root, excluded));
        return roots;
    }
    let start = match standing.client {
        Some(directory) => directory,
        None if standing.hidden => standing.invocation,
        None => return Vec::new(),
    };
    let Some(start) = places.physical(start) else { return Vec::new() };
    around(&start, excluded, places).into_iter().collect()
}

/// The workspace around one directory: its git top level where that qualifies, else the directory itself.
#[must_use]
pub fn around(start: &[u8], excluded: &Excluded, places: &dyn Places) -> Option<Vec<u8>> {
    let mut at = start.to_vec();
    loop {
        if !qualifies(&at, excluded) {
            break;
        }
        if places.has_git(&at) {
            return Some(at);
        }
        let Some(slash) = at.iter().rposition(|byte| *byte == b'/') else { break };
        at.truncate(slash.max(1));
        if at == b"/" {
            break;
        }
    }
    qualifies(start, excluded).then(|| start.to_vec())
}

/// Whether a directory may be one: no system's, shared or guard directory, nor an ancestor of home or guard.
#[must_use]
pub fn qualifies(path: &[u8], excluded: &Excluded) -> bool {
    let protected = excluded.guard.iter().chain(excluded.home.iter());
    path.starts_with(b"/")
        && !SHARED.contains(&path)
        && !SYSTEM.iter().any(|system| below(path, system))
        && !excluded.guard.iter().any(|guard| below(path, guard))
        && !protected.into_iter().any(|protected| below(protected, path))
}

/// Whether `path` is `directory` or lies below it.
#[must_use]
pub fn below(path: &[u8], directory: &[u8]) -> bool {
    directory == b"/" || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture(&'static [&'static str]);

    impl Places for Fixture {
        fn physical(&self, path: &[u8]) -> Option<Vec<u8>> {
            Some(path.to_vec())
        }
        fn has_git(&self, directory: &[u8]) -> bool {
            self.0.iter().any(|known| known.as_bytes() == directory)
        }
    }

    fn of(client: Option<&str>, invocation: &str, hidden: bool, git: &'static [&'static str]) -> Vec<String> {
        let excluded = Excluded {
            home: Some(b"/home/u".to_vec()),
            guard: vec![b"/home/u/.local/state/vetsh".to_vec(), b"/home/u/.config/vetsh".to_vec()],
        };
        let standing = Standing { client: client.map(str::as_bytes), invocation: invocation.as_bytes(), hidden };
        roots(&[], standing, &excluded, &Fixture(git))
            .into_iter()
            .map(|root| String::from_utf8(root).expect("text"))
            .collect()
    }

    #[test]
    fn a_login_lets_no_command_choose_a_workspace() {
        let session = |executable: &[u8]| Session {
            id: "a".repeat(32),
            client: Some(crate::session::Process::default()),
            executable: Some(executable.to_vec()),
            ..Session::default()
        };
        assert!(is_hidden(&Table::default(), &session(b"/usr/bin/client"), None));
        assert!(!is_hidden(&Table::default(), &session(b"sshd"), None));
    }

    #[test]
    fn the_clients_directory_counts_and_the_calls_does_not() {
        assert_eq!(of(Some("/home/u/w/src"), "/home/u/other", false, &["/home/u/w", "/home/u/other"]), ["/home/u/w"]);
        assert_eq!(of(Some("/home/u/w/src"), "/home/u/w", false, &[]), ["/home/u/w/src"]);
        assert!(of(None, "/home/u/w", false, &["/home/u/w"]).is_empty());
        assert_eq!(of(None, "/home/u/w/a", true, &["/home/u/w"]), ["/home/u/w"]);
    }

    #[test]
    fn home_root_system_guard_and_their_ancestors_never_qualify() {
        for place in [
            "/",
            "/home",
            "/home/u",
            "/etc",
            "/etc/x",
            "/usr/lib/x",
            "/tmp",
            "/var",
            "/proc/1",
            "/home/u/.local",
            "/home/u/.local/state",
            "/home/u/.local/state/vetsh",
            "/home/u/.local/state/vetsh/guard",
            "/home/u/.config",
        ] {
            assert!(of(Some(place), "/home/u/w", false, &["/home/u/w", "/home/u", "/", "/etc"]).is_empty(), "{place}");
        }
    }

    #[test]
    fn a_git_repository_at_home_does_not_make_home_the_workspace() {
        assert_eq!(of(Some("/home/u/notes"), "/x", false, &["/home/u"]), ["/home/u/notes"]);
    }

    #[test]
    fn a_name_that_only_begins_alike_is_another_place() {
        assert_eq!(of(Some("/home/uv"), "/x", false, &[]), ["/home/uv"]);
        assert_eq!(of(Some("/etcetera/w"), "/x", false, &[]), ["/etcetera/w"]);
    }
}
