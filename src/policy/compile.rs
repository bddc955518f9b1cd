//! Writes the compiled form of packs that [`blob`](super::blob) reads. Runs when vetsh is built.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::blob::{COMMAND_BITS, KIND_FLOW, KIND_OTHER, MAGIC, ROOT, SECTIONS, Section, StoredOption, VERSION};
use super::bucket::{Bucket, buckets};
use super::example::Case;
use super::file::PolicyFile;
use super::problem::Problem;
use crate::action::tool::{Command, OptionSpec};
use crate::text::Arrange;

/// Compiles packs. `digest` is the SHA-256 over their bytes.
///
/// # Errors
/// What is wrong between the packs: a tool or rule declared twice, a tool without an example, a list that nobody defines.
pub fn compile(packs: &[PolicyFile], digest: &[u8; 32]) -> Result<Vec<u8>, Vec<Problem>> {
    let mut writer = Writer::default();
    let mut problems = Vec::new();
    let mut cases: Vec<Case> = Vec::new();
    writer.put(digest);
    let programs = packs.iter().flat_map(|pack| &pack.tools.list).filter(|tool| tool.parent.is_none());
    for name in programs.flat_map(|tool| &tool.names).collect::<BTreeSet<_>>() {
        writer.put(name.as_bytes());
    }
    // What many commands share comes first, where its place is a short number.
    let mut shared: BTreeMap<Vec<u8>, (usize, &OptionSpec)> = BTreeMap::new();
    for option in packs.iter().flat_map(|pack| &pack.tools.list).flat_map(|tool| &tool.command.options) {
        shared.entry(encoded(option)).or_insert((0, option)).0 += 1;
    }
    let mut shared: Vec<_> = shared.into_values().collect();
    shared.arrange_by_key(|(count, _)| std::cmp::Reverse(*count));
    for (_, option) in shared {
        writer.option(option);
    }
    for pack in packs {
        writer.tools(pack, &mut problems);
        problems.extend(unproven(pack));
        cases.extend(pack.tools.cases.iter().cloned());
    }
    let lists = lists(packs, &mut problems);
    writer.rules(packs, &lists, &mut cases, &mut problems);
    writer.extra(&lists);
    let options = std::mem::take(&mut writer.options);
    // Level 10 of 10: it is packed once and unpacked only by whoever asks for examples.
    let cases = miniz_oxide::deflate::compress_to_vec(&postcard::to_allocvec(&cases).unwrap_or_default(), 10);
    for bytes in [cases.as_slice(), digest, &options] {
        let place = writer.put(bytes);
        writer.rows(Section::Extras).push(place.to_vec());
    }
    if problems.is_empty() { Ok(writer.finish()) } else { Err(problems) }
}

#[derive(Default)]
struct Writer {
    /// Rows of words, by section. Heap offsets count from the heap's start until `finish`.
    sections: [Vec<Vec<u32>>; SECTIONS],
    heap: Vec<u8>,
    /// Where what was put already stands.
    places: BTreeMap<Vec<u8>, [u32; 2]>,
    /// The encoded options, and where each stands among them.
    options: Vec<u8>,
    option_places: BTreeMap<Vec<u8>, u32>,
    names: BTreeMap<(u32, String), (u32, String)>,
}

impl Writer {
    fn rows(&mut self, section: Section) -> &mut Vec<Vec<u32>> {
        &mut self.sections[section as usize]
    }

    fn put(&mut self, bytes: &[u8]) -> [u32; 2] {
        let start = self.heap.len() as u32;
        let place = *self.places.entry(bytes.to_vec()).or_insert([start, bytes.len() as u32]);
        if place[0] == start {
            self.heap.extend_from_slice(bytes);
        }
        place
    }

    fn encode<T: Serialize>(&mut self, value: &T) -> [u32; 2] {
        self.put(&encoded(value))
    }

