//! One command: which kind it is, the simple ones, and function definitions.

use super::assign::Head;
use super::ast::{Command, CommandKind, Dialect, Piece, PieceKind, Redirect, Simple, Word};
use super::cursor::Parser;
use super::reserved::Reserved;
use super::state::Parsed;
use super::word::WordKind;

/// Builtins whose arguments may be assignments with array values.
const DECLARATIONS: [&[u8]; 8] = [b"declare", b"export", b"local", b"readonly", b"typeset", b"alias", b"eval", b"let"];

/// Where zsh runs `$NULLCMD` or `$READNULLCMD`.
pub(super) const ONLY_REDIRECTIONS: &str = "zsh runs cat or a pager where only redirections stand";

/// Words that make zsh read what follows in its own way.
const ZSH_WORDS: [&[u8]; 9] =
    [b"repeat", b"foreach", b"end", b"nocorrect", b"noglob", b"-", b"always", b"float", b"time"];

impl Parser<'_, '_> {
    /// A command with its redirections.
    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.nested(Self::command_inner)
    }

    fn command_inner(&mut self) -> Parsed<Command> {
        self.blanks()?;
        let first = self.peek();
        if self.after_heredoc {
            // Bash runs a substitution from a reprint of its text, and that reprint may lose the `;` behind a heredoc:
            // two commands then run as one.
            let here = self.here();
            self.differs(here, "a command behind a heredoc in a substitution");
        }
        self.alias_check()?;
        if first == Some(b'(') {
            return self.parenthesis();
        }
        match self.reserved() {
            None | Some(Reserved::Time) => self.simple(),
            Some(Reserved::Function) => self.function_keyword(),
            Some(Reserved::Coproc) => self.coproc(),
            Some(word) if word.starts_compound() => self.compound(word),
            Some(_) => self.stop("a reserved word out of place"),
        }
    }

    /// `( list )` or `(( expression ))`.
    pub(super) fn parenthesis(&mut self) -> Parsed<Command> {
        let start = self.pos;
        let doubled = self.second() == Some(b'(');
        let bodies = self.state.bodies.len();
        if doubled {
            if let Some(expression) = self.double_parenthesis()? {
                if self.dialect() == Dialect::Sh {
                    let span = self.since(start);
                    self.differs(span, "(( )) is arithmetic to bash and two subshells to dash");
                }
                return self.with_redirects(CommandKind::Arith(expression), start);
            }
        }
        self.peek();
        self.bump();
        let list = self.compound_list()?;
        self.expect_close()?;
        if doubled && self.state.bodies.len() > bodies {
            let span = self.since(start);
            self.differs(span, "a heredoc in (( is read twice by bash");
        }
        self.with_redirects(CommandKind::Subshell(list), start)
    }

    /// The `)` that must stand here.
    pub(super) fn expect_close(&mut self) -> Parsed<()> {
        self.blanks()?;
        if self.eat(b')') {
            Ok(())
        } else if self.peek().is_none() {
            self.stop("unterminated parenthesis")
        } else {
            self.stop("syntax error before )")
        }
    }

    /// A compound command with the redirections that follow it.
    pub(super) fn with_redirects(&mut self, kind: CommandKind, start: usize) -> Parsed<Command> {
        let mut redirects = Vec::new();
        let mut end = self.pos;
        loop {
            self.blanks()?;
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
            end = self.pos;
        }
        let span = self.span(start, end);
        self.state.node()?;
        Ok(Command { kind, redirects, span })
    }

    fn simple(&mut self) -> Parsed<Command> {
        self.peek();
        let start = self.pos;
        let mut end = self.pos;
        let mut simple = Simple::default();
        let mut redirects: Vec<Redirect> = Vec::new();
        let mut declares = false;
        let mut both = None;
        loop {
            self.blanks()?;
            if let Some(redirect) = self.redirect()? {
                if both.is_none() && redirect.op.writes_both() {
                    both = Some(redirect.span);
                }
                redirects.push(redirect);
                end = self.pos;
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => break,
                Some(b'(') => {
                    let plain = simple.assigns.is_empty() && redirects.is_empty();
                    return match simple.words.pop() {
                        Some(word) if plain && simple.words.is_empty() => self.function_body(&word, start, false),
                        _ => self.stop("syntax error before ("),
                    };
                }
                Some(_) => {}
            }
            if let (Dialect::Sh, Some(span)) = (self.dialect(), both) {
                self.differs(span, "&> ends the command for dash");
                both = None;
            }
            if simple.words.is_empty() {
                match self.assignment()? {
                    Head::Assign(assign) => {
                        simple.assigns.push(assign);
                        end = self.pos;
                        continue;
                    }
                    Head::Word(word) => {
                        simple.words.push(word);
                        end = self.pos;
                        continue;
                    }
                    Head::Nothing => {}
                }
            }
            let kind = if simple.words.is_empty() {
                WordKind::Command
            } else if declares {
                WordKind::Declared
            } else {
                WordKind::Argument
            };
            let word = self.word(kind)?;
            if simple.words.is_empty() {
                declares = word.plain().is_some_and(|name| DECLARATIONS.contains(&name));
                self.check_name(&word);
            } else if self.dialect() == Dialect::Zsh && word.plain() == Some(b"}") {
                self.differs(word.span, "zsh ends a group here");
            }
            simple.words.push(word);
            end = self.pos;
        }
        if simple.words.is_empty() && simple.assigns.is_empty() && redirects.is_empty() {
            return self.stop("syntax error: a command is missing");
        }
        let span = self.span(start, end);
        if simple.words.is_empty() && !redirects.is_empty() && self.dialect() == Dialect::Zsh {
            self.differs(span, ONLY_REDIRECTIONS);
        }
        self.state.node()?;
        Ok(Command { kind: CommandKind::Simple(simple), redirects, span })
    }

    /// Notes command words that another shell of the family takes for grammar.
    fn check_name(&mut self, word: &Word) {
        let opens = match word.pieces.first().map(|piece| &piece.kind) {
            Some(PieceKind::Literal(text)) => text.first() == Some(&b'{'),
            Some(PieceKind::BraceList(_) | PieceKind::BraceRange { .. }) => true,
            _ => false,
        };
        if opens && self.dialect() == Dialect::Zsh {
            self.differs(word.span, "zsh begins a group here");
        }
        let Some(name) = word.plain() else {
            if self.dialect() == Dialect::Sh && word.has_brace() {
                self.differs(word.span, "dash does not expand braces");
            }
            return;
        };
        match self.dialect() {
            Dialect::Zsh if ZSH_WORDS.contains(&name) => {
                self.differs(word.span, "a zsh reserved word or precommand modifier");
            }
            Dialect::Bash | Dialect::Sh | Dialect::Zsh => {}
        }
    }

    /// `name ( )` was read up to the parenthesis: the rest of a function definition.
    fn function_body(&mut self, word: &Word, start: usize, keyword: bool) -> Parsed<Command> {
        if self.peek() == Some(b'(') {
            self.bump();
            self.blanks()?;
            if !self.eat(b')') {
                return self.stop("syntax error before (");
            }
        } else if !keyword {
            return self.stop("syntax error before (");
        }
        let Some(name) = word.plain().map(<[u8]>::to_vec) else {
            return self.stop("a function name that is not plain");
        };
        self.newlines()?;
        self.peek();
        let from = self.pos;
        let body = if self.peek() == Some(b'(') {
            self.nested(Self::parenthesis)?
        } else {
            match self.reserved() {
                Some(word) if word.starts_compound() => self.nested(|parser| parser.compound(word))?,
                Some(Reserved::Function | Reserved::Coproc | Reserved::Time | Reserved::Bang) => {
                    return self.stop("a function body must be a compound command");
                }
                Some(_) => return self.stop("a reserved word out of place"),
                None if self.dialect() == Dialect::Sh => self.nested(Self::simple)?,
                None => {
                    self.pos = from;
                    return self.stop("a function body must be a compound command");
                }
            }
        };
        let span = self.span(start, start).to(body.span);
        Ok(Command { kind: CommandKind::Function { name, body: Box::new(body) }, redirects: Vec::new(), span })
    }

    /// `function name [()] body`.
    fn function_keyword(&mut self) -> Parsed<Command> {
        let start = self.pos;
        self.reserved_past(Reserved::Function);
        if self.dialect() == Dialect::Sh {
            let span = self.since(start);
            self.differs(span, "function is a keyword to bash and a program to dash");
        }
        self.blanks()?;
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>') => {
                return self.stop("a function name is missing");
            }
            Some(_) => {}
        }
        let word = self.word(WordKind::Plain)?;
        if self.dialect() == Dialect::Zsh && word.plain() == Some(b"{") {
            return self.stop("zsh anonymous function");
        }
        self.blanks()?;
        if self.peek() == Some(b'(') && self.second_token_is_close() {
            return self.function_body(&word, start, true);
        }
        let Some(name) = word.plain().map(<[u8]>::to_vec) else {
            return self.stop("a function name that is not plain");
        };
        self.newlines()?;
        let body = if self.peek() == Some(b'(') {
            self.nested(Self::parenthesis)?
        } else {
            match self.reserved() {
                Some(word) if word.starts_compound() => self.nested(|parser| parser.compound(word))?,
                _ => return self.stop("a function body must be a compound command"),
            }
        };
        let span = self.span(start, start).to(body.span);
        Ok(Command { kind: CommandKind::Function { name, body: Box::new(body) }, redirects: Vec::new(), span })
    }

    /// Behind a `(`, blanks and a `)`.
    fn second_token_is_close(&self) -> bool {
        let mut at = self.skip(self.pos + 1);
        while matches!(self.raw(at), Some(b' ' | b'\t')) {
            at = self.skip(at + 1);
        }
        self.raw(at) == Some(b')')
    }

    /// `coproc [name] command`.
    fn coproc(&mut self) -> Parsed<Command> {
        let start = self.pos;
        self.reserved_past(Reserved::Coproc);
        if self.dialect() == Dialect::Sh {
            let span = self.since(start);
            self.differs(span, "coproc is a keyword to bash and a program to dash");
        }
        self.blanks()?;
        let mut name = None;
        if !self.compound_ahead() {
            let mark = self.mark();
            self.peek();
            let word = match self.peek() {
                Some(byte) if !super::cursor::is_meta(byte) => Some(self.word(WordKind::Plain)?),
                _ => None,
            };
            self.blanks()?;
            if word.is_some() && self.compound_ahead() && self.dialect() == Dialect::Zsh {
                return self.stop("zsh has no named coprocesses");
            }
            match word.as_ref().and_then(Word::plain) {
                Some(plain) if self.compound_ahead() => name = Some(plain.to_vec()),
                _ => self.rewind(&mark),
            }
        }
        let body = if self.compound_ahead() { self.command()? } else { self.nested(Self::simple)? };
        let span = self.span(start, start).to(body.span);
        Ok(Command { kind: CommandKind::Coproc { name, body: Box::new(body) }, redirects: Vec::new(), span })
    }

    fn compound_ahead(&mut self) -> bool {
        self.peek() == Some(b'(') || self.reserved().is_some_and(Reserved::starts_compound)
    }
}

impl Word {
    /// The text, where the word is one unquoted literal: the only spelling the grammar itself looks at.
    #[must_use]
    pub fn plain(&self) -> Option<&[u8]> {
        match self.pieces.as_slice() {
            [Piece { kind: PieceKind::Literal(text), .. }] => Some(text),
            _ => None,
        }
    }

    /// Whether braces are expanded in it.
    #[must_use]
    pub fn has_brace(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece.kind, PieceKind::BraceList(_) | PieceKind::BraceRange { .. }))
    }
}
