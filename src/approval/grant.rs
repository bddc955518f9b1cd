//! A yes for more than one line: for this session, or for some minutes, and for a pattern that the human saw before giving it.
//!
//! A pattern is made of what was asked about, finding by finding: the rule, the program, all its words, the directory it runs in,
//! the kind of effect, and its object. Three things of a line may be others the next time, and no more: the name of a plain file
//! that is asked about (any of its ending right in its directory, as it really lies there), the path of an address behind its
//! host, and a commit's message. A line is covered where every finding that asks is; it is never wider than what it shows. Nothing is offered for what can become anything else:
//! interpreters, shells, wrappers, escalation, what is published, deployed or bought, what is dynamic or not understood.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::request::{Request, is_id, object};
use super::spool::{boot, now};
use crate::action::{Action, ActionKind, Coverage, Effect, EffectKind, Object, Scope};
use crate::judge::{Finding, Weighed};
use crate::policy::Tier;
use crate::sys::file;
use crate::sys::private::{self, Unfit};
use crate::text::Arrange;
use crate::text::escape;

/// The longest that a grant may last, in seconds, also one for a session.
pub const LONGEST: u64 = 12 * 60 * 60;

/// What one finding of a line becomes in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    rule: String,
    /// The file that is run, where it is known.
    path: Option<String>,
    /// The words of the call, without what may be another the next time.
    words: Vec<String>,
    flags: u16,
    /// Where it runs.
    cwd: String,
    /// What steers or runs along without standing in the line: digest of the repository's configuration and hooks.
    repository: String,
    /// What is put somewhere: digest of the files it comes from, where another content would be another deed.
    contents: String,
    kind: Option<String>,
    scope: Option<String>,
    /// The object as it is, or the directory of a path, with `/` at its end.
    object: String,
    /// The ending that a file right in `object` must have. `None`: the object is meant as it is.
    ending: Option<String>,
}

/// What a grant covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
        Pattern::kept(&serde_json::from_slice(request.part("grant")).ok()?)
    }

    /// As it was kept: what lacks anything is none. By hand, since what is derived for this is ten times as long.
    fn kept(kept: &Value) -> Option<Pattern> {
        let item = |kept: &Value| {
            let perhaps = |name: &str| match kept.get(name) {
                None | Some(Value::Null) => Some(None),
                Some(value) => Some(Some(value.as_str()?.to_owned())),
            };
            let words = kept.get("words")?.as_array()?.iter().map(|word| word.as_str().map(str::to_owned));
            Some(Item {
                rule: written(kept, "rule")?,
                path: perhaps("path")?,
                words: words.collect::<Option<_>>()?,
                flags: u16::try_from(kept.get("flags")?.as_u64()?).ok()?,
                cwd: written(kept, "cwd")?,
                repository: written(kept, "repository")?,
                contents: written(kept, "contents")?,
                kind: perhaps("kind")?,
                scope: perhaps("scope")?,
                object: written(kept, "object")?,
                ending: perhaps("ending")?,
            })
        };
        kept.as_array()?.iter().map(item).collect::<Option<_>>().map(Pattern)
    }

    /// For a human, one row for each thing.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let row = |item: &Item| {
            let words = item.words.join(" ");
            let flags: Vec<&str> = crate::action::Flags(item.flags).iter().map(crate::action::Flag::name).collect();
            let flags = if flags.is_empty() { String::new() } else { format!(" ({})", flags.join(", ")) };
            let kind = item.kind.as_deref().map_or(String::new(), |kind| format!(", {kind}"));
            let object = match (item.object.as_str(), &item.ending) {
                ("", _) => String::new(),
                (folder, Some(ending)) => format!(" any one .{ending} file right in {folder}"),
                (object, None) => format!(" {object}"),
            };
            escape(format!("any `{words}`{flags}{kind}{object} in {} [{}]", item.cwd, item.rule).as_bytes())
        };
        self.0.iter().map(row).collect()
    }
}

fn written(kept: &Value, name: &str) -> Option<String> {
    kept.get(name)?.as_str().map(str::to_owned)
}

fn item(finding: &Finding, weighed: &Weighed) -> Option<Item> {
    if finding.tier != Tier::Supervised || !finding.certain || finding.needs_more() || finding.typed {
        return None;
    }
    let at = usize::try_from(finding.action).ok()?;
    let action = weighed.actions.list.get(at)?;
    let effect = finding.effect.and_then(|number| action.effects.get(number));
    if !may_repeat(action) {
        return None;
    }
    let scope = finding.effect.and_then(|number| weighed.verdict.scopes.get(at)?.get(number).copied().flatten());
    let (object, ending) = match effect {
        Some(effect) => general(effect, scope)?,
        // Nothing says what such a finding is about: the words themselves do.
        None => {
            (action.argv.iter().map(|word| text(word).map(str::to_owned)).collect::<Option<Vec<_>>>()?.join(" "), None)
        }
    };
    let cwd = text(&action.cwd)?.to_owned();
    let contents = match effect {
        Some(effect) if ending.is_none() && PUTS.contains(&effect.kind) => contents(at, weighed, effect)?,
        Some(_) | None => String::new(),
    };
    let program = action.program.as_deref()?;
    Some(Item {
        rule: finding.rule.clone(),
        path: action.path.as_deref().map(std::str::from_utf8).transpose().ok()?.map(str::to_owned),
        words: words(at, weighed)?,
        flags: action.effects.iter().fold(action.flags, |all, effect| all.union(effect.flags)).0,
        repository: if program == b"git" { repository(Path::new(&cwd))? } else { String::new() },
        contents,
        cwd,
        kind: effect.map(|effect| effect.kind.name().to_owned()),
        scope: scope.map(|scope| scope.name().to_owned()),
        object,
        ending,
    })
}

