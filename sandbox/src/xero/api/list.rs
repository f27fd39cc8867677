//! The lists: invoices, contacts, payments, credit notes, and the organisation itself.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::IF_MODIFIED_SINCE,
    web::{Data, Path, ReqData},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    entrance::Tenant,
    problem::{bad_query, not_found},
};
use crate::xero::{
    XeroControl,
    books::{Books, ContactStatus},
    query::{BadQuery, Query},
    wire::{ContactView, CreditNoteView, Depth, InvoiceView, OrganisationView, Pagination, PaymentView, envelope},
};

fn query(request: &HttpRequest) -> Result<Query, BadQuery> {
    let since = request.headers().get(IF_MODIFIED_SINCE).map(|value| value.to_str().unwrap_or("not text"));
    Query::new(request.query_string(), since)
}

/// The answer with these rows.
pub fn answer<R>(control: &XeroControl, pagination: Option<Pagination>, name: &str, rows: R) -> HttpResponse
where
    R: Iterator<Item: Serialize> + Clone,
{
    match envelope(control.frame.chance.uuid(), control.frame.now(), pagination, name, rows) {
        Ok(body) => HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// Answers from the books of the organisation that the call is for.
pub fn within(control: &XeroControl, tenant: Tenant, reply: impl FnOnce(&Books) -> HttpResponse) -> HttpResponse {
    control.world().books_of(tenant.0).map_or_else(not_found, reply)
}

#[get("/Organisation")]
pub async fn get_organisation(control: Data<XeroControl>, tenant: ReqData<Tenant>) -> HttpResponse {
    within(&control, *tenant, |books| {
        answer(&control, None, "Organisations", std::iter::once(&books.organisation).map(OrganisationView::of))
    })
}

#[get("/Invoices")]
pub async fn list_invoices(control: Data<XeroControl>, tenant: ReqData<Tenant>, request: HttpRequest) -> HttpResponse {
    let outcome = query(&request).map(|query| within(&control, *tenant, |books| invoice_list(&control, books, &query)));
    outcome.unwrap_or_else(|bad| bad_query(&bad))
}

fn invoice_list(control: &XeroControl, books: &Books, query: &Query) -> HttpResponse {
    let today = control.frame.now().date_naive();
    let found = (|| {
        let (ids, contacts) = (query.ids("IDs")?, query.ids("ContactIDs")?);
        let (numbers, statuses) = (query.words("InvoiceNumbers"), query.words("Statuses"));
        query.find(books, &books.invoices, |invoice| {
            ids.as_ref().is_none_or(|ids| ids.contains(&invoice.id))
                && contacts.as_ref().is_none_or(|contacts| contacts.contains(&invoice.contact))
                && numbers.as_ref().is_none_or(|numbers| numbers.contains(invoice.number.as_str()))
                && statuses.as_ref().is_none_or(|statuses| statuses.contains(invoice.status.word()))
        })
    })();
    match found {
        Ok(found) => {
            let depth = match found.pagination {
                _ if query.flag("summaryOnly") => Depth::Summary,
                Some(_) => Depth::Page,
                None => Depth::Brief,
            };
            let rows = found.rows.iter().map(|row| InvoiceView::of(books.invoices.at(*row), books, depth, today));
            answer(control, found.pagination, "Invoices", rows)
        }
        Err(bad) => bad_query(&bad),
    }
}

#[get("/Contacts")]
pub async fn list_contacts(control: Data<XeroControl>, tenant: ReqData<Tenant>, request: HttpRequest) -> HttpResponse {
    let outcome = query(&request).map(|query| within(&control, *tenant, |books| contact_list(&control, books, &query)));
    outcome.unwrap_or_else(|bad| bad_query(&bad))
}

fn contact_list(control: &XeroControl, books: &Books, query: &Query) -> HttpResponse {
    let today = control.frame.now().date_naive();
    let archived = query.flag("includeArchived");
    let found = query.ids("IDs").and_then(|ids| {
        query.find(books, &books.contacts, |contact| {
            (archived || contact.status != ContactStatus::Archived) && ids.as_ref().is_none_or(|ids| ids.contains(&contact.id))
        })
    });
    match found {
        Ok(found) => {
            let details = found.pagination.filter(|_| !query.flag("summaryOnly")).map(|_| today);
            let rows = found.rows.iter().map(|row| ContactView::of(books.contacts.at(*row), books, details));
            answer(control, found.pagination, "Contacts", rows)
        }
        Err(bad) => bad_query(&bad),
    }
}

#[get("/Contacts/{id}")]
pub async fn get_contact(control: Data<XeroControl>, tenant: ReqData<Tenant>, id: Path<Uuid>) -> HttpResponse {
    let today = control.frame.now().date_naive();
    within(&control, *tenant, |books| match books.contacts.get(*id) {
        Some(found) => answer(&control, None, "Contacts", std::iter::once(found).map(|row| ContactView::of(row, books, Some(today)))),
        None => not_found(),
    })
}

#[get("/Payments")]
pub async fn list_payments(control: Data<XeroControl>, tenant: ReqData<Tenant>, request: HttpRequest) -> HttpResponse {
    within(&control, *tenant, |books| match query(&request).and_then(|query| query.find(books, &books.payments, |_| true)) {
        Ok(found) => {
            let rows = found.rows.iter().map(|row| PaymentView::of(books.payments.at(*row), books));
            answer(&control, found.pagination, "Payments", rows)
        }
        Err(bad) => bad_query(&bad),
    })
}

#[get("/Payments/{id}")]
pub async fn get_payment(control: Data<XeroControl>, tenant: ReqData<Tenant>, id: Path<Uuid>) -> HttpResponse {
    within(&control, *tenant, |books| match books.payments.get(*id) {
        Some(found) => answer(&control, None, "Payments", std::iter::once(found).map(|row| PaymentView::of(row, books))),
        None => not_found(),
    })
}

#[get("/CreditNotes")]
pub async fn list_credit_notes(control: Data<XeroControl>, tenant: ReqData<Tenant>, request: HttpRequest) -> HttpResponse {
    within(&control, *tenant, |books| match query(&request).and_then(|query| query.find(books, &books.credit_notes, |_| true)) {
        Ok(found) => {
            let rows = found.rows.iter().map(|row| CreditNoteView::of(books.credit_notes.at(*row), books));
            answer(&control, found.pagination, "CreditNotes", rows)
        }
        Err(bad) => bad_query(&bad),
    })
}

#[get("/CreditNotes/{id}")]
pub async fn get_credit_note(control: Data<XeroControl>, tenant: ReqData<Tenant>, id: Path<Uuid>) -> HttpResponse {
    within(&control, *tenant, |books| match books.credit_notes.get(*id) {
        Some(found) => answer(&control, None, "CreditNotes", std::iter::once(found).map(|row| CreditNoteView::of(row, books))),
        None => not_found(),
    })
}
