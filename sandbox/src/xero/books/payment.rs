//! Payments of invoices, and credit notes.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Cents, Document, invoice::Status};

/// A batch of payments that went through the bank as one amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The id.
    pub id: Uuid,
    /// The sum of its payments.
    pub total: Cents,
}

/// A payment of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The id.
    pub id: Uuid,
    /// The invoice it pays.
    pub invoice: Uuid,
    /// How much.
    pub amount: Cents,
    /// The date of the payment.
    pub paid_on: NaiveDate,
    /// What it says; may be empty.
    pub reference: String,
    /// Whether it was matched with a line of the bank's statement.
    pub reconciled: bool,
    /// Whether it was taken back.
    pub deleted: bool,
    /// The batch it came in with.
    pub batch: Option<Batch>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
}

impl Document for Payment {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> DateTime<Utc> {
        self.updated
    }
}

/// What of a credit note went to an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The id.
    pub id: Uuid,
    /// The invoice.
    pub invoice: Uuid,
    /// How much.
    pub amount: Cents,
    /// When.
    pub on: NaiveDate,
}

/// A credit note for a debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNote {
    /// The id.
    pub id: Uuid,
    /// The number on it.
    pub number: String,
    /// Whom it is for.
    pub contact: Uuid,
    /// Its date.
    pub issued_on: NaiveDate,
    /// How far it is.
    pub status: Status,
    /// Three letters.
    pub currency: String,
    /// With tax.
    pub total: Cents,
    /// The tax in it.
    pub tax: Cents,
    /// What went to invoices.
    pub allocations: Vec<Allocation>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
}

impl CreditNote {
    /// What is left of it.
    pub fn remaining(&self) -> Cents {
        self.total - self.allocations.iter().map(|allocation| allocation.amount).sum()
    }
}

impl Document for CreditNote {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> DateTime<Utc> {
        self.updated
    }
}
