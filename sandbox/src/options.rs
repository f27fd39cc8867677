//! What a stand-in is started with: which provider, what it holds at first, whose clock it keeps, whether it throttles.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};

use crate::xero::App;

/// A clock: tells the instant that the stand-in takes for now.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The providers that there are stand-ins of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Xero: accounting, New Zealand and Australia.
    Xero,
    /// Xentral: accounting, Germany.
    Xentral,
    /// PowerOffice GO: accounting, Norway.
    PowerOffice,
    /// Amili: a collection agency, Norway.
    Amili,
    /// Pingen: prints and posts letters, Europe.
    Pingen,
    /// Lob: prints and posts letters, United States.
    Lob,
}

impl Provider {
    /// The name as the command line and the pages write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xero => "xero",
            Self::Xentral => "xentral",
            Self::PowerOffice => "poweroffice",
            Self::Amili => "amili",
            Self::Pingen => "pingen",
            Self::Lob => "lob",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// There is no stand-in of that name.
#[derive(Debug, thiserror::Error)]
#[error("no stand-in is called {0:?}: choose xero, xentral, poweroffice, amili, pingen or lob")]
pub struct UnknownProvider(String);

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        let all = [Self::Xero, Self::Xentral, Self::PowerOffice, Self::Amili, Self::Pingen, Self::Lob];
        all.into_iter().find(|provider| provider.name() == name).ok_or_else(|| UnknownProvider(name.to_owned()))
    }
}

/// How a stand-in behaves and what it holds when it starts.
#[derive(Clone)]
pub struct Options {
    /// Whether it starts with the samples; without them it is empty but for its organisations.
    pub samples: bool,
    /// Whether it throttles as the provider does; benchmarks switch that off.
    pub limits: bool,
    /// How many invoices to invent besides the samples, for load.
    pub invoices: usize,
    /// The clock by which tokens expire, limits refill and changes are stamped.
    pub clock: Clock,
    /// From which ids and tokens are drawn: the same seed gives the same.
    pub seed: u64,
    /// Whether consent is given at once, without showing a page to a person.
    pub auto_consent: bool,
    /// Xero's app registration: who may ask for consent.
    pub app: App,
}

impl Options {
    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { samples: true, limits: true, invoices: 0, clock: Arc::new(machine), seed: 1, auto_consent: false, app: App::default() }
    }
}

#[expect(clippy::disallowed_methods, reason = "a stand-in that runs alone has no other clock; tests and the demo hand in theirs")]
fn machine() -> DateTime<Utc> {
    Utc::now()
}
