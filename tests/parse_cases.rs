//! Every case of `tests/cases/parse/*.toml` is a test of its own: a line, and the simple commands that must be found.

use std::fs;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use vetsh::parse::{Dialect, parse, visit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(default)]
    dialect: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    line: String,
    /// Words joined by a blank; `…` for one that is not constant.
    commands: Vec<String>,
    /// The reason of the first opaque place; absent: the line is fully understood.
    opaque: Option<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/parse");
    let mut trials = Vec::new();
    let mut files: Vec<_> = fs::read_dir(&folder).expect("the cases are part of the tree").flatten().collect();
    files.sort_by_key(std::fs::DirEntry::path);
    for entry in files {
        let path = entry.path();
        let text = fs::read_to_string(&path).expect("readable");
        let file: CaseFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let dialect = match file.dialect.as_deref() {
            None | Some("bash") => Dialect::Bash,
            Some("sh") => Dialect::Sh,
            Some("zsh") => Dialect::Zsh,
            Some(other) => panic!("{}: no dialect {other}", path.display()),
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in file.case {
            let name = format!("{stem}::{}", case.line.escape_debug());
            trials.push(Trial::test(name, move || check(&case, dialect)));
        }
    }
    assert!(trials.len() > 100, "the cases were not found");
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(case: &Case, dialect: Dialect) -> Result<(), Failed> {
    let script = parse(case.line.as_bytes(), dialect);
    let found: Vec<String> = visit::simple_commands(&script)
        .iter()
        .map(|simple| {
            let words = simple.words.iter().map(|word| match word.text() {
                Some(text) => String::from_utf8_lossy(&text).into_owned(),
                None => "…".to_owned(),
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    if found != case.commands {
        return Err(format!("commands\n  found    {found:?}\n  expected {:?}", case.commands).into());
    }
    let opaque = script.opaque.first().map(|opaque| opaque.why.to_owned());
    if opaque != case.opaque {
        return Err(format!("opaque\n  found    {opaque:?}\n  expected {:?}", case.opaque).into());
    }
    for opaque in &script.opaque {
        if opaque.span.end as usize > case.line.len() || opaque.span.start > opaque.span.end {
            return Err(format!("a span outside the line: {opaque:?}").into());
        }
    }
    Ok(())
}
