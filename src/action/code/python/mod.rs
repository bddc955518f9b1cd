//! Python one-liners and short scripts. Every name is an allowed module's, a builtin that computes, or bound by the code
//! itself; every attribute is one that plain values have. Effects are read from constant arguments.

mod bind;
mod call;
mod imports;
mod known;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use self::known::{Call, Known};
use self::token::{Token, tokens};
use super::{CodeObject, CodeReading};
use crate::action::EffectKind;

/// Reads Python code.
pub(super) fn read(code: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    match tokens(code) {
        Ok(list) => {
            let list = imports::by_call(list, &mut found);
            for list in bind::inlined(list) {
                let mut reader = Reader {
                    list: &list,
                    found: &mut found,
                    names: BTreeMap::new(),
                    imported: Vec::new(),
                    own: BTreeSet::new(),
                };
                reader.imports();
                reader.own();
                reader.code();
                if bind::rebinds(&list) {
                    found.doubt("an imported name is bound anew");
                }
            }
        }
        Err(why) => found.doubt(why),
    }
    found
}

struct Reader<'a> {
    list: &'a [Token],
    found: &'a mut CodeReading,
    /// What imported names stand for.
    names: BTreeMap<Vec<u8>, Known>,
    /// Tokens of import statements, as ranges.
    imported: Vec<(usize, usize)>,
    /// Attributes of classes that the code defines.
    own: BTreeSet<&'a [u8]>,
}

const PATH_METHODS: &[(&[u8], EffectKind)] = &[
    (b"read_text", EffectKind::Reads),
    (b"read_bytes", EffectKind::Reads),
    (b"write_text", EffectKind::Overwrites),
    (b"write_bytes", EffectKind::Overwrites),
    (b"touch", EffectKind::Writes),
    (b"mkdir", EffectKind::Writes),
    (b"rmdir", EffectKind::Writes),
    (b"unlink", EffectKind::Deletes),
    (b"iterdir", EffectKind::Names),
    (b"stat", EffectKind::Names),
    (b"glob", EffectKind::Names),
    (b"rglob", EffectKind::Names),
    (b"chmod", EffectKind::Permits),
];

impl<'a> Reader<'a> {
    /// Notes the attributes of classes, where all that is imported computes only: of another's values they may be others.
    fn own(&mut self) {
        let list = self.list;
        let is = |at: usize, word: &[u8]| matches!(list.get(at), Some(Token::Name(name)) if name == word);
        let plain = self.found.modules.iter().all(|module| module == "sys" || known::is_pure(module));
        if !plain || !(0..list.len()).any(|at| is(at, b"class")) {
            return;
        }
        let next = |at: usize| list.get(at + 1);
        for (at, token) in list.iter().enumerate().skip(1) {
            let Token::Name(name) = token else { continue };
            let begins = matches!(list.get(at - 1), Some(Token::End | Token::Dot));
            let bound = begins && matches!(next(at), Some(Token::Assign | Token::Operator(b':')));
            let reaches = [b"f_".as_slice(), b"gi_", b"cr_", b"tb_", b"co_", b"ag_", b"func_", b"__"];
            if (bound || is(at - 1, b"def")) && !reaches.iter().any(|start| name.starts_with(start)) {
                self.own.insert(name);
            }
        }
        // A class of its own is there, whether or not it has attributes.
        self.own.insert(b"class");
    }

    fn get(&self, at: usize) -> &Token {
        self.list.get(at).unwrap_or(&Token::End)
    }

    fn back(&self, at: usize, by: usize) -> &Token {
        at.checked_sub(by).map_or(&Token::End, |at| self.get(at))
    }

