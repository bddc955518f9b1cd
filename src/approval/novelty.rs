//! What a kind of client does for the first time without being asked: recorded as `novel`, so that a human can look afterwards.
//!
//! An action is taken apart: its program with the subcommand, and with it each option's name and each effect with its scope and flags.
//! What the words around them are (paths, numbers, messages) makes nothing new, nor does another mix of what was there before; an
//! option or an effect that was not is. What was there is kept as numbers in `guard/seen`, a table of fixed size: nothing is parsed, an
//! entry is one aligned number, so that neither a crash nor two writers leave more behind than something that is told of once more. Garbage
//! in it is no entry's number, and gives way. Behind walls it can be read and not be written.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use super::{Approved, Basis};
use crate::action::effect::Flag;
use crate::action::{Action, ActionKind, Effect, Object, Scope, Value};
use crate::house::House;
use crate::invocation::face::base;
use crate::policy::Tier;
use crate::sys::private::{self, Unfit};
use crate::text::escape;

/// The table: so many rows of so many numbers.
const ROWS: u64 = 2048;
const ROW: usize = 8;
const BYTES: u64 = ROWS * ROW as u64 * 8;
/// More than this is not told of in one record; what was not told of is not remembered either.
const MOST: usize = 64;
/// Numbers that were looked up already for this line, so that a long one looks up each but once.
const MOST_KNOWN: usize = 256;
/// A longer part is told of by its end.
const LONGEST: usize = 200;

/// What is new about one action: what it is, then its parts that are new.
pub type New = Vec<String>;

/// What of a launch its kind of client does for the first time.
#[derive(Debug, Default)]
pub struct Novelty {
    /// An action each.
    pub new: Vec<New>,
    /// Why it cannot be remembered.
    pub trouble: Option<String>,
    seen: Option<Seen>,
    numbers: Vec<u64>,
}

impl Novelty {
    /// Looks at what was approved by policy alone: what a human said yes to, a human has looked at.
    #[must_use]
    pub fn of(house: &House, roots: &[Vec<u8>], approved: &Approved) -> Novelty {
        let weighed = approved.judged().weighed();
        let mut novelty = Novelty::default();
        if weighed.verdict.tier != Tier::Autonomous || *approved.basis() != Basis::Policy {
            return novelty;
        }
        let seen = Seen::open(&house.guard());
        let client = kind_of(house.session.label.agent, house.session.executable.as_deref());
        let mut known: Vec<u64> = Vec::new();
        for (at, action) in weighed.actions.list.iter().enumerate() {
            if novelty.numbers.len() >= MOST {
                break;
            }
            let name = name(action, roots);
            let scopes = weighed.verdict.scopes.get(at).map_or(&[][..], Vec::as_slice);
            let mut new = vec![name];
            for part in parts(action, scopes) {
                let number = number(&client, new.first().map_or("", String::as_str), &part);
                if known.contains(&number) || seen.as_ref().is_ok_and(|seen| seen.has(number)) {
                    if known.len() < MOST_KNOWN {
                        known.push(number);
                    }
                    continue;
                }
                if novelty.numbers.len() >= MOST {
                    break;
                }
                known.push(number);
                novelty.numbers.push(number);
                new.push(part);
            }
            if new.len() > 1 {
                new.retain(|part| !part.is_empty());
                novelty.new.push(new);
            }
        }
        match seen {
            Ok(seen) => {
                if !novelty.new.is_empty() {
                    novelty.trouble.clone_from(&seen.closed);
                }
                // Becoming the program closes it for nothing.
                novelty.seen = Some(seen);
            }
            Err(why) if !novelty.new.is_empty() => novelty.trouble = Some(why.to_string()),
            Err(_) => {}
        }
        novelty
    }

    /// Remembers what is on record by now. An error: it will be told of again.
    pub fn remember(&self) -> std::io::Result<()> {
        match &self.seen {
            Some(seen) if self.trouble.is_none() && !self.numbers.is_empty() => seen.add(&self.numbers),
            Some(_) | None => Ok(()),
        }
    }
}

/// Remembers what a human has looked at, as records tell of it: what could not be remembered when it ran is known from now on.
pub fn learn(guard: &Path, looked_at: &[(String, New)]) -> Result<(), Unfit> {
    let seen = Seen::open(guard)?;
    let mut numbers = Vec::new();
    for (client, new) in looked_at {
        let Some((name, parts)) = new.split_first() else { continue };
        if parts.is_empty() {
            numbers.push(number(client, name, ""));
        }
        numbers.extend(parts.iter().map(|part| number(client, name, part)));
    }
    Ok(seen.add(&numbers)?)
}

/// Why nothing can be remembered, where nothing can.
#[must_use]
pub fn trouble(guard: &Path) -> Option<String> {
    // Where it is not there yet, looking does not make it.
    guard.join("seen").symlink_metadata().ok()?;
    Seen::open(guard).map_or_else(|why| Some(why.to_string()), |seen| seen.closed)
}

/// Which kind of client: the agent, as its environment says, and the program it is.
#[must_use]
pub fn kind_of(agent: Option<&str>, executable: Option<&[u8]>) -> String {
    let program = executable.map(base).unwrap_or_default();
    format!("{}/{}", agent.unwrap_or_default(), escape(program))
}

