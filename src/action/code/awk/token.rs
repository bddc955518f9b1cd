//! awk's words: tells a regex from a division as the grammar would.

use crate::action::code::cursor::Cursor;

/// One token; only what matters for finding effects is told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string constant; `None`: its value differs between awks.
    Text(Option<Vec<u8>>),
    /// A regex constant.
    Regex,
    /// A number.
    Number,
    /// A variable, function or builtin.
    Name(Vec<u8>),
    /// `print` or `printf`.
    Print,
    /// `getline`
    Getline,
    /// `if`, `while`, `for`, `switch`: a parenthesis follows that is no operand.
    Control,
    /// Another reserved word.
    Keyword,
    /// `( [ {`
    Open(u8),
    /// `) ] }`
    Close(u8),
    /// `)` that closes the head of `if`, `while`, `for`: a statement follows.
    CloseHead,
    Newline,
    Semicolon,
    Greater,
    Append,
    Less,
    /// `|`
    Pipe,
    /// `|&`
    CoPipe,
    /// `==`, `!=`, `<=`, `>=`
    Compare,
    /// `&&`, `||`
    And,
    /// `=` and its kin
    Assign,
    /// `++` or `--` after an operand
    After,
    /// `++` or `--` before an operand
    Before,
    Dollar,
    At,
    /// `,`, `?` or `:`
    Comma,
    /// Any other operator.
    Operator,
}

/// Splits a program. `brackets`: a slash inside `[…]` does not end a regex.
pub(super) fn tokens(program: &[u8], brackets: bool) -> Result<Vec<Token>, &'static str> {
    let mut at = Cursor::new(program);
    let mut list: Vec<Token> = Vec::new();
    // What is open: the byte, and whether it is the head of a control statement.
    let mut open: Vec<(u8, bool)> = Vec::new();
    loop {
        at.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        let Some(byte) = at.peek() else { break };
        let token = match byte {
            b'\n' => {
                at.next();
                // A statement goes on over a newline here.
                if matches!(list.last(), Some(Token::Comma | Token::And)) {
                    continue;
                }
                Token::Newline
            }
            b'#' => {
                at.take_while(|byte| byte != b'\n');
                continue;
            }
            b'\\' => {
                at.next();
                at.eat(b'\r');
                if !at.eat(b'\n') {
                    return Err("a backslash in an awk program");
                }
                continue;
            }
            b'"' => {
                at.next();
                Token::Text(string(&mut at)?)
            }
            b'/' => {
                at.next();
                if divides(list.last())? {
                    at.eat(b'=');
                    Token::Operator
                } else {
                    regex(&mut at, brackets)?;
                    Token::Regex
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                word(at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
            }
            b'0'..=b'9' | b'.' => {
                number(&mut at);
                Token::Number
            }
            b'(' | b'[' | b'{' => {
                at.next();
                open.push((byte, list.last() == Some(&Token::Control)));
                Token::Open(byte)
            }
            b')' | b']' | b'}' => {
                at.next();
                let matching = match byte {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                match open.pop() {
                    Some((opened, true)) if opened == matching && byte == b')' => Token::CloseHead,
                    Some((opened, _)) if opened == matching => Token::Close(byte),
                    _ => return Err("awk brackets that do not match"),
                }
            }
            _ => operator(&mut at, list.last())?,
        };
        list.push(token);
    }
    if open.is_empty() { Ok(list) } else { Err("an awk bracket that is not closed") }
}

/// Whether `/` after this token divides.
fn divides(last: Option<&Token>) -> Result<bool, &'static str> {
    match last {
        Some(Token::Name(name)) if name == b"length" => Err("`/` after `length`"),
        Some(Token::Name(_) | Token::Number | Token::Text(_) | Token::Regex | Token::After) => Ok(true),
        Some(Token::Close(b')' | b']')) => Ok(true),
        Some(Token::Before | Token::Dollar | Token::Getline | Token::At | Token::Control) => {
            Err("`/` where neither a regex nor a division can stand")
        }
        _ => Ok(false),
    }
}

fn word(name: &[u8]) -> Token {
    match name {
        b"print" | b"printf" => Token::Print,
        b"getline" => Token::Getline,
        b"if" | b"while" | b"for" | b"switch" => Token::Control,
        b"BEGIN" | b"END" | b"BEGINFILE" | b"ENDFILE" | b"function" | b"func" | b"else" | b"do" | b"in" | b"return"
        | b"next" | b"nextfile" | b"exit" | b"break" | b"continue" | b"delete" | b"case" | b"default" => Token::Keyword,
        name => Token::Name(name.to_vec()),
    }
}

fn number(at: &mut Cursor) {
    let start = at.at();
    at.take_while(|byte| byte.is_ascii_digit() || byte == b'.');
    if matches!(at.peek(), Some(b'e' | b'E')) && at.at() > start {
        let sign = usize::from(matches!(at.peek_at(1), Some(b'+' | b'-')));
        if at.peek_at(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
            at.next();
            if sign == 1 {
                at.next();
            }
            at.take_while(|byte| byte.is_ascii_digit());
        }
    }
}

/// A string, its opening quote consumed. `Ok(None)`: closed, but its value is read differently by different awks.
fn string(at: &mut Cursor) -> Result<Option<Vec<u8>>, &'static str> {
    let mut value = Some(Vec::new());
    let push = |value: &mut Option<Vec<u8>>, byte: u8| {
        if let Some(bytes) = value {
            bytes.push(byte);
        }
    };
    loop {
        match at.next() {
            None | Some(b'\n') => return Err("an awk string that is not closed"),
            Some(b'"') => return Ok(value),
            Some(b'\\') => match at.next() {
                None => return Err("an awk string that is not closed"),
                Some(b'\n') => {}
                Some(escaped @ (b'"' | b'\\' | b'/')) => push(&mut value, escaped),
                Some(b'n') => push(&mut value, b'\n'),
                Some(b't') => push(&mut value, b'\t'),
                Some(b'r') => push(&mut value, b'\r'),
                Some(b'a') => push(&mut value, 7),
                Some(b'b') => push(&mut value, 8),
                Some(b'f') => push(&mut value, 12),
                Some(b'v') => push(&mut value, 11),
                Some(digit @ b'0'..=b'7') => {
                    let mut number = u32::from(digit - b'0');
                    for _ in 0..2 {
                        match at.peek() {
                            Some(next @ b'0'..=b'7') => {
                                at.next();
                                number = number * 8 + u32::from(next - b'0');
                            }
                            _ => break,
                        }
                    }
                    match u8::try_from(number) {
                        Ok(byte) => push(&mut value, byte),
                        Err(_) => value = None,
                    }
                }
                Some(_) => value = None,
            },
            Some(byte) => push(&mut value, byte),
        }
    }
}

