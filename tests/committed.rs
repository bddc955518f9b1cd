//! What git holds unmodified is judged as what it is: the wrapper of a build tool, which nobody could read through.

use vetsh::action::walk::{self, Start};
use vetsh::judge::{Changes, Context, Fixture, judge};
use vetsh::parse::Dialect;
use vetsh::policy::{Policy, Tier};

/// As gradle and maven write them: what they run in the end is known only when they run.
const WRAPPER: &str =
    "#!/bin/sh\neval \"set -- $(printf '%s\\n' \"$JAVA_OPTS\" | xargs -n1) \\\"\\$@\\\"\"\nexec java \"$@\"\n";

fn tier(tracked: &[&str], line: &str) -> Tier {
    let mut changes = Changes { tracked: tracked.iter().map(ToString::to_string).collect(), ..Changes::default() };
    for name in ["gradlew", "mvnw", "pytest"] {
        changes.files.insert(name.to_owned(), WRAPPER.to_owned());
    }
    let world = Fixture::new(&changes);
    let policy = Policy::builtin();
    judge(
        line.as_bytes(),
        Dialect::Bash,
        |script, world| walk::actions(script, line.as_bytes(), &Start::line(Dialect::Bash), &policy, world),
        &[&policy],
        &world,
        &Context::default(),
    )
    .verdict
    .tier
}

#[test]
fn a_committed_wrapper_is_its_build_tool() {
    for line in ["./gradlew build", "./mvnw -q test", "cd . && ./gradlew test --info 2>&1 | tail -40"] {
        assert_eq!(tier(&["gradlew", "mvnw"], line), Tier::Autonomous, "{line}");
        assert_eq!(tier(&[], line), Tier::Supervised, "{line}, not committed");
    }
}

#[test]
fn no_other_script_is_what_it_is_called() {
    assert_eq!(tier(&["pytest"], "./pytest"), Tier::Supervised);
    assert_eq!(tier(&["gradlew"], "cp x gradlew && ./gradlew build"), Tier::Supervised);
    assert_eq!(tier(&["gradlew"], "./gradlew publish"), Tier::Supervised);
}
