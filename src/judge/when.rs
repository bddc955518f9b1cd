//! Whether one action meets a rule's condition: certainly, possibly, or not.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::law::{Context, Law};
use super::pattern::{PathGlob, name_matches};
use super::scope::{Atlas, Placed, join};
use super::surroundings::{self, Known};
use crate::action::{Action, Bound, Count, Effect, EffectKind, Object, Part, Sure, Value};
use crate::policy::{ContextWhen, EffectWhen, ImpactWhen, When};

/// How far a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Met {
    /// It does not.
    No,
    /// It may.
    Possibly,
    /// It does.
    Certainly,
}

impl Met {
    fn of(yes: bool) -> Met {
        if yes { Met::Certainly } else { Met::No }
    }
    fn not(self) -> Met {
        match self {
            Met::No => Met::Certainly,
            Met::Possibly => Met::Possibly,
            Met::Certainly => Met::No,
        }
    }
}

/// What conditions are asked against.
pub struct Bench<'a> {
    /// The policy.
    pub law: &'a dyn Law,
    /// The surroundings.
    pub context: &'a Context,
    /// The machine's places.
    pub atlas: &'a Atlas<'a>,
    /// `placed[action][effect]`
    pub placed: &'a [Vec<Option<Rc<Placed>>>],
    /// The first action that may change the branch or the Kubernetes context for those after it.
    pub moved: Option<usize>,
    /// The globs of conditions on paths, ready to be compared: each is asked of many actions.
    pub globs: RefCell<BTreeMap<String, Rc<[PathGlob]>>>,
}

