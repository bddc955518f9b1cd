//! Names that the code binds once, to a constant, stand for it: `p = 'src/x.py'`, `p = Path('src/x.py')`, a loop over
//! constants, a loop over what a directory holds. The assignment goes, what is left reads as if the value stood there.

use std::collections::BTreeMap;

use super::even;
use super::known;
use super::token::Token;

/// Names replaced at most.
const NAMES: usize = 64;
/// Readings of one code at most: a loop over constants is read once for each.
const READINGS: usize = 16;

/// The code with such names replaced, once for each combination of values that its loops give.
pub(super) fn inlined(list: Vec<Token>) -> Vec<Vec<Token>> {
    let mut list = list;
    own_directory(&mut list);
    assign(&mut list);
    joined(&mut list);
    assign(&mut list);
    let mut all = vec![list];
    for _ in 0..NAMES {
        let Some((name, values)) = all.first().and_then(|first| looped(first)) else { break };
        if all.len() * values.len() > READINGS {
            break;
        }
        let with = |list: &Vec<Token>, value: &Token| {
            let mut own = list.clone();
            replace(&mut own, &name, std::slice::from_ref(value));
            assign(&mut own);
            own
        };
        all = all.iter().flat_map(|list| values.iter().map(|value| with(list, value)).collect::<Vec<_>>()).collect();
    }
    for _ in 0..NAMES {
        let found: Vec<_> = all.iter().map(|list| given(list)).collect();
        let readings: usize = found.iter().map(|one| one.as_ref().map_or(1, |(_, values)| values.len())).sum();
        if readings > READINGS || found.iter().all(Option::is_none) {
            break;
        }
        let with = |list: &Vec<Token>, found: &Option<(Vec<u8>, Vec<Token>)>| match found {
            None => vec![list.clone()],
            Some((name, values)) => {
                let with = |value: &Token| {
                    let mut own = list.clone();
                    replace(&mut own, name, std::slice::from_ref(value));
                    assign(&mut own);
                    own
                };
                values.iter().map(with).collect()
            }
        };
        all = all.iter().zip(&found).flat_map(|(list, found)| with(list, found)).collect();
    }
    all
}

/// What `tempfile` makes lies among temporary files, under a name of its own.
fn own_directory(list: &mut Vec<Token>) {
    const NAME: &[u8] = b"/tmp/tempfile";
    let imported = bound(list).is_some_and(|bound| bound.imported(b"tempfile"));
    let is = |token: Option<&Token>, word: &[u8]| matches!(token, Some(Token::Name(name)) if name == word);
    while let Some(at) = (0..list.len()).find(|at| {
        imported
            && is(list.get(*at), b"tempfile")
            && list.get(at + 1) == Some(&Token::Dot)
            && (is(list.get(at + 2), b"mkdtemp") || is(list.get(at + 2), b"TemporaryDirectory"))
            && list.get(at + 3) == Some(&Token::Open(b'('))
            && list.get(at + 4) == Some(&Token::Close(b')'))
    }) {
        let made = Token::Text(Some(NAME.to_vec()));
        let name = match (is(list.get(at + 5), b"as"), list.get(at + 6)) {
            (true, Some(Token::Name(name))) => Some(name.clone()),
            _ => None,
        };
        let once = name.filter(|name| bound(list).is_some_and(|bound| bound.all.get(name.as_slice()) == Some(&1)));
        list.splice(at..at + 5, [made.clone()]);
        if let Some(name) = once.filter(|name| !has_meaning(name)) {
            list.drain(at + 1..at + 3);
            replace(list, &name, std::slice::from_ref(&made));
        }
    }
}

