//! How much of what strangers wrote would be asked about, and by which rule: the two public collections whole, and of them what is
//! reading, building and testing. `docs/judgement.md` tells the figures; they must not rise. `VETSH_BLESS=1` writes them anew.

#![allow(clippy::disallowed_methods, reason = "a test is told by its environment")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vetsh::action::walk::{self, Start};
use vetsh::judge::{Context, Fixture, judge};
use vetsh::parse::Dialect;
use vetsh::policy::{Policy, Tier};

/// Of a hundred lines of daily work, at most so many may be asked about.
const DAILY_AT_MOST: f64 = 5.0;
/// Points by which a share may rise before it is a step back: a handful of lines in ten thousand.
const SLACK: f64 = 0.1;
/// Rules told of each collection.
const RULES: usize = 12;

#[derive(Deserialize)]
struct Daily {
    commands: Vec<String>,
    words: Vec<String>,
    texts: Vec<String>,
}

impl Daily {
    fn read() -> Daily {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/share/daily.toml");
        toml::from_str(&std::fs::read_to_string(path).expect("the lists")).expect("they hold")
    }

    fn has(&self, line: &str) -> bool {
        let line = line.replace("2>/dev/null", "").replace("2> /dev/null", "").replace("2>&1", "");
        let elsewhere = |word: &str| word.trim_start_matches(['"', '\'']).starts_with(['/']) || word.contains("..");
        if line.contains('\n')
            || self.texts.iter().any(|text| line.contains(text.as_str()))
            || line.split([' ', '=']).any(elsewhere)
        {
            return false;
        }
        let mut quote = None;
        let plain: String = line
            .chars()
            .map(|c| match (quote, c) {
                (None, '"' | '\'') => {
                    quote = Some(c);
                    'Q'
                }
                (Some(open), c) if c == open => {
                    quote = None;
                    'Q'
                }
                (Some(_), _) => 'Q',
                (None, c) => c,
            })
            .collect();
        !plain.contains('>')
            && plain.split(['|', ';', '&']).map(str::trim).filter(|part| !part.is_empty()).all(|part| {
                let begins = |known: &String| {
                    part.strip_prefix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
                };
                self.commands.iter().any(begins)
                    && !part.split(' ').any(|word| self.words.iter().any(|known| known == word))
            })
    }
}

/// Lines by tier, and those that are asked about or refused by the rule that decides, with the first of them.
#[derive(Default)]
struct Tally {
    tiers: [usize; 3],
    rules: BTreeMap<String, (usize, String)>,
}

impl Tally {
    fn add(&mut self, line: &str, tier: Tier, rule: Option<&str>) {
        self.tiers[tier as usize] += 1;
        if let Some(rule) = rule.filter(|_| tier > Tier::Autonomous) {
            self.rules.entry(rule.to_owned()).or_insert_with(|| (0, line.to_owned())).0 += 1;
        }
    }

    fn asked(&self) -> f64 {
        let all: usize = self.tiers.iter().sum();
        100.0 * (all - self.tiers[0]) as f64 / all.max(1) as f64
    }
}

fn verdict(policy: &Policy, world: &Fixture, line: &str) -> (Tier, Option<String>) {
    let context = Context { today: "2026-11-20".into(), ..Context::default() };
    let weighed = judge(
        line.as_bytes(),
        Dialect::Bash,
        |script, world| walk::actions(script, line.as_bytes(), &Start::line(Dialect::Bash), policy, world),
        &[policy],
        world,
        &context,
    );
    let verdict = weighed.verdict;
    let deciding = verdict.deciding.and_then(|at| verdict.findings.get(at)).map(|finding| finding.rule.clone());
    (verdict.tier, deciding)
}

fn collection(name: &str) -> Option<Vec<String>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/collections").join(name);
    let text = std::fs::read_to_string(path.with_extension("jsonl")).ok()?;
    let line =
        |entry: &str| serde_json::from_str::<serde_json::Value>(entry).ok()?.get("cmd")?.as_str().map(str::to_owned);
    Some(text.lines().filter_map(line).collect())
}

