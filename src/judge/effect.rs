//! The tier of one effect: the table's cell with its conditions.

use super::law::{Context, Law};
use super::pattern::name_matches;
use super::production;
use super::scope::{Atlas, Placed};
use super::sensitive;
use super::table;
use super::when::{host_of, path_of};
use crate::action::code::Remote;
use crate::action::{
    Action, Bound, CodeOrigin, Effect, EffectKind, Flag, GapKind, Object, Part, Scope, Value, world::FileKind,
};
use crate::policy::Tier;

/// What the table says of an effect.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The rule.
    pub id: String,
    /// Its tier.
    pub tier: Tier,
    /// Whether it is certain.
    pub certain: bool,
    /// The scope that decided.
    pub scope: Option<Scope>,
    /// Humans needed.
    pub approvals: u8,
    /// The object is a file of secrets.
    pub secret: bool,
}

/// Asks the table.
pub struct Clerk<'a> {
    /// The policy.
    pub law: &'a dyn Law,
    /// The surroundings.
    pub context: &'a Context,
    /// The places.
    pub atlas: &'a Atlas<'a>,
    /// An earlier action of the line has chosen production.
    pub production: bool,
    /// What the line itself has made so far.
    pub own: &'a super::own::Own<'a>,
    /// What the project's build has made.
    pub built: &'a super::built::Built<'a>,
}

