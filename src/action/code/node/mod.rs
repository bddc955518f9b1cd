//! Node one-liners. Every bare name is the language's, one that computes, a known module, or declared by the code itself;
//! what leads to functions' constructors is refused wherever it stands. Libraries are called by constant arguments.

mod bind;
mod known;
#[cfg(test)]
mod tests;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use self::known::Call;
use self::token::{Token, tokens};
use super::{CodeObject, CodeReading};
use crate::action::{EffectKind, Flag};

/// Reads JavaScript code.
pub(super) fn read(code: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    match tokens(code) {
        Ok(list) => {
            for list in bind::inlined(list) {
                let mut reader =
                    Reader { list: &list, found: &mut found, names: BTreeMap::new(), bound: BTreeSet::new() };
                reader.declarations();
                reader.all();
            }
        }
        Err(why) => found.doubt(why),
    }
    found
}

/// What a declared name stands for.
#[derive(Clone, PartialEq, Eq)]
enum Stands {
    Module(&'static str),
    Function(&'static str, Vec<u8>),
}

struct Reader<'a> {
    list: &'a [Token],
    found: &'a mut CodeReading,
    names: BTreeMap<Vec<u8>, Stands>,
    bound: BTreeSet<Vec<u8>>,
}

impl Reader<'_> {
    fn get(&self, at: usize) -> &Token {
        self.list.get(at).unwrap_or(&Token::Semicolon)
    }

    fn back(&self, at: usize) -> &Token {
        at.checked_sub(1).map_or(&Token::Semicolon, |at| self.get(at))
    }

    fn is(&self, at: usize, word: &str) -> bool {
        matches!(self.get(at), Token::Name(name) if name == word.as_bytes())
    }

