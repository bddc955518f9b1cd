//! `vetsh policy show --profile NAME`: the walls of a profile as they would be raised in this directory.

use std::ffi::OsString;

use super::answer::{Answer, Outcome, Problem, print};
use super::arguments::Arguments;
use super::bench::Bench;
use crate::action::World;
use crate::action::world::Variable;
use crate::sandbox::{Ground, Plan, places, plan};
use crate::session::machine::join;
use crate::session::workspace::below;
use crate::sys::{file, landlock};

pub fn show(arguments: &Arguments, json: bool, name: &str) -> Outcome {
    let bench = Bench::open(arguments)?;
    let (policies, machine) = bench.here()?;
    let known = policies.loaded().current.profile_names().join(", ");
    let profiles = plan::profiles(&policies, &[name.to_owned()])
        .map_err(|name| Problem(format!("there is no profile {name}; there are: {known}")))?;
    let value = |name: &[u8]| match machine.variable(name) {
        Variable::Set(place) => Some(place),
        _ => None,
    };
    let (temporary, agent) = (value(b"TMPDIR"), value(b"SSH_AUTH_SOCK"));
    let roots = machine.roots();
    let ground = Ground {
        house: &bench.house,
        policies: &policies,
        roots: &roots,
        temporary: temporary.as_deref(),
        agent: agent.as_deref(),
    };
    for profile in &profiles {
        let plan = Plan::of(profile, ground, &[]);
        let rules: Vec<(&'static str, String)> = plan
            .rules
            .iter()
            .filter(|(path, _)| std::fs::symlink_metadata(crate::sys::file::path(path)).is_ok())
            .map(|(path, rights)| (letters(*rights, &plan), String::from_utf8_lossy(path).into_owned()))
            .collect();
        if json {
            let rules: Vec<_> = rules
                .iter()
                .map(|(rights, path)| serde_json::json!({ "rights": rights.trim(), "path": path }))
                .collect();
            let split: Vec<_> = plan.split.iter().map(|path| String::from_utf8_lossy(path)).collect();
            print(
                &serde_json::json!({
                    "schema": 1, "profile": profile.name, "network": profile.network, "signals": profile.signals,
                    "namespaces": profile.namespaces, "tracing": profile.tracing, "landlock": landlock::version().ok(),
                    "rules": rules, "split": split, "open": plan.open,
                })
                .to_string(),
            );
            continue;
        }
        let yes = |yes| if yes { "yes" } else { "no" };
        print(&format!("profile    {}", profile.name));
        print(&format!("network    {}", yes(profile.network)));
        print(&format!("signals    {}", if profile.signals { "everybody's" } else { "its own processes'" }));
        print(&format!("namespaces {}", yes(profile.namespaces)));
        print(&format!("tracing    {}", if profile.tracing { "its own processes" } else { "no" }));
        for (rights, path) in &rules {
            print(&format!("{rights} {path}"));
        }
        for path in &plan.split {
            print(&format!("new entries right in {} are closed until the next command", String::from_utf8_lossy(path)));
        }
        for what in &plan.open {
            print(&format!("not held: {what}"));
        }
        if let Err(error) = landlock::version() {
            print(&format!("this kernel has no Landlock ({error}): files stay open"));
        }
    }
    Ok(Answer::Yes)
}

/// What a record says of its walls.
pub fn of_record(record: &serde_json::Value) -> Vec<&str> {
    record
        .get("walls")
        .and_then(|walls| walls.as_array())
        .into_iter()
        .flatten()
        .filter_map(|wall| wall.as_str())
        .collect()
}

/// What the walls of a record's command, as they would be raised today, say of paths, and what would open them.
pub fn explain(arguments: &Arguments, record: &serde_json::Value, paths: &[OsString]) -> Outcome {
    let mut bench = Bench::open(arguments)?;
    if let Some(cwd) = record.pointer("/proc/cwd").and_then(|cwd| cwd.as_str()) {
        bench.house.cwd = cwd.as_bytes().to_vec();
    }
    let (policies, machine) = bench.here()?;
    let names: Vec<String> =
        of_record(record).iter().filter_map(|wall| wall.strip_prefix("profile ")).map(str::to_owned).collect();
    if names.is_empty() {
        print(&format!("it ran without walls ({}): the file system alone denied it", of_record(record).join(", ")));
        return Ok(Answer::Yes);
    }
    let profiles =
        plan::profiles(&policies, &names).map_err(|name| Problem(format!("there is no profile {name} now")))?;
    let roots = machine.roots();
    let ground = Ground { house: &bench.house, policies: &policies, roots: &roots, temporary: None, agent: None };
    let mut answer = Answer::Yes;
    for profile in &profiles {
        let plan = Plan::of(profile, ground, &[]);
        for path in paths {
            let path = match path.as_encoded_bytes() {
                absolute @ [b'/', ..] => absolute.to_vec(),
                relative => join(&bench.house.cwd, relative),
            };
            let real = std::fs::canonicalize(file::path(&path)).map(|real| real.into_os_string().into_encoded_bytes());
            let path = real.unwrap_or(path);
            let rights =
                plan.rules.iter().filter(|(place, _)| below(&path, place)).fold(0, |all, (_, rights)| all | rights);
            let (list, known) = if plan.closed.iter().any(|closed| below(&path, closed)) {
                ("sockets", &profile.sockets)
            } else if rights & places::READ == 0 {
                ("readable", &profile.readable)
            } else if rights & places::WRITE == 0 {
                ("writable", &profile.writable)
            } else {
                print(&format!("{} {}: open", letters(rights, &plan), file::path(&path).display()));
                continue;
            };
            answer = Answer::No;
            let (path, name) = (file::path(&path).display(), &profile.name);
            print(&format!(
                "{} {path}: no line of `{list}` in profile {name} opens it; a profile that does:",
                letters(rights, &plan)
            ));
            print(&format!(
                "  [profile.mine]\n  base = \"{name}\"\n  {list} = [\"{}\", \"{path}\"]",
                known.join("\", \"")
            ));
        }
    }
    Ok(answer)
}

/// `rwx`, as a listing shows them; `-` for what is closed.
fn letters(rights: u64, plan: &Plan) -> &'static str {
    let runs = plan.governed.files & landlock::right::EXECUTE == 0 || rights & landlock::right::EXECUTE != 0;
    match (rights & places::READ != 0, rights & places::WRITE != 0, runs) {
        (true, true, true) => "rwx",
        (true, true, false) => "rw-",
        (true, false, true) => "r-x",
        (true, false, false) => "r--",
        (false, true, _) => "-w-",
        (false, false, true) => "--x",
        (false, false, false) => "---",
    }
}
