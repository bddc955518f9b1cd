//! Other people's parsers beside ours. Whatever command one of them finds in a line that we call understood, ours has found
//! too; where one is known to be wrong, `parse/others.toml` says how and why. And what the real dash
//! and zsh take is understood.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use rable::ast::{Node, NodeKind};
use serde::Deserialize;
use serde_json::Value;
use vetsh::parse::{Dialect, parse, visit};

#[path = "parse/accepted.rs"]
mod accepted;
#[path = "parse/generator.rs"]
mod generator;
#[path = "parse/lines.rs"]
mod lines;

/// The command words of a line, bare.
type Names = BTreeSet<String>;
/// `None`: it does not take the line.
type Parser = fn(&str) -> Option<Names>;

const OTHERS: &[(&str, Parser)] = &[("brush", brush), ("rable", rable)];

/// Without quotes, backslashes and blanks, which parsers keep, remove or rewrite.
fn bare(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '`') && !c.is_whitespace()).collect()
}

fn ours(line: &str) -> Option<Names> {
    let script = parse(line.as_bytes(), Dialect::Bash);
    if !script.opaque.is_empty() {
        return None;
    }
    let first = |words: &[vetsh::parse::Word]| {
        let span = words.first()?.span;
        line.get(span.start as usize..span.end as usize).map(bare)
    };
    Some(visit::simple_commands(&script).iter().filter_map(|simple| first(&simple.words)).collect())
}

// ---- brush-parser: the tree as JSON, every word parsed in turn.

fn brush(line: &str) -> Option<Names> {
    let mut names = Names::new();
    brush_program(line, &mut names, 0)?;
    Some(names)
}

fn brush_program(text: &str, names: &mut Names, depth: usize) -> Option<()> {
    let options = brush_parser::ParserOptions { enable_extended_globbing: false, ..Default::default() };
    let program = brush_parser::Parser::new(text.as_bytes(), &options).parse_program().ok()?;
    brush_tree(&serde_json::to_value(program).ok()?, names, depth);
    Some(())
}

fn brush_tree(tree: &Value, names: &mut Names, depth: usize) {
    match tree {
        Value::Array(all) => all.iter().for_each(|each| brush_tree(each, names, depth)),
        Value::Object(table) => {
            if let Some(name) = table.get("word_or_name").and_then(|word| word.get("value")?.as_str()) {
                names.insert(bare(name));
            }
            // A heredoc's words are those of its text, where it is expanded at all.
            if table.contains_key("here_end") {
                if let (Some(true), Some(doc)) = (
                    table.get("requires_expansion").and_then(Value::as_bool),
                    table.get("doc").and_then(|doc| doc.get("value")?.as_str()),
                ) {
                    brush_word(doc, names, depth, brush_parser::word::parse_heredoc);
                }
                return;
            }
            for (key, value) in table {
                match (key.as_str(), value.as_str()) {
                    ("CommandSubstitution" | "BackquotedCommandSubstitution", Some(text)) if depth < 20 => {
                        let _ = brush_program(text, names, depth + 1);
                    }
                    ("Text" | "SingleQuotedText" | "AnsiCQuotedText" | "EscapeSequence", Some(_)) => {}
                    // A word, an arithmetic expression, an operand of `${}`: text that is expanded.
                    (_, Some(text)) if text.contains(['$', '`', '<', '>']) => {
                        brush_word(text, names, depth, brush_parser::word::parse);
                    }
                    _ => brush_tree(value, names, depth),
                }
            }
        }
        _ => {}
    }
}

type WordParser = fn(
    &str,
    &brush_parser::ParserOptions,
) -> Result<Vec<brush_parser::word::WordPieceWithSource>, brush_parser::WordParseError>;

fn brush_word(text: &str, names: &mut Names, depth: usize, parse: WordParser) {
    if depth < 20
        && let Ok(pieces) = parse(text, &brush_parser::ParserOptions::default())
        && let Ok(pieces) = serde_json::to_value(pieces)
    {
        brush_tree(&pieces, names, depth + 1);
    }
}

// ---- rable: a tree of nodes.

fn rable(line: &str) -> Option<Names> {
    let mut names = Names::new();
    for node in rable::parse(line, false).ok()? {
        rable_node(&node, &mut names);
    }
    Some(names)
}

