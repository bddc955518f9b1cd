//! What a human sees, on a terminal that is emulated: whatever bytes a line is made of, its question and the watched queue change nothing
//! outside the rows that are theirs, no row of ours is anybody else's, and what is shown there can be read back as the bytes.

#![allow(clippy::disallowed_methods, reason = "a test runs other programs")]

mod scene;

use std::time::{Duration, Instant};

use scene::desk::Desk;
use scene::{Case, Scene, quote};
use vetsh::action::walk::{self, Start};
use vetsh::approval::request::{Circumstances, Request};
use vetsh::approval::{Spool, rendering};
use vetsh::invocation::{Invocation, Shell};
use vetsh::judge::{Context, Fixture, Weighed, judge};
use vetsh::parse::Dialect;
use vetsh::policy::Policy;
use vetsh::session::Machine;

const CASES: &[Case] = &[
    ("a_question_has_rows_of_its_own", a_question_has_rows_of_its_own),
    ("a_question_is_read_whatever_the_terminal_was_left_in", a_question_is_read_whatever_the_terminal_was_left_in),
    ("no_width_that_is_told_breaks_a_row", no_width_that_is_told_breaks_a_row),
    ("the_watched_queue_has_a_screen_of_its_own", the_watched_queue_has_a_screen_of_its_own),
];

fn main() {
    scene::main(CASES);
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("it fits") % below
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.roll(from.len())]
    }
}

/// What moves, colours, hides, reorders, rings, renames or imitates.
const HOSTILE: &[&[u8]] = &[
    b"\x1b[2J",
    b"\x1b[H",
    b"\x1b[1;1H",
    b"\x1b[31m",
    b"\x1b[8m",
    b"\x1b[1A\x1b[2K",
    b"\x1b[3;4r",
    b"\x1b[?1049l",
    b"\x1b[?1049h",
    b"\x1bc",
    b"\x1b]0;owned\x07",
    b"\x1b]2;owned\x1b\\",
    b"\x1b]52;c;eA==\x07",
    b"\x1b]8;;http://x\x1b\\",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b_x\x1b\\",
    b"\x1b^x\x1b\\",
    b"\x1b(0",
    b"\x0e",
    b"\x0f",
    b"\x1b[6n",
    b"\x1b[5i",
    b"\x1b[?25l",
    b"\x1b[8;5;5t",
    b"\x1b[999D",
    b"\x1b[4h",
    b"\x1b7",
    b"\x1b8",
    b"\x1bM",
    b"\x1bE",
    b"\x9b2J",
    b"\x9d0;x\x9c",
    b"\x90x\x9c",
    b"\x84",
    b"\x85",
    "\u{9b}2J".as_bytes(),
    "\u{9d}0;x\u{9c}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{202d}".as_bytes(),
    "\u{202a}x\u{202c}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{2067}x\u{2069}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{ad}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{2028}".as_bytes(),
    "e\u{301}\u{302}\u{303}".as_bytes(),
    "\u{20dd}".as_bytes(),
    "\u{fe0f}".as_bytes(),
    "\u{e0041}".as_bytes(),
    "\u{e000}".as_bytes(),
    "\u{10ffff}".as_bytes(),
    "中文字".as_bytes(),
    "한국어".as_bytes(),
    "👩‍👩‍👧".as_bytes(),
    "🇩🇪".as_bytes(),
    "ｆｕｌｌ".as_bytes(),
    "ﬃ".as_bytes(),
    "กำ".as_bytes(),
    "नि".as_bytes(),
    "\u{1160}".as_bytes(),
    "аррlе".as_bytes(),
    "אבג".as_bytes(),
    "مرحبا".as_bytes(),
    "⟨ESC⟩".as_bytes(),
    "⟨".as_bytes(),
    "⟩".as_bytes(),
    "│".as_bytes(),
    "█".as_bytes(),
    b"\t",
    b"\r",
    b"\x08",
    b"\x08\x08\x08",
    b"\x07",
    b"\x0b",
    b"\x0c",
    b"\x7f",
    b"\x05",
    b"\x18",
    b"\x1a",
    b"\x1b",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\xff",
    b"\xc3",
    b"\xc3\x28",
    b"\xe2\x28\xa1",
    b"\xf0\x9f\x92",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\n  | ls\n",
    b"\n   does: nothing\n",
    b" | ",
    b" : ",
    b"  | ",
    b"\n> abcdefgh [core.reads] nothing",
    b"\nRun it, this once? [y/N] ",
    b"\n  vetsh: yes\n",
    b"\nthe whole line, 2 bytes:\n | ls",
    b"  why: harmless; certain, understood: full",
    b"vetsh: one request",
];
const PLAIN: &[&[u8]] = &[
    b"rm -rf /etc/x ",
    b"git push ",
    b"curl http://x.test ",
    b"echo ",
    b"'",
    b"\"",
    b"$(",
    b")",
    b"; ",
    b"a",
    b"abc def ",
    b"| sh ",
    b"> /etc/y ",
    b"\\",
    b"#",
    b"x=1 ",
    b"0123456789",
    b"-",
    b"--force ",
    b"~",
    b"*",
    b"${a}",
    b"<<E\nx\nE\n",
];

