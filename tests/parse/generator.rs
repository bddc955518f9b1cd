//! Lines from a grammar, the same for the same seed. `%` starts a part that is generated in turn.

/// How many stub programs `c0`, `c1` … there are.
pub const STUBS: usize = 40;

pub struct Generator {
    state: u64,
    fuel: usize,
}

/// `%c` a stub, `%n` a stub spelled in some way, `%l` a list, `%p` a pipeline, `%k` a command, `%s` a simple command,
/// `%w` a word, `%q` text for double quotes, `%b` text for backquotes, `%h` a heredoc line, `%r` a redirection, `%a` an
/// assignment.
const LISTS: &[&str] =
    &["%p", "%p", "%p", "%p; %l", "%p && %l", "%p || %l", "%p\n%l", "%p & %l", "%p;%l", "%p &&\n %l", "%p # c\n%l"];
const PIPELINES: &[&str] =
    &["%k", "%k", "%k", "%k", "%k | %p", "%k|%p", "%k |& %p", "%k |\n %p", "! %k", "time %k", "! ! %k", "! time %s"];
const COMMANDS: &[&str] = &[
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "%s",
    "(%l)",
    "( (%l) )",
    "((%l); (%l))",
    "{ %l; }",
    "{ %l\n}",
    "{ %l; } >f 2>&1",
    "(%l) <<<x%w",
    "if %l; then %l; else %l; fi",
    "if true\nthen %l\nelif %l; then :\nfi",
    "while %l; do %l; break; done",
    "until %l; do %l; break; done",
    "for i in a %w; do %l; break; done",
    "for i in 1\ndo %l\ndone",
    "for ((i=0;i<1;i++)); do %l; done",
    "for ((i=0;i<1;i++)) { %l; }",
    "for i in 1; { %l; }",
    "case x%w in x) %l;; *) %l;; esac",
    "case a in (a|b) %l;& c) %l;;& *) %l; esac",
    "case x in $(%l)) :;; *) %l; esac",
    "[[ -n %w ]] && %s",
    "[[ x == $(%l) ]]",
    "[[ a =~ (a|b) ]] && %s",
    "[[ -e <(%l) && ! ( a < b ) ]]",
    "[[ x == @(x|$(%l)) ]]",
    "[[ -v a[$(%l; echo 0)] ]]",
    "fn() { %l; }; fn",
    "function fn2 { %l; } >f; fn2",
    "fn3() (%l)\nfn3",
    "fn4 ( )\n{ %l; }; fn4",
    "coproc %s; wait",
    "coproc { %l; }; wait",
    "coproc N { %l; }; wait",
    "time -p -- %s",
    "time -p %s",
    "(( $(%l; echo )1 ))",
    "let 'x = 1'; %s",
    "!(%l)",
    "declare z=$(%l) w=(a $(%l))",
    "export z=\"$(%l)\"",
    "%c <<E\n%h\nE\n%s",
    "%c <<'E'\n%h\nE\n%s",
    "%c <<-\\E\n\t%h\n\tE\n%s",
    "%c <<E | %s\n%h\nE\n%s",
    "%c <<A <<B\n%h\nA\n%h\nB\n%s",
    "if %c <<E; then %s; fi\n%h\nE\n%s",
    "eval %c",
    "select i in a; do %l; break; done <<<1",
    "%c >(%l)",
    "x=(1 $(%l) [3]=$(%l))",
    "x[$(%l; echo 0)]=1",
    "x[1 + 1]=$(%l)",
    "if(%l)then(%l)fi",
    "(%l)|(%l)&&(%l)",
    "shopt -s extglob\n%c @(a|$(%l)) !(b)\nshopt -u extglob\n%s",
];
const SIMPLES: &[&str] = &[
    "%n",
    "%n %w",
    "%n %w %w",
    "%n %w %r",
    "%r %n %w",
    "%a %n %w",
    "%a %a %n",
    "%a %r %n %w",
    "%n\t%w  %w",
    "%n \\\n%w",
    "%a",
    "%n %w %r %w",
];
const NAMES: &[&str] =
    &["%c", "%c", "%c", "%c", "%c", "\\%c", "\"%c\"", "'%c'", "''%c", "%c\"\"", "\\\n%c", "{%c,a}", "${u}%c"];
const WORDS: &[&str] = &[
    "a",
    "b1",
    "-x",
    "'q r'",
    "\"d $v\"",
    "\\;",
    "*.zz",
    "{a,b}",
    "{1..3}",
    "{x",
    "y}",
    "$v",
    "${v}",
    "a=b",
    "h#",
    "--o=v",
    "$'t\\'u'",
    "\"\"",
    "a\\ b",
    "[z]",
    "@",
    "!",
    "}",
    "{",
    "if",
    "[[",
    "time",
    "a{b",
    "$",
    "%c",
    "{a,b{c,d}}",
    "$${x",
    "{}",
    "$(%l)",
    "\"$(%l)\"",
    "`%b`",
    "\"`%b`\"",
    "<(%l)",
    "x<(%l)y",
    "${u:-%w}",
    "\"${u:-%q}\"",
    "${v:+$(%l)}",
    "$((1+$(%l; echo )0))",
    "${v/a/$(%l)}",
    "{a,$(%l)}",
    "$'x'\"$(%l)\"'y'",
    "${u-<(%l)}",
    "$( (%l) )",
    "$((%l);(%l))",
    "${v#$(%l)}",
    "${v:$(%l; echo )0}",
    "a\"b$(%l)\"c",
    "$(\n%l\n)",
    "$(case x in x) %l;; esac)",
    "$(case x in (x) %l; esac)",
    "\"a${v+\"$(%l)\"}b\"",
    "$(%l # ) c\n)",
    "${a[$(%l; echo )0]}",
    "$(%c <<E\n%h\nE\n)",
    "\"$(%c <<'E'\n%h\nE\n)\"",
    "$[1+$(%l; echo )0]",
    "\"${v%'$(%c)'}\"",
    "${u:-'a}b'}",
    "\"$(%c \"%q\")\"",
    "$(<f)",
    "${v//[ab]/$(%l)}",
];
const QUOTED: &[&str] = &["a", "b c", "it's", "$v", "a$(%l)", "`%b`", "\\\"", "\\$(", "$((1+1))", "${u:-$(%c)}"];
const BACKQUOTED: &[&str] =
    &["%c", "%c a", "%c 'x'", "%c | %c", "%c \\`%c\\`", "%c; %c", "%c \"$(%c)\"", "if %c; then %c; fi", "%c $((1))"];