fn text(value: &crate::action::Value) -> Option<&str> {
    std::str::from_utf8(value.text()?).ok()
}

/// The words of an action, as they stand there, without the names of files that are asked about as any of their like, and without
/// a commit's message. Of an address what stands before its path is kept (scheme, credentials, port), and all of it where it
/// carries a query: that may say anything.
fn words(at: usize, weighed: &Weighed) -> Option<Vec<String>> {
    let action = weighed.actions.list.get(at)?;
    let asked = |number: usize| {
        let of = |finding: &Finding| usize::try_from(finding.action).is_ok_and(|of| of == at);
        weighed.verdict.findings.iter().any(|f| of(f) && f.tier > Tier::Autonomous && f.effect == Some(number))
    };
    let commits = action.program.as_deref() == Some(b"git") && action.sub == ["commit"];
    let mut words: Vec<String> = Vec::new();
    let mut says = false;
    for word in &action.argv {
        let word = text(word)?;
        if std::mem::take(&mut says) {
            continue;
        }
        says = commits && matches!(word, "-m" | "--message");
        let mut host = false;
        let mut like = false;
        for (number, effect) in action.effects.iter().enumerate() {
            match &effect.object {
                Object::Path { as_written, .. } if as_written == word.as_bytes() && asked(number) => {
                    let scope = weighed.verdict.scopes.get(at).and_then(|scopes| scopes.get(number).copied().flatten());
                    like |= general(effect, scope)?.1.is_some();
                }
                Object::Host(of) => {
                    host |= text(of).is_some_and(|of| !of.is_empty() && word.to_ascii_lowercase().contains(of));
                }
                _ => {}
            }
        }
        if like {
            continue;
        }
        let start = word.find("://").map_or(0, |at| at + 3);
        let path = word.get(start..).and_then(|rest| rest.find('/')).map_or(word.len(), |at| start + at);
        let plain = host && start > 0 && !word.contains(['?', '#', '[', '{', '\\', '%']);
        words.push(if plain { word.get(..path)? } else { word }.to_owned());
    }
    Some(words)
}

/// What decides what git does in the repository around `cwd` without standing in the line: digest of its configuration and of its
/// hooks' names, sizes and times; empty where there is no repository. `None`: it cannot be told.
fn repository(cwd: &Path) -> Option<String> {
    use std::fmt::Write;
    use std::os::unix::fs::MetadataExt;
    let Some(git) = cwd.ancestors().map(|folder| folder.join(".git")).find(|git| git.symlink_metadata().is_ok()) else {
        return Some(String::new());
    };
    if !git.symlink_metadata().ok()?.is_dir() {
        // A worktree's or a submodule's: its hooks lie elsewhere.
        return None;
    }
    let config = file::read_regular(git.join("config").as_os_str().as_encoded_bytes(), LARGEST).ok();
    let mut found = vec![format!("{:?}", config.map(|(text, _)| Sha256::digest(text)))];
    let entries = match std::fs::read_dir(git.join("hooks")) {
        Ok(entries) => Some(entries),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => return None,
    };
    for entry in entries.into_iter().flatten() {
        let entry = entry.ok()?;
        let name = entry.file_name();
        if name.as_encoded_bytes().ends_with(b".sample") {
            continue;
        }
        let meta = std::fs::metadata(entry.path()).ok()?;
        let mut row = String::new();
        write!(row, "{name:?} {} {} {} {}", meta.ino(), meta.size(), meta.ctime(), meta.ctime_nsec()).ok()?;
        found.push(row);
    }
    found.arrange();
    Some(crate::text::hexadecimal(&Sha256::digest(found.join("\n"))))
}

/// Effects that put data where it takes effect.
const PUTS: &[EffectKind] =
    &[EffectKind::Writes, EffectKind::Overwrites, EffectKind::Configures, EffectKind::Installs, EffectKind::Modifies];

/// What leaves nothing behind but a name.
const EMPTY: &[&[u8]] = &[b"touch", b"mkdir", b"rmdir", b"truncate"];

