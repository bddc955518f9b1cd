//! Constants that code puts together: `"/etc/" + "x"`, `join("/etc", "x")`, `f"{d}/x"`, `homedir() + "/x"`. The text that
//! comes out reads as if the whole constant stood there. It is for code that is not understood otherwise: what it says more
//! is what the code does, as far as anyone can tell.

use std::borrow::Cow;

/// What languages call the home directory.
const HOMES: &[&str] = &[
    "require(\"os\").homedir()",
    "require('os').homedir()",
    "os.environ[\"HOME\"]",
    "os.environ['HOME']",
    "os.environ.get(\"HOME\")",
    "os.environ.get('HOME')",
    "os.getenv(\"HOME\")",
    "os.getenv('HOME')",
    "os.path.expanduser(\"~\")",
    "os.path.expanduser('~')",
    "getenv(\"HOME\")",
    "getenv('HOME')",
    "$_SERVER[\"HOME\"]",
    "$_SERVER['HOME']",
    "process.env.HOME",
    "process.env[\"HOME\"]",
    "process.env['HOME']",
    "require(\"node:os\").homedir()",
    "require('node:os').homedir()",
    "Deno.env.get(\"HOME\")",
    "Deno.env.get('HOME')",
    "os.homedir()",
    "homedir()",
    "ENV[\"HOME\"]",
    "ENV['HOME']",
    "ENV.fetch(\"HOME\")",
    "ENV.fetch('HOME')",
    "Dir.home",
    "Path.home()",
    "$ENV{HOME}",
    "$ENV{\"HOME\"}",
    "$ENV{'HOME'}",
    "ENVIRON[\"HOME\"]",
];

/// A string that begins with the home directory as its language puts it there: `"$ENV{HOME}/x"`, `` `${os.homedir()}/x` ``.
pub(super) fn homed(text: &[u8]) -> Option<Vec<u8>> {
    // Perl's `open` with two words has the mode before the path.
    let text = match text.iter().position(|byte| !b"<>+ ".contains(byte)) {
        Some(at) if text.get(at..)?.starts_with(b"$ENV") => text.get(at..)?,
        _ => text,
    };
    let open = [&b"${"[..], b"#{", b"{", b""].into_iter().find(|open| text.starts_with(open))?;
    let inside = text.get(open.len()..)?;
    // Perl's own stands in the string as it is.
    let (inside, close): (&[u8], &[u8]) = if text.starts_with(b"$ENV") { (text, b"") } else { (inside, b"}") };
    let name = HOMES.iter().find(|name| inside.starts_with(name.as_bytes()))?;
    let rest = inside.get(name.len()..)?.strip_prefix(close)?;
    Some([b"~", rest].concat())
}

/// Names that code binds to constants at most.
const NAMES: usize = 32;

/// Longer constants are not remembered: none of them is a path.
const LONGEST: usize = 256;

/// A constant that has come out: where it stands, its quotes included.
#[derive(Clone, Copy)]
struct Constant {
    start: usize,
    end: usize,
}

/// How what stands between two constants makes one of them.
enum Joint {
    /// One behind the other.
    Behind,
    /// With a slash between them.
    Path,
    /// The second stands for a mark in the first.
    Mark(&'static [u8]),
    /// The first joins a list that the second begins.
    List,
    /// Both stand in a list that is being joined.
    Listed,
}

struct Folder<'a> {
    code: &'a [u8],
    at: usize,
    out: Vec<u8>,
    last: Option<Constant>,
    names: Vec<(Vec<u8>, Vec<u8>)>,
    /// What stands between the constants of a list that is being joined.
    between: Option<Vec<u8>>,
}

/// The code with constants put together.
#[must_use]
pub fn folded(code: &[u8]) -> Cow<'_, [u8]> {
    let mut folder =
        Folder { code, at: 0, out: Vec::with_capacity(code.len()), last: None, names: Vec::new(), between: None };
    while folder.at < code.len() {
        folder.step();
    }
    if folder.out == code { Cow::Borrowed(code) } else { Cow::Owned(folder.out) }
}

