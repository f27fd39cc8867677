//! The stand-in Amili, Norway: the collection API of a debt collection agency. `control` is what tests tell it, `paths`
//! the API below `/collection/v1`, `office` its desk with batches and cases, `webhook` what it tells the creditor.
//!
//! As documented: a token by client credentials with scopes, 202 and a batch for what is sent in, QUEUED until it is
//! worked on and then SUCCESS, PARTIAL or FAILED with what succeeded and failed, the fields of a case, the bodies and
//! headers of webhooks. Not confirmed, since the documents that we have are cut off, and the plainest choice made: the
//! answer to what is sent in (the batch, in the envelope of a batch), debtors `{type, name, customerNumber, email,
//! address{postalCode…}}`, items of `failed` `{…, code, message}`, `/orgs/{org}/cases/{case}` and below it `/pause`,
//! `/resume`, `/withdraw`, `nextPageToken`, the paths of a batch (both that we saw are served), sub-statuses, signatures.

mod access;
mod case;
mod control;
mod control_paths;
mod intake;
mod office;
mod paths;
mod samples;
mod webhook;

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};

pub use access::{CLIENT_ID, CLIENT_SECRET, ORGANIZATION, WRITE_SCOPE};
pub use case::{Case, Debtor, Status};
pub use control::AmiliControl;

/// Adds Amili's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<AmiliControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(control_paths::routes).configure(paths::routes);
}
