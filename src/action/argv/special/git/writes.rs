//! What git writes of a repository that is not the workspace's: its own work there is someone else's directory.

use super::super::super::reader::Reader;
use super::super::super::split::Words;
use super::repository::Repository;
use crate::action::{EffectKind, Object, Value, path};

/// Subcommands that only look, or whose effects name what they write.
const LOOKS: &[&str] = &[
    "status",
    "log",
    "shortlog",
    "show",
    "diff",
    "ls-remote",
    "cat-file",
    "rev-parse",
    "rev-list",
    "merge-base",
    "describe",
    "for-each-ref",
    "ls-tree",
    "diff-tree",
    "diff-index",
    "diff-files",
    "ls-files",
    "grep",
    "blame",
    "annotate",
    "format-patch",
    "archive",
    "bundle",
    "help",
    "version",
    "var",
    "check-ignore",
    "check-attr",
    "check-mailmap",
    "check-ref-format",
    "count-objects",
    "name-rev",
    "whatchanged",
    "show-ref",
    "show-branch",
    "range-diff",
    "cherry",
    "verify-commit",
    "verify-tag",
    "verify-pack",
    "fsck",
    "credential",
    "difftool",
    "send-email",
    "daemon",
    "interpret-trailers",
    "stripspace",
    "column",
    "get-tar-commit-id",
    "merge-tree",
    "patch-id",
    "request-pull",
    "config",
    "clone",
    "push",
    "send-pack",
    "hash-object",
    "lfs",
    "instaweb",
];

/// A write in the repository that `-C`, `cd` or `--git-dir` points at, where it lies outside the workspace.
pub(super) fn elsewhere(reader: &mut Reader<'_>, words: &Words, repository: Option<&Repository>) {
    let sub: Vec<&str> = reader.reading.sub.iter().map(String::as_str).collect();
    if !mutates(&sub, words) {
        return;
    }
    let given = reader.reading.options.iter().find(|(name, _)| name == "--git-dir");
    let directory = match given {
        Some((_, Some(directory))) => path::absolute(&reader.cwd, directory),
        // `git init DIRECTORY` says itself what it writes.
        _ if sub == ["init"] && !words.operands.is_empty() => return,
        _ => {
            let top = repository.and_then(|own| own.root.as_deref()).filter(|_| sub != ["init"]);
            let Some(top) = top.or(reader.cwd.text()) else { return };
            Value::known([top, b"/.git"].concat())
        }
    };
    let Some(text) = directory.text() else { return };
    if reader.around.world.roots().iter().any(|root| path::within(text, root)) {
        return;
    }
    let as_written = text.to_vec();
    reader.own(EffectKind::Writes, Object::Path { path: directory, as_written });
}

/// Whether it changes the repository or its working tree.
fn mutates(sub: &[&str], words: &Words) -> bool {
    let bare = words.operands.is_empty();
    match sub {
        [] => false,
        ["branch"] => {
            let lists = ["-l", "-a", "-r", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at"];
            let changes = ["-d", "-D", "-m", "-M", "--set-upstream-to", "--unset-upstream"];
            words.any(&changes) || !bare && !words.any(&lists)
        }
        ["tag"] => words.any(&["-d"]) || !bare && !words.any(&["-l", "--contains", "--merged", "--points-at", "-v"]),
        ["symbolic-ref"] => words.operands.len() > 1,
        ["remote" | "notes" | "submodule" | "reflog" | "worktree" | "sparse-checkout" | "bisect"] => false,
        ["remote", verb] => !matches!(*verb, "show" | "get-url"),
        ["stash" | "worktree" | "notes" | "reflog" | "submodule" | "bisect" | "sparse-checkout", verb] => {
            !matches!(*verb, "list" | "show" | "status" | "summary" | "log" | "exists" | "foreach")
        }
        [first, ..] => !LOOKS.contains(first),
    }
}
