//! What the log tells of what was done of late: by a session, under a number. By its user's records alone where several users
//! write one log: a session's name is no secret.

use std::path::Path;

use super::{line, verify};

/// What counting a session's records takes of one.
#[derive(serde::Deserialize)]
struct Seen {
    ts: String,
    kind: String,
    session: Option<String>,
    #[serde(default)]
    detail: std::collections::BTreeMap<String, serde_json::Value>,
}

/// Bytes of the log that are looked through for what a session did of late, and those of one record at most.
const RECENT: u64 = 1 << 20;
const LONGEST: u64 = 1 << 16;
/// Stands in the launch of what approvers signed, and in a no: what was signed under it is used up.
pub(super) const NONCE: &str = "nonce";
/// Stands in the refusal of what waits for a human.
pub(super) const PENDING: &str = "waits";

/// The records of a session in the last `bytes` of the day's log, oldest first.
fn recent(audit: &Path, session: &str, by: Option<u32>, bytes: u64) -> impl Iterator<Item = Seen> {
    let mut records = verify::recent(audit, bytes).unwrap_or_default();
    if let Some(uid) = by {
        records.retain(|record| is_by(record, uid));
    }
    let seen = records.into_iter().filter_map(|record| serde_json::from_slice::<Seen>(&record).ok());
    seen.filter(|seen| seen.session.as_deref() == Some(session))
}

/// Whether that user called, by the writer's word: it says so first, before anything that a caller says.
fn is_by(record: &[u8], uid: u32) -> bool {
    let sign = br#""by":{"uid":"#;
    let at = record.windows(sign.len()).position(|part| part == sign).map(|at| at + sign.len());
    let said = at.and_then(|at| record.get(at..));
    said.is_some_and(|said| said.starts_with(format!("{uid},").as_bytes()))
}

/// Whether the session's last `most` lines were refused, one after the other. One that waits for a human counts as neither.
pub(super) fn were_refused(audit: &Path, session: &str, by: Option<u32>, most: u32) -> bool {
    let mut row = 0;
    for seen in recent(audit, session, by, RECENT.max(u64::from(most).saturating_mul(LONGEST))) {
        match seen.kind.as_str() {
            "refusal" if seen.detail.contains_key(PENDING) => {}
            "refusal" => row += 1,
            "launch" | "session" => row = 0,
            _ => {}
        }
    }
    row >= most
}

/// How often the session has asked within the last hour, since a human last let it go on: in a log of several users that is root
/// alone. Whatever else it did in between hides none of it.
pub(super) fn questions(audit: &Path, session: &str, by: Option<u32>) -> u64 {
    let now = crate::sys::clock::now().as_secs();
    let of_late = |seen: &Seen| seconds(&seen.ts).is_some_and(|at| at + 60 * 60 > now);
    let mut count = 0;
    let read = verify::days_back(audit, 2, |record| {
        let may_be = |sign: &[u8]| record.windows(sign.len()).any(|part| part == sign);
        if !may_be(b"\"kind\":\"request\"") && !may_be(b"\"restores\":") {
            return;
        }
        let Ok(seen) = serde_json::from_slice::<Seen>(record) else { return };
        let restores = seen.detail.get("restores").is_some_and(|id| *id == session);
        if restores && by.is_none_or(|_| is_by(record, 0)) {
            count = 0;
        } else if seen.kind == "request" && seen.session.as_deref() == Some(session) && of_late(&seen) {
            count += u64::from(by.is_none_or(|uid| is_by(record, uid)));
        }
    });
    if read.is_ok() { count } else { u64::MAX }
}

/// Whether a number stands in the record of two days.
pub(super) fn was_used(audit: &Path, nonce: &str) -> bool {
    let sign = format!("\"{NONCE}\":\"{nonce}\"");
    let mut used = false;
    let read = verify::days_back(audit, 2, |record| {
        used |= std::str::from_utf8(record).is_ok_and(|text| text.contains(&sign));
    });
    used || read.is_err()
}

/// When the newest record was written, in seconds since 1970; 0 where there is none.
pub(super) fn newest(audit: &Path) -> u64 {
    let of_day = verify::recent(audit, 2 * LONGEST).ok().and_then(|mut records| records.pop());
    // A day that has just begun may have none yet.
    let last = of_day.or_else(|| verify::tail(audit, 1).ok()?.pop());
    last.and_then(|record| seconds(&line::read(&record).ok()?.ts)).unwrap_or(0)
}

fn seconds(ts: &str) -> Option<u64> {
    let time = chrono::DateTime::parse_from_rfc3339(ts).ok()?;
    u64::try_from(time.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::is_by;

    #[test]
    fn the_writers_word_comes_first() {
        let record =
            br#"{"v":1,"ts":"t","by":{"uid":12,"pid":1},"x":{"by":{"uid":7,"pid":1}},"y":"\"by\":{\"uid\":7,"}"#;
        assert!(is_by(record, 12));
        assert!(!is_by(record, 7) && !is_by(record, 1) && !is_by(record, 123) && !is_by(b"{}", 0));
    }
}
