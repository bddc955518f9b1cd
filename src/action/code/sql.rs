//! SQL statements and the meta-commands of psql and sqlite3: reading, changing, dropping unconditionally. Where dialects end a
//! string or comment at different places nothing is proven.

use super::cursor::Cursor;
use super::{CodeObject, CodeReading};
use crate::action::{EffectKind, Flag};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A bare word, lower case.
    Word(String),
    /// A quoted name, a string, a number.
    Value,
    Open,
    Other,
}

/// Reads SQL text.
pub(super) fn read(text: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    let mut at = Cursor::new(text);
    let mut statement = Vec::new();
    // Inside the parentheses of a function that reads files.
    let mut reads = false;
    loop {
        at.take_while(|byte| byte.is_ascii_whitespace());
        let Some(byte) = at.peek() else { break };
        if statement.is_empty() && matches!(byte, b'\\' | b'.') {
            let line = at.take_while(|byte| byte != b'\n');
            meta(line, &mut found);
            continue;
        }
        let rest = at.rest();
        match token(&mut at) {
            Ok(Some(Token::Other)) if byte == b';' => judge(&std::mem::take(&mut statement), &mut found),
            Ok(Some(token)) => {
                let last = statement.last();
                let names = matches!(last, Some(Token::Word(word)) if word == "from" || word == "join");
                reads |= token == Token::Open && matches!(last, Some(Token::Word(word)) if reads_file(word));
                reads &= byte != b')';
                // A name that is put together.
                if reads
                    && (byte == b'|'
                        || matches!(&token, Token::Word(word) if word != "true" && word != "false" && rest.get(word.len()..).is_none_or(|after| !after.trim_ascii_start().starts_with(b"="))))
                {
                    found.doubt("SQL that reads a file whose name is put together");
                }
                let copies = matches!(last, Some(Token::Word(word)) if word == "to")
                    && matches!(statement.first(), Some(Token::Word(word)) if word == "copy" || word == "export");
                if copies && token == Token::Value && matches!(byte, b'\'' | b'"') {
                    let name = rest.get(1..(rest.len() - at.rest().len()).saturating_sub(1)).unwrap_or_default();
                    found.add(EffectKind::Overwrites, CodeObject::Path(name.to_vec()));
                }
                let names = names || reads;
                if names && token == Token::Value && matches!(byte, b'\'' | b'"') {
                    let name = rest.get(1..(rest.len() - at.rest().len()).saturating_sub(1)).unwrap_or_default();
                    file(name, &mut found);
                }
                statement.push(token);
            }
            Ok(None) => {}
            Err(why) => {
                found.doubt(why);
                break;
            }
        }
    }
    judge(&statement, &mut found);
    found
}

/// `from 'data/a.csv'`: a table that is a file, to duckdb and its like; `from "a"` is a name to all others.
fn file(name: &[u8], found: &mut CodeReading) {
    if name.windows(3).any(|part| part == b"://") {
        return found.doubt("SQL that reads from the network");
    }
    if name.starts_with(b"~") {
        return found.doubt("SQL that reads a file below a home directory");
    }
    if name.iter().any(|byte| matches!(byte, b'/' | b'.')) && name.iter().all(|byte| byte.is_ascii_graphic()) {
        found.add(EffectKind::Reads, CodeObject::Path(name.to_vec()));
    }
}

/// Table functions of duckdb that read the files named to them.
fn reads_file(word: &str) -> bool {
    [
        "read_csv",
        "read_parquet",
        "read_json",
        "read_ndjson",
        "parquet_scan",
        "parquet_schema",
        "parquet_metadata",
        "sniff_csv",
    ]
    .iter()
    .any(|known| word.starts_with(known))
}

/// The next token; `None` for a comment.
fn token(at: &mut Cursor) -> Result<Option<Token>, &'static str> {
    let Some(byte) = at.peek() else { return Ok(None) };
    if at.eat_text(b"--") {
        if at.peek().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return Err("`--` that only some dialects take for a comment");
        }
        at.take_while(|byte| byte != b'\n');
        return Ok(None);
    }
    if at.eat_text(b"/*") {
        if matches!(at.peek(), Some(b'!' | b'+' | b'M')) {
            return Err("a comment that MySQL executes");
        }
        loop {
            if at.eat_text(b"*/") {
                return Ok(None);
            }
            if at.eat_text(b"/*") || at.next().is_none() {
                return Err("a comment that dialects end at different places");
            }
        }
    }
    match byte {
        b'\'' | b'"' | b'`' => {
            at.next();
            loop {
                match at.next() {
                    None => return Err("a string that is not closed"),
                    Some(b'\\') => return Err("a backslash in a string, which dialects read differently"),
                    Some(end) if end == byte && !at.eat(byte) => return Ok(Some(Token::Value)),
                    Some(_) => {}
                }
            }
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let word = at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            Ok(Some(Token::Word(String::from_utf8_lossy(word).to_ascii_lowercase())))
        }
        b'0'..=b'9' => {
            at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
            Ok(Some(Token::Value))
        }
        b':' if at.eat_text(b"::") => Ok(Some(Token::Other)),
        b'(' => {
            at.next();
            Ok(Some(Token::Open))
        }
        b'$' | b'#' | b'\\' | b':' | b'@' | b'{' | b'}' => Err("a sign that dialects read differently"),
        byte if byte.is_ascii() => {
            at.next();
            Ok(Some(Token::Other))
        }
        _ => Err("non-ASCII outside strings"),
    }
}

