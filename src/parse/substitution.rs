//! What a dollar, a backquote or `<(` starts: substitutions by recursive descent, never by counting brackets.

use super::ast::{
    Command, CommandKind, CommandSub, Dialect, Item, List, Param, Piece, PieceKind, Pipeline, Redirect, RedirectOp,
    SubForm,
};
use super::command::ONLY_REDIRECTIONS;
use super::cursor::{Parser, is_name, is_name_start};
use super::reserved::Reserved;
use super::state::Parsed;
use crate::text::Span;

impl Parser<'_, '_> {
    /// At a `$`. In quoted text `$'` and `$"` are no quotes.
    pub(super) fn dollar(&mut self, quoted: bool) -> Parsed<Piece> {
        self.peek();
        let start = self.pos;
        match self.second() {
            Some(b'(') => {
                self.bump();
                self.peek();
                let doubled = self.second() == Some(b'(');
                let bodies = self.state.bodies.len();
                if doubled {
                    if let Some(expression) = self.double_parenthesis()? {
                        return self.piece(PieceKind::Arith(Box::new(expression)), start);
                    }
                    self.peek();
                }
                self.bump();
                let body = self.substituted_list(b')')?;
                if let Some(span) = read_file(&body).filter(|_| self.dialect() == Dialect::Zsh) {
                    self.state.opaque.retain(|opaque| opaque.span != span || opaque.why != ONLY_REDIRECTIONS);
                }
                self.expect_close()?;
                if doubled && self.state.bodies.len() > bodies {
                    let span = self.since(start);
                    self.differs(span, "a heredoc in $(( is read twice by bash");
                }
                self.piece(PieceKind::Command(Box::new(CommandSub { form: SubForm::Dollar, body })), start)
            }
            Some(b'{') => self.nested(|parser| parser.braced(start, quoted)),
            Some(b'[') => self.bracket_arithmetic(start),
            Some(b'\'') if !quoted => {
                self.bump();
                self.ansi_c(start)
            }
            Some(b'"') if !quoted => {
                self.bump();
                self.locale(start)
            }
            Some(byte) if is_name_start(byte) => {
                self.bump();
                let mut name = Vec::new();
                while let Some(byte) = self.peek().filter(|byte| is_name(*byte)) {
                    name.push(byte);
                    self.bump();
                }
                self.plain_param(name, start)
            }
            Some(byte @ (b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) => {
                self.bump();
                self.peek();
                self.bump();
                if byte == b'#' && self.dialect() == Dialect::Zsh && self.peek().is_some_and(is_name_start) {
                    let span = self.since(start);
                    self.differs(span, "zsh reads $#name as a length");
                }
                self.plain_param(vec![byte], start)
            }
            next => {
                if self.dialect() == Dialect::Zsh && matches!(next, Some(b'^' | b'=' | b'~' | b'+')) {
                    let here = self.here();
                    self.differs(here, "zsh reads a flag behind this dollar");
                }
                self.bump();
                self.piece(PieceKind::Literal(b"$".to_vec()), start)
            }
        }
    }

    fn plain_param(&mut self, name: Vec<u8>, start: usize) -> Parsed<Piece> {
        let param = Param { name, subscript: None, indirect: false, length: false, op: None };
        self.piece(PieceKind::Param(Box::new(param)), start)
    }

    /// The list of a substitution up to its closing byte, which also ends a heredoc in it.
    fn substituted_list(&mut self, closer: u8) -> Parsed<List> {
        let outer = std::mem::take(&mut self.pending);
        let before = self.closer.replace(closer);
        let after = std::mem::replace(&mut self.after_heredoc, false);
        let start = self.pos;
        let list = self.list_or_nothing();
        self.closer = before;
        self.after_heredoc = after;
        let left = std::mem::replace(&mut self.pending, outer);
        if !left.is_empty() {
            let span = self.since(start);
            self.differs(span, "a heredoc whose body stands outside its substitution");
            self.pending.extend(left);
        }
        list
    }

    /// `${ list; }` or `${| list; }` behind the brace.
    pub(super) fn function_substitution(&mut self, start: usize) -> Parsed<Piece> {
        self.eat(b'|');
        let body = self.substituted_list(b'}')?;
        self.blanks()?;
        if !self.reserved_close() {
            return self.stop("unterminated ${ list; }");
        }
        let span = self.since(start);
        self.differs(span, "${ list; } is grammar to bash 5.3 alone");
        self.piece(PieceKind::Command(Box::new(CommandSub { form: SubForm::Fun, body })), start)
    }

    /// The closing brace of a substitution needs no blank behind it.
    fn reserved_close(&mut self) -> bool {
        self.reserved_eat(Reserved::Close) || self.eat(b'}')
    }

    /// `<(list)` or `>(list)` at its first byte.
    pub(super) fn process_substitution(&mut self) -> Parsed<Piece> {
        let start = self.pos;
        let output = self.peek() == Some(b'>');
        self.bump();
        self.peek();
        self.bump();
        let body = self.substituted_list(b')')?;
        self.expect_close()?;
        self.piece(PieceKind::Process { output, body: Box::new(body) }, start)
    }

    /// Backquotes at the first one. Their text loses one layer of backslashes and is parsed when it runs, on its own:
    /// a syntax error in it harms nothing around it.
    pub(super) fn backquote(&mut self, quoted: bool) -> Parsed<Piece> {
        let start = self.pos;
        let mut at = start + 1;
        let mut text = Vec::new();
        let mut map = Vec::new();
        loop {
            let Some(byte) = self.raw(at) else { return self.stop_at_end("unterminated backquote") };
            match (byte, self.raw(at + 1)) {
                (b'`', _) => break,
                (b'\\', Some(b'\n')) => at += 2,
                (b'\\', Some(next)) if matches!(next, b'$' | b'`' | b'\\') || (quoted && next == b'"') => {
                    map.push(offset(self.absolute(at + 1)));
                    text.push(next);
                    at += 2;
                }
                (b'\\', Some(next)) => {
                    map.extend([offset(self.absolute(at)), offset(self.absolute(at + 1))]);
                    text.extend([byte, next]);
                    at += 2;
                }
                _ => {
                    map.push(offset(self.absolute(at)));
                    text.push(byte);
                    at += 1;
                }
            }
        }
        map.push(offset(self.absolute(at)));
        self.state.step(at - start)?;
        self.state.enter()?;
        let modes = self.state.modes.clone();
        let body = Parser::new(&text, Some(&map), &mut *self.state).all_lines();
        self.state.modes = modes;
        self.state.leave();
        self.pos = at + 1;
        self.piece(PieceKind::Command(Box::new(CommandSub { form: SubForm::Backtick, body })), start)
    }
}

/// Sources are capped far below 4 GiB.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The command of `$(< file)`, which every shell of the family reads alike.
fn read_file(list: &List) -> Option<Span> {
    let [Item { first: Pipeline { commands, .. }, rest, background: false, .. }] = list.items.as_slice() else {
        return None;
    };
    let [Command { kind: CommandKind::Simple(simple), redirects, span }] = commands.as_slice() else { return None };
    let [Redirect { op: RedirectOp::Read, .. }] = redirects.as_slice() else { return None };
    (rest.is_empty() && simple.assigns.is_empty() && simple.words.is_empty()).then_some(*span)
}
