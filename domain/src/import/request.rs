//! What a person says about a file. Everything left out is detected; what was detected is shown in the preview and
//! saved with the integration when the import starts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a column of a file can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The invoice's number, as the debtor knows it. Also its id unless one is mapped.
    InvoiceNumber,
    /// The invoice's id in the accounting system.
    InvoiceId,
    /// Subject line.
    InvoiceTitle,
    /// The structured reference that payers quote, such as a KID.
    InvoiceReference,
    /// Where the debtor sees and pays the invoice online; anything but an https address is left out.
    OnlineUrl,
    /// Issue date.
    IssuedOn,
    /// Due date.
    DueOn,
    /// The whole sum.
    Total,
    /// What is open by their books.
    Outstanding,
    /// ISO 4217.
    Currency,
    /// Whether the invoice is disputed (yes/no, true/false, 1/0, ja/nein).
    Disputed,
    /// The invoice's state: approved, voided, written off. A row in another state is skipped with a reason.
    InvoiceState,
    /// The day on which the whole invoice was paid and reconciled; empty while it is not.
    PaidOn,
    /// The debtor's id in the accounting system; the name when not mapped.
    DebtorId,
    /// The debtor's name.
    DebtorName,
    /// Private person or business.
    DebtorKind,
    /// E-mail address.
    DebtorEmail,
    /// Phone number.
    DebtorPhone,
    /// Street and number.
    DebtorLine1,
    /// Second address line.
    DebtorLine2,
    /// Postal code.
    DebtorPostalCode,
    /// Town.
    DebtorCity,
    /// State or region.
    DebtorRegion,
    /// ISO 3166-1 alpha-2, or a country's English name.
    DebtorCountry,
    /// `en`, `de` or a longer language tag.
    DebtorLanguage,
    /// A payment's id; a row with a payment amount or date and this field is a payment.
    PaymentId,
    /// A payment's amount.
    PaymentAmount,
    /// A payment's value date.
    PaymentDate,
    /// Whether the payment is matched in their books; yes when not mapped.
    PaymentReconciled,
    /// Whether the payment was deleted or bounced; no when not mapped.
    PaymentReversed,
    /// The payment's text.
    PaymentReference,
    /// `payment` or `credit note`; payment when not mapped.
    PaymentKind,
}

/// How a file separates its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Pipe,
}

/// How a file spells its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian unless a byte order mark says otherwise.
    Utf16,
    /// Windows-1252, the Western superset of ISO 8859-1.
    Windows1252,
}

/// The order of day, month and year. A file whose dates fit several orders needs an explicit one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 2026-11-21
    YearMonthDay,
    /// 21.11.2026, 21/11/2026
    DayMonthYear,
    /// 11/21/2026
    MonthDayYear,
}

/// What stands before the cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// 1,234.50
    Point,
    /// 1.234,50
    Comma,
}

/// Which of a file's records are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Only invoices issued on or after this day.
    pub invoices_from: Option<NaiveDate>,
    /// Only payments received on or after this day.
    pub payments_from: Option<NaiveDate>,
    /// Leave all invoices out.
    pub without_invoices: bool,
    /// Leave all payments out.
    pub without_payments: bool,
    /// Invoices that were unticked, by their id in the file.
    pub unticked_invoices: BTreeSet<String>,
    /// Payments that were unticked, by their id in the file.
    pub unticked_payments: BTreeSet<String>,
}

/// How to read a file and what to take from it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportRequest {
    /// Which column (by header) holds which field; fields that are not named are detected when the map is empty.
    pub mapping: BTreeMap<Field, String>,
    /// Detected when none.
    pub delimiter: Option<Delimiter>,
    /// Detected when none.
    pub encoding: Option<Encoding>,
    /// Detected when none; refused when the file's dates are ambiguous.
    pub date_order: Option<DateOrder>,
    /// Detected when none.
    pub decimal_mark: Option<DecimalMark>,
    /// Which records are wanted.
    pub selection: Selection,
}
