//! Argv reading on tools declared here by hand, in a world of a few files.

use std::rc::Rc;

use super::read;
use crate::action::tool::{Command, Count, DeclaredEffect, Operand, OptionSpec, Role, Syntax, Takes};
use crate::action::world::{FileKind, Variable, World};
use crate::action::{
    Bound, Carried, EffectKind, Flag, Flags, GapKind, Object, Reading, Seen, Surroundings, Tools, Value,
};

struct Few;

fn option(names: &str, value: Takes, role: Option<Role>, flags: &[Flag]) -> OptionSpec {
    OptionSpec {
        names: names.split(' ').map(str::to_owned).collect(),
        value,
        role,
        at_role: None,
        flags: flags.iter().fold(Flags::default(), |all, flag| all.with(*flag)),
        effects: Vec::new(),
        more: Vec::new(),
    }
}

fn operand(role: Role, count: Count) -> Operand {
    Operand { role, at_role: None, count, default: None }
}

fn command(path: &str, syntax: u16, options: Vec<OptionSpec>, operands: Vec<Operand>) -> Command {
    let path = path.split(' ').map(str::to_owned).collect();
    Command { path, syntax: Syntax(syntax), options, operands, ..Command::default() }
}

impl Tools for Few {
    fn command(&self, path: &[&[u8]]) -> Option<Rc<Command>> {
        let cluster = Syntax::CLUSTER.0 | Syntax::ABBREV.0;
        let stop = cluster | Syntax::STOP_AT_OPERAND.0;
        let declared = |kind| DeclaredEffect { kind, object: None };
        let found = match path {
            [b"rm"] => command(
                "rm",
                cluster,
                vec![
                    option("-r -R --recursive", Takes::Nothing, None, &[Flag::Recursive]),
                    option("-f --force", Takes::Nothing, None, &[]),
                    option("--from-file", Takes::Value, Some(Role::OptionsFile), &[]),
                ],
                vec![operand(Role::Delete, Count::Many)],
            ),
            [b"cp"] => command(
                "cp",
                cluster,
                vec![option("-a", Takes::Nothing, None, &[])],
                vec![operand(Role::Read, Count::Many), operand(Role::Write, Count::One)],
            ),
            [b"echo"] => {
                command("echo", 0, vec![option("-n", Takes::Nothing, None, &[])], vec![operand(Role::Text, Count::Any)])
            }
            [b"env"] => command(
                "env",
                stop,
                vec![
                    option("-C --chdir", Takes::Value, Some(Role::Chdir), &[]),
                    option("-S --split-string", Takes::Value, Some(Role::Words), &[]),
                ],
                vec![operand(Role::Assign, Count::Any), operand(Role::Payload, Count::Optional)],
            ),
            [b"xargs"] => command(
                "xargs",
                stop,
                vec![
                    option("-I", Takes::Value, Some(Role::Text), &[]),
                    option("-n", Takes::Value, Some(Role::Number), &[]),
                ],
                vec![operand(Role::PayloadStdin, Count::Optional)],
            ),
            [b"curl"] => command(
                "curl",
                cluster,
                vec![
                    option("-o --output", Takes::Value, Some(Role::Write), &[]),
                    option("-s --silent", Takes::Nothing, None, &[]),
                ],
                vec![operand(Role::Url, Count::Any)],
            ),
            [b"dd"] => command("dd", 0, vec![option("of=", Takes::Value, Some(Role::Write), &[])], Vec::new()),
            [b"git"] => Command {
                has_subs: true,
                sub_required: true,
                ..command(
                    "git",
                    cluster | Syntax::NO_PREFIX.0 | Syntax::STOP_AT_OPERAND.0,
                    vec![
                        option("-C", Takes::Value, Some(Role::Chdir), &[]),
                        option("-c", Takes::Value, Some(Role::Config), &[]),
                    ],
                    Vec::new(),
                )
            },
            [b"git", b"push"] => Command {
                effects: vec![declared(EffectKind::Connects), declared(EffectKind::Publishes)],
                ..command(
                    "git push",
                    0,
                    vec![
                        option("-f --force", Takes::Nothing, None, &[Flag::Force]),
                        option("-n --dry-run", Takes::Nothing, None, &[Flag::Dry]),
                        option("-d --delete", Takes::Nothing, None, &[Flag::DeleteRef]),
                        option("-u --set-upstream", Takes::Nothing, None, &[]),
                    ],
                    vec![operand(Role::Remote, Count::Optional), operand(Role::Refspec, Count::Any)],
                )
            },
            _ => return None,
        };
        Some(Rc::new(found))
    }
}

struct Small;

const CONFIG: &[u8] = b"[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@forge.test:a/b.git\n[alias]\n\tup = push -f\n\tsh = !rm -rf /\n";

