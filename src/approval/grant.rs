//! A yes for more than one line: for this session, or for some minutes, and for a pattern that the human saw before giving it.
//!
//! A pattern is made of what was asked about, finding by finding: the rule, the program with its subcommand, the flags, the kind of
//! effect, and its object: a host, a remote, a package or a branch as it is; a path by its directory and scope. A line is covered
//! where every finding that asks is; it is never wider than what it shows. Nothing is offered for what can become anything else:
//! interpreters, shells, wrappers, escalation, what is published, deployed or bought, what is dynamic or not understood.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::{Deserialize, Serialize};

use super::request::{Request, is_id, object};
use super::spool::{boot, now};
use crate::action::{Action, ActionKind, Coverage, Effect, EffectKind, Object};
use crate::judge::{Finding, Weighed};
use crate::policy::Tier;
use crate::sys::private::{self, Unfit};
use crate::sys::{file, process, rename};
use crate::text::escape;

/// The longest that a grant may last, in seconds, also one for a session.
pub const LONGEST: u64 = 12 * 60 * 60;

/// What one finding of a line becomes in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    rule: String,
    program: String,
    sub: Vec<String>,
    flags: u16,
    kind: Option<String>,
    scope: Option<String>,
    /// The object as it is, or the directory of a path, with `/` at its end.
    object: String,
}

/// What a grant covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern(Vec<Item>);

/// Effects that are asked about each time.
const EACH_TIME: &[EffectKind] = &[
    EffectKind::Escalates,
    EffectKind::Publishes,
    EffectKind::Deploys,
    EffectKind::Spends,
    EffectKind::Rewrites,
    EffectKind::Sends,
    EffectKind::Signals,
];

impl Pattern {
    /// The pattern that a line offers; `None` where it may be granted only as it stands.
    #[must_use]
    pub fn of(weighed: &Weighed) -> Option<Pattern> {
        let asking = weighed.verdict.findings.iter().filter(|finding| finding.tier > Tier::Autonomous);
        let mut items: Vec<Item> = Vec::new();
        for finding in asking {
            let item = item(finding, weighed)?;
            if !items.contains(&item) {
                items.push(item);
            }
        }
        (weighed.verdict.coverage == Coverage::Full && !items.is_empty()).then_some(Pattern(items))
    }

    /// Whether everything that asks in `weighed` is in the pattern.
    #[must_use]
    pub fn covers(&self, weighed: &Weighed) -> bool {
        Pattern::of(weighed).is_some_and(|asked| asked.0.iter().all(|item| self.0.contains(item)))
    }

    /// As it is kept in a request and in a grant.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Out of a request.
    #[must_use]
    pub fn offered(request: &Request) -> Option<Pattern> {
        serde_json::from_slice(request.part("grant")).ok()
    }

    /// For a human, one row for each thing.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let row = |item: &Item| {
            let words = [std::slice::from_ref(&item.program), item.sub.as_slice()].concat().join(" ");
            let flags: Vec<&str> = crate::action::Flags(item.flags).iter().map(crate::action::Flag::name).collect();
            let flags = if flags.is_empty() { String::new() } else { format!(" ({})", flags.join(", ")) };
            let kind = item.kind.as_deref().map_or(String::new(), |kind| format!(", {kind}"));
            let object = match (item.object.is_empty(), item.object.strip_suffix('/')) {
                (true, _) => String::new(),
                (false, Some(folder)) => format!(" any one file right in {folder}/"),
                (false, None) => format!(" {}", item.object),
            };
            escape(format!("any `{words}`{flags}{kind}{object} [{}]", item.rule).as_bytes())
        };
        self.0.iter().map(row).collect()
    }
}

fn item(finding: &Finding, weighed: &Weighed) -> Option<Item> {
    if finding.tier != Tier::Supervised || !finding.certain || finding.needs_more || finding.typed {
        return None;
    }
    let at = usize::try_from(finding.action).ok()?;
    let action = weighed.actions.list.get(at)?;
    let effect = finding.effect.and_then(|number| action.effects.get(number));
    if !may_repeat(action) {
        return None;
    }
    let scope = finding.effect.and_then(|number| weighed.verdict.scopes.get(at)?.get(number).copied().flatten());
    let object = match effect {
        Some(effect) => general(effect)?,
        // Nothing says what such a finding is about: the words themselves do.
        None => action
            .argv
            .iter()
            .map(|word| word.text().map(String::from_utf8_lossy))
            .collect::<Option<Vec<_>>>()?
            .join(" "),
    };
    Some(Item {
        rule: finding.rule.clone(),
        program: String::from_utf8_lossy(action.program.as_deref()?).into_owned(),
        sub: action.sub.clone(),
        flags: action.effects.iter().fold(action.flags, |all, effect| all.union(effect.flags)).0,
        kind: effect.map(|effect| effect.kind.name().to_owned()),
        scope: scope.map(|scope| scope.name().to_owned()),
        object,
    })
}

/// Whether a second run of such an action is as harmless as the first: all of it is known, it runs no code, and nothing of it is
/// of the kinds that are asked about each time.
fn may_repeat(action: &Action) -> bool {
    action.coverage == Coverage::Full
        && matches!(action.kind, ActionKind::Run | ActionKind::Redirect)
        && action.via.is_empty()
        && action.assigns.is_empty()
        && action.argv.iter().all(|word| word.text().is_some())
        && action
            .effects
            .iter()
            .all(|effect| effect.certain && effect.kind != EffectKind::Executes && !EACH_TIME.contains(&effect.kind))
}

