//! `vetsh setup CLIENT`: the client's own setting names our shell. `vetsh setup shims`: the links that lead to us.

use std::ffi::OsStr;
use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{meant, proven};
use super::arguments::{Arguments, Setup};
use crate::client::{Change, Setting};
use crate::config::agents::{AGENTS, Agent};
use crate::house::House;
use crate::sys::process;

/// The shells that a client may start.
const SHELLS: &[&str] = &["bash", "sh", "zsh"];

pub fn run(arguments: &Arguments, asked: &Setup) -> Outcome {
    let root = arguments.root.as_ref().map(|root| root.as_os_str().as_bytes().to_vec());
    let house = House::open(root.as_deref())?;
    if asked.client == "shims" {
        return shims(&house, asked);
    }
    let Some(agent) =
        AGENTS.iter().find(|agent| agent.name == asked.client || agent.programs.contains(&&*asked.client))
    else {
        let known: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
        return Err(Problem(format!("no client {} is known; known are {}", asked.client, known.join(", "))));
    };
    let (Some((file, key)), Some(home)) = (agent.setting, house.home.as_deref()) else { return by_hand(agent, &house) };
    let setting = Setting::new(Path::new(OsStr::from_bytes(home)), file, key);
    if asked.undo { undo(&house, agent, &setting) } else { change(&house, agent, &setting, asked) }
}

fn broken(setting: &Setting) -> impl Fn(std::io::Error) -> Problem {
    move |error| Problem(format!("{}: {error}; nothing was changed", setting.file().display()))
}

/// Where the change of a client is kept.
fn kept(house: &House, agent: &Agent) -> PathBuf {
    house.guard().join("setup").join(agent.name)
}

fn change(house: &House, agent: &Agent, setting: &Setting, asked: &Setup) -> Outcome {
    let shell = house.shims().map(|folder| folder.join("bash")).filter(|shell| is_ours(shell));
    let Some(shell) = shell else {
        return Err(Problem("the shim `bash` does not lead here; vetsh setup shims makes it".into()));
    };
    let value = shell.display().to_string();
    let before = setting.get().map_err(broken(setting))?;
    if before.as_deref() == Some(value.as_str()) {
        print(&format!("{} names {value} already", setting.file().display()));
        return Ok(Answer::Yes);
    }
    if asked.json {
        let file = setting.file().display().to_string();
        let shown = setting.shown(&value);
        print(
            &serde_json::json!({ "schema": 1, "file": file, "before": before, "after": value, "shown": shown })
                .to_string(),
        );
        return Ok(Answer::Yes);
    }
    print(&format!("in {}", setting.file().display()));
    if let Some(before) = &before {
        print(&format!("  - {}", setting.shown(before)));
    }
    print(&format!("  + {}", setting.shown(&value)));
    if !asked.yes && !agreed("make this change?")? {
        print("nothing was changed");
        return Ok(Answer::No);
    }
    let change = setting.set(&value).map_err(broken(setting))?;
    keep(house, agent, &change)?;
    print(&format!("done; vetsh setup {} --undo puts back what was there", agent.name));
    Ok(Answer::Yes)
}

