//! `Invoice`, with what reduced it.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Contact, Listed, updated};
use crate::connectors::wire::{Day, Instant, Number};

/// An invoice of `GET /Invoices`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Invoice {
    #[serde(rename = "InvoiceID")]
    pub id: String,
    #[serde(rename = "Type")]
    pub kind: String,
    pub status: String,
    pub invoice_number: Option<String>,
    pub reference: Option<String>,
    /// A stub in lists, whole when asked for alone.
    pub contact: Option<Contact>,
    pub date_string: Option<Day>,
    pub date: Option<Day>,
    pub due_date_string: Option<Day>,
    pub due_date: Option<Day>,
    pub currency_code: Option<String>,
    pub total: Option<Number>,
    pub amount_due: Option<Number>,
    pub amount_credited: Option<Number>,
    pub payments: Option<Vec<Paid>>,
    pub credit_notes: Option<Vec<Credit>>,
    pub overpayments: Option<Vec<Credit>>,
    pub prepayments: Option<Vec<Credit>>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<Instant>,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Option<Instant>,
}

/// A payment inside an invoice: without its mark of reconciliation. Deleted ones are not among them; where a status is
/// told all the same, it says so.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Paid {
    #[serde(rename = "PaymentID")]
    pub id: String,
    pub date: Day,
    pub amount: Number,
    pub reference: Option<String>,
    pub status: Option<String>,
}

/// A credit note, overpayment or prepayment inside an invoice; which id it has tells which it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Credit {
    #[serde(rename = "CreditNoteID")]
    pub credit_note: Option<String>,
    #[serde(rename = "OverpaymentID")]
    pub overpayment: Option<String>,
    #[serde(rename = "PrepaymentID")]
    pub prepayment: Option<String>,
    pub credit_note_number: Option<String>,
    /// How much of it went to this invoice.
    pub applied_amount: Option<Number>,
    pub date_string: Option<Day>,
    pub date: Option<Day>,
}

impl Listed for Invoice {
    fn updated(&self) -> Option<DateTime<Utc>> {
        updated(self.updated_string.as_ref(), self.updated.as_ref())
    }
}
