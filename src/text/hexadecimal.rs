//! Bytes as hexadecimal digits.

/// Lower-case digits, two a byte.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    // Into place: a record has five digests, and adding character by character costs several times as much.
    let mut digits = vec![0; bytes.len() * 2];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    String::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_digits_a_byte() {
        assert_eq!(super::hexadecimal(&[0, 9, 10, 0x7f, 0xff]), "00090a7fff");
        assert_eq!(super::hexadecimal(&[]), "");
    }
}
