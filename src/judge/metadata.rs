//! Whether a host is a cloud's metadata service, which hands out the machine's credentials: by any spelling of its address
//! that the resolver takes.

/// Addresses of metadata services.
const ADDRESSES: &[u32] = &[0xa9fe_a9fe, 0xa9fe_aa02, 0xa9fe_aa17, 0x6464_64c8, 0xa9fe_0017];

/// The metadata service's own address in IPv6.
const LONG: &[u128] = &[0xfd00_0ec2_0000_0000_0000_0000_0000_0254, 0xfd00_0ec2_0000_0000_0000_0000_0000_0023];

/// Its names.
const NAMES: &[&str] = &[
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Its address as a name of a service that resolves to the address in it (`169.254.169.254.nip.io`).
const WITHIN: &[&str] = &["169.254.169.254.", "169-254-169-254", "a9fea9fe."];

/// Whether the host, without scheme, user and port, is a metadata service.
pub(super) fn is_metadata(host: &[u8]) -> bool {
    let host = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host);
    let host = host.strip_suffix(b".").unwrap_or(host);
    if NAMES.iter().any(|name| host.eq_ignore_ascii_case(name.as_bytes())) {
        return true;
    }
    if host.contains(&b':') {
        let Some(long) = long(host) else { return false };
        let short = u32::try_from(long & 0xffff_ffff).unwrap_or_default();
        // `::ffff:a.b.c.d`, `::a.b.c.d`, and the prefix that gateways translate.
        let carries = matches!(long >> 32, 0xffff | 0) || long >> 32 == 0x0064_ff9b_0000_0000_0000_0000;
        return LONG.contains(&long) || carries && ADDRESSES.contains(&short);
    }
    match short(host) {
        Some(address) => ADDRESSES.contains(&address),
        None => WITHIN.iter().any(|part| host.windows(part.len()).any(|window| window == part.as_bytes())),
    }
}

/// An address of one to four numbers, decimal, octal or hexadecimal, of which the last fills what is left.
fn short(host: &[u8]) -> Option<u32> {
    let numbers: Vec<u32> = host.split(|byte| *byte == b'.').map(number).collect::<Option<_>>()?;
    let (last, head) = numbers.split_last()?;
    let room = 32u32.checked_sub(8 * u32::try_from(head.len()).ok()?).filter(|room| *room >= 8)?;
    if head.iter().any(|number| *number > 0xff) || room < 32 && last >> room != 0 {
        return None;
    }
    Some(head.iter().enumerate().fold(*last, |all, (at, number)| all | number << (24 - 8 * at)))
}

fn number(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?;
    match (text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")), text.strip_prefix('0')) {
        (Some(hex), _) => u32::from_str_radix(hex, 16).ok(),
        (None, Some(octal)) if !octal.is_empty() => u32::from_str_radix(octal, 8).ok(),
        _ => text.parse().ok(),
    }
}

/// An address in IPv6: groups of hexadecimal digits, one run of zeros left out, the last two perhaps as in IPv4.
fn long(host: &[u8]) -> Option<u128> {
    let text = std::str::from_utf8(host).ok()?;
    let text = text.split('%').next()?;
    let groups = |part: &str| -> Option<Vec<u16>> {
        let mut out = Vec::new();
        for group in part.split(':').filter(|_| !part.is_empty()) {
            if group.contains('.') {
                let address = short(group.as_bytes())?;
                out.push(u16::try_from(address >> 16).ok()?);
                out.push(u16::try_from(address & 0xffff).ok()?);
            } else {
                out.push(u16::from_str_radix(group, 16).ok()?);
            }
        }
        Some(out)
    };
    let (head, tail) = match text.split_once("::") {
        Some((head, tail)) => (groups(head)?, groups(tail)?),
        None => (groups(text)?, Vec::new()),
    };
    let zeros = 8usize.checked_sub(head.len() + tail.len())?;
    let all = head.into_iter().chain(std::iter::repeat_n(0, zeros)).chain(tail);
    Some(all.fold(0, |all, group| all << 16 | u128::from(group)))
}

#[cfg(test)]
mod tests {
    use super::is_metadata;

    #[test]
    fn every_spelling_of_its_address_is_known() {
        for host in [
            "169.254.169.254",
            "169.254.43518",
            "169.16689662",
            "2852039166",
            "0xa9fea9fe",
            "0xA9.254.0xa9fe",
            "0251.0376.0251.0376",
            "::ffff:169.254.169.254",
            "[::ffff:a9fe:a9fe]",
            "0:0:0:0:0:ffff:a9fe:a9fe",
            "fd00:ec2::254",
            "fd00:0ec2:0:0:0:0:0:0254",
            "64:ff9b::a9fe:a9fe",
            "metadata.google.internal.",
            "Metadata",
            "169.254.169.254.nip.io",
        ] {
            assert!(is_metadata(host.as_bytes()), "{host}");
        }
        for host in [
            "169.254.169.253",
            "1.2.3.4",
            "::1",
            "127.1",
            "localhost",
            "metadata.example.com",
            "2852039167",
            "fd00:ec2::255",
            "",
            "1.2.3.4.5",
        ] {
            assert!(!is_metadata(host.as_bytes()), "{host}");
        }
    }
}