/// `def fix(path): …` that is called with constants and nothing else: the parameter and what it is.
fn given(list: &[Token]) -> Option<(Vec<u8>, Vec<Token>)> {
    let bound = bound(list)?;
    if list.contains(&Token::At) {
        return None;
    }
    (0..list.len()).find_map(|at| {
        let [
            Token::Name(word),
            Token::Name(function),
            Token::Open(b'('),
            Token::Name(parameter),
            Token::Close(b')') | Token::Comma | Token::Operator(b':'),
        ] = list.get(at..at + 5)?
        else {
            return None;
        };
        let own = |name: &[u8]| bound.all.get(name) == Some(&1) && !has_meaning(name);
        let uses = (0..list.len()).filter(|other| {
            *other != at + 1 && matches!(list.get(*other), Some(Token::Name(name)) if name == function)
        });
        let constant = |call: usize| {
            let [Token::Open(b'('), value, Token::Close(b')') | Token::Comma] = list.get(call + 1..call + 4)? else {
                return None;
            };
            let plain = call.checked_sub(1).and_then(|before| list.get(before)) != Some(&Token::Dot);
            (plain && matches!(value, Token::Text(Some(_)) | Token::Below(..))).then(|| value.clone())
        };
        if word != b"def" || !own(function) || !own(parameter) {
            return None;
        }
        let mut values: Vec<Token> = Vec::new();
        for value in uses.map(constant) {
            let value = value?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        (!values.is_empty()).then(|| (parameter.clone(), values))
    })
}

/// Replaces the names of plain assignments.
fn assign(list: &mut Vec<Token>) {
    for _ in 0..NAMES {
        let Some((name, from, to)) = assignment(list) else { return };
        let mut value: Vec<Token> = list.get(from + 2..to).unwrap_or_default().to_vec();
        if value.contains(&SLASH) {
            value.insert(0, Token::Open(b'('));
            value.push(Token::Close(b')'));
        }
        list.drain(from..to);
        replace(list, &name, &value);
    }
}

/// Joins the parts of a path.
const SLASH: Token = Token::Operator(b'/');

/// How often names are bound, and how often by an import.
struct Bound<'a> {
    all: BTreeMap<&'a [u8], usize>,
    imported: BTreeMap<&'a [u8], usize>,
}

impl Bound<'_> {
    /// Bound by one import and nothing else.
    fn imported(&self, name: &[u8]) -> bool {
        self.all.get(name) == Some(&1) && self.imported.get(name) == Some(&1)
    }
}

/// Whether a name that is imported, or a builtin that paths go through, is bound by something else as well.
pub(super) fn rebinds(list: &[Token]) -> bool {
    let Some(bound) = bound(list) else { return true };
    bound.imported.iter().any(|(name, count)| bound.all.get(name) != Some(count))
        || [b"str".as_slice(), b"sorted", b"list", b"set", b"reversed"].iter().any(|name| bound.all.contains_key(name))
}

/// How often each name is bound: by assignment, loop, `as`, parameter, import, definition or deletion. A pattern match may
/// bind any: `None`.
fn bound(list: &[Token]) -> Option<Bound<'_>> {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut imported: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut start = 0;
    let mut depth = 0usize;
    let mut importing = false;
    let matches = (0..list.len()).any(|at| {
        let attribute = at > 0 && list.get(at - 1) == Some(&Token::Dot);
        matches!(list.get(at), Some(Token::Name(word)) if word == b"match" && !attribute)
    });
    for (at, token) in list.iter().enumerate() {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            Token::End => {
                start = at + 1;
                depth = 0;
                importing = false;
            }
            // `name: str = value` does not bind the type.
            Token::Assign | Token::Augment if depth == 0 => {
                let typed = list.get(start + 1) == Some(&Token::Operator(b':'));
                let is_type = |token: &Token| matches!(token, Token::Name(word) if matches!(word.as_slice(), b"str" | b"list" | b"set"));
                for own in (start..at).filter(|own| !typed || !list.get(*own).is_some_and(is_type)) {
                    count(&mut counts, list, own..own + 1);
                }
            }
            Token::Augment => count(&mut counts, list, at.saturating_sub(1)..at),
            Token::Name(word) => match word.as_slice() {
                b"case" if matches => return None,
                b"for" => {
                    let end = until(list, at, |token| matches!(token, Token::Name(word) if word == b"in"));
                    count(&mut counts, list, at + 1..end);
                }
                b"as" if !importing => {
                    let open = matches!(list.get(at + 1), Some(Token::Open(_)));
                    let end = if open { until(list, at, |token| matches!(token, Token::Close(_))) } else { at + 2 };
                    count(&mut counts, list, at + 1..end);
                }
                b"class" => count(&mut counts, list, at + 1..at + 2),
                b"def" => {
                    count(&mut counts, list, at + 1..at + 2);
                    parameters(&mut counts, list, at + 3, |token| matches!(token, Token::Close(b')') | Token::End));
                }
                b"lambda" => {
                    parameters(&mut counts, list, at + 1, |token| *token == Token::Operator(b':'));
                }
                b"global" | b"nonlocal" | b"del" | b"import" => {
                    importing = word == b"import";
                    let end = until(list, at, |token| *token == Token::End);
                    count(&mut counts, list, at + 1..end);
                    if importing {
                        count(&mut imported, list, at + 1..end);
                    }
                }
                _ => {}
            },
            // Behind `if x:` and its like another statement begins; `x: int = 1` binds x.
            Token::Operator(b':') if depth == 0 && list.get(start).is_some_and(opens_block) => start = at + 1,
            _ => {}
        }
    }
    Some(Bound { all: counts, imported })
}

