//! The surroundings a condition asks for, measured or claimed when it asks: the branch where an action runs, and the
//! environment kind, Kubernetes context and cloud account that its variables, options and files name.

use super::scope::join;
use crate::action::world::{FileKind, Variable, World};
use crate::action::{Action, EffectKind, Value};

/// What is known of one part of the surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// There is none: no repository, nothing claims it.
    None,
    /// It is there, and what it is cannot be told.
    Unknown,
    /// One of these values, each as certain as its value.
    Values(Vec<Value>),
}

impl Known {
    fn of(values: Vec<Value>) -> Known {
        if values.is_empty() { Known::None } else { Known::Values(values) }
    }
}

/// What tools were switched to by earlier actions of the line.
#[derive(Debug, Default)]
pub struct Switched {
    /// Tools that now act on production.
    production: Vec<Vec<u8>>,
}

impl Switched {
    /// Takes note of an action that switches.
    pub fn see(&mut self, action: &Action) {
        let Some(tool) = action.program.as_deref().map(family) else { return };
        if !action.effects.iter().any(|effect| effect.kind == EffectKind::Configures) {
            return;
        }
        if super::effect::names_production(action) {
            self.production.push(tool.to_vec());
        } else if action.sub.is_empty() || action.sub.iter().any(|sub| SWITCHES.contains(&sub.as_str())) {
            self.production.retain(|known| known != tool);
        }
    }

    /// Whether `action` acts on production by what was switched before it, and by nothing that it says itself.
    #[must_use]
    pub fn to_production(&self, action: &Action) -> bool {
        let Some(tool) = action.program.as_deref().map(family) else { return false };
        self.production.iter().any(|known| known == tool)
            && !action.options.iter().any(|(name, _)| CHOOSES.contains(&name.as_str()))
    }
}

/// Subcommands that switch to what they name.
const SWITCHES: &[&str] = &["use-context", "use", "select", "activate", "set"];

/// Options by which an action says itself what it acts on.
const CHOOSES: &[&str] =
    &["--context", "--kube-context", "--kubeconfig", "--profile", "--project", "--subscription", "--stack", "--host"];

/// Tools that share what they are switched to.
fn family(program: &[u8]) -> &[u8] {
    match program {
        b"kubectx" | b"kubens" | b"oc" | b"helm" | b"helmfile" | b"argocd" | b"flux" | b"istioctl" | b"kustomize"
        | b"skaffold" | b"tilt" | b"stern" => b"kubectl",
        b"docker-compose" | b"podman" => b"docker",
        b"tofu" | b"terragrunt" => b"terraform",
        other => other,
    }
}

/// Variables by which deployments name their kind.
const KINDS: &[&[u8]] = &[
    b"NODE_ENV",
    b"RAILS_ENV",
    b"RACK_ENV",
    b"APP_ENV",
    b"DJANGO_ENV",
    b"FLASK_ENV",
    b"MIX_ENV",
    b"DEPLOY_ENV",
    b"ENVIRONMENT",
    b"ASPNETCORE_ENVIRONMENT",
    b"DOTNET_ENVIRONMENT",
];

/// Variables by which cloud tools choose an account or project.
const ACCOUNTS: &[&[u8]] = &[
    b"AWS_PROFILE",
    b"AWS_DEFAULT_PROFILE",
    b"AWS_VAULT",
    b"CLOUDSDK_CORE_PROJECT",
    b"CLOUDSDK_ACTIVE_CONFIG_NAME",
    b"GOOGLE_CLOUD_PROJECT",
    b"GCLOUD_PROJECT",
    b"AZURE_SUBSCRIPTION_ID",
    b"ARM_SUBSCRIPTION_ID",
];

const LARGEST: usize = 1 << 20;
const DEEPEST: usize = 64;

