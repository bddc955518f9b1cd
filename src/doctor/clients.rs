//! Which clients that are installed here would really take us as their shell, by their own rule of selection.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Found, broken, degraded, good};
use crate::client::{Picked, Surroundings, pick, pick::on_path};
use crate::config::agents::AGENTS;
use crate::house::House;
use crate::sys::{process, user};

/// One finding for each client on PATH.
pub(super) fn selection(house: &House) -> Vec<Found> {
    let Some(home) = house.home.as_deref() else { return Vec::new() };
    let variable = |name: &str| house.given(name);
    let around = Surroundings {
        home: Path::new(OsStr::from_bytes(home)),
        variable: &variable,
        login_shell: user::login_shell(),
    };
    let ours = process::own_identity();
    let mut found = Vec::new();
    for agent in AGENTS {
        let Some(program) = agent.programs.iter().find_map(|name| on_path(name, &around)) else { continue };
        let name = agent.name;
        let remedy = format!("vetsh run -- {}, or vetsh setup {name}", agent.programs.first().unwrap_or(&name));
        found.push(match pick(agent, &around) {
            Picked::Shell(shell, step) => {
                let identity = std::fs::metadata(&shell).ok().map(|meta| (meta.dev(), meta.ino()));
                if identity.is_some() && identity == ours {
                    good(format!("{name} would take {} ({step})", shell.display()))
                } else {
                    broken(format!("{name} would take {} ({step}), and pass us by", shell.display()), remedy)
                }
            }
            Picked::Inside => degraded(
                format!("{name} interprets lines itself: only the programs it starts by name reach us"),
                "vetsh setup shims NAME… for those programs, and vetsh run",
            ),
            Picked::Nothing => degraded(format!("which shell {} would take is not known", program.display()), remedy),
        });
    }
    if found.is_empty() {
        found.push(good("none of the clients we know is on PATH"));
    }
    found
}
