//! git: configuration keys that execute, remotes and branches from the repository, what a push publishes.

mod push;
mod repository;

use super::super::reader::Reader;
use super::super::split::Words;
use super::config::Meaning;
use crate::action::world::FileKind;
use crate::action::{Bound, EffectKind, Flags, GapKind, Object, Value};
use repository::Repository;

/// Adds what the declaration of a subcommand cannot say.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    let sub = reader.reading.sub.first().cloned().unwrap_or_default();
    let repository = Repository::of(reader);
    if sub == "push" {
        push::read(reader, words, repository.as_ref());
    }
    if sub == "config" && reader.reading.sub.len() == 1 {
        configuration(reader, words);
    }
    if sub == "checkout" {
        paths(reader, words);
    }
    if let Some(repository) = &repository {
        executes(reader, repository, &sub);
        expand(reader, words, repository);
    }
    for effect in &mut reader.reading.effects {
        let refs = matches!(effect.kind, EffectKind::Commits | EffectKind::Rewrites);
        if refs && effect.object == Object::None {
            effect.object = Object::Ref(match &repository {
                Some(repository) => repository.branch(),
                None => unknown_branch(),
            });
        }
    }
    reader.reading.effects.dedup();
}

/// `git config NAME` reads, `git config NAME VALUE` writes; a key that executes is said.
fn configuration(reader: &mut Reader<'_>, words: &Words) {
    let reads = ["--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "--get-color", "--get-colorbool"];
    let mut operands = words.operands.as_slice();
    if operands.first().and_then(Value::text) == Some(b"set") {
        operands = operands.get(1..).unwrap_or_default();
    } else if operands.first().and_then(Value::text).is_some_and(|word| matches!(word, b"unset" | b"edit")) {
        return reader.own(EffectKind::Configures, Object::None);
    }
    if words.any(&reads) || operands.len() < 2 && !operands.iter().any(|operand| operand.many) {
        return;
    }
    reader.own(EffectKind::Configures, Object::None);
    let Some(name) = operands.first() else { return };
    let lower = name.text().unwrap_or_default().to_ascii_lowercase();
    if !matches!(key(&lower), Meaning::Harmless) {
        let shown = String::from_utf8_lossy(&lower).into_owned();
        reader.gap(GapKind::ExecutionKey, format!("`{shown}` may make git execute something"), name.span);
    }
}

/// `git checkout [REV] [--] PATH…` replaces files by those of the index or of a revision.
fn paths(reader: &mut Reader<'_>, words: &Words) {
    let exists = |reader: &Reader<'_>, word: &Value| {
        let path = crate::action::path::absolute(&reader.cwd, word);
        path.text().is_some_and(|path| !matches!(reader.around.world.kind(path), FileKind::Missing | FileKind::Unknown))
    };
    let creates = words.any(&["-b", "-B", "--orphan", "--track"]);
    for (index, word) in words.operands.iter().enumerate() {
        let path =
            words.dashes || word.text() == Some(b".") || word.prefix().starts_with(b"./") || exists(reader, word);
        if path && !creates && (words.operands.len() == 1 || index > 0 || exists(reader, word)) {
            let object = reader.path(word);
            let whole = word.text() == Some(b".");
            let flags = Flags::default();
            let flags = if whole { flags.with(crate::action::Flag::Force) } else { flags };
            reader.effect_with(EffectKind::Overwrites, object, word, flags, crate::action::Feed::default());
        }
    }
}

/// An alias of the repository's configuration stands for what it says.
fn expand(reader: &mut Reader<'_>, words: &Words, repository: &Repository) {
    let lost = reader.reading.gaps.iter().position(|gap| gap.kind == GapKind::UnknownSubcommand);
    let (Some(_), None) = (lost, reader.reading.sub.first()) else { return };
    let Some((name, rest)) = words.operands.split_first() else { return };
    let Some(meaning) = name.text().and_then(|name| repository.value("alias", None, name)) else { return };
    let span = name.span;
    if let Some(shell) = meaning.strip_prefix(b"!") {
        reader.command(&Value::known(shell).at(span));
        return;
    }
    let mut argv = vec![Value::known("git").at(span)];
    argv.extend(
        meaning.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(|word| Value::known(word).at(span)),
    );
    argv.extend_from_slice(rest);
    reader.payload(argv);
}

