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
    }

    /// One of which only the way up matters. The first process of a namespace has none.
    fn passing(pid: u32) -> Option<Process> {
        let parent = if pid == 1 { 0 } else { process::parent(pid)? };
        Some(Process { pid, parent, ..Process::default() })
    }

    /// Which terminal it has: that of its session, so the client's where they share one.
    fn at_terminal_of(&mut self, client: Option<&Process>) {
        let same = client.filter(|client| client.session == self.session && client.session != 0);
        let at = match same {
            Some(client) => Some((client.terminal, client.foreground)),
            None if process::has_no_terminal() => None,
            None => process::stat(self.pid).map(|stat| (stat.terminal, stat.foreground)),
        };
        (self.terminal, self.foreground) = at.unwrap_or((0, -1));
    }
}

/// The ancestry: ourselves first, then upwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// In order.
    pub chain: Vec<Process>,
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
        let own = Process::own();
        let mut next = own.parent;
        let mut table = Table { chain: vec![own] };
        while next != 0 && table.chain.len() < DEEPEST {
            let pid = next;
            let birth = OnceCell::new();
            let birth = || *birth.get_or_init(|| Birth::of(pid));
            let vetted = ordered(pid, &birth);
            let Some(passing) = Process::passing(pid) else { break };
            next = passing.parent;
            table.chain.push(Process { vetted, birth: if vetted { birth() } else { None }, ..passing });
        }
        if let Some(client) = table.client_at().and_then(|at| table.chain.get_mut(at)) {
            match process::stat(client.pid) {
                Some(stat) if stat.parent == client.parent => *client = Process::of(&stat),
                // It went away meanwhile, or may not be seen: nothing above us can be named.
                Some(_) | None => table.chain.truncate(table.outermost().map_or(0, |at| at + 1)),
            }
        }
        let client = table.client().cloned();
        if let Some(own) = table.chain.first_mut() {
            own.at_terminal_of(client.as_ref());
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
    fn we_find_our_parent() {
        let table = Table::read(&|_, _| false);
        assert_eq!(table.own().map(|own| own.pid), Some(std::process::id()));
        let parent = std::os::unix::process::parent_id();
        assert_eq!(table.chain.get(1).map(|process| process.pid), Some(parent).filter(|pid| *pid > 0));
    }
}
