//! What a line says of production: the words of an action, the directory it runs in, and what an earlier action chose.
//!
//! All of it is claimed, so it may only tighten.

use super::scope::{Atlas, below};
use super::when::host_of;
use crate::action::{Action, EffectKind, Object, Value, world::claims_production as says};

/// Whether a word or variable of the action names production, or the directory it runs in: below a root of the workspace what
/// stands above the root says nothing.
#[must_use]
pub fn is_named(action: &Action, atlas: &Atlas<'_>) -> bool {
    let mut words = action.argv.iter().chain(action.assigns.iter().map(|(_, value)| value));
    words.any(is_said) || action.cwd.text().is_some_and(|cwd| stands(cwd, atlas))
}

/// Whether the host of an effect is called a production one.
#[must_use]
pub fn is_host(object: &Object) -> bool {
    host_of(object).is_some_and(|host| is_said(&host))
}

/// Whether the word, or the name of a variable whose value it takes, names production.
fn is_said(word: &Value) -> bool {
    says(&word.display()) || word.variables().any(|name| says(name.as_bytes()))
}

fn stands(cwd: &[u8], atlas: &Atlas<'_>) -> bool {
    let home = || atlas.home().and_then(|home| below(cwd, home));
    says(atlas.relative(cwd).or_else(home).unwrap_or(cwd))
}

/// What earlier actions of the line made the goal of later ones: a context, a workspace, a project, an account.
#[derive(Debug, Default)]
pub struct Choices<'a> {
    /// The programs that were pointed at production.
    production: Vec<&'a [u8]>,
}

impl<'a> Choices<'a> {
    /// Whether something reached by now is production.
    #[must_use]
    pub fn is_production(&self) -> bool {
        !self.production.is_empty()
    }

    /// Takes note of an action that chooses. A choice of something else takes the program's earlier one back.
    #[inline(never)]
    pub fn see(&mut self, action: &'a Action) {
        let Some(program) = action.program.as_deref().map(family) else { return };
        let switches = match program {
            b"kubectx" | b"tfswitch" => true,
            b"kubectl" | b"terraform" | b"pulumi" | b"gcloud" | b"az" | b"aws" | b"docker" | b"firebase" | b"cf"
            | b"doctl" | b"heroku" | b"eb" | b"vercel" | b"netlify" | b"railway" | b"ibmcloud" | b"oci" | b"nomad"
            | b"consul" | b"vault" | b"fly" => {
                action.effects.iter().any(|effect| effect.kind == EffectKind::Configures)
            }
            _ => return,
        };
        if switches && action.argv.iter().map(Value::display).any(|word| says(&word)) {
            self.production.push(program);
        } else if switches && (program == b"kubectx" || action.sub.iter().any(|sub| SWITCHES.contains(&sub.as_str()))) {
            self.production.retain(|known| *known != program);
        }
    }
}

/// Subcommands that point at what they name.
const SWITCHES: &[&str] = &["use-context", "use", "select", "activate", "set"];

/// Programs that share what they are pointed at go by one name.
fn family(program: &[u8]) -> &[u8] {
    match program {
        b"oc" | b"helm" | b"helmfile" | b"argocd" | b"flux" | b"istioctl" | b"kustomize" | b"skaffold" => b"kubectl",
        b"kubens" | b"kubie" => b"kubectx",
        b"docker-compose" | b"podman" => b"docker",
        b"tofu" | b"terragrunt" => b"terraform",
        other => other,
    }
}
