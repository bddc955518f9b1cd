//! Short Ruby and PHP of a line: what prints, parses and computes only, and what touches files by constant paths. Each bare
//! name is the language's, a function that computes, a call read from its arguments, or bound by the code itself; each
//! method is one that plain values have.

mod bind;
mod php;
mod ruby;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeSet;

use self::token::{Flavor, Token, tokens};
use super::{CodeObject, CodeReading};
use crate::action::{EffectKind, Flag};

/// What a call does, by its constant arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Pure,
    /// The first argument is a path; further ones are data.
    File(EffectKind),
    /// All arguments are paths.
    Files(EffectKind),
    /// As [`Call::File`], of a directory with all that is in it.
    Tree,
    /// `open(path, mode)`
    Open,
    /// Appends where an argument says so, else replaces.
    Put,
    /// First is read, second replaced.
    Copies,
    /// First goes away, second is replaced.
    Moves,
    /// Shell text, or words.
    Shell,
    /// A variable's name.
    Variable,
    /// The whole environment.
    Environment,
    /// A name of the language's library.
    Library,
    Decodes,
    /// What an argument names is called: its position.
    Calls(usize),
}

/// What is known of a language.
struct Language {
    flavor: Flavor,
    /// What a bare name does where it is called.
    function: fn(&[u8]) -> Option<Call>,
    /// What a name of a class does.
    member: fn(&[u8], &[u8]) -> Option<Call>,
    /// Names of classes that only stand before a member.
    classes: &'static [&'static str],
    /// Keywords, constants, and classes that only hold values.
    plain: fn(&[u8]) -> bool,
    /// Methods that plain values have.
    method: fn(&[u8]) -> bool,
    /// Variables that reach beyond the code: what reading them does.
    variable: fn(&[u8]) -> Option<Call>,
    /// Libraries that may be loaded.
    library: fn(&[u8]) -> bool,
}

/// Reads Ruby code.
pub(super) fn ruby(code: &[u8]) -> CodeReading {
    read(&ruby::LANGUAGE, code)
}

/// Reads PHP code.
pub(super) fn php(code: &[u8]) -> CodeReading {
    read(&php::LANGUAGE, code)
}

/// Whether loading this library of Ruby's own runs nothing of note.
pub(super) fn library_is_known(name: &[u8]) -> bool {
    (ruby::LANGUAGE.library)(name)
}

fn read(language: &Language, code: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    match tokens(language.flavor, code) {
        Ok(list) => {
            for list in bind::inlined(language.flavor, list) {
                let bound = bind::names(language.flavor, &list);
                Reader { language, list: &list, found: &mut found, bound }.all();
            }
        }
        Err(why) => found.doubt(why),
    }
    found
}

struct Reader<'a> {
    language: &'a Language,
    list: &'a [Token],
    found: &'a mut CodeReading,
    /// Names that the code itself binds.
    bound: BTreeSet<Vec<u8>>,
}

