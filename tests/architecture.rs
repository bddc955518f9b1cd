//! The shape of the source, held by reading it: which folder may use which, how large files are, what may stand where.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                found.push((path.strip_prefix(&root).expect("below src").to_owned(), text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "the source was not found");
    found
}

/// The code of a file: without its own tests and without comments.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn module(path: &Path) -> String {
    let first = path.components().next().expect("a component").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Files that only tests include.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"))
}

/// The modules of ours that a text uses, by `crate::name`.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in code(text).split("crate::").skip(1) {
        let name: String = part.chars().take_while(|next| next.is_ascii_alphanumeric() || *next == '_').collect();
        found.push(name);
    }
    found.sort();
    found.dedup();
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn no_stage_uses_a_later_one() {
    let allowed: &[(&str, &[&str])] = &[
        ("sys", &["sys"]),
        ("text", &["text"]),
        ("parse", &["parse", "text"]),
        ("action", &["action", "parse", "text"]),
        ("policy", &["policy", "action", "text", "config"]),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some((_, allowed)) = allowed.iter().find(|(name, _)| *name == module(&path)) else { continue };
        if is_test(&path) {
            continue;
        }
        wrong.extend(
            uses(&text)
                .into_iter()
                .filter(|used| !allowed.contains(&used.as_str()))
                .map(|used| format!("{path:?} uses {used}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_run_uses_the_pipeline_and_hooks_cannot_launch() {
    for (path, text) in sources() {
        let (module, uses) = (module(&path), uses(&text));
        assert!(module == "run" || !uses.contains(&"pipeline".to_owned()), "{path:?} uses the pipeline");
        if module == "hooks" {
            let doors = ["exec", "pipeline", "sandbox"];
            assert!(uses.iter().all(|used| !doors.contains(&used.as_str())), "{path:?} could launch");
        }
        if !["exec", "sys"].contains(&module.as_str()) {
            let code = code(&text);
            assert!(
                ["become_program", "give_to_shell", "tool::run"].iter().all(|door| !code.contains(door)),
                "{path:?} goes round the one door"
            );
        }
    }
}

#[test]
fn pure_stages_do_no_io() {
    let doors = ["std::fs", "std::env", "std::process", "std::time", "std::net", "nix::"];
    for (path, text) in sources() {
        if ["text", "parse", "action", "policy", "judge", "invocation"].contains(&module(&path).as_str())
            && !is_test(&path)
        {
            let code = code(&text);
            for door in doors {
                assert!(!code.contains(door), "{path:?} uses {door}");
            }
        }
    }
}

#[test]
fn unsafe_code_lives_in_sys_and_gives_its_reason() {
    for (path, text) in sources() {
        let blocks = code(&text).matches("unsafe {").count();
        if module(&path) == "sys" {
            let reasons = text.matches("SAFETY:").count();
            assert!(reasons >= blocks, "{path:?}: {blocks} unsafe blocks, {reasons} reasons");
        } else {
            assert_eq!(blocks, 0, "{path:?} has unsafe code");
        }
    }
}

#[test]
fn files_are_small_and_named_for_a_noun() {
    let mut sizes: Vec<(usize, PathBuf)> =
        sources().into_iter().map(|(path, text)| (code(&text).lines().count(), path)).collect();
    sizes.sort();
    let at = |share: usize| sizes.get(sizes.len() * share / 100).map_or(0, |(size, _)| *size);
    assert!(at(50) <= 200, "the median file has {} lines", at(50));
    assert!(at(90) <= 500, "the 90th percentile is {} lines", at(90));
    for (_, path) in &sizes {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(!["util", "utils", "common", "helpers", "manager", "types"].contains(&&*name), "{path:?}");
    }
}

#[test]
fn each_folder_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(!path.ends_with("mod.rs") || text.starts_with("//!"), "{path:?} does not say what it is for");
    }
}

/// What other systems do without is left out in a few places, where whoever reads the chain sees it.
#[test]
fn systems_are_told_apart_in_few_places() {
    let allowed = ["lib.rs", "main.rs", "judge/mod.rs"].map(PathBuf::from);
    let told = |text: &str| code(text).contains("target_os");
    let wrong: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(path, text)| told(text) && module(path) != "sys" && !allowed.contains(path))
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
