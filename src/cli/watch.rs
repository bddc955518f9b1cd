//! `vetsh approvals --watch`: requests as they come, on one screen, answered by a key. A key is for the request that stood there,
//! read to its end, when it was pressed.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::answer::{Answer, Outcome, Problem};
use super::approvals::{self, Said, for_a_human, nobody_here, rows, settle, signatures};
use super::arguments::Arguments;
use super::bench::Bench;
use crate::approval::rendering::folded;
use crate::approval::signed::Claims;
use crate::approval::spool::{self, Waiting};
use crate::approval::terminal::{self, typed_code};
use crate::approval::{Pattern, Request, Spool, grant};
use crate::house::House;
use crate::invocation::Line;
use crate::judge::explain::explain;
use crate::parse::Dialect;
use crate::sys::terminal::{Key, Terminal, can_be_typed_into};
use crate::text::escape;

/// How often the queue is looked at while no key comes.
const PAUSE: Duration = Duration::from_millis(100);
/// What `m` grants, in seconds.
const SOME_MINUTES: u64 = 10 * 60;
/// How long a word of the human's may be.
const LONGEST_WORD: usize = 400;

/// A request is answered by a key only once it has stood there so long: a key pressed for what stood there before is none for it.
const LOOK: Duration = Duration::from_millis(400);
/// Keys of a human come one by one; what comes faster was pasted, or is the terminal's own.
const APART: Duration = Duration::from_millis(15);
/// A smaller terminal shows no request.
const NARROWEST: usize = 30;
const LOWEST: usize = 10;
/// The keys that answer.
const ANSWERS: &[u8] = b"ysmnd";

const KEYS: &str = "y yes once  s yes for this session  m yes for 10 minutes  n no  d no, with a reason  e explain  j/k choose  space/b read on  q leave";

pub fn run(arguments: &Arguments) -> Outcome {
    let house = match for_a_human(arguments)? {
        Ok(house) => house,
        Err(why) => return Ok(nobody_here(why)),
    };
    let spool = approvals::spool(&house)?;
    let terminal = Terminal::hold().map_err(gone)?;
    let mut screen = Screen {
        terminal,
        shown: String::new(),
        chosen: String::new(),
        at: 0,
        since: HashMap::new(),
        top: 0,
        read: 0,
        long: 0,
        said: String::new(),
        explained: None,
        signed: (Vec::new(), Vec::new()),
    };
    screen.terminal.write("\x1b[?1049h\x1b[?25l").map_err(gone)?;
    let end = screen.serve(arguments, &house, &spool);
    // The screen of before comes back, whatever happened.
    let _ = screen.terminal.write("\x1b[?25h\x1b[?1049l");
    end.map(|()| Answer::Yes)
}

fn gone(error: std::io::Error) -> Problem {
    Problem(format!("the terminal cannot be used: {error}"))
}

/// A row in parts that fit. The last place stays free, where terminals differ in what comes next.
fn wrapped(row: &str, columns: usize) -> Vec<String> {
    folded("", "", row, columns - 1)
}

/// Requests for the very same in the same place by the same session, with all that an answer holds for: one question.
struct Group {
    first: Rc<Waiting>,
    more: Vec<Rc<Waiting>>,
}

impl Group {
    fn is_like(&self, other: &Waiting) -> bool {
        self.first.request.digest == other.request.digest
    }

    fn all(&self) -> impl Iterator<Item = &Waiting> {
        std::iter::once(&self.first).chain(&self.more).map(Rc::as_ref)
    }

    fn has(&self, id: &str) -> bool {
        self.all().any(|waiting| waiting.request.id == id)
    }
}

fn groups(all: &spool::Read) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (_, waiting) in all {
        match groups.iter_mut().find(|group| group.is_like(waiting)) {
            Some(group) => group.more.push(Rc::clone(waiting)),
            None => groups.push(Group { first: Rc::clone(waiting), more: Vec::new() }),
        }
    }
    groups
}

struct Screen {
    terminal: Terminal,
    /// What stands on the screen.
    shown: String,
    /// The id of the request that keys are for: others that come and go never move it.
    chosen: String,
    /// Where it stood last in the list.
    at: usize,
    /// Since when each request stands there; the chosen one since it was chosen.
    since: HashMap<String, Instant>,
    /// The first row of the chosen request that is shown, how many rows of it were shown by now, and how many it has.
    top: usize,
    read: usize,
    long: usize,
    /// What happened last.
    said: String,
    /// The rows that explain the request of this id.
    explained: Option<(String, Vec<String>)>,
    /// What is kept of signatures for the chosen request, by its names, and the rows that tell of them.
    signed: (Vec<String>, Vec<String>),
}