impl<'a> Folder<'a> {
    fn rest(&self) -> &'a [u8] {
        self.code.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.first().copied() else { return };
        let inside = self.out.last().is_some_and(|byte| is_letter(*byte) || *byte == b'$');
        if !inside && matches!(first, b'o' | b'g' | b'$' | b'p' | b'h' | b'r' | b'E' | b'D' | b'P') {
            if let Some(home) = HOMES.iter().find(|home| rest.starts_with(home.as_bytes())) {
                self.at += home.len();
                return self.constant(b'"', b"~");
            }
        }
        if !inside && matches!(first, b'c' | b'S' | b'b') && self.letters() {
            return;
        }
        match first {
            b'\'' | b'"' | b'`' => self.string(first),
            _ if is_letter(first) && !inside || first == b'$' && rest.get(1).is_some_and(|byte| is_letter(*byte)) => {
                self.name();
            }
            _ => {
                self.out.push(first);
                self.at += 1;
            }
        }
    }

    /// A quoted string. One in backticks is a command, but for the languages in which it is text with `${ }`.
    fn string(&mut self, mark: u8) {
        let rest = self.rest();
        let mut end = 1;
        while let Some(inner) = rest.get(end).filter(|inner| **inner != mark) {
            end += if *inner == b'\\' { 2 } else { 1 };
        }
        let text = rest.get(1..end.min(rest.len())).unwrap_or_default();
        self.at += (end + 1).min(rest.len());
        let text = self.filled(text);
        if let Some((start, text, length)) = super::decoded::called(&self.out, &text, self.rest()) {
            self.out.truncate(start);
            self.at += length;
            return self.constant(b'"', &escaped(&text));
        }
        self.constant(mark, &text);
    }

    /// `chr(114)`, `String.fromCharCode(114,109)`, `bytes([114,109])`: letters by their numbers.
    fn letters(&mut self) -> bool {
        let rest = self.rest();
        let call = LETTERS.iter().find(|call| rest.starts_with(call.as_bytes()));
        let Some(call) = call.filter(|call| matches!(rest.get(call.len()), Some(b'(' | b'['))) else { return false };
        let Some((text, length)) = super::decoded::letters(rest.get(call.len()..).unwrap_or_default()) else {
            return false;
        };
        self.at += call.len() + length;
        self.constant(b'"', &escaped(&text));
        true
    }

    /// What stands in `{name}`, `${name}`, `#{name}` and `$name` of a string, where the name is bound to a constant.
    fn filled(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let rest = text.get(at..).unwrap_or_default();
            let opened = [&b"${"[..], b"#{", b"{", b"$"].into_iter().find(|open| rest.starts_with(open));
            let found = opened.and_then(|open| {
                let name = rest.get(open.len()..)?;
                let length = name.iter().take_while(|byte| is_letter(**byte)).count();
                let braced = open.ends_with(b"{");
                let closed = !braced || name.get(length) == Some(&b'}');
                let value = self.bound(name.get(..length)?).filter(|_| closed)?;
                Some((open.len() + length + usize::from(braced), value))
            });
            match found {
                Some((length, value)) => {
                    out.extend_from_slice(value);
                    at += length;
                }
                None => {
                    out.push(*byte);
                    at += 1;
                }
            }
        }
        out
    }

    fn bound(&self, name: &[u8]) -> Option<&[u8]> {
        self.names.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_slice())
    }

    /// A bare name: bound here, or standing for what it was bound to.
    fn name(&mut self) {
        let rest = self.rest();
        let sigil = usize::from(rest.first() == Some(&b'$'));
        let length = rest.iter().skip(sigil).take_while(|byte| is_letter(**byte)).count();
        let (word, after) = rest.split_at_checked(sigil + length).unwrap_or((rest, b""));
        let member = self.out.last() == Some(&b'.');
        let next = after.trim_ascii_start().first().copied();
        let name = word.get(sigil..).unwrap_or_default();
        self.at += word.len();
        // `$f("…")` calls what the variable names.
        let used = !member && (!matches!(next, Some(b'=' | b'(' | b':')) || sigil == 1 && next == Some(b'('));
        match self.bound(name).filter(|_| used).map(<[u8]>::to_vec) {
            Some(value) => self.constant(b'"', &value),
            None => self.out.extend_from_slice(word),
        }
    }

    /// Puts a constant out: joined to the one before it where code joins them.
    fn constant(&mut self, mark: u8, text: &[u8]) {
        let mut text = Cow::Borrowed(text);
        if let Some(tail) = [&b"[::-1]"[..], b".reverse"].into_iter().find(|tail| self.rest().starts_with(tail)) {
            self.at += tail.len();
            text = Cow::Owned(text.iter().rev().copied().collect());
        }
        let joint = self.last.filter(|_| mark != b'`').and_then(|last| Some((last, self.joint(last)?)));
        if joint.is_none() {
            self.between = None;
        }
        let start = match joint {
            Some((last, joint))
                if self.quote(last) != Some(b'`') && !self.quote(last).is_some_and(|own| text.contains(&own)) =>
            {
                let own = self.quote(last).unwrap_or(mark);
                let inner = self.out.get(last.start + 1..last.end.saturating_sub(1)).unwrap_or_default().to_vec();
                self.out.truncate(last.start + 1);
                match joint {
                    Joint::Mark(place) => {
                        let at = inner.windows(place.len()).position(|window| window == place).unwrap_or(inner.len());
                        let (head, tail) = inner.split_at_checked(at).unwrap_or((&inner, b""));
                        self.out.extend_from_slice(head);
                        self.out.extend_from_slice(&text);
                        self.out.extend_from_slice(tail.get(place.len()..).unwrap_or_default());
                    }
                    // What joins a list stands before it, and only between its constants.
                    Joint::List => {
                        self.out.extend_from_slice(&text);
                        self.between = Some(inner);
                    }
                    Joint::Path if text.starts_with(b"/") => self.out.extend_from_slice(&text),
                    joint => {
                        self.out.extend_from_slice(&inner);
                        match (joint, &self.between) {
                            (Joint::Path, _) if !inner.ends_with(b"/") => self.out.push(b'/'),
                            (Joint::Listed, Some(between)) => self.out.extend_from_slice(between),
                            _ => {}
                        }
                        self.out.extend_from_slice(&text);
                    }
                }
                self.out.push(own);
                last.start
            }
            _ => {
                let start = self.out.len();
                self.out.push(mark);
                self.out.extend_from_slice(&text);
                self.out.push(mark);
                start
            }
        };
        self.last = Some(Constant { start, end: self.out.len() });
        self.bind(start);
    }

    fn quote(&self, constant: Constant) -> Option<u8> {
        self.out.get(constant.start).copied()
    }

    /// What stands between the last constant and the end of what is out.
    fn joint(&self, last: Constant) -> Option<Joint> {
        let between = self.out.get(last.end..)?;
        if between.len() > 16 || last.end - last.start > LONGEST {
            return None;
        }
        let between = between.trim_ascii();
        let before = self.out.get(..last.start)?.trim_ascii_end();
        let called = |names: &[&str]| names.iter().any(|name| before.ends_with(name.as_bytes()));
        match between {
            b"+" | b"." | b".." | b"<<" => Some(Joint::Behind),
            // Lisp's words stand beside each other.
            b"" if self.code.starts_with(b"(") => None,
            b"" => self.out.get(last.end..)?.first().filter(|byte| **byte != b'\n').map(|_| Joint::Behind),
            b"/" | b")/" | b") /" | b").joinpath(" | b".joinpath(" => Some(Joint::Path),
            b".join([" | b".join((" => Some(Joint::List),
            b"," if called(&["join", "join("]) && self.is_blank(last) => Some(Joint::List),
            b"," if self.between.is_some() => Some(Joint::Listed),
            b"," if called(&["join(", "Path(", "resolve(", "catfile("]) => Some(Joint::Path),
            b"," if called(&["printf(", "printf", "format("]) => Some(Joint::Mark(b"%s")),
            b"%" | b"% (" | b"%(" => Some(Joint::Mark(b"%s")),
            b".format(" => Some(Joint::Mark(b"{}")),
            _ => None,
        }
    }

    /// Whether a constant is what joins words: nothing, or a blank.
    fn is_blank(&self, constant: Constant) -> bool {
        self.out
            .get(constant.start + 1..constant.end.saturating_sub(1))
            .is_some_and(|text| text.trim_ascii().is_empty())
    }

    /// `name = "constant"`
    fn bind(&mut self, start: usize) {
        let before = self.out.get(..start).unwrap_or_default().trim_ascii_end();
        let before = before.strip_suffix(b":").unwrap_or(before);
        let Some(before) = before.strip_suffix(b"=").map(<[u8]>::trim_ascii_end) else { return };
        let length = before.iter().rev().take_while(|byte| is_letter(**byte)).count();
        let name = before.get(before.len() - length..).unwrap_or_default();
        let value = self.out.get(start + 1..self.out.len().saturating_sub(1)).unwrap_or_default();
        if name.is_empty() || value.len() > LONGEST {
            return;
        }
        let (name, value) = (name.to_vec(), value.to_vec());
        self.names.retain(|(own, _)| *own != name);
        if self.names.len() < NAMES {
            self.names.push((name, value));
        }
    }
}

