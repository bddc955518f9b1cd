//! What `git push` publishes: its refspecs, or those of configuration, down to the branches on the other side.

use super::super::super::reader::{Reader, certain, tail};
use super::super::super::split::Words;
use super::repository::Repository;
use crate::action::{Bound, Effect, EffectKind, Feed, Flag, Flags, Object, Value};

/// Replaces the declared *publishes* by one for each ref that moves.
pub(super) fn read(reader: &mut Reader<'_>, words: &Words, repository: Option<&Repository>) {
    if reader.harmless || !reader.has(EffectKind::Publishes) {
        return;
    }
    reader.reading.effects.retain(|effect| effect.kind != EffectKind::Publishes);
    let current =
        repository.map_or_else(|| Value::hole("the branch that is checked out", Bound::Anything), Repository::branch);
    let remote = words.operands.first().cloned().unwrap_or_else(|| Value::known(upstream_remote(&current, repository)));
    if words.operands.is_empty() {
        let host = repository.and_then(|repository| repository.remote_host(remote.text()?));
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Connects);
        reader.own(EffectKind::Connects, Object::Remote { name: remote.clone(), host });
    }
    let all = words.any(&["--all", "--branches", "--mirror"]);
    let mut given: Vec<Value> = words.operands.get(1..).unwrap_or_default().to_vec();
    if given.is_empty() && !all {
        let configured = repository.iter().flat_map(|repository| {
            repository.values("remote", remote.text().unwrap_or_default(), "push").map(Value::known).collect::<Vec<_>>()
        });
        given.extend(configured);
    }
    if all {
        publish(reader, Value::hole("every branch", Bound::Anything), Flags::default().with(Flag::AllRefs));
    } else if given.is_empty() {
        if words.any(&["--tags"]) {
            publish(reader, Value::known("refs/tags/*"), Flags::default());
        } else {
            let target = default(&current, repository);
            publish(reader, target, Flags::default());
        }
    }
    let delete = words.any(&["--delete", "-d"]);
    let mut tag = false;
    for refspec in &given {
        if refspec.text() == Some(b"tag") {
            tag = true;
            continue;
        }
        let (target, mut flags) = self::target(refspec, &current);
        if delete {
            flags = flags.with(Flag::DeleteRef);
        }
        let target = match (tag, target.text()) {
            (true, Some(name)) => Value::known([b"refs/tags/", name].concat()).at(refspec.span),
            _ => target,
        };
        tag = false;
        reader.reading.flags = reader.reading.flags.union(flags);
        publish(reader, target, flags);
    }
}

/// The remote a bare push goes to.
fn upstream_remote(current: &Value, repository: Option<&Repository>) -> Vec<u8> {
    let Some(repository) = repository else { return b"origin".to_vec() };
    let branch = current.text();
    branch
        .and_then(|branch| repository.value("branch", Some(branch), b"pushremote"))
        .or_else(|| repository.value("remote", None, b"pushdefault"))
        .or_else(|| repository.value("branch", Some(branch?), b"remote"))
        .unwrap_or(b"origin")
        .to_vec()
}

/// The branch a bare push moves.
fn default(current: &Value, repository: Option<&Repository>) -> Value {
    let Some(repository) = repository else { return current.clone() };
    match repository.value("push", None, b"default") {
        Some(b"matching") => Value::hole("every branch of the same name", Bound::Anything),
        Some(b"upstream" | b"tracking") => current
            .text()
            .and_then(|branch| repository.value("branch", Some(branch), b"merge"))
            .map_or_else(|| current.clone(), |name| Value::known(short(name))),
        _ => current.clone(),
    }
}

/// The ref on the other side that a refspec moves, and how.
fn target(refspec: &Value, current: &Value) -> (Value, Flags) {
    let mut flags = Flags::default();
    let mut spec = refspec.clone();
    if spec.prefix().starts_with(b"+") {
        flags = flags.with(Flag::Force);
        spec = tail(&spec, 1);
    }
    if let Some(colon) = spec.prefix().iter().position(|byte| *byte == b':') {
        if colon == 0 {
            if spec.text() == Some(b":") {
                return (Value::hole("every branch of the same name", Bound::Anything), flags);
            }
            flags = flags.with(Flag::DeleteRef);
        }
        let target = tail(&spec, colon + 1);
        return (named(target, current), flags);
    }
    if spec.has_hole() && spec.parts.len() > 1 {
        // The hole may hold a colon: what it names is not known.
        let mut hole = Value::hole("a refspec that is known only when it runs", Bound::Anything).at(spec.span);
        hole.add_taint(&spec.taint);
        return (hole, flags);
    }
    (named(spec, current), flags)
}

fn named(target: Value, current: &Value) -> Value {
    match target.text() {
        Some(b"HEAD" | b"@") => current.clone().at(target.span),
        Some(name) => Value { taint: target.taint.clone(), ..Value::known(short(name)).at(target.span) },
        None => target,
    }
}

fn short(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"refs/heads/").or_else(|| name.strip_prefix(b"heads/")).unwrap_or(name)
}

fn publish(reader: &mut Reader<'_>, target: Value, flags: Flags) {
    let span = if target.span == crate::text::Span::default() { reader.at } else { target.span };
    let feed = Feed { taint: target.taint.clone(), ..Feed::default() };
    let certain = certain(&target);
    reader.reading.effects.push(Effect {
        kind: EffectKind::Publishes,
        object: Object::Ref(target),
        flags,
        certain,
        span,
        feed,
    });
}