    fn name(&self, at: usize) -> Option<&[u8]> {
        match self.get(at) {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.name(at) == Some(word.as_bytes())
    }

    /// `a.b.c` from `at`; where it ends.
    fn dotted(&self, mut at: usize) -> Option<(String, usize)> {
        let mut name = String::from_utf8(self.name(at)?.to_vec()).ok()?;
        at += 1;
        while *self.get(at) == Token::Dot {
            name.push('.');
            name.push_str(core::str::from_utf8(self.name(at + 1)?).ok()?);
            at += 2;
        }
        Some((name, at))
    }

    fn bind(&mut self, name: &str, known: Known) {
        let before = self.names.insert(name.as_bytes().to_vec(), known);
        if before.is_some_and(|before| before != known) {
            self.found.doubt(format!("`{name}` is imported twice"));
        }
    }

    fn code(&mut self) {
        let mut at = 0;
        while at < self.list.len() {
            if let Some((_, end)) = self.imported.iter().find(|(start, _)| *start == at) {
                at = (*end).max(at + 1);
                continue;
            }
            match self.get(at).clone() {
                // A product of matrices stands between values.
                Token::At if matches!(self.back(at, 1), Token::Name(_) | Token::Close(_)) => {}
                Token::At if self.name(at + 1).is_some_and(|name| self.names.contains_key(name)) => {}
                Token::At => self.found.doubt("a decorator"),
                Token::Name(name) => {
                    at =
                        if *self.back(at, 1) == Token::Dot { self.attribute(at, &name) } else { self.plain(at, &name) };
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A name that no dot precedes; gives where reading goes on.
    fn plain(&mut self, at: usize, name: &[u8]) -> usize {
        let next = at + 1;
        let special = !self.own.is_empty() && self.is(at.wrapping_sub(1), "def") && known::special_is_plain(name);
        if name.starts_with(b"__") && !special {
            if !matches!(name, b"__name__" | b"__file__" | b"__doc__" | b"__version__") {
                self.found.doubt("it reaches into Python itself");
            }
            return next;
        }
        // A keyword argument's name.
        if matches!(self.back(at, 1), Token::Open(b'(') | Token::Comma) && *self.get(next) == Token::Assign {
            return next;
        }
        if let Some(known) = self.names.get(name).copied() {
            return self.known(next, known);
        }
        match name {
            b"open" => self.call(next, Call::Open),
            b"class" if self.own.is_empty() => {
                self.found.doubt("it defines classes beside what is not known to compute only")
            }
            b"import" => self.found.doubt("an import that is not understood"),
            name if known::builtin_is_barred(name) => {
                self.found.doubt(format!("it calls {}", String::from_utf8_lossy(name)));
            }
            _ => {}
        }
        next
    }

    /// What stands behind an imported name.
    fn known(&mut self, mut next: usize, mut known: Known) -> usize {
        let start = next.saturating_sub(1);
        if let Some(end) = self.looked_at(start, known) {
            return end;
        }
        while let Known::Module(module) = known {
            let attribute = match (self.get(next), self.get(next + 1)) {
                (Token::Dot, Token::Name(name)) => String::from_utf8_lossy(name).into_owned(),
                _ => {
                    self.found.doubt(format!("it hands on the module {module}"));
                    return next;
                }
            };
            next += 2;
            let told = matches!(attribute.as_str(), "__version__" | "__doc__" | "__file__" | "__name__");
            if told || attribute == "VERSION" && *self.get(next) != Token::Open(b'(') {
                return next;
            }
            let searched = (module, attribute.as_str()) == ("sys", "path");
            let some = (next + 1..self.list.len())
                .find(|at| !matches!(self.get(*at), Token::Number | Token::Operator(b':' | b'-')))
                .unwrap_or(next);
            let one = *self.get(next) == Token::Open(b'[')
                && *self.get(some) == Token::Close(b']')
                && matches!(self.get(some + 1), Token::Comma | Token::Close(_) | Token::End);
            if searched && !one && matches!(self.get(next), Token::Dot | Token::Assign | Token::Open(b'[')) {
                self.found.doubt("it changes where modules are looked up");
            }
            match known::name(module, &attribute) {
                Some(what) => known = what,
                None => {
                    self.found.doubt(format!("it uses {module}.{attribute}"));
                    return next;
                }
            }
        }
        match known {
            Known::Call(call) => self.call(next, call),
            Known::Environment => self.environment(next),
            Known::Shown => match (self.get(next), self.name(next + 1)) {
                (Token::Dot, Some(b"__doc__" | b"__name__" | b"__version__")) => return next + 2,
                _ => self.found.doubt("it uses a name of a package of which nothing is known"),
            },
            Known::Pure | Known::Module(_) => {}
        }
        next
    }

    /// `dir(package)`, `inspect.signature(package.Name.method)`: where the argument ends, if it is only looked at, by a call
    /// that the code has not put another in the place of.
    fn looked_at(&self, start: usize, known: Known) -> Option<usize> {
        if !matches!(known, Known::Shown | Known::Module(_)) {
            return None;
        }
        let looks = self.name(start.checked_sub(2)?).filter(|name| known::looks(name))?;
        let mut end = start + 1;
        while *self.get(end) == Token::Dot && self.name(end + 1).is_some() {
            end += 2;
        }
        let own = |at: usize| {
            self.name(at) != Some(looks)
                || *self.get(at + 1) == Token::Open(b'(')
                    && !matches!(self.back(at, 1), Token::Name(word) if matches!(word.as_slice(), b"def" | b"class"))
                || matches!(self.back(at, 1), Token::Name(word) if word == b"import")
        };
        let alone = *self.back(start, 1) == Token::Open(b'(') && *self.get(end) == Token::Close(b')');
        (alone && (0..self.list.len()).all(own)).then_some(end)
    }

    fn attribute(&mut self, at: usize, name: &[u8]) -> usize {
        let next = at + 1;
        if let Some((_, kind)) = PATH_METHODS.iter().find(|(method, _)| *method == name) {
            let receiver = self.receiver(at).to_vec();
            self.path(*kind, Some(&receiver));
            return next;
        }
        let holds = |reader: &Self, module: &str| reader.found.modules.iter().any(|known| known == module);
        match name {
            b"__name__" | b"__doc__" | b"__version__" => {}
            b"fromhex" => self.found.add(EffectKind::Decodes, CodeObject::None),
            // `'{0.__class__}'.format(x)` reaches into its argument.
            b"format" => match self.back(at, 2) {
                Token::Text(Some(text)) if !text.windows(2).any(|pair| pair == b"__") => {}
                _ => self.found.doubt("a format that is not a constant"),
            },
            // `Path.replace` and `Path.copy` take the one target; `str.replace` takes two arguments.
            b"replace" | b"copy"
                if holds(self, "pathlib") && self.arguments(next).is_none_or(|list| list.len() == 1) =>
            {
                self.found.doubt("a file may be moved or copied");
            }
            // An expression in text reaches into what stands around it.
            b"to_csv" | b"to_json" | b"to_parquet" | b"to_excel" | b"to_html" | b"to_markdown" | b"to_feather"
                if holds(self, "pandas") =>
            {
                self.table(next);
            }
            b"agg" | b"aggregate" if holds(self, "pandas") => {
                if !self.arguments(next).is_some_and(|list| list.iter().all(|argument| reduces(argument))) {
                    self.found.doubt("a method that text names");
                }
            }
            b"savefig" if holds(self, "matplotlib") => self.table(next),
            b"save" if holds(self, "PIL") => self.table(next),
            b"map" | b"submit" | b"result" if holds(self, "concurrent") => {}
            b"prec" if holds(self, "decimal") => {}
            b"convert" | b"resize" | b"crop" | b"thumbnail" | b"rotate" | b"getpixel" | b"getdata"
                if holds(self, "PIL") => {}
            b"find_all" | b"select" | b"select_one" | b"get_text" | b"prettify" | b"attrs" if holds(self, "bs4") => {}
            // A column that is compared.
            _ if holds(self, "pandas") && matches!(self.get(next), Token::Operator(b'<' | b'>' | b'=' | b'!')) => {}
            b"query" if holds(self, "pandas") => self.found.doubt("an expression for pandas in text"),
            // What text names is called.
            b"apply" if holds(self, "pandas") => {
                if !self.arguments(next).is_some_and(|list| list.first().is_some_and(|first| is_lambda(first))) {
                    self.found.doubt("a function that is handed on");
                }
            }
            // A path's takes its target.
            b"rename" if holds(self, "pandas") => {
                let names = |list: &&[Token]| matches!(list, [Token::Name(key), Token::Assign, ..] if matches!(key.as_slice(), b"columns" | b"index" | b"axis"));
                if !self.arguments(next).is_some_and(|list| list.iter().all(names)) {
                    self.found.doubt("a file may be moved");
                }
            }
            b"extract" if holds(self, "zipfile") || holds(self, "tarfile") => self.found.doubt("files may be unpacked"),
            name if holds(self, "pandas") && known::table_attribute_is_plain(name) => {}
            b"execute" | b"executemany" | b"executescript" if holds(self, "sqlite3") => {
                let statement = self.arguments(next).and_then(|list| constant(list.first()?));
                let own = self.is_in_memory();
                if !statement.is_some_and(|text| if own { stays(&text) } else { name == b"execute" && selects(&text) })
                {
                    self.found.doubt("a statement that may change a database");
                }
            }
            b"write" if holds(self, "xml") => self.found.doubt("a file may be written"),
            b"visit" | b"generic_visit" if holds(self, "ast") => {}
            name if known::attribute_is_plain(name) || self.own.contains(name) => {}
            name => self.found.doubt(format!("it uses .{}, which is not known", String::from_utf8_lossy(name))),
        }
        next
    }

    /// `df.to_csv('path', index=False)`: without a path it gives the text; an address is another machine's.
    fn table(&mut self, at: usize) {
        const TARGETS: &[&[u8]] = &[b"path_or_buf", b"path", b"buf", b"excel_writer", b"storage_options"];
        let Some(list) = self.arguments(at) else { return self.found.doubt("a table's method that is handed on") };
        let mut target = None;
        for (number, argument) in list.iter().enumerate() {
            match argument {
                [Token::Name(key), Token::Assign, ..] if !TARGETS.contains(&key.as_slice()) => {}
                [Token::Name(_), Token::Assign, ..] => return self.unknown(EffectKind::Overwrites),
                argument if number == 0 => target = Some(argument.to_vec()),
                _ => return self.found.doubt("a table that is written with arguments that are not understood"),
            }
        }
        let Some(target) = target else { return };
        match self.file(&target) {
            Some(path) if !path.windows(3).any(|three| three == b"://") => {
                self.found.add(EffectKind::Overwrites, CodeObject::Path(path));
            }
            _ => self.unknown(EffectKind::Overwrites),
        }
    }

    /// Whether every database that the code opens is one in memory.
    fn is_in_memory(&self) -> bool {
        (0..self.list.len()).filter(|at| self.is(*at, "connect")).all(|at| {
            matches!(
                (self.get(at + 1), self.get(at + 2), self.get(at + 3)),
                (Token::Open(b'('), Token::Text(Some(path)), Token::Close(b')')) if path == b":memory:"
            )
        })
    }

    /// The arguments of a call whose `(` stands at `at`, as token ranges.
    fn arguments(&self, at: usize) -> Option<Vec<&[Token]>> {
        if *self.get(at) != Token::Open(b'(') {
            return None;
        }
        let mut list = Vec::new();
        let mut depth = 0usize;
        let mut start = at + 1;
        for index in at + 1..self.list.len() {
            match self.get(index) {
                Token::Open(_) => depth += 1,
                Token::Close(_) if depth == 0 => {
                    if index > start {
                        list.push(self.list.get(start..index)?);
                    }
                    return Some(list);
                }
                Token::Close(_) => depth -= 1,
                Token::Comma if depth == 0 => {
                    list.push(self.list.get(start..index)?);
                    start = index + 1;
                }
                _ => {}
            }
        }
        None
    }

    fn unknown(&mut self, kind: EffectKind) {
        self.found.add(kind, CodeObject::Unknown);
        self.found.doubt(format!("it {} what is computed", kind.name()));
    }

    /// The expression in front of the dot before `at`: a name, a call of `Path`, or what stands in brackets.
    fn receiver(&self, at: usize) -> &[Token] {
        let end = at.saturating_sub(1);
        if !matches!(self.back(at, 2), Token::Close(b')')) {
            return self.list.get(end.saturating_sub(1)..end).unwrap_or_default();
        }
        let mut depth = 0usize;
        let mut open = end;
        while open > 0 {
            open -= 1;
            match self.get(open) {
                Token::Close(_) => depth += 1,
                Token::Open(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        match self.back(open, 1) {
            Token::Name(class) if class == b"Path" => {
                let qualified = *self.back(open, 2) == Token::Dot;
                self.list.get(open.saturating_sub(if qualified { 3 } else { 1 })..end).unwrap_or_default()
            }
            Token::Name(_) => &[],
            _ => self.list.get(open + 1..end - 1).unwrap_or_default(),
        }
    }
}

/// Whether SQL stays in the database in memory that it is given to.
fn stays(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let leads_out = [b"attach".as_slice(), b"vacuum", b"load_extension", b"pragma"];
    !leads_out.iter().any(|word| lower.windows(word.len()).any(|part| part == *word))
}

fn is_lambda(argument: &[Token]) -> bool {
    matches!(argument.first(), Some(Token::Name(word)) if word == b"lambda")
}

/// Whether an SQL text is one query.
fn selects(text: &[u8]) -> bool {
    let read = super::sql::read(text);
    let lower = text.trim_ascii().to_ascii_lowercase();
    let asks = [b"select ".as_slice(), b"pragma table_info", b"explain "].iter().any(|word| lower.starts_with(word));
    let calls = lower.windows(14).any(|word| word == b"load_extension");
    asks && read.proven && !calls && read.effects.iter().all(|effect| effect.kind == EffectKind::Queries)
}

/// Whether the brackets in it are its own.
fn even(list: &[Token]) -> bool {
    let mut depth = 0i32;
    list.iter().all(|token| {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}

/// The value of an argument that is one string constant.
fn constant(list: &[Token]) -> Option<Vec<u8>> {
    match list {
        [Token::Text(Some(text))] => Some(text.clone()),
        _ => None,
    }
}

/// The host of an `http:` or `https:` URL.
fn host(url: &[u8]) -> Option<Vec<u8>> {
    let rest = url.strip_prefix(b"https://").or_else(|| url.strip_prefix(b"http://"))?;
    let authority = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\')).next()?;
    let host = authority.rsplit(|byte| *byte == b'@').next()?;
    let host = if host.starts_with(b"[") {
        host.get(1..)?.split(|byte| *byte == b']').next()?
    } else {
        host.split(|byte| *byte == b':').next()?
    };
    if host.is_empty() { None } else { Some(host.to_ascii_lowercase()) }
}

#[cfg(test)]
mod tests;

/// Whether what is given to `agg` names reductions only: `'sum'`, `['sum', 'mean']`, `{'column': 'sum'}`, `total=('column', 'sum')`.
fn reduces(argument: &[Token]) -> bool {
    const NAMES: &[&[u8]] = &[
        b"sum", b"mean", b"median", b"min", b"max", b"count", b"size", b"std", b"var", b"nunique", b"first", b"last",
        b"prod", b"any", b"all", b"sem", b"idxmax", b"idxmin",
    ];
    let before = |at: usize, by: usize| at.checked_sub(by).and_then(|at| argument.get(at));
    argument.iter().enumerate().all(|(at, token)| match token {
        Token::Text(Some(text)) => {
            let column = before(at, 1) == Some(&Token::Open(b'('))
                && before(at, 2) == Some(&Token::Assign)
                && argument.get(at + 1) == Some(&Token::Comma);
            column || argument.get(at + 1) == Some(&Token::Operator(b':')) || NAMES.contains(&text.as_slice())
        }
        Token::Name(_) => argument.get(at + 1) == Some(&Token::Assign),
        Token::Open(_) | Token::Close(_) | Token::Comma | Token::Assign | Token::Operator(b':') => true,
        _ => false,
    })
}
