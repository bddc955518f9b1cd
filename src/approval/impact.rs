//! How much a line takes, measured: what a human sees before saying yes, and what a yes holds for. More than was shown is asked
//! again, less is not.

use crate::action::{Amount, Count, Measured, Sure, World};
use crate::judge::Weighed;
use crate::judge::impact::taken;
use crate::policy::Tier;
use crate::text::escape;

/// More rows than this are not shown one by one; the rest is still bound.
const MOST_ROWS: usize = 32;

/// Everything that was measured of a line, a row for each thing it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// Escaped.
    subject: String,
    amounts: Vec<Amount>,
    /// Escaped.
    told: Vec<String>,
    unknown: Option<String>,
}

/// Signs of a number's sureness, as they are written down.
const SIGNS: [(Sure, &str); 3] = [(Sure::AtLeast, ">="), (Sure::AtMost, "<="), (Sure::Exactly, "=")];

impl Impact {
    /// What the actions take that are asked about.
    #[must_use]
    pub fn of(weighed: &Weighed, world: &dyn World) -> Impact {
        let mut rows: Vec<Row> = Vec::new();
        for (at, action) in weighed.actions.list.iter().enumerate() {
            let asked = |number: u32| usize::try_from(number).is_ok_and(|number| number == at);
            if !weighed.verdict.findings.iter().any(|f| f.tier >= Tier::Supervised && asked(f.action)) {
                continue;
            }
            for taken in taken(action, world) {
                let row = Row::of(&taken.subject, &taken.measured(world));
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
        Impact { rows }
    }

    /// As it is kept: a row each, parts between tabs.
    #[must_use]
    pub fn text(&self) -> String {
        self.rows.iter().map(|row| row.text() + "\n").collect()
    }

    /// What was kept. `None`: it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Impact> {
        text.lines().map(Row::read).collect::<Option<Vec<_>>>().map(|rows| Impact { rows })
    }

    /// For a human, a row for each thing.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let mut rows: Vec<String> = self.rows.iter().take(MOST_ROWS).map(Row::shown).collect();
        if self.rows.len() > MOST_ROWS {
            rows.push(format!("and {} more", self.rows.len() - MOST_ROWS));
        }
        rows
    }

    /// Whether it is no more than what was approved.
    #[must_use]
    pub fn is_within(&self, approved: &Impact) -> bool {
        self.rows.iter().all(|row| {
            let before = approved.rows.iter().find(|before| before.subject == row.subject);
            before.map_or(row.is_nothing(), |before| row.is_within(before))
        })
    }
}

impl Row {
    fn of(subject: &[u8], measured: &Measured) -> Row {
        Row {
            subject: escape(subject),
            amounts: measured.amounts.clone(),
            told: measured.told.iter().map(|text| escape(text)).collect(),
            unknown: measured.unknown.clone(),
        }
    }

    fn text(&self) -> String {
        let mut parts = vec![self.subject.clone()];
        parts.extend(self.amounts.iter().map(|amount| {
            let sign = SIGNS.iter().find(|(sure, _)| *sure == amount.sure).map_or("=", |(_, sign)| sign);
            format!("{}{sign}{}", amount.count.name(), amount.number)
        }));
        parts.extend(self.told.iter().map(|text| format!(":{text}")));
        parts.extend(self.unknown.iter().map(|why| format!("?{why}")));
        parts.join("\t")
    }

    fn read(text: &str) -> Option<Row> {
        let mut parts = text.split('\t');
        let mut row = Row { subject: parts.next()?.to_owned(), ..Row::default() };
        for part in parts {
            if let Some(told) = part.strip_prefix(':') {
                row.told.push(told.to_owned());
            } else if let Some(why) = part.strip_prefix('?') {
                row.unknown = Some(why.to_owned());
            } else {
                let found = SIGNS.iter().find_map(|(sure, sign)| Some((*sure, part.split_once(sign)?)));
                let (sure, (name, number)) = found?;
                let (count, _) = Count::ALL.into_iter().find(|(_, own)| *own == name)?;
                row.amounts.push(Amount { count, number: number.parse().ok()?, sure });
            }
        }
        Some(row)
    }

    fn amount(&self, count: Count) -> Option<Amount> {
        self.amounts.iter().find(|amount| amount.count == count).copied()
    }

    fn number(&self, count: Count) -> u64 {
        self.amount(count).map_or(0, |amount| amount.number)
    }

    fn is_nothing(&self) -> bool {
        self.unknown.is_none() && self.amounts.iter().all(|amount| amount.number == 0 && amount.sure != Sure::AtLeast)
    }

    fn is_within(&self, before: &Row) -> bool {
        if before.unknown.is_some() {
            // A yes to what nobody could measure holds for whatever it is.
            return true;
        }
        self.unknown.is_none()
            && self.amounts.iter().all(|now| match before.amount(now.count) {
                Some(Amount { sure: Sure::AtLeast, .. }) => true,
                Some(before) => now.sure != Sure::AtLeast && now.number <= before.number,
                None => now.number == 0 && now.sure != Sure::AtLeast,
            })
    }

