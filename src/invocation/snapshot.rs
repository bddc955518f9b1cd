//! What a client froze of a user's shell and sources before each command: functions, aliases, exports and settings. Read with
//! our own parser; a file that holds anything else is no snapshot, and the line that sources it is judged as it stands.

use crate::config::environment::is_dropped;
use crate::parse::{
    AssignValue, Command, CommandKind, Dialect, List, PieceKind, RedirectTarget, Script, Simple, Word, parse,
};

/// The data of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Functions and aliases: name and the text that defines it.
    pub definitions: Vec<(Vec<u8>, Vec<u8>)>,
    /// The PATH it exports.
    pub path: Option<Vec<u8>>,
}

/// Whether the environment already holds a name with this value.
pub type Known<'a> = &'a dyn Fn(&[u8], &[u8]) -> bool;

/// Names whose redefinition would change what the client's own text around the command does.
const FRAME: &[&[u8]] = &[
    b"eval", b"pwd", b"exec", b"source", b".", b"shopt", b"setopt", b"true", b"builtin", b"command", b"unset",
    b"export", b"exit", b"trap", b"set", b"cd", b"[", b"test", b":", b"alias", b"unalias", b"declare", b"typeset",
    b"enable", b"return",
];

impl Snapshot {
    /// The definitions of those names that occur in `line`, as text to stand before it. `client` is the program that a
    /// client's own stand-ins run: its executable, as the kernel knows it.
    #[must_use]
    pub fn definitions_for(
        &self,
        line: &[u8],
        client: Option<&[u8]>,
        occurs: &dyn Fn(&[u8], &[u8]) -> bool,
    ) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, definition) in &self.definitions {
            let own = client.is_some_and(|client| stands_in(name, definition, client));
            if !own && occurs(name, line) {
                if definition.starts_with(b"alias") && !text.starts_with(b"shopt") {
                    text.splice(0..0, *b"shopt -s expand_aliases\n");
                }
                text.extend_from_slice(definition);
                text.push(b'\n');
            }
        }
        text
    }
}

/// Functions that a client defines to run the copy of a tool that is built into it, under the tool's name: the words a
/// command gives them are read as the tool's. The tool, and the words the client gives its copy first.
const STAND_INS: &[(&str, &str, &str)] = &[
    ("rg", "rg", ""),
    ("find", "bfs", " -S dfs -regextype findutils-default"),
    (
        "grep",
        "ugrep",
        " -G --ignore-files --hidden -I --exclude-dir=.git --exclude-dir=.svn --exclude-dir=.hg --exclude-dir=.bzr --exclude-dir=.jj --exclude-dir=.sl",
    ),
];

/// Whether a definition is exactly the client's own stand-in for `name`, running `client`.
fn stands_in(name: &[u8], definition: &[u8], client: &[u8]) -> bool {
    let (Ok(name), Ok(text), Ok(client)) =
        (std::str::from_utf8(name), std::str::from_utf8(definition), std::str::from_utf8(client))
    else {
        return false;
    };
    let Some((_, copy, words)) = STAND_INS.iter().find(|(tool, _, _)| *tool == name) else { return false };
    let run = format!("{copy} \"$_cc_bin\"{words} ${{1+\"$@\"}}");
    let exact = [
        format!("function {name} {{"),
        "local _cc_bin=\"${CLAUDE_CODE_EXECPATH:-}\"".to_owned(),
        format!("[[ -x $_cc_bin ]] || _cc_bin={client}"),
        format!("if [[ ! -x $_cc_bin ]]; then command {name} ${{1+\"$@\"}}; return; fi"),
        "if [[ -n ${ZSH_VERSION:-} ]]; then".to_owned(),
        format!("ARGV0={run}"),
        "elif [[ \"$OSTYPE\" == \"msys\" ]] || [[ \"$OSTYPE\" == \"cygwin\" ]] || [[ \"$OSTYPE\" == \"win32\" ]]; then"
            .to_owned(),
        format!("ARGV0={run}"),
        "else".to_owned(),
        format!("(exec -a {run})"),
        "fi".to_owned(),
        "}".to_owned(),
    ];
    let mut expected = exact.iter().map(String::as_str).peekable();
    for line in text.lines().map(str::trim) {
        if expected.peek() == Some(&line) {
            expected.next();
        } else if !(name == "grep" && is_option_guard(line)) {
            return false;
        }
    }
    expected.next().is_none()
}

