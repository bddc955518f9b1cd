//! Signatures of approvers: each is verified by the stock ssh-keygen over what the asking run itself says it asks, and enough of them
//! are a yes. What lies on the disk is believed only as it verifies.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::needs::Needs;
use super::reach;
use super::request::Request;
use super::signers::Signers;
use super::spool::now;
use super::sshsig::Sshsig;
use super::statement::{NAMESPACE, statement};
use crate::house::House;
use crate::sys::file;
use crate::sys::private::{self, Unfit};
use crate::sys::tool::{Handed, Manner, keygen};
use crate::text::Arrange;
use crate::text::hexadecimal;

/// An approver's signature that was verified for one request. Only verifying makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    name: String,
    key: String,
    text: String,
}

impl Verified {
    /// Who signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's fingerprint.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The signature, in armour.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Enough signatures for one request. Only counting verified ones makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    request: String,
    nonce: String,
    by: Vec<Verified>,
}

impl Signed {
    /// Counts: each name and each key once.
    pub fn of(request: &Request, needs: &Needs, by: Vec<Verified>) -> Result<Signed, String> {
        let mut counted: Vec<Verified> = Vec::new();
        for one in by {
            if counted.iter().all(|other| other.name != one.name && other.key != one.key) {
                counted.push(one);
            }
        }
        counted.arrange_by(|one, other| one.name.cmp(&other.name));
        let names: Vec<&str> = counted.iter().map(Verified::name).collect();
        match needs.missing(&names) {
            Some(missing) => Err(format!("{} of {} signatures hold; {missing}", names.len(), needs.signatures)),
            None => Ok(Signed { request: request.id.clone(), nonce: request.nonce.clone(), by: counted }),
        }
    }

    /// The request's id.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.request
    }

    /// The number that is used once.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Whose signatures.
    #[must_use]
    pub fn by(&self) -> &[Verified] {
        &self.by
    }

    /// Whether they are enough.
    #[must_use]
    pub fn meets(&self, needs: &Needs) -> bool {
        needs.missing(&self.by.iter().map(Verified::name).collect::<Vec<_>>()).is_none()
    }
}

/// Verifies a signature for `request`: an approver's, of this very request, in time, by a key that the session does not reach itself.
/// `given` as in [`reach::of_session`].
pub fn verify(
    house: &House,
    signers: &Signers,
    request: &Request,
    yes: bool,
    armoured: &str,
    given: Option<&Path>,
) -> Result<Verified, String> {
    if !request.is_in_time(now()) {
        return Err("the request has expired".into());
    }
    let read = Sshsig::read(armoured)
        .ok_or("this is no signature in the namespace vetsh-approval by a key of a kind that counts")?;
    let key = read.key.fingerprint();
    let signer = signers.of(&read.key).ok_or_else(|| format!("{key} is no approver's key"))?;
    let name = signer.name.clone();
    if request.reaches(&key) {
        return Err(format!("{name}'s key proves nothing here: it stood open to the session when this was asked"));
    }
    if read.touched == Some(false) {
        return Err(format!("{name} made it without touching the token"));
    }
    let failed = |error: std::io::Error| format!("it cannot be verified: {error}");
    let hand = |bytes: &[u8]| Handed::of(bytes).map_err(failed);
    // Made of what was understood above, so that ssh-keygen reads nothing else than we did; and nobody can change it meanwhile.
    let text = read.armoured();
    let (list, signature) = (hand(signer.line().as_bytes())?, hand(text.as_bytes())?);
    let revoked = signers.revoked.iter().map(|keys| hand(keys)).collect::<Result<Vec<_>, _>>()?;
    let once = |revoked: Option<&Handed>| {
        let (list, signature) = (list.name(), signature.name());
        let mut words = vec!["-Y", "verify", "-q", "-n", NAMESPACE, "-I", &name, "-f", &list, "-s", &signature];
        let keys = revoked.map(Handed::name);
        words.extend(keys.iter().flat_map(|keys| ["-r", keys]));
        let held = keygen(&words, hand(&statement(request, yes))?, Manner::Silent, &[]).map_err(failed)?;
        held.map(|_| ())
            .ok_or_else(|| format!("it does not hold for this request, or {name}'s key is revoked or out of its time"))
    };
    once(None)?;
    revoked.iter().try_for_each(|keys| once(Some(keys)))?;
    if let Some(why) = reach::of_session(house, &read.key, given) {
        return Err(format!("{name}'s key proves nothing here: {why}"));
    }
    Ok(Verified { name, key, text })
}

