//! The stand-in Xentral: accounting of one German instance. `control` is what tests tell it, `guard` who may ask and how
//! often, `v3` and `v1` the two versions of its API, `book` what it holds.
//!
//! As documented: no filter by due date; the outstanding amount in v1 only; enums spelled differently by v1 and v3; v1's
//! list answers 406 unless its own media type is accepted. v3 amounts may be text or numbers, so even ids get text and
//! odd ones numbers. The cheapest call, for a check of the connection, is `GET /api/v3/invoices?perPage=1`.
//! Not confirmed, the plainest choice made: the words of a refused filter (400, problem+json), `perPage` above 1,000
//! (refused), `prevCursor` (always null), the sign of `payment.balance` (positive = owed). Not here: CSV, line items
//! beyond one, `search`, webhooks.

mod book;
mod control;
mod control_paths;
mod customer;
mod field;
mod filter;
mod guard;
mod invoice;
mod paging;
mod samples;
mod v1;
mod v1_view;
mod v3;
mod v3_view;

use std::sync::Arc;

use actix_web::{
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

pub use book::{NewCustomer, NewInvoice};
pub use control::{TOKEN, XentralControl};
pub use customer::{Address, Customer};
pub use invoice::{CreditNote, Dunning, DunningLevel, Invoice, Payment, PaymentStatus, Status};

/// Adds Xentral's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<XentralControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(control_paths::routes);
    config.service(web::scope("/api").wrap(from_fn(guard::guard)).configure(v3::routes).configure(v1::routes));
}
