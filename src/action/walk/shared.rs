//! Maps of what the shell knows by name. A copy shares its entries with the original until one of them changes, and then all
//! but the page it stands on: subshells copy them, branches join them, and neither costs what the line has made so far.

use std::rc::Rc;

/// Entries of a page; a page of more is split in two.
const PAGE: usize = 32;

type Entry<V> = (Rc<[u8]>, Rc<V>);

/// A map from names to values.
#[derive(Debug)]
pub(super) struct Shared<V> {
    /// By name; no page is empty.
    pages: Rc<Vec<Rc<Vec<Entry<V>>>>>,
}

impl<V> Clone for Shared<V> {
    fn clone(&self) -> Self {
        Shared { pages: Rc::clone(&self.pages) }
    }
}

impl<V> Default for Shared<V> {
    fn default() -> Self {
        Shared { pages: Rc::default() }
    }
}

impl<V> Shared<V> {
    /// The page on which a name stands or belongs.
    fn page(&self, name: &[u8]) -> usize {
        let behind = self.pages.partition_point(|page| page.first().is_some_and(|(first, _)| first.as_ref() <= name));
        behind.saturating_sub(1)
    }

    fn entry(&self, name: &[u8]) -> Option<&Rc<V>> {
        let page = self.pages.get(self.page(name))?;
        let at = place(page, name).ok()?;
        page.get(at).map(|(_, value)| value)
    }

    /// The value of that name.
    pub(super) fn get(&self, name: &[u8]) -> Option<&V> {
        self.entry(name).map(Rc::as_ref)
    }

    /// The value of that name, to keep.
    pub(super) fn hold(&self, name: &[u8]) -> Option<Rc<V>> {
        self.entry(name).map(Rc::clone)
    }

    /// Sets a name.
    pub(super) fn insert(&mut self, name: &[u8], value: impl Into<Rc<V>>) {
        self.put(name, value.into());
    }

    fn put(&mut self, name: &[u8], value: Rc<V>) {
        let number = self.page(name);
        let pages = Rc::make_mut(&mut self.pages);
        let Some(page) = pages.get_mut(number) else {
            return pages.push(Rc::new(vec![(name.into(), value)]));
        };
        let page = Rc::make_mut(page);
        match place(page, name) {
            Ok(at) => {
                if let Some((_, own)) = page.get_mut(at) {
                    *own = value;
                }
            }
            Err(at) => page.insert(at, (name.into(), value)),
        }
        if page.len() > PAGE {
            let rest = page.split_off(PAGE / 2);
            pages.insert(number + 1, Rc::new(rest));
        }
    }

    /// Changes the value of a name in place, making it if need be.
    pub(super) fn change(&mut self, name: &[u8], new: impl FnOnce() -> V, change: impl FnOnce(&mut V))
    where
        V: Clone,
    {
        if self.entry(name).is_none() {
            let mut value = new();
            change(&mut value);
            return self.put(name, Rc::new(value));
        }
        let number = self.page(name);
        if let Some(page) = Rc::make_mut(&mut self.pages).get_mut(number).map(Rc::make_mut)
            && let Ok(at) = place(page, name)
            && let Some((_, value)) = page.get_mut(at)
        {
            change(Rc::make_mut(value));
        }
    }

    /// Forgets a name.
    pub(super) fn remove(&mut self, name: &[u8]) {
        if self.entry(name).is_none() {
            return;
        }
        let number = self.page(name);
        let pages = Rc::make_mut(&mut self.pages);
        if let Some(page) = pages.get_mut(number).map(Rc::make_mut) {
            page.retain(|(own, _)| own.as_ref() != name);
            if page.is_empty() {
                pages.remove(number);
            }
        }
    }

