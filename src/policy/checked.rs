//! The merged, checked policy: what the judge asks.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Tier;
use super::blob::{Blob, KIND_FLOW, KIND_OTHER, ROOT};
use super::bucket::Bucket;
use super::example::Case;
use super::profile::{Limits, Profile};
use super::rule::{Relax, Rule};
use super::settings::Settings;
use crate::action::tool::{Command, Tools};
use crate::action::{EffectKind, Scope};
use crate::text::Arrange;

/// All layers together. Built-in packs stay in their compiled form; a rule or tool is decoded when it is first asked for.
#[derive(Debug)]
pub struct Policy {
    pub(super) blob: Option<Blob<'static>>,
    /// Rules of the files, in layer order.
    pub(super) rules: Vec<Rc<Rule>>,
    pub(super) buckets: BTreeMap<Bucket, Vec<usize>>,
    /// Tools of the files, by every name path joined with NUL.
    pub(super) tools: BTreeMap<Vec<u8>, Rc<Command>>,
    /// Lists as changed by files. Built-in ones are decoded when asked for.
    pub(super) lists: Option<BTreeMap<String, Vec<String>>>,
    pub(super) scopes: BTreeMap<Scope, Vec<String>>,
    pub(super) relaxes: Vec<Relax>,
    pub(super) cases: Vec<Case>,
    pub(super) settings: Settings,
    pub(super) profiles: Vec<Profile>,
    pub(super) version: Option<String>,
    pub(super) digest: [u8; 32],
    pub(super) builtin_lists: OnceCell<BTreeMap<String, Vec<String>>>,
    pub(super) decoded_tools: RefCell<BTreeMap<u32, Option<Rc<Command>>>>,
    /// Where the programs that were asked for stand.
    pub(super) found_programs: RefCell<BTreeMap<Vec<u8>, u32>>,
    pub(super) decoded_rules: RefCell<BTreeMap<u32, Option<Rc<Rule>>>>,
}

/// Of which rules a rule number is.
#[derive(Clone, Copy)]
enum Number {
    Builtin(u32),
    File(usize),
}

impl Policy {
    /// The built-in packs alone.
    #[must_use]
    pub fn builtin() -> Policy {
        let blob = Blob::new(crate::config::PACKS);
        Policy {
            blob,
            rules: Vec::new(),
            buckets: BTreeMap::new(),
            tools: BTreeMap::new(),
            lists: None,
            scopes: BTreeMap::new(),
            relaxes: Vec::new(),
            cases: Vec::new(),
            settings: Settings::default(),
            profiles: Vec::new(),
            version: None,
            digest: blob.map(|blob| blob.digest()).unwrap_or_default(),
            builtin_lists: OnceCell::new(),
            decoded_tools: RefCell::default(),
            found_programs: RefCell::default(),
            decoded_rules: RefCell::default(),
        }
    }

    /// The rules that can fire on an action: `program` as knowledge names it, and the kinds of its effects. Built-in rules
    /// first, then those of the files; none twice. Flow rules are not among them.
    #[must_use]
    pub fn rules_for(&self, program: Option<&[u8]>, kinds: impl IntoIterator<Item = EffectKind>) -> Vec<Rc<Rule>> {
        let mut builtin: Vec<u32> = Vec::new();
        let mut files: Vec<usize> = self.bucket(&Bucket::Other).to_vec();
        if let Some(blob) = &self.blob {
            builtin.extend(blob.kind_rules(KIND_OTHER));
            builtin.extend(program.into_iter().flat_map(|program| blob.program_rules(program)));
        }
        if !self.buckets.is_empty()
            && let Some(name) = program.and_then(|program| std::str::from_utf8(program).ok())
        {
            files.extend(self.bucket(&Bucket::Program(name.to_owned())));
        }
        for kind in kinds {
            builtin.extend(self.blob.iter().flat_map(|blob| blob.kind_rules(kind as u32)));
            files.extend(self.bucket(&Bucket::Kind(kind)));
        }
        builtin.arrange();
        builtin.dedup();
        files.arrange();
        files.dedup();
        let numbers = builtin.into_iter().map(Number::Builtin).chain(files.into_iter().map(Number::File));
        numbers.filter_map(|number| self.numbered(number)).collect()
    }

    /// The rules on the flow of data between actions.
    #[must_use]
    pub fn flow_rules(&self) -> Vec<Rc<Rule>> {
        let builtin = self.blob.iter().flat_map(|blob| blob.kind_rules(KIND_FLOW)).map(Number::Builtin);
        let files = self.bucket(&Bucket::Flow).iter().copied().map(Number::File);
        builtin.chain(files).filter_map(|number| self.numbered(number)).collect()
    }

