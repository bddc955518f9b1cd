//! Calls of what is known: the files they touch, the processes they start.

use super::super::CodeObject;
use super::known::{Call, Known};
use super::token::Token;
use super::{Reader, constant, even, host};
use crate::action::{EffectKind, Flag};

impl<'a> Reader<'a> {
    pub(super) fn path(&mut self, kind: EffectKind, argument: Option<&[Token]>) {
        match argument {
            Some([Token::Below(directory, name)]) => self.below(kind, directory.clone(), name.clone()),
            Some([Token::Name(class), Token::Open(b'('), Token::Below(directory, name), Token::Close(b')')])
                if self.is_path_class(class) || class == b"str" =>
            {
                self.below(kind, directory.clone(), name.clone());
            }
            argument => match argument.and_then(|list| self.file(list)) {
                Some(path) => self.found.add(kind, CodeObject::Path(path)),
                None => self.unknown(kind),
            },
        }
    }

    pub(super) fn below(&mut self, kind: EffectKind, directory: Vec<u8>, name: Vec<u8>) {
        self.found.add(kind, CodeObject::Below { directory, name });
    }

    /// Whether a name is pathlib's class, and nothing else.
    pub(super) fn is_path_class(&self, name: &[u8]) -> bool {
        name == b"Path" && self.names.get(name) == Some(&Known::Pure)
    }

    /// The path that an argument names: a string constant, `Path('…')` of it, `str(…)` of those, parts joined by `/`.
    pub(super) fn file(&self, list: &[Token]) -> Option<Vec<u8>> {
        let joined = |parts: Vec<Vec<u8>>| {
            parts.into_iter().reduce(|before, part| {
                if part.starts_with(b"/") { part } else { [before.as_slice(), b"/", part.as_slice()].concat() }
            })
        };
        match list {
            [Token::Text(Some(text))] => Some(text.clone()),
            [Token::Name(class), Token::Open(b'('), inner @ .., Token::Close(b')')]
                if (class == b"str" || self.is_path_class(class)) && !inner.contains(&Token::Comma) && even(inner) =>
            {
                self.file(inner)
            }
            [Token::Name(module), Token::Dot, rest @ ..]
                if module == b"pathlib"
                    && self.names.get(module.as_slice()) == Some(&Known::Module("pathlib"))
                    && matches!(rest, [Token::Name(class), Token::Open(b'('), Token::Text(_), Token::Close(b')')] if class == b"Path") =>
            {
                self.file(rest.get(2..3)?)
            }
            [
                Token::Name(os),
                Token::Dot,
                Token::Name(path),
                Token::Dot,
                Token::Name(join),
                Token::Open(b'('),
                inner @ ..,
                Token::Close(b')'),
            ] if os == b"os" && path == b"path" && join == b"join" => {
                joined(inner.split(|token| *token == Token::Comma).map(constant).collect::<Option<Vec<_>>>()?)
            }
            [Token::Open(b'('), inner @ .., Token::Close(b')')] if even(inner) && !inner.contains(&Token::Comma) => {
                self.file(inner)
            }
            list if list.contains(&Token::Operator(b'/')) && !list.contains(&Token::Comma) => joined(
                list.split(|token| *token == Token::Operator(b'/'))
                    .map(|part| self.file(part))
                    .collect::<Option<Vec<_>>>()?,
            ),
            _ => None,
        }
    }

