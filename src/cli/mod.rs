//! The command face. Takes the words after `vetsh`; gives answers on stdout, talk on stderr, and an exit code: 0 yes, 1 the answer
//! is no, 2 usage or a bad file. Guarantees: it judges by the same function as enforcement; nothing here launches a line.
//! Does not: decide, run.

mod answer;
mod approvals;
mod arguments;
mod audit;
mod batch;
mod bench;
mod change;
mod check;
mod doctor;
mod explain;
mod generate;
mod grants;
mod passphrase;
mod policy;
mod recorded;
pub mod repair;
mod review;
mod run;
mod session;
mod setup;
mod sign;
mod trust;
mod walls;
mod watch;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use clap::Parser;

use answer::Answer;
use arguments::{Arguments, Carry, Verb};

/// The way in of the command face. `argv[0]` first.
#[must_use]
pub fn main(argv: Vec<Vec<u8>>) -> u8 {
    if passphrase::is_asked(&argv) {
        return match argv.get(1).map(|question| passphrase::ask(question)) {
            Some(Ok(Answer::Yes)) => 0,
            _ => 1,
        };
    }
    let words = argv.into_iter().map(OsString::from_vec);
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let answer = match &arguments.verb {
        Verb::Check(asked) => check::run(&arguments, asked),
        Verb::Explain(asked) => explain::run(&arguments, asked),
        Verb::Policy(verb) => policy::run(&arguments, verb),
        Verb::Trust(asked) => trust::run(&arguments, asked),
        Verb::Approvals(asked) if asked.watch => watch::run(&arguments),
        Verb::Approvals(asked) => match &asked.carry {
            Some(Carry::Export { id, folder }) => sign::export(&arguments, id, folder),
            Some(Carry::Import { files }) => sign::import(&arguments, files),
            None => approvals::list(&arguments, asked),
        },
        Verb::Approve(asked) => approvals::approve(&arguments, asked),
        Verb::Deny(asked) => approvals::deny(&arguments, asked),
        Verb::Grants(asked) => grants::run(&arguments, asked),
        Verb::Review(asked) => review::run(&arguments, asked),
        Verb::Session(verb) => session::run(&arguments, verb),
        Verb::Audit(verb) => audit::run(&arguments, verb),
        Verb::Doctor(asked) => doctor::run(&arguments, asked),
        Verb::Run(asked) => run::run(&arguments, asked),
        Verb::Setup(asked) => setup::run(&arguments, asked),
        Verb::Writer => match crate::audit::writer::serve() {
            Ok(never) => match never {},
            Err(error) => Err(answer::Problem(error.to_string())),
        },
        Verb::Generate(what) => generate::run(what),
    };
    match answer {
        Ok(Answer::Yes) => 0,
        Ok(Answer::No) => 1,
        Ok(Answer::Code(code)) => code,
        Err(problem) => {
            eprintln!("vetsh: {problem}");
            2
        }
    }
}
