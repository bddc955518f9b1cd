//! Packs the pages that `vetsh generate` prints: written once and kept beside the configuration (`config/pages`, `config/schema`),
//! since what writes them would be three times as long as what is written.

use std::fs;
use std::path::Path;

/// Writes each page, deflated (RFC 1951), into `out`, and `pages.rs` with their names.
pub fn generate(config: &Path, out: &Path) {
    let mut table = String::from("&[");
    for folder in ["pages", "schema"] {
        let folder = config.join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            fs::write(out.join(&name), miniz_oxide::deflate::compress_to_vec(&text, 10)).expect("the page is written");
            table.push_str(&format!("({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))),"));
        }
    }
    table.push(']');
    fs::write(out.join("pages.rs"), table).expect("the table is written");
}
