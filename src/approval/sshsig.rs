//! Signatures and public keys as OpenSSH writes them (PROTOCOL.sshsig, RFC 8709, PROTOCOL.u2f), read strictly: what has a byte too
//! many is none. Ed25519 alone, kept in a file or in a FIDO token.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::statement::NAMESPACE;

/// The kinds of keys that count.
pub const KINDS: [&str; 2] = ["ssh-ed25519", "sk-ssh-ed25519@openssh.com"];

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Longer is none of these kinds.
const LARGEST: usize = 4096;

/// A public key, as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl Key {
    /// From its bytes. `None`: another kind, or none.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Key> {
        let mut rest = Fields(bytes);
        let kind = rest.string()?;
        let point = rest.string()?;
        let whole = match KINDS.iter().position(|known| known.as_bytes() == kind)? {
            0 => true,
            _ => rest.string().is_some_and(|application| !application.is_empty()),
        };
        (whole && point.len() == 32 && rest.0.is_empty()).then(|| Key(bytes.to_vec()))
    }

    /// From the word of a file.
    #[must_use]
    pub fn read(word: &str) -> Option<Key> {
        Key::of(&STANDARD.decode(word).ok()?)
    }

    /// Whether it is in a token that wants to be touched.
    #[must_use]
    pub fn is_token(&self) -> bool {
        !self.0.get(4..).is_some_and(|rest| rest.starts_with(KINDS[0].as_bytes()))
    }

    /// Kind and word, as they stand in a file.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} {}", KINDS[usize::from(self.is_token())], STANDARD.encode(&self.0))
    }

    /// As `ssh-keygen -l` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&self.0)))
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A signature: whose key, and the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sshsig {
    /// The key that is said to have made it.
    pub key: Key,
    /// A token was touched for it; `None` where the key is in none.
    pub touched: Option<bool>,
    bytes: Vec<u8>,
}

impl Sshsig {
    /// Reads an armoured signature in our namespace.
    #[must_use]
    pub fn read(armoured: &str) -> Option<Sshsig> {
        let body = armoured.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let body: String = body.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        let bytes = (body.len() <= LARGEST).then(|| STANDARD.decode(body).ok())??;
        let mut rest = Fields(bytes.strip_prefix(b"SSHSIG")?);
        if rest.number()? != 1 {
            return None;
        }
        let key = Key::of(rest.string()?)?;
        let (namespace, reserved, hash, signature) = (rest.string()?, rest.string()?, rest.string()?, rest.string()?);
        if namespace != NAMESPACE.as_bytes() || !reserved.is_empty() || !rest.0.is_empty() {
            return None;
        }
        if ![&b"sha256"[..], b"sha512"].contains(&hash) {
            return None;
        }
        let mut inner = Fields(signature);
        let kind = inner.string()?;
        if kind != KINDS[usize::from(key.is_token())].as_bytes() || inner.string()?.len() != 64 {
            return None;
        }
        let touched = match (key.is_token(), inner.0) {
            (false, []) => None,
            (true, [flags, _, _, _, _]) => Some(flags & 1 == 1),
            _ => return None,
        };
        Some(Sshsig { key, touched, bytes })
    }

    /// In armour again: of what was read, and nothing else.
    #[must_use]
    pub fn armoured(&self) -> String {
        let body = STANDARD.encode(&self.bytes);
        let rows: Vec<&str> = body.as_bytes().chunks(70).filter_map(|row| std::str::from_utf8(row).ok()).collect();
        format!("{BEGIN}\n{}\n{END}\n", rows.join("\n"))
    }
}

/// Fields as SSH puts them (RFC 4251): numbers, and strings with their length before them.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// Four bytes.
    pub fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    /// A string.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat()
    }

    fn key() -> Vec<u8> {
        [string(b"ssh-ed25519"), string(&[7; 32])].concat()
    }

    fn token() -> Vec<u8> {
        [string(KINDS[1].as_bytes()), string(&[7; 32]), string(b"ssh:")].concat()
    }

    fn armoured(key: &[u8], namespace: &str, signature: &[u8]) -> String {
        let fields = [key, namespace.as_bytes(), b"", b"sha512", signature].map(string).concat();
        let bytes = [&b"SSHSIG\0\0\0\x01"[..], &fields].concat();
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(bytes))
    }

    #[test]
    fn only_whole_keys_of_these_kinds_are_keys() {
        assert!(Key::of(&key()).is_some_and(|key| !key.is_token()));
        assert!(Key::of(&token()).is_some_and(|key| key.is_token()));
        for wrong in [
            [key(), vec![0]].concat(),
            [string(b"ssh-ed25519"), string(&[7; 31])].concat(),
            [string(b"ssh-rsa"), string(&[7; 32])].concat(),
            [string(KINDS[1].as_bytes()), string(&[7; 32])].concat(),
            Vec::new(),
        ] {
            assert_eq!(Key::of(&wrong), None);
        }
        let words = Key::of(&token()).expect("a key").words();
        assert!(words.starts_with("sk-ssh-ed25519@openssh.com AAAA"), "{words}");
    }

    #[test]
    fn a_signature_says_its_key_and_whether_a_token_was_touched() {
        let plain = [string(b"ssh-ed25519"), string(&[1; 64])].concat();
        let read = Sshsig::read(&armoured(&key(), NAMESPACE, &plain)).expect("a signature");
        assert_eq!((read.touched, Sshsig::read(&read.armoured())), (None, Some(read.clone())));
        for (flags, touched) in [(1, true), (5, true), (0, false), (4, false)] {
            let inner = [string(KINDS[1].as_bytes()), string(&[1; 64]), vec![flags, 0, 0, 0, 9]].concat();
            let read = Sshsig::read(&armoured(&token(), NAMESPACE, &inner)).expect("a signature");
            assert_eq!(read.touched, Some(touched));
        }
        let short = [string(b"ssh-ed25519"), string(&[1; 63])].concat();
        let long = [plain.clone(), vec![1, 0, 0, 0, 9]].concat();
        for wrong in [
            armoured(&key(), "git", &plain),
            armoured(&key(), NAMESPACE, &short),
            armoured(&key(), NAMESPACE, &long),
            armoured(&token(), NAMESPACE, &plain),
            armoured(&key(), NAMESPACE, &plain).replace("SSH SIGNATURE", "SIGNATURE"),
        ] {
            assert_eq!(Sshsig::read(&wrong), None, "{wrong}");
        }
    }
}
