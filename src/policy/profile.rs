//! Profiles as policy files write them, and which are raised.

use std::ops::Range;

use super::document::{Document, Item, Text, nearest};

/// Least privilege for one kind of task.
///
/// A path is absolute or `~/…`; one that ends in `/` is made where it is missing. `@all` is everything but the places of
/// credentials, restricted data and vetsh's own state; `@workspace`, `@temp`, `@cache` and `@devices` are what they are in
/// scopes. What is not named is closed; a closed place inside a named one stays closed unless it is named itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What may be read.
    pub readable: Vec<String>,
    /// What may be written; it may be read too.
    pub writable: Vec<String>,
    /// What may be run; empty: whatever may be read.
    pub executable: Vec<String>,
    /// Unix sockets that may be reached by their path, those below a directory too; `@all`: no matter which. The workspace's own
    /// may be, and in places for temporary files those made since the client began.
    pub sockets: Vec<String>,
    /// TCP and UDP.
    pub network: bool,
    /// Signals and abstract sockets beyond what it started itself.
    pub signals: bool,
    /// New user namespaces.
    pub namespaces: bool,
    /// Looking into and changing processes it started itself.
    pub tracing: bool,
    /// A tool that a line runs reads the keys and settings that are its own.
    pub own_keys: bool,
    /// The most it may use.
    pub limits: Limits,
}

/// The most a command may use; `None`: as much as it could before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of processor time, each process.
    pub cpu_seconds: Option<u64>,
    /// Megabytes of address space, each process.
    pub memory_mb: Option<u64>,
    /// Processes of the user.
    pub processes: Option<u64>,
    /// Megabytes of a file.
    pub file_mb: Option<u64>,
    /// Open files, each process.
    pub open_files: Option<u64>,
    /// Megabytes of each place for temporary files, which is then its own, empty, gone with it, and nothing in it can be run.
    pub temp_mb: Option<u64>,
}

/// What a file says of a profile; what it leaves out is its base's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenProfile {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Range<usize>,
    /// The profile it starts from.
    pub base: Option<(String, Range<usize>)>,
    readable: Option<Vec<String>>,
    writable: Option<Vec<String>>,
    executable: Option<Vec<String>>,
    sockets: Option<Vec<String>>,
    network: Option<bool>,
    signals: Option<bool>,
    namespaces: Option<bool>,
    tracing: Option<bool>,
    own_keys: Option<bool>,
    limits: Limits,
}

pub(super) const KEYS: &[&str] = &[
    "base",
    "readable",
    "writable",
    "executable",
    "sockets",
    "network",
    "signals",
    "namespaces",
    "tracing",
    "own_keys",
    "cpu_seconds",
    "memory_mb",
    "processes",
    "file_mb",
    "open_files",
    "temp_mb",
];

/// The words for sets of paths.
pub const SETS: &[&str] = &["@all", "@workspace", "@temp", "@cache", "@devices"];

impl WrittenProfile {
    /// `[profile.NAME]`
    pub fn read(document: &mut Document<'_>, name: &str, span: Range<usize>, item: Item<'_, '_>) -> Option<Self> {
        let mut table = document.table(item)?;
        let mut profile = WrittenProfile { name: name.to_owned(), span, ..WrittenProfile::default() };
        if let Some(text) = table.take("base").and_then(|item| document.string(item)) {
            profile.base = Some((text.value, text.span));
        }
        for (key, list) in [
            ("readable", &mut profile.readable),
            ("writable", &mut profile.writable),
            ("executable", &mut profile.executable),
            ("sockets", &mut profile.sockets),
        ] {
            let Some(item) = table.take(key) else { continue };
            let texts = document.strings(item);
            texts.iter().for_each(|text| check_path(document, text));
            *list = Some(texts.into_iter().map(|text| text.value).collect());
        }
        for (key, switch) in [
            ("network", &mut profile.network),
            ("signals", &mut profile.signals),
            ("namespaces", &mut profile.namespaces),
            ("tracing", &mut profile.tracing),
            ("own_keys", &mut profile.own_keys),
        ] {
            *switch = table.take(key).and_then(|item| document.boolean(item));
        }
        let limits = &mut profile.limits;
        for (key, limit) in [
            ("cpu_seconds", &mut limits.cpu_seconds),
            ("memory_mb", &mut limits.memory_mb),
            ("processes", &mut limits.processes),
            ("file_mb", &mut limits.file_mb),
            ("open_files", &mut limits.open_files),
            ("temp_mb", &mut limits.temp_mb),
        ] {
            *limit = table.take(key).and_then(|item| document.number(item));
        }
        table.finish(document, "a profile", KEYS);
        Some(profile)
    }

    /// The profile it is, over its base.
    #[must_use]
    pub fn over(&self, base: &Profile) -> Profile {
        let list = |own: &Option<Vec<String>>, base: &Vec<String>| own.clone().unwrap_or_else(|| base.clone());
        let (own, limits) = (&self.limits, &base.limits);
        Profile {
            name: self.name.clone(),
            readable: list(&self.readable, &base.readable),
            writable: list(&self.writable, &base.writable),
            executable: list(&self.executable, &base.executable),
            sockets: list(&self.sockets, &base.sockets),
            network: self.network.unwrap_or(base.network),
            signals: self.signals.unwrap_or(base.signals),
            namespaces: self.namespaces.unwrap_or(base.namespaces),
            tracing: self.tracing.unwrap_or(base.tracing),
            own_keys: self.own_keys.unwrap_or(base.own_keys),
            limits: Limits {
                cpu_seconds: own.cpu_seconds.or(limits.cpu_seconds),
                memory_mb: own.memory_mb.or(limits.memory_mb),
                processes: own.processes.or(limits.processes),
                file_mb: own.file_mb.or(limits.file_mb),
                open_files: own.open_files.or(limits.open_files),
                temp_mb: own.temp_mb.or(limits.temp_mb),
            },
        }
    }
}

