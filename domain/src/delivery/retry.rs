//! When a hand-over that was not taken is tried again. The waits grow: 1 minute, 5 minutes, 20 minutes, 1 hour,
//! 3 hours, 6 hours, 12 hours, each up to a fifth longer or shorter by chance, so that what failed together does not
//! come back together. After [`MAX_ATTEMPTS`] – about a day – the channel is given up and the next one is tried.
//!
//! A provider's `Retry-After` replaces the wait, kept between a second and [`LONGEST_ASKED`], and is never undercut:
//! chance only adds up to a tenth.

use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::Entropy;

/// Attempts after which a delivery counts as failed.
pub const MAX_ATTEMPTS: i32 = 8;

/// Longest wait that a provider may ask for.
pub const LONGEST_ASKED: TimeDelta = TimeDelta::hours(6);

/// Waits after the first, second … attempt, in minutes.
const WAITS: [i64; 7] = [1, 5, 20, 60, 180, 360, 720];

/// The wait after so many attempts.
pub(super) fn wait(attempts: i32, asked: Option<Duration>, entropy: &dyn Entropy) -> TimeDelta {
    let mut dice = [0_u8; 2];
    entropy.fill(&mut dice);
    let chance = i64::from(u16::from_be_bytes(dice));
    let part = |whole: TimeDelta, of: i64| TimeDelta::milliseconds(whole.num_milliseconds() / of * chance / i64::from(u16::MAX));
    if let Some(asked) = asked {
        let asked = TimeDelta::from_std(asked).unwrap_or(LONGEST_ASKED).clamp(TimeDelta::seconds(1), LONGEST_ASKED);
        return asked + part(asked, 10);
    }
    let at = usize::try_from(attempts.max(1) - 1).unwrap_or(0).min(WAITS.len() - 1);
    let base = TimeDelta::minutes(WAITS[at]);
    base - base / 5 + part(base, 5) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dice(u8);

    impl Entropy for Dice {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_grow_within_a_fifth_and_are_never_the_same_for_all() {
        for attempts in 1..MAX_ATTEMPTS {
            let minutes = WAITS[usize::try_from(attempts - 1).unwrap()];
            let (low, high) = (wait(attempts, None, &Dice(0)), wait(attempts, None, &Dice(255)));
            assert_eq!((low.num_seconds(), high.num_seconds()), (minutes * 48, minutes * 72), "{attempts}");
        }
        let all: i64 = WAITS.iter().sum();
        assert!((20..28).contains(&(all / 60)), "about a day");
        assert_eq!(wait(0, None, &Dice(0)), wait(1, None, &Dice(0)));
    }

    #[test]
    fn what_a_provider_asks_for_is_kept_within_bounds_and_never_undercut() {
        let asked = |seconds, dice| wait(1, Some(Duration::from_secs(seconds)), &Dice(dice)).num_seconds();
        assert_eq!((asked(600, 0), asked(600, 255)), (600, 660));
        assert_eq!(asked(0, 0), 1);
        assert_eq!(asked(u64::MAX, 0), 6 * 3600);
        assert_eq!(asked(7 * 3600, 0), 6 * 3600);
    }
}
