//! What an approver signs: the request in words, one thing a row, byte for byte the same wherever it is made. `docs/approvals.md`
//! describes it.

use super::request::Request;
use sha2::{Digest, Sha256};

use crate::text::hexadecimal;

/// The namespace of signatures (SSHSIG): one that was made for anything else holds nothing here.
pub const NAMESPACE: &str = "vetsh-approval";

/// Parts of a request that stand in it as they are, in this order.
const SHOWN: [&str; 13] =
    ["session", "cwd", "place", "face", "envelope", "tier", "rule", "sure", "what", "why", "undo", "confirm", "reach"];
/// Parts that stand in it by their digest (they are digests or long).
const BY_DIGEST: [&str; 7] = ["text", "call", "actions", "findings", "files", "startup", "policy"];

/// The bytes that are signed for a yes, or for a no.
#[must_use]
pub fn statement(request: &Request, yes: bool) -> Vec<u8> {
    let mut rows = vec![
        "vetsh approval 1".to_owned(),
        format!("answer: {}", if yes { "yes" } else { "no" }),
        format!("request: {}", request.id),
        format!("sha256: {}", request.digest),
        format!("nonce: {}", request.nonce),
        format!("expires: {} {}", request.expires, utc(request.expires)),
        format!("signatures: {}", plain(request.part("needs"))),
    ];
    rows.extend(SHOWN.iter().map(|name| format!("{name}: {}", plain(request.part(name)))));
    rows.extend(
        BY_DIGEST.iter().map(|name| format!("{name}-sha256: {}", hexadecimal(&Sha256::digest(request.part(name))))),
    );
    let listed = |rows: &mut Vec<String>, name: &str| {
        rows.push(format!("{name}:"));
        rows.extend(request.part(name).split(|byte| *byte == b'\n').map(|row| format!("| {}", plain(row))));
    };
    rows.push("impact:".to_owned());
    rows.extend(request.measured().iter().map(|row| format!("| {}", plain(row.as_bytes()))));
    listed(&mut rows, "text");
    rows.push(String::new());
    rows.join("\n").into_bytes()
}

fn utc(seconds: u64) -> String {
    let time = chrono::DateTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds.min(u64::from(u32::MAX)));
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Printable ASCII for itself, a backslash twice, all else by its number: no byte can be taken for another, or for a row's end.
fn plain(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            0x20..=0x7e => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_taken_for_another() {
        assert_eq!(plain(b"a \\x0a\n\xc3\xa4"), "a \\\\x0a\\x0a\\xc3\\xa4");
    }
}