/// Whether a statement that begins so has another one behind its colon.
fn opens_block(token: &Token) -> bool {
    const WORDS: &[&[u8]] =
        &[b"if", b"elif", b"else", b"for", b"while", b"with", b"try", b"except", b"finally", b"def", b"class"];
    matches!(token, Token::Name(word) if WORDS.contains(&word.as_slice()))
}

fn until(list: &[Token], at: usize, end: impl Fn(&Token) -> bool) -> usize {
    list.iter().skip(at).position(end).map_or(list.len(), |found| at + found)
}

/// Every name in the range that no dot precedes.
fn count<'a>(counts: &mut BTreeMap<&'a [u8], usize>, list: &'a [Token], range: std::ops::Range<usize>) {
    for at in range {
        let attribute = at > 0 && list.get(at - 1) == Some(&Token::Dot);
        if let (Some(Token::Name(name)), false) = (list.get(at), attribute) {
            *counts.entry(name).or_default() += 1;
        }
    }
}

/// Names that stand where a parameter does.
fn parameters<'a>(
    counts: &mut BTreeMap<&'a [u8], usize>,
    list: &'a [Token],
    from: usize,
    end: impl Fn(&Token) -> bool,
) {
    let mut depth = 0usize;
    for at in from..list.len() {
        let Some(token) = list.get(at) else { return };
        match token {
            _ if depth == 0 && end(token) => return,
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            Token::Name(_) if depth == 0 => {
                let before = at.checked_sub(1).and_then(|at| list.get(at));
                if matches!(before, Some(Token::Open(_) | Token::Comma | Token::Operator(b'*') | Token::Name(_))) {
                    count(counts, list, at..at + 1);
                }
            }
            _ => {}
        }
    }
}

/// The first statement `name = constant` of a name bound nowhere else: the name, where the statement begins and ends.
fn assignment(list: &[Token]) -> Option<(Vec<u8>, usize, usize)> {
    let bound = bound(list)?;
    let mut start = true;
    for at in 0..list.len() {
        let begins = std::mem::replace(&mut start, list.get(at) == Some(&Token::End));
        let (true, Some(Token::Name(name)), Some(Token::Assign)) = (begins, list.get(at), list.get(at + 1)) else {
            continue;
        };
        let end = until(list, at, |token| *token == Token::End);
        let value = list.get(at + 2..end).unwrap_or_default();
        if bound.all.get(name.as_slice()) == Some(&1) && !has_meaning(name) && is_constant(value, &bound) {
            return Some((name.clone(), at, end));
        }
    }
    None
}

/// Names that Python itself gives a meaning before the code binds them.
fn has_meaning(name: &[u8]) -> bool {
    name == b"open" || name.starts_with(b"__") || known::builtin_is_barred(name)
}

/// `'text'`, `Path('text')`, `pathlib.Path('text')`, `os.path.join('a', 'b')`, and paths joined by `/`.
fn is_constant(value: &[Token], bound: &Bound<'_>) -> bool {
    let text = |token: &Token| matches!(token, Token::Text(Some(_)));
    match value {
        [Token::Below(..)] => true,
        [token] => text(token),
        [Token::Name(class), Token::Open(b'('), token, Token::Close(b')')] => {
            text(token) && class == b"Path" && bound.imported(class)
        }
        [Token::Name(module), Token::Dot, Token::Name(class), Token::Open(b'('), token, Token::Close(b')')] => {
            text(token) && module == b"pathlib" && class == b"Path" && bound.imported(module)
        }
        [
            Token::Name(os),
            Token::Dot,
            Token::Name(path),
            Token::Dot,
            Token::Name(join),
            Token::Open(b'('),
            inner @ ..,
            Token::Close(b')'),
        ] => {
            os == b"os"
                && path == b"path"
                && join == b"join"
                && bound.imported(os)
                && inner.split(|token| *token == Token::Comma).all(|part| matches!(part, [token] if text(token)))
        }
        [Token::Open(b'('), inner @ .., Token::Close(b')')] if inner.contains(&SLASH) => is_constant(inner, bound),
        value if value.contains(&SLASH) => {
            value.split(|token| *token == SLASH).all(|part| !part.is_empty() && is_constant(part, bound))
        }
        _ => false,
    }
}

