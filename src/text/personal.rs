//! Numbers of persons that carry a check of their own: cards, accounts, United States social security numbers. What has none
//! (names, addresses, telephone numbers) cannot be told from other text and is not looked for.

use std::ops::Range;

use super::secret::run;

/// A card's number (ISO/IEC 7812-1, the check digit of Luhn) or a social security number that begins at `at`.
pub(super) fn number(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let end = run(text, at, |byte| byte.is_ascii_digit() || byte == b'-' || byte == b' ');
    let text = text.get(..end)?.trim_ascii_end();
    let shown = text.get(at..)?;
    if shown.len() > 24 {
        return None;
    }
    let digits: Vec<u8> = shown.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0').collect();
    let groups: Vec<usize> = shown.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).collect();
    let kind = match groups.as_slice() {
        [3, 2, 4] if shown.contains(&b'-') => social(&digits).then_some("social-security-number")?,
        [_] | [4, 4, 4, 4] | [4, 6, 5] => card(&digits).then_some("card-number")?,
        _ => return None,
    };
    Some((at..text.len(), kind))
}

/// Lengths and first digits of the large networks; what is shorter or begins otherwise is more often a time or an identifier.
fn card(digits: &[u8]) -> bool {
    let network = matches!(
        (digits.len(), digits),
        (16, [4, ..] | [5, 1..=5, ..] | [2, 2..=7, ..] | [6, 0 | 4 | 5, ..]) | (15, [3, 4 | 7, ..])
    );
    // All digits the same but one or two is a placeholder.
    let varied = digits.iter().filter(|digit| Some(*digit) != digits.last()).count() > 2;
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    network && varied && sum.is_multiple_of(10)
}

/// What the Social Security Administration has never given out is none.
fn social(digits: &[u8]) -> bool {
    !matches!(digits, [0, 0, 0, ..] | [6, 6, 6, ..] | [9, ..])
        && digits.get(3..5) != Some(&[0, 0])
        && digits.get(5..) != Some(&[0, 0, 0, 0])
        && digits != [1, 2, 3, 4, 5, 6, 7, 8, 9]
}

/// An account's number (ISO 13616: 97 divides it, one left over) that begins at `at`, with or without spaces by four.
pub(super) fn iban(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let head = text.get(at..at + 4)?;
    if !head.iter().take(2).all(u8::is_ascii_uppercase) || !head.iter().skip(2).all(u8::is_ascii_digit) {
        return None;
    }
    let end = run(text, at, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ');
    let shown = text.get(at..end.min(at + 44))?.trim_ascii_end();
    let plain: Vec<u8> = shown.iter().copied().filter(|byte| *byte != b' ').collect();
    let grouped = shown.split(|byte| *byte == b' ').rev().skip(1).all(|group| group.len() == 4);
    if !(15..=34).contains(&plain.len()) || (shown.contains(&b' ') && !grouped) {
        return None;
    }
    let rest = plain.iter().skip(4).chain(plain.iter().take(4)).fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    (rest == 1).then_some((at..at + shown.len(), "iban"))
}

/// Whether a kind of secret is a person's number and no key.
#[must_use]
pub fn is_personal(kind: &str) -> bool {
    matches!(kind, "card-number" | "social-security-number" | "iban")
}

#[cfg(test)]
mod tests {
    use super::super::secret::within;

    #[test]
    fn numbers_of_persons_are_told_from_others() {
        for (text, kind) in [
            ("4111 1111 1111 1234", None),
            ("pay 4242424242424242 now", Some("card-number")),
            ("4242-4242-4242-4242", Some("card-number")),
            ("378282246310005", Some("card-number")),
            ("5555555555554444", Some("card-number")),
            ("4242424242424243", None),
            ("4000000000000000", None),
            ("1700000000000000", None),
            ("1732962000000000000", None),
            ("20261130101614", None),
            ("ssn=219-09-9999", Some("social-security-number")),
            ("000-12-3456", None),
            ("123-45-6789", None),
            ("2026-11-30", None),
            ("DE89 3704 0044 0532 0130 00", Some("iban")),
            ("GB29NWBK60161331926819", Some("iban")),
            ("GB29NWBK60161331926818", None),
            ("HTTP2000", None),
            ("AB12 is a name", None),
        ] {
            assert_eq!(within(text.as_bytes()), kind, "{text}");
        }
    }
}
