//! Any bytes, any dialect: no panic, no hang, every span inside the source, work linear in the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetsh::parse::limits::{BASE_STEPS, STEPS_PER_BYTE};
use vetsh::parse::visit::{self, Visitor};
use vetsh::parse::{Dialect, Piece, parse_counted};

struct Inside(u32);

impl Visitor for Inside {
    fn piece(&mut self, piece: &Piece) {
        assert!(piece.span.start <= piece.span.end && piece.span.end <= self.0);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, line)) = data.split_first() else { return };
    let dialect = match first % 4 {
        0 | 1 => Dialect::Bash,
        2 => Dialect::Sh,
        _ => Dialect::Zsh,
    };
    let (script, steps) = parse_counted(line, dialect);
    assert!(steps <= 2 * (BASE_STEPS + (STEPS_PER_BYTE + 4) * line.len() as u64));
    visit::list(&script.body, &mut Inside(line.len() as u32));
    for opaque in &script.opaque {
        assert!(opaque.span.start <= opaque.span.end && opaque.span.end as usize <= line.len());
    }
});
