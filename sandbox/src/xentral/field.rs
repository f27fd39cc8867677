//! The fields by which invoices are filtered and sorted, under the names of v3 and of v1, and their values in a form
//! that compares cheaply: text, or a whole number (cents, days, seconds, 0 and 1).

use chrono::{DateTime, Datelike, NaiveDate};

use super::{
    customer::Customer,
    invoice::{DunningLevel, Invoice, PaymentStatus},
};
use crate::decimal::minor;

/// A field of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Id of the invoice.
    Id,
    /// Id of the customer's address.
    AddressId,
    /// Document number.
    Number,
    /// Date of the document.
    IssuedOn,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// Customer number.
    CustomerNumber,
    /// Customer's name.
    Name,
    /// Customer's e-mail address.
    Email,
    /// Customer's postal code.
    ZipCode,
    /// Customer's city.
    City,
    /// Customer's country.
    Country,
    /// Language of the document.
    Language,
    /// Days to pay.
    TargetDays,
    /// Document's state as v3 spells it.
    StatusV3,
    /// Document's state as v1 spells it.
    StatusV1,
    /// Payment status as v3 spells it.
    PaymentV3,
    /// Payment status as v1 spells it.
    PaymentV1,
    /// Dunning level as v3 spells it.
    LevelV3,
    /// Dunning level as v1 spells it.
    LevelV1,
    /// Day of the last dunning.
    DunnedOn,
    /// Whether dunning is forbidden.
    Blocked,
    /// Gross total.
    Gross,
    /// Net total.
    Net,
    /// Outstanding amount.
    Balance,
    /// Currency.
    Currency,
}

/// How a field's values are written in a query, and by that which operators it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Equal or in a set.
    Choice,
    /// Equal, in a set, or by a part.
    Text,
    /// Whole number.
    Number,
    /// Decimal with a point.
    Money,
    /// `2026-11-21`.
    Date,
    /// RFC 3339.
    Instant,
    /// `true`, `false`, `1` or `0`.
    Bool,
}

/// A value that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atom<'a> {
    /// No value; sorts first.
    Null,
    /// Whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
}

impl Field {
    /// The field that a filter of v3 names.
    pub fn of_v3(key: &str) -> Option<Self> {
        Some(match key {
            "id" => Self::Id,
            "address.id" => Self::AddressId,
            "documentNumber" => Self::Number,
            "documentDate" => Self::IssuedOn,
            "createdAt" => Self::CreatedAt,
            "updatedAt" => Self::UpdatedAt,
            "customerNumber" => Self::CustomerNumber,
            "documentAddress.name" => Self::Name,
            "documentAddress.email" => Self::Email,
            "documentAddress.zipCode" => Self::ZipCode,
            "documentAddress.city" => Self::City,
            "documentAddress.country" => Self::Country,
            "language" => Self::Language,
            "financials.paymentTerms.paymentTargetDays" => Self::TargetDays,
            "status" => Self::StatusV3,
            "paymentStatus" => Self::PaymentV3,
            "dunningSettings.level" => Self::LevelV3,
            "dunningSettings.date" => Self::DunnedOn,
            "dunningSettings.blocked" => Self::Blocked,
            "totals.gross.amount" => Self::Gross,
            "totals.gross.currency" | "totals.net.currency" => Self::Currency,
            "totals.net.amount" => Self::Net,
            _ => return None,
        })
    }

    /// The field that a sort of v3 names.
    pub fn sort_of_v3(key: &str) -> Option<Self> {
        const SORTS: [&str; 10] = [
            "id",
            "documentNumber",
            "documentDate",
            "createdAt",
            "updatedAt",
            "customerNumber",
            "documentAddress.name",
            "documentAddress.country",
            "totals.gross.amount",
            "paymentStatus",
        ];
        SORTS.contains(&key).then(|| Self::of_v3(key)).flatten()
    }

    /// The field that a filter of v1 names.
    pub fn of_v1(key: &str) -> Option<Self> {
        Some(match key {
            "id" => Self::Id,
            "invoice" => Self::Number,
            "date" => Self::IssuedOn,
            "status" => Self::StatusV1,
            "customerName" => Self::Name,
            "customerNumber" => Self::CustomerNumber,
            "country" => Self::Country,
            "paymentStatus" => Self::PaymentV1,
            "debit" => Self::Gross,
            "balance" => Self::Balance,
            "currency" => Self::Currency,
            "amountNet" => Self::Net,
            "dunningLevel" => Self::LevelV1,
            _ => return None,
        })
    }

