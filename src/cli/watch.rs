//! `vetsh approvals --watch`: requests as they come, on one screen, answered by a key.

use std::time::{Duration, Instant};

use super::answer::{Answer, Outcome, Problem};
use super::approvals::{Said, for_a_human, rows, settle, spool};
use super::arguments::Arguments;
use super::bench::Bench;
use crate::approval::spool::Waiting;
use crate::approval::{Pattern, Request, Spool, grant};
use crate::house::House;
use crate::invocation::Line;
use crate::judge::explain::explain;
use crate::parse::Dialect;
use crate::sys::random;
use crate::sys::terminal::{self, Key, Terminal};
use crate::text::escape;

/// How often the queue is looked at while no key comes.
const PAUSE: Duration = Duration::from_millis(100);
/// What `m` grants, in seconds.
const SOME_MINUTES: u64 = 10 * 60;
/// How long a word of the human's may be.
const LONGEST_WORD: usize = 400;

const KEYS: &str = "y yes once  s yes for this session  m yes for 10 minutes  n no  d no, with a reason  e explain  j/k choose  q leave";

pub fn run(arguments: &Arguments) -> Outcome {
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        Err(why) => {
            eprintln!("vetsh: refused: answering needs a human at a terminal of their own: {why}");
            return Ok(Answer::No);
        }
    };
    let spool = spool(&house)?;
    let terminal = Terminal::hold().map_err(gone)?;
    let mut screen =
        Screen { terminal, shown: String::new(), chosen: 0, seen: Vec::new(), said: String::new(), explained: None };
    screen.terminal.write("\x1b[?1049h\x1b[?25l").map_err(gone)?;
    let end = screen.serve(arguments, &house, &spool);
    // The screen of before comes back, whatever happened.
    let _ = screen.terminal.write("\x1b[?25h\x1b[?1049l");
    end.map(|()| Answer::Yes)
}

fn gone(error: std::io::Error) -> Problem {
    Problem(format!("the terminal cannot be used: {error}"))
}

/// Requests for the very same in the same place: one question.
struct Group {
    first: Waiting,
    more: Vec<Waiting>,
}

impl Group {
    fn is_like(&self, other: &Waiting) -> bool {
        ["text", "cwd", "rule", "what", "policy", "actions", "impact", "files"]
            .iter()
            .all(|part| self.first.request.part(part) == other.request.part(part))
    }
}

fn groups(spool: &Spool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for waiting in spool.all() {
        match groups.iter_mut().find(|group| group.is_like(&waiting)) {
            Some(group) => group.more.push(waiting),
            None => groups.push(Group { first: waiting, more: Vec::new() }),
        }
    }
    groups
}

struct Screen {
    terminal: Terminal,
    /// What stands on the screen.
    shown: String,
    chosen: usize,
    /// Ids that were there before.
    seen: Vec<String>,
    /// What happened last.
    said: String,
    /// The rows that explain the request of this id.
    explained: Option<(String, Vec<String>)>,
}

impl Screen {
    fn serve(&mut self, arguments: &Arguments, house: &House, spool: &Spool) -> Result<(), Problem> {
        loop {
            let groups = groups(spool);
            self.chosen = self.chosen.min(groups.len().saturating_sub(1));
            self.announce(&groups)?;
            self.show(&groups)?;
            let key = match self.terminal.key(Instant::now() + PAUSE).map_err(gone)? {
                Key::Silence => continue,
                Key::Gone | Key::Signal | Key::Byte(b'q' | 3) => return Ok(()),
                Key::Byte(byte) => byte,
            };
            self.said.clear();
            match (key, groups.get(self.chosen)) {
                (b'j', _) => self.chosen = (self.chosen + 1).min(groups.len().saturating_sub(1)),
                (b'k', _) => self.chosen = self.chosen.saturating_sub(1),
                (b'y', Some(group)) => self.answer(house, spool, group, &Said::yes(None))?,
                (b's', Some(group)) => self.answer(house, spool, group, &Said::yes(Some(grant::LONGEST)))?,
                (b'm', Some(group)) => self.answer(house, spool, group, &Said::yes(Some(SOME_MINUTES)))?,
                (b'n', Some(group)) => self.answer(house, spool, group, &Said::no(None))?,
                (b'd', Some(group)) => {
                    if let Some(words) = self.word("why not (the agent reads it): ")? {
                        self.answer(house, spool, group, &Said::no(Some(words)))?;
                    }
                }
                (b'e', Some(group)) => self.explain(arguments, &group.first),
                _ => KEYS.clone_into(&mut self.said),
            }
        }
    }