fn rable_node(node: &Node, names: &mut Names) {
    let mut all = |nodes: &[Node]| nodes.iter().for_each(|node| rable_node(node, names));
    match &node.kind {
        NodeKind::Command { assignments, words, redirects } => {
            all(assignments);
            all(words);
            all(redirects);
            if let Some(NodeKind::Word { value, .. }) = words.first().map(|word| &word.kind) {
                names.insert(bare(value));
            }
        }
        NodeKind::Word { parts, .. } => all(parts),
        NodeKind::Pipeline { commands, .. } => all(commands),
        NodeKind::List { items } => items.iter().for_each(|item| rable_node(&item.command, names)),
        NodeKind::If { condition, then_body, else_body, redirects } => {
            all(redirects);
            rable_node(condition, names);
            rable_node(then_body, names);
            else_body.iter().for_each(|body| rable_node(body, names));
        }
        NodeKind::While { condition, body, redirects } | NodeKind::Until { condition, body, redirects } => {
            all(redirects);
            rable_node(condition, names);
            rable_node(body, names);
        }
        NodeKind::For { words, body, redirects, .. } | NodeKind::Select { words, body, redirects, .. } => {
            all(words.as_deref().unwrap_or_default());
            all(redirects);
            rable_node(body, names);
        }
        NodeKind::ForArith { body, redirects, .. }
        | NodeKind::Subshell { body, redirects }
        | NodeKind::BraceGroup { body, redirects }
        | NodeKind::ConditionalExpr { body, redirects } => {
            all(redirects);
            rable_node(body, names);
        }
        NodeKind::Case { word, patterns, redirects } => {
            all(redirects);
            rable_node(word, names);
            for pattern in patterns {
                pattern.patterns.iter().for_each(|word| rable_node(word, names));
                pattern.body.iter().for_each(|body| rable_node(body, names));
            }
        }
        NodeKind::Function { body: inner, .. }
        | NodeKind::Coproc { command: inner, .. }
        | NodeKind::Redirect { target: inner, .. }
        | NodeKind::CommandSubstitution { command: inner, .. }
        | NodeKind::ProcessSubstitution { command: inner, .. }
        | NodeKind::Negation { pipeline: inner }
        | NodeKind::Time { pipeline: inner, .. }
        | NodeKind::UnaryTest { operand: inner, .. }
        | NodeKind::CondNot { operand: inner }
        | NodeKind::CondParen { inner } => rable_node(inner, names),
        NodeKind::BinaryTest { left, right, .. }
        | NodeKind::CondAnd { left, right }
        | NodeKind::CondOr { left, right } => {
            rable_node(left, names);
            rable_node(right, names);
        }
        NodeKind::Array { elements } => all(elements),
        // Numbers, names, and text that it does not take apart.
        _ => {}
    }
}

// ---- The comparison.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    fault: Vec<Fault>,
}

/// Where another parser is wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    /// Which.
    parser: String,
    /// A line that shows it.
    line: String,
    /// The command word it makes up there; a `…` stands for anything.
    name: String,
    /// What a line must hold for the fault to be this one.
    #[serde(default)]
    with: String,
    /// Why that is wrong.
    why: String,
}

impl Fault {
    fn is(&self, parser: &str, name: &str, line: &str) -> bool {
        let mut parts = self.name.split('…');
        let head = parts.next().unwrap_or_default();
        let mut rest = name.strip_prefix(head);
        let mut last = None;
        for part in parts {
            last = Some(part);
            rest = rest.and_then(|rest| Some(rest.split_at(rest.find(part)? + part.len()).1));
        }
        let ends = match last {
            Some(tail) => name.ends_with(tail),
            None => rest == Some(""),
        };
        self.parser == parser && line.contains(&self.with) && rest.is_some() && ends
    }
}

fn known() -> Vec<Fault> {
    toml::from_str::<Known>(include_str!("parse/others.toml")).expect("the table of faults").fault
}

/// On a stack that is deep enough for all of them.
fn deep(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread");
    if let Err(why) = thread.join() {
        std::panic::resume_unwind(why);
    }
}

