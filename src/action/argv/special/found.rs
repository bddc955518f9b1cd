//! find's expression: which names what it acts on certainly has.

use crate::action::Value;

/// Tests and actions without an argument; the others take one.
const BARE: &[&[u8]] = &[
    b"-print",
    b"-print0",
    b"-delete",
    b"-prune",
    b"-empty",
    b"-ls",
    b"-quit",
    b"-true",
    b"-false",
    b"-depth",
    b"-d",
    b"-xdev",
    b"-mount",
    b"-follow",
    b"-daystart",
    b"-noleaf",
    b"-nouser",
    b"-nogroup",
    b"-readable",
    b"-writable",
    b"-executable",
    b"-warn",
    b"-nowarn",
    b"-ignore_readdir_race",
    b"-noignore_readdir_race",
    b"-X",
    b"-x",
];

/// The glob patterns one of which the last component of a path matches.
type Names<'a> = Vec<&'a [u8]>;

/// The names of what the action at `action` (an index into `argv`) is done to, of what the whole finds behind the end of
/// `argv`; `None`: any.
pub(super) fn names(argv: &[Value], action: usize) -> Option<Names<'_>> {
    let starts = |word: &Value| word.prefix().starts_with(b"-") || matches!(word.text(), Some(b"(" | b"!"));
    let options = argv.iter().skip(1).take_while(|word| matches!(word.text(), Some(b"-H" | b"-L" | b"-P"))).count();
    let from = argv.iter().skip(1 + options).position(starts)? + 1 + options;
    let mut expression = Expression { argv, at: from, action, found: None };
    let all = expression.either(None);
    if action >= argv.len() { all } else { expression.found.flatten() }
}

struct Expression<'a> {
    argv: &'a [Value],
    at: usize,
    action: usize,
    /// What was implied where the action was met.
    found: Option<Option<Names<'a>>>,
}

impl<'a> Expression<'a> {
    fn word(&self) -> Option<&'a [u8]> {
        self.argv.get(self.at)?.text()
    }

    /// `a -o b`; gives what is implied where it holds. `before`: what holds already.
    fn either(&mut self, before: Option<Names<'a>>) -> Option<Names<'a>> {
        let mut all = self.each(before.clone());
        while matches!(self.word(), Some(b"-o" | b"-or" | b",")) {
            let list = self.word() == Some(b",");
            self.at += 1;
            let next = self.each(before.clone());
            all = match (all, next) {
                (_, next) if list => next,
                (Some(mut all), Some(next)) => {
                    all.extend(next);
                    Some(all)
                }
                _ => None,
            };
        }
        all
    }

    /// `a -a b`, `a b`
    fn each(&mut self, before: Option<Names<'a>>) -> Option<Names<'a>> {
        let mut implied = before;
        while let Some(word) = self.argv.get(self.at) {
            match word.text() {
                Some(b"-o" | b"-or" | b"," | b")") => break,
                Some(b"-a" | b"-and") => self.at += 1,
                _ => {
                    let more = self.one(implied.clone());
                    implied = implied.or(more);
                }
            }
        }
        implied
    }

    fn one(&mut self, before: Option<Names<'a>>) -> Option<Names<'a>> {
        let Some(word) = self.word() else {
            self.at += 1;
            return None;
        };
        if self.at == self.action {
            self.found.get_or_insert(before.clone());
        }
        self.at += 1;
        match word {
            b"(" => {
                let inside = self.either(before);
                if self.word() == Some(b")") {
                    self.at += 1;
                }
                inside
            }
            b"!" | b"-not" => {
                self.one(before);
                None
            }
            b"-name" => {
                let pattern = self.word();
                self.at += 1;
                pattern.filter(|pattern| !pattern.contains(&b'/')).map(|pattern| vec![pattern])
            }
            b"-exec" | b"-execdir" | b"-ok" | b"-okdir" => {
                let end = |word: &Value| matches!(word.text(), Some(b";" | b"+"));
                let rest = self.argv.get(self.at..).unwrap_or_default();
                self.at += rest.iter().position(end).map_or(rest.len(), |end| end + 1);
                None
            }
            b"-fprintf" => {
                self.at += 2;
                None
            }
            word => {
                self.at += usize::from(!BARE.contains(&word));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Option<String> {
        let argv: Vec<Value> = line.split(' ').map(Value::known).collect();
        let action = line.split(' ').position(|word| matches!(word, "-delete" | "-exec"))?;
        let names = names(&argv, action)?;
        Some(names.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn names_that_hold_where_the_action_is() {
        for (line, want) in [
            ("find . -name a -delete", Some("a")),
            ("find . -type d -name a -prune -exec rm {} ;", Some("a")),
            ("find . ( -name a -o -name b ) -exec rm {} +", Some("a b")),
            ("find -L src -maxdepth 2 -name a -a -type f -delete", Some("a")),
            ("find . -name a -o -name b -delete", Some("b")),
            ("find . -not -name a -delete", None),
            ("find . ! -name a -type f -delete", None),
            ("find . -name a -o -delete", None),
            ("find . -delete -name a", None),
            ("find . ( -name a -o -type f ) -delete", None),
            ("find . -name a , -delete", None),
            ("find . -not ( -name a -delete )", Some("a")),
            ("find . -path -name -delete", None),
        ] {
            assert_eq!(shown(line).as_deref(), want, "{line}");
        }
    }
}
