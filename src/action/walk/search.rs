//! Which file a program's name means: the PATH in force, what stands in its directories, and links to other programs.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use super::held::Made;
use super::program::Identity;
use super::state::State;
use super::walker::Walker;
use crate::action::{FileKind, Part, Value, Variable, path};

/// Links followed at most.
const LINKS: usize = 16;

/// Programs that act as the name they are called by.
const DISPATCHERS: &[&[u8]] =
    &[b"rustup", b"busybox", b"toybox", b"coreutils", b"mise", b"asdf", b"volta-shim", b"proto-shim"];

/// Programs that say where their own tools are installed (`$(go env GOPATH)/bin`).
const PREFIXES: &[&[u8]] = &[
    b"go",
    b"npm",
    b"yarn",
    b"pnpm",
    b"brew",
    b"gem",
    b"composer",
    b"rustc",
    b"xcrun",
    b"nix",
    b"opam",
    b"pg_config",
    b"llvm-config",
];

/// What a directory on a PATH of the line's own is to the programs found in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The system's: nobody here changes what is in it.
    System,
    /// Where package managers put tools: those of the user, or those of the workspace.
    Installed,
    /// Anywhere else: temporary, relative, the workspace itself. A program there is whoever's put it there.
    Open,
}

/// What the walk has learnt of the PATH that the shell was started with.
#[derive(Default)]
pub(super) struct Search {
    directories: OnceCell<Vec<Directory>>,
    /// Which of them has the program of a name; `None`: none.
    found: RefCell<BTreeMap<Vec<u8>, Option<usize>>>,
}

/// An entry of PATH.
struct Directory {
    path: Vec<u8>,
    /// Otherwise it depends on where the shell stands.
    absolute: bool,
}

impl Directory {
    fn of(entry: &[u8]) -> Directory {
        match entry.starts_with(b"/") && !entry.windows(4).any(|four| four == b"proc") {
            true => Directory { path: path::absolute_bytes(b"/", entry), absolute: true },
            false => Directory { path: entry.to_vec(), absolute: false },
        }
    }

    /// The path of a name in it.
    fn entry(&self, name: &[u8], cwd: &[u8]) -> Vec<u8> {
        let moved = if self.absolute { Vec::new() } else { path::absolute_bytes(cwd, &self.path) };
        let directory = if self.absolute { &self.path } else { &moved };
        let above: &[u8] = if directory.as_slice() == b"/" { b"" } else { directory };
        [above, b"/", name].concat()
    }
}

