//! Filters that print only lines they read, or words of them: what bounds the words that go in bounds those that come out.

use super::reader::Reader;
use crate::action::Value;

/// How a filter is recognised.
struct Filter {
    name: &'static [u8],
    /// Operands that are no files (a pattern), where none of `given` is there.
    operands: usize,
    given: &'static [&'static str],
    /// Options that change nothing about it.
    options: &'static [&'static str],
}

const FILTERS: &[Filter] = &[
    Filter { name: b"cat", operands: 0, given: &[], options: &["-u"] },
    Filter { name: b"tac", operands: 0, given: &[], options: &[] },
    Filter { name: b"tee", operands: usize::MAX, given: &[], options: &["--append", "--ignore-interrupts", "-p"] },
    Filter { name: b"head", operands: 0, given: &[], options: &["--lines", "-0", "--quiet", "--zero-terminated"] },
    Filter { name: b"tail", operands: 0, given: &[], options: &["--lines", "-0", "--quiet", "--zero-terminated"] },
    Filter {
        name: b"sort",
        operands: 0,
        given: &[],
        options: &[
            "--ignore-leading-blanks",
            "--dictionary-order",
            "--ignore-case",
            "--general-numeric-sort",
            "--month-sort",
            "--human-numeric-sort",
            "--numeric-sort",
            "--random-sort",
            "--reverse",
            "--version-sort",
            "--key",
            "--stable",
            "--field-separator",
            "--unique",
            "--zero-terminated",
            "--output",
        ],
    },
    Filter {
        name: b"uniq",
        operands: 0,
        given: &[],
        options: &["--count", "--repeated", "--all-repeated", "--skip-fields", "--ignore-case", "--unique", "-D"],
    },
    Filter { name: b"shuf", operands: 0, given: &[], options: &["--head-count", "--zero-terminated"] },
    Filter {
        name: b"grep",
        operands: 1,
        given: &["--regexp", "--file"],
        options: &[
            "--extended-regexp",
            "--fixed-strings",
            "--basic-regexp",
            "--perl-regexp",
            "--regexp",
            "--file",
            "--ignore-case",
            "--word-regexp",
            "--line-regexp",
            "--null-data",
            "--no-messages",
            "--invert-match",
            "--max-count",
            "--line-buffered",
            "--no-filename",
            "--text",
            "-I",
        ],
    },
    Filter {
        name: b"rg",
        operands: 1,
        given: &["--regexp", "--file"],
        options: &[
            "--fixed-strings",
            "--pcre2",
            "--regexp",
            "--file",
            "--ignore-case",
            "--smart-case",
            "--case-sensitive",
            "--word-regexp",
            "--line-regexp",
            "--invert-match",
            "--max-count",
            "--no-line-number",
        ],
    },
    Filter { name: b"cut", operands: 0, given: &[], options: &["--delimiter", "--fields", "--only-delimited"] },
    Filter { name: b"tr", operands: 2, given: &[], options: &["--delete", "--squeeze-repeats"] },
    Filter {
        name: b"sed",
        operands: 1,
        given: &["--expression"],
        options: &["--quiet", "--expression", "--regexp-extended", "--unbuffered", "--null-data"],
    },
    Filter { name: b"awk", operands: 1, given: &[], options: &[] },
];

/// Whether the program is such a filter of its standard input.
pub(super) fn keeps(reader: &Reader<'_>, name: &[u8]) -> bool {
    let Some(filter) = FILTERS.iter().find(|filter| filter.name == name) else { return false };
    let reading = &reader.reading;
    let given = |names: &[&str]| reading.options.iter().any(|(option, _)| names.contains(&option.as_str()));
    if !reading.gaps.is_empty() || !reading.options.iter().all(|(option, _)| filter.options.contains(&option.as_str()))
    {
        return false;
    }
    let words = if given(filter.given) { 0 } else { filter.operands };
    let files = reading.operands.get(words.min(reading.operands.len())..).unwrap_or_default();
    if files.iter().any(|file| file.text() != Some(b"-")) {
        return false;
    }
    let texts = || reading.operands.iter().map(Value::text);
    let values = |name: &str| -> Vec<&[u8]> {
        let found = reading.options.iter().filter(|(option, _)| option == name);
        found.map(|(_, value)| value.as_ref().and_then(Value::text).unwrap_or_default()).collect()
    };
    match name {
        // Fields of words are cut at white space only: anything else may stand in the midst of a path.
        b"cut" => given(&["--fields"]) && values("--delimiter").iter().all(|by| matches!(*by, b" " | b"\t")),
        b"tr" => texts().all(|set| set.is_some_and(is_space)),
        b"sed" if given(&["--expression"]) => values("--expression").into_iter().all(chooses_lines),
        b"sed" => texts().next().flatten().is_some_and(chooses_lines),
        b"awk" => texts().next().flatten().is_some_and(prints_fields),
        _ => true,
    }
}

