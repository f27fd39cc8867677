//! The control over HTTP, below `/_control/`: the same as the methods of the control, for the page and for programs.
//! Amounts are texts such as "115.00".

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{NewInvoice, Stamp, XeroControl};
use crate::{
    input::{Refused, answer, blank_is_none, read},
    xero::books::{Cents, CreditKind, Status},
};

/// Adds the control paths.
pub fn routes(config: &mut ServiceConfig) {
    config.service((organisations, add_contact, merge_contacts, add_invoice, act_on_invoice, due_date, expected_date));
    config.service((record_payment, credit, act_on_payment, act_on_sign_in, send_webhook, intend_to_receive));
}

fn done<T: serde::Serialize>(name: &str, value: T) -> Value {
    json!({ name: value })
}

#[get("/_control/organisations")]
async fn organisations(control: Data<XeroControl>) -> HttpResponse {
    let each = control.organisations().into_iter().map(|(id, name)| json!({ "id": id, "name": name }));
    HttpResponse::Ok().json(each.collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct ContactInput {
    organisation: Uuid,
    name: String,
    #[serde(default)]
    email: String,
}

#[post("/_control/contacts")]
async fn add_contact(control: Data<XeroControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let add = |input: ContactInput| control.add_contact(input.organisation, &input.name, &input.email);
    answer(&request, read(&request, &body).and_then(add).map(|id| done("contact", id)))
}

#[derive(Deserialize)]
struct MergeInput {
    from: Uuid,
    into: Uuid,
}

#[post("/_control/contacts/merge")]
async fn merge_contacts(control: Data<XeroControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let merge = |input: MergeInput| control.merge_contacts(input.from, input.into);
    answer(&request, read(&request, &body).and_then(merge).map(|()| done("merged", true)))
}

#[derive(Deserialize)]
struct InvoiceInput {
    organisation: Uuid,
    contact: Uuid,
    #[serde(default, deserialize_with = "blank_is_none")]
    number: Option<String>,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    draft: bool,
    due_on: NaiveDate,
    total: Cents,
}

#[post("/_control/invoices")]
async fn add_invoice(control: Data<XeroControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let add = |input: InvoiceInput| {
        let mut new = NewInvoice::due(input.contact, input.due_on, input.total);
        (new.number, new.reference) = (input.number, input.reference);
        new.status = if input.draft { Status::Draft } else { Status::Authorised };
        control.add_invoice(input.organisation, new)
    };
    answer(&request, read(&request, &body).and_then(add).map(|id| done("invoice", id)))
}

/// What needs no more than an invoice: approve, void, delete.
#[post("/_control/invoices/{id}/do/{action}")]
async fn act_on_invoice(control: Data<XeroControl>, request: HttpRequest, path: Path<(Uuid, String)>) -> HttpResponse {
    let (id, action) = path.into_inner();
    let outcome = match action.as_str() {
        "approve" => control.approve_invoice(id),
        "void" => control.void_invoice(id),
        "delete" => control.delete_invoice(id),
        _ => Err(Refused::Unknown { what: "action", id: action }),
    };
    answer(&request, outcome.map(|()| done("invoice", id)))
}

#[derive(Deserialize)]
struct DueDateInput {
    due_on: NaiveDate,
    /// Whether the instant of the last change stays as it is.
    #[serde(default)]
    quiet: bool,
}

#[post("/_control/invoices/{id}/due_date")]
async fn due_date(control: Data<XeroControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    let edit = |input: DueDateInput| {
        let stamp = if input.quiet { Stamp::Keep } else { Stamp::Usual };
        control.edit_due_date(*id, input.due_on, stamp)
    };
    answer(&request, read(&request, &body).and_then(edit).map(|()| done("invoice", *id)))
}

#[derive(Deserialize)]
struct ExpectedInput {
    expected_on: NaiveDate,
}

#[post("/_control/invoices/{id}/expected_payment")]
async fn expected_date(control: Data<XeroControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    let edit = |input: ExpectedInput| control.edit_invoice(*id, |invoice| invoice.expected_on = Some(input.expected_on));
    answer(&request, read(&request, &body).and_then(edit).map(|()| done("invoice", *id)))
}

#[derive(Deserialize)]
struct PaymentInput {
    amount: Cents,
    #[serde(default)]
    reconciled: bool,
}

#[post("/_control/invoices/{id}/payments")]
async fn record_payment(control: Data<XeroControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    let record = |input: PaymentInput| control.record_payment(*id, input.amount, input.reconciled);
    answer(&request, read(&request, &body).and_then(record).map(|payment| done("payment", payment)))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CreditInput {
    CreditNote,
    Overpayment,
    Prepayment,
}

#[derive(Deserialize)]
struct CreditsInput {
    amount: Cents,
    kind: CreditInput,
}

#[post("/_control/invoices/{id}/credits")]
async fn credit(control: Data<XeroControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    let credit = |input: CreditsInput| {
        let kind = match input.kind {
            CreditInput::CreditNote => CreditKind::CreditNote,
            CreditInput::Overpayment => CreditKind::Overpayment,
            CreditInput::Prepayment => CreditKind::Prepayment,
        };
        control.credit_invoice(*id, input.amount, kind)
    };
    answer(&request, read(&request, &body).and_then(credit).map(|credit| done("credit", credit)))
}

/// What needs no more than a payment: reconcile, unreconcile, delete.
#[post("/_control/payments/{id}/do/{action}")]
async fn act_on_payment(control: Data<XeroControl>, request: HttpRequest, path: Path<(Uuid, String)>) -> HttpResponse {
    let (id, action) = path.into_inner();
    let outcome = match action.as_str() {
        "reconcile" => control.reconcile_payment(id, true),
        "unreconcile" => control.reconcile_payment(id, false),
        "delete" => control.delete_payment(id),
        _ => Err(Refused::Unknown { what: "action", id: action }),
    };
    answer(&request, outcome.map(|()| done("payment", id)))
}

/// What happens to access: expire tokens, revoke the grant, consent at once or ask again.
#[post("/_control/access/{action}")]
async fn act_on_sign_in(control: Data<XeroControl>, request: HttpRequest, action: Path<String>) -> HttpResponse {
    match action.as_str() {
        "expire" => control.expire_tokens(),
        "revoke" => control.revoke_grant(),
        "consent_at_once" => control.consent_at_once(true),
        "ask" => control.consent_at_once(false),
        _ => return answer::<Value>(&request, Err(Refused::Unknown { what: "action", id: action.into_inner() })),
    }
    answer(&request, Ok(done("access", action.into_inner())))
}

#[derive(Deserialize)]
struct WebhookInput {
    url: String,
}

#[post("/_control/webhooks/send")]
async fn send_webhook(control: Data<XeroControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    match read::<WebhookInput>(&request, &body) {
        Ok(input) => {
            let (events, delivery) = control.send_webhook(&input.url).await;
            HttpResponse::Ok().json(json!({ "events": events.len(), "delivery": delivery }))
        }
        Err(refused) => answer::<Value>(&request, Err(refused)),
    }
}

#[post("/_control/webhooks/intent")]
async fn intend_to_receive(control: Data<XeroControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    match read::<WebhookInput>(&request, &body) {
        Ok(input) => HttpResponse::Ok().json(control.intend_to_receive(&input.url).await),
        Err(refused) => answer::<Value>(&request, Err(refused)),
    }
}