    /// A bell and a note to the desktop for what was not there before; terminals that know no notes drop them.
    fn announce(&mut self, groups: &[Group]) -> Result<(), Problem> {
        let all = || groups.iter().flat_map(|group| std::iter::once(&group.first).chain(&group.more));
        let fresh = all().find(|waiting| !self.seen.contains(&waiting.request.id));
        if let Some(waiting) = fresh {
            let what: String = waiting.request.shown("what").chars().filter(|c| *c != ';').take(80).collect();
            self.terminal
                .write(&format!("\x07\x1b]9;vetsh: {what}\x1b\\\x1b]777;notify;vetsh;{what}\x1b\\"))
                .map_err(gone)?;
        }
        self.seen = all().map(|waiting| waiting.request.id.clone()).collect();
        Ok(())
    }

    fn show(&mut self, groups: &[Group]) -> Result<(), Problem> {
        let columns = self.terminal.columns();
        let mut rows = vec![match groups.len() {
            0 => "vetsh: nobody waits".to_owned(),
            1 => "vetsh: one request".to_owned(),
            number => format!("vetsh: {number} requests"),
        }];
        for (at, group) in groups.iter().enumerate() {
            let request = &group.first.request;
            let mark = if at == self.chosen { ">" } else { " " };
            let times =
                if group.more.is_empty() { String::new() } else { format!(" ({} times)", group.more.len() + 1) };
            rows.push(format!("{mark} {} [{}] {}{times}", request.id, request.shown("rule"), request.shown("what")));
        }
        if let Some(group) = groups.get(self.chosen) {
            rows.push(String::new());
            // The age would change the screen at each look; it stands in the list of `vetsh approvals`.
            rows.extend(self::rows(&group.first).into_iter().skip(1));
            if let Some((_, explained)) = self.explained.as_ref().filter(|(id, _)| *id == group.first.request.id) {
                rows.push(String::new());
                rows.extend(explained.iter().cloned());
            }
        }
        rows.push(String::new());
        rows.push(if self.said.is_empty() { KEYS.to_owned() } else { self.said.clone() });
        let mut text = String::from("\x1b[H");
        for row in rows {
            // A row that is too long goes on below itself: nothing of a line that is asked about is cut off.
            let letters: Vec<char> = row.chars().collect();
            for part in if letters.is_empty() { vec![&letters[..]] } else { letters.chunks(columns.max(20)).collect() }
            {
                text.extend(part);
                text.push_str("\x1b[K\r\n");
            }
        }
        text.push_str("\x1b[J");
        if text != self.shown {
            self.terminal.write(&text).map_err(gone)?;
            self.shown = text;
        }
        Ok(())
    }

    fn answer(&mut self, house: &House, spool: &Spool, group: &Group, said: &Said) -> Result<(), Problem> {
        let mut confirmed = None;
        let all: Vec<&Waiting> = std::iter::once(&group.first).chain(&group.more).collect();
        let mut told = String::new();
        for waiting in all {
            if said.seconds().is_some() && Pattern::offered(&waiting.request).is_none() {
                "this one can be approved only once: y".clone_into(&mut self.said);
                return Ok(());
            }
            let result = settle(house, spool, waiting, said, |request| match confirmed {
                Some(yes) => Ok(yes),
                None => {
                    let yes = self.confirmed(request)?;
                    confirmed = Some(yes);
                    Ok(yes)
                }
            })?;
            told = match result {
                Ok(record) => format!("{}: {}, recorded as {record}", waiting.request.id, said.name()),
                Err(why) => why,
            };
        }
        self.said = told;
        Ok(())
    }

