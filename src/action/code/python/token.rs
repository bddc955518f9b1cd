//! Python's words: strings in all their prefixes, f-strings with the expressions inside them, comments, continuations.

use crate::action::code::cursor::Cursor;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string; `None`: its value was not worked out.
    Text(Option<Vec<u8>>),
    /// An f-string; the expressions in it follow, each in parentheses.
    Format,
    Number,
    Name(Vec<u8>),
    Open(u8),
    Close(u8),
    Comma,
    Dot,
    /// `=` alone
    Assign,
    At,
    /// A newline or semicolon outside brackets.
    End,
    /// `+=` and its like, `:=`
    Augment,
    /// Any other operator, by its first byte.
    Operator(u8),
    /// What stands for a path below a directory whose last component matches a glob; no code spells it.
    Below(Vec<u8>, Vec<u8>),
}

type Done = Result<(), &'static str>;

/// How deep f-strings may nest.
const NESTED: usize = 8;

/// Splits code; the expressions of f-strings stand in the same list.
pub(super) fn tokens(code: &[u8]) -> Result<Vec<Token>, &'static str> {
    let mut at = Cursor::new(code);
    let mut list = Vec::new();
    part(&mut at, &mut list, None, 0)?;
    Ok(list)
}

/// Up to the end, or to the end of an f-string's expression whose quote is `quote`.
fn part(at: &mut Cursor, list: &mut Vec<Token>, inside: Option<()>, depth: usize) -> Done {
    if depth > NESTED {
        return Err("f-strings nested too deeply");
    }
    let mut open: Vec<u8> = Vec::new();
    while let Some(byte) = at.peek() {
        if inside.is_some() && open.is_empty() {
            // The expression ends at `}`, at a conversion or at a format specification.
            let conversion = byte == b'!' && at.peek_at(1) != Some(b'=');
            if byte == b'}' || byte == b':' || conversion {
                return Ok(());
            }
        }
        match byte {
            b' ' | b'\t' | 0x0c => {
                at.next();
            }
            b'\n' | b'\r' => {
                at.next();
                if open.is_empty() && inside.is_none() {
                    list.push(Token::End);
                }
            }
            b';' => {
                at.next();
                list.push(Token::End);
            }
            b'#' if inside.is_some() => return Err("a comment in an f-string"),
            b'#' => {
                let comment = at.take_while(|byte| byte != b'\n' && byte != b'\r');
                if comment.windows(6).any(|window| window == b"coding") {
                    return Err("a comment that may declare another encoding");
                }
            }
            b'\\' if inside.is_some() => return Err("a backslash in an f-string's expression"),
            b'\\' => {
                at.next();
                at.eat(b'\r');
                if !at.eat(b'\n') {
                    return Err("a stray backslash");
                }
            }
            b'"' | b'\'' => string(at, list, b"", depth)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let name = at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if at.peek().is_some_and(|byte| !byte.is_ascii()) {
                    return Err("non-ASCII in a name");
                }
                if matches!(at.peek(), Some(b'"' | b'\'')) {
                    string(at, list, &name.to_ascii_lowercase(), depth)?;
                } else {
                    list.push(Token::Name(name.to_vec()));
                }
            }
            b'0'..=b'9' => {
                at.take_while(|byte| byte.is_ascii_digit() || byte == b'_' || byte == b'.');
                // Exponents, prefixes and imaginary units; `1if x` ends before the keyword and is not worth reading.
                at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                list.push(Token::Number);
            }
            b'(' | b'[' | b'{' => {
                at.next();
                open.push(byte);
                list.push(Token::Open(byte));
            }
            b')' | b']' | b'}' => {
                at.next();
                let matching = match byte {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                if open.pop() != Some(matching) {
                    return Err("brackets that do not match");
                }
                list.push(Token::Close(byte));
            }
            b',' => {
                at.next();
                list.push(Token::Comma);
            }
            b'.' => {
                at.next();
                if at.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    at.take_while(|byte| byte.is_ascii_alphanumeric());
                    list.push(Token::Number);
                } else {
                    list.push(Token::Dot);
                }
            }
            b'@' => {
                at.next();
                list.push(Token::At);
            }
            b'=' => {
                at.next();
                list.push(if at.eat(b'=') { Token::Operator(byte) } else { Token::Assign });
            }
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b':' | b'!' => {
                at.next();
                let compares = matches!(byte, b'<' | b'>' | b'!' | b'~');
                list.push(if at.eat(b'=') && !compares { Token::Augment } else { Token::Operator(byte) });
            }
            _ => return Err("a byte that no Python has outside strings"),
        }
    }
    if inside.is_some() {
        return Err("an f-string that is not closed");
    }
    if open.is_empty() { Ok(()) } else { Err("a bracket that is not closed") }
}