impl Clerk<'_> {
    /// Every rule of the table that fires on the effect; none: autonomous.
    #[must_use]
    #[inline(never)]
    pub fn rulings(&self, action: &Action, effect: &Effect, placed: Option<&Placed>) -> Vec<Ruling> {
        let mut out = Vec::new();
        if let Some(placed) = placed {
            self.path(action, effect, placed, &mut out);
        } else {
            self.other(action, effect, &mut out);
        }
        out.retain(|ruling| ruling.tier > Tier::Autonomous);
        for ruling in &mut out {
            // Every ref is certainly pushed, whatever their names are.
            // What is named below a credential's own directory is one, whatever its name.
            let anchored = effect.kind == EffectKind::Reads
                && ruling.scope == Some(Scope::Credential)
                && path_of(&effect.object).is_some_and(|path| self.is_anchored(path));
            ruling.certain &= effect.certain || effect.flags.has(Flag::AllRefs) || anchored;
            ruling.certain |= ruling.scope == Some(Scope::Credential)
                && path_of(&effect.object).is_some_and(super::scope::names_credential);
        }
        out
    }

    /// Whether the known beginning of a path is a directory of credentials, and its end names no public part of them.
    fn is_anchored(&self, path: &Value) -> bool {
        let Some(slash) = path.prefix().iter().rposition(|byte| *byte == b'/') else { return false };
        let directory = path.prefix().get(..slash).unwrap_or_default();
        let public = matches!(path.parts.last(), Some(Part::Known(tail)) if tail.ends_with(b".pub"));
        !public && !directory.is_empty() && self.atlas.lexical(directory) == Scope::Credential
    }

    fn path(&self, action: &Action, effect: &Effect, placed: &Placed, out: &mut Vec<Ruling>) {
        let kind = effect.kind;
        if !table::PATH_EFFECTS.contains(&kind) {
            // `sends`, `queries`, `listens` … on a path: the file is only where it goes.
            return self.other(action, effect, out);
        }
        let named = path_of(&effect.object).and_then(Value::text);
        let shared = named.is_some_and(|path| Atlas::is_no_device(path) || super::scope::is_own_port(path));
        if shared && !matches!(kind, EffectKind::Deletes | EffectKind::Permits | EffectKind::Executes) {
            return;
        }
        if kind == EffectKind::Executes && path_of(&effect.object).and_then(Value::text) == Some(b"/dev/null") {
            // There is nothing in it.
            return;
        }
        for (scopes, certain) in [(placed.certain, true), (placed.possible, false)] {
            for scope in scopes.iter() {
                if !certain && placed.certain.has(scope) {
                    continue;
                }
                let tier = self.cell(action, effect, placed, scope);
                if tier > Tier::Autonomous {
                    out.push(Ruling {
                        id: table::cell_id(kind, scope),
                        tier,
                        certain,
                        scope: Some(scope),
                        approvals: 1,
                        secret: placed.secret,
                    });
                }
            }
        }
        // A shell that takes a file of secrets as its own script has read it.
        let sourced = matches!(&effect.object, Object::Code { language, .. } if language == "sh");
        if kind == EffectKind::Executes && sourced && placed.secret {
            let id = "core.reads-secret".to_owned();
            let scope = Some(Scope::Sensitive);
            out.push(Ruling { id, tier: Tier::Supervised, certain: true, scope, approvals: 1, secret: true });
        }
        if kind == EffectKind::Reads {
            let tree = effect.flags.has(Flag::Recursive) && super::tree::is_copied_by(action);
            if tree
                && !placed.secret
                && path_of(&effect.object).is_some_and(|path| super::tree::holds_secret(path, action, self.atlas))
            {
                let id = "core.reads-secret".to_owned();
                let scope = Some(Scope::Sensitive);
                out.push(Ruling { id, tier: Tier::Supervised, certain: true, scope, approvals: 1, secret: true });
            }
            let in_reach = placed.certain.has(Scope::Sensitive)
                || placed.certain.has(Scope::Workspace)
                || placed.certain.has(Scope::Temp);
            if placed.secret && in_reach {
                let id = "core.reads-secret".to_owned();
                out.push(Ruling {
                    id,
                    tier: Tier::Supervised,
                    certain: true,
                    scope: Some(Scope::Sensitive),
                    approvals: 1,
                    secret: true,
                });
            } else if placed.maybe_secret && placed.possible.is_empty() {
                let id = "core.reads-secret".to_owned();
                out.push(Ruling {
                    id,
                    tier: Tier::Supervised,
                    certain: false,
                    scope: Some(Scope::Sensitive),
                    approvals: 1,
                    secret: true,
                });
            }
            if placed.key && placed.certain.has(Scope::Guard) {
                let id = "core.reads-key".to_owned();
                out.push(Ruling {
                    id,
                    tier: Tier::Prohibited,
                    certain: true,
                    scope: Some(Scope::Guard),
                    approvals: 1,
                    secret: true,
                });
            }
        }
        if placed.certain.is_empty() && placed.possible.is_empty() && kind != EffectKind::Names {
            let id = format!("core.{}-unknown", kind.name());
            out.push(Ruling { id, tier: Tier::Supervised, certain: false, scope: None, approvals: 1, secret: true });
        }
    }

    fn cell(&self, action: &Action, effect: &Effect, placed: &Placed, scope: Scope) -> Tier {
        let raw = table::cell(effect.kind, scope);
        match (effect.kind, scope) {
            (EffectKind::Overwrites | EffectKind::Deletes, Scope::Workspace) if self.comes_back(effect, placed) => {
                Tier::Autonomous
            }
            (EffectKind::Deletes, Scope::Workspace) if is_kept_by_git(action) && self.is_named_below(placed) => {
                Tier::Autonomous
            }
            (EffectKind::Overwrites | EffectKind::Deletes, Scope::Temp) if placed.temp_root || placed.bare_glob => {
                Tier::Supervised
            }
            (EffectKind::Deletes | EffectKind::Permits, Scope::System) if effect.kind == EffectKind::Permits => raw,
            (EffectKind::Permits, Scope::Workspace) if harmless_mode(action) => Tier::Autonomous,
            (EffectKind::Permits, Scope::Temp) if sets_id(action) => Tier::Supervised,
            (EffectKind::Executes, Scope::Guard) => Tier::Prohibited,
            (EffectKind::Executes, _) => self.executes(action, effect, scope),
            _ => raw,
        }
    }

    /// Whether git or a build brings it back, or nothing is there yet.
    fn comes_back(&self, effect: &Effect, placed: &Placed) -> bool {
        let world = self.atlas.world();
        let regenerable = |path: &[u8]| {
            self.atlas.relative(path).is_some_and(|own| {
                sensitive::is_regenerable_name(own) && (world.ignored(path) || sensitive::is_tools_own(own))
            })
        };
        if placed.paths.is_empty() || path_of(&effect.object).is_some_and(|value| value.text().is_none()) {
            let Some(value) = path_of(&effect.object) else { return false };
            if value.has_hole() {
                // A producer bounded to the workspace (`rg -l … | xargs sed -i`) names its files; deleting them asks, but
                // for what a build makes again, wherever it lies (`find . -name '*.pyc'`).
                let [Part::Hole(hole)] = value.parts.as_slice() else { return false };
                let Bound::Below { directory, names, .. } = &hole.bound else { return false };
                let again = |name: &Vec<u8>| {
                    let deeper = super::scope::join(&super::scope::join(directory, b"x"), name);
                    sensitive::is_tools_own(name)
                        || sensitive::is_regenerable_name(name)
                            && world.ignored(&super::scope::join(directory, name))
                            && world.ignored(&deeper)
                };
                return self.atlas.relative(directory).is_some()
                    && (effect.kind == EffectKind::Overwrites
                        || !names.is_empty() && names.iter().all(again)
                        || regenerable(directory));
            }
            let shown = value.display();
            return regenerable(&shown);
        }
        placed.paths.iter().all(|path| {
            if self.atlas.relative(path).is_some_and(<[u8]>::is_empty) {
                return false;
            }
            let new = effect.kind == EffectKind::Overwrites && world.kind(path) == FileKind::Missing;
            let own = effect.kind == EffectKind::Deletes && self.own.has(path);
            new || own || regenerable(path) || world.restorable(path)
        })
    }

    /// Whether the paths are known, and none is the workspace itself.
    fn is_named_below(&self, placed: &Placed) -> bool {
        let below = |path: &Vec<u8>| self.atlas.relative(path).is_some_and(|own| !own.is_empty());
        !placed.paths.is_empty() && placed.paths.iter().all(below)
    }

    fn executes(&self, action: &Action, effect: &Effect, scope: Scope) -> Tier {
        let raw = table::cell(EffectKind::Executes, scope);
        let walled = !self.context.walls.is_empty();
        let (proven, native) = match &effect.object {
            // What was read of a file is no proof where the line has changed it since.
            Object::Code { proven, language, origin: CodeOrigin::File(file) } => {
                let spared = || file.text().is_some_and(|file| self.built.spares(file, language));
                let named = || !super::built::is_shell(language) && super::built::leaves(action, self.law);
                // What activates an environment is made by what makes the environment.
                let activates = scope == Scope::Sensitive && super::built::is_shell(language);
                (*proven && (activates || spared()) && !named(), language == "native")
            }
            Object::Code { proven, language, .. } => (*proven, language == "native"),
            _ => (false, action.program.is_some()),
        };
        // A compiler or interpreter that an option chooses: the system's own are known.
        let chosen = matches!(&effect.object, Object::Code { language, .. } if language == "program");
        let known = !action.gaps.iter().any(|gap| gap.kind == GapKind::UnknownProgram);
        match scope {
            Scope::Workspace if proven || walled => Tier::Autonomous,
            Scope::Workspace if self.built.is_started_by(action, self.law, self.atlas) => Tier::Autonomous,
            // A runner builds and tests what is there; a file of code that is named to it is a script unless it is committed.
            Scope::Workspace if action.runner && (native || self.committed(effect)) => Tier::Autonomous,
            Scope::Sensitive if action.runner || proven => Tier::Autonomous,
            // A known tool that is installed in the workspace's own environment, as `npx` would run it.
            // A file of code that is named to an interpreter is none of them.
            Scope::Sensitive | Scope::Workspace
                if known
                    && path_of(&effect.object)
                        .is_some_and(|file| action.path.as_deref() == file.text() && is_installed(file)) =>
            {
                Tier::Autonomous
            }
            // A runner that is pointed at a directory of the system leaves the workspace.
            Scope::System if (native && known && !action.runner) || proven || chosen => Tier::Autonomous,
            _ => raw,
        }
    }

    /// Whether what is executed lies in the repository as it was committed.
    fn committed(&self, effect: &Effect) -> bool {
        path_of(&effect.object).and_then(Value::text).is_some_and(|path| self.atlas.world().restorable(path))
    }

    fn other(&self, action: &Action, effect: &Effect, out: &mut Vec<Ruling>) {
        let kind = effect.kind;
        let mut push = |id: &str, tier: Tier, certain: bool, approvals: u8| {
            out.push(Ruling { id: id.to_owned(), tier, certain, scope: None, approvals, secret: false });
        };
        let plain = format!("core.{}", kind.name());
        let loopback = host_of(&effect.object).is_some_and(|host| host.text().is_some_and(is_loopback));
        match kind {
            EffectKind::Reads => {
                if let Object::Variable(name) = &effect.object {
                    if name == b"*" {
                        push("core.reads-environment", Tier::Supervised, true, 1);
                    } else if is_secret_variable(name) {
                        push("core.reads-secret-variable", Tier::Supervised, true, 1);
                    }
                }
            }
            EffectKind::Names | EffectKind::Decodes => {}
            EffectKind::Writes | EffectKind::Overwrites | EffectKind::Deletes | EffectKind::Permits => {
                // An effect declared for operands that are not there, beside operands that are.
                let elsewhere = action.operands.is_empty() && action.coverage == crate::action::Coverage::Full
                    || action.effects.iter().any(|other| path_of(&other.object).is_some());
                if matches!(effect.object, Object::None) && elsewhere {
                    return;
                }
                if !matches!(effect.object, Object::Variable(_)) {
                    push(&format!("core.{}-unknown", kind.name()), Tier::Supervised, true, 1);
                }
            }
            EffectKind::Executes => self.code(action, effect, &mut push),
            EffectKind::Connects => {
                let host = host_of(&effect.object);
                let metadata = host.as_ref().is_some_and(|host| host.text().is_some_and(super::metadata::is_metadata));
                let sends = action.effects.iter().any(|other| other.kind == EffectKind::Sends);
                let device = action.effects.iter().any(|other| {
                    path_of(&other.object)
                        .and_then(Value::text)
                        .is_some_and(|path| self.atlas.lexical(path) == Scope::Device)
                });
                // The forge that has the branch is told of it: see the reader of `gh pr create`.
                // A variable of the line may lead it elsewhere.
                let led = |name: &[u8]| [b"GH_".as_slice(), b"GIT", b"GL"].iter().any(|start| name.starts_with(start));
                let draft = effect.flags.has(Flag::Draft)
                    && matches!(effect.object, Object::Remote { .. })
                    && !action.assigns.iter().any(|(name, _)| led(name));
                if draft && !self.law.production() {
                } else if metadata {
                    push("core.connects-metadata", Tier::Prohibited, true, 1);
                } else if loopback && !sends && !device {
                } else if self.law.production() && !loopback {
                    push("core.connects-production", Tier::Prohibited, true, 1);
                } else {
                    push(&plain, Tier::Supervised, true, 1);
                }
            }
            EffectKind::Listens => {
                if !loopback {
                    push(&plain, Tier::Supervised, true, 1);
                }
            }
            EffectKind::Sends => {
                let secret = effect.feed.files.iter().any(|file| {
                    let placed = self.atlas.place(&Value::known(file.clone()), false);
                    placed.secret
                        || placed.certain.has(Scope::Credential)
                        || self.atlas.world().kind(file) == FileKind::Directory
                            && !super::tree::is_narrowed(action)
                            && super::tree::holds_secret(&Value::known(file.clone()), action, self.atlas)
                });
                let environment = |other: &Effect| {
                    other.kind == EffectKind::Reads && matches!(&other.object, Object::Variable(name) if name == b"*")
                };
                if production::is_host(&effect.object) {
                    push("core.sends-production", Tier::Prohibited, true, 1);
                }
                if secret || !loopback && action.effects.iter().any(environment) {
                    push("core.sends-secret", Tier::Prohibited, true, 1);
                }
                push(&plain, Tier::Supervised, true, 1);
            }
            EffectKind::Publishes | EffectKind::Rewrites => {
                let protected = match &effect.object {
                    Object::Ref(name) => self
                        .law
                        .list("protected")
                        .iter()
                        .filter_map(|glob| name_matches(glob, short(name).as_ref().unwrap_or(name)))
                        .max(),
                    _ => None,
                };
                if effect.flags.has(Flag::AllRefs) || action.flags.has(Flag::AllRefs) {
                    push(&format!("{plain}-protected"), Tier::Prohibited, true, 1);
                }
                if let Some(certain) = protected {
                    push(&format!("{plain}-protected"), Tier::Prohibited, certain, 1);
                }
                if !(kind == EffectKind::Publishes && effect.flags.has(Flag::Draft)) {
                    push(&plain, Tier::Supervised, true, 1);
                }
            }
            EffectKind::Signals => {
                if !own_process(&effect.object) {
                    push(&plain, Tier::Supervised, true, 1);
                }
            }
            EffectKind::Queries => {
                let local = loopback
                    || matches!(&effect.object, Object::None)
                    || path_of(&effect.object).is_some_and(|path| {
                        let placed = self.atlas.place(path, false);
                        placed.possible.is_empty()
                            && placed
                                .certain
                                .iter()
                                .all(|scope| matches!(scope, Scope::Workspace | Scope::Sensitive | Scope::Temp))
                    });
                if !local {
                    push(&plain, Tier::Supervised, true, 1);
                }
            }
            EffectKind::Modifies | EffectKind::Deploys => {
                let production = self.law.production() || self.production || production::is_named(action, self.atlas);
                if production {
                    push(&format!("{plain}-production"), Tier::Prohibited, true, 1);
                }
                if kind == EffectKind::Modifies && effect.flags.has(Flag::Drops) {
                    push("core.modifies-drops", Tier::Supervised, true, 2);
                }
                push(&plain, Tier::Supervised, true, 1);
            }
            EffectKind::Installs
            | EffectKind::Commits
            | EffectKind::Escalates
            | EffectKind::Configures
            | EffectKind::Spends => push(&plain, Tier::Supervised, true, 1),
        }
    }

    fn code(&self, action: &Action, effect: &Effect, push: &mut dyn FnMut(&str, Tier, bool, u8)) {
        let walled = !self.context.walls.is_empty();
        match &effect.object {
            Object::Code { language, .. } if language == "fork-bomb" => {
                push("core.fork-bomb", Tier::Prohibited, true, 1)
            }
            Object::Code { proven: true, .. } => {}
            Object::Code { language, .. } if language == Remote::Shell.language() => {
                push("core.flow-remote-shell", Tier::Prohibited, true, 1);
            }
            Object::Code { language, .. } if language == Remote::Download.language() => {
                push("core.executes-downloaded", Tier::Prohibited, true, 1);
            }
            Object::Code { origin, .. } => match origin {
                CodeOrigin::Inline => push("core.executes-inline", Tier::Supervised, true, 1),
                CodeOrigin::Stdin => push("core.executes-stdin", Tier::Supervised, true, 1),
                CodeOrigin::Network => push("core.executes-network", Tier::Supervised, true, 1),
                CodeOrigin::File(_) => push("core.executes-unknown", Tier::Supervised, true, 1),
                CodeOrigin::Workspace => {
                    if !action.runner && !walled {
                        push("core.executes-workspace", Tier::Supervised, true, 1);
                    }
                }
            },
            _ if action.runner => {}
            _ => push("core.executes-unknown", Tier::Supervised, true, 1),
        }
    }
}

