//! The whole way of a command, in one function. Read this first.

mod serve;

use std::convert::Infallible;
use std::io::Write;
use std::rc::Rc;

use crate::approval::needs::Needs;
use crate::approval::standing::{self, Sessions};
use crate::approval::{self, Answer, Approved, Basis, Decision, Novelty, Refused, Scene, question, terminal};
use crate::audit::{self, Recorded};
use crate::exec::feed::{self, Parted};
use crate::exec::live::{self, LiveOrder, Walled};
use crate::exec::{self, Environment, startup, stdin};
use crate::exit::{Code, Failure};
use crate::fault::{self, Stage};
use crate::house::{House, Policies};
use crate::invocation::{Face, Form, Invocation, Shell, snapshot};
use crate::judge::Judged;
use crate::policy::{SessionLimits, Walls, WallsMode};
use crate::sandbox::{self, Grade, Ground, Plan, Raised, Wanted};
use crate::session::Machine;
use crate::sys::process::FirstEnvironment;
use serve::{Kind, Service};

/// What we were called to do.
#[derive(Debug)]
pub struct Call {
    /// Another root than home's.
    pub root: Option<Vec<u8>>,
    /// A profile that the caller asks for: it can only add to the policy's.
    pub profile: Option<Vec<u8>>,
    /// How we were called, or why that cannot be served.
    pub invocation: Result<Invocation, Failure>,
}

/// How a call ends that does not become the real program.
enum End {
    Refused(Recorded<Refused>),
    Failed(Failure),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> End {
        End::Failed(failure)
    }
}

// The stages are called, not copied into one another: what each needs of the stack is given back, and a page of stack that is
// touched costs a start as much as five system calls.

/// Goes the whole way. Returns only where the real program does not run.
#[must_use]
pub fn run(call: Call) -> u8 {
    let (mut house, doubt) = match House::enter(call.root.as_deref()) {
        Ok(entered) => entered,
        Err(failure) => return say(&failure.line(), None, failure.code),
    };
    let invocation = match (doubt, call.invocation) {
        (Some(failure), Ok(invocation)) => Err(failure.about(&invocation.line.received)),
        (Some(failure), Err(_)) => Err(failure),
        (None, invocation) => invocation,
    };
    let mut received = None;
    match way(&mut house, invocation, call.profile.as_deref(), &mut received) {
        Ok(never) => match never {},
        Err(End::Refused(refused)) => {
            let id = refused.id().to_owned();
            let refused = refused.into_inner();
            say(&refused.line(), Some(&id), refused.code())
        }
        Err(End::Failed(failure)) => {
            let failure = match received {
                Some(line) => failure.about(&line),
                None => failure,
            };
            let id = audit::record_failure(&house, &failure);
            say(&failure.line(), id.as_deref(), failure.code)
        }
    }
}