/// Puts `value` where the name stands for itself: not an attribute, not a keyword argument.
fn replace(list: &mut Vec<Token>, name: &[u8], value: &[Token]) {
    let mut out = Vec::with_capacity(list.len());
    for (at, token) in list.iter().enumerate() {
        let own = matches!(token, Token::Name(word) if word == name)
            && list.get(at.wrapping_sub(1)) != Some(&Token::Dot)
            && list.get(at + 1) != Some(&Token::Assign);
        if own {
            out.extend_from_slice(value);
        } else {
            out.push(token.clone());
        }
    }
    *list = out;
}

/// The first loop over constants, or over what a directory holds: its name, and the values it takes.
fn looped(list: &[Token]) -> Option<(Vec<u8>, Vec<Token>)> {
    let bound = bound(list)?;
    for at in 0..list.len() {
        if let Some(found) = first_of_each(list, at, &bound) {
            return Some(found);
        }
        let (Some(Token::Name(keyword)), Some(Token::Name(name)), Some(Token::Name(inside))) =
            (list.get(at), list.get(at + 1), list.get(at + 2))
        else {
            continue;
        };
        if keyword != b"for" || inside != b"in" || bound.all.get(name.as_slice()) != Some(&1) || has_meaning(name) {
            continue;
        }
        let values = iterable(list.get(at + 3..).unwrap_or_default());
        let values = match values {
            [Token::Name(name)] => gathered(list, name, &bound).unwrap_or(values),
            values => values,
        };
        let found = constants(values).or_else(|| Some(vec![directory(values, &bound)?]));
        if let Some(found) = found {
            return Some((name.clone(), found));
        }
    }
    None
}

/// `for path, text in {'a': 'x'}.items()`, `for path, old, new in [('a', 'x', 'y')]`, or a name for one of them: the first name,
/// and what it takes.
fn first_of_each(list: &[Token], at: usize, bound: &Bound<'_>) -> Option<(Vec<u8>, Vec<Token>)> {
    let [Token::Name(keyword), Token::Name(name), Token::Comma] = list.get(at..at + 3)? else { return None };
    let inside = until(list, at, |token| matches!(token, Token::Name(word) if word == b"in"));
    if keyword != b"for" || bound.all.get(name.as_slice()) != Some(&1) || has_meaning(name) {
        return None;
    }
    let values = iterable(list.get(inside + 1..)?);
    let items = |rest: &[Token]| matches!(rest, [Token::Dot, Token::Name(word), Token::Open(b'('), Token::Close(b')')] if word == b"items");
    let (values, pairs) = match values {
        [Token::Name(name)] => (gathered(list, name, bound)?, false),
        [Token::Name(name), rest @ ..] if items(rest) => (gathered(list, name, bound)?, true),
        [own @ .., _, _, _, _] if items(values.get(own.len()..)?) => (own, true),
        values => (values, false),
    };
    let [Token::Open(open), inner @ .., Token::Close(_)] = values else { return None };
    if (*open == b'{') != pairs || !even(inner) {
        return None;
    }
    let mut depth = 0usize;
    let parts = inner.split(|token| {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Comma
    });
    let first = |part: &[Token]| match part {
        [text @ Token::Text(Some(_)), Token::Operator(b':'), ..] if pairs => Some(text.clone()),
        [Token::Open(b'(' | b'['), text @ Token::Text(Some(_)), Token::Comma, ..] if !pairs => Some(text.clone()),
        _ => None,
    };
    let mut found: Vec<Token> = Vec::new();
    for text in parts.filter(|part| !part.is_empty()).map(first) {
        let text = text?;
        if !found.contains(&text) {
            found.push(text);
        }
    }
    (!found.is_empty()).then(|| (name.clone(), found))
}

