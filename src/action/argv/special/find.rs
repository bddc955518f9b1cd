//! find and xargs: what their payloads are given in place of `{}` and the tail.

use super::super::reader::Reader;
use super::super::split::Words;
use super::found;
use crate::action::{Bound, Carried, Effect, EffectKind, Flag, Flags, Object, Part, Payload, Value, path};

/// Why a word of find's payload is not known.
pub(in crate::action) const FOUND: &str = "a name find prints";

/// Why words that xargs reads are not known.
pub(in crate::action) const FED: &str = "words from standard input";
/// The same where each is a whole entry of the input, ended by NUL.
pub(in crate::action) const FED_WHOLE: &str = "entries from standard input";

/// Which of both xargs was told to read.
pub(in super::super) fn fed(reader: &Reader<'_>) -> &'static str {
    if reader.reading.options.iter().any(|(name, _)| name == "--null") { FED_WHOLE } else { FED }
}

/// Bounds what find touches by its roots.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    let roots: Vec<Value> = if words.operands.is_empty() {
        vec![reader.cwd.clone()]
    } else {
        words
            .operands
            .iter()
            .filter(|word| !matches!(word.text(), Some(b"!" | b"(" | b")" | b",")))
            .map(|word| path::absolute(&reader.cwd, word))
            .collect()
    };
    // `a/../b` climbs in a way its directory does not show.
    let climbs = words.operands.iter().any(|word| {
        word.prefix().split(|byte| *byte == b'/').skip_while(|part| *part == b"..").any(|part| part == b"..")
    });
    let follows = reader.argv.iter().any(|word| matches!(word.text(), Some(b"-L" | b"-follow")));
    let bound = match common(&roots) {
        Some(_) if climbs => Bound::Anything,
        // Links lead out of a directory whose content is known for what it is: what is found is somewhere in the workspace at best.
        Some(root)
            if follows
                && !(reader.around.linked)(&root)
                && reader.around.world.roots().iter().any(|top| path::within(path::parent(&root), top)) =>
        {
            let top = path::parent(&root).to_vec();
            Bound::Below { directory: top, from: reader.cwd.text().map(<[u8]>::to_vec), names: Vec::new() }
        }
        Some(root) => Bound::Below { directory: root, from: reader.cwd.text().map(<[u8]>::to_vec), names: Vec::new() },
        None => Bound::Anything,
    };
    let named = |action: usize| -> Bound {
        let mut bound = bound.clone();
        if let (Bound::Below { names, .. }, Some(found), false) =
            (&mut bound, found::names(reader.argv, action), follows)
        {
            names.extend(found.into_iter().map(<[u8]>::to_vec));
        }
        bound
    };
    let at = |wanted: &[&[u8]]| -> Vec<usize> {
        let is = |word: &Value| word.text().is_some_and(|text| wanted.contains(&text));
        reader.argv.iter().enumerate().filter(|(_, word)| is(word)).map(|(at, _)| at).collect()
    };
    let carriers: Vec<(Bound, bool)> = at(&[b"-exec", b"-execdir", b"-ok", b"-okdir"])
        .into_iter()
        .map(|at| (named(at), reader.argv.get(at).is_some_and(|word| word.prefix().ends_with(b"dir"))))
        .collect();
    let printers = at(&[b"-print", b"-print0"]);
    let printed = match printers.as_slice() {
        [] => named(reader.argv.len()),
        [one] => named(*one),
        _ => bound.clone(),
    };
    let deleted = at(&[b"-delete"]).first().map(|action| named(*action));
    let plain = !reader.reading.options.iter().any(|(name, _)| name.starts_with("-printf") || name == "-ls");
    let exact = carriers.len() == reader.reading.payloads.len();
    let beside = carriers.iter().any(|(_, beside)| *beside);
    let mut moved: Vec<Payload> = Vec::new();
    for (index, payload) in reader.reading.payloads.iter_mut().enumerate() {
        let (bound, beside) = match carriers.get(index).filter(|_| exact) {
            Some((bound, beside)) => (bound, *beside),
            None => (&bound, beside),
        };
        let mut own = bound.clone();
        if let (true, Bound::Below { from, .. }) = (beside, &mut own) {
            // The name is given as it is seen from its own directory: where that leads is the same.
            *from = None;
        }
        if let Carried::Argv(argv) = &mut payload.what {
            for word in argv {
                replace(word, b"{}", FOUND, &own);
            }
        }
        if beside {
            let directories = beside_found(&roots, &own, words);
            let (last, rest) = match directories.split_last() {
                Some((last, rest)) => (last.clone(), rest),
                None => (Value::hole(FOUND, Bound::Anything), directories.as_slice()),
            };
            for cwd in rest {
                moved.push(Payload { cwd: Some(cwd.clone()), ..payload.clone() });
            }
            payload.cwd = Some(last);
        }
    }
    reader.reading.payloads.extend(moved);
    // What is deleted lies below the roots and matches the tests; a bare `find ROOT -delete` is the root itself.
    let tested = words.any(&["-name", "-iname", "-path", "-ipath", "-regex", "-wholename"]);
    if let (true, Some(bound @ Bound::Below { .. })) = (tested, deleted) {
        reader.reading.effects.retain(|effect| effect.kind != EffectKind::Deletes);
        let as_written = match &bound {
            Bound::Below { directory, names, .. } => {
                [directory, b"/".as_slice(), &names.join(b"|".as_slice())].concat()
            }
            _ => Vec::new(),
        };
        let below = Value::hole("an entry find matches", bound);
        reader.reading.effects.push(
            Effect::certain(EffectKind::Deletes, Object::Path { path: below, as_written }, reader.at)
                .fed(crate::action::Feed::default()),
        );
        reader.reading.flags = Flags(reader.reading.flags.0 & !Flags::default().with(Flag::Recursive).0);
    }
    if plain {
        reader.reading.output = Some(printed);
    }
}

