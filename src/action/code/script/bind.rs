//! Names that the code binds: which they are, and which stand for one constant path wherever they are used.

use std::collections::BTreeSet;

use super::token::{Flavor, Token};

/// Names replaced at most, and readings of one code at most.
const NAMES: usize = 32;
const READINGS: usize = 16;

/// The names Ruby's code binds by assignment, as parameters of blocks, in loops and rescues.
pub(super) fn names(flavor: Flavor, list: &[Token]) -> BTreeSet<Vec<u8>> {
    let mut bound = BTreeSet::new();
    if flavor == Flavor::Php {
        return bound;
    }
    let mut block = false;
    for (at, token) in list.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| list.get(at));
        match token {
            // `{ |a, (b, c)|`, `do |a|`
            Token::Operator(b'|') => {
                let opens = matches!(before, Some(Token::Open(b'{')))
                    || matches!(before, Some(Token::Name(word)) if word == b"do");
                block = opens && !block;
            }
            Token::Operator(b'O') => {}
            Token::Name(name) if name.first().is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b'_') => {
                let member = matches!(before, Some(Token::Dot));
                let set = matches!(list.get(at + 1), Some(Token::Assign | Token::Augment));
                // `a, b = …`
                let among = matches!(list.get(at + 1), Some(Token::Comma)) && several(list, at);
                let looped = matches!(before, Some(Token::Name(word)) if word == b"for");
                let rescued = matches!(before, Some(Token::Arrow));
                if !member && (block || set || among || looped || rescued) {
                    bound.insert(name.clone());
                }
            }
            Token::End => block = false,
            _ => {}
        }
    }
    bound
}

/// Whether names and commas from here lead to an assignment at the beginning of a statement.
fn several(list: &[Token], at: usize) -> bool {
    let begins = at == 0 || matches!(list.get(at - 1), Some(Token::End | Token::Comma | Token::Open(b'{')));
    let rest = list.get(at..).unwrap_or_default();
    let end = rest.iter().position(|token| !matches!(token, Token::Name(_) | Token::Comma));
    begins && matches!(end.and_then(|end| rest.get(end)), Some(Token::Assign))
}

/// The code with names of constant paths replaced, once for each value that a loop gives.
pub(super) fn inlined(flavor: Flavor, list: Vec<Token>) -> Vec<Vec<Token>> {
    let mut list = list;
    for _ in 0..NAMES {
        let Some((at, name)) = (0..list.len()).find_map(|at| Some((at, assigned(flavor, &list, at)?))) else { break };
        let Some(value) = list.get(at + 2).cloned() else { break };
        list.drain(at..at + 3);
        list = replaced(&list, &name, &value);
    }
    let mut all = vec![list];
    for _ in 0..NAMES {
        let Some((name, values)) = all.first().and_then(|first| looped(flavor, first)) else { break };
        if all.len() * values.len() > READINGS {
            break;
        }
        all = all
            .iter()
            .flat_map(|list| values.iter().map(|value| replaced(list, &name, value)).collect::<Vec<_>>())
            .collect();
    }
    all
}

/// `name = 'text'` as a statement, where the name is bound nowhere else and only stands where a path is taken.
fn assigned(flavor: Flavor, list: &[Token], at: usize) -> Option<Token> {
    let begins = at == 0 || matches!(list.get(at - 1), Some(Token::End | Token::Open(b'{') | Token::Close(b'}')));
    let name = list.get(at).filter(|token| is_variable(flavor, token))?;
    let value = matches!(list.get(at + 2), Some(Token::Text(Some(_))));
    let ends = matches!(list.get(at + 3), None | Some(Token::End));
    let set = list.get(at + 1) == Some(&Token::Assign);
    (begins && value && ends && set && only_paths(flavor, list, name, &[at])).then(|| name.clone())
}

fn is_variable(flavor: Flavor, token: &Token) -> bool {
    match (flavor, token) {
        (Flavor::Php, Token::Variable(name)) => !matches!(name.as_slice(), b"this" | b"GLOBALS" | b"_ENV" | b"_SERVER"),
        (Flavor::Ruby, Token::Name(name)) => name.first().is_some_and(u8::is_ascii_lowercase),
        _ => false,
    }
}

/// Whether each use of the name but at `bindings` is an argument of a call that takes a path, or is printed: nothing may
/// bind it anew or change the text it holds.
fn only_paths(flavor: Flavor, list: &[Token], name: &Token, bindings: &[usize]) -> bool {
    (0..list.len()).filter(|at| list.get(*at) == Some(name) && !bindings.contains(at)).all(|at| {
        let behind = |by: usize| at.checked_sub(by).and_then(|at| list.get(at));
        let ends = matches!(list.get(at + 1), None | Some(Token::Comma | Token::Close(_) | Token::End));
        let member = flavor == Flavor::Ruby && matches!(behind(1), Some(Token::Dot));
        let callee = match flavor {
            Flavor::Php => matches!((behind(1), behind(2)), (Some(Token::Open(b'(')), Some(Token::Name(call))) if takes_path(call)),
            Flavor::Ruby => {
                let class = matches!(behind(4), Some(Token::Name(class)) if matches!(class.as_slice(), b"File" | b"IO" | b"YAML" | b"CSV"));
                class && matches!((behind(1), behind(3)), (Some(Token::Open(b'(')), Some(Token::Dot)))
            }
        };
        // In a string, or printed.
        let shown = match behind(1) {
            Some(Token::Open(b'(')) => matches!(behind(2), Some(Token::Text(None))),
            Some(Token::Text(None)) => true,
            Some(Token::Name(word)) => matches!(word.as_slice(), b"puts" | b"print" | b"p" | b"echo"),
            _ => false,
        };
        member || ends && (callee || shown)
    })
}

