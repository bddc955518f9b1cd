//! awk programs (POSIX, gawk, mawk, the one true awk): finds every command, pipe, redirection and `getline`.

mod token;

use self::token::{Token, tokens};
use super::{CodeObject, CodeReading};
use crate::action::EffectKind;

/// Reads an awk program; several `-e` or `-f` pieces are joined by newlines.
pub(super) fn read(program: &[u8]) -> CodeReading {
    let mut all = CodeReading::harmless();
    let mut accepted = false;
    let mut why = None;
    // Some awks end `/[/]/` at the first slash, some at the second: both readings count.
    for brackets in [true, false] {
        match tokens(program, brackets) {
            Ok(list) => {
                accepted = true;
                Reader { list: &list, found: &mut all }.program();
            }
            Err(reason) => {
                why.get_or_insert(reason);
            }
        }
    }
    if !accepted {
        all.doubt(why.unwrap_or("awk program not understood"));
    }
    all
}

struct Reader<'a> {
    list: &'a [Token],
    found: &'a mut CodeReading,
}

impl Reader<'_> {
    fn get(&self, at: usize) -> &Token {
        self.list.get(at).unwrap_or(&Token::Newline)
    }

    fn before(&self, at: usize) -> &Token {
        at.checked_sub(1).map_or(&Token::Newline, |before| self.get(before))
    }

    fn program(&mut self) {
        // Parentheses and brackets open, and those open when the present print statement began.
        let mut depth = 0usize;
        let mut print: Option<usize> = None;
        for at in 0..self.list.len() {
            let token = self.get(at).clone();
            match token {
                Token::Open(b'(' | b'[') => depth += 1,
                Token::Close(b')' | b']') | Token::CloseHead => {
                    depth = depth.saturating_sub(1);
                    if print.is_some_and(|level| depth < level) {
                        print = None;
                    }
                }
                Token::Newline | Token::Semicolon | Token::Open(_) | Token::Close(_) => print = None,
                Token::Print => print = Some(depth),
                Token::Greater | Token::Append if print == Some(depth) => {
                    let kind = if token == Token::Append { EffectKind::Writes } else { EffectKind::Overwrites };
                    match self.constant_to_end(at + 1) {
                        Some(path) => self.found.add(kind, CodeObject::Path(path)),
                        None => {
                            self.found.add(kind, CodeObject::Unknown);
                            self.found.doubt("awk writes to a file whose name is computed");
                        }
                    }
                }
                Token::Append => self.found.doubt("awk `>>` outside print"),
                Token::Pipe | Token::CoPipe => self.pipe(at, print == Some(depth)),
                Token::Getline => self.getline(at),
                Token::At => self.found.doubt("awk loads code or calls a function by a computed name"),
                Token::Name(name) => self.name(at, &name),
                _ => {}
            }
        }
    }

    /// A string that is the whole of what follows up to the end of the statement.
    fn constant_to_end(&self, at: usize) -> Option<Vec<u8>> {
        match (self.get(at), self.get(at + 1)) {
            (Token::Text(Some(text)), Token::Newline | Token::Semicolon | Token::Close(b'}')) => Some(text.clone()),
            _ => None,
        }
    }

    fn run(&mut self, command: Option<Vec<u8>>) {
        match command {
            Some(command) if command.starts_with(b"/inet") => {
                let host = command.split(|byte| *byte == b'/').nth(4).unwrap_or_default().to_vec();
                self.found.add(EffectKind::Connects, CodeObject::Host(host));
            }
            Some(command) => self.found.add(EffectKind::Executes, CodeObject::Shell(command)),
            None => {
                self.found.add(EffectKind::Executes, CodeObject::Unknown);
                self.found.doubt("awk runs a command that is computed");
            }
        }
    }

    fn pipe(&mut self, at: usize, printing: bool) {
        let command = if *self.get(at + 1) == Token::Getline {
            // Only a string that stands alone: `"a" "b" | getline` runs both, joined.
            let alone = at >= 1
                && matches!(
                    self.before(at - 1),
                    Token::Newline
                        | Token::Semicolon
                        | Token::Open(b'(' | b'{')
                        | Token::Close(b'}')
                        | Token::CloseHead
                        | Token::And
                        | Token::Assign
                );
            match self.before(at) {
                Token::Text(Some(text)) if alone => Some(text.clone()),
                _ => None,
            }
        } else if printing {
            let command = self.constant_to_end(at + 1);
            // What is printed to a shell is its commands.
            let shell = command.as_deref().is_some_and(|name| name.ends_with(b"sh"));
            if let (true, Token::Text(Some(printed))) = (shell, self.before(at).clone()) {
                self.found.add(EffectKind::Executes, CodeObject::Shell(printed));
            }
            command
        } else {
            None
        };
        self.run(command);
    }

    fn getline(&mut self, at: usize) {
        // getline [lvalue] [< file]
        let mut next = at + 1;
        let mut plain = true;
        match self.get(next) {
            Token::Name(_) => {
                next += 1;
                if *self.get(next) == Token::Open(b'[') {
                    let mut open = 0usize;
                    loop {
                        match self.get(next) {
                            Token::Open(_) => open += 1,
                            Token::Close(_) => open = open.saturating_sub(1),
                            Token::Newline => {
                                plain = false;
                                break;
                            }
                            _ => {}
                        }
                        next += 1;
                        if open == 0 {
                            break;
                        }
                    }
                }
            }
            Token::Dollar => {
                next += 1;
                plain = matches!(self.get(next), Token::Number | Token::Name(_));
                next += 1;
            }
            _ => {}
        }
        if !plain {
            return self.found.doubt("awk getline into a computed place");
        }
        match self.get(next) {
            Token::Less => {
                let ended = matches!(
                    self.get(next + 2),
                    Token::Newline
                        | Token::Semicolon
                        | Token::Close(_)
                        | Token::And
                        | Token::Greater
                        | Token::Less
                        | Token::Compare
                );
                match self.get(next + 1).clone() {
                    Token::Text(Some(path)) if ended => {
                        if path != b"-" {
                            self.found.add(EffectKind::Reads, CodeObject::Path(path));
                        }
                    }
                    _ => {
                        self.found.add(EffectKind::Reads, CodeObject::Unknown);
                        self.found.doubt("awk reads a file whose name is computed");
                    }
                }
            }
            Token::Newline
            | Token::Semicolon
            | Token::Close(_)
            | Token::And
            | Token::Greater
            | Token::Compare
            | Token::Pipe
            | Token::CoPipe => {}
            _ => self.found.doubt("awk getline in a form that is not known"),
        }
    }

    fn name(&mut self, at: usize, name: &[u8]) {
        match name {
            b"system" => {
                let command = match (self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
                    (Token::Open(b'('), Token::Text(Some(text)), Token::Close(b')')) => Some(text.clone()),
                    _ => None,
                };
                self.run(command);
            }
            b"ENVIRON" => {
                let variable = match (self.get(at + 1), self.get(at + 2), self.get(at + 3)) {
                    (Token::Open(b'['), Token::Text(Some(text)), Token::Close(b']')) => text.clone(),
                    _ => b"*".to_vec(),
                };
                self.found.add(EffectKind::Reads, CodeObject::Variable(variable));
            }
            b"ARGV" => self.found.doubt("awk may change which files it reads"),
            b"SYMTAB" | b"FUNCTAB" => self.found.doubt("awk reaches variables or functions by computed names"),
            b"extension" => self.found.doubt("awk loads a library"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless(program: &str) {
        let reading = read(program.as_bytes());
        assert!(reading.proven && reading.effects.is_empty(), "{program:?}: {reading:?}");
    }

    fn touches(program: &str, kind: EffectKind, object: CodeObject) {
        let reading = read(program.as_bytes());
        assert!(
            reading.effects.iter().any(|effect| effect.kind == kind && effect.object == object),
            "{program:?}: {reading:?}"
        );
    }

    fn not_proven(program: &str) {
        let reading = read(program.as_bytes());
        assert!(!reading.proven && reading.why.is_some(), "{program:?}: {reading:?}");
    }

    fn path(text: &str) -> CodeObject {
        CodeObject::Path(text.into())
    }

    fn shell(text: &str) -> CodeObject {
        CodeObject::Shell(text.into())
    }

    #[test]
    fn everyday_programs_are_harmless() {
        for program in [
            "{print $1}",
            "{ print $1, $NF }",
            "NR==1{print;exit}",
            "NR>5 && NR<10",
            "$3 > 100",
            "$3 > 100 {print $1}",
            "{s+=$1} END {print s/NR}",
            "!seen[$0]++",
            "/foo/,/bar/",
            "/system\\(\"id\"\\)/",
            "{print \"system(\\\"id\\\")\"}",
            "# system(\"id\")\n{print}",
            "length > 80",
            "{ if ($1 > 3) print $2; else print $3 }",
            "{ print ($1 > 3) ? \"a\" : \"b\" }",
            "{print (a > b)}",
            "{print x[a > b]}",
            "BEGIN{FS=\":\"} {print $1 | \"\" }\n",
            "{gsub(/\\//,\"-\"); print}",
            "{gsub(/[/]/,\"-\"); print}",
            "{printf \"%s %d\\n\", $1, $2/2}",
            "{print a / b; print \"x\" / 2}",
            "BEGIN { while (i < 10) { i++; print i } }",
            "function f(a, b) { return a / b } { print f($1, $2) }",
            "{ while (getline > 0) print }",
            "{ getline; print }",
            "{ getline line; print line }",
            "{ while ((getline line) > 0) n++ }",
            "{ x = $1 ~ /a|b/ ? \"|\" : \">\"; print x }",
            "if (1) /x/",
            "BEGIN { printf(\"%d\\n\", 1) }",
            "{ n = split($0, a, /\\|/); print n }",
            "{ print > \"/dev/stderr\" ; close(\"x\") }\n",
            "{print substr($0, index($0, $3))}",
            "{a[$1]=a[$1] \" \" $2} END {for (k in a) print k, a[k]}",
            "{ print \\\n $1 }",
            "",
            "1",
            "{print toupper($1) length($2)}",
            "$1 == \"x\" || $2 != \"y\"",
        ] {
            let reading = read(program.as_bytes());
            if program.contains("/dev/stderr") || program.contains("| \"\"") {
                assert!(reading.proven, "{program:?}: {reading:?}");
            } else {
                harmless(program);
            }
        }
    }

    #[test]
    fn commands_are_named() {
        touches("BEGIN{system(\"id\")}", EffectKind::Executes, shell("id"));
        touches("BEGIN{system ( \"id\" )}", EffectKind::Executes, shell("id"));
        touches("{print | \"sort -n\"}", EffectKind::Executes, shell("sort -n"));
        touches("{print $1, $2 | \"sh\"}", EffectKind::Executes, shell("sh"));
        touches("{printf(\"x\") | \"sh\"; x}", EffectKind::Executes, shell("sh"));
        touches("BEGIN{\"date\" | getline d; print d}", EffectKind::Executes, shell("date"));
        touches("BEGIN{while ((\"ls\" | getline f) > 0) print f}", EffectKind::Executes, shell("ls"));
        touches("BEGIN{system(\"echo \\\"a\\\"\")}", EffectKind::Executes, shell("echo \"a\""));
        touches("BEGIN{system(\"\\162m\")}", EffectKind::Executes, shell("rm"));
        // A regex after the parenthesis of `if` hides no code.
        touches("{if (1) /\"/; system(\"id\") #\"/\n}", EffectKind::Executes, shell("id"));
        touches("{x = a /\"b/ 2; y\"; system(\"id\")}", EffectKind::Executes, shell("id"));
        touches(
            "BEGIN{x=\"/inet/tcp/0/h.test/80\"; print |& \"/inet/tcp/0/h.test/80\"}",
            EffectKind::Connects,
            CodeObject::Host(b"h.test".to_vec()),
        );
    }

    #[test]
    fn files_are_named() {
        touches("{print > \"out\"}", EffectKind::Overwrites, path("out"));
        touches("{print $1 >> \"out\"}", EffectKind::Writes, path("out"));
        touches("{print($1, $2) > \"out\"}", EffectKind::Overwrites, path("out"));
        touches("{print (1)(2) > \"out\"}", EffectKind::Overwrites, path("out"));
        touches("{print \"a\",\n\n \"b\" > \"out\"}", EffectKind::Overwrites, path("out"));
        touches("{print a && # c\n b > \"out\"\n}", EffectKind::Overwrites, path("out"));
        touches("{if (x > 1) print > \"out\"; else print}", EffectKind::Overwrites, path("out"));
        touches("BEGIN{while ((getline l < \"/etc/shadow\") > 0) print l}", EffectKind::Reads, path("/etc/shadow"));
        touches("BEGIN{getline < \"f\"; print}", EffectKind::Reads, path("f"));
        touches("BEGIN{getline a[1] < \"f\"}", EffectKind::Reads, path("f"));
        touches("BEGIN{getline $1 < \"f\"}", EffectKind::Reads, path("f"));
        touches("BEGIN{print ENVIRON[\"HOME\"]}", EffectKind::Reads, CodeObject::Variable(b"HOME".to_vec()));
        touches("BEGIN{for (k in ENVIRON) print k}", EffectKind::Reads, CodeObject::Variable(b"*".to_vec()));
        assert!(read(b"{print > \"out\"}").proven);
    }

    #[test]
    fn what_is_computed_is_not_proven() {
        for program in [
            "{system($0)}",
            "{system(\"rm \" $1)}",
            "{print | $1}",
            "{print > $1}",
            "{print > $1 \".txt\"}",
            "{print > \"a\" $1}",
            "{print \"x\" > (\"a\" \"b\")}",
            "{$1 | getline}",
            "{\"rm \" \"x\" | getline}",
            "{print \"x\" \"id\" | getline}",
            "{cmd = \"id\"; cmd | getline x}",
            "{getline < $1}",
            "{getline x < (\"a\" b)}",
            "{getline < \"a\" \"b\"}",
            "{print |& \"cmd\" x}",
            "@load \"filefuncs\"\n{print}",
            "@include \"x\"\n{print}",
            "{@f(1)}",
            "BEGIN{ARGV[1]=\"/etc/shadow\";ARGC=2}",
            "BEGIN{SYMTAB[\"x\"]=1}",
            "BEGIN{system(\"\\x72m\")}",
            "BEGIN{f=\"system\"; @f(\"id\")}",
            "{print \"abc}",
            "{print /abc}",
            "{print (1}",
            "{print $/x/}",
            "{print é}",
            "{print a ++/x/ \"; system(1)}",
        ] {
            not_proven(program);
        }
    }
}
