//! What one audit line says. A [`Draft`] holds bytes from outside and cannot be serialised; a `Body` is what redaction
//! makes of it and can.

use serde::Serialize;

use super::redact::Redactor;
use super::text::{Redacted, Unredacted};
use crate::action::Actions;
use crate::approval::signed::Verified;
use crate::judge::Weighed;

/// What kind of thing a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A command that is about to run.
    Launch,
    /// A command that will not run.
    Refusal,
    /// How a launch ended.
    Outcome,
    /// A human is asked.
    Request,
    /// What the human said.
    Answer,
    /// A grant was given or taken back.
    Grant,
    /// A file was trusted.
    Trust,
    /// The policy in force changed.
    Policy,
    /// A session began, ended or was revoked.
    Session,
    /// The log or its surroundings are not as they were left.
    Incident,
    /// A promise does not hold here.
    Degraded,
    /// We failed, closed.
    Error,
    /// A signed summary of the chain so far.
    Checkpoint,
}

/// Which policy judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyMark {
    /// Its version, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of all its layers.
    pub sha256: String,
}

/// A finding, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingDraft {
    /// The rule.
    pub rule: String,
    /// The tier it counts with.
    pub tier: &'static str,
    /// Certain or possible.
    pub certain: bool,
    /// Where in the line.
    pub span: (u32, u32),
    /// What, concretely.
    pub what: Unredacted,
}

/// What was decided, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionDraft {
    /// The verdict's tier.
    pub tier: &'static str,
    /// `policy`, `human`, `grant`, `ticket`, `session`, `signed`, `client`, `covered`, `observe`; absent where nothing was decided.
    pub basis: Option<&'static str>,
    /// The findings, in source order.
    pub findings: Vec<FindingDraft>,
    /// The deciding rule's reason or the human's words.
    pub reason: Option<Unredacted>,
    /// How much was understood.
    pub coverage: &'static str,
    /// 0 to 100; absent where nothing was weighed.
    pub risk: Option<u8>,
    /// What its kind of client does for the first time: an action each, then what of it is new.
    pub novel: Vec<Vec<Unredacted>>,
}

/// Who approved, by what channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// `terminal`, `queue`, `client`, `ticket`, `grant`, `signed`.
    pub channel: String,
    /// The request, ticket or grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who, as far as is known; a listed approver, where a signature stands beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The fingerprint of the approver's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The approver's signature, in armour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Approval {
    /// By a channel, of a request, ticket or grant.
    #[must_use]
    pub fn by_channel(channel: &str, id: &str) -> Approval {
        Approval { channel: channel.to_owned(), id: Some(id.to_owned()), ..Approval::default() }
    }

    /// By whoever has this user's account.
    #[must_use]
    pub fn by_user(channel: &str, id: &str) -> Approval {
        let by = crate::sys::user::name().or_else(|| Some(crate::sys::user::own().to_string()));
        Approval { by, ..Approval::by_channel(channel, id) }
    }

    /// By an approver who signed.
    #[must_use]
    pub fn signed(id: &str, by: &Verified) -> Approval {
        Approval {
            by: Some(by.name().to_owned()),
            key: Some(by.key().to_owned()),
            signature: Some(by.text().to_owned()),
            ..Approval::by_channel("signed", id)
        }
    }
}

/// The process that asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessDraft {
    /// Process id; after exec it is the command's.
    pub pid: u32,
    /// Its parent.
    pub ppid: u32,
    /// Its directory.
    pub cwd: Unredacted,
    /// Its controlling terminal, where it has one.
    pub tty: Option<String>,
}

/// An effect as recorded: its kind, its object where known, its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectDraft {
    /// `reads`, `deletes` …
    pub kind: &'static str,
    /// What it concerns.
    pub object: Option<Unredacted>,
    /// The class of the path.
    pub scope: Option<&'static str>,
}