/// Keys of the repository's own configuration that make this subcommand execute something.
fn executes(reader: &mut Reader<'_>, repository: &Repository, sub: &str) {
    let worktree = matches!(
        sub,
        "status"
            | "diff"
            | "add"
            | "commit"
            | "checkout"
            | "switch"
            | "restore"
            | "stash"
            | "merge"
            | "rebase"
            | "reset"
            | "rm"
            | "mv"
            | "clean"
            | "pull"
            | "cherry-pick"
            | "revert"
            | "ls-files"
            | "grep"
            | "describe"
            | "apply"
            | "am"
    );
    let network = matches!(sub, "fetch" | "pull" | "push" | "clone" | "ls-remote" | "submodule" | "remote");
    let at = reader.at;
    for (section, subsection, key, value) in repository.entries() {
        let hit = match (section, key) {
            ("core", "fsmonitor") => worktree && !matches!(value, b"true" | b"false" | b"0" | b"1"),
            ("core", "hookspath") => worktree || network,
            ("core", "sshcommand" | "gitproxy") | ("credential", "helper") => network,
            ("diff", "external" | "command" | "textconv") => matches!(sub, "diff" | "log" | "show" | "blame" | "stash"),
            ("filter", "clean" | "smudge" | "process") => worktree && subsection.is_none_or(|name| name != b"lfs"),
            ("gpg", "program") => {
                matches!(sub, "commit" | "tag" | "merge" | "rebase" | "verify-commit" | "log" | "show")
            }
            ("merge", "driver") => matches!(sub, "merge" | "rebase" | "pull" | "cherry-pick" | "revert" | "stash"),
            _ => false,
        };
        if hit {
            let what = format!("the repository's configuration sets {section}.{key}");
            reader.gap(GapKind::ExecutionKey, what, at);
        }
    }
}

/// What a configuration key given with `-c` means.
pub(super) fn key(key: &[u8]) -> Meaning {
    let section = key.split(|byte| *byte == b'.').next().unwrap_or_default();
    match key {
        b"core.pager" | b"core.editor" | b"sequence.editor" | b"core.sshcommand" => return Meaning::Command,
        b"core.quotepath"
        | b"core.autocrlf"
        | b"core.filemode"
        | b"core.ignorecase"
        | b"core.abbrev"
        | b"core.eol"
        | b"core.safecrlf"
        | b"core.longpaths"
        | b"core.commentchar"
        | b"core.precomposeunicode"
        | b"core.whitespace"
        | b"commit.gpgsign"
        | b"tag.gpgsign"
        | b"gpg.format"
        | b"diff.renames"
        | b"diff.algorithm"
        | b"diff.noprefix"
        | b"diff.mnemonicprefix"
        | b"diff.context"
        | b"diff.renamelimit"
        | b"merge.conflictstyle"
        | b"merge.ff"
        | b"merge.renamelimit"
        | b"pull.rebase"
        | b"pull.ff"
        | b"rebase.autostash"
        | b"rebase.autosquash"
        | b"fetch.prune"
        | b"init.defaultbranch"
        | b"http.version"
        | b"http.postbuffer"
        | b"protocol.version"
        | b"push.default"
        | b"log.showsignature"
        | b"help.autocorrect"
        | b"core.fsmonitor=false"
        | b"gc.auto" => {
            return Meaning::Harmless;
        }
        _ => {}
    }
    match section {
        b"color" | b"advice" | b"user" | b"author" | b"committer" | b"column" | b"log" | b"status" | b"grep"
        | b"blame" | b"format" | b"i18n" | b"pack" | b"versionsort" => Meaning::Harmless,
        _ => Meaning::Unknown,
    }
}

/// The host of a named remote, by the repository's configuration.
pub(in super::super) fn remote_host(reader: &Reader<'_>, name: &Value) -> Option<Vec<u8>> {
    Repository::of(reader)?.remote_host(name.text()?)
}

/// The branch that is checked out.
pub(in super::super) fn branch(reader: &Reader<'_>) -> Value {
    Repository::of(reader).map_or_else(unknown_branch, |repository| repository.branch())
}

fn unknown_branch() -> Value {
    Value::hole("the branch that is checked out", Bound::Anything)
}
