//! Limits on guessing, per process: so many attempts per name and window. Attempts are counted before they are made, so
//! that a hundred at once are not a hundred free ones.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Names remembered at once; beyond it the oldest windows are forgotten first.
const MAX_NAMES: usize = 50_000;

/// Counts attempts by name.
pub struct Limiter<N> {
    most: u32,
    window: TimeDelta,
    seen: Mutex<HashMap<N, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    began: DateTime<Utc>,
    attempts: u32,
}

impl<N: Eq + Hash + Clone> Limiter<N> {
    /// Allows `most` attempts per name and window.
    pub fn new(most: u32, window: TimeDelta) -> Self {
        Self { most, window, seen: Mutex::default() }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    ///
    /// How long to wait, when there were too many.
    pub fn attempt(&self, name: &N, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_NAMES && !seen.contains_key(name) {
            self.make_room(&mut seen, now);
        }
        let window = seen.entry(name.clone()).or_insert(Window { began: now, attempts: 0 });
        if now >= window.began + self.window {
            *window = Window { began: now, attempts: 0 };
        }
        if window.attempts >= self.most {
            return Err(window.began + self.window - now);
        }
        window.attempts += 1;
        Ok(())
    }

    /// Forgets the attempts of a name: it has proven itself.
    pub fn forgive(&self, name: &N) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    fn make_room(&self, seen: &mut HashMap<N, Window>, now: DateTime<Utc>) {
        seen.retain(|_, window| now < window.began + self.window);
        if seen.len() >= MAX_NAMES {
            let mut began: Vec<_> = seen.values().map(|window| window.began).collect();
            let (_, middle, _) = began.select_nth_unstable(MAX_NAMES / 2);
            let middle = *middle;
            seen.retain(|_, window| window.began > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn second(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(n, 0).unwrap()
    }

    #[test]
    fn the_attempt_over_the_limit_waits_for_the_window_to_end() {
        let limiter = Limiter::new(2, TimeDelta::seconds(10));
        assert_eq!(limiter.attempt(&"a", second(0)), Ok(()));
        assert_eq!(limiter.attempt(&"a", second(4)), Ok(()));
        assert_eq!(limiter.attempt(&"a", second(4)), Err(TimeDelta::seconds(6)));
        assert_eq!(limiter.attempt(&"b", second(4)), Ok(()), "names are counted apart");
        assert_eq!(limiter.attempt(&"a", second(10)), Ok(()));
    }

    #[test]
    fn a_success_clears_the_name() {
        let limiter = Limiter::new(1, TimeDelta::seconds(10));
        limiter.attempt(&"a", second(0)).unwrap();
        limiter.forgive(&"a");
        assert_eq!(limiter.attempt(&"a", second(0)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::new(1, TimeDelta::days(1));
        for n in 0..2 * i64::try_from(MAX_NAMES).unwrap() {
            limiter.attempt(&n, second(n)).unwrap();
        }
        assert!(limiter.seen.lock().unwrap().len() <= MAX_NAMES);
    }
}
