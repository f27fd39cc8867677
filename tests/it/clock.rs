//! Time and chance of the tests: a clock that is moved by hand, and bytes that are the same in every run.

use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{Clock, Entropy, calendar};

/// A clock that stands still until it is moved.
pub struct MovedClock {
    product: Mutex<DateTime<Utc>>,
    machine: Mutex<DateTime<Utc>>,
}

impl MovedClock {
    /// Both times start here.
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { product: Mutex::new(start), machine: Mutex::new(start) }
    }

    /// Moves the product's time; the machine's stays.
    pub fn set(&self, at: DateTime<Utc>) {
        let mut now = self.product.lock().unwrap();
        assert!(at >= *now, "the clock of a test only goes forward: {now} to {at}");
        *now = at;
    }

    /// Sets the product's time back, as when a clock that ran ahead is set right.
    pub fn step_back(&self, by: TimeDelta) {
        *self.product.lock().unwrap() -= by;
    }

    /// Moves the product's time to a local hour of a day.
    pub fn set_local(&self, zone: Tz, day: NaiveDate, hour: u32) {
        self.set(calendar::instant(zone, day, NaiveTime::from_hms_opt(hour, 0, 0).unwrap()));
    }

    /// Moves the machine's time: leases age.
    pub fn age_machine(&self, by: TimeDelta) {
        *self.machine.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.product.lock().unwrap()
    }

    fn machine(&self) -> DateTime<Utc> {
        *self.machine.lock().unwrap()
    }
}

/// The same numbers in every run, from one seed (`SplitMix64`, public domain).
pub struct Seeded(Mutex<u64>);

impl Seeded {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit.
    pub fn below(&self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// One of these.
    pub fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