#[inline(never)]
fn way(
    house: &mut House,
    invocation: Result<Invocation, Failure>,
    profile: Option<&[u8]>,
    received: &mut Option<Rc<[u8]>>,
) -> Result<Infallible, End> {
    fault::at(Stage::Invocation)?;
    let mut invocation = invocation?;
    let mut arriving = None;
    let script = match invocation.form {
        Form::Stdin { .. } => match stdin::read(invocation.options.interactive)? {
            stdin::Script::Whole(text) => {
                let sealed = stdin::seal(&text)?;
                let lines = !text.is_empty() && invocation.shell() != Some(Shell::Zsh);
                invocation.take_stdin(text)?;
                // Commands may take lines of it for their input, or move in it: what the shell comes to next is seen then.
                arriving = lines.then_some(Kind::Whole);
                Some(sealed)
            }
            script @ (stdin::Script::Arriving | stdin::Script::Typed) => {
                let typed = matches!(script, stdin::Script::Typed);
                invocation.expect_stdin(typed)?;
                arriving = Some(if typed { Kind::Typed } else { Kind::Arriving });
                None
            }
        },
        Form::Command { .. } | Form::File { .. } | Form::Tool | Form::Report => None,
    };
    *received = Some(Rc::clone(&invocation.line.received));
    let client = house.session.client.as_ref().map(|client| client.pid);
    let given = std::mem::take(&mut house.given);
    let environment = Environment::of(given, &house.table.path, || baseline(house, client));
    let mut policy = house.policies()?;
    let mut machine = Machine::new(house.home.clone(), house.cwd.clone(), Vec::new(), environment.entries.clone());
    machine.roots = house.roots(&policy.roots(house.home.as_deref()), &machine);
    policy.add_projects(&machine.roots)?;
    house.in_force = Some(policy.in_force());
    frame(&mut invocation, &environment, &mut machine, house.session.executable.as_deref());

    fault::at(Stage::Judge)?;
    let unseen = match &invocation.face {
        Face::Shell(shell) => {
            let files = startup::predicted(*shell, &invocation.form, &invocation.options, &environment);
            startup::unseen(&house.guard(), &files)
        }
        Face::Tool(_) | Face::Command => Vec::new(),
    };
    let mut judged = Judged::by(invocation, &policy, &machine);
    for file in &unseen {
        judged = judged.with_startup(&file.path, file.text.as_deref(), &policy, &machine);
    }

    let mut above = None;
    let scene = Scene {
        policy: &policy,
        machine: &machine,
        startup: unseen.into_iter().map(|file| (file.path, file.text)).collect(),
        steering: environment.recorded.clone(),
        running: None,
        typed: false,
    };
    let cover = |judged: &Judged| {
        above = covering(house, judged.invocation(), &machine);
        above.as_ref().map(|above| above.order.record.clone())
    };
    let approved = decide(house, &scene, judged, cover)?.map_err(End::Refused)?;

    // A human who said yes has seen the start-up files as they are.
    let asked = approved.by_human() && !matches!(approved.basis(), Basis::Covered(_));
    let seen = scene.startup.iter().filter(|_| asked);
    seen.for_each(|(path, text)| text.iter().for_each(|text| startup::see(&house.guard(), path, text)));
    // Looked at before walls stand, remembered once it is on record.
    let novelty = Novelty::of(house, &machine.roots, &approved);
    let handed = handed_down(house, approved.judged(), &machine);
    let tried = |name: &[u8]| house.live.tried(&house.table, name);
    let walls = walls(
        house,
        &policy,
        &machine,
        &approved,
        Around { profile, kind: arriving, standing: house.standing_walls() },
    )?;
    let served = arriving.map(|kind| Service::of(&approved, &environment, &machine, &walls, kind));
    let order = exec::prepare(approved, environment, &machine, script, policy.shells(), tried)?.behind_walls(walls);
    let order = match served {
        None => order,
        Some(service) => match feed::parted(order, service.kind == Kind::Typed)? {
            Parted::Shell(order) => order,
            Parted::Feeder(mut spoon) => serve::serve(house, &service, &policy, &mut spoon),
        },
    };
    let behind = order.behind().cloned();
    // Behind walls the client cannot be looked at any more.
    let directory = if order.walls().is_bare() { None } else { house.client_directory() };
    let raised = sandbox::raise(order)?;
    let recorded = audit::record_launch(house, raised, &novelty)?;
    remember(house, &novelty);
    let handed = handed.of(recorded.id()).walled(walled(house, recorded.value(), directory));
    house.live.write(house.table.own(), &handed, behind, above.as_ref())?;
    goes_on(house, &policy)?;
    Ok(exec::launch(recorded)?)
}

/// Approved, or refused and on record.
#[inline(never)]
fn decide(
    house: &House,
    scene: &Scene<'_>,
    judged: Judged,
    cover: impl FnOnce(&Judged) -> Option<String>,
) -> Result<Result<Approved, Recorded<Refused>>, Failure> {
    let limits = scene.policy.loaded().session_limits();
    match approval::decide(judged, &|| standing::stopped(house, limits), cover, |judged| ask(house, scene, judged)) {
        Decision::Approved(approved) => Ok(Ok(approved)),
        Decision::Refused(refused) => {
            let refused = audit::record_refusal(house, refused)?;
            stop_after(house, limits, refused.value())?;
            Ok(Err(refused))
        }
    }
}

/// Keeps in mind what is new and on record now. Nothing hangs on it: where that fails it is told of again.
fn remember(house: &House, novelty: &Novelty) {
    if let Err(why) = novelty.remember() {
        let _ = audit::record_degraded(house, "what is new is not remembered", &why.to_string());
    }
}

/// Whether the session goes on now that others can see what is to run: whoever stops it after this finds and ends that.
fn goes_on(house: &House, policy: &Policies) -> Result<(), Failure> {
    standing::stopped(house, policy.loaded().session_limits()).map_or(Ok(()), |stop| Err(stop.failure()))
}

/// Stops a session of which so many lines were refused in a row as the policy bears.
fn stop_after(house: &House, limits: SessionLimits, refused: &Refused) -> Result<(), Failure> {
    let Some(most) = limits.max_refusals.filter(|_| !refused.is_stopped()) else { return Ok(()) };
    if !audit::were_refused(house, most) {
        return Ok(());
    }
    let why = format!("{most} of its lines were refused one after the other");
    let mark = audit::record_stop(house, &house.session.id, &why)?;
    Sessions::open(&house.guard()).and_then(|sessions| sessions.revoke(&mark)).map_err(|why| {
        Failure::closed("house.guard", "guard/sessions", why.to_string(), "make the state directory writable")
    })
}

