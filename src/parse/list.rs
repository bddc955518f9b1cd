//! Lines, lists, and-or lists and pipelines.

use super::ast::{AndOr, Command, Dialect, Item, List, Pipeline};
use super::cursor::Parser;
use super::reserved::Reserved;
use super::state::{Parsed, Stop};
use crate::text::Span;

/// How a line ended.
pub(super) struct LineEnd {
    /// Where its last command ends, the `&` behind it included.
    pub commands: usize,
    /// There is one.
    pub background: bool,
    /// By a newline, not by the end of the text.
    pub newline: bool,
}

impl Parser<'_, '_> {
    /// One complete line as bash reads it before it runs any of it; up to and with its newline.
    pub(super) fn line(&mut self, items: &mut Vec<Item>) -> Parsed<LineEnd> {
        loop {
            let mut item = self.and_or()?;
            let mut end = LineEnd { commands: item.span.end as usize, background: false, newline: false };
            self.blanks()?;
            match self.peek() {
                Some(b';') if self.second() != Some(b';') => self.bump(),
                Some(b'&') => {
                    self.bump();
                    item.background = true;
                    end = LineEnd { commands: self.pos, background: true, newline: false };
                }
                Some(b'\n') | None => {}
                Some(_) => return self.stop("syntax error"),
            }
            items.push(item);
            self.blanks()?;
            match self.peek() {
                None => {
                    self.heredocs()?;
                    return Ok(end);
                }
                Some(b'\n') => {
                    self.bump();
                    self.heredocs()?;
                    return Ok(LineEnd { newline: true, ..end });
                }
                Some(_) => {}
            }
        }
    }

    /// Everything up to the end of the text: the body of backquotes, whose lines run one by one.
    pub(super) fn all_lines(&mut self) -> List {
        let start = self.pos;
        let mut items = Vec::new();
        loop {
            if let Err(stop) = self.newlines() {
                items.push(self.opaque_rest(self.pos, &stop));
                break;
            }
            if self.peek().is_none() {
                break;
            }
            let from = self.pos;
            let mark = self.mark();
            let mut line = Vec::with_capacity(1);
            match self.line(&mut line) {
                Ok(_) => {
                    let opaque = self.state.modes.observe(&line);
                    items.append(&mut line);
                    if let Some(why) = opaque {
                        let stop = Stop::new(why);
                        if self.newlines().is_ok() && self.peek().is_none() {
                            break;
                        }
                        items.push(self.opaque_rest(self.pos, &stop));
                        break;
                    }
                }
                Err(stop) => {
                    self.rewind(&mark);
                    items.push(self.opaque_rest(from, &stop));
                    break;
                }
            }
        }
        self.finish(items, start)
    }

    /// The whole text as one opaque command.
    pub(super) fn refuse(&mut self, stop: &Stop) -> List {
        let item = self.opaque_rest(0, stop);
        self.finish(vec![item], 0)
    }

    /// The rest of the text from `from` as one opaque command.
    pub(super) fn opaque_rest(&mut self, from: usize, stop: &Stop) -> Item {
        self.pending.clear();
        let span = self.span(from, self.end);
        self.pos = self.end;
        let opaque = self.state.give_up(span, stop);
        let command = Command { kind: super::ast::CommandKind::Opaque(opaque), redirects: Vec::new(), span };
        Item {
            first: Pipeline { negated: false, timed: false, commands: vec![command], pipe_stderr: Vec::new(), span },
            rest: Vec::new(),
            background: false,
            span,
        }
    }

    /// A list inside a compound command, up to what cannot start a command; at least one command.
    pub(super) fn compound_list(&mut self) -> Parsed<List> {
        let list = self.list_or_nothing()?;
        if list.items.is_empty() { self.stop("a command is missing") } else { Ok(list) }
    }

    /// The same, possibly empty (substitutions and case arms).
    pub(super) fn list_or_nothing(&mut self) -> Parsed<List> {
        self.nested(|parser| {
            parser.newlines()?;
            let start = parser.pos;
            let mut items = Vec::with_capacity(1);
            while !parser.list_ends() {
                let mut item = parser.and_or()?;
                parser.blanks()?;
                let more = match (parser.peek(), parser.second()) {
                    (Some(b';'), Some(b';' | b'&')) => false,
                    (Some(b';'), Some(b'|')) if parser.dialect() == Dialect::Zsh => {
                        return parser.stop("zsh case terminator");
                    }
                    (Some(b';'), _) => {
                        parser.bump();
                        true
                    }
                    (Some(b'&'), _) => {
                        parser.bump();
                        item.background = true;
                        true
                    }
                    (Some(b'\n'), _) => true,
                    _ => false,
                };
                items.push(item);
                if !more {
                    break;
                }
                parser.newlines()?;
            }
            Ok(parser.finish(items, start))
        })
    }

