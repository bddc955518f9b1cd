//! From a path to its scope: asked of tables, of the policy's additions and of the links on the machine.
//!
//! A path is judged as it is written and as its links resolve; both count. A path with unknown parts has scopes it certainly
//! has and scopes it may have.

mod shape;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::names::{Names, fits};
use super::pattern::{Atom, PathGlob, components};
use super::places;
use super::sensitive;
use crate::action::world::{FileKind, Variable};
use crate::action::{Part, Scope, Value, World};

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Every scope there is.
    pub const ALL: Scopes = Scopes((1 << Scope::ALL.len()) - 1);

    /// The set with `scope` in it.
    #[must_use]
    pub fn with(self, scope: Scope) -> Self {
        Scopes(self.0 | 1 << scope as u16)
    }
    /// Without one scope.
    #[must_use]
    pub fn without(self, scope: Scope) -> Self {
        Scopes(self.0 & !Scopes::default().with(scope).0)
    }
    /// Both.
    #[must_use]
    pub fn union(self, other: Scopes) -> Self {
        Scopes(self.0 | other.0)
    }
    /// Whether it is in.
    #[must_use]
    pub fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u16) != 0
    }
    /// Whether none is.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// In declaration order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

/// Where a path lies.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// Scopes it has.
    pub certain: Scopes,
    /// Scopes it may have.
    pub possible: Scopes,
    /// A file that holds secrets, named or globbed for.
    pub secret: bool,
    /// It may be one.
    pub maybe_secret: bool,
    /// A key file proper (reading it from a guard or credential place).
    pub key: bool,
    /// `dir/*` or `dir/.*`, which count as the directory.
    pub bare_glob: bool,
    /// The root of a temporary directory.
    pub temp_root: bool,
    /// The constant paths it stands for (as written, as resolved), where they are known.
    pub paths: Vec<Vec<u8>>,
}

/// What is asked of the machine once for a whole judgement.
pub struct Atlas<'a> {
    world: &'a dyn World,
    home: Option<Vec<u8>>,
    roots: Vec<Vec<u8>>,
    cwd: Vec<u8>,
    temp: Option<Vec<u8>>,
    guards: Vec<Vec<u8>>,
    additions: Vec<(Scope, PathGlob)>,
    /// Directories already found free of links.
    plain: RefCell<Vec<Vec<u8>>>,
    /// Constant paths already placed, one by one and with what is below them: a script names the same ones again and again.
    seen: [RefCell<BTreeMap<Vec<u8>, Rc<Placed>>>; 2],
}

impl<'a> Atlas<'a> {
    /// Asks the world; `additions` are the policy's `[scope]` globs, `guards` further guard paths (`--root`).
    #[must_use]
    pub fn new<'g>(
        world: &'a dyn World,
        additions: impl Iterator<Item = (Scope, &'g str)>,
        guards: Vec<Vec<u8>>,
    ) -> Self {
        let home = world.home();
        let roots = world.roots();
        let additions = additions
            .flat_map(|(scope, glob)| {
                let absolute: Vec<Vec<u8>> = if let Some(rest) = glob.strip_prefix("~/") {
                    home.iter().map(|home| join(home, rest.as_bytes())).collect()
                } else if glob.starts_with('/') {
                    vec![glob.as_bytes().to_vec()]
                } else if glob.contains('/') {
                    roots.iter().map(|root| join(root, glob.as_bytes())).collect()
                } else {
                    vec![[b"/**/".as_slice(), glob.as_bytes()].concat()]
                };
                absolute.into_iter().map(move |glob| (scope, PathGlob::new(&glob)))
            })
            .collect();
        let temp = match world.variable(b"TMPDIR") {
            Variable::Set(dir) if dir.len() > 1 && dir.first() == Some(&b'/') => Some(trimmed(&dir).to_vec()),
            _ => None,
        };
        Atlas {
            world,
            home,
            cwd: world.cwd(),
            roots,
            temp,
            guards,
            additions,
            plain: RefCell::default(),
            seen: Default::default(),
        }
    }

    /// The workspace roots.
    #[must_use]
    pub fn roots(&self) -> &[Vec<u8>] {
        &self.roots
    }

    /// The home.
    #[must_use]
    pub fn home(&self) -> Option<&[u8]> {
        self.home.as_deref()
    }