/// The directories `-execdir` runs its command in: those of what is found, so the roots and what lies below them, and the
/// parent of a root that may be found itself.
fn beside_found(roots: &[Value], bound: &Bound, words: &Words) -> Vec<Value> {
    let tests = ["-iname", "-path", "-ipath", "-regex", "-iregex", "-wholename", "-type", "-mindepth"];
    let mut all: Vec<Value> = Vec::new();
    for root in roots {
        let dot = words.operands.is_empty() || words.operands.iter().any(|word| word.prefix().ends_with(b"."));
        if let (Some(text), Bound::Below { names, .. }, false) = (root.text(), bound, dot || words.any(&tests)) {
            let own = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            if names.is_empty() || names.iter().any(|name| name == own) {
                all.push(Value::known(path::parent(text)));
            }
        }
        all.push(Value { many: false, ..root.clone() });
    }
    let mut below = bound.clone();
    if let Bound::Below { names, .. } = &mut below {
        names.clear();
    }
    all.push(Value::hole(FOUND, below));
    all
}

/// fd gives each name it finds to its command: in place of its marks, or as a last word where there is none.
pub(super) fn each(reader: &mut Reader<'_>, words: &Words) {
    let mut roots: Vec<Value> = words.operands.iter().skip(1).map(|word| path::absolute(&reader.cwd, word)).collect();
    roots.extend(
        words
            .option("--search-path")
            .and_then(|given| given.value.clone())
            .map(|root| path::absolute(&reader.cwd, &root)),
    );
    if roots.is_empty() {
        roots.push(reader.cwd.clone());
    }
    let bound = match common(&roots) {
        Some(root) => Bound::Below { directory: root, from: reader.cwd.text().map(<[u8]>::to_vec), names: Vec::new() },
        None => Bound::Anything,
    };
    for payload in &mut reader.reading.payloads {
        let Carried::Argv(argv) = &mut payload.what else { continue };
        let before = argv.clone();
        for word in argv.iter_mut() {
            for mark in [&b"{}"[..], b"{.}", b"{//}", b"{/}", b"{/.}"] {
                replace(word, mark, FOUND, &bound);
            }
        }
        if *argv == before {
            argv.push(Value { many: words.any(&["-X"]), ..Value::hole(FOUND, bound.clone()) }.at(reader.at));
        }
    }
}

/// ripgrep told to look into hidden and ignored files reads all there is.
pub(super) fn unrestricted(reader: &mut Reader<'_>, words: &Words) {
    let given = |name: &str| reader.reading.options.iter().filter(|(option, _)| option == name).count();
    if words.any(&["--hidden"]) || given("--unrestricted") >= 2 {
        for effect in reader.reading.effects.iter_mut().filter(|effect| effect.kind == EffectKind::Reads) {
            effect.flags = effect.flags.with(Flag::Recursive);
        }
    }
}

/// Searches that are narrowed to files by name (`--include='*.pem'`, `-g .env`) print what is in them.
pub(super) fn narrowed(reader: &mut Reader<'_>) {
    const QUIET: &[&str] =
        &["--files", "--files-with-matches", "--files-without-match", "--count", "--count-matches", "--quiet"];
    let options = &reader.reading.options;
    if options.iter().any(|(name, _)| QUIET.contains(&name.as_str())) {
        return;
    }
    let folded = options.iter().any(|(name, _)| name == "--glob-case-insensitive");
    let globs: Vec<Value> = options
        .iter()
        .filter_map(|(name, value)| {
            let glob = value.as_ref()?;
            let text = glob.text().filter(|text| !text.starts_with(b"!"))?;
            let last = |mark: u8| text.rsplit(|byte| *byte == mark).next().unwrap_or(text).to_vec();
            let named = match name.as_str() {
                "--iglob" => last(b'/').to_ascii_lowercase(),
                "--glob" if folded => last(b'/').to_ascii_lowercase(),
                "--glob" | "--include" => last(b'/'),
                // `NAME:GLOB` makes a type.
                "--type-add" => last(b':'),
                "--file-search-regex" => meant(text),
                _ => return None,
            };
            Some(Value::known(named).at(glob.span))
        })
        .collect();
    for glob in globs {
        for name in alternatives(glob.prefix()) {
            let names = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
            if names > 0 {
                reader.reads(&globbed(&name).at(glob.span), Flags::default());
            }
        }
    }
}

