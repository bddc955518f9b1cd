//! The way of each command of a shell whose commands arrive one by one: judged when the shell wants it, under what the commands
//! before have left, recorded, and only then handed to the shell. The process that does this holds the real standard input; if it
//! ends, the shell finds the end of its input.

mod completion;
mod typed;

use std::io::Write;

use super::{Around, covering, decide, handed_down, say, walls};
use crate::action::walk::Running;
use crate::action::{ActionKind, Actions};
use crate::approval::{Approved, Novelty, Scene};
use crate::audit;
use crate::exec::{self, Environment, feed, startup};
use crate::exit::Failure;
use crate::house::{House, Policies};
use crate::invocation::line::quoted;
use crate::invocation::{Invocation, LONGEST, Shell};
use crate::judge::Judged;
use crate::parse::{Arrival, Arrived, Dialect, Modes, arrival};
use crate::policy::Tier;
use crate::sandbox::{self, Wanted};
use crate::session::Machine;
use crate::session::workspace::Places;
use crate::sys::feed::{Next, Spoon, end, position as position_now};
use crate::sys::process;
use completion::{Completes, Completion};
use typed::Typed;

/// What a served shell was started with.
pub(super) struct Service {
    invocation: Invocation,
    environment: Environment,
    roots: Vec<Vec<u8>>,
    variables: Vec<crate::sys::start::Entry>,
    /// The profiles of the walls that were to be raised around it.
    profiles: Vec<String>,
    /// How its commands come.
    pub(super) kind: Kind,
}

/// How the commands of a served shell come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In a script that was judged and approved as a whole.
    Whole,
    /// One by one.
    Arriving,
    /// One by one, to a shell that asks for them.
    Typed,
}

impl Service {
    pub(super) fn of(
        approved: &Approved,
        environment: &Environment,
        machine: &Machine,
        walls: &Wanted,
        kind: Kind,
    ) -> Service {
        let plans = walls.plans.iter().map(|plan| plan.profile.clone());
        Service {
            invocation: approved.judged().invocation().clone(),
            environment: environment.clone(),
            roots: machine.roots.clone(),
            variables: machine.environment.clone(),
            profiles: walls.standing.iter().cloned().chain(plans).collect(),
            kind,
        }
    }

    fn is_typed(&self) -> bool {
        self.kind == Kind::Typed
    }

    fn dialect(&self) -> Dialect {
        self.invocation.line.dialect
    }

    /// The machine as the next command finds it.
    fn machine(&self, house: &House) -> Machine {
        Machine::new(house.home.clone(), house.cwd.clone(), self.roots.clone(), self.variables.clone())
    }
}

/// What the commands so far have left.
#[derive(Clone)]
struct State {
    running: Running,
    modes: Modes,
    /// What the shell knows instead, where the key that interrupts reaches it in the last line.
    interrupted: Option<Running>,
}

/// What has come of the next line.
struct Text {
    bytes: Vec<u8>,
    /// Lines of blanks and comments before it.
    blank: usize,
    /// There is no other behind it.
    last: bool,
}

impl Text {
    fn lines(&self) -> usize {
        self.blank + self.bytes.iter().filter(|byte| **byte == b'\n').count()
    }
}

/// Serves the shell until it or its input ends.
pub(super) fn serve(house: &mut House, service: &Service, policy: &Policies, spoon: &mut Spoon) -> ! {
    if let Err(failure) = commands(house, service, policy, spoon) {
        failed(house, &failure);
    }
    end()
}

/// Says and records what went wrong; gives the number.
fn failed(house: &House, failure: &Failure) -> u8 {
    let id = audit::record_failure(house, failure);
    say(&failure.line(), id.as_deref(), failure.code)
}

