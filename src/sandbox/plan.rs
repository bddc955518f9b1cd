//! From profiles to what the kernel is told: the order of a launch carries it.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::calls::Refused;
use super::mounts::TELLS_SOCKETS;
use super::places::{Mark, Pattern, Places, READ, WRITE, is_readable, is_there};
use super::sockets::Sockets;
use crate::action::Scope;
use crate::house::{House, Policies};
use crate::judge::places as known;
use crate::policy::{Limits, Policy, Profile};
use crate::session::machine::join;
use crate::session::workspace::below;
use crate::sys::landlock::{self, Governed, right};
use crate::sys::{file, user};
use crate::text::Arrange;

/// The walls of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The profile.
    pub profile: String,
    /// What is closed unless a rule opens it.
    pub governed: Governed,
    /// What is open. A path that is not there is left out.
    pub rules: Vec<(Vec<u8>, u64)>,
    /// Directories that are made where they are missing.
    pub made: Vec<Vec<u8>>,
    /// System calls.
    pub refused: Refused,
    /// The most it may use.
    pub limits: Limits,
    /// What the profile means and no wall here holds.
    pub open: Vec<String>,
    /// Sockets, and directories of nothing else, that are hidden where the kernel does not tell them by their path.
    pub closed: Vec<Vec<u8>>,
    /// Places for temporary files, where the profile wants its own, and what is made in them.
    pub temps: Vec<Vec<u8>>,
    /// The client's directory for temporary files where it lies in one of them.
    pub made_in_temp: Option<Vec<u8>>,
    /// Somewhere that it was let change something can only be opened with what is closed in it.
    pub beyond: bool,
    /// Directories of which only what was there when it began is open.
    pub split: Vec<Vec<u8>>,
}

/// What a plan is made in.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Our directories, home, the session.
    pub house: &'a House,
    /// Additions to scopes.
    pub policies: &'a Policies,
    /// The workspace.
    pub roots: &'a [Vec<u8>],
    /// The client's directory for temporary files, where it names one.
    pub temporary: Option<&'a [u8]>,
    /// The ssh-agent's socket, where the environment names one.
    pub agent: Option<&'a [u8]>,
}

impl Plan {
    /// The walls of `profile` on this ground.
    #[must_use]
    pub fn of(profile: &Profile, ground: Ground<'_>, changes: &[Vec<u8>]) -> Plan {
        let has = |list: &[String], set: &str| list.iter().any(|entry| entry == set);
        let reads_all = has(&profile.readable, "@all");
        let writes_all = has(&profile.writable, "@all");
        let mut plan = Plan { profile: profile.name.clone(), limits: profile.limits, ..Plan::default() };
        plan.governed.files = right::READ_FILE | WRITE | right::MAKE_DEVICE;
        if !reads_all {
            plan.governed.files |= right::READ_DIR;
        }
        if !profile.executable.is_empty() {
            plan.governed.files |= right::EXECUTE;
        }
        if !profile.network {
            plan.governed.ports = landlock::TCP;
        }
        if !profile.signals {
            plan.governed.scopes = landlock::SCOPE_SIGNALS | landlock::SCOPE_SOCKETS;
        }
        plan.refused =
            Refused { namespaces: !profile.namespaces, tracing: !profile.tracing, network: !profile.network };
        let added = plan.additions(ground);
        if reads_all || writes_all {
            let rights = if writes_all { READ | WRITE } else { READ };
            let caches = writes_all || has(&profile.writable, "@cache");
            plan.open_all(ground, &added, rights, caches);
        }
        if has(&profile.executable, "@all") {
            let rules = plan.rules.clone();
            plan.rules.extend(rules.into_iter().map(|(path, _)| (path, right::EXECUTE)));
        }
        for (list, rights) in
            [(&profile.readable, READ), (&profile.writable, READ | WRITE), (&profile.executable, right::EXECUTE)]
        {
            for entry in list {
                plan.allow(entry, rights, ground, &added);
            }
        }
        let temps = temps(ground);
        for place in changes {
            let open = ground.roots.iter().chain(&temps).any(|open| below(place, open));
            // A profile that opens no workspace is there to keep things as they are.
            if !open && (has(&profile.writable, "@workspace") || writes_all) {
                plan.open_place(place.clone(), READ | WRITE, ground, &added);
                plan.beyond |= plan.split.contains(place);
            }
        }
        plan.own(ground);
        plan.standard_descriptors();
        let hidden = user::own() == 0 || landlock::version().is_ok_and(|version| version >= TELLS_SOCKETS);
        if has(&profile.sockets, "@owners") && !hidden {
            plan.say("unix sockets by path (ssh runs in no user namespace)".to_owned());
        } else if let Some(sockets) = Sockets::of(profile, ground, &temps) {
            plan.governed.files |= right::RESOLVE_SOCKET;
            plan.rules.extend(sockets.open.into_iter().map(|path| (path, right::RESOLVE_SOCKET)));
            plan.closed = sockets.closed;
        }
        if profile.limits.temp_mb.is_some() {
            plan.own_temp(ground, temps);
        }
        plan.unite();
        plan
    }

