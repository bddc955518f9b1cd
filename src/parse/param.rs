//! `${…}`: the name, the subscript, the operator and its operand words.

use super::arith::End;
use super::ast::{Arith, Opaque, Param, ParamOp, Piece, PieceKind, Word};
use super::cursor::{Parser, is_name, is_name_start};
use super::pieces::Pieces;
use super::state::Parsed;

impl Parser<'_, '_> {
    /// At the dollar of `${`.
    pub(super) fn braced(&mut self, start: usize, quoted: bool) -> Parsed<Piece> {
        self.bump();
        self.peek();
        self.bump();
        if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'|')) {
            return self.function_substitution(start);
        }
        let param = self.param_head()?;
        let Some(mut param) = param else { return self.bad_substitution(start, quoted) };
        if param.op.is_none() {
            match self.param_op(quoted)? {
                Some(op) => param.op = op,
                None => return self.bad_substitution(start, quoted),
            }
        }
        if !self.eat(b'}') {
            return self.bad_substitution(start, quoted);
        }
        self.piece(PieceKind::Param(Box::new(param)), start)
    }

    /// What is no parameter expansion to bash: it ends at the brace and fails when it runs; other shells may run it.
    fn bad_substitution(&mut self, start: usize, quoted: bool) -> Parsed<Piece> {
        self.operand(quoted, None)?;
        if !self.eat(b'}') {
            return self.stop("unterminated ${");
        }
        let span = self.since(start);
        let opaque: Opaque = self.differs(span, "not a parameter expansion of bash");
        self.piece(PieceKind::Opaque(opaque), start)
    }

    fn param_head(&mut self) -> Parsed<Option<Param>> {
        let mut param = Param { name: Vec::new(), subscript: None, indirect: false, length: false, op: None };
        match self.peek() {
            Some(b'#') if self.second() != Some(b'}') => {
                let mark = self.mark();
                self.bump();
                if let Some(name) = self.param_name() {
                    param.subscript = self.subscript(&name)?;
                    if self.peek() == Some(b'}') {
                        param.name = name;
                        param.length = true;
                        return Ok(Some(param));
                    }
                }
                self.rewind(&mark);
                self.bump();
                param.name = b"#".to_vec();
                param.subscript = None;
            }
            Some(b'!') if self.second() != Some(b'}') => {
                let mark = self.mark();
                self.bump();
                match self.param_name() {
                    Some(name) if name.first().is_some_and(|byte| is_name(*byte)) || self.peek() == Some(b'}') => {
                        param.indirect = true;
                        match (self.peek(), self.second()) {
                            (Some(b'*' | b'@'), Some(b'}')) => {
                                self.bump();
                                param.op = Some(ParamOp::NamesWithPrefix);
                            }
                            _ => param.subscript = self.subscript(&name)?,
                        }
                        let all = param.subscript.as_ref().and_then(Word::text);
                        if matches!(all.as_deref(), Some(b"@" | b"*")) && self.peek() == Some(b'}') {
                            param.op = Some(ParamOp::Keys);
                        }
                        param.name = name;
                    }
                    _ => {
                        self.rewind(&mark);
                        self.bump();
                        param.name = b"!".to_vec();
                    }
                }
            }
            _ => {
                let Some(name) = self.param_name() else { return Ok(None) };
                param.subscript = self.subscript(&name)?;
                param.name = name;
            }
        }
        Ok(Some(param))
    }

    fn param_name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        match self.peek()? {
            byte if is_name_start(byte) => {
                while let Some(byte) = self.peek().filter(|byte| is_name(*byte)) {
                    name.push(byte);
                    self.bump();
                }
            }
            b'0'..=b'9' => {
                while let Some(byte) = self.peek().filter(u8::is_ascii_digit) {
                    name.push(byte);
                    self.bump();
                }
            }
            byte @ (b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                name.push(byte);
                self.bump();
            }
            _ => return None,
        }
        Some(name)
    }

    fn subscript(&mut self, name: &[u8]) -> Parsed<Option<Word>> {
        if self.peek() != Some(b'[') || !name.first().is_some_and(|byte| is_name_start(*byte)) {
            return Ok(None);
        }
        self.bump();
        let start = self.pos;
        let pieces = self.expression(End::Subscript)?;
        let span = self.since(start);
        if !self.eat(b']') {
            return self.stop("unterminated subscript");
        }
        Ok(Some(Word { pieces, span }))
    }

    /// The operator; `Some(None)` where there is none, `None` where it is no operator.
    #[allow(clippy::option_option)]
    fn param_op(&mut self, quoted: bool) -> Parsed<Option<Option<ParamOp>>> {
        let Some(byte) = self.peek() else { return self.stop("unterminated ${") };
        let second = self.second();
        let op = match (byte, second) {
            (b'}', _) => return Ok(Some(None)),
            (b':', Some(b'-' | b'=' | b'?' | b'+')) => {
                self.bump();
                self.default_op(true, quoted)?
            }
            (b':', _) => {
                self.bump();
                let offset = self.slice_part()?;
                let length = if self.eat(b':') { Some(self.slice_part()?) } else { None };
                ParamOp::Substring { offset, length }
            }
            (b'-' | b'=' | b'?' | b'+', _) => self.default_op(false, quoted)?,
            (b'#' | b'%', second) => {
                self.bump();
                let longest = second == Some(byte);
                if longest {
                    self.eat(byte);
                }
                let pattern = self.operand(false, None)?;
                if byte == b'#' {
                    ParamOp::RemovePrefix { longest, pattern }
                } else {
                    ParamOp::RemoveSuffix { longest, pattern }
                }
            }
            (b'/', _) => self.replace_op()?,
            (b'^' | b',' | b'~', second) => {
                self.bump();
                let mut op = vec![byte];
                if second == Some(byte) {
                    self.eat(byte);
                    op.push(byte);
                }
                let pattern = self.operand(false, None)?;
                ParamOp::Case { op, pattern: (!pattern.pieces.is_empty()).then_some(pattern) }
            }
            (b'@', Some(letter)) if letter.is_ascii_alphabetic() && self.third() == Some(b'}') => {
                self.bump();
                self.eat(letter);
                ParamOp::Transform(letter)
            }
            _ => return Ok(None),
        };
        Ok(Some(Some(op)))
    }

    fn default_op(&mut self, colon: bool, quoted: bool) -> Parsed<ParamOp> {
        let byte = self.peek();
        self.bump();
        let word = self.operand(quoted, None)?;
        Ok(match byte {
            Some(b'-') => ParamOp::Default { colon, word },
            Some(b'=') => ParamOp::Assign { colon, word },
            Some(b'?') => ParamOp::Error { colon, word },
            _ => ParamOp::Alternate { colon, word },
        })
    }

    fn replace_op(&mut self) -> Parsed<ParamOp> {
        self.bump();
        let all = self.eat(b'/');
        let anchor = match self.peek() {
            Some(byte @ (b'#' | b'%')) if !all => {
                self.bump();
                Some(byte)
            }
            _ => None,
        };
        let mut pieces = Pieces::default();
        let start = self.pos;
        if anchor.is_none() && self.peek() == Some(b'/') {
            self.bump();
            pieces.text(b"/", self.since(start));
        }
        for piece in self.operand(false, Some(b'/'))?.pieces {
            pieces.push(piece);
        }
        let pattern = Word { pieces: pieces.list, span: self.since(start) };
        let with = if self.eat(b'/') { Some(self.operand(false, None)?) } else { None };
        Ok(ParamOp::Replace { all, anchor, pattern, with })
    }

    fn slice_part(&mut self) -> Parsed<Arith> {
        let start = self.pos;
        let pieces = self.expression(End::Substring)?;
        Ok(Arith { pieces, span: self.since(start) })
    }

    /// An operand up to, not past, its `}` (or `stop`).
    pub(super) fn operand(&mut self, quoted: bool, stop: Option<u8>) -> Parsed<Word> {
        self.nested(|parser| parser.operand_inner(quoted, stop))
    }

    fn operand_inner(&mut self, quoted: bool, stop: Option<u8>) -> Parsed<Word> {
        self.peek();
        let from = self.pos;
        let mut pieces = Pieces::default();
        loop {
            let Some(byte) = self.peek() else { return self.stop("unterminated ${") };
            if byte == b'}' || Some(byte) == stop {
                break;
            }
            let start = self.pos;
            match byte {
                b'\\' => {
                    self.bump();
                    let Some(next) = self.raw(self.pos) else { return self.stop("unterminated ${") };
                    self.bump();
                    if quoted && !matches!(next, b'$' | b'`' | b'"' | b'\\' | b'}') {
                        pieces.text(&[b'\\', next], self.since(start));
                    } else {
                        let piece = self.piece(PieceKind::Escaped(vec![next]), start)?;
                        pieces.push(piece);
                    }
                }
                b'\'' if quoted => self.bracketing_single(&mut pieces, false)?,
                b'\'' | b'"' | b'`' | b'$' => {
                    let piece = match byte {
                        b'\'' => self.single()?,
                        b'"' => self.double()?,
                        b'`' => self.backquote(quoted)?,
                        _ => self.dollar(quoted)?,
                    };
                    pieces.push(piece);
                }
                b'<' | b'>' if !quoted && self.second() == Some(b'(') => {
                    let piece = self.process_substitution()?;
                    pieces.push(piece);
                }
                b'*' | b'?' if !quoted => {
                    self.bump();
                    let piece = self.piece(PieceKind::Glob(vec![byte]), start)?;
                    pieces.push(piece);
                }
                _ => {
                    self.bump();
                    pieces.text(&[byte], self.since(start));
                }
            }
        }
        let mut list = pieces.list;
        self.state.step(self.pos - from)?;
        if !quoted {
            self.shapes(&mut list, false, true);
        }
        Ok(Word { pieces: list, span: self.since(from) })
    }
}
