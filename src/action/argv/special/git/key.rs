//! Keys of git's configuration: which execute, which are harmless, which hold a secret.

use super::super::config::Meaning;

/// What a configuration key given with `-c` means.
pub(in super::super) fn meaning(key: &[u8]) -> Meaning {
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

/// Whether a key holds a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    /// It does not.
    No,
    /// It may: a helper that prints one, or a pattern that other keys match as well.
    Maybe,
    /// It does.
    Yes,
}

/// What asking for a key (lower case), or for all that match a pattern, would print.
pub(super) fn secret(key: &[u8], pattern: bool) -> Secret {
    let holds = |part: &&str| key.windows(part.len()).any(|window| window == part.as_bytes());
    let name = key.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let secrets = ["extraheader", "token", "passw", "smtppass", "secret", "apikey", "privatekey"];
    if !pattern {
        return if matches!(name, b"pass") || secrets.iter().any(holds) {
            Secret::Yes
        } else if key.starts_with(b"credential") {
            Secret::Maybe
        } else {
            Secret::No
        };
    }
    // A pattern that says a harmless section matches only that.
    let sections =
        ["user", "remote", "branch", "core", "alias", "color", "diff", "merge", "pull", "push", "submodule", "init"];
    let narrow = sections.iter().any(holds) && !key.contains(&b'|');
    if narrow && !secrets.iter().any(holds) { Secret::No } else { Secret::Maybe }
}
