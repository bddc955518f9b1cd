//! `vetsh run -- CLIENT…`: a client whose shell is vetsh, for this run only.

use std::os::unix::ffi::OsStrExt;

use super::answer::{Outcome, Problem};
use super::arguments::{Arguments, Run};
use crate::audit;
use crate::client::{Picked, Surroundings, pick, pick::on_path};
use crate::config::agents::AGENTS;
use crate::exec;
use crate::house::House;
use crate::sys::{process, user};

/// Variables by which clients choose their shell.
const CHOOSE: &[&str] = &["SHELL", "CLAUDE_CODE_SHELL"];

pub fn run(arguments: &Arguments, asked: &Run) -> Outcome {
    if arguments.root.is_some() {
        return Err(Problem("--root is for tests: a client's shells would use your own house; leave it out".into()));
    }
    let mut house = House::open(None)?;
    // What cannot be vetted is told now, not at the client's first command.
    house.in_force = Some(house.policies()?.in_force());
    let folder = house.shims().ok_or_else(|| Problem("there is no home to hold the shim directory".into()))?;
    let shell = folder.join("bash");
    let identity = |path: &std::path::Path| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
    };
    if identity(&shell).is_none() || identity(&shell) != process::own_identity() {
        return Err(Problem(format!("{} does not lead here; vetsh setup shims makes it", shell.display())));
    }
    let path = house.given("PATH").unwrap_or_else(|| String::from_utf8_lossy(exec::real::USUAL_PATH).into_owned());
    let path = format!("{}:{path}", folder.display());
    let variable = |name: &str| match name {
        "PATH" => Some(path.clone()),
        name if CHOOSE.contains(&name) => Some(shell.display().to_string()),
        name => house.given(name),
    };
    let home = house.home.clone().unwrap_or_default();
    let around = Surroundings {
        home: std::path::Path::new(std::ffi::OsStr::from_bytes(&home)),
        variable: &variable,
        login_shell: user::login_shell(),
    };
    let client = asked.client.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let program = if client.contains('/') { Some(client.clone().into()) } else { on_path(&client, &around) };
    let program = program.ok_or_else(|| Problem(format!("{client} is not on PATH")))?;
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(agent) = AGENTS.iter().find(|agent| agent.programs.contains(&name.as_str())) {
        let taken = match pick(agent, &around) {
            Picked::Shell(taken, _) if identity(&taken) == process::own_identity() => None,
            Picked::Shell(taken, step) => Some(format!("{} all the same ({step})", taken.display())),
            Picked::Inside => None,
            Picked::Nothing => Some("a shell that is not known, by a setting that cannot be read".to_owned()),
        };
        if let Some(taken) = taken {
            let name = agent.name;
            return Err(Problem(format!("{name} would take {taken}: vetsh setup {name} tells what can be done")));
        }
    }
    let words: Vec<Vec<u8>> = asked.client.iter().map(|word| word.as_bytes().to_vec()).collect();
    let mut entries: Vec<Vec<u8>> = house
        .given
        .iter()
        .map(|entry| AsRef::<[u8]>::as_ref(entry).to_vec())
        .filter(|entry| {
            let name = entry.split(|byte| *byte == b'=').next().unwrap_or_default();
            name != b"PATH" && !CHOOSE.iter().any(|own| own.as_bytes() == name)
        })
        .collect();
    entries.push(format!("PATH={path}").into_bytes());
    entries.extend(CHOOSE.iter().map(|name| format!("{name}={}", shell.display()).into_bytes()));
    let session = audit::record_session(&house, &words)?;
    match exec::start_client(session, program.as_os_str().as_bytes(), &words, &entries) {
        Ok(never) => match never {},
        Err(failure) => Err(failure.into()),
    }
}
