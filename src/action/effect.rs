//! What an action does, with its object: the closed list of the policy format.

use serde::{Deserialize, Serialize};

use super::{ActionId, Value};
use crate::text::Span;

macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* $variant),* }
        impl $name {
            /// All, in declaration order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The word of the policy format, the record and the batch contract.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $($name::$variant => $text),* } }
            /// The value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> { match name { $($text => Some($name::$variant),)* _ => None } }
        }
    };
}

names! {
    /// The closed list of effects (POLICY section 1).
    EffectKind {
        /// Reads contents of a path.
        Reads = "reads",
        /// Reads names or metadata only (ls, stat, test).
        Names = "names",
        /// Creates or appends.
        Writes = "writes",
        /// Replaces contents.
        Overwrites = "overwrites",
        /// Removes.
        Deletes = "deletes",
        /// Changes permissions or ownership.
        Permits = "permits",
        /// Runs code.
        Executes = "executes",
        /// Talks to another host.
        Connects = "connects",
        /// Sends data out.
        Sends = "sends",
        /// Accepts connections.
        Listens = "listens",
        /// Reads a database or service.
        Queries = "queries",
        /// Changes a database or service.
        Modifies = "modifies",
        /// Installs packages.
        Installs = "installs",
        /// Commits to a branch.
        Commits = "commits",
        /// Publishes (push, release, upload of a package, pull request).
        Publishes = "publishes",
        /// Rewrites history.
        Rewrites = "rewrites",
        /// Signals processes.
        Signals = "signals",
        /// Gains rights.
        Escalates = "escalates",
        /// Changes configuration of the system or an account.
        Configures = "configures",
        /// Deploys.
        Deploys = "deploys",
        /// Spends money.
        Spends = "spends",
        /// Decodes data (base64 -d, xxd -r): a source for flow rules.
        Decodes = "decodes",
    }
}

names! {
    /// Qualifiers of effects (POLICY section 1).
    Flag {
        /// Descends into directories.
        Recursive = "recursive",
        /// Overrides a check.
        Force = "force",
        /// Concerns every ref.
        AllRefs = "all-refs",
        /// Deletes a ref.
        DeleteRef = "delete-ref",
        /// Drops data unconditionally (DROP, TRUNCATE, DELETE without WHERE).
        Drops = "drops",
        /// Only shows what it would do: effects that change something fall away.
        Dry = "dry",
        /// Skips hooks or checks.
        SkipsChecks = "skips-checks",
        /// Writes a file into the working directory under a name it chooses.
        WritesCwd = "writes-cwd",
        /// A draft (pull request).
        Draft = "draft",
    }
}

names! {
    /// The class of a path (DESIGN section 2). The order is by strictness only where the table says so.
    Scope {
        /// Below a workspace root.
        Workspace = "workspace",
        /// A workspace file that is configuration, runs by itself or holds secrets.
        Sensitive = "sensitive",
        /// /tmp, /var/tmp, /dev/shm, the client's TMPDIR.
        Temp = "temp",
        /// Package managers' caches.
        Cache = "cache",
        /// The rest of a home, other repositories, anything else that is a user's.
        Home = "home",
        /// The operating system's.
        System = "system",
        /// Keys, tokens, password stores.
        Credential = "credential",
        /// Declared restricted by policy.
        Restricted = "restricted",
        /// vetsh's own files, and client settings that hold its hook.
        Guard = "guard",
        /// Device nodes but for the harmless ones.
        Device = "device",
    }
}

/// A set of [`Flag`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags(pub u16);

impl Flags {
    /// The set with `flag` in it.
    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Flags(self.0 | 1 << flag as u16)
    }
    /// Whether `flag` is in it.
    #[must_use]
    pub fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u16) != 0
    }
    /// Both sets.
    #[must_use]
    pub fn union(self, other: Flags) -> Self {
        Flags(self.0 | other.0)
    }
    /// The flags, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.has(*flag))
    }
}

/// One effect with its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Which.
    pub kind: EffectKind,
    /// On what.
    pub object: Object,
    /// Qualified by.
    pub flags: Flags,
    /// `false`: it may happen, depending on a dynamic word. Then its findings are *possible*.
    pub certain: bool,
    /// Where its object stands (else the action's span).
    pub span: Span,
    /// What data of this line it consumes: for flow rules.
    pub feed: Feed,
}

impl Effect {
    /// What certainly happens, qualified by nothing, and consumes nothing of the line.
    #[must_use]
    pub fn certain(kind: EffectKind, object: Object, span: Span) -> Effect {
        Effect { kind, object, flags: Flags::default(), certain: true, span, feed: Feed::default() }
    }

    /// The same, consuming that.
    #[must_use]
    pub fn fed(self, feed: Feed) -> Effect {
        Effect { feed, ..self }
    }
}

/// The data an effect consumes or carries away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// The action's standard input goes into it (code read from stdin, `curl -d @-`, `cat > f`).
    pub stdin: bool,
    /// Files that go into it (`bash f`, `curl -T f`): absolute paths.
    pub files: Vec<Vec<u8>>,
    /// Actions whose output is in its words.
    pub taint: Vec<ActionId>,
}

/// The object of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// None, or it goes without saying.
    None,
    /// A path as the program will see it, made absolute against the action's cwd, normalised lexically (no `.`, `..`, `//`).
    /// A glob or hole stays a part of it. `as_written` is the operand's text, for display.
    Path {
        /// Absolute, lexically normalised; parts unknown where the operand is.
        path: Value,
        /// What stood there.
        as_written: Vec<u8>,
    },
    /// A host name or address, as the program will resolve it (lower case, no port, no credentials, no brackets).
    Host(Value),
    /// A named remote, resolved to its host where configuration says so.
    Remote {
        /// `origin`
        name: Value,
        /// Its host.
        host: Option<Vec<u8>>,
    },
    /// A git ref or branch: short name where it is a branch (`main`), else full.
    Ref(Value),
    /// A package with its source.
    Package {
        /// As named.
        name: Value,
        /// `registry`, `git`, `url`, `path`, `lock` (what a lock file says).
        source: &'static str,
    },
    /// A process: a pid, a name, a job.
    Process(Value),
    /// An environment variable's name.
    Variable(Vec<u8>),
    /// Code.
    Code {
        /// `sh`, `python`, `node`, `perl`, `ruby`, `awk`, `sed`, `jq`, `sql`, `native` …
        language: String,
        /// Where it comes from.
        origin: CodeOrigin,
        /// Proven to print, parse or compute only: then executing it is autonomous.
        proven: bool,
    },
    /// Anything else worth showing (a database, a cluster, a container, a service).
    Named(Value),
}

/// Where executed code comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeOrigin {
    /// An argument, a heredoc or here-string of the line.
    Inline,
    /// Standard input.
    Stdin,
    /// A file: absolute path as [`Object::Path`]'s.
    File(Value),
    /// The workspace's own code, run by a declared runner.
    Workspace,
    /// The network, by the tool itself (`npx pkg`, `bash <(curl …)` is a flow instead).
    Network,
}
