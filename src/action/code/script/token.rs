//! The words of Ruby and PHP: strings with the code inside them, variables, symbols, patterns, operators. What the
//! languages decide by what is defined elsewhere is refused.

use crate::action::code::cursor::Cursor;

/// Which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavor {
    Ruby,
    Php,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A string; `None`: not constant, the code in it follows in parentheses.
    Text(Option<Vec<u8>>),
    /// Backticks, likewise.
    Shell(Option<Vec<u8>>),
    Number,
    Pattern,
    /// `:name`
    Symbol(Vec<u8>),
    Name(Vec<u8>),
    /// `$name`, `@name`, without the sigil.
    Variable(Vec<u8>),
    Open(u8),
    Close(u8),
    Comma,
    /// `.` `&.` `->` `?->` `::`
    Dot,
    /// `=`
    Assign,
    /// `+=` and its like
    Augment,
    /// `=>`
    Arrow,
    Colon,
    /// The end of a statement.
    End,
    /// Any other operator, by its first byte.
    Operator(u8),
    /// What stands for a path below a directory whose last component matches a glob; no code spells it.
    Below(Vec<u8>, Vec<u8>),
}

type Failure = &'static str;
type Done = Result<(), Failure>;

/// How deep code in strings may nest.
const NESTED: usize = 6;

/// Methods that are called without brackets, and that nobody makes a variable of.
const COMMANDS: &[&[u8]] = &[b"puts", b"print", b"p", b"pp"];

/// Operators of more than one byte, the longest first.
const OPERATORS: &[(&[u8], Token)] = &[
    (b"<=>", Token::Operator(b'<')),
    (b"===", Token::Operator(b'=')),
    (b"!==", Token::Operator(b'!')),
    (b"**=", Token::Augment),
    (b"||=", Token::Augment),
    (b"&&=", Token::Augment),
    (b"<<=", Token::Augment),
    (b">>=", Token::Augment),
    (b"??=", Token::Augment),
    (b"...", Token::Operator(b'.')),
    (b"?->", Token::Dot),
    (b"=>", Token::Arrow),
    (b"::", Token::Dot),
    (b"==", Token::Operator(b'=')),
    (b"!=", Token::Operator(b'!')),
    (b"<=", Token::Operator(b'<')),
    (b">=", Token::Operator(b'>')),
    (b"=~", Token::Operator(b'=')),
    (b"!~", Token::Operator(b'!')),
    (b"&&", Token::Operator(b'A')),
    (b"||", Token::Operator(b'O')),
    (b"??", Token::Operator(b'O')),
    (b"<<", Token::Operator(b'<')),
    (b">>", Token::Operator(b'>')),
    (b"**", Token::Operator(b'*')),
    (b"++", Token::Augment),
    (b"--", Token::Augment),
    (b"+=", Token::Augment),
    (b"-=", Token::Augment),
    (b"*=", Token::Augment),
    (b"/=", Token::Augment),
    (b"%=", Token::Augment),
    (b"|=", Token::Augment),
    (b"&=", Token::Augment),
    (b"^=", Token::Augment),
    (b"..", Token::Operator(b'.')),
];

/// Splits code.
pub(super) fn tokens(flavor: Flavor, code: &[u8]) -> Result<Vec<Token>, Failure> {
    let code = match flavor {
        Flavor::Php => {
            let code = code.trim_ascii_start().strip_prefix(b"<?php").unwrap_or(code);
            if code.windows(2).any(|two| matches!(two, b"?>" | b"<?")) {
                return Err("PHP and plain text mixed");
            }
            code
        }
        Flavor::Ruby => {
            let bars = |line: &[u8]| line.starts_with(b"=begin") || line.starts_with(b"__END__");
            if code.split(|byte| *byte == b'\n').any(bars) {
                return Err("Ruby documentation or data inside code");
            }
            code
        }
    };
    let mut lexer = Lexer { flavor, at: Cursor::new(code), list: Vec::new(), depth: 0 };
    lexer.part(false)?;
    Ok(lexer.list)
}

struct Lexer<'a> {
    flavor: Flavor,
    at: Cursor<'a>,
    list: Vec<Token>,
    depth: usize,
}

