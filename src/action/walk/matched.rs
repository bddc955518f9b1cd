//! `[[ text =~ pattern ]]`: what the pattern's groups match, where that is plain.

use super::held::Held;
use crate::action::{Bound, Value};

/// What `BASH_REMATCH` holds: the match, then its group. Where more than one group, or anything but literal text, stands in the
/// pattern nothing is known of it, not even that there is something: it is empty where nothing matched.
pub(super) fn matched(text: &Value, pattern: &Value) -> Held {
    let whole = pattern.display();
    let text_taint = text.taint.clone();
    if let (Some(text), false) = (text.text(), pattern.has_hole())
        && let Some((all, group)) = constant(text, &whole)
    {
        let elements = std::iter::once(all).chain(group);
        let own = |(at, part): (usize, &[u8])| {
            let mut value = Value::known(part);
            value.add_taint(&text_taint);
            (at.to_string().into_bytes(), value)
        };
        return Held::Array(elements.enumerate().map(own).collect());
    }
    let mut part = Value::hole("what a pattern matched", Bound::Anything);
    part.add_taint(&text_taint);
    Held::One(part)
}

/// `a(.*)b` in known text: the match and its group. `None`: another kind of pattern, or no match.
fn constant<'t>(text: &'t [u8], pattern: &[u8]) -> Option<(&'t [u8], Option<&'t [u8]>)> {
    let anchored = pattern.starts_with(b"^");
    let pattern = pattern.strip_prefix(b"^").unwrap_or(pattern);
    let ends = pattern.ends_with(b"$");
    let pattern = pattern.strip_suffix(b"$").unwrap_or(pattern);
    let forms = [(&b"(.*)"[..], true), (b"(.+)", true), (b".*", false), (b".+", false)];
    let (at, form, grouped) = forms.iter().find_map(|(form, grouped)| {
        let at = pattern.windows(form.len()).position(|window| window == *form)?;
        Some((at, *form, *grouped))
    })?;
    let before = pattern.get(..at)?;
    let behind = pattern.get(at + form.len()..)?;
    let plain = |part: &[u8]| !part.iter().any(|byte| b"\\^$.[]|()*+?{}".contains(byte));
    if !plain(before) || !plain(behind) || text.contains(&b'\n') {
        return None;
    }
    let start = if anchored {
        text.starts_with(before).then_some(0)?
    } else {
        (0..=text.len()).find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(before)))?
    };
    let inside = start + before.len();
    let rest = text.get(inside..)?;
    let end = if ends || behind.is_empty() {
        rest.len().checked_sub(behind.len()).filter(|at| rest.get(*at..) == Some(behind))?
    } else {
        (0..=rest.len()).rev().find(|at| rest.get(*at..).is_some_and(|tail| tail.starts_with(behind)))?
    };
    if form.contains(&b'+') && end == 0 {
        return None;
    }
    let all = text.get(start..inside + end + behind.len())?;
    Some((all, grouped.then(|| rest.get(..end).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_between_literals_are_known() {
        for (text, pattern, want) in [
            ("rm -rf x", "(.*)", Some("rm -rf x")),
            ("xrm y", "^x(.*)$", Some("rm y")),
            ("a=b=c", "=(.+)", Some("b=c")),
            ("a.tar.gz", "a(.*)z", Some(".tar.g")),
            ("abc", "x(.*)", None),
            ("abc", "a(.*)(b)", None),
        ] {
            let found = constant(text.as_bytes(), pattern.as_bytes()).and_then(|(_, group)| group);
            assert_eq!(found, want.map(str::as_bytes), "{text} =~ {pattern}");
        }
    }
}
