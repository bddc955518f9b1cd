//! What the judge asks of policy, as one trait, so that it can be weighed by any set of rules.

use std::rc::Rc;

use crate::action::{EffectKind, Scope};
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

/// Minutes since midnight and weekday (`mon` …) on the host.
pub type Clock = fn() -> Option<(u16, &'static str)>;

/// The surroundings of a judgement that are neither the line nor the machine.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// UTC day `YYYY-MM-DD`; empty: not known, then what expires has expired.
    pub today: String,
    /// Asks the host for minutes since midnight and weekday (`mon` …), when a condition does; `None`: not known.
    pub clock: Option<Clock>,
    /// The agent's label (claimed).
    pub agent: Option<String>,
    /// Profile in force.
    pub profile: Option<String>,
    /// Walls in force, by name; empty: none.
    pub walls: Vec<String>,
    /// Host name.
    pub host: Option<String>,
    /// Further guard paths: the state of another root.
    pub guards: Vec<Vec<u8>>,
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
