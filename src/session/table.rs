//! Our ancestry as a plain value, so that everything that follows from it can be tested on a fixture.

use std::cell::OnceCell;

use crate::sys::process::{self, Birth, Stat};

/// One process of the ancestry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its parent; 0 where that lies outside the pid namespace.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session (setsid).
    pub session: u32,
    /// Its controlling terminal's device number; 0 is none.
    pub terminal: u64,
    /// The foreground group of that terminal.
    pub foreground: i64,
    /// The client's start time in ticks since boot: with the pid, a name that is not given twice.
    pub started: u64,
    /// What tells one of our runs from every other process.
    pub birth: Option<Birth>,
    /// It is, or was before it became a shell, one of our runs.
    pub vetted: bool,
}

impl Process {
    fn of(stat: &Stat) -> Process {
        Process {
            pid: stat.pid,
            parent: stat.parent,
            group: stat.group,
            session: stat.session,
            terminal: stat.terminal,
            foreground: stat.foreground,
            started: stat.started,
            ..Process::default()
        }
    }

    /// Ourselves. Our own line in `/proc` is the dearest there is: the kernel makes the entries of a process of which nobody has
    /// asked yet.
    fn own() -> Process {
        let pid = process::own();
        let (parent, group, session) = process::own_relations();
        Process {
            pid,
            parent,
            group,
            session,
            foreground: -1,
            birth: Birth::of(pid),
            vetted: true,
            ..Process::default()
        }
        .at_its_terminal()
    }

    fn at_its_terminal(self) -> Process {
        let at =
            process::own_terminal().or_else(|| process::stat(self.pid).map(|stat| (stat.terminal, stat.foreground)));
        let (terminal, foreground) = at.unwrap_or((0, -1));
        Process { terminal, foreground, ..self }
    }
}

/// What was found of a client when its ancestry was read to the top: none of our runs stands above it. It holds for that process
/// as long as its parent is the same, so that only the first of a client's commands goes all the way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// Its parent then.
    pub parent: u32,
    /// Its start time in ticks since boot.
    pub started: u64,
    /// `PATH=…` as it was started with it, where it had one: what nearly all of its commands have too.
    pub path: Vec<u8>,
}

/// The ancestry: ourselves first, then upwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In order.
    pub chain: Vec<Process>,
    /// It ends at a client that is known to have none of our runs above it; of the client only who it is was looked up.
    pub brief: bool,
    /// What such a client's environment began with: see [`Top::path`].
    pub path: Vec<u8>,
}

/// What tells a process from others, looked up where something hangs on it.
pub type Born<'a> = &'a dyn Fn() -> Option<Birth>;

/// Deeper than this nobody nests.
const DEEPEST: usize = 128;

