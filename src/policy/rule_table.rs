//! `[[rule]]` and `[[relax]]` tables.

use std::ops::Range;

use super::asking;
use super::document::{Document, Item, Table, Text};
use super::example::{Case, Expectation, examples};
use super::rule::{Layer, Relax, Rule};
use super::when_table::{Lists, read_when, read_whens};
use super::{FlowWhen, Tier};

/// A rule as written, with its examples and the lists it names.
#[derive(Clone, Debug)]
pub struct WrittenRule {
    /// The rule.
    pub rule: Rule,
    /// Its examples.
    pub cases: Vec<Case>,
    /// The lists it names.
    pub lists: Lists,
    /// Where its id stands.
    pub span: Range<usize>,
}

/// A relaxation as written.
#[derive(Clone, Debug)]
pub struct WrittenRelax {
    /// The relaxation.
    pub relax: Relax,
    /// The lists it names.
    pub lists: Lists,
    /// Where the rule's id stands.
    pub span: Range<usize>,
}

pub(super) const RULE_KEYS: &[&str] = &[
    "id",
    "tier",
    "what",
    "why",
    "instead",
    "undo",
    "approvals",
    "require",
    "confirm",
    "maps",
    "locked",
    "profile",
    "when",
    "flow",
    "match",
    "pass",
];
pub(super) const RELAX_KEYS: &[&str] = &["rule", "to", "reason", "when", "expires"];

/// Reads one `[[rule]]`.
pub fn read_rule(document: &mut Document<'_>, mut table: Table<'_, '_>, layer: Layer) -> Option<WrittenRule> {
    let at = table.span.clone();
    let id = needed(
        document,
        &mut table,
        "id",
        "give it an id of the form pack.pattern, for example \"project.migrations\"",
    );
    if let Some(id) = &id {
        check_id(document, id, layer);
    }
    let name = id.as_ref().map_or("a rule".to_owned(), |id| format!("rule `{}`", id.value));
    let tier = needed(document, &mut table, "tier", "write tier = \"supervised\" or \"prohibited\"");
    let tier = tier.and_then(|text| rule_tier(document, &text));
    let what = needed(document, &mut table, "what", "say what it guards against, as a noun phrase");
    let why = needed(document, &mut table, "why", "say why that matters");
    let instead = needed(document, &mut table, "instead", "say what to do instead: the agent reads it");
    let mut lists = Lists::default();
    let when = table.take("when").map(|item| read_whens(document, item, &mut lists)).unwrap_or_default();
    let flow = table.take("flow").and_then(|item| read_flow(document, item, &mut lists));
    if when.is_empty() == flow.is_none() {
        document.problem(
            at.clone(),
            format!("{name} needs either `when` or `flow`"),
            "write when = { program = \"…\" }",
        );
    }
    let rule = Rule {
        id: id.as_ref().map(|id| id.value.clone()).unwrap_or_default(),
        tier: tier.unwrap_or(Tier::Prohibited),
        what: what.map(|text| text.value).unwrap_or_default(),
        why: why.map(|text| text.value).unwrap_or_default(),
        instead: instead.map(|text| text.value),
        undo: optional(document, &mut table, "undo"),
        approvals: table.take("approvals").and_then(|item| asking::approvals(document, item)).unwrap_or(1),
        require: table.take("require").map(|item| asking::require(document, item)).unwrap_or_default(),
        typed: table.take("confirm").is_some_and(|item| typed(document, item)),
        maps: table.take("maps").map(|item| plain(document, item)).unwrap_or_default(),
        locked: table.take("locked").and_then(|item| document.boolean(item)).unwrap_or(false),
        profile: optional(document, &mut table, "profile"),
        when,
        flow,
        layer,
    };
    let cases = read_cases(document, &mut table, &rule, &at, &name);
    table.finish(document, "a rule", RULE_KEYS);
    let span = id?.span;
    Some(WrittenRule { rule, cases, lists, span })
}

