//! What tests and the demo tell the stand-in Xentral over HTTP, below `/_control/`, and the page at `/` for people. Each
//! path does one thing of the typed control; amounts are decimals with a point.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    book::{Book, NewCustomer, NewInvoice},
    control::{TOKEN, XentralControl},
    customer::Address,
    invoice::{DunningLevel, Invoice, PaymentStatus},
};
use crate::{
    decimal::{decimal, minor},
    input::{Refused, answer, blank_is_none, read},
    page::page,
};

/// How many invoices the page and the list show.
const SHOWN: usize = 200;

/// Adds the control paths and the page.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(shown).service(list).service(add_customer).service(add_invoice).service(record_payment).service(delete_payment);
    config.service(credit).service(write_off).service(cancel).service(terms).service(dunning).service(issue_token).service(revoke_token);
}

#[get("/")]
async fn shown(control: Data<XentralControl>) -> HttpResponse {
    page(&control.frame, include_str!("page.html"), summary(&control.read()))
}

#[get("/_control/invoices")]
async fn list(control: Data<XentralControl>) -> HttpResponse {
    HttpResponse::Ok().json(summary(&control.read()))
}

fn summary(book: &Book) -> Value {
    let invoices: Vec<_> = book.invoices().iter().take(SHOWN).map(|invoice| row(book, invoice)).collect();
    let customers: Vec<_> = book
        .customers()
        .iter()
        .take(SHOWN)
        .map(|customer| json!({ "id": customer.id, "number": customer.number, "name": customer.address.name }))
        .collect();
    json!({ "count": book.invoices().len(), "invoices": invoices, "customers": customers, "token": TOKEN })
}

fn row(book: &Book, invoice: &Invoice) -> Value {
    let payments: Vec<_> =
        invoice.payments.iter().map(|payment| json!({ "id": payment.id, "amount": decimal(payment.amount_minor) })).collect();
    json!({
        "id": invoice.id,
        "number": invoice.number,
        "name": book.customer_of(invoice).address.name,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on(),
        "gross": decimal(invoice.gross_minor),
        "outstanding": decimal(invoice.outstanding_minor()),
        "currency": invoice.currency,
        "status": invoice.status.v3(),
        "payment_status": invoice.payment_status().map(PaymentStatus::v3),
        "dunning_level": invoice.dunning.level.map(DunningLevel::v3),
        "blocked": invoice.dunning.blocked,
        "payments": payments,
    })
}

fn money(text: &str) -> Result<i64, Refused> {
    minor(text).ok_or_else(|| Refused::Unreadable(format!("{text:?} is no amount")))
}

#[derive(Deserialize)]
struct CustomerInput {
    name: String,
    #[serde(default, deserialize_with = "blank_is_none")]
    email: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    street: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    zip_code: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    city: Option<String>,
    #[serde(default, deserialize_with = "blank_is_none")]
    country: Option<String>,
}

#[post("/_control/customers")]
async fn add_customer(control: Data<XentralControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: CustomerInput| {
        let CustomerInput { name, email, phone, street, zip_code, city, country } = input;
        let country = country.or_else(|| Some("DE".to_owned()));
        let address = Address { name, kind: "company", email, phone, street, zip_code, city, country, ..Address::default() };
        json!({ "id": control.add_customer(NewCustomer { address, invoice_email: None, language: "de".to_owned() }) })
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct InvoiceInput {
    customer: u32,
    amount: String,
    issued_on: NaiveDate,
    target_days: u32,
}

#[post("/_control/invoices")]
async fn add_invoice(control: Data<XentralControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: InvoiceInput| {
        let InvoiceInput { customer, amount, issued_on, target_days } = input;
        let new = NewInvoice { customer, issued_on, target_days, gross_minor: money(&amount)?, currency: "EUR" };
        Ok(json!({ "id": control.add_invoice(&new)? }))
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct AmountInput {
    amount: String,
}

#[post("/_control/invoices/{id}/payments")]
async fn record_payment(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>, body: Bytes) -> HttpResponse {
    let amount = read(&request, &body).and_then(|input: AmountInput| money(&input.amount));
    answer(&request, amount.and_then(|amount| control.record_payment(*id, amount)).map(|id| json!({ "id": id })))
}

#[post("/_control/payments/{id}/delete")]
async fn delete_payment(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>) -> HttpResponse {
    answer(&request, control.delete_payment(*id))
}

#[post("/_control/invoices/{id}/credit")]
async fn credit(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>, body: Bytes) -> HttpResponse {
    let amount = read(&request, &body).and_then(|input: AmountInput| money(&input.amount));
    answer(&request, amount.and_then(|amount| control.credit(*id, amount)).map(|id| json!({ "id": id })))
}

#[post("/_control/invoices/{id}/write-off")]
async fn write_off(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>) -> HttpResponse {
    answer(&request, control.write_off(*id))
}

#[post("/_control/invoices/{id}/cancel")]
async fn cancel(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>) -> HttpResponse {
    answer(&request, control.cancel(*id))
}

#[derive(Deserialize)]
struct TermsInput {
    target_days: u32,
}

#[post("/_control/invoices/{id}/terms")]
async fn terms(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>, body: Bytes) -> HttpResponse {
    let input = read(&request, &body);
    answer(&request, input.and_then(|input: TermsInput| control.set_terms(*id, input.target_days)))
}

#[derive(Deserialize)]
struct DunningInput {
    blocked: bool,
}

#[post("/_control/invoices/{id}/dunning")]
async fn dunning(control: Data<XentralControl>, request: HttpRequest, id: Path<u32>, body: Bytes) -> HttpResponse {
    let input = read(&request, &body);
    answer(&request, input.and_then(|input: DunningInput| control.block_dunning(*id, input.blocked)))
}

#[derive(Deserialize)]
struct TokenInput {
    token: String,
    /// Names with commas between; empty = unlimited.
    #[serde(default)]
    scopes: String,
}

#[post("/_control/tokens")]
async fn issue_token(control: Data<XentralControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: TokenInput| {
        let scopes: Vec<&str> = input.scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
        control.issue_token(&input.token, &scopes);
    });
    answer(&request, outcome)
}

#[post("/_control/tokens/revoke")]
async fn revoke_token(control: Data<XentralControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: TokenInput| control.revoke_token(&input.token)))
}
