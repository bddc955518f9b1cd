//! sed scripts, as GNU and BSD read them. Where the dialects disagree about where a command ends, every reading is made and
//! all their effects count.

use super::cursor::Cursor;
use super::{CodeObject, CodeReading};
use crate::action::EffectKind;

/// The points on which dialects differ about where things end.
#[derive(Clone, Copy)]
struct Dialect {
    /// A delimiter inside `[…]` does not end a regex.
    brackets: bool,
    /// A label ends at the newline alone (BSD), not at `;` or white space.
    long_labels: bool,
}

/// Reads a sed script; several `-e` pieces are joined by newlines.
pub(super) fn read(script: &[u8]) -> CodeReading {
    let mut all = CodeReading::harmless();
    let mut accepted = false;
    let mut why = None;
    for (brackets, long_labels) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut found = CodeReading::harmless();
        let outcome = Reader { at: Cursor::new(script), dialect: Dialect { brackets, long_labels } }.script(&mut found);
        for effect in found.effects {
            all.add_flagged(effect.kind, effect.object, effect.flags);
        }
        match outcome {
            Ok(()) => accepted = true,
            Err(reason) => {
                why.get_or_insert(reason);
            }
        }
    }
    // A dialect that rejects the script runs nothing of it; one that accepts it must exist.
    if !accepted {
        all.doubt(why.unwrap_or("sed script not understood"));
    }
    if all.effects.iter().any(|effect| matches!(effect.object, CodeObject::Unknown)) {
        all.doubt("sed runs what its input says");
    }
    all
}

struct Reader<'a> {
    at: Cursor<'a>,
    dialect: Dialect,
}

type Step = Result<(), &'static str>;

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c)
}

