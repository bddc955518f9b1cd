//! Compiles the built-in packs (`config/packs/*.toml`) into the blob that the binary carries. A fault in a pack fails the
//! build with file:line:col, the line and the remedy.

use std::path::{Path, PathBuf};
use std::{fs, process};

use sha2::{Digest, Sha256};

use crate::policy::{Layer, compile, file};

/// Writes `packs.blob` into `out`.
pub fn generate(folder: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut hash = Sha256::new();
    let mut packs = Vec::new();
    let mut problems = Vec::new();
    for path in pack_files(folder) {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = format!("config/packs/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let text = fs::read_to_string(&path).unwrap_or_else(|error| fail(&format!("{name}: {error}")));
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
        let (pack, wrong) = file::PolicyFile::read(&name, &text, Layer::Builtin);
        problems.extend(wrong);
        packs.push(pack);
    }
    let blob = compile::compile(&packs, &hash.finalize().into()).unwrap_or_else(|between| {
        problems.extend(between);
        Vec::new()
    });
    if !problems.is_empty() {
        let told: Vec<String> = problems.iter().map(|problem| problem.render(false)).collect();
        fail(&told.join("\n"));
    }
    let blob_file = out.join("packs.blob");
    fs::write(&blob_file, blob).unwrap_or_else(|error| fail(&format!("{}: {error}", blob_file.display())));
}

/// In a fixed order, so that the same packs give the same bytes.
fn pack_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| fail(&format!("{}: {error}", folder.display())));
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    process::exit(1);
}
