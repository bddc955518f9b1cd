//! Compound commands: groups, conditions, loops, `case`.

use super::ast::{Arith, CaseArm, Command, CommandKind, Dialect, List};
use super::cursor::Parser;
use super::reserved::Reserved;
use super::state::Parsed;
use super::word::WordKind;

impl Parser<'_, '_> {
    /// The compound command that starts with `word`, which stands here.
    pub(super) fn compound(&mut self, word: Reserved) -> Parsed<Command> {
        let start = self.pos;
        if word != Reserved::Cond {
            self.reserved_past(word);
        }
        let kind = match word {
            Reserved::If => self.if_rest()?,
            Reserved::While => self.loop_rest(false)?,
            Reserved::Until => self.loop_rest(true)?,
            Reserved::For => self.for_rest(false)?,
            Reserved::Select => {
                if self.dialect() == Dialect::Sh {
                    let span = self.since(start);
                    self.differs(span, "select is a keyword to bash and a program to dash");
                }
                self.for_rest(true)?
            }
            Reserved::Case => self.case_rest()?,
            Reserved::Open => CommandKind::Group(self.group_rest()?),
            Reserved::Cond => {
                let condition = self.condition()?;
                if self.dialect() == Dialect::Sh {
                    let span = self.since(start);
                    self.differs(span, "[[ is a keyword to bash and a program to dash");
                }
                CommandKind::Cond(condition)
            }
            Reserved::Then
            | Reserved::Elif
            | Reserved::Else
            | Reserved::Fi
            | Reserved::Do
            | Reserved::Done
            | Reserved::Esac
            | Reserved::Function
            | Reserved::Coproc
            | Reserved::Time
            | Reserved::Bang
            | Reserved::Close => return self.stop("a reserved word out of place"),
        };
        self.with_redirects(kind, start)
    }

    fn expect(&mut self, word: Reserved) -> Parsed<()> {
        self.blanks()?;
        if self.reserved_eat(word) {
            Ok(())
        } else if self.peek().is_none() {
            self.stop("unterminated compound command")
        } else {
            self.stop("syntax error in a compound command")
        }
    }

    fn group_rest(&mut self) -> Parsed<List> {
        let list = self.compound_list()?;
        self.expect(Reserved::Close)?;
        Ok(list)
    }