fn compare(what: &'static str, lines: Vec<String>, least: usize) {
    deep(move || {
        let known = known();
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let mut missed: BTreeMap<(&str, String), Vec<&String>> = BTreeMap::new();
        let (mut understood, mut excused) = (0, 0);
        for line in &lines {
            let Some(own) = ours(line) else { continue };
            understood += 1;
            for (parser, parse) in OTHERS {
                // A panic of theirs is a line they do not take.
                let Ok(Some(names)) = catch_unwind(|| parse(line)) else { continue };
                // What is substituted may be rewritten in their text; the commands in it are compared themselves.
                let constant = |name: &&String| !["$(", "<(", ">("].iter().any(|sign| name.contains(sign));
                for name in names.difference(&own).filter(constant) {
                    if known.iter().any(|fault| fault.is(parser, name, line)) {
                        excused += 1;
                    } else {
                        missed.entry((*parser, name.clone())).or_default().push(line);
                    }
                }
            }
        }
        std::panic::set_hook(quiet);
        println!("{what}: {} lines, {understood} understood by us, {excused} known faults of the others", lines.len());
        let shown: Vec<String> = missed
            .iter()
            .take(30)
            .map(|((parser, name), lines)| {
                format!("{parser} finds `{name}` in {} lines, e.g. {:?}", lines.len(), lines[0])
            })
            .collect();
        assert!(missed.is_empty(), "{what}: {} command words were not found:\n{}", missed.len(), shown.join("\n"));
        assert!(understood * 100 >= lines.len() * least, "{what}: only {understood} of {} are understood", lines.len());
    });
}

/// `VETSH_ORACLE_SEED` makes other lines.
fn seed(usual: u64) -> u64 {
    std::env::var("VETSH_ORACLE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(usual)
}

#[test]
fn lines_of_the_cases() {
    compare("cases", lines::of_the_cases(), 95);
}

#[test]
fn generated_lines() {
    let mut generator = generator::Generator::new(seed(11));
    let lines = (0..3000).map(|_| generator.line()).filter(|line| line.len() < 500).collect();
    compare("generated", lines, 80);
}

/// brush takes all memory for some damaged heredocs, and all time for deep `case`s.
#[test]
fn damaged_lines() {
    let mut generator = generator::Generator::new(seed(13));
    let pool: Vec<String> = (0..3000).map(|_| generator.line()).filter(|line| line.len() < 300).collect();
    let mut lines: Vec<String> = pool.iter().map(|line| generator::mutate(&mut generator, line, &pool)).collect();
    lines.retain(|line| !line.contains("<<") && line.matches("case").count() < 5);
    compare("damaged", lines, 20);
}

#[test]
fn lines_of_the_collections() {
    for name in ["nl2bash.jsonl", "tldr.jsonl"] {
        if let Some(lines) = lines::collection(name) {
            compare(name, lines.into_iter().step_by(5).collect(), 95);
        }
    }
}

#[test]
fn each_known_fault_is_there_still() {
    deep(|| {
        for fault in known() {
            let (_, parse) = OTHERS.iter().find(|(parser, _)| *parser == fault.parser).expect("a parser");
            let names = parse(&fault.line).unwrap_or_default();
            let own = ours(&fault.line).unwrap_or_else(|| panic!("{:?} is not understood", fault.line));
            let made_up = names.difference(&own).any(|name| fault.is(&fault.parser, name, &fault.line));
            assert!(made_up, "{:?} no longer: {names:?}, and ours {own:?}", fault.line);
            assert!(fault.why.len() > 10);
        }
    });
}

/// Of what the dialect's own shell takes, so many in a hundred are understood. What it does not take does not run, so that
/// nothing hangs on how we read it; what runs is compared in tests/parse_stub.rs.
fn dialect(shell: &str, dialect: Dialect, least: usize) {
    let mut generator = generator::Generator::new(12);
    let mut lines = lines::of_the_cases();
    lines.extend((0..500).map(|_| generator.line()));
    let Some(taken) = accepted::accepted(shell, &lines) else {
        return eprintln!("SKIPPED: no {shell} here; where .ci/run runs, this must not be skipped");
    };
    assert_eq!(taken.len(), lines.len());
    let (mut both, mut theirs, mut ours) = (0, 0, 0);
    let mut opaque = Vec::new();
    for (line, taken) in lines.iter().zip(taken) {
        let script = parse(line.as_bytes(), dialect);
        theirs += usize::from(taken);
        match (taken, script.opaque.first()) {
            (true, None) => both += 1,
            (true, Some(why)) => opaque.push(format!("{line:?}: {}", why.why)),
            (false, None) => ours += 1,
            (false, Some(_)) => {}
        }
    }
    println!("{shell}: {} lines, it takes {theirs}, of which we understand {both}, and {ours} others", lines.len());
    let shown: Vec<&String> = opaque.iter().take(30).collect();
    assert!(both * 100 >= theirs * least, "{shell}: only {both} of {theirs} are understood: {shown:#?}");
}

#[test]
fn what_dash_takes_is_understood() {
    dialect("dash", Dialect::Sh, 95);
}

#[test]
fn what_zsh_takes_is_understood() {
    dialect("zsh -f", Dialect::Zsh, 97);
}