impl Table {
    /// Reads our ancestry. `ordered` says whether a process has a live order of ours, with its birth if that is asked for:
    /// whoever of us starts something has written one before. All is read of the client; of the others who they are and
    /// where they come from.
    #[must_use]
    pub fn read(ordered: &dyn Fn(u32, Born<'_>) -> bool) -> Table {
        Table::up_to(ordered, &|_, _| None)
    }

    /// As [`Table::read`], but no further than to a client that is known to be the top of what is ours.
    #[must_use]
    pub fn up_to(ordered: &dyn Fn(u32, Born<'_>) -> bool, top: &dyn Fn(u32, Born<'_>) -> Option<Top>) -> Table {
        let own = Process::own();
        let mut next = own.parent;
        let mut table = Table { chain: vec![own], ..Table::default() };
        while next != 0 && table.chain.len() < DEEPEST {
            let pid = next;
            let seen = OnceCell::new();
            let seen = || *seen.get_or_init(|| process::seen(pid));
            let birth = || seen().map(|(birth, _)| birth).or_else(|| Birth::of(pid));
            let vetted = ordered(pid, &birth);
            // Whoever stands right above one of ours.
            if !vetted
                && table.chain.last().is_some_and(|below| below.vetted)
                && let Some(top) = top(pid, &birth)
            {
                if seen().is_some_and(|(_, parent)| parent == top.parent) {
                    let Top { parent, started, path } = top;
                    table.chain.push(Process { pid, parent, started, birth: birth(), ..Process::default() });
                    return Table { brief: true, path, ..table };
                }
            }
            // The first process of a namespace has nobody above it.
            let parent = || seen().map(|(_, parent)| parent).or_else(|| process::parent(pid));
            let Some(parent) = (if pid == 1 { Some(0) } else { parent() }) else { break };
            next = parent;
            let birth = if vetted { birth() } else { None };
            table.chain.push(Process { pid, parent, vetted, birth, ..Process::default() });
        }
        if let Some(client) = table.client_at().and_then(|at| table.chain.get_mut(at)) {
            match process::stat(client.pid) {
                Some(stat) if stat.parent == client.parent => *client = Process::of(&stat),
                // It went away meanwhile, or may not be seen: nothing above us can be named.
                Some(_) | None => table.chain.truncate(table.outermost().map_or(0, |at| at + 1)),
            }
        }
        table
    }

    /// Ourselves.
    #[must_use]
    pub fn own(&self) -> Option<&Process> {
        self.chain.first()
    }

    /// The process above the outermost of our runs, where it is neither outside our namespace nor the first process,
    /// to which every abandoned one is handed.
    #[must_use]
    pub fn client(&self) -> Option<&Process> {
        self.chain.get(self.client_at()?)
    }

    fn client_at(&self) -> Option<usize> {
        let above = self.outermost()? + 1;
        self.chain.get(above).filter(|client| client.pid > 1).map(|_| above)
    }

    /// Where the outermost of our runs stands.
    fn outermost(&self) -> Option<usize> {
        self.chain.iter().rposition(|process| process.vetted)
    }

    /// Our own runs above us, nearest first.
    pub fn vetted_ancestors(&self) -> impl Iterator<Item = &Process> {
        self.chain.iter().skip(1).filter(|process| process.vetted)
    }

    /// The ancestry ends outside our pid namespace right above our runs.
    #[must_use]
    pub fn comes_from_outside(&self) -> bool {
        self.outermost().and_then(|index| self.chain.get(index)).is_some_and(|process| process.parent == 0)
    }
}

/// Whether an executable is one that adopts abandoned processes.
#[must_use]
pub fn is_init(executable: &[u8]) -> bool {
    let name = executable.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let known: &[&[u8]] = &[
        b"systemd",
        b"init",
        b"tini",
        b"docker-init",
        b"dumb-init",
        b"catatonit",
        b"s6-svscan",
        b"runit",
        b"launchd",
        b"upstart",
        b"containerd-shim-runc-v2",
        b"conmon",
    ];
    known.contains(&name)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A chain from ourselves upwards: pid, session, terminal, vetted.
    pub fn chain(processes: &[(u32, u32, u64, bool)]) -> Table {
        let mut table = Table::default();
        for (index, (pid, session, terminal, vetted)) in processes.iter().enumerate() {
            table.chain.push(Process {
                pid: *pid,
                parent: processes.get(index + 1).map_or(if *pid == 1 { 0 } else { 1 }, |above| above.0),
                group: *pid,
                session: *session,
                terminal: *terminal,
                foreground: if *terminal == 0 { -1 } else { i64::from(*pid) },
                started: u64::from(*pid) * 10,
                birth: Some(Birth::Ticks(u64::from(*pid) * 10)),
                vetted: *vetted,
            });
        }
        table
    }

    #[test]
    fn the_client_stands_above_the_outermost_of_our_runs() {
        let table =
            chain(&[(90, 90, 0, true), (80, 80, 0, false), (70, 70, 0, true), (60, 60, 0, false), (1, 1, 0, false)]);
        assert_eq!(table.client().map(|client| client.pid), Some(60));
        assert_eq!(table.vetted_ancestors().map(|process| process.pid).collect::<Vec<_>>(), [70]);
    }

    #[test]
    fn an_abandoned_run_has_no_client() {
        assert_eq!(chain(&[(90, 90, 0, true), (1, 1, 0, false)]).client(), None);
        let mut outside = chain(&[(90, 90, 0, true)]);
        if let Some(own) = outside.chain.first_mut() {
            own.parent = 0;
        }
        assert_eq!(outside.client(), None);
        assert!(outside.comes_from_outside());
    }

    #[test]
    fn a_client_whose_parent_is_as_it_was_ends_the_way_up() {
        let parent = std::os::unix::process::parent_id();
        let Some((_, above)) = process::seen(parent).filter(|_| parent > 1) else {
            eprintln!("SKIPPED: the kernel tells no parents by descriptor (before Linux 6.13), or nobody started us");
            return;
        };
        let known = |above: u32| {
            let top = Top { parent: above, started: 5, path: b"PATH=/x".to_vec() };
            Table::up_to(&|_, _| false, &|pid, _| (pid == parent).then(|| top.clone()))
        };
        let brief = known(above);
        assert!(brief.brief && brief.path == b"PATH=/x" && brief.chain.len() == 2);
        assert_eq!(brief.client().map(|client| (client.pid, client.started)), Some((parent, 5)));
        // It was handed to somebody else: whoever that is is looked at.
        let whole = known(above + 1);
        assert!(!whole.brief && whole.path.is_empty());
        assert_eq!(whole, Table::read(&|_, _| false));
    }

    #[test]
    fn we_find_our_parent() {
        let table = Table::read(&|_, _| false);
        assert_eq!(table.own().map(|own| own.pid), Some(std::process::id()));
        let parent = std::os::unix::process::parent_id();
        assert_eq!(table.chain.get(1).map(|process| process.pid), Some(parent).filter(|pid| *pid > 0));
    }
}
