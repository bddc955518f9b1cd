//! What the judge asks of policy, as one trait, so that it can be weighed by any set of rules.

use std::rc::Rc;

use crate::action::{EffectKind, Scope, World};
use crate::policy::{Relax, Rule};

/// The rules, lists and additions in force.
pub trait Law {
    /// Rules that can fire on an action of this program with these effects. More than that does no harm.
    fn rules_for(&self, program: Option<&[u8]>, kinds: &[EffectKind]) -> Vec<Rc<Rule>>;
    /// Rules on the flow of data.
    fn flow_rules(&self) -> Vec<Rc<Rule>>;
    /// A list's entries, without the `@`.
    fn list(&self, name: &str) -> &[String];
    /// Path globs added to a scope.
    fn scope_additions(&self, scope: Scope) -> &[String];
    /// Relaxations of a rule that have not expired.
    fn relaxes(&self, rule: &str) -> Vec<&Relax>;
    /// `environment.kind = "production"`.
    fn production(&self) -> bool;
}

/// The surroundings of a judgement that are neither the line nor the machine.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// UTC day `YYYY-MM-DD`; empty: not known, then what expires has expired.
    pub today: String,
    /// Minutes since midnight and weekday (`mon` …) on the host, where known.
    pub time: Option<(u16, &'static str)>,
    /// The agent's label (claimed).
    pub agent: Option<String>,
    /// Profile in force.
    pub profile: Option<String>,
    /// Walls in force, by name; empty: none.
    pub walls: Vec<String>,
    /// Host name.
    pub host: Option<String>,
    /// Environment kind a variable claims.
    pub env: Option<String>,
    /// Kubernetes context (claimed).
    pub kube: Option<String>,
    /// Cloud account or project (claimed).
    pub cloud: Option<String>,
    /// Further guard paths: the state of another root.
    pub guards: Vec<Vec<u8>>,
    /// The current branch; `None`: not known.
    pub branch: Option<String>,
}

impl Context {
    /// With the branch that the first workspace root is on.
    #[must_use]
    pub fn with_branch(mut self, world: &dyn World) -> Self {
        self.branch = world.roots().first().and_then(|root| branch(world, root));
        self
    }
}

/// The branch a repository is on, from its `HEAD`; a linked worktree's `.git` file is followed.
fn branch(world: &dyn World, root: &[u8]) -> Option<String> {
    let mut git = super::scope::join(root, b".git");
    if let Some(text) = world.contents(&git, 4096) {
        let target = text.strip_prefix(b"gitdir: ")?.trim_ascii_end().to_vec();
        git = if target.starts_with(b"/") { target } else { super::scope::join(root, &target) };
    }
    let head = world.contents(&super::scope::join(&git, b"HEAD"), 4096)?;
    let name = head.strip_prefix(b"ref: refs/heads/")?.trim_ascii_end();
    String::from_utf8(name.to_vec()).ok()
}

impl Law for crate::policy::Policy {
    fn rules_for(&self, program: Option<&[u8]>, kinds: &[EffectKind]) -> Vec<Rc<Rule>> {
        crate::policy::Policy::rules_for(self, program, kinds.iter().copied())
    }
    fn flow_rules(&self) -> Vec<Rc<Rule>> {
        crate::policy::Policy::flow_rules(self)
    }
    fn list(&self, name: &str) -> &[String] {
        crate::policy::Policy::list(self, name)
    }
    fn scope_additions(&self, scope: Scope) -> &[String] {
        crate::policy::Policy::scope_additions(self, scope)
    }
    fn relaxes(&self, rule: &str) -> Vec<&Relax> {
        crate::policy::Policy::relaxes(self, rule).collect()
    }
    fn production(&self) -> bool {
        self.settings().environment == crate::policy::EnvironmentKind::Production
    }
}
