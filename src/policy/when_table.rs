//! Conditions: the tables under `when`, `flow`, `not`, `effect`, `context`, `impact`.

use std::ops::Range;

use super::document::{Document, Item, Table, Text, nearest};
use super::rule::{ContextWhen, EffectWhen, ImpactWhen, When};
use crate::action::{Coverage, EffectKind, Flag, Scope};

/// The lists that conditions name, each with its place.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Named.
    pub named: Vec<NamedList>,
    /// The condition read now loosens where it is met (it belongs to a relaxation, or stands under `not`).
    pub loosening: bool,
}

/// A list named in a condition.
#[derive(Clone, Debug)]
pub struct NamedList {
    /// Without the `@`.
    pub name: String,
    /// Where.
    pub span: Range<usize>,
    /// A longer list would loosen.
    pub loosening: bool,
}

pub(super) const WHEN_KEYS: &[&str] = &[
    "program",
    "sub",
    "option",
    "flag",
    "operand",
    "host",
    "package",
    "ref",
    "remote",
    "via",
    "coverage",
    "content",
    "effect",
    "context",
    "impact",
    "risk_at_least",
    "not",
];
pub(super) const EFFECT_KEYS: &[&str] = &["kind", "scope", "path", "host", "flag"];
pub(super) const CONTEXT_KEYS: &[&str] =
    &["branch", "time", "agent", "profile", "env", "kube", "cloud", "walls", "host"];
pub(super) const IMPACT_KEYS: &[&str] = &["rows_over", "files_over", "bytes_over", "commits_over"];
pub(super) const CONTENT: &[&str] = &["look-alike", "bidi", "zero-width", "control", "injection", "secret", "personal"];
pub(super) const COVERAGE: &[&str] = &["full", "partial", "opaque"];

/// A table, or an array of tables of which any may hold.
pub fn read_whens(document: &mut Document<'_>, item: Item<'_, '_>, lists: &mut Lists) -> Vec<When> {
    match item.get_ref().as_array() {
        Some(array) => array.iter().filter_map(|entry| read_when(document, entry, lists, true)).collect(),
        None => read_when(document, item, lists, true).into_iter().collect(),
    }
}

/// One condition. `not` is allowed once.
pub fn read_when(document: &mut Document<'_>, item: Item<'_, '_>, lists: &mut Lists, not: bool) -> Option<When> {
    let mut table = document.table(item)?;
    let mut read = Reader { document, table: &mut table, lists };
    let mut when = When {
        program: read.patterns("program"),
        sub: read.patterns("sub"),
        option: read.patterns("option"),
        flag: read.flags(),
        operand: read.patterns("operand"),
        host: read.patterns("host"),
        package: read.patterns("package"),
        refs: read.patterns("ref"),
        remote: read.patterns("remote"),
        via: read.patterns("via"),
        coverage: read.coverage(),
        content: read.words("content", CONTENT),
        effect: read.effect(),
        context: read.context(),
        impact: read.impact(),
        risk_at_least: read.risk(),
        not: None,
    };
    if let Some((key, item)) = table.take_with_key("not") {
        if not {
            lists.loosening = !lists.loosening;
            when.not = read_when(document, item, lists, false).map(Box::new);
            lists.loosening = !lists.loosening;
        } else {
            document.problem(key, "`not` inside `not`", "say it without the double negation");
        }
    }
    let empty = when == When::default();
    table.finish(document, "a condition", WHEN_KEYS);
    if empty {
        document.problem(
            item.span(),
            "a condition that asks nothing would always hold",
            "name a program, an effect, a flag …",
        );
        return None;
    }
    Some(when)
}

/// The claimed conditions in it.
pub fn claimed(when: &When) -> Vec<&'static str> {
    let mut found = Vec::new();
    if let Some(context) = &when.context {
        let claims =
            [("agent", &context.agent), ("env", &context.env), ("kube", &context.kube), ("cloud", &context.cloud)];
        found.extend(claims.into_iter().filter(|(_, asked)| !asked.is_empty()).map(|(name, _)| name));
    }
    if let Some(not) = &when.not {
        found.extend(claimed(not));
    }
    found
}

struct Reader<'r, 'a, 't, 'i> {
    document: &'r mut Document<'a>,
    table: &'r mut Table<'t, 'i>,
    lists: &'r mut Lists,
}

