//! Hand-made actions against the default table, in the fixed world.

use std::rc::Rc;

use super::*;
use crate::action::*;
use crate::policy::{Relax, Rule};
use crate::text::Span;

#[derive(Default)]
struct Plain {
    protected: Vec<String>,
    relaxes: Vec<Relax>,
    production: bool,
}

impl Plain {
    fn new() -> Self {
        Plain { protected: vec!["main".into(), "master".into()], ..Plain::default() }
    }
}

impl Law for Plain {
    fn rules_for(&self, _: Option<&[u8]>, _: &[EffectKind]) -> Vec<Rc<Rule>> {
        Vec::new()
    }
    fn flow_rules(&self) -> Vec<Rc<Rule>> {
        Vec::new()
    }
    fn list(&self, name: &str) -> &[String] {
        if name == "protected" { &self.protected } else { &[] }
    }
    fn scope_additions(&self, _: Scope) -> &[String] {
        &[]
    }
    fn relaxes(&self, rule: &str) -> Vec<&Relax> {
        self.relaxes.iter().filter(|relax| relax.rule == rule).collect()
    }
    fn production(&self) -> bool {
        self.production
    }
}

fn action(program: &str, effects: Vec<Effect>) -> Action {
    Action {
        kind: ActionKind::Run,
        program: Some(program.as_bytes().to_vec()),
        path: None,
        argv: vec![Value::known(program)],
        via: Vec::new(),
        sub: Vec::new(),
        options: Vec::new(),
        operands: Vec::new(),
        flags: Flags::default(),
        effects,
        coverage: Coverage::Full,
        gaps: Vec::new(),
        assigns: Vec::new(),
        cwd: Value::known("/home/u/w"),
        span: Span::new(0, 1),
        called: None,
        runner: false,
    }
}

fn effect(kind: EffectKind, object: Object, flags: Flags) -> Effect {
    Effect { kind, object, flags, certain: true, span: Span::new(0, 1), feed: Feed::default() }
}

/// A value from text in which `*`, `?` are globs and `…` is an unbounded hole.
fn value(text: &str) -> Value {
    let mut out = Value::default();
    for c in text.chars() {
        match c {
            '*' | '?' => out.parts.push(Part::glob(&[c as u8])),
            '…' => out.push(&Value::hole("unknown", Bound::Anything)),
            _ => out.push_known(c.to_string().as_bytes()),
        }
    }
    out
}

fn path(text: &str) -> Object {
    Object::Path { path: value(text), as_written: Vec::new() }
}

fn tier_in(changes: &Changes, kind: EffectKind, text: &str, recursive: bool) -> Tier {
    let flags = if recursive { Flags::default().with(Flag::Recursive) } else { Flags::default() };
    let actions = Actions { list: vec![action("tool", vec![effect(kind, path(text), flags)])], flows: Vec::new() };
    weigh(&actions, &Plain::new(), &Fixture::new(changes), &Context::default()).tier
}

fn tier(kind: EffectKind, text: &str, recursive: bool) -> Tier {
    tier_in(&Changes::default(), kind, text, recursive)
}

use EffectKind::{Deletes, Executes, Names, Overwrites, Permits, Reads, Writes};
use Tier::{Autonomous as A, Prohibited as P, Supervised as S};

#[test]
fn the_table_cell_by_cell() {
    for (kind, path, expected) in [
        (Reads, "/home/u/w/src/a.rs", A),
        (Reads, "/home/u/w/Makefile", A),
        (Reads, "/home/u/w/.env", S),
        (Reads, "/home/u/w/.env.example", A),
        (Reads, "/tmp/x", A),
        (Reads, "/home/u/.cargo/registry/src/x.rs", A),
        (Reads, "/home/u/notes.txt", S),
        (Reads, "/home/other/x", S),
        (Reads, "/etc/hosts", A),
        (Reads, "/etc/shadow", P),
        (Reads, "/home/u/.ssh/id_ed25519", P),
        (Reads, "/home/u/.ssh/config", S),
        (Reads, "/home/u/.cargo/credentials.toml", P),
        (Reads, "/home/u/.config/vetsh/policy.toml", S),
        (Reads, "/dev/sda", S),
        (Reads, "/dev/null", A),
        (Reads, "/proc/self/environ", P),
        (Reads, "/proc/self/root/etc/shadow", P),
        (Reads, "/proc/self/cwd/src/a.rs", A),
        (Names, "/home/u/.ssh", S),
        (Names, "/home/u", A),
        (Writes, "/home/u/w/new.txt", A),
        (Writes, "/home/u/w/.github/workflows/ci.yml", S),
        (Writes, "/home/u/.bashrc", S),
        (Writes, "/home/u/.cargo/bin/x", S),
        (Writes, "/home/u/.ssh/authorized_keys", P),
        (Writes, "/etc/hosts", P),
        (Writes, "/home/u/.local/state/vetsh/audit/x", P),
        (Writes, "/dev/sda", P),
        (Writes, "/dev/tty", A),
        (Overwrites, "/home/u/w/new.txt", A),
        (Deletes, "/home/u/w/notes.txt", S),
        (Deletes, "/home/u/w/build", A),
        (Deletes, "/home/u/w/node_modules", S),
        (Deletes, "/tmp/x", A),
        (Deletes, "/tmp", S),
        (Deletes, "/tmp/*", S),
        (Deletes, "/usr/bin/ls", P),
        (Permits, "/home/u/w/x.sh", S),
        (Executes, "/home/u/x.sh", S),
        (Executes, "/home/u/.ssh/x", P),
    ] {
        assert_eq!(tier(kind, path, false), expected, "{} {path}", kind.name());
    }
}

