//! What a policy file sets apart from rules: approval, environment, workspace, enforcement, audit.

use super::asking::{self, Asking};
use super::document::{Document, Item, Text, nearest};
use super::profile::{Walls, WrittenWalls};

/// A way to ask a human.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// y/N on the human's own terminal.
    Terminal,
    /// The request waits in the spool.
    Queue,
    /// The agent's own dialog, in hook mode.
    Client,
}

/// What kind of place this machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnvironmentKind {
    /// A developer's.
    #[default]
    Development,
    /// Every connect to an external host is prohibited.
    Production,
}

/// Whether supervised actions are asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    /// They are.
    #[default]
    Ask,
    /// They pass and are recorded, until this UTC day (`YYYY-MM-DD`, inclusive). Prohibited ones are still refused.
    Observe {
        /// The last day.
        until: String,
    },
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In order of preference.
    pub channels: Vec<ChannelKind>,
    /// How long a request waits for its answer, in seconds; `None`: what is written for the client.
    pub wait: Option<u32>,
    /// Run on a refusal: argv, an absolute path first. Empty: nothing.
    pub on_refusal: Vec<String>,
    /// What kind of place this is.
    pub environment: EnvironmentKind,
    /// Workspace roots: absolute or `~/…`. Empty: found out (DESIGN section 2).
    pub roots: Vec<String>,
    /// Whether supervised actions are asked about.
    pub enforce: Enforce,
    /// Autonomous records are synced to disk as well.
    pub sync_all: bool,
    /// The audit directory's size cap in megabytes; 0: none.
    pub audit_cap: u64,
    /// Real shells besides those that are compiled in: the name we are called by, and where one may be. The system's alone.
    pub shells: Vec<(String, String)>,
    /// Which walls are raised.
    pub walls: Walls,
    /// When a session ends.
    pub session: SessionLimits,
    /// What every yes must be, whatever it is asked about.
    pub asking: Asking,
}

/// How long a session may last and how often it may be refused. The stricter of all files holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionLimits {
    /// Seconds since its client was started.
    pub max_time: Option<u32>,
    /// Refusals one after the other, after which it is stopped.
    pub max_refusals: Option<u32>,
    /// Questions to a human within an hour; what is beyond is refused.
    pub max_questions: Option<u32>,
}

impl SessionLimits {
    /// The stricter of both.
    #[must_use]
    pub fn and(self, other: SessionLimits) -> SessionLimits {
        let least = |one: Option<u32>, other: Option<u32>| [one, other].into_iter().flatten().min();
        SessionLimits {
            max_time: least(self.max_time, other.max_time),
            max_refusals: least(self.max_refusals, other.max_refusals),
            max_questions: least(self.max_questions, other.max_questions),
        }
    }
}

/// How many seconds a request waits where nothing else is said.
pub const USUAL_WAIT: u32 = 50;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            channels: vec![ChannelKind::Terminal, ChannelKind::Queue],
            wait: None,
            on_refusal: Vec::new(),
            environment: EnvironmentKind::Development,
            roots: Vec::new(),
            enforce: Enforce::Ask,
            sync_all: false,
            audit_cap: 1024,
            shells: Vec::new(),
            walls: Walls::default(),
            session: SessionLimits::default(),
            asking: Asking::default(),
        }
    }
}

/// What one file sets; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    channels: Option<Vec<ChannelKind>>,
    wait: Option<u32>,
    on_refusal: Option<Vec<String>>,
    environment: Option<EnvironmentKind>,
    roots: Option<Vec<String>>,
    enforce: Option<Enforce>,
    sync_all: Option<bool>,
    audit_cap: Option<u64>,
    shells: Option<Vec<(String, String)>>,
    walls: WrittenWalls,
    session: SessionLimits,
    asking: Asking,
}

impl Written {
    /// Puts what this file sets over `settings`. A stricter environment stays: a later file cannot make production
    /// development.
    pub fn over(&self, settings: &mut Settings) {
        fn put<T: Clone>(from: &Option<T>, to: &mut T) {
            if let Some(value) = from {
                *to = value.clone();
            }
        }
        put(&self.channels, &mut settings.channels);
        put(&self.on_refusal, &mut settings.on_refusal);
        put(&self.roots, &mut settings.roots);
        put(&self.enforce, &mut settings.enforce);
        put(&self.sync_all, &mut settings.sync_all);
        put(&self.audit_cap, &mut settings.audit_cap);
        put(&self.shells, &mut settings.shells);
        self.walls.over(&mut settings.walls);
        settings.wait = self.wait.or(settings.wait);
        settings.environment = settings.environment.max(self.environment.unwrap_or_default());
        settings.session = settings.session.and(self.session);
        settings.asking.add(self.asking.approvals, &self.asking.require);
    }

