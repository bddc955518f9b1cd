//! A minimal reader of git's index (versions 2 to 4): what git tracks, with the size and time it had then. Pure.

/// One tracked file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the top level, `/` between components.
    pub name: Vec<u8>,
    /// Modification time: seconds and nanoseconds.
    pub modified: (u32, u32),
    /// Size, modulo 2³².
    pub size: u32,
    /// File type and permissions as git keeps them.
    pub mode: u32,
    /// Settled: stage 0, and its contents are in the object store.
    pub settled: bool,
}

/// Reads the whole index. `None`: not an index this understands.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Vec<Entry>> {
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(bytes, 4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let count = number(bytes, 8)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let start = at;
        let modified = (number(bytes, at + 8)?, number(bytes, at + 12)?);
        let mode = number(bytes, at + 24)?;
        let size = number(bytes, at + 36)?;
        let flags = short(bytes, at + 60)?;
        at += 62;
        let mut added_only = false;
        if flags & 0x4000 != 0 {
            added_only = short(bytes, at)? & 0x2000 != 0;
            at += 2;
        }
        let mut name = Vec::new();
        if version == 4 {
            let (strip, next) = varint(bytes, at)?;
            at = next;
            let before = entries.last().map(|entry| entry.name.as_slice()).unwrap_or_default();
            name.extend_from_slice(before.get(..before.len().checked_sub(strip)?)?);
        }
        let rest = bytes.get(at..)?;
        let length = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(rest.get(..length)?);
        at += length + 1;
        if version < 4 {
            at = start + (at - start).div_ceil(8) * 8;
        }
        let settled = flags & 0x3000 == 0 && !added_only;
        entries.push(Entry { name, modified, size, mode, settled });
    }
    Some(entries)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// git's offset encoding: seven bits a byte, each continuation adds one.
fn varint(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &[u8], flags: u16) -> Vec<u8> {
        let mut bytes = vec![0; 62];
        bytes[8..12].copy_from_slice(&7_u32.to_be_bytes());
        bytes[36..40].copy_from_slice(&5_u32.to_be_bytes());
        bytes[60..62].copy_from_slice(&flags.to_be_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        while !bytes.len().is_multiple_of(8) {
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn entries_of_version_2_are_padded() {
        let mut index = b"DIRC\0\0\0\x02\0\0\0\x02".to_vec();
        index.extend(entry(b"a", 1));
        index.extend(entry(b"dir/long-name", 0x100d));
        let read = read(&index).expect("an index");
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].name.as_slice(), read[0].modified, read[0].size, read[0].settled),
            (&b"a"[..], (7, 0), 5, true)
        );
        assert_eq!((read[1].name.as_slice(), read[1].settled), (&b"dir/long-name"[..], false));
    }

    #[test]
    fn nonsense_is_not_an_index() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"DIRC\0\0\0\x09\0\0\0\0"), None);
        assert_eq!(read(b"DIRC\0\0\0\x02\xff\xff\xff\xffabc"), None);
    }
}
