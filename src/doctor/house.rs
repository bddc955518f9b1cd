//! Probes of the house: where it stands, whose it is, whether the policy loads, the record holds and our names lead to us.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::{Found, broken, degraded, good};
use crate::approval::signers::{NOBODY, Signers};
use crate::approval::{novelty, standing};
use crate::audit;
use crate::exec::{Environment, startup};
use crate::house::House;
use crate::invocation::{Form, Options, Shell};
use crate::sys::{process, tool, user};
use crate::text::Arrange;

/// Bytes that must be free where the record is kept.
const ROOM: u64 = 64 << 20;

/// Where the house stands.
pub(super) fn place(house: &House) -> Vec<Found> {
    let mut found = vec![good(format!("policy in {}, records in {}", house.config.display(), house.state.display()))];
    if let Some(root) = &house.root {
        found.push(degraded(
            format!("another root is in use: {}", root.display()),
            "call vetsh without --root for what your own sessions use",
        ));
    }
    if user::own() == 0 {
        found.push(degraded(
            "you are root: nothing here is out of reach of what runs",
            "give the agent a user of its own",
        ));
    }
    found
}

/// Owners and modes of everything that decides.
pub(super) fn modes(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    let own = user::own();
    let mut look = |path: &Path, private: bool| {
        let Ok(meta) = std::fs::symlink_metadata(path) else { return };
        let mode = meta.permissions().mode() & 0o777;
        let open = mode & if private { 0o077 } else { 0o022 };
        if meta.uid() != own && meta.uid() != 0 {
            found.push(broken(
                format!("{} belongs to user {}", path.display(), meta.uid()),
                format!("chown {own} {}", path.display()),
            ));
        } else if open != 0 && !meta.is_symlink() {
            let bits = if private { "go-rwx" } else { "go-w" };
            found.push(broken(
                format!("{} is open to others (mode {mode:o})", path.display()),
                format!("chmod {bits} {}", path.display()),
            ));
        }
    };
    look(&house.config, false);
    look(&house.config.join("policy.toml"), false);
    look(&house.config.join("packs"), false);
    if let Some(shims) = house.shims() {
        look(&shims, false);
    }
    for folder in ["", "audit", "live", "spool", "guard"] {
        look(&house.state.join(folder), true);
    }
    if found.is_empty() {
        found.push(good("policy and state are yours alone to change"));
    }
    found
}

/// The policy in force.
pub(super) fn policy(house: &House) -> Vec<Found> {
    let policies = match house.policies() {
        Ok(policies) => policies,
        Err(failure) => {
            return vec![broken(
                format!("the policy does not load, so every line is refused: {}", failure.why),
                "vetsh policy check",
            )];
        }
    };
    let loaded = policies.loaded();
    let mut found = vec![good(format!("it loads: {} rules", loaded.current.rules().count()))];
    found.extend(loaded.waiting.iter().map(|waiting| {
        degraded(format!("loosens and does not count yet: {waiting}"), "vetsh trust FILE, once you have read it")
    }));
    if policies.observes() {
        found.push(degraded(
            "it only observes: what would be asked about passes",
            "take `enforce = \"observe\"` out of the policy",
        ));
    }
    found
}

/// Who may approve what must be signed.
pub(super) fn approvers(house: &House) -> Vec<Found> {
    let signers = match Signers::load(house) {
        Ok(signers) => signers,
        Err(why) if why.starts_with(NOBODY) => {
            return vec![good(format!("{why}; what approvers must sign is refused"))];
        }
        Err(why) => return vec![degraded(format!("nobody can approve by signing: {why}"), "see docs/approvals.md")],
    };
    let mut found = vec![if !tool::has_keygen() {
        broken("there is no ssh-keygen of root's: nothing that is signed can be verified", "install openssh-client")
    } else if signers.is_roots {
        good(format!("root's list of approvers holds: {}", signers.names().join(", ")))
    } else {
        degraded(
            format!("the list of approvers is a file of your user: {}", signers.names().join(", ")),
            "as root, move it to /etc/vetsh/allowed_signers",
        )
    }];
    found.extend(
        signers
            .left_out
            .iter()
            .map(|why| degraded(format!("makes nobody an approver: {why}"), "see docs/approvals.md")),
    );
    found
}

/// What is kept of what clients did for the first time.
pub(super) fn novelty(house: &House) -> Vec<Found> {
    vec![match novelty::trouble(&house.guard()) {
        None => good("it is remembered; vetsh review shows it"),
        Some(why) => degraded(
            format!("what is new cannot be remembered, and is told of each time: {why}"),
            "make guard/seen in the state directory a file of yours alone, or move it away",
        ),
    }]
}

