//! Takes argv and the executed name; gives an [`Invocation`]: which face, which form, which text.
//! Guarantees: every form that a real shell has is read as that shell reads it; what no shell has is a [`Failure`];
//! the text judged is the text that runs, or stands for it word for word. Pure: text on standard input and snapshot
//! files are handed in. Does not: judge, read descriptors, run.

pub mod envelope;
pub mod face;
pub mod line;
pub mod option;
pub mod snapshot;

pub use envelope::Envelope;
pub use face::{Face, Shell};
pub use line::Line;
pub use option::Options;

use crate::action::walk::Commands;
use crate::exit::Failure;
use crate::parse::Dialect;

/// The longest line or script we look at. Longer is refused.
pub const LONGEST: usize = 1 << 20;

/// How we were called.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// Which face.
    pub face: Face,
    /// The words as the client gave them, `argv[0]` first; what was meant for us alone (`--root`, `--as`) is taken off.
    pub argv: Vec<Vec<u8>>,
    /// Where the text comes from.
    pub form: Form,
    /// The shell's own options.
    pub options: Options,
    /// What is judged.
    pub line: Line,
    /// The client's wrapping, recognised in its exact shape.
    pub envelope: Option<Envelope>,
    /// The record of the running shell that the line is for.
    pub within: Option<String>,
}

/// Where the text of an invocation comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `-c TEXT [ZERO [ARG…]]`
    Command {
        /// `$0` and the positional parameters.
        positional: Vec<Vec<u8>>,
    },
    /// `FILE [ARG…]`
    File {
        /// The script, as written.
        path: Vec<u8>,
        /// Its arguments.
        arguments: Vec<Vec<u8>>,
    },
    /// Text on standard input (`-s`, or nothing to run).
    Stdin {
        /// The positional parameters.
        arguments: Vec<Vec<u8>>,
    },
    /// argv is the action.
    Tool,
    /// `--version`, `--help`: nothing is run.
    #[default]
    Report,
}

impl Invocation {
    /// Reads `argv` as the shell `shell` would.
    pub fn of_shell(shell: Shell, argv: Vec<Vec<u8>>) -> Result<Invocation, Failure> {
        let read = option::read(shell, &argv)?;
        let plain = read.options == Options::default() && read.form == Form::Command { positional: Vec::new() };
        if let Some((inner, words)) = read.text.as_deref().filter(|_| plain).and_then(bare_shell) {
            return Invocation::of_shell(inner, words);
        }
        let mut invocation = Invocation {
            face: Face::Shell(shell),
            argv,
            form: read.form,
            options: read.options,
            ..Invocation::default()
        };
        if let Some(text) = read.text {
            invocation.take_text(text)?;
        } else if let Form::File { path, arguments } = &invocation.form {
            let mut words = vec![shell.name().to_vec(), b"--".to_vec(), path.clone()];
            words.extend_from_slice(arguments);
            invocation.line = Line::of_words(&words, shell.dialect());
        }
        Ok(invocation)
    }

    /// Reads `argv` as a call of the tool named by its first word.
    #[must_use]
    pub fn of_tool(name: Vec<u8>, argv: Vec<Vec<u8>>) -> Invocation {
        let mut words = argv.clone();
        if let Some(first) = words.first_mut() {
            first.clone_from(&name);
        }
        let line = Line::of_words(&words, Dialect::Bash);
        Invocation { face: Face::Tool(name), argv, form: Form::Tool, line, ..Invocation::default() }
    }

    /// The text that came on standard input becomes the line.
    pub fn take_stdin(&mut self, text: Vec<u8>) -> Result<(), Failure> {
        self.take_text(text)
    }

    /// Text will come on standard input, line by line: what holds before the first. `typed`: at a terminal.
    pub fn expect_stdin(&mut self, typed: bool) -> Result<(), Failure> {
        let words = matches!(&self.form, Form::Stdin { arguments } if !arguments.is_empty());
        let why = match self.face {
            Face::Shell(Shell::Zsh) => "the lines of zsh cannot be told apart as they arrive",
            Face::Shell(_) if typed && words => "an interactive shell takes no words here",
            Face::Shell(_) | Face::Tool(_) | Face::Command => {
                self.take_text(Vec::new())?;
                self.line = self.line_before(typed);
                self.options.interactive |= typed;
                return Ok(());
            }
        };
        Err(Failure::closed(
            "shell.endless-input",
            "a script on a standard input that does not end",
            why,
            "give the command with -c, or close the script's end",
        ))
    }

