//! Judging is linear in the bytes of the line, or stops at a bound and asks. Constructs are data (`tests/cases/bounds`), each
//! repeated some times and four times as often; work is counted, never timed: the bytes that parsing, walking and weighing ask
//! of the allocator. What is copied for each command is seen by it; what is only looked through is not.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    construct: Vec<Construct>,
    #[serde(default)]
    bomb: Vec<Bomb>,
}

/// Something that may stand in a line any number of times.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Construct {
    name: String,
    #[serde(default)]
    before: String,
    /// `%` is the number of the round, `@` the next one.
    each: String,
    #[serde(default)]
    after: String,
    /// How often it stands there at first.
    #[serde(default = "some")]
    count: usize,
    /// It is bounded instead, at `count` already: why it cannot be linear.
    #[serde(default)]
    bounded: Option<String>,
}

/// A line that stands for far more than it holds.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bomb {
    name: String,
    #[serde(default)]
    before: String,
    each: String,
    #[serde(default)]
    after: String,
    /// What stands behind as often as `each` stands before.
    #[serde(default)]
    close: String,
    count: usize,
    /// It is only long: nobody need be asked.
    #[serde(default)]
    harmless: bool,
}

const fn some() -> usize {
    150
}

fn rounds(before: &str, each: &str, after: &str, count: usize) -> String {
    let mut line = before.to_owned();
    for round in 0..count {
        line.push_str(&each.replace('%', &round.to_string()).replace('@', &(round + 1).to_string()));
    }
    line + after
}

#[cfg(debug_assertions)]
mod measured {
    use vetsh::action::World;
    use vetsh::action::walk::{self, Start};
    use vetsh::judge::{Context, Fixture, judge};
    use vetsh::parse::Dialect;
    use vetsh::policy::{Policy, Tier};

    /// What judging a line took and gave.
    pub struct Work {
        pub bytes: u64,
        pub actions: usize,
        pub tier: Tier,
        pub capped: bool,
    }

    pub fn work(line: &str) -> Work {
        thread_local!(static POLICY: Policy = Policy::builtin());
        POLICY.with(|policy| {
            let world = Fixture::default();
            let context = Context { today: "2026-11-20".into(), ..Context::default() };
            let start = Start::line(Dialect::Bash);
            let before = vetsh::sys::heap::asked();
            let walk = |script: &vetsh::parse::Script, world: &dyn World| {
                walk::actions(script, line.as_bytes(), &start, policy, world)
            };
            let weighed = judge(line.as_bytes(), Dialect::Bash, walk, &[policy], &world, &context);
            Work {
                bytes: vetsh::sys::heap::asked() - before,
                actions: weighed.actions.list.len(),
                tier: weighed.verdict.tier,
                capped: weighed.verdict.findings.iter().any(|finding| finding.rule == "core.cap"),
            }
        })
    }
}

/// Bytes that judging any line may ask for, all pieces together.
#[cfg(debug_assertions)]
const MOST: u64 = 2 << 30;

#[cfg(debug_assertions)]
fn construct(construct: &Construct) -> Result<(), Failed> {
    let Construct { before, each, after, count, .. } = construct;
    let once = measured::work(&rounds(before, each, after, *count));
    let often = measured::work(&rounds(before, each, after, count * 4));
    let said = format!("{count} times {} bytes, {} times {} bytes", once.bytes, count * 4, often.bytes);
    if often.bytes > MOST || often.actions > 10_001 {
        return Err(format!("more than is bounded: {said}, {} actions", often.actions).into());
    }
    match &construct.bounded {
        // Past the bound it is asked about, and costs no more.
        Some(_) if !often.capped => Err(format!("no bound was hit: {said}").into()),
        Some(_) => Ok(()),
        None if often.capped => Err(format!("a bound was hit: {said}").into()),
        None if often.bytes > once.bytes * 5 + 100_000 => Err(format!("not linear: {said}").into()),
        None => Ok(()),
    }
}

#[cfg(debug_assertions)]
fn bomb(bomb: &Bomb) -> Result<(), Failed> {
    let Bomb { before, each, after, close, count, .. } = bomb;
    let line = rounds(before, each, after, *count) + &close.repeat(*count);
    let work = measured::work(&line);
    if work.bytes > MOST || work.actions > 10_001 {
        return Err(format!("more than is bounded: {} bytes, {} actions", work.bytes, work.actions).into());
    }
    if !bomb.harmless && work.tier == vetsh::policy::Tier::Autonomous {
        return Err("nobody is asked".into());
    }
    Ok(())
}

#[cfg(not(debug_assertions))]
fn construct(_: &Construct) -> Result<(), Failed> {
    Ok(eprintln!("SKIPPED: work is counted in debug builds only"))
}

#[cfg(not(debug_assertions))]
fn bomb(_: &Bomb) -> Result<(), Failed> {
    Ok(eprintln!("SKIPPED: work is counted in debug builds only"))
}

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/bounds");
    let mut trials = Vec::new();
    for entry in std::fs::read_dir(root).expect("case folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("case file");
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{:?}: {error}", entry.path()));
        for one in file.construct {
            trials.push(Trial::test(format!("linear: {}", one.name), move || construct(&one)));
        }
        for one in file.bomb {
            trials.push(Trial::test(format!("bounded: {}", one.name), move || bomb(&one)));
        }
    }
    assert!(trials.len() > 100, "only {} constructs", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}
