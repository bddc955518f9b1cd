//! The lines of `tests/cases/{benign,verdict,bypass}`, each a test of its own: everyday work and whatever is asked about or
//! refused must be understood by the parser to the last byte, for a line that is only refused because nobody understood it
//! says nothing about the judge. Disguises are held to parse without a node lost to a guess: their opaque places are listed.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use vetsh::parse::{Dialect, parse};
use vetsh::policy::Tier;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The tier of every line of `lines`, exactly.
    #[serde(default)]
    tier: Option<Tier>,
    #[serde(default)]
    lines: String,
    #[serde(default)]
    class: Vec<Class>,
}

/// A class of disguise: every line is of this tier or a stricter one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    tier: Tier,
    lines: Vec<String>,
}

/// The lines of a text; those of a heredoc stay with the line that opens it.
fn split(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut end: Option<String> = None;
    for line in text.lines() {
        if let Some(word) = &end {
            if let Some(last) = out.last_mut() {
                last.push('\n');
                last.push_str(line);
            }
            if line == word {
                end = None;
            }
        } else if !line.trim().is_empty() {
            end = line.split_once("<<").filter(|(_, rest)| !rest.starts_with('<')).map(|(_, rest)| {
                rest.trim_start_matches(['-', ' ', '\'']).chars().take_while(char::is_ascii_alphanumeric).collect()
            });
            out.push(line.to_owned());
        }
    }
    out
}

fn cases(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut out = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(file.tier.is_some() || file.lines.is_empty(), "{}: lines without a tier", path.display());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        out.extend(split(&file.lines).into_iter().map(|line| (format!("{folder}/{stem}"), line)));
        for class in file.class {
            assert!(class.lines.len() >= 8, "{}: fewer than eight seeds", class.name);
            assert!(class.tier > Tier::Autonomous, "{}: a disguise that may pass", class.name);
            out.extend(class.lines.into_iter().map(|line| (format!("{folder}/{}", class.name), line)));
        }
    }
    out
}

fn main() {
    let arguments = Arguments::from_args();
    let trials = ["benign", "verdict", "bypass"].into_iter().flat_map(cases).map(|(group, line)| {
        Trial::test(format!("{group}: {}", line.replace('\n', "\\n")), move || {
            let script = parse(line.as_bytes(), Dialect::Bash);
            if script.body.items.is_empty() {
                return Err(Failed::from("nothing was parsed"));
            }
            match script.opaque.first() {
                None => Ok(()),
                Some(place) => Err(Failed::from(format!("not understood: {} at {}", place.why, place.span.start))),
            }
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}
