//! Where a path may lie that is known in part: globs and holes, asked of the same tables.

use super::{Atlas, Placed, Scopes, below, components, home_scope, join};
use crate::action::{Bound, Part, Scope, Value};
use crate::judge::pattern::{Atom, atoms, entry_meets, matches, meet};
use crate::judge::{places, sensitive};

impl Atlas<'_> {
    /// A path with globs or holes.
    pub(super) fn place_pattern(&self, value: &Value, recursive: bool) -> Placed {
        // `/proc/$$/environ`: some process's, whichever.
        if let [Part::Known(head), Part::Hole(hole), Part::Known(tail)] = value.parts.as_slice()
            && (head.as_slice(), &hole.bound) == (b"/proc/".as_slice(), &Bound::Number)
            && tail.starts_with(b"/")
        {
            return self.place_known(&[b"/proc/1", tail.as_slice()].concat(), recursive);
        }
        let mut placed = Placed::default();
        let shape = Shape::of(value);
        if shape.unbound_at_start {
            placed.possible = Scopes::ALL;
            placed.maybe_secret = true;
            return placed;
        }
        let base = self.place_known(&shape.base, false);
        if shape.below {
            // Bounded by its producer: somewhere below the base.
            placed.certain = base.certain;
            placed.possible = self.inside(&shape.base);
            // What a producer bounded to the workspace names counts as workspace: it finds what it was asked for.
            if base.certain == Scopes::default().with(Scope::Workspace) {
                placed.possible = placed.possible.without(Scope::Sensitive);
            }
            // But for what the line puts behind that itself: `$f.env`, `$directory/package.json`.
            if let [_, .., Part::Known(tail)] = value.parts.as_slice() {
                let ending = join(&shape.base, &[b"x", tail.as_slice()].concat());
                let named = self.relative(&ending).map(sensitive::kind).unwrap_or_default();
                placed.secret |= named.secret;
                if named.sensitive {
                    placed.possible = placed.possible.with(Scope::Sensitive);
                }
            }
            self.named_behind(value, &shape.base, &mut placed);
            placed.paths = base.paths;
            return placed;
        }
        for path in &base.paths {
            // The directory's own scope for a name of no special meaning in it.
            let neutral = join(path, b"\x01");
            placed.certain = placed.certain.with(self.lexical(&neutral));
        }
        if shape.bare {
            placed.bare_glob = true;
            let scopes = base.paths.iter().fold(Scopes::default(), |all, path| all.union(self.inside(path)));
            if recursive {
                placed.certain = placed.certain.union(scopes);
            } else {
                placed.possible = placed.possible.union(scopes);
            }
            placed.temp_root = base.paths.iter().any(|path| self.is_temp_root(path));
        }
        for path in &base.paths {
            self.meet_tables(path, &shape, recursive, &mut placed);
        }
        if shape.unbound {
            placed.possible = Scopes::ALL;
            placed.maybe_secret = true;
        }
        placed
    }

    /// What stands behind a path that its producer bounds names the file: `{}/.env`, `$user/.ssh/id_rsa`.
    fn named_behind(&self, value: &Value, base: &[u8], placed: &mut Placed) {
        let mut flat = vec![Atom::Run];
        for part in value.parts.iter().skip_while(|part| !matches!(part, Part::Hole(_))).skip(1) {
            match part {
                Part::Known(text) => flat.extend(text.iter().copied().map(Atom::Byte)),
                Part::Glob(glob) => flat.extend(atoms(glob)),
                Part::Hole(_) => flat.push(Atom::Run),
            }
        }
        let parts: Vec<&[Atom]> =
            flat.split(|atom| *atom == Atom::Byte(b'/')).filter(|part| !part.is_empty()).collect();
        let Some((_, behind)) = parts.split_first().filter(|(_, behind)| !behind.is_empty()) else { return };
        let byte = |atom: &Atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None };
        let rest: Option<Vec<u8>> = behind.join(&Atom::Byte(b'/')).iter().map(byte).collect();
        if self.relative(base).is_some() {
            let kind = match &rest {
                Some(rest) => sensitive::kind(rest),
                None => sensitive::can_be(&parts.iter().map(|part| part.to_vec()).collect::<Vec<_>>()),
            };
            placed.secret |= kind.secret;
            if kind.sensitive {
                placed.certain = placed.certain.with(Scope::Sensitive);
            }
            return;
        }
        let home = self.below_home(base).is_some() || matches!(base, b"/home" | b"/Users");
        if home && rest.is_some_and(|rest| home_scope(&rest) == Scope::Credential) {
            placed.certain = placed.certain.with(Scope::Credential);
        }
    }

    /// Whether a glob in the last part matches configuration or code that runs by itself and is there.
    fn matches_sensitive(&self, directory: &[u8], shape: &Shape) -> bool {
        let [name] = shape.tail.as_slice() else { return false };
        let Some(inside) = self.relative(directory) else { return false };
        let own = |entry: &Vec<u8>| {
            let path = if inside.is_empty() { entry.clone() } else { join(inside, entry) };
            matches(name, entry) && sensitive::kind(&path).sensitive
        };
        shape.targeted && self.world.entries(directory, 512).is_some_and(|entries| entries.iter().any(own))
    }

    /// Whether `.*` in the last part stands for a file of secrets that is there.
    fn lists_secret(&self, directory: &[u8], shape: &Shape) -> bool {
        let [name] = shape.tail.as_slice() else { return false };
        let own = |entry: &Vec<u8>| matches(name, entry) && sensitive::kind(entry).secret;
        name.first() == Some(&Atom::Byte(b'.'))
            && self.world.entries(directory, 512).is_some_and(|entries| entries.iter().any(own))
    }

    /// Which protected places a pattern below `base` can mean.
    fn meet_tables(&self, base: &[u8], shape: &Shape, recursive: bool, placed: &mut Placed) {
        let mut parts: Vec<Vec<Atom>> =
            components(base).map(|part| part.iter().copied().map(Atom::Byte).collect()).collect();
        let fixed = parts.len();
        parts.extend(shape.tail.iter().cloned());
        let found = |scope: Scope, placed: &mut Placed| {
            if shape.targeted {
                placed.certain = placed.certain.with(scope);
            } else {
                placed.possible = placed.possible.with(scope);
            }
        };
        if let Some(root) = self.roots.iter().find(|root| below(base, root).is_some()) {
            let from = components(root).count();
            let kind = sensitive::can_be(parts.get(from..).unwrap_or_default());
            if kind.sensitive || self.matches_sensitive(base, shape) {
                placed.certain = placed.certain.with(Scope::Sensitive);
            }
            if shape.targeted || kind.secret && self.lists_secret(base, shape) {
                placed.secret |= kind.secret;
            } else {
                placed.maybe_secret |= kind.secret;
            }
        } else if let Some(name) = parts.last() {
            placed.secret |= sensitive::can_be(std::slice::from_ref(name)).secret;
        }
        let mut homes: Vec<Vec<u8>> = self.home.iter().cloned().collect();
        homes.extend([b"/root".to_vec(), b"/home/*".to_vec(), b"/Users/*".to_vec()]);
        for home in &homes {
            let home_parts: Vec<Vec<Atom>> = components(home).map(atoms).collect();
            let reach = home_parts.iter().zip(&parts).all(|(own, part)| meet(own, part));
            if !reach || parts.len() <= home_parts.len() {
                continue;
            }
            let rest = parts.get(home_parts.len()..).unwrap_or_default();
            for (table, scope) in [
                (places::HOME_CREDENTIALS, Scope::Credential),
                (places::HOME_GUARD, Scope::Guard),
                (places::HOME_CACHES, Scope::Cache),
            ] {
                let spared = |entry: &[u8]| {
                    scope == Scope::Credential
                        && places::HOME_CREDENTIAL_EXCEPTIONS.iter().any(|except| {
                            below(except.as_bytes(), entry).is_some()
                                && rest.len() == components(except.as_bytes()).count()
                                && rest.last().is_some_and(|name| ends_known(name, except.as_bytes()))
                        })
                };
                if scope != Scope::Cache
                    && table.iter().any(|entry| reaches(entry.as_bytes(), rest, recursive) && !spared(entry.as_bytes()))
                {
                    found(scope, placed);
                }
            }
        }
        let folded = folded(&parts);
        for entry in places::SYSTEM_CREDENTIALS {
            let entry = entry.as_bytes();
            if reaches(entry, &parts, recursive)
                || folded.as_ref().is_some_and(|parts| reaches(entry, parts, recursive))
            {
                found(Scope::Credential, placed);
            }
        }
        if places::SYSTEM_GUARD.iter().any(|entry| reaches(entry.as_bytes(), &parts, recursive)) {
            // A program directory's glob does not single out our program.
            if shape.targeted && fixed > 0 {
                placed.possible = placed.possible.with(Scope::Guard);
            }
        }
        if base == b"/" || base.is_empty() {
            for place in places::SYSTEM {
                if reaches(place.as_bytes(), &parts, true) {
                    found(Scope::System, placed);
                }
            }
            if recursive {
                for root in self.roots.iter().chain(&self.home) {
                    if reaches(root, &parts, true) {
                        found(Scope::Credential, placed);
                    }
                }
            }
        }
        for (scope, glob) in &self.additions {
            if glob.meets(&parts, recursive) {
                found(*scope, placed);
            }
        }
    }
}

