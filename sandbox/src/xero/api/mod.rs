//! The accounting paths below `/api.xro/2.0`. Who is let in is decided in `entrance`; what is answered, in the files
//! named after it.

mod entrance;
mod invoice;
mod list;
pub mod problem;

use actix_web::{
    middleware::from_fn,
    web::{ServiceConfig, scope},
};

/// Adds the paths.
pub fn routes(config: &mut ServiceConfig) {
    let paths = scope("/api.xro/2.0")
        .wrap(from_fn(entrance::entrance))
        .service((list::get_organisation, list::list_invoices, list::list_contacts, list::get_contact))
        .service((list::list_payments, list::get_payment, list::list_credit_notes, list::get_credit_note))
        .service((invoice::get_invoice, invoice::get_pdf, invoice::get_online_invoice, invoice::get_history, invoice::write_history));
    config.service(paths);
}
