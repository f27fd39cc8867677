//! Documents of v1 as they are written. Dates carry the offset of the instance's zone, Berlin.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Berlin;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    customer::Customer,
    invoice::{Dunning, DunningLevel, Invoice, PaymentStatus},
};
use crate::decimal::{Number, decimal};

/// A row of the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<'a> {
    id: String,
    number: &'a str,
    date: String,
    status: &'static str,
    address: RowAddress<'a>,
    project: Project,
    payment: RowPayment,
    additional_fields: [(); 0],
    tags: [(); 0],
    dunning_settings: Value,
    updated_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowAddress<'a> {
    name: &'a str,
    country: &'a str,
    customer_number: &'a str,
}

#[derive(Serialize)]
struct Project {
    id: &'static str,
    name: &'static str,
    abbreviation: &'static str,
}

#[derive(Serialize)]
struct RowPayment {
    method: &'static str,
    status: &'static str,
    debit: Money,
    balance: Money,
}

#[derive(Serialize)]
struct Money {
    amount: String,
    currency: &'static str,
}

impl<'a> Row<'a> {
    /// The row of an invoice.
    pub fn new(invoice: &'a Invoice, customer: &'a Customer) -> Self {
        let money = |minor| Money { amount: decimal(minor), currency: invoice.currency };
        Self {
            id: invoice.id.to_string(),
            number: invoice.number.as_deref().unwrap_or_default(),
            date: date(invoice.issued_on),
            status: invoice.status.v1(),
            address: RowAddress {
                name: &customer.address.name,
                country: customer.address.country.as_deref().unwrap_or_default(),
                customer_number: &customer.number,
            },
            project: Project { id: "1", name: "Standard", abbreviation: "STD" },
            payment: RowPayment {
                method: "rechnung",
                status: payment_status(invoice),
                debit: money(invoice.gross_minor),
                balance: money(invoice.outstanding_minor()),
            },
            additional_fields: [],
            tags: [],
            dunning_settings: dunning(&invoice.dunning),
            updated_at: instant(invoice.updated_at),
        }
    }
}

/// An invoice alone; unlike v3 it tells the due date.
pub fn invoice(invoice: &Invoice, customer: &Customer) -> Value {
    json!({
        "id": invoice.id.to_string(),
        "documentNumber": invoice.number,
        "documentDate": date(invoice.issued_on),
        "log": { "createdAt": instant(invoice.created_at), "updatedAt": instant(invoice.updated_at) },
        "amountGross": Number(invoice.gross_minor),
        "amountNet": Number(invoice.net_minor()),
        "status": invoice.status.v1(),
        "project": { "id": "1", "name": "Standard", "abbreviation": "STD" },
        "customer": { "id": customer.id.to_string(), "name": customer.address.name },
        "billingAddress": {
            "id": customer.id.to_string(),
            "name": customer.address.name,
            "contactPerson": customer.address.contact_person,
            "street": customer.address.street,
            "city": customer.address.city,
            "zipCode": customer.address.zip_code,
            "country": customer.address.country,
            "email": customer.address.email,
        },
        "paymentTerms": { "dueDate": date(invoice.due_on()) },
        "paymentMethodName": "rechnung",
        "paymentStatus": payment_status(invoice),
        "dunningSettings": dunning(&invoice.dunning),
    })
}

/// What came in for an invoice and what was credited.
pub fn balance(invoice: &Invoice) -> Value {
    let money = |minor: i64| json!({ "amount": decimal(minor), "currency": invoice.currency });
    let credit_notes: Vec<_> = invoice
        .credits
        .iter()
        .map(|credit| json!({ "id": credit.id.to_string(), "amount": money(credit.amount_minor), "date": date(credit.on) }))
        .collect();
    let payments: Vec<_> = invoice
        .payments
        .iter()
        .map(|payment| {
            json!({
                "reference": { "invoice": { "id": invoice.id.to_string() }, "creditNote": null },
                "payment": {
                    "id": payment.id.to_string(),
                    "type": "incoming",
                    "statementId": format!("{}", 9_000 + payment.id),
                    "accountName": "Hausbank Geschäftskonto",
                    "amount": money(payment.amount_minor),
                    "date": date(payment.on),
                },
            })
        })
        .collect();
    let own = json!({ "id": invoice.id.to_string(), "amount": money(invoice.gross_minor), "date": date(invoice.issued_on) });
    json!({ "documents": { "invoices": [own], "creditNotes": credit_notes }, "payments": payments })
}

fn payment_status(invoice: &Invoice) -> &'static str {
    invoice.payment_status().map_or("unknown", PaymentStatus::v1)
}

fn dunning(dunning: &Dunning) -> Value {
    let level = dunning.level.map_or("noReminder", DunningLevel::v1);
    json!({ "level": level, "date": dunning.on, "comment": dunning.comment, "sent": dunning.sent })
}

/// A calendar date at midnight in Berlin, where the clocks never change at midnight.
fn date(date: NaiveDate) -> String {
    let midnight = date.and_time(NaiveTime::MIN);
    Berlin.from_local_datetime(&midnight).earliest().map_or_else(|| midnight.to_string(), |at| at.to_rfc3339())
}

fn instant(at: DateTime<Utc>) -> String {
    at.with_timezone(&Berlin).to_rfc3339()
}
