//! make's operands of the form `NAME=value`: those that choose the shell or a tool name a command.

use super::super::reader::{Reader, tail};
use super::super::split::Words;

/// Variables whose value make always runs.
const SHELLS: &[&[u8]] = &[b"SHELL", b".SHELLFLAGS", b"MAKEFLAGS", b"MAKEFILES", b"MAKE"];
/// Variables whose value the usual rules run.
const TOOLS: &[&[u8]] = &[
    b"CC", b"CXX", b"CPP", b"LD", b"AR", b"AS", b"FC", b"RM", b"INSTALL", b"LEX", b"YACC", b"GO", b"CARGO", b"PYTHON",
];

/// Reads what an assignment makes it run. A bare name of a tool (`CC=clang`) is an everyday choice.
pub(super) fn after(reader: &mut Reader<'_>, words: &Words) {
    for operand in &words.operands {
        let prefix = operand.prefix();
        let Some(equals) = prefix.iter().position(|byte| *byte == b'=') else { continue };
        let name = prefix.get(..equals).unwrap_or_default();
        let name = name.strip_suffix(b":").or_else(|| name.strip_suffix(b"+")).unwrap_or(name);
        let value = tail(operand, equals + 1);
        let shaped = value.text().is_none_or(|text| text.iter().any(|byte| b"/ $`;|&".contains(byte)));
        if SHELLS.contains(&name) || (TOOLS.contains(&name) && shaped) {
            super::config_command(reader, &value);
        }
    }
}
