//! Constant arithmetic: an expression whose names are known gives a number; anything else gives nothing.

/// Looks up a name's number; `None`: not known.
pub(super) type Lookup<'a> = &'a mut dyn FnMut(&[u8]) -> Option<i64>;

/// Expressions nested deeper than this are not evaluated.
const DEPTH: u8 = 32;

/// The value of `text`, where every name in it is known. Assignments and increments are not evaluated: the caller treats
/// what they change as unknown.
pub(super) fn evaluate(text: &[u8], lookup: Lookup<'_>) -> Option<i64> {
    let mut reader = Reader { rest: text, lookup };
    let value = reader.ternary(DEPTH)?;
    reader.blank();
    reader.rest.is_empty().then_some(value)
}

const ASSIGNING: &[&[u8]] = &[b"+=", b"-=", b"*=", b"/=", b"%=", b"&=", b"|=", b"^=", b"<<=", b">>="];

/// Names that an arithmetic expression may assign (`x=1`, `x+=1`, `x++`, `--x`).
pub(super) fn assigned(text: &[u8]) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if !(byte.is_ascii_alphabetic() || *byte == b'_') {
            at += 1;
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let before = text.get(..at).unwrap_or_default().trim_ascii_end();
        let after = behind_subscript(rest.get(length..).unwrap_or_default().trim_ascii_start());
        // Behind `=` may stand a sign: `x=-1`.
        let assigns = match after.strip_prefix(b"=") {
            Some(rest) => !rest.starts_with(b"="),
            None => ASSIGNING.iter().any(|operator| after.starts_with(operator)),
        };
        let steps =
            after.starts_with(b"++") || after.starts_with(b"--") || before.ends_with(b"++") || before.ends_with(b"--");
        if assigns || steps {
            names.push(rest.get(..length).unwrap_or_default().to_vec());
        }
        at += length;
    }
    names
}

/// What stands behind `[…]`, where that stands here.
fn behind_subscript(text: &[u8]) -> &[u8] {
    if !text.starts_with(b"[") {
        return text;
    }
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default().trim_ascii_start();
        }
    }
    b""
}

/// Names in an arithmetic expression, one after the other as they stand.
pub(super) fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))
        .filter(|word| word.first().is_some_and(|byte| !byte.is_ascii_digit()))
}

struct Reader<'a, 'b> {
    rest: &'a [u8],
    lookup: Lookup<'b>,
}

/// Binary operators, loosest first.
const LEVELS: &[&[&[u8]]] = &[
    &[b"||"],
    &[b"&&"],
    &[b"|"],
    &[b"^"],
    &[b"&"],
    &[b"==", b"!="],
    &[b"<=", b">=", b"<", b">"],
    &[b"<<", b">>"],
    &[b"+", b"-"],
    &[b"*", b"/", b"%"],
];

impl Reader<'_, '_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, text: &[u8]) -> bool {
        self.blank();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn ternary(&mut self, depth: u8) -> Option<i64> {
        let depth = depth.checked_sub(1)?;
        let test = self.binary(0, depth)?;
        if !self.take(b"?") {
            return Some(test);
        }
        let yes = self.ternary(depth)?;
        if !self.take(b":") {
            return None;
        }
        let no = self.ternary(depth)?;
        Some(if test != 0 { yes } else { no })
    }

