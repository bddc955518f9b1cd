//! Paths that a producer of the line chose: where it was asked for a secret file by name, a secret file is what is read.

use super::pattern::{atoms, meet};
use super::scope::{Atlas, Scopes};
use super::when::path_of;
use super::{places, sensitive, table};
use crate::action::{Action, ActionKind, Actions, Bound, Effect, EffectKind, Flag, Part, Scope, Value};
use crate::policy::Tier;
use crate::text::Span;

/// What an earlier action of the line chose for an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Files with the names of secrets.
    Secret,
    /// Files with the names of credentials, where credentials are.
    Credential,
    /// Files of a workspace that run by themselves or decide what runs.
    Sensitive,
    /// Everything below a directory that this scope lies in too.
    Sweep(Scope),
}

/// What the effect's path was chosen by, where an earlier action of the line asked for it.
#[inline(never)]
pub(super) fn chosen(actions: &Actions, at: usize, effect: &Effect, atlas: &Atlas<'_>) -> Option<Chosen> {
    let path = path_of(&effect.object)?;
    if effect.kind == EffectKind::Reads && path.has_hole() {
        let of_line = path.taint.iter().filter_map(|id| actions.list.get(*id as usize));
        if of_line.into_iter().any(|action| lists_credentials(action, atlas)) {
            return Some(Chosen::Credential);
        }
    }
    let (directory, names) = path.parts.iter().find_map(|part| match part {
        Part::Hole(hole) => match &hole.bound {
            Bound::Below { directory, names, .. } => Some((directory, names)),
            _ => None,
        },
        Part::Known(_) | Part::Glob(_) => None,
    })?;
    let producers = || path.taint.iter().filter_map(|id| actions.list.get(*id as usize));
    let inside = || atlas.place(&Value::known(directory.clone()), true).certain;
    let home = atlas.home() == Some(directory.as_slice());
    if producers().any(|action| finds_all(action, home)) {
        let worst = inside().iter().find(|scope| table::cell(effect.kind, *scope) == Tier::Prohibited);
        if let Some(scope) = worst {
            return Some(Chosen::Sweep(scope));
        }
    }
    let changes =
        matches!(effect.kind, EffectKind::Writes | EffectKind::Overwrites | EffectKind::Deletes | EffectKind::Permits);
    if changes && !names.is_empty() {
        let scopes = inside();
        if scopes.has(Scope::Guard) && names.iter().any(|name| is_guard(name)) {
            return Some(Chosen::Sweep(Scope::Guard));
        }
        if scopes.has(Scope::Credential) && names.iter().any(|name| is_credential(name)) {
            return Some(Chosen::Sweep(Scope::Credential));
        }
        let sensitive = |name: &[u8]| sensitive::can_be(&[atoms(name)]).sensitive;
        if scopes.has(Scope::Workspace) && names.iter().any(|name| sensitive(name)) {
            return Some(Chosen::Sensitive);
        }
    }
    // Where nothing narrows what is found or listed at the top of a workspace, git's own files and whatever runs by itself are among it.
    let top = || inside().has(Scope::Workspace) && atlas.relative(directory).is_some_and(<[u8]>::is_empty);
    let carrier = carrier(actions, at);
    // Rights and times are all that changes.
    let slight = effect.kind == EffectKind::Permits
        || actions.list.get(at).is_some_and(|action| action.program.as_deref() == Some(b"touch"));
    if changes
        && !slight
        && producers().chain(carrier).count() > 0
        && producers().chain(carrier).all(lists_all)
        && top()
    {
        return Some(Chosen::Sensitive);
    }
    // A file that takes the place of all of them takes that of a manifest too.
    if effect.kind == EffectKind::Overwrites
        && actions.list.get(at).is_some_and(replaces)
        && names.iter().all(|name| name.iter().all(|byte| b"*.".contains(byte)))
        && producers().chain(carrier).count() > 0
        && producers().chain(carrier).all(lists_files)
        && top()
    {
        return Some(Chosen::Sensitive);
    }
    // What is moved away by no name of its own takes with it whatever runs by itself.
    let nameless = names.is_empty() || names.iter().any(|name| name.as_slice() == b"*");
    if effect.kind == EffectKind::Writes && effect.flags.has(Flag::Recursive) && nameless {
        if top() {
            return Some(Chosen::Sensitive);
        }
    }
    let asked = |action: &Action| asks_for(action, is_sensitive) || lists_sensitive(action, atlas);
    if changes && producers().any(asked) && inside().has(Scope::Workspace) {
        return Some(Chosen::Sensitive);
    }
    let named = names.iter().any(|name| is_secret(name));
    if effect.kind != EffectKind::Reads || !named && !producers().any(|action| asks_for(action, is_secret)) {
        return producers_ask(effect, producers(), &inside);
    }
    let wanted = names.iter().any(|name| is_credential(name));
    let credential =
        (wanted || producers().any(|action| asks_for(action, is_credential))) && inside().has(Scope::Credential);
    Some(if credential { Chosen::Credential } else { Chosen::Secret })
}

