//! Invoices, and what was paid or credited on them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Cents, Document};

/// Whether the organisation is owed or owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceType {
    /// A sales invoice.
    AccRec,
    /// A bill.
    AccPay,
}

impl InvoiceType {
    /// Xero's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::AccRec => "ACCREC",
            Self::AccPay => "ACCPAY",
        }
    }
}

/// How far an invoice or a credit note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Being written.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Thrown away before approval.
    Deleted,
    /// Approved; something is due.
    Authorised,
    /// Nothing is due any more.
    Paid,
    /// Cancelled after approval.
    Voided,
}

impl Status {
    /// Xero's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Deleted => "DELETED",
            Self::Authorised => "AUTHORISED",
            Self::Paid => "PAID",
            Self::Voided => "VOIDED",
        }
    }
}

/// What a credit on an invoice comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditKind {
    /// A credit note.
    CreditNote,
    /// Money that came in above what was due elsewhere.
    Overpayment,
    /// Money that came in before there was an invoice.
    Prepayment,
}

/// A credit that was applied to an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// What it comes from.
    pub kind: CreditKind,
    /// The id of the credit note, overpayment or prepayment.
    pub id: Uuid,
    /// The credit note's number; empty for the other kinds.
    pub number: String,
    /// How much was applied here.
    pub amount: Cents,
    /// The date of the application.
    pub on: NaiveDate,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The id.
    pub id: Uuid,
    /// The number on it.
    pub number: String,
    /// The reference on it; may be empty.
    pub reference: String,
    /// Whether the organisation is owed or owes.
    pub kind: InvoiceType,
    /// Who owes, or is owed.
    pub contact: Uuid,
    /// Its date.
    pub issued_on: NaiveDate,
    /// When it is due.
    pub due_on: NaiveDate,
    /// When the debtor promised to pay.
    pub expected_on: Option<NaiveDate>,
    /// When it became fully paid.
    pub fully_paid_on: Option<NaiveDate>,
    /// How far it is.
    pub status: Status,
    /// Three letters.
    pub currency: String,
    /// Units of its currency for one of the organisation's, in millionths.
    pub rate_millionths: i64,
    /// What the one line of it is for.
    pub description: String,
    /// With tax.
    pub total: Cents,
    /// The tax in it.
    pub tax: Cents,
    /// Sum of the payments that stand.
    pub paid: Cents,
    /// Whether it was sent to the contact.
    pub sent: bool,
    /// The payments that stand, oldest first.
    pub payments: Vec<Uuid>,
    /// What was credited.
    pub credits: Vec<Credit>,
    /// When it last changed. Some changes do not count, see `control`.
    pub updated: DateTime<Utc>,
}

impl Invoice {
    /// Sum of the credits.
    pub fn credited(&self) -> Cents {
        self.credits.iter().map(|credit| credit.amount).sum()
    }

    /// What is still due: total less paid less credited; nothing once it is void or deleted.
    pub fn due(&self) -> Cents {
        match self.status {
            Status::Voided | Status::Deleted => Cents(0),
            Status::Draft | Status::Submitted | Status::Authorised | Status::Paid => self.total - self.paid - self.credited(),
        }
    }

    /// Brings status and full payment in line with what is due.
    pub fn settle(&mut self, today: NaiveDate) {
        let nothing_due = self.due() <= Cents(0);
        match self.status {
            Status::Authorised if nothing_due => (self.status, self.fully_paid_on) = (Status::Paid, Some(today)),
            Status::Paid if !nothing_due => (self.status, self.fully_paid_on) = (Status::Authorised, None),
            _ => {}
        }
    }
}

impl Document for Invoice {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> DateTime<Utc> {
        self.updated
    }
}
