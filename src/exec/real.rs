//! The real programs behind our names: shells from a compiled list of root-owned paths, to which the system's policy may add;
//! tools from PATH without ourselves.

use std::os::unix::fs::MetadataExt;

use crate::exit::Failure;
use crate::invocation::Shell;
use crate::session::machine::join;
use crate::sys::{file, owner, process};

const BASH: &[&[u8]] =
    &[b"/bin/bash", b"/usr/bin/bash", b"/usr/local/bin/bash", b"/usr/libexec/vetsh/bash", b"/bin/bash.real"];
const SH: &[&[u8]] =
    &[b"/bin/sh", b"/usr/bin/sh", b"/usr/libexec/vetsh/sh", b"/bin/sh.real", b"/bin/dash", b"/bin/bash"];
const ZSH: &[&[u8]] = &[b"/bin/zsh", b"/usr/bin/zsh", b"/usr/local/bin/zsh", b"/usr/libexec/vetsh/zsh"];
const DASH: &[&[u8]] = &[b"/bin/dash", b"/usr/bin/dash", b"/usr/libexec/vetsh/dash"];

/// The real shell behind a name: of the compiled list, else of `more`, paths that the system's policy names.
pub fn shell<'a>(shell: Shell, more: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, Failure> {
    let candidates = match shell {
        Shell::Bash => BASH,
        Shell::Sh => SH,
        Shell::Zsh => ZSH,
        Shell::Dash => DASH,
    };
    let is_real = |path: &[u8], compiled: bool| {
        std::fs::metadata(file::path(path)).is_ok_and(|meta| {
            let roots = owner::is_roots(path, &meta);
            // Elsewhere than in the compiled places nothing on the way may be anybody else's either.
            let held = || compiled || !owner::others_may_write(owner::way(path).as_deref());
            meta.is_file() && meta.mode() & 0o111 != 0 && roots && held() && !process::is_own(&meta)
        })
    };
    let found = candidates.iter().copied().find(|path| is_real(path, true));
    let found = found.or_else(|| more.into_iter().find(|path| is_real(path, false)));
    found.map(<[u8]>::to_vec).ok_or_else(|| {
        Failure::missing(
            format!("{} is not installed", String::from_utf8_lossy(shell.name())),
            "install it, or use a shell that is there",
        )
    })
}

/// Where programs are looked for when PATH is not set.
pub const USUAL_PATH: &[u8] = b"/usr/bin:/bin";

/// A program that calls itself by name as deep as this is a loop of wrappers.
const DEEPEST: usize = 16;

/// The real program behind a tool's name: the first on PATH that is neither ourselves nor was tried above us. Where all
/// were, the program calls itself by name (a hook of git calls git): the first again, until it is plain that it goes round.
pub fn tool(name: &[u8], path: &[u8], tried: &[(u64, u64)]) -> Result<(Vec<u8>, (u64, u64)), Failure> {
    let mut again = None;
    for directory in path.split(|byte| *byte == b':') {
        if !directory.starts_with(b"/") {
            continue;
        }
        let candidate = join(directory, name);
        let Ok(meta) = std::fs::metadata(file::path(&candidate)) else { continue };
        let identity = (meta.dev(), meta.ino());
        if !meta.is_file() || meta.mode() & 0o111 == 0 || process::is_own(&meta) {
            continue;
        }
        match tried.iter().filter(|known| **known == identity).count() {
            0 => return Ok((candidate, identity)),
            1..DEEPEST => again = again.or(Some((candidate, identity))),
            _ => {}
        }
    }
    again.ok_or_else(|| {
        Failure::missing(
            format!("{} is on no directory of PATH but our own", String::from_utf8_lossy(name)),
            "install it, or name it by its path",
        )
    })
}

/// Whether a program behind a tool's name is left that was not tried above us.
#[must_use]
pub fn is_untried(name: &[u8], path: &[u8], tried: &[(u64, u64)]) -> bool {
    tool(name, path, tried).is_ok_and(|(_, identity)| !tried.contains(&identity))
}

/// Whether `name` is a program linked to us: the kernel executed us under it, and it stands in a directory as ourselves.
#[must_use]
pub fn is_linked(executed: &[u8], name: &[u8]) -> bool {
    let base = executed.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if base != name || !executed.contains(&b'/') {
        return false;
    }
    std::fs::metadata(file::path(executed)).is_ok_and(|meta| process::is_own(&meta))
}
