//! Takes an order; gives it with its walls raised.
//! Guarantees: what the record says is enforced is enforced; a wall that is required and cannot be raised ends the run, and one
//! that half stands is never taken for none; no later wall opens what an earlier one closed. Does not: decide, record, launch.

pub mod calls;
pub mod canary;
pub mod keys;
pub mod mounts;
pub mod places;
pub mod plan;
pub mod sockets;

pub use plan::{Ground, Plan};

use std::os::unix::fs::DirBuilderExt;

use crate::exec::Order;
use crate::exit::Failure;
use crate::sys::landlock::{self, Rules, right};
use crate::sys::privilege::{self, Limit};
use crate::sys::{file, filter, user};
use crate::text::Arrange;

/// The walls an order is to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One after the other, each inside the one before.
    pub plans: Vec<Plan>,
    /// Profiles whose walls stand around us already.
    pub standing: Vec<String>,
    /// Without them it does not run.
    pub required: bool,
    /// Why there are none, where that is worth a word.
    pub without: Option<&'static str>,
}

impl Wanted {
    /// Whether none stands and none is to be raised.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.plans.is_empty() && self.standing.is_empty()
    }
}

/// How much of the walls stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// All that the profile means.
    Full,
    /// Some of it: the record lists what does not.
    Partly,
    /// None.
    None,
}

/// What was really raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How much.
    pub grade: Grade,
    /// Profiles.
    pub profiles: Vec<String>,
    /// The kernel's means, by name.
    pub by: Vec<String>,
    /// What is not held.
    pub open: Vec<String>,
    /// Why there are none.
    pub reason: Option<String>,
}

impl Standing {
    /// For the record.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let grade = match self.grade {
            Grade::Full => "full",
            Grade::Partly => "partly",
            Grade::None => {
                return vec![self.reason.as_ref().map_or("unconfined".to_owned(), |why| format!("none: {why}"))];
            }
        };
        let profiles = self.profiles.iter().map(|name| format!("profile {name}"));
        let open = self.open.iter().map(|what| format!("open: {what}"));
        std::iter::once(grade.to_owned()).chain(profiles).chain(self.by.iter().cloned()).chain(open).collect()
    }
}

/// An order whose walls stand. Recording spends it.
#[derive(Debug)]
#[must_use = "a raised order must be recorded"]
pub struct Raised {
    order: Order,
    walls: Standing,
}

impl Raised {
    /// The order.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The walls in force.
    #[must_use]
    pub fn walls(&self) -> &Standing {
        &self.walls
    }

    /// The order, to be launched.
    pub(crate) fn into_order(self) -> Order {
        self.order
    }
}

/// Raises the walls an order asks for, around this process: there is no way back, so that the next thing it does is to record
/// and launch.
#[inline(never)]
pub fn raise(order: Order) -> Result<Raised, Failure> {
    crate::fault::at(crate::fault::Stage::Raise)?;
    let wanted = order.walls();
    let walls = around(wanted)?;
    Ok(Raised { order, walls })
}

/// Raises walls around this process and gives what stands.
pub(crate) fn around(wanted: &Wanted) -> Result<Standing, Failure> {
    let mut walls = Standing {
        grade: Grade::None,
        profiles: wanted.standing.clone(),
        by: Vec::new(),
        open: Vec::new(),
        reason: wanted.without.map(str::to_owned),
    };
    if !wanted.standing.is_empty() {
        walls.grade = Grade::Partly;
        walls.by.push("around us already".to_owned());
    }
    let mut mounted = mounts::raise(&wanted.plans)?;
    for plan in &wanted.plans {
        let mut missing = one(plan, &mut walls);
        missing.append(&mut mounted.missing);
        if wanted.required && !missing.is_empty() {
            return Err(Failure::closed(
                "walls.not-raised",
                format!("the walls of profile {}", plan.profile),
                format!("the policy requires them, and this kernel cannot raise: {}", missing.join(", ")),
                "run it on a kernel with Landlock, or let a human set [walls] mode = \"prefer\"",
            ));
        }
        walls.open.extend(missing);
    }
    if mounted.any {
        walls.by.push("mounts".to_owned());
    }
    if !wanted.plans.is_empty() {
        if walls.by.is_empty() {
            walls.grade = Grade::None;
            walls.reason = Some(walls.open.join(", "));
        } else {
            walls.grade = if walls.open.is_empty() { Grade::Full } else { Grade::Partly };
        }
    }
    walls.open.arrange();
    walls.open.dedup();
    Ok(walls)
}

