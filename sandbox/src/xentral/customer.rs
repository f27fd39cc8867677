//! Customers of the stand-in and their addresses. An invoice shows the address of its customer as it is now; the real
//! system freezes it on the document, which no reader of ours depends on.

use serde::Serialize;

/// Postal address with contact data, in the shape that v3 uses everywhere (`primaryAddress`, `documentAddress`, `billTo`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Name of the recipient.
    pub name: String,
    /// `company`, `mr`, `mrs` or `other`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Academic or other title.
    pub title: Option<String>,
    /// Person to address.
    pub contact_person: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Part of the department.
    pub sub_department: Option<String>,
    /// Building, floor.
    pub address_supplement: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State of the federation.
    pub state: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Opening of a letter.
    pub salutation: Option<String>,
    /// Global location number.
    pub gln: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone, free text.
    pub phone: Option<String>,
    /// Fax, free text.
    pub fax: Option<String>,
    /// Mobile telephone, free text.
    pub mobile: Option<String>,
}

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Unique over the instance, from 1.
    pub id: u32,
    /// Customer number.
    pub number: String,
    /// Where they live.
    pub address: Address,
    /// Language of their documents, ISO 639-1 in capitals.
    pub language: String,
    /// Address that invoices are mailed to, if another than the main one.
    pub invoice_email: Option<String>,
    /// Usual days to pay.
    pub target_days: u32,
}
