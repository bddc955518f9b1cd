//! The verbs and their words.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A shell that vets.
#[derive(Debug, Parser)]
#[command(
    name = "vetsh",
    version,
    about = "A shell that vets: judges, asks, records, then runs",
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// Use DIR/config and DIR/state instead of your home's.
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What would be said of a line, without running it.
    Check(Check),
    /// Why: the line in parts, what fired, what decides, and the one change of policy that would alter it.
    Explain(Explain),
    /// Look at the policy in force.
    #[command(subcommand)]
    Policy(Policy),
    /// Let a policy file's loosening parts count, as they are now. Needs a human at the terminal.
    Trust(Trust),
    /// The requests that wait for a human.
    Approvals(Approvals),
    /// Say yes to a request, once. Needs a human at the terminal.
    Approve(Approve),
    /// Say no to a request. Needs a human at the terminal.
    Deny(Deny),
    /// What was approved for more than once: what it covers, for how long, how often it was used.
    Grants(Grants),
    /// What clients did unasked for the first time, for a look afterwards.
    Review(Review),
    /// The runs of clients: what each did, stop one at once, or let one go on unasked for a while.
    #[command(subcommand)]
    Session(Session),
    /// Look at the record.
    #[command(subcommand)]
    Audit(Audit),
    /// Is everything in place? What is not, and what to do.
    Doctor(Doctor),
    /// Start a client so that its shell is vetsh, for this run only.
    Run(Run),
    /// Make vetsh a client's shell by its own configuration: shows the change, makes it, undoes it.
    Setup(Setup),
    /// Keep the log of agents that have users of their own: the service vetsh-writer.
    Writer,
    /// Write the manual page, completions or the reference of rules.
    #[command(subcommand)]
    Generate(Generate),
}

/// `session …`.
#[derive(Debug, Subcommand)]
pub enum Session {
    /// The sessions of today and yesterday: who, since when, how much ran and was refused, what holds for them.
    List {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// One session: what it did last.
    Show {
        /// Its id, or the beginning of it that only this one has.
        id: String,
        /// How many records.
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
    },
    /// Stop a session at once: nothing of it runs any more, and what it left running is ended.
    Revoke {
        /// Its id, or the beginning of it that only this one has; `orphan`: all that no client can be named for.
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Every session, those that come later too.
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// Let it go on. Needs a human at the terminal.
        #[arg(long)]
        undo: bool,
        /// Why, for the record and for the agent.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Let a session do for a while, unasked, what one plain yes would let it do. Needs a human at the terminal.
    Allow {
        /// Its id, or the beginning of it that only this one has.
        id: String,
        /// How long: 10m, an hour at most.
        #[arg(long = "for", value_name = "TIME")]
        span: String,
    },
}

/// `doctor`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vetsh doctor\n         vetsh doctor --json | jq '.findings[] | select(.state != \"good\")'"
)]
pub struct Doctor {
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `run`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh run -- claude")]
pub struct Run {
    /// The client and its words.
    #[arg(required = true, value_name = "CLIENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub client: Vec<OsString>,
}

/// `setup`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh setup claude-code\n         vetsh setup claude-code --undo")]
pub struct Setup {
    /// The client, by its name or its program's; `shims` makes the links.
    #[arg(value_name = "CLIENT")]
    pub client: String,
    /// Names of programs to link, with `shims`: bash, sh and zsh where none is given.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Put back what was there before. Needs a human at the terminal.
    #[arg(long)]
    pub undo: bool,
    /// One JSON object: what would change; nothing does.
    #[arg(long)]
    pub json: bool,
}

/// `generate`.
#[derive(Debug, Subcommand)]
pub enum Generate {
    /// The manual page.
    #[command(after_help = "Example: vetsh generate man > ~/.local/share/man/man1/vetsh.1")]
    Man,
    /// Completions for a shell.
    #[command(
        after_help = "Example: vetsh generate completions bash > ~/.local/share/bash-completion/completions/vetsh"
    )]
    Completions {
        /// Whose.
        shell: Completed,
    },
    /// The policy file's format as JSON Schema, for editors.
    #[command(after_help = "Example: vetsh generate schema > policy.schema.json")]
    Schema,
    /// The reference of built-in rules and tools, in Markdown.
    #[command(after_help = "Example: vetsh generate rules > rules.md")]
    Rules,
}

/// A shell that completions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Completed {
    /// bash.
    Bash,
    /// elvish.
    Elvish,
    /// fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// zsh.
    Zsh,
}

/// `check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vetsh check -- 'git push -f origin main'\n         printf '{\"cmd\":\"ls\"}\\n' | vetsh check --batch -"
)]
pub struct Check {
    /// One JSON object, as in a batch.
    #[arg(long)]
    pub json: bool,
    /// End with 0 autonomous, 10 supervised, 20 prohibited.
    #[arg(long)]
    pub exit_code: bool,
    /// Read one JSON object a line from FILE (`-`: standard input), write one for each.
    #[arg(long, value_name = "FILE", conflicts_with = "line")]
    pub batch: Option<PathBuf>,
    /// Whose grammar: bash, sh, zsh.
    #[arg(long, default_value = "bash")]
    pub dialect: String,
    /// The line; several words are joined by a space.
    #[arg(required_unless_present = "batch", value_name = "LINE", trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<OsString>,
}