/// An action as recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionDraft {
    /// The program; `None` is not known before it runs.
    pub program: Option<Unredacted>,
    /// Words; `None` is not known before it runs.
    pub argv: Vec<Option<Unredacted>>,
    /// Wrappers, outermost first.
    pub via: Vec<Unredacted>,
    /// What it does.
    pub effects: Vec<EffectDraft>,
}

/// A record before redaction, numbering and chaining. What is not known stays empty and is absent from the line.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What kind; must be set.
    pub kind: Option<Kind>,
    /// The session's id.
    pub session: Option<String>,
    /// The record of the order this one was part of, or the record it concerns.
    pub parent: Option<String>,
    /// Labels of the agent, claimed by the environment.
    pub agent: Vec<(&'static str, Unredacted)>,
    /// What the user wanted, where the client tells.
    pub intent: Option<Unredacted>,
    /// Which policy.
    pub policy: Option<PolicyMark>,
    /// What was decided.
    pub decision: Option<DecisionDraft>,
    /// By whom.
    pub approvals: Vec<Approval>,
    /// Who asked.
    pub process: Option<ProcessDraft>,
    /// The command line.
    pub line: Option<Unredacted>,
    /// What it does.
    pub actions: Vec<ActionDraft>,
    /// Names taken out of the environment.
    pub dropped: Vec<String>,
    /// Variables set in the line.
    pub assigned: Vec<(Vec<u8>, Option<Unredacted>)>,
    /// The walls raised; `unconfined` where none.
    pub walls: Vec<String>,
    /// `observe` where the policy only observes.
    pub enforce: Option<&'static str>,
    /// Anything particular to the kind: a digest, an exit code, what an incident found.
    pub detail: Vec<(&'static str, Unredacted)>,
    /// Sync to disk although the tier is autonomous.
    pub sync: bool,
}

impl Draft {
    /// A draft of `kind`, all else unknown.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Draft { kind: Some(kind), ..Draft::default() }
    }

    /// With the line and all that judging found in it.
    #[must_use]
    pub fn judged(mut self, line: &[u8], weighed: &Weighed, basis: Option<&'static str>, reason: Option<&str>) -> Self {
        let verdict = &weighed.verdict;
        let deciding = verdict.deciding.and_then(|index| verdict.findings.get(index));
        self.decision = Some(DecisionDraft {
            tier: verdict.tier.name(),
            basis,
            findings: verdict
                .findings
                .iter()
                .map(|finding| FindingDraft {
                    rule: finding.rule.clone(),
                    tier: finding.tier.name(),
                    certain: finding.certain,
                    span: (finding.span.start, finding.span.end),
                    what: finding.what.as_str().into(),
                })
                .collect(),
            reason: reason.or(deciding.map(|finding| finding.why.as_str())).map(Into::into),
            coverage: verdict.coverage.name(),
            risk: Some(crate::judge::risk::of(weighed)),
            novel: Vec::new(),
        });
        self.line = Some(line.into());
        self.actions = actions(&weighed.actions, &verdict.scopes);
        self.assigned = weighed
            .actions
            .list
            .iter()
            .flat_map(|action| &action.assigns)
            .map(|(name, value)| (name.clone(), value.text().map(Into::into)))
            .collect();
        self
    }

    /// Whether it must be on the disk before the command runs.
    pub(super) fn must_sync(&self) -> bool {
        self.sync || self.kind != Some(Kind::Launch) || self.decision.as_ref().is_none_or(|d| d.tier != "autonomous")
    }
}

fn actions(actions: &Actions, scopes: &[Vec<Option<crate::action::Scope>>]) -> Vec<ActionDraft> {
    let draft = |(index, action): (usize, &crate::action::Action)| ActionDraft {
        program: action.name().map(Into::into),
        argv: action.argv.iter().map(|word| word.text().map(Into::into)).collect(),
        via: action.via.iter().map(|name| name.as_slice().into()).collect(),
        effects: action
            .effects
            .iter()
            .enumerate()
            .map(|(at, effect)| EffectDraft {
                kind: effect.kind.name(),
                object: object(&effect.object).map(Into::into),
                scope: scopes.get(index).and_then(|s| s.get(at)).copied().flatten().map(crate::action::Scope::name),
            })
            .collect(),
    };
    actions.list.iter().enumerate().map(draft).collect()
}