/// The object of an effect, as wide as a grant takes it. `None`: not known, or not to be taken wider than it is.
fn general(effect: &Effect) -> Option<String> {
    let lossless = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    match &effect.object {
        Object::Path { path, .. } => {
            if effect.flags.has(crate::action::Flag::Recursive) {
                return lossless(path.text()?.to_vec());
            }
            let path = lossless(path.text()?.to_vec())?;
            path.rfind('/').map(|end| path.get(..=end).unwrap_or_default().to_owned())
        }
        Object::Code { .. } => None,
        other => lossless(object(other)),
    }
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id: that of the request it was given for.
    pub id: String,
    /// The session it holds for.
    pub session: String,
    /// What it covers.
    pub pattern: Pattern,
    /// SHA-256 of the policy it was given under: under another it does not hold.
    pub policy: String,
    /// The working directory's device and inode.
    pub place: String,
    /// When it was given, in seconds since 1970.
    pub given: u64,
    /// When it ends.
    pub expires: u64,
    /// In which boot.
    pub boot: String,
    /// The record of it.
    pub record: String,
}

/// What a line must meet for a grant to hold.
#[derive(Debug)]
pub struct Circumstance<'a> {
    /// The session that asks.
    pub session: &'a str,
    /// SHA-256 of the policy in force.
    pub policy: &'a str,
    /// The working directory's device and inode.
    pub place: &'a str,
    /// The time of the newest record, in seconds since 1970: with a clock behind it no grant holds.
    pub newest: u64,
}

impl Grant {
    /// The grant that a human gives in answer to a request. `None` where it offers none.
    #[must_use]
    pub fn answering(request: &Request, seconds: u64, record: String) -> Option<Grant> {
        let part = |name: &str| String::from_utf8_lossy(request.part(name)).into_owned();
        let given = now();
        Some(Grant {
            id: request.id.clone(),
            session: part("session"),
            pattern: Pattern::offered(request)?,
            policy: part("policy"),
            place: part("place"),
            given,
            expires: given + seconds.min(LONGEST),
            boot: boot(),
            record,
        })
    }

    /// Whether it holds here and now.
    #[must_use]
    pub fn holds(&self, here: &Circumstance<'_>, now: u64) -> bool {
        self.session == here.session
            && self.policy == here.policy
            && self.place == here.place
            && self.boot == boot()
            && self.given <= now
            && now < self.expires
            && self.expires <= self.given + LONGEST
            && here.newest <= now
    }
}

const LARGEST: usize = 64 * 1024;

/// The grants of a guard directory.
#[derive(Debug)]
pub struct Grants {
    path: PathBuf,
    directory: File,
}

impl Grants {
    /// Opens the grants below `guard`.
    pub fn open(guard: &Path) -> Result<Grants, Unfit> {
        private::directory(guard)?;
        let path = guard.join("grants");
        Ok(Grants { directory: private::directory(&path)?, path })
    }

    /// Keeps a grant.
    pub fn keep(&self, grant: &Grant) -> Result<(), Unfit> {
        let text = serde_json::to_vec(grant).map_err(std::io::Error::other)?;
        let fresh = format!(".{}.{}", grant.id, process::own());
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL;
        let (mut file, _) = private::file_at(&self.directory, &fresh, flags)?;
        let kept = file.write_all(&text).and_then(|()| file.sync_all()).map_err(Unfit::from);
        let kept =
            kept.and_then(|()| rename::without_replacing(&self.directory, &fresh, &grant.id).map_err(Unfit::from));
        if kept.is_err() {
            let _ = unlinkat(&self.directory, fresh.as_str(), UnlinkatFlags::NoRemoveDir);
        }
        kept
    }

    /// All of them that have not ended, oldest first; what has ended is taken away.
    #[must_use]
    pub fn all(&self) -> Vec<Grant> {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return Vec::new() };
        let mut grants = Vec::new();
        for name in
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_id(name))
        {
            match self.read(&name) {
                Some(grant) if grant.expires > now() && grant.boot == boot() && grant.id == name => grants.push(grant),
                _ => {
                    self.revoke(&name);
                }
            }
        }
        grants.sort_by(|a, b| a.given.cmp(&b.given).then(a.id.cmp(&b.id)));
        grants
    }

    /// The grant that covers a line here.
    #[must_use]
    pub fn covering(&self, weighed: &Weighed, here: &Circumstance<'_>) -> Option<Grant> {
        let now = now();
        self.all().into_iter().find(|grant| grant.holds(here, now) && grant.pattern.covers(weighed))
    }

    /// Takes a grant back. `false`: there is none of that id.
    pub fn revoke(&self, id: &str) -> bool {
        is_id(id) && unlinkat(&self.directory, id, UnlinkatFlags::NoRemoveDir).is_ok()
    }

    fn read(&self, name: &str) -> Option<Grant> {
        let (mut opened, _) = private::file_at(&self.directory, name, OFlag::O_RDONLY).ok()?;
        serde_json::from_slice(&file::read_bounded(&mut opened, LARGEST).ok()?).ok()
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