    /// One rule for each path: each costs the kernel three calls.
    fn unite(&mut self) {
        let mut united: Vec<(Vec<u8>, u64)> = Vec::with_capacity(self.rules.len());
        for (path, rights) in self.rules.drain(..) {
            match united.iter_mut().find(|(known, _)| *known == path) {
                Some((_, all)) => *all |= rights,
                None => united.push((path, rights)),
            }
        }
        self.rules = united;
    }

    /// Its own places for temporary files, but for those in which the command works or vetsh lives.
    fn own_temp(&mut self, ground: Ground<'_>, temps: Vec<Vec<u8>>) {
        let own = own_folders(ground.house).map(|folder| folder.as_os_str().as_bytes());
        let kept: Vec<&[u8]> =
            ground.roots.iter().map(Vec::as_slice).chain([ground.house.cwd.as_slice()]).chain(own).collect();
        for temp in temps {
            match kept.iter().any(|kept| below(kept, &temp)) {
                true => self.say(format!("temporary files of its own ({} is worked in)", file::path(&temp).display())),
                false => self.temps.push(temp),
            }
        }
        let inside = |place: &&[u8]| self.temps.iter().any(|temp| below(place, temp));
        self.made_in_temp = ground.temporary.filter(inside).map(<[u8]>::to_vec);
    }

    /// What policy adds to the closed scopes, as patterns below `/`; what no wall can close is said.
    fn additions(&mut self, ground: Ground<'_>) -> Vec<(Vec<u8>, Mark)> {
        let mut added = Vec::new();
        let home = ground.house.home.as_deref();
        for policy in ground.policies.loaded().policies() {
            for scope in [Scope::Credential, Scope::Restricted, Scope::Guard] {
                for glob in policy.scope_additions(scope) {
                    let plain = glob.strip_suffix("/**").unwrap_or(glob);
                    let absolute = match plain.strip_prefix("~/") {
                        Some(rest) => home.map(|home| join(home, rest.as_bytes())),
                        None if plain.starts_with('/') => Some(plain.as_bytes().to_vec()),
                        None if glob.contains('/') => ground.roots.first().map(|root| join(root, plain.as_bytes())),
                        None => None,
                    };
                    let closable = |path: &Vec<u8>| {
                        !plain.contains("**")
                            && !plain.contains(['?', '['])
                            && !ground.roots.iter().any(|root| below(path, root))
                    };
                    match absolute.filter(closable) {
                        Some(path) => {
                            let mark = if scope == Scope::Guard { Mark::Kept } else { Mark::Closed };
                            let path = path.strip_prefix(b"/").unwrap_or(&path).to_vec();
                            if !added.contains(&(path.clone(), mark)) {
                                added.push((path, mark));
                            }
                        }
                        None => self.say(format!("{} {glob}", scope.name())),
                    }
                }
            }
        }
        added
    }

    fn say(&mut self, what: String) {
        if !self.open.contains(&what) {
            self.open.push(what);
        }
    }

