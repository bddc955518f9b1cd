//! The words of the table's rules: what an action would do, why that is not autonomous, what to do instead. They are read by an
//! agent that must go on without it and by a human who must decide in a moment, so they name the object or the command.

use super::effect::Ruling;
use super::found::object_text;
use crate::action::{Action, CodeOrigin, Effect, EffectKind, Flag, Object, Scope, Value};
use crate::policy::Tier;

/// What an effect does to an object that is named.
#[must_use]
pub fn verb(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Reads => "read",
        EffectKind::Names => "look at names in",
        EffectKind::Writes => "write",
        EffectKind::Overwrites => "overwrite",
        EffectKind::Deletes => "delete",
        EffectKind::Permits => "change permissions of",
        EffectKind::Executes => "execute",
        EffectKind::Connects => "connect to",
        EffectKind::Sends => "send data to",
        EffectKind::Listens => "listen on",
        EffectKind::Queries => "query",
        EffectKind::Modifies => "change data in",
        EffectKind::Installs => "install",
        EffectKind::Commits => "commit to",
        EffectKind::Publishes => "publish",
        EffectKind::Rewrites => "rewrite the history of",
        EffectKind::Signals => "signal",
        EffectKind::Escalates => "gain rights as",
        EffectKind::Configures => "change configuration of",
        EffectKind::Deploys => "deploy",
        EffectKind::Spends => "spend money on",
        EffectKind::Decodes => "decode",
    }
}

/// What an effect does whose object the words do not name.
fn alone(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Connects => "connect to another machine",
        EffectKind::Sends => "send data to another machine",
        EffectKind::Listens => "listen for connections of others",
        EffectKind::Queries => "query data",
        EffectKind::Modifies => "change data or what runs",
        EffectKind::Installs => "install or fetch packages",
        EffectKind::Commits => "commit",
        EffectKind::Publishes => "publish",
        EffectKind::Rewrites => "rewrite history",
        EffectKind::Signals => "signal processes",
        EffectKind::Escalates => "gain more rights",
        EffectKind::Configures => "change settings",
        EffectKind::Deploys => "change infrastructure or deploy",
        EffectKind::Spends => "spend money",
        EffectKind::Executes => "execute code",
        other => verb(other),
    }
}

/// What a declaration means that names no path but a scope.
fn declared(text: &str) -> Option<&'static str> {
    Some(match text {
        "workspace" => "files of the workspace",
        "sensitive" => "the project's configuration",
        "temp" => "temporary files",
        "cache" => "a cache",
        "home" => "files outside the workspace",
        "system" => "system files",
        "credential" => "a stored credential",
        "device" => "a device",
        _ => return None,
    })
}