/// The branch of the repository that `action` runs in. `moved`: an earlier action of the line may have changed it.
#[must_use]
pub fn branch(world: &dyn World, action: &Action, moved: bool) -> Known {
    let elsewhere = action.options.iter().any(|(name, _)| matches!(name.as_str(), "--git-dir" | "--work-tree"))
        || values(world, action, &[b"GIT_DIR", b"GIT_WORK_TREE"]) != Known::None;
    // `git -C a -C b` runs in a/b of where the line stands.
    let moves = action.options.iter().filter(|(name, _)| name == "-C").filter_map(|(_, value)| value.as_ref());
    let cwd = moves.fold(action.cwd.clone(), |cwd, value| crate::action::path::absolute(&cwd, value));
    let Some(cwd) = cwd.text() else { return Known::Unknown };
    if elsewhere {
        return Known::Unknown;
    }
    let mut at = if cwd.is_empty() { world.cwd() } else { cwd.to_vec() };
    // `git -C one -C two` goes there step by step.
    for (_, value) in action.options.iter().filter(|(name, _)| name == "-C") {
        match value.as_ref().map(Value::text) {
            Some(Some(folder)) => at = crate::action::path::absolute_bytes(&at, folder),
            Some(None) | None => return Known::Unknown,
        }
    }
    for _ in 0..DEEPEST {
        let git = join(&at, b".git");
        let folder = match world.kind(&git) {
            FileKind::Missing => {
                let Some(slash) = at.iter().rposition(|byte| *byte == b'/').filter(|_| at.len() > 1) else {
                    return Known::None;
                };
                at.truncate(slash.max(1));
                continue;
            }
            FileKind::Directory => git,
            FileKind::File => match world.contents(&git, 4096) {
                Some(text) => match text.strip_prefix(b"gitdir:").map(<[u8]>::trim_ascii) {
                    Some(target) if target.starts_with(b"/") => target.to_vec(),
                    Some(target) => join(&at, target),
                    None => return Known::Unknown,
                },
                None => return Known::Unknown,
            },
            FileKind::Link | FileKind::Device | FileKind::Other | FileKind::Unknown => return Known::Unknown,
        };
        if moved {
            return Known::Unknown;
        }
        let head = world.contents(&join(&folder, b"HEAD"), 4096);
        return match head.as_deref().and_then(|head| head.strip_prefix(b"ref: refs/heads/")) {
            Some(name) => Known::Values(vec![Value::known(name.trim_ascii_end())]),
            // Detached: what the commit belongs to is not known.
            None => Known::Unknown,
        };
    }
    Known::Unknown
}

/// Whether the action may change the branch that later ones run on, or the Kubernetes context.
#[must_use]
pub fn moves(action: &Action) -> bool {
    let sub = action.sub.first().map(String::as_str);
    match action.program.as_deref() {
        Some(b"git") => {
            matches!(
                sub,
                Some(
                    "checkout"
                        | "switch"
                        | "rebase"
                        | "bisect"
                        | "symbolic-ref"
                        | "branch"
                        | "stash"
                        | "init"
                        | "clone"
                )
            )
        }
        Some(b"gh") => matches!(sub, Some("pr")),
        Some(b"kubectl" | b"oc") => matches!(sub, Some("config" | "project" | "login")),
        Some(b"kubectx" | b"kubens" | b"gcloud" | b"aws" | b"az") => true,
        _ => false,
    }
}

/// The Kubernetes context that the action would use: its option, else the current one of the files `KUBECONFIG` names.
#[must_use]
pub fn kube(world: &dyn World, action: &Action, moved: bool) -> Known {
    let chosen = option(action, &["--context", "--kube-context", "--kubecontext"]);
    if !chosen.is_empty() {
        return Known::Values(chosen);
    }
    if moved {
        return Known::Unknown;
    }
    let files: Vec<Vec<u8>> = match (option(action, &["--kubeconfig"]).first(), values(world, action, &[b"KUBECONFIG"]))
    {
        (Some(file), _) => match file.text() {
            Some(file) => vec![file.to_vec()],
            None => return Known::Unknown,
        },
        (None, Known::Unknown) => return Known::Unknown,
        (None, Known::Values(lists)) => match lists.first().and_then(Value::text) {
            Some(list) => {
                list.split(|byte| *byte == b':').filter(|file| !file.is_empty()).map(<[u8]>::to_vec).collect()
            }
            None => return Known::Unknown,
        },
        (None, Known::None) => world.home().map(|home| join(&home, b".kube/config")).into_iter().collect(),
    };
    for file in files {
        let file = match (file.starts_with(b"/"), action.cwd.text()) {
            (true, _) => file,
            (false, Some(cwd)) => join(cwd, &file),
            (false, None) => return Known::Unknown,
        };
        match (world.contents(&file, LARGEST), world.kind(&file)) {
            (Some(text), _) => {
                if let Some(name) = current_context(&text) {
                    return Known::Values(vec![Value::known(name)]);
                }
            }
            (None, FileKind::Missing) => {}
            (None, _) => return Known::Unknown,
        }
    }
    Known::None
}

