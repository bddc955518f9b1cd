//! `vetsh policy check|show|test`; what changes a policy is `change`'s.

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::{Arguments, Policy as Verb};
use super::bench::{Bench, dialect};
use super::change;
use super::walls;
use crate::house::House;
use crate::invocation::Line;
use crate::judge::{Changes, Fixture, core_rules, unmet};
use crate::policy::{Case, Policy, asking};

pub fn run(arguments: &Arguments, verb: &Verb) -> Outcome {
    match verb {
        Verb::Check { json } => check(arguments, *json),
        Verb::Show { json, profile: Some(name), .. } => walls::show(arguments, *json, name),
        Verb::Show { json, rule, .. } => show(arguments, *json, rule.as_deref()),
        Verb::Test { json } => test(arguments, *json),
        Verb::Try { file, history, json } => change::try_out(arguments, file, *history, *json),
        Verb::Diff { history, json } => change::diff(arguments, *history, *json),
        Verb::Edit { history } => change::edit(arguments, *history),
    }
}

fn check(arguments: &Arguments, json: bool) -> Outcome {
    use std::os::unix::ffi::OsStrExt;
    let root = arguments.root.as_ref().map(|root| root.as_os_str().as_bytes().to_vec());
    let house = House::open(root.as_deref())?;
    match house.policies() {
        Ok(policies) => {
            let loaded = policies.loaded();
            let digest = crate::text::hexadecimal(loaded.current.sha256());
            if json {
                print(
                    &serde_json::json!({ "schema": 1, "loads": true, "sha256": digest, "waiting": loaded.waiting })
                        .to_string(),
                );
            } else {
                print(&format!("the policy loads ({} rules, sha256 {digest})", loaded.current.rules().count()));
                for waiting in &loaded.waiting {
                    print(&format!("waits for vetsh trust: {waiting}"));
                }
            }
            Ok(Answer::Yes)
        }
        Err(failure) => {
            if json {
                print(
                    &serde_json::json!({ "schema": 1, "loads": false, "why": failure.why, "instead": failure.instead })
                        .to_string(),
                );
            } else {
                print(&format!("{}\n{}\ninstead: {}", failure.what, failure.why, failure.instead));
            }
            Ok(Answer::No)
        }
    }
}

fn show(arguments: &Arguments, json: bool, only: Option<&str>) -> Outcome {
    let bench = Bench::open(arguments)?;
    let policies = bench.house.policies()?;
    let policy: &Policy = &policies.loaded().current;
    let rules: Vec<_> = policy.rules().filter(|rule| only.is_none_or(|only| rule.id == only)).collect();
    let core: Vec<_> = core_rules().into_iter().filter(|(id, _)| only.is_none_or(|only| id == only)).collect();
    if only.is_some() && rules.is_empty() && core.is_empty() {
        return Err(Problem(format!("there is no rule {}", only.unwrap_or_default())));
    }
    if json {
        let rules: Vec<serde_json::Value> =
            rules.iter().map(|rule| serde_json::to_value(&**rule)).collect::<Result<_, _>>()?;
        let core: Vec<_> = core.iter().map(|(id, tier)| serde_json::json!({ "id": id, "tier": tier.name() })).collect();
        print(
            &serde_json::json!({ "schema": 1, "version": policy.version(), "rules": rules, "core": core }).to_string(),
        );
        return Ok(Answer::Yes);
    }
    for rule in &rules {
        print(&format!("{:<11} {:<34} {}", rule.tier.name(), rule.id, rule.what));
        if only.is_some() {
            print(&format!("  why: {}", rule.why));
            let needs = asking::words(rule.approvals, &rule.require, rule.typed);
            for (name, text) in [("yes", &needs), ("instead", &rule.instead), ("undo", &rule.undo)] {
                if let Some(text) = text {
                    print(&format!("  {name}: {text}"));
                }
            }
        }
    }
    for (id, tier) in &core {
        print(&format!("{:<11} {id}", tier.name()));
    }
    Ok(Answer::Yes)
}

fn test(arguments: &Arguments, json: bool) -> Outcome {
    let mut bench = Bench::open(arguments)?;
    let cases = bench.house.policies()?.loaded().current.cases();
    let mut failed = Vec::new();
    for case in &cases {
        if let Some(wrong) = wrong(&mut bench, case)? {
            failed.push((case.of.clone(), case.example.line.clone(), wrong));
        }
    }
    if json {
        let failed: Vec<_> = failed
            .iter()
            .map(|(of, line, wrong)| serde_json::json!({ "of": of, "line": line, "wrong": wrong }))
            .collect();
        print(&serde_json::json!({ "schema": 1, "examples": cases.len(), "failed": failed }).to_string());
    } else {
        for (of, line, wrong) in &failed {
            print(&format!("{of}: {line}\n    {wrong}"));
        }
        print(&format!("{} examples, {} wrong", cases.len(), failed.len()));
    }
    Ok(if failed.is_empty() { Answer::Yes } else { Answer::No })
}

/// What is wrong with an example, in the fixed world of the policy format.
fn wrong(bench: &mut Bench, case: &Case) -> Result<Option<String>, Problem> {
    let example = &case.example;
    let line = Line::of_text(example.line.clone().into_bytes(), dialect(example.dialect.as_deref().unwrap_or("bash"))?);
    let weighed = bench.judge_in(&line, &Fixture::new(&Changes::from(example)))?;
    Ok(unmet(&case.expect, &weighed))
}
