//! Words that a program reads differently from all others before its options: tar's old bundles, cargo's `+toolchain`.

use super::super::reader::{Reader, tail};
use crate::action::Value;

/// The argv as its declaration can read it, where it differs.
pub(in super::super) fn before(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) -> Option<Vec<Value>> {
    match name {
        b"tmux" | b"byobu" => sequence(reader, argv),
        b"pnpm" | b"yarn" => binary(reader, name, argv),
        b"tar" | b"gtar" | b"bsdtar" => bundle(argv, b"fCbTXgIVHFKLN"),
        b"zip" => tested(argv),
        b"dotnet" => coloned(argv),
        b"jar" => bundle(&undashed(argv), b"fme"),
        b"coverage" | b"coverage3" => covered(argv),
        b"rsync" => served(argv),
        b"cargo" | b"rustc" | b"rustdoc" | b"rustfmt" => toolchain(argv),
        _ => None,
    }
}

/// `tmux ls \; run-shell x`: commands of tmux behind one another, each judged as if it stood alone.
fn sequence(reader: &mut Reader<'_>, argv: &[Value]) -> Option<Vec<Value>> {
    let ends = |word: &Value| word.text().is_some_and(|text| text.ends_with(b";") && !text.ends_with(b"\\;"));
    let at = argv.iter().position(ends)?;
    let (head, rest) = argv.split_at_checked(at)?;
    let (end, rest) = rest.split_first()?;
    let mut head = head.to_vec();
    if let Some(word) = end.text().and_then(|text| text.strip_suffix(b";")).filter(|word| !word.is_empty()) {
        head.push(Value::known(word).at(end.span));
    }
    if let (Some(program), false) = (argv.first(), rest.is_empty()) {
        reader.payload(std::iter::once(program).chain(rest).cloned().collect());
    }
    Some(head)
}

