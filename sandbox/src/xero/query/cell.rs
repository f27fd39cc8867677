//! What a filter compares: the columns of each kind of document, with the values they have and whether Xero has an index
//! on them. Names that are not here are unknown to the stand-in, which says so as Xero does.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::xero::{
    books::{Books, Cents, Contact, CreditNote, Invoice, Payment},
    wire,
};

/// A value to compare.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// Text, also the words of statuses and types.
    Text(&'a str),
    /// An id.
    Id(Uuid),
    /// An amount.
    Amount(Cents),
    /// A calendar date.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// Yes or no.
    Flag(bool),
}

/// For which comparisons Xero has an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexed {
    /// For none.
    No,
    /// For `==` alone.
    Equality,
    /// For `==` and ranges.
    Range,
}

/// A column of a kind of document.
pub struct Column<T: 'static> {
    /// Its name as a client writes it.
    pub name: &'static str,
    /// For which comparisons there is an index.
    pub indexed: Indexed,
    /// Whether there is an index to sort by.
    pub sorted: bool,
    /// Its value in a document.
    pub value: for<'a> fn(&'a T, &'a Books) -> Cell<'a>,
}

const fn column<T>(name: &'static str, indexed: Indexed, sorted: bool, value: for<'a> fn(&'a T, &'a Books) -> Cell<'a>) -> Column<T> {
    Column { name, indexed, sorted, value }
}

/// A document that can be filtered.
pub trait Filtered: Sized + 'static {
    /// Its kind, in Xero's word.
    const NAME: &'static str;
    /// The column that holds its id.
    const ID: &'static str;
    /// Its columns.
    const COLUMNS: &'static [Column<Self>];
}

use Indexed::{Equality, No, Range};

impl Filtered for Invoice {
    const NAME: &'static str = "Invoice";
    const ID: &'static str = "InvoiceID";
    const COLUMNS: &'static [Column<Self>] = &[
        column("Status", Equality, false, |row, _| Cell::Text(row.status.word())),
        column("Type", Equality, false, |row, _| Cell::Text(row.kind.word())),
        column("InvoiceID", Equality, true, |row, _| Cell::Id(row.id)),
        column("InvoiceNumber", Equality, false, |row, _| Cell::Text(&row.number)),
        column("Reference", Equality, false, |row, _| Cell::Text(&row.reference)),
        column("Contact.ContactID", Equality, false, |row, _| Cell::Id(row.contact)),
        column("Contact.Name", Equality, false, |row, books| of_contact(row, books, |contact| &contact.name)),
        column("Contact.ContactNumber", Equality, false, |row, books| of_contact(row, books, |contact| &contact.number)),
        column("AmountPaid", Equality, false, |row, _| Cell::Amount(row.paid)),
        column("AmountDue", Range, false, |row, _| Cell::Amount(row.due())),
        column("Date", Range, true, |row, _| Cell::Date(row.issued_on)),
        column("DueDate", Range, false, |row, _| Cell::Date(row.due_on)),
        column("UpdatedDateUTC", No, true, |row, _| Cell::Instant(row.updated)),
        column("AmountCredited", No, false, |row, _| Cell::Amount(row.credited())),
        column("Total", No, false, |row, _| Cell::Amount(row.total)),
        column("SubTotal", No, false, |row, _| Cell::Amount(row.total - row.tax)),
        column("TotalTax", No, false, |row, _| Cell::Amount(row.tax)),
        column("CurrencyCode", No, false, |row, _| Cell::Text(&row.currency)),
        column("SentToContact", No, false, |row, _| Cell::Flag(row.sent)),
        column("FullyPaidOnDate", No, false, |row, _| row.fully_paid_on.map_or(Cell::Null, Cell::Date)),
        column("ExpectedPaymentDate", No, false, |row, _| row.expected_on.map_or(Cell::Null, Cell::Date)),
    ];
}

fn of_contact<'a>(row: &Invoice, books: &'a Books, text: fn(&Contact) -> &str) -> Cell<'a> {
    books.contacts.get(row.contact).map_or(Cell::Null, |contact| Cell::Text(text(contact)))
}

impl Filtered for Contact {
    const NAME: &'static str = "Contact";
    const ID: &'static str = "ContactID";
    const COLUMNS: &'static [Column<Self>] = &[
        column("ContactID", Equality, true, |row, _| Cell::Id(row.id)),
        column("Name", Equality, true, |row, _| Cell::Text(&row.name)),
        column("EmailAddress", Equality, false, |row, _| Cell::Text(&row.email)),
        column("ContactNumber", No, false, |row, _| Cell::Text(&row.number)),
        column("ContactStatus", No, false, |row, _| Cell::Text(row.status.word())),
        column("UpdatedDateUTC", No, true, |row, _| Cell::Instant(row.updated)),
    ];
}

impl Filtered for Payment {
    const NAME: &'static str = "Payment";
    const ID: &'static str = "PaymentID";
    const COLUMNS: &'static [Column<Self>] = &[
        column("PaymentID", Equality, true, |row, _| Cell::Id(row.id)),
        column("PaymentType", Equality, false, |row, books| Cell::Text(wire::payment_type(row, books))),
        column("Status", Equality, false, |row, _| Cell::Text(wire::payment_status(row))),
        column("Date", Range, true, |row, _| Cell::Date(row.paid_on)),
        column("Invoice.InvoiceID", Equality, false, |row, _| Cell::Id(row.invoice)),
        column("Reference", Equality, false, |row, _| Cell::Text(&row.reference)),
        column("Amount", No, false, |row, _| Cell::Amount(row.amount)),
        column("IsReconciled", No, false, |row, _| Cell::Flag(row.reconciled)),
        column("UpdatedDateUTC", No, true, |row, _| Cell::Instant(row.updated)),
    ];
}

impl Filtered for CreditNote {
    const NAME: &'static str = "CreditNote";
    const ID: &'static str = "CreditNoteID";
    const COLUMNS: &'static [Column<Self>] = &[
        column("CreditNoteID", Equality, true, |row, _| Cell::Id(row.id)),
        column("CreditNoteNumber", Equality, false, |row, _| Cell::Text(&row.number)),
        column("Type", Equality, false, |_, _| Cell::Text("ACCRECCREDIT")),
        column("Status", Equality, false, |row, _| Cell::Text(row.status.word())),
        column("Contact.ContactID", Equality, false, |row, _| Cell::Id(row.contact)),
        column("Date", Range, true, |row, _| Cell::Date(row.issued_on)),
        column("UpdatedDateUTC", No, true, |row, _| Cell::Instant(row.updated)),
    ];
}

/// The column of that name.
pub fn column_of<T: Filtered>(name: &str) -> Option<&'static Column<T>> {
    T::COLUMNS.iter().find(|column| column.name == name)
}