/// A string, its prefix consumed.
fn string(at: &mut Cursor, list: &mut Vec<Token>, prefix: &[u8], depth: usize) -> Done {
    let (raw, formatted) = match prefix {
        b"" | b"b" | b"u" => (false, false),
        b"r" | b"br" | b"rb" => (true, false),
        b"f" => (false, true),
        b"fr" | b"rf" => (true, true),
        _ => return Err("a string prefix that is not known"),
    };
    let Some(quote) = at.next() else { return Err("a string that is not closed") };
    let long = at.eat_text(&[quote, quote]);
    let index = list.len();
    list.push(if formatted { Token::Format } else { Token::Text(None) });
    let mut value = Some(Vec::new());
    loop {
        match at.next() {
            None => return Err("a string that is not closed"),
            Some(byte) if byte == quote => {
                if !long || at.eat_text(&[quote, quote]) {
                    break;
                }
                push(&mut value, byte);
            }
            Some(b'\n' | b'\r') if !long => return Err("a string that is not closed"),
            Some(b'\\') => match at.next() {
                None => return Err("a string that is not closed"),
                Some(escaped) if raw => {
                    push(&mut value, b'\\');
                    push(&mut value, escaped);
                }
                Some(b'\n') => {}
                Some(escaped @ (b'\\' | b'\'' | b'"')) => push(&mut value, escaped),
                Some(b'n') => push(&mut value, b'\n'),
                Some(b't') => push(&mut value, b'\t'),
                Some(b'N') if formatted => return Err("a named character in an f-string"),
                // Other escapes: the value is not needed that much.
                Some(_) => value = None,
            },
            Some(b'{') if formatted => {
                if !at.eat(b'{') {
                    field(at, list, quote, depth)?;
                }
            }
            Some(byte) => push(&mut value, byte),
        }
    }
    if !formatted && let Some(token) = list.get_mut(index) {
        *token = Token::Text(value);
    }
    Ok(())
}

/// A replacement field, `{` consumed.
fn field(at: &mut Cursor, list: &mut Vec<Token>, quote: u8, depth: usize) -> Done {
    list.push(Token::Open(b'('));
    part(at, list, Some(()), depth + 1)?;
    list.push(Token::Close(b')'));
    if at.eat(b'!') {
        at.take_while(|byte| byte.is_ascii_alphabetic());
    }
    if at.eat(b':') {
        // The format specification, with fields of its own.
        loop {
            match at.next() {
                Some(b'}') => return Ok(()),
                Some(b'{') => field(at, list, quote, depth + 1)?,
                Some(byte) if byte != quote && byte != b'\\' && byte != b'\n' && byte != b'\r' => {}
                _ => return Err("a format specification that is not closed"),
            }
        }
    }
    if at.eat(b'}') { Ok(()) } else { Err("an f-string's field that is not closed") }
}

fn push(value: &mut Option<Vec<u8>>, byte: u8) {
    if let Some(bytes) = value {
        bytes.push(byte);
    }
}
