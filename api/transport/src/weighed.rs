//! What was used last, bounded twice: by entries and by what they weigh together, so that a flood of large ones cannot fill
//! the memory. Keyed by SHA-256 of a document: a collision would answer with another document's.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use lru::LruCache;
use sha2::{Digest, Sha256};

/// The SHA-256 of a document's text.
pub(crate) type Key = [u8; 32];

pub(crate) fn key(source: &str) -> Key {
    Sha256::digest(source).into()
}

struct Kept<V> {
    entries: LruCache<Key, (V, usize)>,
    weight: usize,
}

/// A cache that forgets what was not used for longest.
pub(crate) struct Weighed<V> {
    kept: Mutex<Kept<V>>,
    most: usize,
}

impl<V: Clone> Weighed<V> {
    /// Holds so many entries, which together weigh at most `most`.
    pub(crate) fn new(entries: usize, most: usize) -> Self {
        let entries = NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN);
        Self { kept: Mutex::new(Kept { entries: LruCache::new(entries), weight: 0 }), most }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<V> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entries.get(key).map(|(value, _)| value.clone())
    }

    pub(crate) fn put(&self, key: Key, value: V, weight: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, (_, gone))) = kept.entries.push(key, (value, weight)) {
            kept.weight -= gone;
        }
        kept.weight += weight;
        while kept.weight > self.most {
            let Some((_, (_, gone))) = kept.entries.pop_lru() else { break };
            kept.weight -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 100;

    #[test]
    fn the_oldest_leave_when_the_weight_is_reached() {
        let kept = Weighed::new(10, MOST);
        kept.put(key("a"), 'a', MOST / 2);
        kept.put(key("b"), 'b', MOST / 2);
        kept.put(key("c"), 'c', 1);
        assert_eq!((kept.get(&key("a")), kept.get(&key("b")), kept.get(&key("c"))), (None, Some('b'), Some('c')));
    }

    #[test]
    fn what_is_put_twice_weighs_once() {
        let kept = Weighed::new(10, MOST);
        for _ in 0..3 {
            kept.put(key("a"), 'a', MOST / 2);
        }
        assert_eq!(kept.get(&key("a")), Some('a'));
    }

    #[test]
    fn entries_are_bounded() {
        let kept = Weighed::new(2, MOST);
        for source in ["a", "b", "c"] {
            kept.put(key(source), (), 1);
        }
        assert!(kept.get(&key("a")).is_none());
    }

    #[test]
    fn what_weighs_more_than_everything_may_is_not_kept() {
        let kept = Weighed::new(2, MOST);
        kept.put(key("a"), (), MOST + 1);
        assert!(kept.get(&key("a")).is_none());
    }
}
