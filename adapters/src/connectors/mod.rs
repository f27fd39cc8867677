//! The accounting systems that Dunwell can read, one folder each, and the list of them.

pub mod csv;

use std::{collections::BTreeMap, sync::Arc};

use domain::port::Connector;
use entity::Provider;

/// Every connector that is built in, by the system it reads.
pub fn registry() -> BTreeMap<Provider, Arc<dyn Connector>> {
    BTreeMap::from([(Provider::Csv, Arc::new(csv::CsvConnector) as Arc<dyn Connector>)])
}