fn bytes(dice: &mut Dice, parts: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..1 + dice.roll(parts) {
        match dice.roll(8) {
            0..=3 => bytes.extend_from_slice(dice.pick(HOSTILE)),
            4 => bytes.push(u8::try_from(1 + dice.roll(255)).expect("a byte")),
            5 => {
                let number = u32::try_from(1 + dice.roll(0x0010_ffff)).expect("it fits");
                bytes.extend_from_slice(char::from_u32(number).unwrap_or('x').to_string().as_bytes());
            }
            _ => bytes.extend_from_slice(dice.pick(PLAIN)),
        }
    }
    bytes.retain(|byte| *byte != 0);
    if bytes.first().is_none_or(|first| b"-+".contains(first)) {
        // No option.
        bytes.insert(0, b'x');
    }
    bytes
}

/// Reads back what stands between `⟨` and `⟩`, and text for itself.
fn read_back(shown: &str) -> Vec<u8> {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI", "DLE",
        "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
    ];
    let mut bytes = Vec::new();
    let mut rest = shown;
    while let Some(at) = rest.find('⟨') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (token, after) = rest[at + '⟨'.len_utf8()..].split_once('⟩').unwrap_or_else(|| panic!("{shown:?}"));
        rest = after;
        if let Some(hex) = token.strip_prefix("0x") {
            bytes.push(u8::from_str_radix(hex, 16).expect("a byte"));
        } else if let Some(number) = token.strip_prefix("U+") {
            let number = number.split(' ').next().expect("a word");
            let character = char::from_u32(u32::from_str_radix(number, 16).expect("a number")).expect("a character");
            bytes.extend_from_slice(character.to_string().as_bytes());
        } else if token == "DEL" {
            bytes.push(0x7f);
        } else if token == "CSI" {
            bytes.extend_from_slice("\u{9b}".as_bytes());
        } else {
            let number = NAMES.iter().position(|name| *name == token).unwrap_or_else(|| panic!("{token}"));
            bytes.push(u8::try_from(number).expect("a control"));
        }
    }
    assert!(!rest.contains('⟩'), "{shown:?}");
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// The line as it stands in rows: `first` begins a row of it, `next` goes on.
fn line_of(rows: &[String], first: &str, next: &str) -> String {
    let mut text: Vec<String> = Vec::new();
    for row in rows {
        if let Some(rest) = row.strip_prefix(first) {
            text.push(rest.to_owned());
        } else if let Some(rest) = row.strip_prefix(next) {
            text.last_mut().expect("a row that goes on").push_str(rest);
        } else {
            panic!("{row:?} is no row of the line");
        }
    }
    text.join("\n")
}

#[derive(Default)]
struct Rung {
    bells: usize,
    told: Vec<String>,
}