/// What of the environment a human's signing needs.
const GIVEN: [&str; 4] = ["SSH_AUTH_SOCK", "SSH_SK_PROVIDER", "TERM", "HOME"];

/// Signs a request with the key in a file, or with the ssh-agent's where the file holds the public half.
pub fn sign(house: &House, request: &Request, yes: bool, key: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("it cannot be signed: {error}");
    let key = std::path::absolute(key).map_err(failed)?;
    let key = key.to_str().ok_or("the key's path is no text")?;
    let given: Vec<(&str, String)> = GIVEN.iter().filter_map(|name| Some((*name, house.given(name)?))).collect();
    // Its standard input is what it signs: it asks for passphrases through us.
    let own = std::fs::read_link("/proc/self/exe").ok().and_then(|path| path.into_os_string().into_string().ok());
    let asking = [("SSH_ASKPASS", own.unwrap_or_default()), ("SSH_ASKPASS_REQUIRE", "force".to_owned())];
    let given: Vec<(&str, String)> = given.into_iter().chain(asking).collect();
    let input = Handed::of(&statement(request, yes)).map_err(failed)?;
    let text =
        keygen(&["-Y", "sign", "-q", "-n", NAMESPACE, "-f", key], input, Manner::WithHuman, &given).map_err(failed)?;
    text.and_then(|text| String::from_utf8(text).ok()).ok_or_else(|| "ssh-keygen did not sign".into())
}

/// A signature as it is kept, in armour: a claim, until it is verified again.
pub type Claim = String;

/// The signatures for requests that want more of them, in a guard directory; and the numbers that were used.
#[derive(Debug)]
pub struct Claims {
    path: PathBuf,
    directory: File,
}

const LARGEST: usize = 16 * 1024;
/// More for one request are not looked at.
const MOST: usize = 32;

impl Claims {
    /// Opens `guard/signatures`, made where it is missing.
    pub fn open(guard: &Path) -> Result<Claims, Unfit> {
        private::directory(guard)?;
        let path = guard.join("signatures");
        Ok(Claims { directory: private::directory(&path)?, path })
    }

    /// Keeps a signature. One of the same key that is there already stays.
    pub fn keep(&self, request: &Request, verified: &Verified, record: &str) -> Result<(), Unfit> {
        use sha2::{Digest, Sha256};
        self.tidy();
        let of_key = hexadecimal(&Sha256::digest(verified.key()));
        let name = format!("{}{}", prefix(request), of_key.get(..16).unwrap_or_default());
        let text = format!("{record}\n{}", verified.text());
        match private::keep(&self.directory, &name, text.as_bytes(), true) {
            Err(Unfit::System(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            kept => kept,
        }
    }

    /// The names of what is kept for a request: as long as they are the same, so is what they hold.
    #[must_use]
    pub fn names(&self, request: &Request) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return Vec::new() };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> =
            names.filter(|name| name.starts_with(&prefix(request)) && !name.ends_with(SPENT)).collect();
        names.arrange();
        names.truncate(MOST);
        names
    }

    /// All that are kept for a request.
    #[must_use]
    pub fn of(&self, request: &Request) -> Vec<Claim> {
        let read = |name: &String| {
            let (mut opened, _) = private::file_at(&self.directory, name, OFlag::O_RDONLY).ok()?;
            let text = String::from_utf8(file::read_bounded(&mut opened, LARGEST).ok()?).ok()?;
            // The record of it stands before it.
            text.split_once('\n').map(|(_, claim)| claim.to_owned())
        };
        self.names(request).iter().filter_map(read).collect()
    }

    /// Nobody counts them any more.
    pub fn forget(&self, request: &Request) {
        for name in self.names(request) {
            let _ = unlinkat(&self.directory, name.as_str(), UnlinkatFlags::NoRemoveDir);
        }
    }

