//! Xero as an accounting system: accounting API 2.0, OAuth 2.0, webhooks.
//!
//! `wire` mirrors Xero's documents, `map` makes snapshots of them, `source` pulls page by page through `client`, which
//! obeys Xero's limits and sorts its refusals. `auth` joins, renews and leaves, `notes` writes into invoices' history,
//! `online` tells the addresses of their pages, `webhook` reads hints. Nothing is kept here between two calls: keys are lent, positions are rows of a run.
//!
//! What Xero says is described in <https://developer.xero.com/documentation/api/accounting/overview> and, field by
//! field, in its `OpenAPI` description 16.1.0 (MIT).

mod auth;
mod client;
mod connections;
mod fault;
mod id;
mod keys;
mod map;
mod notes;
mod oauth;
mod online;
mod settings;
mod source;
mod webhook;
mod wire;
mod zone;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::port::{Profile, System};

pub use settings::Settings;

use self::{auth::XeroAuth, notes::XeroNotes, online::XeroPages, source::XeroConnector, webhook::XeroWebhook};
use crate::http::Http;

/// What holds for everybody who uses Xero: nothing is collected under 30 days overdue unless a creditor sets it so. A quiet pull
/// costs three of the 1,000 calls that the smallest plan has for an organisation and day.
pub const PROFILE: Profile =
    Profile { name: "Xero", minimum_days: 30, minimum_days_floor: 1, poll_minutes: Some(15), freshness_hours: Some(24) };

/// Xero with all that it can. The addresses are the operator's: `http` is a trusted client.
pub fn system(settings: Settings, http: Http) -> System {
    let auth = Arc::new(XeroAuth { http: http.clone(), settings: settings.clone() });
    let notes = settings.write_notes.then(|| XeroNotes { http: http.clone(), settings: settings.clone() });
    let pages = Arc::new(XeroPages { http: http.clone(), settings: settings.clone() });
    let webhook = Arc::new(XeroWebhook { key: settings.webhook_key.clone() });
    let mut system = System::new(PROFILE, Arc::new(XeroConnector { http, settings }));
    system.consent = Some(auth.clone());
    system.renewal = Some(auth.clone());
    system.farewell = Some(auth);
    system.webhook = Some(webhook);
    system.online = Some(pages);
    system.notes = notes.map(|notes| Arc::new(notes) as _);
    system
}
