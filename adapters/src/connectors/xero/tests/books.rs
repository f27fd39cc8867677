//! The books of a small Xero, and how it answers from them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use wiremock::{Request, Respond, ResponseTemplate};

use super::world::TENANT;

/// The instant that all tests count from.
pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 10, 0, 0).unwrap()
}

/// An id made of a letter's kind and a number.
pub fn id(kind: u8, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

pub fn invoice_id(number: usize) -> String {
    id(1, number)
}

pub fn contact_id(number: usize) -> String {
    id(2, number)
}

pub fn payment_id(number: usize) -> String {
    id(3, number)
}

fn date(at: DateTime<Utc>) -> String {
    format!("/Date({}+0000)/", at.timestamp_millis())
}

/// An open invoice over 115.00, as a list writes it.
pub fn invoice(number: usize, contact: usize, updated: DateTime<Utc>) -> Value {
    json!({
        "Type": "ACCREC", "InvoiceID": invoice_id(number), "InvoiceNumber": format!("INV-{number:04}"), "Reference": "",
        "Payments": [], "CreditNotes": [], "Prepayments": [], "Overpayments": [],
        "AmountDue": 115.0, "AmountPaid": 0.0, "AmountCredited": 0.0,
        "Contact": { "ContactID": contact_id(contact), "Name": format!("Contact {contact}"), "Addresses": [], "Phones": [] },
        "DateString": "2026-09-02T00:00:00", "Date": "/Date(1788307200000+0000)/",
        "DueDateString": "2026-09-22T00:00:00", "DueDate": "/Date(1790035200000+0000)/",
        "Status": "AUTHORISED", "Total": 115.0, "CurrencyCode": "NZD", "UpdatedDateUTC": date(updated),
    })
}

/// Adds a payment of 15.00 to an invoice, and gives the payment itself.
pub fn pay(invoice: &mut Value, number: usize, reconciled: bool, updated: DateTime<Utc>) -> Value {
    let told = json!({ "PaymentID": payment_id(number), "Date": "/Date(1791763200000+0000)/", "Amount": 15.0, "Reference": "thanks" });
    invoice["Payments"].as_array_mut().unwrap().push(told.clone());
    invoice["AmountPaid"] = json!(15.0);
    invoice["AmountDue"] = json!(100.0);
    let mut payment = told;
    payment["PaymentType"] = json!("ACCRECPAYMENT");
    payment["Status"] = json!("AUTHORISED");
    payment["IsReconciled"] = json!(reconciled);
    payment["UpdatedDateUTC"] = json!(date(updated));
    payment["Invoice"] = json!({ "Type": "ACCREC", "InvoiceID": invoice["InvoiceID"], "CurrencyCode": "NZD" });
    payment
}

pub fn contact(number: usize, updated: DateTime<Utc>) -> Value {
    json!({
        "ContactID": contact_id(number), "ContactStatus": "ACTIVE", "Name": format!("Contact {number}"),
        "EmailAddress": format!("c{number}@example.co.nz"), "Addresses": [], "Phones": [], "ContactGroups": [],
        "UpdatedDateUTC": date(updated),
    })
}

/// Called with each call's number before it is answered: makes the lists move.
type Moving = Box<dyn Fn(usize, &mut Books) + Send + Sync>;

/// What the small Xero holds.
#[derive(Default)]
pub struct Books {
    pub invoices: Vec<Value>,
    pub contacts: Vec<Value>,
    pub payments: Vec<Value>,
    pub calls: Vec<String>,
    pub moving: Option<Moving>,
    /// Answered instead, in turn, with the path that they are for.
    pub instead: Vec<(&'static str, ResponseTemplate)>,
}

/// Answers from the books.
pub struct Answers(pub Arc<Mutex<Books>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut books = self.0.lock().unwrap();
        let path = request.url.path().strip_prefix("/api/").unwrap_or(request.url.path()).to_owned();
        books.calls.push(path.clone());
        if let Some(moving) = books.moving.take() {
            moving(books.calls.len(), &mut books);
            books.moving = Some(moving);
        }
        if let Some(at) = books.instead.iter().position(|(of, _)| path.starts_with(of)) {
            return books.instead.remove(at).1;
        }
        assert_eq!(request.headers["accept"], "application/json");
        assert_eq!(request.headers["xero-tenant-id"], TENANT);
        match path.split_once('/') {
            Some(("Invoices", id)) => books.single("Invoices", &books.invoices, id),
            Some(("Payments", id)) => books.single("Payments", &books.payments, id),
            None if path == "Invoices" => listed(request, "Invoices", "InvoiceID", &books.invoices),
            None if path == "Contacts" => listed(request, "Contacts", "ContactID", &books.contacts),
            None if path == "Payments" => listed(request, "Payments", "PaymentID", &books.payments),
            None if path == "Organisation" => enveloped(
                "Organisations",
                &[json!({ "Name": "Kauri Ltd", "Timezone": "NEWZEALANDSTANDARDTIME", "BaseCurrency": "NZD", "CountryCode": "NZ" })],
                None,
            ),
            _ => ResponseTemplate::new(404),
        }
    }
}

impl Books {
    pub fn of(invoices: impl IntoIterator<Item = Value>, contacts: impl IntoIterator<Item = Value>) -> Self {
        Self { invoices: invoices.into_iter().collect(), contacts: contacts.into_iter().collect(), ..Self::default() }
    }

    /// One record, an invoice with its whole contact.
    fn single(&self, name: &str, records: &[Value], id: &str) -> ResponseTemplate {
        let is = |record: &&Value| record["InvoiceID"] == id || record["PaymentID"] == id;
        let Some(mut found) = records.iter().find(is).cloned() else { return ResponseTemplate::new(404) };
        if let Some(whole) = self.contacts.iter().find(|contact| contact["ContactID"] == found["Contact"]["ContactID"]) {
            found["Contact"] = whole.clone();
        }
        enveloped(name, &[found], None)
    }
}

pub fn updated(record: &Value) -> i64 {
    let text = record["UpdatedDateUTC"].as_str().unwrap();
    text.trim_start_matches("/Date(").split('+').next().unwrap().parse().unwrap()
}

/// A list as Xero filters, orders and cuts it.
fn listed(request: &Request, name: &str, id_field: &str, all: &[Value]) -> ResponseTemplate {
    let query: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
    let since = request.headers.get("if-modified-since").map(|value| {
        let text = value.to_str().unwrap();
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap().and_utc().timestamp_millis()
    });
    let ids: Option<Vec<&str>> = query.get("IDs").map(|ids| ids.split(',').collect());
    let is_open = |record: &Value| record["Status"] == "AUTHORISED" && record["AmountDue"].as_f64() > Some(0.0);
    let open_only = query.get("where").is_some_and(|filter| filter.contains("AmountDue>0"));
    assert_eq!(open_only, query.get("Statuses").is_some_and(|statuses| statuses == "AUTHORISED"));
    let wanted = |record: &&Value| {
        since.is_none_or(|since| updated(record) > since)
            && ids.as_ref().is_none_or(|ids| ids.iter().any(|id| record[id_field] == *id))
            && (!open_only || is_open(record))
    };
    let mut rows: Vec<Value> = all.iter().filter(wanted).cloned().collect();
    rows.sort_by_key(|record| (updated(record), record[id_field].to_string()));
    let page: usize = query["page"].parse().unwrap();
    let size: usize = query["pageSize"].parse().unwrap();
    let pages = rows.len().div_ceil(size).max(1);
    let shown: Vec<Value> = rows.iter().skip((page - 1) * size).take(size).cloned().collect();
    enveloped(name, &shown, Some(json!({ "page": page, "pageSize": size, "pageCount": pages, "itemCount": rows.len() })))
}

pub fn enveloped(name: &str, records: &[Value], pagination: Option<Value>) -> ResponseTemplate {
    let mut body = json!({ "Id": "x", "Status": "OK", "DateTimeUTC": date(start()), name: records });
    if let Some(pagination) = pagination {
        body["pagination"] = pagination;
    }
    ResponseTemplate::new(200).set_body_json(body)
}

pub fn minutes(count: i64) -> chrono::TimeDelta {
    chrono::TimeDelta::minutes(count)
}

pub fn seconds(count: usize) -> chrono::TimeDelta {
    chrono::TimeDelta::seconds(i64::try_from(count).unwrap())
}
