//! What was taken on one key of late: calls in slots of a sixtieth of their span, and turns that are still out. Pure.
//!
//! A slot counts until its last instant is older than the span, and one slot more, because a call leaves a little
//! after it was counted: no span of that length ever holds more calls than allowed, at the price of at most a
//! thirtieth of the rate.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::port::throttle::LimitKind;

/// Slots of one span.
const SLOTS: i64 = 60;

/// A turn that was not given back runs out after so many milliseconds.
const HELD_MILLIS: i64 = 60_000;

/// How often a place is looked for while all are taken: nobody rings when one becomes free.
const LOOK_AGAIN_MILLIS: i64 = 100;

/// The calls and turns of one key, as its row stores them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    /// By span in milliseconds: number of the slot since 1970, calls in it. Oldest first.
    #[serde(default)]
    calls: BTreeMap<i64, Vec<(i64, u32)>>,
    /// Turns that are out: place, end in milliseconds since 1970.
    #[serde(default)]
    held: Vec<(u64, i64)>,
}

/// The span of a limit and its slots' width, in milliseconds.
fn widths(per: std::time::Duration) -> (i64, i64) {
    let span = i64::try_from(per.as_millis()).unwrap_or(i64::MAX / 4).clamp(1, i64::MAX / 4);
    (span, (span / SLOTS).max(1))
}

/// When a slot no longer counts.
fn end(slot: i64, span: i64, width: i64) -> i64 {
    (slot + 2) * width + span
}

impl Taken {
    /// How long until one more call is allowed; zero when it is now.
    pub(super) fn wait(&self, kinds: &[LimitKind], now: DateTime<Utc>) -> TimeDelta {
        let now = now.timestamp_millis();
        let millis = kinds.iter().map(|kind| match *kind {
            LimitKind::Calls { most, per } => self.wait_for_call(most, per, now),
            LimitKind::AtOnce { most } => self.wait_for_place(most, now),
        });
        TimeDelta::milliseconds(millis.max().unwrap_or(0))
    }

    fn wait_for_call(&self, most: u32, per: std::time::Duration, now: i64) -> i64 {
        let (span, width) = widths(per);
        let counted = self.calls.get(&span).map(Vec::as_slice).unwrap_or_default();
        let counted = counted.iter().filter(|(slot, _)| end(*slot, span, width) > now);
        let mut left: u64 = counted.clone().map(|(_, calls)| u64::from(*calls)).sum();
        let mut wait = 0;
        for (slot, calls) in counted {
            if left < u64::from(most) {
                return wait;
            }
            left -= u64::from(*calls);
            wait = end(*slot, span, width) - now;
        }
        // A limit of none at all never opens: the span is as good an answer as any.
        if most == 0 { span } else { wait }
    }

    fn wait_for_place(&self, most: u32, now: i64) -> i64 {
        let out = self.held.iter().filter(|(_, until)| *until > now);
        if out.count() < usize::try_from(most).unwrap_or(usize::MAX) { 0 } else { LOOK_AGAIN_MILLIS }
    }

    /// Takes a call under all limits of the key; the place that must be given back, if one is held.
    pub(super) fn take(&mut self, kinds: &[LimitKind], version: i64, now: DateTime<Utc>) -> Option<u64> {
        let now = now.timestamp_millis();
        self.held.retain(|(_, until)| *until > now);
        let mut place = None;
        for kind in kinds {
            match *kind {
                LimitKind::Calls { per, .. } => self.count(per, now),
                LimitKind::AtOnce { .. } => place = Some(version.unsigned_abs()),
            }
        }
        self.held.extend(place.map(|place| (place, now + HELD_MILLIS)));
        place
    }

    fn count(&mut self, per: std::time::Duration, now: i64) {
        let (span, width) = widths(per);
        let slots = self.calls.entry(span).or_default();
        slots.retain(|(slot, _)| end(*slot, span, width) > now);
        let slot = now.div_euclid(width);
        match slots.binary_search_by_key(&slot, |(slot, _)| *slot) {
            Ok(at) => slots[at].1 += 1,
            Err(at) => slots.insert(at, (slot, 1)),
        }
    }

    /// Gives a place back.
    pub(super) fn leave(&mut self, place: u64) {
        self.held.retain(|(held, _)| *held != place);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    const MINUTE: Duration = Duration::from_mins(1);

    proptest! {
        /// Whoever waits exactly as long as told gets a turn, and no span ever holds more than the limit.
        #[test]
        fn no_span_of_any_beginning_holds_more_calls_than_allowed(
            most in 1u32..12, span in 1i64..5_000, gaps in proptest::collection::vec(0i64..400, 1..80),
        ) {
            let kinds = [LimitKind::Calls { most, per: Duration::from_millis(span.unsigned_abs()) }];
            let (mut taken, mut now, mut calls) = (Taken::default(), 0, Vec::new());
            for (version, gap) in (1..).zip(gaps) {
                now += gap;
                let wait = taken.wait(&kinds, at(now)).num_milliseconds();
                now += wait;
                prop_assert_eq!(taken.wait(&kinds, at(now)), TimeDelta::zero());
                prop_assert_eq!(taken.take(&kinds, version, at(now)), None);
                calls.push(now);
                let within = calls.iter().filter(|call| **call > now - span).count();
                prop_assert!(within <= usize::try_from(most).unwrap());
            }
        }
    }

    #[test]
    fn the_price_of_caution_is_a_thirtieth_of_the_rate() {
        let kinds = [LimitKind::Calls { most: 60, per: MINUTE }];
        let (mut taken, mut now) = (Taken::default(), 0);
        for version in 1..=600 {
            now += taken.wait(&kinds, at(now)).num_milliseconds();
            taken.take(&kinds, version, at(now));
        }
        assert!(now <= 9 * 62_000, "600 calls took {now} ms");
        assert!(now >= 9 * 60_000);
    }

    #[test]
    fn places_are_given_back_or_run_out() {
        let kinds = [LimitKind::AtOnce { most: 2 }];
        let mut taken = Taken::default();
        assert_eq!(taken.take(&kinds, 1, at(0)), Some(1));
        assert_eq!(taken.take(&kinds, 2, at(10)), Some(2));
        assert!(taken.wait(&kinds, at(20)) > TimeDelta::zero());
        taken.leave(2);
        assert_eq!(taken.wait(&kinds, at(20)), TimeDelta::zero());
        assert_eq!(taken.take(&kinds, 3, at(20)), Some(3));
        assert!(taken.wait(&kinds, at(59_999)) > TimeDelta::zero());
        assert_eq!(taken.wait(&kinds, at(60_000)), TimeDelta::zero(), "the first was lost and runs out");
    }

    #[test]
    fn a_clock_that_was_ahead_frees_nothing_early() {
        let kinds = [LimitKind::Calls { most: 1, per: MINUTE }];
        let mut taken = Taken::default();
        taken.take(&kinds, 1, at(90_000));
        assert!(taken.wait(&kinds, at(0)) >= TimeDelta::seconds(150));
    }

    #[test]
    fn a_limit_of_none_never_opens() {
        let kinds = [LimitKind::Calls { most: 0, per: MINUTE }, LimitKind::AtOnce { most: 0 }];
        assert!(Taken::default().wait(&kinds, at(0)) > TimeDelta::zero());
    }
}
