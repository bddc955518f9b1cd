//! npx and its like: a runner where the binary is installed in the workspace, else an install.

use super::super::reader::Reader;
use super::super::role::native;
use super::super::split::Words;
use crate::action::world::FileKind;
use crate::action::{CodeOrigin, EffectKind, path};

/// Turns what would be installed into a run of the workspace's own binary, where it is there.
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
    if program != b"npx" || !sub.is_empty() || words.any(&["-p", "-c", "--ignore-existing"]) {
        return;
    }
    let Some(name) = words.operands.first().and_then(|name| name.text()) else { return };
    let plain = !name.is_empty() && !name.contains(&b'/') && !name.contains(&b'@') && !name.starts_with(b".");
    if !plain || !local(reader, name) {
        return;
    }
    reader
        .reading
        .effects
        .retain(|effect| !matches!(effect.kind, EffectKind::Connects | EffectKind::Installs | EffectKind::Executes));
    reader.reading.runner = true;
    reader.own(EffectKind::Executes, native(CodeOrigin::Workspace));
}

/// Whether `node_modules/.bin/NAME` is in the directory in force or one above it, up to a workspace root.
fn local(reader: &Reader<'_>, name: &[u8]) -> bool {
    let world = reader.around.world;
    let Some(mut at) = reader.cwd.text() else { return false };
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