/// The pattern in small letters, where it has others: names may be matched whatever their case.
fn folded(parts: &[Vec<Atom>]) -> Option<Vec<Vec<Atom>>> {
    let large = |atom: &Atom| matches!(atom, Atom::Byte(byte) if byte.is_ascii_uppercase());
    let fold = |atom: &Atom| match atom {
        Atom::Byte(byte) => Atom::Byte(byte.to_ascii_lowercase()),
        Atom::Set { .. } => Atom::One,
        other => other.clone(),
    };
    let any = parts.iter().flatten().any(large);
    any.then(|| parts.iter().map(|part| part.iter().map(fold).collect()).collect())
}

fn ends_known(name: &[Atom], except: &[u8]) -> bool {
    let last = except.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    match last.strip_prefix(b"*") {
        Some(suffix) => {
            let tail: Vec<u8> =
                name.iter().rev().map_while(|a| if let Atom::Byte(b) = a { Some(*b) } else { None }).collect();
            tail.iter().rev().copied().collect::<Vec<u8>>().ends_with(suffix)
        }
        None => matches(name, last) && name.iter().all(|atom| matches!(atom, Atom::Byte(_))),
    }
}

/// Whether a known absolute directory ends here.
fn slashed(flat: &[Atom]) -> bool {
    flat.len() > 1 && flat.first() == Some(&Atom::Byte(b'/')) && flat.last() == Some(&Atom::Byte(b'/'))
}