impl Walker<'_> {
    /// Which program `word` means here.
    pub(super) fn identify(&self, word: &[u8], leading: &[(Vec<u8>, Value)], state: &State) -> Identity {
        let mut identity = Identity { name: path::base(word).to_vec(), path: None, file: None, doubt: None, skip: 0 };
        if word.contains(&b'/') {
            match state.cwd.text().or(word.starts_with(b"/").then_some(b"/".as_slice())) {
                Some(cwd) => match path::absolute_bytes(cwd, word) {
                    // A shim goes by the name it is called by, wherever the link leads.
                    shim if state.made(&shim).is_none() && self.world.is_vetsh(&shim) => identity.path = Some(shim),
                    path => self.at_path(path, &mut identity, state, true),
                },
                None => identity.doubt = Some("a program in a directory that is not known".to_owned()),
            }
            return identity;
        }
        let line_path = leading
            .iter()
            .rev()
            .find(|(name, _)| name == b"PATH")
            .map(|(_, value)| value.clone())
            .or_else(|| state.variable(b"PATH").map(|_| self.read_variable(b"PATH", state)));
        match line_path {
            Some(list) => self.on_own_path(word, &list, &mut identity, state),
            None => self.on_path(word, &mut identity, state),
        }
        identity
    }

    /// On the PATH that the shell was started with.
    fn on_path(&self, word: &[u8], identity: &mut Identity, state: &State) {
        if matches!(word, b"" | b"." | b"..") {
            return;
        }
        let directories = self.search.directories.get_or_init(|| match self.world.variable(b"PATH") {
            Variable::Set(list) => list.split(|byte| *byte == b':').map(Directory::of).collect(),
            Variable::Unset | Variable::Unknown => Vec::new(),
        });
        let cwd = state.cwd.text().unwrap_or(b"/");
        let candidate = |directory: &Directory| directory.entry(word, cwd);
        // What the line makes may come to stand in a directory of PATH, and a relative one moves with the shell.
        let steady = state.made.is_empty() && directories.iter().all(|directory| directory.absolute);
        let known = if steady { self.search.found.borrow().get(word).copied() } else { None };
        let at = known.unwrap_or_else(|| {
            let at = directories.iter().position(|directory| self.is_there(&candidate(directory), state));
            if steady {
                self.search.found.borrow_mut().insert(word.to_vec(), at);
            }
            at
        });
        let mut candidates = directories.iter().skip(at.unwrap_or(directories.len())).map(candidate);
        let Some(found) = candidates.next() else { return };
        self.found(found, candidates, false, identity, state);
    }

    /// On a PATH that the line sets. Directories that anyone may have filled make the name unsure where they stand before
    /// the place that has it.
    fn on_own_path(&self, word: &[u8], list: &Value, identity: &mut Identity, state: &State) {
        let mut open: Option<String> = None;
        let mut places: Vec<(Option<String>, bool)> = Vec::new();
        let mut candidates: Vec<Vec<u8>> = Vec::new();
        for entry in entries(list) {
            let usual =
                matches!(entry.parts.as_slice(), [Part::Hole(hole)] if hole.why == "variable PATH of the environment");
            if usual {
                break;
            }
            let Some(directory) = directory_of(&entry, state) else {
                if !self.says_prefix(&entry) {
                    open.get_or_insert_with(|| "PATH is not known".to_owned());
                }
                continue;
            };
            let place = match self.place_of(&directory) {
                // `../bin` is not where a package manager of the user's put anything.
                Place::Installed if !entry.prefix().starts_with(b"/") && !self.in_workspace(&directory) => Place::Open,
                place => place,
            };
            if place == Place::Open {
                let shown = String::from_utf8_lossy(&directory).into_owned();
                open.get_or_insert_with(|| format!("`{shown}` stands in front of its directory on PATH"));
            }
            places.push((open.clone(), place == Place::Open || self.in_workspace(&directory)));
            candidates.push(path::absolute_bytes(&directory, word));
        }
        if let Some(at) = candidates.iter().position(|candidate| self.is_there(candidate, state)) {
            let (doubt, as_file) = places.swap_remove(at);
            open = doubt;
            let mut candidates = candidates.into_iter().skip(at);
            if let Some(found) = candidates.next() {
                self.found(found, candidates, as_file, identity, state);
            }
        }
        if let Some(why) = open {
            identity.doubt.get_or_insert(why);
        }
    }

    /// Notes the candidate that is there, and whether it stands in front of the system's own among the `others` behind it.
    fn found(
        &self,
        found: Vec<u8>,
        mut others: impl Iterator<Item = Vec<u8>>,
        as_file: bool,
        identity: &mut Identity,
        state: &State,
    ) {
        let made = state.made(&found).is_some();
        if made || self.world.user_writable(&found) {
            let shadows = others.find(|other| self.is_there(other, state) && !self.world.user_writable(other));
            if let Some(other) = shadows {
                identity.doubt = Some(format!(
                    "`{}` stands in front of `{}`",
                    String::from_utf8_lossy(&found),
                    String::from_utf8_lossy(&other)
                ));
            }
        }
        // A program the user installed is known by its name; one that the line's own PATH or files put there is its file.
        self.at_path(found, identity, state, as_file || made);
    }

    /// Whether a program stands at `candidate`. A shim is none: it runs the next of its name; `vetsh` by its own name is itself.
    fn is_there(&self, candidate: &[u8], state: &State) -> bool {
        let stands = || matches!(self.world.kind(candidate), FileKind::File | FileKind::Link);
        let shim = || path::base(candidate) != b"vetsh" && self.world.is_vetsh(candidate);
        state.made(candidate).is_some() || stands() && !shim()
    }

    /// What a directory is, by where it lies and what it is called.
    fn place_of(&self, directory: &[u8]) -> Place {
        if is_system(directory) {
            return Place::System;
        }
        let mut last = directory.rsplit(|byte| *byte == b'/');
        let (name, above) = (last.next().unwrap_or_default(), last.next().unwrap_or_default());
        if self.in_workspace(directory) {
            let installed = matches!(
                (above, name),
                (b"node_modules" | b"vendor", b".bin" | b"bin")
                    | (b".venv" | b"venv" | b".env" | b"env", b"bin" | b"Scripts")
            );
            return if installed { Place::Installed } else { Place::Open };
        }
        let below_home = self.world.home().and_then(|home| {
            let rest = directory.strip_prefix(home.as_slice())?.strip_prefix(b"/")?;
            Some(rest.starts_with(b".") || matches!(name, b"bin" | b"sbin" | b"shims" | b".bin"))
        });
        let others = directory.starts_with(b"/usr/local/") || directory.starts_with(b"/Applications/");
        if below_home == Some(true) || others { Place::Installed } else { Place::Open }
    }

    fn in_workspace(&self, directory: &[u8]) -> bool {
        self.world.roots().iter().any(|root| path::within(directory, root))
    }

    /// Whether the unknown part of an entry is what a package manager says of itself, and the rest names its programs.
    fn says_prefix(&self, entry: &Value) -> bool {
        let named = matches!(entry.parts.last(), Some(Part::Known(tail)) if tail.starts_with(b"/") && !tail.windows(2).any(|two| two == b".."));
        let told = !entry.taint.is_empty()
            && entry.taint.iter().all(|id| {
                self.listed(*id).is_some_and(|action| {
                    action.gaps.is_empty() && action.program.as_deref().is_some_and(|name| PREFIXES.contains(&name))
                })
            });
        told && (named || entry.parts.len() == 1)
    }

    /// What is at an absolute path: through links, copies of the line and the ways round a path.
    fn at_path(&self, found: Vec<u8>, identity: &mut Identity, state: &State, as_file: bool) {
        let written = plain_path(&found);
        let mut at = written.clone();
        for _ in 0..LINKS {
            if let Some(Made { twin: Some(twin), .. }) = state.made(&at) {
                at = twin.clone();
                identity.name = path::base(&at).to_vec();
                continue;
            }
            match self.world.kind(&at) {
                FileKind::Link => match self.world.link(&at) {
                    Some(link) => {
                        let next = plain_path(&path::absolute_bytes(path::parent(&at), &link));
                        // A link that the user could make is no name where it leads to another known program; the
                        // system's own are names (sh, vi), and so is what a dispatcher is called by (cargo is a link to
                        // rustup). A link to a file nobody knows (npm to npm-cli.js) says no less than that file would.
                        let target = path::base(&next);
                        if !self.world.is_system_program(&at)
                            && !DISPATCHERS.contains(&target)
                            && self.tools.command(&[target]).is_some()
                        {
                            identity.name = target.to_vec();
                        }
                        at = next;
                    }
                    None => break,
                },
                _ => break,
            }
        }
        let own = state.made(&at).is_some()
            || match self.world.kind(&at) {
                FileKind::Missing => !is_system(&at),
                _ => !self.world.is_system_program(&at),
            };
        if own && as_file && !self.interpreter_of(&written, &at, state) {
            identity.file = Some(at);
        } else if path::base(&at) != identity.name.as_slice() && self.tools.command(&[&identity.name]).is_none() {
            identity.name = path::base(&at).to_vec();
        }
        identity.path = Some(written);
    }

    /// Whether a link of the workspace's own environment leads to the package that was installed there for it
    /// (`node_modules/.bin/jest` to `node_modules/jest/bin/jest.js`).
    pub(super) fn is_installed(&self, written: &[u8], at: &[u8], state: &State) -> bool {
        let Some(directory) =
            path::parent(written).strip_suffix(b"/.bin").or_else(|| path::parent(written).strip_suffix(b"/bin"))
        else {
            return false;
        };
        state.made(written).is_none()
            && state.made(at).is_none()
            && self.in_workspace(written)
            && self.place_of(path::parent(written)) == Place::Installed
            && (path::within(at, directory) || path::base(directory) == b"node_modules" && in_store(at))
            && self.in_workspace(at)
    }

    /// Whether a link of the workspace's own environment leads to a tool that is installed outside of it, as the `python` of
    /// a virtual environment does: it is known by its name, as it is on the user's PATH.
    fn interpreter_of(&self, written: &[u8], at: &[u8], state: &State) -> bool {
        let made = |path: &[u8]| state.made(path).is_some();
        let place = |path: &[u8]| self.place_of(path::parent(path));
        !made(written)
            && !made(at)
            && self.in_workspace(written)
            && !self.in_workspace(at)
            && place(written) == Place::Installed
            && place(at) == Place::Installed
            && self.world.kind(at) == FileKind::File
    }
}

