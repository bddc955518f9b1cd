//! The modes of `chmod` that are read: numbers, and plain symbols.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// What `chmod` makes of permissions.
pub(super) enum Mode {
    /// These.
    Number(u32),
    /// By these clauses: whose, what is done, which bits, and execution where somebody has it or it is a directory.
    Symbols(Vec<(u32, u8, u32, bool)>),
}

impl Mode {
    /// `None`: not read.
    pub(super) fn read(text: &[u8]) -> Option<Mode> {
        if !text.is_empty() && text.len() <= 5 && text.iter().all(|byte| (b'0'..=b'7').contains(byte)) {
            return Some(Mode::Number(text.iter().fold(0, |mode, digit| mode * 8 + u32::from(digit - b'0'))));
        }
        let clauses = text.split(|byte| *byte == b',').map(clause);
        clauses.collect::<Option<Vec<_>>>().map(Mode::Symbols)
    }

    /// Whether the permissions would be others.
    pub(super) fn changes(&self, meta: &Metadata) -> bool {
        let now = meta.mode() & 0o7777;
        let new = match self {
            // A directory keeps its special bits under a number that names none.
            Mode::Number(mode) if meta.is_dir() => mode | now & 0o6000,
            Mode::Number(mode) => *mode,
            Mode::Symbols(clauses) => clauses.iter().fold(now, |mode, (whose, sign, bits, runs)| {
                let runs = *runs && (meta.is_dir() || mode & 0o111 != 0);
                let bits = (bits | if runs { 0o111 } else { 0 }) & whose;
                match sign {
                    b'+' => mode | bits,
                    b'-' => mode & !bits,
                    _ => mode & !whose | bits,
                }
            }),
        };
        new != now
    }
}

fn clause(text: &[u8]) -> Option<(u32, u8, u32, bool)> {
    let at = text.iter().position(|byte| b"+-=".contains(byte))?;
    let (names, rest) = text.split_at(at);
    let (sign, letters) = rest.split_first()?;
    let mut whose = 0;
    for name in names {
        whose |= match name {
            b'u' => 0o700,
            b'g' => 0o070,
            b'o' => 0o007,
            b'a' => 0o777,
            _ => return None,
        };
    }
    let (mut bits, mut runs) = (0, false);
    for letter in letters {
        match letter {
            b'r' => bits |= 0o444,
            b'w' => bits |= 0o222,
            b'x' => bits |= 0o111,
            b'X' => runs = true,
            _ => return None,
        }
    }
    if names.is_empty() {
        // The mask of new files has a say where nobody is named; with what everybody may have it is not known.
        if bits & 0o222 != 0 || *sign == b'=' {
            return None;
        }
        whose = 0o777;
    }
    Some((whose, *sign, bits, runs))
}
