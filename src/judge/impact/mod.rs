//! What there is to count of an action: its effects as questions to the world. Nothing is asked here but names in a directory,
//! where a glob stands.

mod history;
mod sqlite;

use crate::action::path::absolute_bytes;
use crate::action::{
    Action, Amount, Bound, Count, Effect, EffectKind, Flag, Measured, Object, Part, Question, Reached, Sure, Value,
    Which, World,
};

/// More names than this in a directory are not compared with a glob.
const MOST_NAMES: usize = 5_000;
/// More objects than this of one action are not asked about one by one.
const MOST_OBJECTS: usize = 64;

/// One thing that an action takes, and how it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What, for a human.
    pub subject: Vec<u8>,
    /// The kind of effect that takes it.
    pub kind: EffectKind,
    /// What a condition counts of it.
    pub count: Count,
    /// How it is counted.
    pub by: By,
    /// What is counted is more than it may take.
    pub at_most: bool,
}

/// How something is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// By looking.
    Question(Question),
    /// It is known from the line.
    Known(Measured),
}

impl Taken {
    fn unknown(subject: Vec<u8>, kind: EffectKind, count: Count, why: &str) -> Taken {
        Taken { subject, kind, count, by: By::Known(Measured::unknown(why)), at_most: false }
    }

    fn asks(subject: Vec<u8>, kind: EffectKind, count: Count, question: Question) -> Taken {
        Taken { subject, kind, count, by: By::Question(question), at_most: false }
    }

    /// The numbers, as the world has them.
    #[must_use]
    pub fn measured(&self, world: &dyn World) -> Measured {
        let mut found = match &self.by {
            By::Question(question) => world.measured(question),
            By::Known(measured) => measured.clone(),
        };
        if self.at_most {
            for amount in &mut found.amounts {
                match amount.sure {
                    Sure::Exactly | Sure::AtMost => amount.sure = Sure::AtMost,
                    Sure::AtLeast => {
                        found.unknown = Some("there is more than was counted, and not all of it is meant".into())
                    }
                }
            }
            if found.unknown.is_some() {
                found.amounts.clear();
            }
        }
        found
    }
}

/// Everything an action takes that can be counted.
#[must_use]
pub fn taken(action: &Action, world: &dyn World) -> Vec<Taken> {
    let mut all = Vec::new();
    let git = action.program.as_deref() == Some(b"git");
    for (at, effect) in action.effects.iter().enumerate() {
        if all.len() >= MOST_OBJECTS {
            let why = "more objects than are measured one by one";
            all.push(Taken::unknown(
                b"and more".to_vec(),
                effect.kind,
                count_of(effect.kind).unwrap_or(Count::Files),
                why,
            ));
            break;
        }
        match effect.kind {
            EffectKind::Deletes | EffectKind::Overwrites | EffectKind::Permits => {
                files(action, effect, world, &mut all)
            }
            // What is moved away; where it goes stands first.
            EffectKind::Writes if at > 0 && action.program.as_deref() == Some(b"mv") => {
                files(action, effect, world, &mut all)
            }
            EffectKind::Rewrites if git => history::rewritten(action, effect, world, &mut all),
            EffectKind::Publishes if git => history::published(action, effect, world, &mut all),
            EffectKind::Rewrites => {
                let why = "only git's history is measured";
                all.push(Taken::unknown(shown(&effect.object), effect.kind, Count::Commits, why));
            }
            EffectKind::Signals => processes(action, effect, &mut all),
            EffectKind::Modifies => sqlite::rows(action, effect, &mut all),
            // What is installed is counted by `packages`.
            _ => {}
        }
    }
    packages(action, &mut all);
    // What two effects name is taken once.
    let mut once: Vec<Taken> = Vec::with_capacity(all.len());
    for taken in all {
        let same = |known: &Taken| known.count == taken.count && known.by == taken.by && known.subject == taken.subject;
        if !once.iter().any(same) {
            once.push(taken);
        }
    }
    once
}

/// What a condition counts of an effect's kind.
#[must_use]
pub fn count_of(kind: EffectKind) -> Option<Count> {
    match kind {
        EffectKind::Deletes | EffectKind::Overwrites | EffectKind::Permits | EffectKind::Writes => Some(Count::Files),
        EffectKind::Rewrites | EffectKind::Publishes => Some(Count::Commits),
        EffectKind::Modifies => Some(Count::Rows),
        EffectKind::Signals => Some(Count::Processes),
        EffectKind::Installs => Some(Count::Packages),
        _ => None,
    }
}