/// The lines by which the stand-in for grep hands options that its copy has and grep has not to the real grep.
fn is_option_guard(line: &str) -> bool {
    let pattern = line
        .strip_prefix("case \"$_cc_a\" in ")
        .and_then(|rest| rest.strip_suffix(") command grep ${1+\"$@\"}; return ;; esac"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-*|@[]!".contains(&byte);
    pattern.is_some_and(|pattern| pattern.bytes().all(plain))
        || matches!(line, "local _cc_a" | "for _cc_a in ${1+\"$@\"}; do" | "done")
}

/// Reads a snapshot. `None`: it holds more than data. `value` says whether the environment holds a variable so already:
/// exporting that changes nothing.
#[must_use]
pub fn read(text: &[u8], dialect: Dialect, value: Known<'_>) -> Option<Snapshot> {
    let script: Script = parse(text, dialect);
    if !script.opaque.is_empty() {
        return None;
    }
    let mut snapshot = Snapshot::default();
    list(&script.body, text, value, &mut snapshot)?;
    Some(snapshot)
}

fn list(list: &List, text: &[u8], value: Known<'_>, snapshot: &mut Snapshot) -> Option<()> {
    for item in &list.items {
        if item.background {
            return None;
        }
        for pipeline in std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline)) {
            let [command] = pipeline.commands.as_slice() else { return None };
            one(command, text, value, snapshot)?;
        }
    }
    Some(())
}

fn one(command: &Command, text: &[u8], value: Known<'_>, snapshot: &mut Snapshot) -> Option<()> {
    let to_null = command.redirects.iter().all(|redirect| match &redirect.target {
        RedirectTarget::Word(word) => matches!(literal(word).as_deref(), Some(b"/dev/null" | b"1" | b"2")),
        RedirectTarget::Heredoc(_) => false,
    });
    if !to_null {
        return None;
    }
    match &command.kind {
        CommandKind::Function { name, .. } => {
            if FRAME.contains(&name.as_slice()) {
                return None;
            }
            snapshot.definitions.push((name.clone(), command.span.of(text).to_vec()));
            Some(())
        }
        CommandKind::Simple(simple) => statement(simple, command, text, value, snapshot),
        // `if ! (unalias rg; command -v rg) …; then function rg …; fi`
        CommandKind::If { arms, otherwise: None } => {
            for (condition, body) in arms {
                let asks = condition.span.of(text);
                if asks != b"! (unalias rg 2>/dev/null; command -v rg) >/dev/null 2>&1"
                    && asks != b"! command -v rg >/dev/null 2>&1"
                {
                    return None;
                }
                list(body, text, value, snapshot)?;
            }
            Some(())
        }
        _ => None,
    }
}

fn statement(simple: &Simple, command: &Command, text: &[u8], value: Known<'_>, snapshot: &mut Snapshot) -> Option<()> {
    if !simple.assigns.is_empty() {
        // A plain assignment of a constant to a name that steers nothing.
        return (simple.words.is_empty()
            && simple.assigns.iter().all(|assign| {
                let constant = matches!(&assign.value, AssignValue::Scalar(word) if literal(word).is_some());
                constant && assign.subscript.is_none() && !is_dropped(&assign.name) && assign.name != b"PATH"
            }))
        .then_some(());
    }
    let words: Option<Vec<Vec<u8>>> = simple.words.iter().map(literal).collect();
    let words = words?;
    let (name, rest) = words.split_first()?;
    match name.as_slice() {
        b"true" | b":" => Some(()),
        b"unalias" | b"shopt" | b"set" | b"setopt" | b"unsetopt" => Some(()),
        b"alias" => {
            for word in rest.iter().filter(|word| word.as_slice() != b"--") {
                let at = word.iter().position(|byte| *byte == b'=')?;
                let name = word.get(..at)?.to_vec();
                if FRAME.contains(&name.as_slice()) {
                    return None;
                }
                snapshot.definitions.push((name, command.span.of(text).to_vec()));
            }
            Some(())
        }
        b"export" | b"declare" | b"typeset" => {
            for word in rest {
                if matches!(word.as_slice(), b"-x" | b"-rx" | b"--") {
                    continue;
                }
                let Some(at) = word.iter().position(|byte| *byte == b'=') else {
                    if word.starts_with(b"-") {
                        return None;
                    }
                    continue;
                };
                let (name, given) = (word.get(..at)?, word.get(at + 1..)?);
                if name == b"PATH" {
                    snapshot.path = Some(given.to_vec());
                } else if is_dropped(name) && !value(name, given) {
                    return None;
                }
            }
            Some(())
        }
        _ => None,
    }
}

/// The bytes of a word that is constant.
fn literal(word: &Word) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for piece in &word.pieces {
        match &piece.kind {
            PieceKind::Literal(part) | PieceKind::Escaped(part) | PieceKind::Single(part) | PieceKind::AnsiC(part) => {
                text.extend_from_slice(part);
            }
            PieceKind::Double(inner) => {
                for piece in inner {
                    match &piece.kind {
                        PieceKind::Literal(part) | PieceKind::Escaped(part) => text.extend_from_slice(part),
                        _ => return None,
                    }
                }
            }
            // A tilde in an alias or an export stands for a home: known, but not here.
            _ => return None,
        }
    }
    Some(text)
}
