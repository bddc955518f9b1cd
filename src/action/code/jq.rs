//! jq filters: the language computes only; what reaches outside are the environment and modules.

use super::cursor::Cursor;
use super::{CodeObject, CodeReading};
use crate::action::EffectKind;

/// Reads a jq (or gojq, jaq) filter.
pub(super) fn read(filter: &[u8]) -> CodeReading {
    let mut found = CodeReading::harmless();
    let mut at = Cursor::new(filter);
    // Brackets open; `"` stands for an interpolation, whose `)` goes back into the string.
    let mut open: Vec<u8> = Vec::new();
    // The last byte that is neither blank nor comment.
    let mut last = b' ';
    while let Some(byte) = at.peek() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at.next();
                continue;
            }
            b'#' => {
                at.take_while(|byte| byte != b'\n');
                // Versions differ on whether a backslash continues a comment: only the shorter reading shows more code.
                continue;
            }
            b'"' => {
                at.next();
                string(&mut at, &mut open, &mut found);
            }
            b'(' | b'[' | b'{' => {
                at.next();
                open.push(byte);
            }
            b')' | b']' | b'}' => {
                at.next();
                match (open.pop(), byte) {
                    (Some(b'"'), b')') => string(&mut at, &mut open, &mut found),
                    (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}') => {}
                    _ => {
                        found.doubt("jq brackets that do not match");
                        return found;
                    }
                }
            }
            b'$' => {
                at.next();
                at.take_while(|byte| byte.is_ascii_whitespace());
                if at.take_while(named) == b"ENV" {
                    let variable = member(&mut at.clone());
                    found.add(EffectKind::Reads, CodeObject::Variable(variable));
                }
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name = at.take_while(named);
                let mut ahead = at.clone();
                ahead.take_while(|byte| byte.is_ascii_whitespace());
                let key = open.last() == Some(&b'{') && (last == b'{' || last == b',');
                if last != b'.' && !key {
                    match name {
                        // `strenv(NAME)` is yq's.
                        b"env" | b"strenv" => {
                            let variable = member(&mut at.clone());
                            found.add(EffectKind::Reads, CodeObject::Variable(variable));
                        }
                        b"import" | b"include" | b"modulemeta" => found.doubt("jq loads a module"),
                        // yq's filters are read as jq's, and these are its ways to files.
                        b"load" | b"load_str" | b"load_xml" | b"load_props" | b"load_base64" => {
                            found.doubt("yq loads a file");
                        }
                        _ => {}
                    }
                }
            }
            byte if byte.is_ascii() => {
                at.next();
            }
            _ => {
                found.doubt("non-ASCII in a jq filter outside strings");
                return found;
            }
        }
        last = byte;
    }
    if !open.is_empty() {
        found.doubt("a jq bracket or string that is not closed");
    }
    found
}

fn named(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The variable that `env.X`, `env["X"]` names; `*` for all of them.
fn member(at: &mut Cursor) -> Vec<u8> {
    at.eat(b'.');
    let name = if at.eat(b'(') {
        at.take_while(named)
    } else if at.eat(b'[') {
        if at.eat(b'"') { at.take_while(|byte| named(byte) || byte == b'-') } else { b"" }
    } else if at.eat(b'"') {
        at.take_while(|byte| named(byte) || byte == b'-')
    } else {
        at.take_while(named)
    };
    if name.is_empty() { b"*".to_vec() } else { name.to_vec() }
}

/// The rest of a string, up to its end or an interpolation.
fn string(at: &mut Cursor, open: &mut Vec<u8>, found: &mut CodeReading) {
    loop {
        match at.next() {
            Some(b'"') => return,
            Some(b'\\') => {
                if at.next() == Some(b'(') {
                    return open.push(b'"');
                }
            }
            Some(_) => {}
            None => return found.doubt("a jq string that is not closed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_compute() {
        for filter in [
            ".",
            ".[]",
            ".name",
            ".a.b[0].c?",
            ".[] | select(.x > 3) | {name, id: .i}",
            "map(.a) | add / length",
            "\"\\(.a) and \\(.b | length)\"",
            "\"env $ENV import\"",
            ".env",
            ".env.PATH",
            "{env: .x}",
            "{env}",
            "{a, env, b}",
            ".\"env\"",
            "$env",
            "$ENVIRONMENT",
            "# env\n.a",
            "@sh \"x \\(.a)\"",
            "@csv",
            "reduce .[] as $x (0; . + $x)",
            "to_entries[] | \"\\(.key)=\\(.value)\"",
            "if . then 1 else 2 end",
            ".dependencies | keys | join(\", \")",
            "input_filename, input_line_number, now",
            "def f(x): x + 1; f(.a)",
            "try error(\"x\") catch .",
            "\"\\(\"nested \\(.x)\")\"",
            ".. | objects",
            "",
            "\"héllo\"",
            "environment",
        ] {
            let reading = read(filter.as_bytes());
            assert!(reading.proven && reading.effects.is_empty(), "{filter:?}: {reading:?}");
        }
    }

    #[test]
    fn the_environment_is_named() {
        for (filter, variable) in [
            ("env", "*"),
            ("$ENV", "*"),
            ("env.HOME", "HOME"),
            ("$ENV.AWS_SECRET", "AWS_SECRET"),
            ("$ENV[\"X\"]", "X"),
            ("env[\"X\"]", "X"),
            ("env|.X", "*"),
            ("\"\\(env)\"", "*"),
            ("\"a\\(\"b\\(env.K)\")\"", "K"),
            ("[env, 1]", "*"),
            ("{a: env}", "*"),
            ("{(env|keys[0]): 1}", "*"),
            ("$ENV.PATH", "PATH"),
            ("# c\nenv", "*"),
            ("\"\\\\\" + env.A", "A"),
            ("$__loc__, env . a", "*"),
        ] {
            let reading = read(filter.as_bytes());
            let object = CodeObject::Variable(variable.as_bytes().to_vec());
            assert!(reading.effects.iter().any(|effect| effect.object == object), "{filter:?}: {reading:?}");
        }
    }

    #[test]
    fn modules_and_nonsense_are_not_proven() {
        for filter in
            ["import \"a\" as a; a::f", "include \"x\"; .", "modulemeta", "(", "\"a", "\"\\(a\"", ")", "[)", "é"]
        {
            assert!(!read(filter.as_bytes()).proven, "{filter:?}");
        }
    }
}
