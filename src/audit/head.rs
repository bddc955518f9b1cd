//! `audit/head`: where the chain stood when the lock was last let go, and how the day's file looked then.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

/// Its name below `audit`.
pub(super) const HEAD: &str = "head";

/// Where the chain stood when the lock was last let go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) day: String,
    pub(super) seq: u64,
    pub(super) hash: String,
    pub(super) total: u64,
    pub(super) reserve: bool,
    pub(super) seen: Option<Looks>,
}

impl Head {
    pub(super) fn read(file: &File) -> io::Result<Option<Head>> {
        // Short of a line it says nothing, and the files are asked.
        let mut buffer = [0_u8; 256];
        let length = file.read_at(&mut buffer, 0)?;
        Ok(buffer.get(..length).and_then(Head::parse))
    }

    fn parse(bytes: &[u8]) -> Option<Head> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut words = text.lines().next()?.split(' ');
        let head = Head {
            day: words.next().filter(|day| is_day(day))?.to_owned(),
            seq: words.next()?.parse().ok()?,
            hash: words.next().filter(|hash| hash.len() == 64)?.to_owned(),
            total: words.next()?.parse().ok()?,
            reserve: words.next()? == "reserve",
            seen: None,
        };
        let mut seen = || {
            let size = words.next()?.parse().ok()?;
            let changed = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some(Looks { size, changed, ts: words.next()?.to_owned() })
        };
        Some(Head { seen: seen(), ..head })
    }

    pub(super) fn write(&self, file: &File) -> io::Result<()> {
        let reserve = if self.reserve { "reserve" } else { "spent--" };
        // Every field has a fixed width, so that a shorter head never leaves the end of a longer one behind.
        let Looks { size, changed, ts } = self.seen.as_ref().unwrap_or(&NOT_SEEN);
        let text = format!(
            "{:10} {:020} {:64} {:020} {reserve} {size:020} {:020} {:09} {ts:30}\n",
            self.day, self.seq, self.hash, self.total, changed.0, changed.1
        );
        file.write_all_at(text.as_bytes(), 0)
    }
}

/// How the day's file looked when its last record had been written, and that record's time.
///
/// Nobody but root can set a change time, and since Linux 6.13 each change that was looked at before gets one of its own; before,
/// two within a tick of the clock (4 ms) may share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) size: u64,
    /// Seconds and nanoseconds.
    pub(super) changed: (i64, i64),
    pub(super) ts: String,
}

impl Looks {
    pub(super) fn of(meta: &Metadata, ts: &str) -> Looks {
        Looks { size: meta.len(), changed: (meta.ctime(), meta.ctime_nsec()), ts: ts.to_owned() }
    }

    pub(super) fn is(&self, meta: &Metadata) -> bool {
        self.size == meta.len() && self.changed == (meta.ctime(), meta.ctime_nsec())
    }
}

/// No file with a record in it looks like this.
pub(super) static NOT_SEEN: Looks = Looks { size: 0, changed: (0, 0), ts: String::new() };

/// `YYYY-MM-DD`
pub(super) fn is_day(name: &str) -> bool {
    name.len() == 10
        && name.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
}