const HEREDOCS: &[&str] = &[
    "plain",
    "$(%l)",
    "\"x $(%c)\"",
    "it's",
    "`%b`",
    "\\$(not",
    "${u:-$(%c)}",
    "$((1+$(%c; echo )0))",
    "a\\\nb",
    "(",
    "${v%\"$(%c)\"}",
];
const REDIRECTIONS: &[&str] = &[
    ">f",
    "2>&1",
    "</dev/null",
    ">>f",
    "&>f",
    "2>f",
    "{fd}>f",
    "<<<%w",
    ">|f",
    "<>f",
    "3>&-",
    ">&2",
    ">& f",
    "<<< \"$(%l)\"",
    ">f$(%l)",
    "2>/dev/null",
    "0<&-",
];
const ASSIGNMENTS: &[&str] =
    &["x=1", "x+=2", "y=\"a b\"", "x=$(%l)", "x=`%b`", "x=a$(%l)b", "x=$v", "x=~", "x=", "x={a,b}"];

impl Generator {
    pub fn new(seed: u64) -> Self {
        Generator { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, fuel: 0 }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % limit.max(1)
    }

    pub fn line(&mut self) -> String {
        self.fuel = 6 + self.below(14);
        let mut out = String::new();
        self.expand("%l", &mut out);
        out
    }

    fn expand(&mut self, template: &str, out: &mut String) {
        let mut characters = template.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                out.push(character);
                continue;
            }
            let rules = match characters.next() {
                Some('c') => {
                    let stub = self.below(STUBS);
                    out.push_str(&format!("c{stub}"));
                    continue;
                }
                Some('n') => NAMES,
                Some('l') => LISTS,
                Some('p') => PIPELINES,
                Some('k') => COMMANDS,
                Some('s') => SIMPLES,
                Some('w') => WORDS,
                Some('q') => QUOTED,
                Some('b') => BACKQUOTED,
                Some('h') => HEREDOCS,
                Some('r') => REDIRECTIONS,
                Some('a') => ASSIGNMENTS,
                Some(other) => {
                    out.push('%');
                    out.push(other);
                    continue;
                }
                None => {
                    out.push('%');
                    return;
                }
            };
            let rule = if self.fuel == 0 {
                rules.iter().find(|rule| !rule.contains("%l")).copied().unwrap_or(rules[0])
            } else {
                self.fuel -= 1;
                rules[self.below(rules.len())]
            };
            self.expand(rule, out);
        }
    }
}

const SPLICES: &[&str] = &[
    "(", ")", "{", "}", "$", "`", "\"", "'", "\\", "\n", " ", ";", "&", "|", "<", ">", "#", "[", "]", "!", "=", "*",
    "((", "))", "$(", "${", "<(", "<<E\n", " c1 ", "{ ", "; }", " in ", "$((", "\"$(", "||", "&&", ",", "..", "@(",
    "-", "[[ ", " ]]", "fi", " do ", "done", "esac", ";;", "\\\n", "c2", "E\n", "$'", "?(", "+=", "=(", "a[", "]=",
    ":-", "coproc ", "time ", "! ", "$\"",
];

/// The line with a few of its bytes moved, dropped, doubled, or taken from elsewhere.
pub fn mutate(generator: &mut Generator, line: &str, pool: &[String]) -> String {
    let mut text: Vec<char> = line.chars().collect();
    for _ in 0..=generator.below(3) {
        let at = generator.below(text.len() + 1);
        match generator.below(5) {
            0 if !text.is_empty() => {
                let end = (at + 1 + generator.below(3)).min(text.len());
                text.drain(at.min(end)..end);
            }
            1 => {
                let splice = SPLICES[generator.below(SPLICES.len())];
                text.splice(at..at, splice.chars());
            }
            2 if text.len() > 1 => {
                let (left, right) = (at.min(text.len() - 1), generator.below(text.len()));
                text.swap(left, right);
            }
            3 => {
                let other: Vec<char> = pool[generator.below(pool.len())].chars().collect();
                let start = generator.below(other.len());
                let end = (start + 1 + generator.below(12)).min(other.len());
                text.splice(at..at, other[start..end].iter().copied());
            }
            _ => {
                let end = (at + 1 + generator.below(8)).min(text.len());
                let copy = text[at.min(end)..end].to_vec();
                text.splice(at..at, copy);
            }
        }
    }
    text.into_iter().collect()
}