/// A regex, its opening slash consumed.
fn regex(at: &mut Cursor, brackets: bool) -> Result<(), &'static str> {
    let mut inside = false;
    loop {
        match at.next() {
            None | Some(b'\n') => return Err("an awk regex that is not closed"),
            Some(b'/') if !inside => return Ok(()),
            Some(b'\\') => {
                if at.next().is_none_or(|byte| byte == b'\n') {
                    return Err("an awk regex that is not closed");
                }
            }
            Some(b'[') if brackets && !inside => {
                inside = true;
                at.eat(b'^');
                at.eat(b']');
            }
            Some(b'[') if inside => {
                // `[:class:]`, `[=e=]`, `[.c.]`
                if let Some(class @ (b':' | b'=' | b'.')) = at.peek() {
                    at.next();
                    at.take_while(|byte| byte != class && byte != b'\n' && byte != b'/');
                    at.eat(class);
                    at.eat(b']');
                }
            }
            Some(b']') if inside => inside = false,
            Some(_) => {}
        }
    }
}

fn operator(at: &mut Cursor, last: Option<&Token>) -> Result<Token, &'static str> {
    for (text, token) in [
        (&b"**="[..], Token::Assign),
        (b">>", Token::Append),
        (b">=", Token::Compare),
        (b"<=", Token::Compare),
        (b"==", Token::Compare),
        (b"!=", Token::Compare),
        (b"&&", Token::And),
        (b"||", Token::And),
        (b"|&", Token::CoPipe),
        (b"+=", Token::Assign),
        (b"-=", Token::Assign),
        (b"*=", Token::Assign),
        (b"%=", Token::Assign),
        (b"^=", Token::Assign),
        (b"**", Token::Operator),
    ] {
        if at.eat_text(text) {
            return Ok(token);
        }
    }
    if at.eat_text(b"++") || at.eat_text(b"--") {
        let operand = matches!(last, Some(Token::Name(_) | Token::Close(b']' | b')') | Token::Number));
        return Ok(if operand { Token::After } else { Token::Before });
    }
    match at.next() {
        Some(b';') => Ok(Token::Semicolon),
        Some(b'>') => Ok(Token::Greater),
        Some(b'<') => Ok(Token::Less),
        Some(b'|') => Ok(Token::Pipe),
        Some(b'=') => Ok(Token::Assign),
        Some(b'$') => Ok(Token::Dollar),
        Some(b'@') => Ok(Token::At),
        Some(b',' | b'?' | b':') => Ok(Token::Comma),
        Some(b'+' | b'-' | b'*' | b'%' | b'^' | b'!' | b'~') => Ok(Token::Operator),
        _ => Err("a byte that no awk program has outside strings"),
    }
}
