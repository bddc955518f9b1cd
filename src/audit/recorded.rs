//! The proof that a record is on disk. Only recording makes one; launching and refusing spend it.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use crate::approval::Refused;
use crate::exit::Failure;
use crate::house::House;
use crate::sandbox::Raised;

/// Something that is recorded, and the record's id.
#[derive(Debug)]
#[must_use = "what is recorded must be launched or refused"]
pub struct Recorded<T> {
    value: T,
    id: String,
}

impl<T> Recorded<T> {
    pub(super) fn new(value: T, id: String) -> Recorded<T> {
        Recorded { value, id }
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What was recorded.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// What was recorded; the proof is spent.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// Records what is about to run.
pub fn record_launch(house: &House, raised: Raised) -> Result<Recorded<Raised>, Failure> {
    crate::fault::at(crate::fault::Stage::Record)?;
    let id = write(house, "launch", &raised.order().approved().judged().invocation().line.received)?;
    Ok(Recorded::new(raised, id))
}

/// Records what was refused.
pub fn record_refusal(house: &House, refused: Refused) -> Result<Recorded<Refused>, Failure> {
    crate::fault::at(crate::fault::Stage::Record)?;
    let id = write(house, "refusal", &refused.judged().invocation().line.received)?;
    Ok(Recorded::new(refused, id))
}

/// Records a run that could not go on, where that can still be written.
#[must_use]
pub fn record_failure(house: &House, failure: &Failure) -> Option<String> {
    write(house, "error", failure.line().as_bytes()).ok()
}

fn write(house: &House, kind: &str, line: &[u8]) -> Result<String, Failure> {
    let id = uuid::Uuid::now_v7().to_string();
    let now = chrono::Utc::now();
    let record = serde_json::json!({
        "v": 1, "id": id, "ts": now.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true), "kind": kind,
        "session": house.session.id, "line": String::from_utf8_lossy(line),
    });
    let path = house.state.join("audit").join(now.format("%Y-%m-%d.jsonl").to_string());
    let append = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        file.write_all(format!("{record}\n").as_bytes())
    };
    append().map_err(|error| {
        Failure::closed("audit.unwritable", path.display().to_string(), error.to_string(), "make the log writable")
    })?;
    Ok(id)
}
