//! `[tool.NAME]` tables: what the words of a program mean. Subcommands inherit the syntax, and the options of a tool whose
//! syntax says `persistent`.

use super::Tier;
use super::document::{Document, Item, Table};
use super::example::{Case, Expectation, examples};
use super::notation;
use crate::action::EffectKind;
use crate::action::tool::{Command, DeclaredEffect, Form, OptionSpec, Syntax};

/// A tool or subcommand as declared.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Index of the tool or subcommand it belongs to, in the same list.
    pub parent: Option<usize>,
    /// Its names: the declared one first, then `also`.
    pub names: Vec<String>,
    /// What its words mean.
    pub command: Command,
    /// It says something itself; `false` for one that is only named on the way to a subcommand.
    pub explicit: bool,
    /// Where its table stands, for messages.
    pub start: usize,
}

/// All tools of a file, a parent before its subcommands, with their examples.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// The tools.
    pub list: Vec<Declared>,
    /// Their examples.
    pub cases: Vec<Case>,
}

pub(super) const KEYS: &[&str] = &[
    "also",
    "syntax",
    "options",
    "operands",
    "forms",
    "effects",
    "environment",
    "runner",
    "sub",
    "autonomous",
    "supervised",
    "prohibited",
];

struct Above<'a> {
    index: Option<usize>,
    path: &'a [String],
    syntax: Syntax,
    persistent: &'a [OptionSpec],
}

impl Tools {
    /// Reads the `[tool]` table.
    pub fn read(&mut self, document: &mut Document<'_>, item: Item<'_, '_>) {
        let Some(mut table) = document.table(item) else { return };
        for (name, span, item) in table.rest() {
            let above = Above { index: None, path: &[], syntax: Syntax::default(), persistent: &[] };
            self.tool(document, name, span.start, item, &above);
        }
    }

    fn tool(&mut self, document: &mut Document<'_>, name: &str, start: usize, item: Item<'_, '_>, above: &Above<'_>) {
        let Some(mut table) = document.table(item) else { return };
        let mut command = Command { path: above.path.to_vec(), ..Command::default() };
        command.path.push(name.to_owned());
        let mut names = vec![name.to_owned()];
        if let Some(item) = table.take("also") {
            names.extend(document.strings(item).into_iter().map(|text| text.value));
        }
        command.syntax = match table.take("syntax") {
            Some(item) => {
                let words = document.strings(item);
                notation::syntax(document, &words)
            }
            // A program's own options may have to stand before its subcommand; the subcommand's need not.
            None => Syntax(above.syntax.0 & !Syntax::STOP_AT_OPERAND.0),
        };
        let says_options = self.words(document, &mut table, &mut command, above);
        let executes = |effect: &DeclaredEffect| effect.kind == EffectKind::Executes;
        if command.runner && !command.effects.iter().any(executes) {
            command.effects.push(DeclaredEffect { kind: EffectKind::Executes, object: Some("workspace".to_owned()) });
        }
        let subs = table.take("sub");
        command.has_subs = subs.is_some();
        let says_operands = command.runner || !command.operands.is_empty() || !command.effects.is_empty();
        command.sub_required = command.has_subs && !says_operands && !says_options.effects;
        self.examples(document, &mut table, &command.path);
        table.finish(document, "a tool", KEYS);

        let index = self.list.len();
        let path = command.path.clone();
        let syntax = command.syntax;
        let persistent: Vec<OptionSpec> =
            if syntax.has(Syntax::PERSISTENT) { command.options.clone() } else { Vec::new() };
        let explicit = says_options.any || command.runner || subs.is_none();
        self.list.push(Declared { parent: above.index, names, command, explicit, start });
        let Some(mut subs) = subs.and_then(|item| document.table(item)) else { return };
        let below = Above { index: Some(index), path: &path, syntax, persistent: &persistent };
        for (name, span, item) in subs.rest() {
            self.tool(document, name, span.start, item, &below);
        }
    }