/// What was there before the first change is what an undo restores.
fn keep(house: &House, agent: &Agent, change: &Change) -> Result<(), Problem> {
    let path = kept(house, agent);
    let failed = |error: std::io::Error| Problem(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    if path.exists() {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
    file.write_all(serde_json::to_string(change)?.as_bytes()).map_err(failed)
}

/// Undoing takes us out of the way: a human does it.
fn may_undo(house: &House) -> Result<(), Problem> {
    proven(house).map_err(|why| Problem(format!("undoing needs a human at a terminal of their own: {why}")))?;
    if meant()? { Ok(()) } else { Err(Problem("not confirmed; nothing is undone".into())) }
}

fn undo(house: &House, agent: &Agent, setting: &Setting) -> Outcome {
    may_undo(house)?;
    let path = kept(house, agent);
    let text = std::fs::read_to_string(&path)
        .map_err(|_| Problem(format!("nothing of {} was changed by vetsh setup", agent.name)))?;
    let change: Change = serde_json::from_str(&text)?;
    let undone = setting.put_back(&change).map_err(broken(setting))?;
    let _ = std::fs::remove_file(&path);
    print(&if undone {
        format!("{} is as it was", setting.file().display())
    } else {
        format!("{} names another shell by now; that stays", setting.file().display())
    });
    Ok(Answer::Yes)
}

/// Clients without a setting of their own.
fn by_hand(agent: &Agent, house: &House) -> Outcome {
    let program = agent.programs.first().unwrap_or(&agent.name);
    let shims = house.shims().unwrap_or_default();
    let why = match agent.picks.first().copied().unwrap_or_default() {
        first if first.starts_with("passwd") => format!(
            "{} takes the login shell of the user database:\n  chsh -s {}/bash      (the path must stand in /etc/shells)",
            agent.name,
            shims.display()
        ),
        first if first.starts_with("env") || first.starts_with("path") => {
            format!("{} has no setting for it; start it so:\n  vetsh run -- {program}", agent.name)
        }
        "inside" => format!(
            "{} interprets lines itself; link the programs it starts, and start it so:\n  vetsh setup shims git curl npm …\n  vetsh run -- {program}",
            agent.name
        ),
        first => format!(
            "{} always takes {}: only where that file itself is vetsh (in a container) it is vetted",
            agent.name,
            first.trim_start_matches("fixed ")
        ),
    };
    print(&why);
    Ok(Answer::No)
}

/// Makes links to ourselves. A link that leads elsewhere is replaced; a file that is none is left, and told.
fn shims(house: &House, asked: &Setup) -> Outcome {
    let folder = house.shims().ok_or_else(|| Problem("there is no home to hold the shim directory".into()))?;
    let failed = |error: std::io::Error| Problem(format!("{}: {error}", folder.display()));
    let own = std::env::current_exe().map_err(failed)?;
    let given: Vec<&str> = asked.names.iter().map(String::as_str).collect();
    let names = if given.is_empty() { SHELLS } else { given.as_slice() };
    if let Some(name) = names.iter().find(|name| name.contains('/') || name.starts_with('.') || **name == "vetsh") {
        return Err(Problem(format!("{name} is no name of a program that can be linked")));
    }
    if asked.undo {
        may_undo(house)?;
    }
    if asked.json {
        print(&serde_json::json!({ "schema": 1, "folder": folder.display().to_string(), "target": own.display().to_string(), "names": names }).to_string());
        return Ok(Answer::Yes);
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder).map_err(failed)?;
    for name in names {
        let shim = folder.join(name);
        let link = std::fs::symlink_metadata(&shim).ok();
        match link {
            Some(meta) if !meta.is_symlink() => {
                return Err(Problem(format!("{} is no link: move it away first", shim.display())));
            }
            Some(_) if asked.undo || !is_ours(&shim) => std::fs::remove_file(&shim).map_err(failed)?,
            Some(_) => {
                print(&format!("{} leads here already", shim.display()));
                continue;
            }
            None => {}
        }
        if asked.undo {
            print(&format!("{} is gone", shim.display()));
        } else {
            std::os::unix::fs::symlink(&own, &shim).map_err(failed)?;
            print(&format!("{} leads to {}", shim.display(), own.display()));
        }
    }
    Ok(Answer::Yes)
}

fn is_ours(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    found.is_some() && found == process::own_identity()
}

/// Asks at the terminal; without one the answer is no.
fn agreed(question: &str) -> Result<bool, Problem> {
    if !std::io::stdin().is_terminal() {
        return Err(Problem("there is no terminal to ask at; --yes makes the change without asking".into()));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|error| Problem(error.to_string()))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
