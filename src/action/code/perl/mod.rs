//! Perl one-liners: loops over lines with patterns and prints. Every bare word is a function that computes, a key, or a
//! call whose object is constant; there are no references to follow, methods or subroutines.

#[cfg(test)]
mod tests;
mod token;

use self::token::{Token, tokens};
use super::{CodeObject, CodeReading};
use crate::action::EffectKind;

/// Replacements that are code may hold such replacements, so deep.
const NESTED: usize = 4;

/// Reads Perl code.
pub(super) fn read(code: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    part(code, &mut found, 0);
    found
}

fn part(code: &[u8], found: &mut CodeReading, depth: usize) {
    if depth > NESTED {
        return found.doubt("replacements nested too deeply");
    }
    match tokens(code) {
        Ok(list) => {
            let mut reader = Reader { list: &list, found, depth };
            reader.all();
        }
        Err(why) => found.doubt(why),
    }
}

/// Whether loading this module of Perl's own library runs nothing of note.
pub(super) fn module_is_known(name: &[u8]) -> bool {
    matches!(
        name,
        b"strict"
            | b"warnings"
            | b"utf8"
            | b"feature"
            | b"integer"
            | b"bytes"
            | b"List::Util"
            | b"Scalar::Util"
            | b"POSIX"
            | b"JSON::PP"
            | b"Data::Dumper"
            | b"Time::HiRes"
            | b"Time::Local"
            | b"Time::Piece"
            | b"File::Basename"
            | b"Digest::MD5"
            | b"Digest::SHA"
            | b"MIME::Base64"
            | b"Encode"
            | b"Cwd"
            | b"Text::Wrap"
            | b"constant"
            | b"bigint"
            | b"bignum"
            | b"vars"
            | b"English"
            | b"Carp"
    )
}

struct Reader<'a> {
    list: &'a [Token],
    found: &'a mut CodeReading,
    depth: usize,
}

