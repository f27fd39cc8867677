//! Documents of v3 as they are written: invoices and customers.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    customer::{Address, Customer},
    invoice::{Dunning, DunningLevel, Invoice, PaymentStatus},
};
use crate::decimal::{Number, decimal};

/// What a query asks to be included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Include {
    /// `lineItems`.
    pub line_items: bool,
    /// `address`.
    pub address: bool,
    /// `project`.
    pub project: bool,
}

/// An invoice.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the document of the API")]
pub struct InvoiceView<'a> {
    #[serde(serialize_with = "text")]
    id: u32,
    document_number: Option<&'a str>,
    document_date: NaiveDate,
    write_protection: bool,
    customer_number: &'a str,
    project: Value,
    address: Value,
    document_address: &'a Address,
    effective_addresses: Effective<'a>,
    is_document_sent: bool,
    language: &'a str,
    financials: Financials,
    totals: Totals,
    status: &'static str,
    payment_status: Option<&'static str>,
    dunning_settings: DunningView<'a>,
    dunning_set_manually: bool,
    is_collective_bill: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_items: Option<Value>,
    #[serde(serialize_with = "instant")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant")]
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Effective<'a> {
    bill_to: &'a Address,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Financials {
    payment_terms: Terms,
    currency: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Terms {
    payment_target_days: u32,
    payment_target_discount: u32,
    payment_target_discount_days: u32,
    direct_debit_date: Option<NaiveDate>,
}

#[derive(Serialize)]
struct Totals {
    net: Money,
    gross: Money,
}

/// An amount: v3 writes it as text or as a number.
#[derive(Serialize)]
struct Money {
    amount: Amount,
    currency: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Amount {
    Text(String),
    Number(Number),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DunningView<'a> {
    level: Option<&'static str>,
    date: Option<NaiveDate>,
    blocked: bool,
    comment: Option<&'a str>,
    is_dunning_sent: bool,
}

impl<'a> InvoiceView<'a> {
    /// The document of an invoice.
    pub fn new(invoice: &'a Invoice, customer: &'a Customer, include: Include) -> Self {
        let money = |minor| Money { amount: amount(invoice.id, minor), currency: invoice.currency };
        Self {
            id: invoice.id,
            document_number: invoice.number.as_deref(),
            document_date: invoice.issued_on,
            write_protection: invoice.number.is_some(),
            customer_number: &customer.number,
            project: if include.project { json!({ "id": "1", "name": "Standard", "abbreviation": "STD" }) } else { json!({ "id": "1" }) },
            address: address(customer, include),
            document_address: &customer.address,
            effective_addresses: Effective { bill_to: &customer.address },
            is_document_sent: invoice.number.is_some(),
            language: &customer.language,
            financials: financials(invoice),
            totals: Totals { net: money(invoice.net_minor()), gross: money(invoice.gross_minor) },
            status: invoice.status.v3(),
            payment_status: invoice.payment_status().map(PaymentStatus::v3),
            dunning_settings: dunning(&invoice.dunning),
            dunning_set_manually: false,
            is_collective_bill: false,
            line_items: include.line_items.then(|| line_items(invoice)),
            created_at: invoice.created_at,
            updated_at: invoice.updated_at,
        }
    }
}

fn amount(id: u32, minor: i64) -> Amount {
    if id.is_multiple_of(2) { Amount::Text(decimal(minor)) } else { Amount::Number(Number(minor)) }
}

fn financials(invoice: &Invoice) -> Financials {
    let payment_terms = Terms {
        payment_target_days: invoice.target_days,
        payment_target_discount: 0,
        payment_target_discount_days: 0,
        direct_debit_date: invoice.debited.then(|| invoice.due_on()),
    };
    Financials { payment_terms, currency: invoice.currency }
}

fn dunning(dunning: &Dunning) -> DunningView<'_> {
    DunningView {
        level: dunning.level.map(DunningLevel::v3),
        date: dunning.on,
        blocked: dunning.blocked,
        comment: dunning.comment.as_deref(),
        is_dunning_sent: dunning.sent,
    }
}

fn address(customer: &Customer, include: Include) -> Value {
    let id = customer.id.to_string();
    if include.address { json!({ "id": id, "isDeleted": false }) } else { json!({ "id": id }) }
}

fn line_items(invoice: &Invoice) -> Value {
    let price = json!({ "amount": decimal(invoice.net_minor()), "currency": invoice.currency });
    json!([{
        "id": invoice.id.to_string(),
        "type": "product",
        "number": "BM-100",
        "name": "Büromöbel laut Auftrag",
        "quantity": 1,
        "order": 1,
        "taxRate": "standard",
        "price": { "net": price },
    }])
}

/// The document of a customer; bank data and settings that nobody reads are left out.
pub fn customer(customer: &Customer) -> Value {
    let email = customer.invoice_email.as_deref().or(customer.address.email.as_deref()).unwrap_or_default();
    json!({
        "id": customer.id.to_string(),
        "number": customer.number,
        "mainProject": { "id": "1" },
        "primaryAddress": customer.address,
        "deviatingBillingAddress": null,
        "communication": { "language": customer.language.to_uppercase(), "website": null, "additionalContactInformation": [] },
        "financials": {
            "paymentTerms": { "fixedPaymentTerms": false, "paymentTargetDays": customer.target_days, "paymentTargetDiscount": 0, "paymentTargetDiscountDays": 0 },
            "defaultCurrency": "EUR",
        },
        "documentDelivery": { "documentRecipients": { "invoice": { "to": email, "cc": [] }, "dunning": { "to": null, "cc": [] } } },
        "notes": null,
    })
}

fn text<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

fn instant<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.format("%Y-%m-%dT%H:%M:%SZ"))
}
