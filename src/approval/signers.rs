//! Who may approve by signing: OpenSSH's `allowed_signers` (ssh-keygen(1)), root's own where there is one, else the user's as a
//! human last trusted it. A line that says anything we do not hold makes nobody an approver.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::sshsig::{KINDS, Key};
use super::statement::NAMESPACE;
use crate::house::policies::trust_name;
use crate::house::{House, of_home};
use crate::policy::asking::is_name;
use crate::sys::{file, owner, user};
use crate::text::Arrange;

/// The name of the file, in `/etc/vetsh` or beside the policy.
pub const FILE: &str = "allowed_signers";
/// The name of the file of keys that count no more, beside it: one key a line, or what `ssh-keygen -k` makes.
pub const REVOKED: &str = "revoked_keys";

/// So begins what is said where there is no file.
pub const NOBODY: &str = "nobody is listed";

const SYSTEM: &str = "/etc/vetsh";
const LARGEST: usize = 1 << 20;

/// One who may approve, by one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// Who.
    pub name: String,
    /// By which key.
    pub key: Key,
    /// Options that ssh-keygen minds: from when, until when, for what.
    options: Vec<String>,
}

impl Signer {
    /// The line for ssh-keygen: made of what was understood, and nothing else.
    #[must_use]
    pub fn line(&self) -> String {
        let options = if self.options.is_empty() { String::new() } else { format!("{} ", self.options.join(",")) };
        format!("{} {options}{}\n", self.name, self.key.words())
    }
}

/// All who may approve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signers {
    /// Each key of each.
    pub list: Vec<Signer>,
    /// Lines that make nobody an approver, and why.
    pub left_out: Vec<String>,
    /// What holds keys that count no more.
    pub revoked: Vec<Vec<u8>>,
    /// The file is root's: nothing of the user's can change it.
    pub is_roots: bool,
}

impl Signers {
    /// Reads the file that holds. An error says why nobody can approve by signing.
    pub fn load(house: &House) -> Result<Signers, String> {
        let system = Path::new(SYSTEM);
        // One that cannot be looked at is there.
        let absent = |error: std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
        if !system.join(FILE).symlink_metadata().is_err_and(absent) {
            let text = fit(&system.join(FILE), true)?.ok_or("it went away while it was read")?;
            let revoked = fit(&system.join(REVOKED), true)?;
            return Ok(Signers { revoked: revoked.into_iter().collect(), is_roots: true, ..Signers::read(&text) });
        }
        if house.is_ruled() {
            return Err(format!("{NOBODY} in {SYSTEM}/{FILE}"));
        }
        // Another root can only tighten: where home has a state of its own, home's approvers count.
        let (config, guard) = match (&house.real_state, &house.home) {
            (Some(state), Some(home)) => (of_home(home).0, state.join("guard")),
            _ => (house.config.clone(), house.guard()),
        };
        let path = config.join(FILE);
        let trusted = |path: &Path| {
            let pin = guard.join("trust").join(trust_name(path));
            file::read_small(pin.as_os_str().as_encoded_bytes(), LARGEST).ok()
        };
        let text = fit(&path, false)?.ok_or_else(|| format!("{NOBODY} in {} or {SYSTEM}/{FILE}", path.display()))?;
        if trusted(&path).as_ref() != Some(&text) {
            return Err(format!("{0} is not as a human last trusted it: vetsh trust {0}", path.display()));
        }
        // What was taken out of it since a human trusted it counts no more than before.
        let place = config.join(REVOKED);
        let revoked = [fit(&place, false)?, trusted(&place)].into_iter().flatten().collect();
        Ok(Signers { revoked, ..Signers::read(&text) })
    }

    /// Reads the text of the file.
    #[must_use]
    pub fn read(text: &[u8]) -> Signers {
        let mut signers = Signers::default();
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            match std::str::from_utf8(line).map_err(|_| "it is no text").and_then(signer) {
                Ok(signer) => signers.list.push(signer),
                Err(why) => signers.left_out.push(format!("line {}: {why}", at + 1)),
            }
        }
        let all = signers.list.clone();
        signers.list.retain(|signer| {
            let one = all.iter().all(|other| other.key != signer.key || other.name == signer.name);
            if !one {
                signers.left_out.push(format!("{}: another name has the same key", signer.name));
            }
            one
        });
        signers.list.dedup();
        signers
    }

    /// Who has this key.
    #[must_use]
    pub fn of(&self, key: &Key) -> Option<&Signer> {
        self.list.iter().find(|signer| signer.key == *key)
    }

    /// The names, each once.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.list.iter().map(|signer| signer.name.as_str()).collect();
        names.arrange();
        names.dedup();
        names
    }
}