impl Lexer<'_> {
    /// Up to the end, or to the `}` that ends the code in a string.
    fn part(&mut self, inside: bool) -> Done {
        let mut open: Vec<u8> = Vec::new();
        let ruby = self.flavor == Flavor::Ruby;
        while let Some(byte) = self.at.peek() {
            if byte == b'}' && inside && open.is_empty() {
                return Ok(());
            }
            match byte {
                b'\n' if ruby && !open.iter().any(|byte| matches!(byte, b'(' | b'[')) => {
                    self.at.take_while(|byte| byte.is_ascii_whitespace());
                    // A line that begins with a dot goes on with the one before it.
                    let goes_on = self.at.peek() == Some(b'.') && self.at.peek_at(1) != Some(b'.');
                    if !goes_on {
                        self.list.push(Token::End);
                    }
                }
                byte if byte.is_ascii_whitespace() => {
                    self.at.next();
                }
                b';' => self.one(Token::End),
                b'#' if !ruby && self.at.peek_at(1) == Some(b'[') => return Err("an attribute"),
                b'#' => {
                    self.at.take_while(|byte| byte != b'\n');
                }
                b'/' if !ruby && self.at.peek_at(1) == Some(b'/') => {
                    self.at.take_while(|byte| byte != b'\n');
                }
                b'/' if !ruby && self.at.peek_at(1) == Some(b'*') => {
                    let end = self.at.rest().windows(2).position(|two| two == b"*/").ok_or("a comment not closed")?;
                    for _ in 0..end + 2 {
                        self.at.next();
                    }
                }
                b'\'' => self.plain()?,
                b'"' | b'`' => self.quoted(byte)?,
                b'$' | b'@' => self.variable()?,
                b'0'..=b'9' => {
                    self.at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    if self.at.peek() == Some(b'.') && self.at.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
                        self.at.next();
                        self.at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    }
                    self.list.push(Token::Number);
                }
                byte if byte.is_ascii_alphabetic() || byte == b'_' => self.name()?,
                b'(' | b'[' | b'{' => {
                    open.push(byte);
                    self.one(Token::Open(byte));
                }
                b')' | b']' | b'}' => {
                    let matching = if byte == b')' {
                        b'('
                    } else if byte == b']' {
                        b'['
                    } else {
                        b'{'
                    };
                    if open.pop() != Some(matching) {
                        return Err("brackets that do not match");
                    }
                    self.one(Token::Close(byte));
                }
                b',' => self.one(Token::Comma),
                b'/' if ruby && self.wants_operand() => self.pattern()?,
                b'/' if ruby && matches!(self.list.last(), Some(Token::Name(_))) => {
                    return Err("a division or a pattern");
                }
                b'%' if ruby && self.wants_operand() => self.percent()?,
                b'%' if ruby && matches!(self.list.last(), Some(Token::Name(_))) => {
                    return Err("a remainder or a literal");
                }
                b'?' if ruby && self.wants_operand() => return Err("a character"),
                _ => self.operator()?,
            }
        }
        if inside || !open.is_empty() { Err("a bracket that is not closed") } else { Ok(()) }
    }

    fn one(&mut self, token: Token) {
        self.at.next();
        self.list.push(token);
    }

    /// Whether an operand stands here for certain. A name may be a call without brackets or a variable: neither is certain.
    fn wants_operand(&self) -> bool {
        match self.list.last() {
            None
            | Some(
                Token::Open(_)
                | Token::Comma
                | Token::Assign
                | Token::Augment
                | Token::Arrow
                | Token::Colon
                | Token::End
                | Token::Operator(_),
            ) => true,
            Some(Token::Name(word)) => {
                const BEFORE: &[&[u8]] = &[
                    b"if", b"unless", b"while", b"until", b"when", b"and", b"or", b"not", b"return", b"then", b"elsif",
                    b"case", b"in",
                ];
                BEFORE.contains(&word.as_slice())
                    || self.begins_argument() && COMMANDS.contains(&word.as_slice()) && !self.sets(word)
            }
            Some(_) => false,
        }
    }

    /// White space before and none behind: Ruby takes what begins here for an argument.
    fn begins_argument(&self) -> bool {
        let before = self.at.at().checked_sub(1).and_then(|at| self.at.all().get(at));
        before.is_some_and(u8::is_ascii_whitespace)
            && self.at.peek_at(1).is_some_and(|byte| !byte.is_ascii_whitespace())
    }

    /// Whether the code may make a variable of the name.
    fn sets(&self, name: &[u8]) -> bool {
        let code = self.at.all();
        let mut from = 0;
        while let Some(found) = code.get(from..).and_then(|rest| rest.windows(name.len()).position(|word| word == name))
        {
            let end = from + found + name.len();
            let rest = code.get(end..).unwrap_or_default().trim_ascii_start();
            if matches!(rest.first(), Some(b'=' | b'|' | b',' | b')' | b'+' | b'-' | b'&')) {
                return true;
            }
            from = end;
        }
        false
    }

    fn name(&mut self) -> Done {
        let mut name = self.at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_').to_vec();
        if self.at.peek().is_some_and(|byte| !byte.is_ascii()) {
            return Err("non-ASCII in a name");
        }
        if self.flavor == Flavor::Ruby
            && let Some(mark @ (b'?' | b'!')) = self.at.peek()
            && self.at.peek_at(1) != Some(b'=')
        {
            self.at.next();
            name.push(mark);
        }
        self.list.push(Token::Name(name));
        Ok(())
    }

    fn variable(&mut self) -> Done {
        let sigil = self.at.next();
        if sigil == Some(b'@') && self.flavor == Flavor::Php {
            // Silences what follows.
            return Ok(());
        }
        self.at.eat(b'@');
        let mut name = self.at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_').to_vec();
        if name.is_empty() {
            match self.at.peek() {
                Some(byte @ (b'.' | b',' | b'/' | b';' | b'~' | b'!' | b'&'))
                    if self.flavor == Flavor::Ruby && sigil == Some(b'$') =>
                {
                    self.at.next();
                    name.push(byte);
                }
                _ => return Err("a variable whose name is computed"),
            }
        }
        self.list.push(Token::Variable(name));
        Ok(())
    }

    /// `'…'`
    fn plain(&mut self) -> Done {
        self.at.next();
        let mut value = Vec::new();
        loop {
            match self.at.next() {
                None => return Err("a string that is not closed"),
                Some(b'\'') => break,
                Some(b'\\') => match self.at.next() {
                    Some(byte @ (b'\\' | b'\'')) => value.push(byte),
                    Some(byte) => value.extend([b'\\', byte]),
                    None => return Err("a string that is not closed"),
                },
                Some(byte) => value.push(byte),
            }
        }
        self.list.push(Token::Text(Some(value)));
        Ok(())
    }

    /// `"…"` and backticks.
    fn quoted(&mut self, quote: u8) -> Done {
        self.at.next();
        let index = self.list.len();
        self.list.push(Token::Text(None));
        let mut value = Some(Vec::new());
        loop {
            match self.at.next() {
                None => return Err("a string that is not closed"),
                Some(byte) if byte == quote => break,
                Some(b'\\') => match (self.at.next(), &mut value) {
                    (None, _) => return Err("a string that is not closed"),
                    (Some(b'n'), Some(value)) => value.push(b'\n'),
                    (Some(b't'), Some(value)) => value.push(b'\t'),
                    (Some(byte @ (b'\\' | b'"' | b'$' | b'`' | b'#' | b'/')), Some(value)) => value.push(byte),
                    _ => value = None,
                },
                Some(b'#') if self.flavor == Flavor::Ruby && matches!(self.at.peek(), Some(b'{' | b'$' | b'@')) => {
                    value = None;
                    self.inner()?;
                }
                Some(b'$') if self.flavor == Flavor::Php && self.at.peek() == Some(b'{') => {
                    return Err("code in a string");
                }
                Some(b'$')
                    if self.flavor == Flavor::Php
                        && self.at.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_') =>
                {
                    value = None;
                    let name = self.at.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    self.list.push(Token::Variable(name.to_vec()));
                    self.list.push(Token::End);
                }
                Some(b'{') if self.flavor == Flavor::Php && self.at.peek() == Some(b'$') => {
                    value = None;
                    self.code()?;
                }
                Some(byte) => {
                    if let Some(value) = &mut value {
                        value.push(byte);
                    }
                }
            }
        }
        if let Some(token) = self.list.get_mut(index) {
            *token = if quote == b'`' { Token::Shell(value) } else { Token::Text(value) };
        }
        Ok(())
    }

    /// `#{…}`, `#$name`, behind the `#`.
    fn inner(&mut self) -> Done {
        if self.at.peek() == Some(b'{') {
            self.at.next();
            return self.code();
        }
        self.variable()?;
        self.list.push(Token::End);
        Ok(())
    }

    /// Code up to `}`, in parentheses.
    fn code(&mut self) -> Done {
        self.depth += 1;
        if self.depth > NESTED {
            return Err("code in strings nested too deeply");
        }
        self.list.push(Token::Open(b'('));
        self.part(true)?;
        self.depth -= 1;
        if !self.at.eat(b'}') {
            return Err("code in a string that is not closed");
        }
        self.list.push(Token::Close(b')'));
        Ok(())
    }

    /// `/…/i`
    fn pattern(&mut self) -> Done {
        self.at.next();
        loop {
            match self.at.next() {
                None => return Err("a pattern that is not closed"),
                Some(b'/') => break,
                Some(b'\\') => {
                    self.at.next();
                }
                Some(b'#') if matches!(self.at.peek(), Some(b'{' | b'$' | b'@')) => return Err("code in a pattern"),
                Some(_) => {}
            }
        }
        self.at.take_while(|byte| byte.is_ascii_alphabetic());
        self.list.push(Token::Pattern);
        Ok(())
    }

    /// `%w[a b]`, `%i[a b]`, `%q(text)`
    fn percent(&mut self) -> Done {
        self.at.next();
        let kind = self.at.next();
        let close = match self.at.next() {
            Some(b'[') => b']',
            Some(b'(') => b')',
            Some(b'{') => b'}',
            Some(b'<') => b'>',
            Some(b'|') => b'|',
            _ => return Err("a literal that is not known"),
        };
        let body = self.at.take_while(|byte| byte != close && byte != b'\\' && byte != b'[' && byte != b'(');
        let body = body.to_vec();
        if !self.at.eat(close) {
            return Err("a literal that is not known");
        }
        match kind {
            Some(b'q') => self.list.push(Token::Text(Some(body))),
            Some(b'w' | b'i') => {
                self.list.push(Token::Open(b'['));
                for word in body.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
                    self.list.push(Token::Text(Some(word.to_vec())));
                    self.list.push(Token::Comma);
                }
                self.list.push(Token::Close(b']'));
            }
            _ => return Err("a literal that is not known"),
        }
        Ok(())
    }

    fn operator(&mut self) -> Done {
        let rest = self.at.rest();
        if rest.starts_with(b"<<") {
            let next = rest.get(2).copied().unwrap_or(b' ');
            if next.is_ascii_alphanumeric() || matches!(next, b'_' | b'~' | b'-' | b'"' | b'\'' | b'<' | b'`') {
                return Err("a here-document");
            }
        }
        let ruby = self.flavor == Flavor::Ruby;
        let safe: &[u8] = if ruby { b"&." } else { b"->" };
        if rest.starts_with(safe) {
            self.at.eat_text(safe);
            self.list.push(Token::Dot);
            return Ok(());
        }
        if rest.starts_with(b".=") && !ruby {
            self.at.eat_text(b".=");
            self.list.push(Token::Augment);
            return Ok(());
        }
        if let Some((text, token)) = OPERATORS.iter().find(|(text, _)| rest.starts_with(text)) {
            if *text == b"::" && self.wants_operand() {
                return Err("a name of the top level");
            }
            self.at.eat_text(text);
            self.list.push(token.clone());
            return Ok(());
        }
        let token = match self.at.next() {
            Some(b'.') if ruby => Token::Dot,
            Some(b'=') => Token::Assign,
            Some(b':') if ruby => return self.colon(),
            Some(b':') => Token::Colon,
            Some(b'\\') if !ruby => return Err("a namespace"),
            Some(
                byte
                @ (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'<' | b'>' | b'!' | b'?' | b'.'),
            ) => Token::Operator(byte),
            _ => return Err("a byte that is not known outside strings"),
        };
        self.list.push(token);
        Ok(())
    }

    /// `:name`, or the colon of a label or of a choice.
    fn colon(&mut self) -> Done {
        let begins = self.at.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let label = !self.wants_operand();
        if begins && label {
            return Err("a symbol or the second answer of a choice");
        }
        if begins {
            self.name()?;
            if let Some(Token::Name(name)) = self.list.pop() {
                self.list.push(Token::Symbol(name));
            }
            return Ok(());
        }
        if !label && matches!(self.at.peek(), Some(b'+' | b'*' | b'-' | b'&' | b'|')) {
            self.at.next();
            self.list.push(Token::Symbol(b"+".to_vec()));
            return Ok(());
        }
        self.list.push(Token::Colon);
        Ok(())
    }
}
