//! The documents as Xero writes them in JSON: field names, dates, stubs and the oddities that its own examples show.
//! Views borrow from the books and are written straight into the answer.

mod contact;
mod date;
mod envelope;
mod invoice;
mod organisation;
mod payment;

pub use contact::ContactView;
pub use date::Ms;
pub use envelope::{Pagination, envelope};
pub use invoice::{Depth, InvoiceView};
pub use organisation::OrganisationView;
pub use payment::{CreditNoteView, PaymentView};

use super::books::{Books, InvoiceType, Payment};

/// Xero's word for what a payment pays.
pub fn payment_type(payment: &Payment, books: &Books) -> &'static str {
    match books.invoices.get(payment.invoice).map(|invoice| invoice.kind) {
        Some(InvoiceType::AccPay) => "ACCPAYPAYMENT",
        Some(InvoiceType::AccRec) | None => "ACCRECPAYMENT",
    }
}

/// Xero's word for whether a payment stands.
pub fn payment_status(payment: &Payment) -> &'static str {
    if payment.deleted { "DELETED" } else { "AUTHORISED" }
}
