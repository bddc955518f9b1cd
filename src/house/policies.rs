//! The policy in force: the layers read from disk, each with what a human last trusted of it.

use std::path::{Path, PathBuf};

use super::House;
use crate::action::World;
use crate::action::walk::{self, Running};
use crate::exit::Failure;
use crate::invocation::Line;
use crate::judge::{Context, Law, Weighed, core_rule, judge, judge_parsed};
use crate::parse::Script;
use crate::policy::asking::SIGNED;
use crate::policy::{Asking, Enforce, Layer, Loaded, Source, Tier, Trust, Walls, WallsMode, load};
use crate::session::machine;
use crate::sys::{clock, file, owner, user};
use crate::text::Arrange;
use crate::text::hexadecimal;

/// The policy in force.
#[derive(Debug)]
pub struct Policies {
    loaded: Loaded,
    files: Vec<PolicyText>,
    /// Where stands what a human trusted; none where only root's word loosens.
    guard: Option<PathBuf>,
    context: Context,
}

/// What holds of the policy for the whole run: its mark in records, and how they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// `version` of the nearest file that says one.
    pub version: Option<String>,
    /// SHA-256 over all layers; where a file was edited since it was trusted, over both policies that hold.
    pub sha256: String,
    /// Autonomous records are synced too.
    pub sync_all: bool,
    /// The log's cap in megabytes; 0: none.
    pub audit_cap: u64,
}

#[derive(Debug)]
struct PolicyText {
    name: String,
    layer: Layer,
    bytes: Vec<u8>,
    last: Option<Vec<u8>>,
}

/// Larger is no policy.
const LARGEST: usize = 4 << 20;

const SYSTEM: &[u8] = b"/etc/vetsh/policy.toml";

impl House {
    /// Reads the policy: the system's, the user's and their packs. What is there and cannot be read or loaded refuses
    /// everything.
    pub fn policies(&self) -> Result<Policies, Failure> {
        self.policies_with(None)
    }

    /// The policy as it would be if the user's file held `text` and a human had trusted it.
    pub fn policies_as_if(&self, text: &[u8]) -> Result<Policies, Failure> {
        self.policies_with(Some(text))
    }

    fn policies_with(&self, text: Option<&[u8]>) -> Result<Policies, Failure> {
        // What an agent's own user can write loosens nothing where the agent has a user of its own.
        let guard = (!self.is_ruled()).then(|| self.guard());
        let trusts = guard.is_some();
        let mut policies = Policies { loaded: Loaded::builtin(), files: Vec::new(), guard, context: self.context() };
        policies.read(Path::new(file::path(SYSTEM)), Layer::System)?;
        let own = self.config.join("policy.toml");
        match text {
            Some(text) => policies.files.push(PolicyText {
                name: own.display().to_string(),
                layer: Layer::User,
                bytes: text.to_vec(),
                last: trusts.then(|| text.to_vec()),
            }),
            None => policies.read(&own, Layer::User)?,
        }
        policies.read_packs(&self.config.join("packs"))?;
        if self.real_state.is_some() {
            // Another root only adds: what holds at home holds here.
            if let Some(home) = &self.home {
                let (config, _) = super::of_home(home);
                policies.read(&config.join("policy.toml"), Layer::User)?;
                policies.read_packs(&config.join("packs"))?;
            }
        }
        policies.load()?;
        Ok(policies)
    }
}

impl House {
    /// The surroundings a condition may ask for.
    fn context(&self) -> Context {
        use std::os::unix::ffi::OsStrExt;
        let label = self.session.label.agent.map(str::to_owned);
        let paths = [Some(&self.state), Some(&self.config), self.real_state.as_ref()];
        let guards = paths.into_iter().flatten().map(|path| path.as_os_str().as_bytes().to_vec()).collect();
        let today = (chrono::DateTime::UNIX_EPOCH + clock::now()).date_naive().to_string();
        let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        Context { today, agent: label, guards, host, clock: Some(local_clock), ..Context::default() }
    }
}

/// Minutes since midnight and weekday where the host stands.
fn local_clock() -> Option<(u16, &'static str)> {
    use chrono::{Datelike, Timelike, Weekday};
    let now = chrono::Local::now();
    let day = match now.weekday() {
        Weekday::Mon => "mon",
        Weekday::Tue => "tue",
        Weekday::Wed => "wed",
        Weekday::Thu => "thu",
        Weekday::Fri => "fri",
        Weekday::Sat => "sat",
        Weekday::Sun => "sun",
    };
    Some((u16::try_from(now.hour() * 60 + now.minute()).ok()?, day))
}