/// Calls that give letters by their numbers.
const LETTERS: &[&str] = &["chr", "String.fromCharCode", "bytes", "bytearray"];

/// Text as it stands in double quotes.
fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn constants_are_put_together() {
        for (code, want) in [
            (r#"open("/etc/"+"shadow")"#, r#"open("/etc/shadow")"#),
            (r#"open('/etc/' . "shadow")"#, r#"open('/etc/shadow')"#),
            (r#"open(os.path.join("/etc", "shadow"))"#, r#"open(os.path.join("/etc/shadow"))"#),
            (r#"d="/etc";open(f"{d}/shadow")"#, r#"d="/etc";open(f"/etc/shadow")"#),
            (r#"d = '/etc/'; open(d + 'shadow')"#, r#"d = '/etc/'; open("/etc/shadow")"#),
            (r#"r(os.homedir()+'/.npmrc')"#, r#"r("~/.npmrc")"#),
            (r#"Path.home()/".ssh"/"id_rsa""#, r#""~/.ssh/id_rsa""#),
            (r#"Path("/etc")/"shadow""#, r#"Path("/etc/shadow""#),
            (r#"open("/etc/%s" % "shadow")"#, r#"open("/etc/shadow")"#),
            (r#"open("/etc/{}".format("shadow"))"#, r#"open("/etc/shadow"))"#),
            (r#"open("wodahs/cte/"[::-1])"#, r#"open("/etc/shadow")"#),
            (r#"s("".join(["r","m"," /"]))"#, r#"s("rm /"]))"#),
            (r#"s(join(" ","rm","/"))"#, r#"s(join("rm /"))"#),
            (r#"s(chr(114)."m")"#, r#"s("rm")"#),
            (r#"s(bytes([114,109]).decode())"#, r#"s("rm")"#),
            (r#"exec(base64.b64decode("bHM="))"#, r#"exec("ls")"#),
            (r#"s("rm %s" % bytes.fromhex("6c73").decode())"#, r#"s("rm ls")"#),
            (r#"f(`/${d}/x`)"#, r#"f(`/${d}/x`)"#),
            (r#"print("a", "b")"#, r#"print("a", "b")"#),
            (r#"x = "a"; y.x = 1"#, r#"x = "a"; y.x = 1"#),
            ("\"unclosed", "\"unclosed\""),
        ] {
            assert_eq!(String::from_utf8_lossy(&folded(code.as_bytes())), want, "{code}");
        }
    }
}