impl Reader<'_> {
    fn get(&self, at: usize) -> &Token {
        self.list.get(at).unwrap_or(&Token::Semicolon)
    }

    fn back(&self, at: usize) -> &Token {
        at.checked_sub(1).map_or(&Token::Semicolon, |at| self.get(at))
    }

    fn all(&mut self) {
        let mut at = 0;
        while let Some(token) = self.list.get(at) {
            match token {
                Token::Shell(Some(text)) => self.found.add(EffectKind::Executes, CodeObject::Shell(text.clone())),
                Token::Shell(None) => {
                    self.found.add(EffectKind::Executes, CodeObject::Unknown);
                    self.found.doubt("a command that is not constant");
                }
                Token::Code(text) => part(text, self.found, self.depth + 1),
                Token::Member if !matches!(self.get(at + 1), Token::Open(b'[' | b'{')) => {
                    self.found.doubt("a method or a code reference is called");
                }
                Token::Variable(sigil, name) => self.variable(at, *sigil, name),
                // `"name"->()`, `{"name"}(…)`: what closes is called.
                Token::Open(b'(') if matches!(self.back(at), Token::Close(b'}' | b']')) && self.after_subscript(at) => {
                    self.found.doubt("a code reference is called");
                }
                Token::Word(word) => {
                    at = self.word(at, word);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// `$h{x}(…)` calls; `if (…) {…} (…)` does not occur.
    fn after_subscript(&self, at: usize) -> bool {
        at >= 2
    }

    fn variable(&mut self, at: usize, sigil: u8, name: &[u8]) {
        match name {
            b"ENV" => {
                let variable = match (sigil, self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
                    (b'$', Token::Open(b'{'), Token::Word(name) | Token::Text(Some(name)), Token::Close(b'}')) => {
                        name.clone()
                    }
                    _ => b"*".to_vec(),
                };
                self.found.add(EffectKind::Reads, CodeObject::Variable(variable));
                if matches!(self.get(at + 4), Token::Assign) || matches!(self.get(at + 1), Token::Assign) {
                    self.found.doubt("the environment is changed");
                }
            }
            b"ARGV" if sigil == b'@' || sigil == b'#' => self.found.doubt("the list of files may be changed"),
            b"ARGV" if matches!(self.get(at + 4), Token::Assign) => {
                self.found.doubt("the list of files may be changed")
            }
            b"SIG" | b"INC" | b"ISA" | b"EXPORT" => self.found.doubt("a variable that decides what is called"),
            b"AUTOLOAD" | b"DESTROY" => self.found.doubt("a variable that decides what is called"),
            _ => {}
        }
        // `$$name` and `@$name` were refused; `$ARGV` alone names the present file.
    }

    /// Reads a bare word; gives where to go on.
    fn word(&mut self, at: usize, word: &[u8]) -> usize {
        let before = self.back(at);
        let key = matches!(self.get(at + 1), Token::Arrow)
            || matches!(before, Token::Open(b'{'))
                && matches!(self.get(at + 1), Token::Close(b'}'))
                && at >= 2
                && matches!(self.get(at - 2), Token::Variable(..) | Token::Member | Token::Close(b']' | b'}'));
        if key {
            return at + 1;
        }
        match word {
            b"use" | b"no" => return self.module(at),
            b"eval" | b"do" if !matches!(self.get(at + 1), Token::Open(b'{')) => {
                self.found.doubt(format!("{} of a text or a file", String::from_utf8_lossy(word)));
            }
            b"eval" | b"do" => {}
            b"system" | b"exec" => self.command(at),
            b"open" => self.open(at),
            b"unlink" | b"rmdir" => self.files(at, EffectKind::Deletes),
            b"mkdir" => self.first_file(at, EffectKind::Writes),
            b"rename" | b"link" | b"symlink" => self.two_files(at, word == b"rename"),
            b"chmod" | b"chown" => self.all_files(at, EffectKind::Permits),
            b"decode_base64" => self.found.add(EffectKind::Decodes, CodeObject::None),
            b"getcwd" | b"cwd" => {}
            _ if computes(word) => {}
            _ => self.found.doubt(format!("nothing is known of `{}`", String::from_utf8_lossy(word))),
        }
        at + 1
    }

    fn module(&mut self, at: usize) -> usize {
        match self.get(at + 1) {
            Token::Word(name) if module_is_known(name) => {
                // What is imported is named by strings or lists.
                at + 2
            }
            Token::Number => at + 2,
            Token::Word(name) => {
                self.found.doubt(format!("loads {}", String::from_utf8_lossy(name)));
                at + 2
            }
            _ => {
                self.found.doubt("loads something");
                at + 1
            }
        }
    }

    /// Constant arguments of a call up to its end; `None`: something else is among them.
    fn constants(&self, at: usize) -> Option<Vec<Vec<u8>>> {
        let mut at = at + 1;
        let bracket = matches!(self.get(at), Token::Open(b'('));
        if bracket {
            at += 1;
        }
        let mut values = Vec::new();
        loop {
            match self.get(at) {
                Token::Text(Some(text)) => values.push(text.clone()),
                Token::Words(words) => values.extend(words.iter().cloned()),
                _ => return None,
            }
            at += 1;
            match self.get(at) {
                Token::Comma | Token::Arrow => at += 1,
                Token::Close(b')') if bracket => break,
                Token::Semicolon | Token::Close(b'}' | b')') if !bracket => break,
                Token::Word(word) if !bracket && ends(word) => break,
                Token::Operator if !bracket => {
                    // `||` and `&&` would take the last argument along.
                    return None;
                }
                _ => return None,
            }
        }
        // `system("a") . "b"`: the call ends at its bracket, so what follows changes nothing.
        Some(values)
    }

    fn unknown(&mut self, kind: EffectKind) {
        self.found.add(kind, CodeObject::Unknown);
        self.found.doubt(format!("{} something not constant", kind.name()));
    }

    fn command(&mut self, at: usize) {
        match self.constants(at) {
            Some(words) if words.len() > 1 => self.found.add(EffectKind::Executes, CodeObject::Argv(words)),
            Some(mut words) => match words.pop() {
                Some(text) => self.found.add(EffectKind::Executes, CodeObject::Shell(text)),
                None => self.unknown(EffectKind::Executes),
            },
            None => self.unknown(EffectKind::Executes),
        }
    }

    /// `open(my $f, "<", "file")`
    fn open(&mut self, at: usize) {
        let mut here = at + 1;
        if matches!(self.get(here), Token::Open(b'(')) {
            here += 1;
        }
        if matches!(self.get(here), Token::Word(word) if word == b"my" || word == b"local") {
            here += 1;
        }
        let handle = match self.get(here) {
            Token::Variable(b'$', _) => true,
            Token::Word(word) => word.iter().all(u8::is_ascii_uppercase),
            _ => false,
        };
        let shape = (self.get(here + 1), self.get(here + 2), self.get(here + 3), self.get(here + 4));
        let (Token::Comma, Token::Text(Some(mode)), Token::Comma, Token::Text(Some(file))) = shape else {
            return self.unknown(EffectKind::Executes);
        };
        let ended = matches!(self.get(here + 5), Token::Close(b')') | Token::Semicolon | Token::Close(b'}'))
            || matches!(self.get(here + 5), Token::Word(word) if ends(word));
        if !handle || !ended {
            return self.unknown(EffectKind::Executes);
        }
        let letter = mode.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
        let object = CodeObject::Path(file.clone());
        match letter {
            b"<" => self.found.add(EffectKind::Reads, object),
            b">" | b"+>" => self.found.add(EffectKind::Overwrites, object),
            b">>" | b"+<" | b"+>>" => self.found.add(EffectKind::Writes, object),
            b"-|" | b"|-" => self.found.add(EffectKind::Executes, CodeObject::Shell(file.clone())),
            _ => self.unknown(EffectKind::Executes),
        }
    }

    fn files(&mut self, at: usize, kind: EffectKind) {
        match self.constants(at) {
            Some(files) => files.into_iter().for_each(|file| self.found.add(kind, CodeObject::Path(file))),
            None => self.unknown(kind),
        }
    }

    fn first_file(&mut self, at: usize, kind: EffectKind) {
        match self.constants(at).and_then(|files| files.into_iter().next()) {
            Some(file) => self.found.add(kind, CodeObject::Path(file)),
            None => self.unknown(kind),
        }
    }

    fn two_files(&mut self, at: usize, moves: bool) {
        match self.constants(at).as_deref() {
            Some([from, to]) => {
                let kind = if moves { EffectKind::Deletes } else { EffectKind::Reads };
                self.found.add(EffectKind::Reads, CodeObject::Path(from.clone()));
                self.found.add(kind, CodeObject::Path(from.clone()));
                self.found.add(EffectKind::Overwrites, CodeObject::Path(to.clone()));
            }
            _ => self.unknown(EffectKind::Overwrites),
        }
    }

    /// The first argument is a number.
    fn all_files(&mut self, at: usize, kind: EffectKind) {
        let open = usize::from(matches!(self.get(at + 1), Token::Open(b'(')));
        let number = matches!(self.get(at + 1 + open), Token::Number);
        match (number, self.get(at + 2 + open), self.get(at + 3 + open), self.get(at + 4 + open)) {
            (true, Token::Comma, Token::Text(Some(file)), Token::Semicolon | Token::Close(b')')) => {
                self.found.add(kind, CodeObject::Path(file.clone()))
            }
            _ => self.unknown(kind),
        }
    }
}

/// Words that end a call without brackets.
fn ends(word: &[u8]) -> bool {
    matches!(word, b"if" | b"unless" | b"or" | b"and" | b"for" | b"foreach" | b"while" | b"until")
}

/// Functions, operators and syntax that compute and print only.
fn computes(word: &[u8]) -> bool {
    const KNOWN: &str = " if elsif else unless while until for foreach last next redo return my our local and or not xor eq ne lt gt le ge cmp x \
        print printf say sprintf length substr index rindex lc uc lcfirst ucfirst reverse join split sort map grep push pop shift unshift splice \
        keys values each exists delete defined undef scalar wantarray abs int sqrt sin cos atan2 exp log hex oct ord chr rand srand time times \
        localtime gmtime sleep chomp chop pos quotemeta sprintf pack unpack vec exit die warn eof close binmode BEGIN END STDIN STDOUT STDERR ARGV \
        sum sum0 max min maxstr minstr first any all none uniq uniqnum shuffle product pairs reduce floor ceil fmod pow strftime mktime encode_json decode_json Dumper \
        basename dirname md5_hex sha1_hex sha256_hex encode_base64 continue lock study __LINE__ __FILE__ __PACKAGE__ fc readline \
        POSIX::floor POSIX::ceil POSIX::strftime List::Util::sum List::Util::max List::Util::min List::Util::uniq JSON::PP::decode_json JSON::PP::encode_json ";
    let Ok(word) = core::str::from_utf8(word) else { return false };
    KNOWN.split_ascii_whitespace().any(|known| known == word)
}