/// `names = ['a', 'b']`, a list that loops go over and that nothing else touches.
fn gathered<'a>(list: &'a [Token], name: &[u8], bound: &Bound<'_>) -> Option<&'a [Token]> {
    let is = |token: Option<&Token>| matches!(token, Some(Token::Name(word)) if word == name);
    let at = (0..list.len()).find(|at| is(list.get(*at)) && list.get(at + 1) == Some(&Token::Assign))?;
    let looped = |other: usize| matches!(other.checked_sub(1).and_then(|before| list.get(before)), Some(Token::Name(word)) if word == b"in");
    let alone = (0..list.len()).all(|other| other == at || !is(list.get(other)) || looped(other));
    let begins = at == 0 || list.get(at - 1) == Some(&Token::End);
    let end = until(list, at, |token| *token == Token::End);
    let value = list.get(at + 2..end)?;
    (begins && alone && bound.all.get(name) == Some(&1) && matches!(value.first(), Some(Token::Open(_))))
        .then_some(value)
}

/// `os.path.join(root, name)` in a loop over `os.walk('src')`, `os.path.join('src', name)` in one over `os.listdir('src')`: what
/// the directory holds.
fn joined(list: &mut Vec<Token>) {
    while let Some((at, directory)) = join(list) {
        list.splice(at..at + 10, [Token::Below(directory, b"*".to_vec())]);
    }
}

/// The first such call, and the directory.
fn join(list: &[Token]) -> Option<(usize, Vec<u8>)> {
    let bound = bound(list)?;
    let word = |at: usize, word: &[u8]| matches!(list.get(at), Some(Token::Name(name)) if name == word);
    let own_len = !bound.all.contains_key(b"len".as_slice());
    let once = |name: &[u8]| bound.all.get(name) == Some(&1) && !has_meaning(name);
    // `os.CALL(`, where the words before it were read: the directory that is its one argument.
    let called = |at: usize, call: &[u8]| match list.get(at + 4..at + 6) {
        Some([Token::Text(Some(directory)), Token::Close(b')')])
            if word(at, b"os") && list.get(at + 1) == Some(&Token::Dot) && word(at + 2, call) =>
        {
            Some(directory.clone())
        }
        _ => None,
    };
    (0..list.len()).filter(|at| word(*at, b"os") && word(at + 2, b"path") && word(at + 4, b"join")).find_map(|at| {
        let [Token::Open(b'('), first, Token::Comma, Token::Name(name), Token::Close(b')')] =
            list.get(at + 5..at + 10)?
        else {
            return None;
        };
        if !bound.imported(b"os") || !once(name) {
            return None;
        }
        // Where the loop over the names begins: `for name in`.
        let own = (0..list.len()).find(|at| word(*at, b"for") && word(at + 1, name) && word(at + 2, b"in"))? + 3;
        let directory = match first {
            Token::Text(Some(directory)) => called(own, b"listdir").filter(|listed| listed == directory)?,
            Token::Name(root) if once(root) => {
                let walk = (0..list.len())
                    .find(|at| word(*at, b"for") && word(at + 1, root) && list.get(at + 2) == Some(&Token::Comma))?;
                let (Some(Token::Name(files)), true) = (list.get(walk + 5), word(walk + 6, b"in")) else { return None };
                let sorted = word(own, b"sorted") && word(own + 2, files);
                let read = |at: usize| {
                    !word(at, files)
                        || at == walk + 5
                        || at > 0 && word(at - 1, b"in")
                        || at > 1 && (word(at - 2, b"sorted") || own_len && word(at - 2, b"len"))
                };
                let whole = once(files) && (word(own, files) || sorted) && (0..list.len()).all(read);
                called(walk + 7, b"walk").filter(|_| whole)?
            }
            _ => return None,
        };
        Some((at, directory))
    })
}

/// What a loop goes over: up to its colon, or to the end of the comprehension.
fn iterable(list: &[Token]) -> &[Token] {
    let mut depth = 0usize;
    let end = list.iter().position(|token| {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth == 0 => return true,
            Token::Close(_) => depth -= 1,
            Token::Operator(b':') | Token::End if depth == 0 => return true,
            Token::Name(word) if depth == 0 && matches!(word.as_slice(), b"if" | b"for" | b"else") => return true,
            _ => {}
        }
        false
    });
    list.get(..end.unwrap_or(list.len())).unwrap_or_default()
}

