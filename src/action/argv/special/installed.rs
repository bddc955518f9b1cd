//! Package managers of JavaScript that run what the workspace has: scripts of its package file by name (`yarn lint`), and
//! binaries that are installed in it (`npx tsc`); what is not there would be installed.

use super::super::reader::Reader;
use super::super::role::native;
use super::super::split::Words;
use crate::action::world::FileKind;
use crate::action::{CodeOrigin, EffectKind, GapKind, Part, Value, path};

/// npx: turns what would be installed into a run of the workspace's own binary, where it is there.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    // What is known of the tool itself holds however it is started.
    if let Some(name) = words.operands.first().and_then(|name| name.text())
        && reader.around.tools.command(&[name]).is_some()
    {
        reader.payload(words.operands.clone());
    }
    let program = reader.reading.program.clone().unwrap_or_default();
    let sub = reader.reading.sub.first().map(String::as_str).unwrap_or_default();
    // dlx always fetches; npx alone prefers what is installed.
    let runs = match program.as_slice() {
        b"npx" => sub.is_empty(),
        b"bun" => sub == "x",
        b"npm" => sub == "exec",
        _ => false,
    };
    if !runs || words.any(&["-p", "-c", "--ignore-existing"]) {
        return;
    }
    let Some(name) = words.operands.first().and_then(|name| name.text()) else { return };
    let plain = !name.is_empty() && !name.contains(&b'/') && !name.contains(&b'@') && !name.starts_with(b".");
    let known = is_runner(reader, name);
    // Told not to install, it runs what is there or fails; a program nobody knows may be anything that was ever fetched.
    if !plain || !(local(reader, name) || known && words.any(&["--no-install"])) {
        return;
    }
    reader
        .reading
        .effects
        .retain(|effect| !matches!(effect.kind, EffectKind::Connects | EffectKind::Installs | EffectKind::Executes));
    reader.reading.runner = true;
    reader.own(EffectKind::Executes, native(CodeOrigin::Workspace));
}

/// yarn and pnpm: a first word that is none of their commands is a script of the package file or an installed binary.
pub(super) fn script(reader: &mut Reader<'_>, words: &Words) {
    let subs: Vec<&str> = reader.reading.sub.iter().map(String::as_str).collect();
    if subs == ["workspaces", "foreach"] || subs == ["recursive"] {
        let program = reader.reading.program.clone().unwrap_or_default();
        let argv = std::iter::once(Value::known(program).at(reader.at)).chain(words.operands.iter().cloned());
        reader.payload(argv.collect());
        return;
    }
    if subs == ["workspace"] {
        // `yarn workspace NAME WORDS` is `yarn WORDS` in that package.
        let argv = std::iter::once(Value::known("yarn").at(reader.at)).chain(words.operands.iter().skip(1).cloned());
        reader.payload(argv.collect());
        return;
    }
    if !reader.reading.sub.is_empty() {
        return;
    }
    let Some(first) = words.operands.first() else { return };
    if first.text().is_none() {
        reader.gap(GapKind::DynamicWord, "a script's name is known only when it runs", first.span);
    }
    reader.reading.runner = true;
    reader.own(EffectKind::Executes, native(CodeOrigin::Workspace));
    if first.text().is_some_and(|name| is_runner(reader, name)) {
        reader.payload(words.operands.clone());
    }
    for two in words.operands.windows(2) {
        if let [before, value] = two {
            super::super::form::passed_on(reader, value, Some(before));
        }
    }
}

/// `node node_modules/.bin/jest`, `node node_modules/jest/bin/jest.js`: what is installed is what it is by its own name.
pub(super) fn started(reader: &mut Reader<'_>, words: &Words) {
    const PLAIN: &[&str] = &[
        "--experimental-vm-modules",
        "--max-old-space-size",
        "--no-warnings",
        "--enable-source-maps",
        "--stack-trace-limit",
    ];
    let plain = reader.reading.options.iter().all(|(name, _)| PLAIN.contains(&name.as_str()));
    let Some((script, arguments)) = words.operands.split_first().filter(|_| plain) else { return };
    let file = path::absolute(&reader.cwd, script);
    let inside = |at: &&[u8]| reader.around.world.roots().iter().any(|root| path::within(at, root));
    let Some(written) = file.text().filter(inside) else { return };
    let mut parts = written.split(|byte| *byte == b'/').skip_while(|part| *part != b"node_modules").skip(1);
    let (Some(package), Some(_)) = (parts.next(), parts.next()) else { return };
    let base = path::base(written);
    let name = [&b".js"[..], b".mjs", b".cjs"].iter().find_map(|ending| base.strip_suffix(*ending)).unwrap_or(base);
    let own = package == b".bin" && written.ends_with(&[b"/.bin/", base].concat()) || package == name;
    let own = own || package == b"typescript" && name == b"tsc";
    if !own || !is_runner(reader, name) {
        return;
    }
    reader.reading.effects.retain(|effect| effect.kind != EffectKind::Executes);
    let argv = std::iter::once(Value::known(name).at(script.span)).chain(arguments.iter().cloned());
    reader.payload(argv.collect());
}

/// Whether it is a known tool that builds, checks or tests.
fn is_runner(reader: &Reader<'_>, name: &[u8]) -> bool {
    reader.around.tools.command(&[name]).is_some_and(|tool| tool.runner)
}

/// Whether `node_modules/.bin/NAME` is in the directory in force or one above it, up to a workspace root.
fn local(reader: &Reader<'_>, name: &[u8]) -> bool {
    let world = reader.around.world;
    let Some(mut at) = known_directory(&reader.cwd) else { return false };
    let roots = world.roots();
    while roots.iter().any(|root| path::within(at, root)) {
        let binary = [at, b"/node_modules/.bin/", name].concat();
        if matches!(world.kind(&binary), FileKind::File | FileKind::Link) {
            return true;
        }
        at = path::parent(at);
    }
    false
}

/// The directory, or the one that a directory found by its name (`packages/*/`) certainly lies below.
fn known_directory(cwd: &Value) -> Option<&[u8]> {
    let sure = |part: &Part| match part {
        Part::Known(text) => !text.windows(2).any(|two| two == b".."),
        Part::Glob(_) => true,
        Part::Hole(_) => false,
    };
    let prefix = cwd.prefix();
    cwd.text().or_else(|| {
        let slash = prefix.iter().rposition(|byte| *byte == b'/')?;
        prefix.get(..slash).filter(|_| cwd.parts.iter().all(sure))
    })
}
