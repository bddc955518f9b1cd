//! Commits that git leaves without a name.

use super::{By, Taken, directory, given, shown};
use crate::action::{Action, Amount, Count, Effect, EffectKind, Flag, Lost, Measured, Object, Question, Value, World};

const ELSEWHERE: &str = "which repository is known only when it runs";
const UNKNOWN: &str = "which commits is known only when it runs";

/// By something that rewrites history here.
pub(super) fn rewritten(action: &Action, effect: &Effect, world: &dyn World, all: &mut Vec<Taken>) {
    let sub: Vec<&str> = action.sub.iter().map(String::as_str).collect();
    let named = if let Object::Ref(name) = &effect.object { name.text() } else { None };
    let operand = |at: usize| action.operands.get(at).map(Value::text);
    let is_revision = |text: &[u8]| !text.is_empty() && !text.starts_with(b"-");
    let lost = match sub.as_slice() {
        ["reset"] => match operand(0) {
            // To where it stands.
            None => return,
            Some(Some(to)) if is_revision(to) => Ok(between(b"HEAD", to)),
            Some(_) => Err(UNKNOWN),
        },
        ["rebase"] if given(action, &["--continue", "--skip", "--edit-todo", "--root"]) => Err(UNKNOWN),
        ["rebase"] => match operand(0) {
            None => Ok(between(b"HEAD", b"@{upstream}")),
            Some(Some(to)) if is_revision(to) => Ok(between(operand(1).flatten().unwrap_or(b"HEAD"), to)),
            Some(_) => Err(UNKNOWN),
        },
        ["commit"] => return all.push(known(shown(&effect.object), 1)),
        ["stash", "drop"] => return all.push(known(b"stash".to_vec(), 1)),
        ["stash", "clear"] => Ok(Lost::Stash),
        ["branch"] if given(action, &["-D"]) => named.map(|name| Lost::Only(full(b"refs/heads/", name))).ok_or(UNKNOWN),
        ["branch"] if given(action, &["--force", "-f"]) => match (operand(0), operand(1)) {
            (Some(Some(name)), to) if is_revision(name) => {
                Ok(between(&full(b"refs/heads/", name), to.map_or(Some(b"HEAD".as_slice()), |to| to).unwrap_or(b"-")))
            }
            _ => Err(UNKNOWN),
        },
        ["tag"] => named.map(|name| Lost::Only(full(b"refs/tags/", name))).ok_or(UNKNOWN),
        _ => Err(UNKNOWN),
    };
    all.push(asked(lost, shown(&effect.object), EffectKind::Rewrites, action, world));
}

/// By a push that does not only add: against the remote's branch as it was last fetched.
pub(super) fn published(action: &Action, effect: &Effect, world: &dyn World, all: &mut Vec<Taken>) {
    let flags = action.flags.union(effect.flags);
    if !flags.has(Flag::Force) && !flags.has(Flag::DeleteRef) {
        return;
    }
    let remote = action.effects.iter().find_map(|other| match &other.object {
        Object::Remote { name, .. } => name.text(),
        _ => None,
    });
    let named = if let Object::Ref(name) = &effect.object { name.text() } else { None };
    let lost = match (remote, named) {
        _ if flags.has(Flag::AllRefs) => Err(UNKNOWN),
        (Some(remote), Some(name)) if !remote.contains(&b'/') && !remote.contains(&b':') => {
            let short = name.strip_prefix(b"refs/heads/").unwrap_or(name);
            let theirs = [b"refs/remotes/", remote, b"/", short].concat();
            if flags.has(Flag::DeleteRef) && source(action, name).is_none_or(|from| from.is_empty() || from == name) {
                Ok(Lost::Only(theirs))
            } else {
                match source(action, name) {
                    Some(from) => Ok(between(&theirs, from)),
                    None => Ok(between(&theirs, b"HEAD")),
                }
            }
        }
        (_, None) if action.operands.len() < 2 => Ok(between(b"@{upstream}", b"HEAD")),
        _ => Err(UNKNOWN),
    };
    let mut subject = remote.unwrap_or_default().to_vec();
    if let Some(name) = named {
        subject.extend_from_slice(b"/");
        subject.extend_from_slice(name);
    }
    subject.extend_from_slice(b" as last fetched");
    all.push(asked(lost, subject, EffectKind::Publishes, action, world));
}

/// What a refspec of the line puts onto `name`.
fn source<'a>(action: &'a Action, name: &[u8]) -> Option<&'a [u8]> {
    let short = |text: &'a [u8]| text.strip_prefix(b"refs/heads/".as_slice()).unwrap_or(text);
    action.operands.iter().skip(1).filter_map(Value::text).find_map(|spec| {
        let spec = spec.strip_prefix(b"+").unwrap_or(spec);
        let (from, to) = match spec.iter().position(|byte| *byte == b':') {
            Some(at) => (spec.get(..at)?, spec.get(at + 1..)?),
            None => (spec, spec),
        };
        (short(to) == name.strip_prefix(b"refs/heads/").unwrap_or(name)).then_some(from)
    })
}

fn between(from: &[u8], to: &[u8]) -> Lost {
    Lost::Between { from: from.to_vec(), to: to.to_vec() }
}

fn full(place: &[u8], name: &[u8]) -> Vec<u8> {
    if name.starts_with(b"refs/") { name.to_vec() } else { [place, name].concat() }
}

fn known(subject: Vec<u8>, commits: u64) -> Taken {
    let by = By::Known(Measured::of(vec![Amount::exactly(Count::Commits, commits)]));
    Taken { subject, kind: EffectKind::Rewrites, count: Count::Commits, by, at_most: false }
}

fn asked(lost: Result<Lost, &str>, subject: Vec<u8>, kind: EffectKind, action: &Action, world: &dyn World) -> Taken {
    match (lost, directory(action, world)) {
        (Ok(lost), Some(directory)) => {
            Taken::asks(subject, kind, Count::Commits, Question::Commits { directory, lost })
        }
        (Err(why), _) => Taken::unknown(subject, kind, Count::Commits, why),
        (Ok(_), None) => Taken::unknown(subject, kind, Count::Commits, ELSEWHERE),
    }
}
