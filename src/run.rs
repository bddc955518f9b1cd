//! Which face: `argv[0]` decides, and the name we were executed by must agree.

use std::io::Write;

use crate::cli::repair;
use crate::exec::real;
use crate::exit::{Code, Failure};
use crate::invocation::{Face, Invocation, Shell, envelope, face};
use crate::pipeline::{self, Call};
use crate::sys::start;

/// The way in: from our words, `argv[0]` first, to the exit code.
#[must_use]
pub fn main(argv: Vec<Vec<u8>>) -> u8 {
    let executed = start::executed_name();
    let linked = |name: &[u8]| executed.as_deref().is_some_and(|executed| real::is_linked(executed, name));
    let call = match face::decide(&argv, executed.as_deref(), &linked) {
        Ok(Face::Shell(shell)) => Call { root: None, profile: None, invocation: Invocation::of_shell(shell, argv) },
        Ok(Face::Tool(name)) => Call { root: None, profile: None, invocation: Ok(Invocation::of_tool(name, argv)) },
        Ok(Face::Command) => match as_shell(argv) {
            AsShell::Call(call) => call,
            AsShell::Verb(argv) => {
                start::default_sigpipe();
                let code = crate::cli::main(argv);
                // What a reader no longer wants is no error.
                let _ = std::io::stdout().flush();
                return code;
            }
        },
        Err(failure) => Call { root: None, profile: None, invocation: Err(failure) },
    };
    if call.root.is_some() {
        return pipeline::run(call);
    }
    let Some(asked) = call.invocation.as_ref().ok().and_then(repair::asked) else { return pipeline::run(call) };
    let profile = call.profile.clone();
    let code = pipeline::run(call);
    if code != Code::Failed.number() || !repair::is_needed() {
        return code;
    }
    repair::serve(asked)
        .unwrap_or_else(|invocation| pipeline::run(Call { root: None, profile, invocation: Ok(*invocation) }))
}

enum AsShell {
    Call(Call),
    Verb(Vec<Vec<u8>>),
}

/// `vetsh [--root DIR] [--profile NAME] --as SHELL …`, `vetsh [--root DIR] [--profile NAME] -c …`, and what a client makes of us as its command prefix; everything
/// else is a verb.
fn as_shell(argv: Vec<Vec<u8>>) -> AsShell {
    let mut rest = argv.get(1..).unwrap_or_default();
    let mut root = None;
    let mut shell = None;
    let mut profile = None;
    let mut called = argv.first().cloned().unwrap_or_default();
    loop {
        match rest {
            [option, value, after @ ..] if option == b"--root" && root.is_none() => {
                root = Some(value.clone());
                rest = after;
            }
            [option, value, after @ ..] if option == b"--profile" && profile.is_none() => {
                profile = Some(value.clone());
                rest = after;
            }
            [option, value, after @ ..] if option == b"--as" && shell.is_none() => {
                let name = value.strip_prefix(b"-").unwrap_or(value);
                match Shell::of_name(face::base(name)) {
                    Some(known) => shell = Some(known),
                    None => return AsShell::Call(Call { root, profile, invocation: Err(no_such_shell(value)) }),
                }
                called.clone_from(value);
                rest = after;
            }
            _ => break,
        }
    }
    let bare = match rest {
        [first, ..] => first.starts_with(b"-") && !first.starts_with(b"--") && first.contains(&b'c'),
        [] => false,
    };
    match shell {
        Some(shell) => AsShell::Call(call(root, profile, shell, called, rest)),
        None if bare => AsShell::Call(call(root, profile, Shell::Bash, called, rest)),
        None => match rest {
            [text] if envelope::recognise(text).is_some() => {
                let words = [b"-c".to_vec(), text.clone()];
                AsShell::Call(call(root, profile, Shell::Bash, b"bash".to_vec(), &words))
            }
            _ => AsShell::Verb(argv),
        },
    }
}

fn call(root: Option<Vec<u8>>, profile: Option<Vec<u8>>, shell: Shell, called: Vec<u8>, rest: &[Vec<u8>]) -> Call {
    let mut argv = vec![called];
    argv.extend_from_slice(rest);
    Call { root, profile, invocation: Invocation::of_shell(shell, argv) }
}

fn no_such_shell(name: &[u8]) -> Failure {
    Failure::closed(
        "face.unknown-name",
        format!("--as {}", String::from_utf8_lossy(name)),
        "this is no shell we stand for",
        "use bash, sh, zsh or dash",
    )
}
