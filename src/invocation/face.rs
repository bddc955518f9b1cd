//! Which face we show: `argv[0]` decides, and the name we were executed by must agree with it in kind.

use crate::exit::Failure;
use crate::parse::Dialect;

/// What we are called as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// `vetsh` and a verb.
    #[default]
    Command,
    /// A shell.
    Shell(Shell),
    /// A program linked to us.
    Tool(Vec<u8>),
}

/// The shells we stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shell {
    /// bash
    Bash,
    /// sh: dash or bash, whatever the system has.
    Sh,
    /// zsh
    Zsh,
    /// dash
    Dash,
}

impl Shell {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static [u8] {
        match self {
            Shell::Bash => b"bash",
            Shell::Sh => b"sh",
            Shell::Zsh => b"zsh",
            Shell::Dash => b"dash",
        }
    }

    /// The shell of that name.
    #[must_use]
    pub fn of_name(name: &[u8]) -> Option<Shell> {
        [Shell::Bash, Shell::Sh, Shell::Zsh, Shell::Dash].into_iter().find(|shell| shell.name() == name)
    }

    /// Whose grammar its text has.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Shell::Bash => Dialect::Bash,
            Shell::Sh | Shell::Dash => Dialect::Sh,
            Shell::Zsh => Dialect::Zsh,
        }
    }
}

/// The last component of a path.
#[must_use]
pub fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// The face of a name, where it is one of ours. `linked` says whether a name is a program linked to us.
fn face_of(name: &[u8], linked: &dyn Fn(&[u8]) -> bool) -> Option<Face> {
    let name = base(name);
    let name = name.strip_prefix(b"-").unwrap_or(name);
    if name == b"vetsh" {
        return Some(Face::Command);
    }
    if let Some(shell) = Shell::of_name(name) {
        return Some(Face::Shell(shell));
    }
    linked(name).then(|| Face::Tool(name.to_vec()))
}

/// Decides the face of `argv`, executed by the name `executed`.
pub fn decide(argv: &[Vec<u8>], executed: Option<&[u8]>, linked: &dyn Fn(&[u8]) -> bool) -> Result<Face, Failure> {
    let Some(name) = argv.first() else {
        return Err(Failure::closed(
            "face.no-name",
            "a call without argv[0]",
            "the name we are called by decides what is judged",
            "call vetsh, bash, sh, zsh or dash by name",
        ));
    };
    let Some(face) = face_of(name, linked) else {
        return Err(Failure::closed(
            "face.unknown-name",
            format!("a call as {:?}", String::from_utf8_lossy(name)),
            "this name stands for no shell and no linked program",
            "call vetsh, bash, sh, zsh or dash by name",
        ));
    };
    let Some(executed) = executed else {
        return Err(Failure::closed(
            "face.no-executed-name",
            "a call whose executed name the kernel does not tell",
            "argv[0] alone is the caller's choice",
            "run vetsh on a kernel that sets AT_EXECFN",
        ));
    };
    let agrees = match (face_of(executed, linked), &face) {
        (Some(Face::Command), Face::Command)
        | (Some(Face::Shell(_)), Face::Shell(_))
        | (Some(Face::Tool(_)), Face::Tool(_)) => true,
        (Some(_), _) => false,
        // A script whose `#!` line names us: the kernel executed the script, which is the next or second next word.
        (None, Face::Shell(_)) => argv.iter().skip(1).take(2).any(|word| word == executed),
        (None, _) => false,
    };
    if agrees {
        return Ok(face);
    }
    Err(Failure::closed(
        "face.disagreement",
        format!("a call as {:?} of {:?}", String::from_utf8_lossy(name), String::from_utf8_lossy(executed)),
        "argv[0] is of another kind than the name that was executed",
        "call the program by its own name",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(argv: &[&str], executed: &str) -> Result<Face, &'static str> {
        let argv: Vec<Vec<u8>> = argv.iter().map(|word| word.as_bytes().to_vec()).collect();
        decide(&argv, Some(executed.as_bytes()), &|name| name == b"git" || name == b"curl")
            .map_err(|failure| failure.rule)
    }

    #[test]
    fn the_name_decides() {
        assert_eq!(face(&["vetsh", "doctor"], "/usr/bin/vetsh"), Ok(Face::Command));
        assert_eq!(face(&["bash", "-c", "x"], "/opt/shims/bash"), Ok(Face::Shell(Shell::Bash)));
        assert_eq!(face(&["-bash"], "/opt/shims/bash"), Ok(Face::Shell(Shell::Bash)));
        assert_eq!(face(&["/opt/shims/sh", "-c", "x"], "/opt/shims/bash"), Ok(Face::Shell(Shell::Sh)));
        assert_eq!(face(&["git", "status"], "/opt/shims/git"), Ok(Face::Tool(b"git".to_vec())));
    }

    #[test]
    fn what_is_not_ours_or_disagrees_is_refused() {
        assert_eq!(face(&[], "/opt/shims/bash"), Err("face.no-name"));
        assert_eq!(face(&["nethack"], "/opt/shims/bash"), Err("face.unknown-name"));
        assert_eq!(face(&["vetsh", "approve"], "/opt/shims/bash"), Err("face.disagreement"));
        assert_eq!(face(&["git"], "/opt/shims/bash"), Err("face.disagreement"));
        assert_eq!(face(&["bash", "-c", "x"], "/usr/bin/vetsh"), Err("face.disagreement"));
    }

    #[test]
    fn a_script_that_names_us_is_a_shell() {
        assert_eq!(face(&["/opt/shims/bash", "./x.sh", "a"], "./x.sh"), Ok(Face::Shell(Shell::Bash)));
        assert_eq!(face(&["/opt/shims/bash", "-e", "/w/x"], "/w/x"), Ok(Face::Shell(Shell::Bash)));
        assert_eq!(face(&["/opt/shims/bash", "-c", "x"], "/w/x"), Err("face.disagreement"));
        assert_eq!(face(&["git", "/w/x"], "/w/x"), Err("face.disagreement"));
    }
}
