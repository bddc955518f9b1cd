//! GNU parallel: its command is shell text, run for every value of its sources (`::: a b`, `:::: FILE`, standard input).

use super::super::reader::Reader;
use super::super::split::Words;
use super::find;
use crate::action::{Bound, Carried, CodeOrigin, EffectKind, Flags, GapKind, Part, Value};
use crate::parse::Dialect;

/// More runs than this are judged as one with all values.
const RUNS: usize = 16;

/// What stands for a value in the command, and what gives as much of it to a shell; longer ones first.
const MARKS: &[(&[u8], &str)] = &[
    (b"{/.}", "${@##*/}"),
    (b"{//}", "${@%/*}"),
    (b"{.}", "${@%.*}"),
    (b"{/}", "${@##*/}"),
    (b"{#}", "1"),
    (b"{%}", "1"),
    (b"{}", "$@"),
];

/// Reads the command and its sources anew: a declaration knows no `:::`.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    reader.reading.payloads.clear();
    if reader.harmless || words.any(&["--dry-run"]) {
        return;
    }
    let carried = words.carried.as_ref().map(|(_, argv)| argv.as_slice()).unwrap_or_default();
    let starts = |word: &Value| matches!(word.text(), Some(b":::" | b":::+" | b"::::" | b"::::+"));
    let end = carried.iter().position(starts).unwrap_or(carried.len());
    let (command, mut rest) = carried.split_at_checked(end).unwrap_or_default();
    // A mark alone is a value as a command.
    let alone = matches!(command, [only] if only.text() == Some(b"{}"));
    let command = if alone { &[] } else { command };
    let mut sources: Vec<(Vec<Value>, bool)> = Vec::new();
    while let Some((mark, after)) = rest.split_first() {
        let end = after.iter().position(starts).unwrap_or(after.len());
        let (values, next) = after.split_at_checked(end).unwrap_or_default();
        let mark = mark.text().unwrap_or_default();
        let linked = mark.ends_with(b"+");
        if mark.starts_with(b"::::") {
            for file in values {
                self::file(reader, file, command.is_empty());
                sources.push((vec![unknown(reader, "words from a file")], linked));
            }
        } else {
            sources.push((values.to_vec(), linked));
        }
        rest = next;
    }
    if let Some(file) = words.option("-a").and_then(|given| given.value.clone()) {
        self::file(reader, &file, command.is_empty());
        sources.push((vec![unknown(reader, "words from a file")], false));
    }
    let pipes = words.any(&["--pipe"]);
    if sources.is_empty() && !pipes {
        if command.is_empty() {
            return reader.carry(Carried::ShellStdin { positional: Vec::new(), dialect: Dialect::Bash }, true);
        }
        sources.push((vec![unknown(reader, find::fed(reader))], false));
    }
    let runs = runs(&sources);
    if command.is_empty() {
        let plain = |value: &Value| !value.has_hole();
        for text in runs.into_iter().map(|values| joined(&values)).filter(plain) {
            reader.shell(text, Vec::new(), Dialect::Bash);
        }
        return;
    }
    let own = words.option("-I").and_then(|given| given.value.as_ref()).and_then(Value::text).map(<[u8]>::to_vec);
    let numbered = runs.iter().all(|values| values.len() == sources.len());
    let Some(text) = shell_text(&joined(command), own.as_deref(), numbered, pipes) else {
        return reader.gap(GapKind::Opaque, "code of Perl in the command of parallel", reader.at);
    };
    let name = Value::known("parallel").at(reader.at);
    for values in runs {
        let positional = std::iter::once(name.clone()).chain(values).collect();
        reader.shell(text.clone(), positional, Dialect::Bash);
    }
}

/// Values that are known only when they are read.
fn unknown(reader: &Reader<'_>, why: &str) -> Value {
    Value { many: true, ..Value::hole(why, Bound::Anything) }.at(reader.at)
}

/// A file of values; of commands where the line names none.
fn file(reader: &mut Reader<'_>, file: &Value, commands: bool) {
    if commands {
        let path = crate::action::path::absolute(&reader.cwd, file);
        let object =
            crate::action::Object::Code { language: "sh".to_owned(), origin: CodeOrigin::File(path), proven: false };
        reader.effect(EffectKind::Executes, object, file);
    }
    reader.reads(file, Flags::default());
}

