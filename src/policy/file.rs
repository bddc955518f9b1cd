//! One policy file, read and checked by itself: what only needs the file. What needs the other layers is `layers`'.

use std::collections::BTreeMap;
use std::ops::Range;

use super::document::{Document, Item, Table};
use super::problem::Problem;
use super::profile::WrittenProfile;
use super::rule::Layer;
use super::rule_table::{WrittenRelax, WrittenRule, read_relax, read_rule};
use super::settings::Written;
use super::tool_table::Tools;
use crate::action::Scope;

/// A change to a list.
#[derive(Clone, Debug)]
pub struct ListChange {
    /// The list.
    pub name: String,
    /// Where its name stands.
    pub span: Range<usize>,
    /// Added (or all, where `defines`).
    pub add: Vec<String>,
    /// Removed: loosens.
    pub remove: Vec<String>,
    /// `name = ["…"]`: a new list.
    pub defines: bool,
}

/// A file as written.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// As the caller named it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Which layer.
    pub layer: Layer,
    /// `pack = "git"`
    pub pack: Option<String>,
    /// `version = "2026-11-20"`
    pub version: Option<String>,
    /// Declared tools.
    pub tools: Tools,
    /// Rules.
    pub rules: Vec<WrittenRule>,
    /// Relaxations.
    pub relaxes: Vec<WrittenRelax>,
    /// Lists.
    pub lists: Vec<ListChange>,
    /// Path globs added to scopes.
    pub scopes: BTreeMap<Scope, Vec<String>>,
    /// Settings.
    pub settings: Written,
    /// Profiles.
    pub profiles: Vec<WrittenProfile>,
    /// What a project file may hold only once trusted: key and place.
    pub loosening: Vec<(&'static str, Range<usize>)>,
}

pub(super) const KEYS: &[&str] = &[
    "format",
    "pack",
    "version",
    "approval",
    "environment",
    "workspace",
    "audit",
    "shell",
    "session",
    "walls",
    "profile",
    "enforce",
    "observe_until",
    "list",
    "scope",
    "tool",
    "rule",
    "relax",
];

impl PolicyFile {
    /// Reads a file. What is wrong with it stands beside it; a file with problems must not be used.
    #[must_use]
    pub fn read(name: &str, text: &str, layer: Layer) -> (PolicyFile, Vec<Problem>) {
        let mut document = Document::new(name, text);
        let tree = document.parse();
        let mut file = PolicyFile {
            name: name.to_owned(),
            text: text.to_owned(),
            layer,
            pack: None,
            version: None,
            tools: Tools::default(),
            rules: Vec::new(),
            relaxes: Vec::new(),
            lists: Vec::new(),
            scopes: BTreeMap::new(),
            settings: Written::default(),
            profiles: Vec::new(),
            loosening: Vec::new(),
        };
        if document.problems.is_empty() {
            file.take(&mut document, Table::new(tree.get_ref(), 0..0));
        }
        (file, document.problems)
    }

