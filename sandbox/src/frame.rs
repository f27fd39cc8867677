//! What every stand-in shares: its clock, its randomness, its faults and its log of calls.

use chrono::{DateTime, Utc};

use crate::{
    calls::CallLog,
    chance::Chance,
    fault::Faults,
    options::{Options, Provider},
};

/// The shared part of a stand-in.
pub struct Frame {
    pub provider: Provider,
    pub options: Options,
    pub chance: Chance,
    pub faults: Faults,
    pub calls: CallLog,
}

impl Frame {
    pub fn new(provider: Provider, options: Options) -> Self {
        let chance = Chance::new(options.seed);
        Self { provider, options, chance, faults: Faults::default(), calls: CallLog::default() }
    }

    /// Now, by the clock the stand-in was started with.
    pub fn now(&self) -> DateTime<Utc> {
        (self.options.clock)()
    }
}
