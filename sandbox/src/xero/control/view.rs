//! The page at `/`: the documents of each organisation with what can be done to them.

use actix_web::{HttpResponse, get, web::Data};
use serde::Serialize;

use super::XeroControl;
use crate::xero::books::{Books, Invoice, InvoiceType, Payment, Status};

/// Rows of each table shown at most: the page is for samples, not for a load test.
const ROWS_SHOWN: usize = 100;

#[derive(Serialize)]
struct Shown {
    organisations: Vec<OrganisationShown>,
    connected: usize,
    events: usize,
    consents_at_once: bool,
}

#[derive(Serialize)]
struct OrganisationShown {
    id: String,
    name: String,
    currency: &'static str,
    connected: bool,
    invoice_count: usize,
    contacts: Vec<ContactShown>,
    invoices: Vec<InvoiceShown>,
    payments: Vec<PaymentShown>,
}

#[derive(Serialize)]
struct ContactShown {
    id: String,
    name: String,
    email: String,
    status: &'static str,
    owed: String,
    overdue: String,
}

#[derive(Serialize)]
struct InvoiceShown {
    id: String,
    number: String,
    contact: String,
    reference: String,
    status: &'static str,
    due_on: String,
    late: i64,
    total: String,
    due: String,
    updated: String,
    bill: bool,
    draft: bool,
    open: bool,
}

#[derive(Serialize)]
struct PaymentShown {
    id: String,
    invoice: String,
    paid_on: String,
    amount: String,
    reconciled: bool,
    deleted: bool,
}

/// Shows the page.
#[get("/")]
pub async fn page(control: Data<XeroControl>) -> HttpResponse {
    let today = control.now().date_naive();
    let shown = {
        let world = control.world();
        let organisations = world.books.iter().map(|books| organisation(books, world.grants.reaches(books.organisation.id), today));
        Shown {
            organisations: organisations.collect(),
            connected: world.grants.connections().len(),
            events: world.events.len(),
            consents_at_once: control.consents_at_once(),
        }
    };
    crate::page::page(&control.frame, include_str!("../../templates/xero.html"), shown)
}

fn organisation(books: &Books, connected: bool, today: chrono::NaiveDate) -> OrganisationShown {
    let contacts = books.contacts.all().iter().take(ROWS_SHOWN).map(|contact| {
        let (owed, overdue) = books.owed_by(contact.id, today);
        ContactShown {
            id: contact.id.to_string(),
            name: contact.name.clone(),
            email: contact.email.clone(),
            status: contact.status.word(),
            owed: owed.to_string(),
            overdue: overdue.to_string(),
        }
    });
    let invoices = books.invoices.all().iter().rev().take(ROWS_SHOWN).map(|invoice| shown(invoice, books, today));
    OrganisationShown {
        id: books.organisation.id.to_string(),
        name: books.organisation.name.clone(),
        currency: books.organisation.currency,
        connected,
        invoice_count: books.invoices.count(),
        contacts: contacts.collect(),
        invoices: invoices.collect(),
        payments: books.payments.all().iter().rev().take(ROWS_SHOWN).map(|row| payment(row, books)).collect(),
    }
}

fn shown(invoice: &Invoice, books: &Books, today: chrono::NaiveDate) -> InvoiceShown {
    InvoiceShown {
        id: invoice.id.to_string(),
        number: invoice.number.clone(),
        contact: books.contacts.get(invoice.contact).map(|contact| contact.name.clone()).unwrap_or_default(),
        reference: invoice.reference.clone(),
        status: invoice.status.word(),
        due_on: invoice.due_on.to_string(),
        late: (today - invoice.due_on).num_days(),
        total: invoice.total.to_string(),
        due: invoice.due().to_string(),
        updated: invoice.updated.format("%Y-%m-%d %H:%M:%S").to_string(),
        bill: invoice.kind == InvoiceType::AccPay,
        draft: matches!(invoice.status, Status::Draft | Status::Submitted),
        open: invoice.status == Status::Authorised,
    }
}

fn payment(payment: &Payment, books: &Books) -> PaymentShown {
    PaymentShown {
        id: payment.id.to_string(),
        invoice: books.invoices.get(payment.invoice).map(|invoice| invoice.number.clone()).unwrap_or_default(),
        paid_on: payment.paid_on.to_string(),
        amount: payment.amount.to_string(),
        reconciled: payment.reconciled,
        deleted: payment.deleted,
    }
}