    pub(super) fn finish(&self, items: Vec<Item>, start: usize) -> List {
        let span = match (items.first(), items.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.span(start, start),
        };
        List { items, span }
    }

    /// Nothing that could start a command stands here.
    fn list_ends(&mut self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.second(), Some(b';' | b'&')),
            Some(_) => self.reserved().is_some_and(Reserved::ends_list),
        }
    }

    /// Past blanks, comments and newlines; reads the heredoc bodies that wait for a newline.
    pub(super) fn newlines(&mut self) -> Parsed<()> {
        loop {
            self.blanks()?;
            if self.peek() != Some(b'\n') {
                return Ok(());
            }
            self.bump();
            self.heredocs()?;
        }
    }

    fn and_or(&mut self) -> Parsed<Item> {
        let first = self.pipeline()?;
        let mut span = first.span;
        let mut rest = Vec::new();
        loop {
            self.blanks()?;
            let joint = match (self.peek(), self.second()) {
                (Some(b'&'), Some(b'&')) => AndOr::And,
                (Some(b'|'), Some(b'|')) => AndOr::Or,
                _ => return Ok(Item { first, rest, background: false, span }),
            };
            self.bump();
            self.peek();
            self.bump();
            self.newlines()?;
            let next = self.pipeline()?;
            span = span.to(next.span);
            rest.push((joint, next));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.blanks()?;
        self.peek();
        let start = self.pos;
        let mut negations = 0usize;
        let mut timed = false;
        let mut prefixed = false;
        loop {
            match self.reserved() {
                Some(Reserved::Bang) => {
                    self.reserved_past(Reserved::Bang);
                    negations += 1;
                    prefixed = true;
                }
                Some(Reserved::Time) if self.time_is_reserved(negations)? => {
                    self.reserved_past(Reserved::Time);
                    timed = true;
                    prefixed = true;
                    self.time_options()?;
                }
                _ => break,
            }
            self.blanks()?;
        }
        if negations > 1 && self.dialect() != Dialect::Bash {
            let span = self.since(start);
            self.differs(span, "repeated ! means different things to different shells");
        }
        let mut commands = Vec::with_capacity(1);
        let mut pipe_stderr = Vec::new();
        if prefixed && matches!(self.peek(), None | Some(b';' | b'\n')) && self.second() != Some(b';') {
            let span = self.since(start);
            return Ok(Pipeline { negated: negations % 2 == 1, timed, commands, pipe_stderr, span });
        }
        loop {
            let command = self.command()?;
            commands.push(command);
            self.blanks()?;
            match (self.peek(), self.second()) {
                (Some(b'|'), Some(b'|')) | (None, _) => break,
                (Some(b'|'), Some(b'&')) => {
                    self.bump();
                    self.peek();
                    self.bump();
                    pipe_stderr.push(true);
                }
                (Some(b'|'), _) => {
                    self.bump();
                    pipe_stderr.push(false);
                }
                _ => break,
            }
            self.newlines()?;
        }
        let from: Span = self.span(start, start);
        let span = commands.last().map_or(from, |last| from.to(last.span));
        Ok(Pipeline { negated: negations % 2 == 1, timed, commands, pipe_stderr, span })
    }

    /// `time` is a keyword to bash; to dash it is a program like any other, so only a plain command after it reads the
    /// same to both.
    fn time_is_reserved(&mut self, negations: usize) -> Parsed<bool> {
        if self.dialect() != Dialect::Sh {
            return Ok(true);
        }
        let mark = self.mark();
        let start = self.pos;
        self.reserved_past(Reserved::Time);
        self.blanks()?;
        let plain = match self.peek() {
            None | Some(b'\n' | b';') => true,
            Some(byte) => self.reserved().is_none() && byte != b'(' && self.assignment_ahead().is_none(),
        };
        let span = self.since(start);
        self.rewind(&mark);
        if !plain || negations > 0 {
            self.differs(span, "time is a keyword to bash and a program to dash");
            return Ok(!plain);
        }
        Ok(false)
    }

    /// `-p` and `--` after `time`.
    fn time_options(&mut self) -> Parsed<()> {
        self.blanks()?;
        if self.plain_word_is(b"-p") {
            self.plain_word_past(2);
            self.blanks()?;
        }
        if self.plain_word_is(b"--") {
            self.plain_word_past(2);
        }
        if self.dialect() == Dialect::Zsh && self.peek() == Some(b'-') {
            let here = self.here();
            self.differs(here, "zsh takes no options after time");
        }
        Ok(())
    }
}
