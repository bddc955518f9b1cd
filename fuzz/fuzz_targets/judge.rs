//! Judging never panics, and wrapping never lowers a tier: a subshell, a group, a command before or after, another shell.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetsh::action::walk::{self, Start};
use vetsh::judge::{Context, Fixture, judge};
use vetsh::parse::{Dialect, parse};
use vetsh::policy::{Policy, Tier};

thread_local! {
    static POLICY: Policy = Policy::builtin();
    static WORLD: Fixture = Fixture::default();
}

fn tier(line: &[u8]) -> Tier {
    POLICY.with(|policy| {
        WORLD.with(|world| {
            let start = Start::line(Dialect::Bash);
            judge(line, Dialect::Bash, |script, world| walk::actions(script, line, &start, policy, world), &[policy], world, &Context::default())
                .verdict
                .tier
        })
    })
}

fuzz_target!(|line: &[u8]| {
    let bare = tier(line);
    // Only whole lines can be wrapped by text: what is unterminated would swallow the wrapping.
    if line.contains(&b'<') || line.contains(&b'#') || line.ends_with(b"\\") || !parse(line, Dialect::Bash).opaque.is_empty() {
        return;
    }
    // What runs before leaves its status and its last word: `>d$_.` alone writes nobody knows where, behind `true` it writes `dtrue.`.
    let asks_what_ran_before = line.contains(&b'_') || line.contains(&b'?') || line.windows(10).any(|word| word == b"PIPESTATUS");
    let around: &[_] = if asks_what_ran_before {
        &[("(", "\n)"), ("{ ", "\n}"), ("", "\ntrue")]
    } else {
        &[("(", "\n)"), ("{ ", "\n}"), ("", "\ntrue"), ("true; ", ""), ("! ", ""), ("if true; then ", "\nfi")]
    };
    for (before, after) in around {
        let wrapped = [before.as_bytes(), line, after.as_bytes()].concat();
        assert!(tier(&wrapped) >= bare, "{before}…{after} lowers the tier of {:?}", String::from_utf8_lossy(line));
    }
});