    /// What of it counts without trust: only what tightens.
    #[must_use]
    pub fn tightening(&self) -> Written {
        Written {
            environment: self.environment.filter(|kind| *kind == EnvironmentKind::Production),
            // Waiting less can only turn a yes that comes late into one that waits for the next try.
            wait: self.wait.filter(|seconds| *seconds <= USUAL_WAIT),
            walls: self.walls.clone().tightening(),
            session: self.session,
            asking: self.asking.clone(),
            ..Written::default()
        }
    }

    /// `[approval]`
    pub fn approval(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(item) = table.take("channels") {
            let texts = document.strings(item);
            let channels: Vec<ChannelKind> = texts.iter().filter_map(|text| channel(document, text)).collect();
            if texts.is_empty() {
                document.problem(
                    item.span(),
                    "no channel is left to ask a human",
                    "name at least one: terminal, queue, client",
                );
            }
            self.channels = Some(channels);
        }
        if let Some(text) = table.take("wait").and_then(|item| document.string(item)) {
            self.wait = seconds(&text.value);
            if self.wait.is_none() {
                document.problem(
                    text.span,
                    format!("`{}` is no time", text.value),
                    "write for example \"50s\" or \"10m\"",
                );
            }
        }
        if let Some(item) = table.take("on_refusal") {
            let texts = document.strings(item);
            if let Some(program) = texts.first().filter(|program| !program.value.starts_with('/')) {
                document.problem(
                    program.span.clone(),
                    "the program must be named by its absolute path",
                    "write /usr/bin/…",
                );
            }
            self.on_refusal = Some(texts.into_iter().map(|text| text.value).collect());
        }
        if let Some(count) = table.take("approvals").and_then(|item| asking::approvals(document, item)) {
            self.asking.approvals = count;
        }
        if let Some(item) = table.take("require") {
            self.asking.require = asking::require(document, item);
        }
        table.finish(document, "[approval]", &["channels", "wait", "on_refusal", "approvals", "require"]);
    }

    /// `[environment]`
    pub fn environment(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(text) = table.take("kind").and_then(|item| document.string(item)) {
            self.environment = match text.value.as_str() {
                "development" => Some(EnvironmentKind::Development),
                "production" => Some(EnvironmentKind::Production),
                other => {
                    let remedy = "write \"development\" or \"production\"";
                    document.problem(text.span.clone(), format!("`{other}` is no kind of environment"), remedy);
                    None
                }
            };
        }
        table.finish(document, "[environment]", &["kind"]);
    }

    /// `[workspace]`
    pub fn workspace(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(item) = table.take("roots") {
            let texts = document.strings(item);
            for text in &texts {
                check_root(document, text);
            }
            self.roots = Some(texts.into_iter().map(|text| text.value.trim_end_matches('/').to_owned()).collect());
        }
        table.finish(document, "[workspace]", &["roots"]);
    }

    /// `[audit]`
    pub fn audit(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(text) = table.take("sync").and_then(|item| document.string(item)) {
            match text.value.as_str() {
                "all" => self.sync_all = Some(true),
                "asked" => self.sync_all = Some(false),
                other => document.problem(
                    text.span.clone(),
                    format!("`{other}` is no way to sync"),
                    "write \"asked\" (supervised and prohibited records) or \"all\"",
                ),
            }
        }
        if let Some(item) = table.take("cap_mb") {
            self.audit_cap = document.number(item);
        }
        table.finish(document, "[audit]", &["sync", "cap_mb"]);
    }

