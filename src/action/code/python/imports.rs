//! What names stand for: imports, and what they are bound to.

use super::known::Known;
use super::token::Token;
use super::{Reader, known};
use crate::action::code::CodeReading;

/// `__import__('os')` and `importlib.import_module('os')` read as `os`, imported: what is done with it is seen. Code that writes so
/// hides something, and is asked about whatever it is.
pub(super) fn by_call(list: Vec<Token>, reading: &mut CodeReading) -> Vec<Token> {
    let imports =
        |token: &Token| matches!(token, Token::Name(name) if name == b"__import__" || name == b"import_module");
    if !list.iter().any(imports) {
        return list;
    }
    let mut written = Vec::with_capacity(list.len());
    let mut modules: Vec<Vec<u8>> = Vec::new();
    let mut rest = list.as_slice();
    while let Some((token, behind)) = rest.split_first() {
        let is_attribute = written.last() == Some(&Token::Dot);
        match called(rest).filter(|_| !is_attribute) {
            Some((module, behind)) => {
                written.push(Token::Name(module.to_vec()));
                if !modules.iter().any(|known| known == module) {
                    modules.push(module.to_vec());
                }
                rest = behind;
            }
            None => {
                written.push(token.clone());
                rest = behind;
            }
        }
    }
    if modules.is_empty() {
        return list;
    }
    reading.doubt("it imports by a call");
    let imported =
        modules.into_iter().flat_map(|module| [Token::Name(b"import".to_vec()), Token::Name(module), Token::End]);
    imported.chain(written).collect()
}

/// The module that a call which begins here imports, and what stands behind it.
fn called(list: &[Token]) -> Option<(&[u8], &[Token])> {
    let call = match list {
        [Token::Name(own), Token::Dot, rest @ ..] if own == b"importlib" => rest,
        list => list,
    };
    match call {
        [Token::Name(name), Token::Open(b'('), Token::Text(Some(module)), Token::Close(b')'), rest @ ..]
            if (name == b"__import__" || name == b"import_module") && is_name(module) =>
        {
            Some((module, rest))
        }
        _ => None,
    }
}

fn is_name(text: &[u8]) -> bool {
    text.first().is_some_and(|first| !first.is_ascii_digit())
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

impl Reader<'_> {
    pub(super) fn imports(&mut self) {
        let mut at = 0;
        while at < self.list.len() {
            let start = at;
            let fine = if self.is(at, "import") {
                at += 1;
                self.import(&mut at)
            } else if self.is(at, "from")
                && !self.is(at.wrapping_sub(1), "yield")
                && !self.is(at.wrapping_sub(1), "raise")
            {
                // `raise X from Y` has no `import` behind it.
                match self.dotted(at + 1) {
                    Some((module, after)) if self.is(after, "import") => {
                        at = after + 1;
                        self.from(&module, &mut at)
                    }
                    None => {
                        self.found.doubt("imports workspace code");
                        at += 1;
                        true
                    }
                    Some(_) => {
                        at += 1;
                        continue;
                    }
                }
            } else {
                at += 1;
                continue;
            };
            if !fine {
                self.found.doubt("an import that is not understood");
            }
            self.imported.push((start, at));
        }
    }

    /// `import a.b as c, d`
    pub(super) fn import(&mut self, at: &mut usize) -> bool {
        loop {
            let Some((path, after)) = self.dotted(*at) else { return false };
            *at = after;
            let known = self.module(&path);
            let alias = self.alias(at);
            if let Some(module) = known {
                match alias {
                    Some(alias) => self.bind(&alias, Known::Module(module)),
                    None => {
                        let first = path.split('.').next().unwrap_or(&path);
                        if let Some(top) = known::module(first) {
                            self.bind(first, Known::Module(top));
                        } else {
                            self.found.doubt(format!("imports {first}"));
                        }
                    }
                }
            }
            if *self.get(*at) != Token::Comma {
                return *self.get(*at) == Token::End;
            }
            *at += 1;
        }
    }

    /// `from module import a as b, c`
    pub(super) fn from(&mut self, module: &str, at: &mut usize) -> bool {
        let known = self.module(module);
        let bracket = *self.get(*at) == Token::Open(b'(');
        if bracket {
            *at += 1;
        }
        loop {
            let Some(name) = self.name(*at).and_then(|name| String::from_utf8(name.to_vec()).ok()) else {
                return false;
            };
            *at += 1;
            let alias = self.alias(at).unwrap_or_else(|| name.clone());
            if let Some(module) = known {
                match known::name(module, &name) {
                    Some(what) => self.bind(&alias, what),
                    None if name == "__version__" => self.bind(&alias, Known::Pure),
                    None if known::is_package(module) => self.bind(&alias, Known::Shown),
                    None => self.found.doubt(format!("imports {module}.{name}")),
                }
            }
            match self.get(*at) {
                Token::Comma => *at += 1,
                Token::Close(b')') if bracket => {
                    *at += 1;
                    return true;
                }
                Token::End => return !bracket,
                _ => return false,
            }
            if bracket && *self.get(*at) == Token::Close(b')') {
                *at += 1;
                return true;
            }
        }
    }

    pub(super) fn module(&mut self, path: &str) -> Option<&'static str> {
        let known = known::module(path);
        // What it runs is the code's own coroutines.
        if path == "asyncio" && !(0..self.list.len()).any(|at| self.is(at, "async")) {
            self.found.doubt("it hands what is not known to asyncio");
        }
        match known {
            Some(module) => {
                let first = module.split('.').next().unwrap_or(module);
                if !self.found.modules.iter().any(|known| known == first) {
                    self.found.modules.push(first.to_owned());
                }
            }
            None => self.found.doubt(format!("imports {path}, of which nothing is known")),
        }
        known
    }

    pub(super) fn alias(&self, at: &mut usize) -> Option<String> {
        if !self.is(*at, "as") {
            return None;
        }
        let alias = String::from_utf8(self.name(*at + 1)?.to_vec()).ok()?;
        *at += 2;
        Some(alias)
    }
}