/// Everything that is more than text on the screen.
impl vt100::Callbacks for Rung {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
    fn resize(&mut self, _: &mut vt100::Screen, to: (u16, u16)) {
        self.told.push(format!("resize {to:?}"));
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.told.push(format!("icon {name:?}"));
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.told.push(format!("title {title:?}"));
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.told.push(format!("copy {data:?}"));
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.told.push("paste".into());
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, character: char) {
        self.told.push(format!("character {character:?}"));
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.told.push(format!("control {byte}"));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, one: Option<u8>, other: Option<u8>, byte: u8) {
        self.told.push(format!("escape {one:?} {other:?} {}", char::from(byte)));
    }
    fn unhandled_csi(&mut self, _: &mut vt100::Screen, one: Option<u8>, _: Option<u8>, numbers: &[&[u16]], last: char) {
        self.told.push(format!("csi {one:?} {numbers:?} {last}"));
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parts: &[&[u8]]) {
        let parts: Vec<String> = parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        self.told.push(format!("osc {}", parts.join(";")));
    }
}

type Emulated = vt100::Parser<Rung>;

fn terminal(rows: usize, columns: usize) -> Emulated {
    let number = |number: usize| u16::try_from(number).expect("it fits");
    vt100::Parser::new_with_callbacks(number(rows), number(columns), 0, Rung::default())
}

fn shown(terminal: &Emulated) -> Vec<String> {
    let (_, columns) = terminal.screen().size();
    terminal.screen().rows(0, columns).collect()
}

fn weigh(policy: &Policy, line: &[u8]) -> Weighed {
    let start = Start::line(Dialect::Bash);
    let walk = |script: &vetsh::parse::Script, world: &dyn vetsh::action::World| {
        walk::actions(script, line, &start, policy, world)
    };
    judge(line, Dialect::Bash, walk, &[policy], &Fixture::default(), &Context::default())
}

fn request(policy: &Policy, line: &[u8]) -> (Request, Invocation, Weighed) {
    let words = [&b"bash"[..], b"-c", line].map(<[u8]>::to_vec).to_vec();
    let invocation = Invocation::of_shell(Shell::Bash, words).expect("a form that bash has");
    let weighed = weigh(policy, line);
    let machine = Machine::new(None, b"/".to_vec(), Vec::new(), Vec::new());
    let circumstances =
        Circumstances { session: "s", policy: "p", machine: &machine, startup: &[], steering: &[], reach: "" };
    let request = Request::new(&invocation, &weighed, &circumstances).expect("random bytes");
    (request, invocation, weighed)
}

/// What may stand at the head of a row of a question, before the line itself.
const LABELS: &[&str] =
    &["vetsh", "what", "where", "does", "takes", "why", "undo", "sure", "also", "beware", "in", "file"];

fn is_ours(row: &str) -> bool {
    let label = |row: &str| LABELS.iter().any(|label| row.starts_with(&format!("{label:>7}: ")));
    row.starts_with("         ") || label(row)
}

