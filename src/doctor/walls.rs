//! Probes of the walls: they are raised around a child of ours, which then tries what each of them is to refuse. Nothing is read,
//! written or signalled.

use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use super::{Found, broken, degraded, good};
use crate::house::House;
use crate::judge::places::HOME_CREDENTIALS;
use crate::policy::WallsMode;
use crate::sandbox::canary::{self, Held};
use crate::sandbox::{self, Ground, Plan, Wanted, plan};
use crate::session::machine::join;
use crate::sys::{child, file, process};

/// Whether the walls that the policy wants stand here, and each of them holds.
pub(super) fn stand(house: &House) -> Vec<Found> {
    let Ok(policies) = house.policies() else { return Vec::new() };
    let walls = policies.walls();
    if walls.mode == WallsMode::Off {
        return vec![degraded(
            "no walls are raised: what is let run is held by nothing but the judgement before it",
            "[walls] mode = \"prefer\" in the policy, then vetsh trust",
        )];
    }
    let Ok(profiles) = plan::profiles(&policies, &walls.profiles) else { return Vec::new() };
    // A service of somebody outside, and somebody's secret.
    let socket = house.state.join("spool").join(format!("canary.{}", process::own()));
    let _service = UnixListener::bind(&socket).ok();
    let secret = house.home.as_deref().and_then(secret);
    let ground = Ground { house, policies: &policies, roots: &[], temporary: None, agent: None };
    let wanted =
        Wanted { plans: profiles.iter().map(|profile| Plan::of(profile, ground, &[])).collect(), ..Wanted::default() };
    let all = |held: fn(&crate::policy::Profile) -> bool| profiles.iter().any(held);
    let parent = process::own();
    let guard = [house.config.join("policy.toml"), house.state.join("guard/trust"), house.state.join("audit")];
    let guard: Option<PathBuf> = guard.into_iter().find(|path| path.exists());
    let told = child::telling(|| {
        let standing = match sandbox::around(&wanted) {
            Ok(standing) => standing,
            Err(failure) => return format!("!{}", failure.why),
        };
        let mut text = String::new();
        for (what, held) in [
            ("credentials cannot be read", secret.as_deref().map(canary::unreadable)),
            ("what decides cannot be written", guard.as_deref().filter(|path| path.is_file()).map(canary::unwritable)),
            (
                "sockets of others cannot be opened",
                Some(canary::unanswered(&socket)).filter(|_| all(|p| !p.sockets.iter().any(|entry| entry == "@all"))),
            ),
            (
                "processes outside cannot be signalled",
                Some(canary::unreachable(parent)).filter(|_| all(|p| !p.signals)),
            ),
            ("nothing can be typed into a terminal", Some(canary::untypable())),
            ("no port can be reached", Some(canary::no_connection()).filter(|_| all(|p| !p.network))),
            ("no process can be looked into", Some(canary::untraceable()).filter(|_| all(|p| !p.tracing))),
        ] {
            text.push_str(match held {
                Some(Held::Yes) => "+",
                Some(Held::No) => "-",
                Some(Held::Untried) => "?",
                None => continue,
            });
            text.push_str(what);
            text.push('\n');
        }
        standing.words().iter().for_each(|word| text.push_str(&format!(" {word}\n")));
        text
    });
    let _ = std::fs::remove_file(&socket);
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            return vec![degraded(format!("walls cannot be tried: {error}"), "vetsh policy show --profile NAME")];
        }
    };
    let words: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix(' ')).collect();
    // What nested vetting writes is known to every walled command.
    let known = |word: &&&str| !word.starts_with("open: guard: ");
    let missing: Vec<&str> = words.iter().filter(known).filter_map(|word| word.strip_prefix("open: ")).collect();
    let kernel = "a kernel with Landlock (5.13 or later, boot with lsm=landlock,…) and user namespaces holds all of it";
    let mut found = Vec::new();
    for line in told.lines() {
        let (mark, what) = line.split_at(1);
        found.push(match mark {
            "+" => good(what),
            "-" if !missing.is_empty() => degraded(format!("does not hold: {what}"), "see what is open, below"),
            "-" => broken(format!("does not hold: {what}"), "see `walls` in docs/threats.md, and report it"),
            "?" => good(format!("cannot be tried here: {what}")),
            "!" => broken(format!("they cannot be raised, so nothing runs: {what}"), "[walls] mode = \"prefer\""),
            _ => continue,
        });
    }
    found.push(match (words.split_first(), missing.is_empty()) {
        (Some((&("full" | "partly"), by)), true) => {
            let by: Vec<&str> = by.iter().filter(|word| !word.starts_with("open: ")).copied().collect();
            good(format!("they stand: {}", by.join(", ")))
        }
        (Some((&("full" | "partly"), _)), false) => {
            degraded(format!("they stand in part; open: {}", missing.join(", ")), kernel)
        }
        (first, _) => degraded(first.map_or("none can be raised".to_owned(), |(first, _)| (*first).to_owned()), kernel),
    });
    found
}

/// A file in a closed place that can be opened.
fn secret(home: &[u8]) -> Option<PathBuf> {
    for entry in HOME_CREDENTIALS {
        let mut path = file::path(&join(home, entry.as_bytes())).to_owned();
        if let Some(Ok(first)) = std::fs::read_dir(&path).ok().and_then(|mut entries| entries.next()) {
            path = first.path();
        }
        if path.is_file() && canary::unreadable(&path) == Held::No {
            return Some(path);
        }
    }
    None
}
