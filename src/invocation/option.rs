//! Reading a shell's own options, as that shell reads them: long options first, then clusters of letters, and the command
//! string is the first word after all options.

use super::{Form, Shell};
use crate::exit::Failure;

/// The shell's own options, as far as they change what runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Reads login start-up files.
    pub login: bool,
    /// Asked to be interactive.
    pub interactive: bool,
    /// Reads no `~/.bashrc` (zsh: no start-up files at all).
    pub norc: bool,
    /// Reads no login start-up files.
    pub noprofile: bool,
    /// The file to read instead of `~/.bashrc`.
    pub rcfile: Option<Vec<u8>>,
    /// Privileged or POSIX mode, as asked for by option.
    pub posix: bool,
    /// Settings that change how the text is read: each a command that would make them.
    pub settings: Vec<Vec<u8>>,
}

impl Options {
    /// The settings as text to stand before the line.
    #[must_use]
    pub fn settings_as_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for setting in &self.settings {
            text.extend_from_slice(setting);
            text.push(b'\n');
        }
        text
    }
}

/// What a call says.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    pub form: Form,
    pub options: Options,
    /// The text of `-c`.
    pub text: Option<Vec<u8>>,
}

/// bash's long options; the second says whether a word follows.
const BASH_LONG: &[(&[u8], bool)] = &[
    (b"debug", false),
    (b"debugger", false),
    (b"dump-po-strings", false),
    (b"dump-strings", false),
    (b"help", false),
    (b"init-file", true),
    (b"login", false),
    (b"noediting", false),
    (b"noprofile", false),
    (b"norc", false),
    (b"posix", false),
    (b"pretty-print", false),
    (b"protected", false),
    (b"rcfile", true),
    (b"restricted", false),
    (b"verbose", false),
    (b"version", false),
    (b"wordexp", false),
];

const BASH_LETTERS: &[u8] = b"abefhikmnprtuvxBCDEHPTcslo";
const DASH_LETTERS: &[u8] = b"abCeEfhiIlmnpqsuvVxco";

/// Reads the words of a call of `shell`.
pub(super) fn read(shell: Shell, argv: &[Vec<u8>]) -> Result<Read, Failure> {
    let mut reading =
        Reading { shell, argv, at: 1, read: Read::default(), command: false, stdin: false, report: false };
    reading.read.options.login = argv.first().is_some_and(|name| name.starts_with(b"-"));
    match shell {
        Shell::Bash | Shell::Sh => reading.long_options()?,
        Shell::Zsh | Shell::Dash => {}
    }
    reading.letters()?;
    reading.finish()
}

struct Reading<'a> {
    shell: Shell,
    argv: &'a [Vec<u8>],
    at: usize,
    read: Read,
    command: bool,
    stdin: bool,
    report: bool,
}

