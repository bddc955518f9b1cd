//! What a line says of production: the words of an action, the directory it runs in, and what an earlier action chose.
//!
//! All of it is claimed, so it may only tighten.

use super::scope::{Atlas, below};
use crate::action::{Action, Actions, EffectKind, Value};

const NAMES: &[&[u8]] = &[b"prod", b"production", b"prd"];

/// Whether one of the words that a text is made of names production: `eu-prod-1`, `api_production`.
fn says(text: &[u8]) -> bool {
    let mut tokens = text.split(|byte| !byte.is_ascii_alphanumeric());
    tokens.any(|token| NAMES.iter().any(|name| token.eq_ignore_ascii_case(name)))
}

/// Whether a word or variable of the action names production, or the directory it runs in: below a root of the workspace what
/// stands above the root says nothing.
#[must_use]
pub fn is_named(action: &Action, atlas: &Atlas<'_>) -> bool {
    let mut words = action.argv.iter().chain(action.assigns.iter().map(|(_, value)| value));
    words.any(|word| says(&word.display())) || action.cwd.text().is_some_and(|cwd| stands(cwd, atlas))
}

fn stands(cwd: &[u8], atlas: &Atlas<'_>) -> bool {
    let home = || atlas.home().and_then(|home| below(cwd, home));
    says(atlas.relative(cwd).or_else(home).unwrap_or(cwd))
}

/// The first action of the line that makes production what later ones reach: a context, a workspace, a project, an account.
#[must_use]
pub fn chosen(actions: &Actions) -> Option<usize> {
    actions.list.iter().position(|action| {
        let chooses = match action.program.as_deref() {
            Some(b"kubectx" | b"kubens" | b"kubie" | b"tfswitch") => true,
            Some(
                b"kubectl" | b"oc" | b"terraform" | b"terragrunt" | b"pulumi" | b"gcloud" | b"az" | b"aws" | b"docker"
                | b"podman" | b"argocd" | b"firebase" | b"cf" | b"doctl" | b"heroku" | b"eb" | b"vercel" | b"netlify"
                | b"railway" | b"helm" | b"ibmcloud" | b"oci" | b"nomad" | b"consul" | b"vault" | b"fly",
            ) => action.effects.iter().any(|effect| effect.kind == EffectKind::Configures),
            _ => false,
        };
        chooses && action.argv.iter().map(Value::display).any(|word| says(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word_of_its_own() {
        for text in ["prod", "eu-prod-1", "api_production", "ENV=PROD", "deploy:prod", "envs/prd/main.tf"] {
            assert!(says(text.as_bytes()), "{text}");
        }
        for text in ["product", "reproduce", "prods", "productions", "producer-1", "nonprod", "preprod"] {
            assert!(!says(text.as_bytes()), "{text}");
        }
    }
}
