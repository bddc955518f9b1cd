//! Special readers: what a declaration cannot say, by program.

mod before;
mod cluster;
mod command;
mod config;
mod copy;
mod diff;
mod find;
mod found;
pub(super) mod git;
mod installed;
mod interpreter;
mod make;
mod media;
mod parallel;
mod shell;
mod stdin;
mod transfer;

use super::reader::Reader;
use super::split::Words;
use crate::action::{EffectKind, Object, Value};

pub(super) use before::{before, dashed};
pub(super) use config::{command as config_command, config, supposed as config_supposed};
pub(super) use find::fed;
pub(in crate::action) use find::{FED, FED_WHOLE, FOUND};
pub(in crate::action) use stdin::LISTED;
pub(super) use transfer::carries_stdin;

/// Reads an argv whole where the program has a reader of its own. Gives whether it did.
pub(super) fn read(reader: &mut Reader<'_>, name: &[u8], argv: &[Value]) -> bool {
    match name {
        b"bash" | b"sh" | b"dash" | b"ash" | b"zsh" | b"ksh" | b"-bash" | b"-sh" => shell::read(reader, name, argv),
        _ => return interpreter::read(reader, name, argv),
    }
    true
}

/// Adds to a declared reading what the declaration cannot say.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    match reader.reading.program.as_deref() {
        Some(b"git") => git::after(reader, words),
        Some(b"wget") if !words.any(&["-O", "--spider", "-V", "-h", "-i"]) => copy::fetched(reader, words),
        Some(b"curl") => {
            if words.any(&["-O", "--remote-name-all"]) {
                copy::fetched(reader, words);
            }
            transfer::curl(reader, words);
        }
        Some(
            b"aws" | b"gcloud" | b"gsutil" | b"az" | b"doctl" | b"flyctl" | b"vercel" | b"netlify" | b"heroku"
            | b"wrangler" | b"supabase" | b"firebase" | b"railway" | b"s3cmd" | b"stripe" | b"twilio" | b"sentry-cli",
        ) => transfer::cloud(reader, words),
        Some(b"http") => transfer::items(reader, words),
        Some(b"socat") => transfer::socat(reader, words),
        Some(b"ftp" | b"lftp") => transfer::batch(reader),
        Some(b"sftp") => {
            copy::fetched_from_host(reader, words);
            transfer::batch(reader);
        }
        Some(b"make" | b"gmake" | b"bmake") => make::after(reader, words),
        Some(b"convert") => media::image(reader, words),
        Some(b"ffmpeg" | b"ffprobe") => media::film(reader, words),
        Some(b"cmake") => make::cmake(reader, words),
        // They descend without being told.
        Some(b"rimraf" | b"del-cli" | b"trash") => {
            reader.reading.flags = reader.reading.flags.with(crate::action::Flag::Recursive);
        }
        Some(b"find") => find::after(reader, words),
        Some(b"fd") => find::each(reader, words),
        Some(b"rg" | b"ag") => {
            find::unrestricted(reader, words);
            find::narrowed(reader);
        }
        Some(b"grep") => {
            find::narrowed(reader);
            stdin::after(reader, words);
        }
        Some(b"gcc") => make::linked(reader),
        Some(b"go") => make::stamped(reader),
        Some(b"gh" | b"glab") if reader.reading.sub.get(1).is_some_and(|sub| sub == "checkout") => {
            let branch = Value::hole("the branch of a pull request", crate::action::Bound::Anything);
            reader.reading.moved.push(crate::action::Moved::Branch(branch));
        }
        Some(b"gh") if reader.reading.sub.first().is_some_and(|sub| sub == "release") => {
            transfer::assets(reader, words)
        }
        Some(b"gh") if reader.reading.sub == ["pr", "create"] => git::draft(reader, words, b"github.com"),
        Some(b"glab") if reader.reading.sub == ["mr", "create"] => git::draft(reader, words, b"gitlab.com"),
        Some(b"php") => interpreter::verbs(reader, words),
        Some(b"kubectl") => cluster::kubectl(reader, words),
        Some(b"helm") => cluster::helm(reader, words),
        Some(b"xargs") => find::replacements(reader, words),
        Some(b"parallel") => parallel::after(reader, words),
        Some(b"tar") => copy::archive(reader, words),
        Some(b"gzip" | b"bzip2" | b"xz" | b"zstd") => copy::unpacked(reader, words),
        // `runuser -u NAME -- COMMAND`
        Some(b"su") if words.any(&["-u"]) && !words.operands.is_empty() => reader.payload(words.operands.clone()),
        Some(b"ar") => copy::members(reader, words),
        Some(b"yq") => copy::split(reader, words),
        Some(b"sed") => copy::kept(reader),
        Some(b"patch") => diff::patch(reader, words),
        Some(b"apply_patch") => diff::agent(reader, words),
        // Names are asked of the network.
        Some(b"getent")
            if words.operands.first().is_some_and(|base| {
                base.text().is_some_and(|base| matches!(base, b"hosts" | b"ahosts" | b"ahostsv4" | b"ahostsv6"))
            }) =>
        {
            for name in words.operands.iter().skip(1) {
                reader.role(&crate::action::tool::Role::Host, None, name, crate::action::Flags::default());
            }
        }
        // It runs the tests of the project, as their own runners do.
        Some(b"node" | b"tsx") if words.any(&["--test"]) && !words.any(&["-c", "-e", "-p", "-pe"]) => {
            reader.reading.runner = true;
            reader.own(EffectKind::Executes, super::role::native(crate::action::CodeOrigin::Workspace));
        }
        Some(b"node") => {
            installed::started(reader, words);
            stdin::after(reader, words);
        }
        Some(b"npx") => installed::after(reader, words),
        Some(b"bun") if reader.reading.sub.first().is_some_and(|sub| sub == "x") => installed::after(reader, words),
        Some(b"yarn" | b"pnpm") => installed::script(reader, words),
        Some(b"npm") if reader.reading.sub.first().is_some_and(|sub| sub == "exec") => installed::after(reader, words),
        Some(b"vim" | b"less") => {
            command::editor(reader);
            stdin::after(reader, words);
        }
        Some(b"ed") => {
            command::line_editor(reader);
            stdin::after(reader, words);
        }
        Some(b"gdb") => {
            command::debugger(reader);
            stdin::after(reader, words);
        }
        Some(b"at") => {
            if !words.any(&["-f", "-l", "-d", "-c", "-r"]) {
                command::later(reader);
            }
            stdin::after(reader, words);
        }
        Some(b"crontab") => {
            command::schedule(reader);
            stdin::after(reader, words);
        }
        Some(b"hatch" | b"pdm") => command::project_run(reader),
        Some(b"notify-send") => command::apple(reader),
        Some(b"cargo") if reader.reading.sub.first().is_some_and(|sub| sub == "watch") => command::watched(reader),
        Some(b"protoc") => command::plugins(reader),
        Some(b"rsync" | b"scp") => copy::after(reader, words),
        Some(b"mv") => copy::moved(reader, words),
        Some(b"ln") => copy::linked(reader, words),
        // A page with a slash in its name is a file.
        Some(b"man") => {
            for page in words.operands.iter().filter(|page| page.prefix().contains(&b'/')) {
                reader.reads(page, crate::action::Flags::default());
            }
        }
        Some(b"kill") if words.operands.is_empty() && words.any(&["-1"]) => {
            // After a signal, `-1` is every process.
            let all = Value::known("-1").at(reader.at);
            reader.effect(EffectKind::Signals, Object::Process(all.clone()), &all);
            reader.reading.operands.push(all);
        }
        _ => stdin::after(reader, words),
    }
}

/// Programs that join the words of their command and hand them to a shell.
pub(super) fn joins(reader: &Reader<'_>, words: usize) -> bool {
    let exec = reader.reading.options.iter().any(|(name, _)| name == "--exec" || name == "-x");
    match reader.reading.program.as_deref() {
        Some(b"ssh") => true,
        Some(b"watch") => !exec,
        // One word is text of a shell, several are an argv.
        Some(b"tmux" | b"watchexec" | b"xterm") => words == 1,
        Some(b"git") => reader.reading.sub.first().is_some_and(|sub| sub == "submodule"),
        _ => false,
    }
}

/// Programs whose payload runs on another machine or in a container.
pub(super) fn elsewhere(program: &[u8]) -> bool {
    matches!(
        program,
        b"ssh" | b"docker" | b"podman" | b"nerdctl" | b"kubectl" | b"oc" | b"vagrant" | b"lxc" | b"limactl"
    )
}
