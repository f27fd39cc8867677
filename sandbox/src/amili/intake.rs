//! What a creditor sends in: invoices to collect, payments and corrections. The body is read here and checked item by
//! item later, when its batch is worked on, because the agency answers 202 before it looks closely.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::decimal::minor;

/// Invoices to collect.
#[derive(Deserialize)]
pub struct Invoices {
    /// At least one.
    pub invoices: Vec<Invoice>,
}

/// An invoice to collect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
pub struct Invoice {
    /// `PAYMENT_REMINDER` or `NOTICE`: where the process begins.
    #[serde(rename = "type")]
    pub kind: String,
    /// The creditor's invoice number.
    pub invoice_number: String,
    /// The creditor's own id of the invoice.
    pub unique_source_invoice_id: String,
    /// What it is about.
    pub original_invoice_amount: Box<RawValue>,
    /// ISO 4217.
    pub currency: String,
    /// Date of the invoice: a date or an instant.
    pub invoice_date: String,
    /// Due date: a date or an instant.
    pub due_date: String,
    /// Who owes.
    pub debtors: Vec<Debtor>,
}

/// Who owes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Debtor {
    /// `PRIVATE` or `COMPANY`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of the creditor's customer.
    pub customer_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<Address>,
}

/// Postal address.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Postal code; a letter cannot go out without it.
    pub postal_code: Option<String>,
}

/// Payments that went to the creditor.
#[derive(Deserialize)]
pub struct Payments {
    /// At least one.
    pub payments: Vec<Movement>,
}

/// Amounts that the creditor no longer asks for.
#[derive(Deserialize)]
pub struct Corrections {
    /// At least one.
    pub corrections: Vec<Movement>,
}

/// A payment or a correction of one invoice.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The agency's id of the invoice.
    pub invoice_id: Uuid,
    /// How much.
    pub amount: Box<RawValue>,
    /// ISO 4217.
    pub currency: String,
}

/// Why an item of a batch is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// A word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl Rejection {
    /// A rejection.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// Øre of a JSON number that is more than nothing.
pub fn amount(raw: &RawValue) -> Result<i64, Rejection> {
    minor(raw.get()).filter(|amount| *amount > 0).ok_or_else(|| Rejection::new("INVALID_AMOUNT", "The amount is not more than nothing."))
}

/// Only crowns are collected.
pub fn currency(currency: &str) -> Result<(), Rejection> {
    if currency == "NOK" { Ok(()) } else { Err(Rejection::new("INVALID_CURRENCY", format!("{currency} is not collected."))) }
}

/// A day, written as a date or as an instant.
pub fn day(text: &str) -> Result<NaiveDate, Rejection> {
    let instant = || text.parse::<DateTime<Utc>>().map(|at| at.date_naive());
    text.parse().or_else(|_| instant()).map_err(|_| Rejection::new("INVALID_DATE", format!("{text:?} is no date.")))
}

impl Invoice {
    /// The type of the case that it becomes.
    pub fn case_kind(&self) -> Result<&'static str, Rejection> {
        match self.kind.as_str() {
            "PAYMENT_REMINDER" => Ok("PAYMENT_REMINDER"),
            "NOTICE" => Ok("COLLECTION_NOTICE"),
            other => Err(Rejection::new("INVALID_TYPE", format!("{other} is no type."))),
        }
    }

    /// The one who owes, if a letter or an e-mail can reach them.
    pub fn debtor(&self) -> Result<&Debtor, Rejection> {
        let debtor = self.debtors.first().filter(|debtor| !debtor.name.trim().is_empty());
        let debtor = debtor.ok_or_else(|| Rejection::new("DEBTOR_MISSING", "An invoice needs a debtor with a name."))?;
        let address = debtor.address.as_ref().and_then(|address| address.postal_code.as_ref());
        match (address, &debtor.email, debtor.kind.as_str()) {
            (_, _, kind) if !["PRIVATE", "COMPANY"].contains(&kind) => {
                Err(Rejection::new("INVALID_DEBTOR_TYPE", format!("{kind} is no type.")))
            }
            (None, None, _) => Err(Rejection::new("DEBTOR_UNREACHABLE", "A debtor needs a postal code or an e-mail address.")),
            _ => Ok(debtor),
        }
    }
}