impl Reader<'_> {
    fn get(&self, at: usize) -> &Token {
        self.list.get(at).unwrap_or(&Token::End)
    }

    fn back(&self, at: usize) -> &Token {
        at.checked_sub(1).map_or(&Token::End, |at| self.get(at))
    }

    fn ruby(&self) -> bool {
        self.language.flavor == Flavor::Ruby
    }

    fn all(&mut self) {
        for at in 0..self.list.len() {
            match self.get(at).clone() {
                Token::Shell(Some(text)) => self.runs(CodeObject::Shell(text)),
                Token::Shell(None) => self.unknown(EffectKind::Executes),
                Token::Name(name) => self.name(at, &name),
                Token::Variable(name) => self.variable(at, &name),
                // `$f(…)`, `'f'(…)`, `[$o, 'm'](…)`: what stands there is called.
                Token::Open(b'(') if !self.ruby() && self.is_callee(at) => {
                    self.found.doubt("what is called is computed")
                }
                // `.(…)`, `->{…}`, `->$name`
                Token::Dot if !matches!(self.get(at + 1), Token::Name(_)) => {
                    self.found.doubt("a member that is computed")
                }
                Token::Symbol(name)
                    if matches!(self.back(at), Token::Operator(b'&')) && !(self.language.method)(&name) =>
                {
                    self.found.doubt("a method that is not known is handed on");
                }
                _ => {}
            }
        }
    }

    fn is_callee(&self, at: usize) -> bool {
        matches!(self.back(at), Token::Variable(_) | Token::Text(_) | Token::Close(b')' | b']'))
    }

    fn name(&mut self, at: usize, name: &[u8]) {
        if matches!(self.back(at), Token::Dot) {
            return self.member(at, name);
        }
        // `key: value` of a call or a hash.
        if self.ruby()
            && matches!(self.get(at + 1), Token::Colon)
            && matches!(self.back(at), Token::Open(_) | Token::Comma)
        {
            if !ruby::label_is_plain(name) {
                self.found.doubt("an option that changes what a call does");
            }
            return;
        }
        let called = matches!(self.get(at + 1), Token::Open(b'('));
        if matches!(self.get(at + 1), Token::Dot) && self.language.classes.iter().any(|class| class.as_bytes() == name)
        {
            return;
        }
        if let Some(call) = self.function(at, name) {
            return self.call(at, call);
        }
        if self.ruby() && self.language.classes.iter().any(|class| class.as_bytes() == name) {
            return self.class(at, name);
        }
        // A name that the code binds is a value; with arguments it would be a method.
        let value = self.bound.contains(name) && (!self.ruby() || !called);
        let value = value && !(self.ruby() && ruby::is_of_kernel(name));
        let constant = !self.ruby() && php::is_constant(name, self.get(at + 1));
        if !value && !constant && !(self.language.plain)(name) {
            self.found.doubt(format!("nothing is known of `{}`", String::from_utf8_lossy(name)));
        }
    }

    /// What a bare name calls. In PHP names of functions have no case, and are called only with brackets.
    fn function(&self, at: usize, name: &[u8]) -> Option<Call> {
        if self.ruby() {
            return (self.language.function)(name);
        }
        let called = matches!(self.get(at + 1), Token::Open(b'('));
        called.then(|| (self.language.function)(&name.to_ascii_lowercase())).flatten()
    }

    /// A class with effects where no member follows.
    fn class(&mut self, at: usize, name: &[u8]) {
        // `Dir['*.rb']`, `ENV['X']`, `ARGV[0]`
        match (name, self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
            (b"ARGV", Token::Open(b'['), Token::Number, Token::Close(b']')) if !self.is_set(at + 4) => {}
            (b"ENV", Token::Open(b'['), Token::Text(Some(name)), Token::Close(b']')) if !self.is_set(at + 4) => {
                self.found.add(EffectKind::Reads, CodeObject::Variable(name.clone()));
            }
            (b"Dir", Token::Open(b'['), Token::Text(Some(pattern)), Token::Close(b']')) => {
                self.found.add(EffectKind::Names, CodeObject::Path(bind::directory(pattern)));
            }
            _ => self.found.doubt(format!("the class {} is handed on", String::from_utf8_lossy(name))),
        }
    }

    fn is_set(&self, at: usize) -> bool {
        matches!(self.get(at), Token::Assign | Token::Augment | Token::Operator(b'<'))
    }

    /// A name behind a dot.
    fn member(&mut self, at: usize, name: &[u8]) {
        let class = at.checked_sub(2).map(|at| self.get(at).clone());
        let behind = at.checked_sub(3).is_some_and(|at| *self.get(at) == Token::Dot);
        if let (Some(Token::Name(class)), false) = (class, behind)
            && self.language.classes.iter().any(|known| known.as_bytes() == class)
        {
            return match (self.language.member)(&class, name) {
                Some(call) => self.call(at, call),
                None => {
                    let (class, name) = (String::from_utf8_lossy(&class), String::from_utf8_lossy(name));
                    self.found.doubt(format!("nothing is known of {class}.{name}"));
                }
            };
        }
        let property = !self.ruby() && !matches!(self.get(at + 1), Token::Open(b'('));
        let constant =
            name.first().is_some_and(u8::is_ascii_uppercase) && !matches!(self.get(at + 1), Token::Open(b'('));
        if constant && self.language.classes.iter().any(|class| class.as_bytes() == name) {
            return self.found.doubt("a class by another way");
        }
        if name == b"decode64" || name == b"strict_decode64" || name == b"urlsafe_decode64" {
            return self.found.add(EffectKind::Decodes, CodeObject::None);
        }
        if !property && !constant && !(self.language.method)(name) {
            self.found.doubt(format!("the method `{}` is not known", String::from_utf8_lossy(name)));
        }
        if matches!(name, b"inject" | b"reduce")
            && self
                .list
                .iter()
                .any(|token| matches!(token, Token::Symbol(name) if name != b"+" && !(self.language.method)(name)))
        {
            self.found.doubt("a method is called by its name");
        }
    }

    fn variable(&mut self, at: usize, name: &[u8]) {
        match (self.language.variable)(name) {
            None => {}
            Some(Call::Pure) => {
                if self.is_set(at + 1) {
                    self.found.doubt("a variable of the language is set");
                }
            }
            Some(_) if name == b"_ENV" || name == b"_SERVER" => {
                let (named, set) = match (self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
                    (Token::Open(b'['), Token::Text(Some(name)), Token::Close(b']')) => {
                        (name.clone(), self.is_set(at + 4))
                    }
                    _ => (b"*".to_vec(), self.is_set(at + 1)),
                };
                if set {
                    self.found.doubt("the environment is changed");
                }
                self.found.add(EffectKind::Reads, CodeObject::Variable(named));
            }
            Some(_) => {
                self.found.doubt(format!("the variable ${} decides what is done", String::from_utf8_lossy(name)))
            }
        }
    }

    /// A command is judged as any other; code that starts one does more than compute.
    fn runs(&mut self, what: CodeObject) {
        self.found.add(EffectKind::Executes, what);
        self.found.doubt("it starts another program");
    }

    fn unknown(&mut self, kind: EffectKind) {
        self.found.add(kind, CodeObject::Unknown);
        self.found.doubt(format!("{} something not constant", kind.name()));
    }

    /// The arguments of a call whose name stands at `at`; `None`: where they end is not certain.
    fn arguments(&self, at: usize) -> Option<Vec<&[Token]>> {
        let bracket = matches!(self.get(at + 1), Token::Open(b'('));
        if !bracket && !self.ruby() {
            return None;
        }
        let from = if bracket { at + 2 } else { at + 1 };
        let mut list = Vec::new();
        let mut depth = 0usize;
        let mut start = from;
        for here in from..=self.list.len() {
            let token = self.get(here);
            let ends = match token {
                _ if depth > 0 => false,
                Token::Close(_) => true,
                Token::End => !bracket || here >= self.list.len(),
                Token::Name(word) => {
                    const BEHIND: &[&[u8]] = &[b"if", b"unless", b"do", b"and", b"or", b"while", b"until", b"rescue"];
                    !bracket && BEHIND.contains(&word.as_slice())
                }
                _ => false,
            };
            if ends || here >= self.list.len() {
                if here > start {
                    list.push(self.list.get(start..here)?);
                }
                return Some(list);
            }
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                Token::Comma if depth == 0 => {
                    list.push(self.list.get(start..here)?);
                    start = here + 1;
                }
                _ => {}
            }
        }
        None
    }

    fn call(&mut self, at: usize, call: Call) {
        if call == Call::Pure {
            return;
        }
        let Some(arguments) = self.arguments(at) else {
            return self.found.doubt("a call whose arguments are not certain");
        };
        let arguments: Vec<Vec<Token>> = arguments.into_iter().map(<[Token]>::to_vec).collect();
        let first = arguments.first().map(Vec::as_slice).unwrap_or_default();
        match call {
            Call::Pure => {}
            Call::File(kind) => self.path(kind, first),
            Call::Files(kind) => {
                for argument in &arguments {
                    self.path(kind, argument);
                }
            }
            Call::Tree => match constant(first) {
                Some(path) => self.found.add_with(EffectKind::Deletes, CodeObject::Path(path), Flag::Recursive),
                None => self.unknown(EffectKind::Deletes),
            },
            Call::Open => match arguments.get(1).map(|mode| constant(mode)) {
                None => self.path(EffectKind::Reads, first),
                Some(Some(mode)) if mode.contains(&b'w') => self.path(EffectKind::Overwrites, first),
                Some(Some(mode)) if mode.iter().any(|byte| b"axc+".contains(byte)) => {
                    self.path(EffectKind::Writes, first)
                }
                Some(Some(_)) => self.path(EffectKind::Reads, first),
                Some(None) => self.unknown(EffectKind::Overwrites),
            },
            Call::Put => {
                let appends = arguments
                    .iter()
                    .skip(2)
                    .flatten()
                    .any(|token| matches!(token, Token::Name(name) if name == b"FILE_APPEND"));
                self.path(if appends { EffectKind::Writes } else { EffectKind::Overwrites }, first);
            }
            Call::Copies | Call::Moves => {
                let second = arguments.get(1).map(Vec::as_slice).unwrap_or_default();
                self.path(if call == Call::Moves { EffectKind::Deletes } else { EffectKind::Reads }, first);
                self.path(EffectKind::Overwrites, second);
            }
            Call::Shell => {
                let words: Option<Vec<Vec<u8>>> = arguments.iter().map(|argument| constant(argument)).collect();
                match words.as_deref() {
                    Some([text]) => self.runs(CodeObject::Shell(text.clone())),
                    Some(words) if words.len() > 1 && self.ruby() => self.runs(CodeObject::Argv(words.to_vec())),
                    _ => self.unknown(EffectKind::Executes),
                }
            }
            Call::Variable => {
                let name = constant(first).unwrap_or_else(|| b"*".to_vec());
                self.found.add(EffectKind::Reads, CodeObject::Variable(name));
            }
            Call::Environment => self.found.add(EffectKind::Reads, CodeObject::Variable(b"*".to_vec())),
            Call::Library => {
                if !constant(first).is_some_and(|name| (self.language.library)(&name)) {
                    self.found.doubt("loads something that is not known");
                }
            }
            Call::Decodes => self.found.add(EffectKind::Decodes, CodeObject::None),
            Call::Calls(_)
                if arguments.iter().any(|argument| matches!(argument.first(), Some(Token::Operator(b'.')))) =>
            {
                self.found.doubt("arguments that are computed");
            }
            Call::Calls(position) => {
                let known = match arguments.get(position).map(Vec::as_slice) {
                    None => true,
                    Some([Token::Name(word), ..]) => {
                        matches!(word.as_slice(), b"fn" | b"function" | b"static" | b"null")
                    }
                    Some([Token::Text(Some(name))]) => {
                        (self.language.function)(&name.to_ascii_lowercase()) == Some(Call::Pure)
                    }
                    Some(_) => false,
                };
                if !known {
                    self.found.doubt("a function that is computed is called");
                }
            }
        }
    }

    fn path(&mut self, kind: EffectKind, argument: &[Token]) {
        match argument {
            [Token::Below(directory, name)] => {
                self.found.add(kind, CodeObject::Below { directory: directory.clone(), name: name.clone() });
            }
            [Token::Text(Some(path))] => self.named(kind, path),
            // The program's own input and output.
            [Token::Name(name)] if matches!(name.as_slice(), b"STDIN" | b"STDOUT" | b"STDERR") => {}
            _ => self.unknown(kind),
        }
    }

    /// A constant path, or in PHP one of its streams.
    fn named(&mut self, kind: EffectKind, path: &[u8]) {
        let Some(scheme) = path.windows(3).position(|three| three == b"://") else {
            // `|command` runs it in Ruby.
            if path.trim_ascii_start().starts_with(b"|") || path.starts_with(b"data:") {
                return self.unknown(EffectKind::Executes);
            }
            return self.found.add(kind, CodeObject::Path(path.to_vec()));
        };
        let rest = path.get(scheme + 3..).unwrap_or_default();
        match path.get(..scheme) {
            Some(b"http" | b"https") => {
                let host = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next().unwrap_or_default();
                self.found.add(EffectKind::Connects, CodeObject::Host(host.to_vec()));
            }
            Some(b"php") if matches!(rest, b"stdin" | b"stdout" | b"stderr" | b"output" | b"memory" | b"input") => {}
            _ => self.unknown(EffectKind::Executes),
        }
    }
}

/// The value of an argument that is one string constant.
fn constant(list: &[Token]) -> Option<Vec<u8>> {
    match list {
        [Token::Text(Some(text))] => Some(text.clone()),
        _ => None,
    }
}