    fn shown(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let told = self.told.join(", ");
        let processes = self.amount(Count::Processes).is_some() || self.amount(Count::Packages).is_some();
        if !processes && !told.is_empty() {
            parts.push(told.clone());
        }
        let files = self.number(Count::Files);
        for amount in &self.amounts {
            let number = amount.number;
            let words = match amount.count {
                Count::Files => many(number, "file"),
                Count::Bytes => size(number),
                Count::Modes => format!("{} that change", many(number, "permission")),
                Count::Commits => many(number, "commit"),
                Count::Rows => many(number, "row"),
                Count::Processes => many(number, "process"),
                Count::Packages => many(number, "package"),
                // Of the files.
                Count::Untracked | Count::Changed | Count::Ignored | Count::Unkept => continue,
            };
            parts.push(match amount.sure {
                Sure::Exactly => words,
                Sure::AtLeast => format!("at least {words}"),
                Sure::AtMost => format!("at most {words}"),
            });
        }
        if self.amount(Count::Untracked).is_some() && files > 0 {
            let lost: Vec<(u64, &str)> = [
                (Count::Untracked, "untracked"),
                (Count::Changed, "changed"),
                (Count::Ignored, "ignored"),
                (Count::Unkept, "in no repository that stays"),
            ]
            .into_iter()
            .map(|(count, name)| (self.number(count), name))
            .filter(|(number, _)| *number > 0)
            .collect();
            let gone: u64 = lost.iter().map(|(number, _)| number).sum();
            let lost: Vec<String> = lost.into_iter().map(|(number, name)| format!("{number} {name}")).collect();
            parts.push(format!("git brings back {}", files.saturating_sub(gone)));
            if !lost.is_empty() {
                parts.push(format!("not {}", lost.join(", ")));
            }
        }
        if processes && !told.is_empty() {
            parts.push(told);
        }
        parts.extend(self.unknown.iter().map(|why| format!("not measured: {why}")));
        let lead = if self.subject.is_empty() { String::new() } else { format!("{}: ", self.subject) };
        format!("{lead}{}", parts.join("; "))
    }
}

fn many(number: u64, what: &str) -> String {
    match (number, what) {
        (1, _) => format!("1 {what}"),
        (_, "process") => format!("{number} processes"),
        _ => format!("{number} {what}s"),
    }
}

fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut unit = None;
    let (mut whole, mut tenth) = (bytes, 0);
    for name in units {
        if whole < 1000 {
            break;
        }
        (whole, tenth, unit) = (whole / 1000, whole % 1000 / 100, Some(name));
    }
    unit.map_or_else(|| many(bytes, "byte"), |unit| format!("{whole}.{tenth} {unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Impact {
        Impact::read(text).expect("rows")
    }

    #[test]
    fn what_is_kept_is_read_and_shown() {
        for (text, shown) in [
            (
                "/w/d\tfiles=12\tbytes=3400000\tuntracked=3\tchanged=1\tignored=0\tunkept=0\t:a directory\n",
                "/w/d: a directory; 12 files; 3.4 MB; git brings back 8; not 3 untracked, 1 changed",
            ),
            ("/w/d\tfiles>=5000\tbytes>=1\t:a directory\n", "/w/d: a directory; at least 5000 files; at least 1 byte"),
            ("a.db: t\trows<=40\n", "a.db: t: at most 40 rows"),
            ("node\tprocesses=2\t:node 4\t:node 5\n", "node: 2 processes; node 4, node 5"),
            ("main\t?no repository is there\n", "main: not measured: no repository is there"),
        ] {
            let impact = row(text);
            assert_eq!(impact.shown(), [shown]);
            assert_eq!(impact.text(), text);
        }
        assert_eq!(Impact::read("x\tfiles=many\n"), None);
        assert_eq!(Impact::read("x\tnothing=1\n"), None);
    }

    #[test]
    fn more_is_asked_again_and_less_is_not() {
        let approved = row("/w/d\tfiles=12\tbytes=100\n/w/e\t?why\n/w/f\tfiles>=9\n");
        for within in [
            "/w/d\tfiles=12\tbytes=100\n",
            "/w/d\tfiles=2\tbytes=10\n",
            "",
            "/w/e\tfiles=9\n",
            "/w/f\tfiles=99\n",
            "/w/g\tfiles=0\n",
        ] {
            assert!(row(within).is_within(&approved), "{within}");
        }
        for more in [
            "/w/d\tfiles=13\tbytes=100\n",
            "/w/d\tfiles=12\tbytes=101\n",
            "/w/d\tfiles>=3\n",
            "/w/g\tfiles=1\n",
            "/w/d\t?why\n",
        ] {
            assert!(!row(more).is_within(&approved), "{more}");
        }
    }
}