impl<'a, 't, 'i> Reader<'_, 'a, 't, 'i> {
    fn texts(&mut self, key: &str) -> Vec<Text> {
        let Some(item) = self.table.take(key) else { return Vec::new() };
        let texts = self.document.strings(item);
        if texts.is_empty() {
            self.document.problem(item.span(), format!("`{key}` is empty"), "name at least one, or drop the key");
        }
        texts
    }

    /// Globs and `@lists`.
    fn patterns(&mut self, key: &str) -> Vec<String> {
        let texts = self.texts(key);
        for text in &texts {
            if let Some(name) = list_name(&text.value) {
                let named =
                    NamedList { name: name.to_owned(), span: text.span.clone(), loosening: self.lists.loosening };
                self.lists.named.push(named);
            }
        }
        texts.into_iter().map(|text| text.value).collect()
    }

    /// Words of a closed list.
    fn words(&mut self, key: &str, known: &[&str]) -> Vec<String> {
        let texts = self.texts(key);
        texts.into_iter().filter(|text| self.known(text, key, known)).map(|text| text.value).collect()
    }

    fn known(&mut self, text: &Text, key: &str, known: &[&str]) -> bool {
        if known.contains(&text.value.as_str()) {
            return true;
        }
        let remedy = match nearest(&text.value, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("one of: {}", known.join(" ")),
        };
        self.document.problem(text.span.clone(), format!("`{}` is no {key}", text.value), remedy);
        false
    }

    fn flags(&mut self) -> Vec<Flag> {
        let known: Vec<&str> = Flag::ALL.iter().map(|flag| flag.name()).collect();
        self.words("flag", &known).iter().filter_map(|name| Flag::from_name(name)).collect()
    }

    fn coverage(&mut self) -> Vec<Coverage> {
        let all = [Coverage::Full, Coverage::Partial, Coverage::Opaque];
        let words = self.words("coverage", COVERAGE);
        all.into_iter().filter(|coverage| words.iter().any(|word| word == coverage.name())).collect()
    }

    fn inner<T>(
        &mut self,
        key: &str,
        what: &str,
        keys: &[&str],
        read: impl FnOnce(&mut Reader<'_, 'a, 't, 'i>) -> T,
    ) -> Option<T> {
        let item = self.table.take(key)?;
        let mut table = self.document.table(item)?;
        let value = read(&mut Reader { document: self.document, table: &mut table, lists: self.lists });
        table.finish(self.document, what, keys);
        Some(value)
    }

    fn effect(&mut self) -> Option<EffectWhen> {
        let kinds: Vec<&str> = EffectKind::ALL.iter().map(|kind| kind.name()).collect();
        let item = self.table.take("effect")?;
        // A string is short for the kind.
        if item.get_ref().is_str() || item.get_ref().is_array() {
            let texts = self.document.strings(item);
            let texts: Vec<Text> = texts.into_iter().filter(|text| self.known(text, "effect", &kinds)).collect();
            let kind = texts.iter().filter_map(|text| EffectKind::from_name(&text.value)).collect();
            return Some(EffectWhen { kind, ..EffectWhen::default() });
        }
        let mut table = self.document.table(item)?;
        let mut inner = Reader { document: self.document, table: &mut table, lists: self.lists };
        let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
        let effect = EffectWhen {
            kind: inner.words("kind", &kinds).iter().filter_map(|name| EffectKind::from_name(name)).collect(),
            scope: inner.words("scope", &scopes).iter().filter_map(|name| Scope::from_name(name)).collect(),
            path: inner.patterns("path"),
            host: inner.patterns("host"),
            flag: inner.flags(),
        };
        table.finish(self.document, "`effect`", EFFECT_KEYS);
        Some(effect)
    }

    fn context(&mut self) -> Option<ContextWhen> {
        self.inner("context", "`context`", CONTEXT_KEYS, |read| ContextWhen {
            branch: read.patterns("branch"),
            time: read.times(),
            agent: read.patterns("agent"),
            profile: read.patterns("profile"),
            env: read.patterns("env"),
            kube: read.patterns("kube"),
            cloud: read.patterns("cloud"),
            walls: read.patterns("walls"),
            host: read.patterns("host"),
        })
    }

    fn times(&mut self) -> Vec<String> {
        let texts = self.texts("time");
        for text in texts.iter().filter(|text| !is_time(&text.value)) {
            let remedy = "write \"22:00-06:00\", a weekday (\"sat\") or a span of them (\"mon-fri\")";
            self.document.problem(text.span.clone(), format!("`{}` is no span of time", text.value), remedy);
        }
        texts.into_iter().map(|text| text.value).collect()
    }

    fn impact(&mut self) -> Option<ImpactWhen> {
        self.inner("impact", "`impact`", IMPACT_KEYS, |read| {
            let mut number = |key: &str| {
                let item = read.table.take(key)?;
                read.document.number(item)
            };
            ImpactWhen {
                rows_over: number("rows_over"),
                files_over: number("files_over"),
                bytes_over: number("bytes_over"),
                commits_over: number("commits_over"),
            }
        })
    }

    fn risk(&mut self) -> Option<u8> {
        let item = self.table.take("risk_at_least")?;
        let number = self.document.number(item)?;
        let risk = u8::try_from(number).ok().filter(|risk| *risk <= 100);
        if risk.is_none() {
            self.document.problem(item.span(), "risk is a number from 0 to 100", "write a number from 0 to 100");
        }
        risk
    }
}

/// `@protected`: the name of a list. `@scope/package` is a package.
#[must_use]
pub fn list_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('@')?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'))
        .then_some(name)
}

const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn is_time(text: &str) -> bool {
    let clock = |part: &str| {
        part.split_once(':').is_some_and(|(hour, minute)| {
            hour.len() == 2
                && minute.len() == 2
                && hour.parse::<u8>().is_ok_and(|hour| hour < 24)
                && minute.parse::<u8>().is_ok_and(|minute| minute < 60)
        })
    };
    match text.split_once('-') {
        Some((from, to)) => (clock(from) && clock(to)) || (DAYS.contains(&from) && DAYS.contains(&to)),
        None => DAYS.contains(&text),
    }
}
