//! Examples: lines with what policy must say of them, in the fixed fixture world; and the disguises derived from them.

use serde::{Deserialize, Serialize};

use super::Tier;
use super::document::{Document, Item, Table};

/// A line, with what it changes in the fixture world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The line.
    pub line: String,
    /// Another working directory.
    pub cwd: Option<String>,
    /// Another checked-out branch.
    pub branch: Option<String>,
    /// Another dialect than bash (`sh`, `zsh`).
    pub dialect: Option<String>,
    /// Variables of the environment.
    pub env: Vec<(String, String)>,
    /// Files with their contents.
    pub files: Vec<(String, String)>,
    /// Symbolic links with their targets.
    pub links: Vec<(String, String)>,
    /// What is measured: `files`, `bytes`, `commits`, `rows`.
    pub impact: Vec<(String, u64)>,
}

/// What must hold of an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expectation {
    /// This rule fires.
    Fires(String),
    /// This rule does not.
    Passes(String),
    /// The verdict's tier is this.
    Tier(Tier),
}

/// An example with what must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Whose: a rule id or a tool's command path (`git push`).
    pub of: String,
    /// The line.
    pub example: Example,
    /// What must hold.
    pub expect: Expectation,
    /// Disguises derived from it must not lower the tier.
    pub disguise: bool,
}

pub(super) const KEYS: &[&str] = &["line", "cwd", "branch", "dialect", "env", "files", "links", "impact"];

/// `"line"`, or `{ line = …, cwd = …, branch = …, env = { … }, files = { … }, links = { … }, impact = { … } }`.
pub fn example(document: &mut Document<'_>, item: Item<'_, '_>) -> Option<Example> {
    if item.get_ref().is_str() {
        let line = document.string(item)?.value;
        return Some(Example { line, ..Example::default() });
    }
    let mut table = document.table(item)?;
    let line = table.require(document, "line", "an example", "write { line = \"…\", cwd = \"…\" }")?;
    let line = document.string(line)?.value;
    let text = |table: &mut Table<'_, '_>, document: &mut Document<'_>, name: &str| {
        let item = table.take(name)?;
        document.string(item).map(|text| text.value)
    };
    let cwd = text(&mut table, document, "cwd");
    let branch = text(&mut table, document, "branch");
    let dialect = text(&mut table, document, "dialect");
    let env = pairs(&mut table, document, "env");
    let files = pairs(&mut table, document, "files");
    let links = pairs(&mut table, document, "links");
    let impact = numbers(&mut table, document);
    table.finish(document, "an example", KEYS);
    Some(Example { line, cwd, branch, dialect, env, files, links, impact })
}

/// A list of examples.
pub fn examples(document: &mut Document<'_>, item: Item<'_, '_>) -> Vec<Example> {
    match item.get_ref().as_array() {
        Some(array) => array.iter().filter_map(|entry| example(document, entry)).collect(),
        None => example(document, item).into_iter().collect(),
    }
}

fn pairs(table: &mut Table<'_, '_>, document: &mut Document<'_>, name: &str) -> Vec<(String, String)> {
    let Some(item) = table.take(name) else { return Vec::new() };
    let Some(mut inner) = document.table(item) else { return Vec::new() };
    inner
        .rest()
        .into_iter()
        .filter_map(|(key, _, value)| Some((key.to_owned(), document.string(value)?.value)))
        .collect()
}

fn numbers(table: &mut Table<'_, '_>, document: &mut Document<'_>) -> Vec<(String, u64)> {
    let Some(item) = table.take("impact") else { return Vec::new() };
    let Some(mut inner) = document.table(item) else { return Vec::new() };
    inner.rest().into_iter().filter_map(|(key, _, value)| Some((key.to_owned(), document.number(value)?))).collect()
}

/// Other ways to write a line that do the same, or the same with more rights: none may lower its tier. Only disguises that are
/// certainly equivalent are made: a line of one simple command gets them all, any other those that wrap it whole.
#[must_use]
pub fn disguises(example: &Example) -> Vec<(&'static str, Example)> {
    let line = example.line.as_str();
    let mut out: Vec<(&'static str, String)> = Vec::new();
    out.push(("a subshell", format!("( {line}\n)")));
    out.push(("a group after a pipe", format!("true | {{ {line}\n}}")));
    out.push(("sh -c", format!("bash -c {}", quoted(line))));
    let first = line.split_ascii_whitespace().next().unwrap_or_default();
    let single = !line.contains(['|', ';', '&', '\n', '(', '{', '`', '$', '<', '>']);
    let plain_word =
        first.len() > 1 && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if single && plain_word && !NOT_FROM_DISK.contains(&first) {
        let (head, tail) = first.split_at(1);
        let rest = line.get(first.len()..).unwrap_or_default();
        out.push(("sudo", format!("sudo {line}")));
        out.push(("env", format!("env {line}")));
        out.push(("an absolute path", format!("/usr/bin/{line}")));
        out.push(("split quotes", format!("{head}''{tail}{rest}")));
        out.push(("a backslash", format!("\\{line}")));
    }
    out.into_iter().map(|(name, line)| (name, Example { line, ..example.clone() })).collect()
}

/// Builtins and keywords that cannot stand behind `sudo`, `env` or a path.
const NOT_FROM_DISK: &[&str] = &[
    "alias", "bg", "bind", "builtin", "cd", "command", "declare", "disown", "enable", "eval", "exec", "exit", "export",
    "fc", "fg", "for", "function", "hash", "history", "if", "jobs", "local", "popd", "pushd", "read", "readonly",
    "set", "shift", "shopt", "source", "time", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset",
    "until", "wait", "while", "case", "let", "mapfile", "printf", "echo", "test",
];

fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', "'\\''"))
}
