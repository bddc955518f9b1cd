//! `vetsh generate`: what is written from what the binary knows, so that it cannot say anything else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::{Completed, Generate as What};
use crate::action::Scope;
use crate::config::PAGES;
use crate::judge::{core_rules, table};
use crate::policy::{Case, Expectation, Policy, Rule, Tier, asking};
use crate::text::Arrange;

/// Examples shown of each kind; the packs have more.
const SHOWN: usize = 3;

pub fn run(what: &What) -> Outcome {
    match what {
        What::Rules => print(rules().trim_end()),
        What::Schema => print(&page("policy.json")?),
        What::Man => print(&page("vetsh.1")?),
        What::Completions { shell } => print(&completions(*shell)?),
    }
    Ok(Answer::Yes)
}

/// A page that was written when this was built.
fn page(name: &str) -> Result<String, Problem> {
    let packed = PAGES.iter().find(|(known, _)| *known == name).map(|(_, packed)| *packed).unwrap_or_default();
    let text = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, LONGEST_PAGE).ok();
    let text = text.and_then(|text| String::from_utf8(text).ok());
    Ok(text.ok_or_else(|| Problem(format!("the page {name} cannot be unpacked")))?.trim_end().to_owned())
}

const LONGEST_PAGE: usize = 1 << 20;

fn completions(shell: Completed) -> Result<String, Problem> {
    page(match shell {
        Completed::Bash => "completions.bash",
        Completed::Elvish => "completions.elvish",
        Completed::Fish => "completions.fish",
        Completed::Powershell => "completions.powershell",
        Completed::Zsh => "completions.zsh",
    })
}

/// The reference of rules and tools, of the built-in packs alone.
fn rules() -> String {
    let policy = Policy::builtin();
    let cases = policy.cases();
    let mut out = String::from(
        "# Rules and tools\n\nWritten by `vetsh generate rules` from the packs that the binary carries. How they are put together: [policy.md](policy.md). \
         `vetsh explain -- LINE` says which of them decide a line.\n\n",
    );
    default_table(&mut out);
    let mut by_pack: BTreeMap<String, Vec<&Rule>> = BTreeMap::new();
    let all: Vec<_> = policy.rules().collect();
    for rule in &all {
        let pack = rule.id.split('.').next().unwrap_or_default().to_owned();
        by_pack.entry(pack).or_default().push(rule);
    }
    for (pack, mut rules) in by_pack {
        rules.arrange_by(|a, b| a.id.cmp(&b.id));
        let _ = writeln!(out, "## Rules of {pack}\n");
        for rule in rules {
            one_rule(&mut out, rule, &cases);
        }
    }
    tools(&mut out, &cases);
    out
}

fn default_table(out: &mut String) {
    out.push_str("## The default table\n\nWhat an effect on a path means by itself; each cell is the rule `core.EFFECT-SCOPE`.\n\n| |");
    for scope in Scope::ALL {
        let _ = write!(out, " {} |", scope.name());
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Scope::ALL.len()));
    out.push('\n');
    for kind in table::PATH_EFFECTS {
        let _ = write!(out, "| {} |", kind.name());
        for scope in Scope::ALL {
            let _ = write!(out, " {} |", table::cell(*kind, *scope).name());
        }
        out.push('\n');
    }
    out.push_str("\nRules of the judge's own that have no cell:\n\n");
    let cells: Vec<String> = table::PATH_EFFECTS
        .iter()
        .flat_map(|kind| Scope::ALL.iter().map(|scope| table::cell_id(*kind, *scope)))
        .collect();
    for (id, tier) in core_rules().iter().filter(|(id, _)| !cells.contains(id)) {
        let _ = writeln!(out, "- `{id}`: {}", tier.name());
    }
    out.push('\n');
}