    fn if_rest(&mut self) -> Parsed<CommandKind> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.compound_list()?;
            self.expect(Reserved::Then)?;
            let body = self.compound_list()?;
            arms.push((condition, body));
            self.blanks()?;
            if self.reserved_eat(Reserved::Elif) {
                continue;
            }
            if self.reserved_eat(Reserved::Else) {
                otherwise = Some(self.compound_list()?);
            }
            self.expect(Reserved::Fi)?;
            return Ok(CommandKind::If { arms, otherwise });
        }
    }

    fn loop_rest(&mut self, until: bool) -> Parsed<CommandKind> {
        let condition = self.compound_list()?;
        self.expect(Reserved::Do)?;
        let body = self.compound_list()?;
        self.expect(Reserved::Done)?;
        Ok(CommandKind::Loop { until, condition, body })
    }

    /// `do list done`, or `{ list }` which bash takes too.
    fn loop_body(&mut self) -> Parsed<List> {
        self.newlines()?;
        if self.reserved_eat(Reserved::Open) {
            return self.group_rest();
        }
        self.expect(Reserved::Do)?;
        let body = self.compound_list()?;
        self.expect(Reserved::Done)?;
        Ok(body)
    }

    fn for_rest(&mut self, select: bool) -> Parsed<CommandKind> {
        self.blanks()?;
        if !select && self.peek() == Some(b'(') && self.second() == Some(b'(') {
            return self.for_arithmetic();
        }
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>') => {
                return self.stop("a loop without its variable");
            }
            Some(_) => {}
        }
        let variable = self.word(WordKind::Plain)?;
        let name = variable.plain().map_or_else(|| variable.span.of(self.text).to_vec(), <[u8]>::to_vec);
        self.blanks()?;
        if self.eat(b';') {
            let body = self.loop_body()?;
            return Ok(CommandKind::For { name, words: None, body, select });
        }
        self.newlines()?;
        if !self.plain_word_is(b"in") {
            if self.peek() == Some(b';') {
                return self.stop("syntax error in a loop");
            }
            let body = self.loop_body()?;
            return Ok(CommandKind::For { name, words: None, body, select });
        }
        self.plain_word_past(2);
        let mut words = Vec::new();
        loop {
            self.blanks()?;
            match self.peek() {
                Some(b';') if self.second() != Some(b';') => {
                    self.bump();
                    break;
                }
                Some(b'\n') => break,
                None => return self.stop("unterminated loop"),
                Some(b'&' | b'|' | b'(' | b')' | b';') => return self.stop("syntax error in a loop"),
                Some(b'<' | b'>') if self.second() != Some(b'(') => return self.stop("syntax error in a loop"),
                Some(_) => words.push(self.word(WordKind::Argument)?),
            }
        }
        let body = self.loop_body()?;
        Ok(CommandKind::For { name, words: Some(words), body, select })
    }

    fn for_arithmetic(&mut self) -> Parsed<CommandKind> {
        self.peek();
        self.bump();
        self.peek();
        self.bump();
        let init = self.arithmetic_part(b';')?;
        self.bump();
        let condition = self.arithmetic_part(b';')?;
        self.bump();
        let step = self.arithmetic_part(b')')?;
        self.bump();
        if self.raw(self.pos) != Some(b')') {
            return self.stop("syntax error in for ((");
        }
        self.bump();
        self.blanks()?;
        if self.peek() == Some(b';') && self.second() != Some(b';') {
            self.bump();
        }
        let body = self.loop_body()?;
        Ok(CommandKind::ForArith { init, condition, step, body })
    }

    fn arithmetic_part(&mut self, end: u8) -> Parsed<Arith> {
        let start = self.pos;
        let pieces = self.expression(super::arith::End::Byte(end))?;
        let span = self.since(start);
        if self.peek() != Some(end) {
            return self.stop("syntax error in for ((");
        }
        Ok(Arith { pieces, span })
    }

    fn case_rest(&mut self) -> Parsed<CommandKind> {
        self.blanks()?;
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')') => return self.stop("case without its word"),
            Some(b'<' | b'>') if self.second() != Some(b'(') => return self.stop("case without its word"),
            Some(_) => {}
        }
        let word = self.word(WordKind::Plain)?;
        self.newlines()?;
        if !self.plain_word_is(b"in") {
            return self.stop("case without in");
        }
        self.plain_word_past(2);
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            if self.reserved_eat(Reserved::Esac) {
                return Ok(CommandKind::Case { word, arms });
            }
            let (arm, last) = self.case_arm()?;
            arms.push(arm);
            if last {
                self.expect(Reserved::Esac)?;
                return Ok(CommandKind::Case { word, arms });
            }
        }
    }

    /// One arm; `true` when it has no terminator and so must be the last.
    fn case_arm(&mut self) -> Parsed<(CaseArm, bool)> {
        let mut patterns = Vec::new();
        self.eat(b'(');
        loop {
            self.blanks()?;
            match self.peek() {
                None => return self.stop("unterminated case"),
                Some(b'\n' | b';' | b'&' | b'|' | b'(' | b')') => return self.stop("a case pattern is missing"),
                Some(b'<' | b'>') if self.second() != Some(b'(') => return self.stop("a case pattern is missing"),
                Some(_) => patterns.push(self.word(WordKind::Pattern)?),
            }
            self.blanks()?;
            if self.eat(b')') {
                break;
            }
            if !self.eat(b'|') {
                return self.stop("syntax error in a case pattern");
            }
        }
        let body = self.list_or_nothing()?;
        self.blanks()?;
        let (length, falls) = match (self.peek(), self.second(), self.third()) {
            (Some(b';'), Some(b';'), Some(b'&')) => (3, true),
            (Some(b';'), Some(second @ (b';' | b'&')), _) => (2, second == b'&'),
            _ => (0, false),
        };
        if length > 0 {
            self.plain_word_past(length);
        }
        Ok((CaseArm { patterns, body, falls }, length == 0))
    }
}
