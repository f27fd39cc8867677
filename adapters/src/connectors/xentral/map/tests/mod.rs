//! Tables over what Xentral's documents can say.

mod balances;
mod debtors;
mod invoices;

use chrono::NaiveDate;
use domain::port::{DebtorSnapshot, InvoiceState, PaymentSnapshot, Record};
use entity::{DebtorKind, PaymentKind};
use serde_json::{Value, json};

use super::{
    super::{row::record, wire},
    *,
};

/// An invoice of 119.00 EUR of 1 September 2026, payable within 14 days, with some fields set otherwise.
fn document(changes: &Value) -> Value {
    let mut document = json!({
        "id": "4711",
        "status": "sent",
        "paymentStatus": "pending",
        "documentNumber": "RE-2026-0815",
        "documentDate": "2026-09-01",
        "customerOrderNumber": " B-77 ",
        "address": { "id": "31" },
        "documentAddress": { "name": "Schreinerei Huber GmbH", "type": "company", "street": "Talstr. 4", "zipCode": "86150", "city": "Augsburg", "country": "de" },
        "effectiveAddresses": null,
        "language": "DE",
        "financials": { "paymentTerms": { "paymentTargetDays": 14 } },
        "totals": { "gross": { "amount": "119.00", "currency": "EUR" } },
        "dunningSettings": { "level": null, "blocked": false, "comment": null }
    });
    for (pointer, value) in changes.as_object().into_iter().flatten() {
        *document.pointer_mut(pointer).unwrap() = value.clone();
    }
    document
}

fn read_document(changes: &Value) -> Result<Option<Claim>, Fault> {
    let raw = serde_json::value::to_raw_value(&document(changes)).unwrap();
    let invoice: wire::Invoice = record(&raw).unwrap();
    read(&invoice)
}

fn claim(changes: &Value) -> Claim {
    read_document(changes).unwrap().unwrap()
}

fn records(changes: &Value, told: Told) -> Vec<Record> {
    claim(changes).records(told).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn balance(credit_notes: &Value, payments: &Value) -> Result<Explained, Fault> {
    let document = json!({ "documents": { "invoices": [], "creditNotes": credit_notes }, "payments": payments });
    let balance: wire::Balance = serde_json::from_value(document).unwrap();
    explained("4711", &balance)
}

fn booked(id: &str, kind: &str, amount: &str, date: &str) -> Value {
    let payment = json!({ "id": id, "type": kind, "statementId": "9", "accountName": "Sparkasse", "amount": { "amount": amount, "currency": "EUR" }, "date": format!("{date}T00:00:00+01:00") });
    json!({ "reference": { "invoice": { "id": "4711" } }, "payment": payment })
}
