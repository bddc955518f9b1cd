//! Turns `config/profiles/*.toml` into a Rust table. A file that does not hold is a build error.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    what: String,
    readable: Vec<String>,
    writable: Vec<String>,
    #[serde(default)]
    executable: Vec<String>,
    sockets: Vec<String>,
    network: bool,
    signals: bool,
    namespaces: bool,
    tracing: bool,
    own_keys: bool,
}

/// Writes `profiles.rs` into `out`.
pub fn generate(config: &Path, out: &Path) {
    let folder = config.join("profiles");
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
        let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let read: Profile = toml::from_str(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.file_stem().expect("a name").to_string_lossy();
        let lists = [
            ("readable", &read.readable),
            ("writable", &read.writable),
            ("executable", &read.executable),
            ("sockets", &read.sockets),
        ];
        for entry in lists.iter().flat_map(|(_, list)| *list) {
            let known = ["@all", "@workspace", "@temp", "@cache", "@devices"].contains(&entry.as_str());
            assert!(known || entry.starts_with("~/") || entry.starts_with('/'), "{}: {entry}", file.display());
        }
        let lists: String = lists.iter().map(|(name, list)| format!("{name}: &{list:?}, ")).collect();
        let _ = writeln!(
            text,
            "Builtin {{ name: {name:?}, what: {:?}, {lists}network: {}, signals: {}, namespaces: {}, tracing: {}, own_keys: {} }},",
            read.what, read.network, read.signals, read.namespaces, read.tracing, read.own_keys,
        );
    }
    text.push_str("]\n");
    std::fs::write(out.join("profiles.rs"), text).expect("the build directory is writable");
}
