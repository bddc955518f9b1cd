//! Maps of what the shell knows by name. A copy shares its entries with the original until one of them changes, and two copies
//! are told apart by what they do not share: subshells copy them, branches join them.

use std::collections::BTreeMap;
use std::rc::Rc;

/// A map from names to values.
#[derive(Debug)]
pub(super) struct Shared<V> {
    entries: Rc<BTreeMap<Rc<[u8]>, Rc<V>>>,
}

impl<V> Clone for Shared<V> {
    fn clone(&self) -> Self {
        Shared { entries: Rc::clone(&self.entries) }
    }
}

impl<V> Default for Shared<V> {
    fn default() -> Self {
        Shared { entries: Rc::default() }
    }
}

impl<V> Shared<V> {
    /// The value of that name.
    pub(super) fn get(&self, name: &[u8]) -> Option<&V> {
        self.entries.get(name).map(Rc::as_ref)
    }

    /// The value of that name, to keep.
    pub(super) fn hold(&self, name: &[u8]) -> Option<Rc<V>> {
        self.entries.get(name).map(Rc::clone)
    }

    /// Sets a name.
    pub(super) fn insert(&mut self, name: &[u8], value: impl Into<Rc<V>>) {
        Rc::make_mut(&mut self.entries).insert(name.into(), value.into());
    }

    /// Changes the value of a name in place, making it if need be.
    pub(super) fn change(&mut self, name: &[u8], new: impl FnOnce() -> V, change: impl FnOnce(&mut V))
    where
        V: Clone,
    {
        let entries = Rc::make_mut(&mut self.entries);
        match entries.get_mut(name) {
            Some(value) => change(Rc::make_mut(value)),
            None => {
                let mut value = new();
                change(&mut value);
                entries.insert(name.into(), Rc::new(value));
            }
        }
    }

    /// Forgets a name.
    pub(super) fn remove(&mut self, name: &[u8]) {
        if self.entries.contains_key(name) {
            Rc::make_mut(&mut self.entries).remove(name);
        }
    }

    /// Forgets the names for which `keep` does not hold.
    pub(super) fn retain(&mut self, keep: impl Fn(&[u8], &V) -> bool) {
        if !self.iter().all(|(name, value)| keep(name, value)) {
            Rc::make_mut(&mut self.entries).retain(|name, value| keep(name, value));
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.entries.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// By name.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values().map(Rc::as_ref)
    }

    /// The names that one of the two has and the other not, or not as the same entry.
    pub(super) fn apart(&self, other: &Self) -> Vec<Rc<[u8]>> {
        let mut apart = Vec::new();
        if Rc::ptr_eq(&self.entries, &other.entries) {
            return apart;
        }
        let mut theirs = other.entries.iter().peekable();
        for (name, value) in self.entries.iter() {
            while let Some((before, _)) = theirs.next_if(|(their, _)| *their < name) {
                apart.push(Rc::clone(before));
            }
            match theirs.next_if(|(their, _)| *their == name) {
                Some((_, same)) if Rc::ptr_eq(value, same) => {}
                _ => apart.push(Rc::clone(name)),
            }
        }
        apart.extend(theirs.map(|(name, _)| Rc::clone(name)));
        apart
    }

    /// Takes over what the other has.
    pub(super) fn take(&mut self, other: &Self) {
        for name in self.apart(other) {
            if let Some(value) = other.hold(&name) {
                Rc::make_mut(&mut self.entries).insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(names: &[&str]) -> Shared<usize> {
        let mut map = Shared::default();
        names.iter().for_each(|name| map.insert(name.as_bytes(), name.len()));
        map
    }

    fn apart(one: &Shared<usize>, other: &Shared<usize>) -> Vec<String> {
        let names = one.apart(other);
        names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    #[test]
    fn copies_differ_in_what_was_changed_since() {
        let one = map(&["a", "b", "d"]);
        let mut other = one.clone();
        assert!(apart(&one, &other).is_empty());
        other.change(b"b", || 0, |value| *value = 7);
        other.insert(b"c", 1);
        other.insert(b"z", 1);
        other.remove(b"d");
        other.remove(b"nothing");
        assert_eq!(apart(&one, &other), ["b", "c", "d", "z"]);
        assert_eq!(apart(&other, &one), ["b", "c", "d", "z"]);
        assert_eq!((one.get(b"b"), other.get(b"b")), (Some(&1), Some(&7)));
        assert!(apart(&one, &map(&[])).len() == 3 && apart(&map(&[]), &one).len() == 3);
    }

    #[test]
    fn what_the_other_has_is_taken_over_and_shared() {
        let mut one = map(&["a", "b"]);
        let mut other = one.clone();
        one.insert(b"c", 3);
        other.change(b"a", || 0, |value| *value = 9);
        one.take(&other);
        assert_eq!(one.get(b"a"), Some(&9));
        assert_eq!(apart(&one, &other), ["c"]);
        one.retain(|name, _| name != b"c");
        assert!(apart(&one, &other).is_empty());
    }
}
