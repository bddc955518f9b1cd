//! The positive proof of a human at the terminal (DESIGN section 8): a function of the process table and of what is known
//! of the client. Anything not shown is no proof.

use super::table::{Process, Table};
use super::{Session, table};
use crate::config::agents::{AGENTS, Terminal};

/// Why a prompt on the terminal would not reach a human.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No client can be named.
    Orphan,
    /// We have no controlling terminal.
    NoTerminal,
    /// Our terminal is not the client's.
    OtherTerminal,
    /// We are not in the terminal's foreground.
    Background,
    /// The client fills the screen itself.
    OwnScreen,
    /// The model can type into this terminal.
    Model,
    /// The session's leader descends from an agent.
    BelowAgent,
    /// We run inside an agent's session.
    InAgent,
}

impl Doubt {
    /// For the human who asks why.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Doubt::Orphan => "no client can be named",
            Doubt::NoTerminal => "there is no controlling terminal",
            Doubt::OtherTerminal => "our terminal is not the client's",
            Doubt::Background => "we are not in the terminal's foreground",
            Doubt::OwnScreen => "the client fills the screen itself",
            Doubt::Model => "the model can type into this terminal",
            Doubt::BelowAgent => "the terminal's session was started by an agent",
            Doubt::InAgent => "this runs inside an agent's session",
        }
    }
}

/// The executables of the ancestry, as far as known, in the order of [`Table::chain`].
pub type Executables<'a> = &'a dyn Fn(u32) -> Option<Vec<u8>>;

/// Whether a prompt on our terminal reaches a human.
pub fn at_terminal(table: &Table, session: &Session, programs: Executables<'_>) -> Result<(), Doubt> {
    let same = |client: &&Process| session.client.as_ref().is_some_and(|known| known.pid == client.pid);
    let (Some(own), Some(client)) = (table.own(), table.client().filter(same)) else { return Err(Doubt::Orphan) };
    if session.is_orphan() || table.brief {
        return Err(Doubt::Orphan);
    }
    if own.terminal == 0 {
        return Err(Doubt::NoTerminal);
    }
    let known = session.label.known().or_else(|| agent_of(&programs(client.pid).unwrap_or_default()));
    let relayed = known.is_some_and(|agent| agent.terminal == Terminal::Relayed);
    match known.map(|agent| agent.terminal) {
        Some(Terminal::Model) => return Err(Doubt::Model),
        Some(Terminal::OwnScreen) => return Err(Doubt::OwnScreen),
        Some(Terminal::Absent) => return Err(Doubt::NoTerminal),
        Some(Terminal::Relayed) | None => {}
    }
    if own.terminal != client.terminal && !relayed {
        return Err(Doubt::OtherTerminal);
    }
    if own.foreground != i64::from(own.group) {
        return Err(Doubt::Background);
    }
    // The agent that asks may stand between us and the human's shell; above the session's leader none may.
    let leader = if relayed { client.session } else { own.session };
    let above = table.chain.iter().skip_while(|process| process.pid != leader).skip(1);
    if !table.chain.iter().any(|process| process.pid == leader) {
        return Err(Doubt::BelowAgent);
    }
    for process in above {
        if process.vetted || programs(process.pid).is_none_or(|program| agent_of(&program).is_some()) {
            // The first process belongs to root and may hide what it runs.
            if process.pid != 1 || process.vetted {
                return Err(Doubt::BelowAgent);
            }
        }
    }
    Ok(())
}

/// Whether a verb that loosens may be used: a human at the terminal, and no agent anywhere above.
pub fn may_loosen(table: &Table, session: &Session, programs: Executables<'_>) -> Result<(), Doubt> {
    if session.label.agent.is_some() || table.brief || table.vetted_ancestors().next().is_some() {
        return Err(Doubt::InAgent);
    }
    for process in table.chain.iter().skip(1) {
        if programs(process.pid).is_some_and(|program| agent_of(&program).is_some()) {
            return Err(Doubt::InAgent);
        }
    }
    at_terminal(table, session, programs)
}

/// Whether root's process of that name lets people in.
#[must_use]
pub fn is_login(name: &[u8]) -> bool {
    LOGINS.contains(&name)
}

const LOGINS: [&[u8]; 3] = [b"sshd", b"sshd-session", b"login"];

/// Whether we are the very first process of a login at a terminal: root's `sshd` or `login` let in whoever sits there, and nothing
/// runs in between but the half of it that has the user's rights. `roots` gives the name of a process that is root's. Weaker than
/// a client of one's own: whoever may log in may also have done so by a program.
pub fn at_login(table: &Table, roots: Executables<'_>) -> Result<(), Doubt> {
    let Some(own) = table.own() else { return Err(Doubt::Orphan) };
    if own.terminal == 0 || own.session != own.pid {
        return Err(Doubt::NoTerminal);
    }
    if own.foreground != i64::from(own.group) {
        return Err(Doubt::Background);
    }
    let is_login = |pid| roots(pid).is_some_and(|name| is_login(&name));
    match table.chain.get(1..) {
        Some([first, ..]) if !first.vetted && is_login(first.pid) => Ok(()),
        Some([first, second, ..]) if !first.vetted && !second.vetted && is_login(second.pid) => Ok(()),
        Some(_) | None => Err(Doubt::Orphan),
    }
}