/// `explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh explain -- 'curl -fsSL https://x.test/i | sh'")]
pub struct Explain {
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
    /// Whose grammar: bash, sh, zsh.
    #[arg(long, default_value = "bash")]
    pub dialect: String,
    /// The line; several words are joined by a space. The id of a record judges its line again; paths behind it: what its walls say
    /// of them.
    #[arg(required = true, value_name = "LINE", trailing_var_arg = true, allow_hyphen_values = true)]
    pub line: Vec<OsString>,
}

/// `policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Does it load? Every problem with file, line, column and remedy.
    #[command(after_help = "Example: vetsh policy check")]
    Check {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// The rules, lists and settings in force.
    #[command(
        after_help = "Example: vetsh policy show --json | jq '.rules[].id'\n         vetsh policy show --profile workspace"
    )]
    Show {
        /// One JSON object.
        #[arg(long)]
        json: bool,
        /// The walls of this profile as they would be raised here: what may be read and written, and what is not held.
        #[arg(long, value_name = "NAME", conflicts_with = "rule")]
        profile: Option<String>,
        /// Only this rule.
        rule: Option<String>,
    },
    /// What would change on recent lines if your policy file were FILE.
    #[command(after_help = "Example: vetsh policy try new.toml --history 500")]
    Try {
        /// The file to try.
        file: PathBuf,
        /// How many of the newest recorded lines are judged.
        #[arg(long, default_value_t = 200, value_name = "COUNT")]
        history: usize,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// What your policy file says beside what a human last trusted of it.
    #[command(after_help = "Example: vetsh policy diff")]
    Diff {
        /// How many of the newest recorded lines are judged by both.
        #[arg(long, default_value_t = 200, value_name = "COUNT")]
        history: usize,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Your editor on a copy of your policy file; it takes its place only if it loads and you trust it. Needs a human at the
    /// terminal.
    #[command(after_help = "Example: EDITOR=vim vetsh policy edit")]
    Edit {
        /// How many of the newest recorded lines are judged to show what changes.
        #[arg(long, default_value_t = 200, value_name = "COUNT")]
        history: usize,
    },
    /// Runs every example of every rule and tool through the whole judge.
    #[command(after_help = "Example: vetsh policy test")]
    Test {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// `trust`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh trust ~/.config/vetsh/policy.toml")]
pub struct Trust {
    /// The policy file.
    pub file: PathBuf,
}

/// `approvals`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vetsh approvals --json | jq -r '.requests[].id'\n         vetsh approvals --watch\n         vetsh approvals export k3wq7m2p ./out",
    args_conflicts_with_subcommands = true
)]
pub struct Approvals {
    /// Show requests as they come, and answer them by a key. Needs a human at the terminal.
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
    /// Carry a request to approvers elsewhere, and their signatures back.
    #[command(subcommand)]
    pub carry: Option<Carry>,
}

/// `approvals …`.
#[derive(Debug, Subcommand)]
pub enum Carry {
    /// Write what is to be signed for a request into DIR, for approvers whose keys are elsewhere.
    Export {
        /// The request.
        id: String,
        /// Where to: made where it is missing.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Take signatures that were made elsewhere. Needs a human at the terminal.
    Import {
        /// As ssh-keygen wrote them: ID.yes.sig, ID.no.sig.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// `approve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vetsh approve k3wq7m2p\n         vetsh approve k3wq7m2p --for 10m\n         vetsh approve k3wq7m2p --key ~/.ssh/id_ed25519_sk"
)]
pub struct Approve {
    /// The request, as `vetsh approvals` shows it.
    pub id: String,
    /// For its like too, as the request says what that is: `session`, or a time as in `10m`, `2h`.
    #[arg(long = "for", value_name = "TIME")]
    pub span: Option<String>,
    /// Sign with this key, as a listed approver. A public key is signed with by your ssh-agent.
    #[arg(long, value_name = "FILE", conflicts_with = "span")]
    pub key: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `grants`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh grants\n         vetsh grants --revoke k3wq7m2p")]
pub struct Grants {
    /// Take this one back. Needs a human at the terminal.
    #[arg(long, value_name = "ID")]
    pub revoke: Option<String>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `review`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh review\n         vetsh review --since 7d --json\n         vetsh review --done")]
pub struct Review {
    /// From then on, whatever was looked at: `7d`, `12h`, `2026-11-30`. Else from where `--done` was said last.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// You have looked at what this shows: it is shown no more. Needs a human at the terminal.
    #[arg(long, conflicts_with = "since")]
    pub done: bool,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `deny`.
#[derive(Debug, Args)]
#[command(after_help = "Example: vetsh deny k3wq7m2p --reason 'use the staging database'")]
pub struct Deny {
    /// The request, as `vetsh approvals` shows it.
    pub id: String,
    /// What the agent is told.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Sign with this key, as a listed approver.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// The newest records.
    #[command(after_help = "Example: vetsh audit tail -n 20")]
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 10, value_name = "COUNT")]
        count: usize,
        /// The records as they stand in the log, one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// One record, by its id or a part of it that only this one has.
    #[command(after_help = "Example: vetsh audit show 019ab3d0-5a2e")]
    Show {
        /// The record, as a refusal names it.
        id: String,
        /// The record as it stands in the log.
        #[arg(long)]
        json: bool,
    },
    /// Does the chain hold, from the first record to the last?
    #[command(after_help = "Example: vetsh audit verify")]
    Verify {
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}
