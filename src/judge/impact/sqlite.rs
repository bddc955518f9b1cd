//! Rows of a table in a SQLite file that the line's own statements change.

use super::Taken;
use crate::action::{Action, Count, Effect, Object, Question, Value};

const UNREAD: &str = "only plain DELETE, UPDATE and DROP TABLE of the line are read";

/// What the statements of `sqlite3 FILE 'STATEMENT; …'` change.
pub(super) fn rows(action: &Action, effect: &Effect, all: &mut Vec<Taken>) {
    let kind = effect.kind;
    let mut unknown = |why: &str| all.push(Taken::unknown(super::shown(&effect.object), kind, Count::Rows, why));
    if action.program.as_deref() != Some(b"sqlite3") {
        return unknown("only tables of local SQLite files are counted");
    }
    let file = action.effects.iter().find_map(|other| match &other.object {
        Object::Path { path, .. } => path.text(),
        _ => None,
    });
    let texts: Option<Vec<&[u8]>> = action.operands.iter().skip(1).map(Value::text).collect();
    let (Some(file), Some(texts)) = (file, texts.filter(|texts| !texts.is_empty())) else {
        return unknown("which rows is known only when it runs");
    };
    let mut found = Vec::new();
    for statement in texts.iter().flat_map(|text| text.split(|byte| *byte == b';')) {
        match changed(statement) {
            Ok(None) => {}
            Ok(Some((table, whole))) => {
                let question = Question::Rows { file: file.to_vec(), table: table.clone(), all: whole };
                let subject = [file, b": ", table.as_bytes()].concat();
                found.push(Taken::asks(subject, kind, Count::Rows, question));
            }
            Err(()) => return unknown(UNREAD),
        }
    }
    all.extend(found);
}

/// The table that a statement changes, and whether all of it. `Err`: it may change something else.
fn changed(statement: &[u8]) -> Result<Option<(String, bool)>, ()> {
    let text = std::str::from_utf8(statement).map_err(|_| ())?;
    let words: Vec<String> = text.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let original: Vec<&str> = text.split_ascii_whitespace().collect();
    let table = |at: usize| {
        let name = original.get(at).copied().unwrap_or_default();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        if plain && begins { Ok(name.to_owned()) } else { Err(()) }
    };
    match words.as_slice() {
        [] => Ok(None),
        ["delete", "from", _] => Ok(Some((table(2)?, true))),
        ["delete", "from", _, "where", ..] => Ok(Some((table(2)?, false))),
        ["update", _, "set", rest @ ..] => Ok(Some((table(1)?, !rest.contains(&"where")))),
        ["drop", "table", "if", "exists", _] => Ok(Some((table(4)?, true))),
        ["drop", "table", _] => Ok(Some((table(2)?, true))),
        ["select", ..] | ["pragma", ..] | ["begin"] | ["commit"] | ["end"] | ["begin", "transaction"] => Ok(None),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_statements_are_read_and_nothing_else() {
        let some = |table: &str, all: bool| Ok(Some((table.to_owned(), all)));
        for (statement, expected) in [
            ("DELETE FROM t", some("t", true)),
            ("delete from \"Orders\" where id > 3", some("Orders", false)),
            ("UPDATE t SET a = 1", some("t", true)),
            ("update t set a = 1 where b", some("t", false)),
            ("drop table if exists t_1", some("t_1", true)),
            ("select 1", Ok(None)),
            ("  ", Ok(None)),
            ("delete from t\" union", Err(())),
            ("delete from main.t", Err(())),
            ("with x as (select 1) delete from t", Err(())),
            ("insert into t select * from u", Err(())),
            ("delete from 1t", Err(())),
        ] {
            assert_eq!(changed(statement.as_bytes()), expected, "{statement}");
        }
    }
}
