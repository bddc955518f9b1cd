//! The machine with the values of secret variables left out: they never become part of an action, a message or a record,
//! and where a word uses one the hole says so.

use crate::action::world::{FileKind, Variable};
use crate::action::{Action, Measured, Part, Question, World};

/// A world whose secret variables are not known.
pub struct Veiled<'a>(pub &'a dyn World);

impl World for Veiled<'_> {
    fn home(&self) -> Option<Vec<u8>> {
        self.0.home()
    }
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>> {
        self.0.home_of(user)
    }
    fn cwd(&self) -> Vec<u8> {
        self.0.cwd()
    }
    fn roots(&self) -> Vec<Vec<u8>> {
        self.0.roots()
    }
    fn variable(&self, name: &[u8]) -> Variable {
        match self.0.variable(name) {
            // One that is not set here may be set where the line runs: its name says what is wanted.
            Variable::Set(_) | Variable::Unset if super::effect::is_secret_variable(name) => Variable::Unknown,
            other => other,
        }
    }
    fn kind(&self, path: &[u8]) -> FileKind {
        self.0.kind(path)
    }
    fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.0.link(path)
    }
    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.0.contents(path, limit)
    }
    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
        self.0.entries(path, limit)
    }
    fn user_writable(&self, path: &[u8]) -> bool {
        self.0.user_writable(path)
    }
    fn is_system_program(&self, path: &[u8]) -> bool {
        self.0.is_system_program(path)
    }
    fn is_vetsh(&self, path: &[u8]) -> bool {
        self.0.is_vetsh(path)
    }
    fn restorable(&self, path: &[u8]) -> bool {
        self.0.restorable(path)
    }
    fn ignored(&self, path: &[u8]) -> bool {
        self.0.ignored(path)
    }
    fn measured(&self, question: &Question) -> Measured {
        self.0.measured(question)
    }
}

/// The secret variable that a word of the action uses, by name; one that only the run knows may be any.
#[must_use]
pub fn used(action: &Action) -> Option<String> {
    action.argv.iter().flat_map(|value| &value.parts).find_map(|part| match part {
        Part::Hole(hole) => {
            let secret = |name: &&str| super::effect::is_secret_variable(name.as_bytes());
            let listed = || hole.why.strip_prefix(NAMES).filter(|prefix| super::dump::begins_secret(prefix));
            match hole.variables().find(secret) {
                Some(name) => Some(name.to_owned()),
                None if hole.why == INDIRECT => Some("a variable known only when it runs".to_owned()),
                None => listed().map(|prefix| format!("the variables {prefix}*")),
            }
        }
        Part::Known(_) | Part::Glob(_) => None,
    })
}

/// How the walk says that a value is another variable's, whichever that is.
const INDIRECT: &str = "the variable another one names";
/// How it says that a value is a list of names.
const NAMES: &str = "names of variables that begin with ";