/// Where an action of git works: its directory, moved by each `-C`. `None`: that, or the repository, is known only when it runs.
fn directory(action: &Action, world: &dyn World) -> Option<Vec<u8>> {
    let led = |name: &[u8]| name == b"GIT_DIR" || name == b"GIT_WORK_TREE" || name == b"GIT_COMMON_DIR";
    let other = action.options.iter().any(|(name, _)| matches!(name.as_str(), "--git-dir" | "--work-tree"))
        || action.assigns.iter().any(|(name, _)| led(name));
    let cwd = action.cwd.text().filter(|_| !other)?;
    let mut at = if cwd.is_empty() { world.cwd() } else { cwd.to_vec() };
    for (_, value) in action.options.iter().filter(|(name, _)| name == "-C") {
        at = absolute_bytes(&at, value.as_ref()?.text()?);
    }
    Some(at)
}

fn shown(object: &Object) -> Vec<u8> {
    match object {
        Object::Path { path: value, .. }
        | Object::Ref(value)
        | Object::Process(value)
        | Object::Named(value)
        | Object::Package { name: value, .. } => value.display(),
        _ => Vec::new(),
    }
}

fn given(action: &Action, names: &[&str]) -> bool {
    action.options.iter().any(|(name, _)| names.contains(&name.as_str()))
}

fn files(action: &Action, effect: &Effect, world: &dyn World, all: &mut Vec<Taken>) {
    let kind = effect.kind;
    let Object::Path { path, .. } = &effect.object else {
        // An effect that is declared beside the paths it is on.
        let beside = |other: &Effect| other.kind == kind && matches!(other.object, Object::Path { .. });
        if !action.effects.iter().any(beside) && !matches!(effect.object, Object::Variable(_)) {
            all.push(Taken::unknown(
                shown(&effect.object),
                kind,
                Count::Files,
                "which files is not known before it runs",
            ));
        }
        return;
    };
    let program = action.program.as_deref().unwrap_or_default();
    let sub = action.sub.first().map_or("", String::as_str);
    let which = match (program, sub) {
        (b"git", "reset" | "checkout" | "restore" | "switch" | "stash") => Which::Changed,
        (b"git", "clean") => Which::Untracked {
            directories: action.flags.has(Flag::Recursive)
                || effect.flags.has(Flag::Recursive)
                || !action.operands.is_empty(),
            ignored: given(action, &["-x", "-X"]),
            others: !given(action, &["-X"]),
        },
        (b"chmod", _) => super::effect::mode_of(action).map_or(Which::All, |mode| Which::Mode(mode.to_vec())),
        _ => Which::All,
    };
    let recursive = action.flags.has(Flag::Recursive) || effect.flags.has(Flag::Recursive);
    let whole = match (program, kind) {
        (b"git", _) => true,
        (b"rm" | b"chmod" | b"chown" | b"chgrp", _) => recursive,
        (_, EffectKind::Overwrites) => recursive,
        (_, EffectKind::Deletes | EffectKind::Permits | EffectKind::Writes) => true,
        _ => recursive,
    };
    let narrowed = match program {
        b"find" | b"fd" => action.options.iter().any(|(name, _)| name != "-delete"),
        b"rsync" => true,
        b"git" => given(action, &["-e", "--exclude", "-p", "--patch", "-i", "--interactive"]),
        _ => false,
    };
    let count = if matches!(which, Which::Mode(_)) { Count::Modes } else { Count::Files };
    let follow = matches!(kind, EffectKind::Overwrites | EffectKind::Permits);
    let mut add = |path: Vec<u8>, whole: bool, at_most: bool| {
        let question = Question::Tree { path: path.clone(), whole, follow, which: which.clone() };
        let taken = Taken { at_most, ..Taken::asks(path, kind, count, question) };
        if !all.contains(&taken) {
            all.push(taken);
        }
    };
    if let Some(known) = path.text() {
        return add(known.to_vec(), whole, narrowed || !effect.certain);
    }
    if let Some(below) = below(path) {
        return add(below, true, true);
    }
    match matching(path, world) {
        Ok(paths) => paths.into_iter().for_each(|path| add(path, whole, narrowed)),
        Err(why) => all.push(Taken::unknown(path.display(), kind, Count::Files, why)),
    }
}

/// The directory below which a value lies for certain, where that is all there is to it.
fn below(path: &Value) -> Option<Vec<u8>> {
    let mut directory = None;
    for part in &path.parts {
        match part {
            Part::Hole(hole) => match &hole.bound {
                Bound::Below { directory: known, .. } if directory.is_none() => directory = Some(known.clone()),
                _ => return None,
            },
            _ => return None,
        }
    }
    directory
}

