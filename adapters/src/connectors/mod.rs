//! The accounting systems that Dunwell can read, one folder each, and the list of them: the only place that knows which
//! provider has which capabilities.

mod country;
pub mod csv;
pub mod poweroffice;
mod turn;
pub mod wire;
pub mod xentral;
pub mod xero;

use std::{collections::BTreeMap, sync::Arc};

use domain::port::{Profile, System};
use entity::Provider;

use crate::http::{Http, SetupError};

/// Files are imported by people: nobody asks them, and nothing about them grows stale by itself.
const FILES: Profile = Profile { name: "CSV files", minimum_days: 30, minimum_days_floor: 1, poll_minutes: None, freshness_hours: None };

/// What the accounting systems are set up with.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Xero; none when it cannot be connected here.
    pub xero: Option<xero::Settings>,
    /// Xentral.
    pub xentral: xentral::Settings,
    /// PowerOffice GO; none when it cannot be connected here.
    pub poweroffice: Option<poweroffice::Settings>,
}

/// Every accounting system that is built in and set up.
///
/// # Errors
///
/// [`SetupError`]: a setting that does not fit.
pub fn registry(settings: Settings) -> Result<BTreeMap<Provider, System>, SetupError> {
    let http = Http::trusted()?;
    let mut systems = BTreeMap::from([
        (Provider::Csv, System::new(FILES, Arc::new(csv::CsvConnector))),
        (Provider::Xentral, xentral::system(&settings.xentral)?),
    ]);
    if let Some(xero) = settings.xero {
        systems.insert(Provider::Xero, xero::system(xero, http.clone()));
    }
    if let Some(poweroffice) = settings.poweroffice {
        systems.insert(Provider::PowerOffice, poweroffice::system(poweroffice, http));
    }
    Ok(systems)
}