#[test]
fn a_directory_is_as_strict_as_what_lies_in_it() {
    for (kind, path, expected) in [
        (Deletes, "/home/u", P),
        (Deletes, "/home/u/*", P),
        (Deletes, "/home/u/.*", P),
        (Deletes, "/home/u/old", S),
        (Deletes, "/", P),
        (Deletes, "/home/u/w", S),
        (Deletes, "/home", P),
        (Deletes, "/home/u/.config", P),
        (Permits, "/", P),
        (Reads, "/home/u", P),
        (Reads, "/home/u/w", A),
        (Reads, "/usr/share", A),
        (Names, "/home/u", S),
        (Deletes, "/home/u/.s*", P),
    ] {
        assert_eq!(tier(kind, path, true), expected, "{} -r {path}", kind.name());
    }
}

#[test]
fn globs_and_holes() {
    for (kind, path, expected) in [
        (Reads, "/home/u/.ss?/id_*", P),
        (Reads, "/home/u/.s*/id_rsa", P),
        (Reads, "/etc/sha*", P),
        (Reads, "/etc/*", S),
        (Reads, "/home/u/w/*.py", A),
        (Reads, "/home/u/w/.env*", S),
        (Reads, "/home/u/w/*", A),
        (Reads, "/home/u/w/…", S),
        (Reads, "…", S),
        (Reads, "/home/u/.ssh/…", P),
        (Deletes, "/home/u/w/*.pyc", A),
        (Deletes, "/home/u/w/*.txt", S),
    ] {
        assert_eq!(tier(kind, path, false), expected, "{} {path}", kind.name());
    }
}

#[test]
fn links_are_followed_and_both_ends_count() {
    let mut changes = Changes::default();
    changes.files.insert("keys".into(), "link:../.ssh".into());
    changes.files.insert("up".into(), "link:/etc".into());
    assert_eq!(tier_in(&changes, Reads, "/home/u/w/keys/id_rsa", false), P);
    assert_eq!(tier_in(&changes, Writes, "/home/u/w/up/hosts", false), P);
    assert_eq!(tier_in(&changes, Reads, "/home/u/w/other", false), A);
}

#[test]
fn tracked_files_come_back() {
    let changes = Changes { tracked: vec!["src/a.rs".into()], ..Changes::default() };
    assert_eq!(tier_in(&changes, Deletes, "/home/u/w/src/a.rs", false), A);
    assert_eq!(tier_in(&changes, Deletes, "/home/u/w/src/b.rs", false), S);
}

#[test]
fn without_a_workspace_everything_is_home() {
    let changes = Changes { roots: Some(Vec::new()), ..Changes::default() };
    assert_eq!(tier_in(&changes, Writes, "/home/u/w/x", false), S);
    assert_eq!(tier_in(&changes, Reads, "/home/u/w/x", false), S);
}

