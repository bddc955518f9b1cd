//! Redirections, wherever they stand.

use super::ast::{Dialect, Heredoc, Redirect, RedirectFd, RedirectOp, RedirectTarget};
use super::cursor::{Parser, is_meta, is_name, is_name_start};
use super::heredoc::Pending;
use super::state::Parsed;
use super::word::WordKind;

impl RedirectOp {
    /// `&>` and `&>>`: to dash the command ends before them.
    pub(super) fn writes_both(self) -> bool {
        matches!(self, RedirectOp::WriteBoth | RedirectOp::AppendBoth)
    }
}

impl Parser<'_, '_> {
    /// The redirection that starts here, if one does. The cursor stands behind blanks.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let Some(first) = self.peek() else { return Ok(None) };
        let start = self.pos;
        let fd = match first {
            b'<' | b'>' => RedirectFd::Default,
            b'&' if self.second() == Some(b'>') => RedirectFd::Default,
            b'0'..=b'9' => match self.number_before_redirect() {
                Some((number, at)) => {
                    self.pos = at;
                    if number > 9 && self.dialect() == Dialect::Sh {
                        let span = self.since(start);
                        self.differs(span, "dash knows only one-digit descriptors");
                    }
                    RedirectFd::Number(number)
                }
                None => return Ok(None),
            },
            b'{' => match self.name_before_redirect()? {
                Some((name, at)) => {
                    self.pos = at;
                    if self.dialect() == Dialect::Sh {
                        let span = self.since(start);
                        self.differs(span, "{name} is a word to dash");
                    }
                    RedirectFd::Variable(name)
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some(op) = self.redirect_op() else { return Ok(None) };
        let target = self.redirect_target(op)?;
        let span = self.since(start);
        self.state.node()?;
        Ok(Some(Redirect { fd, op, target, span }))
    }

    /// Digits right before `<` or `>`, which does not start a process substitution.
    fn number_before_redirect(&self) -> Option<(u32, usize)> {
        let mut at = self.pos;
        let mut value = 0u32;
        while let Some(byte) = self.raw(at).filter(u8::is_ascii_digit) {
            value = value.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
            at = self.skip(at + 1);
        }
        i32::try_from(value).ok()?;
        self.operator_at(at).then_some((value, at))
    }

    /// `{name}` right before `<` or `>`.
    fn name_before_redirect(&self) -> Parsed<Option<(Vec<u8>, usize)>> {
        let mut at = self.skip(self.pos + 1);
        let start = at;
        if !self.raw(at).is_some_and(is_name_start) {
            return Ok(None);
        }
        while self.raw(at).is_some_and(is_name) {
            at = self.skip(at + 1);
        }
        let end = at;
        if self.raw(at) == Some(b'[') {
            while self.raw(at).is_some_and(|byte| byte != b'}' && byte != b'\n' && byte != b' ') {
                at += 1;
            }
            if self.raw(at) == Some(b'}') && self.operator_at(self.skip(at + 1)) {
                return self.stop("a descriptor kept in an array element");
            }
            return Ok(None);
        }
        if self.raw(at) != Some(b'}') {
            return Ok(None);
        }
        at = self.skip(at + 1);
        Ok(self.operator_at(at).then(|| (self.name_bytes(start, end), at)))
    }

    fn operator_at(&self, at: usize) -> bool {
        matches!(self.raw(at), Some(b'<' | b'>')) && self.raw(self.skip(at + 1)) != Some(b'(')
    }

    /// Reads the operator; nothing where `<(` or `>(` starts a word.
    fn redirect_op(&mut self) -> Option<RedirectOp> {
        let (op, length) = match (self.peek()?, self.second(), self.third()) {
            (b'<' | b'>', Some(b'('), _) => return None,
            (b'<', Some(b'<'), Some(b'<')) => (RedirectOp::HereString, 3),
            (b'<', Some(b'<'), _) => (RedirectOp::Heredoc, 2),
            (b'<', Some(b'>'), _) => (RedirectOp::ReadWrite, 2),
            (b'<', Some(b'&'), _) => (RedirectOp::DupRead, 2),
            (b'<', _, _) => (RedirectOp::Read, 1),
            (b'>', Some(b'>'), _) => (RedirectOp::Append, 2),
            (b'>', Some(b'|'), _) => (RedirectOp::Clobber, 2),
            (b'>', Some(b'&'), _) => (RedirectOp::DupWrite, 2),
            (b'>', _, _) => (RedirectOp::Write, 1),
            (b'&', Some(b'>'), Some(b'>')) => (RedirectOp::AppendBoth, 3),
            (b'&', Some(b'>'), _) => (RedirectOp::WriteBoth, 2),
            _ => return None,
        };
        self.plain_word_past(length);
        Some(op)
    }

    fn redirect_target(&mut self, op: RedirectOp) -> Parsed<RedirectTarget> {
        let strip = op == RedirectOp::Heredoc && self.eat(b'-');
        if self.dialect() == Dialect::Zsh {
            self.zsh_redirect(op)?;
        }
        self.blanks()?;
        let Some(byte) = self.peek() else { return self.stop("a redirection without its target") };
        let starts_word = !is_meta(byte) || (matches!(byte, b'<' | b'>') && self.second() == Some(b'('));
        if !starts_word {
            return self.stop("a redirection without its target");
        }
        if matches!(op, RedirectOp::DupRead | RedirectOp::DupWrite) && byte == b'-' {
            // Bash takes the hyphen alone; what stands right behind it is the next word.
            let start = self.pos;
            self.bump();
            let span = self.since(start);
            let piece = self.piece(super::ast::PieceKind::Literal(b"-".to_vec()), start)?;
            return Ok(RedirectTarget::Word(super::ast::Word { pieces: vec![piece], span }));
        }
        let kind = match op {
            RedirectOp::HereString | RedirectOp::Heredoc => WordKind::Plain,
            _ => WordKind::Target,
        };
        let word = self.word(kind)?;
        if op != RedirectOp::Heredoc {
            return Ok(RedirectTarget::Word(word));
        }
        let (delimiter, quoted) = self.delimiter(&word);
        let id = self.state.bodies.len();
        self.state.bodies.push(None);
        self.pending.push(Pending { id, delimiter: delimiter.clone(), quoted, strip });
        Ok(RedirectTarget::Heredoc(Heredoc { delimiter, quoted, body: Heredoc::placeholder(id) }))
    }

    /// What zsh reads behind a redirection operator.
    fn zsh_redirect(&mut self, op: RedirectOp) -> Parsed<()> {
        match (op, self.peek()) {
            (_, Some(b'!')) | (RedirectOp::Append | RedirectOp::WriteBoth | RedirectOp::DupWrite, Some(b'|')) => {
                self.stop("zsh clobbering redirection")
            }
            (RedirectOp::Read, Some(b'0'..=b'9' | b'-')) => self.stop("zsh numeric glob"),
            _ => Ok(()),
        }
    }
}