impl Screen {
    fn serve(&mut self, arguments: &Arguments, house: &House, spool: &Spool) -> Result<(), Problem> {
        let mut all = spool::Read::new();
        loop {
            spool.look(&mut all);
            let groups = groups(&all);
            self.announce(&groups)?;
            self.choose(&groups);
            self.look_at_signatures(house, groups.get(self.at));
            self.show(&groups)?;
            let key = match self.terminal.key(Instant::now() + PAUSE).map_err(gone)? {
                Key::Silence => continue,
                Key::Gone | Key::Signal | Key::Byte(b'q' | 3) => return Ok(()),
                Key::Byte(byte) => byte,
            };
            match self.is_alone()? {
                Some(true) => {}
                Some(false) => {
                    "several keys at once are no answer".clone_into(&mut self.said);
                    continue;
                }
                None => return Ok(()),
            }
            self.said.clear();
            let group = groups.get(self.at);
            if let Some(group) = group.filter(|_| ANSWERS.contains(&key))
                && let Some(why) = self.unread(group, key)
            {
                why.clone_into(&mut self.said);
                continue;
            }
            match (key, group) {
                (b'j', _) => self.go(&groups, self.at.saturating_add(1)),
                (b'k', _) => self.go(&groups, self.at.saturating_sub(1)),
                (b' ', _) => self.top = self.read.min(self.long.saturating_sub(1)),
                (b'b', _) => self.top = 0,
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

    /// Whether no byte comes right behind the last; what does is thrown away. `None`: we are to end.
    fn is_alone(&mut self) -> Result<Option<bool>, Problem> {
        let mut alone = true;
        loop {
            match self.terminal.key(Instant::now() + APART).map_err(gone)? {
                Key::Byte(_) => alone = false,
                Key::Silence => return Ok(Some(alone)),
                Key::Signal | Key::Gone => return Ok(None),
            }
        }
    }

    /// Finds what is chosen in the list as it is now. Where it is gone the one in its place is chosen anew.
    fn choose(&mut self, groups: &[Group]) {
        match groups.iter().position(|group| group.has(&self.chosen)) {
            Some(at) => self.at = at,
            None => self.go(groups, self.at),
        }
    }

    /// Verifies the signatures of the chosen request whenever others are kept than were seen last.
    fn look_at_signatures(&mut self, house: &House, group: Option<&Group>) {
        let Some(request) = group.map(|group| &group.first.request).filter(|request| !request.needs().is_plain())
        else {
            self.signed = (Vec::new(), Vec::new());
            return;
        };
        let kept = Claims::open(&house.guard()).map(|claims| claims.names(request)).unwrap_or_default();
        let seen = [vec![request.id.clone()], kept].concat();
        if self.signed.0 != seen {
            self.signed = (seen, signatures(house, request));
        }
    }

    fn go(&mut self, groups: &[Group], at: usize) {
        self.at = at.min(groups.len().saturating_sub(1));
        let chosen = groups.get(self.at).map(|group| group.first.request.id.clone()).unwrap_or_default();
        if self.chosen != chosen {
            (self.top, self.read, self.long) = (0, 0, 0);
            self.since.insert(chosen.clone(), Instant::now());
            self.chosen = chosen;
        }
    }

    /// Why the chosen request cannot have been read yet. For a no it need not be read to its end.
    fn unread(&self, group: &Group, key: u8) -> Option<&'static str> {
        if !self.stands(&group.first) || !self.since.get(&self.chosen).is_some_and(|since| since.elapsed() >= LOOK) {
            return Some("the list has just changed: look, then press it again");
        }
        (!b"nd".contains(&key) && self.read < self.long).then_some("there is more of it below: space shows it")
    }

    /// Whether a request has stood there long enough to be meant.
    fn stands(&self, waiting: &Waiting) -> bool {
        self.since.get(&waiting.request.id).is_some_and(|since| since.elapsed() >= LOOK)
    }

    /// A bell and a note to the desktop for what was not there before; terminals that know no notes drop them.
    fn announce(&mut self, groups: &[Group]) -> Result<(), Problem> {
        let fresh = groups.iter().flat_map(Group::all).find(|waiting| !self.since.contains_key(&waiting.request.id));
        if let Some(waiting) = fresh {
            let what: String = waiting.request.shown("what").chars().filter(|c| *c != ';').take(80).collect();
            self.terminal
                .write(&format!("\x07\x1b]9;vetsh: {what}\x1b\\\x1b]777;notify;vetsh;{what}\x1b\\"))
                .map_err(gone)?;
        }
        let now = Instant::now();
        let since = groups.iter().flat_map(Group::all).map(|waiting| {
            let id = &waiting.request.id;
            (id.clone(), self.since.get(id).copied().unwrap_or(now))
        });
        self.since = since.collect();
        Ok(())
    }

    fn show(&mut self, groups: &[Group]) -> Result<(), Problem> {
        let (columns, height) = self.terminal.size();
        if columns < NARROWEST || height < LOWEST {
            // Nothing can be read here, and so nothing be answered with yes.
            (self.read, self.long) = (0, usize::MAX);
            self.shown.clear();
            return self.terminal.write("\x1b[H\x1b[Jtoo small").map_err(gone);
        }
        let fit = |row: &str| wrapped(row, columns).into_iter().next().unwrap_or_default();
        let mut rows = vec![match groups.len() {
            0 => "vetsh: nobody waits".to_owned(),
            1 => "vetsh: one request".to_owned(),
            number => format!("vetsh: {number} requests"),
        }];
        // The list has a third of the screen, around what is chosen; what is chosen stands below it, whole.
        let most = (height / 3).max(1);
        let first = self.at.saturating_sub(most / 2).min(groups.len().saturating_sub(most));
        for (at, group) in groups.iter().enumerate().skip(first).take(most) {
            let request = &group.first.request;
            let mark = if at == self.at { ">" } else { " " };
            let times =
                if group.more.is_empty() { String::new() } else { format!(" ({} times)", group.more.len() + 1) };
            rows.push(fit(&format!(
                "{mark} {} [{}]{times} {}",
                request.id,
                request.shown("rule"),
                request.shown("what")
            )));
        }
        let last = wrapped(if self.said.is_empty() { KEYS } else { &self.said }, columns);
        if let Some(group) = groups.get(self.at) {
            rows.push(String::new());
            // The age would change the screen at each look; it stands in the list of `vetsh approvals`.
            let mut details: Vec<String> =
                self::rows(&group.first, &self.signed.1, columns - 1).into_iter().skip(1).collect();
            if let Some((_, explained)) = self.explained.as_ref().filter(|(id, _)| *id == group.first.request.id) {
                details.push(String::new());
                let more = explained.iter().flat_map(|row| folded("", "        ", row, columns - 1));
                details.extend(more);
            }
            let room = height.saturating_sub(rows.len() + last.len() + 2).max(1);
            self.long = details.len();
            self.top = self.top.min(details.len().saturating_sub(1));
            let end = (self.top + room).min(details.len());
            // Only what joins what was shown before is read: nothing is passed over.
            if self.top <= self.read {
                self.read = self.read.max(end);
            }
            rows.extend(details.get(self.top..end).unwrap_or_default().iter().cloned());
            rows.push(match details.len() - end {
                0 => String::new(),
                more => format!("… {more} rows more: space shows them"),
            });
        } else {
            rows.push(String::new());
        }
        rows.extend(last);
        let mut text = String::from("\x1b[H");
        for (number, row) in rows.iter().take(height).enumerate() {
            text.push_str(if number == 0 { "" } else { "\r\n" });
            text.push_str(row);
            text.push_str("\x1b[K");
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
        // What came to the others a moment ago was not counted by whoever pressed the key: it waits.
        let all: Vec<&Waiting> = group.all().filter(|waiting| self.stands(waiting)).collect();
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
                Ok(settled) => format!("{}: {}, recorded as {}", waiting.request.id, said.name(), settled.record),
                Err(why) => why,
            };
        }
        self.said = told;
        Ok(())
    }

    /// Where others may type into this terminal, or the rule wants it, a key alone is no yes.
    fn confirmed(&mut self, request: &Request) -> Result<bool, Problem> {
        if request.part("confirm") != b"typed" && !can_be_typed_into() {
            return Ok(true);
        }
        let end = Instant::now() + Duration::from_secs(60);
        let said = typed_code(&self.terminal, "\r\x1b[K", end).map_err(gone)?;
        self.shown.clear();
        Ok(said == terminal::Said::Yes)
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

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn nothing_is_cut_off_and_no_row_reaches_the_edge() {
        for row in ["", "abc", &"x".repeat(100), &"字".repeat(33), "a\u{231c}b"] {
            let parts = wrapped(row, 20);
            assert_eq!(parts.concat(), row);
            for part in parts {
                assert!(part.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>() < 20, "{part}");
            }
        }
    }
}