/// The command as a human would name it: `gh auth token`, `aws ecs update-service`.
fn command(action: &Action) -> String {
    let mut words = String::from_utf8_lossy(action.name().unwrap_or_default()).into_owned();
    let plain = |word: &&[u8]| {
        word.first().is_some_and(u8::is_ascii_lowercase)
            && word.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    let leading = action.argv.iter().skip(1).map_while(Value::text).take_while(plain).take(2);
    let leading: Vec<_> =
        if action.sub.is_empty() { leading.map(String::from_utf8_lossy).collect() } else { Vec::new() };
    for word in action.sub.iter().map(String::as_str).chain(leading.iter().map(AsRef::as_ref)) {
        words.push(' ');
        words.push_str(word);
    }
    words
}

/// What the action would do by the effect that a rule of the table fired on.
#[must_use]
pub fn what(action: &Action, effect: &Effect, ruling: &Ruling) -> String {
    let kind = effect.kind;
    let object = object_text(&effect.object);
    let command = command(action);
    let ends = |word: &str| ruling.id.ends_with(word);
    let to = |what: &str, otherwise: &str| format!("{what} {}", if object.is_empty() { otherwise } else { &object });
    if ends("-production") {
        let doing =
            if kind == EffectKind::Connects { "reach out of a production environment" } else { "change production" };
        return format!("{doing}: {command}");
    }
    if ends("-protected") {
        let doing = if kind == EffectKind::Rewrites { "rewrite" } else { "push to" };
        return match object.as_str() {
            "" => format!("{doing} every branch, protected ones too"),
            name => format!("{doing} the protected branch {name}"),
        };
    }
    if ends("-secret") && kind == EffectKind::Sends {
        return to("send a secret to", "another machine");
    }
    if ends("-metadata") {
        return to("ask the machine's own metadata service", "");
    }
    if ends("-drops") {
        return format!("drop or empty what is stored: {command}");
    }
    if object.is_empty() {
        return match (command.is_empty(), kind) {
            (true, _) => alone(kind).to_owned(),
            (false, _) => format!("{}: {command}", alone(kind)),
        };
    }
    let descends = effect.flags.has(Flag::Recursive) && ruling.scope.is_some();
    let recursive = if descends { "recursively " } else { "" };
    let named = matches!(&effect.object, Object::Path { .. }).then(|| declared(&object)).flatten();
    match (named, ruling.scope) {
        (Some(named), _) if action.operands.iter().all(|word| word.display() != object.as_bytes()) => {
            format!("{recursive}{} {named}: {command}", verb(kind))
        }
        (_, Some(scope)) => format!("{recursive}{} {object} ({})", verb(kind), scope.name()),
        (_, None) if matches!(&effect.object, Object::Code { origin: CodeOrigin::Workspace, .. }) => {
            format!("{} {object}: {command}", verb(kind))
        }
        (_, None) if kind == EffectKind::Publishes && matches!(effect.object, Object::Ref(_)) => {
            format!("push {object}")
        }
        (_, None) => format!("{} {object}", verb(kind)),
    }
}

/// Why a rule of the table is not autonomous.
#[must_use]
pub fn why(kind: EffectKind, ruling: &Ruling) -> &'static str {
    let ends = |word: &str| ruling.id.ends_with(word);
    match (kind, ruling.scope) {
        (EffectKind::Connects, _) if ends("-production") => "policy declares this environment production",
        _ if ends("-production") => "production is not the agent's to change",
        _ if ends("-protected") => "others build on it, and it changes by review alone",
        _ if ends("-drops") => "what is dropped is gone for everybody",
        _ if ends("-metadata") => "it hands out the machine's own credentials",
        (EffectKind::Sends, _) if ends("-secret") => "a secret that left cannot be called back",
        (_, Some(Scope::Guard)) => "it decides what is vetted",
        (_, Some(Scope::Credential)) => "it holds keys, tokens or passwords",
        (_, Some(Scope::Restricted)) => "policy declares it restricted",
        (_, Some(Scope::Device)) => "a device reaches below the file system",
        (EffectKind::Reads | EffectKind::Names, Some(Scope::Home)) => "it lies outside the workspace",
        (_, Some(Scope::System)) => "it belongs to the operating system",
        (_, Some(Scope::Sensitive)) if ruling.secret => "it holds secrets",
        (EffectKind::Executes, Some(Scope::Sensitive)) => "what it would do is not known before it runs",
        (_, Some(Scope::Sensitive)) => "it is configuration or code that runs by itself",
        (EffectKind::Deletes | EffectKind::Overwrites, Some(Scope::Workspace)) => "git could not bring it back",
        (EffectKind::Deletes | EffectKind::Overwrites, Some(Scope::Cache)) => "other work on this machine uses it too",
        (EffectKind::Deletes | EffectKind::Overwrites, Some(Scope::Temp)) => "other programs keep files there",
        (EffectKind::Deletes | EffectKind::Overwrites, _) => "it cannot be brought back",
        (EffectKind::Permits, _) => "permissions decide who may read and run it",
        (EffectKind::Executes, _) => "what it would do is not known before it runs",
        (_, Some(Scope::Home)) => "it lies outside the workspace",
        (EffectKind::Connects, _) => "it reaches another machine",
        (EffectKind::Sends, _) => "what was sent cannot be called back",
        (EffectKind::Listens, _) => "others could connect",
        (EffectKind::Installs, _) => "packages bring code that nobody here has read",
        (EffectKind::Commits, _) => "a commit speaks for its author",
        (EffectKind::Publishes, _) => "others see it at once",
        (EffectKind::Rewrites, _) => "commits may be lost",
        (EffectKind::Signals, _) => "the process may be another's",
        (EffectKind::Escalates, _) => "more rights than the task was given",
        (EffectKind::Configures, _) => "it outlives the task",
        (EffectKind::Deploys, _) => "it changes what others use",
        (EffectKind::Spends, _) => "it costs money",
        (EffectKind::Queries | EffectKind::Modifies, _) => "others may use it or depend on it",
        _ => "its reach is not known",
    }
}

