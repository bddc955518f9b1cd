//! What a human is asked, with everything the answer holds for: named parts, bound together by one digest.

use std::os::unix::fs::MetadataExt;

use sha2::{Digest, Sha256};

use super::impact::Impact;
use super::needs::Needs;
use super::spool::now;
use crate::action::{Action, Object, Scope};
use crate::invocation::{Envelope, Face, Invocation};
use crate::judge::Weighed;
use crate::policy::Tier;
use crate::session::Machine;
use crate::sys::{file, random};
use crate::text::Arrange;
use crate::text::escape;
use crate::text::hexadecimal;

/// What waits for an approver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Short, for a human to type. Never a key alone.
    pub id: String,
    /// SHA-256 over all parts, 64 hexadecimal digits.
    pub digest: String,
    /// A number that no other request has, 32 hexadecimal digits: what is signed holds for this one.
    pub nonce: String,
    /// Until when it can be answered by signing, in seconds since 1970.
    pub expires: u64,
    parts: Vec<Part>,
}

/// The part that holds what was measured.
const IMPACT: &str = "impact";

/// A named part of a request.
pub type Part = (String, Vec<u8>);

/// What a request is made of besides the call itself.
#[derive(Debug)]
pub struct Circumstances<'a> {
    /// The session's id.
    pub session: &'a str,
    /// SHA-256 of the policy in force.
    pub policy: &'a str,
    /// The machine as it was asked while judging.
    pub machine: &'a Machine,
    /// Start-up files that will run first and that nobody has seen: path and text.
    pub startup: &'a [(Vec<u8>, Option<Vec<u8>>)],
    /// Variables that steer programs and are not the session's own.
    pub steering: &'a [(String, Vec<u8>)],
    /// Keys of approvers that the session could sign with by itself, by their fingerprints.
    pub reach: &'a str,
}

/// How long a request can be answered by signing, in seconds.
pub const LIFE: u64 = 24 * 3600;

/// Letters and digits that are not taken for one another, 32 of them.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

impl Request {
    /// A request with a new id for what was judged.
    pub fn new(
        invocation: &Invocation,
        weighed: &Weighed,
        circumstances: &Circumstances<'_>,
    ) -> std::io::Result<Request> {
        let parts = parts(invocation, weighed, circumstances);
        let mut nonce = [0_u8; 16];
        random::fill(&mut nonce)?;
        let (nonce, expires) = (hexadecimal(&nonce), now() + LIFE);
        Ok(Request { id: fresh_id()?, digest: digest(&parts), nonce, expires, parts })
    }

    /// A request as it was kept. `None` where the digest is not that of the parts, or the id or the number is none.
    #[must_use]
    pub fn kept(id: String, digest: &str, once: (String, u64), parts: Vec<Part>) -> Option<Request> {
        let (nonce, expires) = once;
        (is_id(&id) && is_nonce(&nonce) && self::digest(&parts) == digest).then(|| Request {
            id,
            digest: digest.to_owned(),
            nonce,
            expires,
            parts,
        })
    }

    /// The same request as it was first asked: under that id, with that number and end, and what was measured then. `None`: those are
    /// none.
    #[must_use]
    pub fn known_as(mut self, id: String, once: (String, u64), impact: &str) -> Option<Request> {
        let digest = self.digest;
        for (_, value) in self.parts.iter_mut().filter(|(name, _)| name == IMPACT) {
            *value = impact.as_bytes().to_vec();
        }
        Request::kept(id, &digest, once, self.parts)
    }

    /// What was measured. `None`: it cannot be read.
    #[must_use]
    pub fn impact(&self) -> Option<Impact> {
        Impact::read(std::str::from_utf8(self.part(IMPACT)).ok()?)
    }

    /// What was measured, as it is shown, a row for each.
    #[must_use]
    pub fn measured(&self) -> Vec<String> {
        self.impact().map_or_else(|| vec!["what was measured cannot be read".to_owned()], |impact| impact.shown())
    }

    /// Whether it takes no more than what was approved. What cannot be read is more than anything, and approves nothing.
    #[must_use]
    pub fn is_within(&self, approved: Option<&Impact>) -> bool {
        self.impact().zip(approved).is_some_and(|(now, approved)| now.is_within(approved))
    }