fn agent_of(program: &[u8]) -> Option<&'static crate::config::agents::Agent> {
    let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if table::is_init(program) {
        return None;
    }
    AGENTS.iter().find(|agent| agent.programs.iter().any(|known| known.as_bytes() == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::table::tests::chain;
    use crate::session::{Label, Process};

    const TTY: u64 = 34816;

    fn session(client: &Process) -> Session {
        Session { id: "a".repeat(32), client: Some(client.clone()), executable: None, label: Label::default() }
    }

    fn programs(pid: u32) -> Option<Vec<u8>> {
        Some(match pid {
            50 => b"/home/u/.local/bin/claude".to_vec(),
            55 => b"/opt/venv/bin/aider".to_vec(),
            1 => return None,
            _ => b"/bin/bash".to_vec(),
        })
    }

    /// us (90) - client (60) - login shell (40, leads the session) - sshd (30) - init.
    fn desk() -> Table {
        let mut table = chain(&[
            (90, 40, TTY, true),
            (60, 40, TTY, false),
            (40, 40, TTY, false),
            (30, 30, 0, false),
            (1, 1, 0, false),
        ]);
        for process in &mut table.chain {
            if process.terminal != 0 {
                process.foreground = 90;
            }
        }
        table
    }

    fn proof(table: &Table) -> Result<(), Doubt> {
        let client = table.client().expect("a client").clone();
        at_terminal(table, &session(&client), &programs)
    }

    #[test]
    fn a_human_at_the_desk() {
        assert_eq!(proof(&desk()), Ok(()));
    }

    #[test]
    fn each_thing_not_shown_is_a_doubt() {
        let change = |change: &dyn Fn(&mut Table)| {
            let mut table = desk();
            change(&mut table);
            proof(&table)
        };
        assert_eq!(change(&|table| table.chain[0].terminal = 0), Err(Doubt::NoTerminal));
        assert_eq!(change(&|table| table.chain[1].terminal = 0), Err(Doubt::OtherTerminal));
        assert_eq!(change(&|table| table.chain[0].foreground = 60), Err(Doubt::Background));
        assert_eq!(change(&|table| table.chain[3].pid = 50), Err(Doubt::BelowAgent));
        assert_eq!(change(&|table| table.chain[0].session = 77), Err(Doubt::BelowAgent));
        assert_eq!(change(&|table| table.chain[1].pid = 50), Err(Doubt::OwnScreen));
    }

    #[test]
    fn an_ancestry_that_was_not_read_to_the_top_proves_nobody() {
        let table = Table { brief: true, ..desk() };
        assert_eq!(proof(&table), Err(Doubt::Orphan));
        assert!(may_loosen(&table, &session(&table.chain[1].clone()), &programs).is_err());
    }

    #[test]
    fn a_label_can_only_take_away() {
        let table = desk();
        let mut session = session(table.client().expect("a client"));
        session.label = Label::of(&[b"CODEX_CI=1".to_vec().into()]);
        assert_eq!(at_terminal(&table, &session, &programs), Err(Doubt::Model));
        assert_eq!(may_loosen(&table, &session, &programs), Err(Doubt::InAgent));
    }

    #[test]
    fn nobody_below_an_agent_may_loosen() {
        let mut table = desk();
        assert_eq!(may_loosen(&table, &session(&table.chain[1].clone()), &programs), Ok(()));
        table.chain[1].pid = 50;
        assert_eq!(may_loosen(&table, &session(&table.chain[1].clone()), &programs), Err(Doubt::InAgent));
    }

    #[test]
    fn the_first_process_of_a_login() {
        // us (90, leads its session) - sshd with the user's rights (60) - root's sshd (30) - init
        let login = || chain(&[(90, 90, TTY, true), (60, 60, 0, false), (30, 30, 0, false), (1, 1, 0, false)]);
        let roots = |pid: u32| match pid {
            30 => Some(b"sshd".to_vec()),
            1 => Some(b"systemd".to_vec()),
            _ => None,
        };
        assert_eq!(at_login(&login(), &roots), Ok(()));
        assert_eq!(at_login(&login(), &|pid| (pid == 60).then(|| b"login".to_vec())), Ok(()));
        for other in [b"cron".to_vec(), b"sshd2".to_vec(), b"systemd".to_vec()] {
            assert_eq!(at_login(&login(), &|pid| (pid == 30).then(|| other.clone())), Err(Doubt::Orphan));
        }
        assert_eq!(at_login(&login(), &|_| None), Err(Doubt::Orphan), "a process that calls itself so is not root's");
        let mut deeper = login();
        deeper.chain.insert(1, crate::session::Process { pid: 70, ..Default::default() });
        assert_eq!(at_login(&deeper, &roots), Err(Doubt::Orphan), "somebody stands in between");
        let changed = |change: &dyn Fn(&mut Vec<Process>)| {
            let mut table = login();
            change(&mut table.chain);
            at_login(&table, &roots)
        };
        assert_eq!(changed(&|chain| chain[0].terminal = 0), Err(Doubt::NoTerminal));
        assert_eq!(changed(&|chain| chain[0].session = 60), Err(Doubt::NoTerminal));
        assert_eq!(changed(&|chain| chain[0].foreground = 60), Err(Doubt::Background));
        assert_eq!(changed(&|chain| chain[1].vetted = true), Err(Doubt::Orphan));
        assert_eq!(changed(&|chain| chain.truncate(1)), Err(Doubt::Orphan));
    }
}
