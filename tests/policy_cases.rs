//! Policy files: what loads, what is told about what does not, and what trust decides.

use serde::Deserialize;
use vetsh::action::tool::Tools;
use vetsh::judge::core_rule;
use vetsh::policy::{Layer, Loaded, Policy, Problems, Source, Tier, Trust, load};

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    text: String,
    #[serde(default)]
    layer: Option<String>,
    #[serde(default)]
    trusted: Option<bool>,
    problems: Vec<String>,
}

fn one(layer: Layer, text: &str, trust: Trust<'_>, today: &str) -> Result<Loaded, Problems> {
    load(&[Source { name: "policy.toml", layer, bytes: text.as_bytes(), trust }], today, &core_rule)
}

#[test]
fn files_load_or_are_told_what_is_wrong() {
    let cases: Cases = toml::from_str(include_str!("cases/policy/load.toml")).expect("the case file");
    let mut failures = Vec::new();
    for case in &cases.case {
        let layer = match case.layer.as_deref() {
            Some("project") => Layer::Project,
            Some("system") => Layer::System,
            _ => Layer::User,
        };
        let trust = if case.trusted.unwrap_or(true) { Trust::Trusted } else { Trust::Untrusted };
        let told = match one(layer, &case.text, trust, "2026-11-24") {
            Ok(_) => Vec::new(),
            Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
        };
        let all_there = case.problems.iter().all(|wanted| told.iter().any(|problem| problem.contains(wanted)));
        if !all_there || told.len() != case.problems.len() {
            failures.push(format!("{}: {told:#?}", case.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

const RELAXED: &str = "format = 1\n[[relax]]\nrule = \"core.commits\"\nto = \"autonomous\"\nreason = \"r\"\nexpires = 2027-03-31\n\
                       [tool.shopctl]\noperands = [\"read*\"]\n";

#[test]
fn what_loosens_counts_only_as_trusted() {
    let trusted = one(Layer::User, RELAXED, Trust::Trusted, "2026-11-24").expect("loads");
    assert_eq!(trusted.current.relaxes("core.commits").count(), 1);
    assert!(trusted.current.command(&[b"shopctl"]).is_some());
    let untrusted = one(Layer::User, RELAXED, Trust::Untrusted, "2026-11-24").expect("loads");
    assert_eq!(untrusted.current.relaxes("core.commits").count(), 0);
    assert!(untrusted.current.command(&[b"shopctl"]).is_none());
    assert_eq!(untrusted.waiting.len(), 2);
}

#[test]
fn an_edited_file_is_judged_beside_the_trusted_copy() {
    let last = "format = 1\n";
    let loaded = one(Layer::User, RELAXED, Trust::Edited { last: last.as_bytes() }, "2026-11-24").expect("loads");
    let copy = loaded.trusted.as_ref().expect("the trusted copy");
    assert_eq!(copy.relaxes("core.commits").count(), 0, "the stricter of the two has no relaxation");
}

#[test]
fn an_expired_relaxation_is_inert() {
    let loaded = one(Layer::User, RELAXED, Trust::Trusted, "2027-04-01").expect("loads");
    assert_eq!(loaded.current.relaxes("core.commits").count(), 0);
    let last_day = one(Layer::User, RELAXED, Trust::Trusted, "2027-03-31").expect("loads");
    assert_eq!(last_day.current.relaxes("core.commits").count(), 1);
}

#[test]
fn the_default_file_changes_nothing_and_has_its_own_digest() {
    let default = one(Layer::User, vetsh::config::DEFAULT_POLICY, Trust::Untrusted, "2026-11-24").expect("loads");
    assert_eq!(default.current.sha256(), Policy::builtin().sha256());
    // Parsed after all, it sets what is built in.
    let parsed =
        one(Layer::User, &format!("{}\n", vetsh::config::DEFAULT_POLICY), Trust::Trusted, "2026-11-24").expect("loads");
    assert_eq!(parsed.settings(), default.settings());
    assert_ne!(parsed.current.sha256(), default.current.sha256());
}

#[test]
fn the_blob_answers_by_every_name() {
    let policy = Policy::builtin();
    let run = policy.command(&[b"npm", b"run-script"]).expect("npm run by its other name");
    assert_eq!(run.path, ["npm", "run"]);
    assert!(run.runner);
    assert!(
        run.options.iter().any(|option| option.names.iter().any(|name| name == "--prefix")),
        "persistent options are there"
    );
    assert_eq!(policy.command(&[b"python3.11"]).expect("a version").path, ["python"]);
    assert!(policy.command(&[b"python3.x"]).is_none());
    assert!(policy.command(&[b"no-such-program"]).is_none());
    assert!(policy.command(&[b"cargo", b"no-such-subcommand"]).is_none());
    assert_eq!(policy.list("protected"), ["main", "master"]);
}

#[test]
fn rules_are_found_through_their_index() {
    let policy = Policy::builtin();
    for rule in policy.rules() {
        assert_eq!(policy.rule(&rule.id).as_deref(), Some(&*rule));
        assert_ne!(rule.tier, Tier::Autonomous);
        for program in rule.when.iter().flat_map(|when| &when.program).filter(|name| !name.contains(['*', '@'])) {
            let kinds = vetsh::action::EffectKind::ALL.iter().copied();
            let found = policy.rules_for(Some(program.as_bytes()), kinds);
            assert!(found.iter().any(|other| other.id == rule.id), "{} by {program}", rule.id);
        }
    }
}
