//! JavaScript's words: strings, templates with the expressions in them, patterns told from divisions.

use crate::action::code::cursor::Cursor;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string, with its value where it was worked out.
    Text(Option<Vec<u8>>),
    /// A template with expressions, which follow, each in parentheses.
    Template,
    Number,
    Pattern,
    Name(Vec<u8>),
    Open(u8),
    Close(u8),
    Comma,
    /// `.` or `?.`
    Dot,
    Assign,
    /// `=>`
    Arrow,
    Colon,
    Semicolon,
    /// `...`
    Spread,
    Operator,
}

type Done = Result<(), &'static str>;

/// How deep templates may nest.
const NESTED: usize = 8;

/// Splits code; the expressions of templates stand in the same list.
pub(super) fn tokens(code: &[u8]) -> Result<Vec<Token>, &'static str> {
    let mut at = Cursor::new(code);
    let mut list = Vec::new();
    part(&mut at, &mut list, 0)?;
    Ok(list)
}

/// Up to the end, or to the `}` that ends a template's expression.
fn part(at: &mut Cursor, list: &mut Vec<Token>, depth: usize) -> Done {
    if depth > NESTED {
        return Err("templates nested too deeply");
    }
    let mut open: Vec<u8> = Vec::new();
    while let Some(byte) = at.peek() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at.next();
            }
            b'/' if at.peek_at(1) == Some(b'/') => {
                at.take_while(|byte| byte != b'\n' && byte != b'\r');
            }
            b'/' if at.peek_at(1) == Some(b'*') => comment(at)?,
            b'<' if at.rest().starts_with(b"<!--") => return Err("a comment of web pages"),
            b'-' if at.rest().starts_with(b"-->") => return Err("a comment of web pages"),
            b'/' => match divides(list) {
                Some(true) => {
                    at.next();
                    list.push(if at.eat(b'=') { Token::Assign } else { Token::Operator });
                }
                Some(false) => pattern(at, list)?,
                None => return Err("a slash that divides or begins a pattern"),
            },
            b'\'' | b'"' => text(at, list, byte)?,
            b'`' => {
                at.next();
                template(at, list, depth)?;
            }
            b'0'..=b'9' => {
                at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if at.peek() == Some(b'.') && at.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
                    at.next();
                    at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                }
                list.push(Token::Number);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => {
                let name = at.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
                list.push(Token::Name(name.to_vec()));
            }
            b'(' | b'[' | b'{' => {
                at.next();
                open.push(byte);
                list.push(Token::Open(byte));
            }
            b'}' if open.is_empty() && depth > 0 => return Ok(()),
            b')' | b']' | b'}' => {
                at.next();
                let matches =
                    matches!((open.pop(), byte), (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}'));
                if !matches {
                    return Err("brackets that do not match");
                }
                list.push(Token::Close(byte));
            }
            byte if byte.is_ascii_punctuation() => operator(at, list)?,
            _ => return Err("a byte that has no meaning outside strings"),
        }
    }
    if open.is_empty() && depth == 0 { Ok(()) } else { Err("a bracket that is not closed") }
}

fn operator(at: &mut Cursor, list: &mut Vec<Token>) -> Done {
    const LONG: &[(&[u8], Token)] = &[
        (b"...", Token::Spread),
        (b"===", Token::Operator),
        (b"!==", Token::Operator),
        (b"==", Token::Operator),
        (b"!=", Token::Operator),
        (b"<=", Token::Operator),
        (b">=", Token::Operator),
        (b"=>", Token::Arrow),
        (b"?.", Token::Dot),
        (b"&&=", Token::Assign),
        (b"||=", Token::Assign),
        (b"??=", Token::Assign),
        (b"**=", Token::Assign),
        (b"&&", Token::Operator),
        (b"||", Token::Operator),
        (b"??", Token::Operator),
        (b"**", Token::Operator),
    ];
    // `a ?.5 : b` is a choice.
    let choice = at.rest().starts_with(b"?.") && at.peek_at(2).is_some_and(|byte| byte.is_ascii_digit());
    if let Some((word, token)) = LONG.iter().find(|(word, _)| !choice && at.rest().starts_with(word)) {
        at.eat_text(word);
        list.push(token.clone());
        return Ok(());
    }
    if at.eat_text(b"++") || at.eat_text(b"--") {
        return Ok(());
    }
    let token = match at.next() {
        Some(b',') => Token::Comma,
        Some(b';') => Token::Semicolon,
        Some(b':') => Token::Colon,
        Some(b'.') => Token::Dot,
        Some(b'=') => Token::Assign,
        Some(b'+' | b'-' | b'*' | b'%' | b'&' | b'|' | b'^') if at.eat(b'=') => Token::Assign,
        Some(b'+' | b'-' | b'*' | b'%' | b'&' | b'|' | b'^' | b'<' | b'>' | b'!' | b'~' | b'?') => Token::Operator,
        _ => return Err("a byte that has no meaning outside strings"),
    };
    list.push(token);
    Ok(())
}

