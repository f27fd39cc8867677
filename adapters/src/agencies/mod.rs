//! The ways to collection agencies: APIs, one folder each, and [`file`] for agencies without one. Everything here
//! translates between `domain::port::agency` and a foreign shape; when an agency is called is decided in `domain`.

pub mod amili;
pub mod file;

use std::{collections::BTreeMap, sync::Arc};

use domain::port::agency::{Agencies, AgencyConnector};
use entity::AgencyKind;

use crate::http::{Http, SetupError};

/// Every agency that is built in.
///
/// # Errors
///
/// [`SetupError`]: a machine without TLS roots.
pub fn registry(amili: amili::Settings) -> Result<Agencies, SetupError> {
    let amili: Arc<dyn AgencyConnector> = Arc::new(amili::Amili::new(amili, Http::trusted()?));
    Ok(Agencies { connectors: BTreeMap::from([(AgencyKind::Amili, amili)]), packer: Some(Arc::new(file::ZipPacker)) })
}
