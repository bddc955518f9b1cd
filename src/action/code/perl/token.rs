//! Perl's words: quote-like operators in every delimiter, patterns, variables. What Perl decides by context is decided
//! the way Perl does where that is certain; elsewhere splitting fails.

use crate::action::code::cursor::Cursor;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string, with its value where it is constant.
    Text(Option<Vec<u8>>),
    /// `qw(a b)`
    Words(Vec<Vec<u8>>),
    /// Backticks or `qx`, with the text where it is constant.
    Shell(Option<Vec<u8>>),
    /// The replacement of `s///e`.
    Code(Vec<u8>),
    Number,
    Word(Vec<u8>),
    /// Sigil and name.
    Variable(u8, Vec<u8>),
    /// `<>`, `<STDIN>`
    Line,
    Open(u8),
    Close(u8),
    Comma,
    /// `=>`
    Arrow,
    /// `->`
    Member,
    /// `=` and its compounds
    Assign,
    Semicolon,
    Operator,
}

type Failure = &'static str;

/// Splits code.
pub(super) fn tokens(code: &[u8]) -> Result<Vec<Token>, Failure> {
    let pod = |line: &[u8]| line.first() == Some(&b'=') && line.get(1).is_some_and(u8::is_ascii_alphabetic);
    if code.split(|byte| *byte == b'\n').any(pod) {
        return Err("Perl documentation inside code");
    }
    let mut at = Cursor::new(code);
    let mut list = Vec::new();
    while let Some(byte) = at.peek() {
        let operand = wants_operand(&list);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at.next();
            }
            b'#' => {
                at.take_while(|byte| byte != b'\n');
            }
            b'\'' => {
                at.next();
                let body = delimited(&mut at, b'\'')?;
                list.push(Token::Text(Some(unescaped(body))));
            }
            b'"' => {
                at.next();
                let body = delimited(&mut at, b'"')?;
                list.push(Token::Text(interpolated(body)?));
            }
            b'`' => {
                at.next();
                let body = delimited(&mut at, b'`')?;
                list.push(Token::Shell(interpolated(body)?));
            }
            b'$' | b'@' => variable(&mut at, &mut list)?,
            b'%' if operand => variable(&mut at, &mut list)?,
            b'/' if operand => {
                at.next();
                pattern(delimited(&mut at, b'/')?)?;
                at.take_while(|byte| byte.is_ascii_alphabetic());
                list.push(Token::Text(None));
            }
            b'?' if operand => return Err("a pattern between question marks"),
            b'<' if operand => {
                let known: &[&[u8]] = &[b"<>", b"<<>>", b"<STDIN>"];
                if !known.iter().any(|known| at.eat_text(known)) {
                    return Err("a here-document, a handle or a glob");
                }
                list.push(Token::Line);
            }
            b'&' if operand => return Err("a subroutine called by `&`"),
            b'*' if operand => return Err("a typeglob"),
            b'0'..=b'9' => {
                at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if at.peek() == Some(b'.') && at.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
                    at.next();
                    at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                }
                list.push(Token::Number);
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(&mut at, &mut list)?,
            b'(' | b'[' | b'{' => {
                at.next();
                list.push(Token::Open(byte));
            }
            b')' | b']' | b'}' => {
                at.next();
                list.push(Token::Close(byte));
            }
            b',' => {
                at.next();
                list.push(Token::Comma);
            }
            b';' => {
                at.next();
                list.push(Token::Semicolon);
            }
            _ => operator(&mut at, &mut list)?,
        }
    }
    Ok(list)
}

fn operator(at: &mut Cursor, list: &mut Vec<Token>) -> Result<(), Failure> {
    const PLAIN: &[&[u8]] = &[
        b"<=>", b"==", b"!=", b"<=", b">=", b"&&", b"||", b"//", b"=~", b"!~", b"..", b"++", b"--", b"**", b"<<", b">>",
    ];
    if at.eat_text(b"=>") {
        list.push(Token::Arrow);
    } else if at.eat_text(b"->") {
        list.push(Token::Member);
    } else if let Some(known) = PLAIN.iter().find(|known| at.rest().starts_with(known)) {
        at.eat_text(known);
        let compound: &[&[u8]] = &[b"&&", b"||", b"//", b"**", b"<<", b">>"];
        let assign = compound.contains(known) && at.eat(b'=');
        // `$x++ / 2`: an operand was before, one is not wanted after.
        if !matches!(*known, b"++" | b"--") {
            list.push(if assign { Token::Assign } else { Token::Operator });
        }
    } else {
        match at.next() {
            Some(b'=') => list.push(Token::Assign),
            Some(b'+' | b'-' | b'*' | b'/' | b'%' | b'.' | b'x' | b'|' | b'&' | b'^') => {
                list.push(if at.eat(b'=') { Token::Assign } else { Token::Operator });
            }
            Some(b'<' | b'>' | b'!' | b'~' | b'?' | b':' | b'\\') => list.push(Token::Operator),
            _ => return Err("a byte that Perl gives no meaning outside strings"),
        }
    }
    Ok(())
}

