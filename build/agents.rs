//! Turns `config/agents/*.toml` and `config/environment.toml` into Rust tables of string slices: at start nothing is
//! parsed. A file that does not hold is a build error.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agent {
    name: String,
    programs: Vec<String>,
    markers: Vec<String>,
    conversation: Option<String>,
    call: Option<String>,
    wait: String,
    terminal: String,
    picks: Vec<String>,
    setting: Option<(String, String)>,
    #[serde(default)]
    envelope: Vec<Envelope>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    kind: String,
    template: Vec<Part>,
    then: String,
    snapshot: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    each: Option<String>,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Environment {
    dropped: Vec<String>,
    recorded: Vec<String>,
}

/// Writes `agents.rs` and `environment.rs` into `out`.
pub fn generate(config: &Path, out: &Path) {
    let folder = config.join("agents");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let agent: Agent = read(&file);
        let Some(Ok(wait)) = agent.wait.strip_suffix('s').map(str::parse::<u64>) else {
            panic!("{}: wait is seconds, as in \"50s\"", file.display());
        };
        let terminal = match agent.terminal.as_str() {
            "own-screen" => "OwnScreen",
            "model" => "Model",
            "relayed" => "Relayed",
            "none" => "Absent",
            other => panic!("{}: no terminal {other}", file.display()),
        };
        let envelopes: Vec<String> = agent.envelope.iter().map(envelope).collect();
        let _ = writeln!(
            text,
            "Agent {{ name: {:?}, programs: &{:?}, markers: &{:?}, conversation: {:?}, call: {:?}, wait: {wait}, \
             terminal: Terminal::{terminal}, picks: &{:?}, setting: {:?}, envelopes: &[{}] }},",
            agent.name,
            agent.programs,
            agent.markers,
            agent.conversation,
            agent.call,
            agent.picks,
            agent.setting,
            envelopes.join(", "),
        );
    }
    text.push_str("]\n");
    std::fs::write(out.join("agents.rs"), text).expect("the build directory is writable");

    let file = config.join("environment.toml");
    println!("cargo::rerun-if-changed={}", file.display());
    let environment: Environment = read(&file);
    let text = format!("({}, {})\n", names(&environment.dropped), names(&environment.recorded));
    std::fs::write(out.join("environment.rs"), text).expect("the build directory is writable");
}

/// A function that says whether a name is in the list: the compiler makes a tree of comparisons out of the whole names.
fn names(list: &[String]) -> String {
    let arms: Vec<String> = list
        .iter()
        .map(|name| match (name.strip_suffix('*'), name.strip_prefix('*')) {
            (Some(start), _) => format!("[{}, ..]", bytes(start)),
            (None, Some(end)) => format!("[.., {}]", bytes(end)),
            (None, None) => format!("b{name:?}"),
        })
        .collect();
    format!("|name: &[u8]| matches!(name, {})", arms.join(" | "))
}

fn bytes(text: &str) -> String {
    text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
}

fn envelope(envelope: &Envelope) -> String {
    let parts: Vec<String> = envelope
        .template
        .iter()
        .map(|part| format!("Part {{ each: {:?}, text: {:?} }}", part.each, part.text))
        .collect();
    format!(
        "Template {{ kind: {:?}, parts: &[{}], then: {:?}, snapshot: {} }}",
        envelope.kind,
        parts.join(", "),
        envelope.then,
        envelope.snapshot,
    )
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> T {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