    /// Whether it can still be answered by signing.
    #[must_use]
    pub fn is_in_time(&self, now: u64) -> bool {
        now < self.expires && self.expires <= now + LIFE
    }

    /// What a yes must be. What cannot be read needs more than anybody can give.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::read(self.part("needs")).unwrap_or(Needs { signatures: u8::MAX, among: Vec::new() })
    }

    /// Whether the session could sign with this key by itself when it asked.
    #[must_use]
    pub fn reaches(&self, fingerprint: &str) -> bool {
        self.part("reach").split(|byte| *byte == b' ').any(|known| known == fingerprint.as_bytes())
    }

    /// All parts, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// A part as text for display.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        escape(self.part(name))
    }

    /// A part.
    #[must_use]
    pub fn part(&self, name: &str) -> &[u8] {
        self.parts.iter().find(|(known, _)| known == name).map_or(&[], |(_, value)| value)
    }
}

/// Whether a rule that asks here wants its yes typed as a code.
#[must_use]
pub fn typed(weighed: &Weighed) -> bool {
    weighed.verdict.findings.iter().any(|finding| finding.tier == Tier::Supervised && finding.typed)
}

/// Whether `text` has the shape of an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| LETTERS.contains(&byte))
}

fn is_nonce(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn fresh_id() -> std::io::Result<String> {
    let mut bytes = [0_u8; 8];
    random::fill(&mut bytes)?;
    Ok(bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect())
}

/// Every part with its length before it, so that no two lists of parts give the same bytes. What was measured stands beside: a yes
/// holds for less of it too.
fn digest(parts: &[Part]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"vetsh request 1\n");
    for (name, value) in parts.iter().filter(|(name, _)| name != IMPACT) {
        for bytes in [name.as_bytes(), value] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    hexadecimal(&hash.finalize())
}

/// A list of byte strings as one, each with its length before it.
#[derive(Default)]
struct Listed(Vec<u8>);

impl Listed {
    fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn of<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Listed {
        let mut listed = Listed::default();
        items.into_iter().for_each(|item| listed.add(item));
        listed
    }

    fn hashed(self) -> Vec<u8> {
        hexadecimal(&Sha256::digest(&self.0)).into_bytes()
    }
}

fn parts(invocation: &Invocation, weighed: &Weighed, circumstances: &Circumstances<'_>) -> Vec<Part> {
    let line = &invocation.line;
    let machine = circumstances.machine;
    let slot = invocation.envelope.as_ref().and_then(|envelope| slot(envelope, &line.judged));
    let mask = Mask(slot.clone());
    let verdict = &weighed.verdict;
    let deciding = verdict.deciding.and_then(|at| verdict.findings.get(at));
    let text = match &slot {
        Some(slot) => masked_tail(&line.judged, slot),
        None if invocation.envelope.is_some() => line.judged.to_vec(),
        None => line.received.to_vec(),
    };
    // The words of the call are bound whole; where a client wrapped the command, by the shape of its wrapping.
    let call = match &invocation.envelope {
        Some(envelope) => Listed::of([envelope.client.as_bytes(), envelope.kind.as_bytes()]),
        None => Listed::of(invocation.argv.iter().map(Vec::as_slice)),
    };
    let face: &[u8] = match &invocation.face {
        Face::Shell(shell) => shell.name(),
        Face::Tool(name) => name,
        Face::Command => b"",
    };
    let findings = Listed::of(verdict.findings.iter().flat_map(|finding| {
        [
            finding.rule.as_bytes(),
            finding.tier.name().as_bytes(),
            if finding.certain { b"certain" } else { b"possible" },
        ]
    }));
    let text_of = |text: Option<&str>| text.unwrap_or_default().as_bytes().to_vec();
    let parts: Vec<(&str, Vec<u8>)> = vec![
        ("tier", text_of(Some(verdict.tier.name()))),
        ("rule", text_of(deciding.map(|finding| finding.rule.as_str()))),
        ("what", mask.text(deciding.map(|finding| finding.what.as_str()))),
        ("why", text_of(deciding.map(|finding| finding.why.as_str()))),
        ("undo", text_of(deciding.and_then(|finding| finding.undo.as_deref()))),
        ("sure", text_of(deciding.map(|finding| if finding.certain { "certain" } else { "possible" }))),
        ("coverage", text_of(Some(verdict.coverage.name()))),
        ("confirm", if typed(weighed) { b"typed".to_vec() } else { Vec::new() }),
        ("needs", Needs::of(weighed).text().into_bytes()),
        ("reach", text_of(Some(circumstances.reach))),
        (IMPACT, mask.text(Some(&Impact::of(weighed, machine).text()))),
        ("text", text),
        ("envelope", invocation.envelope.as_ref().map_or(Vec::new(), |known| known.kind.as_bytes().to_vec())),
        ("cwd", machine.cwd.clone()),
        ("place", place(&machine.cwd)),
        ("session", circumstances.session.as_bytes().to_vec()),
        ("policy", circumstances.policy.as_bytes().to_vec()),
        ("face", face.to_vec()),
        ("call", call.hashed()),
        ("preamble", Listed::of(line.preamble.iter().map(Vec::as_slice)).hashed()),
        ("actions", actions(weighed, &mask)),
        ("findings", findings.hashed()),
        ("files", files(machine)),
        ("startup", startup(circumstances.startup)),
        ("steering", steering(circumstances.steering)),
        ("grant", super::Pattern::of(weighed).map_or(Vec::new(), |pattern| pattern.text().into_bytes())),
    ];
    parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Device and inode of a directory, as its path leads there now.
#[must_use]
pub fn place(cwd: &[u8]) -> Vec<u8> {
    let found = std::fs::metadata(file::path(cwd));
    found.map_or_else(|_| b"gone".to_vec(), |meta| format!("{}:{}", meta.dev(), meta.ino()).into_bytes())
}

/// A program's file as it is now: one that is written anew, or replaced, is another program. The time of its last change cannot be put back.
fn identity(path: &[u8]) -> Vec<u8> {
    let found = std::fs::metadata(file::path(path));
    found.map_or_else(
        |_| Vec::new(),
        |meta| format!("{}:{}:{}.{}", meta.dev(), meta.ino(), meta.ctime(), meta.ctime_nsec()).into_bytes(),
    )
}

/// What is random in a client's wrapping and stands behind the command: replaced by its sign wherever it is the whole of a
/// word.
struct Mask(Option<Vec<u8>>);

const SIGN: &[u8] = b"<slot>";

impl Mask {
    fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        if self.0.as_deref() == Some(bytes) { SIGN } else { bytes }
    }

    fn text(&self, text: Option<&str>) -> Vec<u8> {
        let text = text.unwrap_or_default();
        let slot = self.0.as_deref().and_then(|slot| std::str::from_utf8(slot).ok());
        slot.map_or_else(|| text.to_owned(), |slot| text.replace(slot, "<slot>")).into_bytes()
    }
}

/// The file into which Claude Code's wrapping writes the directory at the end: `/tmp/claude-d53c-cwd`.
fn slot(envelope: &Envelope, judged: &[u8]) -> Option<Vec<u8>> {
    let tail: &[u8] = b" && pwd -P >| ";
    let at = judged.windows(tail.len()).rposition(|window| window == tail)?;
    let path = judged.get(at + tail.len()..)?;
    let digits = path.strip_prefix(b"/tmp/claude-")?.strip_suffix(b"-cwd")?;
    let random = !digits.is_empty() && digits.len() <= 16 && digits.iter().all(u8::is_ascii_hexdigit);
    (envelope.client == "claude-code" && random).then(|| path.to_vec())
}

fn masked_tail(judged: &[u8], slot: &[u8]) -> Vec<u8> {
    let mut text = judged.strip_suffix(slot).unwrap_or(judged).to_vec();
    text.extend_from_slice(SIGN);
    text
}

/// Every action with the program it resolves to, its words, its effects and where its objects really are.
fn actions(weighed: &Weighed, mask: &Mask) -> Vec<u8> {
    let mut listed = Listed::default();
    for (at, action) in weighed.actions.list.iter().enumerate() {
        listed.add(action.name().unwrap_or(b"?"));
        listed.add(action.path.as_deref().unwrap_or(b"?"));
        listed.add(action.path.as_deref().map_or_else(Vec::new, identity).as_slice());
        let words: Vec<Vec<u8>> = action.argv.iter().map(crate::action::Value::display).collect();
        listed.add(&Listed::of(words.iter().map(|word| mask.of(word))).0);
        listed.add(&Listed::of(action.via.iter().map(Vec::as_slice)).0);
        listed.add(&action.cwd.display());
        for (name, value) in &action.assigns {
            listed.add(name);
            listed.add(&value.display());
        }
        effects(action, weighed.verdict.scopes.get(at).map_or(&[], Vec::as_slice), mask, &mut listed);
    }
    listed.hashed()
}

fn effects(action: &Action, scopes: &[Option<Scope>], mask: &Mask, listed: &mut Listed) {
    for (number, effect) in action.effects.iter().enumerate() {
        let object = object(&effect.object);
        listed.add(effect.kind.name().as_bytes());
        listed.add(mask.of(&object));
        listed.add(scopes.get(number).copied().flatten().map_or(b"", |scope| scope.name().as_bytes()));
        listed.add(&effect.flags.0.to_be_bytes());
        listed.add(if effect.certain { b"certain" } else { b"possible" });
        let physical = match &effect.object {
            Object::Path { path, .. } => path.text().and_then(|path| std::fs::canonicalize(file::path(path)).ok()),
            _ => None,
        };
        listed.add(mask.of(physical.as_deref().map_or(b"", |path| path.as_os_str().as_encoded_bytes())));
    }
}

/// An effect's object for display; what is not known before it runs is `…`.
#[must_use]
pub fn object(object: &Object) -> Vec<u8> {
    match object {
        Object::None => Vec::new(),
        Object::Path { path: value, .. }
        | Object::Host(value)
        | Object::Remote { name: value, .. }
        | Object::Ref(value)
        | Object::Package { name: value, .. }
        | Object::Process(value)
        | Object::Named(value) => value.display(),
        Object::Variable(name) => name.clone(),
        Object::Code { language, .. } => format!("{language} code").into_bytes(),
    }
}

/// The files that were read while judging (scripts, snapshots, configuration), one a line: digest and path.
fn files(machine: &Machine) -> Vec<u8> {
    let mut lines: Vec<String> = machine
        .files_read()
        .iter()
        .map(|(path, read)| format!("{} {}\n", hexadecimal(&Sha256::digest(&read.text)), escape(path)))
        .collect();
    lines.arrange();
    lines.concat().into_bytes()
}

fn startup(files: &[(Vec<u8>, Option<Vec<u8>>)]) -> Vec<u8> {
    let mut text = String::new();
    for (path, read) in files {
        let digest = read.as_ref().map_or("unread".to_owned(), |read| hexadecimal(&Sha256::digest(read)));
        text.push_str(&format!("{digest} {}\n", escape(path)));
    }
    text.into_bytes()
}

/// Digest of variables that steer programs.
#[must_use]
pub fn steering(variables: &[(String, Vec<u8>)]) -> Vec<u8> {
    Listed::of(variables.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_slice()])).hashed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Shell;

    fn invocation(words: &[&str]) -> Invocation {
        let words = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        Invocation::of_shell(Shell::Bash, words).expect("a form that bash has")
    }

    struct Setting {
        machine: Machine,
        session: &'static str,
        policy: &'static str,
        startup: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        steering: Vec<(String, Vec<u8>)>,
    }

    fn setting() -> Setting {
        let machine = Machine::new(None, b"/".to_vec(), Vec::new(), Vec::new());
        Setting { machine, session: "s", policy: "p", startup: Vec::new(), steering: Vec::new() }
    }

    fn request(words: &[&str], setting: &Setting) -> Request {
        let circumstances = Circumstances {
            session: setting.session,
            policy: setting.policy,
            machine: &setting.machine,
            startup: &setting.startup,
            steering: &setting.steering,
            reach: "",
        };
        Request::new(&invocation(words), &Weighed::default(), &circumstances).expect("random bytes")
    }

    const LINE: [&str; 3] = ["bash", "-c", "make it so"];

    #[test]
    fn the_same_has_the_same_digest_and_never_the_same_id() {
        let (one, other) = (request(&LINE, &setting()), request(&LINE, &setting()));
        assert_eq!(one.digest, other.digest);
        assert_ne!(one.id, other.id);
        assert!(is_id(&one.id) && one.digest.len() == 64);
        for wrong in ["", "abc", "../../xy", "abcdefgl", "ABCDEFGH", "abcdefghj"] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_within_nothing_and_approves_nothing() {
        let measured = |impact: &str| {
            let mut request = request(&LINE, &setting());
            request.parts.retain(|(name, _)| name != IMPACT);
            request.parts.push((IMPACT.into(), impact.as_bytes().to_vec()));
            request
        };
        let (small, large) = (measured("/w/d\tfiles=1\n"), measured("/w/d\tfiles=2\n"));
        let unreadable = measured("/w/d\tfiles=many\n");
        assert!(small.is_within(large.impact().as_ref()) && !large.is_within(small.impact().as_ref()));
        for other in [&small, &large, &unreadable] {
            assert!(!unreadable.is_within(other.impact().as_ref()));
            assert!(!other.is_within(unreadable.impact().as_ref()));
        }
        assert_eq!(unreadable.measured(), ["what was measured cannot be read"]);
    }

    #[test]
    fn every_part_is_bound() {
        let first = request(&LINE, &setting()).digest;
        let with = |change: &dyn Fn(&mut Setting)| {
            let mut setting = setting();
            change(&mut setting);
            request(&LINE, &setting).digest
        };
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let file = scratch.path().join("s").as_os_str().as_encoded_bytes().to_vec();
        let read = |text: &str| {
            std::fs::write(super::file::path(&file), text).expect("a file");
            let setting = setting();
            assert!(setting.machine.read(&file, 100).is_some());
            request(&LINE, &setting).digest
        };
        let mut all = vec![
            first.clone(),
            request(&["sh", "-c", "make it so"], &setting()).digest,
            request(&["bash", "-c", "make it  so"], &setting()).digest,
            request(&["bash", "-ec", "make it so"], &setting()).digest,
            request(&["bash", "-c", "make it so", "zero"], &setting()).digest,
            with(&|setting| setting.session = "t"),
            with(&|setting| setting.policy = "q"),
            with(&|setting| setting.machine.cwd = b"/usr".to_vec()),
            with(&|setting| setting.startup.push((b"/rc".to_vec(), None))),
            with(&|setting| setting.startup.push((b"/rc".to_vec(), Some(Vec::new())))),
            with(&|setting| setting.steering.push(("PAGER".into(), b"x".to_vec()))),
            read("one"),
            read("two"),
        ];
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(with(&|_| ()), first);
    }

    #[test]
    fn what_is_random_in_a_wrapping_is_not_bound_and_all_else_is() {
        let wrapped = |command: &str, slot: &str| {
            let text = format!(
                "source /home/u/.claude/s-1.sh 2>/dev/null || true && shopt -u extglob 2>/dev/null || true && \
                 eval '{command}' < /dev/null && pwd -P >| {slot}"
            );
            request(&["bash", "-c", &text], &setting()).digest
        };
        let first = wrapped("rm x", "/tmp/claude-d53c-cwd");
        assert_eq!(wrapped("rm x", "/tmp/claude-0a1b-cwd"), first);
        assert_ne!(wrapped("rm y", "/tmp/claude-d53c-cwd"), first);
        assert_ne!(wrapped("rm x", "/tmp/claude-d53c-cwd; rm y"), first);
        assert_ne!(wrapped("rm x", "/tmp/claude-d53z-cwd"), first);
        assert_ne!(wrapped("rm x", "/home/u/claude-d53c-cwd"), first);
        assert_ne!(
            wrapped("rm /tmp/claude-d53c-cwd", "/tmp/claude-d53c-cwd"),
            wrapped("rm /tmp/claude-0a1b-cwd", "/tmp/claude-0a1b-cwd")
        );
        assert_ne!(request(&["bash", "-c", "eval 'rm x' < /dev/null"], &setting()).digest, first);
    }

    #[test]
    fn what_was_kept_is_believed_only_as_its_digest_says() {
        let request = request(&LINE, &setting());
        let once = (request.nonce.clone(), request.expires);
        let kept = |parts: Vec<Part>| Request::kept(request.id.clone(), &request.digest, once.clone(), parts);
        let forged = (format!("{}\ntext:", &request.nonce[..26]), request.expires);
        assert_eq!(request.clone().known_as(request.id.clone(), forged, ""), None);
        assert_eq!(kept(request.parts().to_vec()), Some(request.clone()));
        let mut changed = request.parts().to_vec();
        let text = changed.iter_mut().find(|(name, _)| name == "text").expect("the text");
        text.1 = b"ls".to_vec();
        assert_eq!(kept(changed), None);
        assert_eq!(kept(request.parts().iter().skip(1).cloned().collect()), None);
    }
}