impl Bench<'_> {
    /// Whether any of the conditions holds for action `at`, and by which effect.
    #[must_use]
    pub fn any(&self, conditions: &[When], at: usize, action: &Action) -> (Met, Option<usize>) {
        let mut best = (Met::No, None);
        for when in conditions {
            let found = self.meets(when, at, action);
            if found.0 > best.0 {
                best = found;
            }
        }
        best
    }

    /// Whether the condition holds.
    #[must_use]
    pub fn meets(&self, when: &When, at: usize, action: &Action) -> (Met, Option<usize>) {
        let mut met = Met::Certainly;
        let mut effect_at = None;
        let named = |globs: &[String], name: &Vec<u8>| self.listed(globs, &Value::known(name.clone()));
        // Most rules fall at the program or its subcommand.
        if !when.program.is_empty()
            && !action.program.as_ref().is_some_and(|program| named(&when.program, program) == Met::Certainly)
        {
            return (Met::No, None);
        }
        if !when.sub.is_empty() {
            let sub = action.sub.join(" ");
            let is_given = |wanted: &String| {
                sub.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            };
            if !when.sub.iter().any(is_given) {
                return (Met::No, None);
            }
        }
        let mut and = |next: Met| met = met.min(next);
        if !when.option.is_empty() {
            and(when.option.iter().map(|wanted| option_met(wanted, action)).max().unwrap_or(Met::No));
        }
        if !when.flag.is_empty() {
            let flags = action.effects.iter().fold(action.flags, |all, effect| all.union(effect.flags));
            and(Met::of(when.flag.iter().any(|flag| flags.has(*flag))));
        }
        if !when.operand.is_empty() {
            let operands =
                action.operands.iter().enumerate().filter(|(at, operand)| !is_handed_on(action, *at, operand));
            and(operands.map(|(_, operand)| self.listed(&when.operand, operand)).max().unwrap_or(Met::No));
        }
        if met == Met::No {
            return (Met::No, None);
        }
        let mut and = |next: Met| met = met.min(next);
        let objects = |pick: &dyn Fn(&Object) -> Option<Value>, globs: &[String]| {
            action
                .effects
                .iter()
                .filter_map(|effect| pick(&effect.object))
                .map(|value| self.listed(globs, &value))
                .max()
                .unwrap_or(Met::No)
        };
        if !when.host.is_empty() {
            and(objects(&|object| host_of(object), &when.host));
        }
        if !when.package.is_empty() {
            and(objects(
                &|object| if let Object::Package { name, .. } = object { Some(name.clone()) } else { None },
                &when.package,
            ));
        }
        if !when.refs.is_empty() {
            and(objects(&|object| if let Object::Ref(name) = object { Some(name.clone()) } else { None }, &when.refs));
        }
        if !when.remote.is_empty() {
            and(objects(
                &|object| if let Object::Remote { name, .. } = object { Some(name.clone()) } else { None },
                &when.remote,
            ));
        }
        if !when.via.is_empty() {
            let behind = action.via.iter().map(|name| named(&when.via, name)).max();
            and(behind.unwrap_or(Met::No));
        }
        if !when.coverage.is_empty() {
            and(Met::of(when.coverage.contains(&action.coverage)));
        }
        if !when.content.is_empty() {
            and(Met::of(when.content.iter().any(|class| super::content::has(class, action))));
        }
        if let Some(wanted) = &when.effect {
            let mut best = Met::No;
            for (number, effect) in action.effects.iter().enumerate() {
                let placed = self.placed.get(at).and_then(|row| row.get(number)).and_then(Option::as_deref);
                let found = self.effect(wanted, effect, placed);
                if found > best {
                    best = found;
                    effect_at = Some(number);
                }
            }
            and(best);
        }
        if let Some(wanted) = &when.context {
            and(self.context(wanted, at, action));
        }
        if let Some(least) = when.risk_at_least {
            and(Met::of(super::risk::of_action(action) >= least));
        }
        if met > Met::No
            && let Some(not) = &when.not
        {
            met = met.min(self.meets(not, at, action).0.not());
        }
        // Measured last, and only where all else is met.
        if met > Met::No
            && let Some(wanted) = &when.impact
        {
            let kinds = when.effect.as_ref().map_or(&[][..], |effect| &effect.kind);
            met = met.min(self.impact(wanted, kinds, action));
        }
        (met, effect_at)
    }

    /// Whether what the action takes is more than the bounds; with `kinds`, what effects of these kinds take. What could not be
    /// counted may be more.
    fn impact(&self, wanted: &ImpactWhen, kinds: &[EffectKind], action: &Action) -> Met {
        let world = self.atlas.world();
        let taken = super::impact::taken(action, world);
        let of = |count: Count, per: Count| {
            let (mut number, mut more, mut most) = (0_u64, false, true);
            let meant = taken.iter().filter(|taken| kinds.is_empty() || kinds.contains(&taken.kind));
            // Where permissions change, the files are those whose do.
            let modes = |taken: &&super::impact::Taken| taken.count == Count::Modes && count == Count::Files;
            for taken in meant.filter(|taken| taken.count == per || modes(taken)) {
                let count = if modes(&taken) { Count::Modes } else { count };
                match taken.measured(world).amount(count) {
                    Some(amount) => {
                        number = number.saturating_add(amount.number);
                        more |= amount.sure == Sure::AtLeast;
                        most &= amount.sure != Sure::AtMost;
                    }
                    None => more = true,
                }
            }
            (number, more, most)
        };
        let bounds = [
            (wanted.rows_over, Count::Rows, Count::Rows),
            (wanted.files_over, Count::Files, Count::Files),
            (wanted.bytes_over, Count::Bytes, Count::Files),
            (wanted.commits_over, Count::Commits, Count::Commits),
        ];
        bounds.into_iter().fold(Met::Certainly, |met, (bound, count, per)| {
            let Some(bound) = bound else { return met };
            met.min(match of(count, per) {
                (number, _, true) if number > bound => Met::Certainly,
                (number, more, _) if number > bound || more => Met::Possibly,
                _ => Met::No,
            })
        })
    }

    /// Whether the value matches any entry; `@name` stands for a list.
    #[must_use]
    pub fn listed(&self, globs: &[String], value: &Value) -> Met {
        let mut best = Met::No;
        let mut see = |glob: &str| match name_matches(glob, value) {
            Some(true) => best = Met::Certainly,
            Some(false) => best = best.max(Met::Possibly),
            None => {}
        };
        for glob in globs {
            match glob.strip_prefix('@') {
                Some(name) => self.law.list(name).iter().for_each(|entry| see(entry)),
                None => see(glob),
            }
        }
        best
    }

    fn effect(&self, wanted: &EffectWhen, effect: &Effect, placed: Option<&Placed>) -> Met {
        let mut met = if effect.certain { Met::Certainly } else { Met::Possibly };
        if !wanted.kind.is_empty() && !wanted.kind.contains(&effect.kind) {
            return Met::No;
        }
        if !wanted.flag.is_empty() && !wanted.flag.iter().any(|flag| effect.flags.has(*flag)) {
            return Met::No;
        }
        if !wanted.scope.is_empty() {
            let Some(placed) = placed else { return Met::No };
            let holds = wanted.scope.iter().map(|scope| {
                if placed.certain.has(*scope) {
                    Met::Certainly
                } else if placed.possible.has(*scope) {
                    Met::Possibly
                } else {
                    Met::No
                }
            });
            met = met.min(holds.max().unwrap_or(Met::No));
        }
        if !wanted.path.is_empty() {
            let found = match (path_of(&effect.object), placed) {
                (Some(value), placed) => self.path(&wanted.path, value, placed),
                (None, _) => Met::No,
            };
            met = met.min(found);
        }
        if !wanted.host.is_empty() {
            met = met.min(host_of(&effect.object).map_or(Met::No, |host| self.listed(&wanted.host, &host)));
        }
        met
    }

    /// Where a condition's glob stands on this machine.
    fn absolute(&self, glob: &str) -> Rc<[PathGlob]> {
        if let Some(known) = self.globs.borrow().get(glob) {
            return Rc::clone(known);
        }
        let mut absolute: Vec<Vec<u8>> = Vec::new();
        if let Some(rest) = glob.strip_prefix("~/") {
            absolute.extend(self.atlas.home().map(|home| join(home, rest.as_bytes())));
        } else if glob.starts_with('/') {
            absolute.push(glob.as_bytes().to_vec());
        } else {
            absolute.extend(self.atlas.roots().iter().map(|root| join(root, glob.as_bytes())));
        }
        let ready: Rc<[PathGlob]> = absolute.iter().map(|glob| PathGlob::new(glob)).collect();
        self.globs.borrow_mut().insert(glob.to_owned(), Rc::clone(&ready));
        ready
    }

    fn path(&self, globs: &[String], value: &Value, placed: Option<&Placed>) -> Met {
        let mut best = Met::No;
        for glob in globs {
            for glob in self.absolute(glob).iter() {
                if value.text().is_some() {
                    if value.text().is_some_and(|text| glob.matches(text))
                        || placed.is_some_and(|placed| placed.paths.iter().any(|path| glob.matches(path)))
                    {
                        best = Met::Certainly;
                    }
                } else {
                    let atoms = super::pattern::value_atoms(value);
                    let parts: Vec<_> = atoms
                        .split(|atom| *atom == super::pattern::Atom::Byte(b'/'))
                        .filter(|part| !part.is_empty())
                        .map(<[_]>::to_vec)
                        .collect();
                    if glob.meets(&parts, false) {
                        best = best.max(if value.has_hole() { Met::Possibly } else { Met::Certainly });
                    }
                }
            }
        }
        best
    }

    /// Asks for what the condition names and for nothing else: a file is read only where a rule wants to know.
    fn context(&self, wanted: &ContextWhen, at: usize, action: &Action) -> Met {
        let context = self.context;
        let world = self.atlas.world();
        let moved = self.moved.is_some_and(|first| first < at);
        let mut met = Met::Certainly;
        for (globs, value) in
            [(&wanted.agent, &context.agent), (&wanted.profile, &context.profile), (&wanted.host, &context.host)]
        {
            met = met.min(match (globs.is_empty(), value) {
                (true, _) => Met::Certainly,
                (false, Some(value)) => self.listed(globs, &Value::known(value.clone())),
                (false, None) => Met::Possibly,
            });
        }
        let mut ask = |globs: &[String], known: &dyn Fn() -> Known| {
            if globs.is_empty() {
                return;
            }
            met = met.min(match known() {
                Known::None => Met::No,
                Known::Unknown => Met::Possibly,
                Known::Values(values) => values.iter().map(|value| self.listed(globs, value)).max().unwrap_or(Met::No),
            });
        };
        ask(&wanted.branch, &|| surroundings::branch(world, action, moved));
        ask(&wanted.kube, &|| surroundings::kube(world, action, moved));
        ask(&wanted.cloud, &|| surroundings::cloud(world, action, moved));
        ask(&wanted.env, &|| {
            let known = surroundings::env(world, action);
            if !self.law.production() && !super::production::is_named(action, self.atlas) {
                return known;
            }
            let mut values = if let Known::Values(values) = known { values } else { Vec::new() };
            values.push(Value::known("production"));
            Known::Values(values)
        });
        if !wanted.walls.is_empty() {
            met = met.min(Met::of(wanted.walls.iter().any(|wall| context.walls.contains(wall))));
        }
        if !wanted.time.is_empty() {
            met = met.min(match context.clock.and_then(|clock| clock()) {
                Some((minute, day)) => Met::of(wanted.time.iter().any(|span| in_time(span, minute, day))),
                None => Met::Possibly,
            });
        }
        met
    }
}