/// The line `current-context: name` of a kubeconfig.
fn current_context(text: &[u8]) -> Option<&[u8]> {
    let lines = text.split(|byte| *byte == b'\n');
    let name = lines.into_iter().find_map(|line| line.strip_prefix(b"current-context:"))?.trim_ascii();
    let name = name.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(name);
    let name = name.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'")).unwrap_or(name);
    (!name.is_empty()).then_some(name)
}

/// The environment kinds that variables claim; `prod` and its like are `production`.
#[must_use]
pub fn env(world: &dyn World, action: &Action) -> Known {
    match values(world, action, KINDS) {
        Known::Values(kinds) => Known::Values(
            kinds
                .into_iter()
                .map(|kind| match kind.text().map(<[u8]>::to_ascii_lowercase).as_deref() {
                    Some(b"prod" | b"prd" | b"live" | b"production") => Value::known("production"),
                    Some(b"dev" | b"local" | b"development") => Value::known("development"),
                    _ => kind,
                })
                .collect(),
        ),
        other => other,
    }
}

/// The cloud accounts and projects that options and variables name, and the one that gcloud has active.
#[must_use]
pub fn cloud(world: &dyn World, action: &Action, moved: bool) -> Known {
    let chosen = option(action, &["--profile", "--project", "--subscription", "--account"]);
    if !chosen.is_empty() {
        return Known::Values(chosen);
    }
    match values(world, action, ACCOUNTS) {
        Known::None => {}
        known => return known,
    }
    if moved {
        return Known::Unknown;
    }
    let active = world.home().and_then(|home| world.contents(&join(&home, b".config/gcloud/active_config"), 4096));
    Known::of(active.map(|name| Value::known(name.trim_ascii())).into_iter().collect())
}

fn option(action: &Action, names: &[&str]) -> Vec<Value> {
    let named = action.options.iter().filter(|(name, _)| names.contains(&name.as_str()));
    named.filter_map(|(_, value)| value.clone()).collect()
}

