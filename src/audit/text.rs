//! Bytes from outside, before and after redaction. Only redacted text can be serialised.

use base64::Engine;
use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use crate::text::hexadecimal;

/// Bytes that may hold secrets. Cannot be shown, printed or serialised; only redaction reads them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unredacted(Vec<u8>);

impl Unredacted {
    /// The bytes, for redaction alone.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<Vec<u8>>> From<T> for Unredacted {
    fn from(bytes: T) -> Self {
        Unredacted(bytes.into())
    }
}

impl std::fmt::Debug for Unredacted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Unredacted({} bytes)", self.0.len())
    }
}

/// Bytes whose secrets are placeholders. Only redaction makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    pub(super) bytes: Vec<u8>,
    /// How many bytes there were before it was cut to a head, and their digest.
    pub(super) whole: Option<(usize, String)>,
}

impl Redacted {
    /// The text, secrets gone.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Cuts to at most `limit` bytes, keeping the head, the length and the digest of what it was.
    pub(super) fn cut(&mut self, limit: usize) {
        if self.bytes.len() <= limit {
            return;
        }
        if self.whole.is_none() {
            self.whole = Some((self.bytes.len(), hexadecimal(&Sha256::digest(&self.bytes))));
        }
        let mut end = limit;
        // A character is not cut in two, so that text stays text.
        while end > limit.saturating_sub(4) && self.bytes.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
            end -= 1;
        }
        self.bytes.truncate(end);
    }
}

impl Serialize for Redacted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(&self.bytes);
        if let (Ok(text), None) = (text, &self.whole) {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(None)?;
        match text {
            Ok(text) => map.serialize_entry("head", text)?,
            Err(_) => map.serialize_entry("b64", &base64::engine::general_purpose::STANDARD.encode(&self.bytes))?,
        }
        if let Some((length, digest)) = &self.whole {
            map.serialize_entry("bytes", length)?;
            map.serialize_entry("sha256", digest)?;
        }
        map.end()
    }
}
