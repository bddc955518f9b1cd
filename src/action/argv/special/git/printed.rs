//! What git prints, where that is provable: refs, hashes, paths of the repository, its top.

use super::super::super::reader::Reader;
use super::super::super::split::Words;
use super::repository::Repository;
use crate::action::reading::Seen;
use crate::action::{Bound, Value, Variable, path};

/// Formats of one name or hash a line.
const NAMES: &[&[u8]] = &[
    b"%H",
    b"%h",
    b"%T",
    b"%t",
    b"format:%H",
    b"format:%h",
    b"tformat:%H",
    b"tformat:%h",
    b"%(refname)",
    b"%(refname:short)",
    b"%(objectname)",
    b"%(objectname:short)",
];

/// Options of `log` and `rev-list` that choose revisions and print nothing more.
const CHOOSING: &[&str] = &[
    "--max-count",
    "-NUM",
    "-0",
    "--skip",
    "--all",
    "--branches",
    "--author",
    "--since",
    "--until",
    "--first-parent",
    "--no-merges",
    "--merges",
    "--reverse",
    "--follow",
    "--topo-order",
    "--date-order",
    "-S",
    "--format",
    "--pretty",
];

/// Sets `answer` and `output`.
pub(super) fn describe(reader: &mut Reader<'_>, words: &Words, repository: Option<&Repository>) {
    let sub = reader.reading.sub.first().cloned().unwrap_or_default();
    let asks = |(name, _): &&(String, Option<Value>)| !matches!(name.as_str(), "-C" | "--no-pager");
    let asked: Vec<&str> = reader.reading.options.iter().filter(asks).map(|(name, _)| name.as_str()).collect();
    let top = repository.and_then(Repository::top).filter(|_| !elsewhere(reader));
    if sub == "rev-parse" && words.operands.is_empty() && asked == ["--show-toplevel"] {
        reader.reading.answer = top.map(Value::known);
    }
    if reader.reading.output.is_none() {
        reader.reading.output = output(reader, words, &sub, top);
    }
}

/// Whether the repository is named by something else than the directory.
fn elsewhere(reader: &Reader<'_>) -> bool {
    let named = |name: &[u8]| match (reader.around.variables)(name) {
        Seen::Line(_) => true,
        Seen::Unset => false,
        Seen::Untouched => matches!(reader.around.world.variable(name), Variable::Set(_)),
    };
    named(b"GIT_DIR") || named(b"GIT_WORK_TREE") || named(b"GIT_CONFIG_COUNT") || named(b"GIT_CONFIG_PARAMETERS")
}

fn output(reader: &Reader<'_>, words: &Words, sub: &str, top: Option<&[u8]>) -> Option<Bound> {
    let given = |names: &[&str]| words.any(names);
    let only = |names: &[&str]| reader.reading.options.iter().all(|(name, _)| names.contains(&name.as_str()));
    let formats = reader.reading.options.iter().filter(|(name, _)| matches!(name.as_str(), "--format" | "--pretty"));
    let formats: Vec<Option<&[u8]>> = formats.map(|(_, value)| value.as_ref().and_then(Value::text)).collect();
    let named =
        !formats.is_empty() && formats.iter().all(|format| format.is_some_and(|format| NAMES.contains(&format)));
    let bare = !formats.is_empty() && formats.iter().all(|format| *format == Some(b""));
    // From a directory further down some of its paths climb, up to the top.
    let climbs = sub == "status"
        || words.operands.iter().any(|word| word.text().is_none_or(|word| word.starts_with(b":") || holds_dots(word)));
    let below = || {
        let cwd = reader.cwd.text()?;
        let directory = if climbs { top? } else { cwd };
        Some(Bound::Below { directory: directory.to_vec(), from: Some(cwd.to_vec()), names: Vec::new() })
    };
    // What one pathspec leaves: a directory, or names by a glob.
    let narrowed = |specs: &[Value]| {
        let mut bound = below()?;
        if let ([spec], Bound::Below { directory, names, .. }, false) = (specs, &mut bound, climbs)
            && let Some(text) = spec.text()
        {
            match text.iter().any(|byte| b"*?[".contains(byte)) {
                false => *directory = path::absolute(&reader.cwd, spec).text()?.to_vec(),
                true if !text.contains(&b'/') => names.push(text.to_vec()),
                true => {}
            }
        }
        Some(bound)
    };
    match sub {
        "ls-files" if formats.is_empty() => narrowed(&words.operands),
        "ls-tree" if formats.is_empty() => below(),
        "diff" | "diff-tree" if given(&["--name-only", "--name-status"]) && !given(&["-p", "--no-index", "--stat"]) => {
            below()
        }
        "show" | "log" if given(&["--name-only"]) && bare && !given(&["-p", "--stat", "--graph"]) => below(),
        "status" if given(&["-s", "--porcelain"]) && !given(&["-v"]) => below(),
        "grep" if given(&["-l", "-L"]) && !given(&["--no-index"]) => {
            narrowed(words.operands.get(usize::from(!given(&["-e", "-f"]))..).unwrap_or_default())
        }
        "rev-parse" if given(&["--short"]) => Some(Bound::Name),
        "rev-parse" if only(&["--verify", "--quiet", "--abbrev-ref", "--symbolic-full-name"]) => {
            match words.operands.as_slice() {
                [one] if one.text().is_some_and(is_revision) => Some(Bound::Ref),
                _ => None,
            }
        }
        "merge-base" if only(&["--fork-point", "--is-ancestor"]) => Some(Bound::Name),
        "describe" if !reader.reading.options.iter().any(|(_, value)| value.as_ref().is_some_and(is_mark)) => {
            Some(Bound::Ref)
        }
        "rev-list" if given(&["--count"]) => Some(Bound::Number),
        "rev-list" if only(CHOOSING) && formats.is_empty() => Some(Bound::Name),
        "log" if only(CHOOSING) && named => Some(Bound::Name),
        "branch" if given(&["--show-current"]) || named => Some(Bound::Ref),
        "for-each-ref" if named => Some(Bound::Ref),
        "tag" if (formats.is_empty() || named) && !given(&["-n", "-v", "-d", "-m"]) => Some(Bound::Ref),
        "symbolic-ref" if words.operands.len() == 1 && only(&["--short", "--quiet"]) => Some(Bound::Ref),
        _ => None,
    }
}

/// One revision that would be printed as it stands where it is none.
fn is_revision(text: &[u8]) -> bool {
    !text.starts_with(b"-")
        && !text.starts_with(b"/")
        && !holds_dots(text)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-/@~{}".contains(byte))
}

fn holds_dots(text: &[u8]) -> bool {
    text.windows(2).any(|two| two == b"..")
}

/// A mark (`--dirty=MARK`) that is printed as it stands.
fn is_mark(value: &Value) -> bool {
    !value.text().is_some_and(|text| text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-*.[]".contains(byte)))
}
