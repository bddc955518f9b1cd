//! `vetsh policy try|diff|edit`: what a change of policy would do to lines that were really run, before anybody trusts it.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::Serialize;

use super::answer::{Answer, Outcome, Problem, print};
use super::approvals::{confirmed, for_a_human};
use super::arguments::Arguments;
use super::bench::Bench;
use super::trust;
use crate::audit;
use crate::exec;
use crate::house::House;
use crate::house::policies::trust_name;
use crate::invocation::Line;
use crate::judge::Weighed;
use crate::parse::Dialect;
use crate::policy::Tier;
use crate::session::human;
use crate::sys::{file, process};
use crate::text::escape;

/// Larger is no policy.
const LARGEST: usize = 4 << 20;

/// A recorded line that two policies answer differently.
#[derive(Serialize)]
struct Difference {
    line: String,
    cwd: String,
    before: Side,
    after: Side,
    /// How often it stands in the record.
    times: usize,
}

#[derive(PartialEq, Eq, Serialize)]
struct Side {
    tier: &'static str,
    rule: Option<String>,
}

impl Side {
    fn of(weighed: &Weighed) -> Side {
        let verdict = &weighed.verdict;
        let deciding = verdict.deciding.and_then(|at| verdict.findings.get(at));
        Side { tier: verdict.tier.name(), rule: deciding.map(|finding| finding.rule.clone()) }
    }

    fn text(&self) -> String {
        self.rule.as_ref().map_or_else(|| self.tier.to_owned(), |rule| format!("{} [{rule}]", self.tier))
    }
}

/// What came of judging recent lines by two policies.
#[derive(Serialize)]
struct Comparison {
    schema: u32,
    /// Lines judged, the same line in the same place once.
    judged: usize,
    /// Lines that cannot be judged again: redacted or cut in the record.
    left_out: usize,
    looser: Vec<Difference>,
    stricter: Vec<Difference>,
}

/// Recorded lines and their places, each with how often it stands there.
type Lines = BTreeMap<(String, String), usize>;

/// The newest recorded lines with their places, each once with how often it stands there; and how many could not be taken.
fn history(house: &House, count: usize) -> Result<(Lines, usize), Problem> {
    let failed = |error: std::io::Error| Problem(format!("the record cannot be read: {error}"));
    let (mut lines, mut left_out) = (Lines::new(), 0);
    for record in audit::tail(&house.audit(), count).map_err(failed)? {
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(&record) else { continue };
        if !matches!(record["kind"].as_str(), Some("launch" | "refusal")) {
            continue;
        }
        match (record["line"].as_str(), record["proc"]["cwd"].as_str()) {
            (Some(line), Some(cwd)) if !line.contains("[redacted:") => {
                *lines.entry((line.to_owned(), cwd.to_owned())).or_default() += 1;
            }
            _ => left_out += 1,
        }
    }
    Ok((lines, left_out))
}

/// Judges what was recorded by two benches.
fn compare(before: &mut Bench, after: &mut Bench, count: usize) -> Result<Comparison, Problem> {
    let (lines, left_out) = history(&before.house, count)?;
    let mut found = Comparison { schema: 1, judged: lines.len(), left_out, looser: Vec::new(), stricter: Vec::new() };
    for ((line, cwd), times) in lines {
        let judged = Line::of_text(line.clone().into_bytes(), Dialect::Bash);
        let one = before.judge(&judged, Some(cwd.as_bytes()))?;
        let other = after.judge(&judged, Some(cwd.as_bytes()))?;
        let (tier, then): (Tier, Tier) = (one.verdict.tier, other.verdict.tier);
        let difference = Difference { line, cwd, before: Side::of(&one), after: Side::of(&other), times };
        match then.cmp(&tier) {
            std::cmp::Ordering::Less => found.looser.push(difference),
            std::cmp::Ordering::Greater => found.stricter.push(difference),
            std::cmp::Ordering::Equal => {}
        }
    }
    Ok(found)
}

fn tell(found: &Comparison) {
    for (what, differences) in [("looser", &found.looser), ("stricter", &found.stricter)] {
        for difference in differences {
            print(&format!(
                "{what:<9} {} -> {}  {} times  {}",
                difference.before.text(),
                difference.after.text(),
                difference.times,
                escape(difference.line.as_bytes())
            ));
        }
    }
    let left =
        if found.left_out == 0 { String::new() } else { format!(", {} not whole in the record", found.left_out) };
    print(&format!(
        "{} lines judged{left}: {} looser, {} stricter",
        found.judged,
        found.looser.len(),
        found.stricter.len()
    ));
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let (text, _) = file::read_regular(path.as_os_str().as_encoded_bytes(), LARGEST)
        .map_err(|error| Problem(format!("{}: {error}", path.display())))?;
    Ok(text)
}

pub fn try_out(arguments: &Arguments, path: &Path, count: usize, json: bool) -> Outcome {
    let text = read(path)?;
    let mut after = Bench::open(arguments)?.with_policy(text)?;
    let found = compare(&mut Bench::open(arguments)?, &mut after, count)?;
    if json {
        print(&serde_json::to_string(&found)?);
    } else {
        tell(&found);
    }
    Ok(Answer::Yes)
}