impl Reader<'_> {
    fn script(mut self, found: &mut CodeReading) -> Step {
        let mut open = 0usize;
        loop {
            self.at.take_while(|byte| blank(byte) || byte == b'\n' || byte == b';');
            let Some(byte) = self.at.peek() else { break };
            if byte == b'#' {
                self.line();
                continue;
            }
            let addressed = self.addresses()?;
            self.at.take_while(blank);
            let Some(command) = self.at.next() else { return Err("a sed address without a command") };
            match command {
                b'{' => open += 1,
                b'}' if addressed => return Err("`}` takes no address"),
                b'}' => {
                    open = open.checked_sub(1).ok_or("unexpected `}`")?;
                    self.end()?;
                }
                b'=' | b'd' | b'D' | b'g' | b'G' | b'h' | b'H' | b'n' | b'N' | b'p' | b'P' | b'x' | b'z' | b'F' => {
                    self.end()?;
                }
                b'l' | b'L' | b'q' | b'Q' => {
                    self.at.take_while(blank);
                    self.at.take_while(|byte| byte.is_ascii_digit());
                    self.end()?;
                }
                b'b' | b't' | b'T' => self.label(),
                b'v' => self.label(),
                b':' if addressed => return Err("a label takes no address"),
                b':' => {
                    self.at.take_while(blank);
                    self.label();
                }
                b'a' | b'i' | b'c' => self.text()?,
                b'r' | b'R' => {
                    let object = self.file()?;
                    found.add(EffectKind::Reads, object);
                }
                b'w' | b'W' => {
                    let object = self.file()?;
                    found.add(EffectKind::Overwrites, object);
                }
                b'e' => {
                    self.at.take_while(blank);
                    let line = self.line();
                    let object = if line.is_empty() { CodeObject::Unknown } else { CodeObject::Shell(line.to_vec()) };
                    found.add(EffectKind::Executes, object);
                }
                b's' => {
                    let delimiter = self.delimiter()?;
                    self.regex(delimiter)?;
                    self.replacement(delimiter)?;
                    self.substitute_flags(found)?;
                }
                b'y' => {
                    let delimiter = self.delimiter()?;
                    self.replacement(delimiter)?;
                    self.replacement(delimiter)?;
                    self.end()?;
                }
                _ => return Err("a sed command that is not known"),
            }
        }
        if open == 0 { Ok(()) } else { Err("`{` is not closed") }
    }

    /// Everything to the end of the line, newline consumed.
    fn line(&mut self) -> &[u8] {
        let line = self.at.take_while(|byte| byte != b'\n');
        self.at.eat(b'\n');
        line
    }

    /// `addr[,addr][!]`; whether there was one.
    fn addresses(&mut self) -> Result<bool, &'static str> {
        let first = self.address()?;
        if first {
            self.at.take_while(blank);
            if self.at.eat(b',') {
                self.at.take_while(blank);
                let relative = self.at.eat(b'+') || self.at.eat(b'~');
                let found = if relative {
                    !self.at.take_while(|byte| byte.is_ascii_digit()).is_empty()
                } else {
                    self.address()?
                };
                if !found {
                    return Err("a sed range without its end");
                }
            }
        }
        self.at.take_while(blank);
        let mut negated = false;
        while self.at.eat(b'!') {
            negated = true;
            self.at.take_while(blank);
        }
        Ok(first || negated)
    }

    fn address(&mut self) -> Result<bool, &'static str> {
        match self.at.peek() {
            Some(b'0'..=b'9') => {
                self.at.take_while(|byte| byte.is_ascii_digit());
                if self.at.eat(b'~') {
                    self.at.take_while(|byte| byte.is_ascii_digit());
                }
                Ok(true)
            }
            Some(b'$') => {
                self.at.next();
                Ok(true)
            }
            Some(b'/') => {
                self.at.next();
                self.regex(b'/')?;
                self.at.take_while(|byte| matches!(byte, b'I' | b'M'));
                Ok(true)
            }
            Some(b'\\') => {
                self.at.next();
                let delimiter = self.delimiter()?;
                self.regex(delimiter)?;
                self.at.take_while(|byte| matches!(byte, b'I' | b'M'));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn delimiter(&mut self) -> Result<u8, &'static str> {
        match self.at.next() {
            Some(byte) if byte.is_ascii() && !matches!(byte, b'\n' | b'\\' | b'\r') => Ok(byte),
            _ => Err("a sed delimiter that dialects read differently"),
        }
    }

    /// A regex up to its delimiter.
    fn regex(&mut self, delimiter: u8) -> Step {
        loop {
            match self.at.next() {
                None | Some(b'\n') => return Err("a sed regex that is not closed"),
                Some(byte) if byte == delimiter => return Ok(()),
                Some(b'\\') => {
                    if self.at.next().is_none() {
                        return Err("a sed regex that is not closed");
                    }
                }
                Some(b'[') if self.dialect.brackets => self.bracket()?,
                Some(_) => {}
            }
        }
    }

    /// A bracket expression, `[` consumed.
    fn bracket(&mut self) -> Step {
        self.at.eat(b'^');
        self.at.eat(b']');
        loop {
            match self.at.next() {
                None | Some(b'\n') => return Err("a bracket expression that is not closed"),
                Some(b']') => return Ok(()),
                Some(b'[') => {
                    if let Some(class @ (b':' | b'.' | b'=')) = self.at.peek() {
                        self.at.next();
                        let mut last = 0;
                        loop {
                            match self.at.next() {
                                None | Some(b'\n') => return Err("a character class that is not closed"),
                                Some(b']') if last == class => break,
                                Some(byte) => last = byte,
                            }
                        }
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// A replacement (or one half of `y`) up to its delimiter.
    fn replacement(&mut self, delimiter: u8) -> Step {
        loop {
            match self.at.next() {
                None | Some(b'\n') => return Err("a sed replacement that is not closed"),
                Some(byte) if byte == delimiter => return Ok(()),
                Some(b'\\') => {
                    if self.at.next().is_none() {
                        return Err("a sed replacement that is not closed");
                    }
                }
                Some(_) => {}
            }
        }
    }

    fn substitute_flags(&mut self, found: &mut CodeReading) -> Step {
        loop {
            match self.at.peek() {
                Some(b'g' | b'p' | b'i' | b'I' | b'm' | b'M' | b'0'..=b'9') => {
                    self.at.next();
                }
                Some(b'e') => {
                    self.at.next();
                    found.add(EffectKind::Executes, CodeObject::Unknown);
                }
                Some(b'w') => {
                    self.at.next();
                    let object = self.file()?;
                    found.add(EffectKind::Overwrites, object);
                    return Ok(());
                }
                _ => return self.end(),
            }
        }
    }

    /// The name of a file: the rest of the line.
    fn file(&mut self) -> Result<CodeObject, &'static str> {
        self.at.take_while(blank);
        let name = self.line();
        if name.is_empty() { Err("a sed file name is missing") } else { Ok(CodeObject::Path(name.to_vec())) }
    }

    fn label(&mut self) {
        if self.dialect.long_labels {
            self.line();
        } else {
            self.at.take_while(blank);
            self.at.take_while(|byte| !blank(byte) && !matches!(byte, b'\n' | b';' | b'}'));
        }
    }

    /// The text of `a`, `i` and `c`: to the first newline that no backslash precedes.
    fn text(&mut self) -> Step {
        self.at.take_while(blank);
        if self.at.eat(b'\\') {
            self.at.take_while(blank);
            self.at.eat(b'\n');
        }
        if self.at.peek().is_none() {
            return Err("text is expected after `a`, `i` or `c`");
        }
        while let Some(byte) = self.at.next() {
            match byte {
                b'\n' => return Ok(()),
                b'\\' => {
                    self.at.next();
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The end of a command.
    fn end(&mut self) -> Step {
        self.at.take_while(blank);
        match self.at.peek() {
            None | Some(b'}' | b'#') => Ok(()),
            Some(b';' | b'\n') => {
                self.at.next();
                Ok(())
            }
            Some(_) => Err("more than one sed command where one is expected"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless(script: &str) {
        let reading = read(script.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{script:?}: {reading:?}");
    }

    fn touches(script: &str, kind: EffectKind, object: CodeObject) {
        let reading = read(script.as_bytes());
        let effect = reading.effects.iter().find(|effect| effect.kind == kind && effect.object == object);
        assert!(effect.is_some(), "{script:?}: {reading:?}");
    }

    fn not_proven(script: &str) {
        assert!(!read(script.as_bytes()).proven, "{script:?}");
    }

    fn path(text: &str) -> CodeObject {
        CodeObject::Path(text.into())
    }

    fn shell(text: &str) -> CodeObject {
        CodeObject::Shell(text.into())
    }

    #[test]
    fn everyday_scripts_are_harmless() {
        for script in [
            "s/a/b/",
            "s/a/b/g",
            "s|/usr/local|/opt|g",
            "s,a,b,gI",
            "s/a/b/2p",
            "1,20p",
            "10,$d",
            "$d",
            "$!d",
            "/^#/d",
            "/start/,/end/p",
            "0,/re/s//x/",
            "1~2p",
            "2,+4p",
            "2,~4p",
            "\\,/etc,d",
            "\\|foo|Id",
            "/[/]/d",
            "s/[^/]*$//",
            "s/[[:space:]]*$//",
            "s/[]/]/x/",
            ":a;N;$!ba;s/\\n/ /g",
            ":a;s/^\\(\\s*\\)x/\\1y/;ta",
            "/x/{s/a/b/;p}",
            "/x/{\ns/a/b/\np\n}",
            "1!G;h;$!d",
            "y/abc/xyz/",
            "y/\\//\\\\/",
            "1i\\\nheader",
            "1i header",
            "$a\\\nlast\\\nlines",
            "/x/a\\  indented",
            "c replaced; w not-a-file",
            "5q",
            "5q3",
            "5Q",
            "=",
            "l 80",
            "n;d",
            "s/\\(a\\)\\(b\\)/\\2\\1/",
            "s/a/w evil/",
            "s/e/e/",
            "/w /d",
            "# w file\np",
            "#n",
            "s/a/b/ # comment w x",
            "",
            "  \n ",
            "s/a/\\\n/",
            "s/x/a\\/b/",
            "/a/,/b/!d",
            "s/$/;e id/",
            "a one\\\nw evil",
            "s/a/b/;;p",
            "1v 4.2\np",
        ] {
            harmless(script);
        }
    }

    #[test]
    fn files_are_named() {
        touches("w out", EffectKind::Overwrites, path("out"));
        touches("w out;p}", EffectKind::Overwrites, path("out;p}"));
        touches("/x/w /tmp/o", EffectKind::Overwrites, path("/tmp/o"));
        touches("1,3W o", EffectKind::Overwrites, path("o"));
        touches("s/a/b/w o", EffectKind::Overwrites, path("o"));
        touches("s/a/b/gw o", EffectKind::Overwrites, path("o"));
        touches("s/a/b/wo", EffectKind::Overwrites, path("o"));
        touches("s,a,b,gpw o\np", EffectKind::Overwrites, path("o"));
        touches("r /etc/shadow", EffectKind::Reads, path("/etc/shadow"));
        touches("R f", EffectKind::Reads, path("f"));
        touches("$!{r f\n}", EffectKind::Reads, path("f"));
        touches("x;w o", EffectKind::Overwrites, path("o"));
        touches(":a;w o", EffectKind::Overwrites, path("o"));
        touches("y/a/b/;w o", EffectKind::Overwrites, path("o"));
        touches("a text\nw o", EffectKind::Overwrites, path("o"));
        touches("a text\\\\\nw o", EffectKind::Overwrites, path("o"));
        touches("i\\\ntext\nw o", EffectKind::Overwrites, path("o"));
        touches("# c\\\nw o", EffectKind::Overwrites, path("o"));
        assert!(read(b"w out").proven);
    }

    #[test]
    fn where_dialects_disagree_both_count() {
        // A bracket hides the delimiter in some seds and not in others.
        touches("s/[/x/w o/]/x/", EffectKind::Overwrites, path("o/]/x/"));
        touches("/[/w o\np/]/p", EffectKind::Overwrites, path("o"));
        // BSD labels run to the end of the line, so that what follows is no text of `a`.
        touches(":a;a\\\nw o", EffectKind::Overwrites, path("o"));
    }

    #[test]
    fn execution_is_named() {
        touches("e id", EffectKind::Executes, shell("id"));
        touches("1e id; ls", EffectKind::Executes, shell("id; ls"));
        touches("s/a/id/e", EffectKind::Executes, CodeObject::Unknown);
        touches("s/a/id/ge", EffectKind::Executes, CodeObject::Unknown);
        touches("s/.*/id/;e", EffectKind::Executes, CodeObject::Unknown);
        touches("1,5{e id\n}", EffectKind::Executes, shell("id"));
        touches("\\xax,$e id", EffectKind::Executes, shell("id"));
        touches("sxaxbxe", EffectKind::Executes, CodeObject::Unknown);
        for script in ["e", "s/a/id/e", "s/a/b/;s/c/d/Me"] {
            not_proven(script);
        }
    }

    #[test]
    fn what_is_not_understood_is_not_proven() {
        for script in [
            "s/a/b",
            "s/a",
            "/a",
            "/a/",
            "k",
            "s/a/b/q",
            "p p",
            "{p",
            "p}",
            "y/a/b",
            "\\",
            "1,p",
            "s\na\nb\n",
            "sáaábá",
            "w",
            "r ",
            "a",
            "a\\",
            "s/a/b/\u{e9}",
            "1,2:a",
            "1}",
        ] {
            not_proven(script);
        }
    }
}