fn a_question_has_rows_of_its_own(_: &Scene) {
    let policy = Policy::builtin();
    let mut dice = Dice(0x5eed);
    for round in 0..900_usize {
        let length = if round % 150 == 149 { 4000 } else { 30 };
        let line = bytes(&mut dice, length);
        let columns = [32, 40, 80][round % 3];
        let (request, invocation, weighed) = request(&policy, &line);
        let rows = rendering::rows(&request, &invocation, &weighed, "some-agent", columns);

        // Read back: all bytes of the line, and none of them at the head of a row.
        let at = rows.iter().position(|row| row.starts_with("the whole line, ")).expect("the line");
        assert_eq!(rows[at], format!("the whole line, {} bytes:", line.len()));
        for row in &rows[..at] {
            assert!(is_ours(row), "{row:?} of {line:?}");
        }
        let end =
            rows[at + 1..].iter().position(|row| row.starts_with("  again: ")).map_or(rows.len(), |end| at + 1 + end);
        let mut back = read_back(&line_of(&rows[at + 1..end], " | ", " : "));
        if back.len() + 1 == line.len() {
            back.push(b'\n');
        }
        assert_eq!(back, line, "{rows:#?}");

        // Shown: below what stood there, which stays as it was; row by row as they were made; nothing else happens.
        let before = 4;
        let mut screen = terminal(before + rows.len() + 8, columns);
        screen.process(b"\x1b]2;mine\x07\x1b[32mone\x1b[0m\r\n\x1b[1mtwo\r\n\x1b[0mthree\r\n$ ");
        let told = screen.callbacks().told.len();
        let mut text = "\r\n".to_owned() + &rows.join("\r\n") + "\r\n";
        text.push_str("Run it? [y/N] ");
        screen.process(text.as_bytes());
        let all = shown(&screen);
        for (number, row) in rows.iter().enumerate() {
            assert_eq!(all[before + number].trim_end(), row.trim_end(), "{line:?}");
        }
        assert_eq!(all[before + rows.len()].trim_end(), "Run it? [y/N]", "{line:?}");
        let cursor = u16::try_from(before + rows.len()).expect("it fits");
        assert_eq!(screen.screen().cursor_position(), (cursor, 14), "{line:?}");
        assert!(all[before + rows.len() + 1..].iter().all(String::is_empty));
        assert_eq!(
            (screen.callbacks().bells, screen.callbacks().told.len()),
            (0, told),
            "{:?} {line:?}",
            screen.callbacks().told
        );
        plain(&screen, before..before + rows.len() + 1);
        // The rows above: only those are left when what is ours is taken away again.
        let mut bare = terminal(before + rows.len() + 8, columns);
        bare.process(b"\x1b[32mone\x1b[0m\r\n\x1b[1mtwo\r\n\x1b[0mthree\r\n$ ");
        for row in 0..u16::try_from(before).expect("it fits") {
            for column in 0..u16::try_from(columns).expect("it fits") {
                assert_eq!(screen.screen().cell(row, column), bare.screen().cell(row, column), "{line:?}");
            }
        }
    }
}

/// Every cell of these rows has the terminal's own colours and nothing else.
fn plain(screen: &Emulated, rows: std::ops::Range<usize>) {
    let (_, columns) = screen.screen().size();
    for row in rows {
        for column in 0..columns {
            let cell = screen.screen().cell(u16::try_from(row).expect("it fits"), column).expect("a cell");
            let colours = (cell.fgcolor(), cell.bgcolor()) == (vt100::Color::Default, vt100::Color::Default);
            let styled = cell.bold() || cell.dim() || cell.italic() || cell.underline() || cell.inverse();
            assert!(colours && !styled, "row {row} column {column}: {cell:?}");
        }
    }
}

fn waits(scene: &Scene, wait: &str) {
    scene.trust(&format!("format = 1\n\n[approval]\nwait = \"{wait}\"\n"));
}

const LINE: &str = "no-such-program-here 2>/dev/null; printf x >> ran";