/// Whether a program lies where package managers put the workspace's own tools.
fn is_installed(file: &Value) -> bool {
    let Some(path) = file.text() else { return false };
    let mut parts = path.rsplit(|byte| *byte == b'/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(b".bin"), Some(b"node_modules")) | (Some(b"bin"), Some(b"vendor")) => true,
        (Some(b"bin"), Some(directory)) => matches!(directory, b".venv" | b"venv" | b".env" | b"env"),
        _ => false,
    }
}

/// `git rm` takes away what is as it was committed, and refuses the rest unless it is forced.
fn is_kept_by_git(action: &Action) -> bool {
    let removes = action.program.as_deref() == Some(b"git") && action.sub == ["rm"];
    removes && !action.flags.has(Flag::Force) && action.gaps.is_empty()
}

fn short(name: &Value) -> Option<Value> {
    let text = name.text()?;
    Some(Value::known(text.strip_prefix(b"refs/heads/").unwrap_or(text)))
}

/// Whether the host is this machine.
#[must_use]
pub fn is_loopback(host: &[u8]) -> bool {
    host == b"localhost"
        || host.ends_with(b".localhost")
        || host == b"::1"
        || host == b"[::1]"
        || (host.starts_with(b"127.") && host.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

fn own_process(object: &Object) -> bool {
    let Object::Process(value) = object else { return false };
    match value.parts.as_slice() {
        [Part::Known(text)] => text.first() == Some(&b'%'),
        // Whoever called the shell sees it end.
        [Part::Hole(hole)] => hole.is_own_process(),
        _ => false,
    }
}

/// Whether a variable's name says that it holds a secret.
#[must_use]
pub fn is_secret_variable(name: &[u8]) -> bool {
    let upper = name.to_ascii_uppercase();
    let tokens: Vec<&[u8]> = upper.split(|byte| *byte == b'_').collect();
    let holds = |word: &str| tokens.contains(&word.as_bytes());
    let ends = |word: &str| upper.ends_with(word.as_bytes());
    if ends("KEY_FILE") || ends("KEYBOARD") || upper == b"SSH_AUTH_SOCK" {
        return false;
    }
    [
        "TOKEN",
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "CREDENTIALS",
        "PAT",
        "APIKEY",
        "PWD",
    ]
    .iter()
    .any(|word| holds(word) && !(*word == "PWD" && tokens.len() == 1) && !(*word == "PWD" && upper == b"OLD_PWD"))
        || (holds("KEY")
            && (holds("API")
                || holds("ACCESS")
                || holds("PRIVATE")
                || holds("ENCRYPTION")
                || holds("SIGNING")
                || holds("MASTER")
                || tokens.len() > 1))
        || ends("TOKEN")
        || ends("SECRET")
        || ends("PASSWORD")
        || ends("APIKEY")
        || upper == b"PGPASSWORD"
        || upper == b"DATABASE_URL"
}

/// The mode given to `chmod`. It may look like an option (`-x`, `-w`), so it is taken from the words.
pub(super) fn mode_of(action: &Action) -> Option<&[u8]> {
    if action.program.as_deref() != Some(b"chmod") {
        return None;
    }
    let mut words = action.argv.iter().skip(1).map(Value::text);
    let mode = words.find(|word| {
        !word.is_some_and(|word| word.starts_with(b"--") || matches!(word, b"-R" | b"-v" | b"-c" | b"-f"))
    });
    mode.flatten().filter(|mode| !mode.is_empty())
}

/// Whether whoever starts the file gets its owner's or group's rights from then on.
fn sets_id(action: &Action) -> bool {
    let Some(mode) = mode_of(action) else { return false };
    if mode.iter().all(u8::is_ascii_digit) {
        let leading = mode.len().checked_sub(4).and_then(|at| mode.get(at));
        return leading.is_some_and(|digit| b"24567".contains(digit));
    }
    mode.split(|byte| *byte == b',').any(|clause| {
        clause.iter().position(|byte| b"+=".contains(byte)).is_some_and(|at| clause[at..].contains(&b's'))
    })
}

/// `chmod` modes that only add or take execution, give their owner rights, or take those of group and others.
fn harmless_mode(action: &Action) -> bool {
    let Some(mode) = mode_of(action) else { return false };
    let recursive = action.argv.iter().any(|word| matches!(word.text(), Some(b"-R" | b"--recursive")));
    if recursive && mode.iter().all(u8::is_ascii_digit) {
        return false;
    }
    if mode.iter().all(u8::is_ascii_digit) {
        let digits: Vec<u8> = mode.iter().map(|byte| byte - b'0').collect();
        let plain = match digits.as_slice() {
            rest if rest.len() == 3 => rest.to_vec(),
            [0, rest @ ..] if rest.len() == 3 => rest.to_vec(),
            _ => return false,
        };
        return matches!(plain.as_slice(), [owner, group, other] if *owner & 4 == 4 && group & 2 == 0 && other & 2 == 0);
    }
    mode.split(|byte| *byte == b',').all(|clause| {
        let who: Vec<u8> = clause.iter().copied().take_while(|byte| b"ugoa".contains(byte)).collect();
        let rest = clause.get(who.len()..).unwrap_or_default();
        match rest.split_first() {
            Some((b'+', bits)) => {
                let own = who.as_slice() == b"u";
                !bits.is_empty() && bits.iter().all(|bit| b"xX".contains(bit) || own && b"rw".contains(bit))
            }
            Some((b'-', bits)) => {
                !bits.is_empty()
                    && (bits.iter().all(|bit| b"xX".contains(bit))
                        || (!who.is_empty() && who.iter().all(|byte| b"go".contains(byte))))
            }
            Some((b'=', bits)) => !who.is_empty() && who.iter().all(|byte| b"go".contains(byte)) && bits.is_empty(),
            _ => false,
        }
    })
}
