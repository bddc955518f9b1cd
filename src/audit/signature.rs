//! What approvers signed, as the record keeps it: checked again, each against the words that stand beside it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::approval::sshsig::Sshsig;
use crate::approval::statement::NAMESPACE;
use crate::sys::tool::{Handed, Manner, keygen};
use crate::text::hexadecimal;

/// A signed answer of the record.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SignedAnswer {
    /// The record.
    pub id: String,
    /// The request.
    pub request: String,
    /// yes or no.
    pub answer: String,
    /// Who, as the list said then.
    pub by: String,
    /// The key's fingerprint.
    pub key: String,
    /// Whether the signature is that key's over the recorded words. `None`: it cannot be checked here.
    pub holds: Option<bool>,
}

impl SignedAnswer {
    /// Of a record. `None`: it tells of none.
    #[must_use]
    pub fn of(record: &[u8]) -> Option<SignedAnswer> {
        const SIGN: &[u8] = br#""channel":"signed""#;
        if !record.windows(SIGN.len()).any(|part| part == SIGN) {
            return None;
        }
        let value: Value = serde_json::from_slice(record).ok()?;
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("/kind") != "answer" {
            return None;
        }
        let (statement, digest) = (text("/detail/statement"), text("/detail/statement_sha256"));
        let key = text("/approvals/0/key");
        // Words with a secret in them are not kept whole.
        let whole = hexadecimal(&Sha256::digest(statement.as_bytes())) == digest;
        let holds = if whole { checked(&statement, &text("/approvals/0/signature"), &key) } else { None };
        Some(SignedAnswer {
            id: text("/id"),
            request: text("/detail/request"),
            answer: text("/detail/answer"),
            by: text("/approvals/0/by"),
            key,
            holds,
        })
    }
}

fn checked(statement: &str, signature: &str, key: &str) -> Option<bool> {
    let Some(read) = Sshsig::read(signature).filter(|read| read.key.fingerprint() == key) else { return Some(false) };
    let hand = |text: &str| Handed::of(text.as_bytes()).ok();
    let signature = hand(&read.armoured())?;
    let words = ["-Y", "check-novalidate", "-q", "-n", NAMESPACE, "-s", &signature.name()];
    keygen(&words, hand(statement)?, Manner::Silent, &[]).ok().map(|held| held.is_some())
}
