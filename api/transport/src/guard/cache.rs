//! Verdicts, kept per document: good ones because parsing costs, bad ones because attackers repeat themselves.
//!
//! Bounded twice, by entries and by what they weigh (tokens and answer fields of a good document, faults of a
//! bad one), so that a flood of
//! large documents cannot fill the memory. Keyed by SHA-256: a collision would run another document's plan.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use lru::LruCache;
use sha2::{Digest, Sha256};

use super::Verdict;

/// All kept verdicts together weigh at most this; a token costs a few hundred bytes.
const WEIGHT: usize = 200_000;

pub(super) type Key = [u8; 32];

pub(super) fn key(source: &str) -> Key {
    Sha256::digest(source).into()
}

struct Kept {
    entries: LruCache<Key, (Verdict, usize)>,
    weight: usize,
}

pub(super) struct Verdicts(Mutex<Kept>);

impl Verdicts {
    pub(super) fn new(entries: usize) -> Self {
        let entries = NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(Kept { entries: LruCache::new(entries), weight: 0 }))
    }

    pub(super) fn get(&self, key: &Key) -> Option<Verdict> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entries.get(key).map(|(verdict, _)| verdict.clone())
    }

    pub(super) fn put(&self, key: Key, verdict: Verdict, weight: usize) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, (_, gone))) = kept.entries.push(key, (verdict, weight)) {
            kept.weight -= gone;
        }
        kept.weight += weight;
        while kept.weight > WEIGHT {
            let Some((_, (_, gone))) = kept.entries.pop_lru() else { break };
            kept.weight -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Verdict {
        Err([].into())
    }

    #[test]
    fn the_oldest_verdicts_leave_when_the_weight_is_reached() {
        let verdicts = Verdicts::new(10);
        verdicts.put(key("a"), refusal(), WEIGHT / 2);
        verdicts.put(key("b"), refusal(), WEIGHT / 2);
        verdicts.put(key("c"), refusal(), 1);
        assert!(verdicts.get(&key("a")).is_none());
        assert!(verdicts.get(&key("b")).is_some());
        assert!(verdicts.get(&key("c")).is_some());
    }

    #[test]
    fn a_verdict_put_twice_weighs_once() {
        let verdicts = Verdicts::new(10);
        for _ in 0..3 {
            verdicts.put(key("a"), refusal(), WEIGHT / 2);
        }
        assert!(verdicts.get(&key("a")).is_some());
    }

    #[test]
    fn entries_are_bounded() {
        let verdicts = Verdicts::new(2);
        for source in ["a", "b", "c"] {
            verdicts.put(key(source), refusal(), 1);
        }
        assert!(verdicts.get(&key("a")).is_none());
    }
}