/// A meta-command, to the end of its line.
fn meta(line: &[u8], found: &mut CodeReading) {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let shell = match word {
        ".shell" | ".system" => Some(rest),
        _ => text.strip_prefix("\\!"),
    };
    if let Some(command) = shell {
        return found.add(EffectKind::Executes, CodeObject::Shell(command.trim().as_bytes().to_vec()));
    }
    let plain = matches!(
        word,
        ".tables"
            | ".schema"
            | ".headers"
            | ".header"
            | ".mode"
            | ".dump"
            | ".indexes"
            | ".indices"
            | ".databases"
            | ".width"
            | ".quit"
            | ".exit"
            | ".timer"
            | ".help"
            | ".show"
    ) || matches!(
        word.trim_end_matches(['+', 'S']),
        "\\d"
            | "\\dt"
            | "\\dn"
            | "\\df"
            | "\\du"
            | "\\dv"
            | "\\di"
            | "\\ds"
            | "\\dx"
            | "\\l"
            | "\\x"
            | "\\timing"
            | "\\conninfo"
            | "\\q"
            | "\\dp"
            | "\\dT"
            | "\\dm"
            | "\\z"
            | "\\sf"
            | "\\sv"
    );
    // psql reads several meta-commands on a line, and backticks in their arguments.
    if plain && !rest.contains(['\\', '`', '|']) {
        found.add(EffectKind::Queries, CodeObject::None);
    } else {
        found.doubt(format!("the meta-command {word}"));
    }
}

/// One statement.
fn judge(statement: &[Token], found: &mut CodeReading) {
    let words: Vec<&str> = statement
        .iter()
        .map(|token| match token {
            Token::Word(word) => word.as_str(),
            Token::Value | Token::Open | Token::Other => "",
        })
        .collect();
    let Some(first) = words.first().copied() else { return };
    let has = |word: &str| words.contains(&word);
    // What reaches files, programs and other servers, wherever it stands.
    for word in &words {
        if matches!(
            *word,
            "program"
                | "outfile"
                | "dumpfile"
                | "infile"
                | "load_extension"
                | "attach"
                | "load_file"
                | "xp_cmdshell"
                | "copy"
                | "sys_exec"
                | "sys_eval"
                | "writefile"
                | "readfile"
                | "edit"
        ) || [
            "pg_read",
            "pg_ls_",
            "lo_",
            "dblink",
            "pg_terminate",
            "pg_cancel",
            "pg_reload",
            "read_text",
            "read_blob",
            "fts3_tokenizer",
        ]
        .iter()
        .any(|prefix| word.starts_with(prefix))
        {
            return found.doubt(format!("SQL that reaches beyond the database: {word}"));
        }
    }
    let changes = [
        "insert", "update", "delete", "merge", "replace", "into", "drop", "truncate", "alter", "create", "grant",
        "revoke",
    ]
    .iter()
    .any(|word| has(word));
    let called = statement.windows(2).find_map(|pair| match pair {
        [Token::Word(word), Token::Open] if !computes(word) && !reads_file(word) => Some(word),
        _ => None,
    });
    let reading = match first {
        "select" | "with" | "values" | "table" | "show" | "describe" | "desc" | "use" | "" => {
            !first.is_empty() && !changes
        }
        "explain" => !changes,
        "begin" | "commit" | "rollback" | "end" | "start" => words.len() <= 2,
        "pragma" => matches!(
            words.get(1),
            Some(
                &("table_info"
                    | "table_xinfo"
                    | "table_list"
                    | "index_list"
                    | "index_info"
                    | "foreign_key_list"
                    | "database_list"
                    | "integrity_check")
            )
        ),
        _ => false,
    };
    if reading {
        found.add(EffectKind::Queries, CodeObject::None);
        if first != "pragma"
            && let Some(function) = called
        {
            found.doubt(format!("the function {function}, of which nothing is known"));
        }
        return;
    }
    let unbounded = matches!(first, "delete" | "update") && !has("where");
    match first {
        "drop" | "truncate" => found.add_with(EffectKind::Modifies, CodeObject::None, Flag::Drops),
        "alter" if has("drop") => found.add_with(EffectKind::Modifies, CodeObject::None, Flag::Drops),
        "delete" | "update" if unbounded => found.add_with(EffectKind::Modifies, CodeObject::None, Flag::Drops),
        "insert" | "update" | "delete" | "create" | "alter" | "replace" | "merge" => {
            found.add(EffectKind::Modifies, CodeObject::None)
        }
        "with" if changes => {
            if has("delete") || has("update") || has("drop") {
                found.add_with(EffectKind::Modifies, CodeObject::None, Flag::Drops);
            } else {
                found.add(EffectKind::Modifies, CodeObject::None);
            }
        }
        _ => found.doubt(format!("the statement {first}")),
    }
}

