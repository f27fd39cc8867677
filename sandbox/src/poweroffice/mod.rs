//! The stand-in PowerOffice GO, API v2: the accounting of Norwegian clients. `control` is what tests tell it, `access`
//! and `guard` keep keys, tokens and the pace, `onboarding` adds the integration to a client, `ledger` holds the books.
//!
//! As documented: a subscription key on every call, ten calls a second over all clients, tokens without refresh, 204 for
//! an empty list, pages of up to 20,000, instants with a space, amounts in bare numbers, no webhooks. Everything is
//! served below `/v2` and `/OAuth` and, as the demo environment, below `/Demo`; the keys of both are the same.
//! Not confirmed, the plainest choice made: the words of refusals, the names of privileges, where the onboarding's token
//! stands in the redirect. Not here: lines, the download of documents, departments, projects, other currencies.

mod access;
mod answer;
mod control;
mod control_paths;
mod customer;
mod customer_paths;
mod entry;
mod guard;
mod invoice_paths;
mod ledger;
mod ledger_paths;
mod moment;
mod onboarding;
mod pace;
mod patch;
mod query;
mod samples;
mod view;

use std::sync::Arc;

use actix_web::{
    middleware::from_fn,
    web::{Data, ServiceConfig, get, patch, post, resource, scope},
};

pub use access::{APPLICATION_KEY, CLIENT_KEY, Client, PRIVILEGES, SUBSCRIPTION_KEY};
pub use control::PowerOfficeControl;
pub use customer::{Address, ContactPerson, Customer, Delivery, Details};
pub use entry::{Entry, Invoice, VoucherType};
pub use ledger::{Ledger, NewInvoice};

/// Adds PowerOffice's paths, its control paths and its page.
pub(crate) fn routes(control: &Arc<PowerOfficeControl>, config: &mut ServiceConfig) {
    config.app_data(Data::from(control.clone()));
    config.configure(control_paths::routes);
    config.service(resource(onboarding::PAGE).route(get().to(onboarding::shown)).route(post().to(onboarding::decided)));
    for environment in ["", "/Demo"] {
        config.service(scope(&format!("{environment}/OAuth")).wrap(from_fn(guard::guard)).route("/Token", post().to(guard::token)));
        config.service(scope(&format!("{environment}/v2")).wrap(from_fn(guard::guard)).configure(api));
    }
}

fn api(config: &mut ServiceConfig) {
    config
        .route("/Onboarding/Initiate", post().to(onboarding::initiate))
        .route("/Onboarding/Finalize", post().to(onboarding::finalize))
        .route("/ClientIntegrationInformation", get().to(customer_paths::information))
        .route("/Customerledger/OpenItems", get().to(ledger_paths::open_items))
        .route("/Customerledger/Statement", get().to(ledger_paths::statement))
        .route("/Customerledger/EntriesByMatchId", get().to(ledger_paths::by_match_id))
        .route("/OutgoingInvoices", get().to(invoice_paths::list))
        .route("/OutgoingInvoices/{id}", get().to(invoice_paths::one))
        .route("/Customers", get().to(customer_paths::list))
        .route("/Customers/{id}", get().to(customer_paths::one))
        .route("/Customers/{id}", patch().to(customer_paths::patch))
        .route("/ContactPersons", get().to(customer_paths::persons));
}