/// The environment that counts as clean: the client's first. Behind walls it cannot be seen, and the one that the run which
/// raised them started with stands for it.
fn baseline(house: &House, client: Option<u32>) -> Option<FirstEnvironment> {
    let above = || house.table.vetted_ancestors().next().map(|above| above.pid);
    client.and_then(FirstEnvironment::read).or_else(|| FirstEnvironment::read(above()?))
}

/// What walls are to stand around.
struct Around<'a> {
    /// The profile that the caller asks for.
    profile: Option<&'a [u8]>,
    /// A shell whose commands come in this way, or one of them.
    kind: Option<Kind>,
    /// The profiles of those that stand already.
    standing: Vec<String>,
}

/// The walls a launch is to have: the policy's, and what the caller asks for inside them.
fn walls(
    house: &House,
    policy: &Policies,
    machine: &Machine,
    approved: &Approved,
    around: Around<'_>,
) -> Result<Wanted, Failure> {
    let Around { profile: asked, kind, standing } = around;
    let Walls { mode, mut profiles, escalation, usual, .. } = policy.walls();
    // Raised around the shell they would hold for what a human approves in it as well.
    let open = usual && asked.is_none() && matches!(kind, Some(Kind::Arriving | Kind::Typed));
    if mode == WallsMode::Off || open {
        profiles.clear();
    }
    for name in policy.profiles_of_rules(approved.judged().weighed()) {
        if !profiles.contains(&name) {
            profiles.push(name);
        }
    }
    let asked = asked.map(|name| String::from_utf8_lossy(name).into_owned());
    profiles.extend(asked.clone().filter(|name| !profiles.contains(name)));
    profiles.retain(|name| !standing.contains(name));
    let required = mode == WallsMode::Require || asked.is_some();
    let agent = machine.value(b"SSH_AUTH_SOCK");
    let by_human = approved.by_human();
    let may = sandbox::keys::Let { actions: &approved.judged().weighed().actions.list, by_human, agent };
    // Who said yes to what walls do not let through said yes to having none.
    let lifts = escalation && asked.is_none() && standing.is_empty() && !profiles.is_empty() && by_human;
    let without = |why| Ok(Wanted { without: Some(why), ..Wanted::default() });
    if lifts && may.is_unbound() {
        return without("it goes beyond its walls, and a human said yes");
    }
    let no_profile = |name: String| {
        Failure::closed(
            "walls.no-profile",
            format!("profile {name}"),
            "there is none of that name",
            "vetsh policy show --profile NAME",
        )
    };
    let profiles = sandbox::plan::profiles(policy, &profiles).map_err(no_profile)?;
    if !profiles.is_empty() {
        audit::ready(house)?;
    }
    let temporary = machine.value(b"TMPDIR");
    let ground = Ground { house, policies: policy, roots: &machine.roots, temporary, agent };
    let changes = match approved.basis() {
        Basis::Observe => Vec::new(),
        _ => may.changes(),
    };
    let plans: Vec<Plan> = profiles.into_iter().map(|profile| Plan::of(&may.over(profile), ground, &changes)).collect();
    if lifts && plans.iter().any(|plan| plan.beyond) {
        return without("it goes beyond its walls, and a human said yes");
    }
    let without = (open && plans.is_empty()).then_some("its commands arrive one by one, and no file asks for walls");
    Ok(Wanted { plans, standing, required, without })
}

/// What those below us are told of the walls, where any stand.
fn walled(house: &House, raised: &Raised, directory: Option<Vec<u8>>) -> Option<Walled> {
    let walls = raised.walls();
    let executable = house.session.executable.clone()?;
    let (profiles, directory) = (walls.profiles.clone(), directory?);
    (walls.grade != Grade::None).then_some(Walled { profiles, executable, directory })
}

/// Puts around the line what it will see: functions of the environment, and behind a client's wrapping the functions,
/// aliases and PATH of the snapshot that it sources.
#[inline(never)]
fn frame(invocation: &mut Invocation, environment: &Environment, machine: &mut Machine, client: Option<&[u8]>) {
    if let Some(envelope) = invocation.envelope.clone() {
        let text = envelope.snapshot.as_deref().and_then(|path| machine.read(path, crate::invocation::LONGEST));
        let data = text.and_then(|read| {
            snapshot::read(&read.text, invocation.line.dialect, &|name, value| machine.value(name) == Some(value))
        });
        match data {
            Some(data) => {
                let inner = invocation.line.clone().from(envelope.start);
                let before = data.definitions_for(&inner.judged, client, &exec::environment::occurs);
                invocation.line = inner.under(before);
                if let Some(path) = data.path {
                    machine.set(b"PATH", &path);
                }
            }
            // Not a snapshot we know to be data: the whole line is judged as it stands.
            None => invocation.envelope = None,
        }
    }
    let definitions = environment.definitions_for(&invocation.line.judged);
    invocation.line = invocation.line.clone().under(definitions);
}