pub fn diff(arguments: &Arguments, count: usize, json: bool) -> Outcome {
    let house = Bench::open(arguments)?.house;
    let own = house.config.join("policy.toml");
    let now = if own.exists() { read(&own)? } else { Vec::new() };
    let pin = house.guard().join("trust").join(trust_name(&own));
    // Without a trusted copy what tightens counts and what loosens does not: the empty file stands for that.
    let trusted =
        file::read_small(pin.as_os_str().as_encoded_bytes(), LARGEST).unwrap_or_else(|_| b"format = 1\n".to_vec());
    let (mut before, mut after) =
        (Bench::open(arguments)?.with_policy(trusted.clone())?, Bench::open(arguments)?.with_policy(now.clone())?);
    let waiting = house.policies()?.loaded().waiting.clone();
    let found = compare(&mut before, &mut after, count)?;
    if json {
        let same = trusted == now;
        print(&serde_json::json!({ "schema": 1, "same": same, "waiting": waiting, "history": found }).to_string());
        return Ok(Answer::Yes);
    }
    if trusted == now {
        print("the file is as it was trusted");
        return Ok(Answer::Yes);
    }
    for row in changed_rows(&String::from_utf8_lossy(&trusted), &String::from_utf8_lossy(&now)) {
        print(&row);
    }
    for waiting in &waiting {
        print(&format!("waits for vetsh trust: {waiting}"));
    }
    tell(&found);
    Ok(Answer::Yes)
}

/// Rows that stand in one text alone, marked; what is the same at both ends is left out.
fn changed_rows(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(one, other)| one == other).count();
    let middle = |rows: &[&str], mark: &str| -> Vec<String> {
        let rows = rows.get(head..rows.len() - tail).unwrap_or_default();
        rows.iter().map(|row| format!("{mark} {}", escape(row.as_bytes()))).collect()
    };
    [middle(&old, "-"), middle(&new, "+")].concat()
}

pub fn edit(arguments: &Arguments, count: usize) -> Outcome {
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        // Who has no shell any more has no client either.
        Err(_) if is_locked_out(arguments)? => Bench::open(arguments)?.house,
        Err(why) => {
            eprintln!("vetsh: refused: editing the policy needs a human at a terminal of their own: {why}");
            return Ok(Answer::No);
        }
    };
    let own = house.config.join("policy.toml");
    let before = if own.exists() { read(&own)? } else { include_bytes!("../../config/policy.toml").to_vec() };
    let draft = own.with_extension(format!("toml.draft.{}", std::process::id()));
    let failed = |error: std::io::Error| Problem(format!("{}: {error}", draft.display()));
    std::fs::create_dir_all(&house.config).map_err(failed)?;
    fresh(&draft, &before).map_err(failed)?;
    let end = edited(arguments, &house, &own, &draft, &before, count);
    let _ = std::fs::remove_file(&draft);
    end
}

/// Whether a human who logs in meets a policy that does not load.
fn is_locked_out(arguments: &Arguments) -> Result<bool, Problem> {
    let house = Bench::open(arguments)?.house;
    let at_login = human::at_login(&house.ancestry(), &process::name_of_roots).is_ok();
    Ok(at_login && house.session.label.agent.is_none() && house.policies().is_err())
}

/// What is called where a human names no editor.
fn usual_editor() -> String {
    let known = ["/usr/bin/editor", "/usr/bin/vi", "/bin/vi", "/usr/bin/nano"];
    known.into_iter().find(|editor| Path::new(editor).exists()).unwrap_or("vi").to_owned()
}

/// A file that was not there, with these bytes.
fn fresh(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}

fn edited(arguments: &Arguments, house: &House, own: &Path, draft: &Path, before: &[u8], count: usize) -> Outcome {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| house.given(name)).unwrap_or_else(usual_editor);
    let words = shell_words::split(&editor).map_err(|error| Problem(format!("{editor}: {error}")))?;
    // Read once: what is shown, confirmed, trusted and put in force are the same bytes, whoever writes the draft meanwhile.
    let (mut bench, after) = loop {
        exec::edit(&words, draft)?;
        let after = read(draft)?;
        match Bench::open(arguments)?.with_policy(after.clone()) {
            Ok(bench) => break (bench, after),
            Err(problem) => {
                eprintln!("vetsh: {problem}");
                if !again()? {
                    print("nothing was changed");
                    return Ok(Answer::No);
                }
            }
        }
    };
    let loads = house.policies().is_ok();
    if after == before && loads {
        print("nothing was changed");
        return Ok(Answer::Yes);
    }
    for row in changed_rows(&String::from_utf8_lossy(before), &String::from_utf8_lossy(&after)) {
        print(&row);
    }
    if loads {
        tell(&compare(&mut Bench::open(arguments)?, &mut bench, count)?);
    } else {
        print("what it replaces does not load: nothing to compare with");
    }
    if !confirmed()? {
        print("nothing was changed");
        return Ok(Answer::No);
    }
    // Trusted first: between the two the stricter answer holds.
    trust::keep(house, own, &after)?;
    let _ = std::fs::remove_file(draft);
    fresh(draft, &after)
        .and_then(|()| std::fs::rename(draft, own))
        .map_err(|error| Problem(format!("{}: {error}", own.display())))?;
    print(&format!("{} is in force, as it is now", own.display()));
    Ok(Answer::Yes)
}

/// Whether to go back to the editor.
fn again() -> Result<bool, Problem> {
    eprint!("edit it again? [Y/n] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Problem(error.to_string()))?;
    Ok(!answer.is_empty() && !matches!(answer.trim(), "n" | "N" | "no"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(super::changed_rows("a\nb\nc\n", "a\nx\ny\nc\n"), ["- b", "+ x", "+ y"]);
        assert_eq!(super::changed_rows("a\n", "a\nb\n"), ["+ b"]);
        assert_eq!(super::changed_rows("a\na\n", "a\n"), ["- a"]);
        assert!(super::changed_rows("a\n", "a\n").is_empty());
    }
}