    /// The machine.
    #[must_use]
    pub fn world(&self) -> &'a dyn World {
        self.world
    }

    /// The path below the workspace root that holds it.
    #[must_use]
    pub fn relative<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        self.roots.iter().find_map(|root| below(path, root))
    }

    /// Places a path value; `recursive` when the effect descends into directories.
    #[must_use]
    pub fn place(&self, value: &Value, recursive: bool) -> Rc<Placed> {
        let Some(path) = value.text() else { return Rc::new(self.place_pattern(value, recursive)) };
        let [one, below] = &self.seen;
        let seen = if recursive { below } else { one };
        if let Some(placed) = seen.borrow().get(path) {
            return Rc::clone(placed);
        }
        let placed = Rc::new(self.place_known(path, recursive));
        seen.borrow_mut().insert(path.to_vec(), Rc::clone(&placed));
        placed
    }

    fn place_known(&self, path: &[u8], recursive: bool) -> Placed {
        let mut placed = Placed::default();
        if path.first() != Some(&b'/') {
            // A path that nobody could make absolute may be anywhere.
            placed.possible = Scopes::ALL;
            return placed;
        }
        let written = self.translate(path);
        let resolved = self.resolve(&written);
        for form in [Some(&written), (resolved != written).then_some(&resolved)].into_iter().flatten() {
            self.add(form, recursive, &mut placed);
            placed.paths.push(form.clone());
        }
        placed
    }

    /// Adds what one constant path is.
    fn add(&self, path: &[u8], recursive: bool, placed: &mut Placed) {
        let kind = self.relative(path).map(sensitive::kind);
        let scope = self.scope(path, kind);
        placed.certain = placed.certain.with(scope);
        if scope == Scope::Temp && self.is_temp_root(path) {
            placed.temp_root = true;
        }
        if let Some(kind) = kind {
            placed.secret |= kind.secret;
        } else if let Some(name) = path.rsplit(|&byte| byte == b'/').next()
            && matches!(scope, Scope::Home | Scope::Credential | Scope::Temp)
        {
            placed.secret |= sensitive::is_secret_name(name);
        }
        placed.key |= scope == Scope::Guard && is_key(path);
        if path.iter().any(u8::is_ascii_uppercase) && self.folded(path) {
            placed.certain = placed.certain.with(Scope::Credential);
        }
        if recursive {
            placed.certain = placed.certain.union(self.inside(path));
        }
    }

    /// Whether it is a credential's place on a file system that does not tell letters of either case apart.
    fn folded(&self, path: &[u8]) -> bool {
        let credential = |rest: &[u8]| home_scope(&rest.to_ascii_lowercase()) == Scope::Credential;
        is_system_credential(&path.to_ascii_lowercase())
            || self.relative(path).is_none() && self.below_home(path).is_some_and(credential)
    }

    /// The scope of one absolute path by its text alone.
    #[must_use]
    pub fn lexical(&self, path: &[u8]) -> Scope {
        self.scope(path, self.relative(path).map(sensitive::kind))
    }

    /// The same of a path that is known to be such a file of the workspace, or none.
    fn scope(&self, path: &[u8], in_workspace: Option<sensitive::Kind>) -> Scope {
        if self.is_guard(path) {
            return Scope::Guard;
        }
        let mut added: Option<Scope> = None;
        for (scope, glob) in &self.additions {
            if glob.matches(path) {
                added = Some(match added {
                    Some(Scope::Guard | Scope::Credential) => continue,
                    _ => *scope,
                });
            }
        }
        if let Some(scope) = added {
            return scope;
        }
        if is_system_credential(path) {
            return Scope::Credential;
        }
        if let Some(kind) = in_workspace {
            return if kind.sensitive { Scope::Sensitive } else { Scope::Workspace };
        }
        if let Some(rest) = self.below_home(path) {
            return home_scope(rest);
        }
        if any_below(places::TEMP, path) || self.temp.as_ref().is_some_and(|dir| below(path, dir).is_some()) {
            return Scope::Temp;
        }
        if let Some(rest) = below(path, b"/dev") {
            let first = components(rest).next().unwrap_or_default();
            let harmless = places::NO_DEVICES.iter().any(|name| name.as_bytes() == first);
            return if harmless || rest.is_empty() { Scope::System } else { Scope::Device };
        }
        if any_below(places::DEVICE_LIKE, path) {
            return Scope::Device;
        }
        if path == b"/" || any_below(places::SYSTEM, path) {
            return Scope::System;
        }
        Scope::Home
    }

    /// Whether it is one of the devices that are none.
    #[must_use]
    pub fn is_no_device(path: &[u8]) -> bool {
        below(path, b"/dev")
            .and_then(|rest| components(rest).next())
            .is_some_and(|first| places::NO_DEVICES.iter().any(|name| name.as_bytes() == first))
            || is_own_descriptor(path)
    }

    /// The path below whichever home holds it: ours, `/home/NAME`, `/root`, `/Users/NAME`.
    fn below_home<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        if let Some(rest) = self.home.as_deref().and_then(|home| below(path, home)) {
            return Some(rest);
        }
        if let Some(rest) = below(path, b"/root").or_else(|| below(path, b"/var/root")) {
            return Some(rest);
        }
        for base in [b"/home".as_slice(), b"/Users"] {
            if let Some(rest) = below(path, base) {
                let name = components(rest).next()?;
                return rest.get(name.len()..).map(|tail| tail.strip_prefix(b"/").unwrap_or(tail));
            }
        }
        None
    }

    fn is_guard(&self, path: &[u8]) -> bool {
        any_below(places::SYSTEM_GUARD, path)
            || self.guards.iter().any(|dir| below(path, dir).is_some())
            || self
                .home
                .as_deref()
                .and_then(|home| below(path, home))
                .is_some_and(|rest| any_below_relative(places::HOME_GUARD, rest) || self.holds_hook(path, rest))
            || self.relative(path).is_some_and(|rest| self.holds_hook(path, rest))
    }

    /// A client's settings file that holds vetsh's hook.
    fn holds_hook(&self, path: &[u8], rest: &[u8]) -> bool {
        places::CLIENT_SETTINGS.iter().any(|entry| entry.as_bytes() == rest)
            && self.world.contents(path, 1 << 20).is_some_and(|text| text.windows(5).any(|window| window == b"vetsh"))
    }

    fn is_temp_root(&self, path: &[u8]) -> bool {
        places::TEMP.iter().any(|dir| entry_is(dir.as_bytes(), path)) || self.temp.as_deref() == Some(path)
    }

    /// The scopes that lie below a directory although it has another itself.
    fn inside(&self, path: &[u8]) -> Scopes {
        let mut scopes = Scopes::default();
        let dir = trimmed(path);
        let above = |place: &[u8]| dir == b"/" || (place.len() > dir.len() && below(place, dir).is_some());
        for root in &self.roots {
            if above(root) || root == dir {
                scopes = scopes.with(Scope::Workspace).with(Scope::Sensitive);
            }
        }
        let mut homes: Vec<&[u8]> = self.home.iter().map(Vec::as_slice).collect();
        homes.extend([b"/root".as_slice(), b"/home", b"/Users"]);
        let is_home = self.below_home(path).is_some_and(<[u8]>::is_empty) || path == b"/home" || path == b"/Users";
        if is_home || homes.iter().any(|home| above(home)) {
            scopes = scopes.with(Scope::Home).with(Scope::Credential).with(Scope::Guard);
        } else if let Some(rest) = self.below_home(path)
            && self.relative(path).is_none()
        {
            let holds = |table: &[&str]| {
                table.iter().any(|entry| entry.len() > rest.len() && below(entry.as_bytes(), rest).is_some())
            };
            // The cache of all programs is cleared and measured as one: what was logged in there can log in again.
            if rest != b".cache" && holds(places::HOME_CREDENTIALS) {
                scopes = scopes.with(Scope::Credential);
            }
            if holds(places::HOME_GUARD) {
                scopes = scopes.with(Scope::Guard);
            }
        }
        if places::SYSTEM_CREDENTIALS.iter().any(|place| !place.starts_with("/var/run/") && above(place.as_bytes())) {
            scopes = scopes.with(Scope::Credential);
        }
        // The programs' own files in /usr/bin are guard by name; a recursive change of /usr is a change of the system.
        if above(b"/etc/vetsh") || self.guards.iter().any(|place| above(place)) {
            scopes = scopes.with(Scope::Guard);
        }
        if above(b"/dev/") || path == b"/dev" {
            scopes = scopes.with(Scope::Device);
        }
        let parts: Vec<Vec<Atom>> =
            components(path).map(|part| part.iter().copied().map(Atom::Byte).collect()).collect();
        for (scope, glob) in &self.additions {
            // A glob for a name anywhere (`*.key`) does not make every directory a container of it.
            if glob.meets(&parts, true) && !glob.meets(&[vec![Atom::Byte(0)]], true) {
                scopes = scopes.with(*scope);
            }
        }
        scopes
    }

    /// Replaces the aliases of `/proc` and `/dev/fd` by what they stand for.
    fn translate(&self, path: &[u8]) -> Vec<u8> {
        let Some(rest) = below(path, b"/proc") else { return path.to_vec() };
        let parts: Vec<&[u8]> = components(rest).collect();
        let joined = |from: usize| parts.get(from..).unwrap_or_default().join(&b'/');
        let process = |part: &[u8]| part == b"self" || part == b"thread-self" || part.iter().all(u8::is_ascii_digit);
        let at = match parts.as_slice() {
            [first, b"task", _, ..] if process(first) => 3,
            [first, ..] if process(first) => 1,
            _ => return path.to_vec(),
        };
        match parts.get(at).copied() {
            Some(b"root") => self.translate(&[b"/".as_slice(), &joined(at + 1)].concat()),
            // The first process stands at the root.
            Some(b"cwd") if parts.first() == Some(&b"1".as_slice()) => {
                self.translate(&[b"/".as_slice(), &joined(at + 1)].concat())
            }
            Some(b"cwd") => {
                let rest = joined(at + 1);
                if rest.is_empty() { self.cwd.clone() } else { join(&self.cwd, &rest) }
            }
            _ => path.to_vec(),
        }
    }

    /// Follows links component by component, for as far as the path exists. Bounded.
    #[must_use]
    pub fn resolve(&self, path: &[u8]) -> Vec<u8> {
        let mut todo: Vec<Vec<u8>> = components(path).rev().map(<[u8]>::to_vec).collect();
        let mut done: Vec<u8> = Vec::new();
        let mut hops = 0;
        while let Some(part) = todo.pop() {
            if part == b".." {
                let cut = done.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                done.truncate(cut);
                continue;
            }
            let before = done.len();
            done.push(b'/');
            done.extend_from_slice(&part);
            if self.plain.borrow().contains(&done) {
                continue;
            }
            match self.world.kind(&done) {
                FileKind::Link => {
                    let Some(target) = self.world.link(&done) else { continue };
                    hops += 1;
                    if hops > 40 {
                        continue;
                    }
                    done.truncate(if target.first() == Some(&b'/') { 0 } else { before });
                    for step in components(&target).collect::<Vec<_>>().into_iter().rev() {
                        if step != b"." {
                            todo.push(step.to_vec());
                        }
                    }
                }
                FileKind::Missing => {
                    // Nothing below a missing name exists either.
                    while let Some(rest) = todo.pop() {
                        if rest == b".." {
                            let cut = done.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
                            done.truncate(cut);
                        } else {
                            done.push(b'/');
                            done.extend_from_slice(&rest);
                        }
                    }
                }
                FileKind::Directory => self.plain.borrow_mut().push(done.clone()),
                FileKind::File | FileKind::Device | FileKind::Other | FileKind::Unknown => {}
            }
        }
        if done.is_empty() { b"/".to_vec() } else { done }
    }
}

