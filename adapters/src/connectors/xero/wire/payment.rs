//! `Payment`, which alone tells of reconciliation and deletion.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Flag, Listed, updated};
use crate::connectors::wire::{Day, Instant, Number};

/// A payment of `GET /Payments`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Payment {
    #[serde(rename = "PaymentID")]
    pub id: String,
    pub payment_type: String,
    pub status: String,
    pub date: Day,
    /// In the invoice's currency; `BankAmount` would be in the bank account's.
    pub amount: Number,
    pub reference: Option<String>,
    pub is_reconciled: Option<Flag>,
    pub invoice: Option<OfInvoice>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<Instant>,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Option<Instant>,
}

/// The invoice of a payment.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct OfInvoice {
    #[serde(rename = "InvoiceID")]
    pub id: String,
    pub currency_code: Option<String>,
}

impl Listed for Payment {
    fn updated(&self) -> Option<DateTime<Utc>> {
        updated(self.updated_string.as_ref(), self.updated.as_ref())
    }
}
