//! The lines of `tests/cases/actions`: what each would run, behind which wrappers, how much of it was understood, and by which
//! ways data moves. Each line a test of its own. Programs a pack does not know yet do not matter here: coverage is that
//! of everything but `core.unknown-program`.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use vetsh::action::walk::{Start, actions};
use vetsh::action::{Action, ActionKind, Channel, EffectKind, GapKind, Object};
use vetsh::judge::fixture::{Changes, Fixture};
use vetsh::parse::{Dialect, parse};
use vetsh::policy::Policy;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    line: String,
    /// `via,via> program arguments`, `> path` for a redirection; assignments and definitions are left out.
    actions: Vec<String>,
    /// Everything was understood (but for programs without a declaration).
    #[serde(default = "yes")]
    full: bool,
    /// `from -> to` by the program's name.
    #[serde(default)]
    flows: Vec<String>,
    /// Languages of code that is executed.
    #[serde(default)]
    code: Vec<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn name(action: &Action) -> String {
    match action.kind {
        ActionKind::Redirect => {
            format!("> {}", action.argv.first().map(|value| text(&value.display())).unwrap_or_default())
        }
        _ => action.program.as_deref().map_or_else(|| "?".to_owned(), text),
    }
}

fn shown(action: &Action) -> String {
    let via: Vec<String> = action.via.iter().map(|name| text(name)).collect();
    let mut out = if via.is_empty() { String::new() } else { format!("{}> ", via.join(",")) };
    out += &name(action);
    if action.kind != ActionKind::Redirect {
        for value in action.argv.iter().skip(1) {
            out += " ";
            out += &text(&value.display());
        }
    }
    out
}

fn check(case: &Case) -> Result<(), Failed> {
    let policy = Policy::builtin();
    let world = Fixture::new(&Changes { files: case.files.clone(), ..Changes::default() });
    let script = parse(case.line.as_bytes(), Dialect::Bash);
    let found = actions(&script, case.line.as_bytes(), &Start::line(Dialect::Bash), &policy, &world);
    let list: Vec<String> = found
        .list
        .iter()
        .filter(|action| !matches!(action.kind, ActionKind::Assign | ActionKind::Define))
        .map(shown)
        .collect();
    let mut problems = Vec::new();
    if list != case.actions {
        problems.push(format!("actions are {list:#?}"));
    }
    let gaps: Vec<_> =
        found.list.iter().flat_map(|action| &action.gaps).filter(|gap| gap.kind != GapKind::UnknownProgram).collect();
    if gaps.is_empty() != case.full {
        problems.push(format!("gaps are {gaps:?}"));
    }
    let at = |id: u32| found.list.get(id as usize).map(name).unwrap_or_default();
    let flows: Vec<String> = found
        .flows
        .iter()
        .map(|flow| {
            let way = if flow.channel == Channel::Stdin { "->" } else { "=>" };
            format!("{} {way} {}", at(flow.from), at(flow.to))
        })
        .collect();
    for want in &case.flows {
        if !flows.contains(want) {
            problems.push(format!("no flow {want} in {flows:?}"));
        }
    }
    let code: Vec<&str> = found
        .list
        .iter()
        .flat_map(|action| &action.effects)
        .filter(|effect| effect.kind == EffectKind::Executes)
        .filter_map(|effect| match &effect.object {
            Object::Code { language, .. } => Some(language.as_str()),
            _ => None,
        })
        .collect();
    for want in &case.code {
        if !code.contains(&want.as_str()) {
            problems.push(format!("no code in {want}: {code:?}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n"))) }
}

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/actions");
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{}: {error}", root.display()));
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut trials = Vec::new();
    for path in paths {
        let content = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: File = toml::from_str(&content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in file.case {
            trials.push(Trial::test(format!("{stem}: {}", case.line.replace('\n', "\\n")), move || check(&case)));
        }
    }
    assert!(trials.len() > 20, "hardly any cases");
    libtest_mimic::run(&arguments, trials).exit();
}
