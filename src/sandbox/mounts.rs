//! What of walls is made of mounts: sockets that are hidden, places for temporary files of one's own. They come before every other
//! wall, for behind Landlock nobody mounts.

use crate::exit::Failure;
use crate::sys::mount::{self, Refused};
use crate::sys::{file, landlock, privilege};

use super::Plan;

/// What was made of what the plans want.
#[derive(Debug, Default)]
pub struct Mounted {
    /// Something is mounted.
    pub any: bool,
    /// What could not be.
    pub missing: Vec<String>,
}

/// From here on Landlock tells sockets by their path.
pub const TELLS_SOCKETS: u32 = 9;

/// Mounts what `plans` want, all of it: each holds for all.
pub fn raise(plans: &[Plan]) -> Result<Mounted, Failure> {
    let mut mounted = Mounted::default();
    let by_path = landlock::version().is_ok_and(|version| version >= TELLS_SOCKETS);
    let sockets: Vec<&[u8]> = match by_path {
        true => Vec::new(),
        false => plans.iter().flat_map(|plan| &plan.closed).map(Vec::as_slice).collect(),
    };
    let temp = plans.iter().filter_map(|plan| plan.limits.temp_mb).min();
    if sockets.is_empty() && temp.is_none() {
        return Ok(mounted);
    }
    let mut lost = |why: &dyn std::fmt::Display| {
        if !sockets.is_empty() {
            mounted.missing.push(format!("unix sockets by path ({why})"));
        }
        if temp.is_some() {
            mounted.missing.push(format!("temporary files of its own ({why})"));
        }
    };
    let separate = privilege::no_new().map_err(Refused::Before).and_then(|()| mount::separate());
    match separate {
        Ok(()) => {}
        Err(Refused::Before(error)) => {
            lost(&format!("no mount namespace: {error}"));
            return Ok(mounted);
        }
        Err(Refused::Halfway(error)) => {
            return Err(Failure::closed(
                "walls.namespace",
                "a user namespace",
                format!("the kernel made one, and does not say who we are in it: {error}"),
                "mount /proc, or leave sockets open: sockets = [\"@all\"] in a profile",
            ));
        }
    }
    if let Some(megabytes) = temp {
        for place in plans.iter().flat_map(|plan| &plan.temps) {
            match mount::temporary(file::path(place), megabytes) {
                Ok(()) => mounted.any = true,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    mounted
                        .missing
                        .push(format!("temporary files of its own ({}: {error})", file::path(place).display()));
                }
            }
        }
        for place in plans.iter().flat_map(|plan| &plan.made_in_temp) {
            let _ = std::fs::create_dir_all(file::path(place));
        }
    }
    for socket in sockets {
        match mount::hide(file::path(socket)) {
            Ok(()) => mounted.any = true,
            // It went away.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => mounted.missing.push(format!("unix socket {} ({error})", file::path(socket).display())),
        }
    }
    Ok(mounted)
}