    /// `[session]`: only tightens, so that every file's holds at once.
    pub fn session(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        if let Some(text) = table.take("max_time").and_then(|item| document.string(item)) {
            self.session.max_time = seconds(&text.value).filter(|seconds| *seconds > 0);
            if self.session.max_time.is_none() {
                document.problem(
                    text.span,
                    format!("`{}` is no time for a session", text.value),
                    "write for example \"90m\" or \"8h\", a day at most",
                );
            }
        }
        let mut count = |name: &str, what: &str| {
            let item = table.take(name)?;
            let span = item.span();
            let number = document.number(item)?;
            let counted = u32::try_from(number).ok().filter(|number| (1..=1000).contains(number));
            if counted.is_none() {
                document.problem(span, format!("{what} are 1 to 1000"), "write for example 10");
            }
            counted
        };
        self.session.max_refusals = count("max_refusals", "refusals in a row that stop a session");
        self.session.max_questions = count("max_questions", "questions within an hour");
        table.finish(document, "[session]", &["max_time", "max_refusals", "max_questions"]);
    }

    /// `[walls]`; a project's can only tighten, whoever trusts it.
    pub fn walls(&mut self, document: &mut Document<'_>, item: Item<'_, '_>, only_tightens: bool) {
        self.walls.only_tightens = only_tightens;
        self.walls.read(document, item);
    }

    /// `[shell]`: what stands behind our names where the compiled list has nothing.
    pub fn shell(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        const NAMES: [&str; 4] = ["bash", "sh", "zsh", "dash"];
        let Some(mut table) = document.table(item) else { return };
        let mut shells = Vec::new();
        for name in NAMES {
            let Some(item) = table.take(name) else { continue };
            for text in document.strings(item) {
                let plain =
                    text.value.starts_with('/') && !text.value.split('/').any(|part| matches!(part, "." | ".."));
                if plain {
                    shells.push((name.to_owned(), text.value));
                } else {
                    document.problem(
                        text.span,
                        "a real shell is named by its absolute path, without `.` and `..`",
                        "write for example \"/opt/bash/bin/bash\"",
                    );
                }
            }
        }
        self.shells = Some(shells);
        table.finish(document, "[shell]", &NAMES);
    }

    /// `enforce = "observe"`, with `observe_until`.
    pub fn enforce(&mut self, document: &mut Document<'_>, item: Item<'_, '_>, until: Option<Item<'_, '_>>) {
        let Some(text) = document.string(item) else { return };
        let until = until.and_then(|item| document.date(item));
        match (text.value.as_str(), until) {
            ("ask", _) => self.enforce = Some(Enforce::Ask),
            ("observe", Some(until)) => self.enforce = Some(Enforce::Observe { until }),
            ("observe", None) => document.problem(
                text.span,
                "observing must end some day",
                "add observe_until = YYYY-MM-DD, the last day on which supervised actions pass unasked",
            ),
            (other, _) => {
                document.problem(
                    text.span.clone(),
                    format!("`{other}` is no way to enforce"),
                    "write \"ask\" or \"observe\"",
                );
            }
        }
    }
}

fn channel(document: &mut Document<'_>, text: &Text) -> Option<ChannelKind> {
    match text.value.as_str() {
        "terminal" => Some(ChannelKind::Terminal),
        "queue" => Some(ChannelKind::Queue),
        "client" => Some(ChannelKind::Client),
        other => {
            let known = ["terminal", "queue", "client"];
            let remedy = nearest(other, &known)
                .map_or("one of: terminal queue client".to_owned(), |c| format!("did you mean `{c}`?"));
            document.problem(text.span.clone(), format!("`{other}` is no channel"), remedy);
            None
        }
    }
}

/// A root that cannot be a workspace is refused here already; the rest is decided where links are known.
fn check_root(document: &mut Document<'_>, text: &Text) {
    let trimmed = text.value.trim_end_matches('/');
    let remedy = "name a project directory, for example \"~/src/shop\"";
    if !(trimmed.starts_with('/') || trimmed.starts_with("~/") || trimmed == "~" || trimmed.is_empty()) {
        document.problem(text.span.clone(), "a workspace root is absolute or begins with ~/", remedy);
    } else if matches!(trimmed, "" | "~" | "/home" | "/root" | "/usr" | "/etc" | "/var" | "/opt" | "/tmp") {
        document.problem(text.span.clone(), format!("`{}` cannot be a workspace", text.value), remedy);
    } else if trimmed.split('/').any(|part| part == ".." || part == ".") {
        document.problem(text.span.clone(), "a workspace root is written without `.` and `..`", remedy);
    }
}

/// `50s`, `10m`, `1h`: at most a day.
fn seconds(text: &str) -> Option<u32> {
    let unit = text.chars().last()?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(factor).filter(|seconds| *seconds <= 86_400)
}