fn a_question_is_read_whatever_the_terminal_was_left_in(scene: &Scene) {
    waits(scene, "90s");
    let ask = format!("{} -c {}", scene.shim("bash").display(), quote(LINE));
    let left = [
        "",
        "\\e]0;swallowed",
        "\\eP+q",
        "\\e_x",
        "\\e^x",
        "\\eX",
        "\\e[",
        "\\e[31",
        "\\e",
        "\\e[2;3r",
        "\\e[2;3r\\e[2;1H",
        "\\e[8m",
        "\\e[30;40m",
        "\\e[7m",
        "\\e[?25l",
        "\\e[?6h\\e[5;9r",
        "\\e[?1049h\\e[1;2r",
        "\\e[?7l",
        "\\e[4h",
    ];
    for left in left {
        let mut desk = Desk::start(scene, &format!("printf '{left}'; {ask}"));
        let end = Instant::now() + Duration::from_secs(30);
        let mut screen = terminal(40, 80);
        let mut read = 0;
        while !screen.screen().contents().contains("[y/N]") {
            assert!(Instant::now() < end, "{left:?}: it is not seen: {:?}", screen.screen().contents());
            desk.look(Duration::from_millis(50));
            screen.process(&desk.raw[read..]);
            read = desk.raw.len();
        }
        let rows = shown(&screen);
        let text = rows.join("\n");
        for part in [
            "  vetsh: ",
            "wants to run this; it is supervised [",
            "\n   what: ",
            "\n   sure: ",
            "the whole line, ",
            "\n | no-such-program-here 2>/dev/null; printf x >> ran\n",
        ] {
            assert!(text.contains(part), "{left:?}: {part:?} is not in {text}");
        }
        let first = rows.iter().position(|row| row.starts_with("  vetsh: ")).expect("a first row");
        let last = rows.iter().position(|row| row.contains("[y/N]")).expect("a last row");
        plain(&screen, first..last + 1);
        assert!(!screen.screen().hide_cursor(), "{left:?}");
        desk.press("n\n");
        assert!(desk.until("code=").contains("code=126"));
    }
    assert_eq!(scene.ran(), 0);
}

fn no_width_that_is_told_breaks_a_row(scene: &Scene) {
    waits(scene, "0s");
    scene.trust("format = 1\n\n[approval]\nchannels = [\"terminal\", \"queue\"]\nwait = \"2s\"\n");
    let long = "x".repeat(70) + "  vetsh: nothing happens";
    let ask = format!("{} -c {}", scene.shim("bash").display(), quote(&format!("no-such-program '{long}'; {LINE}")));
    for told in [500, 81, 80, 40, 32] {
        let mut desk = Desk::sized(scene, &ask, 40, told);
        desk.until("[y/N]");
        let widest = desk.seen.lines().map(|row| row.trim_end_matches('\r')).filter(|row| !row.contains('\u{1b}'));
        let widest = widest.filter(|row| !row.contains("[y/N]")).map(|row| row.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= usize::from(told.min(80))), "{told}: {widest:?} {}", desk.seen);
        for row in desk.seen.lines() {
            assert!(!row.starts_with("  vetsh: nothing"), "{told}: {}", desk.seen);
        }
    }
    for told in [1, 5, 31] {
        let mut desk = Desk::sized(scene, &ask, 40, told);
        let seen = desk.until("code=");
        assert!(seen.contains("code=75") && !seen.contains("[y/N]"), "{told}: it waits elsewhere: {seen}");
    }
    assert_eq!(scene.ran(), 0);
}

