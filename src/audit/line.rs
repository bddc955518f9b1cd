//! One line of the log as bytes: how the chain is written into it and read back out, without parsing the whole.

use sha2::{Digest, Sha256};

use crate::text::hexadecimal;

/// The longest line, its line feed included.
pub const LONGEST: usize = 64 * 1024;

/// What the first record has for a previous hash.
pub const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What the chain needs of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Number in the chain, from 1.
    pub seq: u64,
    /// The record's id.
    pub id: String,
    /// The hash of the one before.
    pub prev: String,
    /// When, as written.
    pub ts: String,
    /// Its own hash.
    pub hash: String,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not of the shape every record has.
    Shape,
    /// The hash is not that of its bytes.
    Hash,
}

/// The line for `body` (a JSON object as text), chained; without the line feed.
pub(super) fn write(link: &mut Link, clock: Option<&str>, body: &str) -> String {
    let inner = body.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(body);
    let mut line = String::with_capacity(inner.len() + 360);
    line.push_str(&format!(
        r#"{{"v":1,"id":"{}","seq":{},"prev":"{}","ts":"{}",{inner}"#,
        link.id, link.seq, link.prev, link.ts
    ));
    if let Some(clock) = clock {
        line.push_str(&format!(r#","clock":"{clock}""#));
    }
    link.hash = hexadecimal(&Sha256::digest(line.as_bytes()));
    line.push_str(r#","hash":""#);
    line.push_str(&link.hash);
    line.push_str("\"}");
    line
}

/// Reads a line (without its line feed) and checks its hash.
pub fn read(line: &[u8]) -> Result<Link, Fault> {
    const TAIL: usize = r#","hash":""}"#.len() + 64;
    let split = line.len().checked_sub(TAIL).ok_or(Fault::Shape)?;
    let (covered, tail) = line.split_at(split);
    let hash = tail.strip_prefix(br#","hash":""#).and_then(|rest| rest.strip_suffix(br#""}"#)).ok_or(Fault::Shape)?;
    let rest = covered.strip_prefix(br#"{"v":1,"id":""#).ok_or(Fault::Shape)?;
    let (id, rest) = until(rest, br#"","seq":"#).ok_or(Fault::Shape)?;
    let (seq, rest) = until(rest, br#","prev":""#).ok_or(Fault::Shape)?;
    let (prev, rest) = until(rest, br#"","ts":""#).ok_or(Fault::Shape)?;
    let (ts, _) = until(rest, br#"","#).ok_or(Fault::Shape)?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Fault::Shape);
    let link = Link {
        seq: text(seq)?.parse().map_err(|_| Fault::Shape)?,
        id: text(id)?,
        prev: text(prev)?,
        ts: text(ts)?,
        hash: text(hash)?,
    };
    if hexadecimal(&Sha256::digest(covered)) == link.hash { Ok(link) } else { Err(Fault::Hash) }
}

/// The fields before `ts` are short and of known alphabets, so their end is found within the first bytes.
fn until<'line>(bytes: &'line [u8], mark: &[u8]) -> Option<(&'line [u8], &'line [u8])> {
    let head = bytes.get(..bytes.len().min(96 + mark.len()))?;
    let at = head.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}