/// Whether a file lies in a store of packages: pnpm links to `node_modules/.pnpm` of the workspace's top.
fn in_store(file: &[u8]) -> bool {
    file.split(|byte| *byte == b'/').any(|part| part == b"node_modules")
}

/// The entries of a PATH.
fn entries(list: &Value) -> Vec<Value> {
    let mut all = vec![Value { taint: list.taint.clone(), ..Value::default() }];
    for part in &list.parts {
        let Part::Known(text) = part else {
            if let Some(last) = all.last_mut() {
                last.parts.push(part.clone());
            }
            continue;
        };
        for (at, piece) in text.split(|byte| *byte == b':').enumerate() {
            if at > 0 {
                all.push(Value { taint: list.taint.clone(), ..Value::default() });
            }
            if let Some(last) = all.last_mut() {
                last.push_known(piece);
            }
        }
    }
    all
}

/// The directory an entry names; an empty one is where the shell stands.
fn directory_of(entry: &Value, state: &State) -> Option<Vec<u8>> {
    if entry.has_hole() {
        return None;
    }
    let text = entry.display();
    match (text.first(), state.cwd.text()) {
        (Some(b'/'), _) => Some(path::absolute_bytes(b"/", &text)),
        (_, Some(cwd)) => Some(path::absolute_bytes(cwd, &text)),
        (_, None) => None,
    }
}

/// `/proc/self/root/x` is `/x`.
fn plain_path(path: &[u8]) -> Vec<u8> {
    let mut path = path;
    for _ in 0..LINKS {
        let Some(rest) = path.strip_prefix(b"/proc/") else { break };
        let Some(slash) = rest.iter().position(|byte| *byte == b'/') else { break };
        let Some(rest) = rest.get(slash..).and_then(|rest| rest.strip_prefix(b"/root")) else { break };
        path = if rest.is_empty() { b"/" } else { rest };
    }
    path.to_vec()
}

/// Directories that are the system's even where the machine is not asked.
fn is_system(path: &[u8]) -> bool {
    [&b"/usr"[..], b"/bin", b"/sbin", b"/lib", b"/lib64", b"/opt", b"/nix", b"/snap"]
        .iter()
        .any(|directory| path::within(path, directory))
}