fn the_watched_queue_has_a_screen_of_its_own(scene: &Scene) {
    waits(scene, "0s");
    let policy = Policy::builtin();
    let mut dice = Dice(0xface);
    let spool = Spool::open(&scene.state()).expect("a spool");
    let mut lines = std::collections::BTreeMap::new();
    for round in 0..40 {
        let line = bytes(&mut dice, if round % 10 == 9 { 900 } else { 30 });
        let (request, _, _) = request(&policy, &line);
        lines.insert(request.id.clone(), line);
        spool.put(&request).expect("it waits");
    }
    let (height, columns) = (40, 80);
    let mut desk = Desk::start(scene, &format!("printf 'before\\n'; {} approvals --watch", scene.vetsh().display()));
    let mut screen = terminal(height, columns);
    let mut read = 0;
    let mut look = |desk: &mut Desk, screen: &mut Emulated, what: &str, holds: &dyn Fn(&[String]) -> bool| {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            desk.look(Duration::from_millis(40));
            let quiet = desk.raw.len() == read;
            screen.process(&desk.raw[read..]);
            read = desk.raw.len();
            let rows = shown(screen);
            // A screen that is drawn whole: nothing more comes.
            if quiet && holds(&rows) {
                return rows;
            }
            assert!(Instant::now() < end, "{what} was never seen: {rows:#?}");
        }
    };
    let mut seen = Vec::new();
    let mut rows = look(&mut desk, &mut screen, "the list", &|rows| rows[0].starts_with("vetsh: 40 requests"));
    for number in 0..lines.len() {
        let chosen = |rows: &[String]| {
            let row = rows.iter().find(|row| row.starts_with("> "))?;
            Some(row[2..10].to_owned())
        };
        let id = chosen(&rows).expect("one is chosen");
        let (mut details, mut pages) = (Vec::new(), 0);
        loop {
            // The list, then what is chosen, then the keys: each begins as only ours does.
            let list = rows.iter().skip(1).take_while(|row| !row.is_empty()).count();
            for row in &rows[1..=list] {
                let known = row.get(2..10).is_some_and(|id| lines.contains_key(id));
                assert!(
                    known && (row.starts_with("> ") || row.starts_with("  ")) && row.get(10..12) == Some(" ["),
                    "{row:?}"
                );
            }
            assert_eq!(rows[1..=list].iter().filter(|row| row.starts_with("> ")).count(), 1);
            let rest = &rows[list + 2..];
            let end = rest.iter().position(|row| row.starts_with('…') || row.is_empty()).expect("an end");
            for row in &rest[..end] {
                assert!(row.starts_with("  "), "{row:?} {rows:#?}");
            }
            details.extend_from_slice(&rest[..end]);
            assert!(rest[end + 1].starts_with("y yes once  s yes for this session "), "{rest:#?}");
            assert!(rest[end + 3..].iter().all(String::is_empty), "{rest:#?}");
            plain(&screen, 0..height);
            assert!(screen.screen().alternate_screen() && screen.screen().hide_cursor());
            if !rest[end].starts_with('…') {
                break;
            }
            let old = rows.clone();
            desk.press(" ");
            std::thread::sleep(Duration::from_millis(20));
            rows = look(&mut desk, &mut screen, "more of it", &|rows| *rows != old[..]);
            pages += 1;
            assert!(pages < 100);
        }
        let line = &lines[&id];
        let expected = vetsh::text::escape_lines(line);
        let expected: Vec<String> =
            expected.iter().flat_map(|row| rendering::folded("  | ", "  : ", row, columns - 1)).collect();
        assert_eq!(
            read_back(&line_of(&expected, "  | ", "  : ")),
            line.strip_suffix(b"\n").filter(|_| line.len() > 1).unwrap_or(line)
        );
        let of_line: Vec<&str> = details
            .iter()
            .map(|row| row.trim_end())
            .filter(|row| row.starts_with("  |") || row.starts_with("  :"))
            .collect();
        let expected: Vec<&str> = expected.iter().map(|row| row.trim_end()).collect();
        assert_eq!(of_line, expected, "{id}");
        seen.push(id);
        if number + 1 < lines.len() {
            desk.press("j");
            rows = look(&mut desk, &mut screen, "the next", &|rows| chosen(rows).is_some_and(|id| !seen.contains(&id)));
        }
    }
    assert_eq!(seen.len(), lines.len());
    let told = &screen.callbacks().told;
    assert_eq!(
        (screen.callbacks().bells, told.iter().filter(|told| told.starts_with("osc 9;vetsh: ")).count()),
        (1, 1),
        "{told:?}"
    );
    // The margins of old terminals, and the end of a string that nobody began.
    let usual = |told: &String| {
        told.starts_with("osc 9;vetsh: ")
            || told.starts_with("osc 777;notify;vetsh;")
            || told == "csi Some(63) [[69]] l"
            || told.starts_with("escape None None \\")
            || told == "csi None [[4]] l"
            || told == "csi Some(63) [[7]] l"
            || told.starts_with("escape Some(40)")
            || told == "control 15"
            || told == "csi Some(63) [[7]] h"
    };
    assert!(told.iter().all(usual), "{told:?}");
    desk.press("q");
    desk.until("code=0");
    screen.process(&desk.raw[read..]);
    assert!(!screen.screen().alternate_screen() && !screen.screen().hide_cursor());
    assert_eq!(shown(&screen)[0], "before", "what stood there before is there again");
}
