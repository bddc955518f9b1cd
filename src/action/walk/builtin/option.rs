//! `set` and `shopt`: which options of the shell are on from then on.

use std::rc::Rc;

use super::super::state::State;
use super::super::walker::{Status, Walker};
use crate::action::Value;

/// Names of options that `set -o` certainly knows.
const OPTIONS: &[&[u8]] =
    &[b"errexit", b"errtrace", b"noglob", b"allexport", b"keyword", b"pipefail", b"nounset", b"xtrace", b"noclobber"];

/// Options that `shopt` certainly knows.
const SHOPTS: &[&[u8]] = &[
    b"expand_aliases",
    b"lastpipe",
    b"xpg_echo",
    b"nullglob",
    b"globstar",
    b"extglob",
    b"dotglob",
    b"failglob",
    b"nocaseglob",
    b"nocasematch",
    b"inherit_errexit",
];

/// Whether an option changes how a shell reads its lines, or what of them it does not do (`restricted`). One that is not known may.
fn reads_otherwise(option: Option<&[u8]>, on: bool) -> bool {
    match option {
        Some(b"interactive_comments" | b"interactive-comments") => !on,
        Some(b"posix" | b"histexpand" | b"emacs" | b"vi" | b"restricted") => on,
        Some(_) => false,
        None => true,
    }
}

/// POSIX mode goes on or off. What it brought to the aliases stays possible.
fn posix(on: bool, state: &mut State) {
    state.options.posix = on;
    state.options.aliases |= on;
}

/// Options under which words, directories or a function's own variables mean something else than everywhere: nobody reads them so.
const STRANGE: &[&[u8]] = &[
    b"cdable_vars",
    b"localvar_inherit",
    b"localvar_unset",
    b"autocd",
    b"nocaseglob",
    b"assoc_expand_once",
    b"array_expand_once",
];

/// Whether `shopt` or `set` changes what words mean. To switch off what is off, as clients do, or to ask, changes nothing.
pub(super) fn is_strange(arguments: &[Value]) -> bool {
    let texts = || arguments.iter().filter_map(Value::text);
    let on = arguments.iter().any(|word| {
        word.text().is_none_or(|word| word.strip_prefix(b"-").is_some_and(|letters| letters.contains(&b's')))
    });
    on && texts().any(|word| STRANGE.contains(&word) || word.starts_with(b"compat"))
        || texts().any(|word| word.starts_with(b"+") && word.contains(&b'B'))
        || arguments.windows(2).any(|two| (two[0].text(), two[1].text()) == (Some(b"+o"), Some(b"braceexpand")))
}

impl Walker<'_> {
    /// `shopt`. Whether it succeeds is known where all of its options are.
    #[inline(never)]
    pub(super) fn shopt(&mut self, arguments: &[Value], state: &mut State) {
        let on = arguments.first().and_then(Value::text) == Some(b"-s");
        for option in arguments.iter().filter_map(Value::text) {
            match option {
                b"expand_aliases" => state.options.aliases |= on,
                b"lastpipe" => state.options.lastpipe = on,
                b"failglob" => state.options.failglob = on,
                b"xpg_echo" => state.options.xpg_echo = on,
                b"posix" => posix(true, state),
                _ => {}
            }
        }
        let letter = |letter: u8| {
            let mut words = arguments.iter().filter_map(Value::text).filter_map(|word| word.strip_prefix(b"-"));
            words.any(|letters| letters.contains(&letter))
        };
        for on in [true, false].into_iter().filter(|on| letter(if *on { b's' } else { b'u' })) {
            self.reads_otherwise |= arguments.iter().any(|word| reads_otherwise(word.text(), on));
        }
        // Without `-s` or `-u` it tells whether an option is on.
        let sets = matches!(arguments.first().and_then(Value::text), Some(b"-s" | b"-u"));
        let known = arguments.iter().skip(1).all(|word| word.text().is_some_and(|word| SHOPTS.contains(&word)));
        self.status = if sets && known { Status::Yes } else { Status::Maybe };
    }

    #[inline(never)]
    pub(super) fn set_options(&mut self, arguments: &[Value], state: &mut State) {
        let known = |word: &Value| match word.text() {
            Some(b"--") => true,
            Some([b'-' | b'+', letters @ ..]) => letters.iter().all(|letter| b"abefhkmnptuvxoBCEHPT".contains(letter)),
            Some(word) => OPTIONS.contains(&word),
            None => false,
        };
        let options = arguments.split(|word| word.text() == Some(b"--")).next().unwrap_or_default();
        self.status = if options.iter().all(known) { Status::Yes } else { Status::Maybe };
        let mut rest = arguments;
        while let Some((first, tail)) = rest.split_first() {
            let Some(text) = first.text() else { break };
            let (on, letters) = match text.split_first() {
                Some((b'-', letters)) => (true, letters),
                Some((b'+', letters)) => (false, letters),
                _ => break,
            };
            rest = tail;
            if letters == b"-" {
                let zero = state.positional.first().cloned().unwrap_or_default();
                state.positional = Rc::new(std::iter::once(zero).chain(rest.iter().cloned()).collect());
                return;
            }
            for letter in letters {
                match letter {
                    b'e' => state.options.errexit = on,
                    b'E' => state.options.errtrace = on,
                    b'f' => state.options.noglob = on,
                    b'x' => state.options.xtrace = on,
                    b'a' => state.options.allexport = on,
                    b'k' => state.options.keyword = on,
                    b'H' | b'r' => self.reads_otherwise |= on,
                    b'o' => {
                        if let Some((option, tail)) = rest.split_first() {
                            self.reads_otherwise |= reads_otherwise(option.text(), on);
                            match option.text() {
                                Some(b"errexit") => state.options.errexit = on,
                                Some(b"errtrace") => state.options.errtrace = on,
                                Some(b"noglob") => state.options.noglob = on,
                                Some(b"allexport") => state.options.allexport = on,
                                Some(b"keyword") => state.options.keyword = on,
                                Some(b"posix") => posix(on, state),
                                Some(b"pipefail") => state.options.pipefail = on,
                                _ => {}
                            }
                            rest = tail;
                        }
                    }
                    _ => {}
                }
            }
        }
        if !rest.is_empty() {
            let zero = state.positional.first().cloned().unwrap_or_default();
            state.positional = Rc::new(std::iter::once(zero).chain(rest.iter().cloned()).collect());
        }
    }
}