    /// Everything but what is closed: the system's places first, then home.
    fn open_all(&mut self, ground: Ground<'_>, added: &[(Vec<u8>, Mark)], rights: u64, caches: bool) {
        let is_root = user::own() == 0;
        let mut system: Vec<Pattern<'_>> = Vec::new();
        for place in known::SYSTEM_CREDENTIALS {
            // What is a process's own is closed with the process; other systems' places are not here.
            if ["/proc/", "/private/", "/Library/", "/System/"].iter().any(|other| place.starts_with(other)) {
                continue;
            }
            // A glob costs a look at its directory: only root could read most of what it names.
            let counts = if place.contains('*') { is_root } else { is_readable(Path::new(place)) };
            if counts {
                system.extend(place.strip_prefix('/').map(|place| (place.as_bytes(), Mark::Closed)));
            }
        }
        if rights & WRITE != 0 {
            system.extend(
                known::SYSTEM_GUARD.iter().filter_map(|place| Some((place.strip_prefix('/')?.as_bytes(), Mark::Kept))),
            );
        } else {
            system.push((b"dev", Mark::Apart));
        }
        let mut homes: Vec<Vec<u8>> = ground.house.home.iter().cloned().collect();
        if is_root {
            homes.push(b"/root".to_vec());
            let others = std::fs::read_dir("/home").into_iter().flatten().flatten();
            homes.extend(others.map(|entry| entry.path().as_os_str().as_bytes().to_vec()));
        }
        homes.arrange();
        homes.dedup();
        homes
            .retain(|home| home != b"/" && std::fs::symlink_metadata(file::path(home)).is_ok_and(|meta| meta.is_dir()));
        system.extend(homes.iter().filter_map(|home| Some((home.strip_prefix(b"/")?, Mark::Apart))));
        system.extend(added.iter().map(|(path, mark)| (path.as_slice(), *mark)));
        let all = if caches { READ | WRITE } else { rights };
        let mut places = Places::default();
        places.walk(b"/", &system, rights, all);
        for home in &homes {
            let below_home: Vec<(Vec<u8>, Mark)> =
                added.iter().filter_map(|(path, mark)| inside(path, home, *mark)).collect();
            let mut patterns: Vec<Pattern<'_>> = of_home(caches && rights & WRITE == 0).collect();
            patterns.extend(below_home.iter().map(|(path, mark)| (path.as_slice(), *mark)));
            // Our own state and policy may lie elsewhere below home (another root).
            let own: Vec<(Vec<u8>, Mark)> = own_folders(ground.house)
                .filter_map(|path| inside(path.as_os_str().as_bytes().strip_prefix(b"/")?, home, Mark::Kept))
                .collect();
            patterns.extend(own.iter().map(|(path, mark)| (path.as_slice(), *mark)));
            places.walk(home, &patterns, rights, all);
        }
        self.rules.append(&mut places.rules);
        self.split.append(&mut places.split);
    }

