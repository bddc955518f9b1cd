//! Verdicts of whole lines, as data: everyday work that nobody may be asked about, lines that must be asked about or
//! refused, and disguises by class. Each line is a test of its own; a table of misses by file and class closes the run.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use vetsh::action::walk::{self, Start};
use vetsh::judge::{Context, Fixture, judge};
use vetsh::parse::Dialect;
use vetsh::policy::{Policy, Tier};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    lines: String,
    #[serde(default)]
    class: Vec<Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    tier: Tier,
    lines: Vec<String>,
}

#[derive(Clone)]
struct Case {
    group: String,
    line: String,
    tier: Tier,
    /// At least this tier, not exactly.
    floor: bool,
}

/// Lines of a `lines` text; a heredoc's lines stay together.
fn split(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut end: Option<String> = None;
    for line in text.lines() {
        match &end {
            Some(word) => {
                if let Some(last) = out.last_mut() {
                    last.push('\n');
                    last.push_str(line);
                }
                if line == word {
                    end = None;
                }
            }
            None if line.trim().is_empty() => {}
            None => {
                end = line.find("<<").filter(|at| !line[*at..].starts_with("<<<")).map(|at| {
                    line[at + 2..]
                        .trim_start_matches('-')
                        .trim()
                        .trim_start_matches('\'')
                        .chars()
                        .take_while(char::is_ascii_alphanumeric)
                        .collect()
                });
                out.push(line.to_owned());
            }
        }
    }
    out
}

fn cases(folder: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut paths: Vec<_> =
        std::fs::read_dir(&root).expect("case folder").filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("case file");
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(tier) = file.tier {
            out.extend(split(&file.lines).into_iter().map(|line| Case {
                group: format!("{folder}/{stem}"),
                line,
                tier,
                floor: false,
            }));
        }
        for class in file.class {
            assert!(class.lines.len() >= 8, "{}: fewer than eight seeds", class.name);
            out.extend(class.lines.into_iter().map(|line| Case {
                group: format!("{folder}/{}", class.name),
                line,
                tier: class.tier,
                floor: true,
            }));
        }
    }
    out
}

fn verdict(line: &str) -> (Tier, String) {
    thread_local!(static POLICY: Policy = Policy::builtin());
    POLICY.with(|policy| {
        let world = Fixture::default();
        let context = Context { today: "2026-11-20".into(), ..Context::default() };
        let weighed = judge(
            line.as_bytes(),
            Dialect::Bash,
            |script, world| walk::actions(script, line.as_bytes(), &Start::line(Dialect::Bash), policy, world),
            &[policy],
            &world,
            &context,
        );
        let verdict = weighed.verdict;
        let fired: Vec<String> = verdict
            .findings
            .iter()
            .map(|finding| format!("{} [{}] {}", finding.tier.name(), finding.rule, finding.what))
            .collect();
        (verdict.tier, fired.join("\n  "))
    })
}

fn main() {
    let arguments = Arguments::from_args();
    let tally: Arc<Mutex<BTreeMap<String, (usize, usize)>>> = Arc::default();
    let trials = ["benign", "verdict", "bypass"].into_iter().flat_map(cases).map(|case| {
        let tally = Arc::clone(&tally);
        Trial::test(format!("{}: {}", case.group, case.line.replace('\n', "\\n")), move || {
            let (tier, fired) = verdict(&case.line);
            let right = if case.floor { tier >= case.tier } else { tier == case.tier };
            if let Ok(mut tally) = tally.lock() {
                let entry = tally.entry(case.group.clone()).or_default();
                entry.0 += 1;
                entry.1 += usize::from(!right);
            }
            if right {
                return Ok(());
            }
            Err(Failed::from(format!("is {}, should be {}\n  {fired}", tier.name(), case.tier.name())))
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    if let Ok(tally) = tally.lock() {
        for (group, (count, wrong)) in tally.iter() {
            println!("{group}: {wrong} of {count} wrong");
        }
    }
    conclusion.exit();
}