/// The names a plain regular expression means, as a glob: `\\.pem$` is `*.pem`.
fn meant(regex: &[u8]) -> Vec<u8> {
    let mut out = if regex.starts_with(b"\\.") { b"*".to_vec() } else { Vec::new() };
    out.extend(regex.iter().filter(|byte| !matches!(byte, b'\\' | b'^' | b'$')));
    out
}

/// `a.{b,c}` as `a.b` and `a.c`; one pair of braces alone is read so.
pub(super) fn alternatives(glob: &[u8]) -> Vec<Vec<u8>> {
    let braces = glob.iter().position(|byte| *byte == b'{').and_then(|open| {
        let close = glob.iter().rposition(|byte| *byte == b'}').filter(|close| *close > open)?;
        Some((glob.get(..open)?, glob.get(open + 1..close)?, glob.get(close + 1..)?))
    });
    match braces {
        Some((head, inside, tail)) => {
            inside.split(|byte| *byte == b',').map(|middle| [head, middle, tail].concat()).collect()
        }
        None => vec![glob.to_vec()],
    }
}

/// A glob that the program reads itself, as a pattern of names.
fn globbed(text: &[u8]) -> Value {
    let mut out = Value::default();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'*' | b'?' | b'[')) {
        let (head, tail) = rest.split_at_checked(at).unwrap_or_default();
        out.push_known(head);
        let set = tail.first() == Some(&b'[');
        let end = if set { tail.iter().position(|byte| *byte == b']').map_or(tail.len(), |end| end + 1) } else { 1 };
        let (mark, after) = tail.split_at_checked(end).unwrap_or_default();
        out.parts.push(Part::glob(mark));
        rest = after;
    }
    out.push_known(rest);
    out
}

/// The directory all roots lie in, where all are known.
fn common(roots: &[Value]) -> Option<Vec<u8>> {
    let mut shared: Option<Vec<u8>> = None;
    for root in roots {
        let text = match root.text() {
            Some(text) => text.to_vec(),
            None => known_directory(root)?,
        };
        shared = Some(match shared {
            None => text,
            Some(mut have) => {
                while !path::within(&text, &have) {
                    have = path::parent(&have).to_vec();
                }
                have
            }
        });
    }
    shared
}

/// The directory that a path with globs certainly lies in.
fn known_directory(root: &Value) -> Option<Vec<u8>> {
    let prefix = root.prefix();
    let slash = prefix.iter().rposition(|byte| *byte == b'/')?;
    let safe = root.parts.iter().all(|part| !matches!(part, Part::Hole(hole) if hole.bound == Bound::Anything));
    safe.then(|| prefix.get(..slash.max(1)).unwrap_or(b"/").to_vec())
}

/// Puts a hole where `mark` stands in a word.
fn replace(word: &mut Value, mark: &[u8], why: &str, bound: &Bound) {
    let Some(text) = word.text() else { return };
    let Some(at) = text.windows(mark.len().max(1)).position(|window| window == mark) else { return };
    let (head, rest) = text.split_at_checked(at).unwrap_or_default();
    let tail = rest.get(mark.len()..).unwrap_or_default();
    let keeps = head.is_empty() || head.ends_with(b"/") && path::descends(bound);
    let bound = if keeps { bound.clone() } else { Bound::Anything };
    let mut out = Value { span: word.span, taint: word.taint.clone(), ..Value::default() };
    out.push_known(head);
    out.parts.push(Part::hole(why, bound));
    out.push_known(tail);
    *word = out;
}

/// xargs: with `-I`, the mark is replaced in the command instead of a tail added.
pub(super) fn replacements(reader: &mut Reader<'_>, words: &Words) {
    let given = ["-I", "-i", "--replace"].iter().find_map(|name| words.option(name));
    let Some(given) = given else { return };
    let mark = match &given.value {
        Some(value) => value.text().unwrap_or(b"{}").to_vec(),
        None => b"{}".to_vec(),
    };
    let fed = fed(reader);
    for payload in &mut reader.reading.payloads {
        if let Carried::Argv(argv) = &mut payload.what {
            if argv.last().is_some_and(|last| last.many && last.has_hole()) {
                argv.pop();
            }
            for word in argv {
                replace(word, &mark, fed, &Bound::Anything);
            }
        }
    }
}