fn object(object: &crate::action::Object) -> Option<Vec<u8>> {
    use crate::action::Object;
    match object {
        Object::None => None,
        Object::Path { path: value, .. }
        | Object::Host(value)
        | Object::Remote { name: value, .. }
        | Object::Ref(value)
        | Object::Package { name: value, .. }
        | Object::Process(value)
        | Object::Named(value) => value.text().map(<[u8]>::to_vec),
        Object::Variable(name) => Some(name.clone()),
        Object::Code { language, .. } => Some(language.clone().into_bytes()),
    }
}

#[derive(Clone, Debug, Serialize)]
struct Finding {
    rule: String,
    tier: &'static str,
    certain: bool,
    span: (u32, u32),
    what: Redacted,
}

#[derive(Clone, Debug, Serialize)]
struct Decision {
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    rules: Vec<String>,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Redacted>,
    coverage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<u8>,
    // Never cut: what stands here is remembered as told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    novel: Vec<Vec<Redacted>>,
}

#[derive(Clone, Debug, Serialize)]
struct Process {
    pid: u32,
    ppid: u32,
    cwd: Redacted,
    #[serde(skip_serializing_if = "Option::is_none")]
    tty: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Effect {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Redacted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct Action {
    program: Option<Redacted>,
    argv: Vec<Option<Redacted>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    via: Vec<Redacted>,
    effects: Vec<Effect>,
}

#[derive(Clone, Debug, Serialize)]
struct Env {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dropped: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assigned: Vec<(Redacted, Option<Redacted>)>,
}

type Entries = std::collections::BTreeMap<&'static str, Redacted>;

/// A record's own part, redacted: what stands between `ts` and `hash`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Body {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    agent: Entries,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<Redacted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyMark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approval>,
    #[serde(rename = "proc", skip_serializing_if = "Option::is_none")]
    process: Option<Process>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<Redacted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_digest: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions_left_out: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<Env>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    walls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enforce: Option<&'static str>,
    #[serde(skip_serializing_if = "Entries::is_empty")]
    detail: Entries,
}

impl Body {
    /// Redacts `draft`.
    pub(super) fn of(draft: &Draft, redactor: &Redactor<'_>) -> std::io::Result<Body> {
        let text = |text: &Unredacted| redactor.text(text);
        let entries = |list: &[(&'static str, Unredacted)]| {
            list.iter().map(|(name, value)| Ok((*name, text(value)?))).collect::<std::io::Result<Entries>>()
        };
        let line = draft.line.as_ref().map(|line| redactor.with_digest(line)).transpose()?;
        let (line, line_digest) = line.unzip();
        Ok(Body {
            kind: draft.kind.unwrap_or(Kind::Error),
            host: nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()),
            session: draft.session.clone(),
            parent: draft.parent.clone(),
            agent: entries(&draft.agent)?,
            intent: draft.intent.as_ref().map(text).transpose()?,
            policy: draft.policy.clone(),
            decision: draft.decision.as_ref().map(|decision| redact_decision(decision, redactor)).transpose()?,
            approvals: draft.approvals.clone(),
            process: match &draft.process {
                Some(p) => Some(Process { pid: p.pid, ppid: p.ppid, cwd: text(&p.cwd)?, tty: p.tty.clone() }),
                None => None,
            },
            line,
            line_digest,
            actions: draft.actions.iter().map(|action| redact_action(action, redactor)).collect::<Result<_, _>>()?,
            actions_left_out: None,
            env: redact_env(draft, redactor)?,
            walls: draft.walls.clone(),
            enforce: draft.enforce,
            detail: entries(&draft.detail)?,
        })
    }