/// Sessions of which nothing runs any more.
pub(super) fn sessions(house: &House) -> Vec<Found> {
    let stopped = match standing::all_stopped(&house.guard()) {
        Ok(stopped) => stopped,
        Err(why) => {
            return vec![broken(
                format!("what is stopped cannot be told, so that nothing runs: {why}"),
                "look at guard/sessions in the state directory",
            )];
        }
    };
    let mut found: Vec<Found> = Vec::new();
    if stopped.iter().any(|mark| mark.session == standing::ALL) {
        found.push(broken("every session is stopped: nothing runs", "vetsh session revoke --all --undo"));
    }
    let single = stopped.iter().filter(|mark| mark.session != standing::ALL).count();
    if single > 0 {
        found.push(degraded(
            format!("{single} sessions are stopped"),
            "vetsh session revoke ID --undo, if they may go on",
        ));
    }
    if found.is_empty() {
        found.push(good("none is stopped"));
    }
    found
}

/// The record: the chain, and room for more of it.
pub(super) fn record(house: &House) -> Vec<Found> {
    let folder = house.audit();
    if !house.keeps() && user::own() != 0 {
        return vec![match audit::newest(house) {
            u64::MAX => broken("the machine's writer does not answer: nothing runs", "see the service vetsh-writer"),
            _ => good("the machine's writer keeps it, out of your reach; root verifies it"),
        }];
    }
    let mut found = Vec::new();
    match audit::verify(&folder) {
        Ok(report) if report.holds() => {
            found.push(good(format!("{} records, the chain holds", report.records)));
            if report.incidents > 0 {
                found.push(degraded(
                    format!("{} incidents stand in it", report.incidents),
                    "vetsh audit verify, then look at each",
                ));
            }
        }
        Ok(report) => {
            let first = report.problems.first();
            let at = first.map_or(String::new(), |p| format!("{} line {}: {}", p.file, p.line, p.what));
            found.push(broken(
                format!("the chain does not hold ({} problems): {at}", report.problems.len()),
                "vetsh audit verify; keep a copy of the files before anything else is done",
            ));
        }
        Err(error) => found.push(broken(format!("{}: {error}", folder.display()), "make it readable for you")),
    }
    if let Ok(room) = nix::sys::statvfs::statvfs(&folder) {
        let free = room.blocks_available().saturating_mul(room.fragment_size());
        if free < ROOM {
            found.push(degraded(
                format!("{} MB are free where the record is kept", free >> 20),
                "make room: what cannot be recorded does not run",
            ));
        }
    }
    found
}

/// Start-up files that a login or interactive shell would read and nobody has seen as they are.
pub(super) fn startup(house: &House) -> Vec<Found> {
    let folder = house.guard().join("startup");
    if !folder.is_dir() {
        return vec![good("none was read yet: those of now will count as seen")];
    }
    let environment = Environment::of(house.given.clone(), b"", || None);
    let command = Form::Command { positional: Vec::new() };
    let mut files = Vec::new();
    for options in [Options { login: true, ..Options::default() }, Options { interactive: true, ..Options::default() }]
    {
        for shell in [Shell::Bash, Shell::Zsh] {
            files.extend(startup::predicted(shell, &command, &options, &environment));
        }
    }
    files.arrange();
    files.dedup();
    let unseen = startup::unseen(&house.guard(), &files);
    if unseen.is_empty() {
        return vec![good("those that a login or interactive shell reads are as a human saw them")];
    }
    unseen
        .iter()
        .map(|file| {
            let path = Path::new(OsStr::from_bytes(&file.path)).display();
            degraded(
                format!("{path} has changed since a human saw it: shells that read it ask first"),
                "read it, then approve the question of such a shell at your terminal",
            )
        })
        .collect()
}

/// Our names.
pub(super) fn shims(house: &House) -> Vec<Found> {
    let Some(folder) = house.shims() else {
        return vec![broken("there is no home to hold the shim directory", "let the installer write /etc/vetsh/home")];
    };
    let ours = process::own_identity();
    ["bash", "sh", "zsh"]
        .into_iter()
        .map(|name| {
            let shim = folder.join(name);
            let mend = format!("vetsh setup shims {name}");
            match std::fs::metadata(&shim) {
                Ok(meta) if Some((meta.dev(), meta.ino())) == ours => good(format!("{} is vetsh", shim.display())),
                Ok(_) => broken(format!("{} leads to another program than this one", shim.display()), mend),
                Err(_) => degraded(format!("{} is not there", shim.display()), mend),
            }
        })
        .collect()
}
