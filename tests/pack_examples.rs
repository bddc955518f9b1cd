//! Every example of every pack, and every disguise of a rule's own lines: the packs mean what they say.

use std::path::Path;

use vetsh::action::walk::{self, Start};
use vetsh::judge::{Changes, Context, Fixture, Weighed, judge, unmet};
use vetsh::parse::Dialect;
use vetsh::policy::{Case, Example, Expectation, Policy, Tier, disguises};

fn weigh(policy: &Policy, example: &Example) -> Weighed {
    let world = Fixture::new(&Changes::from(example));
    let context = Context { today: "2026-11-20".into(), ..Context::default() };
    let dialect = match example.dialect.as_deref() {
        Some("sh") => Dialect::Sh,
        Some("zsh") => Dialect::Zsh,
        _ => Dialect::Bash,
    };
    let line = example.line.as_bytes();
    let walk = |script: &vetsh::parse::Script, world: &dyn vetsh::action::World| {
        walk::actions(script, line, &Start::line(dialect), policy, world)
    };
    judge(line, dialect, walk, &[policy], &world, &context)
}

fn wrong(policy: &Policy, case: &Case) -> Option<String> {
    unmet(&case.expect, &weigh(policy, &case.example))
}

#[test]
fn examples_hold() {
    let policy = Policy::builtin();
    let cases = policy.cases();
    assert!(cases.len() > 1000, "only {} examples were found", cases.len());
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}\n    {}", case.of, case.example.line, wrong(&policy, case)?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} wrong:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn disguises_never_lower_the_tier() {
    let policy = Policy::builtin();
    let mut count = 0;
    let mut failed = Vec::new();
    for case in policy.cases().iter().filter(|case| case.disguise) {
        let plain = weigh(&policy, &case.example).verdict.tier;
        for (name, disguised) in disguises(&case.example) {
            count += 1;
            let tier = weigh(&policy, &disguised).verdict.tier;
            if tier < plain {
                failed.push(format!("{}: {} ({name}): {} < {}", case.of, disguised.line, tier.name(), plain.name()));
            }
        }
    }
    assert!(count > 300, "only {count} disguises were made");
    assert!(failed.is_empty(), "{} of {count} lowered:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn a_wrong_example_is_seen() {
    let policy = Policy::builtin();
    let mut case =
        policy.cases().into_iter().find(|case| matches!(case.expect, Expectation::Fires(_))).expect("a rule");
    case.example.line = "true".to_owned();
    assert!(wrong(&policy, &case).is_some());
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/packs").is_dir());
}

/// A link that the user could make is the known program it leads to: a dispatcher goes by the link's name, `rm` does not.
#[test]
fn a_link_to_another_known_program_is_that_program() {
    let policy = Policy::builtin();
    let linked = |target: &str| Example {
        line: "ls -rf ~".to_owned(),
        env: vec![("PATH".to_owned(), "/home/u/bin".to_owned())],
        links: vec![("/home/u/bin/ls".to_owned(), target.to_owned())],
        ..Example::default()
    };
    assert_eq!(weigh(&policy, &linked("/usr/bin/rm")).verdict.tier, Tier::Prohibited);
    assert_eq!(weigh(&policy, &linked("/usr/bin/busybox")).verdict.tier, Tier::Autonomous);
}
