//! Names that the code declares once as a constant stand for it: `const p = 'src/x.js'`, a loop over constants. Imports of
//! modules are read as the `require` they stand for.

use super::known;
use super::token::Token;

/// Names replaced at most, and readings of one code at most.
const NAMES: usize = 64;
const READINGS: usize = 16;

/// The code with such names replaced, once for each combination of values that its loops give.
pub(super) fn inlined(list: Vec<Token>) -> Vec<Vec<Token>> {
    let mut list = required(&list);
    for _ in 0..NAMES {
        let Some(at) = (0..list.len()).find(|at| declares(&list, *at)) else { break };
        let (Some(Token::Name(name)), Some(value)) = (list.get(at + 1).cloned(), list.get(at + 3).cloned()) else {
            break;
        };
        list.drain(at..at + 4);
        list = replaced(&list, &name, &value);
    }
    while let Some((at, values)) = gathered(&list) {
        list.splice(at..=at, values);
    }
    let mut all = vec![list];
    for _ in 0..NAMES {
        let Some((at, name, values)) = all.first().and_then(|first| looped(first)) else { break };
        if all.len() * values.len() > READINGS {
            break;
        }
        let with = |list: &Vec<Token>, value: &Token| {
            let mut own = replaced(list, &name, value);
            // The name itself is nobody's any more.
            if let Some(declared) = own.get_mut(at) {
                *declared = Token::Name(b"_".to_vec());
            }
            own
        };
        all = all.iter().flat_map(|list| values.iter().map(|value| with(list, value)).collect::<Vec<_>>()).collect();
    }
    all
}

fn is(token: Option<&Token>, word: &str) -> bool {
    matches!(token, Some(Token::Name(name)) if name == word.as_bytes())
}

/// `import x from 'm'`, `import * as x from 'm'`, `import {a, b as c} from 'm'` as declarations with `require`.
fn required(list: &[Token]) -> Vec<Token> {
    let name = |text: &str| Token::Name(text.as_bytes().to_vec());
    let mut out: Vec<Token> = Vec::with_capacity(list.len());
    let mut at = 0;
    while let Some(token) = list.get(at) {
        let from = list.iter().skip(at).take(64).position(|token| is(Some(token), "from")).map(|from| at + from);
        let names = from.and_then(|from| list.get(at + 1..from)).unwrap_or_default();
        let bound: Option<Vec<Token>> = match names {
            _ if !is(Some(token), "import") => None,
            [Token::Name(_)] => Some(names.to_vec()),
            [Token::Operator, word, own @ Token::Name(_)] if is(Some(word), "as") => Some(vec![own.clone()]),
            [Token::Open(b'{'), inner @ .., Token::Close(b'}')]
                if inner.iter().all(|token| matches!(token, Token::Name(_) | Token::Comma)) =>
            {
                // `as` names anew where another name stands before it.
                let renames = |at: usize| {
                    is(inner.get(at), "as") && matches!(inner.get(at.wrapping_sub(1)), Some(Token::Name(_)))
                };
                let shown =
                    |at: usize| if renames(at) { Token::Colon } else { inner.get(at).cloned().unwrap_or(Token::Comma) };
                let mut all = vec![Token::Open(b'{')];
                all.extend((0..inner.len()).map(shown));
                all.push(Token::Close(b'}'));
                Some(all)
            }
            _ => None,
        };
        match (bound, from.and_then(|from| list.get(from + 1))) {
            (Some(bound), Some(module @ Token::Text(Some(_)))) => {
                out.push(name("const"));
                out.extend(bound);
                out.extend([Token::Assign, name("require"), Token::Open(b'('), module.clone(), Token::Close(b')')]);
                out.push(Token::Semicolon);
                at = from.map_or(at, |from| from + 1) + 1;
            }
            _ => {
                out.push(token.clone());
                at += 1;
            }
        }
    }
    out
}

/// Whether `const name = 'text'` stands at `at`, and nothing else declares the name.
fn declares(list: &[Token], at: usize) -> bool {
    let (Some(Token::Name(name)), Some(Token::Assign), Some(Token::Text(Some(_)))) =
        (list.get(at + 1), list.get(at + 2), list.get(at + 3))
    else {
        return false;
    };
    let ends = match list.get(at + 4) {
        None | Some(Token::Semicolon | Token::Close(b'}')) => true,
        Some(Token::Name(word)) => !matches!(word.as_slice(), b"in" | b"instanceof"),
        Some(_) => false,
    };
    // Inside a block it hides a global only there.
    let depth = list.iter().take(at).fold(0i32, |depth, token| match token {
        Token::Open(_) => depth + 1,
        Token::Close(_) => depth - 1,
        _ => depth,
    });
    let own = depth == 0 && !known::barred(name) || !has_meaning(name);
    is(list.get(at), "const") && ends && own && alone(list, name, at + 1)
}

