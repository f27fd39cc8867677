//! Contacts as Xero writes them: whole, or as the stub that lists of invoices carry.

use serde::Serialize;
use uuid::Uuid;

use super::date::Ms;
use crate::xero::books::{Address, Books, Cents, Contact, Person, Phone};

/// The contact in a list of invoices: an id and a name, everything else empty.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContactStub<'a> {
    #[serde(rename = "ContactID")]
    id: Uuid,
    name: &'a str,
    addresses: [(); 0],
    phones: [(); 0],
    contact_groups: [(); 0],
    contact_persons: [(); 0],
    has_validation_errors: bool,
}

impl<'a> ContactStub<'a> {
    pub fn of(id: Uuid, books: &'a Books) -> Self {
        let name = books.contacts.get(id).map_or("", |contact| contact.name.as_str());
        Self { id, name, addresses: [], phones: [], contact_groups: [], contact_persons: [], has_validation_errors: false }
    }
}

/// A contact with its addresses and phones.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContactView<'a> {
    #[serde(rename = "ContactID")]
    id: Uuid,
    #[serde(rename = "MergedToContactID", skip_serializing_if = "Option::is_none")]
    merged_to: Option<Uuid>,
    #[serde(skip_serializing_if = "str::is_empty")]
    contact_number: &'a str,
    contact_status: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    first_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    company_number: &'a str,
    email_address: &'a str,
    addresses: Vec<AddressView<'a>>,
    phones: Vec<PhoneView<'a>>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Ms,
    contact_groups: [(); 0],
    is_supplier: bool,
    is_customer: bool,
    default_currency: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    has_validation_errors: bool,
}

/// What Xero adds only for a single contact and for pages.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details<'a> {
    contact_persons: Vec<PersonView<'a>>,
    balances: Balances,
    has_attachments: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Balances {
    accounts_receivable: Balance,
    accounts_payable: Balance,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Balance {
    outstanding: Cents,
    overdue: Cents,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PersonView<'a> {
    first_name: &'a str,
    last_name: &'a str,
    email_address: &'a str,
    include_in_emails: bool,
}

#[derive(Serialize)]
struct PhoneView<'a> {
    #[serde(rename = "PhoneType")]
    kind: &'static str,
    #[serde(rename = "PhoneNumber")]
    number: &'a str,
    #[serde(rename = "PhoneAreaCode")]
    area: &'a str,
    #[serde(rename = "PhoneCountryCode")]
    country: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AddressView<'a> {
    address_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line3: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line4: Option<&'a str>,
    city: &'a str,
    region: &'a str,
    postal_code: &'a str,
    country: &'a str,
    attention_to: &'a str,
}

impl<'a> ContactView<'a> {
    /// The contact; with details when it is asked for alone or page by page, with the day that overdue is counted from.
    pub fn of(contact: &'a Contact, books: &'a Books, details_on: Option<chrono::NaiveDate>) -> Self {
        Self {
            id: contact.id,
            merged_to: contact.merged_to,
            contact_number: &contact.number,
            contact_status: contact.status.word(),
            name: &contact.name,
            first_name: &contact.first_name,
            last_name: &contact.last_name,
            company_number: &contact.company_number,
            email_address: &contact.email,
            addresses: contact.addresses.iter().map(AddressView::of).collect(),
            phones: contact.phones.iter().map(PhoneView::of).collect(),
            updated: Ms::at(contact.updated),
            contact_groups: [],
            is_supplier: false,
            is_customer: books.invoices_of.contains_key(&contact.id),
            default_currency: books.organisation.currency,
            details: details_on.map(|today| Details::of(contact, books.owed_by(contact.id, today))),
            has_validation_errors: false,
        }
    }
}

impl<'a> Details<'a> {
    fn of(contact: &'a Contact, (outstanding, overdue): (Cents, Cents)) -> Self {
        Self {
            contact_persons: contact.people.iter().map(PersonView::of).collect(),
            balances: Balances {
                accounts_receivable: Balance { outstanding, overdue },
                accounts_payable: Balance { outstanding: Cents(0), overdue: Cents(0) },
            },
            has_attachments: false,
        }
    }
}

impl<'a> PersonView<'a> {
    fn of(person: &'a Person) -> Self {
        let Person { first_name, last_name, email, included } = person;
        Self { first_name, last_name, email_address: email, include_in_emails: *included }
    }
}

impl<'a> PhoneView<'a> {
    fn of(phone: &'a Phone) -> Self {
        let Phone { kind, country, area, number } = phone;
        Self { kind, number, area, country }
    }
}

impl<'a> AddressView<'a> {
    fn of(address: &'a Address) -> Self {
        let line = |at: usize| address.lines.get(at).map(String::as_str);
        Self {
            address_type: address.kind,
            address_line1: line(0),
            address_line2: line(1),
            address_line3: line(2),
            address_line4: line(3),
            city: &address.city,
            region: &address.region,
            postal_code: &address.postal_code,
            country: &address.country,
            attention_to: &address.attention,
        }
    }
}