/// Reads one `[[relax]]`.
pub fn read_relax(document: &mut Document<'_>, mut table: Table<'_, '_>, layer: Layer) -> Option<WrittenRelax> {
    let rule = needed(document, &mut table, "rule", "name the rule by its id");
    let to = needed(document, &mut table, "to", "write to = \"autonomous\" or \"supervised\"");
    let to = to.and_then(|text| match text.value.as_str() {
        "autonomous" => Some(Tier::Autonomous),
        "supervised" => Some(Tier::Supervised),
        _ => {
            document.problem(text.span, "a relaxation lowers to autonomous or supervised", "write to = \"autonomous\"");
            None
        }
    });
    let reason =
        needed(document, &mut table, "reason", "say why this is safe here: it stands in every record it touches");
    if let Some(reason) = reason.as_ref().filter(|reason| reason.value.trim().is_empty()) {
        document.problem(reason.span.clone(), "the reason is empty", "say why this is safe here");
    }
    let mut lists = Lists { loosening: true, ..Lists::default() };
    let when_item = table.take("when");
    let when = when_item.map(|item| read_whens(document, item, &mut lists)).unwrap_or_default();
    if let Some(item) = when_item {
        for claimed in when.iter().flat_map(super::when_table::claimed) {
            document.problem(
                item.span(),
                format!("`context.{claimed}` is claimed by the environment, so it cannot relax a rule"),
                "use a measured condition (branch, time, profile, walls, host), or drop it",
            );
        }
    }
    let expires = table.take("expires").and_then(|item| document.date(item));
    table.finish(document, "a relaxation", RELAX_KEYS);
    let rule = rule?;
    let relax = Relax { rule: rule.value, to: to?, reason: reason?.value, when, expires, layer };
    Some(WrittenRelax { relax, lists, span: rule.span })
}

fn read_flow(document: &mut Document<'_>, item: Item<'_, '_>, lists: &mut Lists) -> Option<FlowWhen> {
    let remedy = "write flow = { from = { effect = \"connects\" }, to = { effect = \"executes\" } }";
    let mut table = document.table(item)?;
    let from = table.require(document, "from", "a flow", remedy);
    let to = table.require(document, "to", "a flow", remedy);
    table.finish(document, "a flow", &["from", "to"]);
    let from = from.and_then(|item| read_when(document, item, lists, true));
    let to = to.and_then(|item| read_when(document, item, lists, true));
    Some(FlowWhen { from: from?, to: to? })
}

fn read_cases(
    document: &mut Document<'_>,
    table: &mut Table<'_, '_>,
    rule: &Rule,
    at: &Range<usize>,
    name: &str,
) -> Vec<Case> {
    let behind_wrapper = rule.when.iter().any(|when| !when.via.is_empty());
    let mut cases = Vec::new();
    for (key, fires) in [("match", true), ("pass", false)] {
        let listed = table.take(key).map(|item| examples(document, item)).unwrap_or_default();
        if listed.len() < 2 {
            let meaning =
                if fires { "lines on which it fires" } else { "lines on which it does not, one of them a near miss" };
            document.problem(
                at.clone(),
                format!("{name} needs at least two examples under `{key}`"),
                format!("add {meaning}"),
            );
        }
        for example in listed {
            let id = rule.id.clone();
            let expect = if fires { Expectation::Fires(id.clone()) } else { Expectation::Passes(id.clone()) };
            cases.push(Case { of: id, example, expect, disguise: fires && !behind_wrapper });
        }
    }
    cases
}

fn check_id(document: &mut Document<'_>, id: &Text, layer: Layer) {
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !part.starts_with('-')
    };
    let parts = id.value.split_once('.');
    if !parts.is_some_and(|(pack, pattern)| word(pack) && word(pattern)) {
        document.problem(
            id.span.clone(),
            format!("`{}` is no rule id", id.value),
            "an id is pack.pattern in small letters, digits and dashes, for example \"project.migrations\"",
        );
    } else if parts.is_some_and(|(pack, _)| pack == "core") && layer != Layer::Builtin {
        document.problem(id.span.clone(), "ids of the form core.… are vetsh's own", "choose another first part");
    }
}

fn rule_tier(document: &mut Document<'_>, text: &Text) -> Option<Tier> {
    match text.value.as_str() {
        "supervised" => Some(Tier::Supervised),
        "prohibited" => Some(Tier::Prohibited),
        "autonomous" => {
            let remedy = "autonomy comes from tool knowledge: declare a [tool], or [[relax]] a named rule";
            document.problem(text.span.clone(), "a rule cannot make anything autonomous", remedy);
            None
        }
        other => {
            document.problem(
                text.span.clone(),
                format!("`{other}` is no tier"),
                "write \"supervised\" or \"prohibited\"",
            );
            None
        }
    }
}

fn typed(document: &mut Document<'_>, item: Item<'_, '_>) -> bool {
    let Some(text) = document.string(item) else { return true };
    if text.value != "typed" {
        document.problem(
            text.span,
            format!("`{}` is no way to confirm", text.value),
            "write confirm = \"typed\", or drop it",
        );
    }
    true
}

fn needed(document: &mut Document<'_>, table: &mut Table<'_, '_>, key: &str, remedy: &str) -> Option<Text> {
    let item = table.require(document, key, "this table", remedy)?;
    document.string(item)
}

fn optional(document: &mut Document<'_>, table: &mut Table<'_, '_>, key: &str) -> Option<String> {
    let item = table.take(key)?;
    document.string(item).map(|text| text.value)
}

fn plain(document: &mut Document<'_>, item: Item<'_, '_>) -> Vec<String> {
    document.strings(item).into_iter().map(|text| text.value).collect()
}
