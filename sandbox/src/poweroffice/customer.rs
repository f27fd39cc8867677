//! Customers of a client, and the persons to talk to there, in the shape that the API writes and patches them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::moment;

/// Postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Address {
    /// First line.
    pub address_line1: Option<String>,
    /// Second line.
    pub address_line2: Option<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
}

/// How a reminder or notice is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// By e-mail.
    PdfByEmail,
    /// On paper.
    Print,
}

/// What a JSON Patch may change of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the document of the API")]
pub struct Details {
    /// A person, not a company.
    pub is_person: bool,
    /// Name of a company, or both names of a person.
    pub name: Option<String>,
    /// A person's first name.
    pub first_name: Option<String>,
    /// A person's last name.
    pub last_name: Option<String>,
    /// Registered name of a company.
    pub legal_name: Option<String>,
    /// Organisation number.
    pub organization_number: Option<String>,
    /// E-mail address.
    pub email_address: Option<String>,
    /// Where invoices are mailed to.
    pub invoice_email_address: Option<String>,
    /// Who else gets invoices; several with semicolons between.
    #[serde(rename = "InvoiceEmailAddressCC")]
    pub invoice_email_address_cc: Option<String>,
    /// Where reminders are mailed to.
    pub payment_reminder_email_address: Option<String>,
    /// Telephone with its country's code.
    pub phone_number: Option<String>,
    /// Postal address.
    pub mail_address: Address,
    /// Reminders are sent.
    pub send_payment_reminders: bool,
    /// Unpaid invoices go to a debt collection agency; false exempts the customer.
    pub transfer_to_debt_collection_agency: bool,
    /// Reminders are not sent by themselves.
    pub do_not_automate_payment_notifications: bool,
    /// No fee for late payment.
    pub do_not_add_late_payment_fees: bool,
    /// No interest for late payment.
    pub do_not_add_late_payment_interest: bool,
    /// How reminders go out.
    pub reminder_delivery_type: Delivery,
    /// How the notice of debt collection goes out.
    pub notice_of_debt_collection_delivery_type: Delivery,
    /// Days to pay.
    pub payment_term: u32,
    /// No longer used.
    pub is_archived: bool,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            is_person: false,
            name: None,
            first_name: None,
            last_name: None,
            legal_name: None,
            organization_number: None,
            email_address: None,
            invoice_email_address: None,
            invoice_email_address_cc: None,
            payment_reminder_email_address: None,
            phone_number: None,
            mail_address: Address::default(),
            send_payment_reminders: true,
            transfer_to_debt_collection_agency: true,
            do_not_automate_payment_notifications: false,
            do_not_add_late_payment_fees: false,
            do_not_add_late_payment_interest: false,
            reminder_delivery_type: Delivery::PdfByEmail,
            notice_of_debt_collection_delivery_type: Delivery::PdfByEmail,
            payment_term: 14,
            is_archived: false,
        }
    }
}

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Customer {
    /// Unique over the client.
    pub id: u64,
    /// Customer number, also the account in the ledger.
    pub number: u64,
    /// What can be changed.
    #[serde(flatten)]
    pub details: Details,
    /// When it was made.
    #[serde(rename = "CustomerCreatedDateTimeOffset", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(rename = "LastChangedDateTimeOffset", serialize_with = "moment::write")]
    pub changed_at: DateTime<Utc>,
}

/// A person to talk to at a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContactPerson {
    /// Unique over the client.
    pub id: u64,
    /// Id of the customer.
    pub contact_id: u64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email_address: Option<String>,
    /// Telephone with its country's code.
    pub phone_number: Option<String>,
    /// The one to ask first.
    pub is_default: bool,
    /// Still there.
    pub is_active: bool,
    /// When it was made.
    #[serde(rename = "CreatedDateTimeOffset", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(rename = "LastChangedDateTimeOffset", serialize_with = "moment::write")]
    pub changed_at: DateTime<Utc>,
}
