//! The accounting systems that Dunwell can read, one folder each, and the list of them: the only place that knows which
//! provider has which capabilities.

mod country;
pub mod csv;
pub mod poweroffice;
pub mod wire;
pub mod xentral;
pub mod xero;

use std::{collections::BTreeMap, sync::Arc};

use domain::port::{Profile, System};
use entity::Provider;

/// Files are imported by people: nobody asks them, and nothing about them grows stale by itself.
const FILES: Profile = Profile { name: "CSV files", minimum_days: 30, minimum_days_floor: 1, poll_minutes: None, freshness_hours: None };

/// Every accounting system that is built in and set up.
pub fn registry() -> BTreeMap<Provider, System> {
    BTreeMap::from([(Provider::Csv, System::new(FILES, Arc::new(csv::CsvConnector)))])
}
