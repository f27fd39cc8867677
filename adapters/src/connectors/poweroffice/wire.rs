//! GO's documents as far as they are read: its names, its types, nothing decided. Fields that GO documents as always
//! present are demanded; everything that it may leave out or null is optional. Unknown fields are passed over.

use domain::port::vault::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

use crate::connectors::wire::{Day, Instant, Number};

/// An entry of the customer ledger.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LedgerEntry {
    pub id: i64,
    /// As posted, in the client's currency; what reduces a debt is negative.
    pub amount: Number,
    /// What is not matched of it, in the client's currency.
    pub balance: Number,
    pub currency_code: Option<String>,
    pub currency_amount: Option<Number>,
    pub voucher_type: String,
    pub voucher_id: String,
    pub voucher_no: i64,
    pub voucher_date: Day,
    pub posting_date: Day,
    pub due_date: Option<Day>,
    pub invoice_no: Option<String>,
    pub cid: Option<String>,
    pub match_id: Option<i64>,
    pub customer_id: Option<i64>,
    pub customer_account_no: Option<i64>,
    pub customer_name: Option<String>,
    pub is_write_off: Option<bool>,
    pub created_date_time_offset: Instant,
    pub last_changed_date_time_offset: Instant,
}

/// An invoice or credit note, without its lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OutgoingInvoice {
    pub id: String,
    pub voucher_type: String,
    pub voucher_no: i64,
    pub voucher_date: Day,
    pub due_date: Option<Day>,
    pub invoice_no: Option<i64>,
    pub cid: Option<String>,
    pub currency_code: Option<String>,
    /// In the invoice's currency.
    pub total_amount: Number,
    /// In the client's currency.
    pub total_posted_amount: Number,
    /// Of its ledger entry, in the client's currency.
    pub balance: Option<Number>,
    pub match_id: Option<i64>,
    pub customer_id: Option<i64>,
    pub customer_no: Option<i64>,
    pub customer_reference: Option<String>,
    pub purchase_order_reference: Option<String>,
    pub invoice_delivery_type: Option<String>,
    #[serde(default)]
    pub is_reversed: bool,
}

/// A customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Customer {
    pub id: i64,
    pub is_person: Option<bool>,
    pub name: Option<String>,
    pub legal_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub payment_reminder_email_address: Option<String>,
    pub invoice_email_address: Option<String>,
    pub email_address: Option<String>,
    pub phone_number: Option<String>,
    pub mail_address: Option<MailAddress>,
    pub contact_group_ids: Option<Vec<i64>>,
    pub send_payment_reminders: Option<bool>,
    pub transfer_to_debt_collection_agency: Option<bool>,
    pub is_archived: Option<bool>,
}

/// Where a customer gets letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MailAddress {
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub zip_code: Option<String>,
    pub city: Option<String>,
    pub country_code: Option<String>,
}

/// A group of customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContactGroup {
    pub id: i64,
    pub name: Option<String>,
}

/// What an access token opens.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Information {
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub valid_privileges: Option<Vec<String>>,
    pub invalid_privileges: Option<Vec<String>>,
}

/// Asks for a page to send a browser to.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Initiate<'a> {
    pub application_key: &'a str,
    pub redirect_uri: &'a str,
}

/// That page.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Initiated {
    pub temporary_url: Option<String>,
}

/// Trades what the browser came back with.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Finalize<'a> {
    pub onboarding_token: &'a str,
}

/// What it was traded for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Finalized {
    pub onboarded_clients_information: Option<Vec<OnboardedClient>>,
}

/// A client that was picked, with its key.
#[derive(Deserialize)]
pub(super) struct OnboardedClient {
    #[serde(rename = "ClientKey", deserialize_with = "secret")]
    pub key: SecretString,
    #[serde(rename = "ClientName")]
    pub name: Option<String>,
    #[serde(rename = "ClientOrganizationNumber")]
    pub organization_number: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(Into::into)
}