/// Raises the walls of one plan: no new privileges, files and ports and signals, limits, capabilities, system calls last, so that
/// they cannot hinder us. Gives what the kernel could not.
fn one(plan: &Plan, walls: &mut Standing) -> Vec<String> {
    let mut missing = Vec::new();
    if let Err(error) = privilege::no_new() {
        return vec![format!("no new privileges: {error}")];
    }
    let stands = |what: &str, by: &mut Vec<String>| {
        if !by.iter().any(|known| known == what) {
            by.push(what.to_owned());
        }
    };
    match files(plan, &mut missing) {
        Ok(version) => stands(&format!("landlock {version}"), &mut walls.by),
        Err(why) => missing.push(why),
    }
    match privilege::keep_capabilities(KEPT) {
        Ok(0) => {}
        // In a user namespace of its own it has them all, and for nothing.
        Ok(_) if user::own() != 0 => {}
        Ok(_) => stands("capabilities", &mut walls.by),
        Err(error) => missing.push(format!("capabilities: {error}")),
    }
    for (limit, most) in limits(plan) {
        match privilege::limit(limit, most) {
            Ok(()) => stands("limits", &mut walls.by),
            Err(error) => missing.push(format!("limit {limit:?}: {error}")),
        }
    }
    let refused = match calls::filter(plan.refused) {
        Some(filter) => filter::enforce(&filter).map_err(|error| error.to_string()),
        None => Err("not known for this machine".to_owned()),
    };
    match refused {
        Ok(()) => stands("calls", &mut walls.by),
        Err(why) => missing.push(format!("system calls: {why}")),
    }
    walls.profiles.push(plan.profile.clone());
    walls.open.extend(plan.open.iter().cloned());
    missing
}

/// What an agent that is root keeps: what it needs to work on files of others and to become another user.
const KEPT: u64 = {
    const CHOWN_TO_SETUID: u64 = 0xff; // chown, dac_override, dac_read_search, fowner, fsetid, kill, setgid, setuid
    const NET_BIND_SERVICE: u64 = 1 << 10;
    const SYS_CHROOT: u64 = 1 << 18;
    const SYS_NICE: u64 = 1 << 23;
    const AUDIT_WRITE: u64 = 1 << 29;
    CHOWN_TO_SETUID | NET_BIND_SERVICE | SYS_CHROOT | SYS_NICE | AUDIT_WRITE
};

fn limits(plan: &Plan) -> impl Iterator<Item = (Limit, u64)> {
    const MEGABYTE: u64 = 1 << 20;
    let limits = &plan.limits;
    let megabytes = |limit: Option<u64>| limit.map(|limit| limit.saturating_mul(MEGABYTE));
    let set = [
        (Limit::Core, Some(0)),
        (Limit::Time, limits.cpu_seconds),
        (Limit::Memory, megabytes(limits.memory_mb)),
        (Limit::Processes, limits.processes),
        (Limit::File, megabytes(limits.file_mb)),
        (Limit::Open, limits.open_files),
    ];
    set.into_iter().filter_map(|(limit, most)| Some((limit, most?)))
}

/// Files, ports, signals: by the best the kernel has. Gives its version; what it is too old for is missing.
fn files(plan: &Plan, missing: &mut Vec<String>) -> Result<u32, String> {
    let told = |error: std::io::Error| match error.raw_os_error() {
        Some(nix::libc::E2BIG) => "landlock: 16 walls stand around us already".to_owned(),
        Some(nix::libc::ENOSYS | nix::libc::EOPNOTSUPP) => {
            "landlock: the kernel has none, or it is switched off".to_owned()
        }
        _ => format!("landlock: {error}"),
    };
    let version = landlock::version().map_err(told)?;
    let governed = plan.governed.within(version);
    for (lost, what) in [
        (
            plan.governed.files & !right::RESOLVE_SOCKET != governed.files & !right::RESOLVE_SOCKET,
            "truncating and moving files (Landlock is old)",
        ),
        // The filter of system calls closes what is opened anew.
        (plan.governed.ports != governed.ports, "ports of sockets that were handed over (Landlock is old)"),
        (plan.governed.scopes != governed.scopes, "signals and abstract sockets (Landlock is old)"),
    ] {
        if lost {
            missing.push(what.to_owned());
        }
    }
    for place in &plan.made {
        // Where it cannot be made it is left out, as everything that is not there.
        let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(file::path(place));
    }
    let rules = Rules::new(governed).map_err(told)?;
    for (path, rights) in &plan.rules {
        match rules.allow(path, *rights) {
            Ok(()) => {}
            // What is not there, or not ours to see, stays closed.
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(format!("landlock: {}: {error}", String::from_utf8_lossy(path))),
        }
    }
    rules.enforce().map_err(told)?;
    Ok(version)
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
        || matches!(error.raw_os_error(), Some(nix::libc::ENXIO | nix::libc::ELOOP | nix::libc::EBADFD))
}