fn is_key(path: &[u8]) -> bool {
    path.rsplit(|&byte| byte == b'/').next().is_some_and(|name| {
        name.ends_with(b".key") || name.windows(3).any(|window| window == b"key") || name.ends_with(b".pem")
    })
}

fn is_own_descriptor(path: &[u8]) -> bool {
    below(path, b"/proc/self/fd").is_some_and(|rest| !rest.is_empty())
}

fn is_system_credential(path: &[u8]) -> bool {
    matches!(path.get(..3), Some(b"/et" | b"/ru" | b"/va" | b"/pr" | b"/Li" | b"/Sy" | b"/tm" | b"/sr"))
        && (any_below(places::SYSTEM_CREDENTIALS, path)
            // Tickets lie among everybody's temporary files, which are no credentials for that.
            || path.starts_with(b"/tmp/krb5cc")
            || any_below(places::SYSTEM_KEYS, path) && is_key_name(path) && !any_below(places::PUBLIC_DIRECTORIES, path))
}

/// Whether the file's name is that of a key or of a store of them.
fn is_key_name(path: &[u8]) -> bool {
    static KEYS: Names<{ places::KEY_FILES.len() }> = Names::of(places::KEY_FILES);
    static PUBLIC: Names<{ places::PUBLIC_FILES.len() }> = Names::of(places::PUBLIC_FILES);
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    KEYS.has(name) && !PUBLIC.has(name)
}