fn in_time(span: &str, minute: u16, day: &str) -> bool {
    let clock = |text: &str| -> Option<u16> {
        let (hour, rest) = text.split_once(':')?;
        hour.parse::<u16>().ok()?.checked_mul(60)?.checked_add(rest.parse::<u16>().ok()?)
    };
    match span.split_once('-').and_then(|(from, to)| Some((clock(from)?, clock(to)?))) {
        Some((from, to)) if from <= to => (from..to).contains(&minute),
        Some((from, to)) => minute >= from || minute < to,
        None => span.get(..3).is_some_and(|name| name.eq_ignore_ascii_case(day)),
    }
}

fn option_met(wanted: &str, action: &Action) -> Met {
    // dd's own end in the sign: `if=`, `if==/dev/zero`.
    let sign =
        wanted.find("==").map(|at| at + 1).or_else(|| wanted.find('=').filter(|at| *at > 0 && at + 1 < wanted.len()));
    let (name, glob) = match sign.and_then(|at| wanted.split_at_checked(at)) {
        Some((name, glob)) => (name, glob.strip_prefix('=')),
        None => (wanted, None),
    };
    action
        .options
        .iter()
        .filter(|(own, _)| own == name)
        .map(|(_, value)| match (glob, value) {
            (None, _) => Met::Certainly,
            (Some(glob), Some(value)) => match name_matches(glob, value) {
                Some(true) => Met::Certainly,
                Some(false) => Met::Possibly,
                None => Met::No,
            },
            (Some(_), None) => Met::No,
        })
        .max()
        .unwrap_or(Met::No)
}