    /// One entry of a list.
    fn allow(&mut self, entry: &str, rights: u64, ground: Ground<'_>, added: &[(Vec<u8>, Mark)]) {
        let writes = rights & WRITE != 0;
        match entry {
            "@all" | "@cache" => {}
            "@workspace" => self.rules.extend(ground.roots.iter().map(|root| (root.clone(), rights))),
            "@temp" => {
                for place in temps(ground) {
                    if !closed(&place, ground, added) {
                        self.rules.push((place, rights));
                    }
                }
            }
            // For others than root the file system says which devices; root is given those that are none.
            "@devices" if user::own() == 0 => {
                for name in ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts"] {
                    self.rules.push((format!("/dev/{name}").into_bytes(), rights));
                }
            }
            // A process's own settings stand in /proc; those of the machine are root's.
            "@devices" => self.rules.extend([(b"/dev".to_vec(), rights), (b"/proc".to_vec(), rights)]),
            path => {
                let whole = match (path.strip_prefix("~/"), &ground.house.home) {
                    (Some(rest), Some(home)) => join(home, rest.as_bytes()),
                    (Some(_), None) => return,
                    (None, _) => path.as_bytes().to_vec(),
                };
                let whole = whole.strip_suffix(b"/").map_or_else(|| whole.clone(), <[u8]>::to_vec);
                if writes && path.ends_with('/') {
                    self.made.push(whole.clone());
                }
                // What a walk through home has split stays so.
                if !self.split.contains(&whole) {
                    self.open_place(whole, rights, ground, added);
                }
            }
        }
    }

    /// A place that is named: whole, or entry by entry where something closed lies in it.
    fn open_place(&mut self, place: Vec<u8>, rights: u64, ground: Ground<'_>, added: &[(Vec<u8>, Mark)]) {
        let mut inside: Vec<(Vec<u8>, Mark)> = Vec::new();
        let added = added.iter().map(|(path, mark)| (path.as_slice(), *mark));
        inside.extend(rests_below(&place, b"/", added));
        if let Some(home) = &ground.house.home {
            inside.extend(rests_below(&place, home, of_home(false)));
        }
        let system = known::SYSTEM_CREDENTIALS.iter().filter_map(|entry| entry.strip_prefix('/'));
        inside.extend(rests_below(&place, b"/", system.map(|entry| (entry.as_bytes(), Mark::Closed))));
        let own = own_folders(ground.house).filter_map(|folder| folder.as_os_str().as_bytes().strip_prefix(b"/"));
        inside.extend(rests_below(&place, b"/", own.map(|folder| (folder, Mark::Kept))));
        inside.retain(|(rest, mark)| mark.on(rights, rights) != rights && is_there(&place, rest));
        if inside.is_empty() {
            self.rules.push((place, rights));
            return;
        }
        let patterns: Vec<Pattern<'_>> = inside.iter().map(|(rest, mark)| (rest.as_slice(), *mark)).collect();
        let mut places = Places::default();
        places.walk(&place, &patterns, rights, rights);
        self.rules.append(&mut places.rules);
        self.split.append(&mut places.split);
    }

    /// What a nested vetted shell needs of our own: it reads the policy, and writes records, orders, requests and tickets.
    fn own(&mut self, ground: Ground<'_>) {
        for folder in own_folders(ground.house) {
            self.rules.push((folder.as_os_str().as_bytes().to_vec(), READ));
        }
        for state in states(ground.house) {
            let kept = ground.house.keeps().then_some("audit");
            for folder in ["live", "spool", "guard/tickets"].into_iter().chain(kept) {
                self.rules.push((state.join(folder).as_os_str().as_bytes().to_vec(), READ | WRITE));
            }
        }
        let writable = |path: &[u8]| {
            let rules = self.rules.iter().filter(|(_, rights)| rights & WRITE != 0);
            rules.into_iter().any(|(place, _)| below(path, place))
        };
        let exposed = own_folders(ground.house).any(|folder| writable(folder.as_os_str().as_bytes()));
        self.open.push(match exposed {
            true => "guard (it lies in a writable place)".to_owned(),
            false if !ground.house.keeps() => {
                "guard: orders, requests, tickets (nested vetting writes them)".to_owned()
            }
            false => "guard: records, orders, requests, tickets (nested vetting writes them)".to_owned(),
        });
    }

    /// What the client handed us open may be opened again by its name in `/dev/fd`, with the rights it is open with.
    fn standard_descriptors(&mut self) {
        for descriptor in 0..3_u8 {
            if let Some(writes) = crate::sys::descriptor::regular(descriptor) {
                let rights =
                    if writes { right::READ_FILE | right::WRITE_FILE | right::TRUNCATE } else { right::READ_FILE };
                self.rules.push((format!("/proc/self/fd/{descriptor}").into_bytes(), rights));
            }
        }
    }
}

/// Policy and state, also of home's own under another root.
fn own_folders(house: &House) -> impl Iterator<Item = &Path> {
    [Some(house.config.as_path()), Some(house.state.as_path()), house.real_state.as_deref()].into_iter().flatten()
}

/// Places for temporary files: everybody's, and the client's.
fn temps(ground: Ground<'_>) -> Vec<Vec<u8>> {
    let own = ground.temporary.filter(|place| ground.house.may_be_temporary(place));
    ["/tmp", "/var/tmp", "/dev/shm"].iter().map(|place| place.as_bytes()).chain(own).map(<[u8]>::to_vec).collect()
}

fn states(house: &House) -> impl Iterator<Item = &Path> {
    [Some(house.state.as_path()), house.real_state.as_deref()].into_iter().flatten()
}

fn of_home(caches: bool) -> impl Iterator<Item = Pattern<'static>> {
    let tables = [
        (known::HOME_CACHES, Mark::Cache, caches),
        (known::HOME_CACHE_EXCEPTIONS, Mark::Kept, caches),
        (known::HOME_GUARD, Mark::Kept, true),
        (known::HOME_CREDENTIALS, Mark::Closed, true),
        (known::HOME_CREDENTIAL_EXCEPTIONS, Mark::Readable, true),
    ];
    let counting = tables.into_iter().filter(|(_, _, counts)| *counts);
    let patterns = counting.flat_map(|(table, mark, _)| table.iter().map(move |entry| (entry.as_bytes(), mark)));
    patterns.filter(|(entry, _)| !entry.starts_with(b"Library/"))
}

