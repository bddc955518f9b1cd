//! `getopts`: the next option of the positional parameters.

use super::held::Held;
use super::letters::letters;
use super::state::State;
use super::walker::{Frame, Walker};
use crate::action::{Action, Bound, Value};

impl Walker<'_> {
    #[inline(never)]
    pub(super) fn getopts(&mut self, arguments: &[Value], action: &mut Action, state: &mut State, frame: &Frame) {
        let (_, words) = letters(arguments, b"");
        if let Some(name) = words.get(1) {
            let letter = Held::One(Value::hole("an option letter", Bound::Name));
            self.store(name, letter, action, state, frame);
            state.forget(b"OPTARG", "an option's value", Bound::Anything);
            state.forget(b"OPTIND", "where the options end", Bound::Number);
            // It is one of the words that are looked through, or what stands behind an option's letter in it.
            let given = match words.get(2..).unwrap_or_default() {
                [] => state.positional.get(1..).unwrap_or_default(),
                given => given,
            };
            let mut values: Vec<Value> = Vec::new();
            for word in given {
                match word.prefix() {
                    [b'-', _] => {}
                    [b'-', _, value @ ..] => values.extend([Value::known(value), word.clone()]),
                    _ => values.push(word.clone()),
                }
            }
            // Behind a letter that takes none there is no value.
            let letters = words.first().and_then(Value::text).unwrap_or(b"-").trim_ascii();
            let quiet = letters.strip_prefix(b":");
            // Quietly, it is the letter that no option has.
            values.extend(quiet.map(|_| Value::hole("an option letter", Bound::Name)));
            let letters = quiet.unwrap_or(letters);
            if letters.chunks(2).any(|pair| pair.get(1) != Some(&b':')) {
                values.push(Value::default());
            }
            let told = given.iter().all(|word| word.text().is_some());
            if told && (1..=8).contains(&values.len()) {
                state.hold(b"OPTARG", Held::Either(values));
            }
        }
    }
}