    /// The field that an order of v1 names.
    pub fn order_of_v1(key: &str) -> Option<Self> {
        match key {
            "dunningDate" => Some(Self::DunnedOn),
            "dunningLevel" => None,
            other => Self::of_v1(other),
        }
    }

    /// How its values are written.
    pub fn kind(self) -> Kind {
        match self {
            Self::Id | Self::AddressId | Self::TargetDays => Kind::Number,
            Self::Language | Self::StatusV3 | Self::StatusV1 | Self::PaymentV3 | Self::PaymentV1 | Self::LevelV3 | Self::LevelV1 => {
                Kind::Choice
            }
            Self::Number
            | Self::CustomerNumber
            | Self::Name
            | Self::Email
            | Self::ZipCode
            | Self::City
            | Self::Country
            | Self::Currency => Kind::Text,
            Self::IssuedOn | Self::DunnedOn => Kind::Date,
            Self::CreatedAt | Self::UpdatedAt => Kind::Instant,
            Self::Blocked => Kind::Bool,
            Self::Gross | Self::Net | Self::Balance => Kind::Money,
        }
    }

    /// Its value on an invoice.
    pub fn atom<'a>(self, invoice: &'a Invoice, customer: &'a Customer) -> Atom<'a> {
        match self {
            Self::Id => Atom::Int(invoice.id.into()),
            Self::AddressId => Atom::Int(invoice.customer.into()),
            Self::Number => optional(invoice.number.as_deref()),
            Self::IssuedOn => day(invoice.issued_on),
            Self::CreatedAt => Atom::Int(invoice.created_at.timestamp()),
            Self::UpdatedAt => Atom::Int(invoice.updated_at.timestamp()),
            Self::CustomerNumber => Atom::Text(&customer.number),
            Self::Name => Atom::Text(&customer.address.name),
            Self::Email => optional(customer.address.email.as_deref()),
            Self::ZipCode => optional(customer.address.zip_code.as_deref()),
            Self::City => optional(customer.address.city.as_deref()),
            Self::Country => optional(customer.address.country.as_deref()),
            Self::Language => Atom::Text(&customer.language),
            Self::TargetDays => Atom::Int(invoice.target_days.into()),
            Self::StatusV3 => Atom::Text(invoice.status.v3()),
            Self::StatusV1 => Atom::Text(invoice.status.v1()),
            Self::PaymentV3 => optional(invoice.payment_status().map(PaymentStatus::v3)),
            Self::PaymentV1 => Atom::Text(invoice.payment_status().map_or("unknown", PaymentStatus::v1)),
            Self::LevelV3 => optional(invoice.dunning.level.map(DunningLevel::v3)),
            Self::LevelV1 => Atom::Text(invoice.dunning.level.map_or("noReminder", DunningLevel::v1)),
            Self::DunnedOn => invoice.dunning.on.map_or(Atom::Null, day),
            Self::Blocked => Atom::Int(invoice.dunning.blocked.into()),
            Self::Gross => Atom::Int(invoice.gross_minor),
            Self::Net => Atom::Int(invoice.net_minor()),
            Self::Balance => Atom::Int(invoice.outstanding_minor()),
            Self::Currency => Atom::Text(invoice.currency),
        }
    }
}

fn optional(text: Option<&str>) -> Atom<'_> {
    text.map_or(Atom::Null, Atom::Text)
}

fn day(date: NaiveDate) -> Atom<'static> {
    Atom::Int(date.num_days_from_ce().into())
}

impl Kind {
    /// Reads a whole number as this kind writes it; none for text and for what is not one.
    pub fn number(self, text: &str) -> Option<i64> {
        match self {
            Self::Choice | Self::Text => None,
            Self::Number => text.parse().ok(),
            Self::Money => minor(text),
            Self::Date => text.parse::<NaiveDate>().ok().map(|date| date.num_days_from_ce().into()),
            Self::Instant => DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp()),
            Self::Bool => match text {
                "true" | "1" => Some(1),
                "false" | "0" => Some(0),
                _ => None,
            },
        }
    }

    /// Whether its values are texts.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Choice | Self::Text)
    }
}