impl Policies {
    /// The project's files at the workspace's roots.
    pub fn add_projects(&mut self, roots: &[Vec<u8>]) -> Result<(), Failure> {
        let before = self.files.len();
        for root in roots {
            self.read(file::path(&machine::join(root, b".vetsh.toml")), Layer::Project)?;
        }
        if self.files.len() == before { Ok(()) } else { self.load() }
    }

    /// The workspace roots a trusted policy names, `~/` resolved.
    #[must_use]
    pub fn roots(&self, home: Option<&[u8]>) -> Vec<Vec<u8>> {
        let resolve = |root: &String| match root.strip_prefix("~/") {
            Some(rest) => home.map(|home| machine::join(home, rest.as_bytes())),
            None => Some(root.as_bytes().to_vec()),
        };
        self.loaded.settings().roots.iter().filter_map(resolve).collect()
    }

    /// What is loaded.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// What holds of this policy for the whole run.
    #[must_use]
    pub fn in_force(&self) -> InForce {
        let settings = self.loaded.settings();
        let current = self.loaded.current.sha256();
        let sha256 = match &self.loaded.trusted {
            Some(trusted) => {
                use sha2::{Digest, Sha256};
                hexadecimal(&Sha256::digest([*current, *trusted.sha256()].concat()))
            }
            None => hexadecimal(current),
        };
        InForce {
            version: self.loaded.current.version().map(str::to_owned),
            sha256,
            sync_all: settings.sync_all,
            audit_cap: settings.audit_cap,
        }
    }

    /// The walls in force.
    #[must_use]
    pub fn walls(&self) -> Walls {
        self.loaded.settings().walls
    }

    /// The real shells that the system's policy adds: by name, and where.
    #[must_use]
    pub fn shells(&self) -> &[(String, String)] {
        &self.loaded.current.settings().shells
    }

    /// Whether supervised actions pass today and are only recorded.
    #[must_use]
    pub fn observes(&self) -> bool {
        match self.loaded.settings().enforce {
            Enforce::Ask => false,
            Enforce::Observe { until } => self.context.today <= until,
        }
    }

    /// Judges a line by every policy in force; the strictest answer holds.
    #[must_use]
    pub fn weigh(&self, line: &Line, world: &dyn World) -> Weighed {
        let walk = |script: &Script, world: &dyn World| {
            walk::actions(script, &line.judged, &line.start(), &self.loaded.current, world)
        };
        let mut weighed = judge(&line.judged, line.dialect, walk, &self.laws(), world, &self.context);
        self.ask_more(&mut weighed);
        weighed
    }

    /// Puts what the policy wants of every yes to whatever is asked about.
    pub fn ask_more(&self, weighed: &mut Weighed) {
        let mut asking = self.loaded.asking();
        // A yes that is a file of the agent's own user is none.
        if self.guard.is_none() {
            asking.add(1, &[SIGNED.to_owned()]);
        }
        if asking == Asking::default() {
            return;
        }
        let asked = weighed.verdict.findings.iter_mut().filter(|finding| finding.tier == Tier::Supervised);
        asked.for_each(|finding| {
            let mut all = Asking { approvals: finding.approvals, require: std::mem::take(&mut finding.require) };
            all.add(asking.approvals, &asking.require);
            (finding.approvals, finding.require) = (all.approvals, all.require);
        });
    }

    /// Judges the next line of a running shell; with it comes what the shell would know afterwards.
    #[must_use]
    pub fn weigh_next(&self, line: &Line, script: &Script, running: &Running, world: &dyn World) -> (Weighed, Running) {
        let mut next = None;
        let walk = |script: &Script, world: &dyn World| {
            let tools = &self.loaded.current;
            let (actions, after) = walk::next_actions(script, &line.judged, &line.start(), running, tools, world);
            next = Some(after);
            actions
        };
        let mut weighed = judge_parsed(&line.judged, script, walk, &self.laws(), world, &self.context);
        self.ask_more(&mut weighed);
        (weighed, next.unwrap_or_else(|| running.clone()))
    }

    /// A shell before its first command, which will arrive later as `line` does.
    #[must_use]
    pub fn running(&self, line: &Line, world: &dyn World) -> Running {
        Running::new(&line.start(), &self.loaded.current, world)
    }