    pub(super) fn call(&mut self, at: usize, call: Call) {
        let Some(arguments) = self.arguments(at) else {
            return self.found.doubt("it hands on a function with an effect");
        };
        let arguments: Vec<Vec<Token>> = arguments.into_iter().map(<[Token]>::to_vec).collect();
        let keyword = |name: &[u8]| {
            arguments
                .iter()
                .find(|list| matches!(list.as_slice(), [Token::Name(key), Token::Assign, ..] if key == name))
        };
        let positional = |index: usize| {
            arguments
                .get(index)
                .filter(|list| !matches!(list.as_slice(), [Token::Name(_), Token::Assign, ..]))
                .map(Vec::as_slice)
        };
        if arguments.iter().any(|list| list.first() == Some(&Token::Operator(b'*'))) {
            return self.found.doubt("it unpacks the arguments of a call with an effect");
        }
        match call {
            Call::Open => {
                if keyword(b"opener").is_some() {
                    self.found.doubt("open with an opener");
                }
                let mode = match keyword(b"mode").and_then(|list| list.get(2..)).or_else(|| positional(1)) {
                    None => Some(b"r".to_vec()),
                    Some(list) => constant(list),
                };
                let kind = match mode {
                    Some(mode) if mode.contains(&b'w') => EffectKind::Overwrites,
                    Some(mode) if mode.iter().any(|byte| b"ax+".contains(byte)) => EffectKind::Writes,
                    Some(_) => EffectKind::Reads,
                    None => return self.unknown(EffectKind::Overwrites),
                };
                self.path(kind, positional(0));
            }
            Call::Reads if keyword(b"allow_pickle").is_some() => self.found.doubt("a file of objects"),
            Call::Reads => {
                match positional(0).and_then(constant).filter(|text| text.windows(3).any(|part| part == b"://")) {
                    Some(url) => match host(&url) {
                        Some(host) => self.found.add(EffectKind::Connects, CodeObject::Host(host)),
                        None => self.unknown(EffectKind::Connects),
                    },
                    None => self.path(EffectKind::Reads, positional(0)),
                }
            }
            Call::Names if arguments.is_empty() => self.found.add(EffectKind::Names, CodeObject::Path(b".".to_vec())),
            Call::Names => self.path(EffectKind::Names, positional(0)),
            Call::Writes => self.path(EffectKind::Writes, positional(0)),
            Call::Deletes => self.path(EffectKind::Deletes, positional(0)),
            Call::DeletesTree => match positional(0).and_then(|list| self.file(list)) {
                Some(path) => self.found.add_with(EffectKind::Deletes, CodeObject::Path(path), Flag::Recursive),
                None => self.unknown(EffectKind::Deletes),
            },
            Call::Permits => self.path(EffectKind::Permits, positional(0)),
            Call::Copies => {
                self.path(EffectKind::Reads, positional(0));
                self.path(EffectKind::Overwrites, positional(1));
            }
            Call::Moves => {
                self.path(EffectKind::Deletes, positional(0));
                self.path(EffectKind::Overwrites, positional(1));
            }
            Call::Shell => match positional(0).and_then(constant) {
                Some(text) if arguments.len() == 1 => self.found.add(EffectKind::Executes, CodeObject::Shell(text)),
                _ => self.unknown(EffectKind::Executes),
            },
            Call::Process => self.process(&arguments),
            Call::Connects | Call::Sends => {
                let host = positional(0).and_then(constant).and_then(|url| host(&url));
                let more = arguments.len() > 1 && call == Call::Connects && keyword(b"data").is_some();
                match host {
                    Some(host) => {
                        if call == Call::Sends || more {
                            self.found.add(EffectKind::Sends, CodeObject::Host(host.clone()));
                        }
                        self.found.add(EffectKind::Connects, CodeObject::Host(host));
                    }
                    None => self.unknown(EffectKind::Connects),
                }
            }
            Call::Variable => match positional(0).and_then(constant) {
                Some(name) => self.found.add(EffectKind::Reads, CodeObject::Variable(name)),
                None => self.found.add(EffectKind::Reads, CodeObject::Variable(b"*".to_vec())),
            },
            Call::Decodes => self.found.add(EffectKind::Decodes, CodeObject::None),
            Call::Logs => {
                if arguments.iter().any(|list| !matches!(list.as_slice(), [Token::Name(key), Token::Assign, ..] if matches!(key.as_slice(), b"level" | b"format" | b"datefmt" | b"force" | b"stream"))) {
                    self.found.doubt("a log that is not plain");
                }
            }
            Call::Signals => self.unknown(EffectKind::Signals),
        }
    }

    /// `subprocess.run([...])`, `subprocess.run("…", shell=True)`
    pub(super) fn process(&mut self, arguments: &[Vec<Token>]) {
        let mut shell = false;
        for list in arguments.iter().skip(1) {
            match list.as_slice() {
                [Token::Name(key), Token::Assign, Token::Name(value)] if key == b"shell" => match value.as_slice() {
                    b"True" => shell = true,
                    b"False" => {}
                    _ => return self.unknown(EffectKind::Executes),
                },
                [Token::Name(key), Token::Assign, ..]
                    if matches!(
                        key.as_slice(),
                        b"text"
                            | b"check"
                            | b"capture_output"
                            | b"stdout"
                            | b"stderr"
                            | b"timeout"
                            | b"encoding"
                            | b"universal_newlines"
                            | b"stdin"
                    ) => {}
                _ => return self.unknown(EffectKind::Executes),
            }
        }
        let words = arguments.first().and_then(|list| match list.as_slice() {
            [Token::Open(b'['), words @ .., Token::Close(b']')] => words
                .split(|token| *token == Token::Comma)
                .filter(|word| !word.is_empty())
                .map(|word| match word {
                    [Token::Name(module), Token::Dot, Token::Name(own)]
                        if own == b"executable" && self.names.get(module.as_slice()) == Some(&Known::Module("sys")) =>
                    {
                        Some(b"python3".to_vec())
                    }
                    word => constant(word),
                })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        });
        let text = arguments.first().and_then(|list| constant(list));
        match (words, text, shell) {
            (Some(words), _, false) if !words.is_empty() => {
                self.found.add(EffectKind::Executes, CodeObject::Argv(words))
            }
            (_, Some(text), true) => self.found.add(EffectKind::Executes, CodeObject::Shell(text)),
            (_, Some(word), false) => self.found.add(EffectKind::Executes, CodeObject::Argv(vec![word])),
            _ => self.unknown(EffectKind::Executes),
        }
    }

    /// `os.environ`, at what follows it.
    pub(super) fn environment(&mut self, at: usize) {
        let variable = match (self.get(at), self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
            (Token::Open(b'['), Token::Text(Some(name)), Token::Close(b']'), Token::Assign) => {
                let name = String::from_utf8_lossy(name).into_owned();
                return self.found.doubt(format!("it sets the variable {name}"));
            }
            (Token::Open(b'['), Token::Text(Some(name)), Token::Close(b']'), _) => name.clone(),
            (Token::Dot, Token::Name(method), Token::Open(b'('), Token::Text(Some(name))) if method == b"get" => {
                name.clone()
            }
            (Token::Dot, Token::Name(method), ..)
                if !matches!(method.as_slice(), b"get" | b"keys" | b"items" | b"values" | b"copy") =>
            {
                return self.found.doubt("it changes the environment");
            }
            _ => b"*".to_vec(),
        };
        self.found.add(EffectKind::Reads, CodeObject::Variable(variable));
    }
}
