//! The real clock and chance, handed to the product at start; everywhere else they are banned.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Clock, Entropy};

/// The machine's clock, moved by an offset in demos.
#[derive(Clone, Default)]
pub struct MachineClock {
    offset_s: Arc<AtomicI64>,
}

impl MachineClock {
    /// Moves the product's clock: `now` is the machine's time plus this many seconds.
    pub fn set_offset(&self, seconds: i64) {
        self.offset_s.store(seconds, Ordering::SeqCst);
    }

    /// By how many seconds the product's clock is moved.
    pub fn offset(&self) -> i64 {
        self.offset_s.load(Ordering::SeqCst)
    }
}

impl Clock for MachineClock {
    fn now(&self) -> DateTime<Utc> {
        self.machine() + TimeDelta::seconds(self.offset())
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn machine(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The operating system's source of randomness.
#[derive(Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::expect_used, reason = "the one place where chance is drawn; without it nothing can be safe")]
    fn fill(&self, buffer: &mut [u8]) {
        use rand::TryRngCore;
        rand::rngs::OsRng.try_fill_bytes(buffer).expect("the operating system gives randomness");
    }
}