/// The program and subcommand; a program of the workspace's own by its path there, any other outside the system's places by its path.
fn name(action: &Action, roots: &[Vec<u8>]) -> String {
    let mut name = match (&action.path, action.name()) {
        (Some(path), _) if action.kind == ActionKind::Run && !is_systems(path) => {
            let below = roots.iter().find_map(|root| path.strip_prefix(root.as_slice())?.strip_prefix(b"/"));
            escape(&below.map_or_else(|| path.clone(), |below| [b"./", below].concat()))
        }
        (_, Some(name)) => escape(name),
        (_, None) => match action.kind {
            ActionKind::Redirect => ">".to_owned(),
            _ => "?".to_owned(),
        },
    };
    for sub in &action.sub {
        name.push(' ');
        name.push_str(sub);
    }
    bounded(name)
}

fn is_systems(path: &[u8]) -> bool {
    [&b"/usr/"[..], b"/bin/", b"/sbin/"].iter().any(|place| path.starts_with(place))
}

/// Runners of which an operand says which of the project's commands is run: each is another one. Of others it narrows the same.
const TARGETS: &[&str] = &[
    "make", "gmake", "just", "task", "rake", "invoke", "gulp", "grunt", "npm", "yarn", "pnpm", "bun", "deno", "mise",
    "mvn", "gradle",
];

/// Its options by their names and its effects; where it has none, one empty part for itself.
fn parts(action: &Action, scopes: &[Option<Scope>]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut add = |part: String| {
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    for (option, _) in &action.options {
        // `-20` of head and its like: a number is no option's name.
        let digits = option.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        add(if digits { "-N".to_owned() } else { bounded(escape(option.as_bytes())) });
    }
    let has_targets = |program: &[u8]| TARGETS.iter().any(|known| known.as_bytes() == program);
    if action.runner && action.program.as_deref().is_some_and(has_targets) {
        action.operands.iter().filter_map(Value::text).for_each(|target| add(bounded(escape(target))));
    }
    for (at, effect) in action.effects.iter().enumerate() {
        add(told(effect, scopes.get(at).copied().flatten()));
    }
    if parts.is_empty() {
        parts.push(String::new());
    }
    parts
}

fn told(effect: &Effect, scope: Option<Scope>) -> String {
    let mut told = effect.kind.name().to_owned();
    let mut say = |word: &str| {
        told.push(' ');
        told.push_str(word);
    };
    if let Object::Code { language, .. } = &effect.object {
        say(language);
    }
    scope.iter().for_each(|scope| say(scope.name()));
    effect.flags.iter().map(Flag::name).for_each(say);
    told
}

fn bounded(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let hash = Sha256::digest(&text);
    let start = (text.len() - LONGEST..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let [first, second, third, ..] = hash.0;
    format!("{first:02x}{second:02x}{third:02x}…{}", text.get(start..).unwrap_or_default())
}

fn number(client: &str, name: &str, part: &str) -> u64 {
    let mut hash = Sha256::new();
    for text in ["1", client, name, part] {
        hash.update(text);
        hash.update([0]);
    }
    let [a, b, c, d, e, f, g, h, ..] = hash.finalize().0;
    // Zero is an empty place.
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

/// Where its row begins.
fn place(number: u64) -> u64 {
    number % ROWS * ROW as u64 * 8
}

/// The table.
#[derive(Debug)]
struct Seen {
    file: File,
    /// Why it cannot be written.
    closed: Option<String>,
}

impl Seen {
    fn open(guard: &Path) -> Result<Seen, Unfit> {
        let path = guard.join("seen");
        match private::file(&path, OFlag::O_RDWR | OFlag::O_CREAT) {
            Ok((file, _)) => Ok(Seen { file, closed: None }),
            Err(Unfit::System(why)) => {
                let (file, _) = private::file(&path, OFlag::O_RDONLY)?;
                Ok(Seen { file, closed: Some(why.to_string()) })
            }
            Err(why) => Err(why),
        }
    }

    fn row(&self, number: u64) -> [u8; ROW * 8] {
        let mut row = [0; ROW * 8];
        // What is not there, or cannot be read, was not seen.
        let _ = self.file.read_at(&mut row, place(number));
        row
    }

    fn has(&self, number: u64) -> bool {
        self.row(number).chunks_exact(8).any(|entry| entry == number.to_le_bytes())
    }

    fn add(&self, numbers: &[u64]) -> std::io::Result<()> {
        if self.file.metadata()?.len() < BYTES {
            // Its blocks are there from the first day on, however full the disk is later.
            private::reserve(&self.file, BYTES)?;
        }
        for number in numbers {
            let row = self.row(*number);
            let mut places = row.chunks_exact(8);
            if self.has(*number) {
                continue;
            }
            // In a full row somebody gives way, and is told of again.
            let free = places.position(|entry| entry == [0; 8]).unwrap_or((number >> 60) as usize % ROW);
            self.file.write_all_at(&number.to_le_bytes(), place(*number) + 8 * free as u64)?;
        }
        Ok(())
    }
}
