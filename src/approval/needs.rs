//! What a yes must be for a line, by all that asks about it: from how many, signed or not, and from whom among them.

use crate::judge::Weighed;
use crate::policy::asking::{SIGNED, is_name};
use crate::policy::{Asking, Tier};
use crate::text::Arrange;

/// What a yes must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// How many approvers sign; 0: one plain yes is enough.
    pub signatures: u8,
    /// Approvers who must be among them.
    pub among: Vec<String>,
}

impl Needs {
    /// Of everything that asks: the most approvals, and all that is required. Whoever counts humans must tell them apart, so that
    /// more than one are always signed.
    #[must_use]
    pub fn of(weighed: &Weighed) -> Needs {
        let mut all = Asking::default();
        let asking = weighed.verdict.findings.iter().filter(|finding| finding.tier == Tier::Supervised);
        asking.for_each(|finding| all.add(finding.approvals, &finding.require));
        if all == Asking::default() {
            return Needs::default();
        }
        let mut among: Vec<String> = all.require.into_iter().filter(|word| word != SIGNED).collect();
        among.arrange();
        let named = u8::try_from(among.len()).unwrap_or(u8::MAX);
        Needs { signatures: all.approvals.max(named), among }
    }

    /// Whether one plain yes is enough.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.signatures == 0
    }

    /// As a request binds it: the number and the names.
    #[must_use]
    pub fn text(&self) -> String {
        if self.is_plain() {
            return String::new();
        }
        std::iter::once(self.signatures.to_string()).chain(self.among.iter().cloned()).collect::<Vec<_>>().join(" ")
    }

    /// What [`Needs::text`] wrote. `None`: it did not.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Needs> {
        let text = std::str::from_utf8(text).ok()?;
        let Some(number) = text.split(' ').next().filter(|number| !number.is_empty()) else {
            return Some(Needs::default());
        };
        let signatures = number.parse().ok().filter(|number| *number > 0)?;
        let among: Vec<String> = text.split(' ').skip(1).map(str::to_owned).collect();
        among.iter().all(|name| is_name(name)).then_some(Needs { signatures, among })
    }

    /// What is missing beside those who have signed. `None`: nothing.
    #[must_use]
    pub fn missing(&self, signed: &[&str]) -> Option<String> {
        let absent: Vec<&str> = self.among.iter().map(String::as_str).filter(|name| !signed.contains(name)).collect();
        if !absent.is_empty() {
            return Some(format!("{} must be among them", absent.join(" and ")));
        }
        (signed.len() < usize::from(self.signatures)).then(|| "more must sign".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let named = Needs { signatures: 2, among: vec!["alice@x.test".into(), "bob".into()] };
        for needs in [Needs::default(), Needs { signatures: 3, among: Vec::new() }, named.clone()] {
            assert_eq!(Needs::read(needs.text().as_bytes()), Some(needs));
        }
        for wrong in ["0", "x", "2  bob", "2 bob\n", "256", "2 *", "-1"] {
            assert_eq!(Needs::read(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert!(named.missing(&["bob"]).is_some_and(|missing| missing.contains("alice@x.test")));
        assert!(named.missing(&["bob", "carol"]).is_some());
        assert_eq!(named.missing(&["bob", "alice@x.test"]), None);
        assert!(Needs { signatures: 2, among: Vec::new() }.missing(&["bob"]).is_some());
    }
}
