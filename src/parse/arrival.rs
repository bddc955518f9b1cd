//! Text that arrives bit by bit: whether a complete line of commands is there yet, as bash would say before it runs it.

use super::ast::{Dialect, Script};
use super::cursor::Parser;
use super::limits::MAX_BYTES;
use super::modes::Modes;
use super::state::{State, Stop};

/// What has arrived.
#[derive(Debug)]
pub enum Arrival {
    /// Blanks and comments alone.
    Nothing,
    /// A command that has not ended: more must come before it can be read; where a word is given, a line that begins with it,
    /// tabs aside.
    Unfinished(Option<Vec<u8>>),
    /// A complete line.
    Line(Box<Arrived>),
}

/// A complete line of commands.
#[derive(Debug)]
pub struct Arrived {
    /// What it is.
    pub script: Script,
    /// Where its last command ends: comments, blanks and heredoc bodies stand behind that. `None` where that is not known: what
    /// is to follow the line belongs on a line of its own.
    pub end: Option<End>,
    /// All of it was read as bash reads it: it ends where it ends for bash.
    pub read: bool,
    /// The grammar that the next line is read by.
    pub modes: Modes,
}

/// Where the last command of a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Behind this many bytes.
    pub at: usize,
    /// With the `&` that sends it to the background.
    pub background: bool,
}

/// Reads `source`, which ends with a newline or with the end of the input (`last`), by the grammar that earlier lines left.
#[must_use]
pub fn arrival(source: &[u8], dialect: Dialect, modes: &Modes, last: bool) -> Arrival {
    let mut state = State::new(dialect, source.len());
    state.modes = modes.clone();
    let mut stop = match modes.lost() {
        _ if source.len() > MAX_BYTES => Some(Stop::cap("longer than 1 MiB")),
        _ if source.contains(&0) => Some(Stop::new("a NUL byte")),
        why => why.map(Stop::new),
    };
    let mut parser = Parser::new(source, None, &mut state);
    let mut items = Vec::with_capacity(1);
    let mut end = None;
    if parser.newlines().is_ok() && parser.peek().is_none() {
        // A backslash before the newline joins the next line to this one.
        let joined = !last && source.trim_ascii_start().ends_with(b"\\\n") && !source.contains(&b'#');
        return if joined { Arrival::Unfinished(None) } else { Arrival::Nothing };
    }
    let start = parser.pos;
    if stop.is_none() {
        match parser.line(&mut items) {
            Ok(line) => {
                let heredoc = parser.state.open_heredoc.clone();
                let open = heredoc.is_some()
                    || parser.state.opaque.iter().any(|opaque| opaque.span.end as usize >= source.len());
                if !last && (!line.newline || open) {
                    return Arrival::Unfinished(heredoc);
                }
                if parser.pos < source.len() {
                    stop = Some(Stop::new("more than one line"));
                }
                let last = items.last().and_then(|item| item.rest.last().map(|(_, next)| next).or(Some(&item.first)));
                let ending = last.is_some_and(|pipeline| !pipeline.commands.is_empty());
                end = ending.then_some(End { at: line.commands, background: line.background });
            }
            Err(stopped) if stopped.ended && !last => return Arrival::Unfinished(None),
            Err(stopped) => stop = Some(stopped),
        }
    }
    match &stop {
        Some(stop) => {
            end = None;
            items.clear();
            let rest = parser.opaque_rest(start, stop);
            items.push(rest);
            parser.state.modes.lose("an earlier line could not be read");
        }
        None => {
            parser.state.modes.observe(&items);
        }
    }
    let body = parser.finish(items, start);
    let (modes, read) = (state.modes.clone(), state.opaque.is_empty());
    Arrival::Line(Box::new(Arrived { script: super::script(body, state), end, read, modes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: &str) -> String {
        match arrival(source.as_bytes(), Dialect::Bash, &Modes::new(Dialect::Bash), false) {
            Arrival::Nothing => "nothing".into(),
            Arrival::Unfinished(_) => "unfinished".into(),
            Arrival::Line(line) => match line.end {
                Some(end) => source[..end.at].to_owned(),
                None => "opaque".into(),
            },
        }
    }

    #[test]
    fn a_line_is_complete_when_bash_would_run_it() {
        for (source, want) in [
            ("echo a\n", "echo a"),
            ("  echo a ;\n", "  echo a"),
            ("echo a # x\n", "echo a"),
            ("a & b &\n", "a & b &"),
            ("a && b || c > d 2>&1 # x\n", "a && b || c > d 2>&1"),
            ("cat <<E | wc\nx\nE\n", "cat <<E | wc"),
            ("x=$(cat <<E\n)\nE\n)\n", "x=$(cat <<E\n)\nE\n)"),
            ("f() {\n :\n} 2>x\n", "f() {\n :\n} 2>x"),
            ("if a; then\n b\nfi >x &\n", "if a; then\n b\nfi >x &"),
            ("echo a \\\nb\n", "echo a \\\nb"),
            ("((1+1))\n", "((1+1))"),
            ("echo `a\nb`\n", "echo `a\nb`"),
            ("! # x\n", "opaque"),
            ("echo hi)\n", "opaque"),
            ("foo )\n", "opaque"),
            ("fi\n", "opaque"),
            ("a ;; b\n", "opaque"),
            ("a | | b\n", "opaque"),
            ("f() echo\n", "opaque"),
            ("if ; then\n", "opaque"),
        ] {
            assert_eq!(told(source), want, "{source:?}");
        }
    }

    #[test]
    fn what_is_not_complete_waits_for_more() {
        for source in [
            "echo 'a\n",
            "echo \"a\n",
            "echo $'a\n",
            "echo `a\n",
            "echo $(a\n",
            "echo ${a\n",
            "echo ${a:-'x\n",
            "a &&\n",
            "a ||\n",
            "a |\n",
            "a \\\n",
            "{ a\n",
            "( a\n",
            "if a\n",
            "if a; then\n",
            "while a; do\n b\n",
            "for a\n",
            "for a in b\n",
            "for ((a;b\n",
            "case a in\n",
            "case a in b)\n",
            "case a\n",
            "f()\n",
            "f() {\n",
            "function f\n",
            "[[ a &&\n",
            "[[ a\n",
            "(( 1 +\n",
            "echo $((1 +\n",
            "cat <<E\n",
            "cat <<E\nx\n",
            "cat <<E <<F\nE\n",
            "x=$(cat <<E\nx\n",
            "a=(b\n",
            "a[1\n",
            "select a in b\n",
            "until a\n",
            "echo <(a\n",
            "coproc {\n",
            "time {\n",
            "\\\n",
            "echo \"$(echo 'x\n",
        ] {
            assert_eq!(told(source), "unfinished", "{source:?}");
        }
        for source in ["\n", "# x\n", "  \n\n# y\n"] {
            assert_eq!(told(source), "nothing", "{source:?}");
        }
    }

    #[test]
    fn what_a_line_changes_in_the_grammar_holds_for_the_next() {
        let bash = Modes::new(Dialect::Bash);
        let after = |modes: &Modes, source: &str| match arrival(source.as_bytes(), Dialect::Bash, modes, false) {
            Arrival::Line(line) => (line.end.is_some(), line.modes),
            other => panic!("{other:?}"),
        };
        assert!(!after(&bash, "echo @(a|b)\n").0);
        let (_, extended) = after(&bash, "shopt -s extglob\n");
        assert!(after(&extended, "echo @(a|b)\n").0);
        let (_, posix) = after(&bash, "set -o posix\n");
        assert!(!after(&posix, "echo a\n").0);
    }
}
