//! Amili's documents, as far as we read and write them.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::connectors::wire::Number;

/// A token.
#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) access_token: String,
    expires_in: Option<i64>,
    expires_on: Option<i64>,
}

impl Token {
    /// When it runs out: `expires_on`, or `expires_in` from now.
    pub(super) fn ends(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let told = self.expires_on.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        told.or_else(|| now.checked_add_signed(TimeDelta::try_seconds(self.expires_in?)?))
    }
}

/// What most answers come in.
#[derive(Deserialize)]
pub(super) struct Enveloped<T> {
    pub(super) data: T,
}

/// What was posted and not looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taken {
    pub(super) batch_id: String,
}

/// A batch.
#[derive(Deserialize)]
pub(super) struct Batch {
    /// `QUEUED`, `SUCCESS`, `PARTIAL`, `FAILED`.
    pub(super) status: String,
    #[serde(default)]
    pub(super) succeeded: Vec<Succeeded>,
    #[serde(default)]
    pub(super) failed: Vec<Failed>,
}

/// An item that became a case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Succeeded {
    pub(super) unique_source_invoice_id: String,
    pub(super) case_id: String,
}

/// An item that did not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failed {
    pub(super) unique_source_invoice_id: String,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
}

/// Cases, a page of them.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) data: Vec<Case>,
}

/// A case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    pub(super) case_id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) sub_status: Option<String>,
    #[serde(default)]
    pub(super) closed_at: Option<String>,
    #[serde(default)]
    pub(super) invoices: Vec<CaseInvoice>,
}

/// An invoice of a case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseInvoice {
    pub(super) invoice_id: String,
    pub(super) unique_source_invoice_id: String,
    #[serde(default)]
    pub(super) remaining_amount: Option<Number>,
}

/// Invoices to collect.
#[derive(Serialize)]
pub(super) struct Invoices {
    pub(super) invoices: Vec<Invoice>,
}

/// An invoice to collect.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoice {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) invoice_number: String,
    pub(super) unique_source_invoice_id: String,
    pub(super) original_invoice_amount: Box<RawValue>,
    pub(super) currency: String,
    pub(super) invoice_date: String,
    pub(super) due_date: String,
    pub(super) description: String,
    pub(super) debtors: [Debtor; 1],
}

/// Who owes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Debtor {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) customer_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<Address>,
}

/// Postal address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    pub(super) address_line1: Option<String>,
    pub(super) address_line2: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
}

/// Payments that went to the creditor.
#[derive(Serialize)]
pub(super) struct Payments {
    pub(super) payments: [Payment; 1],
}

/// A payment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) invoice_id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) amount: Box<RawValue>,
    pub(super) currency: String,
    pub(super) payment_date: String,
}

/// A webhook.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) data: ToldData,
}

/// What it is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToldData {
    pub(super) batch_id: Option<String>,
    pub(super) case_id: Option<String>,
}