/// The finder whose command the action is.
fn carrier(actions: &Actions, at: usize) -> Option<&Action> {
    let via = actions.list.get(at)?.via.last()?;
    let before = actions.list.get(..at).unwrap_or_default().iter().rev();
    before.take_while(|_| matches!(via.as_slice(), b"find" | b"fd")).find(|action| action.program.as_ref() == Some(via))
}

/// Whether an action lists all there is in a directory, or all but what is hidden.
fn lists_all(action: &Action) -> bool {
    match action.program.as_deref() {
        Some(b"ls") => action.operands.is_empty(),
        _ => finds_all(action, true),
    }
}

/// Whether what it writes is another text than the file's own, changed.
fn replaces(action: &Action) -> bool {
    action.kind == ActionKind::Redirect
        || matches!(
            action.program.as_deref(),
            Some(b"cp" | b"mv" | b"tee" | b"dd" | b"truncate" | b"install" | b"ln" | b"rsync" | b"shred")
        )
}

/// Whether an action lists the files of a tree by no name that is wanted: what it leaves out is no narrowing.
fn lists_files(action: &Action) -> bool {
    let narrows = |option: &str| matches!(option, "--glob" | "--iglob" | "--type" | "--max-depth" | "--others" | "-o");
    match action.program.as_deref() {
        Some(b"find") => !action.argv.iter().enumerate().any(|(at, word)| {
            let left_out = at.checked_sub(1).and_then(|before| action.argv.get(before)).and_then(Value::text);
            word.text().is_some_and(|test| PATH_TESTS.contains(&test)) && !matches!(left_out, Some(b"!" | b"-not"))
        }),
        Some(b"git") => {
            action.sub.first().is_some_and(|sub| sub == "ls-files")
                && action.operands.is_empty()
                && !action.options.iter().any(|(option, _)| narrows(option))
        }
        Some(b"rg") => {
            action.options.iter().any(|(option, _)| option == "--files")
                && action.operands.is_empty()
                && !action.options.iter().any(|(option, _)| narrows(option))
        }
        _ => false,
    }
}

/// Tests of find that ask for a path.
const PATH_TESTS: &[&[u8]] = &[b"-path", b"-wholename", b"-ipath", b"-iwholename", b"-regex", b"-iregex"];

/// Whether an action prints the names of credentials wherever they lie.
fn lists_credentials(action: &Action, atlas: &Atlas<'_>) -> bool {
    let names = |effect: &Effect| {
        effect.kind == EffectKind::Names
            && path_of(&effect.object).is_some_and(|path| atlas.place(path, false).certain.has(Scope::Credential))
    };
    match action.program.as_deref() {
        Some(b"ls" | b"find" | b"fd" | b"tree" | b"stat" | b"realpath") => action.effects.iter().any(names),
        Some(b"locate" | b"plocate" | b"mlocate" | b"mdfind") => words(action).any(is_credential),
        _ => false,
    }
}

/// Whether `ls` prints the names of configuration or code that runs by itself.
fn lists_sensitive(action: &Action, atlas: &Atlas<'_>) -> bool {
    action.program.as_deref() == Some(b"ls")
        && action.effects.iter().any(|effect| {
            effect.kind == EffectKind::Names
                && path_of(&effect.object).is_some_and(|path| atlas.place(path, false).certain.has(Scope::Sensitive))
        })
}

/// Programs whose operands are paths of another machine, or whose own business credentials are.
const OTHERS: &[&str] = &[
    "ssh",
    "mosh",
    "docker",
    "podman",
    "nerdctl",
    "kubectl",
    "oc",
    "git",
    "ssh-add",
    "ssh-copy-id",
    "sudo",
    "vault",
    "vagrant",
    "lxc",
    "limactl",
    "ansible",
    "gpg",
    "scp",
    "rsync",
    "sftp",
    "curl",
    "wget",
];