    fn laws(&self) -> Vec<&dyn Law> {
        self.loaded.policies().map(|policy| policy as &dyn Law).collect()
    }

    /// What the judge may count on: walls without which nothing runs. Those that are only preferred may be missing.
    fn take_walls(&mut self) {
        let walls = self.walls();
        self.context.profile = (walls.mode != WallsMode::Off).then(|| walls.profiles.join(" "));
        self.context.walls.clear();
        for name in &walls.counted {
            let Some(profile) = self.loaded.policies().find_map(|policy| policy.profile(name)) else { continue };
            let closed = [
                ("files", !profile.writable.iter().any(|entry| ["@all", "/"].contains(&entry.as_str()))),
                ("network", !profile.network),
                ("signals", !profile.signals),
            ];
            self.context.walls.extend(closed.iter().filter(|(_, closed)| *closed).map(|(wall, _)| (*wall).to_owned()));
        }
    }

    /// The profiles that rules which fired on a line add to its walls.
    #[must_use]
    pub fn profiles_of_rules(&self, weighed: &Weighed) -> Vec<String> {
        let mut profiles = Vec::new();
        for finding in weighed.verdict.findings.iter().filter(|finding| finding.layer != Layer::Builtin) {
            let rules = self.loaded.policies().filter_map(|policy| policy.rule(&finding.rule));
            profiles.extend(rules.filter_map(|rule| rule.profile.clone()));
        }
        profiles
    }

    fn read_packs(&mut self, folder: &Path) -> Result<(), Failure> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
        paths.arrange();
        for path in paths {
            self.read(&path, Layer::User)?;
        }
        Ok(())
    }

    fn read(&mut self, path: &Path, layer: Layer) -> Result<(), Failure> {
        use std::os::unix::fs::MetadataExt;
        let name = path.display().to_string();
        let closed = |why: String, instead: String| Failure::closed("policy.unreadable", name.clone(), why, instead);
        let (bytes, meta) = match file::read_regular(path.as_os_str().as_encoded_bytes(), LARGEST) {
            Ok(read) => read,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(());
            }
            Err(error) => return Err(closed(error.to_string(), format!("make {name} readable, or remove it"))),
        };
        let owner = match layer {
            Layer::System | Layer::Builtin => owner::is_roots(path.as_os_str().as_encoded_bytes(), &meta),
            Layer::User | Layer::Project => meta.uid() == 0 || meta.uid() == user::own(),
        };
        // A project's file comes with the checkout and can only tighten; who may write it does not matter.
        if layer != Layer::Project && (!owner || meta.mode() & 0o022 != 0) {
            return Err(closed("others may write it".into(), format!("chown it to you and chmod go-w {name}")));
        }
        let last = match layer {
            Layer::System | Layer::Builtin => Some(bytes.clone()),
            Layer::User | Layer::Project => self.guard.as_ref().and_then(|guard| {
                let pin =
                    machine::join(guard.join("trust").as_os_str().as_encoded_bytes(), trust_name(path).as_bytes());
                file::read_small(&pin, LARGEST).ok()
            }),
        };
        self.files.push(PolicyText { name, layer, bytes, last });
        Ok(())
    }

    fn load(&mut self) -> Result<(), Failure> {
        if self.files.is_empty() {
            return Ok(());
        }
        let sources: Vec<Source<'_>> = self
            .files
            .iter()
            .map(|file| Source {
                name: &file.name,
                layer: file.layer,
                bytes: &file.bytes,
                trust: match &file.last {
                    Some(last) if *last == file.bytes => Trust::Trusted,
                    Some(last) => Trust::Edited { last },
                    None => Trust::Untrusted,
                },
            })
            .collect();
        let loaded = load(&sources, &self.context.today, &core_rule).map_err(|problems| {
            Failure::closed(
                "policy.invalid",
                "the policy does not load",
                problems.render(false),
                "mend it: vetsh policy check shows every problem",
            )
        })?;
        self.loaded = loaded;
        self.take_walls();
        Ok(())
    }
}

/// The name under which the last trusted bytes of a policy file are kept in `guard/trust/`.
#[must_use]
pub fn trust_name(path: &Path) -> String {
    use sha2::{Digest, Sha256};
    hexadecimal(&Sha256::digest(path.as_os_str().as_encoded_bytes()))
}