/// Names that Node gives a meaning where the code has not bound them.
fn has_meaning(name: &[u8]) -> bool {
    super::global(name) || known::barred(name) || known::plain(name)
}

/// Whether the name is declared, assigned or a parameter nowhere but at `own`.
fn alone(list: &[Token], name: &[u8], own: usize) -> bool {
    let named = |range: std::ops::Range<usize>| {
        range.into_iter().any(|at| at != own && matches!(list.get(at), Some(Token::Name(word)) if word == name))
    };
    (0..list.len()).all(|at| match list.get(at) {
        Some(Token::Name(word)) if word == name => {
            let before = at.checked_sub(1).and_then(|at| list.get(at));
            let attribute = before == Some(&Token::Dot);
            let declared = ["const", "let", "var", "function", "class", "import"].iter().any(|word| is(before, word));
            let set = matches!(list.get(at + 1), Some(Token::Assign | Token::Arrow));
            at == own || attribute || !(declared || set)
        }
        Some(Token::Name(word)) if matches!(word.as_slice(), b"const" | b"let" | b"var" | b"catch" | b"function") => {
            let open = if matches!(list.get(at + 1), Some(Token::Name(_))) { at + 2 } else { at + 1 };
            let pattern = matches!(list.get(open), Some(Token::Open(byte)) if *byte == b'(' || open == at + 1);
            !pattern || !named(open..close(list, open))
        }
        // `(a, b) => …`, `name(a, b) {…}`
        Some(Token::Close(b')')) if matches!(list.get(at + 1), Some(Token::Arrow | Token::Open(b'{'))) => {
            let open = opened(list, at);
            let before = open.checked_sub(1).and_then(|at| list.get(at));
            let condition = ["if", "for", "while", "switch", "with"].iter().any(|word| is(before, word));
            condition || !named(open..at)
        }
        _ => true,
    })
}

