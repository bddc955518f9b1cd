//! The parser against size, depth and damage: no panic, bounded depth, work linear in the bytes (steps are counted,
//! never timed).

use vetsh::parse::visit::{self, Visitor};
use vetsh::parse::{Dialect, Piece, parse, parse_counted};

#[path = "parse/generator.rs"]
mod generator;
use generator::{Generator, mutate};

const DIALECTS: [Dialect; 3] = [Dialect::Bash, Dialect::Sh, Dialect::Zsh];

/// Opening, middle and closing text of everything that nests.
const NESTS: &[(&str, &str, &str)] = &[
    ("$(", "a", ")"),
    ("echo \"$(", "a", ")\""),
    ("<(", "a", ")"),
    ("$((", "1", "))"),
    ("((", "1", "))"),
    ("(", "a", ")"),
    ("( (", "a", ") )"),
    ("$((a);(", "b", "))"),
    ("((a);(", "b", "))"),
    ("{ ", "a", "; }"),
    ("${x:-", "a", "}"),
    ("\"${x:-", "a", "}\""),
    ("${x//", "a", "/b}"),
    ("${x[", "a", "]}"),
    ("${ ", "a", "; }"),
    ("`", "a", "`"),
    ("if ", "a", "; then b; fi"),
    ("if a; then ", "a", "; fi"),
    ("while ", "a", "; do b; done"),
    ("until a; do ", "b", "; done"),
    ("for i in a; do ", "b", "; done"),
    ("for ((;;)) { ", "b", "; }"),
    ("case a in b) ", "c", ";; esac"),
    ("[[ ( ", "a", " ) ]]"),
    ("[[ ! ", "a", " ]]"),
    ("f() { ", "a", "; }"),
    ("coproc ", "a", ""),
    ("time ", "a", ""),
    ("! ", "a", ""),
    ("a[", "b", "]=c"),
    ("x=(", "a", ")"),
    ("{a,", "b", "}"),
    ("$[", "1", "]"),
    ("a <<E\n$(", "b", ")\nE\n"),
    ("[[ a == @(", "b", ") ]]"),
    ("[[ a =~ (", "b", ") ]]"),
    ("$'", "a", "'"),
    ("\\\n", "a", ""),
    ("eval ", "a", ""),
    ("a | ", "b", ""),
    ("a && ", "b", ""),
    ("'", "a", "'"),
    ("a\\", "a", ""),
    ("~", "a", ":"),
    ("[", "a", "]"),
    ("<<E ", "a", "\nE\n"),
    ("function f ", "{ a; }", ""),
    ("${x:", "1", ":2}"),
    ("${!", "x", "}"),
    ("{1..", "2", "}"),
];

#[test]
fn deep_nesting_is_bounded_and_linear() {
    for (open, middle, close) in NESTS {
        for dialect in DIALECTS {
            for closed in [true, false] {
                let nest = |depth: usize| {
                    let mut line = open.repeat(depth);
                    line.push_str(middle);
                    if closed {
                        line.push_str(&close.repeat(depth));
                    }
                    line
                };
                let (_, half) = parse_counted(nest(2_500).as_bytes(), dialect);
                let (_, full) = parse_counted(nest(5_000).as_bytes(), dialect);
                assert!(full <= 3 * half + 20_000, "{open:?} {dialect:?}: {half} steps, then {full}");
            }
        }
    }
}

#[test]
fn nesting_beyond_the_bound_is_a_cap() {
    let line = format!("{}a{}", "$(".repeat(500), ")".repeat(500));
    let script = parse(line.as_bytes(), Dialect::Bash);
    assert!(script.opaque.iter().any(|opaque| opaque.cap), "{:?}", script.opaque);
}

#[test]
fn twenty_levels_are_understood() {
    let line = format!("echo {}rm x{}", "\"$(a ".repeat(14), ")\"".repeat(14));
    let script = parse(line.as_bytes(), Dialect::Bash);
    assert!(script.opaque.is_empty(), "{:?}", script.opaque);
    assert_eq!(visit::simple_commands(&script).len(), 15);
}

#[test]
fn wide_lines_are_linear() {
    let wide: &[(&str, &str)] = &[
        ("a | ", "b"),
        ("a && ", "b"),
        ("a; ", "b"),
        ("a\n", "b"),
        ("a ", ""),
        ("{a,b}", ""),
        ("{", ""),
        ("}", ""),
        ("{,", ""),
        ("[", ""),
        ("~", ""),
        ("$x", ""),
        ("$(a) ", ""),
        ("`a` ", ""),
        ("x=1 ", "a"),
        ("a[1]=2 ", "a"),
        ("<f ", ""),
        ("\\\n", ""),
        ("''", ""),
        ("\"\"", ""),
        ("((a);(b)); ", ""),
        ("$((a);(b)) ", ""),
        ("cat <<E\nx\nE\n", ""),
        ("alias a=b\n", ""),
        ("shopt -s expand_aliases\n", ""),
        ("#c\n", ""),
        ("a() { b; }\n", ""),
        ("\t", "a"),
        ("a<<E ", "\nE\n"),
        ("x:~", ""),
        ("a\\ ", ""),
        ("..", ""),
        ("{1..2}", ""),
    ];
    for (part, tail) in wide {
        for dialect in DIALECTS {
            let line = |count: usize| format!("{}{tail}", part.repeat(count));
            let (_, half) = parse_counted(line(5_000).as_bytes(), dialect);
            let (_, full) = parse_counted(line(10_000).as_bytes(), dialect);
            assert!(full <= 3 * half + 20_000, "{part:?} {dialect:?}: {half} steps, then {full}");
        }
    }
}

#[test]
fn ten_thousand_pipes_are_understood() {
    let script = parse(format!("{}b", "a | ".repeat(10_000)).as_bytes(), Dialect::Bash);
    assert!(script.opaque.is_empty());
    assert_eq!(visit::simple_commands(&script).len(), 10_001);
}

#[test]
fn sizes_and_nul() {
    let script = parse(&vec![b'a'; 1 << 20], Dialect::Bash);
    assert!(script.opaque.is_empty());
    let script = parse(&vec![b'a'; (1 << 20) + 1], Dialect::Bash);
    assert!(script.opaque.iter().all(|opaque| opaque.cap) && script.opaque.len() == 1);
    let script = parse(b"rm\0x", Dialect::Bash);
    assert_eq!(script.opaque.len(), 1);
    assert!(visit::simple_commands(&script).is_empty());
}

#[test]
fn damaged_lines_never_panic_and_spans_stay_inside() {
    struct Inside(u32);
    impl Visitor for Inside {
        fn piece(&mut self, piece: &Piece) {
            assert!(piece.span.start <= piece.span.end && piece.span.end <= self.0, "{piece:?}");
        }
    }
    let mut generator = Generator::new(7);
    let pool: Vec<String> = (0..400).map(|_| generator.line()).collect();
    for round in 0..20_000 {
        let mut line = mutate(&mut generator, &pool[round % pool.len()], &pool).into_bytes();
        if round % 5 == 0 && !line.is_empty() {
            let at = generator.below(line.len());
            line[at] = generator.below(255) as u8 + 1;
        }
        let script = parse(&line, DIALECTS[round % 3]);
        visit::list(&script.body, &mut Inside(line.len() as u32));
        for opaque in &script.opaque {
            assert!(opaque.span.end as usize <= line.len());
        }
    }
}