/// A set of `tr` that holds white space only.
fn is_space(set: &[u8]) -> bool {
    matches!(set, b"[:space:]" | b"[:blank:]")
        || !set.is_empty()
            && set
                .split(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r'))
                .all(|rest| matches!(rest, b"" | b"\\n" | b"\\0" | b"\\t" | b"\\r" | b"\\000" | b"\\r\\n"))
}

/// `10q`, `1,5p`, `/x/d`, `$d`: sed prints lines as they came; or it takes a leading `./` off them.
fn chooses_lines(code: &[u8]) -> bool {
    if matches!(code, b"s|^\\./||" | b"s#^\\./##" | b"s/^\\.\\///" | b"s,^\\./,," | b"s|^./||") {
        return true;
    }
    let Some((b'p' | b'd' | b'q', address)) = code.split_last() else { return false };
    let address = address.strip_suffix(b"!").unwrap_or(address);
    let number = |text: &[u8]| !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'$');
    let regex = |text: &[u8]| {
        text.len() > 2
            && text.starts_with(b"/")
            && text.ends_with(b"/")
            && !text.get(1..text.len() - 1).unwrap_or_default().iter().any(|byte| matches!(byte, b'/' | b'\n' | b'['))
    };
    address.is_empty()
        || number(address)
        || regex(address)
        || address.splitn(2, |byte| *byte == b',').all(|part| number(part) || regex(part))
}

/// `{print $2}`, `/x/`, `!seen[$0]++`, `$1 == "M" {print $2}`: awk prints lines or their words as they came.
fn prints_fields(code: &[u8]) -> bool {
    let code = code.trim_ascii();
    let (pattern, action) = match code.iter().position(|byte| *byte == b'{') {
        Some(at) => code.split_at_checked(at).unwrap_or_default(),
        None => (code, b"".as_slice()),
    };
    let printed = match action {
        b"" => true,
        action => action
            .strip_prefix(b"{")
            .and_then(|rest| rest.strip_suffix(b"}"))
            .map(<[u8]>::trim_ascii)
            .and_then(|body| body.strip_suffix(b";").unwrap_or(body).strip_prefix(b"print"))
            .is_some_and(|what| {
                let what = what.trim_ascii();
                let field = |text: &[u8]| text == b"NF" || !text.is_empty() && text.iter().all(u8::is_ascii_digit);
                what.is_empty() || what.strip_prefix(b"$").is_some_and(field)
            }),
    };
    printed && compares(pattern)
}

/// A pattern of awk that changes no field: comparisons, matches and counters; no call, no assignment, no `getline`.
fn compares(pattern: &[u8]) -> bool {
    let mut assigned = pattern.iter().enumerate().filter(|(_, byte)| **byte == b'=').map(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| pattern.get(at));
        !(matches!(before, Some(b'=' | b'!' | b'<' | b'>')) || pattern.get(at + 1) == Some(&b'='))
    });
    !assigned.any(|single| single)
        && !pattern.iter().any(|byte| matches!(byte, b'(' | b'\n' | b';' | b'`'))
        && !pattern.windows(7).any(|word| word == b"getline")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awk_that_prints_what_it_read() {
        for code in ["{print $2}", "{ print }", "/x/", "!seen[$0]++", "NR<=3", "$1 == \"M\" {print $2}", "{print $NF;}"]
        {
            assert!(prints_fields(code.as_bytes()), "{code}");
        }
        for code in [
            "{print \"/etc/\" $1}",
            "$1=\"/etc\"",
            "sub(/a/,\"/etc\")",
            "getline < \"/etc/x\"",
            "{print $1; print \"/etc\"}",
            "{$1=\"/\"; print}",
            "{print $1 $2}",
            "BEGIN{print \"/etc/passwd\"}",
        ] {
            assert!(!prints_fields(code.as_bytes()), "{code}");
        }
    }

    #[test]
    fn sed_that_chooses_lines() {
        for code in ["1,5p", "/x/d", "$d", "10q", "/a/,/b/p", "/x/!d", "s|^\\./||"] {
            assert!(chooses_lines(code.as_bytes()), "{code}");
        }
        for code in ["s|^|/etc/|", "i/etc/passwd", "s/a/b/;p", "/x/s/a/b/p", "c\\/etc/q", "r /etc/p"] {
            assert!(!chooses_lines(code.as_bytes()), "{code}");
        }
    }
}