fn home_scope(rest: &[u8]) -> Scope {
    if any_below_relative(places::HOME_CREDENTIALS, rest)
        && !any_below_relative(places::HOME_CREDENTIAL_EXCEPTIONS, rest)
    {
        return Scope::Credential;
    }
    if any_below_relative(places::HOME_CACHES, rest) {
        return if any_below_relative(places::HOME_CACHE_EXCEPTIONS, rest) { Scope::Home } else { Scope::Cache };
    }
    if is_key_name(rest) { Scope::Credential } else { Scope::Home }
}

/// Whether a path whose beginning is not known ends in what is a credential in whichever home: `$x/.ssh/id_rsa`.
#[must_use]
pub(super) fn names_credential(path: &Value) -> bool {
    const PLAIN: &[&[u8]] = &[
        b".ssh/",
        b".aws/",
        b".gnupg/",
        b".kube/",
        b".netrc",
        b".pgpass",
        b".git-credentials",
        b".config/gh/",
        b".config/gcloud/",
    ];
    let Some(Part::Known(tail)) = path.parts.last().filter(|_| path.has_hole()) else { return false };
    let Some(rest) = tail.strip_prefix(b"/") else { return false };
    PLAIN.iter().any(|own| rest.starts_with(own)) && home_scope(rest) == Scope::Credential
}