impl World for Small {
    fn home(&self) -> Option<Vec<u8>> {
        Some(b"/home/u".to_vec())
    }
    fn home_of(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn cwd(&self) -> Vec<u8> {
        b"/home/u/w".to_vec()
    }
    fn roots(&self) -> Vec<Vec<u8>> {
        vec![self.cwd()]
    }
    fn variable(&self, _: &[u8]) -> Variable {
        Variable::Unset
    }
    fn kind(&self, path: &[u8]) -> FileKind {
        match path {
            b"/home/u/w/old" => FileKind::File,
            b"/home/u/w/.git" | b"/home/u/w/dir" => FileKind::Directory,
            _ => FileKind::Missing,
        }
    }
    fn link(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn contents(&self, path: &[u8], _: usize) -> Option<Vec<u8>> {
        match path {
            b"/home/u/w/.git/HEAD" => Some(b"ref: refs/heads/main\n".to_vec()),
            b"/home/u/w/.git/config" => Some(CONFIG.to_vec()),
            _ => None,
        }
    }
    fn entries(&self, _: &[u8], _: usize) -> Option<Vec<Vec<u8>>> {
        None
    }
    fn user_writable(&self, _: &[u8]) -> bool {
        true
    }
    fn restorable(&self, _: &[u8]) -> bool {
        false
    }
    fn ignored(&self, _: &[u8]) -> bool {
        false
    }
}

fn words(line: &str) -> Vec<Value> {
    line.split(' ')
        .map(|word| match word.split_once('$') {
            Some((head, _)) => {
                let mut value = Value::known(head);
                value.push(&Value::hole("x", Bound::Anything));
                value
            }
            None => Value::known(word),
        })
        .collect()
}

fn with(line: &str, seen: &dyn Fn(&[u8]) -> Seen) -> Reading {
    let cwd = Value::known("/home/u/w");
    read(
        &Surroundings {
            tools: &Few,
            world: &Small,
            cwd: &cwd,
            variables: seen,
            sets: true,
            stdin: None,
            stdin_file: None,
            contents: &|_| None,
            repository: &[],
            linked: &|_| false,
            tree_diff: &|_| false,
        },
        &words(line),
    )
}

fn reading(line: &str) -> Reading {
    with(line, &|_| Seen::Untouched)
}

fn effects(line: &str) -> Vec<String> {
    let shown = |object: &Object| match object {
        Object::Path { path, .. } => path.display(),
        Object::Host(value) | Object::Ref(value) | Object::Named(value) => value.display(),
        Object::Remote { name, host } => [name.display(), b"@".to_vec(), host.clone().unwrap_or_default()].concat(),
        _ => Vec::new(),
    };
    let reading = reading(line);
    let text = |effect: &crate::action::Effect| {
        format!("{} {}", effect.kind.name(), String::from_utf8_lossy(&shown(&effect.object)))
    };
    reading.effects.iter().map(text).collect()
}

fn gaps(line: &str) -> Vec<GapKind> {
    reading(line).gaps.iter().map(|gap| gap.kind).collect()
}

#[test]
fn spellings_of_one_option_mean_the_same() {
    for line in ["rm -rf x", "rm -fr x", "rm -R -f x", "rm --recurs x", "rm x -r", "rm --recursive -- x"] {
        let reading = reading(line);
        assert!(reading.flags.has(Flag::Recursive) && reading.gaps.is_empty(), "{line}");
        assert_eq!(effects(line), ["deletes /home/u/w/x"], "{line}");
        assert!(reading.effects.iter().all(|effect| effect.flags.has(Flag::Recursive)), "{line}");
    }
    assert!(!reading("rm -- -r").flags.has(Flag::Recursive));
}

#[test]
fn what_is_not_declared_is_a_gap_and_operands_stay() {
    assert_eq!(gaps("rm -z /etc"), [GapKind::UnknownOption]);
    assert_eq!(effects("rm -z /etc"), ["deletes /etc"]);
    assert_eq!(gaps("rm --fo x"), [], "an abbreviation of --force alone");
    assert_eq!(gaps("rm --f x"), [GapKind::UnknownOption], "--force or --from-file");
    assert_eq!(gaps("rm --fr x y"), [GapKind::Partial]);
    assert_eq!(gaps("rm --force=1 x"), [GapKind::UnknownOption]);
    assert_eq!(gaps("nothing -x"), [GapKind::UnknownProgram]);
    assert_eq!(gaps("git frobnicate"), [GapKind::UnknownSubcommand]);
    assert_eq!(gaps("dd x"), [GapKind::Partial]);
    assert_eq!(gaps("rm"), [GapKind::Partial]);
}

#[test]
fn help_does_nothing() {
    assert!(effects("rm -rf --help x").is_empty());
    assert!(effects("git push --help").is_empty());
    assert_eq!(effects("rm -- --help"), ["deletes /home/u/w/--help"]);
    assert_eq!(effects("rm --version x"), ["deletes /home/u/w/x"], "not alone");
}

#[test]
fn dynamic_words_are_gaps_only_where_they_decide() {
    assert_eq!(gaps("echo $x"), []);
    assert_eq!(gaps("rm $x"), [GapKind::DynamicWord]);
    assert_eq!(gaps("rm -- $x"), []);
    assert_eq!(gaps("rm src/$x"), []);
    assert_eq!(gaps("rm -$x"), [GapKind::DynamicWord, GapKind::Partial]);
    assert_eq!(gaps("git $x"), [GapKind::DynamicWord, GapKind::DynamicWord]);
    assert!(reading("rm -- src/$x").effects.iter().all(|effect| !effect.certain));
}

#[test]
fn files_are_written_where_they_are() {
    assert_eq!(effects("cp a old"), ["reads /home/u/w/a", "overwrites /home/u/w/old"]);
    assert_eq!(
        effects("cp a b dir"),
        ["reads /home/u/w/a", "reads /home/u/w/b", "writes /home/u/w/dir/a", "writes /home/u/w/dir/b"]
    );
    assert_eq!(effects("dd of=/etc/x"), ["writes /etc/x"]);
    assert_eq!(effects("curl -so/etc/x https://User@Host.test:1/p"), ["writes /etc/x", "connects host.test"]);
    assert_eq!(effects("curl -s file:///etc/shadow"), ["reads /etc/shadow"]);
}

fn carried(line: &str) -> Vec<String> {
    let joined = |argv: &[Value]| {
        let words: Vec<String> =
            argv.iter().map(|word| String::from_utf8_lossy(&word.display()).into_owned()).collect();
        words.join(" ")
    };
    reading(line)
        .payloads
        .iter()
        .map(|payload| match &payload.what {
            Carried::Argv(argv) => joined(argv),
            Carried::Shell { text, .. } => format!("sh: {}", joined(std::slice::from_ref(text))),
            Carried::Script { path, .. } => format!("file: {}", joined(std::slice::from_ref(path))),
            Carried::ShellStdin { .. } => "stdin".to_owned(),
        })
        .collect()
}

#[test]
fn wrappers_carry_the_rest() {
    assert_eq!(carried("env -C /x A=b rm -rf y"), ["rm -rf y"]);
    let reading = reading("env -C /x A=b rm y");
    let payload = reading.payloads.first().cloned();
    assert_eq!(payload.clone().and_then(|payload| payload.cwd), Some(Value::known("/x")));
    assert_eq!(payload.map(|payload| payload.assigns), Some(vec![(b"A".to_vec(), Value::known("b"))]));
    assert_eq!(carried("xargs -n 1 rm -rf"), ["rm -rf …"]);
    assert_eq!(carried("xargs -I {} cp {} /x"), ["cp … /x"]);
    assert!(carried("env A=b").is_empty());
}

#[test]
fn shells_take_their_command_from_any_cluster() {
    for line in
        ["bash -c ls", "bash -lc ls", "sh -e -c ls", "bash -o pipefail -c ls", "bash --norc -xec ls", "zsh -c -l ls"]
    {
        assert_eq!(carried(line), ["sh: ls"], "{line}");
    }
    assert_eq!(carried("bash x.sh -c ls"), ["file: /home/u/w/x.sh"]);
    assert_eq!(carried("bash -s a"), ["stdin"]);
    assert!(carried("bash -n x.sh").is_empty());
}

#[test]
fn pushes_are_resolved_to_the_branch_that_moves() {
    for (line, want) in [
        ("git push", "main"),
        ("git push origin HEAD", "main"),
        ("git push origin @", "main"),
        ("git push origin HEAD:refs/heads/x", "x"),
        ("git push origin feature/main", "feature/main"),
        ("git push origin refs/heads/main", "main"),
        ("git push origin a:heads/main", "main"),
    ] {
        assert!(effects(line).contains(&format!("publishes {want}")), "{line}: {:?}", effects(line));
    }
    assert!(effects("git push").contains(&"connects origin@forge.test".to_owned()));
    assert!(reading("git push origin +main").flags.has(Flag::Force));
    assert!(reading("git push origin :main").flags.has(Flag::DeleteRef));
    assert!(reading("git push origin main --force").flags.has(Flag::Force), "after its operands too");
    assert!(!reading("git push origin x:main").flags.has(Flag::Force));
    assert_eq!(effects("git push --dry-run"), ["connects origin@forge.test"]);
    assert!(effects("git push -n --no-dry-run").contains(&"publishes main".to_owned()));
}

#[test]
fn keys_and_aliases_that_execute_are_seen() {
    assert_eq!(gaps("git -c core.pager=cat push"), []);
    assert_eq!(carried("git -c core.sshCommand=evil push"), ["sh: evil"]);
    assert_eq!(gaps("git -c core.fsmonitor=x push"), [GapKind::ExecutionKey]);
    assert_eq!(carried("git up origin -n"), ["git push -f origin -n"]);
    assert_eq!(carried("git sh"), ["sh: rm -rf /"]);
    let line = |name: &'static str, value: &'static str| {
        let seen = move |asked: &[u8]| {
            if asked == name.as_bytes() { Seen::Line(Value::known(value)) } else { Seen::Untouched }
        };
        let reading = with("git push", &seen);
        (reading.gaps.len(), reading.payloads.len())
    };
    assert_eq!(line("GIT_PAGER", "cat"), (0, 0));
    assert_eq!(line("GIT_SSH_COMMAND", "evil"), (0, 1));
    assert_eq!(line("LD_PRELOAD", "x.so"), (1, 0));
    assert_eq!(line("FOO", "x"), (0, 0));
}
