//! git: configuration keys that execute, remotes and branches from the repository, what a push publishes.

mod change;
mod key;
mod printed;
mod push;
mod repository;
mod writes;

use super::super::reader::Reader;
use super::super::split::Words;
use crate::action::world::FileKind;
use crate::action::{Bound, EffectKind, Feed, Flag, Flags, GapKind, Moved, Object, Value, path};
use key::Secret;
pub(super) use key::meaning as key;
use repository::Repository;

/// Adds what the declaration of a subcommand cannot say.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    let sub = reader.reading.sub.first().cloned().unwrap_or_default();
    let repository = Repository::of(reader);
    match sub.as_str() {
        "push" | "send-pack" | "http-push" => push::read(reader, words, repository.as_ref()),
        "fetch" | "pull" => push::fetched(reader, words),
        "config" => configuration(reader, words),
        "checkout" => paths(reader, words),
        "apply" | "am" => super::diff::git(reader, words, repository.as_ref().and_then(|own| own.root.as_deref())),
        "reset" => resets(reader, words),
        // It refuses to replace a file unless it is told to.
        "mv" if !words.any(&["-f"]) => super::copy::spares(reader),
        "symbolic-ref" if words.operands.len() > 1 => reader.own(EffectKind::Rewrites, Object::None),
        "show" | "cat-file" | "diff" | "log" | "blame" | "archive" | "format-patch" => named_files(reader, words, &sub),
        "stash" if reader.reading.sub.get(1).is_some_and(|verb| verb == "show") => named_files(reader, words, "diff"),
        _ => {}
    }
    if let Some(repository) = &repository {
        executes(reader, repository, &sub);
        expand(reader, words, repository);
    }
    // `:!*.pem` is left out.
    reader.reading.effects.retain(|effect| match &effect.object {
        Object::Path { as_written, .. } if effect.kind == EffectKind::Reads => {
            !as_written.starts_with(b":!") && !as_written.starts_with(b":^") && !as_written.starts_with(b":(exclude)")
        }
        _ => true,
    });
    change::note(reader, words, repository.as_ref());
    writes::elsewhere(reader, words, repository.as_ref());
    for effect in &mut reader.reading.effects {
        let refs = matches!(effect.kind, EffectKind::Commits | EffectKind::Rewrites);
        if refs && effect.object == Object::None {
            effect.object = Object::Ref(match &repository {
                Some(repository) => repository.branch(),
                None => unknown_branch(),
            });
        }
        // `checkout -f`, `switch --discard-changes`: all of the working tree.
        if effect.kind == EffectKind::Overwrites && effect.object == Object::None {
            let root = repository.as_ref().and_then(|repository| repository.root.clone());
            let tree = root.map_or_else(|| reader.cwd.clone(), Value::known);
            effect.object = Object::Path { path: tree, as_written: b".".to_vec() };
            effect.flags = effect.flags.with(Flag::Force);
        }
    }
    reader.reading.effects.dedup();
    printed::describe(reader, words, repository.as_ref());
}