/// Where a program that connects is given a secret file among its operands, in a way that no declaration explains:
/// `k=@file`, `FILE:/path`, a path.
#[inline(never)]
pub(super) fn hands_over(action: &Action, atlas: &Atlas<'_>) -> Option<Span> {
    let connects =
        |effect: &Effect| matches!(effect.kind, EffectKind::Connects | EffectKind::Sends | EffectKind::Publishes);
    let program = action.program.as_deref()?;
    if !action.effects.iter().any(connects) || OTHERS.iter().any(|own| own.as_bytes() == program) {
        return None;
    }
    let cwd = action.cwd.text()?;
    let secret = |text: &[u8]| {
        let path = crate::action::path::absolute_bytes(cwd, text);
        atlas.place(&Value::known(path), false).certain.has(Scope::Credential)
    };
    let piece = |text: &[u8]| match (text, text.strip_prefix(b"~/"), atlas.home()) {
        (_, Some(rest), Some(home)) => secret(&[home, b"/", rest].concat()),
        ([b'/' | b'.', ..], ..) => secret(text),
        _ => false,
    };
    action
        .operands
        .iter()
        .find(|word| {
            word.text().is_some_and(|text| {
                let url = text.windows(3).any(|three| three == b"://");
                !url && text.split(|byte| matches!(byte, b'=' | b'@' | b'<' | b':' | b',')).any(piece)
            })
        })
        .map(|word| word.span)
}

/// Names of credentials alone, where they are no names of secret files of a project.
fn producers_ask<'a>(
    effect: &Effect,
    mut producers: impl Iterator<Item = &'a Action>,
    inside: &dyn Fn() -> Scopes,
) -> Option<Chosen> {
    let reads = effect.kind == EffectKind::Reads;
    (reads && producers.any(|action| asks_for(action, is_credential)) && inside().has(Scope::Credential))
        .then_some(Chosen::Credential)
}

/// Whether a finder prints whatever there is: no test narrows it, and hidden files are not left out. `home`: what it looks in
/// holds credentials itself, not only below other directories.
fn finds_all(action: &Action, home: bool) -> bool {
    let given = |name: &str| action.options.iter().any(|(option, _)| option == name);
    match action.program.as_deref() {
        Some(b"find") => action.options.iter().all(|(option, value)| match option.as_str() {
            "-type" | "-xtype" => value.as_ref().is_none_or(|kind| kind.text().is_none_or(|kind| kind.contains(&b'f'))),
            "-maxdepth" => home || value.as_ref().is_none_or(|depth| !matches!(depth.text(), Some(b"0" | b"1" | b"2"))),
            option => EVERYTHING.contains(&option),
        }),
        Some(b"fd") => {
            (given("--hidden") || given("--unrestricted"))
                && action.operands.first().and_then(Value::text).is_none_or(|pattern| matches!(pattern, b"." | b""))
                && !["--extension", "--glob", "--size", "--changed-within", "--exclude", "--owner"]
                    .iter()
                    .any(|name| given(name))
        }
        _ => false,
    }
}

/// Options of find that leave nothing of note out.
const EVERYTHING: &[&str] = &[
    "-H",
    "-L",
    "-P",
    "-O",
    "-depth",
    "-d",
    "-follow",
    "-maxdepth",
    "-mindepth",
    "-mount",
    "-xdev",
    "-noleaf",
    "-type",
    "-exec",
    "-execdir",
    "-ok",
    "-okdir",
    "-print",
    "-print0",
    "-warn",
    "-nowarn",
    "-daystart",
    "-true",
    "-a",
    "-ignore_readdir_race",
];

/// Whether a program that lists or filters names was given one that is wanted.
fn asks_for(action: &Action, wanted: fn(&[u8]) -> bool) -> bool {
    let given = |name: &str| action.options.iter().any(|(option, _)| option == name);
    match action.program.as_deref() {
        // What they look for in files is no name; what they look in may be.
        Some(b"rg" | b"grep" | b"git") if given("--files-with-matches") => action
            .options
            .iter()
            .filter(|(option, _)| matches!(option.as_str(), "--glob" | "--iglob" | "--include"))
            .filter_map(|(_, value)| value.as_ref()?.text())
            .any(wanted),
        Some(b"rg" | b"grep") if given("--invert-match") => false,
        // `-e pem` is `*.pem`.
        Some(b"fd")
            if action.options.iter().any(|(option, value)| {
                let ending = value.as_ref().filter(|_| option == "--extension").and_then(Value::text);
                ending.is_some_and(|ending| wanted(&[b"*.", ending.strip_prefix(b".").unwrap_or(ending)].concat()))
            }) =>
        {
            true
        }
        // The names of refs are no files' names.
        Some(b"git") if action.sub.first().is_some_and(|sub| REFS.contains(&sub.as_str())) => false,
        Some(b"find" | b"fd" | b"fdfind" | b"ls" | b"git" | b"rg" | b"grep") => words(action).any(wanted),
        Some(b"sed" | b"awk") => words(action).any(|code| code.split(|byte| *byte == b'/').any(wanted)),
        _ => false,
    }
}

/// Subcommands of git that list refs.
const REFS: &[&str] = &["tag", "branch", "for-each-ref", "remote", "show-ref", "ls-remote"];

