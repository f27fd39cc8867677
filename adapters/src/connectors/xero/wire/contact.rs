//! `Contact`, with its addresses and phones.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Flag, Listed, updated};
use crate::connectors::wire::Instant;

/// A contact of `GET /Contacts`. In a list of invoices it has an id and a name, everything else empty.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Contact {
    #[serde(rename = "ContactID")]
    pub id: String,
    #[serde(rename = "MergedToContactID")]
    pub merged_to: Option<String>,
    pub contact_status: Option<String>,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company_number: Option<String>,
    pub email_address: Option<String>,
    pub contact_persons: Option<Vec<Person>>,
    pub phones: Option<Vec<Phone>>,
    pub addresses: Option<Vec<Address>>,
    pub contact_groups: Option<Vec<Group>>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Option<Instant>,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Option<Instant>,
}

/// Somebody at a contact.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Person {
    pub email_address: Option<String>,
    pub include_in_emails: Option<Flag>,
}

/// A phone number, in three pieces of free text.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Phone {
    pub phone_type: Option<String>,
    pub phone_country_code: Option<String>,
    pub phone_area_code: Option<String>,
    pub phone_number: Option<String>,
}

/// An address: `POBOX` is the postal one, `STREET` where the contact is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Address {
    pub address_type: Option<String>,
    pub address_line1: Option<String>,
    pub address_line2: Option<String>,
    pub address_line3: Option<String>,
    pub address_line4: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
}

/// A group that a contact is in.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::connectors::xero) struct Group {
    pub name: Option<String>,
    pub status: Option<String>,
}

impl Listed for Contact {
    fn updated(&self) -> Option<DateTime<Utc>> {
        updated(self.updated_string.as_ref(), self.updated.as_ref())
    }
}