/// The paths that a pattern without holes fits now.
fn matching(path: &Value, world: &dyn World) -> Result<Vec<Vec<u8>>, &'static str> {
    use super::pattern::{Atom, matches, value_atoms};
    if path.has_hole() {
        return Err("which files is known only when it runs");
    }
    let mut found: Vec<Vec<u8>> = vec![b"/".to_vec()];
    let atoms = value_atoms(path);
    for step in atoms.split(|atom| *atom == Atom::Byte(b'/')).filter(|step| !step.is_empty()) {
        let plain: Option<Vec<u8>> =
            step.iter().map(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None }).collect();
        let mut next = Vec::new();
        for directory in &found {
            if let Some(name) = &plain {
                next.push(super::scope::join(directory, name));
                continue;
            }
            let Some(names) = world.entries(directory, MOST_NAMES) else {
                if matches!(world.kind(directory), crate::action::FileKind::Directory) {
                    return Err("a directory that cannot be read, or with more names than are looked at");
                }
                continue;
            };
            let dotted = step.first() == Some(&Atom::Byte(b'.'));
            let fits = |name: &&Vec<u8>| (dotted || !name.starts_with(b".")) && matches(step, name);
            next.extend(names.iter().filter(fits).map(|name| super::scope::join(directory, name)));
            if next.len() > MOST_NAMES {
                return Err("more names than are looked at");
            }
        }
        found = next;
    }
    Ok(found)
}

fn processes(action: &Action, effect: &Effect, all: &mut Vec<Taken>) {
    let Object::Process(value) = &effect.object else {
        // Declared for operands that are there.
        let beside = |other: &Effect| other.kind == effect.kind && matches!(other.object, Object::Process(_));
        if !action.effects.iter().any(beside) {
            all.push(unknown_process(Vec::new()));
        }
        return;
    };
    let Some(text) = value.text() else { return all.push(unknown_process(value.display())) };
    let reached = match action.name() {
        Some(b"pkill" | b"killall") => {
            let by_pattern = action.name() == Some(b"pkill") || given(action, &["--regexp", "-r"]);
            let plain = [
                "--regexp",
                "-r",
                "--full",
                "-f",
                "--exact",
                "-x",
                "--echo",
                "-e",
                "--verbose",
                "-v",
                "--wait",
                "-w",
                "-q",
                "--quiet",
                "--signal",
            ];
            // What is no signal and none of these chooses among them.
            let narrowed = action.options.iter().any(|(name, _)| {
                let signal =
                    name.as_bytes().get(1).is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
                !plain.contains(&name.as_str()) && !signal || name == "-I"
            });
            Some(Reached::Named {
                name: text.to_vec(),
                pattern: by_pattern,
                exact: !by_pattern || given(action, &["--exact", "-x"]),
                full: action.name() == Some(b"pkill") && given(action, &["--full", "-f"]),
                narrowed,
            })
        }
        _ => number(text),
    };
    all.push(match reached {
        Some(reached) => {
            Taken::asks(text.to_vec(), EffectKind::Signals, Count::Processes, Question::Processes(reached))
        }
        None => unknown_process(text.to_vec()),
    });
}

fn unknown_process(subject: Vec<u8>) -> Taken {
    Taken::unknown(subject, EffectKind::Signals, Count::Processes, "which processes is known only when it runs")
}

fn number(text: &[u8]) -> Option<Reached> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    match number {
        -1 => Some(Reached::All),
        0 => None,
        1.. => u32::try_from(number).ok().map(Reached::Number),
        _ => u32::try_from(-number).ok().map(Reached::Group),
    }
}

/// The packages that are named.
fn packages(action: &Action, all: &mut Vec<Taken>) {
    let installs = || action.effects.iter().filter(|effect| effect.kind == EffectKind::Installs);
    if installs().next().is_none() {
        return;
    }
    let names: Vec<Vec<u8>> = installs()
        .filter_map(|effect| if let Object::Package { name, .. } = &effect.object { Some(name) } else { None })
        .filter_map(|name| name.text().map(<[u8]>::to_vec))
        .collect();
    let measured = if names.is_empty()
        || installs().any(|effect| matches!(&effect.object, Object::Package { name, .. } if name.has_hole()))
    {
        Measured::unknown("the line does not name them all")
    } else {
        let number = names.len() as u64;
        Measured { amounts: vec![Amount::exactly(Count::Packages, number)], told: names, unknown: None }
    };
    let by = By::Known(measured);
    all.push(Taken {
        subject: b"packages".to_vec(),
        kind: EffectKind::Installs,
        count: Count::Packages,
        by,
        at_most: false,
    });
}
