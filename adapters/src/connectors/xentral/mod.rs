//! Xentral: accounting of German mid-sized businesses, one instance per customer, joined by an access token.
//!
//! v3 of its API tells invoices and customers, v1 what is outstanding and why; no version tells both. `wire` mirrors
//! their documents, `word` their statuses, `map` turns them into records, `gather` decides what must be asked, `source`
//! and `position` page, `client` makes one call, `pasted` joins, `notes` writes.
//!
//! Not known from their documents, and so: the sign of a balance is not trusted; whether a payment changes an invoice's
//! `updatedAt` is left to the sweep of everything open; an access token needs `invoice:read`, for notes
//! `invoice:update`, and `customer:read` only to follow customers who move.

mod client;
mod gather;
mod map;
mod mark;
mod notes;
mod pasted;
mod position;
mod query;
mod row;
mod source;
mod wire;
mod word;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::port::{Connector, Profile, Pull, Source, SourceError, System};

use crate::http::{Http, SetupError};

/// What holds for everybody: seed 002 retrieves 30 days after the due date unless changed. At 100 calls a minute a pull
/// of changes every quarter of an hour leaves room for the instance's other users.
pub const PROFILE: Profile =
    Profile { name: "Xentral", minimum_days: 30, minimum_days_floor: 1, poll_minutes: Some(15), freshness_hours: Some(24) };

/// How instances may be reached. There is no address here: each customer has one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Hosts (`host` or `host:port`) that may be called though they are private or without TLS: on-premise, and tests.
    pub allowed_hosts: Vec<String>,
}

/// Xentral with all that it can do.
///
/// # Errors
///
/// [`SetupError`] for an allowed host that is none.
pub fn system(settings: &Settings) -> Result<System, SetupError> {
    let http = Http::guarded(&settings.allowed_hosts)?;
    let mut system = System::new(PROFILE, Arc::new(XentralConnector { http: http.clone() }));
    system.pasted = Some(Arc::new(pasted::XentralPasted { http: http.clone() }));
    system.notes = Some(Arc::new(notes::XentralNotes { http }));
    Ok(system)
}

/// Pulls. Stateless.
struct XentralConnector {
    http: Http,
}

#[async_trait::async_trait]
impl Connector for XentralConnector {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(source::open(self.http.clone(), pull)?))
    }
}
