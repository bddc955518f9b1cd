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
    /// The line; several words are joined by a space.
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
    #[command(after_help = "Example: vetsh policy show --json | jq '.rules[].id'")]
    Show {
        /// One JSON object.
        #[arg(long)]
        json: bool,
        /// Only this rule.
        rule: Option<String>,
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