impl<'a> Reading<'a> {
    fn word(&self, at: usize) -> Option<&'a [u8]> {
        self.argv.get(at).map(Vec::as_slice)
    }

    /// bash takes its long options with one dash or two, and only before any other.
    fn long_options(&mut self) -> Result<(), Failure> {
        while let Some(word) = self.word(self.at) {
            let Some(one) = word.strip_prefix(b"-") else { return Ok(()) };
            let (name, double) = one.strip_prefix(b"-").map_or((one, false), |name| (name, true));
            if name.is_empty() {
                return Ok(());
            }
            let Some((name, follows)) = BASH_LONG.iter().find(|(known, _)| *known == name) else {
                return if double { Err(self.unknown(word)) } else { Ok(()) };
            };
            let mut value = None;
            if *follows {
                self.at += 1;
                value = Some(self.word(self.at).ok_or_else(|| self.lacking(word))?.to_vec());
            }
            self.at += 1;
            self.long(name, value);
        }
        Ok(())
    }

    fn long(&mut self, name: &[u8], value: Option<Vec<u8>>) {
        let options = &mut self.read.options;
        match name {
            b"login" => options.login = true,
            b"norc" => options.norc = true,
            b"noprofile" => options.noprofile = true,
            b"posix" => options.posix = true,
            b"init-file" | b"rcfile" => options.rcfile = value,
            b"help" | b"version" => self.report = true,
            _ => {}
        }
    }

    fn letters(&mut self) -> Result<(), Failure> {
        while let Some(word) = self.word(self.at) {
            let Some((sign @ (b'-' | b'+'), letters)) = word.split_first() else { return Ok(()) };
            if *sign == b'-' && (letters.is_empty() || letters == b"-") {
                self.at += 1;
                return Ok(());
            }
            if let Some(name) = letters.strip_prefix(b"-").filter(|_| *sign == b'-') {
                self.dashed_name(word, name)?;
                self.at += 1;
                continue;
            }
            if letters.is_empty() {
                // A lone `+` ends the options in zsh and is an empty cluster in the others.
                self.at += 1;
                continue;
            }
            self.at += 1;
            let mut rest = letters;
            while let Some((letter, after)) = rest.split_first() {
                rest = after;
                if self.letter(*sign, *letter, &mut rest, word)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// `--name` among the letters: zsh knows every option by its name, the others none.
    fn dashed_name(&mut self, word: &[u8], name: &[u8]) -> Result<(), Failure> {
        let shaped = name.iter().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(byte));
        match self.shell {
            Shell::Zsh if shaped => {
                match name {
                    b"version" | b"help" => self.report = true,
                    b"login" => self.read.options.login = true,
                    b"no-rcs" | b"norcs" => self.read.options.norc = true,
                    b"emulate" => return Err(self.unknown(word)),
                    name => self.read.options.settings.push([b"setopt ", name].concat()),
                }
                Ok(())
            }
            Shell::Zsh | Shell::Bash | Shell::Sh | Shell::Dash => Err(self.unknown(word)),
        }
    }

    /// One letter of a cluster. `true`: the options end here.
    fn letter(&mut self, sign: u8, letter: u8, rest: &mut &[u8], word: &[u8]) -> Result<bool, Failure> {
        let known = match self.shell {
            Shell::Bash => BASH_LETTERS.contains(&letter) || letter == b'O',
            Shell::Sh => BASH_LETTERS.contains(&letter) || DASH_LETTERS.contains(&letter) || letter == b'O',
            Shell::Dash => DASH_LETTERS.contains(&letter),
            Shell::Zsh => letter.is_ascii_alphanumeric(),
        };
        if !known {
            return Err(self.unknown(word));
        }
        let on = sign == b'-';
        let zsh = self.shell == Shell::Zsh;
        match letter {
            b'c' => self.command = true,
            b's' => self.stdin = true,
            b'l' => self.read.options.login = on,
            b'i' => self.read.options.interactive = on,
            b'o' => self.named(b"set", sign, rest, word)?,
            b'O' if !zsh => self.named(b"shopt", sign, rest, word)?,
            b'f' if zsh => self.read.options.norc = on,
            b'b' if zsh && on => return Ok(true),
            b'a' | b'f' | b'k' | b'B' if !zsh => {
                self.read.options.settings.push([b"set ", &[sign, letter][..]].concat());
            }
            b'a' if zsh => self.read.options.settings.push(vec![b's', b'e', b't', b' ', sign, letter]),
            _ => {}
        }
        Ok(false)
    }

    /// `-o name`, `-O name`: the name is the next word (in zsh the rest of this one may be it).
    fn named(&mut self, command: &[u8], sign: u8, rest: &mut &[u8], word: &[u8]) -> Result<(), Failure> {
        let name = if self.shell == Shell::Zsh && !rest.is_empty() {
            std::mem::take(rest)
        } else if let Some(next) = self.word(self.at) {
            self.at += 1;
            next
        } else if self.shell == Shell::Zsh || self.shell == Shell::Dash {
            return Err(self.lacking(word));
        } else {
            // bash lists its settings and goes on.
            return Ok(());
        };
        if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte)) {
            return Err(self.unknown(word));
        }
        let harmless: &[&[u8]] = &[
            b"errexit",
            b"nounset",
            b"pipefail",
            b"xtrace",
            b"verbose",
            b"noclobber",
            b"hashall",
            b"monitor",
            b"notify",
            b"noexec",
            b"physical",
            b"errtrace",
            b"functrace",
            b"emacs",
            b"vi",
            b"ignoreeof",
            b"nolog",
            b"onecmd",
        ];
        match (command, name) {
            (_, b"posix") => self.read.options.posix = sign == b'-',
            (b"set", name) if harmless.contains(&name) => {}
            (b"set", name) => self.read.options.settings.push([b"set ", &[sign][..], b"o ", name].concat()),
            (_, name) => {
                let flag: &[u8] = if sign == b'-' { b"shopt -s " } else { b"shopt -u " };
                self.read.options.settings.push([flag, name].concat());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Read, Failure> {
        let rest: Vec<Vec<u8>> = self.argv.get(self.at..).unwrap_or_default().to_vec();
        let mut rest = rest.into_iter();
        self.read.form = if self.report {
            Form::Report
        } else if self.command {
            let text = rest.next().ok_or_else(|| self.lacking(b"-c"))?;
            self.read.text = Some(text);
            Form::Command { positional: rest.collect() }
        } else if self.stdin {
            Form::Stdin { arguments: rest.collect() }
        } else if let Some(path) = rest.next() {
            Form::File { path, arguments: rest.collect() }
        } else {
            Form::Stdin { arguments: Vec::new() }
        };
        Ok(self.read)
    }

    fn unknown(&self, word: &[u8]) -> Failure {
        Failure::closed(
            "shell.unknown-option",
            format!("the option {} of {}", String::from_utf8_lossy(word), String::from_utf8_lossy(self.shell.name())),
            "no such shell has it, so nobody knows which word is the command",
            "call the shell with options it has",
        )
    }

    fn lacking(&self, word: &[u8]) -> Failure {
        Failure::closed(
            "shell.missing-word",
            format!("{} without a word after it", String::from_utf8_lossy(word)),
            "the shell itself would refuse it",
            "give the word",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shell: Shell, words: &[&str]) -> Result<Read, &'static str> {
        let argv: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        read(shell, &argv).map_err(|failure| failure.rule)
    }

    fn text(shell: Shell, words: &[&str]) -> Option<String> {
        of(shell, words).expect("a form the shell has").text.map(|text| String::from_utf8(text).expect("text"))
    }

    #[test]
    fn the_command_is_the_first_word_after_all_options() {
        for words in [
            &["bash", "-c", "S"][..],
            &["bash", "-lc", "S"],
            &["bash", "-ec", "S"],
            &["bash", "-xlc", "S"],
            &["bash", "-c", "-l", "S"],
            &["bash", "-l", "-c", "S"],
            &["bash", "-c", "--", "S"],
            &["bash", "-c", "-", "S"],
            &["bash", "--norc", "--noprofile", "-c", "S"],
            &["bash", "-norc", "-c", "S"],
            &["bash", "-o", "pipefail", "-c", "S"],
            &["bash", "-co", "pipefail", "S"],
            &["bash", "+o", "posix", "-c", "S"],
            &["bash", "-O", "extglob", "-c", "S"],
            &["bash", "--rcfile", "F", "-i", "-c", "S"],
            &["bash", "--init-file", "F", "-c", "S"],
            &["bash", "--posix", "-c", "+e", "S"],
            &["-bash", "-c", "S"],
            &["bash", "-c", "S", "zero", "-x"],
        ] {
            assert_eq!(text(Shell::Bash, words).as_deref(), Some("S"), "{words:?}");
        }
        assert_eq!(text(Shell::Zsh, &["zsh", "-c", "-l", "S"]).as_deref(), Some("S"));
        assert_eq!(text(Shell::Zsh, &["zsh", "-fc", "S"]).as_deref(), Some("S"));
        assert_eq!(text(Shell::Zsh, &["zsh", "-oextendedglob", "-c", "S"]).as_deref(), Some("S"));
        assert_eq!(text(Shell::Dash, &["dash", "-ec", "S"]).as_deref(), Some("S"));
        assert_eq!(text(Shell::Sh, &["sh", "-c", "S", "x"]).as_deref(), Some("S"));
    }

    #[test]
    fn a_word_after_the_command_is_not_the_command() {
        let read = of(Shell::Bash, &["bash", "-c", "S", "zero", "one"]).expect("a form bash has");
        assert_eq!(read.form, Form::Command { positional: vec![b"zero".to_vec(), b"one".to_vec()] });
    }

    #[test]
    fn files_and_standard_input() {
        let form = |words: &[&str]| of(Shell::Bash, words).expect("a form bash has").form;
        let file = |path: &str, arguments: &[&str]| Form::File {
            path: path.into(),
            arguments: arguments.iter().map(|word| word.as_bytes().to_vec()).collect(),
        };
        assert_eq!(form(&["bash", "x.sh", "-c", "y"]), file("x.sh", &["-c", "y"]));
        assert_eq!(form(&["bash", "-e", "--", "-c"]), file("-c", &[]));
        assert_eq!(form(&["bash"]), Form::Stdin { arguments: vec![] });
        assert_eq!(form(&["bash", "-"]), Form::Stdin { arguments: vec![] });
        assert_eq!(form(&["bash", "-s", "a"]), Form::Stdin { arguments: vec![b"a".to_vec()] });
        assert_eq!(form(&["bash", "--version"]), Form::Report);
    }

    #[test]
    fn options_that_no_shell_has_are_refused() {
        for words in [
            &["bash", "--bogus"][..],
            &["bash", "-c", "--norc", "S"],
            &["bash", "-Z", "-c", "S"],
            &["bash", "-c-", "S"],
        ] {
            assert_eq!(of(Shell::Bash, words).err(), Some("shell.unknown-option"), "{words:?}");
        }
        assert_eq!(of(Shell::Dash, &["dash", "--norc"]).err(), Some("shell.unknown-option"));
        assert_eq!(of(Shell::Bash, &["bash", "-c"]).err(), Some("shell.missing-word"));
        assert_eq!(of(Shell::Bash, &["bash", "--rcfile"]).err(), Some("shell.missing-word"));
    }

    #[test]
    fn what_changes_the_reading_of_the_line_stands_before_it() {
        let settings = |words: &[&str]| {
            String::from_utf8(of(Shell::Bash, words).expect("a form bash has").options.settings_as_text())
                .expect("text")
        };
        assert_eq!(settings(&["bash", "-O", "extglob", "-c", "S"]), "shopt -s extglob\n");
        assert_eq!(settings(&["bash", "-kc", "S"]), "set -k\n");
        assert_eq!(settings(&["bash", "+O", "dotglob", "+B", "-c", "S"]), "shopt -u dotglob\nset +B\n");
        assert_eq!(settings(&["bash", "-o", "keyword", "-c", "S"]), "set -o keyword\n");
        assert_eq!(settings(&["bash", "-exuo", "pipefail", "-c", "S"]), "");
    }

    #[test]
    fn login_by_name_and_by_option() {
        for words in
            [&["-bash"][..], &["bash", "-l"], &["bash", "--login"], &["bash", "-login"], &["bash", "-c", "-l", "S"]]
        {
            assert!(of(Shell::Bash, words).expect("a form bash has").options.login, "{words:?}");
        }
    }
}