    fn words(
        &self,
        document: &mut Document<'_>,
        table: &mut Table<'_, '_>,
        command: &mut Command,
        above: &Above<'_>,
    ) -> Says {
        let mut says = Says::default();
        if let Some(item) = table.take("options") {
            says.any = true;
            let texts = document.strings(item);
            for text in &texts {
                if let Some(spec) = notation::option(document, text) {
                    if let Some(twice) = spec.names.iter().find(|name| declares(&command.options, name)) {
                        document.problem(
                            text.span.clone(),
                            format!("`{twice}` is declared twice"),
                            "keep one of the two",
                        );
                    }
                    command.options.push(spec);
                }
            }
        }
        for spec in above.persistent {
            let mut spec = spec.clone();
            spec.names.retain(|name| !declares(&command.options, name));
            if !spec.names.is_empty() {
                command.options.push(spec);
            }
        }
        if let Some(item) = table.take("operands") {
            says.any = true;
            says.effects = true;
            command.operands = operands(document, item);
        }
        if let Some(item) = table.take("forms") {
            says.any = true;
            command.forms = document
                .tables(item)
                .into_iter()
                .filter_map(|form| read_form(document, form, &command.options))
                .collect();
        }
        if let Some(item) = table.take("effects") {
            says.any = true;
            says.effects = true;
            let texts = document.strings(item);
            command.effects = texts.iter().filter_map(|text| notation::effect(document, text)).collect();
        }
        if let Some(item) = table.take("environment") {
            let texts = document.strings(item);
            command.environment = texts.iter().flat_map(|text| notation::environment(document, text)).collect();
        }
        if let Some(item) = table.take("runner") {
            command.runner = document.boolean(item).unwrap_or(false);
        }
        says
    }

    fn examples(&mut self, document: &mut Document<'_>, table: &mut Table<'_, '_>, path: &[String]) {
        for tier in [Tier::Autonomous, Tier::Supervised, Tier::Prohibited] {
            let Some(item) = table.take(tier.name()) else { continue };
            for example in examples(document, item) {
                // A disguise of an autonomous line may well be stricter (sudo); of the others it must not be laxer.
                let disguise = tier > Tier::Autonomous;
                self.cases.push(Case { of: path.join(" "), example, expect: Expectation::Tier(tier), disguise });
            }
        }
    }
}

/// What a table says of itself.
#[derive(Default)]
struct Says {
    any: bool,
    /// Operands or effects, if only that there are none: complete without a subcommand.
    effects: bool,
}

fn operands(document: &mut Document<'_>, item: Item<'_, '_>) -> Vec<crate::action::tool::Operand> {
    let texts = document.strings(item);
    texts.iter().filter_map(|text| notation::operand(document, text)).collect()
}

fn read_form(document: &mut Document<'_>, mut table: Table<'_, '_>, declared: &[OptionSpec]) -> Option<Form> {
    let remedy = "write { if = [\"--option\"], operands = [\"role\"] } or { if = [\"--option\"], effects = [] }";
    let bare = table.take("bare").and_then(|item| document.boolean(item)).unwrap_or(false);
    let options = match table.take("if") {
        Some(item) => document.strings(item),
        None if bare => Vec::new(),
        None => {
            table.require(document, "if", "a form", remedy)?;
            return None;
        }
    };
    let unless = table.take("unless").map(|item| document.strings(item)).unwrap_or_default();
    for option in options.iter().chain(&unless) {
        let name = option.value.split_once('=').map_or(option.value.as_str(), |(name, _)| name);
        if !declares(declared, &option.value) && !declares(declared, name) {
            document.problem(
                option.span.clone(),
                format!("`{}` is not declared here", option.value),
                "declare it in `options`",
            );
        }
    }
    let effects = table.take("effects").map(|item| {
        let texts = document.strings(item);
        texts.iter().filter_map(|text| notation::effect(document, text)).collect()
    });
    let operands = match table.take("operands") {
        Some(item) => Some(operands(document, item)),
        None if effects.is_some() => None,
        None => {
            table.require(document, "operands", "a form", remedy)?;
            return None;
        }
    };
    table.finish(document, "a form", &["if", "bare", "unless", "operands", "effects"]);
    let [options, unless] = [options, unless].map(|texts| texts.into_iter().map(|text| text.value).collect());
    Some(Form { options, bare, unless, operands, effects })
}

fn declares(options: &[OptionSpec], name: &str) -> bool {
    options.iter().any(|spec| spec.names.iter().any(|known| known == name))
}