fn takes_path(call: &[u8]) -> bool {
    let call = (super::php::LANGUAGE.function)(&call.to_ascii_lowercase());
    matches!(call, Some(super::Call::File(_) | super::Call::Put | super::Call::Open))
}

fn replaced(list: &[Token], name: &Token, value: &Token) -> Vec<Token> {
    let member = |at: usize| at.checked_sub(1).and_then(|at| list.get(at)) == Some(&Token::Dot);
    let binds = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| list.get(at));
        matches!(before, Some(Token::Operator(b'|'))) || matches!(before, Some(Token::Name(word)) if word == b"as")
    };
    list.iter()
        .enumerate()
        .map(|(at, token)| if token == name && !member(at) && !binds(at) { value.clone() } else { token.clone() })
        .collect()
}

/// `foreach (glob('src/*.php') as $f)`, `Dir.glob('lib/**/*.rb').each { |f|`, `%w[a b].each do |f|`: the name and its values.
fn looped(flavor: Flavor, list: &[Token]) -> Option<(Token, Vec<Token>)> {
    (0..list.len()).find_map(|at| {
        let (name, values, binding) = match flavor {
            Flavor::Php => {
                let is = |at: usize, word: &str| matches!(list.get(at), Some(Token::Name(name)) if name == word.as_bytes());
                if !is(at, "foreach") || list.get(at + 1) != Some(&Token::Open(b'(')) {
                    return None;
                }
                let end = (at + 2..list.len()).find(|at| is(*at, "as"))?;
                (list.get(end + 1)?.clone(), list.get(at + 2..end)?, end + 1)
            }
            Flavor::Ruby => {
                // `. each {|name|`
                let each = matches!((list.get(at), list.get(at + 1)), (Some(Token::Dot), Some(Token::Name(word))) if word == b"each");
                let opens = match list.get(at + 2) {
                    Some(Token::Open(b'{')) => true,
                    Some(Token::Name(word)) => word == b"do",
                    _ => false,
                };
                let bars = (list.get(at + 3), list.get(at + 5));
                if !each || !opens || bars != (Some(&Token::Operator(b'|')), Some(&Token::Operator(b'|'))) {
                    return None;
                }
                let start = (0..at).rev().find(|at| matches!(list.get(*at), Some(Token::End))).map_or(0, |at| at + 1);
                (list.get(at + 4)?.clone(), list.get(start..at)?, at + 4)
            }
        };
        let once = list.get(binding) == Some(&name) && is_variable(flavor, &name) && only_paths(flavor, list, &name, &[binding]);
        let values = given(flavor, values).filter(|_| once)?;
        Some((name, values))
    })
}

/// The values of a loop: constants of a list, or what a directory holds.
fn given(flavor: Flavor, values: &[Token]) -> Option<Vec<Token>> {
    match (flavor, values) {
        (_, [Token::Open(b'['), inner @ .., Token::Close(b']')]) => {
            let found: Option<Vec<Token>> = inner
                .split(|token| *token == Token::Comma)
                .filter(|value| !value.is_empty())
                .map(|value| if let [text @ Token::Text(Some(_))] = value { Some(text.clone()) } else { None })
                .collect();
            found.filter(|found| !found.is_empty())
        }
        (Flavor::Php, [Token::Name(call), Token::Open(b'('), Token::Text(Some(pattern)), Token::Close(b')')])
            if call == b"glob" =>
        {
            Some(vec![below(pattern)?])
        }
        (
            Flavor::Ruby,
            [
                Token::Name(class),
                Token::Dot,
                Token::Name(call),
                Token::Open(b'('),
                Token::Text(Some(pattern)),
                Token::Close(b')'),
            ],
        ) if class == b"Dir" && call == b"glob" => Some(vec![below(pattern)?]),
        (Flavor::Ruby, [Token::Name(class), Token::Open(b'['), Token::Text(Some(pattern)), Token::Close(b']')])
            if class == b"Dir" =>
        {
            Some(vec![below(pattern)?])
        }
        _ => None,
    }
}

/// The directory before the first glob character.
pub(super) fn directory(pattern: &[u8]) -> Vec<u8> {
    let glob = pattern.iter().position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'{')).unwrap_or(pattern.len());
    match pattern.iter().take(glob).rposition(|byte| *byte == b'/') {
        Some(0) => b"/".to_vec(),
        Some(at) => pattern.get(..at).unwrap_or_default().to_vec(),
        None => b".".to_vec(),
    }
}

fn below(pattern: &[u8]) -> Option<Token> {
    let alternatives = pattern.iter().any(|byte| matches!(byte, b'{' | b'\0'));
    let name = pattern.rsplit(|byte| *byte == b'/').next()?;
    let climbs = pattern.get(directory(pattern).len()..)?.windows(2).any(|two| two == b"..");
    (!alternatives && !climbs).then(|| Token::Below(directory(pattern), name.to_vec()))
}