/// The rest of `path` below `dir` (empty for the directory itself).
#[must_use]
pub fn below<'p>(path: &'p [u8], dir: &[u8]) -> Option<&'p [u8]> {
    if dir == b"/" {
        return path.strip_prefix(b"/");
    }
    let rest = path.strip_prefix(dir)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") }
}

fn any_below(table: &[&str], path: &[u8]) -> bool {
    // Absolute all of them, and their first letter is none of a pattern: most are told apart by it.
    let Some(first) = path.get(1) else { return table.iter().any(|entry| entry_holds(entry.as_bytes(), path)) };
    table.iter().any(|entry| entry.as_bytes().get(1) == Some(first) && entry_holds(entry.as_bytes(), path))
}

fn any_below_relative(table: &[&str], rest: &[u8]) -> bool {
    let Some(first) = rest.first() else { return false };
    table.iter().any(|entry| entry.as_bytes().first() == Some(first) && entry_holds(entry.as_bytes(), rest))
}

/// Whether the path is the entry or lies below it.
fn entry_holds(entry: &[u8], path: &[u8]) -> bool {
    // Most entries differ within a few bytes.
    if let Some(at) = entry.iter().zip(path).position(|(one, other)| one != other)
        && !entry.get(..=at).unwrap_or_default().contains(&b'*')
    {
        return false;
    }
    let Some(star) = entry.iter().position(|&byte| byte == b'*') else { return below(path, entry).is_some() };
    if !path.starts_with(entry.get(..star).unwrap_or_default()) {
        return false;
    }
    let mut parts = components(path);
    components(entry).all(|step| parts.next().is_some_and(|part| fits(step, part)))
}

/// Whether the path is the entry itself.
fn entry_is(entry: &[u8], path: &[u8]) -> bool {
    entry_holds(entry, path) && components(entry).count() == components(path).count()
}

fn trimmed(path: &[u8]) -> &[u8] {
    match path.strip_suffix(b"/") {
        Some(b"") | None => path,
        Some(rest) => rest,
    }
}

/// `dir/rest`.
#[must_use]
pub fn join(dir: &[u8], rest: &[u8]) -> Vec<u8> {
    let mut out = dir.to_vec();
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
    out.extend_from_slice(rest);
    out
}