/// What to do instead.
#[must_use]
pub fn instead(kind: EffectKind, ruling: &Ruling) -> &'static str {
    let ends = |word: &str| ruling.id.ends_with(word);
    let refused = ruling.tier == Tier::Prohibited;
    match (kind, ruling.scope) {
        _ if ends("-production") => "write the command down, and let a human run it",
        _ if ends("-drops") => "write the statement into a file, and let a human run it",
        (EffectKind::Sends, _) if ends("-secret") => "send what the task needs without the secret",
        (_, Some(Scope::Guard)) => "ask the human to change vetsh's settings",
        (EffectKind::Reads | EffectKind::Names, Some(Scope::Credential)) => {
            "ask the human for what the task needs of it, without the secret itself"
        }
        (EffectKind::Reads, Some(Scope::Sensitive)) => "use its example file, or ask for the one value that is needed",
        (EffectKind::Reads | EffectKind::Names, _) => "copy what is needed into the workspace, or ask for it",
        (EffectKind::Writes | EffectKind::Overwrites, Some(Scope::System | Scope::Home | Scope::Cache)) => {
            "write below the workspace or the temporary directory"
        }
        _ if refused && ruling.scope.is_some() => "leave it as it is, and tell the human what the task needs",
        (EffectKind::Writes | EffectKind::Overwrites, _) => "propose the change and let a human approve it",
        (EffectKind::Deletes, Some(Scope::Workspace | Scope::Sensitive | Scope::Temp)) => {
            "name exact files that git tracks, or move them aside"
        }
        (EffectKind::Deletes, _) => "leave it, or ask for exact files",
        (EffectKind::Permits, Some(Scope::Workspace)) => "use chmod +x on the one file that needs it",
        (EffectKind::Executes, Some(_)) => "run the project's own test or build command, or ask for this one",
        (EffectKind::Executes, None) => "use a plain command for it, or put the code in a file and ask to run that",
        (EffectKind::Connects | EffectKind::Sends, _) => "work with what is in the workspace, or ask for this one host",
        (EffectKind::Installs, _) => "use what the lock file already brings, or ask for this one package",
        (EffectKind::Commits, _) => "leave the change in the working tree for review",
        (EffectKind::Publishes | EffectKind::Rewrites, _) if refused => {
            "push a feature branch and open a draft pull request"
        }
        (EffectKind::Publishes, _) => "ask, saying what others will see and why now",
        (EffectKind::Rewrites, _) => "add a new commit instead, or ask",
        (EffectKind::Deploys, _) => "write the plan or the manifest, and ask for this one change",
        (EffectKind::Escalates, _) => "do it without more rights, or tell the human the command",
        _ => "ask, saying what it is for",
    }
}

/// What to do instead where a rule fires that stands for no cell of the table.
#[must_use]
pub fn instead_of(rule: &str) -> &'static str {
    match rule {
        "core.unknown-program" => "use a program that the policy knows, or ask, saying what it is for",
        "core.unknown-option" | "core.unknown-subcommand" | "core.partial" => {
            "leave that out, or ask, saying what it is for"
        }
        "core.dynamic-word" => "write the value itself, or ask",
        "core.look-alike" => "write it in plain letters",
        "core.content-secret" | "core.content-personal" => "let the program read it from where it is kept",
        "core.reads-environment" | "core.reads-secret-variable" => {
            "print the one variable that is needed, or test whether a secret is set: [ -n \"$NAME\" ]"
        }
        "core.reads-secret" | "core.reads-credential" => "ask for the one value that the task needs",
        "core.sends-secret" | "core.flow-secret-out" => "send what the task needs without the secret",
        "core.flow-write-then-run" => "write it in one line, and run it in the next",
        "core.flow-remote-shell" | "core.signals-guard" => "tell the human what the task needs",
        _ => "write it so that it can be read before it runs, or ask",
    }
}
