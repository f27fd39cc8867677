//! What tests and the demo tell the stand-in PowerOffice over HTTP, below `/_control/`, and the page at `/` for people.
//! Each path does one thing of the typed control; amounts are decimals with a point.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{APPLICATION_KEY, SUBSCRIPTION_KEY},
    control::PowerOfficeControl,
    customer::{Address, Customer, Details},
    entry::{Entry, Invoice},
    ledger::{Ledger, NewInvoice},
    view::name,
};
use crate::{
    decimal::{decimal, minor},
    input::{Refused, answer, blank_is_none, read},
    page::page,
};

/// How many invoices and customers the page and the list show.
const SHOWN: usize = 200;

/// Adds the control paths and the page.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(shown).service(list).service(add_customer).service(edit_customer).service(add_invoice).service(record_payment);
    config.service(delete_payment).service(write_off).service(credit).service(reverse).service(remind).service(move_due_date);
    config.service(expire_tokens).service(token_seconds).service(remove_integration).service(set_privilege);
}

#[get("/")]
async fn shown(control: Data<PowerOfficeControl>) -> HttpResponse {
    page(&control.frame, include_str!("page.html"), summary(&control))
}

#[get("/_control/invoices")]
async fn list(control: Data<PowerOfficeControl>) -> HttpResponse {
    HttpResponse::Ok().json(summary(&control))
}

fn summary(control: &PowerOfficeControl) -> Value {
    let ledgers = control.ledgers();
    let ledger = &ledgers[0];
    let clients: Vec<_> = control
        .clients()
        .into_iter()
        .map(|client| json!({ "name": client.name, "no": client.organization_no, "key": client.key }))
        .collect();
    let invoices: Vec<_> = ledger.invoices().iter().take(SHOWN).map(|invoice| invoice_row(ledger, invoice)).collect();
    let customers: Vec<_> = ledger.customers().iter().take(SHOWN).map(customer_row).collect();
    json!({
        "count": ledger.invoices().len(),
        "clients": clients,
        "application_key": APPLICATION_KEY,
        "subscription_key": SUBSCRIPTION_KEY,
        "invoices": invoices,
        "customers": customers,
    })
}

fn customer_row(customer: &Customer) -> Value {
    let details = &customer.details;
    json!({
        "number": customer.number,
        "name": name(details),
        "email": details.email_address,
        "reminders": details.send_payment_reminders,
        "collection": details.transfer_to_debt_collection_agency,
        "fees": !details.do_not_add_late_payment_fees,
    })
}