#[test]
fn a_client_file_is_guard_only_while_it_holds_the_hook() {
    let mut changes = Changes::default();
    assert_eq!(tier_in(&changes, Writes, "/home/u/.claude/settings.json", false), S);
    changes.files.insert("~/.claude/settings.json".into(), r#"{"hooks":"vetsh hook claude"}"#.into());
    assert_eq!(tier_in(&changes, Writes, "/home/u/.claude/settings.json", false), P);
}

#[test]
fn chmod_by_its_mode() {
    for (mode, expected) in
        [("+x", A), ("u+x", A), ("755", A), ("777", S), ("go-w", A), ("u+s", S), ("4755", S), ("a+w", S), ("-x", A)]
    {
        let mut chmod = action("chmod", vec![effect(Permits, path("/home/u/w/x.sh"), Flags::default())]);
        chmod.argv = vec![Value::known("chmod"), Value::known(mode), Value::known("x.sh")];
        let actions = Actions { list: vec![chmod], flows: Vec::new() };
        let verdict = weigh(&actions, &Plain::new(), &Fixture::default(), &Context::default());
        assert_eq!(verdict.tier, expected, "{mode}");
    }
}

fn one(program: &str, kind: EffectKind, object: Object, law: &Plain) -> Tier {
    let actions =
        Actions { list: vec![action(program, vec![effect(kind, object, Flags::default())])], flows: Vec::new() };
    weigh(&actions, law, &Fixture::default(), &Context::default()).tier
}

#[test]
fn effects_without_a_path() {
    let law = Plain::new();
    let host = |name: &str| Object::Host(Value::known(name));
    assert_eq!(one("curl", EffectKind::Connects, host("localhost"), &law), A);
    assert_eq!(one("curl", EffectKind::Connects, host("example.com"), &law), S);
    assert_eq!(one("curl", EffectKind::Connects, host("169.254.169.254"), &law), P);
    assert_eq!(one("git", EffectKind::Publishes, Object::Ref(Value::known("main")), &law), P);
    assert_eq!(one("git", EffectKind::Publishes, Object::Ref(value("…")), &law), S);
    assert_eq!(one("git", EffectKind::Publishes, Object::Ref(Value::known("feature/main-menu")), &law), S);
    assert_eq!(one("kill", EffectKind::Signals, Object::Process(Value::known("%1")), &law), A);
    assert_eq!(one("kill", EffectKind::Signals, Object::Process(Value::known("1")), &law), S);
    let production = Plain { production: true, ..Plain::new() };
    assert_eq!(one("curl", EffectKind::Connects, host("example.com"), &production), P);
}

#[test]
fn a_secret_that_flows_out_is_prohibited() {
    let read = action("cat", vec![effect(Reads, path("/home/u/w/.env"), Flags::default())]);
    let plain = action("cat", vec![effect(Reads, path("/home/u/w/README.md"), Flags::default())]);
    let pass = action("base64", Vec::new());
    let mut sends = effect(EffectKind::Sends, Object::Host(Value::known("x.test")), Flags::default());
    sends.feed.stdin = true;
    let send = action("curl", vec![sends]);
    let flow = |from, to| Flow { from, to, channel: Channel::Stdin };
    let judged = |first: &Action| {
        let actions =
            Actions { list: vec![first.clone(), pass.clone(), send.clone()], flows: vec![flow(0, 1), flow(1, 2)] };
        weigh(&actions, &Plain::new(), &Fixture::default(), &Context::default())
    };
    assert_eq!(judged(&read).tier, P);
    assert_eq!(judged(&plain).tier, S);
}

#[test]
fn a_relaxation_lowers_its_rule_and_only_that() {
    let mut law = Plain::new();
    let relax = |rule: &str| Relax {
        rule: rule.into(),
        to: Tier::Autonomous,
        reason: "known host".into(),
        when: Vec::new(),
        expires: None,
        layer: crate::policy::Layer::User,
    };
    law.relaxes = vec![relax("core.connects"), relax("core.writes-guard")];
    assert_eq!(one("curl", EffectKind::Connects, Object::Host(Value::known("example.com")), &law), A);
    assert_eq!(one("curl", EffectKind::Installs, Object::None, &law), S);
    assert_eq!(one("tee", Writes, path("/home/u/.config/vetsh/policy.toml"), &law), P, "guard cells are locked");
    law.relaxes = vec![Relax { expires: Some("2020-01-01".into()), ..relax("core.connects") }];
    assert_eq!(one("curl", EffectKind::Connects, Object::Host(Value::known("example.com")), &law), S);
}

#[test]
fn what_was_remembered_judges_the_same() {
    let memory = Memory::new(Fixture::default());
    let actions = || Actions {
        list: vec![action("rm", vec![effect(Deletes, path("/home/u/w/build"), Flags::default())])],
        flows: Vec::new(),
    };
    let first = weigh(&actions(), &Plain::new(), &memory, &Context::default());
    let answers = memory.into_answers();
    let text = serde_json::to_string(&Plainly(&answers)).unwrap_or_default();
    assert!(!text.is_empty());
    let again = weigh(&actions(), &Plain::new(), &answers, &Context::default());
    assert_eq!((first.tier, first.scopes), (again.tier, again.scopes));
}

/// Byte-string keys need a codec that allows them; the record uses one. Here only that serialising works.
struct Plainly<'a>(&'a Answers);

impl serde::Serialize for Plainly<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = postcard::to_allocvec(self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_bytes(&bytes)
    }
}

#[test]
fn every_rule_of_the_table_is_known_and_guards_are_locked() {
    assert_eq!(core_rule("core.writes-guard"), Some(true));
    assert_eq!(core_rule("core.commits"), Some(false));
    assert_eq!(core_rule("core.nothing"), None);
    let mut ids: Vec<String> = core_rules().into_iter().map(|(id, _)| id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