/// Whether the next token begins an operand (so that `/` begins a pattern).
fn wants_operand(list: &[Token]) -> bool {
    match list.last() {
        None => true,
        Some(
            Token::Text(_)
            | Token::Words(_)
            | Token::Shell(_)
            | Token::Code(_)
            | Token::Number
            | Token::Line
            | Token::Variable(..)
            | Token::Close(b')' | b']'),
        ) => false,
        // `}` ends a block or a subscript: told apart by what opened it.
        Some(Token::Close(_)) => !closes_subscript(list),
        Some(Token::Word(word)) => !matches!(word.as_slice(), b"time" | b"wantarray" | b"__LINE__"),
        Some(
            Token::Open(_)
            | Token::Comma
            | Token::Arrow
            | Token::Member
            | Token::Assign
            | Token::Semicolon
            | Token::Operator,
        ) => true,
    }
}

/// Whether the `}` at the end belongs to a subscript.
fn closes_subscript(list: &[Token]) -> bool {
    let mut depth = 0usize;
    for (index, token) in list.iter().enumerate().rev() {
        match token {
            Token::Close(b'}') => depth += 1,
            Token::Open(b'{') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let before = index.checked_sub(1).and_then(|before| list.get(before));
                    return matches!(before, Some(Token::Variable(..) | Token::Member | Token::Close(b']' | b'}')));
                }
            }
            _ => {}
        }
    }
    false
}

fn named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn variable(at: &mut Cursor, list: &mut Vec<Token>) -> Result<(), Failure> {
    let Some(mut sigil) = at.next() else { return Ok(()) };
    if sigil == b'$' && at.peek() == Some(b'#') {
        at.next();
        sigil = b'#';
    }
    let braced = at.peek() == Some(b'{');
    if braced {
        at.next();
    }
    let mut name = at.take_while(named);
    if name.is_empty() && !braced && sigil != b'#' {
        let start = at.at();
        let special: &[u8] = match sigil {
            b'$' => b"&`'+!@/\\,;.0123456789|\"<>()-",
            b'@' => b"-+",
            _ => b"+-",
        };
        if at.peek().is_some_and(|byte| special.contains(&byte)) {
            at.next();
        }
        name = at.since(start);
    }
    if name.is_empty() || braced && !at.eat(b'}') {
        return Err("a variable whose name is computed");
    }
    if at.peek() == Some(b'\'') && name.first().is_some_and(|byte| named(*byte)) || at.rest().starts_with(b"::") {
        return Err("a variable of a package");
    }
    list.push(Token::Variable(sigil, name.to_vec()));
    Ok(())
}

fn word(at: &mut Cursor, list: &mut Vec<Token>) -> Result<(), Failure> {
    let start = at.at();
    at.take_while(named);
    while at.rest().starts_with(b"::") {
        at.eat_text(b"::");
        at.take_while(named);
    }
    let word = at.since(start).to_vec();
    let mut ahead = at.clone();
    ahead.take_while(|byte| byte.is_ascii_whitespace());
    let key =
        ahead.rest().starts_with(b"=>") || matches!(list.last(), Some(Token::Open(b'{'))) && at.peek() == Some(b'}');
    let quoting = matches!(word.as_slice(), b"q" | b"qq" | b"qw" | b"qx" | b"qr" | b"m" | b"s" | b"tr" | b"y");
    if key || !quoting {
        // `x` repeats where an operator is expected.
        if word == b"x" && !wants_operand(list) {
            list.push(Token::Operator);
        } else if key && matches!(list.last(), Some(Token::Member)) {
            return Err("a method call");
        } else {
            list.push(Token::Word(word));
        }
        return Ok(());
    }
    *at = ahead.clone();
    let blank = ahead.at() > start + word.len();
    let Some(delimiter) = at.next() else { return Err("a quote that is not closed") };
    if blank && (delimiter == b'#' || named(delimiter)) || named(delimiter) || !delimiter.is_ascii_graphic() {
        return Err("an unusual quote");
    }
    let body = delimited(at, delimiter)?;
    let literal = delimiter == b'\'';
    let token = match word.as_slice() {
        b"q" => Token::Text(Some(unescaped(body))),
        b"qq" => Token::Text(interpolated(body)?),
        b"qw" => Token::Words(
            body.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect(),
        ),
        b"qx" if literal => Token::Shell(Some(body.to_vec())),
        b"qx" => Token::Shell(interpolated(body)?),
        b"m" | b"qr" => {
            pattern(body)?;
            at.take_while(|byte| byte.is_ascii_alphabetic());
            Token::Text(None)
        }
        _ => {
            let replacement = if closing(delimiter) == delimiter {
                delimited(at, delimiter)?
            } else {
                at.take_while(|byte| byte.is_ascii_whitespace());
                let Some(second) = at.next().filter(|byte| *byte != b'#' && !named(*byte)) else {
                    return Err("an unusual replacement");
                };
                delimited(at, second)?
            };
            let flags = at.take_while(|byte| byte.is_ascii_alphabetic());
            if word == b"s" {
                pattern(body)?;
                match flags.iter().filter(|flag| **flag == b'e').count() {
                    0 => {
                        interpolated(replacement)?;
                        Token::Text(None)
                    }
                    1 => Token::Code(replacement.to_vec()),
                    _ => return Err("a replacement that is evaluated twice"),
                }
            } else {
                Token::Text(None)
            }
        }
    };
    list.push(token);
    Ok(())
}

fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    }
}

/// Up to the delimiter that closes `open`, which was consumed.
fn delimited<'a>(at: &mut Cursor<'a>, open: u8) -> Result<&'a [u8], Failure> {
    let close = closing(open);
    let start = at.at();
    let mut depth = 0usize;
    while let Some(byte) = at.next() {
        match byte {
            b'\\' => {
                at.next();
            }
            byte if byte == close && depth == 0 => {
                let body = at.since(start);
                return Ok(body.get(..body.len().saturating_sub(1)).unwrap_or_default());
            }
            byte if byte == close => depth -= 1,
            byte if byte == open => depth += 1,
            _ => {}
        }
    }
    Err("a quote that is not closed")
}

fn unescaped(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' && matches!(bytes.peek(), Some(b'\\' | b'\'')) {
            out.extend(bytes.next());
        } else {
            out.push(*byte);
        }
    }
    out
}

/// Patterns may hold code.
fn pattern(body: &[u8]) -> Result<(), Failure> {
    let holds = |what: &[u8]| body.windows(what.len()).any(|window| window == what);
    // A comment of `/x` could part the bytes: only the mark itself counts.
    if holds(b"(?{") || holds(b"(??") || holds(b"(?p") || holds(b"(*{") {
        return Err("code inside a pattern");
    }
    interpolated(body).map(|_| ())
}

/// The value of a string that interpolates, where it is constant. Interpolation that could call something fails.
fn interpolated(body: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let mut at = Cursor::new(body);
    let mut out = Some(Vec::new());
    while let Some(byte) = at.next() {
        match byte {
            b'\\' => {
                let escaped = at.next();
                let plain = match escaped {
                    Some(b'n') => Some(b'\n'),
                    Some(b't') => Some(b'\t'),
                    Some(byte) if byte.is_ascii_punctuation() => Some(byte),
                    _ => None,
                };
                match (plain, &mut out) {
                    (Some(byte), Some(out)) => out.push(byte),
                    _ => out = None,
                }
            }
            b'$' | b'@' => {
                let computed = matches!(at.peek(), Some(b'{' | b'$' | b':' | b'#' | b'^'));
                let named_next = at.peek().is_some_and(named);
                if computed {
                    let mut ahead = at.clone();
                    let simple = ahead.eat(b'{') && !ahead.take_while(named).is_empty() && ahead.eat(b'}');
                    if simple {
                        let mut inner = at.clone();
                        inner.eat(b'{');
                        if inner.take_while(named) == b"ENV" {
                            return Err("the environment inside a string");
                        }
                        at = ahead;
                    } else if at.peek() != Some(b'$') || at.peek_at(1).is_some_and(|byte| named(byte) || byte == b'{') {
                        return Err("an expression inside a string");
                    }
                } else if named_next {
                    let name = at.take_while(named);
                    if name == b"ENV" {
                        return Err("the environment inside a string");
                    }
                    if at.rest().starts_with(b"::") {
                        return Err("a variable of a package");
                    }
                } else if byte == b'@' && !at.peek().is_some_and(|byte| matches!(byte, b'-' | b'+')) {
                    if let Some(out) = &mut out {
                        out.push(byte);
                    }
                    continue;
                }
                out = None;
                subscripts(&mut at)?;
            }
            other => {
                if let Some(out) = &mut out {
                    out.push(other);
                }
            }
        }
    }
    Ok(out)
}

/// Subscripts behind an interpolated variable hold expressions: plain ones only.
fn subscripts(at: &mut Cursor) -> Result<(), Failure> {
    loop {
        let mut ahead = at.clone();
        ahead.eat_text(b"->");
        let Some(open @ (b'[' | b'{')) = ahead.next() else { return Ok(()) };
        let close = closing(open);
        let inner = ahead.take_while(|byte| byte != close && byte != b'\n');
        if !ahead.eat(close) {
            return Err("an expression inside a string");
        }
        let plain = |byte: &u8| named(*byte) || matches!(byte, b'$' | b'\'' | b'"' | b'-' | b'^' | b'+' | b',');
        if !inner.iter().all(plain) || inner.starts_with(b"qx") {
            return Err("an expression inside a string");
        }
        *at = ahead;
    }
}