    /// Uses up a request's number: an error where it was used before.
    pub fn spend(&self, request: &Request) -> Result<(), Unfit> {
        self.tidy();
        private::keep(&self.directory, &format!("{}{SPENT}", prefix(request)), b"", true)
    }

    /// What is of requests that have expired is nobody's any more.
    fn tidy(&self) {
        let Ok(entries) = std::fs::read_dir(&self.path) else { return };
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            if name.split('.').next().and_then(|until| until.parse::<u64>().ok()).is_some_and(|until| until < now()) {
                let _ = unlinkat(&self.directory, name.as_str(), UnlinkatFlags::NoRemoveDir);
            }
        }
    }
}

/// Names a number that was used.
const SPENT: &str = "spent";

/// How the names begin of what is kept for a request.
fn prefix(request: &Request) -> String {
    format!("{}.{}.", request.expires, request.nonce)
}

/// Those of `claims` that hold, and why the others do not.
#[must_use]
pub fn holding(house: &House, signers: &Signers, request: &Request, claims: &[Claim]) -> (Vec<Verified>, Vec<String>) {
    let (mut held, mut why_not) = (Vec::new(), Vec::new());
    for claim in claims.iter().take(MOST) {
        match verify(house, signers, request, true, claim, None) {
            Ok(verified) => held.push(verified),
            Err(why) => why_not.push(why),
        }
    }
    (held, why_not)
}

/// How it stands with the signatures of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is needed.
    pub needs: Needs,
    /// Who has signed.
    pub signed: Vec<String>,
    /// Who else may.
    pub may: Vec<String>,
    /// Why nobody can, or what does not hold.
    pub problems: Vec<String>,
}

impl Standing {
    /// Of a request. `None`: one plain yes is enough for it.
    #[must_use]
    pub fn of(house: &House, request: &Request) -> Option<Standing> {
        let needs = request.needs();
        if needs.is_plain() {
            return None;
        }
        let signers = match Signers::load(house) {
            Ok(signers) => signers,
            Err(why) => return Some(Standing { needs, problems: vec![why], ..Standing::default() }),
        };
        let claims = Claims::open(&house.guard()).map(|claims| claims.of(request)).unwrap_or_default();
        let (held, mut problems) = holding(house, &signers, request, &claims);
        let mut signed: Vec<String> = held.iter().map(|one| one.name().to_owned()).collect();
        signed.arrange();
        signed.dedup();
        let mut may = Vec::new();
        for signer in &signers.list {
            if request.reaches(&signer.key.fingerprint()) {
                problems.push(format!(
                    "{}'s key stands open to the session (in an ssh-agent, or without a passphrase) and counts for nothing",
                    signer.name
                ));
            } else {
                may.push(signer.name.clone());
            }
        }
        may.arrange();
        may.dedup();
        may.retain(|name| !signed.contains(name));
        Some(Standing { may, needs, signed, problems })
    }

    /// Why the request can never be answered with yes.
    #[must_use]
    pub fn hopeless(&self) -> Option<String> {
        let all: Vec<&str> = self.signed.iter().chain(&self.may).map(String::as_str).collect();
        if all.is_empty() {
            let why = self.problems.first().map_or("no approver is listed", String::as_str);
            return Some(format!("it needs {} signed by approvers, and {why}", counted(self.needs.signatures)));
        }
        let missing = self.needs.missing(&all)?;
        Some(format!(
            "it needs {} signed by approvers, and there are only {}: {missing}",
            counted(self.needs.signatures),
            all.join(", ")
        ))
    }

    /// In a row: how many of how many, who, and who else may.
    #[must_use]
    pub fn words(&self) -> String {
        let by = if self.signed.is_empty() { String::new() } else { format!(" ({})", self.signed.join(", ")) };
        let among = if self.needs.among.is_empty() {
            String::new()
        } else {
            format!("; {} must be among them", self.needs.among.join(" and "))
        };
        let may =
            if self.may.is_empty() { String::new() } else { format!("; who may still sign: {}", self.may.join(", ")) };
        format!("{} of {} signed approvals are there{by}{among}{may}", self.signed.len(), self.needs.signatures)
    }
}

fn counted(number: u8) -> String {
    if number == 1 { "one approval".to_owned() } else { format!("{number} approvals") }
}