fn comment(at: &mut Cursor) -> Done {
    at.eat_text(b"/*");
    while at.peek().is_some() {
        if at.eat_text(b"*/") {
            return Ok(());
        }
        at.next();
    }
    Err("a comment that is not closed")
}

/// Whether a `/` here divides; `None`: it cannot be told.
fn divides(list: &[Token]) -> Option<bool> {
    match list.last() {
        None => Some(false),
        Some(Token::Text(_) | Token::Number | Token::Pattern | Token::Template | Token::Close(b']')) => Some(true),
        Some(Token::Name(name)) => Some(!matches!(
            name.as_slice(),
            b"return" | b"typeof" | b"in" | b"of" | b"case" | b"void" | b"delete" | b"else"
        )),
        // `if (x) /y/` begins a pattern, `(x) / y` divides: only where a condition cannot have been.
        Some(Token::Close(b')')) => {
            let mut depth = 0usize;
            for (index, token) in list.iter().enumerate().rev() {
                match token {
                    Token::Close(b')') => depth += 1,
                    Token::Open(b'(') => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            let before = index.checked_sub(1).and_then(|before| list.get(before));
                            return match before {
                                Some(Token::Name(name))
                                    if matches!(name.as_slice(), b"if" | b"while" | b"for" | b"with") =>
                                {
                                    None
                                }
                                _ => Some(true),
                            };
                        }
                    }
                    _ => {}
                }
            }
            None
        }
        Some(Token::Close(_)) => None,
        Some(
            Token::Open(_)
            | Token::Comma
            | Token::Dot
            | Token::Assign
            | Token::Arrow
            | Token::Colon
            | Token::Semicolon
            | Token::Spread
            | Token::Operator,
        ) => Some(false),
    }
}

fn pattern(at: &mut Cursor, list: &mut Vec<Token>) -> Done {
    at.next();
    let mut class = false;
    while let Some(byte) = at.next() {
        match byte {
            b'\\' => {
                at.next();
            }
            b'[' => class = true,
            b']' => class = false,
            b'\n' | b'\r' => break,
            b'/' if !class => {
                at.take_while(|byte| byte.is_ascii_alphabetic());
                list.push(Token::Pattern);
                return Ok(());
            }
            _ => {}
        }
    }
    Err("a pattern that is not closed")
}

fn text(at: &mut Cursor, list: &mut Vec<Token>, quote: u8) -> Done {
    at.next();
    let mut value = Some(Vec::new());
    while let Some(byte) = at.next() {
        match byte {
            b'\\' => escape(at, &mut value),
            b'\n' | b'\r' => break,
            byte if byte == quote => {
                list.push(Token::Text(value));
                return Ok(());
            }
            byte => {
                if let Some(value) = &mut value {
                    value.push(byte);
                }
            }
        }
    }
    Err("a string that is not closed")
}

fn escape(at: &mut Cursor, value: &mut Option<Vec<u8>>) {
    let byte = match at.next() {
        Some(b'n') => Some(b'\n'),
        Some(b't') => Some(b'\t'),
        Some(b'r') => Some(b'\r'),
        Some(byte @ (b'\\' | b'\'' | b'"' | b'`' | b'/' | b'$' | b'.' | b'-')) => Some(byte),
        _ => None,
    };
    match (byte, value.as_mut()) {
        (Some(byte), Some(value)) => value.push(byte),
        _ => *value = None,
    }
}

fn template(at: &mut Cursor, list: &mut Vec<Token>, depth: usize) -> Done {
    let mut value = Some(Vec::new());
    let mut inner = Vec::new();
    while let Some(byte) = at.next() {
        match byte {
            b'\\' => escape(at, &mut value),
            b'`' => {
                if inner.is_empty() {
                    list.push(Token::Text(value));
                } else {
                    // The expressions first: what follows the template must see that an operand stands before it.
                    list.append(&mut inner);
                    list.push(Token::Template);
                }
                return Ok(());
            }
            b'$' if at.eat(b'{') => {
                inner.push(Token::Operator);
                inner.push(Token::Open(b'('));
                part(at, &mut inner, depth + 1)?;
                at.next();
                inner.push(Token::Close(b')'));
                inner.push(Token::Operator);
            }
            byte => {
                if let Some(value) = &mut value {
                    value.push(byte);
                }
            }
        }
    }
    Err("a template that is not closed")
}
