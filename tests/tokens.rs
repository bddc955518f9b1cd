//! The ways round the chain of tokens do not compile, each for the reason it names; a twin that differs in one place does.

#[test]
fn the_ways_round_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/tokens/fail/*.rs");
    cases.pass("tests/tokens/pass/*.rs");
}