    /// Forgets the names for which `keep` does not hold.
    pub(super) fn retain(&mut self, keep: impl Fn(&[u8], &V) -> bool) {
        let lost: Vec<Rc<[u8]>> =
            self.entries().filter(|(name, value)| !keep(name, value)).map(|(name, _)| Rc::clone(name)).collect();
        for name in lost {
            self.remove(&name);
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    fn entries(&self) -> impl Iterator<Item = &Entry<V>> {
        self.pages.iter().flat_map(|page| page.iter())
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.entries().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The names that one of the two has and the other not, or not as the same entry.
    pub(super) fn apart(&self, other: &Self) -> Vec<Rc<[u8]>> {
        let mut apart = Vec::new();
        if Rc::ptr_eq(&self.pages, &other.pages) {
            return apart;
        }
        let (mut ours, mut theirs) = (Front::of(self), Front::of(other));
        loop {
            ours.pass_shared(&mut theirs);
            let (one, two) = (ours.entry(), theirs.entry());
            match (one, two) {
                (None, None) => return apart,
                (Some((name, value)), Some((their, same))) if name == their => {
                    if !Rc::ptr_eq(value, same) {
                        apart.push(Rc::clone(name));
                    }
                    ours.at += 1;
                    theirs.at += 1;
                }
                (Some((name, _)), their) if their.is_none_or(|(their, _)| name < their) => {
                    apart.push(Rc::clone(name));
                    ours.at += 1;
                }
                (_, Some((their, _))) => {
                    apart.push(Rc::clone(their));
                    theirs.at += 1;
                }
                (Some(_), None) => return apart,
            }
        }
    }

    /// Takes over what the other has.
    pub(super) fn take(&mut self, other: &Self) {
        for name in self.apart(other) {
            if let Some(value) = other.hold(&name) {
                self.put(&name, value);
            }
        }
    }
}

/// Where a name stands on a page, or belongs.
fn place<V>(page: &[Entry<V>], name: &[u8]) -> Result<usize, usize> {
    page.binary_search_by(|(own, _)| own.as_ref().cmp(name))
}

/// A place between the entries of a map.
struct Front<'a, V> {
    pages: &'a [Rc<Vec<Entry<V>>>],
    page: usize,
    at: usize,
}

impl<'a, V> Front<'a, V> {
    fn of(map: &'a Shared<V>) -> Self {
        Front { pages: &map.pages, page: 0, at: 0 }
    }

    /// Past the pages that both share and stand before.
    fn pass_shared(&mut self, other: &mut Self) {
        self.turn();
        other.turn();
        while self.at == 0
            && other.at == 0
            && let (Some(page), Some(same)) = (self.pages.get(self.page), other.pages.get(other.page))
            && Rc::ptr_eq(page, same)
        {
            self.page += 1;
            other.page += 1;
        }
    }

    /// From the end of a page to the next.
    fn turn(&mut self) {
        if self.pages.get(self.page).is_some_and(|page| self.at >= page.len()) {
            self.page += 1;
            self.at = 0;
        }
    }

    fn entry(&self) -> Option<&'a Entry<V>> {
        self.pages.get(self.page)?.get(self.at)
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
    fn many_names_stand_on_pages_that_copies_share() {
        let mut one = Shared::default();
        let name = |number: usize| format!("{:04}", number * 7919 % 1000).into_bytes();
        (0..1000).for_each(|number| one.insert(&name(number), number));
        assert!((0..1000).all(|number| one.get(&name(number)) == Some(&number)));
        assert!(one.iter().map(|(name, _)| name).is_sorted() && one.iter().count() == 1000);
        let mut other = one.clone();
        other.change(b"0500", || 0, |value| *value = 1);
        other.insert(b"05005", 1);
        assert_eq!(apart(&one, &other), ["0500", "05005"]);
        let shared = one.pages.iter().filter(|page| other.pages.iter().any(|same| Rc::ptr_eq(page, same)));
        assert_eq!(shared.count(), one.pages.len() - 1);
        (0..1000).for_each(|number| other.remove(&name(number)));
        assert_eq!(apart(&one, &other).len(), 1001);
        other.retain(|_, _| false);
        assert!(other.is_empty());
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