    /// What holds before the first of several lines: the settings of the call, and its parameters. `asks`: the shell is interactive.
    #[must_use]
    pub fn line_before(&self, asks: bool) -> Line {
        let line = Line::of_text(Vec::new(), self.line.dialect).with_parameters(self.line.positional.clone());
        let line = line.under(self.options.settings_as_text());
        Line { commands: Commands::Own, aliases: asks, ..line }
    }

    /// The next line that came on standard input, for the running shell of the record `within`.
    pub fn next(&self, text: Vec<u8>, within: Option<String>) -> Result<Invocation, Failure> {
        check_text(&text).map_err(|failure| failure.about(&text))?;
        let line = Line::of_text(text, self.line.dialect).with_parameters(self.line.positional.clone());
        let line = Line { commands: Commands::Own, aliases: self.options.interactive, ..line };
        Ok(Invocation { line, within, ..self.clone() })
    }

    fn take_text(&mut self, text: Vec<u8>) -> Result<(), Failure> {
        check_text(&text).map_err(|failure| failure.about(&text))?;
        let dialect = match &self.face {
            Face::Shell(shell) => shell.dialect(),
            Face::Tool(_) | Face::Command => Dialect::Bash,
        };
        let words = match &self.form {
            Form::Command { positional } => positional.clone(),
            Form::Stdin { arguments } if !arguments.is_empty() => {
                let mut words = vec![self.argv.first().cloned().unwrap_or_default()];
                words.extend_from_slice(arguments);
                words
            }
            Form::Stdin { .. } | Form::File { .. } | Form::Tool | Form::Report => Vec::new(),
        };
        // A client's wrapping comes alone.
        if words.is_empty() && self.options.settings.is_empty() && matches!(self.form, Form::Command { .. }) {
            self.envelope = envelope::recognise(&text);
        }
        self.line = Line::of_text(text, dialect).behind(&self.options.settings_as_text()).with_parameters(words);
        self.line.aliases = self.options.interactive;
        if matches!(self.form, Form::Stdin { .. }) {
            self.line.commands = Commands::Stdin;
        }
        Ok(())
    }

    /// The shell of the shell face.
    #[must_use]
    pub fn shell(&self) -> Option<Shell> {
        match self.face {
            Face::Shell(shell) => Some(shell),
            Face::Tool(_) | Face::Command => None,
        }
    }
}

/// The shell that a line is and nothing else, where that reads its script on standard input (`ssh host bash`): the shell we were
/// called as would become it, so that we are it at once.
fn bare_shell(text: &[u8]) -> Option<(Shell, Vec<Vec<u8>>)> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" -_./".contains(byte);
    if !text.iter().all(plain) {
        return None;
    }
    let words = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let words: Vec<Vec<u8>> = words.map(<[u8]>::to_vec).collect();
    let first = words.first()?;
    let name = [&b"/bin/"[..], b"/usr/bin/"].iter().find_map(|folder| first.strip_prefix(*folder));
    let shell = Shell::of_name(name.unwrap_or(first)).filter(|shell| *shell != Shell::Zsh)?;
    let reads = matches!(option::read(shell, &words).ok()?.form, Form::Stdin { .. });
    reads.then_some((shell, words))
}

/// Text no shell can be given, or too much of it.
pub fn check_text(text: &[u8]) -> Result<(), Failure> {
    if text.len() > LONGEST {
        return Err(Failure::closed(
            "core.cap",
            format!("a line of {} bytes", text.len()),
            format!("more than {LONGEST} bytes cannot be judged"),
            "put the text into a file in the workspace and run that",
        ));
    }
    if text.contains(&0) {
        return Err(Failure::closed(
            "core.control-bytes",
            "a line with a NUL byte",
            "the shell would not read what is judged",
            "remove the NUL byte",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_a_shell_alone_is_that_shell() {
        let of = |text: &str| {
            let argv = ["bash", "-c", text].map(|word| word.as_bytes().to_vec()).to_vec();
            Invocation::of_shell(Shell::Bash, argv).expect("a form").form
        };
        for text in ["bash", "/bin/sh", " sh -s a b", "/usr/bin/bash -l", "dash"] {
            assert!(matches!(of(text), Form::Stdin { .. }), "{text}");
        }
        for text in [
            "bash x.sh",
            "bash -c x",
            "/tmp/bash",
            "./bash",
            "zsh",
            "bash;",
            "bash <x",
            "bash\n",
            "\\bash",
            "bash --version",
            "x=1 bash",
        ] {
            assert!(matches!(of(text), Form::Command { .. }), "{text}");
        }
    }
}