/// `git config NAME` reads, `git config NAME VALUE` writes; a key that executes or holds a secret is said.
fn configuration(reader: &mut Reader<'_>, words: &Words) {
    let reads = ["--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "--get-color", "--get-colorbool"];
    let verb = reader.reading.sub.get(1).map(String::as_str);
    let operands = words.operands.as_slice();
    let read = match verb {
        Some(verb) => matches!(verb, "get" | "list"),
        None => words.any(&reads) || operands.len() < 2 && !operands.iter().any(|operand| operand.many),
    };
    let Some(name) = operands.first() else { return };
    let lower = name.text().unwrap_or_default().to_ascii_lowercase();
    if read {
        if words.any(&["--unset", "--unset-all", "--remove-section"]) {
            return;
        }
        let pattern = words.any(&["--get-regexp", "--regexp"]);
        return match key::secret(&lower, pattern) {
            Secret::No => {}
            Secret::Maybe => reader.effect(EffectKind::Reads, Object::Variable(b"GIT_CREDENTIALS".to_vec()), name),
            Secret::Yes => {
                let home = reader.around.world.home().unwrap_or_else(|| b"/root".to_vec());
                let file = Value::known([home.as_slice(), b"/.git-credentials"].concat());
                reader.effect(EffectKind::Reads, Object::Path { path: file, as_written: lower }, name);
            }
        };
    }
    if !reader.has(EffectKind::Configures) {
        reader.own(EffectKind::Configures, Object::None);
    }
    if !matches!(key(&lower), super::config::Meaning::Harmless) {
        let shown = String::from_utf8_lossy(&lower).into_owned();
        reader.gap(GapKind::ExecutionKey, format!("`{shown}` may make git execute something"), name.span);
    }
    if let (Some(key), Some(value)) = (name.text(), operands.get(1)) {
        reader.reading.moved.push(Moved::Config { key: key.to_vec(), value: value.clone() });
    }
}

/// `git checkout [REV] [--] PATH…` replaces files by those of the index or of a revision.
fn paths(reader: &mut Reader<'_>, words: &Words) {
    let creates = words.any(&["-b", "-B", "--orphan", "--track"]);
    for (index, word) in words.operands.iter().enumerate() {
        let there = exists(reader, word);
        let path = words.dashes || word.text() == Some(b".") || word.prefix().starts_with(b"./") || there;
        if path && !creates && (words.operands.len() == 1 || index > 0 || there) {
            let object = reader.path(word);
            let whole = word.text() == Some(b".");
            let flags = Flags::default();
            let flags = if whole { flags.with(Flag::Force) } else { flags };
            reader.effect_with(EffectKind::Overwrites, object, word, flags, Feed::default());
        }
    }
}

fn exists(reader: &Reader<'_>, word: &Value) -> bool {
    let path = path::absolute(&reader.cwd, word);
    path.text().is_some_and(|path| !matches!(reader.around.world.kind(path), FileKind::Missing | FileKind::Unknown))
}

/// `git reset REV` moves the branch; `git reset [HEAD] PATH…` only unstages.
fn resets(reader: &mut Reader<'_>, words: &Words) {
    let [target] = words.operands.as_slice() else { return };
    let moves = match target.text() {
        _ if words.dashes || reader.has(EffectKind::Rewrites) => false,
        None => !target
            .parts
            .iter()
            .all(|part| matches!(part, crate::action::Part::Known(_) | crate::action::Part::Glob(_))),
        Some(b"HEAD" | b"@") => false,
        Some(text) => {
            let shaped = text.iter().any(|byte| matches!(byte, b'~' | b'^')) || text.contains(&b'@');
            let named =
                !text.iter().any(|byte| matches!(byte, b'.' | b'/' | b'*' | b':')) || text.starts_with(b"origin/");
            shaped || named && !exists(reader, target)
        }
    };
    if moves {
        reader.own(EffectKind::Rewrites, Object::None);
    }
}

/// Files whose contents are shown: `REV:FILE`, and what a difference or a history is narrowed to.
fn named_files(reader: &mut Reader<'_>, words: &Words, sub: &str) {
    let quiet = [
        "--stat",
        "--shortstat",
        "--numstat",
        "--summary",
        "--name-only",
        "--name-status",
        "--check",
        "--quiet",
        "--exit-code",
        "-s",
    ];
    let shows = match sub {
        "log" => {
            words.any(&["-p", "-U", "-L", "-W", "-S", "-G", "--word-diff", "-c", "--cc", "--ext-diff", "--textconv"])
        }
        "diff" => !words.any(&quiet) || words.any(&["-p"]),
        _ => true,
    };
    // `-L 1,5:FILE`
    let lines = reader.reading.options.iter().filter(|(name, _)| name == "-L" && sub == "log");
    let lines: Vec<Value> = lines.filter_map(|(_, value)| value.clone()).collect();
    for value in lines {
        if let Some(colon) = value.prefix().iter().rposition(|byte| *byte == b':') {
            reader.reads(&super::super::reader::tail(&value, colon + 1), Flags::default());
        }
    }
    for word in words.operands.iter().filter(|_| shows) {
        let Some(text) = word.text() else {
            if !word.has_hole() {
                reader.reads(word, Flags::default());
            }
            continue;
        };
        let inside = match text.iter().position(|byte| *byte == b':') {
            // `:/words` and `:(magic)` name no file.
            Some(0) if matches!(text.get(1), Some(b'/' | b'(' | b'!' | b'^')) => continue,
            Some(at) if matches!(sub, "show" | "cat-file" | "diff") => text.get(at + 1..).unwrap_or_default(),
            _ => b"",
        };
        if inside.is_empty() {
            reader.reads(word, Flags::default());
            continue;
        }
        // `:2:file` is a stage of the index.
        let inside = match inside {
            [b'0'..=b'3', b':', rest @ ..] => rest,
            inside => inside,
        };
        reader.reads(&Value::known(inside).at(word.span), Flags::default());
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
    for (name, value) in &reader.reading.options {
        if let ("-c", Some(value)) = (name.as_str(), value) {
            argv.extend([Value::known("-c").at(span), value.clone()]);
        }
    }
    argv.extend(super::super::role::split_quoted(meaning).into_iter().map(|word| Value::known(word).at(span)));
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
    for (section, subsection, key, value) in repository.written() {
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

/// The host of a named remote, by the repository's configuration.
pub(in super::super) fn remote_host(reader: &Reader<'_>, name: &Value) -> Option<Vec<u8>> {
    Repository::of(reader)?.remote_host(name.text()?)
}

/// A draft pull request of the branch that is checked out and pushed, on the forge where origin is: it reaches no host that
/// does not have the branch already, and says so by naming the remote.
pub(in super::super) fn draft(reader: &mut Reader<'_>, words: &Words, forge: &[u8]) {
    const ELSEWHERE: &[&str] = &["--repo", "--hostname", "--head", "--source-branch", "--push", "--web", "--editor"];
    const SENT: &[&str] = &["--body-file", "--recover", "--template"];
    let led = [b"GH_REPO".as_slice(), b"GH_HOST", b"GITLAB_HOST", b"GITLAB_REPO", b"GLAB_REPO"];
    let world = reader.around.world;
    let set = |name: &[u8]| matches!(world.variable(name), crate::action::Variable::Set(_));
    if !words.any(&["--draft"]) || words.any(ELSEWHERE) || words.any(SENT) || led.into_iter().any(set) {
        return;
    }
    let Some(repository) = Repository::of(reader) else { return };
    let (branch, host) = (repository.branch(), repository.remote_host(b"origin"));
    let (Some(branch), Some(root), Some(host)) = (branch.text(), repository.top(), host) else { return };
    let pushed = [root, b"/.git/refs/remotes/origin/", branch].concat();
    if host != forge || world.kind(&pushed) != crate::action::FileKind::File {
        return;
    }
    for effect in reader.reading.effects.iter_mut().filter(|effect| effect.kind == EffectKind::Connects) {
        effect.object = Object::Remote { name: Value::known("origin"), host: Some(host.clone()) };
        effect.flags = effect.flags.with(crate::action::Flag::Draft);
    }
}

/// The branch that is checked out.
pub(in super::super) fn branch(reader: &Reader<'_>) -> Value {
    Repository::of(reader).map_or_else(unknown_branch, |repository| repository.branch())
}

fn unknown_branch() -> Value {
    Value::hole("the branch that is checked out", Bound::Anything)
}
