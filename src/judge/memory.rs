//! A world that remembers what it answered, and a world made of remembered answers.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::world::{FileKind, Variable};
use crate::action::{Measured, Question, World};

/// Every answer of one judgement, as a plain value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    home: Option<Vec<u8>>,
    cwd: Vec<u8>,
    roots: Vec<Vec<u8>>,
    homes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// `None`: not known; `Some(None)`: not set.
    variables: BTreeMap<Vec<u8>, Option<Option<Vec<u8>>>>,
    kinds: BTreeMap<Vec<u8>, u8>,
    links: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    contents: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    entries: BTreeMap<Vec<u8>, Option<Vec<Vec<u8>>>>,
    user_writable: BTreeMap<Vec<u8>, bool>,
    is_system_program: BTreeMap<Vec<u8>, bool>,
    is_vetsh: BTreeMap<Vec<u8>, bool>,
    restorable: BTreeMap<Vec<u8>, bool>,
    ignored: BTreeMap<Vec<u8>, bool>,
    measured: BTreeMap<Question, Measured>,
}

/// Asks `inner` once for each thing and gives the same answer from then on.
#[derive(Debug)]
pub struct Memory<W> {
    inner: W,
    answers: RefCell<Answers>,
}

impl<W: World> Memory<W> {
    /// Over `inner`.
    #[must_use]
    pub fn new(inner: W) -> Self {
        let answers = Answers { home: inner.home(), cwd: inner.cwd(), roots: inner.roots(), ..Answers::default() };
        Memory { inner, answers: RefCell::new(answers) }
    }

    /// What was answered.
    #[must_use]
    pub fn into_answers(self) -> Answers {
        self.answers.into_inner()
    }

    fn ask<T: Clone>(
        &self,
        path: &[u8],
        pick: impl Fn(&mut Answers) -> &mut BTreeMap<Vec<u8>, T>,
        answer: impl FnOnce(&W) -> T,
    ) -> T {
        if let Some(known) = pick(&mut self.answers.borrow_mut()).get(path) {
            return known.clone();
        }
        let fresh = answer(&self.inner);
        pick(&mut self.answers.borrow_mut()).insert(path.to_vec(), fresh.clone());
        fresh
    }
}

const KINDS: [FileKind; 7] = [
    FileKind::Missing,
    FileKind::File,
    FileKind::Directory,
    FileKind::Link,
    FileKind::Device,
    FileKind::Other,
    FileKind::Unknown,
];

fn number(kind: FileKind) -> u8 {
    KINDS.iter().position(|own| *own == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(6)
}

fn kind_of(number: u8) -> FileKind {
    KINDS.get(usize::from(number)).copied().unwrap_or(FileKind::Unknown)
}

fn variable_of(answer: Option<Option<Vec<u8>>>) -> Variable {
    match answer {
        Some(Some(value)) => Variable::Set(value),
        Some(None) => Variable::Unset,
        None => Variable::Unknown,
    }
}

impl<W: World> World for Memory<W> {
    fn home(&self) -> Option<Vec<u8>> {
        self.answers.borrow().home.clone()
    }
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>> {
        self.ask(user, |all| &mut all.homes, |world| world.home_of(user))
    }
    fn cwd(&self) -> Vec<u8> {
        self.answers.borrow().cwd.clone()
    }
    fn roots(&self) -> Vec<Vec<u8>> {
        self.answers.borrow().roots.clone()
    }
    fn variable(&self, name: &[u8]) -> Variable {
        variable_of(self.ask(
            name,
            |all| &mut all.variables,
            |world| match world.variable(name) {
                Variable::Set(value) => Some(Some(value)),
                Variable::Unset => Some(None),
                Variable::Unknown => None,
            },
        ))
    }
    fn kind(&self, path: &[u8]) -> FileKind {
        kind_of(self.ask(path, |all| &mut all.kinds, |world| number(world.kind(path))))
    }
    fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.ask(path, |all| &mut all.links, |world| world.link(path))
    }
    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.ask(path, |all| &mut all.contents, |world| world.contents(path, limit)).filter(|text| text.len() <= limit)
    }
    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
        self.ask(path, |all| &mut all.entries, |world| world.entries(path, limit)).filter(|names| names.len() <= limit)
    }
    fn user_writable(&self, path: &[u8]) -> bool {
        self.ask(path, |all| &mut all.user_writable, |world| world.user_writable(path))
    }
    fn is_system_program(&self, path: &[u8]) -> bool {
        self.ask(path, |all| &mut all.is_system_program, |world| world.is_system_program(path))
    }
    fn is_vetsh(&self, path: &[u8]) -> bool {
        self.ask(path, |all| &mut all.is_vetsh, |world| world.is_vetsh(path))
    }
    fn restorable(&self, path: &[u8]) -> bool {
        self.ask(path, |all| &mut all.restorable, |world| world.restorable(path))
    }
    fn ignored(&self, path: &[u8]) -> bool {
        self.ask(path, |all| &mut all.ignored, |world| world.ignored(path))
    }
    fn measured(&self, question: &Question) -> Measured {
        if let Some(known) = self.answers.borrow().measured.get(question) {
            return known.clone();
        }
        let fresh = self.inner.measured(question);
        self.answers.borrow_mut().measured.insert(question.clone(), fresh.clone());
        fresh
    }
}

/// Remembered answers judge again as they did; what was never asked is not known.
impl World for Answers {
    fn home(&self) -> Option<Vec<u8>> {
        self.home.clone()
    }
    fn home_of(&self, user: &[u8]) -> Option<Vec<u8>> {
        self.homes.get(user).cloned().flatten()
    }
    fn cwd(&self) -> Vec<u8> {
        self.cwd.clone()
    }
    fn roots(&self) -> Vec<Vec<u8>> {
        self.roots.clone()
    }
    fn variable(&self, name: &[u8]) -> Variable {
        variable_of(self.variables.get(name).cloned().flatten())
    }
    fn kind(&self, path: &[u8]) -> FileKind {
        self.kinds.get(path).map_or(FileKind::Unknown, |kind| kind_of(*kind))
    }
    fn link(&self, path: &[u8]) -> Option<Vec<u8>> {
        self.links.get(path).cloned().flatten()
    }
    fn contents(&self, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        self.contents.get(path).cloned().flatten().filter(|text| text.len() <= limit)
    }
    fn entries(&self, path: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
        self.entries.get(path).cloned().flatten().filter(|names| names.len() <= limit)
    }
    fn user_writable(&self, path: &[u8]) -> bool {
        self.user_writable.get(path).copied().unwrap_or(true)
    }
    fn is_system_program(&self, path: &[u8]) -> bool {
        self.is_system_program.get(path).copied().unwrap_or(false)
    }
    fn is_vetsh(&self, path: &[u8]) -> bool {
        self.is_vetsh.get(path).copied().unwrap_or(false)
    }
    fn restorable(&self, path: &[u8]) -> bool {
        self.restorable.get(path).copied().unwrap_or(false)
    }
    fn ignored(&self, path: &[u8]) -> bool {
        self.ignored.get(path).copied().unwrap_or(false)
    }
    fn measured(&self, question: &Question) -> Measured {
        let known = self.measured.get(question).cloned();
        known.unwrap_or_else(|| Measured::unknown("it was not measured then"))
    }
}
