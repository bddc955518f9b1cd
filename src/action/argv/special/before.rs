//! Words that a program reads differently from all others before its options: tar's old bundles, cargo's `+toolchain`.

use super::super::reader::Reader;
use crate::action::Value;

/// The argv as its declaration can read it, where it differs.
pub(in super::super) fn before(name: &[u8], argv: &[Value]) -> Option<Vec<Value>> {
    match name {
        b"tar" | b"gtar" | b"bsdtar" => bundle(argv),
        b"cargo" | b"rustc" | b"rustdoc" | b"rustfmt" => toolchain(argv),
        _ => None,
    }
}

/// `tar xzf FILE` is `tar -x -z -f FILE`: letters that take a value take the next words in order.
fn bundle(argv: &[Value]) -> Option<Vec<Value>> {
    let (program, rest) = argv.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let letters = first.text().filter(|text| !text.starts_with(b"-") && !text.is_empty())?;
    let mut out = vec![program.clone()];
    for letter in letters {
        out.push(Value::known([b'-', *letter]).at(first.span));
        if b"fCbTXgIVHFKLN".contains(letter)
            && let Some((value, after)) = rest.split_first()
        {
            out.push(value.clone());
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// `cargo +nightly build`: which toolchain changes nothing that matters.
fn toolchain(argv: &[Value]) -> Option<Vec<Value>> {
    let (program, rest) = argv.split_first()?;
    let (first, rest) = rest.split_first()?;
    let name = first.text()?.strip_prefix(b"+")?;
    let plain = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte));
    plain.then(|| std::iter::once(program).chain(rest).cloned().collect())
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
