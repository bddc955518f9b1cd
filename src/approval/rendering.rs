//! What the human reads: made of the bytes that will run, escaped, complete, the decisive part first. A pure function.

use super::request::{Request, object};
use crate::action::Coverage;
use crate::invocation::Invocation;
use crate::judge::{Finding, Weighed, risk};
use crate::policy::Tier;
use crate::text::{escape, escape_lines, look_alikes};

/// How many effects are shown by themselves; the line itself is always shown whole.
const MOST_EFFECTS: usize = 12;
/// A line that takes more rows than this has pushed the decisive part off the screen: it is said again below.
const ONE_SCREEN: usize = 16;

/// The rows of the question, without the question itself, for a terminal of `columns`.
#[must_use]
pub fn rows(request: &Request, invocation: &Invocation, weighed: &Weighed, agent: &str, columns: usize) -> Vec<String> {
    let verdict = &weighed.verdict;
    let mut rows = Vec::new();
    let mut say = |label: &str, text: &str| rows.extend(labelled(label, text, columns));
    let deciding = verdict.deciding.and_then(|at| verdict.findings.get(at));
    let received = &invocation.line.received;
    say("vetsh", &format!("{agent} wants to run this; it is {} [{}]", verdict.tier.name(), request.shown("rule")));
    if let Some(finding) = deciding {
        say("what", &escape(finding.what.as_bytes()));
        let part = finding.span.of(&invocation.line.judged);
        if !part.is_empty() && part != &received[..] {
            say("where", &escape(part));
        }
    }
    effects(weighed, &mut say);
    for found in request.measured() {
        say("takes", &found);
    }
    if let Some(finding) = deciding {
        say("why", &escape(finding.why.as_bytes()));
        say("undo", &finding.undo.as_deref().map_or("not known".to_owned(), |undo| escape(undo.as_bytes())));
    }
    say("sure", &certainty(deciding, verdict.coverage, risk::of(weighed)));
    let others = verdict
        .findings
        .iter()
        .enumerate()
        .filter(|(at, finding)| Some(*at) != verdict.deciding && finding.tier == Tier::Supervised);
    for (_, finding) in others {
        let possible = if finding.certain { "" } else { " (possible)" };
        say("also", &format!("[{}]{possible} {}", escape(finding.rule.as_bytes()), escape(finding.what.as_bytes())));
    }
    for finding in verdict.findings.iter().filter(|finding| finding.rule.starts_with("core.content-")) {
        say("beware", &format!("{}: {}", finding.what, escape(finding.span.of(&invocation.line.judged))));
    }
    for alike in look_alikes(received) {
        say("beware", &format!("{alike}, byte {}", alike.at));
    }
    say("in", &request.shown("cwd"));
    let files = String::from_utf8_lossy(request.part("files")).into_owned();
    for file in files.lines().filter(|file| invocation_runs(file, weighed)) {
        let (digest, path) = file.split_once(' ').unwrap_or((file, ""));
        say("file", &format!("{path}, sha256 {}", digest.get(..16).unwrap_or(digest)));
    }
    let shown = line(received, columns);
    let long = shown.len() > ONE_SCREEN;
    rows.push(format!("the whole line, {} bytes:", received.len()));
    rows.extend(shown);
    if long && let Some(finding) = deciding {
        rows.extend(labelled("again", &format!("[{}] {}", finding.rule, escape(finding.what.as_bytes())), columns));
    }
    rows
}

/// What is executed or read as code among the files that were read; what git keeps is not worth a row.
fn invocation_runs(file: &str, weighed: &Weighed) -> bool {
    use crate::action::EffectKind;
    let Some((_, path)) = file.split_once(' ') else { return false };
    weighed.actions.list.iter().flat_map(|action| &action.effects).any(|effect| {
        effect.kind == EffectKind::Executes
            && (escape(&object(&effect.object)) == path
                || matches!(&effect.object, crate::action::Object::Code { origin: crate::action::CodeOrigin::File(at), .. }
                    if escape(&at.display()) == path))
    })
}

