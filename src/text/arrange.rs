//! Putting lists in order. The standard library's sorting is made anew for each type that is sorted, some 3 KB every time; here
//! one function sorts places, whatever stands in them.

use std::cmp::Ordering;

/// Lists that can be put in order; what is equal stays as it stood.
pub trait Arrange<T> {
    /// By what the members are.
    fn arrange(&mut self)
    where
        T: Ord;

    /// By `compare`.
    fn arrange_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// By `key`, which is asked for at each comparison.
    fn arrange_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Arrange<T> for [T] {
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }

    fn arrange_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        // Most are: a list that is kept in order grows at its end.
        if self.is_sorted_by(|one, other| compare(one, other).is_le()) {
            return;
        }
        let mut at = |one: u32, other: u32| match (self.get(one as usize), self.get(other as usize)) {
            (Some(one), Some(other)) => compare(one, other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        };
        let mut goes = goes(self.len(), &mut at);
        for place in 0..goes.len() {
            while let Some(to) = goes.get(place).copied().filter(|to| *to as usize != place) {
                self.swap(place, to as usize);
                goes.swap(place, to as usize);
            }
        }
    }

    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange_by(|one, other| key(one).cmp(&key(other)));
    }
}

/// Where the member of each place goes.
#[inline(never)]
fn goes(count: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut places: Vec<u32> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    let mut goes = vec![0; places.len()];
    for (to, from) in (0..count).zip(places) {
        goes.get_mut(from as usize).into_iter().for_each(|place| *place = to);
    }
    goes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_does() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 33
        };
        for length in (0..70).chain([500]) {
            let list: Vec<(u64, usize)> = (0..length).map(|at| (next() % 20, at)).collect();
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            ours.arrange_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            assert_eq!(ours, theirs);
            let (mut ours, mut theirs) = (list.clone(), list);
            ours.arrange_by(|one, other| other.cmp(one));
            theirs.sort_by(|one, other| other.cmp(one));
            assert_eq!(ours, theirs);
            ours.arrange();
            theirs.sort();
            assert_eq!(ours, theirs);
        }
    }
}
