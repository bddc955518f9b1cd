//! kubectl and helm: files behind `key=`, and charts that are a directory or come from a registry.

use super::super::host::{self, Place};
use super::super::reader::{Reader, tail};
use super::super::split::Words;
use crate::action::world::FileKind;
use crate::action::{EffectKind, Flags, Object, Value, path};

/// `--from-file=[key=]path`. The configuration it would take anyway is what it goes by and not what it prints.
pub(super) fn kubectl(reader: &mut Reader<'_>, words: &Words) {
    files(reader, words, "--from-file");
    own_configuration(reader, words);
}

/// `--kubeconfig ~/.kube/config` changes nothing.
fn own_configuration(reader: &mut Reader<'_>, words: &Words) {
    let Some(own) = reader.around.world.home().map(|home| [home.as_slice(), b"/.kube/config"].concat()) else { return };
    let is_own = |value: &Value| path::absolute(&reader.cwd, value).text() == Some(own.as_slice());
    let Some(given) = words.option("--kubeconfig").and_then(|given| given.value.clone()).filter(is_own) else { return };
    reader.reading.effects.retain(|effect| match effect.kind {
        EffectKind::Reads => effect.span != given.span,
        EffectKind::Executes => false,
        _ => true,
    });
}

/// Where the chart comes from, and the files that values are taken from.
pub(super) fn helm(reader: &mut Reader<'_>, words: &Words) {
    files(reader, words, "--set-file");
    own_configuration(reader, words);
    for given in words.given.iter().filter_map(|given| given.value.as_ref()) {
        if let Place::Host(host) = host::url(given)
            && given.prefix().windows(3).any(|three| three == b"://")
        {
            reader.effect(EffectKind::Connects, Object::Host(host), given);
        }
    }
    if !matches!(reader.reading.sub.first().map(String::as_str), Some("template" | "show")) {
        return;
    }
    let Some(chart) = words.operands.last().cloned() else { return };
    if words.any(&["--repo"]) || !is_local(reader, &chart) {
        let registry = Object::Named(Value::known("the chart's registry"));
        return reader.effect(EffectKind::Connects, registry, &chart);
    }
    reader.reads(&chart, Flags::default());
}

/// Whether helm takes the chart from the disk: a path, or what is there under that name.
fn is_local(reader: &Reader<'_>, chart: &Value) -> bool {
    let Some(text) = chart.text() else { return false };
    let absolute = path::absolute(&reader.cwd, chart);
    let there = absolute.text().map(|at| reader.around.world.kind(at));
    text.starts_with(b".") || text.starts_with(b"/") || matches!(there, Some(FileKind::File | FileKind::Directory))
}

/// Values `path` or `key=path`, also several with commas.
fn files(reader: &mut Reader<'_>, words: &Words, option: &str) {
    let level = |given: &&super::super::split::Given| words.is(given, option);
    let values: Vec<Value> = words.given.iter().filter(level).filter_map(|given| given.value.clone()).collect();
    for value in values {
        let from = value.prefix().iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1);
        reader.reads(&tail(&value, from), Flags::default());
    }
}