/// Digest of the files that `effect` may take its data from. `None`: what that will be is not known by the next time.
fn contents(at: usize, weighed: &Weighed, effect: &Effect) -> Option<String> {
    let action = weighed.actions.list.get(at)?;
    let fed = weighed.actions.flows.iter().any(|flow| usize::try_from(flow.to).is_ok_and(|to| to == at));
    let stdin = action.effects.iter().any(|effect| effect.feed.stdin)
        || action.argv.iter().any(|word| word.text() == Some(b"-"));
    if fed || stdin || !effect.feed.taint.is_empty() {
        return None;
    }
    let mut paths: Vec<Vec<u8>> = action.effects.iter().flat_map(|effect| effect.feed.files.iter().cloned()).collect();
    for read in action.effects.iter().filter(|effect| effect.kind == EffectKind::Reads) {
        if let Object::Path { path, .. } = &read.object {
            paths.push(path.text()?.to_vec());
        }
    }
    let empty = action.program.as_deref().is_some_and(|program| EMPTY.contains(&program));
    if paths.is_empty() && matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites) && !empty {
        return None;
    }
    paths.arrange();
    paths.dedup();
    let mut rows = String::new();
    for path in paths {
        let row = match file::read_regular(&path, crate::invocation::LONGEST) {
            Ok((text, _)) => crate::text::hexadecimal(&Sha256::digest(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "nothing".to_owned(),
            Err(_) => return None,
        };
        rows.push_str(&row);
        rows.push('\n');
    }
    Some(if rows.is_empty() { rows } else { crate::text::hexadecimal(&Sha256::digest(rows)) })
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

/// Where a file stands for its like: elsewhere one name means something else than the next.
const WIDE: &[Scope] = &[Scope::Workspace, Scope::Temp, Scope::Cache, Scope::Home];

/// The object of an effect, as wide as a grant takes it, and the ending where it is a directory for the files in it. `None`: not
/// known, or not to be taken wider than it is.
fn general(effect: &Effect, scope: Option<Scope>) -> Option<(String, Option<String>)> {
    let recursive = effect.flags.has(crate::action::Flag::Recursive);
    let changes = PUTS.contains(&effect.kind) || matches!(effect.kind, EffectKind::Deletes | EffectKind::Permits);
    // How much is there was shown for the first time only.
    if recursive && changes {
        return None;
    }
    let path = match &effect.object {
        Object::Path { path, .. } => text(path)?,
        Object::Code { .. } => return None,
        // Whatever a manifest says by then.
        Object::None if effect.kind == EffectKind::Installs => return None,
        Object::Package { name, .. } if text(name)?.starts_with(['/', '.']) => return None,
        Object::Remote { name, host } => {
            let host = host.as_deref().map_or(Some(""), |host| std::str::from_utf8(host).ok())?;
            return Some((format!("{} ({host})", text(name)?), None));
        }
        other => return Some((String::from_utf8(object(other)).ok()?, None)),
    };
    let place = lies(Path::new(path))?;
    let place = place.to_str()?;
    // Below a directory anything may come to lie.
    if changes && scope != Some(Scope::Workspace) && Path::new(place).is_dir() {
        return None;
    }
    let (folder, name) = place.rsplit_once('/')?;
    let alike = !recursive
        && scope.is_some_and(|scope| WIDE.contains(&scope))
        && !Path::new(path).is_symlink()
        && !place.contains("/.")
        && !Path::new(place).is_dir();
    match name.rsplit_once('.') {
        Some((stem, ending)) if alike && !stem.is_empty() && !ending.is_empty() => {
            Some((format!("{folder}/"), Some(ending.to_owned())))
        }
        _ => Some((place.to_owned(), None)),
    }
}

/// Where a path leads, every link followed; what is not there yet lies in the directory that is. `None`: a link that leads nowhere.
fn lies(path: &Path) -> Option<PathBuf> {
    if let Ok(place) = std::fs::canonicalize(path) {
        return Some(place);
    }
    if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        return None;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Some(lies(parent)?.join(name)),
        _ => Some(path.to_owned()),
    }
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Digest of the variables that steer programs and are not the session's own.
    pub steering: String,
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
    /// Digest of the variables that steer programs and are not the session's own.
    pub steering: &'a str,
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
            steering: part("steering"),
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
            && self.steering == here.steering
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
        private::keep(&self.directory, &grant.id, &text, true)
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
        grants.arrange_by(|a, b| a.given.cmp(&b.given).then(a.id.cmp(&b.id)));
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
        let kept: Value = serde_json::from_slice(&file::read_bounded(&mut opened, LARGEST).ok()?).ok()?;
        let text = |name: &str| written(&kept, name);
        let number = |name: &str| kept.get(name)?.as_u64();
        Some(Grant {
            id: text("id")?,
            session: text("session")?,
            pattern: Pattern::kept(kept.get("pattern")?)?,
            policy: text("policy")?,
            place: text("place")?,
            steering: text("steering")?,
            given: number("given")?,
            expires: number("expires")?,
            boot: text("boot")?,
            record: text("record")?,
        })
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