fn one_rule(out: &mut String, rule: &Rule, cases: &[Case]) {
    let _ = writeln!(out, "### `{}`: {}\n", rule.id, rule.tier.name());
    let _ = writeln!(out, "{}: {}.", capital(&rule.what), rule.why.trim_end_matches('.'));
    for (label, text) in [("Instead", &rule.instead), ("Undo", &rule.undo)] {
        if let Some(text) = text {
            let _ = writeln!(out, "{label}: {}.", text.trim_end_matches('.'));
        }
    }
    if let Some(needs) = asking::words(rule.approvals, &rule.require, rule.typed) {
        let _ = writeln!(out, "For a yes {needs}.");
    }
    out.push('\n');
    let examples = |fires: bool| {
        let wanted = move |case: &&Case| match &case.expect {
            Expectation::Fires(_) => fires,
            Expectation::Passes(_) => !fires,
            Expectation::Tier(_) => false,
        };
        cases.iter().filter(|case| case.of == rule.id).filter(wanted).take(SHOWN)
    };
    for (label, fires) in [("fires on", true), ("not on", false)] {
        for case in examples(fires) {
            let _ = writeln!(out, "- {label} {}", code(&case.example.line));
        }
    }
    out.push('\n');
}

fn tools(out: &mut String, cases: &[Case]) {
    let mut by_tool: BTreeMap<&str, Vec<(Tier, &str)>> = BTreeMap::new();
    for case in cases {
        if let Expectation::Tier(tier) = case.expect {
            by_tool.entry(&case.of).or_default().push((tier, &case.example.line));
        }
    }
    out.push_str("## Tools\n\n");
    for (tool, mut lines) in by_tool {
        lines.arrange_by_key(|(tier, _)| *tier);
        let _ = writeln!(out, "### {tool}\n");
        for tier in [Tier::Autonomous, Tier::Supervised, Tier::Prohibited] {
            for (_, line) in lines.iter().filter(|(own, _)| *own == tier).take(SHOWN) {
                let _ = writeln!(out, "- {}: {}", tier.name(), code(line));
            }
        }
        out.push('\n');
    }
}

/// A line as Markdown code, on one row.
fn code(line: &str) -> String {
    let shown = line.replace('\n', "⏎");
    let fence = if shown.contains('`') { "``" } else { "`" };
    let room = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{room}{shown}{room}{fence}")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "whoever runs the tests tells them by the environment")]
mod tests {
    use clap::CommandFactory;

    use super::super::arguments::Arguments;
    use super::*;

    /// What is kept is what would be written now. `VETSH_BLESS=1` writes it anew.
    fn is_fresh(name: &str, now: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name);
        if std::env::var_os("VETSH_BLESS").is_some() {
            std::fs::write(&path, now).expect("the page is written");
        }
        let kept = std::fs::read_to_string(&path).expect("the page");
        let hint = "VETSH_BLESS=1 cargo test --lib generate, then build again";
        assert!(kept.trim_end() == now.trim_end(), "{name} is not as it would be written now: {hint}");
    }

    #[test]
    fn the_manual_page_is_fresh() {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page).expect("the page");
        is_fresh("pages/vetsh.1", &String::from_utf8(page).expect("text"));
    }

    #[test]
    fn the_completions_are_fresh() {
        use clap_complete::Shell::{Bash, Elvish, Fish, PowerShell, Zsh};
        for shell in [Bash, Elvish, Fish, PowerShell, Zsh] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "vetsh", &mut script);
            is_fresh(&format!("pages/completions.{shell}"), &String::from_utf8(script).expect("text"));
        }
    }

    #[test]
    fn the_schema_is_fresh() {
        let now = serde_json::to_string_pretty(&crate::policy::schema::policy()).expect("JSON");
        is_fresh("schema/policy.json", &format!("{now}\n"));
    }

    #[test]
    fn every_page_is_there() {
        for (name, _) in PAGES {
            assert!(page(name).is_ok_and(|text| !text.is_empty()), "{name}");
        }
        assert!(PAGES.len() >= 7);
    }
}