/// Whether what follows a part keeps the path below what stands up to it: no `..`, and nothing that may hold one.
fn stays_from(value: &Value, at: usize) -> bool {
    // A glob behind a dot may match `..` too.
    let dot = |part: &Part| matches!(part, Part::Known(text) if text.ends_with(b"."));
    value.parts.get(at..).unwrap_or_default().windows(2).all(|two| match two {
        // The first piece goes on with what stands before it.
        [_, Part::Known(text)] => text.split(|byte| *byte == b'/').enumerate().all(|(at, piece)| match at {
            0 => !piece.windows(2).any(|two| two == b".."),
            _ => piece != b"..",
        }),
        [before, Part::Glob(_)] => !dot(before),
        [before, Part::Hole(hole)] => matches!(hole.bound, Bound::Number | Bound::Ref) && !dot(before),
        _ => false,
    })
}

/// The known directory a pattern starts from and what follows.
struct Shape {
    base: Vec<u8>,
    tail: Vec<Vec<Atom>>,
    /// The value starts with something that may be anything.
    unbound_at_start: bool,
    /// Somewhere in it is a hole that may hold `/` and `..`.
    unbound: bool,
    /// It is bounded below `base` by its producer.
    below: bool,
    /// The tail is one lone `*` or `.*`.
    bare: bool,
    /// The unknown part has known text or shape that singles out names.
    targeted: bool,
}