/// The path of an object, code files too.
#[must_use]
pub fn path_of(object: &Object) -> Option<&Value> {
    match object {
        Object::Path { path, .. } => Some(path),
        Object::Code { origin: crate::action::CodeOrigin::File(path), .. } => Some(path),
        _ => None,
    }
}

/// The host of an object.
#[must_use]
pub fn host_of(object: &Object) -> Option<Value> {
    match object {
        Object::Host(host) => Some(host.clone()),
        Object::Remote { host: Some(host), .. } => Some(Value::known(host.clone())),
        _ => None,
    }
}

/// Whether an operand is a word that a package manager hands on to a script which is named before it: it names no script. It
/// is a path that was found, or it stands behind the one script that is run.
fn is_handed_on(action: &Action, at: usize, operand: &Value) -> bool {
    // `yarn workspace NAME WORDS` is judged as `yarn WORDS` beside it.
    let beside = action.sub.first().is_some_and(|sub| sub == "workspace");
    if beside && action.program.as_deref() == Some(b"yarn") {
        return true;
    }
    let scripted = action.runner && matches!(action.program.as_deref(), Some(b"npm" | b"pnpm" | b"yarn" | b"bun"));
    if !scripted {
        return false;
    }
    let sub = action.sub.first().map(String::as_str);
    if matches!(sub, Some("test" | "t" | "tst")) {
        return true;
    }
    let bounded = !operand.parts.is_empty()
        && operand
            .parts
            .iter()
            .all(|part| matches!(part, Part::Hole(hole) if matches!(hole.bound, Bound::Below { .. })));
    // `pnpm recursive run deploy` names its script later.
    let scripts =
        || !action.operands.iter().take(at).any(|word| matches!(word.text(), Some(b"run" | b"recursive" | b"multi")));
    at > 0 && (bounded || matches!(sub, None | Some("run" | "run-script")) && scripts())
}