fn effects(weighed: &Weighed, say: &mut impl FnMut(&str, &str)) {
    let verdict = &weighed.verdict;
    let mut shown: Vec<String> = Vec::new();
    for (at, action) in weighed.actions.list.iter().enumerate() {
        let asked = verdict.findings.iter().any(|finding| {
            finding.tier >= Tier::Supervised && usize::try_from(finding.action).is_ok_and(|number| number == at)
        });
        if !asked {
            continue;
        }
        for (number, effect) in action.effects.iter().enumerate() {
            let scope = verdict.scopes.get(at).and_then(|row| row.get(number)).copied().flatten();
            let scope = scope.map(|scope| format!(" ({})", scope.name())).unwrap_or_default();
            let flags: Vec<&str> = effect.flags.iter().map(crate::action::Flag::name).collect();
            let flags = if flags.is_empty() { String::new() } else { format!(", {}", flags.join(", ")) };
            let possible = if effect.certain { "" } else { ", possible" };
            let text = format!("{} {}{scope}{flags}{possible}", effect.kind.name(), escape(&object(&effect.object)));
            if !shown.contains(&text) {
                shown.push(text);
            }
        }
    }
    for text in shown.iter().take(MOST_EFFECTS) {
        say("does", text);
    }
    if shown.len() > MOST_EFFECTS {
        say("does", &format!("and {} things more", shown.len() - MOST_EFFECTS));
    }
}

fn certainty(deciding: Option<&Finding>, coverage: Coverage, risk: u8) -> String {
    let sure = match deciding {
        Some(finding) if finding.certain => "certain",
        Some(_) => "possible: a word is known only when it runs",
        None => "not known",
    };
    let understood = match coverage {
        Coverage::Full => "all of it understood",
        Coverage::Partial => "only a part understood",
        Coverage::Opaque => "NOT understood as a whole",
    };
    format!("{sure}; {understood}; risk {risk} of 100")
}

/// A label and its text, wrapped below itself.
fn labelled(label: &str, text: &str, columns: usize) -> Vec<String> {
    folded(&format!("{label:>7}: "), &" ".repeat(9), text, columns)
}

/// Text behind `first`, what does not fit in rows of its own behind `next`: no row begins with what others wrote.
#[must_use]
pub fn folded(first: &str, next: &str, text: &str, columns: usize) -> Vec<String> {
    let wrapped = wrap(text, columns.saturating_sub(first.len().max(next.len())));
    wrapped.iter().enumerate().map(|(at, row)| format!("{}{row}", if at == 0 { first } else { next })).collect()
}

/// The line, row by row: `|` begins a row of the line, `:` goes on with it.
fn line(received: &[u8], columns: usize) -> Vec<String> {
    escape_lines(received).iter().flat_map(|text| folded(" | ", " : ", text, columns)).collect()
}

/// Cuts text into rows of at most `width` columns, losing nothing. What is not ASCII may be two columns wide.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(16);
    let mut rows = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let wide = if character.is_ascii() { 1 } else { 2 };
        if used + wide > width {
            rows.push(String::new());
            used = 0;
        }
        if let Some(row) = rows.last_mut() {
            row.push(character);
        }
        used += wide;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_loses_nothing() {
        let text: String = (0..500).map(|n| if n % 7 == 0 { 'ü' } else { 'x' }).collect();
        let rows = wrap(&text, 40);
        assert!(rows.len() > 12 && rows.iter().all(|row| row.chars().count() <= 40));
        assert_eq!(rows.concat(), text);
        assert_eq!(wrap("", 40), [""]);
    }

    #[test]
    fn a_line_cannot_imitate_what_stands_around_it() {
        let rows = line(b"ls\x1b[2J\rrm\n       does: nothing\n", 80);
        assert_eq!(rows, [" | ls⟨ESC⟩[2J⟨CR⟩rm", " |        does: nothing"]);
        let long = line(&[b'x'; 300], 80);
        assert_eq!(long.len(), 4);
        assert!(long.iter().skip(1).all(|row| row.starts_with(" : ")));
    }
}