    /// Where the bracket that opens at `at` closes.
    fn close(&self, at: usize) -> usize {
        let mut depth = 0usize;
        let mut here = at;
        while let Some(token) = self.list.get(here) {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return here;
                    }
                }
                _ => {}
            }
            here += 1;
        }
        here
    }

    /// Where the bracket that closes at `at` opens.
    fn open(&self, at: usize) -> usize {
        let mut depth = 0usize;
        for (index, token) in self.list.iter().enumerate().take(at + 1).rev() {
            match token {
                Token::Close(_) => depth += 1,
                Token::Open(_) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index;
                    }
                }
                _ => {}
            }
        }
        0
    }

    fn declarations(&mut self) {
        for at in 0..self.list.len() {
            match self.get(at) {
                Token::Name(word) if matches!(word.as_slice(), b"const" | b"let" | b"var") => self.declared(at + 1),
                Token::Name(word) if matches!(word.as_slice(), b"function" | b"catch") => {
                    let name = usize::from(matches!(self.get(at + 1), Token::Name(_)));
                    if name == 1 {
                        self.bind(at + 1);
                    }
                    if matches!(self.get(at + 1 + name), Token::Open(b'(')) {
                        self.parameters(at + 1 + name, self.close(at + 1 + name));
                    }
                }
                Token::Arrow => match self.back(at) {
                    Token::Name(_) => self.bind(at - 1),
                    Token::Close(b')') => self.parameters(self.open(at - 1), at - 1),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn bind(&mut self, at: usize) {
        if let Token::Name(name) = self.get(at) {
            if !global(name) {
                let name = name.clone();
                self.bound.insert(name);
            }
        }
    }

    /// Names of a parameter list or a pattern, where it holds nothing but names.
    fn parameters(&mut self, open: usize, close: usize) {
        let strange = |token: &Token| matches!(token, Token::Assign | Token::Dot | Token::Arrow);
        if (open + 1..close).any(|at| strange(self.get(at)) || matches!(self.get(at), Token::Open(b'('))) {
            return;
        }
        for at in open + 1..close {
            if !matches!(self.get(at + 1), Token::Colon) {
                self.bind(at);
            }
        }
    }

    /// One declaration: `const a = …, b = …`.
    fn declared(&mut self, start: usize) {
        let mut at = start;
        let mut depth = 0usize;
        if self.library(start) {
            return;
        }
        let mut expects = true;
        while let Some(token) = self.list.get(at) {
            match token {
                Token::Open(b'{' | b'[') if expects && depth == 0 => {
                    let close = self.close(at);
                    self.parameters(at, close);
                    at = close;
                    expects = false;
                }
                Token::Name(_) if expects && depth == 0 => {
                    self.bind(at);
                    expects = false;
                }
                Token::Open(_) => depth += 1,
                Token::Close(_) if depth == 0 => return,
                Token::Close(_) => depth -= 1,
                Token::Semicolon => return,
                Token::Comma if depth == 0 => {
                    expects = true;
                    if self.library(at + 1) {
                        expects = false;
                    }
                }
                _ => expects = false,
            }
            at += 1;
        }
    }

    /// `fs = require('fs')`, `{readFileSync: read} = require('fs')`
    fn library(&mut self, start: usize) -> bool {
        let end = match self.get(start) {
            Token::Name(_) => start,
            Token::Open(b'{') => self.close(start),
            _ => return false,
        };
        let (Token::Assign, Token::Open(b'('), Token::Text(Some(name)), Token::Close(b')')) =
            (self.get(end + 1), self.get(end + 3), self.get(end + 4), self.get(end + 5))
        else {
            return false;
        };
        if !self.is(end + 2, "require") {
            return false;
        }
        // `require('fs').promises` is another value.
        if matches!(self.get(end + 6), Token::Dot | Token::Open(b'[' | b'(')) {
            return false;
        }
        let Some(module) = known::module(name) else { return false };
        if end == start {
            if let Token::Name(own) = self.get(start) {
                let own = own.clone();
                self.stands(own, Stands::Module(module));
            }
            return true;
        }
        let mut at = start + 1;
        while at < end {
            let Token::Name(attribute) = self.get(at).clone() else { return false };
            let own = if matches!(self.get(at + 1), Token::Colon) {
                at += 2;
                match self.get(at).clone() {
                    Token::Name(own) => own,
                    _ => return false,
                }
            } else {
                attribute.clone()
            };
            self.stands(own, Stands::Function(module, attribute));
            if !matches!(self.get(at + 1), Token::Comma | Token::Close(b'}')) {
                return false;
            }
            at += 2;
        }
        true
    }

    fn stands(&mut self, name: Vec<u8>, stands: Stands) {
        if global(&name) && known::module(&name).is_none() {
            return self.found.doubt("a global name is declared anew");
        }
        let before = self.names.insert(name, stands.clone());
        if before.is_some_and(|before| before != stands) {
            self.found.doubt("a name is declared twice");
        }
    }

    fn all(&mut self) {
        for at in 0..self.list.len() {
            match self.get(at).clone() {
                Token::Name(name) => self.name(at, &name),
                Token::Text(Some(text)) if known::barred(&text) => {
                    self.found.doubt("a string that names a way to code")
                }
                Token::Open(b'[') => self.bracket(at),
                _ => {}
            }
        }
    }

    /// `value[key]`: constant keys only. `{[key]: x}` is refused too.
    fn bracket(&mut self, at: usize) {
        let access = match self.back(at) {
            Token::Name(word) => {
                at >= 2 && matches!(self.get(at - 2), Token::Dot)
                    || !matches!(
                        word.as_slice(),
                        b"return" | b"of" | b"in" | b"const" | b"let" | b"var" | b"case" | b"await" | b"typeof"
                    )
            }
            Token::Close(_) | Token::Text(_) | Token::Template | Token::Pattern | Token::Dot => true,
            Token::Open(b'{') => true,
            Token::Comma => self.inside_braces(at),
            _ => false,
        };
        if !access {
            return;
        }
        let last = |here: usize| matches!(self.get(here), Token::Close(b']'));
        let constant = match self.get(at + 1) {
            Token::Number | Token::Text(Some(_)) => last(at + 2),
            Token::Name(_) => {
                matches!(self.get(at + 2), Token::Dot)
                    && self.is(at + 3, "length")
                    && matches!((self.get(at + 4), self.get(at + 5)), (Token::Operator, Token::Number))
                    && last(at + 6)
            }
            _ => false,
        };
        if !constant {
            self.found.doubt("a computed name");
        }
    }

    fn inside_braces(&self, at: usize) -> bool {
        let mut depth = 0usize;
        for token in self.list.iter().take(at).rev() {
            match token {
                Token::Close(_) => depth += 1,
                Token::Open(byte) if depth == 0 => return *byte == b'{',
                Token::Open(_) => depth -= 1,
                _ => {}
            }
        }
        false
    }

    fn name(&mut self, at: usize, name: &[u8]) {
        if known::barred(name) {
            return self.found.doubt(format!("`{}` leads to code", String::from_utf8_lossy(name)));
        }
        if matches!(self.back(at), Token::Dot) {
            let owner = at.checked_sub(2).map(|owner| self.get(owner));
            let first = at < 3 || !matches!(self.get(at - 3), Token::Dot);
            if let (Some(Token::Name(owner)), true) = (owner, first) {
                if !known::static_is_plain(owner, name) {
                    let shown = String::from_utf8_lossy(name).into_owned();
                    self.found.doubt(format!("nothing is known of `{shown}`"));
                }
            }
            return;
        }
        // A key, not a choice's second answer: the name stands after `{` or `,` inside braces.
        let key = matches!(self.get(at + 1), Token::Colon)
            && (matches!(self.back(at), Token::Open(b'{'))
                || matches!(self.back(at), Token::Comma) && self.inside_braces(at));
        if key {
            return;
        }
        let declares =
            matches!(self.get(at + 1), Token::Assign) && matches!(self.back(at), Token::Name(_) | Token::Comma);
        if let Some(stands) = self.names.get(name).cloned() {
            match stands {
                _ if declares => {}
                Stands::Module(module) => self.member(at, module),
                Stands::Function(module, attribute) => {
                    if matches!(self.get(at + 1), Token::Open(b'(')) {
                        self.call(at, module, &attribute);
                    } else if !(self.inside_braces(at) && self.destructures(at)) {
                        self.found.doubt("a function of a library is handed on");
                    }
                }
            }
            return;
        }
        match name {
            b"require" => self.require(at),
            b"process" => self.process(at),
            b"fetch" => self.connects(at),
            b"atob" => self.found.add(EffectKind::Decodes, CodeObject::None),
            _ if self.bound.contains(name) => {}
            _ if known::plain(name) => {}
            _ => match known::module(name) {
                Some(module) => self.member(at, module),
                None if self.destructured_attribute(at) => {}
                None => self.found.doubt(format!("nothing is known of `{}`", String::from_utf8_lossy(name))),
            },
        }
    }

    /// Whether the braces around `at` are a declaration's pattern.
    fn destructures(&self, at: usize) -> bool {
        let mut here = at;
        while here > 0 && !matches!(self.get(here), Token::Open(b'{')) {
            here -= 1;
        }
        matches!(self.back(here), Token::Name(word) if matches!(word.as_slice(), b"const" | b"let" | b"var"))
            && matches!(self.get(self.close(here) + 1), Token::Assign)
    }

    fn destructured_attribute(&self, at: usize) -> bool {
        matches!(self.get(at + 1), Token::Colon) && self.inside_braces(at) && self.destructures(at)
    }

    fn require(&mut self, at: usize) {
        // Only says where a package lies.
        if matches!(self.get(at + 1), Token::Dot)
            && self.is(at + 2, "resolve")
            && matches!(self.get(at + 3), Token::Open(b'('))
        {
            return;
        }
        let (Token::Open(b'('), Token::Text(Some(name)), Token::Close(b')')) =
            (self.get(at + 1), self.get(at + 2), self.get(at + 3))
        else {
            return self.found.doubt("loads something that is not constant");
        };
        if let Some(module) = known::module(name) {
            let declared = matches!(self.back(at), Token::Assign)
                && !matches!(self.get(at + 4), Token::Dot | Token::Open(_))
                && at >= 2
                && (matches!(self.get(at - 2), Token::Name(name) if self.names.contains_key(name))
                    || matches!(self.get(at - 2), Token::Close(b'}')) && self.destructures(at - 2));
            if !declared {
                self.member(at + 3, module);
            }
            return;
        }
        let local = name.starts_with(b"./") || name.starts_with(b"../") || name.starts_with(b"/");
        if local && name.ends_with(b".json") {
            let name = name.clone();
            return self.found.add(EffectKind::Reads, CodeObject::Path(name));
        }
        // The manifest of an installed package is data.
        if !local
            && name.ends_with(b"/package.json")
            && !name.windows(2).any(|two| two == b"..")
            && !name.contains(&b':')
        {
            let name = [b"node_modules/", name.as_slice()].concat();
            return self.found.add(EffectKind::Reads, CodeObject::Path(name));
        }
        let version =
            matches!(self.get(at + 4), Token::Dot) && (self.is(at + 5, "version") || self.is(at + 5, "VERSION"));
        if version && known::package(name) {
            return;
        }
        let shown = String::from_utf8_lossy(name).into_owned();
        self.found.add(EffectKind::Executes, CodeObject::Code("library".to_owned()));
        self.found.doubt(format!("loads {shown}"));
    }

    /// `.attribute` behind a module that ends at `at`.
    fn member(&mut self, at: usize, module: &'static str) {
        let (Token::Dot, Token::Name(attribute)) = (self.get(at + 1), self.get(at + 2)) else {
            return self.found.doubt(format!("the module {module} is handed on"));
        };
        let attribute = attribute.clone();
        self.call(at + 2, module, &attribute);
    }

    /// A library's function whose name stands at `at`.
    fn call(&mut self, at: usize, module: &'static str, attribute: &[u8]) {
        let Some(call) = known::call(module, attribute) else {
            let shown = String::from_utf8_lossy(attribute).into_owned();
            return self.found.doubt(format!("nothing is known of {module}.{shown}"));
        };
        if let Call::Module(module) = call {
            return self.member(at, module);
        }
        if call == Call::Pure {
            return;
        }
        if !matches!(self.get(at + 1), Token::Open(b'(')) {
            return self.found.doubt(format!("a function of {module} is handed on"));
        }
        let close = self.close(at + 1);
        let first = self.get(at + 2).clone();
        let alone = matches!(self.get(at + 3), Token::Comma | Token::Close(b')'));
        let constant = match first {
            Token::Text(Some(text)) if alone => Some(text),
            Token::Number if alone => Some(b"/dev/stdin".to_vec()),
            _ => None,
        };
        match call {
            Call::Pure | Call::Module(_) => {}
            Call::File(kind) => {
                let recursive = (at + 2..close).any(|here| self.is(here, "recursive"));
                match constant {
                    Some(file) if file == b"/dev/stdin" && kind == EffectKind::Reads => {}
                    Some(file) if recursive && kind == EffectKind::Deletes => {
                        self.found.add_with(kind, CodeObject::Path(file), Flag::Recursive);
                    }
                    Some(file) => self.found.add(kind, CodeObject::Path(file)),
                    None => self.unknown(kind),
                }
            }
            Call::Copies | Call::Moves => match (constant, self.get(at + 4).clone()) {
                (Some(from), Token::Text(Some(to))) => {
                    self.found.add(EffectKind::Reads, CodeObject::Path(from.clone()));
                    if call == Call::Moves {
                        self.found.add(EffectKind::Deletes, CodeObject::Path(from));
                    }
                    self.found.add(EffectKind::Overwrites, CodeObject::Path(to));
                }
                _ => self.unknown(EffectKind::Overwrites),
            },
            Call::Shell => {
                self.options(at + 3, close);
                match constant {
                    Some(text) => self.found.add(EffectKind::Executes, CodeObject::Shell(text)),
                    None => self.unknown(EffectKind::Executes),
                }
            }
            Call::Process => self.process_run(at, close, constant),
            Call::Connects => self.connects(at),
        }
    }

    /// Options of a child process that change what runs.
    fn options(&mut self, from: usize, to: usize) {
        for at in from..to {
            let plain = match self.get(at) {
                Token::Name(name) => matches!(
                    name.as_slice(),
                    b"encoding" | b"stdio" | b"maxBuffer" | b"timeout" | b"windowsHide" | b"true" | b"false"
                ),
                Token::Spread | Token::Template => false,
                _ => true,
            };
            if !plain {
                return self.found.doubt("a child process with options of its own");
            }
        }
    }

    fn process_run(&mut self, at: usize, close: usize, program: Option<Vec<u8>>) {
        let Some(program) = program else { return self.unknown(EffectKind::Executes) };
        let mut words = vec![program];
        let mut here = at + 3;
        if matches!(self.get(here), Token::Comma) && matches!(self.get(here + 1), Token::Open(b'[')) {
            let end = self.close(here + 1);
            for inner in here + 2..end {
                match self.get(inner) {
                    Token::Text(Some(text)) => words.push(text.clone()),
                    Token::Comma => {}
                    _ => return self.unknown(EffectKind::Executes),
                }
                if matches!((self.get(inner), self.get(inner + 1)), (Token::Text(_), Token::Text(_))) {
                    return self.unknown(EffectKind::Executes);
                }
            }
            here = end + 1;
        }
        self.options(here, close);
        self.found.add(EffectKind::Executes, CodeObject::Argv(words));
    }

    fn unknown(&mut self, kind: EffectKind) {
        self.found.add(kind, CodeObject::Unknown);
        self.found.doubt(format!("{} something not constant", kind.name()));
    }

    /// `fetch("https://host/…")`
    fn connects(&mut self, at: usize) {
        let (Token::Open(b'('), Token::Text(Some(url))) = (self.get(at + 1), self.get(at + 2)) else {
            return self.unknown(EffectKind::Connects);
        };
        let rest = url.windows(3).position(|window| window == b"://").and_then(|colon| url.get(colon + 3..));
        let Some(host) = rest.and_then(|rest| rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next()) else {
            return self.unknown(EffectKind::Connects);
        };
        let host = host.to_vec();
        if host.contains(&b'\\') || host.is_empty() {
            return self.unknown(EffectKind::Connects);
        }
        let more = !matches!(self.get(at + 3), Token::Close(b')'));
        if more && self.is(at, "fetch") {
            self.found.add(EffectKind::Sends, CodeObject::Host(host.clone()));
        }
        self.found.add(EffectKind::Connects, CodeObject::Host(host));
        if !matches!(self.get(at + 3), Token::Close(b')') | Token::Comma) {
            self.unknown(EffectKind::Connects);
        }
    }

    fn process(&mut self, at: usize) {
        let (Token::Dot, Token::Name(attribute)) = (self.get(at + 1), self.get(at + 2)) else {
            return self.found.doubt("`process` is handed on");
        };
        if !known::process(attribute) {
            let shown = String::from_utf8_lossy(attribute).into_owned();
            return self.found.doubt(format!("nothing is known of process.{shown}"));
        }
        if attribute == b"env" {
            let (variable, next) = match (self.get(at + 3), self.get(at + 4), self.get(at + 5)) {
                (Token::Dot, Token::Name(name), next) => (name.clone(), next),
                (Token::Open(b'['), Token::Text(Some(name)), _) => (name.clone(), self.get(at + 6)),
                _ => (b"*".to_vec(), self.get(at + 3)),
            };
            if matches!(next, Token::Assign) {
                self.found.doubt("the environment is changed");
            }
            self.found.add(EffectKind::Reads, CodeObject::Variable(variable));
        }
    }
}

/// Names that Node binds itself and that reach beyond computing: no declaration of the code makes them harmless.
fn global(name: &[u8]) -> bool {
    matches!(
        name,
        b"eval"
            | b"Function"
            | b"globalThis"
            | b"global"
            | b"GLOBAL"
            | b"root"
            | b"this"
            | b"import"
            | b"module"
            | b"exports"
            | b"require"
            | b"process"
            | b"Reflect"
            | b"Proxy"
            | b"WebAssembly"
            | b"arguments"
            | b"with"
            | b"class"
            | b"super"
            | b"yield"
            | b"fetch"
            | b"WebSocket"
            | b"EventSource"
            | b"localStorage"
            | b"sessionStorage"
            | b"navigator"
            | b"vm"
            | b"repl"
            | b"net"
            | b"dgram"
            | b"tls"
            | b"http2"
            | b"dns"
            | b"worker_threads"
            | b"cluster"
            | b"inspector"
            | b"v8"
            | b"async_hooks"
            | b"diagnostics_channel"
            | b"domain"
            | b"readline"
            | b"stream"
            | b"tty"
            | b"wasi"
            | b"zlib"
            | b"trace_events"
            | b"sys"
            | b"punycode"
            | b"constants"
            | b"test"
            | b"sqlite"
            | b"sea"
    ) || known::module(name).is_some()
}
