//! Which shell a client would take, by its own rule of selection (`picks` in `config/agents/*.toml`). A step is one of
//!
//! ```text
//! env NAME [with A|B]            the variable's value, where it contains one of these
//! passwd named A|B               the login shell, where its last part is one of these
//! path NAME                      the first executable of that name on PATH
//! json FILE KEY [with A|B]       the client's own setting
//! fixed PATH                     whatever else is said
//! inside                         none: the client interprets lines itself
//! ```

use std::path::{Path, PathBuf};

use super::setting;
use crate::config::agents::Agent;

/// What selection depends on.
pub struct Surroundings<'a> {
    /// Home.
    pub home: &'a Path,
    /// A variable of the environment that the client would get.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The login shell of the user database.
    pub login_shell: Option<PathBuf>,
}

/// What a client would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// This program, by this step.
    Shell(PathBuf, &'static str),
    /// None: it interprets lines itself.
    Inside,
    /// Nothing fits, or how it looks is not known.
    Nothing,
}

/// What `agent` would take.
#[must_use]
pub fn pick(agent: &Agent, around: &Surroundings<'_>) -> Picked {
    for step in agent.picks {
        let words: Vec<&str> = step.split(' ').collect();
        let found = match words.as_slice() {
            ["inside"] => return Picked::Inside,
            ["fixed", path] => Some(PathBuf::from(path)),
            ["env", name] => (around.variable)(name).map(PathBuf::from),
            ["env", name, "with", parts] => {
                (around.variable)(name).filter(|value| has(value, parts)).map(PathBuf::from)
            }
            ["json", file, key, with @ ..] => match setting::value(around.home, file, key) {
                Ok(value) => value.filter(|value| with.get(1).is_none_or(|parts| has(value, parts))).map(PathBuf::from),
                // The client may understand what we do not.
                Err(_) => return Picked::Nothing,
            },
            ["passwd", "named", names] => around.login_shell.clone().filter(|path| {
                path.file_name().is_some_and(|name| names.split('|').any(|known| name.to_str() == Some(known)))
            }),
            ["path", name] => on_path(name, around),
            _ => None,
        };
        if let Some(path) = found.filter(|path| !path.as_os_str().is_empty()) {
            return Picked::Shell(path, step);
        }
    }
    Picked::Nothing
}

fn has(value: &str, parts: &str) -> bool {
    parts.split('|').any(|part| value.contains(part))
}

/// The first executable of that name on PATH.
pub fn on_path(name: &str, around: &Surroundings<'_>) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = (around.variable)("PATH")?;
    let executable = |file: &PathBuf| {
        std::fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    path.split(':').filter(|folder| folder.starts_with('/')).map(|folder| Path::new(folder).join(name)).find(executable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::agents::AGENTS;

    fn picked(agent: &str, variables: &[(&str, &str)], login: Option<&str>) -> Picked {
        let agent = AGENTS.iter().find(|known| known.name == agent).expect("a known agent");
        let variable =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let around = Surroundings {
            home: Path::new("/nonexistent"),
            variable: &variable,
            login_shell: login.map(PathBuf::from),
        };
        pick(agent, &around)
    }

    fn path(picked: &Picked) -> &str {
        match picked {
            Picked::Shell(path, _) => path.to_str().expect("text"),
            Picked::Inside | Picked::Nothing => "",
        }
    }

    #[test]
    fn each_client_picks_by_its_own_rule() {
        let shim = ("SHELL", "/s/bash");
        assert_eq!(path(&picked("claude-code", &[shim], None)), "/s/bash");
        assert_eq!(path(&picked("claude-code", &[("SHELL", "/s/vetshell")], None)), "/bin/bash", "a name without bash");
        let other = [shim, ("CLAUDE_CODE_SHELL", "/t/zsh")];
        assert_eq!(path(&picked("claude-code", &other, None)), "/t/zsh");
        assert_eq!(
            path(&picked("codex", &[shim, ("PATH", "/bin")], Some("/bin/fish"))),
            "/bin/bash",
            "SHELL is ignored"
        );
        assert_eq!(path(&picked("codex", &[shim], Some("/s/bash"))), "/s/bash");
        assert_eq!(path(&picked("copilot-cli", &[shim], None)), "/bin/bash");
        assert_eq!(picked("crush", &[shim], None), Picked::Inside);
        assert_eq!(path(&picked("mini-swe-agent", &[shim], None)), "/bin/sh");
    }
}
