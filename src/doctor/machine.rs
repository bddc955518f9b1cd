//! Probes of the machine: the real shells, the terminal, the kernel.

use super::{Found, broken, degraded, good};
use crate::exec::real;
use crate::invocation::Shell;
use crate::sys::{file, terminal};

/// The real shells behind our names. Without bash and sh no client works.
pub(super) fn shells() -> Vec<Found> {
    [Shell::Bash, Shell::Sh, Shell::Zsh, Shell::Dash]
        .into_iter()
        .map(|shell| {
            let name = String::from_utf8_lossy(shell.name()).into_owned();
            match real::shell(shell, std::iter::empty()) {
                Ok(path) => good(format!("{name} is {}", String::from_utf8_lossy(&path))),
                Err(_) if matches!(shell, Shell::Zsh | Shell::Dash) => good(format!("{name} is not installed")),
                Err(failure) => broken(
                    format!("no {name} of root's own in the places we look: {}", failure.why),
                    format!("install {name}, or name its path in [shell] of /etc/vetsh/policy.toml"),
                ),
            }
        })
        .collect()
}

/// Whether a terminal's input can be forged by whoever runs on it.
pub(super) fn terminal() -> Vec<Found> {
    if terminal::can_be_typed_into() {
        vec![degraded(
            "a process on a terminal may push bytes into its input (TIOCSTI): a yes at the prompt must be typed as a code",
            "sysctl -w dev.tty.legacy_tiocsti=0 (Linux 6.2), as root; whatever runs as root may all the same",
        )]
    } else {
        vec![good("nobody can type for you (dev.tty.legacy_tiocsti is 0)")]
    }
}

/// What the kernel offers, beside what we need.
pub(super) fn kernel() -> Vec<Found> {
    let text = |path: &str| {
        file::read_small(path.as_bytes(), 4096).ok().map(|text| String::from_utf8_lossy(text.trim_ascii()).into_owned())
    };
    let mut found = Vec::new();
    match text("/proc/sys/kernel/osrelease") {
        Some(release) if older(&release, (5, 14)) => found.push(degraded(
            format!("Linux {release}: pages come one by one, and parents are read from /proc"),
            "Linux 5.14 or later starts faster",
        )),
        Some(release) => found.push(good(format!("Linux {release}"))),
        None => found.push(broken("/proc cannot be read", "mount /proc: ancestry and sessions are read there")),
    }
    match text("/proc/sys/kernel/yama/ptrace_scope").as_deref() {
        Some("0") | None => found.push(degraded(
            "any process of your user may trace any other, and so the client and its approvals",
            "sysctl -w kernel.yama.ptrace_scope=1, as root, where the kernel has Yama",
        )),
        Some(scope) => found.push(good(format!("tracing is limited (kernel.yama.ptrace_scope is {scope})"))),
    }
    found
}

/// Whether a release (`6.1.0-13-amd64`) is older than a version. One that is not understood is not.
fn older(release: &str, than: (u32, u32)) -> bool {
    let mut parts = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < than,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn releases_compare_by_number() {
        for (release, is) in [("5.9.1", true), ("5.14.0-1", false), ("4.19", true), ("10.0", false), ("custom", false)]
        {
            assert_eq!(super::older(release, (5, 14)), is, "{release}");
        }
    }
}