fn close(list: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    list.iter()
        .skip(open)
        .position(|token| {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .map_or(list.len(), |end| open + end)
}

fn opened(list: &[Token], close: usize) -> usize {
    let mut depth = 0usize;
    (0..=close)
        .rev()
        .find(|at| {
            match list.get(*at) {
                Some(Token::Close(_)) => depth += 1,
                Some(Token::Open(_)) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .unwrap_or(0)
}

/// Puts `value` where the name stands for itself: not an attribute, not a key.
fn replaced(list: &[Token], name: &[u8], value: &Token) -> Vec<Token> {
    let stands = |at: usize, token: &Token| {
        let before = at.checked_sub(1).and_then(|at| list.get(at));
        let key = list.get(at + 1) == Some(&Token::Colon) && matches!(before, Some(Token::Open(b'{') | Token::Comma));
        let declared = ["const", "let", "var"].iter().any(|word| is(before, word));
        matches!(token, Token::Name(word) if word == name) && before != Some(&Token::Dot) && !key && !declared
    };
    list.iter().enumerate().map(|(at, token)| if stands(at, token) { value.clone() } else { token.clone() }).collect()
}

/// `const names = ['a', 'b']`, a list that loops go over and that nothing else touches: where the first loop names it, and the list.
fn gathered(list: &[Token]) -> Option<(usize, Vec<Token>)> {
    (0..list.len()).find_map(|at| {
        let (Some(Token::Name(name)), Some(Token::Assign), Some(Token::Open(b'['))) =
            (list.get(at + 1), list.get(at + 2), list.get(at + 3))
        else {
            return None;
        };
        let end = close(list, at + 3);
        let value = list.get(at + 3..=end)?;
        let plain = |token: &Token| {
            matches!(token, Token::Text(Some(_)) | Token::Comma | Token::Open(b'[') | Token::Close(b']'))
        };
        let looped = |other: usize| {
            is(other.checked_sub(1).and_then(|before| list.get(before)), "of")
                && list.get(other + 1) == Some(&Token::Close(b')'))
        };
        let uses: Vec<usize> = (0..list.len())
            .filter(|other| *other != at + 1 && matches!(list.get(*other), Some(Token::Name(word)) if word == name))
            .collect();
        let ends = matches!(list.get(end + 1), None | Some(Token::Semicolon | Token::Name(_)));
        let own = is(list.get(at), "const") && ends && !has_meaning(name) && alone(list, name, at + 1);
        (own && value.iter().all(plain) && uses.iter().all(|other| looped(*other))).then_some(())?;
        Some((*uses.first()?, value.to_vec()))
    })
}

/// Whether a parameter may be given another value: `[p] = …`, `({p} = …)`, `for (p of …)`.
fn reassigned(list: &[Token], name: &[u8]) -> bool {
    let is_name = |token: &Token| matches!(token, Token::Name(word) if word == name);
    (1..list.len()).any(|at| match (list.get(at - 1), list.get(at)) {
        (Some(Token::Close(b']' | b'}')), Some(Token::Assign)) => {
            list.get(opened(list, at - 1)..at).is_some_and(|pattern| pattern.iter().any(is_name))
        }
        (Some(before), Some(Token::Name(word))) => is_name(before) && matches!(word.as_slice(), b"of" | b"in"),
        _ => false,
    })
}

/// The value of `const name = …`, where all that is done with the name stands in front of or behind it as `used` says.
fn constant<'a>(list: &'a [Token], name: &[u8], used: impl Fn(usize) -> bool) -> Option<&'a [Token]> {
    let at = (0..list.len()).find(|at| {
        is(list.get(*at), "const")
            && matches!(list.get(at + 1), Some(Token::Name(word)) if word == name)
            && list.get(at + 2) == Some(&Token::Assign)
    })?;
    let end = close(list, at + 3);
    let uses = (0..list.len())
        .filter(|other| *other != at + 1 && matches!(list.get(*other), Some(Token::Name(word)) if word == name));
    let own = matches!(list.get(at + 3), Some(Token::Open(b'[' | b'{')))
        && matches!(list.get(end + 1), None | Some(Token::Semicolon | Token::Name(_)))
        && !has_meaning(name)
        && alone(list, name, at + 1);
    (own && uses.into_iter().all(used)).then(|| list.get(at + 3..=end))?
}

/// The first constant of each part of a list of lists or of an object: `[['a', 1], ['b', 2]]`, `{'a': 1, 'b': 2}`; the constants of
/// a plain list.
fn firsts(value: &[Token], plain: bool) -> Option<Vec<Token>> {
    let [Token::Open(open), inner @ .., Token::Close(_)] = value else { return None };
    let mut depth = 0usize;
    let parts = inner.split(|token| {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Comma
    });
    let mut found = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let text = match (part, open) {
            ([text @ Token::Text(Some(_))], b'[') if plain => text,
            ([text @ Token::Text(Some(_)), Token::Colon, ..], b'{') if !plain => text,
            ([Token::Open(b'['), text @ Token::Text(Some(_)), Token::Comma, ..], b'[') if !plain => text,
            _ => return None,
        };
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    Some(found).filter(|found| !found.is_empty())
}

/// `for (const [path, text] of [['a', 'x']])`, `… of Object.entries({'a': 'x'})`, or a name for one of them.
fn paired(list: &[Token], at: usize) -> Option<(usize, Vec<u8>, Vec<Token>)> {
    let [Token::Open(b'('), kind, Token::Open(b'['), Token::Name(name)] = list.get(at + 1..at + 5)? else {
        return None;
    };
    let of = close(list, at + 3) + 1;
    if !is(list.get(at), "for") || !is(Some(kind), "const") || !is(list.get(of), "of") || has_meaning(name) {
        return None;
    }
    let entries = is(list.get(of + 1), "Object") && is(list.get(of + 3), "entries");
    // Nothing but the language's own is asked.
    let own = |at: usize| match list.get(at) {
        Some(Token::Name(word)) if word == b"Object" => list.get(at + 1) == Some(&Token::Dot),
        Some(Token::Name(word)) if word == b"entries" => list.get(at + 1) != Some(&Token::Assign),
        _ => true,
    };
    if entries && !(0..list.len()).all(own) {
        return None;
    }
    let from = if entries { of + 5 } else { of + 1 };
    let value = match list.get(from)? {
        Token::Name(own) => constant(list, own, |at| {
            let before = at.checked_sub(1).and_then(|at| list.get(at));
            let entries =
                before == Some(&Token::Open(b'(')) && is(at.checked_sub(2).and_then(|at| list.get(at)), "entries");
            list.get(at + 1) == Some(&Token::Close(b')')) && (entries || is(before, "of"))
        })?,
        _ => list.get(from..=close(list, from))?,
    };
    let object = value.first() == Some(&Token::Open(b'{'));
    (object == entries && alone(list, name, at + 4)).then_some(())?;
    Some((at + 4, name.clone(), firsts(value, false)?))
}

/// `['a', 'b'].forEach(path => …)`, or a name for the list.
fn each(list: &[Token], at: usize) -> Option<(usize, Vec<u8>, Vec<Token>)> {
    if list.get(at) != Some(&Token::Dot) || !(is(list.get(at + 1), "forEach") || is(list.get(at + 1), "map")) {
        return None;
    }
    let bracket = list.get(at + 3) == Some(&Token::Open(b'('));
    let own = if bracket { at + 4 } else { at + 3 };
    let (Some(Token::Name(name)), Some(behind)) = (list.get(own), list.get(own + 1)) else { return None };
    let fine = if bracket { matches!(behind, Token::Close(b')') | Token::Comma) } else { *behind == Token::Arrow };
    if !fine || has_meaning(name) || !alone(list, name, own) || reassigned(list, name) {
        return None;
    }
    let value = match list.get(at.checked_sub(1)?)? {
        Token::Name(whole) => constant(list, whole, |at| {
            let each = list.get(at + 1) == Some(&Token::Dot)
                && (is(list.get(at + 2), "forEach") || is(list.get(at + 2), "map"));
            each || list.get(at + 1) == Some(&Token::Dot) && is(list.get(at + 2), "length")
        })?,
        Token::Close(b']') => {
            let open = opened(list, at - 1);
            // Behind a value the brackets look something up in it.
            let begins = matches!(
                open.checked_sub(1).and_then(|at| list.get(at)),
                None | Some(Token::Semicolon | Token::Close(b'}') | Token::Open(_) | Token::Comma | Token::Arrow)
            );
            begins.then(|| list.get(open..at))??
        }
        _ => return None,
    };
    Some((own, name.clone(), firsts(value, true)?))
}

/// `function fix(path) {…}`, `const fix = (path) => …` that is called with constants and nothing else.
fn given(list: &[Token], at: usize) -> Option<(usize, Vec<u8>, Vec<Token>)> {
    let (function, own) = match list.get(at..at + 5)? {
        [word, Token::Name(function), Token::Open(b'('), Token::Name(_), Token::Close(b')') | Token::Comma]
            if is(Some(word), "function") =>
        {
            (function, at + 3)
        }
        [word, Token::Name(function), Token::Assign, Token::Open(b'('), Token::Name(_)]
            if is(Some(word), "const") && list.get(close(list, at + 3) + 1) == Some(&Token::Arrow) =>
        {
            (function, at + 4)
        }
        [word, Token::Name(function), Token::Assign, Token::Name(_), Token::Arrow] if is(Some(word), "const") => {
            (function, at + 3)
        }
        _ => return None,
    };
    let Some(Token::Name(name)) = list.get(own) else { return None };
    if has_meaning(function)
        || has_meaning(name)
        || !alone(list, function, at + 1)
        || !alone(list, name, own)
        || reassigned(list, name)
    {
        return None;
    }
    let mut found: Vec<Token> = Vec::new();
    for (call, token) in list.iter().enumerate() {
        if call == at + 1 || !matches!(token, Token::Name(word) if word == function) {
            continue;
        }
        let before = call.checked_sub(1).and_then(|at| list.get(at));
        match list.get(call + 1..call + 4)? {
            [Token::Open(b'('), text @ Token::Text(Some(_)), Token::Comma | Token::Close(b')')]
                if before != Some(&Token::Dot) =>
            {
                if !found.contains(text) {
                    found.push(text.clone());
                }
            }
            _ => return None,
        }
    }
    Some((own, name.clone(), Some(found).filter(|found| !found.is_empty())?))
}

/// The first `for (const name of ['a', 'b'])` and its like: where the name stands, the name and the values.
fn looped(list: &[Token]) -> Option<(usize, Vec<u8>, Vec<Token>)> {
    (0..list.len()).find_map(|at| {
        if let Some(found) = paired(list, at).or_else(|| each(list, at)).or_else(|| given(list, at)) {
            return Some(found);
        }
        let declared =
            is(list.get(at), "for") && list.get(at + 1) == Some(&Token::Open(b'(')) && is(list.get(at + 2), "const");
        let Some(Token::Name(name)) = list.get(at + 3).filter(|_| declared && is(list.get(at + 4), "of")) else {
            return None;
        };
        if list.get(at + 5) != Some(&Token::Open(b'[')) || has_meaning(name) || !alone(list, name, at + 3) {
            return None;
        }
        let end = close(list, at + 5);
        if list.get(end + 1) != Some(&Token::Close(b')')) {
            return None;
        }
        let values: Option<Vec<Token>> = list
            .get(at + 6..end)?
            .split(|token| *token == Token::Comma)
            .filter(|value| !value.is_empty())
            .map(|value| if let [text @ Token::Text(Some(_))] = value { Some(text.clone()) } else { None })
            .collect();
        Some((at + 3, name.clone(), values.filter(|values| !values.is_empty())?))
    })
}
