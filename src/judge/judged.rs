//! The first token of the way: an invocation and what was found about it, kept together from here on.

use super::{Finding, Weighed};
use crate::action::World;
use crate::action::walk::Running;
use crate::house::Policies;
use crate::invocation::{Invocation, Line};
use crate::parse::{Dialect, Script};
use crate::policy::{Layer, Tier};

/// An invocation that has been judged. Only judging makes one; deciding spends it.
#[derive(Debug)]
#[must_use = "what is judged must be decided"]
pub struct Judged {
    invocation: Invocation,
    weighed: Weighed,
}

impl Judged {
    /// Judges an invocation.
    #[inline(never)]
    pub fn by(invocation: Invocation, policy: &Policies, world: &dyn World) -> Judged {
        let weighed = policy.weigh(&invocation.line, world);
        Judged { invocation, weighed }
    }

    /// Judges the next line of a running shell, which `invocation` holds and `script` is.
    pub fn next(
        invocation: Invocation,
        script: &Script,
        running: &Running,
        policy: &Policies,
        world: &dyn World,
    ) -> (Judged, Running) {
        let (weighed, next) = policy.weigh_next(&invocation.line, script, running, world);
        (Judged { invocation, weighed }, next)
    }

    /// How we were called.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// What was found.
    #[must_use]
    pub fn weighed(&self) -> &Weighed {
        &self.weighed
    }

    /// The same with a start-up file that nobody has seen as it is: it runs before the line and is judged as a script. One that
    /// cannot be read, or would be asked about, makes the line supervised; one that is prohibited makes it prohibited.
    pub fn with_startup(self, path: &[u8], text: Option<&[u8]>, policy: &Policies, world: &dyn World) -> Judged {
        let tier = match text {
            Some(text) => policy.weigh(&Line::of_text(text.to_vec(), Dialect::Bash), world).verdict.tier,
            None => Tier::Supervised,
        };
        if tier == Tier::Autonomous {
            return self;
        }
        let mut judged = self.with(Finding {
            rule: "startup.changed".into(),
            tier,
            declared: tier,
            certain: true,
            action: 0,
            effect: None,
            span: crate::text::Span::default(),
            what: format!("read the changed start-up file {}", String::from_utf8_lossy(path)),
            why: "it runs before the line, and no human has seen it as it is now".into(),
            instead: Some("run a shell that reads no start-up files, or let a human look at the file".into()),
            undo: None,
            approvals: 1,
            require: Vec::new(),
            typed: false,
            layer: Layer::Builtin,
            relaxed: None,
        });
        policy.ask_more(&mut judged.weighed);
        judged
    }

    /// The same with one more finding, which can only make the verdict stricter.
    fn with(mut self, finding: Finding) -> Judged {
        let verdict = &mut self.weighed.verdict;
        if finding.tier > verdict.tier || verdict.deciding.is_none() {
            verdict.deciding = Some(verdict.findings.len());
        }
        verdict.tier = verdict.tier.max(finding.tier);
        verdict.findings.push(finding);
        self
    }
}