    fn command(&mut self, command: &Command) {
        let places: Vec<u32> = command.options.iter().map(|option| self.option(option)).collect();
        let own = self.encode(&Command { options: Vec::new(), ..command.clone() });
        let options = self.encode(&places);
        assert!(own[1].max(options[1]) < 1 << 16, "{} has no room for what it says", command.path.join(" "));
        self.rows(Section::Commands).push(vec![own[0], options[0], own[1] << 16 | options[1]]);
    }

    fn option(&mut self, option: &OptionSpec) -> u32 {
        let bytes = encoded(&StoredOption::from(option.clone()));
        let end = self.options.len() as u32;
        let place = *self.option_places.entry(bytes.clone()).or_insert(end);
        if place == end {
            self.options.extend_from_slice(&bytes);
        }
        place
    }

    fn extra<T: Serialize>(&mut self, value: &T) {
        let place = self.encode(value);
        self.rows(Section::Extras).push(place.to_vec());
    }

    fn tools(&mut self, pack: &PolicyFile, problems: &mut Vec<Problem>) {
        let mut numbers: Vec<u32> = Vec::new();
        for tool in &pack.tools.list {
            let number = self.rows(Section::Commands).len() as u32;
            self.command(&tool.command);
            numbers.push(number);
            let parent = tool.parent.and_then(|at| numbers.get(at).copied()).unwrap_or(ROOT);
            for name in &tool.names {
                if parent == ROOT
                    && let Some(prefix) = name.strip_suffix('*')
                {
                    let place = self.put(prefix.as_bytes());
                    self.rows(Section::Versioned).push([&place[..], &[number]].concat());
                    continue;
                }
                if let Some((_, other)) = self.names.get(&(parent, name.clone())) {
                    problems.push(pack.problem(
                        tool.start..tool.start + 1,
                        format!("`{name}` (of `{}`) is declared twice, first in {other}", tool.command.path.join(" ")),
                        "keep one of the two, or drop the name from `also`",
                    ));
                    continue;
                }
                self.names.insert((parent, name.clone()), (number, pack.name.clone()));
            }
        }
    }

    fn rules(
        &mut self,
        packs: &[PolicyFile],
        lists: &BTreeMap<String, Vec<String>>,
        cases: &mut Vec<Case>,
        problems: &mut Vec<Problem>,
    ) {
        let mut ids: BTreeMap<String, u32> = BTreeMap::new();
        let mut programs: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut kinds: Vec<Vec<u32>> = vec![Vec::new(); KIND_FLOW as usize + 1];
        for pack in packs {
            for written in &pack.rules {
                let number = ids.len() as u32;
                if ids.insert(written.rule.id.clone(), number).is_some() {
                    problems.push(pack.problem(
                        written.span.clone(),
                        format!("the id `{}` is taken", written.rule.id),
                        "an id is never reused: choose another",
                    ));
                    continue;
                }
                for named in written.lists.named.iter().filter(|named| !lists.contains_key(&named.name)) {
                    problems.push(pack.problem(
                        named.span.clone(),
                        format!("there is no list `{}`", named.name),
                        "define it under [list], or name one that exists",
                    ));
                }
                let mut rule = written.rule.clone();
                for when in &mut rule.when {
                    for program in &mut when.program {
                        if let Some(declared) = self.declared(packs, program) {
                            *program = declared;
                        }
                    }
                }
                for bucket in buckets(&rule) {
                    match bucket {
                        Bucket::Program(name) => programs.entry(name).or_default().push(number),
                        Bucket::Kind(kind) => kinds[kind as usize].push(number),
                        Bucket::Other => kinds[KIND_OTHER as usize].push(number),
                        Bucket::Flow => kinds[KIND_FLOW as usize].push(number),
                    }
                }
                let place = self.encode(&rule);
                self.rows(Section::Rules).push(place.to_vec());
                cases.extend(written.cases.iter().cloned());
            }
        }
        for (id, number) in ids {
            let place = self.put(id.as_bytes());
            self.rows(Section::Ids).push([&place[..], &[number]].concat());
        }
        for (name, numbers) in programs {
            let place = self.put(name.as_bytes());
            let run = self.run(&numbers);
            self.rows(Section::Programs).push([place, run].concat());
        }
        for numbers in kinds {
            let run = self.run(&numbers);
            self.rows(Section::Kinds).push(run.to_vec());
        }
    }