    /// The rule of that id. The cells of the default table (`core.…`) are the judge's and not among them.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<Rc<Rule>> {
        let builtin = self.blob.and_then(|blob| blob.find_rule(id.as_bytes()));
        match builtin {
            Some(number) => self.numbered(Number::Builtin(number)),
            None => self.rules.iter().find(|rule| rule.id == id).cloned(),
        }
    }

    /// All rules, built-in ones first.
    pub fn rules(&self) -> impl Iterator<Item = Rc<Rule>> {
        let count = self.blob.map_or(0, |blob| blob.rules());
        (0..count).filter_map(|number| self.numbered(Number::Builtin(number))).chain(self.rules.iter().cloned())
    }

    /// The entries of a list, without the `@`: `protected`.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        let lists = match &self.lists {
            Some(lists) => lists,
            None => self.builtin_lists.get_or_init(|| self.blob.map(|blob| blob.lists()).unwrap_or_default()),
        };
        lists.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Path globs that policy adds to a scope: `~/…`, absolute, or relative to the workspace root.
    #[must_use]
    pub fn scope_additions(&self, scope: Scope) -> &[String] {
        self.scopes.get(&scope).map(Vec::as_slice).unwrap_or_default()
    }

    /// The relaxations of a rule, those that have expired left out.
    pub fn relaxes(&self, rule: &str) -> impl Iterator<Item = &Relax> {
        self.relaxes.iter().filter(move |relax| relax.rule == rule)
    }

    /// Every relaxation in force.
    #[must_use]
    pub fn all_relaxes(&self) -> &[Relax] {
        &self.relaxes
    }

    /// Settings. Of a policy in force take [`Loaded::settings`](super::Loaded::settings), which minds trust.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The profile of that name: a file's, else the built-in one.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<Profile> {
        let declared = self.profiles.iter().find(|profile| profile.name == name).cloned();
        declared.or_else(|| {
            let list = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
            let builtin = crate::config::PROFILES.iter().find(|profile| profile.name == name)?;
            Some(Profile {
                name: name.to_owned(),
                readable: list(builtin.readable),
                writable: list(builtin.writable),
                executable: list(builtin.executable),
                sockets: list(builtin.sockets),
                network: builtin.network,
                signals: builtin.signals,
                namespaces: builtin.namespaces,
                tracing: builtin.tracing,
                own_keys: builtin.own_keys,
                limits: Limits::default(),
            })
        })
    }

    /// The names of all profiles.
    #[must_use]
    pub fn profile_names(&self) -> Vec<&str> {
        let builtin = crate::config::PROFILES.iter().map(|profile| profile.name);
        builtin.chain(self.profiles.iter().map(|profile| profile.name.as_str())).collect()
    }

    /// `version` of the nearest file that says one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// SHA-256 over the bytes of all layers.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Every example of rules and tools with what must hold of it.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        if let Some(blob) = &self.blob {
            cases.extend(blob.cases());
        }
        cases.extend(self.cases.iter().cloned());
        cases
    }

    /// The strictest tier that a rule may be lowered to: its own where it cannot be relaxed.
    #[must_use]
    pub fn floor(rule: &Rule) -> Tier {
        if rule.locked || rule.layer == super::Layer::System { rule.tier } else { Tier::Autonomous }
    }

    fn bucket(&self, bucket: &Bucket) -> &[usize] {
        self.buckets.get(bucket).map(Vec::as_slice).unwrap_or_default()
    }

    fn numbered(&self, number: Number) -> Option<Rc<Rule>> {
        match number {
            Number::File(at) => self.rules.get(at).cloned(),
            Number::Builtin(number) => {
                let mut decoded = self.decoded_rules.borrow_mut();
                decoded.entry(number).or_insert_with(|| self.blob?.rule(number).map(Rc::new)).clone()
            }
        }
    }

    pub(super) fn builtin_command(&self, path: &[&[u8]]) -> Option<Rc<Command>> {
        let blob = self.blob?;
        let (program, subs) = path.split_first()?;
        let found = self.found_programs.borrow().get(*program).copied();
        let mut number = match found {
            Some(number) => number,
            None => {
                let number = blob.find(ROOT, program).or_else(|| blob.find_versioned(program))?;
                self.found_programs.borrow_mut().insert(program.to_vec(), number);
                number
            }
        };
        for name in subs {
            number = blob.find(number, name)?;
        }
        let mut decoded = self.decoded_tools.borrow_mut();
        decoded.entry(number).or_insert_with(|| blob.command(number).map(Rc::new)).clone()
    }
}

impl Tools for Policy {
    /// A file's declaration counts before the built-in one: only trusted files bring any.
    fn command(&self, path: &[&[u8]]) -> Option<Rc<Command>> {
        if !self.tools.is_empty()
            && let Some(command) = self.tools.get(&path.join(&0))
        {
            return Some(command.clone());
        }
        self.builtin_command(path)
    }
}
