//! Turns `config/secrets.toml` into a Rust table, sorted so that a scan finds the shapes of a first byte together, the longer
//! before the shorter it begins with. Examples stay in the file: tests read them there.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    format: u32,
    shape: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    kind: String,
    starts: Vec<String>,
    then: String,
    least: usize,
    #[serde(rename = "match")]
    matches: Vec<String>,
    pass: Vec<String>,
}

/// Writes `secrets.rs` into `out`.
pub fn generate(config: &Path, out: &Path) {
    let path = config.join("secrets.toml");
    println!("cargo::rerun-if-changed={}", path.display());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let secrets: Secrets = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(secrets.format, 1, "{}: format 1 is the only one", path.display());
    let mut rows = Vec::new();
    for shape in &secrets.shape {
        let bare = shape.starts.is_empty() || shape.matches.is_empty() || shape.pass.is_empty();
        assert!(!bare, "{}: {} lacks starts, match or pass", path.display(), shape.kind);
        let mut letters = shape.then.chars();
        let first = letters.next().expect("`then` names an alphabet").to_ascii_uppercase();
        let alphabet = format!("{first}{}", letters.as_str());
        rows.extend(shape.starts.iter().map(|start| (start, &shape.kind, alphabet.clone(), shape.least)));
    }
    rows.sort_by(|a, b| a.0.as_bytes().first().cmp(&b.0.as_bytes().first()).then(b.0.len().cmp(&a.0.len())));
    let mut table = String::from("&[\n");
    for (start, kind, alphabet, least) in rows {
        writeln!(table, "(b{start:?}, {kind:?}, Alphabet::{alphabet}, {least}),").expect("text");
    }
    table.push_str("]\n");
    std::fs::write(out.join("secrets.rs"), table).expect("the table is written");
}