    /// Where others may type into this terminal, or the rule wants it, a key alone is no yes.
    fn confirmed(&mut self, request: &Request) -> Result<bool, Problem> {
        if request.part("confirm") != b"typed" && !terminal::can_be_typed_into() {
            return Ok(true);
        }
        let mut bytes = [0_u8; 8];
        random::fill(&mut bytes).map_err(gone)?;
        let code = format!("{:04}", u64::from_le_bytes(bytes) % 10_000);
        self.terminal.forget_typed().map_err(gone)?;
        Ok(self.word(&format!("type {code} for yes: "))?.is_some_and(|typed| typed.trim() == code))
    }

    /// A row of text from the human. `None`: taken back by Escape, Ctrl-C or an empty row.
    fn word(&mut self, question: &str) -> Result<Option<String>, Problem> {
        let mut typed: Vec<u8> = Vec::new();
        loop {
            let shown = escape(&typed);
            self.terminal.write(&format!("\r\x1b[K{question}{shown}\x1b[?25h")).map_err(gone)?;
            match self.terminal.key(Instant::now() + Duration::from_secs(60)).map_err(gone)? {
                Key::Byte(b'\n' | b'\r') => break,
                Key::Byte(8 | 0x7f) => {
                    typed.pop();
                }
                Key::Byte(byte) if byte >= 0x20 => {
                    if typed.len() < LONGEST_WORD {
                        typed.push(byte);
                    }
                }
                Key::Byte(_) | Key::Silence | Key::Signal | Key::Gone => {
                    typed.clear();
                    break;
                }
            }
        }
        self.terminal.write("\x1b[?25l").map_err(gone)?;
        self.shown.clear();
        Ok(Some(String::from_utf8_lossy(&typed).into_owned()).filter(|word| !word.trim().is_empty()))
    }

    /// The line judged again, as it stands now: every effect and every finding.
    fn explain(&mut self, arguments: &Arguments, waiting: &Waiting) {
        let request = &waiting.request;
        let dialect = match request.part("face") {
            b"zsh" => Dialect::Zsh,
            b"sh" | b"dash" => Dialect::Sh,
            _ => Dialect::Bash,
        };
        let line = Line::of_text(request.part("text").to_vec(), dialect);
        let weighed = Bench::open(arguments).and_then(|mut bench| bench.judge(&line, Some(request.part("cwd"))));
        let rows = match weighed {
            Ok(weighed) => {
                let explanation = explain(&line.judged, &weighed);
                let mut rows = vec![format!(
                    "risk {} of 100, understood: {}",
                    explanation.output.risk, explanation.output.coverage
                )];
                for action in &explanation.output.actions {
                    let program = action.program.as_deref().unwrap_or("?");
                    for effect in &action.effects {
                        let scope = effect.scope.map_or(String::new(), |scope| format!(" ({scope})"));
                        let object = effect.object.as_deref().unwrap_or("");
                        rows.push(escape(format!("  {program}: {} {object}{scope}", effect.kind).as_bytes()));
                    }
                }
                for finding in &explanation.findings {
                    rows.push(escape(format!("  {} [{}] {}", finding.tier, finding.rule, finding.what).as_bytes()));
                    rows.push(escape(format!("      in: {}", finding.text).as_bytes()));
                }
                rows
            }
            Err(problem) => vec![format!("it cannot be judged again: {problem}")],
        };
        self.explained = Some((request.id.clone(), rows));
    }
}