    /// The declared name of a program known by another.
    fn declared(&self, packs: &[PolicyFile], name: &str) -> Option<String> {
        packs
            .iter()
            .flat_map(|pack| &pack.tools.list)
            .find(|tool| tool.parent.is_none() && tool.names.iter().any(|known| known == name))
            .and_then(|tool| tool.names.first().cloned())
    }

    fn run(&mut self, numbers: &[u32]) -> [u32; 2] {
        let first = self.rows(Section::Pool).len() as u32;
        self.rows(Section::Pool).extend(numbers.iter().map(|number| vec![*number]));
        [first, numbers.len() as u32]
    }

    fn finish(mut self) -> Vec<u8> {
        // Sorted by parent, then name, as the reader searches them.
        let roots = self.names.keys().filter(|(parent, _)| *parent == ROOT).count() as u32;
        for ((parent, name), (number, _)) in std::mem::take(&mut self.names) {
            let place = self.put(name.as_bytes());
            assert!(place[1] < 1 << (32 - COMMAND_BITS) && number < 1 << COMMAND_BITS, "`{name}` has no room");
            self.rows(Section::Names).push(vec![parent, place[0], place[1] << COMMAND_BITS | number]);
        }
        self.rows(Section::Extras).push(vec![0, roots]);
        let header = 8 + SECTIONS * 8;
        let tables: usize = self.sections.iter().flatten().map(|row| row.len() * 4).sum();
        let heap = (header + tables) as u32;
        let mut out: Vec<u32> = vec![MAGIC, VERSION];
        let mut at = header as u32;
        for section in Section::ALL {
            let rows = &self.sections[section as usize];
            out.extend([at, rows.len() as u32]);
            at += (rows.len() * section.width() * 4) as u32;
        }
        for section in Section::ALL {
            // The columns that hold heap offsets.
            let places: &[usize] = match section {
                Section::Versioned | Section::Rules | Section::Ids | Section::Programs | Section::Extras => &[0],
                Section::Names => &[1],
                Section::Commands => &[0, 1],
                Section::Kinds | Section::Pool => &[],
            };
            for row in &self.sections[section as usize] {
                let moved = |(column, word): (usize, &u32)| if places.contains(&column) { word + heap } else { *word };
                out.extend(row.iter().enumerate().map(moved));
            }
        }
        let mut bytes: Vec<u8> = out.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend_from_slice(&self.heap);
        bytes
    }
}

/// Tools that no line proves, in themselves or in what stands below them: nothing would tell that their words are wrong.
fn unproven(pack: &PolicyFile) -> Vec<Problem> {
    let proven: BTreeSet<&str> = pack.tools.cases.iter().filter_map(|case| case.of.split(' ').next()).collect();
    let tools = pack.tools.list.iter().filter(|tool| tool.parent.is_none());
    tools
        .filter_map(|tool| tool.names.first().map(|name| (tool, name)))
        .filter(|(_, name)| !proven.contains(name.as_str()))
        .map(|(tool, name)| {
            pack.problem(
                tool.start..tool.start + 1,
                format!("the tool `{name}` has no example, neither its own nor one of a subcommand"),
                "write what must pass and what must not: autonomous = [\"…\"], supervised = [\"…\"] or prohibited = [\"…\"]",
            )
        })
        .collect()
}

fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    // Encoding plain data into a growing vector has no way to fail.
    postcard::to_stdvec(value).unwrap_or_default()
}

fn lists(packs: &[PolicyFile], problems: &mut Vec<Problem>) -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pack in packs {
        for change in &pack.lists {
            if change.defines && lists.contains_key(&change.name) {
                problems.push(pack.problem(
                    change.span.clone(),
                    format!("the list `{}` is defined twice", change.name),
                    "write { add = […] } here",
                ));
            }
            lists.entry(change.name.clone()).or_default().extend(change.add.iter().cloned());
        }
    }
    lists
}
