//! Which variables a list may assign, by its text alone.

use std::collections::BTreeSet;

use super::arith;
use super::compound::plain_text;
use super::letters::letters;
use super::simple::runs_commands;
use crate::action::Value;
use crate::parse::{Arith, Assign, Command, CommandKind, List, Piece, PieceKind, Word};

/// Names an arithmetic node may assign.
pub(super) fn arith_assigns(arith: &Arith) -> Vec<Vec<u8>> {
    let mut text = Vec::new();
    for piece in &arith.pieces {
        match &piece.kind {
            PieceKind::Literal(literal) | PieceKind::Escaped(literal) | PieceKind::Single(literal) => {
                text.extend_from_slice(literal);
            }
            PieceKind::Param(param) => text.extend_from_slice(&param.name),
            _ => text.push(b' '),
        }
    }
    arith::assigned(&text)
}

/// Variables that a list assigns, by its text alone.
#[derive(Default)]
pub(super) struct Assigned<'a> {
    pub(super) plain: BTreeSet<Vec<u8>>,
    /// Plain assignments of words that run nothing.
    pub(super) words: Vec<(&'a [u8], &'a Word)>,
    pub(super) numbers: BTreeSet<Vec<u8>>,
    /// Arrays that words are added to: `name+=(…)`.
    pub(super) grown: BTreeSet<Vec<u8>>,
    pub(super) moves: bool,
}

impl<'a> Assigned<'a> {
    pub(super) fn list(&mut self, list: &'a List, depth: u16) {
        if depth > 64 {
            return;
        }
        for item in &list.items {
            for pipeline in std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline)) {
                if pipeline.commands.len() > 1 {
                    continue;
                }
                for command in &pipeline.commands {
                    self.command(command, depth + 1);
                }
            }
        }
    }

    fn command(&mut self, command: &'a Command, depth: u16) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                if simple.words.is_empty() {
                    for assign in &simple.assigns {
                        self.assign(assign);
                    }
                }
                self.builtin(&simple.words);
            }
            CommandKind::Group(list) => self.list(list, depth),
            CommandKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.list(condition, depth);
                    self.list(body, depth);
                }
                if let Some(list) = otherwise {
                    self.list(list, depth);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, depth);
                self.list(body, depth);
            }
            CommandKind::For { name, body, .. } => {
                self.plain.insert(name.clone());
                self.list(body, depth);
            }
            CommandKind::ForArith { init, condition, step, body } => {
                for part in [init, condition, step] {
                    self.numbers.extend(arith_assigns(part));
                }
                self.list(body, depth);
            }
            CommandKind::Case { arms, .. } => {
                for arm in arms {
                    self.list(&arm.body, depth);
                }
            }
            CommandKind::Arith(arith) => self.numbers.extend(arith_assigns(arith)),
            CommandKind::Subshell(_)
            | CommandKind::Function { .. }
            | CommandKind::Cond(_)
            | CommandKind::Coproc { .. }
            | CommandKind::Opaque(_) => {}
        }
    }

    /// The names that `read` sets in a loop's condition: before each round.
    pub(super) fn read(condition: &List, names: &mut BTreeSet<Vec<u8>>) {
        let commands = condition.items.iter().flat_map(|item| &item.first.commands);
        for command in commands {
            let CommandKind::Simple(simple) = &command.kind else { continue };
            let words: Vec<Value> = simple.words.iter().map_while(plain_text).map(Value::known).collect();
            if words.first().and_then(Value::text) == Some(b"read") {
                let (given, rest) = letters(words.get(1..).unwrap_or_default(), b"adinNptu");
                let array = given.iter().filter(|(letter, _)| *letter == b'a').map(|(_, name)| name);
                names.extend(rest.iter().chain(array).filter_map(|name| name.text().map(<[u8]>::to_vec)));
                names.insert(b"REPLY".to_vec());
            }
        }
    }

    fn assign(&mut self, assign: &'a Assign) {
        let counts = matches!(&assign.value, crate::parse::AssignValue::Scalar(word)
            if matches!(word.pieces.as_slice(), [Piece { kind: PieceKind::Arith(_), .. }]));
        if let crate::parse::AssignValue::Scalar(word) = &assign.value {
            if assign.subscript.is_none() && !assign.append && !runs_commands(assign) {
                self.words.push((&assign.name, word));
            }
        }
        if counts && assign.subscript.is_none() && !assign.append {
            self.numbers.insert(assign.name.clone());
        } else if assign.append
            && assign.subscript.is_none()
            && matches!(&assign.value, crate::parse::AssignValue::Array(words) if words.iter().all(|(key, _)| key.is_none()))
        {
            self.grown.insert(assign.name.clone());
        } else {
            self.plain.insert(assign.name.clone());
        }
    }

    /// `export x=…`, `local x`, `let i++`, `printf -v x`: by the look of their words. (`read` sets its names itself each round.)
    fn builtin(&mut self, words: &[Word]) {
        let Some(name) = words.first().and_then(plain_text) else { return };
        match name.as_slice() {
            b"export" | b"declare" | b"typeset" | b"local" | b"readonly" => {
                for word in words.iter().skip(1) {
                    if let Some(Piece { kind: PieceKind::Literal(text), .. }) = word.pieces.first() {
                        if let Some(at) = text.iter().position(|byte| *byte == b'=' || *byte == b'+') {
                            self.plain.insert(text.get(..at).unwrap_or_default().to_vec());
                        }
                    }
                }
            }
            b"let" => {
                for word in words.iter().skip(1).filter_map(plain_text) {
                    self.numbers.extend(arith::assigned(&word));
                }
            }
            b"printf" => {
                if let [_, flag, name, ..] = words {
                    if let (Some(flag), Some(name)) = (plain_text(flag), plain_text(name)) {
                        if flag.as_slice() == b"-v" {
                            self.plain.insert(name);
                        }
                    }
                }
            }
            b"cd" | b"pushd" | b"popd" => self.moves = true,
            _ => {}
        }
    }
}
