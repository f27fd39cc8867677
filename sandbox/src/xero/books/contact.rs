//! Contacts: the debtors of an organisation, with the addresses and phone numbers that letters and text messages need.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Document;

/// Whether a contact may be dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactStatus {
    /// In use.
    Active,
    /// Put away, or merged into another.
    Archived,
    /// Asked to be forgotten: must not be contacted.
    GdprRequest,
}

impl ContactStatus {
    /// Xero's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::GdprRequest => "GDPRREQUEST",
        }
    }
}

/// A phone number in the three parts that people fill as they like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// DEFAULT, DDI, MOBILE, FAX or OFFICE.
    pub kind: &'static str,
    /// For instance `64`.
    pub country: String,
    /// For instance `(09)`.
    pub area: String,
    /// For instance `555-0123`.
    pub number: String,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// POBOX, the postal address, or STREET.
    pub kind: &'static str,
    /// To whose attention.
    pub attention: String,
    /// Up to four lines.
    pub lines: Vec<String>,
    /// The town.
    pub city: String,
    /// The region or state.
    pub region: String,
    /// The postal code.
    pub postal_code: String,
    /// The country, in words.
    pub country: String,
}

/// A person who works for a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether invoices are sent to them, too.
    pub included: bool,
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The id.
    pub id: Uuid,
    /// The number that a person gave it; may be empty.
    pub number: String,
    /// The full name.
    pub name: String,
    /// The first name of who answers for it; may be empty.
    pub first_name: String,
    /// The last name of who answers for it; may be empty.
    pub last_name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// The company's number; may be empty.
    pub company_number: String,
    /// Whether it may be dealt with.
    pub status: ContactStatus,
    /// Which contact it was merged into.
    pub merged_to: Option<Uuid>,
    /// Addresses; the POBOX one is for letters.
    pub addresses: Vec<Address>,
    /// Phone numbers.
    pub phones: Vec<Phone>,
    /// People, five at most.
    pub people: Vec<Person>,
    /// When it last changed. Changes of its balance do not count.
    pub updated: DateTime<Utc>,
}

impl Contact {
    /// An active contact that has a name and nothing else.
    pub fn named(id: Uuid, name: &str, updated: DateTime<Utc>) -> Self {
        Self {
            id,
            number: String::new(),
            name: name.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            company_number: String::new(),
            status: ContactStatus::Active,
            merged_to: None,
            addresses: Vec::new(),
            phones: Vec::new(),
            people: Vec::new(),
            updated,
        }
    }
}

impl Document for Contact {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> DateTime<Utc> {
        self.updated
    }
}
