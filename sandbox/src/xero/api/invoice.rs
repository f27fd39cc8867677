//! One invoice: whole, as a PDF, where the debtor sees it, and its notes.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    put,
    web::{Bytes, Data, Path, ReqData},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    entrance::Tenant,
    list::{answer, within},
    problem::{invalid, not_found},
};
use crate::{
    pdf,
    xero::{
        XeroControl,
        books::{Books, Invoice, InvoiceType, Note, Status},
        control::Remembered,
        wire::{Depth, InvoiceView, Ms},
    },
};

/// Characters of a note at most.
const NOTE_LIMIT: usize = 2_500;

/// Characters of an idempotency key at most.
const KEY_LIMIT: usize = 128;

/// By its id or, as Xero allows, by its number.
fn named<'a>(books: &'a Books, name: &str) -> Option<&'a Invoice> {
    match name.parse() {
        Ok(id) => books.invoices.get(id),
        Err(_) => books.invoices.all().iter().find(|invoice| invoice.number == name),
    }
}

#[get("/Invoices/{name}")]
pub async fn get_invoice(control: Data<XeroControl>, tenant: ReqData<Tenant>, name: Path<String>, request: HttpRequest) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let as_pdf = accepted.is_some_and(|accepted| accepted.contains("application/pdf"));
    let today = control.frame.now().date_naive();
    within(&control, *tenant, |books| match named(books, &name) {
        Some(found) if as_pdf => printed(found, books),
        Some(found) => {
            let row = std::iter::once(found).map(|invoice| InvoiceView::of(invoice, books, Depth::Full, today));
            answer(&control, None, "Invoices", row)
        }
        None => not_found(),
    })
}

#[get("/Invoices/{name}/pdf")]
pub async fn get_pdf(control: Data<XeroControl>, tenant: ReqData<Tenant>, name: Path<String>) -> HttpResponse {
    within(&control, *tenant, |books| named(books, &name).map_or_else(not_found, |found| printed(found, books)))
}

fn printed(invoice: &Invoice, books: &Books) -> HttpResponse {
    let printable = matches!(invoice.status, Status::Submitted | Status::Authorised | Status::Paid);
    if invoice.kind != InvoiceType::AccRec || !printable {
        return not_found();
    }
    let debtor = books.contacts.get(invoice.contact).map_or("", |contact| &contact.name);
    let line = format!("Tax invoice {} to {debtor}: {} {}", invoice.number, invoice.currency, invoice.total);
    HttpResponse::Ok().content_type("application/pdf").body(pdf::of_one_line(&line))
}

#[get("/Invoices/{name}/OnlineInvoice")]
pub async fn get_online_invoice(control: Data<XeroControl>, tenant: ReqData<Tenant>, name: Path<String>) -> HttpResponse {
    within(&control, *tenant, |books| {
        let visible =
            |invoice: &&Invoice| invoice.kind == InvoiceType::AccRec && matches!(invoice.status, Status::Authorised | Status::Paid);
        match named(books, &name).filter(visible) {
            Some(found) => {
                let url = format!("https://in.xero.com/{}", found.id.simple());
                answer(&control, None, "OnlineInvoices", std::iter::once(json!({ "OnlineInvoiceUrl": url })))
            }
            None => not_found(),
        }
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NoteView<'a> {
    details: &'a str,
    changes: &'static str,
    user: &'static str,
    #[serde(rename = "DateUTC")]
    at: Ms,
}

impl<'a> NoteView<'a> {
    fn of(note: &'a Note) -> Self {
        Self { details: &note.details, changes: "Note", user: "System Generated", at: Ms::at(note.at) }
    }
}

#[get("/Invoices/{name}/History")]
pub async fn get_history(control: Data<XeroControl>, tenant: ReqData<Tenant>, name: Path<String>) -> HttpResponse {
    within(&control, *tenant, |books| match named(books, &name) {
        Some(found) => {
            let notes = books.notes.get(&found.id).map_or(&[][..], Vec::as_slice);
            answer(&control, None, "HistoryRecords", notes.iter().map(NoteView::of))
        }
        None => not_found(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NotesInput {
    history_records: Vec<NoteInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NoteInput {
    details: String,
}

/// Writes notes. The same key with the same body within six minutes gets the first answer again and writes nothing.
#[put("/Invoices/{name}/History")]
pub async fn write_history(
    control: Data<XeroControl>,
    tenant: ReqData<Tenant>,
    name: Path<String>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let key = request.headers().get("Idempotency-Key").and_then(|value| value.to_str().ok());
    if key.is_some_and(|key| key.len() > KEY_LIMIT) {
        return invalid("The Idempotency-Key is longer than 128 characters");
    }
    // The path belongs to what is compared: the same words for another invoice are another request.
    let asked = [request.path().as_bytes(), &body].concat();
    match key.and_then(|key| control.remembered(tenant.0, key)) {
        Some(first) if first.asked == asked => return json_answer(first.answer),
        Some(_) => return invalid("The Idempotency-Key was used with another request"),
        None => {}
    }
    let input: NotesInput = match serde_json::from_slice(&body) {
        Ok(input) => input,
        Err(error) => return invalid(&error.to_string()),
    };
    if input.history_records.iter().any(|note| note.details.is_empty() || note.details.chars().count() > NOTE_LIMIT) {
        return invalid("Details must have between 1 and 2500 characters");
    }
    let Some(answer) = noted(&control, tenant.0, &name, &input) else { return not_found() };
    if let Some(key) = key {
        control.remember(tenant.0, key, Remembered { asked, answer: answer.clone(), at: control.frame.now() });
    }
    json_answer(answer)
}

/// Writes the notes down and answers with them.
fn noted(control: &XeroControl, tenant: Uuid, name: &str, input: &NotesInput) -> Option<Vec<u8>> {
    let at = control.frame.now();
    let mut world = control.world_mut();
    let books = world.books_of_mut(tenant)?;
    let id = named(books, name)?.id;
    let notes: Vec<Note> = input.history_records.iter().map(|note| Note { details: note.details.clone(), at }).collect();
    let written = serde_json::to_vec(&json!({ "HistoryRecords": notes.iter().map(NoteView::of).collect::<Vec<_>>() })).ok();
    books.notes.entry(id).or_default().extend(notes);
    written
}

fn json_answer(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(body)
}
