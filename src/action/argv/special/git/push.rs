//! What `git push` publishes: its refspecs, or those of configuration, down to the branches on the other side.

use super::super::super::reader::{Reader, certain, tail};
use super::super::super::split::Words;
use super::repository::Repository;
use crate::action::{Bound, Effect, EffectKind, Feed, Flag, Flags, Object, Part, Value};

/// Replaces the declared *publishes* by one for each ref that moves.
pub(super) fn read(reader: &mut Reader<'_>, words: &Words, repository: Option<&Repository>) {
    if reader.harmless || !reader.has(EffectKind::Publishes) {
        return;
    }
    reader.reading.effects.retain(|effect| effect.kind != EffectKind::Publishes);
    let current =
        repository.map_or_else(|| Value::hole("the branch that is checked out", Bound::Anything), Repository::branch);
    let remote = words.operands.first().cloned().unwrap_or_else(|| Value::known(upstream_remote(&current, repository)));
    let configured = |key: &str| {
        let values = repository.map(|repository| repository.values("remote", remote.text().unwrap_or_default(), key));
        values.into_iter().flatten().map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    if words.operands.is_empty() {
        let host = repository.and_then(|repository| repository.remote_host(remote.text()?));
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Connects);
        reader.own(EffectKind::Connects, Object::Remote { name: remote.clone(), host });
    }
    let mirrors = configured("mirror").last().is_some_and(|value| value != b"false");
    let all = words.any(&["--all", "--branches", "--mirror"]) || mirrors;
    let mut given: Vec<Value> = words.operands.get(1..).unwrap_or_default().to_vec();
    // A remote that was forgotten or given as an option: what stands in its place moves refs.
    if words.any(&["--repo"]) || given.is_empty() && words.operands.first().is_some_and(may_move) {
        given.extend(words.operands.first().cloned());
    }
    if given.is_empty() && !all {
        given.extend(configured("push").into_iter().map(Value::known));
    }
    // Without refspecs, `--prune` removes every branch that is not here.
    let prunes = words.any(&["--prune"]) && given.is_empty();
    if all || prunes {
        publish(reader, Value::hole("every branch", Bound::Anything), Flags::default().with(Flag::AllRefs));
    } else if given.is_empty() {
        if words.any(&["--tags"]) {
            publish(reader, Value::known("refs/tags/*"), Flags::default());
        } else {
            let (target, flags) = default(&current, repository);
            publish(reader, target, flags);
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
fn default(current: &Value, repository: Option<&Repository>) -> (Value, Flags) {
    let flags = Flags::default();
    let Some(repository) = repository else { return (current.clone(), flags) };
    let target = match repository.value("push", None, b"default") {
        Some(b"matching") => {
            let every = Value::hole("every branch of the same name", Bound::Anything);
            return (every, flags.with(Flag::AllRefs));
        }
        Some(b"upstream" | b"tracking") => current
            .text()
            .and_then(|branch| repository.value("branch", Some(branch), b"merge"))
            .map_or_else(|| current.clone(), |name| Value::known(short(name))),
        _ => current.clone(),
    };
    (target, flags)
}

/// `git fetch . x:main` moves a branch of this repository; `+` or `--force` whatever stood there.
pub(super) fn fetched(reader: &mut Reader<'_>, words: &Words) {
    let forced = words.any(&["--force"]);
    for refspec in words.operands.get(1..).unwrap_or_default() {
        let text = refspec.text().unwrap_or_default();
        let Some(colon) = text.iter().position(|byte| *byte == b':') else { continue };
        let target = short(text.get(colon + 1..).unwrap_or_default());
        if !target.is_empty() {
            let rewrites = forced || text.starts_with(b"+");
            let kind = if rewrites { EffectKind::Rewrites } else { EffectKind::Commits };
            reader.effect(kind, Object::Ref(Value::known(target).at(refspec.span)), refspec);
        }
    }
}

/// Whether a word where the remote stands is a refspec.
fn may_move(word: &Value) -> bool {
    let Some(text) = word.text() else { return false };
    text.starts_with(b"+")
        || text.contains(&b':')
            && !text.iter().any(|byte| matches!(byte, b'@' | b'\\'))
            && !text.windows(3).any(|three| three == b"://")
}

/// The ref on the other side that a refspec moves, and how. `*` alone: every branch.
fn target(refspec: &Value, current: &Value) -> (Value, Flags) {
    let mut flags = Flags::default();
    // A `*` that the shell leaves alone is git's own.
    let mut spec = match refspec.has_hole() {
        true => refspec.clone(),
        false => Value { taint: refspec.taint.clone(), ..Value::known(refspec.display()).at(refspec.span) },
    };
    if spec.prefix().starts_with(b"+") {
        flags = flags.with(Flag::Force);
        spec = tail(&spec, 1);
    }
    if let Some(colon) = spec.prefix().iter().position(|byte| *byte == b':') {
        if colon == 0 {
            if spec.text() == Some(b":") {
                let every = Value::hole("every branch of the same name", Bound::Anything).at(spec.span);
                return (every, flags.with(Flag::AllRefs));
            }
            flags = flags.with(Flag::DeleteRef);
        }
        return named(tail(&spec, colon + 1), current, flags);
    }
    // A name holds no colon: what stands behind the last one is where it goes.
    if let Some(Part::Known(last)) = spec.parts.last()
        && let Some(colon) = last.iter().rposition(|byte| *byte == b':')
        && spec.parts.len() > 1
    {
        let goes = Value::known(last.get(colon + 1..).unwrap_or_default());
        return named(Value { taint: spec.taint.clone(), ..goes.at(spec.span) }, current, flags);
    }
    if spec.has_hole() && spec.parts.len() > 1 {
        // The hole may hold a colon: what it names is not known.
        let mut hole = Value::hole("a refspec that is known only when it runs", Bound::Anything).at(spec.span);
        hole.add_taint(&spec.taint);
        return (hole, flags);
    }
    named(spec, current, flags)
}

fn named(target: Value, current: &Value, flags: Flags) -> (Value, Flags) {
    match target.text() {
        Some(b"HEAD" | b"@") => (current.clone().at(target.span), flags),
        Some(b"*" | b"refs/*" | b"refs/heads/*" | b"heads/*") => {
            (Value::hole("every branch", Bound::Anything).at(target.span), flags.with(Flag::AllRefs))
        }
        Some(name) => {
            let mut named = Value { taint: target.taint.clone(), ..Value::default().at(target.span) };
            for (index, piece) in short(name).split(|byte| *byte == b'*').enumerate() {
                if index > 0 {
                    named.parts.push(Part::glob(b"*"));
                }
                named.push_known(piece);
            }
            (named, flags)
        }
        None => (target, flags),
    }
}

/// A branch without `refs/heads/`.
pub(super) fn short(name: &[u8]) -> &[u8] {
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