/// What the action sees of these variables: its own assignments before the environment's.
fn values(world: &dyn World, action: &Action, names: &[&[u8]]) -> Known {
    let mut found = Vec::new();
    for name in names {
        if let Some((_, value)) = action.assigns.iter().rev().find(|(own, _)| own == name) {
            found.push(value.clone());
            continue;
        }
        match world.variable(name) {
            Variable::Set(value) if !value.is_empty() => found.push(Value::known(value)),
            Variable::Set(_) | Variable::Unset | Variable::Unknown => {}
        }
    }
    Known::of(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::fixture::{Changes, Fixture};
    use crate::policy::{Layer, Source, Trust, load};

    /// The tier of a line under a policy of one rule, all the way from its bytes.
    fn fires(when: &str, changes: &Changes, line: &str) -> bool {
        let policy = format!(
            "format = 1\n[[rule]]\nid = \"t.rule\"\ntier = \"prohibited\"\nwhat = \"w\"\nwhy = \"y\"\ninstead = \"i\"\nwhen = {when}\nmatch = [\"a\", \"b\"]\npass = [\"c\", \"d\"]\n"
        );
        let source = Source { name: "p", layer: Layer::User, bytes: policy.as_bytes(), trust: Trust::Trusted };
        let loaded = load(&[source], "2026-11-24", &crate::judge::core_rule).expect("a policy");
        let context = crate::judge::Context { clock: Some(|| Some((23 * 60, "tue"))), ..Default::default() };
        let walk = |script: &crate::parse::Script, world: &dyn World| {
            let start = crate::action::walk::Start::line(crate::parse::Dialect::Bash);
            crate::action::walk::actions(script, line.as_bytes(), &start, &loaded.current, world)
        };
        let world = Fixture::new(changes);
        let laws: [&dyn crate::judge::Law; 1] = [&loaded.current];
        let weighed = crate::judge::judge(line.as_bytes(), crate::parse::Dialect::Bash, walk, &laws, &world, &context);
        weighed.verdict.findings.iter().any(|finding| finding.rule == "t.rule")
    }

    fn on(branch: &str) -> Changes {
        Changes { branch: Some(branch.into()), ..Changes::default() }
    }

    #[test]
    fn the_branch_is_that_of_the_directory_the_action_runs_in() {
        let when = r#"{ program = "git", sub = "commit", context = { branch = "@protected" } }"#;
        assert!(fires(when, &on("main"), "git commit -m x"));
        assert!(fires(when, &on("main"), "cd src && git commit -m x"));
        assert!(!fires(when, &on("feature/x"), "git commit -m x"));
        let mut other = on("main");
        other.files.insert("/tmp/other/.git/HEAD".into(), "ref: refs/heads/feature/y\n".into());
        assert!(!fires(when, &other, "git -C /tmp/other commit -m x"));
        assert!(fires(when, &other, "git -C src -C .. commit -m x"));
        assert!(fires(when, &other, "git -C \"$d\" commit -m x"));
        assert!(fires(when, &on("feature/x"), "git switch main && git commit -m x"), "it may be main by then");
        assert!(fires(when, &on("feature/x"), "GIT_DIR=/x/.git git commit -m x"), "another repository may be on main");
    }

    #[test]
    fn the_kubernetes_context_is_the_one_that_kubectl_would_use() {
        let when = r#"{ program = "kubectl", context = { kube = ["*prod*"] } }"#;
        let mut changes = Changes::default();
        changes.files.insert("~/.kube/config".into(), "apiVersion: v1\ncurrent-context: \"eu-prod-1\"\n".into());
        changes.files.insert("~/w/dev.yaml".into(), "current-context: dev\n".into());
        assert!(fires(when, &changes, "kubectl get pods"));
        assert!(!fires(when, &changes, "KUBECONFIG=/home/u/w/dev.yaml kubectl get pods"));
        assert!(!fires(when, &changes, "KUBECONFIG=dev.yaml kubectl get pods"));
        assert!(fires(when, &Changes::default(), "kubectl --context eu-prod get pods"));
        assert!(!fires(when, &Changes::default(), "kubectl --context dev get pods"));
        assert!(!fires(when, &Changes::default(), "kubectl get pods"), "there is no context");
        assert!(fires(when, &Changes::default(), "kubectl config use-context eu-prod; kubectl get pods"));
    }

    #[test]
    fn a_variable_claims_the_environment_and_the_account() {
        let env = r#"{ context = { env = "production" } }"#;
        assert!(fires(env, &Changes::default(), "RAILS_ENV=prod bin/rails x"));
        assert!(!fires(env, &Changes::default(), "RAILS_ENV=test bin/rails x"));
        let cloud = r#"{ program = "aws", context = { cloud = "*prod*" } }"#;
        assert!(fires(cloud, &Changes::default(), "AWS_PROFILE=prod-admin aws s3 ls"));
        assert!(fires(cloud, &Changes::default(), "aws --profile prod-admin s3 ls"));
        assert!(!fires(cloud, &Changes::default(), "AWS_PROFILE=dev aws s3 ls"));
    }

    #[test]
    fn the_clock_is_the_hosts() {
        let rule = |time: &str| format!(r#"{{ program = "git", context = {{ time = "{time}" }} }}"#);
        assert!(fires(&rule("22:00-06:00"), &Changes::default(), "git status"));
        assert!(!fires(&rule("09:00-17:00"), &Changes::default(), "git status"));
        assert!(fires(&rule("tue"), &Changes::default(), "git status"));
        assert!(!fires(&rule("sun"), &Changes::default(), "git status"));
    }
}