    /// Makes every text at most `limit` bytes and every list at most `count` long; what is cut says so.
    pub(super) fn cut(&mut self, limit: usize, count: usize) {
        for text in
            self.agent.values_mut().chain(self.detail.values_mut()).chain(&mut self.intent).chain(&mut self.line)
        {
            text.cut(limit);
        }
        if let Some(process) = &mut self.process {
            process.cwd.cut(limit);
        }
        if let Some(decision) = &mut self.decision {
            decision.findings.truncate(count);
            decision.rules.truncate(count);
            decision
                .findings
                .iter_mut()
                .map(|f| &mut f.what)
                .chain(&mut decision.reason)
                .for_each(|text| text.cut(limit / 8));
        }
        let over = self.actions.len().saturating_sub(count);
        if over > 0 {
            self.actions.truncate(count);
            self.actions_left_out = Some(self.actions_left_out.unwrap_or(0) + over);
        }
        for action in &mut self.actions {
            action.argv.truncate(count);
            action.via.truncate(count);
            action.effects.truncate(count);
            let words = action.argv.iter_mut().flatten().chain(&mut action.program).chain(&mut action.via);
            words.for_each(|text| text.cut(limit / 8));
            action.effects.iter_mut().filter_map(|e| e.object.as_mut()).for_each(|text| text.cut(limit / 8));
        }
        if let Some(env) = &mut self.env {
            env.assigned.truncate(count);
            env.dropped.truncate(count);
            for (name, value) in &mut env.assigned {
                name.cut(limit / 8);
                value.iter_mut().for_each(|text| text.cut(limit / 8));
            }
        }
    }
}

fn redact_decision(draft: &DecisionDraft, redactor: &Redactor<'_>) -> std::io::Result<Decision> {
    let finding = |f: &FindingDraft| {
        Ok(Finding {
            rule: f.rule.clone(),
            tier: f.tier,
            certain: f.certain,
            span: f.span,
            what: redactor.text(&f.what)?,
        })
    };
    let mut rules: Vec<String> = Vec::new();
    for finding in &draft.findings {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule.clone());
        }
    }
    Ok(Decision {
        tier: draft.tier,
        basis: draft.basis,
        rules,
        findings: draft.findings.iter().map(finding).collect::<std::io::Result<_>>()?,
        reason: draft.reason.as_ref().map(|reason| redactor.text(reason)).transpose()?,
        coverage: draft.coverage,
        risk: draft.risk,
        novel: draft
            .novel
            .iter()
            .map(|new| new.iter().map(|part| redactor.text(part)).collect())
            .collect::<std::io::Result<_>>()?,
    })
}

fn redact_action(draft: &ActionDraft, redactor: &Redactor<'_>) -> std::io::Result<Action> {
    let text = |text: &Unredacted| redactor.text(text);
    Ok(Action {
        program: draft.program.as_ref().map(text).transpose()?,
        argv: redactor.words(&draft.argv)?,
        via: draft.via.iter().map(text).collect::<std::io::Result<_>>()?,
        effects: draft
            .effects
            .iter()
            .map(|e| Ok(Effect { kind: e.kind, object: e.object.as_ref().map(text).transpose()?, scope: e.scope }))
            .collect::<std::io::Result<_>>()?,
    })
}

fn redact_env(draft: &Draft, redactor: &Redactor<'_>) -> std::io::Result<Option<Env>> {
    if draft.dropped.is_empty() && draft.assigned.is_empty() {
        return Ok(None);
    }
    let mut assigned = Vec::with_capacity(draft.assigned.len());
    for (name, value) in &draft.assigned {
        assigned.push((
            redactor.text(&name.as_slice().into())?,
            value.as_ref().map(|v| redactor.value_of(name, v)).transpose()?,
        ));
    }
    Ok(Some(Env { dropped: draft.dropped.clone(), assigned }))
}