/// The words that say what is wanted, not what is left out.
fn words(action: &Action) -> impl Iterator<Item = &[u8]> {
    let negation = |word: Option<&Value>| matches!(word.and_then(Value::text), Some(b"!" | b"-not"));
    let before = move |at: usize, back: usize| at.checked_sub(back).and_then(|at| action.argv.get(at));
    action.argv.iter().enumerate().skip(1).filter_map(move |(at, word)| {
        let left_out = negation(before(at, 1)) || negation(before(at, 2));
        word.text().filter(|text| !left_out && !text.starts_with(b"-") && !text.starts_with(b"!"))
    })
}

/// Whether the last component of a path, glob or regular expression singles out secret files.
fn is_secret(text: &[u8]) -> bool {
    let name = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = name.strip_prefix(b"^").unwrap_or(name);
    let name = name.strip_suffix(b"$").unwrap_or(name);
    let plain: Vec<u8> = name.iter().copied().filter(|byte| *byte != b'\\').collect();
    // A regular expression that begins with a dot means an ending.
    let ending = || name.starts_with(b"\\.") && sensitive::can_be(&[atoms(&[b"*", plain.as_slice()].concat())]).secret;
    !plain.is_empty() && (sensitive::can_be(&[atoms(&plain)]).secret || ending())
}

/// Whether a path, glob or regular expression singles out configuration or code that runs by itself.
fn is_sensitive(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"^").unwrap_or(text);
    let text = text.strip_suffix(b"$").unwrap_or(text);
    let parts = super::pattern::components(text).filter(|part| *part != b".").map(atoms);
    sensitive::can_be(&parts.collect::<Vec<_>>()).sensitive
}

/// Names of files that are credentials wherever a home or the system keeps them.
const CREDENTIALS: &[&str] = &[
    "shadow",
    "gshadow",
    "shadow-",
    "credentials",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".git-credentials",
    ".my.cnf",
    ".s3cfg",
    ".vault-token",
    ".pypirc",
    "application_default_credentials.json",
    "credentials.db",
    "access_tokens.db",
];

/// Names of the guard's own files and directories.
const GUARDS: &[&str] = &["vetsh", "policy.toml", "grants.toml", "trust.toml"];

/// Whether a glob singles out files of the guard: not one that matches everything.
fn is_guard(glob: &[u8]) -> bool {
    let literal = glob.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let matched = |name: &&str| meet(&atoms(glob), &atoms(name.as_bytes()));
    literal > 1 && GUARDS.iter().any(matched)
}

/// Whether a finder looks for keys by their names where they are kept.
#[inline(never)]
pub(super) fn hunts(action: &Action, atlas: &Atlas<'_>) -> bool {
    let told = match action.program.as_deref() {
        Some(b"find") => action
            .argv
            .windows(2)
            .any(|two| matches!(two[0].text(), Some(b"-name" | b"-iname")) && two[1].text().is_some_and(is_hunted)),
        Some(b"fd") => action.operands.first().and_then(Value::text).is_some_and(is_hunted),
        _ => false,
    };
    told && action.effects.iter().any(|effect| {
        effect.kind == EffectKind::Names
            && path_of(&effect.object).is_some_and(|path| atlas.place(path, true).certain.has(Scope::Credential))
    })
}

/// Whether a name means keys and nothing else: `id_rsa` and `*.kdbx`, not every `*.toml`.
fn is_hunted(text: &[u8]) -> bool {
    match text.first() {
        Some(b'*') => places::KEY_FILES.iter().any(|known| known.as_bytes() == text),
        Some(b'[' | b'?') => false,
        _ => is_credential(text),
    }
}

/// Whether a path, glob or regular expression singles out credentials.
fn is_credential(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"^").unwrap_or(text);
    let text = text.strip_suffix(b"$").unwrap_or(text);
    let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\\').collect();
    let mut parts = plain.rsplit(|byte| *byte == b'/');
    let name = parts.next().unwrap_or_default();
    let directory =
        |part: &[u8]| part.starts_with(b".") && places::HOME_CREDENTIALS.iter().any(|entry| entry.as_bytes() == part);
    if parts.any(directory) || directory(name) {
        return true;
    }
    let literal = name.iter().filter(|byte| !matches!(byte, b'*' | b'?' | b'.' | b'[' | b']')).count();
    let wanted = atoms(name);
    let fits = |known: &&str| meet(&atoms(known.as_bytes()), &wanted);
    // `id_*` and `*.pem` are meant, `*.md` and `a*` are not.
    let stem = |known: &&str| match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(ending), _) => name.ends_with(ending.as_bytes()),
        (None, Some(start)) => name.starts_with(start.as_bytes().get(..3).unwrap_or_default()),
        (None, None) => true,
    };
    literal >= 3 && places::KEY_FILES.iter().filter(|known| stem(known)).chain(CREDENTIALS).any(fits)
}
