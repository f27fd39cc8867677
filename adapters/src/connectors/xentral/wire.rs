//! Xentral's documents as they are written, as far as they are read. v3 tells invoices and customers, v1 what is
//! outstanding and why. Fields that must not be missing, even when they may be null, are read by [`told`]: a field that
//! vanished is never taken for an empty one.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::connectors::wire::{Day, Instant, Number};

/// A list of v3 or v1: each row is read by itself.
#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub data: Vec<Box<RawValue>>,
    #[serde(default)]
    pub meta: Option<Meta>,
}

/// What v3 says about a page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    #[serde(default)]
    pub next_cursor: Next,
}

/// What a page says about the one behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    #[default]
    Untold,
    /// There is none.
    End,
    /// Its cursor.
    At(String),
}

impl<'de> Deserialize<'de> for Next {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let cursor: Option<String> = Option::deserialize(from)?;
        Ok(cursor.filter(|text| !text.is_empty()).map_or(Self::End, Self::At))
    }
}

/// One document in its envelope.
#[derive(Debug, Deserialize)]
pub(super) struct One {
    pub data: Box<RawValue>,
}

/// What every row has, and what it is sorted by.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Key {
    pub id: String,
    #[serde(default)]
    pub updated_at: Option<Instant>,
}

/// An invoice of v3.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoice {
    pub id: String,
    pub status: String,
    #[serde(deserialize_with = "told")]
    pub payment_status: Option<String>,
    pub document_number: Option<String>,
    pub document_date: Option<Day>,
    pub customer_order_number: Option<String>,
    pub address: Option<Reference>,
    pub document_address: Option<Address>,
    pub effective_addresses: Option<Effective>,
    pub language: Option<String>,
    pub financials: Option<Financials>,
    pub totals: Totals,
    pub dunning_settings: Dunning,
}

/// Points at another document.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub id: String,
}

/// The addresses that count for an invoice in the end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Effective {
    pub bill_to: Option<Address>,
}

/// A postal address with contact data.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub department: Option<String>,
    pub sub_department: Option<String>,
    #[serde(rename = "addressSupplement")]
    pub supplement: Option<String>,
    pub street: Option<String>,
    pub zip_code: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub mobile: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Financials {
    pub payment_terms: Option<Terms>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terms {
    pub payment_target_days: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Totals {
    pub gross: Option<Money>,
}

/// An amount: text in v1, text or a number in v3.
#[derive(Debug, Deserialize)]
pub(super) struct Money {
    pub amount: Number,
    pub currency: String,
}

/// Xentral's own dunning of an invoice.
#[derive(Debug, Deserialize)]
pub(super) struct Dunning {
    #[serde(deserialize_with = "told")]
    pub level: Option<String>,
    pub blocked: bool,
    pub comment: Option<String>,
}

/// An invoice of v3, as far as its dunning goes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dunned {
    pub dunning_settings: Dunning,
}

/// A row of v1's list: what the books say is outstanding.
#[derive(Debug, Deserialize)]
pub(super) struct Open {
    pub id: String,
    pub payment: Outstanding,
}

#[derive(Debug, Deserialize)]
pub(super) struct Outstanding {
    pub balance: Money,
}

/// What explains an invoice's balance, of v1.
#[derive(Debug, Deserialize)]
pub(super) struct Balance {
    pub documents: Documents,
    pub payments: Vec<Booking>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Documents {
    pub credit_notes: Vec<Document>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub id: String,
    pub amount: Money,
    pub date: Day,
}

/// Money that moved, and the document it was booked to.
#[derive(Debug, Deserialize)]
pub(super) struct Booking {
    pub reference: BookedTo,
    pub payment: Payment,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BookedTo {
    pub invoice: Option<Reference>,
    pub credit_note: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub statement_id: Option<String>,
    pub account_name: Option<String>,
    pub amount: Money,
    pub date: Day,
}

/// An invoice of v1, as far as v3 does not tell it or cannot write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceV1 {
    pub payment_terms: Option<TermsV1>,
    pub dunning_settings: Option<DunningV1>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TermsV1 {
    pub due_date: Option<Day>,
}

/// Dunning as v1 wants it back: whole.
#[derive(Debug, Deserialize, serde::Serialize)]
pub(super) struct DunningV1 {
    pub level: String,
    pub date: Option<String>,
    pub comment: Option<String>,
    pub sent: bool,
}

/// A customer of v3.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    pub id: String,
    pub primary_address: Option<Address>,
    pub deviating_billing_address: Option<Address>,
    pub communication: Option<Communication>,
    pub document_delivery: Option<Delivery>,
    pub groups: Option<Vec<Group>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Communication {
    pub language: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    pub document_recipients: Option<Recipients>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Recipients {
    pub dunning: Option<Recipient>,
    pub invoice: Option<Recipient>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Recipient {
    pub to: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    pub name: Option<String>,
}

/// The activities of an invoice, when they are included.
#[derive(Debug, Deserialize)]
pub(super) struct Logged {
    #[serde(default)]
    pub activity: Vec<Activity>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Activity {
    pub message: String,
}

/// A field that must be there, though it may be null.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(from)
}
