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
            if let Some(Token::Name(name)) = own.get_mut(at) {
                *name = b"_".to_vec();
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
        range.into_iter().any(|at| matches!(list.get(at), Some(Token::Name(word)) if word == name))
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

/// The first `for (const name of ['a', 'b'])`: where the name stands, the name and the values.
fn looped(list: &[Token]) -> Option<(usize, Vec<u8>, Vec<Token>)> {
    (0..list.len()).find_map(|at| {
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
