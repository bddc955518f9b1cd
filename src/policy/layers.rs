//! Merges the layers: what needs more than one file to be checked, and what trust decides.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::asking::Asking;
use super::bucket::buckets;
use super::checked::Policy;
use super::file::PolicyFile;
use super::problem::{Problem, Problems};
use super::profile::USUAL_PROFILE;
use super::rule::Layer;
use super::settings::{SessionLimits, Settings};
use crate::action::tool::Tools as _;

/// A policy file as the caller found it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Which layer it is.
    pub layer: Layer,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// What a human said of it.
    pub trust: Trust<'a>,
}

/// Whether what loosens in a file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust<'a> {
    /// A human trusted these bytes.
    Trusted,
    /// A human trusted other bytes, these: both are judged, the stricter answer holds.
    Edited {
        /// The last trusted bytes.
        last: &'a [u8],
    },
    /// Nobody trusted any: only what tightens counts.
    Untrusted,
}

/// What loading gives.
#[derive(Debug)]
pub struct Loaded {
    /// The files as they are.
    pub current: Policy,
    /// The files as last trusted, where one was edited since. Judge by both and take the stricter verdict.
    pub trusted: Option<Policy>,
    /// What waits for `vetsh trust`, for `doctor`: "policy.toml: 2 relaxations".
    pub waiting: Vec<String>,
}

impl Loaded {
    /// The built-in packs alone.
    #[must_use]
    pub fn builtin() -> Loaded {
        Loaded { current: Policy::builtin(), trusted: None, waiting: Vec::new() }
    }

    /// The settings in force: those of the trusted copy where a file was edited since. A stricter environment counts at once.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = self.trusted.as_ref().unwrap_or(&self.current).settings().clone();
        settings.environment = settings.environment.max(self.current.settings().environment);
        settings.session = self.session_limits();
        settings.asking = self.asking();
        if self.trusted.is_some() {
            settings.walls.tighten(&self.current.settings().walls);
        }
        settings
    }

    /// When a session ends: the stricter of all that is written counts at once.
    #[must_use]
    pub fn session_limits(&self) -> SessionLimits {
        self.policies().map(|policy| policy.settings().session).fold(SessionLimits::default(), SessionLimits::and)
    }

    /// What every yes must be: all that is written counts at once.
    #[must_use]
    pub fn asking(&self) -> Asking {
        self.policies().fold(Asking::default(), |mut all, policy| {
            let asking = &policy.settings().asking;
            all.add(asking.approvals, &asking.require);
            all
        })
    }

    /// The policies to judge by.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.current).chain(&self.trusted)
    }
}

/// Which of the judge's own rules (`core.…`) there are, and whether they are locked. `None`: there is no such rule.
pub type CoreRules<'a> = &'a dyn Fn(&str) -> Option<bool>;