fn commands(house: &mut House, service: &Service, policy: &Policies, spoon: &mut Spoon) -> Result<(), Failure> {
    let line = service.invocation.line_before(service.is_typed());
    let mut modes = Modes::new(service.dialect());
    for setting in line.preamble.iter().flat_map(|text| text.split_inclusive(|byte| *byte == b'\n')) {
        if let Arrival::Line(arrived) = arrival(setting, service.dialect(), &modes, true) {
            modes = arrived.modes;
        }
    }
    let mut start = line.clone();
    for (_, definition) in &service.environment.functions {
        start = start.under(definition.clone());
    }
    if let (true, Some(shell)) = (service.is_typed(), service.invocation.shell()) {
        // What a human has seen of it, or said yes to just now.
        let (form, options) = (&service.invocation.form, &service.invocation.options);
        let files = startup::predicted(shell, form, options, &service.environment);
        let texts = files.iter().filter_map(|path| crate::sys::file::read_regular(path, LONGEST).ok());
        modes = modes.interactive();
        for (text, _) in texts {
            modes = modes.behind(&crate::parse::parse(&text, service.dialect()));
            start = start.under(text);
        }
        if shell == Shell::Bash {
            modes = modes.settled();
        }
    }
    let running = policy.running(&start, &service.machine(house));
    // What bash may have been set to there is set back before its first line.
    if service.is_typed() && service.invocation.shell() != Some(Shell::Bash) && running.reads_otherwise() {
        return Err(Failure::closed(
            "shell.reads-otherwise",
            "a start-up file that makes the shell read its lines in another way",
            "what it would run then is not what was judged",
            "take set -o vi and its like out of it, or start the shell with --norc",
        ));
    }
    let mut state = State { running, modes, interrupted: None };
    let mut within = None;
    let mut typed = service.is_typed().then(|| Typed::on(service.machine(house).value(b"TERM")));
    // What started the shell may have said yes to all that it is given.
    let above = covering(house, &service.invocation, &service.machine(house));
    let covered = above.map(|above| above.order.record);
    // A script that was approved as a whole covers its lines for as long as nobody has moved in it.
    let mut position = position_now().filter(|_| service.kind == Kind::Whole);
    let broken = |error: std::io::Error| {
        Failure::closed("shell.feed", "commands that arrive one by one", error.to_string(), "give the command with -c")
    };
    if service.is_typed() {
        spoon.hear_interrupts().map_err(broken)?;
    }
    if service.is_typed() && spoon.wants_more().map_err(broken)? {
        again();
        feed::settle(service.invocation.shell(), spoon)?;
    }
    while spoon.wants_more().map_err(broken)? {
        if let (true, Some(own)) = (service.is_typed(), house.table.own()) {
            spoon.join(own.pid).map_err(broken)?;
        }
        if within.is_none() {
            within = live(house).map(|(record, _)| record);
        }
        if let (true, Some(running)) = (spoon.was_interrupted().map_err(broken)?, state.interrupted.take()) {
            state.running = running;
        }
        let exits = state.running.exits();
        position = position.filter(|position| position_now() == Some(*position));
        let complete = |before: &[u8]| completed(house, service, &state, before);
        let keys = typed.as_mut().map(|typed| (typed, &complete as Completes<'_>));
        let (text, arrived) = match next(service, &state.modes, spoon, keys) {
            Ok(Some(next)) => next,
            Ok(None) => {
                if service.is_typed() {
                    again();
                }
                break;
            }
            Err(failure) => {
                // What the rest of it is cannot be told.
                feed::fail(failed(house, &failure), exits, 1, spoon)?;
                break;
            }
        };
        position = position.and_then(|_| position_now());
        let covered = if position.is_some() { within.as_deref() } else { covered.as_deref() };
        let goes_on = match one(house, service, &state, &text, &arrived, within.clone(), covered, spoon) {
            Ok((after, goes_on)) => {
                state = after.unwrap_or(state);
                goes_on
            }
            Err(failure) => {
                let code = failed(house, &failure.about(&text.bytes));
                feed::fail(code, exits, text.lines(), spoon)?
            }
        };
        if !goes_on || text.last {
            break;
        }
    }
    Ok(())
}

/// The record of the shell, and the profiles of the walls around it.
fn live(house: &House) -> Option<(String, Vec<String>)> {
    let own = house.table.own()?;
    let order = house.live.of(own)?.orders.into_iter().next()?;
    Some((order.record, order.walled.map(|walled| walled.profiles).unwrap_or_default()))
}

/// Reads the next line, no further. `None`: there is none, or nobody who wants it.
fn next(
    service: &Service,
    modes: &Modes,
    spoon: &Spoon,
    mut keys: Option<(&mut Typed, Completes<'_>)>,
) -> Result<Option<(Text, Arrived)>, Failure> {
    let mut text = Text { bytes: Vec::new(), blank: 0, last: false };
    let mut ending: Option<Vec<u8>> = None;
    let mut begun = 0;
    loop {
        let next = match &mut keys {
            Some((typed, complete)) => typed.next_byte(spoon, complete),
            None => spoon.next_byte(),
        };
        let next = next.map_err(|error| {
            Failure::closed("shell.unreadable-input", "standard input", error.to_string(), "give the command with -c")
        })?;
        text.last = match next {
            Next::Gone => return Ok(None),
            Next::Interrupted => {
                text = Text { bytes: Vec::new(), blank: 0, last: false };
                (ending, begun) = (None, 0);
                continue;
            }
            Next::End => true,
            Next::Byte(byte) => {
                text.bytes.push(byte);
                false
            }
        };
        if text.bytes.len() > LONGEST {
            let failure = Failure::closed(
                "core.cap",
                "a command on standard input",
                format!("more than {LONGEST} bytes cannot be judged"),
                "put it into a file in the workspace",
            );
            return Err(failure.about(&text.bytes));
        }
        let last = text.last;
        if !last && !text.bytes.ends_with(b"\n") {
            continue;
        }
        // In a heredoc nothing can end but that: a line that cannot be its last needs no look at all that stands before.
        let line = text.bytes.get(begun..).unwrap_or_default();
        let tabs = line.iter().take_while(|byte| **byte == b'\t').count();
        let joined = text.bytes.get(..begun).is_some_and(|before| before.ends_with(b"\\\n"));
        let idle = ending.as_ref().is_some_and(|word| !line.get(tabs..).unwrap_or_default().starts_with(word));
        begun = text.bytes.len();
        if idle && !joined && !last {
            ask_for_more(service);
            continue;
        }
        match arrival(&text.bytes, service.dialect(), modes, last) {
            Arrival::Line(arrived) => return Ok(Some((text, *arrived))),
            _ if last => return Ok(None),
            Arrival::Unfinished(word) => {
                ending = word;
                ask_for_more(service);
            }
            Arrival::Nothing => {
                text.blank += text.bytes.iter().filter(|byte| **byte == b'\n').count();
                text.bytes.clear();
                begun = 0;
            }
        }
    }
}

/// How what was typed may go on. What a line could not list without a question is not looked into.
fn completed(house: &House, service: &Service, state: &State, before: &[u8]) -> Option<Completion> {
    let mut policy = house.policies().ok()?;
    policy.add_projects(&service.roots).ok()?;
    let directory = process::directory(house.table.own()?.pid)?;
    let machine = Machine::new(house.home.clone(), directory.clone(), service.roots.clone(), service.variables.clone());
    let mut running = state.running.clone();
    running.stands(&directory, |path| machine.physical(path));
    let may_list = |folder: &[u8]| {
        // By its path: a function or alias that the shell has for it lists nothing.
        let words = [b"/bin/ls".as_slice(), b"-a", b"--", folder].map(<[u8]>::to_vec);
        let text = [quoted(&words).as_slice(), b"\n"].concat();
        let Arrival::Line(arrived) = arrival(&text, service.dialect(), &Modes::new(service.dialect()), true) else {
            return false;
        };
        let Ok(invocation) = service.invocation.next(text, None) else { return false };
        let (judged, _) = Judged::next(invocation, &arrived.script, &running, &policy, &machine);
        judged.weighed().verdict.tier == Tier::Autonomous
    };
    let (path, home) = (machine.value(b"PATH").unwrap_or_default(), house.home.as_deref());
    completion::complete(before, &completion::Place { directory: &directory, path, home, may_list: &may_list })
}

/// Whoever types sees that the line goes on.
fn ask_for_more(service: &Service) {
    if service.is_typed() {
        let _ = std::io::stderr().write_all(b"> ");
    }
}

/// The shell prints its prompt once more where it stands.
fn again() {
    let _ = std::io::stderr().write_all(b"\r");
}

/// The way of one line. With it comes what holds afterwards, where it runs, and whether the shell is there.
#[allow(clippy::too_many_arguments, reason = "the way of a command")]
fn one(
    house: &mut House,
    service: &Service,
    state: &State,
    text: &Text,
    arrived: &Arrived,
    within: Option<String>,
    covered: Option<&str>,
    spoon: &Spoon,
) -> Result<(Option<State>, bool), Failure> {
    let mut policy = house.policies()?;
    policy.add_projects(&service.roots)?;
    house.in_force = Some(policy.in_force());
    let mut running = state.running.clone();
    match house.table.own().and_then(|own| process::directory(own.pid)) {
        Some(directory) => {
            house.cwd = directory;
            let machine = service.machine(house);
            running.stands(&house.cwd, |path| machine.physical(path));
        }
        None => running.is_lost(),
    }
    let machine = service.machine(house);
    let invocation = service.invocation.next(text.bytes.clone(), within)?;
    let (judged, after) = Judged::next(invocation, &arrived.script, &running, &policy, &machine);
    if after.touches_input() {
        return Err(Failure::closed(
            "shell.own-input",
            "a line that may touch what the shell reads its commands from",
            "what is read there runs, and would not be judged",
            "use descriptors below ten, redirect one command at a time, read nothing in a signal's handler",
        ));
    }
    if after.reads_otherwise() {
        return Err(Failure::closed(
            "shell.reads-otherwise",
            "a line after which the shell may read others in another way",
            "what it would run then is not what was judged",
            "leave POSIX mode, line editing, history, restrictions and comments as they are here, or give the command with -c",
        ));
    }
    if service.is_typed() && after.asks_otherwise(&running, service.invocation.shell() == Some(Shell::Bash)) {
        return Err(Failure::closed(
            "shell.prompt",
            "another way to ask for commands",
            "what runs whenever the shell asks, or edits lines in it, would not be judged",
            "set a plain prompt, and leave that it runs something",
        ));
    }
    let posix = (after.is_posix() && !state.running.is_posix()).then_some("it switches to POSIX mode");
    let lost = arrived.modes.lost().filter(|_| arrived.read);
    if let (Some(why), None) = (lost.or(posix), state.modes.lost()) {
        return Err(Failure::closed(
            "shell.grammar",
            "a line that changes how the next ones are read",
            format!("nobody could say what they mean: {why}"),
            "run what needs it in a shell of its own, with -c",
        ));
    }
    if !arrived.read && !running.evaluates() {
        return Err(Failure::closed(
            "shell.no-eval",
            "a line that cannot be read, where eval is another's name",
            "where it ends cannot be told",
            "write it so that it can be read, or name the function otherwise",
        ));
    }
    if !after.groups() {
        return Err(Failure::closed(
            "shell.no-groups",
            "an alias for a brace",
            "commands are handed to the shell between braces",
            "name the alias otherwise",
        ));
    }

    let interrupted = service.is_typed().then(|| {
        let line = &judged.invocation().line;
        policy.weigh_next(line, &arrived.script, &running.interrupted(), &machine).1
    });
    let scene = Scene {
        policy: &policy,
        machine: &machine,
        startup: Vec::new(),
        steering: service.environment.recorded.clone(),
        running: Some((&arrived.script, &running)),
        typed: service.is_typed(),
    };
    let approved = match decide(house, &scene, judged, |_| covered.map(str::to_owned))? {
        Ok(approved) => approved,
        Err(refused) => {
            let id = refused.id().to_owned();
            let refused = refused.into_inner();
            let code = say(&refused.line(), Some(&id), refused.code());
            return Ok((None, feed::fail(code, state.running.exits(), text.lines(), spoon)?));
        }
    };

    let modes = match ran_unread(&approved.judged().weighed().actions) {
        true => arrived.modes.clone().without("an earlier line ran what nobody has read"),
        false => arrived.modes.clone(),
    };
    let novelty = Novelty::of(house, &machine.roots, &approved);
    let handed = handed_down(house, approved.judged(), &machine);
    let walled = house.table.own().and_then(|own| house.live.of(own)?.orders.into_iter().next()?.walled);
    let around = Around { profile: None, kind: Some(service.kind), standing: service.profiles.clone() };
    let mut walls = walls(house, &policy, &machine, &approved, around)?;
    if !walls.plans.is_empty() {
        return Err(Failure::closed(
            "walls.too-late",
            "walls of its own for one command",
            "the shell runs already, and its walls are raised before it starts",
            "give the command with -c",
        ));
    }
    if walled.is_none() && !walls.standing.is_empty() {
        walls.standing.clear();
        walls.without = Some("they could not be raised around the shell");
    }
    let environment = service.environment.clone();
    let order = exec::prepare(approved, environment, &machine, None, policy.shells(), |_| Vec::new())?;
    let raised = sandbox::raise(order.behind_walls(walls))?;
    let recorded = audit::record_launch(house, raised, &novelty)?;
    super::remember(house, &novelty);
    house.live.write(house.table.own(), &handed.of(recorded.id()).walled(walled), None, None)?;
    super::goes_on(house, &policy)?;
    let end =
        arrived.end.filter(|_| !service.is_typed() && !(state.modes.aliases_expand() && state.running.has_aliases()));
    let goes_on = feed::hand(recorded, end, arrived.read, text.blank, spoon)?;
    Ok((Some(State { running: after, modes, interrupted }), goes_on))
}

/// Whether the shell itself runs what is not known before, as a human has let it: functions, options and variables may be others
/// afterwards.
fn ran_unread(actions: &Actions) -> bool {
    const IN_THE_SHELL: &[&str] = &["eval", ".", "source", "builtin", "command", "trap", "exec"];
    actions.list.iter().any(|action| {
        matches!(action.kind, ActionKind::Run | ActionKind::Opaque)
            && action.program.is_none()
            && action.via.iter().all(|via| IN_THE_SHELL.iter().any(|own| own.as_bytes() == via.as_slice()))
    })
}
