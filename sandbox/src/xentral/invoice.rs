//! Invoices of the stand-in: what is stored, and what follows from it (outstanding amount, payment status, due date).
//!
//! Xentral stores no due date and no outstanding amount on a v3 invoice: the first is computed by the reader, the second
//! is told by v1 only. Both are derived here so that they cannot disagree with the payments. How a credit note shows in
//! `paymentStatus` is not documented; we take the plainest reading: no money and some credit is a (partial) cancellation.

use chrono::{DateTime, Days, NaiveDate, Utc};

/// State of the document, spelled differently by v1 and v3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not released: no number, not payable.
    Draft,
    /// Released, not sent yet.
    Released,
    /// Sent to the customer.
    Sent,
    /// Cancelled as a whole.
    Cancelled,
    /// Closed.
    Completed,
    /// Cancelled in part by a credit note.
    PartiallyCancelled,
}

impl Status {
    /// The spelling of API v3.
    pub fn v3(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Released => "released",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::PartiallyCancelled => "partiallyCancelled",
        }
    }

    /// The spelling of API v1.
    pub fn v1(self) -> &'static str {
        match self {
            Self::Draft => "created",
            Self::Released => "released",
            Self::Sent => "sent",
            Self::Cancelled => "canceled",
            Self::Completed => "completed",
            Self::PartiallyCancelled => "partialCancellation",
        }
    }
}

/// How far an invoice is paid, spelled differently by v1 and v3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nothing came in.
    Pending,
    /// Nothing is outstanding.
    Paid,
    /// A part came in.
    PartiallyPaid,
    /// Cancelled or credited as a whole.
    Cancelled,
    /// Credited in part, nothing came in.
    PartiallyCancelled,
    /// Written off.
    BadDebt,
    /// Collected by direct debit.
    Debited,
}

impl PaymentStatus {
    /// The spelling of API v3.
    pub fn v3(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partiallyPaid",
            Self::Cancelled => "cancelled",
            Self::PartiallyCancelled => "partiallyCancelled",
            Self::BadDebt => "badDebt",
            Self::Debited => "debited",
        }
    }

    /// The spelling of API v1.
    pub fn v1(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partlyPaid",
            Self::Cancelled => "canceled",
            Self::PartiallyCancelled => "partialCancellation",
            Self::BadDebt => "badDebt",
            Self::Debited => "debited",
        }
    }
}

/// Level of Xentral's own dunning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DunningLevel {
    /// Payment reminder.
    PaymentReminder,
    /// First dunning letter.
    Reminder1,
    /// Second dunning letter.
    Reminder2,
    /// Third dunning letter.
    Reminder3,
    /// Handed to collection.
    DebtCollection,
    /// Given up.
    LossOfReceivables,
}

impl DunningLevel {
    /// All levels, mildest first.
    pub const ALL: [Self; 6] =
        [Self::PaymentReminder, Self::Reminder1, Self::Reminder2, Self::Reminder3, Self::DebtCollection, Self::LossOfReceivables];

    /// The spelling of API v3.
    pub fn v3(self) -> &'static str {
        match self {
            Self::PaymentReminder => "paymentReminder1",
            other => other.v1(),
        }
    }

    /// The spelling of API v1.
    pub fn v1(self) -> &'static str {
        match self {
            Self::PaymentReminder => "paymentReminder",
            Self::Reminder1 => "reminder1",
            Self::Reminder2 => "reminder2",
            Self::Reminder3 => "reminder3",
            Self::DebtCollection => "debtCollection",
            Self::LossOfReceivables => "lossOfReceivables",
        }
    }

    /// Reads the spelling of API v3.
    pub fn from_v3(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.v3() == text)
    }
}

/// Dunning settings of one invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dunning {
    /// Level reached; none = not dunned.
    pub level: Option<DunningLevel>,
    /// Day of the last dunning.
    pub on: Option<NaiveDate>,
    /// The creditor forbids dunning.
    pub blocked: bool,
    /// Internal remark.
    pub comment: Option<String>,
    /// A dunning letter went out.
    pub sent: bool,
}

/// Money that came in for one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Unique over the instance.
    pub id: u32,
    /// Cents.
    pub amount_minor: i64,
    /// Day on the bank statement.
    pub on: NaiveDate,
}

/// A credit note against one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNote {
    /// Unique over the instance.
    pub id: u32,
    /// Cents, positive.
    pub amount_minor: i64,
    /// Date of the document.
    pub on: NaiveDate,
}

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Unique over the instance, from 1.
    pub id: u32,
    /// Document number; none on a draft.
    pub number: Option<String>,
    /// Id of the customer.
    pub customer: u32,
    /// Date of the document.
    pub issued_on: NaiveDate,
    /// Days from the document's date to the due date.
    pub target_days: u32,
    /// Gross total in cents.
    pub gross_minor: i64,
    /// ISO 4217.
    pub currency: &'static str,
    /// State of the document.
    pub status: Status,
    /// Written off by the creditor.
    pub written_off: bool,
    /// Collected by direct debit.
    pub debited: bool,
    /// Dunning settings.
    pub dunning: Dunning,
    /// Money that came in.
    pub payments: Vec<Payment>,
    /// Credit notes.
    pub credits: Vec<CreditNote>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When the row was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Invoice {
    /// Cents that came in.
    pub fn paid_minor(&self) -> i64 {
        self.payments.iter().map(|payment| payment.amount_minor).sum()
    }

    /// Cents credited.
    pub fn credited_minor(&self) -> i64 {
        self.credits.iter().map(|credit| credit.amount_minor).sum()
    }

    /// Cents still owed; negative when overpaid, nothing on a draft or a cancelled invoice.
    pub fn outstanding_minor(&self) -> i64 {
        match self.status {
            Status::Draft | Status::Cancelled => 0,
            _ => self.gross_minor - self.paid_minor() - self.credited_minor(),
        }
    }

    /// Net total in cents at 19 % tax, the standard rate in Germany.
    pub fn net_minor(&self) -> i64 {
        (self.gross_minor * 100 + 59) / 119
    }

    /// The day by which it is to be paid; v3 does not tell it.
    pub fn due_on(&self) -> NaiveDate {
        self.issued_on.checked_add_days(Days::new(u64::from(self.target_days))).unwrap_or(NaiveDate::MAX)
    }

    /// How far it is paid; none on a draft.
    pub fn payment_status(&self) -> Option<PaymentStatus> {
        let status = match self.status {
            Status::Draft => return None,
            Status::Cancelled => PaymentStatus::Cancelled,
            _ if self.written_off => PaymentStatus::BadDebt,
            _ if self.debited => PaymentStatus::Debited,
            _ => self.status_of_money(),
        };
        Some(status)
    }

    fn status_of_money(&self) -> PaymentStatus {
        let (paid, credited) = (self.paid_minor(), self.credited_minor());
        match (self.gross_minor - paid - credited <= 0, paid > 0, credited > 0) {
            (true, false, true) => PaymentStatus::Cancelled,
            (true, ..) => PaymentStatus::Paid,
            (false, true, _) => PaymentStatus::PartiallyPaid,
            (false, false, true) => PaymentStatus::PartiallyCancelled,
            (false, false, false) => PaymentStatus::Pending,
        }
    }
}