    /// A problem at a place of this file.
    #[must_use]
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem::at(&self.name, &self.text, span, message, remedy)
    }

    fn take(&mut self, document: &mut Document<'_>, mut table: Table<'_, '_>) {
        let format = table.require(document, "format", "a policy file", "write format = 1 as its first line");
        if let Some(item) = format
            && document.number(item).is_some_and(|number| number != 1)
        {
            document.problem(
                item.span(),
                "this format is not known to this vetsh",
                "write format = 1, or update vetsh",
            );
        }
        self.pack = table.take("pack").and_then(|item| document.string(item)).map(|text| text.value);
        self.version = table.take("version").and_then(|item| document.string(item)).map(|text| text.value);
        self.take_settings(document, &mut table);
        if let Some(item) = table.take("list") {
            self.take_lists(document, item);
        }
        if let Some(item) = table.take("scope") {
            self.take_scopes(document, item);
        }
        if let Some((key, item)) = table.take_with_key("tool") {
            self.loosening.push(("[tool]", key));
            self.tools.read(document, item);
        }
        if let Some(item) = table.take("rule") {
            let tables = document.tables(item);
            self.rules = tables.into_iter().filter_map(|table| read_rule(document, table, self.layer)).collect();
        }
        if let Some((key, item)) = table.take_with_key("relax") {
            self.loosening.push(("[[relax]]", key));
            let tables = document.tables(item);
            self.relaxes = tables.into_iter().filter_map(|table| read_relax(document, table, self.layer)).collect();
        }
        table.finish(document, "a policy file", KEYS);
    }

    fn take_settings(&mut self, document: &mut Document<'_>, table: &mut Table<'_, '_>) {
        if let Some((key, item)) = table.take_with_key("approval") {
            self.loosening.push(("[approval]", key));
            self.settings.approval(document, item);
        }
        if let Some(item) = table.take("environment") {
            self.settings.environment(document, item);
        }
        if let Some((key, item)) = table.take_with_key("workspace") {
            self.loosening.push(("[workspace]", key));
            self.settings.workspace(document, item);
        }
        if let Some((key, item)) = table.take_with_key("audit") {
            self.loosening.push(("[audit]", key));
            self.settings.audit(document, item);
        }
        if let Some((key, item)) = table.take_with_key("shell") {
            if self.layer == Layer::System {
                self.settings.shell(document, item);
            } else {
                let remedy = "write it into /etc/vetsh/policy.toml, as root";
                document.problem(key, "only the system's file says which shells are real", remedy);
            }
        }
        if let Some(item) = table.take("session") {
            self.settings.session(document, item);
        }
        if let Some((key, item)) = table.take_with_key("walls") {
            if self.layer == Layer::User {
                self.loosening.push(("[walls]", key));
            }
            self.settings.walls(document, item, self.layer == Layer::Project);
        }
        if let Some(item) = table.take("profile") {
            let profiles = document.table(item).map(|mut table| table.rest()).unwrap_or_default();
            for (name, span, item) in profiles {
                self.profiles.extend(WrittenProfile::read(document, name, span, item));
            }
        }
        let until = table.take("observe_until");
        if let Some((key, item)) = table.take_with_key("enforce") {
            self.loosening.push(("enforce", key));
            self.settings.enforce(document, item, until);
        }
    }

    fn take_lists(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut lists) = document.table(item) else { return };
        for (name, span, item) in lists.rest() {
            if super::when_table::list_name(&format!("@{name}")).is_none() {
                document.problem(
                    span.clone(),
                    format!("`{name}` is no list name"),
                    "use small letters, digits and dashes",
                );
            }
            let mut change = ListChange {
                name: name.to_owned(),
                span: span.clone(),
                add: Vec::new(),
                remove: Vec::new(),
                defines: false,
            };
            if item.get_ref().is_array() || item.get_ref().is_str() {
                change.defines = true;
                change.add = document.strings(item).into_iter().map(|text| text.value).collect();
            } else if let Some(mut table) = document.table(item) {
                change.add = strings(document, &mut table, "add");
                change.remove = strings(document, &mut table, "remove");
                table.finish(document, "a list", &["add", "remove"]);
            }
            if !change.remove.is_empty() {
                self.loosening.push(("a list's `remove`", span));
            }
            self.lists.push(change);
        }
    }

    fn take_scopes(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut scopes) = document.table(item) else { return };
        for (name, span, item) in scopes.rest() {
            let Some(scope) = Scope::from_name(name) else {
                let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
                document.problem(span, format!("`{name}` is no scope"), format!("one of: {}", known.join(" ")));
                continue;
            };
            match scope {
                Scope::Workspace | Scope::System | Scope::Device => {
                    document.problem(
                        span,
                        format!("paths cannot be added to scope {name}"),
                        "see `workspace.roots` for the workspace",
                    );
                    continue;
                }
                Scope::Temp | Scope::Cache | Scope::Home => self.loosening.push(("a laxer scope", span)),
                Scope::Sensitive | Scope::Credential | Scope::Restricted | Scope::Guard => {}
            }
            let Some(mut table) = document.table(item) else { continue };
            let Some(item) = table.take("add") else {
                document.problem(item.span(), "a scope needs `add`", "write { add = [\"~/vault/**\"] }");
                continue;
            };
            let texts = document.strings(item);
            for text in
                texts.iter().filter(|text| text.value.is_empty() || text.value.split('/').any(|part| part == ".."))
            {
                document.problem(
                    text.span.clone(),
                    "a path pattern is written without `..`",
                    "write ~/…, /…, or relative to the workspace",
                );
            }
            table.finish(document, "a scope", &["add"]);
            self.scopes.entry(scope).or_default().extend(texts.into_iter().map(|text| text.value));
        }
    }
}

fn strings(document: &mut Document<'_>, table: &mut Table<'_, '_>, key: &str) -> Vec<String> {
    let Some(item) = table.take(key) else { return Vec::new() };
    document.strings(item).into_iter().map(|text| text.value).collect()
}