/// The text of a file that nobody else may write. `None`: it is not there.
fn fit(path: &Path, of_root: bool) -> Result<Option<Vec<u8>>, String> {
    let name = path.as_os_str().as_encoded_bytes();
    let (text, meta) = match file::read_regular(name, LARGEST) {
        Ok(read) => read,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let roots = owner::is_roots(name, &meta);
    let owned = match of_root {
        true => roots && !owner::others_may_write(owner::way(name).as_deref()),
        false => roots || meta.uid() == user::own(),
    };
    let place: PathBuf = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let closed = |meta: &std::fs::Metadata| meta.mode() & 0o022 == 0;
    if !owned || !closed(&meta) || !place.metadata().is_ok_and(|place| closed(&place)) {
        return Err(format!("{0} may be written by others: chown and chmod go-w it and its directory", path.display()));
    }
    Ok(Some(text))
}

/// One line: a name, options, kind and key, a comment.
fn signer(line: &str) -> Result<Signer, &'static str> {
    let mut words = words(line).ok_or("a quote is not closed")?.into_iter();
    let name = words
        .next()
        .filter(|name| is_name(name))
        .ok_or("patterns and lists of names are not taken: one name a line")?;
    let mut kind = words.next().unwrap_or_default();
    let mut options = Vec::new();
    if !looks_like_a_kind(kind) {
        options = self::options(kind)?;
        kind = words.next().unwrap_or_default();
    }
    if !KINDS.contains(&kind) {
        return Err("keys are ssh-ed25519 or sk-ssh-ed25519@openssh.com");
    }
    let key = words.next().and_then(Key::read).filter(|key| key.words().starts_with(&format!("{kind} ")));
    Ok(Signer { name: name.to_owned(), key: key.ok_or("the key cannot be read")?, options })
}

fn looks_like_a_kind(word: &str) -> bool {
    ["ssh-", "sk-ssh-", "ecdsa-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start)) && !word.contains(['=', ','])
}

/// Options that ssh-keygen minds for us; any other makes nobody an approver.
fn options(word: &str) -> Result<Vec<String>, &'static str> {
    let mut held = Vec::new();
    for option in split(word, ',').ok_or("a quote is not closed")? {
        let value = option.split_once('=').and_then(|(name, value)| {
            Some((name, value.strip_prefix('"')?.strip_suffix('"')?)).filter(|(_, value)| !value.contains('"'))
        });
        match value {
            Some(("valid-after" | "valid-before", time))
                if time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'Z') => {}
            Some(("namespaces", names)) if names.split(',').any(|name| name == NAMESPACE) => {
                held.push(format!("namespaces=\"{NAMESPACE}\""));
                continue;
            }
            Some(("namespaces", _)) => return Err("it is not for vetsh-approval"),
            _ => return Err("cert-authority and unknown options are not taken"),
        }
        held.push(option.to_owned());
    }
    Ok(held)
}

/// Words by blanks, a quoted blank being none.
fn words(line: &str) -> Option<Vec<&str>> {
    let words = split(line, ' ')?
        .into_iter()
        .flat_map(|word| if word.contains('"') { vec![word] } else { word.split('\t').collect() });
    Some(words.filter(|word| !word.is_empty()).collect())
}

/// Parts between `sign`s that stand in no quotes. `None`: a quote is left open.
fn split(text: &str, sign: char) -> Option<Vec<&str>> {
    let mut quoted = false;
    let parts = text.split(|letter| {
        quoted ^= letter == '"';
        letter == sign && !quoted
    });
    let parts = parts.collect();
    (!quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

    fn names(text: &str) -> Vec<String> {
        Signers::read(text.as_bytes()).list.iter().map(|signer| signer.name.clone()).collect()
    }

    #[test]
    fn a_plain_line_makes_an_approver() {
        for line in [
            format!("alice {ONE}"),
            format!("  alice \t{ONE} a comment\r"),
            format!("alice namespaces=\"git,vetsh-approval\" {ONE}"),
            format!("alice valid-after=\"20260101\",valid-before=\"20270101Z\" {ONE} c"),
        ] {
            assert_eq!(names(&line), ["alice"], "{line}");
        }
        let line = format!("alice namespaces=\"git,vetsh-approval\",valid-after=\"2026\" {ONE} and more");
        let read = Signers::read(line.as_bytes());
        let written = read.list.first().expect("an approver").line();
        assert_eq!(written, format!("alice namespaces=\"vetsh-approval\",valid-after=\"2026\" {ONE}\n"));
    }

    #[test]
    fn what_is_not_held_makes_nobody_an_approver() {
        for line in [
            format!("* {ONE}"),
            format!("alice,bob {ONE}"),
            format!("!alice {ONE}"),
            format!("\"alice\" {ONE}"),
            format!("alice cert-authority {ONE}"),
            format!("alice CERT-AUTHORITY {ONE}"),
            format!("alice cert-authority,namespaces=\"vetsh-approval\" {ONE}"),
            format!("alice namespaces=\"git\" {ONE}"),
            format!("alice namespaces=\"vetsh-*\" {ONE}"),
            format!("alice no-touch-required {ONE}"),
            format!("alice valid-after=2026 {ONE}"),
            format!("alice valid-after=\"2026 {ONE}"),
            format!("alice ssh-rsa {}", ONE.split_once(' ').expect("two words").1),
            format!("alice sk-ssh-ed25519@openssh.com {}", ONE.split_once(' ').expect("two words").1),
            "alice ssh-ed25519 AAAA".to_owned(),
            "alice".to_owned(),
            ONE.to_owned(),
        ] {
            let read = Signers::read(line.as_bytes());
            assert_eq!((read.list.len(), read.left_out.len()), (0, 1), "{line}");
        }
        assert!(Signers::read(b"# a comment\n\n").left_out.is_empty());
    }

    #[test]
    fn one_key_is_one_name() {
        assert_eq!(names(&format!("alice {ONE}\nbob {ONE}\ncarol {OTHER}\n")), ["carol"]);
        assert_eq!(names(&format!("alice {ONE}\nalice {ONE}\nalice {OTHER}\n")), ["alice", "alice"]);
    }
}