/// Loads the layers. `today` is the UTC day as `YYYY-MM-DD`.
///
/// # Errors
/// Everything that is wrong with the files: then nothing may run.
pub fn load(sources: &[Source<'_>], today: &str, core: CoreRules<'_>) -> Result<Loaded, Problems> {
    let changed: Vec<&Source<'_>> = sources.iter().filter(|source| !is_default(source)).collect();
    if changed.is_empty() {
        return Ok(Loaded::builtin());
    }
    let mut waiting = Vec::new();
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for source in &changed {
        match read(source, source.bytes) {
            Ok(mut file) => {
                if source.layer != Layer::System && source.trust == Trust::Untrusted {
                    problems.extend(project_problems(&file));
                    strip(&mut file, &mut waiting);
                }
                files.push(file);
            }
            Err(wrong) => problems.extend(wrong),
        }
    }
    let current = if problems.is_empty() { merge(&files, &changed, today, core) } else { Err(problems) };
    let current = current.map_err(Problems)?;
    let trusted = last_trusted(&changed, today, core, &mut waiting);
    Ok(Loaded { current, trusted, waiting })
}

/// The user's file as installed says what is built in.
fn is_default(source: &Source<'_>) -> bool {
    source.layer == Layer::User
        && source.bytes == crate::config::DEFAULT_POLICY.as_bytes()
        && !matches!(source.trust, Trust::Edited { .. })
}

fn read(source: &Source<'_>, bytes: &[u8]) -> Result<PolicyFile, Vec<Problem>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(vec![Problem::whole(source.name, "the file is not UTF-8", "save it as UTF-8")]);
    };
    let (file, problems) = PolicyFile::read(source.name, text, source.layer);
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// The policy of the last trusted copies, where a file was edited since. A copy that no longer loads loosens nothing: the
/// built-in rules stand in for it.
fn last_trusted(
    sources: &[&Source<'_>],
    today: &str,
    core: CoreRules<'_>,
    waiting: &mut Vec<String>,
) -> Option<Policy> {
    let mut edited = false;
    let mut files = Vec::new();
    for source in sources {
        let bytes = match source.trust {
            Trust::Trusted => source.bytes,
            Trust::Edited { last } => {
                edited = true;
                waiting.push(format!("{}: edited since it was last trusted", source.name));
                last
            }
            Trust::Untrusted => continue,
        };
        files.extend(read(source, bytes).ok());
    }
    if !edited {
        return None;
    }
    Some(merge(&files, sources, today, core).unwrap_or_else(|_| Policy::builtin()))
}

/// What an untrusted project file must not hold at all.
fn project_problems(file: &PolicyFile) -> Vec<Problem> {
    if file.layer != Layer::Project {
        return Vec::new();
    }
    let problem = |(what, span): &(&str, std::ops::Range<usize>)| {
        file.problem(
            span.clone(),
            format!("{what} loosens, and this project file is not trusted"),
            "read the file, then run `vetsh trust`; or keep to [[rule]], and to additions under [list] and [scope]",
        )
    };
    file.loosening.iter().map(problem).collect()
}

/// Leaves only what tightens.
fn strip(file: &mut PolicyFile, waiting: &mut Vec<String>) {
    for (what, _) in &file.loosening {
        waiting.push(format!("{}: {what}", file.name));
    }
    file.tools.list.clear();
    file.tools.cases.clear();
    file.relaxes.clear();
    file.settings = file.settings.tightening();
    file.scopes.retain(|scope, _| {
        use crate::action::Scope;
        matches!(scope, Scope::Sensitive | Scope::Credential | Scope::Restricted | Scope::Guard)
    });
    for change in &mut file.lists {
        change.remove.clear();
    }
}

fn merge(
    files: &[PolicyFile],
    sources: &[&Source<'_>],
    today: &str,
    core: CoreRules<'_>,
) -> Result<Policy, Vec<Problem>> {
    let mut policy = Policy::builtin();
    let mut problems = Vec::new();
    merge_lists(&mut policy, files, &mut problems);
    for file in files {
        merge_rules(&mut policy, file, &mut problems);
        merge_tools(&mut policy, file);
        for (scope, paths) in &file.scopes {
            policy.scopes.entry(*scope).or_default().extend(paths.iter().cloned());
        }
        merge_profiles(&mut policy, file, &mut problems);
        file.settings.over(&mut policy.settings);
        policy.version = file.version.clone().or(policy.version.take());
    }
    // After all rules are known.
    for file in files {
        merge_relaxes(&mut policy, file, today, core, &mut problems);
    }
    for (file, rule) in files.iter().flat_map(|file| file.rules.iter().map(move |rule| (file, rule))) {
        if let Some(name) = rule.rule.profile.as_ref().filter(|name| policy.profile(name).is_none()) {
            let remedy = format!("define [profile.{name}], or name one of: {}", policy.profile_names().join(", "));
            problems.push(file.problem(rule.span.clone(), format!("there is no profile `{name}`"), remedy));
        }
    }
    for name in &policy.settings.walls.profiles {
        if policy.profile(name).is_none()
            && let Some(file) = files.iter().rev().find(|file| file.text.contains(name.as_str()))
        {
            let remedy = format!("define [profile.{name}], or name one of: {}", policy.profile_names().join(", "));
            problems.push(file.problem(0..0, format!("there is no profile `{name}`"), remedy));
        }
    }
    policy.digest = digest(&policy, sources);
    if problems.is_empty() { Ok(policy) } else { Err(problems) }
}

fn merge_lists(policy: &mut Policy, files: &[PolicyFile], problems: &mut Vec<Problem>) {
    let named = |file: &PolicyFile| {
        let rules = file.rules.iter().map(|rule| &rule.lists);
        rules.chain(file.relaxes.iter().map(|relax| &relax.lists)).any(|lists| !lists.named.is_empty())
    };
    // Most files say nothing of lists, and those of the packs are read where they are asked for.
    if !files.iter().any(|file| !file.lists.is_empty() || named(file)) {
        return;
    }
    let mut lists = policy.blob.map(|blob| blob.lists()).unwrap_or_default();
    // Lists whose growth loosens: named under `not`, or by a relaxation.
    let mut loosening: BTreeSet<String> = BTreeSet::new();
    if files.iter().any(|file| file.layer == Layer::Project && !file.lists.is_empty()) {
        for rule in policy.rules() {
            rule.when.iter().filter_map(|when| when.not.as_deref()).for_each(|not| named_lists(not, &mut loosening));
        }
    }
    for file in files {
        let named = file.rules.iter().map(|rule| &rule.lists).chain(file.relaxes.iter().map(|relax| &relax.lists));
        loosening.extend(
            named.flat_map(|lists| &lists.named).filter(|named| named.loosening).map(|named| named.name.clone()),
        );
    }
    for file in files {
        for change in &file.lists {
            if change.defines && lists.contains_key(&change.name) {
                let message = format!("the list `{}` exists already", change.name);
                problems.push(file.problem(change.span.clone(), message, "write { add = [\"…\"] } to add to it"));
            } else if file.layer == Layer::Project && !change.defines && loosening.contains(&change.name) {
                let message = format!("adding to `{}` would loosen a rule that excepts it", change.name);
                problems.push(file.problem(change.span.clone(), message, "let the user's own policy add to it"));
            } else {
                let entries = lists.entry(change.name.clone()).or_default();
                entries.extend(change.add.iter().cloned());
                entries.retain(|entry| !change.remove.contains(entry));
            }
        }
    }
    for file in files {
        let named = file.rules.iter().map(|rule| &rule.lists).chain(file.relaxes.iter().map(|relax| &relax.lists));
        for named in named.flat_map(|lists| &lists.named).filter(|named| !lists.contains_key(&named.name)) {
            let known: Vec<&str> = lists.keys().map(String::as_str).collect();
            problems.push(file.problem(
                named.span.clone(),
                format!("there is no list `{}`", named.name),
                format!("define it under [list]; there are: {}", known.join(", ")),
            ));
        }
    }
    policy.lists = Some(lists);
}

fn named_lists(when: &super::When, found: &mut BTreeSet<String>) {
    let context = when.context.as_ref().map(|context| {
        [
            &context.branch,
            &context.agent,
            &context.profile,
            &context.env,
            &context.kube,
            &context.cloud,
            &context.walls,
            &context.host,
        ]
    });
    let effect = when.effect.as_ref().map(|effect| [&effect.path, &effect.host]);
    let own = [
        &when.program,
        &when.sub,
        &when.option,
        &when.operand,
        &when.host,
        &when.package,
        &when.refs,
        &when.remote,
        &when.via,
    ];
    let all = own.into_iter().chain(context.into_iter().flatten()).chain(effect.into_iter().flatten()).flatten();
    found.extend(all.filter_map(|text| super::when_table::list_name(text)).map(str::to_owned));
}

fn merge_rules(policy: &mut Policy, file: &PolicyFile, problems: &mut Vec<Problem>) {
    for written in &file.rules {
        if policy.rule(&written.rule.id).is_some() {
            problems.push(file.problem(
                written.span.clone(),
                format!("the id `{}` is taken", written.rule.id),
                "an id is never reused: choose another",
            ));
            continue;
        }
        let mut rule = written.rule.clone();
        // A rule may name a program by any of its names; knowledge goes by the declared one.
        for program in rule.when.iter_mut().flat_map(|when| &mut when.program) {
            if let Some(declared) =
                policy.command(&[program.as_bytes()]).and_then(|command| command.path.first().cloned())
            {
                *program = declared;
            }
        }
        let number = policy.rules.len();
        for bucket in buckets(&rule) {
            policy.buckets.entry(bucket).or_default().push(number);
        }
        policy.rules.push(Rc::new(rule));
        policy.cases.extend(written.cases.iter().cloned());
    }
    policy.cases.extend(file.tools.cases.iter().cloned());
}

fn merge_tools(policy: &mut Policy, file: &PolicyFile) {
    // Every path by every name: `also` names at each level.
    let mut paths: Vec<Vec<Vec<u8>>> = Vec::new();
    for tool in &file.tools.list {
        let above = tool.parent.and_then(|at| paths.get(at).cloned()).unwrap_or_default();
        let mut own = Vec::new();
        for name in &tool.names {
            if above.is_empty() {
                own.push(name.as_bytes().to_vec());
            }
            own.extend(above.iter().map(|path| [path.as_slice(), name.as_bytes()].join(&0)));
        }
        let command = Rc::new(tool.command.clone());
        // A table that only leads to a subcommand must not hide what is built in.
        let builtin: Vec<&[u8]> = tool.command.path.iter().map(String::as_bytes).collect();
        if tool.explicit || policy.builtin_command(&builtin).is_none() {
            for path in &own {
                policy.tools.insert(path.clone(), command.clone());
            }
        }
        paths.push(own);
    }
}

fn merge_profiles(policy: &mut Policy, file: &PolicyFile, problems: &mut Vec<Problem>) {
    for written in &file.profiles {
        if policy.profile(&written.name).is_some() {
            let message = format!("the profile `{}` exists already", written.name);
            problems.push(file.problem(
                written.span.clone(),
                message,
                "choose another name, and `base` for what it starts from",
            ));
            continue;
        }
        let (base, span) = written.base.clone().unwrap_or_else(|| (USUAL_PROFILE.to_owned(), written.span.clone()));
        match policy.profile(&base) {
            Some(base) => policy.profiles.push(written.over(&base)),
            None => {
                let remedy = format!("one of: {}", policy.profile_names().join(", "));
                problems.push(file.problem(span, format!("there is no profile `{base}`"), remedy));
            }
        }
    }
}

fn merge_relaxes(
    policy: &mut Policy,
    file: &PolicyFile,
    today: &str,
    core: CoreRules<'_>,
    problems: &mut Vec<Problem>,
) {
    for written in &file.relaxes {
        let id = written.relax.rule.as_str();
        let locked = match policy.rule(id) {
            Some(rule) => Some((rule.locked, rule.layer == Layer::System)),
            None => core(id).map(|locked| (locked, false)),
        };
        let wrong = match locked {
            None => Some((format!("there is no rule `{id}`"), "see `vetsh policy show` for the rules and their ids")),
            Some((_, true)) => Some((
                format!("`{id}` is the system's and cannot be relaxed"),
                "ask whoever owns /etc/vetsh/policy.toml",
            )),
            Some((true, false)) => Some((format!("`{id}` is locked and cannot be relaxed"), "drop this relaxation")),
            Some((false, false)) => None,
        };
        if let Some((message, remedy)) = wrong {
            problems.push(file.problem(written.span.clone(), message, remedy));
        } else if written.relax.expires.as_deref().is_none_or(|expires| today <= expires) {
            policy.relaxes.push(written.relax.clone());
        }
    }
}

/// Over the built-in digest and every file's layer, name and bytes.
fn digest(policy: &Policy, sources: &[&Source<'_>]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(policy.digest);
    for source in sources {
        hash.update([source.layer as u8]);
        hash.update((source.bytes.len() as u64).to_le_bytes());
        hash.update(source.bytes);
    }
    hash.finalize().into()
}

/// The lists of a policy with all their entries.
#[must_use]
pub fn all_lists(policy: &Policy) -> BTreeMap<String, Vec<String>> {
    policy.lists.clone().unwrap_or_else(|| policy.blob.map(|blob| blob.lists()).unwrap_or_default())
}