/// Judges the lines of a collection on every core.
fn judged(lines: &[String]) -> Vec<(Tier, Option<String>)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let size = lines.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let work = |part: &'_ [String]| {
            let (policy, world) = (Policy::builtin(), Fixture::default());
            part.iter().map(|line| verdict(&policy, &world, line)).collect::<Vec<_>>()
        };
        let threads: Vec<_> = lines.chunks(size).map(|part| scope.spawn(move || work(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("judging does not panic")).collect()
    })
}

fn table(tallies: &[(&str, Tally)]) -> String {
    let mut out = String::from(
        "| lines | all | autonomous | supervised | prohibited | asked or refused |\n|---|---|---|---|---|---|\n",
    );
    for (name, tally) in tallies {
        let [a, s, p] = tally.tiers;
        let _ = writeln!(out, "| {name} | {} | {a} | {s} | {p} | {:.1} % |", a + s + p, tally.asked());
    }
    for (name, tally) in tallies {
        let mut rules: Vec<_> = tally.rules.iter().collect();
        rules.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
        let _ = writeln!(
            out,
            "\n{}, by the rule that decides:\n\n| rule | lines | for instance |\n|---|---|---|",
            capital(name)
        );
        for (rule, (count, example)) in rules.into_iter().take(RULES) {
            let shown: String = example.replace('\n', " ").replace('|', "\\|").chars().take(72).collect();
            let fence = if shown.contains('`') { "``" } else { "`" };
            let _ = writeln!(out, "| `{rule}` | {count} | {fence}{}{fence} |", shown.trim_end_matches('\\'));
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const FROM: &str = "<!-- figures -->\n";
const TO: &str = "<!-- end of figures -->\n";

/// The share that a row of the page tells.
fn told(page: &str, name: &str) -> Option<f64> {
    let row = page.lines().find(|line| line.starts_with(&format!("| {name} |")))?;
    row.rsplit('|').nth(1)?.trim().strip_suffix(" %")?.parse().ok()
}

#[test]
fn what_is_asked_about_does_not_rise() {
    let daily = Daily::read();
    let (mut tallies, mut work) = (Vec::new(), Tally::default());
    for name in ["nl2bash", "tldr"] {
        let Some(lines) = collection(name) else {
            eprintln!(
                "SKIPPED: {name} is not in ../shared/collections; where the collections are, this test must not skip"
            );
            return;
        };
        let mut tally = Tally::default();
        for (line, (tier, rule)) in lines.iter().zip(judged(&lines)) {
            tally.add(line, tier, rule.as_deref());
            if daily.has(line) {
                work.add(line, tier, rule.as_deref());
            }
        }
        tallies.push((name, tally));
    }
    tallies.push(("reading, building, testing", work));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/judgement.md");
    let page = std::fs::read_to_string(&path).expect("docs/judgement.md");
    let figures = table(&tallies);
    println!("{figures}");
    if std::env::var_os("VETSH_BLESS").is_some() {
        let (head, rest) = page.split_once(FROM).expect("where the figures begin");
        let (_, tail) = rest.split_once(TO).expect("where they end");
        std::fs::write(&path, [head, FROM, &figures, TO, tail].concat()).expect("the page is written");
        return;
    }
    for (name, tally) in &tallies {
        let kept = told(&page, name).unwrap_or_else(|| panic!("docs/judgement.md does not tell of {name}"));
        let now = tally.asked();
        assert!(now <= kept + SLACK, "{name}: {now:.2} % are asked about, docs/judgement.md says {kept} %");
    }
    let share = tallies.last().map_or(100.0, |(_, tally)| tally.asked());
    assert!(share < DAILY_AT_MOST, "of reading, building and testing {share:.1} % are asked about");
}
