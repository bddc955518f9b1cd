//! Shell text that a builtin runs: sourced files.

use std::rc::Rc;

use super::simple::Ready;
use super::state::State;
use super::stream::Stream;
use super::trap::Event;
use super::walker::{Frame, Leave, Walker};
use crate::action::{Action, Bound, CodeOrigin, Effect, EffectKind, Feed, FileKind, Object, Value, path};

/// What `activate` of a virtual environment does behind the directory's name.
const ACTIVATION: &[u8] = b"'
export VIRTUAL_ENV
PATH=\"$VIRTUAL_ENV/bin:$PATH\"
export PATH
unset PYTHONHOME
deactivate () { unset VIRTUAL_ENV; }
";

/// What version managers and toolchains install below home for shells to source: it puts their tools on PATH and defines the
/// function by which they are asked.
const LOADERS: &[&str] = &[
    ".nvm/nvm.sh",
    ".nvm/bash_completion",
    ".cargo/env",
    ".asdf/asdf.sh",
    ".sdkman/bin/sdkman-init.sh",
    ".rvm/scripts/rvm",
    ".gvm/scripts/gvm",
    ".ghcup/env",
    ".elan/env",
    ".rye/env",
    ".deno/env",
    ".opam/opam-init/init.sh",
    ".local/bin/env",
    ".local/share/swiftly/env.sh",
    ".nix-profile/etc/profile.d/nix.sh",
    "miniconda3/etc/profile.d/conda.sh",
    "miniforge3/etc/profile.d/conda.sh",
    "mambaforge/etc/profile.d/conda.sh",
    "anaconda3/etc/profile.d/conda.sh",
];

impl Walker<'_> {
    #[inline(never)]
    pub(super) fn source(
        &mut self,
        name: &[u8],
        arguments: &[Value],
        mut action: Action,
        ready: &Ready<'_>,
        state: &mut State,
        frame: &Frame,
    ) -> Stream {
        let arguments = match arguments.first().and_then(Value::text) {
            Some(b"--") => arguments.get(1..).unwrap_or_default(),
            _ => arguments,
        };
        let Some((file, rest)) = arguments.split_first() else {
            self.emit(action, frame);
            return Stream::empty();
        };
        let absolute = path::absolute(&state.cwd, file);
        if absolute.text().is_some_and(|path| self.is_loader(path, state)) {
            self.emit(action, frame);
            return Stream::empty();
        }
        let feed = Feed {
            files: absolute.text().map(<[u8]>::to_vec).into_iter().collect(),
            taint: file.taint.clone(),
            stdin: false,
        };
        let readable = absolute.text().is_some_and(|path| {
            state.made(path).is_some_and(|made| made.text.is_some())
                || self.world.contents(path, super::program::SCRIPT).is_some()
                || self.activation(path, state).is_some()
        });
        let object = Object::Code { language: "sh".to_owned(), origin: CodeOrigin::File(absolute), proven: readable };
        action.effects.push(Effect::certain(EffectKind::Executes, object, ready.span).fed(feed));
        let id = self.emit_and_feed(&mut action, frame);
        self.file_flows(id, state);
        let Some(inner) = frame.behind(name, ready.span) else {
            self.cap("files sourced too deep", frame.at(ready.span));
            return Stream::outside();
        };
        let outer = Rc::clone(&state.positional);
        let given = rest;
        let dialect = state.dialect;
        let first = self.left.len();
        let source = state.variable(b"BASH_SOURCE").cloned();
        state.set(b"BASH_SOURCE", file.clone());
        self.sourced += 1;
        let out = self.script_file(file, rest, dialect, state, &inner, ready.span);
        self.sourced -= 1;
        // Functions of the file still see its name.
        let inside = super::held::Held::One(file.clone());
        let outside = match source {
            Some(variable) => variable.held,
            None if state.positional.first().and_then(Value::text) == Some(b"bash") => {
                super::held::Held::One(Value::default())
            }
            None => super::held::Held::Unset,
        };
        state.hold(b"BASH_SOURCE", super::joined::either(&inside, &outside));
        self.come_back(first, Leave::Call, state);
        self.watched(Event::Return, state, &inner);
        if !given.is_empty() {
            let kept = state.positional.get(1..).is_some_and(|now| given.ends_with(now));
            state.positional = outer;
            if !kept {
                // What `set` gives a sourced file's own parameters stays where no function is called.
                let positional = Rc::make_mut(&mut state.positional);
                positional.truncate(1);
                positional.push(Value { many: true, ..Value::hole("positional parameters", Bound::Anything) });
            }
        }
        state.ended = false;
        out
    }

    /// What the script that activates a virtual environment does, where that environment is not there yet: nobody but the
    /// tool that makes it has written it. One that is there is read.
    pub(super) fn activation(&self, file: &[u8], state: &State) -> Option<Value> {
        let directory = file.strip_suffix(b"/bin/activate")?;
        let named = matches!(path::base(directory), b".venv" | b"venv" | b".env" | b"env");
        let inside = self.world.roots().iter().any(|root| path::within(directory, root));
        if !named || !inside || state.made(file).is_some() || self.world.kind(file) != FileKind::Missing {
            return None;
        }
        let makes = |name: &[u8]| matches!(name, b"python" | b"python3" | b"virtualenv" | b"uv");
        let written = self.writes_around(directory, &makes);
        if written || directory.iter().any(|byte| matches!(byte, b'\'' | b'\n')) {
            return None;
        }
        let mut text = b"VIRTUAL_ENV='".to_vec();
        text.extend_from_slice(directory);
        text.extend_from_slice(ACTIVATION);
        Some(Value::known(text))
    }

    /// Whether the file is a version manager's own, where that was installed, and nothing in the line has touched it: who may
    /// write there was asked about it, and every shell of the user's sources it.
    fn is_loader(&self, file: &[u8], state: &State) -> bool {
        let home = self.world.home();
        let own = home.as_deref().and_then(|home| file.strip_prefix(home)?.strip_prefix(b"/"));
        own.is_some_and(|own| LOADERS.iter().any(|loader| loader.as_bytes() == own))
            && state.made(file).is_none()
            && !self.writes_around(path::parent(file), &|_| false)
    }

    /// Whether an action of the line, but for those of programs that `makes` names, may have written in a directory.
    fn writes_around(&self, directory: &[u8], makes: &dyn Fn(&[u8]) -> bool) -> bool {
        let fills = |effect: &Effect| {
            matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites)
                && match &effect.object {
                    Object::Path { path, .. } => {
                        path.text().is_none_or(|at| path::within(directory, at) || path::within(at, directory))
                    }
                    _ => false,
                }
        };
        self.earlier()
            .iter()
            .any(|action| !action.program.as_deref().is_some_and(makes) && action.effects.iter().any(fills))
    }
}
