//! What a question is judged by: the house, the policy, and a world for each directory asked about.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::answer::Problem;
use super::arguments::Arguments;
use crate::action::World;
use crate::approval::impact::Impact;
use crate::house::{House, Policies};
use crate::invocation::{LONGEST, Line};
use crate::judge::{Fixture, Memory, Weighed};
use crate::parse::Dialect;
use crate::session::{Machine, machine};

/// Where questions are judged.
pub struct Bench {
    /// The house.
    pub house: House,
    policies: HashMap<Vec<u8>, (Policies, Memory<Machine>)>,
    /// What the user's policy file is taken to hold, instead of what it does.
    as_if: Option<Vec<u8>>,
}

impl Bench {
    /// Opens the house that `arguments` names.
    pub fn open(arguments: &Arguments) -> Result<Bench, Problem> {
        let root = arguments.root.as_ref().map(|root| root.as_os_str().as_bytes().to_vec());
        Ok(Bench { house: House::open(root.as_deref())?, policies: HashMap::new(), as_if: None })
    }

    /// The same house, with another text for the user's policy file, as if a human had trusted it.
    pub fn with_policy(mut self, text: Vec<u8>) -> Result<Bench, Problem> {
        self.house.policies_as_if(&text)?;
        self.as_if = Some(text);
        self.policies.clear();
        Ok(self)
    }

    /// Judges a line as it would be judged in `cwd` (the process's own where none is given).
    pub fn judge(&mut self, line: &Line, cwd: Option<&[u8]>) -> Result<Weighed, Problem> {
        let cwd =
            cwd.map_or_else(|| self.house.cwd.clone(), |cwd| machine::physical(cwd).unwrap_or_else(|| cwd.to_vec()));
        if !self.policies.contains_key(&cwd) {
            // Another directory may bring another project's file; a batch over thousands of them keeps only a few.
            if self.policies.len() >= 64 {
                self.policies.clear();
            }
            let at = self.at(cwd.clone())?;
            self.policies.insert(cwd.clone(), at);
        }
        let Some((policies, world)) = self.policies.get(&cwd) else {
            return Err(Problem("no world to judge in".to_owned()));
        };
        Ok(policies.weigh(line, world))
    }

    /// What a line that was judged in `cwd` would take, for a human.
    #[must_use]
    pub fn impact(&self, weighed: &Weighed, cwd: Option<&[u8]>) -> Vec<String> {
        let cwd =
            cwd.map_or_else(|| self.house.cwd.clone(), |cwd| machine::physical(cwd).unwrap_or_else(|| cwd.to_vec()));
        self.policies.get(&cwd).map(|(_, world)| Impact::of(weighed, world).shown()).unwrap_or_default()
    }

    /// Judges a line in a world of its own.
    pub fn judge_in(&mut self, line: &Line, world: &Fixture) -> Result<Weighed, Problem> {
        let key = Vec::new();
        if !self.policies.contains_key(&key) {
            let at = self.at(b"/".to_vec())?;
            self.policies.insert(key.clone(), at);
        }
        let Some((policies, _)) = self.policies.get(&key) else {
            return Err(Problem("no policy to judge by".to_owned()));
        };
        Ok(policies.weigh(line, world as &dyn World))
    }

    /// The digest of the policy that judges in `cwd`.
    pub fn policy_in(&mut self, cwd: Option<&[u8]>) -> Result<String, Problem> {
        let cwd = cwd.map_or_else(|| self.house.cwd.clone(), |cwd| cwd.to_vec());
        Ok(self.at(cwd)?.0.in_force().sha256)
    }

    /// The policies and the machine as a call in the process's own directory meets them.
    pub fn here(&self) -> Result<(Policies, Memory<Machine>), Problem> {
        self.at(self.house.cwd.clone())
    }

    fn at(&self, cwd: Vec<u8>) -> Result<(Policies, Memory<Machine>), Problem> {
        let mut policies = match &self.as_if {
            Some(text) => self.house.policies_as_if(text)?,
            None => self.house.policies()?,
        };
        let mut machine = Machine::new(self.house.home.clone(), cwd.clone(), Vec::new(), self.house.given.clone());
        machine.roots = self.house.roots_around(&cwd, &policies.roots(self.house.home.as_deref()), &machine);
        policies.add_projects(&machine.roots)?;
        Ok((policies, Memory::new(machine)))
    }
}

/// A dialect by name.
pub fn dialect(name: &str) -> Result<Dialect, Problem> {
    match name {
        "bash" => Ok(Dialect::Bash),
        "sh" | "dash" | "posix" => Ok(Dialect::Sh),
        "zsh" => Ok(Dialect::Zsh),
        other => Err(Problem(format!("there is no dialect {other}; use bash, sh or zsh"))),
    }
}

/// The words of a line, joined.
pub fn line(words: &[OsString], dialect: Dialect) -> Result<Line, Problem> {
    let text = words.iter().map(|word| word.clone().into_vec()).collect::<Vec<_>>().join(&b' ');
    if text.len() > LONGEST {
        return Err(Problem(format!("a line of {} bytes; at most {LONGEST} are judged", text.len())));
    }
    Ok(Line::of_text(text, dialect))
}
