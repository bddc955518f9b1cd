//! Lines to parse: those of this repository's cases, and of the collections where they are.

use std::path::Path;

/// Every line of the verdict cases: everyday work and disguised attacks.
pub fn of_the_cases() -> Vec<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut found = Vec::new();
    for folder in ["benign", "bypass", "verdict", "transparency", "parse"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(cases.join(folder)).expect("cases").flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("text");
            let Ok(table) = toml::from_str::<toml::Value>(&text) else { continue };
            gather(&table, "", &mut found);
        }
    }
    found.retain(|line| !line.contains('\0'));
    found.sort();
    found.dedup();
    assert!(found.len() > 3000, "only {} lines in the cases", found.len());
    found
}

/// `line` is one, or a list of them; `lines` is a list, or a text with one a line.
fn gather(value: &toml::Value, key: &str, found: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| gather(value, key, found)),
        toml::Value::Array(all) => {
            all.iter().for_each(|value| gather(value, if key == "lines" { "line" } else { key }, found));
        }
        toml::Value::String(text) if key == "lines" => {
            found.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
        toml::Value::String(text) if key == "line" => found.push(text.clone()),
        _ => {}
    }
}

/// A collection of lines nobody here wrote, where it is.
pub fn collection(name: &str) -> Option<Vec<String>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = ["../shared/collections", "../../shared/collections"].map(|folder| here.join(folder).join(name));
    let text = path.iter().find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        eprintln!("SKIPPED: {} is absent; where the collections are, this test must not skip", path[0].display());
    }
    let lines = text?;
    let lines = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|value| value.get("cmd")?.as_str().map(str::to_owned))
        .filter(|line| !line.contains('\0'));
    Some(lines.collect())
}