/// `['a', 'b']`, `('a', 'b')`, `'a', 'b'`
fn constants(values: &[Token]) -> Option<Vec<Token>> {
    let (values, listed) = match values {
        [Token::Open(open @ (b'[' | b'(')), inner @ .., Token::Close(_)] => (inner, *open == b'['),
        values => (values, false),
    };
    let mut found = Vec::new();
    for value in values.split(|token| *token == Token::Comma).filter(|value| !value.is_empty()) {
        match value {
            [text @ Token::Text(Some(_))] => found.push(text.clone()),
            _ => return None,
        }
    }
    // A string alone gives its letters.
    (listed || values.contains(&Token::Comma)).then_some(found).filter(|found| !found.is_empty())
}

/// `Path('src').rglob('*.py')`, `glob.glob('src/*.py')`, sorted or in a list.
fn directory(values: &[Token], bound: &Bound<'_>) -> Option<Token> {
    match values {
        [Token::Name(wrapper), Token::Open(b'('), inner @ .., Token::Close(b')')]
            if matches!(wrapper.as_slice(), b"sorted" | b"list" | b"set" | b"reversed") =>
        {
            directory(inner, bound)
        }
        [Token::Name(module), Token::Dot, rest @ ..] if module == b"pathlib" && bound.imported(module) => held(rest),
        [Token::Name(class), ..] if class == b"Path" && bound.imported(class) => held(values),
        [
            Token::Name(module),
            Token::Dot,
            Token::Name(call),
            Token::Open(b'('),
            Token::Text(Some(pattern)),
            rest @ ..,
        ] if module == b"glob" && bound.imported(module) => {
            (matches!(call.as_slice(), b"glob" | b"iglob") && recursive(rest)).then(|| below(pattern))?
        }
        [Token::Name(call), Token::Open(b'('), Token::Text(Some(pattern)), rest @ ..]
            if matches!(call.as_slice(), b"glob" | b"iglob") && bound.imported(call) && recursive(rest) =>
        {
            below(pattern)
        }
        _ => None,
    }
}

/// `Path('src').rglob('*.py')`, `.glob('…')`, `.iterdir()`
fn held(values: &[Token]) -> Option<Token> {
    let [
        Token::Name(class),
        Token::Open(b'('),
        Token::Text(Some(directory)),
        Token::Close(b')'),
        Token::Dot,
        Token::Name(method),
        Token::Open(b'('),
        rest @ ..,
        Token::Close(b')'),
    ] = values
    else {
        return None;
    };
    let joined = |pattern: &[u8]| below(&[directory.as_slice(), b"/", pattern].concat());
    match (method.as_slice(), rest) {
        _ if class != b"Path" => None,
        (b"iterdir", []) => joined(b"*"),
        (b"glob" | b"rglob", [Token::Text(Some(pattern))]) if !pattern.starts_with(b"/") => joined(pattern),
        _ => None,
    }
}

/// `, recursive=True)` or nothing more.
fn recursive(rest: &[Token]) -> bool {
    match rest {
        [Token::Close(b')')] => true,
        [Token::Comma, Token::Name(key), Token::Assign, Token::Name(_), Token::Close(b')')] => key == b"recursive",
        _ => false,
    }
}

/// The directory before the first glob character, and the name pattern behind the last slash.
fn below(pattern: &[u8]) -> Option<Token> {
    let glob = pattern.iter().position(|byte| matches!(byte, b'*' | b'?' | b'['))?;
    let slash = pattern.iter().take(glob).rposition(|byte| *byte == b'/');
    let (directory, rest) = match slash {
        Some(0) => (b"/".as_slice(), pattern.get(1..)?),
        Some(at) => (pattern.get(..at)?, pattern.get(at + 1..)?),
        None => (b".".as_slice(), pattern),
    };
    if rest.windows(2).any(|two| two == b"..") {
        return None;
    }
    let name = rest.rsplit(|byte| *byte == b'/').next()?;
    Some(Token::Below(directory.to_vec(), name.to_vec()))
}