fn check_path(document: &mut Document<'_>, text: &Text) {
    let path = text.value.as_str();
    if let Some(close) = path.starts_with('@').then(|| nearest(path, SETS)) {
        if !SETS.contains(&path) {
            let remedy =
                close.map_or_else(|| format!("one of: {}", SETS.join(" ")), |c| format!("did you mean `{c}`?"));
            document.problem(text.span.clone(), format!("`{path}` is no set of paths"), remedy);
        }
    } else if !(path.starts_with('/') || path.starts_with("~/")) {
        let remedy = "write \"/srv/data\", \"~/data\" or a set such as \"@workspace\"";
        document.problem(text.span.clone(), "a path of a profile is absolute or begins with ~/", remedy);
    } else if path.contains('*') || path.split('/').any(|part| matches!(part, "." | "..")) {
        document.problem(
            text.span.clone(),
            "a path of a profile is written without `*`, `.` and `..`",
            "name the directory: what lies below it comes with it",
        );
    }
}

/// Whether walls are raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WallsMode {
    /// They are not.
    Off,
    /// As far as the kernel can; what it cannot stands in the record.
    Prefer,
    /// What the kernel cannot raise does not run.
    Require,
}

/// The walls in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walls {
    /// Whether they are raised.
    pub mode: WallsMode,
    /// The profiles, each a wall inside the one before: what one closes no other opens.
    pub profiles: Vec<String>,
    /// A line that goes beyond its walls (`sudo`) and that a human approved runs without them.
    pub escalation: bool,
    /// No file asks for them.
    pub usual: bool,
    /// Those of the profiles that trusted files require: the judge may count on them. A file that nobody trusts could require a wall
    /// that closes nothing.
    pub counted: Vec<String>,
}

/// The profile where no file names one.
pub const USUAL_PROFILE: &str = "workspace";

impl Default for Walls {
    fn default() -> Self {
        let profiles = vec![USUAL_PROFILE.to_owned()];
        Walls { mode: WallsMode::Prefer, profiles, escalation: true, usual: true, counted: Vec::new() }
    }
}

impl Walls {
    /// Both: the stricter mode, the profiles of either.
    pub fn tighten(&mut self, other: &Walls) {
        if other.mode == WallsMode::Off {
            return;
        }
        if self.mode == WallsMode::Off {
            *self = Walls { counted: Vec::new(), ..other.clone() };
            return;
        }
        self.mode = self.mode.max(other.mode);
        self.usual &= other.usual;
        self.escalation &= other.escalation;
        for profile in &other.profiles {
            if !self.profiles.contains(profile) {
                self.profiles.push(profile.clone());
            }
        }
    }
}

/// What one file says of walls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenWalls {
    mode: Option<WallsMode>,
    profile: Option<String>,
    escalation: Option<bool>,
    /// It can only add to what the files before it say.
    pub(super) only_tightens: bool,
}

impl WrittenWalls {
    /// `[walls]`
    pub fn read(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(text) = table.take("mode").and_then(|item| document.string(item)) {
            self.mode = match text.value.as_str() {
                "off" => Some(WallsMode::Off),
                "prefer" => Some(WallsMode::Prefer),
                "require" => Some(WallsMode::Require),
                other => {
                    let message = format!("`{other}` is no way to raise walls");
                    document.problem(text.span.clone(), message, "write \"off\", \"prefer\" or \"require\"");
                    None
                }
            };
        }
        self.profile = table.take("profile").and_then(|item| document.string(item)).map(|text| text.value);
        if let Some(text) = table.take("escalation").and_then(|item| document.string(item)) {
            self.escalation = match text.value.as_str() {
                "without-walls" => Some(true),
                "within-walls" => Some(false),
                other => {
                    let message = format!("`{other}` is no way to escalate");
                    document.problem(text.span.clone(), message, "write \"within-walls\" or \"without-walls\"");
                    None
                }
            };
        }
        table.finish(document, "[walls]", &["mode", "profile", "escalation"]);
    }

    /// The same of a file that nobody trusts.
    #[must_use]
    pub fn tightening(self) -> WrittenWalls {
        WrittenWalls { only_tightens: true, ..self }
    }

    /// Puts what this file says over `walls`.
    pub fn over(&self, walls: &mut Walls) {
        if self.only_tightens {
            let Some(mode) = self.mode.filter(|mode| *mode != WallsMode::Off) else {
                // A narrower profile alone, where walls stand anyway.
                if walls.mode != WallsMode::Off {
                    walls.profiles.extend(self.profile.clone().filter(|name| !walls.profiles.contains(name)));
                }
                return;
            };
            let profiles = self.profile.clone().map_or_else(|| walls.profiles.clone(), |profile| vec![profile]);
            // What was said to run without walls still does where walls stood before.
            let escalation = if walls.mode == WallsMode::Off { false } else { walls.escalation };
            walls.tighten(&Walls { mode, profiles, escalation, usual: false, counted: Vec::new() });
            return;
        }
        walls.mode = self.mode.unwrap_or(walls.mode);
        walls.usual &= self.mode.is_none();
        // Who requires walls has to say that something runs without.
        let usual = walls.escalation && self.mode != Some(WallsMode::Require);
        walls.escalation = self.escalation.unwrap_or(usual);
        if let Some(profile) = &self.profile {
            walls.profiles = vec![profile.clone()];
        }
        walls.counted = if walls.mode == WallsMode::Require { walls.profiles.clone() } else { Vec::new() };
    }
}