/// The values of each run: one of every source, all at once where they are many or not known.
fn runs(sources: &[(Vec<Value>, bool)]) -> Vec<Vec<Value>> {
    let mut runs: Vec<Vec<Value>> = vec![Vec::new()];
    for (values, linked) in sources {
        let fits = !*linked && runs.len().saturating_mul(values.len()) <= RUNS;
        if !fits || values.iter().any(|value| value.many) {
            return vec![sources.iter().flat_map(|(values, _)| values).cloned().collect()];
        }
        runs = runs.iter().flat_map(|run| values.iter().map(|value| with(run, value))).collect();
    }
    runs
}

fn with(run: &[Value], value: &Value) -> Vec<Value> {
    run.iter().chain([value]).cloned().collect()
}

/// The words as one text.
fn joined(words: &[Value]) -> Value {
    let mut text = Value::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push_known(b" ");
        }
        text.push(word);
    }
    text.many = false;
    text
}

/// The command as text of a shell that has the values as its parameters. `numbered`: one of every source, in order.
/// `None`: it holds code of another language.
fn shell_text(command: &Value, own: Option<&[u8]>, numbered: bool, pipes: bool) -> Option<Value> {
    let mut out = Value { span: command.span, taint: command.taint.clone(), ..Value::default() };
    let mut quote: Option<u8> = None;
    let mut marked = pipes;
    for part in &command.parts {
        let Part::Known(text) = part else {
            out.parts.push(part.clone());
            continue;
        };
        let mut rest = text.as_slice();
        while let Some((byte, after)) = rest.split_first() {
            let (length, parameter) = match mark(rest, own, numbered) {
                Some(found) => found,
                None if rest.starts_with(b"{=") => return None,
                None => {
                    match (quote, byte) {
                        (None, b'\'' | b'"') => quote = Some(*byte),
                        (Some(open), byte) if open == *byte => quote = None,
                        (None | Some(b'"'), b'\\') if !after.is_empty() => {
                            out.push_known(rest.get(..2).unwrap_or_default());
                            rest = rest.get(2..).unwrap_or_default();
                            continue;
                        }
                        _ => {}
                    }
                    out.push_known(&[*byte]);
                    rest = after;
                    continue;
                }
            };
            marked = true;
            let (before, behind) = match quote {
                None => ("\"", "\""),
                Some(b'\'') => ("'\"", "\"'"),
                Some(_) => ("", ""),
            };
            out.push_known(before.as_bytes());
            out.push_known(parameter.as_bytes());
            out.push_known(behind.as_bytes());
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    if !marked {
        out.push_known(b" \"$@\"");
    }
    Some(out)
}

/// The mark that `text` begins with: its length, and the parameter it stands for.
fn mark(text: &[u8], own: Option<&[u8]>, numbered: bool) -> Option<(usize, String)> {
    if let Some(own) = own.filter(|own| !own.is_empty() && text.starts_with(own)) {
        return Some((own.len(), "$@".to_owned()));
    }
    if let Some((mark, parameter)) = MARKS.iter().find(|(mark, _)| text.starts_with(mark)) {
        return Some((mark.len(), (*parameter).to_owned()));
    }
    // `{2}`, `{1.}`, `{1//}`
    let inside = text.strip_prefix(b"{")?;
    let end = inside.iter().position(|byte| *byte == b'}')?;
    let inside = inside.get(..end)?;
    let digits = inside.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, form) = inside.split_at_checked(digits)?;
    let number = std::str::from_utf8(number).ok().filter(|number| !number.is_empty())?;
    let name = if numbered { number } else { "@" };
    let parameter = match form {
        b"" => format!("${{{name}}}"),
        b"." => format!("${{{name}%.*}}"),
        b"/" | b"/." => format!("${{{name}##*/}}"),
        b"//" => format!("${{{name}%/*}}"),
        _ => return None,
    };
    Some((end + 2, parameter))
}