fn invoice_row(ledger: &Ledger, invoice: &Invoice) -> Value {
    let entry = ledger.entry_of(invoice);
    let payment = |entry: &Entry| json!({ "id": entry.id, "amount": decimal(-entry.amount_minor) });
    let matched = entry.match_id.map(|id| ledger.matched(id)).unwrap_or_default();
    let matched = matched.iter().map(|at| &ledger.entries()[*at as usize]);
    let payments: Vec<_> = matched.filter(|entry| entry.voucher_type.is_payment()).map(payment).collect();
    json!({
        "no": invoice.no,
        "name": name(&ledger.customers()[invoice.customer as usize].details),
        "type": entry.voucher_type.word(),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "total": decimal(invoice.total_minor),
        "balance": decimal(entry.balance_minor),
        "is_reversed": invoice.is_reversed,
        "kid": invoice.kid(),
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
}

#[post("/_control/customers")]
async fn add_customer(control: Data<PowerOfficeControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: CustomerInput| {
        let CustomerInput { name, email, phone, street, zip_code, city } = input;
        let mail_address = Address { address_line1: street, address_line2: None, zip_code, city, country_code: Some("NO".to_owned()) };
        let details = Details { name: Some(name), email_address: email, phone_number: phone, mail_address, ..Details::default() };
        json!({ "number": control.add_customer(details) })
    });
    answer(&request, outcome)
}

/// Flags to be set; those left out stay.
#[derive(Deserialize)]
struct FlagsInput {
    collection: Option<bool>,
    reminders: Option<bool>,
    fees: Option<bool>,
    interest: Option<bool>,
    archived: Option<bool>,
}

#[post("/_control/customers/{number}")]
async fn edit_customer(control: Data<PowerOfficeControl>, request: HttpRequest, number: Path<u64>, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: FlagsInput| {
        control.edit_customer(*number, |details| {
            let set = |flag: &mut bool, value: Option<bool>| *flag = value.unwrap_or(*flag);
            set(&mut details.transfer_to_debt_collection_agency, input.collection);
            set(&mut details.send_payment_reminders, input.reminders);
            set(&mut details.do_not_add_late_payment_fees, input.fees.map(|charged| !charged));
            set(&mut details.do_not_add_late_payment_interest, input.interest.map(|charged| !charged));
            set(&mut details.is_archived, input.archived);
        })
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct InvoiceInput {
    customer: u64,
    amount: String,
    issued_on: NaiveDate,
    due_on: NaiveDate,
}

#[post("/_control/invoices")]
async fn add_invoice(control: Data<PowerOfficeControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: InvoiceInput| {
        let InvoiceInput { customer, amount, issued_on, due_on } = input;
        let new = NewInvoice { customer_no: customer, issued_on, due_on, total_minor: money(&amount)? };
        Ok(json!({ "no": control.add_invoice(&new)? }))
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct AmountInput {
    amount: String,
}

#[post("/_control/invoices/{no}/payments")]
async fn record_payment(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>, body: Bytes) -> HttpResponse {
    let amount = read(&request, &body).and_then(|input: AmountInput| money(&input.amount));
    answer(&request, amount.and_then(|amount| control.record_payment(*no, amount)).map(|id| json!({ "id": id })))
}

#[post("/_control/payments/{id}/delete")]
async fn delete_payment(control: Data<PowerOfficeControl>, request: HttpRequest, id: Path<u64>) -> HttpResponse {
    answer(&request, control.delete_payment(*id))
}

#[post("/_control/invoices/{no}/write-off")]
async fn write_off(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>) -> HttpResponse {
    answer(&request, control.write_off(*no).map(|id| json!({ "id": id })))
}

#[post("/_control/invoices/{no}/credit")]
async fn credit(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>, body: Bytes) -> HttpResponse {
    let amount = read(&request, &body).and_then(|input: AmountInput| money(&input.amount));
    answer(&request, amount.and_then(|amount| control.credit(*no, amount)).map(|no| json!({ "no": no })))
}

#[post("/_control/invoices/{no}/reverse")]
async fn reverse(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>) -> HttpResponse {
    answer(&request, control.reverse(*no))
}

#[post("/_control/invoices/{no}/remind")]
async fn remind(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>, body: Bytes) -> HttpResponse {
    let amount = read(&request, &body).and_then(|input: AmountInput| money(&input.amount));
    answer(&request, amount.and_then(|amount| control.remind(*no, amount)).map(|id| json!({ "id": id })))
}

#[derive(Deserialize)]
struct DueInput {
    due_on: NaiveDate,
}

#[post("/_control/invoices/{no}/due")]
async fn move_due_date(control: Data<PowerOfficeControl>, request: HttpRequest, no: Path<u64>, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: DueInput| control.set_due_on(*no, input.due_on)))
}

#[post("/_control/tokens/expire")]
async fn expire_tokens(control: Data<PowerOfficeControl>, request: HttpRequest) -> HttpResponse {
    control.expire_tokens();
    answer(&request, Ok(()))
}

#[derive(Deserialize)]
struct SecondsInput {
    seconds: i64,
}

#[post("/_control/tokens/seconds")]
async fn token_seconds(control: Data<PowerOfficeControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).map(|input: SecondsInput| control.set_token_seconds(input.seconds)))
}

#[post("/_control/clients/{at}/remove")]
async fn remove_integration(control: Data<PowerOfficeControl>, request: HttpRequest, at: Path<usize>) -> HttpResponse {
    answer(&request, control.remove_integration(*at))
}

#[derive(Deserialize)]
struct PrivilegeInput {
    privilege: String,
    given: bool,
}

#[post("/_control/clients/{at}/privilege")]
async fn set_privilege(control: Data<PowerOfficeControl>, request: HttpRequest, at: Path<usize>, body: Bytes) -> HttpResponse {
    let input = read(&request, &body);
    answer(&request, input.and_then(|input: PrivilegeInput| control.set_privilege(*at, &input.privilege, input.given)))
}
