//! The stand-in Xero: sign-in with OAuth 2.0, the accounting paths that receivables need, and webhooks.
//!
//! `identity` knows tokens and connections, `books` the documents and the rules by which they change, `query` lists,
//! `wire` how documents are written, `api` the paths, `control` what tests and people do to it from outside. Where
//! Xero's documents leave something open, the harder case was taken; the comments say where.

mod api;
mod app;
pub mod books;
mod control;
mod identity;
mod query;
mod samples;
pub mod webhook;
mod wire;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

pub use app::App;
pub use control::{NewInvoice, Stamp, XeroControl};
pub use identity::{Connection, TokenSet};

/// Adds Xero's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<XeroControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(identity::routes).configure(control::routes).configure(api::routes);
}