    fn binary(&mut self, level: usize, depth: u8) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut left = self.binary(level + 1, depth)?;
        loop {
            self.blank();
            let Some(operator) = operators.iter().find(|operator| self.is_operator(operator)) else {
                return Some(left);
            };
            self.take(operator);
            let right = self.binary(level + 1, depth)?;
            left = apply(operator, left, right)?;
        }
    }

    /// `operator` stands here and is not the start of a longer one.
    fn is_operator(&self, operator: &[u8]) -> bool {
        let Some(after) = self.rest.strip_prefix(operator) else { return false };
        let longer = match (operator, after.first()) {
            (b"|" | b"&" | b"<" | b">", Some(next)) => Some(next) == operator.first() || *next == b'=',
            (b"+" | b"-" | b"*" | b"/" | b"%" | b"^" | b"<<" | b">>", Some(b'=')) => true,
            (b"*", Some(b'*')) => true,
            _ => false,
        };
        !longer
    }

    fn unary(&mut self, depth: u8) -> Option<i64> {
        let depth = depth.checked_sub(1)?;
        self.blank();
        if self.rest.starts_with(b"++") || self.rest.starts_with(b"--") {
            return None;
        }
        if self.take(b"-") {
            return self.unary(depth)?.checked_neg();
        }
        if self.take(b"+") {
            return self.unary(depth);
        }
        if self.take(b"!") {
            return Some(i64::from(self.unary(depth)? == 0));
        }
        if self.take(b"~") {
            return Some(!self.unary(depth)?);
        }
        if self.take(b"(") {
            let value = self.ternary(depth)?;
            return self.take(b")").then_some(value);
        }
        let length = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte == b'#')
            .count();
        let (token, rest) = self.rest.split_at_checked(length)?;
        let value = match token.first()? {
            byte if byte.is_ascii_digit() => number(token)?,
            _ => (self.lookup)(token)?,
        };
        self.rest = rest;
        // `x++`, `x[0]`, `x=1`: not a value that can be read without changing something.
        let trimmed = rest.trim_ascii_start();
        let changes = trimmed.starts_with(b"++") || trimmed.starts_with(b"--") || trimmed.starts_with(b"[");
        (!changes).then_some(value)
    }
}

/// `12`, `0x1f`, `017`, `2#101`.
fn number(token: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(token).ok()?;
    if let Some((base, digits)) = text.split_once('#') {
        let base = base.parse().ok().filter(|base| (2..=36).contains(base))?;
        return i64::from_str_radix(digits, base).ok();
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    if text.len() > 1 && text.starts_with('0') {
        return i64::from_str_radix(text, 8).ok();
    }
    text.parse().ok()
}

fn apply(operator: &[u8], left: i64, right: i64) -> Option<i64> {
    Some(match operator {
        b"||" => i64::from(left != 0 || right != 0),
        b"&&" => i64::from(left != 0 && right != 0),
        b"|" => left | right,
        b"^" => left ^ right,
        b"&" => left & right,
        b"==" => i64::from(left == right),
        b"!=" => i64::from(left != right),
        b"<=" => i64::from(left <= right),
        b">=" => i64::from(left >= right),
        b"<" => i64::from(left < right),
        b">" => i64::from(left > right),
        b"<<" => left.checked_shl(u32::try_from(right).ok()?)?,
        b">>" => left.checked_shr(u32::try_from(right).ok()?)?,
        b"+" => left.checked_add(right)?,
        b"-" => left.checked_sub(right)?,
        b"*" => left.checked_mul(right)?,
        b"/" => left.checked_div(right)?,
        b"%" => left.checked_rem(right)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_expressions_have_values() {
        let mut names = |name: &[u8]| (name == b"x").then_some(3);
        assert_eq!(assigned(b"x=-1, y*=-2, z==3, w<=4"), [b"x".to_vec(), b"y".to_vec()]);
        for (text, want) in [
            ("1+2*3", Some(7)),
            ("(1+2)*3", Some(9)),
            ("x<<2", Some(12)),
            ("x > 2 ? 10 : 20", Some(10)),
            ("y+1", None),
            ("x++", None),
            ("0x10 + 010", Some(24)),
            ("1/0", None),
            ("x = 4", None),
            ("", None),
        ] {
            assert_eq!(evaluate(text.as_bytes(), &mut names), want, "{text}");
        }
        assert_eq!(assigned(b"i++, j += 2, k == 1, --l"), [b"i".to_vec(), b"j".to_vec(), b"l".to_vec()]);
    }
}