/// The live order above us that has this call among its approved actions. One occurrence is used up.
fn covering(house: &House, invocation: &Invocation, machine: &Machine) -> Option<live::Above> {
    let digest = live::digest(&house.cwd, &invocation.argv);
    let onward = || match &invocation.face {
        Face::Tool(name) => {
            let path = machine.value(b"PATH").unwrap_or(exec::real::USUAL_PATH);
            exec::real::is_untried(name, path, &house.live.tried(&house.table, name))
        }
        Face::Shell(_) | Face::Command => false,
    };
    house.live.cover(&house.table, &digest, &read(machine), onward)
}

/// What those below us may do without a question: the actions of this call, as they were judged.
fn handed_down(house: &House, judged: &Judged, machine: &Machine) -> LiveOrder {
    let invocation = judged.invocation();
    let own = (invocation.form == Form::Tool).then(|| live::digest(&house.cwd, &invocation.argv));
    LiveOrder::new(&judged.weighed().actions, own, read(machine))
}

fn read(machine: &Machine) -> Vec<(String, String)> {
    live::files(machine.files_read().iter().map(|(path, read)| (path.as_slice(), &*read.text)))
}

/// Asks a human about a supervised line, unless a grant covers it or this very request has been answered already. Every question and every answer
/// is a record, and a yes holds only while everything is as it was when it was asked.
fn ask(house: &House, scene: &Scene<'_>, judged: &Judged) -> Answer {
    // What approvers must sign is not let through by only observing.
    if scene.policy.observes() && Needs::of(judged.weighed()).is_plain() {
        return Answer::Yes(Basis::Observe);
    }
    if let Some(answer) = question::allowed(house, scene, judged, || audit::newest(house)) {
        return answer;
    }
    if let Some(answer) = question::granted(house, scene, judged, || audit::newest(house)) {
        return answer;
    }
    let no = |why: String| Answer::No(Basis::Policy, Some(why));
    let used = |nonce: &str| audit::was_used(house, nonce);
    let request = match scene.request(house, judged) {
        Ok(request) => request,
        Err(error) => return no(format!("nobody can be asked: {error}")),
    };
    if let Some(answer) = question::left(house, &request, || audit::newest(house), &used) {
        return answer;
    }
    let most = scene.policy.loaded().session_limits().max_questions.map(u64::from);
    if let Some(most) = most.filter(|most| audit::questions(house) >= *most) {
        return no(format!(
            "this session has asked {most} times within an hour; go on with what needs no question, or end and say what is left (a human lets it ask \
             again: vetsh session revoke {} --undo)",
            house.session.id
        ));
    }
    let request = question::renewed(house, request);
    if let Err(failure) = audit::record_request(house, judged, &request) {
        return no(failure.to_string());
    }
    let answer = question::ask(house, scene, judged, &request, &used);
    // What is answered through the queue is recorded by the verb that answers.
    let at_terminal = |basis: &Basis| matches!(basis, Basis::Human { channel: "terminal", .. });
    let said = match &answer {
        Answer::Yes(basis) if at_terminal(basis) => Some((true, None)),
        Answer::No(basis, words) if at_terminal(basis) => Some((false, words.as_deref())),
        Answer::Yes(_) | Answer::No(..) | Answer::Waiting(..) => None,
    };
    if let Some((yes, words)) = said
        && let Err(failure) = audit::record_answer(house, &request, "terminal", yes, words, None)
    {
        return no(failure.to_string());
    }
    if matches!(said, Some((false, Some(terminal::PASTED)))) {
        let _ = audit::record_attempt(house, terminal::PASTED);
    }
    match answer {
        Answer::Yes(basis) => match scene.moved(house, judged, &request) {
            Some(what) => Answer::No(basis, Some(what)),
            None => Answer::Yes(basis),
        },
        Answer::No(..) | Answer::Waiting(..) => answer,
    }
}

/// The words for the agent, and the number.
fn say(line: &str, record: Option<&str>, code: Code) -> u8 {
    let mut text = format!("{line}\n");
    if let Some(id) = record {
        text.push_str(&format!("vetsh: record {id}\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
    code.number()
}