/// A pattern below `/` as one below `home`.
fn inside(path: &[u8], home: &[u8], mark: Mark) -> Option<(Vec<u8>, Mark)> {
    let rest = path.strip_prefix(home.strip_prefix(b"/")?)?.strip_prefix(b"/")?;
    Some((rest.to_vec(), mark))
}

/// What is left of a path behind a directory it lies in, or is.
fn under<'a>(path: &'a [u8], directory: &[u8]) -> Option<&'a [u8]> {
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() || directory.ends_with(b"/") { Some(rest) } else { rest.strip_prefix(b"/") }
}

/// What is left of `entries`, paths below `base`, behind `place`, of those that lie in that.
fn rests_below<'a>(place: &[u8], base: &[u8], entries: impl Iterator<Item = Pattern<'a>>) -> Vec<(Vec<u8>, Mark)> {
    let rest = |rest: Vec<u8>, mark| (!rest.is_empty()).then_some((rest, mark));
    match (under(place, base), under(base, place)) {
        (Some(b""), _) => entries.filter_map(|(entry, mark)| rest(entry.to_vec(), mark)).collect(),
        (Some(inner), _) => entries.filter_map(|(entry, mark)| rest(under(entry, inner)?.to_vec(), mark)).collect(),
        (None, Some(above)) => entries.filter_map(|(entry, mark)| rest(join(above, entry), mark)).collect(),
        (None, None) => Vec::new(),
    }
}

/// Whether a place lies in a closed one.
fn closed(place: &[u8], ground: Ground<'_>, added: &[(Vec<u8>, Mark)]) -> bool {
    let in_home = |home: &Vec<u8>| {
        let rest = under(place, home)?;
        known::HOME_CREDENTIALS.iter().chain(known::HOME_GUARD).find(|entry| under(rest, entry.as_bytes()).is_some())
    };
    let within = |path: &[u8]| under(place, b"/").is_some_and(|place| under(place, path).is_some());
    ground.house.home.as_ref().and_then(in_home).is_some() || added.iter().any(|(path, _)| within(path))
}

/// Every profile a launch is put behind, by the policies in force and what the call asks for.
pub fn profiles(policies: &Policies, names: &[String]) -> Result<Vec<Profile>, String> {
    let mut found: Vec<Profile> = Vec::new();
    for name in names {
        // An edited file is believed beside the copy that was trusted: what either closes is closed.
        let declared: Vec<Profile> =
            policies.loaded().policies().filter_map(|policy: &Policy| policy.profile(name)).collect();
        if declared.is_empty() {
            return Err(name.clone());
        }
        for profile in declared {
            if !found.contains(&profile) {
                found.push(profile);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_place_is_named_from_there() {
        let rest = |place: &str, base: &str, entry: &str| {
            let entry = std::iter::once((entry.as_bytes(), Mark::Closed));
            let (rest, _) = rests_below(place.as_bytes(), base.as_bytes(), entry).pop()?;
            Some(String::from_utf8(rest).expect("text"))
        };
        assert_eq!(rest("/", "/home/u", ".ssh").as_deref(), Some("home/u/.ssh"));
        assert_eq!(rest("/home", "/home/u", ".ssh").as_deref(), Some("u/.ssh"));
        assert_eq!(rest("/home/u", "/home/u", ".ssh").as_deref(), Some(".ssh"));
        assert_eq!(rest("/home/u/.config", "/home/u", ".config/gh/hosts.yml").as_deref(), Some("gh/hosts.yml"));
        assert_eq!(rest("/etc", "/", "etc/shadow").as_deref(), Some("shadow"));
        for (place, base, entry) in [
            ("/home/u/.con", "/home/u", ".config/gh"),
            ("/home/u/.config/gh", "/home/u", ".config/gh"),
            ("/home/user", "/home/u", ".ssh"),
            ("/opt", "/home/u", ".ssh"),
            ("/etc/shadow", "/", "etc/shadow"),
            ("/etc/shadow/x", "/", "etc/shadow"),
        ] {
            assert_eq!(rest(place, base, entry), None, "{place} {base} {entry}");
        }
    }
}