impl Shape {
    fn of(value: &Value) -> Shape {
        let mut shape = Shape {
            base: Vec::new(),
            tail: Vec::new(),
            unbound_at_start: false,
            unbound: false,
            below: false,
            bare: false,
            targeted: false,
        };
        let mut flat: Vec<Atom> = Vec::new();
        let mut globs = false;
        let mut holes = false;
        for (at, part) in value.parts.iter().enumerate() {
            match part {
                Part::Known(text) => flat.extend(text.iter().copied().map(Atom::Byte)),
                Part::Glob(glob) => {
                    globs = true;
                    flat.extend(atoms(glob));
                }
                Part::Hole(hole) => {
                    holes = true;
                    match &hole.bound {
                        Bound::Below { directory, .. } if at == 0 && stays_from(value, 0) => {
                            shape.base.clone_from(directory);
                            shape.below = true;
                            return shape;
                        }
                        // `src/` and a path that does not climb.
                        bound
                            if at == 1
                                && crate::action::path::descends(bound)
                                && slashed(&flat)
                                && stays_from(value, 1) =>
                        {
                            shape.base = flat
                                .iter()
                                .filter_map(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None })
                                .collect();
                            shape.base.pop();
                            shape.below = true;
                            return shape;
                        }
                        Bound::Below { .. } | Bound::Ref | Bound::Anything => {
                            if at == 0 {
                                shape.unbound_at_start = true;
                            }
                            shape.unbound = true;
                            flat.push(Atom::Run);
                        }
                        Bound::Number | Bound::Name => flat.push(Atom::Run),
                    }
                }
            }
        }
        if flat.first() != Some(&Atom::Byte(b'/')) {
            shape.unbound_at_start = true;
        }
        let mut in_base = true;
        for part in flat.split(|atom| *atom == Atom::Byte(b'/')).filter(|part| !part.is_empty()) {
            let known: Option<Vec<u8>> =
                part.iter().map(|atom| if let Atom::Byte(byte) = atom { Some(*byte) } else { None }).collect();
            match known {
                Some(text) if in_base => {
                    shape.base.push(b'/');
                    shape.base.extend_from_slice(&text);
                }
                _ => {
                    in_base = false;
                    shape.tail.push(part.to_vec());
                }
            }
        }
        if shape.base.is_empty() {
            shape.base.push(b'/');
        }
        let lone = |part: &Vec<Atom>| {
            matches!(part.as_slice(), [Atom::Run] | [Atom::Byte(b'.'), Atom::Run])
                || matches!(part.as_slice(), [Atom::Byte(b'.'), Atom::One | Atom::Set { .. }, Atom::Run])
        };
        shape.bare = globs && shape.tail.iter().all(lone);
        shape.targeted = globs && !holes && shape.tail.iter().any(|part| !lone(part));
        shape
    }
}

/// Whether the pattern can name the entry or something below it; with `recursive` also a directory above it.
fn reaches(entry: &[u8], parts: &[Vec<Atom>], recursive: bool) -> bool {
    let steps: Vec<&[u8]> = components(entry).collect();
    if parts.len() < steps.len() && !recursive {
        return false;
    }
    if parts.is_empty() {
        return false;
    }
    steps.iter().zip(parts).all(|(step, part)| {
        // An unquoted glob does not match a leading dot.
        let hidden = step.first() == Some(&b'.') && !matches!(part.first(), Some(Atom::Byte(_)));
        let bracketed = matches!(part.first(), Some(Atom::Set { .. } | Atom::One));
        (!hidden || bracketed) && entry_meets(step, part)
    })
}