/// Words before a parenthesis that change nothing.
fn computes(word: &str) -> bool {
    const KNOWN: &str = " count sum min max avg coalesce length lower upper date now datetime strftime round abs substr substring trim cast extract \
        json_extract json_each group_concat string_agg array_agg nullif ifnull concat date_trunc to_char row_number rank dense_rank lag lead over in exists \
        and or not as on select from where values using filter any all distinct left right char_length replace_ floor ceil mod random unixepoch julianday time \
        typeof printf format position age generate_series unnest json_agg jsonb_agg row_to_json version current_database current_schema pg_size_pretty pg_total_relation_size \
        pg_database_size pg_table_size pg_relation_size table_info index_list foreign_key_list pragma_table_info by then when else case between like is union limit order having with \
        percentile_cont within least greatest split_part string_to_array array_length to_timestamp to_date make_date numeric decimal varchar interval timestamp quote hex instr total \
        sqlite_version changes total_changes last_insert_rowid json json_array json_object json_type json_valid json_array_length json_tree iif regexp_replace \
        regexp_matches regexp_extract median mode stddev variance ntile first_value last_value nth_value char unicode ltrim rtrim reverse lpad rpad initcap \
        date_part date_diff datediff date_add epoch year month day hour minute second histogram bool_and bool_or sign pow power sqrt exp ln log concat_ws md5 \
        approx_count_distinct pragma_index_list pragma_foreign_key_list ";
    KNOWN.split_ascii_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_told_from_changing() {
        for text in [
            "select 1",
            "SELECT count(*) FROM t WHERE a = 'drop table'",
            "select \"delete\" from t; -- drop table x\n",
            "with a as (select 1) select * from a",
            ".tables",
            "\\dt",
            "explain select 1",
            "pragma table_info(t)",
            "select a::text from b /* drop */",
        ] {
            let reading = read(text.as_bytes());
            assert!(
                reading.proven && reading.effects.iter().all(|effect| effect.kind == EffectKind::Queries),
                "{text}: {reading:?}"
            );
        }
    }

    #[test]
    fn drops_are_told_from_bounded_changes() {
        for (text, drops) in [
            ("drop table t", true),
            ("TRUNCATE t", true),
            ("delete from t", true),
            ("update t set a = 1", true),
            ("select 1; delete from t;", true),
            ("alter table t drop column a", true),
            ("with x as (delete from t returning *) select * from x", true),
            ("delete from t where id = 1", false),
            ("update t set a = 1 where id = 2", false),
            ("insert into t values (1)", false),
            ("create table t (a int)", false),
            ("delete from t /* where */", true),
            ("delete from t -- where\n", true),
            ("delete from t where_ ", true),
        ] {
            let reading = read(text.as_bytes());
            let effect = reading.effects.iter().find(|effect| effect.kind == EffectKind::Modifies);
            assert_eq!(effect.map(|effect| effect.flags.has(Flag::Drops)), Some(drops), "{text}: {reading:?}");
        }
    }

    #[test]
    fn what_reaches_beyond_is_not_proven() {
        for text in [
            "copy t to program 'id'",
            "select * into outfile '/x' from t",
            "attach 'x' as y",
            "select load_extension('x')",
            "select my_func()",
            "select pg_read_file('/etc/passwd')",
            "\\i x",
            "\\copy t to 'x'",
            ".read x",
            ".import a b",
            ".once |sh",
            "do $$ begin end $$",
            "/*! drop table t */",
            "select 'a\\'; drop table t; --'",
            "select 1 --x\n",
            "vacuum",
            "call f()",
            "set role x",
            "grant all on t to u",
            "select 'a",
            "select :x",
            "pragma journal_mode = off",
            "\\dt \\! id",
        ] {
            assert!(!read(text.as_bytes()).proven, "{text}");
        }
    }

    #[test]
    fn shell_escapes_are_named() {
        for text in ["\\! id", "\\!id", ".shell id", ".system id", "select 1;\n\\! id"] {
            let reading = read(text.as_bytes());
            assert!(
                reading.effects.iter().any(|effect| effect.object == CodeObject::Shell(b"id".to_vec())),
                "{text}: {reading:?}"
            );
        }
    }
}