/// `tar xzf FILE` is `tar -x -z -f FILE`: letters that take a value take the next words in order.
fn bundle(argv: &[Value], valued: &[u8]) -> Option<Vec<Value>> {
    let (program, rest) = argv.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let letters = first.text().filter(|text| !text.starts_with(b"-") && !text.is_empty())?;
    let mut out = vec![program.clone()];
    for letter in letters {
        out.push(Value::known([b'-', *letter]).at(first.span));
        if valued.contains(letter)
            && let Some((value, after)) = rest.split_first()
        {
            out.push(value.clone());
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// `rsync --server -vlogDtpre.iLsfxC . DIR`: behind `e.` a server is told what the client can, and no program
/// (rsync's `options.c`, `parse_arguments` and `server_options`).
fn served(argv: &[Value]) -> Option<Vec<Value>> {
    argv.get(1).filter(|word| word.text() == Some(b"--server"))?;
    let plain = |word: &Value| {
        let text = word.text().filter(|text| text.starts_with(b"-") && !text.starts_with(b"--"))?;
        let at = text.windows(2).position(|pair| pair == b"e.")?;
        let letters = text.get(..at).filter(|letters| letters.iter().skip(1).all(u8::is_ascii_alphabetic))?;
        let told = text.get(at + 2..)?.iter().all(u8::is_ascii_alphanumeric);
        told.then(|| Value::known(if letters.len() > 1 { letters } else { b"-v" }).at(word.span))
    };
    Some(argv.iter().map(|word| plain(word).unwrap_or_else(|| word.clone())).collect())
}

/// `jar -cfe FILE CLASS` is `jar cfe FILE CLASS`.
fn undashed(argv: &[Value]) -> Vec<Value> {
    let mut out = argv.to_vec();
    let bare = |word: &Value| match word.text()? {
        [b'-', letters @ ..] if letters.len() > 1 && !letters.contains(&b'-') => {
            Some(Value::known(letters).at(word.span))
        }
        _ => None,
    };
    if let Some(word) = out.get_mut(1)
        && let Some(bare) = bare(word)
    {
        *word = bare;
    }
    out
}

/// `dotnet test --collect:VALUE` is `--collect=VALUE`, `/p:NAME=VALUE` is `--property=NAME=VALUE`.
fn coloned(argv: &[Value]) -> Option<Vec<Value>> {
    let mark = |word: &Value| {
        // A switch of MSBuild's may begin with a slash.
        let slashed = |name: &&&[u8]| word.prefix().starts_with(name);
        if let Some(name) = [&b"/p:"[..], b"/property:"].iter().find(slashed) {
            let value = word.text()?.strip_prefix(*name)?;
            return Some([b"--property=", value].concat());
        }
        let text = word.text().filter(|text| text.starts_with(b"--"))?;
        let at = text.iter().position(|byte| matches!(byte, b':' | b'='))?;
        let (name, value) = text.split_at_checked(at)?;
        let value = value.strip_prefix(b":")?;
        Some([name, b"=", value].concat())
    };
    argv.iter().any(|word| mark(word).is_some()).then(|| {
        argv.iter()
            .map(|word| mark(word).map_or_else(|| word.clone(), |text| Value::known(text).at(word.span)))
            .collect()
    })
}

/// `coverage run [options] -m MODULE …`, `… script.py …`: the words after its own options are Python's.
fn covered(argv: &[Value]) -> Option<Vec<Value>> {
    const VALUED: &[&[u8]] =
        &[b"--source", b"--include", b"--omit", b"--concurrency", b"--data-file", b"--rcfile", b"--context"];
    let mut at = argv.iter().position(|word| word.text() == Some(b"run")).filter(|at| *at > 0)? + 1;
    while let Some(text) = argv.get(at).map(Value::prefix).filter(|text| text.starts_with(b"-") && *text != b"-m") {
        at += if VALUED.contains(&text) { 2 } else { 1 };
    }
    let (own, rest) = argv.split_at_checked(at)?;
    let python = Value::known("python3").at(rest.first()?.span);
    Some(own.iter().cloned().chain(std::iter::once(python)).chain(rest.iter().cloned()).collect())
}

/// `zip -TTcommand`: two letters are one option of zip.
fn tested(argv: &[Value]) -> Option<Vec<Value>> {
    let at = argv.iter().position(|word| word.prefix().starts_with(b"-TT") && word.prefix().len() > 3)?;
    let mut out = argv.to_vec();
    let word = out.get_mut(at)?;
    let (option, value) = (Value::known("-TT").at(word.span), tail(word, 3));
    *word = option;
    out.insert(at + 1, value);
    Some(out)
}

/// `cargo +nightly build`: which toolchain changes nothing that matters.
fn toolchain(argv: &[Value]) -> Option<Vec<Value>> {
    let (program, rest) = argv.split_first()?;
    let (first, rest) = rest.split_first()?;
    let name = first.text()?.strip_prefix(b"+")?;
    let plain = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte));
    // A directory is another compiler: no option of that name is known.
    let other = (!plain).then(|| Value::known("--toolchain").at(first.span));
    Some(std::iter::once(program.clone()).chain(other).chain(rest.iter().cloned()).collect())
}

/// `pnpm eslint .` is `pnpm exec eslint .`: a word that is none of its own subcommands and names a tool.
fn binary(reader: &Reader<'_>, name: &[u8], argv: &[Value]) -> Option<Vec<Value>> {
    let valued = [&b"-C"[..], b"--dir", b"--cwd", b"-F", b"--filter", b"--registry", b"--loglevel", b"--reporter"];
    let mut at = 1;
    let tool = loop {
        let word = argv.get(at)?.text()?;
        match word {
            _ if valued.contains(&word) => at += 2,
            _ if word.starts_with(b"-") => at += 1,
            _ => break word,
        }
    };
    // Scripts are called so, whatever programs of the system are.
    let script = matches!(tool, b"test" | b"watch" | b"time" | b"format" | b"clean" | b"check");
    let own = script || reader.around.tools.command(&[name, tool]).is_some();
    if own || reader.around.tools.command(&[tool]).is_none() {
        return None;
    }
    let (head, rest) = argv.split_at_checked(at)?;
    let exec = Value::known("exec").at(rest.first()?.span);
    Some(head.iter().chain(std::iter::once(&exec)).chain(rest).cloned().collect())
}

/// `git-push` is `git push`, as git's own directory has it.
pub(in super::super) fn dashed(reader: &Reader<'_>, name: &[u8], argv: &[Value]) -> Option<Vec<Value>> {
    let sub = name.strip_prefix(b"git-")?;
    reader.around.tools.command(&[b"git", sub])?;
    let (program, rest) = argv.split_first()?;
    let mut out = vec![Value::known("git").at(program.span), Value::known(sub).at(program.span)];
    out.extend_from_slice(rest);
    Some(out)
}
