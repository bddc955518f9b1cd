//! Lines that arrive bit by bit: cut where bash would run them, and handed over in groups that close where they should. bash says what
//! it takes, at `-n`: nothing is run.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

#[path = "parse/accepted.rs"]
mod accepted;
#[path = "parse/lines.rs"]
#[allow(dead_code, reason = "not every test needs all of it")]
mod lines;

use vetsh::exec::feed::grouped;
use vetsh::parse::{Arrival, CommandKind, Dialect, Modes, arrival, parse};

/// A complete line: its text, the same as it is handed over, and whether it was understood.
struct Piece {
    text: String,
    grouped: String,
    items: usize,
    opaque: bool,
}

/// The complete lines of a text; `None`: it ends inside one.
fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut modes = Modes::new(Dialect::Bash);
    let mut found = Vec::new();
    let mut rest = String::new();
    for line in text.split_inclusive('\n') {
        rest.push_str(line);
        match arrival(rest.as_bytes(), Dialect::Bash, &modes, false) {
            Arrival::Nothing => rest.clear(),
            Arrival::Unfinished(_) => {}
            Arrival::Line(arrived) => {
                let whole = grouped(rest.as_bytes(), arrived.end, 7);
                found.push(Piece {
                    grouped: String::from_utf8(whole).expect("text"),
                    items: arrived.script.body.items.len(),
                    opaque: !arrived.script.opaque.is_empty(),
                    text: std::mem::take(&mut rest),
                });
                modes = arrived.modes;
            }
        }
    }
    rest.is_empty().then_some(found)
}

#[test]
fn lines_are_cut_and_grouped_as_bash_reads_them() {
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    let mut unfinished = Vec::new();
    for line in lines::of_the_cases() {
        let text = format!("{line}\n");
        let whole = parse(text.as_bytes(), Dialect::Bash);
        match pieces(&text) {
            None => unfinished.push(line),
            Some(mut pieces) => {
                let items: usize = pieces.iter().map(|piece| piece.items).sum();
                let opaque = pieces.iter().any(|piece| piece.opaque);
                if whole.opaque.is_empty() && (opaque || items != whole.body.items.len()) {
                    wrong.push(format!("{line:?}: {items} commands in pieces, {} in one", whole.body.items.len()));
                }
                // What an earlier line changed in the grammar is not known to a reader of the later one alone.
                pieces.retain(|_| !text.contains("extglob"));
                all.extend(pieces);
            }
        }
    }
    for piece in all.iter().filter(|piece| !piece.opaque) {
        let script = parse(piece.grouped.as_bytes(), Dialect::Bash);
        let one = match script.body.items.as_slice() {
            [item] => match item.first.commands.as_slice() {
                [command] => matches!(command.kind, CommandKind::Group(_)) && command.redirects.len() == 1,
                _ => false,
            },
            _ => false,
        };
        if !one || !script.opaque.is_empty() {
            wrong.push(format!("not one group: {:?}", piece.grouped));
        }
    }
    let texts: Vec<String> = all.iter().map(|piece| piece.text.clone()).collect();
    let groups: Vec<String> = all.iter().map(|piece| piece.grouped.clone()).collect();
    let (texts, groups) = (accepted::accepted("bash", &texts), accepted::accepted("bash", &groups));
    let (Some(texts), Some(groups)) = (texts, groups) else { panic!("bash says nothing") };
    for ((piece, alone), group) in all.iter().zip(&texts).zip(&groups) {
        if alone != group || !piece.opaque && !alone {
            wrong.push(format!("bash takes it {alone}, grouped {group}: {:?}", piece.grouped));
        }
    }
    // What is not finished bash does not take either, but for a heredoc that the end of the text ends, and a joined line.
    for (line, taken) in unfinished.iter().zip(accepted::accepted("bash", &unfinished).expect("bash")) {
        if taken && !line.contains("<<") && !line.ends_with('\\') {
            wrong.push(format!("bash takes what waits for more: {line:?}"));
        }
    }
    println!("{} lines, {} not finished", all.len(), unfinished.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
