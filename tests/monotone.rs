//! Wrapping never lowers a tier. Every line of the verdict cases that is asked about or refused, and a sample of everyday ones,
//! is judged bare and then wrapped, disguised, with something before or after it, as words of a linked tool and in the
//! other dialects. What bash does otherwise because of the wrapping is declared, with its reason, in `tests/cases/monotone`.

use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use vetsh::action::ActionKind;
use vetsh::action::walk::{self, Start};
use vetsh::invocation::Line;
use vetsh::judge::{Context, Fixture, Weighed, judge};
use vetsh::parse::{Dialect, parse};
use vetsh::policy::{Example, Policy, Tier, disguises};

/// Lines judged by one trial.
const SHARE: usize = 100;
/// A line is wrapped in one of so many ways of the list, each line in other ones than its neighbours.
const WAYS: usize = 3;
/// One of so many everyday lines is taken.
const SAMPLE: usize = 8;

/// What stands before a line and behind it.
const AROUND: &[(&str, &str, &str)] = &[
    ("subshell", "(", "\n)"),
    ("group", "{ ", "\n}"),
    ("after a command", "true; ", ""),
    ("before a command", "", "\ntrue"),
    ("negated", "! { ", "\n}"),
    ("if", "if true; then ", "\nfi"),
    ("condition", "if ", "\nthen true; fi"),
    ("while", "while true; do ", "\nbreak; done"),
    ("for", "for _i in 1; do ", "\ndone"),
    ("case", "case a in a) ", "\n;; esac"),
    ("function", "_f() { ", "\n}; _f"),
    ("background", "{ ", "\n} &"),
    ("pipe", "true | { ", "\n}"),
    ("and", "true && { ", "\n}"),
    ("or", "false || { ", "\n}"),
    ("substitution", "echo \"$(", "\n)\""),
    ("coprocess", "coproc { ", "\n}"),
    ("brought out", "{ ", "\n} >/dev/null 2>&1"),
];

/// What stands before the quoted line.
const QUOTED: &[(&str, &str)] = &[
    ("eval", "eval"),
    ("bash -c", "bash -c"),
    ("env bash -c", "env bash -c"),
    ("nohup bash -c", "nohup bash -c"),
    ("timeout bash -c", "timeout 60 bash -c"),
    ("command eval", "command eval"),
    ("trap", "trap --"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    lines: String,
    #[serde(default)]
    class: Vec<Class>,
}

#[derive(Deserialize)]
struct Class {
    lines: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    wrapping: String,
    holds: String,
    /// Why bash does something else, or why less is known.
    #[allow(dead_code, reason = "for those who read the data")]
    reason: String,
}

fn weigh(line: &[u8], dialect: Dialect) -> Weighed {
    thread_local!(static POLICY: Policy = Policy::builtin());
    POLICY.with(|policy| {
        let context = Context { today: "2026-11-20".into(), ..Context::default() };
        let start = Start::line(dialect);
        let walk = |script: &vetsh::parse::Script, world: &dyn vetsh::action::World| {
            walk::actions(script, line, &start, policy, world)
        };
        judge(line, dialect, walk, &[policy], &Fixture::default(), &context)
    })
}

fn tier(line: &str) -> Tier {
    weigh(line.as_bytes(), Dialect::Bash).verdict.tier
}

/// The words of a line that is one program with words that are all known.
fn words(line: &str, weighed: &Weighed) -> Option<Vec<Vec<u8>>> {
    let [only] = weighed.actions.list.as_slice() else { return None };
    let whole = (only.span.end - only.span.start) as usize == line.trim().len();
    // What a redirection or a here-document feeds is not in the words.
    if !whole || line.contains('<') || only.kind != ActionKind::Run || !only.assigns.is_empty() {
        return None;
    }
    only.argv.iter().map(|word| word.text().map(<[u8]>::to_vec)).collect()
}

/// Everything `line` can be turned into, by name.
fn wrapped(line: &str) -> Vec<(&'static str, String)> {
    let mut out: Vec<(&'static str, String)> =
        AROUND.iter().map(|(name, before, after)| (*name, format!("{before}{line}{after}"))).collect();
    let quoted = format!("'{}'", line.replace('\'', "'\\''"));
    for (name, before) in QUOTED {
        let after = if *name == "trap" { " EXIT" } else { "" };
        out.push((name, format!("{before} {quoted}{after}")));
    }
    let example = Example { line: line.to_owned(), ..Example::default() };
    out.extend(disguises(&example).into_iter().map(|(name, example)| (name, example.line)));
    out
}

fn lowered(number: usize, line: &str, exceptions: &Exceptions, failed: &mut Vec<String>) {
    let bare = weigh(line.as_bytes(), Dialect::Bash);
    let before = bare.verdict.tier;
    if before == Tier::Autonomous {
        return;
    }
    let mut see = |name: &str, tier: Tier, text: &str| {
        let declared = exceptions.exception.iter().any(|known| known.wrapping == name && line.contains(&known.holds));
        if tier < before && !declared {
            failed.push(format!("{name}: {} < {}: {text:?}", tier.name(), before.name()));
        }
    };
    for (name, dialect) in [("sh", Dialect::Sh), ("zsh", Dialect::Zsh)] {
        see(name, weigh(line.as_bytes(), dialect).verdict.tier, line);
    }
    if let Some(words) = words(line, &bare) {
        let tool = Line::of_words(&words, Dialect::Bash);
        see("tool", weigh(&tool.judged, Dialect::Bash).verdict.tier, line);
    }
    // Only whole lines can be wrapped by text.
    let whole = |text: &str| parse(text.as_bytes(), Dialect::Bash).opaque.is_empty();
    if line.ends_with('\\') || !whole(line) {
        return;
    }
    for (name, text) in wrapped(line).into_iter().skip(number % WAYS).step_by(WAYS) {
        // A heredoc without its end takes what stands behind it.
        if whole(&text) {
            see(name, tier(&text), &text);
        }
    }
}

fn lines() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut out = Vec::new();
    for folder in ["bypass", "verdict", "benign"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(root.join(folder)).expect("cases").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("case file");
            let cases: Cases = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let all = cases.lines.lines().filter(|line| !line.is_empty()).map(str::to_owned);
            let all = all.chain(cases.class.into_iter().flat_map(|class| class.lines));
            let every = if cases.tier == Some(Tier::Autonomous) { SAMPLE } else { 1 };
            out.extend(all.step_by(every));
        }
    }
    out
}

fn main() {
    let arguments = Arguments::from_args();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/monotone/exceptions.toml");
    let exceptions = std::fs::read_to_string(path).expect("exceptions");
    let exceptions: Arc<Exceptions> = Arc::new(toml::from_str(&exceptions).expect("exceptions"));
    let lines = lines();
    assert!(lines.len() > 3000, "only {} lines", lines.len());
    let trials = lines.chunks(SHARE).enumerate().map(|(number, share)| {
        let (share, exceptions) = (share.to_vec(), Arc::clone(&exceptions));
        Trial::test(format!("lines from {}", number * SHARE), move || {
            let mut failed = Vec::new();
            share.iter().enumerate().for_each(|(at, line)| lowered(at, line, &exceptions, &mut failed));
            if failed.is_empty() { Ok(()) } else { Err(Failed::from(failed.join("\n"))) }
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}
