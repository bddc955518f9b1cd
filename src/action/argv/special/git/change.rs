//! What a git command changes of the repository for the commands after it: the branch that is checked out, configuration.

use super::super::super::reader::Reader;
use super::super::super::split::Words;
use super::repository::Repository;
use crate::action::{Bound, Moved, Value};

/// Notes the changes on the reading.
pub(super) fn note(reader: &mut Reader<'_>, words: &Words, repository: Option<&Repository>) {
    let sub: Vec<&str> = reader.reading.sub.iter().map(String::as_str).collect();
    let operands = words.operands.as_slice();
    let given = |names: &[&str]| names.iter().find_map(|name| words.option(name)?.value.clone());
    let moved = match sub.as_slice() {
        ["checkout"] if words.dashes => None,
        ["checkout"] => given(&["-b", "-B", "--orphan"]).or_else(|| sole(operands)).map(branch),
        ["switch"] => given(&["--create", "--force-create", "--orphan"]).or_else(|| sole(operands)).map(branch),
        ["branch"] if words.any(&["-m", "-M"]) => renamed(operands, repository),
        ["branch"] => given(&["--set-upstream-to"]).and_then(|upstream| tracks(&upstream, repository)),
        ["symbolic-ref"] => match operands {
            [head, target] if head.text() == Some(b"HEAD") => Some(branch(target.clone())),
            _ => None,
        },
        ["stash", "branch"] => operands.first().cloned().map(branch),
        ["rebase"] => operands.get(1).cloned().map(branch),
        ["remote", "add" | "set-url"] => match operands {
            [name, url, ..] => {
                let key = [b"remote.", name.display().as_slice(), b".url"].concat();
                Some(Moved::Config { key, value: url.clone() })
            }
            _ => None,
        },
        _ => None,
    };
    reader.reading.moved.extend(moved);
}

/// The one operand there is.
fn sole(operands: &[Value]) -> Option<Value> {
    match operands {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// A branch as it is named on the command line; `-` is the one before.
fn branch(name: Value) -> Moved {
    Moved::Branch(match name.text() {
        Some(text) if text == b"-" || text.starts_with(b"@{") => {
            Value::hole("the branch that was checked out before", Bound::Anything).at(name.span)
        }
        Some(text) => Value::known(super::push::short(text)).at(name.span),
        None => name,
    })
}

/// `git branch -m [OLD] NEW` where OLD is the branch that is checked out.
fn renamed(operands: &[Value], repository: Option<&Repository>) -> Option<Moved> {
    match operands {
        [new] => Some(branch(new.clone())),
        [old, new] if repository.is_none_or(|own| own.branch().text() == old.text()) => Some(branch(new.clone())),
        _ => None,
    }
}

/// `git branch -u origin/main`: where a push goes by `push.default=upstream`.
fn tracks(upstream: &Value, repository: Option<&Repository>) -> Option<Moved> {
    let branch = repository?.branch();
    let mut halves = upstream.text()?.splitn(2, |byte| *byte == b'/');
    let name = halves.nth(1)?;
    let key = [b"branch.", branch.text()?, b".merge"].concat();
    Some(Moved::Config { key, value: Value::known([b"refs/heads/", name].concat()) })
}
